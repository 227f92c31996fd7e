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

static int take_standing(struct ledger_standings *all, struct provider *provider)
{
    int answer;
    struct standing *standing = standings_append(&all->standings, provider, &answer);

    if (!standing) {
        all->about = provider->name;
        return answer;
    }
    standing->idle = standing->idle && !provider->budget && !all->named;
    if (all->days == 0 || all->standings.history_days <= 1)
        return 0;
    return take_days(provider, all->days < all->info.history_days ? all->days : all->info.history_days,
                     all->at_ns);
}

/* Finds the most urgent ones and puts them in front: how each of the others stands is told, and forgotten.
 * Their days before are not asked for. Sorting twice as many as are kept, now and then, costs little for
 * each. */
static int find_most(struct ledger_standings *all)
{
    struct standings *standings = &all->standings;
    size_t room = all->most < all->count / 2 ? 2 * all->most : all->count;
    struct provider *kept = malloc(all->most * sizeof *kept);
    int answer = standings_init(standings, room);

    standings->history_days = 1;
    for (size_t i = 0; i < all->count && answer == 0; i++) {
        answer = take_standing(all, &all->providers[i]);
        if (standings->count == room)
            standings_keep(standings, all->most, all->passed_by, all->context);
    }
    if (!kept)
        answer = TQ_ENOMEM;
    if (answer == 0) {
        standings_keep(standings, all->most, all->passed_by, all->context);
        for (size_t i = 0; i < all->most; i++)
            kept[i] = *standings->items[i].provider;
        memcpy(all->providers, kept, all->most * sizeof *kept);
        all->left_out = all->count - all->most;
        all->count = all->most;
    }
    free(kept);
    standings_free(standings);
    return answer;
}

int ledger_standings_make(struct ledger_standings *all)
{
    struct standings *standings = &all->standings;
    struct tq_provider *handle;
    uint64_t cursor = 0;
    int answer;

    all->named = all->count > 0;
    all->info.size = sizeof all->info;
    *standings = (struct standings){
        .at_ns = all->at_ns, .now = all->now, .idle_words = "without budget, usage and mark today"};
    answer = tq_ledger_statistics(all->ledger, &all->info);
    while (answer == 0 && !all->named && (answer = tq_ledger_walk(all->ledger, &cursor, &handle)) == 0)
        answer = append(all, handle);
    if (answer >= 0 && all->most > 0 && all->count > all->most)
        answer = find_most(all);
    if (answer >= 0)
        answer = standings_init(standings, all->count);
    standings->history_days = all->info.history_days;
    standings->cut_off_at_ns = cut_off_since(all->ledger, all->at_ns);
    for (size_t i = 0; i < all->count && answer == 0; i++)
        answer = take_standing(all, &all->providers[i]);
    if (standings->items)
        standings_finish(standings);
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
