/* entry_expect.h: what the tests of tools' logs say about a log, entry by entry.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_ENTRY_EXPECT_H
#define TQ_ENTRY_EXPECT_H

#include "harness.h"

#include "tokenquota_logs.h"

/* What one entry says, its texts copied: they are the reader's. */
struct seen {
    struct tq_log_entry entry;
    struct tq_quota_signal signal;
    char vendor[64], model[256], session[128], project[4096];
};

static inline struct tq_log_reader *expect_reader(const char *source, const char *text)
{
    struct tq_log_error error = {0};
    struct tq_log_reader *reader = NULL;

    assert_non_null(tq_log_source_find(source));
    if (tq_log_reader_open_memory(&reader, tq_log_source_find(source), text, strlen(text), &error) != 0)
        fail_msg("not opened: %s", error.msg);
    assert_non_null(reader);
    return reader;
}

static inline void copy_text(char *out, size_t out_size, const char *text)
{
    assert_non_null(text);
    assert_true(strlen(text) < out_size);
    memcpy(out, text, strlen(text) + 1);
}

/* The next answer is an entry: this one. */
static inline struct seen expect_entry(struct tq_log_reader *reader)
{
    struct tq_log_error error = {0};
    struct seen seen = {.entry.size = sizeof(seen.entry)};
    int answer = tq_log_reader_next(reader, &seen.entry, &error);

    if (answer != TQ_LOG_RECORD)
        fail_msg("no entry but %d: line %llu: %s", answer, (unsigned long long)error.line, error.msg);
    assert_int_not_equal(seen.entry.key, 0);
    assert_true(seen.entry.rank < UINT64_C(1) << 40);
    assert_int_equal(seen.entry.usage.size, sizeof(struct tq_usage));
    copy_text(seen.vendor, sizeof(seen.vendor), seen.entry.vendor);
    copy_text(seen.model, sizeof(seen.model), seen.entry.model);
    copy_text(seen.session, sizeof(seen.session), seen.entry.session);
    copy_text(seen.project, sizeof(seen.project), seen.entry.project);
    assert_string_equal(seen.entry.account, "");
    if (seen.entry.signal)
        seen.signal = *seen.entry.signal;
    return seen;
}

/* The next answer is a bad line. */
static inline void expect_bad_at(struct tq_log_reader *reader, uint64_t line, const char *words)
{
    struct tq_log_error error = {0};
    struct tq_log_entry entry = {.size = sizeof(entry)};

    assert_int_equal(tq_log_reader_next(reader, &entry, &error), TQ_LOG_BAD_LINE);
    assert_int_equal(error.line, line);
    if (!strstr(error.msg, words))
        fail_msg("\"%s\" does not say \"%s\"", error.msg, words);
}

/* The end, and again the end. */
static inline void expect_no_more(struct tq_log_reader *reader)
{
    struct tq_log_error error = {0};

    for (int i = 0; i < 2; i++) {
        struct tq_log_entry entry = {.size = sizeof(entry)};
        int answer = tq_log_reader_next(reader, &entry, &error);

        if (answer != TQ_LOG_END)
            fail_msg("not the end but %d: line %llu: %s", answer, (unsigned long long)error.line, error.msg);
    }
}

static inline void expect_over(struct tq_log_reader *reader)
{
    expect_no_more(reader);
    tq_log_reader_close(reader);
}

/* The only entry of a log. */
static inline struct seen expect_one(const char *source, const char *text)
{
    struct tq_log_reader *reader = expect_reader(source, text);
    struct seen seen = expect_entry(reader);

    expect_over(reader);
    return seen;
}

static inline void expect_nothing(const char *source, const char *text)
{
    expect_over(expect_reader(source, text));
}

static inline void expect_bad_log(const char *source, const char *text, const char *words)
{
    struct tq_log_reader *reader = expect_reader(source, text);

    expect_bad_at(reader, 1, words);
    expect_over(reader);
}

static inline void expect_counts(const struct seen *seen, int64_t input, int64_t cache_read,
                                 int64_t cache_write, int64_t output)
{
    assert_int_equal(seen->entry.usage.input, input);
    assert_int_equal(seen->entry.usage.cache_read, cache_read);
    assert_int_equal(seen->entry.usage.cache_write, cache_write);
    assert_int_equal(seen->entry.usage.output, output);
    assert_int_equal(seen->entry.usage.counted, input + cache_write + output);
}

#endif
