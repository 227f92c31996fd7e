/* session.h: a subcommand's way to the shared ledger: which file, opening it, and words for what fails.
 *
 * SPDX-License-Identifier: MIT
 *
 * The file may be replaced or removed under a command that has it open (TQ_EGONE). Nothing was changed then,
 * so session_work opens what is there now and does the work once more.
 */
#ifndef TOKENQUOTA_SESSION_H
#define TOKENQUOTA_SESSION_H

#include <stdatomic.h>

#include <tokenquota.h>

#include "cli/args.h"
#include "cli/cli.h"

#define MACHINE_FOLDER "/var/lib/tokenquota"
#define MACHINE_LEDGER TQ_MACHINE_LEDGER

#define AS_A_WRITER "as a user who may write it, run: tokenquota doctor --ledger '%s'"
#define NO_LEDGER "there is no ledger at %s yet; it begins with: tokenquota observe PROVIDER TOKENS"

/* A change of state wakes the processes that wait. Whether the file was replaced is checked this often. */
#define LOOK_NS SECOND_NS

struct session {
    char path[PATH_BYTES];
    char why[244];  /* the path is this one: "--ledger", "$TOKENQUOTA_LEDGER", ... */
    bool given;     /* it was named, not found: its folder is not ours to make */
    bool read_only; /* it is open, for reading only */
    struct tq_ledger *ledger;
};

/* Finds the path; option is the value of --ledger or NULL. -1, reported, when there is none. */
int session_find(struct session *session, const char *option);

/* Makes the folder of a path that was found, mode 0700; -1 with a report. */
int session_make_folder(const struct session *session);

/* True when the machine has a ledger and this user counts on one of their own, not being in its group. */
bool session_is_apart(const struct session *session);

/* Finds the ledger that the request, a struct request or one that begins with it, names; opens it, works,
 * closes it. The work answers CLI_... or, before it has printed or changed anything, TQ_EGONE. */
int session_work(void *request, enum session_use use, int (*work)(struct session *session, void *request));

/* Opens session->path. 0; negative with a report. */
int session_open(struct session *session, enum session_use use);

/* Opens the file that is at the path now, in place of the one that is gone; for work that lasts. */
int session_reopen(struct session *session, enum session_use use);

/* Set once SIGINT or SIGTERM came, which session_catch_ends asks for; flags as for sigaction. */
extern atomic_bool session_stopped;
void session_catch_ends(int flags);

/* Waits until there is a ledger, saying so once, and opens it to read. 0; 1 when session_stopped has been
 * set; negative with a report. */
int session_await(struct session *session);

/* The provider that is meant by a name: inside a run of it, the run. When that run is over, no ledger can be
 * opened any more: a call that belongs to it is not to be counted, or allowed, without its limits. */
const char *session_name(const char *name);

/* Names the ledger to what this command starts. 0, or -1 without memory. */
int session_export(const struct session *session);

/* The options that every open of the command has. */
struct tq_ledger_options session_options(void);

/* Did an open fail because the user may not write the file? */
bool session_is_forbidden(const struct tq_error *error);

/* Opens session->path and says nothing: what tq_ledger_open answers, but 0 without a ledger for SESSION_LOOK.
 */
int session_try(struct session *session, enum session_use use, struct tq_error *error);

/* One line for a failed open. */
#define SESSION_WORDS (PATH_BYTES + 256)
void session_words(const struct session *session, enum session_use use, const struct tq_error *error,
                   char out[SESSION_WORDS]);
void session_report(const struct session *session, enum session_use use, const struct tq_error *error);

/* One line for a library call about a provider that failed; gives what the work answers. */
int session_fail(const char *provider, int code);

/* All providers by name; the caller frees *items. 0, or what the work answers. */
int session_providers(struct session *session, struct tq_provider ***items, size_t *count);

/* Looks up a provider that must be known: 0, or what the work answers. */
int session_provider(struct session *session, const char *name, struct tq_provider **provider);

/* Looks up a provider and makes it when there is none, which is said when its name looks misspelt. What
 * tq_ledger_provider answers. */
int session_provider_make(struct session *session, const char *name, struct tq_provider **provider);

/* Says that a name is new, and may be misspelt, when a known one looks like it that is none of others. others
 * may be NULL. */
void session_note_new(struct session *session, const char *name, char *const *others);

#endif
