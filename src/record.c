/* record.c: counting by name and by handle: record, observe, correct.
 *
 * SPDX-License-Identifier: MIT
 */
#include "record.h"

#include "limits.h"
#include "shared.h"

int tq__too_old(struct tq_ledger *ledger)
{
    tq__note(ledger, TQ__TOO_OLD);
    return TQ_EAGE;
}

int tq__record_flush(struct tq_ledger *ledger, int answer)
{
    int flushed = tq_ledger_flush(ledger);

    return flushed < 0 ? flushed : answer;
}

/* ---- record ---------------------------------------------------------------------------------- */

int tq_tracker_record(struct tq_tracker *tracker, const char *provider, int64_t tokens, int64_t now_ns,
                      int64_t *retry_at_ns)
{
    struct tq__slot *slot;
    int answer;

    if (retry_at_ns)
        *retry_at_ns = 0;
    if (tq__ignored(tracker, provider))
        return TQ_AVAILABLE;
    answer = tq__record_slot(tracker->ledger, provider, now_ns, &slot);
    return answer < 0 ? answer : tq__record(tracker->ledger, slot, tokens, now_ns, NULL, retry_at_ns);
}

TQ__HOT int record_by_handle(struct tq_provider *provider, int64_t tokens, int64_t now_ns,
                             struct tq__mark *mark, int64_t *retry_at_ns)
{
    if (retry_at_ns)
        *retry_at_ns = 0;
    if (!provider)
        return TQ_EINVAL;
    return tq__record(provider->ledger, tq__provider_slot(provider), tokens, now_ns, mark, retry_at_ns);
}

int tq_provider_record(struct tq_provider *provider, int64_t tokens, int64_t now_ns, int64_t *retry_at_ns)
{
    return record_by_handle(provider, tokens, now_ns, NULL, retry_at_ns);
}

/* ---- observe: record and, when exhausted, mark ----------------------------------------------- */

/* Gives the mark its slot in the store. */
static int prepare(struct tq__mark *mark)
{
    int answer = tq__refuse_writes(mark->ledger);

    if (mark->slot || answer < 0)
        return answer;
    assert(mark->provider); /* only a mark on the record's own slot has none */
    mark->slot = tq__find(mark->ledger, mark->provider);
    return mark->slot ? 0 : tq__insert(mark->ledger, mark->provider, &mark->slot);
}

/* Will a record that makes `used` mark? It is not noted yet. Exact unless others record meanwhile: then a
 * name may enter the store that is not marked, or is marked by its next record only. */
static bool will_mark(const struct tq__at *at, int64_t used, int64_t tokens)
{
    struct tq__noted noted;

    if (at->window.end_ns <= 0 ||
        (tq__state_day_is_late(&at->slot->newest_day, at->window.day) && !tq__late_marks(at, used)))
        return false;
    if (tq__at_exhausted(at, used))
        return true;
    if (!tq__rule_notes(at->rule) || at->budget <= 0)
        return false;
    noted = tq__at_noted(at);
    if (tokens > 0 && tq__half_hour_counted(tq__notes_of_tokens(at->slot), at->half_hour) <= at->half_hour) {
        noted.half.now = tq__half_hour_sum(noted.half.now, (uint64_t)tokens);
        noted.call = tq__call_add(noted.call, tq__half_hour_sum(0, (uint64_t)tokens));
    }
    return tq__rule_end(at, at->rule, &noted, used, at->budget,
                        atomic_load_explicit(&at->slot->predicted, memory_order_relaxed) > at->now_ns) > 0;
}

int tq__count_add_marking(const struct tq__at *at, int64_t tokens, struct tq__mark *mark, uint64_t *counted)
{
    uint64_t seen = atomic_load_explicit(at->word, memory_order_relaxed);

    do {
        int answer = 0;

        if (!tq__count_next(seen, at->tag, tokens, counted))
            return tq__too_old(at->ledger);
        if (will_mark(at, tq__count_tokens(*counted), tokens))
            answer = prepare(mark);
        if (answer < 0)
            return answer;
    } while (!tq__count_swap(at->word, &seen, *counted));
    return 0;
}

int tq_observe_token_usage(struct tq_tracker *tracker, struct tq_store *store, const char *provider,
                           int64_t tokens, int64_t now_ns)
{
    struct tq_ledger *ledger;
    struct tq__slot *slot;
    struct tq__mark mark;
    int answer;

    if (tq__ignored(tracker, provider))
        return TQ_AVAILABLE;
    ledger = tracker->ledger;
    answer = tq__record_slot(ledger, provider, now_ns, &slot);
    if (answer < 0)
        return answer;
    /* Another rule than the original answers through `predicted`. */
    if (!store || (store->ledger == ledger && tq__rule_of(ledger, slot) != TQ_RULE_ORIGINAL))
        return tq__record(ledger, slot, tokens, now_ns, NULL, NULL);
    mark = (struct tq__mark){
        .ledger = store->ledger, .provider = provider, .slot = store->ledger == ledger ? slot : NULL};
    return tq__record(ledger, slot, tokens, now_ns, &mark, NULL);
}

int tq_provider_observe(struct tq_provider *provider, int64_t tokens, int64_t now_ns, int64_t *retry_at_ns)
{
    struct tq__slot *slot = provider ? tq__provider_slot(provider) : NULL;
    struct tq__mark mark;

    if (slot && tq__slot_is_linked(slot))
        return tq__observe_linked(provider, tokens, NULL, now_ns, retry_at_ns);
    if (!slot || tq__rule_of(provider->ledger, slot) != TQ_RULE_ORIGINAL)
        return record_by_handle(provider, tokens, now_ns, NULL, retry_at_ns);
    mark = (struct tq__mark){.ledger = provider->ledger, .slot = slot};
    return record_by_handle(provider, tokens, now_ns, &mark, retry_at_ns);
}

int tq__observe_linked(struct tq_provider *provider, int64_t tokens, const struct tq_usage *usage,
                       int64_t now_ns, int64_t *retry_at_ns)
{
    struct tq__slot *slot = tq__provider_slot(provider);
    struct tq__mark mark = {.ledger = provider->ledger, .slot = slot};
    const struct tq__call call = {.tokens = tokens,
                                  .usage = usage,
                                  .now_ns = now_ns,
                                  .observes = true,
                                  .mark =
                                      tq__rule_of(provider->ledger, slot) == TQ_RULE_ORIGINAL ? &mark : NULL};

    if (retry_at_ns)
        *retry_at_ns = 0;
    return tq__instant_ok(now_ns) ? tq__record_usage(provider->ledger, slot, &call, retry_at_ns) : TQ_ERANGE;
}

/* ---- correct --------------------------------------------------------------------------------- */

int tq__correct_day(struct tq__at *at, int64_t tokens)
{
    uint64_t counted = 0, taken = 0;
    int64_t used;

    if (tq__state_day_is_late(&at->slot->newest_day, at->window.day) ||
        !tq__at_counts(at, atomic_load_explicit(at->word, memory_order_relaxed)))
        tq__clock_take_back(at->ledger, at->slot, at->window.day);
    if (!tq__count_subtract(at->word, at->tag, tokens, &counted, &taken))
        return tq__too_old(at->ledger);
    tq__corrected_note_day(at->slot, at->window.day, taken); /* after the count: K3 */
    tq__half_hour_add(tq__notes_of_tokens(at->slot), at->half_hour, -tokens);
    at->rule = tq__rule_of(at->ledger, at->slot); /* after the count: forecast.h */
    at->limits = tq__limits_of(at->ledger, at->slot);
    if (at->rule != TQ_RULE_ORIGINAL)
        tq__forecast_update(at, at->rule);
    used = tq__count_tokens(counted);
    if (tq__budget_crossed(used > INT64_MAX - tokens ? INT64_MAX : used + tokens, used,
                           atomic_load_explicit(&at->slot->budget, memory_order_relaxed)))
        tq__event(at->ledger);
    return 0;
}

int tq_provider_correct(struct tq_provider *provider, int64_t tokens, int64_t now_ns)
{
    struct tq__slot *slot;
    struct tq__at at;
    int answer;

    if (!provider || tokens <= 0)
        return TQ_EINVAL;
    if (!tq__instant_ok(now_ns))
        return TQ_ERANGE;
    answer = tq__refuse_writes(provider->ledger);
    if (answer < 0)
        return answer;
    slot = tq__provider_slot(provider);
    at = tq__at(provider->ledger, slot, now_ns);
    answer = tq__correct_day(&at, tokens);
    if (answer == 0 && tq__slot_is_linked(slot))
        tq__levels_correct(provider->ledger, slot, tokens, now_ns);
    return answer;
}
