/* score_windows.c: judges a provider: its windows, and a case for each budget and each rule.
 *
 * SPDX-License-Identifier: MIT
 *
 * A provider is judged when it has records in two windows at least: the mean of them is what its budgets are
 * parts of. A window is judged when it has three records and a token.
 */
#include "score.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"

#define CALLS_LEAST 3

/* The budgets of a window, as parts of the mean one, from the least to the greatest. */
static const struct part {
    int64_t of, parts;
} parts[] = {{1, 2}, {3, 4}, {9, 10}, {11, 10}, {5, 4}, {3, 2}, {2, 1}};

#define PARTS (sizeof parts / sizeof *parts)

const char *const score_window_name[SCORE_WINDOWS] = {"day", "5h", "hour", "week"};

/* ---- cases ------------------------------------------------------------------------------------- */

static int no_memory_left(const struct score_work *work)
{
    return listener_fail(work->score->listener, "out of memory");
}

/* When the window's records reach the budget, without any rule. */
static int64_t spent_at(const struct score_window *window, int64_t budget)
{
    int64_t used = 0;

    for (size_t i = 0; i < window->count; i++) {
        used += window->calls[i].tokens;
        if (used >= budget)
            return window->calls[i].at_ns;
    }
    return window->end_at_ns;
}

/* Lives through a window with a budget under a rule. A larger budget leaves more room at each instant: where
 * a rule never took the provider out with a smaller one, it does not with this one either. */
static struct score_outcome judge_rule(struct score_work *work, const struct score_window *window, size_t i,
                                       int64_t budget, const struct score_notes *notes)
{
    const struct score_rule *rule = &work->score->rules[i];
    struct score_outcome outcome = {.used = window->total};

    if (work->never_out[i])
        return outcome;
    if (score_rule_holds(rule))
        outcome = score_holds_case(&work->holds, window, rule, work->score->window, budget, &work->rooms);
    else
        outcome = score_case(window, rule, budget, notes, &work->rooms);
    work->never_out[i] = !outcome.out;
    return outcome;
}

/* Judges a window with one budget under all rules. Budgets come from the least to the greatest. */
static int judge_case(struct score_work *work, const struct score_window *window, int64_t budget,
                      const struct score_notes *notes)
{
    int64_t spent_at_ns = spent_at(window, budget);

    for (size_t i = 0; i < work->score->rule_count; i++) {
        const struct score_rule *rule = &work->score->rules[i];
        struct score_outcome outcome;

        if (score_rule_holds(rule) && !score_holds_can(work->score->window, budget))
            continue;
        outcome = judge_rule(work, window, i, budget, notes);
        work->window_loss[i] += score_loss(outcome.used, window->total, budget);
        if (rule->shown &&
            (!score_sums_add(&work->sums[i], &outcome, window->total, budget, spent_at_ns) ||
             !score_sums_add(&work->all_sums[i], &outcome, window->total, budget, spent_at_ns)))
            return no_memory_left(work);
    }
    if (work->holds.answer < 0)
        return listener_fail(work->score->listener, "%s", tq_strerror(work->holds.answer));
    return 0;
}

/* Keeps the losses of a window for the advice: the means over its cases. */
static int keep_losses(struct score_work *work, size_t cases)
{
    struct score_advice *advice = &work->score->advice;
    struct score_losses *items =
        tq__list_room(advice->items, advice->count, &advice->capacity, sizeof *items);

    if (!items)
        return no_memory_left(work);
    advice->items = items;
    for (size_t i = 0; i < work->score->rule_count; i++)
        for (size_t j = 0; j < SCORE_ADVISED; j++)
            if ((work->score->rules[i].kind == SCORE_OFF && score_advised[j] == 0) ||
                (work->score->rules[i].kind == SCORE_CARE && work->score->rules[i].care == score_advised[j]))
                items[advice->count].by_care[j] = work->window_loss[i] / (double)cases;
    advice->count++;
    return 0;
}

static int judge_window(struct score_work *work, const struct score_window *window,
                        const struct score_provider *provider, int64_t sum, const struct score_notes *notes)
{
    size_t cases = provider->budget > 0 ? 1 : PARTS;
    int result = 0;

    memset(work->window_loss, 0, sizeof work->window_loss);
    memset(work->never_out, 0, sizeof work->never_out);
    score_order(window, &work->rooms);
    score_holds_window(&work->holds, window);
    for (size_t i = 0; i < cases && result == 0; i++) {
        int64_t budget = parts[i].of * sum / (parts[i].parts * (int64_t)provider->active);

        if (provider->budget > 0)
            budget = provider->budget;
        result = judge_case(work, window, budget > 0 ? budget : 1, notes);
    }
    return result == 0 ? keep_losses(work, cases) : result;
}

/* ---- windows ----------------------------------------------------------------------------------- */

/* The window that begins with this call. */
static struct score_window window_of(enum score_kind_of_window kind, struct score_call *first)
{
    static const int64_t length_ns[SCORE_WINDOWS] = {TQ__DAY_NS, 5 * TQ__HOUR_NS, TQ__HOUR_NS, TQ__WEEK_NS};
    int64_t start_ns = first->at_ns, monday_ns = kind == SCORE_WEEK ? 4 * TQ__DAY_NS : 0; /* 1970-01-05 */

    if (kind != SCORE_5H)
        start_ns = tq__floor_divide(start_ns - monday_ns, length_ns[kind]) * length_ns[kind] + monday_ns;
    return (struct score_window){
        .start_at_ns = start_ns,
        .end_at_ns = start_ns + length_ns[kind],
        .calls = first,
    };
}

/* Gives the window of the first call and takes its calls off. */
static struct score_window next_window(enum score_kind_of_window kind, struct score_call **calls,
                                       size_t *count)
{
    struct score_window window = window_of(kind, *calls);

    while (window.count < *count && window.calls[window.count].at_ns < window.end_at_ns) {
        struct score_call *call = &window.calls[window.count++];

        if (call->dispatched_at_ns > call->at_ns)
            call->dispatched_at_ns = call->at_ns;
        if (call->dispatched_at_ns < window.start_at_ns)
            call->dispatched_at_ns = window.start_at_ns;
        window.total += call->tokens;
    }
    *calls += window.count;
    *count -= window.count;
    return window;
}

static int keep_day(struct score_work *work, const struct score_window *window)
{
    struct interval_day *days = tq__list_room(work->days, work->day_count, &work->day_capacity, sizeof *days);

    if (!days)
        return no_memory_left(work);
    work->days = days;
    days[work->day_count++] = (struct interval_day){window->start_at_ns, window->total};
    return 0;
}

/* Looks at a day at each half hour. days: those before it and itself, the last one. */
static void look_at_day(const struct score_window *day, const struct interval_day *days, size_t count,
                        double mean, struct interval_cover cover[INTERVALS])
{
    int64_t before[INTERVAL_DAYS], used = 0;
    size_t n = 0, next = 0;

    for (size_t i = count - 1; i > 0 && n < INTERVAL_DAYS; i--)
        if (days[i - 1].start_at_ns >= day->start_at_ns - INTERVAL_DAYS * TQ__DAY_NS)
            before[n++] = days[i - 1].total;
    for (int64_t at_ns = TQ__HALF_HOUR_NS; at_ns < TQ__DAY_NS; at_ns += TQ__HALF_HOUR_NS) {
        while (next < day->count && day->calls[next].at_ns - day->start_at_ns <= at_ns)
            used += day->calls[next++].tokens;
        if (used > 0)
            interval_look(cover, before, n, used, day->total, mean);
    }
}

/* The interval is one of days. It is looked at from the sixth day of a log with six days on. */
static void look_at_days(struct score_work *work, struct score_provider *provider, struct score_call *calls,
                         size_t count)
{
    double sum = 0, days = 0;

    if (work->score->window != SCORE_DAY || work->day_count <= INTERVAL_DAYS_BEFORE)
        return;
    for (size_t i = 0; i < work->day_count; i++) {
        sum += (double)work->days[i].total;
        days += work->days[i].total > 0;
    }
    for (size_t i = 0; i < work->day_count; i++) {
        struct score_window day = next_window(SCORE_DAY, &calls, &count);

        if (day.start_at_ns - work->days[0].start_at_ns >= INTERVAL_DAYS_BEFORE * TQ__DAY_NS)
            look_at_day(&day, work->days, i + 1, sum / days, provider->cover);
    }
}

/* ---- providers --------------------------------------------------------------------------------- */

int score_finish(struct score_work *work, struct score_provider *provider, struct score_sums *sums)
{
    provider->within = sums[0].within;
    provider->exceeding = sums[0].exceeding;
    provider->figures = calloc(work->score->rule_count, sizeof *provider->figures);
    if (!provider->figures)
        return no_memory_left(work);
    for (size_t i = 0; i < work->score->rule_count; i++)
        provider->figures[i] = score_sums_figures(&sums[i]);
    return 0;
}

static void count_windows(struct score_work *work, struct score_provider *provider, struct score_call *calls,
                          size_t count, int64_t *sum)
{
    *sum = 0;
    provider->windows = 0;
    for (size_t i = 0; i < count; i++)
        if (calls[i].tokens > SCORE_TOKENS_MOST || (*sum += calls[i].tokens) > SCORE_TOKENS_MOST) {
            provider->skipped = SCORE_TOO_MANY_TOKENS;
            return;
        }
    while (count > 0) {
        struct score_window window = next_window(work->score->window, &calls, &count);

        provider->active++;
        provider->windows += window.count >= CALLS_LEAST && window.total > 0;
    }
    if (provider->active < 2) {
        provider->skipped = SCORE_ONE_WINDOW;
        provider->windows = 0;
    } else if (provider->windows == 0) {
        provider->skipped = SCORE_NO_CASE;
    }
}

int score_judge(struct score_work *work, struct score_provider *provider, struct score_call *calls)
{
    struct score_call *rest = calls;
    size_t left = provider->records;
    struct score_notes notes;
    int64_t sum;
    int result = 0;

    count_windows(work, provider, calls, left, &sum);
    if (provider->skipped == SCORE_TOO_MANY_TOKENS || provider->active < 2)
        return 0;
    if (provider->windows > 0 && score_holds_begin(&work->holds, calls) < 0) {
        score_holds_end(&work->holds);
        return listener_fail(work->score->listener, "%s", tq_strerror(work->holds.answer));
    }
    for (size_t i = 0; i < work->score->rule_count; i++)
        score_sums_clear(&work->sums[i]);
    score_notes_begin(&notes);
    work->day_count = 0;
    while (left > 0 && result == 0) {
        struct score_window window = next_window(work->score->window, &rest, &left);

        if (window.count >= CALLS_LEAST && window.total > 0)
            result = judge_window(work, &window, provider, sum, &notes);
        for (size_t i = 0; i < window.count; i++)
            score_notes_add(&notes, window.calls[i].at_ns, window.calls[i].tokens);
        if (result == 0)
            result = keep_day(work, &window);
    }
    score_holds_end(&work->holds);
    look_at_days(work, provider, calls, provider->records);
    interval_add(work->score->all.cover, provider->cover);
    work->score->all.windows += provider->windows;
    if (result == 0 && provider->windows > 0)
        result = score_finish(work, provider, work->sums);
    return result;
}

void score_work_free(struct score_work *work)
{
    for (size_t i = 0; i < SCORE_RULES_MOST; i++) {
        score_sums_free(&work->sums[i]);
        score_sums_free(&work->all_sums[i]);
    }
    free(work->calls);
    free(work->rooms.order);
    free(work->rooms.spare);
    free(work->rooms.diverted);
    free(work->rooms.hold);
    free(work->holds.items);
    free(work->days);
}
