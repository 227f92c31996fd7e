/* errors.c: finds the row of an error's word or phrase.
 *
 * SPDX-License-Identifier: MIT
 */
#include "errors.h"

#include <stddef.h>
#include <string.h>

#include "error_rows.h"
#include "profile.h"

static bool covers(uint8_t row, uint32_t profile)
{
    return row == 0 || row == profile || (row == TQ__ANTHROPIC && profile == TQ__ANTHROPIC_SUBSCRIPTION);
}

static bool counts(const struct tq__error_row *row, const struct tq__error_of *of)
{
    return covers(row->profile, of->profile) || (of->profile == 0 && row->tells >= TQ__TELLS_LAST) ||
           (of->anybody && row->tells == TQ__TELLS_ALONE);
}

/* Are errors of this status about the request, or what it asks for? */
static bool is_of_request(uint32_t status)
{
    return status == 404 || status == 405 || status == 409 || status == 415 || status == 422;
}

/* Words that begin so. */
static const struct {
    const char *stem;
    uint8_t blames;
} blaming[] = {
    {"invalid", TQ__BLAMES_PERHAPS},
    {"unknown_", TQ__BLAMES_PERHAPS},
    {"unsupported_", TQ__BLAMES_PERHAPS},
    {"client specified an invalid argument", TQ__BLAMES_PERHAPS}, /* xAI's */
    {"content_filter", TQ__BLAMES_REQUEST},
    {"content_policy", TQ__BLAMES_REQUEST},
    {"datainspectionfailed", TQ__BLAMES_REQUEST}, /* Alibaba Cloud's */
    {"data_inspection_failed", TQ__BLAMES_REQUEST},
    {"invalidparameter", TQ__BLAMES_REQUEST}, /* Alibaba Cloud's and Volcano Engine's */
    {"missingparameter", TQ__BLAMES_REQUEST}, /* Volcano Engine's, as are those that follow */
    {"sensitivecontentdetected", TQ__BLAMES_REQUEST},
    {"inputtextsensitivecontent", TQ__BLAMES_REQUEST},
    {"inputimagesensitivecontent", TQ__BLAMES_REQUEST},
    {"outputtextsensitivecontent", TQ__BLAMES_REQUEST},
};

/* The numbers of those who number such errors. */
static const char *const blaming_numbers[] = {
    "1210",  "1211",  "1212", "1213", "1214", "1215", "1301", /* Z.ai: parameters, and content */
    "1026",  "1027",  "2013",                                 /* MiniMax: content, and parameters */
    "20012", "20015",                                         /* SiliconFlow: the model, and parameters */
};

uint8_t tq__error_blames(struct tq__span word)
{
    uint8_t most = TQ__BLAMES_NOBODY;

    for (size_t i = 0; i < sizeof blaming_numbers / sizeof blaming_numbers[0]; i++)
        if (tq__span_equals(word, blaming_numbers[i]))
            return TQ__BLAMES_REQUEST;
    for (size_t i = 0; i < sizeof blaming / sizeof blaming[0]; i++)
        if (blaming[i].blames > most && tq__span_begins(word, blaming[i].stem))
            most = blaming[i].blames;
    return most;
}

struct tq__span tq__error_exception(struct tq__span text)
{
    ptrdiff_t hash = text.at ? tq__span_find(text, "#") : -1, colon;

    if (hash >= 0)
        text = tq__span_behind(text, (size_t)hash + 1);
    colon = text.at ? tq__span_find(text, ":") : -1;
    if (colon >= 0)
        text.len = (size_t)colon;
    return text;
}

/* Vendors number their errors from the same range: beside a bad request, 1305 is not Z.ai's. */
static bool is_foreign_number(const struct tq__error_row *row, const struct tq__error_of *of)
{
    return tq__is_digit(*row->text) && of->profile != row->profile && row->refusal != TQ_CLASS_TOO_LARGE &&
           (of->status == 400 || of->status == 401 || is_of_request(of->status));
}

const struct tq__error_row *tq__error_word(struct tq__span word, const struct tq__error_of *of)
{
    char first = word.len > 0 ? tq__lower(*word.at) : '\0';

    for (size_t i = 0; i < tq__error_words_count; i++)
        if (*tq__error_words[i].text == first && counts(&tq__error_words[i], of) &&
            tq__span_matches(word, tq__error_words[i].text) && !is_foreign_number(&tq__error_words[i], of))
            return &tq__error_words[i];
    return NULL;
}

/* ---- phrases --------------------------------------------------------------------------------- */

#define NO_ROW UINT8_MAX

_Static_assert(TQ__PHRASES_MAX < NO_ROW, "a byte holds each row");

/* The rows that begin with each byte, as lists. */
struct by_first {
    uint8_t head[256];
    uint8_t next[TQ__PHRASES_MAX];
};

static void sort_rows(struct by_first *rows)
{
    memset(rows->head, NO_ROW, sizeof rows->head);
    for (size_t i = 0; i < tq__error_phrases_count; i++) {
        uint8_t *head = &rows->head[(unsigned char)*tq__error_phrases[i].text];

        rows->next[i] = *head;
        *head = (uint8_t)i;
    }
}

void tq__error_phrases_find(struct tq__span message, struct tq__error_phrases *phrases)
{
    struct by_first rows;
    bool in_word = false;

    memset(phrases, 0, sizeof *phrases);
    if (message.len == 0)
        return;
    sort_rows(&rows);
    for (size_t i = 0; i + 1 < message.len; i++) {
        uint8_t row = in_word ? NO_ROW : rows.head[(unsigned char)tq__lower(message.at[i])];
        char second = tq__lower(message.at[i + 1]);

        for (; row != NO_ROW; row = rows.next[row])
            if (tq__error_phrases[row].text[1] == second &&
                tq__span_begins(tq__span_behind(message, i), tq__error_phrases[row].text))
                phrases->found[row / 64] |= UINT64_C(1) << row % 64;
        in_word = tq__is_letter(message.at[i]);
    }
}

/* A message may have a phrase from the request, or from the name of what it asks for. So phrases are about
 * quota only where an error can be, and those that several vendors write are not beside a bad key, a fault of
 * the server or a code that says what is wrong with the request. Beside a code that nobody has for quota, no
 * phrase is. */
static bool may_count(const struct tq__error_row *row, const struct tq__error_of *of)
{
    if (row->refusal == TQ_CLASS_TOO_LARGE)
        return row->profile != 0 || (of->status < 500 && of->status != 401 && of->status != 404);
    if (is_of_request(of->status) || of->blames == TQ__BLAMES_REQUEST)
        return false;
    return row->profile != 0 ||
           (of->status < 500 && of->status != 401 &&
            !(of->blames == TQ__BLAMES_PERHAPS && (of->status == 400 || of->status == 403)));
}

const struct tq__error_row *tq__error_phrase(const struct tq__error_phrases *phrases,
                                             const struct tq__error_of *of)
{
    for (size_t i = 0; i < tq__error_phrases_count; i++) {
        const struct tq__error_row *row = &tq__error_phrases[i];

        if (phrases->found[i / 64] >> i % 64 & 1 && counts(row, of) &&
            (row->status == 0 || row->status == of->status) && may_count(row, of))
            return row;
    }
    return NULL;
}
