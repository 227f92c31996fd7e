/* runs.h: runs: providers that are made for one job, and are forgotten when all its processes are gone.
 *
 * SPDX-License-Identifier: MIT
 *
 * A run is a provider "claude/job-7" in the pool "claude". The file LEDGER.runs has a line of 512 bytes for
 * each: its name, when it began, when its time is up. The run's first process locks that line by an open file
 * description, which all that it starts inherit. So the kernel knows when the last of them is gone, however
 * they ended. A program may close descriptors that it inherits, as Python does for its children; so before a
 * run is forgotten, the processes of this machine are asked whether one has the run in its environment. Only
 * the user of the run and root may ask them, so nobody else forgets it.
 *
 * Nobody waits for that: every command that opens the ledger, and may write it, looks (runs_look), and so
 * does the daemon.
 */
#ifndef TOKENQUOTA_VIEW_RUNS_H
#define TOKENQUOTA_VIEW_RUNS_H

#include <stdbool.h>
#include <stdint.h>

#include <tokenquota.h>

struct listener;

#define RUN_VARIABLE "TOKENQUOTA_RUN" /* the runs of a process, a line each, the innermost first */

#define RUN_OF_ANYBODY UINT32_MAX /* an older build began it, which wrote no user */

struct run {
    char name[TQ_NAME_MAX + 1];
    int64_t started_at_ns;
    int64_t until_ns; /* when its time is up; 0: never */
    uint32_t user;    /* that began it */
};

/* Is this process in a run of the provider? Then it means the run by its name (tq_run_of has the rule). */
bool run_of(const char *name, char run[TQ_NAME_MAX + 1]);

/* Begins a run: nobody has its name, and its line is locked. Returns a descriptor that the run's processes
 * keep open, or -1 with listener->why. */
int run_begin(const char *ledger_path, struct tq_ledger *ledger, const struct run *run,
              struct listener *listener);

/* Looks after the runs of a ledger: those whose time is up are marked exhausted, those whose processes are
 * gone are forgotten. ledger NULL, or one that is open for reading only: neither. */
void runs_look(const char *ledger_path, struct tq_ledger *ledger, int64_t now_ns);

/* Has runs_look something to do? In few steps when there is no run. */
bool runs_are_due(const char *ledger_path, int64_t now_ns);

/* Is there such a run? Some of its processes live then. */
bool run_is_known(const char *ledger_path, const char *name);

/* And has it its limits? Somebody may have forgotten its provider, or taken it out of its pool. */
bool run_is_in_force(const char *ledger_path, struct tq_ledger *ledger, const char *name);

#endif
