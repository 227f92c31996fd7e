/* text.c: UTF-8 that is safe to show, and how many columns it takes.
 *
 * SPDX-License-Identifier: MIT
 */
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/text.h"
#include "cli/cli.h"

void text_vformat(char *out, size_t capacity, bool ascii, const char *format, va_list list)
{
    char raw[PATH_BYTES + 128];

    if (vsnprintf(raw, sizeof raw, format, list) < 0)
        raw[0] = '\0';
    tq__text_make_safe(out, capacity, tq__span_of(raw), SIZE_MAX, ascii ? TQ__SAFE_ASCII : 0);
}

char *text_safe(const char *text)
{
    size_t capacity = 4 * strlen(text) + 4;
    char *safe = must_have(malloc(capacity));

    tq__text_make_safe(safe, capacity, tq__span_of(text), SIZE_MAX, 0);
    return safe;
}

bool text_locale_is_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* Takes a character off the text, and returns how many columns it has on the screen. */
static int take_character(struct tq__span *text)
{
    uint32_t character = 0;
    size_t bytes = tq__utf8_read(*text, &character);
    int columns = text_locale_is_utf8() ? wcwidth((wchar_t)character) : 1;

    *text = tq__span_behind(*text, bytes ? bytes : 1);
    return columns < 0 ? 1 : columns; /* a character newer than the C library's tables */
}

int text_columns(const char *text)
{
    struct tq__span rest = tq__span_of(text);
    int columns = 0;

    while (rest.len > 0)
        columns += take_character(&rest);
    return columns;
}

int text_widest(int width, const char *text)
{
    int columns = text_columns(text);

    return columns > width ? columns : width;
}

static void put_part(const struct style *style, struct tq__span text)
{
    if (!style->ascii_names) {
        fwrite(text.at, 1, text.len, style->out);
        return;
    }
    for (size_t i = 0; i < text.len; i++)
        if (((unsigned char)text.at[i] & 0xc0) != 0x80) /* one ? a character, however many bytes */
            putc((unsigned char)text.at[i] < 0x80 ? text.at[i] : '?', style->out);
}

/* The tail tells names apart (models of one vendor, clients of one model), so it gets two thirds. */
void text_put_name(const struct style *style, const char *name, int width, bool pad)
{
    int columns = text_columns(name);

    if (columns <= width) {
        put_part(style, tq__span_of(name));
    } else {
        int ellipsis = style->unicode ? 1 : 2, room = width - ellipsis, head_columns = 0, next;
        struct tq__span tail = tq__span_of(name), rest = tail;

        while ((next = take_character(&rest)) + head_columns <= room / 3) {
            head_columns += next;
            tail = rest;
        }
        put_part(style, (struct tq__span){name, (size_t)(tail.at - name)});
        for (columns -= head_columns; columns > room - room / 3;)
            columns -= take_character(&tail);
        fputs(style->unicode ? "\xe2\x80\xa6" : "..", style->out);
        put_part(style, tail);
        columns += head_columns + ellipsis;
    }
    if (pad && columns < width)
        fprintf(style->out, "%*s", width - columns, "");
}
