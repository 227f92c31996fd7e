/* key.c: keys, ranks, and the count that entries of all sources have in common.
 *
 * SPDX-License-Identifier: MIT
 *
 * Keys are kept on disk for weeks and compared with those of later versions: what is here must never give
 * another number. The hash is FNV-1a, whose weak high bits are mixed at the end. Nobody gains by making two
 * responses of his own log collide.
 */
#include "tools.h"

#include <string.h>

#define FNV_BEGIN UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

#define RANK_TOTAL_MAX ((INT64_C(1) << 38) - 1)

void tq__log_hash_bytes(struct tq__log_hash *hash, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    uint64_t value = hash->value;

    for (size_t i = 0; i < len; i++)
        value = (value ^ at[i]) * FNV_PRIME;
    hash->value = value;
}

void tq__log_hash_number(struct tq__log_hash *hash, uint64_t number)
{
    unsigned char bytes[8];

    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(number >> (8 * i));
    tq__log_hash_bytes(hash, bytes, sizeof(bytes));
}

void tq__log_hash_text(struct tq__log_hash *hash, struct tq__log_text text)
{
    tq__log_hash_bytes(hash, text.text, text.len);
    tq__log_hash_number(hash, text.len);
}

struct tq__log_hash tq__log_hash_begin(uint32_t source, const char *kind)
{
    struct tq__log_hash hash = {FNV_BEGIN};

    tq__log_hash_number(&hash, source);
    tq__log_hash_text(&hash, (struct tq__log_text){kind, strlen(kind)});
    return hash;
}

uint64_t tq__log_hash_end(struct tq__log_hash hash)
{
    uint64_t value = hash.value;

    value = (value ^ value >> 33) * UINT64_C(0xff51afd7ed558ccd);
    value = (value ^ value >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    value ^= value >> 33;
    return value != 0 ? value : 1;
}

uint64_t tq__log_key_of_place(uint32_t source, const struct tq__log_piece *piece)
{
    struct tq__log_hash hash = tq__log_hash_begin(source, "place");

    tq__log_hash_number(&hash, piece->offset);
    tq__log_hash_text(&hash, (struct tq__log_text){piece->text, piece->len});
    return tq__log_hash_end(hash);
}

static int64_t add(int64_t a, int64_t b)
{
    int64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

int64_t tq__log_counted(const struct tq_usage *usage)
{
    return add(add(usage->input, usage->cache_write), usage->output);
}

uint64_t tq__log_rank(const struct tq_usage *usage, bool preferred, bool tie)
{
    int64_t total = add(tq__log_counted(usage), usage->cache_read);

    if (total > RANK_TOTAL_MAX)
        total = RANK_TOTAL_MAX;
    return (uint64_t)preferred << 39 | (uint64_t)total << 1 | (uint64_t)tie;
}
