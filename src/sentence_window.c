/* sentence_window.c: the window in the sentence of a limit: its length or calendar, beginning, zone, kind,
 * and the reserve.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "base/time.h"
#include "sentence.h"

#define SAY_WINDOWS "day, week, month, quarter, year, minute, hour, or a length such as 5h or 7d"

const char *const tq__weekday_names[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                         "Friday", "Saturday", "Sunday",    NULL};
const char *const tq__month_names[] = {"January",  "February", "March",  "April",     "May",
                                       "June",     "July",     "August", "September", "October",
                                       "November", "December", NULL};

/* ---- the window ------------------------------------------------------------------------------ */

/* Reads rolling, refill, fixed, stated, first-use or first use, and gives TQ_WINDOW_..., 0 for none. */
static uint32_t take_kind(struct tq__sentence *sentence)
{
    struct tq__span before = sentence->left;

    for (uint32_t window = TQ_WINDOW_FIXED; window <= TQ_WINDOW_STATED; window++)
        if (window != TQ_WINDOW_ONCE && tq__sentence_take(sentence, tq_window_name(window)))
            return window;
    if (tq__sentence_take(sentence, "first") && tq__sentence_take(sentence, "use"))
        return TQ_WINDOW_FIRST_USE;
    sentence->left = before;
    return 0;
}

int tq__sentence_kind(struct tq__sentence *sentence)
{
    struct tq__span word = tq__sentence_next(sentence);
    uint32_t window = take_kind(sentence);

    if (window == 0)
        return 1;
    if (sentence->limit.unit == TQ_UNIT_SHARE)
        return tq__sentence_wrong(sentence, TQ_EINVAL, word,
                                  "needs a unit before the length, as in \"tokens per 5h first-use\"");
    if (sentence->kind_window != 0)
        return tq__sentence_wrong(sentence, TQ_EINVAL, word, "is a second kind; a window has one");
    sentence->kind_window = window;
    sentence->kind = tq__sentence_since(sentence, word);
    return 0;
}

/* Reads day, week, month, quarter, year; or with `ly` daily, weekly, ... */
static bool take_calendar(struct tq__sentence *sentence, bool ly)
{
    static const char *const often[] = {"daily", "weekly", "monthly", "quarterly", "yearly"};
    struct tq__span word = tq__sentence_next(sentence);

    for (uint32_t window = TQ_WINDOW_DAY; window <= TQ_WINDOW_YEAR; window++)
        if (tq__sentence_take(sentence, ly ? often[window - TQ_WINDOW_DAY] : tq_window_name(window))) {
            sentence->limit.window = window;
            sentence->part[TQ__PART_WINDOW] = word;
            return true;
        }
    return false;
}

/* Reads 5h, 1d12h, 7 days, minute, hour, second. */
static bool take_window_length(struct tq__sentence *sentence)
{
    static const struct {
        const char *word;
        int64_t ns;
    } one[] = {{"hour", TQ__HOUR_NS}, {"minute", TQ__MINUTE_NS}, {"second", TQ__SECOND_NS}};
    struct tq__span word = tq__sentence_next(sentence), left = sentence->left;
    int64_t *ns = &sentence->limit.length_ns;
    size_t len;

    left = tq__span_behind(left, (size_t)(word.at - left.at));
    len = tq__length_take(left, true, ns);
    for (size_t i = 0; len == 0 && i < sizeof one / sizeof one[0]; i++)
        if (tq__span_matches(word, one[i].word)) {
            len = word.len;
            *ns = one[i].ns;
        }
    if (len == 0 || (len < left.len && !strchr(" \t\n\v\f\r", left.at[len])))
        return false;
    left.len = len;
    tq__sentence_pass(sentence, left);
    sentence->part[TQ__PART_LENGTH] = sentence->part[TQ__PART_WINDOW] = left;
    return true;
}

int tq__sentence_name(struct tq__sentence *sentence)
{
    struct tq__span word = tq__sentence_next(sentence), name = word;

    if (word.len > 1 && *word.at == '"' && word.at[word.len - 1] == '"')
        name = (struct tq__span){word.at + 1, word.len - 2};
    else if (word.len == 0 || tq__sentence_is_word(word))
        return 0;
    if (name.len == 0 || name.len >= TQ_WINDOW_NAME_MAX)
        return tq__sentence_wrong(sentence, TQ_EINVAL, word,
                                  "is no vendor's name of a window, which has 1 to %d letters",
                                  TQ_WINDOW_NAME_MAX - 1);
    memcpy(sentence->limit.zone, name.at, name.len);
    sentence->part[TQ__PART_ZONE] = word;
    tq__sentence_pass(sentence, word);
    return 0;
}

int tq__sentence_stated(struct tq__sentence *sentence)
{
    const struct tq__sentence before = *sentence;
    struct tq__span word = tq__sentence_next(sentence), length;
    struct tq__number number;

    if (word.len == 0 || !tq__is_digit(*word.at))
        return 1;
    length = tq__span_behind(sentence->left, (size_t)(word.at - sentence->left.at));
    if (!take_window_length(sentence) ||
        tq__amount_take(length, &number) >= sentence->part[TQ__PART_LENGTH].len) { /* 5m is 5M */
        *sentence = before;
        return 1;
    }
    sentence->windowed = true;
    sentence->limit.unit = TQ_UNIT_SHARE;
    sentence->kind_window = TQ_WINDOW_STATED;
    sentence->kind = sentence->part[TQ__PART_LENGTH];
    return tq__sentence_name(sentence);
}

/* Reads what is behind "per". */
static int read_period(struct tq__sentence *sentence)
{
    static const char *const words[] = {"day", "week", "month", "quarter", "year", "minute", "hour", NULL};
    struct tq__span word;
    const char *near;

    if (tq__sentence_kind(sentence) < 0) /* per rolling 24h */
        return TQ_EINVAL;
    word = tq__sentence_next(sentence);
    if (take_calendar(sentence, false) || take_window_length(sentence))
        return 0;
    if (word.len == 0)
        return tq__sentence_wrong(sentence, TQ_EINVAL, word, "the window is missing; say " SAY_WINDOWS);
    near = tq__nearest(word, words);
    if (near)
        return tq__sentence_wrong(sentence, TQ_EINVAL, word, "is no window; did you mean \"%s\"?", near);
    return tq__sentence_wrong(sentence, TQ_EINVAL, word, "is no window; say " SAY_WINDOWS);
}

int tq__sentence_window(struct tq__sentence *sentence)
{
    static const char *const per[] = {"per", "a", "an", "each", "every", "/"};
    struct tq__span word = tq__sentence_next(sentence);
    int answer = 1;

    if (tq__sentence_take(sentence, "once")) {
        sentence->limit.window = TQ_WINDOW_ONCE;
        sentence->part[TQ__PART_WINDOW] = word;
        answer = 0;
    } else if (take_calendar(sentence, true)) {
        answer = 0;
    }
    for (size_t i = 0; answer > 0 && i < sizeof per / sizeof per[0]; i++)
        if (tq__sentence_take(sentence, per[i]))
            answer = read_period(sentence);
    sentence->windowed = true;
    if (answer <= 0)
        return answer;
    if (word.len == 0)
        return tq__sentence_wrong(sentence, TQ_EINVAL, word,
                                  "the window is missing; say \"per day\", \"per 5h first-use\" or \"once\"");
    if (take_calendar(sentence, false) || take_window_length(sentence))
        return tq__sentence_wrong(sentence, TQ_EINVAL, word, "needs a \"per\" before it");
    return tq__sentence_wrong(sentence, TQ_EINVAL, word,
                              "is out of place; behind the unit comes \"per\" and a window, or \"once\"");
}

/* ---- from ------------------------------------------------------------------------------------ */

/* Which of the names it is, or begins, in three letters at least; from 1, 0 for none. */
static uint32_t name_index(struct tq__span word, const char *const *names)
{
    for (uint32_t i = 0; word.len >= 3 && names[i]; i++)
        if (word.len <= strlen(names[i]) && tq__spans_match(word, (struct tq__span){names[i], word.len}))
            return i + 1;
    return 0;
}

/* 5, 5th, 1st; 0 for none. */
static uint32_t day_of_month(struct tq__span word)
{
    static const char *const endings[] = {"", "st", "nd", "rd", "th"};
    uint32_t day = 0;
    size_t len = 0;

    while (len < word.len && len < 2 && tq__is_digit(word.at[len]))
        day = day * 10 + (uint32_t)(word.at[len++] - '0');
    for (size_t i = 0; len > 0 && i < sizeof endings / sizeof endings[0]; i++)
        if (tq__span_matches(tq__span_behind(word, len), endings[i]))
            return day <= 31 ? day : 0;
    return 0;
}

const char *tq__sentence_length_near(uint32_t window)
{
    static const char *const lengths[] = {"24h", "7d", "30d", "90d", "365d"};

    return lengths[window - TQ_WINDOW_DAY];
}

int tq__sentence_wrong_hour(struct tq__sentence *sentence, struct tq__span word)
{
    uint32_t window = sentence->limit.window;

    return tq__sentence_wrong(sentence, TQ_EINVAL, word,
                              "does not fit a calendar %s, which begins at midnight; for another instant say "
                              "\"per %s " TQ__SENTENCE_SAY_FIXED "\"",
                              tq_window_name(window), tq__sentence_length_near(window));
}

/* 2026-04-11, 09:00: not for a calendar window. */
static bool is_instant(struct tq__span word)
{
    return memchr(word.at, ':', word.len) || (word.len >= TQ__DATE_LENGTH && word.at[4] == '-');
}

/* Reads Sunday, the 5th, April. */
static int read_first(struct tq__sentence *sentence, struct tq__span from)
{
    bool week = sentence->limit.window == TQ_WINDOW_WEEK, month = sentence->limit.window == TQ_WINDOW_MONTH;
    const char *const *names = week ? tq__weekday_names : tq__month_names;
    const char *near = NULL;
    struct tq__span word;
    uint32_t first;

    if (sentence->limit.window == TQ_WINDOW_DAY)
        return tq__sentence_wrong_hour(sentence, from);
    (void)tq__sentence_take(sentence, "the");
    word = tq__sentence_next(sentence);
    if (word.len == 0)
        return tq__sentence_wrong(sentence, TQ_EINVAL, from, "does not say when a window begins");
    first = month ? day_of_month(word) : name_index(word, names);
    if (first == 0 && !month)
        near = tq__nearest(word, names);
    if (first == 0 && is_instant(word))
        return tq__sentence_wrong_hour(sentence, word);
    if (near)
        return tq__sentence_wrong(sentence, TQ_EINVAL, word, "is no name; did you mean \"%s\"?", near);
    if (first == 0)
        return tq__sentence_wrong(sentence, TQ_EINVAL, word, "%s",
                                  week ? "is no day of the week; say \"from Monday\" to \"from Sunday\""
                                  : month
                                      ? "is no day of the month; say \"from the 1st\" to \"from the 31st\""
                                      : "is no month; say \"from January\" to \"from December\"");
    tq__sentence_pass(sentence, word);
    sentence->limit.first = first == 1 ? 0 : first; /* 0: as when it is not named */
    return 0;
}

/* An instant without an offset is one of UTC. */
static int read_instant(struct tq__span word, int64_t *at_ns)
{
    char utc[64];
    int answer = tq__time_people(word, at_ns);

    if (answer != TQ__NO_OFFSET || word.len >= sizeof utc)
        return answer;
    memcpy(utc, word.at, word.len);
    utc[word.len] = 'Z';
    return tq__time_people((struct tq__span){utc, word.len + 1}, at_ns);
}

/* Reads the anchor of a fixed window; or "first use". */
static int read_anchor(struct tq__sentence *sentence, struct tq__span from)
{
    struct tq__span word, clock;
    int answer;

    (void)tq__sentence_take(sentence, "the");
    answer = tq__sentence_kind(sentence);
    if (answer < 0 || (answer == 0 && sentence->kind_window == TQ_WINDOW_FIRST_USE))
        return answer;
    word = tq__sentence_next(sentence);
    if (word.len == 0)
        return tq__sentence_wrong(sentence, TQ_EINVAL, from,
                                  "says no instant; write \"" TQ__SENTENCE_SAY_FIXED "\"");
    tq__sentence_pass(sentence, word);
    clock = tq__sentence_next(sentence); /* 2026-04-11 00:45Z */
    if (word.len == TQ__DATE_LENGTH && clock.len > 2 && tq__is_digit(*clock.at) && clock.at[2] == ':' &&
        clock.at == word.at + word.len + 1) {
        tq__sentence_pass(sentence, clock);
        word = tq__sentence_since(sentence, word);
    }
    sentence->part[TQ__PART_ANCHOR] = word;
    answer = read_instant(word, &sentence->limit.anchor_at_ns);
    if (answer == 0)
        return 0;
    return tq__sentence_wrong(sentence, answer == TQ__OUT_OF_RANGE ? TQ_ERANGE : TQ_EINVAL, word,
                              answer == TQ__OUT_OF_RANGE   ? "is not between 1678 and 2261"
                              : answer == TQ__NO_SUCH_TIME ? "does not exist"
                                                           : "is no instant; write 2026-04-11 or "
                                                             "2026-04-11T00:45Z");
}

int tq__sentence_from(struct tq__sentence *sentence, struct tq__span from)
{
    int answer;

    if (sentence->part[TQ__PART_FIRST].len > 0)
        return tq__sentence_wrong(sentence, TQ_EINVAL, from, "is a second beginning; a window has one");
    if (sentence->limit.window == TQ_WINDOW_ONCE)
        return tq__sentence_wrong(sentence, TQ_EINVAL, from, "does not fit \"once\", which has no beginning");
    answer = sentence->limit.window != 0 ? read_first(sentence, from) : read_anchor(sentence, from);
    sentence->part[TQ__PART_FIRST] = tq__sentence_since(sentence, from);
    return answer;
}
