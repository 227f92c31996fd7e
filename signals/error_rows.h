/* error_rows.h: the tables of words and phrases of errors.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_SIGNALS_ERROR_ROWS_H
#define TQ_SIGNALS_ERROR_ROWS_H

#include <stddef.h>

#include "errors.h"

extern const struct tq__error_row tq__error_words[];
extern const size_t tq__error_words_count;

extern const struct tq__error_row tq__error_phrases[];
extern const size_t tq__error_phrases_count;

#endif
