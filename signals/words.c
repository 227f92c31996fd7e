/* words.c: finds the words in a text that make it worth reading.
 *
 * SPDX-License-Identifier: MIT
 *
 * Nearly all bytes of a stream are looked at here and nowhere else. The first look is a loop without branches
 * over a block of fixed size, which compilers turn into vector instructions. It looks for a quote with two
 * letters behind it, and its yes may be wrong. Only then is the block searched for whole words.
 */
#include "words.h"

#include <stdbool.h>
#include <string.h>

#define BLOCK_BYTES 64
#define AHEAD 2 /* bytes that are read behind a block */

/* The first two letters of a word, the rest of it, and what it may be of. */
#define WORDS(X)                                                                                             \
    X(u, s, "age\"", TQ__WORD_USAGE)                                                                         \
    X(u, s, "ageMetadata\"", TQ__WORD_USAGE)                                                                 \
    X(t, o, "kens\"", TQ__WORD_USAGE)                                                                        \
    X(t, o, "kens_evaluated\"", TQ__WORD_USAGE)                                                              \
    X(t, o, "kens_predicted\"", TQ__WORD_USAGE)                                                              \
    X(e, v, "al_count\"", TQ__WORD_USAGE)                                                                    \
    X(t, o, "ken_count\"", TQ__WORD_USAGE)                                                                   \
    X(t, o, "kenCount\"", TQ__WORD_USAGE)                                                                    \
    X(g, e, "nerated_token_count\"", TQ__WORD_USAGE)                                                         \
    X(p, r, "ompt_token_count\"", TQ__WORD_USAGE)                                                            \
    X(p, r, "ompt_eval_count\"", TQ__WORD_USAGE)                                                             \
    X(t, i, "mings\"", TQ__WORD_USAGE)                                                                       \
    X(a, m, "azon-bedrock-invocationMetrics\"", TQ__WORD_USAGE)                                              \
    X(b, i, "lled_units\"", TQ__WORD_USAGE)                                                                  \
    X(m, e, "ssage_stop\"", TQ__WORD_OTHER)                                                                  \
    X(r, a, "te_limits\"", TQ__WORD_OTHER)                                                                   \
    X(r, a, "te_limit_event\"", TQ__WORD_OTHER)                                                              \
    X(t, h, "rottlingException\"", TQ__WORD_OTHER)                                                           \
    X(b, a, "se_resp\"", TQ__WORD_OTHER)                                                                     \
    X(e, r, "ror\"", TQ__WORD_OTHER)

/* The first two letters, each pair once: the compiler does not see that it is there again. */
#define PAIRS(X)                                                                                             \
    X(u, s) X(t, o) X(t, i) X(t, h) X(g, e) X(p, r) X(e, v) X(e, r) X(a, m) X(b, i) X(b, a) X(m, e) X(r, a)

static const struct {
    const char *text;
    size_t len;
    uint32_t what;
} words[] = {
#define WORD(first, second, rest, what) {#first #second rest, sizeof(#first #second rest) - 1, what},
    WORDS(WORD)
#undef WORD
};

#define FITS(first, second, rest, what)                                                                      \
    _Static_assert(sizeof(#first #second rest) <= TQ__WORD_BYTES_MAX, "with both quotes");
WORDS(FITS)
#undef FITS

/* Reads BLOCK_BYTES + AHEAD. */
static bool may_have_word(const unsigned char *block)
{
    uint8_t any = 0;

    for (size_t i = 0; i < BLOCK_BYTES; i++) {
        uint8_t pair = 0;

#define PAIR(first, second) pair |= (uint8_t)((block[i + 1] == #first[0]) & (block[i + 2] == #second[0]));
        PAIRS(PAIR)
#undef PAIR
        any |= (uint8_t)((block[i] == '"') & pair);
    }
    return any;
}

/* The words that begin with the quote. */
static uint32_t words_at(const char *quote, const char *end)
{
    size_t len = (size_t)(end - quote) - 1;
    uint32_t found = 0;

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (len >= words[i].len && quote[1] == words[i].text[0] && quote[2] == words[i].text[1] &&
            memcmp(quote + 1, words[i].text, words[i].len) == 0)
            found |= words[i].what;
    return found;
}

static uint32_t words_of_block(const char *at, size_t block_len, const char *end)
{
    const char *block_end = at + block_len, *quote;
    uint32_t found = 0;

    for (; (quote = memchr(at, '"', (size_t)(block_end - at))); at = quote + 1)
        found |= words_at(quote, end);
    return found;
}

uint32_t tq__usage_words(const char *text, size_t len)
{
    unsigned char rest[BLOCK_BYTES + AHEAD] = {0};
    const char *end = len > 0 ? text + len : text; /* text is NULL when there is none */
    uint32_t found = 0;
    size_t i = 0;

    for (; len - i >= BLOCK_BYTES + AHEAD; i += BLOCK_BYTES)
        if (may_have_word((const unsigned char *)text + i))
            found |= words_of_block(text + i, BLOCK_BYTES, end);
    if (i < len) {
        memcpy(rest, text + i, len - i);
        if (may_have_word(rest))
            found |= words_of_block(text + i, len - i, end);
    }
    return found;
}
