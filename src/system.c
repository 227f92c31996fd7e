/* system.c: what the library asks Linux.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE /* fallocate */
#include "system.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "tokenquota.h"

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

int tq__system_allocate(int fd, uint64_t at, uint64_t bytes)
{
    int saved_errno = errno, answer = 0;
    struct rlimit limit;

    /* Beyond the limit the kernel would send a signal, whose default is death. */
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        at + bytes > limit.rlim_cur)
        return TQ_ENOSPC;
    while (fallocate(fd, 0, (off_t)at, (off_t)bytes) != 0) {
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
