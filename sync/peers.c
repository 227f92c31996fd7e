/* peers.c: who exchanges through a server, asked without a trace: for a dry run.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <tokenquota.h>

#include "sync/keys.h"
#include "sync/redis.h"
#include "sync/reply.h"

#define NAME_KEPT_MS INT64_C(60000) /* script.lua: how long a name is its node's after it was seen */

/* Has another run than this one, or the one before on this ledger, the name? */
static void look_for_name(struct sync_exchange *exchange, const redisReply *nodes)
{
    for (size_t i = 0; i + 1 < nodes->elements; i += 2) {
        struct tq__span name = reply_text(nodes->element[i]);
        struct node_text node;

        if (!tq__span_equals(name, exchange->node) || !reply_node(reply_text(nodes->element[i + 1]), &node) ||
            tq__span_equals(node.instance, exchange->instance) ||
            tq__span_equals(node.instance, exchange->before) ||
            exchange->server_ms - node.seen_ms > NAME_KEPT_MS)
            continue;
        reply_refused(exchange, node.from, exchange->server_ms - node.seen_ms);
        exchange->is_refused = true;
    }
}

static int take(struct sync_exchange *exchange, struct sync_job *jobs)
{
    const redisReply *time = jobs[0].replies[0], *nodes = jobs[1].replies[0];
    struct timespec now;

    if (time->type != REDIS_REPLY_ARRAY || time->elements != 2 || nodes->type != REDIS_REPLY_ARRAY ||
        !reply_time(time->element[0], time->element[1], &exchange->server_ms))
        return TQ_EFORMAT;
    clock_gettime(CLOCK_REALTIME, &now);
    exchange->round_trip_ns = jobs[0].round_trip_ns;
    exchange->answered_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    look_for_name(exchange, nodes);
    return reply_peers(exchange, nodes);
}

int sync_exchange_peers(struct sync_redis *redis, struct sync_exchange *exchange, int64_t deadline_ns,
                        struct tq_error *error)
{
    struct sync_job jobs[2] = {{.tag = 0}, {.tag = 0}};
    char key[KEY_BYTES];
    int answer = TQ_ESYS;

    key_of_tag(key, 0, 'n');
    REQUEST_COMMAND(&jobs[0].request, "TIME");
    REQUEST_COMMAND(&jobs[1].request, "HGETALL", key);
    if (sync_redis_run(redis, jobs, 2, deadline_ns, error) == 2)
        answer = take(exchange, jobs);
    if (answer == TQ_EFORMAT)
        answer = trouble_say(
            error, TQ_ESYS, 0, "%.90s does not say who exchanges through it: %.100s", sync_redis_name(redis),
            jobs[1].replies[0]->type == REDIS_REPLY_ERROR ? jobs[1].replies[0]->str : "no list");
    for (size_t i = 0; i < 2; i++)
        job_free(&jobs[i]);
    return answer;
}
