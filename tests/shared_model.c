/* shared_model.c: how providers that other machines share stand, added up anew for every question.
 *
 * SPDX-License-Identifier: MIT
 */
#include "shared_model.h"

#include <inttypes.h>

#include "harness.h"
#include "windows.h"

/* What each provider has, but for its budget. */
static const struct tq_limit settings[PROVIDERS][LIMITS] = {
    {{.window = TQ_WINDOW_DAY, .amount = 900, .reserve = 90},
     {.window = TQ_WINDOW_ROLLING, .length_ns = HOUR_NS, .amount = 300}},
    {{.window = TQ_WINDOW_FIRST_USE, .length_ns = 2 * HOUR_NS, .amount = 400},
     {.window = TQ_WINDOW_ONCE, .amount = 5000}},
    {{.window = TQ_WINDOW_FIXED, .length_ns = HOUR_NS / 2, .amount = 500, .reserve = 20},
     {.window = TQ_WINDOW_WEEK, .first = 1, .amount = 9000},
     {.window = TQ_WINDOW_FIRST_USE, .length_ns = HOUR_NS, .amount = 600}},
    {{.window = TQ_WINDOW_MONTH, .first = 1, .amount = 20000},
     {.window = TQ_WINDOW_ROLLING, .length_ns = 5 * HOUR_NS, .amount = 1500}},
};
static const int64_t budgets[PROVIDERS] = {1200, 0, 2500, 4000};

static const char *const names[PROVIDERS] = {"opus", "sonnet", "family", "account"};

const char *sm_name(int provider)
{
    return names[provider];
}

static int64_t bucket_of(const struct tq_limit *limit, int64_t at_ns)
{
    return at_ns / (limit->length_ns / 100);
}

/* Was something told of the window that holds now_ns? */
static bool is_of(const struct told *told, const struct tq_limit *limit, int64_t start_ns, int64_t now_ns)
{
    int64_t apart;

    if (limit && limit->window == TQ_WINDOW_FIRST_USE) /* by the low 16 bits of its start in 4 s; none: 0 */
        return (told->start_ns / (4 * SECOND_NS) - start_ns / (4 * SECOND_NS)) % 65536 == 0;
    if (!limit || limit->window != TQ_WINDOW_ROLLING)
        return told->start_ns == start_ns;
    apart = bucket_of(limit, now_ns) - bucket_of(limit, told->start_ns);
    return apart >= -100 && apart <= 100;
}

static int64_t held_of(const struct world *w, int provider)
{
    int64_t sum = 0;

    for (int i = 0; i < HOLDS; i++)
        for (int p = w->held[i].provider; w->held[i].is_there && p != LM_NONE; p = lm_pool(w->model, p))
            if (p == provider && w->held[i].end_ns > w->now_ns)
                sum += w->held[i].tokens;
    return sum;
}

bool sm_part(const struct world *w, int provider, uint32_t number, struct part *part)
{
    const struct told *told = &w->told[provider][number];
    struct lm_standing standing = {.start_at_ns = w->now_ns / DAY_NS * DAY_NS};
    bool is_there;

    *part =
        (struct part){.amount = budgets[provider], .room = budgets[provider], .held = held_of(w, provider)};
    if (number == 0 && budgets[provider] == 0)
        return false;
    if (number > 0 && !lm_standing(w->model, provider, number, w->now_ns, &standing))
        return false;
    if (number > 0) {
        part->amount = standing.limit.amount;
        part->room = part->amount - standing.reserve;
        part->own = standing.used_low;
    } else if (w->day[provider] == standing.start_at_ns) {
        part->own = w->used[provider];
    }
    if (!w->policy[provider].shares)
        return true;
    is_there = is_of(told, number > 0 ? &standing.limit : NULL, standing.start_at_ns, w->now_ns);
    if (w->heard_ns != 0 || told->is_strict) {
        part->others = is_there && told->has_others ? told->others : 0;
        part->heard_ns = is_there && told->has_others ? told->heard_ns : 0;
    }
    part->withheld =
        told_withheld(told, &w->policy[provider], w->heard_ns, w->now_ns, is_there, part->amount);
    if (part->others > part->withheld)
        part->others = part->withheld;
    return true;
}

void sm_same(const struct world *w, const char *what, int provider, uint32_t number, int64_t got,
             int64_t expected)
{
    struct part part;

    if (got == expected)
        return;
    print_error("TQ_SEED=%" PRIu64 " step %u: %s of %s, limit %u: %" PRId64 ", the model says %" PRId64 "\n",
                w->seed, w->step, what, names[provider], number, got, expected);
    for (int p = provider; p != LM_NONE; p = lm_pool(w->model, p))
        for (uint32_t i = 0; i <= LIMITS; i++)
            if (sm_part(w, p, i, &part))
                print_error("    %s, limit %u: own %" PRId64 ", others %" PRId64 ", withheld %" PRId64
                            ", held %" PRId64 " of %" PRId64 "%s\n",
                            names[p], i, part.own, part.others, part.withheld, part.held, part.amount,
                            w->told[p][i].is_strict ? ", strict" : "");
    print_error("    others are heard until %" PRId64 ", %" PRId64 " ns ago\n", w->heard_ns,
                w->now_ns - w->heard_ns);
    fail();
}

uint32_t sm_reason(const struct part *part, bool use_reserve)
{
    int64_t most = use_reserve ? part->amount : part->room, left = most - part->own - part->withheld;

    if (left <= 0)
        return part->own + part->others >= most ? TQ_REASON_SPENT : TQ_REASON_SHARED;
    if (part->held < left || part->held == 0)
        return 0;
    return part->own + part->others + part->held >= most ? TQ_REASON_HELD : TQ_REASON_SHARED;
}

uint32_t sm_reasons(const struct world *w, int provider, bool use_reserve, bool with_holds, int64_t *room)
{
    uint32_t reasons = 0;

    *room = INT64_MAX;
    for (int p = provider; p != LM_NONE; p = lm_pool(w->model, p))
        for (uint32_t number = 0; number <= LIMITS; number++) {
            struct part part;
            int64_t left;

            if (!sm_part(w, p, number, &part))
                continue;
            left = part.room - part.own - part.withheld - part.held;
            part.held = with_holds ? part.held : 0;
            reasons |= 1u << sm_reason(&part, use_reserve) & ~1u;
            *room = left < *room ? left : *room;
        }
    return reasons;
}

void sm_count(struct world *w, int provider, int64_t tokens)
{
    const int64_t day = w->now_ns / DAY_NS * DAY_NS;

    lm_record(w->model, provider, tokens, w->now_ns);
    for (int p = provider; p != LM_NONE; p = lm_pool(w->model, p)) {
        w->used[p] = w->day[p] == day ? w->used[p] + tokens : tokens;
        w->day[p] = day;
    }
}

void sm_set_up(struct world *w, int provider)
{
    for (int i = 0; i < LIMITS; i++) {
        struct tq_limit limit = settings[provider][i];

        if (limit.amount == 0)
            continue;
        limit.size = sizeof limit;
        limit.unit = TQ_UNIT_TOKENS;
        limit.known = TQ_LIMIT_AMOUNT | TQ_LIMIT_RESERVE;
        assert_int_equal(tq_provider_set_limit(w->provider[provider], &limit, NULL),
                         lm_set(w->model, provider, &limit));
    }
    assert_int_equal(tq_provider_set_budget(w->provider[provider], budgets[provider]), 0);
    if (provider == 3)
        return;
    assert_int_equal(tq_provider_set_pool(w->provider[provider], w->provider[provider < 2 ? 2 : 3]), 0);
    lm_set_pool(w->model, provider, provider < 2 ? 2 : 3);
}
