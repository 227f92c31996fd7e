/* sync.h: what the files of `tokenquota sync` share: how its plan and its state are printed.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_COMMANDS_SYNC_H
#define TOKENQUOTA_COMMANDS_SYNC_H

#include "cli/show/show.h"
#include "sync/state.h"
#include "sync/sync.h"

/* What a dry run found. 0, or -1 with a report. */
int sync_show_plan(const struct sync_plan *plan, const struct sync_options *options);

/* How it goes: the file beside the ledger, and how long what was told may be trusted (INT64_MAX: nothing is
 * known of that). */
int sync_show_status(struct sync_status *status, int64_t shared_until_ns, int64_t now_ns, bool json);

/* What is wrong with the server, as lines; how many of them keep it from being used. */
int sync_show_facts(const struct sync_server_facts *facts);

#endif
