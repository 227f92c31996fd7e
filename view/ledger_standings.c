/* ledger_standings.c: how the providers of a ledger stand: all of them, some, or the most urgent.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/time.h"
#include "json.h"
#include "standings.h"
#include "verdict.h"

static int append(struct ledger_standings *all, struct tq_provider *handle)
{
    struct provider *providers = tq__list_room(all->providers, all->count, &all->capacity, sizeof *providers);
    int64_t budget = tq_provider_budget(handle);

    if (!providers)
        return TQ_ENOMEM;
    all->providers = providers;
    if (budget < 0) {
        all->about = tq_provider_name(handle);
        return (int)budget;
    }
    providers[all->count++] =
        (struct provider){.handle = handle, .name = tq_provider_name(handle), .budget = budget};
    return 0;
}

int ledger_standings_add(struct ledger_standings *all, struct tq_provider *provider)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->providers[i].handle == provider)
            return 0;
    return append(all, provider);
}

/* Takes the newest days that the ledger keeps, up to the one of at_ns. */
static int take_days(struct provider *provider, uint32_t days, int64_t at_ns)
{
    int64_t first_ns = tq__day_start(at_ns) - (days - 1) * TQ__DAY_NS;

    for (int64_t day_ns = first_ns; day_ns <= at_ns; day_ns += TQ__DAY_NS) {
        int64_t used = tq_provider_used(provider->handle, day_ns);
        struct day *day;

        if (used == 0 || used == TQ_ERANGE)
            continue;
        if (used < 0)
            return (int)used;
        day = provider_day(provider, day_ns);
        if (!day)
            return TQ_ENOMEM;
        day->used = used;
    }
    return 0;
}

static int take_standing(struct ledger_standings *all, struct provider *provider, bool named)
{
    int answer;
    struct standing *standing = standings_append(&all->standings, provider, &answer);

    if (!standing)
        return answer;
    standing->idle = standing->idle && !provider->budget && !named;
    if (all->days == 0)
        return 0;
    return take_days(provider, all->days < all->info.history_days ? all->days : all->info.history_days,
                     all->at_ns);
}

/* ---- the most urgent of many ----------------------------------------------------------------- */

/* How urgent a provider is, by its verdict alone: close to the order of standings, and cheap. */
struct urgency {
    struct provider provider;
    bool available;
    int64_t retry_at_ns; /* of one that is out */
    double share;        /* of the budget or of the nearest limit */
    int64_t used;
};

static int more_urgent(const void *left, const void *right)
{
    const struct urgency *a = left, *b = right;

    if (a->available != b->available)
        return a->available ? 1 : -1;
    if (a->retry_at_ns != b->retry_at_ns)
        return a->retry_at_ns < b->retry_at_ns ? -1 : 1;
    if (a->share != b->share)
        return a->share > b->share ? -1 : 1;
    if (a->used != b->used)
        return a->used > b->used ? -1 : 1;
    return strcmp(a->provider.name, b->provider.name);
}

static int read_urgency(const struct provider *provider, int64_t at_ns, struct urgency *urgency)
{
    struct tq_verdict verdict;
    int state = verdict_read(provider->handle, at_ns, 0, &verdict);
    bool own = verdict.level == 0 || state == TQ_AVAILABLE; /* else used and limit are its pool's */
    int64_t used = own ? verdict.used : tq_provider_used(provider->handle, at_ns);

    *urgency = (struct urgency){.provider = *provider,
                                .available = state == TQ_AVAILABLE,
                                .retry_at_ns = verdict.retry_at_ns,
                                .used = used};
    if (provider->budget > 0)
        urgency->share = (double)used / (double)provider->budget;
    if (verdict.level == 0 && verdict.limit_amount > 0 &&
        (double)verdict.limit_used / (double)verdict.limit_amount > urgency->share)
        urgency->share = (double)verdict.limit_used / (double)verdict.limit_amount;
    return state < 0 ? state : 0;
}

/* Leaves the most urgent ones: all else of the rest is not read. */
static int keep_most(struct ledger_standings *all)
{
    struct urgency *items = malloc(all->count * sizeof *items);
    int answer = items ? 0 : TQ_ENOMEM;

    for (size_t i = 0; i < all->count && answer == 0; i++) {
        answer = read_urgency(&all->providers[i], all->at_ns, &items[i]);
        if (answer < 0)
            all->about = all->providers[i].name;
    }
    if (answer == 0) {
        qsort(items, all->count, sizeof *items, more_urgent);
        for (size_t i = 0; i < all->most; i++)
            all->providers[i] = items[i].provider;
        all->left_out = all->count - all->most;
        all->count = all->most;
    }
    free(items);
    return answer;
}

/* ---- all of it ------------------------------------------------------------------------------- */

int ledger_standings_make(struct ledger_standings *all)
{
    bool named = all->count > 0;
    struct tq_provider *handle;
    uint64_t cursor = 0;
    int answer;

    all->info.size = sizeof all->info;
    all->standings.at_ns = all->at_ns;
    all->standings.now = all->now;
    all->standings.idle_words = "without budget, usage and mark today";
    answer = tq_ledger_statistics(all->ledger, &all->info);
    while (answer == 0 && !named && (answer = tq_ledger_walk(all->ledger, &cursor, &handle)) == 0)
        answer = append(all, handle);
    all->standings.history_days = all->info.history_days;
    if (answer >= 0 && all->most > 0 && all->count > all->most)
        answer = keep_most(all);
    if (answer >= 0)
        answer = standings_init(&all->standings, all->count);
    for (size_t i = 0; i < all->count && answer == 0; i++)
        if ((answer = take_standing(all, &all->providers[i], named)) < 0)
            all->about = all->providers[i].name;
    if (all->standings.items)
        standings_finish(&all->standings);
    return answer;
}

void ledger_standings_free(struct ledger_standings *all)
{
    for (size_t i = 0; i < all->count; i++)
        free(all->providers[i].days);
    free(all->providers);
    standings_free(&all->standings);
}

json_t *info_json(const struct tq_ledger_info *info)
{
    /* clang-format off */
    return json_pack("{s:i, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
                     "history_days", (int)info->history_days,
                     "rule", rule_name(info->rule),
                     "providers", (json_int_t)info->providers,
                     "slots", (json_int_t)info->slots,
                     "file_bytes", (json_int_t)info->file_bytes,
                     "late", (json_int_t)info->late,
                     "too_old", (json_int_t)info->too_old,
                     "clock", (json_int_t)info->clock,
                     "saturated", (json_int_t)info->saturated,
                     "ahead", (json_int_t)info->ahead,
                     "rebuilt", (json_int_t)info->rebuilt,
                     "recovered", (json_int_t)info->recovered);
    /* clang-format on */
}

json_t *ledger_standings_json(const struct ledger_standings *all, const char *path)
{
    const struct standings *standings = &all->standings;
    /* clang-format off */
    json_t *document = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}",
                                 "version", tq_version_string(),
                                 "path", text_json(path),
                                 "at", instant_json(standings->at_ns),
                                 "day_ends_at", instant_json(tq__day_end(standings->at_ns)),
                                 "ledger", info_json(&all->info),
                                 "providers", standings_json(standings));
    /* clang-format on */

    if (all->days > 0)
        document = json_join(document, json_pack("{s:o}", "days", standings_days_json(standings)));
    if (all->left_out > 0)
        document = json_join(document, json_pack("{s:o}", "left_out", number_json((int64_t)all->left_out)));
    return document;
}
