/* prose.c: reads from a sentence for people when requests are served again.
 *
 * SPDX-License-Identifier: MIT
 *
 * A cue ("retry", "reset", "wait", or one in Chinese) and some small words lead to a value: a length of time,
 * an instant, a time of day or a number since 1970. What is neither cue nor value is passed over. Behind a
 * cue a bounded number of words is read, so that the time is linear.
 */
#include "prose.h"

#include "base/prose_time.h"

#define FILLERS_MAX 8 /* of the small words between a cue and its value */

/* What a time is read against. */
struct now {
    int64_t at_ns;
    struct tq__zone zone; /* of times without one */
};

/* Takes a word when the text begins with it, and, for a word of letters, no letter follows. */
static bool take_given_word(struct tq__span *text, const char *word)
{
    size_t len = strlen(word);

    if (!tq__span_begins(*text, word) ||
        (tq__is_letter(word[len - 1]) && len < text->len && tq__is_letter(text->at[len])))
        return false;
    *text = tq__span_behind(*text, len);
    return true;
}

static bool take_one_of(struct tq__span *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (take_given_word(text, words[i]))
            return true;
    return false;
}

#define TAKE_ONE_OF(text, words) take_one_of(text, words, sizeof(words) / sizeof(words)[0])

/* The small words between a cue and its value. */
static const char *const fillers[] = {
    "at",      "in",     "after",     "on",       "until",    "again", "for",  "about",  "approximately",
    "another", "the",    "time",      "is",       "be",       "will",  "it",   "or",     "automatically",
    "by",      "around", "daily",     "every",    "within",   "date",  "from", "and",    "next",
    "mon",     "tue",    "wed",       "thu",      "fri",      "sat",   "sun",  "monday", "tuesday",
    "friday",  "sunday", "wednesday", "thursday", "saturday", "to",    "than", "least",  ":",
    ",",       "~",      "(",         "=",        "\"",       "'",     "`",    "*",      "在",
    "于",      "：",     "约",        "大约",     "会",       "为",    "是",   "将",     "（",
    "预计",
};

/* What has passed is no end, and neither is a number that fits nowhere. */
static bool is_ahead(int64_t at_ns, const struct now *now)
{
    return at_ns > now->at_ns && at_ns != INT64_MAX;
}

/* False, too: the zone is one that is not known (Europe/Berlin). What it says about is no instant then. */
static bool prose_instant(const struct tq__prose_time *time, const struct now *now, int64_t *at_ns)
{
    struct tq__span zone = time->zone_name;

    if (tq__zone_is_name(zone) && memchr(zone.at, '/', zone.len))
        return false;
    return tq__prose_instant(time, &now->zone, now->at_ns, at_ns);
}

static bool take_instant(struct tq__span *text, const struct now *now, int64_t *at_ns)
{
    struct tq__prose_time time;
    struct tq__span left = *text;

    if (!tq__prose_time(&left, &time))
        return tq__prose_epoch(text, at_ns);
    if (!prose_instant(&time, now, at_ns))
        return false;
    *text = left;
    return true;
}

/* Takes the value behind a cue. */
static bool take_time(struct tq__span *text, const struct now *now, int64_t *at_ns)
{
    bool behind_in = false;

    for (size_t i = 0; i <= FILLERS_MAX; i++) {
        bool length;

        tq__prose_skip_blanks(text);
        length = behind_in && tq__prose_timespan(text, at_ns);
        if (!length && take_instant(text, now, at_ns))
            return is_ahead(*at_ns, now);
        if (length || tq__prose_length(text, at_ns)) {
            *at_ns = tq__add_saturated(now->at_ns, *at_ns);
            return is_ahead(*at_ns, now);
        }
        behind_in = tq__span_begins(*text, "in ");
        if (!TAKE_ONE_OF(text, fillers))
            return false;
    }
    return false;
}

/* ---- English --------------------------------------------------------------------------------- */

/* How the cues begin: resets, resetting, retrying and waits are cues, too. */
static const char *const stems[] = {"retry",   "again", "reset",     "wait",  "available",
                                    "refresh", "renew", "replenish", "until", "access"};

/* Most words begin with another letter. */
static bool may_be_stem(char c)
{
    c = tq__lower(c);
    return c == 'r' || c == 'a' || c == 'w' || c == 'u';
}

static bool read_english(struct tq__span text, const struct now *now, int64_t *at_ns)
{
    for (size_t i = 0; i < sizeof stems / sizeof stems[0]; i++) {
        struct tq__span left = text;

        if (!tq__span_begins(text, stems[i]))
            continue;
        while (left.len > 0 && (tq__is_letter(*left.at) || *left.at == '_' || *left.at == '-'))
            left = tq__span_behind(left, 1);
        return take_time(&left, now, at_ns);
    }
    return false;
}

/* ---- Chinese --------------------------------------------------------------------------------- */

/* Cues that need no word behind their value: "wait", "the time of reset is". */
static const char *const leading[] = {"等待", "重置时间", "恢复时间", "刷新时间"};

/* Cues that count with a word for the end behind their value: "in ... it is reset", "retry behind ...". */
static const char *const weak[] = {"在", "于", "请", "将"};

/* Words for the end, what may stand in front of them, and what may with a cue. Those of trying again need a
 * cue or one of `after`: "可用" is also what is left. */
static const char *const resets[] = {"重置", "恢复", "刷新", "解除"};
static const char *const retries[] = {"重试", "再试", "更新", "可用", "再"};
static const char *const after[] = {"之后", "以后", "后"};
static const char *const between[] = {"自动", "时", "）", ")"};
static const char *const commas[] = {"，", ","};

/* Does a word for the end follow a value? Without a cue a length needs one of `after`: "5小时重置一次" is
 * said of each five hours. */
static bool ends_there(struct tq__span text, bool cue, bool length)
{
    bool behind = cue;

    for (size_t i = 0; i < FILLERS_MAX; i++) {
        tq__prose_skip_blanks(&text);
        if (TAKE_ONE_OF(&text, resets))
            return behind || !length;
        if (TAKE_ONE_OF(&text, retries))
            return behind;
        if (TAKE_ONE_OF(&text, after))
            behind = true;
        else if (!TAKE_ONE_OF(&text, between) && !(cue && TAKE_ONE_OF(&text, commas)))
            return false;
    }
    return false;
}

static bool read_chinese(struct tq__span text, const struct now *now, int64_t *at_ns)
{
    if (TAKE_ONE_OF(&text, leading))
        return take_time(&text, now, at_ns);
    return TAKE_ONE_OF(&text, weak) && take_time(&text, now, at_ns) && ends_there(text, true, false);
}

/* Can a number begin here, which is no part of a name or of another number? */
static bool is_begin(struct tq__span text, size_t i)
{
    char before = i > 0 ? text.at[i - 1] : ' ';

    return tq__is_digit(text.at[i]) && !tq__is_letter(before) && !tq__is_digit(before) &&
           !strchr("-_.:/", before);
}

/* Reads a date or a length without a cue in front: 12月1日 8点恢复. Moves the text behind what is one, or
 * behind the digits, so that nothing is read from the middle. A time of day may be that of another day (明天
 * 8点). */
static bool read_without_cue(struct tq__span *text, const struct now *now, int64_t *at_ns)
{
    struct tq__prose_time time;
    bool length = false, there = false;

    if (tq__prose_time(text, &time)) {
        there = time.civil.month != 0 && prose_instant(&time, now, at_ns);
    } else if (tq__prose_length(text, at_ns)) {
        *at_ns = tq__add_saturated(now->at_ns, *at_ns);
        there = length = true;
    } else {
        while (text->len > 0 && tq__is_digit(*text->at))
            tq__prose_skip(text, 1);
    }
    return there && is_ahead(*at_ns, now) && ends_there(*text, false, length);
}

bool tq__prose_end(struct tq__span text, int zone_minutes, int64_t now_ns, int64_t *at_ns)
{
    const struct now now = {.at_ns = now_ns, .zone = TQ__ZONE_FIXED(zone_minutes * 60)};
    bool in_word = false;

    for (size_t i = 0; i < text.len; i++) {
        struct tq__span left = tq__span_behind(text, i);
        bool letter = tq__is_letter(text.at[i]);

        if (letter && !in_word && may_be_stem(text.at[i]) && read_english(left, &now, at_ns))
            return true;
        if ((unsigned char)text.at[i] >= 0xe0 && read_chinese(left, &now, at_ns))
            return true;
        in_word = letter;
        if (is_begin(text, i)) {
            if (read_without_cue(&left, &now, at_ns))
                return true;
            i = text.len - left.len - 1;
        }
    }
    return false;
}
