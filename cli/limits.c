/* limits.c: limits that a command line states, in words: --limit 'PROVIDER=SENTENCE'.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/text.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "view/windows.h"

int option_limit(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    struct given_limits *limits = to;
    struct given_limit given = {.limit.size = sizeof given.limit};
    struct tq_error error = {.size = sizeof error};
    const char *split = strrchr(text, '='); /* a sentence has none */
    struct tq__span name = {text, split ? (size_t)(split - text) : 0};

    (void)now_ns;
    name = tq__span_trim(name);
    if (name.len == 0) {
        report("--%s: \"%s\" %s; write PROVIDER=SENTENCE, as in claude='900 requests per 5h first-use'",
               option->name, text, split ? "names no provider" : "has no \"=\"");
        return -1;
    }
    if (tq_limit_parse(split + 1, &given.limit, &error) < 0) {
        report("--%s: %s", option->name, error.msg);
        return -1;
    }
    limits->items =
        must_have(tq__list_room(limits->items, limits->count, &limits->capacity, sizeof *limits->items));
    given.provider = must_have(strndup(name.at, name.len));
    limits->items[limits->count++] = given;
    return 0;
}

int given_limits_set(const struct given_limits *limits, struct windows *windows)
{
    for (size_t i = 0; i < limits->count; i++) {
        const struct given_limit *given = &limits->items[i];
        struct tq_error error = {.size = sizeof error};
        int answer = windows_set(windows, given->provider, &given->limit, &error);

        if (answer < 0) {
            report("--limit: \"%s\": %s", given->provider, *error.msg ? error.msg : tq_strerror(answer));
            return -1;
        }
    }
    return 0;
}

void given_limits_free(struct given_limits *limits)
{
    for (size_t i = 0; i < limits->count; i++)
        free(limits->items[i].provider);
    free(limits->items);
}
