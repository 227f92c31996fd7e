/* shared.h: what of a window is not for this machine, because other machines share the provider.
 *
 * SPDX-License-Identifier: MIT
 *
 * Other machines' counts are never mixed into the own ones: they are words beside them, which one process
 * writes that hears of the others (share.c), and which all decisions look at. docs/format.md has the argument
 * ("Other machines").
 *
 *     sharing            [probes until, s, 32 | machines, 16 | bits, 16]: of a provider; bits 0: nothing is
 *                        withheld
 *     withheld[i]        [version, 8 | number, 16 | count, 40]: of line i, while the others are heard
 *     withheld_cut[i]    the same while they are not
 *     rest[i].others     the same: what others used, for people to see, and for TQ_CUT_OPEN
 *     day_withheld, day_withheld_cut, slot.others
 *                        [day modulo 2^17, 17 | tokens, 47]
 *     rest[i].corrected  [version, 8 | number, 16 | count, 40]: what corrections and resets took back
 *     slot.corrected     [day modulo 2^17, 17 | tokens, 47]
 *
 * The number is that of the window: its 16 bits in a bound; of a first-use window the low 16 bits of its
 * start in 4 s; of a rolling limit those of the newest bucket when it was told, which holds for 100 buckets
 * around it; of refill and once 0. A word of another number says nothing of a window.
 *
 *   K1  Every word stands alone. A decision loads the bound, the count and one of these words, and adds.
 *       A word that is of another window than the count weighs as if nothing was told.
 *   K2  Whoever lowers what this machine may spend writes the word, and loads counts and holds afterwards;
 *       a hold is published before these words are loaded (H2 of hold.h). All four steps are sequentially
 *       consistent: so a hold that was taken meanwhile is seen, or is refused (tests/model/share.pml).
 *   K3  A correction lowers the count first and raises `corrected` then; whoever sums both loads `corrected`
 *       first. So the sum is never more than what was ever counted.
 */
#ifndef TQ_SHARED_H
#define TQ_SHARED_H

#include "limit.h"
#include "shared_day.h"

/* rest.leased: [version, 8 | strict, 1 | second modulo 2^15, 15 | wish, 40]. The wish is the most that a hold
 * was refused then. */
#define TQ__STRICT (UINT64_C(1) << 55)

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

/* ---- corrected.c ------------------------------------------------------------------------------- */

/* Notes what a correction took back of a window, after the count was lowered (K3). One of a window before the
 * one that is noted is left out. */
void tq__corrected_note(const struct tq__line *line, uint64_t number, uint64_t taken);

/* ---- the provider's -------------------------------------------------------------------------- */

/* May this machine hand out a probe of the level? Else *at_ns is when it is worth to ask again. */
bool tq__shared_may_probe(const struct tq_ledger *ledger, struct tq__limits *limits, int64_t now_ns,
                          int64_t *at_ns);

/* Is a limit strict? */
bool tq__line_is_strict(const struct tq__line *line);

/* Notes what a hold was refused, so that who exchanges asks the others for as much. */
void tq__wish_note(const struct tq__line *line, int64_t amount, int64_t now_ns);

/* What was noted in the last seconds; 0: nothing. */
int64_t tq__wish_of(const struct tq__line *line, int64_t now_ns);

#endif
