/* restore.c: what a copy holds, in the place of a ledger.
 *
 * SPDX-License-Identifier: MIT
 *
 * The copy is only read. A file of its own is made from it, so the copy may be on any disk, have holes, or
 * be one that was taken with cp while others counted: what its index does not lead to is taken from its
 * slots.
 */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "anew.h"
#include "file.h"
#include "rebuild.h"

/* Attaches the copy, for reading. The descriptor is the ledger's afterwards. */
static int open_copy(struct tq_ledger *copy, const char *source, struct tq__header *page,
                     struct tq_error *error)
{
    struct stat file;
    int fd = tq__system_open(source, O_RDONLY | O_NONBLOCK, 0), answer;

    if (fd < 0)
        return tq__fail(error, TQ_ESYS, errno, source, "cannot be opened");
    if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode))
        answer = tq__fail(error, TQ_EDENIED, 0, source, "is not a regular file: name a backup");
    else
        answer = tq__file_read_header(source, fd, page, error);
    if (answer == TQ_EFORMAT && page->magic != TQ__MAGIC)
        tq__fail(error, answer, 0, source, "is no backup of a ledger, or was cut short: name another");
    if (answer < 0) {
        close(fd);
        return answer;
    }
    answer = tq__file_attach(copy, source, fd, page, TQ_OPEN_READ_ONLY, error);
    if (answer == 0 && !tq__rebuild_pieces_fit(copy))
        answer = tq__fail(error, TQ_EFORMAT, 0, source, "was cut short: name another backup");
    return answer;
}

/* The file at path, locked for this process alone; made when there is none. */
static int lock_old(const char *path, const struct tq_ledger_options *options, int *fd,
                    struct tq_error *error)
{
    struct tq__entry *entry = malloc(sizeof *entry);
    int answer;

    if (!entry)
        return tq__fail(error, TQ_ENOMEM, 0, NULL, "out of memory");
    answer = tq__file_enter(path, TQ__OPEN_DAMAGED, TQ__EXCLUSIVE, entry, error);
    if (answer == TQ_ESYS && error->sys == ENOENT) {
        answer = tq__file_place(path, options, error);
        if (answer == 0)
            answer = tq__file_enter(path, TQ__OPEN_DAMAGED, TQ__EXCLUSIVE, entry, error);
    }
    *fd = answer == 0 ? entry->fd : -1;
    free(entry);
    return answer;
}

int tq_ledger_restore(const char *path, const char *source, struct tq_error *user_error)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger_options options = {.size = sizeof options};
    struct tq__header *page;
    struct tq_ledger *copy;
    int fd = -1, answer = TQ_ENOMEM;

    if (!path || !source)
        return tq__fail(user_error, TQ_EINVAL, 0, NULL, "path or source is NULL");
    page = calloc(1, sizeof *page);
    copy = tq__ledger_new();
    if (!page || !copy) {
        tq__fail(&error, answer, 0, NULL, "out of memory");
        goto out;
    }
    answer = open_copy(copy, source, page, &error);
    if (answer == 0) {
        options.history_days = 1u << copy->history_log2;
        answer = lock_old(path, &options, &fd, &error);
    }
    if (answer == 0)
        answer = tq__anew_replace(copy, path, fd, &error);
out:
    if (fd >= 0)
        close(fd);
    tq_ledger_close(copy);
    free(page);
    tq__error_give(user_error, &error, answer);
    return answer;
}
