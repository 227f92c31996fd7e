/* sentence.c: a limit from a sentence: "5M tokens per day America/Los_Angeles", "7d opus reserve 10%".
 *
 * SPDX-License-Identifier: MIT
 *
 * The words are read from left to right, once. Nothing is guessed: where a sentence can mean two things, the
 * message names both. Each message quotes the sentence and the word, so that a program can show the place.
 */
#include "sentence.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "error.h"

#define WORD_BYTES 40  /* of a word in a message */
#define WHAT_BYTES 152 /* of what is said about it; about 40 remain for the sentence */
#define SAY_UNITS "tokens, input, output, total, requests, cost or weighted"
#define SAY_AMOUNTS "5000000, 5,000,000, 5M or 1.5k (k, M, G, T)"

/* ---- words ----------------------------------------------------------------------------------- */

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct tq__span without_blanks(struct tq__span text)
{
    while (text.len > 0 && is_space(*text.at))
        text = tq__span_behind(text, 1);
    return text;
}

struct tq__span tq__sentence_next(const struct tq__sentence *sentence)
{
    struct tq__span word = without_blanks(sentence->left);
    size_t len = 0;

    while (len < word.len && !is_space(word.at[len]) && (sentence->windowed || word.at[len] != '/'))
        len++;
    if (len == 0 && word.len > 0) /* a slash, which means "per" */
        len = 1;
    return (struct tq__span){word.at, len};
}

void tq__sentence_pass(struct tq__sentence *sentence, struct tq__span word)
{
    const char *end = sentence->left.at + sentence->left.len;

    sentence->left.at = word.at + word.len;
    sentence->left.len = (size_t)(end - sentence->left.at);
}

bool tq__sentence_take(struct tq__sentence *sentence, const char *word)
{
    struct tq__span next = tq__sentence_next(sentence);

    if (!tq__span_matches(next, word))
        return false;
    tq__sentence_pass(sentence, next);
    return true;
}

struct tq__span tq__sentence_since(const struct tq__sentence *sentence, struct tq__span first)
{
    return (struct tq__span){first.at, (size_t)(sentence->left.at - first.at)};
}

/* ---- messages -------------------------------------------------------------------------------- */

/* The sentence in out's `room` bytes. One that is too long is shown from the word on. */
static void show_sentence(char *out, size_t room, struct tq__span text, struct tq__span word)
{
    size_t before = word.len > 0 ? (size_t)(word.at - text.at) : 0;

    if (text.len + sizeof "..." <= room || before == 0) {
        tq__text_make_safe(out, room, text, SIZE_MAX, 0);
        return;
    }
    memcpy(out, "...", 3);
    tq__text_make_safe(out + 3, room - 3, tq__span_behind(text, before), SIZE_MAX, 0);
}

int tq__sentence_wrong(struct tq__sentence *sentence, int code, struct tq__span word, const char *text, ...)
{
    char what[WHAT_BYTES], shown[WORD_BYTES], all[sizeof sentence->error.msg],
        message[sizeof what + sizeof all];
    size_t used;
    va_list list;

    va_start(list, text);
    vsnprintf(what, sizeof what, text, list);
    va_end(list);
    tq__text_make_safe(shown, sizeof shown, word, SIZE_MAX, 0);
    used = strlen(what) + strlen(shown) + sizeof "in \"\": \"\" ";
    show_sentence(all, sizeof all - used + 1, sentence->text, word);
    snprintf(message, sizeof message, word.len > 0 ? "in \"%s\": \"%s\" %s" : "in \"%s\": %s%s", all, shown,
             what);
    return tq__fail(&sentence->error, code, 0, NULL, message);
}

/* ---- amounts --------------------------------------------------------------------------------- */

static uint32_t unit_of(struct tq__span word, bool *dollars)
{
    static const struct {
        const char *word;
        uint32_t unit;
        bool dollars;
    } units[] = {
        {"tokens", TQ_UNIT_TOKENS, false},     {"token", TQ_UNIT_TOKENS, false},
        {"input", TQ_UNIT_INPUT, false},       {"output", TQ_UNIT_OUTPUT, false},
        {"total", TQ_UNIT_TOTAL, false},       {"weighted", TQ_UNIT_WEIGHTED, false},
        {"requests", TQ_UNIT_REQUESTS, false}, {"request", TQ_UNIT_REQUESTS, false},
        {"calls", TQ_UNIT_REQUESTS, false},    {"call", TQ_UNIT_REQUESTS, false},
        {"cost", TQ_UNIT_COST, false},         {"$", TQ_UNIT_COST, true},
        {"usd", TQ_UNIT_COST, true},           {"dollars", TQ_UNIT_COST, true},
        {"dollar", TQ_UNIT_COST, true},
    };

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (tq__span_matches(word, units[i].word)) {
            *dollars = units[i].dollars;
            return units[i].unit;
        }
    return 0;
}

bool tq__sentence_is_word(struct tq__span word)
{
    static const char *const words[] = {
        "per",     "a",         "an",     "each",      "every", "once",  "daily", "weekly",
        "monthly", "quarterly", "yearly", "from",      "in",    "at",    "the",   "reserve",
        "stated",  "rolling",   "refill", "first-use", "first", "fixed", "utc",   NULL,
    };
    bool dollars;

    for (size_t i = 0; words[i]; i++)
        if (tq__span_matches(word, words[i]))
            return true;
    return unit_of(word, &dollars) != 0 ||
           (word.len > 0 && (tq__is_digit(*word.at) || strchr("+-.$", *word.at)));
}

uint32_t tq__sentence_unit(struct tq__sentence *sentence, bool *dollars)
{
    struct tq__span word = tq__sentence_next(sentence);
    uint32_t unit = unit_of(word, dollars);

    if (unit == 0)
        return 0;
    tq__sentence_pass(sentence, word);
    if (unit == TQ_UNIT_INPUT || unit == TQ_UNIT_OUTPUT || unit == TQ_UNIT_TOTAL || unit == TQ_UNIT_WEIGHTED)
        (void)(tq__sentence_take(sentence, "tokens") || tq__sentence_take(sentence, "token"));
    return unit;
}

int tq__sentence_quantity(struct tq__sentence *sentence, struct tq__quantity *quantity)
{
    struct tq__span word = tq__sentence_next(sentence), amount = without_blanks(sentence->left), behind;
    bool dollars = amount.len > 0 && *amount.at == '$', none;
    size_t len;

    len = tq__amount_take(tq__span_behind(amount, dollars), &quantity->number);
    if (len == 0) {
        if (dollars)
            return tq__sentence_wrong(sentence, TQ_EINVAL, word, "is no amount; write $40 or $0.50");
        none = word.len == 0 || (!tq__is_digit(*word.at) && !strchr("+-.", *word.at));
        return none ? 1 : tq__sentence_wrong(sentence, TQ_EINVAL, word, "is no amount; write " SAY_AMOUNTS);
    }
    amount.len = len + dollars;
    tq__sentence_pass(sentence, amount);
    quantity->word = amount;
    quantity->dollars = dollars;
    if (sentence->left.len == 0 || is_space(*sentence->left.at) || strchr("/%", *sentence->left.at))
        return 0;
    behind = tq__sentence_next(sentence); /* 40$, 900requests */
    return unit_of(behind, &dollars) != 0
               ? 0
               : tq__sentence_wrong(sentence, TQ_EINVAL, word, "is no amount; write " SAY_AMOUNTS);
}

int tq__sentence_amount(struct tq__sentence *sentence, const struct tq__quantity *quantity, int64_t *amount)
{
    bool cost = sentence->limit.unit == TQ_UNIT_COST, exact;

    if (cost && !quantity->dollars)
        return tq__sentence_wrong(sentence, TQ_EINVAL, quantity->word, "is no cost; write dollars: $40");
    if (!cost && quantity->dollars)
        return tq__sentence_wrong(sentence, TQ_EINVAL, quantity->word, "is a cost, not %s",
                                  tq_unit_name(sentence->limit.unit));
    if (tq__number_scale(&quantity->number, cost ? 6 : 0, amount, &exact) != 0)
        *amount = INT64_MAX; /* above every bound */
    else if (!exact)
        return tq__sentence_wrong(sentence, TQ_EINVAL, quantity->word,
                                  cost ? "is no whole number of millionths of a dollar"
                                       : "is no whole number of %s",
                                  tq_unit_name(sentence->limit.unit));
    return 0;
}

/* ---- the sentence ---------------------------------------------------------------------------- */

/* What to write in place of a word by which vendors call a unit; NULL: it is none of these. */
static const char *unit_meant(struct tq__span word)
{
    static const struct {
        const char *words[4], *meant;
    } units[] = {
        {{"messages", "message", "prompts", "prompt"}, "requests"},
        {{"rpm"}, "requests per minute refill"},
        {{"rpd"}, "requests per day"},
        {{"tpm"}, "tokens per minute refill"},
        {{"tpd"}, "tokens per day"},
        {{"itpm"}, "input per minute refill"},
        {{"otpm"}, "output per minute refill"},
    };

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        for (size_t j = 0; j < 4 && units[i].words[j]; j++)
            if (tq__span_matches(word, units[i].words[j]))
                return units[i].meant;
    return NULL;
}

static int missing_unit(struct tq__sentence *sentence, bool amount)
{
    static const char *const units[] = {"tokens",   "input", "output",   "total",
                                        "requests", "cost",  "weighted", NULL};
    struct tq__span word = tq__sentence_next(sentence);
    const char *meant = unit_meant(word), *near = tq__nearest(word, units);

    if (meant)
        return tq__sentence_wrong(sentence, TQ_EINVAL, word, "is no unit; write %s\"%s\"",
                                  amount ? "" : "a number and then ", meant);
    if (near)
        return tq__sentence_wrong(sentence, TQ_EINVAL, word, "is no unit; did you mean \"%s\"?", near);
    if (word.len == 0)
        return tq__sentence_wrong(sentence, TQ_EINVAL, word, "the unit is missing; say " SAY_UNITS);
    if (amount)
        return tq__sentence_wrong(sentence, TQ_EINVAL, word,
                                  "stands where a unit is missing; say " SAY_UNITS);
    return tq__sentence_wrong(
        sentence, TQ_EINVAL, word,
        "is no amount and no unit; begin as in \"5M tokens per day\" or \"$40 per month\"");
}

/* Reads AMOUNT UNIT. */
static int read_amount_and_unit(struct tq__sentence *sentence)
{
    struct tq_limit *limit = &sentence->limit;
    struct tq__quantity quantity;
    int none = tq__sentence_quantity(sentence, &quantity), answer;
    bool dollars = false;

    if (none < 0)
        return none;
    sentence->part[TQ__PART_UNIT] = tq__sentence_next(sentence);
    limit->unit = tq__sentence_unit(sentence, &dollars);
    if (limit->unit == 0 && none == 0 && quantity.dollars)
        limit->unit = TQ_UNIT_COST;
    if (limit->unit == 0)
        return missing_unit(sentence, none == 0);
    if (none == 1)
        return 0;
    quantity.dollars |= dollars;
    answer = tq__sentence_amount(sentence, &quantity, &limit->amount);
    if (answer == 0 && limit->amount == 0)
        answer = tq__sentence_wrong(sentence, TQ_EINVAL, quantity.word,
                                    "is nothing; leave the amount out for a limit that only counts");
    limit->known |= TQ_LIMIT_AMOUNT;
    sentence->part[TQ__PART_AMOUNT] = quantity.word;
    return answer;
}

/* Is all of it within the bounds? */
static int check(struct tq__sentence *sentence)
{
    struct tq__limit_fault fault;
    int answer = tq__limit_check(&sentence->limit, &fault);

    if (answer == 0)
        return 0;
    return tq__sentence_wrong(sentence, answer, sentence->part[fault.part], "%s", fault.text);
}

static int read_sentence(struct tq__sentence *sentence)
{
    int answer;

    if (tq__sentence_next(sentence).len == 0)
        return tq__fail(&sentence->error, TQ_EINVAL, 0, NULL,
                        "a limit is a sentence such as \"5M tokens per day America/Los_Angeles\"");
    answer = tq__sentence_stated(sentence);
    if (answer > 0)
        answer = read_amount_and_unit(sentence);
    if (answer == 0 && !sentence->windowed)
        answer = tq__sentence_window(sentence);
    if (answer == 0)
        answer = tq__sentence_rest(sentence);
    return answer != 0 ? answer : check(sentence);
}

int tq_limit_parse(const char *sentence, struct tq_limit *limit, struct tq_error *error)
{
    struct tq__sentence reader = {.error = {.size = sizeof reader.error}};
    int answer;

    if (!sentence || !limit || limit->size < sizeof *limit)
        return tq__fail(error, TQ_EINVAL, 0, NULL, tq_strerror(TQ_EINVAL));
    reader.text = reader.left = tq__span_of(sentence);
    answer = read_sentence(&reader);
    if (answer == 0) {
        reader.limit.size = limit->size;
        *limit = reader.limit;
    }
    return tq__error_give(error, &reader.error, answer);
}
