/* rolling.c: counting in the last length of time. rolling.h says why in this order.
 *
 * SPDX-License-Identifier: MIT
 */
#include "rolling.h"

#include "base/pace.h"
#include "shared.h"

#define BUCKETS TQ__ROLLING_BUCKETS
#define NEWEST_PART (BUCKETS / 4) /* buckets whose pace is taken for that of now */
#define RING TQ__RING_WORDS
#define NUMBER_MASK ((UINT64_C(1) << 56) - 1)
#define TAGS_FAR (UINT64_C(1) << 21) /* buckets; tags come round after four times as many */
#define SERIAL_BITS 24
#define SERIAL_MASK ((UINT64_C(1) << SERIAL_BITS) - 1)

/* ---- words ----------------------------------------------------------------------------------- */

static uint64_t bucket_ns(const struct tq__line *line)
{
    return line->spec.length * (uint64_t)(TQ__MINUTE_NS / BUCKETS);
}

static uint64_t bucket_of(const struct tq__line *line, int64_t now_ns)
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

TQ__HOT uint64_t tag_of(const struct tq__line *line, uint64_t number)
{
    return (uint64_t)line->spec.version << 16 | ((number / RING) & 0xffff);
}

/* The newest bucket; 0: there is none of this version. */
TQ__HOT uint64_t newest_of(const struct tq__line *line, uint64_t bound)
{
    return tq__version_of(bound) == line->spec.version ? bound & NUMBER_MASK : 0;
}

TQ__HOT uint64_t load_bound(const struct tq__line *line)
{
    /* Acquire pairs with the swap in raise: B1. */
    return atomic_load_explicit(&line->limit->bound, memory_order_acquire);
}

/* What is counted in a bucket. */
static uint64_t count_of(const struct tq__line *line, struct tq__ring *ring, uint64_t number)
{
    /* Sequentially consistent for B2: it comes after the swap of the base. */
    uint64_t word = atomic_load_explicit(&ring->bucket[number % RING], memory_order_seq_cst);

    return tq__tag_of(word) == tag_of(line, number) ? word & TQ__METER_MAX : 0;
}

/* ---- sums ------------------------------------------------------------------------------------ */

static uint64_t next_serial(uint64_t base)
{
    return (base & ~SERIAL_MASK) | ((base + 1) & SERIAL_MASK);
}

/* The tag of a sum that was made under a base: version and the lower half of its serial. */
TQ__HOT uint64_t carry_tag(uint64_t base)
{
    return base >> 56 << 16 | (base & 0xffff);
}

/* The buckets from one number to before another, which have one tag. A word with the tag, less the tag, is
 * its count; any other is more than a count can be. The sum of all buckets fits 64 bits. */
static uint64_t sum_buckets(const struct tq__line *line, struct tq__ring *ring, uint64_t from, uint64_t to)
{
    uint64_t base = tag_of(line, from) << TQ__METER_BITS, sum = 0;
    _Atomic uint64_t *word = &ring->bucket[from % RING];

    for (uint64_t left = to - from; left > 0; left--, word++) {
        /* Sequentially consistent as in count_of. */
        uint64_t count = atomic_load_explicit(word, memory_order_seq_cst) - base;

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
    return tq__meter_sum(sum_buckets(line, ring, from, turn) + sum_buckets(line, ring, turn, number), 0);
}

/* The same for the newest bucket, when there is no carry of it. Keeps it there when `keep` is set. */
static __attribute__((noinline)) uint64_t carry_anew(const struct tq__line *line, struct tq__ring *ring,
                                                     uint64_t number, uint64_t base, uint64_t carry,
                                                     bool keep)
{
    uint64_t wanted = (uint64_t)line->spec.version << 32 | (uint32_t)number, sum;

    keep = keep && tq__line_is_same(line);
    if (keep && base >> SERIAL_BITS != wanted) {
        uint64_t next = next_serial(wanted << SERIAL_BITS | (base & SERIAL_MASK));

        keep = atomic_compare_exchange_strong_explicit(&line->limit->count[1], &base, next,
                                                       memory_order_seq_cst, memory_order_relaxed);
        base = next;
    }
    sum = sum_before(line, ring, number);
    if (keep)
        atomic_compare_exchange_strong_explicit(&line->limit->count[0], &carry,
                                                carry_tag(base) << TQ__METER_BITS | sum, memory_order_seq_cst,
                                                memory_order_relaxed);
    return sum;
}

/* The same for the newest bucket, from the carry when it has that. */
TQ__HOT uint64_t carried(const struct tq__line *line, struct tq__ring *ring, uint64_t number, bool keep)
{
    /* Acquire pairs with the swaps of carry_anew. The base comes before the carry and the buckets: B2. */
    uint64_t base = atomic_load_explicit(&line->limit->count[1], memory_order_acquire);
    uint64_t carry = atomic_load_explicit(&line->limit->count[0], memory_order_acquire);

    if (base >> SERIAL_BITS == ((uint64_t)line->spec.version << 32 | (uint32_t)number) &&
        tq__tag_of(carry) == carry_tag(base))
        return carry & TQ__METER_MAX;
    return carry_anew(line, ring, number, base, carry, keep);
}

/* B2: makes a carry void, and every one that is being summed. */
static __attribute__((noinline)) void drop_carry(const struct tq__line *line)
{
    /* Sequentially consistent: it comes after the swap of the bucket. */
    uint64_t base = atomic_load_explicit(&line->limit->count[1], memory_order_seq_cst);

    while (tq__version_of(base) == line->spec.version &&
           !atomic_compare_exchange_weak_explicit(&line->limit->count[1], &base, next_serial(base),
                                                  memory_order_seq_cst, memory_order_seq_cst))
        ;
}

/* The same after a bucket changed, when that is not the newest by now. */
TQ__HOT void drop_carry_after(const struct tq__line *line, uint64_t number)
{
    /* Sequentially consistent with raise: who raises after this load sums after the change. */
    uint64_t bound = atomic_load_explicit(&line->limit->bound, memory_order_seq_cst);

    if (number != newest_of(line, bound))
        drop_carry(line);
}

/* ---- the newest bucket ----------------------------------------------------------------------- */

/* Makes the buckets 0 that the newest one passes on its way to `number`, as clear_counts of counted.c does: a
 * tag of long ago could be one of now. False: the newest bucket is another by now. */
static bool clear_passed(const struct tq__line *line, uint64_t bound, uint64_t number)
{
    uint64_t newest = newest_of(line, bound), first = number - newest < RING ? newest + 1 : number - RING + 1;
    struct tq__ring *ring = ring_of(line);

    for (uint64_t i = first; ring && newest != 0 && i <= number; i++) {
        _Atomic uint64_t *word = &ring->bucket[i % RING];
        uint64_t seen = atomic_load_explicit(word, memory_order_acquire); /* B1 */

        while (tq__version_of(seen) == line->spec.version && tq__tag_of(seen) != tag_of(line, i)) {
            if (load_bound(line) != bound)
                return false;
            if (atomic_compare_exchange_strong_explicit(word, &seen, 0, memory_order_seq_cst,
                                                        memory_order_acquire))
                break;
        }
    }
    return true;
}

static bool lower(const struct tq__line *line, uint64_t seen, uint64_t number)
{
    return atomic_compare_exchange_strong_explicit(&line->limit->bound, &seen,
                                                   (uint64_t)line->spec.version << 56 | number,
                                                   memory_order_seq_cst, memory_order_relaxed);
}

static bool raise(const struct tq__line *line, uint64_t seen, uint64_t number)
{
    return tq__line_is_same(line) && clear_passed(line, seen, number) && lower(line, seen, number);
}

uint64_t tq__rolling_number(const struct tq__line *line, int64_t now_ns)
{
    return bucket_of(line, now_ns);
}

int64_t tq__rolling_begin_ns(const struct tq__line *line, uint64_t number)
{
    return tq__instant_of(number, (int64_t)bucket_ns(line));
}

uint64_t tq__rolling_bucket(const struct tq__line *line, uint64_t number)
{
    struct tq__ring *ring = ring_of(line);

    return ring ? count_of(line, ring, number) : 0;
}

bool tq__rolling_ready(const struct tq__line *line, int64_t now_ns)
{
    return newest_of(line, load_bound(line)) == bucket_of(line, now_ns);
}

/* Makes buckets void that are later than a number: else they would be there when their time comes. Where
 * `newest` is so far ahead that tags do not tell later from earlier, all are. */
static void void_later_buckets(const struct tq__line *line, uint64_t number, uint64_t newest)
{
    struct tq__ring *ring = ring_of(line);
    bool all = newest - number > TAGS_FAR;

    for (uint32_t i = 0; ring && i < RING; i++) {
        uint64_t seen = atomic_load_explicit(&ring->bucket[i], memory_order_acquire);

        while (tq__version_of(seen) == line->spec.version &&
               (all ||
                (int32_t)(((uint32_t)(tq__tag_of(seen) & 0xffff) * RING + i - (uint32_t)number) << 9) > 0) &&
               !atomic_compare_exchange_weak_explicit(&ring->bucket[i], &seen, 0, memory_order_seq_cst,
                                                      memory_order_acquire))
            ;
    }
}

/* A newest bucket further ahead of the clock than the limit is taken back to the clock's. Later buckets are
 * made void before and after, as in take_back of counted.c. */
void tq__rolling_settle(const struct tq__line *line, int64_t now_ns)
{
    uint64_t number = bucket_of(line, now_ns);

    while (tq__line_is_same(line)) {
        uint64_t bound = load_bound(line), newest = newest_of(line, bound);
        struct tq__clock clock;

        if (newest == number || (newest < number && raise(line, bound, number)))
            return;
        if (newest < number)
            continue;
        clock = tq__clock_read(line->ledger);
        if (newest <= bucket_of(line, clock.last_ns))
            return; /* the record is late */
        tq__line_note_taken(line, tq__instant_after(clock.last_ns, line->spec.length * TQ__MINUTE_NS));
        void_later_buckets(line, bucket_of(line, clock.now_ns), newest);
        if (lower(line, bound, bucket_of(line, clock.now_ns))) {
            void_later_buckets(line, bucket_of(line, clock.now_ns), newest);
            drop_carry(line);
        }
    }
}

/* ---- counting -------------------------------------------------------------------------------- */

/* Is the count that a bucket is in the way of one of a later bucket whose time has come (M4 of limit.h)? */
static bool is_later(const struct tq__line *line, uint64_t word, uint64_t number)
{
    uint64_t tag = tag_of(line, number);
    int16_t apart = (int16_t)(tq__tag_of(word) - tag);

    return tq__tag_is_later(word, tag) &&
           !tq__line_is_ahead(line, (int64_t)((number + (uint64_t)apart * RING) * bucket_ns(line)));
}

enum counted { COUNTED, AGAIN, LATE };

static enum counted count_in(const struct tq__line *line, struct tq__ring *ring, uint64_t bound,
                             uint64_t number, int64_t amount, uint64_t *sum)
{
    _Atomic uint64_t *word = &ring->bucket[number % RING];
    uint64_t seen = atomic_load_explicit(word, memory_order_acquire), tag = tag_of(line, number);

    do {
        if (tq__tag_of(seen) != tag && (load_bound(line) != bound || !tq__line_is_same(line)))
            return AGAIN;
        if (tq__tag_of(seen) != tag && is_later(line, seen, number))
            return LATE;
        *sum = tq__meter_sum(tq__tag_of(seen) == tag ? seen & TQ__METER_MAX : 0, amount);
        /* Sequentially consistent as in tq__limit_add. */
    } while (!atomic_compare_exchange_weak_explicit(word, &seen, tag << TQ__METER_BITS | *sum,
                                                    memory_order_seq_cst, memory_order_acquire));
    return COUNTED;
}

/* When the sum falls below `room`: each bucket that comes drops the one that is then 101 behind. Buckets up
 * to the newest are there already, when `number` is of a late record. */
static int64_t until(const struct tq__line *line, struct tq__ring *ring, uint64_t number, uint64_t newest,
                     uint64_t room)
{
    uint64_t last = number + BUCKETS + 1, sum = 0;

    if (newest > number)
        last += newest - number < RING ? newest - number : RING;
    for (uint64_t i = 0; i <= BUCKETS && i <= number; i++)
        sum += count_of(line, ring, number - i); /* not saturated: a full bucket may drop out */
    while (sum >= room && number < last) {
        uint64_t dropped = number >= BUCKETS ? count_of(line, ring, number - BUCKETS) : 0;

        number++;
        sum -= dropped < sum ? dropped : sum;
        sum += number <= newest ? count_of(line, ring, number) : 0;
    }
    return tq__instant_of(number, (int64_t)bucket_ns(line));
}

/* Fills the standing at a bucket with `count` in it; others may be newer. `keep`: the carry may be changed.
 */
static void tell_rolling(const struct tq__line *line, struct tq__ring *ring, uint64_t number, uint64_t count,
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
    standing->start_ns = tq__instant_of(number > BUCKETS ? number - BUCKETS : 0, (int64_t)bucket_ns(line));
    standing->end_ns = tq__instant_of(number + 1, (int64_t)bucket_ns(line));
    if (standing->used >= room)
        standing->until_ns = room > 0 ? until(line, ring, number, newest, (uint64_t)room) : INT64_MAX;
}

/* A record was admitted, and its bucket is not kept by now. True: look again. False: the record is late. */
static bool settle_bucket_again(const struct tq__line *line, uint64_t number, uint64_t newest, int64_t now_ns)
{
    if (number <= newest && !tq__line_is_ahead(line, tq__instant_of(newest, (int64_t)bucket_ns(line))))
        return false;
    tq__rolling_settle(line, now_ns);
    return true;
}

bool tq__rolling_count(struct tq_ledger *ledger, struct tq__limit *limit, uint64_t spec, int64_t now_ns,
                       int64_t amount, uint64_t *used)
{
    struct tq__line line;
    struct tq__ring *ring;
    uint64_t number, sum, link = atomic_load_explicit(&limit->ring, memory_order_relaxed);

    if (link == 0 || link > TQ__SLOTS_MAX || !tq__rolling_is_newest(limit, spec, now_ns, &number))
        return false;
    line.ledger = ledger;
    line.limit = limit;
    line.word = spec;
    line.spec.version = (uint32_t)tq__version_of(spec);
    ring = tq__array_at(&ledger->rings, (uint32_t)link - 1);
    if (!ring)
        return false; /* not mapped yet: ring_of does it */
    if (!tq__meter_add_quickly(&ring->bucket[number % RING], tag_of(&line, number) << TQ__METER_BITS, amount,
                               &sum))
        return false;
    drop_carry_after(&line, number);
    *used =
        (uint64_t)tq__meter_used(tq__meter_sum(carried(&line, ring, number, true), (int64_t)sum)); /* B2 */
    return true;
}

bool tq__rolling_add(const struct tq__line *line, int64_t amount, int64_t now_ns,
                     struct tq__standing *standing)
{
    struct tq__ring *ring = ring_of(line);
    uint64_t number = bucket_of(line, now_ns), sum = 0;
    enum counted counted = AGAIN;

    if (!ring)
        return false;
    while (counted == AGAIN) {
        uint64_t bound = load_bound(line), newest = newest_of(line, bound);

        if (!tq__line_is_same(line))
            return false;
        if (number <= newest && newest - number <= BUCKETS)
            counted = count_in(line, ring, bound, number, amount, &sum);
        else if (!settle_bucket_again(line, number, newest, now_ns))
            return false;
    }
    if (counted == LATE)
        return false;
    drop_carry_after(line, number);
    /* The record's own count: of several records one finds that it was the one that began to exclude. */
    tell_rolling(line, ring, number, sum, true, false, standing);
    return true;
}

void tq__rolling_subtract(const struct tq__line *line, int64_t amount, int64_t now_ns)
{
    uint64_t number = bucket_of(line, now_ns), tag = tag_of(line, number), seen;
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
        drop_carry_after(line, number);
        tq__corrected_note(line, number, taken);
        return;
    }
}

void tq__rolling_stand(const struct tq__line *line, int64_t now_ns, bool use_reserve,
                       struct tq__standing *standing)
{
    uint64_t number = bucket_of(line, now_ns);
    struct tq__ring *ring = ring_of(line);

    if (ring)
        tell_rolling(line, ring, number, count_of(line, ring, number), false, use_reserve, standing);
}

/* Looks at one bucket after the other that comes: in each the sum grows, and where one ends another falls
 * out. Times are ahead of now_ns. */
int64_t tq__rolling_out_ns(const struct tq__line *line, int64_t room, int64_t now_ns)
{
    const uint64_t number = bucket_of(line, now_ns), span_ns = bucket_ns(line), length_ns = BUCKETS * span_ns;
    const uint64_t gone_ns = (uint64_t)now_ns - number * span_ns,
                   took_ns = (NEWEST_PART - 1) * span_ns + gone_ns;
    struct tq__ring *ring = ring_of(line);
    uint64_t sum = 0, took = 0; /* 101 counts fit 64 bits */

    if (!ring || room <= 0 || length_ns < TQ__PACE_LEAST_NS || number < BUCKETS)
        return TQ__PACE_UNKNOWN;
    for (uint64_t i = 0; i <= BUCKETS; i++) {
        uint64_t count = count_of(line, ring, number - i);

        sum += count;
        took += i < NEWEST_PART ? count : 0;
    }
    if (sum >= (uint64_t)room || (took == sum && sum > 0))
        return TQ__PACE_UNKNOWN;
    for (uint64_t i = 0; took > 0 && i <= BUCKETS; i++) {
        uint64_t end_ns = (i + 1) * span_ns - gone_ns, falls = count_of(line, ring, number - BUCKETS + i);
        tq__uint128 needed = (tq__uint128)((uint64_t)room - sum) * took_ns;

        if (end_ns > length_ns)
            end_ns = length_ns;
        if (needed < (tq__uint128)took * end_ns)
            return tq__instant_after(now_ns, (int64_t)(needed / took));
        sum -= falls < sum ? falls : sum; /* another thread may count meanwhile */
    }
    return TQ__PACE_LASTS;
}

void tq__rolling_clear(const struct tq__line *line)
{
    struct tq__ring *ring = ring_of(line);

    uint64_t newest = newest_of(line, load_bound(line)), taken = 0;

    for (uint32_t i = 0; ring && i < RING; i++) {
        uint64_t dropped = tq__limit_drop(&ring->bucket[i], line->spec.version);

        if (newest != 0 && i == newest % RING && tq__tag_of(dropped) == tag_of(line, newest))
            taken = dropped & TQ__METER_MAX;
    }
    drop_carry(line);
    tq__corrected_note(line, newest, taken);
}
