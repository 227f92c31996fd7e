/* value.c: what a value of JSON text is worth: words, counts, and strings with their escapes undone.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tools.h"

#include <string.h>

#define NO_CHARACTER UINT32_C(0xfffd) /* stands for what is none: half a surrogate pair, a broken escape */

bool tq__log_text_is(struct tq__log_text text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.text, word, text.len) == 0;
}

int tq__log_value_count(const struct tq__log_value *value, int64_t *count, uint32_t *known, uint32_t bit)
{
    int fault;

    *count = 0;
    if (value->kind == TQ__LOG_NULL)
        return 0;
    if (value->kind != TQ__LOG_NUMBER && value->kind != TQ__LOG_STRING)
        return TQ__LOG_NOT_NUMBER;
    fault = tq__log_number_count(value->text, count);
    if (fault == 0 && known)
        *known |= bit;
    return fault;
}

bool tq__log_take_member(struct tq__log_scan *scan, struct tq__log_text key,
                         const struct tq__log_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (tq__log_text_is(key, members[i].name)) {
            tq__log_scan_value(scan, members[i].value);
            return true;
        }
    }
    return false;
}

void tq__log_take_count(struct tq__log_scan *scan, const char *name, int64_t *count, uint32_t *known,
                        uint32_t bit, struct tq__log_faulty *faulty)
{
    struct tq__log_value value;
    int fault = tq__log_scan_value(scan, &value) ? tq__log_value_count(&value, count, known, bit) : 0;

    if (fault != 0 && faulty->fault == 0)
        *faulty = (struct tq__log_faulty){fault, name, value.text};
}

/* Four hexadecimal digits; NO_CHARACTER when they are none. */
static uint32_t read_hex(const char *at, const char *end)
{
    uint32_t number = 0;

    if (end - at < 4)
        return NO_CHARACTER;
    for (int i = 0; i < 4; i++) {
        char c = at[i];

        if (c >= '0' && c <= '9')
            number = number * 16 + (uint32_t)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            number = number * 16 + (uint32_t)((c | 0x20) - 'a' + 10);
        else
            return NO_CHARACTER;
    }
    return number;
}

/* The character of \uXXXX, or of two of them; at is behind the first 'u', and moves behind all. */
static uint32_t read_unicode(const char **at, const char *end)
{
    uint32_t first = read_hex(*at, end), second;

    *at += end - *at < 4 ? end - *at : 4;
    if (first < 0xd800 || first > 0xdfff)
        return first != 0 ? first : NO_CHARACTER; /* a NUL would end the text */
    if (first > 0xdbff || end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
        return NO_CHARACTER;
    second = read_hex(*at + 2, end);
    if (second < 0xdc00 || second > 0xdfff)
        return NO_CHARACTER;
    *at += 6;
    return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

static size_t write_utf8(uint32_t character, char out[4])
{
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t len = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;

    if (len == 1) {
        out[0] = (char)character;
        return 1;
    }
    for (size_t i = len - 1; i > 0; i--, character >>= 6)
        out[i] = (char)(0x80 | (character & 0x3f));
    out[0] = (char)(lead[len] | character);
    return len;
}

/* Undoes the escape whose backslash is before *at. */
static size_t read_escape(const char **at, const char *end, char out[4])
{
    static const char letters[] = "bfnrt", means[] = "\b\f\n\r\t";
    const char *letter;
    char c;

    if (*at == end)
        return write_utf8(NO_CHARACTER, out);
    c = *(*at)++;
    if (c == 'u')
        return write_utf8(read_unicode(at, end), out);
    letter = memchr(letters, c, sizeof(letters) - 1);
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

void tq__log_value_text(const struct tq__log_value *value, char *out, size_t out_size)
{
    const char *at = value->text.text, *end = value->kind == TQ__LOG_STRING ? at + value->text.len : at;
    size_t used = 0;

    while (at < end && *at != '\0') {
        char bytes[4];
        size_t len = 1;

        bytes[0] = *at++;
        if (bytes[0] == '\\')
            len = read_escape(&at, end, bytes);
        if (len >= out_size - used) {
            used -= len == 1 && (bytes[0] & 0xc0) == 0x80 ? begun(out, used) : 0;
            break;
        }
        memcpy(out + used, bytes, len);
        used += len;
    }
    out[used] = '\0';
}
