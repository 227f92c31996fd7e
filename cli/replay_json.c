/* replay_json.c: the whole replay as one JSON document.
 *
 * SPDX-License-Identifier: MIT
 *
 * Instants are RFC 3339 text to the nanosecond; integers above 2^53 - 1, which many readers would round, are
 * text as well. What there is none of is null. "tokens" are of the whole log, "used" of the last UTC day.
 */
#include <inttypes.h>
#include <string.h>

#include <jansson.h>

#include "replay.h"

#define SCHEMA 1
#define EXACT_MOST ((INT64_C(1) << 53) - 1)

static json_t *number(int64_t n)
{
    char text[24];

    if (n < 0)
        return json_null();
    if (n <= EXACT_MOST)
        return json_integer(n);
    snprintf(text, sizeof(text), "%" PRId64, n);
    return json_string(text);
}

static json_t *instant(int64_t at_ns)
{
    return json_string(format_rfc3339(at_ns).s);
}

/* Text from outside, which may be no UTF-8. */
static json_t *clean(const char *text)
{
    char out[512];

    text_clean(out, sizeof(out), text, strlen(text), false);
    return json_string(out);
}

static int fail(void)
{
    report("out of memory");
    return -1;
}

static void append_transition(struct replay *replay, const struct transition *transition)
{
    const struct provider *provider = &replay->providers.items[transition->provider];
    bool exhausted = transition->to == TQ_QUOTA_EXHAUSTED;
    json_t *entry;

    replay->transitions++;
    if (replay->quiet)
        return;
    entry = json_pack("{s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:o}",
                      "at", instant(transition->at_ns),
                      "provider", provider->name,
                      "from", tq_state_name(!exhausted),
                      "to", tq_state_name(transition->to),
                      "used", exhausted ? number(transition->used) : json_null(),
                      "budget", number(provider->budget),
                      "projection", number(transition->projection),
                      "retry_at", exhausted ? instant(transition->retry_at_ns) : json_null());
    if (json_array_append_new(replay->json, entry) < 0)
        json_drop(replay); /* json_end sees it */
}

int json_begin(struct replay *replay)
{
    replay->on_transition = append_transition;
    replay->json = json_array();
    return replay->json ? 0 : fail();
}

void json_drop(struct replay *replay)
{
    json_decref(replay->json);
    replay->json = NULL;
}

static json_t *paths_json(char **paths, size_t path_count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < path_count; i++)
        json_array_append_new(array, clean(paths[i]));
    return array;
}

static json_t *provider_json(const struct standing *standing)
{
    const struct provider *provider = standing->provider;
    bool exhausted = standing->state == TQ_QUOTA_EXHAUSTED;

    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o}",
                     "provider", provider->name,
                     "records", number(provider->records),
                     "tokens", number(provider_total(provider)),
                     "used", number(standing->used),
                     "budget", provider->budget ? number(provider->budget) : json_null(),
                     "burn_rate_per_hour", number(standing->burn_rate),
                     "projection", number(standing->projection),
                     "state", tq_state_name(standing->state),
                     "retry_at", exhausted ? instant(standing->retry_at_ns) : json_null());
}

static json_t *day_json(const struct provider *provider, const struct day *day)
{
    return json_pack("{s:s, s:s, s:o, s:o, s:o}",
                     "day", format_utc_day(day->start_at_ns).s,
                     "provider", provider->name,
                     "used", number(day->used),
                     "budget", provider->budget ? number(provider->budget) : json_null(),
                     "exhausted_at", day->exhausted ? instant(day->exhausted_at_ns) : json_null());
}

static json_t *providers_json(const struct standings *standings)
{
    json_t *array = json_array();

    for (size_t i = 0; i < standings->count; i++)
        json_array_append_new(array, provider_json(&standings->items[i]));
    return array;
}

static json_t *days_json(const struct standings *standings)
{
    json_t *array = json_array();

    for (size_t i = 0; i < standings->count; i++) {
        const struct provider *provider = standings->items[i].provider;

        for (size_t j = 0; j < provider->day_count; j++)
            json_array_append_new(array, day_json(provider, &provider->days[j]));
    }
    return array;
}

static json_t *refused_json(const struct replay *replay)
{
    json_t *array = json_array();

    for (int i = 0; i < REFUSED_CODES; i++) {
        const struct refused *refused = &replay->refused[i];

        if (refused->count)
            json_array_append_new(array, json_pack("{s:s, s:s, s:o, s:o}",
                                                   "code", tq_error_name(-i),
                                                   "text", tq_strerror(-i),
                                                   "count", number((int64_t)refused->count),
                                                   "first", clean(refused->first)));
    }
    return array;
}

static json_t *bad_lines_json(const struct replay *replay)
{
    json_t *array = json_array();

    for (size_t i = 0; i < replay->bad_line_count && i < BAD_LINES_SHOWN; i++) {
        const struct bad_line *bad = &replay->bad_lines[i];

        json_array_append_new(array, json_pack("{s:o, s:o, s:o}",
                                               "file", clean(bad->path),
                                               "line", number((int64_t)bad->line),
                                               "msg", clean(bad->msg)));
    }
    return json_pack("{s:o, s:o}", "count", number((int64_t)replay->bad_line_count), "first", array);
}

static json_t *unused_json(const struct replay *replay)
{
    json_t *array = json_array();

    for (size_t i = 0; i < replay->providers.count; i++)
        if (replay->providers.items[i].budget_given && !replay->providers.items[i].records)
            json_array_append_new(array, json_string(replay->providers.items[i].name));
    return array;
}

static json_t *steps_json(const struct replay *replay)
{
    return json_pack("{s:o, s:o}",
                     "count", number(replay->steps_back),
                     "longest_ns", number(replay->longest_back_ns));
}

int json_end(struct replay *replay, const struct standings *standings, char **paths, size_t path_count)
{
    bool any = replay->records > 0;
    int64_t today_at_ns = day_start(replay->end_at_ns);
    json_t *transitions = replay->json, *document;
    int result;

    replay->json = NULL;
    document = json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                         "schema", SCHEMA,
                         "version", tq_version_string(),
                         "files", paths_json(paths, path_count),
                         "records", number(replay->records),
                         "tokens", number(replay->tokens),
                         "start_at", any ? instant(replay->first_at_ns) : json_null(),
                         "end_at", any ? instant(replay->end_at_ns) : json_null(),
                         "day_ends_at", any ? instant(today_at_ns + DAY_NS) : json_null(),
                         "transitions", transitions,
                         "providers", providers_json(standings),
                         "days", days_json(standings),
                         "refused", refused_json(replay),
                         "bad_lines", bad_lines_json(replay),
                         "steps_back", steps_json(replay),
                         "unused_budgets", unused_json(replay));
    if (!document)
        return fail();
    result = json_dumpf(document, stdout, JSON_INDENT(2));
    putc('\n', stdout);
    json_decref(document);
    return result < 0 && !ferror(stdout) ? fail() : 0;
}
