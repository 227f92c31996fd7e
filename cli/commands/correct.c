/* correct.c: `tokenquota correct` takes tokens back off a day.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/show/show.h"

struct correction {
    const char *ledger;
    const char *provider;
    int64_t tokens;
    struct instant at;
    bool json;
    bool verbose;
};

#define TO(field) offsetof(struct correction, field)

static const struct option options[] = {
    {0, "at", "INSTANT", "correct the UTC day of this instant instead of today", option_now, TO(at),
     "@instant"},
    {0, "json", NULL, "print the provider's new state as JSON", option_flag, TO(json), NULL},
    {'v', "verbose", NULL, "print the provider's new state", option_flag, TO(verbose), NULL},
    LEDGER_ROW,
    HELP_ROWS_END,
};

static int work(struct session *session, void *context)
{
    const struct correction *correction = context;
    struct tq_provider *provider;
    int answer = session_provider(session, correction->provider, &provider);

    if (answer != 0)
        return answer;
    answer = tq_provider_correct(provider, correction->tokens, correction->at.ns);
    if (answer < 0)
        return session_fail(correction->provider, answer);
    return standing_show(session, correction->provider, correction->at.ns, correction->verbose,
                         correction->json);
}

static int run(void *request, char **operands, int count)
{
    struct correction *correction = request;
    const char *number = operands[1], *wrong;

    (void)count;
    correction->provider = operands[0];
    if (*number != '-') {
        report("\"%s\": a correction takes tokens off: write -%s; to add tokens use: tokenquota observe",
               number, number);
        return CLI_ERROR;
    }
    wrong = tokens_parse(number + 1, strlen(number + 1), &correction->tokens);
    if (!wrong && correction->tokens == 0)
        wrong = "corrects nothing";
    if (wrong) {
        report("\"%s\" %s", number, wrong);
        return CLI_ERROR;
    }
    return session_work(correction->ledger, SESSION_WRITE, work, correction);
}

const struct command cmd_correct = {
    .name = "correct",
    .operands = "PROVIDER -TOKENS",
    .summary = "subtract tokens that were counted by mistake",
    .options = options,
    .notes = "\n"
             "The day's count does not fall below 0.\n\n"
             "Exit status: 0 on success, 2 on an error.\n\n"
             "  tokenquota correct openai -500\n",
    .request_bytes = sizeof(struct correction),
    .least = 2,
    .most = 2,
    .needs = "it takes a PROVIDER and -TOKENS, as in: tokenquota correct openai -500",
    .offers = "@provider",
    .run = run,
};
