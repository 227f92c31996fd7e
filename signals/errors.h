/* errors.h: what the words of an error mean.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_SIGNALS_ERRORS_H
#define TQ_SIGNALS_ERRORS_H

#include <stdbool.h>
#include <stdint.h>

#include "value.h"

#define TQ__ENDS_NEVER 0
#define TQ__ENDS_WITH_MONTH 1 /* at 00:00 UTC on the first of the next one */

/* An error's code, type, status or limit source. */
struct tq__error_row {
    const char *word;
    uint8_t profile; /* 0: of several vendors, with one meaning */
    uint8_t refusal; /* TQ_CLASS_... */
    uint8_t what;    /* the axis that it names */
    uint8_t ends;    /* TQ__ENDS_... */
};

/* What only the words of a message say. */
struct tq__text_row {
    const char *text; /* in lower case, somewhere in the message */
    uint8_t profile;
    uint8_t refusal;
    uint8_t what;
    uint16_t status; /* 0: any */
    bool alone;      /* so unlike any other vendor's words that it also says whose they are */
    uint32_t window_s;
};

/* The row of a word for a profile; with profile 0, of any whose words are its own. NULL when there is
 * none. */
const struct tq__error_row *tq__error_row(struct tq__span word, uint32_t profile);

/* The first row whose text the message has, for a profile; with profile 0, of those that stand alone. */
const struct tq__text_row *tq__text_row(struct tq__span message, uint32_t profile, uint32_t status);

#endif
