/* test_log_public.c: what the public calls promise of a log as a whole: its format, its end, its totals.
 *
 * SPDX-License-Identifier: MIT
 */
#include "logs/log_expect.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <zlib.h>

#define TRACES "../shared/traces/"
#define OPEN(data) expect_open((data), sizeof(data) - 1)
#define EXPECT_BROKEN(data, line, words) expect_not_opened((data), sizeof(data) - 1, (line), (words))

static void an_empty_log_ends_at_once(void **state)
{
    static const char gzip_of_nothing[] = "\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0";

    (void)state;
    expect_end(expect_open("", 0));
    expect_end(expect_open(NULL, 0));
    expect_end(OPEN("\xef\xbb\xbf\r\n \n"));
    expect_end(OPEN(gzip_of_nothing));
    expect_end(OPEN("unix_ms,model,tokens\n"));
    expect_end(OPEN("unix_ms,model,tokens"));
}

static void tells_the_format_by_content(void **state)
{
    struct tq_log_reader *log = OPEN("\n \t{\"unix_ms\":1,\"model\":\"m\",\"tokens\":2}\n");

    (void)state;
    expect_record(log, 2, 1000000, "m", 2);
    expect_end(log);
    EXPECT_BROKEN("[{\"unix_ms\":1}]", 1, "is a JSON array");
    EXPECT_BROKEN("\n\n\x7f"
                  "ELF\0\0",
                  3, "is neither CSV nor JSONL: the line has a NUL byte");
    EXPECT_BROKEN("hello\n", 1, "there is no column unix_ms or timestamp; the first line is: hello");
    EXPECT_BROKEN("BZh9", 0, "is compressed by bzip2");
}

static void a_first_line_without_end_is_no_log(void **state)
{
    static char data[TQ_LOG_LINE_MAX + 1];

    (void)state;
    memset(data, 'x', sizeof(data));
    expect_not_opened(data, sizeof(data), 1, "is neither CSV nor JSONL: the line is longer than");
}

static void a_broken_log_stays_broken(void **state)
{
    static unsigned char packed[400000];
    static char text[200000];
    struct tq_log_error error = {0}, again = {0};
    struct tq_log_record record;
    struct tq_log_reader *log;
    uLongf records = 0;
    z_stream gzip = {0};
    size_t len = 0;
    int answer;

    (void)state;
    len = (size_t)snprintf(text, sizeof(text), "unix_ms,model,tokens\n");
    for (uint32_t i = 0, seed = 1; i < 10000; i++, seed = seed * 1664525 + 1013904223)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%u,m,1\n", seed >> 8);
    assert_int_equal(deflateInit2(&gzip, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    gzip.next_in = (unsigned char *)text;
    gzip.avail_in = (uInt)len;
    gzip.next_out = packed;
    gzip.avail_out = sizeof(packed);
    assert_int_equal(deflate(&gzip, Z_FINISH), Z_STREAM_END);
    log = expect_open(packed, gzip.total_out / 2);
    deflateEnd(&gzip);
    while ((answer = tq_log_next(log, &record, &error)) == TQ_LOG_RECORD)
        records++;
    assert_in_range(records, 1000, 9000); /* what came before the cut was given */
    assert_int_equal(answer, TQ_LOG_BROKEN);
    assert_string_equal(error.msg, "the compressed stream is cut off");
    assert_int_equal(tq_log_next(log, &record, &again), TQ_LOG_BROKEN);
    assert_memory_equal(&again.msg, &error.msg, strlen(error.msg) + 1);
    tq_log_reader_close(log);
}

static void half_a_last_line_is_bad(void **state)
{
    static const char text[] = "unix_ms,model,tokens\n1,m,25\n1,m,25";
    struct tq_log_reader *log = expect_open(text, sizeof(text) - 1 - 3); /* "1,m" */

    (void)state;
    expect_record(log, 2, 1000000, "m", 25);
    expect_bad(log, 3, "the line has 2 fields, the header 3");
    expect_end(log);
    log = expect_open(text, sizeof(text) - 1 - 2); /* "1,m," */
    expect_record(log, 2, 1000000, "m", 25);
    expect_bad(log, 3, "tokens is empty");
    expect_end(log);
}

static void goes_on_behind_bad_lines(void **state)
{
    static const char text[] = "unix_ms,model,tokens\nx\n1,m,2\n1,m\0,2\n1,m,3\n";
    struct tq_log_reader *log = OPEN(text);

    (void)state;
    expect_bad(log, 2, "field");
    expect_record(log, 3, 1000000, "m", 2);
    expect_bad(log, 4, "NUL");
    expect_record(log, 5, 1000000, "m", 3);
    expect_end(log);
}

static void tells_how_far_it_is(void **state)
{
    struct tq_log_reader *log = OPEN("unix_ms,model,tokens\n1,m,2\n");
    uint64_t done_bytes = 1, total_bytes = 1;

    (void)state;
    expect_record(log, 2, 1000000, "m", 2);
    tq_log_reader_progress(log, &done_bytes, &total_bytes);
    assert_int_equal(total_bytes, 27);
    assert_int_equal(done_bytes, 27);
    tq_log_reader_close(log);
    tq_log_reader_close(NULL);
}

static void a_path_that_is_no_log_is_refused(void **state)
{
    struct tq_log_error error;
    struct tq_log_reader *log = (struct tq_log_reader *)&error;

    (void)state;
    assert_int_equal(tq_log_open(&log, ".", &error), TQ_LOG_BROKEN);
    assert_null(log);
    assert_int_equal(error.sys, EISDIR);
    assert_int_equal(tq_log_open(&log, "/nonexistent/usage.csv", &error), TQ_LOG_BROKEN);
    assert_int_equal(error.sys, ENOENT);
}

/* The totals of real logs, as other tools add them up. */
static void reads_real_logs(void **state)
{
    static const struct {
        const char *path;
        uint64_t records;
        int64_t tokens;
    } traces[] = {
        {TRACES "azure2023_code.csv", 8819, 18305870},
        {TRACES "azure2023_conv.csv", 19366, 26450535},
        {TRACES "ddx_agents_mit.csv", 4347, 15371514416},
        {TRACES "fizeau_bench.csv", 1309, 275783623},
        {TRACES "mooncake_conv.csv", 12031, 148915871},
        {TRACES "servegen_clients_10min.csv.gz", 79305, 306224299462},
    };

    (void)state;
    if (access(TRACES, R_OK) != 0) {
        print_message("skipped: there is no " TRACES "\n");
        skip();
    }
    for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++) {
        struct tq_log_error error;
        struct tq_log_record record;
        struct tq_log_reader *log;
        uint64_t records = 0;
        int64_t tokens = 0;
        int answer;

        assert_int_equal(tq_log_open(&log, traces[i].path, &error), 0);
        while ((answer = tq_log_next(log, &record, &error)) == TQ_LOG_RECORD) {
            records++;
            tokens += record.tokens;
        }
        assert_int_equal(answer, TQ_LOG_END);
        assert_int_equal(records, traces[i].records);
        assert_int_equal(tokens, traces[i].tokens);
        tq_log_reader_close(log);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_log_ends_at_once),
        cmocka_unit_test(tells_the_format_by_content),
        cmocka_unit_test(a_first_line_without_end_is_no_log),
        cmocka_unit_test(a_broken_log_stays_broken),
        cmocka_unit_test(half_a_last_line_is_bad),
        cmocka_unit_test(goes_on_behind_bad_lines),
        cmocka_unit_test(tells_how_far_it_is),
        cmocka_unit_test(a_path_that_is_no_log_is_refused),
        cmocka_unit_test(reads_real_logs),
    };

    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
