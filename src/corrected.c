/* corrected.c: notes what was taken back of a limit's window.
 *
 * SPDX-License-Identifier: MIT
 *
 * It asks first_use.c, which stands on shared.c, for the newest window: in shared.c that would be a circle.
 */
#include "first_use.h"
#include "shared.h"

/* Is what was noted of a later window than this one? Numbers of first-use windows come round in three days:
 * of those the newest is the limit's. */
static bool is_of_later(const struct tq__line *line, uint64_t seen, uint64_t tag)
{
    uint64_t newest;

    if (line->spec.window != TQ_WINDOW_FIRST_USE)
        return tq__tag_is_later(seen, tag);
    newest = (uint64_t)(tq__first_use_newest_ns(line) / (4 * TQ__SECOND_NS));
    return tq__tag_of(seen) != tag && ((newest ^ tag) & 0xffff) != 0;
}

void tq__corrected_note(const struct tq__line *line, uint64_t number, uint64_t taken)
{
    _Atomic uint64_t *word = &line->rest->corrected;
    uint64_t seen = atomic_load_explicit(word, memory_order_acquire), next; /* pairs with the swap */
    uint64_t tag = (uint64_t)line->spec.version << 16 | (number & 0xffff);

    do {
        if (taken == 0 || !tq__line_is_same(line) || is_of_later(line, seen, tag))
            return;
        next = tag << TQ__METER_BITS |
               tq__meter_sum(tq__tag_of(seen) == tag ? seen & TQ__METER_MAX : 0, (int64_t)taken);
        /* Release pairs with the acquire of who sums: K3. */
    } while (!atomic_compare_exchange_weak_explicit(word, &seen, next, memory_order_seq_cst,
                                                    memory_order_acquire));
}
