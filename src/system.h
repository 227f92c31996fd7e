/* system.h: what the library asks the operating system, in one place that tests can replace.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_SYSTEM_H
#define TQ_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

/* The file system that a file is on. */
struct tq__file_system {
    uint32_t type;    /* f_type of statfs(2); 0 when it cannot be asked */
    const char *name; /* NULL when it is none that is known here */
    bool local;   /* a mapping is one memory for all processes of the machine, and no other machine writes */
    bool layered; /* overlayfs: for reading it may give another file than for writing */
};

struct tq__file_system tq__system_file_system(int fd);

/* What tells a file from any other, whatever its name. A copy has another inode. A file that is made after
 * this one was removed may get its inode, but not its time of birth. */
struct tq__identity {
    uint64_t inode;  /* 0: unknown */
    int64_t born_ns; /* 0: the file system does not say */
};

struct tq__identity tq__system_identity(int fd);

/* open(2), with O_CLOEXEC, whose descriptor is 3 or above: 0, 1 and 2 are where programs print, also when
 * they were closed. -1 with errno. */
int tq__system_open(const char *path, int flags, uint32_t mode);

/* The clock that people set, which may step either way: nanoseconds since the epoch, 0 when there is none. */
int64_t tq__system_now_ns(void);

/* One that only goes forward, from no instant in particular: for lengths of time. */
int64_t tq__system_steady_ns(void);

/* The boot that the machine is in: 16 bytes, zeros when it does not say. */
void tq__system_boot_id(uint8_t boot_id[16]);

/* Allocates the pages from `at` on and makes the file as long. 0, TQ_ENOSPC, TQ_ENOTSUP, TQ_ESYS. Never
 * raises SIGXFSZ. Leaves errno alone. */
int tq__system_allocate(int fd, uint64_t at, uint64_t bytes);

/* The blocks that the disk must still give before no store into the file's first `bytes` can fail. */
struct tq__lack {
    uint64_t holes;  /* bytes that were never allocated: a copy left them out */
    uint64_t shared; /* bytes whose blocks another file has, too: the next store takes new ones */
};

/* Only looks. What the file system does not say counts as there. */
struct tq__lack tq__system_lack(int fd, uint64_t bytes);

/* Gives the file's first `bytes` all blocks that they lack. TQ_ENOTSUP when the file system shares blocks and
 * cannot be told to stop; else as tq__system_allocate. */
int tq__system_supply(int fd, uint64_t bytes, const struct tq__lack *lack);

/* Tells the file system to write an empty file's blocks where they are, and not each time in new ones
 * (Btrfs). 0, also where there is nothing to tell; TQ_ENOTSUP with errno set. */
int tq__system_write_in_place(int fd);

/* ---- locks ----------------------------------------------------------------------------------- */

/* Open-file-description locks (fcntl, F_OFD_SETLK). The kernel drops them when the last copy of the
 * descriptor is closed, also of a process that was killed. An exclusive one needs permission to write the
 * file, which a flock does not: whoever may only read cannot keep others from opening the file for
 * writing. */
enum tq__lock {
    TQ__UNLOCKED,
    TQ__SHARED,
    TQ__EXCLUSIVE,
};

/* Locks the byte as `lock` says, in place of what this descriptor held on it, in one step. Never waits.
 * Returns
 *
 *     0            locked
 *     1            a lock of another process is in the way
 *     TQ_ENOTSUP   the file system has no such locks; errno says why */
int tq__lock_set(int fd, int64_t byte, enum tq__lock lock);

/* Returns what others hold on the byte; TQ__UNLOCKED when that cannot be asked. */
enum tq__lock tq__lock_of_others(int fd, int64_t byte);

/* Does another descriptor hold the byte exclusively? One that holds it shared, as a reader may, is not seen.
 * True when that cannot be asked. Leaves errno alone. */
bool tq__lock_is_owned(int fd, int64_t byte);

#endif
