/* hold_extend_any.c: a broken twin of hold_place.c: whoever frees a hold because its lease has ended does not
 * look whether it was extended since. It yields where that matters.
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
    if (!any_lease)
        twin_pause();
    return exact_hold_free(ledger, limits, hold, word, true);
}
