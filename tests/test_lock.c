/* test_lock.c: who may keep whom out of a ledger's file: whoever may only read, nobody. test_convert.c has the
 * builds of older formats.
 *
 * SPDX-License-Identifier: MIT
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "src/layout.h"
#include "src/enter.h"
#include "scratch.h"

#define NOW_NS (MAY_DAY_NS + 6 * HOUR_NS)
#define OWNERS (TQ__LOCK_USERS + 1024) /* reserved: docs/format.md */

/* ---- a stranger who may read ----------------------------------------------------------------- */

struct stranger {
    char path[4096];
    _Atomic unsigned came;
};

/* Everything that `flock` can do, by somebody who has no permission to write, from before the test's steps to
 * their end. */
static int lock_by_flock(void *argument)
{
    struct stranger *stranger = argument;
    int fd;

    if (geteuid() == 0)
        MUST(setresgid(12345, 12345, 12345) == 0 && setresuid(12345, 12345, 12345) == 0);
    fd = open(stranger->path, O_RDONLY | O_CLOEXEC);
    MUST(fd >= 0);
    MUST(flock(fd, LOCK_EX | LOCK_NB) == 0);
    /* And no exclusive lock of the ledger's own kind. */
    MUST(tq__lock_set(fd, TQ__LOCK_USERS, TQ__EXCLUSIVE) == TQ_ENOTSUP && errno == EBADF);
    meet(&stranger->came, 2, 1);
    meet(&stranger->came, 2, 2);
    close(fd);
    return 0;
}

static void test_flock_by_a_reader(void **state)
{
    struct stranger *stranger = shared_memory(sizeof *stranger);
    struct tq_ledger *ledger, *reader;
    struct tq_error error = {.size = sizeof error};
    pid_t child;

    snprintf(stranger->path, sizeof stranger->path, "%s", scratch_path(state, "ledger"));
    ledger = open_file(stranger->path);
    assert_int_equal(tq_provider_record(handle(ledger, "a"), 1, NOW_NS, NULL), 0);
    tq_ledger_close(ledger);
    assert_int_equal(chmod(*state, 0755), 0);
    assert_int_equal(chmod(stranger->path, 0644), 0);
    child = child_start(lock_by_flock, stranger);
    meet(&stranger->came, 2, 1);
    ledger = open_file(stranger->path);
    reader = open_file_with(stranger->path, 0, 0, TQ_OPEN_READ_ONLY);
    assert_non_null(ledger);
    assert_non_null(reader);
    assert_int_equal(tq_provider_record(handle(ledger, "a"), 1, NOW_NS, NULL), 0);
    tq_ledger_close(ledger);
    if (tq_ledger_compact(stranger->path, &error) != 0)
        fail_msg("compact: %s", error.msg);
    meet(&stranger->came, 2, 2);
    assert_int_equal(child_end(child), 0);
    tq_ledger_close(reader);
}

/* One that reads for hours, as `watch` and monitors do, holds up no compact, and is told of it. */
static void test_readers_hold_up_nobody(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path), *reader;
    struct tq_error error = {.size = sizeof error};
    struct tq_provider *provider;

    assert_int_equal(tq_provider_record(handle(ledger, "a"), 1, NOW_NS, NULL), 0);
    reader = open_file_with(path, 0, 0, TQ_OPEN_READ_ONLY);
    provider = handle(reader, "a");
    assert_int_equal(tq_ledger_compact(path, &error), TQ_EBUSY);
    assert_non_null(strstr(error.msg, "other processes"));
    assert_int_equal(tq_provider_state(provider, NOW_NS, NULL), TQ_AVAILABLE);
    tq_ledger_close(ledger);
    assert_int_equal(tq_ledger_compact(path, &error), 0);
    assert_int_equal(tq_provider_state(provider, NOW_NS + 1000000000, NULL), TQ_EGONE);
    tq_ledger_close(reader);
}

/* ---- the bytes of the format ----------------------------------------------------------------- */

/* Who has it open for writing holds byte 2^62, and nothing else; the room for owners of holds is free. */
static void test_lock_bytes(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path), *reader = open_file_with(path, 0, 0, TQ_OPEN_READ_ONLY);
    int fd = open(path, O_RDWR | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(INT64_C(4611686018427387904), TQ__LOCK_USERS);
    assert_int_equal(tq__lock_of_others(fd, TQ__LOCK_USERS), TQ__SHARED);
    assert_int_equal(tq__lock_of_others(fd, TQ__LOCK_DOUBT), TQ__UNLOCKED);
    for (int64_t byte = OWNERS; byte < OWNERS + 1024; byte++)
        assert_int_equal(tq__lock_of_others(fd, byte), TQ__UNLOCKED);
    tq_ledger_close(ledger);
    assert_int_equal(tq__lock_of_others(fd, TQ__LOCK_USERS), TQ__UNLOCKED);
    close(fd);
    tq_ledger_close(reader);
}

/* ---- a header that changes while an opener waits for the lock -------------------------------- */

static struct {
    int fd; /* of another opener, which has the file locked */
    uint32_t history_days;
} spoiler = {.fd = -1};

/* In the place of libc's: what others do while an opener waits, at the first time that it does. */
int nanosleep(const struct timespec *length, struct timespec *left)
{
    const int64_t at = offsetof(struct tq__header, history_days);

    if (spoiler.fd >= 0) {
        MUST(pwrite(spoiler.fd, &spoiler.history_days, sizeof spoiler.history_days, at) == 4);
        close(spoiler.fd);
        spoiler.fd = -1;
    }
    return clock_nanosleep(CLOCK_MONOTONIC, 0, length, left);
}

static void test_header_changes_meanwhile(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger = open_file(path);

    assert_int_equal(tq_provider_record(handle(ledger, "a"), 1, NOW_NS, NULL), 0);
    tq_ledger_close(ledger);
    spoiler.fd = open(path, O_RDWR | O_CLOEXEC);
    spoiler.history_days = 0x10000;
    assert_int_equal(tq__lock_set(spoiler.fd, TQ__LOCK_USERS, TQ__EXCLUSIVE), 0);
    assert_int_equal(tq_ledger_open(&ledger, path, NULL, &error), TQ_EFORMAT);
    assert_non_null(strstr(error.msg, "damaged header"));
    assert_int_equal(spoiler.fd, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_flock_by_a_reader),
        scratch_test(test_readers_hold_up_nobody),
        scratch_test(test_lock_bytes),
        scratch_test(test_header_changes_meanwhile),
    };

    return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
