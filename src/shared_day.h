/* shared_day.h: whether other machines share a provider, and what of its budget is not for this one. shared.h
 * has the words.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_SHARED_DAY_H
#define TQ_SHARED_DAY_H

#include "rule.h"

/* The bits of `sharing`. */
#define TQ__SHARING_TOLD UINT64_C(1)   /* machines share it, or something was told of it */
#define TQ__SHARING_STRICT UINT64_C(2) /* a limit of it is strict, or was */
#define TQ__SHARING_CUT_SHIFT 14       /* two bits: TQ_CUT_... */
#define TQ__SHARING_MACHINES_SHIFT 16
#define TQ__SHARING_PROBES_SHIFT 32

/* Whether anything is withheld, and by which words. ALONE: nobody exchanges, so that of strict limits all is,
 * and of others nothing. */
enum { TQ__SHARED_NOT, TQ__SHARED_HEARD, TQ__SHARED_CUT, TQ__SHARED_ALONE };

TQ__HOT uint32_t tq__sharing_of(const struct tq_ledger *ledger, struct tq__limits *limits, int64_t now_ns)
{
    /* Sequentially consistent as all loads and stores of these words: K2. */
    uint64_t sharing = atomic_load_explicit(&limits->sharing, memory_order_seq_cst);
    int64_t until_ns;

    if (__builtin_expect((sharing & 0xffff) == 0, 1))
        return TQ__SHARED_NOT;
    until_ns = atomic_load_explicit(&ledger->header->shared_until_ns, memory_order_seq_cst);
    if (until_ns == 0)
        return sharing & TQ__SHARING_STRICT ? TQ__SHARED_ALONE : TQ__SHARED_NOT;
    return now_ns <= until_ns ? TQ__SHARED_HEARD : TQ__SHARED_CUT;
}

/* What of a window is not for this machine. */
struct tq__part {
    int64_t others;   /* what others used; at most `withheld` */
    int64_t withheld; /* of a limit at most 2^40; of a budget INT64_MAX: all of it */
    int64_t heard_ns; /* when others was told; 0: it was not */
};

static inline uint32_t tq__sharing_cut(uint64_t sharing)
{
    return (uint32_t)(sharing >> TQ__SHARING_CUT_SHIFT) & 3;
}

static inline uint32_t tq__sharing_machines(uint64_t sharing)
{
    return (uint32_t)(sharing >> TQ__SHARING_MACHINES_SHIFT) & 0xffff;
}

/* What TQ_CUT_... says that is withheld of an amount while cut off. `told`: by the word for that, when it is
 * there. */
int64_t tq__withheld_while_cut(uint64_t sharing, int64_t amount, int64_t others, bool is_there, int64_t told);

/* The tag of the words of a day. */
TQ__HOT uint64_t tq__day_tag(uint64_t day)
{
    return day & 0x1ffff;
}

/* Of the budget at *at. limits may be NULL. */
void tq__day_part(const struct tq__at *at, struct tq__limits *limits, struct tq__part *part);

/* What is withheld of it. In few steps where nothing is, or where it was told. */
TQ__HOT int64_t tq__day_withheld(const struct tq__at *at, struct tq__limits *limits)
{
    uint32_t sharing = limits ? tq__sharing_of(at->ledger, limits, at->now_ns) : TQ__SHARED_NOT;
    struct tq__part part;
    struct tq__at shown;
    uint64_t count;

    if (__builtin_expect(sharing == TQ__SHARED_NOT, 1))
        return 0;
    /* Sequentially consistent: K2. */
    count = atomic_load_explicit(&limits->day_withheld, memory_order_seq_cst) -
            (tq__day_tag(at->window.day) << TQ__COUNT_BITS);
    if (sharing == TQ__SHARED_HEARD && count < TQ__COUNT_MAX)
        return (int64_t)count;
    shown = *at; /* so that the caller's stays in registers */
    tq__day_part(&shown, limits, &part);
    return part.withheld;
}

/* The sum of what is used and what is withheld, both 0 or more; INT64_MAX when that is more. */
TQ__HOT int64_t tq__weight(int64_t used, int64_t withheld)
{
    return used > INT64_MAX - withheld ? INT64_MAX : used + withheld;
}

/* When somebody looks again who is out because of what is withheld: others may give it back at any time. At
 * most end_ns, and the next multiple of ten seconds. */
int64_t tq__shared_end(int64_t end_ns, int64_t now_ns);

/* The end until which the budget excludes, with `used` counted here, by what others used or by what is
 * withheld; 0: it does not, or does by the own count alone, which `predicted` says. *reason: TQ_REASON_SPENT
 * or TQ_REASON_SHARED; may be NULL. */
int64_t tq__day_out(const struct tq__at *at, struct tq__limits *limits, int64_t used, uint32_t *reason);

/* The same at an instant, of a level that may be shared. */
TQ__HOT int64_t tq__day_out_at(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits *limits,
                               int64_t now_ns, uint32_t *reason)
{
    struct tq__at at;
    int64_t used;

    if (!limits || __builtin_expect(tq__sharing_of(ledger, limits, now_ns) == TQ__SHARED_NOT, 1))
        return 0;
    at = tq__at(ledger, slot, now_ns);
    used = tq__at_used(&at);
    /* In few steps: nearly always there is room. */
    return at.budget <= 0 || tq__weight(used, tq__day_withheld(&at, limits)) < at.budget
               ? 0
               : tq__day_out(&at, limits, used, reason);
}

/* Notes what a correction took back of a day, after the count was lowered (K3). One of a day before the one
 * that is noted is left out. */
void tq__corrected_note_day(struct tq__slot *slot, uint64_t day, uint64_t taken);

/* Counts that something was set. */
void tq__settings_raise(struct tq_ledger *ledger);

#endif
