/* file.h: reads a whole file of the user's: its tokens, its configuration.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SERVE_FILE_H
#define TOKENQUOTA_SERVE_FILE_H

#include <stddef.h>
#include <sys/types.h>

struct listener;

struct file {
    char *text;
    size_t len;
    mode_t mode; /* who else may read and write it */
};

/* Reads a file of at most so many bytes. 0, or -1 with listener->why. Free it whatever the answer. */
int file_read(const char *path, size_t most, struct file *file, struct listener *listener);

/* Leaves none of its bytes in memory. */
void file_free(struct file *file);

#endif
