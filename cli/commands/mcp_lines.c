/* mcp_lines.c: cuts the messages of a client out of its bytes, in one bounded buffer.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>

#include "cli/commands/mcp.h"

#define FIRST_BYTES 16384

char *mcp_lines_room(struct mcp_lines *lines, size_t *room)
{
    if (lines->taken > 0) {
        lines->len -= lines->taken;
        lines->looked -= lines->taken;
        memmove(lines->bytes, lines->bytes + lines->taken, lines->len);
        lines->taken = 0;
    }
    if (lines->len == lines->capacity && lines->capacity <= lines->most) {
        size_t capacity = lines->capacity ? 2 * lines->capacity : FIRST_BYTES;
        char *bytes = realloc(lines->bytes, capacity);

        if (!bytes)
            return NULL;
        lines->bytes = bytes;
        lines->capacity = capacity;
    }
    *room = lines->capacity - lines->len;
    return lines->bytes + lines->len;
}

/* Forgets what is there of a line that is too long. */
static void forget(struct mcp_lines *lines)
{
    lines->taken = lines->looked = lines->len;
}

int mcp_lines_next(struct mcp_lines *lines, struct tq__span *line)
{
    while (lines->looked < lines->len) {
        const char *begin = lines->bytes + lines->taken;
        const char *end = memchr(lines->bytes + lines->looked, '\n', lines->len - lines->looked);
        bool skipped = lines->skipping;

        if (!end)
            break;
        *line = (struct tq__span){begin, (size_t)(end - begin)};
        lines->taken = lines->looked = (size_t)(end + 1 - lines->bytes);
        lines->skipping = false;
        if (skipped)
            continue;
        return line->len > lines->most ? -1 : 1;
    }
    lines->looked = lines->len;
    if (lines->skipping) {
        forget(lines);
    } else if (lines->len - lines->taken > lines->most) {
        lines->skipping = true;
        forget(lines);
        return -1;
    }
    return 0;
}

struct tq__span mcp_lines_rest(const struct mcp_lines *lines)
{
    if (lines->skipping || lines->len == lines->taken)
        return (struct tq__span){NULL, 0};
    return (struct tq__span){lines->bytes + lines->taken, lines->len - lines->taken};
}

void mcp_lines_free(struct mcp_lines *lines)
{
    free(lines->bytes);
    *lines = (struct mcp_lines){0};
}
