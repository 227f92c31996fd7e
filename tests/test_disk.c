/* test_disk.c: a file that lacks space on the disk gets it when it is opened for writing, or is refused.
 *
 * SPDX-License-Identifier: MIT
 *
 * What a copy left out, or shares, is what a later store would need: on a full disk a signal. File systems
 * that share blocks are in test_disks.sh.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "scratch.h"
#include "src/system.h"

#define NOW_NS (MAY_DAY_NS + 6 * HOUR_NS)
#define NAMES 20
#define PAGE 4096
#define SKIPPED 77

static void count(struct tq_ledger *ledger, int64_t tokens)
{
    char name[16];

    for (int i = 0; i < NAMES; i++) {
        snprintf(name, sizeof name, "p%d", i);
        MUST(tq_provider_record(handle(ledger, name), tokens, NOW_NS, NULL) == 0);
    }
}

/* As cp --sparse=always leaves it. The bytes of the holes. */
static uint64_t punch(const char *path)
{
    int fd = open(path, O_RDWR);
    uint8_t page[PAGE];
    static const uint8_t zeros[PAGE];
    uint64_t punched = 0;

    MUST(fd >= 0);
    for (off_t at = 0; pread(fd, page, PAGE, at) == PAGE; at += PAGE)
        if (memcmp(page, zeros, PAGE) == 0) {
            MUST(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, PAGE) == 0);
            punched += PAGE;
        }
    close(fd);
    return punched;
}

static struct tq__lack lack_of(const char *path)
{
    int fd = open(path, O_RDONLY);
    struct stat file;
    struct tq__lack lack;

    MUST(fd >= 0 && fstat(fd, &file) == 0);
    lack = tq__system_lack(fd, (uint64_t)file.st_size);
    close(fd);
    return lack;
}

static void make(const char *path)
{
    struct tq_ledger *ledger = open_file(path);

    MUST(ledger);
    count(ledger, 1);
    MUST(tq_ledger_flush(ledger) == 0);
    tq_ledger_close(ledger);
}

static void test_holes_are_filled(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger;
    uint64_t punched;

    make(path);
    assert_int_equal(lack_of(path).holes, 0);
    punched = punch(path);
    assert_true(punched > 0);
    assert_int_equal(lack_of(path).holes, punched);
    ledger = open_file_with(path, 0, 0, TQ_OPEN_READ_ONLY); /* it stores nothing */
    assert_non_null(ledger);
    tq_ledger_close(ledger);
    assert_int_equal(lack_of(path).holes, punched);
    ledger = open_file(path);
    assert_non_null(ledger);
    assert_int_equal(lack_of(path).holes, 0);
    tq_ledger_close(ledger);
}

/* More holes than are asked for at once, with a page between every two. */
static void test_many_holes(void **state)
{
    const char *path = scratch_path(state, "file");
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    const uint64_t pages = 400;
    struct tq__lack lack;

    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)pages * PAGE), 0);
    for (uint64_t i = 1; i < pages; i += 2)
        assert_int_equal(pwrite(fd, "x", 1, (off_t)(i * PAGE)), 1);
    assert_int_equal(fsync(fd), 0);
    lack = tq__system_lack(fd, pages * PAGE);
    assert_int_equal(lack.holes, pages / 2 * PAGE);
    assert_int_equal(lack.shared, 0);
    assert_int_equal(tq__system_lack(fd, (pages - 2) * PAGE).holes, (pages / 2 - 1) * PAGE);
    assert_int_equal(tq__system_supply(fd, pages * PAGE, &lack), 0);
    assert_int_equal(tq__system_lack(fd, pages * PAGE).holes, 0);
    close(fd);
}

static void fill_up(const char *path)
{
    static const uint8_t bytes[PAGE];
    int fd = open(path, O_WRONLY | O_CREAT, 0600);

    MUST(fd >= 0);
    while (write(fd, bytes, sizeof bytes) > 0)
        ;
    MUST(errno == ENOSPC);
    close(fd);
}

/* A file system of 1 MiB that only this process, and its end, know of. */
static int be_full(void *argument)
{
    void **state = argument;
    const char *disk = scratch_path(state, "disk"), *path = scratch_path(state, "disk/ledger");
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger;
    char missing[64];

    if (mkdir(disk, 0700) != 0 || unshare(CLONE_NEWNS) != 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", disk, "tmpfs", 0, "size=1m") != 0) {
        fprintf(stderr, "# cannot mount a small tmpfs: %s\n", strerror(errno));
        return SKIPPED;
    }
    make(path);
    snprintf(missing, sizeof missing, "lacks %llu bytes", (unsigned long long)punch(path));
    fill_up(scratch_path(state, "disk/full"));
    MUST(tq_ledger_open(&ledger, path, NULL, &error) == TQ_ENOSPC);
    MUST(strstr(error.msg, missing));
    MUST(tq_ledger_compact(path, &error) == TQ_ENOSPC);
    ledger = open_file_with(path, 0, 0, TQ_OPEN_READ_ONLY);
    MUST(ledger && tq_provider_used(handle(ledger, "p1"), NOW_NS) == 1);
    tq_ledger_close(ledger);
    MUST(unlink(scratch_path(state, "disk/full")) == 0);
    ledger = open_file(path);
    MUST(ledger);
    fill_up(scratch_path(state, "disk/full"));
    count(ledger, 1);
    MUST(tq_provider_used(handle(ledger, "p1"), NOW_NS) == 2);
    tq_ledger_close(ledger);
    return 0;
}

static void test_holes_on_a_full_disk(void **state)
{
    int status = child_end(child_start(be_full, state));

    if (status == SKIPPED) {
        print_message("skipped: mounting is not allowed here\n");
        skip();
    }
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_holes_are_filled),
        scratch_test(test_many_holes),
        scratch_test(test_holes_on_a_full_disk),
    };

    return cmocka_run_group_tests_name("disk", tests, NULL, NULL);
}
