/* test_usage_streams.c: each stream of tests/vectors/streams/ says what it should, wherever it is cut.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "tokenquota_signals.h"
#include "usage_say.h"

#define STREAMS_MAX 128
#define NOW_NS (MAY_DAY_NS + 12 * HOUR_NS)
#define SENT_NS (NOW_NS - 5 * HOUR_NS / 3600)

struct stream {
    char name[64];
    char expected[USAGE_WORDS_BYTES];
    char *bytes;
    size_t len;
};

static struct stream streams[STREAMS_MAX];
static struct CMUnitTest tests[STREAMS_MAX + 1];
static size_t stream_count;

static char *load(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(1 << 20);

    assert_non_null(file);
    assert_non_null(bytes);
    *len = fread(bytes, 1, 1 << 20, file);
    assert_true(*len < 1 << 20);
    fclose(file);
    return bytes;
}

/* What the stream has said, as a line of expected.txt has it behind the name. */
static const char *say(const struct tq_usage_stream *stream, char words[USAGE_WORDS_BYTES])
{
    struct tq_usage usage = {.size = sizeof(usage), .output = 7, .known = 7};
    struct tq_quota_signal signal = {.size = sizeof(signal), .refusal = 7, .axis_count = 7, .binds = 7};
    int answer = tq_usage_stream_read(stream, SENT_NS, NOW_NS, &usage, &signal);
    char text[USAGE_WORDS_BYTES], axes[32] = "";

    assert_int_equal(usage.sent_at_ns, SENT_NS);
    assert_int_equal(signal.sent_at_ns, SENT_NS);
    assert_int_equal(signal.said_at_ns, NOW_NS);
    assert_true(signal.retry_at_ns == 0 || signal.retry_at_ns >= NOW_NS);
    if (signal.axis_count > 0)
        snprintf(axes, sizeof(axes), " axes %u", (unsigned)signal.axis_count);
    snprintf(words, USAGE_WORDS_BYTES, "%s;%s%s%s%s", usage_say(answer, &usage, text),
             signal.flags & TQ_SIGNAL_SUCCESS ? " success" : "", signal.refusal != TQ_CLASS_NONE ? " " : "",
             signal.refusal != TQ_CLASS_NONE ? tq_class_name(signal.refusal) : "", axes);
    return words;
}

/* Fed in chunks of `step` bytes, the first of `first`. */
static void expect_in_chunks(const char *bytes, size_t len, size_t first, size_t step, const char *expected)
{
    struct tq_usage_stream *stream = tq_usage_stream_new(NULL);
    char words[USAGE_WORDS_BYTES];

    assert_non_null(stream);
    for (size_t at = 0, chunk = first; at < len; at += chunk, chunk = step) {
        /* Memory of its own: whatever reads behind a chunk is found by a sanitizer. */
        size_t n = chunk < len - at ? chunk : len - at;
        char *copy = malloc(n ? n : 1);

        assert_non_null(copy);
        memcpy(copy, bytes + at, n);
        assert_int_equal(tq_usage_stream_feed(stream, copy, n), 0);
        free(copy);
    }
    assert_string_equal(say(stream, words), expected);
    tq_usage_stream_free(stream);
}

/* Reading in between changes nothing. */
static void expect_with_readings(const struct stream *s)
{
    struct tq_usage_stream *stream = tq_usage_stream_new(NULL);
    char words[USAGE_WORDS_BYTES];

    assert_non_null(stream);
    for (size_t at = 0; at < s->len; at++) {
        assert_int_equal(tq_usage_stream_feed(stream, s->bytes + at, 1), 0);
        say(stream, words);
    }
    assert_string_equal(say(stream, words), s->expected);
    tq_usage_stream_free(stream);
}

static void expect_line_ends(const struct stream *s, const char *line_end)
{
    char *bytes = malloc(2 * s->len);
    size_t len = 0;

    assert_non_null(bytes);
    for (size_t i = 0; i < s->len; i++) {
        if (s->bytes[i] != '\n') {
            bytes[len++] = s->bytes[i];
            continue;
        }
        for (const char *c = line_end; *c; c++)
            bytes[len++] = *c;
    }
    expect_in_chunks(bytes, len, len, len, s->expected);
    expect_in_chunks(bytes, len, 1, 1, s->expected);
    for (size_t cut = 0; cut < len; cut += 7)
        expect_in_chunks(bytes, len, cut, len, s->expected);
    free(bytes);
}

static void expect_whole(const struct stream *s)
{
    struct tq_usage usage = {.size = sizeof(usage)};
    char words[USAGE_WORDS_BYTES], expected[USAGE_WORDS_BYTES];
    int answer = tq_usage_read(NULL, s->bytes, s->len, &usage);

    snprintf(expected, sizeof(expected), "%.*s", (int)strcspn(s->expected, ";"), s->expected);
    if (answer == 1)
        expected[strlen("none")] = '\0'; /* of a whole body that has none nothing else is said */
    assert_string_equal(usage_say(answer, &usage, words), expected);
}

static void says_it_however_cut(void **state)
{
    const struct stream *s = *state;

    expect_in_chunks(s->bytes, s->len, s->len, s->len, s->expected);
    expect_whole(s);
    for (size_t cut = 0; cut < s->len; cut++)
        expect_in_chunks(s->bytes, s->len, cut, s->len, s->expected);
    for (size_t step = 1; step < 12; step++)
        expect_in_chunks(s->bytes, s->len, step, step, s->expected);
    expect_with_readings(s);
    if (s->bytes[0] != '\0' && !memchr(s->bytes, '\r', s->len)) {
        expect_line_ends(s, "\r\n");
        expect_line_ends(s, "\r");
    }
}

/* No stream is without its line, nor the other way round. */
static void folder_and_list_agree(void **state)
{
    FILE *list = popen("ls tests/vectors/streams/*.stream | wc -l", "r");
    unsigned count = 0;

    (void)state;
    assert_non_null(list);
    assert_int_equal(fscanf(list, "%u", &count), 1);
    pclose(list);
    assert_int_equal(count, stream_count);
    assert_true(count >= 40);
}

static void add_stream(const char *line)
{
    struct stream *s = &streams[stream_count];
    char path[256];

    assert_true(stream_count < STREAMS_MAX);
    assert_int_equal(sscanf(line, "%63[^:]: %511[^\n]", s->name, s->expected), 2);
    snprintf(path, sizeof(path), "tests/vectors/streams/%s.stream", s->name);
    s->bytes = load(path, &s->len);
    tests[stream_count++] = (struct CMUnitTest){s->name, says_it_however_cut, NULL, NULL, s};
}

int main(void)
{
    FILE *list = fopen("tests/vectors/streams/expected.txt", "r");
    char line[1024];
    int failed;

    if (!list) {
        perror("tests/vectors/streams/expected.txt");
        return 1;
    }
    while (fgets(line, sizeof(line), list))
        add_stream(line);
    fclose(list);
    tests[stream_count] =
        (struct CMUnitTest){"folder_and_list_agree", folder_and_list_agree, NULL, NULL, NULL};
    failed = _cmocka_run_group_tests("usage_streams", tests, stream_count + 1, NULL, NULL);
    for (size_t i = 0; i < stream_count; i++)
        free(streams[i].bytes);
    return failed;
}
