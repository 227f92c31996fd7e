/* test_hold_model.c: random calls hold, record and settle, and a slow model that keeps each of them in a list
 * says what must come out.
 *
 * SPDX-License-Identifier: MIT
 *
 * Three models, two of which lie in a pool, with limits of several units and a budget, under the rule off:
 * then a provider is out when what is used and held reaches what there is, and nothing else. In the model a
 * hold is there until it is given up or its lease has ended; the library frees one that has ended when
 * somebody needs its room, so that no answer shows which. Compared are whether a hold is taken, states, sums,
 * and the room of route.
 *
 * TQ_STRESS=n makes n times as many steps, TQ_SEED=n draws other numbers.
 */
#include <stdio.h>

#include "harness.h"
#include "rng.h"
#include "windows.h"

#define PROVIDERS 4 /* 0 and 1 lie in 3 */
#define POOL 3
#define HOLDS 40
#define STEPS 20000
#define UNIT_NS (64 * SECOND_NS)

/* A limit of a provider: a unit, an amount, and its window: once, or the UTC day. */
struct bound {
    uint32_t provider, unit;
    int64_t amount;
    bool daily;
    const char *sentence; /* NULL: the budget */
    int64_t used, day;
};

static const struct bound bounds[] = {
    {0, TQ_UNIT_TOKENS, 900, true, "900 tokens per day", 0, 0},
    {0, TQ_UNIT_REQUESTS, 12, false, "12 requests once", 0, 0},
    {1, TQ_UNIT_TOTAL, 2000, false, "2000 total once", 0, 0},
    {2, TQ_UNIT_TOKENS, 700, true, NULL, 0, 0},
    {POOL, TQ_UNIT_TOKENS, 1500, true, "1500 tokens per day", 0, 0},
    {POOL, TQ_UNIT_TOKENS, 4000, true, NULL, 0, 0},
};
#define BOUNDS (sizeof bounds / sizeof bounds[0])

struct held {
    bool is_there;
    uint32_t provider;
    int64_t tokens, end_ns;
    struct tq_hold hold;
};

struct world {
    struct tq_ledger *ledger;
    struct tq_provider *provider[PROVIDERS];
    struct bound bound[BOUNDS];
    struct held held[HOLDS];
    int64_t now_ns;
    struct rng rng;
};

/* ---- the model ------------------------------------------------------------------------------- */

static bool concerns(const struct bound *bound, uint32_t provider)
{
    return bound->provider == provider || (bound->provider == POOL && provider < 2);
}

static int64_t amount_in(uint32_t unit, int64_t tokens)
{
    return unit == TQ_UNIT_REQUESTS ? 1 : tokens;
}

static int64_t used_of(const struct world *w, const struct bound *bound)
{
    return bound->daily && bound->day != w->now_ns / DAY_NS ? 0 : bound->used;
}

static int64_t held_of(const struct world *w, const struct bound *bound)
{
    int64_t sum = 0;

    for (unsigned i = 0; i < HOLDS; i++)
        if (w->held[i].is_there && w->held[i].end_ns > w->now_ns && concerns(bound, w->held[i].provider))
            sum += amount_in(bound->unit, w->held[i].tokens);
    return sum;
}

static int64_t room_of(const struct world *w, const struct bound *bound)
{
    return bound->amount - used_of(w, bound) - held_of(w, bound);
}

static void count(struct world *w, uint32_t provider, int64_t tokens)
{
    for (unsigned i = 0; i < BOUNDS; i++)
        if (concerns(&w->bound[i], provider)) {
            w->bound[i].used = used_of(w, &w->bound[i]) + amount_in(w->bound[i].unit, tokens);
            w->bound[i].day = w->now_ns / DAY_NS;
        }
}

static bool fits(const struct world *w, uint32_t provider, int64_t tokens)
{
    for (unsigned i = 0; i < BOUNDS; i++)
        if (concerns(&w->bound[i], provider) &&
            room_of(w, &w->bound[i]) < amount_in(w->bound[i].unit, tokens))
            return false;
    return true;
}

/* ---- both ------------------------------------------------------------------------------------ */

static void take(struct world *w)
{
    struct tq_amounts amounts = {.size = sizeof amounts, .known = 1u << TQ_UNIT_TOKENS};
    struct held *held = &w->held[rng_below(&w->rng, HOLDS)];
    int64_t lease_ns = (1 + rng_below_i64(&w->rng, 5)) * 10 * MINUTE_NS;
    bool expected;

    if (held->is_there)
        return;
    *held = (struct held){.provider = rng_below(&w->rng, PROVIDERS),
                          .tokens = rng_below_i64(&w->rng, 200),
                          .hold.size = sizeof held->hold};
    amounts.of[TQ_UNIT_TOKENS] = held->tokens;
    expected = fits(w, held->provider, held->tokens);
    assert_int_equal(
        tq_provider_hold(w->provider[held->provider], &amounts, lease_ns, w->now_ns, &held->hold), !expected);
    held->is_there = expected;
    held->end_ns = (w->now_ns + lease_ns + UNIT_NS - 1) / UNIT_NS * UNIT_NS;
    if (expected)
        assert_int_equal(held->hold.until_ns, held->end_ns);
}

static void give_up(struct world *w)
{
    struct held *held = &w->held[rng_below(&w->rng, HOLDS)];
    struct tq_usage usage = {.size = sizeof usage, .counted = rng_below_i64(&w->rng, held->tokens + 1)};
    bool is_over = held->end_ns <= w->now_ns;

    if (!held->is_there)
        return;
    held->is_there = false;
    if (rng_below(&w->rng, 4) == 0) {
        assert_true(tq_hold_cancel(&held->hold) <= is_over);
        return;
    }
    assert_true(tq_hold_settle(&held->hold, &usage, w->now_ns) >= 0);
    assert_true(held->hold.ended <= is_over);
    count(w, held->provider, usage.counted);
}

static void extend(struct world *w)
{
    struct held *held = &w->held[rng_below(&w->rng, HOLDS)];
    int64_t lease_ns = (1 + rng_below_i64(&w->rng, 60)) * MINUTE_NS;

    if (!held->is_there || held->end_ns <= w->now_ns)
        return;
    assert_int_equal(tq_hold_extend(&held->hold, lease_ns, w->now_ns), 0);
    held->end_ns = (w->now_ns + lease_ns + UNIT_NS - 1) / UNIT_NS * UNIT_NS;
}

static void record(struct world *w)
{
    uint32_t provider = rng_below(&w->rng, PROVIDERS);
    int64_t tokens = rng_below_i64(&w->rng, 60);

    assert_true(tq_provider_record(w->provider[provider], tokens, w->now_ns, NULL) >= 0);
    count(w, provider, tokens);
}

/* Is it out, and how much room has a call? */
static void compare(struct world *w, uint32_t provider)
{
    struct tq_route route = {.size = sizeof route, .need = 1 + rng_below_i64(&w->rng, 100)};
    int64_t room = INT64_MAX;
    bool out = false;

    for (unsigned i = 0; i < BOUNDS; i++) {
        if (!concerns(&w->bound[i], provider))
            continue;
        out = out || room_of(w, &w->bound[i]) <= 0;
        if (w->bound[i].unit != TQ_UNIT_REQUESTS && room_of(w, &w->bound[i]) < room)
            room = room_of(w, &w->bound[i]);
    }
    assert_int_equal(tq_provider_state(w->provider[provider], w->now_ns, NULL), out);
    assert_int_equal(verdict_of(w->provider[provider], w->now_ns, 0).state, out);
    assert_int_equal(tq_ledger_route(w->ledger, &w->provider[provider], 1, w->now_ns, 0, &route),
                     out || room < route.need);
    if (room < route.need || !out)
        assert_true(route.room == (room > 0 ? room : 0) || room >= route.need);
}

/* Time goes on; a new day and more room come now and then. */
static void go_on(struct world *w)
{
    w->now_ns += rng_below_i64(&w->rng, 4 * MINUTE_NS);
    if (rng_below(&w->rng, 100) != 0)
        return;
    w->now_ns += rng_below_i64(&w->rng, DAY_NS);
    for (unsigned i = 0; i < BOUNDS; i++) /* raised limits keep their counts */
        if (!w->bound[i].daily) {
            char sentence[64];

            w->bound[i].amount += 10 * (w->bound[i].unit == TQ_UNIT_REQUESTS ? 1 : 100);
            snprintf(sentence, sizeof sentence, "%d %s once", (int)w->bound[i].amount,
                     tq_unit_name(w->bound[i].unit));
            assert_true(set_sentence(w->provider[w->bound[i].provider], sentence) > 0);
        }
}

static void set_up(struct world *w)
{
    static const char *const names[PROVIDERS] = {"opus", "sonnet", "gpt", "account"};
    struct tq_ledger_options options = {.size = sizeof options, .rule = TQ_RULE_OFF};

    memset(w, 0, sizeof *w);
    memcpy(w->bound, bounds, sizeof bounds);
    w->rng.state = rng_seed(3);
    w->now_ns = MAY_DAY_NS;
    assert_int_equal(tq_ledger_open(&w->ledger, NULL, &options, NULL), 0);
    for (unsigned i = 0; i < PROVIDERS; i++)
        w->provider[i] = named(w->ledger, names[i]);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(tq_provider_set_pool(w->provider[i], w->provider[POOL]), 0);
    for (unsigned i = 0; i < BOUNDS; i++)
        if (w->bound[i].sentence)
            assert_true(set_sentence(w->provider[w->bound[i].provider], w->bound[i].sentence) > 0);
        else
            assert_int_equal(tq_provider_set_budget(w->provider[w->bound[i].provider], w->bound[i].amount),
                             0);
}

static void test_against_the_model(void **state)
{
    const char *stress = getenv("TQ_STRESS");
    unsigned steps = stress && *stress ? STEPS * (unsigned)strtoul(stress, NULL, 10) : STEPS;
    static struct world w;

    (void)state;
    set_up(&w);
    for (unsigned i = 0; i < steps; i++) {
        static void (*const what[])(struct world *) = {take,    take,   take,   give_up,
                                                       give_up, extend, record, go_on};

        what[rng_below(&w.rng, sizeof what / sizeof what[0])](&w);
        compare(&w, rng_below(&w.rng, PROVIDERS));
    }
    tq_ledger_close(w.ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_the_model),
    };

    return cmocka_run_group_tests_name("hold_model", tests, NULL, NULL);
}
