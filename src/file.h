/* file.h: a ledger in a file: found, made, attached, and told from any other.
 *
 * SPDX-License-Identifier: MIT
 *
 *   P1  a file gets the ledger's name complete, by link, which fails if the name is taken: two creators end
 *       on one file. Nothing renames over the name but compact, which holds the file locked for itself alone.
 *   P2  who has it open holds a shared lock (flock) on it for life; rebuild and compact hold an exclusive
 *       one. The kernel drops locks of the dead.
 *   P3  after the lock is held, the name is looked up again: it must lead to the very file that is locked.
 */
#ifndef TQ_FILE_H
#define TQ_FILE_H

#include <limits.h>

#include "ledger.h"

/* Opens or creates the file and attaches it to the ledger. error is not NULL; after 0 it holds what a rebuild
 * said, or why an earlier attempt failed. */
int tq__file_open(struct tq_ledger *ledger, const char *path, const struct tq_ledger_options *options,
                  struct tq_error *error);

/* Gives the ledger the file that fd has open, whatever the answer, and its header. */
int tq__file_attach(struct tq_ledger *ledger, const char *path, int fd, uint32_t flags,
                    struct tq_error *error);

/* Opens the file at path, checks what it is, and locks it as `lock` says (LOCK_SH, LOCK_EX); *fd. Waits up to
 * 2 s; with boot_id only as long as the file's index is not whole in that boot: 1 when it is, *fd is -1 then.
 */
int tq__file_lock(const char *path, bool read_only, int lock, const uint8_t *boot_id, int *fd,
                  struct tq_error *error);

/* Reads and checks the header of a file: is it a ledger of this format? */
int tq__file_check_header(const char *path, int fd, bool read_only, struct tq__header *header,
                          struct tq_error *error);

/* ---- create.c -------------------------------------------------------------------------------------- */

/* The folder of a path: what is before its last slash, "." without one. */
void tq__file_folder(const char *path, char folder[PATH_MAX]);

/* TQ_EDENIED: the file system is one that machines share. */
int tq__file_not_local(const char *path, const char *system, struct tq_error *error);

/* Makes a new ledger and gives it the name, unless the name is taken by then: 0, too. */
int tq__file_place(const char *path, const struct tq_ledger_options *options, struct tq_error *error);

/* Makes a new, complete, empty ledger file beside path, under `name`; *fd is open for reading and writing. */
int tq__file_create(const char *path, const struct tq_ledger_options *options, char name[PATH_MAX], int *fd,
                    struct tq_error *error);

/* After a name was made or changed in the folder of path: on the disk. */
void tq__file_sync_folder(const char *path);

#endif
