/* test_usage_hostile.c: whatever comes in a body or stream, counts stay counts and memory has a limit.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rng.h"
#include "tokenquota_signals.h"
#include "usage_say.h"

#define MEGABYTE ((size_t)1 << 20)

static char *filled(size_t len, char c)
{
    char *text = malloc(len);

    assert_non_null(text);
    memset(text, c, len);
    return text;
}

static void feed(struct tq_usage_stream *stream, const char *bytes, size_t len)
{
    assert_int_equal(tq_usage_stream_feed(stream, bytes, len), 0);
}

static void feed_text(struct tq_usage_stream *stream, const char *text)
{
    feed(stream, text, strlen(text));
}

/* What the stream says, which is then freed. */
static void expect_end(struct tq_usage_stream *stream, const char *expected)
{
    struct tq_usage usage = {.size = sizeof(usage)};
    char words[USAGE_WORDS_BYTES];

    assert_string_equal(usage_say(tq_usage_stream_read(stream, 0, 0, &usage, NULL), &usage, words), expected);
    tq_usage_stream_free(stream);
}

static void expect_body(const char *body, size_t len, const char *expected)
{
    struct tq_usage usage = {.size = sizeof(usage)};
    char words[USAGE_WORDS_BYTES];

    assert_string_equal(usage_say(tq_usage_read(NULL, body, len, &usage), &usage, words), expected);
}

static void numbers_of_400_digits(void **state)
{
    char digits[401], body[1024];
    int len;

    (void)state;
    memset(digits, '9', 400);
    digits[400] = '\0';
    len = snprintf(body, sizeof(body),
                   "{\"id\":%s,\"x\":1e400,\"usage\":{\"prompt_tokens\":%s,\"completion_tokens\":5}}", digits,
                   digits);
    expect_body(body, (size_t)len, "output 5 counted 5");
}

static void bytes_that_are_no_text(void **state)
{
    static const char nul[] = "{\"a\":\"\0\",\"usage\":{\"prompt_tokens\":5}}";
    static const char bad_utf8[] = "{\"a\":\"\xff\xc0\x80\xed\xa0\x80\",\"usage\":{\"prompt_tokens\":5}}";
    static const char nuls[] = "data: \0\0{\"usage\":{\"prompt_tokens\":5}}\0\n\n\0\0data: [DONE]\n\n";

    (void)state;
    expect_body(nul, sizeof(nul) - 1, "none"); /* no JSON */
    expect_body(bad_utf8, sizeof(bad_utf8) - 1, "input 5 counted 5");
    expect_body(nuls, sizeof(nuls) - 1, "none");
}

/* Deep nesting costs no stack; what is nested too deep is no document. */
static void deep_nesting(void **state)
{
    static const char end[] = ",\"usage\":{\"prompt_tokens\":5}}\ndata: [DONE]\n\n";
    struct tq_quota_signal signal = {.size = sizeof(signal)};
    struct tq_usage usage = {.size = sizeof(usage)};

    (void)state;
    for (size_t depth = 1; depth <= MEGABYTE; depth *= 2) {
        struct tq_usage_stream *stream = tq_usage_stream_new(NULL);
        char *open = filled(depth, '['), *close = filled(depth, ']');

        feed_text(stream, "data: {\"error\":{\"code\":429,\"x\":");
        feed(stream, open, depth);
        feed(stream, close, depth);
        feed_text(stream, "}");
        feed_text(stream, end);
        assert_int_equal(tq_usage_stream_read(stream, 0, 0, &usage, &signal), depth > 1000);
        assert_int_equal(signal.refusal, depth > 1000 ? TQ_CLASS_NONE : TQ_CLASS_THROTTLED);
        assert_int_equal(signal.flags & TQ_SIGNAL_SUCCESS, depth > 1000 ? TQ_SIGNAL_SUCCESS : 0);
        tq_usage_stream_free(stream);
        free(open);
        free(close);
    }
}

static void long_lines(void **state)
{
    char *text = filled(MEGABYTE, 'x');
    struct tq_usage_stream *stream = tq_usage_stream_new(NULL);

    (void)state;
    /* One that fits. */
    feed_text(stream, "data: {\"a\":\"");
    for (int i = 0; i < 3; i++)
        feed(stream, text, MEGABYTE);
    feed_text(stream, "\",\"choices\":[],\"usage\":{\"prompt_tokens\":5}}\n\n");
    /* One that does not, without usage in it, and one that has: it is lost, and that is said. */
    feed_text(stream, "data: {\"a\":\"");
    for (int i = 0; i < 5; i++)
        feed(stream, text, MEGABYTE);
    feed_text(stream, "\"}\n\n");
    feed_text(stream, "data: {\"a\":\"");
    for (int i = 0; i < 5; i++)
        feed(stream, text, MEGABYTE);
    expect_end(stream, "input 5 counted 5");

    stream = tq_usage_stream_new(NULL);
    feed_text(stream, "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5}}\n\ndata: {\"a\":\"");
    for (int i = 0; i < 5; i++)
        feed(stream, text, MEGABYTE);
    feed_text(stream, "\",\"usage\":{\"prompt_tokens\":6}}\n\ndata: [DONE]\n\n");
    expect_end(stream, "input 5 counted 5 partial");
    free(text);
}

static void bodies_have_a_limit(void **state)
{
    static const char end[] = "\",\"usage\":{\"prompt_tokens\":5}}";
    char *body = filled(TQ_BODY_MAX + 1, 'x');

    (void)state;
    memcpy(body, "{\"a\":\"", 6);
    memcpy(body + TQ_BODY_MAX - strlen(end), end, strlen(end) + 1);
    expect_body(body, TQ_BODY_MAX, "input 5 counted 5");
    body[TQ_BODY_MAX] = '\n';
    expect_body(body, TQ_BODY_MAX + 1, "none");
    free(body);
}

/* A stream of many short lines that end in CR alone, in one chunk: as linear as any other. The quadratic way
 * would take minutes, and the test's time limit is what fails it. */
static void lines_that_end_in_cr_alone(void **state)
{
    size_t len = 24 * MEGABYTE;
    char *text = filled(len, '\r');
    struct tq_usage_stream *stream = tq_usage_stream_new(NULL);

    (void)state;
    for (size_t i = 0; i + 8 < len; i += 8)
        memcpy(text + i, "data: a", 7);
    feed(stream, text, len);
    expect_end(stream, "none partial");
    free(text);
}

/* An event of as many lines as fit, and of more. */
static void events_of_many_lines(void **state)
{
    struct tq_usage_stream *stream = tq_usage_stream_new(NULL);

    (void)state;
    feed_text(stream, "data: {\"a\":[0\n");
    for (int i = 0; i < 500000; i++)
        feed_text(stream, "data: ,1\n");
    feed_text(stream, "data: ],\"choices\":[],\"usage\":{\"prompt_tokens\":5}}\n\n");
    expect_end(stream, "input 5 counted 5");
}

/* Where there is no memory the stream goes on without that line. */
static void no_memory_for_a_line(void **state)
{
#if defined(TEST_ASAN) || defined(TEST_TSAN)
    (void)state;
    skip();
#else
    static const char fits[] =
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5}}\n\ndata: {\"usage\":\"";
    pid_t child;
    int status = -1;

    (void)state;
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct tq_usage_stream *stream = tq_usage_stream_new(NULL);
        struct tq_usage usage = {.size = sizeof(usage)};
        struct rlimit none = {0, 0};
        char *text = filled(MEGABYTE, 'x');
        int fed = tq_usage_stream_feed(stream, fits, sizeof(fits) - 1), refused, after, answer;

        malloc_trim(0); /* nothing that was freed is left to be given again */
        setrlimit(RLIMIT_AS, &none);
        refused = tq_usage_stream_feed(stream, text, MEGABYTE);
        after = tq_usage_stream_feed(stream, "\"}\n\ndata: [DONE]\n\n", 17);
        answer = tq_usage_stream_read(stream, 0, 0, &usage, NULL);
        _exit(fed == 0 && refused == TQ_ENOMEM && after == 0 && answer == 0 && usage.input == 5 &&
                      usage.flags == TQ_USAGE_PARTIAL
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
#endif
}

/* clang-format off */
static const char *const parts[] = {
    "data: ", "data:", "\n", "\n\n", "\r\n", "\r", "{", "}", "[", "]", "\"", "\\", "12", ",", " ", ":", "[DONE]",
    "event: error\n", "\xef\xbb\xbf", "\"usage\":", "\"prompt_tokens\":", "\"error\":",
    "{\"usage\":{\"prompt_tokens\":7}}", "{\"type\":\"message_delta\",\"usage\":{\"output_tokens\":3}}",
};
/* clang-format on */

#define PARTS_MAX 40
#define PART_BYTES_MAX 64

static size_t make_stream(struct rng *rng, char text[PARTS_MAX * PART_BYTES_MAX])
{
    size_t len = 0;

    for (unsigned n = rng_below(rng, PARTS_MAX + 1); n > 0; n--) {
        const char *part = parts[rng_below(rng, sizeof(parts) / sizeof(parts[0]))];

        assert_true(strlen(part) <= PART_BYTES_MAX);
        memcpy(text + len, part, strlen(part));
        len += strlen(part);
    }
    return len;
}

/* Parts of streams in any order: whole and cut they give the same. */
static void random_streams(void **state)
{
    char text[PARTS_MAX * PART_BYTES_MAX], words[USAGE_WORDS_BYTES], cut_words[USAGE_WORDS_BYTES];
    uint64_t seed = rng_seed(20261124);
    struct rng rng = {seed};

    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct tq_usage whole = {.size = sizeof(whole)}, cut = {.size = sizeof(cut)};
        struct tq_usage_stream *stream = tq_usage_stream_new(NULL);
        size_t len = make_stream(&rng, text);
        int answer;

        for (size_t at = 0, chunk; at < len; at += chunk) {
            chunk = 1 + rng_below(&rng, 9);
            chunk = chunk < len - at ? chunk : len - at;
            feed(stream, text + at, chunk);
        }
        usage_say(tq_usage_read(NULL, text, len, &whole), &whole, words);
        answer = tq_usage_stream_read(stream, 0, 0, &cut, NULL);
        cut.flags = answer == 1 ? 0 : cut.flags;
        usage_say(answer, &cut, cut_words);
        if (strcmp(words, cut_words) != 0)
            fail_msg("round %d, TQ_SEED=%llu: %s, cut %s: %.*s", round, (unsigned long long)seed, words,
                     cut_words, (int)len, text);
        tq_usage_stream_free(stream);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_400_digits), cmocka_unit_test(bytes_that_are_no_text),
        cmocka_unit_test(deep_nesting),          cmocka_unit_test(long_lines),
        cmocka_unit_test(bodies_have_a_limit),   cmocka_unit_test(lines_that_end_in_cr_alone),
        cmocka_unit_test(events_of_many_lines),  cmocka_unit_test(no_memory_for_a_line),
        cmocka_unit_test(random_streams),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
