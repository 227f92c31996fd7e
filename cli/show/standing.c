/* standing.c: reads how providers of a ledger stand, and shows one after it was changed.
 *
 * SPDX-License-Identifier: MIT
 */
#include "cli/show/show.h"
#include "view/standings.h"

int standings_read(struct ledger_standings *all, struct session *session, char **names)
{
    struct tq_provider *provider;
    int answer = 0;

    all->ledger = session->ledger;
    for (; *names && answer == 0; names++) {
        int result = session_provider(session, *names, &provider);

        if (result != 0)
            return result;
        answer = ledger_standings_add(all, provider);
    }
    if (answer == 0)
        answer = ledger_standings_make(all);
    if (answer == TQ_ENOMEM)
        no_memory();
    return answer < 0 ? session_fail(all->about ? all->about : session->path, answer) : 0;
}

/* "openai: available; 1,200 of 1,000,000 tokens used in UTC day 2026-03-04" */
static void put_line(const char *name, const struct tq_verdict *verdict)
{
    printf("%s: ", name);
    verdict_put(stdout, verdict);
    printf("; %s", format_exact(verdict->used).s);
    if (verdict->budget)
        printf(" of %s", format_exact(verdict->budget).s);
    printf(" token%s used in UTC day %s\n", verdict->used == 1 && !verdict->budget ? "" : "s",
           format_utc_day(verdict->at_ns).s);
}

int standing_show(struct session *session, const struct request *request, const char *name, int answer,
                  bool verbose)
{
    char *names[] = {(char *)name, NULL};
    struct ledger_standings all = {.at_ns = request->at.ns};

    if (answer < 0)
        return session_fail(name, answer);
    if (answer == CLI_ERROR || (!verbose && !request->json))
        return answer == CLI_ERROR ? CLI_ERROR : 0;
    answer = standings_read(&all, session, names);
    if (answer == 0 && request->json)
        json_print(ledger_standings_json(&all, session->path), false);
    else if (answer == 0)
        put_line(name, &all.standings.items[0].verdict);
    ledger_standings_free(&all);
    if (answer != TQ_EGONE)
        return answer;
    report("done, but the ledger was replaced meanwhile: what the new one holds is not shown");
    return 0; /* or the session would do the work once more */
}
