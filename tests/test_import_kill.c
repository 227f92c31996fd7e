/* test_import_kill.c: importers are killed at any instant: no response is lost, and few count twice.
 *
 * SPDX-License-Identifier: MIT
 *
 *     test_import_kill TOKENQUOTA MAKE_LOGS IMPORT_KILLER.so [SOURCE]
 *
 * A tree of made-up logs, of which it is known what is in it, is imported into a new ledger again and again:
 * an importer is killed at a random moment of its work and another one started, until one ends by itself.
 * Then each provider and day must hold at least what the logs say; and all of them together at most one
 * response more for each kill. Some are stopped first; another importer must then say that it is not alone,
 * and change nothing.
 *
 * Those are moments of the clock. import_killer.c kills at moments of the work: before and after a response
 * is counted.
 *
 * The logs are those of Claude Code, or of another source.
 *
 * 30 kills and 10 times five; with TQ_STRESS=n, n times as many. TQ_SEED draws other moments.
 */

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "harness.h"
#include "program.h"
#include "rng.h"
#include "scratch.h"

#define LOG_BYTES "4000000"
#define NOW "2026-09-18T23:00:00Z"  /* the last day of the logs */
#define RESPONSE_MOST INT64_C(4551) /* tokens of one that count */
#define ROWS_MAX 90

struct row {
    char model[64];
    int64_t noon_ns;
    int64_t counted;
};

static const char *tokenquota, *make_logs, *killer, *source = "claude";
static struct row rows[ROWS_MAX];
static size_t row_count;

/* ---- what is in the logs --------------------------------------------------------------------- */

static void read_row(char *line)
{
    struct row *row = &rows[row_count++];
    int64_t responses, input, cache_write, cache_read, output;
    struct tm tm = {.tm_hour = 12};

    assert_true(row_count <= ROWS_MAX);
    assert_int_equal(sscanf(line,
                            "%d-%d-%d\t%63s\t%" SCNd64 "\t%" SCNd64 "\t%" SCNd64 "\t%" SCNd64 "\t%" SCNd64,
                            &tm.tm_year, &tm.tm_mon, &tm.tm_mday, row->model, &responses, &input,
                            &cache_write, &cache_read, &output),
                     9);
    tm.tm_year -= 1900;
    tm.tm_mon--;
    row->noon_ns = timegm(&tm) * INT64_C(1000000000);
    row->counted = input + cache_write + output;
}

static void make_tree(void **state)
{
    char path[PATH_MAX], line[256];
    const char *const arguments[] = {make_logs, source, scratch_path(state, "logs"), LOG_BYTES, NULL};
    FILE *file;

    snprintf(path, sizeof path, "%s", scratch_path(state, "truth"));
    assert_int_equal(program_run(arguments, path).status, 0);
    file = fopen(path, "r");
    assert_non_null(file);
    row_count = 0;
    while (fgets(line, sizeof line, file))
        read_row(line);
    fclose(file);
    assert_true(row_count > 10);
}

/* ---- what is in the ledger ------------------------------------------------------------------- */

static int64_t check_ledger(const char *path, int64_t more_at_most)
{
    struct tq_ledger *ledger = open_file_with(path, 0, 0, TQ_OPEN_EXISTING);
    int64_t more = 0;

    assert_non_null(ledger);
    for (size_t i = 0; i < row_count; i++) {
        int64_t used = tq_tracker_used(tq_ledger_tracker(ledger), rows[i].model, rows[i].noon_ns);

        if (used < rows[i].counted)
            fail_msg("%s, row %zu: %" PRId64 " of %" PRId64 " counted", rows[i].model, i, used,
                     rows[i].counted);
        more += used - rows[i].counted;
    }
    if (more > more_at_most)
        fail_msg("%" PRId64 " tokens more than there are, not at most %" PRId64, more, more_at_most);
    tq_ledger_close(ledger);
    return more;
}

static pid_t start_import(void **state, const char *ledger, const char *output)
{
    const char *const arguments[] = {tokenquota,   "import",  source,    scratch_path(state, "logs"),
                                     "--ledger",   ledger,    "--at",    NOW,
                                     "--provider", "{model}", "--quiet", NULL};

    return program_start(arguments, output);
}

/* ---- kills ----------------------------------------------------------------------------------- */

/* A second importer beside one that is stopped does nothing, and names that one or says "somebody". */
static void try_second(void **state, const char *ledger, pid_t first)
{
    char output[PATH_MAX], words[4096] = "";
    struct program_end end;
    const char *named;
    FILE *file;

    snprintf(output, sizeof output, "%s", scratch_path(state, "second"));
    end = program_wait(start_import(state, ledger, output));
    if (end.status == 0) /* the first was stopped before it had the lock, or after it gave it back */
        return;
    file = fopen(output, "r");
    assert_non_null(file);
    words[fread(words, 1, sizeof words - 1, file)] = '\0';
    fclose(file);
    assert_int_equal(end.status, 2);
    assert_non_null(strstr(words, "imports into this ledger"));
    named = strstr(words, "process ");
    if (named && strtol(named + strlen("process "), NULL, 10) != first)
        fail_msg("process %ld is not named: %s", (long)first, words);
}

/* Kills it after a while, perhaps stopped before; false when it had ended by then. */
static bool kill_once(void **state, const char *ledger, struct rng *rng, int64_t took_ns)
{
    pid_t child = start_import(state, ledger, NULL);
    int status;

    pause_ns(rng_below_i64(rng, took_ns));
    if (rng_below(rng, 4) == 0) {
        assert_int_equal(kill(child, SIGSTOP), 0);
        assert_int_equal(waitpid(child, &status, WUNTRACED), child);
        if (!WIFSTOPPED(status)) {
            assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
            return false;
        }
        try_second(state, ledger, child);
        assert_int_equal(kill(child, SIGCONT), 0);
        pause_ns(rng_below_i64(rng, took_ns / 4));
    }
    assert_int_equal(kill(child, SIGKILL), 0);
    status = program_wait(child).status;
    assert_true(status == 0 || status == 1000 + SIGKILL);
    return status != 0;
}

static unsigned kills_wanted(void)
{
    const char *stress = getenv("TQ_STRESS");
    unsigned long factor = stress && *stress ? strtoul(stress, NULL, 10) : 1;

    return (unsigned)(factor > 1 ? 30 * factor : 30);
}

/* How long it takes when nobody disturbs it, at best; and then it is exact. */
static int64_t time_whole(void **state)
{
    int64_t least_ns = INT64_MAX;

    for (unsigned i = 0; i < 3; i++) {
        char ledger[PATH_MAX];
        struct program_end end;

        snprintf(ledger, sizeof ledger, "%s/whole-%u", (const char *)*state, i);
        end = program_wait(start_import(state, ledger, NULL));
        assert_int_equal(end.status, 0);
        check_ledger(ledger, 0);
        least_ns = end.took_ns < least_ns ? end.took_ns : least_ns;
    }
    return least_ns;
}

static void test_kill(void **state)
{
    unsigned wanted = kills_wanted(), kills = 0, rounds = 0;
    struct rng rng = {rng_seed(7)};
    int64_t twice = 0, took_ns;
    char ledger[PATH_MAX];

    make_tree(state);
    took_ns = time_whole(state);
    for (; kills < wanted && rounds < 100 * wanted; rounds++) {
        unsigned killed = 0;

        snprintf(ledger, sizeof ledger, "%s/ledger-%u", (const char *)*state, rounds);
        while (killed < 10 && kill_once(state, ledger, &rng, took_ns))
            killed++;
        assert_int_equal(program_wait(start_import(state, ledger, NULL)).status, 0);
        twice += check_ledger(ledger, killed * RESPONSE_MOST) > 0;
        kills += killed;
    }
    print_message("# %u kills in %u rounds; in %" PRId64 " of them something was counted twice\n", kills,
                  rounds, twice);
    assert_true(kills >= wanted);
}

/* ---- kills between two steps ----------------------------------------------------------------- */

/* Killed at a call that counts; false when it ended before it came so far. */
static bool kill_at(void **state, const char *ledger, unsigned call, const char *when)
{
    char number[16];
    int status;

    snprintf(number, sizeof number, "%u", call);
    assert_int_equal(setenv("TQ_KILL_AT", number, 1), 0);
    assert_int_equal(setenv("TQ_KILL_WHEN", when, 1), 0);
    assert_int_equal(setenv("LD_PRELOAD", killer, 1), 0);
    status = program_wait(start_import(state, ledger, NULL)).status;
    unsetenv("LD_PRELOAD");
    assert_true(status == 0 || status == 1000 + SIGKILL);
    return status != 0;
}

/* Killed before it counts, nothing is counted twice; killed after, what it had just counted is, and nothing
 * else. */
static void test_between_steps(void **state)
{
    unsigned rounds = kills_wanted() / 3, kills = 0;
    struct rng rng = {rng_seed(11)};

#if defined(TEST_ASAN) || defined(TEST_TSAN)
    skip(); /* nothing may be loaded before a sanitizer */
#endif
    make_tree(state);
    for (unsigned round = 0; round < rounds; round++) {
        bool after = round % 2 == 1;
        unsigned killed = 0;
        char ledger[PATH_MAX];
        int64_t more;

        snprintf(ledger, sizeof ledger, "%s/ledger-%u", (const char *)*state, round);
        while (killed < 5 && kill_at(state, ledger, 1 + rng_below(&rng, 100), after ? "after" : "before"))
            killed++;
        assert_true(killed > 0);
        assert_int_equal(program_wait(start_import(state, ledger, NULL)).status, 0);
        more = check_ledger(ledger, after ? killed * RESPONSE_MOST : 0);
        assert_int_equal(more > 0, after);
        kills += killed;
    }
    print_message("# %u kills between two steps\n", kills);
}

static int teardown(void **state)
{
    folder_remove(*state);
    free(*state);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_kill, scratch_setup, teardown),
        cmocka_unit_test_setup_teardown(test_between_steps, scratch_setup, teardown)};

    if (argc < 4 || argc > 5)
        return 2;
    if (argc == 5)
        source = argv[4];
    tokenquota = argv[1];
    make_logs = argv[2];
    killer = argv[3];
    return cmocka_run_group_tests_name("import_kill", tests, NULL, NULL);
}
