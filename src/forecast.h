/* forecast.h: a prediction that is looked at again at each record and taken back when it no longer holds.
 *
 * SPDX-License-Identifier: MIT
 *
 * Under every rule but the original's, a record leaves in `predicted` the instant until which the rule holds
 * if nothing more is recorded, else 0. Several threads may do so at once, and any may stall or die between
 * two steps, so an old answer must not outlive a newer one:
 *
 *   F1  `predicted` is loaded first, then what it is judged by, the rule included, and it is swapped only from
 *       the value loaded;
 *   F2  after a swap everything is looked at once more, until what is written is what the rule says;
 *   F3  a record of a day earlier than the newest speaks of its own day only: that the day is spent holds until
 *       its end, and is taken back when it is no longer so; a later day's word is left alone. A later day's
 *       record raised the newest day before it wrote `predicted`.
 *
 * Take a record A and any later change C of count, half hours, budget, rule or newest day. All steps concerned
 * are sequentially consistent. If A's last look (after its swap) came after C's change, A wrote what the rule
 * says with C. If it came before, C's own look, or the clearing of set_budget and set_rule, comes after A's
 * swap and puts it right (tests/model/rule.pml). A thread that dies in between leaves an answer that was true
 * when it looked, until the next record.
 *
 * F3 needs no newest day that is right. A wrong clock can raise it to a day of the future; what is spent
 * excludes all the same, and gate.h takes the newest day back.
 *
 * The horizon's rule also looks at what was predicted before ("once so it holds"): it can only keep what is
 * in force, so looking again at what oneself wrote changes nothing.
 */
#ifndef TQ_FORECAST_H
#define TQ_FORECAST_H

#include <stdbool.h>

#include "ledger.h"
#include "window.h"

/* Brings `predicted` up to date after a record, and gives what the rule says of the day by the last look. rule
 * is the slot's, read after the count. */
int64_t tq__forecast_update(struct tq_ledger *ledger, struct tq__slot *slot, _Atomic uint64_t *word,
                            uint64_t tag, uint32_t rule, const struct tq__window *window, int64_t now_ns);

/* Says that the newest day is spent, when it is. */
void tq__forecast_spent(struct tq_ledger *ledger, struct tq__slot *slot);

/* After the budget, the rule or the usage was changed. What was predicted from the old one is void; that the
 * newest day has used the new budget up holds by itself, whatever the time. What a pace says must wait for the
 * next record. */
void tq__forecast_anew(struct tq_ledger *ledger, struct tq__slot *slot);

#endif
