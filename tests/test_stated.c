/* test_stated.c: what a vendor says of windows: what becomes a limit, which one keeps it, what is told of it.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "windows.h"

#define NOON_NS AT(12, 0, 0)

struct world {
    struct tq_ledger *ledger;
    struct tq_provider *provider;
};

static int setup(void **state)
{
    static struct world world;

    assert_int_equal(tq_ledger_open(&world.ledger, NULL, NULL, NULL), 0);
    world.provider = named(world.ledger, "p");
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;

    tq_ledger_close(world->ledger);
    return 0;
}

static int count_of(struct tq_provider *provider)
{
    return tq_provider_limits(provider, NOON_NS, NULL, 0);
}

/* ---- what becomes a limit -------------------------------------------------------------------- */

/* Ten minutes and more, in whole minutes, up to a year. */
static void test_lengths(void **state)
{
    static const struct {
        int64_t length_ns;
        int kept;
    } lengths[] = {
        {0, 0},
        {-WEEK_NS, 0},
        {MINUTE_NS, 0},
        {10 * MINUTE_NS - 1, 0},
        {10 * MINUTE_NS - SECOND_NS, 0},
        {10 * MINUTE_NS + SECOND_NS, 0},
        {366 * DAY_NS + MINUTE_NS, 0},
        {INT64_MAX, 0},
        {INT64_MIN, 0},
        {10 * MINUTE_NS, 1},
        {11 * MINUTE_NS, 1},
        {366 * DAY_NS, 1},
    };
    struct world *w = *state;
    int count = 0;

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct word word = week_at(NOON_NS, 50, NOON_NS + HOUR_NS);

        word.length_ns = lengths[i].length_ns;
        assert_int_equal(say(w->provider, word), TQ_AVAILABLE);
        count += lengths[i].kept;
        assert_int_equal(count_of(w->provider), count);
    }
}

/* By its axis a limit has its unit; one of concurrency is none, and so is what this version does not know. */
static void test_units(void **state)
{
    static const struct {
        uint32_t what, unit;
    } axes[] = {
        {TQ_AXIS_UNKNOWN, TQ_UNIT_SHARE},
        {TQ_AXIS_REQUESTS, TQ_UNIT_REQUESTS},
        {TQ_AXIS_TOKENS, TQ_UNIT_TOKENS},
        {TQ_AXIS_INPUT, TQ_UNIT_INPUT},
        {TQ_AXIS_OUTPUT, TQ_UNIT_OUTPUT},
        {TQ_AXIS_MONEY, TQ_UNIT_COST},
        {TQ_AXIS_CONCURRENCY, 0},
        {7, 0},
        {UINT32_MAX, 0},
    };
    struct tq_limit_state states[TQ_LIMITS_MAX];
    struct world *w = *state;
    int count = 0;

    for (size_t i = 0; i < sizeof axes / sizeof axes[0]; i++) {
        struct word word = week_at(NOON_NS, 50, NOON_NS + HOUR_NS);

        word.what = axes[i].what;
        assert_int_equal(say(w->provider, word), TQ_AVAILABLE);
        count += axes[i].unit != 0;
        assert_int_equal(limits_at(w->provider, NOON_NS, states), count);
        if (axes[i].unit != 0)
            assert_int_equal(states[count - 1].limit.unit, axes[i].unit);
    }
}

/* No share: nothing is kept, but of the window that a refusal names. */
static void test_no_share(void **state)
{
    struct world *w = *state;
    struct tq_limit_state limit;

    assert_int_equal(say(w->provider, week_at(NOON_NS, -1, NOON_NS + HOUR_NS)), TQ_AVAILABLE);
    assert_int_equal(count_of(w->provider), 0);
    assert_int_equal(refuse_for(w->provider, week_at(NOON_NS, -1, NOON_NS + HOUR_NS)), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(count_of(w->provider), 1);
    limit = stated_at(w->provider, WEEK_NS, "", NOON_NS);
    assert_int_equal(limit.said, TQ_SAID_READING | TQ_SAID_BLOCKS);
    assert_int_equal(limit.said_ppm, 0);
}

/* Limit and remaining give the share, rounded down: what has room is never 100 %. */
static void test_share_of_numbers(void **state)
{
    static const struct {
        int64_t limit, remaining;
        uint32_t ppm;
    } numbers[] = {
        {1000, 1000, 0},    {1000, 2000, 0},        {1000, 250, 750000},       {1000000, 1, 999900},
        {1000, 0, 1000000}, {INT64_MAX, 1, 999900}, {INT64_MAX, INT64_MAX, 0}, {3, 2, 333300},
    };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct word word = week_at(NOON_NS + (int64_t)i * SECOND_NS, -1, NOON_NS + 100 * DAY_NS);
        struct tq_quota_signal signal;
        struct tq_limit_state states[TQ_LIMITS_MAX];

        word.what = TQ_AXIS_REQUESTS;
        word.flags = TQ_AXIS_CREDIT;
        signal = signal_of(word);
        signal.axis[0].known |= TQ_AXIS_LIMIT | TQ_AXIS_REMAINING;
        signal.axis[0].limit = numbers[i].limit;
        signal.axis[0].remaining = numbers[i].remaining;
        assert_int_equal(tq_provider_apply(w->provider, &signal), TQ_AVAILABLE);
        assert_int_equal(limits_at(w->provider, word.said_at_ns, states), 1);
        assert_int_equal(states[0].said_ppm, numbers[i].ppm);
        assert_int_equal(states[0].said & TQ_SAID_SHARE, TQ_SAID_SHARE);
        if (numbers[i].limit < INT64_C(1) << 56)
            assert_int_equal(states[0].said_limit, numbers[i].limit);
    }
}

/* Numbers that are none give no share, and a share above 1,000 % is none. */
static void test_absurd(void **state)
{
    static const struct {
        uint32_t known, ppm;
        int64_t limit, remaining;
    } absurd[] = {
        {TQ_AXIS_USED, 10000100, 0, 0},
        {TQ_AXIS_USED, UINT32_MAX, 0, 0},
        {TQ_AXIS_LIMIT | TQ_AXIS_REMAINING, 0, 0, 0},
        {TQ_AXIS_LIMIT | TQ_AXIS_REMAINING, 0, -1, -1},
        {TQ_AXIS_LIMIT | TQ_AXIS_REMAINING, 0, 1000, -1},
        {TQ_AXIS_LIMIT | TQ_AXIS_REMAINING, 0, INT64_MIN, 5},
        {TQ_AXIS_LIMIT, 0, 1000, 0},
        {TQ_AXIS_REMAINING, 0, 0, 1000},
        {0, 500000, 0, 0},
    };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof absurd / sizeof absurd[0]; i++) {
        struct tq_quota_signal signal = signal_of(week_at(NOON_NS, -1, NOON_NS + HOUR_NS));

        signal.axis[0].known |= absurd[i].known;
        signal.axis[0].used_ppm = absurd[i].ppm;
        signal.axis[0].limit = absurd[i].limit;
        signal.axis[0].remaining = absurd[i].remaining;
        assert_int_equal(tq_provider_apply(w->provider, &signal), TQ_AVAILABLE);
        assert_int_equal(count_of(w->provider), 0);
    }
    assert_int_equal(say(w->provider, week_at(NOON_NS, 1000, NOON_NS + HOUR_NS)), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(stated_at(w->provider, WEEK_NS, "", NOON_NS).said_ppm, 10000000);
}

/* A window that has ended says nothing; one without a reset ends its length after it was said. */
static void test_resets(void **state)
{
    struct world *w = *state;
    struct tq_limit_state limit;

    assert_int_equal(say(w->provider, week_at(NOON_NS, 50, NOON_NS)), TQ_AVAILABLE);
    assert_int_equal(say(w->provider, week_at(NOON_NS, 50, NOON_NS - HOUR_NS)), TQ_AVAILABLE);
    assert_int_equal(count_of(w->provider), 0);
    assert_int_equal(say(w->provider, week_at(NOON_NS, 100, 0)), TQ_AVAILABLE); /* it names no end */
    limit = stated_at(w->provider, WEEK_NS, "", NOON_NS);
    assert_int_equal(limit.said, TQ_SAID_READING | TQ_SAID_SHARE);
    assert_int_equal(limit.said_reset_at_ns, 0);
    assert_int_equal(limit.end_at_ns, NOON_NS + WEEK_NS);
    assert_int_equal(limit.start_at_ns, NOON_NS);
    assert_int_equal(say(w->provider, week_at(NOON_NS + 1, 50, NOON_NS + HOUR_NS)), TQ_AVAILABLE);
    limit = stated_at(w->provider, WEEK_NS, "", NOON_NS + HOUR_NS);
    assert_int_equal(limit.said_at_ns, NOON_NS + SECOND_NS); /* rounded up */
    assert_int_equal(limit.said & TQ_SAID_READING, 0);       /* its window has ended */
    assert_int_equal(limit.said_ppm, 500000);
}

/* A word that was said earlier than the one that is kept changes nothing. */
static void test_older_words(void **state)
{
    struct world *w = *state;

    assert_int_equal(say(w->provider, week_at(NOON_NS, 50, NOON_NS + HOUR_NS)), TQ_AVAILABLE);
    assert_int_equal(say(w->provider, week_at(NOON_NS - SECOND_NS, 100, NOON_NS + HOUR_NS)), TQ_AVAILABLE);
    assert_int_equal(stated_at(w->provider, WEEK_NS, "", NOON_NS).said_ppm, 500000);
    assert_int_equal(say(w->provider, week_at(NOON_NS, 51, NOON_NS + HOUR_NS)), TQ_AVAILABLE);
    assert_int_equal(stated_at(w->provider, WEEK_NS, "", NOON_NS).said_ppm, 510000);
}

/* ---- names ----------------------------------------------------------------------------------- */

/* Windows of one length are apart by their names; what is said of a model without one has the name "model".
 */
static void test_names(void **state)
{
    static const char *const names[] = {NULL, "opus", "opus-4.1", "sonnet", "a-name-of-21-letters.", "OPUS"};
    struct world *w = *state;
    struct word word = week_at(NOON_NS, 0, NOON_NS + HOUR_NS);

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        word.name = names[i];
        word.percent = (int32_t)(10 + i);
        assert_int_equal(say(w->provider, word), TQ_AVAILABLE);
    }
    word.name = NULL;
    word.percent = 77;
    word.flags = TQ_AXIS_MODEL_ONLY;
    assert_int_equal(say(w->provider, word), TQ_AVAILABLE);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(stated_at(w->provider, WEEK_NS, names[i] ? names[i] : "", NOON_NS).said_ppm,
                         (10 + i) * 10000);
    assert_int_equal(stated_at(w->provider, WEEK_NS, "model", NOON_NS).said_ppm, 770000);
    assert_int_equal(count_of(w->provider), 7);
}

/* What is no name is not kept, and a refusal of such a window takes the provider out all the same. */
static void test_bad_names(void **state)
{
    static const char *const names[] = {"a b", "a/b", "\x01", "a\"b", "gr\xc3\xbc"};
    struct world *w = *state;
    struct word word = week_at(NOON_NS, 20, NOON_NS + HOUR_NS);

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        word.name = names[i];
        assert_int_equal(say(w->provider, word), TQ_AVAILABLE);
        assert_int_equal(count_of(w->provider), 0);
    }
    assert_int_equal(refuse_for(w->provider, word), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(count_of(w->provider), 0);
    assert_int_equal(verdict_of(w->provider, NOON_NS, 0).limit, 0);
}

/* A name without an end in its place is none. */
static void test_unended_name(void **state)
{
    struct world *w = *state;
    struct tq_quota_signal signal = signal_of(week_at(NOON_NS, 20, NOON_NS + HOUR_NS));

    memset(signal.window_name[0], 'x', TQ_WINDOW_NAME_MAX);
    assert_int_equal(tq_provider_apply(w->provider, &signal), TQ_AVAILABLE);
    assert_int_equal(stated_at(w->provider, WEEK_NS, "", NOON_NS).said_ppm, 200000);
}

/* ---- limits of the user ---------------------------------------------------------------------- */

/* One of the same unit and length keeps the word; its own count goes on, and either may exclude. */
static void test_limit_of_the_user(void **state)
{
    static const char *const sentences[] = {
        "900 requests per 5h first-use", "900 requests per 5h from 2020-01-01",
        "900 requests per 5h rolling",   "900 requests per day",
        "900 requests per week",
    };

    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++) {
        const int64_t length_ns = i < 3 ? SESSION_NS : i == 3 ? DAY_NS : WEEK_NS;
        struct word word = {.length_ns = length_ns,
                            .what = TQ_AXIS_REQUESTS,
                            .percent = 40,
                            .reset_at_ns = NOON_NS + HOUR_NS,
                            .said_at_ns = NOON_NS};
        struct tq_limit_state states[TQ_LIMITS_MAX];
        struct world *w;

        teardown(state);
        setup(state);
        w = *state;
        assert_int_equal(set_sentence(w->provider, sentences[i]), 1);
        assert_int_equal(tq_provider_record(w->provider, 5, NOON_NS, NULL), TQ_AVAILABLE);
        assert_int_equal(say(w->provider, word), TQ_AVAILABLE);
        assert_int_equal(limits_at(w->provider, NOON_NS, states), 1);
        assert_int_equal(states[0].said_ppm, 400000);
        assert_int_equal(states[0].used, 1);
        assert_int_equal(states[0].share_ppm, 1111);
        assert_int_equal(states[0].said_since, 0); /* nobody knows: it turns */
        word.percent = 100;
        word.said_at_ns += SECOND_NS;
        assert_int_equal(say(w->provider, word), TQ_QUOTA_EXHAUSTED);
        assert_int_equal(limits_at(w->provider, word.said_at_ns, states), 1);
        assert_int_equal(states[0].state, TQ_QUOTA_EXHAUSTED);
        assert_int_equal(states[0].until_ns, NOON_NS + HOUR_NS);
        assert_int_equal(states[0].spent, 1);
    }
}

/* Another unit, another length, a name, or one that refills: then the vendor's is a limit of its own. */
static void test_other_limits_of_the_user(void **state)
{
    struct world *w = *state;
    struct word word = session_at(NOON_NS, 40, NOON_NS + HOUR_NS);

    assert_true(set_sentence(w->provider, "900 requests per 5h first-use") > 0);
    assert_true(set_sentence(w->provider, "900 requests per 5h refill") > 0);
    assert_true(set_sentence(w->provider, "900 tokens once") > 0);
    assert_int_equal(say(w->provider, word), TQ_AVAILABLE); /* a share */
    assert_int_equal(count_of(w->provider), 4);
    word.what = TQ_AXIS_REQUESTS;
    word.name = "opus";
    assert_int_equal(say(w->provider, word), TQ_AVAILABLE);
    assert_int_equal(count_of(w->provider), 5);
    word.name = NULL;
    assert_int_equal(say(w->provider, word), TQ_AVAILABLE); /* first-use keeps it */
    assert_int_equal(count_of(w->provider), 5);
}

/* ---- lines that yield ------------------------------------------------------------------------ */

static struct word nth(unsigned i, int64_t said_at_ns)
{
    return (struct word){.length_ns = (10 + i) * MINUTE_NS,
                         .percent = 10,
                         .reset_at_ns = said_at_ns + HOUR_NS,
                         .said_at_ns = said_at_ns};
}

static bool has(struct tq_provider *provider, unsigned i)
{
    return stated_at(provider, (10 + i) * MINUTE_NS, "", NOON_NS).size != 0;
}

/* The one with the oldest word yields. */
static void test_oldest_yields(void **state)
{
    struct world *w = *state;

    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(say(w->provider, nth(i, NOON_NS + (i == 3 ? 0 : i + 1) * MINUTE_NS)), TQ_AVAILABLE);
    assert_int_equal(count_of(w->provider), 8);
    assert_int_equal(say(w->provider, nth(20, NOON_NS + HOUR_NS)), TQ_AVAILABLE);
    assert_int_equal(count_of(w->provider), 8);
    assert_false(has(w->provider, 3));
    assert_true(has(w->provider, 20));
    assert_int_equal(say(w->provider, nth(21, NOON_NS + HOUR_NS)), TQ_AVAILABLE);
    assert_false(has(w->provider, 0));
}

/* Those that block, are overruled until their end, or belong to the user do not. */
static void test_who_does_not_yield(void **state)
{
    const int64_t end_ns = NOON_NS + HOUR_NS;
    struct world *w = *state;
    struct tq_limit limit = {
        .size = sizeof limit, .unit = TQ_UNIT_SHARE, .window = TQ_WINDOW_STATED, .length_ns = 12 * MINUTE_NS};

    assert_int_equal(refuse_for(w->provider, nth(0, NOON_NS)), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(tq_provider_mark_available_at(w->provider, NOON_NS), 0); /* 0 is overruled */
    assert_int_equal(refuse_for(w->provider, nth(1, NOON_NS)), TQ_QUOTA_EXHAUSTED);
    assert_true(tq_provider_set_limit(w->provider, &limit, NULL) > 0); /* 2 is the user's */
    assert_int_equal(say(w->provider, nth(2, NOON_NS)), TQ_QUOTA_EXHAUSTED);
    for (unsigned i = 3; i < 8; i++)
        assert_true(
            set_sentence(w->provider, (const char *const[]){"1k tokens per day", "1k requests per day",
                                                            "1k tokens per week", "$1 per day",
                                                            "$5 per week"}[i - 3]) > 0);
    assert_int_equal(count_of(w->provider), 8);
    /* A reading is not kept, and a refusal takes the provider out as one without a window. */
    say(w->provider, nth(20, NOON_NS + MINUTE_NS));
    assert_false(has(w->provider, 20));
    refuse_for(w->provider, nth(21, NOON_NS + 30 * MINUTE_NS));
    assert_false(has(w->provider, 21));
    assert_int_equal(verdict_of(w->provider, NOON_NS + 30 * MINUTE_NS, 0).retry_at_ns,
                     NOON_NS + 90 * MINUTE_NS);
    assert_int_equal(verdict_of(w->provider, NOON_NS + 30 * MINUTE_NS, 0).limit, 0);
    /* After their end both yield, the user's never. */
    say(w->provider, nth(22, end_ns));
    say(w->provider, nth(23, end_ns));
    say(w->provider, nth(24, end_ns + SECOND_NS));
    assert_true(has(w->provider, 2));
    assert_false(has(w->provider, 0) || has(w->provider, 1));
    assert_int_equal(count_of(w->provider), 8);
}

/* ---- what is told ---------------------------------------------------------------------------- */

static void test_fields(void **state)
{
    struct world *w = *state;
    struct word word = week_at(NOON_NS, 30, NOON_NS + 4 * DAY_NS);
    struct tq_limit_state limit;
    struct tq_quota_signal signal;

    word.name = "opus";
    word.source = TQ_SOURCE_CALLER;
    signal = signal_of(word);
    signal.axis[0].known |= TQ_AXIS_LIMIT;
    signal.axis[0].limit = 123456;
    signal.account = 0xabcdef;
    assert_int_equal(tq_provider_apply(w->provider, &signal), TQ_AVAILABLE);
    assert_int_equal(tq_provider_account(w->provider), 0xabcdef);
    assert_int_equal(tq_provider_record(w->provider, 700, NOON_NS + HOUR_NS, NULL), TQ_AVAILABLE);
    limit = stated_at(w->provider, WEEK_NS, "opus", NOON_NS + HOUR_NS);
    assert_int_equal(limit.number, 1);
    assert_int_equal(limit.state, TQ_AVAILABLE);
    assert_int_equal(limit.share_ppm, 300000);
    assert_int_equal(limit.used, 700);
    assert_int_equal(limit.end_at_ns, NOON_NS + 4 * DAY_NS);
    assert_int_equal(limit.start_at_ns, NOON_NS - 3 * DAY_NS);
    assert_int_equal(limit.until_ns, 0);
    assert_int_equal(limit.limit.unit, TQ_UNIT_SHARE);
    assert_int_equal(limit.limit.known, 0);
    assert_int_equal(limit.said, TQ_SAID_READING | TQ_SAID_SHARE);
    assert_int_equal(limit.said_ppm, 300000);
    assert_int_equal(limit.said_source, TQ_SOURCE_CALLER);
    assert_int_equal(limit.said_profile, 3);
    assert_int_equal(limit.said_at_ns, NOON_NS);
    assert_int_equal(limit.said_reset_at_ns, NOON_NS + 4 * DAY_NS);
    assert_int_equal(limit.said_limit, 123456);
    assert_int_equal(limit.said_since, 700);
    assert_int_equal(limit.said_out_at_ns, 0); /* 30 % in 3 of 7 days: it lasts */
    signal.said_at_ns += HOUR_NS;
    signal.axis[0].used_ppm = 310000;
    assert_int_equal(tq_provider_apply(w->provider, &signal), TQ_AVAILABLE);
    assert_int_equal(stated_at(w->provider, WEEK_NS, "opus", NOON_NS + HOUR_NS).said_since, 0);
}

/* The growth since the reading before says when the share is used up. */
static void test_out_at(void **state)
{
    const int64_t reset_ns = NOON_NS + 3 * HOUR_NS;
    struct world *w = *state;

    assert_int_equal(say(w->provider, session_at(NOON_NS, 20, reset_ns)), TQ_AVAILABLE);
    /* By the window: 20 % in 2 h lasts. */
    assert_int_equal(stated_at(w->provider, SESSION_NS, "", NOON_NS).said_out_at_ns, 0);
    assert_int_equal(say(w->provider, session_at(NOON_NS + HOUR_NS, 60, reset_ns)), TQ_AVAILABLE);
    /* 40 % in an hour: another hour. */
    assert_int_equal(stated_at(w->provider, SESSION_NS, "", NOON_NS).said_out_at_ns, NOON_NS + 2 * HOUR_NS);
    /* The next window knows nothing of it, and its first minute is no pace: a sixtieth is. */
    assert_int_equal(say(w->provider, session_at(reset_ns + MINUTE_NS, 10, reset_ns + SESSION_NS)),
                     TQ_AVAILABLE);
    assert_int_equal(stated_at(w->provider, SESSION_NS, "", reset_ns + MINUTE_NS).said_out_at_ns, 0);
    assert_int_equal(say(w->provider, session_at(reset_ns + 5 * MINUTE_NS, 10, reset_ns + SESSION_NS)),
                     TQ_AVAILABLE);
    assert_int_equal(stated_at(w->provider, SESSION_NS, "", reset_ns + MINUTE_NS).said_out_at_ns,
                     reset_ns + 50 * MINUTE_NS);
    assert_int_equal(say(w->provider, session_at(reset_ns + HOUR_NS, 100, reset_ns + SESSION_NS)),
                     TQ_QUOTA_EXHAUSTED);
    assert_int_equal(stated_at(w->provider, SESSION_NS, "", reset_ns + HOUR_NS).said_out_at_ns, 0);
}

/* The least share of the longest window: it lasts, and nothing overflows. */
static void test_out_of_a_year(void **state)
{
    struct world *w = *state;
    struct word word = {
        .length_ns = 366 * DAY_NS, .percent = 0, .reset_at_ns = NOON_NS + HOUR_NS, .said_at_ns = NOON_NS};
    struct tq_quota_signal signal = signal_of(word);

    signal.axis[0].used_ppm = 100;
    assert_int_equal(tq_provider_apply(w->provider, &signal), TQ_AVAILABLE);
    assert_int_equal(stated_at(w->provider, word.length_ns, "", NOON_NS).said_out_at_ns, 0);
}

static void test_said_bits(void **state)
{
    struct world *w = *state;
    struct word word = week_at(NOON_NS, 100, NOON_NS + 4 * HOUR_NS);
    int64_t now_ns = NOON_NS;

    word.flags = TQ_AXIS_CREDIT;
    assert_int_equal(say(w->provider, word), TQ_AVAILABLE);
    assert_int_equal(stated_at(w->provider, WEEK_NS, "", now_ns).said,
                     TQ_SAID_READING | TQ_SAID_SHARE | TQ_SAID_CREDIT);
    assert_int_equal(tq_provider_set_overage(w->provider, TQ_OVERAGE_STOP), 0);
    assert_int_equal(stated_at(w->provider, WEEK_NS, "", now_ns).said,
                     TQ_SAID_READING | TQ_SAID_SHARE | TQ_SAID_CREDIT | TQ_SAID_STOPS);
    assert_int_equal(tq_provider_set_overage(w->provider, TQ_OVERAGE_ALLOW), 0);
    word.flags = 0;
    word.said_at_ns = now_ns += SECOND_NS;
    assert_int_equal(say(w->provider, word), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(stated_at(w->provider, WEEK_NS, "", now_ns).said,
                     TQ_SAID_READING | TQ_SAID_SHARE | TQ_SAID_BLOCKS);
    word.percent = 50;
    word.said_at_ns = now_ns += SECOND_NS;
    assert_int_equal(say(w->provider, word), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(stated_at(w->provider, WEEK_NS, "", now_ns).said,
                     TQ_SAID_READING | TQ_SAID_SHARE | TQ_SAID_BLOCKS | TQ_SAID_DOUBTED);
    assert_int_equal(serve_at(w->provider, now_ns + SECOND_NS, now_ns), TQ_AVAILABLE);
    assert_int_equal(stated_at(w->provider, WEEK_NS, "", now_ns).said,
                     TQ_SAID_READING | TQ_SAID_SHARE | TQ_SAID_OVERRULED);
    assert_int_equal(stated_at(w->provider, WEEK_NS, "", NOON_NS + 4 * HOUR_NS).said, TQ_SAID_SHARE);
}

/* A refusal whose window says no more, of a limit of the user: it blocks, and the list says so. */
static void test_block_without_reading(void **state)
{
    struct world *w = *state;
    struct tq_quota_signal signal;
    struct tq_limit_state states[TQ_LIMITS_MAX];
    struct word word = session_at(NOON_NS, -1, NOON_NS - HOUR_NS); /* a reset that has passed is no reading */

    word.what = TQ_AXIS_REQUESTS;
    assert_int_equal(set_sentence(w->provider, "900 requests per 5h first-use"), 1);
    signal = signal_of(word);
    signal.refusal = TQ_CLASS_EXHAUSTED;
    signal.binds = 0;
    signal.retry_at_ns = NOON_NS + HOUR_NS;
    assert_int_equal(tq_provider_apply(w->provider, &signal), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(limits_at(w->provider, NOON_NS, states), 1);
    assert_int_equal(states[0].state, TQ_QUOTA_EXHAUSTED);
    assert_int_equal(states[0].until_ns, NOON_NS + HOUR_NS);
    assert_int_equal(states[0].said, TQ_SAID_BLOCKS);
    assert_int_equal(states[0].said_at_ns, 0);
}

/* ---- sizes ----------------------------------------------------------------------------------- */

/* Bytes behind the size that a caller names stay as they are. */
static void test_old_sizes(void **state)
{
    enum {
        SIGNAL = offsetof(struct tq_quota_signal, account),
        LIMIT = offsetof(struct tq_limit_state, said),
        LIMIT_SAID = offsetof(struct tq_limit_state, out_at_ns),
        VERDICT = offsetof(struct tq_verdict, level),
        GUARD = 64
    };
    struct world *w = *state;
    struct tq_quota_signal signal = signal_of(week_at(NOON_NS, 100, NOON_NS + HOUR_NS));
    _Alignas(8) uint8_t bytes[sizeof(struct tq_limit_state) * 2 + GUARD];
    struct tq_limit_state *limit = (void *)bytes;
    struct tq_verdict *verdict = (void *)bytes;
    const uint32_t wrong[] = {SIGNAL + 4, SIGNAL - 4};
    void *copy;

    /* The old struct ends before account and names: a read behind it is one behind the block. */
    signal.size = SIGNAL;
    copy = malloc(SIGNAL);
    assert_non_null(copy);
    memcpy(copy, &signal, SIGNAL);
    assert_int_equal(tq_provider_apply(w->provider, copy), TQ_QUOTA_EXHAUSTED);
    for (size_t i = 0; i < 2; i++) {
        memcpy(copy, &wrong[i], sizeof wrong[i]);
        assert_int_equal(tq_provider_apply(w->provider, copy), TQ_EINVAL);
    }
    free(copy);
    assert_int_equal(tq_provider_account(w->provider), 0);

    memset(bytes, 0xa5, sizeof bytes);
    limit->size = LIMIT;
    assert_int_equal(tq_provider_limits(w->provider, NOON_NS, limit, 1), 1);
    assert_int_equal(limit->size, LIMIT);
    assert_int_equal(limit->limit.window, TQ_WINDOW_STATED);
    for (size_t i = LIMIT; i < sizeof bytes; i++)
        assert_int_equal(bytes[i], 0xa5);
    limit->size = LIMIT_SAID;
    assert_int_equal(tq_provider_limits(w->provider, NOON_NS, limit, 1), 1);
    assert_int_equal(limit->said_ppm, 1000000);
    for (size_t i = LIMIT_SAID; i < sizeof bytes; i++)
        assert_int_equal(bytes[i], 0xa5);
    limit->size = LIMIT + 8;
    assert_int_equal(tq_provider_limits(w->provider, NOON_NS, limit, 1), TQ_EINVAL);

    memset(bytes, 0xa5, sizeof bytes);
    verdict->size = VERDICT;
    verdict->flags = 0;
    assert_int_equal(tq_provider_verdict(w->provider, NOON_NS, verdict), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(verdict->reason, TQ_REASON_REPORTED);
    assert_int_equal(verdict->retry_at_ns, NOON_NS + HOUR_NS);
    for (size_t i = VERDICT; i < sizeof bytes; i++)
        assert_int_equal(bytes[i], 0xa5);
}

/* Larger structs of a later header: all of the known part is filled, and the rest is zero or untouched. */
static void test_later_sizes(void **state)
{
    struct world *w = *state;
    _Alignas(8) uint8_t bytes[2 * (sizeof(struct tq_limit_state) + 16)];
    struct tq_limit_state *limit = (void *)bytes;

    assert_int_equal(say(w->provider, week_at(NOON_NS, 40, NOON_NS + HOUR_NS)), TQ_AVAILABLE);
    assert_int_equal(say(w->provider, session_at(NOON_NS, 60, NOON_NS + HOUR_NS)), TQ_AVAILABLE);
    memset(bytes, 0xa5, sizeof bytes);
    limit->size = sizeof(struct tq_limit_state) + 16;
    assert_int_equal(tq_provider_limits(w->provider, NOON_NS, limit, 2), 2);
    assert_int_equal(limit->said_ppm, 400000);
    limit = (void *)(bytes + sizeof(struct tq_limit_state) + 16);
    assert_int_equal(limit->said_ppm, 600000);
    assert_int_equal(limit->number, 2);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(test_lengths),
        test(test_units),
        test(test_no_share),
        test(test_share_of_numbers),
        test(test_absurd),
        test(test_resets),
        test(test_older_words),
        test(test_names),
        test(test_bad_names),
        test(test_unended_name),
        test(test_limit_of_the_user),
        test(test_other_limits_of_the_user),
        test(test_oldest_yields),
        test(test_who_does_not_yield),
        test(test_fields),
        test(test_out_at),
        test(test_out_of_a_year),
        test(test_said_bits),
        test(test_block_without_reading),
        test(test_old_sizes),
        test(test_later_sizes),
    };

    heed_test_filter();
    return cmocka_run_group_tests_name("stated", tests, NULL, NULL);
}
