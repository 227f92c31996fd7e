/* text.c: UTF-8 that is safe to show, and how many columns it takes.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include <langinfo.h>
#include <string.h>
#include <wchar.h>

#include "cli.h"

/* Bytes of the character at text, 0 when it is not UTF-8; *point is its number. */
static size_t decode(const char *text, size_t len, uint32_t *point)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = (unsigned char)text[0];
    size_t bytes = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;

    if (bytes == 1) {
        *point = lead;
        return 1;
    }
    if (lead < 0xc2 || lead > 0xf4 || bytes > len)
        return 0;
    uint32_t value = lead & (0x7fu >> bytes);

    for (size_t i = 1; i < bytes; i++) {
        unsigned char byte = (unsigned char)text[i];

        if ((byte & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (byte & 0x3f);
    }
    if (value < least[bytes] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *point = value;
    return bytes;
}

/* What would move the cursor, change colours or turn the direction of writing. */
static bool is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point <= 0x9f) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069);
}

void text_clean(char *out, size_t capacity, const char *in, size_t len, bool ascii)
{
    size_t used = 0, room = capacity - 4; /* "..." and the NUL always fit behind */

    while (len) {
        uint32_t point = 0;
        size_t bytes = decode(in, len, &point);
        bool plain = bytes && !is_control(point) && !(ascii && bytes > 1);
        size_t step = bytes ? bytes : 1, need = plain ? step : step * 4;

        if (used + need > room) {
            memcpy(out + used, "...", 3);
            used += 3;
            break;
        }
        for (size_t i = 0; i < step; i++) {
            static const char digits[] = "0123456789abcdef";
            unsigned char byte = (unsigned char)in[i];

            if (plain) {
                out[used++] = in[i];
                continue;
            }
            memcpy(out + used, "\\x", 2);
            out[used + 2] = digits[byte >> 4];
            out[used + 3] = digits[byte & 15];
            used += 4;
        }
        in += step;
        len -= step;
    }
    out[used] = '\0';
}

bool text_locale_is_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static int columns_of(uint32_t point)
{
    int columns = text_locale_is_utf8() ? wcwidth((wchar_t)point) : 1;

    return columns < 0 ? 1 : columns; /* a character newer than the C library's tables */
}

int text_columns(const char *text, size_t len)
{
    int columns = 0;
    uint32_t point = 0;

    for (size_t bytes; len && (bytes = decode(text, len, &point)) > 0; text += bytes, len -= bytes)
        columns += columns_of(point);
    return columns;
}

/* How many bytes from the start of the name fit in width columns. */
static size_t fit(const char *name, size_t len, int width)
{
    size_t used = 0;
    uint32_t point = 0;

    for (size_t bytes; used < len && (bytes = decode(name + used, len - used, &point)) > 0; used += bytes) {
        width -= columns_of(point);
        if (width < 0)
            break;
    }
    return used;
}

static void put_part(const struct style *style, const char *text, size_t len)
{
    if (!style->ascii_names) {
        fwrite(text, 1, len, style->out);
        return;
    }
    for (size_t i = 0; i < len; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80) /* one ? a character, however many bytes */
            putc((unsigned char)text[i] < 0x80 ? text[i] : '?', style->out);
}

/* The tail tells names apart (models of one vendor, clients of one model), so it gets two thirds. */
void text_put_name(const struct style *style, const char *name, int width, bool pad)
{
    size_t len = strlen(name);
    int columns = text_columns(name, len);

    if (columns <= width) {
        put_part(style, name, len);
    } else {
        const char *ellipsis = style->unicode ? "\xe2\x80\xa6" : "..";
        int room = width - (style->unicode ? 1 : 2);
        size_t head = fit(name, len, room / 3), tail = head;

        while (tail < len && text_columns(name + tail, len - tail) > room - room / 3) {
            uint32_t point;

            tail += decode(name + tail, len - tail, &point);
        }
        put_part(style, name, head);
        fputs(ellipsis, style->out);
        put_part(style, name + tail, len - tail);
        columns = text_columns(name, head) + text_columns(name + tail, len - tail) + width - room;
    }
    if (pad && columns < width)
        fprintf(style->out, "%*s", width - columns, "");
}
