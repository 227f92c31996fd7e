/* replay_json.c: the whole replay as one JSON document.
 *
 * SPDX-License-Identifier: MIT
 *
 * "tokens" counts the whole log, "used" the last UTC day alone.
 */
#include "base/time.h"
#include "json.h"
#include "replay.h"
#include "verdict.h"

static json_t *binding_limit_json(const struct transition *transition)
{
    const struct limit_windows *limit = transition->limit;

    return limit ? json_join(windows_limit_json(limit),
                             json_pack("{s:o}", "used", number_json(transition->limit_used)))
                 : json_null();
}

static void append_transition(struct replay *replay, const struct transition *transition)
{
    const struct provider *provider = &replay->providers.items[transition->provider];
    bool exhausted = transition->to == TQ_QUOTA_EXHAUSTED;
    /* clang-format off */
    json_t *entry = json_pack("{s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}",
                              "at", instant_json(transition->at_ns),
                              "provider", provider->name,
                              "from", tq_state_name(!exhausted),
                              "to", tq_state_name(transition->to),
                              "used", exhausted ? number_json(transition->used) : json_null(),
                              "budget", number_json(provider->budget),
                              "projection", number_json(transition->projection),
                              "retry_at", some_instant_json(transition->retry_at_ns),
                              "limit", binding_limit_json(transition));
    /* clang-format on */

    if (json_array_append_new(replay->json, entry) < 0) {
        json_decref(replay->json);
        replay->json = NULL; /* and then there is no document */
    }
}

void replay_json_begin(struct replay *replay, bool quiet)
{
    replay->on_transition = quiet ? NULL : append_transition;
    replay->json = json_array();
}

json_t *replay_paths_json(char **paths, size_t path_count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < path_count; i++)
        json_array_append_new(array, text_json(paths[i]));
    return array;
}

json_t *replay_refused_json(const struct replay *replay)
{
    json_t *array = json_array();

    for (int i = 0; i < REFUSED_CODES; i++) {
        const struct refused *refused = &replay->refused[i];

        if (refused->count)
            json_array_append_new(array,
                                  json_pack("{s:s, s:s, s:o, s:o}", "code", tq_error_name(-i), "text",
                                            tq_strerror(-i), "count", number_json((int64_t)refused->count),
                                            "first", text_json(refused->first)));
    }
    return array;
}

json_t *replay_bad_lines_json(const struct replay *replay)
{
    json_t *array = json_array();

    for (size_t i = 0; i < replay->bad_line_count && i < REPLAY_BAD_LINES; i++) {
        const struct bad_line *bad = &replay->bad_lines[i];

        json_array_append_new(array,
                              json_pack("{s:o, s:o, s:o}", "file", text_json(bad->at.path), "line",
                                        number_json((int64_t)bad->at.line), "msg", text_json(bad->msg)));
    }
    return json_pack("{s:o, s:o}", "count", number_json((int64_t)replay->bad_line_count), "first", array);
}

json_t *replay_unused_json(const struct replay *replay)
{
    json_t *array = json_array();

    for (size_t i = 0; i < replay->providers.count; i++)
        if (replay->providers.items[i].budget_given && !replay->providers.items[i].records)
            json_array_append_new(array, json_string(replay->providers.items[i].name));
    return array;
}

json_t *replay_json_end(struct replay *replay, const struct standings *standings, char **paths,
                        size_t path_count)
{
    bool any = replay->records > 0;
    json_t *transitions = replay->json;

    replay->json = NULL;
    /* clang-format off */
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o,"
                     " s:{s:o, s:o}, s:o, s:o}",
                     "version", tq_version_string(),
                     "rule", rule_name(replay->rule),
                     "care", care_json(replay->rule == TQ_RULE_CARE ? (int64_t)replay->care : -1),
                     "files", replay_paths_json(paths, path_count),
                     "records", number_json(replay->records),
                     "tokens", number_json(replay->tokens),
                     "start_at", any ? instant_json(replay->first_at_ns) : json_null(),
                     "end_at", any ? instant_json(replay->end_at_ns) : json_null(),
                     "day_ends_at", any ? instant_json(tq__day_end(replay->end_at_ns)) : json_null(),
                     "transitions", transitions,
                     "providers", standings_json(standings),
                     "days", standings_days_json(standings),
                     "limits", windows_sums_json(&replay->windows),
                     "refused", replay_refused_json(replay),
                     "bad_lines", replay_bad_lines_json(replay),
                     "steps_back", "count", number_json(replay->steps_back),
                                   "longest_ns", number_json(replay->longest_back_ns),
                     "unused_budgets", replay_unused_json(replay),
                     "placed", replay->accounts.count > 0 ? accounts_json(&replay->accounts) : json_null());
    /* clang-format on */
}
