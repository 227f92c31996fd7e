/* shared_day.c: what is withheld of a budget, what was taken back of a day, and how often something was set.
 *
 * SPDX-License-Identifier: MIT
 */
#include "shared_day.h"

#define LOOK_AGAIN_NS (10 * TQ__SECOND_NS)

/* What is left for others of an amount in which each machine has the same share. */
static int64_t share_of_others(int64_t amount, uint64_t sharing)
{
    uint32_t machines = tq__sharing_machines(sharing);

    return amount - amount / (machines > 0 ? (int64_t)machines : 1);
}

int64_t tq__withheld_while_cut(uint64_t sharing, int64_t amount, int64_t others, bool is_there, int64_t told)
{
    switch (tq__sharing_cut(sharing)) {
    case TQ_CUT_OPEN:
        return others;
    case TQ_CUT_CLOSED:
        return amount;
    default:
        return is_there ? told : share_of_others(amount, sharing);
    }
}

int64_t tq__shared_end(int64_t end_ns, int64_t now_ns)
{
    int64_t look_ns = now_ns >= 0 && now_ns < INT64_MAX - LOOK_AGAIN_NS
                          ? (now_ns / LOOK_AGAIN_NS + 1) * LOOK_AGAIN_NS
                          : now_ns;

    return look_ns > now_ns && look_ns < end_ns ? look_ns : end_ns;
}

/* ---- the day --------------------------------------------------------------------------------- */

/* The tokens of a word that is of a day; -1: it is of another. */
static int64_t day_told(uint64_t word, uint64_t day)
{
    return word != 0 && word >> TQ__COUNT_BITS == tq__day_tag(day) ? tq__count_tokens(word) : -1;
}

void tq__day_part(const struct tq__at *at, struct tq__limits *limits, struct tq__part *part)
{
    uint32_t sharing = limits ? tq__sharing_of(at->ledger, limits, at->now_ns) : TQ__SHARED_NOT;
    int64_t told, others;

    part->others = part->withheld = part->heard_ns = 0;
    if (sharing == TQ__SHARED_NOT || sharing == TQ__SHARED_ALONE || at->budget <= 0)
        return;
    /* Sequentially consistent: K2. */
    told = day_told(
        atomic_load_explicit(sharing == TQ__SHARED_CUT ? &limits->day_withheld_cut : &limits->day_withheld,
                             memory_order_seq_cst),
        at->window.day);
    others = day_told(atomic_load_explicit(&at->slot->others, memory_order_seq_cst), at->window.day);
    part->others = others > 0 ? others : 0;
    if (others >= 0)
        part->heard_ns = atomic_load_explicit(&limits->heard_s, memory_order_relaxed) * TQ__SECOND_NS;
    if (sharing == TQ__SHARED_CUT)
        part->withheld = tq__withheld_while_cut(atomic_load_explicit(&limits->sharing, memory_order_seq_cst),
                                                at->budget, part->others, told >= 0, told);
    else
        part->withheld = told > 0 ? told : 0;
    if (part->others > part->withheld)
        part->others = part->withheld;
}

int64_t tq__day_out(const struct tq__at *at, struct tq__limits *limits, int64_t used, uint32_t *reason)
{
    struct tq__part part;
    bool is_spent;

    tq__day_part(at, limits, &part);
    if (part.withheld == 0 || used >= at->budget || tq__weight(used, part.withheld) < at->budget)
        return 0;
    is_spent = tq__weight(used, part.others) >= at->budget;
    if (reason)
        *reason = is_spent ? TQ_REASON_SPENT : TQ_REASON_SHARED;
    return is_spent ? at->window.end_ns : tq__shared_end(at->window.end_ns, at->now_ns);
}

/* ---- corrected, and settings ----------------------------------------------------------------- */

void tq__corrected_note_day(struct tq__slot *slot, uint64_t day, uint64_t taken)
{
    uint64_t seen = atomic_load_explicit(&slot->corrected, memory_order_relaxed), next;
    uint64_t tag = tq__day_tag(day);

    do {
        uint64_t sum = seen >> TQ__COUNT_BITS == tag ? seen & TQ__COUNT_MAX : 0;
        uint64_t ahead = ((seen >> TQ__COUNT_BITS) - tag) & 0x1ffff;

        if (taken == 0 || (seen != 0 && ahead != 0 && ahead < 0x10000)) /* of a later day */
            return;
        sum = sum + taken < TQ__COUNT_MAX ? sum + taken : TQ__COUNT_MAX;
        next = tag << TQ__COUNT_BITS | sum;
        /* Release pairs with the acquire of who sums: K3. */
    } while (!atomic_compare_exchange_weak_explicit(&slot->corrected, &seen, next, memory_order_seq_cst,
                                                    memory_order_relaxed));
}

void tq__settings_raise(struct tq_ledger *ledger)
{
    atomic_store_explicit(&ledger->header->settings_at_ns, tq_now_ns(), memory_order_relaxed);
    /* Release: whoever sees the number sees what was set. */
    atomic_fetch_add_explicit(&ledger->header->settings, 1, memory_order_release);
}

int64_t tq_ledger_settings(const struct tq_ledger *ledger)
{
    if (!ledger)
        return TQ_EINVAL;
    /* Acquire pairs with tq__settings_raise. */
    return (int64_t)(atomic_load_explicit(&ledger->header->settings, memory_order_acquire) & INT64_MAX);
}
