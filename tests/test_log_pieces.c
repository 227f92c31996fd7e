/* test_log_pieces.c: rows keep their bytes and numbers at every edge of the buffer and of their length.
 *
 * SPDX-License-Identifier: MIT
 */
#include "logs/log_expect.h"

#include <stdlib.h>

#include "logs/pieces.h"
#include "logs/sources.h"

struct reader {
    struct tq__log_bytes bytes;
    struct tq__log_pieces pieces;
    struct tq__log_piece row;
    struct tq_log_error error;
};

static void start(struct reader *reader, const void *data, size_t len)
{
    assert_int_equal(tq__log_bytes_open_memory(&reader->bytes, data, len, &reader->error), 0);
    assert_int_equal(tq__log_pieces_open(&reader->pieces, &reader->bytes, TQ__LOG_ROWS, tq__log_rows_matters,
                                         &reader->error),
                     0);
    reader->pieces.final = true;
}

static void stop(struct reader *reader)
{
    tq__log_pieces_close(&reader->pieces);
    tq__log_bytes_close(&reader->bytes);
}

static int next(struct reader *reader)
{
    int answer = tq__log_pieces_next(&reader->pieces, &reader->row, &reader->error);
    const struct tq__log_piece *row = &reader->row;

    if (answer == TQ_LOG_RECORD)
        assert_true(row->text[row->len] == '\n' || row->text[row->len] == '\r');
    return answer;
}

static void expect_line(struct reader *reader, uint64_t number, const char *text)
{
    assert_int_equal(next(reader), TQ_LOG_RECORD);
    assert_int_equal(reader->row.line, number);
    assert_int_equal(reader->row.len, strlen(text));
    assert_memory_equal(reader->row.text, text, strlen(text));
}

static void expect_fault(struct reader *reader, uint64_t number, const char *words)
{
    assert_int_equal(next(reader), TQ_LOG_BAD_LINE);
    assert_int_equal(reader->error.line, number);
    assert_non_null(strstr(reader->error.msg, words));
}

static void expect_over(struct reader *reader)
{
    assert_int_equal(next(reader), TQ_LOG_END);
    assert_int_equal(next(reader), TQ_LOG_END);
    stop(reader);
}

#define START(reader, literal) start((reader), (literal), sizeof(literal) - 1)

static void numbers_lines_and_skips_blank_ones(void **state)
{
    struct reader reader;

    (void)state;
    START(&reader, "\n\r\none\n \t \n\ntwo\r\nth\rree\r\r\n\nlast");
    expect_line(&reader, 3, "one");
    expect_line(&reader, 6, "two");
    expect_line(&reader, 7, "th\rree\r");
    expect_line(&reader, 9, "last");
    expect_over(&reader);
    START(&reader, "last\r");
    expect_line(&reader, 1, "last");
    expect_over(&reader);
    START(&reader, "");
    expect_over(&reader);
    START(&reader, "\n\n");
    expect_over(&reader);
}

static void skips_the_byte_order_mark_once(void **state)
{
    struct reader reader;

    (void)state;
    START(&reader, "\xef\xbb\xbfone\n\xef\xbb\xbftwo\n");
    expect_line(&reader, 1, "one");
    tq__log_pieces_again(&reader.pieces);
    expect_line(&reader, 1, "one");
    expect_line(&reader, 2, "\xef\xbb\xbftwo");
    expect_over(&reader);
    START(&reader, "\xef\xbb\xbf");
    expect_over(&reader);
    START(&reader, "\xef\xbb");
    expect_line(&reader, 1, "\xef\xbb");
    expect_over(&reader);
}

static void reports_nul_bytes(void **state)
{
    struct reader reader;

    (void)state;
    START(&reader, "one\ntw\0o\nthree\n\0\n\0");
    expect_line(&reader, 1, "one");
    expect_fault(&reader, 2, "NUL");
    expect_line(&reader, 3, "three");
    expect_fault(&reader, 4, "NUL");
    expect_fault(&reader, 5, "NUL");
    expect_over(&reader);
}

static void says_which_lines_have_quotes(void **state)
{
    struct reader reader;

    (void)state;
    START(&reader, "a\n\"b\"\nc\n\"");
    expect_line(&reader, 1, "a");
    assert_false(reader.row.has_quote);
    expect_line(&reader, 2, "\"b\"");
    assert_true(reader.row.has_quote);
    expect_line(&reader, 3, "c");
    assert_false(reader.row.has_quote);
    expect_line(&reader, 4, "\"");
    assert_true(reader.row.has_quote);
    expect_over(&reader);
}

/* A line of len bytes between two short ones; it is read, or is one bad line. */
static void check_length(size_t len, const char *line_end, bool followed)
{
    size_t end_len = strlen(line_end), bytes = 4 + len + end_len + 4;
    char *data = malloc(bytes);
    struct reader reader;

    assert_non_null(data);
    memset(data, 'x', bytes);
    memcpy(data, "one\n", 4);
    memcpy(data + 4 + len, line_end, end_len);
    memcpy(data + 4 + len + end_len, "two\n", 4);
    start(&reader, data, followed ? bytes : bytes - 4);
    expect_line(&reader, 1, "one");
    if (len <= TQ_LOG_LINE_MAX) {
        assert_int_equal(next(&reader), TQ_LOG_RECORD);
        assert_int_equal(reader.row.len, len);
        assert_memory_equal(reader.row.text, data + 4, len);
    } else {
        expect_fault(&reader, 2, "longer than 1048576 bytes");
    }
    if (followed)
        expect_line(&reader, 3, "two");
    expect_over(&reader);
    free(data);
}

static void bounds_the_length(void **state)
{
    static const size_t lengths[] = {
        TQ__LOG_BLOCK_BYTES - 6,
        TQ__LOG_BLOCK_BYTES - 5,
        TQ__LOG_BLOCK_BYTES - 4,
        TQ__LOG_BLOCK_BYTES,
        TQ_LOG_LINE_MAX - 1,
        TQ_LOG_LINE_MAX,
        TQ_LOG_LINE_MAX + 1,
        TQ_LOG_LINE_MAX + 2,
        TQ_LOG_LINE_MAX + 3,
        TQ_LOG_LINE_MAX + TQ__LOG_BLOCK_BYTES - 1,
        TQ_LOG_LINE_MAX + TQ__LOG_BLOCK_BYTES,
        TQ_LOG_LINE_MAX + TQ__LOG_BLOCK_BYTES + 1,
        2 * TQ_LOG_LINE_MAX,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        check_length(lengths[i], "\n", true);
        check_length(lengths[i], "\r\n", true);
        check_length(lengths[i], "", false);
    }
}

/* 100 MB, which only its zstd frame (a few KB) ever holds at once. */
static void skips_a_huge_line(void **state)
{
    static char block[100000];
    size_t capacity = 1000000, used = 0;
    char *packed = malloc(capacity);
    ZSTD_CStream *zstd = ZSTD_createCStream();
    ZSTD_outBuffer out = {packed, capacity, 0};
    struct reader reader;

    (void)state;
    assert_non_null(packed);
    assert_non_null(zstd);
    memset(block, 'x', sizeof(block));
    for (int i = 0; i <= 1000; i++) {
        ZSTD_inBuffer in = {i < 1000 ? block : "\nlast\n", i < 1000 ? sizeof(block) : 6, 0};

        used = ZSTD_compressStream2(zstd, &out, &in, i < 1000 ? ZSTD_e_continue : ZSTD_e_end);
        assert_false(ZSTD_isError(used));
        assert_int_equal(in.pos, in.size);
    }
    assert_int_equal(used, 0);
    ZSTD_freeCStream(zstd);
    start(&reader, packed, out.pos);
    expect_fault(&reader, 1, "longer than");
    expect_line(&reader, 2, "last");
    expect_over(&reader);
    free(packed);
}

static void a_quote_joins_lines(void **state)
{
    struct reader reader;

    (void)state;
    START(&reader, "o\"ne\r\n\ntw\"o\nthree\nfo\"ur\nfi\"ve");
    reader.pieces.joins = true;
    expect_line(&reader, 1, "o\"ne\r\n\ntw\"o");
    assert_false(reader.row.is_open);
    expect_line(&reader, 4, "three");
    assert_false(reader.row.has_quote);
    expect_line(&reader, 5, "fo\"ur\nfi\"ve");
    expect_over(&reader);
}

static void what_stays_open_is_one_line(void **state)
{
    struct reader reader;

    (void)state;
    START(&reader, "o\"ne\nt\"wo\nthr\"ee\nfo\0u\"r\nfive\ns\"ix\nseven\n\"");
    reader.pieces.joins = true;
    expect_line(&reader, 1, "o\"ne\nt\"wo");
    tq__log_pieces_split(&reader.pieces);
    expect_line(&reader, 2, "t\"wo\nthr\"ee");
    expect_fault(&reader, 4, "NUL");
    expect_line(&reader, 5, "five");
    expect_line(&reader, 6, "s\"ix\nseven\n\"");
    tq__log_pieces_split(&reader.pieces);
    expect_line(&reader, 7, "seven");
    assert_false(reader.row.has_quote);
    expect_line(&reader, 8, "\"");
    assert_true(reader.row.is_open);
    expect_over(&reader);
    START(&reader, "o\"ne\ntw\"\0o\nthree\n\"");
    reader.pieces.joins = true;
    expect_line(&reader, 1, "o\"ne");
    assert_true(reader.row.is_open);
    expect_fault(&reader, 2, "NUL");
    expect_line(&reader, 3, "three");
    expect_line(&reader, 4, "\"");
    expect_over(&reader);
}

/* Joining over the edges of blocks moves the row within the buffer; it stays one text, up to the bound. */
static void joins_up_to_the_bound(void **state)
{
    static const size_t ends[] = {TQ__LOG_BLOCK_BYTES, TQ_LOG_LINE_MAX - 1, TQ_LOG_LINE_MAX,
                                  2 * TQ_LOG_LINE_MAX};
    size_t bytes = 3 * TQ_LOG_LINE_MAX;
    char *data = malloc(bytes);

    (void)state;
    assert_non_null(data);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        struct reader reader;

        for (size_t at = 0; at < bytes; at++)
            data[at] = at % 100 == 99 ? '\n' : (char)('a' + at / 100 % 26);
        data[0] = data[ends[i] - 1] = '"';
        data[ends[i]] = '\n';
        start(&reader, data, bytes);
        reader.pieces.joins = true;
        assert_int_equal(next(&reader), TQ_LOG_RECORD);
        assert_int_equal(reader.row.is_open, ends[i] > TQ_LOG_LINE_MAX);
        assert_int_equal(reader.row.len, ends[i] > TQ_LOG_LINE_MAX ? 99 : ends[i]);
        assert_memory_equal(reader.row.text, data, reader.row.len);
        if (reader.row.is_open) {
            assert_int_equal(next(&reader), TQ_LOG_RECORD);
            assert_int_equal(reader.row.line, 2);
            assert_memory_equal(reader.row.text, data + 100, 99);
        }
        stop(&reader);
    }
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_lines_and_skips_blank_ones),
        cmocka_unit_test(skips_the_byte_order_mark_once),
        cmocka_unit_test(reports_nul_bytes),
        cmocka_unit_test(says_which_lines_have_quotes),
        cmocka_unit_test(bounds_the_length),
        cmocka_unit_test(skips_a_huge_line),
        cmocka_unit_test(a_quote_joins_lines),
        cmocka_unit_test(what_stays_open_is_one_line),
        cmocka_unit_test(joins_up_to_the_bound),
    };

    return cmocka_run_group_tests_name("log_pieces", tests, NULL, NULL);
}
