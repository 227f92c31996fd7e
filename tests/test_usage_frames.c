/* test_usage_frames.c: binary frames: checksums, frames that are too long, and the whole body of one.
 *
 * SPDX-License-Identifier: MIT
 *
 * tests/vectors/streams/frames_* has what single frames mean.
 */
#include "harness.h"

#include <stdlib.h>

#include "rng.h"
#include "signals/crc32.h"
#include "signals/profile.h"
#include "tokenquota_signals.h"
#include "usage_say.h"

#define NOW_NS (MAY_DAY_NS + 12 * HOUR_NS)
#define STREAM_BYTES (6 << 20)

/* Bit by bit, as the polynomial is written. */
static uint32_t slow_crc(const unsigned char *at, size_t len)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < len; i++) {
        crc ^= at[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

static void checksums_are_those_of_the_polynomial(void **state)
{
    unsigned char bytes[300];
    struct rng rng = {1};

    (void)state;
    assert_int_equal(tq__crc32(0, "123456789", 9), 0xcbf43926);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)rng_next(&rng);
    for (size_t from = 0; from < 17; from++)
        for (size_t len = 0; len + from <= sizeof bytes; len++) {
            uint32_t crc = slow_crc(bytes + from, len);

            assert_int_equal(tq__crc32(0, bytes + from, len), crc);
            assert_int_equal(
                tq__crc32(tq__crc32(0, bytes + from, len / 3), bytes + from + len / 3, len - len / 3), crc);
        }
}

static void put_number(char *to, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        to[i] = (char)(number >> (24 - 8 * i) & 255);
}

static size_t put_header(char *to, const char *name, const char *value)
{
    size_t name_len = strlen(name), value_len = strlen(value);

    to[0] = (char)name_len;
    memcpy(to + 1, name, name_len);
    to[1 + name_len] = 7;
    to[2 + name_len] = 0;
    to[3 + name_len] = (char)value_len;
    memcpy(to + 4 + name_len, value, value_len);
    return 4 + name_len + value_len;
}

/* Writes a frame of an event or an exception with `filler` blanks in front of its payload. */
static size_t put_frame(char *to, const char *kind, const char *name, const char *payload, size_t filler)
{
    size_t headers = put_header(to + 12, kind, name), len = 12 + headers + filler + strlen(payload) + 4;

    memset(to + 12 + headers, ' ', filler);
    memcpy(to + 12 + headers + filler, payload, strlen(payload));
    put_number(to, (uint32_t)len);
    put_number(to + 4, (uint32_t)headers);
    put_number(to + 8, tq__crc32(0, to, 8));
    put_number(to + len - 4, tq__crc32(0, to, len - 4));
    return len;
}

#define USAGE "{\"usage\":{\"inputTokens\":20,\"outputTokens\":10,\"totalTokens\":30}}"

/* What a stream says that comes in pieces. */
static void expect(const char *bytes, size_t len, size_t step, const char *expected)
{
    struct tq_usage_stream *stream = tq_usage_stream_new(NULL);
    struct tq_usage usage = {.size = sizeof usage};
    char words[USAGE_WORDS_BYTES];
    int answer;

    assert_non_null(stream);
    for (size_t at = 0; at < len; at += step)
        assert_int_equal(tq_usage_stream_feed(stream, bytes + at, step < len - at ? step : len - at), 0);
    answer = tq_usage_stream_read(stream, 0, NOW_NS, &usage, NULL);
    assert_string_equal(usage_say(answer, &usage, words), expected);
    tq_usage_stream_free(stream);
}

static void a_frame_that_is_too_long_is_given_up_alone(void **state)
{
    char *bytes = malloc(STREAM_BYTES);
    size_t len;

    (void)state;
    assert_non_null(bytes);
    len = put_frame(bytes, ":event-type", "contentBlockDelta", "{\"delta\":{}}", TQ_STREAM_LINE_MAX);
    len += put_frame(bytes + len, ":event-type", "metadata", USAGE, 0);
    expect(bytes, len, len, "input 20 output 10 total 30 counted 30");
    expect(bytes, len, 4093, "input 20 output 10 total 30 counted 30");

    len = put_frame(bytes, ":event-type", "metadata", USAGE, TQ_STREAM_LINE_MAX);
    expect(bytes, len, len, "none partial");
    expect(bytes, len, 4093, "none partial");

    len = put_frame(bytes, ":event-type", "metadata", USAGE, TQ_STREAM_LINE_MAX - 1000);
    expect(bytes, len, len, "input 20 output 10 total 30 counted 30");
    expect(bytes, len, 4093, "input 20 output 10 total 30 counted 30");
    free(bytes);
}

/* Whichever bit of it is wrong, the usage in a frame is not read. */
static void no_wrong_bit_is_missed(void **state)
{
    char bytes[512];
    size_t len = put_frame(bytes, ":event-type", "metadata", USAGE, 0);

    (void)state;
    for (size_t bit = 0; bit < 8 * len; bit++) {
        struct tq_usage usage = {.size = sizeof usage};

        bytes[bit / 8] ^= (char)(1 << bit % 8);
        assert_int_equal(tq_usage_read(NULL, bytes, len, &usage), 1);
        bytes[bit / 8] ^= (char)(1 << bit % 8);
    }
}

static void signal_of(const char *body, size_t len, uint32_t refusal, uint32_t profile, bool success)
{
    struct tq_response response = {
        .size = sizeof response, .status = 200, .body = body, .body_len = len, .now_ns = NOW_NS};
    struct tq_quota_signal signal = {.size = sizeof signal};

    assert_true(tq_signal_read(&response, &signal) >= 0);
    assert_int_equal(signal.refusal, refusal);
    assert_int_equal(signal.profile, profile);
    assert_int_equal((signal.flags & TQ_SIGNAL_SUCCESS) != 0, success);
}

static void a_body_of_frames_refuses_by_its_exception(void **state)
{
    char bytes[1024];
    size_t start = put_frame(bytes, ":event-type", "messageStart", "{\"role\":\"assistant\"}", 0), len;

    (void)state;
    len = start + put_frame(bytes + start, ":event-type", "metadata", USAGE, 0);
    signal_of(bytes, len, TQ_CLASS_NONE, TQ__GENERIC, true);
    len = start + put_frame(bytes + start, ":exception-type", "throttlingException",
                            "{\"message\":\"Too many tokens per day, please wait\"}", 3);
    signal_of(bytes, len, TQ_CLASS_EXHAUSTED, TQ__BEDROCK, false);
    signal_of(bytes, len - 1, TQ_CLASS_NONE, TQ__GENERIC, true);
    len = start + put_frame(bytes + start, ":exception-type", "throttlingException", "", 0);
    signal_of(bytes, len, TQ_CLASS_THROTTLED, TQ__BEDROCK, false);
    len = start + put_frame(bytes + start, ":exception-type", "internalServerException", "{}", 0);
    signal_of(bytes, len, TQ_CLASS_NONE, TQ__BEDROCK, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksums_are_those_of_the_polynomial),
        cmocka_unit_test(a_frame_that_is_too_long_is_given_up_alone),
        cmocka_unit_test(no_wrong_bit_is_missed),
        cmocka_unit_test(a_body_of_frames_refuses_by_its_exception),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
