/* shared_told.h: what was told of a window that other machines share, and what of it is withheld, as the
 * table of docs/format.md says ("Other machines").
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TEST_SHARED_TOLD_H
#define TEST_SHARED_TOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "tokenquota.h"

/* Of a limit, or of the budget. */
struct told {
    bool has_others, has_words; /* words: what is withheld */
    bool is_strict;
    int64_t start_ns, others, withheld, cut, heard_ns;
};

/* What a provider does while it is cut off. */
struct policy {
    bool shares; /* something was told of it, or set */
    uint32_t cut;
    int64_t machines;
};

/* What of an amount is withheld. heard_ns: until when others are heard; 0: it shares with nobody. is_there:
 * what was told is of the window that holds now_ns. */
static inline int64_t told_withheld(const struct told *told, const struct policy *policy, int64_t heard_ns,
                                    int64_t now_ns, bool is_there, int64_t amount)
{
    bool is_heard = now_ns <= heard_ns, words = is_there && told->has_words;

    if (!policy->shares)
        return 0;
    if (told->is_strict && (heard_ns == 0 || now_ns - heard_ns > INT64_C(7000000000)))
        return amount;
    if (heard_ns == 0)
        return 0;
    if (told->is_strict)
        return !words ? amount : is_heard ? told->withheld : told->cut;
    if (is_heard)
        return words ? told->withheld : 0;
    if (policy->cut == TQ_CUT_CLOSED)
        return amount;
    if (policy->cut == TQ_CUT_OPEN)
        return is_there && told->has_others ? told->others : 0;
    return words ? told->cut : amount - amount / policy->machines;
}

#endif
