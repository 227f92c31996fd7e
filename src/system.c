/* system.c: what the library asks Linux.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE /* fallocate */
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

#include "tokenquota.h"

#define BTRFS_TYPE 0x9123683eu /* f_type of statfs(2) */

bool tq__system_is_local(int fd, const char **name)
{
    /* f_type of statfs(2). On these, two machines (or a user's program) may serve the same file, and a
     * mapping is not one memory for all. */
    static const struct {
        uint32_t type;
        const char *name;
    } remote[] = {
        {0x6969, "NFS"},
        {0xff534d42, "CIFS"},
        {0xfe534d42, "SMB2"},
        {0x517b, "SMB"},
        {0x65735546, "FUSE"},
        {0x01021997, "9p"},
        {0x00c36400, "Ceph"},
        {0x5346414f, "AFS"},
        {0x6b414653, "AFS"},
        {0x73757245, "Coda"},
        {0x0bd00bd0, "Lustre"},
        {0x7461636f, "OCFS2"},
        {0x01161970, "GFS2"},
        {0x47504653, "GPFS"},
        {0x786f4256, "VirtualBox shared folder"},
        {0xbacbacbc, "VMware shared folder"},
    };
    struct statfs system;

    *name = NULL;
    if (fstatfs(fd, &system) != 0)
        return true; /* it will not be opened for another reason */
    for (size_t i = 0; i < sizeof remote / sizeof remote[0]; i++) {
        if ((uint32_t)system.f_type == remote[i].type) {
            *name = remote[i].name;
            return false;
        }
    }
    return true;
}

static int64_t read_clock(clockid_t clock)
{
    struct timespec now;

    if (clock_gettime(clock, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t tq__system_now_ns(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t tq__system_steady_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void tq__system_boot_id(uint8_t boot_id[16])
{
    char text[64] = "";
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    int digits = 0;

    if (fd >= 0)
        close(fd);
    memset(boot_id, 0, 16);
    for (ssize_t i = 0; i < len && digits < 32; i++) {
        int digit = hex(text[i]);

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

/* ---- blocks ---------------------------------------------------------------------------------------- */

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
