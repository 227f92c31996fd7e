/* words.h: the words that a node says, by tag.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SYNC_WORDS_H
#define TOKENQUOTA_SYNC_WORDS_H

#include "exchange.h"
#include "request.h"

/* Are all its parts within their bounds? */
bool word_is_sound(const struct sync_word *word);

/* How many are of a tag. */
size_t words_count(const struct sync_exchange *exchange, unsigned tag, unsigned tags);

/* Those of a tag, four texts each, as the script reads them: field, instant, node, value. */
void words_write(struct request *request, const struct sync_exchange *exchange, unsigned tag, unsigned tags);

/* "PROVIDER\nNAME", and its length. `out` has room for WORD_FIELD_BYTES. */
#define WORD_FIELD_BYTES 512
size_t word_field(char *out, const struct sync_word *word);

#endif
