/* forget.c: `tokenquota reset` forgets what a provider, or all, used; `tokenquota forget` all that is known
 * of it.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "cli/show/show.h"

/* None is forgotten when one of them is not known. */
static int each(struct session *session, char **names,
                int (*change)(struct session *session, struct tq_provider *provider))
{
    struct tq_provider *provider;
    int answer = 0;

    for (char **name = names; *name && answer == 0; name++)
        answer = session_provider(session, *name, &provider);
    for (char **name = names; *name && answer == 0; name++) {
        answer = session_provider(session, *name, &provider);
        if (answer == 0)
            answer = change(session, provider);
        if (answer < 0)
            return session_fail(*name, answer);
    }
    return answer;
}

/* ---- reset ----------------------------------------------------------------------------------- */

struct resetting {
    struct request asked;
    bool all;
};

static const struct option reset_options[] = {
    FLAG_ROW('a', "all", offsetof(struct resetting, all), "reset every provider"),
    YES_ROW,
    LEDGER_ROW,
    HELP_ROWS_END,
};

static int reset_one(struct session *session, struct tq_provider *provider)
{
    (void)session;
    return tq_provider_reset(provider);
}

/* tq_tracker_reset returns nothing, so check first that the file at the path is still this one. */
static int reset(struct session *session, void *request)
{
    const struct resetting *resetting = request;
    uint32_t seen = 0;

    if (!resetting->all)
        return each(session, resetting->asked.operands, reset_one);
    if (tq_ledger_wait(session->ledger, &seen, 0) == TQ_EGONE)
        return TQ_EGONE;
    tq_tracker_reset(tq_ledger_tracker(session->ledger));
    return CLI_YES;
}

static int run_reset(void *request)
{
    const struct resetting *resetting = request;
    const struct request *asked = &resetting->asked;
    int agreed;

    if ((asked->count == 0) != resetting->all) {
        report("%s", cmd_reset.needs);
        return CLI_ERROR;
    }
    if (resetting->all)
        agreed = confirm(asked, true, "Forget what all providers used, on all days?");
    else
        agreed = confirm(asked, false, "Forget what \"%s\" used, on all days?", asked->operands[0]);
    return agreed == CLI_YES ? session_work(request, SESSION_RESET, reset) : agreed;
}

const struct command cmd_reset = {
    .name = "reset",
    .operands = "PROVIDER|--all",
    .summary = "forget what a provider used; its budget, limits and marks stay",
    .options = reset_options,
    .notes = "\n"
             "Asks first on a terminal. Without a terminal, --all needs --yes.\n\n"
             "Exit status: 0 on success, 1 if you did not agree, 2 on an error.\n",
    .request_bytes = sizeof(struct resetting),
    .most = 1,
    .needs = "it takes one PROVIDER, or --all",
    .offers = "@provider",
    .run = run_reset,
};

/* ---- forget ---------------------------------------------------------------------------------- */

static const struct option forget_options[] = {YES_ROW, LEDGER_ROW, HELP_ROWS_END};

/* The limits of a pool hold for its members as well, so say that they go. */
static int forget_one(struct session *session, struct tq_provider *pool)
{
    struct tq_provider **items, *above;
    const char *first = NULL;
    size_t count, members = 0;
    int answer = session_providers(session, &items, &count);

    if (answer != 0)
        return answer;
    for (size_t i = 0; i < count; i++)
        if (tq_provider_pool(items[i], &above) == 0 && above == pool && members++ == 0)
            first = tq_provider_name(items[i]);
    free(items);
    answer = tq_provider_forget(pool);
    if (answer == 0 && members > 0)
        report("note: \"%s\" is the pool of \"%s\"%s%s: its limits, budget and marks no longer hold for %s",
               tq_provider_name(pool), first, members > 1 ? " and of " : "",
               members > 1 ? plural(members - 1, "other").s : "", members > 1 ? "them" : "it");
    return answer;
}

static int forget(struct session *session, void *request)
{
    return each(session, ((const struct request *)request)->operands, forget_one);
}

static int run_forget(void *request)
{
    const struct request *asked = request;
    int agreed;

    if (asked->count > 1)
        agreed = confirm(asked, true, "Forget these providers: usage, limits, settings and marks?");
    else
        agreed =
            confirm(asked, true, "Forget \"%s\": usage, limits, settings and marks?", asked->operands[0]);
    return agreed == CLI_YES ? session_work(request, SESSION_WRITE, forget) : agreed;
}

const struct command cmd_forget = {
    .name = "forget",
    .operands = "PROVIDER...",
    .summary = "forget a provider: usage, limits, settings and marks",
    .options = forget_options,
    .notes =
        "\n"
        "Asks first on a terminal; without a terminal it needs --yes. The name keeps using space in the\n"
        "file until `tokenquota ledger compact`. It comes back when something is counted or set for it.\n"
        "The limits, budget and marks of a pool no longer hold for the providers in it.\n\n"
        "Exit status: 0 on success, 1 if you did not agree, 2 on an error.\n",
    .least = 1,
    .most = ANY_NUMBER,
    .needs = "it takes the PROVIDERs to forget",
    .offers = "@provider...",
    .run = run_forget,
};
