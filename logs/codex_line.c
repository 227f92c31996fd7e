/* codex_line.c: which lines of a rollout of Codex matter, and the walk over one.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif

#include "codex.h"

#include <string.h>

/* ---- which lines ---- */

/* Does text begin with this word, here? Goes behind it. */
static bool begins(const char **at, const char *end, const char *word)
{
    size_t len = strlen(word);

    if ((size_t)(end - *at) < len || memcmp(*at, word, len) != 0)
        return false;
    *at += len;
    return true;
}

/* Codex begins its lines with {"timestamp":"...","type":"...","payload":{"type":"...": so most of them are
 * told by a few bytes, however long they are. 0: it tells of nothing; 1: it does; -1: it is not written so.
 */
static int judge_head(const char *text, const char *end)
{
    const char *at = text, *quote;

    if (!begins(&at, end, "{\"timestamp\":\""))
        return -1;
    quote = memchr(at, '"', (size_t)(end - at));
    if (!quote || memchr(at, '\\', (size_t)(quote - at)))
        return -1;
    at = quote;
    if (!begins(&at, end, "\",\"type\":\""))
        return -1;
    if (begins(&at, end, "turn_context\"") || begins(&at, end, "session_meta\""))
        return 1;
    if (!begins(&at, end, "event_msg\""))
        return memchr(at, '"', (size_t)(end - at)) ? 0 : -1;
    if (!begins(&at, end, ",\"payload\":{\"type\":\""))
        return -1;
    return begins(&at, end, "token_count\"");
}

bool tq__log_codex_matters(const char *text, size_t len)
{
    static const char *const words[] = {"\"token_count\"", "\"turn_context\"", "\"session_meta\""};
    int judged = judge_head(text, text + len);

    for (size_t i = 0; judged < 0 && i < sizeof(words) / sizeof(words[0]); i++) {
        if (memmem(text, len, words[i], strlen(words[i])))
            return true;
    }
    return judged > 0;
}

/* ---- the walk over a line ---- */

static void read_counts(struct tq__log_scan *scan, struct tq__codex_line *line,
                        struct tq__codex_counts *counts)
{
    static const struct {
        const char *name;
        int at;
        uint32_t bit;
    } members[] = {{"input_tokens", TQ__CODEX_INPUT, TQ_USAGE_INPUT},
                   {"cached_input_tokens", TQ__CODEX_CACHED, TQ_USAGE_CACHE_READ},
                   {"cache_write_input_tokens", TQ__CODEX_WRITTEN, TQ_USAGE_CACHE_WRITE},
                   {"output_tokens", TQ__CODEX_OUTPUT, TQ_USAGE_OUTPUT},
                   {"reasoning_output_tokens", TQ__CODEX_REASONING, TQ_USAGE_REASONING}};
    struct tq__log_text key;

    if (!tq__log_scan_object(scan))
        return;
    counts->is_there = true;
    while (tq__log_scan_member(scan, &key)) {
        size_t i = 0;

        while (i < sizeof(members) / sizeof(members[0]) && !tq__log_text_is(key, members[i].name))
            i++;
        if (i < sizeof(members) / sizeof(members[0]))
            tq__log_take_count(scan, members[i].name, &counts->count[members[i].at], &counts->known,
                               members[i].bit, &line->faulty);
        else if (tq__log_text_is(key, "total_tokens"))
            tq__log_take_count(scan, "total_tokens", &counts->all, &counts->known, TQ_USAGE_TOTAL,
                               &line->faulty);
        else
            tq__log_scan_pass(scan);
    }
}

static void read_info(struct tq__log_scan *scan, struct tq__codex_line *line)
{
    struct tq__log_text key;

    if (!tq__log_scan_object(scan))
        return;
    while (tq__log_scan_member(scan, &key)) {
        if (tq__log_text_is(key, "total_token_usage"))
            read_counts(scan, line, &line->total);
        else if (tq__log_text_is(key, "last_token_usage"))
            read_counts(scan, line, &line->last);
        else
            tq__log_scan_pass(scan);
    }
}

static void read_payload(struct tq__log_scan *scan, struct tq__codex_line *line)
{
    const struct tq__log_member members[] = {{"type", &line->kind},
                                             {"id", &line->id},
                                             {"cwd", &line->cwd},
                                             {"model", &line->model},
                                             {"model_provider", &line->vendor},
                                             {"forked_from_id", &line->forked},
                                             {"parent_thread_id", &line->parent},
                                             {"source", &line->source},
                                             {"rate_limits", &line->limits}};
    struct tq__log_text key;

    if (!tq__log_scan_object(scan))
        return;
    while (tq__log_scan_member(scan, &key)) {
        if (tq__log_take_member(scan, key, members, sizeof(members) / sizeof(members[0])))
            continue;
        if (tq__log_text_is(key, "info"))
            read_info(scan, line);
        else
            tq__log_scan_pass(scan);
    }
}

bool tq__codex_line_read(const struct tq__log_piece *piece, struct tq__codex_line *line)
{
    struct tq__log_scan scan;
    struct tq__log_text key;

    tq__log_scan_begin(&scan, piece->text, piece->len);
    if (!tq__log_scan_enter(&scan, '{'))
        return false;
    while (tq__log_scan_member(&scan, &key)) {
        if (tq__log_text_is(key, "timestamp"))
            tq__log_scan_value(&scan, &line->timestamp);
        else if (tq__log_text_is(key, "type"))
            tq__log_scan_value(&scan, &line->type);
        else if (tq__log_text_is(key, "payload"))
            read_payload(&scan, line);
        else
            tq__log_scan_pass(&scan);
    }
    return tq__log_scan_done(&scan);
}
