/* lock.h: the locks on a ledger's file: bytes far behind its end, on which nothing is ever written.
 *
 * SPDX-License-Identifier: MIT
 *
 * They are open-file-description locks (fcntl, F_OFD_SETLK): the kernel drops them when the last copy of the
 * descriptor is closed, also of a process that was killed. An exclusive one needs permission to write the
 * file, which a flock does not: whoever may only read cannot keep others from opening it for writing.
 *
 *   L1  whoever has the ledger open for writing holds TQ__LOCK_USERS shared, for life. Rebuild, compact,
 *       restore and the rise of the format hold it exclusively. Openers for reading only lock nothing.
 *   L2  TQ__LOCK_USERS is taken shared only when the index was seen whole, or with TQ__LOCK_DOUBT held and
 *       another user seen. So every user but one who rebuilds counts on a whole index.
 */
#ifndef TQ_LOCK_H
#define TQ_LOCK_H

#include <stdint.h>

#define TQ__LOCK_USERS (INT64_C(1) << 62)
#define TQ__LOCK_DOUBT (TQ__LOCK_USERS + 1) /* who decides between a rebuild and joining others holds it */
/* TQ__LOCK_USERS + 1024 to + 2047 are for the owners of holds, which are not there yet. */

enum tq__lock {
    TQ__UNLOCKED,
    TQ__SHARED,
    TQ__EXCLUSIVE,
};

/* Locks the byte as `lock` says, in place of what this descriptor held on it, in one step. 0; 1: somebody
 * else's lock does not let it; TQ_ENOTSUP with errno: the file system knows no such locks. Never waits. */
int tq__lock_set(int fd, int64_t byte, enum tq__lock lock);

/* What others hold on the byte; unlocked when that cannot be asked. */
enum tq__lock tq__lock_of_others(int fd, int64_t byte);

#endif
