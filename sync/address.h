/* address.h: where the server is, as people write it, and who may log in.
 *
 * SPDX-License-Identifier: MIT
 *
 *     redis://[user[:password]@]host[:port][,host[:port]...][/db]
 *     rediss://...     the same over TLS
 *     unix:///path[,/path...]
 *     valkey://, valkeys://     as redis:// and rediss://
 *
 * A host may be an IPv6 address in brackets. In user and password %XX stands for a byte.
 */
#ifndef TOKENQUOTA_SYNC_ADDRESS_H
#define TOKENQUOTA_SYNC_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#define ADDRESS_HOST_MOST 255
#define ADDRESS_PLACES_MOST 16
#define ADDRESS_SECRET_MOST 512
#define ADDRESS_NAME_BYTES (ADDRESS_HOST_MOST + 32)

struct tq_error;

/* One server. */
struct place {
    char host[ADDRESS_HOST_MOST + 1]; /* of a Unix socket: its path */
    int port;                         /* 0: a Unix socket */
};

struct address {
    struct place places[ADDRESS_PLACES_MOST];
    size_t count;
    bool is_tls;
    int db;
    char user[ADDRESS_SECRET_MOST + 1]; /* "": the server's default one */
    char password[ADDRESS_SECRET_MOST + 1];
    bool has_password;
};

/* Reads it. 0; TQ_EINVAL with a sentence that does not repeat the password. */
int address_read(struct address *address, const char *text, struct tq_error *error);

/* Reads "user:password" or "password" from the first line of a file, which others may not read. 0; TQ_EINVAL,
 * TQ_EDENIED, TQ_ESYS. */
int address_read_auth(struct address *address, const char *path, struct tq_error *error);

/* Reads host:port, as a cluster's redirection says it. An empty host is that of `asked`. */
bool place_read(struct place *place, const char *text, size_t len, const struct place *asked);

bool place_equals(const struct place *a, const struct place *b);

/* "host:port" or the path, safe to print. */
void place_name(char out[ADDRESS_NAME_BYTES], const struct place *place);

/* Leaves no password in memory. */
void address_clear(struct address *address);

#endif
