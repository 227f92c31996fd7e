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
 * that id, which is unique. A proxy's id may be the same for all responses: there the key has more in it.
 * docs/logs.md has the rules.
 */
#include "claude.h"

#include <stdio.h>
#include <string.h>

#include "error.h"
#include "reader.h"
#include "tokenquota_signals.h"

#define SOURCE_ID 1
#define SYNTHETIC "<synthetic>" /* the model of a message that Claude Code itself wrote */

/* A message, or what was used inside of it and is not among its counts: the answer of an advisor, another
 * model that was asked during the response; a compaction. */
struct message {
    struct tq__json_item id, model, content;
    struct tq__json_item speed, iterations; /* of its usage */
    struct tq__json_item type;              /* of an iteration */
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
    struct told relayed;     /* a subagent's message, repeated by the session that waits for it */
    const struct told *told; /* the one of the two that counts */
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

static const struct tq__log_member iteration_members[] = {
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
        if ((size_t)(end - at) >= sizeof(TQ__CLAUDE_LIMIT_WORDS) - 1 &&
            memcmp(at, TQ__CLAUDE_LIMIT_WORDS, sizeof(TQ__CLAUDE_LIMIT_WORDS) - 1) == 0)
            return true;
        at = behind;
    }
    return false;
}

/* ---- the walk over a line -------------------------------------------------------------------- */

/* False when it is not JSON. */
static bool read_line(struct tq__span text, struct line *line)
{
    if (!tq__log_read_object(text, line_members, line))
        return false;
    line->told = &line->own;
    if (line->own.message.usage.is_there || !line->relayed.message.usage.is_there)
        return true;
    line->told = &line->relayed;
    if (line->relayed.timestamp.kind != TQ__JSON_STRING)
        line->relayed.timestamp = line->own.timestamp;
    return true;
}

/* What was used inside of a response. */
struct inner {
    uint32_t advisors, compactions; /* how many there are */
    struct message found;
};

/* Looks for an advisor's answer and for a compaction of this number, from 1; 0: none is wanted. */
static void find_inner(const struct line *line, uint32_t advisor, uint32_t compaction, struct inner *inner)
{
    struct message message;
    struct tq__json_item item;
    struct tq__json json;

    *inner = (struct inner){0};
    tq__log_enter_list(&json, &line->told->message.iterations);
    while (tq__json_next(&json, &item)) {
        if (!tq__json_enter(&json, '{'))
            continue;
        message = (struct message){0};
        tq__log_walk(&json, iteration_members, &message);
        if (tq__span_equals(message.type.text, "advisor_message") && message.model.text.len > 0) {
            if (++inner->advisors == advisor)
                inner->found = message;
        } else if (tq__span_equals(message.type.text, "compaction")) {
            if (++inner->compactions == compaction)
                inner->found = message;
        }
    }
}

/* ---- keys ------------------------------------------------------------------------------------ */

static bool begins(struct tq__span id, const char *prefix)
{
    return id.len > strlen(prefix) && memcmp(id.at, prefix, strlen(prefix)) == 0;
}

/* Did the vendor make the id? Its ids are 01 and 22 letters and digits. */
static bool is_vendors(struct tq__span id)
{
    static const char *const prefixes[] = {"msg_01", "msg_bdrk_01", "msg_vrtx_01"};

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        size_t len = strlen(prefixes[i]);

        if (id.len != len + 22 || !begins(id, prefixes[i]))
            continue;
        while (len < id.len &&
               (tq__is_digit(id.at[len]) || (tq__lower(id.at[len]) >= 'a' && tq__lower(id.at[len]) <= 'z')))
            len++;
        return len == id.len;
    }
    return false;
}

/* Adds what tells the n-th advisor's answer, or a compaction, from the response. */
static uint64_t end_key(struct tq__log_hash hash, uint32_t n, const struct inner *inner)
{
    if (n > inner->advisors)
        tq__log_hash_text(&hash, TQ__SPAN("compaction"));
    if (n > 0)
        tq__log_hash_number(&hash, n > inner->advisors ? n - inner->advisors : n);
    return tq__log_hash_end(hash);
}

/* Adds what all lines of a response have in common, when its id says nothing. */
static void add_response(struct tq__log_hash *hash, const struct line *line)
{
    struct tq_usage usage = {.size = sizeof(usage)};

    tq__counts_usage(&line->told->message.usage.counts, false, &usage);
    tq__log_hash_text(hash, line->session.text);
    tq__log_hash_number(hash, (uint64_t)usage.input);
    tq__log_hash_number(hash, (uint64_t)usage.cache_read);
    tq__log_hash_number(hash, (uint64_t)usage.cache_write);
}

/* Sets the key of the response, or of what is inside of it. Earlier versions took any msg_... for the
 * vendor's own, and any other id with the request's. */
static void set_key(const struct line *line, uint32_t n, const struct inner *inner,
                    const struct tq__log_piece *piece, struct tq_log_entry *entry)
{
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, "message"), older;
    struct tq__span id = line->told->message.id.text, request = line->told->request_id.text;
    bool vendors = is_vendors(id), alone = request.len == 0 && !vendors;

    if (id.len == 0 && request.len == 0) {
        entry->flags |= TQ_LOG_ENTRY_NO_KEY;
        hash.value = tq__log_key_of_place(SOURCE_ID, piece);
        entry->key = end_key(hash, n, inner);
        return;
    }
    tq__log_hash_text(&hash, id);
    older = hash;
    if (!begins(id, "msg_"))
        tq__log_hash_text(&older, request);
    if (!vendors)
        tq__log_hash_text(&hash, request);
    if (alone)
        add_response(&hash, line);
    entry->key = end_key(hash, n, inner);
    entry->older_key = end_key(older, n, inner);
    if (entry->older_key == entry->key)
        entry->older_key = 0;
}

/* ---- what a line says ------------------------------------------------------------------------ */

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
static bool read_limit(const struct tq__claude_limit *limit, int64_t at_ns, struct tq_quota_signal *signal)
{
    static const char profile[] = "anthropic-subscription";
    char object[160];
    int len = snprintf(object, sizeof(object),
                       "{\"status\":\"rejected\",\"rateLimitType\":\"%s\",\"resetsAt\":%lld}", limit->window,
                       (long long)(limit->end_ns / TQ__SECOND_NS));

    *signal = (struct tq_quota_signal){.size = sizeof(*signal)};
    return len < (int)sizeof(object) && tq_signal_read_limits(tq_profile_find(profile, sizeof(profile) - 1),
                                                              object, (size_t)len, at_ns, signal) == 0;
}

/* Gives the entry of a line that says until when the account is over its limit. TQ__LOG_NOTHING: it says
 * nothing of the kind. */
static int give_limit(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      const struct line *line, struct tq_log_entry *entry)
{
    struct tq__log_hash hash = tq__log_hash_begin(SOURCE_ID, "limit");
    struct tq__span uuid = line->told->uuid.text;
    struct tq__claude_limit limit;
    struct tq_log_error ignored;

    if (line->api_error.kind != TQ__JSON_TRUE || fill_common(reader, line, entry, &ignored) != 0 ||
        !tq__claude_read_limit(line->told->message.content.text, entry->at_ns, &limit) ||
        !read_limit(&limit, entry->at_ns, &reader->signal))
        return TQ__LOG_NOTHING;
    tq__log_hash_text(&hash, uuid);
    tq__log_hash_number(&hash, (uint64_t)limit.end_ns);
    entry->key = uuid.len > 0 ? tq__log_hash_end(hash) : tq__log_key_of_place(SOURCE_ID, piece);
    entry->vendor = "anthropic";
    entry->usage.requests = 0;
    entry->signal = &reader->signal;
    return TQ_LOG_RECORD;
}

/* Gives the response when n is 0, else the n-th of what was used inside of it: first the answers of advisors,
 * then the compactions, which are of the response's own model. */
static int give_usage(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                      const struct line *line, uint32_t n, struct tq_log_entry *entry,
                      struct tq_log_error *error)
{
    const struct message *message = &line->told->message, *named = message;
    bool main = !(entry->flags & TQ_LOG_ENTRY_SIDECHAIN), fast;
    struct inner inner;

    find_inner(line, n, 0, &inner);
    reader->more = n < inner.advisors + inner.compactions;
    if (n > inner.advisors)
        find_inner(line, 0, n - inner.advisors, &inner);
    if (n > 0)
        message = &inner.found;
    if (n > 0 && n <= inner.advisors)
        named = message;
    fast = message->speed.kind == TQ__JSON_STRING;
    if (tq__log_take_usage(entry, &message->usage, main, fast, error) != 0 ||
        fill_common(reader, line, entry, error) != 0)
        return TQ_LOG_BAD_LINE;
    if (entry->usage.known == TQ_USAGE_TOTAL) /* another tool's */
        return TQ__LOG_NOTHING;
    entry->model = tq__log_copy(&named->model, reader->texts.model, sizeof(reader->texts.model));
    entry->vendor = vendor_of(line, entry->model);
    entry->cost_nano_usd = n == 0 ? tq__log_cost(&line->cost) : -1;
    set_key(line, n, &inner, piece, entry);
    return TQ_LOG_RECORD;
}

/* Gives the n-th entry of an object, from 0. */
static int give(struct tq_log_reader *reader, const struct tq__log_piece *piece, struct line *line,
                uint32_t n, struct tq_log_entry *entry, struct tq_log_error *error)
{
    if (line->sidechain.kind == TQ__JSON_TRUE || line->told == &line->relayed)
        entry->flags |= TQ_LOG_ENTRY_SIDECHAIN;
    if (give_limit(reader, piece, line, entry) == TQ_LOG_RECORD)
        return TQ_LOG_RECORD;
    if (!line->told->message.usage.is_there || tq__span_equals(line->told->message.model.text, SYNTHETIC))
        return TQ__LOG_NOTHING;
    return give_usage(reader, piece, line, n, entry, error);
}

/* Gives the next entry of a line that is no object: of the whole objects on it, one after the other. The line
 * is bad when what is not whole may have had usage. */
static int give_spliced(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                        struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__log_splice *splice = &reader->splice;

    while (splice->object.len > 0 || tq__log_splice_next(splice, tq__log_claude_matters)) {
        const char *from = splice->object.at;
        struct tq__log_piece part = tq__log_part(piece, from, from + splice->object.len);
        struct line line = {0};
        int answer = TQ__LOG_NOTHING;

        reader->more = false;
        if (read_line(splice->object, &line))
            answer = give(reader, &part, &line, splice->given++, entry, error);
        if (!reader->more) {
            splice->object.len = 0;
            splice->given = 0;
        }
        reader->more = true;
        if (answer != TQ__LOG_NOTHING)
            return answer;
        entry->flags = 0;
    }
    reader->more = false;
    return splice->lost ? tq__log_fail_json(error, piece->line) : TQ__LOG_NOTHING;
}

int tq__log_claude_read(struct tq_log_reader *reader, const struct tq__log_piece *piece,
                        struct tq_log_entry *entry, struct tq_log_error *error)
{
    struct tq__span text = {piece->text, piece->len};
    struct line line = {0};

    if (!reader->begun) {
        if (read_line(text, &line))
            return give(reader, piece, &line, reader->memory.given, entry, error);
        if (piece->half)
            return tq__log_fail_json(error, piece->line);
        tq__log_splice_begin(&reader->splice, text);
        reader->begun = true;
    }
    return give_spliced(reader, piece, entry, error);
}
