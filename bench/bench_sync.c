/* bench_sync.c: what one node costs its server: 1,000 active providers and four flushes a second, by the
 * server's own clock.
 *
 * SPDX-License-Identifier: MIT
 *
 *     bench_sync [RESULTS.md [SECONDS [PROVIDERS]]]
 *
 * Starts a redis-server of its own in a temporary folder, and ends it. Each provider counts before each
 * flush, so that each entry is written each time. Of the server it tells the CPU time of its first thread,
 * less what it takes when nobody asks. Where no redis-server is, it says so and ends.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <tokenquota.h>

#include "bench/measure.h"
#include "sync/exchange.h"
#include "sync/redis.h"

#define A_SECOND INT64_C(1000000000)
#define FLUSHES 4     /* a second */
#define PARTS 5       /* of the time: the median counts, for others use the machine, too */
#define MOST_SERVER 2 /* % of a core */

static void die(const char *why)
{
    fprintf(stderr, "bench_sync: %s\n", why);
    exit(2);
}

static void pause_ns(int64_t ns)
{
    const struct timespec length = {.tv_sec = ns / A_SECOND, .tv_nsec = ns % A_SECOND};

    nanosleep(&length, NULL);
}

static pid_t start_server(const char *folder, const char *path)
{
    pid_t pid = fork();

    if (pid < 0)
        die("cannot fork");
    if (pid == 0) {
        execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", path, "--dir", folder, "--save",
               "", "--logfile", "/dev/null", (char *)NULL);
        _exit(127);
    }
    return pid;
}

/* Seconds of CPU that a process's first thread used, which is the one that runs commands. */
static double cpu_of(pid_t pid)
{
    char path[64];
    unsigned long long ran_ns = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
    file = fopen(path, "r");
    if (!file || fscanf(file, "%llu", &ran_ns) != 1)
        die("cannot read the server's times");
    fclose(file);
    return (double)ran_ns / 1e9;
}

static double own_cpu(void)
{
    struct timespec used;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static struct sync_item *make_items(size_t count)
{
    struct sync_item *items = calloc(count, sizeof *items);
    char *names = calloc(count, 32);

    if (!items || !names)
        die("no memory");
    for (size_t i = 0; i < count; i++) {
        snprintf(names + 32 * i, 32, "vendor/model-%zu", i);
        items[i] = (struct sync_item){.provider = names + 32 * i,
                                      .limit = "",
                                      .key_s = 1772600000,
                                      .expire_ms = 172800000,
                                      .writes = true,
                                      .own = {.start_s = 1772600000, .added = 1000000}};
    }
    return items;
}

static void flush(struct sync_redis *redis, struct sync_exchange *exchange, uint64_t seq)
{
    struct tq_error error = {.size = sizeof error};

    for (size_t i = 0; i < exchange->item_count; i++) {
        exchange->items[i].own.seq = seq;
        exchange->items[i].own.added += 977;
    }
    if (sync_exchange(redis, exchange, sync_now_ns() + A_SECOND, &error) != 0)
        die(error.msg);
}

/* Flushes for some seconds: what the server and the node took, in % of a core. */
static void measure_flushes(struct sync_redis *redis, struct sync_exchange *exchange, pid_t server,
                            double seconds, double *server_share, double *node_share)
{
    double server_s = cpu_of(server), node_s = own_cpu();
    int64_t next_ns = sync_now_ns();
    static uint64_t seq = 1;

    for (int i = 0; i < (int)(seconds * FLUSHES); i++) {
        flush(redis, exchange, seq++);
        memcpy(exchange->seen_version, exchange->version, sizeof exchange->version);
        next_ns += A_SECOND / FLUSHES;
        pause_ns(next_ns > sync_now_ns() ? next_ns - sync_now_ns() : 0);
    }
    *server_share = 100 * (cpu_of(server) - server_s) / seconds;
    *node_share = 100 * (own_cpu() - node_s) / seconds;
}

static void measure_all(struct sync_redis *redis, struct sync_exchange *exchange, pid_t server, int seconds)
{
    double part = (double)seconds / PARTS, idle = cpu_of(server), shares[2][PARTS];
    static const char *const names[] = {"1,000 active providers: the server",
                                        "the same: the node's exchange"};

    pause_ns((int64_t)(part * 1e9));
    idle = 100 * (cpu_of(server) - idle) / part;
    for (int i = 0; i < PARTS; i++) {
        measure_flushes(redis, exchange, server, part, &shares[0][i], &shares[1][i]);
        shares[0][i] -= idle;
    }
    for (int i = 0; i < 2; i++) {
        double middle = median(shares[i], PARTS); /* sorts */

        row_add((struct row){.name = names[i],
                             .value = middle,
                             .least = shares[i][0],
                             .most = shares[i][PARTS - 1],
                             .unit = "%",
                             .at_most = i == 0 ? MOST_SERVER : 0,
                             .aim = i == 0 ? MOST_SERVER : 0});
    }
}

int main(int argc, char **argv)
{
    const char *results = argc > 1 && argv[1][0] ? argv[1] : NULL;
    int seconds = argc > 2 ? atoi(argv[2]) : 10, providers = argc > 3 ? atoi(argv[3]) : 1000;
    char folder[] = "/tmp/tq-bench-sync-XXXXXX", path[64], to[80];
    struct tq_error error = {.size = sizeof error};
    struct sync_exchange exchange = {
        .node = "web-1", .instance = "bench", .before = "", .every_ms = 1000 / FLUSHES};
    struct sync_redis *redis;
    double unused[2];
    pid_t pid;

    if (seconds < PARTS || providers < 1 || !mkdtemp(folder))
        die("usage: bench_sync [RESULTS.md [SECONDS [PROVIDERS]]], 5 seconds at the least");
    snprintf(path, sizeof path, "%s/socket", folder);
    snprintf(to, sizeof to, "unix://%s", path);
    pid = start_server(folder, path);
    for (int i = 0; i < 500 && access(path, F_OK) != 0; i++)
        pause_ns(A_SECOND / 100);
    if (access(path, F_OK) != 0) {
        puts("bench_sync: no redis-server starts here: what a node costs its server is not measured");
        kill(pid, SIGTERM);
        waitpid(pid, NULL, 0);
        rmdir(folder);
        return 0;
    }
    if (sync_redis_open(&redis, &(struct sync_redis_options){.to = to}, &error) < 0)
        die(error.msg);
    exchange.items = make_items((size_t)providers);
    exchange.item_count = (size_t)providers;
    measure_flushes(redis, &exchange, pid, 1, &unused[0], &unused[1]); /* the keys are made */
    measure_all(redis, &exchange, pid, seconds);
    sync_exchange_clear(&exchange);
    sync_redis_close(redis);
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    unlink(path);
    rmdir(folder);
    return report_rows("Many machines: what a node costs its server",
                       "1,000 providers that all count before each of 4 flushes a second, in % of one core.",
                       results);
}
