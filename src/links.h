/* links.h: what slots and limits lead to by number: limits, rings, zones, pools. It is followed within
 * bounds, copied into another ledger, and dropped where a loss of power took it.
 *
 * SPDX-License-Identifier: MIT
 *
 * A link is a number + 1; 0 leads nowhere. Each limits and each ring has one link that leads to it. A zone is
 * led to by the header's table, and limits have its place in that table; so its number is the same in a copy.
 * A record is filled before a link to it is written, and its number is given out once. (It may be given out
 * again after a loss of power. So whoever takes a number clears the record, as an insert clears a slot.)
 */
#ifndef TQ_LINKS_H
#define TQ_LINKS_H

#include "ledger.h"

#define TQ__POOL_LEVELS 3u /* a provider, its pool, and that one's pool */

/* ---- looking --------------------------------------------------------------------------------- */

/* Says what is wrong with a limit, in words that a slot's number follows. NULL: it is free, or as it must be.
 * A limit whose zone the ledger does not have is wrong, too. Others may change it meanwhile. */
const char *tq__link_line_fault(struct tq_ledger *ledger, const struct tq__limit *line);

/* Do the pools above a slot have names, and are there at most as many as may be, so no circle? Others may
 * change them meanwhile. */
bool tq__link_pool_ok(struct tq_ledger *ledger, uint32_t number);

/* Notes which limits, rings and holds were led to. NULL: no memory. */
uint64_t *tq__links_seen_new(void);
void tq__links_seen_free(uint64_t *seen);

/* Notes the link. Was it noted before? array is the ledger's limits, its rings or its holds. */
bool tq__link_seen(const struct tq_ledger *ledger, uint64_t *seen, const struct tq__array *array,
                   uint64_t link);

/* ---- copying --------------------------------------------------------------------------------- */

/* Gives a slot of `to` copies of the limits and rings that its link leads to in `from`, and, with `keep`, of
 * the holds that are nobody's. Others may count and change limits in `from` meanwhile. 0, or an error of
 * tq__array_take. */
int tq__links_copy_limits(struct tq_ledger *to, struct tq_ledger *from, struct tq__slot *slot, bool keep);

/* hold_links.c: the same for holds. `made` is the copy of `limits`. */
int tq__links_copy_holds(struct tq_ledger *to, struct tq_ledger *from, struct tq__limits *made,
                         struct tq__limits *limits, bool keep);

/* hold_links.c: does a slot hold something that is nobody's? Its links are numbers of the ledger. */
bool tq__links_hold_nobodys(struct tq_ledger *ledger, struct tq__slot *slot);

/* Gives `to` the zones of `from`, under their numbers. To be called after the limits were copied: then each
 * zone that one of them names is there. */
int tq__links_copy_zones(struct tq_ledger *to, struct tq_ledger *from);

/* ---- mending --------------------------------------------------------------------------------- */

/* After a loss of power: drops what leads to no record or to one that another link leads to, limits whose
 * zone is lost, and pools that cannot be; and raises the header's counters to what is led to. The names must
 * be in the index, and the file be locked exclusively. Adds what was dropped to *lost. 0 or TQ_ENOMEM. */
int tq__links_mend(struct tq_ledger *ledger, uint32_t *lost);

/* hold_links.c: the same for the holds of a provider. What is lost held only for calls that ran before. */
void tq__links_mend_holds(struct tq_ledger *ledger, uint64_t *seen, struct tq__limits *limits);

/* hold_links.c: says what is wrong with the holds of a provider, as tq__link_line_fault; notes their links.
 */
const char *tq__links_holds_fault(struct tq_ledger *ledger, uint64_t *seen, struct tq__limits *limits);

#endif
