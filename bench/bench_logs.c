/* bench_logs.c: how fast logs are read on one core, beside `wc -l` and ccusage on the same files.
 *
 * SPDX-License-Identifier: MIT
 *
 *     bench_logs TOKENQUOTA MAKE_LOGS CCUSAGE [RESULTS.md]
 *
 * CCUSAGE is its native program (make peers installs it); what is no file there is left out, and said.
 * Appends to RESULTS.md. Logs are made in /var/tmp, 300 MB of each tool, or BENCH_LOG_MB; they are in memory
 * when they are read.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

#define WORDS_MAX 128
#define WORDS_BYTES 16384
#define TIMES 5
#define NOW "2026-09-18T23:00:00Z" /* the last day of the logs */

/* A command line: its words, one after the other, each with its NUL. */
struct words {
    char bytes[WORDS_BYTES];
    size_t len;
    int count;
};

static char folder[] = "/var/tmp/tokenquota-logs-XXXXXX";
static const char *tokenquota, *make_logs, *ccusage;
static double logs_gb; /* of the tool that is measured */

_Noreturn static void die(const char *what)
{
    fprintf(stderr, "\nbench_logs: %s\n", what);
    exit(2);
}

/* ---- programs -------------------------------------------------------------------------------- */

static void word(struct words *words, const char *text)
{
    size_t size = strlen(text) + 1;

    if (words->count == WORDS_MAX || size > sizeof words->bytes - words->len)
        die("too many words");
    memcpy(words->bytes + words->len, text, size);
    words->len += size;
    words->count++;
}

static struct words line_of(const char *const *texts)
{
    struct words words = {.count = 0};

    while (*texts)
        word(&words, *texts++);
    return words;
}

_Noreturn static void become(struct words *words)
{
    char *at[WORDS_MAX + 1], *next = words->bytes;
    int i = 0;

    for (; i < words->count; i++, next += strlen(next) + 1)
        at[i] = next;
    at[i] = NULL;
    execvp(words->bytes, at);
    _exit(127);
}

/* Seconds that a program takes on one core; negative when it fails. */
static double try_run(struct words *words, const char *output)
{
    double start = now_seconds();
    pid_t child = fork();
    int status;

    if (child == 0) {
        int out = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0666);
        cpu_set_t one;

        CPU_ZERO(&one);
        CPU_SET((unsigned)sysconf(_SC_NPROCESSORS_ONLN) - 1, &one);
        if (out < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 || sched_setaffinity(0, sizeof one, &one) != 0)
            _exit(126);
        become(words);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        die("fork");
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? now_seconds() - start : -1;
}

static double run(struct words *words, const char *output)
{
    double took = try_run(words, output);

    if (took < 0)
        die(words->bytes);
    return took;
}

/* ---- the logs of a tool ---------------------------------------------------------------------- */

static const char *path_of(const char *name)
{
    static char paths[4][256];
    static int next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

/* The files below path_of(tool), appended to words: what a telemetry file is called only its user knows. */
static void add_files(struct words *words, const char *tool)
{
    char command[512], path[512];
    FILE *found;

    snprintf(command, sizeof command, "find %s -type f", path_of(tool));
    found = popen(command, "r");
    if (!found)
        die("find");
    while (fgets(path, sizeof path, found)) {
        path[strcspn(path, "\n")] = '\0';
        word(words, path);
    }
    if (pclose(found) != 0)
        die("find");
}

static void make(const char *tool)
{
    const char *megabytes = getenv("BENCH_LOG_MB");
    struct words words, files = {.count = 0};
    char bytes[32];

    snprintf(bytes, sizeof bytes, "%.0f", (megabytes && *megabytes ? strtod(megabytes, NULL) : 300) * 1e6);
    words = line_of((const char *const[]){make_logs, tool, path_of(tool), bytes, NULL});
    run(&words, "/dev/null");
    add_files(&files, tool);
    logs_gb = 0;
    for (const char *file = files.bytes; file < files.bytes + files.len; file += strlen(file) + 1) {
        int fd = open(file, O_RDONLY);
        off_t end = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);

        if (end < 0)
            die(file);
        logs_gb += (double)end / 1e9;
        close(fd);
    }
}

static void remove_all(const char *path)
{
    struct words words = line_of((const char *const[]){"rm", "-rf", path, NULL});

    run(&words, "/dev/null");
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* GB a minute of a program, and of another in the same rounds; ratio is how many times as fast the first
 * is. */
static struct row race(const char *name, struct words *words, const char *of, struct words *other)
{
    struct row row = {.name = name, .unit = "GB/min", .of = of, .at_least = 1};
    double value[TIMES], ratio[TIMES];

    run(words, "/dev/null"); /* warm */
    for (int i = 0; i < TIMES; i++) {
        double took = run(words, "/dev/null");

        value[i] = logs_gb / took * 60;
        if (other)
            ratio[i] = run(other, "/dev/null") / took;
    }
    row.ratio = other ? median(ratio, TIMES) : 0;
    row.value = median(value, TIMES);
    row.least = value[0];
    row.most = value[TIMES - 1];
    return row;
}

static struct words usage_words(const char *tool)
{
    struct words words =
        line_of((const char *const[]){tokenquota, "usage", "--source", tool, "--by", "day", "--json", NULL});

    add_files(&words, tool);
    return words;
}

static void bench_usage(const char *tool, const char *name, double at_least, double aim)
{
    struct words words = usage_words(tool);

    if (try_run(&words, "/dev/null") < 0) {
        fprintf(stderr, "\r%s: not read by this command\n", name);
    } else {
        struct row row = race(name, &words, NULL, NULL);

        row.at_most = at_least;
        row.aim = aim;
        row_add(row);
    }
}

static void bench_beside_wc(const char *tool, const char *name)
{
    struct words words = usage_words(tool), wc = line_of((const char *const[]){"wc", "-l", NULL});

    add_files(&wc, tool);
    row_add(race(name, &words, "wc -l", &wc));
}

static void bench_beside_ccusage(const char *tool, const char *name, const char *variable)
{
    struct words words = usage_words(tool), peer;
    struct row row;

    if (access(ccusage, X_OK) != 0)
        return;
    peer = line_of(
        (const char *const[]){ccusage, tool, "daily", "--json", "--offline", "--timezone", "UTC", NULL});
    setenv(variable, path_of(tool), 1);
    row = race(name, &words, "ccusage", &peer);
    unsetenv(variable);
    row.at_most = row.aim = 1;
    row_add(row);
}

static struct words import_words(const char *tool)
{
    return line_of((const char *const[]){tokenquota, "import", tool, path_of(tool), "--ledger",
                                         path_of("ledger"), "--at", NOW, "--quiet", NULL});
}

static void remove_ledger(void)
{
    unlink(path_of("ledger"));
    unlink(path_of("ledger.imports"));
}

/* The first run into a new ledger, and one that finds nothing new. */
static void bench_import(const char *tool, const char *first_name, const char *second_name)
{
    struct words words = import_words(tool);
    struct row first = {.name = first_name, .unit = "GB/min", .at_least = 1};
    struct row second = {.name = second_name, .unit = "ms", .at_most = 1000, .aim = 100};
    double value[TIMES], again[TIMES];

    for (int i = 0; i < TIMES; i++) {
        remove_ledger();
        value[i] = logs_gb / run(&words, "/dev/null") * 60;
        again[i] = run(&words, "/dev/null") * 1e3;
    }
    first.value = median(value, TIMES);
    first.least = value[0];
    first.most = value[TIMES - 1];
    second.value = median(again, TIMES);
    second.least = again[0];
    second.most = again[TIMES - 1];
    row_add(first);
    row_add(second);
    remove_ledger();
}

/* A store of so many rows, made by the command of SQLite. */
static bool make_store(const char *path, int count)
{
    char sql[1024];
    struct words words;

    snprintf(sql, sizeof sql,
             "CREATE TABLE assistant_usage_events(id INTEGER PRIMARY KEY, session_id TEXT, model TEXT, "
             "input_tokens"
             " INTEGER, output_tokens INTEGER, cache_read_tokens INTEGER, cache_write_tokens INTEGER,"
             " reasoning_tokens INTEGER, created_at TEXT);"
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
             "INSERT INTO assistant_usage_events SELECT i, 'session-' || i / 100, 'claude-sonnet-5', 43792, "
             "i %% 900,"
             " 42698, 904, 0, strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', 1787184000 + i * 25, 'unixepoch') FROM n",
             count);
    words = line_of((const char *const[]){"sqlite3", path, sql, NULL});
    return try_run(&words, "/dev/null") >= 0;
}

/* A SQLite store of 100,000 rows: all of it, and when nothing is new. */
static void bench_store(void)
{
    struct row first = {.name = "import, a SQLite store of 100,000 rows", .unit = "ms", .at_most = 1000};
    struct row second = {.name = "the same, nothing new", .unit = "ms", .at_most = 10};
    double value[TIMES], again[TIMES];
    struct words words;

    if (!make_store(path_of("store.db"), 100000)) {
        fprintf(stderr, "\rthe command sqlite3 is not installed: no store was made\n");
        return;
    }
    words = line_of((const char *const[]){tokenquota, "import", "copilot", path_of("store.db"), "--ledger",
                                          path_of("ledger"), "--at", NOW, "--quiet", NULL});
    for (int i = 0; i < TIMES; i++) {
        remove_ledger();
        value[i] = run(&words, "/dev/null") * 1e3;
        again[i] = run(&words, "/dev/null") * 1e3;
    }
    first.value = median(value, TIMES);
    first.least = value[0];
    first.most = value[TIMES - 1];
    second.value = median(again, TIMES);
    second.least = again[0];
    second.most = again[TIMES - 1];
    row_add(first);
    row_add(second);
    remove_ledger();
}

static void bench_all(void)
{
    bench_store();
    make("claude");
    bench_usage("claude", "usage, Claude Code logs", 2, 10);
    bench_beside_wc("claude", "the same beside wc -l");
    bench_beside_ccusage("claude", "the same beside ccusage", "CLAUDE_CONFIG_DIR");
    bench_import("claude", "import, Claude Code logs, new ledger", "import, Claude Code logs, nothing new");
    remove_all(path_of("claude"));
    make("codex");
    bench_usage("codex", "usage, Codex logs", 2, 10);
    bench_beside_wc("codex", "the same, of Codex, beside wc -l");
    bench_beside_ccusage("codex", "the same, of Codex, beside ccusage", "CODEX_HOME");
    bench_import("codex", "import, Codex logs, new ledger", "import, Codex logs, nothing new");
    remove_all(path_of("codex"));
    make("gemini");
    bench_usage("gemini", "usage, Gemini CLI telemetry", 0, 0);
    remove_all(path_of("gemini"));
    make("litellm");
    bench_usage("litellm", "usage, LiteLLM rows", 0, 0);
    remove_all(path_of("litellm"));
    make("pi");
    bench_usage("pi", "usage, pi sessions", 0, 0);
    remove_all(path_of("pi"));
    make("cline");
    bench_usage("cline", "usage, Cline tasks", 0, 0);
    remove_all(path_of("cline"));
}

int main(int argc, char **argv)
{
    if (argc < 4 || argc > 5) {
        fputs("usage: bench_logs TOKENQUOTA MAKE_LOGS CCUSAGE [RESULTS.md]\n", stderr);
        return 2;
    }
    tokenquota = argv[1];
    make_logs = argv[2];
    ccusage = argv[3];
    if (!mkdtemp(folder) || setenv("HOME", folder, 1) != 0)
        die("cannot make a folder in /var/tmp");
    bench_all();
    remove_all(folder);
    if (access(ccusage, X_OK) != 0)
        puts("ccusage is not installed, so nothing was compared with it: make peers");
    return report_rows(
        "Logs",
        "On one core, logs in memory. Ratios are how many times as fast as what the column names, on "
        "the same files in the same round.\n\n",
        argv[4]);
}
