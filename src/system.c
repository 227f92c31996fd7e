/* system.c: what the library asks Linux.
 *
 * SPDX-License-Identifier: MIT
 */
#include "system.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "tokenquota.h"

#define BTRFS_TYPE 0x9123683eu /* f_type of statfs(2) */

struct tq__file_system tq__system_file_system(int fd)
{
    static const struct tq__file_system known[] = {
        {0xef53, "ext4", true, false}, /* and ext2, ext3 */
        {0x58465342, "XFS", true, false},
        {BTRFS_TYPE, "Btrfs", true, false},
        {0xf2f52010, "F2FS", true, false},
        {0xca451a4e, "bcachefs", true, false},
        {0x2fc12fc1, "ZFS", true, false},
        {0x01021994, "tmpfs", true, false},
        {0x858458f6, "ramfs", true, false},
        {0x794c7630, "overlayfs", true, true},
        /* On these two machines, or a user's program, may serve the same file. */
        {0x6969, "NFS", false, false},
        {0xff534d42, "CIFS", false, false},
        {0xfe534d42, "SMB2", false, false},
        {0x517b, "SMB", false, false},
        {0x65735546, "FUSE", false, false},
        {0x01021997, "9p", false, false},
        {0x00c36400, "Ceph", false, false},
        {0x5346414f, "AFS", false, false},
        {0x6b414653, "AFS", false, false},
        {0x73757245, "Coda", false, false},
        {0x0bd00bd0, "Lustre", false, false},
        {0x7461636f, "OCFS2", false, false},
        {0x01161970, "GFS2", false, false},
        {0x47504653, "GPFS", false, false},
        {0x19830326, "BeeGFS", false, false},
        {0x20030528, "OrangeFS", false, false},
        {0x786f4256, "VirtualBox shared folder", false, false},
        {0xbacbacbc, "VMware shared folder", false, false},
    };
    struct statfs system;

    if (fstatfs(fd, &system) != 0)
        return (struct tq__file_system){0};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if ((uint32_t)system.f_type == known[i].type)
            return known[i];
    return (struct tq__file_system){.type = (uint32_t)system.f_type};
}

struct tq__identity tq__system_identity(int fd)
{
    struct tq__identity identity = {0};
    struct statx file;
    struct stat old;

    if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &file) == 0) {
        identity.inode = file.stx_ino;
        if (file.stx_mask & STATX_BTIME)
            identity.born_ns = (int64_t)file.stx_btime.tv_sec * TQ__SECOND_NS + file.stx_btime.tv_nsec;
    } else if (fstat(fd, &old) == 0) { /* a kernel or a container that has no statx */
        identity.inode = (uint64_t)old.st_ino;
    }
    return identity;
}

int tq__system_open(const char *path, int flags, uint32_t mode)
{
    int low = open(path, flags | O_CLOEXEC, (mode_t)mode), fd, saved_errno;

    if (low < 0 || low > STDERR_FILENO)
        return low;
    fd = fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    saved_errno = errno;
    close(low);
    errno = saved_errno;
    return fd;
}

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;

    if (clock_gettime(clock, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * TQ__SECOND_NS + now.tv_nsec;
}

int64_t tq__system_now_ns(void)
{
    return clock_ns(CLOCK_REALTIME);
}

int64_t tq__system_steady_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

void tq__system_boot_id(uint8_t boot_id[16])
{
    char text[64] = "";
    int fd = tq__system_open("/proc/sys/kernel/random/boot_id", O_RDONLY, 0);
    ssize_t len = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    int digits = 0;

    if (fd >= 0)
        close(fd);
    memset(boot_id, 0, 16);
    for (ssize_t i = 0; i < len && digits < 32; i++) {
        int digit = tq__hex_digit(text[i]);

        if (digit < 0)
            continue;
        boot_id[digits / 2] = (uint8_t)(boot_id[digits / 2] << 4 | digit);
        digits++;
    }
}

static int allocate(int fd, int mode, uint64_t at, uint64_t bytes)
{
    int saved_errno = errno, answer = 0;

    while (fallocate(fd, mode, (off_t)at, (off_t)bytes) != 0) {
        if (errno == EINTR)
            continue;
        answer = errno == ENOSPC || errno == EFBIG || errno == EDQUOT ? TQ_ENOSPC
                 : errno == EOPNOTSUPP || errno == ENOSYS             ? TQ_ENOTSUP
                                                                      : TQ_ESYS;
        break;
    }
    errno = saved_errno;
    return answer;
}

int tq__system_allocate(int fd, uint64_t at, uint64_t bytes)
{
    struct rlimit limit;

    /* Beyond the limit the kernel would send a signal, whose default is death. */
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        at + bytes > limit.rlim_cur)
        return TQ_ENOSPC;
    return allocate(fd, 0, at, bytes);
}

/* ---- blocks ---------------------------------------------------------------------------------- */

#define EXTENTS 32 /* asked for at once */

/* The extents from map->fm_start on; false when the file system does not list any. */
static bool list_extents(int fd, struct fiemap *map, uint64_t bytes)
{
    map->fm_length = bytes - map->fm_start;
    map->fm_flags = 0;
    map->fm_extent_count = EXTENTS;
    map->fm_mapped_extents = 0;
    return ioctl(fd, FS_IOC_FIEMAP, map) == 0;
}

/* tmpfs lists no extents, but counts exactly the pages that it gave. */
static struct tq__lack lack_by_count(int fd, uint64_t bytes)
{
    struct stat file;
    uint64_t given = fstat(fd, &file) == 0 ? (uint64_t)file.st_blocks * 512 : bytes;

    return (struct tq__lack){.holes = given < bytes ? bytes - given : 0};
}

struct tq__lack tq__system_lack(int fd, uint64_t bytes)
{
    union {
        struct fiemap map;
        char room[sizeof(struct fiemap) + EXTENTS * sizeof(struct fiemap_extent)];
    } list = {.map = {.fm_start = 0}};
    struct tq__lack lack = {0};
    int saved_errno = errno;
    uint64_t seen = 0; /* the bytes before it were looked at */

    while (seen < bytes) {
        list.map.fm_start = seen;
        if (!list_extents(fd, &list.map, bytes)) {
            lack = lack_by_count(fd, bytes);
            break;
        }
        for (uint32_t i = 0; i < list.map.fm_mapped_extents; i++) {
            const struct fiemap_extent *extent = &list.map.fm_extents[i];
            uint64_t start = extent->fe_logical < bytes ? extent->fe_logical : bytes;
            uint64_t end = extent->fe_length < bytes - start ? start + extent->fe_length : bytes;

            lack.holes += start > seen ? start - seen : 0;
            if (extent->fe_flags & FIEMAP_EXTENT_SHARED)
                lack.shared += end - start;
            seen = end > seen ? end : seen;
        }
        if (list.map.fm_mapped_extents < EXTENTS || seen == list.map.fm_start) { /* these were the last */
            lack.holes += bytes - seen;
            break;
        }
    }
    errno = saved_errno;
    return lack;
}

int tq__system_supply(int fd, uint64_t bytes, const struct tq__lack *lack)
{
    int answer = lack->holes ? allocate(fd, 0, 0, bytes) : 0;

    return answer == 0 && lack->shared ? allocate(fd, FALLOC_FL_UNSHARE_RANGE, 0, bytes) : answer;
}

static int set_flags(int fd, int flags)
{
    return ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

int tq__system_write_in_place(int fd)
{
    struct statfs system;
    int flags = 0;

    if (fstatfs(fd, &system) != 0 || (uint32_t)system.f_type != BTRFS_TYPE)
        return 0;
    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) != 0)
        return TQ_ENOTSUP;
    if (flags & FS_NOCOW_FL)
        return 0;
    /* What is compressed cannot be written in place, and the two are not exchanged in one step. */
    if ((flags & (FS_COMPR_FL | FS_NOCOMP_FL)) != 0 &&
        set_flags(fd, flags &= ~(FS_COMPR_FL | FS_NOCOMP_FL)) != 0)
        return TQ_ENOTSUP;
    return set_flags(fd, flags | FS_NOCOW_FL) == 0 ? 0 : TQ_ENOTSUP;
}

/* ---- locks ----------------------------------------------------------------------------------- */

static struct flock lock_on(int64_t byte, enum tq__lock lock)
{
    static const short type[] = {[TQ__UNLOCKED] = F_UNLCK, [TQ__SHARED] = F_RDLCK, [TQ__EXCLUSIVE] = F_WRLCK};

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
    struct flock asked = lock_on(byte, TQ__EXCLUSIVE); /* every other lock is in its way */

    if (fcntl(fd, F_OFD_GETLK, &asked) != 0 || asked.l_type == F_UNLCK)
        return TQ__UNLOCKED;
    return asked.l_type == F_WRLCK ? TQ__EXCLUSIVE : TQ__SHARED;
}

bool tq__lock_is_owned(int fd, int64_t byte)
{
    struct flock asked = lock_on(byte, TQ__SHARED); /* only an exclusive lock is in its way */
    int saved_errno = errno;
    bool owned = fcntl(fd, F_OFD_GETLK, &asked) != 0 || asked.l_type != F_UNLCK;

    errno = saved_errno;
    return owned;
}
