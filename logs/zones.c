/* zones.c: the zones of the system's zone database, by their names.
 *
 * SPDX-License-Identifier: MIT
 */
#include "zones.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const folders[] = {"/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo",
                                      "/etc/zoneinfo"};

/* Reads the whole file, a regular one; -1: it is not there, or longer than a zone. */
static ssize_t read_file(const char *path, unsigned char bytes[TQ__ZONE_BYTES])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    size_t len = 0;
    ssize_t got = -1;

    if (fd < 0)
        return -1;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= TQ__ZONE_BYTES)
        do {
            got = read(fd, bytes + len, TQ__ZONE_BYTES - len);
            len += got > 0 ? (size_t)got : 0;
        } while (got > 0 || (got < 0 && errno == EINTR));
    close(fd);
    return got < 0 ? -1 : (ssize_t)len;
}

static int find_in(struct tq__log_zone *zone, const char *folder, struct tq__span name)
{
    char path[PATH_MAX];
    ssize_t len;

    if (snprintf(path, sizeof(path), "%s/%.*s", folder, (int)name.len, name.at) >= (int)sizeof(path))
        return -1;
    len = read_file(path, zone->bytes);
    return len < 0 ? -1 : tq__zone_read(&zone->zone, zone->bytes, (size_t)len);
}

int tq__log_zone_find(struct tq__log_zone *zone, struct tq__span name)
{
    const char *given = getenv("TZDIR");

    if (!tq__zone_is_name(name))
        return -1;
    if (given && given[0] == '/')
        return find_in(zone, given, name);
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        if (find_in(zone, folders[i], name) == 0)
            return 0;
    return -1;
}
