/* reading.c: notes what the readers find: axes, their instants, and values without a form.
 *
 * SPDX-License-Identifier: MIT
 */
#include "reading.h"

/* Overage goes beyond all of a window, but not so far: Claude Code has sent the instant of the reset for the
 * share (https://github.com/anthropics/claude-code/issues/52326). */
#define SHARE_MAX_PPM 10000000u
#define ALL_PPM 1000000u

void tq__reading_begin(struct tq__reading *reading, struct tq_quota_signal *signal,
                       const struct tq_profile *profile, uint32_t status, int64_t now_ns, uint32_t day)
{
    *reading = (struct tq__reading){.signal = signal,
                                    .profile = profile ? profile : tq_profile_of(TQ__GENERIC),
                                    .named = profile,
                                    .may_recognise = !profile,
                                    .status = status,
                                    .day = day,
                                    .now_ns = now_ns,
                                    .claimed = -1};
    signal->refusal = TQ_CLASS_NONE;
    signal->flags = 0;
    signal->status = status;
    signal->profile = 0;
    signal->source = TQ_SOURCE_NONE;
    signal->anomalies = 0;
    signal->binds = -1;
    signal->said_at_ns = now_ns;
    signal->retry_at_ns = 0;
    signal->axis_count = 0;
    signal->reserved = 0;
}

bool tq__reading_is(struct tq__reading *reading, uint32_t profile)
{
    if (reading->may_recognise) {
        reading->profile = tq_profile_of(profile);
        reading->may_recognise = false;
    }
    return reading->profile->id == profile;
}

struct tq_axis *tq__axis_add(struct tq__reading *reading, uint32_t what, int64_t window_ns)
{
    struct tq_quota_signal *signal = reading->signal;
    struct tq_axis *axis;

    if (signal->axis_count == TQ_AXES_MAX) {
        signal->flags |= TQ_SIGNAL_AXES_DROPPED;
        return NULL;
    }
    axis = &signal->axis[signal->axis_count++];
    *axis = (struct tq_axis){.what = what, .window_ns = window_ns};
    tq__axis_name(reading, axis, (struct tq__span){"", 0});
    return axis;
}

bool tq__reading_took(struct tq__reading *reading, int answer)
{
    reading->signal->anomalies += answer == TQ__NO_FORM;
    return answer == 0;
}

void tq__reading_keep(struct tq__reading *reading, struct tq__span *place, struct tq__span value)
{
    if (place->at)
        reading->signal->anomalies++;
    else
        *place = value;
}

int64_t tq__bounded(struct tq__reading *reading, int64_t at_ns, int64_t longest_ns)
{
    int64_t latest_ns = tq__add_saturated(reading->now_ns, longest_ns);

    if (latest_ns >= TQ_NOW_END_NS)
        latest_ns = TQ_NOW_END_NS - 1;
    if (at_ns > latest_ns) {
        reading->signal->flags |= TQ_SIGNAL_CLAMPED;
        return latest_ns;
    }
    return at_ns > reading->now_ns ? at_ns : reading->now_ns;
}

void tq__axis_reset(struct tq__reading *reading, struct tq_axis *axis, int64_t at_ns)
{
    axis->known |= TQ_AXIS_RESET;
    axis->reset_at_ns = tq__bounded(reading, at_ns, TQ__LONGEST_NS);
}

bool tq__axis_amount(struct tq__reading *reading, struct tq_axis *axis, uint32_t bit, struct tq__span text)
{
    int64_t amount;

    if (!text.at || !tq__reading_took(reading, tq__value_scaled(text, 0, &amount)))
        return false;
    axis->known |= bit;
    *(bit == TQ_AXIS_LIMIT ? &axis->limit : &axis->remaining) = amount;
    return true;
}

static bool set_share(struct tq__reading *reading, struct tq_axis *axis, int answer, uint32_t used_ppm)
{
    if (answer != 0 || used_ppm > SHARE_MAX_PPM) {
        reading->signal->anomalies++;
        return false;
    }
    axis->used_ppm = used_ppm;
    axis->known |= TQ_AXIS_USED;
    return true;
}

bool tq__axis_share(struct tq__reading *reading, struct tq_axis *axis, struct tq__span text, int digits)
{
    uint32_t ppm = 0;
    int answer;

    if (!text.at)
        return false;
    answer = tq__value_share(text, digits, &ppm);
    return set_share(reading, axis, answer, ppm);
}

bool tq__axis_left(struct tq__reading *reading, struct tq_axis *axis, struct tq__span text, int digits)
{
    struct tq__number number;
    uint32_t ppm = 0;
    int answer;

    if (!text.at)
        return false;
    answer = tq__value_share(text, digits, &ppm);
    if (answer == 0 && ppm > ALL_PPM)
        answer = TQ__NO_FORM;
    if (answer == 0 && ppm == 0 && tq__number_read(text, &number) == 0 && !tq__number_is_zero(&number))
        ppm = 1; /* less than a millionth is left, and that is not nothing */
    return set_share(reading, axis, answer, ALL_PPM - ppm);
}

bool tq__axis_parts(struct tq__reading *reading, struct tq_axis *axis, struct tq__span limit,
                    struct tq__span used, struct tq__span left)
{
    int64_t of = 0, part = 0, ppm;
    int answer;

    if (!limit.at || (!used.at && !left.at))
        return false;
    answer = tq__value_scaled(limit, 6, &of);
    if (answer == 0 && of == 0)
        return false; /* no such limit */
    if (answer == 0)
        answer = tq__value_scaled(used.at ? used : left, 6, &part);
    if (answer == 0 && !used.at)
        part = part < of ? of - part : 0;
    if (answer != 0)
        return set_share(reading, axis, answer, 0);
    ppm = tq__multiply_divide(part, ALL_PPM, of, false);
    return set_share(reading, axis, 0, ppm < UINT32_MAX ? (uint32_t)ppm : UINT32_MAX);
}

bool tq__axis_instant(struct tq__reading *reading, struct tq_axis *axis, struct tq__span text)
{
    int64_t at_ns;

    if (!text.at || !tq__reading_took(reading, tq__value_instant(text, &at_ns)))
        return false;
    tq__axis_reset(reading, axis, at_ns);
    return true;
}

bool tq__axis_after(struct tq__reading *reading, struct tq_axis *axis, struct tq__span text)
{
    int64_t ns;

    if (!text.at || !tq__reading_took(reading, tq__value_scaled(text, 9, &ns)))
        return false;
    tq__axis_reset(reading, axis, tq__add_saturated(reading->now_ns, ns));
    return true;
}

void tq__axis_reject(struct tq__reading *reading, struct tq_axis *axis)
{
    axis->flags |= TQ_AXIS_EMPTY;
    reading->rejecting |= UINT32_C(1) << (axis - reading->signal->axis);
}

void tq__axis_fill(struct tq__reading *reading, struct tq_axis *axis)
{
    if (axis->used_ppm < ALL_PPM || (axis->known & TQ_AXIS_RESET && axis->reset_at_ns <= reading->now_ns))
        return;
    tq__axis_reject(reading, axis);
    reading->filled |= UINT32_C(1) << (axis - reading->signal->axis);
}
