/* usage.c: the logs' responses, each once, in memory, and then their sums.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "usage.h"

#define SLOTS_FIRST 4096
#define DRAW_EVERY 16384

static struct usage_response *place(struct usage_response *responses, size_t slots, uint64_t key)
{
    size_t at = (size_t)key & (slots - 1);

    while (responses[at].key && responses[at].key != key)
        at = (at + 1) & (slots - 1);
    return &responses[at];
}

/* At most three quarters full. */
static int make_room(struct usage_report *usage)
{
    size_t slots = usage->response_slots ? usage->response_slots * 2 : SLOTS_FIRST;
    struct usage_response *responses;

    if (usage->response_count < usage->response_slots / 4 * 3)
        return 0;
    responses = calloc(slots, sizeof(*responses));
    if (!responses) {
        report("out of memory after %zu responses; --since has fewer", usage->response_count);
        return -1;
    }
    for (size_t i = 0; i < usage->response_slots; i++)
        if (usage->responses[i].key)
            *place(responses, slots, usage->responses[i].key) = usage->responses[i];
    free(usage->responses);
    usage->responses = responses;
    usage->response_slots = slots;
    return 0;
}

static int take_entry(struct usage_report *usage, const struct merge_file *file)
{
    const struct usage_request *request = &usage->request;
    const struct tq_log_entry *entry = &file->entry;
    struct usage_response *response;
    int64_t row, model;
    uint64_t key;

    if (!entry->usage.known || entry->at_ns < request->logs.since_ns || entry->at_ns >= request->until_ns)
        return 0;
    if (make_room(usage) < 0)
        return -1;
    usage->entries++;
    key = tq__mix(entry->key, tq_log_source_id(file->source));
    response = place(usage->responses, usage->response_slots, key ? key : 1);
    if (response->key && entry->rank <= response->rank)
        return 0;
    row = texts_number(&usage->rows, usage_key(request, file->source, entry));
    model = texts_number(&usage->models, *entry->model ? entry->model : "unknown");
    if (row < 0 || model < 0)
        return -1;
    usage->response_count += response->key == 0;
    *response = (struct usage_response){
        .key = key ? key : 1,
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

static int add_files(struct merge *merge, const struct tq_log_source *source, const char *path)
{
    struct tq_log_files *files;
    struct tq_log_error error = {0};
    const char *name;
    int result = 0;

    if (tq_log_files_open(&files, source, path, &error) < 0) {
        report("%s: %s", path ? path : tq_log_source_name(source), error.msg);
        return -1;
    }
    while (result == 0 && (name = tq_log_files_next(files)) != NULL)
        result = merge_add(merge, name, source) ? 0 : -1;
    if (result < 0)
        report("out of memory");
    tq_log_files_close(files);
    return result;
}

static int find_files(struct merge *merge, const struct import_request *request)
{
    const struct tq_log_source *source = request->source;
    int result = 0;

    if (source && !request->paths[0])
        return add_files(merge, source, NULL);
    for (size_t i = 0; source && request->paths[i] && result == 0; i++)
        result = add_files(merge, source, request->paths[i]);
    for (size_t i = 0; !request->source && (source = tq_log_source_at(i)) != NULL && result == 0; i++)
        result = add_files(merge, source, NULL);
    return result;
}

static void draw(struct usage_report *usage, const struct merge *merge)
{
    uint64_t done_bytes, lines;
    char what[64];

    if (!usage->progress.on)
        return;
    merge_progress(merge, &done_bytes, &lines);
    snprintf(what, sizeof(what), "file %zu of %zu", merge->next, merge->count);
    progress_draw(&usage->progress, what, merge->next, merge->count, usage->entries);
}

int usage_read(struct usage_report *usage)
{
    struct merge merge;
    struct merge_file *file = NULL;
    int what, result;

    merge_init(&merge);
    merge.by_name = true; /* which entry is true does not depend on the order */
    result = find_files(&merge, &usage->request.logs);
    usage->files = merge.count;
    progress_start(&usage->progress);
    while (result == 0 && (what = merge_next(&merge, &file)) != MERGE_END) {
        if (what == MERGE_ENTRY) {
            result = take_entry(usage, file);
        } else if (what == MERGE_BAD_LINE) {
            usage->bad_lines++;
        } else if (what == MERGE_BROKEN) {
            progress_erase(&usage->progress);
            report("%s: %s", file->path, merge.error.msg);
            usage->broken++;
        } else if (what == MERGE_FAILED) {
            report("out of memory");
            result = -1;
        }
        if (usage->entries % DRAW_EVERY == 0)
            draw(usage, &merge);
    }
    progress_erase(&usage->progress);
    merge_free(&merge);
    return result;
}

static void add_tokens(int64_t *sum, int64_t more)
{
    if (__builtin_add_overflow(*sum, more, sum))
        *sum = INT64_MAX;
}

int usage_sum(struct usage_report *usage)
{
    int result = 0;

    for (size_t i = 0; i < usage->response_slots && result == 0; i++) {
        const struct usage_response *response = &usage->responses[i];
        bool priced = response->cost_nano_usd >= 0;
        struct usage_cell cell = {
            .row = response->row,
            .model = response->model,
            .day = usage_day(&usage->request, response->at_ns),
            .classes = response->classes,
            .cost_nano_usd = priced ? response->cost_nano_usd : 0,
            .costs = priced,
        };

        if (!response->key)
            continue;
        add_tokens(&usage->logged, classes_total(&response->classes));
        add_tokens(&usage->counted, response->amount);
        result = cells_add(usage, &cell);
    }
    if (result < 0)
        report("out of memory");
    free(usage->responses);
    usage->responses = NULL;
    usage->response_slots = 0;
    return result;
}

void usage_free(struct usage_report *usage)
{
    free(usage->responses);
    free(usage->cells);
    texts_free(&usage->rows);
    texts_free(&usage->models);
}
