/* tables.c: the fields of the library's structs, with their names in JavaScript.
 *
 * SPDX-License-Identifier: MIT
 */
#include "addon.h"

#include <stddef.h>

static const char *listed(const char *const *names, size_t count, uint32_t number)
{
    return number < count ? names[number] : NULL;
}

/* The names that the library has no call for. */
static const char *rule_name(uint32_t rule)
{
    static const char *const names[] = {"default", "original", "off", "horizon", "care"};

    return listed(names, sizeof names / sizeof *names, rule);
}

static const char *source_name(uint32_t source)
{
    static const char *const names[] = {"none", "retry-after", "header", "body", "calendar", "caller"};

    return listed(names, sizeof names / sizeof *names, source);
}

static const char *expects_name(uint32_t expects)
{
    static const char *const names[] = {NULL, "call", "half-hour", "flying"};

    return listed(names, sizeof names / sizeof *names, expects);
}

static const char *said_name(uint32_t bit)
{
    static const char *const names[] = {"reading",   "blocks",  "credit", "stops",
                                        "overruled", "doubted", "share"};

    return listed(names, sizeof names / sizeof *names, bit);
}

static const char *state_name(uint32_t state)
{
    return tq_state_name((int)state);
}

static const char *profile_name(uint32_t id)
{
    return tq_profile_name(tq_profile_of(id));
}

#define AT(member) offsetof(struct OWNER, member)
/* A kind and the member, which does not compile when the member has another size. */
#define SIZED(kind, bytes, member)                                                                           \
    kind, AT(member) + 0 * sizeof(char[sizeof(((struct OWNER *)0)->member) == (bytes) ? 1 : -1])
#define N64(kind, member) SIZED(kind, 8, member)
#define N32(kind, member) SIZED(kind, 4, member)
#define END                                                                                                  \
    {                                                                                                        \
        NULL, TQN_END_OF_TABLE, 0, 0, NULL                                                                   \
    }

#define OWNER tq_verdict
static const struct tqn_field verdict_fields[] = {
    {"state", N32(TQN_NAME, state), 0, state_name},
    {"reason", N32(TQN_NAME, reason), 0, tq_reason_name},
    {"reasons", N32(TQN_NAMES, reasons), 0, tq_reason_name},
    {"refusal", N32(TQN_NAME, refusal), 0, tq_class_name},
    {"axis", N32(TQN_NAME, axis), 0, tq_axis_name},
    {"source", N32(TQN_NAME, source), 0, source_name},
    {"profile", N32(TQN_NAME, profile), 0, profile_name},
    {"rule", N32(TQN_NAME, rule), 0, rule_name},
    {"attempt", N32(TQN_U32, attempt), 0, NULL},
    {"probing", N32(TQN_BOOL, probing), 0, NULL},
    {"useReserve", N32(TQN_FLAG, flags), TQ_USE_RESERVE, NULL},
    {"used", N64(TQN_COUNT, used), 0, NULL},
    {"budget", N64(TQN_COUNT, budget), 0, NULL},
    {"left", N64(TQN_COUNT, left), 0, NULL},
    {"retryAt", N64(TQN_UNTIL, retry_at_ns), 0, NULL},
    {"saidAt", N64(TQN_SINCE, said_at_ns), 0, NULL},
    {"windowNs", N64(TQN_SPAN, window_ns), 0, NULL},
    {"probeAt", N64(TQN_UNTIL, probe_at_ns), 0, NULL},
    {"at", N64(TQN_SINCE, at_ns), 0, NULL},
    {"level", N32(TQN_U32, level), 0, NULL},
    {"limit", N32(TQN_U32, limit), 0, NULL},
    {"limitUnit", N32(TQN_NAME, limit_unit), 0, tq_unit_name},
    {"limitWindow", N32(TQN_NAME, limit_window), 0, tq_window_name},
    {"limitUsed", N64(TQN_COUNT, limit_used), 0, NULL},
    {"limitAmount", N64(TQN_COUNT, limit_amount), 0, NULL},
    {"limitReserve", N64(TQN_COUNT, limit_reserve), 0, NULL},
    {"limits", N64(TQN_WIDE, limits), 0, NULL},
    {"limitName", TQN_TEXT, AT(limit_name), 0, NULL},
    {"care", N32(TQN_U32, care), 0, NULL},
    {"expects", N32(TQN_NAME, expects), 0, expects_name},
    {"expected", N64(TQN_COUNT, expected), 0, NULL},
    {"holds", N32(TQN_U32, holds), 0, NULL},
    {"flying", N32(TQN_U32, flying), 0, NULL},
    {"held", N64(TQN_COUNT, held), 0, NULL},
    {"others", N64(TQN_COUNT, others), 0, NULL},
    {"withheld", N64(TQN_COUNT, withheld), 0, NULL},
    {"heardAt", N64(TQN_SINCE, heard_at_ns), 0, NULL},
    END,
};
const struct tqn_table tqn_verdict_table = {verdict_fields, AT(size)};
#undef OWNER

#define OWNER tq_limit_state
static const struct tqn_field limit_fields[] = {
    {"number", N32(TQN_U32, number), 0, NULL},
    {"state", N32(TQN_NAME, state), 0, state_name},
    {"spent", N32(TQN_BOOL, spent), 0, NULL},
    {"share", N32(TQN_SHARE, share_ppm), 0, NULL},
    {"taken", N32(TQN_BOOL, taken), 0, NULL},
    {"used", N64(TQN_COUNT, used), 0, NULL},
    {"startAt", N64(TQN_SINCE, start_at_ns), 0, NULL},
    {"endAt", N64(TQN_UNTIL, end_at_ns), 0, NULL},
    {"until", N64(TQN_UNTIL, until_ns), 0, NULL},
    {"uncosted", N64(TQN_COUNT, uncosted), 0, NULL},
    {"unit", N32(TQN_NAME, limit.unit), 0, tq_unit_name},
    {"window", N32(TQN_NAME, limit.window), 0, tq_window_name},
    {"first", N32(TQN_U32, limit.first), 0, NULL},
    {"reserveShare", N32(TQN_U32, limit.reserve_share), 0, NULL},
    {"amount", N64(TQN_COUNT, limit.amount), 0, NULL},
    {"reserve", N64(TQN_COUNT, limit.reserve), 0, NULL},
    {"lengthNs", N64(TQN_SPAN, limit.length_ns), 0, NULL},
    {"anchorAt", N64(TQN_SINCE, limit.anchor_at_ns), 0, NULL},
    {"zone", TQN_TEXT, AT(limit.zone), 0, NULL},
    {"said", N32(TQN_NAMES, said), 0, said_name},
    {"saidShare", N32(TQN_SHARE, said_ppm), 0, NULL},
    {"saidSource", N32(TQN_NAME, said_source), 0, source_name},
    {"saidProfile", N32(TQN_NAME, said_profile), 0, profile_name},
    {"saidAt", N64(TQN_SINCE, said_at_ns), 0, NULL},
    {"saidResetAt", N64(TQN_UNTIL, said_reset_at_ns), 0, NULL},
    {"saidLimit", N64(TQN_COUNT, said_limit), 0, NULL},
    {"saidSince", N64(TQN_COUNT, said_since), 0, NULL},
    {"saidOutAt", N64(TQN_SINCE, said_out_at_ns), 0, NULL},
    {"outAt", N64(TQN_SINCE, out_at_ns), 0, NULL},
    {"held", N64(TQN_COUNT, held), 0, NULL},
    {"flying", N32(TQN_U32, flying), 0, NULL},
    {"isHeld", N32(TQN_BOOL, is_held), 0, NULL},
    {"others", N64(TQN_COUNT, others), 0, NULL},
    {"withheld", N64(TQN_COUNT, withheld), 0, NULL},
    {"heardAt", N64(TQN_SINCE, heard_at_ns), 0, NULL},
    {"isShared", N32(TQN_BOOL, is_shared), 0, NULL},
    {"strict", N32(TQN_BOOL, strict), 0, NULL},
    END,
};
const struct tqn_table tqn_limit_table = {limit_fields, AT(size)};
#undef OWNER

#define OWNER tq_hold_state
#define AMOUNT(unit) N64(TQN_COUNT, of[unit]), 1u << (unit), NULL
static const struct tqn_field hold_fields[] = {
    {"alive", N32(TQN_BOOL, alive), 0, NULL},
    {"owner", N32(TQN_U32, owner), 0, NULL},
    {"until", N64(TQN_UNTIL, hold.until_ns), 0, NULL},
    {"useReserve", N32(TQN_FLAG, hold.flags), TQ_USE_RESERVE, NULL},
    {"tokens", AMOUNT(TQ_UNIT_TOKENS)},
    {"input", AMOUNT(TQ_UNIT_INPUT)},
    {"output", AMOUNT(TQ_UNIT_OUTPUT)},
    {"total", AMOUNT(TQ_UNIT_TOTAL)},
    {"requests", AMOUNT(TQ_UNIT_REQUESTS)},
    {"cost", AMOUNT(TQ_UNIT_COST)},
    {"weighted", AMOUNT(TQ_UNIT_WEIGHTED)},
    END,
};
const struct tqn_table tqn_hold_table = {hold_fields, AT(known)};
#undef AMOUNT
#undef OWNER

#define OWNER tq_usage
static const struct tqn_field usage_fields[] = {
    {"input", N64(TQN_COUNT, input), TQ_USAGE_INPUT, NULL},
    {"cacheRead", N64(TQN_COUNT, cache_read), TQ_USAGE_CACHE_READ, NULL},
    {"cacheWrite", N64(TQN_COUNT, cache_write), TQ_USAGE_CACHE_WRITE, NULL},
    {"output", N64(TQN_COUNT, output), TQ_USAGE_OUTPUT, NULL},
    {"reasoning", N64(TQN_COUNT, reasoning), TQ_USAGE_REASONING, NULL},
    {"total", N64(TQN_COUNT, total), TQ_USAGE_TOTAL, NULL},
    {"costNanoUsd", N64(TQN_COUNT, cost_nano_usd), TQ_USAGE_COST, NULL},
    {"counted", N64(TQN_COUNT, counted), 0, NULL},
    {"requests", N32(TQN_U32, requests), 0, NULL},
    {"partial", N32(TQN_FLAG, flags), TQ_USAGE_PARTIAL, NULL},
    {"more", N32(TQN_FLAG, flags), TQ_USAGE_MORE, NULL},
    {"sentAt", N64(TQN_SINCE, sent_at_ns), 0, NULL},
    END,
};
const struct tqn_table tqn_usage_table = {usage_fields, AT(known)};
#undef OWNER

#define OWNER tq_quota_signal
static const struct tqn_field signal_fields[] = {
    {"refusal", N32(TQN_NAME, refusal), 0, tq_class_name},
    {"success", N32(TQN_FLAG, flags), TQ_SIGNAL_SUCCESS, NULL},
    {"clamped", N32(TQN_FLAG, flags), TQ_SIGNAL_CLAMPED, NULL},
    {"modelOnly", N32(TQN_FLAG, flags), TQ_SIGNAL_MODEL_ONLY, NULL},
    {"axesDropped", N32(TQN_FLAG, flags), TQ_SIGNAL_AXES_DROPPED, NULL},
    {"reading", N32(TQN_FLAG, flags), TQ_SIGNAL_READING, NULL},
    {"status", N32(TQN_U32, status), 0, NULL},
    {"profile", N32(TQN_NAME, profile), 0, profile_name},
    {"source", N32(TQN_NAME, source), 0, source_name},
    {"anomalies", N32(TQN_U32, anomalies), 0, NULL},
    {"binds", N32(TQN_I32, binds), 0, NULL},
    {"sentAt", N64(TQN_SINCE, sent_at_ns), 0, NULL},
    {"saidAt", N64(TQN_SINCE, said_at_ns), 0, NULL},
    {"retryAt", N64(TQN_UNTIL, retry_at_ns), 0, NULL},
    {"account", N64(TQN_WIDE, account), 0, NULL},
    END,
};
const struct tqn_table tqn_signal_table = {signal_fields, AT(size)};
#undef OWNER

#define OWNER tq_axis
static const struct tqn_field axis_fields[] = {
    {"what", N32(TQN_NAME, what), 0, tq_axis_name},
    {"limit", N64(TQN_COUNT, limit), TQ_AXIS_LIMIT, NULL},
    {"remaining", N64(TQN_COUNT, remaining), TQ_AXIS_REMAINING, NULL},
    {"used", N32(TQN_SHARE, used_ppm), TQ_AXIS_USED, NULL},
    {"resetAt", N64(TQN_UNTIL, reset_at_ns), TQ_AXIS_RESET, NULL},
    {"windowNs", N64(TQN_SPAN, window_ns), 0, NULL},
    {"empty", N32(TQN_FLAG, flags), TQ_AXIS_EMPTY, NULL},
    {"fullRefill", N32(TQN_FLAG, flags), TQ_AXIS_FULL_REFILL, NULL},
    {"modelOnly", N32(TQN_FLAG, flags), TQ_AXIS_MODEL_ONLY, NULL},
    {"credit", N32(TQN_FLAG, flags), TQ_AXIS_CREDIT, NULL},
    END,
};
const struct tqn_table tqn_axis_table = {axis_fields, AT(known)};
#undef OWNER

#define OWNER tq_ledger_info
static const struct tqn_field info_fields[] = {
    {"historyDays", N32(TQN_U32, history_days), 0, NULL},
    {"rule", N32(TQN_NAME, rule), 0, rule_name},
    {"inFile", N32(TQN_BOOL, in_file), 0, NULL},
    {"providers", N64(TQN_COUNT, providers), 0, NULL},
    {"slots", N64(TQN_COUNT, slots), 0, NULL},
    {"fileBytes", N64(TQN_COUNT, file_bytes), 0, NULL},
    {"late", N64(TQN_COUNT, late), 0, NULL},
    {"tooOld", N64(TQN_COUNT, too_old), 0, NULL},
    {"clock", N64(TQN_COUNT, clock), 0, NULL},
    {"saturated", N64(TQN_COUNT, saturated), 0, NULL},
    {"rebuilt", N64(TQN_COUNT, rebuilt), 0, NULL},
    {"recovered", N64(TQN_COUNT, recovered), 0, NULL},
    {"faults", N64(TQN_COUNT, faults), 0, NULL},
    {"ahead", N64(TQN_COUNT, ahead), 0, NULL},
    {"aheadAt", N64(TQN_SINCE, ahead_at_ns), 0, NULL},
    END,
};
const struct tqn_table tqn_info_table = {info_fields, AT(size)};
#undef OWNER
