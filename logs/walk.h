/* walk.h: one walk over the JSON of all tools; a table for each object lists the members to read.
 *
 * SPDX-License-Identifier: MIT
 *
 *     static const struct tq__log_member usage_members[] = {
 *         TQ__LOG_ITEM("speed", struct line, speed),
 *         TQ__LOG_COUNTS(TQ__IN_USAGE, struct line, usage),
 *     };
 *     static const struct tq__log_member line_members[] = {
 *         TQ__LOG_ITEM("timestamp", struct line, timestamp),
 *         TQ__LOG_INSIDE("usage", usage_members),
 *         TQ__LOG_NO_COUNTS,
 *     };
 *
 *     if (tq__log_read_object(text, line_members, &line))
 *         ... text is sound JSON, and line has what was found
 */
#ifndef TQ_LOGS_WALK_H
#define TQ_LOGS_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/usage.h"

/* The counts of an object. */
struct tq__log_usage {
    struct tq__counts counts;
    struct tq__usage_fault fault;
    bool is_there; /* the object was found, with or without a count in it */
};

/* A member that is read. Each table ends with a row without a name. */
struct tq__log_member {
    const char *name;
    uint8_t len;
    uint8_t place;                        /* in the last row: a place of base/usage.h, or 0 */
    uint16_t offset;                      /* of what is filled */
    const struct tq__log_member *members; /* NULL: the item itself is kept. Else what is read in the object */
};

/* Keeps the item, with all of its text. Where a key is there twice, the last one stands. */
#define TQ__LOG_ITEM(name, type, field)                                                                      \
    {                                                                                                        \
        name, sizeof(name) - 1, 0, offsetof(type, field), NULL                                               \
    }

/* Steps into the object, whose table fills this field. */
#define TQ__LOG_OBJECT(name, type, field, members)                                                           \
    {                                                                                                        \
        name, sizeof(name) - 1, 0, offsetof(type, field), members                                            \
    }

/* Steps into the object, whose table fills the same struct as this one. */
#define TQ__LOG_INSIDE(name, members)                                                                        \
    {                                                                                                        \
        name, sizeof(name) - 1, 0, 0, members                                                                \
    }

/* The last row of an object that has counts, with the keys of this place; field is a struct tq__log_usage. */
#define TQ__LOG_COUNTS(place, type, field)                                                                   \
    {                                                                                                        \
        NULL, 0, place, offsetof(type, field), NULL                                                          \
    }

/* The last row of any other object. */
#define TQ__LOG_NO_COUNTS                                                                                    \
    {                                                                                                        \
        NULL, 0, 0, 0, NULL                                                                                  \
    }

/* Reads the member that `json` gave last; false when the table does not name it. */
bool tq__log_take(struct tq__json *json, const struct tq__json_item *item,
                  const struct tq__log_member *members, void *out);

/* Reads the object that was entered last, to its end. */
void tq__log_walk(struct tq__json *json, const struct tq__log_member *members, void *out);

/* Reads a text that is one object; false when it is no sound JSON. What *out has of members that are not
 * there stays. */
bool tq__log_read_object(struct tq__span text, const struct tq__log_member *members, void *out);

#endif
