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
#define TQ__ENDS_WITH_DAY 2   /* at 00:00 in the vendor's zone */

/* Does a row say whose error it is? */
#define TQ__TELLS_NOT 0   /* others write it, too: it counts only where the vendor is known */
#define TQ__TELLS_LAST 1  /* it does where nothing else says so */
#define TQ__TELLS_ALONE 2 /* nobody else writes it: it counts whoever the headers look like */

/* A word is an error's code, type, status or limit source. A phrase stands somewhere in its message. */
struct tq__error_row {
    const char *text; /* in lower case */
    uint8_t profile;  /* 0: several vendors use it, with one meaning */
    uint8_t refusal;  /* TQ_CLASS_...; NONE: it says whose error it is, and no more */
    uint8_t what;     /* the axis that it names */
    uint8_t ends;     /* TQ__ENDS_... */
    uint8_t tells;    /* TQ__TELLS_... */
    bool model_only;  /* it is of the request's model */
    uint16_t status;  /* a phrase counts only with this status; 0: with any */
    uint32_t window_s;
};

/* Does a word say that the request is at fault? */
#define TQ__BLAMES_NOBODY 0
#define TQ__BLAMES_PERHAPS 1 /* some vendors have it for spent money, too: invalid_request_error */
#define TQ__BLAMES_REQUEST 2 /* its parameters, its model or what it has in it */

/* Whose rows count. */
struct tq__error_of {
    uint32_t profile; /* this vendor's and those of several; 0: also those that tell the vendor */
    bool anybody;     /* also those that tell the vendor alone */
    uint8_t blames;   /* TQ__BLAMES_...: the most that a word says */
    uint32_t status;
};

/* TQ__BLAMES_... */
uint8_t tq__error_blames(struct tq__span word);

/* The name of an exception, which Amazon writes as namespace#Name:address. */
struct tq__span tq__error_exception(struct tq__span text);

/* The row of a word; NULL: none. */
const struct tq__error_row *tq__error_word(struct tq__span word, const struct tq__error_of *of);

#define TQ__PHRASES_MAX 192

/* The phrases that a message has. */
struct tq__error_phrases {
    uint64_t found[TQ__PHRASES_MAX / 64]; /* 1 << index of the row */
};

/* Finds them, where a word begins. The message is searched once, whatever the vendor is. */
void tq__error_phrases_find(struct tq__span message, struct tq__error_phrases *phrases);

/* The first row of those; NULL: none. */
const struct tq__error_row *tq__error_phrase(const struct tq__error_phrases *phrases,
                                             const struct tq__error_of *of);

#endif
