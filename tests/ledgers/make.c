/* make.c: makes a ledger of the format of the library that it is linked with.
 *
 * SPDX-License-Identifier: MIT
 *
 * It is not built here: a build of format 2 made the files of this folder with it.
 *
 *     git worktree add /tmp/older f6ecbe5 && make -C /tmp/older
 *     gcc -I/tmp/older/include make.c /tmp/older/build/release/src/libtokenquota.a -o make
 *     ./make format2-8 8 && ./make format2-64 64 && gzip -9n format2-*
 *
 * The pair is of that build's command: ledger create --days 8, import csv of the one line
 * 2026-05-01T10:00:00Z,openai,1000, observe mine 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tokenquota.h>

#include "content.h"

static struct tq_ledger *ledger;

static void must(int answer)
{
    if (answer >= 0)
        return;
    fprintf(stderr, "%s\n", tq_strerror(answer));
    exit(1);
}

static struct tq_provider *handle(const char *name)
{
    struct tq_provider *provider;

    must(tq_ledger_provider(ledger, name, strlen(name), 0, &provider));
    return provider;
}

static void record(const char *name, int64_t tokens, int days_back)
{
    must(tq_provider_record(handle(name), tokens, CONTENT_NOW_NS - days_back * CONTENT_DAY_NS, NULL));
}

static void refuse(const char *name, uint32_t class, int64_t retry_at_ns)
{
    struct tq_quota_signal signal = {.size = sizeof signal,
                                     .refusal = class,
                                     .status = 429,
                                     .binds = -1,
                                     .said_at_ns = CONTENT_NOW_NS,
                                     .sent_at_ns = CONTENT_NOW_NS - CONTENT_SECOND_NS,
                                     .retry_at_ns = retry_at_ns};

    if (class == TQ_CLASS_EXHAUSTED && retry_at_ns != 0) {
        signal.binds = 0;
        signal.axis_count = 1;
        signal.axis[0].what = TQ_AXIS_TOKENS;
        signal.axis[0].window_ns = REFUSED_WINDOW_NS;
    }
    must(tq_provider_apply(handle(name), &signal));
}

int main(int argc, char **argv)
{
    struct tq_ledger_options options = {.size = sizeof options};
    char name[32];

    if (argc != 3)
        return 2;
    options.history_days = (uint32_t)atoi(argv[2]);
    must(tq_ledger_open(&ledger, argv[1], &options, NULL));
    must(tq_provider_set_budget(handle("budgeted"), BUDGET));
    must(tq_provider_set_rule(handle("budgeted"), TQ_RULE_ORIGINAL));
    if (options.history_days == 64)
        record("budgeted", 1000 + DAYS_BACK_64, DAYS_BACK_64);
    for (int back = DAYS_USED - 1; back >= 0; back--)
        record("budgeted", 1000 + back, back);
    record(NAME_32, 32, 0);
    record(NAME_255, 255, 0);
    must(tq_provider_mark_quota_exhausted(handle(NAME_255), INT64_MAX));
    must(tq_provider_mark_quota_exhausted(handle("marked"), MARKED_UNTIL_NS));
    refuse("exhausted", TQ_CLASS_EXHAUSTED, EXHAUSTED_UNTIL_NS);
    refuse("out-of-money", TQ_CLASS_NO_MONEY, 0);
    refuse("throttled", TQ_CLASS_THROTTLED, THROTTLED_UNTIL_NS);
    must(tq_provider_set_budget(handle("predicted"), PREDICTED_BUDGET));
    record("predicted", 600, 0);
    record("saturated", INT64_MAX, 0);
    record("forgotten", 1, 0);
    must(tq_provider_forget(handle("forgotten")));
    handle("known-by-name");
    for (int i = 0; i < MORE; i++) {
        snprintf(name, sizeof name, "more-%d", i);
        record(name, i + 1, 0);
    }
    tq_ledger_close(ledger);
    return 0;
}
