/* claude.c: the responses that Claude Code wrote down, and until when it was told that its account is out.
 *
 * SPDX-License-Identifier: MIT
 *
 * A line is {timestamp, sessionId, ..., message: {id, model, usage: {...}, content}}. A subagent's answers
 * are in its own file and, while its session waits for it, once more in lines of type "progress", one level
 * down:
 * {..., data: {message: {timestamp, requestId, message: {...}}}}.
 *
 * One response is several lines, one for each block of its content. All have its id, and the last has the
 * final count of output. Copies of a session (resumed, a side question, a subagent) have the lines again,
 * some under another requestId. So the key is the id of the message alone where the vendor made it (msg_...,
 * which is never given twice), else the id and the request's. docs/logs.md has the rules.
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
#define SYNTHETIC "<synthetic>" /* the model of a message that the program itself put in */

/* A response, or one that another model gave inside of it. */
struct response {
    struct tq__json_item model;
    struct tq__counts counts;
    struct tq__usage_fault fault;
    bool has_speed;
};

struct line {
    struct tq__json_item timestamp, request_id, session, cwd, uuid, cost, sidechain, api_error;
    struct tq__json_item id, content, iterations; /* of its message */
    struct response response;
    struct tq__span
        limit_end; /* of an API error: the instant until which the account is out, as it is written */
    int64_t limit_end_ns;
    bool has_usage;
    bool relayed; /* the message is a subagent's, told on by the session that waits for it */
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

static void read_usage(struct tq__json *json, struct line *line)
{
    struct response *response = &line->response;
    struct tq__json_item item;

    line->has_usage = true;
    while (tq__json_next(json, &item)) {
        if (tq__usage_take(&response->counts, TQ__IN_USAGE, json, &item, &response->fault))
            continue;
        if (tq__span_equals(item.key, "speed"))
            response->has_speed = item.kind == TQ__JSON_STRING;
        else
            tq__json_take(json, &item, (const struct tq__json_wanted[]){{"iterations", &line->iterations}},
                          1);
    }
}

static void read_message(struct tq__json *json, struct line *line)
{
    const struct tq__json_wanted wanted[] = {
        {"id", &line->id}, {"model", &line->response.model}, {"content", &line->content}};
    struct tq__json_item item;

    while (tq__json_next(json, &item)) {
        if (tq__json_take(json, &item, wanted, sizeof(wanted) / sizeof(wanted[0])))
            continue;
        if (tq__span_equals(item.key, "usage") && tq__json_enter(json, '{'))
            read_usage(json, line);
    }
}

/* The line inside of a line of progress. */
static void read_relayed(struct tq__json *json, struct line *line, struct line *inner)
{
    const struct tq__json_wanted wanted[] = {
        {"timestamp", &inner->timestamp}, {"requestId", &inner->request_id}, {"uuid", &inner->uuid}};
    struct tq__json_item item;

    while (tq__json_next(json, &item)) {
        if (tq__json_take(json, &item, wanted, sizeof(wanted) / sizeof(wanted[0])))
            continue;
        if (tq__span_equals(item.key, "message") && tq__json_enter(json, '{'))
            read_message(json, line);
    }
    line->relayed = line->has_usage;
}

static void read_data(struct tq__json *json, struct line *line, struct line *inner)
{
    struct tq__json_item item;

    while (tq__json_next(json, &item)) {
        if (tq__span_equals(item.key, "message") && !line->has_usage && tq__json_enter(json, '{'))
            read_relayed(json, line, inner);
    }
}

/* False when it is not JSON. */
static bool read_line(const struct tq__log_piece *piece, struct line *line)
{
    const struct tq__json_wanted wanted[] = {{"timestamp", &line->timestamp},
                                             {"requestId", &line->request_id},
                                             {"sessionId", &line->session},
                                             {"cwd", &line->cwd},
                                             {"uuid", &line->uuid},
                                             {"costUSD", &line->cost},
                                             {"isSidechain", &line->sidechain},
                                             {"isApiErrorMessage", &line->api_error}};
    struct line inner = {0};
    struct tq__json_item item;
    struct tq__json json;

    tq__json_begin(&json, (struct tq__span){piece->text, piece->len}, TQ__JSON_LAX);
    if (!tq__json_enter_next(&json, '{'))
        return false;
    while (tq__json_next(&json, &item)) {
        if (tq__json_take(&json, &item, wanted, sizeof(wanted) / sizeof(wanted[0])) || line->has_usage)
            continue;
        if (tq__span_equals(item.key, "message") && tq__json_enter(&json, '{'))
            read_message(&json, line);
        else if (tq__span_equals(item.key, "data") && tq__json_enter(&json, '{'))
            read_data(&json, line, &inner);
    }
    if (line->relayed) {
        line->timestamp = inner.timestamp.kind == TQ__JSON_STRING ? inner.timestamp : line->timestamp;
        line->request_id = inner.request_id;
        line->uuid = inner.uuid;
    }
    return tq__json_done(&json);
}

/* Reads one of the iterations of a response; false when it is no advisor's (another model that was asked on
 * the way). */
static bool read_advisor(struct tq__json *json, struct response *response)
{
    struct tq__json_item kind = {0}, item;
    const struct tq__json_wanted wanted[] = {{"type", &kind}, {"model", &response->model}};

    *response = (struct response){0};
    if (!tq__json_enter(json, '{'))
        return false;
    while (tq__json_next(json, &item)) {
        if (tq__json_take(json, &item, wanted, sizeof(wanted) / sizeof(wanted[0])))
            continue;
        if (tq__span_equals(item.key, "speed"))
            response->has_speed = item.kind == TQ__JSON_STRING;
        else
            tq__usage_take(&response->counts, TQ__IN_USAGE, json, &item, &response->fault);
    }
    return tq__span_equals(kind.text, "advisor_message") && response->model.text.len > 0;
}

/* Finds the n-th response of an advisor among the iterations, from 1; false when there are fewer. Sets *more
 * when there are more. */
static bool find_advisor(const struct line *line, uint32_t n, struct response *found, bool *more)
{
    struct response response;
    struct tq__json_item item;
    struct tq__json json;
    uint32_t count = 0;

    *more = false;
    tq__json_begin(&json, line->iterations.text, TQ__JSON_LAX);
    if (line->iterations.kind != TQ__JSON_ARRAY || !tq__json_enter_next(&json, '['))
        return false;
    while (!*more && tq__json_next(&json, &item)) {
        if (!read_advisor(&json, &response))
            continue;
        count++;
        *more = count > n;
        if (count == n)
            *found = response;
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
    struct tq__span id = line->id.text, request = line->request_id.text;

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

/* The vendor that answered: the ids of messages tell through whose cloud they came. "" for a model of another
 * maker, behind an address that speaks as Anthropic does. */
static const char *vendor_of(const struct line *line, const char *model)
{
    if (begins(line->id.text, "msg_bdrk_"))
        return "bedrock";
    if (begins(line->id.text, "msg_vrtx_"))
        return "vertex";
    return strstr(model, "claude") ? "anthropic" : "";
}

/* Finds the instant behind the words of a limit; false when there is none. */
static bool find_limit(struct line *line)
{
    struct tq__span content = line->content.text, *end = &line->limit_end;
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

    if (tq__log_take_instant(entry, &line->timestamp, false, "timestamp", error) != 0)
        return TQ_LOG_BAD_LINE;
    tq__json_copy(&line->session, texts->session, sizeof(texts->session));
    tq__json_copy(&line->cwd, texts->project, sizeof(texts->project));
    entry->session = texts->session;
    entry->project = texts->project;
    if (line->sidechain.kind == TQ__JSON_TRUE || line->relayed)
        entry->flags |= TQ_LOG_ENTRY_SIDECHAIN;
    return 0;
}

/* Makes the words of a limit what Claude Code writes of it elsewhere, and has it read as that. */
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

/* A line that says until when the account is out. */
static int give_limit(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      const struct line *line, struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, "limit");

    if (fill_common(reader, line, entry, error) != 0)
        return TQ_LOG_BAD_LINE;
    if (!read_limit(line->limit_end, entry->at_ns, &reader->signal))
        return TQ__LOG_NOTHING;
    tq__log_hash_text(&hash, line->uuid.text);
    tq__log_hash_number(&hash, (uint64_t)line->limit_end_ns);
    entry->key = line->uuid.text.len > 0 ? tq__log_hash_end(hash) : tq__log_key_of_place(SOURCE_ID, piece);
    entry->vendor = "anthropic";
    entry->usage.requests = 0;
    entry->signal = &reader->signal;
    return TQ_LOG_RECORD;
}

static int give_usage(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      const struct line *line, struct tq_log_entry *entry, struct tq_log_error *error)
{
    uint32_t n = reader->memory.given;
    struct response advisor;
    const struct response *response =
        find_advisor(line, n, &advisor, &reader->more) ? &advisor : &line->response;

    if (response->fault.why != 0)
        return tq__log_fail_count(error, piece->line, &response->fault);
    if (fill_common(reader, line, entry, error) != 0)
        return TQ_LOG_BAD_LINE;
    tq__json_copy(&response->model, reader->texts.model, sizeof(reader->texts.model));
    entry->model = reader->texts.model;
    entry->vendor = vendor_of(line, entry->model);
    tq__log_fill_usage(&response->counts, &entry->usage);
    entry->cost_nano_usd = n == 0 ? tq__log_cost(&line->cost) : -1;
    entry->key = key_of(line, n, piece, &entry->flags);
    entry->rank = tq__log_rank(&entry->usage, !(entry->flags & TQ_LOG_ENTRY_SIDECHAIN), response->has_speed);
    return TQ_LOG_RECORD;
}

int tq__log_claude_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                        struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct line line = {0};

    if (!read_line(piece, &line))
        return tq__log_fail_json(error, piece->line);
    if (find_limit(&line))
        return give_limit(reader, piece, &line, entry, error);
    if (!line.has_usage || tq__span_equals(line.response.model.text, SYNTHETIC))
        return TQ__LOG_NOTHING;
    return give_usage(reader, piece, &line, entry, error);
}
