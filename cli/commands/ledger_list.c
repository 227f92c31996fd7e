/* ledger_list.c: the providers of a ledger by name, and `tokenquota ledger names`, which prints them.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "ledger_verbs.h"

static int compare(const void *left, const void *right)
{
    const struct tq_provider *const *a = left, *const *b = right;

    return strcmp(tq_provider_name(*a), tq_provider_name(*b));
}

int ledger_list(struct session *session, struct tq_provider ***items, size_t *count)
{
    struct tq_provider *provider;
    size_t capacity = 0;
    uint64_t cursor = 0;
    int answer;

    *items = NULL;
    *count = 0;
    while ((answer = tq_ledger_walk(session->ledger, &cursor, &provider)) == 0) {
        if (*count == capacity) {
            struct tq_provider **more = realloc(*items, (capacity * 2 + 64) * sizeof(struct tq_provider *));

            if (!more) {
                report("out of memory");
                return CLI_ERROR;
            }
            *items = more;
            capacity = capacity * 2 + 64;
        }
        (*items)[(*count)++] = provider;
    }
    if (answer < 0)
        return session_fail(session->path, answer);
    if (*count)
        qsort(*items, *count, sizeof(struct tq_provider *), compare);
    return 0;
}

static int work(struct session *session, void *context)
{
    struct tq_provider **items;
    size_t count;
    int answer = ledger_list(session, &items, &count);

    (void)context;
    for (size_t i = 0; i < count && answer == 0; i++)
        puts(tq_provider_name(items[i]));
    free(items);
    return answer;
}

static int run(int argc, char **argv)
{
    const char *ledger = NULL;
    int exit_status;

    if (!ledger_only(argc, argv, &ledger_names, &ledger, &exit_status))
        return exit_status;
    return session_work(ledger, SESSION_READ, work, NULL);
}

const struct command ledger_names = {
    .name = "ledger names",
    .operands = "",
    .summary = "print the providers' names, one a line, in the order of their bytes",
    .options = ledger_only_options,
    .notes = "\nA name has no line end in it. Exit status: 0 done, 2 an error.\n",
    .run = run,
};
