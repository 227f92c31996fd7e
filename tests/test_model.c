/* test_model.c: random operations on the library and on the model; every answer must be the same.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each run makes a world (how tracker and store are made, the rule, the days kept), then thousands of calls
 * whose arguments are drawn mostly from where rules meet: edges of days, of the range, of counts. A failure
 * prints the seed of its run; TQ_SEED=that repeats it alone.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"
#include "model.h"
#include "rng.h"

#define RUNS 300
#define OPERATIONS 9000
#define MAX_NAMES 160
#define MAX_LISTED 512

struct world {
    struct rng rng;
    uint64_t seed;
    unsigned step;
    const char *kind;
    int64_t clock_ns;               /* where the middle of the random instants is; it moves on */
    struct tq_ledger *ledger;       /* the tracker's; NULL when it is its own */
    struct tq_ledger *store_ledger; /* the store's; NULL when it is its own, or there is only one */
    struct tq_tracker *tracker;
    struct tq_store *store;
    struct model *m_tracker;
    struct model *m_store; /* the same as m_tracker when there is one ledger */
};

/* ---- comparing ------------------------------------------------------------------------------- */

static void differ(const struct world *w, const char *call, const char *name, int64_t a, int64_t b,
                   int64_t got, int64_t expected)
{
    print_error("TQ_SEED=%" PRIu64 " (%s) step %u: %s(\"%s\", %" PRId64 ", %" PRId64 ") gave %" PRId64
                ", the model says %" PRId64 "\n",
                w->seed, w->kind, w->step, call, name ? name : "NULL", a, b, got, expected);
    fail();
}

static void same(const struct world *w, const char *call, const char *name, int64_t a, int64_t b, int64_t got,
                 int64_t expected)
{
    if (got != expected)
        differ(w, call, name, a, b, got, expected);
}

/* ---- drawing arguments ----------------------------------------------------------------------- */

static char names[MAX_NAMES][TQ_NAME_MAX + 2];

/* Names 0 to 15 are good in a special way, 16 to 31 are refused, the rest are ordinary. */
static void make_names(void)
{
    static const char *const good[] = {
        "a", "b", "openai",   "openai ",      "OPENAI",           "claude-acct-1", "\xe6\x97\xa5\xe6\x9c\xac",
        " ", "~", "\xc2\xa0", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf",
    };
    static const char *const refused[] = {
        "\n",   "a\tb", "\x7f",         "\xc2\x85", "\xe2\x80\xa8",     "\xe2\x81\xa6",
        "\xff", "\xc3", "\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80", "\x80",
    };

    for (size_t i = 0; i < 12; i++) {
        snprintf(names[i], sizeof(names[i]), "%s", good[i]);
        snprintf(names[16 + i], sizeof(names[16 + i]), "%s", refused[i]);
    }
    for (size_t i = 12; i < 16; i++) {
        memset(names[i], 'x', TQ_NAME_MAX);
        names[i][0] = (char)('A' + i);
        names[i + 16][0] = (char)('A' + i);
        memset(names[i + 16], 'x', TQ_NAME_MAX + 1);
        names[i + 16][TQ_NAME_MAX + 1] = '\0';
    }
    for (size_t i = 0; i < TQ_NAME_MAX; i++)
        names[15][i] = "\xe6\x97\xa5"[i % 3];
    for (size_t i = 32; i < MAX_NAMES; i++)
        snprintf(names[i], sizeof(names[i]), "account-%zu", i);
}

static const char *any_name(struct world *w)
{
    unsigned dice = rng_below(&w->rng, 100);

    if (dice < 1)
        return rng_below(&w->rng, 2) ? NULL : "";
    if (dice < 4)
        return names[16 + rng_below(&w->rng, 16)];
    if (dice < 70)
        return names[rng_below(&w->rng, 8)];
    if (dice < 85)
        return names[rng_below(&w->rng, 16)];
    return names[32 + rng_below(&w->rng, MAX_NAMES - 32)];
}

static int64_t edge_instant(struct world *w)
{
    static const int64_t edges[] = {
        INT64_MIN,
        TQ_NOW_MIN_NS - 1,
        TQ_NOW_MIN_NS,
        TQ_NOW_MIN_NS + 1,
        -DAY_NS - 1,
        -DAY_NS,
        -1,
        0,
        1,
        DAY_NS - 1,
        DAY_NS,
        TQ_NOW_END_NS - 1,
        INT64_MAX,
        TQ_NOW_END_NS,
        TQ_NOW_END_NS - DAY_NS,
    };
    unsigned count = sizeof(edges) / sizeof(*edges);

    return edges[rng_below(&w->rng, count)];
}

/* Instants around the clock, which moves on by hours; rarely one from the edges of all there is. */
static int64_t any_instant(struct world *w)
{
    unsigned dice = rng_below(&w->rng, 1000);
    int64_t at_ns = w->clock_ns, start_ns;

    if (dice < 3)
        return edge_instant(w);
    w->clock_ns += rng_below_i64(&w->rng, dice < 20 ? 9 * DAY_NS : dice < 500 ? HOUR_NS / 30 : HOUR_NS / 2);
    if (w->clock_ns > TQ_NOW_END_NS - 70 * DAY_NS)
        w->clock_ns = TQ_NOW_MIN_NS + 100 * DAY_NS;
    if (dice < 560)
        return at_ns;
    if (dice < 600) /* an edge of a half hour */
        return at_ns - (at_ns % (HOUR_NS / 2) + HOUR_NS / 2) % (HOUR_NS / 2) +
               (int64_t)rng_below(&w->rng, 3) - 1;
    start_ns = at_ns - (at_ns % DAY_NS + DAY_NS) % DAY_NS;
    if (dice < 700)
        return start_ns + (int64_t)rng_below(&w->rng, 5) - 2;
    if (dice < 850)
        return at_ns - rng_below_i64(&w->rng, 3 * DAY_NS);
    return at_ns - rng_below_i64(&w->rng, 80 * DAY_NS);
}

/* A name for a call with an instant. Of a call where both are bad, the header does not say which is told. */
static const char *name_for(struct world *w, int64_t now_ns)
{
    if (now_ns < TQ_NOW_MIN_NS || now_ns >= TQ_NOW_END_NS)
        return names[rng_below(&w->rng, 16)];
    return any_name(w);
}

static int64_t any_tokens(struct world *w)
{
    static const int64_t edges[] = {0,
                                    -1,
                                    INT64_MIN,
                                    1,
                                    INT64_C(1) << 46,
                                    (INT64_C(1) << 47) - 2,
                                    (INT64_C(1) << 47) - 1,
                                    INT64_C(1) << 47,
                                    INT64_MAX};

    if (rng_below(&w->rng, 40) == 0)
        return edges[rng_below(&w->rng, sizeof(edges) / sizeof(*edges))];
    return rng_below_i64(&w->rng, rng_below(&w->rng, 2) ? 100 : 100000);
}

static int64_t any_budget(struct world *w)
{
    static const int64_t edges[] = {0, -1, INT64_MIN, 1, INT64_C(1) << 46, INT64_C(1) << 47, INT64_MAX};

    if (rng_below(&w->rng, 4) == 0)
        return edges[rng_below(&w->rng, sizeof(edges) / sizeof(*edges))];
    return rng_below_i64(&w->rng, rng_below(&w->rng, 2) ? 10000 : 1000000);
}

static int64_t any_mark(struct world *w)
{
    static const int64_t edges[] = {0, -1, INT64_MIN, 1, INT64_MAX};

    if (rng_below(&w->rng, 4) == 0)
        return edges[rng_below(&w->rng, sizeof(edges) / sizeof(*edges))];
    return w->clock_ns + rng_below_i64(&w->rng, 4 * DAY_NS) - DAY_NS;
}

/* ---- calls on tracker and store -------------------------------------------------------------- */

static void do_set_budget(struct world *w)
{
    const char *name = any_name(w);
    int64_t budget = any_budget(w);

    same(w, "set_budget", name, budget, 0, tq_tracker_set_budget(w->tracker, name, budget),
         model_set_budget(w->m_tracker, name, budget));
    same(w, "budget", name, budget, 0, tq_tracker_budget(w->tracker, name), model_budget(w->m_tracker, name));
}

static void do_used(struct world *w)
{
    int64_t now_ns = any_instant(w);
    const char *name = name_for(w, now_ns);

    same(w, "used", name, now_ns, 0, tq_tracker_used(w->tracker, name, now_ns),
         model_used(w->m_tracker, name, now_ns));
}

static void do_record(struct world *w)
{
    int64_t tokens = any_tokens(w), now_ns = any_instant(w);
    int64_t got_at = UNWRITTEN, expected_at = UNWRITTEN;
    const char *name = name_for(w, now_ns);

    same(w, "record", name, tokens, now_ns, tq_tracker_record(w->tracker, name, tokens, now_ns, &got_at),
         model_record(w->m_tracker, name, tokens, now_ns, &expected_at));
    same(w, "record's retry_at_ns", name, tokens, now_ns, got_at, expected_at);
    same(w, "used", name, now_ns, 0, tq_tracker_used(w->tracker, name, now_ns),
         model_used(w->m_tracker, name, now_ns));
}

static void do_state(struct world *w)
{
    int64_t now_ns = any_instant(w), got_at = UNWRITTEN, expected_at = UNWRITTEN;
    const char *name = name_for(w, now_ns);

    same(w, "state", name, now_ns, 0, tq_store_state(w->store, name, now_ns, &got_at),
         model_state(w->m_store, name, now_ns, &expected_at));
    same(w, "state's retry_at_ns", name, now_ns, 0, got_at, expected_at);
}

static void do_observe(struct world *w)
{
    int64_t tokens = any_tokens(w), now_ns = any_instant(w), got_at = UNWRITTEN, expected_at = UNWRITTEN;
    const char *name = name_for(w, now_ns);
    unsigned dice = rng_below(&w->rng, 200);
    struct tq_tracker *tracker = dice == 0 ? NULL : w->tracker;
    struct tq_store *store = dice == 1 ? NULL : w->store;

    same(w, "observe", name, tokens, now_ns, tq_observe_token_usage(tracker, store, name, tokens, now_ns),
         model_observe(tracker ? w->m_tracker : NULL, store ? w->m_store : NULL, name, tokens, now_ns));
    same(w, "state after observe", name, now_ns, 0, tq_store_state(w->store, name, now_ns, &got_at),
         model_state(w->m_store, name, now_ns, &expected_at));
    same(w, "state's retry_at_ns after observe", name, now_ns, 0, got_at, expected_at);
}

static void do_mark(struct world *w)
{
    const char *name = any_name(w);
    int64_t retry_at_ns = any_mark(w);

    same(w, "mark", name, retry_at_ns, 0, tq_store_mark_quota_exhausted(w->store, name, retry_at_ns),
         model_mark_quota_exhausted(w->m_store, name, retry_at_ns));
}

static void do_mark_available(struct world *w)
{
    const char *name = any_name(w);

    same(w, "mark_available", name, 0, 0, tq_store_mark_available(w->store, name),
         model_mark_available(w->m_store, name));
}

static void do_reset(struct world *w)
{
    if (rng_below(&w->rng, 20) != 0)
        return;
    tq_tracker_reset(w->tracker);
    model_reset(w->m_tracker);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static int by_name(const void *left, const void *right)
{
    const struct tq_exhausted *a = left, *b = right;

    return strcmp(a->provider, b->provider);
}

static size_t list(const struct world *w, bool all, int64_t now_ns, struct tq_exhausted *out, size_t capacity)
{
    return all ? tq_store_all_exhausted(w->store, out, capacity)
               : tq_store_exhausted_at(w->store, now_ns, out, capacity);
}

static void do_list(struct world *w)
{
    static struct tq_exhausted got[MAX_LISTED], expected[MAX_LISTED];
    bool all = rng_below(&w->rng, 2) == 0;
    const char *call = all ? "all_exhausted" : "exhausted_at";
    int64_t now_ns = any_instant(w);
    size_t count = all ? model_all_exhausted(w->m_store, expected, MAX_LISTED)
                       : model_exhausted_at(w->m_store, now_ns, expected, MAX_LISTED);
    size_t room = count ? rng_below(&w->rng, (unsigned)count) : 0;

    same(w, call, NULL, now_ns, 0, (int64_t)list(w, all, now_ns, NULL, 0), (int64_t)count);
    got[room] = (struct tq_exhausted){.provider = NULL, .retry_at_ns = UNWRITTEN};
    same(w, call, NULL, now_ns, (int64_t)room, (int64_t)list(w, all, now_ns, got, room), (int64_t)count);
    same(w, "entry behind the capacity", NULL, now_ns, (int64_t)room, got[room].retry_at_ns, UNWRITTEN);
    same(w, call, NULL, now_ns, (int64_t)count, (int64_t)list(w, all, now_ns, got, count), (int64_t)count);
    qsort(got, count, sizeof(*got), by_name);
    qsort(expected, count, sizeof(*expected), by_name);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(got[i].provider, expected[i].provider) != 0)
            differ(w, call, got[i].provider, now_ns, (int64_t)i, 1, 0);
        same(w, call, got[i].provider, now_ns, (int64_t)i, got[i].retry_at_ns, expected[i].retry_at_ns);
    }
}

/* ---- calls by handle ------------------------------------------------------------------------- */

/* The handle of a name that the model knows too, or NULL when the name is none or there is no ledger. */
static struct tq_provider *handle(struct world *w, const char *name)
{
    struct tq_provider *provider = NULL;
    bool existing = rng_below(&w->rng, 2) == 0;
    int expected, got;

    if (!w->ledger || !name || !*name)
        return NULL;
    got = tq_ledger_provider(w->ledger, name, strlen(name), existing ? TQ_PROVIDER_EXISTING : 0, &provider);
    if (existing && got == 1)
        expected = !model_knows(w->m_tracker, name);
    else
        expected = model_insert(w->m_tracker, name);
    same(w, existing ? "provider, existing" : "provider", name, 0, 0, got, expected);
    same(w, "provider is set", name, 0, 0, provider != NULL, got == 0);
    if (provider && strcmp(tq_provider_name(provider), name) != 0)
        differ(w, "provider_name", name, 0, 0, 1, 0);
    return provider;
}

static void do_handle_record(struct world *w)
{
    const char *name = any_name(w);
    struct tq_provider *provider = handle(w, name);
    int64_t tokens = any_tokens(w), now_ns = any_instant(w);
    int64_t got_at = UNWRITTEN, expected_at = UNWRITTEN;

    if (!provider)
        return;
    if (rng_below(&w->rng, 2)) {
        same(w, "provider_record", name, tokens, now_ns,
             tq_provider_record(provider, tokens, now_ns, &got_at),
             model_record(w->m_tracker, name, tokens, now_ns, &expected_at));
    } else {
        same(w, "provider_observe", name, tokens, now_ns,
             tq_provider_observe(provider, tokens, now_ns, &got_at),
             model_provider_observe(w->m_tracker, name, tokens, now_ns, &expected_at));
    }
    same(w, "retry_at_ns by handle", name, tokens, now_ns, got_at, expected_at);
    same(w, "provider_used", name, now_ns, 0, tq_provider_used(provider, now_ns),
         model_used(w->m_tracker, name, now_ns));
}

static void do_handle_state(struct world *w)
{
    const char *name = any_name(w);
    struct tq_provider *provider = handle(w, name);
    int64_t now_ns = any_instant(w), mark = any_mark(w), budget = any_budget(w);
    int64_t got_at = UNWRITTEN, expected_at = UNWRITTEN;
    unsigned dice = rng_below(&w->rng, 4);

    if (!provider)
        return;
    if (dice == 0)
        same(w, "provider_mark", name, mark, 0, tq_provider_mark_quota_exhausted(provider, mark),
             model_mark_quota_exhausted(w->m_tracker, name, mark));
    else if (dice == 1)
        same(w, "provider_mark_available", name, 0, 0, tq_provider_mark_available(provider),
             model_mark_available(w->m_tracker, name));
    else if (dice == 2)
        same(w, "provider_set_budget", name, budget, 0, tq_provider_set_budget(provider, budget),
             model_set_budget(w->m_tracker, name, budget));
    same(w, "provider_budget", name, 0, 0, tq_provider_budget(provider), model_budget(w->m_tracker, name));
    same(w, "provider_state", name, now_ns, 0, tq_provider_state(provider, now_ns, &got_at),
         model_state(w->m_tracker, name, now_ns, &expected_at));
    same(w, "provider_state's retry_at_ns", name, now_ns, 0, got_at, expected_at);
}

/* ---- sweeps over everything ------------------------------------------------------------------ */

/* The walk gives the model's names, each once: nothing was inserted that should not be. */
static void check_walk(struct world *w, struct tq_ledger *ledger, const struct model *model)
{
    static const char *walked[MAX_NAMES];
    struct tq_provider *provider;
    uint64_t cursor = 0;
    size_t count = 0;

    while (tq_ledger_walk(ledger, &cursor, &provider) == 0) {
        const char *name = tq_provider_name(provider);

        same(w, "walk", name, (int64_t)count, 0, model_knows(model, name), true);
        for (size_t i = 0; i < count; i++)
            if (strcmp(walked[i], name) == 0)
                differ(w, "walk, twice", name, (int64_t)count, (int64_t)i, 1, 0);
        walked[count++] = name;
    }
    same(w, "walk's length", NULL, 0, 0, (int64_t)count, (int64_t)model_count(model));
}

static void sweep(struct world *w)
{
    for (size_t i = 0; i < MAX_NAMES; i++) {
        int64_t got_at = UNWRITTEN, expected_at = UNWRITTEN;

        for (int64_t day = i < 8 ? -80 : -2; day < 4; day++) {
            int64_t now_ns = w->clock_ns + day * DAY_NS;

            same(w, "used in sweep", names[i], now_ns, 0, tq_tracker_used(w->tracker, names[i], now_ns),
                 model_used(w->m_tracker, names[i], now_ns));
        }
        same(w, "budget in sweep", names[i], 0, 0, tq_tracker_budget(w->tracker, names[i]),
             model_budget(w->m_tracker, names[i]));
        same(w, "state in sweep", names[i], 0, 0, tq_store_state(w->store, names[i], w->clock_ns, &got_at),
             model_state(w->m_store, names[i], w->clock_ns, &expected_at));
        same(w, "retry_at_ns in sweep", names[i], 0, 0, got_at, expected_at);
    }
    if (w->ledger)
        check_walk(w, w->ledger, w->m_tracker);
    if (w->store_ledger)
        check_walk(w, w->store_ledger, w->m_store);
}

/* ---- worlds ---------------------------------------------------------------------------------- */

static struct tq_ledger *open_ledger(struct world *w, struct model **model)
{
    static const uint32_t days[] = {8, 16, 32, 64};
    static const uint32_t rules[] = {TQ_RULE_ORIGINAL, TQ_RULE_OFF, TQ_RULE_HORIZON, TQ_RULE_CARE, TQ_RULE_CARE};
    struct tq_ledger_options options = {.size = sizeof(options)};
    struct tq_ledger *ledger;

    options.history_days = days[rng_below(&w->rng, 4)];
    options.rule = rules[rng_below(&w->rng, 5)];
    assert_int_equal(tq_ledger_open(&ledger, NULL, &options, NULL), 0);
    *model = model_new(options.history_days, options.rule);
    return ledger;
}

static void open_world(struct world *w, uint64_t seed)
{
    static const int64_t starts_ns[] = {TQ_NOW_MIN_NS + 90 * DAY_NS, -30 * DAY_NS, 0, MAY_DAY_NS, MAY_DAY_NS,
                                        TQ_NOW_END_NS - 200 * DAY_NS};

    *w = (struct world){.rng = {seed}, .seed = seed};
    w->clock_ns = starts_ns[rng_below(&w->rng, sizeof(starts_ns) / sizeof(*starts_ns))];
    switch (rng_below(&w->rng, 4)) {
    case 0:
        w->kind = "tracker and store of their own";
        w->tracker = tq_tracker_new();
        w->store = tq_store_new();
        w->m_tracker = model_new(64, TQ_RULE_ORIGINAL);
        w->m_store = model_new(64, TQ_RULE_ORIGINAL);
        break;
    case 1:
        w->kind = "views of two ledgers";
        w->ledger = open_ledger(w, &w->m_tracker);
        w->store_ledger = open_ledger(w, &w->m_store);
        w->tracker = tq_ledger_tracker(w->ledger);
        w->store = tq_ledger_store(w->store_ledger);
        break;
    default:
        w->kind = "views of one ledger";
        w->ledger = open_ledger(w, &w->m_tracker);
        w->m_store = w->m_tracker;
        w->tracker = tq_ledger_tracker(w->ledger);
        w->store = tq_ledger_store(w->ledger);
    }
    assert_non_null(w->tracker);
    assert_non_null(w->store);
}

static void close_world(struct world *w)
{
    tq_tracker_free(w->tracker);
    tq_store_free(w->store);
    tq_ledger_close(w->ledger);
    tq_ledger_close(w->store_ledger);
    if (w->m_store != w->m_tracker)
        model_free(w->m_store);
    model_free(w->m_tracker);
}

static void run(uint64_t seed)
{
    /* Each as often as it stands here. */
    static void (*const calls[])(struct world *) = {
        do_record,     do_record, do_record,       do_observe,       do_observe,       do_observe,
        do_set_budget, do_used,   do_state,        do_state,         do_mark,          do_mark_available,
        do_list,       do_reset,  do_handle_state, do_handle_record, do_handle_record,
    };
    struct world w;

    open_world(&w, seed);
    for (w.step = 0; w.step < OPERATIONS; w.step++) {
        calls[rng_below(&w.rng, sizeof(calls) / sizeof(*calls))](&w);
        if (w.step % 1500 == 1499)
            sweep(&w);
    }
    close_world(&w);
}

static void test_random_operations(void **state)
{
    uint64_t seed = rng_seed(0);

    (void)state;
    make_names();
    if (seed != 0) {
        run(seed);
        return;
    }
    for (seed = 1; seed <= RUNS; seed++)
        run(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_operations),
    };

    return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
