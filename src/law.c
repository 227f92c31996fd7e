/* law.c: the law of a time zone as a ledger keeps it: made from the zone's file, and asked.
 *
 * SPDX-License-Identifier: MIT
 */
#include "law.h"

#include "tokenquota.h"

#define QUARTER_S 900
#define YEAR_S (INT64_C(366) * 86400)
#define END_S (INT64_C(900) << 24)
#define OFFSET_MAX (TQ__ZONE_AHEAD_MAX / QUARTER_S)
#define TIME_MAX (167 * 4) /* of a change, either way: RFC 9636 3.3.1 */

/* ---- words ----------------------------------------------------------------------------------- */

static uint64_t bits_of(int64_t value, unsigned width)
{
    return (uint64_t)value & ((UINT64_C(1) << width) - 1);
}

static int32_t signed_of(uint64_t bits, unsigned width)
{
    int32_t half = (int32_t)1 << (width - 1);

    return ((int32_t)bits_of((int64_t)bits, width) ^ half) - half;
}

enum { KIND_NONE, KIND_MONTH, KIND_JULIAN, KIND_ZERO };

static uint64_t write_change(const struct tq__zone_change *change)
{
    uint64_t kind = change->kind == 'M' ? KIND_MONTH : change->kind == 'J' ? KIND_JULIAN : KIND_ZERO;
    int day = kind == KIND_MONTH ? change->month << 6 | change->week << 3 | change->day : change->day;

    return kind << 21 | (uint64_t)day << 11 | bits_of(change->second / QUARTER_S, 11);
}

static bool read_change(struct tq__zone_change *change, uint64_t bits)
{
    int32_t time = signed_of(bits, 11), day = (int32_t)bits_of((int64_t)(bits >> 11), 10);

    change->kind = "\0MJ0"[bits_of((int64_t)(bits >> 21), 2)];
    change->second = time * QUARTER_S;
    if (time < -TIME_MAX || time > TIME_MAX || change->kind == '\0')
        return false;
    change->day = day;
    if (change->kind != 'M')
        return day <= 365 && (day > 0 || change->kind == '0');
    change->month = day >> 6;
    change->week = day >> 3 & 7;
    change->day = day & 7;
    return change->month >= 1 && change->month <= 12 && change->week >= 1 && change->week <= 5 &&
           change->day <= 6;
}

static bool write_rule(uint64_t *word, const struct tq__zone_rule *rule)
{
    *word = bits_of(rule->summer / QUARTER_S, 8) << 8 | bits_of(rule->standard / QUARTER_S, 8);
    if (rule->changes)
        *word |= write_change(&rule->begin) << 39 | write_change(&rule->end) << 16;
    return rule->standard % QUARTER_S == 0 && rule->summer % QUARTER_S == 0 &&
           rule->begin.second % QUARTER_S == 0 && rule->end.second % QUARTER_S == 0;
}

static bool read_rule(struct tq__zone_rule *rule, uint64_t word)
{
    int32_t summer = signed_of(word >> 8, 8), standard = signed_of(word, 8);

    *rule = (struct tq__zone_rule){.standard = standard * QUARTER_S, .summer = summer * QUARTER_S};
    if (word >> 62 != 0 || summer < -OFFSET_MAX || summer > OFFSET_MAX || standard < -OFFSET_MAX ||
        standard > OFFSET_MAX)
        return false;
    if (word >> 16 == 0)
        return true;
    rule->changes = true;
    return read_change(&rule->begin, word >> 39) && read_change(&rule->end, word >> 16);
}

bool tq__law_read(struct tq__law *law, const struct tq__law_words *words)
{
    law->exceptions = 0;
    for (uint32_t i = 0; i < TQ__ZONE_CHANGES; i++) {
        uint64_t word = words->change[i];
        struct tq__law_exception exception = {
            (uint32_t)(word >> 40), (uint32_t)bits_of((int64_t)(word >> 16), 24), signed_of(word, 16)};

        if (exception.from < exception.until && exception.offset >= -OFFSET_MAX &&
            exception.offset <= OFFSET_MAX)
            law->exception[law->exceptions++] = exception;
    }
    return read_rule(&law->rule, words->rule);
}

/* ---- from the file --------------------------------------------------------------------------- */

/* Does the rule say for the whole of a time what the file says? */
static bool rule_says_so(const struct tq__zone_rule *rule, const struct tq__zone_span *span)
{
    struct tq__civil first, last;

    if (tq__zone_rule_offset(rule, span->from) != span->offset)
        return false;
    tq__date_of_days(tq__floor_divide(span->from, 86400), &first);
    tq__date_of_days(tq__floor_divide(span->until, 86400), &last);
    /* A change may lie in another year than that of its own rule. */
    for (int64_t year = first.year - 1; year <= last.year + 1; year++)
        if (tq__zone_rule_changes(rule, year, span->from, span->until))
            return false;
    return true;
}

static bool write_exception(uint64_t *word, const struct tq__zone_span *span)
{
    *word = (uint64_t)(span->from / QUARTER_S) << 40 | (uint64_t)(span->until / QUARTER_S) << 16 |
            bits_of(span->offset / QUARTER_S, 16);
    return span->from % QUARTER_S == 0 && span->until % QUARTER_S == 0 && span->offset % QUARTER_S == 0;
}

/* The time that is looked at begins a year before now: a window that holds now may have begun there, and is
 * the same before and after its zone is read again. */
int tq__law_write(struct tq__law_words *words, const struct tq__zone *zone, int64_t now_ns)
{
    int64_t second = tq__floor_divide(now_ns, TQ__SECOND_NS) - YEAR_S;
    struct tq__zone_rule rule = zone->rule;
    struct tq__zone_span span;
    uint32_t used = 0;

    *words = (struct tq__law_words){0};
    if (!zone->has_rule) /* the last offset lasts */
        rule.standard = tq__zone_offset(zone, INT64_MAX);
    if (!write_rule(&words->rule, &rule))
        return TQ_ENOTSUP;
    second = second < 0 ? 0 : second;
    while (second < END_S && used < TQ__ZONE_CHANGES && tq__zone_listed(zone, second, &span)) {
        int64_t until = span.until;

        span.from = span.from < 0 ? 0 : span.from;
        span.until = until < END_S ? until : END_S - QUARTER_S;
        if (!rule_says_so(&rule, &span) && !write_exception(&words->change[used++], &span))
            return TQ_ENOTSUP;
        second = until;
    }
    return 0;
}

/* ---- asked ----------------------------------------------------------------------------------- */

int32_t tq__law_offset(const struct tq__law *law, int64_t quarter)
{
    for (uint32_t i = 0; i < law->exceptions; i++)
        if (quarter >= law->exception[i].from && quarter < law->exception[i].until)
            return law->exception[i].offset;
    return tq__zone_rule_offset(&law->rule, quarter * QUARTER_S) / QUARTER_S;
}

/* More than a day before the begin one offset holds, and clocks have not come to the day yet. When it still
 * holds where it puts the begin, that is the begin. Else clocks change in between. Then the day begins where
 * the new offset puts it; or, when clocks skip that time, with the change. */
int64_t tq__law_day_begin(const struct tq__law *law, int64_t day)
{
    int64_t local = day * TQ__DAY_QUARTERS, low = local - OFFSET_MAX, begin, high;
    int32_t before = tq__law_offset(law, low), after;

    begin = high = local - before;
    after = tq__law_offset(law, begin);
    if (after == before)
        return begin;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;

        if (tq__law_offset(law, middle) == before)
            low = middle;
        else
            high = middle;
    }
    begin = local - after;
    return begin > high ? begin : high;
}
