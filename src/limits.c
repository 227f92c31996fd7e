/* limits.c: all limits of a provider: found, asked, counted in.
 *
 * SPDX-License-Identifier: MIT
 */
#include "limits.h"

#include "event.h"
#include "limit_rule.h"
#include "rolling.h"
#include "shared.h"
#include "stated.h"

/* ---- finding --------------------------------------------------------------------------------- */

struct tq__limits *tq__limits_reach(struct tq_ledger *ledger, uint32_t n)
{
    void *limits;

    return tq__array_reach(&ledger->limits, n, false, &limits) == 0 ? limits : NULL;
}

int tq__limits_make(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits **limits)
{
    uint32_t number, none = 0;
    void *made;
    int answer;

    *limits = tq__limits_of(ledger, slot);
    if (*limits)
        return 0;
    answer = tq__array_take(&ledger->limits, TQ__SLOTS_MAX, &number, &made);
    if (answer < 0)
        return answer;
    memset(made, 0, sizeof **limits); /* the file may be a copy: table.c */
    /* Release: whoever sees the number sees zeros. Sequentially consistent with tq__limits_of. What loses
     * stays unused until compact. */
    atomic_compare_exchange_strong_explicit(&slot->limits, &none, number + 1, memory_order_seq_cst,
                                            memory_order_relaxed);
    *limits = tq__limits_of(ledger, slot);
    return *limits ? 0 : TQ_ENOMEM;
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* tq__limits_look from line i on, which is not ready, or of a kind that takes longer to ask. */
static __attribute__((noinline)) int look_slowly(struct tq_ledger *ledger, struct tq__slot *slot,
                                                 struct tq__limits *limits, uint32_t i, int64_t now_ns)
{
    uint32_t lines = tq__limits_lines(limits, now_ns);
    struct tq__line line;
    int answer;

    while (i < lines && (!tq__line_open(&line, ledger, limits, i) || tq__line_ready(&line, now_ns)))
        i++;
    if (i == lines)
        return 0;
    if (tq__limits_are_ready(limits, tq__quarter_of(now_ns))) /* it is wrong: limits.h, N3 */
        tq__limits_changed(limits);
    answer = tq__clock_admit(ledger, slot, now_ns);
    if (answer < 0)
        return answer;
    tq__line_settle(&line, now_ns);
    while (++i < lines)
        if (tq__line_open(&line, ledger, limits, i))
            tq__line_settle(&line, now_ns);
    return 0;
}

/* N1. */
static void make_ready(struct tq__limits *limits, uint64_t seen, uint64_t from, uint64_t until)
{
    uint64_t next = from << 40 | (until - from) << 16 | (seen & 0xffff);

    if (next != seen)
        atomic_compare_exchange_strong_explicit(&limits->ready, &seen, next, memory_order_seq_cst,
                                                memory_order_relaxed);
}

int tq__limits_look(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits *limits,
                    int64_t now_ns)
{
    uint64_t seen = atomic_load_explicit(&limits->ready, memory_order_acquire); /* N1 */
    uint64_t quarter = tq__quarter_of(now_ns), from = 0, until = 0xffffff, bound;
    uint32_t lines = tq__limits_lines(limits, now_ns);
    bool lasts = true;

    for (uint32_t i = 0; i < lines; i++) {
        const struct tq__limit *limit = &limits->line[i];
        uint64_t spec = atomic_load_explicit(&limit->spec, memory_order_acquire); /* pairs with limit_set.c */
        uint32_t window = tq__spec_window(spec);

        if (window == TQ_WINDOW_ROLLING && tq__rolling_is_newest(limit, spec, now_ns, &bound)) {
            lasts = false;
        } else if (tq__window_turns(window)) {
            if (!tq__limit_is_ready(limit, spec, quarter, &bound))
                return look_slowly(ledger, slot, limits, i, now_ns);
            if (from < (bound >> 16 & 0xffffff))
                from = bound >> 16 & 0xffffff;
            if (until > (bound >> 16 & 0xffffff) + (bound & 0xffff))
                until = (bound >> 16 & 0xffffff) + (bound & 0xffff);
        } else if (window != 0 && !tq__window_never_turns(window)) {
            return look_slowly(ledger, slot, limits, i, now_ns);
        }
    }
    if (lasts)
        make_ready(limits, seen, from, until);
    return 0;
}

/* ---- counting -------------------------------------------------------------------------------- */

/* Counts a record that has no cost. */
static TQ__COLD void count_uncosted(const struct tq__line *line, int64_t now_ns)
{
    _Atomic uint64_t *word = &line->rest->uncosted;
    /* Acquire pairs with the swap: bound and spec are at least as new as the word (M2). */
    uint64_t seen = atomic_load_explicit(word, memory_order_acquire), tag, next;

    do {
        if (!tq__line_tag(line, now_ns, &tag) || !tq__line_is_same(line))
            return;
        next = tag << TQ__METER_BITS | tq__meter_sum(tq__tag_of(seen) == tag ? seen & TQ__METER_MAX : 0, 1);
    } while (!atomic_compare_exchange_weak_explicit(word, &seen, next, memory_order_acq_rel,
                                                    memory_order_acquire));
}

/* A record, at one provider or pool. */
struct record {
    struct tq_ledger *ledger;
    struct tq__limits *limits;
    struct tq__adds adds;
    struct tq__rule_asker asker;
    bool skipped; /* tq__limits_admit */
};

/* What a count of a record left: the end of a limit that excludes then, and word of one that began to. */
static int64_t judge(const struct record *record, const struct tq__line *line,
                     const struct tq__standing *standing, int64_t amount)
{
    const struct tq__terms terms = standing->terms;
    int64_t before = standing->used - amount; /* of a saturated count it is above every amount */
    int64_t end_ns = tq__limit_end(&record->asker, line, standing, false);

    if (end_ns > 0 && (standing->used < terms.room || before < terms.room ||
                       (before < terms.amount && standing->used >= terms.amount)))
        /* Callers with the reserve may have an earlier end, which only those who look know. */
        tq__event_until(record->ledger, terms.room < terms.amount ? 1 : end_ns);
    return end_ns;
}

/* Counts in line i, whatever its window is. Returns its end when it excludes then; 0: it does not. */
static __attribute__((noinline)) int64_t add_slowly(const struct record *record, uint32_t i)
{
    int64_t amount, now_ns = record->asker.now_ns;
    struct tq__standing standing;
    struct tq__line line;
    uint64_t bound;

    if (!tq__line_open(&line, record->ledger, record->limits, i))
        return 0;
    if (record->skipped && !tq__limit_is_ready(line.limit, line.word, tq__quarter_of(now_ns), &bound) &&
        tq__limits_look(record->ledger, record->asker.slot, record->limits, now_ns) < 0) /* N3 */
        return 0;
    amount = tq__adds_in(record->adds, line.spec.unit);
    if (!tq__line_add(&line, amount > 0 ? amount : 0, now_ns, &standing))
        return 0;
    if (amount < 0) {
        count_uncosted(&line, now_ns);
        amount = 0;
    }
    return judge(record, &line, &standing, amount);
}

/* Judges a count that may not be below the room, or whose rest may not last. It is the record's own, so that
 * of several records one finds that it was the one that began to exclude. */
static __attribute__((noinline)) int64_t judge_slowly(const struct record *record, uint32_t i, uint64_t spec,
                                                      int64_t used)
{
    struct tq__standing standing;
    struct tq__line line;

    if (!tq__line_open(&line, record->ledger, record->limits, i) || line.word != spec)
        return 0; /* it is another limit by now, which this record does not meet */
    tq__line_stand(&line, record->asker.now_ns, false, &standing);
    standing.used = tq__weight(used, standing.others + standing.kept);
    return judge(record, &line, &standing, tq__adds_in(record->adds, line.spec.unit));
}

/* Counts in line i: as nearly all do in the window of the bound, or in the newest bucket, when that has a
 * count. True with the limit's count; false: it is for add_slowly. */
TQ__HOT bool add_quickly(struct tq_ledger *ledger, struct tq__limit *limit, uint64_t spec, int64_t amount,
                         int64_t now_ns, uint64_t quarter, bool skipped, uint64_t *used)
{
    uint64_t bound, rolled; /* not *used, which stays in a register */

    if (amount < 0)
        return false;
    if (tq__limit_is_ready(limit, spec, quarter, &bound))
        return tq__meter_add_quickly(&limit->count[tq__tag_of(bound) & 1], bound, amount, used);
    if (tq__spec_window(spec) != TQ_WINDOW_ROLLING || skipped ||
        !tq__rolling_count(ledger, limit, spec, now_ns, amount, &rolled))
        return false;
    *used = rolled;
    return true;
}

/* The tag of the window that add_quickly counted in; of a rolling limit by the newest bucket. */
TQ__HOT uint64_t tag_counted(const struct tq__limit *limit, uint64_t spec)
{
    uint64_t bound = tq__limit_bound(limit, spec);

    return tq__spec_window(spec) == TQ_WINDOW_ROLLING ? spec >> 56 << 16 | (bound & 0xffff)
                                                      : tq__tag_of(bound);
}

/* Has the limit room, and will that last? In few steps: false also of some of which this is so. */
TQ__HOT bool is_well(const struct tq__rule_asker *asker, struct tq__limits *limits, uint32_t i, uint64_t spec,
                     uint64_t used)
{
    struct tq__terms terms;

    if (asker->care == 0)
        return tq__limit_is_below(&limits->line[i], spec, used);
    terms = tq__limit_terms(&limits->line[i], spec);
    return terms.amount == 0 || (used < (uint64_t)terms.room &&
                                 !tq__limit_may_run_out(asker, limits, spec, terms, (int64_t)used, false));
}

int64_t tq__limits_add(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits *limits,
                       struct tq__adds adds, int64_t now_ns, unsigned care, uint32_t held, bool skipped)
{
    const struct tq__rule_asker asker = {slot, care, now_ns};
    const uint64_t half_hour = tq__half_hour_of(now_ns), quarter = tq__quarter_of(now_ns);
    uint32_t lines = tq__limits_lines(limits, now_ns);
    uint32_t noted = care > 0 ? held | 1u << TQ_UNIT_TOKENS : ~0u; /* the day's count has noted tokens */
    uint32_t sharing = lines > 0 ? tq__sharing_of(ledger, limits, now_ns) : TQ__SHARED_NOT;
    int64_t latest_ns = 0;

    for (uint32_t i = 0; i < lines; i++) {
        struct tq__limit *limit = &limits->line[i];
        uint64_t spec = atomic_load_explicit(&limit->spec, memory_order_acquire); /* pairs with limit_set.c */
        uint32_t unit = tq__spec_unit(spec) % TQ__UNITS;
        int64_t amount = tq__adds_in(adds, unit), end_ns = 0;
        uint64_t used = 0, weighs;
        bool counted;

        if (tq__spec_window(spec) == 0)
            continue;
        if (!(noted >> unit & 1))
            tq__notes_add(tq__notes_of(slot, limits, unit), half_hour, amount);
        noted |= 1u << unit;
        counted = add_quickly(ledger, limit, spec, amount, now_ns, quarter, skipped, &used);
        weighs = used;
        if (__builtin_expect(sharing != TQ__SHARED_NOT, 0) && counted &&
            tq__spec_window(spec) != TQ_WINDOW_STATED)
            weighs += tq__withheld_quickly(ledger, limits, i, tag_counted(limit, spec), sharing, now_ns);
        if (!counted || !is_well(&asker, limits, i, spec, weighs)) {
            const struct record record = {ledger, limits, adds, asker, skipped};

            end_ns = counted ? judge_slowly(&record, i, spec, (int64_t)used) : add_slowly(&record, i);
        }
        if (end_ns > latest_ns)
            latest_ns = end_ns;
    }
    return latest_ns;
}

void tq__limits_subtract(struct tq_ledger *ledger, struct tq__slot *slot, int64_t tokens, int64_t now_ns)
{
    struct tq__limits *limits = tq__limits_of(ledger, slot);
    struct tq__adds adds = tq__adds_of_tokens(tokens);
    uint32_t noted = 1u << TQ_UNIT_TOKENS; /* the day's count does it */
    struct tq__line line;

    for (uint32_t i = 0; i < tq__limits_lines(limits, now_ns); i++) {
        if (!tq__line_open(&line, ledger, limits, i) || tq__adds_in(adds, line.spec.unit) <= 0)
            continue;
        tq__line_subtract(&line, tq__adds_in(adds, line.spec.unit), now_ns);
        if (!(noted >> line.spec.unit & 1))
            tq__half_hour_add(tq__notes_of(slot, limits, line.spec.unit), tq__half_hour_of(now_ns),
                              -tq__adds_in(adds, line.spec.unit));
        noted |= 1u << line.spec.unit;
    }
}

void tq__limits_clear(struct tq_ledger *ledger, struct tq__slot *slot)
{
    struct tq__limits *limits = tq__limits_of(ledger, slot);
    struct tq__line line;

    for (uint32_t i = 0; i < tq__limits_lines(limits, 0); i++)
        if (tq__line_open(&line, ledger, limits, i))
            tq__line_clear(&line);
    for (uint32_t unit = 0; limits && unit < TQ__UNITS; unit++)
        tq__notes_clear(tq__notes_of(slot, limits, unit));
}

/* ---- standing -------------------------------------------------------------------------------- */

/* Who looks at a line: whose ends, with or without the reserve. */
struct asker {
    struct tq_ledger *ledger;
    struct tq__limits *limits;
    struct tq__rule_asker rule;
    uint32_t which;
    bool overage_stop, use_reserve;
};

TQ__HOT struct asker asker_of(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits *limits,
                              uint32_t which, int64_t now_ns, bool use_reserve)
{
    return (struct asker){
        ledger, limits, tq__rule_asker(ledger, slot, now_ns), which, tq__overage_stops(slot), use_reserve};
}

/* The end of a limit that excludes; 0: it does not. */
static __attribute__((noinline)) int64_t end_of(const struct asker *asker, uint32_t i)
{
    uint32_t stated = (asker->which & TQ__ENDS_OURS ? TQ__STATED_STOPS : 0) |
                      (asker->which & TQ__ENDS_VENDOR ? TQ__STATED_BLOCKS : 0);
    int64_t end_ns = 0, stated_ns, now_ns = asker->rule.now_ns;
    struct tq__standing standing;
    struct tq__line line;

    if (!tq__line_open(&line, asker->ledger, asker->limits, i))
        return 0;
    tq__line_stand(&line, now_ns, asker->use_reserve, &standing);
    if (asker->which & TQ__ENDS_OURS)
        end_ns = tq__limit_end(&asker->rule, &line, &standing, asker->use_reserve);
    stated_ns = tq__stated_end(&line, stated, asker->overage_stop, asker->use_reserve, now_ns);
    return stated_ns > end_ns ? stated_ns : end_ns;
}

int64_t tq__limits_end_of(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits *limits,
                          uint32_t i, int64_t now_ns, bool use_reserve)
{
    const struct asker asker = asker_of(ledger, slot, limits, TQ__ENDS_ALL, now_ns, use_reserve);

    return end_of(&asker, i);
}

/* tq__limits_end. `sharing` is an argument so that the compiler makes a copy for TQ__SHARED_NOT, which has no
 * step for what is withheld. */
TQ__HOT int64_t end_of_lines(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits *limits,
                             uint32_t which, int64_t now_ns, bool use_reserve, uint32_t sharing)
{
    const struct asker asker = asker_of(ledger, slot, limits, which, now_ns, use_reserve);
    uint32_t lines = tq__limits_lines(asker.limits, now_ns);
    int64_t latest_ns = 0, used;
    struct tq__terms terms;
    uint64_t unused_tag;

    for (uint32_t i = 0; i < lines; i++) {
        const struct tq__limit *limit = &asker.limits->line[i];
        uint64_t spec = atomic_load_explicit(&limit->spec, memory_order_acquire); /* pairs with limit_set.c */
        int64_t end_ns = 0;

        if (tq__spec_window(spec) != 0 &&
            (tq__stated_may_exclude(limit, spec, asker.overage_stop) ||
             !tq__shared_has_room(ledger, limits, i, sharing, spec, now_ns, &terms, &used, &unused_tag) ||
             tq__limit_may_run_out(&asker.rule, asker.limits, spec, terms, used, use_reserve)))
            end_ns = end_of(&asker, i);
        if (end_ns > latest_ns)
            latest_ns = end_ns;
    }
    return latest_ns;
}

int64_t tq__limits_end(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits *limits,
                       uint32_t which, int64_t now_ns, bool use_reserve)
{
    const uint32_t sharing =
        tq__limits_lines(limits, now_ns) > 0 ? tq__sharing_of(ledger, limits, now_ns) : TQ__SHARED_NOT;

    return __builtin_expect(sharing == TQ__SHARED_NOT, 1)
               ? end_of_lines(ledger, slot, limits, which, now_ns, use_reserve, TQ__SHARED_NOT)
               : end_of_lines(ledger, slot, limits, which, now_ns, use_reserve, sharing);
}

/* When the newest window of a line begins; 0 when its windows have no numbers. */
static int64_t begin_of(const struct tq__limit *limit)
{
    uint64_t spec = atomic_load_explicit(&limit->spec, memory_order_acquire); /* pairs with limit_set.c */
    uint32_t window = tq__spec_window(spec);
    uint64_t bound = tq__limit_bound(limit, spec);

    if (window == 0 || window > TQ_WINDOW_FIXED || tq__version_of(bound) != tq__version_of(spec))
        return 0;
    return tq__quarter_begin((uint32_t)(bound >> 16) & 0xffffff);
}

void tq__limits_soonest(struct tq_ledger *ledger, struct tq__slot *slot, int64_t after_ns, int64_t *next_ns)
{
    struct asker asker = asker_of(ledger, slot, tq__limits_of(ledger, slot), TQ__ENDS_OURS, after_ns, false);

    for (uint32_t i = 0; i < 3 * tq__limits_lines(asker.limits, after_ns); i++) {
        int64_t begin_ns = begin_of(&asker.limits->line[i / 3]), end_ns;

        asker.use_reserve = i % 3 == 1; /* with and without it */
        asker.which = i % 3 == 2 ? TQ__ENDS_VENDOR : TQ__ENDS_OURS;
        asker.rule.now_ns = after_ns;
        end_ns = end_of(&asker, i / 3);
        if (end_ns > after_ns && end_ns < *next_ns)
            *next_ns = end_ns;
        /* A record a little ahead of the clock may have spent a window that begins later. */
        asker.rule.now_ns = begin_ns;
        if (begin_ns > after_ns && begin_ns < *next_ns && end_of(&asker, i / 3) > begin_ns)
            *next_ns = begin_ns;
    }
}
