/* test_pace.c: when a limit is used up at its pace, as the list of limits tells, against slow searches.
 *
 * SPDX-License-Identifier: MIT
 */
#include "rng.h"
#include "windows.h"

#include "base/pace.h"

#define NOON_NS AT(12, 0, 0)

__extension__ typedef __int128 wide;

/* ---- the arithmetic of a window -------------------------------------------------------------- */

/* Searches the last instant at which no more than `room` is used, when use grows evenly from the start on. */
static int64_t slow_out(int64_t used, int64_t room, int64_t start_ns, int64_t end_ns, int64_t at_ns)
{
    int64_t low_ns = start_ns, high_ns = end_ns;

    if (end_ns - start_ns < HOUR_NS || at_ns < start_ns || at_ns >= end_ns || used >= room)
        return TQ__PACE_UNKNOWN;
    if (used > 0 && (at_ns - start_ns) < (end_ns - start_ns) / 60)
        return TQ__PACE_UNKNOWN;
    while (low_ns < high_ns) {
        int64_t middle_ns = high_ns - (high_ns - low_ns) / 2;

        if ((wide)used * (middle_ns - start_ns) <= (wide)room * (at_ns - start_ns) || used == 0)
            low_ns = middle_ns;
        else
            high_ns = middle_ns - 1;
    }
    return low_ns == end_ns ? TQ__PACE_LASTS : low_ns;
}

static void test_search(void **state)
{
    struct rng rng = {rng_seed(20261)};
    int kinds[3] = {0};

    (void)state;
    for (int i = 0; i < 200000; i++) {
        int64_t length_ns = (int64_t)(rng_next(&rng) % (uint64_t)(400 * DAY_NS)) >> rng_next(&rng) % 14;
        int64_t start_ns = (int64_t)(rng_next(&rng) % (uint64_t)(50000 * DAY_NS));
        int64_t at_ns = start_ns + (int64_t)(rng_next(&rng) % (uint64_t)(length_ns + 2));
        int64_t room = (int64_t)(rng_next(&rng) >> 1 >> rng_next(&rng) % 63);
        int64_t used = (int64_t)(rng_next(&rng) % ((uint64_t)room + 2));
        int64_t out_ns = slow_out(used, room, start_ns, start_ns + length_ns, at_ns);

        assert_int_equal(tq__pace_out_ns(used, room, start_ns, start_ns + length_ns, at_ns), out_ns);
        kinds[out_ns == TQ__PACE_UNKNOWN ? 0 : out_ns == TQ__PACE_LASTS ? 1 : 2]++;
    }
    for (int i = 0; i < 3; i++)
        assert_true(kinds[i] > 1000);
}

static void test_edges(void **state)
{
    const int64_t start_ns = MAY_DAY_NS, end_ns = MAY_DAY_NS + DAY_NS, most = INT64_MAX;

    (void)state;
    /* Half of the day, half of the budget: it is reached at the very end, so it lasts; one more does not. */
    assert_int_equal(tq__pace_out_ns(50, 100, start_ns, end_ns, NOON_NS), TQ__PACE_LASTS);
    assert_int_equal(tq__pace_out_ns(51, 100, start_ns, end_ns, NOON_NS),
                     start_ns + 12 * HOUR_NS / 51 * 100 + 12 * HOUR_NS % 51 * 100 / 51);
    assert_int_equal(tq__pace_out_ns(100, 100, start_ns, end_ns, NOON_NS), TQ__PACE_UNKNOWN);
    /* The first sixtieth of a day is 24 minutes. */
    assert_int_equal(tq__pace_out_ns(1, 100, start_ns, end_ns, AT(0, 24, 0) - 1), TQ__PACE_UNKNOWN);
    assert_int_equal(tq__pace_out_ns(1, 60, start_ns, end_ns, AT(0, 24, 0)), TQ__PACE_LASTS);
    assert_int_equal(tq__pace_out_ns(0, 100, start_ns, end_ns, start_ns), TQ__PACE_LASTS);
    assert_int_equal(tq__pace_out_ns(most - 1, most, start_ns, end_ns, NOON_NS), NOON_NS);
    assert_int_equal(tq__pace_out_ns(1, most, start_ns, end_ns, NOON_NS), TQ__PACE_LASTS);

    assert_int_equal(tq__pace_sooner_ns(TQ__PACE_UNKNOWN, 5), 5);
    assert_int_equal(tq__pace_sooner_ns(5, TQ__PACE_UNKNOWN), 5);
    assert_int_equal(tq__pace_sooner_ns(5, 4), 4);
    assert_int_equal(tq__pace_sooner_ns(TQ__PACE_LASTS, 4), 4);
    assert_int_equal(tq__pace_sooner_ns(TQ__PACE_LASTS, TQ__PACE_UNKNOWN), TQ__PACE_LASTS);
}

/* ---- limits ---------------------------------------------------------------------------------- */

/* A rule would take limits out before they are used up: those are not said to run out. */
static const struct tq_ledger_options off = {.size = sizeof off, .rule = TQ_RULE_OFF};

struct world {
    struct tq_ledger *ledger;
    struct tq_provider *provider;
};

static int setup(void **state)
{
    static struct world world;

    assert_int_equal(tq_ledger_open(&world.ledger, NULL, &off, NULL), 0);
    world.provider = named(world.ledger, "p");
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    tq_ledger_close(((struct world *)*state)->ledger);
    return 0;
}

/* What the list says of the one limit of a provider. */
static int64_t out_of(const struct tq_provider *provider, int64_t now_ns)
{
    struct tq_limit_state states[TQ_LIMITS_MAX];

    assert_int_equal(limits_at(provider, now_ns, states), 1);
    return states[0].out_at_ns;
}

/* A record of 600 on a Wednesday at 06:00, looked at at noon. By hand. */
static void test_kinds(void **state)
{
    static const struct {
        const char *sentence;
        int64_t out_at_ns;
    } rows[] = {
        {"1000 tokens per day", AT(20, 0, 0)},                   /* 600 in 12 h */
        {"1200 tokens per day", INT64_MAX},                      /* at midnight */
        {"1200 tokens per day reserve 1", AT(23, 58, 48)},       /* a 1200th of the day sooner */
        {"1200 tokens per day reserve 600", 0},                  /* down to its reserve */
        {"600 tokens per day", 0},                               /* spent */
        {"tokens per day", 0},                                   /* no amount */
        {"1000 output per day", INT64_MAX},                      /* nothing is used */
        {"300 tokens per day America/Los_Angeles", INT64_MAX},   /* since 07:00 nothing */
        {"1000 tokens per week", AT(52, 0, 0)},                  /* 600 in 60 h */
        {"1680 tokens per week", INT64_MAX},                     /* in 168 h */
        {"7199 tokens per month from the 29th", AT(671, 54, 0)}, /* 600 in 60 h of 720 */
        {"7200 tokens per month from the 29th", INT64_MAX},
        {"1000 tokens per month", 0}, /* 12 h are less than a sixtieth of it */
        {"650 tokens per 12h from 2024-05-01T01:00Z", AT(12, 55, 0)}, /* 600 in 11 h */
        {"655 tokens per 12h from 2024-05-01T01:00Z", INT64_MAX},
        {"650 tokens per 7h first-use", AT(12, 30, 0)}, /* 600 in 6 h */
        {"700 tokens per 7h first-use", INT64_MAX},
        {"1000 tokens per 5h first-use", 0}, /* it has ended, and none has begun */
        {"1000 tokens once", 0},
        {"5000 tokens per hour refill", 0},
        {"1000 tokens per 1h from 2024-05-01T00:00Z", INT64_MAX},
        {"1000 tokens per 45min from 2024-05-01T00:00Z", 0}, /* too short */
        {"1000 tokens per 45min rolling", 0},
    };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char name[] = {'a', (char)('a' + i), '\0'};
        struct tq_provider *provider = named(w->ledger, name);

        if (set_sentence(provider, rows[i].sentence) != 1)
            fail_msg("%s", rows[i].sentence);
        assert_true(tq_provider_record(provider, 600, AT(6, 0, 0), NULL) >= 0);
        if (out_of(provider, NOON_NS) != rows[i].out_at_ns)
            fail_msg("%s: %lld in place of %lld", rows[i].sentence,
                     (long long)(out_of(provider, NOON_NS) - MAY_DAY_NS),
                     (long long)(rows[i].out_at_ns - MAY_DAY_NS));
    }
}

/* ---- rolling --------------------------------------------------------------------------------- */

#define RECORDS 60

struct rolling {
    int64_t length_ns, room;
    int64_t at_ns[RECORDS], tokens[RECORDS];
    int count;
};

/* The tokens in the buckets from one number to another. */
static int64_t sum_of(const struct rolling *rolling, int64_t from, int64_t to)
{
    int64_t sum = 0;

    for (int i = 0; i < rolling->count; i++) {
        int64_t bucket = rolling->at_ns[i] / (rolling->length_ns / 100);

        sum += bucket >= from && bucket <= to ? rolling->tokens[i] : 0;
    }
    return sum;
}

/* Adds up anew in each hundredth that comes, and searches in it. */
static int64_t slow_rolling(const struct rolling *rolling, int64_t now_ns)
{
    const int64_t span_ns = rolling->length_ns / 100, number = now_ns / span_ns;
    const int64_t took = sum_of(rolling, number - 24, number), took_ns = now_ns - (number - 24) * span_ns;
    const int64_t sum = sum_of(rolling, number - 100, number);

    if (sum >= rolling->room || (sum > 0 && sum == took))
        return TQ__PACE_UNKNOWN;
    for (int64_t bucket = number; took > 0 && bucket <= number + 100; bucket++) {
        int64_t still = sum_of(rolling, bucket - 100, number), low_ns = now_ns;
        int64_t end_ns = (bucket + 1) * span_ns, high_ns;

        if (end_ns > now_ns + rolling->length_ns)
            end_ns = now_ns + rolling->length_ns;
        high_ns = end_ns;
        while (low_ns < high_ns) {
            int64_t middle_ns = high_ns - (high_ns - low_ns) / 2;

            if ((wide)still * took_ns + (wide)took * (middle_ns - now_ns) <= (wide)rolling->room * took_ns)
                low_ns = middle_ns;
            else
                high_ns = middle_ns - 1;
        }
        if (low_ns < end_ns)
            return low_ns;
    }
    return TQ__PACE_LASTS;
}

static struct rolling some_rolling(struct rng *rng, int64_t now_ns)
{
    static const int64_t lengths[] = {HOUR_NS, 5 * HOUR_NS, DAY_NS, 30 * DAY_NS};
    struct rolling rolling = {.length_ns = lengths[rng_below(rng, 4)],
                              .count = 1 + (int)rng_below(rng, RECORDS)};
    int64_t within_ns = rolling.length_ns / (int64_t)(1 + rng_below(rng, 3)), at_ns = now_ns - within_ns;

    for (int i = 0; i < rolling.count; i++) {
        at_ns += rng_below_i64(rng, 2 * within_ns / rolling.count);
        rolling.at_ns[i] = at_ns < now_ns ? at_ns : now_ns;
        rolling.tokens[i] = rng_below_i64(rng, INT64_C(1) << (1 + rng_below(rng, 31)));
    }
    rolling.room = 1 + sum_of(&rolling, 0, INT64_MAX) * (int64_t)(90 + rng_below(rng, 100)) / 100;
    return rolling;
}

static void test_rolling(void **state)
{
    struct rng rng = {rng_seed(20262)};
    int kinds[3] = {0};

    (void)state;
    for (int i = 0; i < 3000; i++) {
        int64_t now_ns = MAY_DAY_NS + rng_below_i64(&rng, DAY_NS), out_ns;
        struct rolling rolling = some_rolling(&rng, now_ns);
        struct tq_limit limit = {.size = sizeof limit,
                                 .unit = TQ_UNIT_TOKENS,
                                 .window = TQ_WINDOW_ROLLING,
                                 .length_ns = rolling.length_ns,
                                 .known = TQ_LIMIT_AMOUNT,
                                 .amount = rolling.room};
        struct world w;

        assert_int_equal(tq_ledger_open(&w.ledger, NULL, &off, NULL), 0);
        w.provider = named(w.ledger, "p");
        assert_int_equal(tq_provider_set_limit(w.provider, &limit, NULL), 1);
        for (int k = 0; k < rolling.count; k++)
            assert_true(tq_provider_record(w.provider, rolling.tokens[k], rolling.at_ns[k], NULL) >= 0);
        out_ns = slow_rolling(&rolling, now_ns);
        assert_int_equal(out_of(w.provider, now_ns), out_ns);
        kinds[out_ns == TQ__PACE_UNKNOWN ? 0 : out_ns == TQ__PACE_LASTS ? 1 : 2]++;
        tq_ledger_close(w.ledger);
    }
    for (int i = 0; i < 3; i++)
        assert_true(kinds[i] > 100);
}

/* 5 in each minute: even use lasts, near as the amount is. Then 20 in each: 15 a minute come on top of what
 * falls out. Then nothing: the sum only falls. */
static void test_rolling_by_hand(void **state)
{
    struct world *w = *state;
    const int64_t now_ns = AT(12, 0, 0);

    assert_int_equal(set_sentence(w->provider, "520 tokens per 100min rolling"), 1);
    for (int minute = 0; minute <= 101; minute++)
        assert_true(tq_provider_record(w->provider, 5, now_ns - (101 - minute) * MINUTE_NS, NULL) >= 0);
    assert_int_equal(out_of(w->provider, now_ns + 30 * SECOND_NS), INT64_MAX); /* 505 of 520 */
    assert_int_equal(set_sentence(w->provider, "1100 tokens per 100min rolling"), 1);
    for (int minute = 1; minute <= 25; minute++)
        assert_true(tq_provider_record(w->provider, 20, now_ns + minute * MINUTE_NS, NULL) >= 0);
    /* 76 x 5 + 25 x 20 = 880 of 1100; 500 in 24 min, 20 5/6 a minute. In the 14th minute from then on 65 have
     * fallen out, and 285 come in 13 min 40.8 s. */
    assert_int_equal(out_of(w->provider, now_ns + 25 * MINUTE_NS),
                     now_ns + (25 + 13) * MINUTE_NS + 408 * SECOND_NS / 10);
    assert_int_equal(out_of(w->provider, now_ns + 60 * MINUTE_NS), INT64_MAX);
}

/* ---- what vendors state ---------------------------------------------------------------------- */

static int64_t stated_out(const struct world *w, int64_t length_ns, int64_t now_ns)
{
    return stated_at(w->provider, length_ns, "", now_ns).out_at_ns;
}

static void test_stated_growth(void **state)
{
    const int64_t reset_ns = NOON_NS + 3 * HOUR_NS;
    struct world *w = *state;

    (void)say(w->provider, session_at(NOON_NS, 20, reset_ns));
    assert_int_equal(stated_out(w, SESSION_NS, NOON_NS), INT64_MAX); /* 20 % in 2 of 5 h */
    (void)say(w->provider, session_at(NOON_NS + HOUR_NS, 60, reset_ns));
    assert_int_equal(stated_out(w, SESSION_NS, NOON_NS + HOUR_NS),
                     NOON_NS + 2 * HOUR_NS);                  /* 40 % in an hour */
    assert_int_equal(stated_out(w, SESSION_NS, reset_ns), 0); /* it has ended */
    (void)say(w->provider, session_at(NOON_NS + HOUR_NS + MINUTE_NS, 100, reset_ns));
    assert_int_equal(stated_out(w, SESSION_NS, NOON_NS + 2 * HOUR_NS), 0); /* spent */
}

/* The same share again lasts; one that fell says nothing. */
static void test_stated_flat(void **state)
{
    const int64_t reset_ns = NOON_NS + 3 * HOUR_NS;
    struct world *w = *state;

    (void)say(w->provider, session_at(NOON_NS, 90, reset_ns));
    assert_int_equal(stated_out(w, SESSION_NS, NOON_NS), NOON_NS + 2 * HOUR_NS / 9); /* 90 % in 2 h */
    (void)say(w->provider, session_at(NOON_NS + HOUR_NS, 90, reset_ns));
    assert_int_equal(stated_out(w, SESSION_NS, NOON_NS + HOUR_NS), INT64_MAX);
    (void)say(w->provider, session_at(NOON_NS + 70 * MINUTE_NS, 30, reset_ns));
    assert_int_equal(stated_out(w, SESSION_NS, NOON_NS + 2 * HOUR_NS), 0);
}

/* The user's reserve ends sooner: 80 % is reached 30 minutes after 60 % was, at 40 % an hour. */
static void test_stated_reserve(void **state)
{
    const int64_t reset_ns = NOON_NS + 3 * HOUR_NS;
    struct world *w = *state;

    (void)say(w->provider, session_at(NOON_NS, 20, reset_ns));
    assert_int_equal(set_sentence(w->provider, "5h reserve 20%"), 1);
    (void)say(w->provider, session_at(NOON_NS + HOUR_NS, 60, reset_ns));
    assert_int_equal(stated_out(w, SESSION_NS, NOON_NS + HOUR_NS), AT(13, 30, 0));
    (void)say(w->provider, session_at(NOON_NS + HOUR_NS, 85, reset_ns));
    assert_int_equal(stated_out(w, SESSION_NS, NOON_NS + HOUR_NS), 0);
}

/* Half an hour is too short, an hour is not. */
static void test_stated_short(void **state)
{
    struct world *w = *state;
    struct word word = {.percent = 90, .reset_at_ns = NOON_NS + 10 * MINUTE_NS, .said_at_ns = NOON_NS};

    word.length_ns = HOUR_NS / 2;
    (void)say(w->provider, word);
    assert_int_equal(stated_out(w, HOUR_NS / 2, NOON_NS), 0);
    assert_int_not_equal(stated_at(w->provider, HOUR_NS / 2, "", NOON_NS).said_out_at_ns, 0);
    word.length_ns = HOUR_NS;
    (void)say(w->provider, word);
    assert_int_equal(stated_out(w, HOUR_NS, NOON_NS), NOON_NS + 50 * MINUTE_NS / 9);
}

/* A limit of the user's, of which the vendor says something, too: the sooner of both. */
static void test_both(void **state)
{
    struct world *w = *state;
    struct word word = {.length_ns = 7 * HOUR_NS,
                        .what = TQ_AXIS_TOKENS,
                        .percent = 50,
                        .reset_at_ns = AT(13, 0, 0),
                        .said_at_ns = NOON_NS};

    assert_int_equal(set_sentence(w->provider, "700 tokens per 7h first-use"), 1);
    assert_true(tq_provider_record(w->provider, 600, AT(6, 0, 0), NULL) >= 0);
    (void)say(w->provider, word);
    assert_int_equal(out_of(w->provider, NOON_NS), INT64_MAX);
    word.percent = 96;
    (void)say(w->provider, word);
    assert_int_equal(out_of(w->provider, NOON_NS), AT(12, 15, 0)); /* 96 % in 6 h */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_search),
        cmocka_unit_test(test_edges),
        cmocka_unit_test_setup_teardown(test_kinds, setup, teardown),
        cmocka_unit_test(test_rolling),
        cmocka_unit_test_setup_teardown(test_rolling_by_hand, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stated_growth, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stated_flat, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stated_reserve, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stated_short, setup, teardown),
        cmocka_unit_test_setup_teardown(test_both, setup, teardown),
    };

    heed_test_filter();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
