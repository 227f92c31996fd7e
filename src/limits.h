/* limits.h: all limits of a provider: asked and counted in by one record.
 *
 * SPDX-License-Identifier: MIT
 *
 * A provider without limits and without a pool never comes here: two words of its slot say so.
 *
 * A record looks at all limits twice: before anything is counted, whether the clock must be asked and windows
 * be turned (R1 of record.h); and when it counts. One word saves most of the first looks:
 *
 *     ready      [from, 24 | length, 24, in quarter hours | changes, 16]        length 0: look
 *
 * says that in these quarter hours every line is free or holds a limit whose window needs no turn.
 *
 *   N1  A first look loads the word, then looks at all lines, and swaps the word for what it found
 *       only from the value that it loaded.
 *   N2  A thread that publishes a spec or turns a bound then makes the length 0, with another number
 *       of changes. So a word that was found before the change is not swapped in after it.
 *   N3  A record that skipped the first look counts only in a window of a bound that holds its instant,
 *       and that has a count: no clock need be asked for that (M1, M2). Before it counts anything else,
 *       it makes up for the look. When the clock then refuses, it does not count in that limit.
 *
 * By N3 no word, stale or damaged, leads to a count in a wrong window or to a turn by a wrong clock. What a
 * wrong word does: a record that should have been refused has counted in its day, and in limits whose window
 * was open. Between a change and its N2, this is the record that was asked just before the change. A thread
 * that dies there leaves a word that the next record voids which finds it wrong.
 */
#ifndef TQ_LIMITS_H
#define TQ_LIMITS_H

#include "line.h"
#include "table.h"

/* Maps limits number n, which this process has not mapped yet; NULL: they cannot be mapped. */
TQ__COLD struct tq__limits *tq__limits_reach(struct tq_ledger *ledger, uint32_t n);

/* The slot's limits; NULL: it has none, or they cannot be mapped. */
TQ__HOT struct tq__limits *tq__limits_of(struct tq_ledger *ledger, struct tq__slot *slot)
{
    /* Acquire pairs with the release in tq__limits_make; sequentially consistent for tq__limits_forget, which
     * hides first (state.h). */
    uint32_t number = atomic_load_explicit(&slot->limits, memory_order_seq_cst);
    struct tq__limits *limits;

    if (number == 0 || number > TQ__SLOTS_MAX)
        return NULL;
    limits = tq__array_at(&ledger->limits, number - 1);
    return limits ? limits : tq__limits_reach(ledger, number - 1);
}

/* How many lines may hold a limit that counts at now_ns. No limit knows an instant before 1970. */
TQ__HOT uint32_t tq__limits_lines(struct tq__limits *limits, int64_t now_ns)
{
    uint32_t high = limits && now_ns >= 0 ? atomic_load_explicit(&limits->high, memory_order_relaxed) : 0;

    return high < TQ__LIMITS ? high : TQ__LIMITS;
}

/* Makes limits for a slot that has none. 0 with *limits, or an error of tq__array_take. */
TQ__COLD int tq__limits_make(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits **limits);

/* In the amount of a limit that the vendor states: the user set it, too. */
#define TQ__AMOUNT_OF_USER (UINT64_C(1) << TQ__METER_BITS)

/* limit_set.c: sets a limit that the vendor states, as tq_provider_set_limit does, which answers the same. */
int tq__limits_place(struct tq_ledger *ledger, struct tq__limits *limits, const struct tq_limit *limit);

/* limit_set.c: removes it, so that another may have its line. Returns whether this call did. */
bool tq__limits_yield(const struct tq__line *line);

/* L1 of limit_set.c. Returns whether this call claimed the line, whose spec was free. */
static inline bool tq__limit_claim(struct tq__limit *line, uint64_t spec, uint64_t next)
{
    /* Acquire pairs with the claims of others: a spec that is loaded after the amount is at least as new. */
    uint64_t amount = atomic_load_explicit(&line->amount, memory_order_acquire);

    return tq__version_of(amount) != tq__version_of(next) &&
           atomic_load_explicit(&line->spec, memory_order_acquire) == spec &&
           atomic_compare_exchange_strong_explicit(&line->amount, &amount, next, memory_order_acq_rel,
                                                   memory_order_relaxed);
}

/* What a record adds, in two words that stay in registers. */
struct tq__adds {
    const struct tq__amounts *amounts;
    int64_t tokens; /* 0 or more; added to what is 0 in `amounts` and counts all tokens */
};

/* What it adds in a unit: no branch to be guessed wrong. -1: it has no cost. */
TQ__HOT int64_t tq__adds_in(struct tq__adds adds, uint32_t unit)
{
    static const int64_t counts[TQ__UNITS] = {[TQ_UNIT_SHARE % TQ__UNITS] = -1,
                                              [TQ_UNIT_TOKENS] = -1,
                                              [TQ_UNIT_TOTAL] = -1,
                                              [TQ_UNIT_WEIGHTED] = -1};

    return adds.amounts->of[unit % TQ__UNITS] | (adds.tokens & counts[unit % TQ__UNITS]);
}

/* A record of tokens is one request, and has no cost. */
TQ__HOT struct tq__adds tq__adds_of_tokens(int64_t tokens)
{
    static const struct tq__amounts one = {.of[TQ_UNIT_REQUESTS] = 1, .of[TQ_UNIT_COST] = -1};

    return (struct tq__adds){&one, tokens > 0 ? tokens : 0};
}

/* amounts.c: the amounts of a usage by the weights and the price of a slot. `below` has the amounts of the
 * level below, by which a pool counts that has no weights or no price of its own; NULL: there is none. */
void tq__amounts_of_usage(struct tq__amounts *amounts, struct tq__limits *limits,
                          const struct tq__amounts *below, const struct tq_usage *usage);

/* Does the word say that no window needs a turn in a quarter hour? */
TQ__HOT bool tq__limits_are_ready(struct tq__limits *limits, uint64_t quarter)
{
    /* Acquire pairs with the swaps of N1 and N2. */
    uint64_t ready = atomic_load_explicit(&limits->ready, memory_order_acquire);

    return quarter - (ready >> 40) < (ready >> 16 & 0xffffff);
}

/* The first look: tq__limits_admit without the word. */
int tq__limits_look(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits *limits,
                    int64_t now_ns);

/* Asks, before a record at now_ns is counted, whether all limits of the slot may count it, and turns their
 * windows. Not those of its pool. 0; the errors of tq__clock_admit. *skipped: the look was skipped. */
TQ__HOT int tq__limits_admit(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits *limits,
                             int64_t now_ns, bool *skipped)
{
    *skipped = false;
    if (!limits || now_ns < 0)
        return 0;
    if (!tq__limits_are_ready(limits, tq__quarter_of(now_ns)))
        return tq__limits_look(ledger, slot, limits, now_ns);
    *skipped = true;
    return 0;
}

/* Counts in all of these limits of the slot, after tq__limits_admit. Under rule care (in quarters; 0: another
 * rule) it also notes what it counts, but tokens and the units of `held` (bit 1 << unit). Returns the latest
 * end of those that exclude then; 0: none does. Tells of each that began to, or that the rule takes out. */
int64_t tq__limits_add(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits *limits,
                       struct tq__adds adds, int64_t now_ns, unsigned care, uint32_t held, bool skipped);

/* Takes a record of tokens back, from counts and notes. */
void tq__limits_subtract(struct tq_ledger *ledger, struct tq__slot *slot, int64_t tokens, int64_t now_ns);

/* Forgets what is counted in all limits of the slot. */
void tq__limits_clear(struct tq_ledger *ledger, struct tq__slot *slot);

/* Removes all limits of the slot, its weights, its price and its account. */
void tq__limits_forget(struct tq_ledger *ledger, struct tq__slot *slot);

/* Lowers *next_ns to the first instant after after_ns at which a limit of the slot no longer excludes. */
void tq__limits_soonest(struct tq_ledger *ledger, struct tq__slot *slot, int64_t after_ns, int64_t *next_ns);

/* Which ends are asked for: of what is counted here and of the user's stops, of the vendor's words. */
#define TQ__ENDS_OURS 1u
#define TQ__ENDS_VENDOR 2u
#define TQ__ENDS_ALL 3u

/* The latest end of the slot's limits that exclude at now_ns; 0: none does. Not those of its pool, nor what
 * calls that run hold (held.h). */
int64_t tq__limits_end(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits *limits,
                       uint32_t which, int64_t now_ns, bool use_reserve);

/* The same of one of them. */
int64_t tq__limits_end_of(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits *limits,
                          uint32_t i, int64_t now_ns, bool use_reserve);

/* Does the user stop a provider whose plan is spent? */
static inline bool tq__overage_stops(struct tq__slot *slot)
{
    /* Relaxed: whoever changes it tells of it by an event. */
    return (atomic_load_explicit(&slot->flags, memory_order_relaxed) & TQ__OVERAGE_STOP) != 0;
}

#endif
