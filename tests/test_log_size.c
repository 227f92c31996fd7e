/* test_log_size.c: many logs are imported exactly, in little memory, and at once when nothing is new.
 *
 * SPDX-License-Identifier: MIT
 *
 *     test_log_size TOKENQUOTA MAKE_LOGS
 *
 * Half as many bytes each of Claude Code and Codex: 40 MB; with TQ_STRESS 10 GB; with TQ_LOG_GB=n, n GB.
 * Below TMPDIR or /var/tmp there must be room for them, else it is skipped and says so.
 */

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#include "harness.h"
#include "program.h"
#include "tokenquota.h"

#define NOW "2026-09-18T23:00:00Z" /* the last day of the logs */
#define RSS_MOST (INT64_C(64) << 20)
#define SECOND_RUN_MOST_NS INT64_C(1000000000)
#define GB INT64_C(1000000000)

static const char *tokenquota, *make_logs;
static char folder[PATH_MAX / 2];

static int64_t bytes_wanted(void)
{
    const char *gigabytes = getenv("TQ_LOG_GB"), *stress = getenv("TQ_STRESS");

    if (gigabytes && *gigabytes)
        return (int64_t)(strtod(gigabytes, NULL) * (double)GB);
    return stress && *stress && strtoul(stress, NULL, 10) > 1 ? 10 * GB : 40000000;
}

static bool has_room(int64_t bytes)
{
    const char *above = getenv("TMPDIR");
    struct statvfs status;
    int64_t room;

    snprintf(folder, sizeof folder, "%s/tqlogs-XXXXXX", above && *above ? above : "/var/tmp");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(statvfs(folder, &status), 0);
    room = (int64_t)status.f_bavail * (int64_t)status.f_frsize;
    if (room > bytes + bytes / 5 + 100000000)
        return true;
    print_message("# %s has room for %" PRId64 " MB, not for %" PRId64
                  " MB of logs: set TMPDIR or TQ_LOG_GB\n",
                  folder, room / 1000000, bytes / 1000000);
    return false;
}

/* ---- what must be in the ledger -------------------------------------------------------------- */

/* The sum over days of what make_logs says that counts; rows of the truth file in *rows. */
static int64_t truth_of(const char *path, unsigned *rows)
{
    int64_t input, cache_write, output, sum = 0;
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    *rows = 0;
    while (fscanf(file, "%*s %*s %*d %" SCNd64 " %" SCNd64 " %*d %" SCNd64, &input, &cache_write, &output) ==
           3) {
        sum += input + cache_write + output;
        ++*rows;
    }
    assert_true(feof(file));
    fclose(file);
    assert_true(*rows > 20);
    return sum;
}

static int64_t used_of(const char *path, const char *provider)
{
    const int64_t first_ns = INT64_C(1787184000000000000); /* 2026-08-20, make_logs.c */
    struct tq_ledger_options options = {.size = sizeof options, .flags = TQ_OPEN_EXISTING};
    struct tq_ledger *ledger;
    int64_t sum = 0;

    assert_int_equal(tq_ledger_open(&ledger, path, &options, NULL), 0);
    for (int64_t day = 0; day < 30; day++)
        sum += tq_tracker_used(tq_ledger_tracker(ledger), provider, first_ns + day * DAY_NS);
    tq_ledger_close(ledger);
    return sum;
}

static struct program_end import(const char *tool, const char *ledger)
{
    char logs[PATH_MAX];
    const char *const arguments[] = {tokenquota, "import", tool, logs,      "--ledger",
                                     ledger,     "--at",   NOW,  "--quiet", NULL};

    snprintf(logs, sizeof logs, "%s/%s", folder, tool);
    return program_run(arguments, NULL);
}

/* The second run has nothing to read: it looks at the files and ends. */
static void check_tool(const char *tool, int64_t bytes)
{
    char logs[PATH_MAX], truth[PATH_MAX], ledger[PATH_MAX], number[32];
    const char *const making[] = {make_logs, tool, logs, number, NULL};
    struct program_end first, second;
    unsigned rows, files;
    int64_t made_bytes, sum;

    snprintf(logs, sizeof logs, "%s/%s", folder, tool);
    snprintf(truth, sizeof truth, "%s/%s.tsv", folder, tool);
    snprintf(ledger, sizeof ledger, "%s/ledger-%s", folder, tool);
    snprintf(number, sizeof number, "%" PRId64, bytes);
    assert_int_equal(program_run(making, truth).status, 0);
    made_bytes = folder_bytes(logs, &files);
    assert_true(made_bytes >= bytes);
    sum = truth_of(truth, &rows);
    first = import(tool, ledger);
    assert_int_equal(first.status, 0);
    assert_int_equal(used_of(ledger, tool), sum);
    second = import(tool, ledger);
    assert_int_equal(second.status, 0);
    assert_int_equal(used_of(ledger, tool), sum);
    print_message("# %s: %" PRId64 " MB in %u files in %.2f s (%.1f GB/min), %" PRId64
                  " MB of memory; again in %.3f s, %" PRId64 " MB\n",
                  tool, made_bytes / 1000000, files, (double)first.took_ns / 1e9,
                  (double)made_bytes / (double)first.took_ns * 60, first.rss_bytes >> 20,
                  (double)second.took_ns / 1e9, second.rss_bytes >> 20);
#if !defined(TEST_ASAN) && !defined(TEST_TSAN)
    assert_true(first.rss_bytes <= RSS_MOST && second.rss_bytes <= RSS_MOST);
    assert_true(second.took_ns <= SECOND_RUN_MOST_NS);
#endif
}

static void test_size(void **state)
{
    int64_t bytes = bytes_wanted();
    bool room = has_room(bytes);

    (void)state;
    if (room) {
        check_tool("claude", bytes / 2);
        check_tool("codex", bytes / 2);
    }
    folder_remove(folder);
    if (!room)
        skip();
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_size)};

    if (argc != 3)
        return 2;
    tokenquota = argv[1];
    make_logs = argv[2];
    return cmocka_run_group_tests_name("log_size", tests, NULL, NULL);
}
