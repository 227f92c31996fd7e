/* ledger_compact.c: `tokenquota ledger compact` makes the file anew without what was forgotten.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include <sys/stat.h>

#include "import/store.h"
#include "ledger_verbs.h"

/* Bytes on the disk: the file has holes. */
static int64_t disk_bytes(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 ? (int64_t)info.st_blocks * 512 : 0;
}

static int run(int argc, char **argv)
{
    const char *ledger = NULL;
    int exit_status;
    struct tq_error error = {.size = sizeof(error)};
    struct import_error unfinished;
    struct session session;

    if (!ledger_only(argc, argv, &ledger_compact, &ledger, &exit_status))
        return exit_status;
    if (session_find(&session, ledger) < 0)
        return CLI_ERROR;
    if (store_finish(session.path, &unfinished) < 0) {
        report("%s", unfinished.text);
        return CLI_ERROR;
    }

    int64_t before = disk_bytes(session.path);

    if (tq_ledger_compact(session.path, &error) < 0) {
        session_report(&session, SESSION_WRITE, &error);
        return CLI_ERROR;
    }
    if (error.msg[0]) /* it was rebuilt first */
        report("%s", error.msg);
    printf("%s: %s bytes on the disk, %s before\n", session.path, format_exact(disk_bytes(session.path)).s,
           format_exact(before).s);
    return CLI_YES;
}

const struct command ledger_compact = {
    .name = "ledger compact",
    .operands = "",
    .summary = "make the file anew without what was forgotten, in this version's format",
    .options = ledger_only_options,
    .notes = "\n"
             "Nobody may have it open. Whatever happens meanwhile, the old file or the new one is there,\n"
             "whole.\n\n"
             "Exit status: 0 done, 2 an error.\n",
    .run = run,
};
