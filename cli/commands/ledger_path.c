/* ledger_path.c: where the shared ledger is.
 *
 * SPDX-License-Identifier: MIT
 *
 * --ledger, else where the library says.
 */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/session.h"

static int set_option(struct session *session, const char *option)
{
    snprintf(session->why, sizeof(session->why), "--ledger");
    session->given = true;
    if (*option && snprintf(session->path, sizeof(session->path), "%s", option) < (int)sizeof(session->path))
        return 0;
    report("--ledger %s", *option ? "is too long a path" : "is empty; give a path");
    return -1;
}

int session_find(struct session *session, const char *option)
{
    struct tq_error error = {.size = sizeof(error)};
    int len;

    *session = (struct session){0};
    if (option)
        return set_option(session, option);
    len = tq_ledger_default_path(session->path, sizeof(session->path), &error);
    session->given = getenv("TOKENQUOTA_LEDGER") != NULL;
    snprintf(session->why, sizeof(session->why), "%s", error.msg);
    if (len >= 0 && len < (int)sizeof(session->path))
        return 0;
    report("%s%s", error.msg, len < 0 ? "" : ": the path is too long");
    return -1;
}

bool session_is_apart(const struct session *session)
{
    return !session->given && geteuid() != 0 && strcmp(session->path, MACHINE_LEDGER) != 0 &&
           access(MACHINE_FOLDER, F_OK) == 0;
}

int session_make_folder(const struct session *session)
{
    char folder[PATH_BYTES];
    size_t len = strlen(session->path);

    memcpy(folder, session->path, len + 1);
    for (size_t i = 1; i < len; i++) {
        if (folder[i] != '/')
            continue;
        folder[i] = '\0';
        if (mkdir(folder, 0700) < 0 && errno != EEXIST) {
            report("cannot make the folder %s: %s", folder, strerror(errno));
            return -1;
        }
        folder[i] = '/';
    }
    return 0;
}
