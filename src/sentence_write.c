/* sentence_write.c: a limit as the shortest sentence that tq_limit_parse reads back.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "sentence.h"

struct out {
    char text[256]; /* more than the longest sentence */
    size_t len;
};

__attribute__((format(printf, 2, 3))) static void put_text(struct out *out, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    out->len += (size_t)vsnprintf(out->text + out->len, sizeof out->text - out->len, format, list);
    va_end(list);
}

/* $40, $0.50 */
static void put_dollars(struct out *out, int64_t micro_usd)
{
    char text[TQ__DOLLARS_BYTES];
    size_t len = tq__dollars_write(text, micro_usd, '\0');

    if (micro_usd % TQ__DOLLAR_MICRO == 0)
        len -= strlen(".00");
    put_text(out, "%.*s", (int)len, text);
}

/* 5M for 5000000, 1.5k for 1500: with the multiple that makes it short. */
static void put_amount(struct out *out, uint32_t unit, int64_t amount)
{
    static const char *const multiples[] = {"", "k", "M", "G", "T"};
    char text[TQ__NUMBER_BYTES], best[sizeof text];
    size_t least = SIZE_MAX, multiple = 0;

    if (unit == TQ_UNIT_COST) {
        put_dollars(out, amount);
        return;
    }
    for (size_t i = 0; i < sizeof multiples / sizeof multiples[0]; i++) {
        size_t len = tq__decimal_write(text, amount, (int)(3 * i), '\0') + (i > 0);

        if (len < least || (len == least && amount >= 1000 && multiple == 0)) {
            memcpy(best, text, sizeof best);
            least = len;
            multiple = i;
        }
    }
    put_text(out, "%s%s", best, multiples[multiple]);
}

/* minute, 90m, 5h, 7d: in the largest unit that it is a multiple of. A day is 24h, for "day" is another word.
 */
static void put_length(struct out *out, int64_t length_ns)
{
    static const struct {
        int64_t ns;
        const char *one;
        char letter;
    } units[] = {{TQ__DAY_NS, NULL, 'd'},
                 {TQ__HOUR_NS, "hour", 'h'},
                 {TQ__MINUTE_NS, "minute", 'm'},
                 {TQ__SECOND_NS, "second", 's'}};
    size_t i = 0;

    while (length_ns % units[i].ns != 0 || (length_ns == units[i].ns && !units[i].one))
        i++;
    if (length_ns == units[i].ns)
        put_text(out, "%s", units[i].one);
    else
        put_text(out, "%lld%c", (long long)(length_ns / units[i].ns), units[i].letter);
}

/* from 2026-04-11T00:45Z, from 2026-04-11 */
static void put_anchor(struct out *out, int64_t at_ns)
{
    char text[TQ__TIME_BYTES];

    (void)tq__time_write(text, at_ns);
    if (at_ns % TQ__DAY_NS == 0)
        put_text(out, " from %.*s", TQ__DATE_LENGTH, text);
    else
        put_text(out, " from %.*sZ", (int)sizeof "2026-04-11T00:45" - 1, text);
}

static void put_first(struct out *out, const struct tq_limit *limit)
{
    uint32_t day = limit->first;
    const char *ending = day % 10 == 1 ? "st" : day % 10 == 2 ? "nd" : day % 10 == 3 ? "rd" : "th";

    if (day <= 1)
        return;
    if (limit->window == TQ_WINDOW_WEEK)
        put_text(out, " from %s", tq__weekday_names[day - 1]);
    else if (limit->window == TQ_WINDOW_MONTH)
        put_text(out, " from the %u%s", day, day / 10 == 1 ? "th" : ending);
    else
        put_text(out, " from %s", tq__month_names[day - 1]);
}

/* 7d opus, requests per 24h stated: the length in hours or minutes in its long form, for 90m is an amount. */
static void put_stated(struct out *out, const struct tq_limit *limit)
{
    struct tq__span name = tq__span_of(limit->zone);
    const char *quote = tq__sentence_is_word(name) ? "\"" : "";

    if (limit->unit != TQ_UNIT_SHARE)
        put_text(out, "%s per ", tq_unit_name(limit->unit));
    if (limit->length_ns % TQ__HOUR_NS != 0)
        put_text(out, "%lldmin", (long long)(limit->length_ns / TQ__MINUTE_NS));
    else if (limit->length_ns == TQ__HOUR_NS)
        put_text(out, "1h");
    else
        put_length(out, limit->length_ns);
    if (limit->unit != TQ_UNIT_SHARE)
        put_text(out, " stated");
    if (name.len > 0)
        put_text(out, " %s%s%s", quote, limit->zone, quote);
}

static void put_window(struct out *out, const struct tq_limit *limit)
{
    if (tq__limit_is_calendar(limit->window)) {
        put_text(out, " per %s", tq_window_name(limit->window));
        put_first(out, limit);
        if (limit->zone[0] != '\0' && !tq__zone_is_utc(tq__span_of(limit->zone)))
            put_text(out, strchr(limit->zone, '/') ? " %s" : " in %s", limit->zone);
    } else if (limit->window == TQ_WINDOW_ONCE) {
        put_text(out, " once");
    } else {
        put_text(out, " per ");
        put_length(out, limit->length_ns);
        if (limit->window == TQ_WINDOW_FIXED)
            put_anchor(out, limit->anchor_at_ns);
        else
            put_text(out, " %s", tq_window_name(limit->window));
    }
}

static void put_reserve(struct out *out, const struct tq_limit *limit)
{
    char text[TQ__NUMBER_BYTES];

    put_text(out, " reserve ");
    if (limit->reserve_share == 0) {
        put_amount(out, limit->unit, limit->reserve);
        return;
    }
    (void)tq__decimal_write(text, limit->reserve_share, 2, '\0');
    put_text(out, "%s%%", text);
}

int tq_limit_format(const struct tq_limit *limit, char *out, size_t capacity)
{
    struct tq__limit_fault fault;
    struct out sentence = {.len = 0};
    bool amount, cost, stated;

    if (!limit || (!out && capacity > 0) || limit->size < sizeof *limit ||
        tq__limit_check(limit, &fault) != 0)
        return TQ_EINVAL;
    amount = limit->known & TQ_LIMIT_AMOUNT && limit->amount > 0;
    cost = limit->unit == TQ_UNIT_COST;
    stated = limit->window == TQ_WINDOW_STATED;
    if (amount)
        put_amount(&sentence, limit->unit, limit->amount);
    if (stated)
        put_stated(&sentence, limit);
    else if (!amount || !cost)
        put_text(&sentence, "%s%s", amount ? " " : "", tq_unit_name(limit->unit));
    if (!stated)
        put_window(&sentence, limit);
    if (limit->known & TQ_LIMIT_RESERVE)
        put_reserve(&sentence, limit);
    return snprintf(out, capacity, "%s", sentence.text);
}
