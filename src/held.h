/* held.h: what calls that run hold of a provider, for those who look.
 *
 * SPDX-License-Identifier: MIT
 *
 * A provider that never had a hold costs them one load. Of any other, holds are summed and added to what is
 * counted, for each limit and for the budget:
 *
 *   - used + held reaches what there is: out, `held`, until enough leases end, or the window does;
 *   - the rule care, with room less by what is held, and with the calls of unknown size: out, `predicted`.
 *
 * Nothing that decides is stored: an owner that dies clears nothing. What counts alone say is said elsewhere
 * (state.h, limits.h); this adds to it.
 *
 * Before somebody is told "out because of holds" the holds of dead owners, and those whose lease has ended,
 * are freed, and all is looked at once more. A reader that may not write leaves them out of the sums.
 *
 * ASKED. Whoever finds it out because of holds first sets `hold_asked`, and then looks once more; whoever
 * frees a hold looks at it afterwards, and tells (tq__hold_free). All four steps are sequentially consistent,
 * so either the hold is seen free, or it is told that it became so.
 */
#ifndef TQ_HELD_H
#define TQ_HELD_H

#include "hold_owner.h"
#include "limit_rule.h"

/* May a provider have holds? */
TQ__HOT bool tq__held_any(struct tq__limits *limits)
{
    /* Relaxed: what it leads to is loaded with acquire. In the line of `high`, which is loaded anyway. */
    return limits && atomic_load_explicit(&limits->holds, memory_order_relaxed) != 0;
}

/* Who looks, and what was found. */
struct tq__held {
    struct tq_ledger *ledger;
    struct tq__slot *slot;
    struct tq__limits *limits;
    int64_t now_ns;
    bool use_reserve;
    bool leaves_out; /* holds that are over are not summed */
    uint32_t summed; /* bit 1 << unit: it is in `of` */
    struct tq__hold_sum of[TQ__UNITS];
};

/* The sum of a unit's holds; made when it is first asked for. */
const struct tq__hold_sum *tq__held_of(struct tq__held *held, uint32_t unit);

/* What excludes because of holds: a limit, or the budget. */
struct tq__held_out {
    uint32_t line;   /* the number of the limit, 1 to 8; 0: the budget */
    uint32_t reason; /* TQ_REASON_HELD, TQ_REASON_PREDICTED, TQ_REASON_SHARED */
    int64_t
        end_ns; /* when it no longer does, if nothing more is recorded or settled; INT64_MAX: no known end */
    int64_t amount, room, used, held;
    int64_t kept, others, heard_ns; /* as in struct tq__standing; `used` is without `kept` */
    uint32_t unit, window;
    int64_t length_ns; /* of the window; 0: it never ends */
    uint32_t expects;  /* predicted: TQ_EXPECTS_... */
    int64_t expected;
};

#define TQ__HELD_OUTS (TQ__LIMITS + 1)

/* Fills *held and looks at a provider that may have holds: frees what is dead when that matters. Returns how
 * many limits exclude because of holds. `out` says which. */
uint32_t tq__held_look(struct tq__held *held, struct tq__held_out out[TQ__HELD_OUTS]);

/* The latest end of those that exclude because of holds; 0: none does. */
int64_t tq__held_end(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits *limits,
                     int64_t now_ns, bool use_reserve);

/* The same over a level that may have none. */
TQ__HOT int64_t tq__held_end_of(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns,
                                bool use_reserve)
{
    struct tq__limits *limits = tq__limits_of(ledger, slot);

    return tq__held_any(limits) ? tq__held_end(ledger, slot, limits, now_ns, use_reserve) : 0;
}

/* The first end of a lease after which at most `most` of a unit is held, by leases that end later; INT64_MAX:
 * no lease's. most >= 0. */
int64_t tq__held_until(struct tq__held *held, uint32_t unit, int64_t most);

/* Before somebody is told that holds leave too little: asks to be told, and frees what is dead, or leaves it
 * out. Sums are made anew afterwards. */
void tq__held_free_dead(struct tq__held *held);

/* Frees the holds of dead owners, and those whose lease has ended. Returns whether there were any. */
bool tq__held_reap(struct tq_ledger *ledger, struct tq__limits *limits, int64_t now_ns);

/* Has the lease of a hold ended: by an instant and, with a limit to the clock, by the clock? */
bool tq__lease_is_over(const struct tq_ledger *ledger, uint64_t word, int64_t now_ns);

/* Says that somebody is out because of holds. Who says so looks once more afterwards: a hold that was freed
 * before told nobody. */
void tq__held_ask(struct tq_ledger *ledger, struct tq__limits *limits);

#endif
