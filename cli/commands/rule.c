/* rule.c: `tokenquota rule` sets and prints what decides that a provider's budget is exhausted.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/show/show.h"
#include "view/json.h"
#include "cli/session.h"

struct ruling {
    const char *ledger;
    const char *provider;
    uint32_t rule;
    bool json;
};

#define TO(field) offsetof(struct ruling, field)

static const struct option options[] = {
    {0, "json", NULL, "print the rule as JSON", option_flag, TO(json), NULL},
    LEDGER_ROW,
    HELP_ROWS_END,
};

static int set(struct session *session, void *context)
{
    const struct ruling *ruling = context;
    struct tq_provider *provider;
    int answer =
        tq_ledger_provider(session->ledger, ruling->provider, strlen(ruling->provider), 0, &provider);

    if (answer == 0)
        answer = tq_provider_set_rule(provider, ruling->rule);
    return answer < 0 ? session_fail(ruling->provider, answer) : CLI_YES;
}

static int print(struct session *session, void *context)
{
    const struct ruling *ruling = context;
    struct tq_ledger_info info = {.size = sizeof(info)};
    struct tq_provider *provider;
    int answer = session_provider(session, ruling->provider, &provider);
    bool own;
    int rule;

    if (answer == 0)
        answer = tq_ledger_statistics(session->ledger, &info);
    if (answer != 0)
        return answer < 0 ? session_fail(ruling->provider, answer) : answer;
    rule = tq_provider_rule(provider);
    if (rule < 0)
        return session_fail(ruling->provider, rule);
    own = rule != TQ_RULE_DEFAULT;
    if (ruling->json) {
        json_t *document =
            json_pack("{s:i, s:s, s:s, s:b}", "schema", SCHEMA, "provider", tq_provider_name(provider),
                      "rule", rule_name(own ? (uint32_t)rule : info.rule), "own", own);

        return json_print(document, false) < 0 ? CLI_ERROR : CLI_YES;
    }
    printf("%s%s\n", rule_name(own ? (uint32_t)rule : info.rule), own ? "" : " (default)");
    return CLI_YES;
}

static int run(void *request, char **operands, int count)
{
    struct ruling *ruling = request;

    ruling->provider = operands[0];
    if (count == 1)
        return session_work(ruling->ledger, SESSION_READ, print, ruling);
    if (strcmp(operands[1], "default") == 0) {
        ruling->rule = TQ_RULE_DEFAULT;
    } else if (rule_parse(operands[1], &ruling->rule) < 0) {
        report("\"%s\" is no rule; write horizon, original, off or default", operands[1]);
        return CLI_ERROR;
    }
    if (ruling->json) {
        report("--json goes with printing a rule, not with setting one");
        return CLI_ERROR;
    }
    return session_work(ruling->ledger, SESSION_CREATE, set, ruling);
}

const struct command cmd_rule = {
    .name = "rule",
    .operands = "PROVIDER [horizon|original|off|default]",
    .summary = "set or print the rule that decides when a provider's budget is exhausted",
    .options = options,
    .notes =
        "\n"
        "horizon   exhausted when less of the budget is left than the last half hour used; every record\n"
        "          is a new decision\n"
        "original  exhausted when the day's average rate so far would exceed the budget; lasts until the\n"
        "          day ends\n"
        "off       no prediction: exhausted when the budget is used up\n"
        "default   the ledger's rule, which is horizon unless the ledger was created with another\n\n"
        "Exit status: 0 on success, 2 on an error.\n\n"
        "  tokenquota rule openai original\n",
    .request_bytes = sizeof(struct ruling),
    .least = 1,
    .most = 2,
    .needs = "it takes a PROVIDER, and to set its rule horizon, original, off or default",
    .offers = "@provider|horizon original off default",
    .run = run,
};
