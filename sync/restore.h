/* restore.h: `ledger restore` of a ledger that is exchanged.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SYNC_RESTORE_H
#define TOKENQUOTA_SYNC_RESTORE_H

#include "tokenquota.h"

/* Notes in LEDGER.sync what the ledger will have when `source` has taken its place, and keeps everybody from
 * exchanging it until sync_restore_end. What it answers is for that; 0: it is not exchanged. Negative, with a
 * line: TQ_EBUSY somebody exchanges it; as tq_ledger_restore; TQ_ESYS, TQ_ENOMEM. */
int sync_restore_begin(const char *ledger, const char *source, const struct tq_ledger_options *options,
                       struct tq_error *error);
void sync_restore_end(int lock);

#endif
