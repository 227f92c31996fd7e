/* test_copy.c: a ledger that is a copy of another, as after a restore, and one whose boot nobody knows.
 *
 * SPDX-License-Identifier: MIT
 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "src/layout.h"
#include "scratch.h"
#include "system_fake.h"

#define NOW_NS (MAY_DAY_NS + 6 * HOUR_NS)
#define NAMES 2000

static void record(struct tq_ledger *ledger, unsigned from, unsigned to)
{
    char name[32];

    for (unsigned i = from; i < to; i++) {
        snprintf(name, sizeof name, "old-%u", i);
        assert_int_equal(tq_provider_record(handle(ledger, name), 1000 + i, NOW_NS, NULL), 0);
    }
}

static struct tq_ledger_info checked(struct tq_ledger *ledger)
{
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_error error = {.size = sizeof error};

    if (tq_ledger_check(ledger, &info, &error) != 0)
        fail_msg("check: %s", error.msg);
    return info;
}

/* Opens; what it says has `said` in it, or is empty when that is NULL. */
static struct tq_ledger *open_saying(const char *path, uint32_t flags, const char *said)
{
    struct tq_ledger_options options = {.size = sizeof options, .history_days = 8, .flags = flags};
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger;

    if (tq_ledger_open(&ledger, path, &options, &error) != 0)
        fail_msg("open: %s", error.msg);
    if (said ? !strstr(error.msg, said) : error.msg[0] != '\0')
        fail_msg("open said \"%s\", not \"%s\"", error.msg, said ? said : "");
    return ledger;
}

/* ---- a copy ---------------------------------------------------------------------------------- */

/* The header is copied before names come, the slots after: what `cp` of a live ledger may give. */
static void copy_torn(void **state, struct tq_ledger *ledger, const char *to)
{
    size_t size, early_size;
    uint8_t *early = file_read(scratch_path(state, "ledger"), &early_size), *late;

    record(ledger, NAMES / 2, NAMES);
    late = file_read(scratch_path(state, "ledger"), &size);
    memcpy(late, early, sizeof(struct tq__header));
    file_write(to, late, early_size);
    free(early);
    free(late);
}

/* Restored in the same boot: no new name is born with what somebody else used. */
static void test_torn_copy(void **state)
{
    const char *path = scratch_path(state, "ledger"), *backup = scratch_path(state, "backup");
    struct tq_ledger *ledger = open_file(path);
    struct tq_ledger_info info;
    char name[32];

    record(ledger, 0, NAMES / 2);
    copy_torn(state, ledger, backup);
    tq_ledger_close(ledger);
    assert_int_equal(rename(backup, path), 0);
    ledger = open_saying(path, 0, "was rebuilt, because it is a copy, as after a restore: ");
    info = checked(ledger);
    assert_int_equal(info.rebuilt, 1);
    assert_true(info.providers >= NAMES / 2);
    for (unsigned i = 0; i < 400; i++) {
        snprintf(name, sizeof name, "brand-new-%u", i);
        assert_int_equal(tq_provider_used(handle(ledger, name), NOW_NS), 0);
    }
    checked(ledger);
    tq_ledger_close(ledger);
    tq_ledger_close(open_saying(path, 0, NULL)); /* once is enough */
}

/* Nobody who only reads takes a copy for whole; nor does compact. */
static void test_copy_for_reading_and_compact(void **state)
{
    const char *path = scratch_path(state, "ledger"), *backup = scratch_path(state, "backup");
    struct tq_ledger_options reading = {.size = sizeof reading, .flags = TQ_OPEN_READ_ONLY};
    struct tq_ledger *ledger = open_file(path);
    struct tq_error error = {.size = sizeof error};

    record(ledger, 0, NAMES / 2);
    copy_torn(state, ledger, backup);
    tq_ledger_close(ledger);
    assert_int_equal(rename(backup, path), 0);
    assert_int_equal(tq_ledger_open(&ledger, path, &reading, &error), TQ_EBUSY);
    assert_non_null(strstr(error.msg, "opened for writing once: it is a copy"));
    assert_int_equal(tq_ledger_compact(path, &error), 0);
    assert_non_null(strstr(error.msg, "it is a copy"));
    ledger = open_saying(path, TQ_OPEN_READ_ONLY, NULL); /* it has an identity of its own */
    assert_true(checked(ledger).providers >= NAMES / 2);
    tq_ledger_close(ledger);
}

/* The inode of a file that was removed may come again: the birth tells. */
static void test_same_inode_born_later(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger;

    fake_system.born_ns = 1000;
    ledger = open_saying(path, 0, NULL);
    record(ledger, 0, 10);
    tq_ledger_close(ledger);
    tq_ledger_close(open_saying(path, 0, NULL));
    fake_system.born_ns = 2000;
    ledger = open_saying(path, 0, "it is a copy, as after a restore: 10 names");
    tq_ledger_close(ledger);
    fake_system.born_ns = 0;
    fake_system.birth_unknown = true; /* which is not compared */
    tq_ledger_close(open_saying(path, 0, NULL));
    fake_system.birth_unknown = false;
}

static void write_field(const char *path, size_t at, uint64_t value)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, &value, sizeof value, (off_t)at), sizeof value);
    close(fd);
}

/* What an existing ledger does not know is filled in, and then known. */
static void test_unknown_is_filled_in(void **state)
{
    const char *path = scratch_path(state, "ledger");
    size_t size;
    struct tq_ledger *ledger = open_file(path);
    uint8_t *file;
    struct stat info;

    record(ledger, 0, 10);
    tq_ledger_close(ledger);
    write_field(path, offsetof(struct tq__header, inode), 0);
    write_field(path, offsetof(struct tq__header, born_ns), 0);
    tq_ledger_close(open_saying(path, 0, NULL));
    file = file_read(path, &size);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(((struct tq__header *)(void *)file)->inode, info.st_ino);
    free(file);
}

/* Others have it open under another identity: it is opened as it is, and not rebuilt under them. */
static void test_copy_that_others_count_on(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path), *second, *reader;

    record(ledger, 0, 10);
    write_field(path, offsetof(struct tq__header, inode), 1);
    second = open_saying(path, 0, NULL);
    reader = open_saying(path, TQ_OPEN_READ_ONLY, NULL);
    assert_int_equal(checked(second).rebuilt, 0);
    assert_int_equal(checked(reader).providers, 10);
    tq_ledger_close(ledger);
    ledger = open_saying(path, 0, NULL); /* the second is there still */
    tq_ledger_close(ledger);
    tq_ledger_close(second);
    tq_ledger_close(open_saying(path, 0, "it is a copy"));
    tq_ledger_close(reader);
}

/* A backup by hard link shares the file that compact left as gone. Back at the path it is the ledger. */
static void test_hard_link_put_back(void **state)
{
    const char *path = scratch_path(state, "ledger"), *backup = scratch_path(state, "backup");
    struct tq_ledger_options reading = {.size = sizeof reading, .flags = TQ_OPEN_READ_ONLY};
    struct tq_ledger *ledger = open_file(path);
    struct tq_error error = {.size = sizeof error};
    struct tq_route route = {.size = sizeof route};
    struct tq_provider *provider;

    record(ledger, 0, 10);
    tq_ledger_close(ledger);
    assert_int_equal(link(path, backup), 0);
    assert_int_equal(tq_ledger_compact(path, NULL), 0);
    assert_int_equal(rename(backup, path), 0);
    assert_int_equal(tq_ledger_open(&ledger, path, &reading, &error), TQ_EBUSY);
    assert_non_null(strstr(error.msg, "put back"));
    ledger = open_saying(path, 0, NULL);
    provider = handle(ledger, "brand-new");
    assert_int_equal(tq_provider_record(provider, 1, NOW_NS, NULL), 0);
    assert_int_equal(tq_ledger_route(ledger, &provider, 1, NOW_NS, 0, &route), 0);
    assert_int_equal(tq_ledger_flush(ledger), 0);
    tq_ledger_close(ledger);
    ledger = open_saying(path, TQ_OPEN_READ_ONLY, NULL);
    assert_int_equal(checked(ledger).providers, 11);
    tq_ledger_close(ledger);
}

#define OPENERS 8

struct openers {
    char path[4096];
    _Atomic unsigned came;
};

static int open_and_record(void *argument)
{
    struct openers *openers = argument;
    struct tq_ledger *ledger;

    meet(&openers->came, OPENERS, 1);
    ledger = open_file(openers->path);
    MUST(ledger);
    MUST(tq_tracker_record(tq_ledger_tracker(ledger), "old-1", 1, NOW_NS, NULL) == 0);
    meet(&openers->came, OPENERS, 2);
    tq_ledger_close(ledger);
    return 0;
}

/* All open a copy at once: exactly one rebuilds it. */
static void test_many_open_a_copy(void **state)
{
    struct openers *openers = shared_memory(sizeof *openers);
    struct tq_ledger *ledger;
    pid_t child[OPENERS];

    snprintf(openers->path, sizeof openers->path, "%s", scratch_path(state, "ledger"));
    ledger = open_file(openers->path);
    record(ledger, 0, NAMES);
    tq_ledger_close(ledger);
    for (unsigned round = 1; round <= 5; round++) {
        write_field(openers->path, offsetof(struct tq__header, inode), 1);
        atomic_store(&openers->came, 0);
        for (unsigned i = 0; i < OPENERS; i++)
            child[i] = child_start(open_and_record, openers);
        for (unsigned i = 0; i < OPENERS; i++)
            assert_int_equal(child_end(child[i]), 0);
        ledger = open_saying(openers->path, 0, NULL);
        assert_int_equal(checked(ledger).rebuilt, round);
        assert_int_equal(tq_provider_used(handle(ledger, "old-1"), NOW_NS), 1001 + OPENERS * round);
        tq_ledger_close(ledger);
    }
}

/* ---- a boot that nobody knows ---------------------------------------------------------------- */

/* Without /proc nobody knows whether the machine was started anew: alone one rebuilds, beside others one
 * joins them. */
static void test_unknown_boot(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger_options reading = {.size = sizeof reading, .flags = TQ_OPEN_READ_ONLY};
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger, *second;
    size_t size;
    uint8_t *file;

    fake_system.boot_unknown = true;
    ledger = open_file(path);
    record(ledger, 0, 10);
    tq_ledger_close(ledger);
    file = file_read(path, &size); /* as a loss of power may leave it */
    memset(file + ((struct tq__header *)(void *)file)->table_at[0], 0, 32768);
    file_write(path, file, size);
    free(file);
    assert_int_equal(tq_ledger_open(&ledger, path, &reading, &error), TQ_EBUSY);
    ledger = open_saying(path, 0, "(no /proc): 10 names");
    assert_int_equal(tq_provider_used(handle(ledger, "old-7"), NOW_NS), 1007);
    second = open_saying(path, 0, NULL);
    assert_int_equal(checked(second).providers, 10);
    tq_ledger_close(second);
    second = open_saying(path, TQ_OPEN_READ_ONLY, NULL);
    assert_int_equal(checked(second).providers, 10);
    tq_ledger_close(second);
    tq_ledger_close(ledger);
    fake_system.boot_unknown = false;
    tq_ledger_close(open_saying(path, 0, "10 names"));
    tq_ledger_close(open_saying(path, 0, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_torn_copy),
        scratch_test(test_copy_for_reading_and_compact),
        scratch_test(test_same_inode_born_later),
        scratch_test(test_unknown_is_filled_in),
        scratch_test(test_copy_that_others_count_on),
        scratch_test(test_hard_link_put_back),
        scratch_test(test_many_open_a_copy),
        scratch_test(test_unknown_boot),
    };

    return cmocka_run_group_tests_name("copy", tests, NULL, NULL);
}
