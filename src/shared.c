/* shared.c: what is withheld of a window and of a day, and what that does to how a limit stands.
 *
 * SPDX-License-Identifier: MIT
 */
#include "shared.h"

#include "event.h"

#define WISH_SECOND_MASK 0x7fff
#define WISH_LASTS_S 3

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

/* While cut off: may what was leased of strict limits still be spent? Others may have it afterwards, as far
 * as the server lost who has it. */
static bool lease_lasts(const struct tq_ledger *ledger, int64_t now_ns)
{
    /* Sequentially consistent: K2. */
    int64_t until_ns = atomic_load_explicit(&ledger->header->shared_until_ns, memory_order_seq_cst);

    return until_ns != 0 && now_ns - until_ns <= TQ_SHARE_LEASE_NS;
}

void tq__part_of(const struct tq__line *line, uint64_t number, int64_t now_ns, struct tq__part *part)
{
    struct tq__limits *limits = line->limits;
    uint32_t sharing = tq__sharing_of(line->ledger, limits, now_ns),
             i = (uint32_t)(line->limit - limits->line);
    int64_t amount = tq__limit_terms(line->limit, line->word).amount, told;
    bool cut = sharing != TQ__SHARED_HEARD, is_strict = tq__line_is_strict(line), is_there;
    uint64_t word, others;

    part->others = part->withheld = part->heard_ns = 0;
    if (sharing == TQ__SHARED_NOT || line->spec.window == TQ_WINDOW_STATED || amount == 0 ||
        (sharing == TQ__SHARED_ALONE && !is_strict))
        return;
    /* Sequentially consistent: K2. */
    word = atomic_load_explicit(cut ? &limits->withheld_cut[i] : &limits->withheld[i], memory_order_seq_cst);
    others = atomic_load_explicit(&line->rest->others, memory_order_seq_cst);
    is_there = is_told(line, word, number);
    told = (int64_t)(word & TQ__METER_MAX);
    if (is_told(line, others, number)) {
        part->others = (int64_t)(others & TQ__METER_MAX);
        part->heard_ns = atomic_load_explicit(&line->rest->others_at_ns, memory_order_relaxed);
    }
    if (is_strict)
        part->withheld = is_there && (!cut || lease_lasts(line->ledger, now_ns)) ? told : amount;
    else if (cut)
        part->withheld = tq__withheld_while_cut(atomic_load_explicit(&limits->sharing, memory_order_seq_cst),
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

/* The amount by which the bucket of a refill is counted: all, less what was told while others were heard. It
 * stays so while cut off, when more is withheld, because share.c rescales the bucket for what is told alone.
 * If nothing was left, it is all. */
static int64_t own_amount_of(const struct tq__line *line, int64_t amount, int64_t withheld)
{
    uint64_t word =
        atomic_load_explicit(&line->limits->withheld[line->limit - line->limits->line], memory_order_relaxed);
    int64_t taken = is_told(line, word, 0) ? (int64_t)(word & TQ__METER_MAX) : withheld;

    return taken < amount ? amount - taken : amount;
}

void tq__part_begin(const struct tq__line *line, int64_t now_ns, struct tq__standing *standing)
{
    int64_t withheld;

    if (!depends_on_terms(line->spec.window))
        return;
    if (line->spec.window == TQ_WINDOW_ROLLING)
        standing->number =
            (uint64_t)now_ns / (line->spec.length * (uint64_t)(TQ__MINUTE_NS / TQ__ROLLING_BUCKETS));
    weigh_part(line, now_ns, standing);
    withheld = standing->others + standing->kept;
    if (standing->terms.room != INT64_MAX)
        standing->terms.room = standing->terms.room > withheld ? standing->terms.room - withheld : 0;
    if (line->spec.window == TQ_WINDOW_REFILL)
        standing->terms.amount = own_amount_of(line, standing->terms.amount, withheld);
    else if (standing->terms.amount > withheld)
        standing->terms.amount -= withheld;
    else if (line->spec.window == TQ_WINDOW_ROLLING)
        standing->terms.amount = 0;
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

/* ---- wishes ---------------------------------------------------------------------------------- */

/* How old a wish is, in seconds; it has 15 bits of its second. */
static uint64_t wish_age_s(uint64_t leased, uint64_t now_s)
{
    return (now_s - (leased >> TQ__METER_BITS)) & WISH_SECOND_MASK;
}

/* Of the wishes of one second the greatest stays. */
void tq__wish_note(const struct tq__line *line, int64_t amount, int64_t now_ns)
{
    _Atomic uint64_t *word = &line->rest->leased;
    uint64_t now_s = now_ns > 0 ? (uint64_t)(now_ns / TQ__SECOND_NS) : 0, next;
    uint64_t seen = atomic_load_explicit(word, memory_order_acquire); /* pairs with the swap */

    do {
        bool is_own = tq__version_of(seen) == line->spec.version;

        if (amount <= 0 || !tq__line_is_same(line) ||
            (is_own && wish_age_s(seen, now_s) == 0 && (seen & TQ__METER_MAX) >= (uint64_t)amount))
            return;
        next = (uint64_t)line->spec.version << 56 | (is_own ? seen & TQ__STRICT : 0) |
               (now_s & WISH_SECOND_MASK) << TQ__METER_BITS | tq__meter_sum(0, amount);
    } while (!atomic_compare_exchange_weak_explicit(word, &seen, next, memory_order_seq_cst,
                                                    memory_order_acquire));
    tq__event(line->ledger);
}

int64_t tq__wish_of(const struct tq__line *line, int64_t now_ns)
{
    uint64_t leased = atomic_load_explicit(&line->rest->leased, memory_order_relaxed);
    uint64_t now_s = now_ns > 0 ? (uint64_t)(now_ns / TQ__SECOND_NS) : 0;

    return tq__version_of(leased) == line->spec.version && wish_age_s(leased, now_s) <= WISH_LASTS_S
               ? (int64_t)(leased & TQ__METER_MAX)
               : 0;
}

/* ---- the provider's -------------------------------------------------------------------------- */

bool tq__shared_may_probe(const struct tq_ledger *ledger, struct tq__limits *limits, int64_t now_ns,
                          int64_t *at_ns)
{
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
