/* claude_line.c: the walk over a line of Claude Code's log.
 *
 * SPDX-License-Identifier: MIT
 *
 * A line is {timestamp, sessionId, ..., message: {id, model, usage: {...}, content}}. What a subagent was
 * answered is in its own file and, while its session waits for it, once more in lines of type "progress", one
 * level down: {..., data: {message: {timestamp, requestId, message: {...}}}}.
 */
#include "claude.h"

static void read_cache_creation(struct tq__log_scan *scan, struct tq__claude_counts *counts,
                                struct tq__log_faulty *faulty)
{
    struct tq__log_text key;

    if (!tq__log_scan_object(scan))
        return;
    while (tq__log_scan_member(scan, &key)) {
        if (tq__log_text_is(key, "ephemeral_5m_input_tokens"))
            tq__log_take_count(scan, "ephemeral_5m_input_tokens", &counts->written_5m, NULL, 0, faulty);
        else if (tq__log_text_is(key, "ephemeral_1h_input_tokens"))
            tq__log_take_count(scan, "ephemeral_1h_input_tokens", &counts->written_1h, NULL, 0, faulty);
        else
            tq__log_scan_pass(scan);
    }
}

/* A member of an object of counts; false, with nothing taken, when it is none of those. */
static bool read_count(struct tq__log_scan *scan, struct tq__log_text key, struct tq__claude_counts *counts,
                       struct tq__log_faulty *faulty)
{
    struct tq_usage *usage = &counts->usage;
    const struct {
        const char *name;
        int64_t *count;
        uint32_t bit;
    } members[] = {{"input_tokens", &usage->input, TQ_USAGE_INPUT},
                   {"output_tokens", &usage->output, TQ_USAGE_OUTPUT},
                   {"cache_read_input_tokens", &usage->cache_read, TQ_USAGE_CACHE_READ},
                   {"cache_creation_input_tokens", &usage->cache_write, TQ_USAGE_CACHE_WRITE}};
    struct tq__log_value value;

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (tq__log_text_is(key, members[i].name)) {
            tq__log_take_count(scan, members[i].name, members[i].count, &usage->known, members[i].bit,
                               faulty);
            return true;
        }
    }
    if (tq__log_text_is(key, "cache_creation"))
        read_cache_creation(scan, counts, faulty);
    else if (tq__log_text_is(key, "speed"))
        counts->has_speed = tq__log_scan_value(scan, &value) && value.kind == TQ__LOG_STRING;
    else
        return false;
    return true;
}

/* The sum of the two kinds of writing where the older field, which has both, is not there. */
static void finish_counts(struct tq__claude_counts *counts)
{
    struct tq_usage *usage = &counts->usage;

    int64_t written;

    if (__builtin_add_overflow(counts->written_5m, counts->written_1h, &written))
        written = INT64_MAX;
    if (!(usage->known & TQ_USAGE_CACHE_WRITE) && written > 0) {
        usage->cache_write = written;
        usage->known |= TQ_USAGE_CACHE_WRITE;
    }
    usage->counted = tq__log_counted(usage);
}

static void read_usage(struct tq__log_scan *scan, struct tq__claude_line *line)
{
    struct tq__log_text key;

    if (!tq__log_scan_object(scan))
        return;
    line->has_usage = true;
    while (tq__log_scan_member(scan, &key)) {
        if (read_count(scan, key, &line->counts, &line->faulty))
            continue;
        if (tq__log_text_is(key, "iterations"))
            tq__log_scan_value(scan, &line->iterations);
        else
            tq__log_scan_pass(scan);
    }
    finish_counts(&line->counts);
}

static void read_message(struct tq__log_scan *scan, struct tq__claude_line *line)
{
    struct tq__log_text key;

    if (!tq__log_scan_object(scan))
        return;
    while (tq__log_scan_member(scan, &key)) {
        if (tq__log_text_is(key, "id"))
            tq__log_scan_value(scan, &line->id);
        else if (tq__log_text_is(key, "model"))
            tq__log_scan_value(scan, &line->model);
        else if (tq__log_text_is(key, "content"))
            tq__log_scan_value(scan, &line->content);
        else if (tq__log_text_is(key, "usage"))
            read_usage(scan, line);
        else
            tq__log_scan_pass(scan);
    }
}

/* The line inside of a line of progress. */
static void read_relayed(struct tq__log_scan *scan, struct tq__claude_line *line,
                         struct tq__claude_line *inner)
{
    const struct tq__log_member members[] = {
        {"timestamp", &inner->timestamp}, {"requestId", &inner->request_id}, {"uuid", &inner->uuid}};
    struct tq__log_text key;

    if (!tq__log_scan_object(scan))
        return;
    while (tq__log_scan_member(scan, &key)) {
        if (tq__log_take_member(scan, key, members, sizeof(members) / sizeof(members[0])))
            continue;
        if (tq__log_text_is(key, "message"))
            read_message(scan, line);
        else
            tq__log_scan_pass(scan);
    }
    line->relayed = line->has_usage;
}

static void read_data(struct tq__log_scan *scan, struct tq__claude_line *line, struct tq__claude_line *inner)
{
    struct tq__log_text key;

    if (!tq__log_scan_object(scan))
        return;
    while (tq__log_scan_member(scan, &key)) {
        if (tq__log_text_is(key, "message") && !line->has_usage)
            read_relayed(scan, line, inner);
        else
            tq__log_scan_pass(scan);
    }
}

bool tq__claude_line_read(const struct tq__log_piece *piece, struct tq__claude_line *line)
{
    const struct tq__log_member members[] = {{"timestamp", &line->timestamp},
                                             {"requestId", &line->request_id},
                                             {"sessionId", &line->session},
                                             {"cwd", &line->cwd},
                                             {"uuid", &line->uuid},
                                             {"costUSD", &line->cost},
                                             {"isSidechain", &line->sidechain},
                                             {"isApiErrorMessage", &line->api_error}};
    struct tq__claude_line inner = {0};
    struct tq__log_scan scan;
    struct tq__log_text key;

    tq__log_scan_begin(&scan, piece->text, piece->len);
    if (!tq__log_scan_enter(&scan, '{'))
        return false;
    while (tq__log_scan_member(&scan, &key)) {
        if (tq__log_take_member(&scan, key, members, sizeof(members) / sizeof(members[0])))
            continue;
        if (tq__log_text_is(key, "message") && !line->has_usage)
            read_message(&scan, line);
        else if (tq__log_text_is(key, "data") && !line->has_usage)
            read_data(&scan, line, &inner);
        else
            tq__log_scan_pass(&scan);
    }
    if (line->relayed) {
        line->timestamp = inner.timestamp.kind == TQ__LOG_STRING ? inner.timestamp : line->timestamp;
        line->request_id = inner.request_id;
        line->uuid = inner.uuid;
    }
    return tq__log_scan_done(&scan);
}

/* One of the iterations of a response. */
struct iteration {
    struct tq__log_value kind, model;
    struct tq__claude_counts counts;
    struct tq__log_faulty faulty;
};

/* Reads what comes next; false when it is no advisor's. */
static bool read_advisor(struct tq__log_scan *scan, struct iteration *iteration)
{
    const struct tq__log_member members[] = {{"type", &iteration->kind}, {"model", &iteration->model}};
    struct tq__log_text key;

    *iteration = (struct iteration){0};
    if (!tq__log_scan_object(scan))
        return false;
    while (tq__log_scan_member(scan, &key)) {
        if (!tq__log_take_member(scan, key, members, sizeof(members) / sizeof(members[0])) &&
            !read_count(scan, key, &iteration->counts, &iteration->faulty))
            tq__log_scan_pass(scan);
    }
    return tq__log_text_is(iteration->kind.text, "advisor_message") && iteration->model.text.len > 0;
}

bool tq__claude_line_advisor(struct tq__claude_line *line, uint32_t n, struct tq__claude_counts *counts,
                             struct tq__log_value *model, bool *more)
{
    struct iteration iteration;
    struct tq__log_scan scan;
    uint32_t found = 0;

    *more = false;
    tq__log_scan_begin(&scan, line->iterations.text.text, line->iterations.text.len);
    if (line->iterations.kind != TQ__LOG_TREE || !tq__log_scan_enter(&scan, '['))
        return false;
    while (!*more && tq__log_scan_element(&scan)) {
        if (!read_advisor(&scan, &iteration))
            continue;
        found++;
        *more = found > n;
        if (found != n)
            continue;
        finish_counts(&iteration.counts);
        *counts = iteration.counts;
        *model = iteration.model;
        line->faulty = iteration.faulty;
    }
    return n > 0 && found >= n;
}
