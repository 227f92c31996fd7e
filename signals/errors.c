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

bool tq__error_is_bad_request(struct tq__span word)
{
    static const char *const stems[] = {"invalid", "unknown_", "unsupported_", "content_filter",
                                        "client specified an invalid argument"}; /* xAI's */

    for (size_t i = 0; i < sizeof stems / sizeof stems[0]; i++)
        if (tq__span_begins(word, stems[i]))
            return true;
    return false;
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
 * the server or a code that says what is wrong with the request. */
static bool may_count(const struct tq__error_row *row, const struct tq__error_of *of)
{
    if (row->refusal == TQ_CLASS_TOO_LARGE)
        return row->profile != 0 || (of->status < 500 && of->status != 401 && of->status != 404);
    if (is_of_request(of->status))
        return false;
    return row->profile != 0 || (of->status < 500 && of->status != 401 &&
                                 !(of->bad_request && (of->status == 400 || of->status == 403)));
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
