/* tables.c: the members of the library's structs, in the order in which tuples of Python hold them.
 *
 * SPDX-License-Identifier: MIT
 *
 * tokenquota/_values.py names them in this order (tests/test_values.py compares both with the header).
 */
#include <stddef.h>

#include "binding.h"

const char *rule_name(uint32_t rule)
{
    static const char *const names[] = {"default", "original", "off", "horizon", "care"};

    return rule < sizeof names / sizeof names[0] ? names[rule] : "unknown";
}

static const char *source_name(uint32_t source)
{
    static const char *const names[] = {"none", "retry-after", "header", "body", "calendar", "caller"};

    return source < sizeof names / sizeof names[0] ? names[source] : "unknown";
}

static const char *expects_name(uint32_t expects)
{
    static const char *const names[] = {"nothing", "call", "half-hour", "flying"};

    return expects < sizeof names / sizeof names[0] ? names[expects] : "unknown";
}

static const char *state_name(uint32_t state)
{
    return tq_state_name((int)state);
}

/* A unit or window of 0, where there is none, is "unknown"; its name goes both ways. */
static const char *unit_name(uint32_t unit)
{
    return unit ? tq_unit_name(unit) : "none";
}

static const char *window_name(uint32_t window)
{
    return window ? tq_window_name(window) : "none";
}

/* "unknown" is the name of the axis 0. */
static const char *axis_name(uint32_t what)
{
    return what == TQ_AXIS_UNKNOWN ? "none" : tq_axis_name(what);
}

/* Does not compile when the member has another size. */
#define AT(kind, size, type, member, name)                                                                   \
    {                                                                                                        \
        kind,                                                                                                \
            offsetof(struct type, member) +                                                                  \
                0 * sizeof(char[sizeof(((struct type *)0)->member) == (size) ? 1 : -1]),                     \
            0, name                                                                                          \
    }
#define I64(type, member) AT(KIND_I64, 8, type, member, NULL)
#define U64(type, member) AT(KIND_U64, 8, type, member, NULL)
#define U32(type, member) AT(KIND_U32, 4, type, member, NULL)
#define I32(type, member) AT(KIND_I32, 4, type, member, NULL)
#define PROFILE(type, member) AT(KIND_PROFILE, 4, type, member, NULL)
#define NAME(type, member, name) AT(KIND_NAME, 4, type, member, name)
#define TEXT(type, member)                                                                                   \
    {                                                                                                        \
        KIND_TEXT, offsetof(struct type, member), sizeof(((struct type *)0)->member), NULL                   \
    }
#define END                                                                                                  \
    {                                                                                                        \
        KIND_END, 0, 0, NULL                                                                                 \
    }

const struct member verdict_members[] = {
    NAME(tq_verdict, state, state_name),
    NAME(tq_verdict, reason, tq_reason_name),
    U32(tq_verdict, reasons),
    NAME(tq_verdict, refusal, tq_class_name),
    NAME(tq_verdict, axis, axis_name),
    NAME(tq_verdict, source, source_name),
    PROFILE(tq_verdict, profile),
    NAME(tq_verdict, rule, rule_name),
    U32(tq_verdict, attempt),
    U32(tq_verdict, probing),
    U32(tq_verdict, flags),
    I64(tq_verdict, used),
    I64(tq_verdict, budget),
    I64(tq_verdict, left),
    I64(tq_verdict, retry_at_ns),
    I64(tq_verdict, said_at_ns),
    I64(tq_verdict, window_ns),
    I64(tq_verdict, probe_at_ns),
    I64(tq_verdict, at_ns),
    U32(tq_verdict, level),
    U32(tq_verdict, limit),
    NAME(tq_verdict, limit_unit, unit_name),
    NAME(tq_verdict, limit_window, window_name),
    I64(tq_verdict, limit_used),
    I64(tq_verdict, limit_amount),
    I64(tq_verdict, limit_reserve),
    U64(tq_verdict, limits),
    TEXT(tq_verdict, limit_name),
    U32(tq_verdict, care),
    NAME(tq_verdict, expects, expects_name),
    I64(tq_verdict, expected),
    U32(tq_verdict, holds),
    U32(tq_verdict, flying),
    I64(tq_verdict, held),
    I64(tq_verdict, others),
    I64(tq_verdict, withheld),
    I64(tq_verdict, heard_at_ns),
    END,
};

const struct member limit_members[] = {
    NAME(tq_limit, unit, unit_name),
    NAME(tq_limit, window, window_name),
    U32(tq_limit, known),
    U32(tq_limit, first),
    U32(tq_limit, reserve_share),
    I64(tq_limit, amount),
    I64(tq_limit, reserve),
    I64(tq_limit, length_ns),
    I64(tq_limit, anchor_at_ns),
    TEXT(tq_limit, zone),
    END,
};

const struct member limit_state_members[] = {
    U32(tq_limit_state, number),
    NAME(tq_limit_state, state, state_name),
    U32(tq_limit_state, spent),
    U32(tq_limit_state, share_ppm),
    U32(tq_limit_state, taken),
    I64(tq_limit_state, used),
    I64(tq_limit_state, start_at_ns),
    I64(tq_limit_state, end_at_ns),
    I64(tq_limit_state, until_ns),
    I64(tq_limit_state, uncosted),
    U32(tq_limit_state, said),
    U32(tq_limit_state, said_ppm),
    NAME(tq_limit_state, said_source, source_name),
    PROFILE(tq_limit_state, said_profile),
    I64(tq_limit_state, said_at_ns),
    I64(tq_limit_state, said_reset_at_ns),
    I64(tq_limit_state, said_limit),
    I64(tq_limit_state, said_since),
    I64(tq_limit_state, said_out_at_ns),
    I64(tq_limit_state, out_at_ns),
    I64(tq_limit_state, held),
    U32(tq_limit_state, flying),
    U32(tq_limit_state, is_held),
    I64(tq_limit_state, others),
    I64(tq_limit_state, withheld),
    I64(tq_limit_state, heard_at_ns),
    U32(tq_limit_state, is_shared),
    U32(tq_limit_state, strict),
    END,
};

const struct member usage_members[] = {
    U32(tq_usage, known),
    U32(tq_usage, flags),
    U32(tq_usage, requests),
    I64(tq_usage, input),
    I64(tq_usage, cache_read),
    I64(tq_usage, cache_write),
    I64(tq_usage, output),
    I64(tq_usage, reasoning),
    I64(tq_usage, total),
    I64(tq_usage, counted),
    I64(tq_usage, sent_at_ns),
    I64(tq_usage, cost_nano_usd),
    END,
};

const struct member signal_members[] = {
    NAME(tq_quota_signal, refusal, tq_class_name),
    U32(tq_quota_signal, flags),
    U32(tq_quota_signal, status),
    PROFILE(tq_quota_signal, profile),
    NAME(tq_quota_signal, source, source_name),
    U32(tq_quota_signal, anomalies),
    I32(tq_quota_signal, binds),
    I64(tq_quota_signal, sent_at_ns),
    I64(tq_quota_signal, said_at_ns),
    I64(tq_quota_signal, retry_at_ns),
    U64(tq_quota_signal, account),
    END,
};

const struct member axis_members[] = {
    NAME(tq_axis, what, axis_name), U32(tq_axis, known),       U32(tq_axis, flags),
    U32(tq_axis, used_ppm),         I64(tq_axis, window_ns),   I64(tq_axis, limit),
    I64(tq_axis, remaining),        I64(tq_axis, reset_at_ns), END,
};

const struct member info_members[] = {
    U32(tq_ledger_info, history_days), NAME(tq_ledger_info, rule, rule_name),
    U32(tq_ledger_info, in_file),      U64(tq_ledger_info, providers),
    U64(tq_ledger_info, slots),        U64(tq_ledger_info, file_bytes),
    U64(tq_ledger_info, late),         U64(tq_ledger_info, too_old),
    U64(tq_ledger_info, clock),        U64(tq_ledger_info, saturated),
    U64(tq_ledger_info, rebuilt),      U64(tq_ledger_info, recovered),
    U64(tq_ledger_info, faults),       U64(tq_ledger_info, ahead),
    I64(tq_ledger_info, ahead_at_ns),  END,
};
