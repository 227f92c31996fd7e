/* limit.h: one limit: its words, the window that holds an instant, and the step that counts in it.
 *
 * SPDX-License-Identifier: MIT
 *
 * A line of a provider's limits is free or holds one limit: `spec` (window.h). Every word of it but `spec`
 * begins with the version of the spec under which it was written. A word of another version is void, whatever
 * else is in it.
 *
 *     amount     [version, 8 | 0, 16 | amount, 40]
 *     reserve    [version, 8 | share in 1/10,000, 16 | units, 40]
 *     count[i]   [version, 8 | number, 16 | count, 40]       calendar, fixed, once
 *     bound      [version, 8 | number, 16 | start, 24 | length, 16]
 *
 * The *tag* of a count is its version and number, and so is that of a bound. The count of the window with an
 * even number is count[0], with an odd number count[1]; so the window before keeps its count.
 *
 *   M1  The bound is swapped to a window before a count is taken for it. (A count is taken when a word with
 *       another tag is swapped for one with this tag.)
 *   M2  A thread loads the bound, then the count. To take a count it loads spec and bound once more, after
 *       the count, and takes it only when both are what they were.
 *   M3  A count changes by compare-and-swap from the value that was loaded. So adding to a count and taking
 *       it for a newer window are one step each.
 *
 * By M1, a count with the tag of a later window means that the bound was that window's before the count was.
 * So by M2 a thread that would take it finds another bound, and begins again. A count with any other tag is
 * of an earlier window, of another limit that had this line, or of a window of the future that was taken
 * back: it is void. Numbers are only compared for equality. They wrap after 65,536 windows, and a turn that
 * passes by more than a quarter of that makes both counts 0 first, each by a swap as in M2: a count that was
 * taken by a faster thread stays.
 *
 *   M4  A count of a later window is taken only when that begins further ahead of the clock than its limit;
 * the clock is read after the count. So a thread that stalls while it takes a bound back, until that window
 *       has come, takes no count from it.
 */
#ifndef TQ_LIMIT_H
#define TQ_LIMIT_H

#include "clock.h"
#include "count.h"
#include "window.h"

#define TQ__METER_BITS 40u
#define TQ__METER_MAX ((UINT64_C(1) << TQ__METER_BITS) - 1) /* saturated: at least every amount */

#define TQ__ROLLING_BUCKETS 100 /* of the length of a rolling limit */

/* Amounts of one record, by unit modulo TQ__UNITS. A cost of -1: it has none. */
struct tq__amounts {
    int64_t of[TQ__UNITS];
};
static_assert(TQ_UNIT_SHARE == TQ__UNITS, "a share counts tokens, in the place of no unit");

TQ__HOT uint64_t tq__version_of(uint64_t word)
{
    return word >> 56;
}

TQ__HOT uint32_t tq__spec_window(uint64_t spec)
{
    return (uint32_t)(spec >> 48) & 0xf;
}

/* TQ_UNIT_... */
TQ__HOT uint32_t tq__spec_unit(uint64_t spec)
{
    return (uint32_t)(spec >> 52) & 0xf;
}

/* Does a window never turn here: once, and stated, which counts what is recorded since it is there? */
TQ__HOT bool tq__window_never_turns(uint32_t window)
{
    return window >= TQ_WINDOW_ONCE;
}

/* Is it a window that turns into a next one at a bound: a calendar's, or a fixed one? */
TQ__HOT bool tq__window_turns(uint32_t window)
{
    return window - TQ_WINDOW_DAY <= TQ_WINDOW_FIXED - TQ_WINDOW_DAY;
}

/* Does a limit of this window count in count[0] and count[1]: one that turns, or never does? */
TQ__HOT bool tq__window_is_counted(uint32_t window)
{
    return tq__window_turns(window) || tq__window_never_turns(window);
}

/* The tag of a bound or of a count. */
TQ__HOT uint64_t tq__tag_of(uint64_t word)
{
    return word >> TQ__METER_BITS;
}

/* The instant at which `number` spans of time since 1970 have passed; INT64_MAX when that is later. */
static inline int64_t tq__instant_of(uint64_t number, int64_t span_ns)
{
    int64_t at_ns;

    return __builtin_mul_overflow(number, span_ns, &at_ns) ? INT64_MAX : at_ns;
}

/* The instant a length after another; INT64_MAX when that is later. Neither is negative. */
static inline int64_t tq__instant_after(int64_t at_ns, int64_t length_ns)
{
    return at_ns < INT64_MAX - length_ns ? at_ns + length_ns : INT64_MAX;
}

/* Quarter hours since 1970 of an instant of 1970 or later. */
TQ__HOT uint64_t tq__quarter_of(int64_t now_ns)
{
    return (uint64_t)now_ns / (uint64_t)TQ__QUARTER_NS;
}

/* Adds to a count of TQ__METER_BITS, which saturates. amount >= 0. */
TQ__HOT uint64_t tq__meter_sum(uint64_t count, int64_t amount)
{
    uint64_t sum = count + (uint64_t)amount; /* below 2^40 + 2^63: it does not wrap */

    return sum < TQ__METER_MAX ? sum : TQ__METER_MAX;
}

/* A count as the public header has it. */
TQ__HOT int64_t tq__meter_used(uint64_t count)
{
    return count == TQ__METER_MAX ? INT64_MAX : (int64_t)count;
}

/* The bound of a limit that never turns is what every bound of such a limit would be. */
TQ__HOT uint64_t tq__limit_bound(const struct tq__limit *line, uint64_t spec)
{
    if (tq__window_never_turns(tq__spec_window(spec)))
        return spec >> 56 << 56;
    /* Acquire pairs with the swap in tq__limit_turn (M1, M2). */
    return atomic_load_explicit(&line->bound, memory_order_acquire);
}

/* Does the window of the bound of a limit that turns hold the quarter hour? */
TQ__HOT bool tq__limit_spans(uint64_t bound, uint64_t spec, uint64_t quarter)
{
    return (bound ^ spec) >> 56 == 0 && quarter - (bound >> 16 & 0xffffff) < (bound & 0xffff);
}

/* The same of any limit that counts in count[0] and count[1]. */
TQ__HOT bool tq__limit_holds(uint64_t bound, uint64_t spec, uint64_t quarter)
{
    return tq__limit_spans(bound, spec, quarter) ||
           (tq__window_never_turns(tq__spec_window(spec)) && (bound ^ spec) >> 56 == 0);
}

/* Loads the bound of a limit that counts in count[0] and count[1]. Does its window hold the quarter hour? */
TQ__HOT bool tq__limit_is_ready(const struct tq__limit *line, uint64_t spec, uint64_t quarter,
                                uint64_t *bound)
{
    *bound = tq__limit_bound(line, spec);
    return tq__window_turns(tq__spec_window(spec)) ? tq__limit_spans(*bound, spec, quarter)
                                                   : tq__window_never_turns(tq__spec_window(spec));
}

/* Is a count that of a later window of the same limit than a tag? */
TQ__HOT bool tq__tag_is_later(uint64_t count, uint64_t tag)
{
    return count >> 56 == tag >> 16 && (int16_t)(tq__tag_of(count) - tag) > 0;
}

/* Counts in the window of `bound`, which the limit had when it was loaded. Returns true with *used; false:
 * the limit changed meanwhile, and nothing was counted. */
TQ__HOT bool tq__limit_add(struct tq__limit *line, uint64_t spec, uint64_t bound, uint64_t tag,
                           int64_t amount, uint64_t *used)
{
    _Atomic uint64_t *word = &line->count[tag & 1];
    /* Acquire pairs with the release of the swap below, for M2. */
    uint64_t seen = atomic_load_explicit(word, memory_order_acquire);

    for (;;) {
        uint64_t sum = tq__meter_sum(tq__tag_of(seen) == tag ? seen & TQ__METER_MAX : 0, amount);

        if (tq__tag_of(seen) != tag &&
            (tq__tag_is_later(seen, tag) || tq__limit_bound(line, spec) != bound ||
             atomic_load_explicit(&line->spec, memory_order_acquire) != spec)) /* pairs with limit_set.c */
            return false;
        /* Sequentially consistent: holds read counts after they are taken, and verdicts after events. */
        if (atomic_compare_exchange_weak_explicit(word, &seen, tag << TQ__METER_BITS | sum,
                                                  memory_order_seq_cst, memory_order_acquire)) {
            *used = sum;
            return true;
        }
        tq__count_yield(seen);
        seen = atomic_load_explicit(word, memory_order_acquire);
    }
}

/* Adds to a count that has the tag of `tagged`, a bound or another count: one try, so that everything stays
 * in registers. True with *used, which is not saturated; false: nothing was counted, and the way that is
 * slower does it. By M2 a count that has the tag is that window's. */
TQ__HOT bool tq__meter_add_quickly(_Atomic uint64_t *word, uint64_t tagged, int64_t amount, uint64_t *used)
{
    uint64_t seen = atomic_load_explicit(word, memory_order_acquire); /* as in tq__limit_add */
    uint64_t count = seen - (tagged & ~TQ__METER_MAX), sum = count + (uint64_t)amount;

    *used = sum;
    return count <= TQ__METER_MAX && sum < TQ__METER_MAX &&
           atomic_compare_exchange_strong_explicit(word, &seen, seen + (uint64_t)amount, memory_order_seq_cst,
                                                   memory_order_relaxed);
}

/* What is left of the amount for callers without the reserve; INT64_MAX without an amount. `spec` says under
 * which version amount and reserve must be. */
struct tq__terms {
    int64_t amount; /* 0: none */
    int64_t room;   /* amount - reserve, at least 0; INT64_MAX without an amount */
};

TQ__HOT struct tq__terms tq__limit_terms(const struct tq__limit *line, uint64_t spec)
{
    /* Relaxed: whoever changes one of them tells of it by an event, after which everybody looks again. */
    uint64_t amount = atomic_load_explicit(&line->amount, memory_order_relaxed);
    uint64_t reserve = atomic_load_explicit(&line->reserve, memory_order_relaxed);
    struct tq__terms terms = {0, INT64_MAX};

    if (tq__version_of(amount) != tq__version_of(spec) || (amount & TQ__METER_MAX) == 0)
        return terms;
    terms.amount = terms.room = (int64_t)(amount & TQ__METER_MAX);
    if (tq__version_of(reserve) == tq__version_of(spec)) {
        terms.room -= (int64_t)(reserve & TQ__METER_MAX);
        if (terms.room < 0)
            terms.room = 0;
    }
    return terms;
}

/* Is a count below the room of tq__limit_terms? Said in fewer steps; of a limit without an amount or a
 * reserve of its version it says no. */
TQ__HOT bool tq__limit_is_below(const struct tq__limit *line, uint64_t spec, uint64_t used)
{
    /* Relaxed as in tq__limit_terms. */
    uint64_t amount = atomic_load_explicit(&line->amount, memory_order_relaxed) ^ (spec >> 56 << 56);
    uint64_t reserve = atomic_load_explicit(&line->reserve, memory_order_relaxed) ^ (spec >> 56 << 56);

    return (amount | reserve) >> 56 == 0 && used + (reserve & TQ__METER_MAX) < (amount & TQ__METER_MAX);
}

/* How a limit stands at an instant. */
struct tq__standing {
    struct tq__terms terms;
    int64_t used;     /* INT64_MAX: saturated */
    int64_t start_ns; /* 0: no window has begun, or there is none */
    int64_t end_ns;   /* 0 as for start_ns */
    int64_t until_ns; /* when used falls below what binds, if nothing more is recorded; INT64_MAX: no known
                         end. Only looked at when it excludes */
    int64_t held;     /* for limit_rule.h: what calls that run hold of it, and */
    uint32_t flying;  /* those of them whose size nobody knows. 0: the rule looks at counts alone */
    int64_t kept;     /* in `used`, beside what was used here and elsewhere: what is withheld (shared.h) */
    int64_t others;   /* in `used`: what others used */
    int64_t heard_ns; /* when that was told; 0: it was not */
    uint64_t number;  /* of the window, for shared.h; 0: it has none */
};

/* Does it exclude callers with and without the reserve? */
TQ__HOT bool tq__standing_excludes(const struct tq__standing *standing, bool use_reserve)
{
    return standing->used >= standing->terms.room &&
           (!use_reserve || standing->used >= standing->terms.amount) && standing->terms.amount > 0;
}

/* N2 of limits.h, after a spec was published or a bound was turned. */
static inline void tq__limits_changed(struct tq__limits *limits)
{
    uint64_t seen = atomic_load_explicit(&limits->ready, memory_order_relaxed);

    while (!atomic_compare_exchange_weak_explicit(&limits->ready, &seen, (seen + 1) & 0xffff,
                                                  memory_order_seq_cst, memory_order_relaxed))
        ;
}

/* Makes a word 0 when it is of a version. Returns what it was; 0: it is of another. */
static inline uint64_t tq__limit_drop(_Atomic uint64_t *word, uint64_t version)
{
    uint64_t seen = atomic_load_explicit(word, memory_order_relaxed);

    /* Sequentially consistent as every change of a count: tq__limit_add. */
    while (tq__version_of(seen) == version &&
           !atomic_compare_exchange_weak_explicit(word, &seen, 0, memory_order_seq_cst, memory_order_relaxed))
        ;
    return tq__version_of(seen) == version ? seen : 0;
}

/* Is there room left for callers without the reserve, in the window of the bound? Tells terms, count and tag.
 * False, and nothing is told: there is none, or the bound is of another window than that of the quarter hour,
 * or the limit counts elsewhere; tq__line_stand knows. */
TQ__HOT bool tq__limit_has_room(const struct tq__limit *line, uint64_t spec, uint64_t quarter,
                                struct tq__terms *terms, int64_t *used, uint64_t *tag)
{
    uint64_t bound, count;

    if (!tq__limit_is_ready(line, spec, quarter, &bound))
        return false;
    *tag = tq__tag_of(bound);
    count = atomic_load_explicit(&line->count[*tag & 1], memory_order_acquire); /* M2 */
    *terms = tq__limit_terms(line, spec);
    *used = tq__tag_of(count) == *tag ? (int64_t)(count & TQ__METER_MAX) : 0;
    return *used < terms->room && *used < (int64_t)TQ__METER_MAX;
}

/* ---- limit.c --------------------------------------------------------------------------------- */

/* A line with what its spec says, and where its words are. */
struct tq__line {
    struct tq_ledger *ledger;
    struct tq__limits *limits;
    struct tq__limit *limit;
    struct tq__limit_rest *rest;
    uint64_t word; /* the spec */
    struct tq__spec spec;
};

/* Is the line's limit still that of *line? Looked at after a word was loaded and before it is swapped from
 * what was loaded: so a thread that stalled changes no word of a limit that has the line by now. */
static inline bool tq__line_is_same(const struct tq__line *line)
{
    /* Acquire pairs with limit_set.c, and with the swap of the word that was loaded. */
    return atomic_load_explicit(&line->limit->spec, memory_order_acquire) == line->word;
}

/* Fills *line. False: it is free, or its spec is damaged. */
bool tq__line_open(struct tq__line *line, struct tq_ledger *ledger, struct tq__limits *limits, uint32_t i);

/* Notes that a wrong clock may have lost counts of windows that began before an instant. Called before what
 * it left is taken back: so whatever it destroys later was loaded before, and is of such a window. */
TQ__COLD void tq__line_note_taken(const struct tq__line *line, int64_t until_ns);

/* May the window that the limit shows at now_ns have lost counts so? */
bool tq__line_is_taken(const struct tq__line *line, int64_t now_ns, const struct tq__standing *standing);

/* Does an instant lie further ahead of the clock than its limit? For a record that finds itself late: a wrong
 * clock may have been at the limit since it was admitted. */
TQ__COLD bool tq__line_is_ahead(const struct tq__line *line, int64_t at_ns);

#endif
