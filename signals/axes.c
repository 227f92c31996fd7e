/* axes.c: turns headers with an axis and a part in their names into axes.
 *
 * SPDX-License-Identifier: MIT
 */
#include "reading.h"

#include "field.h"

#define PERIOD_S_MAX (366 * INT64_C(86400))
#define PERIOD_LIMIT_MAX INT64_C(100000000) /* times a period in milliseconds, it fits */

static int64_t window_of(const struct tq_profile *profile, const struct tq__row *row)
{
    uint32_t window_s = row->window_s;

    if (row->family == TQ__FAMILY_OPENAI)
        window_s = row->what == TQ_AXIS_REQUESTS ? profile->requests_window_s : profile->tokens_window_s;
    else if (row->family == TQ__FAMILY_BARE)
        window_s = profile->bare_window_s;
    return window_s * TQ__SECOND_NS;
}

/* A limit or what remains of it. Says whether the vendor sent a negative number: there is no such limit. */
static bool read_count(struct tq__reading *reading, const struct tq_field *field, uint32_t bit,
                       struct tq_axis *axis, int64_t *count)
{
    int answer;

    if (!field)
        return false;
    answer = tq__value_count(tq__field_value(field), count);
    if (tq__reading_took(reading, answer))
        axis->known |= bit;
    else
        *count = 0;
    return answer == TQ__NOT_SAID;
}

/* Azure's renewal period: the length of the window. */
static void read_period_length(struct tq__reading *reading, const struct tq_field *field,
                               struct tq_axis *axis)
{
    int64_t seconds;

    if (field && tq__reading_took(reading, tq__value_count(tq__field_value(field), &seconds)) && seconds > 0)
        axis->window_ns = seconds < PERIOD_S_MAX ? seconds * TQ__SECOND_NS : 0;
}

static bool number_of(const struct tq_field *field, int64_t *number)
{
    return field && tq__value_count(tq__field_value(field), number) == 0;
}

/* Some of Azure's deployments send resets in seconds, others in milliseconds. In seconds a reset is never
 * longer than the renewal period; in milliseconds it is what the used part of the limit takes to come back.
 */
static bool is_in_ms(const struct tq_field *const part[TQ__PARTS])
{
    int64_t reset, period, limit, left, back_ms;

    if (!number_of(part[TQ__PERIOD], &period) || !number_of(part[TQ__RESET], &reset) || period == 0 ||
        period >= PERIOD_S_MAX)
        return false;
    if (reset > period)
        return true;
    if (!number_of(part[TQ__LIMIT], &limit) || !number_of(part[TQ__REMAINING], &left) || left >= limit ||
        limit > PERIOD_LIMIT_MAX)
        return false;
    back_ms = (limit - left) * period * 1000 / limit;
    return reset > back_ms / 1000 + 1 && reset >= back_ms && reset <= back_ms + 1;
}

static void read_reset(struct tq__reading *reading, const struct tq_field *field, const struct tq__row *row,
                       bool milliseconds, struct tq_axis *axis)
{
    struct tq__span value;
    int64_t at_ns;
    int answer;

    if (!field)
        return;
    value = tq__field_value(field);
    answer = row->family == TQ__FAMILY_ANTHROPIC
                 ? tq__value_instant(value, &at_ns)
                 : tq__value_reset(value, milliseconds ? TQ__RESET_MS : reading->profile->reset_form,
                                   reading->now_ns, &at_ns);
    if (tq__reading_took(reading, answer))
        tq__axis_reset(reading, axis, at_ns);
}

/* What an axis at its end means depends on what its reset is. */
static void note_end(struct tq__reading *reading, const struct tq__row *row, struct tq_axis *axis)
{
    uint8_t kind = row->family == TQ__FAMILY_ANTHROPIC ? TQ__KIND_FULL_REFILL : reading->profile->reset_kind;

    if (kind == TQ__KIND_FULL_REFILL && axis->known & TQ_AXIS_RESET)
        axis->flags |= TQ_AXIS_FULL_REFILL;
    if (axis->known & TQ_AXIS_LIMIT && axis->limit == 0) {
        if (reading->profile->id != TQ__MISTRAL || row->what != TQ_AXIS_REQUESTS)
            return; /* not provisioned, which is no end of anything */
        reading->no_plan = true;
        axis->flags |= TQ_AXIS_EMPTY;
        return;
    }
    if (!(axis->known & TQ_AXIS_REMAINING) || axis->remaining != 0)
        return;
    axis->flags |= TQ_AXIS_EMPTY;
    if (kind == TQ__KIND_WINDOW_END && axis->window_ns > TQ__LONGEST_THROTTLE_NS)
        tq__axis_reject(reading, axis);
}

static void read_row(struct tq__reading *reading, const struct tq__row *row, bool milliseconds,
                     const struct tq_field *const part[TQ__PARTS])
{
    struct tq_axis *axis = tq__axis_add(reading, row->what, window_of(reading->profile, row));
    bool denied;

    if (!axis)
        return;
    axis->flags = row->flags;
    if (row->name)
        tq__axis_name(reading, axis, tq__span_of(row->name));
    read_period_length(reading, part[TQ__PERIOD], axis);
    denied = read_count(reading, part[TQ__LIMIT], TQ_AXIS_LIMIT, axis, &axis->limit);
    denied |= read_count(reading, part[TQ__REMAINING], TQ_AXIS_REMAINING, axis, &axis->remaining);
    /* Azure sends -1, -1 and 0: the reset of a limit that is not there is none either. */
    if (!denied || axis->known)
        read_reset(reading, part[TQ__RESET], row, milliseconds, axis);
    /* Fast mode and priority tier have a limit of 0 where they were not bought. */
    if (row->flags & TQ_AXIS_MODEL_ONLY && axis->known & TQ_AXIS_LIMIT && axis->limit == 0)
        axis->known = 0;
    if (axis->known)
        note_end(reading, row, axis);
    else
        reading->signal->axis_count--;
}

void tq__read_axes(struct tq__reading *reading, const struct tq__fields *fields)
{
    uint32_t families = fields->families & reading->profile->families;
    bool milliseconds = false;

    if (families == 0)
        return;
    for (size_t i = 0; tq__row_next(fields, &i); i++)
        milliseconds |= is_in_ms(fields->part[i]);
    for (size_t i = 0; tq__row_next(fields, &i) && i < TQ__IETF_ROW; i++) {
        const struct tq_field *const *part = fields->part[i];

        if (tq__rows[i].family & families && (part[TQ__LIMIT] || part[TQ__REMAINING] || part[TQ__RESET]))
            read_row(reading, &tq__rows[i], milliseconds, part);
    }
}
