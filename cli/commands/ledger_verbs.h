/* ledger_verbs.h: what `tokenquota ledger` can be told to do: one file a verb.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_LEDGER_VERBS_H
#define TOKENQUOTA_LEDGER_VERBS_H

#include "cli/session.h"

extern const struct command ledger_backup;
extern const struct command ledger_check;
extern const struct command ledger_compact;
extern const struct command ledger_create;
extern const struct command ledger_dump;
extern const struct command ledger_flush;
extern const struct command ledger_names;
extern const struct command ledger_restore;

/* ---- cmd_ledger.c: verbs that take --ledger and nothing else ----------------------------------------- */

extern const struct option_spec ledger_only_options[];

/* Reads such a verb's command line: true with *ledger set, or NULL; false when *exit_status is the answer. */
bool ledger_only(int argc, char **argv, const struct command *verb, const char **ledger, int *exit_status);

/* ---- ledger_list.c -------------------------------------------------------------------------------- */

/* All providers by name; the caller frees *items. 0, or what the work of a session answers. */
int ledger_list(struct session *session, struct tq_provider ***items, size_t *count);

#endif
