/* file.h: a ledger in a file: found, made, attached, replaced, and told from any other.
 *
 * SPDX-License-Identifier: MIT
 *
 *   P1  A file gets the ledger's name when it is complete, by link, which fails if the name is taken. So
 *       two creators end on one file. Nothing renames over the name but anew.c, which holds the old file
 *       locked for itself alone.
 *   P2  A process that has the file open for writing holds a shared lock on it until it closes it
 *       (enter.h). Rebuild and compact hold an exclusive one. The kernel drops the locks of a process
 *       that died.
 *   P3  When a process has the lock, it looks the name up again: it must lead to the very file that is
 *       locked.
 */
#ifndef TQ_FILE_H
#define TQ_FILE_H

#include "enter.h"
#include "ledger.h"

/* Opens or creates the file and attaches it to the ledger. error is not NULL. After 0 it holds the message of
 * a rebuild, or why an earlier attempt failed. 1: the file is of an older format (tq__convert). */
int tq__file_open(struct tq_ledger *ledger, const char *path, const struct tq_ledger_options *options,
                  struct tq_error *error);

/* Opens the file that is there, locked exclusively, and attaches it. Rebuilds its index when it must. For a
 * caller that replaces the file. 1: it is of an older format. */
int tq__file_open_alone(struct tq_ledger *ledger, const char *path, struct tq_error *error);

/* Attaches the file that fd has open. The descriptor is the ledger's afterwards, whatever the answer.
 * `checked` is a copy of the file's header that was found good. */
int tq__file_attach(struct tq_ledger *ledger, const char *path, int fd, const struct tq__header *checked,
                    uint32_t flags, struct tq_error *error);

/* Makes a new ledger and gives it the name. Returns 0, also when the name was taken meanwhile. */
int tq__file_place(const char *path, const struct tq_ledger_options *options, struct tq_error *error);

/* Makes a new, complete, empty ledger file beside path, under `name`. *fd is open for reading and writing,
 * and locked as by a process that counts. header gets a copy of what was written. */
int tq__file_create(const char *path, const struct tq_ledger_options *options, char name[PATH_MAX], int *fd,
                    struct tq__header *header, struct tq_error *error);

/* Writes the folder of path to the disk, after a name in it was made or changed. */
void tq__file_sync_folder(const char *path);

/* Gives the file `to` the owner, permissions, ACL and other attributes of `from`; path is for messages. */
int tq__rights_take(int from, int to, const char *path, struct tq_error *error);

/* Rewrites a file of an older format in this one. Returns 0, also when another process did it first; or the
 * errors of compact. */
int tq__convert(const char *path, struct tq_error *error);

/* ---- anew.c ----------------------------------------------------------------------------------
 *
 * Compact, backup and restore never copy a file's bytes. They insert each name into a new ledger, and give it
 * what its slot holds. So every index word of the new ledger leads to a slot that was filled, and each word
 * of that slot is a value that it had meanwhile. */

/* Gives `to`, which holds nothing, all that `from` holds: names, limits, zones, pools, and the notes and
 * settings of the header. Others may count on `from`, unless the caller is `alone` with it; then slots are
 * taken, too, that hold something and that no index word leads to. The errors of tq__table_insert. */
int tq__anew_copy(struct tq_ledger *to, struct tq_ledger *from, bool alone);

/* Makes all that `from` holds into a new file with the rights of the file at path, and puts it in that one's
 * place. old: that file, open for writing and locked for the caller alone. Until the new one has the name
 * the old one stays as it is. The errors of open. */
int tq__anew_replace(struct tq_ledger *from, const char *path, int old, struct tq_error *error);

#endif
