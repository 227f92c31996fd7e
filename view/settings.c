/* settings.c: all settings of a provider but its limits, as data and as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#include "settings.h"

#include "json.h"
#include "verdict.h"

const char *const class_names[TQ_CLASSES + 1] = {"input", "cache_read", "cache_write", "output", NULL};

const char *const overage_names[] = {[TQ_OVERAGE_ALLOW] = "allow", [TQ_OVERAGE_STOP] = "stop", NULL};

const char *const cut_names[] = {
    [TQ_CUT_SHARE] = "share", [TQ_CUT_OPEN] = "open", [TQ_CUT_CLOSED] = "closed", NULL};

int settings_read(struct tq_provider *provider, struct settings *settings)
{
    uint32_t weights[TQ_CLASSES];
    struct tq_provider *pool;
    int rule = tq_provider_rule(provider), overage = tq_provider_overage(provider);
    int cut = tq_provider_cut(provider), answer;

    settings->budget = tq_provider_budget(provider);
    if (rule < 0 || settings->budget < 0)
        return rule < 0 ? rule : (int)settings->budget;
    if (overage < 0 || cut < 0)
        return overage < 0 ? overage : cut;
    settings->rule = (uint32_t)rule;
    settings->care = rule == TQ_RULE_CARE ? tq_provider_care(provider) : CARE_UNSET;
    settings->overage = (uint32_t)overage;
    settings->cut = (uint32_t)cut;
    answer = tq_provider_pool(provider, &pool);
    if (answer < 0)
        return answer;
    settings->pool = tq_provider_name(pool);
    answer = tq_provider_weights(provider, weights);
    for (size_t i = 0; i < TQ_CLASSES && answer == 0; i++)
        settings->weights[i] = weights[i];
    return answer < 0 ? answer : tq_provider_price(provider, settings->price);
}

static json_t *classes_of_json(const int64_t values[TQ_CLASSES])
{
    json_t *object = json_object();

    for (size_t i = 0; i < TQ_CLASSES; i++)
        json_object_set_new(object, class_names[i], number_json(values[i]));
    return object;
}

json_t *settings_json(const struct settings *settings)
{
    /* clang-format off */
    return json_pack("{s:o, s:s?, s:o, s:s?, s:o, s:o, s:s, s:s}",
                     "budget", some_json(settings->budget),
                     "rule", settings->rule == TQ_RULE_DEFAULT ? NULL : rule_name(settings->rule),
                     "care", care_json(settings->care),
                     "pool", settings->pool,
                     "weights_thousandths", classes_of_json(settings->weights),
                     "price_micro_usd", classes_of_json(settings->price),
                     "overage", overage_names[settings->overage == TQ_OVERAGE_STOP],
                     "cut", tq_cut_name(settings->cut));
    /* clang-format on */
}
