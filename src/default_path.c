/* default_path.c: where the ledger is that programs share when nobody names one.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE /* AT_EACCESS */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ledger.h"

/* A path in two parts, and why it is this one. */
struct choice {
    const char *folder, *rest;
    const char *why;
};

static int choose(struct choice *choice, struct tq_error *error)
{
    const char *given = getenv("TOKENQUOTA_LEDGER");
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

    if (given && !*given)
        return tq__fail(error, TQ_EDENIED, 0, NULL, "$TOKENQUOTA_LEDGER is empty; give a path, or unset it");
    if (given)
        *choice = (struct choice){given, "", "$TOKENQUOTA_LEDGER"};
    else if (faccessat(AT_FDCWD, TQ_MACHINE_LEDGER, R_OK | W_OK, AT_EACCESS) == 0)
        *choice = (struct choice){TQ_MACHINE_LEDGER, "", "the machine's, which you may write"};
    else if (geteuid() == 0)
        *choice = (struct choice){TQ_MACHINE_LEDGER, "", "the machine's, as you are root"};
    else if (state && *state == '/') /* the specification says to ignore a relative one */
        *choice = (struct choice){state, "/tokenquota/ledger", "yours, by $XDG_STATE_HOME"};
    else if (home && *home == '/')
        *choice = (struct choice){home, "/.local/state/tokenquota/ledger", "yours"};
    else
        return tq__fail(error, TQ_EDENIED, 0, NULL,
                        "no home directory; set HOME, or TOKENQUOTA_LEDGER to the ledger's path");
    return tq__fail(error, 0, 0, NULL, choice->why);
}

int tq_ledger_default_path(char *out, size_t capacity, struct tq_error *error)
{
    struct choice choice;
    int answer;

    if (!out && capacity != 0)
        return tq__fail(error, TQ_EINVAL, 0, NULL, "out is NULL");
    if (capacity != 0)
        *out = '\0';
    answer = choose(&choice, error);
    return answer < 0 ? answer : snprintf(out, capacity, "%s%s", choice.folder, choice.rest);
}
