/* reply.c: reads the script's answers, and believes nothing of them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "reply.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tokenquota.h>

#include "base/list.h"
#include "keys.h"
#include "merge.h"

#define WORDS_MOST 65536

/* exchange->memory */
struct heard {
    redisReply **replies;
    size_t count, capacity;
    size_t word_capacity, peer_capacity;
};

/* name: sync_is_node. out is zeroed. */
static void take_node(char out[SYNC_NODE_MOST + 1], struct tq__span name)
{
    assert(name.at);
    memcpy(out, name.at, name.len);
}

static struct heard *heard_of(struct sync_exchange *exchange)
{
    if (!exchange->memory)
        exchange->memory = calloc(1, sizeof(struct heard));
    return exchange->memory;
}

void sync_exchange_clear(struct sync_exchange *exchange)
{
    struct heard *heard = exchange->memory;

    for (size_t i = 0; heard && i < heard->count; i++)
        hiredis.freeReplyObject(heard->replies[i]);
    if (heard)
        free(heard->replies);
    free(heard);
    free(exchange->heard);
    free(exchange->peers);
    exchange->memory = NULL;
    exchange->heard = NULL;
    exchange->peers = NULL;
    exchange->heard_count = exchange->peer_count = 0;
    for (size_t i = 0; i < exchange->item_count; i++) {
        struct sync_item *item = &exchange->items[i];

        free(item->all);
        item->all = NULL;
        item->count = 0;
        item->is_heard = item->is_blocked = false;
    }
}

bool reply_keep(struct sync_exchange *exchange, redisReply *reply)
{
    struct heard *heard = heard_of(exchange);
    redisReply **replies =
        heard ? tq__list_room(heard->replies, heard->count, &heard->capacity, sizeof *replies) : NULL;

    if (!replies) {
        hiredis.freeReplyObject(reply);
        return false;
    }
    heard->replies = replies;
    replies[heard->count++] = reply;
    return true;
}

struct tq__span reply_text(const redisReply *reply)
{
    bool is_text = reply && (reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS);

    return is_text && reply->str ? (struct tq__span){reply->str, reply->len} : (struct tq__span){NULL, 0};
}

static bool is_array(const redisReply *reply)
{
    return reply && reply->type == REDIS_REPLY_ARRAY && (reply->elements == 0 || reply->element);
}

bool reply_time(const redisReply *seconds, const redisReply *micros, int64_t *ms)
{
    int64_t s, us;

    if (!sync_number_read(reply_text(seconds), SYNC_EXACT / 1000, &s) ||
        !sync_number_read(reply_text(micros), 999999, &us) || s >= SYNC_CLOCK_MOST / 1000)
        return false;
    *ms = s * 1000 + us / 1000;
    return true;
}

bool reply_epoch(struct sync_exchange *exchange, unsigned tag, const redisReply *reply, int64_t server_ms)
{
    struct tq__span text = reply_text(reply), epoch;
    int64_t number, made_ms;

    if (text.len == 0)
        return false;
    epoch = tq__span_cut(&text, ' ');
    if (!sync_number_read(epoch, INT64_MAX, &number) || !sync_number_read(text, SYNC_EXACT - 1, &made_ms) ||
        number == 0)
        return false;
    exchange->epoch[tag] = (uint64_t)number;
    exchange->epoch_age_ms[tag] = server_ms > made_ms ? server_ms - made_ms : 0;
    return true;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

bool reply_node(struct tq__span text, struct node_text *node)
{
    struct tq__span seen, every, rate;

    node->instance = tq__span_cut(&text, ' ');
    seen = tq__span_cut(&text, ' ');
    every = tq__span_cut(&text, ' ');
    rate = tq__span_cut(&text, ' ');
    node->from = text;
    return node->instance.len > 0 && sync_number_read(seen, SYNC_EXACT - 1, &node->seen_ms) &&
           sync_number_read(every, SYNC_EXACT - 1, &node->every_ms) &&
           sync_number_read(rate, SYNC_TOTAL_MOST, &node->rate);
}

void reply_refused(struct sync_exchange *exchange, struct tq__span from, int64_t ago_ms)
{
    char safe[80];

    from = tq__span_cut(&from, '/');
    tq__text_make_safe(safe, sizeof safe, from, sizeof safe - 1, TQ__SAFE_ASCII);
    exchange->is_refused = true;
    snprintf(exchange->refused_by, sizeof exchange->refused_by, "host %s, %" PRId64 " s ago", safe,
             ago_ms > 0 ? ago_ms / 1000 : 0);
}

int reply_peers(struct sync_exchange *exchange, const redisReply *reply)
{
    struct heard *heard = heard_of(exchange);

    if (!heard)
        return TQ_ENOMEM;
    if (!is_array(reply))
        return TQ_EFORMAT;
    for (size_t i = 0; i + 1 < reply->elements && exchange->peer_count < SYNC_NODES_MOST; i += 2) {
        struct tq__span name = reply_text(reply->element[i]);
        struct sync_peer *peers;
        struct node_text node;

        if (!sync_is_node(name) || !reply_node(reply_text(reply->element[i + 1]), &node))
            continue;
        peers = tq__list_room(exchange->peers, exchange->peer_count, &heard->peer_capacity, sizeof *peers);
        if (!peers)
            return TQ_ENOMEM;
        exchange->peers = peers;
        peers += exchange->peer_count++;
        *peers = (struct sync_peer){.seen_ms = node.seen_ms,
                                    .every_ms = node.every_ms,
                                    .rate = node.rate,
                                    .tags = key_tags_read(node.from)};
        take_node(peers->name, name);
    }
    return 0;
}

/* ---- words ----------------------------------------------------------------------------------- */

static bool is_provider(struct tq__span name)
{
    if (name.len == 0 || name.len > TQ_NAME_MAX || !tq__utf8_is_valid(name))
        return false;
    for (uint32_t character; name.len > 0;) {
        size_t len = tq__utf8_read(name, &character);

        if (tq__is_control(character))
            return false;
        name = tq__span_behind(name, len);
    }
    return true;
}

int reply_word(struct sync_exchange *exchange, struct sync_word word)
{
    struct heard *heard = heard_of(exchange);
    struct sync_word *words;

    if (!heard)
        return TQ_ENOMEM;
    if (!is_provider(tq__span_of(word.provider)) || !sync_is_node(tq__span_of(word.name)) ||
        !sync_is_node(tq__span_of(word.node)) || word.len > SYNC_WORD_VALUE_MOST ||
        (!exchange->wants_own && strcmp(word.node, exchange->node) == 0) || word.at_ms >= SYNC_CLOCK_MOST ||
        word.at_ms - exchange->server_ms > SYNC_AHEAD_MS || exchange->heard_count == WORDS_MOST)
        return 0;
    words = tq__list_room(exchange->heard, exchange->heard_count, &heard->word_capacity, sizeof *words);
    if (!words)
        return TQ_ENOMEM;
    exchange->heard = words;
    words[exchange->heard_count++] = word;
    return 0;
}

/* Cuts a text off in front of a mark, and puts a NUL in the mark's place. NULL: there is no mark, or a NUL
 * before it. */
static char *cut_text(char **text, size_t *len, char mark)
{
    char *begin = *text, *end = *len > 0 ? memchr(begin, mark, *len) : NULL;

    if (!end || memchr(begin, '\0', (size_t)(end - begin)))
        return NULL;
    *end = '\0';
    *len -= (size_t)(end - begin) + 1;
    *text = end + 1;
    return begin;
}

/* "PROVIDER\nNAME" and "MS NODE VALUE". hiredis has a NUL behind each text. */
static int take_word(struct sync_exchange *exchange, const redisReply *field, const redisReply *value)
{
    struct tq__span field_text = reply_text(field), value_text = reply_text(value);
    struct sync_word word = {0};
    char *name, *rest, *at;
    size_t name_len = field_text.len, len = value_text.len;

    if (!field_text.at || !value_text.at)
        return 0;
    name = field->str;
    rest = value->str;
    word.provider = cut_text(&name, &name_len, '\n');
    at = cut_text(&rest, &len, ' ');
    word.node = at ? cut_text(&rest, &len, ' ') : NULL;
    if (!word.provider || !word.node || memchr(name, '\0', name_len) ||
        !sync_number_read(tq__span_of(at), SYNC_EXACT - 1, &word.at_ms))
        return 0;
    word.name = name;
    word.value = rest;
    word.len = len;
    return reply_word(exchange, word);
}

static int take_words(struct sync_exchange *exchange, const redisReply *reply)
{
    int answer = is_array(reply) ? 0 : TQ_EFORMAT;

    for (size_t i = 0; answer == 0 && i + 1 < reply->elements; i += 2)
        answer = take_word(exchange, reply->element[i], reply->element[i + 1]);
    return answer;
}

/* ---- entries --------------------------------------------------------------------------------- */

int reply_entries(struct sync_item *item, const redisReply *reply)
{
    size_t most;

    if (!is_array(reply))
        return TQ_EFORMAT;
    most = reply->elements / 2 < SYNC_NODES_MOST ? reply->elements / 2 : SYNC_NODES_MOST;
    free(item->all);
    item->count = 0;
    item->all = calloc(most > 0 ? most : 1, sizeof *item->all);
    if (!item->all)
        return TQ_ENOMEM;
    for (size_t i = 0; i + 1 < reply->elements && item->count < most; i += 2) {
        struct tq__span node = reply_text(reply->element[i]);
        struct sync_entry *entry = &item->all[item->count];

        if (!sync_is_node(node) || !sync_entry_read(reply_text(reply->element[i + 1]), entry))
            continue;
        take_node(entry->node, node);
        item->count++;
    }
    return 0;
}

/* A number, or the text of one. */
static bool take_sum(const redisReply *reply, int64_t *sum)
{
    if (reply->type != REDIS_REPLY_INTEGER)
        return sync_number_read(reply_text(reply), SYNC_EXACT - 1, sum);
    *sum = reply->integer;
    return *sum >= 0 && *sum < SYNC_EXACT;
}

/* An entry that was taken by its step: the sum alone, as nothing was taken back in the window. */
static int take_step(const struct sync_exchange *exchange, struct sync_item *item, const redisReply *sum)
{
    if (!item->writes || item->asks_all || !take_sum(sum, &item->added))
        return TQ_EFORMAT;
    item->corrected = 0;
    item->stored = item->own;
    snprintf(item->stored.node, sizeof item->stored.node, "%s", exchange->node);
    item->is_heard = true;
    return 0;
}

/* said: nil, the node has no entry; "", the entry as it was sent. */
static int take_item(const struct sync_exchange *exchange, struct sync_item *item, redisReply *const *said,
                     const redisReply *all)
{
    struct tq__span own = reply_text(said[0]);
    int answer = 0;

    if (!take_sum(said[1], &item->added) || !take_sum(said[2], &item->corrected))
        return TQ_EFORMAT;
    item->stored = (struct sync_entry){.seq = 0};
    if (own.at && own.len == 0 && item->writes)
        item->stored = item->own;
    else if (own.len > 0 && !sync_entry_read(own, &item->stored))
        return TQ_EFORMAT;
    snprintf(item->stored.node, sizeof item->stored.node, "%s", exchange->node);
    if (item->asks_all)
        answer = reply_entries(item, all);
    item->is_heard = answer == 0;
    return answer;
}

/* Each is a sum; or the own entry and both sums; or one number alone: the key is no window. */
static int take_items(struct sync_exchange *exchange, const redisReply *reply, const redisReply *every,
                      const size_t *order, size_t count)
{
    size_t used = 0;
    int answer = 0;

    if (!is_array(reply) || reply->elements != count || !is_array(every))
        return TQ_EFORMAT;
    for (size_t i = 0; i < count && answer == 0; i++) {
        struct sync_item *item = &exchange->items[order[i]];
        const redisReply *said = reply->element[i];
        const redisReply *all = item->asks_all && used < every->elements ? every->element[used] : NULL;

        if (!is_array(said)) {
            answer = take_step(exchange, item, said);
        } else if (said->elements == 3 && (all || !item->asks_all)) {
            answer = take_item(exchange, item, said->element, all);
            used += item->asks_all;
        } else if (said->elements == 1) {
            item->is_blocked = true;
        } else {
            answer = TQ_EFORMAT;
        }
    }
    return answer;
}

/* ---- one answer ------------------------------------------------------------------------------ */

int reply_take(struct sync_exchange *exchange, unsigned tag, redisReply *reply, const size_t *order,
               size_t count)
{
    redisReply *const *said;
    int64_t ms, version;
    int answer;

    if (!reply_keep(exchange, reply))
        return TQ_ENOMEM;
    if (!is_array(reply) || reply->elements < 5 || reply->element[0]->type != REDIS_REPLY_INTEGER ||
        !reply_time(reply->element[1], reply->element[2], &ms))
        return TQ_EFORMAT;
    said = reply->element;
    exchange->server_ms = ms;
    if (said[0]->integer == 0) {
        int64_t seen_ms = ms;

        (void)sync_number_read(reply_text(said[4]), SYNC_EXACT - 1, &seen_ms);
        reply_refused(exchange, reply_text(said[3]), ms - seen_ms);
        return 1;
    }
    if (reply->elements != 9 || !reply_epoch(exchange, tag, said[3], ms))
        return TQ_EFORMAT;
    /* Only a tag's first command asks for words, and is told the version that they lead to. */
    if (sync_number_read(reply_text(said[4]), SYNC_EXACT - 1, &version))
        exchange->version[tag] = (uint64_t)version;
    answer = take_words(exchange, said[5]);
    if (answer == 0)
        answer = reply_peers(exchange, said[6]);
    return answer == 0 ? take_items(exchange, said[7], said[8], order, count) : answer;
}
