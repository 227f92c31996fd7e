/* scan.c: a walk over JSON text, in which only what is asked for is looked at.
 *
 * SPDX-License-Identifier: MIT
 *
 * A line of an agent's log is a few numbers in a hundred kilobytes of prompt and answer. A parser would build
 * all of it; this walks over it: strings from quote to quote, trees from bracket to the bracket that fits. So
 * prompts are never decoded, and a line costs about what finding its quotes costs. The price: inside of what
 * is passed over, commas, colons and words are not judged. A line that was cut off, or that two writers
 * mixed, has a string or a bracket without its other half, and fails.
 */
#include "tools.h"

#include <string.h>

#define DEPTH_MAX 512 /* brackets inside of a value that is passed over */

void tq__log_scan_begin(struct tq__log_scan *scan, const char *text, size_t len)
{
    *scan = (struct tq__log_scan){.at = text, .end = text ? text + len : NULL};
}

static bool fail(struct tq__log_scan *scan)
{
    scan->failed = true;
    scan->at = scan->end;
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static void skip_blanks(struct tq__log_scan *scan)
{
    while (scan->at < scan->end && is_blank(*scan->at))
        scan->at++;
}

/* Behind the quote that ends the string whose first byte is at `at`; NULL when there is none. */
static const char *string_end(const char *at, const char *end)
{
    const char *first = at;

    while (at < end && (at = memchr(at, '"', (size_t)(end - at))) != NULL) {
        const char *before = at;

        while (before > first && before[-1] == '\\')
            before--;
        at++;
        if ((at - 1 - before) % 2 == 0)
            return at;
    }
    return NULL;
}

/* The string that begins at the quote here. */
static bool take_string(struct tq__log_scan *scan, struct tq__log_text *text)
{
    const char *first = scan->at + 1, *behind = string_end(first, scan->end);

    if (!behind)
        return fail(scan);
    *text = (struct tq__log_text){first, (size_t)(behind - 1 - first)};
    scan->at = behind;
    return true;
}

/* Behind the bracket that fits the one at `at`; NULL when there is none. */
static const char *tree_end(const char *at, const char *end)
{
    uint64_t arrays[DEPTH_MAX / 64] = {0}; /* which of the open brackets are '[' */
    size_t depth = 0;

    while (at < end) {
        char c = *at++;
        bool array = c == '[' || c == ']';

        if (c == '"') {
            at = string_end(at, end);
            if (!at)
                return NULL;
        } else if (c == '{' || c == '[') {
            if (depth == DEPTH_MAX)
                return NULL;
            arrays[depth / 64] &= ~(UINT64_C(1) << depth % 64);
            arrays[depth / 64] |= (uint64_t)array << depth % 64;
            depth++;
        } else if (c == '}' || c == ']') {
            depth--;
            if ((arrays[depth / 64] >> depth % 64 & 1) != array)
                return NULL;
            if (depth == 0)
                return at;
        }
    }
    return NULL;
}

static bool take_number(struct tq__log_scan *scan, struct tq__log_text *text)
{
    struct tq__log_number number;
    const char *at = scan->at;

    while (at < scan->end &&
           ((*at >= '0' && *at <= '9') || *at == '-' || *at == '+' || *at == '.' || *at == 'e' || *at == 'E'))
        at++;
    *text = (struct tq__log_text){scan->at, (size_t)(at - scan->at)};
    if (tq__log_number_read(*text, &number) != 0)
        return fail(scan);
    scan->at = at;
    return true;
}

static bool take_word(struct tq__log_scan *scan, struct tq__log_value *value)
{
    static const struct {
        const char *word;
        int kind;
    } words[] = {{"true", TQ__LOG_TRUE}, {"false", TQ__LOG_FALSE}, {"null", TQ__LOG_NULL}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t len = strlen(words[i].word);

        if ((size_t)(scan->end - scan->at) >= len && memcmp(scan->at, words[i].word, len) == 0) {
            value->kind = words[i].kind;
            value->text = (struct tq__log_text){scan->at, len};
            scan->at += len;
            return true;
        }
    }
    return fail(scan);
}

bool tq__log_scan_value(struct tq__log_scan *scan, struct tq__log_value *value)
{
    const char *from, *behind;

    *value = (struct tq__log_value){0};
    skip_blanks(scan);
    if (scan->at == scan->end)
        return fail(scan);
    scan->first = false;
    from = scan->at;
    switch (*from) {
    case '"':
        value->kind = TQ__LOG_STRING;
        return take_string(scan, &value->text);
    case '{':
    case '[':
        behind = tree_end(from, scan->end);
        if (!behind)
            return fail(scan);
        value->kind = TQ__LOG_TREE;
        value->text = (struct tq__log_text){from, (size_t)(behind - from)};
        scan->at = behind;
        return true;
    case 't':
    case 'f':
    case 'n':
        return take_word(scan, value);
    default:
        value->kind = TQ__LOG_NUMBER;
        return take_number(scan, &value->text);
    }
}

bool tq__log_scan_pass(struct tq__log_scan *scan)
{
    struct tq__log_value value;

    return tq__log_scan_value(scan, &value);
}

bool tq__log_scan_enter(struct tq__log_scan *scan, char bracket)
{
    skip_blanks(scan);
    if (scan->at == scan->end || *scan->at != bracket)
        return false;
    scan->at++;
    scan->first = true;
    return true;
}

bool tq__log_scan_object(struct tq__log_scan *scan)
{
    if (tq__log_scan_enter(scan, '{'))
        return true;
    tq__log_scan_pass(scan);
    return false;
}

/* Behind the comma, if one must be there; false when the bracket that ends it is here, which is passed. */
static bool go_on(struct tq__log_scan *scan, char bracket)
{
    bool first = scan->first;

    skip_blanks(scan);
    scan->first = false;
    if (scan->at == scan->end)
        return fail(scan);
    if (*scan->at == bracket) {
        scan->at++;
        return false;
    }
    if (first)
        return true;
    if (*scan->at != ',')
        return fail(scan);
    scan->at++;
    skip_blanks(scan);
    return scan->at < scan->end || fail(scan);
}

bool tq__log_scan_member(struct tq__log_scan *scan, struct tq__log_text *key)
{
    if (!go_on(scan, '}'))
        return false;
    if (*scan->at != '"' || !take_string(scan, key))
        return fail(scan);
    skip_blanks(scan);
    if (scan->at == scan->end || *scan->at != ':')
        return fail(scan);
    scan->at++;
    return true;
}

bool tq__log_scan_element(struct tq__log_scan *scan)
{
    return go_on(scan, ']');
}

bool tq__log_scan_done(struct tq__log_scan *scan)
{
    skip_blanks(scan);
    return !scan->failed && scan->at == scan->end;
}
