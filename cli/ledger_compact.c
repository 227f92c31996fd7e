/* ledger_compact.c: `tokenquota ledger compact` makes the file anew without what was forgotten.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include <sys/stat.h>

#include "ledger_verbs.h"

enum {
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
};

/* Bytes on the disk: the file has holes. */
static int64_t disk_bytes(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 ? (int64_t)info.st_blocks * 512 : 0;
}

static int run(int argc, char **argv)
{
    const char *ledger = NULL;
    const struct option_target targets[] = {
        [OPTION_LEDGER] = {.value = &ledger},
        [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &ledger_compact, targets);
    struct tq_error error = {.size = sizeof(error)};
    struct session session;

    if (operands < 0)
        return operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    if (operands > 0) {
        report("unexpected \"%s\"", argv[0]);
        return CLI_ERROR;
    }
    if (session_find(&session, ledger) < 0)
        return CLI_ERROR;

    int64_t before = disk_bytes(session.path);

    if (tq_ledger_compact(session.path, &error) < 0) {
        session_report(&session, SESSION_WRITE, &error);
        return CLI_ERROR;
    }
    printf("%s: %s bytes on the disk, %s before\n", session.path, format_exact(disk_bytes(session.path)).s,
           format_exact(before).s);
    return CLI_YES;
}

const struct command ledger_compact = {
    .name = "ledger compact",
    .operands = "",
    .summary = "make the file anew without what was forgotten, in this version's format",
    .options = options,
    .notes = "\n"
             "Nobody may have it open. Whatever happens meanwhile, the old file or the new one is there,\n"
             "whole.\n\n"
             "Exit status: 0 done, 2 an error.\n",
    .run = run,
};
