/* ledger_backup.c: `tokenquota ledger backup` and `ledger restore`: a copy made, and put back.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "import/store.h"
#include "ledger_verbs.h"

enum {
    OPTION_YES,
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec restore_options[] = {
    [OPTION_YES] = YES_SPEC,
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
};

/* Reads a verb's command line with one operand; NULL: *exit_status is the answer. yes may be NULL. */
static const char *read_operand(int argc, char **argv, const struct command *verb, bool *yes,
                                const char **ledger, int *exit_status)
{
    const struct option_target with_yes[] = {{.flag = yes}, {.value = ledger}, {NULL, NULL}};
    int operands = args_read(argc, argv, verb, yes ? with_yes : with_yes + 1);

    *exit_status = operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    if (operands == 0)
        report("it takes one FILE");
    else if (operands > 1)
        report("unexpected \"%s\"", argv[1]);
    return operands == 1 ? argv[0] : NULL;
}

static void report_error(const struct tq_error *error)
{
    bool by_system = error->code == TQ_ESYS && error->sys != 0 && error->sys != EEXIST;

    report("%s%s%s", error->msg, by_system ? ": " : "", by_system ? strerror(error->sys) : "");
}

static int report_store(const struct import_error *error)
{
    report("%s", error->text);
    return CLI_ERROR;
}

/* ---- backup ---------------------------------------------------------------------------------------- */

static int back_up(struct session *session, void *context)
{
    struct tq_error error = {.size = sizeof(error)};
    const char *dest = context;
    struct import_error failure;
    int fd = store_backup_begin(dest, &failure), answer;

    if (fd < 0)
        return report_store(&failure);
    answer = tq_ledger_backup(session->ledger, dest, &error);
    if (store_backup_end(session->path, dest, fd, answer == 0, &failure) < 0) {
        if (answer == 0)
            (void)remove(dest);
        return report_store(&failure);
    }
    if (answer < 0 && answer != TQ_EGONE)
        report_error(&error);
    return answer == TQ_EGONE ? answer : answer < 0 ? CLI_ERROR : CLI_YES;
}

static int run_backup(int argc, char **argv)
{
    const char *ledger = NULL, *dest;
    struct import_error failure;
    struct session session;
    int exit_status;

    dest = read_operand(argc, argv, &ledger_backup, NULL, &ledger, &exit_status);
    if (!dest)
        return exit_status;
    if (session_find(&session, ledger) < 0)
        return CLI_ERROR;
    if (store_finish(session.path, &failure) < 0)
        return report_store(&failure);
    return session_work(ledger, SESSION_READ, back_up, (void *)(uintptr_t)dest);
}

const struct command ledger_backup = {
    .name = "ledger backup",
    .operands = "FILE",
    .summary = "write a copy of the ledger, and of what was imported into it",
    .options = ledger_only_options,
    .notes = "\n"
             "Others may go on counting. FILE must not be there yet; it may be on any disk. What was imported\n"
             "is written to FILE.imports, when there is any. Both files are on the disk when this ends, and\n"
             "are readable by you alone.\n\n"
             "Exit status: 0 done, 2 an error.\n\n"
             "  tokenquota ledger backup /mnt/backups/ledger-$(date +%F)\n",
    .run = run_backup,
};

/* ---- restore --------------------------------------------------------------------------------------- */

/* What is restored takes the place of a ledger: without one an empty one is made. */
static int have_ledger(struct session *session)
{
    struct stat info;

    if (lstat(session->path, &info) == 0)
        return 0;
    if (!session->given && session_make_folder(session) < 0)
        return -1;
    if (session_open(session, SESSION_CREATE) < 0)
        return -1;
    tq_ledger_close(session->ledger);
    return 0;
}

static int restore(struct session *session, const char *source)
{
    struct tq_error error = {.size = sizeof(error)};
    struct import_error failure;
    struct stat info;
    int fd;

    if (stat(source, &info) < 0) {
        report("%s: %s", source, strerror(errno));
        return CLI_ERROR;
    }
    if (have_ledger(session) < 0)
        return CLI_ERROR;
    if (store_finish(session->path, &failure) < 0 ||
        (fd = store_restore_begin(session->path, source, &failure)) < 0)
        return report_store(&failure);
    if (tq_ledger_restore(session->path, source, &error) < 0)
        report_error(&error);
    if (store_restore_end(session->path, fd, &failure) < 0)
        return report_store(&failure);
    if (error.code < 0)
        return CLI_ERROR;
    return CLI_YES;
}

static int run_restore(int argc, char **argv)
{
    const char *ledger = NULL, *source;
    char question[PATH_BYTES + 96];
    bool yes = false;
    struct session session;
    int exit_status, agreed;

    source = read_operand(argc, argv, &ledger_restore, &yes, &ledger, &exit_status);
    if (!source)
        return exit_status;
    if (session_find(&session, ledger) < 0)
        return CLI_ERROR;
    snprintf(question, sizeof(question), "Replace what %s holds?", session.path);
    agreed = yes ? 1 : confirm(true, question);
    if (agreed <= 0)
        return agreed < 0 ? CLI_ERROR : CLI_NO;
    return restore(&session, source);
}

const struct command ledger_restore = {
    .name = "ledger restore",
    .operands = "FILE",
    .summary = "replace what the ledger holds by what a backup holds",
    .options = restore_options,
    .notes = "\n"
             "Asks on a terminal; without one it needs --yes. Nobody may have the ledger open. It keeps its\n"
             "owner and its permissions. What was imported is replaced, too: by FILE.imports, or, when there\n"
             "is none, by nothing, so that the next import counts all logs. Whatever happens meanwhile, both\n"
             "are the old ones or both are the restored ones.\n\n"
             "Exit status: 0 done, 1 not agreed to, 2 an error.\n",
    .run = run_restore,
};
