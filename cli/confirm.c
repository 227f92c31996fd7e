/* confirm.c: ask before what cannot be undone.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include <unistd.h>

#include "cli.h"

int confirm(bool needs_yes, const char *question)
{
    char answer[16] = "";

    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        if (!needs_yes)
            return 1;
        report("without a terminal to ask on this needs --yes");
        return -1;
    }
    fprintf(stderr, "%s [y/N] ", question);
    if (fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y'))
        return 1;
    report("nothing was changed");
    return 0;
}
