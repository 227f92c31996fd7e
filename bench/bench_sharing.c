/* bench_sharing.c: what a record and a verdict cost when other machines share the provider, of what they cost
 * without.
 *
 * SPDX-License-Identifier: MIT
 *
 *     bench_sharing [RESULTS.md]
 *
 * Two ledgers in private memory, alike but for what one was told of other machines. The budget alone, and 1,
 * 3 and 8 limits beside it, each with another window.
 */
#include <stdlib.h>
#include <string.h>

#include "loops.h"
#include "measure.h"
#include "tokenquota.h"

#define CALLS 200000
#define MOST INT64_C(1000000000000) /* of each limit: below 2^40 */
#define MANY_TIMES 1.3

static struct tq_provider *provider_with(struct tq_ledger *ledger, uint32_t limits)
{
    static const uint32_t windows[TQ_LIMITS_MAX] = {TQ_WINDOW_DAY,   TQ_WINDOW_MONTH, TQ_WINDOW_WEEK,
                                                    TQ_WINDOW_FIXED, TQ_WINDOW_YEAR,  TQ_WINDOW_QUARTER,
                                                    TQ_WINDOW_ONCE,  TQ_WINDOW_FIXED};
    struct tq_provider *provider;
    char name[] = "p0";

    name[1] = (char)('0' + limits);
    if (tq_ledger_provider(ledger, name, strlen(name), 0, &provider) < 0)
        exit(2);
    tq_provider_set_budget(provider, INT64_C(1) << 45);
    for (uint32_t i = 0; i < limits; i++) {
        const struct tq_limit limit = {.size = sizeof limit,
                                       .unit = TQ_UNIT_TOKENS,
                                       .window = windows[i],
                                       .first = windows[i] == TQ_WINDOW_FIXED ||
                                                        windows[i] == TQ_WINDOW_DAY ||
                                                        windows[i] == TQ_WINDOW_ONCE
                                                    ? 0
                                                    : 1,
                                       .length_ns = windows[i] == TQ_WINDOW_FIXED ? (i + 1) * DAY_NS : 0,
                                       .known = TQ_LIMIT_AMOUNT,
                                       .amount = MOST};

        if (tq_provider_set_limit(provider, &limit, NULL) < 0)
            exit(2);
    }
    tq_provider_record(provider, 1, NOON_NS, NULL);
    return provider;
}

/* Tells of every window that others used some of it. */
static void share(struct tq_ledger *ledger, struct tq_provider *provider)
{
    struct tq_share all[2 * (TQ_LIMITS_MAX + 1)] = {{.size = sizeof all[0]}};
    int count = tq_provider_shares(provider, NOON_NS, all, 2 * (TQ_LIMITS_MAX + 1));

    tq_ledger_set_shared_until(ledger, INT64_MAX);
    tq_provider_set_sharers(provider, 3, INT64_MAX);
    for (int i = 0; i < count; i++) {
        all[i].size = sizeof all[i];
        all[i].others = 1000;
        all[i].withheld = all[i].withheld_cut = 2000;
        (void)tq_provider_set_share(provider, &all[i], NOON_NS); /* not of a window before */
    }
}

static int64_t loop_record(void *context, int64_t n)
{
    int64_t retry_at_ns, sum = 0;

    for (int64_t i = 0; i < n; i++)
        sum += tq_provider_record(context, 1, NOON_NS + i, &retry_at_ns);
    return sum;
}

int main(int count, char **arguments)
{
    static const struct {
        uint32_t limits;
        const char *record, *verdict;
    } cases[] = {{0, "record, budget alone, shared", "verdict, budget alone, shared"},
                 {1, "record, 1 limit, shared", "verdict, 1 limit, shared"},
                 {3, "record, 3 limits, shared", "verdict, 3 limits, shared"},
                 {8, "record, 8 limits, shared", "verdict, 8 limits, shared"}};
    struct tq_ledger *alone, *shared;

    if (tq_ledger_open(&alone, NULL, NULL, NULL) < 0 || tq_ledger_open(&shared, NULL, NULL, NULL) < 0)
        return 2;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tq_provider *own = provider_with(alone, cases[i].limits);
        struct tq_provider *told = provider_with(shared, cases[i].limits);
        const struct beside record = {"not shared", loop_record, own},
                            verdict = {"not shared", loop_verdict, own};

        share(shared, told);
        row_add(measure_least(cases[i].record, loop_record, told, &record, CALLS, MANY_TIMES, 0));
        row_add(measure_least(cases[i].verdict, loop_verdict, told, &verdict, CALLS, MANY_TIMES, 0));
    }
    tq_ledger_close(alone);
    tq_ledger_close(shared);
    return report_rows("Sharing", "What a call costs when other machines share the provider, of one without.",
                       count > 1 ? arguments[1] : NULL);
}
