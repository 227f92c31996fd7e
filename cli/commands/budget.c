/* budget.c: `tokenquota budget` sets, removes and prints a provider's budget.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/show/show.h"
#include "view/json.h"
#include "cli/session.h"

enum {
    OPTION_JSON,
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_JSON] = {0, "json", NULL, "print the budget as JSON"},
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
};

struct budgeting {
    const char *ledger;
    const char *provider;
    int64_t tokens;
    bool json;
};

static int set(struct session *session, void *context)
{
    const struct budgeting *budgeting = context;
    int answer =
        tq_tracker_set_budget(tq_ledger_tracker(session->ledger), budgeting->provider, budgeting->tokens);

    return answer < 0 ? session_fail(budgeting->provider, answer) : CLI_YES;
}

static int print(struct session *session, void *context)
{
    const struct budgeting *budgeting = context;
    struct tq_provider *provider;
    int answer = session_provider(session, budgeting->provider, &provider);
    int64_t budget = answer == 0 ? tq_provider_budget(provider) : 0;

    if (answer != 0)
        return answer;
    if (budget < 0)
        return session_fail(budgeting->provider, (int)budget);
    if (budgeting->json) {
        json_t *value = budget ? number_json(budget) : json_null();
        json_t *document = json_pack("{s:i, s:s, s:o}",
                                     "schema", SCHEMA,
                                     "provider", tq_provider_name(provider),
                                     "budget", value);

        return json_print(document, false) < 0 ? CLI_ERROR : CLI_YES;
    }
    if (budget)
        printf("%lld\n", (long long)budget);
    else
        puts("none");
    return CLI_YES;
}

static int parse(struct budgeting *budgeting, char **operands, int count)
{
    const char *wrong = NULL;

    if (count < 1 || count > 2) {
        report("it takes a PROVIDER, and to set it TOKENS or none, as in: tokenquota budget openai 5M");
        return -1;
    }
    budgeting->provider = operands[0];
    if (!*budgeting->provider) {
        report("\"\": %s", tq_strerror(TQ_ENAME));
        return -1;
    }
    if (count == 2 && strcmp(operands[1], "none") != 0)
        wrong = tokens_parse(operands[1], strlen(operands[1]), &budgeting->tokens);
    if (wrong)
        report("\"%s\" %s", operands[1], wrong);
    return wrong ? -1 : 0;
}

static int run(int argc, char **argv)
{
    struct budgeting budgeting = {0};
    const struct option_target targets[] = {
        [OPTION_JSON] = {.flag = &budgeting.json},
        [OPTION_LEDGER] = {.value = &budgeting.ledger},
        [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &cmd_budget, targets);

    if (operands < 0)
        return operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    if (parse(&budgeting, argv, operands) < 0)
        return CLI_ERROR;
    if (operands == 1)
        return session_work(budgeting.ledger, SESSION_READ, print, &budgeting);
    if (budgeting.json) {
        report("--json goes with printing a budget, not with setting one");
        return CLI_ERROR;
    }
    return session_work(budgeting.ledger, SESSION_CREATE, set, &budgeting);
}

const struct command cmd_budget = {
    .name = "budget",
    .operands = "PROVIDER [TOKENS|none]",
    .summary = "set or print a provider's budget, in tokens a UTC day",
    .options = options,
    .notes = "\n"
             "TOKENS are 5000000, 5M or 1.5k; none, or 0, removes the budget. The state of the provider\n"
             "follows a new budget with the next `tokenquota observe`.\n\n"
             "Exit status: 0 done, 2 an error.\n\n"
             "  tokenquota budget openai 5M\n",
    .run = run,
};
