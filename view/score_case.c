/* score_case.c: lives through one window with one budget under one rule, in exact integers.
 *
 * SPDX-License-Identifier: MIT
 *
 * A record is two events: its call was dispatched, and it ended, which is when it is counted. At one instant
 * dispatches come before ends. A call that is dispatched while the rule keeps the provider out is diverted:
 * it never ends. The rule is looked at after each end, and says until when it keeps the provider out if
 * nothing more ends.
 *
 * The decisions are those of base/care.h, by which a ledger decides, too. Rules that look at calls which run
 * are in score_holds.c.
 */
#include "score_life.h"

#include "base/time.h"

/* ---- notes ------------------------------------------------------------------------------------- */

void score_notes_begin(struct score_notes *notes)
{
    /* Before every instant that a record can have, by more than two half hours. */
    *notes = (struct score_notes){.half.start_ns = INT64_MIN};
}

void score_notes_add(struct score_notes *notes, int64_t at_ns, int64_t tokens)
{
    struct tq__half_hours *half = &notes->half;
    uint64_t gone_ns = (uint64_t)at_ns - (uint64_t)half->start_ns;

    if (gone_ns >= (uint64_t)TQ__HALF_HOUR_NS) {
        half->before = gone_ns < 2 * (uint64_t)TQ__HALF_HOUR_NS ? half->now : 0;
        half->now = 0;
        half->start_ns = tq__floor_divide(at_ns, TQ__HALF_HOUR_NS) * TQ__HALF_HOUR_NS;
    }
    half->now = tq__half_hour_sum(half->now, (uint64_t)tokens);
    notes->call = tq__call_add(notes->call, (uint64_t)tokens);
}

/* ---- the order of dispatches ------------------------------------------------------------------- */

/* Merges two sorted parts of `from`, low to middle to high, into `to`. The first part wins a tie. */
static void merge(const struct score_window *window, const uint32_t *from, uint32_t *to, size_t low,
                  size_t middle, size_t high)
{
    size_t a = low, b = middle;

    for (size_t i = low; i < high; i++) {
        bool second = a == middle || (b < high && window->calls[from[b]].dispatched_at_ns <
                                                      window->calls[from[a]].dispatched_at_ns);

        to[i] = from[second ? b++ : a++];
    }
}

/* Calls of one length are dispatched in the order of their ends, and nothing is to be done. */
void score_order(const struct score_window *window, struct score_rooms *rooms)
{
    size_t count = window->count;
    bool sorted = true;

    for (size_t i = 0; i < count; i++) {
        rooms->order[i] = (uint32_t)i;
        if (i > 0)
            sorted &= window->calls[i - 1].dispatched_at_ns <= window->calls[i].dispatched_at_ns;
    }
    for (size_t length = 1; !sorted && length < count; length *= 2) {
        uint32_t *from = rooms->order;

        for (size_t low = 0; low < count; low += 2 * length) {
            size_t middle = low + length < count ? low + length : count;
            size_t high = middle + length < count ? middle + length : count;

            merge(window, from, rooms->spare, low, middle, high);
        }
        rooms->order = rooms->spare;
        rooms->spare = from;
    }
}

/* ---- a case ------------------------------------------------------------------------------------ */

struct run {
    const struct score_window *window;
    const struct score_rule *rule;
    int64_t budget;
    struct score_notes notes;
    struct score_life life;
};

/* Until when the rule keeps the provider out, if nothing more ends; at_ns: it does not. */
static inline int64_t ask(const struct run *run, int64_t at_ns)
{
    int64_t start_ns = run->window->start_at_ns, end_ns = run->window->end_at_ns;
    int64_t used = run->life.outcome.used, budget = run->budget;
    bool held = run->life.until_ns > at_ns;

    if (used >= budget)
        return end_ns;
    switch (run->rule->kind) {
    case SCORE_ORIGINAL:
        return held || tq__pace_exceeds(used, budget, at_ns - start_ns, end_ns - start_ns) ? end_ns : at_ns;
    case SCORE_HORIZON:
        return tq__horizon_until(&run->notes.half, used, budget, held, at_ns, end_ns);
    case SCORE_CARE:
        return tq__care_until(&run->notes.half, run->notes.call, 0, used, budget, run->rule->care, at_ns,
                              end_ns);
    default:
        return at_ns;
    }
}

struct score_outcome score_case(const struct score_window *window, const struct score_rule *rule,
                                int64_t budget, const struct score_notes *notes, struct score_rooms *rooms)
{
    struct run run = {.window = window, .rule = rule, .budget = budget, .notes = *notes};
    const struct score_call *calls = window->calls;
    size_t count = window->count, next = 0;

    score_life_begin(&run.life);
    for (size_t i = 0; i < count; i++) {
        int64_t at_ns = calls[i].at_ns;

        for (; next < count && calls[rooms->order[next]].dispatched_at_ns <= at_ns; next++) {
            uint32_t number = rooms->order[next];

            rooms->diverted[number] = run.life.until_ns > calls[number].dispatched_at_ns;
        }
        if (rooms->diverted[i])
            continue;
        run.life.outcome.used += calls[i].tokens;
        score_notes_add(&run.notes, at_ns, calls[i].tokens);
        score_life_look(&run.life, at_ns, ask(&run, at_ns));
    }
    score_life_end(&run.life);
    return run.life.outcome;
}
