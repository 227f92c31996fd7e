/* test_stated_model.c: random words of vendors, compared with stated_model.c.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each run is a world of four providers, some in pools of up to three levels, in private memory or in a file
 * that is closed, compacted and opened meanwhile. After every operation all that the library says of each
 * provider must agree with the model. A failure prints the seed of its run and the operations that led to it;
 * TQ_SEED=that repeats it alone. With TQ_STRESS=n there are n times as many runs.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"
#include "rng.h"
#include "scratch.h"
#include "stated_model.h"

#define RUNS 300
#define OPERATIONS 60
#define PROVIDERS 4
#define SECOND_NS INT64_C(1000000000)
#define MINUTE_NS (60 * SECOND_NS)

struct world {
    struct rng rng;
    uint64_t seed;
    unsigned step;
    int64_t now_ns;
    bool narrow;          /* few windows of few providers: more happens to each */
    int64_t resets_ns[8]; /* where windows end */
    const char *path;
    struct tq_ledger *ledger;
    struct tq_provider *provider[PROVIDERS];
    struct stated_model *model;
    char *log;
    size_t log_len;
    FILE *said;
};

static const char *const names[PROVIDERS] = {"p0", "p1", "p2", "p3"};

static double hours(int64_t at_ns)
{
    return at_ns == INT64_MAX ? 99999 : at_ns ? (double)(at_ns - MAY_DAY_NS) / (double)HOUR_NS : -1;
}

static void differ(const struct world *w, const char *what, int provider, int64_t at_ns, int64_t got,
                   int64_t expected)
{
    fflush(w->said);
    fputs(w->log, stderr);
    print_error("TQ_SEED=%" PRIu64 " step %u: %s of %s at %.4f h: %" PRId64
                " (%.4f h), the model says %" PRId64 " (%.4f h)\n",
                w->seed, w->step, what, names[provider], hours(at_ns), got, hours(got), expected,
                hours(expected));
    fail();
}

static void same(const struct world *w, const char *what, int provider, int64_t got, int64_t expected)
{
    if (got != expected)
        differ(w, what, provider, w->now_ns, got, expected);
}

/* ---- what is asked ---------------------------------------------------------------------------- */

static bool is_same_limit(const struct tq_limit *a, const struct tq_limit *b)
{
    return a->unit == b->unit && a->window == b->window && a->length_ns == b->length_ns &&
           strcmp(a->zone, b->zone) == 0;
}

static void check_line(const struct world *w, int provider, const struct tq_limit_state *got)
{
    struct sm_line lines[TQ_LIMITS_MAX], *line = NULL;
    int count = sm_lines(w->model, provider, w->now_ns, lines);

    for (int i = 0; i < count; i++)
        if (is_same_limit(&lines[i].limit, &got->limit))
            line = &lines[i];
    if (!line)
        differ(w, "a limit that should not be", provider, got->limit.length_ns, got->limit.unit, 0);
    same(w, "until_ns", provider, got->until_ns, line->until_ns);
    same(w, "state", provider, got->state, line->until_ns != 0);
    same(w, "spent", provider, got->spent, line->spent);
    same(w, "reserve", provider, got->limit.reserve_share, line->limit.reserve_share);
    if (line->limit.window != TQ_WINDOW_STATED)
        return;
    same(w, "said", provider, got->said, line->said);
    same(w, "said_at_ns", provider, got->said_at_ns, line->said_at_ns);
    if (!(line->said & TQ_SAID_READING))
        return;
    same(w, "said_ppm", provider, got->said_ppm, line->ppm);
    same(w, "share_ppm", provider, got->share_ppm, line->ppm);
    same(w, "said_source", provider, got->said_source, line->source);
    same(w, "said_profile", provider, got->said_profile, line->profile);
    same(w, "said_reset_at_ns", provider, got->said_reset_at_ns, line->reset_at_ns);
    same(w, "said_limit", provider, got->said_limit, line->stated);
    same(w, "said_since", provider, got->said_since, line->since);
}

static uint64_t check_lines(const struct world *w, int provider, int level, uint32_t flags)
{
    struct tq_limit_state list[TQ_LIMITS_MAX] = {{.size = sizeof *list}};
    int count = tq_provider_limits(w->provider[provider], w->now_ns, list, TQ_LIMITS_MAX);
    uint64_t out = 0;

    same(w, "limits", provider, count, sm_lines(w->model, provider, w->now_ns, NULL));
    for (int i = 0; i < count; i++) {
        check_line(w, provider, &list[i]);
        if (flags & TQ_USE_RESERVE ? list[i].spent : (uint32_t)list[i].state)
            out |= UINT64_C(1) << (8 * level + (int)list[i].number - 1);
    }
    return out;
}

static void check_verdict(const struct world *w, int provider, uint32_t flags)
{
    struct tq_verdict got = {.size = sizeof got, .flags = flags};
    struct sm_verdict expected;
    uint64_t limits = 0;
    int level = 0, answer = tq_provider_verdict(w->provider[provider], w->now_ns, &got);

    for (int i = provider; i != SM_NONE; i = sm_pool(w->model, i))
        limits |= check_lines(w, i, level++, flags);
    sm_verdict(w->model, provider, w->now_ns, flags, &expected);
    same(w, "verdict", provider, answer, expected.reasons != 0);
    same(w, "reasons", provider, got.reasons, expected.reasons);
    same(w, "retry_at_ns", provider, got.retry_at_ns, expected.retry_at_ns);
    same(w, "limits that exclude", provider, (int64_t)got.limits, (int64_t)limits);
    if (expected.reasons == 0 || expected.tie)
        return;
    same(w, "reason", provider, got.reason, expected.reason);
    same(w, "level", provider, got.level, expected.level);
    if (expected.reason == TQ_REASON_REPORTED)
        same(w, "verdict's said_at_ns", provider, got.said_at_ns, expected.said_at_ns);
    same(w, "the limit that binds", provider, got.limit != 0, expected.limit.size != 0);
    if (expected.limit.size != 0) {
        same(w, "its unit", provider, got.limit_unit, expected.limit.unit);
        same(w, "its window", provider, got.limit_window, expected.limit.window);
    }
}

static void check(const struct world *w, int provider)
{
    int64_t end_ns = UNWRITTEN;
    struct sm_verdict expected;

    check_verdict(w, provider, TQ_USE_RESERVE);
    check_verdict(w, provider, 0);
    sm_verdict(w->model, provider, w->now_ns, 0, &expected);
    same(w, "state", provider, tq_provider_state(w->provider[provider], w->now_ns, &end_ns),
         expected.reasons != 0);
    same(w, "state's retry_at_ns", provider, end_ns, expected.retry_at_ns);
}

/* ---- drawing arguments ------------------------------------------------------------------------ */

static int64_t one_of(struct world *w, const int64_t *values, size_t count)
{
    return values[rng_below(&w->rng, (unsigned)count)];
}

#define ONE_OF(w, ...)                                                                                       \
    one_of(w, (const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static bool chance(struct world *w, unsigned of)
{
    return rng_below(&w->rng, of) == 0;
}

static int any_provider(struct world *w)
{
    return (int)rng_below(&w->rng, w->narrow ? 2 : PROVIDERS);
}

static void note(struct world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void note(struct world *w, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vfprintf(w->said, format, arguments);
    va_end(arguments);
}

static void begin(struct world *w, const char *what, int provider)
{
    note(w, "\n%3u %9.4f h %s %s", w->step, hours(w->now_ns), what, names[provider]);
}

static void any_identity(struct world *w, uint32_t *axis, int64_t *length_ns, const char **name)
{
    static const char *const all[] = {"", "", "", "opus", "seven_day_opus_4_pro1"};

    *axis = (uint32_t)ONE_OF(w, 0, 0, 0, 0, 0, 0, 1, 2, 5);
    *length_ns = ONE_OF(w, 5, 5, 5, 168, 168, 24) * HOUR_NS;
    *name = all[rng_below(&w->rng, 5)];
    if (w->narrow) {
        *axis = 0;
        *length_ns = ONE_OF(w, 168, 168, 168, 5) * HOUR_NS;
        *name = "";
    }
}

/* The end of a window: it stays, drifts by seconds, moves, or turns. */
static int64_t any_reset(struct world *w, int64_t length_ns)
{
    int64_t *reset_ns = &w->resets_ns[length_ns == 5 * HOUR_NS ? 0 : length_ns == 24 * HOUR_NS ? 1 : 2];

    while (*reset_ns <= w->now_ns)
        *reset_ns += length_ns;
    if (chance(w, 25))
        *reset_ns = w->now_ns + length_ns;
    if (chance(w, 5))
        return *reset_ns + ONE_OF(w, -300, -7, -1, 2, 8, 299, 300, 301, 600, -301) * SECOND_NS;
    return chance(w, 6) ? *reset_ns + ONE_OF(w, -1, 1, 2) * length_ns / 2 : *reset_ns;
}

static void any_axis(struct world *w, struct tq_axis *axis, char *name)
{
    const char *drawn;

    *axis = (struct tq_axis){.known = TQ_AXIS_USED | TQ_AXIS_RESET};
    any_identity(w, &axis->what, &axis->window_ns, &drawn);
    strcpy(name, drawn);
    axis->used_ppm =
        (uint32_t)ONE_OF(w, 0, 10000, 20000, 890000, 900000, 950000, 1000000, 1000000, 1000000, 1200000);
    axis->reset_at_ns = any_reset(w, axis->window_ns);
    if (chance(w, 6))
        axis->flags |= TQ_AXIS_CREDIT;
    if (chance(w, 30))
        axis->flags |= TQ_AXIS_FULL_REFILL;
    if (chance(w, w->narrow ? 20 : 5))
        axis->flags |= TQ_AXIS_MODEL_ONLY;
    if (axis->used_ppm >= 1000000 && chance(w, 2))
        axis->flags |= TQ_AXIS_EMPTY;
    if (chance(w, 10) && axis->what != TQ_AXIS_UNKNOWN) {
        axis->known |= TQ_AXIS_LIMIT;
        axis->limit = 100 + rng_below_i64(&w->rng, 1000);
    }
    if (chance(w, 30))
        axis->window_ns = ONE_OF(w, 0, -1, INT64_MIN, INT64_MAX, MINUTE_NS, 10 * MINUTE_NS - SECOND_NS);
}

static void note_signal(struct world *w, const struct tq_quota_signal *s)
{
    note(w, ": %s flags %u binds %d sent %.4f said %.4f retry %.4f", tq_class_name(s->refusal), s->flags,
         s->binds, hours(s->sent_at_ns), hours(s->said_at_ns), hours(s->retry_at_ns));
    for (uint32_t i = 0; i < s->axis_count; i++)
        note(w, "\n        axis %u %.4f h \"%s\" known %u flags %u ppm %u reset %.4f", s->axis[i].what,
             (double)s->axis[i].window_ns / (double)HOUR_NS, s->window_name[i], s->axis[i].known,
             s->axis[i].flags, s->axis[i].used_ppm, hours(s->axis[i].reset_at_ns));
}

/* ---- operations ------------------------------------------------------------------------------- */

static void apply(struct world *w, int provider, struct tq_quota_signal *s)
{
    struct sm_verdict expected;
    int got;

    begin(w, "apply", provider);
    note_signal(w, s);
    sm_apply(w->model, provider, s);
    got = tq_provider_apply(w->provider[provider], s);
    sm_verdict(w->model, provider, s->said_at_ns, 0, &expected);
    if (s->said_at_ns == w->now_ns) /* of the past less is known */
        same(w, "apply", provider, got, expected.reasons != 0);
}

static struct tq_quota_signal any_signal(struct world *w)
{
    struct tq_quota_signal s = {.size = sizeof s, .binds = -1, .said_at_ns = w->now_ns};

    s.profile = rng_below(&w->rng, 9);
    s.source = (uint32_t)ONE_OF(w, TQ_SOURCE_HEADER, TQ_SOURCE_BODY, TQ_SOURCE_CALLER);
    if (chance(w, 12))
        s.said_at_ns -= ONE_OF(w, 1, 5, 60, 3600) * SECOND_NS;
    s.axis_count = rng_below(&w->rng, 4);
    for (uint32_t i = 0; i < s.axis_count; i++)
        any_axis(w, &s.axis[i], s.window_name[i]);
    return s;
}

static void do_reading(struct world *w)
{
    struct tq_quota_signal s = any_signal(w);

    apply(w, any_provider(w), &s);
}

static void do_served(struct world *w)
{
    struct tq_quota_signal s = any_signal(w);

    s.flags = TQ_SIGNAL_SUCCESS;
    s.sent_at_ns = chance(w, 4) ? 0 : s.said_at_ns - ONE_OF(w, 0, 1, 10, 600) * SECOND_NS;
    apply(w, any_provider(w), &s);
}

/* Then the refusal of a response that was served says no more than the axis. */
static bool is_used_up(const struct tq_axis *axis)
{
    return axis->used_ppm >= 1000000 && axis->flags & TQ_AXIS_EMPTY && axis->window_ns >= HOUR_NS &&
           axis->window_ns <= 7 * DAY_NS;
}

static void do_refusal(struct world *w)
{
    struct tq_quota_signal s = any_signal(w);

    s.source = (uint32_t)ONE_OF(w, TQ_SOURCE_HEADER, TQ_SOURCE_BODY);
    s.refusal =
        (uint32_t)ONE_OF(w, TQ_CLASS_EXHAUSTED, TQ_CLASS_EXHAUSTED, TQ_CLASS_EXHAUSTED, TQ_CLASS_EXHAUSTED,
                         TQ_CLASS_THROTTLED, TQ_CLASS_NO_MONEY, TQ_CLASS_TOO_LARGE);
    s.sent_at_ns = chance(w, 4) ? 0 : s.said_at_ns - ONE_OF(w, 0, 1, 10, 600) * SECOND_NS;
    if (s.axis_count > 0 && !chance(w, 4)) {
        s.binds = (int)rng_below(&w->rng, s.axis_count);
        s.retry_at_ns = s.axis[s.binds].reset_at_ns;
    } else if (s.refusal == TQ_CLASS_THROTTLED || !chance(w, 4)) {
        s.retry_at_ns = w->now_ns + ONE_OF(w, 60, 1800, 3600, 86400) * SECOND_NS;
    }
    if (chance(w, 20))
        s.flags |= TQ_SIGNAL_MODEL_ONLY;
    else if (s.refusal == TQ_CLASS_EXHAUSTED && s.binds >= 0 && is_used_up(&s.axis[s.binds]) && chance(w, 3))
        s.flags |= (uint32_t)ONE_OF(w, TQ_SIGNAL_READING, TQ_SIGNAL_SUCCESS);
    apply(w, any_provider(w), &s);
}

static void do_success(struct world *w)
{
    int provider = any_provider(w);
    int64_t sent_at_ns = w->now_ns - ONE_OF(w, 0, 1, 60, 600, 3600) * SECOND_NS;

    begin(w, "success", provider);
    note(w, " sent %.4f", hours(sent_at_ns));
    sm_success(w->model, provider, sent_at_ns);
    same(w, "success", provider, tq_provider_success(w->provider[provider], sent_at_ns), 0);
}

static void do_usage(struct world *w)
{
    int provider = any_provider(w);
    struct tq_usage usage = {.size = sizeof usage, .known = TQ_USAGE_OUTPUT, .requests = 1, .counted = 10};

    usage.output = rng_below_i64(&w->rng, 2);
    usage.sent_at_ns = chance(w, 2) ? 0 : w->now_ns - SECOND_NS;
    begin(w, "usage", provider);
    note(w, " output %" PRId64 " sent %.4f", usage.output, hours(usage.sent_at_ns));
    sm_usage(w->model, provider, &usage);
    assert_true(tq_provider_observe_usage(w->provider[provider], &usage, w->now_ns, NULL) >= 0);
}

static void do_record(struct world *w)
{
    int provider = any_provider(w);
    struct tq_usage usage = {.counted = 1 + rng_below_i64(&w->rng, 100), .requests = 1};

    begin(w, "record", provider);
    sm_usage(w->model, provider, &usage);
    assert_true(tq_provider_record(w->provider[provider], usage.counted, w->now_ns, NULL) >= 0);
}

static void do_mark(struct world *w)
{
    int provider = any_provider(w);
    int64_t end_ns = w->now_ns + ONE_OF(w, -5, 60, 7200) * SECOND_NS;

    if (!chance(w, 3))
        return;
    begin(w, "mark", provider);
    sm_mark(w->model, provider, end_ns);
    same(w, "mark", provider, tq_provider_mark_quota_exhausted(w->provider[provider], end_ns), 0);
}

static void do_available(struct world *w)
{
    int provider = any_provider(w);

    begin(w, "available", provider);
    sm_mark_available(w->model, provider, w->now_ns);
    same(w, "mark available", provider, tq_provider_mark_available_at(w->provider[provider], w->now_ns), 0);
}

static void do_limit(struct world *w)
{
    struct tq_limit limit = {.size = sizeof limit, .window = TQ_WINDOW_STATED};
    static const uint32_t units[] = {8, 5, 1, 2, 3, 6};
    const char *name;
    uint32_t axis;
    int provider = any_provider(w), got;
    bool fits;

    any_identity(w, &axis, &limit.length_ns, &name);
    limit.unit = units[axis];
    strcpy(limit.zone, name);
    limit.known = chance(w, 4) ? 0 : TQ_LIMIT_RESERVE;
    limit.reserve_share = limit.known ? (uint32_t)ONE_OF(w, 0, 1000, 1000, 500) : 0;
    if (chance(w, 6)) {
        limit = (struct tq_limit){
            .size = sizeof limit, .window = TQ_WINDOW_ONCE, .unit = TQ_UNIT_TOKENS, .known = TQ_LIMIT_AMOUNT};
        limit.amount = ONE_OF(w, 10, 300, 100000);
    }
    begin(w, "set limit", provider);
    note(w, " unit %u %.4f h \"%s\" reserve %u", limit.unit, (double)limit.length_ns / (double)HOUR_NS,
         limit.zone, limit.reserve_share);
    fits = sm_set(w->model, provider, &limit);
    got = tq_provider_set_limit(w->provider[provider], &limit, NULL);
    same(w, "set limit", provider, got > 0 ? 1 : got, fits ? 1 : TQ_EFULL);
}

static void do_remove(struct world *w)
{
    struct tq_limit_state list[TQ_LIMITS_MAX] = {{.size = sizeof *list}};
    int provider = any_provider(w), count;

    count = tq_provider_limits(w->provider[provider], w->now_ns, list, TQ_LIMITS_MAX);
    if (count <= 0)
        return;
    count = (int)rng_below(&w->rng, (unsigned)count);
    begin(w, "remove", provider);
    note(w, " unit %u %.4f h \"%s\"", list[count].limit.unit,
         (double)list[count].limit.length_ns / (double)HOUR_NS, list[count].limit.zone);
    sm_remove(w->model, provider, &list[count].limit);
    same(w, "remove", provider, tq_provider_remove_limit(w->provider[provider], list[count].number), 0);
}

static void do_overage(struct world *w)
{
    int provider = any_provider(w);
    uint32_t overage = (uint32_t)ONE_OF(w, TQ_OVERAGE_ALLOW, TQ_OVERAGE_ALLOW, TQ_OVERAGE_STOP);

    begin(w, "overage", provider);
    note(w, " %u", overage);
    sm_set_overage(w->model, provider, overage);
    same(w, "overage", provider, tq_provider_set_overage(w->provider[provider], overage), 0);
}

/* A pool has a higher number than its members, and there are at most three levels. */
static void do_pool(struct world *w)
{
    int provider = (int)rng_below(&w->rng, 3), pool = provider + 1 + (int)rng_below(&w->rng, 3);

    if (!chance(w, 3))
        return;
    if (pool >= PROVIDERS || chance(w, 3))
        pool = SM_NONE;
    begin(w, "pool", provider);
    note(w, " %d", pool);
    if (tq_provider_set_pool(w->provider[provider], pool == SM_NONE ? NULL : w->provider[pool]) == 0)
        sm_set_pool(w->model, provider, pool);
}

/* As tq_provider_probe_take. */
static int take_by_route(struct world *w, int provider, int64_t *at_ns)
{
    struct tq_route route = {.size = sizeof route};
    struct sm_verdict expected;
    int answer = tq_ledger_route(w->ledger, &w->provider[provider], 1, w->now_ns, 0, &route);

    sm_verdict(w->model, provider, w->now_ns, 0, &expected);
    note(w, " by route");
    same(w, "route", provider, answer, expected.reasons != 0 && route.probe == 0);
    *at_ns = route.probe                                ? w->now_ns + TQ_PROBE_LEASE_NS
             : route.retry_at_ns < expected.retry_at_ns ? route.retry_at_ns
                                                        : 0;
    return route.probe ? 0 : 1;
}

/* Is a provider's probe in the list of those that are due? */
static bool is_due(const struct world *w, int provider)
{
    struct tq_exhausted list[PROVIDERS];
    size_t count = tq_ledger_probes_due(w->ledger, w->now_ns, list, PROVIDERS);

    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].provider, names[provider]) == 0)
            return true;
    return false;
}

static void do_probe(struct world *w)
{
    int provider = any_provider(w), got;
    int64_t at_ns = UNWRITTEN;
    struct sm_due due;

    begin(w, "probe take", provider);
    sm_probe_due(w->model, provider, w->now_ns, &due);
    /* The list has a probe once, at the pool whose word it asks about. */
    if (sm_pool(w->model, provider) == SM_NONE && (due.high_ns <= w->now_ns || due.low_ns > w->now_ns))
        same(w, "probes that are due", provider, is_due(w, provider),
             due.low_ns != 0 && due.low_ns <= w->now_ns);
    got = chance(w, 2) ? take_by_route(w, provider, &at_ns)
                       : tq_provider_probe_take(w->provider[provider], w->now_ns, &at_ns);
    note(w, " -> %d, at %.4f", got, hours(at_ns));
    if (got == 0) {
        if (due.low_ns == 0 || due.low_ns > w->now_ns)
            differ(w, "a probe too early", provider, w->now_ns, 0, due.low_ns);
        same(w, "the end of the turn", provider, at_ns, w->now_ns + TQ_PROBE_LEASE_NS);
        sm_probe_taken(w->model, provider, w->now_ns);
    } else if (at_ns < due.low_ns || at_ns > due.high_ns) {
        differ(w, "the instant of the next probe", provider, w->now_ns, at_ns, due.high_ns);
    } else if (due.high_ns != 0 && due.high_ns <= w->now_ns) {
        differ(w, "a probe that is due", provider, w->now_ns, got, 0);
    }
}

static void do_failure(struct world *w)
{
    int provider = any_provider(w);

    begin(w, "probe failure", provider);
    sm_probe_failure(w->model, provider, w->now_ns);
    same(w, "probe failure", provider, tq_provider_probe_failure(w->provider[provider], w->now_ns), 0);
}

static void open_ledger(struct world *w)
{
    struct tq_ledger_options options = {
        .size = sizeof options, .rule = TQ_RULE_OFF, .history_days = 8, .max_ahead_ns = INT64_MAX};

    assert_int_equal(tq_ledger_open(&w->ledger, w->path, &options, NULL), 0);
    for (int i = 0; i < PROVIDERS; i++)
        w->provider[i] = handle(w->ledger, names[i]);
}

static void do_reopen(struct world *w)
{
    if (!w->path || !chance(w, 3))
        return;
    begin(w, "reopen", 0);
    tq_ledger_close(w->ledger);
    if (chance(w, 2))
        assert_int_equal(tq_ledger_compact(w->path, NULL), 0);
    open_ledger(w);
}

/* ---- worlds ----------------------------------------------------------------------------------- */

static void run(void **state, uint64_t seed)
{
    static void (*const calls[])(struct world *) = {
        do_reading, do_reading, do_reading, do_reading, do_reading,   do_served, do_refusal, do_refusal,
        do_success, do_usage,   do_record,  do_mark,    do_available, do_limit,  do_remove,  do_overage,
        do_pool,    do_probe,   do_probe,   do_probe,   do_failure,   do_reopen,
    };
    struct world w = {.rng = {seed}, .seed = seed, .now_ns = MAY_DAY_NS, .narrow = seed % 2};

    w.path = seed % 8 == 0 ? scratch_path(state, "ledger") : NULL;
    w.said = open_memstream(&w.log, &w.log_len);
    w.model = sm_new(PROVIDERS);
    open_ledger(&w);
    for (w.step = 0; w.step < OPERATIONS; w.step++) {
        w.now_ns += ONE_OF(&w, 0, 1, 7, 60, 121, 600, 600, 1800, 3600, 3600, 20000, 90000) * SECOND_NS;
        if (chance(&w, 30))
            w.now_ns += 7 * DAY_NS;
        calls[rng_below(&w.rng, sizeof calls / sizeof *calls)](&w);
        for (int i = 0; i < PROVIDERS; i++)
            check(&w, i);
    }
    tq_ledger_close(w.ledger);
    sm_free(w.model);
    fclose(w.said);
    free(w.log);
    if (w.path)
        remove(w.path);
}

static void test_random_words(void **state)
{
    const char *stress = getenv("TQ_STRESS");
    uint64_t seed = rng_seed(0), runs = RUNS * (stress ? strtoull(stress, NULL, 10) : 1);

    if (seed != 0) {
        run(state, seed);
        return;
    }
    for (seed = 1; seed <= runs; seed++)
        run(state, seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_random_words),
    };

    return cmocka_run_group_tests_name("stated model", tests, NULL, NULL);
}
