/* log.c: the public calls for a log of CSV or JSONL.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>

#include "bytes.h"
#include "error.h"
#include "pieces.h"
#include "rows.h"
#include "sources.h"

struct tq_log {
    struct tq__log_bytes bytes;
    struct tq__log_pieces pieces;
    struct tq__log_rows rows;
    bool is_broken;
    struct tq_log_error broken; /* what every further call answers then */
};

/* Continues after the bytes were opened, with that answer. */
static int open_bytes(struct tq_log **out, struct tq_log *log, int answer, struct tq_log_error *error)
{
    if (answer == 0)
        answer = tq__log_pieces_open(&log->pieces, &log->bytes, TQ__LOG_ROWS, tq__log_rows_matters, error);
    log->pieces.final = true;
    if (answer == 0)
        answer = tq__log_rows_begin(&log->rows, &log->pieces, error);
    if (answer == 0)
        *out = log;
    else
        tq_log_close(log);
    return answer;
}

int tq_log_open(struct tq_log **log, const char *path, struct tq_log_error *error)
{
    struct tq_log *made = calloc(1, sizeof(*made));

    *log = NULL;
    if (!made)
        return tq__log_fail_memory(error);
    return open_bytes(log, made, tq__log_bytes_open(&made->bytes, path, error), error);
}

int tq_log_open_memory(struct tq_log **log, const void *data, size_t len, struct tq_log_error *error)
{
    struct tq_log *made = calloc(1, sizeof(*made));

    *log = NULL;
    if (!made)
        return tq__log_fail_memory(error);
    return open_bytes(log, made, tq__log_bytes_open_memory(&made->bytes, data, len, error), error);
}

int tq_log_next(struct tq_log *log, struct tq_log_record *record, struct tq_log_error *error)
{
    struct tq__log_piece row;
    int answer;

    if (log->is_broken) {
        *error = log->broken;
        return TQ_LOG_BROKEN;
    }
    answer = tq__log_pieces_next(&log->pieces, &row, error);
    if (answer == TQ_LOG_RECORD)
        return tq__log_rows_record(&log->rows, &row, record, error);
    if (answer == TQ_LOG_BROKEN) {
        log->is_broken = true;
        log->broken = *error;
    }
    return answer;
}

void tq_log_progress(const struct tq_log *log, uint64_t *done_bytes, uint64_t *total_bytes)
{
    *done_bytes = tq__log_bytes_done(&log->bytes);
    *total_bytes = log->bytes.total_bytes;
}

void tq_log_close(struct tq_log *log)
{
    if (!log)
        return;
    tq__log_pieces_close(&log->pieces);
    tq__log_bytes_close(&log->bytes);
    free(log);
}
