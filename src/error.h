/* error.h: telling a caller why a call failed.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_ERROR_H
#define TQ_ERROR_H

#include "layout.h"
#include "tokenquota.h"

/* Fills *error, if error is not NULL. The message is "text", or "PATH text", in one line. When it is too
 * long, the path loses its front, and the text nothing. */
TQ__COLD void tq__error_fill(struct tq_error *error, int code, int sys, const char *path, const char *text);

/* Fills *error and returns code. Not in error.c, so that an analyser knows what is returned. */
static inline int tq__fail(struct tq_error *error, int code, int sys, const char *path, const char *text)
{
    tq__error_fill(error, code, sys, path, text);
    return code;
}

/* Fills *error with "PATH what: the text of answer" and returns answer. */
int tq__cannot(const char *path, const char *what, int answer, struct tq_error *error);

/* Copies *error to *user_error, which may be NULL, and returns answer. After a success the copy has only a
 * message of code 0, not that of an attempt that failed on the way. */
int tq__error_give(struct tq_error *user_error, const struct tq_error *error, int answer);

#endif
