/* score_holds.c: lives through a window with calls that hold something, by the calls of the library itself.
 *
 * SPDX-License-Identifier: MIT
 *
 * A ledger in private memory has the budget. Each call takes a hold when it is dispatched (tq_provider_hold)
 * and settles it when it ends (tq_hold_settle); after both the ledger is asked for the state. Under `flight`
 * nobody knows how large a call will be, under `reserve` it holds 5/4 of what it will use. Nothing is decided
 * here.
 *
 * A case begins with a provider that was forgotten. Under `flight` it first gets the notes of half hours and
 * the mean call that the log had made: by two records that give the mean call, and then by the last calls
 * themselves. Under `reserve` all calls before held something known, too, and left no notes.
 *
 * The budget of a day is the provider's budget. An hour and a week are fixed windows, and 5 hours begin with
 * their first use. Such a window begins up to 4 s before its first call.
 *
 * Holds are of the years 1970 to 2105, and logs need not be. So all windows are moved by whole weeks into one
 * week, in which half hours, days and Mondays are where they were.
 */
#include "score_life.h"

#include "base/time.h"

#define MONDAY_NS INT64_C(978307200000000000) /* 2001-01-01: windows are moved to this week */
#define CALL_MOST ((int64_t)TQ__HALF_HOUR_MAX)
#define FIRST_USE_MOST INT64_C(4294967295)
#define FIRST_USE_EARLY_NS (4 * TQ__SECOND_NS)
#define NO_HOLD UINT16_MAX

_Static_assert(SCORE_HOLDS_MOST == TQ_HOLDS_MAX, "they are one");

/* ---- the ledger -------------------------------------------------------------------------------- */

int score_holds_begin(struct score_holds *holds, const struct score_call *calls)
{
    struct tq_ledger_options options = {.size = sizeof options, .history_days = 8};

    holds->recent = calls;
    holds->call = 0;
    holds->spare_count = SCORE_HOLDS_MOST;
    for (uint16_t i = 0; i < SCORE_HOLDS_MOST; i++)
        holds->spare[i] = i;
    holds->answer = tq_ledger_open(&holds->ledger, NULL, &options, NULL);
    if (holds->answer == 0)
        holds->answer = tq_ledger_provider(holds->ledger, "log", 3, 0, &holds->provider);
    return holds->answer;
}

void score_holds_end(struct score_holds *holds)
{
    tq_ledger_close(holds->ledger);
    holds->ledger = NULL;
}

/* Remembers that the ledger failed. */
static void note_answer(struct score_holds *holds, int answer)
{
    if (answer < 0)
        holds->answer = answer;
}

bool score_holds_can(enum score_kind_of_window kind, int64_t budget)
{
    return budget <= (kind == SCORE_5H ? FIRST_USE_MOST : TQ_LIMIT_AMOUNT_MAX);
}

/* ---- the notes before a window ----------------------------------------------------------------- */

/* The first instant of the half hour before the one in which the window begins. */
static int64_t notes_begin(const struct score_window *window)
{
    return (tq__floor_divide(window->start_at_ns, TQ__HALF_HOUR_NS) - 1) * TQ__HALF_HOUR_NS;
}

void score_holds_window(struct score_holds *holds, const struct score_window *window)
{
    for (; holds->recent < window->calls && holds->recent->at_ns < notes_begin(window); holds->recent++)
        holds->call = tq__call_add(holds->call, (uint64_t)holds->recent->tokens);
}

static void record(struct score_holds *holds, int64_t tokens, int64_t at_ns)
{
    note_answer(holds, tq_provider_record(holds->provider, tokens, at_ns, NULL));
}

/* Two records, a and b, make a mean call of 8 a - a + b. */
static void make_notes(struct score_holds *holds, const struct score_window *window, int64_t moved_ns)
{
    int64_t first = (int64_t)(holds->call / 8), old_ns = notes_begin(window) - TQ__HALF_HOUR_NS;

    if (first > CALL_MOST)
        first = CALL_MOST;
    if (first > 0) {
        record(holds, first, old_ns - moved_ns);
        record(holds, (int64_t)holds->call - 7 * first, old_ns - moved_ns);
    }
    for (const struct score_call *call = holds->recent; call < window->calls; call++)
        record(holds, call->tokens, call->at_ns - moved_ns);
}

/* ---- a case ------------------------------------------------------------------------------------ */

struct run {
    struct score_holds *holds;
    const struct score_window *window;
    const struct score_rule *rule;
    int64_t moved_ns; /* what is taken off an instant */
    int64_t early_ns; /* how much earlier than the window the ledger's may begin and end */
    struct score_rooms *rooms;
    struct score_life life;
};

static void limit(struct score_holds *holds, enum score_kind_of_window kind, int64_t start_ns,
                  int64_t length_ns, int64_t budget)
{
    struct tq_limit limit = {
        .size = sizeof limit,
        .unit = TQ_UNIT_TOKENS,
        .window = kind == SCORE_5H ? TQ_WINDOW_FIRST_USE : TQ_WINDOW_FIXED,
        .known = TQ_LIMIT_AMOUNT,
        .amount = budget,
        .length_ns = length_ns,
        .anchor_at_ns = kind == SCORE_5H ? 0 : start_ns,
    };

    note_answer(holds, tq_provider_set_limit(holds->provider, &limit, NULL));
    note_answer(holds, tq_provider_set_budget(holds->provider, 0));
}

/* Makes the provider that a case begins with. Records are noted only where there is a budget or a limit. */
static void prepare(struct run *run, enum score_kind_of_window kind, int64_t budget)
{
    const struct score_window *window = run->window;
    struct tq_provider *provider = run->holds->provider;

    note_answer(run->holds, tq_provider_forget(provider));
    note_answer(run->holds, tq_provider_set_budget(provider, budget));
    if (run->rule->kind == SCORE_FLIGHT) {
        note_answer(run->holds, tq_provider_set_care(provider, run->rule->care));
        make_notes(run->holds, window, run->moved_ns);
    }
    if (kind != SCORE_DAY)
        limit(run->holds, kind, window->start_at_ns - run->moved_ns, window->end_at_ns - window->start_at_ns,
              budget);
}

/* Asks the ledger until when the provider is out. The end of the ledger's window is that of the window. */
static void look(struct run *run, int64_t at_ns)
{
    int64_t until_ns, last_ns = run->window->end_at_ns - run->moved_ns - run->early_ns;
    int state = tq_provider_state(run->holds->provider, at_ns - run->moved_ns, &until_ns);

    note_answer(run->holds, state);
    if (state != TQ_QUOTA_EXHAUSTED)
        until_ns = at_ns;
    else
        until_ns = until_ns >= last_ns ? run->window->end_at_ns : until_ns + run->moved_ns;
    score_life_look(&run->life, at_ns, until_ns);
}

/* Is it out by what was last heard? Of calls that all hold 5/4 of what they use a further one only takes
 * room, and one that ends only gives room. So under `reserve` the first need not be looked at while the
 * provider is out, nor the second while it is not. */
static bool is_out(const struct run *run, int64_t at_ns)
{
    return run->life.until_ns > at_ns;
}

/* Takes a hold. Where the provider has as many as it can have, a call of unknown size runs without one.
 * Returns whether the call runs. */
static bool take(struct run *run, const struct score_call *call, uint16_t *number)
{
    struct score_holds *holds = run->holds;
    struct tq_amounts most = {.size = sizeof most, .known = 1u << TQ_UNIT_TOKENS};
    bool flies = run->rule->kind == SCORE_FLIGHT;
    struct tq_hold *hold;
    int answer;

    *number = NO_HOLD;
    if (holds->spare_count == 0)
        return flies;
    hold = &holds->items[holds->spare[holds->spare_count - 1]];
    hold->size = sizeof *hold;
    most.of[TQ_UNIT_TOKENS] = call->tokens + call->tokens / 4;
    answer = most.of[TQ_UNIT_TOKENS] > TQ_HOLD_AMOUNT_MAX
                 ? 1
                 : tq_provider_hold(holds->provider, flies ? NULL : &most, TQ_LEASE_MAX_NS,
                                    call->dispatched_at_ns - run->moved_ns, hold);
    note_answer(holds, answer);
    if (answer != 0)
        return false;
    *number = holds->spare[--holds->spare_count];
    return true;
}

/* Settles the hold of a call that ends. */
static void settle(struct run *run, const struct score_call *call, uint16_t number)
{
    struct tq_usage usage = {.size = sizeof usage, .requests = 1, .counted = call->tokens};
    struct score_holds *holds = run->holds;

    if (number == NO_HOLD) {
        record(holds, call->tokens, call->at_ns - run->moved_ns);
        return;
    }
    note_answer(holds, tq_hold_settle(&holds->items[number], &usage, call->at_ns - run->moved_ns));
    holds->spare[holds->spare_count++] = number;
}

/* A call of unknown size is not dispatched while the provider is out; one that knows its size asks for room
 * alone. */
static void dispatch(struct run *run, uint32_t number)
{
    const struct score_call *call = &run->window->calls[number];
    bool *diverted = &run->rooms->diverted[number];

    if (run->rule->kind == SCORE_FLIGHT && run->life.until_ns > call->dispatched_at_ns) {
        *diverted = true;
        return;
    }
    *diverted = !take(run, call, &run->rooms->hold[number]);
    if (*diverted)
        score_life_refuse(&run->life, call->dispatched_at_ns);
    else if (run->rule->kind == SCORE_FLIGHT || !is_out(run, call->dispatched_at_ns))
        look(run, call->dispatched_at_ns);
}

struct score_outcome score_holds_case(struct score_holds *holds, const struct score_window *window,
                                      const struct score_rule *rule, enum score_kind_of_window kind,
                                      int64_t budget, struct score_rooms *rooms)
{
    const struct score_call *calls = window->calls;
    int64_t week = tq__floor_divide(window->start_at_ns - MONDAY_NS % TQ__WEEK_NS, TQ__WEEK_NS) -
                   MONDAY_NS / TQ__WEEK_NS;
    struct run run = {
        .holds = holds,
        .window = window,
        .rule = rule,
        .moved_ns = week * TQ__WEEK_NS,
        .early_ns = kind == SCORE_5H ? FIRST_USE_EARLY_NS : 0,
        .rooms = rooms,
    };
    size_t next = 0;

    score_life_begin(&run.life);
    prepare(&run, kind, budget);
    for (size_t i = 0; i < window->count; i++) {
        for (; next < window->count && calls[rooms->order[next]].dispatched_at_ns <= calls[i].at_ns; next++)
            dispatch(&run, rooms->order[next]);
        if (rooms->diverted[i])
            continue;
        run.life.outcome.used += calls[i].tokens;
        settle(&run, &calls[i], rooms->hold[i]);
        if (rule->kind == SCORE_FLIGHT || is_out(&run, calls[i].at_ns))
            look(&run, calls[i].at_ns);
    }
    score_life_end(&run.life);
    return run.life.outcome;
}
