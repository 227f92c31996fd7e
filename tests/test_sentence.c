/* test_sentence.c: limits from sentences and back: what people type, what is refused and in which words.
 *
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>

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

/* What people type, and the shortest sentence for the same. */
static void many_sentences_mean_the_same(void **state)
{
    static const struct {
        const char *sentence, *shortest;
    } cases[] = {
        {"5M tokens per day America/Los_Angeles", "5M tokens per day America/Los_Angeles"},
        {"900 requests per 5h first-use reserve 10%", "900 requests per 5h first-use reserve 10%"},
        {"$40 per month from the 5th", "$40 per month from the 5th"},
        {"2M tokens per minute refill", "2M tokens per minute refill"},
        {"750k tokens once", "750k tokens once"},
        {"5M tokens per 7d from 2026-04-11T00:45Z", "5M tokens per 7d from 2026-04-11T00:45Z"},
        {"5m TOKENS PER DAY", "5M tokens per day"},
        {"5,000,000 tokens a day", "5M tokens per day"},
        {"5_000_000 tokens/day", "5M tokens per day"},
        {"5000000 tokens /day", "5M tokens per day"},
        {"5 M tokens every day", "5M tokens per day"},
        {"5 million tokens each day", "5M tokens per day"},
        {"1.5M tokens daily", "1.5M tokens per day"},
        {"1500000 token per day", "1.5M tokens per day"},
        {"1500 tokens per day", "1.5k tokens per day"},
        {"1000 tokens per day", "1k tokens per day"},
        {"999 tokens per day", "999 tokens per day"},
        {"1234567 tokens per day", "1234567 tokens per day"},
        {"1B tokens per month", "1G tokens per month"},
        {"1.2 billion tokens per month", "1.2G tokens per month"},
        {"1 request a minute refill", "1 requests per minute refill"},
        {"900 calls per 5 hours first use", "900 requests per 5h first-use"},
        {"900 calls per 5-hour first-use", "900 requests per 5h first-use"},
        {"900 calls per 5h from first use", "900 requests per 5h first-use"},
        {"900requests per 5h from the first use", "900 requests per 5h first-use"},
        {"50 requests/minute refill", "50 requests per minute refill"},
        {"50 requests / minute refill", "50 requests per minute refill"},
        {"40 USD per month", "$40 per month"},
        {"40USD per month", "$40 per month"},
        {"40$ per month", "$40 per month"},
        {"$40/month", "$40 per month"},
        {"$0.50 per day", "$0.5 per day"},
        {"$1,234.56 per month", "$1234.56 per month"},
        {"40 dollars per month", "$40 per month"},
        {"1 dollar per day", "$1 per day"},
        {"$40 cost per month", "$40 per month"},
        {"$40 USD per month", "$40 per month"},
        {"$1.5k per month", "$1500 per month"},
        {"cost per month", "cost per month"},
        {"dollars per month", "cost per month"},
        {"tokens per day", "tokens per day"},
        {"requests per day", "requests per day"},
        {"3M input tokens per day", "3M input per day"},
        {"3M input per day", "3M input per day"},
        {"3M output tokens per day", "3M output per day"},
        {"3M total tokens per day", "3M total per day"},
        {"3M weighted tokens per day", "3M weighted per day"},
        {"3M weighted token per day", "3M weighted per day"},
        {"5M tokens per week", "5M tokens per week"},
        {"5M tokens per week from Sunday", "5M tokens per week from Sunday"},
        {"5M tokens per week from sun", "5M tokens per week from Sunday"},
        {"5M tokens per week from Tues", "5M tokens per week from Tuesday"},
        {"5M tokens per week from Monday", "5M tokens per week"},
        {"5M tokens weekly from Thursday in Europe/Paris", "5M tokens per week from Thursday Europe/Paris"},
        {"5M tokens per month from 5", "5M tokens per month from the 5th"},
        {"5M tokens per month from 1st", "5M tokens per month"},
        {"5M tokens per month from the 31st", "5M tokens per month from the 31st"},
        {"5M tokens per month from the 22nd", "5M tokens per month from the 22nd"},
        {"5M tokens per month from the 11th", "5M tokens per month from the 11th"},
        {"5M tokens per month from the 3rd", "5M tokens per month from the 3rd"},
        {"5M tokens per quarter from February", "5M tokens per quarter from February"},
        {"5M tokens per quarter", "5M tokens per quarter"},
        {"5M tokens per year from April", "5M tokens per year from April"},
        {"5M tokens per year from Sept", "5M tokens per year from September"},
        {"5M tokens per year from jan", "5M tokens per year"},
        {"5M tokens per day UTC", "5M tokens per day"},
        {"5M tokens per day in utc", "5M tokens per day"},
        {"5M tokens per day in Japan", "5M tokens per day in Japan"},
        {"5M tokens per day Etc/GMT+5", "5M tokens per day Etc/GMT+5"},
        {"5M tokens per 24h rolling", "5M tokens per 24h rolling"},
        {"5M tokens per 1d rolling", "5M tokens per 24h rolling"},
        {"5M tokens per rolling 24h", "5M tokens per 24h rolling"},
        {"5M tokens per rolling 24 hours", "5M tokens per 24h rolling"},
        {"5M tokens per 36h rolling", "5M tokens per 36h rolling"},
        {"5M tokens per 90m rolling", "5M tokens per 90m rolling"},
        {"5M tokens per 1h30m rolling", "5M tokens per 90m rolling"},
        {"5M tokens per 1d12h rolling", "5M tokens per 36h rolling"},
        {"5M tokens per 2w rolling", "5M tokens per 14d rolling"},
        {"5M tokens per 1 week rolling", "5M tokens per 7d rolling"},
        {"5M tokens per hour rolling", "5M tokens per hour rolling"},
        {"5M tokens per hour refill", "5M tokens per hour refill"},
        {"5M tokens per 30s refill", "5M tokens per 30s refill"},
        {"50 tokens per second refill", "50 tokens per second refill"},
        {"5M tokens per 366d rolling", "5M tokens per 366d rolling"},
        {"5M tokens per 365d23h45m first-use", "5M tokens per 527025m first-use"},
        {"5M tokens per 7d fixed from 2026-04-11", "5M tokens per 7d from 2026-04-11"},
        {"5M tokens per 7d from 2026-04-11 fixed", "5M tokens per 7d from 2026-04-11"},
        {"5M tokens per 7d from 2026-04-11T00:45", "5M tokens per 7d from 2026-04-11T00:45Z"},
        {"5M tokens per 7d from 2026-04-11 00:45Z", "5M tokens per 7d from 2026-04-11T00:45Z"},
        {"5M tokens per 7d from 2026-04-11 00:45 UTC", "5M tokens per 7d from 2026-04-11T00:45Z"},
        {"5M tokens per 7d from 2026-04-11T00:45:00Z", "5M tokens per 7d from 2026-04-11T00:45Z"},
        {"5M tokens per 7d from 2026-04-11T00:45+02:00", "5M tokens per 7d from 2026-04-10T22:45Z"},
        {"5M tokens per 7d from 2026-04-11T00:45:00.000-07:00", "5M tokens per 7d from 2026-04-11T07:45Z"},
        {"5M tokens per day reserve 10%", "5M tokens per day reserve 10%"},
        {"5M tokens per day reserve 10 %", "5M tokens per day reserve 10%"},
        {"5M tokens per day reserve 12.5%", "5M tokens per day reserve 12.5%"},
        {"5M tokens per day reserve 0.01%", "5M tokens per day reserve 0.01%"},
        {"5M tokens per day reserve 100%", "5M tokens per day reserve 100%"},
        {"5M tokens per day reserve 0", "5M tokens per day reserve 0"},
        {"5M tokens per day reserve 0%", "5M tokens per day reserve 0"},
        {"5M tokens per day reserve 500k", "5M tokens per day reserve 500k"},
        {"5M tokens per day reserve 500k tokens", "5M tokens per day reserve 500k"},
        {"$40 per month reserve $5", "$40 per month reserve $5"},
        {"$40 per month reserve 5 USD", "$40 per month reserve $5"},
        {"$40 per month reserve 10%", "$40 per month reserve 10%"},
        {"5M tokens per day reserve 10% America/Los_Angeles",
         "5M tokens per day America/Los_Angeles reserve 10%"},
        {"$40 per month America/New_York from the 5th reserve 10%",
         "$40 per month from the 5th America/New_York reserve 10%"},
        {"tokens per day reserve 10%", "tokens per day reserve 10%"},
        {"\0115M  tokens   per day  ", "5M tokens per day"},
        {"900 requests per 5 hours reserve 90 first-use", "900 requests per 5h first-use reserve 90"},
        {"1099511627775 tokens once", "1099511627775 tokens once"},
        {"4294967295 tokens per 5h first-use", "4294967295 tokens per 5h first-use"},
        {"$1099511.627775 once", "$1099511.627775 once"},
        {"5M tokens/day America/Los_Angeles", "5M tokens per day America/Los_Angeles"},
        {"1000 requests/day UTC", "1k requests per day"},
        {"1,000 requests per day in America/Los_Angeles reserve 5%",
         "1k requests per day America/Los_Angeles reserve 5%"},
        {"$20/month in Europe/Paris from the 1st", "$20 per month Europe/Paris"},
        {"10k requests per 7d from 2026-11-05T14:00Z reserve 1k requests",
         "10k requests per 7d from 2026-11-05T14:00Z reserve 1k"},
        {"5M tokens per 7d from 2026-04-11 09:00", "5M tokens per 7d from 2026-04-11T09:00Z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tq_limit limit = parsed(cases[i].sentence), again = parsed(cases[i].shortest);

        expect_same(&limit, &again, cases[i].sentence);
        expect_format(&limit, cases[i].shortest);
    }
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void errors_name_the_word(void **state)
{
    static const struct {
        const char *sentence;
        int code;
        const char *message;
    } cases[] = {
        {"3T tokens yearly", TQ_ERANGE,
         "in \"3T tokens yearly\": \"3T\" is above the most, 1,099,511,627,775"},
        {"$.50 per day", TQ_EINVAL, "in \"$.50 per day\": \"$.50\" is no amount; write $40 or $0.50"},
        {"5M tokens reserve 10% per day", TQ_EINVAL,
         "in \"5M tokens reserve 10% per day\": \"reserve\" is out of place; behind the unit comes \"per\" "
         "and a window, or \"once\""},
        {"5M tokens per each day", TQ_EINVAL,
         "in \"5M tokens per each day\": \"each\" is no window; say day, week, month, quarter, year, minute, "
         "hour, or a length such as 5h or 7d"},
        {"", TQ_EINVAL, "a limit is a sentence such as \"5M tokens per day America/Los_Angeles\""},
        {"foo", TQ_EINVAL,
         "in \"foo\": \"foo\" is no amount and no unit; begin as in \"5M tokens per day\" or \"$40 per "
         "month\""},
        {"max 5M tokens per day", TQ_EINVAL,
         "in \"max 5M tokens per day\": \"max\" is no amount and no unit; begin as in \"5M tokens per day\" "
         "or \"$40 per month\""},
        {"5M", TQ_EINVAL,
         "in \"5M\": the unit is missing; say tokens, input, output, total, requests, cost or weighted"},
        {"5M tokens", TQ_EINVAL,
         "in \"5M tokens\": the window is missing; say \"per day\", \"per 5h first-use\" or \"once\""},
        {"5M tokens per", TQ_EINVAL,
         "in \"5M tokens per\": the window is missing; say day, week, month, quarter, year, minute, hour, or "
         "a length such as 5h or 7d"},
        {"5M per day", TQ_EINVAL,
         "in \"5M per day\": \"per\" stands where a unit is missing; say tokens, input, output, total, "
         "requests, cost or weighted"},
        {"5M tokns per day", TQ_EINVAL,
         "in \"5M tokns per day\": \"tokns\" is no unit; did you mean \"tokens\"?"},
        {"tokns per day", TQ_EINVAL, "in \"tokns per day\": \"tokns\" is no unit; did you mean \"tokens\"?"},
        {"5x tokens per day", TQ_EINVAL,
         "in \"5x tokens per day\": \"5x\" is no amount; write 5000000, 5,000,000, 5M or 1.5k (k, M, G, T)"},
        {"5Mtokens per day", TQ_EINVAL,
         "in \"5Mtokens per day\": \"5Mtokens\" is no amount; write 5000000, 5,000,000, 5M or 1.5k (k, M, G, "
         "T)"},
        {"-5 tokens per day", TQ_EINVAL,
         "in \"-5 tokens per day\": \"-5\" is no amount; write 5000000, 5,000,000, 5M or 1.5k (k, M, G, T)"},
        {"+5 tokens per day", TQ_EINVAL,
         "in \"+5 tokens per day\": \"+5\" is no amount; write 5000000, 5,000,000, 5M or 1.5k (k, M, G, T)"},
        {".5M tokens per day", TQ_EINVAL,
         "in \".5M tokens per day\": \".5M\" is no amount; write 5000000, 5,000,000, 5M or 1.5k (k, M, G, "
         "T)"},
        {"5. tokens per day", TQ_EINVAL,
         "in \"5. tokens per day\": \"5.\" is no amount; write 5000000, 5,000,000, 5M or 1.5k (k, M, G, T)"},
        {"5,5 tokens per day", TQ_EINVAL,
         "in \"5,5 tokens per day\": \"5,5\" is no amount; write 5000000, 5,000,000, 5M or 1.5k (k, M, G, "
         "T)"},
        {"1,5M tokens per day", TQ_EINVAL,
         "in \"1,5M tokens per day\": \"1,5M\" is no amount; write 5000000, 5,000,000, 5M or 1.5k (k, M, G, "
         "T)"},
        {"5,00,000 tokens per day", TQ_EINVAL,
         "in \"5,00,000 tokens per day\": \"5,00,000\" is no amount; write 5000000, 5,000,000, 5M or 1.5k "
         "(k, M, G, T)"},
        {"1e6 tokens per day", TQ_EINVAL,
         "in \"1e6 tokens per day\": \"1e6\" is no amount; write 5000000, 5,000,000, 5M or 1.5k (k, M, G, "
         "T)"},
        {"0x10 tokens per day", TQ_EINVAL,
         "in \"0x10 tokens per day\": \"0x10\" is no amount; write 5000000, 5,000,000, 5M or 1.5k (k, M, G, "
         "T)"},
        {"\342\202\25440 per month", TQ_EINVAL,
         "in \"\342\202\25440 per month\": \"\342\202\25440\" is no amount and no unit; begin as in \"5M "
         "tokens per day\" or \"$40 per month\""},
        {"$ per month", TQ_EINVAL, "in \"$ per month\": \"$\" is no amount; write $40 or $0.50"},
        {"$ 40 per month", TQ_EINVAL, "in \"$ 40 per month\": \"$\" is no amount; write $40 or $0.50"},
        {"$forty per month", TQ_EINVAL,
         "in \"$forty per month\": \"$forty\" is no amount; write $40 or $0.50"},
        {"$.50 per day", TQ_EINVAL, "in \"$.50 per day\": \"$.50\" is no amount; write $40 or $0.50"},
        {"$40 tokens per day", TQ_EINVAL, "in \"$40 tokens per day\": \"$40\" is a cost, not tokens"},
        {"40 cost per month", TQ_EINVAL, "in \"40 cost per month\": \"40\" is no cost; write dollars: $40"},
        {"$0.0000001 per day", TQ_EINVAL,
         "in \"$0.0000001 per day\": \"$0.0000001\" is no whole number of millionths of a dollar"},
        {"1.5 tokens per day", TQ_EINVAL, "in \"1.5 tokens per day\": \"1.5\" is no whole number of tokens"},
        {"1.2345k tokens per day", TQ_EINVAL,
         "in \"1.2345k tokens per day\": \"1.2345k\" is no whole number of tokens"},
        {"0 tokens per day", TQ_EINVAL,
         "in \"0 tokens per day\": \"0\" is nothing; leave the amount out for a limit that only counts"},
        {"$0 per day", TQ_EINVAL,
         "in \"$0 per day\": \"$0\" is nothing; leave the amount out for a limit that only counts"},
        {"0k tokens once", TQ_EINVAL,
         "in \"0k tokens once\": \"0k\" is nothing; leave the amount out for a limit that only counts"},
        {"2T tokens per day", TQ_ERANGE,
         "in \"2T tokens per day\": \"2T\" is above the most, 1,099,511,627,775"},
        {"99999999999999999999999 tokens per day", TQ_ERANGE,
         "in \"99999999999999999999999 tokens per day\": \"99999999999999999999999\" is above the most, "
         "1,099,511,627,775"},
        {"$2M per year", TQ_ERANGE, "in \"$2M per year\": \"$2M\" is above the most, $1,099,511.627775"},
        {"5G requests per 5h first-use", TQ_ERANGE,
         "in \"5G requests per 5h first-use\": \"5G\" is above the most for first-use and refill, "
         "4,294,967,295"},
        {"5G tokens per hour refill", TQ_ERANGE,
         "in \"5G tokens per hour refill\": \"5G\" is above the most for first-use and refill, "
         "4,294,967,295"},
        {"$5000 per 5h first-use", TQ_ERANGE,
         "in \"$5000 per 5h first-use\": \"$5000\" is above the most for first-use and refill, "
         "$4,294.967295"},
        {"2G tokens per minute refill", TQ_ERANGE,
         "in \"2G tokens per minute refill\": \"2G\" refills faster than one unit in 64 ns"},
        {"5M tokens per dya", TQ_EINVAL,
         "in \"5M tokens per dya\": \"dya\" is no window; say day, week, month, quarter, year, minute, hour, "
         "or a length such as 5h or 7d"},
        {"5M tokens per days", TQ_EINVAL,
         "in \"5M tokens per days\": \"days\" is no window; did you mean \"day\"?"},
        {"5M tokens per fortnight", TQ_EINVAL,
         "in \"5M tokens per fortnight\": \"fortnight\" is no window; say day, week, month, quarter, year, "
         "minute, hour, or a length such as 5h or 7d"},
        {"5M tokens per decade", TQ_EINVAL,
         "in \"5M tokens per decade\": \"decade\" is no window; say day, week, month, quarter, year, minute, "
         "hour, or a length such as 5h or 7d"},
        {"5M tokens per 5", TQ_EINVAL,
         "in \"5M tokens per 5\": \"5\" is no window; say day, week, month, quarter, year, minute, hour, or "
         "a length such as 5h or 7d"},
        {"5M tokens per 5x", TQ_EINVAL,
         "in \"5M tokens per 5x\": \"5x\" is no window; say day, week, month, quarter, year, minute, hour, "
         "or a length such as 5h or 7d"},
        {"5M tokens per 3 months", TQ_EINVAL,
         "in \"5M tokens per 3 months\": \"3\" is no window; say day, week, month, quarter, year, minute, "
         "hour, or a length such as 5h or 7d"},
        {"5M tokens per 3mo first-use", TQ_EINVAL,
         "in \"5M tokens per 3mo first-use\": \"3mo\" is no window; say day, week, month, quarter, year, "
         "minute, hour, or a length such as 5h or 7d"},
        {"5M tokens per 1y rolling", TQ_EINVAL,
         "in \"5M tokens per 1y rolling\": \"1y\" is no window; say day, week, month, quarter, year, minute, "
         "hour, or a length such as 5h or 7d"},
        {"5M tokens per calendar month", TQ_EINVAL,
         "in \"5M tokens per calendar month\": \"calendar\" is no window; say day, week, month, quarter, "
         "year, minute, hour, or a length such as 5h or 7d"},
        {"5M tokens day", TQ_EINVAL, "in \"5M tokens day\": \"day\" needs a \"per\" before it"},
        {"5M tokens in a day", TQ_EINVAL,
         "in \"5M tokens in a day\": \"in\" is out of place; behind the unit comes \"per\" and a window, or "
         "\"once\""},
        {"5M tokens 7d", TQ_EINVAL, "in \"5M tokens 7d\": \"7d\" needs a \"per\" before it"},
        {"5M tokens onec", TQ_EINVAL,
         "in \"5M tokens onec\": \"onec\" is out of place; behind the unit comes \"per\" and a window, or "
         "\"once\""},
        {"5M tokens America/Los_Angeles", TQ_EINVAL,
         "in \"5M tokens America/Los_Angeles\": \"America\" is out of place; behind the unit comes \"per\" "
         "and a window, or \"once\""},
        {"5M tokens once per day", TQ_EINVAL,
         "in \"5M tokens once per day\": \"per\" is out of place; behind the window come \"from\", a zone "
         "(America/Los_Angeles), rolling, refill, first-use, fixed, \"reserve 10%\""},
        {"5M tokens once rolling", TQ_EINVAL,
         "in \"5M tokens once rolling\": \"rolling\" does not fit \"once\", which never turns"},
        {"5M tokens once UTC", TQ_EINVAL,
         "in \"5M tokens once UTC\": \"UTC\" does not fit \"once\", which never turns"},
        {"5M tokens once from Sunday", TQ_EINVAL,
         "in \"5M tokens once from Sunday\": \"from\" does not fit \"once\", which has no beginning"},
        {"5M tokens once in Europe/Paris", TQ_EINVAL,
         "in \"5M tokens once in Europe/Paris\": \"Europe/Paris\" does not fit \"once\", which never turns"},
        {"5M tokens per 5h", TQ_EINVAL,
         "in \"5M tokens per 5h\": \"5h\" does not say how it turns; add first-use, rolling, refill, or "
         "\"from 2026-04-11T00:45Z\""},
        {"5M tokens per minute", TQ_EINVAL,
         "in \"5M tokens per minute\": \"minute\" does not say how it turns; add refill"},
        {"5M tokens per hour", TQ_EINVAL,
         "in \"5M tokens per hour\": \"hour\" does not say how it turns; add first-use, rolling, refill, or "
         "\"from 2026-04-11T00:45Z\""},
        {"5M tokens per second", TQ_EINVAL,
         "in \"5M tokens per second\": \"second\" does not say how it turns; add refill"},
        {"5M tokens per 40d", TQ_EINVAL,
         "in \"5M tokens per 40d\": \"40d\" does not say how it turns; add first-use, rolling, or \"from "
         "2026-04-11T00:45Z\""},
        {"5M tokens per 16m", TQ_EINVAL,
         "in \"5M tokens per 16m\": \"16m\" does not say how it turns; add rolling or refill"},
        {"5M tokens per 35d1m", TQ_EINVAL,
         "in \"5M tokens per 35d1m\": \"35d1m\" does not say how it turns; add rolling"},
        {"5M tokens per 90s", TQ_EINVAL,
         "in \"5M tokens per 90s\": \"90s\" does not say how it turns; add refill"},
        {"5M tokens per 400d", TQ_ERANGE, "in \"5M tokens per 400d\": \"400d\" is longer than 366 days"},
        {"5M tokens per 100ms", TQ_ERANGE, "in \"5M tokens per 100ms\": \"100ms\" is shorter than a second"},
        {"5M tokens per 999999999999h rolling", TQ_ERANGE,
         "in \"5M tokens per 999999999999h rolling\": \"999999999999h\" is longer than 366 days"},
        {"5M tokens per minute rolling", TQ_ERANGE,
         "in \"5M tokens per minute rolling\": \"minute\" is shorter than 15 minutes"},
        {"5M tokens per minute first-use", TQ_ERANGE,
         "in \"5M tokens per minute first-use\": \"minute\" is shorter than 15 minutes"},
        {"5M tokens per 10m first-use", TQ_ERANGE,
         "in \"5M tokens per 10m first-use\": \"10m\" is shorter than 15 minutes"},
        {"5M tokens per 20m first-use", TQ_EINVAL,
         "in \"5M tokens per 20m first-use\": \"20m\" is not a multiple of 15 minutes"},
        {"5M tokens per 5h1s rolling", TQ_EINVAL,
         "in \"5M tokens per 5h1s rolling\": \"5h1s\" is not a multiple of a minute"},
        {"5M tokens per 1500ms refill", TQ_EINVAL,
         "in \"5M tokens per 1500ms refill\": \"1500ms\" is not a multiple of a second"},
        {"5M tokens per 32d refill", TQ_ERANGE,
         "in \"5M tokens per 32d refill\": \"32d\" is longer than 31 days, the most for a refill"},
        {"5M tokens per 0h rolling", TQ_ERANGE,
         "in \"5M tokens per 0h rolling\": \"0h\" is shorter than 15 minutes"},
        {"5M tokens per 367d from 2026-04-11", TQ_ERANGE,
         "in \"5M tokens per 367d from 2026-04-11\": \"367d\" is longer than 366 days"},
        {"5M tokens per 7d fixed", TQ_EINVAL,
         "in \"5M tokens per 7d fixed\": \"fixed\" needs an instant at which a window begins: \"from "
         "2026-04-11T00:45Z\""},
        {"5M tokens per 7d from 2026-04-11T00:50Z", TQ_EINVAL,
         "in \"5M tokens per 7d from 2026-04-11T00:50Z\": \"2026-04-11T00:50Z\" is not on a quarter of an "
         "hour"},
        {"5M tokens per 7d from 2026-02-30", TQ_EINVAL,
         "in \"5M tokens per 7d from 2026-02-30\": \"2026-02-30\" does not exist"},
        {"5M tokens per 7d from 2026-04-11T25:00Z", TQ_EINVAL,
         "in \"5M tokens per 7d from 2026-04-11T25:00Z\": \"2026-04-11T25:00Z\" does not exist"},
        {"5M tokens per 7d from 1600-01-01", TQ_ERANGE,
         "in \"5M tokens per 7d from 1600-01-01\": \"1600-01-01\" is not between 1678 and 2261"},
        {"5M tokens per 7d from 2300-01-01", TQ_ERANGE,
         "in \"5M tokens per 7d from 2300-01-01\": \"2300-01-01\" is not between 1678 and 2261"},
        {"5M tokens per 7d from Sunday", TQ_EINVAL,
         "in \"5M tokens per 7d from Sunday\": \"Sunday\" is no instant; write 2026-04-11 or "
         "2026-04-11T00:45Z"},
        {"5M tokens per 7d from now", TQ_EINVAL,
         "in \"5M tokens per 7d from now\": \"now\" is no instant; write 2026-04-11 or 2026-04-11T00:45Z"},
        {"5M tokens per 7d from", TQ_EINVAL,
         "in \"5M tokens per 7d from\": \"from\" says no instant; write \"from 2026-04-11T00:45Z\""},
        {"5M tokens per 5h first-use from 2026-04-11", TQ_EINVAL,
         "in \"5M tokens per 5h first-use from 2026-04-11\": \"from 2026-04-11\" is for fixed windows; leave "
         "it out, or \"first-use\""},
        {"5M tokens per 5h rolling from 2026-04-11", TQ_EINVAL,
         "in \"5M tokens per 5h rolling from 2026-04-11\": \"from 2026-04-11\" is for fixed windows; leave "
         "it out, or \"rolling\""},
        {"5M tokens per 5h from first use rolling", TQ_EINVAL,
         "in \"5M tokens per 5h from first use rolling\": \"rolling\" is a second kind; a window has one"},
        {"5M tokens per 7d from 2026-04-11 Europe/Paris", TQ_EINVAL,
         "in \"5M tokens per 7d from 2026-04-11 Europe/Paris\": \"Europe/Paris\" does not fit a window that "
         "has the same length everywhere; leave it out"},
        {"5M tokens per 5h first-use UTC", TQ_EINVAL,
         "in \"5M tokens per 5h first-use UTC\": \"UTC\" does not fit a window that has the same length "
         "everywhere; leave it out"},
        {"5M tokens per 24h rolling America/Los_Angeles", TQ_EINVAL,
         "in \"5M tokens per 24h rolling America/Los_Angeles\": \"America/Los_Angeles\" does not fit a "
         "window that has the same length everywhere; leave it out"},
        {"5M tokens per day rolling", TQ_EINVAL,
         "in \"5M tokens per day rolling\": \"rolling\" does not fit a calendar day; say \"per 24h "
         "rolling\""},
        {"5M tokens per rolling day", TQ_EINVAL,
         "in \"5M tokens per rolling day\": \"rolling\" does not fit a calendar day; say \"per 24h "
         "rolling\""},
        {"5M tokens per week first-use", TQ_EINVAL,
         "in \"5M tokens per week first-use\": \"first-use\" does not fit a calendar week; say \"per 7d "
         "first-use\""},
        {"5M tokens per week first use", TQ_EINVAL,
         "in \"5M tokens per week first use\": \"first use\" does not fit a calendar week; say \"per 7d "
         "first-use\""},
        {"5M tokens per month refill", TQ_EINVAL,
         "in \"5M tokens per month refill\": \"refill\" does not fit a calendar month; say \"per 30d "
         "refill\""},
        {"5M tokens per quarter rolling", TQ_EINVAL,
         "in \"5M tokens per quarter rolling\": \"rolling\" does not fit a calendar quarter; say \"per 90d "
         "rolling\""},
        {"5M tokens per year refill", TQ_EINVAL,
         "in \"5M tokens per year refill\": \"refill\" does not fit a calendar year; say \"per 30d refill\""},
        {"5M tokens per year rolling", TQ_EINVAL,
         "in \"5M tokens per year rolling\": \"rolling\" does not fit a calendar year; say \"per 365d "
         "rolling\""},
        {"5M tokens per day fixed", TQ_EINVAL,
         "in \"5M tokens per day fixed\": \"fixed\" does not fit a calendar day; say \"per 24h from "
         "2026-04-11T00:45Z\""},
        {"5M tokens per month fixed", TQ_EINVAL,
         "in \"5M tokens per month fixed\": \"fixed\" does not fit a calendar month; say \"per 30d from "
         "2026-04-11T00:45Z\""},
        {"5M tokens per day from Sunday", TQ_EINVAL,
         "in \"5M tokens per day from Sunday\": \"from\" does not fit a calendar day, which begins at "
         "midnight; for another instant say \"per 24h from 2026-04-11T00:45Z\""},
        {"5M tokens per day from 09:00", TQ_EINVAL,
         "in \"5M tokens per day from 09:00\": \"from\" does not fit a calendar day, which begins at "
         "midnight; for another instant say \"per 24h from 2026-04-11T00:45Z\""},
        {"5M tokens per week from the 5th", TQ_EINVAL,
         "in \"5M tokens per week from the 5th\": \"5th\" is no day of the week; say \"from Monday\" to "
         "\"from Sunday\""},
        {"5M tokens per week from su", TQ_EINVAL,
         "in \"5M tokens per week from su\": \"su\" is no day of the week; say \"from Monday\" to \"from "
         "Sunday\""},
        {"5M tokens per week from", TQ_EINVAL,
         "in \"5M tokens per week from\": \"from\" does not say when a window begins"},
        {"5M tokens per week from the", TQ_EINVAL,
         "in \"5M tokens per week from the\": \"from\" does not say when a window begins"},
        {"5M tokens per week from Sundays", TQ_EINVAL,
         "in \"5M tokens per week from Sundays\": \"Sundays\" is no name; did you mean \"Sunday\"?"},
        {"5M tokens per month from Sunday", TQ_EINVAL,
         "in \"5M tokens per month from Sunday\": \"Sunday\" is no day of the month; say \"from the 1st\" to "
         "\"from the 31st\""},
        {"5M tokens per month from the 32nd", TQ_EINVAL,
         "in \"5M tokens per month from the 32nd\": \"32nd\" is no day of the month; say \"from the 1st\" to "
         "\"from the 31st\""},
        {"5M tokens per month from the 0th", TQ_EINVAL,
         "in \"5M tokens per month from the 0th\": \"0th\" is no day of the month; say \"from the 1st\" to "
         "\"from the 31st\""},
        {"5M tokens per month from 5x", TQ_EINVAL,
         "in \"5M tokens per month from 5x\": \"5x\" is no day of the month; say \"from the 1st\" to \"from "
         "the 31st\""},
        {"5M tokens per month from the last", TQ_EINVAL,
         "in \"5M tokens per month from the last\": \"last\" is no day of the month; say \"from the 1st\" to "
         "\"from the 31st\""},
        {"5M tokens per quarter from 2", TQ_EINVAL,
         "in \"5M tokens per quarter from 2\": \"2\" is no month; say \"from January\" to \"from December\""},
        {"5M tokens per year from 1 April", TQ_EINVAL,
         "in \"5M tokens per year from 1 April\": \"1\" is no month; say \"from January\" to \"from "
         "December\""},
        {"5M tokens per year from the 5th", TQ_EINVAL,
         "in \"5M tokens per year from the 5th\": \"5th\" is no month; say \"from January\" to \"from "
         "December\""},
        {"5M tokens per year from Apirl", TQ_EINVAL,
         "in \"5M tokens per year from Apirl\": \"Apirl\" is no name; did you mean \"April\"?"},
        {"5M tokens per week from Sunday from Monday", TQ_EINVAL,
         "in \"5M tokens per week from Sunday from Monday\": \"from\" is a second beginning; a window has "
         "one"},
        {"5M tokens per day LA", TQ_EINVAL,
         "in \"5M tokens per day LA\": \"LA\" is no name of the zone database; say America/Los_Angeles"},
        {"5M tokens per day in LA", TQ_EINVAL,
         "in \"5M tokens per day in LA\": \"LA\" is no name of the zone database; say America/Los_Angeles"},
        {"5M tokens per day PST", TQ_EINVAL,
         "in \"5M tokens per day PST\": \"PST\" is no name of the zone database; say America/Los_Angeles"},
        {"5M tokens per day EDT", TQ_EINVAL,
         "in \"5M tokens per day EDT\": \"EDT\" is no name of the zone database; say America/New_York"},
        {"5M tokens per day Japan", TQ_EINVAL,
         "in \"5M tokens per day Japan\": \"Japan\" is out of place; behind the window come \"from\", a zone "
         "(America/Los_Angeles), rolling, refill, first-use, fixed, \"reserve 10%\""},
        {"5M tokens per day Los_Angeles", TQ_EINVAL,
         "in \"5M tokens per day Los_Angeles\": \"Los_Angeles\" is out of place; behind the window come "
         "\"from\", a zone (America/Los_Angeles), rolling, refill, first-use, fixed, \"reserve 10%\""},
        {"5M tokens per day America/Los Angeles", TQ_EINVAL,
         "in \"5M tokens per day America/Los Angeles\": \"Angeles\" is out of place; behind the window come "
         "\"from\", a zone (America/Los_Angeles), rolling, refill, first-use, fixed, \"reserve 10%\""},
        {"5M tokens per day in", TQ_EINVAL,
         "in \"5M tokens per day in\": \"in\" says no zone; write \"in America/Los_Angeles\""},
        {"5M tokens per day ../../etc/passwd", TQ_EINVAL,
         "in \"5M tokens per day ../../etc/passwd\": \"../../etc/passwd\" is no name of the zone database, "
         "such as America/Los_Angeles"},
        {"5M tokens per day /UTC", TQ_EINVAL,
         "in \"5M tokens per day /UTC\": \"/UTC\" is no name of the zone database, such as "
         "America/Los_Angeles"},
        {"5M tokens per day in A/very_long_name_of_a_zone_that_has_more_than_sixty_three_bytes_in_it",
         TQ_EINVAL,
         "in \"5M tokens per day in A/very_long_name_of_a_zone_that_has_more_than_sixty_three_bytes_in_it\": "
         "\"A/very_long_name_of_a_zone_that_has_...\" is no name of the zone database, such as "
         "America/Los_Angeles"},
        {"5M tokens per day UTC UTC", TQ_EINVAL,
         "in \"5M tokens per day UTC UTC\": \"UTC\" is a second zone; a window has one"},
        {"5M tokens per day UTC Europe/Paris", TQ_EINVAL,
         "in \"5M tokens per day UTC Europe/Paris\": \"Europe/Paris\" is a second zone; a window has one"},
        {"5M tokens per 5h rolling refill", TQ_EINVAL,
         "in \"5M tokens per 5h rolling refill\": \"refill\" is a second kind; a window has one"},
        {"5M tokens per rolling 5h first-use", TQ_EINVAL,
         "in \"5M tokens per rolling 5h first-use\": \"first-use\" is a second kind; a window has one"},
        {"5M tokens per 5h roling", TQ_EINVAL,
         "in \"5M tokens per 5h roling\": \"roling\" is out of place; did you mean \"rolling\"?"},
        {"5M tokens per 5h first", TQ_EINVAL,
         "in \"5M tokens per 5h first\": \"first\" is out of place; behind the window come \"from\", a zone "
         "(America/Los_Angeles), rolling, refill, first-use, fixed, \"reserve 10%\""},
        {"5M tokens per 5h firstuse", TQ_EINVAL,
         "in \"5M tokens per 5h firstuse\": \"firstuse\" is out of place; did you mean \"first-use\"?"},
        {"5M tokens per 5h sliding", TQ_EINVAL,
         "in \"5M tokens per 5h sliding\": \"sliding\" is out of place; behind the window come \"from\", a "
         "zone (America/Los_Angeles), rolling, refill, first-use, fixed, \"reserve 10%\""},
        {"5M tokens per day reserv 10%", TQ_EINVAL,
         "in \"5M tokens per day reserv 10%\": \"reserv\" is out of place; did you mean \"reserve\"?"},
        {"5M tokens per day 10%", TQ_EINVAL,
         "in \"5M tokens per day 10%\": \"10%\" is out of place; behind the window come \"from\", a zone "
         "(America/Los_Angeles), rolling, refill, first-use, fixed, \"reserve 10%\""},
        {"5M tokens per day reserve", TQ_EINVAL,
         "in \"5M tokens per day reserve\": \"reserve\" says no amount; say \"reserve 10%\" or \"reserve "
         "500k\""},
        {"5M tokens per day reserve some", TQ_EINVAL,
         "in \"5M tokens per day reserve some\": \"some\" is no amount; say \"reserve 10%\" or \"reserve "
         "500k\""},
        {"5M tokens per day reserve 101%", TQ_EINVAL,
         "in \"5M tokens per day reserve 101%\": \"101%\" is no share; a reserve is at most 100%, or an "
         "amount"},
        {"5M tokens per day reserve 10.001%", TQ_EINVAL,
         "in \"5M tokens per day reserve 10.001%\": \"10.001%\" is finer than a hundredth of a percent"},
        {"5M tokens per day reserve $5", TQ_EINVAL,
         "in \"5M tokens per day reserve $5\": \"$5\" is a cost, not tokens"},
        {"5M tokens per day reserve $5%", TQ_EINVAL,
         "in \"5M tokens per day reserve $5%\": \"$5%\" is no share; a reserve is at most 100%, or an "
         "amount"},
        {"5M tokens per day reserve 6M", TQ_EINVAL,
         "in \"5M tokens per day reserve 6M\": \"6M\" is more than the whole amount"},
        {"5M tokens per day reserve 10% reserve 5%", TQ_EINVAL,
         "in \"5M tokens per day reserve 10% reserve 5%\": \"reserve\" is a second reserve; a limit has one"},
        {"5M tokens per day reserve 5 requests", TQ_EINVAL,
         "in \"5M tokens per day reserve 5 requests\": \"requests\" is another unit than the limit's, "
         "tokens"},
        {"5M tokens per day reserve -5", TQ_EINVAL,
         "in \"5M tokens per day reserve -5\": \"-5\" is no amount; write 5000000, 5,000,000, 5M or 1.5k (k, "
         "M, G, T)"},
        {"5M tokens per day reserve 1.5", TQ_EINVAL,
         "in \"5M tokens per day reserve 1.5\": \"1.5\" is no whole number of tokens"},
        {"tokens per day reserve 2T", TQ_ERANGE,
         "in \"tokens per day reserve 2T\": \"2T\" is above the most, 1,099,511,627,775"},
        {"$40 per month reserve 5", TQ_EINVAL,
         "in \"$40 per month reserve 5\": \"5\" is no cost; write dollars: $40"},
        {"$40 per month reserve $50", TQ_EINVAL,
         "in \"$40 per month reserve $50\": \"$50\" is more than the whole amount"},
        {"5M tokens per day,", TQ_EINVAL,
         "in \"5M tokens per day,\": \"day,\" is no window; did you mean \"day\"?"},
        {"5M tokens per day please", TQ_EINVAL,
         "in \"5M tokens per day please\": \"please\" is out of place; behind the window come \"from\", a "
         "zone (America/Los_Angeles), rolling, refill, first-use, fixed, \"reserve 10%\""},
        {"5M tokens per day per week", TQ_EINVAL,
         "in \"5M tokens per day per week\": \"per\" is out of place; behind the window come \"from\", a "
         "zone (America/Los_Angeles), rolling, refill, first-use, fixed, \"reserve 10%\""},
        {"5M requests and 5M tokens per day", TQ_EINVAL,
         "in \"5M requests and 5M tokens per day\": \"and\" is out of place; behind the unit comes \"per\" "
         "and a window, or \"once\""},
        {"5M tokens per day with a comment that is so long that the message cannot show all of it in its 243 "
         "bytes, whatever happens",
         TQ_EINVAL,
         "in \"...with a comment that is so long that the message cannot show all of it in its 243 bytes, "
         "whatever ...\": \"with\" is out of place; behind the window come \"from\", a zone "
         "(America/Los_Angeles), rolling, refill, first-use, fixed, \"reserve 10%\""},
        {"5M tokens per anaverylongwordthatisnowindowatallandgoesonandonandonandonandon and more words "
         "follow it here",
         TQ_EINVAL,
         "in \"...anaverylongwordthatisnowindowatallandgoesonandonandonandonandon and more words follow it "
         "here\": \"anaverylongwordthatisnowindowatallan...\" is no window; say day, week, month, quarter, "
         "year, minute, hour, or a length such as 5h or 7d"},
        {"5M tokens per \033[31mday", TQ_EINVAL,
         "in \"5M tokens per \\x1b[31mday\": \"\\x1b[31mday\" is no window; say day, week, month, quarter, "
         "year, minute, hour, or a length such as 5h or 7d"},
        {"5M tokens per d\303\244y", TQ_EINVAL,
         "in \"5M tokens per d\303\244y\": \"d\303\244y\" is no window; say day, week, month, quarter, year, "
         "minute, hour, or a length such as 5h or 7d"},
        {"5M tok\377ens per day", TQ_EINVAL,
         "in \"5M tok\\xffens per day\": \"tok\\xffens\" is no unit; did you mean \"tokens\"?"},
        {"5M tokens per day \342\200\256UTC", TQ_EINVAL,
         "in \"5M tokens per day \\xe2\\x80\\xaeUTC\": \"\\xe2\\x80\\xaeUTC\" is out of place; behind the "
         "window come \"from\", a zone (America/Los_Angeles), rolling, refill, first-use, fixed, \"reserve "
         "10%\""},
        {"5M tokens per week from Thursday 09:00", TQ_EINVAL,
         "in \"5M tokens per week from Thursday 09:00\": \"09:00\" does not fit a calendar week, which "
         "begins at midnight; for another instant say \"per 7d from 2026-04-11T00:45Z\""},
        {"5M tokens per week from Thursday at 9am", TQ_EINVAL,
         "in \"5M tokens per week from Thursday at 9am\": \"at\" does not fit a calendar week, which begins "
         "at midnight; for another instant say \"per 7d from 2026-04-11T00:45Z\""},
        {"5M tokens per week from 2026-04-11", TQ_EINVAL,
         "in \"5M tokens per week from 2026-04-11\": \"2026-04-11\" does not fit a calendar week, which "
         "begins at midnight; for another instant say \"per 7d from 2026-04-11T00:45Z\""},
        {"5M tokens per month from 2026-04-11T00:45Z", TQ_EINVAL,
         "in \"5M tokens per month from 2026-04-11T00:45Z\": \"2026-04-11T00:45Z\" does not fit a calendar "
         "month, which begins at midnight; for another instant say \"per 30d from 2026-04-11T00:45Z\""},
        {"5M tokens per day at 09:00", TQ_EINVAL,
         "in \"5M tokens per day at 09:00\": \"at\" does not fit a calendar day, which begins at midnight; "
         "for another instant say \"per 24h from 2026-04-11T00:45Z\""},
        {"5M tokens per 5h rolling at 09:00", TQ_EINVAL,
         "in \"5M tokens per 5h rolling at 09:00\": \"at\" is out of place; behind the window come \"from\", "
         "a zone (America/Los_Angeles), rolling, refill, first-use, fixed, \"reserve 10%\""},
        {"5M tokens per 7d from 2026-04-11 9:00", TQ_EINVAL,
         "in \"5M tokens per 7d from 2026-04-11 9:00\": \"9:00\" is out of place; behind the window come "
         "\"from\", a zone (America/Los_Angeles), rolling, refill, first-use, fixed, \"reserve 10%\""},
        {"5M tokens per 7d from 2026-04-11T9:00Z", TQ_EINVAL,
         "in \"5M tokens per 7d from 2026-04-11T9:00Z\": \"2026-04-11T9:00Z\" is no instant; write "
         "2026-04-11 or 2026-04-11T00:45Z"},
        {"5M tokens per 7d from 20260411", TQ_EINVAL,
         "in \"5M tokens per 7d from 20260411\": \"20260411\" is no instant; write 2026-04-11 or "
         "2026-04-11T00:45Z"},
        {"5M tokens per 7d from 2026-04-11T00:45:30Z", TQ_EINVAL,
         "in \"5M tokens per 7d from 2026-04-11T00:45:30Z\": \"2026-04-11T00:45:30Z\" is not on a quarter of "
         "an hour"},
        {"5M tokens per 7d from 2026-04-11T00:45+0200", TQ_EINVAL,
         "in \"5M tokens per 7d from 2026-04-11T00:45+0200\": \"2026-04-11T00:45+0200\" is no instant; write "
         "2026-04-11 or 2026-04-11T00:45Z"},
        {"5M tokens per 7d from Sunday 2026-04-11", TQ_EINVAL,
         "in \"5M tokens per 7d from Sunday 2026-04-11\": \"Sunday\" is no instant; write 2026-04-11 or "
         "2026-04-11T00:45Z"},
        {"5M tokens per 7d from -2026-04-11", TQ_EINVAL,
         "in \"5M tokens per 7d from -2026-04-11\": \"-2026-04-11\" is no instant; write 2026-04-11 or "
         "2026-04-11T00:45Z"},
        {"5M tokens per 7d from 2026-04-11T00:45:00.00000000000000000000000000000000000000000000000000Z",
         TQ_EINVAL,
         "in \"5M tokens per 7d from "
         "2026-04-11T00:45:00.00000000000000000000000000000000000000000000000000Z\": "
         "\"2026-04-11T00:45:00.0000000000000000...\" is no instant; write 2026-04-11 or 2026-04-11T00:45Z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tq_error error = {.size = sizeof error};
        struct tq_limit limit, before;

        memset(&limit, 0x5a, sizeof limit);
        limit.size = sizeof limit;
        before = limit;
        assert_int_equal(tq_limit_parse(cases[i].sentence, &limit, &error), cases[i].code);
        assert_int_equal(error.code, cases[i].code);
        assert_string_equal(error.msg, cases[i].message);
        expect_same(&limit, &before, cases[i].sentence);
        assert_int_equal(tq_limit_parse(cases[i].sentence, &limit, NULL), cases[i].code);
    }
}

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
        cmocka_unit_test(many_sentences_mean_the_same),
        cmocka_unit_test(errors_name_the_word),
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(a_long_sentence_is_read_to_its_end),
        cmocka_unit_test(every_limit_comes_back),
        cmocka_unit_test(defaults_are_not_written),
        cmocka_unit_test(what_does_not_fit_is_cut),
        cmocka_unit_test(no_limit_that_can_be_is_not_written),
    };

    heed_test_filter();
    return cmocka_run_group_tests_name("sentence", tests, NULL, NULL);
}
