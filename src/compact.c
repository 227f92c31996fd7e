/* compact.c: the ledger's file made anew, with nothing in it but names in use.
 *
 * SPDX-License-Identifier: MIT
 *
 * The old file is locked for this process alone, so nobody counts on the old words meanwhile.
 */
#define _DEFAULT_SOURCE
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "anew.h"
#include "file.h"

static int compact(const char *path, struct tq_error *error)
{
    struct tq__header *page = malloc(sizeof *page);
    struct tq_ledger *old = tq__ledger_new();
    int fd = -1, answer = TQ_ENOMEM;

    if (!page || !old) {
        tq__fail(error, answer, 0, NULL, "out of memory");
        goto out;
    }
    answer = tq__file_lock(path, false, LOCK_EX, NULL, &fd, error);
    if (answer == 0)
        answer = tq__file_check_header(path, fd, false, page, error);
    if (answer == 0)
        answer = tq__file_attach(old, path, fd, 0, error);
    else if (fd >= 0)
        close(fd);
    if (answer == 0)
        answer = tq__anew_replace(old, path, fd, error);
out:
    tq_ledger_close(old);
    free(page);
    return answer;
}

int tq_ledger_compact(const char *path, struct tq_error *user_error)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger_options existing = {.size = sizeof existing, .flags = TQ_OPEN_EXISTING};
    struct tq_ledger *ledger;
    int answer;

    if (!path)
        return tq__fail(user_error, TQ_EINVAL, 0, NULL, "path is NULL");
    answer = tq_ledger_open(&ledger, path, &existing, &error); /* checks, and rebuilds if need be */
    tq_ledger_close(ledger);
    if (answer == 0)
        answer = compact(path, &error);
    tq__error_give(user_error, &error, answer);
    return answer;
}
