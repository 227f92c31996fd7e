/* test_usage_lines.c: documents out of chunks: what is too long is given up alone, and the buffer stays.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "tokenquota_signals.h"
#include "signals/lines.h"

#define MAX 64
#define OUT_BYTES 4096

/* Everything that is handed out, one in brackets after the other: (e:...) of an event, (E:...) of one that is
 * an error, (j:...) of JSON text; then "lost". */
static void cut(const char *bytes, size_t len, size_t first, size_t step, char out[OUT_BYTES])
{
    struct tq__usage_lines lines;
    struct tq__usage_text text;
    size_t used = 0;

    lines = (struct tq__usage_lines){.max = MAX};
    for (size_t at = 0, chunk = first; at < len; at += chunk, chunk = step) {
        struct tq__span rest = {bytes + at, chunk < len - at ? chunk : len - at};

        while (tq__usage_lines_next(&lines, &rest, &text)) {
            used += (size_t)snprintf(out + used, OUT_BYTES - used, "(%c:%.*s)",
                                     text.event_error ? 'E'
                                     : text.event     ? 'e'
                                                      : 'j',
                                     (int)text.text.len, text.text.at);
            assert_true(used < OUT_BYTES);
        }
        assert_int_equal(rest.len, 0);
        assert_true(lines.len <= MAX);
    }
    snprintf(out + used, OUT_BYTES - used, "%s", lines.lost ? "lost" : "");
    assert_false(lines.no_memory);
    tq__usage_lines_free(&lines);
}

static void expect(const char *bytes, size_t len, const char *expected)
{
    char out[OUT_BYTES];

    cut(bytes, len, len, len, out);
    assert_string_equal(out, expected);
    for (size_t first = 0; first <= len; first++) {
        cut(bytes, len, first, len, out);
        assert_string_equal(out, expected);
    }
    for (size_t step = 1; step < 10; step++) {
        cut(bytes, len, step, step, out);
        assert_string_equal(out, expected);
    }
}

#define EXPECT(text, expected) expect(text, sizeof(text) - 1, expected)

static void events(void **state)
{
    (void)state;
    EXPECT("data: a\n\n", "(e:a)");
    EXPECT("data:a\r\rdata: b\r\n\r\ndata:  c\n\n", "(e:a)(e:b)(e: c)");
    EXPECT("data: a", "");
    EXPECT("data: a\n", "");
    EXPECT("data: a\ndata: b\n\n", "(e:a\nb)");
    EXPECT("data: {\"a\":\ndata: 1}\n\n", "(e:{\"a\":\n1})");
    EXPECT(": comment\n\nid: 1\ndata: a\nretry: 3\n: data: b\n\n", "(e:a)");
    EXPECT("data\ndata\n\ndata: a\n\n", "(e:a)");
    EXPECT("database: x\n\n data: y\n\ndat\n\nDATA: z\n\n", "");
    EXPECT("\xef\xbb\xbf"
           "data: a\n\n",
           "(e:a)");
    EXPECT("\n\n\r\n\r\rdata: a\n\n", "(e:a)");
    EXPECT("event: error\ndata: a\n\ndata: b\n\n", "(E:a)(e:b)");
    EXPECT("data: a\nevent: error\n\n", "(E:a)");
    EXPECT("event: error\n\ndata: a\n\n", "(e:a)");
    EXPECT("event: error\nevent: fine\ndata: a\n\n", "(e:a)");
    EXPECT("event:errors\ndata: a\n\n", "(e:a)");
    EXPECT("data: a\0b\n\n", "(e:a)"); /* and a NUL and b, which printf does not show */
}

static void events_whose_blank_line_was_left_out(void **state)
{
    (void)state;
    EXPECT("data: {\"a\":1}\ndata: {\"b\":2}\ndata: [DONE]\n\n", "(e:{\"a\":1})(e:{\"b\":2})(e:[DONE])");
    EXPECT("data: {\"a\":\"}\ndata: {\"}\ndata: {}\n\n", "(e:{\"a\":\"}\n{\"})(e:{})");
    EXPECT("data: {\"a\":1}\n{\"b\":2}\n", "(e:{\"a\":1})(j:{\"b\":2})");
}

static void json_text(void **state)
{
    (void)state;
    EXPECT("{\"a\":1}", "(j:{\"a\":1})");
    EXPECT("{\"a\":1}\n{\"b\":2}\r\n\n{\"c\":[{}]}", "(j:{\"a\":1})(j:{\"b\":2})(j:{\"c\":[{}]})");
    EXPECT(" \t{\"a\":1}{\"b\":2},{}", "(j:{\"a\":1})(j:{\"b\":2})(j:{})");
    EXPECT("{\n \"a\": {\n\r }\n}\n", "(j:{\n \"a\": {\n\r }\n})");
    EXPECT("[{\"a\":1}\n,\n{\"b\":[2]}]\ndata: c\n\n", "(j:{\"a\":1})(j:{\"b\":[2]})(e:c)");
    EXPECT("[[{\"a\":1}],[]]", "(j:{\"a\":1})");
    EXPECT("[1,\"{\",\"\\\"{\",true]\ndata: a\n\n", "(e:a)");
    EXPECT("{\"a\":\"}\\\"{\\\\\"}{}", "(j:{\"a\":\"}\\\"{\\\\\"})(j:{})");
    EXPECT("{\"a\":{\"b\":1}\ndata: c\n\n", "");
    EXPECT("{} data: a\ndata: b\n\n", "(j:{})(e:b)");
}

/* A line that was cut short in a string does not take those after it with it. */
static void a_broken_line_ends(void **state)
{
    (void)state;
    EXPECT("{\"a\":\"b\n{\"c\":1}\n", "(j:{\"c\":1})");
    EXPECT("{\"a\":\"b\\\r\n{\"c\":1}\n", "(j:{\"c\":1})");
    EXPECT("{\"a\":\"b\\\n{\"c\":1}\n", "(j:{\"c\":1})");
    EXPECT("[\"b\\\n{\"c\":1}\n", "(j:{\"c\":1})");
    EXPECT("[\"b\n{\"c\":1}\n", "(j:{\"c\":1})");
}

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

static void what_is_too_long_is_given_up_alone(void **state)
{
    (void)state;
    EXPECT("data: 7890" TEN TEN TEN TEN TEN "1234\n\ndata: a\n\n",
           "(e:7890" TEN TEN TEN TEN TEN "1234)(e:a)");
    EXPECT("data: 7890" TEN TEN TEN TEN TEN "12345\n\ndata: a\n\n", "(e:a)");
    EXPECT(": " SIXTY SIXTY "\ndata: a\n\n", "(e:a)");
    EXPECT("data: " SIXTY SIXTY SIXTY "\n\ndata: a\n\n", "(e:a)");
    EXPECT("data: " TEN "\ndata: " SIXTY "\ndata: b\n\ndata: a\n\n", "(e:b)(e:a)");
    EXPECT("{\"a\":\"" SIXTY SIXTY "\"}\n{\"b\":1}\n", "(j:{\"b\":1})");
    EXPECT("{\"a\":\"" SIXTY SIXTY "\ndata: b\n\n", "(e:b)");
}

static void lost_is_said_when_usage_was_in_it(void **state)
{
    (void)state;
    EXPECT("data: {\"usage\":1}" SIXTY "\n\ndata: a\n\n", "(e:a)lost");
    EXPECT("data: " SIXTY "{\"usage\":1}\n\ndata: a\n\n", "(e:a)lost");
    EXPECT("data: " TEN TEN TEN TEN TEN "123\"usage\":1}" SIXTY "\n\ndata: a\n\n", "(e:a)lost");
    EXPECT("data: " SIXTY "\"usag\":1" SIXTY "\n\n", "");
    EXPECT("data: " SIXTY "\"error\":1" SIXTY "\n\n", "");
    EXPECT("{\"a\":\"" SIXTY SIXTY "\",\"usageMetadata\":{}}\n{\"b\":1}\n", "(j:{\"b\":1})lost");
    EXPECT("{\"a\":\"" SIXTY SIXTY "\",\"usageMetadata\":{}", "");
}

/* Of a stream of short lines the buffer never becomes larger than at first. */
static void short_lines_make_no_buffer_grow(void **state)
{
    static const char line[] = "data: {\"choices\":[{\"delta\":{\"content\":\"word\"}}]}\n\n";
    struct tq__usage_lines lines;
    struct tq__usage_text text;
    size_t capacity = 0, given = 0;
    char *buffer = NULL;
    char chunk[4096];

    (void)state;
    lines = (struct tq__usage_lines){.max = TQ_STREAM_LINE_MAX};
    for (size_t i = 0; i < 300; i++) {
        struct tq__span rest = {chunk, sizeof(chunk)};

        for (size_t j = 0; j < sizeof(chunk); j++)
            chunk[j] = line[(i * sizeof(chunk) + j) % (sizeof(line) - 1)];
        while (tq__usage_lines_next(&lines, &rest, &text))
            given += text.text.len == sizeof(line) - 1 - 8;
        if (i == 0) {
            capacity = lines.capacity;
            buffer = lines.buffer;
        }
    }
    assert_int_equal(given, 300 * sizeof(chunk) / (sizeof(line) - 1));
    assert_int_equal(lines.capacity, capacity);
    assert_ptr_equal(lines.buffer, buffer);
    assert_true(capacity > 0 && capacity <= 8192);
    tq__usage_lines_free(&lines);
}

static void a_copy_is_of_its_own(void **state)
{
    struct tq__span bytes = {"data: a\ndat", 11}, end = {TQ__USAGE_LINES_END, 2}, more = {"a: b\n\n", 6};
    struct tq__usage_lines lines, copy;
    struct tq__usage_text text;

    (void)state;
    lines = (struct tq__usage_lines){.max = MAX};
    assert_false(tq__usage_lines_next(&lines, &bytes, &text));
    assert_int_equal(tq__usage_lines_copy(&lines, &copy), 0);
    assert_true(tq__usage_lines_next(&copy, &end, &text));
    assert_int_equal(text.text.len, 1);
    assert_true(tq__usage_lines_next(&lines, &more, &text));
    assert_int_equal(text.text.len, 3);
    assert_memory_equal(text.text.at, "a\nb", 3);
    tq__usage_lines_free(&lines);
    tq__usage_lines_free(&copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events),
        cmocka_unit_test(events_whose_blank_line_was_left_out),
        cmocka_unit_test(json_text),
        cmocka_unit_test(a_broken_line_ends),
        cmocka_unit_test(what_is_too_long_is_given_up_alone),
        cmocka_unit_test(lost_is_said_when_usage_was_in_it),
        cmocka_unit_test(short_lines_make_no_buffer_grow),
        cmocka_unit_test(a_copy_is_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
