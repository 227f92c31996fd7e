/* redis.c: sends commands to the servers of their tags, and waits for all of them together.
 *
 * SPDX-License-Identifier: MIT
 */
#include "redis.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tokenquota.h>

#include "route.h"
#include "script.h"

/* How often a job is sent in one flush: after redirections, lost connections and failover. */
#define AGAIN_MOST 6

/* ---- jobs ------------------------------------------------------------------------------------ */

static void drop_replies(struct sync_job *job)
{
    for (size_t i = 0; i < job->answered; i++)
        hiredis.freeReplyObject(job->replies[i]);
    job->answered = 0;
}

void job_free(struct sync_job *job)
{
    drop_replies(job);
    free(job->replies);
    job->replies = NULL;
    request_free(&job->request);
}

static void job_fail(struct sync_job *job, int sys, const char *why)
{
    snprintf(job->why, sizeof job->why, "%s", why);
    job->failed_errno = sys;
    job->state = JOB_FAILED;
}

/* The job is to be sent again, or has been so often enough. */
static void job_again(struct sync_job *job, const char *why)
{
    drop_replies(job);
    job->state = JOB_WAITS;
    if (job->again >= AGAIN_MOST)
        job_fail(job, 0, why);
}

static bool job_send(struct sync_job *job, struct link *link, int number, int64_t now_ns)
{
    static const char asking[] = "*1\r\n$6\r\nASKING\r\n"; /* before each of its commands */
    const struct request *request = &job->request;
    bool is_sent = true;

    job->again++;
    job->link = number;
    job->serial = link->serial;
    job->sent_ns = now_ns;
    job->state = JOB_SENT;
    if (!job->asks)
        return link_send(link, request->bytes, request->len, request->count, job, now_ns);
    for (size_t i = 0; i < request->count && is_sent; i++) {
        size_t begin = request->begins[i],
               end = i + 1 < request->count ? request->begins[i + 1] : request->len;

        is_sent = link_send(link, asking, sizeof asking - 1, 1, NULL, now_ns) &&
                  link_send(link, request->bytes + begin, end - begin, 1, job, now_ns);
    }
    job->asks = false;
    return is_sent;
}

/* The link is closed: what was sent by it is sent again. */
static void link_lost(struct sync_redis *redis, struct sync_job *jobs, size_t count, int number,
                      int64_t now_ns)
{
    route_failed(redis, number, now_ns);
    for (size_t i = 0; i < count; i++)
        if (jobs[i].state == JOB_SENT && jobs[i].link == number)
            job_again(&jobs[i], redis->links[number].why);
}

/* "MOVED 3999 10.0.0.1:6381" and "ASK ...". */
static bool redirect(struct sync_redis *redis, struct sync_job *job, const char *said, bool asks)
{
    const char *to = strrchr(said, ' ');
    struct place place;
    int link;

    if (!to || !place_read(&place, to + 1, strlen(to + 1), &redis->links[job->link].place))
        return false;
    link = place_equals(&place, &redis->links[HOME].place) ? HOME : route_link(redis, &place);
    if (link < 0)
        return false;
    if (!asks)
        redis->tag_link[job->tag] = (uint8_t)link;
    job->asks = asks;
    job->link = link;
    return true;
}

/* The server forgot the script, or never had it, or refuses EVALSHA: in the same flush it gets all of it. */
static void give_script(struct sync_job *job, const char *why)
{
    job->by_hash = false;
    request_give_script(&job->request, script_lua, script_lua_len);
    job_again(job, why);
    if (job->request.failed)
        job_fail(job, ENOMEM, "no memory");
}

/* All its commands are answered: the first error decides. An error of a type, or that there is no script, is
 * for the caller. */
static void job_judge(struct sync_redis *redis, struct sync_job *job, struct sync_job *jobs, size_t count,
                      int64_t now_ns)
{
    int link = job->link;

    job->state = JOB_DONE;
    job->round_trip_ns = now_ns - job->sent_ns;
    for (size_t i = 0; i < job->answered; i++) {
        const redisReply *reply = job->replies[i];
        char name[ADDRESS_NAME_BYTES], line[TROUBLE_BYTES];
        enum trouble trouble;

        if (reply->type != REDIS_REPLY_ERROR)
            continue;
        trouble = trouble_of(reply->str);
        place_name(name, &redis->links[link].place);
        trouble_line(line, trouble, name, reply->str);
        if (trouble == TROUBLE_NO_SCRIPT && job->by_hash) {
            give_script(job, line);
            return;
        }
        if (trouble == TROUBLE_TYPE || trouble == TROUBLE_NO_SCRIPT)
            continue;
        if ((trouble == TROUBLE_MOVED || trouble == TROUBLE_ASK) &&
            redirect(redis, job, reply->str, trouble == TROUBLE_ASK)) {
            job_again(job, line);
        } else if (trouble_moves_on(trouble) && link == HOME && redis->address.count > 1 &&
                   job->again < AGAIN_MOST) {
            link_fail(&redis->links[HOME], trouble, 0, "%s", line);
            job->state = JOB_SENT; /* for link_lost */
            link_lost(redis, jobs, count, HOME, now_ns);
        } else {
            job_fail(job, 0, line);
        }
        return;
    }
}

/* Takes the answers that are there. */
static void take_answers(struct sync_redis *redis, struct sync_job *jobs, size_t count, int number,
                         int64_t now_ns)
{
    struct link *link = &redis->links[number];
    enum link_state before = link->state;
    struct sync_job *job;
    redisReply *reply;
    int answer;

    while ((answer = link_answer(link, &reply, &job)) > 0) {
        if (before == LINK_GREETING && link->state == LINK_READY && !route_greeted(redis, number, now_ns))
            return;
        before = link->state;
        if (!job) {
            if (reply)
                hiredis.freeReplyObject(reply);
            continue;
        }
        job->replies[job->answered++] = reply;
        if (job->answered == job->request.count)
            job_judge(redis, job, jobs, count, now_ns);
        if (link->state == LINK_CLOSED)
            return;
    }
    if (answer < 0)
        link_lost(redis, jobs, count, number, now_ns);
}

/* A job that waits goes out as soon as its link is ready and owes nothing from an earlier flush. */
static void send_waiting(struct sync_redis *redis, struct sync_job *jobs, size_t count, int64_t now_ns)
{
    bool owed[LINKS_MOST];

    for (size_t i = 0; i < LINKS_MOST; i++) {
        const struct link *link = &redis->links[i];

        owed[i] = link_owes(link) && !link->owners[link->owner_first];
    }
    for (size_t i = 0; i < count; i++) {
        struct sync_job *job = &jobs[i];
        int number = job->asks ? job->link : redis->tag_link[job->tag];
        struct link *link = &redis->links[number];

        if (job->state != JOB_WAITS)
            continue;
        job->link = number;
        if (!route_open(redis, number, now_ns)) {
            redis->tag_link[job->tag] = HOME; /* which says where it is by now */
            job_fail(job, link->failed_errno, link->why);
        } else if (link->state == LINK_READY && !owed[number] && !job_send(job, link, number, now_ns)) {
            link_lost(redis, jobs, count, number, now_ns);
        }
    }
}

/* Waits for the links until something happens or the deadline. */
static void wait_links(struct sync_redis *redis, struct sync_job *jobs, size_t count, int64_t deadline_ns)
{
    struct pollfd polled[LINKS_MOST];
    int64_t now_ns = sync_now_ns(), left_ns = deadline_ns - now_ns;
    int numbers[LINKS_MOST];
    nfds_t polls = 0;

    for (size_t i = 0; i < redis->count; i++) {
        if (redis->links[i].state == LINK_CLOSED)
            continue;
        numbers[polls] = (int)i;
        polled[polls++] = (struct pollfd){.fd = redis->links[i].fd, .events = link_events(&redis->links[i])};
    }
    if (left_ns > 50000000 || polls == 0)
        left_ns = 50000000; /* patience is looked at, too */
    if (poll(polled, polls, left_ns > 0 ? (int)((left_ns + 999999) / 1000000) : 0) < 0)
        return;
    now_ns = sync_now_ns();
    for (nfds_t i = 0; i < polls; i++) {
        struct link *link = &redis->links[numbers[i]];

        if (link->state == LINK_CLOSED)
            continue;
        if (!link_step(link, polled[i].revents, now_ns))
            link_lost(redis, jobs, count, numbers[i], now_ns);
        else if (polled[i].revents != 0)
            take_answers(redis, jobs, count, numbers[i], now_ns);
    }
}

static bool has_open(const struct sync_job *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (jobs[i].state < JOB_DONE)
            return true;
    return false;
}

/* The deadline has come: what was not answered failed, and nobody waits for it. */
static void end_jobs(struct sync_redis *redis, struct sync_job *jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct link *link = &redis->links[jobs[i].link < 0 ? HOME : jobs[i].link];
        char name[ADDRESS_NAME_BYTES], line[TROUBLE_BYTES];

        if (jobs[i].state >= JOB_DONE)
            continue;
        place_name(name, &link->place);
        if (link->state == LINK_CLOSED)
            snprintf(line, sizeof line, "%s", link->why);
        else
            snprintf(line, sizeof line, "%.90s %s in time; %s", name,
                     link->state == LINK_CONNECTING ? "was not reached" : "did not answer",
                     link_silence(link));
        job_fail(&jobs[i], ETIMEDOUT, line);
    }
    for (size_t i = 0; i < redis->count; i++)
        link_abandon(&redis->links[i]);
}

size_t sync_redis_run(struct sync_redis *redis, struct sync_job *jobs, size_t count, int64_t deadline_ns,
                      struct tq_error *error)
{
    size_t done = 0;

    for (size_t i = 0; i < redis->count; i++)
        redis->links[i].taken = 0;
    for (size_t i = 0; i < count; i++) {
        jobs[i].link = -1;
        jobs[i].replies = calloc(jobs[i].request.count, sizeof(redisReply *));
        if (!jobs[i].replies || jobs[i].request.failed)
            job_fail(&jobs[i], ENOMEM, "no memory");
    }
    for (int64_t now_ns = sync_now_ns();; now_ns = sync_now_ns()) {
        send_waiting(redis, jobs, count, now_ns);
        if (!has_open(jobs, count) || now_ns >= deadline_ns)
            break;
        wait_links(redis, jobs, count, deadline_ns);
    }
    end_jobs(redis, jobs, count);
    for (size_t i = count; i-- > 0;) {
        done += jobs[i].state == JOB_DONE;
        if (jobs[i].state == JOB_FAILED)
            trouble_say(error, TQ_ESYS, jobs[i].failed_errno, "%s", jobs[i].why);
    }
    return done;
}
