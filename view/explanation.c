/* explanation.c: why a provider is in routing or out of it, with the numbers, as data and as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#include "explanation.h"

#include "json.h"
#include "verdict.h"

int explanation_read(struct tq_ledger *ledger, const struct tq_provider *provider, int64_t at_ns,
                     uint32_t flags, struct explanation *explanation)
{
    struct tq_ledger_info info = {.size = sizeof info};
    int state, answer;

    *explanation = (struct explanation){.name = tq_provider_name(provider), .handle = provider};
    state = verdict_read(provider, at_ns, flags, &explanation->verdict);
    answer = state < 0 ? state : limits_read(provider, at_ns, &explanation->limits);
    if (answer == 0)
        answer = tq_ledger_statistics(ledger, &info);
    if (answer == 0)
        answer = outlook_read(provider, &explanation->verdict, info.history_days, &explanation->outlook);
    if (answer < 0)
        return answer;
    explanation->outlook.lasts = lasts_by_rule(explanation->outlook.lasts, &explanation->verdict);
    explanation->cut = (uint32_t)tq_provider_cut(provider);
    explanation->cut_off_at_ns = cut_off_since(ledger, at_ns);
    explanation->pool = tq_provider_name(pool_above(provider, explanation->verdict.level));
    return state;
}

void explanation_free(struct explanation *explanation)
{
    limits_free(&explanation->limits);
}

static json_t *explanation_json(const struct explanation *explanation)
{
    const struct tq_verdict *verdict = &explanation->verdict;
    char sentence[SENTENCE_BYTES], clear[CLEAR_BYTES];
    bool clears = verdict_clear(verdict, explanation->name, explanation->pool, clear);
    json_t *object;

    verdict_sentence(verdict, sentence);
    /* clang-format off */
    object = json_pack("{s:s, s:s, s:s?, s:s?, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}",
                       "provider", explanation->name,
                       "sentence", sentence,
                       "clear_with", clears ? clear : NULL,
                       "pool", explanation->pool,
                       "limits", limits_json(&explanation->limits),
                       "rule", rule_name(verdict->rule),
                       "cut_off", cut_off_json(explanation->cut_off_at_ns, explanation->handle),
                       "used", number_json(verdict->used),
                       "budget", some_json(verdict->budget),
                       "left", verdict->budget ? number_json(verdict->left) : json_null(),
                       "window_ns", some_json(verdict->window_ns),
                       "probes_failed", number_json(verdict->attempt));
    /* clang-format on */
    return json_join(json_join(object, outlook_json(&explanation->outlook)), verdict_json(verdict));
}

json_t *explanations_json(const struct explanation *items, size_t count, int64_t at_ns)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, explanation_json(&items[i]));
    return json_pack("{s:o, s:o}", "at", instant_json(at_ns), "providers", array);
}
