/* test_source_reader.c: a log that grows, is cut, replaced, moved or packed gives each entry once, and no
 * half ones.
 *
 * SPDX-License-Identifier: MIT
 */

#include "entry_expect.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <zlib.h>

#include "logs/pieces.h"
#include "scratch.h"

#define LINE(id)                                                                                             \
    "{\"timestamp\":\"2026-05-01T10:00:00Z\",\"message\":{\"id\":\"" id                                      \
    "\",\"usage\":{\"output_tokens\":5}}}\n"
#define META                                                                                                 \
    "{\"timestamp\":\"2026-05-01T10:00:00Z\",\"type\":\"session_meta\",\"payload\":{\"id\":\"s1\",\"cwd\":"  \
    "\"/p\"}}\n"                                                                                             \
    "{\"timestamp\":\"2026-05-01T10:00:00Z\",\"type\":\"turn_context\",\"payload\":{\"model\":\"gpt-5.2\"}}" \
    "\n"
#define EVENT(input)                                                                                         \
    "{\"timestamp\":\"2026-05-01T10:00:09Z\",\"type\":\"event_msg\",\"payload\":{\"type\":\"token_count\","  \
    "\"info\":{"                                                                                             \
    "\"total_token_usage\":{\"input_tokens\":" #input ",\"output_tokens\":0}}}}\n"

static void put(const char *path, const char *text)
{
    file_write(path, text, strlen(text));
}

static void append(const char *path, const char *text)
{
    FILE *file = fopen(path, "a");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static struct tq_log_reader *open_at(const char *source, const char *path, const struct tq_log_state *state,
                                     int expected_restart)
{
    struct tq_log_reader *reader;
    struct tq_log_error error;
    int restarted = -1;

    if (tq_log_reader_open(&reader, tq_log_source_find(source), path, state, &restarted, &error) != 0)
        fail_msg("%s: %s", path, error.msg);
    assert_int_equal(restarted, expected_restart);
    return reader;
}

/* Closes the reader; where it was. */
static struct tq_log_state leave(struct tq_log_reader *reader)
{
    struct tq_log_state state;

    memset(&state, 0xff, sizeof(state));
    tq_log_reader_state(reader, &state);
    assert_int_equal(state.size, sizeof(state));
    tq_log_reader_close(reader);
    return state;
}

static void goes_on_where_it_was(void **state)
{
    const char *path = scratch_path(state, "a.jsonl");
    struct tq_log_reader *reader;
    struct tq_log_state at = {0};
    struct seen seen;

    put(path, "\n" LINE("msg_1") "x\n" LINE("msg_2"));
    reader = open_at("claude", path, &at, 0);
    assert_int_equal(expect_entry(reader).entry.line, 2);
    at = leave(reader);
    assert_int_equal(at.offset, strlen("\n" LINE("msg_1")));
    assert_int_equal(at.line, 2);
    assert_int_equal(at.source, tq_log_source_id(tq_log_source_find("claude")));
    reader = open_at("claude", path, &at, 0);
    seen = expect_entry(reader);
    assert_int_equal(seen.entry.line, 4);
    expect_no_more(reader);
    append(path, LINE("msg_3"));
    assert_int_equal(expect_entry(reader).entry.line, 5); /* it grew while it was open */
    expect_no_more(reader);
    at = leave(reader);
    append(path, LINE("msg_4"));
    reader = open_at("claude", path, &at, 0);
    assert_int_equal(expect_entry(reader).entry.line, 6);
    expect_over(reader);
}

static void a_state_is_of_one_source(void **state)
{
    const char *path = scratch_path(state, "a.jsonl");
    struct tq_log_reader *reader;
    struct tq_log_state at;

    put(path, LINE("msg_1"));
    reader = open_at("claude", path, NULL, 0);
    expect_entry(reader);
    at = leave(reader);
    reader = open_at("codex", path, &at, 1);
    tq_log_reader_close(reader);
}

static void a_moved_file_is_the_same(void **state)
{
    const char *path = scratch_path(state, "a.jsonl"), *moved = scratch_path(state, "b.jsonl");
    struct tq_log_reader *reader;
    struct tq_log_state at;

    put(path, LINE("msg_1"));
    reader = open_at("claude", path, NULL, 0);
    expect_entry(reader);
    at = leave(reader);
    assert_int_equal(rename(path, moved), 0);
    append(moved, LINE("msg_2"));
    reader = open_at("claude", moved, &at, 0);
    assert_int_equal(expect_entry(reader).entry.line, 2);
    expect_over(reader);
}

static void another_file_is_read_from_its_start(void **state)
{
    const char *path = scratch_path(state, "a.jsonl");
    struct tq_log_reader *reader;
    struct tq_log_state at;

    put(path, LINE("msg_1") LINE("msg_2"));
    reader = open_at("claude", path, NULL, 0);
    expect_entry(reader);
    expect_entry(reader);
    at = leave(reader);
    put(path, LINE("msg_1")); /* cut off */
    tq_log_reader_close(open_at("claude", path, &at, 1));
    put(path, LINE("msg_1") LINE("msg_3") LINE("msg_4")); /* other bytes before the offset */
    tq_log_reader_close(open_at("claude", path, &at, 1));
    put(path, LINE("msg_5") LINE("msg_2") LINE("msg_3")); /* at its begin */
    reader = open_at("claude", path, &at, 1);
    assert_int_equal(expect_entry(reader).entry.line, 1);
    expect_entry(reader);
    expect_entry(reader);
    expect_over(reader);
}

static void half_a_line_is_left_for_later(void **state)
{
    static const char half[] = LINE("msg_2");
    const char *path = scratch_path(state, "a.jsonl");

    for (size_t len = 1; len < sizeof(half) - 2; len += 7) {
        struct tq_log_reader *reader;
        struct tq_log_state at;
        char part[sizeof(half)] = {0};

        memcpy(part, half, len);
        put(path, LINE("msg_1"));
        append(path, part);
        reader = open_at("claude", path, NULL, 0);
        expect_entry(reader);
        expect_no_more(reader);
        at = leave(reader);
        assert_int_equal(at.offset, strlen(LINE("msg_1")));
        append(path, half + len);
        reader = open_at("claude", path, &at, 0);
        assert_int_equal(expect_entry(reader).entry.line, 2);
        expect_over(reader);
    }
}

/* What lacks nothing but the line end may never get one: its writer has gone. */
static void a_whole_line_needs_no_end(void **state)
{
    static const char whole[] = LINE("msg_1");
    const char *path = scratch_path(state, "a.jsonl");
    struct tq_log_reader *reader;
    char line[sizeof(whole)];

    memcpy(line, whole, sizeof(whole));
    line[sizeof(whole) - 2] = '\0';
    put(path, line);
    reader = open_at("claude", path, NULL, 0);
    expect_entry(reader);
    expect_no_more(reader);
    append(path, "\n" LINE("msg_2"));
    assert_int_equal(expect_entry(reader).entry.line, 2);
    expect_over(reader);
}

static void an_empty_file_grows(void **state)
{
    const char *path = scratch_path(state, "a.jsonl");
    static const char *const sources[] = {"claude", "csv"};

    for (size_t i = 0; i < 2; i++) {
        struct tq_log_reader *reader;

        put(path, "");
        reader = open_at(sources[i], path, NULL, 0);
        expect_no_more(reader);
        append(path, i == 0 ? LINE("msg_1") : "unix_ms,model,tokens\n1,m,5\n");
        expect_entry(reader);
        expect_over(reader);
    }
}

/* ---- what is remembered ---- */

static void a_session_is_remembered(void **state)
{
    const char *path = scratch_path(state, "rollout-1.jsonl");
    struct tq_log_reader *reader;
    struct tq_log_state at;
    struct seen first, second, whole;

    put(path, META EVENT(100) EVENT(150));
    reader = open_at("codex", path, NULL, 0);
    first = expect_entry(reader);
    at = leave(reader);
    reader = open_at("codex", path, &at, 0);
    second = expect_entry(reader);
    expect_over(reader);
    reader = open_at("codex", path, NULL, 0);
    expect_entry(reader);
    whole = expect_entry(reader);
    expect_over(reader);
    expect_counts(&first, 100, 0, 0, 0);
    expect_counts(&second, 50, 0, 0, 0);
    assert_string_equal(second.model, "gpt-5.2");
    assert_string_equal(second.session, "s1");
    assert_string_equal(second.project, "/p");
    assert_int_equal(second.entry.key, whole.entry.key);
}

/* A document of several entries may be left between any two. */
static void goes_on_inside_a_document(void **state)
{
#define MESSAGE(id, total)                                                                                   \
    "{\"id\":\"" id                                                                                          \
    "\",\"type\":\"gemini\",\"timestamp\":\"2026-05-01T10:00:00Z\",\"tokens\":{\"output\":" #total "}}"
    const char *path = scratch_path(state, "a.json");
    struct tq_log_state at = {0};

    put(path, "\n{\"sessionId\":\"s1\",\"messages\":[" MESSAGE("a", 1) "," MESSAGE("b", -1) "," MESSAGE(
                  "c", 3) "]}\n\n");
    for (int i = 1; i <= 3; i++) {
        struct tq_log_reader *reader = open_at("gemini", path, &at, 0);

        if (i == 2) {
            expect_bad_at(reader, 2, "output is negative");
        } else {
            struct seen seen = expect_entry(reader);

            expect_counts(&seen, 0, 0, 0, i);
            assert_string_equal(seen.session, "s1");
            assert_int_equal(seen.entry.line, 2);
        }
        at = leave(reader);
    }
    expect_over(open_at("gemini", path, &at, 0));
}

/* ---- long lines ---- */

/* A line with len bytes of content. */
static char *long_line(size_t len, const char *rest)
{
    static const char head[] = "{\"timestamp\":\"2026-05-01T10:00:00Z\",\"message\":{\"content\":\"";
    char *line = malloc(sizeof(head) + len + strlen(rest) + 1);

    assert_non_null(line);
    memcpy(line, head, sizeof(head) - 1);
    memset(line + sizeof(head) - 1, 'x', len);
    memcpy(line + sizeof(head) - 1 + len, rest, strlen(rest) + 1);
    return line;
}

static void long_lines_are_read_up_to_a_bound(void **state)
{
    static const char usage[] = "\",\"id\":\"msg_1\",\"usage\":{\"output_tokens\":5}}}\n", none[] = "\"}}\n";
    static const struct {
        size_t len;
        const char *rest;
        int answer;
    } cases[] = {
        {3 << 20, usage, TQ_LOG_RECORD},
        {3 << 20, none, TQ_LOG_END},
        {TQ__LOG_PIECE_MAX - 200, usage, TQ_LOG_RECORD},
        {TQ__LOG_PIECE_MAX, usage, TQ_LOG_BAD_LINE},
        {TQ__LOG_PIECE_MAX, none, TQ_LOG_END},
        {2 * TQ__LOG_PIECE_MAX + 12345, usage, TQ_LOG_BAD_LINE},
        {2 * TQ__LOG_PIECE_MAX + 12345, none, TQ_LOG_END},
    };
    const char *path = scratch_path(state, "a.jsonl");

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *line = long_line(cases[i].len, cases[i].rest);
        struct tq_log_reader *reader;

        put(path, line);
        append(path, LINE("msg_2"));
        reader = open_at("claude", path, NULL, 0);
        if (cases[i].answer == TQ_LOG_RECORD)
            assert_int_equal(expect_entry(reader).entry.line, 1);
        else if (cases[i].answer == TQ_LOG_BAD_LINE)
            expect_bad_at(reader, 1, "longer than 16777216 bytes");
        assert_int_equal(expect_entry(reader).entry.line, 2);
        expect_over(reader);
        free(line);
    }
}

/* What makes a line matter may lie across the place where the rest of it is dropped. */
static void a_word_is_found_wherever_it_lies(void **state)
{
    (void)state;
    for (size_t len = TQ__LOG_PIECE_MAX + 200000; len < TQ__LOG_PIECE_MAX + 530000; len += 65521) {
        for (size_t more = 0; more < 16; more += 5) {
            char *line = long_line(len + more, "\",\"usage\":{}}}\n" LINE("msg_2"));
            struct tq_log_reader *reader = expect_reader("claude", line);

            expect_bad_at(reader, 1, "longer");
            expect_entry(reader);
            expect_over(reader);
            free(line);
        }
    }
}

static void a_long_object_is_one_bad_one(void **state)
{
    char *line = long_line(TQ__LOG_PIECE_MAX + 1000000, "\",\"tokens\":{}}}\n\n" MESSAGE("a", 5) "\n");
    struct tq_log_reader *reader = expect_reader("gemini", line);

    (void)state;
    expect_bad_at(reader, 1, "longer");
    assert_int_equal(expect_entry(reader).entry.line, 3);
    expect_over(reader);
    free(line);
}

/* ---- compressed files ---- */

static void put_gzip(const char *path, const char *text, const char *mode)
{
    gzFile file = gzopen(path, mode);

    assert_non_null(file);
    assert_int_equal(gzwrite(file, text, (unsigned)strlen(text)), (int)strlen(text));
    assert_int_equal(gzclose(file), Z_OK);
}

static void a_packed_file_is_read_whole_or_not_at_all(void **state)
{
    static const char *const texts[] = {LINE("msg_1") LINE("msg_2"), "unix_ms,model,tokens\n1,m,5\n2,m,6\n"};
    static const char *const sources[] = {"claude", "csv"};
    const char *path = scratch_path(state, "a.gz");

    for (size_t i = 0; i < 2; i++) {
        struct tq_log_reader *reader;
        struct tq_log_state at;

        put_gzip(path, texts[i], "wb");
        reader = open_at(sources[i], path, NULL, 0);
        expect_entry(reader);
        at = leave(reader);
        assert_int_equal(at.offset, 0);
        reader = open_at(sources[i], path, &at, 0);
        expect_entry(reader);
        expect_entry(reader);
        expect_no_more(reader);
        at = leave(reader);
        assert_true(at.offset > 0);
        reader = open_at(sources[i], path, &at, 0);
        expect_no_more(reader);
        at = leave(reader);
        assert_true(at.offset > 0);
        put_gzip(path, texts[i], "ab");
        reader = open_at(sources[i], path, &at, 1);
        expect_entry(reader);
        tq_log_reader_close(reader);
    }
}

static void a_packed_file_that_is_cut_off_is_broken(void **state)
{
    const char *path = scratch_path(state, "a.gz");
    struct tq_log_entry entry = {.size = sizeof(entry)};
    struct tq_log_reader *reader;
    struct tq_log_error error;
    size_t size;
    uint8_t *bytes;

    put_gzip(path, LINE("msg_1"), "wb");
    bytes = file_read(path, &size);
    file_write(path, bytes, size - 5);
    free(bytes);
    reader = open_at("claude", path, NULL, 0);
    expect_entry(reader); /* what came before the cut is there */
    assert_int_equal(tq_log_reader_next(reader, &entry, &error), TQ_LOG_BROKEN);
    assert_int_equal(tq_log_reader_next(reader, &entry, &error), TQ_LOG_BROKEN);
    assert_string_equal(error.msg, "the compressed stream is cut off");
    tq_log_reader_close(reader);
}

/* ---- rows ---- */

static void rows_are_entries(void **state)
{
    struct seen seen = expect_one("csv", "unix_ms,provider,input_tokens,output_tokens\n1000,a b,2,3\n");
    struct seen other =
        expect_one("jsonl", "{\"timestamp\":\"1970-01-01T00:00:01Z\",\"model\":\"a b\",\"tokens\":5}\n");

    (void)state;
    assert_string_equal(seen.model, "a b");
    assert_string_equal(seen.vendor, "");
    assert_int_equal(seen.entry.at_ns, 1000000000);
    assert_int_equal(seen.entry.usage.total, 5);
    assert_int_equal(seen.entry.usage.counted, 5);
    assert_int_equal(seen.entry.usage.known, TQ_USAGE_TOTAL | TQ_USAGE_INPUT | TQ_USAGE_OUTPUT);
    assert_int_equal(seen.entry.usage.input, 2);
    assert_int_equal(seen.entry.usage.output, 3);
    assert_int_equal(seen.entry.flags, TQ_LOG_ENTRY_NO_KEY);
    assert_int_equal(seen.entry.line, 2);
    assert_int_equal(other.entry.at_ns, 1000000000);
    assert_int_equal(other.entry.usage.counted, 5);
    assert_int_equal(other.entry.usage.known, TQ_USAGE_TOTAL);
}

/* Equal rows of one log are two; a row of a copy is the same one. */
static void the_key_of_a_row_is_all_that_was_before(void **state)
{
    static const char log[] = "unix_ms,model,tokens\n1,m,5\n1,m,5\n2,m,5\n";
    struct tq_log_reader *reader = expect_reader("csv", log), *copy = expect_reader("csv", log);
    struct tq_log_reader *other = expect_reader("csv", "unix_ms,model,tokens\n1,n,5\n1,m,5\n");

    (void)state;
    for (int i = 0; i < 3; i++) {
        uint64_t key = expect_entry(reader).entry.key;

        assert_int_equal(key, expect_entry(copy).entry.key);
        if (i < 2)
            assert_int_not_equal(key, expect_entry(other).entry.key);
    }
    expect_over(reader);
    expect_over(copy);
    expect_over(other);
}

static void rows_go_on_where_they_were(void **state)
{
    const char *path = scratch_path(state, "a.csv");
    struct tq_log_reader *reader;
    struct tq_log_state at;
    uint64_t key;

    put(path, "unix_ms,model,tokens\n1,m,5\n2,m,25\n3,m,2");
    reader = open_at("csv", path, NULL, 0);
    expect_entry(reader);
    key = expect_entry(reader).entry.key;
    expect_no_more(reader); /* the last row may be half of another one */
    append(path, "5\n");
    assert_int_equal(expect_entry(reader).entry.usage.counted, 25);
    tq_log_reader_close(reader);
    reader = open_at("csv", path, NULL, 0);
    expect_entry(reader);
    at = leave(reader);
    reader = open_at("csv", path, &at, 0);
    assert_int_equal(expect_entry(reader).entry.key, key);
    assert_int_equal(expect_entry(reader).entry.line, 4);
    expect_no_more(reader);
    at = leave(reader);
    append(path, "x\n4,m,7");
    reader = open_at("csv", path, &at, 0);
    expect_bad_at(reader, 5, "field");
    expect_no_more(reader);
    at = leave(reader);
    append(path, "\n");
    reader = open_at("csv", path, &at, 0);
    assert_int_equal(expect_entry(reader).entry.line, 6);
    expect_over(reader);
}

/* Whole lines whose quote is open may be the first of a row of several. They are told of once, and wait. */
static void a_row_of_several_lines_waits_for_its_last(void **state)
{
    const char *path = scratch_path(state, "a.csv");
    struct tq_log_reader *reader;
    struct tq_log_state at;

    for (int reopen = 0; reopen < 2; reopen++) {
        put(path, "unix_ms,model,tokens\n1,a,4\n2,\"b\n");
        reader = open_at("csv", path, NULL, 0);
        expect_entry(reader);
        expect_bad_at(reader, 3, "wait for its end");
        expect_no_more(reader);
        if (reopen) {
            at = leave(reader);
            reader = open_at("csv", path, &at, 0);
            expect_bad_at(reader, 3, "wait for its end");
        }
        append(path, "c\",5\n3,d,6\n");
        assert_string_equal(expect_entry(reader).model, "b\nc");
        assert_int_equal(expect_entry(reader).entry.line, 5);
        expect_over(reader);
    }
}

/* A quote that is wrong, whatever follows, costs its line at once, as in one go. */
static void a_wrong_quote_does_not_wait(void **state)
{
    static const char *const rows[] = {"5,c\"c,1\n", "5,\"\"\"c,1\n6,d,2\n7,\"e", "5,c\"\nc,1"};
    const char *path = scratch_path(state, "a.csv");
    struct tq_log_reader *reader;
    struct tq_log_state at;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        put(path, "unix_ms,model,tokens\n");
        append(path, rows[i]);
        reader = open_at("csv", path, NULL, 0);
        expect_bad_at(reader, 2, "quote");
        if (i == 1)
            assert_string_equal(expect_entry(reader).model, "d");
        expect_no_more(reader);
        at = leave(reader);
        append(path, "\n8,f,4\n");
        reader = open_at("csv", path, &at, 0);
        if (i == 1)
            expect_bad_at(reader, 4, "not closed");
        else if (i == 2)
            expect_bad_at(reader, 3, "2 fields");
        if (i != 1)
            assert_string_equal(expect_entry(reader).model, "f");
        expect_no_more(reader);
        leave(reader);
    }
}

static void a_json_row_is_whole_without_its_end(void **state)
{
    const char *path = scratch_path(state, "a.jsonl");
    struct tq_log_reader *reader;
    struct tq_log_state at;

    put(path, "{\"unix_ms\":1,\"model\":\"m\",\"tokens\":4}");
    reader = open_at("jsonl", path, NULL, 0);
    expect_entry(reader);
    expect_no_more(reader);
    append(path, "\n{\"unix_ms\":2,\"model\":\"m\",\"tok");
    expect_no_more(reader);
    at = leave(reader);
    append(path, "ens\":4}\n");
    reader = open_at("jsonl", path, &at, 0);
    assert_int_equal(expect_entry(reader).entry.line, 2);
    expect_over(reader);
}

static void a_name_that_no_ledger_takes_is_a_bad_row(void **state)
{
    char log[512] = "unix_ms,model,tokens\n1,";
    size_t len = strlen(log);
    struct tq_log_reader *reader;

    (void)state;
    memset(log + len, 'm', TQ_NAME_MAX + 1);
    memcpy(log + len + TQ_NAME_MAX + 1, ",5\n2,m,6\n", sizeof(",5\n2,m,6\n"));
    reader = expect_reader("csv", log);
    expect_bad_at(reader, 2, "longer than 255 bytes");
    expect_entry(reader);
    expect_over(reader);
}

/* ---- the rest ---- */

static void tells_how_far_it_is(void **state)
{
    const char *path = scratch_path(state, "a.jsonl");
    struct tq_log_reader *reader;
    uint64_t done_bytes, total_bytes;

    put(path, LINE("msg_1"));
    reader = open_at("claude", path, NULL, 0);
    expect_entry(reader);
    expect_no_more(reader);
    append(path, LINE("msg_2"));
    expect_entry(reader);
    tq_log_reader_progress(reader, &done_bytes, &total_bytes);
    assert_int_equal(done_bytes, 2 * strlen(LINE("msg_1")));
    assert_int_equal(total_bytes, done_bytes);
    tq_log_reader_close(reader);
    tq_log_reader_close(NULL);
}

static void what_is_no_log_is_refused(void **state)
{
    struct tq_log_entry entry = {.size = sizeof(entry) - 8};
    struct tq_log_reader *reader = expect_reader("claude", LINE("msg_1"));
    struct tq_log_error error;

    (void)state;
    assert_int_equal(tq_log_reader_next(reader, &entry, &error), TQ_LOG_BROKEN);
    tq_log_reader_close(reader);
    assert_int_equal(
        tq_log_reader_open(&reader, tq_log_source_find("claude"), "/nonexistent/a", NULL, NULL, &error),
        TQ_LOG_BROKEN);
    assert_null(reader);
    assert_int_equal(tq_log_reader_open(&reader, tq_log_source_find("csv"), "/", NULL, NULL, &error),
                     TQ_LOG_BROKEN);
    assert_null(reader);
}

static void the_table_is_what_the_header_says(void **state)
{
    const struct tq_log_source *source;
    uint32_t ids = 0;

    (void)state;
    assert_null(tq_log_source_find("no such tool"));
    for (size_t i = 0; (source = tq_log_source_at(i)) != NULL; i++) {
        uint32_t id = tq_log_source_id(source);

        assert_ptr_equal(tq_log_source_find(tq_log_source_name(source)), source);
        assert_true(*tq_log_source_title(source) != '\0');
        assert_in_range(id, 1, 31);
        assert_int_equal(ids & UINT32_C(1) << id, 0);
        ids |= UINT32_C(1) << id;
    }
    assert_int_equal(tq_log_source_id(tq_log_source_find("claude")), 1); /* kept on disk */
    assert_int_equal(tq_log_source_id(tq_log_source_find("codex")), 2);
    assert_int_equal(tq_log_source_id(tq_log_source_find("gemini")), 3);
    assert_int_equal(tq_log_source_id(tq_log_source_find("csv")), 7);
    assert_int_equal(tq_log_source_id(tq_log_source_find("jsonl")), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(goes_on_where_it_was),
        scratch_test(a_state_is_of_one_source),
        scratch_test(a_moved_file_is_the_same),
        scratch_test(another_file_is_read_from_its_start),
        scratch_test(half_a_line_is_left_for_later),
        scratch_test(a_whole_line_needs_no_end),
        scratch_test(an_empty_file_grows),
        scratch_test(a_session_is_remembered),
        scratch_test(goes_on_inside_a_document),
        scratch_test(long_lines_are_read_up_to_a_bound),
        cmocka_unit_test(a_word_is_found_wherever_it_lies),
        cmocka_unit_test(a_long_object_is_one_bad_one),
        scratch_test(a_packed_file_is_read_whole_or_not_at_all),
        scratch_test(a_packed_file_that_is_cut_off_is_broken),
        cmocka_unit_test(rows_are_entries),
        cmocka_unit_test(the_key_of_a_row_is_all_that_was_before),
        scratch_test(rows_go_on_where_they_were),
        scratch_test(a_row_of_several_lines_waits_for_its_last),
        scratch_test(a_wrong_quote_does_not_wait),
        scratch_test(a_json_row_is_whole_without_its_end),
        cmocka_unit_test(a_name_that_no_ledger_takes_is_a_bad_row),
        scratch_test(tells_how_far_it_is),
        cmocka_unit_test(what_is_no_log_is_refused),
        cmocka_unit_test(the_table_is_what_the_header_says),
    };

    return cmocka_run_group_tests_name("source_reader", tests, NULL, NULL);
}
