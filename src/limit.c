/* limit.c: a line of limits opened, and what a wrong clock took of it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "limit.h"

bool tq__line_open(struct tq__line *line, struct tq_ledger *ledger, struct tq__limits *limits, uint32_t i)
{
    line->ledger = ledger;
    line->limits = limits;
    line->limit = &limits->line[i];
    line->rest = &limits->rest[i];
    /* Acquire pairs with the publishing swap in limit_set.c: whoever sees the spec sees its amount. */
    line->word = atomic_load_explicit(&line->limit->spec, memory_order_acquire);
    return tq__spec_unpack(line->word, &line->spec);
}

void tq__line_note_taken(const struct tq__line *line, int64_t until_ns)
{
    uint64_t next = (uint64_t)line->spec.version << 56 | (uint64_t)(until_ns / TQ__SECOND_NS + 1);
    uint64_t seen = atomic_load_explicit(&line->rest->taken, memory_order_acquire);

    do
        if ((tq__version_of(seen) == line->spec.version && seen >= next) || !tq__line_is_same(line))
            return;
    while (!atomic_compare_exchange_weak_explicit(&line->rest->taken, &seen, next, memory_order_seq_cst,
                                                  memory_order_acquire)); /* before the turn: limit.h */
}

bool tq__line_is_taken(const struct tq__line *line, int64_t now_ns, const struct tq__standing *standing)
{
    uint64_t taken = atomic_load_explicit(&line->rest->taken, memory_order_relaxed);
    int64_t from_ns = tq__window_is_counted(line->spec.window) ? standing->start_ns : now_ns;

    return tq__version_of(taken) == line->spec.version &&
           (uint64_t)from_ns / (uint64_t)TQ__SECOND_NS < (taken << 8 >> 8);
}

bool tq__line_is_ahead(const struct tq__line *line, int64_t at_ns)
{
    return at_ns > tq__clock_read(line->ledger).last_ns;
}
