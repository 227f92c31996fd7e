/* merge.c: the heap over many logs: whose entry is the earliest, and who may be open.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include <stdlib.h>
#include <string.h>

#include "merge.h"

void merge_init(struct merge *merge)
{
    *merge = (struct merge){.current = -1};
}

void merge_free(struct merge *merge)
{
    for (size_t i = 0; i < merge->count; i++) {
        merge_file_close(&merge->files[i]);
        free(merge->files[i].path);
    }
    free(merge->files);
    free(merge->heap);
    merge_init(merge);
}

struct merge_file *merge_add(struct merge *merge, const char *path, const struct tq_log_source *source)
{
    if (merge->count == merge->capacity) {
        size_t capacity = merge->capacity ? merge->capacity * 2 : 64;
        struct merge_file *files = realloc(merge->files, capacity * sizeof(*files));
        uint32_t *heap = files ? realloc(merge->heap, capacity * sizeof(*heap)) : NULL;

        if (files)
            merge->files = files;
        if (!heap)
            goto no_memory;
        merge->heap = heap;
        merge->capacity = capacity;
    }
    struct merge_file *file = &merge->files[merge->count];

    *file = (struct merge_file){.path = strdup(path), .source = source, .skipped_before_ns = INT64_MIN};
    if (!file->path)
        goto no_memory;
    merge->count++;
    return file;

no_memory:
    report("out of memory");
    return NULL;
}

/* At one instant in the order of the files. */
static bool earlier(const struct merge *merge, uint32_t a, uint32_t b)
{
    int64_t a_ns = merge->files[a].entry.at_ns, b_ns = merge->files[b].entry.at_ns;

    return a_ns != b_ns ? a_ns < b_ns : a < b;
}

static void push(struct merge *merge, uint32_t number)
{
    size_t at = merge->heap_count++;

    while (at && earlier(merge, number, merge->heap[(at - 1) / 2])) {
        merge->heap[at] = merge->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    merge->heap[at] = number;
}

static uint32_t pop(struct merge *merge)
{
    uint32_t *heap = merge->heap, first = heap[0], last = heap[--merge->heap_count];
    size_t at = 0, child;

    while ((child = 2 * at + 1) < merge->heap_count) {
        if (child + 1 < merge->heap_count && earlier(merge, heap[child + 1], heap[child]))
            child++;
        if (!earlier(merge, heap[child], last))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
    return first;
}

/* Puts the open file aside whose next entry is the farthest away: it will be needed last. */
static int make_room(struct merge *merge)
{
    struct merge_file *farthest = NULL;

    if (merge->open_count < MERGE_OPEN_MOST)
        return 0;
    for (size_t i = 0; i < merge->heap_count; i++) {
        struct merge_file *file = &merge->files[merge->heap[i]];

        if (file->reader && (!farthest || file->entry.at_ns > farthest->entry.at_ns))
            farthest = file;
    }
    if (!farthest)
        return 0;
    merge->open_count--;
    return merge_file_hold(farthest);
}

static int open_current(struct merge *merge, struct merge_file *file)
{
    int answer;

    if (make_room(merge) < 0)
        return MERGE_FAILED;
    free(file->texts);
    free(file->signal);
    file->texts = NULL;
    file->signal = NULL;
    answer = merge_file_open(file, &merge->skip, &merge->error);
    merge->open_count += answer == 0;
    return answer == 0 ? MERGE_ENTRY : MERGE_BROKEN;
}

static int end_current(struct merge *merge, struct merge_file *file, int what)
{
    merge->open_count -= file->reader != NULL;
    merge_file_close(file);
    merge->current = -1;
    return what;
}

/* Reads the current file's next entry. */
static int go_on(struct merge *merge, struct merge_file *file)
{
    bool passed;
    int answer;

    if (!file->reader && (answer = open_current(merge, file)) != MERGE_ENTRY)
        return answer == MERGE_FAILED ? answer : end_current(merge, file, answer);
    do { /* what was given before is passed over, and the bad lines among it */
        file->entry = (struct tq_log_entry){.size = sizeof(file->entry)};
        answer = tq_log_reader_next(file->reader, &file->entry, &merge->error);
        passed = merge->skip && (answer == TQ_LOG_RECORD || answer == TQ_LOG_BAD_LINE);
        merge->skip -= passed && answer == TQ_LOG_RECORD;
    } while (passed);
    if (answer == TQ_LOG_BAD_LINE)
        return MERGE_BAD_LINE;
    if (answer != TQ_LOG_RECORD)
        return end_current(merge, file, answer == TQ_LOG_END ? MERGE_FILE_END : MERGE_BROKEN);
    file->given++;
    if (file->entry.line > file->first_line)
        file->lines = file->entry.line - file->first_line;
    return MERGE_ENTRY;
}

int merge_next(struct merge *merge, struct merge_file **out)
{
    for (;;) {
        if (merge->current >= 0) {
            struct merge_file *file = *out = &merge->files[merge->current];
            int answer = go_on(merge, file);

            if (answer != MERGE_ENTRY)
                return answer;
            if (merge->by_name)
                return MERGE_ENTRY;
            push(merge, (uint32_t)merge->current);
            merge->current = -1;
        } else if (merge->next < merge->count) {
            merge->current = (int64_t)merge->next++;
        } else if (merge->heap_count) {
            merge->current = pop(merge);
            *out = &merge->files[merge->current];
            return MERGE_ENTRY;
        } else {
            return MERGE_END;
        }
    }
}

void merge_progress(const struct merge *merge, uint64_t *done_bytes, uint64_t *lines)
{
    *done_bytes = *lines = 0;
    for (size_t i = 0; i < merge->count; i++) {
        *done_bytes += merge_file_done(&merge->files[i]);
        *lines += merge->files[i].lines;
    }
}
