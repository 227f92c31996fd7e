/* tracker.c: the counting half of part one: budgets and usage by name.
 *
 * SPDX-License-Identifier: MIT
 */
#include "record.h"

/* Arguments that part one ignores. */
static inline bool ignored(const struct tq_tracker *tracker, const char *provider)
{
    return !tracker || !provider || !*provider;
}

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
static int set_budget(struct tq_ledger *ledger, struct tq__slot *slot, int64_t budget)
{
    int answer = tq__refuse_writes(ledger);

    if (answer < 0)
        return answer;
    atomic_store_explicit(&slot->budget, budget > 0 ? budget : 0, memory_order_seq_cst);
    if (budget > 0)
        tq__unhide(slot);
    tq__gate_take_back(ledger, slot, 0);
    tq__forecast_anew(ledger, slot);
    return 0;
}

int tq_tracker_set_budget(struct tq_tracker *tracker, const char *provider, int64_t budget)
{
    struct tq__slot *slot;
    struct tq__miss miss;

    if (ignored(tracker, provider))
        return 0;
    slot = tq__seek(tracker->ledger, provider, &miss);
    if (!slot) {
        int answer;

        if (budget <= 0)
            return tq__missing(tracker->ledger, provider, &miss);
        answer = tq__insert(tracker->ledger, provider, &slot);
        if (answer < 0)
            return answer;
    }
    return set_budget(tracker->ledger, slot, budget);
}

int tq_provider_set_budget(struct tq_provider *provider, int64_t budget)
{
    if (!provider)
        return TQ_EINVAL;
    return set_budget(provider->ledger, atomic_load_explicit(&provider->slot, memory_order_relaxed), budget);
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

    if (ignored(tracker, provider))
        return 0;
    slot = tq__seek(tracker->ledger, provider, &miss);
    if (!slot)
        return tq__missing(tracker->ledger, provider, &miss);
    return budget_of(tracker->ledger, slot);
}

int64_t tq_provider_budget(const struct tq_provider *provider)
{
    if (!provider)
        return TQ_EINVAL;
    return budget_of(provider->ledger, atomic_load_explicit(&provider->slot, memory_order_relaxed));
}

static int64_t used_at(const struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns)
{
    struct tq__window window = tq__window_at(now_ns);
    uint64_t word =
        atomic_load_explicit(tq__count_word(slot, ledger->history_log2, window.day), memory_order_relaxed);

    if (tq__refuse_reads(ledger) < 0)
        return tq__refuse_reads(ledger);
    return word >> TQ__COUNT_BITS == tq__count_tag(ledger->history_log2, window.day) ? tq__count_tokens(word)
                                                                                     : 0;
}

int64_t tq_tracker_used(const struct tq_tracker *tracker, const char *provider, int64_t now_ns)
{
    struct tq__slot *slot;
    struct tq__miss miss;

    if (ignored(tracker, provider))
        return 0;
    if (!tq__instant_ok(now_ns))
        return TQ_ERANGE;
    slot = tq__seek(tracker->ledger, provider, &miss);
    if (!slot)
        return tq__missing(tracker->ledger, provider, &miss);
    return used_at(tracker->ledger, slot, now_ns);
}

int64_t tq_provider_used(const struct tq_provider *provider, int64_t now_ns)
{
    if (!provider)
        return TQ_EINVAL;
    if (!tq__instant_ok(now_ns))
        return TQ_ERANGE;
    return used_at(provider->ledger, atomic_load_explicit(&provider->slot, memory_order_relaxed), now_ns);
}

int tq_tracker_record(struct tq_tracker *tracker, const char *provider, int64_t tokens, int64_t now_ns,
                      int64_t *retry_at_ns)
{
    struct tq__slot *slot;
    int answer;

    if (retry_at_ns)
        *retry_at_ns = 0;
    if (ignored(tracker, provider))
        return TQ_AVAILABLE;
    if (!tq__instant_ok(now_ns))
        return TQ_ERANGE;
    answer = tq__record_slot(tracker->ledger, provider, now_ns, &slot);
    if (answer < 0)
        return answer;
    return tq__record(tracker->ledger, slot, tokens, now_ns, NULL, retry_at_ns);
}

int tq_provider_record(struct tq_provider *provider, int64_t tokens, int64_t now_ns, int64_t *retry_at_ns)
{
    if (retry_at_ns)
        *retry_at_ns = 0;
    if (!provider)
        return TQ_EINVAL;
    if (!tq__instant_ok(now_ns))
        return TQ_ERANGE;
    return tq__record(provider->ledger, atomic_load_explicit(&provider->slot, memory_order_relaxed), tokens,
                      now_ns, NULL, retry_at_ns);
}

/* The newest day first, then the days: a record made meanwhile that is not forgotten counted after its day was
 * cleared, and raises the newest day again (tq__raise_newest). What was predicted comes last, from what is
 * there by then. A day that is 0 already is only looked at: sequentially consistent with tq__count_swap, so that
 * a record whose swap is not seen here sees what was written before (state.h). */
void tq__forget_usage(struct tq_ledger *ledger, struct tq__slot *slot)
{
    atomic_store_explicit(&slot->newest_day, 0, memory_order_seq_cst);
    for (uint32_t i = 0; i < 1u << ledger->history_log2; i++)
        if (atomic_load_explicit(&slot->day[i], memory_order_seq_cst) != 0)
            atomic_store_explicit(&slot->day[i], 0, memory_order_seq_cst);
    for (uint32_t i = 0; i < 2; i++)
        atomic_store_explicit(&slot->half_hour[i], 0, memory_order_seq_cst);
    tq__forecast_anew(ledger, slot);
}

void tq_tracker_reset(struct tq_tracker *tracker)
{
    struct tq_ledger *ledger;
    struct tq__slot *slot;
    uint32_t end;

    if (!tracker)
        return;
    ledger = tracker->ledger;
    if (tq__refuse_writes(ledger) < 0 || (ledger->path && !ledger->resettable))
        return;
    end = tq__slots_end(ledger);
    for (uint32_t n = 0; (slot = tq__slots_next(ledger, &n, end)) != NULL; n++)
        tq__forget_usage(ledger, slot);
}
