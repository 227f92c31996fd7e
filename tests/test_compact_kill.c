/* test_compact_kill.c: a compact that is killed or stopped anywhere loses nothing.
 *
 * SPDX-License-Identifier: MIT
 *
 * A child compacts, its parent kills it: half of the times anywhere in the time that an undisturbed compact
 * takes, half of the times when the parent sees that the new file has the name. So both outcomes come about:
 * the old file stays, or the new one is there, whole.
 *
 * 60 kills at least; with TQ_STRESS=n, 60 n. TQ_SEED draws other numbers.
 */

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "src/layout.h"
#include "src/enter.h"
#include "rng.h"
#include "scratch.h"

#define NOW_NS (MAY_DAY_NS + 6 * HOUR_NS)
#define NAMES 400
#define DAYS 20
#define FORGOTTEN 40
#define DELAY_STEP_NS 50000 /* until a stop finds a compact in the middle */
#define DELAY_MAX_NS INT64_C(1000000000)
#define PATIENCE_NS INT64_C(60000000000)
#define EACH 5          /* kills of each outcome, at least */
#define TRIES_A_KILL 20 /* a child that ends before it is killed was none */

/* ---- what is in the ledger ------------------------------------------------------------------- */

static void name_of(int index, char out[128])
{
    snprintf(out, 128,
             index % 4 ? "kept-%d" : "a-rather-long-deployment-name/in-some-region/with-%d-at-its-end",
             index);
}

static void fill(struct tq_ledger *ledger)
{
    char name[128];

    for (int i = 0; i < NAMES; i++) {
        struct tq_provider *provider;

        name_of(i, name);
        provider = handle(ledger, name);
        for (int day = 0; day < DAYS; day++)
            assert_int_equal(tq_provider_record(provider, 1 + i + day, NOW_NS - day * DAY_NS, NULL), 0);
        if (i % 3 == 0)
            assert_int_equal(tq_provider_set_budget(provider, 1000000 + i), 0);
        if (i % 5 == 0)
            assert_int_equal(tq_provider_mark_quota_exhausted(provider, NOW_NS + i + 1), 0);
        if (i % 7 == 0)
            assert_int_equal(tq_provider_set_rule(provider, TQ_RULE_ORIGINAL), 0);
    }
}

/* Something to be left out, each time. */
static void forget_some(struct tq_ledger *ledger)
{
    char name[32];

    for (int i = 0; i < FORGOTTEN; i++) {
        snprintf(name, sizeof name, "forgotten-%d", i);
        assert_int_equal(tq_provider_record(handle(ledger, name), 1, NOW_NS, NULL), 0);
        assert_int_equal(tq_provider_forget(handle(ledger, name)), 0);
    }
}

static void check_name(struct tq_ledger *ledger, int i)
{
    struct tq_provider *provider;
    int64_t retry_at_ns;
    char name[128];

    name_of(i, name);
    assert_int_equal(tq_ledger_provider(ledger, name, strlen(name), TQ_PROVIDER_EXISTING, &provider), 0);
    for (int day = 0; day < DAYS; day++)
        assert_int_equal(tq_provider_used(provider, NOW_NS - day * DAY_NS), 1 + i + day);
    assert_int_equal(tq_provider_budget(provider), i % 3 == 0 ? 1000000 + i : 0);
    assert_int_equal(tq_provider_state(provider, NOW_NS, &retry_at_ns), i % 5 == 0);
    assert_int_equal(retry_at_ns, i % 5 == 0 ? NOW_NS + i + 1 : 0);
    assert_int_equal(tq_provider_rule(provider), i % 7 == 0 ? TQ_RULE_ORIGINAL : TQ_RULE_DEFAULT);
}

static struct tq_ledger_info check_all(struct tq_ledger *ledger)
{
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_error error = {.size = sizeof error};
    struct tq_provider *provider;
    uint64_t cursor = 0;
    int walked = 0;

    if (tq_ledger_check(ledger, &info, &error) != 0)
        fail_msg("check: %" PRIu64 " faults: %s", info.faults, error.msg);
    for (int i = 0; i < NAMES; i++)
        check_name(ledger, i);
    while (tq_ledger_walk(ledger, &cursor, &provider) == 0)
        walked++;
    assert_int_equal(walked, NAMES);
    return info;
}

/* ---- kills ----------------------------------------------------------------------------------- */

static int64_t steady_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int compact(void *path)
{
    MUST(tq_ledger_compact(path, NULL) == 0);
    return 0;
}

static ino_t inode_of(const char *path)
{
    struct stat file;

    assert_int_equal(lstat(path, &file), 0);
    return file.st_ino;
}

struct hunt {
    char path[4096];
    struct rng rng;
    int64_t whole_ns; /* what an undisturbed compact takes, from fork to end */
    unsigned kills, kept, replaced;
};

/* The least of some: a machine with other work makes it longer than most will be. */
static int64_t undisturbed_ns(char *path)
{
    int64_t least_ns = INT64_MAX;

    for (int i = 0; i < 5; i++) {
        int64_t start_ns = steady_ns(), took_ns;

        assert_int_equal(child_end(child_start(compact, path)), 0);
        took_ns = steady_ns() - start_ns;
        if (took_ns < least_ns)
            least_ns = took_ns;
    }
    return least_ns;
}

/* The killed one blocks nobody, and is nobody's excuse: who has the file open now is not its process. */
static void check_after(struct hunt *hunt, bool kept)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger = open_file_with(hunt->path, 0, 0, TQ_OPEN_EXISTING);
    struct tq_ledger_info info;

    assert_non_null(ledger);
    info = check_all(ledger);
    if (!kept)
        assert_int_equal(info.slots, NAMES);
    if (kept && hunt->kept == EACH) { /* once: it takes 2 s */
        assert_int_equal(tq_ledger_compact(hunt->path, &error), TQ_EBUSY);
        assert_non_null(strstr(error.msg, "other processes"));
    }
    forget_some(ledger);
    tq_ledger_close(ledger);
}

static void kill_once(struct hunt *hunt)
{
    ino_t before = inode_of(hunt->path);
    bool early = rng_below(&hunt->rng, 2);
    int64_t until_ns = steady_ns() + (early ? rng_below_i64(&hunt->rng, hunt->whole_ns) : PATIENCE_NS);
    pid_t child = child_start(compact, hunt->path);
    bool killed, kept;
    int status;

    while (steady_ns() < until_ns && (early || inode_of(hunt->path) == before))
        ;
    assert_int_equal(kill(child, SIGKILL), 0);
    status = child_end(child);
    killed = status == 1000 + SIGKILL;
    kept = inode_of(hunt->path) == before;
    if (!killed) {
        assert_int_equal(status, 0);
        assert_false(kept);
    }
    hunt->kills += killed;
    hunt->kept += killed && kept;
    hunt->replaced += killed && !kept;
    check_after(hunt, kept);
}

/* Files that killed ones left beside the ledger. */
static unsigned left_over(void **state)
{
    DIR *folder = opendir(*state);
    struct dirent *entry;
    unsigned count = 0;

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL)
        count += strncmp(entry->d_name, "ledger.new-", 11) == 0;
    closedir(folder);
    return count;
}

static bool is_enough(const struct hunt *hunt, unsigned wanted, void **state)
{
    return hunt->kills >= wanted && hunt->kept >= EACH && hunt->replaced >= EACH && left_over(state) > 0;
}

static void test_compact_killed(void **state)
{
    struct hunt hunt = {.rng = {rng_seed(1)}};
    const char *stress = getenv("TQ_STRESS");
    unsigned wanted = 60 * (stress && *stress ? (unsigned)strtoul(stress, NULL, 10) : 1);
    struct tq_ledger *ledger;

    snprintf(hunt.path, sizeof hunt.path, "%s", scratch_path(state, "ledger"));
    ledger = open_file_with(hunt.path, 64, TQ_RULE_OFF, 0);
    fill(ledger);
    forget_some(ledger);
    tq_ledger_close(ledger);
    hunt.whole_ns = undisturbed_ns(hunt.path);
    for (unsigned tries = 0; tries < wanted * TRIES_A_KILL && !is_enough(&hunt, wanted, state); tries++)
        kill_once(&hunt);
    print_message("# %u kills in compacts of %" PRId64 " us: old file %u, new file %u, left over %u\n",
                  hunt.kills, hunt.whole_ns / 1000, hunt.kept, hunt.replaced, left_over(state));
    assert_true(hunt.kills >= wanted);
    assert_true(hunt.kept >= EACH);
    assert_true(hunt.replaced >= EACH);
    assert_true(left_over(state) > 0); /* and nothing above was confused by them */
    assert_true(left_over(state) <= hunt.kept);
}

/* ---- a stop ---------------------------------------------------------------------------------- */

/* Does the process of that number hold the file at path for itself alone, and say so? */
static bool is_held_by(const char *path, pid_t child)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    uint32_t busy_pid = 0;
    bool held;

    assert_true(fd >= 0);
    held = tq__lock_of_others(fd, TQ__LOCK_USERS) == TQ__EXCLUSIVE &&
           pread(fd, &busy_pid, sizeof busy_pid, offsetof(struct tq__header, busy_pid)) == sizeof busy_pid &&
           busy_pid == (uint32_t)child;
    close(fd);
    return held;
}

/* A child that was stopped while it compacts. */
static pid_t stop_in_compact(const char *path)
{
    for (int64_t delay_ns = 0; delay_ns < DELAY_MAX_NS; delay_ns += DELAY_STEP_NS) {
        pid_t child = child_start(compact, (void *)(uintptr_t)path);
        int64_t start_ns = steady_ns();
        int status;

        while (steady_ns() - start_ns < delay_ns)
            ;
        assert_int_equal(kill(child, SIGSTOP), 0);
        assert_int_equal(waitpid(child, &status, WUNTRACED), child);
        if (!WIFSTOPPED(status))
            continue;
        if (is_held_by(path, child))
            return child;
        assert_int_equal(kill(child, SIGCONT), 0);
        assert_int_equal(child_end(child), 0);
    }
    fail_msg("no compact was stopped in the middle");
    return -1;
}

/* One that is stopped while it compacts keeps others out, and is named to them; when it goes on, so do
 * they. */
static void test_compact_stopped(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file_with(path, 64, TQ_RULE_OFF, 0);
    struct tq_error error = {.size = sizeof error};
    char named[64];
    pid_t child;

    fill(ledger);
    tq_ledger_close(ledger);
    child = stop_in_compact(path);
    assert_int_equal(tq_ledger_open(&ledger, path, NULL, &error), TQ_EBUSY);
    snprintf(named, sizeof named, "is in use by process %d:", (int)child);
    assert_non_null(strstr(error.msg, named));
    assert_int_equal(kill(child, SIGCONT), 0);
    assert_int_equal(child_end(child), 0);
    ledger = open_file(path);
    assert_non_null(ledger);
    check_all(ledger);
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {scratch_test(test_compact_killed), scratch_test(test_compact_stopped)};

    return cmocka_run_group_tests_name("compact_kill", tests, NULL, NULL);
}
