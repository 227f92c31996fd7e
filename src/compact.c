/* compact.c: the ledger's file made anew, with nothing in it but names in use.
 *
 * SPDX-License-Identifier: MIT
 *
 * The old file is locked for this process alone, so nobody counts on the old words meanwhile.
 */
#define _DEFAULT_SOURCE /* PATH_MAX */
#include "anew.h"
#include "file.h"

static int compact(const char *path, struct tq_error *error)
{
    struct tq_ledger *old = tq__ledger_new();
    int answer;

    if (!old)
        return tq__fail(error, TQ_ENOMEM, 0, NULL, "out of memory");
    answer = tq__file_open_alone(old, path, error);
    if (answer == 0)
        answer = tq__anew_replace(old, path, old->backing.fd, error);
    tq_ledger_close(old);
    return answer;
}

int tq_ledger_compact(const char *path, struct tq_error *user_error)
{
    struct tq_error error = {.size = sizeof error};
    int answer;

    if (!path)
        return tq__fail(user_error, TQ_EINVAL, 0, NULL, "path is NULL");
    answer = compact(path, &error);
    tq__error_give(user_error, &error, answer);
    return answer;
}
