/* records.h: the body of POST /v1/observe, read into records before any of them is counted.
 *
 * SPDX-License-Identifier: MIT
 *
 * A body is one object or an array of up to RECORDS_MOST. Its bytes stay where they are: names and ids point
 * into it.
 */
#ifndef TOKENQUOTA_SERVE_RECORDS_H
#define TOKENQUOTA_SERVE_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tokenquota.h>

#include "base/json.h"
#include "base/text.h"

#define RECORDS_MOST 10000

struct record {
    struct tq__span name, id;     /* as written, with their escapes; no id: at is NULL */
    struct tq_provider *provider; /* NULL: the ledger does not know it yet */
    int64_t at_ns;
    int64_t tokens;        /* to count when there is no usage */
    bool at_given;         /* else it is now */
    bool has_usage;        /* more is known than a number of tokens */
    struct tq_usage usage; /* undefined without has_usage */
};

struct records {
    struct record *items; /* &one, when the body is no array: most are not, and need no memory */
    struct record one;
    size_t count, capacity;
    size_t ids; /* so many have one */
    bool is_array;
    char why[256]; /* after a failure, a sentence that names the record */
};

#define RECORDS_NOT_JSON (-100) /* no code of the library has these numbers */
#define RECORDS_INVALID (-101)
#define RECORDS_TOO_MANY (-102)

/* Reads a body at an instant. 0, TQ_ENOMEM, or one of the above with records->why. Free them whatever the
 * answer, and do not move them. */
int records_read(struct records *records, struct tq__span body, int64_t now_ns);
void records_free(struct records *records);

/* Looks up the provider of each record. 0; RECORDS_INVALID with why, when a name can be none; or the
 * library's code. */
int records_resolve(struct records *records, struct tq_ledger *ledger);

#define RECORD_TEXT_BYTES 256 /* of a name or an id, with the NUL */

/* A name or an id with its escapes undone, NUL-terminated, in out, and its length. */
size_t record_text(struct tq__span text, char out[RECORD_TEXT_BYTES]);

/* Reads an instant of a body, RFC 3339 or a number since 1970. False: it is none. */
bool record_instant(const struct tq__json_item *item, int64_t *at_ns);

#endif
