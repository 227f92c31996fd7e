/* splice.h: the whole objects of a line on which there is more than one, or a part of another one.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_LOGS_SPLICE_H
#define TQ_LOGS_SPLICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct tq__log_splice {
    const char *at, *end;   /* what is not looked at yet */
    struct tq__span object; /* the one found last */
    uint32_t given;         /* entries that were given of it; the caller's */
    uint32_t tries;         /* objects that were looked for */
    bool lost;              /* something that is no whole object was passed over, and it may matter */
};

/* Begins with a line. */
void tq__log_splice_begin(struct tq__log_splice *splice, struct tq__span line);

/* Finds the next whole object; false when there is none. What is passed over is lost when it matters. */
bool tq__log_splice_next(struct tq__log_splice *splice, bool (*matters)(const char *text, size_t len));

#endif
