/* windows.h: a test's words for what a vendor says of a window.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TEST_WINDOWS_H
#define TEST_WINDOWS_H

#include "harness.h"

#define SECOND_NS INT64_C(1000000000)
#define MINUTE_NS (60 * SECOND_NS)
#define AT(hour, minute, second) (MAY_DAY_NS + ((hour)*3600 + (minute)*60 + (second)) * SECOND_NS)
#define WEEK_NS (7 * DAY_NS)
#define SESSION_NS (5 * HOUR_NS)

/* What is said of one window. */
struct word {
    int64_t length_ns;
    const char *name;    /* NULL: the account's */
    uint32_t what;       /* TQ_AXIS_... */
    uint32_t flags;      /* of the axis */
    int32_t percent;     /* -1: no share is said */
    int64_t reset_at_ns; /* 0: not said */
    int64_t said_at_ns;
    int64_t sent_at_ns;
    uint32_t source; /* 0: a response */
};

static inline struct tq_quota_signal signal_of(struct word word)
{
    struct tq_quota_signal signal = {
        .size = sizeof signal,
        .binds = -1,
        .source = word.source ? word.source : TQ_SOURCE_BODY,
        .profile = 3,
        .said_at_ns = word.said_at_ns,
        .sent_at_ns = word.sent_at_ns,
        .axis_count = 1,
        .axis[0] = {.what = word.what,
                    .flags = word.flags,
                    .known =
                        (word.percent >= 0 ? TQ_AXIS_USED : 0) | (word.reset_at_ns != 0 ? TQ_AXIS_RESET : 0),
                    .used_ppm = word.percent >= 0 ? (uint32_t)word.percent * 10000 : 0,
                    .window_ns = word.length_ns,
                    .reset_at_ns = word.reset_at_ns}};

    if (word.name)
        memcpy(signal.window_name[0], word.name, strnlen(word.name, TQ_WINDOW_NAME_MAX));
    return signal;
}

/* A reading. */
static inline int say(struct tq_provider *provider, struct word word)
{
    const struct tq_quota_signal signal = signal_of(word);

    return tq_provider_apply(provider, &signal);
}

/* A refusal that names the window, and its reset as its end. */
static inline int refuse_for(struct tq_provider *provider, struct word word)
{
    struct tq_quota_signal signal = signal_of(word);

    signal.refusal = TQ_CLASS_EXHAUSTED;
    signal.binds = 0;
    signal.retry_at_ns = word.reset_at_ns;
    return tq_provider_apply(provider, &signal);
}

/* A refusal that names no window. end_at_ns 0: nor an end. */
static inline int refuse_all(struct tq_provider *provider, uint32_t class, int64_t said_at_ns,
                             int64_t sent_at_ns, int64_t end_at_ns)
{
    const struct tq_quota_signal signal = {.size = sizeof signal,
                                           .refusal = class,
                                           .source = TQ_SOURCE_HEADER,
                                           .binds = -1,
                                           .said_at_ns = said_at_ns,
                                           .sent_at_ns = sent_at_ns,
                                           .retry_at_ns = end_at_ns};

    return tq_provider_apply(provider, &signal);
}

/* A response to a request that was sent then: it was served. */
static inline int serve_at(struct tq_provider *provider, int64_t said_at_ns, int64_t sent_at_ns)
{
    const struct tq_quota_signal signal = {.size = sizeof signal,
                                           .flags = TQ_SIGNAL_SUCCESS,
                                           .binds = -1,
                                           .said_at_ns = said_at_ns,
                                           .sent_at_ns = sent_at_ns};

    return tq_provider_apply(provider, &signal);
}

static inline struct word week_at(int64_t said_at_ns, int32_t percent, int64_t reset_at_ns)
{
    return (struct word){
        .length_ns = WEEK_NS, .percent = percent, .reset_at_ns = reset_at_ns, .said_at_ns = said_at_ns};
}

static inline struct word session_at(int64_t said_at_ns, int32_t percent, int64_t reset_at_ns)
{
    return (struct word){
        .length_ns = SESSION_NS, .percent = percent, .reset_at_ns = reset_at_ns, .said_at_ns = said_at_ns};
}

static inline int set_sentence(struct tq_provider *provider, const char *sentence)
{
    struct tq_limit limit = {.size = sizeof limit};

    if (tq_limit_parse(sentence, &limit, NULL) != 0)
        return TQ_EINVAL;
    return tq_provider_set_limit(provider, &limit, NULL);
}

/* All limits of a provider. Returns how many there are. */
static inline int limits_at(const struct tq_provider *provider, int64_t now_ns,
                            struct tq_limit_state states[TQ_LIMITS_MAX])
{
    memset(states, 0, TQ_LIMITS_MAX * sizeof states[0]);
    states[0].size = sizeof states[0];
    return tq_provider_limits(provider, now_ns, states, TQ_LIMITS_MAX);
}

/* The stated limit of a length and a name; its size is 0 when there is none. */
static inline struct tq_limit_state stated_at(const struct tq_provider *provider, int64_t length_ns,
                                              const char *name, int64_t now_ns)
{
    struct tq_limit_state states[TQ_LIMITS_MAX];
    int count = limits_at(provider, now_ns, states);

    for (int i = 0; i < count; i++)
        if (states[i].limit.window == TQ_WINDOW_STATED && states[i].limit.length_ns == length_ns &&
            strcmp(states[i].limit.zone, name) == 0)
            return states[i];
    return (struct tq_limit_state){0};
}

static inline struct tq_verdict verdict_of(const struct tq_provider *provider, int64_t now_ns, uint32_t flags)
{
    struct tq_verdict verdict = {.size = sizeof verdict, .flags = flags};

    assert_true(tq_provider_verdict(provider, now_ns, &verdict) >= 0);
    return verdict;
}

static inline struct tq_provider *named(struct tq_ledger *ledger, const char *name)
{
    struct tq_provider *provider;

    assert_int_equal(tq_ledger_provider(ledger, name, strlen(name), 0, &provider), 0);
    return provider;
}

#endif
