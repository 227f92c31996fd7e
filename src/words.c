/* words.c: what the numbers of signals and verdicts are called.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tokenquota.h"

#define WORD_OF(list, number) ((number) < sizeof(list) / sizeof((list)[0]) ? (list)[number] : "unknown")

const char *tq_class_name(uint32_t refusal)
{
    static const char *const name[] = {
        [TQ_CLASS_NONE] = "none",
        [TQ_CLASS_THROTTLED] = "throttled",
        [TQ_CLASS_EXHAUSTED] = "exhausted",
        [TQ_CLASS_NO_MONEY] = "no-money",
        [TQ_CLASS_OVERLOADED] = "overloaded",
        [TQ_CLASS_TOO_LARGE] = "too-large",
    };

    return WORD_OF(name, refusal);
}

const char *tq_axis_name(uint32_t what)
{
    static const char *const name[] = {
        [TQ_AXIS_UNKNOWN] = "unknown",         [TQ_AXIS_REQUESTS] = "requests",
        [TQ_AXIS_TOKENS] = "tokens",           [TQ_AXIS_INPUT] = "input tokens",
        [TQ_AXIS_OUTPUT] = "output tokens",    [TQ_AXIS_MONEY] = "money",
        [TQ_AXIS_CONCURRENCY] = "concurrency",
    };

    return WORD_OF(name, what);
}

const char *tq_reason_name(uint32_t reason)
{
    static const char *const name[] = {
        [TQ_REASON_NONE] = "none",           [TQ_REASON_MARKED] = "marked",
        [TQ_REASON_REPORTED] = "reported",   [TQ_REASON_THROTTLED] = "throttled",
        [TQ_REASON_PREDICTED] = "predicted", [TQ_REASON_SPENT] = "spent",
    };

    return WORD_OF(name, reason);
}
