/* settings.c: `tokenquota set` prints and changes all settings of a provider, as lines of KEY = VALUE.
 *
 * SPDX-License-Identifier: MIT
 *
 * All values are read before the first of them is set. Each key is a row: reads its value, sets it, writes
 * it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "cli/show/show.h"
#include "view/json.h"
#include "view/settings.h"

#define VALUE_BYTES 320 /* of the longest value, a pool's name */
#define WEIGHT_DIGITS 3 /* thousandths */
#define WEIGHT_MOST 1000000
#define PRICE_DIGITS 6 /* micro-dollars */
#define PRICE_MOST INT64_C(1000000000000)

enum key { BUDGET, RULE, POOL, WEIGHTS, PRICE, KEYS };

/* A command line: the values of the keys that are given. */
struct setting {
    struct request asked;
    bool given[KEYS];
    struct settings values;
};

static const char *const keys[KEYS + 1] = {"budget", "rule", "pool", "weights", "price", NULL};

/* ---- values for classes of tokens: input:3,cache_read:0.3,output:15 -------------------------- */

static int read_class(const char *key, struct tq__span item, int digits, int64_t most,
                      int64_t values[TQ_CLASSES])
{
    const char *colon = memchr(item.at, ':', item.len);
    struct tq__span number = {"", 0};
    char name[64];
    struct tq__number read;
    bool exact;
    size_t i = 0;

    if (!colon) {
        report("%s: \"%.*s\" is no class with a number; write as in: %s=input:3,output:15", key,
               (int)item.len, item.at, key);
        return CLI_ERROR;
    }
    snprintf(name, sizeof name, "%.*s", (int)(colon - item.at), item.at);
    while (class_names[i] && strcmp(class_names[i], name) != 0)
        i++;
    if (!class_names[i])
        return report_unknown("unknown class", "", name, class_names,
                              "write input, cache_read, cache_write or output");
    number = tq__span_behind(item, (size_t)(colon + 1 - item.at));
    if (number.len > 0 && *number.at == '$')
        number = tq__span_behind(number, 1);
    if (number.len == 0 || tq__number_take(number, 0, &read) < number.len) {
        report("%s: \"%.*s\" needs a number, as in: %s:1.5", key, (int)item.len, item.at, name);
    } else if (tq__number_scale(&read, digits, &values[i], &exact) != 0 || values[i] > most) {
        char text[TQ__NUMBER_BYTES];

        tq__decimal_write(text, most, digits, ',');
        report("%s: \"%.*s\" is too much; the most is %s", key, (int)item.len, item.at, text);
    } else if (!exact) {
        report("%s: \"%.*s\" has more than %d digits behind the point", key, (int)item.len, item.at, digits);
    } else {
        return 0;
    }
    return -1;
}

static int read_classes(const char *key, const char *text, int digits, int64_t most,
                        int64_t values[TQ_CLASSES])
{
    struct tq__span rest = tq__span_of(text);

    while (rest.len > 0) {
        const char *comma = memchr(rest.at, ',', rest.len);
        struct tq__span item = {rest.at, comma ? (size_t)(comma - rest.at) : rest.len};

        rest = tq__span_behind(rest, item.len + (comma != NULL));
        if (read_class(key, tq__span_trim(item), digits, most, values) != 0)
            return -1;
    }
    return 0;
}

/* Leaves out the classes that are as they were without a setting. */
static void write_classes(char out[VALUE_BYTES], const int64_t values[TQ_CLASSES], int digits, int64_t unset)
{
    char number[TQ__NUMBER_BYTES];
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < TQ_CLASSES; i++) {
        if (values[i] == unset)
            continue;
        (void)tq__decimal_write(number, values[i], digits, '\0');
        used += (size_t)snprintf(out + used, VALUE_BYTES - used, "%s%s:%s", used > 0 ? "," : "",
                                 class_names[i], number);
    }
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
    report("rule: \"%s\" is not a rule; write horizon, original, off or default", text);
    return -1;
}

/* An empty text gives what holds without the setting. */
static int read_value(enum key key, const char *text, struct settings *values)
{
    for (size_t i = 0; i < TQ_CLASSES; i++)
        if (key == WEIGHTS)
            values->weights[i] = WEIGHT_UNSET;
        else if (key == PRICE)
            values->price[i] = PRICE_UNSET;
    switch (key) {
    case BUDGET:
        return read_budget(text, &values->budget);
    case RULE:
        return read_rule(text, &values->rule);
    case POOL:
        values->pool = *text && strcmp(text, "none") != 0 ? text : NULL;
        return 0;
    case WEIGHTS:
        return read_classes("weights", text, WEIGHT_DIGITS, WEIGHT_MOST, values->weights);
    default:
        return read_classes("price", text, PRICE_DIGITS, PRICE_MOST, values->price);
    }
}

/* Blanks around the key and in front of the value belong to neither: what is printed can be typed. */
static int read_setting(struct setting *setting, char *text)
{
    char *equals = strchr(text, '='), name[64];
    struct tq__span word;
    int key = 0;

    if (!equals) {
        report("\"%s\" is no KEY=VALUE; write for example budget=5M, or pool= to remove the setting", text);
        return -1;
    }
    word = tq__span_trim((struct tq__span){text, (size_t)(equals - text)});
    snprintf(name, sizeof name, "%.*s", (int)word.len, word.at);
    while (keys[key] && strcmp(keys[key], name) != 0)
        key++;
    if (!keys[key])
        return report_unknown("unknown key", "", name, keys, "write budget, rule, pool, weights or price");
    if (setting->given[key]) {
        report("%s is given twice", name);
        return -1;
    }
    setting->given[key] = true;
    return read_value((enum key)key, equals + 1 + strspn(equals + 1, " \t"), &setting->values);
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

static int set_one(struct session *session, struct tq_provider *provider, const char *name, enum key key,
                   const struct settings *values)
{
    uint32_t weights[TQ_CLASSES];
    int answer;

    switch (key) {
    case BUDGET:
        answer = tq_provider_set_budget(provider, values->budget);
        break;
    case RULE:
        answer = tq_provider_set_rule(provider, values->rule);
        break;
    case POOL:
        return set_pool(session, provider, values->pool);
    case WEIGHTS:
        for (size_t i = 0; i < TQ_CLASSES; i++)
            weights[i] = (uint32_t)values->weights[i];
        answer = tq_provider_set_weights(provider, weights);
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
    char text[VALUE_BYTES];

    if (values->budget > 0)
        printf("budget = %lld\n", (long long)values->budget);
    else
        puts("budget =");
    printf("rule =%s%s\n", values->rule ? " " : "", values->rule ? rule_name(values->rule) : "");
    printf("pool =%s%s\n", values->pool ? " " : "", values->pool ? values->pool : "");
    write_classes(text, values->weights, WEIGHT_DIGITS, WEIGHT_UNSET);
    printf("weights =%s%s\n", *text ? " " : "", text);
    write_classes(text, values->price, PRICE_DIGITS, PRICE_UNSET);
    printf("price =%s%s\n", *text ? " " : "", text);
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
    for (size_t i = 1; i < setting->asked.count; i++)
        if (read_setting(setting, setting->asked.operands[i]) != 0)
            return CLI_ERROR;
    return session_work(request, SESSION_CREATE, change);
}

static const struct option options[] = {JSON_AS("print the settings as JSON"), LEDGER_ROW, HELP_ROWS_END};

const struct command cmd_set = {
    .name = "set",
    .operands = "PROVIDER [KEY=VALUE]...",
    .summary = "change or print a provider's settings: budget, rule, pool, weights, price",
    .options = options,
    .notes =
        "\n"
        "budget   tokens per UTC day, as of `tokenquota budget`\n"
        "rule     horizon, original or off, as of `tokenquota rule`\n"
        "pool     another provider whose limits, budget, marks and refusals hold for this one, too: an\n"
        "         account above its models. A record counts in both, in the pool by the weights and the\n"
        "         price of this one unless the pool has its own\n"
        "weights  what a token of each class counts in limits of weighted tokens; 1 for what is not named:\n"
        "         input:1,cache_read:0.1,cache_write:1.25,output:5\n"
        "price    dollars for a million tokens of each class, for records that state no cost:\n"
        "         input:3,cache_read:0.3,cache_write:3.75,output:15\n\n"
        "An empty VALUE removes the setting. Without KEY=VALUE it prints all settings, one a line. `limit`\n"
        "has the limits.\n\n"
        "Exit status: 0 on success, 2 on an error; a value that cannot be read changes nothing.\n\n"
        "  tokenquota set claude/opus pool=claude price=input:5,output:25\n",
    .request_bytes = sizeof(struct setting),
    .least = 1,
    .most = ANY_NUMBER,
    .needs = "it takes a PROVIDER, and to change a setting KEY=VALUE, as in: tokenquota set openai budget=5M",
    .offers = "@provider|budget= rule= pool= weights= price=...",
    .run = run,
};
