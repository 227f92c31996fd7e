/* bench_route.c: what a verdict costs, a choice among providers, and a record under the rule care.
 *
 * SPDX-License-Identifier: MIT
 *
 *     bench_route [RESULTS.md]
 *
 * Prints a table; with an argument also adds it to that file.
 */
#include <stdlib.h>

#include "loops.h"
#include "measure.h"
#include "tokenquota.h"

#define PROVIDERS 8

static struct tq_ledger *ledger;
static struct tq_provider *providers[PROVIDERS];

static void open_ledger(void)
{
    if (tq_ledger_open(&ledger, NULL, NULL, NULL) < 0)
        exit(2);
    for (size_t i = 0; i < PROVIDERS; i++)
        if (tq_ledger_provider(ledger, &"abcdefgh"[i], 1, 0, &providers[i]) < 0 ||
            tq_provider_set_budget(providers[i], INT64_C(1) << 45) < 0)
            exit(2);
}

static int64_t observe(void *context, int64_t n)
{
    int64_t retry_at_ns, sum = 0;

    for (int64_t i = 0; i < n; i++)
        sum += tq_provider_observe(context, 1, NOON_NS + i, &retry_at_ns);
    return sum;
}

/* context: the policy; NULL: the order. The last choice is the fourth. */
static int64_t route(void *context, int64_t n)
{
    const uint32_t *policy = context;
    struct tq_route route = {.size = sizeof route, .policy = policy ? *policy : TQ_POLICY_ORDER, .last = 4};
    int64_t sum = 0;

    for (int64_t i = 0; i < n; i++) {
        sum += tq_ledger_route(ledger, providers, PROVIDERS, NOON_NS + i, 0, &route);
        sum += (int64_t)route.chosen;
    }
    return sum;
}

static void say_spent(struct tq_provider *provider)
{
    struct tq_quota_signal signal = {
        .size = sizeof signal, .refusal = TQ_CLASS_NO_MONEY, .binds = -1, .said_at_ns = NOON_NS};

    if (tq_provider_apply(provider, &signal) < 0)
        exit(2);
}

/* A call that needs tokens: what each provider has left is compared, too. */
static int64_t route_need(void *context, int64_t n)
{
    struct tq_route route = {.size = sizeof route, .policy = *(const uint32_t *)context, .need = 1000};
    int64_t sum = 0;

    for (int64_t i = 0; i < n; i++) {
        sum += tq_ledger_route(ledger, providers, PROVIDERS, NOON_NS + i, 0, &route);
        sum += (int64_t)route.chosen;
    }
    return sum;
}

static void set_limit(struct tq_provider *provider, const char *sentence)
{
    struct tq_limit limit = {.size = sizeof limit};

    if (tq_limit_parse(sentence, &limit, NULL) < 0 || tq_provider_set_limit(provider, &limit, NULL) < 0)
        exit(2);
}

/* Each has used a little, so that every window runs, and each window of a week has another share left. */
static void bench_policies(void)
{
    static const char *const limits[] = {"500G tokens per week", "500G tokens per day America/Los_Angeles",
                                         "500G requests per 5h from 2026-04-11T00:45Z"};
    static uint32_t policies[] = {TQ_POLICY_ORDER, TQ_POLICY_STICKY, TQ_POLICY_PRESSURE,
                                  TQ_POLICY_STICKY_PRESSURE};
    static const char *const rows[] = {
        "route over 8 with 3 limits each, order", "route over 8 with 3 limits each, sticky",
        "route over 8 with 3 limits each, pressure", "route over 8 with 3 limits each, sticky-pressure"};

    open_ledger();
    for (size_t i = 0; i < PROVIDERS; i++) {
        for (size_t j = 0; j < sizeof limits / sizeof limits[0]; j++)
            set_limit(providers[i], limits[j]);
        if (tq_provider_observe(providers[i], 1000 * (int64_t)(i + 1), NOON_NS, NULL) < 0)
            exit(2);
    }
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++)
        row_add(measure_least(rows[i], route, &policies[i], NULL, 2000, 150, 60));
    row_add(measure_least("the same with a need of tokens", route_need, &policies[3], NULL, 2000, 0, 0));
    tq_ledger_close(ledger);
}

static void bench(void)
{
    struct beside off;

    open_ledger();
    off = (struct beside){"the same under the rule off", observe, providers[1]};
    if (tq_provider_set_rule(providers[1], TQ_RULE_OFF) < 0)
        exit(2);
    row_add(measure_least("observe by handle, rule care", observe, providers[0], &off, 20000, 2.2, 0));
    row_add(measure("verdict by handle, available", loop_verdict, providers[0], 2000000, 3, 2));
    for (size_t i = 0; i + 1 < PROVIDERS; i++)
        tq_provider_mark_quota_exhausted(providers[i], NOON_NS + DAY_NS);
    row_add(measure("verdict by handle, marked", loop_verdict, providers[0], 2000000, 3, 2));
    row_add(measure("route over 8, the last is available", route, NULL, 500000, 30, 10));
    for (size_t i = 0; i < PROVIDERS; i++) {
        tq_provider_mark_available(providers[i]);
        say_spent(providers[i]);
    }
    row_add(measure("verdict by handle, reported without an end", loop_verdict, providers[0], 2000000, 3, 3));
    row_add(measure("route over 8, all out, their probes not due", route, NULL, 500000, 30, 15));
    tq_ledger_close(ledger);
}

int main(int argc, char **argv)
{
    if (argc > 2) {
        fputs("usage: bench_route [RESULTS.md]\n", stderr);
        return 2;
    }
    bench();
    bench_policies();
    return report_rows("Verdicts and routes", "", argv[1]);
}
