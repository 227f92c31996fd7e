/* test_hostile.c: somebody who may write the file writes into it while others have it open.
 *
 * SPDX-License-Identifier: MIT
 *
 * The damage is done through the test's own mapping, which every process that has the file open sees. Numbers
 * may be wrong afterwards; the memory of whoever works on must not be, and no name with a control character
 * comes out.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/ledger.h"
#include "threads.h"
#include "scratch.h"
#include "src/table.h"

#define NOW_NS (MAY_DAY_NS + HOUR_NS)
#define BOOT_ID_AT offsetof(struct tq__header, boot_id)
#define LONG_NAME "a name that is too long to have a place in the slot itself"

static const char *const names[] = {"openai", "anthropic", LONG_NAME};

/* A ledger of three names, each out of routing. */
static struct tq_ledger *open_three(const char *path)
{
    struct tq_ledger *ledger = open_file(path);

    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(tq_provider_record(handle(ledger, names[i]), 100 + (int)i, NOW_NS, NULL), 0);
        assert_int_equal(tq_provider_mark_quota_exhausted(handle(ledger, names[i]), INT64_MAX), 0);
    }
    return ledger;
}

static struct tq__slot *slot_of(struct tq_ledger *ledger, const char *name)
{
    struct tq__slot *slot = tq__find(ledger, name);

    assert_non_null(slot);
    return slot;
}

static unsigned walked(struct tq_ledger *ledger)
{
    struct tq_provider *provider;
    uint64_t cursor = 0;
    unsigned count = 0;

    while (tq_ledger_walk(ledger, &cursor, &provider) == 0) {
        assert_true(tq__name_valid(tq_provider_name(provider), strlen(tq_provider_name(provider))));
        count++;
    }
    return count;
}

static uint64_t faults(struct tq_ledger *ledger)
{
    struct tq_ledger_info info = {.size = sizeof info};

    assert_true(tq_ledger_check(ledger, &info, NULL) >= 0);
    return info.faults;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* What is no name is passed over by walks and lists, and counted by check; it is the slot of names[i] that
 * gets it. */
static void check_no_name(void **state, size_t i, const char *bytes, size_t len, unsigned name_len)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_three(path);
    struct tq_exhausted list[4];
    struct tq__extension *extension;
    struct tq__slot *slot = slot_of(ledger, names[i]);

    tq__slot_extension(ledger, slot, &extension);
    memcpy(extension ? extension->name : (uint8_t *)slot->name, bytes, len);
    slot->name_len = (uint8_t)name_len;
    tq_ledger_close(ledger);
    ledger = open_file(path); /* whoever has a handle already keeps the name that it had */
    assert_int_equal(walked(ledger), 2);
    assert_int_equal(tq_store_all_exhausted(tq_ledger_store(ledger), list, 4), 2);
    for (size_t k = 0; k < 2; k++)
        assert_true(strcmp(list[k].provider, names[i]) != 0 &&
                    tq__name_valid(list[k].provider, strlen(list[k].provider)));
    assert_true(faults(ledger) > 0);
    tq_ledger_close(ledger);
    assert_int_equal(unlink(path), 0);
}

static void test_what_is_no_name_is_not_given_out(void **state)
{
    char as[TQ_NAME_MAX + 1];

    memset(as, 'A', sizeof as);
    check_no_name(state, 0, "\x1b]0;pw", 6, 6);
    check_no_name(state, 0, "open\xc2\x85", 6, 6); /* a control character of two bytes */
    check_no_name(state, 0, "openai", 6, 3);       /* longer than it says */
    check_no_name(state, 0, "openai", 6, 0);
    check_no_name(state, 0, "openai", 6, 9); /* shorter */
    check_no_name(state, 0, as, TQ__NAME_INLINE, 6);
    check_no_name(state, 0, "\xff", 1, 6);
    check_no_name(state, 2, "\x1b[31m", 5, sizeof LONG_NAME - 1);
    check_no_name(state, 2, as, sizeof as, TQ_NAME_MAX); /* without an end */
}

static void test_a_name_given_out_stays(void **state)
{
    struct tq_ledger *ledger = open_three(scratch_path(state, "ledger"));
    struct tq_exhausted list[4];

    assert_int_equal(tq_store_all_exhausted(tq_ledger_store(ledger), list, 4), 3);
    for (size_t i = 0; i < 3; i++) {
        struct tq_provider *provider = handle(ledger, names[i]);
        struct tq__slot *slot = slot_of(ledger, names[i]);
        struct tq__extension *extension;

        tq__slot_extension(ledger, slot, &extension);
        memset(slot->name, '\x1b', sizeof slot->name);
        if (extension)
            memset(extension, '\x1b', sizeof *extension);
        slot->name_len = TQ_NAME_MAX;
        assert_string_equal(tq_provider_name(provider), names[i]);
        assert_string_equal(list[i].provider, names[i]);
        assert_int_equal(tq_provider_used(provider, NOW_NS), 100 + (int)i);
    }
    tq_ledger_close(ledger);
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* A slot's own word of its number is believed by nobody. */
static void test_a_slot_is_where_the_index_says(void **state)
{
    static const uint32_t wrong[] = {1, 77, 1u << 24, 1u << 25, 1u << 27, UINT32_MAX};

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const char *path = scratch_path(state, "ledger");
        struct tq_ledger *ledger = open_three(path);

        slot_of(ledger, "openai")->number = wrong[i];
        tq_ledger_close(ledger);
        ledger = open_file(path);
        assert_string_equal(tq_provider_name(handle(ledger, "anthropic")), "anthropic");
        assert_string_equal(tq_provider_name(handle(ledger, "openai")), "openai");
        assert_int_equal(tq_provider_record(handle(ledger, "openai"), 1000, NOW_NS, NULL), 0);
        assert_int_equal(tq_provider_used(handle(ledger, "openai"), NOW_NS), 1100);
        assert_int_equal(tq_provider_used(handle(ledger, "anthropic"), NOW_NS), 101);
        assert_true(faults(ledger) > 0);
        tq_ledger_close(ledger);
        assert_int_equal(unlink(path), 0);
    }
}

static int insert_many(struct tq_ledger *ledger)
{
    struct tq_provider *provider;
    char name[128];
    int answer = 0;

    for (unsigned i = 0; i < 100; i++) {
        name_of(i, name);
        answer = tq_ledger_provider(ledger, name, strlen(name), 0, &provider);
        if (answer == 0)
            tq_provider_record(provider, 1, NOW_NS, NULL);
    }
    return answer;
}

/* Everything that walks. */
static void look_at_all(struct tq_ledger *ledger)
{
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_exhausted list[4];
    uint32_t seen = 0;

    walked(ledger);
    tq_ledger_check(ledger, &info, NULL);
    tq_store_all_exhausted(tq_ledger_store(ledger), list, 4);
    tq_ledger_probes_due(ledger, NOW_NS, list, 4);
    tq_ledger_wait(ledger, &seen, 0);
    tq_ledger_wait(ledger, &seen, 0);
}

/* A word of the header is changed under a process that has the ledger open, and it goes on. Growth is cut
 * short: a counter that was made large asks for a large piece. */
static int go_on(void *argument)
{
    static const uint64_t wrong[] = {0,         1,         5,          4096,         12288,
                                     1u << 24,  1u << 26,  UINT32_MAX, 0x7ffffff000, UINT64_C(1) << 62,
                                     INT64_MAX, UINT64_MAX};
    const char *path = argument;
    const struct rlimit limit = {1 << 21, RLIM_INFINITY};

    struct tq_ledger *sound = open_file(path);
    uint8_t *bytes;
    size_t size;

    for (size_t i = 0; i < 3; i++)
        handle(sound, names[i]);
    tq_ledger_close(sound);
    bytes = file_read(path, &size);
    MUST(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    for (size_t at = 0; at < 1600; at += at < 600 ? 4 : 52) { /* the tables of places are long */
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
            struct tq_ledger *ledger = open_file(path), *other = NULL;

            MUST(ledger);
            memcpy((uint8_t *)ledger->header + at, &wrong[i], at % 8 == 0 ? 8 : 4);
            insert_many(ledger);
            look_at_all(ledger);
            /* With a boot of its own it would wait 2 s for a lock to rebuild. */
            if ((at < BOOT_ID_AT || at >= BOOT_ID_AT + 16) && tq_ledger_open(&other, path, NULL, NULL) == 0)
                look_at_all(other);
            tq_ledger_close(other);
            tq_ledger_close(ledger);
            file_write(path, bytes, size); /* the same file: a new one would be waited for, on the disk */
        }
    }
    free(bytes);
    return 0;
}

static void test_any_word_of_the_header(void **state)
{
    assert_int_equal(child_end(child_start(go_on, (void *)(uintptr_t)scratch_path(state, "ledger"))), 0);
}

/* ---- while others work ----------------------------------------------------------------------- */

struct work {
    char path[PATH_MAX];
    _Atomic bool done;
    uint64_t seed;
    int64_t end_ns;
};

/* Some seconds; in make stress, which is twenty times as long, an hour. */
static int64_t flip_for_ns(void)
{
    return (times_as_long() == 1 ? 3 : 180 * (int64_t)times_as_long()) * INT64_C(1000000000);
}

/* Flips bits wherever they are until it is told to stop. Every second one is in the header. */
static int flip(void *argument)
{
    struct work *work = argument;
    struct rng rng = {work->seed};

    while (!atomic_load(&work->done)) {
        int fd = open(work->path, O_RDWR | O_CLOEXEC);
        struct stat file;
        uint8_t *bytes;

        if (fd < 0)
            continue; /* the next one is not there yet */
        MUST(fstat(fd, &file) == 0);
        bytes = file.st_size == 0
                    ? MAP_FAILED
                    : mmap(NULL, (size_t)file.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        for (int i = 0; i < 64 && bytes != MAP_FAILED; i++) {
            size_t at = (size_t)rng_below_i64(&rng, rng_below(&rng, 2) ? 1600 : file.st_size);

            bytes[at] ^= (uint8_t)(1u << rng_below(&rng, 8));
            if (rng_below(&rng, 4) == 0)
                sched_yield();
        }
        if (bytes != MAP_FAILED)
            munmap(bytes, (size_t)file.st_size);
        close(fd);
    }
    return 0;
}

static void use_all(struct tq_ledger *ledger)
{
    struct tq_provider *provider;
    struct tq_verdict verdict = {.size = sizeof verdict};
    char sentence[512];
    uint64_t cursor = 0;

    while (tq_ledger_walk(ledger, &cursor, &provider) == 0) {
        const char *name = tq_provider_name(provider);

        MUST(tq__name_valid(name, strlen(name)));
        tq_provider_observe(provider, 3, NOW_NS, NULL);
        tq_provider_set_budget(provider, 1000);
        tq_provider_correct(provider, 1, NOW_NS);
        if (tq_provider_verdict(provider, NOW_NS, &verdict) >= 0)
            tq_verdict_explain(&verdict, sentence, sizeof sentence);
    }
    insert_many(ledger);
    look_at_all(ledger);
}

static int work_on(void *argument)
{
    const struct rlimit limit = {1 << 21, RLIM_INFINITY};
    struct work *work = argument;

    MUST(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    for (unsigned i = 0; tq_now_ns() < work->end_ns; i++) {
        struct tq_error error = {.size = sizeof error};
        struct tq_ledger *ledger;

        if (tq_ledger_open(&ledger, work->path, NULL, &error) == 0) {
            use_all(ledger);
            if (i % 64 == 0)
                tq_ledger_compact(work->path, NULL);
        } else {
            unlink(work->path); /* refused: another one */
        }
        tq_ledger_close(ledger);
        if (i % 8 == 7)
            unlink(work->path);
    }
    atomic_store(&work->done, true);
    return 0;
}

static void test_bits_flip_while_others_work(void **state)
{
    struct work *work = shared_memory(sizeof *work);
    pid_t flipper, worker[2];

    snprintf(work->path, sizeof work->path, "%s", scratch_path(state, "ledger"));
    work->seed = rng_seed((uint64_t)tq_now_ns());
    work->end_ns = tq_now_ns() + flip_for_ns();
    print_message("# TQ_SEED=%llu\n", (unsigned long long)work->seed);
    flipper = child_start(flip, work);
    for (int i = 0; i < 2; i++)
        worker[i] = child_start(work_on, work);
    for (int i = 0; i < 2; i++)
        assert_int_equal(child_end(worker[i]), 0);
    assert_int_equal(child_end(flipper), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_what_is_no_name_is_not_given_out), scratch_test(test_a_name_given_out_stays),
        scratch_test(test_a_slot_is_where_the_index_says),   scratch_test(test_any_word_of_the_header),
        scratch_test(test_bits_flip_while_others_work),
    };

    return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
