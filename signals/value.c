/* value.c: counts and lengths of time, in whole numbers.
 *
 * SPDX-License-Identifier: MIT
 */
#include "value.h"

#include <string.h>

#include "profile.h"

#define EPOCH_MIN_NS (INT64_C(1000000000) * TQ__SECOND_NS) /* 2001-09-09, of the magnitude guard, too */
#define EPOCH_MS_MIN INT64_C(1000000000000) /* of the magnitude guard: from here milliseconds */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

struct tq__span tq__span_trim(struct tq__span span)
{
    while (span.len > 0 && (*span.at == ' ' || *span.at == '\t')) {
        span.at++;
        span.len--;
    }
    while (span.len > 0 && (span.at[span.len - 1] == ' ' || span.at[span.len - 1] == '\t'))
        span.len--;
    return span;
}

bool tq__span_is(struct tq__span span, const char *text)
{
    size_t i = 0;

    while (i < span.len && text[i] != '\0' && lower(span.at[i]) == text[i])
        i++;
    return i == span.len && text[i] == '\0';
}

bool tq__span_same(struct tq__span a, struct tq__span b)
{
    size_t i = 0;

    while (i < a.len && i < b.len && lower(a.at[i]) == lower(b.at[i]))
        i++;
    return i == a.len && i == b.len;
}

ptrdiff_t tq__span_find(struct tq__span span, const char *text)
{
    size_t len = strlen(text);

    for (size_t i = 0; i + len <= span.len; i++) {
        size_t same = 0;

        while (same < len && lower(span.at[i + same]) == text[same])
            same++;
        if (same == len)
            return (ptrdiff_t)i;
    }
    return -1;
}

int64_t tq__add_saturated(int64_t a, int64_t b)
{
    int64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static int64_t multiply_saturated(int64_t a, int64_t b)
{
    int64_t product;

    return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

/* Takes digits[.digits] times 10^digits at the start of the span. Gives how many bytes it is, 0 for none;
 * *value saturates; *inexact says whether it did, or digits that are not 0 were cut off. */
static size_t take_number(struct tq__span span, int digits, int64_t *value, bool *inexact)
{
    size_t i = 0, first;

    *value = 0;
    *inexact = false;
    for (; i < span.len && is_digit(span.at[i]); i++) {
        *inexact |= *value > (INT64_MAX - (span.at[i] - '0')) / 10;
        *value = tq__add_saturated(multiply_saturated(*value, 10), span.at[i] - '0');
    }
    if (i == 0)
        return 0;
    if (i < span.len && span.at[i] == '.') {
        first = ++i;
        for (; i < span.len && is_digit(span.at[i]); i++) {
            if (digits > 0) {
                *value = tq__add_saturated(multiply_saturated(*value, 10), span.at[i] - '0');
                digits--;
            } else {
                *inexact |= span.at[i] != '0';
            }
        }
        if (i == first)
            return 0;
    }
    for (; digits > 0; digits--)
        *value = multiply_saturated(*value, 10);
    return i;
}

static int read_number(struct tq__span span, int digits, int64_t *value, bool *inexact)
{
    bool negative;
    size_t len;

    span = tq__span_trim(span);
    negative = span.len > 0 && *span.at == '-';
    if (negative) {
        span.at++;
        span.len--;
    }
    len = take_number(span, digits, value, inexact);
    if (len == 0 || len != span.len)
        return TQ__NO_FORM;
    return negative && (*value != 0 || *inexact) ? TQ__NOT_SAID : 0;
}

int tq__value_count(struct tq__span span, int64_t *count)
{
    bool inexact;
    int answer = read_number(span, 0, count, &inexact);

    return answer == 0 && inexact ? TQ__NO_FORM : answer;
}

int tq__value_scaled(struct tq__span span, int digits, int64_t *value)
{
    bool inexact;

    return read_number(span, digits, value, &inexact);
}

/* The length of the unit at the start of the span; *ns is one of it. */
static size_t take_unit(struct tq__span span, int64_t *ns)
{
    static const struct {
        char name[4];
        uint8_t len;
        int64_t ns;
    } units[] = {{"ms", 2, 1000000},     {"us", 2, 1000},       {"\xc2\xb5s", 3, 1000},
                 {"\xce\xbcs", 3, 1000}, /* U+00B5 and U+03BC look the same */
                 {"ns", 2, 1},           {"h", 1, TQ__HOUR_NS}, {"m", 1, TQ__MINUTE_NS},
                 {"s", 1, TQ__SECOND_NS}};

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (span.len >= units[i].len && memcmp(span.at, units[i].name, units[i].len) == 0) {
            *ns = units[i].ns;
            return units[i].len;
        }
    }
    return 0;
}

/* number x unit, where the number is in billionths: split, so that only what does not fit saturates. */
static int64_t times_unit(int64_t billionths, int64_t unit_ns)
{
    int64_t whole = billionths / TQ__SECOND_NS, part = billionths % TQ__SECOND_NS;

    if (billionths == INT64_MAX)
        return INT64_MAX;
    /* Units are whole seconds, or less than one: either way the product fits. */
    part = unit_ns >= TQ__SECOND_NS ? part * (unit_ns / TQ__SECOND_NS) : part * unit_ns / TQ__SECOND_NS;
    return tq__add_saturated(multiply_saturated(whole, unit_ns), part);
}

size_t tq__value_duration_prefix(struct tq__span span, int64_t *ns)
{
    size_t done = 0;

    *ns = 0;
    for (;;) {
        struct tq__span left = {span.at + done, span.len - done}, unit;
        int64_t billionths, unit_ns;
        bool inexact;
        size_t len = take_number(left, 9, &billionths, &inexact), unit_len;

        unit = (struct tq__span){left.at + len, left.len - len};
        unit_len = len > 0 ? take_unit(unit, &unit_ns) : 0;
        if (unit_len == 0)
            return done;
        *ns = tq__add_saturated(*ns, times_unit(billionths, unit_ns));
        done += len + unit_len;
    }
}

int tq__value_duration(struct tq__span span, int64_t *ns)
{
    bool negative;
    size_t len;

    span = tq__span_trim(span);
    if (span.len == 0)
        return TQ__NO_FORM;
    negative = *span.at == '-';
    if (negative) {
        span.at++;
        span.len--;
    }
    len = tq__value_duration_prefix(span, ns);
    if (len == 0 && tq__span_is(span, "0"))
        return 0;
    if (len == 0 || len != span.len)
        return TQ__NO_FORM;
    return negative && *ns != 0 ? TQ__NOT_SAID : 0;
}

int tq__value_epoch(struct tq__span span, int digits, int64_t *at_ns)
{
    int answer = tq__value_scaled(span, digits, at_ns);

    return answer == 0 && *at_ns < EPOCH_MIN_NS ? TQ__NO_FORM : answer;
}

static int from_now(int answer, int64_t now_ns, int64_t *at_ns)
{
    if (answer == 0)
        *at_ns = tq__add_saturated(now_ns, *at_ns);
    return answer;
}

/* For hosts of which nothing is known. */
static int guess_reset(struct tq__span span, int64_t now_ns, int64_t *at_ns)
{
    bool letter = false, dash = false, tee = false;
    int64_t whole;

    for (size_t i = 0; i < span.len; i++) {
        letter |= lower(span.at[i]) >= 'a' && lower(span.at[i]) <= 'z';
        tee |= span.at[i] == 'T';
        dash |= span.at[i] == '-';
    }
    if (tee && dash)
        return tq__value_rfc3339(span, at_ns);
    if (letter)
        return from_now(tq__value_duration(span, at_ns), now_ns, at_ns);
    if (tq__value_scaled(span, 0, &whole) == 0 && whole >= EPOCH_MS_MIN)
        return tq__value_epoch(span, 6, at_ns);
    if (tq__value_scaled(span, 0, &whole) == 0 && whole >= EPOCH_MIN_NS / TQ__SECOND_NS)
        return tq__value_epoch(span, 9, at_ns);
    return from_now(tq__value_scaled(span, 9, at_ns), now_ns, at_ns);
}

int tq__value_reset(struct tq__span span, uint8_t form, int64_t now_ns, int64_t *at_ns)
{
    span = tq__span_trim(span);
    switch (form) {
    case TQ__RESET_GO:
        return from_now(tq__value_duration(span, at_ns), now_ns, at_ns);
    case TQ__RESET_SECONDS:
        return from_now(tq__value_scaled(span, 9, at_ns), now_ns, at_ns);
    case TQ__RESET_EPOCH_S:
        return tq__value_epoch(span, 9, at_ns);
    case TQ__RESET_EPOCH_MS:
        return tq__value_epoch(span, 6, at_ns);
    default:
        return guess_reset(span, now_ns, at_ns);
    }
}

int tq__value_retry_after(struct tq__span span, int64_t now_ns, int64_t *at_ns)
{
    int answer = from_now(tq__value_scaled(span, 9, at_ns), now_ns, at_ns);

    return answer == TQ__NO_FORM ? tq__value_http_date(tq__span_trim(span), now_ns, at_ns) : answer;
}
