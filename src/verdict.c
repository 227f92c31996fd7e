/* verdict.c: why a provider is in routing or out of it, in numbers: its words, its budget, and its levels.
 *
 * SPDX-License-Identifier: MIT
 */
#include "verdict.h"

#include "held.h"
#include "levels.h"
#include "probe.h"
#include "refusal.h"
#include "rule.h"
#include "shared.h"
#include "state.h"

/* Begins a verdict of the first header's size: nothing keeps the provider out. Field by field: a struct of
 * zeros is made by a loop, which costs more than everything else here. */
TQ__HOT void begin(struct tq_verdict *verdict, uint32_t size, uint32_t flags, int64_t now_ns)
{
    verdict->size = size;
    verdict->state = TQ_AVAILABLE;
    verdict->reason = verdict->reasons = verdict->refusal = verdict->axis = verdict->source = 0;
    verdict->profile = verdict->rule = verdict->attempt = verdict->probing = 0;
    verdict->flags = flags;
    verdict->used = verdict->budget = verdict->left = verdict->retry_at_ns = verdict->said_at_ns = 0;
    verdict->window_ns = verdict->probe_at_ns = 0;
    verdict->at_ns = now_ns;
}

/* The rest of it: no limit is named, nothing is expected. */
TQ__HOT void begin_limits(struct tq_verdict *verdict)
{
    verdict->level = verdict->limit = verdict->limit_unit = verdict->limit_window = 0;
    verdict->limit_used = verdict->limit_amount = verdict->limit_reserve = 0;
    verdict->limits = 0;
    verdict->limit_name[0] = '\0';
    verdict->care = verdict->expects = 0;
    verdict->expected = 0;
    verdict->holds = verdict->flying = 0;
    verdict->held = 0;
    verdict->others = verdict->withheld = verdict->heard_at_ns = 0;
}

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

void tq__verdict_probe(struct tq_ledger *ledger, struct tq__slot *slot, struct tq_verdict *verdict)
{
    bool out;

    verdict->probe_at_ns = tq__probe_due_timed(ledger, slot, verdict->at_ns, &verdict->attempt, &out);
    verdict->probing = out;
}

/* Tells of the refusal that binds. */
TQ__HOT void tell_refusal(struct tq_ledger *ledger, struct tq__slot *slot, uint64_t said,
                          _Atomic uint64_t *why_word, struct tq_verdict *verdict)
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
    if (!tq__refusal_no_end(said)) {
        if (verdict->reason == TQ_REASON_REPORTED)
            tq__verdict_probe(ledger, slot, verdict);
        return;
    }
    verdict->attempt = parts.attempt;
    verdict->probe_at_ns = tq__probe_due_ns(slot, said);
    verdict->probing = parts.probing && verdict->probe_at_ns > verdict->at_ns;
}

/* Tells what the rule expects to be used of the budget, which does not last. */
static TQ__COLD void tell_expected(const struct tq__at *at, struct tq_verdict *verdict)
{
    const struct tq__noted noted = tq__at_noted(at);

    verdict->expected = tq__rule_expects(&noted, verdict->care, 0, verdict->budget, verdict->left, at->now_ns,
                                         at->window.end_ns, &verdict->expects);
    if (verdict->expected <= verdict->left) /* time has passed since it was predicted */
        verdict->expected = verdict->expects = 0;
}

/* Adds why other machines keep a level out by its budget. */
static TQ__COLD void tell_shared_out(uint32_t reason, int64_t end_ns, struct tq_verdict *verdict)
{
    if (verdict->reasons & 1u << TQ_REASON_PREDICTED) { /* nothing is left to last */
        verdict->reasons ^= 1u << TQ_REASON_PREDICTED;
        if (verdict->reason == TQ_REASON_PREDICTED) {
            verdict->reason = reason;
            verdict->retry_at_ns = end_ns;
        }
    }
    add_reason(verdict, reason, end_ns);
}

/* Adds what other machines used of the budget, and what is withheld of it. */
static __attribute__((noinline)) void tell_shared_slowly(struct tq_ledger *ledger, struct tq__slot *slot,
                                                         struct tq__limits *limits, int64_t own,
                                                         struct tq_verdict *verdict)
{
    const struct tq__at at = tq__at(ledger, slot, verdict->at_ns);
    struct tq__part part;
    uint32_t reason = 0;
    int64_t end_ns;

    tq__day_part(&at, limits, &part);
    verdict->others = part.others;
    verdict->withheld = part.withheld;
    verdict->heard_at_ns = part.heard_ns;
    verdict->used = tq__weight(own, part.others);
    verdict->left =
        verdict->budget > tq__weight(own, part.withheld) ? verdict->budget - own - part.withheld : 0;
    if (verdict->left > 0)
        return;
    end_ns = tq__day_out(&at, limits, own, &reason);
    if (end_ns > 0)
        tell_shared_out(reason, end_ns, verdict);
}

/* As tell_shared_slowly, in few steps where something is left. False: the budget is this machine's alone, and
 * *verdict is as it was. */
TQ__HOT bool tell_shared(const struct tq__at *at, struct tq__limits *limits, int64_t own,
                         struct tq_verdict *verdict)
{
    const uint64_t base = tq__day_tag(at->window.day) << TQ__COUNT_BITS;
    uint64_t withheld, others;
    uint32_t sharing;

    if (__builtin_expect(!limits, 1) || at->budget <= 0)
        return false;
    sharing = tq__sharing_of(at->ledger, limits, at->now_ns);
    if (sharing == TQ__SHARED_NOT)
        return false;
    /* Sequentially consistent as all of these words. */
    withheld = atomic_load_explicit(&limits->day_withheld, memory_order_seq_cst) - base;
    others = atomic_load_explicit(&at->slot->others, memory_order_seq_cst) - base;
    if (sharing != TQ__SHARED_HEARD || withheld >= TQ__COUNT_MAX || others > withheld || own >= at->budget ||
        (int64_t)withheld >= at->budget - own) {
        tell_shared_slowly(at->ledger, at->slot, limits, own, verdict);
        return true;
    }
    verdict->heard_at_ns = atomic_load_explicit(&limits->heard_s, memory_order_relaxed) * TQ__SECOND_NS;
    verdict->others = (int64_t)others;
    verdict->withheld = (int64_t)withheld;
    verdict->used = own + (int64_t)others;
    verdict->left = at->budget - own - (int64_t)withheld;
    return true;
}

/* Tells of usage and budget. What a rule predicts of a budget that is used up is no forecast: it is spent. */
TQ__HOT void tell_usage(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits *limits,
                        struct tq_verdict *verdict)
{
    const struct tq__at at = tq__at(ledger, slot, verdict->at_ns);
    const uint32_t predicted = 1u << TQ_REASON_PREDICTED;
    const int64_t own = tq__at_used(&at);

    verdict->budget = at.budget;
    verdict->rule = at.rule;
    verdict->care = at.rule == TQ_RULE_CARE ? tq__care_chosen(slot) : 0;
    if (!tell_shared(&at, limits, own, verdict)) {
        verdict->used = own;
        verdict->left = at.budget > own ? at.budget - own : 0;
    }
    if (verdict->budget > verdict->used) {
        if (verdict->reason == TQ_REASON_PREDICTED && at.rule == TQ_RULE_CARE)
            tell_expected(&at, verdict);
    } else if (verdict->budget > 0 && verdict->reasons & predicted) {
        verdict->reasons ^= predicted | 1u << TQ_REASON_SPENT;
        if (verdict->reason == TQ_REASON_PREDICTED)
            verdict->reason = TQ_REASON_SPENT;
    }
}

/* Fills what one slot's own words, day and budget say. */
TQ__HOT void tell_slot(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits *limits,
                       struct tq_verdict *told)
{
    uint64_t reported, throttled;

    /* Acquire as in tq__state_end. */
    reported = atomic_load_explicit(&slot->reported, memory_order_acquire);
    throttled = atomic_load_explicit(&slot->throttled, memory_order_acquire);
    add_reason(told, TQ_REASON_MARKED, atomic_load_explicit(&slot->mark, memory_order_acquire));
    add_reason(told, TQ_REASON_REPORTED, tq__refusal_end_ns(reported));
    add_reason(told, TQ_REASON_THROTTLED, tq__refusal_end_ns(throttled));
    add_reason(told, TQ_REASON_PREDICTED, atomic_load_explicit(&slot->predicted, memory_order_acquire));
    tell_usage(ledger, slot, limits, told);
    if (told->reason == TQ_REASON_REPORTED)
        tell_refusal(ledger, slot, reported, &slot->reported_why, told);
    else if (told->reason == TQ_REASON_THROTTLED)
        tell_refusal(ledger, slot, throttled, &slot->throttled_why, told);
    else if (told->reason >= TQ_REASON_PREDICTED)
        told->window_ns = TQ__DAY_NS;
}

/* ---- limits and pools ------------------------------------------------------------------------ */

/* Does a level's verdict bind rather than what was told so far? */
static bool binds(const struct tq_verdict *level, const struct tq_verdict *told)
{
    return level->state == TQ_QUOTA_EXHAUSTED &&
           (told->state == TQ_AVAILABLE || level->retry_at_ns > told->retry_at_ns);
}

static __attribute__((noinline)) int tell_levels(struct tq_ledger *ledger, struct tq__slot *slot,
                                                 struct tq_verdict *told)
{
    struct tq__room room = {0, 0};
    struct tq__levels levels;
    bool is_held = false;

    tq__levels_of(ledger, slot, &levels);
    for (uint32_t level = 1; level < levels.count; level++) {
        struct tq_verdict own;

        begin(&own, told->size, told->flags, told->at_ns);
        begin_limits(&own);
        tell_slot(ledger, levels.slot[level], tq__limits_of(ledger, levels.slot[level]), &own);
        own.reasons |= told->reasons;
        told->reasons = own.reasons;
        own.level = level;
        if (binds(&own, told))
            *told = own;
    }
    for (uint32_t level = 0; level < levels.count; level++)
        is_held |= tq__verdict_limits(ledger, levels.slot[level], level, &room, told);
    if (__builtin_expect(is_held, 0))
        tq__verdict_held(ledger, &levels, &room, told);
    return told->state;
}

/* Has a linked provider neither a pool, nor a limit, nor ever had a hold? What was told of its budget alone
 * links it. */
TQ__HOT bool is_alone(struct tq__slot *slot, struct tq__limits *limits)
{
    return limits &&
           (atomic_load_explicit(&slot->pool, memory_order_relaxed) |
            atomic_load_explicit(&limits->high, memory_order_relaxed) | (uint32_t)tq__held_any(limits)) == 0;
}

TQ__HOT int tell_all(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns,
                     struct tq_verdict *verdict)
{
    struct tq__limits *limits = tq__limits_of(ledger, slot);

    begin(verdict, verdict->size, verdict->flags, now_ns);
    begin_limits(verdict);
    tell_slot(ledger, slot, limits, verdict);
    return tq__slot_is_linked(slot) && !is_alone(slot, limits) ? tell_levels(ledger, slot, verdict)
                                                               : verdict->state;
}

/* A verdict of the size of an older header. */
static TQ__COLD int tell_older(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns,
                               struct tq_verdict *verdict)
{
    struct tq_verdict told = {.size = verdict->size, .flags = verdict->flags};

    (void)tell_all(ledger, slot, now_ns, &told);
    memcpy(verdict, &told, verdict->size);
    return told.state;
}

int tq_provider_verdict(const struct tq_provider *provider, int64_t now_ns, struct tq_verdict *verdict)
{
    struct tq__slot *slot;
    int answer;

    if (!provider || !verdict || !tq__verdict_size_ok(verdict->size) || verdict->flags & ~TQ_USE_RESERVE)
        return TQ_EINVAL;
    answer = tq__ledger_look(provider->ledger, now_ns);
    if (answer < 0)
        return answer;
    slot = tq__provider_slot(provider);
    return verdict->size < sizeof *verdict ? tell_older(provider->ledger, slot, now_ns, verdict)
                                           : tell_all(provider->ledger, slot, now_ns, verdict);
}
