/* program.h: starts the programs that were built, and says how they ended and what they took.
 *
 * SPDX-License-Identifier: MIT
 *
 * A test with processes is given the paths of what was built on its command line.
 */
#ifndef TEST_PROGRAM_H
#define TEST_PROGRAM_H

#include <stdint.h>
#include <sys/types.h>

struct program_end {
    int status;        /* its exit status, or 1000 + the signal that ended it */
    int64_t took_ns;   /* from before its start to its end */
    int64_t rss_bytes; /* the most memory it had at a time */
};

/* Starts arguments[0] (NULL ends the list) with nothing to read and its output in a file; NULL: /dev/null. */
pid_t program_start(const char *const *arguments, const char *output);

/* Waits for its end. */
struct program_end program_wait(pid_t child);

/* Both. */
struct program_end program_run(const char *const *arguments, const char *output);

/* Waits for so long. */
void pause_ns(int64_t length_ns);

/* The bytes of all files below a folder, and how many files. */
int64_t folder_bytes(const char *folder, unsigned *files);

/* Removes a folder and all below it. */
void folder_remove(const char *folder);

#endif
