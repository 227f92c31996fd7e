/* hold_clear_any.c: a broken twin of hold_place.c: whoever frees a hold stores the free word, without a look
 * whether the hold that is there by now is the one that it means. It yields where that matters.
 *
 * SPDX-License-Identifier: MIT
 */
#include "pause.h"

#define tq__hold_free exact_hold_free
#include "src/hold_place.c"
#undef tq__hold_free

bool tq__hold_free(struct tq_ledger *ledger, struct tq__limits *limits, struct tq__hold *hold, uint64_t word,
                   bool any_lease)
{
    (void)any_lease;
    twin_pause();
    atomic_store(&hold->word, tq__hold_word(0, 0, TQ__HOLD_FREE, word));
    if (atomic_load(&limits->hold_asked) != 0)
        tell_asked(ledger, limits);
    return true;
}
