/* test_imports.c: the file that says what was imported: keys, cursors, rows, growth, locks, kills and damage.
 *
 * SPDX-License-Identifier: MIT
 */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "import/store.h"
#include "scratch.h"

#define TODAY store_day(MAY_DAY_NS)
#define MANY 200000u

static struct import_error error; /* why the last call failed */

/* Keys of a kind, scattered as those of responses are, and none of them 0. */
static uint64_t key_of(uint64_t kind, uint64_t number)
{
    return tq__mix(kind << 40, number);
}

static void open_at(struct store *store, void **state, uint32_t oldest_day)
{
    assert_int_equal(store_open(store, &error, scratch_path(state, "ledger"), false, oldest_day), 0);
}

/* As a kill leaves it: the mapping and the lock are gone, and nothing else was done. */
static void kill_it(struct store *store)
{
    munmap(store->header, store->header->file_bytes);
    close(store->fd);
    free(store->touched);
    free(store->by_inode.slots);
    free(store->by_path.slots);
    free(store->by_name.slots);
}

static void set(struct store *store, uint64_t key, int64_t tokens, uint32_t rank, uint32_t day)
{
    struct store_seen seen = {.tokens = tokens, .rank = rank, .day = day};

    assert_int_equal(store_seen_set(store, key, &seen), 0);
}

static void expect(struct store *store, uint64_t key, int64_t tokens, uint32_t rank, uint32_t day)
{
    struct store_seen seen;
    bool first;

    assert_true(store_seen_find(store, key, &seen, &first));
    assert_int_equal(seen.tokens, tokens);
    assert_int_equal(seen.rank, rank);
    assert_int_equal(seen.day, day);
}

static bool is_known(struct store *store, uint64_t key)
{
    struct store_seen seen;
    bool first;

    return store_seen_find(store, key, &seen, &first);
}

static void days_begin_with_2020(void **state)
{
    int64_t first_ns = INT64_C(18262) * DAY_NS; /* 2020-01-01 */

    (void)state;
    assert_int_equal(store_day(first_ns), 1);
    assert_int_equal(store_day(first_ns - 1), 0);
    assert_int_equal(store_day(first_ns + DAY_NS - 1), 1);
    assert_int_equal(store_day(INT64_MIN), 0);
    assert_int_equal(store_day(INT64_MAX), 0);
    assert_int_equal(store_day_start(TODAY), MAY_DAY_NS);
    assert_int_equal(store_day(store_day_start(16383)), 16383);
    assert_int_equal(store_day(store_day_start(16383) + DAY_NS), 0);
}

static void a_greater_rank_is_never_less(void **state)
{
    uint64_t last = 0;

    (void)state;
    assert_int_equal(store_rank(0), 0);
    assert_int_equal(store_rank(511), 511);
    for (int bit = 0; bit < 64; bit++)
        for (int64_t step = -2; step <= 2; step++) {
            uint64_t rank = (UINT64_C(1) << bit) + (uint64_t)step;

            if (rank < last)
                continue;
            assert_true(store_rank(rank) >= store_rank(last));
            last = rank;
        }
    assert_true(store_rank(UINT64_MAX) < 1u << 14);
    /* What is preferred is above all that is not, whatever it used. */
    assert_true(store_rank(UINT64_C(1) << 39) > store_rank((UINT64_C(1) << 39) - 1));
}

static void what_was_seen_is_there_after_growing_and_reopening(void **state)
{
    struct store store;
    uint64_t capacity;

    open_at(&store, state, TODAY - 44);
    capacity = store.header->slot_capacity;
    for (uint32_t i = 1; i <= MANY; i++)
        set(&store, key_of(7, i), i, i % 16384, TODAY - i % 45);
    assert_true(store.header->slot_capacity > capacity);
    assert_true(store.header->slots == MANY);
    for (uint32_t i = 1; i <= MANY; i++)
        expect(&store, key_of(7, i), i, i % 16384, TODAY - i % 45);
    assert_false(is_known(&store, key_of(7, MANY + 1)));
    set(&store, key_of(7, 1), STORE_TOKENS_MAX, 16383, 16383);
    store_close(&store);

    open_at(&store, state, 0);
    expect(&store, key_of(7, 1), STORE_TOKENS_MAX, 16383, 16383);
    expect(&store, key_of(7, MANY), MANY, MANY % 16384, TODAY - MANY % 45);
    assert_int_equal(store.header->oldest_day, TODAY - 44);
    store_close(&store);
    assert_int_equal(scratch_entries(state), 1);
}

static void first_look_of_a_run_is_told(void **state)
{
    struct store store;
    struct store_seen seen;
    bool first;

    open_at(&store, state, 0);
    assert_false(store_seen_find(&store, 42, &seen, &first));
    assert_true(first);
    set(&store, 42, 1, 1, TODAY);
    assert_true(store_seen_find(&store, 42, &seen, &first));
    assert_false(first);
    for (uint32_t i = 0; i < MANY; i++) /* and after growing */
        set(&store, key_of(8, i), 1, 1, TODAY);
    assert_true(store_seen_find(&store, 42, &seen, &first));
    assert_false(first);
    store_close(&store);

    open_at(&store, state, 0);
    assert_true(store_seen_find(&store, 42, &seen, &first));
    assert_true(first);
    assert_true(store_seen_find(&store, 42, &seen, &first));
    assert_false(first);
    store_close(&store);
}

static void old_days_go_when_it_grows(void **state)
{
    struct store store;
    uint64_t capacity;

    open_at(&store, state, TODAY - 44);
    capacity = store.header->slot_capacity;
    for (uint32_t i = 0; i < capacity / 4 * 3; i++)
        set(&store, key_of(9, i), 1, 1, i % 2 ? TODAY : TODAY - 44);
    store.header->oldest_day = TODAY - 43;
    set(&store, key_of(9, capacity), 1, 1, TODAY);
    assert_true(store.header->slot_capacity == capacity);
    assert_true(is_known(&store, key_of(9, 1)));
    assert_false(is_known(&store, key_of(9, 0)));
    store_close(&store);
}

static void one_importer_at_a_time(void **state)
{
    struct store store, second;

    open_at(&store, state, 0);
    assert_int_equal(store.header->pid, getpid());
    assert_int_equal(store_open(&second, &error, scratch_path(state, "ledger"), false, 0), TQ_EBUSY);
    assert_int_equal(error.code, TQ_EBUSY);
    assert_non_null(strstr(error.text, "imports into this ledger now"));
    assert_int_equal(store_open(&second, &error, scratch_path(state, "ledger"), true, 0),
                     0); /* a dry run looks */
    store_close(&second);
    store_close(&store);
    open_at(&store, state, 0);
    store_close(&store);
}

/* Whoever may only read can take a flock, which is in nobody's way. */
static void a_reader_keeps_nobody_out(void **state)
{
    struct store store;
    int fd;

    open_at(&store, state, 0);
    store_close(&store);
    fd = open(scratch_path(state, "ledger.imports"), O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    open_at(&store, state, 0);
    store_close(&store);
    close(fd);
}

/* An older build has it by its flock: nobody else gets it, until it ends. Then it is of this format. */
static void format_1_is_locked_as_before(void **state)
{
    const uint32_t format = 1;
    struct store store;
    int fd;

    open_at(&store, state, 0);
    set(&store, key_of(1, 1), 5, 1, TODAY);
    store.header->format = format;
    store_close(&store);
    fd = open(scratch_path(state, "ledger.imports"), O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    assert_true(store_open(&store, &error, scratch_path(state, "ledger"), false, 0) < 0);
    close(fd);
    open_at(&store, state, 0);
    expect(&store, key_of(1, 1), 5, 1, TODAY);
    assert_int_equal(store.header->format, 2);
    store_close(&store);
}

static struct store_cursor cursor_of(uint64_t inode, uint64_t path_hash, uint64_t view)
{
    return (struct store_cursor){
        .device = 1,
        .inode = inode,
        .path_hash = path_hash,
        .view = view,
        .file_bytes = inode * 10,
        .day = TODAY,
        .state = {.size = sizeof(struct tq_log_state), .source = 1, .offset = inode},
    };
}

static void cursors_are_found_by_inode_then_path(void **state)
{
    struct store store;
    struct store_cursor cursor, other_view = cursor_of(5, 105, 2), *found;

    open_at(&store, state, 0);
    for (uint64_t i = 1; i <= 1000; i++) {
        cursor = cursor_of(i, 100 + i, 1);
        assert_int_equal(store_cursor_set(&store, &cursor, true), 0);
    }
    for (uint64_t i = 1; i <= 1000; i++) {
        found = store_cursor_find(&store, 1, i, 0, 1);
        assert_non_null(found);
        assert_int_equal(found->file_bytes, i * 10);
    }
    found = store_cursor_find(&store, 1, 5000, 105, 1);
    assert_non_null(found);
    assert_int_equal(found->inode, 5);
    assert_null(store_cursor_find(&store, 1, 5000, 5000, 1));
    assert_null(store_cursor_find(&store, 1, 5, 105, 2));
    assert_true(store_cursor_elsewhere(&store, &other_view));
    other_view.state.source = 2;
    assert_false(store_cursor_elsewhere(&store, &other_view));
    store_close(&store);
}

/* A file that is written anew each time, under one name, must not fill the table. */
static void a_file_written_anew_keeps_its_place(void **state)
{
    struct store store;
    uint32_t before;

    open_at(&store, state, 0);
    struct store_cursor cursor = cursor_of(1, 7, 1);

    assert_int_equal(store_cursor_set(&store, &cursor, true), 0);
    before = store.header->cursors;
    for (uint64_t i = 2; i < 10000; i++) {
        cursor = cursor_of(i, 7, 1);
        assert_int_equal(store_cursor_set(&store, &cursor, true), 0);
        assert_int_equal(store_cursor_find(&store, 1, i, 0, 1)->inode, i);
    }
    assert_int_equal(store.header->cursors, before);
    cursor =
        cursor_of(20000, 7, 1); /* another file that took the name: the old one may be there under another */
    assert_int_equal(store_cursor_set(&store, &cursor, false), 0);
    assert_int_equal(store.header->cursors, before + 1);
    store_close(&store);
}

static void half_a_cursor_is_none(void **state)
{
    struct store store;
    struct store_cursor cursor = cursor_of(1, 7, 1), *found;

    open_at(&store, state, 0);
    assert_int_equal(store_cursor_set(&store, &cursor, true), 0);
    for (size_t at = 0; at < sizeof(cursor); at++) {
        found = store_cursor_find(&store, 1, 1, 7, 1);
        assert_non_null(found);
        if (at >= offsetof(struct store_cursor, day) && at < offsetof(struct store_cursor, state))
            continue; /* which changes alone */
        ((unsigned char *)found)[at] ^= 0x10;
        assert_null(store_cursor_find(&store, 1, 1, 7, 1));
        ((unsigned char *)found)[at] ^= 0x10;
    }
    store_close(&store);
}

static void rows_count_by_day(void **state)
{
    struct store store;
    int64_t row;

    open_at(&store, state, 0);
    assert_null(store_row_find(&store, "claude"));
    row = store_row_of(&store, "claude");
    assert_int_equal(row, 0);
    assert_int_equal(store_row_of(&store, "claude"), 0);
    store_row_add(&store, 0, TODAY, 100);
    store_row_add(&store, 0, TODAY, -30);
    store_row_add(&store, 0, TODAY - 1, -5);
    assert_int_equal(store_row_used(&store.rows[0], TODAY), 70);
    assert_int_equal(store_row_used(&store.rows[0], TODAY - 1), 0);
    store_row_add(&store, 0, TODAY + STORE_DAY_WORDS, 1); /* takes the place of TODAY */
    store_row_add(&store, 0, TODAY, 1000);
    assert_int_equal(store_row_used(&store.rows[0], TODAY), 0);
    assert_int_equal(store_row_used(&store.rows[0], TODAY + STORE_DAY_WORDS), 1);
    for (int i = 0; i < 100; i++) { /* growing keeps the numbers */
        char name[32];

        snprintf(name, sizeof(name), "provider-%d", i);
        assert_int_equal(store_row_of(&store, name), i + 1);
    }
    assert_string_equal(store.rows[0].name, "claude");
    store_close(&store);
}

/* With a walk for each of them this takes a minute; the limit is far from both. */
static void rows_are_found_without_a_walk(void **state)
{
    struct store store, other;
    int64_t start_ns = tq_now_ns();
    char name[32];

    open_at(&store, state, 0);
    for (uint32_t i = 0; i < STORE_ROWS_MAX; i++) {
        snprintf(name, sizeof(name), "name-%u", (unsigned)i);
        assert_int_equal(store_row_of(&store, name), i);
        if (i == 10) { /* who looks on sees what comes later */
            assert_true(store_peek(&other, scratch_path(state, "ledger")));
            assert_null(store_row_find(&other, "name-11"));
        }
        if (i == 11) {
            assert_non_null(store_row_find(&other, name));
            store_close(&other);
        }
    }
    for (uint32_t i = 0; i < STORE_ROWS_MAX; i++) {
        snprintf(name, sizeof(name), "name-%u", (unsigned)i);
        assert_int_equal(store_row_of(&store, name), i);
    }
    assert_int_equal(store_row_of(&store, "one too many"), TQ_EFULL);
    assert_true(tq_now_ns() - start_ns < 10 * TQ__SECOND_NS);
    assert_int_equal(store_clear(&store), 0);
    assert_null(store_row_find(&store, "name-0"));
    store_close(&store);
}

static void a_kill_leaves_a_doubt_and_no_more(void **state)
{
    struct store store;

    open_at(&store, state, 0);
    assert_int_equal(store_row_of(&store, "claude"), 0);
    store_row_begin(&store, 0, 1234);
    set(&store, 42, 1234, 1, TODAY);
    kill_it(&store);

    open_at(&store, state, 0);
    assert_int_equal(store.rows[0].doubt, 1234);
    assert_int_equal(store.header->doubt, 0);
    expect(&store, 42, 1234, 1, TODAY);
    store_row_begin(&store, 0, 99);
    store_close(&store); /* in order */

    open_at(&store, state, 0);
    assert_int_equal(store.rows[0].doubt, 1234);
    store_close(&store);
}

/* Files as kills leave them: made but not begun; a new generation half made. */
static void half_made_files_are_no_hindrance(void **state)
{
    struct store store;

    file_write(scratch_path(state, "ledger.imports"), "", 0);
    open_at(&store, state, 0);
    store_close(&store);
    file_write(scratch_path(state, "ledger.imports"), "\0\0\0\0\0\0\0\0\1\0\0\0", 12);
    file_write(scratch_path(state, "ledger.imports.new"), "half", 4);
    open_at(&store, state, 0);
    for (uint32_t i = 0; i < MANY; i++)
        set(&store, key_of(8, i), 1, 1, TODAY);
    store_close(&store);
    assert_int_equal(scratch_entries(state), 1);
}

static void a_dry_run_changes_nothing(void **state)
{
    const char *path = scratch_path(state, "ledger.imports");
    struct store store;
    size_t before_size, after_size;
    uint8_t *before, *after;

    assert_int_equal(store_open(&store, &error, scratch_path(state, "ledger"), true, TODAY), 0);
    set(&store, 1, 1, 1, TODAY);
    store_close(&store);
    assert_int_equal(scratch_entries(state), 0);

    open_at(&store, state, 0);
    set(&store, 42, 7, 1, TODAY);
    store_close(&store);
    before = file_read(path, &before_size);
    assert_int_equal(store_open(&store, &error, scratch_path(state, "ledger"), true, TODAY), 0);
    expect(&store, 42, 7, 1, TODAY);
    for (uint32_t i = 0; i < MANY; i++)
        set(&store, key_of(8, i), 1, 1, TODAY);
    assert_int_equal(store_row_of(&store, "claude"), 0);
    store_close(&store);
    after = file_read(path, &after_size);
    assert_int_equal(before_size, after_size);
    assert_memory_equal(before, after, before_size);
    free(before);
    free(after);
    assert_int_equal(scratch_entries(state), 1);
}

/* Whatever a header says, nothing outside the file is looked at. */
static void damaged_headers_are_refused(void **state)
{
    const char *path = scratch_path(state, "ledger.imports");
    struct store store;
    size_t size;
    uint8_t *bytes;

    open_at(&store, state, 0);
    store_close(&store);
    bytes = file_read(path, &size);
    for (size_t at = 0; at < 56; at++) {
        bool in_use = at >= 40 && at % 8 < 3; /* a count that still fits is no damage that shows */
        uint8_t was = bytes[at];

        if (in_use || (at >= 44 && at < 47))
            continue;
        bytes[at] ^= 0x40;
        file_write(path, bytes, size);
        assert_true(store_open(&store, &error, scratch_path(state, "ledger"), false, 0) < 0);
        assert_false(store_peek(&store, scratch_path(state, "ledger")));
        bytes[at] = was;
    }
    file_write(path, bytes, size - 1);
    assert_true(store_open(&store, &error, scratch_path(state, "ledger"), false, 0) < 0);
    file_write(path, "not one of ours, whatever it is, and longer than a magic number", 64);
    assert_int_equal(store_open(&store, &error, scratch_path(state, "ledger"), false, 0), TQ_EFORMAT);
    assert_non_null(strstr(error.text, "move it away"));
    free(bytes);
}

static void clear_forgets_all(void **state)
{
    struct store store;

    open_at(&store, state, TODAY);
    set(&store, 42, 7, 1, TODAY);
    assert_int_equal(store_row_of(&store, "claude"), 0);
    assert_int_equal(store_clear(&store), 0);
    assert_false(is_known(&store, 42));
    assert_null(store_row_find(&store, "claude"));
    assert_int_equal(store.header->oldest_day, TODAY);
    store_close(&store);
}

static void it_has_the_permissions_of_the_ledger(void **state)
{
    struct store store;
    struct stat status;

    file_write(scratch_path(state, "ledger"), "", 0);
    assert_int_equal(chmod(scratch_path(state, "ledger"), 0660), 0);
    open_at(&store, state, 0);
    for (uint32_t i = 0; i < MANY; i++) /* and so has the next generation */
        set(&store, key_of(8, i), 1, 1, TODAY);
    store_close(&store);
    assert_int_equal(stat(scratch_path(state, "ledger.imports"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0660);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_begin_with_2020),
        cmocka_unit_test(a_greater_rank_is_never_less),
        scratch_test(what_was_seen_is_there_after_growing_and_reopening),
        scratch_test(first_look_of_a_run_is_told),
        scratch_test(old_days_go_when_it_grows),
        scratch_test(one_importer_at_a_time),
        scratch_test(a_reader_keeps_nobody_out),
        scratch_test(format_1_is_locked_as_before),
        scratch_test(cursors_are_found_by_inode_then_path),
        scratch_test(a_file_written_anew_keeps_its_place),
        scratch_test(half_a_cursor_is_none),
        scratch_test(rows_count_by_day),
        scratch_test(rows_are_found_without_a_walk),
        scratch_test(a_kill_leaves_a_doubt_and_no_more),
        scratch_test(half_made_files_are_no_hindrance),
        scratch_test(a_dry_run_changes_nothing),
        scratch_test(damaged_headers_are_refused),
        scratch_test(clear_forgets_all),
        scratch_test(it_has_the_permissions_of_the_ledger),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
