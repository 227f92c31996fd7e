/* objects.c: where a JSON object of a log ends, over as many lines and reads as it takes.
 *
 * SPDX-License-Identifier: MIT
 */
#include "pieces.h"

/* Can a JSON value begin at `at`, after the bytes before it? */
static bool takes_value(const char *text, const char *at)
{
    while (at > text && (at[-1] == ' ' || at[-1] == '\n' || at[-1] == '\r' || at[-1] == '\t'))
        at--;
    return at > text && (at[-1] == ',' || at[-1] == '[' || at[-1] == ':');
}

/* An object that begins at the start of a line, where the object before it cannot have a value, shows that
 * the writer of that object was killed. The part that was written is one bad object, and all following
 * objects are read. For the same reason a line end closes a string: no string contains one. Anything between
 * objects is skipped. */
bool tq__log_find_object(struct tq__log_pieces *pieces)
{
    struct tq__brackets *brackets = &pieces->brackets;
    const char *text = pieces->buffer + pieces->cursor, *end = pieces->buffer + pieces->fill;
    const char *at = text + pieces->seen.searched;

    while (at < end) {
        if (brackets->depth == 0) {
            for (; at < end && *at != '{'; at++)
                pieces->seen.ends += *at == '\n';
            if (at == end)
                break;
            pieces->seen.begin = (size_t)(at - text);
            pieces->seen.begin_ends = pieces->seen.ends;
        } else if (!brackets->in_string && *at == '{' && at[-1] == '\n' && !takes_value(text, at)) {
            pieces->seen.broken = true;
            brackets->depth = 0;
        }
        if (!pieces->seen.broken)
            at = tq__brackets_skip(brackets, at, end);
        if (brackets->depth == 0) {
            pieces->seen.searched = (size_t)(at - text);
            return true;
        }
        if (at < end) { /* at a line end */
            pieces->seen.ends += *at == '\n';
            brackets->in_string &= *at != '\n';
            brackets->escaped = false;
            at++;
        }
    }
    pieces->seen.searched = (size_t)(end - text);
    return false;
}
