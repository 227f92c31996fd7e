/* test_route_model.c: random worlds: what each policy chooses, compared with a slow choice by the public
 * answers.
 *
 * SPDX-License-Identifier: MIT
 *
 * The slow choice asks tq_provider_limits and tq_provider_verdict about each provider and its pools, makes a
 * list of all windows, and compares pressures as people do: the whole part first, then that of the rest,
 * turned around. It shares nothing with src/. A failure prints the seed of its run; TQ_SEED=that repeats it
 * alone.
 */
#include <inttypes.h>
#include <stdio.h>

#include "rng.h"
#include "windows.h"

#define RUNS 3000
#define PROVIDERS 6
#define QUESTIONS 12
#define MODEL_NS (20 * DAY_NS)

__extension__ typedef unsigned __int128 wide;

struct world {
    struct rng rng;
    uint64_t seed;
    struct tq_ledger *ledger;
    struct tq_provider *provider[PROVIDERS];
    int64_t now_ns;
};

static unsigned dice(struct world *w, unsigned end)
{
    return rng_below(&w->rng, end);
}

/* ---- a world --------------------------------------------------------------------------------- */

static void any_limit(struct world *w, struct tq_provider *provider)
{
    static const char *const windows[] = {"week",
                                          "week from Thursday",
                                          "day",
                                          "day in America/Los_Angeles",
                                          "month",
                                          "5h from 2024-05-01T01:15Z",
                                          "7d from 2024-04-28T13:30Z",
                                          "5h first-use",
                                          "7d first-use",
                                          "5h rolling",
                                          "hour refill"};
    static const char *const units[] = {"tokens", "total", "weighted", "requests", "input"};
    static const char *const reserves[] = {"", "", " reserve 10%", " reserve 150"};
    char sentence[128];

    snprintf(sentence, sizeof sentence, "%u %s per %s%s", 200 + dice(w, 4) * 300, units[dice(w, 5)],
             windows[dice(w, 11)], reserves[dice(w, 4)]);
    assert_true(set_sentence(provider, sentence) > 0);
    if (dice(w, 8) == 0)
        assert_true(set_sentence(provider, "tokens per year") > 0);
}

static void any_reading(struct world *w, struct tq_provider *provider)
{
    struct word word = week_at(w->now_ns - HOUR_NS, (int32_t)dice(w, 100), 0);

    if (dice(w, 2) == 0)
        word.length_ns = SESSION_NS;
    if (dice(w, 6) != 0)
        word.reset_at_ns = w->now_ns - HOUR_NS / 2 + (int64_t)dice(w, 200) * HOUR_NS;
    if (dice(w, 4) == 0)
        word.what = TQ_AXIS_TOKENS;
    if (dice(w, 6) == 0) { /* no answer says which reading is of one model: all of this length are */
        word.flags = TQ_AXIS_MODEL_ONLY;
        word.length_ns = MODEL_NS;
    }
    if (dice(w, 8) == 0)
        word.percent = 100;
    if (word.percent == 100 && dice(w, 2) == 0)
        word.flags |= TQ_AXIS_CREDIT;
    assert_true(say(provider, word) >= 0);
}

static void begin(struct world *w)
{
    struct tq_ledger_options options = {.size = sizeof options, .rule = TQ_RULE_OFF};

    w->now_ns = AT(12, 0, 0) + (int64_t)dice(w, 100) * HOUR_NS;
    assert_int_equal(tq_ledger_open(&w->ledger, NULL, &options, NULL), 0);
    for (size_t i = 0; i < PROVIDERS; i++)
        assert_int_equal(tq_ledger_provider(w->ledger, &"abcdef"[i], 1, 0, &w -> provider[i]), 0);
    for (size_t i = 0; i < PROVIDERS; i++) {
        for (unsigned n = dice(w, 4); n > 0; n--)
            any_limit(w, w->provider[i]);
        for (unsigned n = dice(w, 3); n > 0; n--)
            any_reading(w, w->provider[i]);
        if (dice(w, 3) == 0)
            tq_provider_set_budget(w->provider[i], 300 + dice(w, 3) * 300);
        if (i > 0 && dice(w, 3) == 0)
            assert_int_equal(tq_provider_set_pool(w->provider[i], w->provider[0]), 0);
        if (dice(w, 6) == 0)
            tq_provider_mark_quota_exhausted(w->provider[i], w->now_ns + (int64_t)dice(w, 5) * HOUR_NS);
    }
    for (unsigned n = dice(w, 30); n > 0; n--)
        assert_true(tq_provider_record(w->provider[dice(w, PROVIDERS)], (int64_t)dice(w, 4) * 50,
                                       w->now_ns - (int64_t)dice(w, 3) * HOUR_NS, NULL) >= 0);
}

/* ---- the slow choice ------------------------------------------------------------------------- */

/* part / (whole x time) */
struct slow {
    wide part, divisor;
    int64_t length_ns;
};

/* Is a / b less than c / d? The whole parts first, then the rests, turned around. */
static bool is_less(wide a, wide b, wide c, wide d)
{
    bool turned = false;

    for (;;) {
        wide left = a / b, right = c / d;

        if (left != right)
            return (left < right) != turned;
        a %= b;
        c %= d;
        if (a == 0 || c == 0)
            return turned ? c == 0 && a != 0 : a == 0 && c != 0;
        wide rest = a, other = c;

        a = b;
        b = rest;
        c = d;
        d = other;
        turned = !turned;
    }
}

static bool is_weaker(const struct slow *a, const struct slow *b)
{
    return is_less(a->part, a->divisor, b->part, b->divisor);
}

static void take(struct slow *slow, int64_t length_ns, int64_t part, int64_t whole, int64_t time_ns)
{
    const struct slow own = {(wide)(part > 0 ? part : 0), (wide)whole * (wide)time_ns, length_ns};

    if (length_ns > slow->length_ns || (length_ns == slow->length_ns && is_weaker(&own, slow)))
        *slow = own;
}

/* The length by which a vendor calls a window; 0: it has none. */
static int64_t called(const struct tq_limit *limit)
{
    return limit->window == TQ_WINDOW_DAY    ? DAY_NS
           : limit->window == TQ_WINDOW_WEEK ? WEEK_NS
                                             : limit->length_ns;
}

/* A window by what the vendor said. False: it said too little. The share is in millionths. */
static bool take_said(struct slow *slow, const struct tq_limit_state *state, bool use_reserve, int64_t now_ns)
{
    bool is_stated = state->limit.window == TQ_WINDOW_STATED, is_over = state->said_reset_at_ns <= now_ns;
    int64_t amount = state->limit.amount > 0 ? state->limit.amount : 1, reserve = state->limit.reserve;

    if (!(state->said & TQ_SAID_SHARE) || state->said_reset_at_ns == 0 || (is_over && !is_stated))
        return false;
    if (use_reserve)
        reserve = 0;
    take(slow, called(&state->limit),
         amount * (1000000 - (is_over ? 0 : (int64_t)state->said_ppm)) - 1000000 * reserve -
             (is_stated && !use_reserve ? 100 * (int64_t)state->limit.reserve_share : 0),
         1000000 * amount, is_over ? state->limit.length_ns : state->said_reset_at_ns - now_ns);
    return true;
}

static void take_state(struct slow *slow, const struct tq_limit_state *state, bool use_reserve,
                       int64_t now_ns)
{
    uint32_t window = state->limit.window;
    int64_t reserve = use_reserve ? 0 : state->limit.reserve, end_ns = state->end_at_ns;

    if (state->limit.length_ns == MODEL_NS)
        return;
    if (take_said(slow, state, use_reserve, now_ns) || window >= TQ_WINDOW_ROLLING ||
        state->limit.amount == 0)
        return;
    if (reserve == 0 && !use_reserve && state->limit.reserve_share > 0)
        reserve = (state->limit.amount * state->limit.reserve_share + 9999) / 10000;
    take(slow, end_ns ? end_ns - state->start_at_ns : state->limit.length_ns,
         state->limit.amount - reserve - state->used, state->limit.amount,
         end_ns ? end_ns - now_ns : state->limit.length_ns);
}

/* All that is to be known of a provider: its pressure, its room, whether it can be called. */
struct known {
    struct slow pressure;
    int64_t room;
    bool is_available;
};

static struct known know(const struct world *w, struct tq_provider *provider, uint32_t flags)
{
    struct known known = {.pressure = {0, 1, 0}, .room = INT64_MAX};
    bool use_reserve = (flags & TQ_USE_RESERVE) != 0;

    known.is_available = verdict_of(provider, w->now_ns, flags & TQ_USE_RESERVE).state == TQ_AVAILABLE;
    for (; provider; (void)tq_provider_pool(provider, &provider)) {
        struct tq_limit_state states[TQ_LIMITS_MAX];
        int count = limits_at(provider, w->now_ns, states);
        int64_t budget = tq_provider_budget(provider), left = budget - tq_provider_used(provider, w->now_ns);

        if (budget > 0) {
            take(&known.pressure, DAY_NS, left, budget, DAY_NS - w->now_ns % DAY_NS);
            known.room = left < known.room ? left : known.room;
        }
        for (int i = 0; i < count; i++) {
            const struct tq_limit_state *state = &states[i];
            uint32_t unit = state->limit.unit;

            take_state(&known.pressure, state, use_reserve, w->now_ns);
            left = state->limit.amount - (use_reserve ? 0 : state->limit.reserve) - state->used;
            if (state->limit.amount > 0 &&
                (unit == TQ_UNIT_TOKENS || unit == TQ_UNIT_TOTAL || unit == TQ_UNIT_WEIGHTED))
                known.room = left < known.room ? left : known.room;
        }
    }
    known.room = known.room > 0 ? known.room : 0;
    return known;
}

static bool may_be_asked(const struct known *known, const struct tq_route *route)
{
    return known->is_available && (route->need == 0 || known->room >= route->need);
}

/* Is another so much better that the last choice is left? */
static bool is_worth(const struct slow *other, const struct slow *last)
{
    return is_weaker(last, other) && !is_less(2 * other->part, other->divisor, 3 * last->part, last->divisor);
}

/* The place that is chosen; count: none may be asked. */
static size_t slow_choice(const struct known *known, size_t count, const struct tq_route *route)
{
    size_t best = count, last = route->last - 1;
    bool by_pressure = route->policy >= TQ_POLICY_PRESSURE;

    for (size_t i = 0; i < count; i++)
        if (may_be_asked(&known[i], route) &&
            (best == count || (by_pressure && is_weaker(&known[best].pressure, &known[i].pressure))))
            best = i;
    if (route->policy % 2 == 0 || route->last == 0 || !may_be_asked(&known[last], route))
        return best;
    return by_pressure && is_worth(&known[best].pressure, &known[last].pressure) ? best : last;
}

/* ---- questions ------------------------------------------------------------------------------- */

/* When none may be asked now, one may be at the instant that was named, and none just before. */
static void ask_then(const struct world *w, struct tq_provider *const *providers, size_t count,
                     uint32_t flags, const struct tq_route *route)
{
    struct tq_route then = *route;
    int before = tq_ledger_route(w->ledger, providers, count, route->retry_at_ns - 1, flags, &then);
    int at = tq_ledger_route(w->ledger, providers, count, route->retry_at_ns, flags, &then);

    if (route->retry_at_ns > w->now_ns && before == 1 && at == 0)
        return;
    print_error("TQ_SEED=%" PRIu64 ": none at %" PRId64 ", policy %u, need %" PRId64 ", flags %u: %" PRIu64
                " at %" PRId64 ": before it %d, then %d\n",
                w->seed, w->now_ns, route->policy, route->need, flags, route->chosen, route->retry_at_ns,
                before, at);
    fail();
}

static void ask(struct world *w)
{
    uint32_t flags = TQ_ROUTE_NO_PROBE | (dice(w, 2) ? TQ_USE_RESERVE : 0);
    size_t count = 1 + dice(w, PROVIDERS), first = dice(w, (unsigned)(PROVIDERS - count + 1)), expected;
    struct tq_route route = {.size = sizeof route,
                             .policy = dice(w, 4),
                             .last = dice(w, (unsigned)count + 1),
                             .need = dice(w, 2) ? 1 + dice(w, 700) : 0};
    struct known known[PROVIDERS];
    int answer;

    for (size_t i = 0; i < count; i++)
        known[i] = know(w, w->provider[first + i], flags);
    expected = slow_choice(known, count, &route);
    answer = tq_ledger_route(w->ledger, w->provider + first, count, w->now_ns, flags, &route);
    if (answer != (expected == count) || (answer == 0 && route.chosen != expected) ||
        route.room != (route.need > 0 ? known[route.chosen].room : 0)) {
        print_error("TQ_SEED=%" PRIu64 ": policy %u, last %u, need %" PRId64
                    ", flags %u, from %zu: answer %d, "
                    "chosen %" PRIu64 ", room %" PRId64 "; expected %zu of %zu\n",
                    w->seed, route.policy, route.last, route.need, flags, first, answer, route.chosen,
                    route.room, expected, count);
        fail();
    }
    if (answer == 1 && route.retry_at_ns < INT64_MAX)
        ask_then(w, w->provider + first, count, flags, &route);
}

static void test_random_worlds(void **state)
{
    uint64_t seed = rng_seed(0);
    struct world w;

    (void)state;
    for (uint64_t run = seed ? seed : 1; run <= (seed ? seed : RUNS); run++) {
        w = (struct world){.rng = {run}, .seed = run};
        begin(&w);
        for (int i = 0; i < QUESTIONS; i++)
            ask(&w);
        tq_ledger_close(w.ledger);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_worlds),
    };

    return cmocka_run_group_tests_name("route model", tests, NULL, NULL);
}
