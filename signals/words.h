/* words.h: finds the words in a text that make it worth reading.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_SIGNALS_WORDS_H
#define TQ_SIGNALS_WORDS_H

#include <stddef.h>
#include <stdint.h>

#define TQ__WORD_USAGE 1u /* tokens may be counted in it */
#define TQ__WORD_OTHER 2u /* an error, limits, or the end of a stream may be in it */

#define TQ__WORD_BYTES_MAX 40 /* of a word with its quotes */

/* Which there are. Words are keys and types with the quotes around them: in a text that a model wrote the
 * quote behind a word has a backslash before it. */
uint32_t tq__usage_words(const char *text, size_t len);

#endif
