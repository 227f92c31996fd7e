/* stated_line.c: finds the line that keeps what a vendor says of a window, or makes one.
 *
 * SPDX-License-Identifier: MIT
 */
#include "stated_line.h"

#include <stdio.h>

static const uint32_t limit_units[] = {
    [TQ_AXIS_UNKNOWN] = TQ_UNIT_SHARE, [TQ_AXIS_REQUESTS] = TQ_UNIT_REQUESTS,
    [TQ_AXIS_TOKENS] = TQ_UNIT_TOKENS, [TQ_AXIS_INPUT] = TQ_UNIT_INPUT,
    [TQ_AXIS_OUTPUT] = TQ_UNIT_OUTPUT, [TQ_AXIS_MONEY] = TQ_UNIT_COST,
};
#define AXES (sizeof limit_units / sizeof limit_units[0])

uint32_t tq__stated_unit(uint32_t axis)
{
    return axis < AXES ? limit_units[axis] : 0;
}

uint32_t tq__stated_axis(uint32_t unit)
{
    for (uint32_t axis = 0; axis < AXES; axis++)
        if (limit_units[axis] == unit)
            return axis;
    return TQ_AXIS_UNKNOWN;
}

/* Is it a limit that the user set, of the same unit and length? */
static bool is_of_user(const struct tq__line *line, const struct tq__stated_window *window)
{
    return line->spec.unit == window->unit && line->spec.window != TQ_WINDOW_STATED &&
           line->spec.window != TQ_WINDOW_REFILL && tq__spec_length_ns(&line->spec) == window->length_ns;
}

/* Finds a limit of the user that is like the window, else the line of the window itself. */
static bool find_line(struct tq_ledger *ledger, struct tq__limits *limits,
                      const struct tq__stated_window *window, uint64_t spec, struct tq__line *line)
{
    uint32_t lines = tq__limits_lines(limits, 0), own = TQ__LIMITS;

    for (uint32_t i = 0; i < lines; i++) {
        uint64_t word = atomic_load_explicit(&limits->line[i].spec, memory_order_acquire); /* limit_set.c */

        if (tq__specs_match(word, spec))
            own = i;
        else if (!*window->name && tq__spec_unit(word) == window->unit && /* most are of another unit */
                 tq__line_open(line, ledger, limits, i) && is_of_user(line, window))
            return true;
    }
    /* Once more when it is open: another limit may have the line by then. */
    return own < TQ__LIMITS && tq__line_open(line, ledger, limits, own) && tq__specs_match(line->word, spec);
}

/* May a stated limit give its line to another? Not while its word blocks, or would, and not a user's. */
static bool may_yield(const struct tq__line *line, uint32_t now_s)
{
    uint64_t amount = atomic_load_explicit(&line->limit->amount, memory_order_relaxed);
    uint64_t reserve = atomic_load_explicit(&line->limit->reserve, memory_order_relaxed);
    uint64_t overruled = atomic_load_explicit(&line->rest->overruled, memory_order_relaxed);
    int64_t now_ns = now_s * TQ__SECOND_NS;

    return line->spec.window == TQ_WINDOW_STATED && !(amount & TQ__AMOUNT_OF_USER) && reserve << 8 == 0 &&
           tq__stated_blocking(line, now_ns) == 0 &&
           (overruled >> 32 == 0 || tq__refusal_end_ns(overruled) <= now_ns);
}

bool tq__stated_yield(struct tq_ledger *ledger, struct tq__limits *limits, uint32_t now_s)
{
    uint32_t oldest_s = UINT32_MAX;
    struct tq__line line, oldest;

    for (uint32_t i = 0; i < tq__limits_lines(limits, 0); i++) {
        struct tq__stated stated = {.said_s = 0};

        if (!tq__line_open(&line, ledger, limits, i) || !may_yield(&line, now_s))
            continue;
        (void)tq__stated_reading(&line, &stated);
        if (stated.said_s < oldest_s) {
            oldest_s = stated.said_s;
            oldest = line;
        }
    }
    return oldest_s != UINT32_MAX && tq__limits_yield(&oldest);
}

/* Makes a line for a window. False: none is free. */
static TQ__COLD bool make(struct tq_ledger *ledger, struct tq__limits *limits,
                          const struct tq__stated_window *window, uint32_t said_s)
{
    struct tq_limit limit = {.size = sizeof limit,
                             .unit = window->unit,
                             .window = TQ_WINDOW_STATED,
                             .length_ns = window->length_ns};
    int answer;

    snprintf(limit.zone, sizeof limit.zone, "%s", window->name);
    do
        answer = tq__limits_place(ledger, limits, &limit);
    while (answer == TQ_EFULL && tq__stated_yield(ledger, limits, said_s));
    return answer > 0;
}

bool tq__stated_line(struct tq_ledger *ledger, struct tq__slot *slot, const struct tq__stated_window *window,
                     uint32_t said_s, struct tq__line *line)
{
    const struct tq__spec spec = {.unit = window->unit,
                                  .window = TQ_WINDOW_STATED,
                                  .length = (uint32_t)(window->length_ns / TQ__MINUTE_NS),
                                  .name = tq__window_name_hash(window->name)};
    struct tq__limits *limits;

    if (tq__limits_make(ledger, slot, &limits) < 0)
        return false;
    do /* once more after making it: others may have removed it meanwhile */
        if (find_line(ledger, limits, window, tq__spec_pack(&spec), line))
            return true;
    while (make(ledger, limits, window, said_s));
    return false;
}

/* ---- damage ---------------------------------------------------------------------------------- */

/* Is it a word that blocks, or none? The version that is in none may be that of a limit before: a loss of
 * power may have kept it. */
static bool is_blocking(uint64_t word)
{
    const struct tq__refusal refusal = tq__refusal_unpack(word);

    if (refusal.at_s == 0)
        return word <= UINT8_MAX;
    return refusal.refusal == TQ_CLASS_EXHAUSTED && refusal.attempt == 0 && refusal.length_s > 0 &&
           refusal.length_s <= TQ__REFUSAL_LENGTH_MAX;
}

/* Is it a reading, or none? */
static bool is_reading(uint64_t word, uint32_t version)
{
    const uint32_t known = TQ__READING_CREDIT | TQ__READING_LIFTED | TQ__READING_OPEN | TQ__READING_THERE;
    uint32_t share = (uint32_t)(word >> 39) & TQ__STATED_UNKNOWN, flags = (uint32_t)(word >> 32) & 0x7f;

    if (tq__version_of(word) != version || word << 8 == 0)
        return true;
    return flags & TQ__READING_THERE && !(flags & ~known) &&
           (share <= TQ__STATED_SHARE_MOST || share == TQ__STATED_UNKNOWN);
}

const char *tq__stated_fault(const struct tq__line *line)
{
    const struct tq__limit_rest *rest = line->rest;
    uint32_t version = line->spec.version;
    /* Acquire: the second look at the spec comes after them. */
    bool block_ok = is_blocking(atomic_load_explicit(&line->limit->blocking, memory_order_acquire)),
         lifted_ok = is_blocking(atomic_load_explicit(&rest->overruled, memory_order_acquire)),
         reading_ok = is_reading(atomic_load_explicit(&rest->reading, memory_order_acquire), version) &&
                      is_reading(atomic_load_explicit(&rest->earlier, memory_order_acquire), version) &&
                      is_reading(atomic_load_explicit(&rest->doubt, memory_order_acquire), version);

    if (!tq__line_is_same(line) || (block_ok && lifted_ok && reading_ok))
        return NULL;
    return reading_ok ? "a damaged word that blocks a window, of a limit in slot"
                      : "a damaged reading of a limit in slot";
}
