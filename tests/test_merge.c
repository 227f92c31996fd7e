/* test_merge.c: the entries of many logs come in the order of time, each once, however few are open at a
 * time.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <zlib.h>

#include "harness.h"
#include "import/merge.h"
#include "scratch.h"

#define FILES 40 /* more than may be open */
#define ROWS 30
#define FIRST_SECOND INT64_C(1772700000)

/* Row r of file f: all files overlap, and some rows of different files are of one second. */
static int64_t second_of(int file, int row)
{
    return FIRST_SECOND + row * 20 + file % 7 * 3;
}

/* A file with a bad line in it, half of them compressed. */
static void make_file(const char *path, int file)
{
    char text[ROWS * 128];
    size_t len = 0;

    for (int row = 0; row < ROWS; row++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len,
                                "{\"timestamp\":%lld,\"provider\":\"file-%02d\",\"tokens\":%d}\n",
                                (long long)second_of(file, row), file, row + 1);
        if (row == 3)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "not JSON\n");
    }
    if (file % 2) {
        gzFile gz = gzopen(path, "wb");

        assert_non_null(gz);
        assert_int_equal(gzwrite(gz, text, (unsigned)len), (int)len);
        assert_int_equal(gzclose(gz), Z_OK);
    } else {
        file_write(path, text, len);
    }
}

static void add_files(struct merge *merge, void **state)
{
    const struct tq_log_source *source = tq_log_source_find("jsonl");

    merge_init(merge);
    assert_non_null(source);
    for (int i = 0; i < FILES; i++) {
        char name[32];

        snprintf(name, sizeof(name), "log-%02d.jsonl", i);
        make_file(scratch_path(state, name), i);
        assert_non_null(merge_add(merge, scratch_path(state, name), source));
    }
}

struct counts {
    int entries, bad_lines, ends;
    int64_t tokens;
    int next_row[FILES];
};

/* Takes all there is; ordered: asserts the order of time. */
static void take_all(struct merge *merge, struct counts *counts, bool ordered)
{
    struct merge_file *file;
    int64_t last_ns = INT64_MIN;
    size_t last_file = 0;
    int what;

    while ((what = merge_next(merge, &file)) != MERGE_END) {
        size_t number = (size_t)(file - merge->files);
        char name[32];

        counts->bad_lines += what == MERGE_BAD_LINE;
        counts->ends += what == MERGE_FILE_END;
        assert_true(what == MERGE_ENTRY || what == MERGE_BAD_LINE || what == MERGE_FILE_END);
        assert_true(merge->open_count <= MERGE_OPEN_MOST);
        if (what != MERGE_ENTRY)
            continue;
        snprintf(name, sizeof(name), "file-%02d", (int)number);
        assert_string_equal(file->entry.model, name);
        assert_int_equal(file->entry.usage.counted, ++counts->next_row[number]);
        assert_true(!ordered || file->entry.at_ns > last_ns ||
                    (file->entry.at_ns == last_ns && number > last_file));
        last_ns = file->entry.at_ns;
        last_file = number;
        counts->entries++;
        counts->tokens += file->entry.usage.counted;
    }
}

static void assert_all(const struct counts *counts)
{
    assert_int_equal(counts->entries, FILES * ROWS);
    assert_int_equal(counts->tokens, FILES * ROWS * (ROWS + 1) / 2);
    assert_int_equal(counts->bad_lines, FILES);
    assert_int_equal(counts->ends, FILES);
}

static void entries_come_in_the_order_of_time(void **state)
{
    struct merge merge;
    struct counts counts = {0};
    uint64_t done_bytes, lines;

    add_files(&merge, state);
    take_all(&merge, &counts, true);
    assert_all(&counts);
    merge_progress(&merge, &done_bytes, &lines);
    assert_int_equal(lines, FILES * (ROWS + 1));
    assert_true(done_bytes > 0);
    merge_free(&merge);
}

static void by_name_one_file_follows_the_other(void **state)
{
    struct merge merge;
    struct counts counts = {0};

    add_files(&merge, state);
    merge.by_name = true;
    take_all(&merge, &counts, false);
    assert_all(&counts);
    merge_free(&merge);
}

/* Stopped after any entry, each file goes on where it was: a state is behind what was given, not behind what
 * was read ahead. */
static void a_state_is_behind_what_was_given(void **state)
{
    for (int stop = 1; stop < ROWS; stop += 7) {
        struct merge merge;
        struct merge_file *file;
        struct tq_log_state where;
        const char *path = scratch_path(state, "log.jsonl");
        int answer;

        make_file(path, 0);
        merge_init(&merge);
        assert_non_null(merge_add(&merge, path, tq_log_source_find("jsonl")));
        for (int i = 0; i < stop;) {
            answer = merge_next(&merge, &file);
            i += answer == MERGE_ENTRY;
        }
        merge_state(file, &where);
        merge_free(&merge);

        merge_init(&merge);
        file = merge_add(&merge, path, tq_log_source_find("jsonl"));
        assert_non_null(file);
        file->state = where;
        do
            answer = merge_next(&merge, &file);
        while (answer == MERGE_BAD_LINE);
        assert_int_equal(answer, MERGE_ENTRY);
        assert_int_equal(file->entry.usage.counted, stop + 1);
        merge_free(&merge);
    }
}

static void a_file_that_is_gone_is_broken_and_others_go_on(void **state)
{
    const struct tq_log_source *source = tq_log_source_find("jsonl");
    struct merge merge;
    struct merge_file *file;
    int entries = 0, broken = 0, what;

    merge_init(&merge);
    make_file(scratch_path(state, "b.jsonl"), 0);
    assert_non_null(merge_add(&merge, scratch_path(state, "a.jsonl"), source));
    assert_non_null(merge_add(&merge, scratch_path(state, "b.jsonl"), source));
    while ((what = merge_next(&merge, &file)) != MERGE_END) {
        entries += what == MERGE_ENTRY;
        broken += what == MERGE_BROKEN;
        if (what == MERGE_BROKEN)
            assert_ptr_equal(file, &merge.files[0]);
    }
    assert_int_equal(entries, ROWS);
    assert_int_equal(broken, 1);
    assert_int_equal(merge.open_count, 0);
    merge_free(&merge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(entries_come_in_the_order_of_time),
        scratch_test(by_name_one_file_follows_the_other),
        scratch_test(a_state_is_behind_what_was_given),
        scratch_test(a_file_that_is_gone_is_broken_and_others_go_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
