/* test_sentence.c: limits from sentences and back: what people type, what is refused and in which words.
 *
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <stdio.h>

#include "harness.h"

#define MINUTE_NS (HOUR_NS / 60)
#define SECOND_NS (MINUTE_NS / 60)
#define QUARTER_NS (15 * MINUTE_NS)
#define ANCHOR_NS INT64_C(1775868300000000000) /* 2026-04-11T00:45Z */

static_assert(sizeof(struct tq_limit) == 120, "no padding: limits are compared as bytes");

static struct tq_limit parsed(const char *sentence)
{
    struct tq_limit limit = {.size = sizeof limit};
    struct tq_error error = {.size = sizeof error};

    if (tq_limit_parse(sentence, &limit, &error) != 0)
        fail_msg("\"%s\": %s", sentence, error.msg);
    return limit;
}

static void expect_format(const struct tq_limit *limit, const char *sentence)
{
    char out[256];

    assert_int_equal(tq_limit_format(limit, out, sizeof out), strlen(sentence));
    assert_string_equal(out, sentence);
}

static void expect_same(const struct tq_limit *a, const struct tq_limit *b, const char *sentence)
{
    if (memcmp(a, b, sizeof *a) != 0)
        fail_msg("another limit: \"%s\"", sentence);
}

/* ---- what a sentence means ------------------------------------------------------------------- */

static void a_sentence_sets_every_part(void **state)
{
    static const struct {
        const char *sentence;
        struct tq_limit limit;
    } cases[] = {
        {"5M tokens per day America/Los_Angeles",
         {.unit = TQ_UNIT_TOKENS,
          .window = TQ_WINDOW_DAY,
          .known = TQ_LIMIT_AMOUNT,
          .amount = 5000000,
          .zone = "America/Los_Angeles"}},
        {"900 requests per 5h first-use reserve 10%",
         {.unit = TQ_UNIT_REQUESTS,
          .window = TQ_WINDOW_FIRST_USE,
          .known = TQ_LIMIT_AMOUNT | TQ_LIMIT_RESERVE,
          .amount = 900,
          .reserve_share = 1000,
          .length_ns = 5 * HOUR_NS}},
        {"$40 per month from the 5th",
         {.unit = TQ_UNIT_COST,
          .window = TQ_WINDOW_MONTH,
          .known = TQ_LIMIT_AMOUNT,
          .first = 5,
          .amount = 40000000}},
        {"2M tokens per minute refill",
         {.unit = TQ_UNIT_TOKENS,
          .window = TQ_WINDOW_REFILL,
          .known = TQ_LIMIT_AMOUNT,
          .amount = 2000000,
          .length_ns = MINUTE_NS}},
        {"750k tokens once",
         {.unit = TQ_UNIT_TOKENS, .window = TQ_WINDOW_ONCE, .known = TQ_LIMIT_AMOUNT, .amount = 750000}},
        {"5M tokens per 7d from 2026-04-11T00:45Z",
         {.unit = TQ_UNIT_TOKENS,
          .window = TQ_WINDOW_FIXED,
          .known = TQ_LIMIT_AMOUNT,
          .amount = 5000000,
          .length_ns = 7 * DAY_NS,
          .anchor_at_ns = ANCHOR_NS}},
        {"input per week from Sunday reserve 500k",
         {.unit = TQ_UNIT_INPUT,
          .window = TQ_WINDOW_WEEK,
          .known = TQ_LIMIT_RESERVE,
          .first = 7,
          .reserve = 500000}},
        {"3 output per quarter from February in Japan",
         {.unit = TQ_UNIT_OUTPUT,
          .window = TQ_WINDOW_QUARTER,
          .known = TQ_LIMIT_AMOUNT,
          .first = 2,
          .amount = 3,
          .zone = "Japan"}},
        {"weighted per year from December UTC",
         {.unit = TQ_UNIT_WEIGHTED, .window = TQ_WINDOW_YEAR, .first = 12}},
        {"total per 24h rolling reserve 0",
         {.unit = TQ_UNIT_TOTAL,
          .window = TQ_WINDOW_ROLLING,
          .known = TQ_LIMIT_RESERVE,
          .length_ns = DAY_NS}},
        {"$0.000001 once reserve $0.000001",
         {.unit = TQ_UNIT_COST,
          .window = TQ_WINDOW_ONCE,
          .known = TQ_LIMIT_AMOUNT | TQ_LIMIT_RESERVE,
          .amount = 1,
          .reserve = 1}},
        {"7d opus reserve 12.5%",
         {.unit = TQ_UNIT_SHARE,
          .window = TQ_WINDOW_STATED,
          .known = TQ_LIMIT_RESERVE,
          .reserve_share = 1250,
          .length_ns = 7 * DAY_NS,
          .zone = "opus"}},
        {"requests per 24h stated",
         {.unit = TQ_UNIT_REQUESTS, .window = TQ_WINDOW_STATED, .length_ns = DAY_NS}},
        {"tokens per 1d12h from 1999-12-31T23:45-01:00",
         {.unit = TQ_UNIT_TOKENS,
          .window = TQ_WINDOW_FIXED,
          .length_ns = 36 * HOUR_NS,
          .anchor_at_ns = INT64_C(946687500000000000)}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tq_limit limit = parsed(cases[i].sentence), right = cases[i].limit;

        right.size = sizeof right;
        expect_same(&limit, &right, cases[i].sentence);
    }
}

/* What is behind a mark in a line of the file; NULL: the line has another mark. */
static char *behind(char *line, const char *mark)
{
    return strncmp(line, mark, strlen(mark)) == 0 ? line + strlen(mark) : NULL;
}

/* What people type, and the shortest sentence for the same. */
static void expect_meaning(const char *sentence, const char *shortest)
{
    struct tq_limit limit = parsed(sentence), again = parsed(shortest);

    expect_same(&limit, &again, sentence);
    expect_format(&limit, shortest);
}

/* An error has this code and message, and changes nothing. */
static void expect_error(const char *sentence, const char *code, const char *message)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_limit limit, before;
    int answer;

    memset(&limit, 0x5a, sizeof limit);
    limit.size = sizeof limit;
    before = limit;
    answer = tq_limit_parse(sentence, &limit, &error);
    assert_int_equal(error.code, answer);
    assert_string_equal(error.msg, message);
    assert_string_equal(tq_error_name(answer), code);
    expect_same(&limit, &before, sentence);
    assert_int_equal(tq_limit_parse(sentence, &limit, NULL), answer);
}

static void the_sentences_of_the_vectors(void **state)
{
    FILE *file = fopen("tests/vectors/sentences.txt", "r");
    char sentence[512] = "", line[512];
    size_t right = 0, wrong = 0;

    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        char *meaning, *error, *message;

        line[strcspn(line, "\n")] = '\0';
        meaning = behind(line, "    = ");
        error = behind(line, "    ! ");
        if (meaning) {
            expect_meaning(sentence, meaning);
            right++;
        } else if (error) {
            message = strchr(error, ' ');
            assert_non_null(message);
            *message = '\0';
            expect_error(sentence, error, message + 1);
            wrong++;
        } else {
            memcpy(sentence, line, sizeof line);
        }
    }
    fclose(file);
    assert_true(right >= 100 && wrong >= 150);
}

static void messages_are_safe_to_print(void **state)
{
    (void)state;
    expect_error("5M tokens per \x1b[31mday", "TQ_EINVAL",
                 "in \"5M tokens per \\x1b[31mday\": \"\\x1b[31mday\" is no window; say day, week, month, "
                 "quarter, year, minute, hour, or a length such as 5h or 7d");
    expect_error("5M tok\xffns per day", "TQ_EINVAL",
                 "in \"5M tok\\xffns per day\": \"tok\\xffns\" is no unit; did you mean \"tokens\"?");
    expect_error(
        "tokens per day \xe2\x80\xaeUTC", "TQ_EINVAL",
        "in \"tokens per day \\xe2\\x80\\xaeUTC\": \"\\xe2\\x80\\xaeUTC\" is out of place; behind the "
        "window come \"from\", a zone (America/Los_Angeles), rolling, refill, first-use, fixed, "
        "\"reserve 10%\"");
    expect_error("", "TQ_EINVAL", "a limit is a sentence such as \"5M tokens per day America/Los_Angeles\"");
    expect_error(" \t\n", "TQ_EINVAL",
                 "a limit is a sentence such as \"5M tokens per day America/Los_Angeles\"");
    expect_meaning("\t5M  tokens \n per\v\f\rday ", "5M tokens per day");
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void arguments_are_checked(void **state)
{
    struct tq_limit limit = {.size = sizeof limit};
    struct tq_error error = {.size = sizeof error};

    (void)state;
    assert_int_equal(tq_limit_parse(NULL, &limit, &error), TQ_EINVAL);
    assert_string_equal(error.msg, "invalid argument");
    assert_int_equal(tq_limit_parse("tokens once", NULL, &error), TQ_EINVAL);
    limit.size--;
    assert_int_equal(tq_limit_parse("tokens once", &limit, &error), TQ_EINVAL);
    limit.size += 9; /* that of a later version */
    assert_int_equal(tq_limit_parse("tokens once", &limit, &error), 0);
    assert_int_equal(limit.size, sizeof limit + 8);
    assert_int_equal(error.code, 0);
    assert_string_equal(error.msg, "");
    assert_int_equal(tq_limit_format(&limit, NULL, 0), sizeof "tokens once" - 1);
    assert_int_equal(tq_limit_format(&limit, NULL, 1), TQ_EINVAL);
    assert_int_equal(tq_limit_format(NULL, NULL, 0), TQ_EINVAL);
    limit.size = sizeof limit - 1;
    assert_int_equal(tq_limit_format(&limit, NULL, 0), TQ_EINVAL);
}

static void a_long_sentence_is_read_to_its_end(void **state)
{
    enum { BLANKS = 100000 };
    char *sentence = malloc(BLANKS + sizeof "tokens once now");
    struct tq_limit limit = {.size = sizeof limit};
    struct tq_error error = {.size = sizeof error};

    (void)state;
    assert_non_null(sentence);
    memset(sentence, ' ', BLANKS);
    memcpy(sentence, "tokens", sizeof "tokens" - 1);
    memcpy(sentence + BLANKS, "once", sizeof "once");
    assert_int_equal(tq_limit_parse(sentence, &limit, &error), 0);
    memcpy(sentence + BLANKS, "once now", sizeof "once now");
    assert_int_equal(tq_limit_parse(sentence, &limit, &error), TQ_EINVAL);
    assert_non_null(strstr(error.msg, "in \"...now\": \"now\" is out of place"));
    memset(sentence, '9', BLANKS);
    assert_int_equal(tq_limit_parse(sentence, &limit, &error), TQ_EINVAL);
    memcpy(sentence + BLANKS, " calls once", sizeof " calls once");
    assert_int_equal(tq_limit_parse(sentence, &limit, &error), TQ_ERANGE);
    assert_non_null(strstr(error.msg, "9999..."));
    free(sentence);
}

/* ---- there and back -------------------------------------------------------------------------- */

static void expect_round_trip(const struct tq_limit *limit)
{
    char out[256];
    struct tq_limit back;

    assert_in_range(tq_limit_format(limit, out, sizeof out), 1, sizeof out - 1);
    back = parsed(out);
    expect_same(limit, &back, out);
}

/* Every amount and reserve on one unit and window. */
static size_t round_trips(struct tq_limit limit)
{
    static const int64_t amounts[] = {0,
                                      1,
                                      7,
                                      999,
                                      1000,
                                      1001,
                                      1500,
                                      10000,
                                      12345,
                                      100000,
                                      999999,
                                      1000000,
                                      1000001,
                                      1250000,
                                      5000000,
                                      40000000,
                                      123456789,
                                      1000000000,
                                      1 << 30,
                                      2500000000u,
                                      4294967295u,
                                      INT64_C(4294967296),
                                      INT64_C(1000000000000),
                                      TQ_LIMIT_AMOUNT_MAX};
    static const uint32_t shares[] = {0, 1, 10, 100, 1250, 9999, 10000};
    bool small = limit.window == TQ_WINDOW_FIRST_USE || limit.window == TQ_WINDOW_REFILL;
    size_t count = 0;

    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
        if (amounts[i] > (small ? INT64_C(4294967295) : TQ_LIMIT_AMOUNT_MAX) ||
            (limit.window == TQ_WINDOW_REFILL && amounts[i] > limit.length_ns / 64))
            continue;
        limit.amount = amounts[i];
        limit.known = amounts[i] > 0 ? TQ_LIMIT_AMOUNT : 0;
        expect_round_trip(&limit);
        limit.known |= TQ_LIMIT_RESERVE;
        for (size_t j = 0; j < sizeof shares / sizeof shares[0]; j++, count++) {
            limit.reserve_share = shares[j];
            expect_round_trip(&limit);
        }
        limit.reserve_share = 0;
        for (size_t j = 0; j < sizeof amounts / sizeof amounts[0]; j += 5, count++) {
            limit.reserve = limit.amount == 0 || amounts[j] < limit.amount ? amounts[j] : limit.amount;
            expect_round_trip(&limit);
        }
        limit.reserve = 0;
    }
    return count;
}

static void every_limit_comes_back(void **state)
{
    static const uint32_t last[] = {[TQ_WINDOW_DAY] = 1,
                                    [TQ_WINDOW_WEEK] = 7,
                                    [TQ_WINDOW_MONTH] = 31,
                                    [TQ_WINDOW_QUARTER] = 12,
                                    [TQ_WINDOW_YEAR] = 12};
    static const char *const zones[] = {"",
                                        "Europe/Paris",
                                        "America/Argentina/Buenos_Aires",
                                        "Etc/GMT+5",
                                        "Japan",
                                        "EST5EDT",
                                        "rolling",
                                        "x/2345678901234567890123456789012345678901234567890123456789xyz"};
    static const int64_t lengths[] = {SECOND_NS,
                                      2 * SECOND_NS,
                                      59 * SECOND_NS,
                                      MINUTE_NS,
                                      61 * SECOND_NS,
                                      QUARTER_NS,
                                      16 * MINUTE_NS,
                                      HOUR_NS,
                                      90 * MINUTE_NS,
                                      5 * HOUR_NS,
                                      DAY_NS,
                                      DAY_NS + QUARTER_NS,
                                      36 * HOUR_NS,
                                      2 * DAY_NS,
                                      7 * DAY_NS,
                                      31 * DAY_NS,
                                      365 * DAY_NS + 95 * QUARTER_NS,
                                      366 * DAY_NS};
    static const int64_t anchors[] = {0,
                                      ANCHOR_NS,
                                      -QUARTER_NS,
                                      19000 * DAY_NS,
                                      INT64_C(9214646300000000000) / DAY_NS * DAY_NS,
                                      -106000 * DAY_NS};
    struct tq_limit limit = {.size = sizeof limit};
    char out[256];
    size_t count = 0;

    (void)state;
    for (limit.unit = TQ_UNIT_TOKENS; limit.unit <= TQ_UNIT_WEIGHTED; limit.unit++) {
        for (limit.window = TQ_WINDOW_DAY; limit.window <= TQ_WINDOW_YEAR; limit.window++)
            for (uint32_t first = 1; first <= last[limit.window]; first++)
                for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
                    limit.first = first > 1 ? first : 0;
                    memset(limit.zone, 0, sizeof limit.zone);
                    memcpy(limit.zone, zones[i], strlen(zones[i]));
                    expect_round_trip(&limit);
                    count += i == 1 && first <= 2 ? round_trips(limit) : 1;
                }
        limit.first = 0;
        memset(limit.zone, 0, sizeof limit.zone);
        for (; limit.window <= TQ_WINDOW_REFILL; limit.window++)
            for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
                for (size_t j = 0;
                     j < (limit.window == TQ_WINDOW_FIXED ? sizeof anchors / sizeof anchors[0] : 1); j++) {
                    limit.length_ns = lengths[i];
                    limit.anchor_at_ns = anchors[j];
                    if (tq_limit_format(&limit, out, sizeof out) > 0) /* such a window may have the length */
                        count += round_trips(limit);
                }
        limit.length_ns = limit.anchor_at_ns = 0;
        count += round_trips(limit); /* once */
    }
    assert_true(count > 50000);
}

/* A vendor may call a window by a word of sentences. */
static void every_name_of_a_window_comes_back(void **state)
{
    static const char *const names[] = {
        "",         "opus", "Opus", "reserve", "RESERVE", "stated", "rolling", "first-use",
        "first",    "use",  "per",  "tokens",  "USD",     "daily",  "in",      "utc",
        "5h",       "10%",  "$5",   "-1",      ".5",      "UTC",    "h",       "opus-4.5",
        "stated\\", "~",    "'",    "(opus)",  "weekly",  "d",      "min",     "123456789012345678901",
    };
    static const int64_t lengths[] = {10 * MINUTE_NS, 15 * MINUTE_NS, 59 * MINUTE_NS,
                                      HOUR_NS,        61 * MINUTE_NS, 5 * HOUR_NS,
                                      DAY_NS,         7 * DAY_NS,     366 * DAY_NS};
    static const uint32_t shares[] = {0, 1, 1000, 10000};
    struct tq_limit limit = {.size = sizeof limit, .window = TQ_WINDOW_STATED};

    (void)state;
    for (limit.unit = TQ_UNIT_TOKENS; limit.unit <= TQ_UNIT_SHARE; limit.unit++)
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            for (size_t j = 0; j < sizeof lengths / sizeof lengths[0]; j++) {
                memset(limit.zone, 0, sizeof limit.zone);
                memcpy(limit.zone, names[i], strlen(names[i]));
                limit.length_ns = lengths[j];
                limit.known = limit.reserve_share = 0;
                expect_round_trip(&limit);
                limit.known = TQ_LIMIT_RESERVE;
                for (size_t k = 0; k < sizeof shares / sizeof shares[0]; k++) {
                    limit.reserve_share = shares[k];
                    expect_round_trip(&limit);
                }
            }
}

/* Two structs that are one limit have one sentence. */
static void defaults_are_not_written(void **state)
{
    struct tq_limit limit = parsed("5 tokens per week");

    (void)state;
    limit.first = 1;
    expect_format(&limit, "5 tokens per week");
    memcpy(limit.zone, "UTC", sizeof "UTC");
    expect_format(&limit, "5 tokens per week");
    limit.amount = 0;
    expect_format(&limit, "tokens per week");
    limit.known = 0;
    limit.amount = 5;
    limit.reserve = 5;
    expect_format(&limit, "tokens per week");
    limit.known = TQ_LIMIT_RESERVE;
    limit.reserve_share = 50;
    expect_format(&limit, "tokens per week reserve 0.5%");
}

static void what_does_not_fit_is_cut(void **state)
{
    const char sentence[] = "900 requests per 5h first-use reserve 10%";
    struct tq_limit limit = parsed(sentence);

    (void)state;
    for (size_t capacity = 1; capacity <= sizeof sentence; capacity++) {
        char *out = malloc(capacity); /* its end is where a sanitizer sees it */

        assert_non_null(out);
        assert_int_equal(tq_limit_format(&limit, out, capacity), sizeof sentence - 1);
        assert_int_equal(strlen(out), capacity - 1);
        assert_memory_equal(out, sentence, capacity - 1);
        free(out);
    }
}

static void no_limit_that_can_be_is_not_written(void **state)
{
    static const struct tq_limit cases[] = {
        {.unit = 0, .window = TQ_WINDOW_DAY},
        {.unit = 8, .window = TQ_WINDOW_DAY},
        {.unit = UINT32_MAX, .window = TQ_WINDOW_DAY},
        {.unit = 1, .window = 0},
        {.unit = 1, .window = 11},
        {.unit = 1, .window = 12},
        {.unit = 9, .window = TQ_WINDOW_STATED, .length_ns = DAY_NS},
        {.unit = TQ_UNIT_SHARE, .window = TQ_WINDOW_DAY},
        {.unit = TQ_UNIT_SHARE, .window = TQ_WINDOW_ONCE},
        {.unit = TQ_UNIT_SHARE, .window = TQ_WINDOW_ROLLING, .length_ns = DAY_NS},
        {.unit = TQ_UNIT_SHARE, .window = TQ_WINDOW_STATED, .length_ns = 9 * MINUTE_NS},
        {.unit = TQ_UNIT_SHARE, .window = TQ_WINDOW_STATED, .length_ns = 367 * DAY_NS},
        {.unit = TQ_UNIT_SHARE, .window = TQ_WINDOW_STATED, .length_ns = HOUR_NS + SECOND_NS},
        {.unit = TQ_UNIT_SHARE, .window = TQ_WINDOW_STATED, .length_ns = DAY_NS, .known = 1, .amount = 5},
        {.unit = TQ_UNIT_SHARE, .window = TQ_WINDOW_STATED, .length_ns = DAY_NS, .known = 2, .reserve = 5},
        {.unit = TQ_UNIT_SHARE, .window = TQ_WINDOW_STATED, .length_ns = DAY_NS, .first = 1},
        {.unit = TQ_UNIT_SHARE, .window = TQ_WINDOW_STATED, .length_ns = DAY_NS, .anchor_at_ns = DAY_NS},
        {.unit = TQ_UNIT_SHARE, .window = TQ_WINDOW_STATED, .length_ns = DAY_NS, .zone = "a b"},
        {.unit = TQ_UNIT_SHARE, .window = TQ_WINDOW_STATED, .length_ns = DAY_NS, .zone = "a/b"},
        {.unit = TQ_UNIT_SHARE, .window = TQ_WINDOW_STATED, .length_ns = DAY_NS, .zone = "a\"b"},
        {.unit = TQ_UNIT_SHARE, .window = TQ_WINDOW_STATED, .length_ns = DAY_NS, .zone = "\x7f"},
        {.unit = TQ_UNIT_SHARE,
         .window = TQ_WINDOW_STATED,
         .length_ns = DAY_NS,
         .zone = "1234567890123456789012"},
        {.unit = 1, .window = UINT32_MAX},
        {.unit = 1, .window = TQ_WINDOW_DAY, .first = 1},
        {.unit = 1, .window = TQ_WINDOW_WEEK, .first = 8},
        {.unit = 1, .window = TQ_WINDOW_MONTH, .first = 32},
        {.unit = 1, .window = TQ_WINDOW_QUARTER, .first = 13},
        {.unit = 1, .window = TQ_WINDOW_YEAR, .first = UINT32_MAX},
        {.unit = 1, .window = TQ_WINDOW_ONCE, .first = 1},
        {.unit = 1, .window = TQ_WINDOW_DAY, .length_ns = DAY_NS},
        {.unit = 1, .window = TQ_WINDOW_ONCE, .length_ns = DAY_NS},
        {.unit = 1, .window = TQ_WINDOW_FIXED},
        {.unit = 1, .window = TQ_WINDOW_FIXED, .length_ns = -QUARTER_NS},
        {.unit = 1, .window = TQ_WINDOW_FIXED, .length_ns = INT64_MAX},
        {.unit = 1, .window = TQ_WINDOW_FIXED, .length_ns = QUARTER_NS + 1},
        {.unit = 1, .window = TQ_WINDOW_FIXED, .length_ns = QUARTER_NS, .anchor_at_ns = 1},
        {.unit = 1, .window = TQ_WINDOW_FIXED, .length_ns = QUARTER_NS, .anchor_at_ns = INT64_MIN},
        {.unit = 1, .window = TQ_WINDOW_FIXED, .length_ns = QUARTER_NS, .anchor_at_ns = TQ_NOW_END_NS},
        {.unit = 1, .window = TQ_WINDOW_FIXED, .length_ns = QUARTER_NS, .zone = "Europe/Paris"},
        {.unit = 1, .window = TQ_WINDOW_FIRST_USE, .length_ns = 14 * MINUTE_NS},
        {.unit = 1, .window = TQ_WINDOW_FIRST_USE, .length_ns = HOUR_NS, .anchor_at_ns = HOUR_NS},
        {.unit = 1, .window = TQ_WINDOW_ROLLING, .length_ns = 14 * MINUTE_NS},
        {.unit = 1, .window = TQ_WINDOW_ROLLING, .length_ns = HOUR_NS + SECOND_NS},
        {.unit = 1, .window = TQ_WINDOW_ROLLING, .length_ns = 367 * DAY_NS},
        {.unit = 1, .window = TQ_WINDOW_REFILL, .length_ns = SECOND_NS / 2},
        {.unit = 1, .window = TQ_WINDOW_REFILL, .length_ns = 31 * DAY_NS + SECOND_NS},
        {.unit = 1, .window = TQ_WINDOW_REFILL, .length_ns = SECOND_NS, .known = 1, .amount = 15625001},
        {.unit = 1,
         .window = TQ_WINDOW_REFILL,
         .length_ns = DAY_NS,
         .known = 1,
         .amount = INT64_C(4294967296)},
        {.unit = 1, .window = TQ_WINDOW_DAY, .known = 1, .amount = -1},
        {.unit = 1, .window = TQ_WINDOW_DAY, .known = 1, .amount = TQ_LIMIT_AMOUNT_MAX + 1},
        {.unit = 1, .window = TQ_WINDOW_DAY, .known = 2, .reserve = -1},
        {.unit = 1, .window = TQ_WINDOW_DAY, .known = 2, .reserve = TQ_LIMIT_AMOUNT_MAX + 1},
        {.unit = 1, .window = TQ_WINDOW_DAY, .known = 2, .reserve_share = 10001},
        {.unit = 1, .window = TQ_WINDOW_DAY, .known = 3, .amount = 5, .reserve = 6},
        {.unit = 1, .window = TQ_WINDOW_DAY, .zone = "/etc/passwd"},
        {.unit = 1, .window = TQ_WINDOW_DAY, .zone = "a b"},
        {.unit = 1, .window = TQ_WINDOW_DAY, .zone = "PST"},
    };

    (void)state;
    for (size_t i = 0; i <= sizeof cases / sizeof cases[0]; i++) {
        struct tq_limit limit = cases[i < sizeof cases / sizeof cases[0] ? i : 0];
        char out[8] = "before";

        limit.size = sizeof limit;
        if (i == sizeof cases / sizeof cases[0]) { /* a zone without an end */
            limit.unit = TQ_UNIT_TOKENS;
            memset(limit.zone, 'a', sizeof limit.zone);
        }
        if (tq_limit_format(&limit, out, sizeof out) != TQ_EINVAL)
            fail_msg("case %zu is written: %s", i, out);
        assert_string_equal(out, "before");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sentence_sets_every_part),
        cmocka_unit_test(the_sentences_of_the_vectors),
        cmocka_unit_test(messages_are_safe_to_print),
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(a_long_sentence_is_read_to_its_end),
        cmocka_unit_test(every_limit_comes_back),
        cmocka_unit_test(every_name_of_a_window_comes_back),
        cmocka_unit_test(defaults_are_not_written),
        cmocka_unit_test(what_does_not_fit_is_cut),
        cmocka_unit_test(no_limit_that_can_be_is_not_written),
    };

    heed_test_filter();
    return cmocka_run_group_tests_name("sentence", tests, NULL, NULL);
}
