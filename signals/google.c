/* google.c: the details of Google's errors: the violated quotas, and when to try again.
 *
 * SPDX-License-Identifier: MIT
 *
 * The id of a quota names its window (GenerateRequestsPerDayPerProjectPerModel-FreeTier). A violated day ends
 * with the vendor's day. RetryInfo is ignored then: it says 18 s even when the day is used up. The vendor
 * documents days of Los Angeles, but days of UTC have been measured, so the caller may choose.
 *
 * Every quota of Google is for one model. Most vendors' quotas are, without saying so. They do not get
 * TQ_AXIS_MODEL_ONLY, which is for limits beside those of the whole account.
 */
#include "base/zone.h"
#include "reading.h"

int64_t tq__day_end_los_angeles(int64_t now_ns)
{
    struct tq__civil local, day = {.ns = 0};
    int64_t end_ns = now_ns;

    tq__zone_civil(&tq__zone_pacific, now_ns, &local);
    tq__date_of_days(tq__days_of_date(local.year, local.month, local.day) + 1, &day);
    (void)tq__zone_instant(&tq__zone_pacific, &day, &end_ns); /* the days of all instants exist */
    return end_ns;
}

/* ---- an error's details ---------------------------------------------------------------------- */

static uint32_t what_of(struct tq__span id, struct tq__span metric)
{
    static const struct {
        const char *id, *metric;
        uint32_t what;
    } names[] = {{"inputtoken", "input_token", TQ_AXIS_INPUT},
                 {"outputtoken", "output_token", TQ_AXIS_OUTPUT},
                 {"token", "token", TQ_AXIS_TOKENS},
                 {"request", "request", TQ_AXIS_REQUESTS}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (tq__span_find(id, names[i].id) >= 0 || tq__span_find(metric, names[i].metric) >= 0)
            return names[i].what;
    return TQ_AXIS_UNKNOWN;
}

/* The ids of quotas run words together, their metrics have underscores, and messages have blanks. Those of
 * Vertex's partner models that name no window are of a minute. */
static int64_t window_named(struct tq__span name)
{
    static const struct {
        const char *names[4];
        int64_t ns;
    } windows[] = {{{"perday", "per_day", "per day", NULL}, TQ__DAY_NS},
                   {{"perhour", "per_hour", "per hour", NULL}, TQ__HOUR_NS},
                   {{"perminute", "per_minute", "per minute", "per_base_model"}, TQ__MINUTE_NS}};

    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 4 && windows[i].names[j]; j++)
            if (tq__span_find(name, windows[i].names[j]) >= 0)
                return windows[i].ns;
    return 0;
}

static void note_day(struct tq__reading *reading, struct tq_axis *axis)
{
    int64_t end_ns = reading->day == TQ_DAY_OF_UTC ? tq__day_end(reading->now_ns)
                                                   : tq__day_end_los_angeles(reading->now_ns);

    reading->calendar = (struct tq__end){end_ns, TQ_SOURCE_CALENDAR};
    if (axis) {
        tq__axis_reset(reading, axis, end_ns);
        tq__axis_reject(reading, axis);
    }
    reading->error_known = true;
    reading->error_class = TQ_CLASS_EXHAUSTED;
}

/* The quota that only the message names, as "Quota exceeded for ...input_tokens_per_minute_per_base_model".
 */
static void read_named_quota(struct tq__reading *reading, struct tq__span message)
{
    ptrdiff_t at = tq__span_find(message, "quota exceeded for");
    struct tq_axis *axis;
    struct tq__span name;

    if (at < 0)
        return;
    name = tq__span_behind(message, (size_t)at);
    if (window_named(name) == 0)
        return;
    axis = tq__axis_add(reading, what_of(name, name), window_named(name));
    if (axis)
        axis->flags |= TQ_AXIS_EMPTY;
    reading->error_known = true;
    reading->error_class = TQ_CLASS_THROTTLED;
    if (window_named(name) == TQ__DAY_NS)
        note_day(reading, axis);
}

/* google.rpc.ErrorInfo of the plans (Code Assist, Antigravity): which kind of refusal, and when it ends. */
static void read_info(struct tq__reading *reading, struct tq__span reason, struct tq__span metadata)
{
    static const struct {
        const char *reason;
        uint32_t refusal;
    } reasons[] = {{"quota_exhausted", TQ_CLASS_EXHAUSTED},
                   {"rate_limit_exceeded", TQ_CLASS_THROTTLED},
                   {"model_capacity_exhausted", TQ_CLASS_OVERLOADED},
                   {"insufficient_g1_credits_balance", TQ_CLASS_NO_MONEY},
                   {"billing_disabled", TQ_CLASS_NO_MONEY}};
    struct tq__json_item stamp, delay;
    const struct tq__json_wanted wanted[] = {{"quotaResetTimeStamp", &stamp}, {"quotaResetDelay", &delay}};
    struct tq__span at, after;
    int64_t ns;

    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (tq__span_matches(reason, reasons[i].reason)) {
            reading->error_known = true;
            reading->error_class = reasons[i].refusal;
        }
    (void)tq__json_members(metadata, wanted, 2);
    at = tq__json_value(&stamp);
    after = tq__json_value(&delay);
    if (at.at && tq__reading_took(reading, tq__value_instant(at, &ns)))
        reading->body = (struct tq__end){ns, TQ_SOURCE_BODY};
    else if (after.at && tq__reading_took(reading, tq__value_length(after, &ns)))
        reading->body = (struct tq__end){tq__add_saturated(reading->now_ns, ns), TQ_SOURCE_BODY};
}

/* A model that is not in the tier has a limit of 0: no day's end brings it, and other models are. */
static void note_no_tier(struct tq__reading *reading)
{
    reading->error_known = true;
    reading->error_class = TQ_CLASS_NO_MONEY;
    reading->calendar = (struct tq__end){.source = TQ_SOURCE_NONE};
    reading->no_plan = true;
    reading->model_only = true;
}

static void read_violation(struct tq__reading *reading, struct tq__span object, bool *no_tier)
{
    struct tq__json_item quota, name, value, dimensions, model;
    const struct tq__json_wanted wanted[] = {{"quotaId", &quota},
                                             {"quotaMetric", &name},
                                             {"quotaValue", &value},
                                             {"quotaDimensions", &dimensions}};
    struct tq__span id, metric;
    struct tq_axis *axis;

    (void)tq__json_members(object, wanted, sizeof wanted / sizeof wanted[0]);
    model = tq__json_member(&dimensions, "model");
    id = tq__json_text(&quota);
    metric = tq__json_text(&name);
    if (!id.at && !metric.at)
        return;
    axis = tq__axis_add(reading, what_of(id, metric), window_named(id));
    if (axis) {
        *no_tier |= tq__axis_amount(reading, axis, TQ_AXIS_LIMIT, tq__json_value(&value)) && axis->limit == 0;
        tq__axis_name(reading, axis, tq__json_text(&model));
        axis->flags |= TQ_AXIS_EMPTY | (*no_tier ? TQ_AXIS_MODEL_ONLY : 0);
    }
    if (window_named(id) == TQ__DAY_NS && !*no_tier)
        note_day(reading, axis);
}

static void read_violations(struct tq__reading *reading, struct tq__span array, bool *no_tier)
{
    struct tq__json_item violation;
    struct tq__json json;

    tq__json_begin(&json, array, TQ__JSON_LAX);
    tq__json_enter_next(&json, '[');
    while (tq__json_next(&json, &violation) && tq__json_pass(&json, &violation))
        read_violation(reading, violation.text, no_tier);
}

/* "limit: 0" of the message, where it is not the start of a longer number. */
static bool says_limit_0(struct tq__span message)
{
    static const char text[] = "limit: 0";
    ptrdiff_t at;

    while ((at = tq__span_find(message, text)) >= 0) {
        size_t behind = (size_t)at + sizeof text - 1;
        char next = behind < message.len ? message.at[behind] : ' ';

        if (!tq__is_digit(next) && next != '.')
            return true;
        message = tq__span_behind(message, behind);
    }
    return false;
}

bool tq__google_is_vertex(struct tq__span message)
{
    return tq__span_find(message, "vertex") >= 0 || tq__span_find(message, "aiplatform.googleapis.com") >= 0;
}

/* The delay of RetryInfo, unless ErrorInfo has said when the quota is reset. */
static void read_delay(struct tq__reading *reading, const struct tq__json_item *delay)
{
    int64_t ns;

    if (delay->kind == TQ__JSON_STRING && reading->body.source == TQ_SOURCE_NONE &&
        tq__reading_took(reading, tq__value_length(tq__json_value(delay), &ns)))
        reading->body = (struct tq__end){tq__add_saturated(reading->now_ns, ns), TQ_SOURCE_BODY};
}

void tq__google_error(struct tq__reading *reading, struct tq__span details, struct tq__span message)
{
    struct tq__json_item detail, delay, violations, reason, metadata;
    const struct tq__json_wanted wanted[] = {
        {"retryDelay", &delay}, {"violations", &violations}, {"reason", &reason}, {"metadata", &metadata}};
    uint32_t axes_before = reading->signal->axis_count;
    bool no_tier = says_limit_0(message);
    struct tq__json json;

    tq__json_begin(&json, details, TQ__JSON_LAX);
    tq__json_enter_next(&json, '[');
    while (tq__json_next(&json, &detail) && tq__json_pass(&json, &detail)) {
        if (!tq__json_members(detail.text, wanted, sizeof wanted / sizeof wanted[0]))
            continue;
        read_info(reading, tq__json_text(&reason), metadata.text);
        read_delay(reading, &delay);
        read_violations(reading, violations.text, &no_tier);
    }
    if (reading->signal->axis_count == axes_before)
        read_named_quota(reading, message);
    if (reading->calendar.source != TQ_SOURCE_NONE)
        reading->body = (struct tq__end){.source = TQ_SOURCE_NONE};
    if (no_tier)
        note_no_tier(reading);
}
