/* sentence_rest.c: what is behind the window in the sentence of a limit: zone, reserve, and whether all of it
 * fits.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "base/time.h"
#include "sentence.h"

/* ---- zone and reserve ------------------------------------------------------------------------ */

/* Takes a zone; whether the window can have one is looked at in the end. */
static int set_zone(struct tq__sentence *sentence, struct tq__span word)
{
    const char *wrong = tq__limit_check_zone(word);

    if (sentence->part[TQ__PART_ZONE].len > 0)
        return tq__sentence_wrong(sentence, TQ_EINVAL, word, "is a second zone; a window has one");
    if (wrong)
        return tq__sentence_wrong(sentence, TQ_EINVAL, word, "%s", wrong);
    sentence->part[TQ__PART_ZONE] = word;
    sentence->utc = tq__zone_is_utc(word);
    if (!sentence->utc)
        memcpy(sentence->limit.zone, word.at, word.len);
    return 0;
}

static int read_zone(struct tq__sentence *sentence, struct tq__span in)
{
    struct tq__span word = tq__sentence_next(sentence);

    if (word.len == 0)
        return tq__sentence_wrong(sentence, TQ_EINVAL, in, "says no zone; write \"in America/Los_Angeles\"");
    tq__sentence_pass(sentence, word);
    return set_zone(sentence, word);
}

static int read_share(struct tq__sentence *sentence, const struct tq__quantity *quantity)
{
    struct tq__span word = tq__sentence_since(sentence, quantity->word);
    int64_t share;
    bool exact;

    sentence->part[TQ__PART_RESERVE] = word;
    if (quantity->dollars || tq__number_scale(&quantity->number, 2, &share, &exact) != 0 || share > 10000)
        return tq__sentence_wrong(sentence, TQ_EINVAL, word,
                                  "is no share; a reserve is at most 100%%, or an amount");
    if (!exact)
        return tq__sentence_wrong(sentence, TQ_EINVAL, word, "is finer than a hundredth of a percent");
    sentence->limit.reserve_share = (uint32_t)share;
    return 0;
}

/* Reads 10%, 500k, $5, 500k tokens. */
static int read_reserve(struct tq__sentence *sentence, struct tq__span reserve)
{
    struct tq_limit *limit = &sentence->limit;
    struct tq__quantity quantity;
    struct tq__span word;
    bool dollars = false;
    uint32_t unit;
    int none;

    if (limit->known & TQ_LIMIT_RESERVE)
        return tq__sentence_wrong(sentence, TQ_EINVAL, reserve, "is a second reserve; a limit has one");
    limit->known |= TQ_LIMIT_RESERVE;
    none = tq__sentence_quantity(sentence, &quantity);
    if (none < 0)
        return none;
    word = tq__sentence_next(sentence);
    if (none > 0)
        return tq__sentence_wrong(sentence, TQ_EINVAL, word.len > 0 ? word : reserve,
                                  "%s; say \"reserve 10%%\" or \"reserve 500k\"",
                                  word.len > 0 ? "is no amount" : "says no amount");
    if (word.len > 0 && *word.at == '%') {
        word.len = 1;
        tq__sentence_pass(sentence, word);
        return read_share(sentence, &quantity);
    }
    unit = tq__sentence_unit(sentence, &dollars);
    quantity.dollars |= dollars;
    sentence->part[TQ__PART_RESERVE] = quantity.word;
    if (unit != 0 && unit != limit->unit)
        return tq__sentence_wrong(sentence, TQ_EINVAL, word, "is another unit than the limit's, %s",
                                  tq_unit_name(limit->unit));
    return tq__sentence_amount(sentence, &quantity, &limit->reserve);
}

/* ---- what is behind the window --------------------------------------------------------------- */

static int wrong_clause(struct tq__sentence *sentence, struct tq__span word)
{
    static const char *const words[] = {"from", "reserve", "rolling", "refill", "first-use", "fixed", NULL};
    const char *near = tq__nearest(word, words);

    if (tq__limit_zone_meant(word))
        return set_zone(sentence, word);
    if (tq__span_matches(word, "gmt") || tq__span_matches(word, "z"))
        return tq__sentence_wrong(sentence, TQ_EINVAL, word, "is out of place; write UTC");
    if (tq__limit_is_calendar(sentence->limit.window) &&
        (tq__span_matches(word, "at") || memchr(word.at, ':', word.len)))
        return tq__sentence_wrong_hour(sentence, word);
    if (near)
        return tq__sentence_wrong(sentence, TQ_EINVAL, word, "is out of place; did you mean \"%s\"?", near);
    return tq__sentence_wrong(
        sentence, TQ_EINVAL, word,
        "is out of place; behind the window come \"from\", a zone (America/Los_Angeles), "
        "rolling, refill, first-use, fixed, \"reserve 10%%\"");
}

/* Behind a window that the vendor states. */
static int wrong_stated(struct tq__sentence *sentence, struct tq__span word)
{
    bool named = sentence->limit.zone[0] != '\0';

    if (!named && tq__sentence_is_word(word) && !tq__is_digit(*word.at))
        return tq__sentence_wrong(sentence, TQ_EINVAL, word,
                                  "is out of place; for a window with that name write it in double quotes");
    return tq__sentence_wrong(
        sentence, TQ_EINVAL, word,
        named ? "is out of place; behind the name comes \"reserve 10%%\""
              : "is out of place; behind a window that the vendor states come its name and "
                "\"reserve 10%%\"");
}

/* Reads one of: from FIRST, ZONE, KIND, reserve N. */
static int read_clause(struct tq__sentence *sentence)
{
    struct tq__span word = tq__sentence_next(sentence);
    int answer = tq__sentence_kind(sentence);

    if (answer == 0 && sentence->kind_window == TQ_WINDOW_STATED)
        return tq__sentence_name(sentence);
    if (answer <= 0)
        return answer;
    if (sentence->kind_window == TQ_WINDOW_STATED && !tq__span_matches(word, "reserve"))
        return wrong_stated(sentence, word);
    if (tq__sentence_take(sentence, "from"))
        return tq__sentence_from(sentence, word);
    if (tq__sentence_take(sentence, "reserve"))
        return read_reserve(sentence, word);
    if (tq__sentence_take(sentence, "in"))
        return read_zone(sentence, word);
    if (!memchr(word.at, '/', word.len) && !tq__zone_is_utc(word))
        return wrong_clause(sentence, word);
    tq__sentence_pass(sentence, word);
    return set_zone(sentence, word);
}

/* A calendar window, or once: it has no kind. */
static int check_kind(struct tq__sentence *sentence)
{
    uint32_t window = sentence->limit.window, kind = sentence->kind_window;
    const char *length;

    if (window == TQ_WINDOW_ONCE && (kind != 0 || sentence->part[TQ__PART_ZONE].len > 0))
        return tq__sentence_wrong(sentence, TQ_EINVAL,
                                  kind != 0 ? sentence->kind : sentence->part[TQ__PART_ZONE],
                                  "does not fit \"once\", which never turns");
    if (kind == 0)
        return 0;
    if (kind == TQ_WINDOW_REFILL && window > TQ_WINDOW_MONTH)
        window = TQ_WINDOW_MONTH; /* the longest that a refill can have */
    length = tq__sentence_length_near(window);
    return tq__sentence_wrong(sentence, TQ_EINVAL, sentence->kind,
                              "does not fit a calendar %s; say \"per %s %s\"",
                              tq_window_name(sentence->limit.window), length,
                              kind == TQ_WINDOW_FIXED ? TQ__SENTENCE_SAY_FIXED : tq_window_name(kind));
}

/* A length without a kind: which of them can it have? */
static int missing_kind(struct tq__sentence *sentence)
{
    static const char *const say[] = {
        "first-use, rolling, refill, or \"" TQ__SENTENCE_SAY_FIXED "\"",
        "first-use, rolling, or \"" TQ__SENTENCE_SAY_FIXED "\"",
        "rolling or refill",
        "rolling",
        "refill",
    };
    int64_t length_ns = sentence->limit.length_ns;
    struct tq__span word = sentence->part[TQ__PART_LENGTH];
    const char *text, *unused;
    int fixed = tq__limit_check_length(TQ_WINDOW_FIXED, length_ns, &unused);
    int rolling = tq__limit_check_length(TQ_WINDOW_ROLLING, length_ns, &text);
    int refill =
        tq__limit_check_length(TQ_WINDOW_REFILL, length_ns, length_ns < TQ__HOUR_NS ? &text : &unused);

    if (refill != 0 && rolling != 0)
        return tq__sentence_wrong(sentence, length_ns < TQ__HOUR_NS ? refill : rolling, word, "%s", text);
    return tq__sentence_wrong(sentence, TQ_EINVAL, word, "does not say how it turns; add %s",
                              say[fixed == 0     ? (refill == 0 ? 0 : 1)
                                  : rolling != 0 ? 4
                                                 : (refill == 0 ? 2 : 3)]);
}

/* Decides the kind of a window that has a length. */
static int decide_kind(struct tq__sentence *sentence)
{
    struct tq__span anchor = sentence->part[TQ__PART_ANCHOR];

    if (sentence->kind_window == 0 && anchor.len == 0)
        return missing_kind(sentence);
    if (sentence->kind_window == TQ_WINDOW_FIXED && anchor.len == 0)
        return tq__sentence_wrong(sentence, TQ_EINVAL, sentence->kind,
                                  "needs an instant at which a window begins: \"" TQ__SENTENCE_SAY_FIXED
                                  "\"");
    sentence->limit.window = sentence->kind_window == 0 ? TQ_WINDOW_FIXED : sentence->kind_window;
    if (sentence->limit.window != TQ_WINDOW_FIXED && anchor.len > 0)
        return tq__sentence_wrong(sentence, TQ_EINVAL, sentence->part[TQ__PART_FIRST],
                                  "is for fixed windows; leave it out, or \"%s\"",
                                  tq_window_name(sentence->limit.window));
    if (sentence->kind_window == TQ_WINDOW_STATED && sentence->part[TQ__PART_ZONE].len > 0 &&
        sentence->part[TQ__PART_ZONE].at < sentence->kind.at)
        return tq__sentence_wrong(sentence, TQ_EINVAL, sentence->part[TQ__PART_ZONE],
                                  "stands before \"stated\"; the vendor's name of a window stands behind it");
    if (sentence->utc && sentence->limit.window != TQ_WINDOW_FIXED)
        return tq__sentence_wrong(sentence, TQ_EINVAL, sentence->part[TQ__PART_ZONE],
                                  "does not fit a window that has the same length everywhere; leave it out");
    return 0;
}

int tq__sentence_rest(struct tq__sentence *sentence)
{
    int answer = 0;

    while (answer == 0 && tq__sentence_next(sentence).len > 0)
        answer = read_clause(sentence);
    if (answer != 0)
        return answer;
    return sentence->limit.window != 0 ? check_kind(sentence) : decide_kind(sentence);
}
