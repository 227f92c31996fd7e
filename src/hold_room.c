/* hold_room.c: is what is counted and held together more than a budget or a limit has?
 *
 * SPDX-License-Identifier: MIT
 *
 * A count is that of the window which holds the instant of the call, or of the newest window when that has
 * more: a caller whose clock was read just before a window turned must not use the room of the one after it.
 */
#include "hold_room.h"

#include "rule.h"
#include "shared.h"

uint32_t tq__room_units(struct tq__limits *limits, uint32_t known, bool *begins)
{
    uint32_t units = 1u << TQ_UNIT_TOKENS;
    uint32_t lines = tq__limits_lines(limits, 0);

    *begins = false;
    for (uint32_t i = 0; i < lines; i++) {
        /* Relaxed: TQ__ROOM_UNIT is for what comes later. */
        uint64_t spec = atomic_load_explicit(&limits->line[i].spec, memory_order_relaxed);

        if (tq__spec_window(spec) != 0)
            units |= 1u << tq__spec_unit(spec) % TQ__UNITS;
        *begins |= tq__spec_window(spec) == TQ_WINDOW_FIRST_USE;
    }
    return units & known & ~1u;
}

/* The sums of holds, each made once, before the counts that it is added to. */
struct sums {
    const struct tq__room_asked *asked;
    uint32_t made;
    bool is_last;
    uint32_t sharing; /* loaded after the own hold was published: K2 of shared.h */
    int64_t of[TQ__UNITS];
};

/* Are `used` and what is held too much? others: what is held but by the caller. */
TQ__HOT int weigh_sum(struct sums *sums, int64_t used, struct tq__terms terms, int64_t others, int64_t own)
{
    int64_t most = sums->asked->use_reserve ? terms.amount : terms.room;

    if (used > most - own)
        return TQ__ROOM_USED;
    if (others > most - own - used)
        return TQ__ROOM_HELD;
    if (others >= terms.room - own - used)
        sums->is_last = true;
    return TQ__ROOM_FITS;
}

/* What others hold in a unit, and the own amount: of an unknown one a single unit. */
TQ__HOT void sums_of(struct sums *sums, uint32_t unit, int64_t *others, int64_t *own)
{
    const struct tq__room_asked *asked = sums->asked;
    int64_t written = asked->is_published && asked->written >> unit & 1 ? asked->of[unit] : 0;

    if (!(sums->made >> unit & 1)) {
        sums->made |= 1u << unit;
        sums->of[unit] = tq__hold_amount(asked->ledger, asked->limits, unit);
    }
    /* Past its lease the own hold may not be in the sum: then it is lost (hold_take.c), whatever is said
     * here. */
    *others = sums->of[unit] > written ? sums->of[unit] - written : 0;
    *own = asked->known >> unit & 1 ? asked->of[unit] : 1;
}

/* The count of the newest window, when that begins after the call; else that of the call. */
static int64_t used_in(const struct tq__room_asked *asked, const struct tq__line *line,
                       struct tq__terms *terms)
{
    int64_t newest_ns = tq__line_newest_ns(line), used;
    struct tq__standing standing;

    tq__line_stand(line, asked->now_ns, asked->use_reserve, &standing);
    used = standing.used;
    *terms = standing.terms;
    if (newest_ns > asked->now_ns) {
        tq__line_stand(line, newest_ns, asked->use_reserve, &standing);
        if (standing.used > used)
            used = standing.used;
    }
    return used;
}

static __attribute__((noinline)) int weigh_line(struct sums *sums, uint32_t i, uint64_t spec)
{
    const struct tq__room_asked *asked = sums->asked;
    int64_t others, own, used;
    struct tq__terms terms;
    struct tq__line line;

    if (!tq__line_open(&line, asked->ledger, asked->limits, i) || line.word != spec)
        return TQ__ROOM_UNIT; /* it is another limit by now: once more */
    sums_of(sums, line.spec.unit, &others, &own);
    used = used_in(asked, &line, &terms);
    return terms.amount == 0 ? TQ__ROOM_FITS : weigh_sum(sums, used, terms, others, own);
}

TQ__HOT uint64_t withheld_of(const struct sums *sums, uint32_t i, uint64_t tag)
{
    return tq__withheld_quickly(sums->asked->ledger, sums->asked->limits, i, tag, sums->sharing,
                                sums->asked->now_ns);
}

/* The same in fewer steps, for a limit whose window holds the quarter hour. -1: it is for weigh_line. */
static __attribute__((noinline)) int weigh_quickly(struct sums *sums, uint32_t i, uint64_t spec,
                                                   uint32_t unit, uint64_t quarter)
{
    const struct tq__limit *limit = &sums->asked->limits->line[i];
    int64_t others, own, used;
    struct tq__terms terms;
    uint64_t bound, count, tag;

    sums_of(sums, unit, &others, &own); /* before the count: H2 */
    if (!tq__limit_is_ready(limit, spec, quarter, &bound))
        return -1;
    tag = tq__tag_of(bound);
    /* Acquire pairs with the swap that counts: a hold that was seen free above is counted here. */
    count = atomic_load_explicit(&limit->count[tag & 1], memory_order_acquire);
    if (tq__tag_is_later(count, tag) || (count & TQ__METER_MAX) == TQ__METER_MAX)
        return -1;
    terms = tq__limit_terms(limit, spec);
    if (terms.amount == 0)
        return TQ__ROOM_FITS;
    used = tq__tag_of(count) == tag ? (int64_t)(count & TQ__METER_MAX) : 0;
    if (__builtin_expect(sums->sharing != TQ__SHARED_NOT, 0))
        used += (int64_t)withheld_of(sums, i, tag);
    return weigh_sum(sums, used, terms, others, own);
}

/* Is there clearly room for what is held and asked for, in the window that holds the quarter hour, and some
 * is left for callers without the reserve? In few steps: false also of some of which this is so;
 * weigh_quickly knows. */
TQ__HOT bool fits_clearly(const struct sums *sums, uint32_t i, uint64_t spec, uint64_t quarter,
                          uint64_t wanted)
{
    const struct tq__limit *limit = &sums->asked->limits->line[i];
    uint64_t bound, count, used;

    if (!tq__limit_is_ready(limit, spec, quarter, &bound))
        return false;
    /* Acquire as in weigh_quickly. */
    count = atomic_load_explicit(&limit->count[tq__tag_of(bound) & 1], memory_order_acquire);
    used = count - (bound & ~TQ__METER_MAX);
    if (__builtin_expect(sums->sharing != TQ__SHARED_NOT, 0) && used <= TQ__METER_MAX)
        wanted += withheld_of(sums, i, tq__tag_of(bound));
    /* A count that is saturated is not below an amount. The sum is below 2^56. */
    return used <= TQ__METER_MAX && tq__limit_is_below(limit, spec, used + wanted);
}

static int weigh_lines(struct sums *sums)
{
    const struct tq__room_asked *asked = sums->asked;
    struct tq__limits *limits = asked->limits;
    uint32_t lines = tq__limits_lines(limits, asked->now_ns), summed = 0;
    uint64_t quarter = tq__quarter_of(asked->now_ns),
             wanted = 0; /* of the unit `summed`: held and asked for */
    int worst = TQ__ROOM_FITS;

    for (uint32_t i = 0; i < lines; i++) {
        /* Acquire pairs with limit_set.c. Sequentially consistent as H2: a limit that is set later sees the
         * hold. */
        uint64_t spec = atomic_load_explicit(&limits->line[i].spec, memory_order_seq_cst);
        uint32_t unit = tq__spec_unit(spec) % TQ__UNITS;
        int room;

        if (tq__spec_window(spec) == 0 || unit == 0)
            continue;
        if (unit != summed) {
            int64_t others, own;

            if (asked->known >> unit & 1 && !(asked->written >> unit & 1))
                return TQ__ROOM_UNIT;
            sums_of(sums, unit, &others, &own); /* before the count: H2 */
            wanted = (uint64_t)others + (uint64_t)own;
            summed = unit;
        }
        if (fits_clearly(sums, i, spec, quarter, wanted))
            continue;
        room = weigh_quickly(sums, i, spec, unit, quarter);
        if (room < 0)
            room = weigh_line(sums, i, spec);
        if (room == TQ__ROOM_USED || room == TQ__ROOM_UNIT)
            return room;
        if (room > worst)
            worst = room;
    }
    return worst;
}

/* The budget of the day, and of a newer one that somebody has counted. */
static __attribute__((noinline)) int weigh_budget(struct sums *sums)
{
    const struct tq__room_asked *asked = sums->asked;
    const struct tq__at at = tq__at(asked->ledger, asked->slot, asked->now_ns);
    int64_t others, own, used, newer;
    uint32_t newest;

    if (at.budget <= 0)
        return TQ__ROOM_FITS;
    sums_of(sums, TQ_UNIT_TOKENS, &others, &own);
    used = tq__at_used(&at); /* after the loads of holds, which are acquires: H2 */
    newest = atomic_load_explicit(&asked->slot->newest_day, memory_order_relaxed);
    if (newest > at.window.day && tq__day_ok(newest)) {
        const struct tq__at later = tq__at(asked->ledger, asked->slot, tq__window_of_day(newest).start_ns);

        newer = tq__at_used(&later);
        if (newer > used)
            used = newer;
    }
    used = tq__weight(used, tq__day_withheld(&at, asked->limits));
    return weigh_sum(sums, used, (struct tq__terms){at.budget, at.budget}, others, own);
}

int tq__room_look(const struct tq__room_asked *asked, bool *is_last)
{
    struct sums sums; /* field by field: `of` needs no zeros */
    int budget = TQ__ROOM_FITS, lines;

    sums.asked = asked;
    sums.made = 0;
    sums.is_last = false;
    sums.sharing = tq__sharing_of(asked->ledger, asked->limits, asked->now_ns);
    /* Relaxed as in tq__at. */
    if (atomic_load_explicit(&asked->slot->budget, memory_order_relaxed) > 0)
        budget = weigh_budget(&sums);
    if (budget == TQ__ROOM_USED)
        return budget;
    lines = weigh_lines(&sums);
    *is_last = sums.is_last;
    return lines > budget ? lines : budget;
}
