/* ledger_standings.c: how the providers of a ledger stand at an instant, read from the ledger.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "ledger_standings.h"
#include "verdict.h"

static int append(struct ledger_standings *all, struct tq_provider *handle)
{
    int64_t budget = tq_provider_budget(handle);

    if (all->count == all->capacity) {
        size_t capacity = all->capacity ? all->capacity * 2 : 64;
        struct provider *providers = realloc(all->providers, capacity * sizeof(*providers));

        if (!providers) {
            report("out of memory");
            return CLI_ERROR;
        }
        all->providers = providers;
        all->capacity = capacity;
    }
    if (budget < 0)
        return session_fail(tq_provider_name(handle), (int)budget);
    all->providers[all->count++] = (struct provider){
        .handle = handle,
        .name = tq_provider_name(handle),
        .name_len = (uint32_t)strlen(tq_provider_name(handle)),
        .budget = budget,
    };
    return 0;
}

static int take_all(struct ledger_standings *all, struct session *session)
{
    struct tq_provider *handle;
    uint64_t cursor = 0;
    int answer, result = 0;

    while (result == 0 && (answer = tq_ledger_walk(session->ledger, &cursor, &handle)) == 0)
        result = append(all, handle);
    if (result == 0 && answer < 0)
        return session_fail("the list of providers", answer);
    return result;
}

/* A name that is given twice is shown once. */
static int take_named(struct ledger_standings *all, struct session *session, char **names)
{
    struct tq_provider *handle;
    int result = 0;

    for (; *names && result == 0; names++) {
        size_t i = 0;

        result = session_provider(session, *names, &handle);
        while (i < all->count && all->providers[i].handle != handle)
            i++;
        if (result == 0 && i == all->count)
            result = append(all, handle);
    }
    return result;
}

/* The days that the ledger keeps, up to the one of at_ns. */
static int take_days(struct provider *provider, const struct tq_ledger_info *info, int64_t at_ns)
{
    int64_t first_ns = day_start(at_ns) - (info->history_days - 1) * DAY_NS;

    for (int64_t day_ns = first_ns; day_ns <= at_ns; day_ns += DAY_NS) {
        int64_t used = tq_provider_used(provider->handle, day_ns);

        if (used == 0 || used == TQ_ERANGE)
            continue;
        if (used < 0)
            return session_fail(provider->name, (int)used);

        struct day *day = provider_day(provider, day_ns);

        if (!day) {
            report("out of memory");
            return CLI_ERROR;
        }
        day->used = used;
    }
    return 0;
}

static int take_standing(struct ledger_standings *all, struct provider *provider,
                         const struct ledger_question *question)
{
    struct tq_verdict verdict;
    int state = verdict_read(provider->handle, question->at_ns, &verdict);

    if (state < 0)
        return session_fail(provider->name, state);

    struct standing *standing = standings_append(&all->standings, provider, verdict.used);

    standing->verdict = verdict;
    standing->has_verdict = true;
    standing->state = state;
    standing->retry_at_ns = verdict.retry_at_ns;
    standing->idle = verdict.used == 0 && state == TQ_AVAILABLE && !provider->budget && !*question->names;
    return question->days ? take_days(provider, &all->info, question->at_ns) : 0;
}

int ledger_standings_make(struct ledger_standings *all, struct session *session,
                          const struct ledger_question *question)
{
    int result;

    *all = (struct ledger_standings){.info = {.size = sizeof(all->info)}};
    result = tq_ledger_statistics(session->ledger, &all->info);
    if (result < 0)
        return session_fail(session->path, result);
    result = *question->names ? take_named(all, session, question->names) : take_all(all, session);
    if (result != 0)
        return result;
    if (standings_init(&all->standings, all->count, question->at_ns, question->now) < 0)
        return CLI_ERROR;
    all->standings.idle_words = "without budget, usage and mark today";
    for (size_t i = 0; i < all->count && result == 0; i++)
        result = take_standing(all, &all->providers[i], question);
    standings_finish(&all->standings);
    return result;
}

void ledger_standings_free(struct ledger_standings *all)
{
    for (size_t i = 0; i < all->count; i++)
        free(all->providers[i].days);
    free(all->providers);
    free(all->standings.items);
}
