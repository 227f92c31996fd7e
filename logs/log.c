/* log.c: the public calls of the log reader, and what a log is: CSV, JSONL, empty, or none of these.
 *
 * SPDX-License-Identifier: MIT
 */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>

enum { EMPTY, CSV, JSONL };

struct tq_log {
    struct tq__log_source source;
    struct tq__log_lines lines;
    struct tq__log_csv csv;
    struct tq__log_json json;
    int format;
    bool is_broken;
    struct tq_log_error broken; /* what every further call answers then */
};

/* Tells the format by the first line that is not blank. */
static int detect(struct tq_log *log, struct tq_log_error *error)
{
    struct tq__log_line line;
    struct tq_log_error bad;
    int answer = tq__log_lines_next(&log->lines, &line, &bad);
    size_t i = 0;

    if (answer == TQ_LOG_END)
        return 0;
    if (answer == TQ_LOG_BROKEN) {
        *error = bad;
        return answer;
    }
    if (answer == TQ_LOG_BAD_LINE)
        return tq__log_fail(error, TQ_LOG_BROKEN, bad.line, 0, "is neither CSV nor JSONL: %.100s", bad.msg);
    while (line.text[i] == ' ' || line.text[i] == '\t')
        i++;
    if (line.text[i] == '[')
        return tq__log_fail(error, TQ_LOG_BROKEN, line.number, 0,
                            "is a JSON array; JSONL is read, one object in each line");
    if (line.text[i] == '{') {
        log->format = JSONL;
        tq__log_lines_again(&log->lines);
        return 0;
    }
    log->format = CSV;
    return tq__log_csv_open(&log->csv, &log->lines, &line, error);
}

/* Goes on behind opening the source, with its answer. */
static int open_source(struct tq_log **out, struct tq_log *log, int answer, struct tq_log_error *error)
{
    if (answer == 0)
        answer = tq__log_lines_open(&log->lines, &log->source, error);
    if (answer == 0)
        answer = detect(log, error);
    if (answer == 0)
        *out = log;
    else
        tq_log_close(log);
    return answer;
}

static struct tq_log *new_log(struct tq_log_error *error)
{
    struct tq_log *log = calloc(1, sizeof(*log));

    if (!log)
        tq__log_fail(error, TQ_LOG_BROKEN, 0, ENOMEM, "not enough memory");
    return log;
}

int tq_log_open(struct tq_log **log, const char *path, struct tq_log_error *error)
{
    struct tq_log *made = new_log(error);

    *log = NULL;
    return made ? open_source(log, made, tq__log_source_open(&made->source, path, error), error)
                : TQ_LOG_BROKEN;
}

int tq_log_open_memory(struct tq_log **log, const void *data, size_t len, struct tq_log_error *error)
{
    struct tq_log *made = new_log(error);

    *log = NULL;
    return made ? open_source(log, made, tq__log_source_open_memory(&made->source, data, len, error), error)
                : TQ_LOG_BROKEN;
}

int tq_log_next(struct tq_log *log, struct tq_log_record *record, struct tq_log_error *error)
{
    int answer = TQ_LOG_END;

    if (log->is_broken) {
        *error = log->broken;
        return TQ_LOG_BROKEN;
    }
    if (log->format == CSV)
        answer = tq__log_csv_next(&log->csv, &log->lines, record, error);
    else if (log->format == JSONL)
        answer = tq__log_json_next(&log->json, &log->lines, record, error);
    if (answer == TQ_LOG_BROKEN) {
        log->is_broken = true;
        log->broken = *error;
    }
    return answer;
}

/* ---- for rows.c ---- */

const struct tq__log_source *tq__log_bytes(const struct tq_log *log)
{
    return &log->source;
}

bool tq__log_is_csv(const struct tq_log *log)
{
    return log->format == CSV;
}

struct tq__log_text tq__log_last_text(const struct tq_log *log)
{
    const struct tq__log_lines *lines = &log->lines;
    size_t len = lines->cursor - lines->start;

    const char *text = lines->buffer + lines->start;

    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    return (struct tq__log_text){text, len};
}

bool tq__log_is_over(const struct tq_log *log)
{
    return log->lines.cursor == log->lines.fill;
}

bool tq__log_is_half(const struct tq_log *log)
{
    const struct tq__log_lines *lines = &log->lines;

    return tq__log_source_is_plain(&log->source) && !lines->skipping && lines->cursor > lines->start &&
           lines->cursor == lines->fill && lines->buffer[lines->fill - 1] != '\n';
}

void tq__log_back(struct tq_log *log, uint64_t before)
{
    tq__log_lines_again(&log->lines);
    log->lines.number = before;
}

int tq__log_look_again(struct tq_log *log, struct tq_log_error *error)
{
    if (!log->lines.ended || !tq__log_source_is_plain(&log->source))
        return 0;
    tq__log_source_again(&log->source);
    log->lines.ended = false;
    if (log->format != EMPTY || detect(log, error) == 0)
        return 0;
    log->is_broken = true;
    log->broken = *error;
    return TQ_LOG_BROKEN;
}

void tq__log_keep_half(struct tq_log *log)
{
    log->lines.number--;
}

void tq__log_place(const struct tq_log *log, struct tq__log_place *place)
{
    const struct tq__log_lines *lines = &log->lines;

    place->offset = tq__log_source_done_bytes(&log->source) - (lines->fill - lines->cursor);
    place->line = lines->number;
    place->skipping = lines->skipping;
}

int tq__log_seek(struct tq_log *log, const struct tq__log_place *place, struct tq_log_error *error)
{
    tq__log_lines_restart(&log->lines, place->line);
    log->lines.skipping = place->skipping;
    return tq__log_source_seek(&log->source, place->offset, error);
}

void tq_log_progress(const struct tq_log *log, uint64_t *done_bytes, uint64_t *total_bytes)
{
    *done_bytes = tq__log_source_done_bytes(&log->source);
    *total_bytes = log->source.total_bytes;
}

void tq_log_close(struct tq_log *log)
{
    if (!log)
        return;
    tq__log_json_close(&log->json);
    tq__log_lines_close(&log->lines);
    tq__log_source_close(&log->source);
    free(log);
}
