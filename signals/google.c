/* google.c: the details of Google's errors: which quota was violated, and when to ask again.
 *
 * SPDX-License-Identifier: MIT
 *
 * The quota's id names its window (GenerateRequestsPerDayPerProjectPerModel-FreeTier). A violated day ends
 * with the vendor's day, whatever RetryInfo says: it says 18 s on spent days. The vendor documents days of
 * Los Angeles; somebody measured days of UTC, so the caller may say which.
 *
 * Every quota of this vendor is one of a model, as those of most vendors are without saying so: that is not
 * marked as TQ_AXIS_MODEL_ONLY, which is for limits that stand beside some of the whole account.
 */
#include "google.h"

#include "calendar.h"
#include "json_value.h"

static uint32_t what_of(struct tq__span id, struct tq__span metric)
{
    if (tq__span_find(id, "inputtoken") >= 0 || tq__span_find(metric, "input_token") >= 0)
        return TQ_AXIS_INPUT;
    if (tq__span_find(id, "outputtoken") >= 0 || tq__span_find(metric, "output_token") >= 0)
        return TQ_AXIS_OUTPUT;
    if (tq__span_find(id, "token") >= 0 || tq__span_find(metric, "token") >= 0)
        return TQ_AXIS_TOKENS;
    if (tq__span_find(id, "request") >= 0 || tq__span_find(metric, "request") >= 0)
        return TQ_AXIS_REQUESTS;
    return TQ_AXIS_UNKNOWN;
}

static int64_t window_of(struct tq__span id)
{
    if (tq__span_find(id, "perday") >= 0)
        return TQ__DAY_NS;
    if (tq__span_find(id, "perhour") >= 0)
        return TQ__HOUR_NS;
    return tq__span_find(id, "perminute") >= 0 ? TQ__MINUTE_NS : 0;
}

static void note_day(struct tq__reading *reading, struct tq_axis *axis)
{
    reading->calendar = true;
    reading->calendar_at_ns = reading->day == TQ_DAY_OF_UTC ? tq__day_end(reading->now_ns)
                                                            : tq__day_end_los_angeles(reading->now_ns);
    if (axis) {
        tq__axis_reset(reading, axis, reading->calendar_at_ns);
        reading->rejecting |= UINT32_C(1) << tq__axis_index(reading, axis);
    }
    reading->error_known = true;
    reading->error_class = TQ_CLASS_EXHAUSTED;
}

/* A model that is not in the tier has a limit of 0: no day's end brings it, and other models are. */
static void note_no_tier(struct tq__reading *reading)
{
    reading->error_known = true;
    reading->error_class = TQ_CLASS_NO_MONEY;
    reading->calendar = false;
    reading->no_plan = true;
    reading->model_only = true;
}

static void read_violation(struct tq__reading *reading, const json_t *violation, bool *no_tier)
{
    struct tq__span id = tq__json_text(json_object_get(violation, "quotaId"));
    struct tq__span metric = tq__json_text(json_object_get(violation, "quotaMetric"));
    const json_t *value = json_object_get(violation, "quotaValue");
    struct tq_axis *axis;
    int64_t limit;

    if (!id.at && !metric.at)
        return;
    axis = tq__axis_add(reading, what_of(id, metric), window_of(id));
    if (axis && value && tq__reading_took(reading, tq__json_scaled(value, 0, &limit))) {
        axis->known |= TQ_AXIS_LIMIT;
        axis->limit = limit;
        *no_tier |= limit == 0;
    }
    if (axis)
        axis->flags |= TQ_AXIS_EMPTY | (*no_tier ? TQ_AXIS_MODEL_ONLY : 0);
    if (window_of(id) == TQ__DAY_NS && !*no_tier)
        note_day(reading, axis);
}

/* "limit: 0" of the message, where it is not the start of a longer number. */
static bool says_limit_0(struct tq__span message)
{
    static const char text[] = "limit: 0";
    ptrdiff_t at;

    while ((at = tq__span_find(message, text)) >= 0) {
        size_t behind = (size_t)at + sizeof text - 1;
        char next = behind < message.len ? message.at[behind] : ' ';

        if (!(next >= '0' && next <= '9') && next != '.')
            return true;
        message.at += behind;
        message.len -= behind;
    }
    return false;
}

void tq__google_error(struct tq__reading *reading, const json_t *error)
{
    const json_t *details = json_object_get(error, "details"), *detail, *violation;
    bool no_tier = says_limit_0(tq__json_text(json_object_get(error, "message")));
    size_t i, j;

    json_array_foreach(details, i, detail)
    {
        struct tq__span delay = tq__json_text(json_object_get(detail, "retryDelay"));
        int64_t ns;

        if (delay.at && tq__reading_took(reading, tq__value_duration(delay, &ns))) {
            reading->body = true;
            reading->body_at_ns = tq__add_saturated(reading->now_ns, ns);
        }
        json_array_foreach(json_object_get(detail, "violations"), j, violation)
        {
            read_violation(reading, violation, &no_tier);
        }
    }
    if (reading->calendar)
        reading->body = false;
    if (no_tier)
        note_no_tier(reading);
}
