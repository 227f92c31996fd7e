/* text.h: bytes with a length, compared and searched; UTF-8, checked and made safe to print.
 *
 * SPDX-License-Identifier: MIT
 *
 * Only the letters A to Z have two cases here, because the locale must not change what a log or a header
 * means.
 */
#ifndef TQ_BASE_TEXT_H
#define TQ_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What is behind the last slash of a path; the whole path without a slash, or with nothing behind it. */
static inline const char *tq__last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash && slash[1] ? slash + 1 : path;
}

/* Some bytes that somebody else owns. They need not end in a NUL. at is NULL where there is nothing. */
struct tq__span {
    const char *at;
    size_t len;
};

/* The span of a string literal, without its NUL. */
#define TQ__SPAN(literal) ((struct tq__span){"" literal, sizeof literal - 1})

static inline bool tq__is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline char tq__lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* A to Z, in upper or lower case. */
static inline bool tq__is_letter(char c)
{
    return tq__lower(c) >= 'a' && tq__lower(c) <= 'z';
}

/* The value of a hexadecimal digit; -1 for any other character. */
int tq__hex_digit(char c);

/* Reads so many hexadecimal digits, at most 7; -1 when they are not all there before `end`. */
int32_t tq__hex_read(const char *at, const char *end, int digits);

/* The span of a NUL-terminated text. */
static inline struct tq__span tq__span_of(const char *text)
{
    return (struct tq__span){text, strlen(text)};
}

/* The span without its first `bytes` bytes, of which there must be so many. */
static inline struct tq__span tq__span_behind(struct tq__span span, size_t bytes)
{
    /* To add nothing to NULL is not defined in C. */
    return bytes > 0 ? (struct tq__span){span.at + bytes, span.len - bytes} : span;
}

/* Takes what is before the first mark, and the mark, off the span; all of it when there is no mark. */
static inline struct tq__span tq__span_cut(struct tq__span *span, char mark)
{
    const char *end = span->len > 0 ? memchr(span->at, mark, span->len) : NULL;
    struct tq__span first = {span->at, end ? (size_t)(end - span->at) : span->len};

    *span = tq__span_behind(*span, first.len + (end != NULL));
    return first;
}

/* Is it this text, byte by byte? */
static inline bool tq__span_equals(struct tq__span span, const char *text)
{
    return span.len == strlen(text) && memcmp(span.at, text, span.len) == 0;
}

/* Are both the same text, or both NULL? */
static inline bool tq__same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Removes spaces and tabs from both ends. */
struct tq__span tq__span_trim(struct tq__span span);

/* Does it begin with this text, in upper or lower case? `text` is in lower case. */
bool tq__span_begins(struct tq__span span, const char *text);

/* Is it this text, in upper or lower case? `text` is in lower case. */
static inline bool tq__span_matches(struct tq__span span, const char *text)
{
    return span.len == strlen(text) && tq__span_begins(span, text);
}

/* Does it end with this text, in upper or lower case? `text` is in lower case. */
static inline bool tq__span_ends(struct tq__span span, const char *text)
{
    size_t len = strlen(text);

    return span.len >= len && tq__span_begins(tq__span_behind(span, span.len - len), text);
}

/* Are both the same text, in upper or lower case? */
bool tq__spans_match(struct tq__span a, struct tq__span b);

/* Finds a text, in upper or lower case, and returns where it begins; -1 when it is not there. `text` is in
 * lower case. */
ptrdiff_t tq__span_find(struct tq__span span, const char *text);

/* The name nearest to a word, in upper or lower case; NULL when none is near. A NULL ends names. */
const char *tq__nearest(struct tq__span word, const char *const *names);

/* ---- UTF-8 ----------------------------------------------------------------------------------- */

/* Reads the character at the begin of the span. Returns its length in bytes, 1 to 4, or 0 when there is no
 * valid UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF) or no byte. */
size_t tq__utf8_read(struct tq__span span, uint32_t *character);

/* Writes a character and returns how many bytes it takes. */
size_t tq__utf8_write(uint32_t character, char out[4]);

/* Is it valid UTF-8 to its end? */
bool tq__utf8_is_valid(struct tq__span span);

/* Would the character move the cursor, change colours, end the line or reorder text on a screen? These are
 * control characters (U+0000 to U+001F, U+007F to U+009F), separators of lines and paragraphs, and marks of
 * direction (U+2028 to U+202E, U+2066 to U+2069). */
bool tq__is_control(uint32_t character);

#define TQ__SAFE_ASCII 1u     /* writes \xNN for the bytes of every character beyond ASCII */
#define TQ__SAFE_BACKSLASH 2u /* and for a backslash, so that the text can be read back */

/* Writes text that is safe to print, NUL-terminated: control characters and bytes that are no UTF-8 become
 * \xNN. What does not fit, and what is behind the first `most` bytes, becomes "...". capacity is at least
 * 4. */
void tq__text_make_safe(char *out, size_t capacity, struct tq__span text, size_t most, unsigned flags);

#endif
