/* store.c: the other half of part one: marks and states by name, and the lists of who is out.
 *
 * SPDX-License-Identifier: MIT
 */
#include "probe.h"
#include "shared.h"
#include "state.h"
#include "stated.h"
#include "table.h"
#include "count.h"

struct tq_store *tq_store_new(void)
{
    struct tq_ledger_options options = {.size = sizeof options, .history_days = 8, .rule = TQ_RULE_ORIGINAL};
    struct tq_ledger *ledger;

    if (tq_ledger_open(&ledger, NULL, &options, NULL) < 0)
        return NULL;
    ledger->store.owns_ledger = true;
    return &ledger->store;
}

void tq_store_free(struct tq_store *store)
{
    if (store && store->owns_ledger)
        tq_ledger_close(store->ledger);
}

int tq_store_mark_quota_exhausted(struct tq_store *store, const char *provider, int64_t retry_at_ns)
{
    struct tq__slot *slot;
    int answer;

    if (tq__ignored(store, provider))
        return 0;
    answer = tq__named_to_change(store->ledger, provider, retry_at_ns > 0, &slot);
    if (answer == 0 && slot)
        tq__state_mark(store->ledger, slot, retry_at_ns);
    return answer;
}

int tq_provider_mark_quota_exhausted(struct tq_provider *provider, int64_t retry_at_ns)
{
    struct tq__slot *slot;
    int answer = tq__provider_to_change(provider, &slot);

    if (answer == 0)
        tq__state_mark(provider->ledger, slot, retry_at_ns);
    return answer;
}

/* When the newest word was said that keeps the slot out. */
static int64_t newest_ns(struct tq__limits *limits, uint64_t reported)
{
    int64_t newest_ns = tq__refusal_at_ns(reported);

    for (uint32_t i = 0; i < tq__limits_lines(limits, 0); i++) {
        const struct tq__limit *line = &limits->line[i];
        int64_t said_ns = tq__refusal_at_ns(atomic_load_explicit(&line->blocking, memory_order_relaxed));

        if (!tq__specs_match(atomic_load_explicit(&line->spec, memory_order_relaxed), 0) &&
            said_ns > newest_ns)
            newest_ns = said_ns;
    }
    return newest_ns;
}

/* Notes when a caller made the provider available. Without an instant it takes no later one back. */
static void note_mark(struct tq__slot *slot, int64_t now_ns, int64_t newest_ns)
{
    int64_t seen = atomic_load_explicit(&slot->marked_at_ns, memory_order_relaxed);

    /* Sequentially consistent: a refusal that comes meanwhile is judged by it. */
    if (now_ns != 0)
        atomic_store_explicit(&slot->marked_at_ns, now_ns, memory_order_seq_cst);
    while (now_ns == 0 && seen < newest_ns &&
           !atomic_compare_exchange_weak_explicit(&slot->marked_at_ns, &seen, newest_ns, memory_order_seq_cst,
                                                  memory_order_relaxed))
        ;
}

/* Overrules what the vendor said: a word that is read again does not block again. Another swap of the word
 * since it was loaded is a newer word, which stays. now_ns 0: as of the newest word that is overruled. */
static bool overrule(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns)
{
    uint64_t reported = atomic_load_explicit(&slot->reported, memory_order_acquire); /* apply.c */
    struct tq__limits *limits = tq__limits_of(ledger, slot);
    bool changed = reported != 0;
    struct tq__line line;

    note_mark(slot, now_ns, newest_ns(limits, reported)); /* first */
    atomic_compare_exchange_strong_explicit(&slot->reported, &reported, reported & ~UINT64_C(7),
                                            memory_order_seq_cst, memory_order_relaxed);
    for (uint32_t i = 0; i < tq__limits_lines(limits, 0); i++)
        if (tq__line_open(&line, ledger, limits, i)) {
            changed |= tq__stated_lift(&line, INT64_MAX, now_ns);
            changed |= tq__stated_lift_stops(&line);
        }
    tq__probe_forget(slot);
    return changed;
}

static int mark_available(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns)
{
    bool is_said =
        atomic_load_explicit(&slot->reported, memory_order_relaxed) != 0 || tq__slot_is_linked(slot);
    bool changed = is_said && overrule(ledger, slot, now_ns);

    tq__state_mark(ledger, slot, 0);
    changed |= atomic_exchange_explicit(&slot->throttled, 0, memory_order_seq_cst) != 0;
    changed |= atomic_exchange_explicit(&slot->predicted, 0, memory_order_seq_cst) != 0; /* forecast.h, F1 */
    if (changed)
        tq__event(ledger);
    return 0;
}

int tq_store_mark_available(struct tq_store *store, const char *provider)
{
    struct tq__slot *slot;
    int answer;

    if (tq__ignored(store, provider))
        return 0;
    answer = tq__named_to_change(store->ledger, provider, false, &slot);
    return answer == 0 && slot ? mark_available(store->ledger, slot, 0) : answer;
}

int tq_provider_mark_available(struct tq_provider *provider)
{
    struct tq__slot *slot;
    int answer = tq__provider_to_change(provider, &slot);

    return answer == 0 ? mark_available(provider->ledger, slot, 0) : answer;
}

int tq_provider_mark_available_at(struct tq_provider *provider, int64_t now_ns)
{
    struct tq__slot *slot;
    int answer = tq__provider_to_change(provider, &slot);

    if (answer == 0 && tq__refusal_second(now_ns) == 0)
        answer = TQ_ERANGE;
    return answer == 0 ? mark_available(provider->ledger, slot, now_ns) : answer;
}

int tq_store_state(const struct tq_store *store, const char *provider, int64_t now_ns, int64_t *retry_at_ns)
{
    struct tq__slot *slot;
    struct tq__miss miss;
    int answer;

    if (retry_at_ns)
        *retry_at_ns = 0;
    if (tq__ignored(store, provider))
        return TQ_AVAILABLE;
    answer = tq__ledger_look(store->ledger, now_ns);
    if (answer < 0)
        return answer;
    slot = tq__seek(store->ledger, provider, &miss);
    return slot ? tq__state_at(store->ledger, slot, now_ns, false, retry_at_ns)
                : tq__missing(store->ledger, provider, &miss);
}

int tq_provider_state(const struct tq_provider *provider, int64_t now_ns, int64_t *retry_at_ns)
{
    int answer;

    if (retry_at_ns)
        *retry_at_ns = 0;
    if (!provider)
        return TQ_EINVAL;
    answer = tq__ledger_look(provider->ledger, now_ns);
    if (answer < 0)
        return answer;
    return tq__state_at(provider->ledger, tq__provider_slot(provider), now_ns, false, retry_at_ns);
}

#define LIST_AHEAD 16 /* slots whose state words are on their way while one is read */

/* Lists every provider for which at() gives an instant above 0. A slot that was filled but not published has
 * none: only a caller that found its name can have set one. So slots are read in their order in memory, far
 * ahead of their use. */
TQ__HOT size_t list(struct tq_ledger *ledger,
                    int64_t (*at)(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns),
                    int64_t now_ns, struct tq_exhausted *out, size_t capacity)
{
    uintptr_t ahead_bytes =
        LIST_AHEAD * (uintptr_t)ledger->slots.record_bytes + offsetof(struct tq__slot, mark);
    size_t count = 0;
    struct tq__slot *slot;

    for (uint32_t n = 0, end = tq__slots_end(ledger); (slot = tq__slots_next(ledger, &n, end)) != NULL; n++) {
        const char *name;
        int64_t at_ns;

        __builtin_prefetch((const void *)((uintptr_t)slot + ahead_bytes));
        at_ns = at(ledger, slot, now_ns);
        name = at_ns > 0 ? tq__provider_name(ledger, slot, n) : NULL;
        if (!name)
            continue;
        if (out && count < capacity)
            out[count] = (struct tq_exhausted){.provider = name, .retry_at_ns = at_ns};
        count++;
    }
    return count;
}

/* The end of the provider's own words. */
static int64_t own_end(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns)
{
    (void)ledger, (void)now_ns;
    return tq__state_end(slot);
}

/* The end, if the provider is out now. */
static int64_t end_at(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns)
{
    int64_t end_ns;

    tq__state_at(ledger, slot, now_ns, false, &end_ns);
    return end_ns;
}

/* When the probe was due, if it is due now. */
static int64_t probe_due(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns)
{
    int64_t due_ns = tq__probe_due(ledger, slot, now_ns), unused_ns;

    if (due_ns > 0 && due_ns <= now_ns &&
        !tq__shared_may_probe(ledger, tq__limits_of(ledger, slot), now_ns, &unused_ns))
        return 0; /* another machine has its turn */
    return due_ns > 0 && due_ns <= now_ns && tq__probe_helps(ledger, slot, now_ns, false) ? due_ns : 0;
}

size_t tq_store_all_exhausted(const struct tq_store *store, struct tq_exhausted *out, size_t capacity)
{
    return store ? list(store->ledger, own_end, 0, out, capacity) : 0;
}

size_t tq_store_exhausted_at(const struct tq_store *store, int64_t now_ns, struct tq_exhausted *out,
                             size_t capacity)
{
    if (!store || !tq__instant_ok(now_ns))
        return 0;
    return list(store->ledger, end_at, now_ns, out, capacity);
}

size_t tq_ledger_probes_due(struct tq_ledger *ledger, int64_t now_ns, struct tq_exhausted *out,
                            size_t capacity)
{
    return ledger && tq__instant_ok(now_ns) ? list(ledger, probe_due, now_ns, out, capacity) : 0;
}
