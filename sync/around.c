/* around.c: what an answer says of what is around the node: the server's clock, its tags, the other nodes.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "sync/node.h"

#define OFFSET_SLACK_MS 2 /* an offset that changed by less is what the network does */

/* The network's delay makes an offset differ a little each time; one that jumps with it would
 * make instants of words differ, too. */
void sync_take_clock(struct sync_node *node, const struct sync_exchange *exchange)
{
    int64_t half_ns = exchange->round_trip_ns / 2;
    int64_t offset_ms = exchange->server_ms - (exchange->answered_ns - half_ns) / TQ__MS_NS;
    int64_t slack_ms = OFFSET_SLACK_MS + half_ns / TQ__MS_NS;

    node->round_trip_ns = exchange->round_trip_ns;
    node->round_trip_ms = exchange->round_trip_ns / TQ__MS_NS + 1;
    if (offset_ms - node->offset_ms > slack_ms || node->offset_ms - offset_ms > slack_ms)
        node->offset_ms = offset_ms;
}

/* Among peers that are sorted. */
static const struct sync_peer *peer_of(const struct sync_peer *peers, size_t count, const char *name)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(peers[middle].name, name);

        if (order == 0)
            return &peers[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Who comes back after a silence has counted in buckets that were asked for before. */
static bool somebody_came_back(const struct sync_node *node, const struct sync_exchange *exchange)
{
    for (size_t i = 0; i < exchange->peer_count; i++) {
        const struct sync_peer *now = &exchange->peers[i];
        const struct sync_peer *before = peer_of(node->peers, node->peer_count, now->name);

        if (!before || now->seen_ms - before->seen_ms > sync_notice_ms(now->every_ms))
            return true;
    }
    return false;
}

/* At once, and again after 1, 3, 7 ... rounds: others may notice it later, and tell again only then. */
static void catch_up(struct sync_node *node)
{
    node->caught_up = 0;
    node->wants_another = true;
}

/* A server that came back empty does not know who else there is, until they tell it again; nothing else takes
 * a node off so soon. Others may write any number of names: no more are kept than are heard. */
static size_t keep_unlisted(const struct sync_node *node, int64_t server_ms, struct sync_peer *peers,
                            size_t count)
{
    size_t listed = count;

    for (size_t i = 0; i < node->peer_count && count < SYNC_NODES_MOST; i++)
        if (server_ms - node->peers[i].seen_ms <= SYNC_KEEP_MS &&
            !peer_of(peers, listed, node->peers[i].name))
            peers[count++] = node->peers[i];
    return count;
}

int sync_take_peers(struct sync_node *node, struct sync_exchange *exchange)
{
    struct sync_peer *peers;
    size_t count = exchange->peer_count;

    if (count == 0)
        return 0;
    if (somebody_came_back(node, exchange))
        catch_up(node);
    peers = malloc((count + node->peer_count) * sizeof *peers);
    if (!peers)
        return TQ_ENOMEM;
    memcpy(peers, exchange->peers, count * sizeof *peers);
    sync_peers_sort(peers, count);
    count = keep_unlisted(node, exchange->server_ms, peers, count);
    sync_peers_sort(peers, count);
    free(node->peers);
    node->peers = peers;
    node->peer_count = count;
    node->machines = sync_peers_heard(node->peers, node->peer_count, node->options.name, exchange->server_ms,
                                      &node->silent);
    return 0;
}

/* The server may lack what it acknowledged. */
static void say_again(struct sync_node *node, unsigned tag)
{
    sync_words_say_again(node, tag);
    for (size_t i = 0; i < node->provider_count; i++)
        for (size_t k = 0; node->providers[i].tag == tag && k < node->providers[i].window_count; k++)
            sync_window_say_again(node->providers[i].windows[k]);
    catch_up(node);
}

/* Another epoch: the server lost all that it had of the tag. */
void sync_take_tags(struct sync_node *node, const struct sync_exchange *exchange)
{
    for (unsigned tag = 0; tag < node->options.tags; tag++) {
        if (exchange->epoch[tag] == 0)
            continue;
        if (node->epoch[tag] != 0 && node->epoch[tag] != exchange->epoch[tag]) {
            node->epochs_lost++;
            say_again(node, tag);
        } else if ((node->connects != 0 && node->connects != exchange->connects) ||
                   exchange->version[tag] < node->version[tag]) {
            say_again(node, tag);
        }
        node->epoch[tag] = exchange->epoch[tag];
        node->epoch_at_ms[tag] = exchange->server_ms - exchange->epoch_age_ms[tag];
        node->version[tag] = exchange->version[tag];
    }
    node->connects = exchange->connects;
}
