/* fuzz_log.c: any bytes, read as a log: what the header promises of each answer holds.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "tokenquota_logs.h"
#include "target.h"

/* A record's numbers are in range, and every byte of its name can be read. */
static void check_record(const struct tq_log_record *record)
{
    volatile char last;

    HOLDS(record->tokens >= 0);
    HOLDS(record->provider_len >= 1 && record->provider_len <= TQ_LOG_LINE_MAX);
    for (size_t i = 0; i < record->provider_len; i++)
        last = record->provider[i];
    (void)last;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t line = 0, done_bytes = 0, total_bytes = 0;
    struct tq_log_record record;
    struct tq_log_error error;
    struct tq_log_reader *log;
    int answer = tq_log_open_memory(&log, data, size, &error);

    HOLDS(answer == 0 || answer == TQ_LOG_BROKEN);
    HOLDS((answer == 0) == (log != NULL));
    while (log && answer != TQ_LOG_END && answer != TQ_LOG_BROKEN) {
        answer = tq_log_next(log, &record, &error);
        if (answer == TQ_LOG_RECORD)
            check_record(&record);
        if (answer == TQ_LOG_RECORD || answer == TQ_LOG_BAD_LINE) {
            HOLDS((answer == TQ_LOG_RECORD ? record.line : error.line) > line); /* so it comes to an end */
            line = answer == TQ_LOG_RECORD ? record.line : error.line;
        }
        if (answer < 0)
            check_message(error.msg, sizeof error.msg, 0x7e);
        tq_log_reader_progress(log, &done_bytes, &total_bytes);
        HOLDS(done_bytes <= total_bytes && total_bytes == size);
    }
    if (!log)
        check_message(error.msg, sizeof error.msg, 0x7e);
    HOLDS(answer != TQ_LOG_END || (done_bytes == size && tq_log_next(log, &record, &error) == TQ_LOG_END));
    tq_log_reader_close(log);
    return 0;
}
