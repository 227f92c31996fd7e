/* log_expect.h: what the tests of the log reader say about a log, line by line.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_LOG_EXPECT_H
#define TQ_LOG_EXPECT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tokenquota_logs.h"

static inline struct tq_log_reader *expect_open(const void *data, size_t len)
{
    struct tq_log_error error = {0};
    struct tq_log_reader *log = NULL;

    if (tq_log_open_memory(&log, data, len, &error) != 0)
        fail_msg("not opened: line %llu: %s", (unsigned long long)error.line, error.msg);
    assert_non_null(log);
    return log;
}

static inline void expect_not_opened(const void *data, size_t len, uint64_t line, const char *words)
{
    struct tq_log_error error = {0};
    struct tq_log_reader *log = (struct tq_log_reader *)&error;

    assert_int_equal(tq_log_open_memory(&log, data, len, &error), TQ_LOG_BROKEN);
    assert_null(log);
    assert_int_equal(error.line, line);
    if (!strstr(error.msg, words))
        fail_msg("\"%s\" does not say \"%s\"", error.msg, words);
}

static inline void expect_record(struct tq_log_reader *log, uint64_t line, int64_t at_ns,
                                 const char *provider, int64_t tokens)
{
    struct tq_log_error error = {0};
    struct tq_log_record record = {0};

    if (tq_log_next(log, &record, &error) != TQ_LOG_RECORD)
        fail_msg("no record of line %llu: %s", (unsigned long long)line, error.msg);
    assert_int_equal(record.line, line);
    assert_int_equal(record.at_ns, at_ns);
    assert_int_equal(record.provider_len, strlen(provider));
    assert_memory_equal(record.provider, provider, strlen(provider));
    assert_int_equal(record.tokens, tokens);
}

static inline void expect_bad(struct tq_log_reader *log, uint64_t line, const char *words)
{
    struct tq_log_error error = {0};
    struct tq_log_record record;

    assert_int_equal(tq_log_next(log, &record, &error), TQ_LOG_BAD_LINE);
    assert_int_equal(error.line, line);
    if (!strstr(error.msg, words))
        fail_msg("\"%s\" does not say \"%s\"", error.msg, words);
}

/* The end, and again the end. */
static inline void expect_end(struct tq_log_reader *log)
{
    struct tq_log_error error = {0};
    struct tq_log_record record;

    for (int i = 0; i < 2; i++) {
        int answer = tq_log_next(log, &record, &error);

        if (answer != TQ_LOG_END)
            fail_msg("not the end but %d: line %llu: %s", answer, (unsigned long long)error.line, error.msg);
    }
    tq_log_reader_close(log);
}

/* A log of this header and this one line gives this error. */
static inline void expect_bad_line(const char *header, const char *text, const char *words)
{
    char data[512];
    size_t header_len = strlen(header), len = strlen(text);
    struct tq_log_reader *log;

    assert_true(header_len + len <= sizeof(data));
    memcpy(data, header, header_len);
    memcpy(data + header_len, text, len);
    log = expect_open(data, header_len + len);
    expect_bad(log, header_len ? 2 : 1, words);
    expect_end(log);
}

#endif
