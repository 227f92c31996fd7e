/* splice.c: the whole objects of a line on which there is more than one, or a part of another one.
 *
 * SPDX-License-Identifier: MIT
 *
 * Two programs that write to one file at once, or one that was killed, leave such lines: two records without
 * a line end between them; a record that is cut off and a whole one behind it; a run of NUL bytes. Each
 * object that is whole is read. Behind one that is cut off, the next one begins where a record can begin.
 */
#include "splice.h"

#include "base/json.h"

#define TRIES_MAX 64 /* so that a hostile line costs no more than so many walks over it */

void tq__log_splice_begin(struct tq__log_splice *splice, struct tq__span line)
{
    *splice = (struct tq__log_splice){.at = line.at, .end = line.at + line.len};
}

/* Behind the object that begins at `at`; NULL when it is not whole. */
static const char *object_end(const char *at, const char *end)
{
    struct tq__json_item item;
    struct tq__json json;

    tq__json_begin(&json, (struct tq__span){at, (size_t)(end - at)}, TQ__JSON_LAX);
    if (!tq__json_enter_next(&json, '{'))
        return NULL;
    while (tq__json_next(&json, &item))
        continue;
    return json.failed ? NULL : json.at;
}

/* Where a record can begin: at its first member. NULL: nowhere. */
static const char *find_record(const char *at, const char *end)
{
    static const char *const members[] = {"parentUuid\"", "type\"", "sessionId\"", "uuid\"", "timestamp\""};

    while ((at = memmem(at, (size_t)(end - at), "{\"", 2)) != NULL) {
        for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
            size_t len = strlen(members[i]);

            if ((size_t)(end - at) > len + 2 && memcmp(at + 2, members[i], len) == 0)
                return at;
        }
        at += 2;
    }
    return NULL;
}

bool tq__log_splice_next(struct tq__log_splice *splice, bool (*matters)(const char *text, size_t len))
{
    const char *from = splice->at, *end = splice->end;
    const char *at = memchr(from, '{', (size_t)(end - from)), *behind = NULL;

    while (at && splice->tries++ < TRIES_MAX && !(behind = object_end(at, end)))
        at = find_record(at + 1, end);
    if (!behind)
        at = splice->at = end;
    else
        splice->at = behind;
    splice->object = (struct tq__span){at, (size_t)(splice->at - at)};
    splice->lost |= at > from && matters(from, (size_t)(at - from));
    return behind != NULL;
}
