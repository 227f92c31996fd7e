/* reconcile.h: brings what the configuration says of providers into the ledger, and says what changed.
 *
 * SPDX-License-Identifier: MIT
 *
 * The configuration adds and changes. What is in the ledger and not in the configuration stays: other
 * programs and people may have set it.
 */
#ifndef TOKENQUOTA_SERVE_RECONCILE_H
#define TOKENQUOTA_SERVE_RECONCILE_H

#include "base/list.h"
#include "config.h"

/* What was said to stay, so that it is said once: hashes of the lines. It begins as zeros, and free() frees
 * stays.slots. */
struct reconcile_said {
    struct tq__index stays;
};

/* Tells the listener a line for each setting and limit that changes, that stays though the configuration does
 * not have it, or that the ledger refuses. Once more, it changes nothing and says nothing. 0; 1 when
 * something was refused; TQ_EGONE. */
int reconcile(const struct config *config, struct tq_ledger *ledger, struct reconcile_said *said,
              struct listener *listener);

/* Tells the listener what any ledger would refuse: circles of pools, two limits that are one, zones that
 * there are not. 0, or -1. */
int reconcile_check(const struct config *config, struct listener *listener);

#endif
