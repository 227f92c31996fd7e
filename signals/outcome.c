/* outcome.c: decides class, instant, source and axis from all that the readers noted.
 *
 * SPDX-License-Identifier: MIT
 *
 * The body says the class; if it does not, the status does. "Throttled" becomes "exhausted" in three cases:
 *
 *   - A window is full and the vendor rejects because of it.
 *   - The wait is longer than an hour.
 *   - A day or a month is used up, and nobody says when it ends.
 *
 * The instant comes from:
 *
 *     no-money     the end of a month, or a date in the message; otherwise there is no instant
 *     exhausted    the later of body and calendar; Retry-After if it is later still or if they say nothing
 *     throttled    Retry-After, else the body, else the latest reset of the empty axes
 *     overloaded   Retry-After, else the body
 *
 * A Retry-After of minutes does not shorten a rejected window of hours. It says how long to wait between two
 * tries, not when the window ends.
 */
#include "reading.h"

static bool is_success(const struct tq__reading *reading)
{
    return reading->status >= 200 && reading->status < 300 && !reading->error && !reading->polled;
}

uint32_t tq__class_of_status(uint32_t status)
{
    switch (status) {
    case 402:
        return TQ_CLASS_NO_MONEY;
    case 413:
        return TQ_CLASS_TOO_LARGE;
    case 429:
        return TQ_CLASS_THROTTLED;
    case 503:
    case 529:
        return TQ_CLASS_OVERLOADED;
    default:
        return TQ_CLASS_NONE;
    }
}

static uint32_t class_of(const struct tq__reading *reading)
{
    uint32_t refusal = tq__class_of_status(reading->status);

    /* Groq calls a request that is larger than its limit rate_limit_exceeded: the status knows better. */
    if (refusal != TQ_CLASS_TOO_LARGE && reading->error_known)
        refusal = reading->error_class;
    if (refusal == TQ_CLASS_THROTTLED && reading->no_plan)
        return TQ_CLASS_NO_MONEY;
    if (refusal == TQ_CLASS_THROTTLED && reading->rejecting)
        return TQ_CLASS_EXHAUSTED;
    if (refusal == TQ_CLASS_NONE && reading->rejecting &&
        (is_success(reading) || reading->status == 0 || reading->polled))
        return TQ_CLASS_EXHAUSTED;
    return refusal;
}

/* The axes that may have caused the refusal: those that the body names, or those that reject, or, when none
 * does, those that are empty. When some of them belong to the account, those of single models do not count.
 */
static uint32_t guilty_axes(const struct tq__reading *reading)
{
    const struct tq_quota_signal *signal = reading->signal;
    uint32_t guilty = reading->violated ? reading->violated : reading->rejecting, account = 0;
    bool said = guilty != 0;

    for (uint32_t i = 0; i < signal->axis_count && !said; i++)
        guilty |= signal->axis[i].flags & TQ_AXIS_EMPTY ? UINT32_C(1) << i : 0;
    for (uint32_t i = 0; i < signal->axis_count; i++)
        account |= signal->axis[i].flags & TQ_AXIS_MODEL_ONLY ? 0 : guilty & UINT32_C(1) << i;
    return account ? account : guilty;
}

/* The axis of a set with the latest reset. When no reset is known, the one with the longest window. -1 for an
 * empty set. */
static int32_t latest_axis(const struct tq_quota_signal *signal, uint32_t set)
{
    int32_t latest = -1;

    for (uint32_t i = 0; i < signal->axis_count; i++) {
        const struct tq_axis *axis = &signal->axis[i], *best = &signal->axis[latest < 0 ? 0 : latest];
        bool known = axis->known & TQ_AXIS_RESET, best_known = best->known & TQ_AXIS_RESET;

        if (!(set & UINT32_C(1) << i))
            continue;
        if (latest < 0 || (known && !best_known) ||
            (known && best_known && axis->reset_at_ns > best->reset_at_ns) ||
            (!known && !best_known && axis->window_ns > best->window_ns))
            latest = (int32_t)i;
    }
    return latest;
}

/* The latest reset of the axes. When it is the time of a full refill, some tokens are back earlier; without
 * better information it is better to wait too long than to be refused again. */
static struct tq__end end_of_axes(const struct tq__reading *reading, uint32_t guilty)
{
    const struct tq_quota_signal *signal = reading->signal;
    int32_t latest = latest_axis(signal, guilty);

    /* A bucket that is empty, and full again now, does not say when. */
    if (latest >= 0 && signal->axis[latest].known & TQ_AXIS_RESET &&
        (reading->rejecting || signal->axis[latest].reset_at_ns > reading->now_ns))
        return (struct tq__end){signal->axis[latest].reset_at_ns,
                                (uint32_t)latest < reading->header_axes ? TQ_SOURCE_HEADER : TQ_SOURCE_BODY};
    /* Mistral's minute ends with the minute of the clock, and no header says so. */
    if (latest >= 0 && reading->profile->id == TQ__MISTRAL && signal->axis[latest].window_ns == TQ__MINUTE_NS)
        return (struct tq__end){tq__minute_end(reading->now_ns), TQ_SOURCE_CALENDAR};
    return (struct tq__end){0, TQ_SOURCE_NONE};
}

static struct tq__end later(struct tq__end a, struct tq__end b)
{
    if (a.source == TQ_SOURCE_NONE || (b.source != TQ_SOURCE_NONE && b.at_ns > a.at_ns))
        return b;
    return a;
}

static bool is_long(const struct tq__reading *reading, struct tq__end end)
{
    return end.source != TQ_SOURCE_NONE &&
           end.at_ns > tq__add_saturated(reading->now_ns, TQ__LONGEST_THROTTLE_NS);
}

static struct tq__end said_of_exhausted(const struct tq__reading *reading, uint32_t guilty)
{
    struct tq__end axes = end_of_axes(reading, guilty), said = later(reading->calendar, reading->body);
    struct tq__end retry_after = reading->retry_after;
    bool both = (reading->rejecting & ~guilty) != 0;

    /* "5 days 10 hours" is rounded; a Retry-After of days is exact. */
    if (reading->in_prose && is_long(reading, retry_after))
        said = reading->calendar;
    if (said.source != TQ_SOURCE_NONE)
        return later(later(said, retry_after), reading->rejecting ? axes : said);
    if (retry_after.source == TQ_SOURCE_NONE ||
        (reading->named_window_ns > TQ__LONGEST_THROTTLE_NS && !is_long(reading, retry_after)))
        return axes;
    if (reading->rejecting && axes.source != TQ_SOURCE_NONE) {
        /* Minutes for a window of hours say how long to wait between two tries, not when the window ends. */
        if (!is_long(reading, retry_after) && axes.at_ns > retry_after.at_ns)
            return axes;
        /* Account and model are both rejected. Retry-After is the later end of the two: the model's. */
        if (both && retry_after.at_ns > axes.at_ns)
            return axes;
    }
    return retry_after;
}

static struct tq__end end_of_exhausted(const struct tq__reading *reading, uint32_t guilty)
{
    struct tq__end end = said_of_exhausted(reading, guilty);

    return end.source != TQ_SOURCE_NONE ? end : reading->day_end;
}

/* The axes with a short window. They may refuse a large request although something is left. An axis with a
 * long window does not stand for a short one: Groq limits requests per minute without a header for them, and
 * its header for requests per day says nothing about that. */
static uint32_t rates(const struct tq_quota_signal *signal)
{
    uint32_t set = 0;

    for (uint32_t i = 0; i < signal->axis_count; i++)
        set |= signal->axis[i].window_ns <= TQ__LONGEST_THROTTLE_NS ? UINT32_C(1) << i : 0;
    return set;
}

static struct tq__end refusal_end(const struct tq__reading *reading, uint32_t refusal, uint32_t guilty)
{
    struct tq__end end = reading->retry_after;

    switch (refusal) {
    case TQ_CLASS_NO_MONEY:
        /* "You will regain access on ...": a date, not the seconds that a client may wait between two tries.
         */
        return reading->in_prose && is_long(reading, reading->body) ? later(reading->calendar, reading->body)
                                                                    : reading->calendar;
    case TQ_CLASS_EXHAUSTED:
        return end_of_exhausted(reading, guilty);
    case TQ_CLASS_THROTTLED:
        end = end.source != TQ_SOURCE_NONE ? end : later(reading->calendar, reading->body);
        if (end.source == TQ_SOURCE_NONE)
            end = end_of_axes(reading, guilty);
        /* The vendor knows that there is a wait and says 0. What is left may lag behind (Azure), resets do
         * not. */
        if (end.source == TQ_SOURCE_NONE && reading->zero_wait)
            end = end_of_axes(reading, rates(reading->signal));
        return end;
    case TQ_CLASS_OVERLOADED:
        return end.source != TQ_SOURCE_NONE ? end : later(reading->calendar, reading->body);
    default:
        return (struct tq__end){0, TQ_SOURCE_NONE};
    }
}

/* The axis of a set that the body names; -1 when there is none. */
static int32_t named_axis(const struct tq__reading *reading, uint32_t set)
{
    for (uint32_t i = 0; i < reading->signal->axis_count; i++) {
        const struct tq_axis *axis = &reading->signal->axis[i];

        if (set & UINT32_C(1) << i && axis->what == reading->named_what &&
            (reading->named_window_ns == 0 || axis->window_ns == reading->named_window_ns))
            return (int32_t)i;
    }
    return -1;
}

static int32_t binding_axis(const struct tq__reading *reading, uint32_t refusal, uint32_t guilty)
{
    int32_t named = -1;

    if (refusal == TQ_CLASS_NO_MONEY && reading->no_plan)
        return latest_axis(reading->signal, guilty);
    if (refusal == TQ_CLASS_NONE || refusal == TQ_CLASS_NO_MONEY || refusal == TQ_CLASS_OVERLOADED)
        return -1;
    if (reading->named_what != TQ_AXIS_UNKNOWN) {
        named = named_axis(reading, guilty);
        if (named < 0)
            named = named_axis(reading, rates(reading->signal));
    }
    if (named >= 0 || refusal == TQ_CLASS_TOO_LARGE)
        return named;
    if (reading->claimed >= 0 && guilty & UINT32_C(1) << reading->claimed &&
        !(reading->signal->axis[reading->claimed].known & TQ_AXIS_RESET))
        return reading->claimed;
    return latest_axis(reading->signal, guilty);
}

/* Is a long window used up, other than one that refills all the time? */
static bool has_long_window(const struct tq_quota_signal *signal, uint32_t guilty)
{
    for (uint32_t i = 0; i < signal->axis_count; i++) {
        if (guilty & UINT32_C(1) << i && signal->axis[i].window_ns > TQ__LONGEST_THROTTLE_NS &&
            !(signal->axis[i].flags & TQ_AXIS_FULL_REFILL))
            return true;
    }
    return false;
}

/* Is the refusal no more than what a full window means? */
static bool is_only_read(const struct tq__reading *reading, uint32_t refusal)
{
    return refusal == TQ_CLASS_EXHAUSTED && !reading->error && reading->status < 400 &&
           (reading->polled || (reading->rejecting != 0 && reading->rejecting == reading->filled));
}

static uint32_t flags_of(const struct tq__reading *reading, uint32_t refusal)
{
    const struct tq_quota_signal *signal = reading->signal;
    bool of_a_model = reading->model_only && refusal != TQ_CLASS_NONE;
    bool served = is_success(reading) && (refusal == TQ_CLASS_NONE || reading->rejecting);

    if ((refusal == TQ_CLASS_THROTTLED || refusal == TQ_CLASS_EXHAUSTED) && signal->binds >= 0)
        of_a_model |= (signal->axis[signal->binds].flags & TQ_AXIS_MODEL_ONLY) != 0;
    /* A response may be served and use up its window: then it is both. */
    return (served ? TQ_SIGNAL_SUCCESS : 0) |
           (!served && is_only_read(reading, refusal) ? TQ_SIGNAL_READING : 0) |
           (of_a_model ? TQ_SIGNAL_MODEL_ONLY : 0);
}

void tq__decide(struct tq__reading *reading)
{
    struct tq_quota_signal *signal = reading->signal;
    uint32_t refusal = class_of(reading), guilty = guilty_axes(reading);
    struct tq__end end = refusal_end(reading, refusal, guilty);

    if (refusal == TQ_CLASS_THROTTLED &&
        (end.source == TQ_SOURCE_NONE ? has_long_window(signal, guilty) : is_long(reading, end)))
        refusal = TQ_CLASS_EXHAUSTED;
    signal->refusal = refusal;
    signal->source = end.source;
    signal->profile = reading->named ? reading->named->id : reading->profile->id;
    if (end.source != TQ_SOURCE_NONE) {
        signal->retry_at_ns = tq__bounded(
            reading, end.at_ns, refusal == TQ_CLASS_OVERLOADED ? TQ__LONGEST_OVERLOAD_NS : TQ__LONGEST_NS);
        if (signal->retry_at_ns == 0)
            signal->retry_at_ns = 1; /* 1970 itself: 0 would be "not said" */
    }
    signal->binds = binding_axis(reading, refusal, guilty);
    signal->flags |= flags_of(reading, refusal);
}
