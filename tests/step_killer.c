/* step_killer.c: loaded into a program, kills it right before its N-th step on files.
 *
 * SPDX-License-Identifier: MIT
 *
 *     LD_PRELOAD=step_killer.so TQ_KILL_AT=N tokenquota ledger restore ...
 *
 * A step is a call that makes, names, removes or writes a file, or puts one on the disk.
 */
#undef _FILE_OFFSET_BITS /* with it the compiler calls pwrite64 what is called pwrite here */
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static void *step(const char *name)
{
    static unsigned long steps;
    const char *at = getenv("TQ_KILL_AT");
    void *found = dlsym(RTLD_NEXT, name);

    if (!found)
        abort();
    if (at && ++steps == strtoul(at, NULL, 10))
        raise(SIGKILL);
    return found;
}

/* A call with one or two arguments of its own names, passed on. */
#define STEP(answer_type, name, parameters, arguments)                                                       \
    answer_type name parameters;                                                                             \
    answer_type name parameters                                                                              \
    {                                                                                                        \
        answer_type(*next) parameters;                                                                       \
        void *found = step(#name);                                                                           \
                                                                                                             \
        memcpy(&next, &found, sizeof next);                                                                  \
        return next arguments;                                                                               \
    }

STEP(int, rename, (const char *from, const char *to), (from, to))
STEP(int, link, (const char *from, const char *to), (from, to))
STEP(int, unlink, (const char *path), (path))
STEP(int, fsync, (int fd), (fd))
STEP(int, fchown, (int fd, uid_t owner, gid_t group), (fd, owner, group))
STEP(int, fchmod, (int fd, mode_t mode), (fd, mode))
STEP(ssize_t, pwrite, (int fd, const void *bytes, size_t count, off_t at), (fd, bytes, count, at))
STEP(ssize_t, pwrite64, (int fd, const void *bytes, size_t count, off_t at), (fd, bytes, count, at))
