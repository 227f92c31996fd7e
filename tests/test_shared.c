/* test_shared.c: other machines, promise by promise: what is told, withheld, listed, and what it does to
 * decisions.
 *
 * SPDX-License-Identifier: MIT
 *
 * A ledger in private memory, whose time is that of the calls. A day of these tests is 2024-05-01, a
 * Wednesday.
 */
#include <stdio.h>

#include "harness.h"
#include "windows.h"

#define NOON_NS AT(12, 0, 0)
#define MIDNIGHT_NS AT(24, 0, 0)
#define HEARD_NS AT(23, 0, 0) /* until when the others are heard */
#define TEN_NS (10 * SECOND_NS)

struct world {
    struct tq_ledger *ledger;
    struct tq_provider *p, *pool;
};

static int set_up_rule(void **state, uint32_t rule)
{
    static struct world w;
    struct tq_ledger_options options = {.size = sizeof options, .rule = rule};

    if (tq_ledger_open(&w.ledger, NULL, &options, NULL) < 0)
        return -1;
    w.p = named(w.ledger, "p");
    w.pool = named(w.ledger, "pool");
    *state = &w;
    return tq_ledger_set_shared_until(w.ledger, HEARD_NS);
}

static int set_up(void **state)
{
    return set_up_rule(state, TQ_RULE_OFF);
}

static int tear_down(void **state)
{
    tq_ledger_close(((struct world *)*state)->ledger);
    return 0;
}

/* Sets a limit of tokens. Returns its number. */
static uint32_t limited(struct tq_provider *provider, uint32_t window, int64_t length_ns, int64_t amount)
{
    const struct tq_limit limit = {.size = sizeof limit,
                                   .unit = TQ_UNIT_TOKENS,
                                   .window = window,
                                   .length_ns = length_ns,
                                   .known = TQ_LIMIT_AMOUNT,
                                   .amount = amount};
    int answer = tq_provider_set_limit(provider, &limit, NULL);

    assert_true(answer > 0);
    return (uint32_t)answer;
}

/* The window of a limit that holds an instant, by the list: the last of the limit's. */
static struct tq_share share_of(struct tq_provider *provider, uint32_t number, int64_t now_ns)
{
    struct tq_share all[2 * (TQ_LIMITS_MAX + 1)] = {{.size = sizeof all[0]}}, found = {.size = 0};
    int count = tq_provider_shares(provider, now_ns, all, 2 * (TQ_LIMITS_MAX + 1));

    assert_in_range(count, 0, 2 * (TQ_LIMITS_MAX + 1));
    for (int i = 0; i < count; i++)
        if (all[i].number == number)
            found = all[i];
    assert_int_equal(found.size, sizeof found);
    return found;
}

/* Tells what others used, and what is withheld while heard and while cut off. */
static void tell_cut(struct tq_provider *provider, uint32_t number, int64_t others, int64_t withheld,
                     int64_t cut, int64_t now_ns)
{
    struct tq_share share = share_of(provider, number, now_ns);

    share.others = others;
    share.withheld = withheld;
    share.withheld_cut = cut;
    assert_int_equal(tq_provider_set_share(provider, &share, now_ns), 0);
    share = share_of(provider, number, now_ns);
    assert_int_equal(share.others, others);
    assert_int_equal(share.withheld, withheld);
    assert_int_equal(share.withheld_cut, cut);
}

static void told(struct tq_provider *provider, uint32_t number, int64_t others, int64_t withheld,
                 int64_t now_ns)
{
    tell_cut(provider, number, others, withheld, withheld, now_ns);
}

static struct tq_verdict verdict_at(struct tq_provider *provider, int64_t now_ns)
{
    struct tq_verdict verdict = {.size = sizeof verdict};
    int64_t retry_at_ns;
    int state = tq_provider_verdict(provider, now_ns, &verdict);

    assert_int_equal(tq_provider_state(provider, now_ns, &retry_at_ns), state);
    assert_int_equal(retry_at_ns, verdict.retry_at_ns);
    return verdict;
}

static void expect_out(struct tq_provider *provider, int64_t now_ns, uint32_t reason, int64_t until_ns)
{
    struct tq_verdict verdict = verdict_at(provider, now_ns);

    assert_int_equal(verdict.state, TQ_QUOTA_EXHAUSTED);
    assert_int_equal(verdict.reason, reason);
    assert_int_equal(verdict.retry_at_ns, until_ns);
}

static void expect_available(struct tq_provider *provider, int64_t now_ns)
{
    assert_int_equal(verdict_at(provider, now_ns).state, TQ_AVAILABLE);
}

static void record(struct tq_provider *provider, int64_t tokens, int64_t now_ns, int answer)
{
    assert_int_equal(tq_provider_record(provider, tokens, now_ns, NULL), answer);
}

/* ---- the budget ------------------------------------------------------------------------------ */

static void budget(void **state)
{
    struct world *w = *state;
    struct tq_verdict verdict;

    assert_int_equal(tq_provider_set_budget(w->p, 100), 0);
    record(w->p, 30, NOON_NS, TQ_AVAILABLE);
    told(w->p, 0, 20, 50, NOON_NS);
    verdict = verdict_at(w->p, NOON_NS);
    assert_int_equal(verdict.used, 50);
    assert_int_equal(verdict.left, 20);
    assert_int_equal(verdict.others, 20);
    assert_int_equal(verdict.withheld, 50);
    assert_int_equal(verdict.heard_at_ns, NOON_NS);
    record(w->p, 20, NOON_NS, TQ_EXHAUSTED);
    expect_out(w->p, NOON_NS, TQ_REASON_SHARED, NOON_NS + TEN_NS);
    expect_out(w->p, MIDNIGHT_NS - 1, TQ_REASON_SHARED, MIDNIGHT_NS);
    expect_available(w->p, MIDNIGHT_NS);
    told(w->p, 0, 20, 49, NOON_NS);
    expect_available(w->p, NOON_NS);
    told(w->p, 0, 50, 50, NOON_NS);
    expect_out(w->p, NOON_NS, TQ_REASON_SPENT, MIDNIGHT_NS);
    assert_int_equal(tq_provider_used(w->p, NOON_NS), 50);
    assert_int_equal(tq_ledger_set_shared_until(w->ledger, 0), 0);
    expect_available(w->p, NOON_NS);
}

/* ---- windows --------------------------------------------------------------------------------- */

/* The same of every kind of window. */
static void every_window(void **state)
{
    static const struct {
        uint32_t window;
        int64_t length_ns, end_ns;
    } kinds[] = {
        {TQ_WINDOW_DAY, 0, MIDNIGHT_NS},
        {TQ_WINDOW_FIXED, HOUR_NS, AT(13, 0, 0)},
        {TQ_WINDOW_FIRST_USE, SESSION_NS, NOON_NS + SESSION_NS},
        {TQ_WINDOW_ROLLING, HOUR_NS, NOON_NS + 101 * HOUR_NS / 100},
        {TQ_WINDOW_ONCE, 0, INT64_MAX},
    };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        uint32_t number = limited(w->p, kinds[i].window, kinds[i].length_ns, 100);
        struct tq_limit_state limit = {.size = sizeof limit};
        int64_t retry_at_ns;

        record(w->p, 30, NOON_NS, TQ_AVAILABLE);
        told(w->p, number, 20, 69, NOON_NS);
        expect_available(w->p, NOON_NS);
        assert_int_equal(tq_provider_record(w->p, 1, NOON_NS, &retry_at_ns), TQ_EXHAUSTED);
        assert_int_equal(retry_at_ns, NOON_NS + TEN_NS);
        expect_out(w->p, NOON_NS, TQ_REASON_SHARED, NOON_NS + TEN_NS);
        assert_int_equal(tq_provider_limits(w->p, NOON_NS, &limit, 1), 1);
        assert_int_equal(limit.used, 51);
        assert_int_equal(limit.others, 20);
        assert_int_equal(limit.withheld, 69);
        assert_int_equal(limit.is_shared, 1);
        assert_int_equal(limit.heard_at_ns, NOON_NS);
        told(w->p, number, 20, 20, NOON_NS);
        expect_available(w->p, NOON_NS);
        record(w->p, 49, NOON_NS, TQ_EXHAUSTED);
        expect_out(w->p, NOON_NS, TQ_REASON_SPENT, kinds[i].end_ns);
        assert_int_equal(tq_provider_remove_limit(w->p, number), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(budget, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_window, set_up, tear_down),
    };

    heed_test_filter();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
