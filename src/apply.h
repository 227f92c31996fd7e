/* apply.h: what a vendor's response is about, while it is applied to a provider.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_APPLY_H
#define TQ_APPLY_H

#include "levels.h"
#include "refusal.h"

/* What one call of tq_provider_apply is about. */
struct tq__applied {
    struct tq_ledger *ledger;
    const struct tq_quota_signal *signal;
    struct tq__slot *own;
    struct tq__slot *account; /* of its pool, when it has one */
    uint32_t said_s;
    int64_t sent_at_ns; /* 0: not known */
    bool named;         /* the signal has names of windows */
};

/* Was a request refused? Else the refusal is what a reading of 100 % means. */
static inline bool tq__is_refused(const struct tq_quota_signal *signal)
{
    return signal->source != TQ_SOURCE_CALLER && !(signal->flags & (TQ_SIGNAL_SUCCESS | TQ_SIGNAL_READING));
}

/* How long a refusal lasts, from said_s on, at most max_s; TQ__REFUSAL_NO_END. */
static inline uint32_t tq__refused_s(const struct tq_quota_signal *signal, uint32_t said_s, uint32_t max_s)
{
    int64_t retry_s = signal->retry_at_ns / TQ__SECOND_NS + (signal->retry_at_ns % TQ__SECOND_NS > 0);

    if (signal->retry_at_ns <= 0)
        return TQ__REFUSAL_NO_END;
    if (retry_s <= (int64_t)said_s)
        return 0;
    return retry_s - (int64_t)said_s < (int64_t)max_s ? (uint32_t)(retry_s - (int64_t)said_s) : max_s;
}

/* ---- apply_window.c: what it says of windows -------------------------------------------------- */

/* Takes what an axis says of its window. Returns 1 with something changed, 0, or an error. */
int tq__window_read(const struct tq__applied *applied, uint32_t i);

/* Does the reading of the axis that binds say it all: that its window is used up until its end, or that the
 * vendor goes on to serve? */
bool tq__window_is_read(const struct tq__applied *applied);

/* Blocks the window that caused a refusal. False: it names no window that is kept, or no end. */
bool tq__window_refuse(const struct tq__applied *applied);

/* ---- answer.c: what an answer lifts ------------------------------------------------------------- */

/* Clears a word of a slot that was said before the request of this answer was sent. */
bool tq__answer_clear(_Atomic uint64_t *word, int64_t sent_at_ns);

/* A request was refused. It may have been the probe, and answers what was doubted, in each level. */
void tq__answer_refused(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t said_s, int64_t sent_at_ns);

#endif
