/* usage.c: the responses of logs, each once, and what the ledger counted live, sorted into rows.
 *
 * SPDX-License-Identifier: MIT
 */
#include "usage.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "base/number.h"

#define DRAW_EVERY 16384
#define LIVE "counted live"

__attribute__((format(printf, 2, 3))) static int fail(struct usage_report *usage, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    vsnprintf(usage->why, sizeof usage->why, format, list);
    va_end(list);
    return -1;
}

/* ---- days of a zone -------------------------------------------------------------------------- */

/* How far the zone is ahead of UTC at that instant. */
static int64_t offset_seconds(int64_t at_ns)
{
    time_t seconds = (time_t)tq__floor_divide(at_ns, TQ__SECOND_NS);
    struct tm tm;

    return localtime_r(&seconds, &tm) ? (int64_t)tm.tm_gmtoff : 0;
}

int64_t zone_day(int64_t at_ns, bool local)
{
    int64_t seconds = tq__floor_divide(at_ns, TQ__SECOND_NS);

    return tq__floor_divide(seconds + (local ? offset_seconds(at_ns) : 0), 86400);
}

/* The offset of the instant that has the day's number in UTC is the one of its begin, but for zones that
 * change their clocks in between: a second look, at the begin itself, decides. */
int64_t zone_day_begin(int64_t day, bool local)
{
    int64_t at_ns = day * TQ__DAY_NS;

    if (!local)
        return at_ns;
    at_ns = day * TQ__DAY_NS - offset_seconds(at_ns) * TQ__SECOND_NS;
    return day * TQ__DAY_NS - offset_seconds(at_ns) * TQ__SECOND_NS;
}

/* ---- the key of a row ------------------------------------------------------------------------ */

const char *usage_by_word(enum usage_by by)
{
    static const char *const words[] = {"day", "week", "month", "session", "model", "provider", "tool"};

    return words[by];
}

/* A week begins on Monday and is called by that day; 1970-01-01 was a Thursday. */
static void day_key(char key[TQ__TIME_BYTES], enum usage_by by, int64_t day)
{
    if (by == BY_WEEK)
        day -= ((day + 3) % 7 + 7) % 7;
    (void)tq__time_write(key, day * TQ__DAY_NS);
    key[by == BY_MONTH ? TQ__DATE_LENGTH - 3 : TQ__DATE_LENGTH] = '\0';
}

static const char *or_unknown(const char *text)
{
    return *text ? text : "unknown";
}

/* The session and, in front of it, the last part of the project's path. */
static const char *session_key(char *key, size_t size, const struct tq_log_entry *entry)
{
    const char *slash = strrchr(entry->project, '/');
    const char *project = slash && slash[1] ? slash + 1 : entry->project;

    if (!*project)
        return or_unknown(entry->session);
    snprintf(key, size, "%.100s/%.150s", project, or_unknown(entry->session));
    return key;
}

/* The key of the row that an entry belongs to, in key or elsewhere. */
static const char *key_of(char key[TQ_NAME_MAX + 1], const struct usage_request *request,
                          const struct tq_log_source *source, const struct tq_log_entry *entry)
{
    switch (request->by) {
    case BY_SESSION:
        return session_key(key, TQ_NAME_MAX + 1, entry);
    case BY_MODEL:
        return or_unknown(entry->model);
    case BY_PROVIDER:
        names_fill(key, names_pattern(request->logs.name, source), source, entry);
        return key;
    case BY_TOOL:
        return tq_log_source_title(source);
    case BY_DAY:
    case BY_WEEK:
    case BY_MONTH:
        break;
    }
    day_key(key, request->by, zone_day(entry->at_ns, request->local));
    return key;
}

/* ---- texts by number ------------------------------------------------------------------------- */

/* The number of a text, made when it is new; -1 on no memory. */
static int64_t number_of(struct usage_texts *texts, const char *text)
{
    uint64_t hash = tq__hash(6, text, strlen(text));
    uint32_t number;
    size_t at = 0;
    char **items, *copy;

    while ((number = tq__index_find(&texts->index, hash, &at)) != TQ__INDEX_END)
        if (strcmp(texts->items[number], text) == 0)
            return number;
    items = tq__list_room(texts->items, texts->count, &texts->capacity, sizeof *items);
    if (!items)
        return -1;
    texts->items = items;
    copy = strdup(text);
    if (!copy || !tq__index_add(&texts->index, hash, (uint32_t)texts->count)) {
        free(copy);
        return -1;
    }
    items[texts->count] = copy;
    return (int64_t)texts->count++;
}

static void free_texts(struct usage_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->items[i]);
    free(texts->items);
    free(texts->index.slots);
    *texts = (struct usage_texts){0};
}

/* ---- responses of logs ----------------------------------------------------------------------- */

/* The response of a key, made with rank 0 when it is new; NULL on no memory. */
static struct usage_response *response_of(struct usage_report *usage, uint64_t key, bool *is_new)
{
    struct usage_response *responses;
    uint32_t number;
    size_t at = 0;

    *is_new = false;
    while ((number = tq__index_find(&usage->response_index, key, &at)) != TQ__INDEX_END)
        if (usage->responses[number].key == key)
            return &usage->responses[number];
    responses =
        tq__list_room(usage->responses, usage->response_count, &usage->response_capacity, sizeof *responses);
    if (responses)
        usage->responses = responses;
    if (!responses || !tq__index_add(&usage->response_index, key, (uint32_t)usage->response_count))
        return NULL;
    *is_new = true;
    responses[usage->response_count] = (struct usage_response){.key = key};
    return &responses[usage->response_count++];
}

static int take_entry(struct usage_report *usage, const struct merge_file *file)
{
    const struct usage_request *request = &usage->request;
    const struct tq_log_entry *entry = &file->entry;
    struct usage_response *response;
    char key[TQ_NAME_MAX + 1];
    int64_t row, model;
    bool is_new;

    if (!entry->usage.known || entry->at_ns < request->logs.since_ns || entry->at_ns >= request->until_ns)
        return 0;
    usage->entries++;
    response = response_of(usage, tq__mix(entry->key, tq_log_source_id(file->source)), &is_new);
    if (!response)
        return fail(usage, "out of memory after %zu responses; --since has fewer", usage->response_count);
    if (!is_new && entry->rank <= response->rank)
        return 0;
    row = number_of(&usage->rows, key_of(key, request, file->source, entry));
    model = number_of(&usage->models, or_unknown(entry->model));
    if (row < 0 || model < 0)
        return fail(usage, "out of memory");
    *response = (struct usage_response){
        .key = response->key,
        .rank = entry->rank,
        .at_ns = entry->at_ns,
        .amount = classes_amount(&entry->usage, request->logs.count),
        .cost_nano_usd = entry->cost_nano_usd,
        .classes = classes_of(&entry->usage),
        .row = (uint32_t)row,
        .model = (uint32_t)model,
    };
    return 0;
}

static int add_files(struct usage_report *usage, struct merge *merge, const struct tq_log_source *source,
                     const char *path)
{
    struct tq_log_files *files;
    struct tq_log_error error = {0};
    const char *name;
    int result = 0;

    if (tq_log_files_open(&files, source, path, &error) < 0)
        return fail(usage, "%s: %s", path ? path : tq_log_source_name(source), error.msg);
    while (result == 0 && (name = tq_log_files_next(files)) != NULL)
        if (!merge_add(merge, name, source))
            result = fail(usage, "out of memory");
    tq_log_files_close(files);
    return result;
}

static int find_files(struct usage_report *usage, struct merge *merge)
{
    const struct import_request *request = &usage->request.logs;
    const struct tq_log_source *source = request->source;
    int result = 0;

    if (source && !request->paths[0])
        return add_files(usage, merge, source, NULL);
    for (size_t i = 0; source && request->paths[i] && result == 0; i++)
        result = add_files(usage, merge, source, request->paths[i]);
    for (size_t i = 0; !request->source && (source = tq_log_source_at(i)) != NULL && result == 0; i++)
        result = add_files(usage, merge, source, NULL);
    return result;
}

static void tell_progress(const struct usage_report *usage, const struct merge *merge)
{
    char what[64];

    snprintf(what, sizeof what, "file %zu of %zu", merge->next, merge->count);
    listener_progress(&usage->listener, what, merge->next, merge->count, usage->entries);
}

int usage_read(struct usage_report *usage)
{
    struct merge merge;
    struct merge_file *file = NULL;
    int what, result;

    merge_init(&merge);
    merge.by_name = true; /* which entry is true does not depend on the order */
    result = find_files(usage, &merge);
    usage->files = merge.count;
    while (result == 0 && (what = merge_next(&merge, &file)) != MERGE_END) {
        if (what == MERGE_ENTRY) {
            result = take_entry(usage, file);
        } else if (what == MERGE_BAD_LINE) {
            usage->bad_lines++;
        } else if (what == MERGE_BROKEN) {
            listener_trouble(&usage->listener, "%s: %s", file->path, merge.error.msg);
            usage->broken++;
        } else if (what == MERGE_FAILED) {
            result = fail(usage, "out of memory");
        }
        if (usage->entries % DRAW_EVERY == 0)
            tell_progress(usage, &merge);
    }
    merge_free(&merge);
    return result;
}

static void free_responses(struct usage_report *usage)
{
    free(usage->responses);
    free(usage->response_index.slots);
    usage->responses = NULL;
    usage->response_index = (struct tq__index){0};
    usage->response_count = usage->response_capacity = 0;
}

int usage_sum(struct usage_report *usage)
{
    int result = 0;

    for (size_t i = 0; i < usage->response_count && result == 0; i++) {
        const struct usage_response *response = &usage->responses[i];
        bool priced = response->cost_nano_usd >= 0;
        struct usage_cell cell = {
            .row = response->row,
            .model = response->model,
            .day = zone_day(response->at_ns, usage->request.local),
            .classes = response->classes,
            .cost_nano_usd = priced ? response->cost_nano_usd : 0,
            .costs = priced,
        };

        usage->logged = tq__add_saturated(usage->logged, classes_total(&response->classes));
        usage->counted = tq__add_saturated(usage->counted, response->amount);
        if (!cells_add(usage, &cell))
            result = fail(usage, "out of memory");
    }
    free_responses(usage);
    return result;
}

void usage_free(struct usage_report *usage)
{
    free_responses(usage);
    free(usage->cells);
    free_texts(&usage->rows);
    free_texts(&usage->models);
}

/* ---- the ledger ------------------------------------------------------------------------------ */

/* The ledger's days are UTC days, whatever the zone of the report, and it knows no classes. */
static int add_day(struct usage_report *usage, const char *name, int64_t day, int64_t used)
{
    enum usage_by by = usage->request.by;
    char key[TQ__TIME_BYTES];
    struct usage_cell cell = {.day = day, .classes.other = used};
    int64_t row, model;

    day_key(key, by, day);
    row = number_of(&usage->rows, by == BY_PROVIDER ? name : by == BY_TOOL ? LIVE : key);
    model = number_of(&usage->models, LIVE);
    cell.row = (uint32_t)row;
    cell.model = (uint32_t)model;
    return row < 0 || model < 0 || !cells_add(usage, &cell) ? fail(usage, "out of memory") : 0;
}

static int add_provider(struct usage_report *usage, struct tq_provider *provider, uint32_t history_days)
{
    const struct usage_request *request = &usage->request;
    bool has_place = request->by != BY_SESSION && request->by != BY_MODEL, any = false;
    int64_t today_ns = tq__day_start(request->logs.at_ns);

    for (uint32_t back = 0; back < history_days; back++) {
        int64_t at_ns = today_ns - back * TQ__DAY_NS, used = tq_provider_used(provider, at_ns);

        if (used <= 0 || at_ns < request->logs.since_ns || at_ns >= request->until_ns)
            continue;
        if (!has_place)
            usage->live_elsewhere += used;
        else if (add_day(usage, tq_provider_name(provider), at_ns / TQ__DAY_NS, used) < 0)
            return -1;
        any = true;
    }
    usage->live += any;
    return 0;
}

/* Providers that an import feeds are in the logs. */
int usage_add_ledger(struct usage_report *usage, struct tq_ledger *ledger, const char *path)
{
    struct tq_ledger_info info = {.size = sizeof info};
    struct store store = {.fd = -1};
    struct tq_provider *provider;
    uint64_t cursor = 0;
    int result = 0;

    (void)store_peek(&store, path);
    if (tq_ledger_statistics(ledger, &info) == 0)
        while (result == 0 && tq_ledger_walk(ledger, &cursor, &provider) == 0)
            if (!store.header || !store_row_find(&store, tq_provider_name(provider)))
                result = add_provider(usage, provider, info.history_days);
    store_close(&store);
    return result;
}
