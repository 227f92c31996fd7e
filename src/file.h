/* file.h: a ledger in a file: found, made, attached, and told from any other.
 *
 * SPDX-License-Identifier: MIT
 *
 *   P1  a file gets the ledger's name complete, by link, which fails if the name is taken: two creators end
 *       on one file. Nothing renames over the name but compact, which holds the file locked for itself alone.
 *   P2  whoever has it open for writing holds a shared lock on it for life (enter.h); rebuild and compact
 * hold an exclusive one. The kernel drops the locks of a process that died. P3  after the lock is held, the
 * name is looked up again: it must lead to the very file that is locked.
 */
#ifndef TQ_FILE_H
#define TQ_FILE_H

#include "enter.h"
#include "ledger.h"

/* Opens or creates the file and attaches it to the ledger. error is not NULL; after 0 it holds what a rebuild
 * said, or why an earlier attempt failed. */
int tq__file_open(struct tq_ledger *ledger, const char *path, const struct tq_ledger_options *options,
                  struct tq_error *error);

/* The same for whoever replaces the file that is there: locked exclusively, rebuilt if need be. */
int tq__file_open_alone(struct tq_ledger *ledger, const char *path, struct tq_error *error);

/* Gives the ledger the file that fd has open, whatever the answer, and its header, of which `checked` is a
 * copy that was found good. */
int tq__file_attach(struct tq_ledger *ledger, const char *path, int fd, const struct tq__header *checked,
                    uint32_t flags, struct tq_error *error);

/* Makes a new ledger and gives it the name, unless the name is taken by then: 0, too. */
int tq__file_place(const char *path, const struct tq_ledger_options *options, struct tq_error *error);

/* Makes a new, complete, empty ledger file beside path, under `name`; *fd is open for reading and writing,
 * and locked as by a user. header gets a copy of what was written. */
int tq__file_create(const char *path, const struct tq_ledger_options *options, char name[PATH_MAX], int *fd,
                    struct tq__header *header, struct tq_error *error);

/* After a name was made or changed in the folder of path: on the disk. */
void tq__file_sync_folder(const char *path);

/* ---- anew.c ----------------------------------------------------------------------------------
 *
 * Compact, backup and restore never copy a file's bytes. They insert each name into a new ledger, and give it
 * what its slot holds. So every index word of the new ledger leads to a slot that was filled, and each word
 * of that slot is a value that it had meanwhile. */

/* Inserts the names of `from` into `to`, which has none, with what is held of them, and the notes of the
 * header. Others may count on `from`. The errors of tq__table_insert. */
int tq__anew_names(struct tq_ledger *to, struct tq_ledger *from);

/* Makes all that `from` holds into a new file with the rights of the file at path, and puts it in that one's
 * place. old: that file, open for writing and locked for the caller alone. Until the new one has the name
 * the old one stays as it is. The errors of open. */
int tq__anew_replace(struct tq_ledger *from, const char *path, int old, struct tq_error *error);

#endif
