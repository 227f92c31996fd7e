/* walk.c: one walk over the JSON of all tools; a table for each object lists the members to read.
 *
 * SPDX-License-Identifier: MIT
 */
#include "walk.h"

bool tq__log_take(struct tq__json *json, const struct tq__json_item *item,
                  const struct tq__log_member *members, void *out)
{
    struct tq__log_usage *usage;
    void *place;

    for (; members->name; members++) {
        if (members->len != item->key.len || memcmp(members->name, item->key.at, members->len) != 0)
            continue;
        place = (char *)out + members->offset;
        if (!members->members) {
            *(struct tq__json_item *)place = *item;
            tq__json_pass(json, place);
        } else if (tq__json_enter(json, '{')) {
            tq__log_walk(json, members->members, place);
        }
        return true;
    }
    if (members->place == TQ__NOWHERE)
        return false;
    usage = (void *)((char *)out + members->offset);
    return tq__usage_take(&usage->counts, members->place, json, item, &usage->fault);
}

/* It calls itself once for each object of the tables, and no table leads back to one before it. */
void tq__log_walk(struct tq__json *json, const struct tq__log_member *members, void *out)
{
    const struct tq__log_member *last = members;
    struct tq__json_item item;

    while (last->name)
        last++;
    if (last->place != TQ__NOWHERE)
        ((struct tq__log_usage *)(void *)((char *)out + last->offset))->is_there = true;
    while (tq__json_next(json, &item))
        tq__log_take(json, &item, members, out);
}

bool tq__log_read_object(struct tq__span text, const struct tq__log_member *members, void *out)
{
    struct tq__json json;

    tq__json_begin(&json, text, TQ__JSON_LAX);
    if (!tq__json_enter_next(&json, '{'))
        return false;
    tq__log_walk(&json, members, out);
    return tq__json_done(&json);
}
