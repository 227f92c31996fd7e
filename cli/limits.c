/* limits.c: limits that a command line states, in words: --limit 'PROVIDER=SENTENCE', --account 'NAME:
 * SENTENCE'.
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

/* Reads a sentence, and adds it to the limits of a name. 0, or -1 with a report. */
static int add(const struct option *option, struct given_limits *limits, struct tq__span name,
               const char *sentence)
{
    struct given_limit given = {.limit.size = sizeof given.limit};
    struct tq_error error = {.size = sizeof error};

    if (tq_limit_parse(sentence, &given.limit, &error) < 0) {
        report("--%s: %s", option->name, error.msg);
        return -1;
    }
    limits->items =
        must_have(tq__list_room(limits->items, limits->count, &limits->capacity, sizeof *limits->items));
    given.provider = must_have(strndup(name.at, name.len));
    limits->items[limits->count++] = given;
    return 0;
}

int option_limit(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    const char *split = strrchr(text, '='); /* a sentence has none */
    struct tq__span name = {text, split ? (size_t)(split - text) : 0};

    (void)now_ns;
    name = tq__span_trim(name);
    if (name.len == 0) {
        report("--%s: \"%s\" %s; write PROVIDER=SENTENCE, as in claude='900 requests per 5h first-use'",
               option->name, text, split ? "names no provider" : "has no \"=\"");
        return -1;
    }
    return add(option, to, name, split + 1);
}

int option_account(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    struct given_accounts *accounts = to;
    const char *split = strchr(text, ':');
    struct tq__span name = tq__span_trim((struct tq__span){text, split ? (size_t)(split - text) : 0});
    char *sentences, *rest = NULL;
    int result = 0;

    (void)now_ns;
    if (name.len == 0) {
        report("--%s: \"%s\" %s; write 'NAME: SENTENCE; SENTENCE', as in 'claude-1: 40M tokens "
               "per week; 7M tokens per 5h first-use'",
               option->name, text, split ? "names no account" : "has no \":\"");
        return -1;
    }
    sentences = must_have(strdup(split + 1));
    for (char *one = strtok_r(sentences, ";", &rest); one && result == 0; one = strtok_r(NULL, ";", &rest))
        if (one[strspn(one, " ")] != '\0')
            result = add(option, &accounts->limits, name, one + strspn(one, " "));
    free(sentences);
    accounts->names = must_have(
        tq__list_room(accounts->names, accounts->count, &accounts->capacity, sizeof *accounts->names));
    accounts->names[accounts->count++] = must_have(strndup(name.at, name.len));
    return result;
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

void given_accounts_free(struct given_accounts *accounts)
{
    given_limits_free(&accounts->limits);
    for (size_t i = 0; i < accounts->count; i++)
        free(accounts->names[i]);
    free(accounts->names);
}
