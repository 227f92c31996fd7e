/* clock.c: checking an instant against the clock, and taking back what a wrong clock recorded.
 *
 * SPDX-License-Identifier: MIT
 */
#include "clock.h"

#include "forecast.h"
#include "state.h"

static int64_t accepted(int64_t at_ns)
{
    return at_ns < TQ_NOW_MIN_NS ? TQ_NOW_MIN_NS : at_ns < TQ_NOW_END_NS ? at_ns : TQ_NOW_END_NS - 1;
}

static bool has_limit(const struct tq_ledger *ledger)
{
    return ledger->max_ahead_ns != INT64_MAX;
}

struct tq__clock tq__clock_read(const struct tq_ledger *ledger)
{
    struct tq__clock clock = {.last_ns = TQ_NOW_END_NS - 1};

    if (!has_limit(ledger))
        return clock;
    clock.now_ns = accepted(tq_now_ns());
    if (__builtin_add_overflow(clock.now_ns, ledger->max_ahead_ns, &clock.last_ns))
        clock.last_ns = INT64_MAX;
    clock.last_ns = accepted(clock.last_ns);
    return clock;
}

uint64_t tq__clock_last_day(const struct tq_ledger *ledger)
{
    return tq__window_at(tq__clock_read(ledger).last_ns).day;
}

/* Makes a word 0 that is above the last possible one. */
static void void_above(_Atomic uint64_t *word, uint64_t last)
{
    uint64_t seen = atomic_load_explicit(word, memory_order_relaxed);

    /* Sequentially consistent as every change of these words: forecast.h, F2. */
    while (seen > last &&
           !atomic_compare_exchange_weak_explicit(word, &seen, 0, memory_order_seq_cst, memory_order_relaxed))
        ;
}

/* Clears a prediction that ends after last_ns. Returns whether there was one. */
static bool void_predicted(struct tq_ledger *ledger, struct tq__slot *slot, int64_t last_ns)
{
    int64_t seen = atomic_load_explicit(&slot->predicted, memory_order_seq_cst); /* F1 */

    while (seen > last_ns)
        if (atomic_compare_exchange_weak_explicit(&slot->predicted, &seen, 0, memory_order_seq_cst,
                                                  memory_order_seq_cst)) {
            tq__event(ledger);
            return true;
        }
    return false;
}

/* Clears the mark until the end of the wrong day that the rule original left. Only its end tells it from a
 * caller's. */
static void void_mark(struct tq_ledger *ledger, struct tq__slot *slot, uint64_t day)
{
    int64_t end_ns;

    if (!tq__day_ok(day) || tq__rule_of(ledger, slot) != TQ_RULE_ORIGINAL)
        return;
    end_ns = tq__window_of_day(day).end_ns;
    /* Pairs with tq__state_mark_from_day. */
    if (atomic_compare_exchange_strong_explicit(&slot->mark, &end_ns, 0, memory_order_seq_cst,
                                                memory_order_relaxed))
        tq__event(ledger);
}

/* Writes what the newest day, which is now another, has spent. */
static void say_spent(struct tq_ledger *ledger, struct tq__slot *slot, uint64_t day)
{
    struct tq__at at = tq__at(ledger, slot, tq__window_of_day(day).start_ns);
    uint64_t count = atomic_load_explicit(at.word, memory_order_seq_cst); /* with tq__count_swap */

    at.budget =
        atomic_load_explicit(&slot->budget, memory_order_seq_cst); /* with set_budget, after the count */
    if (tq__rule_of(ledger, slot) != TQ_RULE_ORIGINAL)
        tq__forecast_spent(ledger, slot);
    else if (tq__at_counts(&at, count) && at.window.end_ns > 0 && at.budget > 0 &&
             tq__count_tokens(count) >= at.budget)
        tq__state_mark_from_day(ledger, slot, at.window.end_ns, day, &slot->newest_day, true);
}

/* Clears the half hours that come after the one with this number. */
static void void_notes(struct tq__notes notes, uint64_t number)
{
    for (uint32_t i = 0; i < 2; i++)
        void_above(&notes.half_hour[i], number << TQ__HALF_HOUR_BITS | TQ__HALF_HOUR_MAX);
}

static void take_back(struct tq_ledger *ledger, struct tq__slot *slot, const struct tq__clock *clock,
                      uint64_t day)
{
    struct tq__window last = tq__window_at(clock->last_ns);
    uint64_t today = tq__window_at(clock->now_ns).day, kept = ledger->history_log2;
    uint64_t last_half_hour = tq__half_hour_of(clock->last_ns);
    /* Acquire pairs with the release in tq__limits_make. */
    struct tq__limits *limits =
        tq__array_linked(&ledger->limits, atomic_load_explicit(&slot->limits, memory_order_acquire));
    uint32_t newest = atomic_load_explicit(&slot->newest_day, memory_order_seq_cst); /* with raise_newest */
    bool taken;

    if (day == 0)
        day = today;
    if (day <= last.day) /* G2: the last day of this place that is not void */
        void_above(tq__count_word(slot, ledger->history_log2, day),
                   tq__count_tag(ledger->history_log2, day + ((last.day - day) >> kept << kept))
                           << TQ__COUNT_BITS |
                       TQ__COUNT_MAX);
    void_notes(tq__notes_of_tokens(slot), last_half_hour);
    for (uint32_t unit = 0; limits && unit < TQ__UNITS; unit++)
        void_notes(tq__notes_of(slot, limits, unit), last_half_hour);
    taken = void_predicted(ledger, slot, last.end_ns);
    while (newest > last.day) { /* G1 */
        void_mark(ledger, slot, newest);
        /* Sequentially consistent with tq__state_day_is_late: a record that still found itself late has
         * counted before say_spent looks. */
        taken = atomic_compare_exchange_weak_explicit(&slot->newest_day, &newest, (uint32_t)today,
                                                      memory_order_seq_cst, memory_order_seq_cst);
        if (taken)
            newest = (uint32_t)today;
    }
    if (taken && tq__day_ok(newest))
        say_spent(ledger, slot, newest);
}

void tq__clock_take_back(struct tq_ledger *ledger, struct tq__slot *slot, uint64_t day)
{
    struct tq__clock clock;

    if (!has_limit(ledger))
        return;
    clock = tq__clock_read(ledger);
    take_back(ledger, slot, &clock, day);
}

int tq__clock_admit(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns)
{
    struct tq__clock clock = tq__clock_read(ledger);
    int answer = tq__ledger_identity(ledger);

    if (answer < 0)
        return answer;
    if ((ledger->min_now_ns != 0 && now_ns < ledger->min_now_ns) || now_ns > clock.last_ns) {
        tq__note(ledger, TQ__CLOCK);
        return TQ_ECLOCK;
    }
    if (slot && has_limit(ledger))
        take_back(ledger, slot, &clock, tq__window_at(now_ns).day);
    return 0;
}
