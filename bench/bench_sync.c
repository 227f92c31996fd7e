/* bench_sync.c: what one node costs its server: 1,000 active providers and four flushes a second, by the
 * server's own clock.
 *
 * SPDX-License-Identifier: MIT
 *
 *     bench_sync [SECONDS [PROVIDERS]]
 *
 * Starts a redis-server of its own in a temporary folder, and ends it. Each provider counts before each
 * flush, so that each entry is written each time. Of the server it tells the CPU time (INFO cpu) less what it
 * takes when nobody asks.
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

#include "sync/exchange.h"
#include "sync/redis.h"

#define A_SECOND INT64_C(1000000000)
#define FLUSHES 4 /* a second */

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

int main(int argc, char **argv)
{
    int seconds = argc > 1 ? atoi(argv[1]) : 10, providers = argc > 2 ? atoi(argv[2]) : 1000;
    char folder[] = "/tmp/tq-bench-sync-XXXXXX", path[64], to[80];
    struct tq_error error = {.size = sizeof error};
    struct sync_exchange exchange = {
        .node = "web-1", .instance = "bench", .before = "", .every_ms = 1000 / FLUSHES};
    struct sync_redis *redis;
    double idle, server, own;
    int64_t next_ns;
    uint64_t seq = 1;
    pid_t pid;

    if (seconds < 1 || providers < 1 || !mkdtemp(folder))
        die("usage: bench_sync [SECONDS [PROVIDERS]]");
    snprintf(path, sizeof path, "%s/socket", folder);
    snprintf(to, sizeof to, "unix://%s", path);
    pid = start_server(folder, path);
    for (int i = 0; i < 500 && access(path, F_OK) != 0; i++)
        pause_ns(A_SECOND / 100);
    if (sync_redis_open(&redis, &(struct sync_redis_options){.to = to}, &error) < 0)
        die(error.msg);
    exchange.items = make_items((size_t)providers);
    exchange.item_count = (size_t)providers;
    flush(redis, &exchange, seq++);
    idle = cpu_of(pid);
    pause_ns(seconds * A_SECOND);
    server = cpu_of(pid);
    idle = server - idle;
    own = own_cpu();
    next_ns = sync_now_ns();
    for (int i = 0; i < seconds * FLUSHES; i++) {
        flush(redis, &exchange, seq++);
        memcpy(exchange.seen_version, exchange.version, sizeof exchange.version);
        next_ns += A_SECOND / FLUSHES;
        pause_ns(next_ns > sync_now_ns() ? next_ns - sync_now_ns() : 0);
    }
    server = cpu_of(pid) - server - idle;
    own = own_cpu() - own;
    printf("%d providers, %d flushes a second, %d s: the server %.2f %% of a core (%.1f us an entry), the "
           "node %.2f %%\n",
           providers, FLUSHES, seconds, 100 * server / seconds,
           1e6 * server / (seconds * FLUSHES) / providers, 100 * own / seconds);
    sync_exchange_clear(&exchange);
    sync_redis_close(redis);
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    unlink(path);
    rmdir(folder);
    return 100 * server / seconds <= 2 ? 0 : 1;
}
