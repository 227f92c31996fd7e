/* test_limit_usage.c: what a usage counts in limits of each unit, by what it knows.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "harness.h"

#define AT_NS MAY_DAY_NS

static const char *const units[] = {"tokens", "input", "output", "total", "requests", "cost", "weighted"};

#define UNITS (sizeof units / sizeof units[0])

/* A provider with a limit of each unit, in the order of TQ_UNIT_..., numbered from 1. */
static struct tq_ledger *open_with_limits(struct tq_provider **provider)
{
    struct tq_ledger *ledger;
    char sentence[64];

    assert_int_equal(tq_ledger_open(&ledger, NULL, NULL, NULL), 0);
    assert_int_equal(tq_ledger_provider(ledger, "p", 1, 0, provider), 0);
    for (size_t i = 0; i < UNITS; i++) {
        struct tq_limit limit = {.size = sizeof limit};

        snprintf(sentence, sizeof sentence, "%s per day", units[i]);
        assert_int_equal(tq_limit_parse(sentence, &limit, NULL), 0);
        assert_int_equal(tq_provider_set_limit(*provider, &limit, NULL), (int)i + 1);
    }
    return ledger;
}

static void expect(const struct tq_provider *provider, const int64_t used[UNITS], int64_t uncosted)
{
    struct tq_limit_state state[UNITS] = {{.size = sizeof state[0]}};

    assert_int_equal(tq_provider_limits(provider, AT_NS, state, UNITS), UNITS);
    for (size_t i = 0; i < UNITS; i++)
        if (state[i].used != used[i])
            fail_msg("%s: %lld, not %lld", units[i], (long long)state[i].used, (long long)used[i]);
    assert_int_equal(state[TQ_UNIT_COST - 1].uncosted, uncosted);
}

static void observe(struct tq_provider *provider, struct tq_usage usage)
{
    usage.size = sizeof usage;
    assert_true(tq_provider_observe_usage(provider, &usage, AT_NS, NULL) >= 0);
}

static void a_total_may_have_a_cost(void **state)
{
    struct tq_provider *provider;
    struct tq_ledger *ledger = open_with_limits(&provider);

    (void)state;
    observe(provider,
            (struct tq_usage){
                .known = TQ_USAGE_TOTAL | TQ_USAGE_COST, .total = 70, .counted = 50, .cost_nano_usd = 1001});
    expect(provider, (const int64_t[]){50, 0, 0, 70, 1, 2, 50}, 0);
    observe(provider, (struct tq_usage){.known = TQ_USAGE_TOTAL, .total = 7, .counted = 5});
    expect(provider, (const int64_t[]){55, 0, 0, 77, 2, 2, 55}, 1);
    tq_ledger_close(ledger);
}

static void more_of_a_response_is_no_request(void **state)
{
    struct tq_usage usage = {.known = TQ_USAGE_OUTPUT, .output = 3, .counted = 3};
    struct tq_provider *provider;
    struct tq_ledger *ledger = open_with_limits(&provider);

    (void)state;
    observe(provider, usage);
    expect(provider, (const int64_t[]){3, 0, 3, 3, 1, 0, 3}, 1);
    usage.flags = TQ_USAGE_MORE;
    observe(provider, usage);
    expect(provider, (const int64_t[]){6, 0, 6, 6, 1, 0, 6}, 2);
    usage.requests = 4; /* of a sum over some time */
    observe(provider, usage);
    expect(provider, (const int64_t[]){9, 0, 9, 9, 5, 0, 9}, 3);
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_total_may_have_a_cost),
        cmocka_unit_test(more_of_a_response_is_no_request),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
