/* fuzz_mcp_lines.c: any bytes in any pieces, cut into the messages of a client: the lines are those of a
 * plain cut.
 *
 * SPDX-License-Identifier: MIT
 *
 * The first byte says how long a line may be, the second how long the pieces are.
 */
#include <stdbool.h>

#include "cli/commands/mcp.h"
#include "target.h"

/* The next line of a plain cut: 1, or -1 when it is too long; 0 when no line end is left. */
static int cut(const char **at, const char *end, size_t most, struct tq__span *line)
{
    const char *stop = *at < end ? memchr(*at, '\n', (size_t)(end - *at)) : NULL;

    if (!stop)
        return 0;
    *line = (struct tq__span){*at, (size_t)(stop - *at)};
    *at = stop + 1;
    return line->len > most ? -1 : 1;
}

/* Compares the lines that are whole. told: the line at *at was said to be too long before its end came. */
static bool compare(struct mcp_lines *lines, const char **at, const char *end, bool told)
{
    struct tq__span line, plain = {NULL, 0};
    int answer;

    while ((answer = mcp_lines_next(lines, &line)) != 0) {
        int wanted;

        if (told)
            HOLDS(cut(at, end, lines->most, &plain) == -1);
        wanted = cut(at, end, lines->most, &plain);
        told = answer == -1 && wanted == 0;
        HOLDS(told || wanted == answer);
        if (answer == 1)
            HOLDS(line.len == plain.len && (line.len == 0 || memcmp(line.at, plain.at, line.len) == 0));
    }
    return told;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mcp_lines lines = {0};
    const char *bytes = (const char *)data, *at;
    size_t piece, done = 2;
    bool told = false;

    if (size < 2)
        return 0;
    lines.most = data[0];
    piece = (size_t)data[1] + 1;
    at = bytes + 2;
    while (done < size) {
        size_t room, part = size - done < piece ? size - done : piece;
        char *to = mcp_lines_room(&lines, &room);

        HOLDS(to && room > 0);
        part = part < room ? part : room;
        memcpy(to, bytes + done, part);
        lines.len += part;
        done += part;
        told = compare(&lines, &at, bytes + done, told);
    }
    HOLDS(lines.capacity <= 2 * (16384 + lines.most));
    HOLDS(mcp_lines_rest(&lines).len <= lines.most);
    mcp_lines_free(&lines);
    return 0;
}
