/* refusal.h: a vendor's word in one word: until when, said when, and how often it was asked since.
 *
 * SPDX-License-Identifier: MIT
 *
 * `reported` and `throttled` of a slot are each
 *
 *     [said, 32 bits | length, 24 bits | attempt, 4 bits | probing, 1 bit | class, 3 bits]
 *
 * 0: nothing is said.
 *
 * said is a second since 1970, rounded up, and length counts seconds from it; all ones is "no known end".
 * Rounded up, because only an answer to a request that was sent *after* the word may clear it: a request of
 * the same second might have been sent before. All that decides is in this one word, so every change is one
 * compare-and-swap.
 *
 * While a process has the probe of a word without an end, said is the second in which the probe was taken,
 * rounded down: the process sends its request at once, most often within that second, and its answer must
 * count. A request of that second that was sent just before counts with it; the refusal is older than both
 * by minutes. The lease ends by itself (probe.h).
 *
 * By what words it was said is a second word, written after the first and never looked at by a decision:
 *
 *     [low 16 bits of said | profile, 8 bits | axis, 4 bits | source, 4 bits | window in seconds, 32 bits]
 *
 * Whoever reads both and finds that the 16 bits differ has caught two threads, or a death, between the two
 * stores: it is unknown then. Two refusals of one second could still explain each other; nothing but a
 * sentence hangs on it.
 */
#ifndef TQ_SAID_H
#define TQ_SAID_H

#include <stdbool.h>
#include <stdint.h>

#include "tokenquota.h"

#define TQ__SECOND_NS INT64_C(1000000000)
#define TQ__SAID_NO_END 0xffffffu
#define TQ__SAID_LENGTH_MAX 15552000u /* 180 days: whatever is longer is no quota's end */
#define TQ__SAID_ATTEMPT_MAX 15u

struct tq__said {
    uint32_t at_s;     /* when */
    uint32_t length_s; /* TQ__SAID_NO_END: no known end */
    uint32_t attempt;
    bool probing;
    uint32_t refusal; /* TQ_CLASS_..., not 0 */
};

static inline uint64_t tq__said_pack(const struct tq__said *said)
{
    return (uint64_t)said->at_s << 32 | (uint64_t)said->length_s << 8 | (uint64_t)said->attempt << 4 |
           (uint64_t)said->probing << 3 | said->refusal;
}

static inline struct tq__said tq__said_unpack(uint64_t word)
{
    return (struct tq__said){
        .at_s = (uint32_t)(word >> 32),
        .length_s = (uint32_t)(word >> 8) & 0xffffffu,
        .attempt = (uint32_t)(word >> 4) & 0xfu,
        .probing = (word >> 3 & 1) != 0,
        .refusal = (uint32_t)word & 7u,
    };
}

static inline bool tq__said_no_end(uint64_t word)
{
    return ((uint32_t)(word >> 8) & 0xffffffu) == TQ__SAID_NO_END;
}

static inline int64_t tq__said_at_ns(uint64_t word)
{
    return (int64_t)(word >> 32) * TQ__SECOND_NS;
}

/* The instant until which it keeps the provider out: 0 for nothing said, INT64_MAX without a known end. */
static inline int64_t tq__said_end_ns(uint64_t word)
{
    if (word == 0)
        return 0;
    if (tq__said_no_end(word))
        return INT64_MAX;
    return (int64_t)((word >> 32) + ((word >> 8) & 0xffffffu)) * TQ__SECOND_NS;
}

/* The latest of end_ns and the ends of two words; off the fast path, as nearly no provider has any. */
__attribute__((noinline, cold)) int64_t tq__said_latest_end(uint64_t reported, uint64_t throttled,
                                                            int64_t end_ns);

/* Seconds of an instant, rounded up; 0 when it is not within what 32 bits hold, less the longest length. */
static inline uint32_t tq__said_second(int64_t at_ns)
{
    int64_t second = at_ns / TQ__SECOND_NS + (at_ns % TQ__SECOND_NS > 0);

    return at_ns > 0 && second <= INT64_C(0xffffffff) - TQ__SAID_LENGTH_MAX ? (uint32_t)second : 0;
}

/* The word that a new refusal leaves where `seen` was: the later end stands, and the later "said". sent_at_ns
 * is when the refused request was sent, 0 unknown. now says what is new: its at_s, its length (no end:
 * attempt is counted), its class. *why_of_seen: the end that stands is the old one's. */
uint64_t tq__said_merge(uint64_t seen, const struct tq__said *now, int64_t sent_at_ns, bool *why_of_seen);

/* The words by which it was said. */
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

/* All 0 when the words do not belong to `said`. */
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

#endif
