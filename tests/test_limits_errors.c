/* test_limits_errors.c: the error of each kind of limit is what docs/windows.md states, and no more; numbers
 * that come round; counts at their maximum; instants at both ends of time.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each error is held against plain sums over the records themselves, not against windows that were computed.
 */
#include <inttypes.h>
#include <stdio.h>

#include "harness.h"
#include "limits_model.h"
#include "naive_calendar.h"
#include "rng.h"

#define SECOND_NS INT64_C(1000000000)
#define MINUTE_NS (60 * SECOND_NS)
#define QUARTER_NS (15 * MINUTE_NS)
#define STEP_NS 64
#define START_NS (MAY_DAY_NS + 12345 * MINUTE_NS + 678901234)

/* A private ledger with one provider, whose limits are those of provider 0 of a model. */
struct one {
    struct tq_ledger *ledger;
    struct tq_provider *provider;
    struct limits_model *model;
};

static struct one open_one(void)
{
    struct tq_ledger_options options = {.size = sizeof options, .rule = TQ_RULE_OFF};
    struct one one = {.model = lm_new(1, TQ_RULE_OFF)};

    assert_int_equal(tq_ledger_open(&one.ledger, NULL, &options, NULL), 0);
    assert_int_equal(tq_ledger_provider(one.ledger, "a", 1, 0, &one.provider), 0);
    return one;
}

static void close_one(struct one *one)
{
    tq_ledger_close(one->ledger);
    lm_free(one->model);
}

static struct tq_limit limit_of(const char *sentence)
{
    struct tq_limit limit = {.size = sizeof limit};
    struct tq_error error = {.size = sizeof error};

    if (tq_limit_parse(sentence, &limit, &error) != 0)
        fail_msg("%s", error.msg);
    return limit;
}

static uint32_t set(struct one *one, const char *sentence)
{
    struct tq_limit limit = limit_of(sentence);
    struct tq_error error = {.size = sizeof error};
    int number = tq_provider_set_limit(one->provider, &limit, &error);

    if (number < 1)
        fail_msg("%s: %s", sentence, error.msg);
    assert_int_equal(lm_set(one->model, 0, &limit), number);
    return (uint32_t)number;
}

static void record(struct one *one, int64_t tokens, int64_t at_ns)
{
    assert_true(tq_provider_record(one->provider, tokens, at_ns, NULL) >= 0);
    lm_record(one->model, 0, tokens, at_ns);
}

static void record_if_kept(struct one *one, int64_t tokens, int64_t at_ns)
{
    int answer = tq_provider_record(one->provider, tokens, at_ns, NULL);

    assert_true(answer >= 0 || answer == TQ_EAGE);
    if (answer >= 0)
        lm_record(one->model, 0, tokens, at_ns);
}

static struct tq_limit_state look(const struct one *one, uint32_t number, int64_t now_ns)
{
    struct tq_limit_state list[TQ_LIMITS_MAX] = {{.size = sizeof *list}};
    int count = tq_provider_limits(one->provider, now_ns, list, TQ_LIMITS_MAX);

    for (int i = 0; i < count; i++)
        if (list[i].number == number)
            return list[i];
    fail_msg("there is no limit %u", number);
    abort();
}

static int64_t used(const struct one *one, uint32_t number, int64_t now_ns)
{
    return look(one, number, now_ns).used;
}

/* ---- errors ----------------------------------------------------------------------------------- */

/* None: to the nanosecond, every day, week and month of years, in zones that change at midnight, by half an
 * hour, and for Ramadan. */
static void test_calendar_has_no_error(void **state)
{
    static const char *const zones[] = {"Africa/Cairo", "Australia/Lord_Howe", "Africa/Casablanca",
                                        "America/Santiago"};
    static const char *const windows[] = {"day", "week from Sunday", "month from the 31st",
                                          "quarter from February", "year from April"};

    (void)state;
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        struct one one = open_one();
        int64_t at_ns = INT64_C(1798761600) * SECOND_NS; /* 2027-01-01 */
        uint32_t number[5];

        for (size_t k = 0; k < 5; k++) {
            char sentence[128];

            snprintf(sentence, sizeof sentence, "requests per %s %s", windows[k], zones[i]);
            number[k] = set(&one, sentence);
        }
        for (int day = 0; day < 3 * 365; day++) { /* as long as the ledger keeps what Casablanca announces */
            int64_t end_ns = nc_calendar(zones[i], TQ_WINDOW_DAY, 1, at_ns).end_ns;

            record(&one, 1, end_ns - 1);
            for (uint32_t k = 0; k < 5; k++) {
                struct tq_limit_state got = look(&one, number[k], end_ns - 1);
                struct lm_standing expected;

                assert_true(lm_standing(one.model, 0, number[k], end_ns - 1, &expected));
                assert_int_equal(got.used, expected.used_low);
                assert_int_equal(got.start_at_ns, expected.start_at_ns);
                assert_int_equal(got.end_at_ns, expected.end_at_ns);
                assert_int_equal(used(&one, number[k], got.end_at_ns - 1), got.used);
                assert_int_equal(used(&one, number[k], got.end_at_ns), 0);
            }
            record(&one, 1, end_ns);
            assert_int_equal(used(&one, number[0], end_ns), 1);
            at_ns = end_ns;
        }
        close_one(&one);
    }
}

static void test_fixed_and_once_have_no_error(void **state)
{
    struct one one = open_one();
    uint32_t fixed = set(&one, "tokens per 7d from 2026-04-11T00:45Z"), once = set(&one, "tokens once");
    int64_t begin_ns = INT64_C(1775868300) * SECOND_NS, week_ns = 7 * DAY_NS;

    (void)state;
    for (int64_t i = -100; i < 100; i++) {
        record(&one, 3, begin_ns + i * week_ns);
        record(&one, 4, begin_ns + (i + 1) * week_ns - 1);
        assert_int_equal(look(&one, fixed, begin_ns + i * week_ns).start_at_ns, begin_ns + i * week_ns);
        assert_int_equal(used(&one, fixed, begin_ns + (i + 1) * week_ns - 1), 7);
        assert_int_equal(used(&one, fixed, begin_ns + (i + 1) * week_ns), 0);
        assert_int_equal(used(&one, once, begin_ns), 7 * (i + 101));
    }
    close_one(&one);
}

/* It begins up to 4 s early, and lasts its length. */
static void test_first_use_begins_4_s_early(void **state)
{
    struct rng rng = {rng_seed(1)};
    struct one one = open_one();
    uint32_t number = set(&one, "tokens per 5h first-use");
    int64_t at_ns = START_NS, length_ns = 5 * HOUR_NS;

    (void)state;
    for (int i = 0; i < 2000; i++) {
        struct tq_limit_state got;

        record(&one, 2, at_ns);
        got = look(&one, number, at_ns);
        assert_in_range(at_ns - got.start_at_ns, 0, 4 * SECOND_NS - 1);
        assert_int_equal(got.end_at_ns - got.start_at_ns, length_ns);
        record(&one, 3, got.end_at_ns - 1);
        assert_int_equal(used(&one, number, got.end_at_ns - 1), 5);
        assert_int_equal(used(&one, number, got.end_at_ns), 0);
        at_ns = got.end_at_ns + (i % 2 ? 0 : rng_below_i64(&rng, 9 * HOUR_NS));
    }
    close_one(&one);
}

/* A late record moves the beginning back, as long as the record that opened the window stays in it, and the
 * window before has ended. */
static void test_first_use_moves_back(void **state)
{
    struct one one = open_one();
    uint32_t number = set(&one, "tokens per 5h first-use");
    int64_t length_ns = 5 * HOUR_NS, unit_ns = 4 * SECOND_NS, start_ns = START_NS / unit_ns * unit_ns;

    (void)state;
    record(&one, 1, start_ns);
    record(&one, 2, start_ns - length_ns + unit_ns - 1); /* the opener would be behind the end */
    assert_int_equal(used(&one, number, start_ns), 1);
    record(&one, 4, start_ns - 2 * HOUR_NS);
    assert_int_equal(look(&one, number, start_ns).start_at_ns, start_ns - 2 * HOUR_NS);
    record(&one, 8, start_ns - length_ns + unit_ns);
    assert_int_equal(look(&one, number, start_ns).start_at_ns, start_ns - length_ns + unit_ns);
    assert_int_equal(used(&one, number, start_ns), 13);
    assert_int_equal(used(&one, number, start_ns + unit_ns), 0);
    record(&one, 2, start_ns - length_ns); /* again: not by small steps either */
    assert_int_equal(used(&one, number, start_ns), 13);

    record(&one, 1, start_ns + HOUR_NS); /* the next window, which begins no earlier than this one ended */
    record(&one, 2, start_ns + unit_ns - 1);
    assert_int_equal(used(&one, number, start_ns + HOUR_NS), 1);
    record(&one, 4, start_ns + unit_ns);
    assert_int_equal(used(&one, number, start_ns + HOUR_NS), 5);
    assert_int_equal(look(&one, number, start_ns + HOUR_NS).start_at_ns, start_ns + unit_ns);
    close_one(&one);
}

/* Not less than the last length, and not more than it and a hundredth. */
static void test_rolling_counts_a_hundredth_more(void **state)
{
    static const char *const sentences[] = {"tokens per 15m rolling", "tokens per 5h rolling",
                                            "tokens per 7d rolling"};
    struct rng rng = {rng_seed(1)};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct one one = open_one();
        uint32_t number = set(&one, sentences[i]);
        int64_t length_ns = limit_of(sentences[i]).length_ns, at_ns = START_NS, more = 0;

        for (int k = 0; k < 1500; k++) {
            int64_t got, least, most;

            at_ns += rng_below_i64(&rng, k % 50 ? length_ns / 100 : 3 * length_ns);
            record(&one, rng_below_i64(&rng, 1000), at_ns);
            got = used(&one, number, at_ns);
            least = lm_sum(one.model, 0, number, at_ns - length_ns, at_ns);
            most = lm_sum(one.model, 0, number, at_ns - length_ns / 100 * 101, at_ns);
            if (got < least || got > most)
                fail_msg("step %d: %" PRId64 " is not from %" PRId64 " to %" PRId64, k, got, least, most);
            more += got > least;
        }
        assert_true(more > 0); /* else the bound says nothing */
        close_one(&one);
    }
}

/* Used is never too low, and at most 1 unit too high for each 64 ns step: one a record, and what is rounded
 * up at last. The bucket is that of exact fractions: units x length, of which amount refill in a nanosecond.
 */
static void test_refill_rounds_up(void **state)
{
    static const char *const sentences[] = {"7 tokens per minute refill", "2M tokens per minute refill",
                                            "15_624_999 tokens per second refill",
                                            "4_294_967_295 tokens per 31d refill"};
    struct rng rng = {rng_seed(1)};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct one one = open_one();
        uint32_t number = set(&one, sentences[i]);
        struct tq_limit limit = limit_of(sentences[i]);
        int64_t at_ns = START_NS / STEP_NS * STEP_NS, records = 0;
        __extension__ __int128 left = 0;

        for (int k = 0; k < 2000; k++) {
            int64_t passed_ns =
                rng_below_i64(&rng, k % 40 ? limit.length_ns / 20 : 2 * limit.length_ns) / STEP_NS * STEP_NS;
            int64_t tokens = rng_below_i64(&rng, limit.amount / 15 + 2), least, most, got;

            at_ns += passed_ns;
            left -= (__int128)passed_ns * limit.amount;
            if (left <= 0)
                left = records = 0;
            if (left + (__int128)tokens * limit.length_ns > (__int128)limit.amount * limit.length_ns)
                continue; /* it would be emptied */
            record(&one, tokens, at_ns);
            left += (__int128)tokens * limit.length_ns;
            records++;
            got = used(&one, number, at_ns);
            least = (int64_t)((left - limit.length_ns / 1024 + limit.length_ns - 1) / limit.length_ns);
            most = (int64_t)((left + (__int128)records * STEP_NS * limit.amount + limit.length_ns - 1) /
                             limit.length_ns);
            if (most > limit.amount)
                most = limit.amount;
            if (got < least || got > most)
                fail_msg("%s, step %d: %" PRId64 " is not from %" PRId64 " to %" PRId64, sentences[i], k, got,
                         least, most);
        }
        close_one(&one);
    }
}

static void test_cost_is_rounded_up(void **state)
{
    struct one one = open_one();
    struct tq_usage usage = {.size = sizeof usage, .known = TQ_USAGE_COST};
    uint32_t number = set(&one, "cost once");
    int64_t nano = 0;

    (void)state;
    for (int64_t i = 1; i <= 5000; i += 7) {
        int64_t before = used(&one, number, START_NS);

        usage.cost_nano_usd = i;
        nano += i;
        assert_int_equal(tq_provider_observe_usage(one.provider, &usage, START_NS, NULL), 0);
        assert_int_equal(used(&one, number, START_NS) - before, (i + 999) / 1000);
        assert_true(used(&one, number, START_NS) * 1000 >= nano);
    }
    assert_int_equal(look(&one, number, START_NS).uncosted, 0);
    record(&one, 5, START_NS); /* a plain record has no cost, */
    usage.known = TQ_USAGE_INPUT;
    usage.input = 5; /* and a response has none without a price */
    assert_int_equal(tq_provider_observe_usage(one.provider, &usage, START_NS, NULL), 0);
    assert_int_equal(look(&one, number, START_NS).uncosted, 2);
    close_one(&one);
}

/* ---- numbers that come round ------------------------------------------------------------------ */

/* Years without a record, by just as much as the numbers in the words can tell apart, and by a little more or
 * less; and records that are that late. */
static void test_long_gaps(void **state)
{
    static const char *const sentences[] = {"tokens per 15m from 2024-01-01", "tokens per 15m first-use",
                                            "tokens per 15m rolling", "9 tokens per minute refill",
                                            "tokens per day"};
    const int64_t rounds[] = {65536 * QUARTER_NS, INT64_C(16777216) * 4 * SECOND_NS, 65536 * QUARTER_NS / 100,
                              65536 * QUARTER_NS / 100 * 128, 65536 * DAY_NS};
    struct rng rng = {rng_seed(1)};

    (void)state;
    for (int i = 0; i < 3000; i++) {
        struct one one = open_one();
        int64_t at_ns = START_NS + rng_below_i64(&rng, DAY_NS);

        for (size_t k = 0; k < 5; k++)
            set(&one, sentences[k]);
        for (int k = 0; k < 4; k++) {
            struct lm_standing before;
            int64_t round_ns = rounds[rng_below(&rng, 5)], gap_ns = round_ns / (1 + rng_below(&rng, 2));

            record(&one, 1 + rng_below(&rng, 5), at_ns);
            record(&one, 1, at_ns + rng_below_i64(&rng, QUARTER_NS));
            record_if_kept(&one, 1, at_ns - round_ns + rng_below_i64(&rng, 3 * QUARTER_NS) - 2 * QUARTER_NS);
            assert_true(lm_standing(one.model, 0, 1, at_ns - QUARTER_NS, &before));
            assert_int_equal(used(&one, 1, at_ns - QUARTER_NS), before.old ? 0 : before.used_low);
            if (at_ns > TQ_NOW_END_NS - gap_ns - 3 * QUARTER_NS)
                break;
            at_ns += gap_ns + rng_below_i64(&rng, 4 * QUARTER_NS) - 2 * QUARTER_NS;
            for (uint32_t n = 1; n <= 5; n++) {
                struct lm_standing expected;
                int64_t got = used(&one, n, at_ns);

                assert_true(lm_standing(one.model, 0, n, at_ns, &expected));
                if (got < expected.used_low || got > expected.used_high)
                    fail_msg("round %d, \"%s\", after %" PRId64 " ns: %" PRId64 " used, of %" PRId64, i,
                             sentences[n - 1], gap_ns, got, expected.used_low);
            }
        }
        close_one(&one);
    }
}

/* Three years of quarter hours, one record in each: numbers of windows and of buckets come round on the way.
 */
static void test_years_of_quarter_hours(void **state)
{
    struct one one = open_one();
    struct rng rng = {rng_seed(1)};
    int64_t begin_ns = MAY_DAY_NS, at_ns = 0, before_ns;
    uint32_t fixed = set(&one, "requests per 15m from 2024-05-01"),
             first = set(&one, "requests per 15m first-use"), rolling = set(&one, "requests per 15m rolling");

    (void)state;
    for (int i = 0; i < 3 * 365 * 96; i++, begin_ns += QUARTER_NS) {
        int64_t bucket_ns = QUARTER_NS / 100;

        before_ns = at_ns;
        at_ns = begin_ns + rng_below_i64(&rng, QUARTER_NS);
        assert_int_equal(tq_provider_record(one.provider, 1, at_ns, NULL), 0);
        assert_int_equal(used(&one, fixed, at_ns), 1);
        assert_int_equal(used(&one, fixed, begin_ns - 1), i > 0);
        assert_in_range(used(&one, first, at_ns), 1, 2);
        assert_int_equal(used(&one, rolling, at_ns), 1 + (at_ns / bucket_ns - before_ns / bucket_ns <= 100));
    }
    close_one(&one);
}

static void remove_limit(struct one *one)
{
    assert_int_equal(tq_provider_remove_limit(one->provider, 1), 0);
    assert_true(lm_remove(one->model, 0, 1));
}

/* A limit shows nothing of what was in its line. */
static void check_fresh(const struct one *one)
{
    struct tq_limit_state got = look(one, 1, START_NS);
    struct lm_standing expected;

    assert_true(lm_standing(one->model, 0, 1, START_NS, &expected));
    assert_int_equal(got.used, 0);
    assert_int_equal(got.uncosted, 0);
    assert_int_equal(got.taken, 0);
    assert_int_equal(got.start_at_ns, expected.start_at_ns);
    assert_int_equal(got.end_at_ns, expected.end_at_ns);
}

static const char *const line_sentences[] = {
    "tokens per 15m from 2024-01-01",
    "tokens per 15m first-use",
    "tokens per 15m rolling",
    "9 tokens per 31d refill",
    "tokens per year",
    "cost once",
    "tokens once",
    "cost per 5h rolling",
    "tokens per 366d rolling",
};
#define LINE_SENTENCES (int)(sizeof line_sentences / sizeof *line_sentences)

/* 300 limits in one line. */
static void test_300_limits_in_one_line(void **state)
{
    struct one one = open_one();

    (void)state;
    for (int i = 0; i < 300 * LINE_SENTENCES; i++) {
        bool is_cost = strncmp(line_sentences[i % LINE_SENTENCES], "cost", 4) == 0;

        assert_int_equal(set(&one, line_sentences[i % LINE_SENTENCES]), 1);
        check_fresh(&one);
        if (i % 5 < 3) {
            record(&one, 1 + i % 3, START_NS);
            assert_int_equal(used(&one, 1, START_NS), is_cost ? 0 : 1 + i % 3);
            assert_int_equal(look(&one, 1, START_NS).uncosted, is_cost);
        }
        remove_limit(&one);
    }
    close_one(&one);
}

/* Versions of a line come round after 255 limits. When those between count nothing, all words of the first
 * are there. */
static void test_versions_come_round(void **state)
{
    struct one one = open_one();

    (void)state;
    for (int i = 0; i < LINE_SENTENCES * LINE_SENTENCES; i++) {
        set(&one, line_sentences[i % LINE_SENTENCES]);
        record(&one, 3, START_NS);
        remove_limit(&one);
        for (int k = 1; k < 255; k++) {
            set(&one, "tokens once");
            remove_limit(&one);
        }
        set(&one, line_sentences[i / LINE_SENTENCES]);
        check_fresh(&one);
        record(&one, 0, START_NS + MINUTE_NS);
        assert_int_equal(used(&one, 1, START_NS + MINUTE_NS), 0);
        remove_limit(&one);
    }
    close_one(&one);
}

/* ---- maxima and ends of time ------------------------------------------------------------------ */

/* A count that reaches its maximum stays there, is at least every amount, and nothing is taken back from it.
 */
static void test_saturation(void **state)
{
    static const struct {
        const char *sentence;
        int64_t most;
    } cases[] = {
        {"1_099_511_627_775 tokens per day", TQ_LIMIT_AMOUNT_MAX},
        {"1_099_511_627_775 tokens once", TQ_LIMIT_AMOUNT_MAX},
        {"1_099_511_627_775 tokens per 5h rolling", TQ_LIMIT_AMOUNT_MAX},
        {"4_294_967_295 tokens per 5h first-use", UINT32_MAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct one one = open_one();
        uint32_t number = set(&one, cases[i].sentence);

        record(&one, cases[i].most - 1, START_NS);
        assert_int_equal(used(&one, number, START_NS), cases[i].most - 1);
        assert_int_equal(tq_provider_state(one.provider, START_NS, NULL), TQ_AVAILABLE);
        assert_int_equal(tq_provider_record(one.provider, 1, START_NS, NULL), TQ_EXHAUSTED);
        assert_int_equal(used(&one, number, START_NS), INT64_MAX);
        assert_int_equal(tq_provider_record(one.provider, INT64_MAX, START_NS, NULL), TQ_EXHAUSTED);
        assert_int_equal(tq_provider_correct(one.provider, 1, START_NS), 0);
        assert_int_equal(used(&one, number, START_NS), INT64_MAX);
        assert_int_equal(tq_provider_state(one.provider, START_NS, NULL), TQ_QUOTA_EXHAUSTED);
        close_one(&one);
    }
}

static void test_amounts_above_the_maximum(void **state)
{
    struct one one = open_one();
    struct tq_limit limit = {.size = sizeof limit, .unit = TQ_UNIT_TOKENS, .known = TQ_LIMIT_AMOUNT};

    (void)state;
    for (uint32_t window = TQ_WINDOW_DAY; window <= TQ_WINDOW_ONCE; window++) {
        bool is_narrow = window == TQ_WINDOW_FIRST_USE || window == TQ_WINDOW_REFILL;

        limit.window = window;
        limit.length_ns = window >= TQ_WINDOW_FIXED && window <= TQ_WINDOW_REFILL ? 31 * DAY_NS : 0;
        limit.amount = (is_narrow ? UINT32_MAX : TQ_LIMIT_AMOUNT_MAX) + INT64_C(1);
        assert_int_equal(tq_provider_set_limit(one.provider, &limit, NULL), TQ_ERANGE);
        limit.amount--;
        assert_in_range(tq_provider_set_limit(one.provider, &limit, NULL), 1, 8);
        assert_int_equal(tq_provider_remove_limit(one.provider, 1), 0);
    }
    limit.window = TQ_WINDOW_REFILL; /* one in 64 ns is the most */
    limit.length_ns = SECOND_NS;
    limit.amount = SECOND_NS / STEP_NS + 1;
    assert_int_equal(tq_provider_set_limit(one.provider, &limit, NULL), TQ_ERANGE);
    limit.amount--;
    assert_int_equal(tq_provider_set_limit(one.provider, &limit, NULL), 1);
    close_one(&one);
}

static void test_before_1970(void **state)
{
    struct tq_verdict verdict = {.size = sizeof verdict};
    struct one one = open_one();

    (void)state;
    set(&one, "1 tokens per day");
    set(&one, "1 tokens per 5h first-use");
    set(&one, "1 tokens per 5h rolling");
    set(&one, "1 tokens per minute refill");
    set(&one, "1 tokens once");
    record(&one, 9, TQ_NOW_MIN_NS);
    record(&one, 9, -1);
    for (uint32_t i = 1; i <= 5; i++) {
        assert_int_equal(used(&one, i, 0), 0);
        assert_int_equal(used(&one, i, -1), 0);
    }
    assert_int_equal(tq_provider_record(one.provider, 1, 0, NULL), TQ_EXHAUSTED);
    for (uint32_t i = 1; i <= 5; i++) {
        assert_int_equal(used(&one, i, 0), 1);
        assert_int_equal(look(&one, i, -1).used, 0);
        assert_int_equal(look(&one, i, -1).state, TQ_AVAILABLE);
        assert_int_equal(look(&one, i, TQ_NOW_MIN_NS).used, 0);
    }
    assert_int_equal(tq_provider_verdict(one.provider, -1, &verdict), TQ_AVAILABLE);
    assert_int_equal(verdict.limits, 0);
    assert_int_equal(tq_provider_verdict(one.provider, 0, &verdict), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(verdict.limits, 31);
    close_one(&one);
}

/* The last instant is a record's as any other. No end is before it. */
static void test_the_last_instant(void **state)
{
    static const char *const sentences[] = {
        "1 tokens per day Asia/Tokyo", "1 tokens per year from June",
        "1 tokens per 366d first-use", "1 tokens per 366d rolling",
        "1 tokens per 31d refill",     "1 tokens per 366d from 2024-01-01",
        "1 tokens per minute refill",  "1 tokens once"};
    struct one one = open_one();
    int64_t last_ns = TQ_NOW_END_NS - 1, end_ns = 0;

    (void)state;
    for (uint32_t i = 0; i < 8; i++)
        assert_int_equal(set(&one, sentences[i]), i + 1);
    assert_int_equal(tq_provider_record(one.provider, 1, last_ns, &end_ns), TQ_EXHAUSTED);
    assert_int_equal(end_ns, INT64_MAX);
    for (uint32_t i = 1; i <= 8; i++) {
        struct tq_limit_state got = look(&one, i, last_ns);

        assert_int_equal(got.used, 1);
        assert_int_equal(got.state, TQ_QUOTA_EXHAUSTED);
        assert_true(got.until_ns > last_ns);
        assert_true(got.end_at_ns == 0 || got.end_at_ns > last_ns);
    }
    close_one(&one);
}

/* ---- many ------------------------------------------------------------------------------------- */

/* 8 limits each of 10,000 providers: none counts in another. */
static void test_10_000_providers(void **state)
{
    static const char *const sentences[TQ_LIMITS_MAX] = {"tokens per day",
                                                         "tokens per week Asia/Tokyo",
                                                         "requests per 5h first-use",
                                                         "tokens per 24h rolling",
                                                         "99 requests per 31d refill",
                                                         "tokens per month",
                                                         "total once",
                                                         "requests per 7d from 2024-01-01"};
    struct tq_ledger_options options = {.size = sizeof options, .rule = TQ_RULE_OFF, .history_days = 8};
    struct tq_limit limit[TQ_LIMITS_MAX];
    struct one one = {0};

    (void)state;
    assert_int_equal(tq_ledger_open(&one.ledger, NULL, &options, NULL), 0);
    for (int i = 0; i < TQ_LIMITS_MAX; i++)
        limit[i] = limit_of(sentences[i]);
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < 10000; i++) {
            char name[16];

            snprintf(name, sizeof name, "p%d", i);
            assert_int_equal(tq_ledger_provider(one.ledger, name, strlen(name), 0, &one.provider), 0);
            for (int k = 0; k < TQ_LIMITS_MAX && pass == 0; k++)
                assert_int_equal(tq_provider_set_limit(one.provider, &limit[k], NULL), k + 1);
            if (pass == 0)
                assert_int_equal(tq_provider_record(one.provider, i, START_NS, NULL), 0);
            for (uint32_t k = 0; k < TQ_LIMITS_MAX && pass == 1; k++)
                assert_int_equal(used(&one, k + 1, START_NS), limit[k].unit == TQ_UNIT_REQUESTS ? 1 : i);
        }
    tq_ledger_close(one.ledger);
}

/* A window that began before 1970 is shown from 1970 on; the limit is the same. */
static void test_an_anchor_is_kept(void **state)
{
    struct tq_limit limit = {.size = sizeof limit, .unit = TQ_UNIT_TOKENS, .window = TQ_WINDOW_FIXED};
    struct tq_limit_state shown = {.size = sizeof shown};
    struct tq_provider *provider;
    struct tq_ledger *ledger;

    (void)state;
    assert_int_equal(tq_ledger_open(&ledger, NULL, NULL, NULL), 0);
    assert_int_equal(tq_ledger_provider(ledger, "p", 1, 0, &provider), 0);
    limit.length_ns = DAY_NS;
    limit.anchor_at_ns = HOUR_NS;
    assert_int_equal(tq_provider_set_limit(provider, &limit, NULL), 1);
    assert_int_equal(tq_provider_limits(provider, MINUTE_NS, &shown, 1), 1);
    assert_true(shown.start_at_ns == 0 && shown.end_at_ns == HOUR_NS);
    assert_int_equal(tq_provider_set_limit(provider, &shown.limit, NULL), 1);
    tq_ledger_close(ledger);
}

/* The list of a program that was built with a later header, whose states are larger. */
static void test_larger_states(void **state)
{
    struct {
        struct tq_limit_state known;
        int64_t later;
    } list[3] = {{.known.size = sizeof list[0], .later = 7}, {.later = 7}, {.later = 7}};
    struct tq_limit limit = {.size = sizeof limit, .unit = TQ_UNIT_TOKENS, .window = TQ_WINDOW_DAY};
    struct tq_provider *provider;
    struct tq_ledger *ledger;

    (void)state;
    assert_int_equal(tq_ledger_open(&ledger, NULL, NULL, NULL), 0);
    assert_int_equal(tq_ledger_provider(ledger, "p", 1, 0, &provider), 0);
    assert_int_equal(tq_provider_set_limit(provider, &limit, NULL), 1);
    limit.window = TQ_WINDOW_ONCE;
    assert_int_equal(tq_provider_set_limit(provider, &limit, NULL), 2);
    assert_int_equal(tq_provider_limits(provider, START_NS, &list[0].known, 3), 2);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(list[i].known.size, sizeof list[0]);
        assert_int_equal(list[i].known.number, i + 1);
        assert_int_equal(list[i].later, 0);
    }
    assert_int_equal(list[1].known.limit.window, TQ_WINDOW_ONCE);
    assert_int_equal(list[2].later, 7);
    list[0].known.size = sizeof list[0].known - 8; /* no size of any header */
    assert_int_equal(tq_provider_limits(provider, START_NS, &list[0].known, 3), TQ_EINVAL);
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calendar_has_no_error),
        cmocka_unit_test(test_fixed_and_once_have_no_error),
        cmocka_unit_test(test_first_use_begins_4_s_early),
        cmocka_unit_test(test_first_use_moves_back),
        cmocka_unit_test(test_rolling_counts_a_hundredth_more),
        cmocka_unit_test(test_refill_rounds_up),
        cmocka_unit_test(test_cost_is_rounded_up),
        cmocka_unit_test(test_long_gaps),
        cmocka_unit_test(test_years_of_quarter_hours),
        cmocka_unit_test(test_300_limits_in_one_line),
        cmocka_unit_test(test_versions_come_round),
        cmocka_unit_test(test_saturation),
        cmocka_unit_test(test_amounts_above_the_maximum),
        cmocka_unit_test(test_before_1970),
        cmocka_unit_test(test_an_anchor_is_kept),
        cmocka_unit_test(test_larger_states),
        cmocka_unit_test(test_the_last_instant),
        cmocka_unit_test(test_10_000_providers),
    };

    heed_test_filter();
    return cmocka_run_group_tests_name("errors of limits", tests, NULL, NULL);
}
