/* name.h: a provider's name made ready for look-up: padded to words, hashed.
 *
 * SPDX-License-Identifier: MIT
 *
 * A slot holds the first 32 bytes of its name, padded with zeros, as four words. So comparing a name of
 * up to 31 bytes is comparing four words, whatever its length. A name has no NUL in it, so the padding
 * is unambiguous. The bytes are read within bounds only, so that no memory checker reports anything.
 */
#ifndef TQ_NAME_H
#define TQ_NAME_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "layout.h"
#include "tokenquota.h"

struct tq__name {
    uint64_t word[TQ__NAME_INLINE / 8];
    uint64_t hash;
    const char *bytes;
    size_t len;
};

/* The hash's key, derived from the ledger's seed, so that nobody can choose names that collide. */
struct tq__hash_key {
    uint64_t word[4];
};

void tq__hash_key_from_seed(struct tq__hash_key *key, uint64_t seed);

/* Folds the bytes behind the first 32 into the hash. */
uint64_t tq__hash_tail(uint64_t hash, const struct tq__hash_key *key, const char *bytes, size_t len);

/* 1 to 255 bytes of valid UTF-8 (RFC 3629) without control characters (tokenquota.h has the ranges)? */
bool tq__name_valid(const char *bytes, size_t len);

/* Are all bytes of a word printable ASCII? No carry leaves its byte: each sum is at most 0x7f + 0x60. */
TQ__HOT bool tq__bytes_plain(uint64_t word)
{
    const uint64_t high = UINT64_C(0x8080808080808080), low = word & ~high;

    return ((word | ~(low + UINT64_C(0x6060606060606060)) | (low + UINT64_C(0x0101010101010101))) & high) ==
           0;
}

/* The length of a NUL-terminated name; TQ_NAME_MAX + 1 for any longer one. memchr stops at the NUL, so no
 * byte behind it is read (C17 7.24.5.1), and unlike strnlen it is in every libc. */
TQ__HOT size_t tq__name_len(const char *provider)
{
    const char *end = memchr(provider, 0, TQ_NAME_MAX + 1);

    return end ? (size_t)(end - provider) : TQ_NAME_MAX + 1;
}

TQ__HOT uint64_t tq__load64(const char *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof word);
    return word;
}

TQ__HOT uint64_t tq__load32(const char *bytes)
{
    uint32_t word;

    memcpy(&word, bytes, sizeof word);
    return word;
}

/* len bytes (0 to 8) as one zero-padded word, in no more than two loads. */
TQ__HOT uint64_t tq__load_up_to_8(const char *bytes, size_t len)
{
    if (len == 8)
        return tq__load64(bytes);
    if (len >= 4)
        return tq__load32(bytes) | tq__load32(bytes + len - 4) >> (64 - 8 * len) << 32;
    if (len == 0)
        return 0;
    return (uint64_t)(uint8_t)bytes[0] | (uint64_t)(uint8_t)bytes[len / 2] << (len / 2 * 8) |
           (uint64_t)(uint8_t)bytes[len - 1] << ((len - 1) * 8);
}

/* Is the name 1 to TQ_NAME_MAX bytes of printable ASCII? Nearly every name is, and such a name is valid. */
TQ__HOT bool tq__name_plain(const char *bytes, size_t len)
{
    if (len == 0 || len > TQ_NAME_MAX)
        return false;
    for (; len >= 8; bytes += 8, len -= 8)
        if (!tq__bytes_plain(tq__load64(bytes)))
            return false;
    return len == 0 ||
           tq__bytes_plain(tq__load_up_to_8(bytes, len) | UINT64_C(0x2020202020202020) << 8 * len);
}

/* len bytes (9 to 16) as two words: the second load overlaps the first and is shifted clear of it. */
TQ__HOT void tq__load_9_to_16(uint64_t word[2], const char *bytes, size_t len)
{
    word[0] = tq__load64(bytes);
    word[1] = tq__load64(bytes + len - 8) >> (128 - 8 * len);
}

TQ__HOT uint64_t tq__fold(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Pads and hashes a name of 1 to 255 bytes. An invalid name may be passed; no slot has it. The hash is two
 * folded multiplications that do not wait for each other. They spread the name into the low bits, which
 * choose the bucket, and into the high bits, which are the tag. */
TQ__HOT void tq__name_prepare(struct tq__name *name, const struct tq__hash_key *key, const char *bytes,
                              size_t len)
{
    uint64_t *word = name->word;

    word[0] = word[1] = word[2] = word[3] = 0;
    if (len <= 8) {
        word[0] = tq__load_up_to_8(bytes, len);
    } else if (len <= 16) {
        tq__load_9_to_16(word, bytes, len);
    } else {
        size_t rest = len < TQ__NAME_INLINE ? len - 16 : 16;

        word[0] = tq__load64(bytes);
        word[1] = tq__load64(bytes + 8);
        if (rest <= 8)
            word[2] = tq__load64(bytes + 8 + rest) >> (64 - 8 * rest);
        else
            tq__load_9_to_16(word + 2, bytes + 16, rest);
    }
    name->bytes = bytes;
    name->len = len;
    name->hash = tq__fold(word[0] ^ key->word[0], word[1] ^ key->word[1]) ^
                 tq__fold(word[2] ^ key->word[2], word[3] ^ key->word[3]);
    if (len > TQ__NAME_INLINE)
        name->hash = tq__hash_tail(name->hash, key, bytes + TQ__NAME_INLINE, len - TQ__NAME_INLINE);
}

#endif
