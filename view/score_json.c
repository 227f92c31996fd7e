/* score_json.c: the score of rules as one JSON document.
 *
 * SPDX-License-Identifier: MIT
 *
 * Figures have four decimals. One of which there was no case is null.
 */
#include <math.h>

#include "json.h"
#include "score.h"

static json_t *decimals_json(double value)
{
    return isnan(value) ? json_null() : json_real(nearbyint(value * 1e4) / 1e4);
}

static json_t *percent_json(uint64_t part, uint64_t whole)
{
    return decimals_json(whole > 0 ? 100 * (double)part / (double)whole : NAN);
}

static const char *kind_name(enum score_kind kind)
{
    static const char *const names[] = {"off", "original", "horizon", "care", "flight", "reserve"};

    return names[kind];
}

static json_t *rule_json(const struct score_rule *rule, const struct score_figures *figures)
{
    const double *value = figures->value;

    /* clang-format off */
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                     "rule", kind_name(rule->kind),
                     "care", care_json(rule->care > 0 ? (int64_t)rule->care : -1),
                     "false_pct", decimals_json(value[SCORE_FALSE]),
                     "wrong_h", decimals_json(value[SCORE_WRONG]),
                     "diverted_pct", decimals_json(value[SCORE_DIVERTED]),
                     "warned_pct", decimals_json(value[SCORE_WARNED]),
                     "lead_h", decimals_json(value[SCORE_LEAD]),
                     "overrun_pct", decimals_json(value[SCORE_OVERRUN]),
                     "stranded_pct", decimals_json(value[SCORE_STRANDED]),
                     "outs_a_window", decimals_json(value[SCORE_TIMES]));
    /* clang-format on */
}

static json_t *rules_json(const struct score *score, const struct score_provider *provider)
{
    json_t *array = json_array();

    for (size_t i = 0; provider->figures && i < score->rule_count; i++)
        if (score->rules[i].shown)
            json_array_append_new(array, rule_json(&score->rules[i], &provider->figures[i]));
    return array;
}

static json_t *covers_json(const struct score *score, const struct interval_cover cover[INTERVALS])
{
    json_t *array = json_array();

    for (int i = 0; score->window == SCORE_DAY && i < INTERVALS; i++) {
        uint64_t with = cover[i].looks - cover[i].none;

        /* clang-format off */
        json_array_append_new(array,
            json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o}",
                      "interval_pct", interval_percent[i],
                      "looks", number_json((int64_t)cover[i].looks),
                      "inside_pct", percent_json(cover[i].inside, with),
                      "below_pct", percent_json(cover[i].below, with),
                      "above_pct", percent_json(cover[i].above, with),
                      "none_pct", percent_json(cover[i].none, cover[i].looks),
                      "width_mean_days", decimals_json(with > 0 ? cover[i].width / (double)with : NAN)));
        /* clang-format on */
    }
    return array;
}

static json_t *provider_json(const struct score *score, const struct score_provider *provider)
{
    static const char *const skipped[] = {NULL, "one window", "no window with 3 records", "too many tokens"};
    const char *why = skipped[provider->skipped];

    /* clang-format off */
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                     "provider", provider->name ? json_stringn(provider->name, provider->name_len) : json_null(),
                     "records", number_json((int64_t)provider->records),
                     "budget", some_json(provider->budget),
                     "skipped", why ? json_string(why) : json_null(),
                     "windows", number_json((int64_t)provider->windows),
                     "cases_within", number_json((int64_t)provider->within),
                     "cases_exceeding", number_json((int64_t)provider->exceeding),
                     "rules", rules_json(score, provider),
                     "intervals", covers_json(score, provider->cover));
    /* clang-format on */
}

static json_t *providers_json(const struct score *score)
{
    json_t *array = json_array();

    for (size_t i = 0; i < score->count; i++)
        json_array_append_new(array, provider_json(score, &score->providers[i]));
    return array;
}

static json_t *advice_json(const struct score_advice *advice)
{
    json_t *losses = json_array();

    if (advice->count == 0) {
        json_decref(losses);
        return json_null();
    }
    for (size_t i = 0; i < SCORE_ADVISED; i++)
        json_array_append_new(losses, json_pack("{s:o, s:f}", "care", care_json(score_advised[i]), "loss",
                                                advice->mean.by_care[i]));
    /* clang-format off */
    return json_pack("{s:o, s:o, s:o, s:f, s:f, s:o}",
                     "windows", number_json((int64_t)advice->count),
                     "losses", losses,
                     "least", care_json(score_advised[advice->least]),
                     "difference", advice->difference,
                     "standard_error", advice->error,
                     "advised", care_json(advice->enough ? (int64_t)score_advised[advice->advised] : -1));
    /* clang-format on */
}

json_t *score_json(const struct score *score, const struct replay *replay, char **paths, size_t path_count)
{
    bool any = replay->records > 0;

    /* clang-format off */
    return json_pack("{s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                     "version", tq_version_string(),
                     "files", replay_paths_json(paths, path_count),
                     "window", score_window_name[score->window],
                     "group", score->by_prefix ? "prefix" : "name",
                     "lag_ns", number_json(score->lag_ns),
                     "records", number_json(replay->records),
                     "tokens", number_json(replay->tokens),
                     "starts", number_json((int64_t)score->starts),
                     "start_at", any ? instant_json(replay->first_at_ns) : json_null(),
                     "end_at", any ? instant_json(replay->end_at_ns) : json_null(),
                     "providers", providers_json(score),
                     "all", provider_json(score, &score->all),
                     "advice", advice_json(&score->advice),
                     "refused", replay_refused_json(replay),
                     "bad_lines", replay_bad_lines_json(replay),
                     "unused_budgets", replay_unused_json(replay));
    /* clang-format on */
}
