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
static bool take_word(struct tq__span *text, const char *word)
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
        if (take_word(text, words[i]))
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
static bool instant_of(const struct tq__prose_time *time, const struct now *now, int64_t *at_ns)
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
    if (!instant_of(&time, now, at_ns))
        return false;
    *text = left;
    return true;
}

/* Takes the value behind a cue. */
static bool take_value(struct tq__span *text, const struct now *now, int64_t *at_ns)
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
        return take_value(&left, now, at_ns);
    }
    return false;
}

/* ---- Chinese --------------------------------------------------------------------------------- */

/* Cues that need no word behind their value: "wait", "the time of reset is". */
static const char *const leading[] = {"等待", "重置时间", "恢复时间", "刷新时间"};

/* Cues that count with one of `trailing` behind their value: "in ... it is reset", "retry behind ...". */
static const char *const weak[] = {"在", "于", "请", "将"};
static const char *const trailing[] = {"重置", "重试", "再试", "恢复", "刷新", "更新", "解除", "可用", "再"};
static const char *const between[] = {"之后", "以后", "后", "自动", "时", "，", ",", "）", ")"};

static bool read_chinese(struct tq__span text, const struct now *now, int64_t *at_ns)
{
    struct tq__span left = text;

    if (TAKE_ONE_OF(&left, leading))
        return take_value(&left, now, at_ns);
    if (!TAKE_ONE_OF(&left, weak) || !take_value(&left, now, at_ns))
        return false;
    for (size_t i = 0; i < FILLERS_MAX; i++) {
        left = tq__span_trim(left);
        if (TAKE_ONE_OF(&left, trailing))
            return true;
        if (!TAKE_ONE_OF(&left, between))
            return false;
    }
    return false;
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
    }
    return false;
}
