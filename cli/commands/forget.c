/* forget.c: `tokenquota forget` clears all that is known of a provider, and hides its name.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/session.h"

struct forgetting {
    const char *ledger;
    bool yes;
};

#define TO(field) offsetof(struct forgetting, field)

static const struct option options[] = {
    YES_ROW,
    LEDGER_ROW,
    HELP_ROWS_END,
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

static int run(void *request, char **operands, int count)
{
    struct forgetting *forgetting = request;
    int agreed = forgetting->yes ? 1 : ask(operands);

    (void)count;
    if (agreed <= 0)
        return agreed < 0 ? CLI_ERROR : CLI_NO;
    return session_work(forgetting->ledger, SESSION_WRITE, work, operands);
}

const struct command cmd_forget = {
    .name = "forget",
    .operands = "PROVIDER...",
    .summary = "forget a provider: usage, budget, rule and marks",
    .options = options,
    .notes =
        "\n"
        "Asks first on a terminal; without a terminal it needs --yes. The name keeps using space in the\n"
        "file until `tokenquota ledger compact`. It comes back when something is counted or set for it.\n\n"
        "Exit status: 0 on success, 1 if you did not agree, 2 on an error.\n",
    .request_bytes = sizeof(struct forgetting),
    .least = 1,
    .most = ANY_NUMBER,
    .needs = "it takes the PROVIDERs to forget",
    .offers = "@provider...",
    .run = run,
};
