/* enter.h: from a path to a ledger's file that is open, checked and locked.
 *
 * SPDX-License-Identifier: MIT
 *
 * The locks are on two bytes far behind the file's end, on which nothing is ever written.
 *
 *   L1  A process that has the ledger open for writing holds TQ__LOCK_USERS shared until it closes it.
 *       Rebuild, compact, restore and the conversion of an older format hold it exclusively. A process that
 *       opens the ledger for reading only locks nothing.
 *   L2  TQ__LOCK_USERS is taken shared in two cases only: the index was seen whole; or TQ__LOCK_DOUBT
 *       was held and another user was seen. So every user but one that rebuilds counts on a whole index.
 */
#ifndef TQ_ENTER_H
#define TQ_ENTER_H

#include <limits.h>
#include <sys/stat.h>

#include "ledger.h"
#include "system.h"

#define TQ__LOCK_USERS (INT64_C(1) << 62)
/* Held by a process while it decides between a rebuild and joining others. */
#define TQ__LOCK_DOUBT (TQ__LOCK_USERS + 1)
/* TQ__LOCK_OWNERS + the number of an owner of holds: held by that process (hold_owner.h). */
#define TQ__LOCK_OWNERS (TQ__LOCK_USERS + 1024)
/* TQ__LOCK_POLLS + the number of a provider's slot: held by the process that polls it (poll.c). */
#define TQ__LOCK_POLLS (TQ__LOCK_USERS + TQ__SLOTS_MAX)

/* A ledger's file, open. */
struct tq__entry {
    int fd;
    enum tq__lock lock; /* on TQ__LOCK_USERS */
    struct stat file;
    struct tq__identity identity;
    uint8_t boot_id[16];      /* the machine's */
    struct tq__header header; /* as it was when it was checked */
};

/* Opens the file at path, checks what it is, and locks TQ__LOCK_USERS as wanted. Waits up to 2 s. When shared
 * was wanted and entry->lock is exclusive, the caller must make the index anew and then make the lock shared.
 * Returns 0; 1 when the file is of an older format (tq__convert), or, with TQ__OPEN_OLDER, of this one; or
 * TQ_ESYS, TQ_EDENIED, TQ_EFORMAT, TQ_EBUSY, TQ_ENOTSUP. Without 0 fd is -1. */
int tq__file_enter(const char *path, uint32_t flags, enum tq__lock wanted, struct tq__entry *entry,
                   struct tq_error *error);

/* Flags of tq__file_enter. The file is about to be replaced: only the first bytes of its header must be a
 * ledger's, and its format may be an older one. */
#define TQ__OPEN_DAMAGED (1u << 31)
/* The file is about to be converted: it must be of an older format. */
#define TQ__OPEN_OLDER (1u << 30)

/* Reads and checks the header of a file that nobody counts on, in this format or an older one. 0;
 * TQ_EFORMAT. */
int tq__file_read_header(const char *path, int fd, struct tq__header *header, struct tq_error *error);

/* Says why the index may not be whole, in words that follow "because". NULL: the index was made in this boot
 * and in this very file, so it is whole. A boot that is not known equals no boot. */
const char *tq__file_doubt(const struct tq__header *header, const uint8_t boot_id[16],
                           const struct tq__identity *identity);

/* Writes into the header which file it is in. What the header knows already it writes only when `anew` is
 * set. */
void tq__header_identify(struct tq__header *header, const struct tq__identity *identity, bool anew);

/* Sleeps between two tries. */
void tq__file_pause(void);

/* Gives the folder of a path: the part before its last slash, "." without a slash. */
void tq__file_folder(const char *path, char folder[PATH_MAX]);

/* Checks that a ledger may be on the file system that fd is on. header is the ledger's, or NULL when it is to
 * be made. Returns 0 or TQ_EDENIED. */
int tq__file_check_system(const char *path, int fd, uint32_t flags, const struct tq__header *header,
                          struct tq_error *error);

#endif
