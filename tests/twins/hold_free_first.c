/* hold_free_first.c: a broken twin of hold_take.c: a call that settles frees its hold and counts then, so for
 * a moment nobody sees what it used. It yields where that matters.
 *
 * SPDX-License-Identifier: MIT
 */
#include "pause.h"

#define tq_hold_settle exact_hold_settle
#include "src/hold_take.c"
#undef tq_hold_settle

int tq_hold_settle(struct tq_hold *hold, const struct tq_usage *usage, int64_t now_ns)
{
    struct tq__slot *slot;
    struct tq__call call = {.tokens = usage->counted, .now_ns = now_ns, .observes = true};
    int answer = check_handle(hold, &slot);

    if (answer < 0)
        return answer;
    hold->ended = !free_all(hold);
    twin_pause();
    return tq__record_usage(hold->provider->ledger, slot, &call, NULL);
}
