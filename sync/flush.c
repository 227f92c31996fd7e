/* flush.c: one flush: the items and words of each tag as EVALSHA, all tags at once.
 *
 * SPDX-License-Identifier: MIT
 *
 * A tag with many items has several commands, so that the server never runs one for long. Words and peers go
 * with the first.
 */
#include "exchange.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <tokenquota.h>

#include "fallback.h"
#include "keys.h"
#include "merge.h"
#include "redis.h"
#include "reply.h"
#include "script.h"
#include "words.h"

#define ITEMS_MOST 256      /* of one command: about 1 ms of the server */
#define EVERY_MOST 86400000 /* ms */
#define EXPIRE_DIGITS 11
#define EXPIRE_MOST (INT64_C(400) * 86400000)
#define STEP_UNKNOWN (-1) /* of step_of */
#define STEP_NONE (-2)    /* the server has that entry */

/* ---- what the caller gave -------------------------------------------------------------------- */

static bool is_key_part(const char *text, size_t most)
{
    size_t len = strnlen(text, most + 1);

    return len <= most && tq__utf8_is_valid((struct tq__span){text, len});
}

static bool item_is_sound(const struct sync_item *item)
{
    return item->provider[0] != '\0' && is_key_part(item->provider, TQ_NAME_MAX) &&
           is_key_part(item->limit, SYNC_LIMIT_MOST) && item->key_s >= 0 && item->expire_ms > 0 &&
           (!item->writes || sync_entry_is_sound(&item->own));
}

static bool is_instance(const char *text, bool may_be_empty)
{
    return (may_be_empty && text[0] == '\0') || sync_is_node(tq__span_of(text));
}

static int check_all(const struct sync_exchange *exchange, struct tq_error *error)
{
    if (!sync_is_node(tq__span_of(exchange->node)))
        return trouble_say(error, TQ_EINVAL, 0,
                           "a node's name is 1 to %d visible ASCII characters, and does not begin with "
                           "':'",
                           SYNC_NODE_MOST);
    if (!is_instance(exchange->instance, false) || !is_instance(exchange->before, true) ||
        exchange->every_ms < 0 || exchange->every_ms > EVERY_MOST || exchange->rate < 0)
        return trouble_say(error, TQ_EINVAL, 0, "the node's instance, interval or rate is none");
    for (size_t i = 0; i < exchange->item_count; i++)
        if (!item_is_sound(&exchange->items[i]))
            return trouble_say(error, TQ_EINVAL, 0,
                               "a window that is to be exchanged has numbers or names out of bounds: "
                               "%.100s, %.60s",
                               exchange->items[i].provider, exchange->items[i].limit);
    for (size_t i = 0; i < exchange->word_count; i++)
        if (!word_is_sound(&exchange->words[i]))
            return trouble_say(error, TQ_EINVAL, 0,
                               "a word that is to be said has parts out of bounds: %.100s",
                               exchange->words[i].provider);
    return 0;
}

static void forget_heard(struct sync_exchange *exchange)
{
    sync_exchange_clear(exchange);
    exchange->is_refused = false;
    exchange->refused_by[0] = '\0';
    exchange->server_ms = exchange->answered_ns = exchange->round_trip_ns = 0;
    for (size_t tag = 0; tag < SYNC_TAGS_MOST; tag++) {
        exchange->version[tag] = exchange->seen_version[tag];
        exchange->epoch[tag] = 0;
        exchange->epoch_age_ms[tag] = 0;
    }
}

/* ---- commands -------------------------------------------------------------------------------- */

/* Sorts items by tag: order has their numbers, and those of `tag` begin at begins[tag]. */
static void sort_items(const struct sync_exchange *exchange, unsigned tags, size_t *order,
                       size_t begins[SYNC_TAGS_MOST + 1])
{
    size_t at[SYNC_TAGS_MOST] = {0}, sum = 0;

    for (size_t i = 0; i < exchange->item_count; i++)
        at[sync_tag_of(exchange->items[i].provider, tags)]++;
    for (unsigned tag = 0; tag < tags; tag++) {
        size_t count = at[tag];

        begins[tag] = at[tag] = sum;
        sum += count;
    }
    begins[tags] = sum;
    for (size_t i = 0; i < exchange->item_count; i++)
        order[at[sync_tag_of(exchange->items[i].provider, tags)]++] = i;
}

/* Who says it, without a blank. */
static void host_name(char out[65])
{
    if (gethostname(out, 65) != 0 || out[0] == '\0')
        memcpy(out, "unknown", 8);
    out[64] = '\0';
    for (char *at = out; *at; at++)
        if (*at <= ' ' || *at > '~' || *at == '/')
            *at = '?';
}

static void write_kinds(struct request *request, const struct sync_exchange *exchange, const size_t *order,
                        size_t count)
{
    char kinds[ITEMS_MOST];

    for (size_t i = 0; i < count; i++) {
        const struct sync_item *item = &exchange->items[order[i]];

        kinds[i] = (char)('@' + item->writes + 2 * item->asks_all + 4 * (item->key_s == 0));
    }
    request_text(request, kinds, count);
}

static void write_head(struct request *request, const struct sync_exchange *exchange, unsigned tag,
                       unsigned tags, bool is_first, uint64_t epoch)
{
    char host[65], text[64 + KEY_TAGS_BYTES], behind[KEY_TAGS_BYTES];

    host_name(host);
    key_tags_write(behind, tags);
    request_string(request, exchange->node);
    request_string(request, exchange->instance);
    request_string(request, exchange->before);
    request_number(request, exchange->every_ms);
    request_number(request, exchange->rate > SYNC_TOTAL_MOST ? SYNC_TOTAL_MOST : exchange->rate);
    snprintf(text, sizeof text, "%s%s", host, behind);
    request_string(request, text);
    request_number(request, (int64_t)epoch);
    if (is_first)
        request_number(request, (int64_t)exchange->seen_version[tag]);
    else
        request_string(request, "");
    request_string(request, is_first && tag == 0 && !exchange->skips_peers ? "1" : "0");
}

/* The step of an entry from the one that the server has, as far as that is known here, because the script
 * takes it unread; or STEP_... */
static int64_t step_of(const struct sync_item *item)
{
    const struct sync_entry *own = &item->own, *stored = &item->stored;

    if (!item->writes || item->asks_all || item->key_s == 0 || item->corrected != 0 || own->corrected != 0 ||
        stored->corrected != 0 || !sync_entry_is_sound(stored) || own->start_s != stored->start_s)
        return STEP_UNKNOWN;
    if (own->seq > stored->seq && own->added >= stored->added)
        return own->added - stored->added;
    if (own->seq == stored->seq && own->added == stored->added && own->claim == stored->claim &&
        own->until_ms == stored->until_ms)
        return STEP_NONE;
    return STEP_UNKNOWN;
}

static void write_step(struct request *request, int64_t step)
{
    if (step >= 0)
        request_number(request, step);
    else
        request_string(request, step == STEP_NONE ? "=" : "");
}

/* How long each is kept, in digits of one width, as nearly always nobody reads it. */
static void write_expiries(struct request *request, const struct sync_exchange *exchange, const size_t *order,
                           size_t count)
{
    char texts[ITEMS_MOST * EXPIRE_DIGITS];

    for (size_t i = 0; i < count; i++) {
        int64_t ms = exchange->items[order[i]].expire_ms;

        ms = ms < EXPIRE_MOST ? ms : EXPIRE_MOST;
        for (size_t digit = EXPIRE_DIGITS; digit-- > 0; ms /= 10)
            texts[i * EXPIRE_DIGITS + digit] = (char)('0' + ms % 10);
    }
    request_text(request, texts, count * EXPIRE_DIGITS);
}

static void write_items(struct request *request, const struct sync_exchange *exchange, const size_t *order,
                        size_t count)
{
    int64_t steps[ITEMS_MOST], most = 0;

    for (size_t i = 0; i < count; i++) {
        steps[i] = step_of(&exchange->items[order[i]]);
        most = steps[i] > most ? steps[i] : most;
    }
    request_number(request, most);
    for (size_t i = 0; i < count; i++) {
        const struct sync_item *item = &exchange->items[order[i]];
        char entry[SYNC_ENTRY_BYTES];

        request_text(request, entry, item->writes ? sync_entry_write(entry, &item->own) : 0);
        write_step(request, steps[i]);
    }
}

/* EVALSHA hash keys...: ARGV as script.lua says. mark: that of the tag's command before, or 0. */
static void write_eval(struct sync_job *job, struct sync_redis *redis, const struct sync_exchange *exchange,
                       const size_t *order, uint64_t mark, bool is_first)
{
    struct request *request = &job->request;
    unsigned tags = sync_redis_tags(redis);
    size_t words = is_first ? words_count(exchange, job->tag, tags) : 0;
    char key[KEY_BYTES];

    request_begin(request, 3 + 4 + job->count + 15 + 2 * job->count + 4 * words);
    request_string(request, "EVALSHA");
    request_string(request, script_lua_sha1);
    request_number(request, 4 + (int64_t)job->count);
    for (const char *kind = "enwo"; *kind; kind++) {
        key_of_tag(key, job->tag, *kind);
        request_string(request, key);
    }
    for (size_t i = 0; i < job->count; i++)
        request_text(request, key, key_of_window(key, job->tag, &exchange->items[order[i]]));
    write_head(request, exchange, job->tag, tags, is_first, sync_redis_random(redis) | 1);
    write_kinds(request, exchange, order, job->count);
    request_number(request, (int64_t)words);
    if (mark == 0)
        request_string(request, "");
    else
        request_number(request, (int64_t)mark);
    job->mark = sync_redis_random(redis) | 1;
    request_number(request, (int64_t)job->mark);
    write_expiries(request, exchange, order, job->count);
    write_items(request, exchange, order, job->count);
    if (words > 0)
        words_write(request, exchange, job->tag, tags);
}

/* ---- answers --------------------------------------------------------------------------------- */

/* server_ms is what the answers before this one said. The fastest one's clock stays, with this machine's
 * (CLOCK_REALTIME) when it came. */
static void note_time(struct sync_exchange *exchange, const struct sync_job *job, int64_t server_ms,
                      int64_t *fastest_ns)
{
    if (*fastest_ns == 0 || job->round_trip_ns < *fastest_ns) {
        struct timespec now;

        clock_gettime(CLOCK_REALTIME, &now);
        exchange->answered_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec -
                                (sync_now_ns() - (job->sent_ns + job->round_trip_ns));
        *fastest_ns = job->round_trip_ns;
    } else {
        exchange->server_ms = server_ms;
    }
    if (exchange->round_trip_ns < job->round_trip_ns)
        exchange->round_trip_ns = job->round_trip_ns;
}

/* Takes what was answered; how many jobs were understood, or TQ_ENOMEM. *lacks_script: EVAL is refused. */
static int take_jobs(struct sync_exchange *exchange, struct sync_redis *redis, struct sync_job *jobs,
                     size_t count, const size_t *order, bool *lacks_script, struct tq_error *error)
{
    int64_t fastest_ns = 0;
    int taken = 0;

    for (size_t i = 0; i < count; i++) {
        struct sync_job *job = &jobs[i];
        int64_t server_ms = exchange->server_ms;
        int answer;

        if (job->state != JOB_DONE)
            continue;
        if (job->replies[0]->type == REDIS_REPLY_ERROR) {
            char line[TROUBLE_BYTES];

            *lacks_script |= trouble_of(job->replies[0]->str) == TROUBLE_NO_SCRIPT;
            trouble_line(line, trouble_of(job->replies[0]->str), sync_redis_name(redis),
                         job->replies[0]->str);
            trouble_say(error, TQ_ESYS, 0, "%s", line);
            continue;
        }
        job->answered = 0; /* the reply is the exchange's */
        answer = reply_take(exchange, job->tag, job->replies[0], order + job->first, job->count);
        if (answer == TQ_ENOMEM)
            return trouble_say(error, TQ_ENOMEM, 0, "no memory");
        if (answer == TQ_EFORMAT) {
            trouble_say(error, TQ_ESYS, 0,
                        "%.90s answers what the script of tokenquota does not say; is something between?",
                        sync_redis_name(redis));
            continue;
        }
        note_time(exchange, job, server_ms, &fastest_ns);
        if (sync_redis_is_new(redis, job))
            exchange->version[job->tag] = 0;
        /* The tag's last command has the mark that stays; of one before it that failed only items are
         * unknown. */
        if (i + 1 == count || jobs[i + 1].tag != job->tag)
            sync_redis_set_mark(redis, job->tag, job->mark);
        taken++;
    }
    return taken;
}

static int run_script(struct sync_redis *redis, struct sync_exchange *exchange, struct sync_job *jobs,
                      size_t *order, int64_t deadline_ns, bool *lacks_script, struct tq_error *error)
{
    size_t begins[SYNC_TAGS_MOST + 1], count = 0;
    unsigned tags = sync_redis_tags(redis);
    int taken = 0;

    sort_items(exchange, tags, order, begins);
    for (unsigned tag = 0; tag < tags; tag++) {
        size_t at = begins[tag];
        uint64_t mark = sync_redis_mark(redis, tag);

        sync_redis_set_mark(redis, tag, 0);
        do {
            struct sync_job *job = &jobs[count++];
            size_t left = begins[tag + 1] - at;

            *job = (struct sync_job){
                .tag = tag, .first = at, .count = left < ITEMS_MOST ? left : ITEMS_MOST, .by_hash = true};
            write_eval(job, redis, exchange, order + at, mark, at == begins[tag]);
            mark = job->mark;
            at += job->count;
        } while (at < begins[tag + 1]);
    }
    if (sync_redis_run(redis, jobs, count, deadline_ns, error) > 0)
        taken = take_jobs(exchange, redis, jobs, count, order, lacks_script, error);
    for (size_t i = 0; i < count; i++)
        job_free(&jobs[i]);
    if (taken < 0)
        return taken;
    return exchange->is_refused || taken == (int)count ? 0 : taken > 0 ? 1 : TQ_ESYS;
}

int sync_exchange(struct sync_redis *redis, struct sync_exchange *exchange, int64_t deadline_ns,
                  struct tq_error *error)
{
    struct sync_job *jobs = calloc(exchange->item_count / ITEMS_MOST + SYNC_TAGS_MOST + 1, sizeof *jobs);
    size_t *order = calloc(exchange->item_count + 1, sizeof *order);
    bool lacks_script = sync_redis_lacks_script(redis);
    int answer = TQ_ENOMEM;

    forget_heard(exchange);
    if (jobs && order)
        answer = check_all(exchange, error);
    else
        (void)trouble_say(error, answer, 0, "no memory");
    if (answer == 0 && !lacks_script)
        answer = run_script(redis, exchange, jobs, order, deadline_ns, &lacks_script, error);
    else if (answer == 0)
        answer = TQ_ESYS;
    if (answer == TQ_ESYS && lacks_script) {
        sync_redis_set_lacks_script(redis);
        answer = fallback_run(redis, exchange, order, deadline_ns, error);
    }
    for (size_t i = 0; i < exchange->item_count; i++)
        if (!exchange->items[i].is_heard)
            exchange->items[i].stored.seq = 0;
    exchange->connects = sync_redis_connects(redis);
    if (answer == 0 && error)
        error->msg[0] = '\0';
    free(jobs);
    free(order);
    return answer;
}
