/* rights.c: giving a new file the owner, the permissions, the ACL and the labels of the one it replaces.
 *
 * SPDX-License-Identifier: MIT
 */
#include "file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/xattr.h>
#include <unistd.h>

#define ACL "system.posix_acl_access"
#define ATTRIBUTE_BYTES 65536 /* the kernel's limit of a value, and of the list of names */

/* What is said of the bytes, which are others now (a hash, a signature), or of how they are stored. */
static bool is_of_bytes(const char *name)
{
    return strcmp(name, "security.ima") == 0 || strcmp(name, "security.evm") == 0 ||
           strncmp(name, "btrfs.", strlen("btrfs.")) == 0;
}

static int fail_rights(const char *path, const char *what, struct tq_error *error)
{
    char text[160];

    snprintf(text, sizeof text, "cannot be made anew with its %.80s: run as root", what);
    return tq__fail(error, TQ_ESYS, errno, path, text);
}

/* value has room for two. What is there already, as the policy of the system put it there, is not set
 * again. */
static int take_attribute(int from, int to, const char *name, char *value, const char *path,
                          struct tq_error *error)
{
    ssize_t bytes = fgetxattr(from, name, value, ATTRIBUTE_BYTES), there;

    if (bytes < 0)
        return errno == ENODATA ? 0 : fail_rights(path, name, error);
    there = fgetxattr(to, name, value + ATTRIBUTE_BYTES, ATTRIBUTE_BYTES);
    if (there == bytes && memcmp(value, value + ATTRIBUTE_BYTES, (size_t)bytes) == 0)
        return 0;
    return fsetxattr(to, name, value, (size_t)bytes, 0) == 0 ? 0 : fail_rights(path, name, error);
}

static int take_attributes(int from, int to, const char *path, struct tq_error *error)
{
    char *room = malloc(3 * ATTRIBUTE_BYTES);
    ssize_t bytes;
    int answer = 0;

    if (!room)
        return tq__fail(error, TQ_ENOMEM, 0, NULL, "out of memory");
    /* The folder may have given the new file an ACL. */
    if (fremovexattr(to, ACL) != 0 && errno != ENODATA && errno != EOPNOTSUPP)
        answer = fail_rights(path, "ACL", error);
    bytes = flistxattr(from, room, ATTRIBUTE_BYTES);
    if (answer == 0 && bytes < 0 && errno != EOPNOTSUPP)
        answer = fail_rights(path, "attributes", error);
    for (ssize_t at = 0; at < bytes && answer == 0; at += (ssize_t)strlen(room + at) + 1)
        if (!is_of_bytes(room + at))
            answer = take_attribute(from, to, room + at, room + ATTRIBUTE_BYTES, path, error);
    free(room);
    return answer;
}

/* The new file is its maker's alone (0600) at first. The owner comes next, then the attributes, among which
 * is the ACL, then the mode: nobody may do more with it, at any instant, than with the file whose place it
 * takes. */
int tq__rights_take(int from, int to, const char *path, struct tq_error *error)
{
    struct stat file;
    int answer;

    if (fstat(from, &file) != 0)
        return tq__fail(error, TQ_ESYS, errno, path, "cannot be looked at");
    if (fchown(to, file.st_uid, file.st_gid) != 0)
        return fail_rights(path, "owner", error);
    answer = take_attributes(from, to, path, error);
    if (answer == 0 && fchmod(to, file.st_mode & 0777) != 0)
        answer = fail_rights(path, "permissions", error);
    return answer;
}
