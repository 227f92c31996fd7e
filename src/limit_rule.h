/* limit_rule.h: will a limit last? The rule care, for each limit by the notes of its unit.
 *
 * SPDX-License-Identifier: MIT
 *
 * A record notes the amount of each unit that a limit of the provider counts (rule.h). Nothing that the rule
 * says of a limit is stored: whoever looks asks it of count and notes at that instant. So there is nothing to
 * take back. A record that finds a limit out by the rule tells of its end, at each record: whether the one
 * before found it, too, is not remembered.
 *
 * A limit has a rule when it has an amount, and when its window is a calendar's, fixed, of first use,
 * rolling, or once. A window of less than an hour has none, nor has one that refills, nor one that a vendor
 * states. A caller with the reserve is judged by the amount, any other by what is left of it without the
 * reserve.
 */
#ifndef TQ_LIMIT_RULE_H
#define TQ_LIMIT_RULE_H

#include "line.h"
#include "rule.h"

/* Who asks the rule: a provider or a pool, at an instant. */
struct tq__rule_asker {
    struct tq__slot *slot;
    unsigned care; /* 0: no rule looks at its limits */
    int64_t now_ns;
};

TQ__HOT struct tq__rule_asker tq__rule_asker(const struct tq_ledger *ledger, struct tq__slot *slot,
                                             int64_t now_ns)
{
    return (struct tq__rule_asker){slot, tq__care_of(ledger, slot), now_ns};
}

/* May the rule say that a limit with an amount, whose count is below its room, will not last? In few steps:
 * true also of some that will. */
TQ__HOT bool tq__limit_may_run_out(const struct tq__rule_asker *asker, struct tq__limits *limits,
                                   uint64_t spec, struct tq__terms terms, int64_t used, bool use_reserve)
{
    const uint64_t budget = (uint64_t)(use_reserve ? terms.amount : terms.room);
    const uint64_t room = budget - (uint64_t)used;
    const struct tq__notes notes = tq__notes_of(asker->slot, limits, tq__spec_unit(spec) % TQ__UNITS);
    /* Relaxed: nothing that is written depends on it. */
    uint64_t even = atomic_load_explicit(&notes.half_hour[0], memory_order_relaxed) & TQ__HALF_HOUR_MAX;
    uint64_t odd = atomic_load_explicit(&notes.half_hour[1], memory_order_relaxed) & TQ__HALF_HOUR_MAX;

    return asker->care * (even + odd) / 4 >= room ||
           tq__call_exceeds(atomic_load_explicit(notes.mean_call, memory_order_relaxed), asker->care, room,
                            budget);
}

/* Returns the instant until which the rule keeps the provider out by a limit that is not spent, if nothing
 * more is recorded: INT64_MAX when it has no end; 0: it does not. */
int64_t tq__limit_rule_end(const struct tq__rule_asker *asker, const struct tq__line *line,
                           const struct tq__standing *standing, bool use_reserve);

/* What the rule expects to be used, in the unit of the limit, and by what: TQ_EXPECTS_.... */
int64_t tq__limit_rule_expects(const struct tq__rule_asker *asker, const struct tq__line *line,
                               const struct tq__standing *standing, bool use_reserve, uint32_t *expects);

/* The end until which a limit excludes, by its count or by the rule; 0: it does not. */
static inline int64_t tq__limit_end(const struct tq__rule_asker *asker, const struct tq__line *line,
                                    const struct tq__standing *standing, bool use_reserve)
{
    return tq__standing_excludes(standing, use_reserve)
               ? standing->until_ns
               : tq__limit_rule_end(asker, line, standing, use_reserve);
}

#endif
