/* text.c: UTF-8 that is safe to show, and how many columns it takes.
 *
 * SPDX-License-Identifier: MIT
 */
#include <langinfo.h>
#include <string.h>
#include <wchar.h>

#include "base/text.h"
#include "cli.h"

static size_t decode(const char *text, size_t len, uint32_t *point)
{
    return tq__utf8_read((struct tq__span){text, len}, point);
}

void text_clean(char *out, size_t capacity, const char *in, size_t len, bool ascii)
{
    tq__text_make_safe(out, capacity, (struct tq__span){in, len}, len, ascii ? TQ__SAFE_ASCII : 0);
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

int text_widest(int width, const char *text)
{
    int columns = text_columns(text, strlen(text));

    return columns > width ? columns : width;
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
