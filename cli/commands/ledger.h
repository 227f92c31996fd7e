/* ledger.h: the verbs of `tokenquota ledger` that ledger_files.c defines for the list in ledger.c.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_LEDGER_H
#define TOKENQUOTA_LEDGER_H

#include "cli/session.h"

extern const struct command ledger_backup;
extern const struct command ledger_compact;
extern const struct command ledger_create;
extern const struct command ledger_restore;

#endif
