/* words.c: writes the words that a node says.
 *
 * SPDX-License-Identifier: MIT
 */
#include "words.h"

#include <stdio.h>
#include <string.h>

#include <tokenquota.h>

#include "merge.h"

_Static_assert(TQ_NAME_MAX + 1 + SYNC_WORD_NAME_MOST + 1 + SYNC_NODE_MOST + 1 <= WORD_FIELD_BYTES,
               "a field fits");

bool word_is_sound(const struct sync_word *word)
{
    size_t len = strnlen(word->provider, TQ_NAME_MAX + 1);

    return len > 0 && len <= TQ_NAME_MAX && !memchr(word->provider, '\n', len) &&
           sync_is_node(tq__span_of(word->name)) && sync_is_node(tq__span_of(word->node)) &&
           word->len <= SYNC_WORD_VALUE_MOST && word->at_ms >= 0 && word->at_ms < SYNC_EXACT;
}

size_t words_count(const struct sync_exchange *exchange, unsigned tag, unsigned tags)
{
    size_t count = 0;

    for (size_t i = 0; i < exchange->word_count; i++)
        count += sync_tag_of(exchange->words[i].provider, tags) == tag;
    return count;
}

size_t word_field(char *out, const struct sync_word *word)
{
    return (size_t)snprintf(out, WORD_FIELD_BYTES, "%s\n%s", word->provider, word->name);
}

void words_write(struct request *request, const struct sync_exchange *exchange, unsigned tag, unsigned tags)
{
    for (size_t i = 0; i < exchange->word_count; i++) {
        const struct sync_word *word = &exchange->words[i];
        char field[WORD_FIELD_BYTES];

        if (sync_tag_of(word->provider, tags) != tag)
            continue;
        request_text(request, field, word_field(field, word));
        request_number(request, word->at_ms);
        request_string(request, word->node);
        request_text(request, word->value, word->len);
    }
}
