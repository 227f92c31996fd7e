/* reader.c: the public reader of a log: opens it, gives its entries or records, and says where it is, so that
 * another reader can continue there.
 *
 * SPDX-License-Identifier: MIT
 *
 * How entries are found depends on the form of the log: in pieces (stream.c), or in a table of a database
 * (table.c). */
#include "reader.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

static_assert(sizeof(struct tq__log_memory) == sizeof(((struct tq_log_state *)0)->memory),
              "memory of a state");
static_assert(sizeof(struct tq_log_state) == 256, "states are kept on disk");

/* ---- open and close -------------------------------------------------------------------------- */

static int open_reader(struct tq_log_reader **out, const struct tq_log_source *source,
                       const struct tq__log_given *given, struct tq_log_error *error)
{
    struct tq_log_reader *reader = calloc(1, sizeof(*reader));
    int answer;

    *out = NULL;
    if (!reader)
        return tq__log_fail_memory(error);
    reader->tool = source;
    reader->form = tq__log_form_of(source);
    reader->bytes.fd = -1;
    reader->path = given->path ? strdup(given->path) : NULL;
    answer =
        given->path && !reader->path ? tq__log_fail_memory(error) : reader->form->open(reader, given, error);
    if (answer == TQ__LOG_NOTHING) {
        reader->tool = source->older;
        reader->form = tq__log_form_of(source->older);
        answer = reader->form->open(reader, given, error);
    }
    if (answer == 0)
        *out = reader;
    else
        tq_log_reader_close(reader);
    return answer;
}

int tq_log_reader_open(struct tq_log_reader **out, const struct tq_log_source *source, const char *path,
                       const struct tq_log_state *state, int *restarted, struct tq_log_error *error)
{
    int anew = 0, answer = open_reader(out, source, &(struct tq__log_given){.path = path}, error);

    if (*out && state && state->offset > 0)
        answer = (*out)->form->resume(*out, state, &anew, error);
    if (*out && answer != 0) {
        tq_log_reader_close(*out);
        *out = NULL;
    }
    if (restarted)
        *restarted = anew && answer == 0;
    return answer;
}

int tq_log_reader_open_memory(struct tq_log_reader **out, const struct tq_log_source *source,
                              const void *data, size_t len, struct tq_log_error *error)
{
    return open_reader(out, source, &(struct tq__log_given){.data = data, .len = len}, error);
}

int tq_log_open(struct tq_log_reader **out, const char *path, struct tq_log_error *error)
{
    return open_reader(out, tq_log_source_find("csv"), &(struct tq__log_given){.path = path, .final = true},
                       error);
}

int tq_log_open_memory(struct tq_log_reader **out, const void *data, size_t len, struct tq_log_error *error)
{
    return open_reader(out, tq_log_source_find("csv"),
                       &(struct tq__log_given){.data = data, .len = len, .final = true}, error);
}

void tq_log_reader_close(struct tq_log_reader *reader)
{
    if (!reader)
        return;
    reader->form->close(reader);
    free(reader->path);
    free(reader);
}

struct tq__span tq__log_path_part(const struct tq_log_reader *reader, unsigned up)
{
    const char *end = reader->path ? reader->path + strlen(reader->path) : NULL;

    for (; end; up--) {
        const char *slash = memrchr(reader->path, '/', (size_t)(end - reader->path));
        const char *begin = slash ? slash + 1 : reader->path;

        if (up == 0)
            return (struct tq__span){begin, (size_t)(end - begin)};
        end = slash;
    }
    return (struct tq__span){NULL, 0};
}

/* ---- read ------------------------------------------------------------------------------------- */

static void begin_entry(struct tq_log_entry *entry)
{
    *entry = (struct tq_log_entry){
        .size = sizeof(*entry),
        .usage = {.size = sizeof(entry->usage), .requests = 1},
        .cost_nano_usd = -1,
        .vendor = "",
        .model = "",
        .account = "",
        .session = "",
        .project = "",
    };
}

/* Keeps the error of a broken log, which every further call answers. */
static int keep_broken(struct tq_log_reader *reader, int answer, const struct tq_log_error *error)
{
    if (answer == TQ_LOG_BROKEN) {
        reader->is_broken = true;
        reader->broken = *error;
    }
    return answer;
}

int tq_log_reader_next(struct tq_log_reader *reader, struct tq_log_entry *entry, struct tq_log_error *error)
{
    int answer = TQ__LOG_NOTHING;

    if (reader->is_broken) {
        *error = reader->broken;
        return TQ_LOG_BROKEN;
    }
    if (entry->size < sizeof(*entry))
        return tq__log_fail(error, TQ_LOG_BROKEN, 0, EINVAL, "the entry's size is not set");
    while (answer == TQ__LOG_NOTHING) {
        begin_entry(entry);
        answer = reader->form->next(reader, entry, error);
    }
    return keep_broken(reader, answer, error);
}

int tq_log_next(struct tq_log_reader *reader, struct tq_log_record *record, struct tq_log_error *error)
{
    int answer;

    if (reader->is_broken) {
        *error = reader->broken;
        return TQ_LOG_BROKEN;
    }
    answer = tq__log_pieces_next(&reader->pieces, &reader->piece, error);
    if (answer == TQ_LOG_RECORD)
        return tq__log_rows_record(&reader->rows, &reader->piece, record, error);
    return keep_broken(reader, answer, error);
}

/* ---- where it is ----------------------------------------------------------------------------- */

void tq_log_reader_state(const struct tq_log_reader *reader, struct tq_log_state *state)
{
    *state = (struct tq_log_state){.size = sizeof(*state), .source = reader->tool->id};
    reader->form->state(reader, state);
}

void tq_log_reader_progress(const struct tq_log_reader *reader, uint64_t *done_bytes, uint64_t *total_bytes)
{
    reader->form->progress(reader, done_bytes, total_bytes);
    if (*total_bytes > 0 && *total_bytes < *done_bytes) /* it grows while it is read */
        *total_bytes = *done_bytes;
}
