/* link.c: carries bytes to a server and its answers back, and closes what went wrong.
 *
 * SPDX-License-Identifier: MIT
 *
 * No signal comes from a server that went away: SIGPIPE is blocked around each write (of TLS around each
 * read, too, which may write), and one that was made is taken out.
 */
#include "link.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <tokenquota.h>

#include "base/list.h"
#include "tls.h"

void link_close(struct link *link)
{
    if (link->context)
        hiredis.redisFree(link->context); /* closes fd */
    else if (link->fd >= 0)
        close(link->fd);
    if (link->found)
        freeaddrinfo(link->found);
    link->context = NULL;
    link->session = NULL;
    link->found = link->next = NULL;
    link->fd = -1;
    link->owner_first = link->owner_count = 0;
    link->wants_write = link->wants_read = false;
    link->taken = 0;
    link->state = LINK_CLOSED;
}

void link_free(struct link *link)
{
    link_close(link);
    free(link->owners);
    link->owners = NULL;
}

bool link_fail(struct link *link, enum trouble trouble, int sys, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(link->why, sizeof link->why, format, arguments);
    va_end(arguments);
    link->trouble = trouble;
    link->failed_errno = sys;
    link_close(link);
    return false;
}

void link_abandon(struct link *link)
{
    for (size_t i = 0; i < link->owner_count; i++)
        link->owners[link->owner_first + i] = NULL;
}

const char *link_name(const struct link *link, char out[ADDRESS_NAME_BYTES])
{
    place_name(out, &link->place);
    return out;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

/* hiredis and OpenSSL write without MSG_NOSIGNAL. A SIGPIPE that was there before stays. */
void link_quiet(struct link_signals *kept)
{
    sigset_t waiting;

    sigemptyset(&kept->pipe_alone);
    sigaddset(&kept->pipe_alone, SIGPIPE);
    sigpending(&waiting);
    kept->had = sigismember(&waiting, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &kept->pipe_alone, &kept->before);
}

void link_loud(const struct link_signals *kept)
{
    const struct timespec at_once = {0};
    int sys = errno;

    while (!kept->had && sigtimedwait(&kept->pipe_alone, NULL, &at_once) < 0 && errno == EINTR)
        ;
    pthread_sigmask(SIG_SETMASK, &kept->before, NULL);
    errno = sys;
}

/* The server answered nothing yet. */
static bool is_new(const struct link *link)
{
    return link->state < LINK_READY && link->greets == 0;
}

const char *link_silence(const struct link *link)
{
    return link->session && is_new(link) ? "does it speak TLS on that port?"
                                         : "is it stopped or busy, or the network slow or cut?";
}

static bool fail_by_context(struct link *link)
{
    char name[ADDRESS_NAME_BYTES], why[128], line[TROUBLE_BYTES];
    int sys = link->context->err == REDIS_ERR_IO ? errno : 0;

    if (link->session && tls_why(link->session, &link->place, is_new(link), line))
        return link_fail(link, TROUBLE_OTHER, sys, "%s", line);
    snprintf(why, sizeof why, "%.120s", link->context->errstr);
    if (link->context->err == REDIS_ERR_PROTOCOL)
        return link_fail(link, TROUBLE_OTHER, 0, "%.90s does not speak as Redis does (%.80s); is it one?",
                         link_name(link, name), why);
    return link_fail(link, TROUBLE_OTHER, sys, "lost the connection to %.90s: %.80s", link_name(link, name),
                     why);
}

static bool flush_bytes(struct link *link)
{
    struct link_signals kept;
    int is_done = 0, answer;

    if (link->session)
        tls_begin();
    link_quiet(&kept);
    answer = hiredis.redisBufferWrite(link->context, &is_done);
    link_loud(&kept);
    if (answer != REDIS_OK)
        return fail_by_context(link);
    link->wants_read = !is_done && link->session && tls_waits_to_read(link->session);
    link->wants_write = !is_done && !link->wants_read;
    return true;
}

static bool read_bytes(struct link *link)
{
    struct link_signals kept;
    int answer;

    if (!link->session)
        return hiredis.redisBufferRead(link->context) == REDIS_OK || fail_by_context(link);
    tls_begin();
    link_quiet(&kept);
    answer = hiredis.redisBufferRead(link->context);
    link_loud(&kept);
    if (answer != REDIS_OK)
        return fail_by_context(link);
    return !link->wants_read || flush_bytes(link);
}

bool link_send(struct link *link, const char *bytes, size_t len, size_t commands, struct sync_job *owner,
               int64_t now_ns)
{
    /* Room behind the last one; answers that were read leave theirs in front. */
    if (link->owner_first > 0) {
        memmove(link->owners, link->owners + link->owner_first, link->owner_count * sizeof *link->owners);
        link->owner_first = 0;
    }
    if (!link_owes(link))
        link->quiet_ns = now_ns;
    for (size_t i = 0; i < commands; i++) {
        struct sync_job **owners =
            tq__list_room(link->owners, link->owner_count, &link->owner_capacity, sizeof *owners);

        if (!owners)
            return link_fail(link, TROUBLE_OTHER, ENOMEM, "no memory");
        link->owners = owners;
        owners[link->owner_count++] = owner;
    }
    if (hiredis.redisAppendFormattedCommand(link->context, bytes, len) != REDIS_OK)
        return fail_by_context(link);
    /* By link_step, with what else is sent: a server is woken once. */
    link->wants_write = true;
    return true;
}

short link_events(const struct link *link)
{
    if (link->state == LINK_CONNECTING)
        return POLLOUT;
    return (short)(link->wants_write ? POLLIN | POLLOUT : POLLIN);
}

bool link_step(struct link *link, short events, int64_t now_ns)
{
    char name[ADDRESS_NAME_BYTES];

    if (events == 0) {
        if ((link_owes(link) || link->state == LINK_CONNECTING) && now_ns - link->quiet_ns > LINK_PATIENCE_NS)
            return link_fail(link, TROUBLE_OTHER, ETIMEDOUT, "%.90s did not answer for %d s; %s",
                             link_name(link, name), (int)((now_ns - link->quiet_ns) / 1000000000),
                             link_silence(link));
        return true;
    }
    if (link->state == LINK_CONNECTING)
        return link_connected(link, now_ns);
    if ((events & POLLOUT) && !flush_bytes(link))
        return false;
    if (events & (POLLIN | POLLHUP | POLLERR)) {
        size_t before = link->context->reader->len;

        if (!read_bytes(link))
            return false;
        link->quiet_ns = now_ns;
        if (link->context->reader->len > before)
            link->taken += link->context->reader->len - before;
        if (link->taken > LINK_ANSWER_MOST)
            return link_fail(link, TROUBLE_OTHER, 0,
                             "%.90s answers with more than %d MB at once; is it a server of tokenquota's?",
                             link_name(link, name), LINK_ANSWER_MOST >> 20);
    }
    return true;
}

int link_answer(struct link *link, redisReply **reply, struct sync_job **owner)
{
    void *found = NULL;

    *reply = NULL;
    if (link->state < LINK_GREETING)
        return 0;
    if (hiredis.redisGetReplyFromReader(link->context, &found) != REDIS_OK)
        return fail_by_context(link) ? 0 : -1;
    if (!found)
        return 0;
    if (link->owner_count == 0) { /* nothing was asked: an attacker, or no Redis at all */
        char name[ADDRESS_NAME_BYTES];

        hiredis.freeReplyObject(found);
        return link_fail(link, TROUBLE_OTHER, 0, "%.90s answers what nobody asked; is it a Redis?",
                         link_name(link, name))
                   ? 0
                   : -1;
    }
    *owner = link->owners[link->owner_first++];
    link->owner_count--;
    if (link->state == LINK_GREETING) {
        bool goes_on = link_greeted(link, found);

        hiredis.freeReplyObject(found);
        *owner = NULL;
        return goes_on ? 1 : -1;
    }
    *reply = found;
    return 1;
}
