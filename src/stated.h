/* stated.h: what the vendor says of a window: its newest reading, and the word that blocks.
 *
 * SPDX-License-Identifier: MIT
 *
 * A limit may have been stated by the vendor (TQ_WINDOW_STATED), or be one that the user set and of which the
 * vendor says something, too. Words of the line and of its rest, beside those of limit.h:
 *
 *     blocking   [said, s, 32 | length, s, 24 | 0, 4 | doubted, 1 | class, 3]
 *     reading    [version, 8 | share in 1/10,000, 17 | flags, 7 | reset, s, 32]
 *     doubt      as reading: the one that contradicted `blocking` last
 *     overruled  as blocking: the one that was lifted last
 *
 * A line that the vendor states has no bound and no odd count. These two, and `window_name`, hold 7 bytes
 * each of the vendor's name of the window, behind a version. It counts in count[0], as `once` does.
 *
 * `blocking` alone decides whether the vendor's word excludes, so each change of it is one swap. With a
 * `said` of 0 nothing blocks, and the lowest 8 bits are the version of the limit: so a thread that stalled
 * before it swaps does not find the word that it loaded, once another limit has the line. (A word that blocks
 * comes again in another limit of the line only when both were said in one second, with one end.)
 *
 *   D1  A reading of 100 % whose end is that of `blocking`, or of `overruled`, changes nothing. So
 *       readings that are repeated, late or stale neither renew a block nor bring back one that was
 *       lifted.
 *   D2  A reading with room, said in a second after that of the block, sets `doubted`: a probe is due
 *       (probe.h). A refusal clears it. The reading's share stays in `doubt`, and the same share does
 *       not doubt again. So one reading with room costs at most one request.
 *   D3  `overruled` is written before `blocking` is swapped. A thread that dies between the two leaves
 *       the block.
 *
 * All else is for people to see. Words that belong together are written one after the other: a reader between
 * two writers may see the share of one with the instant of the other.
 */
#ifndef TQ_STATED_H
#define TQ_STATED_H

#include "limit.h"
#include "refusal.h"

#define TQ__STATED_LEAST_NS (10 * TQ__MINUTE_NS) /* shorter windows are rates, and are not kept */
#define TQ__STATED_WHOLE 10000u                  /* 100 % */
#define TQ__STATED_SHARE_MOST 100000u            /* 1,000 %: what is more is no share */
#define TQ__STATED_UNKNOWN 0x1ffffu              /* a share that was not said */
#define TQ__STATED_SAME_S 300u                   /* ends that are no further apart are one */

/* Flags of a reading. */
#define TQ__READING_CREDIT 1u /* at 100 % the vendor serves on credit, or may do so */
#define TQ__READING_LIFTED 2u /* a caller lifted the user's own stops of this window */
#define TQ__READING_OPEN 4u   /* at 100 % it does not exclude: it refills steadily, or is of one model */
#define TQ__READING_THERE 64u /* it is one, whatever else is 0 */

/* What is said of a window. */
struct tq__stated {
    uint32_t share; /* 1/10,000; TQ__STATED_UNKNOWN */
    uint32_t flags;
    uint32_t reset_s; /* 0: not said */
    uint32_t said_s;
    uint32_t source, profile;
    uint64_t limit; /* the amount; 0: not said */
};

/* A word of the line; 0 when it is of another limit. Acquire pairs with the swaps of stated.c. */
static inline uint64_t tq__stated_get(const struct tq__line *line, const _Atomic uint64_t *word)
{
    uint64_t seen = atomic_load_explicit(word, memory_order_acquire);

    return tq__version_of(seen) == line->spec.version ? seen : 0;
}

/* The share and the flags of a reading. */
static inline uint32_t tq__reading_share(uint64_t reading)
{
    return (uint32_t)(reading >> 39) & TQ__STATED_UNKNOWN;
}

static inline uint32_t tq__reading_flags(uint64_t reading)
{
    return (uint32_t)(reading >> 32) & 0x7f;
}

/* Does a reading block: a share of 100 % with an end, of a window that excludes then? */
static inline bool tq__stated_blocks(const struct tq__stated *stated)
{
    return stated->share != TQ__STATED_UNKNOWN && stated->share >= TQ__STATED_WHOLE && stated->reset_s != 0 &&
           !(stated->flags & (TQ__READING_CREDIT | TQ__READING_OPEN));
}

/* Does the vendor say anything of the line that excludes, or may the user's stops? Then tq__stated_end knows.
 * overage_stop: of the provider. */
TQ__HOT bool tq__stated_may_exclude(const struct tq__limit *line, uint64_t spec, bool overage_stop)
{
    /* Acquire pairs with the swaps of stated.c. */
    uint64_t blocking = atomic_load_explicit(&line->blocking, memory_order_acquire);

    return blocking >> 32 != 0 || overage_stop ||
           (tq__spec_window(spec) == TQ_WINDOW_STATED &&
            atomic_load_explicit(&line->reserve, memory_order_relaxed) << 8 != 0);
}

/* Which ends are asked for. */
#define TQ__STATED_BLOCKS 1u /* the vendor's word */
#define TQ__STATED_STOPS 2u  /* the user's reserve of the vendor's share, and overage=stop */

/* The end of the ones that exclude at now_ns; 0: none does. */
int64_t tq__stated_end(const struct tq__line *line, uint32_t which, bool overage_stop, bool use_reserve,
                       int64_t now_ns);

/* Does the user stop at the share of a reading? */
bool tq__stated_stops_at(const struct tq__line *line, const struct tq__stated *stated, bool overage_stop,
                         bool use_reserve);

/* The newest reading. False: there is none. */
bool tq__stated_reading(const struct tq__line *line, struct tq__stated *stated);

/* The word that blocks at now_ns; 0: none does. */
uint64_t tq__stated_blocking(const struct tq__line *line, int64_t now_ns);

static inline bool tq__stated_is_doubted(uint64_t blocking)
{
    return tq__refusal_unpack(blocking).probing;
}

/* When its window ends: its reset, else its length after it was said. */
int64_t tq__stated_reset_ns(const struct tq__line *line, const struct tq__stated *stated);

/* Are two instants ends of one window of the line, for display? */
bool tq__stated_is_one(const struct tq__line *line, uint32_t a_s, uint32_t b_s);

/* When the share reaches 100 %, or the user's reserve, as it grows, before its window ends; TQ__PACE_LASTS:
 * it does not; TQ__PACE_UNKNOWN. */
int64_t tq__stated_out_ns(const struct tq__line *line);

/* What was counted here since the newest reading. */
int64_t tq__stated_since(const struct tq__line *line);

/* Takes a reading. It blocks at 100 %, doubts a block, or lifts one by use that grew. Returns whether
 * anything changed that a waiter must know. */
bool tq__stated_read(const struct tq__line *line, const struct tq__stated *stated);

/* A refusal of a request that the window caused. marked_at_ns is when a caller last made the provider
 * available. */
struct tq__stated_refusal {
    uint32_t class;
    uint32_t said_s, end_s;
    int64_t sent_at_ns; /* 0: not known */
    int64_t marked_at_ns;
};

/* Blocks until its end. Returns as tq__stated_read. */
bool tq__stated_refuse(const struct tq__line *line, const struct tq__stated_refusal *refusal);

/* A request was refused that may answer a doubt: one that was sent at sent_at_ns, 0: nobody knows. */
void tq__stated_answer(const struct tq__line *line, int64_t sent_at_ns);

/* Lifts a block that was said before the request of this answer was sent; INT64_MAX: any. One that has ended
 * by now_ns is cleared, and none was lifted; 0: nobody knows the time. */
bool tq__stated_lift(const struct tq__line *line, int64_t sent_at_ns, int64_t now_ns);

/* Lifts the user's stops in the window of the newest reading. */
bool tq__stated_lift_stops(const struct tq__line *line);

/* The vendor's name of the window, NUL-terminated. */
void tq__stated_name(const struct tq__line *line, char name[TQ_WINDOW_NAME_MAX]);

/* The words of a name, behind a version. */
#define TQ__STATED_NAME_WORDS 3u
void tq__stated_name_words(const char *name, uint64_t version, uint64_t words[TQ__STATED_NAME_WORDS]);

#endif
