/* test_rebuild.c: a ledger after a boot: its index and counters are made anew from the slots.
 *
 * SPDX-License-Identifier: MIT
 */

#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/file.h"
#include "harness.h"
#include "scratch.h"
#include "system_fake.h"
#include "src/table.h"
#include "src/zone_table.h"

#define NOW_NS (MAY_DAY_NS + 6 * HOUR_NS)
#define NAMES 6000 /* two tables, seven segments */

static void name_of(unsigned index, char out[128])
{
    snprintf(out, 128,
             index % 5 ? "name-%u" : "a-rather-long-deployment-name/in-some-region/with-%u-at-its-end",
             index);
}

static void fill(struct tq_ledger *ledger)
{
    char name[128];

    for (unsigned i = 0; i < NAMES; i++) {
        name_of(i, name);
        assert_int_equal(tq_tracker_record(tq_ledger_tracker(ledger), name, 1 + i, NOW_NS, NULL), 0);
        if (i % 3 == 0)
            assert_int_equal(tq_provider_set_budget(handle(ledger, name), 1 << 30), 0);
    }
}

static struct tq_ledger_info check_filled(struct tq_ledger *ledger)
{
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_error error = {.size = sizeof error};
    struct tq_provider *provider;
    uint64_t cursor = 0;
    unsigned walked = 0;
    char name[128];

    if (tq_ledger_check(ledger, &info, &error) != 0)
        fail_msg("check: %" PRIu64 " faults: %s", info.faults, error.msg);
    assert_int_equal(info.providers, NAMES);
    for (unsigned i = 0; i < NAMES; i++) {
        name_of(i, name);
        assert_int_equal(tq_ledger_provider(ledger, name, strlen(name), TQ_PROVIDER_EXISTING, &provider), 0);
        assert_int_equal(tq_provider_used(provider, NOW_NS), 1 + i);
        assert_int_equal(tq_provider_budget(provider), i % 3 == 0 ? 1 << 30 : 0);
    }
    while (tq_ledger_walk(ledger, &cursor, &provider) == 0)
        walked++;
    assert_int_equal(walked, NAMES);
    return info;
}

/* The file's bytes, changed by `damage` while nobody has it open. */
static void change(const char *path, void (*damage)(struct tq__header *header, uint8_t *file))
{
    size_t size;
    uint8_t *file = file_read(path, &size);

    damage((struct tq__header *)(void *)file, file);
    file_write(path, file, size);
    free(file);
}

/* Opens; what is to be known of it ends with `said`, and is empty when that is. */
static struct tq_ledger *open_saying(const char *path, const char *said)
{
    struct tq_error error;
    struct tq_ledger *ledger;
    size_t len;

    memset(&error, 'x', sizeof error); /* every return writes it */
    error.size = sizeof error;
    assert_int_equal(tq_ledger_open(&ledger, path, NULL, &error), 0);
    assert_int_equal(error.code, 0);
    assert_int_equal(error.sys, 0);
    assert_non_null(memchr(error.msg, '\0', sizeof error.msg));
    len = strlen(error.msg);
    if (len < strlen(said) || strcmp(error.msg + len - strlen(said), said) != 0 || (!*said && len > 0))
        fail_msg("open said \"%s\", not \"%s\"", error.msg, said);
    return ledger;
}

/* Fills, damages, boots, opens: all is there again, and can go on. */
static void check_rebuilt(void **state, void (*damage)(struct tq__header *header, uint8_t *file))
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path);
    struct tq_ledger_info info;

    fill(ledger);
    tq_ledger_close(ledger);
    change(path, damage);
    ledger = open_saying(path, "/ledger was rebuilt, because the machine was started anew: 6000 names");
    info = check_filled(ledger);
    assert_int_equal(info.rebuilt, 1);
    assert_int_equal(info.recovered, NAMES);
    assert_int_equal(tq_tracker_record(tq_ledger_tracker(ledger), "after it", 1, NOW_NS, NULL), 0);
    assert_int_equal(tq_tracker_used(tq_ledger_tracker(ledger), "after it", NOW_NS), 1);
    tq_ledger_close(ledger);
    ledger = open_saying(path, ""); /* once is enough */
    assert_int_equal(tq_ledger_statistics(ledger, &info), 0);
    assert_int_equal(info.rebuilt, 1);
    assert_int_equal(info.providers, NAMES + 1);
    tq_ledger_close(ledger);
}

/* ---- what a boot may have left --------------------------------------------------------------- */

static void another_boot(struct tq__header *header, uint8_t *file)
{
    (void)file;
    header->boot_id[3] ^= 0x55;
}

static void no_index(struct tq__header *header, uint8_t *file)
{
    another_boot(header, file);
    for (uint32_t t = 0; t < TQ__TABLES; t++)
        if (header->table_at[t] != 0)
            memset(file + header->table_at[t], 0, sizeof(uint64_t) << tq__table_log2_words(t));
}

static void half_an_index(struct tq__header *header, uint8_t *file)
{
    another_boot(header, file);
    for (size_t at = 0; at < 32768; at += 1024)
        memset(file + header->table_at[0] + at, 0, 512);
}

static void wild_index(struct tq__header *header, uint8_t *file)
{
    another_boot(header, file);
    memset(file + header->table_at[0], 0xee, 32768);
}

static void no_table(struct tq__header *header, uint8_t *file)
{
    another_boot(header, file);
    header->table_at[1] = 0;
}

static void no_counters(struct tq__header *header, uint8_t *file)
{
    another_boot(header, file);
    header->slots = 0;
    header->extensions = 0;
}

static void wild_counters(struct tq__header *header, uint8_t *file)
{
    another_boot(header, file);
    header->slots = UINT32_MAX;
    header->extensions = UINT32_MAX - 1;
    header->file_bytes = TQ__HEADER_BYTES;
}

static void dead_rebuilder(struct tq__header *header, uint8_t *file)
{
    no_index(header, file);
    header->slots = 7;
    header->busy_pid = 4194303;
}

static void test_another_boot(void **state)
{
    check_rebuilt(state, another_boot);
}

static void test_index_lost(void **state)
{
    check_rebuilt(state, no_index);
}

static void test_index_half_lost(void **state)
{
    check_rebuilt(state, half_an_index);
}

static void test_index_wild(void **state)
{
    check_rebuilt(state, wild_index);
}

static void test_table_lost(void **state)
{
    check_rebuilt(state, no_table);
}

static void test_counters_lost(void **state)
{
    check_rebuilt(state, no_counters);
}

static void test_counters_wild(void **state)
{
    check_rebuilt(state, wild_counters);
}

static void test_rebuild_begun_and_not_ended(void **state)
{
    check_rebuilt(state, dead_rebuilder);
}

/* ---- twins ----------------------------------------------------------------------------------- */

static struct tq__slot *slot_of(struct tq__header *header, uint8_t *file, uint32_t number)
{
    return (struct tq__slot *)(void *)(file + header->slots_at[0] +
                                       number * (TQ__SLOT_BYTES + 8u * header->history_days));
}

static void swap_slots(struct tq__header *header, uint8_t *file)
{
    uint32_t stride = TQ__SLOT_BYTES + 8u * header->history_days;
    uint8_t kept[1024];

    another_boot(header, file);
    memcpy(kept, slot_of(header, file, 0), stride);
    memcpy(slot_of(header, file, 0), slot_of(header, file, 1), stride);
    memcpy(slot_of(header, file, 1), kept, stride);
    slot_of(header, file, 0)->number = 0;
    slot_of(header, file, 1)->number = 1;
}

/* Slot 1 is left over from a lost race for the name of slot 0. Whichever of the two comes first, after a boot
 * the one that counts is the name's, and the other nobody's. */
static void check_twin(void **state, const char *name,
                       void (*damage)(struct tq__header *header, uint8_t *file))
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path);
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq__slot *slot;

    assert_int_equal(tq__insert(ledger, name, &slot), 0);
    assert_int_equal(tq__insert(ledger, name, &slot), 0);
    assert_int_equal(slot->number, 0);
    assert_int_equal(tq_provider_record(handle(ledger, name), 41, NOW_NS, NULL), 0);
    assert_int_equal(tq_provider_record(handle(ledger, name), 1, NOW_NS - DAY_NS, NULL), 0);
    assert_int_equal(tq_provider_set_budget(handle(ledger, name), 1000), 0);
    assert_int_equal(tq_provider_mark_quota_exhausted(handle(ledger, name), NOW_NS + 1), 0);
    tq_ledger_close(ledger);
    change(path, damage);
    ledger = open_file(path);
    assert_non_null(ledger);
    assert_int_equal(tq_ledger_check(ledger, &info, NULL), 0);
    assert_int_equal(info.providers, 1);
    assert_int_equal(info.recovered, 1);
    assert_int_equal(tq_tracker_used(tq_ledger_tracker(ledger), name, NOW_NS), 41);
    assert_int_equal(tq_tracker_used(tq_ledger_tracker(ledger), name, NOW_NS - DAY_NS), 1);
    assert_int_equal(tq_tracker_budget(tq_ledger_tracker(ledger), name), 1000);
    assert_int_equal(tq_store_state(tq_ledger_store(ledger), name, NOW_NS, NULL), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(tq_tracker_record(tq_ledger_tracker(ledger), name, 1, NOW_NS, NULL), 0);
    assert_int_equal(tq_tracker_used(tq_ledger_tracker(ledger), name, NOW_NS), 42);
    tq_ledger_close(ledger);
    assert_int_equal(remove(path), 0);
}

static void test_twins(void **state)
{
    const char *long_name =
        "a-rather-long-deployment-name/in-some-region/with-a-tail-that-needs-an-extension";

    check_twin(state, "openai", another_boot);
    check_twin(state, "openai", swap_slots);
    check_twin(state, long_name, another_boot);
    check_twin(state, long_name, swap_slots);
}

/* Compact opens first, and says as much; and an open that made the file says nothing. */
static void test_said_by_compact(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_error error = {.size = sizeof error, .code = 7, .msg = "x"};
    struct tq_ledger *ledger = open_saying(path, "");

    assert_int_equal(tq_provider_record(handle(ledger, "a"), 1, NOW_NS, NULL), 0);
    tq_ledger_close(ledger);
    change(path, another_boot);
    assert_int_equal(tq_ledger_compact(path, &error), 0);
    assert_int_equal(error.code, 0);
    assert_non_null(strstr(error.msg, "started anew: 1 name"));
    assert_int_equal(tq_ledger_compact(path, &error), 0);
    assert_string_equal(error.msg, "");
}

/* A slot that is no name: torn, or its name's extension is not the one. It goes, and nothing else does. */
static void torn_slot(struct tq__header *header, uint8_t *file)
{
    another_boot(header, file);
    slot_of(header, file, 1)->name[0] ^= 1;
}

static void test_torn_slot(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path);
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_provider *provider;

    assert_int_equal(tq_provider_record(handle(ledger, "a"), 1, NOW_NS, NULL), 0);
    assert_int_equal(tq_provider_record(handle(ledger, "torn"), 2, NOW_NS, NULL), 0);
    assert_int_equal(tq_provider_record(handle(ledger, "b"), 3, NOW_NS, NULL), 0);
    tq_ledger_close(ledger);
    change(path, torn_slot);
    ledger = open_saying(path, ": 2 names, 1 torn and cleared");
    assert_int_equal(tq_ledger_check(ledger, &info, NULL), 0);
    assert_int_equal(info.providers, 2);
    assert_int_equal(info.recovered, 2);
    assert_int_equal(tq_ledger_provider(ledger, "torn", 4, TQ_PROVIDER_EXISTING, &provider), 1);
    assert_int_equal(tq_provider_used(handle(ledger, "a"), NOW_NS), 1);
    assert_int_equal(tq_provider_used(handle(ledger, "b"), NOW_NS), 3);
    assert_int_equal(tq_provider_record(handle(ledger, "torn"), 5, NOW_NS, NULL), 0);
    assert_int_equal(tq_provider_used(handle(ledger, "torn"), NOW_NS), 5);
    tq_ledger_close(ledger);
}

/* ---- who rebuilds ---------------------------------------------------------------------------- */

static void test_read_only_does_not_rebuild(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger_options options = {.size = sizeof options, .flags = TQ_OPEN_READ_ONLY};
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger = open_file(path);

    fill(ledger);
    tq_ledger_close(ledger);
    change(path, no_index);
    assert_int_equal(tq_ledger_open(&ledger, path, &options, &error), TQ_EBUSY);
    assert_non_null(strstr(error.msg, "for writing"));
    tq_ledger_close(open_file(path));
    assert_int_equal(tq_ledger_open(&ledger, path, &options, &error), 0);
    check_filled(ledger);
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
    MUST(tq_tracker_record(tq_ledger_tracker(ledger), "name-1", 1, NOW_NS, NULL) == 0);
    MUST(tq_tracker_record(tq_ledger_tracker(ledger), "name-2", 1, NOW_NS, NULL) == 0);
    meet(&openers->came, OPENERS, 2);
    tq_ledger_close(ledger);
    return 0;
}

/* All open at once: one rebuilds, the others wait for it, and nobody counts on a half-made index. */
static void test_one_of_many_rebuilds(void **state)
{
    struct openers *openers = shared_memory(sizeof *openers);
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_ledger *ledger;
    pid_t child[OPENERS];

    snprintf(openers->path, sizeof openers->path, "%s", scratch_path(state, "ledger"));
    ledger = open_file(openers->path);
    fill(ledger);
    tq_ledger_close(ledger);
    for (unsigned round = 1; round <= 5; round++) {
        change(openers->path, no_index);
        atomic_store(&openers->came, 0);
        for (unsigned i = 0; i < OPENERS; i++)
            child[i] = child_start(open_and_record, openers);
        for (unsigned i = 0; i < OPENERS; i++)
            assert_int_equal(child_end(child[i]), 0);
        ledger = open_file(openers->path);
        assert_int_equal(tq_ledger_check(ledger, &info, NULL), 0);
        assert_int_equal(info.rebuilt, round);
        assert_int_equal(info.providers, NAMES);
        assert_int_equal(tq_tracker_used(tq_ledger_tracker(ledger), "name-1", NOW_NS), 2 + OPENERS * round);
        assert_int_equal(tq_tracker_used(tq_ledger_tracker(ledger), "name-2", NOW_NS), 3 + OPENERS * round);
        tq_ledger_close(ledger);
    }
}

/* Killed while it rebuilds: the next one does it again. */
static int open_only(void *path)
{
    MUST(open_file(path));
    return 0;
}

static void test_killed_while_rebuilding(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path);
    unsigned killed = 0;

    fill(ledger);
    tq_ledger_close(ledger);
    for (unsigned round = 0; round < 60; round++) {
        pid_t child;

        change(path, no_index);
        child = child_start(open_only, (void *)(uintptr_t)path);
        for (unsigned yields = round * 40; yields > 0; yields--)
            patience_yield();
        assert_int_equal(kill(child, SIGKILL), 0);
        killed += child_end(child) == 1000 + SIGKILL;
        ledger = open_file(path);
        assert_non_null(ledger);
        check_filled(ledger);
        tq_ledger_close(ledger);
    }
    assert_true(killed > 0);
}

/* A machine whose boot id nobody changed in the file, but is another: the same. */
static void test_boot_of_the_machine(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_ledger *ledger;

    for (uint64_t boots = 0; boots < 4; boots++) {
        ledger = open_file(path);
        if (boots == 0)
            fill(ledger);
        info = check_filled(ledger);
        assert_int_equal(info.rebuilt, boots);
        tq_ledger_close(ledger);
        fake_boot();
    }
    memset(fake_system.boot_id, 0, sizeof fake_system.boot_id);
}

/* A zone is an extension that no slot names. A long name must not get it. */
static void test_zones_stay(void **state)
{
    static const char zone_name[] = "Mars/Olympus",
                      long_name[] = "a-rather-long-deployment-name/in-some-region";
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path);
    struct tq__zone_record *record;
    char name[TQ__ZONE_NAME_BYTES];
    struct tq__law law;
    void *memory;
    uint32_t n;

    assert_int_equal(tq__array_take(&ledger->extensions, TQ__SLOTS_MAX, &n, &memory), 0);
    record = memory;
    memcpy(record, zone_name, sizeof zone_name);
    record->rule = 4;
    ledger->header->zone[0] = n + 1;
    tq_ledger_close(ledger);
    change(path, another_boot);
    ledger = open_saying(path, "/ledger was rebuilt, because the machine was started anew: 0 names");
    handle(ledger, long_name);
    assert_true(tq__zone_name(ledger, 1, name));
    assert_string_equal(name, zone_name);
    assert_true(tq__zone_law(ledger, 1, &law));
    assert_int_equal(tq__law_offset(&law, 0), 4);
    /* A zone whose bytes did not come to the disk is none, not one of UTC. */
    record = tq__array_at(&ledger->extensions, n);
    memset(record, 0, sizeof *record);
    assert_false(tq__zone_name(ledger, 1, name));
    assert_false(tq__zone_law(ledger, 1, &law));
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_another_boot),
        scratch_test(test_index_lost),
        scratch_test(test_index_half_lost),
        scratch_test(test_index_wild),
        scratch_test(test_table_lost),
        scratch_test(test_counters_lost),
        scratch_test(test_counters_wild),
        scratch_test(test_rebuild_begun_and_not_ended),
        scratch_test(test_twins),
        scratch_test(test_said_by_compact),
        scratch_test(test_torn_slot),
        scratch_test(test_zones_stay),
        scratch_test(test_read_only_does_not_rebuild),
        scratch_test(test_one_of_many_rebuilds),
        scratch_test(test_killed_while_rebuilding),
        scratch_test(test_boot_of_the_machine),
    };

    return cmocka_run_group_tests_name("rebuild", tests, NULL, NULL);
}
