/* verdict.c: why a provider is in routing or out of it, in numbers, and the first of some that may be asked.
 *
 * SPDX-License-Identifier: MIT
 */
#include "refusal.h"
#include "rule.h"
#include "state.h"

/* All of these are inline, and work on a verdict that is not yet the caller's: so it stays in registers.
 * Filling a whole struct with zeros first costs more than everything else here. */

/* Adds a reason that holds until end_ns. The latest end binds, of equal ones the first. */
TQ__HOT void add_reason(struct tq_verdict *verdict, uint32_t reason, int64_t end_ns)
{
    if (end_ns <= 0 || end_ns <= verdict->at_ns)
        return;
    verdict->reasons |= 1u << reason;
    verdict->state = TQ_QUOTA_EXHAUSTED;
    if (end_ns > verdict->retry_at_ns) {
        verdict->retry_at_ns = end_ns;
        verdict->reason = reason;
    }
}

/* Tells of the refusal that binds. */
TQ__HOT void tell_said(struct tq__slot *slot, uint64_t said, _Atomic uint64_t *why_word,
                       struct tq_verdict *verdict)
{
    const struct tq__refusal parts = tq__refusal_unpack(said);
    /* Relaxed: the 16 bits in it say whether it belongs to the word. */
    const struct tq__why why = tq__why_unpack(said, atomic_load_explicit(why_word, memory_order_relaxed));

    verdict->refusal = parts.refusal;
    verdict->axis = why.axis;
    verdict->source = why.source;
    verdict->profile = why.profile;
    verdict->window_ns = (int64_t)why.window_s * TQ__SECOND_NS;
    verdict->said_at_ns = tq__refusal_at_ns(said);
    if (verdict->said_at_ns > verdict->at_ns) /* the word is rounded up: nothing was said in the future */
        verdict->said_at_ns = verdict->at_ns;
    if (!tq__refusal_no_end(said))
        return;
    verdict->attempt = parts.attempt;
    verdict->probe_at_ns = tq__probe_due_ns(slot, said);
    verdict->probing = parts.probing && verdict->probe_at_ns > verdict->at_ns;
}

/* Tells of usage and budget. What a rule predicts of a budget that is used up is no forecast: it is spent. */
TQ__HOT void tell_usage(struct tq_ledger *ledger, struct tq__slot *slot, struct tq_verdict *verdict)
{
    const struct tq__at at = tq__at(ledger, slot, verdict->at_ns);
    const uint32_t predicted = 1u << TQ_REASON_PREDICTED;

    verdict->used = tq__at_used(&at);
    verdict->budget = at.budget;
    verdict->rule = at.rule;
    if (verdict->budget > verdict->used) {
        verdict->left = verdict->budget - verdict->used;
    } else if (verdict->budget > 0 && verdict->reasons & predicted) {
        verdict->reasons ^= predicted | 1u << TQ_REASON_SPENT;
        if (verdict->reason == TQ_REASON_PREDICTED)
            verdict->reason = TQ_REASON_SPENT;
    }
}

int tq_provider_verdict(const struct tq_provider *provider, int64_t now_ns, struct tq_verdict *verdict)
{
    struct tq_verdict told = {.size = sizeof told, .state = TQ_AVAILABLE, .at_ns = now_ns};
    uint64_t reported, throttled;
    struct tq__slot *slot;
    int answer;

    if (!provider || !verdict || verdict->size < sizeof *verdict)
        return TQ_EINVAL;
    answer = tq__ledger_look(provider->ledger, now_ns);
    if (answer < 0)
        return answer;
    told.size = verdict->size;
    slot = tq__provider_slot(provider);
    /* Acquire as in tq__state_end. */
    reported = atomic_load_explicit(&slot->reported, memory_order_acquire);
    throttled = atomic_load_explicit(&slot->throttled, memory_order_acquire);
    add_reason(&told, TQ_REASON_MARKED, atomic_load_explicit(&slot->mark, memory_order_acquire));
    add_reason(&told, TQ_REASON_REPORTED, tq__refusal_end_ns(reported));
    add_reason(&told, TQ_REASON_THROTTLED, tq__refusal_end_ns(throttled));
    add_reason(&told, TQ_REASON_PREDICTED, atomic_load_explicit(&slot->predicted, memory_order_acquire));
    tell_usage(provider->ledger, slot, &told);
    if (told.reason == TQ_REASON_REPORTED)
        tell_said(slot, reported, &slot->reported_why, &told);
    else if (told.reason == TQ_REASON_THROTTLED)
        tell_said(slot, throttled, &slot->throttled_why, &told);
    else if (told.reason >= TQ_REASON_PREDICTED)
        told.window_ns = TQ__DAY_NS;
    *verdict = told;
    return told.state;
}
