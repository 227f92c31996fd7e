/* copilot.c: the quota snapshots of GitHub Copilot: x-quota-snapshot-*, x-usage-ratelimit-*, the usage
 * endpoint.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each kind of request (chat, completions, premium_interactions) has a snapshot of its own, by the month, so
 * a spent one does not refuse what another one pays for. The value of a header looks like the query of a URL,
 * in which rem is a percentage:
 * ent=4000&ov=0.0&ovPerm=true&rem=95.7&rst=2026-07-01T00%3A00%3A00Z&totRem=3830.1
 * The values lag behind, so an empty axis alone refuses nothing.
 */
#include "reading.h"

#include "field.h"

#define STAMP_MAX 64

/* The value of a key of the query; at is NULL when it has none. */
static struct tq__span query_value(struct tq__span query, const char *key)
{
    size_t key_len = strlen(key);

    while (query.len > 0) {
        ptrdiff_t end = tq__span_find(query, "&");
        struct tq__span pair = {query.at, end < 0 ? query.len : (size_t)end};

        if (tq__span_begins(pair, key) && pair.len > key_len && pair.at[key_len] == '=')
            return tq__plain(tq__span_behind(pair, key_len + 1));
        query = tq__span_behind(query, end < 0 ? query.len : (size_t)end + 1);
    }
    return (struct tq__span){NULL, 0};
}

static int read_stamp(struct tq__span value, int64_t *at_ns)
{
    char plain[STAMP_MAX];
    size_t len = 0;

    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];

        if (len == sizeof plain)
            return TQ__NO_FORM;
        if (c == '%') {
            int32_t byte = tq__hex_read(value.at + i + 1, value.at + value.len, 2);

            if (byte < 0)
                return TQ__NO_FORM;
            c = (char)byte;
            i += 2;
        }
        plain[len++] = c;
    }
    return tq__value_instant(tq__plain((struct tq__span){plain, len}), at_ns);
}

/* A month's name stands for its length. */
#define MONTH_NS (30 * TQ__DAY_NS)

/* Adds the axis of a snapshot. A plan without this kind of request has an amount of 0. */
static struct tq_axis *add_snapshot(struct tq__reading *reading, struct tq__span kind)
{
    struct tq_axis *axis = tq__axis_add(reading, TQ_AXIS_UNKNOWN, MONTH_NS);

    if (!axis)
        return NULL;
    axis->flags = TQ_AXIS_MODEL_ONLY | TQ_AXIS_CREDIT;
    tq__axis_name(reading, axis, kind);
    return axis;
}

static void read_amounts(struct tq__reading *reading, struct tq_axis *axis, struct tq__span limit,
                         struct tq__span left, struct tq__span percent)
{
    if (tq__axis_amount(reading, axis, TQ_AXIS_LIMIT, limit) && axis->limit == 0)
        axis->known &= ~(uint32_t)TQ_AXIS_LIMIT;
    tq__axis_amount(reading, axis, TQ_AXIS_REMAINING, left);
    if (tq__axis_left(reading, axis, percent, 4) && axis->used_ppm == 1000000)
        axis->flags |= TQ_AXIS_EMPTY;
}

static void read_numbers(struct tq__reading *reading, struct tq__span query, struct tq_axis *axis)
{
    struct tq__span value = query_value(query, "rst");
    int64_t at_ns;

    read_amounts(reading, axis, query_value(query, "ent"), query_value(query, "totrem"),
                 query_value(query, "rem"));
    if (value.at && tq__reading_took(reading, read_stamp(value, &at_ns)))
        tq__axis_reset(reading, axis, at_ns);
}

void tq__read_copilot(struct tq__reading *reading, const struct tq__fields *fields)
{
    if (!(reading->profile->families & TQ__FAMILY_COPILOT))
        return;
    for (uint32_t i = 0; i < fields->list[TQ__LIST_COPILOT].count; i++) {
        const struct tq_field *field = fields->list[TQ__LIST_COPILOT].field[i];
        struct tq__span name = tq__field_name(field, 0);
        bool weekly = tq__span_matches(name, "x-usage-ratelimit-weekly");
        struct tq_axis *axis = tq__span_begins(name, "x-quota-snapshot-")
                                   ? add_snapshot(reading, tq__span_behind(name, 17))
                                   : tq__axis_add(reading, TQ_AXIS_UNKNOWN, weekly ? TQ__WEEK_NS : 0);

        if (!axis)
            return;
        read_numbers(reading, tq__field_value(field), axis);
        if (axis->known == 0) {
            reading->signal->anomalies++;
            reading->signal->axis_count--;
        }
    }
}

/* ---- the usage endpoint ---------------------------------------------------------------------- */

/* "2026-12-01" -> the instant at which that day begins in UTC. */
static void read_day(struct tq__reading *reading, struct tq_axis *axis, struct tq__span day)
{
    char text[] = "2026-12-01T00:00:00Z";

    if (day.len == 10) {
        memcpy(text, day.at, day.len);
        day = tq__span_of(text);
    }
    tq__axis_instant(reading, axis, day);
}

/* A kind without a limit, or that the plan has not, says nothing. */
static void read_polled(struct tq__reading *reading, const struct tq__json_item *kind, struct tq__span reset)
{
    struct tq__json_item limit, left, percent, unlimited;
    const struct tq__json_wanted wanted[] = {{"entitlement", &limit},
                                             {"remaining", &left},
                                             {"percent_remaining", &percent},
                                             {"unlimited", &unlimited}};
    struct tq__span of, rest;
    struct tq_axis *axis;

    if (!tq__json_members(kind->text, wanted, sizeof wanted / sizeof wanted[0]) ||
        unlimited.kind == TQ__JSON_TRUE)
        return;
    of = tq__json_value(&limit);
    rest = tq__json_value(&left);
    axis = add_snapshot(reading, kind->key);
    if (!axis)
        return;
    read_amounts(reading, axis, of, rest, tq__json_value(&percent));
    if (!(axis->known & TQ_AXIS_USED))
        tq__axis_parts(reading, axis, of, (struct tq__span){NULL, 0}, rest);
    if ((of.at && !(axis->known & TQ_AXIS_LIMIT)) || !(axis->known & TQ_AXIS_USED)) {
        reading->signal->axis_count--;
        return;
    }
    read_day(reading, axis, reset);
}

void tq__copilot_poll(struct tq__reading *reading, struct tq__span object)
{
    struct tq__json_item snapshots, utc, day, kind;
    const struct tq__json_wanted wanted[] = {
        {"quota_snapshots", &snapshots}, {"quota_reset_date_utc", &utc}, {"quota_reset_date", &day}};
    struct tq__json json;

    (void)tq__json_members(object, wanted, 3);
    tq__json_begin(&json, snapshots.text, TQ__JSON_LAX);
    tq__json_enter_next(&json, '{');
    while (tq__json_next(&json, &kind) && tq__json_pass(&json, &kind))
        if (kind.kind == TQ__JSON_OBJECT)
            read_polled(reading, &kind, tq__json_value(tq__json_is_name(&utc) ? &utc : &day));
}
