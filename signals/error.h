/* error.h: an error's members, words and message, wherever they stood.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_SIGNALS_ERROR_H
#define TQ_SIGNALS_ERROR_H

#include "errors.h"
#include "reading.h"

#define TQ__ERROR_WORDS_MAX 12
/* For texts with escapes; one that does not fit is read as it is written. */
#define TQ__ERROR_SCRATCH_BYTES 4096

/* The members of a document, or of the error in it, that may say something. */
struct tq__error_members {
    struct tq__json_item error, response, throttling, type, object, message, aws_type;
    struct tq__json_item code, status, details, metadata, resets_at, resets_in, errors, detail, msg, violated;
    struct tq__json_item choices, base_resp, status_code, headers, response_metadata, line;
};

/* What an error says, wherever it stood. */
struct tq__error {
    struct tq__error_members top; /* of the document */
    struct tq__error_members in;  /* of the error itself */
    bool is_top;                  /* which are one object */
    struct tq__span word[TQ__ERROR_WORDS_MAX];
    uint32_t words;
    struct tq__span message;
    struct tq__error_phrases phrases; /* in it */
    uint32_t code;                    /* a number of HTTP among its members; 0: none */
    char digits[TQ__NUMBER_BYTES];
    char scratch[TQ__ERROR_SCRATCH_BYTES];
    size_t scratch_used;
};

/* Finds the error in a document and reads its members; false when the document is none. Of *error it sets
 * only what it finds: the scratch is large. */
bool tq__error_find(struct tq__reading *reading, struct tq__span document, struct tq__error *error);

/* Takes words and message from the members. */
void tq__error_collect(struct tq__error *error);

#endif
