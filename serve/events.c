/* events.c: every change of a provider's state, by whatever process, as server-sent events: the clients.
 *
 * SPDX-License-Identifier: MIT
 */
#include "events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "hub.h"
#include "routes.h"
#include "serve.h"
#include "view/steady.h"

#define HEARTBEAT_NS (10 * TQ__SECOND_NS) /* the engine asks each 15 s */

struct client {
    struct hub *hub;
    uint64_t next;  /* the event that it gets next */
    uint64_t usage; /* the last word of usage that it got */
    int64_t wrote_at_ns;
    char *pending; /* what it gets now; NULL: nothing */
    size_t len, at;
};

/* What it gets next, allocated. NULL: nothing now; *lost: there is something, and no memory. */
static char *take_next(struct client *client, bool *lost)
{
    static const char heartbeat[] = ":\n\n";
    struct hub *hub = client->hub;
    char *text = NULL;
    bool any = true;

    pthread_mutex_lock(&hub->lock);
    if (client->next < hub->first) { /* it fell behind the ring */
        client->next = hub->next;
        text = hub_greeting(hub, client->next, true);
    } else if (client->next < hub->next) {
        text = strdup(hub->ring[client->next++ % HUB_EVENTS].text);
    } else if (client->usage != hub->usage_number) {
        client->usage = hub->usage_number;
        text = strdup(hub->usage);
    } else if (steady_ns() - client->wrote_at_ns >= HEARTBEAT_NS) {
        text = strdup(heartbeat);
    } else {
        any = false;
    }
    pthread_mutex_unlock(&hub->lock);
    *lost = any && !text;
    return text;
}

static ssize_t read_client(void *state, char *out, size_t capacity)
{
    struct client *client = state;
    size_t written = 0;
    bool lost = false;

    while (written < capacity) {
        size_t part;

        if (!client->pending && (client->pending = take_next(client, &lost)) == NULL)
            break;
        if (client->at == 0)
            client->len = strlen(client->pending);
        part = client->len - client->at < capacity - written ? client->len - client->at : capacity - written;
        memcpy(out + written, client->pending + client->at, part);
        client->at += part;
        written += part;
        if (client->at < client->len)
            break;
        free(client->pending);
        client->pending = NULL;
        client->at = 0;
    }
    if (written > 0)
        client->wrote_at_ns = steady_ns();
    return written == 0 && lost ? -1 : (ssize_t)written;
}

static void close_client(void *state)
{
    struct client *client = state;

    pthread_mutex_lock(&client->hub->lock);
    client->hub->clients--;
    pthread_mutex_unlock(&client->hub->lock);
    free(client->pending);
    free(client);
}

/* Reads "1f3a...-17" of this instance: the number behind it. False: nobody knows what came after it. */
static bool read_last(const struct hub *hub, const char *id, uint64_t *next)
{
    size_t len = strlen(hub->instance);
    int64_t number;

    if (strncmp(id, hub->instance, len) != 0 || id[len] != '-' ||
        tq__number_count(tq__span_of(id + len + 1), &number) != 0 || (uint64_t)number + 1 < hub->first ||
        (uint64_t)number >= hub->next)
        return false;
    *next = (uint64_t)number + 1;
    return true;
}

/* Where a client begins, and what it is told first: the id from which it may go on later, and whether it
 * missed something. False: too many listen, or there is no memory. */
static bool begin(struct hub *hub, struct client *client, const char *last_id)
{
    bool missed;

    pthread_mutex_lock(&hub->lock);
    client->next = hub->next;
    client->usage = hub->usage_number;
    missed = last_id && *last_id && !read_last(hub, last_id, &client->next);
    if (hub->clients < EVENTS_CLIENTS_MOST)
        client->pending = hub_greeting(hub, client->next, missed);
    hub->clients += client->pending != NULL;
    pthread_mutex_unlock(&hub->lock);
    return client->pending != NULL;
}

int events_answer(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    int begun = server->hub ? hub_begin(server->hub) : TQ_ENOTSUP; /* a test may have no thread */
    struct client *client = begun == 0 ? calloc(1, sizeof *client) : NULL;

    if (!client)
        return begun < 0 ? begun : TQ_ENOMEM;
    client->hub = server->hub;
    client->wrote_at_ns = steady_ns();
    if (!begin(client->hub, client, http_header(request, "Last-Event-ID"))) {
        free(client);
        http_field(answer, "Retry-After", "%d", 5);
        return http_problem(answer, 503, "too_many", "at most %d clients can listen to events",
                            EVENTS_CLIENTS_MOST);
    }
    answer->status = 200;
    answer->type = "text/event-stream";
    answer->stream = (struct http_stream){read_client, close_client, client};
    http_field(answer, "X-Accel-Buffering", "no"); /* or nginx keeps events back */
    return 0;
}

int events_start(struct server *server)
{
    server->hub = hub_start(server);
    return server->hub ? 0 : TQ_ENOMEM;
}

void events_stop(struct server *server)
{
    hub_stop(server->hub);
    server->hub = NULL;
}
