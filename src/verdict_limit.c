/* verdict_limit.c: which limit of a provider or a pool keeps it out, or is the nearest to doing so.
 *
 * SPDX-License-Identifier: MIT
 */
#include "verdict.h"

#include "held.h"
#include "levels.h"
#include "limit_rule.h"
#include "limits.h"
#include "probe.h"
#include "stated_line.h"

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

/* Adds a limit that does not exclude, to a verdict that nothing keeps out. *room is that of the limit that is
 * named. */
TQ__HOT void tell_room(uint64_t spec, uint32_t level, uint32_t i, struct tq__terms terms, int64_t used,
                       struct tq__room *room, struct tq_verdict *told)
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
static struct tq__room room_of(const struct tq__stated *stated, int64_t kept)
{
    int64_t used = stated->share == TQ__STATED_UNKNOWN ? TQ__STATED_WHOLE : stated->share;

    return (struct tq__room){(int64_t)TQ__STATED_WHOLE - kept - used, TQ__STATED_WHOLE};
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

/* What a refusal said, and what a rule expects, is told where it binds. */
static void forget_said(struct tq_verdict *told)
{
    told->expected = told->expects = 0;
    told->refusal = told->axis = told->source = told->profile = told->attempt = told->probing = 0;
    told->said_at_ns = told->probe_at_ns = 0;
}

/* Is a limit named rather than what ends at the same instant: by the order of reasons, then by its room? */
static bool is_before(uint32_t reason, struct tq__room own, const struct tq_verdict *told,
                      struct tq__room room)
{
    return reason != told->reason ? reason < told->reason
                                  : told->limit != 0 && tq__room_is_smaller(own, room);
}

/* Adds a vendor's word that blocks the window of a limit, or the user's stop there. */
static void tell_stated(struct tq__slot *slot, const struct tq__line *line, uint32_t level, uint32_t i,
                        struct tq__room *room, struct tq_verdict *told)
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
    struct tq__room own;

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
    tq__verdict_probe(line->ledger, slot, told);
}

/* Does a limit that excludes until end_ns bind rather than what was told so far? */
static bool limit_binds(int64_t end_ns, struct tq__room own, const struct tq_verdict *told,
                        struct tq__room room)
{
    return told->state == TQ_AVAILABLE || end_ns > told->retry_at_ns ||
           (end_ns == told->retry_at_ns && told->reason >= TQ_REASON_PREDICTED && told->limit != 0 &&
            tq__room_is_smaller(own, room));
}

/* Adds a limit of a level that may exclude: by its count, or by the rule. */
static __attribute__((noinline)) void tell_limit(const struct tq__rule_asker *asker,
                                                 const struct tq__line *line, uint32_t level, uint32_t i,
                                                 struct tq__room *room, struct tq_verdict *told)
{
    bool use_reserve = (told->flags & TQ_USE_RESERVE) != 0;
    struct tq__standing standing;
    struct tq__room own;
    int64_t end_ns;
    uint32_t reason;

    tell_stated(asker->slot, line, level, i, room, told);
    tq__line_stand(line, told->at_ns, use_reserve, &standing);
    end_ns = tq__limit_end(asker, line, &standing, use_reserve);
    if (end_ns == 0) {
        if (told->state == TQ_AVAILABLE)
            tell_room(line->word, level, i, standing.terms, standing.used, room, told);
        return;
    }
    reason = tq__standing_excludes(&standing, use_reserve) ? TQ_REASON_SPENT : TQ_REASON_PREDICTED;
    own.amount = standing.terms.amount;
    own.left = (use_reserve ? standing.terms.amount : standing.terms.room) - standing.used;
    told->limits |= UINT64_C(1) << (8 * level + i);
    told->reasons |= 1u << reason;
    if (!limit_binds(end_ns, own, told, *room))
        return;
    told->state = TQ_QUOTA_EXHAUSTED;
    told->reason = reason;
    told->retry_at_ns = end_ns;
    told->window_ns = tq__line_length_ns(line, &standing);
    forget_said(told);
    told->care = asker->care;
    told->expected = tq__limit_rule_expects(asker, line, &standing, use_reserve, &told->expects);
    *room = own;
    name_limit(line->word, level, i, standing.terms, standing.used, told);
}

bool tq__verdict_limits(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t level,
                        struct tq__room *room, struct tq_verdict *told)
{
    struct tq__limits *limits = tq__limits_of(ledger, slot);
    const struct tq__rule_asker asker = tq__rule_asker(ledger, slot, told->at_ns);
    bool overage_stop = tq__overage_stops(slot), use_reserve = (told->flags & TQ_USE_RESERVE) != 0;
    uint32_t lines = tq__limits_lines(limits, told->at_ns);
    uint64_t quarter = tq__quarter_of(told->at_ns);
    bool available = told->state == TQ_AVAILABLE;
    struct tq__room least = *room; /* stays in registers */
    struct tq__terms terms;
    int64_t used;

    for (uint32_t i = 0; i < lines; i++) {
        struct tq__line line;

        /* Acquire pairs with limit_set.c. */
        uint64_t spec = atomic_load_explicit(&limits->line[i].spec, memory_order_acquire);

        if (tq__spec_window(spec) == 0) /* free */
            continue;
        if (!tq__stated_may_exclude(&limits->line[i], spec, overage_stop) &&
            tq__limit_has_room(&limits->line[i], spec, quarter, &terms, &used) &&
            !tq__limit_may_run_out(&asker, limits, spec, terms, used, use_reserve)) {
            if (available)
                tell_room(spec, level, i, terms, used, &least, told);
        } else if (tq__line_open(&line, ledger, limits, i)) {
            *room = least;
            tell_limit(&asker, &line, level, i, room, told);
            least = *room;
            available = told->state == TQ_AVAILABLE;
        }
    }
    *room = least;
    return tq__held_any(limits);
}
