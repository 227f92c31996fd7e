/* reply.h: what the server answered, read into an exchange.
 *
 * SPDX-License-Identifier: MIT
 *
 * Whoever may write to the server may make an answer of anything. So each type, length, number and count is
 * looked at, and what is not as it should be is left out. Wrong numbers are what such an attacker can have;
 * all of them are within the bounds of exchange.h.
 */
#ifndef TOKENQUOTA_SYNC_REPLY_H
#define TOKENQUOTA_SYNC_REPLY_H

#include "base/text.h"
#include "exchange.h"
#include "hiredis.h"

/* Takes one answer of the script: of `tag`, to items[order[0]] to items[order[count - 1]]. The reply is the
 * exchange's from then on, whatever is in it: texts of words stay where they are.
 *
 *     0             it was one
 *     1             the name is another node's: is_refused is set
 *     TQ_EFORMAT    it is none of the script's
 *     TQ_ENOMEM */
int reply_take(struct sync_exchange *exchange, unsigned tag, redisReply *reply, const size_t *order,
               size_t count);

/* The same for the parts, as the fallback needs them. */

/* The text of a reply; at is NULL when it has none. */
struct tq__span reply_text(const redisReply *reply);

/* The reply is freed with what was heard. false: no memory, and it was freed. */
bool reply_keep(struct sync_exchange *exchange, redisReply *reply);

/* seconds and microseconds of TIME. false: they are none. */
bool reply_time(const redisReply *seconds, const redisReply *micros, int64_t *ms);

/* "EPOCH MS". false, and nothing is heard of it. */
bool reply_epoch(struct sync_exchange *exchange, unsigned tag, const redisReply *reply, int64_t server_ms);

/* "INSTANCE SEEN_MS EVERY_MS RATE FROM" of a node. */
struct node_text {
    struct tq__span instance, from;
    int64_t seen_ms, every_ms, rate;
};
bool reply_node(struct tq__span text, struct node_text *node);

/* Nodes, names and texts in turn. */
int reply_peers(struct sync_exchange *exchange, const redisReply *reply);

/* Says who has the name. */
void reply_refused(struct sync_exchange *exchange, struct tq__span from, int64_t ago_ms);

/* Adds a word, unless it is the node's own, from the future, or no word. Fields are texts of a kept reply
 * with a NUL behind each. */
int reply_word(struct sync_exchange *exchange, struct sync_word word);

/* All entries of a window: node and text in turn, with the script's sums between them. */
int reply_entries(struct sync_item *item, const redisReply *reply);

#endif
