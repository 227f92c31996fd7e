/* program.c: programs as children, watched; and the folders they work on.
 *
 * SPDX-License-Identifier: MIT
 */
#include "program.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

#define FOLDERS_MAX 16 /* open at a time on the way down */

static int64_t started_at_ns;
static int64_t bytes_found;
static unsigned files_found;

static int64_t monotonic_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

pid_t program_start(const char *const *arguments, const char *output)
{
    pid_t child;

    started_at_ns = monotonic_ns();
    fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int in = open("/dev/null", O_RDONLY),
            out = open(output ? output : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0666);

        if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
            _exit(126);
        execv(arguments[0], (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    return child;
}

struct program_end program_wait(pid_t child)
{
    struct program_end end = {0};
    struct rusage usage;
    int status;

    assert_int_equal(wait4(child, &status, 0, &usage), child);
    end.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    end.took_ns = monotonic_ns() - started_at_ns;
    end.rss_bytes = usage.ru_maxrss * INT64_C(1024);
    return end;
}

struct program_end program_run(const char *const *arguments, const char *output)
{
    return program_wait(program_start(arguments, output));
}

void pause_ns(int64_t length_ns)
{
    struct timespec length = {length_ns / 1000000000, length_ns % 1000000000};

    nanosleep(&length, NULL);
}

static int add_file(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)path;
    (void)where;
    if (type == FTW_F) {
        bytes_found += status->st_size;
        files_found++;
    }
    return 0;
}

int64_t folder_bytes(const char *folder, unsigned *files)
{
    bytes_found = 0;
    files_found = 0;
    assert_int_equal(nftw(folder, add_file, FOLDERS_MAX, FTW_PHYS), 0);
    *files = files_found;
    return bytes_found;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    return remove(path);
}

void folder_remove(const char *folder)
{
    assert_int_equal(nftw(folder, remove_one, FOLDERS_MAX, FTW_PHYS | FTW_DEPTH), 0);
}
