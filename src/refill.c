/* refill.c: a bucket that refills at a steady rate. refill.h has the word.
 *
 * SPDX-License-Identifier: MIT
 */
#include "refill.h"

#include "base/number.h"

#define TICK_NS 64
#define FULL_BITS 56
#define FULL_MASK ((UINT64_C(1) << FULL_BITS) - 1)
#define SLACK 1024 /* a part of a unit that does not count as used: what single records rounded up */
#define AHEAD_MAX (INT64_C(1) << (FULL_BITS - 2)) /* 36 years: a record is not that late */

static uint64_t ticks_of(const struct tq__spec *spec)
{
    return spec->length * (uint64_t)(TQ__SECOND_NS / TICK_NS);
}

bool tq__refill_ok(const struct tq__spec *spec, int64_t amount)
{
    return amount > 0 && (uint64_t)amount <= ticks_of(spec);
}

/* a / b, rounded up, at most `most`. b > 0. */
static uint64_t share(tq__uint128 a, uint64_t b, uint64_t most)
{
    tq__uint128 quotient = (a + b - 1) / b;

    return quotient < most ? (uint64_t)quotient : most;
}

/* The instant at which the bucket is full, of all that have these 56 bits the one nearest to `now`: they come
 * round after 146 years. 0: it always was full. */
static uint64_t full_of(const struct tq__line *line, uint64_t word, uint64_t now)
{
    int64_t ahead = (int64_t)((word - now) << (64 - FULL_BITS)) / (1 << (64 - FULL_BITS));

    if (tq__version_of(word) != line->spec.version || ahead > AHEAD_MAX || ahead <= -(int64_t)now)
        return 0;
    return now + (uint64_t)ahead;
}

static uint64_t pack_full(const struct tq__line *line, uint64_t full)
{
    return (uint64_t)line->spec.version << FULL_BITS | (full & FULL_MASK);
}

/* A record whose instant becomes the base must pass the gate. One that is a second behind the last does not
 * move it far. */
bool tq__refill_ready(const struct tq__line *line, int64_t now_ns)
{
    uint64_t now = (uint64_t)now_ns / TICK_NS;
    uint64_t full = full_of(line, atomic_load_explicit(&line->limit->count[0], memory_order_relaxed), now);

    return now <= full + TQ__SECOND_NS / TICK_NS && full <= now + ticks_of(&line->spec);
}

/* An instant that is, less the length, further ahead of the clock than the limit is void. */
void tq__refill_settle(const struct tq__line *line, int64_t now_ns)
{
    uint64_t seen = atomic_load_explicit(&line->limit->count[0], memory_order_acquire); /* before the clock */
    uint64_t full = full_of(line, seen, (uint64_t)now_ns / TICK_NS), ticks = ticks_of(&line->spec);
    struct tq__clock clock;

    if (full <= (uint64_t)now_ns / TICK_NS + ticks)
        return;
    clock = tq__clock_read(line->ledger);
    if (full <= (uint64_t)clock.last_ns / TICK_NS + ticks)
        return;
    tq__line_note_taken(line, tq__instant_after(clock.last_ns, line->spec.length * TQ__SECOND_NS));
    atomic_compare_exchange_strong_explicit(&line->limit->count[0], &seen, 0, memory_order_seq_cst,
                                            memory_order_relaxed);
}

/* What has not refilled at an instant, and when `room` of it is free again. */
static void tell_refill(const struct tq__line *line, uint64_t full, int64_t now_ns, bool use_reserve,
                        struct tq__standing *standing)
{
    uint64_t now = (uint64_t)now_ns / TICK_NS, ticks = ticks_of(&line->spec);
    int64_t amount = standing->terms.amount, room = use_reserve ? amount : standing->terms.room;
    tq__uint128 rest, slack = ticks / SLACK;
    uint64_t left;

    standing->used = 0;
    standing->until_ns = INT64_MAX;
    if (amount == 0 || full <= now)
        return;
    rest = (tq__uint128)(full - now) * (uint64_t)amount;
    standing->used = (int64_t)share(rest > slack ? rest - slack : 0, ticks, (uint64_t)amount);
    /* It excludes as long as the rest takes more than room - 1 units. */
    left = room > 0 ? (uint64_t)(((tq__uint128)(uint64_t)(room - 1) * ticks + slack) / (uint64_t)amount) : 0;
    standing->until_ns = room > 0 && full > left ? tq__instant_of(full - left, TICK_NS) : INT64_MAX;
}

bool tq__refill_add(const struct tq__line *line, int64_t amount, int64_t now_ns,
                    struct tq__standing *standing)
{
    /* Acquire for tq__line_is_same, as in the swap. */
    uint64_t seen = atomic_load_explicit(&line->limit->count[0], memory_order_acquire), next;
    uint64_t now = (uint64_t)now_ns / TICK_NS, ticks = ticks_of(&line->spec);

    if (standing->terms.amount == 0)
        return false;
    do {
        uint64_t full = full_of(line, seen, now), most = now + ticks;

        if (full < now)
            full = now;
        if (most < full)
            most = full;
        next = full +
               share((tq__uint128)(uint64_t)amount * ticks, (uint64_t)standing->terms.amount, most - full);
    } while (tq__line_is_same(line) &&
             !atomic_compare_exchange_weak_explicit(&line->limit->count[0], &seen, pack_full(line, next),
                                                    memory_order_seq_cst, memory_order_acquire));
    tell_refill(line, next, now_ns, false, standing);
    return true;
}

void tq__refill_subtract(const struct tq__line *line, int64_t amount, int64_t now_ns,
                         const struct tq__terms *terms)
{
    uint64_t seen = atomic_load_explicit(&line->limit->count[0], memory_order_relaxed), full, less;
    uint64_t now = (uint64_t)now_ns / TICK_NS;

    do {
        full = full_of(line, seen, now);
        if (terms->amount == 0 || full <= now)
            return;
        less =
            share((tq__uint128)(uint64_t)amount * ticks_of(&line->spec), (uint64_t)terms->amount, full - now);
    } while (!atomic_compare_exchange_weak_explicit(&line->limit->count[0], &seen,
                                                    pack_full(line, full - less), memory_order_seq_cst,
                                                    memory_order_relaxed));
}

void tq__refill_rescale(const struct tq__line *line, int64_t before, int64_t after, int64_t now_ns)
{
    uint64_t seen =
        atomic_load_explicit(&line->limit->count[0], memory_order_acquire); /* as in tq__refill_add */
    uint64_t now = (uint64_t)now_ns / TICK_NS, ticks = ticks_of(&line->spec), full;

    do {
        full = full_of(line, seen, now);
        if (before <= 0 || after <= 0 || full <= now)
            return;
        full = now + share((tq__uint128)(full - now) * (uint64_t)before, (uint64_t)after, ticks);
    } while (tq__line_is_same(line) &&
             !atomic_compare_exchange_weak_explicit(&line->limit->count[0], &seen, pack_full(line, full),
                                                    memory_order_seq_cst, memory_order_acquire));
}

void tq__refill_stand(const struct tq__line *line, int64_t now_ns, bool use_reserve,
                      struct tq__standing *standing)
{
    uint64_t word = atomic_load_explicit(&line->limit->count[0], memory_order_acquire);

    tell_refill(line, full_of(line, word, (uint64_t)now_ns / TICK_NS), now_ns, use_reserve, standing);
}
