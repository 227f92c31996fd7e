/* budget.c: `tokenquota budget` sets, removes and prints a provider's budget.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/show/show.h"
#include "view/json.h"
#include "cli/session.h"

struct budgeting {
    const char *ledger;
    const char *provider;
    int64_t tokens;
    bool json;
};

#define TO(field) offsetof(struct budgeting, field)

static const struct option options[] = {
    {0, "json", NULL, "print the budget as JSON", option_flag, TO(json), NULL},
    LEDGER_ROW,
    HELP_ROWS_END,
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
        json_t *document = json_pack("{s:i, s:s, s:o}", "schema", SCHEMA, "provider",
                                     tq_provider_name(provider), "budget", value);

        return json_print(document, false) < 0 ? CLI_ERROR : CLI_YES;
    }
    if (budget)
        printf("%lld\n", (long long)budget);
    else
        puts("none");
    return CLI_YES;
}

static int run(void *request, char **operands, int count)
{
    struct budgeting *budgeting = request;
    const char *wrong = NULL;

    budgeting->provider = operands[0];
    if (!*budgeting->provider) {
        report("\"\": %s", tq_strerror(TQ_ENAME));
        return CLI_ERROR;
    }
    if (count == 1)
        return session_work(budgeting->ledger, SESSION_READ, print, budgeting);
    if (strcmp(operands[1], "none") != 0)
        wrong = tokens_parse(operands[1], strlen(operands[1]), &budgeting->tokens);
    if (wrong) {
        report("\"%s\" %s", operands[1], wrong);
        return CLI_ERROR;
    }
    if (budgeting->json) {
        report("--json goes with printing a budget, not with setting one");
        return CLI_ERROR;
    }
    return session_work(budgeting->ledger, SESSION_CREATE, set, budgeting);
}

const struct command cmd_budget = {
    .name = "budget",
    .operands = "PROVIDER [TOKENS|none]",
    .summary = "set or print a provider's budget in tokens per UTC day",
    .options = options,
    .notes = "\n"
             "Write TOKENS as 5000000, 5M or 1.5k. `none`, or 0, removes the budget. A budget that is used\n"
             "up takes the provider out at once. The next `tokenquota observe` makes a new prediction.\n\n"
             "Exit status: 0 on success, 2 on an error.\n\n"
             "  tokenquota budget openai 5M\n",
    .request_bytes = sizeof(struct budgeting),
    .least = 1,
    .most = 2,
    .needs = "it takes a PROVIDER, and to set its budget TOKENS or none, as in: tokenquota budget openai 5M",
    .offers = "@provider|none",
    .run = run,
};
