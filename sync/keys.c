/* keys.c: writes the names of the server's keys, and spreads providers over tags.
 *
 * SPDX-License-Identifier: MIT
 */
#include "keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <tokenquota.h>

#include "base/list.h"
#include "merge.h"

/* "tq1:{TT}:c:" + each byte of a name as %XX + ":" + limit + ":" + a number */
_Static_assert(16 + 3 * TQ_NAME_MAX + 1 + SYNC_LIMIT_MOST + 1 + 21 <= KEY_BYTES, "a key fits");

/* All nodes must agree, whatever their version. */
unsigned sync_tag_of(const char *provider, unsigned tags)
{
    return (unsigned)(tq__hash(0, provider, strlen(provider)) % tags);
}

void key_of_tag(char out[KEY_BYTES], unsigned tag, char kind)
{
    snprintf(out, KEY_BYTES, "tq1:{%02x}:%c", tag, kind);
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
    size_t len = (size_t)snprintf(out, KEY_BYTES, "tq1:{%02x}:c:", tag);

    for (const char *at = item->provider; *at; at++) {
        if (*at != ':' && *at != '%') {
            out[len++] = *at;
        } else {
            memcpy(out + len, *at == ':' ? "%3A" : "%25", 3);
            len += 3;
        }
    }
    return len + (size_t)snprintf(out + len, KEY_BYTES - len, ":%s:%" PRId64, item->limit, item->key_s);
}
