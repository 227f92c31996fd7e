/* guard.h: which requests reach a handler: well-formed ones, for this host, of somebody who may.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SERVE_GUARD_H
#define TOKENQUOTA_SERVE_GUARD_H

#include "engine.h"

/* What the header says of the request, read in one pass. */
struct guarded {
    const char *host, *origin, *authorization, *length;
    size_t hosts, lengths;
    bool is_odd;   /* a field has a character that none may have */
    bool has_more; /* Transfer-Encoding, Trailer, or Expect of something else than 100-continue */
};

#define GUARD_FINE 0
#define GUARD_REFUSED 1 /* the answer says so */
#define GUARD_CLOSE 2   /* the answer says so, and where the next request begins is unknown */

/* Reads the header: is it one that everybody reads alike? *body_len is what Content-Length says. */
int guard_form(const struct connection *connection, struct guarded *guarded,
               const struct http_request *request, struct http_answer *answer, size_t *body_len);

/* May this client ask for what needs this right? */
int guard_right(const struct connection *connection, const struct guarded *guarded, enum http_right right,
                const struct http_request *request, struct http_answer *answer);

/* Puts onto the answer what each has: what a browser must not do with it. */
void guard_headers(struct MHD_Response *response, const struct http_answer *answer);

/* Does --cors-limits open this path to pages of other hosts? */
bool guard_is_open(const struct server *server, const char *path);

#endif
