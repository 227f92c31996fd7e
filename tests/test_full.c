/* test_full.c: no space for the ledger: an error of the insert, never a signal, and nothing is lost.
 *
 * SPDX-License-Identifier: MIT
 */

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "scratch.h"
#include "system_fake.h"
#include "src/table.h"

#define NOW_NS (MAY_DAY_NS + 6 * HOUR_NS)
#define SKIPPED 77

static const char *name_of(unsigned index)
{
    static char name[96];

    snprintf(name, sizeof name,
             index % 4 ? "name-%u" : "a-rather-long-deployment-name/in-some-region/with-%u-at-its-end",
             index);
    return name;
}

static const char *short_name(unsigned index)
{
    static char name[32];

    snprintf(name, sizeof name, "short-%u", index);
    return name;
}

static int insert(struct tq_ledger *ledger, unsigned index)
{
    return tq_tracker_record(tq_ledger_tracker(ledger), name_of(index), 1 + (int64_t)index, NOW_NS, NULL);
}

static int64_t used(struct tq_ledger *ledger, unsigned index)
{
    return tq_tracker_used(tq_ledger_tracker(ledger), name_of(index), NOW_NS);
}

/* What was inserted before is all there, goes on counting, and the ledger is sound. In a child. */
static void check_all(struct tq_ledger *ledger, unsigned inserted, int64_t times)
{
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_error error = {.size = sizeof error};

    for (unsigned i = 0; i < inserted; i++)
        MUST(used(ledger, i) == times * (1 + (int64_t)i));
    if (tq_ledger_check(ledger, &info, &error) != 0)
        fprintf(stderr, "check: %s\n", error.msg);
    MUST(info.faults == 0);
    MUST(info.providers == inserted);
}

/* Inserts until there is no space. How many went in. */
static unsigned insert_until_full(struct tq_ledger *ledger)
{
    unsigned inserted = 0;
    int answer;

    while ((answer = insert(ledger, inserted)) == 0 && inserted < 1000000)
        inserted++;
    MUST(answer == TQ_ENOSPC);
    return inserted;
}

/* Full: names that are there go on, new ones are refused each time, and leave nothing behind. */
static void check_full(struct tq_ledger *ledger, unsigned inserted)
{
    struct tq_ledger_info before = {.size = sizeof before}, after = {.size = sizeof after};
    struct tq_provider *provider;

    MUST(tq_ledger_statistics(ledger, &before) == 0);
    for (unsigned i = 0; i < inserted; i++)
        MUST(insert(ledger, i) == 0);
    for (unsigned i = 0; i < 100; i++) {
        const char *name = name_of(inserted); /* another may still find room in its bucket */

        MUST(insert(ledger, inserted) == TQ_ENOSPC);
        MUST(tq_tracker_set_budget(tq_ledger_tracker(ledger), name, 1) == TQ_ENOSPC);
        MUST(tq_store_mark_quota_exhausted(tq_ledger_store(ledger), name, 1) == TQ_ENOSPC);
        MUST(tq_ledger_provider(ledger, name, strlen(name), 0, &provider) == TQ_ENOSPC && !provider);
    }
    MUST(tq_ledger_statistics(ledger, &after) == 0);
    MUST(after.slots <= before.slots + 16);
    MUST(after.file_bytes == before.file_bytes);
    check_all(ledger, inserted, 2);
}

/* ---- a limit of the process ------------------------------------------------------------------ */

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    MUST(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    limit.rlim_cur = bytes;
    MUST(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

static int reach_limit(void *path)
{
    struct tq_ledger *ledger;
    unsigned inserted;

    limit_files(1 << 20);
    ledger = open_file(path);
    MUST(ledger);
    inserted = insert_until_full(ledger);
    MUST(inserted > 1000);
    check_full(ledger, inserted);
    limit_files(RLIM_INFINITY);
    for (unsigned i = inserted; i < 3 * inserted; i++) {
        MUST(insert(ledger, i) == 0);
        MUST(insert(ledger, i) == 0);
    }
    check_all(ledger, 3 * inserted, 2);
    tq_ledger_close(ledger);
    return 0;
}

static void test_file_size_limit(void **state)
{
    assert_int_equal(child_end(child_start(reach_limit, (void *)(uintptr_t)scratch_path(state, "ledger"))),
                     0);
}

static int create_beyond_limit(void *path)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger;

    limit_files(2048);
    MUST(tq_ledger_open(&ledger, path, NULL, &error) == TQ_ENOSPC);
    MUST(error.code == TQ_ENOSPC && !ledger);
    return 0;
}

static void test_file_size_limit_at_creation(void **state)
{
    const char *path = scratch_path(state, "ledger");

    assert_int_equal(child_end(child_start(create_beyond_limit, (void *)(uintptr_t)path)), 0);
    assert_int_equal(scratch_entries(state), 0);
}

/* ---- a full disk ----------------------------------------------------------------------------- */

/* A file system of 1 MiB that only this process, and its end, know of. */
static int fill_disk(void *argument)
{
    void **state = argument;
    const char *disk = scratch_path(state, "disk"), *path = scratch_path(state, "disk/ledger");
    struct tq_ledger *ledger;
    unsigned inserted;

    if (mkdir(disk, 0700) != 0 || unshare(CLONE_NEWNS) != 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", disk, "tmpfs", 0, "size=1m") != 0) {
        fprintf(stderr, "# cannot mount a small tmpfs: %s\n", strerror(errno));
        return SKIPPED;
    }
    ledger = open_file(path);
    MUST(ledger);
    inserted = insert_until_full(ledger);
    MUST(inserted > 1000);
    check_full(ledger, inserted);
    tq_ledger_close(ledger);
    ledger = open_file(path);
    MUST(ledger);
    check_all(ledger, inserted, 2);
    MUST(tq_ledger_flush(ledger) == 0);
    tq_ledger_close(ledger);
    MUST(tq_ledger_compact(path, NULL) == TQ_ENOSPC); /* no room for the second one: the first stays */
    ledger = open_file(path);
    MUST(ledger);
    check_all(ledger, inserted, 2);
    tq_ledger_close(ledger);
    return 0;
}

static void test_full_disk(void **state)
{
    int status = child_end(child_start(fill_disk, state));

    if (status == SKIPPED) {
        print_message(
            "skipped: mounting is not allowed here; the other tests of this program stand in for it\n");
        skip();
    }
    assert_int_equal(status, 0);
}

/* ---- every single allocation ----------------------------------------------------------------- */

/* Fails the n-th allocation and all after it, then none: whatever n is, the answer is the error, what was
 * there stays, and what failed goes in the next time. False: there is no n-th. */
static bool fail_at(const char *path, int64_t n, int with)
{
    struct tq_ledger *ledger = NULL;
    unsigned inserted = 0;
    int answer;

    fake_system.allocations = 0;
    fake_system.fail_with = with;
    fake_system.fail_from = n;
    answer = tq_ledger_open(&ledger, path, NULL, NULL);
    MUST(answer == 0 || answer == with);
    while (answer == 0 && inserted < 3000)
        if ((answer = insert(ledger, inserted)) == 0)
            inserted++;
    MUST(answer == 0 || answer == with);
    fake_system.fail_from = 0;
    if (!ledger)
        ledger = open_file(path);
    MUST(ledger);
    check_all(ledger, inserted, 1);
    for (; inserted < 3000; inserted++)
        MUST(insert(ledger, inserted) == 0);
    check_all(ledger, inserted, 1);
    tq_ledger_close(ledger);
    MUST(unlink(path) == 0);
    return fake_system.allocations >= n && answer == with;
}

static int fail_each(void *path)
{
    static const int errors[] = {TQ_ENOSPC, TQ_ENOTSUP, TQ_ESYS};

    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        int64_t n = 1;

        while (fail_at(path, n, errors[i]))
            n++;
        MUST(n > 12); /* header, two tables, six segments of slots, some of extensions */
    }
    return 0;
}

static void test_each_allocation_fails_once(void **state)
{
    assert_int_equal(child_end(child_start(fail_each, (void *)(uintptr_t)scratch_path(state, "ledger"))), 0);
}

/* ---- a segment that is not there ------------------------------------------------------------- */

#define FIRST 64   /* slots of the first segment, */
#define SECOND 128 /* and of the second */

/* A ledger whose first segment is full. */
static void make_full_segment(const char *path)
{
    struct tq_ledger *ledger = open_file(path);

    for (unsigned i = 0; i < FIRST; i++)
        assert_int_equal(tq_provider_record(handle(ledger, short_name(i)), 1, NOW_NS, NULL), 0);
    tq_ledger_close(ledger);
}

/* Opens, fails to insert, and closes, as short-lived processes do on a full disk. */
static void fail_to_insert(const char *path, const char *name, unsigned count)
{
    fake_system.allocations = 0;
    fake_system.fail_with = TQ_ENOSPC;
    fake_system.fail_from = 1;
    for (unsigned i = 0; i < count; i++) {
        struct tq_ledger *ledger = open_file(path);

        assert_int_equal(tq_tracker_set_budget(tq_ledger_tracker(ledger), name, 1), TQ_ENOSPC);
        tq_ledger_close(ledger);
    }
    fake_system.fail_from = 0;
}

/* A name whose bucket of the first table is full, after names that fill it. */
static const char *fill_bucket(struct tq_ledger *ledger)
{
    unsigned found = 0;

    for (unsigned i = 0;; i++) {
        struct tq__name name;
        const char *text = short_name(i);

        tq__name_prepare(&name, &ledger->hash_key, text, strlen(text));
        if ((name.hash & 511) != 5) /* bucket 5 of 512 */
            continue;
        if (found++ == TQ__BUCKET_WORDS)
            return text;
        handle(ledger, text);
    }
}

/* Whatever there is no space for (slots, an extension, a table): no number is used up, and once there is
 * space the name goes in, at the size that it costs. */
static void test_failing_inserts_use_nothing_up(void **state)
{
    const char *path = scratch_path(state, "ledger"),
               *long_name = "a name that has no place in a slot itself";
    struct tq_ledger *ledger;
    char full[64];

    ledger = open_file(path);
    snprintf(full, sizeof full, "%s", fill_bucket(ledger));
    tq_ledger_close(ledger);
    fail_to_insert(path, full, 500);
    fail_to_insert(path, long_name, 500);
    ledger = open_file(path);
    assert_int_equal(ledger->header->slots, TQ__BUCKET_WORDS);
    assert_int_equal(ledger->header->extensions, 0);
    for (unsigned i = 0; ledger->header->slots < FIRST; i++)
        handle(ledger, short_name(1000000 + i));
    tq_ledger_close(ledger);
    fail_to_insert(path, "short", 500);
    fail_to_insert(path, long_name, 500);
    ledger = open_file(path);
    assert_int_equal(ledger->header->slots, FIRST);
    assert_int_equal(ledger->header->extensions, 0);
    handle(ledger, "short");
    handle(ledger, long_name);
    handle(ledger, full);
    assert_int_equal(ledger->header->slots, FIRST + 3);
    assert_int_equal(ledger->header->extensions, 1);
    assert_int_not_equal(ledger->header->slots_at[1], 0);
    assert_int_equal(ledger->header->slots_at[2], 0);
    tq_ledger_close(ledger);
    assert_int_equal(unlink(path), 0);
}

/* Earlier versions took a number before they asked for space, so failing inserts used up those of whole
 * segments, and the next segment was made without them: whoever goes through all slots must pass the gap. */
static void make_gap(const char *path)
{
    struct tq_ledger *ledger;

    make_full_segment(path);
    ledger = open_file(path);
    ledger->header->slots = FIRST + SECOND;
    assert_int_equal(tq_provider_record(handle(ledger, "behind"), 7, NOW_NS, NULL), 0);
    assert_int_equal(tq_provider_mark_quota_exhausted(handle(ledger, "behind"), INT64_MAX), 0);
    assert_int_equal(ledger->header->slots, FIRST + SECOND + 1);
    assert_int_equal(ledger->header->slots_at[1], 0);
    assert_int_not_equal(ledger->header->slots_at[2], 0);
    tq_ledger_close(ledger);
}

static void check_behind(struct tq_ledger *ledger)
{
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_exhausted list[2];

    assert_int_equal(tq_ledger_check(ledger, &info, NULL), 0);
    assert_int_equal(info.providers, FIRST + 1);
    assert_int_equal(tq_store_all_exhausted(tq_ledger_store(ledger), list, 2), 1);
    assert_string_equal(list[0].provider, "behind");
    assert_int_equal(tq_provider_used(handle(ledger, "behind"), NOW_NS), 7);
}

static void test_gap_between_segments(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger;

    make_gap(path);
    ledger = open_file(path);
    check_behind(ledger);
    tq_ledger_close(ledger);
    fake_boot();
    ledger = open_file(path); /* rebuilt */
    check_behind(ledger);
    tq_ledger_close(ledger);
    assert_int_equal(tq_ledger_compact(path, NULL), 0);
    ledger = open_file_with(path, 0, 0, TQ_OPEN_RESETTABLE);
    check_behind(ledger);
    assert_int_equal(ledger->header->slots, FIRST + 1);
    assert_int_not_equal(ledger->header->slots_at[1], 0);
    tq_tracker_reset(tq_ledger_tracker(ledger));
    assert_int_equal(tq_provider_used(handle(ledger, "behind"), NOW_NS), 0);
    tq_ledger_close(ledger);
    memset(fake_system.boot_id, 0, sizeof fake_system.boot_id);
}

/* A damaged counter makes nobody go through 2^24 slots: what there is ends with the last segment. */
static void test_counter_beyond_the_segments(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger, *private;

    make_gap(path);
    ledger = open_file(path);
    assert_int_equal(tq__slots_end(ledger), FIRST + SECOND + 1);
    ledger->header->slots = TQ__SLOTS_MAX;
    assert_int_equal(tq__slots_end(ledger), FIRST + SECOND + 256);
    check_behind(ledger);
    tq_ledger_close(ledger);
    ledger = open_file_with(path, 0, 0, TQ_OPEN_READ_ONLY); /* it maps what it looks at, and makes nothing */
    assert_int_equal(tq__slots_end(ledger), FIRST + SECOND + 256);
    check_behind(ledger);
    tq_ledger_close(ledger);
    assert_int_equal(tq_ledger_compact(path, NULL), 0);
    ledger = open_file(path);
    assert_int_equal(ledger->header->slots, FIRST + 1);
    check_behind(ledger);
    tq_ledger_close(ledger);
    assert_int_equal(tq_ledger_open(&private, NULL, NULL, NULL), 0);
    private->header->slots = UINT32_MAX;
    assert_int_equal(tq__slots_end(private), 0);
    private->header->slots = 0;
    handle(private, "a");
    private->header->slots = UINT32_MAX;
    assert_int_equal(tq__slots_end(private), FIRST);
    tq_ledger_close(private);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_file_size_limit),
        scratch_test(test_file_size_limit_at_creation),
        scratch_test(test_full_disk),
        scratch_test(test_each_allocation_fails_once),
        scratch_test(test_failing_inserts_use_nothing_up),
        scratch_test(test_gap_between_segments),
        scratch_test(test_counter_beyond_the_segments),
    };

    return cmocka_run_group_tests_name("full", tests, NULL, NULL);
}
