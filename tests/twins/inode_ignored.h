/* inode_ignored.h: a broken twin of file.c: it does not compare the inode of the file with the path's.
 *
 * SPDX-License-Identifier: MIT
 *
 * Put before ledger.c by -include. What is left is to see whether the file has a name at
 * all: a ledger that was moved away has one, so its users go on counting where nobody looks. The tests of
 * replacement must fail with it.
 */
#ifndef TWIN_INODE_IGNORED_H
#define TWIN_INODE_IGNORED_H

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* In tq__ledger_identity alone: open compares still. */
#define lstat(path, status)                                                                                  \
    (strcmp(__func__, "tq__ledger_identity") == 0 ? (errno = EACCES, -1) : (lstat)(path, status))

#endif
