/* events.h: every change of a provider's state, by whatever process, as server-sent events.
 *
 * SPDX-License-Identifier: MIT
 *
 * One thread waits for changes and keeps the newest ones in a ring. A client reads from the ring as fast as
 * it can. Each event has an id, so that a client that was cut off goes on behind the last one it had
 * (Last-Event-ID). When the ring no longer has what comes next, `event: resync` says so, and the client asks
 * for the status anew. The engine drops a client that does not read. `event: usage`, at most two a second,
 * says that counts changed; it has no id, because it need not be caught up with.
 */
#ifndef TOKENQUOTA_SERVE_EVENTS_H
#define TOKENQUOTA_SERVE_EVENTS_H

struct server;

#define EVENTS_CLIENTS_MOST 256

/* Starts the thread. 0, or TQ_ENOMEM. */
int events_start(struct server *server);

/* Ends it, when no client reads any more. */
void events_stop(struct server *server);

#endif
