/* signal_promises.h: what holds of a signal whatever the response was.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TEST_SIGNAL_PROMISES_H
#define TEST_SIGNAL_PROMISES_H

#include <stdlib.h>

#include "harness.h"
#include "tokenquota_signals.h"

/* 2026-11-20 12:00 UTC. */
#define NOON_NS (INT64_C(1795176000) * 1000000000)

/* The end of the longest exclusion of a class, as tq_provider_apply takes it. */
static inline int64_t signal_latest_ns(uint32_t refusal, int64_t now_ns)
{
    int64_t days = refusal == TQ_CLASS_EXHAUSTED || refusal == TQ_CLASS_NO_MONEY ? 180 : 1, end_ns;

    return __builtin_add_overflow(now_ns, days * DAY_NS, &end_ns) ? INT64_MAX : end_ns;
}

static inline void signal_axis_promises(const struct tq_axis *axis, int64_t now_ns)
{
    assert_true(axis->known || axis->flags);
    assert_int_equal(axis->known & ~(TQ_AXIS_LIMIT | TQ_AXIS_REMAINING | TQ_AXIS_USED | TQ_AXIS_RESET), 0);
    assert_true(axis->window_ns >= 0 && axis->limit >= 0 && axis->remaining >= 0);
    assert_true(axis->known & TQ_AXIS_LIMIT || axis->limit == 0);
    assert_true(axis->known & TQ_AXIS_REMAINING || axis->remaining == 0);
    assert_true(axis->known & TQ_AXIS_USED || axis->used_ppm == 0);
    assert_true(axis->known & TQ_AXIS_RESET ? axis->reset_at_ns >= now_ns : axis->reset_at_ns == 0);
}

/* A name ends, and is UTF-8 that moves no cursor. */
static inline void signal_name_promises(const char *name)
{
    assert_non_null(memchr(name, '\0', TQ_WINDOW_NAME_MAX));
    for (const unsigned char *at = (const unsigned char *)name; *at; at++) {
        assert_true(*at > ' ' && *at != 0x7f && !(*at >= 'A' && *at <= 'Z'));
        assert_false(at[0] == 0xc2 && at[1] < 0xa0);
        /* A character that has begun goes on. */
        for (int more = *at >= 0xf0 ? 3 : *at >= 0xe0 ? 2 : *at >= 0xc0 ? 1 : 0; more > 0; more--, at++)
            assert_true((at[1] & 0xc0) == 0x80);
    }
}

static inline void signal_promises(const struct tq_response *response, const struct tq_quota_signal *signal)
{
    int64_t now_ns = response->now_ns;

    assert_int_equal(signal->size, sizeof(*signal));
    assert_int_equal(signal->status, response->status);
    assert_int_equal(signal->sent_at_ns, response->sent_at_ns);
    assert_int_equal(signal->said_at_ns, now_ns);
    assert_true(signal->refusal <= TQ_CLASS_TOO_LARGE);
    assert_true(
        signal->retry_at_ns == 0 ||
        (signal->retry_at_ns >= now_ns && signal->retry_at_ns <= signal_latest_ns(signal->refusal, now_ns)));
    assert_int_equal(signal->retry_at_ns != 0, signal->source != TQ_SOURCE_NONE);
    assert_true(signal->refusal != TQ_CLASS_NONE || signal->retry_at_ns == 0);
    assert_true(signal->axis_count <= TQ_AXES_MAX);
    assert_true(signal->binds >= -1 && signal->binds < (int32_t)signal->axis_count);
    assert_non_null(tq_profile_of(signal->profile));
    if (response->profile)
        assert_int_equal(signal->profile, tq_profile_id(response->profile));
    for (uint32_t i = 0; i < signal->axis_count; i++) {
        signal_axis_promises(&signal->axis[i], now_ns);
        signal_name_promises(signal->window_name[i]);
    }
    assert_true(!(signal->flags & TQ_SIGNAL_READING) ||
                (signal->refusal == TQ_CLASS_EXHAUSTED && !(signal->flags & TQ_SIGNAL_SUCCESS)));
}

/* Reads a response, holds the answer against the promises, and returns it. */
static inline struct tq_quota_signal signal_read_kept(struct tq_response response)
{
    struct tq_quota_signal signal;
    int answer;

    memset(&signal, 0xa5, sizeof(signal)); /* whatever was there, all of it is written */
    signal.size = sizeof(signal);
    response.size = sizeof(response);
    answer = tq_signal_read(&response, &signal);
    assert_true(answer == 0 || answer == 1);
    signal_promises(&response, &signal);
    return signal;
}

/* A text of `len` bytes that is `pattern` over and over; it must be freed. */
static inline char *signal_repeat(const char *pattern, size_t len)
{
    size_t period = strlen(pattern);
    char *text = malloc(len + 1);

    assert_non_null(text);
    for (size_t i = 0; i < len; i++)
        text[i] = pattern[i % period];
    text[len] = '\0';
    return text;
}

#endif
