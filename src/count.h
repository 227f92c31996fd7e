/* count.h: a day in UTC, its tokens in one word, and the one step that changes that word.
 *
 * SPDX-License-Identifier: MIT
 *
 * Word (day mod N) of a provider's N day words is [tag, 17 bits | tokens, 47 bits], tag = day div N. So
 * a word says which day it counts. Taking a word over for a newer day is the same single
 * compare-and-swap as adding to it.
 *
 *   C1  The tag of a word never falls. Two exceptions set it to 0: a reset, and a day that lies further
 *       ahead of the clock than the ledger's limit (clock.h, G2).
 *   C2  While the tag stays the same, tokens change only by whole records.
 *   C3  A compare-and-swap succeeds only on the word from which its new value was computed. So a record
 *       is in the total of its own day exactly once; or it was refused; or the thread died before the
 *       step.
 *
 * An addition without a comparison (fetch_add) would break C3: between reading the tag and adding,
 * another thread can take the word over for another day. docs/format.md has the argument at length;
 * tests/twins has the broken twin.
 *
 * The tokens saturate at TQ__COUNT_MAX and stay there. A saturated count means "at least every budget".
 */
#ifndef TQ_COUNT_H
#define TQ_COUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"
#include "layout.h"
#include "tokenquota.h"

/* ---- the day ------------------------------------------------------------------------------------------
 *
 * Days are numbered from 1677-10-29, TQ__DAY_BIAS days before the first accepted instant. No accepted instant
 * is below that origin, so the division is one of unsigned numbers: it rounds down before 1970 as after it,
 * and costs one multiplication. */

static_assert(TQ_NOW_MIN_NS % TQ__DAY_NS == 0 && TQ_NOW_END_NS % TQ__DAY_NS == 0,
              "the range is of whole days");

struct tq__window {
    uint64_t day;     /* its number */
    int64_t start_ns; /* its first instant */
    int64_t end_ns;   /* the first instant behind it */
};

static inline bool tq__instant_ok(int64_t now_ns)
{
    return now_ns >= TQ_NOW_MIN_NS && now_ns < TQ_NOW_END_NS;
}

/* A day by its number, TQ__DAY_BIAS or more. */
static inline struct tq__window tq__window_of_day(uint64_t day)
{
    struct tq__window window;

    window.day = day;
    window.start_ns = (int64_t)((uint64_t)TQ_NOW_MIN_NS + (day - TQ__DAY_BIAS) * (uint64_t)TQ__DAY_NS);
    window.end_ns = (int64_t)((uint64_t)window.start_ns + (uint64_t)TQ__DAY_NS); /* a damaged day wraps */
    return window;
}

/* Can this day have records? The newest day in a damaged file may be any number. */
static inline bool tq__day_ok(uint64_t day)
{
    return day >= TQ__DAY_BIAS &&
           day < TQ__DAY_BIAS + ((uint64_t)TQ_NOW_END_NS - (uint64_t)TQ_NOW_MIN_NS) / (uint64_t)TQ__DAY_NS;
}

/* The day that holds now_ns, which must be an accepted instant. */
static inline struct tq__window tq__window_at(int64_t now_ns)
{
    uint64_t since_first_ns = (uint64_t)now_ns - (uint64_t)TQ_NOW_MIN_NS;

    return tq__window_of_day(since_first_ns / (uint64_t)TQ__DAY_NS + TQ__DAY_BIAS);
}

/* ---- its tokens ------------------------------------------------------------------------------ */

/* The word that counts a day, in a slot with 2^history_log2 day words; and the day's tag in it. */
static inline _Atomic uint64_t *tq__count_word(struct tq__slot *slot, uint32_t history_log2, uint64_t day)
{
    return &slot->day[day & ((UINT64_C(1) << history_log2) - 1)];
}

static inline uint64_t tq__count_tag(uint32_t history_log2, uint64_t day)
{
    return day >> history_log2;
}

/* Tokens as the public header counts them: INT64_MAX when saturated. */
static inline int64_t tq__count_tokens(uint64_t word)
{
    uint64_t tokens = word & TQ__COUNT_MAX;

    return tokens == TQ__COUNT_MAX ? INT64_MAX : (int64_t)tokens;
}

/* Computes the word after a record of `tokens` under `tag`. False: the word counts a newer day, so the record
 * is too old. */
static inline bool tq__count_next(uint64_t word, uint64_t tag, int64_t tokens, uint64_t *next)
{
    uint64_t word_tag = word >> TQ__COUNT_BITS;
    uint64_t sum = tokens > 0 ? (uint64_t)tokens : 0;

    if (word_tag == tag)
        sum += word & TQ__COUNT_MAX;
    else if (word_tag > tag)
        return false;
    if (sum > TQ__COUNT_MAX)
        sum = TQ__COUNT_MAX;
    *next = tag << TQ__COUNT_BITS | sum;
    return true;
}

/* Waits 0 to 255 pauses, so that another core that uses the same word can finish some records first. The
 * number comes from the bits of the word that was lost. With any fixed number two threads take the word from
 * each other in step, at three times the cost (bench/bench.c, two threads on one name). */
static inline void tq__count_yield(uint64_t lost)
{
    for (uint64_t pauses = lost * UINT64_C(0x9e3779b97f4a7c15) >> 56; pauses > 0; pauses--) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        __asm__ volatile("isb");
#endif
    }
}

/* The step itself. It is sequentially consistent because the rules read the word again after they wrote
 * `predicted` (forecast.h, F2). Nothing else is published through a day word. After a failure *seen is what
 * the word holds now. The loser waits for a moment: trying again at once would take the cache line away from
 * a core that is about to use it, and two threads on one word would be half as fast. */
static inline bool tq__count_swap(_Atomic uint64_t *word, uint64_t *seen, uint64_t next)
{
    if (atomic_compare_exchange_weak_explicit(word, seen, next, memory_order_seq_cst, memory_order_relaxed))
        return true;
    tq__count_yield(*seen);
    *seen = atomic_load_explicit(word, memory_order_relaxed);
    return false;
}

/* Adds a record. False: the record is too old, and nothing changed. *counted is the word that the record
 * made. */
static inline bool tq__count_add(_Atomic uint64_t *word, uint64_t tag, int64_t tokens, uint64_t *counted)
{
    uint64_t seen = atomic_load_explicit(word, memory_order_relaxed);

    do {
        if (!tq__count_next(seen, tag, tokens, counted))
            return false;
    } while (!tq__count_swap(word, &seen, *counted));
    return true;
}

/* Takes tokens off, down to 0, and tells how many. A saturated count stays. False: the word counts a newer
 * day, and nothing changed. */
static inline bool tq__count_subtract(_Atomic uint64_t *word, uint64_t tag, int64_t tokens, uint64_t *counted,
                                      uint64_t *taken)
{
    uint64_t seen = atomic_load_explicit(word, memory_order_relaxed);

    do {
        uint64_t sum = seen & TQ__COUNT_MAX;

        *taken = 0;
        if (seen >> TQ__COUNT_BITS != tag)
            return seen >> TQ__COUNT_BITS < tag; /* nothing is recorded yet: nothing to take off */
        if (sum != TQ__COUNT_MAX)
            *taken = (uint64_t)tokens < sum ? (uint64_t)tokens : sum;
        sum -= *taken;
        *counted = tag << TQ__COUNT_BITS | sum;
    } while (!tq__count_swap(word, &seen, *counted));
    return true;
}

#endif
