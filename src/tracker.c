/* tracker.c: what is counted, read and set: budgets, usage and rules, by name and by handle.
 *
 * SPDX-License-Identifier: MIT
 */
#include "limit_rule.h"
#include "limits.h"
#include "record.h"
#include "shared.h"

struct tq_tracker *tq_tracker_new(void)
{
    struct tq_ledger_options options = {.size = sizeof options, .rule = TQ_RULE_ORIGINAL};
    struct tq_ledger *ledger;

    if (tq_ledger_open(&ledger, NULL, &options, NULL) < 0)
        return NULL;
    ledger->tracker.owns_ledger = true;
    return &ledger->tracker;
}

void tq_tracker_free(struct tq_tracker *tracker)
{
    if (tracker && tracker->owns_ledger)
        tq_ledger_close(tracker->ledger);
}

/* The budget first, then the look whether it is hidden (state.h), then what is predicted from it (forecast.h,
 * F2). */
static void set_budget(struct tq_ledger *ledger, struct tq__slot *slot, int64_t budget)
{
    atomic_store_explicit(&slot->budget, budget > 0 ? budget : 0, memory_order_seq_cst);
    if (budget > 0)
        tq__unhide(slot);
    tq__clock_take_back(ledger, slot, 0);
    tq__forecast_anew(ledger, slot);
    tq__settings_raise(ledger);
    /* By what other machines have of it more may change than what is predicted: whoever waits looks. */
    if (tq__slot_is_linked(slot) &&
        atomic_load_explicit(&ledger->header->shared_until_ns, memory_order_relaxed) != 0) {
        tq__soonest_lower(ledger, 1);
        tq__event(ledger);
    }
}

int tq_tracker_set_budget(struct tq_tracker *tracker, const char *provider, int64_t budget)
{
    struct tq__slot *slot;
    int answer;

    if (tq__ignored(tracker, provider))
        return 0;
    answer = tq__named_to_change(tracker->ledger, provider, budget > 0, &slot);
    if (answer == 0 && slot)
        set_budget(tracker->ledger, slot, budget);
    return answer;
}

int tq_provider_set_budget(struct tq_provider *provider, int64_t budget)
{
    struct tq__slot *slot;
    int answer = tq__provider_to_change(provider, &slot);

    if (answer == 0)
        set_budget(provider->ledger, slot, budget);
    return answer;
}

static int64_t budget_of(const struct tq_ledger *ledger, struct tq__slot *slot)
{
    int answer = tq__refuse_reads(ledger);

    return answer < 0 ? answer : atomic_load_explicit(&slot->budget, memory_order_relaxed);
}

int64_t tq_tracker_budget(const struct tq_tracker *tracker, const char *provider)
{
    struct tq__slot *slot;
    struct tq__miss miss;

    if (tq__ignored(tracker, provider))
        return 0;
    slot = tq__seek(tracker->ledger, provider, &miss);
    return slot ? budget_of(tracker->ledger, slot) : tq__missing(tracker->ledger, provider, &miss);
}

int64_t tq_provider_budget(const struct tq_provider *provider)
{
    if (!provider)
        return TQ_EINVAL;
    return budget_of(provider->ledger, tq__provider_slot(provider));
}

static int64_t used_in_day(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns)
{
    const struct tq__at at = tq__at(ledger, slot, now_ns);
    int answer = tq__refuse_reads(ledger);

    return answer < 0 ? answer : tq__at_used(&at);
}

int64_t tq_tracker_used(const struct tq_tracker *tracker, const char *provider, int64_t now_ns)
{
    struct tq__slot *slot;
    struct tq__miss miss;

    if (tq__ignored(tracker, provider))
        return 0;
    if (!tq__instant_ok(now_ns))
        return TQ_ERANGE;
    slot = tq__seek(tracker->ledger, provider, &miss);
    return slot ? used_in_day(tracker->ledger, slot, now_ns) : tq__missing(tracker->ledger, provider, &miss);
}

int64_t tq_provider_used(const struct tq_provider *provider, int64_t now_ns)
{
    if (!provider)
        return TQ_EINVAL;
    if (!tq__instant_ok(now_ns))
        return TQ_ERANGE;
    return used_in_day(provider->ledger, tq__provider_slot(provider), now_ns);
}

/* ---- rules ----------------------------------------------------------------------------------- */

int tq_provider_rule(const struct tq_provider *provider)
{
    if (!provider)
        return TQ_EINVAL;
    return atomic_load_explicit(&tq__provider_slot(provider)->rule, memory_order_relaxed);
}

/* The rule first, then the look whether it is hidden (state.h), then what is predicted (forecast.h, F2). */
static void follow(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t rule)
{
    atomic_store_explicit(&slot->rule, (uint8_t)rule, memory_order_seq_cst); /* with tq__rule_of */
    if (rule != TQ_RULE_DEFAULT)
        tq__unhide(slot);
    tq__clock_take_back(ledger, slot, 0);
    tq__forecast_anew(ledger, slot);
    tq__settings_raise(ledger);
    if (tq__slot_is_linked(slot)) { /* of limits nothing is predicted: whoever waits looks */
        tq__soonest_lower(ledger, 1);
        tq__event(ledger);
    }
}

int tq_provider_set_rule(struct tq_provider *provider, uint32_t rule)
{
    struct tq__slot *slot;
    int answer = rule > TQ_RULE_CARE ? TQ_EINVAL : tq__provider_to_change(provider, &slot);

    if (answer < 0)
        return answer;
    if (rule == TQ_RULE_DEFAULT) /* sequentially consistent with tq__care_chosen */
        atomic_store_explicit(&slot->care, 0, memory_order_seq_cst);
    follow(provider->ledger, slot, rule);
    return 0;
}

int tq_provider_set_care(struct tq_provider *provider, uint32_t care)
{
    struct tq__slot *slot;
    int answer = care > TQ_CARE_MAX ? TQ_ERANGE : tq__provider_to_change(provider, &slot);

    if (answer < 0)
        return answer;
    atomic_store_explicit(&slot->care, (uint8_t)(care + 1), memory_order_seq_cst); /* as in set_rule */
    follow(provider->ledger, slot, TQ_RULE_CARE);
    return 0;
}

int tq_provider_care(const struct tq_provider *provider)
{
    return provider ? (int)tq__care_chosen(tq__provider_slot(provider)) : TQ_EINVAL;
}

/* ---- forgetting ------------------------------------------------------------------------------ */

/* Clears a day's word, and notes what was taken back when it is the newest (K3 of shared.h). */
static void clear_day(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t i, uint64_t newest)
{
    uint64_t word = atomic_exchange_explicit(&slot->day[i], 0, memory_order_seq_cst);
    uint64_t day = word >> TQ__COUNT_BITS << ledger->history_log2 | i;

    if (day == newest)
        tq__corrected_note_day(slot, day, word & TQ__COUNT_MAX);
}

/* The newest day first, then the days: a record made meanwhile that is not forgotten counted after its day
 * was cleared, and raises the newest day again (tq__raise_newest). What was predicted comes last, from what
 * is there by then. A day that is 0 already is only looked at: sequentially consistent with tq__count_swap,
 * so that a record whose swap is not seen here sees what was written before (state.h). */
static void forget_usage(struct tq_ledger *ledger, struct tq__slot *slot)
{
    uint64_t newest = atomic_exchange_explicit(&slot->newest_day, 0, memory_order_seq_cst);

    for (uint32_t i = 0; i < 1u << ledger->history_log2; i++)
        if (atomic_load_explicit(&slot->day[i], memory_order_seq_cst) != 0)
            clear_day(ledger, slot, i, newest);
    tq__notes_clear(tq__notes_of_tokens(slot));
    if (tq__slot_is_linked(slot)) {
        tq__limits_clear(ledger, slot);
        tq__event(ledger); /* the limits may have kept it out, or those whose pool it is */
    }
    tq__forecast_anew(ledger, slot);
}

void tq_tracker_reset(struct tq_tracker *tracker)
{
    struct tq_ledger *ledger;
    struct tq__slot *slot;

    if (!tracker)
        return;
    ledger = tracker->ledger;
    if (tq__refuse_writes(ledger) < 0 || (ledger->path && !ledger->resettable))
        return;
    for (uint32_t n = 0, end = tq__slots_end(ledger); (slot = tq__slots_next(ledger, &n, end)) != NULL; n++)
        forget_usage(ledger, slot);
}

int tq_provider_reset(struct tq_provider *provider)
{
    struct tq__slot *slot;
    int answer = tq__provider_to_change(provider, &slot);

    if (answer == 0)
        forget_usage(provider->ledger, slot);
    return answer;
}

/* Hide, then clear: state.h says why in this order. Usage comes last: what it predicts anew is from what
 * others set after the rest was cleared. */
int tq_provider_forget(struct tq_provider *provider)
{
    struct tq__slot *slot;
    int answer = tq__provider_to_change(provider, &slot);

    if (answer < 0)
        return answer;
    atomic_fetch_or_explicit(&slot->flags, TQ__HIDDEN, memory_order_seq_cst); /* with tq__unhide */
    atomic_store_explicit(&slot->budget, 0, memory_order_seq_cst);
    atomic_store_explicit(&slot->rule, TQ_RULE_DEFAULT, memory_order_seq_cst);
    atomic_store_explicit(&slot->care, 0, memory_order_seq_cst);
    if (atomic_exchange_explicit(&slot->pool, 0, memory_order_seq_cst) != 0)
        tq__event(provider->ledger);
    tq__limits_forget(provider->ledger, slot);
    tq__state_clear(provider->ledger, slot);
    atomic_fetch_and_explicit(&slot->flags, (uint8_t)~TQ__OVERAGE_STOP, memory_order_seq_cst);
    atomic_store_explicit(&slot->probe, 0, memory_order_seq_cst);
    atomic_store_explicit(&slot->marked_at_ns, 0, memory_order_seq_cst);
    atomic_store_explicit(&slot->others, 0, memory_order_seq_cst);
    tq__settings_raise(provider->ledger);
    forget_usage(provider->ledger, slot);
    return 0;
}
