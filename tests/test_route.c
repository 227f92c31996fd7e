/* test_route.c: the first provider that may be asked, and what is handed out with it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"

#define SECOND_NS INT64_C(1000000000)
#define NOON_NS (MAY_DAY_NS + 12 * HOUR_NS)

struct world {
    struct tq_ledger *ledger;
    struct tq_provider *provider[3];
};

static int set_up(void **state)
{
    static struct world world;

    if (tq_ledger_open(&world.ledger, NULL, NULL, NULL) < 0)
        return -1;
    for (size_t i = 0; i < 3; i++)
        if (tq_ledger_provider(world.ledger, &"abc"[i], 1, 0, &world.provider[i]) < 0)
            return -1;
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    tq_ledger_close(((struct world *)*state)->ledger);
    return 0;
}

static void say(struct tq_provider *provider, uint32_t class, int64_t retry_at_ns)
{
    struct tq_quota_signal signal = {.size = sizeof signal,
                                     .refusal = class,
                                     .binds = -1,
                                     .said_at_ns = NOON_NS,
                                     .retry_at_ns = retry_at_ns};

    assert_int_equal(tq_provider_apply(provider, &signal), TQ_QUOTA_EXHAUSTED);
}

static struct tq_route expect(const struct world *w, int64_t now_ns, uint32_t flags, int answer)
{
    struct tq_route route = {.size = sizeof route, .probe = 77, .chosen = 77, .retry_at_ns = UNWRITTEN};

    assert_int_equal(tq_ledger_route(w->ledger, w->provider, 3, now_ns, flags, &route), answer);
    return route;
}

static void test_bad_arguments(void **state)
{
    const struct world *w = *state;
    struct tq_provider *with_null[2] = {w->provider[0], NULL}, *foreign[1];
    struct tq_route route = {.size = sizeof route};
    struct tq_ledger *other;

    assert_int_equal(tq_ledger_route(NULL, w->provider, 3, NOON_NS, 0, &route), TQ_EINVAL);
    assert_int_equal(tq_ledger_route(w->ledger, NULL, 3, NOON_NS, 0, &route), TQ_EINVAL);
    assert_int_equal(tq_ledger_route(w->ledger, w->provider, 0, NOON_NS, 0, &route), TQ_EINVAL);
    assert_int_equal(tq_ledger_route(w->ledger, w->provider, 3, NOON_NS, 4, &route), TQ_EINVAL);
    assert_int_equal(tq_ledger_route(w->ledger, w->provider, 3, NOON_NS, 0, NULL), TQ_EINVAL);
    assert_int_equal(tq_ledger_route(w->ledger, with_null, 2, NOON_NS, 0, &route), TQ_EINVAL);
    assert_int_equal(tq_ledger_route(w->ledger, w->provider, 3, TQ_NOW_END_NS, 0, &route), TQ_ERANGE);
    route.size--;
    assert_int_equal(tq_ledger_route(w->ledger, w->provider, 3, NOON_NS, 0, &route), TQ_EINVAL);
    route.size++;
    assert_int_equal(tq_ledger_open(&other, NULL, NULL, NULL), 0);
    assert_int_equal(tq_ledger_provider(other, "a", 1, 0, &foreign[0]), 0);
    assert_int_equal(tq_ledger_route(w->ledger, foreign, 1, NOON_NS, 0, &route), TQ_EINVAL);
    tq_ledger_close(other);
}

static void test_first_available(void **state)
{
    const struct world *w = *state;
    struct tq_route route = expect(w, NOON_NS, 0, 0);

    assert_int_equal(route.chosen, 0);
    assert_int_equal(route.retry_at_ns, 0);
    assert_int_equal(route.probe, 0);
    tq_provider_mark_quota_exhausted(w->provider[0], NOON_NS + HOUR_NS);
    say(w->provider[1], TQ_CLASS_THROTTLED, NOON_NS + 10 * SECOND_NS);
    assert_int_equal(expect(w, NOON_NS, 0, 0).chosen, 2);
    assert_int_equal(expect(w, NOON_NS + 10 * SECOND_NS, 0, 0).chosen, 1);
    assert_int_equal(expect(w, NOON_NS + HOUR_NS, 0, 0).chosen, 0);
}

/* F13, F28: when all are out, who is first back and when. */
static void test_f13_f28_first_back(void **state)
{
    const struct world *w = *state;
    struct tq_route route;

    tq_provider_mark_quota_exhausted(w->provider[0], NOON_NS + HOUR_NS);
    say(w->provider[1], TQ_CLASS_THROTTLED, NOON_NS + 10 * SECOND_NS);
    tq_provider_mark_quota_exhausted(w->provider[2], NOON_NS + 10 * SECOND_NS);
    route = expect(w, NOON_NS, 0, 1);
    assert_int_equal(route.chosen, 1); /* of two at one instant the first */
    assert_int_equal(route.retry_at_ns, NOON_NS + 10 * SECOND_NS);
    say(w->provider[1], TQ_CLASS_NO_MONEY, 0);
    route = expect(w, NOON_NS, TQ_ROUTE_NO_PROBE, 1);
    assert_int_equal(route.chosen, 2);
    tq_provider_mark_quota_exhausted(w->provider[2], INT64_MAX);
    tq_provider_mark_quota_exhausted(w->provider[0], INT64_MAX);
    route = expect(w, NOON_NS, TQ_ROUTE_NO_PROBE, 1);
    assert_int_equal(route.retry_at_ns, INT64_MAX);
}

/* A probe that is due goes to the first who asks; the others are told when it is worth coming back. */
static void test_probe_is_handed_out_once(void **state)
{
    const struct world *w = *state;
    struct tq_route route;
    int64_t due_ns;

    for (size_t i = 0; i < 3; i++)
        say(w->provider[i], TQ_CLASS_NO_MONEY, 0);
    route = expect(w, NOON_NS, 0, 1);
    due_ns = route.retry_at_ns;
    assert_true(due_ns > NOON_NS && due_ns < NOON_NS + 6 * 60 * SECOND_NS);
    for (size_t i = 0; i < 3; i++) /* the first of the three, and no later than any of them */
        assert_int_equal(tq_provider_probe_take(w->provider[i], due_ns - 1, NULL), 1);
    assert_int_equal(expect(w, due_ns, TQ_ROUTE_NO_PROBE, 1).probe, 0);
    route = expect(w, NOON_NS + HOUR_NS, 0, 0);
    assert_int_equal(route.chosen, 0);
    assert_int_equal(route.probe, 1);
    assert_int_equal(expect(w, NOON_NS + HOUR_NS, 0, 0).chosen, 1);
    assert_int_equal(expect(w, NOON_NS + HOUR_NS, 0, 0).chosen, 2);
    route = expect(w, NOON_NS + HOUR_NS, 0, 1);
    assert_int_equal(route.probe, 0);
    assert_int_equal(route.retry_at_ns, NOON_NS + HOUR_NS + TQ_PROBE_LEASE_NS);
}

/* A probe cannot help where something else holds the provider out. */
static void test_no_probe_against_another_reason(void **state)
{
    const struct world *w = *state;
    int64_t now_ns = NOON_NS + HOUR_NS;

    for (size_t i = 0; i < 3; i++) {
        say(w->provider[i], TQ_CLASS_EXHAUSTED, 0);
        tq_provider_mark_quota_exhausted(w->provider[i], now_ns + HOUR_NS);
    }
    assert_int_equal(expect(w, now_ns, 0, 1).probe, 0);
    tq_provider_mark_quota_exhausted(w->provider[1], 0);
    tq_provider_set_budget(w->provider[1], 10);
    assert_int_equal(tq_provider_observe(w->provider[1], 10, now_ns, NULL), TQ_EXHAUSTED);
    assert_int_equal(expect(w, now_ns, 0, 1).probe, 0);
    tq_provider_set_budget(w->provider[1], 0);
    assert_int_equal(expect(w, now_ns, 0, 0).chosen, 1);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(test_bad_arguments),
        test(test_first_available),
        test(test_f13_f28_first_back),
        test(test_probe_is_handed_out_once),
        test(test_no_probe_against_another_reason),
    };

    return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}
