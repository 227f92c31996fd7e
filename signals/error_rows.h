/* error_rows.h: the tables of words and phrases of errors.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_SIGNALS_ERROR_ROWS_H
#define TQ_SIGNALS_ERROR_ROWS_H

#include <stddef.h>

#include "errors.h"
#include "profile.h"

/* Lengths of a row's window, in seconds. */
#define HOUR 3600
#define DAY 86400
#define WEEK (7 * DAY)
#define MONTH (30 * DAY)

/* A text, its vendor (TQ__ANY: several), the class of the refusal, whether it tells whose error it is. */
#define ROW(text, vendor, class, tell, ...)                                                                  \
    {                                                                                                        \
        text, TQ__##vendor, TQ_CLASS_##class, .tells = TQ__TELLS_##tell, __VA_ARGS__                         \
    }
#define TQ__ANY 0

extern const struct tq__error_row tq__error_words[];
extern const size_t tq__error_words_count;

extern const struct tq__error_row tq__error_phrases[];
extern const size_t tq__error_phrases_count;

#endif
