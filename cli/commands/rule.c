/* rule.c: `tokenquota rule` sets and prints what decides that a provider's budget is exhausted.
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
    [OPTION_JSON] = {0, "json", NULL, "print the rule as JSON"},
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
};

struct ruling {
    const char *ledger;
    const char *provider;
    uint32_t rule;
    bool json;
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
        json_t *document = json_pack("{s:i, s:s, s:s, s:b}",
                                     "schema", SCHEMA,
                                     "provider", tq_provider_name(provider),
                                     "rule", rule_name(own ? (uint32_t)rule : info.rule),
                                     "own", own);

        return json_print(document, false) < 0 ? CLI_ERROR : CLI_YES;
    }
    printf("%s%s\n", rule_name(own ? (uint32_t)rule : info.rule), own ? "" : " (default)");
    return CLI_YES;
}

static int parse(struct ruling *ruling, char **operands, int count)
{
    if (count < 1 || count > 2) {
        report("it takes a PROVIDER, and to set it horizon, original, off or default");
        return -1;
    }
    ruling->provider = operands[0];
    if (count == 1)
        return 0;
    ruling->rule = TQ_RULE_DEFAULT;
    if (strcmp(operands[1], "default") == 0 || rule_parse(operands[1], &ruling->rule) == 0)
        return 0;
    report("\"%s\" is no rule; write horizon, original, off or default", operands[1]);
    return -1;
}

static int run(int argc, char **argv)
{
    struct ruling ruling = {0};
    const struct option_target targets[] = {
        [OPTION_JSON] = {.flag = &ruling.json},
        [OPTION_LEDGER] = {.value = &ruling.ledger},
        [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &cmd_rule, targets);

    if (operands < 0)
        return operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    if (parse(&ruling, argv, operands) < 0)
        return CLI_ERROR;
    if (operands == 1)
        return session_work(ruling.ledger, SESSION_READ, print, &ruling);
    if (ruling.json) {
        report("--json goes with printing a rule, not with setting one");
        return CLI_ERROR;
    }
    return session_work(ruling.ledger, SESSION_CREATE, set, &ruling);
}

const struct command cmd_rule = {
    .name = "rule",
    .operands = "PROVIDER [horizon|original|off|default]",
    .summary = "set or print what decides that a provider's budget is exhausted",
    .options = options,
    .notes = "\n"
             "horizon   less of the budget is left than the last half hour took; looked at again at each\n"
             "          record, and taken back\n"
             "original  the pace of the day so far exceeds the budget; it stays so until the day ends\n"
             "off       nothing is predicted: exhausted when the budget is used up\n"
             "default   the ledger's rule, which is horizon unless it was created with another\n\n"
             "Exit status: 0 done, 2 an error.\n\n"
             "  tokenquota rule openai original\n",
    .run = run,
};
