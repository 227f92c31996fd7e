/* counted.c: calendar and fixed windows, and those that never turn: turning a window, counting late records,
 * how it stands.
 *
 * SPDX-License-Identifier: MIT
 */
#include "counted.h"

#include "shared.h"
#include "zone_table.h"

#define NUMBERS_FAR (1 << 14) /* windows passed in one turn after which numbers may be those of long ago */

/* ---- windows --------------------------------------------------------------------------------- */

/* The window of an instant, of 1970 or later, as a bound. False: the zone is damaged. */
static bool bound_at(const struct tq__line *line, int64_t now_ns, struct tq__period *period, uint64_t *bound)
{
    struct tq__bound parts;
    struct tq__law law = {0};

    if (line->spec.zone != 0 && !tq__zone_law(line->ledger, line->spec.zone, &law))
        return false;
    if (!tq__period_at(&line->spec, &law, now_ns, period))
        return false;
    parts = tq__bound_of(line->spec.version, period);
    *bound = tq__bound_pack(&parts);
    return true;
}

static bool bound_is_far(uint64_t from, const struct tq__bound *to)
{
    struct tq__bound parts = tq__bound_unpack(from);
    int64_t apart = (int64_t)to->start - parts.start;

    return parts.version == to->version && to->length != 0 &&
           (apart / to->length > NUMBERS_FAR || apart / to->length < -NUMBERS_FAR);
}

/* Makes counts 0 whose numbers may come round again, before the bound that was `bound` is turned. False: it
 * is another by now. A count that was taken since is another than the one that was loaded (M2). */
static bool clear_counts(struct tq__limit *limit, uint64_t bound, const struct tq__bound *to)
{
    bool is_far = bound_is_far(bound, to);

    for (uint32_t i = 0; i < 2; i++) {
        uint64_t seen =
            atomic_load_explicit(&limit->count[i], memory_order_acquire); /* as in tq__limit_add */

        while (tq__version_of(seen) == to->version &&
               (is_far || (int16_t)(to->number - tq__tag_of(seen)) > NUMBERS_FAR)) {
            if (atomic_load_explicit(&limit->bound, memory_order_acquire) != bound) /* M2 */
                return false;
            if (atomic_compare_exchange_strong_explicit(&limit->count[i], &seen, 0, memory_order_seq_cst,
                                                        memory_order_acquire))
                break;
        }
    }
    return true;
}

/* Swaps the bound that was loaded for another. Returns whether this thread did it. */
static bool turn(const struct tq__line *line, uint64_t *seen, uint64_t next)
{
    struct tq__bound to = tq__bound_unpack(next);

    if (!clear_counts(line->limit, *seen, &to)) {
        *seen = atomic_load_explicit(&line->limit->bound, memory_order_acquire); /* M1 */
        return false;
    }
    /* Sequentially consistent, which is also the release of M1. */
    if (!atomic_compare_exchange_strong_explicit(&line->limit->bound, seen, next, memory_order_seq_cst,
                                                 memory_order_acquire))
        return false;
    tq__limits_changed(line->limits);
    return true;
}

/* Makes counts of windows after the one of `bound` void: else they would be there when these windows come. */
static void void_later(const struct tq__line *line, uint64_t bound)
{
    for (uint32_t i = 0; i < 2; i++) {
        uint64_t seen = atomic_load_explicit(&line->limit->count[i], memory_order_acquire);

        while (tq__tag_is_later(seen, tq__tag_of(bound)) &&
               !atomic_compare_exchange_weak_explicit(&line->limit->count[i], &seen, 0, memory_order_seq_cst,
                                                      memory_order_acquire))
            ;
    }
}

/* Takes a bound back that begins further ahead of the clock than its limit. Counts of later windows are made
 * void before the bound is swapped, because a thread may die behind that; and after it, because another may
 * count in such a window until then. False: it does not begin ahead. */
static bool take_word_back(const struct tq__line *line, uint64_t *seen)
{
    struct tq__clock clock = tq__clock_read(line->ledger);
    struct tq__period period, last;
    uint64_t next, unused;

    if (tq__quarter_begin((uint32_t)(*seen >> 16) & 0xffffff) <= clock.last_ns ||
        !bound_at(line, clock.now_ns, &period, &next) || !bound_at(line, clock.last_ns, &last, &unused))
        return false;
    /* Up to the window that a right clock may have begun by now. */
    tq__line_note_taken(line, tq__quarter_begin(last.start + last.length) - 1);
    void_later(line, next);
    if (turn(line, seen, next)) {
        void_later(line, next);
        *seen = next;
    }
    return true;
}

void tq__counted_settle(const struct tq__line *line, int64_t now_ns)
{
    uint64_t seen = atomic_load_explicit(&line->limit->bound, memory_order_acquire), next; /* M1 */
    uint64_t quarter = tq__quarter_of(now_ns);
    struct tq__period period;

    while (!tq__limit_holds(seen, line->word, quarter) && tq__line_is_same(line)) {
        bool is_ours = tq__version_of(seen) == line->spec.version;

        if (is_ours && quarter < (seen >> 16 & 0xffffff)) {
            if (!take_word_back(line, &seen))
                return; /* the record is late */
            continue;
        }
        if (!bound_at(line, now_ns, &period, &next))
            return;
        if (turn(line, &seen, next))
            return;
    }
}

/* ---- late records ---------------------------------------------------------------------------- */

/* Finds the window that holds now_ns, as a bound, and writes when it begins and ends. False: there is none.
 */
static bool window_at(const struct tq__line *line, uint64_t bound, int64_t now_ns, uint64_t *own,
                      struct tq__standing *standing)
{
    struct tq__period period;
    struct tq__bound parts;

    *own = bound;
    standing->until_ns = INT64_MAX;
    if (tq__window_never_turns(line->spec.window))
        return true;
    if (!tq__limit_holds(bound, line->word, tq__quarter_of(now_ns)) && !bound_at(line, now_ns, &period, own))
        return false;
    parts = tq__bound_unpack(*own);
    standing->number = parts.number;
    standing->start_ns = tq__quarter_begin(parts.start);
    standing->end_ns = tq__quarter_begin(parts.start + parts.length);
    standing->until_ns = standing->end_ns;
    return true;
}

/* Does the limit count a window: that of its bound, and the one just before? */
static bool is_kept(uint64_t own, uint64_t bound)
{
    struct tq__bound parts = tq__bound_unpack(own), last = tq__bound_unpack(bound);

    return own == bound || (parts.version == last.version && (uint16_t)(parts.number + 1) == last.number &&
                            parts.start + parts.length == last.start);
}

/* A record was admitted, and its window is not kept by now. True: the bound was turned to it, or is another
 * since; look again. False: the record is late, or there is no such window. */
static bool turn_again(const struct tq__line *line, uint64_t bound, uint64_t own, int64_t now_ns)
{
    struct tq__bound parts = tq__bound_unpack(bound), wanted = tq__bound_unpack(own);

    if (parts.version == wanted.version && wanted.start < parts.start + parts.length &&
        !tq__line_is_ahead(line, tq__quarter_begin(parts.start)))
        return false;
    tq__counted_settle(line, now_ns);
    /* Of a damaged zone there is no window to turn to. */
    return tq__limit_bound(line->limit, line->word) != bound;
}

/* M4: makes the count of a window free of one that begins ahead of the clock. False: a later window has it,
 * whose time has come. */
static bool free_count(const struct tq__line *line, uint64_t tag)
{
    _Atomic uint64_t *word = &line->limit->count[tag & 1];
    uint64_t seen = atomic_load_explicit(word, memory_order_acquire), last; /* as in tq__limit_add */
    struct tq__period period;

    if (!tq__tag_is_later(seen, tag))
        return true;
    if (!bound_at(line, tq__clock_read(line->ledger).last_ns, &period, &last) ||
        !tq__tag_is_later(seen, tq__tag_of(last)))
        return false;
    atomic_compare_exchange_strong_explicit(word, &seen, 0, memory_order_seq_cst, memory_order_relaxed);
    return true;
}

bool tq__counted_add(const struct tq__line *line, int64_t amount, int64_t now_ns,
                     struct tq__standing *standing)
{
    for (;;) {
        uint64_t bound = tq__limit_bound(line->limit, line->word), own, used;

        if (!window_at(line, bound, now_ns, &own, standing))
            return false;
        if (is_kept(own, bound)) {
            if (!free_count(line, tq__tag_of(own)))
                return false;
            if (tq__limit_add(line->limit, line->word, bound, tq__tag_of(own), amount, &used)) {
                standing->used = tq__meter_used(used);
                return true;
            }
        } else if (!turn_again(line, bound, own, now_ns)) {
            return false;
        }
        if (!tq__line_is_same(line))
            return false; /* it is another limit by now, which this record does not meet */
    }
}

void tq__counted_subtract(const struct tq__line *line, int64_t amount, int64_t now_ns)
{
    uint64_t bound = tq__limit_bound(line->limit, line->word), own, tag, seen;
    struct tq__standing unused;
    _Atomic uint64_t *word;

    if (!window_at(line, bound, now_ns, &own, &unused))
        return;
    tag = tq__tag_of(own);
    word = &line->limit->count[tag & 1];
    seen = atomic_load_explicit(word, memory_order_relaxed);
    while (tq__tag_of(seen) == tag && (seen & TQ__METER_MAX) != TQ__METER_MAX) {
        uint64_t count = seen & TQ__METER_MAX, taken = (uint64_t)amount < count ? (uint64_t)amount : count;

        if (!atomic_compare_exchange_weak_explicit(word, &seen, seen - taken, memory_order_seq_cst,
                                                   memory_order_relaxed)) /* as in tq__limit_add */
            continue;
        tq__corrected_note(line, tag & 0xffff, taken);
        return;
    }
}

/* Looks at the window of now_ns, whatever window the bound is of. */
void tq__counted_stand(const struct tq__line *line, int64_t now_ns, struct tq__standing *standing)
{
    uint64_t bound = tq__limit_bound(line->limit, line->word), own, tag, count;
    struct tq__bound parts;

    if (!window_at(line, bound, now_ns, &own, standing))
        return;
    tag = tq__tag_of(own);
    parts = tq__bound_unpack(own);
    count = atomic_load_explicit(&line->limit->count[tag & 1], memory_order_acquire);
    if (tq__tag_of(count) == tag && !tq__tag_is_later(own, tq__tag_of(bound)) && !bound_is_far(bound, &parts))
        standing->used = tq__meter_used(count & TQ__METER_MAX);
}
