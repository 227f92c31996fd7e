/* refusal.h: a vendor's refusal in one word: until when, when it was received, when to ask again.
 *
 * SPDX-License-Identifier: MIT
 *
 * `reported` and `throttled` of a slot each hold one refusal, 0 for none, and so does `blocking` of a limit
 * that the vendor states (stated.h):
 *
 *     [said, 32 bits | length, 24 bits | attempt, 4 bits | probing, 1 bit | class, 3 bits]
 *
 * `said` is the second since 1970 in which the refusal was received, rounded up. `length` counts seconds
 * from it. All ones means "no known end". Only the answer to a request that was sent after the refusal
 * may clear it. A request of the same second might have been sent before, so `said` is rounded up.
 * Everything that decides is in this one word, so every change is one compare-and-swap.
 *
 * A refusal without a known end is probed: one process at a time sends a request to see whether the
 * provider is back. The first probe is due 5 minutes after the refusal. Each probe that fails doubles
 * that, up to 1 hour. Up to an eighth is added or taken away, by name and attempt. So many providers of
 * one vendor do not come back in the same second, and every process computes the same instant from the
 * same word.
 *
 * While a process has the probe, `said` is the second in which it took it, rounded down. The process
 * sends its request at once, most often within that second, and the answer must count. A request that
 * was sent earlier in that second counts, too; the refusal is minutes older than both. The next probe is
 * due when the lease ends: by then the owner has died, or forgot the probe.
 *
 * With a class of 0 a caller overruled it: it keeps nobody out, and the same word does not block again when
 * it is read again.
 *
 * A second word explains the first, and is written after it. No decision looks at it:
 *
 *     [low 16 bits of said | profile, 8 bits | axis, 4 bits | source, 4 bits | window in seconds, 32 bits]
 *
 * A reader of both words may find that the 16 bits differ: two threads wrote at once, or one died
 * between its two stores. Then the explanation is unknown. Two refusals of one second could still
 * explain each other; only a sentence depends on it.
 */
#ifndef TQ_REFUSAL_H
#define TQ_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"
#include "layout.h"
#include "tokenquota.h"

#define TQ__REFUSAL_NO_END 0xffffffu
#define TQ__REFUSAL_LENGTH_MAX 15552000u /* 180 days: whatever is longer is no quota's end */
#define TQ__REFUSAL_ATTEMPT_MAX 15u

struct tq__refusal {
    uint32_t at_s;     /* when */
    uint32_t length_s; /* TQ__REFUSAL_NO_END: no known end */
    uint32_t attempt;
    bool probing;
    uint32_t refusal; /* TQ_CLASS_..., not 0 */
};

static inline uint64_t tq__refusal_pack(const struct tq__refusal *said)
{
    return (uint64_t)said->at_s << 32 | (uint64_t)said->length_s << 8 | (uint64_t)said->attempt << 4 |
           (uint64_t)said->probing << 3 | said->refusal;
}

static inline struct tq__refusal tq__refusal_unpack(uint64_t word)
{
    return (struct tq__refusal){
        .at_s = (uint32_t)(word >> 32),
        .length_s = (uint32_t)(word >> 8) & 0xffffffu,
        .attempt = (uint32_t)(word >> 4) & 0xfu,
        .probing = (word >> 3 & 1) != 0,
        .refusal = (uint32_t)word & 7u,
    };
}

/* Does it keep the provider out without a known end? */
static inline bool tq__refusal_no_end(uint64_t word)
{
    return (word & 7) != TQ_CLASS_NONE && ((uint32_t)(word >> 8) & 0xffffffu) == TQ__REFUSAL_NO_END;
}

static inline int64_t tq__refusal_at_ns(uint64_t word)
{
    return (int64_t)(word >> 32) * TQ__SECOND_NS;
}

/* Is it a word that a caller overruled? It keeps nobody out, and says which word does not block again. */
static inline bool tq__refusal_is_overruled(uint64_t word)
{
    return word != 0 && (word & 7) == TQ_CLASS_NONE;
}

/* The instant until which it keeps the provider out: 0 for nothing said, INT64_MAX without a known end. */
static inline int64_t tq__refusal_end_ns(uint64_t word)
{
    if ((word & 7) == TQ_CLASS_NONE)
        return 0;
    if (tq__refusal_no_end(word))
        return INT64_MAX;
    return (int64_t)((word >> 32) + ((word >> 8) & 0xffffffu)) * TQ__SECOND_NS;
}

/* Returns the latest of end_ns and the ends of two words. Off the fast path, as nearly no provider has
 * any. */
TQ__COLD int64_t tq__refusal_latest_end(uint64_t reported, uint64_t throttled, int64_t end_ns);

/* Returns the second of an instant, rounded up; 0 when 32 bits cannot hold it with the longest length
 * added. */
static inline uint32_t tq__refusal_second(int64_t at_ns)
{
    int64_t second = at_ns / TQ__SECOND_NS + (at_ns % TQ__SECOND_NS > 0);

    return at_ns > 0 && second <= INT64_C(0xffffffff) - TQ__REFUSAL_LENGTH_MAX ? (uint32_t)second : 0;
}

/* Returns the word that a new refusal leaves where `seen` was. `said` has its at_s, its length and its class;
 * the attempt is counted here. sent_at_ns is when the refused request was sent, 0 unknown. *why_of_seen says
 * whether the end that stands is the old one's. */
uint64_t tq__refusal_merge(uint64_t seen, const struct tq__refusal *said, int64_t sent_at_ns,
                           bool *why_of_seen);

/* Does a class speak of the moment, and not of a quota? */
static inline bool tq__refusal_momentary(uint32_t refusal)
{
    return refusal == TQ_CLASS_THROTTLED || refusal == TQ_CLASS_OVERLOADED;
}

/* What explains a refusal. */
struct tq__why {
    uint32_t profile;
    uint32_t axis;
    uint32_t source;
    uint32_t window_s;
};

static inline uint64_t tq__why_pack(uint64_t said, const struct tq__why *why)
{
    return (said >> 32 & 0xffff) << 48 | (uint64_t)(why->profile & 0xff) << 40 |
           (uint64_t)(why->axis & 0xf) << 36 | (uint64_t)(why->source & 0xf) << 32 | why->window_s;
}

/* Returns zeros when the explanation does not belong to `said`. */
static inline struct tq__why tq__why_unpack(uint64_t said, uint64_t word)
{
    if (word >> 48 != (said >> 32 & 0xffff))
        return (struct tq__why){0};
    return (struct tq__why){
        .profile = (uint32_t)(word >> 40) & 0xff,
        .axis = (uint32_t)(word >> 36) & 0xf,
        .source = (uint32_t)(word >> 32) & 0xf,
        .window_s = (uint32_t)word,
    };
}

/* ---- asking again ---------------------------------------------------------------------------- */

#define TQ__PROBE_FIRST_S 300u
#define TQ__PROBE_LAST_S 3600u

/* Returns when the probe of a word without an end is due. */
static inline int64_t tq__probe_due_ns(const struct tq__slot *slot, uint64_t word)
{
    const struct tq__refusal said = tq__refusal_unpack(word);
    uint32_t wait_s = TQ__PROBE_FIRST_S, jitter;

    if (said.probing)
        return tq__refusal_at_ns(word) + TQ_PROBE_LEASE_NS;
    for (uint32_t i = 0; i < said.attempt && wait_s < TQ__PROBE_LAST_S; i++)
        wait_s *= 2;
    if (wait_s > TQ__PROBE_LAST_S)
        wait_s = TQ__PROBE_LAST_S;
    /* The upper bits of the product mix name and attempt (Fibonacci hashing). */
    jitter = (uint32_t)(((slot->hash + said.attempt) * UINT64_C(0x9e3779b97f4a7c15)) >> 48);
    wait_s = wait_s - wait_s / 8 + (uint32_t)((uint64_t)jitter * (wait_s / 4) >> 16);
    return tq__refusal_at_ns(word) + (int64_t)wait_s * TQ__SECOND_NS;
}

/* Returns when a refusal is over, or the provider may be asked again. */
static inline int64_t tq__refusal_next_ns(const struct tq__slot *slot, const _Atomic uint64_t *word)
{
    uint64_t said = atomic_load_explicit(word, memory_order_relaxed);

    return tq__refusal_no_end(said) ? tq__probe_due_ns(slot, said) : tq__refusal_end_ns(said);
}

/* Returns when the probe of a slot is due; 0: it needs none. */
static inline int64_t tq__probe_due_at(struct tq__slot *slot)
{
    uint64_t word =
        atomic_load_explicit(&slot->reported, memory_order_acquire); /* pairs with swap in route.c */

    return tq__refusal_no_end(word) ? tq__probe_due_ns(slot, word) : 0;
}

#endif
