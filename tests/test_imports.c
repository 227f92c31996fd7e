/* test_imports.c: the file that says what was imported: keys, cursors, rows, growth, locks, kills and damage.
 *
 * SPDX-License-Identifier: MIT
 */
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

#define TODAY imports_day(MAY_DAY_NS)
#define MANY 200000u

/* Keys of a kind, scattered as those of responses are, and none of them 0. */
static uint64_t key_of(uint64_t kind, uint64_t number)
{
    return imports_mix(kind << 40, number);
}

static void open_at(struct imports *imports, void **state, uint32_t oldest_day)
{
    assert_int_equal(imports_open(imports, scratch_path(state, "ledger"), false, oldest_day), 0);
}

/* As a kill leaves it: the mapping and the lock are gone, and nothing else was done. */
static void kill_it(struct imports *imports)
{
    munmap(imports->header, imports->header->file_bytes);
    close(imports->fd);
    free(imports->touched);
    free(imports->by_inode);
    free(imports->by_path);
    free(imports->by_name);
}

static void set(struct imports *imports, uint64_t key, int64_t tokens, uint32_t rank, uint32_t day)
{
    struct imports_seen seen = {.tokens = tokens, .rank = rank, .day = day};

    assert_int_equal(imports_seen_set(imports, key, &seen), 0);
}

static void expect(struct imports *imports, uint64_t key, int64_t tokens, uint32_t rank, uint32_t day)
{
    struct imports_seen seen;
    bool first;

    assert_true(imports_seen_find(imports, key, &seen, &first));
    assert_int_equal(seen.tokens, tokens);
    assert_int_equal(seen.rank, rank);
    assert_int_equal(seen.day, day);
}

static bool is_known(struct imports *imports, uint64_t key)
{
    struct imports_seen seen;
    bool first;

    return imports_seen_find(imports, key, &seen, &first);
}

static void days_begin_with_2020(void **state)
{
    int64_t first_ns = INT64_C(18262) * DAY_NS; /* 2020-01-01 */

    (void)state;
    assert_int_equal(imports_day(first_ns), 1);
    assert_int_equal(imports_day(first_ns - 1), 0);
    assert_int_equal(imports_day(first_ns + DAY_NS - 1), 1);
    assert_int_equal(imports_day(INT64_MIN), 0);
    assert_int_equal(imports_day(INT64_MAX), 0);
    assert_int_equal(imports_day_start(TODAY), MAY_DAY_NS);
    assert_int_equal(imports_day(imports_day_start(16383)), 16383);
    assert_int_equal(imports_day(imports_day_start(16383) + DAY_NS), 0);
}

static void a_greater_rank_is_never_less(void **state)
{
    uint64_t last = 0;

    (void)state;
    assert_int_equal(imports_rank(0), 0);
    assert_int_equal(imports_rank(511), 511);
    for (int bit = 0; bit < 64; bit++)
        for (int64_t step = -2; step <= 2; step++) {
            uint64_t rank = (UINT64_C(1) << bit) + (uint64_t)step;

            if (rank < last)
                continue;
            assert_true(imports_rank(rank) >= imports_rank(last));
            last = rank;
        }
    assert_true(imports_rank(UINT64_MAX) < 1u << 14);
    /* What is preferred is above all that is not, whatever it used. */
    assert_true(imports_rank(UINT64_C(1) << 39) > imports_rank((UINT64_C(1) << 39) - 1));
}

static void what_was_seen_is_there_after_growing_and_reopening(void **state)
{
    struct imports imports;
    uint64_t capacity;

    open_at(&imports, state, TODAY - 44);
    capacity = imports.header->slot_capacity;
    for (uint32_t i = 1; i <= MANY; i++)
        set(&imports, key_of(7, i), i, i % 16384, TODAY - i % 45);
    assert_true(imports.header->slot_capacity > capacity);
    assert_true(imports.header->slots == MANY);
    for (uint32_t i = 1; i <= MANY; i++)
        expect(&imports, key_of(7, i), i, i % 16384, TODAY - i % 45);
    assert_false(is_known(&imports, key_of(7, MANY + 1)));
    set(&imports, key_of(7, 1), IMPORTS_TOKENS_MAX, 16383, 16383);
    imports_close(&imports);

    open_at(&imports, state, 0);
    expect(&imports, key_of(7, 1), IMPORTS_TOKENS_MAX, 16383, 16383);
    expect(&imports, key_of(7, MANY), MANY, MANY % 16384, TODAY - MANY % 45);
    assert_int_equal(imports.header->oldest_day, TODAY - 44);
    imports_close(&imports);
    assert_int_equal(scratch_entries(state), 1);
}

static void first_look_of_a_run_is_told(void **state)
{
    struct imports imports;
    struct imports_seen seen;
    bool first;

    open_at(&imports, state, 0);
    assert_false(imports_seen_find(&imports, 42, &seen, &first));
    assert_true(first);
    set(&imports, 42, 1, 1, TODAY);
    assert_true(imports_seen_find(&imports, 42, &seen, &first));
    assert_false(first);
    for (uint32_t i = 0; i < MANY; i++) /* and after growing */
        set(&imports, key_of(8, i), 1, 1, TODAY);
    assert_true(imports_seen_find(&imports, 42, &seen, &first));
    assert_false(first);
    imports_close(&imports);

    open_at(&imports, state, 0);
    assert_true(imports_seen_find(&imports, 42, &seen, &first));
    assert_true(first);
    assert_true(imports_seen_find(&imports, 42, &seen, &first));
    assert_false(first);
    imports_close(&imports);
}

static void old_days_go_when_it_grows(void **state)
{
    struct imports imports;
    uint64_t capacity;

    open_at(&imports, state, TODAY - 44);
    capacity = imports.header->slot_capacity;
    for (uint32_t i = 0; i < capacity / 4 * 3; i++)
        set(&imports, key_of(9, i), 1, 1, i % 2 ? TODAY : TODAY - 44);
    imports.header->oldest_day = TODAY - 43;
    set(&imports, key_of(9, capacity), 1, 1, TODAY);
    assert_true(imports.header->slot_capacity == capacity);
    assert_true(is_known(&imports, key_of(9, 1)));
    assert_false(is_known(&imports, key_of(9, 0)));
    imports_close(&imports);
}

static void one_importer_at_a_time(void **state)
{
    struct imports imports, second;

    open_at(&imports, state, 0);
    assert_int_equal(imports.header->pid, getpid());
    assert_int_equal(imports_open(&second, scratch_path(state, "ledger"), false, 0), -1);
    assert_int_equal(imports_open(&second, scratch_path(state, "ledger"), true, 0), 0); /* a dry run looks */
    imports_close(&second);
    imports_close(&imports);
    open_at(&imports, state, 0);
    imports_close(&imports);
}

/* Whoever may only read can take a flock, which is in nobody's way. */
static void a_reader_keeps_nobody_out(void **state)
{
    struct imports imports;
    int fd;

    open_at(&imports, state, 0);
    imports_close(&imports);
    fd = open(scratch_path(state, "ledger.imports"), O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    open_at(&imports, state, 0);
    imports_close(&imports);
    close(fd);
}

/* An older build has it by its flock: nobody else gets it, until it ends. Then it is of this format. */
static void format_1_is_locked_as_before(void **state)
{
    const uint32_t format = 1;
    struct imports imports;
    int fd;

    open_at(&imports, state, 0);
    set(&imports, key_of(1, 1), 5, 1, TODAY);
    imports.header->format = format;
    imports_close(&imports);
    fd = open(scratch_path(state, "ledger.imports"), O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    assert_int_equal(imports_open(&imports, scratch_path(state, "ledger"), false, 0), -1);
    close(fd);
    open_at(&imports, state, 0);
    expect(&imports, key_of(1, 1), 5, 1, TODAY);
    assert_int_equal(imports.header->format, 2);
    imports_close(&imports);
}

static struct imports_cursor cursor_of(uint64_t inode, uint64_t path_hash, uint64_t view)
{
    return (struct imports_cursor){
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
    struct imports imports;
    struct imports_cursor cursor, other_view = cursor_of(5, 105, 2), *found;

    open_at(&imports, state, 0);
    for (uint64_t i = 1; i <= 1000; i++) {
        cursor = cursor_of(i, 100 + i, 1);
        assert_int_equal(imports_cursor_set(&imports, &cursor, true), 0);
    }
    for (uint64_t i = 1; i <= 1000; i++) {
        found = imports_cursor_find(&imports, 1, i, 0, 1);
        assert_non_null(found);
        assert_int_equal(found->file_bytes, i * 10);
    }
    found = imports_cursor_find(&imports, 1, 5000, 105, 1);
    assert_non_null(found);
    assert_int_equal(found->inode, 5);
    assert_null(imports_cursor_find(&imports, 1, 5000, 5000, 1));
    assert_null(imports_cursor_find(&imports, 1, 5, 105, 2));
    assert_true(imports_cursor_elsewhere(&imports, &other_view));
    other_view.state.source = 2;
    assert_false(imports_cursor_elsewhere(&imports, &other_view));
    imports_close(&imports);
}

/* A file that is written anew each time, under one name, must not fill the table. */
static void a_file_written_anew_keeps_its_place(void **state)
{
    struct imports imports;
    uint32_t before;

    open_at(&imports, state, 0);
    struct imports_cursor cursor = cursor_of(1, 7, 1);

    assert_int_equal(imports_cursor_set(&imports, &cursor, true), 0);
    before = imports.header->cursors;
    for (uint64_t i = 2; i < 10000; i++) {
        cursor = cursor_of(i, 7, 1);
        assert_int_equal(imports_cursor_set(&imports, &cursor, true), 0);
        assert_int_equal(imports_cursor_find(&imports, 1, i, 0, 1)->inode, i);
    }
    assert_int_equal(imports.header->cursors, before);
    cursor =
        cursor_of(20000, 7, 1); /* another file that took the name: the old one may be there under another */
    assert_int_equal(imports_cursor_set(&imports, &cursor, false), 0);
    assert_int_equal(imports.header->cursors, before + 1);
    imports_close(&imports);
}

static void half_a_cursor_is_none(void **state)
{
    struct imports imports;
    struct imports_cursor cursor = cursor_of(1, 7, 1), *found;

    open_at(&imports, state, 0);
    assert_int_equal(imports_cursor_set(&imports, &cursor, true), 0);
    for (size_t at = 0; at < sizeof(cursor); at++) {
        found = imports_cursor_find(&imports, 1, 1, 7, 1);
        assert_non_null(found);
        if (at >= offsetof(struct imports_cursor, day) && at < offsetof(struct imports_cursor, state))
            continue; /* which changes alone */
        ((unsigned char *)found)[at] ^= 0x10;
        assert_null(imports_cursor_find(&imports, 1, 1, 7, 1));
        ((unsigned char *)found)[at] ^= 0x10;
    }
    imports_close(&imports);
}

static void rows_count_by_day(void **state)
{
    struct imports imports;
    int64_t row;

    open_at(&imports, state, 0);
    assert_null(imports_row_find(&imports, "claude"));
    row = imports_row_of(&imports, "claude");
    assert_int_equal(row, 0);
    assert_int_equal(imports_row_of(&imports, "claude"), 0);
    imports_row_add(&imports, 0, TODAY, 100);
    imports_row_add(&imports, 0, TODAY, -30);
    imports_row_add(&imports, 0, TODAY - 1, -5);
    assert_int_equal(imports_row_used(&imports.rows[0], TODAY), 70);
    assert_int_equal(imports_row_used(&imports.rows[0], TODAY - 1), 0);
    imports_row_add(&imports, 0, TODAY + IMPORTS_DAY_WORDS, 1); /* takes the place of TODAY */
    imports_row_add(&imports, 0, TODAY, 1000);
    assert_int_equal(imports_row_used(&imports.rows[0], TODAY), 0);
    assert_int_equal(imports_row_used(&imports.rows[0], TODAY + IMPORTS_DAY_WORDS), 1);
    for (int i = 0; i < 100; i++) { /* growing keeps the numbers */
        char name[32];

        snprintf(name, sizeof(name), "provider-%d", i);
        assert_int_equal(imports_row_of(&imports, name), i + 1);
    }
    assert_string_equal(imports.rows[0].name, "claude");
    imports_close(&imports);
}

/* With a walk for each of them this takes a minute; the limit is far from both. */
static void rows_are_found_without_a_walk(void **state)
{
    struct imports imports, other;
    int64_t start_ns = tq_now_ns();
    char name[32];

    open_at(&imports, state, 0);
    for (uint32_t i = 0; i < IMPORTS_ROWS_MAX; i++) {
        snprintf(name, sizeof(name), "name-%u", (unsigned)i);
        assert_int_equal(imports_row_of(&imports, name), i);
        if (i == 10) { /* who looks on sees what comes later */
            assert_true(imports_peek(&other, scratch_path(state, "ledger"), false));
            assert_null(imports_row_find(&other, "name-11"));
        }
        if (i == 11) {
            assert_non_null(imports_row_find(&other, name));
            imports_close(&other);
        }
    }
    for (uint32_t i = 0; i < IMPORTS_ROWS_MAX; i++) {
        snprintf(name, sizeof(name), "name-%u", (unsigned)i);
        assert_int_equal(imports_row_of(&imports, name), i);
    }
    assert_int_equal(imports_row_of(&imports, "one too many"), -1);
    assert_true(tq_now_ns() - start_ns < 10 * SECOND_NS);
    assert_int_equal(imports_clear(&imports), 0);
    assert_null(imports_row_find(&imports, "name-0"));
    imports_close(&imports);
}

static void a_kill_leaves_a_doubt_and_no_more(void **state)
{
    struct imports imports;

    open_at(&imports, state, 0);
    assert_int_equal(imports_row_of(&imports, "claude"), 0);
    imports_row_begin(&imports, 0, 1234);
    set(&imports, 42, 1234, 1, TODAY);
    kill_it(&imports);

    open_at(&imports, state, 0);
    assert_int_equal(imports.rows[0].doubt, 1234);
    assert_int_equal(imports.header->doubt, 0);
    expect(&imports, 42, 1234, 1, TODAY);
    imports_row_begin(&imports, 0, 99);
    imports_close(&imports); /* in order */

    open_at(&imports, state, 0);
    assert_int_equal(imports.rows[0].doubt, 1234);
    imports_close(&imports);
}

/* Files as kills leave them: made but not begun; a new generation half made. */
static void half_made_files_are_no_hindrance(void **state)
{
    struct imports imports;

    file_write(scratch_path(state, "ledger.imports"), "", 0);
    open_at(&imports, state, 0);
    imports_close(&imports);
    file_write(scratch_path(state, "ledger.imports"), "\0\0\0\0\0\0\0\0\1\0\0\0", 12);
    file_write(scratch_path(state, "ledger.imports.new"), "half", 4);
    open_at(&imports, state, 0);
    for (uint32_t i = 0; i < MANY; i++)
        set(&imports, key_of(8, i), 1, 1, TODAY);
    imports_close(&imports);
    assert_int_equal(scratch_entries(state), 1);
}

static void a_dry_run_changes_nothing(void **state)
{
    const char *path = scratch_path(state, "ledger.imports");
    struct imports imports;
    size_t before_size, after_size;
    uint8_t *before, *after;

    assert_int_equal(imports_open(&imports, scratch_path(state, "ledger"), true, TODAY), 0);
    set(&imports, 1, 1, 1, TODAY);
    imports_close(&imports);
    assert_int_equal(scratch_entries(state), 0);

    open_at(&imports, state, 0);
    set(&imports, 42, 7, 1, TODAY);
    imports_close(&imports);
    before = file_read(path, &before_size);
    assert_int_equal(imports_open(&imports, scratch_path(state, "ledger"), true, TODAY), 0);
    expect(&imports, 42, 7, 1, TODAY);
    for (uint32_t i = 0; i < MANY; i++)
        set(&imports, key_of(8, i), 1, 1, TODAY);
    assert_int_equal(imports_row_of(&imports, "claude"), 0);
    imports_close(&imports);
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
    struct imports imports;
    size_t size;
    uint8_t *bytes;

    open_at(&imports, state, 0);
    imports_close(&imports);
    bytes = file_read(path, &size);
    for (size_t at = 0; at < 56; at++) {
        bool in_use = at >= 40 && at % 8 < 3; /* a count that still fits is no damage that shows */
        uint8_t was = bytes[at];

        if (in_use || (at >= 44 && at < 47))
            continue;
        bytes[at] ^= 0x40;
        file_write(path, bytes, size);
        assert_int_equal(imports_open(&imports, scratch_path(state, "ledger"), false, 0), -1);
        assert_false(imports_peek(&imports, scratch_path(state, "ledger"), false));
        bytes[at] = was;
    }
    file_write(path, bytes, size - 1);
    assert_int_equal(imports_open(&imports, scratch_path(state, "ledger"), false, 0), -1);
    file_write(path, "not one of ours, whatever it is, and longer than a magic number", 64);
    assert_int_equal(imports_open(&imports, scratch_path(state, "ledger"), false, 0), -1);
    free(bytes);
}

static void clear_forgets_all(void **state)
{
    struct imports imports;

    open_at(&imports, state, TODAY);
    set(&imports, 42, 7, 1, TODAY);
    assert_int_equal(imports_row_of(&imports, "claude"), 0);
    assert_int_equal(imports_clear(&imports), 0);
    assert_false(is_known(&imports, 42));
    assert_null(imports_row_find(&imports, "claude"));
    assert_int_equal(imports.header->oldest_day, TODAY);
    imports_close(&imports);
}

static void it_has_the_permissions_of_the_ledger(void **state)
{
    struct imports imports;
    struct stat status;

    file_write(scratch_path(state, "ledger"), "", 0);
    assert_int_equal(chmod(scratch_path(state, "ledger"), 0660), 0);
    open_at(&imports, state, 0);
    for (uint32_t i = 0; i < MANY; i++) /* and so has the next generation */
        set(&imports, key_of(8, i), 1, 1, TODAY);
    imports_close(&imports);
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
