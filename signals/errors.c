/* errors.c: finds the row of an error's word or phrase.
 *
 * SPDX-License-Identifier: MIT
 */
#include "errors.h"

#include <stddef.h>

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

const struct tq__error_row *tq__error_word(struct tq__span word, const struct tq__error_of *of)
{
    for (size_t i = 0; i < tq__error_words_count; i++)
        if (counts(&tq__error_words[i], of) && tq__span_matches(word, tq__error_words[i].text))
            return &tq__error_words[i];
    return NULL;
}

/* Words that several vendors write are about quota only where an error can be: not beside a bad key, an
 * address that is wrong or a fault of the server. */
static bool may_be_quota(uint32_t status)
{
    return status < 500 && status != 401 && status != 404;
}

const struct tq__error_row *tq__error_phrase(struct tq__span message, const struct tq__error_of *of)
{
    for (size_t i = 0; i < tq__error_phrases_count; i++) {
        const struct tq__error_row *row = &tq__error_phrases[i];

        if (counts(row, of) && (row->status == 0 || row->status == of->status) &&
            (row->profile != 0 || may_be_quota(of->status)) && tq__span_find(message, row->text) >= 0)
            return row;
    }
    return NULL;
}
