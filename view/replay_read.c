/* replay_read.c: read logs record by record, and tell of each line that gives none.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "replay.h"

#define DRAW_EVERY 16384 /* records between two looks at the clock for the progress line */

_Static_assert(sizeof(struct usage) == 24, "a log of 100 million records takes 2.4 GB");

static const char *shown_path(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

int replay_append(struct replay *replay, const struct usage *usage)
{
    struct usage *usages =
        tq__list_room(replay->usages, replay->usage_count, &replay->usage_capacity, sizeof *usages);

    if (!usages) {
        report("out of memory after %zu records; --as-is reads a log that is in order without holding it",
               replay->usage_count);
        return -1;
    }
    replay->usages = usages;
    if (replay->usage_count && usage->at_ns < replay->usages[replay->usage_count - 1].at_ns)
        replay->usages_unordered = true;
    replay->usages[replay->usage_count++] = *usage;
    return 0;
}

static int take_record(struct replay *replay, const struct tq_log_record *record)
{
    struct usage usage = {.at_ns = record->at_ns, .tokens = record->tokens};
    int answer =
        providers_number(&replay->providers, record->provider, record->provider_len, &usage.provider);

    replay->at.line = record->line;
    if (answer < 0)
        return replay_refuse(replay, answer, record->provider, record->provider_len, record->at_ns);
    /* The library refuses an instant out of range in whatever order: let it, while the line is known. */
    if (replay->as_is || usage.at_ns < TQ_NOW_MIN_NS || usage.at_ns >= TQ_NOW_END_NS)
        return replay_feed(replay, &usage);
    return replay_append(replay, &usage);
}

static int take_bad_line(struct replay *replay, const struct tq_log_error *error)
{
    uint64_t number = replay->bad_line_count++;

    progress_erase(&replay->progress);
    if (number < BAD_LINES_SHOWN) {
        struct bad_line *bad = &replay->bad_lines[number];

        bad->path = replay->at.path;
        bad->line = error->line;
        memcpy(bad->msg, error->msg, sizeof(bad->msg));
        report("%s:%llu: %s", bad->path, (unsigned long long)bad->line, bad->msg);
    } else if (number == BAD_LINES_SHOWN) {
        report("%d bad lines shown; more follow and are counted", BAD_LINES_SHOWN);
    }
    return replay->strict ? -1 : 0;
}

static void draw(struct replay *replay, const struct tq_log *log, uint64_t records)
{
    uint64_t done_bytes, total_bytes;

    tq_log_progress(log, &done_bytes, &total_bytes);
    progress_draw(&replay->progress, replay->at.path, done_bytes, total_bytes, records);
}

int replay_read(struct replay *replay, const char *path)
{
    struct tq_log *log = NULL;
    struct tq_log_record record;
    struct tq_log_error error;
    uint64_t records = 0;
    int result = 0, answer = tq_log_open(&log, path, &error);

    replay->at = (struct place_in_log){.path = shown_path(path)};
    if (answer < 0)
        goto broken;
    while (result == 0 && (answer = tq_log_next(log, &record, &error)) != TQ_LOG_END) {
        if (answer == TQ_LOG_RECORD)
            result = take_record(replay, &record);
        else if (answer == TQ_LOG_BAD_LINE)
            result = take_bad_line(replay, &error);
        else
            goto broken;
        if (++records % DRAW_EVERY == 0)
            draw(replay, log, records);
    }
    goto out;

broken:
    progress_erase(&replay->progress);
    if (error.line)
        report("%s:%llu: %s", replay->at.path, (unsigned long long)error.line, error.msg);
    else
        report("%s: %s", replay->at.path, error.msg);
    result = -1;
out:
    progress_erase(&replay->progress);
    tq_log_close(log);
    return result;
}
