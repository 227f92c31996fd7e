/* set.c: `tokenquota set` prints and changes all settings of a provider, as lines of KEY = VALUE.
 *
 * SPDX-License-Identifier: MIT
 *
 * All values are read before the first of them is set.
 */
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "cli/show/show.h"
#include "view/json.h"
#include "view/settings.h"

enum key { BUDGET, RULE, CARE, POOL, WEIGHTS, PRICE, OVERAGE, KEYS };

/* A command line: the values of the keys that are given. */
struct setting {
    struct request asked;
    bool given[KEYS];
    struct settings values;
};

static const char *const keys[KEYS + 1] = {"budget",  "rule",  "care",    "pool",
                                           "weights", "price", "overage", NULL};

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
static int read_class(const struct classed *classed, struct tq__span item, int64_t values[TQ_CLASSES])
{
    const char *colon = memchr(item.at, ':', item.len);
    char name[64], most[TQ__NUMBER_BYTES];
    struct tq__number number;
    struct tq__span text;
    bool exact;
    size_t i = 0;

    if (!colon) {
        report("%s: \"%.*s\" is no class with a number; write as in: %s=input:3,output:15", classed->key,
               (int)item.len, item.at, classed->key);
        return -1;
    }
    snprintf(name, sizeof name, "%.*s", (int)(colon - item.at), item.at);
    while (class_names[i] && strcmp(class_names[i], name) != 0)
        i++;
    if (!class_names[i]) {
        (void)report_unknown("unknown class", "", name, class_names,
                             "write input, cache_read, cache_write or output");
        return -1;
    }
    text = tq__span_behind(item, (size_t)(colon + 1 - item.at));
    if (text.len > 0 && *text.at == '$')
        text = tq__span_behind(text, 1);
    if (text.len == 0 || tq__number_take(text, 0, &number) < text.len) {
        report("%s: \"%.*s\" needs a number, as in: %s:1.5", classed->key, (int)item.len, item.at, name);
    } else if (tq__number_scale(&number, classed->digits, &values[i], &exact) != 0 ||
               values[i] > classed->most) {
        tq__decimal_write(most, classed->most, classed->digits, ',');
        report("%s: \"%.*s\" is too much; the most is %s", classed->key, (int)item.len, item.at, most);
    } else if (!exact) {
        report("%s: \"%.*s\" has more than %d digits behind the point", classed->key, (int)item.len, item.at,
               classed->digits);
    } else {
        return 0;
    }
    return -1;
}

/* A class that is not named is as it is without a setting. */
static int read_classes(const struct classed *classed, const char *text, struct settings *settings)
{
    int64_t *values = (int64_t *)(void *)((char *)settings + classed->to);
    struct tq__span rest = tq__span_of(text);

    for (size_t i = 0; i < TQ_CLASSES; i++)
        values[i] = classed->unset;
    while (rest.len > 0) {
        const char *comma = memchr(rest.at, ',', rest.len);
        struct tq__span item = {rest.at, comma ? (size_t)(comma - rest.at) : rest.len};

        rest = tq__span_behind(rest, item.len + (comma != NULL));
        if (read_class(classed, tq__span_trim(item), values) != 0)
            return -1;
    }
    return 0;
}

/* Prints "price = input:3,output:15", without the classes that are not set. */
static void put_classes(const struct classed *classed, const struct settings *settings)
{
    const int64_t *values = (const int64_t *)(const void *)((const char *)settings + classed->to);
    char number[TQ__NUMBER_BYTES];
    const char *before = " ";

    printf("%s =", classed->key);
    for (size_t i = 0; i < TQ_CLASSES; i++) {
        if (values[i] == classed->unset)
            continue;
        (void)tq__decimal_write(number, values[i], classed->digits, '\0');
        printf("%s%s:%s", before, class_names[i], number);
        before = ",";
    }
    putchar('\n');
}

/* ---- reading --------------------------------------------------------------------------------- */

static int read_budget(const char *text, int64_t *budget)
{
    const char *wrong = *text && strcmp(text, "none") != 0 ? tokens_parse(text, strlen(text), budget) : NULL;

    if (wrong)
        report("budget: \"%s\" %s", text, wrong);
    return wrong ? -1 : 0;
}

static int read_rule(const char *text, uint32_t *rule)
{
    if (!*text || strcmp(text, "default") == 0 || rule_parse(text, rule) == 0)
        return 0;
    report("rule: \"%s\" is not a rule; write " RULE_SETTINGS, text);
    return -1;
}

static int read_care(const char *text, int64_t *care)
{
    unsigned quarters = 0;
    const char *wrong = *text ? care_parse(text, strlen(text), &quarters) : NULL;

    *care = *text ? (int64_t)quarters : CARE_UNSET;
    if (wrong)
        report("care: \"%s\" %s", text, wrong);
    return wrong ? -1 : 0;
}

static int read_overage(const char *text, uint32_t *overage)
{
    *overage = TQ_OVERAGE_ALLOW;
    if (!*text)
        return 0;
    while (overage_names[*overage] && strcmp(overage_names[*overage], text) != 0)
        ++*overage;
    if (overage_names[*overage])
        return 0;
    return report_unknown("unknown overage", "", text, overage_names, "write overage=stop or overage=allow");
}

/* An empty text gives what holds without the setting. */
static int read_value(enum key key, const char *text, struct settings *values)
{
    switch (key) {
    case BUDGET:
        return read_budget(text, &values->budget);
    case RULE:
        return read_rule(text, &values->rule);
    case CARE:
        return read_care(text, &values->care);
    case POOL:
        values->pool = *text && strcmp(text, "none") != 0 ? text : NULL;
        return 0;
    case OVERAGE:
        return read_overage(text, &values->overage);
    case WEIGHTS:
        return read_classes(&weights, text, values);
    default:
        return read_classes(&price, text, values);
    }
}

/* Blanks around the key and in front of the value belong to neither: what is printed can be typed. */
static int read_setting(struct setting *setting, char *text)
{
    char *equals = strchr(text, '='), name[64];
    struct tq__span word;
    int key = 0;

    if (!equals) {
        report("\"%s\" has no \"=\"; write for example budget=5M, or pool= to remove the setting", text);
        return -1;
    }
    word = tq__span_trim((struct tq__span){text, (size_t)(equals - text)});
    snprintf(name, sizeof name, "%.*s", (int)word.len, word.at);
    while (keys[key] && strcmp(keys[key], name) != 0)
        key++;
    if (!keys[key])
        return report_unknown("unknown key", "", name, keys,
                              "write budget, rule, care, pool, weights, price or overage");
    if (setting->given[key]) {
        report("\"%s\" is given twice; give one value", name);
        return -1;
    }
    setting->given[key] = true;
    return read_value((enum key)key, equals + 1 + strspn(equals + 1, " \t"), &setting->values);
}

/* A care is one of the rule care. Beside a rule, no care is the default one. */
static int read_settings(struct setting *setting)
{
    struct settings *values = &setting->values;

    for (size_t i = 1; i < setting->asked.count; i++)
        if (read_setting(setting, setting->asked.operands[i]) != 0)
            return -1;
    if (!setting->given[RULE] || !setting->given[CARE])
        return 0;
    if (values->rule == TQ_RULE_CARE && values->care == CARE_UNSET)
        values->care = TQ_CARE_DEFAULT;
    setting->given[CARE] = values->rule == TQ_RULE_CARE;
    if (values->rule == TQ_RULE_CARE || values->care == CARE_UNSET)
        return 0;
    report("a care makes care the provider's rule; leave rule= out, or write rule=care");
    return -1;
}

/* ---- setting --------------------------------------------------------------------------------- */

static int set_pool(struct session *session, struct tq_provider *provider, const char *name)
{
    struct tq_provider *pool = NULL;
    int answer = name ? session_provider_make(session, name, &pool) : 0;

    if (answer == 0)
        answer = tq_provider_set_pool(provider, pool);
    if (answer != TQ_EINVAL)
        return answer < 0 ? session_fail(name ? name : "pool", answer) : 0;
    report("pool: \"%s\" cannot be its pool: that would be a circle, or a fourth level", name);
    return CLI_ERROR;
}

/* Without a care of its own the provider follows the ledger's rule, unless it has another one. */
static int set_care(struct tq_provider *provider, int64_t care)
{
    if (care != CARE_UNSET)
        return tq_provider_set_care(provider, (uint32_t)care);
    return tq_provider_rule(provider) == TQ_RULE_CARE ? tq_provider_set_rule(provider, TQ_RULE_DEFAULT) : 0;
}

/* The windows of the account belong to the pool. */
static int set_overage(struct tq_provider *provider, const char *name, uint32_t overage)
{
    int answer = tq_provider_set_overage(provider, overage);
    struct tq_provider *pool;

    if (answer < 0)
        return session_fail(name, answer);
    if (overage == TQ_OVERAGE_STOP && tq_provider_pool(provider, &pool) == 0)
        report("this is about windows of %s alone; for those of the account: tokenquota set %s overage=stop",
               name, tq_provider_name(pool));
    return 0;
}

static int set_one(struct session *session, struct tq_provider *provider, const char *name, enum key key,
                   const struct settings *values)
{
    uint32_t thousandths[TQ_CLASSES];
    int answer;

    switch (key) {
    case BUDGET:
        answer = tq_provider_set_budget(provider, values->budget);
        break;
    case RULE:
        answer = tq_provider_set_rule(provider, values->rule);
        break;
    case CARE:
        answer = set_care(provider, values->care);
        break;
    case POOL:
        return set_pool(session, provider, values->pool);
    case OVERAGE:
        return set_overage(provider, name, values->overage);
    case WEIGHTS:
        for (size_t i = 0; i < TQ_CLASSES; i++)
            thousandths[i] = (uint32_t)values->weights[i];
        answer = tq_provider_set_weights(provider, thousandths);
        break;
    default:
        answer = tq_provider_set_price(provider, values->price);
    }
    return answer < 0 ? session_fail(name, answer) : 0;
}

static int change(struct session *session, void *request)
{
    const struct setting *setting = request;
    const char *name = setting->asked.operands[0];
    struct tq_provider *provider;
    int answer = session_provider_make(session, name, &provider);

    if (answer < 0)
        return session_fail(name, answer);
    for (int key = 0; key < KEYS; key++) {
        if (!setting->given[key])
            continue;
        answer = set_one(session, provider, name, (enum key)key, &setting->values);
        if (answer != 0)
            return answer;
    }
    return CLI_YES;
}

/* ---- printing -------------------------------------------------------------------------------- */

static void put_values(const struct settings *values)
{
    if (values->budget > 0)
        printf("budget = %lld\n", (long long)values->budget);
    else
        puts("budget =");
    printf("rule =%s%s\n", values->rule ? " " : "", values->rule ? rule_name(values->rule) : "");
    printf("care =%s%s\n", values->care == CARE_UNSET ? "" : " ",
           values->care == CARE_UNSET ? "" : format_care((unsigned)values->care).s);
    printf("pool =%s%s\n", values->pool ? " " : "", values->pool ? values->pool : "");
    put_classes(&weights, values);
    put_classes(&price, values);
    printf("overage =%s\n", values->overage == TQ_OVERAGE_STOP ? " stop" : "");
}

static int print(struct session *session, void *request)
{
    const struct setting *setting = request;
    const char *name = setting->asked.operands[0];
    struct settings values = {0};
    struct tq_provider *provider;
    int answer = session_provider(session, name, &provider);

    if (answer != 0)
        return answer;
    answer = settings_read(provider, &values);
    if (answer < 0)
        return session_fail(name, answer);
    if (!setting->asked.json) {
        put_values(&values);
        return CLI_YES;
    }
    json_print(json_join(json_pack("{s:s}", "provider", name), settings_json(&values)), false);
    return CLI_YES;
}

static int run(void *request)
{
    struct setting *setting = request;

    if (!*setting->asked.operands[0])
        return session_fail("", TQ_ENAME);
    if (setting->asked.count == 1)
        return session_work(request, SESSION_READ, print);
    if (setting->asked.json) {
        report("--json goes with printing settings, not with changing one");
        return CLI_ERROR;
    }
    if (read_settings(setting) != 0)
        return CLI_ERROR;
    return session_work(request, SESSION_CREATE, change);
}

static const struct option options[] = {JSON_AS("print the settings as JSON"), LEDGER_ROW, HELP_ROWS_END};

const struct command cmd_set = {
    .name = "set",
    .operands = "PROVIDER [KEY=VALUE]...",
    .summary = "change or print a provider's settings: budget, rule, care, pool, weights, price, overage",
    .options = options,
    .notes =
        "\n"
        "budget   tokens per UTC day, as of `tokenquota budget`\n"
        "rule     care, off, original or horizon, as of `tokenquota rule`\n"
        "care     how careful the rule care is, from 0 to 8 in steps of a quarter: 5/4 unless set. The\n"
        "         more care, the less is used above a budget or limit, and the more stays unused. It makes\n"
        "         care the provider's rule\n"
        "pool     another provider whose limits, budget, marks and refusals hold for this one, too: an\n"
        "         account above its models. A record counts in both, in the pool by the weights and the\n"
        "         price of this one unless the pool has its own\n"
        "weights  what a token of each class counts in limits of weighted tokens; 1 for what is not named:\n"
        "         input:1,cache_read:0.1,cache_write:1.25,output:5\n"
        "price    dollars for a million tokens of each class, for records that state no cost:\n"
        "         input:3,cache_read:0.3,cache_write:3.75,output:15\n"
        "overage  stop: out until the window ends once the share that the vendor states is 100%, also where\n"
        "         the vendor would go on for money. allow, the default: go on. Of a pool, for all in it\n\n"
        "An empty VALUE removes the setting. Without KEY=VALUE it prints all settings, one a line. `limit`\n"
        "has the limits.\n\n"
        "Exit status: 0 on success, 2 on an error; a value that cannot be read changes nothing.\n\n"
        "  tokenquota set claude/opus pool=claude price=input:5,output:25\n",
    .request_bytes = sizeof(struct setting),
    .least = 1,
    .most = ANY_NUMBER,
    .needs = "it takes a PROVIDER, and to change a setting KEY=VALUE, as in: tokenquota set openai budget=5M",
    .offers = "@provider|budget= rule= care= pool= weights= price= overage=stop overage=allow...",
    .run = run,
};
