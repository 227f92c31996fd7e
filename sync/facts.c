/* facts.c: what doctor wants to know of the server: version, role, memory, persistence, clock, and whether
 * scripts may run.
 *
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <tokenquota.h>

#include "merge.h"
#include "redis.h"
#include "reply.h"

/* The value of a line "name:value\r\n" of INFO. */
static struct tq__span info_value(struct tq__span info, const char *name)
{
    size_t len = strlen(name);

    while (info.len > 0) {
        struct tq__span line = tq__span_cut(&info, '\n');

        if (line.len > 0 && line.at[line.len - 1] == '\r')
            line.len--;
        if (line.len > len && line.at[len] == ':' && memcmp(line.at, name, len) == 0)
            return tq__span_behind(line, len + 1);
    }
    return (struct tq__span){NULL, 0};
}

static void copy_value(char *out, size_t capacity, struct tq__span info, const char *name)
{
    struct tq__span value = info_value(info, name);

    if (value.at)
        tq__text_make_safe(out, capacity, value, capacity - 1, TQ__SAFE_ASCII);
}

static int64_t number_value(struct tq__span info, const char *name, int64_t otherwise)
{
    int64_t number;

    return sync_number_read(info_value(info, name), INT64_MAX, &number) ? number : otherwise;
}

static void take_info(struct sync_server_facts *facts, struct tq__span info)
{
    bool is_valkey = info_value(info, "valkey_version").at != NULL;

    snprintf(facts->kind, sizeof facts->kind, "%s", is_valkey ? "valkey" : "redis");
    copy_value(facts->version, sizeof facts->version, info, is_valkey ? "valkey_version" : "redis_version");
    copy_value(facts->role, sizeof facts->role, info, "role");
    copy_value(facts->policy, sizeof facts->policy, info, "maxmemory_policy");
    facts->maxmemory = number_value(info, "maxmemory", -1);
    facts->used_memory = number_value(info, "used_memory", -1);
    facts->saves_log = number_value(info, "aof_enabled", 0) > 0;
    facts->saved_s = number_value(info, "rdb_last_save_time", 0);
    facts->is_cluster = number_value(info, "cluster_enabled", 0) > 0;
}

static void take_time(struct sync_server_facts *facts, const redisReply *reply, const struct sync_job *job)
{
    struct timespec now;
    int64_t ms;

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2 ||
        !reply_time(reply->element[0], reply->element[1], &ms))
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    facts->round_trip_ns = job->round_trip_ns;
    facts->offset_ns =
        ms * 1000000 - ((int64_t)now.tv_sec * 1000000000 + now.tv_nsec - job->round_trip_ns / 2);
}

int sync_server_facts(struct sync_redis *redis, struct sync_server_facts *facts, int64_t deadline_ns,
                      struct tq_error *error)
{
    struct sync_job jobs[3] = {{.tag = 0}, {.tag = 0}, {.tag = 0}};

    *facts = (struct sync_server_facts){.maxmemory = -1, .used_memory = -1};
    REQUEST_COMMAND(&jobs[0].request, "TIME");
    REQUEST_COMMAND(&jobs[1].request, "INFO");
    REQUEST_COMMAND(&jobs[2].request, "EVAL", "return redis.call('TTL', KEYS[1])", "1", "tq1:{00}:e");
    (void)sync_redis_run(redis, jobs, 3, deadline_ns, error);
    snprintf(facts->name, sizeof facts->name, "%.127s", sync_redis_name(redis));
    if (jobs[0].state == JOB_DONE)
        take_time(facts, jobs[0].replies[0], &jobs[0]);
    if (jobs[1].state == JOB_DONE)
        take_info(facts, reply_text(jobs[1].replies[0]));
    facts->allows_script = jobs[2].state == JOB_DONE && jobs[2].replies[0]->type == REDIS_REPLY_INTEGER;
    for (size_t i = 0; i < 3; i++)
        job_free(&jobs[i]);
    return jobs[0].state == JOB_DONE || jobs[1].state == JOB_DONE ? 0 : TQ_ESYS;
}
