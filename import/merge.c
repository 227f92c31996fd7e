/* merge.c: the entries of many logs in the order of time: picks the next entry, and the files that stay open.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "merge.h"

/* ---- one file: opened, put aside with its next entry, opened again --------------------------- */

#define TEXTS 5 /* of an entry */

void merge_state(const struct merge_file *file, struct tq_log_state *state)
{
    if (file->reader)
        tq_log_reader_state(file->reader, state);
    else
        *state = file->state;
}

/* Opens it where it was. 0, or TQ_LOG_BROKEN. */
static int open_file(struct merge_file *file, uint64_t *skip, struct tq_log_error *error)
{
    bool begun = file->opened;
    int restarted = 0;

    *skip = 0;
    if (tq_log_reader_open(&file->reader, file->source, file->path, file->state.size ? &file->state : NULL,
                           &restarted, error) != 0)
        return TQ_LOG_BROKEN;
    /* A file whose only place is its start (compressed, or one document) gives its entries again. */
    if (begun && !restarted && file->state.offset == 0)
        *skip = file->given;
    file->restarted |= restarted != 0;
    if (!begun && !restarted && file->state.offset > 0) {
        file->first_line = file->state.line;
        file->first_byte = file->state.offset;
    }
    file->opened = true;
    return 0;
}

/* Bytes of it that were read. */
static uint64_t done_of(const struct merge_file *file)
{
    uint64_t done_bytes, total_bytes;

    if (!file->reader)
        return file->done_bytes;
    tq_log_reader_progress(file->reader, &done_bytes, &total_bytes);
    return done_bytes > file->first_byte ? done_bytes - file->first_byte : 0;
}

static void note_place(struct merge_file *file)
{
    merge_state(file, &file->state);
    file->done_bytes = done_of(file);
    if (file->state.line > file->first_line + file->lines)
        file->lines = file->state.line - file->first_line;
}

/* Moves the entry's texts, which the reader owns, to one block. */
static int keep_texts(struct merge_file *file)
{
    const char **texts[TEXTS] = {&file->entry.vendor, &file->entry.model, &file->entry.account,
                                 &file->entry.session, &file->entry.project};
    size_t sizes[TEXTS], sum = 0;
    char *at;

    for (int i = 0; i < TEXTS; i++)
        sum += sizes[i] = strlen(*texts[i]) + 1;
    file->texts = at = malloc(sum);
    if (!at)
        return -1;
    for (int i = 0; i < TEXTS; i++) {
        memcpy(at, *texts[i], sizes[i]);
        *texts[i] = at;
        at += sizes[i];
    }
    return 0;
}

/* Keeps the next entry without the reader. 0, or -1: there is no memory. */
static int hold_file(struct merge_file *file)
{
    note_place(file);
    if (file->entry.signal) {
        file->signal = malloc(sizeof *file->signal);
        if (!file->signal)
            return -1;
        *file->signal = *file->entry.signal;
        file->entry.signal = file->signal;
    }
    if (keep_texts(file) < 0)
        return -1;
    tq_log_reader_close(file->reader);
    file->reader = NULL;
    return 0;
}

static void free_held(struct merge_file *file)
{
    free(file->texts);
    free(file->signal);
    file->texts = NULL;
    file->signal = NULL;
}

static void close_file(struct merge_file *file)
{
    if (file->reader) {
        note_place(file);
        tq_log_reader_close(file->reader);
        file->reader = NULL;
    }
    free_held(file);
}

/* ---- many files ------------------------------------------------------------------------------ */

void merge_init(struct merge *merge)
{
    *merge = (struct merge){.current = -1};
}

void merge_free(struct merge *merge)
{
    for (size_t i = 0; i < merge->count; i++) {
        close_file(&merge->files[i]);
        free(merge->files[i].path);
    }
    free(merge->files);
    free(merge->heap.items);
    merge_init(merge);
}

struct merge_file *merge_add(struct merge *merge, const char *path, const struct tq_log_source *source)
{
    struct merge_file *files, *file;

    files = tq__list_room(merge->files, merge->count, &merge->capacity, sizeof *files);
    if (!files)
        return NULL;
    merge->files = files;
    file = &files[merge->count];
    *file = (struct merge_file){.path = strdup(path), .source = source, .skipped_before_ns = INT64_MIN};
    if (!file->path)
        return NULL;
    merge->count++;
    return file;
}

/* Closes the open file whose next entry is the latest: it will be needed last. */
static int make_room(struct merge *merge)
{
    struct merge_file *farthest = NULL;

    if (merge->open_count < MERGE_OPEN_MOST)
        return 0;
    for (size_t i = 0; i < merge->heap.count; i++) {
        struct merge_file *file = &merge->files[merge->heap.items[i].number];

        if (file->reader && (!farthest || file->entry.at_ns > farthest->entry.at_ns))
            farthest = file;
    }
    if (!farthest)
        return 0;
    merge->open_count--;
    return hold_file(farthest);
}

static int open_current(struct merge *merge, struct merge_file *file)
{
    int answer;

    if (make_room(merge) < 0)
        return MERGE_FAILED;
    free_held(file);
    answer = open_file(file, &merge->skip, &merge->error);
    merge->open_count += answer == 0;
    return answer == 0 ? MERGE_ENTRY : MERGE_BROKEN;
}

static int end_current(struct merge *merge, struct merge_file *file, int what)
{
    merge->open_count -= file->reader != NULL;
    close_file(file);
    merge->current = -1;
    return what;
}

/* What the end of a file is, or that it is broken. When the user named it and nothing of its source is in it,
 * that is a mistake, and the error says what it seems to be. When its reader has said what is wrong, only
 * another source is worth saying instead. */
static int what_end_is(struct merge *merge, struct merge_file *file, bool broken)
{
    struct tq_log_error error;
    int answer = 0;

    if (file->named && file->given == 0 && file->first_byte == 0 && !(broken && merge->error.sys != 0))
        answer = tq_log_source_check(file->source, file->path, &error);
    if (answer > 0 || (answer != 0 && !broken))
        merge->error = error;
    file->foreign = answer != 0 && !broken;
    return answer != 0 || broken ? MERGE_BROKEN : MERGE_FILE_END;
}

/* Reads the current file's next entry. */
static int go_on(struct merge *merge, struct merge_file *file)
{
    bool passed;
    int answer;

    if (!file->reader && (answer = open_current(merge, file)) != MERGE_ENTRY)
        return answer == MERGE_FAILED ? answer : end_current(merge, file, what_end_is(merge, file, true));
    do { /* skips entries that were given before, and the bad lines between them */
        file->entry = (struct tq_log_entry){.size = sizeof file->entry};
        answer = tq_log_reader_next(file->reader, &file->entry, &merge->error);
        passed = merge->skip && (answer == TQ_LOG_RECORD || answer == TQ_LOG_BAD_LINE);
        merge->skip -= passed && answer == TQ_LOG_RECORD;
    } while (passed);
    if (answer == TQ_LOG_BAD_LINE)
        return MERGE_BAD_LINE;
    if (answer != TQ_LOG_RECORD)
        return end_current(merge, file, what_end_is(merge, file, answer != TQ_LOG_END));
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
            /* Of equal instants the earlier file comes first. */
            if (!tq__heap_push(&merge->heap, file->entry.at_ns, (uint32_t)merge->current))
                return MERGE_FAILED;
            merge->current = -1;
        } else if (merge->next < merge->count) {
            merge->current = (int64_t)merge->next++;
        } else if (merge->heap.count) {
            merge->current = tq__heap_pop(&merge->heap).number;
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
        *done_bytes += done_of(&merge->files[i]);
        *lines += merge->files[i].lines;
    }
}
