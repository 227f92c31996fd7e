/* stated.c: what becomes of a vendor's word about a window: kept, blocking, doubted, lifted.
 *
 * SPDX-License-Identifier: MIT
 */
#include "stated.h"

/* ---- words ----------------------------------------------------------------------------------- */

static uint64_t version_word(const struct tq__line *line)
{
    return (uint64_t)line->spec.version << 56;
}

/* Writes a word, unless another limit has the line by now. */
static void put_word(const struct tq__line *line, _Atomic uint64_t *word, uint64_t next)
{
    uint64_t seen = atomic_load_explicit(word, memory_order_acquire);

    while (
        seen != next && tq__line_is_same(line) &&
        !atomic_compare_exchange_weak_explicit(word, &seen, next, memory_order_acq_rel, memory_order_acquire))
        ;
}

static uint64_t reading_pack(const struct tq__line *line, const struct tq__stated *stated)
{
    return version_word(line) | (uint64_t)stated->share << 39 |
           (uint64_t)(stated->flags | TQ__READING_THERE) << 32 | stated->reset_s;
}

static bool reads_room(uint64_t reading)
{
    return tq__reading_flags(reading) & TQ__READING_THERE && tq__reading_share(reading) < TQ__STATED_WHOLE;
}

static uint32_t end_s_of(uint64_t blocking)
{
    return (uint32_t)(tq__refusal_end_ns(blocking) / TQ__SECOND_NS);
}

/* Are two ends one? */
static bool is_same_end(uint32_t a_s, uint32_t b_s)
{
    return (a_s > b_s ? a_s - b_s : b_s - a_s) <= TQ__STATED_SAME_S;
}

/* Is an end that of a word that blocks? All that are further away than a word can say are one. */
static bool is_end_of(uint64_t blocking, uint32_t end_s)
{
    bool is_cut = tq__refusal_unpack(blocking).length_s == TQ__REFUSAL_LENGTH_MAX;

    return is_same_end(end_s_of(blocking), end_s) || (is_cut && end_s > end_s_of(blocking));
}

static bool is_in_force(uint64_t blocking, uint32_t now_s)
{
    return blocking >> 32 != 0 && end_s_of(blocking) > now_s;
}

/* ---- a block --------------------------------------------------------------------------------- */

/* Swaps the word that blocks, from the one that was loaded. Sequentially consistent: verdicts look at it
 * after events. */
static bool swap_blocking(const struct tq__line *line, uint64_t *seen, uint64_t next)
{
    return tq__line_is_same(line) &&
           atomic_compare_exchange_strong_explicit(&line->limit->blocking, seen, next, memory_order_seq_cst,
                                                   memory_order_acquire);
}

static uint64_t blocking_pack(uint32_t class, uint32_t said_s, uint32_t end_s, bool doubted)
{
    const struct tq__refusal refusal = {
        .at_s = said_s,
        .length_s = end_s - said_s < TQ__REFUSAL_LENGTH_MAX ? end_s - said_s : TQ__REFUSAL_LENGTH_MAX,
        .refusal = class,
        .probing = doubted};

    return tq__refusal_pack(&refusal);
}

/* Is a word that was said earlier than the one in force no newer one? A wrong clock may have said that one.
 */
static bool is_older(const struct tq__line *line, uint64_t blocking, uint32_t said_s)
{
    return blocking >> 32 > said_s && !tq__line_is_ahead(line, tq__refusal_at_ns(blocking));
}

static bool is_line_overruled(const struct tq__line *line, uint32_t end_s)
{
    uint64_t overruled = atomic_load_explicit(&line->rest->overruled, memory_order_acquire); /* lift's put */

    return overruled >> 32 != 0 && is_end_of(overruled, end_s);
}

/* D1: a reading of 100 %. */
static bool block_by_reading(const struct tq__line *line, const struct tq__stated *stated)
{
    uint64_t seen = atomic_load_explicit(&line->limit->blocking, memory_order_acquire); /* the swaps */
    bool in_force;

    do {
        in_force = is_in_force(seen, stated->said_s);
        if (is_line_overruled(line, stated->reset_s) || !tq__line_is_same(line) ||
            (in_force && (is_end_of(seen, stated->reset_s) || is_older(line, seen, stated->said_s))))
            return false;
    } while (!swap_blocking(line, &seen,
                            blocking_pack(TQ_CLASS_EXHAUSTED, stated->said_s, stated->reset_s, false)));
    if (!in_force)
        put_word(line, &line->rest->doubt, version_word(line)); /* no reading of before */
    return true;
}

/* Lifts the block that was loaded, and no newer one. `overruled` first: D3. */
static bool lift(const struct tq__line *line, uint64_t *seen)
{
    put_word(line, &line->rest->overruled, *seen);
    return swap_blocking(line, seen, line->spec.version);
}

/* D2: sets the bit, while the block is the one that was loaded. */
static bool doubt(const struct tq__line *line, uint64_t seen, uint64_t reading)
{
    struct tq__refusal refusal = tq__refusal_unpack(seen);

    refusal.probing = true;
    if (!swap_blocking(line, &seen, tq__refusal_pack(&refusal)))
        return false;
    put_word(line, &line->rest->doubt, reading);
    return true;
}

/* A reading with room, said after the block. */
static bool contradict(const struct tq__line *line, uint64_t seen, uint64_t reading)
{
    uint64_t before = tq__stated_get(line, &line->rest->doubt);
    uint32_t later_s = end_s_of(seen) + TQ__STATED_SAME_S, reset_s = (uint32_t)reading;

    if (tq__reading_flags(before) & TQ__READING_THERE &&
        tq__reading_share(reading) > tq__reading_share(before) && reset_s > later_s &&
        (uint32_t)before > later_s && tq__stated_is_one(line, (uint32_t)before, reset_s))
        return lift(line, &seen); /* use grew in a window that ends later */
    if (tq__reading_flags(before) & TQ__READING_THERE &&
        tq__reading_share(before) == tq__reading_share(reading)) {
        if (reset_s > later_s && (uint32_t)before <= later_s)
            put_word(line, &line->rest->doubt, reading); /* use may grow from there */
        return false;
    }
    return doubt(line, seen, reading);
}

/* What a reading means for the block. */
static bool judge_reading(const struct tq__line *line, const struct tq__stated *stated, uint64_t reading)
{
    uint64_t blocking = atomic_load_explicit(&line->limit->blocking, memory_order_acquire); /* the swaps */

    if (tq__reading_share(reading) == TQ__STATED_UNKNOWN)
        return false;
    if (!reads_room(reading))
        return tq__stated_blocks(stated) && block_by_reading(line, stated);
    return is_in_force(blocking, stated->said_s) && blocking >> 32 < stated->said_s &&
           contradict(line, blocking, reading);
}

/* A refusal was said: what the newest reading means for it. Of one before it the share is known, and that it
 * tells of no growth, because the vendor refused since. */
static void settle_doubt(const struct tq__line *line, uint64_t blocking, bool is_new)
{
    uint64_t reading = tq__stated_get(line, &line->rest->reading),
             said = tq__stated_get(line, &line->rest->reading_said);
    uint64_t before = tq__stated_get(line, &line->rest->doubt);

    if (reads_room(reading) && (uint32_t)said > blocking >> 32)
        doubt(line, blocking, reading);
    else
        put_word(line, &line->rest->doubt, is_new ? version_word(line) : before >> 32 << 32);
}

bool tq__stated_refuse(const struct tq__line *line, const struct tq__stated_refusal *refusal)
{
    uint64_t seen = atomic_load_explicit(&line->limit->blocking, memory_order_acquire), next; /* the swaps */
    uint64_t said = tq__stated_get(line, &line->rest->reading_said);
    bool sent_known = refusal->sent_at_ns > 0, in_force, doubted;

    if (refusal->end_s <= refusal->said_s || (sent_known && refusal->sent_at_ns < refusal->marked_at_ns &&
                                              is_line_overruled(line, refusal->end_s)))
        return false;
    do {
        in_force = is_in_force(seen, refusal->said_s);
        if ((in_force && is_older(line, seen, refusal->said_s)) || !tq__line_is_same(line))
            return false;
        /* A request that was sent before the reading came does not answer it. */
        doubted = in_force && tq__stated_is_doubted(seen) && sent_known &&
                  refusal->sent_at_ns <= ((uint32_t)said - 1) * TQ__SECOND_NS; /* it was rounded up */
        next = blocking_pack(refusal->class, refusal->said_s, refusal->end_s, doubted);
    } while (!swap_blocking(line, &seen, next));
    settle_doubt(line, next, !in_force);
    return true;
}

void tq__stated_answer(const struct tq__line *line, int64_t sent_at_ns)
{
    uint64_t seen = atomic_load_explicit(&line->limit->blocking, memory_order_acquire); /* the swaps */
    uint64_t said = tq__stated_get(line, &line->rest->reading_said);
    struct tq__refusal refusal = tq__refusal_unpack(seen);

    if (seen >> 32 == 0 || !refusal.probing ||
        (sent_at_ns > 0 && sent_at_ns <= ((uint32_t)said - 1) * TQ__SECOND_NS))
        return;
    refusal.probing = false;
    swap_blocking(line, &seen, tq__refusal_pack(&refusal));
}

bool tq__stated_lift(const struct tq__line *line, int64_t sent_at_ns, int64_t now_ns)
{
    uint64_t seen = atomic_load_explicit(&line->limit->blocking, memory_order_acquire); /* the swaps */

    while (seen >> 32 != 0 && sent_at_ns >= tq__refusal_at_ns(seen) && tq__line_is_same(line)) {
        /* One that has ended takes no other from memory. */
        bool in_force = tq__refusal_end_ns(seen) > now_ns;

        if (in_force ? lift(line, &seen) : swap_blocking(line, &seen, line->spec.version))
            return in_force;
    }
    return false;
}

bool tq__stated_lift_stops(const struct tq__line *line)
{
    uint64_t reading = tq__stated_get(line, &line->rest->reading);

    if (reading == 0 || tq__reading_flags(reading) & TQ__READING_LIFTED)
        return false;
    put_word(line, &line->rest->reading, reading | (uint64_t)TQ__READING_LIFTED << 32);
    return true;
}

/* ---- a reading ------------------------------------------------------------------------------- */

/* Keeps an earlier reading of the window, no older than a quarter of it where there is a newer one. */
static void keep_earlier(const struct tq__line *line, uint64_t before, uint64_t before_said, uint64_t reading,
                         uint64_t said)
{
    uint64_t earlier = tq__stated_get(line, &line->rest->earlier),
             earlier_said = tq__stated_get(line, &line->rest->earlier_said);
    bool is_one = earlier != 0 && tq__stated_is_one(line, (uint32_t)earlier, (uint32_t)reading);

    if (is_one &&
        ((uint32_t)said - (uint32_t)earlier_said) * TQ__SECOND_NS < tq__spec_length_ns(&line->spec) / 4)
        return;
    if (!is_one || before == 0 || !tq__stated_is_one(line, (uint32_t)before, (uint32_t)reading)) {
        before = reading;
        before_said = said;
    }
    put_word(line, &line->rest->earlier, before);
    put_word(line, &line->rest->earlier_said, before_said);
}

/* Is the word the one of before, said once more by somebody who does not know when the vendor said it? */
static bool is_repeated(const struct tq__stated *stated, uint64_t before, uint64_t reading)
{
    return stated->source == TQ_SOURCE_CALLER && (before & ~((uint64_t)TQ__READING_LIFTED << 32)) == reading;
}

/* Would the user stop at a reading, if overage=stop is set? */
static bool may_stop(const struct tq__line *line, uint64_t reading)
{
    const struct tq__stated stated = {.share = tq__reading_share(reading),
                                      .flags = tq__reading_flags(reading)};

    return reading != 0 && tq__stated_stops_at(line, &stated, true, false);
}

bool tq__stated_read(const struct tq__line *line, const struct tq__stated *stated)
{
    uint64_t before = tq__stated_get(line, &line->rest->reading),
             before_said = tq__stated_get(line, &line->rest->reading_said);
    uint64_t reading = reading_pack(line, stated);
    uint64_t said = version_word(line) | (uint64_t)stated->source << 48 | (uint64_t)stated->profile << 40 |
                    stated->said_s;

    if ((uint32_t)before_said > stated->said_s &&
        !tq__line_is_ahead(line, (uint32_t)before_said * TQ__SECOND_NS))
        return false; /* an older word */
    if (!is_repeated(stated, before, reading)) {
        if (tq__reading_flags(before) & TQ__READING_LIFTED && is_same_end((uint32_t)before, stated->reset_s))
            put_word(line, &line->rest->reading, reading | (uint64_t)TQ__READING_LIFTED << 32);
        else
            put_word(line, &line->rest->reading, reading);
        put_word(line, &line->rest->reading_said, said);
        put_word(line, &line->rest->counted_then,
                 version_word(line) | (tq__stated_get(line, &line->limit->count[0]) & TQ__METER_MAX));
        if (stated->limit != 0)
            put_word(line, &line->rest->stated, version_word(line) | stated->limit);
        keep_earlier(line, before, before_said, reading, said);
    }
    return judge_reading(line, stated, reading) ||
           (before != reading && (may_stop(line, before) || may_stop(line, reading)));
}
