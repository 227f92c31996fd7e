/* sync_latency.c: changes one ledger and watches another, and says how long each change took to be known
 * there.
 *
 * SPDX-License-Identifier: MIT
 *
 *     sync_latency LEDGER OTHER TIMES PAUSE_MS
 *
 * Both ledgers have the provider api with one limit. Something exchanges them: `tokenquota sync`
 * (sync_latency.py starts it). Prints a line for each change: state or count, and milliseconds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "measure.h"
#include "tokenquota.h"

#define LONGEST 30.0 /* seconds; nothing takes so long when all is well */
#define MS INT64_C(1000000)
#define HOUR_NS (3600 * 1000 * MS)

static struct tq_provider *here, *there;

static void fail(const char *what)
{
    fprintf(stderr, "sync_latency: %s\n", what);
    exit(2);
}

static struct tq_provider *open_provider(const char *path)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger;
    struct tq_provider *provider;

    if (tq_ledger_open(&ledger, path, NULL, &error) < 0)
        fail(error.msg);
    if (tq_ledger_provider(ledger, "api", 3, 0, &provider) != 0)
        fail("the ledger has no provider api");
    return provider;
}

static void wait_ns(int64_t ns)
{
    struct timespec time = {.tv_sec = ns / (1000 * MS), .tv_nsec = ns % (1000 * MS)};

    nanosleep(&time, NULL);
}

/* What is counted in the first limit, here and elsewhere. */
static int64_t used_there(void)
{
    struct tq_limit_state state = {.size = sizeof state};

    if (tq_provider_limits(there, tq_now_ns(), &state, 1) < 1)
        fail("the other ledger has no limit");
    return state.used;
}

static int64_t state_there(void)
{
    return tq_provider_state(there, tq_now_ns(), NULL);
}

/* Milliseconds until ask() answers `want`. */
static void print_wait(const char *what, int64_t (*ask)(void), int64_t want)
{
    double start = now_seconds();

    while (ask() != want) {
        if (now_seconds() - start > LONGEST)
            fail("the other machine never knows");
        wait_ns(MS / 4);
    }
    printf("%s %.3f\n", what, (now_seconds() - start) * 1e3);
}

/* Instants that have nothing to do with the interval of the exchange. */
static void pause_at_random(int64_t pause_ms)
{
    wait_ns(rand() % (pause_ms * 1000) * 1000);
}

int main(int argc, char **argv)
{
    int64_t pause_ms;

    if (argc != 5 || (pause_ms = atoi(argv[4])) < 1)
        fail("usage: sync_latency LEDGER OTHER TIMES PAUSE_MS");
    here = open_provider(argv[1]);
    there = open_provider(argv[2]);
    for (int n = atoi(argv[3]); n > 0; n--) {
        int64_t want = used_there() + 1;

        pause_at_random(pause_ms);
        if (tq_provider_record(here, 1, tq_now_ns(), NULL) < 0)
            fail("not counted");
        print_wait("count", used_there, want);
        pause_at_random(pause_ms);
        if (tq_provider_mark_quota_exhausted(here, tq_now_ns() + HOUR_NS) < 0)
            fail("not marked");
        print_wait("state", state_there, TQ_QUOTA_EXHAUSTED);
        pause_at_random(pause_ms);
        if (tq_provider_mark_available(here) < 0)
            fail("not made available");
        print_wait("state", state_there, TQ_AVAILABLE);
    }
    return 0;
}
