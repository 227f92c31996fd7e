/* route.c: chooses the server that is home, follows a cluster's redirections, and waits longer after each
 * failure.
 *
 * SPDX-License-Identifier: MIT
 */
#include "route.h"

#include <stdlib.h>
#include <string.h>

#include "base/list.h"

#define BACK_OFF_LEAST_NS (50 * INT64_C(1000000))
#define BACK_OFF_MOST_NS INT64_C(1000000000)

uint64_t route_random(struct sync_redis *redis)
{
    redis->random += UINT64_C(0x9e3779b97f4a7c15);
    return tq__mix(redis->random, redis->random >> 7) >> 11;
}

int route_link(struct sync_redis *redis, const struct place *place)
{
    size_t at = HOME + 1;

    for (size_t i = HOME + 1; i < redis->count; i++)
        if (place_equals(&redis->links[i].place, place))
            return (int)i;
    /* The place of one that no tag has any more, and that failed. */
    while (at < redis->count &&
           (redis->links[at].state != LINK_CLOSED || memchr(redis->tag_link, (int)at, redis->tags) != NULL))
        at++;
    if (at == LINKS_MOST)
        return -1;
    if (at == redis->count)
        redis->count++;
    link_free(&redis->links[at]);
    redis->links[at] =
        (struct link){.fd = -1, .place = *place, .address = &redis->address, .trust = redis->trust};
    return (int)at;
}

bool route_open(struct sync_redis *redis, int number, int64_t now_ns)
{
    struct link *link = &redis->links[number];

    while (link->state == LINK_CLOSED && now_ns >= link->next_ns) {
        if (number == HOME && !redis->follows)
            link->place = redis->address.places[redis->at];
        link->serial = ++redis->serial;
        if (!link_open(link, now_ns))
            route_failed(redis, number, now_ns);
    }
    return link->state != LINK_CLOSED;
}

/* The next place of the list; after the last one there is a pause, which doubles, with a random part so that
 * a thousand nodes do not come back at once. */
void route_failed(struct sync_redis *redis, int number, int64_t now_ns)
{
    struct link *link = &redis->links[number];
    int64_t pause_ns = BACK_OFF_LEAST_NS << (link->failures < 10 ? link->failures : 10);

    for (unsigned tag = 0; tag < redis->tags; tag++)
        if (redis->tag_link[tag] == number)
            redis->tag_link[tag] = HOME;
    if (number == HOME) {
        redis->follows = false;
        redis->at = (redis->at + 1) % redis->address.count;
        if (++redis->tried < redis->address.count) {
            link->next_ns = now_ns;
            return;
        }
        redis->tried = 0;
    }
    if (pause_ns > BACK_OFF_MOST_NS)
        pause_ns = BACK_OFF_MOST_NS;
    link->next_ns = now_ns;
    if (link->failures++ > 0)
        link->next_ns += pause_ns / 2 + (int64_t)(route_random(redis) % (uint64_t)pause_ns);
}

bool route_greeted(struct sync_redis *redis, int number, int64_t now_ns)
{
    struct link *link = &redis->links[number];
    char name[ADDRESS_NAME_BYTES];

    if (link->is_replica && number == HOME) {
        struct place master = link->master;
        bool is_last = redis->tried + 1 >= redis->address.count;

        place_name(name, &link->place);
        link_fail(link, TROUBLE_READONLY, 0,
                  "%.90s is a replica; name its master in --to, or all of them (redis://a,b,c)", name);
        if (is_last && master.host[0] != '\0' && !redis->follows) {
            /* None of the list is a master, so the one that a replica names is tried. */
            link->place = master;
            redis->follows = true;
            link->next_ns = now_ns;
        } else {
            route_failed(redis, number, now_ns);
        }
        return false;
    }
    link->failures = 0;
    if (number == HOME)
        redis->tried = 0;
    redis->connects++;
    return true;
}
