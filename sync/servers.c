/* servers.c: the servers behind one address are opened, closed and named, and what is known of them is told.
 *
 * SPDX-License-Identifier: MIT
 */
#include "server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <tokenquota.h>

#include "redis.h"
#include "route.h"
#include "tls.h"

int64_t sync_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- opening --------------------------------------------------------------------------------- */

int sync_redis_open(struct sync_redis **redis, const struct sync_redis_options *options,
                    struct tq_error *error)
{
    struct sync_redis *made = calloc(1, sizeof *made);
    const char *why;
    int answer;

    *redis = NULL;
    if (!made)
        return trouble_say(error, TQ_ENOMEM, ENOMEM, "no memory");
    made->tags = options->tags ? options->tags : SYNC_TAGS;
    if (made->tags > SYNC_TAGS_MOST)
        answer = trouble_say(error, TQ_EINVAL, 0, "tags are 1 to %d", SYNC_TAGS_MOST);
    else
        answer = address_read(&made->address, options->to, error);
    if (answer == 0 && options->auth_file)
        answer = address_read_auth(&made->address, options->auth_file, error);
    if (answer == 0 && (why = hiredis_load()))
        answer = trouble_say(error, TQ_ESYS, 0, "%s", why);
    if (answer == 0 && made->address.is_tls)
        answer = tls_trust(&made->trust, options->ca_file, error);
    if (answer == 0 && getrandom(&made->random, sizeof made->random, 0) != sizeof made->random)
        made->random = (uint64_t)sync_now_ns();
    made->count = 1;
    for (size_t i = 0; i < LINKS_MOST; i++)
        made->links[i].fd = -1;
    made->links[HOME].address = &made->address;
    made->links[HOME].place = made->address.places[0];
    made->links[HOME].trust = made->trust;
    if (answer < 0)
        sync_redis_close(made);
    else
        *redis = made;
    return answer;
}

void sync_redis_close(struct sync_redis *redis)
{
    if (!redis)
        return;
    for (size_t i = 0; i < redis->count; i++)
        link_free(&redis->links[i]);
    tls_trust_free(redis->trust);
    address_clear(&redis->address);
    free(redis);
}

unsigned sync_redis_tags(const struct sync_redis *redis)
{
    return redis->tags;
}

const char *sync_redis_name(struct sync_redis *redis)
{
    place_name(redis->name, &redis->links[HOME].place);
    return redis->name;
}

uint64_t sync_redis_random(struct sync_redis *redis)
{
    return route_random(redis);
}

uint64_t sync_redis_connects(const struct sync_redis *redis)
{
    return redis->connects;
}

bool sync_redis_lacks_script(const struct sync_redis *redis)
{
    return redis->lacks_script != 0 && redis->lacks_script == redis->connects;
}

void sync_redis_set_lacks_script(struct sync_redis *redis)
{
    redis->lacks_script = redis->connects;
    memset(redis->tag_mark, 0, sizeof redis->tag_mark); /* the fallback leaves none, and writes entries */
}

uint64_t sync_redis_mark(const struct sync_redis *redis, unsigned tag)
{
    return redis->tag_mark[tag];
}

void sync_redis_set_mark(struct sync_redis *redis, unsigned tag, uint64_t mark)
{
    redis->tag_mark[tag] = mark;
}

bool sync_redis_is_new(struct sync_redis *redis, const struct sync_job *job)
{
    bool is_new = redis->tag_serial[job->tag] != job->serial;

    redis->tag_serial[job->tag] = job->serial;
    return is_new;
}
