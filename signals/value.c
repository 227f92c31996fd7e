/* value.c: the forms in which vendors write counts, lengths of time and instants, in headers and JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#include "value.h"

#include "profile.h"

#define OLDEST_S                                                                                             \
    INT64_C(1000000000) /* 2001-09-09: a smaller number is no instant, but a length in seconds               \
                         */

/* Reads the number that the text is; 0, TQ__NOT_SAID or TQ__NO_FORM. */
static int read_number(struct tq__span text, struct tq__number *number)
{
    if (tq__number_read(text, number) != 0)
        return TQ__NO_FORM;
    return number->negative && !tq__number_is_zero(number) ? TQ__NOT_SAID : 0;
}

int tq__value_count(struct tq__span text, int64_t *count)
{
    switch (tq__number_count(text, count)) {
    case 0:
        return 0;
    case TQ__NEGATIVE:
        return TQ__NOT_SAID;
    default:
        return TQ__NO_FORM;
    }
}

int tq__value_scaled(struct tq__span text, int digits, int64_t *value)
{
    struct tq__number number;
    int answer = read_number(text, &number);
    bool exact;

    if (answer == 0)
        (void)tq__number_scale(&number, digits, value, &exact); /* what does not fit is INT64_MAX */
    return answer;
}

int tq__value_share(struct tq__span text, int digits, uint32_t *ppm)
{
    int64_t tenths, rounded;
    int answer = tq__value_scaled(text, digits + 1, &tenths);

    if (answer != 0)
        return answer;
    rounded = tenths / 10 + (tenths % 10 >= 5);
    if (rounded == 1000000 && tenths < 10000000)
        rounded--;
    *ppm = rounded < UINT32_MAX ? (uint32_t)rounded : UINT32_MAX;
    return 0;
}

int tq__value_length(struct tq__span text, int64_t *ns)
{
    bool negative = text.len > 0 && *text.at == '-';
    size_t len;

    if (negative)
        text = tq__span_behind(text, 1);
    len = tq__length_take(text, false, ns);
    if (len == 0 && tq__span_equals(text, "0"))
        return 0;
    if (len == 0 || len != text.len)
        return TQ__NO_FORM;
    return negative && *ns != 0 ? TQ__NOT_SAID : 0;
}

/* A date begins with the four digits of its year. */
static bool is_stamp(struct tq__span text)
{
    return text.len > 4 && text.at[4] == '-';
}

int tq__value_instant(struct tq__span text, int64_t *at_ns)
{
    int why = tq__time_read(text, at_ns);

    if (why != 0 && why != TQ__OUT_OF_RANGE)
        return TQ__NO_FORM;
    if (is_stamp(text) || *at_ns >= OLDEST_S * TQ__SECOND_NS)
        return 0;
    return *at_ns < 0 ? TQ__NOT_SAID : TQ__NO_FORM;
}

static int from_now(int answer, int64_t now_ns, int64_t *at_ns)
{
    if (answer == 0)
        *at_ns = tq__add_saturated(now_ns, *at_ns);
    return answer;
}

/* For hosts of which nothing is known. */
static int guess_reset(struct tq__span text, int64_t now_ns, int64_t *at_ns)
{
    bool letter = false;
    int64_t whole;

    for (size_t i = 0; i < text.len; i++)
        letter |= tq__lower(text.at[i]) >= 'a' && tq__lower(text.at[i]) <= 'z';
    if (is_stamp(text))
        return tq__value_instant(text, at_ns);
    if (letter)
        return from_now(tq__value_length(text, at_ns), now_ns, at_ns);
    if (tq__value_scaled(text, 0, &whole) == 0 && whole >= OLDEST_S)
        return tq__value_instant(text, at_ns);
    return from_now(tq__value_scaled(text, 9, at_ns), now_ns, at_ns);
}

int tq__value_reset(struct tq__span text, uint8_t form, int64_t now_ns, int64_t *at_ns)
{
    switch (form) {
    case TQ__RESET_GO:
        return from_now(tq__value_length(text, at_ns), now_ns, at_ns);
    case TQ__RESET_SECONDS:
        return from_now(tq__value_scaled(text, 9, at_ns), now_ns, at_ns);
    case TQ__RESET_MS:
        return from_now(tq__value_scaled(text, 6, at_ns), now_ns, at_ns);
    case TQ__RESET_INSTANT:
        return tq__value_instant(text, at_ns);
    default:
        return guess_reset(text, now_ns, at_ns);
    }
}

int tq__value_retry_after(struct tq__span text, int64_t now_ns, int64_t *at_ns)
{
    int64_t whole;
    int answer = tq__value_scaled(text, 0, &whole), why;

    if (answer == 0 && whole >= OLDEST_S) /* nobody waits for thirty years: it is an instant */
        return tq__value_instant(text, at_ns);
    if (answer != TQ__NO_FORM)
        return from_now(tq__value_scaled(text, 9, at_ns), now_ns, at_ns);
    why = tq__time_http_date(text, now_ns, at_ns);
    return why == 0 || why == TQ__OUT_OF_RANGE ? 0 : TQ__NO_FORM;
}

struct tq__span tq__plain(struct tq__span text)
{
    struct tq__number number;
    size_t i;

    text = tq__span_trim(text);
    for (i = text.len; i > 0 && tq__is_digit(text.at[i - 1]); i--)
        continue;
    i -= i > 0 && (text.at[i - 1] == '+' || text.at[i - 1] == '-');
    if (i > 0 && tq__lower(text.at[i - 1]) == 'e' && tq__number_read(text, &number) == 0)
        text.len = 0;
    return text;
}

struct tq__span tq__json_value(const struct tq__json_item *item)
{
    switch (item->kind) {
    case TQ__JSON_NUMBER:
        return item->text;
    case TQ__JSON_STRING:
        return tq__plain(item->text);
    case TQ__JSON_NULL:
    case TQ__JSON_NONE:
        return (struct tq__span){NULL, 0};
    default:
        return (struct tq__span){"", 0};
    }
}

struct tq__span tq__json_text(const struct tq__json_item *item)
{
    return item->kind == TQ__JSON_STRING ? item->text : (struct tq__span){NULL, 0};
}

struct tq__span tq__json_word(const struct tq__json_item *item)
{
    return item->kind == TQ__JSON_TRUE || item->kind == TQ__JSON_FALSE ? item->text : tq__json_text(item);
}

struct tq__json_item tq__json_member(const struct tq__json_item *object, const char *name)
{
    struct tq__json_item item;
    const struct tq__json_wanted wanted = {name, &item};

    (void)tq__json_members(object->text, &wanted, 1);
    return item;
}
