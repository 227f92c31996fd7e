/* bench_shared.c: what a ledger in a file costs, beside one in private memory; and the command beside others.
 *
 * SPDX-License-Identifier: MIT
 *
 *     bench_shared TOKENQUOTA NOTHING [RESULTS.md]
 *
 * TOKENQUOTA is the command, NOTHING a program that links the same libraries and does nothing. Appends to
 * RESULTS.md. redis-cli (with a server started here on a socket of its own) and sqlite3 are measured when
 * they are installed.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loops.h"
#include "measure.h"
#include "tokenquota.h"

extern char **environ;

static char folder[] = "/var/tmp/tokenquota-bench-XXXXXX";

static void die(const char *what)
{
    fprintf(stderr, "\nbench_shared: %s\n", what);
    exit(2);
}

static const char *path_of(const char *name)
{
    static char path[4][128];
    static int next;
    char *made = path[next++ % 4];

    snprintf(made, sizeof path[0], "%s/%s", folder, name);
    return made;
}

static struct tq_ledger *open_ledger(const char *path)
{
    struct tq_ledger_options options = {.size = sizeof options, .rule = TQ_RULE_ORIGINAL};
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger;

    if (tq_ledger_open(&ledger, path, &options, &error) < 0)
        die(error.msg);
    return ledger;
}

static struct tq_provider *provider_of(struct tq_ledger *ledger, const char *name)
{
    struct tq_provider *provider;

    if (tq_ledger_provider(ledger, name, strlen(name), 0, &provider) < 0)
        die("no provider");
    tq_provider_set_budget(provider, INT64_C(1) << 45);
    return provider;
}

static int64_t record_by_handle(void *context, int64_t n)
{
    int64_t retry_at_ns, sum = 0;

    for (int64_t i = 0; i < n; i++)
        sum += tq_provider_record(context, 1, NOON_NS + i, &retry_at_ns);
    return sum;
}

static int64_t record_by_name(void *context, int64_t n)
{
    struct tq_tracker *tracker = tq_ledger_tracker(context);
    int64_t retry_at_ns, sum = 0;

    for (int64_t i = 0; i < n; i++)
        sum += tq_tracker_record(tracker, "claude-acct-1", 1, NOON_NS + i, &retry_at_ns);
    return sum;
}

/* ---- two processes --------------------------------------------------------------------------- */

struct sides {
    const char *path;
    const char *name[2];
};

/* Wall time of n records a process, by two processes at once, the second one a child. */
static int64_t two_processes(void *context, int64_t n)
{
    const struct sides *sides = context;
    struct tq_ledger *ledger = open_ledger(sides->path);
    struct tq_provider *provider = provider_of(ledger, sides->name[0]);
    pid_t child = fork();

    if (child < 0)
        die("cannot fork");
    if (child == 0) {
        record_by_handle(provider_of(ledger, sides->name[1]), n);
        _exit(0);
    }
    record_by_handle(provider, n);
    waitpid(child, NULL, 0);
    tq_ledger_close(ledger);
    return n;
}

static int64_t one_process(void *context, int64_t n)
{
    const struct sides *sides = context;
    struct tq_ledger *ledger = open_ledger(sides->path);
    pid_t child = fork();

    if (child < 0)
        die("cannot fork");
    if (child == 0)
        _exit(0);
    record_by_handle(provider_of(ledger, sides->name[0]), n);
    waitpid(child, NULL, 0);
    tq_ledger_close(ledger);
    return n;
}

/* ---- a record while another process flushes -------------------------------------------------- */

static void bench_flush(const char *name, const char *path)
{
    enum { SAMPLES = 200000 };
    static double took[SAMPLES];
    struct tq_ledger *ledger = open_ledger(path);
    struct tq_provider *provider = provider_of(ledger, "claude-acct-1");
    struct row row = {.name = name, .unit = "us"};
    pid_t child = fork();

    if (child < 0)
        die("cannot fork");
    if (child == 0)
        for (;;)
            tq_ledger_flush(ledger);
    for (int i = 0; i < SAMPLES; i++) {
        double start = now_seconds();

        tq_provider_record(provider, 1, NOON_NS + i, NULL);
        took[i] = (now_seconds() - start) * 1e6;
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    row.least = median(took, SAMPLES); /* sorts */
    row.value = took[SAMPLES - SAMPLES / 10000];
    row.most = took[SAMPLES - 1];
    row_add(row);
    tq_ledger_close(ledger);
    unlink(path);
}

/* ---- opening, and bytes on the disk ---------------------------------------------------------- */

static void fill(const char *path, uint32_t count)
{
    struct tq_ledger *ledger = open_ledger(path);
    char name[32];

    for (uint32_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "account-%" PRIu32, i);
        if (tq_tracker_record(tq_ledger_tracker(ledger), name, 1, NOON_NS, NULL) < 0)
            die("cannot record");
    }
    tq_ledger_close(ledger);
}

static void bench_open(void)
{
    const char *path = path_of("million");
    struct row row = {.name = "open with 1,000,000 names", .unit = "ms", .at_most = 5, .aim = 5};
    double value[ROUNDS];
    int count = round_count();

    fill(path, 1000000);
    for (int i = 0; i < count; i++) {
        double start = now_seconds();

        tq_ledger_close(open_ledger(path));
        value[i] = (now_seconds() - start) * 1e3;
    }
    row.value = median(value, count);
    row.least = value[0];
    row.most = value[count - 1];
    row_add(row);
    unlink(path);
}

static void bench_disk(void)
{
    const char *path = path_of("thousand");
    struct row row = {.name = "on disk, 1,000 providers, 64 days", .unit = "MB", .at_most = 2, .aim = 2};
    struct stat file;

    fill(path, 1000);
    if (stat(path, &file) != 0)
        die("cannot look at the ledger");
    row.value = row.least = row.most = (double)file.st_blocks * 512 / 1e6;
    row_add(row);
    unlink(path);
}

/* ---- the command ----------------------------------------------------------------------------- */

static const char *input = "/dev/null"; /* of the programs that run */

static int64_t run(void *context, int64_t n)
{
    char **arguments = context;
    posix_spawn_file_actions_t actions;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    for (int64_t i = 0; i < n; i++) {
        int status = 0;
        pid_t child;

        if (posix_spawnp(&child, arguments[0], &actions, NULL, arguments, environ) != 0)
            die(arguments[0]);
        if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
            die(arguments[0]);
    }
    posix_spawn_file_actions_destroy(&actions);
    return n;
}

static struct row in_milliseconds(struct row row)
{
    row.unit = "ms";
    row.value /= 1e6;
    row.least /= 1e6;
    row.most /= 1e6;
    return row;
}

static int installed(const char *program)
{
    char command[64];

    snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", program);
    return system(command) == 0;
}

static void bench_redis(char **nothing)
{
    char *const socket = strdup(path_of("redis.sock"));
    char *server[] = {"redis-server", "--port", "0", "--unixsocket", socket, "--save", "", NULL};
    char *client[] = {"redis-cli", "-s", socket, "INCRBY", "openai", "1200", NULL};
    char *ping[] = {"redis-cli", "-s", socket, "PING", NULL};
    posix_spawn_file_actions_t actions;
    struct stat there;
    pid_t child;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    if (posix_spawnp(&child, server[0], &actions, NULL, server, environ) != 0)
        die(server[0]);
    for (int i = 0; i < 500 && stat(socket, &there) != 0; i++)
        usleep(10000);
    run(ping, 1);
    row_add(
        in_milliseconds(measure_beside("redis-cli INCRBY", run, client, "nothing", run, nothing, 100, 0)));
    kill(child, SIGTERM);
    waitpid(child, NULL, 0);
    posix_spawn_file_actions_destroy(&actions);
    free(socket);
}

/* From its start to its end with one answer between: the first answer comes sooner. */
static void bench_mcp(char *command, char *ledger)
{
    static const char ask[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/"
                              "call\",\"params\":{\"name\":\"quota_status\",\"_meta\":"
                              "{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                              "\"io.modelcontextprotocol/clientCapabilities\":{}}}}\n";
    char *const question = strdup(path_of("question"));
    char *mcp[] = {command, "mcp", "--ledger", ledger, NULL};
    FILE *out = fopen(question, "w");
    struct row row;

    if (!out || fputs(ask, out) < 0 || fclose(out) != 0)
        die("cannot write a question");
    input = question;
    row = in_milliseconds(measure("tokenquota mcp, an answer", run, mcp, 100, 0, 0));
    row.ratio = 0;
    row.at_most = 10;
    row_add(row);
    input = "/dev/null";
    unlink(question);
    free(question);
}

static void bench_command(char *command, char *nothing_path)
{
    char *const ledger = strdup(path_of("command"));
    char *const database = strdup(path_of("sqlite"));
    char *nothing[] = {nothing_path, NULL};
    char *observe[] = {command, "observe", "--ledger", ledger, "openai", "1200", NULL};
    char *create[] = {"sqlite3", database,
                      "CREATE TABLE usage (p TEXT, d TEXT, n INTEGER, PRIMARY KEY (p, d))", NULL};
    char *upsert[] = {
        "sqlite3", database,
        "INSERT INTO usage VALUES ('openai', date('now'), 1200) ON CONFLICT DO UPDATE SET n = n + 1200",
        NULL};

    run(observe, 1);
    row_add(in_milliseconds(
        measure_beside("tokenquota observe", run, observe, "nothing", run, nothing, 100, 1.5)));
    bench_mcp(command, ledger);
    if (installed("redis-server"))
        bench_redis(nothing);
    if (installed("sqlite3")) {
        run(create, 1);
        row_add(
            in_milliseconds(measure_beside("sqlite3 upsert", run, upsert, "nothing", run, nothing, 100, 0)));
    }
    unlink(ledger);
    unlink(database);
    free(ledger);
    free(database);
}

/* ---- the table ------------------------------------------------------------------------------- */

static void bench_records(void)
{
    const char *path = path_of("ledger");
    struct tq_ledger *file = open_ledger(path), *private = open_ledger(NULL);
    struct sides different = {path, {"claude-acct-1", "claude-acct-2"}}, same = {path, {"one", "one"}};

    row_add(measure_beside("record by handle, in a file", record_by_handle,
                           provider_of(file, "claude-acct-1"), "private", record_by_handle,
                           provider_of(private, "claude-acct-1"), 2000000, 1.3));
    row_add(measure_beside("record by name, in a file", record_by_name, file, "private", record_by_name,
                           private, 2000000, 1.3));
    row_add(measure_beside("two processes, different names", two_processes, &different, "one", one_process,
                           &different, 4000000, 1.5));
    row_add(measure_beside("two processes, one name", two_processes, &same, "one", one_process, &same,
                           4000000, 0));
    tq_ledger_close(file);
    tq_ledger_close(private);
    unlink(path);
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc > 4) {
        fputs("usage: bench_shared TOKENQUOTA NOTHING [RESULTS.md]\n", stderr);
        return 2;
    }
    if (!mkdtemp(folder))
        die("cannot make a folder in /var/tmp");
    bench_records();
    bench_flush("p99.99 of a record while another process flushes, disk", path_of("flush"));
    bench_flush("p99.99 of a record while another process flushes, tmpfs", "/dev/shm/tokenquota-bench");
    bench_open();
    bench_disk();
    bench_command(argv[1], argv[2]);
    rmdir(folder);
    return report_rows(
        "A ledger in a file",
        "Ratios are to what the column names: the same call in private memory, one process, a "
        "program that does nothing.\nThe flush rows give p99.99, and as range the median and the "
        "longest.\n\n",
        argv[3]);
}
