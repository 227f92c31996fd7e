/* conflicts.c: finds what is wrong although the server answers: a machine with another number of tags, or
 * somebody else's key.
 *
 * SPDX-License-Identifier: MIT
 *
 * Machines with different numbers of tags look for some providers in different places. Each says its number
 * with its name (keys.h), and one that comes to others of another number is refused. Two that come at one
 * instant do not see each other in time: both say so, and go on.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sync/keys.h"
#include "sync/node.h"
#include "sync/redis.h"

#define SEEN_MS INT64_C(60000) /* a node that was seen so short a time ago may still exchange */

int sync_tags_compare(const struct sync_node *node, const struct sync_exchange *exchange,
                      struct tq_error *error)
{
    for (size_t i = 0; i < exchange->peer_count; i++) {
        const struct sync_peer *peer = &exchange->peers[i];

        if (peer->tags != node->options.tags && strcmp(peer->name, node->options.name) != 0 &&
            exchange->server_ms - peer->seen_ms < SEEN_MS)
            return trouble_say(error, TQ_EDENIED, 0,
                               "%s exchanges with --tags %" PRIu32 ", this machine with %u: give all "
                               "machines the same number, or another database of the server",
                               peer->name, peer->tags, node->options.tags);
    }
    return 0;
}

int sync_tags_check(struct sync_node *node, struct sync_redis *redis, int64_t deadline_ns,
                    struct tq_error *error)
{
    struct sync_exchange exchange = {
        .node = node->options.name, .instance = node->options.instance, .before = node->options.before};
    int answer = 0;

    if (node->knows_tags)
        return 0;
    /* If the server does not answer, the flush that follows says why. */
    if (sync_exchange_peers(redis, &exchange, deadline_ns, NULL) == 0) {
        answer = sync_tags_compare(node, &exchange, error);
        node->knows_tags = answer == 0;
    }
    sync_exchange_clear(&exchange);
    return answer;
}

void sync_trouble_note(struct sync_node *node, struct sync_redis *redis, const struct sync_exchange *exchange)
{
    struct tq_error error = {.size = sizeof error};
    const struct sync_item *blocked = NULL;
    char key[KEY_BYTES];

    node->blocked = 0;
    for (size_t i = exchange->item_count; i-- > 0;)
        if (exchange->items[i].is_blocked) {
            blocked = &exchange->items[i];
            node->blocked++;
        }
    (void)sync_tags_compare(node, exchange, &error);
    if (blocked) {
        key_of_window(key, sync_tag_of(blocked->provider, node->options.tags), blocked);
        trouble_say(&error, TQ_ESYS, 0,
                    "%.60s has somebody else's key in place of a window, which is not exchanged; "
                    "delete it: %.110s",
                    sync_redis_name(redis), key);
    }
    snprintf(node->trouble, sizeof node->trouble, "%s", error.msg);
}
