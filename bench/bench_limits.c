/* bench_limits.c: what limits and pools cost: a record, a state, a verdict, and bytes.
 *
 * SPDX-License-Identifier: MIT
 *
 *     bench_limits [RESULTS.md]
 *
 * Prints a table; with an argument also adds it to that file.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loops.h"
#include "measure.h"
#include "tokenquota.h"

#define CALLS 10000
#define BUCKET_NS (INT64_C(5) * 3600 * 1000000000 / 100) /* of the rolling limit */
#define MEMORY_PROVIDERS 50000

static const char rolling[] = "500G tokens per 5h rolling";

/* No record reaches one of them: what is measured is the way of nearly all records. */
static const char *const limits[] = {"500G tokens per day America/Los_Angeles",
                                     "500G requests per 5h from 2026-04-11T00:45Z",
                                     "500G tokens per week",
                                     "500G tokens per month from the 5th",
                                     "500G requests per day",
                                     "500G total per quarter",
                                     "500G total per 30d from 2026-04-11T00:45Z",
                                     "500G tokens once"};

static struct tq_ledger *ledger;

static void set_limit(struct tq_provider *provider, const char *sentence)
{
    struct tq_limit limit = {.size = sizeof limit};
    struct tq_error error = {0};

    if (tq_limit_parse(sentence, &limit, &error) < 0 || tq_provider_set_limit(provider, &limit, &error) < 0) {
        fprintf(stderr, "\nbench_limits: %s\n", error.msg);
        exit(2);
    }
}

static struct tq_provider *provider_with(const char *name, int count)
{
    struct tq_provider *provider;

    if (tq_ledger_provider(ledger, name, strlen(name), 0, &provider) < 0 ||
        tq_provider_set_budget(provider, INT64_C(1) << 45) < 0)
        exit(2);
    for (int i = 0; i < count; i++)
        set_limit(provider, limits[i]);
    return provider;
}

/* ---- calls ----------------------------------------------------------------------------------- */

static int64_t record(void *context, int64_t n)
{
    int64_t retry_at_ns, sum = 0;

    for (int64_t i = 0; i < n; i++)
        sum += tq_provider_record(context, 1, NOON_NS + i, &retry_at_ns);
    return sum;
}

static int64_t record_in_new_bucket(void *context, int64_t n)
{
    static int64_t now_ns = NOON_NS;
    int64_t retry_at_ns, sum = 0;

    for (int64_t i = 0; i < n; i++, now_ns += BUCKET_NS)
        sum += tq_provider_record(context, 1, now_ns, &retry_at_ns);
    return sum;
}

/* ---- what a vendor states ------------------------------------------------------------------  */

#define HOUR_NS INT64_C(3600000000000)

/* The two windows of a subscription, as a status line states them. */
static const struct tq_quota_signal reading = {
    .size = sizeof reading,
    .binds = -1,
    .source = TQ_SOURCE_CALLER,
    .axis_count = 2,
    .axis = {{.known = TQ_AXIS_USED | TQ_AXIS_RESET,
              .used_ppm = 430000,
              .window_ns = 5 * HOUR_NS,
              .reset_at_ns = NOON_NS + 3 * HOUR_NS},
             {.known = TQ_AXIS_USED | TQ_AXIS_RESET,
              .used_ppm = 810000,
              .window_ns = 168 * HOUR_NS,
              .reset_at_ns = NOON_NS + 60 * HOUR_NS}},
};

static int64_t apply_same(void *context, int64_t n)
{
    struct tq_quota_signal signal = reading;
    int64_t sum = 0;

    signal.said_at_ns = NOON_NS;
    for (int64_t i = 0; i < n; i++)
        sum += tq_provider_apply(context, &signal);
    return sum;
}

/* Each says another share, a moment later than the one before. */
static int64_t apply_new(void *context, int64_t n)
{
    static int64_t calls;
    struct tq_quota_signal signal = reading;
    int64_t sum = 0;

    for (int64_t i = 0; i < n; i++) {
        signal.said_at_ns = NOON_NS + calls++ * 1000;
        signal.axis[0].used_ppm = signal.axis[1].used_ppm = 100 * (uint32_t)(calls & 4095);
        sum += tq_provider_apply(context, &signal);
    }
    return sum;
}

static void bench_stated(void)
{
    struct tq_provider *told;

    if (tq_ledger_open(&ledger, NULL, NULL, NULL) < 0)
        exit(2);
    told = provider_with("told", 0);
    row_add(measure_least("apply, the same reading of 2 windows", apply_same, told, NULL, CALLS / 5, 12, 12));
    row_add(measure_least("apply, a new reading of 2 windows", apply_new, told, NULL, CALLS / 5, 12, 12));
    row_add(measure_least("state, 2 windows that the vendor states", loop_state, told, NULL, CALLS, 0, 0));
    row_add(
        measure_least("verdict, 2 windows that the vendor states", loop_verdict, told, NULL, CALLS, 5, 4));
    tq_ledger_close(ledger);
}

static void bench_calls(void)
{
    struct tq_ledger_options options = {.size = sizeof options, .rule = TQ_RULE_OFF};
    struct tq_provider *none, *one, *three, *eight, *pooled, *turning, *passing;
    struct beside to = {"no limit", record, NULL};

    if (tq_ledger_open(&ledger, NULL, &options, NULL) < 0)
        exit(2);
    to.context = none = provider_with("none", 0);
    one = provider_with("one", 1);
    three = provider_with("three", 3);
    eight = provider_with("eight", 8);
    pooled = provider_with("pooled", 2);
    turning = provider_with("rolling", 0);
    passing = provider_with("passing", 0);
    set_limit(turning, rolling);
    set_limit(passing, rolling);
    if (tq_provider_set_pool(pooled, provider_with("pool", 2)) < 0)
        exit(2);
    row_add(measure_least("record, 1 limit", record, one, &to, CALLS, 1.9, 1.5));
    row_add(measure_least("record, 3 limits", record, three, &to, CALLS, 2.8, 2.2));
    row_add(measure_least("record, 8 limits", record, eight, &to, CALLS, 5, 4));
    row_add(measure_least("record, provider and pool, 2 limits each", record, pooled, &to, CALLS, 4, 3));
    row_add(measure_least("record, a rolling limit", record, turning, &to, CALLS, 2, 2));
    row_add(measure_least("the same, in a new bucket", record_in_new_bucket, passing, &to, CALLS / 5, 6, 6));
    row_add(measure_least("state, 1 limit", loop_state, one, NULL, CALLS, 0, 0));
    row_add(measure_least("state, 3 limits", loop_state, three, NULL, CALLS, 0, 0));
    row_add(measure_least("state, 8 limits", loop_state, eight, NULL, CALLS, 0, 0));
    row_add(measure_least("verdict, no limit", loop_verdict, none, NULL, CALLS, 3.1, 2.6));
    row_add(measure_least("verdict, 1 limit", loop_verdict, one, NULL, CALLS, 4, 3.2));
    row_add(measure_least("verdict, 3 limits", loop_verdict, three, NULL, CALLS, 5, 4));
    row_add(measure_least("verdict, 8 limits", loop_verdict, eight, NULL, CALLS, 8, 6));
    tq_ledger_close(ledger);
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* Fills a ledger of its own; limits: NULL, or the one that each provider gets. */
static void fill(const void *limit)
{
    char name[32];

    if (tq_ledger_open(&ledger, NULL, NULL, NULL) < 0)
        exit(2);
    for (int i = 0; i < MEMORY_PROVIDERS; i++) {
        struct tq_provider *provider;

        snprintf(name, sizeof name, "azure/eu-west/acct-%d", i);
        provider = provider_with(name, 0);
        if (limit)
            set_limit(provider, limit);
        if (tq_provider_record(provider, 1, NOON_NS, NULL) < 0)
            exit(2);
    }
}

static void bench_memory(void)
{
    double none = resident_growth(fill, NULL) / MEMORY_PROVIDERS;
    double with = resident_growth(fill, limits[0]) / MEMORY_PROVIDERS;
    double turning = resident_growth(fill, rolling) / MEMORY_PROVIDERS;

    /* 2,048 and 1,024 bytes (layout.h), and what a process needs besides. */
    row_add(row_of_bytes("resident a provider with limits, more", with - none, 2100));
    row_add(row_of_bytes("resident a rolling limit, more", turning - with, 1060));
}

int main(int argc, char **argv)
{
    if (argc > 2) {
        fputs("usage: bench_limits [RESULTS.md]\n", stderr);
        return 2;
    }
    bench_memory(); /* first: forked from a small process */
    bench_calls();
    bench_stated();
    return report_rows(
        "Limits",
        "By handle, in private memory. Each figure is the least of many short rounds, the range "
        "is up to their median.\n\n",
        argv[1]);
}
