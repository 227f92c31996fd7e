/* limit_rule.c: until when the rule care keeps a provider out by a limit, and why.
 *
 * SPDX-License-Identifier: MIT
 */
#include "limit_rule.h"

#define SHORTEST_NS TQ__HOUR_NS /* of a window that has a rule */

/* Has a limit of this kind a rule? */
static bool has_rule(const struct tq__spec *spec)
{
    if (spec->unit == TQ_UNIT_SHARE)
        return false;
    if (spec->window == TQ_WINDOW_FIXED || spec->window == TQ_WINDOW_FIRST_USE ||
        spec->window == TQ_WINDOW_ROLLING)
        return tq__spec_length_ns(spec) >= SHORTEST_NS;
    return tq__window_turns(spec->window) || spec->window == TQ_WINDOW_ONCE;
}

/* What the rule looks at. */
struct looked {
    struct tq__noted noted;
    int64_t budget, room; /* room: less by what is held, too */
    int64_t held;
    int64_t end_ns; /* of the window; a rolling one and one that never turns have none: INT64_MAX */
};

/* False: the rule says nothing of the limit. */
static bool look_back(const struct tq__rule_asker *asker, const struct tq__line *line,
                      const struct tq__standing *standing, bool use_reserve, struct looked *looked)
{
    looked->budget = use_reserve ? standing->terms.amount : standing->terms.room;
    looked->held = standing->held;
    looked->room = looked->budget - standing->used - standing->held;
    if (asker->care == 0 || standing->terms.amount == 0 || (standing->used <= 0 && standing->flying == 0) ||
        looked->room <= 0 || !has_rule(&line->spec))
        return false;
    looked->end_ns =
        line->spec.window == TQ_WINDOW_ROLLING || standing->end_ns == 0 ? INT64_MAX : standing->end_ns;
    looked->noted = tq__notes_read(tq__notes_of(asker->slot, line->limits, line->spec.unit),
                                   tq__half_hour_of(asker->now_ns), asker->now_ns);
    return asker->now_ns < looked->end_ns;
}

/* What a rolling limit counts at an instant, if nothing more is recorded. */
static int64_t used_at(const struct tq__line *line, int64_t at_ns)
{
    struct tq__standing standing = {.terms = {.room = INT64_MAX}}; /* its end is not asked for */

    tq__line_stand_by(line, at_ns, false, &standing);
    return standing.used;
}

/* When what the half hour took is no more than what is left. A rolling limit may be back before the half hour
 * has fallen so far: its sum falls, too. */
static int64_t room_for_half_hour(const struct tq__rule_asker *asker, const struct tq__line *line,
                                  const struct looked *looked)
{
    int64_t most = looked->budget - looked->held, last_ns = asker->now_ns, used = most - looked->room;
    int64_t first_ns =
        tq__took_end(&looked->noted.half, asker->care, (uint64_t)looked->room, last_ns, looked->end_ns);

    if (line->spec.window != TQ_WINDOW_ROLLING || used_at(line, first_ns - 1) >= used)
        return first_ns;
    while (first_ns - last_ns > 1) { /* out at last_ns, and back at first_ns */
        int64_t middle_ns = last_ns + (first_ns - last_ns) / 2;

        used = used_at(line, middle_ns);
        if (used > 0 &&
            (used >= most || tq__took_exceeds(&looked->noted.half, asker->care, (uint64_t)(most - used),
                                              middle_ns, looked->end_ns)))
            last_ns = middle_ns;
        else
            first_ns = middle_ns;
    }
    return first_ns;
}

/* When a rolling limit has room for the mean call again, or a quarter of its budget. */
static int64_t room_for_call(const struct tq__rule_asker *asker, const struct tq__line *line,
                             const struct looked *looked)
{
    int64_t quarter = looked->budget / 4 + (looked->budget % 4 != 0);
    int64_t call = tq__call_expects(looked->noted.call, asker->care);
    struct tq__standing standing = {.terms = {.amount = looked->budget}};

    /* The count falls below what leaves that room. */
    standing.terms.room = looked->budget - looked->held - (call < quarter ? call : quarter) + 1;
    if (standing.terms.room <= 0) /* never, as long as so much is held */
        return looked->end_ns;
    tq__line_stand_by(line, asker->now_ns, false, &standing);
    return standing.used < standing.terms.room ? 0 : standing.until_ns;
}

int64_t tq__limit_rule_end(const struct tq__rule_asker *asker, const struct tq__line *line,
                           const struct tq__standing *standing, bool use_reserve)
{
    struct looked looked;
    int64_t end_ns = 0, took_ns = 0;

    if (!look_back(asker, line, standing, use_reserve, &looked))
        return 0;
    if (tq__flying_exceed(looked.noted.call, asker->care, standing->flying, (uint64_t)looked.room))
        return looked.end_ns;
    if (tq__call_exceeds(looked.noted.call, asker->care, (uint64_t)looked.room, (uint64_t)looked.budget)) {
        if (line->spec.window != TQ_WINDOW_ROLLING)
            return looked.end_ns;
        end_ns = room_for_call(asker, line, &looked);
    }
    if (tq__took_exceeds(&looked.noted.half, asker->care, (uint64_t)looked.room, asker->now_ns,
                         looked.end_ns))
        took_ns = room_for_half_hour(asker, line, &looked);
    return took_ns > end_ns ? took_ns : end_ns;
}

int64_t tq__limit_rule_expects(const struct tq__rule_asker *asker, const struct tq__line *line,
                               const struct tq__standing *standing, bool use_reserve, uint32_t *expects)
{
    struct looked looked;

    *expects = 0;
    if (!look_back(asker, line, standing, use_reserve, &looked))
        return 0;
    return tq__rule_expects(&looked.noted, asker->care, standing->flying, looked.budget, looked.room,
                            asker->now_ns, looked.end_ns, expects);
}
