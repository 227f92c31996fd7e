/* shared.h: what of a window is not for this machine, because other machines share the provider.
 *
 * SPDX-License-Identifier: MIT
 *
 * Other machines' counts are never mixed into the own ones: they are words beside them, which one process
 * writes that hears of the others (share.c), and which all decisions look at. docs/format.md has the argument
 * ("Other machines").
 *
 *     sharing            [probes until, s, 32 | machines, 16 | bits, 16]   of a provider; bits 0: nothing is
 * withheld withheld[i]        [version, 8 | number, 16 | count, 40]             of line i, while the others
 * are heard withheld_cut[i]    the same while they are not rest[i].others     the same: what others used, for
 * people to see, and for TQ_CUT_OPEN day_withheld, day_withheld_cut, slot.others     [day modulo 2^17, 17 |
 * tokens, 47] rest[i].corrected  [version, 8 | number, 16 | count, 40]             what corrections and
 * resets took back slot.corrected     [day modulo 2^17, 17 | tokens, 47]
 *
 * The number is that of the window: its 16 bits in a bound; of a first-use window the low 16 bits of its
 * start in 4 s; of a rolling limit those of the newest bucket when it was told, which holds for 100 buckets
 * around it; of refill and once 0. A word of another number says nothing of a window.
 *
 *   K1  Every word stands alone. A decision loads the bound, the count and one of these words, and adds. A
 * word that is of another window than the count weighs as if nothing was told. K2  Whoever lowers what this
 * machine may spend writes the word, and loads counts and holds afterwards; a hold is published before these
 * words are loaded (H2 of hold.h). All four steps are sequentially consistent: so a hold that was taken
 * meanwhile is seen, or is refused (tests/model/share.pml). K3  A correction lowers the count first and
 * raises `corrected` then; whoever sums both loads `corrected` first. So the sum is never more than what was
 * ever counted.
 */
#ifndef TQ_SHARED_H
#define TQ_SHARED_H

#include "limit.h"
#include "rule.h"

/* The bits of `sharing`. */
#define TQ__SHARING_TOLD UINT64_C(1)   /* machines share it, or something was told of it */
#define TQ__SHARING_STRICT UINT64_C(2) /* a limit of it is strict, or was */
#define TQ__SHARING_CUT_SHIFT 14       /* two bits: TQ_CUT_... */
#define TQ__SHARING_MACHINES_SHIFT 16
#define TQ__SHARING_PROBES_SHIFT 32

#define TQ__STRICT (UINT64_C(1) << 55) /* in rest.leased */

/* Whether anything is withheld, and by which words. */
enum { TQ__SHARED_NOT, TQ__SHARED_HEARD, TQ__SHARED_CUT };

TQ__HOT uint32_t tq__sharing_of(const struct tq_ledger *ledger, struct tq__limits *limits, int64_t now_ns)
{
    int64_t until_ns;

    /* Sequentially consistent as all loads and stores of these words: K2. */
    if (__builtin_expect((atomic_load_explicit(&limits->sharing, memory_order_seq_cst) & 0xffff) == 0, 1))
        return TQ__SHARED_NOT;
    until_ns = atomic_load_explicit(&ledger->header->shared_until_ns, memory_order_seq_cst);
    if (until_ns == 0)
        return TQ__SHARED_NOT;
    return now_ns <= until_ns ? TQ__SHARED_HEARD : TQ__SHARED_CUT;
}

/* What of a window is not for this machine. */
struct tq__part {
    int64_t others;   /* what others used; at most `withheld` */
    int64_t withheld; /* of a limit at most 2^40; of a budget INT64_MAX: all of it */
    int64_t heard_ns; /* when others was told; 0: it was not */
};

/* Of line i in the window of this number. An unknown window is one of which nothing was told. */
void tq__part_of(const struct tq__line *line, uint64_t number, int64_t now_ns, struct tq__part *part);

/* The same in fewer steps, in the unit of the limit and at most 2^40: a count of this tag was just loaded
 * from line i. sharing is not TQ__SHARED_NOT. */
TQ__COLD uint64_t tq__withheld_slowly(struct tq_ledger *ledger, struct tq__limits *limits, uint32_t i,
                                      uint64_t tag, int64_t now_ns);

TQ__HOT uint64_t tq__withheld_quickly(struct tq_ledger *ledger, struct tq__limits *limits, uint32_t i,
                                      uint64_t tag, uint32_t sharing, int64_t now_ns)
{
    if (sharing == TQ__SHARED_HEARD) {
        /* Sequentially consistent: K2. */
        uint64_t count =
            atomic_load_explicit(&limits->withheld[i], memory_order_seq_cst) - (tag << TQ__METER_BITS);

        if (count <= TQ__METER_MAX)
            return count;
    }
    return tq__withheld_slowly(ledger, limits, i, tag, now_ns);
}

/* tq__limit_has_room with what is withheld, which is told in *used. */
TQ__HOT bool tq__shared_has_room(struct tq_ledger *ledger, struct tq__limits *limits, uint32_t i,
                                 uint32_t sharing, uint64_t spec, int64_t now_ns, struct tq__terms *terms,
                                 int64_t *used, uint64_t *tag)
{
    if (!tq__limit_has_room(&limits->line[i], spec, tq__quarter_of(now_ns), terms, used, tag))
        return false;
    if (__builtin_expect(sharing == TQ__SHARED_NOT, 1) || terms->amount == 0)
        return true;
    *used += (int64_t)tq__withheld_quickly(ledger, limits, i, *tag, sharing, now_ns);
    return *used < terms->room;
}

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

/* Before a limit is looked at or counted in: takes what is withheld off the terms of a kind whose end, or
 * whose rate, depends on them. Afterwards: adds it to what is used, puts the terms back, and shortens the
 * end. */
void tq__part_begin(const struct tq__line *line, int64_t now_ns, struct tq__standing *standing);
void tq__part_end(const struct tq__line *line, int64_t now_ns, bool use_reserve,
                  const struct tq__terms *terms, struct tq__standing *standing);

/* Does a limit that excludes do so by what is used here and elsewhere? Else by what is withheld beyond that.
 */
static inline bool tq__standing_is_spent(const struct tq__standing *standing, bool use_reserve)
{
    return standing->used - standing->kept >= (use_reserve ? standing->terms.amount : standing->terms.room);
}

/* What is used here and elsewhere, for people to see. */
static inline int64_t tq__standing_shown(const struct tq__standing *standing)
{
    return standing->used == INT64_MAX ? INT64_MAX : standing->used - standing->kept;
}

/* ---- corrected ------------------------------------------------------------------------------- */

/* Notes what a correction took back of a window, after the count was lowered (K3). One of a window before the
 * one that is noted is left out. */
void tq__corrected_note(const struct tq__line *line, uint64_t number, uint64_t taken);

/* The same of a day. */
void tq__corrected_note_day(struct tq__slot *slot, uint64_t day, uint64_t taken);

/* ---- the provider's -------------------------------------------------------------------------- */

static inline uint32_t tq__sharing_cut(uint64_t sharing)
{
    return (uint32_t)(sharing >> TQ__SHARING_CUT_SHIFT) & 3;
}

static inline uint32_t tq__sharing_machines(uint64_t sharing)
{
    return (uint32_t)(sharing >> TQ__SHARING_MACHINES_SHIFT) & 0xffff;
}

/* May this machine hand out a probe of the level? Else *at_ns is when it is worth to ask again. */
bool tq__shared_may_probe(const struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns,
                          int64_t *at_ns);

/* Is a limit strict? */
bool tq__line_is_strict(const struct tq__line *line);

/* Counts that something was set. */
void tq__settings_raise(struct tq_ledger *ledger);

#endif
