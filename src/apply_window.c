/* apply_window.c: what a vendor's response says of windows goes into the lines that keep it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "apply.h"
#include "clock.h"
#include "probe.h"
#include "state.h"
#include "stated_line.h"

#define NEW_S 300u /* a word that is so much newer than the one before is checked against the clock */
#define LENGTH_MAX_NS (366 * TQ__DAY_NS)

static const char *axis_name_of(const struct tq__applied *applied, uint32_t i)
{
    const struct tq_quota_signal *signal = applied->signal;

    if (applied->named && *signal->window_name[i] && memchr(signal->window_name[i], '\0', TQ_WINDOW_NAME_MAX))
        return signal->window_name[i];
    /* Not the name of the account's, whose word it would replace. */
    return signal->axis[i].flags & TQ_AXIS_MODEL_ONLY ? "model" : "";
}

/* Finds the line of an axis, and the slot that has it. */
static bool line_of(const struct tq__applied *applied, uint32_t i, struct tq__slot **slot,
                    struct tq__line *line)
{
    const struct tq_axis *axis = &applied->signal->axis[i];
    const struct tq__stated_window window = {tq__stated_unit(axis->what), axis->window_ns,
                                             axis_name_of(applied, i)};

    *slot = axis->flags & TQ_AXIS_MODEL_ONLY ? applied->own : applied->account;
    return window.unit != 0 && axis->window_ns >= TQ__STATED_LEAST_NS && axis->window_ns <= LENGTH_MAX_NS &&
           axis->window_ns % TQ__MINUTE_NS == 0 &&
           tq__stated_line(applied->ledger, *slot, &window, applied->said_s, line);
}

/* The share that an axis states, rounded down: what has room is never 100 %. */
static uint32_t share_of(const struct tq_axis *axis)
{
    uint64_t share = TQ__STATED_UNKNOWN;

    if (axis->known & TQ_AXIS_USED)
        share = axis->used_ppm / 100;
    else if ((axis->known & (TQ_AXIS_LIMIT | TQ_AXIS_REMAINING)) == (TQ_AXIS_LIMIT | TQ_AXIS_REMAINING) &&
             axis->limit > 0 && axis->remaining >= 0)
        share = axis->remaining >= axis->limit
                    ? 0
                    : (uint64_t)((tq__uint128)(uint64_t)(axis->limit - axis->remaining) * TQ__STATED_WHOLE /
                                 (uint64_t)axis->limit);
    return share <= TQ__STATED_SHARE_MOST ? (uint32_t)share : TQ__STATED_UNKNOWN;
}

/* The second of an instant that is one, 0 for others. */
static uint32_t reset_of(const struct tq_axis *axis)
{
    return axis->known & TQ_AXIS_RESET && axis->reset_at_ns > 0 ? tq__refusal_second(axis->reset_at_ns) : 0;
}

/* A bucket that refills all the time is empty for a moment, and has no end. What is said of a model is of the
 * provider when that has a pool: then the provider is the model. Else it is for people to see. */
static uint32_t said_flags(const struct tq__applied *applied, const struct tq_axis *axis)
{
    bool other = axis->flags & TQ_AXIS_MODEL_ONLY && applied->own == applied->account;

    return (axis->flags & TQ_AXIS_CREDIT ? TQ__READING_CREDIT : 0) |
           (other || axis->flags & TQ_AXIS_FULL_REFILL ? TQ__READING_OPEN : 0);
}

static struct tq__stated stated_of(const struct tq__applied *applied, const struct tq_axis *axis)
{
    const struct tq_quota_signal *signal = applied->signal;
    bool has_limit = axis->known & TQ_AXIS_LIMIT && axis->limit > 0 && axis->limit >> 56 == 0;

    return (struct tq__stated){
        .share = share_of(axis),
        .flags = said_flags(applied, axis),
        .reset_s = reset_of(axis),
        .said_s = applied->said_s,
        .source = signal->source,
        .profile = signal->profile,
        .limit = has_limit ? (uint64_t)axis->limit : 0,
    };
}

/* The axis that a refusal of a quota names; -1. One of a model says nothing of a window of the account. */
static int32_t binding(const struct tq_quota_signal *signal)
{
    int32_t i = signal->binds;

    if (signal->refusal != TQ_CLASS_EXHAUSTED || i < 0 || (uint32_t)i >= signal->axis_count ||
        i >= TQ_AXES_MAX)
        return -1;
    return signal->flags & TQ_SIGNAL_MODEL_ONLY && !(signal->axis[i].flags & TQ_AXIS_MODEL_ONLY) ? -1 : i;
}

/* Is a word so much newer than the last one that its instant is checked? */
static bool is_due(const struct tq__line *line, uint32_t said_s)
{
    struct tq__stated before;

    return !tq__stated_reading(line, &before) || said_s > before.said_s + NEW_S;
}

int tq__window_read(const struct tq__applied *applied, uint32_t i)
{
    const struct tq__stated stated = stated_of(applied, &applied->signal->axis[i]);
    struct tq__slot *slot;
    struct tq__line line;
    int answer = 0;

    if ((stated.share == TQ__STATED_UNKNOWN && binding(applied->signal) != (int32_t)i) ||
        (stated.reset_s != 0 && stated.reset_s <= applied->said_s) || !line_of(applied, i, &slot, &line))
        return 0;
    if (is_due(&line, applied->said_s))
        answer = tq__clock_admit(applied->ledger, slot, applied->signal->said_at_ns);
    if (answer < 0)
        return answer;
    if (tq__stated_blocks(&stated))
        tq__probe_begin(applied->ledger, slot, applied->said_s);
    answer = tq__stated_read(&line, &stated);
    tq__unhide(slot);
    return answer;
}

bool tq__window_is_read(const struct tq__applied *applied)
{
    int32_t i = binding(applied->signal);
    struct tq__stated stated;
    struct tq__slot *slot;
    struct tq__line line;

    if (i < 0 || tq__is_refused(applied->signal))
        return false;
    stated = stated_of(applied, &applied->signal->axis[i]);
    return (tq__stated_blocks(&stated) || stated.flags != 0) && line_of(applied, (uint32_t)i, &slot, &line);
}

bool tq__window_refuse(const struct tq__applied *applied)
{
    const struct tq_quota_signal *signal = applied->signal;
    struct tq__stated_refusal refusal = {
        .class = signal->refusal, .said_s = applied->said_s, .sent_at_ns = applied->sent_at_ns};
    int32_t i = binding(signal);
    struct tq__slot *slot;
    struct tq__line line;

    if (i < 0 || signal->retry_at_ns <= 0 || !line_of(applied, (uint32_t)i, &slot, &line))
        return false;
    refusal.marked_at_ns = atomic_load_explicit(&slot->marked_at_ns, memory_order_seq_cst); /* store.c */
    refusal.end_s = applied->said_s + tq__refused_s(signal, applied->said_s, TQ__REFUSAL_LENGTH_MAX);
    tq__probe_begin(applied->ledger, slot, applied->said_s);
    tq__stated_refuse(&line, &refusal);
    tq__unhide(slot);
    return tq__line_is_same(&line); /* removed meanwhile: the refusal is kept in `reported` */
}
