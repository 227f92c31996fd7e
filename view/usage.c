/* usage.c: reads the responses of logs, each once, and the tokens that the ledger counted live.
 *
 * SPDX-License-Identifier: MIT
 */
#include "usage.h"

#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "standings.h"

#define DRAW_EVERY 16384
#define LIVE "counted live"

/* ---- the key of a row ------------------------------------------------------------------------ */

const char *usage_by_word(enum usage_by by)
{
    static const char *const words[] = {"day",   "week",     "month", "session",
                                        "model", "provider", "tool",  "window"};

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

/* The last part of the project's path, and the session behind it. */
static const char *session_key(char *key, size_t size, const struct tq_log_entry *entry)
{
    const char *project = tq__last_part(entry->project);

    if (!*project)
        return or_unknown(entry->session);
    snprintf(key, size, "%.100s/%.150s", project, or_unknown(entry->session));
    return key;
}

/* The key of the row that an entry belongs to. It may be written to key. */
static const char *key_of(char key[TQ_NAME_MAX + 1], const struct usage_request *request,
                          const struct tq_log_source *source, const struct tq_log_entry *entry)
{
    switch (request->by) {
    case BY_SESSION:
        return session_key(key, TQ_NAME_MAX + 1, entry);
    case BY_MODEL:
        return or_unknown(entry->model);
    case BY_PROVIDER:
    case BY_WINDOW:
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

/* ---- texts and cells ------------------------------------------------------------------------- */

/* Finds the number of a text, or gives it one. -1: no memory. */
static int64_t number_of(struct usage_report *usage, const char *text)
{
    uint64_t hash = tq__hash(6, text, strlen(text));
    uint32_t number;
    size_t at = 0;
    char **texts;

    while ((number = tq__index_find(&usage->text_index, hash, &at)) != TQ__INDEX_END)
        if (strcmp(usage->texts[number], text) == 0)
            return number;
    texts = tq__list_room(usage->texts, usage->text_count, &usage->text_capacity, sizeof *texts);
    if (!texts)
        return -1;
    usage->texts = texts;
    texts[usage->text_count] = strdup(text);
    if (!texts[usage->text_count])
        return -1;
    number = (uint32_t)usage->text_count++;
    return tq__index_add(&usage->text_index, hash, number) ? (int64_t)number : -1;
}

/* Sets the key and the model of a cell. false: no memory. */
static bool name_cell(struct usage_report *usage, struct usage_cell *cell, const char *key, const char *model)
{
    int64_t row = number_of(usage, key), model_number = number_of(usage, model);

    cell->row = (uint32_t)row;
    cell->model = (uint32_t)model_number;
    return row >= 0 && model_number >= 0;
}

/* Appends an empty cell. NULL: no memory. */
static struct usage_cell *append_cell(struct usage_report *usage)
{
    struct usage_cell *cells =
        tq__list_room(usage->cells, usage->cell_count, &usage->cell_capacity, sizeof *cells);

    if (!cells)
        return NULL;
    usage->cells = cells;
    cells[usage->cell_count] = (struct usage_cell){.row = 0};
    return &cells[usage->cell_count++];
}

/* ---- responses of logs ----------------------------------------------------------------------- */

/* Finds the cell of a response, or makes an empty one. NULL: no memory. */
static struct usage_cell *cell_of(struct usage_report *usage, uint64_t key)
{
    struct usage_cell *cell;
    uint32_t number;
    size_t at = 0;

    while ((number = tq__index_find(&usage->cell_index, key, &at)) != TQ__INDEX_END)
        if (usage->cells[number].key == key)
            return &usage->cells[number];
    number = (uint32_t)usage->cell_count;
    cell = append_cell(usage);
    return cell && tq__index_add(&usage->cell_index, key, number) ? cell : NULL;
}

static int take_entry(struct usage_report *usage, const struct merge_file *file)
{
    const struct usage_request *request = &usage->request;
    const struct tq_log_entry *entry = &file->entry;
    uint64_t id = tq__mix(entry->key, tq_log_source_id(file->source));
    bool priced = entry->cost_nano_usd >= 0;
    char key[TQ_NAME_MAX + 1];
    struct usage_cell *cell;

    if (!entry->usage.known || entry->at_ns < request->since_ns || entry->at_ns >= request->until_ns)
        return 0;
    usage->entries++;
    cell = cell_of(usage, id);
    if (!cell)
        return listener_fail(usage->listener, "out of memory after %zu responses; --since has fewer",
                             usage->cell_count);
    if (cell->sum.classes.responses > 0 && entry->rank <= cell->rank)
        return 0;
    *cell = (struct usage_cell){
        .key = id,
        .rank = entry->rank,
        .at_ns = entry->at_ns,
        .amount = classes_amount(&entry->usage, request->logs.count),
        .day = zone_day(entry->at_ns, request->local),
        .requests = entry->usage.requests,
        .sum = {classes_of(&entry->usage), priced ? entry->cost_nano_usd : 0, priced},
    };
    return name_cell(usage, cell, key_of(key, request, file->source, entry), or_unknown(entry->model))
               ? 0
               : listener_fail(usage->listener, "out of memory");
}

static int add_files(struct usage_report *usage, struct merge *merge, const struct tq_log_source *source,
                     const char *path)
{
    struct tq_log_files *files;
    struct tq_log_error error = {0};
    const char *name;
    int result = 0;

    if (tq_log_files_open(&files, source, path, &error) < 0)
        return listener_fail(usage->listener, "%s: %s", path ? path : tq_log_source_name(source), error.msg);
    while (result == 0 && (name = tq_log_files_next(files)) != NULL) {
        struct merge_file *file = merge_add(merge, name, source);

        if (file)
            file->named = path && strcmp(name, path) == 0;
        else
            result = listener_fail(usage->listener, "out of memory");
    }
    tq_log_files_close(files);
    return result;
}

/* The paths of the request; without paths, all logs of its source; without a source, those of all tools. */
static int find_files(struct usage_report *usage, struct merge *merge)
{
    const struct tq_log_source *source = usage->request.logs.source;
    char **path = usage->request.logs.paths;
    int result = 0;

    if (source) {
        do
            result = add_files(usage, merge, source, *path);
        while (result == 0 && *path && *++path);
        return result;
    }
    for (size_t i = 0; (source = tq_log_source_at(i)) != NULL && result == 0; i++)
        result = add_files(usage, merge, source, NULL);
    return result;
}

int usage_read(struct usage_report *usage)
{
    struct listener *listener = usage->listener;
    struct merge merge;
    struct merge_file *file = NULL;
    char where[64];
    int what, result;

    merge_init(&merge);
    merge.by_name = true; /* the best entry of a response does not depend on the order */
    result = find_files(usage, &merge);
    usage->files = merge.count;
    while (result == 0 && (what = merge_next(&merge, &file)) != MERGE_END) {
        if (what == MERGE_ENTRY) {
            result = take_entry(usage, file);
        } else if (what == MERGE_BAD_LINE) {
            usage->bad_lines++;
        } else if (what == MERGE_BROKEN) {
            listener_trouble(usage->listener, "%s: %s", file->path, merge.error.msg);
            usage->broken++;
        } else if (what == MERGE_FAILED) {
            result = listener_fail(usage->listener, "out of memory");
        }
        if (usage->entries % DRAW_EVERY == 0) {
            snprintf(where, sizeof where, "file %zu of %zu", merge.next, merge.count);
            listener->progress(listener->context, where, merge.next, merge.count, usage->entries);
        }
    }
    merge_free(&merge);
    for (size_t i = 0; i < usage->cell_count; i++) {
        usage->logged = tq__add_saturated(usage->logged, classes_total(&usage->cells[i].sum.classes));
        usage->counted = tq__add_saturated(usage->counted, usage->cells[i].amount);
    }
    return result;
}

/* Tokens that are not told apart are a total. */
struct tq_usage usage_of_cell(const struct usage_cell *cell)
{
    const struct classes *classes = &cell->sum.classes;
    struct tq_usage usage = {
        .size = sizeof usage,
        .known = TQ_USAGE_INPUT | TQ_USAGE_CACHE_READ | TQ_USAGE_CACHE_WRITE | TQ_USAGE_OUTPUT,
        .requests = cell->requests,
        .input = classes->input,
        .cache_read = classes->cache_read,
        .cache_write = classes->cache_write,
        .output = classes->output,
        .counted = cell->amount,
        .cost_nano_usd = cell->sum.cost_nano_usd,
    };

    if (classes->other > 0) {
        usage.known = TQ_USAGE_TOTAL;
        usage.total = classes->other;
    }
    if (cell->sum.costs > 0)
        usage.known |= TQ_USAGE_COST;
    return usage;
}

void usage_free(struct usage_report *usage)
{
    for (size_t i = 0; i < usage->text_count; i++)
        free(usage->texts[i]);
    free(usage->texts);
    free(usage->text_index.slots);
    free(usage->cells);
    free(usage->cell_index.slots);
    free(usage->rows);
}

/* ---- the ledger ------------------------------------------------------------------------------ */

/* The ledger's days are UTC days, whatever the zone of the report, and it knows no classes. */
static int add_provider(struct usage_report *usage, const struct provider *provider)
{
    const struct usage_request *request = &usage->request;
    enum usage_by by = request->by;
    struct usage_cell *cell;
    char key[TQ__TIME_BYTES];
    bool any = false;

    for (size_t i = 0; i < provider->day_count; i++) {
        const struct day *day = &provider->days[i];

        if (day->start_at_ns < request->since_ns || day->start_at_ns >= request->until_ns)
            continue;
        any = true;
        if (by == BY_SESSION || by == BY_MODEL || by == BY_WINDOW) {
            usage->live_elsewhere += day->used;
            continue;
        }
        cell = append_cell(usage);
        day_key(key, by, day->start_at_ns / TQ__DAY_NS);
        if (!cell || !name_cell(usage, cell,
                                by == BY_PROVIDER ? provider->name
                                : by == BY_TOOL   ? LIVE
                                                  : key,
                                LIVE))
            return listener_fail(usage->listener, "out of memory");
        cell->day = day->start_at_ns / TQ__DAY_NS;
        cell->sum.classes.other = day->used;
    }
    usage->live += any;
    return 0;
}

/* Leaves out providers that an import feeds: their usage is in the logs. */
int usage_add_ledger(struct usage_report *usage, struct tq_ledger *ledger, const char *path)
{
    struct ledger_standings all = {.ledger = ledger, .at_ns = usage->request.at_ns, .days = DAYS_ALL};
    struct store store = {.fd = -1};
    int result = 0;

    (void)store_peek(&store, path);
    if (ledger_standings_make(&all) == TQ_ENOMEM)
        result = listener_fail(usage->listener, "out of memory");
    for (size_t i = 0; i < all.count && result == 0; i++)
        if (!store.header || !store_row_find(&store, all.providers[i].name))
            result = add_provider(usage, &all.providers[i]);
    ledger_standings_free(&all);
    store_close(&store);
    return result;
}
