/* verdict.c: why a provider is in routing or out of it, in numbers, and the first of some that may be asked.
 *
 * SPDX-License-Identifier: MIT
 */
#include "refusal.h"
#include "rule.h"
#include "state.h"

/* What the slot's state words hold until when; index TQ_REASON_... */
struct reasons {
    int64_t end_ns[TQ_REASON_PREDICTED + 1];
    uint64_t reported, throttled;
};

static void read_reasons(struct tq__slot *slot, struct reasons *reasons)
{
    /* Acquire as in tq__state_end. */
    reasons->reported = atomic_load_explicit(&slot->reported, memory_order_acquire);
    reasons->throttled = atomic_load_explicit(&slot->throttled, memory_order_acquire);
    reasons->end_ns[TQ_REASON_NONE] = 0;
    reasons->end_ns[TQ_REASON_MARKED] = atomic_load_explicit(&slot->mark, memory_order_acquire);
    reasons->end_ns[TQ_REASON_REPORTED] = tq__refusal_end_ns(reasons->reported);
    reasons->end_ns[TQ_REASON_THROTTLED] = tq__refusal_end_ns(reasons->throttled);
    reasons->end_ns[TQ_REASON_PREDICTED] = atomic_load_explicit(&slot->predicted, memory_order_acquire);
}

/* The latest end, of equal ones the first. */
static void choose(const struct reasons *reasons, int64_t now_ns, struct tq_verdict *verdict)
{
    for (uint32_t reason = TQ_REASON_MARKED; reason <= TQ_REASON_PREDICTED; reason++) {
        int64_t end_ns = reasons->end_ns[reason];

        if (end_ns <= 0 || end_ns <= now_ns)
            continue;
        verdict->reasons |= 1u << reason;
        if (end_ns > verdict->retry_at_ns) {
            verdict->retry_at_ns = end_ns;
            verdict->reason = reason;
            verdict->state = TQ_QUOTA_EXHAUSTED;
        }
    }
}

/* The words of the vendor's that bind. */
static void tell_said(struct tq__slot *slot, uint64_t said, _Atomic uint64_t *why_word,
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
    verdict->probing = parts.probing && tq__probe_due_ns(slot, said) > verdict->at_ns;
    verdict->probe_at_ns = tq__probe_due_ns(slot, said);
}

static void tell_usage(struct tq_ledger *ledger, struct tq__slot *slot, struct tq_verdict *verdict)
{
    const struct tq__at at = tq__at(ledger, slot, verdict->at_ns);

    verdict->used = tq__at_used(&at);
    verdict->budget = at.budget;
    verdict->left = verdict->budget > verdict->used ? verdict->budget - verdict->used : 0;
    verdict->rule = at.rule;
}

/* What a rule says of a budget that is used up is no forecast. */
static void tell_spent(struct tq_verdict *verdict)
{
    const uint32_t predicted = 1u << TQ_REASON_PREDICTED;

    if (!(verdict->reasons & predicted) || verdict->budget <= 0 || verdict->used < verdict->budget)
        return;
    verdict->reasons ^= predicted | 1u << TQ_REASON_SPENT;
    if (verdict->reason == TQ_REASON_PREDICTED)
        verdict->reason = TQ_REASON_SPENT;
}

int tq_provider_verdict(const struct tq_provider *provider, int64_t now_ns, struct tq_verdict *verdict)
{
    struct reasons reasons;
    struct tq__slot *slot;
    int answer;

    if (!provider || !verdict || verdict->size < sizeof *verdict)
        return TQ_EINVAL;
    answer = tq__ledger_look(provider->ledger, now_ns);
    if (answer < 0)
        return answer;
    *verdict = (struct tq_verdict){.size = verdict->size, .state = TQ_AVAILABLE, .at_ns = now_ns};
    slot = tq__provider_slot(provider);
    read_reasons(slot, &reasons);
    choose(&reasons, now_ns, verdict);
    tell_usage(provider->ledger, slot, verdict);
    tell_spent(verdict);
    if (verdict->reason == TQ_REASON_REPORTED)
        tell_said(slot, reasons.reported, &slot->reported_why, verdict);
    else if (verdict->reason == TQ_REASON_THROTTLED)
        tell_said(slot, reasons.throttled, &slot->throttled_why, verdict);
    else if (verdict->reason == TQ_REASON_PREDICTED || verdict->reason == TQ_REASON_SPENT)
        verdict->window_ns = TQ__DAY_NS;
    return verdict->state;
}
