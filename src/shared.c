/* shared.c: what is withheld of a window and of a day, and what that does to how a limit stands.
 *
 * SPDX-License-Identifier: MIT
 */
#include "shared.h"

#include "event.h"
#include "limits.h"
#include "rolling.h"
#include "system.h"

#define LOOK_AGAIN_NS (10 * TQ__SECOND_NS)

/* ---- what is withheld of a window ------------------------------------------------------------ */

/* Does a word that was loaded say something of the window of this number? */
static bool is_told(const struct tq__line *line, uint64_t word, uint64_t number)
{
    int16_t apart = (int16_t)((tq__tag_of(word) & 0xffff) - (number & 0xffff));

    if (tq__version_of(word) != line->spec.version)
        return false;
    return line->spec.window == TQ_WINDOW_ROLLING
               ? apart >= -TQ__ROLLING_BUCKETS && apart <= TQ__ROLLING_BUCKETS
               : apart == 0;
}

bool tq__line_is_strict(const struct tq__line *line)
{
    uint64_t leased = atomic_load_explicit(&line->rest->leased, memory_order_seq_cst); /* K2 */

    return tq__version_of(leased) == line->spec.version && (leased & TQ__STRICT) != 0;
}

/* What is left for others of an amount in which each machine has the same share. */
static int64_t share_of_others(int64_t amount, uint64_t sharing)
{
    uint32_t machines = tq__sharing_machines(sharing);

    return amount - amount / (machines > 0 ? (int64_t)machines : 1);
}

/* What TQ_CUT_... says that is withheld while cut off. `told`: by the word for that, when there is one. */
static int64_t withheld_while_cut(uint64_t sharing, int64_t amount, int64_t others, bool is_there,
                                  int64_t told)
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

void tq__part_of(const struct tq__line *line, uint64_t number, int64_t now_ns, struct tq__part *part)
{
    struct tq__limits *limits = line->limits;
    uint32_t sharing = tq__sharing_of(line->ledger, limits, now_ns),
             i = (uint32_t)(line->limit - limits->line);
    int64_t amount = tq__limit_terms(line->limit, line->word).amount, told;
    bool cut = sharing == TQ__SHARED_CUT, is_strict, is_there;
    uint64_t word, others;

    part->others = part->withheld = part->heard_ns = 0;
    if (sharing == TQ__SHARED_NOT || line->spec.window == TQ_WINDOW_STATED || amount == 0)
        return;
    /* Sequentially consistent: K2. */
    word = atomic_load_explicit(cut ? &limits->withheld_cut[i] : &limits->withheld[i], memory_order_seq_cst);
    others = atomic_load_explicit(&line->rest->others, memory_order_seq_cst);
    is_there = is_told(line, word, number);
    is_strict = tq__line_is_strict(line);
    told = (int64_t)(word & TQ__METER_MAX);
    if (is_told(line, others, number)) {
        part->others = (int64_t)(others & TQ__METER_MAX);
        part->heard_ns = atomic_load_explicit(&line->rest->others_at_ns, memory_order_relaxed);
    }
    if (is_strict)
        part->withheld = is_there ? told : amount;
    else if (cut)
        part->withheld = withheld_while_cut(atomic_load_explicit(&limits->sharing, memory_order_seq_cst),
                                            amount, part->others, is_there, told);
    else
        part->withheld = is_there ? told : 0;
    if (part->others > part->withheld) /* share.c writes one after the other */
        part->others = part->withheld;
}

uint64_t tq__withheld_slowly(struct tq_ledger *ledger, struct tq__limits *limits, uint32_t i, uint64_t tag,
                             int64_t now_ns)
{
    struct tq__line line;
    struct tq__part part;

    if (!tq__line_open(&line, ledger, limits, i) || tag >> 16 != line.spec.version)
        return 0; /* another limit by now, which the caller does not meet */
    tq__part_of(&line, tag & 0xffff, now_ns, &part);
    return (uint64_t)part.withheld;
}

/* ---- how a limit stands ---------------------------------------------------------------------- */

int64_t tq__shared_end(int64_t end_ns, int64_t now_ns)
{
    int64_t look_ns = now_ns >= 0 && now_ns < INT64_MAX - LOOK_AGAIN_NS
                          ? (now_ns / LOOK_AGAIN_NS + 1) * LOOK_AGAIN_NS
                          : now_ns;

    return look_ns > now_ns && look_ns < end_ns ? look_ns : end_ns;
}

/* Only where the end is that of the window, and the count is in units that no amount changes, can it wait
 * until the window is known. */
static bool depends_on_terms(uint32_t window)
{
    return window == TQ_WINDOW_ROLLING || window == TQ_WINDOW_REFILL;
}

static void weigh_part(const struct tq__line *line, int64_t now_ns, struct tq__standing *standing)
{
    struct tq__part part;

    tq__part_of(line, standing->number, now_ns, &part);
    standing->others = part.others;
    standing->heard_ns = part.heard_ns;
    standing->kept = part.withheld - part.others;
}

void tq__part_begin(const struct tq__line *line, int64_t now_ns, struct tq__standing *standing)
{
    int64_t withheld;

    if (!depends_on_terms(line->spec.window))
        return;
    if (line->spec.window == TQ_WINDOW_ROLLING)
        standing->number = tq__rolling_number(line, now_ns);
    weigh_part(line, now_ns, standing);
    withheld = standing->others + standing->kept;
    if (standing->terms.room != INT64_MAX)
        standing->terms.room = standing->terms.room > withheld ? standing->terms.room - withheld : 0;
    /* With nothing left, a refill counts at the rate of all. */
    if (standing->terms.amount > withheld)
        standing->terms.amount -= withheld;
}

void tq__part_end(const struct tq__line *line, int64_t now_ns, bool use_reserve,
                  const struct tq__terms *terms, struct tq__standing *standing)
{
    int64_t most;

    if (!depends_on_terms(line->spec.window))
        weigh_part(line, now_ns, standing);
    standing->terms = *terms;
    standing->used = tq__weight(standing->used, standing->others + standing->kept);
    most = use_reserve ? terms->amount : terms->room;
    /* What was asked of a kind whose end depends on the terms was asked with all that is withheld. */
    if (standing->kept > 0 && standing->used >= most &&
        (standing->used - standing->kept < most || depends_on_terms(line->spec.window)))
        standing->until_ns = tq__shared_end(standing->until_ns, now_ns);
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
    if (sharing == TQ__SHARED_NOT || at->budget <= 0)
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
        part->withheld = withheld_while_cut(atomic_load_explicit(&limits->sharing, memory_order_seq_cst),
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

/* ---- corrected ------------------------------------------------------------------------------- */

void tq__corrected_note(const struct tq__line *line, uint64_t number, uint64_t taken)
{
    _Atomic uint64_t *word = &line->rest->corrected;
    uint64_t seen = atomic_load_explicit(word, memory_order_acquire), next; /* pairs with the swap */
    uint64_t tag = (uint64_t)line->spec.version << 16 | (number & 0xffff);

    do {
        if (taken == 0 || !tq__line_is_same(line) || tq__tag_is_later(seen, tag))
            return;
        next = tag << TQ__METER_BITS |
               tq__meter_sum(tq__tag_of(seen) == tag ? seen & TQ__METER_MAX : 0, (int64_t)taken);
        /* Release pairs with the acquire of who sums: K3. */
    } while (!atomic_compare_exchange_weak_explicit(word, &seen, next, memory_order_seq_cst,
                                                    memory_order_acquire));
}

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

/* ---- the provider's -------------------------------------------------------------------------- */

bool tq__shared_may_probe(const struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns,
                          int64_t *at_ns)
{
    struct tq__limits *limits = tq__limits_of((struct tq_ledger *)(uintptr_t)ledger, slot);
    uint64_t sharing = limits ? atomic_load_explicit(&limits->sharing, memory_order_seq_cst) : 0, until_s;

    if ((sharing & TQ__SHARING_TOLD) == 0 || tq__sharing_machines(sharing) == 0 ||
        atomic_load_explicit(&ledger->header->shared_until_ns, memory_order_seq_cst) == 0)
        return true;
    until_s = sharing >> TQ__SHARING_PROBES_SHIFT;
    if (until_s == UINT32_MAX || (int64_t)until_s * TQ__SECOND_NS > now_ns)
        return true;
    *at_ns = tq__shared_end(INT64_MAX, now_ns);
    return false;
}

void tq__settings_raise(struct tq_ledger *ledger)
{
    atomic_store_explicit(&ledger->header->settings_at_ns, tq_now_ns(), memory_order_relaxed);
    /* Release: whoever sees the number sees what was set. */
    atomic_fetch_add_explicit(&ledger->header->settings, 1, memory_order_release);
}
