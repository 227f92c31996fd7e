/* fallback.c: a flush by HSET and HGETALL; the reader merges.
 *
 * SPDX-License-Identifier: MIT
 */
#include "fallback.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tokenquota.h>

#include "keys.h"
#include "merge.h"
#include "redis.h"
#include "reply.h"
#include "words.h"

#define KEEP_MS "2592000000" /* 30 days */
#define SEEN_LEAST_MS 60000  /* as in script.lua */
#define SEEN_MOST_MS 600000

/* What the first round trip said of a tag, and where its items are. */
struct tag_state {
    bool is_known; /* it was answered */
    bool has_epoch;
    int64_t server_ms;
    uint64_t version;
    size_t words; /* that the node says */
    bool asks_words;
    size_t *items;
    size_t count;
};

/* ---- the first round trip: who has the name, and what is there -------------------------------- */

static void ask_first(struct sync_job *job, const struct sync_exchange *exchange)
{
    char key[KEY_BYTES];

    key_of_tag(key, job->tag, 'n');
    REQUEST_COMMAND(&job->request, "HGET", key, exchange->node);
    key_of_tag(key, job->tag, 'e');
    REQUEST_COMMAND(&job->request, "GET", key);
    REQUEST_COMMAND(&job->request, "TIME");
    key_of_tag(key, job->tag, 'f');
    REQUEST_COMMAND(&job->request, "HGET", key, ":v");
}

/* Is the name another node's, that was seen not long ago? */
static bool is_taken(const struct sync_exchange *exchange, struct tq__span text, int64_t server_ms,
                     struct node_text *other)
{
    int64_t ago_ms, most_ms;

    if (!reply_node(text, other) || tq__span_equals(other->instance, exchange->instance) ||
        tq__span_equals(other->instance, exchange->before))
        return false;
    ago_ms = server_ms - other->seen_ms;
    most_ms = other->every_ms > SEEN_MOST_MS / 10 ? SEEN_MOST_MS : 10 * other->every_ms;
    return ago_ms > -SEEN_LEAST_MS && ago_ms < (most_ms > SEEN_LEAST_MS ? most_ms : SEEN_LEAST_MS);
}

static void take_first(const struct sync_job *job, struct sync_exchange *exchange, struct tag_state *state)
{
    const redisReply *time = job->replies[2];
    struct node_text other;
    int64_t version = 0;

    if (time->type != REDIS_REPLY_ARRAY || time->elements != 2 ||
        !reply_time(time->element[0], time->element[1], &state->server_ms))
        return;
    exchange->server_ms = state->server_ms;
    if (exchange->round_trip_ns < job->round_trip_ns)
        exchange->round_trip_ns = job->round_trip_ns;
    state->is_known = true;
    if (is_taken(exchange, reply_text(job->replies[0]), state->server_ms, &other))
        reply_refused(exchange, other.from, state->server_ms - other.seen_ms);
    state->has_epoch = reply_epoch(exchange, job->tag, job->replies[1], state->server_ms);
    (void)sync_number_read(reply_text(job->replies[3]), SYNC_EXACT - 1, &version);
    state->version = (uint64_t)version;
}

/* ---- the second round trip ------------------------------------------------------------------- */

static void say_node(struct request *request, const struct sync_exchange *exchange, unsigned tag,
                     unsigned tags, const struct tag_state *state)
{
    char key[KEY_BYTES], text[256], behind[KEY_TAGS_BYTES];

    key_of_tag(key, tag, 'n');
    key_tags_write(behind, tags);
    snprintf(text, sizeof text, "%s %" PRId64 " %" PRId64 " %" PRId64 " -%s", exchange->instance,
             state->server_ms, exchange->every_ms, exchange->rate, behind);
    REQUEST_COMMAND(request, "HSET", key, exchange->node, text);
    REQUEST_COMMAND(request, "PEXPIRE", key, KEEP_MS);
}

static void say_words(struct request *request, const struct sync_exchange *exchange, unsigned tag,
                      unsigned tags)
{
    char key[KEY_BYTES], field[WORD_FIELD_BYTES], at[32];

    key_of_tag(key, tag, 'f');
    for (size_t i = 0; i < exchange->word_count; i++) {
        const struct sync_word *word = &exchange->words[i];
        size_t len, at_len;
        char value[SYNC_WORD_VALUE_MOST + sizeof at];

        if (sync_tag_of(word->provider, tags) != tag)
            continue;
        len = word_field(field, word);
        len += (size_t)snprintf(field + len, sizeof field - len, "\n%s", word->node);
        at_len = (size_t)snprintf(at, sizeof at, "%" PRId64 " ", word->at_ms);
        memcpy(value, at, at_len);
        memcpy(value + at_len, word->value, word->len);
        request_begin(request, 4);
        request_string(request, "HSET");
        request_string(request, key);
        request_text(request, field, len);
        request_text(request, value, at_len + word->len);
    }
    REQUEST_COMMAND(request, "PEXPIRE", key, KEEP_MS);
    REQUEST_COMMAND(request, "HINCRBY", key, ":v", "1");
}

/* What the entry was, the new one over it, and all: of two claims the later one sees both. */
static void say_item(struct request *request, const struct sync_exchange *exchange, unsigned tag,
                     const struct sync_item *item)
{
    char key[KEY_BYTES], entry[SYNC_ENTRY_BYTES], live[24];

    key_of_window(key, tag, item);
    REQUEST_COMMAND(request, "HGET", key, exchange->node);
    if (item->writes) {
        sync_entry_write(entry, &item->own);
        snprintf(live, sizeof live, "%" PRId64, item->expire_ms);
        REQUEST_COMMAND(request, "HSET", key, exchange->node, entry, ":added", "", ":corrected", "");
        REQUEST_COMMAND(request, "PEXPIRE", key, live);
    }
    REQUEST_COMMAND(request, "HGETALL", key);
}

static void ask_second(struct sync_job *job, struct sync_redis *redis, const struct sync_exchange *exchange,
                       struct tag_state *state)
{
    struct request *request = &job->request;
    unsigned tags = sync_redis_tags(redis);
    char key[KEY_BYTES], epoch[64];

    state->words = words_count(exchange, job->tag, tags);
    state->asks_words = state->words > 0 || state->version != exchange->seen_version[job->tag];
    key_of_tag(key, job->tag, 'e');
    if (!state->has_epoch) {
        snprintf(epoch, sizeof epoch, "%" PRIu64 " %" PRId64, sync_redis_random(redis) | 1, state->server_ms);
        REQUEST_COMMAND(request, "SET", key, epoch, "NX");
    }
    REQUEST_COMMAND(request, "PEXPIRE", key, KEEP_MS);
    REQUEST_COMMAND(request, "GET", key);
    say_node(request, exchange, job->tag, tags, state);
    if (state->words > 0)
        say_words(request, exchange, job->tag, tags);
    for (size_t i = 0; i < state->count; i++)
        say_item(request, exchange, job->tag, &exchange->items[state->items[i]]);
    key_of_tag(key, job->tag, 'f');
    if (state->asks_words)
        REQUEST_COMMAND(request, "HGETALL", key);
    key_of_tag(key, job->tag, 'n');
    if (job->tag == 0 && !exchange->skips_peers)
        REQUEST_COMMAND(request, "HGETALL", key);
}

/* The next answer of a job; there are as many as commands. */
static redisReply *next(struct sync_job *job, size_t *at)
{
    return job->replies[(*at)++];
}

/* The sums, and the node's own entry among all. */
static void sum_up(struct sync_item *item, const char *node)
{
    bool has_own = false;

    item->added = item->corrected = 0;
    for (size_t i = 0; i < item->count; i++) {
        struct sync_entry *entry = &item->all[i];

        if (strcmp(entry->node, node) == 0) {
            has_own = true;
            if (item->writes)
                *entry = item->stored;
            else
                item->stored = *entry;
        }
        item->added += entry->added;
        item->corrected += entry->corrected;
    }
    if (!has_own && !item->writes)
        item->stored.seq = 0;
}

static int take_item(struct sync_job *job, size_t *at, struct sync_exchange *exchange, struct sync_item *item)
{
    const redisReply *was = next(job, at), *all;
    int answer;

    *at += item->writes ? 2 : 0;
    all = next(job, at);
    if (was->type == REDIS_REPLY_ERROR || all->type == REDIS_REPLY_ERROR) {
        item->is_blocked = all->type == REDIS_REPLY_ERROR && trouble_of(all->str) == TROUBLE_TYPE;
        return 0;
    }
    item->stored = (struct sync_entry){.seq = 0};
    (void)sync_entry_read(reply_text(was), &item->stored);
    if (item->writes)
        sync_entry_merge(&item->stored, &item->own);
    snprintf(item->stored.node, sizeof item->stored.node, "%s", exchange->node);
    answer = reply_entries(item, all);
    if (answer < 0)
        return answer;
    sum_up(item, exchange->node);
    item->is_heard = true;
    if (!item->asks_all) {
        free(item->all);
        item->all = NULL;
        item->count = 0;
    }
    return 0;
}

/* Cuts a text at the last mark: NULL: there is none, or a NUL is in it. */
static char *cut_behind(char *text, size_t len, char mark)
{
    char *at = len > 0 && !memchr(text, '\0', len) ? memrchr(text, mark, len) : NULL;

    if (at)
        *at++ = '\0';
    return at;
}

/* "PROVIDER\nNAME\nNODE" and "MS VALUE". */
static int take_word(struct sync_exchange *exchange, redisReply *field, redisReply *value)
{
    struct sync_word word = {0};
    struct tq__span text = reply_text(value), at;
    char *node, *name;

    if (!reply_text(field).at || text.len == 0)
        return 0;
    node = cut_behind(field->str, field->len, '\n');
    name = node ? cut_behind(field->str, strlen(field->str), '\n') : NULL;
    at = tq__span_cut(&text, ' ');
    if (!name || !sync_number_read(at, SYNC_EXACT - 1, &word.at_ms))
        return 0;
    word.provider = field->str;
    word.name = name;
    word.node = node;
    word.value = text.at;
    word.len = text.len;
    return reply_word(exchange, word);
}

static int take_words(struct sync_exchange *exchange, redisReply *all)
{
    int answer = 0;

    if (!reply_keep(exchange, all))
        return TQ_ENOMEM;
    if (all->type != REDIS_REPLY_ARRAY)
        return 0;
    for (size_t i = 0; answer == 0 && i + 1 < all->elements; i += 2)
        answer = take_word(exchange, all->element[i], all->element[i + 1]);
    return answer;
}

static int take_second(struct sync_job *job, struct sync_redis *redis, struct sync_exchange *exchange,
                       const struct tag_state *state)
{
    size_t at = state->has_epoch ? 1 : 2;
    int64_t version = (int64_t)state->version;
    int answer = 0;

    (void)reply_epoch(exchange, job->tag, next(job, &at), state->server_ms);
    at += 2; /* the node */
    if (state->words > 0) {
        const redisReply *counted;

        at += state->words + 1;
        counted = next(job, &at);
        version = counted->type == REDIS_REPLY_INTEGER && counted->integer > 0 ? counted->integer : 0;
    }
    for (size_t i = 0; i < state->count && answer == 0; i++)
        answer = take_item(job, &at, exchange, &exchange->items[state->items[i]]);
    if (answer == 0 && state->asks_words) {
        answer = take_words(exchange, job->replies[at]);
        job->replies[at++] = NULL; /* the exchange's */
    }
    if (answer == 0 && job->tag == 0 && !exchange->skips_peers)
        answer = reply_peers(exchange, next(job, &at));
    exchange->version[job->tag] =
        sync_redis_is_new(redis, job) || version > SYNC_EXACT ? 0 : (uint64_t)version;
    if (exchange->round_trip_ns < job->round_trip_ns)
        exchange->round_trip_ns = job->round_trip_ns;
    return answer == TQ_ENOMEM ? answer : 0;
}

/* ---- both ------------------------------------------------------------------------------------ */

/* Numbers of items by tag, in `order`. */
static void spread_items(const struct sync_exchange *exchange, unsigned tags, size_t *order,
                         struct tag_state *states)
{
    for (unsigned tag = 0; tag < tags; tag++) {
        states[tag].items = order;
        for (size_t i = 0; i < exchange->item_count; i++)
            if (sync_tag_of(exchange->items[i].provider, tags) == tag)
                states[tag].items[states[tag].count++] = i;
        order += states[tag].count;
    }
}

static void note_answered(struct sync_exchange *exchange)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    exchange->answered_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* How many tags were answered in the end; TQ_ENOMEM. */
static int run_second(struct sync_redis *redis, struct sync_exchange *exchange, struct tag_state *states,
                      struct sync_job *jobs, int64_t deadline_ns, struct tq_error *error)
{
    size_t count = 0;
    int answer = 0, taken = 0;

    for (unsigned tag = 0; tag < sync_redis_tags(redis); tag++) {
        if (!states[tag].is_known)
            continue;
        jobs[count] = (struct sync_job){.tag = tag};
        ask_second(&jobs[count++], redis, exchange, &states[tag]);
    }
    (void)sync_redis_run(redis, jobs, count, deadline_ns, error);
    for (size_t i = 0; i < count; i++) {
        if (jobs[i].state == JOB_DONE && answer == 0) {
            answer = take_second(&jobs[i], redis, exchange, &states[jobs[i].tag]);
            taken++;
        }
        job_free(&jobs[i]);
    }
    return answer < 0 ? answer : taken;
}

int fallback_run(struct sync_redis *redis, struct sync_exchange *exchange, size_t *order, int64_t deadline_ns,
                 struct tq_error *error)
{
    unsigned tags = sync_redis_tags(redis);
    struct sync_job *jobs = calloc(tags, sizeof *jobs);
    struct tag_state *states = calloc(tags, sizeof *states);
    int taken = TQ_ENOMEM;

    if (!jobs || !states)
        goto out;
    for (unsigned tag = 0; tag < tags; tag++) {
        jobs[tag].tag = tag;
        ask_first(&jobs[tag], exchange);
    }
    (void)sync_redis_run(redis, jobs, tags, deadline_ns, error);
    for (unsigned tag = 0; tag < tags; tag++) {
        if (jobs[tag].state == JOB_DONE)
            take_first(&jobs[tag], exchange, &states[tag]);
        job_free(&jobs[tag]);
    }
    note_answered(exchange);
    taken = 0;
    if (exchange->is_refused)
        goto out;
    spread_items(exchange, tags, order, states);
    taken = run_second(redis, exchange, states, jobs, deadline_ns, error);
out:
    free(jobs);
    free(states);
    if (taken == TQ_ENOMEM)
        return trouble_say(error, TQ_ENOMEM, 0, "no memory");
    return exchange->is_refused || taken == (int)tags ? 0 : taken > 0 ? 1 : TQ_ESYS;
}
