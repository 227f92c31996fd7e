/* name.c: which names are accepted, and the parts of the hash that are not on the fast path.
 *
 * SPDX-License-Identifier: MIT
 */
#include "name.h"

void tq__hash_key_from_seed(struct tq__hash_key *key, uint64_t seed)
{
    /* splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014). */
    for (size_t i = 0; i < 4; i++) {
        seed += UINT64_C(0x9e3779b97f4a7c15);
        uint64_t z = seed;

        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        key->word[i] = z ^ z >> 31;
    }
}

uint64_t tq__hash_tail(uint64_t hash, const struct tq__hash_key *key, const char *bytes, size_t len)
{
    while (len > 0) {
        size_t take = len < 8 ? len : 8;

        hash = tq__fold(hash ^ key->word[0], tq__load_up_to_8(bytes, take) ^ key->word[1]);
        bytes += take;
        len -= take;
    }
    return hash;
}

/* Control characters, line and paragraph separators, and the marks that reorder text on a screen. */
static bool forbidden(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

/* Decodes one character of at most `len` bytes; its length, or 0 when it is not UTF-8: stray or missing
 * continuation bytes, overlong forms, surrogates, beyond U+10FFFF. */
static size_t decode(const uint8_t *s, size_t len, uint32_t *c)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 : s[0] >> 3 == 30 ? 4 : 0;

    if (n == 0 || n > len)
        return 0;
    *c = n == 1 ? s[0] : s[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if (s[i] >> 6 != 2)
            return 0;
        *c = *c << 6 | (s[i] & 0x3fu);
    }
    if (*c < least[n] || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff))
        return 0;
    return n;
}

bool tq__name_valid(const char *bytes, size_t len)
{
    const uint8_t *s = (const uint8_t *)bytes;
    uint32_t c = 0;

    if (len == 0 || len > TQ_NAME_MAX)
        return false;
    if (tq__name_plain(bytes, len))
        return true;
    while (len > 0) {
        size_t n = decode(s, len, &c);

        if (n == 0 || forbidden(c))
            return false;
        s += n;
        len -= n;
    }
    return true;
}
