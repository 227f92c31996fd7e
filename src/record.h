/* record.h: one record, from the instant to the answer: the decision and the order of its steps.
 *
 * SPDX-License-Identifier: MIT
 *
 *   R1  whatever can fail comes before the count: instant, name, age of the day, clock limits, and the name's
 *       place in the store that observe would mark; and before a new name enters the ledger. After the swap
 *       that counts there is no way back and no error, but that of a disk (TQ_OPEN_FLUSH_ALWAYS).
 *   R2  the order after it is: unhide, newest day, then mark. state.h relies on it.
 *   R3  a record of a day earlier than the provider's newest is answered for its own day. Of mark and
 *       prediction it only writes that its own day is spent (forecast.h, F3): they speak of the newest.
 */
#ifndef TQ_RECORD_H
#define TQ_RECORD_H

#include "burn_rate.h"
#include "count.h"
#include "forecast.h"
#include "clock.h"
#include "rule.h"
#include "ledger.h"
#include "state.h"
#include "table.h"
#include "window.h"

/* Where observe marks. The slot is looked up when a record is about to be exhausted, not before: names that
 * are never marked never enter the store. */
struct tq__mark {
    struct tq_ledger *ledger;
    const char *provider;
    struct tq__slot *slot;
};

/* R2's first step. The day is newer only for the first record of a day, or after a thread died before this
 * step: the next record makes good for it. */
static inline void tq__raise_newest(struct tq__slot *slot, uint64_t day)
{
    /* Sequentially consistent with tq__forget_usage and gate.c: who counted after the day was cleared finds the
     * newest day that was cleared before it. Whoever sees the mark that follows sees it, too. */
    uint32_t newest = atomic_load_explicit(&slot->newest_day, memory_order_seq_cst);

    while (newest < day && !atomic_compare_exchange_weak_explicit(&slot->newest_day, &newest, (uint32_t)day,
                                                                  memory_order_seq_cst, memory_order_seq_cst))
        ;
}

/* Gives the mark its slot in the store. */
int tq__mark_prepare(struct tq__mark *mark);

/* The counting step when the record may mark: the mark is prepared before a swap whose value would be
 * exhausted, R1. */
int tq__count_add_marking(struct tq_ledger *ledger, struct tq__slot *slot, int64_t tokens, int64_t now_ns,
                          int64_t budget, struct tq__mark *mark, uint64_t *counted);

/* After the count: what a rule that takes its word back says of it by now. 0: not exhausted, or the rule is
 * another. The rule is read after the count: a set_rule that did not see the count is seen here. */
static inline int64_t tq__record_judge(struct tq_ledger *ledger, struct tq__slot *slot,
                                       _Atomic uint64_t *word, uint64_t tag, const struct tq__window *window,
                                       int64_t now_ns, int64_t tokens, uint64_t half_hour)
{
    uint32_t rule = tq__rule_of(ledger, slot);

    if (rule == TQ_RULE_ORIGINAL)
        return 0;
    if (rule == TQ_RULE_HORIZON)
        tq__half_hour_add(slot, half_hour, tokens > 0 ? tokens : 0);
    return tq__forecast_update(ledger, slot, word, tag, rule, window, now_ns);
}

/* Does a record of a day that is not the newest mark when it has spent the day? Part one of the header says no,
 * so not where a later day may be no mistake: in a ledger without a limit to the clock. */
TQ__HOT bool tq__late_marks(const struct tq_ledger *ledger, int64_t used, int64_t budget)
{
    return ledger->max_ahead_ns != INT64_MAX && budget > 0 && used >= budget;
}

/* The slot of a name for a record at now_ns, which is an accepted instant. A name that is new is inserted only
 * when the record will not be refused (R1). */
static inline int tq__record_slot(struct tq_ledger *ledger, const char *provider, int64_t now_ns,
                                  struct tq__slot **slot)
{
    int answer;

    *slot = tq__find(ledger, provider);
    if (*slot)
        return 0;
    answer = tq__refuse_writes(ledger);
    if (answer == 0)
        answer = tq__gate_instant(ledger, now_ns);
    return answer < 0 ? answer : tq__insert(ledger, provider, slot);
}

/* With TQ_OPEN_FLUSH_ALWAYS: `answer`, or why what was counted may not be on the disk. */
TQ__COLD int tq__record_flush(struct tq_ledger *ledger, int answer);

/* Counts and answers. now_ns is an accepted instant. mark is NULL when nothing is to be marked. */
TQ__HOT int tq__record(struct tq_ledger *ledger, struct tq__slot *slot, int64_t tokens, int64_t now_ns,
                       struct tq__mark *mark, int64_t *retry_at_ns)
{
    struct tq__window window = tq__window_at(now_ns);
    _Atomic uint64_t *word = tq__count_word(slot, ledger->history_log2, window.day);
    uint64_t tag = tq__count_tag(ledger->history_log2, window.day);
    uint32_t rule = tq__rule_of(ledger, slot);
    int64_t budget =
        atomic_load_explicit(&slot->budget, memory_order_relaxed); /* one for the whole decision */
    int64_t gone_ns;
    uint64_t counted = 0, number = tq__half_hour_at(&window, now_ns, &gone_ns);
    bool late = tq__state_day_is_late(&slot->newest_day, window.day);
    int answer = tq__refuse_writes(ledger);
    int64_t end_ns;

    if (answer < 0)
        return answer;
    if (late || atomic_load_explicit(word, memory_order_relaxed) >> TQ__COUNT_BITS != tag ||
        (rule == TQ_RULE_HORIZON && tq__half_hour_is_new(slot, number))) {
        answer = tq__gate(ledger, slot, now_ns);
        if (answer < 0)
            return answer;
        late = tq__state_day_is_late(&slot->newest_day, window.day); /* the newest may have been taken back */
    }
    if (!mark) {
        if (!tq__count_add(word, tag, tokens, &counted))
            return tq__too_old(ledger);
    } else {
        answer = tq__count_add_marking(ledger, slot, tokens, now_ns, budget, mark, &counted);
        if (answer < 0)
            return answer;
    }
    tq__unhide(slot); /* after the count: state.h */
    if (late)
        tq__note(&ledger->header->late);
    if (tq__count_tokens(counted) == INT64_MAX)
        tq__note(&ledger->header->saturated);
    tq__raise_newest(slot, window.day);
    end_ns = tq__record_judge(ledger, slot, word, tag, &window, now_ns, tokens, number);
    answer = end_ns != 0 || tq__budget_exhausted(rule, tq__count_tokens(counted), budget, &window, now_ns)
                 ? TQ_EXHAUSTED
                 : TQ_AVAILABLE;
    if (answer == TQ_EXHAUSTED) {
        if (end_ns == 0)
            end_ns = window.end_ns;
        if (mark && mark->slot && end_ns > 0)
            tq__state_mark_from_day(mark->ledger, mark->slot, end_ns, window.day, &slot->newest_day,
                                    tq__late_marks(ledger, tq__count_tokens(counted), budget));
        if (tokens > 0 &&
            tq__budget_crossed(tq__count_tokens(counted) - tokens, tq__count_tokens(counted), budget))
            tq__event(ledger);
        if (retry_at_ns)
            *retry_at_ns = end_ns;
    }
    return ledger->flush_always ? tq__record_flush(ledger, answer) : answer;
}

#endif
