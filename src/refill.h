/* refill.h: a bucket that refills at a steady rate, in one word.
 *
 * SPDX-License-Identifier: MIT
 *
 *     count[0]   [version, 8 | the instant at which the bucket is full again, 56]   in 64 ns, modulo 2^56
 *
 * A record of n moves that instant by n x length / amount, rounded up, from where it is, or from the record's
 * own instant if the bucket is full by then. What is used at an instant is what has not refilled:
 * (full - instant) x amount / length, less a thousandth of a unit, rounded up: one request of 7 a minute is
 * one, although its share of the minute was rounded up. So another amount keeps the used share. An empty
 * bucket cannot become emptier: the instant is at most a length after the record's.
 *
 * The algorithm is known as the virtual scheduling form of GCRA (ITU-T I.371).
 */
#ifndef TQ_REFILL_H
#define TQ_REFILL_H

#include "limit.h"

/* Is the rate one that the word can hold: at most one unit in 64 ns? */
bool tq__refill_ok(const struct tq__spec *spec, int64_t amount);

bool tq__refill_ready(const struct tq__line *line, int64_t now_ns);
void tq__refill_settle(const struct tq__line *line, int64_t now_ns);
bool tq__refill_add(const struct tq__line *line, int64_t amount, int64_t now_ns,
                    struct tq__standing *standing);
void tq__refill_subtract(const struct tq__line *line, int64_t amount, int64_t now_ns,
                         const struct tq__terms *terms);

/* Keeps what is used in units, after another amount than before is this machine's: with the amount alone the
 * used share stays. */
void tq__refill_rescale(const struct tq__line *line, int64_t before, int64_t after, int64_t now_ns);

void tq__refill_stand(const struct tq__line *line, int64_t now_ns, bool use_reserve,
                      struct tq__standing *standing);

#endif
