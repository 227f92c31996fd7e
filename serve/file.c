/* file.c: reads a whole file of the user's: its tokens, its configuration.
 *
 * SPDX-License-Identifier: MIT
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "view/listener.h"

/* Reads up to a byte more than may be there. */
static int take(int fd, size_t most, struct file *file, struct listener *listener)
{
    ssize_t got = 1;

    file->text = malloc(most + 1);
    if (!file->text)
        return listener_fail(listener, "out of memory");
    while (got > 0 && file->len <= most) {
        got = read(fd, file->text + file->len, most + 1 - file->len);
        file->len += got > 0 ? (size_t)got : 0;
    }
    if (got < 0)
        return listener_fail(listener, "%s", strerror(errno));
    return file->len > most ? listener_fail(listener, "it is larger than %zu bytes", most) : 0;
}

int file_read(const char *path, size_t most, struct file *file, struct listener *listener)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), answer = -1;
    struct stat status;

    *file = (struct file){.text = NULL};
    if (fd < 0 || fstat(fd, &status) < 0) {
        (void)listener_fail(listener, "%s", strerror(errno));
    } else if (!S_ISREG(status.st_mode)) {
        (void)listener_fail(listener, "it is no file");
    } else {
        file->mode = status.st_mode & 07777;
        answer = take(fd, most, file, listener);
    }
    if (fd >= 0)
        close(fd);
    return answer;
}

void file_free(struct file *file)
{
    if (file->text)
        explicit_bzero(file->text, file->len);
    free(file->text);
    *file = (struct file){.text = NULL};
}
