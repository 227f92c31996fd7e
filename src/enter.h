/* enter.h: from a path to a ledger's file that is open, checked and locked.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_ENTER_H
#define TQ_ENTER_H

#include <sys/stat.h>

#include "ledger.h"
#include "lock.h"
#include "system.h"

/* A ledger's file, open; 4 KiB, so not for the stack. */
struct tq__entry {
    int fd;
    enum tq__lock lock; /* on TQ__LOCK_USERS */
    struct stat file;
    struct tq__identity identity;
    uint8_t boot_id[16]; /* the machine's */
    struct tq__header header; /* as it was when it was checked */
};

/* Opens the file at path, checks what it is, brings an older format to this one, and locks TQ__LOCK_USERS as
 * wanted; waits up to 2 s. Shared was wanted and entry->lock is exclusive: the index must be made anew, and
 * then the lock be made shared. On an error fd is -1: TQ_ESYS, TQ_EDENIED, TQ_EFORMAT, TQ_EBUSY, TQ_ENOTSUP. */
int tq__file_enter(const char *path, uint32_t flags, enum tq__lock wanted, struct tq__entry *entry,
                   struct tq_error *error);

/* A flag of tq__file_enter: the file is about to be replaced, so of its header the first bytes alone must be a
 * ledger's. No older build has it open, either. */
#define TQ__OPEN_DAMAGED (1u << 31)

/* Reads and checks the header of a file that nobody counts on, in this format or an older one. 0; TQ_EFORMAT. */
int tq__file_read_header(const char *path, int fd, struct tq__header *header, struct tq_error *error);

/* Why the index may not be whole, in words that follow "because"; NULL when it is: made in this boot, in this
 * very file. A boot that is not known is no boot's equal. */
const char *tq__file_doubt(const struct tq__header *header, const uint8_t boot_id[16],
                           const struct tq__identity *identity);

/* Sleeps for as long as lies between two tries. */
void tq__file_pause(void);

#endif
