/* bench_sync.c: what one node costs its server, and its own machine: 1,000 active providers, and 1,000 idle
 * ones, four flushes a second.
 *
 * SPDX-License-Identifier: MIT
 *
 *     bench_sync [RESULTS.md [SECONDS [PROVIDERS]]]
 *
 * Starts a redis-server of its own in a temporary folder, and ends it. Each active provider counts before
 * each flush, so that each entry is written each time. The idle ones are those of a ledger in which nothing
 * happens: the node gathers them, tells and hears, as `tokenquota sync` does, when it has learned what there
 * is. Of the server it tells the CPU time of its first thread, less what it takes when nobody asks. Where no
 * redis-server is, it says so and ends.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <tokenquota.h>

#include "bench/measure.h"
#include "sync/exchange.h"
#include "sync/node.h"
#include "sync/redis.h"

#define A_SECOND INT64_C(1000000000)
#define FLUSHES 4     /* a second */
#define PARTS 5       /* of the time: the median counts, for others use the machine, too */
#define MOST_SERVER 2 /* % of a core */
#define PATIENCE_S 10 /* a busy machine is measured, too */
#define LEARNS 12     /* seconds: longer than a node learns after a server began (lease.h) */

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
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* it ends with this program, however that ends */
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

/* Who flushes: entries that grow, or a node with a ledger. */
struct flushes {
    struct sync_redis *redis;
    struct sync_exchange exchange;
    struct sync_node *node; /* NULL: the entries grow */
    uint64_t seq;
};

static void flush(struct flushes *flushes)
{
    struct tq_error error = {.size = sizeof error};
    struct sync_exchange *exchange = &flushes->exchange;
    int64_t deadline_ns = sync_now_ns() + PATIENCE_S * A_SECOND;
    int answer;

    flushes->seq++;
    for (size_t i = 0; i < exchange->item_count; i++) {
        exchange->items[i].own.seq = flushes->seq;
        exchange->items[i].own.added += 977;
    }
    answer = flushes->node ? sync_node_round(flushes->node, flushes->redis, tq_now_ns(), deadline_ns, &error)
                           : sync_exchange(flushes->redis, exchange, deadline_ns, &error);
    if (answer != 0)
        die(error.msg);
    memcpy(exchange->seen_version, exchange->version, sizeof exchange->version);
}

/* Flushes for some seconds: what the server and the node took, in % of a core. */
static void measure_flushes(struct flushes *flushes, pid_t server, double seconds, double *server_share,
                            double *node_share)
{
    double server_s = cpu_of(server), node_s = own_cpu();
    int64_t next_ns = sync_now_ns();

    for (int i = 0; i < (int)(seconds * FLUSHES); i++) {
        flush(flushes);
        next_ns += A_SECOND / FLUSHES;
        pause_ns(next_ns > sync_now_ns() ? next_ns - sync_now_ns() : 0);
    }
    *server_share = 100 * (cpu_of(server) - server_s) / seconds;
    *node_share = 100 * (own_cpu() - node_s) / seconds;
}

/* What the server takes when nobody asks. */
static double measure_nothing(pid_t server, double seconds)
{
    double before = cpu_of(server);

    pause_ns((int64_t)(seconds * 1e9));
    return 100 * (cpu_of(server) - before) / seconds;
}

static void measure_all(struct flushes *flushes, pid_t server, double seconds, const char *const names[2],
                        double most_server)
{
    double part = seconds / PARTS, idle = measure_nothing(server, part), shares[2][PARTS];

    for (int i = 0; i < PARTS; i++) {
        measure_flushes(flushes, server, part, &shares[0][i], &shares[1][i]);
        shares[0][i] -= idle;
    }
    for (int i = 0; i < 2; i++) {
        double middle = median(shares[i], PARTS); /* sorts */

        row_add((struct row){.name = names[i],
                             .value = middle,
                             .least = shares[i][0],
                             .most = shares[i][PARTS - 1],
                             .unit = "%",
                             .at_most = i == 0 ? most_server : 0,
                             .aim = i == 0 ? most_server : 0});
    }
}

static void measure_active(struct flushes *flushes, pid_t server, int seconds, size_t providers)
{
    static const char *const names[] = {"1,000 active providers: the server",
                                        "the same: the node's exchange"};
    double unused[2];

    flushes->exchange.items = make_items(providers);
    flushes->exchange.item_count = providers;
    measure_flushes(flushes, server, 1, &unused[0], &unused[1]); /* the keys are made */
    measure_all(flushes, server, seconds, names, MOST_SERVER);
    sync_exchange_clear(&flushes->exchange);
}

static struct tq_ledger *make_ledger(const char *path, size_t providers)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger;
    struct tq_provider *provider;

    if (tq_ledger_open(&ledger, path, NULL, &error) < 0)
        die(error.msg);
    for (size_t i = 0; i < providers; i++) {
        char name[32];
        size_t len = (size_t)snprintf(name, sizeof name, "vendor/model-%zu", i);

        if (tq_ledger_provider(ledger, name, len, 0, &provider) < 0 ||
            tq_provider_set_budget(provider, 5000000) < 0 ||
            tq_provider_record(provider, 100, tq_now_ns(), NULL) < 0)
            die("the ledger takes no provider");
    }
    return ledger;
}

/* Under the name of the one before: a node that fell silent would be waited for. */
static void measure_idle(struct sync_redis *redis, pid_t server, const char *path, int seconds,
                         size_t providers)
{
    const struct sync_node_options options = {.name = "web-1",
                                              .instance = "idle",
                                              .before = "bench",
                                              .every_ms = 1000 / FLUSHES,
                                              .tags = SYNC_TAGS};
    static const char *const names[] = {"1,000 idle providers: the server", "the same: the node"};
    struct tq_ledger *ledger = make_ledger(path, providers);
    struct flushes flushes = {.redis = redis, .node = sync_node_new(&options)};
    double unused[2];

    if (!flushes.node)
        die("no memory");
    sync_node_attach(flushes.node, ledger, false);
    measure_flushes(&flushes, server, LEARNS, &unused[0], &unused[1]);
    measure_all(&flushes, server, seconds, names, 0);
    sync_node_free(flushes.node);
    tq_ledger_close(ledger);
}

int main(int argc, char **argv)
{
    const char *results = argc > 1 && argv[1][0] ? argv[1] : NULL;
    int seconds = argc > 2 ? atoi(argv[2]) : 10, providers = argc > 3 ? atoi(argv[3]) : 1000;
    char folder[] = "/tmp/tq-bench-sync-XXXXXX", path[64], ledger[64], to[80];
    struct tq_error error = {.size = sizeof error};
    struct flushes active = {
        .exchange = {.node = "web-1", .instance = "bench", .before = "", .every_ms = 1000 / FLUSHES}};
    pid_t pid;

    if (seconds < PARTS || providers < 1 || !mkdtemp(folder))
        die("usage: bench_sync [RESULTS.md [SECONDS [PROVIDERS]]], 5 seconds at the least");
    snprintf(path, sizeof path, "%s/socket", folder);
    snprintf(ledger, sizeof ledger, "%s/ledger", folder);
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
    if (sync_redis_open(&active.redis, &(struct sync_redis_options){.to = to}, &error) < 0)
        die(error.msg);
    measure_active(&active, pid, seconds, (size_t)providers);
    measure_idle(active.redis, pid, ledger, seconds, (size_t)providers);
    sync_redis_close(active.redis);
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    unlink(path);
    unlink(ledger);
    rmdir(folder);
    return report_rows(
        "Many machines: what a node costs its server and its machine",
        "1,000 providers that all count before each of 4 flushes a second, and 1,000 that do not, "
        "in % of one core.",
        results);
}
