/* test_backup.c: a copy of a ledger while others count on it, and what it holds put back.
 *
 * SPDX-License-Identifier: MIT
 *
 * 20 copies of a busy ledger, 40 kills of backups and 40 of restores; with TQ_STRESS=n, n times as many.
 * TQ_SEED draws other moments.
 */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "src/layout.h"
#include "src/ledger.h"
#include "rng.h"
#include "scratch.h"

#define NOW_NS (MAY_DAY_NS + 6 * HOUR_NS)
#define NAMES 300
#define WORKERS 2
#define SKIPPED 77

static unsigned times(unsigned count)
{
    const char *stress = getenv("TQ_STRESS");

    return count * (stress && *stress ? (unsigned)strtoul(stress, NULL, 10) : 1);
}

static const char *name_of(unsigned index)
{
    static char name[96];

    snprintf(name, sizeof name,
             index % 4 ? "name-%u" : "a-rather-long-deployment-name/in-some-region/with-%u-at-its-end",
             index);
    return name;
}

/* A ledger of NAMES in which each has `tokens`. */
static void make(const char *path, int64_t tokens)
{
    struct tq_ledger *ledger = open_file(path);

    MUST(ledger);
    for (unsigned i = 0; i < NAMES; i++)
        MUST(tq_provider_record(handle(ledger, name_of(i)), tokens, NOW_NS, NULL) == 0);
    tq_ledger_close(ledger);
}

static void back_up(const char *path, const char *dest)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger = open_file(path);

    if (tq_ledger_backup(ledger, dest, &error) != 0)
        fail_msg("%s", error.msg);
    tq_ledger_close(ledger);
}

/* What each name has: the same for all, or -1. The ledger must be sound. */
static int64_t tokens_of(const char *path)
{
    struct tq_ledger *ledger = open_file_with(path, 0, 0, TQ_OPEN_EXISTING);
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_error error = {.size = sizeof error};
    int64_t tokens;

    assert_non_null(ledger);
    if (tq_ledger_check(ledger, &info, &error) != 0)
        fail_msg("%s", error.msg);
    tokens = tq_provider_used(handle(ledger, name_of(0)), NOW_NS);
    for (unsigned i = 1; i < NAMES; i++)
        if (tq_provider_used(handle(ledger, name_of(i)), NOW_NS) != tokens)
            tokens = -1;
    tq_ledger_close(ledger);
    return tokens;
}

/* ---- others count ---------------------------------------------------------------------------- */

struct busy {
    const char *path;
    _Atomic bool *stop;
};

/* Counts on names that are there, and brings new ones. */
static int work(void *argument)
{
    const struct busy *busy = argument;
    struct tq_ledger *ledger = open_file(busy->path);
    char name[64];

    MUST(ledger);
    for (unsigned i = 0; !atomic_load(busy->stop); i++) {
        MUST(tq_provider_record(handle(ledger, name_of(i % NAMES)), 1, NOW_NS, NULL) == 0);
        if (i % 16 || i > 32000)
            continue;
        snprintf(name, sizeof name, "a-name-of-32-bytes-and-more-that-is-new-%d-%u", (int)getpid(), i);
        MUST(tq_provider_record(handle(ledger, name), 7, NOW_NS, NULL) == 0);
    }
    tq_ledger_close(ledger);
    return 0;
}

static int64_t used(struct tq_ledger *ledger, unsigned index)
{
    return tq_tracker_used(tq_ledger_tracker(ledger), name_of(index), NOW_NS);
}

/* Each name's count is between that of before and that of after; new names have all of their one record or
 * none. */
static void check_copy(const char *path, const int64_t *before, struct tq_ledger *live)
{
    struct tq_ledger *copy = open_file_with(path, 0, 0, TQ_OPEN_EXISTING);
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_error error = {.size = sizeof error};
    struct tq_provider *provider;
    uint64_t cursor = 0;

    assert_non_null(copy);
    if (tq_ledger_check(copy, &info, &error) != 0)
        fail_msg("%s", error.msg);
    for (unsigned i = 0; i < NAMES; i++)
        assert_in_range(used(copy, i), before[i], used(live, i));
    while (tq_ledger_walk(copy, &cursor, &provider) == 0)
        if (tq_provider_name(provider)[0] == 'a' && strstr(tq_provider_name(provider), "is-new"))
            assert_true(tq_provider_used(provider, NOW_NS) == 7 || tq_provider_used(provider, NOW_NS) == 0);
    tq_ledger_close(copy);
}

static void test_others_count(void **state)
{
    struct busy busy = {scratch_path(state, "ledger"), shared_memory(sizeof(_Atomic bool))};
    const char *dest = scratch_path(state, "backup"), *restored = scratch_path(state, "restored");
    struct tq_ledger *live;
    int64_t before[NAMES];
    pid_t worker[WORKERS];

    make(busy.path, 1);
    for (int i = 0; i < WORKERS; i++)
        worker[i] = child_start(work, &busy);
    live = open_file(busy.path);
    for (unsigned n = 0; n < times(20); n++) {
        for (unsigned i = 0; i < NAMES; i++)
            before[i] = used(live, i);
        assert_int_equal(tq_ledger_backup(live, dest, NULL), 0);
        assert_int_equal(tq_ledger_restore(restored, dest, NULL), 0);
        check_copy(restored, before, live);
        assert_int_equal(unlink(dest), 0);
    }
    atomic_store(busy.stop, true);
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(child_end(worker[i]), 0);
    tq_ledger_close(live);
}

/* ---- what a copy is
 * --------------------------------------------------------------------------------------- */

static void test_backup_is_a_file_of_its_own(void **state)
{
    const char *path = scratch_path(state, "ledger"), *dest = scratch_path(state, "backup");
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger;
    struct stat file;

    make(path, 5);
    assert_int_equal(chmod(path, 0640), 0);
    back_up(path, dest);
    assert_int_equal(stat(dest, &file), 0);
    assert_int_equal(file.st_mode & 07777, 0600);
    assert_true((int64_t)file.st_blocks * 512 >= file.st_size); /* no holes */
    ledger = open_file(path);
    assert_int_equal(tq_ledger_backup(ledger, dest, &error), TQ_ESYS);
    assert_int_equal(error.sys, EEXIST);
    assert_int_equal(tq_ledger_backup(ledger, path, &error), TQ_ESYS);
    assert_int_equal(tq_ledger_backup(ledger, NULL, &error), TQ_EINVAL);
    assert_int_equal(tq_ledger_backup(NULL, dest, &error), TQ_EINVAL);
    assert_int_equal(tq_ledger_backup(ledger, scratch_path(state, "none/backup"), &error), TQ_ESYS);
    assert_int_equal(error.sys, ENOENT);
    assert_int_equal(rename(dest, path), 0);
    assert_int_equal(tq_ledger_backup(ledger, dest, &error), TQ_EGONE);
    tq_ledger_close(ledger);
    assert_int_equal(tq_ledger_open(&ledger, path, NULL, &error), 0); /* put back by mv: it is whole */
    assert_string_equal(error.msg, "");
    tq_ledger_close(ledger);
    assert_int_equal(tokens_of(path), 5);
}

/* Whoever reads only locks nothing: a copy made while the index is made anew would lack names. */
static void test_rebuilt_meanwhile(void **state)
{
    const char *path = scratch_path(state, "ledger"), *dest = scratch_path(state, "backup");
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger, *rebuilder;

    make(path, 5);
    ledger = open_file_with(path, 0, 0, TQ_OPEN_READ_ONLY);
    rebuilder = open_file(path);
    atomic_store(&rebuilder->header->rebuilding, 1);
    assert_int_equal(tq_ledger_backup(ledger, dest, &error), TQ_EBUSY);
    assert_int_equal(access(dest, F_OK), -1);
    atomic_store(&rebuilder->header->rebuilding, 0);
    assert_int_equal(tq_ledger_backup(ledger, dest, &error), 0);
    tq_ledger_close(rebuilder);
    tq_ledger_close(ledger);
}

static void test_private_memory(void **state)
{
    const char *dest = scratch_path(state, "backup"), *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger;

    assert_int_equal(tq_ledger_open(&ledger, NULL, NULL, NULL), 0);
    for (unsigned i = 0; i < NAMES; i++)
        assert_int_equal(tq_provider_record(handle(ledger, name_of(i)), 9, NOW_NS, NULL), 0);
    assert_int_equal(tq_ledger_backup(ledger, dest, NULL), 0);
    tq_ledger_close(ledger);
    assert_int_equal(tq_ledger_restore(path, dest, NULL), 0);
    assert_int_equal(tokens_of(path), 9);
}

/* ---- what is put back
 * ------------------------------------------------------------------------------------- */

static void test_restore_replaces(void **state)
{
    const char *path = scratch_path(state, "ledger"), *dest = scratch_path(state, "backup");
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger;
    struct stat file;

    make(path, 5);
    back_up(path, dest);
    make(path, 6); /* 11 now */
    assert_int_equal(chmod(path, 0640), 0);
    ledger = open_file(path);
    assert_int_equal(tq_ledger_restore(path, dest, &error), TQ_EBUSY);
    assert_int_equal(used(ledger, 1), 11);
    tq_ledger_close(ledger);
    assert_int_equal(tq_ledger_restore(path, dest, &error), 0);
    assert_int_equal(tokens_of(path), 5);
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_mode & 07777, 0640);
    assert_int_equal(scratch_entries(state), 2);
}

static void test_refused(void **state)
{
    const char *path = scratch_path(state, "ledger"), *dest = scratch_path(state, "backup");
    const char *text = scratch_path(state, "text"), *cut = scratch_path(state, "cut");
    struct tq_error error = {.size = sizeof error};
    uint8_t *bytes;
    size_t size;

    make(path, 5);
    back_up(path, dest);
    file_write(text, "dear diary", 10);
    assert_int_equal(tq_ledger_restore(path, text, &error), TQ_EFORMAT);
    assert_int_equal(tq_ledger_restore(text, dest, &error), TQ_EFORMAT);
    assert_int_equal(tq_ledger_restore(path, *state, &error), TQ_EDENIED);
    assert_int_equal(tq_ledger_restore(path, scratch_path(state, "none"), &error), TQ_ESYS);
    assert_int_equal(tq_ledger_restore(NULL, dest, &error), TQ_EINVAL);
    bytes = file_read(dest, &size);
    file_write(cut, bytes, size - TQ__HEADER_BYTES);
    assert_int_equal(tq_ledger_restore(path, cut, &error), TQ_EFORMAT);
    assert_non_null(strstr(error.msg, "cut short"));
    free(bytes);
    bytes = file_read(text, &size);
    assert_int_equal(size, 10);
    free(bytes);
    assert_int_equal(tokens_of(path), 5);
}

/* A copy taken with cp has an index of one instant and slots of another; a damaged ledger has worse. */
static void test_torn_copy_and_damaged_ledger(void **state)
{
    const char *path = scratch_path(state, "ledger"), *torn = scratch_path(state, "torn");
    struct tq__header *header;
    struct tq_ledger *ledger;
    uint8_t *bytes;
    size_t size;

    make(path, 5);
    bytes = file_read(path, &size);
    header = (struct tq__header *)(void *)bytes;
    memset(bytes + header->table_at[0], 0, 8u << TQ__TABLE_FIRST_LOG2);
    file_write(torn, bytes, size);
    memset(bytes + sizeof header->magic, 0xee, size - sizeof header->magic);
    file_write(path, bytes, size);
    free(bytes);
    assert_int_equal(tq_ledger_open(&ledger, path, NULL, NULL), TQ_EFORMAT);
    assert_int_equal(tq_ledger_restore(path, torn, NULL), 0);
    assert_int_equal(tokens_of(path), 5);
}

/* ---- no space
 * --------------------------------------------------------------------------------------------- */

static int be_full(void *argument)
{
    void **state = argument;
    const char *disk = scratch_path(state, "disk"), *path = scratch_path(state, "disk/ledger");
    const char *dest = scratch_path(state, "disk/backup"), *saved = scratch_path(state, "saved");
    struct tq_error error = {.size = sizeof error};
    struct rlimit limit = {4096, RLIM_INFINITY};
    static const uint8_t page[4096];
    struct tq_ledger *ledger;
    int fd;

    if (mkdir(disk, 0700) != 0 || unshare(CLONE_NEWNS) != 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", disk, "tmpfs", 0, "size=1m") != 0) {
        fprintf(stderr, "# cannot mount a small tmpfs: %s\n", strerror(errno));
        return SKIPPED;
    }
    make(path, 5);
    ledger = open_file(path);
    MUST(ledger && tq_ledger_backup(ledger, saved, NULL) == 0);
    fd = open(scratch_path(state, "disk/full"), O_WRONLY | O_CREAT, 0600);
    while (write(fd, page, sizeof page) > 0)
        ;
    close(fd);
    MUST(tq_ledger_backup(ledger, dest, &error) == TQ_ENOSPC);
    MUST(access(dest, F_OK) != 0);
    MUST(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    MUST(tq_ledger_backup(ledger, dest, &error) == TQ_ENOSPC);
    limit.rlim_cur = RLIM_INFINITY;
    MUST(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    tq_ledger_close(ledger);
    MUST(tq_ledger_restore(path, saved, &error) == TQ_ENOSPC);
    ledger = open_file(path);
    MUST(ledger && used(ledger, 1) == 5);
    tq_ledger_close(ledger);
    return 0;
}

static void test_no_space(void **state)
{
    int status = child_end(child_start(be_full, state));

    if (status == SKIPPED) {
        print_message("skipped: mounting is not allowed here\n");
        skip();
    }
    assert_int_equal(status, 0);
}

/* ---- kills
 * ------------------------------------------------------------------------------------------------ */

struct hunt {
    const char *path, *dest;
    struct rng rng;
    int64_t whole_ns; /* they are killed before that, from fork on; not 0 */
};

static int64_t steady_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int do_backup(void *argument)
{
    const struct hunt *hunt = argument;
    struct tq_ledger *ledger = open_file(hunt->path);

    MUST(ledger && tq_ledger_backup(ledger, hunt->dest, NULL) == 0);
    return 0;
}

static int do_restore(void *argument)
{
    const struct hunt *hunt = argument;

    MUST(tq_ledger_restore(hunt->path, hunt->dest, NULL) == 0);
    return 0;
}

/* True when it was killed. */
static bool kill_once(struct hunt *hunt, int (*run)(void *))
{
    int64_t until_ns = steady_ns() + rng_below_i64(&hunt->rng, hunt->whole_ns);
    pid_t child = child_start(run, hunt);
    int status;

    while (steady_ns() < until_ns)
        ;
    assert_int_equal(kill(child, SIGKILL), 0);
    status = child_end(child);
    assert_true(status == 0 || status == 1000 + SIGKILL);
    /* However busy the machine is by now, about half of them come to their end. */
    hunt->whole_ns += status == 0 ? -hunt->whole_ns / 8 : hunt->whole_ns / 8 + 1;
    return status != 0;
}

static void measure(struct hunt *hunt, int (*run)(void *))
{
    int64_t start_ns = steady_ns();

    assert_int_equal(child_end(child_start(run, hunt)), 0);
    hunt->whole_ns = (steady_ns() - start_ns) * 5 / 4;
}

static void test_backup_killed(void **state)
{
    struct hunt hunt = {scratch_path(state, "ledger"), scratch_path(state, "backup"), {rng_seed(1)}, 0};
    const char *restored = scratch_path(state, "restored");
    unsigned refused = 0, whole = 0;

    make(hunt.path, 5);
    measure(&hunt, do_backup);
    for (unsigned tries = 0; tries < times(40) || (refused == 0 && tries < times(4000)); tries++) {
        unlink(hunt.dest);
        kill_once(&hunt, do_backup);
        if (access(hunt.dest, F_OK) != 0)
            continue;
        if (tq_ledger_restore(restored, hunt.dest, NULL) != 0) {
            refused++;
            continue;
        }
        whole++;
        assert_int_equal(tokens_of(restored), 5);
    }
    print_message("# backups that were killed: %u cut short and refused, %u whole\n", refused, whole);
    assert_true(refused > 0);
}

static void test_restore_killed(void **state)
{
    struct hunt hunt = {scratch_path(state, "ledger"), scratch_path(state, "backup"), {rng_seed(2)}, 0};
    unsigned kept = 0, restored = 0;

    make(hunt.path, 5);
    back_up(hunt.path, hunt.dest);
    measure(&hunt, do_restore);
    for (unsigned tries = 0; tries < times(40) || ((kept == 0 || restored == 0) && tries < times(4000));
         tries++) {
        make(hunt.path, 2); /* 7 in all */
        kill_once(&hunt, do_restore);
        switch (tokens_of(hunt.path)) {
        case 7:
            kept++;
            assert_int_equal(tq_ledger_restore(hunt.path, hunt.dest, NULL), 0);
            break;
        case 5:
            restored++;
            break;
        default:
            fail_msg("neither the old ledger nor the restored one");
        }
    }
    print_message("# restores that were killed: %u left the old ledger, %u the new one\n", kept, restored);
    assert_true(kept > 0 && restored > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_others_count),
        scratch_test(test_backup_is_a_file_of_its_own),
        scratch_test(test_rebuilt_meanwhile),
        scratch_test(test_private_memory),
        scratch_test(test_restore_replaces),
        scratch_test(test_refused),
        scratch_test(test_torn_copy_and_damaged_ledger),
        scratch_test(test_no_space),
        scratch_test(test_backup_killed),
        scratch_test(test_restore_killed),
    };

    return cmocka_run_group_tests_name("backup", tests, NULL, NULL);
}
