/* record.c: record and, when exhausted, mark: the one call that joins tracker and store.
 *
 * SPDX-License-Identifier: MIT
 */
#include "record.h"

int tq__mark_prepare(struct tq__mark *mark)
{
    int answer = tq__refuse_writes(mark->ledger);

    if (mark->slot || answer < 0)
        return answer;
    assert(mark->provider); /* only a mark on the record's own slot has none */
    mark->slot = tq__find(mark->ledger, mark->provider);
    return mark->slot ? 0 : tq__insert(mark->ledger, mark->provider, &mark->slot);
}

/* Will a record that makes `used` be exhausted? Its tokens are not in their half hour yet. Exact unless
 * others record meanwhile; then a name may enter the store that is not marked, or is marked by its next
 * record only. */
static bool will_be_exhausted(struct tq__slot *slot, uint32_t rule, int64_t used, int64_t tokens,
                              int64_t budget, const struct tq__window *window, int64_t now_ns)
{
    struct tq__half_hours half;
    uint64_t number;
    int64_t gone_ns;

    if (tq__budget_exhausted(rule, used, budget, window, now_ns))
        return true;
    if (rule != TQ_RULE_HORIZON || budget <= 0)
        return false;
    number = tq__half_hour_at(window, now_ns, &gone_ns);
    half = tq__half_hours_read(slot, number);
    if (tokens > 0 && !tq__half_hour_is_past(slot, number))
        half.now = tq__half_hour_sum(half.now, (uint64_t)tokens);
    return tq__horizon_end(&half, used, budget, window, now_ns,
                           atomic_load_explicit(&slot->predicted, memory_order_relaxed) > now_ns) > 0;
}

int tq__count_add_marking(struct tq_ledger *ledger, struct tq__slot *slot, int64_t tokens, int64_t now_ns,
                          int64_t budget, struct tq__mark *mark, uint64_t *counted)
{
    struct tq__window window = tq__window_at(now_ns);
    _Atomic uint64_t *word = tq__count_word(slot, ledger->history_log2, window.day);
    uint64_t tag = tq__count_tag(ledger->history_log2, window.day);
    uint32_t rule = tq__rule_of(ledger, slot);
    uint64_t seen = atomic_load_explicit(word, memory_order_relaxed);

    do {
        int answer;

        if (!tq__count_next(seen, tag, tokens, counted))
            return tq__too_old(ledger);
        if (window.end_ns <= 0 ||
            (tq__state_day_is_late(&slot->newest_day, window.day) &&
             !tq__late_marks(ledger, tq__count_tokens(*counted), budget)) ||
            !will_be_exhausted(slot, rule, tq__count_tokens(*counted), tokens, budget, &window, now_ns))
            continue; /* to the swap */
        answer = tq__mark_prepare(mark);
        if (answer < 0)
            return answer;
    } while (!tq__count_swap(word, &seen, *counted));
    return 0;
}

int tq__record_flush(struct tq_ledger *ledger, int answer)
{
    int flushed = tq_ledger_flush(ledger);

    return flushed < 0 ? flushed : answer;
}

int tq_observe_token_usage(struct tq_tracker *tracker, struct tq_store *store, const char *provider,
                           int64_t tokens, int64_t now_ns)
{
    struct tq_ledger *ledger;
    struct tq__slot *slot;
    struct tq__mark mark;
    int answer;

    if (!tracker || !provider || !*provider)
        return TQ_AVAILABLE;
    if (!tq__instant_ok(now_ns))
        return TQ_ERANGE;
    ledger = tracker->ledger;
    answer = tq__record_slot(ledger, provider, now_ns, &slot);
    if (answer < 0)
        return answer;
    if (!store)
        return tq__record(ledger, slot, tokens, now_ns, NULL, NULL);
    mark = (struct tq__mark){.ledger = store->ledger, .provider = provider};
    if (store->ledger == ledger) {
        if (tq__rule_of(ledger, slot) != TQ_RULE_ORIGINAL) /* the rule answers through `predicted` */
            return tq__record(ledger, slot, tokens, now_ns, NULL, NULL);
        mark.slot = slot;
    }
    return tq__record(ledger, slot, tokens, now_ns, &mark, NULL);
}

int tq_provider_observe(struct tq_provider *provider, int64_t tokens, int64_t now_ns, int64_t *retry_at_ns)
{
    struct tq__slot *slot;
    struct tq__mark mark;

    if (retry_at_ns)
        *retry_at_ns = 0;
    if (!provider)
        return TQ_EINVAL;
    if (!tq__instant_ok(now_ns))
        return TQ_ERANGE;
    slot = atomic_load_explicit(&provider->slot, memory_order_relaxed);
    if (tq__rule_of(provider->ledger, slot) != TQ_RULE_ORIGINAL)
        return tq__record(provider->ledger, slot, tokens, now_ns, NULL, retry_at_ns);
    mark = (struct tq__mark){.ledger = provider->ledger, .slot = slot};
    return tq__record(provider->ledger, slot, tokens, now_ns, &mark, retry_at_ns);
}
