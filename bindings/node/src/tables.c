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
    static const char *const names[] = {NULL, "call", "half-hour"};

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
#define END                                                                                                  \
    {                                                                                                        \
        NULL, TQN_END_OF_TABLE, 0, 0, NULL                                                                   \
    }

#define OWNER tq_verdict
static const struct tqn_field verdict_fields[] = {
    {"state", TQN_NAME, AT(state), 0, state_name},
    {"reason", TQN_NAME, AT(reason), 0, tq_reason_name},
    {"reasons", TQN_NAMES, AT(reasons), 0, tq_reason_name},
    {"refusal", TQN_NAME, AT(refusal), 0, tq_class_name},
    {"axis", TQN_NAME, AT(axis), 0, tq_axis_name},
    {"source", TQN_NAME, AT(source), 0, source_name},
    {"profile", TQN_NAME, AT(profile), 0, profile_name},
    {"rule", TQN_NAME, AT(rule), 0, rule_name},
    {"attempt", TQN_U32, AT(attempt), 0, NULL},
    {"probing", TQN_BOOL, AT(probing), 0, NULL},
    {"useReserve", TQN_FLAG, AT(flags), TQ_USE_RESERVE, NULL},
    {"used", TQN_COUNT, AT(used), 0, NULL},
    {"budget", TQN_COUNT, AT(budget), 0, NULL},
    {"left", TQN_COUNT, AT(left), 0, NULL},
    {"retryAt", TQN_UNTIL, AT(retry_at_ns), 0, NULL},
    {"saidAt", TQN_SINCE, AT(said_at_ns), 0, NULL},
    {"windowNs", TQN_SPAN, AT(window_ns), 0, NULL},
    {"probeAt", TQN_UNTIL, AT(probe_at_ns), 0, NULL},
    {"at", TQN_SINCE, AT(at_ns), 0, NULL},
    {"level", TQN_U32, AT(level), 0, NULL},
    {"limit", TQN_U32, AT(limit), 0, NULL},
    {"limitUnit", TQN_NAME, AT(limit_unit), 0, tq_unit_name},
    {"limitWindow", TQN_NAME, AT(limit_window), 0, tq_window_name},
    {"limitUsed", TQN_COUNT, AT(limit_used), 0, NULL},
    {"limitAmount", TQN_COUNT, AT(limit_amount), 0, NULL},
    {"limitReserve", TQN_COUNT, AT(limit_reserve), 0, NULL},
    {"limits", TQN_WIDE, AT(limits), 0, NULL},
    {"limitName", TQN_TEXT, AT(limit_name), 0, NULL},
    {"care", TQN_QUARTERS, AT(care), 0, NULL},
    {"expects", TQN_NAME, AT(expects), 0, expects_name},
    {"expected", TQN_COUNT, AT(expected), 0, NULL},
    END,
};
const struct tqn_table tqn_verdict_table = {verdict_fields, AT(size)};
#undef OWNER

#define OWNER tq_limit_state
static const struct tqn_field limit_fields[] = {
    {"number", TQN_U32, AT(number), 0, NULL},
    {"state", TQN_NAME, AT(state), 0, state_name},
    {"spent", TQN_BOOL, AT(spent), 0, NULL},
    {"share", TQN_SHARE, AT(share_ppm), 0, NULL},
    {"taken", TQN_BOOL, AT(taken), 0, NULL},
    {"used", TQN_COUNT, AT(used), 0, NULL},
    {"startAt", TQN_SINCE, AT(start_at_ns), 0, NULL},
    {"endAt", TQN_UNTIL, AT(end_at_ns), 0, NULL},
    {"retryAt", TQN_UNTIL, AT(until_ns), 0, NULL},
    {"uncosted", TQN_COUNT, AT(uncosted), 0, NULL},
    {"unit", TQN_NAME, AT(limit.unit), 0, tq_unit_name},
    {"window", TQN_NAME, AT(limit.window), 0, tq_window_name},
    {"first", TQN_U32, AT(limit.first), 0, NULL},
    {"reserveShare", TQN_U32, AT(limit.reserve_share), 0, NULL},
    {"amount", TQN_COUNT, AT(limit.amount), 0, NULL},
    {"reserve", TQN_COUNT, AT(limit.reserve), 0, NULL},
    {"lengthNs", TQN_SPAN, AT(limit.length_ns), 0, NULL},
    {"anchorAt", TQN_SINCE, AT(limit.anchor_at_ns), 0, NULL},
    {"zone", TQN_TEXT, AT(limit.zone), 0, NULL},
    {"said", TQN_NAMES, AT(said), 0, said_name},
    {"saidShare", TQN_SHARE, AT(said_ppm), 0, NULL},
    {"saidSource", TQN_NAME, AT(said_source), 0, source_name},
    {"saidProfile", TQN_NAME, AT(said_profile), 0, profile_name},
    {"saidAt", TQN_SINCE, AT(said_at_ns), 0, NULL},
    {"saidResetAt", TQN_UNTIL, AT(said_reset_at_ns), 0, NULL},
    {"saidLimit", TQN_COUNT, AT(said_limit), 0, NULL},
    {"saidSince", TQN_COUNT, AT(said_since), 0, NULL},
    {"saidOutAt", TQN_SINCE, AT(said_out_at_ns), 0, NULL},
    {"outAt", TQN_SINCE, AT(out_at_ns), 0, NULL},
    END,
};
const struct tqn_table tqn_limit_table = {limit_fields, AT(size)};
#undef OWNER

#define OWNER tq_usage
static const struct tqn_field usage_fields[] = {
    {"input", TQN_COUNT, AT(input), TQ_USAGE_INPUT, NULL},
    {"cacheRead", TQN_COUNT, AT(cache_read), TQ_USAGE_CACHE_READ, NULL},
    {"cacheWrite", TQN_COUNT, AT(cache_write), TQ_USAGE_CACHE_WRITE, NULL},
    {"output", TQN_COUNT, AT(output), TQ_USAGE_OUTPUT, NULL},
    {"reasoning", TQN_COUNT, AT(reasoning), TQ_USAGE_REASONING, NULL},
    {"total", TQN_COUNT, AT(total), TQ_USAGE_TOTAL, NULL},
    {"costNanoUsd", TQN_COUNT, AT(cost_nano_usd), TQ_USAGE_COST, NULL},
    {"counted", TQN_COUNT, AT(counted), 0, NULL},
    {"requests", TQN_U32, AT(requests), 0, NULL},
    {"partial", TQN_FLAG, AT(flags), TQ_USAGE_PARTIAL, NULL},
    {"more", TQN_FLAG, AT(flags), TQ_USAGE_MORE, NULL},
    {"sentAt", TQN_SINCE, AT(sent_at_ns), 0, NULL},
    END,
};
const struct tqn_table tqn_usage_table = {usage_fields, AT(known)};
#undef OWNER

#define OWNER tq_quota_signal
static const struct tqn_field signal_fields[] = {
    {"refusal", TQN_NAME, AT(refusal), 0, tq_class_name},
    {"success", TQN_FLAG, AT(flags), TQ_SIGNAL_SUCCESS, NULL},
    {"clamped", TQN_FLAG, AT(flags), TQ_SIGNAL_CLAMPED, NULL},
    {"modelOnly", TQN_FLAG, AT(flags), TQ_SIGNAL_MODEL_ONLY, NULL},
    {"axesDropped", TQN_FLAG, AT(flags), TQ_SIGNAL_AXES_DROPPED, NULL},
    {"reading", TQN_FLAG, AT(flags), TQ_SIGNAL_READING, NULL},
    {"status", TQN_U32, AT(status), 0, NULL},
    {"profile", TQN_NAME, AT(profile), 0, profile_name},
    {"source", TQN_NAME, AT(source), 0, source_name},
    {"anomalies", TQN_U32, AT(anomalies), 0, NULL},
    {"binds", TQN_I32, AT(binds), 0, NULL},
    {"sentAt", TQN_SINCE, AT(sent_at_ns), 0, NULL},
    {"saidAt", TQN_SINCE, AT(said_at_ns), 0, NULL},
    {"retryAt", TQN_UNTIL, AT(retry_at_ns), 0, NULL},
    {"account", TQN_WIDE, AT(account), 0, NULL},
    END,
};
const struct tqn_table tqn_signal_table = {signal_fields, AT(size)};
#undef OWNER

#define OWNER tq_axis
static const struct tqn_field axis_fields[] = {
    {"what", TQN_NAME, AT(what), 0, tq_axis_name},
    {"limit", TQN_COUNT, AT(limit), TQ_AXIS_LIMIT, NULL},
    {"remaining", TQN_COUNT, AT(remaining), TQ_AXIS_REMAINING, NULL},
    {"used", TQN_SHARE, AT(used_ppm), TQ_AXIS_USED, NULL},
    {"resetAt", TQN_UNTIL, AT(reset_at_ns), TQ_AXIS_RESET, NULL},
    {"windowNs", TQN_SPAN, AT(window_ns), 0, NULL},
    {"empty", TQN_FLAG, AT(flags), TQ_AXIS_EMPTY, NULL},
    {"fullRefill", TQN_FLAG, AT(flags), TQ_AXIS_FULL_REFILL, NULL},
    {"modelOnly", TQN_FLAG, AT(flags), TQ_AXIS_MODEL_ONLY, NULL},
    {"credit", TQN_FLAG, AT(flags), TQ_AXIS_CREDIT, NULL},
    END,
};
const struct tqn_table tqn_axis_table = {axis_fields, AT(known)};
#undef OWNER

#define OWNER tq_ledger_info
static const struct tqn_field info_fields[] = {
    {"historyDays", TQN_U32, AT(history_days), 0, NULL},
    {"rule", TQN_NAME, AT(rule), 0, rule_name},
    {"inFile", TQN_BOOL, AT(in_file), 0, NULL},
    {"providers", TQN_COUNT, AT(providers), 0, NULL},
    {"slots", TQN_COUNT, AT(slots), 0, NULL},
    {"fileBytes", TQN_COUNT, AT(file_bytes), 0, NULL},
    {"late", TQN_COUNT, AT(late), 0, NULL},
    {"tooOld", TQN_COUNT, AT(too_old), 0, NULL},
    {"clock", TQN_COUNT, AT(clock), 0, NULL},
    {"saturated", TQN_COUNT, AT(saturated), 0, NULL},
    {"rebuilt", TQN_COUNT, AT(rebuilt), 0, NULL},
    {"recovered", TQN_COUNT, AT(recovered), 0, NULL},
    {"faults", TQN_COUNT, AT(faults), 0, NULL},
    {"ahead", TQN_COUNT, AT(ahead), 0, NULL},
    {"aheadAt", TQN_SINCE, AT(ahead_at_ns), 0, NULL},
    END,
};
const struct tqn_table tqn_info_table = {info_fields, AT(size)};
#undef OWNER
