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
#include "shared.h"
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

/* Tells what is withheld of the limit that is named. */
TQ__HOT void name_shared(const struct tq__standing *standing, struct tq_verdict *told)
{
    told->others = standing->others;
    told->withheld = standing->others + standing->kept;
    told->heard_at_ns = standing->heard_ns;
}

/* Adds a limit that does not exclude, to a verdict that nothing keeps out. *room is that of the limit that is
 * named. Returns whether this one is named now. */
TQ__HOT bool tell_room(uint64_t spec, uint32_t level, uint32_t i, struct tq__terms terms, int64_t used,
                       struct tq__room *room, struct tq_verdict *told)
{
    __extension__ typedef unsigned __int128 wide; /* nothing here is negative */
    uint64_t left = (uint64_t)((told->flags & TQ_USE_RESERVE ? terms.amount : terms.room) - used);

    if (terms.amount == 0 || (room->amount != 0 && (wide)left * (uint64_t)room->amount >=
                                                       (wide)(uint64_t)room->left * (uint64_t)terms.amount))
        return false;
    room->left = (int64_t)left;
    room->amount = terms.amount;
    name_limit(spec, level, i, terms, used, told);
    return true;
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
    told->others = told->withheld = told->heard_at_ns = 0;
    tq__stated_name(line, told->limit_name);
    told->window_ns = tq__spec_length_ns(&line->spec);
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
    tq__verdict_forget_said(told);
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
        if (told->state == TQ_AVAILABLE &&
            tell_room(line->word, level, i, standing.terms, standing.used, room, told)) {
            told->limit_used = tq__standing_shown(&standing);
            name_shared(&standing, told);
        }
        return;
    }
    reason = !tq__standing_excludes(&standing, use_reserve)  ? TQ_REASON_PREDICTED
             : tq__standing_is_spent(&standing, use_reserve) ? TQ_REASON_SPENT
                                                             : TQ_REASON_SHARED;
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
    tq__verdict_forget_said(told);
    told->care = asker->care;
    told->expected = tq__limit_rule_expects(asker, line, &standing, use_reserve, &told->expects);
    *room = own;
    name_limit(line->word, level, i, standing.terms, tq__standing_shown(&standing), told);
    name_shared(&standing, told);
}

/* What is withheld of a limit that was named in few steps, and what others used of it. */
static __attribute__((noinline)) void name_quickly(struct tq_ledger *ledger, struct tq__limits *limits,
                                                   uint32_t i, struct tq_verdict *told)
{
    struct tq__line line;
    struct tq__part part;
    int64_t kept;

    if (!tq__line_open(&line, ledger, limits, i))
        return;
    tq__part_of(&line, tq__tag_of(tq__limit_bound(line.limit, line.word)) & 0xffff, told->at_ns, &part);
    kept = part.withheld - part.others; /* it may have changed since the count was loaded */
    told->limit_used -= kept < told->limit_used ? kept : told->limit_used;
    told->others = part.others;
    told->withheld = part.withheld;
    told->heard_at_ns = part.heard_ns;
}

/* The same where both words were told of the window whose count has this tag. */
TQ__HOT bool name_told(struct tq__limits *limits, uint32_t i, uint32_t sharing, uint64_t tag,
                       struct tq_verdict *told)
{
    /* Sequentially consistent as all of these words. */
    uint64_t withheld =
        atomic_load_explicit(&limits->withheld[i], memory_order_seq_cst) - (tag << TQ__METER_BITS);
    uint64_t others =
        atomic_load_explicit(&limits->rest[i].others, memory_order_seq_cst) - (tag << TQ__METER_BITS);

    if (sharing != TQ__SHARED_HEARD || withheld > TQ__METER_MAX || others > withheld ||
        (int64_t)(withheld - others) > told->limit_used)
        return false;
    told->limit_used -= (int64_t)(withheld - others);
    told->others = (int64_t)others;
    told->withheld = (int64_t)withheld;
    told->heard_at_ns = atomic_load_explicit(&limits->rest[i].others_at_ns, memory_order_relaxed);
    return true;
}

/* tq__verdict_limits. `sharing` is an argument so that the compiler makes a copy for TQ__SHARED_NOT, which
 * has no step for what is withheld. */
TQ__HOT void tell_lines(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits *limits,
                        uint32_t level, uint32_t sharing, struct tq__room *room, struct tq_verdict *told)
{
    const struct tq__rule_asker asker = tq__rule_asker(ledger, slot, told->at_ns);
    bool overage_stop = tq__overage_stops(slot), use_reserve = (told->flags & TQ_USE_RESERVE) != 0;
    uint32_t lines = tq__limits_lines(limits, told->at_ns);
    bool available = told->state == TQ_AVAILABLE;
    struct tq__room least = *room; /* stays in registers */
    uint64_t tag = 0, named_tag = 0;
    uint32_t named = TQ__LIMITS; /* in few steps: with what is withheld in its count */
    struct tq__terms terms;
    int64_t used;

    for (uint32_t i = 0; i < lines; i++) {
        struct tq__line line;

        /* Acquire pairs with limit_set.c. */
        uint64_t spec = atomic_load_explicit(&limits->line[i].spec, memory_order_acquire);

        if (tq__spec_window(spec) == 0) /* free */
            continue;
        if (!tq__stated_may_exclude(&limits->line[i], spec, overage_stop) &&
            tq__shared_has_room(ledger, limits, i, sharing, spec, told->at_ns, &terms, &used, &tag) &&
            !tq__limit_may_run_out(&asker, limits, spec, terms, used, use_reserve)) {
            if (available && tell_room(spec, level, i, terms, used, &least, told))
                named = i, named_tag = tag;
        } else if (tq__line_open(&line, ledger, limits, i)) {
            *room = least;
            tell_limit(&asker, &line, level, i, room, told);
            least = *room;
            available = told->state == TQ_AVAILABLE;
        }
    }
    *room = least;
    if (sharing != TQ__SHARED_NOT && told->level == level && told->limit == named + 1 &&
        !name_told(limits, named, sharing, named_tag, told))
        name_quickly(ledger, limits, named, told);
}

bool tq__verdict_limits(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t level,
                        struct tq__room *room, struct tq_verdict *told)
{
    struct tq__limits *limits = tq__limits_of(ledger, slot);
    const uint32_t sharing = tq__limits_lines(limits, told->at_ns) > 0
                                 ? tq__sharing_of(ledger, limits, told->at_ns)
                                 : TQ__SHARED_NOT;

    if (__builtin_expect(sharing == TQ__SHARED_NOT, 1))
        tell_lines(ledger, slot, limits, level, TQ__SHARED_NOT, room, told);
    else
        tell_lines(ledger, slot, limits, level, sharing, room, told);
    return tq__held_any(limits);
}
