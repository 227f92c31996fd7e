/* usage_brackets.c: where a JSON document ends, found without reading it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "usage_brackets.h"

#include "usage_json.h"

/* What is looked at outside of strings. */
static const bool stops[256] = {['"'] = true, ['{'] = true, ['['] = true, ['}'] = true, [']'] = true};

const char *tq__skip_string(struct tq__brackets *brackets, const char *at, const char *end)
{
    for (; at < end; at++) {
        if (brackets->escaped && !tq__ends_line(*at)) {
            brackets->escaped = false;
            continue;
        }
        at = tq__json_plain(at, end);
        while (at < end && *at != '"' && *at != '\\' && !tq__ends_line(*at)) /* another control character */
            at = tq__json_plain(at + 1, end);
        if (at == end || *at != '\\')
            break;
        brackets->escaped = true;
    }
    if (at < end && *at == '"') {
        brackets->in_string = false;
        at++;
    }
    return at;
}

const char *tq__skip_document(struct tq__brackets *brackets, const char *at, const char *end)
{
    while (at < end) {
        if (brackets->in_string) {
            at = tq__skip_string(brackets, at, end);
            if (brackets->in_string)
                break;
            continue;
        }
        while (at < end && !stops[(unsigned char)*at])
            at++;
        if (at == end)
            break;
        if (*at == '"') {
            brackets->in_string = true;
        } else if (*at == '{' || *at == '[') {
            brackets->begun = true;
            brackets->depth++;
        } else if (brackets->depth > 0 && --brackets->depth == 0) {
            return at + 1;
        }
        at++;
    }
    return at;
}
