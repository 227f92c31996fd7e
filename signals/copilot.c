/* copilot.c: the quota snapshots of GitHub Copilot: x-quota-snapshot-*, x-usage-ratelimit-*.
 *
 * SPDX-License-Identifier: MIT
 *
 * A value looks like the query of a URL, in which rem is a percentage:
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

static void read_numbers(struct tq__reading *reading, struct tq__span query, struct tq_axis *axis)
{
    struct tq__span value;
    int64_t number = 0;

    if (tq__axis_amount(reading, axis, TQ_AXIS_LIMIT, query_value(query, "ent")) && axis->limit == 0)
        axis->known &= ~(uint32_t)TQ_AXIS_LIMIT;
    tq__axis_amount(reading, axis, TQ_AXIS_REMAINING, query_value(query, "totrem"));
    value = query_value(query, "rem");
    if (value.at && tq__reading_took(reading, tq__value_scaled(value, 4, &number)) && number <= 1000000) {
        axis->known |= TQ_AXIS_USED;
        axis->used_ppm = (uint32_t)(1000000 - number);
        axis->flags |= number == 0 ? TQ_AXIS_EMPTY : 0;
    }
    value = query_value(query, "rst");
    if (value.at && tq__reading_took(reading, read_stamp(value, &number)))
        tq__axis_reset(reading, axis, number);
}

void tq__read_copilot(struct tq__reading *reading, const struct tq__fields *fields)
{
    if (!(reading->profile->families & TQ__FAMILY_COPILOT))
        return;
    for (uint32_t i = 0; i < fields->list[TQ__LIST_COPILOT].count; i++) {
        const struct tq_field *field = fields->list[TQ__LIST_COPILOT].field[i];
        bool weekly = tq__span_matches(tq__field_name(field, 0), "x-usage-ratelimit-weekly");
        struct tq_axis *axis = tq__axis_add(reading, TQ_AXIS_UNKNOWN, weekly ? TQ__WEEK_NS : 0);

        if (!axis)
            return;
        /* A snapshot is of one kind of models or of use. */
        if (tq__span_begins(tq__field_name(field, 0), "x-quota-"))
            axis->flags |= TQ_AXIS_MODEL_ONLY;
        read_numbers(reading, tq__field_value(field), axis);
        if (axis->known == 0) {
            reading->signal->anomalies++;
            reading->signal->axis_count--;
        }
    }
}
