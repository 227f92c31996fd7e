/* limit.c: turning the window of a limit, counting late records, and how a limit stands.
 *
 * SPDX-License-Identifier: MIT
 */
#include "limit.h"

#include "first_use.h"
#include "refill.h"
#include "rolling.h"
#include "zone_table.h"

#define NUMBERS_FAR (1 << 14) /* windows passed in one turn after which numbers may be those of long ago */

bool tq__line_open(struct tq__line *line, struct tq_ledger *ledger, struct tq__limits *limits, uint32_t i)
{
    line->ledger = ledger;
    line->limit = &limits->line[i];
    line->rest = &limits->rest[i];
    /* Acquire pairs with the publishing swap in limit_set.c: whoever sees the spec sees its amount. */
    line->word = atomic_load_explicit(&line->limit->spec, memory_order_acquire);
    return tq__spec_unpack(line->word, &line->spec);
}

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

/* Makes both counts void whose numbers may come round again. */
static void clear_counts(struct tq__limit *limit)
{
    for (uint32_t i = 0; i < 2; i++)
        atomic_store_explicit(&limit->count[i], 0, memory_order_seq_cst); /* before the bound: M1 */
}

/* Swaps the bound that was loaded for another. Returns whether this thread did it. */
static bool turn(const struct tq__line *line, uint64_t *seen, uint64_t next)
{
    struct tq__bound to = tq__bound_unpack(next);

    if (bound_is_far(*seen, &to))
        clear_counts(line->limit);
    /* Sequentially consistent, which is also the release of M1. */
    return atomic_compare_exchange_strong_explicit(&line->limit->bound, seen, next, memory_order_seq_cst,
                                                   memory_order_acquire);
}

/* Is a count that of a window after the one of `bound`? */
static bool is_later(uint64_t count, uint64_t bound)
{
    return tq__version_of(count) == tq__version_of(bound) &&
           (int16_t)(tq__tag_of(count) - tq__tag_of(bound)) > 0;
}

/* Makes counts of windows after the one of `bound` void: else they would be there when these windows come. */
static void void_later(const struct tq__line *line, uint64_t bound)
{
    for (uint32_t i = 0; i < 2; i++) {
        uint64_t seen = atomic_load_explicit(&line->limit->count[i], memory_order_acquire);

        while (is_later(seen, bound) &&
               !atomic_compare_exchange_weak_explicit(&line->limit->count[i], &seen, 0, memory_order_seq_cst,
                                                      memory_order_acquire))
            ;
    }
}

/* Takes a bound back that begins further ahead of the clock than its limit, and notes whether the wrong clock
 * took the count of the window that is current again. Counts of later windows are made void before the bound
 * is swapped, because a thread may die behind that; and after it, because another may count in such a window
 * until then. False: it does not begin ahead. */
static bool take_back(const struct tq__line *line, uint64_t *seen, const struct tq__clock *clock)
{
    struct tq__period period;
    struct tq__bound to;
    uint64_t next, tag;

    if (tq__quarter_begin((uint32_t)(*seen >> 16) & 0xffffff) <= clock->last_ns ||
        !bound_at(line, clock->now_ns, &period, &next))
        return false;
    to = tq__bound_unpack(next);
    tag = tq__tag_of(next);
    if (bound_is_far(*seen, &to) ||
        is_later(atomic_load_explicit(&line->limit->count[tag & 1], memory_order_acquire), next))
        atomic_store_explicit(&line->rest->taken, tag << TQ__METER_BITS, memory_order_relaxed);
    void_later(line, next);
    if (turn(line, seen, next)) {
        void_later(line, next);
        *seen = next;
    }
    return true;
}

static void settle_window(const struct tq__line *line, int64_t now_ns, const struct tq__clock *clock)
{
    uint64_t seen = atomic_load_explicit(&line->limit->bound, memory_order_acquire), next; /* M1 */
    uint64_t quarter = tq__quarter_of(now_ns);
    struct tq__period period;

    while (!tq__limit_holds(seen, line->word, quarter)) {
        bool is_ours = tq__version_of(seen) == line->spec.version;

        if (is_ours && quarter < (seen >> 16 & 0xffffff)) {
            if (!take_back(line, &seen, clock))
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
    if (line->spec.window == TQ_WINDOW_ONCE)
        return true;
    if (!tq__limit_holds(bound, line->word, tq__quarter_of(now_ns)) && !bound_at(line, now_ns, &period, own))
        return false;
    parts = tq__bound_unpack(*own);
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

static bool add_window(const struct tq__line *line, int64_t amount, int64_t now_ns,
                       struct tq__standing *standing)
{
    for (;;) {
        uint64_t bound = tq__limit_bound(line->limit, line->word), own, used;

        if (!window_at(line, bound, now_ns, &own, standing) || !is_kept(own, bound))
            return false;
        if (tq__limit_add(line->limit, line->word, bound, tq__tag_of(own), amount, &used)) {
            standing->used = tq__meter_used(used);
            return true;
        }
        /* Acquire pairs with limit_set.c. */
        if (atomic_load_explicit(&line->limit->spec, memory_order_acquire) != line->word)
            return false; /* it is another limit by now, which this record does not meet */
    }
}

static void subtract_window(const struct tq__line *line, int64_t amount, int64_t now_ns)
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

        if (atomic_compare_exchange_weak_explicit(word, &seen, seen - taken, memory_order_seq_cst,
                                                  memory_order_relaxed)) /* as in tq__limit_add */
            return;
    }
}

/* Looks at the window of now_ns, whatever window the bound is of. */
static void stand_window(const struct tq__line *line, int64_t now_ns, struct tq__standing *standing)
{
    uint64_t bound = tq__limit_bound(line->limit, line->word), own, tag, count;
    struct tq__bound parts;

    if (!window_at(line, bound, now_ns, &own, standing))
        return;
    tag = tq__tag_of(own);
    parts = tq__bound_unpack(own);
    count = atomic_load_explicit(&line->limit->count[tag & 1], memory_order_acquire);
    if (tq__tag_of(count) == tag && !is_later(own, bound) && !bound_is_far(bound, &parts))
        standing->used = tq__meter_used(count & TQ__METER_MAX);
}

/* ---- each kind ------------------------------------------------------------------------------- */

bool tq__line_ready(const struct tq__line *line, int64_t now_ns)
{
    switch (line->spec.window) {
    case TQ_WINDOW_FIRST_USE:
        return tq__first_use_ready(line, now_ns);
    case TQ_WINDOW_ROLLING:
        return tq__rolling_ready(line, now_ns);
    case TQ_WINDOW_REFILL:
        return tq__refill_ready(line, now_ns);
    default:
        return tq__limit_holds(tq__limit_bound(line->limit, line->word), line->word, tq__quarter_of(now_ns));
    }
}

void tq__line_settle(const struct tq__line *line, int64_t now_ns, const struct tq__clock *clock)
{
    switch (line->spec.window) {
    case TQ_WINDOW_FIRST_USE:
        tq__first_use_settle(line, clock);
        break;
    case TQ_WINDOW_ROLLING:
        tq__rolling_settle(line, now_ns, clock);
        break;
    case TQ_WINDOW_REFILL:
        tq__refill_settle(line, now_ns, clock);
        break;
    case TQ_WINDOW_ONCE:
        break;
    default:
        settle_window(line, now_ns, clock);
    }
}

bool tq__line_add(const struct tq__line *line, int64_t amount, int64_t now_ns, struct tq__standing *standing)
{
    *standing = (struct tq__standing){.terms = tq__limit_terms(line->limit, line->word)};
    switch (line->spec.window) {
    case TQ_WINDOW_FIRST_USE:
        return tq__first_use_add(line, amount, now_ns, standing);
    case TQ_WINDOW_ROLLING:
        return tq__rolling_add(line, amount, now_ns, standing);
    case TQ_WINDOW_REFILL:
        return tq__refill_add(line, amount, now_ns, standing);
    default:
        return add_window(line, amount, now_ns, standing);
    }
}

void tq__line_subtract(const struct tq__line *line, int64_t amount, int64_t now_ns)
{
    switch (line->spec.window) {
    case TQ_WINDOW_FIRST_USE:
        tq__first_use_subtract(line, amount, now_ns);
        break;
    case TQ_WINDOW_ROLLING:
        tq__rolling_subtract(line, amount, now_ns);
        break;
    case TQ_WINDOW_REFILL:
        tq__refill_subtract(line, amount, now_ns);
        break;
    default:
        subtract_window(line, amount, now_ns);
    }
}

void tq__line_stand(const struct tq__line *line, int64_t now_ns, bool use_reserve,
                    struct tq__standing *standing)
{
    *standing = (struct tq__standing){.terms = tq__limit_terms(line->limit, line->word)};
    switch (line->spec.window) {
    case TQ_WINDOW_FIRST_USE:
        tq__first_use_stand(line, now_ns, standing);
        break;
    case TQ_WINDOW_ROLLING:
        tq__rolling_stand(line, now_ns, use_reserve, standing);
        break;
    case TQ_WINDOW_REFILL:
        tq__refill_stand(line, now_ns, use_reserve, standing);
        break;
    default:
        stand_window(line, now_ns, standing);
    }
}

static int64_t length_ns(const struct tq__spec *spec)
{
    return (int64_t)spec->length * (spec->window == TQ_WINDOW_FIRST_USE ? TQ__QUARTER_NS
                                    : spec->window == TQ_WINDOW_ROLLING ? TQ__MINUTE_NS
                                                                        : TQ__SECOND_NS);
}

void tq__line_note_taken(const struct tq__line *line, int64_t now_ns)
{
    uint64_t until = tq__quarter_of(now_ns + length_ns(&line->spec)) + 1;

    atomic_store_explicit(&line->rest->taken, (uint64_t)line->spec.version << 56 | until,
                          memory_order_relaxed);
}

bool tq__line_is_taken(const struct tq__line *line, int64_t now_ns)
{
    uint64_t seen = atomic_load_explicit(&line->rest->taken, memory_order_relaxed), tag;

    if (seen == 0 || tq__version_of(seen) != line->spec.version)
        return false;
    if (!tq__window_is_counted(line->spec.window))
        return tq__quarter_of(now_ns) < (seen & TQ__METER_MAX);
    return tq__line_tag(line, now_ns, &tag) && tq__tag_of(seen) == tag;
}

bool tq__line_tag(const struct tq__line *line, int64_t now_ns, uint64_t *tag)
{
    uint64_t bound = tq__limit_bound(line->limit, line->word), number = 0;

    if (line->spec.window == TQ_WINDOW_FIRST_USE && !tq__first_use_number(line, now_ns, &number))
        return false;
    *tag = (uint64_t)line->spec.version << 16 | (number & 0xffff);
    if (!tq__window_is_counted(line->spec.window))
        return true;
    *tag = tq__tag_of(bound);
    return tq__limit_holds(bound, line->word, tq__quarter_of(now_ns));
}

void tq__line_clear(const struct tq__line *line)
{
    clear_counts(line->limit);
    atomic_store_explicit(&line->rest->uncosted, 0, memory_order_relaxed);
    atomic_store_explicit(&line->rest->taken, 0, memory_order_relaxed);
    if (line->spec.window == TQ_WINDOW_FIRST_USE)
        atomic_store_explicit(&line->limit->bound, 0,
                              memory_order_seq_cst); /* after the count: first_use.c */
    if (line->spec.window == TQ_WINDOW_ROLLING)
        tq__rolling_clear(line);
}
