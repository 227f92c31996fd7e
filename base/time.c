/* time.c: dates, instants and lengths of time as headers, logs and people write them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "base/time.h"

#define DAY_S INT64_C(86400)
#define EPOCH_DAY INT64_C(719468) /* 1970-01-01, in days from 0000-03-01 */
#define ERA_DAYS 146097           /* of 400 years */

/* ---- dates ----------------------------------------------------------------------------------- */

bool tq__is_date(int64_t year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return year >= 0 && month >= 1 && month <= 12 && day >= 1 &&
           day <= days[month - 1] + (month == 2 && leap);
}

/* Both ways count in years that begin in March, so that the leap day is the last, and in eras of 400 years,
 * as Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms" derives. */
int64_t tq__days_of_date(int64_t year, int month, int day)
{
    int64_t y = year - (month <= 2), era = tq__floor_divide(y, 400), of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH_DAY;
}

void tq__date_of_days(int64_t days, struct tq__civil *civil)
{
    int64_t z = days + EPOCH_DAY, era = tq__floor_divide(z, ERA_DAYS), of_era = z - era * ERA_DAYS;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int march = (int)((5 * of_year + 2) / 153);

    civil->month = march < 10 ? march + 3 : march - 9;
    civil->day = (int)of_year - (153 * march + 2) / 5 + 1;
    civil->year = era * 400 + year_of_era + (civil->month <= 2);
}

void tq__civil_of(int64_t at_ns, struct tq__civil *civil)
{
    int64_t of_day_ns = (at_ns % TQ__DAY_NS + TQ__DAY_NS) % TQ__DAY_NS;
    int second = (int)(of_day_ns / TQ__SECOND_NS);

    tq__date_of_days(tq__floor_divide(at_ns, TQ__DAY_NS), civil);
    civil->hour = second / 3600;
    civil->minute = second / 60 % 60;
    civil->second = second % 60;
    civil->ns = of_day_ns % TQ__SECOND_NS;
}

int64_t tq__minute_end(int64_t now_ns)
{
    return (tq__floor_divide(now_ns, TQ__MINUTE_NS) + 1) * TQ__MINUTE_NS;
}

int64_t tq__day_end(int64_t now_ns)
{
    return (tq__floor_divide(now_ns, TQ__DAY_NS) + 1) * TQ__DAY_NS;
}

int64_t tq__month_end(int64_t now_ns)
{
    struct tq__civil now;

    tq__civil_of(now_ns, &now);
    return tq__days_of_date(now.year + now.month / 12, now.month % 12 + 1, 1) * TQ__DAY_NS;
}

/* ---- instants -------------------------------------------------------------------------------- */

/* The number of two digits; -1 when they are none. */
static int two_digits(const char *at)
{
    return tq__is_digit(at[0]) && tq__is_digit(at[1]) ? (at[0] - '0') * 10 + (at[1] - '0') : -1;
}

static int64_t four_digits(const char *at)
{
    int high = two_digits(at), low = two_digits(at + 2);

    return high < 0 || low < 0 ? -1 : high * 100 + low;
}

/* Reads hh:mm:ss, 8 bytes. */
static int read_clock(const char *at, struct tq__civil *civil)
{
    civil->hour = two_digits(at);
    civil->minute = two_digits(at + 3);
    civil->second = two_digits(at + 6);
    if (at[2] != ':' || at[5] != ':' || civil->hour < 0 || civil->minute < 0 || civil->second < 0)
        return TQ__NOT_TIME;
    return civil->hour > 23 || civil->minute > 59 || civil->second > 60 ? TQ__NO_SUCH_TIME : 0;
}

/* seconds x 10^9 + ns, which may fit where the product alone does not. */
static int join_ns(int64_t seconds, int64_t ns, int64_t *at_ns)
{
    bool past = seconds < 0;

    if (past) {
        seconds++;
        ns -= TQ__SECOND_NS;
    }
    if (!__builtin_mul_overflow(seconds, TQ__SECOND_NS, &seconds) &&
        !__builtin_add_overflow(seconds, ns, at_ns))
        return 0;
    *at_ns = past ? INT64_MIN : INT64_MAX;
    return TQ__OUT_OF_RANGE;
}

/* The instant of a date and time of day that were written with this offset from UTC. */
static int join(const struct tq__civil *civil, int offset_minutes, int64_t *at_ns)
{
    int64_t minute_s;

    if (!tq__is_date(civil->year, civil->month, civil->day))
        return TQ__NO_SUCH_TIME;
    minute_s = tq__days_of_date(civil->year, civil->month, civil->day) * DAY_S +
               (civil->hour * 60 + civil->minute - offset_minutes) * 60;
    if (civil->second < 60)
        return join_ns(minute_s + civil->second, civil->ns, at_ns);
    if ((minute_s + 60) % DAY_S != 0)
        return TQ__NO_SUCH_TIME;
    return join_ns(minute_s + 59, TQ__SECOND_NS - 1, at_ns);
}

/* Reads YYYY-MM-DDThh:mm:ss and moves behind it. */
static int take_head(struct tq__span *text, struct tq__civil *civil)
{
    const char *at = text->at;
    int wrong;

    if (text->len < sizeof "YYYY-MM-DDThh:mm:ss" - 1)
        return TQ__NOT_TIME;
    civil->year = four_digits(at);
    civil->month = two_digits(at + 5);
    civil->day = two_digits(at + 8);
    if (civil->year < 0 || civil->month < 0 || civil->day < 0 || at[4] != '-' || at[7] != '-' ||
        (at[10] != 'T' && at[10] != 't' && at[10] != ' '))
        return TQ__NOT_TIME;
    *text = tq__span_behind(*text, sizeof "YYYY-MM-DDThh:mm:ss" - 1);
    wrong = read_clock(at + 11, civil);
    return wrong == 0 && !tq__is_date(civil->year, civil->month, civil->day) ? TQ__NO_SUCH_TIME : wrong;
}

/* Reads .digits, if they are there, and moves behind them. */
static int take_fraction(struct tq__span *text, struct tq__civil *civil)
{
    int64_t unit_ns = TQ__SECOND_NS;
    size_t i;

    civil->ns = 0;
    if (text->len == 0 || *text->at != '.')
        return 0;
    for (i = 1; i < text->len && tq__is_digit(text->at[i]); i++) {
        unit_ns /= 10;
        civil->ns += (text->at[i] - '0') * unit_ns;
    }
    *text = tq__span_behind(*text, i);
    return i > 1 ? 0 : TQ__NOT_TIME;
}

/* Reads Z or +hh:mm, which must be all there is. */
static int read_offset(struct tq__span text, int *minutes)
{
    int hour, minute;

    *minutes = 0;
    if (text.len == 0)
        return TQ__NO_OFFSET;
    if (text.len == 1 && tq__lower(*text.at) == 'z')
        return 0;
    if (text.len != sizeof "+hh:mm" - 1 || (*text.at != '+' && *text.at != '-') || text.at[3] != ':')
        return TQ__NOT_TIME;
    hour = two_digits(text.at + 1);
    minute = two_digits(text.at + 4);
    if (hour < 0 || minute < 0)
        return TQ__NOT_TIME;
    *minutes = (hour * 60 + minute) * (*text.at == '-' ? -1 : 1);
    return hour > 23 || minute > 59 ? TQ__NO_SUCH_TIME : 0;
}

int tq__time_rfc3339(struct tq__span text, int64_t *at_ns)
{
    struct tq__civil civil;
    int offset_minutes, wrong;

    if (text.len == 0)
        return TQ__EMPTY;
    wrong = take_head(&text, &civil);
    if (wrong == 0)
        wrong = take_fraction(&text, &civil);
    if (wrong == 0)
        wrong = read_offset(text, &offset_minutes);
    return wrong != 0 ? wrong : join(&civil, offset_minutes, at_ns);
}

int tq__time_people(struct tq__span text, int64_t *at_ns)
{
    size_t minute = sizeof "2026-04-11T00:45" - 1, front = text.len == TQ__DATE_LENGTH ? text.len : minute;
    struct tq__span missing = front < minute ? TQ__SPAN("T00:00:00Z") : TQ__SPAN(":00"), behind;
    char full[64];

    if (text.len < front || text.len + missing.len > sizeof full ||
        (text.len > front && !strchr("Zz+-", text.at[front])))
        return tq__time_rfc3339(text, at_ns);
    behind = tq__span_behind(text, front);
    memcpy(full, text.at, front);
    memcpy(full + front, missing.at, missing.len);
    memcpy(full + front + missing.len, behind.at, behind.len);
    return tq__time_rfc3339((struct tq__span){full, text.len + missing.len}, at_ns);
}

int tq__time_epoch(struct tq__span text, int64_t *at_ns)
{
    static const int64_t ends[] = {INT64_C(100000000000), INT64_C(100000000000000),
                                   INT64_C(100000000000000000)};
    struct tq__number number, size;
    int64_t whole;
    int scale = 9;
    bool exact;

    if (text.len == 0)
        return TQ__EMPTY;
    if (tq__number_read(text, &number) != 0)
        return TQ__NOT_TIME;
    size = number;
    size.negative = false;
    (void)tq__number_scale(&size, 0, &whole, &exact); /* what does not fit is INT64_MAX, and above all ends */
    for (size_t i = 0; i < 3 && (whole > ends[i] || (whole == ends[i] && !exact)); i++)
        scale -= 3;
    return tq__number_scale(&number, scale, at_ns, &exact) != 0 ? TQ__OUT_OF_RANGE : 0;
}

int tq__time_read(struct tq__span text, int64_t *at_ns)
{
    bool stamp = text.len > 4 && four_digits(text.at) >= 0 && text.at[4] == '-';

    return stamp ? tq__time_rfc3339(text, at_ns) : tq__time_epoch(text, at_ns);
}

/* Writes a number in so many digits, and returns where it ends. */
static char *put_digits(char *out, int64_t number, int digits)
{
    for (int i = digits; i-- > 0; number /= 10)
        out[i] = (char)('0' + number % 10);
    return out + digits;
}

size_t tq__time_write(char out[TQ__TIME_BYTES], int64_t at_ns)
{
    struct tq__civil civil;
    char *at;

    tq__civil_of(at_ns, &civil);
    memcpy(out, "YYYY-MM-DDThh:mm:", sizeof "YYYY-MM-DDThh:mm:" - 1);
    put_digits(out, civil.year, 4);
    put_digits(out + 5, civil.month, 2);
    put_digits(out + 8, civil.day, 2);
    put_digits(out + 11, civil.hour, 2);
    put_digits(out + 14, civil.minute, 2);
    at = put_digits(out + 17, civil.second, 2);
    if (civil.ns > 0) {
        *at++ = '.';
        for (at = put_digits(at, civil.ns, 9); at[-1] == '0'; at--)
            ;
    }
    *at++ = 'Z';
    *at = '\0';
    return (size_t)(at - out);
}

/* ---- the dates of HTTP ----------------------------------------------------------------------- */

#define MONTHS "janfebmaraprmayjunjulaugsepoctnovdec"
#define DAYS "sunmontuewedthufrisat"

/* Which of the names of three letters is at `at`, from 1; 0 for none. */
static int named(const char *at, const char *names)
{
    struct tq__span three = {at, 3};

    for (int i = 0; names[i] != '\0'; i += 3)
        if (tq__spans_match(three, (struct tq__span){names + i, 3}))
            return i / 3 + 1;
    return 0;
}

static bool is_gmt(const char *at)
{
    return tq__span_matches((struct tq__span){at, 4}, " gmt");
}

/* Sun, 06 Nov 1994 08:49:37 GMT */
static int read_imf_date(struct tq__span text, struct tq__civil *civil)
{
    const char *at = text.at;

    if (text.len != 29 || named(at, DAYS) == 0 || at[3] != ',' || at[4] != ' ' || at[7] != ' ' ||
        at[11] != ' ' || at[16] != ' ' || !is_gmt(at + 25))
        return TQ__NOT_TIME;
    civil->day = two_digits(at + 5);
    civil->month = named(at + 8, MONTHS);
    civil->year = four_digits(at + 12);
    return read_clock(at + 17, civil);
}

/* Sunday, 06-Nov-94 08:49:37 GMT */
static int read_rfc850_date(struct tq__span text, int64_t now_ns, struct tq__civil *civil)
{
    ptrdiff_t comma = tq__span_find(text, ", ");
    struct tq__civil now;
    const char *at;

    if (comma < 6 || comma > 9 || text.len != (size_t)comma + 24 || named(text.at, DAYS) == 0)
        return TQ__NOT_TIME;
    at = text.at + comma + 2;
    if (at[2] != '-' || at[6] != '-' || at[9] != ' ' || !is_gmt(at + 18) || two_digits(at + 7) < 0)
        return TQ__NOT_TIME;
    tq__civil_of(now_ns, &now);
    civil->day = two_digits(at);
    civil->month = named(at + 3, MONTHS);
    civil->year = now.year - now.year % 100 + two_digits(at + 7);
    if (civil->year > now.year + 50)
        civil->year -= 100;
    else if (civil->year + 50 < now.year)
        civil->year += 100;
    return read_clock(at + 10, civil);
}

/* Sun Nov  6 08:49:37 1994 */
static int read_asctime_date(struct tq__span text, struct tq__civil *civil)
{
    const char *at = text.at;

    if (text.len != 24 || named(at, DAYS) == 0 || at[3] != ' ' || at[7] != ' ' || at[10] != ' ' ||
        at[19] != ' ')
        return TQ__NOT_TIME;
    civil->month = named(at + 4, MONTHS);
    civil->day = two_digits((char[2]){at[8] == ' ' ? '0' : at[8], at[9]});
    civil->year = four_digits(at + 20);
    return read_clock(at + 11, civil);
}

int tq__time_http_date(struct tq__span text, int64_t now_ns, int64_t *at_ns)
{
    struct tq__civil civil = {.ns = 0};
    int wrong = text.len == 0 ? TQ__EMPTY : read_imf_date(text, &civil);

    if (wrong == TQ__NOT_TIME)
        wrong = read_rfc850_date(text, now_ns, &civil);
    if (wrong == TQ__NOT_TIME)
        wrong = read_asctime_date(text, &civil);
    if (wrong == 0 && (civil.year < 0 || civil.month < 1 || civil.day < 0))
        wrong = TQ__NOT_TIME;
    return wrong != 0 ? wrong : join(&civil, 0, at_ns);
}

/* ---- lengths of time ------------------------------------------------------------------------- */

/* The length of the unit at the begin of the text; *ns is how long one of it is. */
static size_t take_unit(struct tq__span text, int64_t *ns)
{
    static const struct {
        struct tq__span name;
        int64_t ns;
    } units[] = {
        {{"ms", 2}, TQ__SECOND_NS / 1000}, {{"us", 2}, 1000},
        {{"\xc2\xb5s", 3}, 1000}, /* U+00B5 and U+03BC look alike */
        {{"\xce\xbcs", 3}, 1000},          {{"ns", 2}, 1},
        {{"h", 1}, TQ__HOUR_NS},           {{"m", 1}, TQ__MINUTE_NS},
        {{"s", 1}, TQ__SECOND_NS},
    };

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        struct tq__span name = units[i].name;

        if (text.len >= name.len && *text.at == *name.at && memcmp(text.at, name.at, name.len) == 0) {
            *ns = units[i].ns;
            return name.len;
        }
    }
    return 0;
}

/* The same for people, whose unit is a whole word. */
static size_t take_word(struct tq__span text, int64_t *ns)
{
    static const struct {
        const char *name, *word; /* hour, and hours */
        int64_t ns;
    } units[] = {
        {"w", "week", TQ__WEEK_NS},     {"d", "day", TQ__DAY_NS},       {"h", "hour", TQ__HOUR_NS},
        {"hr", "hr", TQ__HOUR_NS},      {"m", "minute", TQ__MINUTE_NS}, {"min", "min", TQ__MINUTE_NS},
        {"s", "second", TQ__SECOND_NS}, {"sec", "sec", TQ__SECOND_NS},
    };
    struct tq__span word = {text.at, 0}, one;
    size_t len;

    while (word.len < text.len && tq__is_letter(text.at[word.len]))
        word.len++;
    one = word;
    if (one.len > 2 && tq__lower(one.at[one.len - 1]) == 's')
        one.len--;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (tq__span_matches(word, units[i].name) || tq__span_matches(one, units[i].word)) {
            *ns = units[i].ns;
            return word.len;
        }
    len = take_unit(text, ns);
    return word.len == 0 || len == word.len ? len : 0;
}

static size_t blanks(struct tq__span text)
{
    size_t len = 0;

    while (len < text.len && (text.at[len] == ' ' || text.at[len] == '\t'))
        len++;
    return len;
}

/* In two parts, so that only what does not fit saturates. Units are whole seconds, or less than one: either
 * way the product of the part fits. */
int64_t tq__length_of(int64_t billionths, int64_t unit_ns)
{
    int64_t whole = billionths / TQ__SECOND_NS, part = billionths % TQ__SECOND_NS;

    if (billionths == INT64_MAX)
        return INT64_MAX;
    part = unit_ns >= TQ__SECOND_NS ? part * (unit_ns / TQ__SECOND_NS) : part * unit_ns / TQ__SECOND_NS;
    return tq__add_saturated(tq__multiply_saturated(whole, unit_ns), part);
}

size_t tq__length_take(struct tq__span text, bool people, int64_t *ns)
{
    size_t taken = 0;

    *ns = 0;
    for (;;) {
        struct tq__span left = tq__span_behind(text, taken);
        struct tq__number number;
        int64_t billionths, unit_ns;
        size_t len, unit_len;
        bool exact;

        if (people && taken > 0)
            left = tq__span_behind(left, blanks(left));
        len = tq__number_take(left, 0, &number);
        if (len == 0)
            return taken;
        left = tq__span_behind(left, len);
        if (people)
            left = tq__span_behind(left, left.len > 0 && *left.at == '-' ? 1 : blanks(left));
        unit_len = people ? take_word(left, &unit_ns) : take_unit(left, &unit_ns);
        if (unit_len == 0)
            return taken;
        (void)tq__number_scale(&number, 9, &billionths, &exact);
        *ns = tq__add_saturated(*ns, tq__length_of(billionths, unit_ns));
        taken = (size_t)(left.at - text.at) + unit_len;
    }
}

static size_t put_part(char *out, int64_t number, const char *unit)
{
    size_t len = tq__number_write(out, number, '\0');

    out[len++] = ' ';
    memcpy(out + len, unit, strlen(unit) + 1);
    return len + strlen(unit);
}

size_t tq__length_write(char out[TQ__LENGTH_BYTES], int64_t ns)
{
    static const struct {
        int64_t seconds;
        const char *unit;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    int64_t seconds = ns < 0 ? 0 : ns / TQ__SECOND_NS + (ns % TQ__SECOND_NS > 0), rest;
    size_t i = 0, len;

    while (i < 3 && seconds < units[i].seconds)
        i++;
    if (i < 3 && seconds % units[i + 1].seconds != 0)
        seconds += units[i + 1].seconds - seconds % units[i + 1].seconds;
    if (i > 0 && seconds >= units[i - 1].seconds)
        i--;
    len = put_part(out, seconds / units[i].seconds, units[i].unit);
    rest = i < 3 ? seconds % units[i].seconds / units[i + 1].seconds : 0;
    if (rest > 0) {
        out[len++] = ' ';
        len += put_part(out + len, rest, units[i + 1].unit);
    }
    return len;
}
