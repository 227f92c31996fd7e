/* jobs.h: what the daemon does by itself: asks vendors, probes, and follows logs, as the configuration says.
 *
 * SPDX-License-Identifier: MIT
 *
 * A job is a thread with a ledger of its own. It does what `tokenquota poll` and `tokenquota import --follow`
 * do, with the same code: one caller over all processes asks a vendor, one imports.
 */
#ifndef TOKENQUOTA_SERVE_JOBS_H
#define TOKENQUOTA_SERVE_JOBS_H

#include "config.h"
#include "serve.h"

struct jobs;

/* No jobs yet. server lasts as long as they. NULL: there is no memory. */
struct jobs *jobs_new(const struct server *server);

/* Has the jobs of this configuration run: those that are the same go on, others end, and new ones begin when
 * those that they replace have ended. It waits for none. NULL: none is left. 0; negative: not all could be
 * started, which was said. */
int jobs_replace(struct jobs *jobs, struct config *config);

/* Tells all to end, which ends the commands that run, without waiting. */
void jobs_halt(struct jobs *jobs);

/* Halts them and waits for their ends. NULL is allowed. */
void jobs_free(struct jobs *jobs);

#endif
