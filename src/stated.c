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

/* A word of the line; 0 when it is of another limit. Acquire pairs with put and with the swaps below. */
static uint64_t get(const struct tq__line *line, const _Atomic uint64_t *word)
{
    uint64_t seen = atomic_load_explicit(word, memory_order_acquire);

    return tq__version_of(seen) == line->spec.version ? seen : 0;
}

/* Writes a word, unless another limit has the line by now. */
static void put(const struct tq__line *line, _Atomic uint64_t *word, uint64_t next)
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

static uint32_t share_of(uint64_t reading)
{
    return (uint32_t)(reading >> 39) & TQ__STATED_UNKNOWN;
}

static uint32_t flags_of(uint64_t reading)
{
    return (uint32_t)(reading >> 32) & 0x7f;
}

static bool has_room(uint64_t reading)
{
    return flags_of(reading) & TQ__READING_THERE && share_of(reading) < TQ__STATED_WHOLE;
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

/* ---- looking --------------------------------------------------------------------------------- */

bool tq__stated_reading(const struct tq__line *line, struct tq__stated *stated)
{
    uint64_t reading = get(line, &line->rest->reading), said = get(line, &line->rest->reading_said);

    if (reading == 0 || said == 0)
        return false;
    *stated = (struct tq__stated){
        .share = share_of(reading),
        .flags = flags_of(reading),
        .reset_s = (uint32_t)reading,
        .said_s = (uint32_t)said,
        .source = (uint32_t)(said >> 48) & 0xff,
        .profile = (uint32_t)(said >> 40) & 0xff,
        .limit = get(line, &line->rest->stated) << 8 >> 8,
    };
    return true;
}

uint64_t tq__stated_blocking(const struct tq__line *line, int64_t now_ns)
{
    uint64_t blocking =
        atomic_load_explicit(&line->limit->blocking, memory_order_acquire); /* the swaps below */

    /* It has no version: another limit may have the line, and the word, by now. */
    return blocking >> 32 != 0 && tq__refusal_end_ns(blocking) > now_ns && tq__line_is_same(line) ? blocking
                                                                                                  : 0;
}

static int64_t length_ns(const struct tq__line *line)
{
    return tq__spec_length_ns(&line->spec);
}

int64_t tq__stated_reset_ns(const struct tq__line *line, const struct tq__stated *stated)
{
    return stated->reset_s != 0 ? stated->reset_s * TQ__SECOND_NS
                                : stated->said_s * TQ__SECOND_NS + length_ns(line);
}

bool tq__stated_is_one(const struct tq__line *line, uint32_t a_s, uint32_t b_s)
{
    int64_t apart_ns = (a_s > b_s ? a_s - b_s : b_s - a_s) * TQ__SECOND_NS, half_ns = length_ns(line) / 2;
    int64_t least_ns = TQ__STATED_SAME_S * TQ__SECOND_NS;

    return apart_ns < (half_ns > least_ns ? half_ns : least_ns);
}

/* Does the user stop at the share of a reading? */
static bool stops_at(const struct tq__line *line, const struct tq__stated *stated, bool overage_stop,
                     bool use_reserve)
{
    uint64_t reserve = get(line, &line->limit->reserve) >> TQ__METER_BITS & 0xffff;

    if (stated->share == TQ__STATED_UNKNOWN || stated->flags & TQ__READING_LIFTED)
        return false;
    if (overage_stop && stated->share >= TQ__STATED_WHOLE && !(stated->flags & TQ__READING_OPEN))
        return true;
    return !use_reserve && line->spec.window == TQ_WINDOW_STATED && reserve > 0 &&
           stated->share + reserve >= TQ__STATED_WHOLE;
}

int64_t tq__stated_end(const struct tq__line *line, uint32_t which, bool overage_stop, bool use_reserve,
                       int64_t now_ns)
{
    int64_t end_ns = which & TQ__STATED_BLOCKS ? tq__refusal_end_ns(tq__stated_blocking(line, now_ns)) : 0;
    struct tq__stated stated;
    int64_t reset_ns;

    if (!(which & TQ__STATED_STOPS) || !tq__stated_reading(line, &stated) ||
        !stops_at(line, &stated, overage_stop, use_reserve))
        return end_ns;
    reset_ns = tq__stated_reset_ns(line, &stated);
    return reset_ns > now_ns && reset_ns > end_ns ? reset_ns : end_ns;
}

int64_t tq__stated_since(const struct tq__line *line)
{
    uint64_t then = get(line, &line->rest->counted_then) & TQ__METER_MAX;
    uint64_t count = get(line, &line->limit->count[0]) & TQ__METER_MAX;

    if (line->spec.window != TQ_WINDOW_STATED || get(line, &line->rest->reading) == 0)
        return 0;
    return (int64_t)(count >= then ? count - then : count); /* less: it was reset meanwhile */
}

int64_t tq__stated_out_ns(const struct tq__line *line)
{
    uint64_t earlier = get(line, &line->rest->earlier), earlier_said = get(line, &line->rest->earlier_said);
    struct tq__stated now;
    int64_t reset_ns, from_ns, said_ns, grew;
    tq__uint128 left; /* of a year and a share of 0.01 % it is more than 64 bits */
    uint32_t from = 0;

    if (!tq__stated_reading(line, &now) || now.share >= TQ__STATED_WHOLE)
        return 0;
    reset_ns = tq__stated_reset_ns(line, &now);
    said_ns = now.said_s * TQ__SECOND_NS;
    from_ns = reset_ns - length_ns(line); /* of the whole window, when nothing else is known */
    if (earlier != 0 && tq__stated_is_one(line, (uint32_t)earlier, now.reset_s) &&
        said_ns - (uint32_t)earlier_said * TQ__SECOND_NS >= length_ns(line) / 60) {
        from_ns = (uint32_t)earlier_said * TQ__SECOND_NS;
        from = share_of(earlier);
    }
    grew = (int64_t)now.share - from;
    if (grew <= 0 || said_ns <= from_ns || reset_ns <= said_ns)
        return 0;
    left = (tq__uint128)(uint64_t)(said_ns - from_ns) * (TQ__STATED_WHOLE - now.share) / (uint64_t)grew;
    return left < (uint64_t)(reset_ns - said_ns) ? said_ns + (int64_t)left : 0;
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

static bool is_overruled(const struct tq__line *line, uint32_t end_s)
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
        if (is_overruled(line, stated->reset_s) || !tq__line_is_same(line) ||
            (in_force && (is_end_of(seen, stated->reset_s) || is_older(line, seen, stated->said_s))))
            return false;
    } while (!swap_blocking(line, &seen,
                            blocking_pack(TQ_CLASS_EXHAUSTED, stated->said_s, stated->reset_s, false)));
    if (!in_force)
        put(line, &line->rest->doubt, version_word(line)); /* no reading of before */
    return true;
}

/* Lifts the block that was loaded, and no newer one. `overruled` first: D3. */
static bool lift(const struct tq__line *line, uint64_t *seen)
{
    put(line, &line->rest->overruled, *seen);
    return swap_blocking(line, seen, line->spec.version);
}

/* D2: sets the bit, while the block is the one that was loaded. */
static bool doubt(const struct tq__line *line, uint64_t seen, uint64_t reading)
{
    struct tq__refusal refusal = tq__refusal_unpack(seen);

    refusal.probing = true;
    if (!swap_blocking(line, &seen, tq__refusal_pack(&refusal)))
        return false;
    put(line, &line->rest->doubt, reading);
    return true;
}

/* A reading with room, said after the block. */
static bool contradict(const struct tq__line *line, uint64_t seen, uint64_t reading)
{
    uint64_t before = get(line, &line->rest->doubt);
    uint32_t later_s = end_s_of(seen) + TQ__STATED_SAME_S, reset_s = (uint32_t)reading;

    if (flags_of(before) & TQ__READING_THERE && share_of(reading) > share_of(before) && reset_s > later_s &&
        (uint32_t)before > later_s && tq__stated_is_one(line, (uint32_t)before, reset_s))
        return lift(line, &seen); /* use grew in a window that ends later */
    if (flags_of(before) & TQ__READING_THERE && share_of(before) == share_of(reading)) {
        if (reset_s > later_s && (uint32_t)before <= later_s)
            put(line, &line->rest->doubt, reading); /* use may grow from there */
        return false;
    }
    return doubt(line, seen, reading);
}

/* What a reading means for the block. */
static bool judge(const struct tq__line *line, const struct tq__stated *stated, uint64_t reading)
{
    uint64_t blocking = atomic_load_explicit(&line->limit->blocking, memory_order_acquire); /* the swaps */

    if (share_of(reading) == TQ__STATED_UNKNOWN)
        return false;
    if (!has_room(reading))
        return tq__stated_blocks(stated) && block_by_reading(line, stated);
    return is_in_force(blocking, stated->said_s) && blocking >> 32 < stated->said_s &&
           contradict(line, blocking, reading);
}

/* A refusal was said: what the newest reading means for it. Of one before it the share is known, and that it
 * tells of no growth, because the vendor refused since. */
static void settle_doubt(const struct tq__line *line, uint64_t blocking, bool is_new)
{
    uint64_t reading = get(line, &line->rest->reading), said = get(line, &line->rest->reading_said);
    uint64_t before = get(line, &line->rest->doubt);

    if (has_room(reading) && (uint32_t)said > blocking >> 32)
        doubt(line, blocking, reading);
    else
        put(line, &line->rest->doubt, is_new ? version_word(line) : before >> 32 << 32);
}

bool tq__stated_refuse(const struct tq__line *line, const struct tq__stated_refusal *refusal)
{
    uint64_t seen = atomic_load_explicit(&line->limit->blocking, memory_order_acquire), next; /* the swaps */
    uint64_t said = get(line, &line->rest->reading_said);
    bool sent_known = refusal->sent_at_ns > 0, in_force, doubted;

    if (refusal->end_s <= refusal->said_s ||
        (sent_known && refusal->sent_at_ns < refusal->marked_at_ns && is_overruled(line, refusal->end_s)))
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
    uint64_t said = get(line, &line->rest->reading_said);
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
    uint64_t reading = get(line, &line->rest->reading);

    if (reading == 0 || flags_of(reading) & TQ__READING_LIFTED)
        return false;
    put(line, &line->rest->reading, reading | (uint64_t)TQ__READING_LIFTED << 32);
    return true;
}

/* ---- a reading ------------------------------------------------------------------------------- */

/* Keeps an earlier reading of the window, no older than a quarter of it where there is a newer one. */
static void keep_earlier(const struct tq__line *line, uint64_t before, uint64_t before_said, uint64_t reading,
                         uint64_t said)
{
    uint64_t earlier = get(line, &line->rest->earlier), earlier_said = get(line, &line->rest->earlier_said);
    bool is_one = earlier != 0 && tq__stated_is_one(line, (uint32_t)earlier, (uint32_t)reading);

    if (is_one && ((uint32_t)said - (uint32_t)earlier_said) * TQ__SECOND_NS < length_ns(line) / 4)
        return;
    if (!is_one || before == 0 || !tq__stated_is_one(line, (uint32_t)before, (uint32_t)reading)) {
        before = reading;
        before_said = said;
    }
    put(line, &line->rest->earlier, before);
    put(line, &line->rest->earlier_said, before_said);
}

/* Is the word the one of before, said once more by somebody who does not know when the vendor said it? */
static bool is_repeated(const struct tq__stated *stated, uint64_t before, uint64_t reading)
{
    return stated->source == TQ_SOURCE_CALLER && (before & ~((uint64_t)TQ__READING_LIFTED << 32)) == reading;
}

/* Would the user stop at a reading, if overage=stop is set? */
static bool may_stop(const struct tq__line *line, uint64_t reading)
{
    const struct tq__stated stated = {.share = share_of(reading), .flags = flags_of(reading)};

    return reading != 0 && stops_at(line, &stated, true, false);
}

bool tq__stated_read(const struct tq__line *line, const struct tq__stated *stated)
{
    uint64_t before = get(line, &line->rest->reading), before_said = get(line, &line->rest->reading_said);
    uint64_t reading = reading_pack(line, stated);
    uint64_t said = version_word(line) | (uint64_t)stated->source << 48 | (uint64_t)stated->profile << 40 |
                    stated->said_s;

    if ((uint32_t)before_said > stated->said_s &&
        !tq__line_is_ahead(line, (uint32_t)before_said * TQ__SECOND_NS))
        return false; /* an older word */
    if (!is_repeated(stated, before, reading)) {
        if (flags_of(before) & TQ__READING_LIFTED && is_same_end((uint32_t)before, stated->reset_s))
            put(line, &line->rest->reading, reading | (uint64_t)TQ__READING_LIFTED << 32);
        else
            put(line, &line->rest->reading, reading);
        put(line, &line->rest->reading_said, said);
        put(line, &line->rest->counted_then,
            version_word(line) | (get(line, &line->limit->count[0]) & TQ__METER_MAX));
        if (stated->limit != 0)
            put(line, &line->rest->stated, version_word(line) | stated->limit);
        keep_earlier(line, before, before_said, reading, said);
    }
    return judge(line, stated, reading) ||
           (before != reading && (may_stop(line, before) || may_stop(line, reading)));
}

/* ---- names ----------------------------------------------------------------------------------- */

void tq__stated_name_words(const char *name, uint64_t version, uint64_t words[TQ__STATED_NAME_WORDS])
{
    for (uint32_t i = 0; i < TQ__STATED_NAME_WORDS; i++) {
        words[i] = version << 56;
        for (uint32_t k = 0; k < 7 && *name; k++)
            words[i] |= (uint64_t)(uint8_t)*name++ << 8 * k;
    }
}

void tq__stated_name(const struct tq__line *line, char name[TQ_WINDOW_NAME_MAX])
{
    const uint64_t words[TQ__STATED_NAME_WORDS] = {get(line, &line->limit->bound),
                                                   get(line, &line->limit->count[1]),
                                                   get(line, &line->rest->window_name)};
    size_t len = 0;

    /* Cut at a byte that is in no name: the file may hold anything. */
    for (uint32_t i = 0; line->spec.window == TQ_WINDOW_STATED && i < 7 * TQ__STATED_NAME_WORDS; i++) {
        char byte = (char)(words[i / 7] >> 8 * (i % 7));

        if (byte <= ' ' || byte > '~')
            break;
        name[len++] = byte;
    }
    name[len] = '\0';
}
