/* correct.c: `tokenquota correct` takes tokens back off a day.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/show/show.h"

enum {
    OPTION_AT,
    OPTION_JSON,
    OPTION_VERBOSE,
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_AT] = {0, "at", "INSTANT", "correct the UTC day of this instant, not today"},
    [OPTION_JSON] = {0, "json", NULL, "print how the provider stands, as JSON"},
    [OPTION_VERBOSE] = {'v', "verbose", NULL, "print how the provider stands"},
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
};

struct correction {
    const char *ledger;
    const char *at;
    const char *provider;
    int64_t tokens;
    int64_t at_ns;
    bool json;
    bool verbose;
};

static int work(struct session *session, void *context)
{
    const struct correction *correction = context;
    struct tq_provider *provider;
    int answer = session_provider(session, correction->provider, &provider);

    if (answer != 0)
        return answer;
    answer = tq_provider_correct(provider, correction->tokens, correction->at_ns);
    if (answer < 0)
        return session_fail(correction->provider, answer);
    return standing_show(session, correction->provider, correction->at_ns, correction->verbose,
                         correction->json);
}

static int parse(struct correction *correction, char **operands, int count)
{
    const char *wrong, *number;

    if (count != 2) {
        report("it takes a PROVIDER and -TOKENS, as in: tokenquota correct openai -500");
        return -1;
    }
    correction->provider = operands[0];
    number = operands[1];
    if (*number != '-') {
        report("\"%s\": a correction takes tokens off: write -%s; more are counted by: tokenquota observe",
               number, number);
        return -1;
    }
    wrong = tokens_parse(number + 1, strlen(number + 1), &correction->tokens);
    if (!wrong && correction->tokens == 0)
        wrong = "corrects nothing";
    if (wrong)
        report("\"%s\" %s", number, wrong);
    return wrong ? -1 : instant_now(correction->at, &correction->at_ns);
}

static int run(int argc, char **argv)
{
    struct correction correction = {0};
    const struct option_target targets[] = {
        [OPTION_AT] = {.value = &correction.at},          [OPTION_JSON] = {.flag = &correction.json},
        [OPTION_VERBOSE] = {.flag = &correction.verbose}, [OPTION_LEDGER] = {.value = &correction.ledger},
        [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &cmd_correct, targets);

    if (operands < 0)
        return operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    if (parse(&correction, argv, operands) < 0)
        return CLI_ERROR;
    return session_work(correction.ledger, SESSION_WRITE, work, &correction);
}

const struct command cmd_correct = {
    .name = "correct",
    .operands = "PROVIDER -TOKENS",
    .summary = "take tokens back off a day",
    .options = options,
    .notes = "\n"
             "The day's count does not fall below 0.\n\n"
             "Exit status: 0 done, 2 an error.\n\n"
             "  tokenquota correct openai -500\n",
    .run = run,
};
