/* replay_read.c: read the records of logs, and put them in the order of time.
 *
 * SPDX-License-Identifier: MIT
 */
#include "replay.h"

#include <inttypes.h>
#include <string.h>

#include "usage.h"

#define DRAW_EVERY 16384 /* records between two looks at the clock for the progress line */

_Static_assert(sizeof(struct usage) == 24, "a log of 100 million records takes 2.4 GB");

static const char *shown_path(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

static int append(struct replay *replay, const struct usage *usage)
{
    struct usage *usages =
        tq__list_room(replay->usages, replay->usage_count, &replay->usage_capacity, sizeof *usages);

    if (!usages)
        return replay_fail(replay,
                           "out of memory after %zu records; --as-is reads a log that is in order without "
                           "holding it",
                           replay->usage_count);
    replay->usages = usages;
    if (replay->usage_count > 0 && usage->at_ns < usages[replay->usage_count - 1].at_ns)
        replay->usages_unordered = true;
    usages[replay->usage_count++] = *usage;
    return 0;
}

static int take_record(struct replay *replay, const struct tq_log_record *record)
{
    struct usage usage = {.at_ns = record->at_ns, .tokens = record->tokens};
    int answer = replay_provider(replay, record->provider, record->provider_len, &usage.provider);

    replay->at.line = record->line;
    if (answer < 0)
        return replay_refuse(replay, answer, record->provider, record->provider_len, record->at_ns);
    /* The library refuses an instant out of range in whatever order: let it, while the line is known. */
    if (replay->as_is || usage.at_ns < TQ_NOW_MIN_NS || usage.at_ns >= TQ_NOW_END_NS)
        return replay_feed(replay, &usage);
    return append(replay, &usage);
}

static int take_bad_line(struct replay *replay, const struct tq_log_error *error)
{
    uint64_t number = replay->bad_line_count++;

    if (number < BAD_LINES_SHOWN) {
        struct bad_line *bad = &replay->bad_lines[number];

        bad->path = replay->at.path;
        bad->line = error->line;
        memcpy(bad->msg, error->msg, sizeof bad->msg);
        listener_trouble(&replay->listener, "%s:%" PRIu64 ": %s", bad->path, bad->line, bad->msg);
    } else if (number == BAD_LINES_SHOWN) {
        listener_trouble(&replay->listener, "%d bad lines shown; more follow and are counted",
                         BAD_LINES_SHOWN);
    }
    return replay->strict ? -1 : 0;
}

static void tell_progress(struct replay *replay, const struct tq_log_reader *log, uint64_t records)
{
    uint64_t done_bytes, total_bytes;

    tq_log_reader_progress(log, &done_bytes, &total_bytes);
    listener_progress(&replay->listener, replay->at.path, done_bytes, total_bytes, records);
}

int replay_read(struct replay *replay, const char *path)
{
    struct tq_log_reader *log = NULL;
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
            tell_progress(replay, log, records);
    }
    goto out;

broken:
    if (error.line)
        result = replay_fail(replay, "%s:%" PRIu64 ": %s", replay->at.path, error.line, error.msg);
    else
        result = replay_fail(replay, "%s: %s", replay->at.path, error.msg);
out:
    tq_log_reader_close(log);
    return result;
}

/* ---- what tools wrote down of themselves: what `tokenquota import all` would read ------------ */

static int take_response(struct replay *replay, const struct usage_report *logs,
                         const struct usage_response *response)
{
    const char *name = logs->rows.items[response->row];
    struct usage usage = {.at_ns = response->at_ns, .tokens = response->amount};
    int answer = replay_provider(replay, name, strlen(name), &usage.provider);

    return answer < 0 ? replay_refuse(replay, answer, name, strlen(name), response->at_ns)
                      : append(replay, &usage);
}

int replay_read_logs(struct replay *replay)
{
    static char *no_paths[] = {NULL};
    struct usage_report logs = {.request.by = BY_PROVIDER,
                                .request.until_ns = TQ_NOW_END_NS,
                                .request.logs = {.paths = no_paths, .since_ns = TQ_NOW_MIN_NS},
                                .listener = replay->listener};
    int result = usage_read(&logs);

    replay->of_tools = true;
    if (result < 0)
        replay_fail(replay, "%s", logs.why);
    else if (logs.files == 0)
        result =
            replay_fail(replay, "no log: no tool's logs were found; name a FILE, or - for standard input");
    for (size_t i = 0; i < logs.response_count && result == 0; i++)
        result = take_response(replay, &logs, &logs.responses[i]);
    replay->bad_line_count += logs.bad_lines;
    usage_free(&logs);
    return result;
}

/* ---- the order of time ----------------------------------------------------------------------- */

/* A log is nearly in order, and several logs are a few ordered stretches one behind the other. A natural
 * merge sort takes such stretches as they are and merges them in pairs: two sorted files cost one pass. qsort
 * may not be used: it may swap records of one instant, and then the answers depend on the C library. */

/* The end of the ordered stretch that begins at start. */
static size_t stretch(const struct usage *usages, size_t start, size_t count)
{
    size_t end = start + 1;

    while (end < count && usages[end - 1].at_ns <= usages[end].at_ns)
        end++;
    return end < count ? end : count;
}

static void merge(struct usage *to, const struct usage *a, size_t a_count, const struct usage *b,
                  size_t b_count)
{
    while (a_count && b_count) {
        if (b->at_ns < a->at_ns) { /* at one instant a was first and stays it */
            *to++ = *b++;
            b_count--;
        } else {
            *to++ = *a++;
            a_count--;
        }
    }
    memcpy(to, a, a_count * sizeof *a);
    memcpy(to + a_count, b, b_count * sizeof *b);
}

/* One pass: merges stretches in pairs; how many there are now. */
static size_t merge_pairs(struct usage *to, const struct usage *from, size_t count)
{
    size_t stretches = 0;

    for (size_t start = 0, middle, end; start < count; start = end, stretches++) {
        middle = stretch(from, start, count);
        end = middle < count ? stretch(from, middle, count) : count;
        merge(to + start, from + start, middle - start, from + middle, end - middle);
    }
    return stretches;
}

int replay_sort(struct replay *replay)
{
    struct usage *from = replay->usages, *to, *sorted;
    size_t stretches;

    if (!replay->usages_unordered)
        return 0;
    to = malloc(replay->usage_count * sizeof *to);
    if (!to)
        return replay_fail(replay, "out of memory while sorting %zu records", replay->usage_count);
    do {
        stretches = merge_pairs(to, from, replay->usage_count);
        sorted = to;
        to = from;
        from = sorted;
    } while (stretches > 1);
    free(to);
    replay->usages = from;
    replay->usage_capacity = replay->usage_count;
    replay->usages_unordered = false;
    return 0;
}
