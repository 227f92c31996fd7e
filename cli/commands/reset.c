/* reset.c: `tokenquota reset` forgets what a provider, or all, used.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/session.h"

struct resetting {
    const char *ledger;
    bool all;
    bool yes;
};

#define TO(field) offsetof(struct resetting, field)

static const struct option options[] = {
    {'a', "all", NULL, "reset every provider", option_flag, TO(all), NULL},
    YES_ROW,
    LEDGER_ROW,
    HELP_ROWS_END,
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

static int run(void *request, char **operands, int count)
{
    const struct resetting *resetting = request;
    int agreed;

    if (count != !resetting->all) {
        report("%s", cmd_reset.needs);
        return CLI_ERROR;
    }
    agreed = ask(operands[0], resetting->yes);
    if (agreed <= 0)
        return agreed < 0 ? CLI_ERROR : CLI_NO;
    return session_work(resetting->ledger, SESSION_RESET, resetting->all ? reset_all : reset_one,
                        operands[0]);
}

const struct command cmd_reset = {
    .name = "reset",
    .operands = "PROVIDER|--all",
    .summary = "forget what a provider used; its budget and marks stay",
    .options = options,
    .notes = "\n"
             "Asks first on a terminal. Without a terminal, --all needs --yes.\n\n"
             "Exit status: 0 on success, 1 if you did not agree, 2 on an error.\n",
    .request_bytes = sizeof(struct resetting),
    .most = 1,
    .needs = "it takes one PROVIDER, or --all",
    .offers = "@provider",
    .run = run,
};
