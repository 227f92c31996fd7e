/* zone_table.h: the zones of a ledger, each with its law, by the numbers that limits have of them.
 *
 * SPDX-License-Identifier: MIT
 *
 * A zone is a record among the extensions. Its name is written before its place in the header is set, and
 * neither changes afterwards.
 *
 *   Z1  A place is set once, from 0, by a compare-and-swap. A process goes through the places in order. If it
 *       loses a place, it looks at the name that won. So two processes that add one name at the same time
 *       give it one number; the loser's record stays unused until compact.
 *   Z2  The law's words may change at any time, each by one store: the exceptions first, then the rule. An
 *       exception that stays is not touched, wherever it stands, because the order means nothing (law.h).
 *       A new one takes the word of one that goes, and each says all about itself. So a reader that loads
 *       words in the middle of this has every exception that is in both laws. It loads the rule first;
 *       with the new rule it therefore has the new exceptions, too. So where both laws say the same of an
 *       instant, its answer is that, unless a third law is being written. For other instants it is what one
 *       of their rules or exceptions says.
 */
#ifndef TQ_ZONE_TABLE_H
#define TQ_ZONE_TABLE_H

#include "law.h"
#include "ledger.h"

/* Finds the number of a zone, and adds the zone when the ledger does not have it. What the system's zone
 * database says of it from now_ns on is written to the ledger in either case. A zone that the ledger has
 * needs no file. An empty name and UTC are number 0. The ledger must be one that may be written. Returns
 *
 *     0 to 127      the number
 *     TQ_EFULL      the ledger has 127 zones
 *     TQ_ENOTSUP    changes or offsets that are not on a quarter of an hour
 *     TQ_ESYS       its file cannot be read; errno is ENOENT when there is none, or it is no zone
 *     TQ_ENOMEM, TQ_ENOSPC, TQ_EGONE, TQ_EFORMAT */
TQ__COLD int tq__zone_number(struct tq_ledger *ledger, struct tq__span name, int64_t now_ns);

/* Copies the name of a zone, NUL-terminated; that of number 0 is empty. False: there is no such zone. */
TQ__COLD bool tq__zone_name(struct tq_ledger *ledger, uint32_t zone, char name[TQ__ZONE_NAME_BYTES]);

/* Reads the law of a zone. False: the ledger has no such zone, or its law is damaged. */
TQ__COLD bool tq__zone_law(struct tq_ledger *ledger, uint32_t zone, struct tq__law *law);

#endif
