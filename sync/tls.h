/* tls.h: TLS of a link: whose certificate is believed, and what is wrong with the one that came.
 *
 * SPDX-License-Identifier: MIT
 *
 * hiredis carries the bytes. It does not compare the server's name with its certificate (until 1.4), and says
 * of a handshake that fails no more than that. So the session is made here, by the OpenSSL that hiredis is
 * linked with.
 */
#ifndef TOKENQUOTA_SYNC_TLS_H
#define TOKENQUOTA_SYNC_TLS_H

#include <stdbool.h>

#include "address.h"
#include "hiredis.h"
#include "trouble.h"

struct ssl_ctx_st; /* SSL_CTX of OpenSSL */
struct ssl_st;     /* SSL: one connection's */
struct tq_error;

/* Whom links believe: those whose certificates a file has, or, for NULL, whom the system trusts. 0; TQ_EINVAL
 * with a line. */
int tls_trust(struct ssl_ctx_st **trust, const char *ca_file, struct tq_error *error);

/* Does nothing for NULL. */
void tls_trust_free(struct ssl_ctx_st *trust);

/* Begins TLS on a connection: the server must show a certificate of this host. false: *session is NULL, and
 * why says why, as tls_why does. */
bool tls_start(struct ssl_st **session, redisContext *context, struct ssl_ctx_st *trust, struct place *server,
               char why[TROUBLE_BYTES]);

/* Before each call that reads or writes: forgets what an earlier one left, which hiredis takes for this
 * one's. */
void tls_begin(void);

/* After a write: it goes on when something was read, and not before. */
bool tls_waits_to_read(const struct ssl_st *session);

/* What TLS says of a call that failed, as a line about the server. is_new: the server answered nothing yet.
 * false: TLS says nothing. */
bool tls_why(const struct ssl_st *session, const struct place *server, bool is_new, char why[TROUBLE_BYTES]);

#endif
