/* test_shared_refill.c: random operations on a limit that refills and that other machines share, and a model
 * that keeps the instant at which the bucket is full in exact arithmetic.
 *
 * SPDX-License-Identifier: MIT
 *
 * A bucket counts and refills at the rate of what is left for this machine; when another part is withheld,
 * what is used stays. TQ_STRESS=n makes n times as many steps, TQ_SEED=n draws other numbers.
 */
#include "harness.h"
#include "rng.h"
#include "shared_told.h"
#include "windows.h"

#define STEPS 20000
#define AMOUNT 120
#define LENGTH_NS (120 * SECOND_NS) /* one unit a second, when all of it is this machine's */
#define SCALE 1024                  /* the model's steps in a nanosecond */
#define CLOSE_NS 20000              /* the library rounds each record to 64 ns: far less than a unit */

struct world {
    struct tq_ledger *ledger;
    struct tq_provider *provider;
    struct told told;
    struct policy policy;
    bool was_strict; /* then words count also where nobody was ever heard */
    __int128 full;   /* in 1/SCALE ns */
    int64_t now_ns, heard_ns;
    struct rng rng;
};

static __int128 now_of(const struct world *w)
{
    return (__int128)w->now_ns * SCALE;
}

static int64_t withheld_now(const struct world *w)
{
    return told_withheld(&w->told, &w->policy, w->heard_ns, w->now_ns, true, AMOUNT);
}

/* What was told while heard leaves it, also while cut off; with nothing left, it is that of all. */
static int64_t rate_of(const struct world *w)
{
    bool is_shared = w->heard_ns != 0 || w->was_strict;
    int64_t taken = is_shared && w->told.has_words ? w->told.withheld : withheld_now(w);

    return taken < AMOUNT ? AMOUNT - taken : AMOUNT;
}

static __int128 cost_of(const struct world *w, int64_t tokens)
{
    return (__int128)tokens * LENGTH_NS * SCALE / rate_of(w);
}

static void fill_up(struct world *w, __int128 full)
{
    __int128 most = now_of(w) + (__int128)LENGTH_NS * SCALE;

    w->full = full > most ? most : full;
}

static void do_record(struct world *w)
{
    int64_t tokens = rng_below_i64(&w->rng, 12);

    assert_true(tq_provider_record(w->provider, tokens, w->now_ns, NULL) >= 0);
    fill_up(w, (w->full > now_of(w) ? w->full : now_of(w)) + cost_of(w, tokens));
}

static void do_correct(struct world *w)
{
    int64_t tokens = 1 + rng_below_i64(&w->rng, 12);

    assert_int_equal(tq_provider_correct(w->provider, tokens, w->now_ns), 0);
    if (w->full > now_of(w))
        w->full = w->full - cost_of(w, tokens) > now_of(w) ? w->full - cost_of(w, tokens) : now_of(w);
}

static void do_tell(struct world *w)
{
    int64_t before = w->told.has_words && w->told.withheld < AMOUNT ? AMOUNT - w->told.withheld : 0, after;
    struct tq_share share = {.size = sizeof share, .number = 1};

    if (!w->told.has_words)
        before = AMOUNT;
    share.others = rng_below_i64(&w->rng, 60);
    share.withheld = share.others + rng_below_i64(&w->rng, rng_below(&w->rng, 5) ? 40 : AMOUNT);
    share.withheld_cut = share.others + rng_below_i64(&w->rng, 60);
    after = share.withheld < AMOUNT ? AMOUNT - share.withheld : 0;
    assert_int_equal(tq_provider_set_share(w->provider, &share, w->now_ns), 0);
    if (before > 0 && after > 0 && w->full > now_of(w))
        fill_up(w, now_of(w) + (w->full - now_of(w)) * before / after);
    w->policy.shares = true;
    w->told = (struct told){.has_others = true,
                            .has_words = true,
                            .is_strict = w->told.is_strict,
                            .others = share.others,
                            .withheld = share.withheld,
                            .cut = share.withheld_cut};
}

static void do_hear(struct world *w)
{
    static const int64_t ends_ns[] = {HOUR_NS, HOUR_NS, DAY_NS, -1, -HOUR_NS, -7 * SECOND_NS};
    unsigned i = rng_below(&w->rng, 7);

    w->heard_ns = i == 6 ? 0 : w->now_ns + ends_ns[i];
    assert_int_equal(tq_ledger_set_shared_until(w->ledger, w->heard_ns), 0);
}

static void do_policy(struct world *w)
{
    uint32_t strict = rng_below(&w->rng, 4) == 0;

    w->policy.cut = rng_below(&w->rng, 3);
    w->policy.machines = 1 + rng_below(&w->rng, 5);
    w->policy.shares = true;
    assert_int_equal(tq_provider_set_cut(w->provider, w->policy.cut), 0);
    assert_int_equal(tq_provider_set_sharers(w->provider, (uint32_t)w->policy.machines, INT64_MAX), 0);
    assert_int_equal(tq_provider_set_strict(w->provider, 1, strict), 0);
    if (strict && !w->told.is_strict) /* what was told was no lease */
        w->told.has_words = false;
    w->told.is_strict = strict;
    w->was_strict |= strict;
}

static void do_go_on(struct world *w)
{
    w->now_ns += rng_below_i64(&w->rng, rng_below(&w->rng, 30) ? 4 * SECOND_NS : HOUR_NS);
}

/* What has not refilled when the bucket is full so much later; the last 1/1024 of a unit does not count. */
static int64_t used_at(const struct world *w, int64_t later_ns)
{
    __int128 left = w->full - now_of(w) + (__int128)later_ns * SCALE, unit = (__int128)LENGTH_NS * SCALE;
    int64_t rate = rate_of(w);

    if (w->full <= now_of(w))
        return 0;
    left = left * rate - unit / 1024;
    if (left <= 0)
        return 0;
    left = (left + unit - 1) / unit;
    return left < rate ? (int64_t)left : rate;
}

static void compare(const struct world *w)
{
    struct tq_limit_state list[TQ_LIMITS_MAX];
    const struct tq_verdict verdict = verdict_of(w->provider, w->now_ns, 0);
    int64_t withheld = withheld_now(w), low = used_at(w, -CLOSE_NS), high = used_at(w, CLOSE_NS), others = 0;

    if (w->policy.shares && (w->heard_ns != 0 || w->told.is_strict) && w->told.has_others)
        others = w->told.others < withheld ? w->told.others : withheld;
    assert_int_equal(limits_at(w->provider, w->now_ns, list), 1);
    assert_int_equal(list[0].withheld, withheld);
    assert_int_equal(list[0].others, others);
    assert_in_range(list[0].used, low + others, high + others);
    if ((low + withheld >= AMOUNT) != (high + withheld >= AMOUNT))
        return;
    assert_int_equal(verdict.state, low + withheld >= AMOUNT);
    assert_int_equal(tq_provider_state(w->provider, w->now_ns, NULL), verdict.state);
    if (low == high && verdict.state != TQ_AVAILABLE)
        assert_int_equal(verdict.reason, low + others >= AMOUNT ? TQ_REASON_SPENT : TQ_REASON_SHARED);
}

static void test_against_the_model(void **state)
{
    static void (*const calls[])(struct world *) = {do_record, do_record, do_record, do_correct, do_tell,
                                                    do_tell,   do_hear,   do_policy, do_go_on,   do_go_on};
    const struct tq_ledger_options options = {
        .size = sizeof options, .rule = TQ_RULE_OFF, .max_ahead_ns = INT64_MAX};
    const struct tq_limit limit = {.size = sizeof limit,
                                   .unit = TQ_UNIT_TOKENS,
                                   .window = TQ_WINDOW_REFILL,
                                   .length_ns = LENGTH_NS,
                                   .known = TQ_LIMIT_AMOUNT,
                                   .amount = AMOUNT};
    const char *stress = getenv("TQ_STRESS");
    unsigned steps = stress && *stress ? STEPS * (unsigned)strtoul(stress, NULL, 10) : STEPS;
    struct world w = {.policy.machines = 1, .now_ns = MAY_DAY_NS, .rng.state = rng_seed(1)};

    (void)state;
    assert_int_equal(tq_ledger_open(&w.ledger, NULL, &options, NULL), 0);
    w.provider = named(w.ledger, "p");
    assert_int_equal(tq_provider_set_limit(w.provider, &limit, NULL), 1);
    for (unsigned step = 0; step < steps; step++) {
        calls[rng_below(&w.rng, sizeof calls / sizeof calls[0])](&w);
        compare(&w);
    }
    tq_ledger_close(w.ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_the_model),
    };

    return cmocka_run_group_tests_name("shared_refill", tests, NULL, NULL);
}
