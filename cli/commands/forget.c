/* forget.c: `tokenquota forget` clears all that is known of a provider, and hides its name.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/session.h"

enum {
    OPTION_YES,
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_YES] = YES_SPEC,
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
};

/* None is forgotten when one of them is not known. */
static int work(struct session *session, void *context)
{
    char **names = context;
    struct tq_provider *provider;
    int answer = 0;

    for (char **name = names; *name && answer == 0; name++)
        answer = session_provider(session, *name, &provider);
    for (char **name = names; *name && answer == 0; name++) {
        answer = session_provider(session, *name, &provider);
        if (answer == 0)
            answer = tq_provider_forget(provider);
        if (answer < 0)
            return session_fail(*name, answer);
    }
    return answer;
}

static int ask(char **names)
{
    char question[TQ_NAME_MAX * 4 + 96], clean[TQ_NAME_MAX * 4 + 8];

    if (names[1])
        return confirm(true, "Forget these providers: usage, budgets, rules and marks?");
    text_clean(clean, sizeof(clean), names[0], strlen(names[0]), false);
    snprintf(question, sizeof(question), "Forget \"%s\": usage, budget, rule and marks?", clean);
    return confirm(true, question);
}

static int run(int argc, char **argv)
{
    const char *ledger = NULL;
    bool yes = false;
    const struct option_target targets[] = {
        [OPTION_YES] = {.flag = &yes},
        [OPTION_LEDGER] = {.value = &ledger},
        [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &cmd_forget, targets), agreed;

    if (operands < 0)
        return operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    if (operands == 0) {
        report("it takes the PROVIDERs to forget");
        return CLI_ERROR;
    }
    agreed = yes ? 1 : ask(argv);
    if (agreed <= 0)
        return agreed < 0 ? CLI_ERROR : CLI_NO;
    return session_work(ledger, SESSION_WRITE, work, argv);
}

const struct command cmd_forget = {
    .name = "forget",
    .operands = "PROVIDER...",
    .summary = "forget a provider: usage, budget, rule and marks",
    .options = options,
    .notes = "\n"
             "Asks on a terminal; without one it needs --yes. The name takes its place in the file until\n"
             "`tokenquota ledger compact`, and is known again once something is counted or set for it.\n\n"
             "Exit status: 0 done, 1 not agreed to, 2 an error.\n",
    .run = run,
};
