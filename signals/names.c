/* names.c: the account and the names of windows, for which an older caller's signal has no room.
 *
 * SPDX-License-Identifier: MIT
 */
#include "reading.h"

#include <stddef.h>

#include "base/list.h"

#define TEXT_BYTES 96 /* of a name: each of its characters has at most four */

bool tq__signal_fits(const struct tq_quota_signal *signal)
{
    return signal && signal->size >= offsetof(struct tq_quota_signal, account);
}

static bool has_names(const struct tq_quota_signal *signal)
{
    return signal->size >= sizeof *signal;
}

/* The next character of a name as it is kept. */
static uint32_t take_character(struct tq__span *name)
{
    uint32_t character = '?';
    size_t len = tq__utf8_read(*name, &character);

    *name = tq__span_behind(*name, len > 0 ? len : 1);
    if (len == 0 || tq__is_control(character))
        return '?';
    return character == ' ' ? '_' : character < 0x80 ? (uint32_t)tq__lower((char)character) : character;
}

void tq__axis_name(struct tq__reading *reading, const struct tq_axis *axis, struct tq__span name)
{
    struct tq_quota_signal *signal = reading->signal;
    char text[TEXT_BYTES], bytes[4], *out;
    size_t len = 0;

    if (!has_names(signal))
        return;
    out = signal->window_name[axis - signal->axis];
    memset(out, 0, TQ_WINDOW_NAME_MAX);
    name = tq__span_trim(tq__json_unescape(name, text, sizeof text));
    while (name.len > 0) {
        size_t more = tq__utf8_write(take_character(&name), bytes);

        if (len + more >= TQ_WINDOW_NAME_MAX)
            return;
        memcpy(out + len, bytes, more);
        len += more;
    }
}

void tq__account_note(struct tq__reading *reading, struct tq__span id)
{
    struct tq_quota_signal *signal = reading->signal;
    uint64_t hash;

    if (!has_names(signal))
        return;
    if (!id.at)
        signal->account = 0;
    if (id.len == 0 || signal->account != 0)
        return;
    /* Ledgers keep it, and each has a seed of its own: here it is the same everywhere. */
    hash = tq__hash(0, id.at, id.len);
    signal->account = hash != 0 ? hash : 1;
}
