/* run.c: the runs of a process: which of them a name means, and whether it is in force.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "levels.h"
#include "limits.h"

/* Is a text NAME/X, with one X without a '/'? */
static bool is_directly_below(const char *text, size_t text_len, const char *name, size_t len)
{
    return text_len > len + 1 && text[len] == '/' && memcmp(text, name, len) == 0 &&
           !memchr(text + len + 1, '/', text_len - len - 1);
}

/* The first line of a name directly below this one, which a name can be; its length, or 0: there is none. */
static size_t line_below(const char *runs, const char *name, size_t len, const char **found)
{
    for (const char *line = runs, *end; *line; line = *end ? end + 1 : end) {
        size_t line_len;

        end = strchr(line, '\n');
        if (!end)
            end = line + strlen(line);
        line_len = (size_t)(end - line);
        if (line_len <= TQ_NAME_MAX && is_directly_below(line, line_len, name, len)) {
            *found = line;
            return line_len;
        }
    }
    return 0;
}

int tq_run_of(const char *runs, const char *name, size_t len, char *out, size_t capacity)
{
    const char *found = NULL;
    size_t run_len = 0, next;

    if (!name || !out || capacity <= TQ_NAME_MAX)
        return TQ_EINVAL;
    if (!runs || len == 0 || len > TQ_NAME_MAX)
        return 0;
    /* From a run to one inside it: each is longer than the one before, and none than TQ_NAME_MAX. */
    while ((next = line_below(runs, run_len ? out : name, run_len ? run_len : len, &found)) != 0) {
        memcpy(out, found, next);
        run_len = next;
    }
    if (run_len)
        out[run_len] = '\0';
    return (int)run_len;
}

int tq_run_check(const struct tq_provider *provider)
{
    struct tq_provider *pool;
    const char *name, *above;

    if (!provider)
        return TQ_EINVAL;
    if (tq_provider_pool(provider, &pool) != 0 ||
        !tq__limits_of(provider->ledger, tq__provider_slot(provider)))
        return TQ_EOVER;
    name = tq_provider_name(provider);
    above = tq_provider_name(pool);
    return is_directly_below(name, strlen(name), above, strlen(above)) ? 0 : TQ_EOVER;
}
