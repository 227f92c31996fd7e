/* forecast.h: a prediction that is made at each record, looked at again, and taken back when it no longer
 * holds.
 *
 * SPDX-License-Identifier: MIT
 *
 * Under every rule but the original's, a record leaves an instant in `predicted`: until then the rule keeps
 * the provider out by the day's budget, if nothing more is recorded. 0 is none. (Of limits nothing is
 * predicted: limit_rule.h.) What the rule says is a function of the day's count, the notes, budget, rule,
 * care and newest day. Several threads may write `predicted` at once, and each may stall or die between two
 * steps, so an old answer must not outlive a newer one:
 *
 *   F1  A thread loads `predicted` first, then everything by which it judges, the rule included. It
 *       swaps `predicted` only from the value that it loaded.
 *   F2  After a swap it looks at everything once more, until what is written is what the rule says.
 *   F3  A record of a day earlier than the newest speaks of its own day only. That this day is spent
 *       holds until the day's end, and is taken back when it is no longer so. A later day's word is left
 *       alone: the record of the later day raised the newest day before it wrote `predicted`.
 *
 * Take a record A and any later change C of what A judged by. All steps concerned are sequentially
 * consistent, but those on the mean call: whoever changes that swaps the half hour behind it, and whoever
 * looks loads the half hour before it, so a look that finds the swap finds the mean call, too. If A's last
 * look (after its swap) came after C's change, A wrote what the rule says with C. If it came before, the look
 * of C's own record, or the clearing of set_budget, set_rule and set_care, comes after A's swap and puts it
 * right (tests/model/rule.pml). A thread that dies in between leaves an answer that was true when it looked,
 * until the next record.
 *
 * F3 does not need a newest day that is right. A wrong clock can raise it to a day of the future. A
 * budget that is spent keeps the provider out all the same, and clock.h takes the newest day back.
 *
 * The rule horizon, which old ledgers may have, also judges by `predicted` itself: once out, it stays out for
 * longer. That can only keep what is in force.
 */
#ifndef TQ_FORECAST_H
#define TQ_FORECAST_H

#include "rule.h"

/* Brings `predicted` up to date after a record. Returns the instant until which the rule keeps the provider
 * out, by the last look, or 0. `rule` is the slot's, read after the count. */
int64_t tq__forecast_update(const struct tq__at *at, uint32_t rule);

/* Brings it up to date after something else than a record changed, on the day of now_ns when that is the
 * newest. */
void tq__forecast_look(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns);

/* Writes that the newest day is spent, when it is. */
void tq__forecast_spent(struct tq_ledger *ledger, struct tq__slot *slot);

/* Makes the prediction again after budget, rule or usage were changed, because what was predicted from the
 * old ones is void. Writes that the newest day has used up the new budget, when it has. The next record
 * judges whether the rest will last. */
void tq__forecast_anew(struct tq_ledger *ledger, struct tq__slot *slot);

#endif
