/* record.h: one record, from the instant to the answer: the decision and the order of its steps.
 *
 * SPDX-License-Identifier: MIT
 *
 *   R1  Every step that can fail comes before the count: instant, name, age of the day, clock limits,
 *       and the name's place in the store that observe would mark. All but the last also come before a
 *       new name enters the ledger. After the swap that counts there is no way back and no error, except
 *       one of the disk (TQ_OPEN_FLUSH_ALWAYS).
 *   R2  After the count the order is: unhide, newest day, then mark. state.h relies on it.
 *   R3  A record of a day earlier than the provider's newest is answered for its own day. Mark and
 *       prediction speak of the newest day. Such a record only writes there that its own day is spent
 *       (forecast.h, F3).
 */
#ifndef TQ_RECORD_H
#define TQ_RECORD_H

#include "clock.h"
#include "forecast.h"
#include "limits.h"
#include "shared_day.h"
#include "state.h"

/* Where observe marks. The slot is looked up only when a record is about to be exhausted, so a name that is
 * never marked never enters the store. */
struct tq__mark {
    struct tq_ledger *ledger;
    const char *provider;
    struct tq__slot *slot;
};

/* Does R2's first step. The day is newer only for the first record of a day, or after a thread died before
 * this step: the next record makes up for it. */
static inline void tq__raise_newest(struct tq__slot *slot, uint64_t day)
{
    /* Sequentially consistent with forget_usage (tracker.c) and clock.c: a thread that counted after the day
     * was cleared finds the newest day that was cleared before it. Whoever sees the mark that follows sees
     * it, too. */
    uint32_t newest = atomic_load_explicit(&slot->newest_day, memory_order_seq_cst);

    while (newest < day && !atomic_compare_exchange_weak_explicit(&slot->newest_day, &newest, (uint32_t)day,
                                                                  memory_order_seq_cst, memory_order_seq_cst))
        ;
}

/* Does a record mark when it has spent a day that is not the newest? Only in a ledger with a limit to the
 * clock, where a later day may be a mistake. Part one of the header says no for all others. */
TQ__HOT bool tq__late_marks(const struct tq__at *at, int64_t used)
{
    return at->ledger->max_ahead_ns != INT64_MAX && at->budget > 0 && used >= at->budget;
}

/* Counts a record that may mark. The mark is prepared before a swap whose value would be exhausted (R1).
 * Returns 0 with *counted, the word that the record made; TQ_EAGE; an error of tq__insert. */
int tq__count_add_marking(const struct tq__at *at, int64_t tokens, struct tq__mark *mark, uint64_t *counted);

/* Counts a record of a day that the ledger no longer holds, for people to see, and returns TQ_EAGE. */
TQ__COLD int tq__too_old(struct tq_ledger *ledger);

/* Writes what was counted to the disk (TQ_OPEN_FLUSH_ALWAYS). Returns `answer`, or why it may not be there.
 */
TQ__COLD int tq__record_flush(struct tq_ledger *ledger, int answer);

/* After the count: returns the instant until which a rule keeps the provider out by its prediction, or 0. The
 * rule is read once more, so that a set_rule that did not see the count is seen here. A record that settles a
 * hold of known tokens is not noted. */
TQ__HOT int64_t tq__record_judge(const struct tq__at *at, int64_t tokens, bool is_noted)
{
    uint32_t rule = tq__rule_of(at->ledger, at->slot);
    struct tq__at shown;

    if (rule == TQ_RULE_ORIGINAL)
        return 0;
    if (is_noted && tq__rule_notes(rule))
        tq__notes_add(tq__notes_of_tokens(at->slot), at->half_hour, tokens);
    shown = *at; /* so that the caller's stays in registers */
    return tq__forecast_update(&shown, rule);
}

/* Tells of a record that left the budget exhausted until end_ns: marks, and wakes who waits. */
static inline void tq__record_exhausted(const struct tq__at *at, int64_t tokens, int64_t used, int64_t end_ns,
                                        const struct tq__mark *mark)
{
    if (mark && mark->slot && end_ns > 0)
        tq__state_mark_from_day(mark->ledger, mark->slot, end_ns, at->window.day, &at->slot->newest_day,
                                tq__late_marks(at, used));
    if (tokens > 0 && tq__budget_crossed(used - tokens, used, at->budget))
        tq__event(at->ledger);
}

/* Finds or inserts the slot of a name for a record at now_ns. A name that is new is inserted only when the
 * record will not be refused (R1). */
static inline int tq__record_slot(struct tq_ledger *ledger, const char *provider, int64_t now_ns,
                                  struct tq__slot **slot)
{
    int answer;

    *slot = tq__find(ledger, provider);
    if (*slot)
        return 0;
    answer = tq__instant_ok(now_ns) ? tq__refuse_writes(ledger) : TQ_ERANGE;
    if (answer == 0)
        answer = tq__clock_admit(ledger, NULL, now_ns);
    return answer < 0 ? answer : tq__insert(ledger, provider, slot);
}

/* Asks whether a record may be counted. The clock is asked only about a late record, or one that would start
 * its day, or its half hour where the rule looks at those and it is noted. */
TQ__HOT int tq__record_admit(const struct tq__at *at, bool is_noted, bool *late)
{
    int answer = tq__refuse_writes(at->ledger);

    *late = tq__state_day_is_late(&at->slot->newest_day, at->window.day);
    if (answer < 0 ||
        (!*late && tq__at_counts(at, atomic_load_explicit(at->word, memory_order_relaxed)) &&
         !(is_noted && tq__rule_notes(at->rule) &&
           tq__half_hour_counted(tq__notes_of_tokens(at->slot), at->half_hour) < at->half_hour)))
        return answer;
    answer = tq__clock_admit(at->ledger, at->slot, at->now_ns);
    /* The newest day may have been taken back. */
    *late = tq__state_day_is_late(&at->slot->newest_day, at->window.day);
    return answer;
}

/* Counts, and does R2 for a record that was admitted. Returns TQ_EXHAUSTED with *end_ns, TQ_AVAILABLE, or why
 * it was not counted. *used_in_day is told what the record made of its day's count. */
TQ__HOT int tq__record_count(const struct tq__at *at, int64_t tokens, bool is_noted, bool late,
                             struct tq__mark *mark, int64_t *used_in_day, int64_t *end_ns)
{
    uint64_t counted = 0, marking = 0;
    struct tq__at shown;
    int64_t used;
    int answer = 0;

    if (mark) {
        shown = *at; /* so that the caller's stays in registers */
        answer = tq__count_add_marking(&shown, tokens, mark, &marking);
        counted = marking;
    } else if (!tq__count_add(at->word, at->tag, tokens, &counted)) {
        answer = tq__too_old(at->ledger);
    }
    if (answer < 0)
        return answer;
    tq__unhide(at->slot); /* after the count: state.h */
    *used_in_day = used = tq__count_tokens(counted);
    if (late)
        tq__note(at->ledger, TQ__LATE);
    if (used == INT64_MAX)
        tq__note(at->ledger, TQ__SATURATED);
    tq__raise_newest(at->slot, at->window.day);
    *end_ns = tq__record_judge(at, tokens, is_noted);
    if (*end_ns == 0 && !tq__at_exhausted(at, used))
        return TQ_AVAILABLE;
    if (*end_ns == 0)
        *end_ns = at->window.end_ns;
    shown = *at;
    tq__record_exhausted(&shown, tokens, used, *end_ns, mark);
    return TQ_EXHAUSTED;
}

/* A record of a provider with limits or a pool. */
struct tq__call {
    int64_t tokens;
    const struct tq_usage *usage; /* NULL: tokens are all that is known */
    int64_t now_ns;               /* an accepted instant */
    bool observes;                /* a pool under the rule original is marked */
    struct tq__mark *mark;        /* NULL: the provider itself is not marked */
    uint32_t held;                /* bit 1 << unit: it settles a hold of a known amount, so it is not noted */
};

/* levels.c: tq__record for such a provider; now_ns is an accepted instant. Its arguments stay in registers.
 */
int tq__record_linked(struct tq_ledger *ledger, struct tq__slot *slot, int64_t tokens, int64_t now_ns,
                      struct tq__mark *mark, int64_t *retry_at_ns);

/* The same for all that a call may say. */
int tq__record_usage(struct tq_ledger *ledger, struct tq__slot *slot, const struct tq__call *call,
                     int64_t *retry_at_ns);

/* levels.c: takes a record of tokens back from the limits and the pools of a provider, after it was taken
 * from its own day. */
void tq__levels_correct(struct tq_ledger *ledger, struct tq__slot *slot, int64_t tokens, int64_t now_ns);

/* tq_provider_observe for such a provider; usage is NULL when tokens are all that is known. */
int tq__observe_linked(struct tq_provider *provider, int64_t tokens, const struct tq_usage *usage,
                       int64_t now_ns, int64_t *retry_at_ns);

/* Takes tokens back from a day, and brings what was predicted from it up to date. 0, TQ_EAGE. */
int tq__correct_day(struct tq__at *at, int64_t tokens);

/* levels.c: does the day's budget exclude by what others used, or what is withheld, after a record that made
 * `used` and was answered so? Returns as tq__record_count. */
int tq__record_judge_withheld(const struct tq__at *at, int64_t tokens, int64_t used, int answer,
                              int64_t *end_ns);

/* As tq__record_judge_withheld, in few steps where something is left. */
TQ__HOT int tq__record_judge_shared(const struct tq__at *at, int64_t tokens, int64_t used, int answer,
                                    int64_t *end_ns)
{
    int64_t until_ns = *end_ns; /* so that the caller's stay in registers */
    struct tq__at shown;

    if (at->budget <= 0 || used >= at->budget || tq__day_withheld(at, at->limits) < at->budget - used)
        return answer;
    shown = *at;
    answer = tq__record_judge_withheld(&shown, tokens, used, answer, &until_ns);
    *end_ns = until_ns;
    return answer;
}

/* The limits of a linked slot that other machines share by its budget alone; NULL: it has more. */
TQ__HOT struct tq__limits *tq__record_limits_alone(struct tq_ledger *ledger, struct tq__slot *slot)
{
    struct tq__limits *limits = tq__limits_of(ledger, slot);

    /* Acquire as in tq__levels_of. */
    return limits && (atomic_load_explicit(&limits->high, memory_order_relaxed) |
                      atomic_load_explicit(&slot->pool, memory_order_acquire)) == 0
               ? limits
               : NULL;
}

/* Counts and answers. mark is NULL when nothing is to be marked. */
TQ__HOT int tq__record(struct tq_ledger *ledger, struct tq__slot *slot, int64_t tokens, int64_t now_ns,
                       struct tq__mark *mark, int64_t *retry_at_ns)
{
    struct tq__limits *limits = NULL;
    int64_t end_ns = 0, used = 0;
    struct tq__at at;
    bool late;
    int answer;

    if (!tq__instant_ok(now_ns))
        return TQ_ERANGE;
    if (tq__slot_is_linked(slot)) {
        limits = mark ? NULL : tq__record_limits_alone(ledger, slot);
        if (!limits)
            return tq__record_linked(ledger, slot, tokens, now_ns, mark, retry_at_ns);
    }
    at = tq__at(ledger, slot, now_ns);
    at.limits = limits;
    answer = tq__record_admit(&at, true, &late);
    if (answer == 0)
        answer = tq__record_count(&at, tokens, true, late, mark, &used, &end_ns);
    if (__builtin_expect(limits != NULL, 0) && answer >= 0)
        answer = tq__record_judge_shared(&at, tokens, used, answer, &end_ns);
    if (answer == TQ_EXHAUSTED && retry_at_ns)
        *retry_at_ns = end_ns;
    return answer >= 0 && ledger->flush_always ? tq__record_flush(ledger, answer) : answer;
}

#endif
