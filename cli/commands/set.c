/* set.c: `tokenquota set` prints and changes all settings of a provider, as lines of KEY = VALUE.
 *
 * SPDX-License-Identifier: MIT
 *
 * All values are read before the first of them is set.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/show/show.h"
#include "view/json.h"
#include "view/listener.h"
#include "view/settings.h"

/* A command line: the values of the keys that are given. */
struct setting_request {
    struct request asked;
    bool given[SETTINGS];
    struct settings values;
};

/* ---- reading --------------------------------------------------------------------------------- */

/* Blanks around the key and in front of the value belong to neither: what is printed can be typed. */
static int read_setting(struct setting_request *setting, char *text)
{
    char *equals = strchr(text, '='), name[64];
    struct listener listener = {0};
    struct tq__span word;
    int key = 0;

    if (!equals) {
        report("\"%s\" has no \"=\"; write for example budget=5M, or pool= to remove the setting", text);
        return -1;
    }
    word = tq__span_trim((struct tq__span){text, (size_t)(equals - text)});
    snprintf(name, sizeof name, "%.*s", (int)word.len, word.at);
    while (setting_keys[key] && strcmp(setting_keys[key], name) != 0)
        key++;
    if (!setting_keys[key])
        return report_unknown("unknown key", "", name, setting_keys,
                              "write budget, rule, care, pool, weights, price, overage or cut");
    if (setting->given[key]) {
        report("\"%s\" is given twice; give one value", name);
        return -1;
    }
    setting->given[key] = true;
    if (setting_read((enum setting)key, equals + 1 + strspn(equals + 1, " \t"), &setting->values,
                     &listener) == 0)
        return 0;
    return report_why(&listener);
}

static int read_settings(struct setting_request *setting)
{
    struct listener listener = {0};

    for (size_t i = 1; i < setting->asked.count; i++)
        if (read_setting(setting, setting->asked.operands[i]) != 0)
            return -1;
    return settings_fit(&setting->values, setting->given, &listener) < 0 ? report_why(&listener) : 0;
}

/* ---- setting --------------------------------------------------------------------------------- */

static int set_one(struct session *session, struct tq_provider *provider, enum setting key,
                   const struct settings *values)
{
    const char *name = tq_provider_name(provider);
    struct tq_provider *pool = NULL;
    int answer = 0;

    if (key == SETTING_POOL && values->pool)
        answer = session_provider_make(session, values->pool, &pool);
    if (answer < 0)
        return session_fail(values->pool, answer);
    answer = setting_set(provider, key, values, pool);
    if (key == SETTING_POOL && answer == TQ_EINVAL) {
        report("pool: \"%s\" cannot be its pool: that would be a circle, or a fourth level", values->pool);
        return CLI_ERROR;
    }
    if (answer < 0)
        return session_fail(key == SETTING_POOL && values->pool ? values->pool : name, answer);
    /* The windows of the account belong to the pool. */
    if (key == SETTING_OVERAGE && values->overage == TQ_OVERAGE_STOP &&
        tq_provider_pool(provider, &pool) == 0)
        report("this is about windows of %s alone; for those of the account: tokenquota set %s overage=stop",
               name, tq_provider_name(pool));
    return 0;
}

static int change(struct session *session, void *request)
{
    const struct setting_request *setting = request;
    const char *name = setting->asked.operands[0];
    struct tq_provider *provider;
    int answer = session_provider_make(session, name, &provider);

    if (answer < 0)
        return session_fail(name, answer);
    for (int key = 0; key < SETTINGS; key++) {
        if (!setting->given[key])
            continue;
        answer = set_one(session, provider, (enum setting)key, &setting->values);
        if (answer != 0)
            return answer;
    }
    return CLI_YES;
}

/* ---- printing -------------------------------------------------------------------------------- */

static void put_values(const struct settings *values)
{
    char value[SETTING_BYTES];

    for (int key = 0; key < SETTINGS; key++) {
        setting_write((enum setting)key, values, value);
        printf("%s =%s%s\n", setting_keys[key], *value ? " " : "", value);
    }
}

static int print(struct session *session, void *request)
{
    const struct setting_request *setting = request;
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
    struct setting_request *setting = request;

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
    .summary =
        "change or print a provider's settings: budget, rule, care, pool, weights, price, overage, cut",
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
        "         the vendor would go on for money. allow, the default: go on. Of a pool, for all in it\n"
        "cut      what this machine does while it hears nothing of those with which it shares the provider\n"
        "         (many machines): share, the default: it goes on with its share; open: as if they used\n"
        "         nothing more; closed: it is out until it hears of them\n\n"
        "An empty VALUE removes the setting. Without KEY=VALUE it prints all settings, one a line. `limit`\n"
        "has the limits.\n\n"
        "Exit status: 0 on success, 2 on an error; a value that cannot be read changes nothing.\n\n"
        "  tokenquota set claude/opus pool=claude price=input:5,output:25\n",
    .request_bytes = sizeof(struct setting_request),
    .least = 1,
    .most = ANY_NUMBER,
    .needs = "it takes a PROVIDER, and to change a setting KEY=VALUE, as in: tokenquota set openai budget=5M",
    .offers = "@provider|budget= rule= care= pool= weights= price= overage=stop overage=allow cut=share "
              "cut=open cut=closed...",
    .run = run,
};
