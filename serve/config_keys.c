/* config_keys.c: the keys of each section of a configuration, and what their values are.
 *
 * SPDX-License-Identifier: MIT
 *
 * A key is a row of the table of its section. Values are read by what reads them on a command line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "config_reading.h"
#include "import/classes.h"
#include "sync/sync.h"
#include "view/poll.h"
#include "view/values.h"

#define COMMAND_BYTES 4096
#define KEYS_MOST 32 /* of a section */

/* One key of a section. */
struct key {
    const char *name;
    /* Reads a value. 0, or -1 with reading->why. */
    int (*take)(struct reading *reading, const struct key *key, const char *value);
    size_t to;  /* offset of the place in the section; of a setting: which one */
    bool often; /* it may be there several times */
};

static void *place_of(const struct reading *reading, const struct key *key)
{
    return (char *)reading->section + key->to;
}

/* ---- values ---------------------------------------------------------------------------------- */

static int take_text(struct reading *reading, const struct key *key, const char *value)
{
    return config_keep(reading, value, place_of(reading, key));
}

static int take_yes(struct reading *reading, const struct key *key, const char *value)
{
    bool *to = place_of(reading, key);

    *to = strcmp(value, "yes") == 0;
    return *to || strcmp(value, "no") == 0
               ? 0
               : listener_fail(&reading->why, "\"%s\" is neither; write yes or no", value);
}

static int read_number(struct reading *reading, const char *value, int64_t most, unsigned *to)
{
    int64_t number;

    if (tokens_parse(value, strlen(value), &number) || number < 1 || number > most)
        return listener_fail(&reading->why, "\"%s\" is no number from 1 to %lld", value, (long long)most);
    *to = (unsigned)number;
    return 0;
}

static int take_threads(struct reading *reading, const struct key *key, const char *value)
{
    return read_number(reading, value, SERVE_THREADS_MOST, place_of(reading, key));
}

static int take_ids(struct reading *reading, const struct key *key, const char *value)
{
    return read_number(reading, value, SERVE_IDS_MOST, place_of(reading, key));
}

static int read_length(struct reading *reading, const char *value, int64_t *to)
{
    const char *wrong = length_parse(value, to);

    if (!wrong && *to == 0)
        wrong = "must be longer than 0";
    return wrong ? listener_fail(&reading->why, "\"%s\" %s", value, wrong) : 0;
}

static int take_timeout(struct reading *reading, const struct key *key, const char *value)
{
    return read_length(reading, value, place_of(reading, key));
}

static int take_every(struct reading *reading, const struct key *key, const char *value)
{
    int64_t *to = place_of(reading, key);

    if (read_length(reading, value, to) < 0)
        return -1;
    return *to < POLL_EVERY_LEAST_NS ? listener_fail(&reading->why, "every is at least 10s") : 0;
}

static int take_interval(struct reading *reading, const struct key *key, const char *value)
{
    int64_t *to = place_of(reading, key);

    if (read_length(reading, value, to) < 0)
        return -1;
    return *to < SYNC_EVERY_LEAST_NS || *to > SYNC_EVERY_MOST_NS
               ? listener_fail(&reading->why, "every is from 5ms to 1m")
               : 0;
}

static int take_tags(struct reading *reading, const struct key *key, const char *value)
{
    return read_number(reading, value, SYNC_TAGS_MOST, place_of(reading, key));
}

static int take_node(struct reading *reading, const struct key *key, const char *value)
{
    char name[SYNC_NODE_MOST + 1];
    const char *wrong = sync_node_name(value, name);

    return wrong ? listener_fail(&reading->why, "\"%s\" %s", value, wrong) : take_text(reading, key, value);
}

static int take_added(struct reading *reading, const char *value,
                      const char *(*add)(struct serve_options *options, const char *value))
{
    const char *kept, *fault;

    if (config_keep(reading, value, &kept) < 0)
        return -1;
    fault = add(reading->section, kept);
    return fault ? listener_fail(&reading->why, "\"%s\" %s", value, fault) : 0;
}

static int take_listen(struct reading *reading, const struct key *key, const char *value)
{
    (void)key;
    return take_added(reading, value, serve_add_address);
}

static int take_name(struct reading *reading, const struct key *key, const char *value)
{
    (void)key;
    return take_added(reading, value, serve_add_name);
}

static int take_setting(struct reading *reading, const struct key *key, const char *value)
{
    struct config_provider *provider = reading->section;
    const char *text = "";

    if (*value && config_keep(reading, value, &text) < 0)
        return -1;
    provider->given[key->to] = true;
    provider->lines[key->to] = reading->line;
    return setting_read((enum setting)key->to, text, &provider->values, &reading->why);
}

static int take_limit(struct reading *reading, const struct key *key, const char *value)
{
    struct config_provider *provider = reading->section;
    struct config_limit limit = {.limit.size = sizeof limit.limit, .line = reading->line};
    struct tq_error error = {.size = sizeof error};

    (void)key;
    if (tq_limit_parse(value, &limit.limit, &error) < 0)
        return listener_fail(&reading->why, "%s", error.msg);
    if (provider->limit_count == TQ_LIMITS_MAX)
        return listener_fail(&reading->why, "a provider has at most %d limits", TQ_LIMITS_MAX);
    if (!provider->limits)
        provider->limits = calloc(TQ_LIMITS_MAX, sizeof *provider->limits);
    if (!provider->limits)
        return listener_fail(&reading->why, "out of memory");
    provider->limits[provider->limit_count++] = limit;
    return 0;
}

static int take_profile(struct reading *reading, const struct key *key, const char *value)
{
    struct config_provider *provider = reading->section;

    return take_text(reading, key, value) < 0 ? -1 : profile_find(value, &provider->vendor, &reading->why);
}

static int take_source(struct reading *reading, const struct key *key, const char *value)
{
    struct config_import *import = reading->section;

    (void)key;
    import->has_source = true;
    return source_find(value, &import->logs.source, &reading->why);
}

static int take_path(struct reading *reading, const struct key *key, const char *value)
{
    (void)key;
    return *value ? config_add_path(reading, reading->section, value)
                  : listener_fail(&reading->why, "it has no value");
}

static int take_template(struct reading *reading, const struct key *key, const char *value)
{
    struct import_error error;

    if (names_check(value, &error) < 0)
        return listener_fail(&reading->why, "%s", error.text);
    return take_text(reading, key, value);
}

static int take_count(struct reading *reading, const struct key *key, const char *value)
{
    int *to = place_of(reading, key);

    if (strcmp(value, "counted") != 0 && strcmp(value, "total") != 0)
        return listener_fail(&reading->why, "\"%s\" is neither; write counted or total", value);
    *to = classes_count(value);
    return 0;
}

/* ---- keys ------------------------------------------------------------------------------------ */

#define SYNC(field) offsetof(struct config_sync, field)
#define SERVE(field) offsetof(struct serve_options, field)
#define PROVIDER(field) offsetof(struct config_provider, field)
#define IMPORT(field) offsetof(struct config_import, field)

static const struct key serve_keys[] = {
    {"listen", take_listen, 0, true},
    {"name", take_name, 0, true},
    {"unix", take_text, SERVE(unix_path), false},
    {"token-file", take_text, SERVE(token_file), false},
    {"read-token-file", take_text, SERVE(read_token_file), false},
    {"allow-plain-http", take_yes, SERVE(allow_plain_http), false},
    {"cors-limits", take_yes, SERVE(cors_limits), false},
    {"threads", take_threads, SERVE(threads), false},
    {"ids", take_ids, SERVE(ids), false},
    {0},
};

static const struct key sync_keys[] = {
    {"to", take_text, SYNC(to), false},
    {"node", take_node, SYNC(node), false},
    {"every", take_interval, SYNC(every_ns), false},
    {"auth-file", take_text, SYNC(auth_file), false},
    {"ca-file", take_text, SYNC(ca_file), false},
    {"tags", take_tags, SYNC(tags), false},
    {0},
};

static const struct key provider_keys[] = {
    {"budget", take_setting, SETTING_BUDGET, false},
    {"rule", take_setting, SETTING_RULE, false},
    {"care", take_setting, SETTING_CARE, false},
    {"pool", take_setting, SETTING_POOL, false},
    {"weights", take_setting, SETTING_WEIGHTS, false},
    {"price", take_setting, SETTING_PRICE, false},
    {"overage", take_setting, SETTING_OVERAGE, false},
    {"cut", take_setting, SETTING_CUT, false},
    {"limit", take_limit, 0, true},
    {"profile", take_profile, PROVIDER(profile), false},
    {"poll", take_text, PROVIDER(poll), false},
    {"every", take_every, PROVIDER(every_ns), false},
    {"probe", take_text, PROVIDER(probe), false},
    {"timeout", take_timeout, PROVIDER(timeout_ns), false},
    {0},
};

static const struct key import_keys[] = {
    {"source", take_source, 0, false},
    {"path", take_path, 0, true},
    {"provider", take_template, IMPORT(logs.name), false},
    {"count", take_count, IMPORT(logs.count), false},
    {0},
};

static const struct key *const keys_of[] = {
    [KIND_SERVE] = serve_keys,   [KIND_SYNC] = sync_keys,     [KIND_PROVIDER] = provider_keys,
    [KIND_POOL] = provider_keys, [KIND_IMPORT] = import_keys,
};

/* The section that has a key of this name, NULL: none. */
static const char *home_of(const char *word)
{
    static const struct {
        const struct key *keys;
        const char *section;
    } rows[] = {{serve_keys, "[serve]"},
                {sync_keys, "[sync]"},
                {provider_keys, "[provider NAME] or [pool NAME]"},
                {import_keys, "[import NAME]"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (const struct key *key = rows[i].keys; key->name; key++)
            if (strcmp(key->name, word) == 0)
                return rows[i].section;
    return NULL;
}

/* 'unknown key "bugdet"; did you mean "budget"?', where it belongs, or all that there are. */
static void tell_unknown(struct reading *reading, const struct key *keys, const char *word)
{
    const char *home = home_of(word), *names[KEYS_MOST + 1] = {NULL};
    char hint[512];
    size_t used = 0;

    for (size_t i = 0; keys[i].name && i < KEYS_MOST && used < sizeof hint; i++) {
        names[i] = keys[i].name;
        used += (size_t)snprintf(hint + used, sizeof hint - used, "%s%s",
                                 i == 0             ? "write "
                                 : keys[i + 1].name ? ", "
                                                    : " or ",
                                 keys[i].name);
    }
    if (home)
        (void)listener_fail(&reading->why, "the key \"%s\" belongs to %s", word, home);
    else
        (void)word_unknown(&reading->why, "unknown key", "", word, names, hint);
    config_tell(reading, reading->why.why);
}

static void tell_value(struct reading *reading, const char *key)
{
    char line[LISTENER_LINE + CONFIG_SECTION_BYTES];
    const char *why = reading->why.why;
    size_t len = strlen(key);
    bool named = strncmp(why, key, len) == 0 && (why[len] == ':' || why[len] == ' ');

    snprintf(line, sizeof line, "%s%s%s", named ? "" : key, named ? "" : ": ", why);
    config_tell(reading, line);
}

/* Does the key's value go on in the next lines? */
static bool goes_on(const struct reading *reading, const struct key *key)
{
    return keys_of[reading->kind] == provider_keys &&
           (key->to == PROVIDER(poll) || key->to == PROVIDER(probe)) && key->take == take_text;
}

/* A line goes on with the command above. */
static void go_on(struct reading *reading, const struct key *key, const char *value)
{
    const char **place = place_of(reading, key);
    char whole[COMMAND_BYTES];
    int len = snprintf(whole, sizeof whole, "%s %s", *place ? *place : "", value);

    if (len >= (int)sizeof whole)
        (void)listener_fail(&reading->why, "the command is longer than %d bytes; put it into a file",
                            COMMAND_BYTES - 1);
    if (len >= (int)sizeof whole || config_keep(reading, whole, place) < 0)
        tell_value(reading, key->name);
}

static void take_key(struct reading *reading, const struct key *key, size_t row, const char *value,
                     bool continued)
{
    char why[128];

    if (continued && goes_on(reading, key)) {
        go_on(reading, key, value);
    } else if (continued) {
        snprintf(why, sizeof why,
                 "the line begins with a blank, so it goes on with \"%s\" above, which takes one line",
                 key->name);
        config_tell(reading, why);
    } else if (reading->given & 1u << row && !key->often) {
        snprintf(why, sizeof why, "\"%s\" is given twice; give one value", key->name);
        config_tell(reading, why);
    } else {
        reading->given |= 1u << row;
        if (key->take(reading, key, value) < 0)
            tell_value(reading, key->name);
    }
}

void config_take(struct reading *reading, const char *word, const char *value, bool continued)
{
    const struct key *keys = keys_of[reading->kind];

    for (size_t row = 0; keys[row].name; row++)
        if (strcmp(keys[row].name, word) == 0) {
            take_key(reading, &keys[row], row, value, continued);
            return;
        }
    tell_unknown(reading, keys, word);
}
