/* rolling.c: counting in the last length of time. rolling.h says why in this order.
 *
 * SPDX-License-Identifier: MIT
 */
#include "rolling.h"

#define BUCKETS TQ__ROLLING_BUCKETS
#define RING TQ__RING_WORDS
#define NUMBER_MASK ((UINT64_C(1) << 56) - 1)
/* Buckets passed at once after which a number in the carry, or a tag in the ring, may be one of long ago. */
#define CARRY_FAR (UINT64_C(1) << 14)
#define RING_FAR (UINT64_C(1) << 21)

/* ---- words ----------------------------------------------------------------------------------- */

static uint64_t bucket_ns(const struct tq__line *line)
{
    return line->spec.length * (uint64_t)(TQ__MINUTE_NS / BUCKETS);
}

static uint64_t number_of(const struct tq__line *line, int64_t now_ns)
{
    return (uint64_t)now_ns / bucket_ns(line);
}

/* Returns the ring; NULL when it cannot be mapped, or the number of it is damaged. */
static struct tq__ring *ring_of(const struct tq__line *line)
{
    uint64_t number = atomic_load_explicit(&line->limit->ring, memory_order_relaxed);
    void *ring = NULL;

    if (number == 0 || number > TQ__SLOTS_MAX)
        return NULL;
    ring = tq__array_at(&line->ledger->rings, (uint32_t)number - 1);
    if (!ring && tq__array_reach(&line->ledger->rings, (uint32_t)number - 1, false, &ring) < 0)
        return NULL;
    return ring;
}

static uint64_t tag_of(const struct tq__line *line, uint64_t number)
{
    return (uint64_t)line->spec.version << 16 | ((number / RING) & 0xffff);
}

/* The newest bucket; 0: there is none of this version. */
static uint64_t newest_of(const struct tq__line *line, uint64_t bound)
{
    return tq__version_of(bound) == line->spec.version ? bound & NUMBER_MASK : 0;
}

static uint64_t load_bound(const struct tq__line *line)
{
    /* Pairs with the swap in raise: B1. Sequentially consistent for B3. */
    return atomic_load_explicit(&line->limit->bound, memory_order_seq_cst);
}

/* What is counted in a bucket. */
static uint64_t count_of(const struct tq__line *line, struct tq__ring *ring, uint64_t number)
{
    uint64_t word = atomic_load_explicit(&ring->bucket[number % RING], memory_order_acquire);

    return tq__tag_of(word) == tag_of(line, number) ? word & TQ__METER_MAX : 0;
}

/* ---- sums ------------------------------------------------------------------------------------ */

static uint64_t carry_number(uint64_t carry)
{
    return carry >> 48;
}

/* The buckets from one number to before another, which have one tag. A word with the tag, less the tag, is
 * its count; any other is more than a count can be. The sum of all buckets fits 64 bits. */
static uint64_t sum_of(const struct tq__line *line, struct tq__ring *ring, uint64_t from, uint64_t to)
{
    uint64_t base = tag_of(line, from) << TQ__METER_BITS, sum = 0;

    for (; from < to; from++) {
        uint64_t count =
            atomic_load_explicit(&ring->bucket[from % RING], memory_order_seq_cst) - base; /* B3 */

        sum += count <= TQ__METER_MAX ? count : 0;
    }
    return sum;
}

/* The 100 buckets before a number, which have at most two tags. */
static uint64_t sum_before(const struct tq__line *line, struct tq__ring *ring, uint64_t number)
{
    uint64_t from = number > BUCKETS ? number - BUCKETS : 0, turn = number / RING * RING;

    if (turn < from)
        turn = from;
    return tq__meter_sum(sum_of(line, ring, from, turn) + sum_of(line, ring, turn, number), 0);
}

/* The same for the newest bucket, from the carry when it has that. Keeps it there when `keep` is set. */
static uint64_t carried(const struct tq__line *line, struct tq__ring *ring, uint64_t number, bool keep)
{
    /* Acquire and release: who sees a carry sees the buckets from which it was summed (B2). */
    uint64_t carry = atomic_load_explicit(&line->limit->count[0], memory_order_acquire), sum;

    if (carry != 0 && carry_number(carry) == (number & 0xffff))
        return carry & TQ__METER_MAX;
    sum = sum_before(line, ring, number);
    if (keep)
        atomic_compare_exchange_strong_explicit(
            &line->limit->count[0], &carry,
            (number & 0xffff) << 48 | (((carry >> TQ__METER_BITS) + 1) & 0xff) << TQ__METER_BITS | sum,
            memory_order_seq_cst, memory_order_relaxed);
    return sum;
}

/* B2: makes a carry void, and every one that is being summed. The number that it gets is that of a bucket so
 * far from the newest that raise drops the carry again before that one comes. */
static void drop_carry(const struct tq__line *line, uint64_t newest)
{
    uint64_t carry = atomic_load_explicit(&line->limit->count[0], memory_order_relaxed), next;

    do
        next = ((newest + CARRY_FAR * 2) & 0xffff) << 48 | (((carry >> TQ__METER_BITS) + 1) & 0xff)
                                                               << TQ__METER_BITS;
    while (!atomic_compare_exchange_weak_explicit(&line->limit->count[0], &carry, next, memory_order_seq_cst,
                                                  memory_order_relaxed));
}

/* ---- the newest bucket ----------------------------------------------------------------------- */

static void clear_ring(const struct tq__line *line)
{
    struct tq__ring *ring = ring_of(line);

    for (uint32_t i = 0; ring && i < RING; i++)
        atomic_store_explicit(&ring->bucket[i], 0, memory_order_seq_cst); /* before the bound: B1 */
}

static bool raise(const struct tq__line *line, uint64_t seen, uint64_t number)
{
    uint64_t newest = newest_of(line, seen), apart = number > newest ? number - newest : newest - number;

    if (apart > RING_FAR)
        clear_ring(line);
    if (apart > CARRY_FAR)
        drop_carry(line, number);
    return atomic_compare_exchange_strong_explicit(&line->limit->bound, &seen,
                                                   (uint64_t)line->spec.version << 56 | number,
                                                   memory_order_seq_cst, memory_order_relaxed);
}

bool tq__rolling_ready(const struct tq__line *line, int64_t now_ns)
{
    return newest_of(line, load_bound(line)) == number_of(line, now_ns);
}

/* A newest bucket further ahead of the clock than the limit is taken back to the clock's. */
void tq__rolling_settle(const struct tq__line *line, int64_t now_ns, const struct tq__clock *clock)
{
    uint64_t number = number_of(line, now_ns), last = number_of(line, clock->last_ns);

    for (;;) {
        uint64_t bound = load_bound(line), newest = newest_of(line, bound);

        if (newest > last) {
            if (raise(line, bound, number_of(line, clock->now_ns)))
                drop_carry(line, newest);
        } else if (newest >= number || raise(line, bound, number)) {
            return;
        }
    }
}

/* ---- counting -------------------------------------------------------------------------------- */

static bool count_in(const struct tq__line *line, struct tq__ring *ring, uint64_t bound, uint64_t number,
                     int64_t amount, uint64_t *sum)
{
    _Atomic uint64_t *word = &ring->bucket[number % RING];
    uint64_t seen = atomic_load_explicit(word, memory_order_acquire), tag = tag_of(line, number);

    do {
        if (tq__tag_of(seen) != tag &&
            (load_bound(line) != bound ||
             atomic_load_explicit(&line->limit->spec, memory_order_acquire) != line->word)) /* limit_set.c */
            return false;
        *sum = tq__meter_sum(tq__tag_of(seen) == tag ? seen & TQ__METER_MAX : 0, amount);
        /* Sequentially consistent as in tq__limit_add. */
    } while (!atomic_compare_exchange_weak_explicit(word, &seen, tag << TQ__METER_BITS | *sum,
                                                    memory_order_seq_cst, memory_order_acquire));
    return true;
}

/* B3: makes the carry void when the bucket that was counted in is not the newest by now. */
static bool drop_if_passed(const struct tq__line *line, uint64_t number)
{
    uint64_t newest = newest_of(line, load_bound(line));

    if (number < newest)
        drop_carry(line, newest);
    return number != newest;
}

/* When the sum falls below `room`: at the end of the bucket without which it does, when that is 100 behind.
 */
static int64_t until(const struct tq__line *line, struct tq__ring *ring, uint64_t number, uint64_t sum,
                     int64_t room)
{
    uint64_t first = number > BUCKETS ? number - BUCKETS : 0;

    for (uint64_t i = first; i < number; i++) {
        sum -= count_of(line, ring, i) < sum ? count_of(line, ring, i) : sum;
        if (sum < (uint64_t)room)
            return (int64_t)((i + BUCKETS + 1) * bucket_ns(line));
    }
    return (int64_t)((number + BUCKETS + 1) * bucket_ns(line));
}

/* Fills the standing at a bucket with `count` in it; others may be newer. `keep`: the carry may be changed.
 */
static void tell(const struct tq__line *line, struct tq__ring *ring, uint64_t number, uint64_t count,
                 bool keep, bool use_reserve, struct tq__standing *standing)
{
    int64_t room = use_reserve ? standing->terms.amount : standing->terms.room;
    uint64_t newest = newest_of(line, load_bound(line)), sum = 0;

    if (number == newest)
        sum = carried(line, ring, number, keep);
    else if (number < newest + RING)
        sum = sum_before(line, ring, number);
    if (number <= newest)
        sum = tq__meter_sum(sum, (int64_t)count);
    standing->used = tq__meter_used(sum);
    standing->start_ns = (int64_t)((number > BUCKETS ? number - BUCKETS : 0) * bucket_ns(line));
    standing->end_ns = (int64_t)((number + 1) * bucket_ns(line));
    if (standing->used >= room)
        standing->until_ns = room > 0 ? until(line, ring, number, sum, room) : INT64_MAX;
}

bool tq__rolling_count(struct tq_ledger *ledger, struct tq__limit *limit, uint64_t spec, int64_t now_ns,
                       int64_t amount, int64_t *used)
{
    struct tq__line line;
    struct tq__ring *ring;
    uint64_t number, seen, sum;
    _Atomic uint64_t *word;
    bool was_passed;

    if (!tq__rolling_is_newest(limit, spec, now_ns, &number))
        return false;
    line.ledger = ledger;
    line.limit = limit;
    line.spec.version = (uint32_t)tq__version_of(spec);
    ring = ring_of(&line);
    if (!ring)
        return false;
    word = &ring->bucket[number % RING];
    seen = atomic_load_explicit(word, memory_order_acquire); /* as in count_in */
    sum = (seen & TQ__METER_MAX) + (uint64_t)amount;
    if (tq__tag_of(seen) != tag_of(&line, number) || sum >= TQ__METER_MAX ||
        !atomic_compare_exchange_strong_explicit(word, &seen, seen + (uint64_t)amount, memory_order_seq_cst,
                                                 memory_order_relaxed))
        return false;
    was_passed = drop_if_passed(&line, number);
    *used = tq__meter_used(tq__meter_sum(carried(&line, ring, number, !was_passed), (int64_t)sum)); /* B2 */
    return true;
}

bool tq__rolling_add(const struct tq__line *line, int64_t amount, int64_t now_ns,
                     struct tq__standing *standing)
{
    uint64_t number = number_of(line, now_ns), newest, sum;
    struct tq__ring *ring = ring_of(line);

    for (;;) {
        uint64_t bound = load_bound(line);

        newest = newest_of(line, bound);
        if (!ring || number > newest || newest - number > BUCKETS)
            return false;
        if (count_in(line, ring, bound, number, amount, &sum))
            break;
        if (atomic_load_explicit(&line->limit->spec, memory_order_acquire) != line->word) /* limit_set.c */
            return false;
    }
    drop_if_passed(line, number);
    /* The record's own count: of several records one finds that it was the one that began to exclude. */
    tell(line, ring, number, sum, true, false, standing);
    return true;
}

void tq__rolling_subtract(const struct tq__line *line, int64_t amount, int64_t now_ns)
{
    uint64_t number = number_of(line, now_ns), tag = tag_of(line, number), seen;
    struct tq__ring *ring = ring_of(line);
    _Atomic uint64_t *word;

    if (!ring)
        return;
    word = &ring->bucket[number % RING];
    seen = atomic_load_explicit(word, memory_order_relaxed);
    while (tq__tag_of(seen) == tag && (seen & TQ__METER_MAX) != TQ__METER_MAX) {
        uint64_t count = seen & TQ__METER_MAX, taken = (uint64_t)amount < count ? (uint64_t)amount : count;

        if (!atomic_compare_exchange_weak_explicit(word, &seen, seen - taken, memory_order_seq_cst,
                                                   memory_order_relaxed)) /* as in tq__limit_add */
            continue;
        drop_if_passed(line, number);
        return;
    }
}

void tq__rolling_stand(const struct tq__line *line, int64_t now_ns, bool use_reserve,
                       struct tq__standing *standing)
{
    struct tq__ring *ring = ring_of(line);
    uint64_t number = number_of(line, now_ns);

    if (ring)
        tell(line, ring, number, count_of(line, ring, number), false, use_reserve, standing);
}

void tq__rolling_clear(const struct tq__line *line)
{
    clear_ring(line);
    drop_carry(line, newest_of(line, load_bound(line)));
}
