/* escape.c: the escapes of JSON strings, undone.
 *
 * SPDX-License-Identifier: MIT
 */
#include "base/json.h"

#define NO_CHARACTER UINT32_C(0xfffd)

/* The character of \uXXXX, or of two of them; *at is behind the first 'u', and moves behind all. */
static uint32_t read_unicode(const char **at, const char *end)
{
    int32_t first = tq__hex_read(*at, end, 4), second;

    *at += end - *at < 4 ? end - *at : 4;
    if (first < 0xd800 || first > 0xdfff)
        return first > 0 ? (uint32_t)first : NO_CHARACTER; /* a NUL would end the text */
    if (first > 0xdbff || end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
        return NO_CHARACTER;
    second = tq__hex_read(*at + 2, end, 4);
    if (second < 0xdc00 || second > 0xdfff)
        return NO_CHARACTER;
    *at += 6;
    return (uint32_t)(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
}

/* Undoes the escape whose backslash is before *at. */
static size_t read_escape(const char **at, const char *end, char out[4])
{
    static const char letters[] = "bfnrt", means[] = "\b\f\n\r\t";
    const char *letter;
    char c;

    if (*at == end)
        return tq__utf8_write(NO_CHARACTER, out);
    c = *(*at)++;
    if (c == 'u')
        return tq__utf8_write(read_unicode(at, end), out);
    letter = memchr(letters, c, sizeof letters - 1);
    out[0] = letter ? means[letter - letters] : c;
    return 1;
}

/* Bytes at the end of a text of the character that its next byte goes on with. */
static size_t begun(const char *text, size_t len)
{
    size_t bytes = 0;

    while (bytes < len && (text[len - 1 - bytes] & 0xc0) == 0x80)
        bytes++;
    return bytes + (bytes < len);
}

/* Copies a string with its escapes undone; returns how many bytes that is. */
static size_t undo_escapes(struct tq__span text, char *out, size_t room)
{
    const char *at = text.at, *end = at + text.len;
    size_t used = 0;

    while (at < end) {
        char bytes[4];
        size_t len = 1;

        bytes[0] = *at++;
        if (bytes[0] == '\\')
            len = read_escape(&at, end, bytes);
        if (len > room - used)
            return used - (len == 1 && (bytes[0] & 0xc0) == 0x80 ? begun(out, used) : 0);
        memcpy(out + used, bytes, len);
        used += len;
    }
    return used;
}

struct tq__span tq__json_unescape(struct tq__span text, char *out, size_t room)
{
    if (text.len == 0 || !memchr(text.at, '\\', text.len))
        return text;
    return (struct tq__span){out, undo_escapes(text, out, room)};
}

void tq__json_copy(const struct tq__json_item *item, char *out, size_t out_size)
{
    size_t len = item->kind == TQ__JSON_STRING ? undo_escapes(item->text, out, out_size - 1) : 0;

    out[len] = '\0';
}
