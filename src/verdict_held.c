/* verdict_held.c: what calls that run hold, in a verdict.
 *
 * SPDX-License-Identifier: MIT
 */
#include "held.h"
#include "levels.h"
#include "verdict.h"

/* Names the limit, or the budget, that holds keep out. */
static void name_out(const struct tq__held_out *out, uint32_t level, const struct tq__held *held,
                     struct tq_verdict *told)
{
    told->refusal = told->axis = told->source = told->profile = told->attempt = told->probing = 0;
    told->said_at_ns = told->probe_at_ns = 0;
    told->expects = out->reason == TQ_REASON_PREDICTED ? out->expects : 0;
    told->expected = out->reason == TQ_REASON_PREDICTED ? out->expected : 0;
    told->level = level;
    told->window_ns = out->length_ns;
    told->care = tq__care_of(held->ledger, held->slot);
    told->limit = out->line;
    told->limit_name[0] = '\0';
    told->limit_unit = out->line != 0 ? out->unit : 0;
    told->limit_window = out->window;
    told->limit_used = out->line != 0 ? out->used : 0;
    told->limit_amount = out->line != 0 ? out->amount : 0;
    told->limit_reserve = out->line != 0 ? out->amount - out->room : 0;
    told->others = out->others;
    told->withheld = out->others + out->kept;
    told->heard_at_ns = out->heard_ns;
    if (out->line != 0)
        return;
    told->used = out->used;
    told->budget = out->amount;
    told->left = out->amount - out->used - out->kept;
}

/* Adds what excludes because of holds. The later end binds, and of what holds keep out alike the one with the
 * least room in proportion. */
static void tell_out(const struct tq__held_out *out, uint32_t level, const struct tq__held *held,
                     struct tq__room *room, struct tq_verdict *told)
{
    struct tq__room own = {(held->use_reserve ? out->amount : out->room) - out->used - out->kept - out->held,
                           out->amount};

    told->reasons |= 1u << out->reason;
    if (out->line != 0)
        told->limits |= UINT64_C(1) << (8 * level + out->line - 1);
    if (told->state == TQ_QUOTA_EXHAUSTED &&
        (out->end_ns < told->retry_at_ns ||
         (out->end_ns == told->retry_at_ns &&
          (told->reason != TQ_REASON_HELD || !tq__room_is_smaller(own, *room)))))
        return;
    told->state = TQ_QUOTA_EXHAUSTED;
    told->reason = out->reason;
    told->retry_at_ns = out->end_ns;
    *room = own;
    name_out(out, level, held, told);
}

void tq__verdict_held(struct tq_ledger *ledger, const struct tq__levels *levels, struct tq__room *room,
                      struct tq_verdict *told)
{
    struct tq__held held[TQ__LEVELS];
    struct tq__held_out out[TQ__HELD_OUTS];
    uint32_t some = 0;

    for (uint32_t level = 0; level < levels->count; level++) {
        uint32_t count;

        held[level].ledger = ledger;
        held[level].slot = levels->slot[level];
        held[level].limits = tq__limits_of(ledger, levels->slot[level]);
        held[level].now_ns = told->at_ns;
        held[level].use_reserve = (told->flags & TQ_USE_RESERVE) != 0;
        if (!tq__held_any(held[level].limits))
            continue;
        some |= 1u << level;
        count = tq__held_look(&held[level], out);
        for (uint32_t i = 0; i < count; i++)
            tell_out(&out[i], level, &held[level], room, told);
    }
    if (some >> told->level & 1) {
        uint32_t unit = told->limit != 0 ? told->limit_unit % TQ__UNITS : TQ_UNIT_TOKENS;
        const struct tq__hold_sum *sum =
            tq__held_of(&held[told->level], unit != 0 ? unit : (uint32_t)TQ_UNIT_TOKENS);

        told->holds = sum->count;
        told->flying = sum->flying;
        told->held = sum->amount;
    }
}
