/* request.h: commands as the server reads them (RESP arrays of texts), in bytes that grow.
 *
 * SPDX-License-Identifier: MIT
 *
 * Memory that runs out is remembered (`failed`), so that the caller looks once, at the end.
 */
#ifndef TOKENQUOTA_SYNC_REQUEST_H
#define TOKENQUOTA_SYNC_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct request {
    char *bytes;
    size_t len, capacity;
    size_t *begins; /* of each command, in bytes */
    size_t count, begins_capacity;
    bool failed;
};

/* Begins a command of so many texts, with its name. */
void request_begin(struct request *request, size_t texts);

/* Adds a text. */
void request_text(struct request *request, const char *text, size_t len);
void request_string(struct request *request, const char *text); /* NUL-terminated */
void request_number(struct request *request, int64_t number);

/* A command of NUL-terminated texts, the last one NULL. */
void request_command(struct request *request, const char *const *texts);
#define REQUEST_COMMAND(request, ...) request_command((request), (const char *const[]){__VA_ARGS__, NULL})

/* Of a request that is one command: EVALSHA with a hash becomes EVAL with the script. */
void request_give_script(struct request *request, const char *script, size_t len);

void request_free(struct request *request);

#endif
