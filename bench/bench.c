/* bench.c: what the calls cost, through the shared library, in bare atomic adds.
 *
 * SPDX-License-Identifier: MIT
 *
 *     bench TOKENQUOTA [RESULTS.md]
 *
 * TOKENQUOTA is the command, for the replay row. Prints a table; with a second argument also writes it as
 * Markdown with machine, compiler and date. Exit status 0 whatever the figures are: they are looked
 * at. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "loops.h"
#include "measure.h"
#include "tokenquota.h"

#define SEQUENCE 65536

static void *must(void *pointer)
{
    if (!pointer) {
        fputs("bench: out of memory\n", stderr);
        exit(2);
    }
    return pointer;
}

/* ---- one budget ------------------------------------------------------------------------------ */

static struct tq_tracker *tracker;
static struct tq_store *store;

static int64_t record_by_handle(void *context, int64_t n)
{
    int64_t retry_at_ns, sum = 0;

    for (int64_t i = 0; i < n; i++)
        sum += tq_provider_record(context, 1, NOON_NS + i, &retry_at_ns);
    return sum;
}

static int64_t record_by_name(void *context, int64_t n)
{
    int64_t retry_at_ns, sum = 0;

    for (int64_t i = 0; i < n; i++)
        sum += tq_tracker_record(tracker, context, 1, NOON_NS + i, &retry_at_ns);
    return sum;
}

static int64_t state_by_name(void *context, int64_t n)
{
    int64_t retry_at_ns, sum = 0;

    for (int64_t i = 0; i < n; i++)
        sum += tq_store_state(store, context, NOON_NS + i, &retry_at_ns);
    return sum;
}

static int64_t observe_by_name(void *context, int64_t n)
{
    int64_t sum = 0;

    for (int64_t i = 0; i < n; i++)
        sum += tq_observe_token_usage(tracker, store, context, 1, NOON_NS + i);
    return sum;
}

static void bench_one_budget(void)
{
    static char name[] = "claude-acct-1", marked[] = "claude-acct-2", unknown[] = "claude-acct-3";
    struct tq_ledger_options options = {.size = sizeof options, .rule = TQ_RULE_ORIGINAL};
    struct tq_provider *provider;
    struct tq_ledger *ledger;

    tracker = must(tq_tracker_new());
    store = must(tq_store_new());
    tq_tracker_set_budget(tracker, name, INT64_C(1) << 45);
    tq_store_mark_quota_exhausted(store, marked, NOON_NS + DAY_NS);
    tq_store_mark_quota_exhausted(store, name, NOON_NS - DAY_NS);
    if (tq_ledger_open(&ledger, NULL, &options, NULL) < 0 ||
        tq_ledger_provider(ledger, name, strlen(name), 0, &provider) < 0)
        exit(2);
    tq_provider_set_budget(provider, INT64_C(1) << 45);
    row_add(measure("record by handle", record_by_handle, provider, 4000000, 2.2, 1.8));
    tq_provider_set_rule(provider, TQ_RULE_OFF);
    row_add(measure_least("record by handle, rule off", record_by_handle, provider, NULL, 10000, 0, 0));
    tq_provider_set_rule(provider, TQ_RULE_DEFAULT);
    row_add(measure("state by handle", loop_state, provider, 8000000, 1, 0.6));
    row_add(measure("record by name (13 bytes)", record_by_name, name, 4000000, 5.2, 4));
    row_add(measure("state by name, available", state_by_name, name, 4000000, 3.5, 2.5));
    row_add(measure("state by name, exhausted", state_by_name, marked, 4000000, 3.5, 2.5));
    row_add(measure("state by name, unknown", state_by_name, unknown, 4000000, 3.5, 2.5));
    row_add(measure("observe by name, within budget", observe_by_name, name, 4000000, 5.8, 4.7));
    row_add(measure_two_threads("two threads, one name, by name (of two on one add)", record_by_name, name,
                                2000000, 2.4, 1.8));
    tq_ledger_close(ledger);
    tq_store_free(store);
    tq_tracker_free(tracker);
}

/* ---- many names at random -------------------------------------------------------------------- */

struct names {
    char (*name)[32];
    uint32_t count, *order;
    int64_t at; /* where in the order the next loop begins */
};

static uint64_t random_state = UINT64_C(88172645463325252);

static uint64_t random64(void) /* xorshift64 (Marsaglia 2003) */
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    return random_state ^= random_state << 17;
}

/* Names as people have them, 6 to 31 bytes, of mixed length. */
static struct names make_names(uint32_t count)
{
    static const char *const stem[] = {
        "openai",          "claude-acct", "groq:llama-3.3-70b", "azure/eu-west/gpt-4o",
        "openrouter/auto", "gemini",      "vertex/gemini-2.0",  "local"};
    struct names names = {.count = count};
    uint32_t draws = count < SEQUENCE ? SEQUENCE : 4 * SEQUENCE;

    names.name = must(calloc(count, sizeof *names.name));
    names.order = must(malloc(4 * SEQUENCE * sizeof *names.order));
    for (uint32_t i = 0; i < count; i++)
        snprintf(names.name[i], sizeof names.name[i], "%s-%" PRIu32, stem[i % 8], i / 8);
    for (uint32_t i = 0; i < 4 * SEQUENCE; i++)
        names.order[i] = i < draws ? (uint32_t)(random64() % count) : names.order[i - draws];
    return names;
}

static int64_t record_at_random(void *context, int64_t n)
{
    struct names *names = context;
    int64_t retry_at_ns, sum = 0;

    for (int64_t i = 0; i < n; i++)
        sum += tq_tracker_record(tracker, names->name[names->order[(names->at + i) % (4 * SEQUENCE)]], 1,
                                 NOON_NS + i, &retry_at_ns);
    names->at += n;
    return sum;
}

static void bench_many_names(const char *row, uint32_t count, double at_most, double aim)
{
    struct names names = make_names(count);

    tracker = must(tq_tracker_new());
    for (uint32_t i = 0; i < count; i++)
        tq_tracker_set_budget(tracker, names.name[i], INT64_C(1) << 45);
    record_at_random(&names, 4 * SEQUENCE); /* warm */
    row_add(measure_least(row, record_at_random, &names, NULL, 20000, at_most, aim));
    tq_tracker_free(tracker);
    free(names.name);
    free(names.order);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static int64_t list_exhausted(void *context, int64_t n)
{
    static struct tq_exhausted out[128];
    int64_t sum = 0;

    for (int64_t i = 0; i < n; i += 100)
        sum += (int64_t)tq_store_exhausted_at(context, NOON_NS, out, 128);
    return sum;
}

static struct tq_store *store_with_marks(uint32_t names)
{
    struct tq_store *made = must(tq_store_new());
    char name[32];

    for (uint32_t i = 0; i < names; i++) {
        snprintf(name, sizeof name, "account-%" PRIu32, i);
        tq_store_mark_quota_exhausted(made, name, NOON_NS + DAY_NS);
        if (i % (names / 100) != 0)
            tq_store_mark_available(made, name);
    }
    return made;
}

static void bench_lists(void)
{
    struct tq_store *few = store_with_marks(100), *many = store_with_marks(1000000);
    struct row row = {.name = "list 100 marked among 1,000,000", .unit = "ms", .at_most = 20, .aim = 20};
    double value[ROUNDS];
    int count = round_count();

    row_add(measure("list 100 marked among 100, an entry", list_exhausted, few, 1000000, 5, 5));
    for (int i = 0; i < count; i++) {
        double start = now_seconds();

        if (list_exhausted(many, 100) != 100)
            exit(2);
        value[i] = (now_seconds() - start) * 1e3;
    }
    row.value = median(value, count);
    row.least = value[0];
    row.most = value[count - 1];
    row_add(row);
    tq_store_free(few);
    tq_store_free(many);
}

/* ---- memory ---------------------------------------------------------------------------------- */

struct filling {
    uint32_t days, count;
};

static void fill_ledger(const void *context)
{
    const struct filling *filling = context;
    struct tq_ledger_options options = {.size = sizeof options, .history_days = filling->days};
    struct tq_ledger *ledger;
    char name[32];

    if (tq_ledger_open(&ledger, NULL, &options, NULL) < 0)
        exit(2);
    for (uint32_t i = 0; i < filling->count; i++) {
        snprintf(name, sizeof name, "azure/eu-west/acct-%" PRIu32, i);
        tq_tracker_record(tq_ledger_tracker(ledger), name, 1, NOON_NS, NULL);
        for (int64_t day = 1; day < filling->days; day += 8) /* every page of the history is touched */
            tq_tracker_record(tq_ledger_tracker(ledger), name, 1, NOON_NS + day * DAY_NS, NULL);
    }
}

static void bench_memory(void)
{
    static const struct {
        const char *name;
        struct filling filling;
        double at_most;
    } cases[] = {{"resident a name, 64 days, 100,000 names", {64, 100000}, 832},
                 {"resident a name, 64 days, 1,000,000 names", {64, 1000000}, 832},
                 {"resident a name, 8 days, 100,000 names", {8, 100000}, 384},
                 {"resident a name, 8 days, 1,000,000 names", {8, 1000000}, 384}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        row_add(row_of_bytes(cases[i].name,
                             resident_growth(fill_ledger, &cases[i].filling) / cases[i].filling.count,
                             cases[i].at_most));
}

/* ---- replay ---------------------------------------------------------------------------------- */

#define REPLAY_LINES 2000000

static void write_log(const char *path)
{
    FILE *file = fopen(path, "w");
    struct names names = make_names(16);

    if (!file)
        exit(2);
    fputs("unix_ms,provider_or_model,input_tokens,output_tokens\n", file);
    for (int64_t i = 0; i < REPLAY_LINES; i++)
        fprintf(file, "%" PRId64 ",%s,%" PRIu64 ",%" PRIu64 "\n", NOON_NS / 1000000 + i * 100,
                names.name[names.order[i % SEQUENCE]], random64() % 20000, random64() % 2000);
    if (fclose(file) != 0)
        exit(2);
    free(names.name);
    free(names.order);
}

/* Million lines a second of processor time, from start to end of the command. */
static double replay_once(const char *command, const char *log)
{
    struct rusage usage;
    int status = 0;
    pid_t child = fork();

    if (child < 0)
        exit(2);
    if (child == 0) {
        if (!freopen("/dev/null", "w", stdout))
            _exit(2);
        execl(command, command, "replay", "--quiet", "--budget", "*=2G", log, (char *)NULL);
        _exit(127);
    }
    if (wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) || WEXITSTATUS(status) > 1) {
        fprintf(stderr, "\nbench: %s replay failed\n", command);
        exit(2);
    }
    return REPLAY_LINES / 1e6 /
           ((double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
            (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6);
}

static void bench_replay(const char *command)
{
    struct row row = {.name = "replay of a CSV log, million lines a second",
                      .unit = "M/s",
                      .at_most = 2,
                      .aim = 5,
                      .at_least = 1};
    char log[] = "/tmp/tokenquota-bench-XXXXXX";
    double value[ROUNDS];
    int count = round_count();
    int fd = mkstemp(log);

    if (fd < 0)
        exit(2);
    close(fd);
    write_log(log);
    for (int i = 0; i < count; i++)
        value[i] = replay_once(command, log);
    unlink(log);
    row.value = median(value, count);
    row.least = value[0];
    row.most = value[count - 1];
    row_add(row);
}

/* ---- the table ------------------------------------------------------------------------------- */

static void processor_name(char *name, size_t size)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[256];

    snprintf(name, size, "unknown processor");
    while (file && fgets(line, sizeof line, file)) {
        char *colon = strchr(line, ':');

        if (strncmp(line, "model name", 10) == 0 && colon) {
            snprintf(name, size, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
            break;
        }
    }
    if (file)
        fclose(file);
}

static void print_report(FILE *out, int markdown)
{
    struct utsname system;
    char processor[128], date[32];
    time_t now = time(NULL);
    struct tm utc;

    processor_name(processor, sizeof processor);
    uname(&system);
    strftime(date, sizeof date, "%Y-%m-%d", gmtime_r(&now, &utc));
    if (markdown)
        fputs("# Results of make bench\n\nWritten by `RESULTS=1 make bench`. A row counts as kept when its "
              "figure "
              "is within \"at most\"; with a ratio\nthat is the ratio to a bare uncontended atomic add timed "
              "in the "
              "same round.\n\n",
              out);
    fprintf(out, "tokenquota %s, %s, %s %s, %ld processors, compiler %s, %s, bare add %.2f ns\n\n",
            tq_version_string(), processor, system.sysname, system.machine, sysconf(_SC_NPROCESSORS_ONLN),
            __VERSION__, date, bare_add_ns());
    print_rows(out, markdown);
}

int main(int argc, char **argv)
{
    FILE *results = NULL;

    if (argc < 2 || argc > 3) {
        fputs("usage: bench TOKENQUOTA [RESULTS.md]\n", stderr);
        return 2;
    }
    bench_memory(); /* first: forked from a small process */
    bench_one_budget();
    bench_many_names("record by name, 16 names at random", 16, 6, 5);
    bench_many_names("record by name, 1,000 names at random", 1000, 9, 7);
    bench_many_names("record by name, 10,000 names at random", 10000, 9, 7);
    bench_many_names("record by name, 1,000,000 names at random", 1000000, 80, 60);
    bench_lists();
    bench_replay(argv[1]);
    fputs("\r                    \r", stderr);
    print_report(stdout, 0);
    if (argc == 3) {
        results = fopen(argv[2], "w");
        if (!results) {
            perror(argv[2]);
            return 2;
        }
        print_report(results, 1);
        if (fclose(results) != 0)
            return 2;
    }
    return 0;
}
