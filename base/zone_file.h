/* zone_file.h: finds and reads the file of a zone in the system's zone database.
 *
 * SPDX-License-Identifier: MIT
 *
 * base/ does no input, so this is code of the room that includes it.
 */
#ifndef TQ_BASE_ZONE_FILE_H
#define TQ_BASE_ZONE_FILE_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/zone.h"

struct tq__zone_file {
    struct tq__zone zone; /* points into bytes */
    unsigned char bytes[TQ__ZONE_BYTES];
};

/* Reads a whole regular file, and closes it. Returns its length; -1 with errno. */
static inline ssize_t tq__zone_file_bytes(int fd, unsigned char bytes[TQ__ZONE_BYTES])
{
    struct stat status;
    ssize_t got = -1;
    size_t len = 0;
    int why;

    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > TQ__ZONE_BYTES) {
        errno = ENOENT;
    } else {
        do {
            got = read(fd, bytes + len, TQ__ZONE_BYTES - len);
            len += got > 0 ? (size_t)got : 0;
        } while (got > 0 || (got < 0 && errno == EINTR));
    }
    why = errno;
    close(fd);
    errno = why;
    return got < 0 ? -1 : (ssize_t)len;
}

/* Reads the zone of this name, from the folder TZDIR or /usr/share/zoneinfo. 0; -1 with errno, which is
 * ENOENT where no zone has this name. (A name cannot lead out of the folder, but through a link in it.) */
static inline int tq__zone_file_read(struct tq__zone_file *file, struct tq__span name)
{
    const char *folder = secure_getenv("TZDIR");
    char path[PATH_MAX];
    ssize_t len;
    int fd;

    errno = ENOENT;
    if (!tq__zone_is_name(name))
        return -1;
    if (snprintf(path, sizeof path, "%s/%.*s", folder && *folder ? folder : "/usr/share/zoneinfo",
                 (int)name.len, name.at) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    len = fd < 0 ? -1 : tq__zone_file_bytes(fd, file->bytes);
    if (len < 0)
        return -1;
    errno = ENOENT;
    return tq__zone_read(&file->zone, file->bytes, (size_t)len);
}

#endif
