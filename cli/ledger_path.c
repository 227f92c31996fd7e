/* ledger_path.c: where the shared ledger is.
 *
 * SPDX-License-Identifier: MIT
 *
 * The first that applies: --ledger; $TOKENQUOTA_LEDGER; the machine's, when there is one that the caller may
 * write; for root the machine's; else the user's own, in the folder of the XDG specification for state.
 */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session.h"

static int set(struct session *session, const char *why, bool given, const char *folder, const char *rest)
{
    session->why = why;
    session->given = given;
    if (snprintf(session->path, sizeof(session->path), "%s%s", folder, rest) < (int)sizeof(session->path))
        return 0;
    report("%s: the path is too long", why);
    return -1;
}

static int set_given(struct session *session, const char *why, const char *path)
{
    if (*path)
        return set(session, why, true, path, "");
    report("%s is empty; give a path%s", why, *why == '$' ? ", or unset it" : "");
    return -1;
}

int session_find(struct session *session, const char *option)
{
    const char *given = getenv("TOKENQUOTA_LEDGER");
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

    *session = (struct session){0};
    if (option)
        return set_given(session, "--ledger", option);
    if (given)
        return set_given(session, "$TOKENQUOTA_LEDGER", given);
    if (faccessat(AT_FDCWD, MACHINE_LEDGER, R_OK | W_OK, AT_EACCESS) == 0)
        return set(session, "the machine's, which you may write", false, MACHINE_LEDGER, "");
    if (geteuid() == 0)
        return set(session, "the machine's, as you are root", false, MACHINE_LEDGER, "");
    if (state && *state == '/') /* the specification: a relative one is to be ignored */
        return set(session, "yours, by $XDG_STATE_HOME", false, state, "/tokenquota/ledger");
    if (home && *home == '/')
        return set(session, "yours", false, home, "/.local/state/tokenquota/ledger");
    report("no home directory; set HOME, or TOKENQUOTA_LEDGER to the ledger's path");
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
