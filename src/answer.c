/* answer.c: what the answer to a request lifts, and what a refused one answers.
 *
 * SPDX-License-Identifier: MIT
 */
#include "apply.h"
#include "event.h"
#include "probe.h"
#include "state.h"
#include "stated.h"

bool tq__answer_clear(_Atomic uint64_t *word, int64_t sent_at_ns)
{
    uint64_t seen = atomic_load_explicit(word, memory_order_acquire); /* pairs with refuse's swap */

    while (seen != 0 && !tq__refusal_is_overruled(seen) && sent_at_ns >= tq__refusal_at_ns(seen)) {
        if (atomic_compare_exchange_weak_explicit(word, &seen, 0, memory_order_acq_rel, memory_order_acquire))
            return true;
    }
    return false;
}

/* Does a level have words of its vendor that an answer may clear? */
TQ__HOT bool is_clear(struct tq__slot *slot)
{
    return (atomic_load_explicit(&slot->reported, memory_order_acquire) |
            atomic_load_explicit(&slot->throttled, memory_order_acquire)) == 0 && /* refuse's swap */
           atomic_load_explicit(&slot->limits, memory_order_relaxed) == 0;
}

/* A request that was sent at sent_at_ns was served. */
static void serve(struct tq_ledger *ledger, struct tq__slot *slot, int64_t sent_at_ns)
{
    struct tq__limits *limits = tq__limits_of(ledger, slot);
    bool cleared = tq__answer_clear(&slot->reported, sent_at_ns);
    struct tq__line line;

    for (uint32_t i = 0; i < tq__limits_lines(limits, 0); i++)
        if (atomic_load_explicit(&limits->line[i].blocking, memory_order_acquire) >> 32 != 0 && /* stated.c */
            tq__line_open(&line, ledger, limits, i))
            cleared |= tq__stated_lift(&line, sent_at_ns, sent_at_ns);
    if (cleared)
        tq__probe_forget(slot);
    if (tq__answer_clear(&slot->throttled, sent_at_ns) || cleared)
        tq__event(ledger);
}

int tq_provider_success(struct tq_provider *provider, int64_t sent_at_ns)
{
    struct tq__levels levels;
    struct tq__slot *slot;
    int answer = tq__provider_to_change(provider, &slot);

    if (answer < 0 || sent_at_ns <= 0)
        return answer;
    tq__levels_of(provider->ledger, slot, &levels);
    for (uint32_t i = 0; i < levels.count; i++)
        if (!is_clear(levels.slot[i]))
            serve(provider->ledger, levels.slot[i], sent_at_ns);
    return 0;
}

void tq__answer_refused(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t said_s, int64_t sent_at_ns)
{
    int64_t since_ns = sent_at_ns > 0 ? sent_at_ns : said_s * TQ__SECOND_NS;
    struct tq__levels levels;
    struct tq__line line;

    tq__levels_of(ledger, slot, &levels);
    for (uint32_t k = 0; k < levels.count; k++) {
        struct tq__limits *limits = tq__limits_of(ledger, levels.slot[k]);

        tq__probe_fail(ledger, levels.slot[k], said_s, since_ns);
        for (uint32_t i = 0; i < tq__limits_lines(limits, 0); i++)
            if (tq__line_open(&line, ledger, limits, i))
                tq__stated_answer(&line, sent_at_ns);
    }
}
