/* count_along.c: records on a ledger beside others: what test_builds.sh builds in several ways.
 *
 * SPDX-License-Identifier: MIT
 *
 *     count_along FILE RECORDS       records for 3,000 names, so many in all, one token each, over 8 days
 *     count_along FILE               checks the ledger and prints how many tokens it holds
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tokenquota.h"

#define DAY_NS INT64_C(86400000000000)
#define NOW_NS (INT64_C(20000) * DAY_NS + DAY_NS / 2)
#define NAMES 3000
#define DAYS 8

static int record(struct tq_ledger *ledger, unsigned long records)
{
    for (unsigned long i = 0; i < records; i++) {
        unsigned long index = i * 7919 % NAMES;
        char name[96];

        snprintf(name, sizeof name,
                 index % 4 ? "name-%lu" : "a-name-that-is-too-long-to-have-a-place-in-the-slot-%lu", index);
        if (tq_tracker_record(tq_ledger_tracker(ledger), name, 1, NOW_NS + (int64_t)(i % DAYS) * DAY_NS,
                              NULL) != 0)
            return -1;
    }
    return 0;
}

static int report(struct tq_ledger *ledger)
{
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_error error = {.size = sizeof error};
    struct tq_provider *provider;
    uint64_t cursor = 0;
    int64_t tokens = 0;

    if (tq_ledger_check(ledger, &info, &error) != 0) {
        printf("check: %s\n", error.msg);
        return -1;
    }
    while (tq_ledger_walk(ledger, &cursor, &provider) == 0)
        for (int day = 0; day < DAYS; day++)
            tokens += tq_provider_used(provider, NOW_NS + day * DAY_NS);
    printf("%" PRIu64 " names, %" PRId64 " tokens\n", info.providers, tokens);
    return 0;
}

int main(int argc, char **argv)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger;
    int answer;

    if (argc < 2)
        return 2;
    if (tq_ledger_open(&ledger, argv[1], NULL, &error) < 0) {
        printf("open: %s\n", error.msg);
        return 2;
    }
    answer = argc > 2 ? record(ledger, strtoul(argv[2], NULL, 10)) : report(ledger);
    tq_ledger_close(ledger);
    return answer == 0 ? 0 : 1;
}
