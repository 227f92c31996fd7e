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
