/* bench_holds.c: what it costs to hold room for a call and to settle it, beside none, 64 and 1,024 that are
 * held, and how many tries two processes make at one edge.
 *
 * SPDX-License-Identifier: MIT
 *
 *     bench_holds [RESULTS.md]
 *
 * Prints a table; with an argument also adds it to that file. Ends with 2 when a hold was taken beyond the
 * limit.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loops.h"
#include "measure.h"
#include "tokenquota.h"

#define LEASE_NS INT64_C(3600000000000)
#define CALLS 5000
#define EDGE_SECONDS 1.0
#define EDGE_MOST 1000 /* that a call may use, of two and a half times as much */

static const char *const limits[] = {"500G tokens per day America/Los_Angeles", "500G tokens per week",
                                     "500G tokens per month from the 5th"};

static struct tq_amounts amounts = {.size = sizeof amounts, .known = 1u << TQ_UNIT_TOKENS};

static void check(int answer)
{
    if (answer >= 0)
        return;
    fprintf(stderr, "\nbench_holds: %s\n", tq_strerror(answer));
    exit(2);
}

static void set_limit(struct tq_provider *provider, const char *sentence)
{
    struct tq_limit limit = {.size = sizeof limit};

    check(tq_limit_parse(sentence, &limit, NULL));
    check(tq_provider_set_limit(provider, &limit, NULL));
}

static struct tq_provider *provider_of(struct tq_ledger *ledger, const char *name)
{
    struct tq_provider *provider;

    check(tq_ledger_provider(ledger, name, strlen(name), 0, &provider));
    return provider;
}

/* A provider with three limits of one unit, of which so much is held. */
static struct tq_provider *provider_with(struct tq_ledger *ledger, const char *name, int held)
{
    struct tq_provider *provider = provider_of(ledger, name);
    struct tq_hold hold = {.size = sizeof hold};

    for (int i = 0; i < 3; i++)
        set_limit(provider, limits[i]);
    check(tq_provider_record(provider, 1, NOON_NS, NULL));
    for (int i = 0; i < held; i++)
        check(tq_provider_hold(provider, &amounts, LEASE_NS, NOON_NS, &hold));
    return provider;
}

/* ---- calls ----------------------------------------------------------------------------------- */

static int64_t hold_and_settle(void *context, int64_t n)
{
    struct tq_usage usage = {.size = sizeof usage, .counted = 1};
    struct tq_hold hold = {.size = sizeof hold};
    int64_t sum = 0;

    for (int64_t i = 0; i < n; i++) {
        sum += tq_provider_hold(context, &amounts, LEASE_NS, NOON_NS + i, &hold);
        sum += tq_hold_settle(&hold, &usage, NOON_NS + i);
    }
    if (sum != 0) {
        fputs("\nbench_holds: a hold was refused\n", stderr);
        exit(2);
    }
    return sum;
}

static void bench_calls(void)
{
    struct tq_ledger_options options = {.size = sizeof options, .rule = TQ_RULE_OFF};
    struct tq_ledger *ledger;

    amounts.of[TQ_UNIT_TOKENS] = 1000;
    check(tq_ledger_open(&ledger, NULL, &options, NULL));
    row_add(measure_least("verdict, 3 limits, never a hold", loop_verdict, provider_with(ledger, "no", 0),
                          NULL, CALLS, 5, 4));
    row_add(measure_least("hold and settle, none held", hold_and_settle, provider_with(ledger, "none", 0),
                          NULL, CALLS, 14, 12));
    row_add(measure_least("hold and settle, 64 held", hold_and_settle, provider_with(ledger, "some", 64),
                          NULL, CALLS / 2, 22, 20));
    row_add(measure_least("hold and settle, 1,023 held", hold_and_settle, provider_with(ledger, "all", 1023),
                          NULL, CALLS / 20, 220, 200));
    row_add(measure_least("verdict, 3 limits, 64 held", loop_verdict, provider_with(ledger, "some", 0), NULL,
                          CALLS, 18, 15));
    tq_ledger_close(ledger);
}

/* ---- two processes at one edge --------------------------------------------------------------- */

struct edge {
    _Atomic int64_t running, tries, taken, over;
    atomic_int go;
};

/* Holds, writes down what runs, and cancels. There is room for two of what each side holds. */
static void try_for_a_second(const char *path, struct edge *edge)
{
    struct tq_ledger *ledger;
    struct tq_provider *provider;
    struct tq_hold hold = {.size = sizeof hold}, more = {.size = sizeof more};
    int64_t tries = 0, taken = 0;

    check(tq_ledger_open(&ledger, path, NULL, NULL));
    provider = provider_of(ledger, "edge");
    atomic_fetch_add(&edge->go, 1);
    while (atomic_load(&edge->go) < 2)
        ;
    for (double end = now_seconds() + EDGE_SECONDS; now_seconds() < end;) {
        for (int i = 0; i < 200; i++) {
            bool first = tq_provider_hold(provider, &amounts, LEASE_NS, NOON_NS, &hold) == 0;
            bool second = tq_provider_hold(provider, &amounts, LEASE_NS, NOON_NS, &more) == 0;
            int64_t own = EDGE_MOST * (first + second);

            if (atomic_fetch_add(&edge->running, own) + own > 2 * EDGE_MOST)
                atomic_fetch_add(&edge->over, 1);
            atomic_fetch_sub(&edge->running, own);
            tries += 2;
            taken += first + second;
            if (first)
                check(tq_hold_cancel(&hold));
            if (second)
                check(tq_hold_cancel(&more));
        }
    }
    atomic_fetch_add(&edge->tries, tries);
    atomic_fetch_add(&edge->taken, taken);
    tq_ledger_close(ledger);
}

static void bench_edge(void)
{
    struct edge *edge = mmap(NULL, sizeof *edge, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct tq_ledger_options options = {.size = sizeof options, .rule = TQ_RULE_OFF};
    char path[] = "/dev/shm/bench-holds-XXXXXX";
    struct tq_ledger *ledger;
    double millions;
    pid_t child;

    if (edge == MAP_FAILED || !mkdtemp(path))
        exit(2);
    char file[64];
    snprintf(file, sizeof file, "%s/ledger", path);
    amounts.of[TQ_UNIT_TOKENS] = EDGE_MOST;
    check(tq_ledger_open(&ledger, file, &options, NULL));
    set_limit(provider_of(ledger, "edge"), "2500 tokens once");
    tq_ledger_close(ledger);
    child = fork();
    try_for_a_second(file, edge);
    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
    unlink(file);
    rmdir(path);
    millions = (double)atomic_load(&edge->tries) / EDGE_SECONDS / 1e6;
    row_add((struct row){.name = "two processes at one edge, tries",
                         .value = millions,
                         .least = millions,
                         .most = millions,
                         .unit = "M/s",
                         .at_most = 1,
                         .at_least = 1});
    printf("at the edge: %lld tries, %lld taken, %lld beyond the limit\n",
           (long long)atomic_load(&edge->tries), (long long)atomic_load(&edge->taken),
           (long long)atomic_load(&edge->over));
    if (atomic_load(&edge->over) != 0)
        exit(2);
}

int main(int argc, char **argv)
{
    if (argc > 2) {
        fputs("usage: bench_holds [RESULTS.md]\n", stderr);
        return 2;
    }
    bench_edge(); /* first: forked from a small process */
    bench_calls();
    return report_rows(
        "Holds",
        "By handle; three limits of one unit. Calls in private memory, the edge in a file. Each "
        "figure of a call is the least of many short rounds, the range is up to their median.\n\n",
        argv[1]);
}
