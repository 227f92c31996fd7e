/* keys.c: writes the names of the server's keys, and spreads providers over tags.
 *
 * SPDX-License-Identifier: MIT
 */
#include "keys.h"

#include <stdio.h>
#include <string.h>

#include <tokenquota.h>

#include "base/list.h"
#include "base/number.h"
#include "merge.h"

/* "tq1:{TT}:c:" + each byte of a name as %XX + ":" + limit + ":" + a number */
_Static_assert(16 + 3 * TQ_NAME_MAX + 1 + SYNC_LIMIT_MOST + 1 + TQ__NUMBER_BYTES <= KEY_BYTES, "a key fits");

/* All nodes must agree, whatever their version. */
unsigned sync_tag_of(const char *provider, unsigned tags)
{
    return (unsigned)(tq__hash(0, provider, strlen(provider)) % tags);
}

size_t key_of_tag(char out[KEY_BYTES], unsigned tag, char kind)
{
    static const char digits[] = "0123456789abcdef";
    const char key[] = {'t', 'q', '1',  ':', '{', digits[tag >> 4 & 15], digits[tag & 15],
                        '}', ':', kind, '\0'};

    memcpy(out, key, sizeof key);
    return sizeof key - 1;
}

void key_tags_write(char out[KEY_TAGS_BYTES], unsigned tags)
{
    *out = '\0';
    if (tags != SYNC_TAGS)
        snprintf(out, KEY_TAGS_BYTES, "/%u", tags);
}

unsigned key_tags_read(struct tq__span from)
{
    int64_t tags;

    (void)tq__span_cut(&from, '/');
    return sync_number_read(from, SYNC_TAGS_MOST, &tags) && tags > 0 ? (unsigned)tags : SYNC_TAGS;
}

size_t key_of_window(char out[KEY_BYTES], unsigned tag, const struct sync_item *item)
{
    size_t len = key_of_tag(out, tag, 'c'), limit = strlen(item->limit);

    out[len++] = ':';
    for (const char *at = item->provider; *at; at++) {
        if (*at != ':' && *at != '%') {
            out[len++] = *at;
        } else {
            memcpy(out + len, *at == ':' ? "%3A" : "%25", 3);
            len += 3;
        }
    }
    out[len++] = ':';
    memcpy(out + len, item->limit, limit);
    len += limit;
    out[len++] = ':';
    return len + tq__number_write(out + len, item->key_s, '\0');
}
