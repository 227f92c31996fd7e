/* test_route_policy.c: which of the available providers each policy chooses, and what a need of tokens
 * changes.
 *
 * SPDX-License-Identifier: MIT
 */
#include "scratch.h"
#include "windows.h"

#define NOON_NS AT(12, 0, 0) /* a Wednesday: 4 days and a half until the week ends */
#define PROVIDERS 4

struct world {
    struct tq_ledger *ledger;
    struct tq_provider *provider[PROVIDERS];
};

static int set_up(void **state)
{
    struct tq_ledger_options options = {.size = sizeof options, .rule = TQ_RULE_OFF};
    static struct world world;

    if (tq_ledger_open(&world.ledger, NULL, &options, NULL) < 0)
        return -1;
    for (size_t i = 0; i < PROVIDERS; i++)
        if (tq_ledger_provider(world.ledger, &"abcd"[i], 1, 0, &world.provider[i]) < 0)
            return -1;
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    tq_ledger_close(((struct world *)*state)->ledger);
    return 0;
}

/* ---- words ----------------------------------------------------------------------------------- */

static void limit(const struct world *w, size_t i, const char *sentence)
{
    assert_true(set_sentence(w->provider[i], sentence) > 0);
}

static void use(const struct world *w, size_t i, int64_t tokens)
{
    assert_true(tq_provider_record(w->provider[i], tokens, NOON_NS, NULL) >= 0);
}

/* Asks about the first `count` providers. */
static int ask(const struct world *w, size_t count, uint32_t flags, int64_t now_ns, struct tq_route *route)
{
    route->size = sizeof *route;
    route->probe = 77;
    route->chosen = 77;
    route->retry_at_ns = route->room = UNWRITTEN;
    return tq_ledger_route(w->ledger, w->provider, count, now_ns, flags, route);
}

/* The one that a policy chooses after a last choice; it must be available, and no probe be handed out. */
static size_t choice(const struct world *w, size_t count, uint32_t policy, uint32_t last)
{
    struct tq_route route = {.policy = policy, .last = last};

    assert_int_equal(ask(w, count, 0, NOON_NS, &route), 0);
    assert_int_equal(route.probe, 0);
    assert_int_equal(route.retry_at_ns, 0);
    assert_int_equal(route.room, 0);
    assert_int_equal(route.policy, policy);
    assert_int_equal(route.last, last);
    return route.chosen;
}

static size_t by_pressure(const struct world *w, size_t count)
{
    return choice(w, count, TQ_POLICY_PRESSURE, 0);
}

/* ---- arguments ------------------------------------------------------------------------------- */

static void test_bad_arguments(void **state)
{
    const struct world *w = *state;
    struct tq_route route = {.policy = 4};

    assert_int_equal(ask(w, 2, 0, NOON_NS, &route), TQ_EINVAL);
    route = (struct tq_route){.last = 3};
    assert_int_equal(ask(w, 2, 0, NOON_NS, &route), TQ_EINVAL);
    assert_int_equal(ask(w, 3, 0, NOON_NS, &route), 0);
    route = (struct tq_route){.need = -1};
    assert_int_equal(ask(w, 2, 0, NOON_NS, &route), TQ_EINVAL);
    route = (struct tq_route){.size = offsetof(struct tq_route, policy) + 8};
    assert_int_equal(tq_ledger_route(w->ledger, w->provider, 2, NOON_NS, 0, &route), TQ_EINVAL);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(tq_policy_name(TQ_POLICY_ORDER), "order");
    assert_string_equal(tq_policy_name(TQ_POLICY_STICKY), "sticky");
    assert_string_equal(tq_policy_name(TQ_POLICY_PRESSURE), "pressure");
    assert_string_equal(tq_policy_name(TQ_POLICY_STICKY_PRESSURE), "sticky-pressure");
    assert_string_equal(tq_policy_name(4), "unknown");
}

/* The struct of the first header ends before the policy: what lies behind it is neither read nor written. */
static void test_older_size(void **state)
{
    const struct world *w = *state;
    struct tq_route route;
    const unsigned char *rest = (const unsigned char *)&route + offsetof(struct tq_route, policy);

    tq_provider_mark_quota_exhausted(w->provider[0], NOON_NS + HOUR_NS);
    memset(&route, 0xa5, sizeof route);
    route.size = offsetof(struct tq_route, policy);
    assert_int_equal(tq_ledger_route(w->ledger, w->provider, 2, NOON_NS, 0, &route), 0);
    assert_int_equal(route.chosen, 1);
    assert_int_equal(route.retry_at_ns, 0);
    assert_int_equal(route.probe, 0);
    for (size_t i = 0; i < sizeof route - route.size; i++)
        assert_int_equal(rest[i], 0xa5);
}

/* A later header has more behind it. */
static void test_later_size(void **state)
{
    const struct world *w = *state;
    struct {
        struct tq_route route;
        unsigned char more[16];
    } later;

    memset(&later, 0xa5, sizeof later);
    later.route = (struct tq_route){.size = sizeof later, .policy = TQ_POLICY_STICKY, .last = 2};
    assert_int_equal(tq_ledger_route(w->ledger, w->provider, 2, NOON_NS, 0, &later.route), 0);
    assert_int_equal(later.route.chosen, 1);
    for (size_t i = 0; i < sizeof later.more; i++)
        assert_int_equal(later.more[i], 0xa5);
}

/* ---- order, sticky --------------------------------------------------------------------------- */

static void test_order_looks_at_nothing_else(void **state)
{
    const struct world *w = *state;

    limit(w, 0, "1000 tokens per week");
    limit(w, 1, "1000 tokens per week");
    use(w, 0, 999);
    assert_int_equal(choice(w, 2, TQ_POLICY_ORDER, 2), 0);
}

static void test_sticky(void **state)
{
    const struct world *w = *state;

    assert_int_equal(choice(w, 3, TQ_POLICY_STICKY, 0), 0);
    for (uint32_t last = 1; last <= 3; last++)
        assert_int_equal(choice(w, 3, TQ_POLICY_STICKY, last), last - 1);
    tq_provider_mark_quota_exhausted(w->provider[0], NOON_NS + HOUR_NS);
    tq_provider_mark_quota_exhausted(w->provider[2], NOON_NS + HOUR_NS);
    assert_int_equal(choice(w, 3, TQ_POLICY_STICKY, 3), 1);
    assert_int_equal(choice(w, 3, TQ_POLICY_STICKY, 2), 1);
}

/* ---- pressure -------------------------------------------------------------------------------- */

/* In every order of three: half is left until Monday, a quarter until Monday, all until the month's end, in
 * 30 days and a half. */
static void test_all_orders(void **state)
{
    static const char *const sentences[3] = {"1000 tokens per week", "1000 tokens per week",
                                             "1000 tokens per month"};
    static const int64_t used[3] = {500, 750, 0};
    const struct world *w = *state;

    for (unsigned n = 0; n < 27; n++) {
        const size_t order[3] = {n % 3, n / 3 % 3, n / 9};
        struct tq_route route = {.size = sizeof route, .policy = TQ_POLICY_PRESSURE};
        struct tq_provider *providers[3];

        if (order[0] == order[1] || order[0] == order[2] || order[1] == order[2])
            continue;
        for (size_t i = 0; i < 3; i++) {
            char name[2] = {(char)('a' + order[i]), '\0'};

            providers[i] = named(w->ledger, name);
            assert_int_equal(tq_provider_forget(providers[i]), 0);
            assert_true(set_sentence(providers[i], sentences[order[i]]) > 0);
            assert_true(tq_provider_record(providers[i], used[order[i]], NOON_NS, NULL) >= 0);
        }
        assert_int_equal(tq_ledger_route(w->ledger, providers, 3, NOON_NS, 0, &route), 0);
        assert_int_equal(order[route.chosen], 0);
        tq_provider_mark_quota_exhausted(providers[route.chosen], NOON_NS + HOUR_NS);
        assert_int_equal(tq_ledger_route(w->ledger, providers, 3, NOON_NS, 0, &route), 0);
        assert_int_equal(order[route.chosen], 1);
        tq_provider_mark_quota_exhausted(providers[route.chosen], NOON_NS + HOUR_NS);
        assert_int_equal(tq_ledger_route(w->ledger, providers, 3, NOON_NS, 0, &route), 0);
        assert_int_equal(order[route.chosen], 2);
    }
}

/* Of equal pressures the first in the caller's order; a token more in 2^40 is more. */
static void test_ties(void **state)
{
    const struct world *w = *state;

    limit(w, 0, "1099511627775 tokens per week");
    limit(w, 1, "1099511627775 tokens per week");
    limit(w, 2, "1000 tokens per week");
    assert_int_equal(by_pressure(w, 3), 0);
    use(w, 0, 1);
    assert_int_equal(by_pressure(w, 3), 1);
    use(w, 1, 1);
    assert_int_equal(by_pressure(w, 3), 2);
    use(w, 2, 1);
    assert_int_equal(by_pressure(w, 3), 0);
}

/* The longest window counts: what is left of a day changes nothing. */
static void test_longest_window(void **state)
{
    const struct world *w = *state;

    limit(w, 0, "1000 tokens per week");
    limit(w, 0, "1000 tokens per day");
    limit(w, 1, "1000 tokens per week");
    limit(w, 1, "10k tokens per day");
    use(w, 0, 600);
    use(w, 1, 700);
    assert_int_equal(by_pressure(w, 2), 0);
    limit(w, 0, "1000 tokens per month"); /* 400 of 1000 left, but for a month */
    use(w, 0, 0);
    assert_int_equal(by_pressure(w, 2), 1);
}

/* Of windows that are equally long the one with the least pressure counts. */
static void test_equal_windows(void **state)
{
    const struct world *w = *state;

    limit(w, 0, "1000 tokens per week");
    limit(w, 0, "2000 tokens per week from Thursday");
    limit(w, 1, "1000 tokens per week");
    use(w, 0, 500);
    use(w, 1, 501);
    assert_int_equal(by_pressure(w, 2), 0);
    use(w, 1, 1); /* 502; of the window until Thursday a tenth would be more pressure */
    assert_int_equal(by_pressure(w, 2), 0);
    limit(w, 0, "800 requests per week");
    limit(w, 0, "520 total per week"); /* 20 of 520 left */
    assert_int_equal(by_pressure(w, 2), 0);
    use(w, 0, 500);
    assert_int_equal(choice(w, 2, TQ_POLICY_PRESSURE, 0), 1);
}

/* Rolling, refill and once have no reset; and without an amount nothing is left. */
static void test_no_window(void **state)
{
    static const char *const sentences[] = {"1000 tokens per 5h rolling", "1000 tokens per minute refill",
                                            "1000 tokens once", "tokens per week"};
    const struct world *w = *state;

    limit(w, 3, "1000 tokens per year");
    use(w, 3, 999);
    for (size_t i = 0; i < 4; i++) {
        limit(w, 0, sentences[i]);
        assert_int_equal(by_pressure(w, 4), 3);
        assert_int_equal(choice(w, 3, TQ_POLICY_PRESSURE, 0), 0); /* none has any: the first */
        assert_int_equal(choice(w, 3, TQ_POLICY_STICKY_PRESSURE, 3), 2);
    }
    tq_provider_mark_quota_exhausted(w->provider[3], NOON_NS + HOUR_NS);
    assert_int_equal(by_pressure(w, 4), 0);
}

/* The budget is a window of a day, which ends at midnight UTC. */
static void test_budget(void **state)
{
    const struct world *w = *state;

    assert_int_equal(tq_provider_set_budget(w->provider[0], 1000), 0);
    limit(w, 1, "1000 tokens per day");
    assert_int_equal(by_pressure(w, 2), 0);
    use(w, 0, 1);
    assert_int_equal(by_pressure(w, 2), 1);
    assert_int_equal(tq_provider_set_budget(w->provider[0], INT64_MAX), 0);
    assert_int_equal(by_pressure(w, 2), 1); /* all of the day is left there */
    use(w, 1, 1);
    assert_int_equal(by_pressure(w, 2), 0);
}

/* A first-use window that has not begun counts as if it began now. */
static void test_first_use(void **state)
{
    const struct world *w = *state;

    limit(w, 0, "1000 tokens per 108h first-use"); /* until Monday, if it begins now */
    limit(w, 1, "1000 tokens per 108h from 2024-05-01T12:00Z");
    assert_int_equal(by_pressure(w, 2), 0);
    use(w, 1, 1);
    assert_int_equal(by_pressure(w, 2), 0);
    use(w, 0, 2);
    assert_int_equal(by_pressure(w, 2), 1);
}

static void test_pools(void **state)
{
    const struct world *w = *state;

    assert_int_equal(tq_provider_set_pool(w->provider[0], w->provider[3]), 0);
    limit(w, 0, "1000 tokens per day");
    limit(w, 1, "1000 tokens per week");
    limit(w, 3, "1000 tokens per week");
    use(w, 0, 10);
    use(w, 1, 9);
    assert_int_equal(by_pressure(w, 2), 1);
    use(w, 1, 2);
    assert_int_equal(by_pressure(w, 2), 0);
    use(w, 3, 2); /* the pool's own */
    assert_int_equal(by_pressure(w, 2), 1);
}

/* What is kept back is not left, but for those who may use it. */
static void test_reserve(void **state)
{
    const struct world *w = *state;
    struct tq_route route = {.policy = TQ_POLICY_PRESSURE};

    limit(w, 0, "1000 tokens per week reserve 500");
    limit(w, 1, "1000 tokens per week");
    use(w, 1, 400);
    assert_int_equal(by_pressure(w, 2), 1); /* 500 and 600 */
    assert_int_equal(ask(w, 2, TQ_USE_RESERVE, NOON_NS, &route), 0);
    assert_int_equal(route.chosen, 0);
    use(w, 0, 500);
    assert_int_equal(by_pressure(w, 2), 1);
    use(w, 1, 200); /* 500 and 400 for those with the reserve; the other is out for those without */
    assert_int_equal(by_pressure(w, 2), 1);
    assert_int_equal(ask(w, 2, TQ_USE_RESERVE, NOON_NS, &route), 0);
    assert_int_equal(route.chosen, 0);
}

/* ---- what the vendor states ------------------------------------------------------------------ */

static void test_stated(void **state)
{
    const struct world *w = *state;
    const int64_t monday_ns = AT(0, 0, 0) + 5 * DAY_NS;

    limit(w, 1, "1000 tokens per week");
    say(w->provider[0], week_at(NOON_NS, 40, monday_ns));
    use(w, 1, 400);
    assert_int_equal(by_pressure(w, 2), 0); /* as much */
    use(w, 1, 1);
    assert_int_equal(by_pressure(w, 2), 0);
    say(w->provider[0], week_at(NOON_NS + SECOND_NS, 41, monday_ns));
    assert_int_equal(by_pressure(w, 2), 1);
    say(w->provider[0], week_at(NOON_NS + 2 * SECOND_NS, 41, monday_ns - DAY_NS));
    assert_int_equal(by_pressure(w, 2), 0);
}

/* A reading that says no share, or no reset, or is of one model, is of no window that has pressure. */
static void test_stated_without(void **state)
{
    const struct world *w = *state;
    struct word word = week_at(NOON_NS, 1, NOON_NS + DAY_NS);

    limit(w, 1, "1000 tokens per year");
    use(w, 1, 999);
    word.reset_at_ns = 0;
    say(w->provider[0], word);
    assert_int_equal(by_pressure(w, 2), 1);
    word = week_at(NOON_NS, 1, NOON_NS + DAY_NS);
    word.flags = TQ_AXIS_MODEL_ONLY;
    say(w->provider[2], word);
    assert_int_equal(by_pressure(w, 3), 1);
    say(w->provider[0], week_at(NOON_NS + SECOND_NS, 1, NOON_NS + DAY_NS));
    assert_int_equal(by_pressure(w, 3), 0);
}

/* A window whose reset has passed counts as if it began now: so it is asked, and said anew. */
static void test_stated_ended(void **state)
{
    const struct world *w = *state;
    struct tq_route route = {.policy = TQ_POLICY_PRESSURE};
    const int64_t later_ns = NOON_NS + 2 * HOUR_NS;

    say(w->provider[0], week_at(NOON_NS, 99, NOON_NS + HOUR_NS));
    say(w->provider[1], week_at(NOON_NS, 0, later_ns + WEEK_NS + SECOND_NS));
    say(w->provider[2], week_at(NOON_NS, 1, later_ns + WEEK_NS));
    assert_int_equal(ask(w, 3, 0, NOON_NS, &route), 0);
    assert_int_equal(route.chosen, 0); /* a hundredth for an hour */
    assert_int_equal(ask(w, 3, 0, later_ns, &route), 0);
    assert_int_equal(route.chosen, 0); /* all for a week */
    tq_provider_mark_quota_exhausted(w->provider[0], later_ns + HOUR_NS);
    assert_int_equal(ask(w, 3, 0, later_ns, &route), 0);
    assert_int_equal(route.chosen, 1);
}

/* Of a limit that the user set the vendor's share counts before our own, until its reset. */
static void test_stated_beside_own(void **state)
{
    const struct world *w = *state;
    struct tq_route route = {.policy = TQ_POLICY_PRESSURE};

    limit(w, 0, "1000 tokens per 7d from 2024-05-01T00:00Z reserve 10%");
    limit(w, 1, "1000 tokens per 7d from 2024-05-01T00:00Z");
    use(w, 1, 500);
    assert_int_equal(by_pressure(w, 2), 0);
    say(w->provider[0], (struct word){.length_ns = WEEK_NS,
                                      .what = TQ_AXIS_TOKENS,
                                      .percent = 41,
                                      .reset_at_ns = AT(0, 0, 0) + WEEK_NS,
                                      .said_at_ns = NOON_NS});
    assert_int_equal(tq_provider_limits(w->provider[0], NOON_NS, NULL, 0), 1);
    assert_int_equal(by_pressure(w, 2), 1); /* 49 and 50 */
    assert_int_equal(ask(w, 2, TQ_USE_RESERVE, NOON_NS, &route), 0);
    assert_int_equal(route.chosen, 0);
}

/* The reserve of a stated window; served on credit, it has nothing left. */
static void test_stated_reserve(void **state)
{
    const struct world *w = *state;
    struct tq_route route = {.policy = TQ_POLICY_PRESSURE};

    for (size_t i = 0; i < 2; i++)
        say(w->provider[i], week_at(NOON_NS, 50 + (int32_t)i, NOON_NS + DAY_NS));
    assert_int_equal(by_pressure(w, 2), 0);
    limit(w, 0, "7d reserve 10%");
    assert_int_equal(by_pressure(w, 2), 1);
    assert_int_equal(ask(w, 2, TQ_USE_RESERVE, NOON_NS, &route), 0);
    assert_int_equal(route.chosen, 0);
}

static void test_credit(void **state)
{
    const struct world *w = *state;
    struct word word = week_at(NOON_NS, 100, NOON_NS + HOUR_NS);

    word.flags = TQ_AXIS_CREDIT;
    say(w->provider[0], word);
    say(w->provider[2], week_at(NOON_NS, 99, NOON_NS + WEEK_NS));
    assert_int_equal(by_pressure(w, 3), 2);
    tq_provider_mark_quota_exhausted(w->provider[2], NOON_NS + HOUR_NS);
    assert_int_equal(by_pressure(w, 3), 0);
}

/* ---- sticky pressure ------------------------------------------------------------------------- */

/* The last one stays until another has 1.5 times as much: 400 against 599, and 600. */
static void test_sticky_pressure(void **state)
{
    const struct world *w = *state;

    for (size_t i = 0; i < 3; i++)
        limit(w, i, "1000 tokens per week");
    use(w, 0, 600);
    use(w, 1, 401);
    use(w, 2, 700);
    assert_int_equal(choice(w, 3, TQ_POLICY_STICKY_PRESSURE, 0), 1);
    assert_int_equal(choice(w, 3, TQ_POLICY_STICKY_PRESSURE, 1), 0);
    assert_int_equal(choice(w, 3, TQ_POLICY_STICKY_PRESSURE, 2), 1);
    assert_int_equal(choice(w, 3, TQ_POLICY_STICKY_PRESSURE, 3), 1);
    use(w, 0, 1); /* 399 */
    assert_int_equal(choice(w, 3, TQ_POLICY_STICKY_PRESSURE, 1), 1);
    use(w, 1, 1); /* 598: 1.5 times 399 is 598.5 */
    assert_int_equal(choice(w, 3, TQ_POLICY_STICKY_PRESSURE, 1), 0);
    tq_provider_mark_quota_exhausted(w->provider[0], NOON_NS + HOUR_NS);
    assert_int_equal(choice(w, 3, TQ_POLICY_STICKY_PRESSURE, 1), 1);
}

/* ---- probes ---------------------------------------------------------------------------------- */

/* When the probe of the second is due, the first and the third can be called. */
static void test_probes(void **state)
{
    static const struct {
        uint32_t policy, last;
        size_t chosen;
        uint32_t probe;
    } rows[] = {
        {TQ_POLICY_ORDER, 0, 0, 0},    {TQ_POLICY_STICKY, 3, 2, 0},          {TQ_POLICY_STICKY, 2, 0, 0},
        {TQ_POLICY_PRESSURE, 0, 1, 1}, {TQ_POLICY_STICKY_PRESSURE, 3, 1, 1},
    };
    const struct world *w = *state;
    const int64_t later_ns = NOON_NS + HOUR_NS;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tq_route route = {.policy = rows[i].policy, .last = rows[i].last};

        assert_int_equal(tq_provider_mark_available(w->provider[1]), 0);
        refuse_all(w->provider[1], TQ_CLASS_NO_MONEY, NOON_NS, 0, 0);
        assert_int_equal(ask(w, 3, TQ_ROUTE_NO_PROBE, later_ns, &route), 0);
        assert_int_equal(route.probe, 0);
        assert_int_equal(ask(w, 3, 0, later_ns, &route), 0);
        assert_int_equal(route.chosen, rows[i].chosen);
        assert_int_equal(route.probe, rows[i].probe);
        assert_int_equal(ask(w, 3, 0, later_ns, &route), 0);
        assert_int_equal(route.probe, 0); /* once */
    }
}

/* A sticky caller whose last choice is out is handed its probe, as by order. */
static void test_probe_of_the_last(void **state)
{
    const struct world *w = *state;
    struct tq_route route = {.policy = TQ_POLICY_STICKY, .last = 1};

    refuse_all(w->provider[0], TQ_CLASS_NO_MONEY, NOON_NS, 0, 0);
    assert_int_equal(ask(w, 2, 0, NOON_NS + HOUR_NS, &route), 0);
    assert_int_equal(route.chosen, 0);
    assert_int_equal(route.probe, 1);
    assert_int_equal(ask(w, 2, 0, NOON_NS + HOUR_NS, &route), 0);
    assert_int_equal(route.chosen, 1);
    assert_int_equal(route.probe, 0);
}

/* When all are out each policy names the one that is back first. */
static void test_all_out(void **state)
{
    const struct world *w = *state;

    for (size_t i = 0; i < 3; i++)
        tq_provider_mark_quota_exhausted(w->provider[i], NOON_NS + (int64_t)(3 - i) * HOUR_NS);
    for (uint32_t policy = 0; policy <= TQ_POLICY_STICKY_PRESSURE; policy++) {
        struct tq_route route = {.policy = policy, .last = 1};

        assert_int_equal(ask(w, 3, 0, NOON_NS, &route), 1);
        assert_int_equal(route.chosen, 2);
        assert_int_equal(route.retry_at_ns, NOON_NS + HOUR_NS);
        assert_int_equal(route.room, 0);
    }
}

/* ---- need ------------------------------------------------------------------------------------ */

static void expect_need(const struct world *w, size_t i, int64_t need, uint32_t flags, int answer,
                        int64_t room, int64_t retry_at_ns)
{
    for (uint32_t policy = 0; policy <= TQ_POLICY_STICKY_PRESSURE; policy++) {
        struct tq_route route = {.policy = policy, .need = need, .last = 1};

        route.size = sizeof route;
        assert_int_equal(tq_ledger_route(w->ledger, &w->provider[i], 1, NOON_NS, flags, &route), answer);
        assert_int_equal(route.room, room);
        assert_int_equal(route.retry_at_ns, retry_at_ns);
    }
}

static void test_need_of_windows(void **state)
{
    const struct world *w = *state;
    const int64_t monday_ns = AT(0, 0, 0) + 5 * DAY_NS;

    expect_need(w, 0, INT64_MAX, 0, 0, INT64_MAX, 0);
    limit(w, 0, "1000 tokens per week reserve 100");
    use(w, 0, 300);
    expect_need(w, 0, 600, 0, 0, 600, 0);
    expect_need(w, 0, 601, 0, 1, 600, monday_ns);
    expect_need(w, 0, 901, 0, 1, 600, INT64_MAX);
    expect_need(w, 0, 700, TQ_USE_RESERVE, 0, 700, 0);
    expect_need(w, 0, 1000, TQ_USE_RESERVE, 1, 700, monday_ns);
    expect_need(w, 0, 1001, TQ_USE_RESERVE, 1, 700, INT64_MAX);
    use(w, 0, 600);
    expect_need(w, 0, 1, 0, 1, 0, monday_ns);
    expect_need(w, 0, 1, TQ_USE_RESERVE, 0, 100, 0);
    limit(w, 1, "1000 tokens per 5h first-use");
    expect_need(w, 1, 1001, 0, 1, 1000, INT64_MAX);
    use(w, 1, 1);
    expect_need(w, 1, 1000, 0, 1, 999, NOON_NS + SESSION_NS);
}

static void test_need_of_units(void **state)
{
    static const char *const other[] = {"10 input per week", "10 output per week", "2 requests per week",
                                        "$1 per week",       "10 total per week",  "10 weighted per week"};
    const struct world *w = *state;

    for (size_t i = 0; i < 4; i++)
        limit(w, 0, other[i]);
    expect_need(w, 0, 1000, 0, 0, INT64_MAX, 0);
    for (size_t i = 4; i < 6; i++) {
        limit(w, i == 4 ? 1 : 2, other[i]);
        expect_need(w, i == 4 ? 1 : 2, 10, 0, 0, 10, 0);
        expect_need(w, i == 4 ? 1 : 2, 11, 0, 1, 10, INT64_MAX);
    }
    say(w->provider[3], week_at(NOON_NS, 99, NOON_NS + DAY_NS)); /* a share is no number of tokens */
    expect_need(w, 3, 1000, 0, 0, INT64_MAX, 0);
}

/* The latest of budget, limits and pool; and the least room of them. */
static void test_need_of_all(void **state)
{
    const struct world *w = *state;
    const int64_t midnight_ns = AT(0, 0, 0) + DAY_NS, monday_ns = AT(0, 0, 0) + 5 * DAY_NS;

    assert_int_equal(tq_provider_set_pool(w->provider[0], w->provider[3]), 0);
    assert_int_equal(tq_provider_set_budget(w->provider[0], 500), 0);
    limit(w, 0, "1000 tokens per day in America/Los_Angeles");
    limit(w, 3, "1000 tokens per week");
    use(w, 0, 100);
    expect_need(w, 0, 400, 0, 0, 400, 0);
    expect_need(w, 0, 401, 0, 1, 400, midnight_ns);
    expect_need(w, 0, 501, 0, 1, 400, INT64_MAX);
    assert_int_equal(tq_provider_set_budget(w->provider[0], 1000), 0);
    expect_need(w, 0, 901, 0, 1, 900, monday_ns);
    assert_int_equal(tq_provider_set_budget(w->provider[3], 950), 0);
    expect_need(w, 0, 900, 0, 1, 850, midnight_ns);
    tq_provider_mark_quota_exhausted(w->provider[3], monday_ns);
    expect_need(w, 0, 900, 0, 1, 850, monday_ns); /* and what keeps it out */
    expect_need(w, 0, 1, 0, 1, 850, monday_ns);
}

/* A window that gives back by and by has room just then, and not one nanosecond earlier. */
static void test_need_of_gliding_windows(void **state)
{
    static const char *const sentences[] = {"1000 tokens per 5h rolling", "1000 tokens per hour refill",
                                            "1000 tokens once"};
    const struct world *w = *state;

    for (size_t i = 0; i < 3; i++) {
        struct tq_route route = {.size = sizeof route, .need = 600};

        limit(w, i, sentences[i]);
        use(w, i, 700);
        assert_int_equal(tq_ledger_route(w->ledger, &w->provider[i], 1, NOON_NS, 0, &route), 1);
        assert_true(route.room >= 299 && route.room <= 301);
        if (i == 2) {
            assert_true(route.retry_at_ns == INT64_MAX);
            continue;
        }
        int64_t back_ns = route.retry_at_ns;

        assert_true(back_ns > NOON_NS && back_ns < NOON_NS + 6 * HOUR_NS);
        assert_int_equal(tq_ledger_route(w->ledger, &w->provider[i], 1, back_ns - 1, 0, &route), 1);
        assert_int_equal(route.retry_at_ns, back_ns);
        assert_int_equal(tq_ledger_route(w->ledger, &w->provider[i], 1, back_ns, 0, &route), 0);
        assert_true(route.room >= 600);
    }
}

/* The one with too little room is passed by, the last choice, too; and its probe is not taken for it. */
static void test_need_passes_by(void **state)
{
    const struct world *w = *state;
    struct tq_route route = {.policy = TQ_POLICY_STICKY_PRESSURE, .last = 1, .need = 300};

    limit(w, 0, "200 tokens per week");
    limit(w, 1, "1000 tokens per week");
    use(w, 1, 650);
    for (uint32_t policy = 0; policy <= TQ_POLICY_STICKY_PRESSURE; policy++) {
        route.policy = policy;
        assert_int_equal(ask(w, 2, 0, NOON_NS, &route), 0);
        assert_int_equal(route.chosen, 1);
        assert_int_equal(route.room, 350);
    }
    refuse_all(w->provider[0], TQ_CLASS_NO_MONEY, NOON_NS, 0, 0);
    assert_int_equal(ask(w, 2, 0, NOON_NS + HOUR_NS, &route), 0);
    assert_int_equal(route.probe, 0);
    use(w, 1, 100); /* neither has room: of the first it is never enough, the second's is back on Monday */
    assert_int_equal(ask(w, 2, 0, NOON_NS, &route), 1);
    assert_int_equal(route.chosen, 1);
    assert_int_equal(route.room, 250);
    assert_int_equal(route.retry_at_ns, AT(0, 0, 0) + 5 * DAY_NS);
    assert_true(route.room < route.need);
}

/* ---- nothing is remembered ------------------------------------------------------------------- */

/* No byte of the ledger changes, and a reader that may not write gets the same answers, without probes. */
static void test_nothing_is_remembered(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path), *reader;
    struct world w = {.ledger = ledger}, r;
    uint8_t *before, *after;
    size_t size, size_after;

    for (size_t i = 0; i < PROVIDERS; i++) {
        w.provider[i] = handle(ledger, (char[]){(char)('a' + i), '\0'});
        limit(&w, i, "1000 tokens per week");
        use(&w, i, 900 - 200 * (int64_t)i);
    }
    refuse_all(w.provider[3], TQ_CLASS_NO_MONEY, NOON_NS, 0, 0);
    reader = open_file_with(path, 8, TQ_RULE_OFF, TQ_OPEN_READ_ONLY);
    r.ledger = reader;
    for (size_t i = 0; i < PROVIDERS; i++)
        r.provider[i] = handle(reader, (char[]){(char)('a' + i), '\0'});
    before = file_read(path, &size);
    for (uint32_t policy = 0; policy <= TQ_POLICY_STICKY_PRESSURE; policy++)
        for (uint32_t last = 0; last <= PROVIDERS; last++) {
            struct tq_route route = {.policy = policy, .last = last, .need = 1}, other = route;

            assert_int_equal(ask(&w, PROVIDERS, TQ_ROUTE_NO_PROBE, NOON_NS + HOUR_NS, &route), 0);
            assert_int_equal(ask(&r, PROVIDERS, 0, NOON_NS + HOUR_NS, &other), 0);
            assert_memory_equal(&route, &other, sizeof route);
        }
    after = file_read(path, &size_after);
    assert_int_equal(size, size_after);
    assert_memory_equal(before, after, size);
    free(before);
    free(after);
    tq_ledger_close(reader);
    tq_ledger_close(ledger);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(test_bad_arguments),
        test(test_names),
        test(test_older_size),
        test(test_later_size),
        test(test_order_looks_at_nothing_else),
        test(test_sticky),
        test(test_all_orders),
        test(test_ties),
        test(test_longest_window),
        test(test_equal_windows),
        test(test_no_window),
        test(test_budget),
        test(test_first_use),
        test(test_pools),
        test(test_reserve),
        test(test_stated),
        test(test_stated_without),
        test(test_stated_ended),
        test(test_stated_beside_own),
        test(test_stated_reserve),
        test(test_credit),
        test(test_sticky_pressure),
        test(test_probes),
        test(test_probe_of_the_last),
        test(test_all_out),
        test(test_need_of_windows),
        test(test_need_of_units),
        test(test_need_of_all),
        test(test_need_of_gliding_windows),
        test(test_need_passes_by),
        scratch_test(test_nothing_is_remembered),
    };

    heed_test_filter();
    return cmocka_run_group_tests_name("route policy", tests, NULL, NULL);
}
