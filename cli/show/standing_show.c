/* standing_show.c: standings as lines and as JSON, for status and for what says what it did.
 *
 * SPDX-License-Identifier: MIT
 */
#include "view/json.h"
#include "view/ledger_standings.h"
#include "view/rules.h"
#include "view/verdict.h"

static void put_line(FILE *out, const struct standing *standing, int64_t at_ns)
{
    fprintf(out, "%s: ", standing->provider->name);
    verdict_put(out, &standing->verdict);
    fprintf(out, "; %s", format_exact(standing->used).s);
    if (standing->provider->budget)
        fprintf(out, " of %s", format_exact(standing->provider->budget).s);
    fprintf(out, " token%s used in UTC day %s\n",
            standing->used == 1 && !standing->provider->budget ? "" : "s", format_utc_day(at_ns).s);
}

void standing_lines(FILE *out, const struct standings *standings)
{
    for (size_t i = 0; i < standings->count; i++)
        put_line(out, &standings->items[i], standings->at_ns);
}

static json_t *standing_json(const struct standing *standing)
{
    const struct provider *provider = standing->provider;

    return verdict_json(json_pack("{s:s, s:o, s:o, s:o, s:o, s:s}",
                                  "provider", provider->name,
                                  "used", number_json(standing->used),
                                  "budget", provider->budget ? number_json(provider->budget) : json_null(),
                                  "burn_rate_per_hour", number_json(standing->burn_rate),
                                  "projection", number_json(standing->projection),
                                  "rule", rule_name(standing->verdict.rule)), &standing->verdict);
}

static json_t *list_json(const struct ledger_standings *all)
{
    json_t *array = json_array();

    for (size_t i = 0; i < all->standings.count; i++)
        json_array_append_new(array, standing_json(&all->standings.items[i]));
    return array;
}

static json_t *days_json(const struct standings *standings)
{
    json_t *array = json_array();

    for (size_t i = 0; i < standings->count; i++) {
        const struct provider *provider = standings->items[i].provider;

        for (size_t j = 0; j < provider->day_count; j++)
            json_array_append_new(array, json_pack("{s:s, s:s, s:o}",
                                                   "day", format_utc_day(provider->days[j].start_at_ns).s,
                                                   "provider", provider->name,
                                                   "used", number_json(provider->days[j].used)));
    }
    return array;
}

int standings_json(const struct ledger_standings *all, const struct session *session, bool with_days,
                   bool one_line)
{
    const struct standings *standings = &all->standings;
    json_t *document = json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:o}",
                                 "schema", SCHEMA,
                                 "version", tq_version_string(),
                                 "path", text_json(session->path),
                                 "at", instant_json(standings->at_ns),
                                 "day_ends_at", instant_json(day_start(standings->at_ns) + DAY_NS),
                                 "ledger", info_json(&all->info),
                                 "providers", list_json(all));

    if (document && with_days)
        json_object_set_new(document, "days", days_json(standings));
    return json_print(document, one_line);
}

int standing_show(struct session *session, const char *name, int64_t at_ns, bool verbose, bool json)
{
    char *names[] = {(char *)name, NULL};
    const struct ledger_question question = {.names = names, .at_ns = at_ns};
    struct ledger_standings all;
    int result;

    if (!verbose && !json)
        return 0;
    result = ledger_standings_make(&all, session, &question);
    if (result == 0 && json)
        result = standings_json(&all, session, false, false) < 0 ? CLI_ERROR : 0;
    else if (result == 0)
        standing_lines(stdout, &all.standings);
    ledger_standings_free(&all);
    if (result != TQ_EGONE)
        return result;
    report("done, but the ledger was replaced meanwhile: what the new one holds is not shown");
    return 0; /* not to be done once more */
}
