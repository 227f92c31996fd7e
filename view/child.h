/* child.h: running the commands that a user names: started, waited for, ended.
 *
 * SPDX-License-Identifier: MIT
 *
 * A command's standard input is empty, its standard error is ours. All descriptors of this process are
 * close-on-exec: the command has none of them, and so no lock on the ledger. It has no signal blocked,
 * whatever the thread that starts it has. The failures below are -1 with listener->why.
 */
#ifndef TOKENQUOTA_VIEW_CHILD_H
#define TOKENQUOTA_VIEW_CHILD_H

#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct listener;

/* Starts argv[0], looked up in PATH, which NULL ends, with this signal mask, and with the signals that we may
 * ignore as the system has them. flags: further POSIX_SPAWN_... 0, or an errno. Not fork: in a process of
 * several threads, what runs between fork and exec may call nearly nothing. */
int child_spawn(char *const *argv, const posix_spawn_file_actions_t *files, const sigset_t *mask, short flags,
                pid_t *child);

/* Starts argv[0], looked up in PATH, which NULL ends. With output NULL it prints where we do. Otherwise
 * *output is a pipe that it prints into, and it leads a process group. Its id, or -1. */
pid_t child_start(char *const *argv, int *output, struct listener *listener);

/* Does the status that waitpid gave say that the command did its work? Otherwise listener->why says what. */
bool child_did_well(int status, const char *command, struct listener *listener);

#define CHILD_BYTES_MOST 1048576 /* a command that prints more is ended */

/* Runs a command to its end and gives what it printed: *bytes, which ends in a NUL that *len does not count,
 * and which the caller frees. When it fails, prints too much, or takes longer than timeout_ns, it is ended
 * with its process group. 0; 1 when *stop was set meanwhile; -1. Without 0 *bytes is NULL. */
int child_run(char *const *argv, int64_t timeout_ns, const atomic_bool *stop, char **bytes, size_t *len,
              struct listener *listener);

#endif
