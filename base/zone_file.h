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

    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        errno = ENOENT;
    } else if (status.st_size > TQ__ZONE_BYTES) {
        errno = EFBIG;
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

#define TQ__ZONE_FILE_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

/* Writes where the file of the zone of this name is: in the folder TZDIR or /usr/share/zoneinfo. 0; -1 with
 * errno. (A name cannot lead out of the folder, but through a link in it.) */
static inline int tq__zone_file_path(char path[PATH_MAX], struct tq__span name)
{
    const char *folder = secure_getenv("TZDIR");

    errno = ENOENT;
    if (!tq__zone_is_name(name))
        return -1;
    errno = ENAMETOOLONG;
    return snprintf(path, PATH_MAX, "%s/%.*s", folder && *folder ? folder : "/usr/share/zoneinfo",
                    (int)name.len, name.at) < PATH_MAX
               ? 0
               : -1;
}

/* Reads the zone from its file, which is open, or -1 with errno; and closes it. 0; -1 with errno, which is
 * ENOENT where the file is no zone's. */
static inline int tq__zone_file_take(struct tq__zone_file *file, int fd)
{
    ssize_t len = fd < 0 ? -1 : tq__zone_file_bytes(fd, file->bytes);

    if (len < 0)
        return -1;
    errno = ENOENT;
    return tq__zone_read(&file->zone, file->bytes, (size_t)len);
}

/* Finds the file of the zone of this name, and reads it. Returns as tq__zone_file_take. */
static inline int tq__zone_file_read(struct tq__zone_file *file, struct tq__span name)
{
    char path[PATH_MAX];

    return tq__zone_file_path(path, name) != 0 ? -1
                                               : tq__zone_file_take(file, open(path, TQ__ZONE_FILE_FLAGS));
}

#endif
