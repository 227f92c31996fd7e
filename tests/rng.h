/* rng.h: a small deterministic random generator (splitmix64) for tests that print their seed.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TEST_RNG_H
#define TEST_RNG_H

#include <stdint.h>
#include <stdlib.h>

struct rng {
    uint64_t state;
};

static inline uint64_t rng_next(struct rng *rng)
{
    uint64_t z = rng->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* A number in [0, end); end is small enough that the bias of the remainder does not matter to a test. */
static inline unsigned rng_below(struct rng *rng, unsigned end)
{
    return (unsigned)(rng_next(rng) % end);
}

/* A number in [0, end) for lengths of time and counts. */
static inline int64_t rng_below_i64(struct rng *rng, int64_t end)
{
    return (int64_t)(rng_next(rng) % (uint64_t)end);
}

/* The seed of a run: what the environment says, so that a failure can be repeated, or the default. */
static inline uint64_t rng_seed(uint64_t otherwise)
{
    const char *text = getenv("TQ_SEED");

    return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

#endif
