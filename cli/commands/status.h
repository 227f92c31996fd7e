/* status.h: what the files cmd_status.c and status_watch.c share.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_STATUS_H
#define TOKENQUOTA_STATUS_H

#include "cli/show/show.h"

struct status {
    const char *ledger;
    const char *at;
    const char *colour;
    bool watch;
    bool json;
    bool days;
    bool verbose;
    char **names;
};

/* Reads and shows on out what was asked for, once: CLI_YES, CLI_NO, CLI_ERROR or TQ_EGONE. */
int status_show(const struct status *status, struct session *session, FILE *out);

/* Again and again, until a signal ends it. */
int status_watch(const struct status *status, struct session *session);

#endif
