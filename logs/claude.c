/* claude.c: the responses that Claude Code wrote down.
 *
 * SPDX-License-Identifier: MIT
 *
 * One response is several lines, one for each block of its content; all have its id, and the last has the
 * final count of output. Copies of a session (resumed, a side question, a subagent) have the lines again,
 * some under another requestId. So the key is the id of the message alone where the vendor made it (msg_...,
 * which is never given twice), else the id and the request's. docs/logs.md has the rules, and where others
 * differ.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif

#include "claude.h"

#include <string.h>

#define SOURCE_ID 1
#define LIMIT_WORDS "usage limit reached|"
#define SYNTHETIC "<synthetic>" /* the model of what the program itself put in */

bool tq__log_claude_matters(const char *text, size_t len)
{
    static const char word[] = "usage";
    const char *at = text, *end = text + len;

    while ((at = memmem(at, (size_t)(end - at), word, sizeof(word) - 1)) != NULL) {
        const char *behind = at + sizeof(word) - 1;

        if (at > text && at[-1] == '"' && behind < end && *behind == '"')
            return true;
        if ((size_t)(end - at) >= sizeof(LIMIT_WORDS) - 1 &&
            memcmp(at, LIMIT_WORDS, sizeof(LIMIT_WORDS) - 1) == 0)
            return true;
        at = behind;
    }
    return false;
}

static bool is_vendors_own(struct tq__log_text id)
{
    return id.len > 4 && memcmp(id.text, "msg_", 4) == 0;
}

/* The key of the response, or of the n-th one that an advisor gave inside of it. */
static uint64_t key_of(const struct tq__claude_line *line, uint32_t n, const struct tq__log_piece *piece,
                       uint32_t *flags)
{
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, "message");
    struct tq__log_text id = line->id.text, request = line->request_id.text;

    if (id.len == 0 && request.len == 0) {
        *flags |= TQ_LOG_ENTRY_NO_KEY;
        hash.value = tq__log_key_of_place(SOURCE_ID, piece);
    } else {
        tq__log_hash_text(&hash, id);
        if (!is_vendors_own(id))
            tq__log_hash_text(&hash, request);
    }
    if (n > 0)
        tq__log_hash_number(&hash, n);
    return tq__log_hash_end(hash);
}

/* Who answered: the ids of messages tell through whose cloud they came. "" for a model of somebody else,
 * behind an address that speaks as Anthropic does. */
static const char *vendor_of(const struct tq__claude_line *line, const char *model)
{
    struct tq__log_text id = line->id.text;

    if (id.len > 9 && memcmp(id.text, "msg_bdrk_", 9) == 0)
        return "bedrock";
    if (id.len > 9 && memcmp(id.text, "msg_vrtx_", 9) == 0)
        return "vertex";
    return strstr(model, "claude") ? "anthropic" : "";
}

/* The instant behind the words of a limit; 0 when there are none. */
static int64_t limit_end(struct tq__log_text content)
{
    struct tq__log_text digits = {0};
    const char *at, *end;
    int64_t at_ns;

    at = content.len > 0 ? memmem(content.text, content.len, LIMIT_WORDS, strlen(LIMIT_WORDS)) : NULL;
    if (!at)
        return 0;
    end = content.text + content.len;
    digits.text = at + strlen(LIMIT_WORDS);
    while (digits.text + digits.len < end && digits.text[digits.len] >= '0' && digits.text[digits.len] <= '9')
        digits.len++;
    return tq__log_time_stamp(digits, &at_ns) == 0 && at_ns > 0 ? at_ns : 0;
}

/* What all entries of the line have in common; 0 or TQ_LOG_BAD_LINE. */
static int fill_common(struct tq_log_reader *reader, const struct tq__claude_line *line,
                       struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_texts *texts = &reader->texts;
    struct tq__log_text stamp =
        line->timestamp.kind == TQ__LOG_STRING ? line->timestamp.text : (struct tq__log_text){0};
    int fault = tq__log_time_stamp(stamp, &entry->at_ns);

    if (fault != 0)
        return tq__log_fail_value(error, entry->line, "timestamp", fault, stamp);
    tq__log_value_text(&line->session, texts->session, sizeof(texts->session));
    tq__log_value_text(&line->cwd, texts->project, sizeof(texts->project));
    entry->session = texts->session;
    entry->project = texts->project;
    if (line->sidechain.kind == TQ__LOG_TRUE || line->relayed)
        entry->flags |= TQ_LOG_ENTRY_SIDECHAIN;
    return 0;
}

/* A line that says until when the account is out. */
static int give_limit(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      const struct tq__claude_line *line, int64_t until_ns, struct tq_log_entry *entry,
                      struct tq_log_error *error)
{
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, "limit");

    if (fill_common(reader, line, entry, error) != 0)
        return TQ_LOG_BAD_LINE;
    reader->signal = (struct tq_quota_signal){
        .size = sizeof(reader->signal),
        .refusal = TQ_CLASS_EXHAUSTED,
        .source = TQ_SOURCE_BODY,
        .binds = -1,
        .said_at_ns = entry->at_ns,
        .retry_at_ns = until_ns,
    };
    tq__log_hash_text(&hash, line->uuid.text);
    tq__log_hash_number(&hash, (uint64_t)until_ns);
    entry->key = line->uuid.text.len > 0 ? tq__log_hash_end(hash) : tq__log_key_of_place(SOURCE_ID, piece);
    entry->vendor = "anthropic";
    entry->usage.requests = 0;
    entry->signal = &reader->signal;
    return TQ_LOG_RECORD;
}

static int give_usage(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      struct tq__claude_line *line, struct tq_log_entry *entry, struct tq_log_error *error)
{
    uint32_t n = reader->memory.given;
    struct tq__log_value model = line->model;
    struct tq__claude_counts advisor = {0}, *counts = &line->counts;

    if (tq__claude_line_advisor(line, n, &advisor, &model, &reader->more))
        counts = &advisor;
    if (line->faulty.fault != 0)
        return tq__log_fail_value(error, piece->line, line->faulty.name, line->faulty.fault,
                                  line->faulty.value);
    if (fill_common(reader, line, entry, error) != 0)
        return TQ_LOG_BAD_LINE;
    tq__log_value_text(&model, reader->texts.model, sizeof(reader->texts.model));
    entry->model = reader->texts.model;
    entry->vendor = vendor_of(line, entry->model);
    entry->usage = counts->usage;
    entry->usage.size = sizeof(entry->usage);
    entry->usage.requests = 1;
    entry->cost_nano_usd = n == 0 ? tq__log_value_cost(&line->cost) : -1;
    entry->key = key_of(line, n, piece, &entry->flags);
    entry->rank = tq__log_rank(&entry->usage, !(entry->flags & TQ_LOG_ENTRY_SIDECHAIN), counts->has_speed);
    return TQ_LOG_RECORD;
}

int tq__log_claude_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                        struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__claude_line line = {0};
    int64_t until_ns;

    if (!tq__claude_line_read(piece, &line))
        return tq__log_fail(error, TQ_LOG_BAD_LINE, piece->line, 0, "not JSON, or cut off");
    until_ns = line.api_error.kind == TQ__LOG_TRUE ? limit_end(line.content.text) : 0;
    if (until_ns > 0)
        return give_limit(reader, piece, &line, until_ns, entry, error);
    if (!line.has_usage || tq__log_text_is(line.model.text, SYNTHETIC))
        return TQ__LOG_NOTHING;
    return give_usage(reader, piece, &line, entry, error);
}
