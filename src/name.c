/* name.c: which names are accepted, and the parts of the hash that are not on the fast path.
 *
 * SPDX-License-Identifier: MIT
 */
#include "name.h"

#include "base/text.h"

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

bool tq__name_valid(const char *bytes, size_t len)
{
    struct tq__span rest = {bytes, len};
    uint32_t character;

    if (len == 0 || len > TQ_NAME_MAX)
        return false;
    if (tq__name_plain(bytes, len))
        return true;
    while (rest.len > 0) {
        size_t taken = tq__utf8_read(rest, &character);

        if (taken == 0 || tq__is_control(character))
            return false;
        rest = tq__span_behind(rest, taken);
    }
    return true;
}
