/* verdict.c: why a provider is in routing or out of it, in numbers, and the first of some that may be asked.
 *
 * SPDX-License-Identifier: MIT
 */
#include "levels.h"
#include "probe.h"
#include "refusal.h"
#include "rule.h"
#include "state.h"
#include "stated_line.h"

/* Begins a verdict of the first header's size: nothing keeps the provider out. Field by field: a struct of
 * zeros is made by a loop, which costs more than everything else here. */
TQ__HOT void begin(struct tq_verdict *verdict, uint32_t size, uint32_t flags, int64_t now_ns)
{
    verdict->size = size;
    verdict->state = TQ_AVAILABLE;
    verdict->reason = verdict->reasons = verdict->refusal = verdict->axis = verdict->source = 0;
    verdict->profile = verdict->rule = verdict->attempt = verdict->probing = 0;
    verdict->flags = flags;
    verdict->used = verdict->budget = verdict->left = verdict->retry_at_ns = verdict->said_at_ns = 0;
    verdict->window_ns = verdict->probe_at_ns = 0;
    verdict->at_ns = now_ns;
}

/* The rest of it: no limit is named. */
TQ__HOT void begin_limits(struct tq_verdict *verdict)
{
    verdict->level = verdict->limit = verdict->limit_unit = verdict->limit_window = 0;
    verdict->limit_used = verdict->limit_amount = verdict->limit_reserve = 0;
    verdict->limits = 0;
    verdict->limit_name[0] = '\0';
}

/* Adds a reason that holds until end_ns. The latest end binds, of equal ones the first. */
TQ__HOT void add_reason(struct tq_verdict *verdict, uint32_t reason, int64_t end_ns)
{
    if (end_ns <= 0 || end_ns <= verdict->at_ns)
        return;
    verdict->reasons |= 1u << reason;
    verdict->state = TQ_QUOTA_EXHAUSTED;
    if (end_ns > verdict->retry_at_ns) {
        verdict->retry_at_ns = end_ns;
        verdict->reason = reason;
    }
}

/* Tells of the probe of words with an end. */
static TQ__COLD void tell_probe(struct tq_ledger *ledger, struct tq__slot *slot, struct tq_verdict *verdict)
{
    bool out;

    verdict->probe_at_ns = tq__probe_due_timed(ledger, slot, verdict->at_ns, &verdict->attempt, &out);
    verdict->probing = out;
}

/* Tells of the refusal that binds. */
TQ__HOT void tell_said(struct tq_ledger *ledger, struct tq__slot *slot, uint64_t said,
                       _Atomic uint64_t *why_word, struct tq_verdict *verdict)
{
    const struct tq__refusal parts = tq__refusal_unpack(said);
    /* Relaxed: the 16 bits in it say whether it belongs to the word. */
    const struct tq__why why = tq__why_unpack(said, atomic_load_explicit(why_word, memory_order_relaxed));

    verdict->refusal = parts.refusal;
    verdict->axis = why.axis;
    verdict->source = why.source;
    verdict->profile = why.profile;
    verdict->window_ns = (int64_t)why.window_s * TQ__SECOND_NS;
    verdict->said_at_ns = tq__refusal_at_ns(said);
    if (verdict->said_at_ns > verdict->at_ns) /* the word is rounded up: nothing was said in the future */
        verdict->said_at_ns = verdict->at_ns;
    if (!tq__refusal_no_end(said)) {
        if (verdict->reason == TQ_REASON_REPORTED)
            tell_probe(ledger, slot, verdict);
        return;
    }
    verdict->attempt = parts.attempt;
    verdict->probe_at_ns = tq__probe_due_ns(slot, said);
    verdict->probing = parts.probing && verdict->probe_at_ns > verdict->at_ns;
}

/* Tells of usage and budget. What a rule predicts of a budget that is used up is no forecast: it is spent. */
TQ__HOT void tell_usage(struct tq_ledger *ledger, struct tq__slot *slot, struct tq_verdict *verdict)
{
    const struct tq__at at = tq__at(ledger, slot, verdict->at_ns);
    const uint32_t predicted = 1u << TQ_REASON_PREDICTED;

    verdict->used = tq__at_used(&at);
    verdict->budget = at.budget;
    verdict->rule = at.rule;
    if (verdict->budget > verdict->used) {
        verdict->left = verdict->budget - verdict->used;
    } else if (verdict->budget > 0 && verdict->reasons & predicted) {
        verdict->reasons ^= predicted | 1u << TQ_REASON_SPENT;
        if (verdict->reason == TQ_REASON_PREDICTED)
            verdict->reason = TQ_REASON_SPENT;
    }
}

/* Fills what one slot's own words, day and budget say. */
TQ__HOT void tell_slot(struct tq_ledger *ledger, struct tq__slot *slot, struct tq_verdict *told)
{
    uint64_t reported, throttled;

    /* Acquire as in tq__state_end. */
    reported = atomic_load_explicit(&slot->reported, memory_order_acquire);
    throttled = atomic_load_explicit(&slot->throttled, memory_order_acquire);
    add_reason(told, TQ_REASON_MARKED, atomic_load_explicit(&slot->mark, memory_order_acquire));
    add_reason(told, TQ_REASON_REPORTED, tq__refusal_end_ns(reported));
    add_reason(told, TQ_REASON_THROTTLED, tq__refusal_end_ns(throttled));
    add_reason(told, TQ_REASON_PREDICTED, atomic_load_explicit(&slot->predicted, memory_order_acquire));
    tell_usage(ledger, slot, told);
    if (told->reason == TQ_REASON_REPORTED)
        tell_said(ledger, slot, reported, &slot->reported_why, told);
    else if (told->reason == TQ_REASON_THROTTLED)
        tell_said(ledger, slot, throttled, &slot->throttled_why, told);
    else if (told->reason >= TQ_REASON_PREDICTED)
        told->window_ns = TQ__DAY_NS;
}

/* ---- limits and pools ------------------------------------------------------------------------ */

/* What is left of an amount, as a part of the amount; to be compared. */
struct room {
    int64_t left, amount; /* amount 0: of no limit */
};

static bool is_smaller(struct room a, struct room b)
{
    __extension__ typedef __int128 wide;

    return b.amount == 0 || (wide)a.left * b.amount < (wide)b.left * a.amount;
}

/* Names a limit in the verdict. */
TQ__HOT void name_limit(uint64_t spec, uint32_t level, uint32_t i, struct tq__terms terms, int64_t used,
                        struct tq_verdict *told)
{
    told->level = level;
    told->limit_name[0] = '\0';
    told->limit = i + 1;
    told->limit_unit = tq__spec_unit(spec);
    told->limit_window = tq__spec_window(spec);
    told->limit_used = used;
    told->limit_amount = terms.amount;
    told->limit_reserve = terms.amount - terms.room;
}

/* The length of the window that binds. What a rolling limit counts is a hundredth longer, and a refill has no
 * window. 0: it never ends. */
static int64_t length_of(const struct tq__line *line, const struct tq__standing *standing)
{
    if (line->spec.window == TQ_WINDOW_ROLLING)
        return line->spec.length * TQ__MINUTE_NS;
    return line->spec.window == TQ_WINDOW_REFILL ? line->spec.length * TQ__SECOND_NS
                                                 : standing->end_ns - standing->start_ns;
}

/* Adds a limit that does not exclude, to a verdict that nothing keeps out. *room is that of the limit that is
 * named. */
TQ__HOT void tell_room(uint64_t spec, uint32_t level, uint32_t i, struct tq__terms terms, int64_t used,
                       struct room *room, struct tq_verdict *told)
{
    __extension__ typedef unsigned __int128 wide; /* nothing here is negative */
    uint64_t left = (uint64_t)((told->flags & TQ_USE_RESERVE ? terms.amount : terms.room) - used);

    if (terms.amount == 0 || (room->amount != 0 && (wide)left * (uint64_t)room->amount >=
                                                       (wide)(uint64_t)room->left * (uint64_t)terms.amount))
        return;
    room->left = (int64_t)left;
    room->amount = terms.amount;
    name_limit(spec, level, i, terms, used, told);
}

/* The room that the vendor leaves: unknown is none, when it refuses. */
static struct room room_of(const struct tq__stated *stated, int64_t kept)
{
    int64_t used = stated->share == TQ__STATED_UNKNOWN ? TQ__STATED_WHOLE : stated->share;

    return (struct room){(int64_t)TQ__STATED_WHOLE - kept - used, TQ__STATED_WHOLE};
}

/* Names the vendor's limit that binds, in millionths. */
static void name_stated(const struct tq__line *line, uint32_t level, uint32_t i,
                        const struct tq__stated *stated, int64_t reserve, struct tq_verdict *told)
{
    const struct tq__terms terms = {.amount = 1000000, .room = 1000000 - reserve};
    int64_t used = stated->share == TQ__STATED_UNKNOWN ? 0 : INT64_C(100) * stated->share;

    name_limit(line->word, level, i, terms, used, told);
    tq__stated_name(line, told->limit_name);
    told->window_ns = tq__spec_length_ns(&line->spec);
}

/* What a refusal said is told where it binds. */
static void forget_said(struct tq_verdict *told)
{
    told->refusal = told->axis = told->source = told->profile = told->attempt = told->probing = 0;
    told->said_at_ns = told->probe_at_ns = 0;
}

/* Is a limit named rather than what ends at the same instant: by the order of reasons, then by its room? */
static bool is_before(uint32_t reason, struct room own, const struct tq_verdict *told, struct room room)
{
    return reason != told->reason ? reason < told->reason : told->limit != 0 && is_smaller(own, room);
}

/* Adds a vendor's word that blocks the window of a limit, or the user's stop there. */
static void tell_stated(struct tq__slot *slot, const struct tq__line *line, uint32_t level, uint32_t i,
                        struct room *room, struct tq_verdict *told)
{
    bool use_reserve = (told->flags & TQ_USE_RESERVE) != 0;
    uint64_t blocking = tq__stated_blocking(line, told->at_ns);
    uint64_t reserve =
        atomic_load_explicit(&line->limit->reserve, memory_order_relaxed) >> TQ__METER_BITS & 0xffff;
    int64_t stop_ns =
        tq__stated_end(line, TQ__STATED_STOPS, tq__overage_stops(slot), use_reserve, told->at_ns);
    int64_t block_ns = tq__refusal_end_ns(blocking);
    bool stops = stop_ns > block_ns; /* the later end binds */
    int64_t end_ns = stops ? stop_ns : block_ns, kept = stops ? (int64_t)reserve : 0;
    uint32_t reason = stops ? TQ_REASON_SPENT : TQ_REASON_REPORTED;
    struct tq__stated stated = {.share = TQ__STATED_UNKNOWN};
    struct room own;

    if (end_ns == 0)
        return;
    (void)tq__stated_reading(line, &stated);
    own = room_of(&stated, kept);
    told->limits |= UINT64_C(1) << (8 * level + i);
    told->reasons |=
        (block_ns > 0 ? 1u << TQ_REASON_REPORTED : 0) | (stop_ns > 0 ? 1u << TQ_REASON_SPENT : 0);
    if (told->state != TQ_AVAILABLE &&
        (end_ns < told->retry_at_ns || (end_ns == told->retry_at_ns && !is_before(reason, own, told, *room))))
        return;
    told->state = TQ_QUOTA_EXHAUSTED;
    told->retry_at_ns = end_ns;
    *room = own;
    told->reason = reason;
    forget_said(told);
    name_stated(line, level, i, &stated, 100 * kept, told);
    if (stops)
        return;
    told->refusal = tq__refusal_unpack(blocking).refusal;
    told->axis = tq__stated_axis(line->spec.unit);
    told->source = stated.source;
    told->profile = stated.profile;
    told->said_at_ns = tq__refusal_at_ns(blocking) < told->at_ns ? tq__refusal_at_ns(blocking) : told->at_ns;
    tell_probe(line->ledger, slot, told);
}

/* Adds a limit of a level that may exclude. */
static __attribute__((noinline)) void tell_limit(struct tq__slot *slot, const struct tq__line *line,
                                                 uint32_t level, uint32_t i, struct room *room,
                                                 struct tq_verdict *told)
{
    bool use_reserve = (told->flags & TQ_USE_RESERVE) != 0;
    struct tq__standing standing;
    struct room own;

    tell_stated(slot, line, level, i, room, told);
    tq__line_stand(line, told->at_ns, use_reserve, &standing);
    if (!tq__standing_excludes(&standing, use_reserve)) {
        if (told->state == TQ_AVAILABLE)
            tell_room(line->word, level, i, standing.terms, standing.used, room, told);
        return;
    }
    own.amount = standing.terms.amount;
    own.left = (use_reserve ? standing.terms.amount : standing.terms.room) - standing.used;
    told->limits |= UINT64_C(1) << (8 * level + i);
    told->reasons |= 1u << TQ_REASON_SPENT;
    if (told->state == TQ_AVAILABLE || standing.until_ns > told->retry_at_ns ||
        (standing.until_ns == told->retry_at_ns && told->reason == TQ_REASON_SPENT && told->limit != 0 &&
         is_smaller(own, *room))) {
        told->state = TQ_QUOTA_EXHAUSTED;
        told->reason = TQ_REASON_SPENT;
        told->retry_at_ns = standing.until_ns;
        told->window_ns = length_of(line, &standing);
        forget_said(told);
        *room = own;
        name_limit(line->word, level, i, standing.terms, standing.used, told);
    }
}

/* Adds the limits of a level. */
TQ__HOT void tell_limits(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t level, struct room *room,
                         struct tq_verdict *told)
{
    struct tq__limits *limits = tq__limits_of(ledger, slot);
    bool overage_stop = tq__overage_stops(slot);
    uint32_t lines = tq__limits_lines(limits, told->at_ns);
    uint64_t quarter = tq__quarter_of(told->at_ns);
    bool available = told->state == TQ_AVAILABLE;
    struct room least = *room; /* stays in registers */
    struct tq__terms terms;
    int64_t used;

    for (uint32_t i = 0; i < lines; i++) {
        struct tq__line line;

        /* Acquire pairs with limit_set.c. */
        uint64_t spec = atomic_load_explicit(&limits->line[i].spec, memory_order_acquire);

        if (tq__spec_window(spec) == 0) /* free */
            continue;
        if (!tq__stated_may_exclude(&limits->line[i], spec, overage_stop) &&
            tq__limit_has_room(&limits->line[i], spec, quarter, &terms, &used)) {
            if (available)
                tell_room(spec, level, i, terms, used, &least, told);
        } else if (tq__line_open(&line, ledger, limits, i)) {
            *room = least;
            tell_limit(slot, &line, level, i, room, told);
            least = *room;
            available = told->state == TQ_AVAILABLE;
        }
    }
    *room = least;
}

/* Does a level's verdict bind rather than what was told so far? */
static bool binds(const struct tq_verdict *level, const struct tq_verdict *told)
{
    return level->state == TQ_QUOTA_EXHAUSTED &&
           (told->state == TQ_AVAILABLE || level->retry_at_ns > told->retry_at_ns);
}

static __attribute__((noinline)) int tell_levels(struct tq_ledger *ledger, struct tq__slot *slot,
                                                 struct tq_verdict *told)
{
    struct room room = {0, 0};
    struct tq__levels levels;

    tq__levels_of(ledger, slot, &levels);
    for (uint32_t level = 1; level < levels.count; level++) {
        struct tq_verdict own;

        begin(&own, told->size, told->flags, told->at_ns);
        begin_limits(&own);
        tell_slot(ledger, levels.slot[level], &own);
        own.reasons |= told->reasons;
        told->reasons = own.reasons;
        own.level = level;
        if (binds(&own, told))
            *told = own;
    }
    for (uint32_t level = 0; level < levels.count; level++)
        tell_limits(ledger, levels.slot[level], level, &room, told);
    return told->state;
}

/* A verdict of the first header's size, over all levels. */
static TQ__COLD int tell_levels_oldest(struct tq_ledger *ledger, struct tq__slot *slot,
                                       struct tq_verdict *verdict)
{
    struct tq_verdict told = {0};

    memcpy(&told, verdict, TQ__VERDICT_SIZE_OLDEST);
    tell_levels(ledger, slot, &told);
    memcpy(verdict, &told, TQ__VERDICT_SIZE_OLDEST);
    return told.state;
}

int tq_provider_verdict(const struct tq_provider *provider, int64_t now_ns, struct tq_verdict *verdict)
{
    struct tq__slot *slot;
    int answer;

    if (!provider || !verdict || !tq__verdict_size_ok(verdict->size) || verdict->flags & ~TQ_USE_RESERVE)
        return TQ_EINVAL;
    answer = tq__ledger_look(provider->ledger, now_ns);
    if (answer < 0)
        return answer;
    slot = tq__provider_slot(provider);
    begin(verdict, verdict->size, verdict->flags, now_ns);
    if (verdict->size >= sizeof *verdict)
        begin_limits(verdict);
    tell_slot(provider->ledger, slot, verdict);
    if (!tq__slot_is_linked(slot))
        return verdict->state;
    return verdict->size < sizeof *verdict ? tell_levels_oldest(provider->ledger, slot, verdict)
                                           : tell_levels(provider->ledger, slot, verdict);
}
