/* merge_file.c: one file among those that are merged: opened, put aside with its next entry, opened again.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "merge.h"

#define TEXTS 5

int merge_file_open(struct merge_file *file, uint64_t *skip, struct tq_log_error *error)
{
    bool begun = file->opened;
    int restarted = 0;

    *skip = 0;
    if (tq_log_reader_open(&file->reader, file->source, file->path, file->state.size ? &file->state : NULL,
                           &restarted, error) != 0)
        return TQ_LOG_BROKEN;
    /* A file that has no places but its start (compressed, or one document) gives again what it gave. */
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

uint64_t merge_file_done(const struct merge_file *file)
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
    file->done_bytes = merge_file_done(file);
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

int merge_file_hold(struct merge_file *file)
{
    note_place(file);
    if (file->entry.signal) {
        file->signal = malloc(sizeof(*file->signal));
        if (!file->signal)
            goto no_memory;
        *file->signal = *file->entry.signal;
        file->entry.signal = file->signal;
    }
    if (keep_texts(file) < 0)
        goto no_memory;
    tq_log_reader_close(file->reader);
    file->reader = NULL;
    return 0;

no_memory:
    report("out of memory");
    return -1;
}

void merge_file_close(struct merge_file *file)
{
    if (file->reader) {
        note_place(file);
        tq_log_reader_close(file->reader);
        file->reader = NULL;
    }
    free(file->texts);
    free(file->signal);
    file->texts = NULL;
    file->signal = NULL;
}

void merge_state(const struct merge_file *file, struct tq_log_state *state)
{
    if (file->reader)
        tq_log_reader_state(file->reader, state);
    else
        *state = file->state;
}
