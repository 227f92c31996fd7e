/* reset.c: `tokenquota reset` forgets what a provider, or all, used.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/session.h"

enum {
    OPTION_ALL,
    OPTION_YES,
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_ALL] = {'a', "all", NULL, "of all providers"},
    [OPTION_YES] = YES_SPEC,
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
};

static int reset_one(struct session *session, void *context)
{
    const char *name = context;
    struct tq_provider *provider;
    int answer = session_provider(session, name, &provider);

    if (answer == 0)
        answer = tq_provider_reset(provider);
    return answer < 0 ? session_fail(name, answer) : answer;
}

/* The call itself answers nothing; that the file is still the one at its path is asked before. */
static int reset_all(struct session *session, void *context)
{
    uint32_t seen = 0;

    (void)context;
    if (tq_ledger_wait(session->ledger, &seen, 0) == TQ_EGONE)
        return TQ_EGONE;
    tq_tracker_reset(tq_ledger_tracker(session->ledger));
    return CLI_YES;
}

static int ask(const char *name, bool yes)
{
    char question[TQ_NAME_MAX * 4 + 64], clean[TQ_NAME_MAX * 4 + 8];

    if (yes)
        return 1;
    if (!name)
        return confirm(true, "Forget what all providers used, on all days?");
    text_clean(clean, sizeof(clean), name, strlen(name), false);
    snprintf(question, sizeof(question), "Forget what \"%s\" used, on all days?", clean);
    return confirm(false, question);
}

static int run(int argc, char **argv)
{
    const char *ledger = NULL;
    bool all = false, yes = false;
    const struct option_target targets[] = {
        [OPTION_ALL] = {.flag = &all},
        [OPTION_YES] = {.flag = &yes},
        [OPTION_LEDGER] = {.value = &ledger},
        [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &cmd_reset, targets), agreed;

    if (operands < 0)
        return operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    if (operands != !all) {
        report("it takes one PROVIDER, or --all");
        return CLI_ERROR;
    }
    agreed = ask(argv[0], yes);
    if (agreed <= 0)
        return agreed < 0 ? CLI_ERROR : CLI_NO;
    return all ? session_work(ledger, SESSION_RESET, reset_all, NULL)
               : session_work(ledger, SESSION_RESET, reset_one, argv[0]);
}

const struct command cmd_reset = {
    .name = "reset",
    .operands = "PROVIDER|--all",
    .summary = "forget what was used; budgets and marks stay",
    .options = options,
    .notes = "\n"
             "Asks on a terminal. Without one, --all needs --yes.\n\n"
             "Exit status: 0 done, 1 not agreed to, 2 an error.\n",
    .run = run,
};
