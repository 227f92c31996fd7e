/* text.c: bytes with a length, compared and searched; UTF-8, checked and made safe to print.
 *
 * SPDX-License-Identifier: MIT
 */
#include "base/text.h"

#define WORD_MAX 32 /* longer words are near to nothing */

int tq__hex_digit(char c)
{
    if (tq__is_digit(c))
        return c - '0';
    c = tq__lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int32_t tq__hex_read(const char *at, const char *end, int digits)
{
    int32_t number = 0;

    if (end - at < digits)
        return -1;
    for (int i = 0; i < digits; i++) {
        if (tq__hex_digit(at[i]) < 0)
            return -1;
        number = number * 16 + tq__hex_digit(at[i]);
    }
    return number;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct tq__span tq__span_trim(struct tq__span span)
{
    while (span.len > 0 && is_blank(*span.at))
        span = tq__span_behind(span, 1);
    while (span.len > 0 && is_blank(span.at[span.len - 1]))
        span.len--;
    return span;
}

bool tq__span_begins(struct tq__span span, const char *text)
{
    size_t i = 0;

    while (i < span.len && text[i] != '\0' && tq__lower(span.at[i]) == text[i])
        i++;
    return text[i] == '\0';
}

bool tq__spans_match(struct tq__span a, struct tq__span b)
{
    size_t i = 0;

    while (a.len == b.len && i < a.len && tq__lower(a.at[i]) == tq__lower(b.at[i]))
        i++;
    return i == a.len && i == b.len;
}

ptrdiff_t tq__span_find(struct tq__span span, const char *text)
{
    size_t len = strlen(text);

    for (size_t i = 0; i + len <= span.len; i++)
        if (tq__lower(span.at[i]) == text[0] && tq__span_begins(tq__span_behind(span, i), text))
            return (ptrdiff_t)i;
    return -1;
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

/* How many letters must be added, removed or changed to make b of a. */
static size_t distance(struct tq__span a, struct tq__span b)
{
    size_t row[WORD_MAX + 1];

    if (a.len > WORD_MAX || b.len > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            bool differ = tq__lower(a.at[i - 1]) != tq__lower(b.at[j - 1]);
            size_t above = row[j];

            row[j] = smallest(above + 1, row[j - 1] + 1, diagonal + differ);
            diagonal = above;
        }
    }
    return row[b.len];
}

const char *tq__nearest(struct tq__span word, const char *const *names)
{
    size_t least = word.len > 4 ? word.len / 3 + 2 : 2;
    const char *best = NULL;

    for (; *names && word.len <= WORD_MAX; names++) {
        size_t far = distance(word, tq__span_of(*names));

        if (far < least) {
            least = far;
            best = *names;
        }
    }
    return best;
}

size_t tq__utf8_read(struct tq__span span, uint32_t *character)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *at = (const unsigned char *)span.at;
    size_t bytes;
    uint32_t c;

    if (span.len == 0)
        return 0;
    bytes = at[0] < 0x80 ? 1 : at[0] >> 5 == 6 ? 2 : at[0] >> 4 == 14 ? 3 : at[0] >> 3 == 30 ? 4 : 0;
    if (bytes == 0 || bytes > span.len)
        return 0;
    c = bytes == 1 ? at[0] : at[0] & (0x7fu >> bytes);
    for (size_t i = 1; i < bytes; i++) {
        if (at[i] >> 6 != 2)
            return 0;
        c = c << 6 | (at[i] & 0x3fu);
    }
    if (c < least[bytes] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *character = c;
    return bytes;
}

size_t tq__utf8_write(uint32_t character, char out[4])
{
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t len = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;

    for (size_t i = len - 1; i > 0; i--, character >>= 6)
        out[i] = (char)(0x80 | (character & 0x3f));
    out[0] = (char)(lead[len] | character);
    return len;
}

/* Are eight bytes all ASCII? */
static bool is_ascii(const char *at)
{
    uint64_t eight;

    memcpy(&eight, at, sizeof eight);
    return (eight & UINT64_C(0x8080808080808080)) == 0;
}

bool tq__utf8_is_valid(struct tq__span span)
{
    uint32_t character;
    size_t bytes;

    for (; span.len > 0; span = tq__span_behind(span, bytes)) {
        bytes = span.len >= 8 && is_ascii(span.at) ? 8 : tq__utf8_read(span, &character);
        if (bytes == 0)
            return false;
    }
    return true;
}

bool tq__is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

static size_t put_escaped(char *out, const char *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        const char escape[] = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};

        memcpy(out + 4 * i, escape, sizeof escape);
    }
    return 4 * len;
}

void tq__text_make_safe(char *out, size_t capacity, struct tq__span text, size_t most, unsigned flags)
{
    size_t used = 0, room = capacity - sizeof "...";
    bool cut = text.len > most;

    if (cut)
        text.len = most;
    while (text.len > 0) {
        uint32_t character = 0;
        size_t bytes = tq__utf8_read(text, &character), step = bytes ? bytes : 1;
        bool plain = bytes > 0 && !tq__is_control(character) && !(flags & TQ__SAFE_ASCII && bytes > 1) &&
                     !(flags & TQ__SAFE_BACKSLASH && character == '\\');

        if (room - used < (plain ? step : 4 * step)) {
            cut = true;
            break;
        }
        if (plain)
            memcpy(out + used, text.at, step);
        used += plain ? step : put_escaped(out + used, text.at, step);
        text = tq__span_behind(text, step);
    }
    memcpy(out + used, cut ? "..." : "", cut ? sizeof "..." : 1);
}
