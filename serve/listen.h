/* listen.h: the sockets that the daemon listens on: addresses, a Unix socket, and those that systemd hands
 * over.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SERVE_LISTEN_H
#define TOKENQUOTA_SERVE_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

#include "serve.h"

#define LISTENERS (SERVE_ADDRESSES * 2 + 2) /* a name may have two addresses */

struct listener {
    int fd;
    bool local;     /* a Unix socket */
    bool loopback;  /* that, or an address that other machines cannot reach */
    bool activated; /* handed over by systemd, which keeps the path of a Unix socket */
    char name[128]; /* http://127.0.0.1:8377, or the path */
};

struct listeners {
    struct listener items[LISTENERS];
    size_t count;
};

/* Opens all that the options ask for. 0; negative, said, and nothing is open. */
int listen_all(struct listeners *listeners, const struct server *server);

/* Closes them and removes the Unix socket that it made. */
void listen_close(struct listeners *listeners);

#endif
