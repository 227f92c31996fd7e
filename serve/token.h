/* token.h: the secrets that let a caller read, or read and write.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SERVE_TOKEN_H
#define TOKENQUOTA_SERVE_TOKEN_H

#include <stdbool.h>

#include "http.h"
#include "serve.h"

/* Reads the files that the options name, *tokens is NULL when they name none. 0; negative, said. */
int tokens_read(struct tokens **tokens, const struct server *server);
void tokens_free(struct tokens *tokens);

/* What the bearer of "Bearer TOKEN", the value of Authorization, may do; HTTP_ANYONE when it is no token of
 * ours. The time that it takes says nothing of how much of a token was right. */
enum http_right tokens_right(const struct tokens *tokens, const char *authorization);

#endif
