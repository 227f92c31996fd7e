/* settings_words.c: the settings of a provider as people write them, KEY = VALUE: read, set, written.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "listener.h"
#include "settings.h"
#include "values.h"
#include "verdict.h"

const char *const setting_keys[SETTINGS + 1] = {
    [SETTING_BUDGET] = "budget",   [SETTING_RULE] = "rule",       [SETTING_CARE] = "care",
    [SETTING_POOL] = "pool",       [SETTING_WEIGHTS] = "weights", [SETTING_PRICE] = "price",
    [SETTING_OVERAGE] = "overage", [SETTING_CUT] = "cut"};

/* ---- values for classes of tokens: input:3,cache_read:0.3,output:15 -------------------------- */

/* A key whose value has a number for each class. */
struct classed {
    const char *key;
    int digits; /* behind the point, of the largest precision: thousandths, micro-dollars */
    int64_t most;
    int64_t unset;
    size_t to; /* offset in struct settings */
};

static const struct classed weights = {"weights", 3, 1000000, WEIGHT_UNSET,
                                       offsetof(struct settings, weights)};
static const struct classed price = {"price", 6, INT64_C(1000000000000), PRICE_UNSET,
                                     offsetof(struct settings, price)};

/* Reads input:3 to its place in values. */
static int read_class(const struct classed *classed, struct tq__span item, int64_t values[TQ_CLASSES],
                      struct listener *listener)
{
    const char *colon = memchr(item.at, ':', item.len);
    char name[64], most[TQ__NUMBER_BYTES];
    struct tq__number number;
    struct tq__span text;
    bool exact;
    size_t i = 0;

    if (!colon)
        return listener_fail(listener,
                             "%s: \"%.*s\" is no class with a number; write as in: %s=input:3,output:15",
                             classed->key, (int)item.len, item.at, classed->key);
    snprintf(name, sizeof name, "%.*s", (int)(colon - item.at), item.at);
    while (class_names[i] && strcmp(class_names[i], name) != 0)
        i++;
    if (!class_names[i])
        return word_unknown(listener, "unknown class", "", name, class_names,
                            "write input, cache_read, cache_write or output");
    text = tq__span_behind(item, (size_t)(colon + 1 - item.at));
    if (text.len > 0 && *text.at == '$')
        text = tq__span_behind(text, 1);
    if (text.len == 0 || tq__number_take(text, 0, &number) < text.len)
        return listener_fail(listener, "%s: \"%.*s\" needs a number, as in: %s:1.5", classed->key,
                             (int)item.len, item.at, name);
    if (tq__number_scale(&number, classed->digits, &values[i], &exact) != 0 || values[i] > classed->most) {
        tq__decimal_write(most, classed->most, classed->digits, ',');
        return listener_fail(listener, "%s: \"%.*s\" is too much; the most is %s", classed->key,
                             (int)item.len, item.at, most);
    }
    if (!exact)
        return listener_fail(listener, "%s: \"%.*s\" has more than %d digits behind the point", classed->key,
                             (int)item.len, item.at, classed->digits);
    return 0;
}

/* A class that is not named is as it is without a setting. */
static int read_classes(const struct classed *classed, const char *text, struct settings *settings,
                        struct listener *listener)
{
    int64_t *values = (int64_t *)(void *)((char *)settings + classed->to);
    struct tq__span rest = tq__span_of(text);

    for (size_t i = 0; i < TQ_CLASSES; i++)
        values[i] = classed->unset;
    while (rest.len > 0)
        if (read_class(classed, tq__span_trim(tq__span_cut(&rest, ',')), values, listener) != 0)
            return -1;
    return 0;
}

/* Writes "input:3,output:15", without the classes that are not set. */
static void write_classes(const struct classed *classed, const struct settings *settings,
                          char out[SETTING_BYTES])
{
    const int64_t *values = (const int64_t *)(const void *)((const char *)settings + classed->to);
    char number[TQ__NUMBER_BYTES];
    size_t used = 0;

    for (size_t i = 0; i < TQ_CLASSES; i++) {
        if (values[i] == classed->unset)
            continue;
        (void)tq__decimal_write(number, values[i], classed->digits, '\0');
        used += (size_t)snprintf(out + used, SETTING_BYTES - used, "%s%s:%s", used ? "," : "", class_names[i],
                                 number);
    }
}

/* ---- reading --------------------------------------------------------------------------------- */

static int read_budget(const char *text, int64_t *budget, struct listener *listener)
{
    const char *wrong = *text && strcmp(text, "none") != 0 ? tokens_parse(text, strlen(text), budget) : NULL;

    return wrong ? listener_fail(listener, "budget: \"%s\" %s", text, wrong) : 0;
}

static int read_rule(const char *text, uint32_t *rule, struct listener *listener)
{
    if (!*text || strcmp(text, "default") == 0 || rule_parse(text, rule) == 0)
        return 0;
    return listener_fail(listener, "rule: \"%s\" is not a rule; write " RULE_SETTINGS, text);
}

static int read_care(const char *text, int64_t *care, struct listener *listener)
{
    unsigned quarters = 0;
    const char *wrong = *text ? care_parse(text, strlen(text), &quarters) : NULL;

    *care = *text ? (int64_t)quarters : CARE_UNSET;
    return wrong ? listener_fail(listener, "care: \"%s\" %s", text, wrong) : 0;
}

static int read_overage(const char *text, uint32_t *overage, struct listener *listener)
{
    *overage = TQ_OVERAGE_ALLOW;
    if (!*text)
        return 0;
    while (overage_names[*overage] && strcmp(overage_names[*overage], text) != 0)
        ++*overage;
    if (overage_names[*overage])
        return 0;
    return word_unknown(listener, "unknown overage", "", text, overage_names,
                        "write overage=stop or overage=allow");
}

static int read_cut(const char *text, uint32_t *cut, struct listener *listener)
{
    *cut = TQ_CUT_SHARE;
    if (!*text)
        return 0;
    while (cut_names[*cut] && strcmp(cut_names[*cut], text) != 0)
        ++*cut;
    if (cut_names[*cut])
        return 0;
    return word_unknown(listener, "unknown cut", "", text, cut_names,
                        "write cut=share, cut=open or cut=closed");
}

int setting_read(enum setting key, const char *text, struct settings *values, struct listener *listener)
{
    switch (key) {
    case SETTING_BUDGET:
        return read_budget(text, &values->budget, listener);
    case SETTING_RULE:
        return read_rule(text, &values->rule, listener);
    case SETTING_CARE:
        return read_care(text, &values->care, listener);
    case SETTING_POOL:
        values->pool = *text && strcmp(text, "none") != 0 ? text : NULL;
        return 0;
    case SETTING_OVERAGE:
        return read_overage(text, &values->overage, listener);
    case SETTING_CUT:
        return read_cut(text, &values->cut, listener);
    case SETTING_WEIGHTS:
        return read_classes(&weights, text, values, listener);
    default:
        return read_classes(&price, text, values, listener);
    }
}

int settings_fit(struct settings *values, bool given[SETTINGS], struct listener *listener)
{
    if (!given[SETTING_RULE] || !given[SETTING_CARE])
        return 0;
    if (values->rule == TQ_RULE_CARE && values->care == CARE_UNSET)
        values->care = TQ_CARE_DEFAULT;
    given[SETTING_CARE] = values->rule == TQ_RULE_CARE;
    if (values->rule == TQ_RULE_CARE || values->care == CARE_UNSET)
        return 0;
    return listener_fail(listener,
                         "a care makes care the provider's rule; leave rule= out, or write rule=care");
}

/* ---- setting --------------------------------------------------------------------------------- */

/* Without a care of its own the provider follows the ledger's rule, unless it has another one. */
static int set_care(struct tq_provider *provider, int64_t care)
{
    if (care != CARE_UNSET)
        return tq_provider_set_care(provider, (uint32_t)care);
    return tq_provider_rule(provider) == TQ_RULE_CARE ? tq_provider_set_rule(provider, TQ_RULE_DEFAULT) : 0;
}

int setting_set(struct tq_provider *provider, enum setting key, const struct settings *values,
                struct tq_provider *pool)
{
    uint32_t thousandths[TQ_CLASSES];

    switch (key) {
    case SETTING_BUDGET:
        return tq_provider_set_budget(provider, values->budget);
    case SETTING_RULE:
        return tq_provider_set_rule(provider, values->rule);
    case SETTING_CARE:
        return set_care(provider, values->care);
    case SETTING_POOL:
        return tq_provider_set_pool(provider, pool);
    case SETTING_OVERAGE:
        return tq_provider_set_overage(provider, values->overage);
    case SETTING_CUT:
        return tq_provider_set_cut(provider, values->cut);
    case SETTING_WEIGHTS:
        for (size_t i = 0; i < TQ_CLASSES; i++)
            thousandths[i] = (uint32_t)values->weights[i];
        return tq_provider_set_weights(provider, thousandths);
    default:
        return tq_provider_set_price(provider, values->price);
    }
}

/* ---- writing --------------------------------------------------------------------------------- */

void setting_write(enum setting key, const struct settings *values, char out[SETTING_BYTES])
{
    *out = '\0';
    switch (key) {
    case SETTING_BUDGET:
        if (values->budget > 0)
            (void)tq__number_write(out, values->budget, '\0');
        break;
    case SETTING_RULE:
        if (values->rule != TQ_RULE_DEFAULT)
            snprintf(out, SETTING_BYTES, "%s", rule_name(values->rule));
        break;
    case SETTING_CARE:
        if (values->care != CARE_UNSET)
            (void)tq__quarters_write(out, (unsigned)values->care);
        break;
    case SETTING_POOL:
        if (values->pool)
            snprintf(out, SETTING_BYTES, "%s", values->pool);
        break;
    case SETTING_OVERAGE:
        if (values->overage == TQ_OVERAGE_STOP)
            snprintf(out, SETTING_BYTES, "stop");
        break;
    case SETTING_CUT:
        if (values->cut != TQ_CUT_SHARE)
            snprintf(out, SETTING_BYTES, "%s", tq_cut_name(values->cut));
        break;
    case SETTING_WEIGHTS:
        write_classes(&weights, values, out);
        break;
    default:
        write_classes(&price, values, out);
    }
}
