/* replay_read.c: reads the records of logs, and the responses that tools wrote down.
 *
 * SPDX-License-Identifier: MIT
 */
#include "replay.h"

#include <inttypes.h>
#include <string.h>

#include "base/usage.h"
#include "usage.h"

#define DRAW_EVERY 16384 /* records between two looks at the clock for the progress line */

/* What else is kept of a record, where something needs it. */
struct beside {
    struct tq_usage parts;
    int64_t start_at_ns;
};

/* Makes room for what else is kept of a record. */
static bool has_room_beside(struct replay *replay)
{
    size_t count = replay->usage_count;
    struct tq_usage *parts;
    int64_t *starts;

    if (replay->with_parts) {
        parts = tq__list_room(replay->parts, count, &replay->parts_capacity, sizeof *parts);
        if (!parts)
            return false;
        replay->parts = parts;
    }
    if (replay->with_starts) {
        starts = tq__list_room(replay->starts, count, &replay->starts_capacity, sizeof *starts);
        if (!starts)
            return false;
        replay->starts = starts;
    }
    return true;
}

static int append(struct replay *replay, const struct usage *usage, const struct beside *beside)
{
    size_t count = replay->usage_count;
    struct usage *usages = tq__list_room(replay->usages, count, &replay->usage_capacity, sizeof *usages);

    if (usages)
        replay->usages = usages;
    if (!usages || !has_room_beside(replay))
        return listener_fail(replay->listener,
                             "out of memory after %zu records; --as-is reads a log that is in order without "
                             "holding it",
                             count);
    if (count > 0 && usage->at_ns < usages[count - 1].at_ns)
        replay->usages_unordered = true;
    usages[count] = *usage;
    usages[count].number = (uint32_t)count;
    if (replay->with_parts)
        replay->parts[count] = beside->parts;
    if (replay->with_starts)
        replay->starts[count] = beside->start_at_ns;
    replay->usage_count++;
    return 0;
}

/* Takes a record of a provider: feeds it at once, or keeps it to be sorted. */
static int take(struct replay *replay, const char *name, size_t len, struct usage usage,
                const struct beside *beside, bool at_once)
{
    int answer = replay_provider(replay, name, len, &usage.provider);

    if (answer < 0)
        return replay_refuse(replay, answer, name, len, usage.at_ns);
    if (at_once)
        return replay_feed(replay, &usage, replay->with_parts ? &beside->parts : NULL);
    return append(replay, &usage, beside);
}

/* The library refuses an instant out of range. It is asked at once, while the line is known. */
static int take_record(struct replay *replay, const struct tq_log_record *record)
{
    const struct usage usage = {.at_ns = record->at_ns, .tokens = record->tokens};
    const struct beside beside = {
        .parts = tq__usage_of_row(record->tokens, record->input, record->output),
        .start_at_ns = record->start_at_ns,
    };
    bool in_range = usage.at_ns >= TQ_NOW_MIN_NS && usage.at_ns < TQ_NOW_END_NS;

    replay->at.line = record->line;
    return take(replay, record->provider, record->provider_len, usage, &beside, replay->as_is || !in_range);
}

static int take_bad_line(struct replay *replay, const struct tq_log_error *error)
{
    uint64_t number = replay->bad_line_count++;

    if (number < REPLAY_BAD_LINES) {
        struct bad_line *bad = &replay->bad_lines[number];

        bad->at = (struct place_in_log){replay->at.path, error->line};
        memcpy(bad->msg, error->msg, sizeof bad->msg);
        listener_trouble(replay->listener, "%s:%" PRIu64 ": %s", bad->at.path, bad->at.line, bad->msg);
    } else if (number == REPLAY_BAD_LINES) {
        listener_trouble(replay->listener, "%d bad lines shown; more follow and are counted",
                         REPLAY_BAD_LINES);
    }
    return replay->strict ? -1 : 0;
}

int replay_read(struct replay *replay, const char *path)
{
    struct listener *listener = replay->listener;
    struct tq_log_reader *log = NULL;
    struct tq_log_record record;
    struct tq_log_error error;
    uint64_t records = 0, done_bytes, total_bytes;
    int result = 0, answer = tq_log_open(&log, path, &error);

    replay->with_parts = windows_need_parts(&replay->windows);
    replay->at = (struct place_in_log){.path = strcmp(path, "-") == 0 ? "standard input" : path};
    while (answer != TQ_LOG_BROKEN && answer != TQ_LOG_END && result == 0) {
        answer = tq_log_next(log, &record, &error);
        if (answer == TQ_LOG_RECORD)
            result = take_record(replay, &record);
        else if (answer == TQ_LOG_BAD_LINE)
            result = take_bad_line(replay, &error);
        if (++records % DRAW_EVERY == 0) {
            tq_log_reader_progress(log, &done_bytes, &total_bytes);
            listener->progress(listener->context, replay->at.path, done_bytes, total_bytes, records);
        }
    }
    if (answer == TQ_LOG_BROKEN && error.line)
        result = listener_fail(listener, "%s:%" PRIu64 ": %s", replay->at.path, error.line, error.msg);
    else if (answer == TQ_LOG_BROKEN)
        result = listener_fail(listener, "%s: %s", replay->at.path, error.msg);
    tq_log_reader_close(log);
    return result;
}

/* ---- the logs that `tokenquota import all` would read ---------------------------------------- */

int replay_read_logs(struct replay *replay)
{
    static char *no_paths[] = {NULL};
    struct usage_report logs = {.request.by = BY_PROVIDER,
                                .request.until_ns = TQ_NOW_END_NS,
                                .request.logs = {.paths = no_paths},
                                .request.since_ns = TQ_NOW_MIN_NS,
                                .listener = replay->listener};
    int result = usage_read(&logs);

    replay->of_tools = true;
    replay->with_parts = windows_need_parts(&replay->windows);
    if (result == 0 && logs.files == 0)
        result = listener_fail(replay->listener,
                               "no log: no tool's logs were found; name a FILE, or - for standard input");
    for (size_t i = 0; i < logs.cell_count && result == 0; i++) {
        const struct usage_cell *cell = &logs.cells[i];
        const char *name = logs.texts[cell->row];
        const struct usage usage = {.at_ns = cell->at_ns, .tokens = cell->amount};
        const struct beside beside = {.parts = usage_of_cell(cell), .start_at_ns = TQ_LOG_NO_START};

        result = take(replay, name, strlen(name), usage, &beside, false);
    }
    replay->bad_line_count += logs.bad_lines;
    usage_free(&logs);
    return result;
}
