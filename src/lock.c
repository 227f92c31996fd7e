/* lock.c: the locks on a ledger's file.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE /* F_OFD_SETLK */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "tokenquota.h"

static struct flock lock_on(int64_t byte, enum tq__lock lock)
{
    static const short type[] = {
        [TQ__UNLOCKED] = F_UNLCK, [TQ__SHARED] = F_RDLCK, [TQ__EXCLUSIVE] = F_WRLCK};

    return (struct flock){.l_type = type[lock], .l_whence = SEEK_SET, .l_start = (off_t)byte, .l_len = 1};
}

int tq__lock_set(int fd, int64_t byte, enum tq__lock lock)
{
    struct flock wanted = lock_on(byte, lock);

    if (fcntl(fd, F_OFD_SETLK, &wanted) == 0)
        return 0;
    return errno == EAGAIN || errno == EACCES || errno == EINTR ? 1 : TQ_ENOTSUP;
}

enum tq__lock tq__lock_of_others(int fd, int64_t byte)
{
    struct flock asked = lock_on(byte, TQ__EXCLUSIVE); /* which every other lock is in the way of */

    if (fcntl(fd, F_OFD_GETLK, &asked) != 0 || asked.l_type == F_UNLCK)
        return TQ__UNLOCKED;
    return asked.l_type == F_WRLCK ? TQ__EXCLUSIVE : TQ__SHARED;
}
