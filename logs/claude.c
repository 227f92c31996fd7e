/* claude.c: reads the logs of Claude Code: responses, and until when the account is over its limit.
 *
 * SPDX-License-Identifier: MIT
 *
 * A line is {timestamp, sessionId, ..., message: {id, model, usage: {...}, content}}. A subagent's answers
 * are in a file of their own. While a session waits for its subagent, its file has them again, in lines of
 * type "progress", one level deeper: {..., data: {message: {timestamp, requestId, message: {...}}}}.
 *
 * One response is several lines, one for each block of its content. All of them have the id of the response.
 * The last one has the final count of output. Copies of a session (resumed, a side question, a subagent)
 * repeat the lines, some with another requestId. So the key is the message's id alone when the vendor made
 * that id (msg_..., which is unique). Otherwise the key is made from the ids of message and request.
 * docs/logs.md has the rules.
 */
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "entry.h"
#include "error.h"
#include "reader.h"
#include "tokenquota_signals.h"

#define SOURCE_ID 1
#define LIMIT_WORDS "usage limit reached|"
#define SYNTHETIC "<synthetic>" /* the model of a message that Claude Code itself wrote */

/* A message, or the answer of an advisor in it: another model that was asked during the response. */
struct message {
    struct tq__json_item id, model, content;
    struct tq__json_item speed, iterations; /* of its usage */
    struct tq__json_item type;              /* of an advisor's */
    struct tq__log_usage usage;
};

/* What a line, or the line inside of a line of type "progress", says of its message. */
struct told {
    struct tq__json_item timestamp, request_id, uuid;
    struct message message;
};

struct line {
    struct tq__json_item session, cwd, cost, sidechain, api_error;
    struct told own;
    struct told relayed;       /* a subagent's message, repeated by the session that waits for it */
    const struct told *told;   /* the one of the two that counts */
    struct tq__span limit_end; /* of an API error: the instant until which the account is out, as written */
    int64_t limit_end_ns;
};

static const struct tq__log_member usage_members[] = {
    TQ__LOG_ITEM("speed", struct message, speed),
    TQ__LOG_ITEM("iterations", struct message, iterations),
    TQ__LOG_COUNTS(TQ__IN_USAGE, struct message, usage),
};

static const struct tq__log_member message_members[] = {
    TQ__LOG_ITEM("id", struct message, id),
    TQ__LOG_ITEM("model", struct message, model),
    TQ__LOG_ITEM("content", struct message, content),
    TQ__LOG_INSIDE("usage", usage_members),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member advisor_members[] = {
    TQ__LOG_ITEM("type", struct message, type),
    TQ__LOG_ITEM("model", struct message, model),
    TQ__LOG_ITEM("speed", struct message, speed),
    TQ__LOG_COUNTS(TQ__IN_USAGE, struct message, usage),
};

static const struct tq__log_member relayed_members[] = {
    TQ__LOG_ITEM("timestamp", struct told, timestamp),
    TQ__LOG_ITEM("requestId", struct told, request_id),
    TQ__LOG_ITEM("uuid", struct told, uuid),
    TQ__LOG_OBJECT("message", struct told, message, message_members),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member data_members[] = {
    TQ__LOG_INSIDE("message", relayed_members),
    TQ__LOG_NO_COUNTS,
};

static const struct tq__log_member line_members[] = {
    TQ__LOG_ITEM("timestamp", struct line, own.timestamp),
    TQ__LOG_ITEM("requestId", struct line, own.request_id),
    TQ__LOG_ITEM("sessionId", struct line, session),
    TQ__LOG_ITEM("cwd", struct line, cwd),
    TQ__LOG_ITEM("uuid", struct line, own.uuid),
    TQ__LOG_ITEM("costUSD", struct line, cost),
    TQ__LOG_ITEM("isSidechain", struct line, sidechain),
    TQ__LOG_ITEM("isApiErrorMessage", struct line, api_error),
    TQ__LOG_OBJECT("message", struct line, own.message, message_members),
    TQ__LOG_OBJECT("data", struct line, relayed, data_members),
    TQ__LOG_NO_COUNTS,
};

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

/* ---- the walk over a line -------------------------------------------------------------------- */

/* False when it is not JSON. */
static bool read_line(const struct tq__log_piece *piece, struct line *line)
{
    if (!tq__log_read_object((struct tq__span){piece->text, piece->len}, line_members, line))
        return false;
    line->told = &line->own;
    if (line->own.message.usage.is_there || !line->relayed.message.usage.is_there)
        return true;
    line->told = &line->relayed;
    if (line->relayed.timestamp.kind != TQ__JSON_STRING)
        line->relayed.timestamp = line->own.timestamp;
    return true;
}

/* Finds the n-th answer of an advisor among the iterations, from 1; false when there are fewer. Sets *more
 * when there are more. */
static bool find_advisor(const struct line *line, uint32_t n, struct message *found, bool *more)
{
    const struct tq__json_item *iterations = &line->told->message.iterations;
    struct message message;
    struct tq__json_item item;
    struct tq__json json;
    uint32_t count = 0;

    *more = false;
    tq__log_enter_list(&json, iterations);
    while (!*more && tq__json_next(&json, &item)) {
        if (!tq__json_enter(&json, '{'))
            continue;
        message = (struct message){0};
        tq__log_walk(&json, advisor_members, &message);
        if (!tq__span_equals(message.type.text, "advisor_message") || message.model.text.len == 0)
            continue;
        count++;
        *more = count > n;
        if (count == n)
            *found = message;
    }
    return n > 0 && count >= n;
}

/* ---- what a line says ------------------------------------------------------------------------ */

static bool begins(struct tq__span id, const char *prefix)
{
    return id.len > strlen(prefix) && memcmp(id.at, prefix, strlen(prefix)) == 0;
}

/* The key of the response, or of the n-th one that an advisor gave inside of it. */
static uint64_t key_of(const struct line *line, uint32_t n, const struct tq__log_piece *piece,
                       uint32_t *flags)
{
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, "message");
    struct tq__span id = line->told->message.id.text, request = line->told->request_id.text;

    if (id.len == 0 && request.len == 0) {
        *flags |= TQ_LOG_ENTRY_NO_KEY;
        hash.value = tq__log_key_of_place(SOURCE_ID, piece);
    } else {
        tq__log_hash_text(&hash, id);
        if (!begins(id, "msg_"))
            tq__log_hash_text(&hash, request);
    }
    if (n > 0)
        tq__log_hash_number(&hash, n);
    return tq__log_hash_end(hash);
}

/* The vendor that answered: the id of a message shows which cloud it came from. "" for another vendor's model
 * behind an API like Anthropic's. */
static const char *vendor_of(const struct line *line, const char *model)
{
    if (begins(line->told->message.id.text, "msg_bdrk_"))
        return "bedrock";
    if (begins(line->told->message.id.text, "msg_vrtx_"))
        return "vertex";
    return strstr(model, "claude") ? "anthropic" : "";
}

/* Finds the instant that follows the words of a limit; false when there is none. */
static bool find_limit(struct line *line)
{
    struct tq__span content = line->told->message.content.text, *end = &line->limit_end;
    const char *at = NULL;

    if (line->api_error.kind == TQ__JSON_TRUE && content.len > 0)
        at = memmem(content.at, content.len, LIMIT_WORDS, strlen(LIMIT_WORDS));
    if (!at)
        return false;
    end->at = at + strlen(LIMIT_WORDS);
    while (end->at + end->len < content.at + content.len && tq__is_digit(end->at[end->len]))
        end->len++;
    return tq__time_epoch(*end, &line->limit_end_ns) == 0 && line->limit_end_ns > 0;
}

/* What all entries of the line have in common; 0 or TQ_LOG_BAD_LINE. */
static int fill_common(struct tq_log_reader *reader, const struct line *line, struct tq_log_entry *entry,
                       struct tq_log_error *error)
{
    struct tq__log_texts *texts = &reader->texts;

    if (tq__log_take_instant(entry, &line->told->timestamp, false, "timestamp", error) != 0)
        return TQ_LOG_BAD_LINE;
    entry->session = tq__log_copy(&line->session, texts->session, sizeof(texts->session));
    entry->project = tq__log_copy(&line->cwd, texts->project, sizeof(texts->project));
    return 0;
}

/* Writes the limit as the JSON that Claude Code has for it elsewhere, and reads that. */
static bool read_limit(struct tq__span end, int64_t at_ns, struct tq_quota_signal *signal)
{
    static const char profile[] = "anthropic-subscription";
    char object[80];
    int len =
        snprintf(object, sizeof(object), "{\"status\":\"rejected\",\"resetsAt\":%.*s}", (int)end.len, end.at);

    *signal = (struct tq_quota_signal){.size = sizeof(*signal)};
    return len < (int)sizeof(object) && tq_signal_read_limits(tq_profile_find(profile, sizeof(profile) - 1),
                                                              object, (size_t)len, at_ns, signal) == 0;
}

/* Fills the entry of a line that says until when the account is over its limit. */
static int give_limit(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      const struct line *line, struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, "limit");
    struct tq__span uuid = line->told->uuid.text;

    if (fill_common(reader, line, entry, error) != 0)
        return TQ_LOG_BAD_LINE;
    if (!read_limit(line->limit_end, entry->at_ns, &reader->signal))
        return TQ__LOG_NOTHING;
    tq__log_hash_text(&hash, uuid);
    tq__log_hash_number(&hash, (uint64_t)line->limit_end_ns);
    entry->key = uuid.len > 0 ? tq__log_hash_end(hash) : tq__log_key_of_place(SOURCE_ID, piece);
    entry->vendor = "anthropic";
    entry->usage.requests = 0;
    entry->signal = &reader->signal;
    return TQ_LOG_RECORD;
}

static int give_usage(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      const struct line *line, struct tq_log_entry *entry, struct tq_log_error *error)
{
    uint32_t n = reader->memory.given;
    struct message advisor;
    const struct message *message =
        find_advisor(line, n, &advisor, &reader->more) ? &advisor : &line->told->message;
    bool main = !(entry->flags & TQ_LOG_ENTRY_SIDECHAIN), fast = message->speed.kind == TQ__JSON_STRING;

    if (tq__log_take_usage(entry, &message->usage, main, fast, error) != 0 ||
        fill_common(reader, line, entry, error) != 0)
        return TQ_LOG_BAD_LINE;
    entry->model = tq__log_copy(&message->model, reader->texts.model, sizeof(reader->texts.model));
    entry->vendor = vendor_of(line, entry->model);
    entry->cost_nano_usd = n == 0 ? tq__log_cost(&line->cost) : -1;
    entry->key = key_of(line, n, piece, &entry->flags);
    return TQ_LOG_RECORD;
}

int tq__log_claude_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                        struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct line line = {0};

    if (!read_line(piece, &line))
        return tq__log_fail_json(error, piece->line);
    if (line.sidechain.kind == TQ__JSON_TRUE || line.told == &line.relayed)
        entry->flags |= TQ_LOG_ENTRY_SIDECHAIN;
    if (find_limit(&line))
        return give_limit(reader, piece, &line, entry, error);
    if (!line.told->message.usage.is_there || tq__span_equals(line.told->message.model.text, SYNTHETIC))
        return TQ__LOG_NOTHING;
    return give_usage(reader, piece, &line, entry, error);
}
