/* objects.c: where one JSON object ends, in a file of objects one after the other, on lines or over many.
 *
 * SPDX-License-Identifier: MIT
 *
 * Brackets are counted outside of strings, byte by byte, and the count survives the end of the buffer. An
 * object that begins at the start of a line, where the one before can have no value, tells that the writer of
 * that one was killed: what is there of it is one bad object, and all that follow are read. A line end closes
 * a string for the same reason: there can be none in it.
 */
#include "tools.h"

/* Can a value begin behind what is in front of `at`? */
static bool takes_value(const char *text, size_t at)
{
    while (at > 0 &&
           (text[at - 1] == ' ' || text[at - 1] == '\n' || text[at - 1] == '\r' || text[at - 1] == '\t'))
        at--;
    return at > 0 && (text[at - 1] == ',' || text[at - 1] == '[' || text[at - 1] == ':');
}

/* Looks at a byte outside of strings. True: the object ends in front of `at`, or with it. */
static bool look(struct tq__log_pieces *pieces, const char *text, size_t at)
{
    switch (text[at]) {
    case '"':
        pieces->in_string = pieces->depth > 0;
        return false;
    case '{':
        if (pieces->depth == 0) {
            pieces->begin = at;
            pieces->begin_ends = pieces->ends;
        } else if (text[at - 1] == '\n' && !takes_value(text, at)) {
            pieces->depth = 0;
            pieces->broken = true;
            return true;
        }
        pieces->depth++;
        return false;
    case '[':
        pieces->depth += pieces->depth > 0;
        return false;
    case '}':
    case ']':
        if (pieces->depth == 0)
            return false;
        return --pieces->depth == 0;
    case '\n':
        pieces->ends++;
        return false;
    default:
        return false;
    }
}

bool tq__log_objects_find(struct tq__log_pieces *pieces)
{
    const char *text = pieces->buffer + pieces->cursor;
    size_t held = pieces->fill - pieces->cursor, at = pieces->searched;

    for (; at < held; at++) {
        if (pieces->in_string && text[at] != '\n') {
            if (pieces->escaped)
                pieces->escaped = false;
            else if (text[at] == '\\')
                pieces->escaped = true;
            else
                pieces->in_string = text[at] != '"';
            continue;
        }
        pieces->in_string = pieces->escaped = false;
        if (look(pieces, text, at)) {
            pieces->searched = at + !pieces->broken;
            return true;
        }
    }
    pieces->searched = held;
    return false;
}
