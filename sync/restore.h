/* restore.h: `ledger restore` of a ledger that is exchanged.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SYNC_RESTORE_H
#define TOKENQUOTA_SYNC_RESTORE_H

#include "tokenquota.h"

/* Notes in LEDGER.sync what the ledger will have when `source` has taken its place, and keeps everybody from
 * exchanging it until sync_restore_end. Negative with a line in *error.
 *
 *     above 0    the lock, which sync_restore_end takes
 *     0          the ledger is not exchanged: nothing was noted or locked
 *     TQ_EBUSY   somebody exchanges it now
 *     TQ_ESYS, TQ_ENOMEM, and what tq_ledger_restore answers */
int sync_restore_begin(const char *ledger, const char *source, const struct tq_ledger_options *options,
                       struct tq_error *error);

/* Lets go of the lock. Does nothing for 0. */
void sync_restore_end(int lock);

#endif
