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

/* A word is an error's code, type, status or limit source. A phrase stands somewhere in its message. */
struct tq__error_row {
    const char *text; /* in lower case */
    uint8_t profile;  /* 0: several vendors use it, with one meaning */
    uint8_t refusal;  /* TQ_CLASS_... */
    uint8_t what;     /* the axis that it names */
    uint8_t ends;     /* TQ__ENDS_... */
    uint16_t status;  /* a phrase counts only with this status; 0: with any */
    bool alone;       /* no other vendor has such a phrase: it also tells the vendor */
    uint32_t window_s;
};

/* The row of a word in a profile; with profile 0, in any profile whose words are its own. NULL: none. */
const struct tq__error_row *tq__error_word(struct tq__span word, uint32_t profile);

/* The first row in a profile whose phrase the message has; with profile 0, among those that tell the vendor.
 * NULL: none. */
const struct tq__error_row *tq__error_phrase(struct tq__span message, uint32_t profile, uint32_t status);

#endif
