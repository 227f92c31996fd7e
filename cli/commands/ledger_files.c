/* ledger_files.c: `tokenquota ledger create`, `backup`, `restore` and `compact`: verbs that write a whole
 * file.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "view/verdict.h"
#include "import/store.h"
#include "sync/restore.h"
#include "cli/session.h"

struct creating {
    struct request asked;
    const char *group;
    const char *days;
    uint32_t rule;
    bool system;
    gid_t gid;
};

#define TO(field) offsetof(struct creating, field)

static const struct option ledger_alone[] = {LEDGER_ROW, HELP_ROWS_END};

static void report_error(const struct tq_error *error)
{
    bool by_system = error->code == TQ_ESYS && error->sys != 0 && error->sys != EEXIST;

    report("%s%s%s", error->msg, by_system ? ": " : "", by_system ? strerror(error->sys) : "");
}

/* ---- create ---------------------------------------------------------------------------------- */

static int take_group(struct creating *request)
{
    const struct group *group;

    if (request->system != (request->group != NULL)) {
        report("--system and --group GROUP go together");
        return -1;
    }
    if (!request->system)
        return 0;
    if (request->asked.ledger) {
        report("--system is for %s: leave --ledger out", MACHINE_LEDGER);
        return -1;
    }
    group = getgrnam(request->group);
    if (!group) {
        report("there is no group \"%s\"; make it: groupadd %s", request->group, request->group);
        return -1;
    }
    request->gid = group->gr_gid;
    return 0;
}

/* The folder gets the set-group-id bit, so that files in it get its group. */
static int make_machine_folder(gid_t gid)
{
    int fd, result = -1;

    if (mkdir(MACHINE_FOLDER, 0700) < 0 && errno != EEXIST) {
        report("cannot make %s: %s%s", MACHINE_FOLDER, strerror(errno), geteuid() ? "; run it as root" : "");
        return -1;
    }
    fd = open(MACHINE_FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fchown(fd, 0, gid) < 0 || fchmod(fd, 02770) < 0)
        report("cannot give %s to the group: %s%s", MACHINE_FOLDER, strerror(errno),
               geteuid() ? "; run it as root" : "");
    else
        result = 0;
    if (fd >= 0)
        close(fd);
    return result;
}

static int run_create(void *asked)
{
    struct creating *request = asked;
    struct tq_ledger_options ledger_options = session_options();
    struct tq_error error = {.size = sizeof(error)};
    struct session session;
    struct tq_ledger *ledger;
    struct stat info;

    ledger_options.mode = request->system ? 0660 : 0600;
    ledger_options.rule = request->rule;
    if (request->days)
        ledger_options.history_days = (uint32_t)atoi(request->days);
    if (take_group(request) < 0 ||
        session_find(&session, request->system ? MACHINE_LEDGER : request->asked.ledger) < 0)
        return CLI_ERROR;
    if (lstat(session.path, &info) == 0) {
        report("there is something at %s already; `tokenquota doctor` says what", session.path);
        return CLI_ERROR;
    }
    if (request->system ? make_machine_folder(request->gid) < 0
                        : !session.given && session_make_folder(&session) < 0)
        return CLI_ERROR;
    if (tq_ledger_open(&ledger, session.path, &ledger_options, &error) < 0) {
        session_report(&session, SESSION_CREATE, &error);
        return CLI_ERROR;
    }
    tq_ledger_close(ledger);
    puts(session.path);
    return CLI_YES;
}

static const struct option create_options[] = {
    FLAG_ROW(0, "system", TO(system), "create the machine's ledger, for all members of --group; needs root"),
    {0, "group", "GROUP", "the group that may count on the machine's ledger", option_text, TO(group),
     "@group"},
    {0, "days", "DAYS", "days to keep for each provider: 8, 16, 32 or 64 (64)", option_word, TO(days),
     "8 16 32 64"},
    {0, "rule", "RULE", "for providers without a rule: " RULE_NAMES " (care)", option_rule, TO(rule),
     RULE_WORDS},
    LEDGER_ROW,
    HELP_ROWS_END,
};

const struct command ledger_create = {
    .name = "ledger create",
    .operands = "",
    .summary = "create the ledger, with options",
    .options = create_options,
    .notes =
        "\n"
        "Without options it creates what `tokenquota observe` creates by itself. "
        "--system creates\n" MACHINE_LEDGER ", on which all members of the group count. Prints the path.\n\n"
        "Exit status: 0 on success, 2 on an error.\n\n"
        "  sudo tokenquota ledger create --system --group llm\n",
    .request_bytes = sizeof(struct creating),
    .needs = "name a path with --ledger",
    .run = run_create,
};

static int report_store(const struct import_error *error)
{
    report("%s", error->text);
    return CLI_ERROR;
}

/* Finds the ledger, and ends a restore of it that was interrupted. -1, reported. */
static int find_settled(struct session *session, const struct request *asked)
{
    struct import_error failure;

    if (session_find(session, asked->ledger) < 0)
        return -1;
    return store_finish(session->path, &failure) < 0 ? -report_store(&failure) : 0;
}

/* ---- backup ---------------------------------------------------------------------------------- */

static int back_up(struct session *session, void *request)
{
    struct tq_error error = {.size = sizeof(error)};
    const char *dest = ((const struct request *)request)->operands[0];
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

static int run_backup(void *request)
{
    struct session session;

    return find_settled(&session, request) < 0 ? CLI_ERROR : session_work(request, SESSION_READ, back_up);
}

const struct command ledger_backup = {
    .name = "ledger backup",
    .operands = "FILE",
    .summary = "write a copy of the ledger and of its imported responses",
    .options = ledger_alone,
    .notes = "\n"
             "Other programs may keep counting. FILE must not exist; it may be on any disk. The imported\n"
             "responses, if there are any, go to FILE.imports. When the command ends, both files are on the\n"
             "disk, and only you can read them.\n\n"
             "Exit status: 0 on success, 2 on an error.\n\n"
             "  tokenquota ledger backup /mnt/backups/ledger-$(date +%F)\n",
    .least = 1,
    .most = 1,
    .needs = "it takes one FILE",
    .offers = "@file",
    .run = run_backup,
};

/* ---- restore --------------------------------------------------------------------------------- */

/* A restore replaces a ledger; where there is none, an empty one is made first. */
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
    struct tq_ledger_options options = session_options();
    struct stat info;
    int fd, lock;

    if (stat(source, &info) < 0) {
        report("%s: %s", source, strerror(errno));
        return CLI_ERROR;
    }
    if (have_ledger(session) < 0)
        return CLI_ERROR;
    if (store_finish(session->path, &failure) < 0)
        return report_store(&failure);
    lock = sync_restore_begin(session->path, source, &options, &error);
    if (lock < 0) {
        report_error(&error);
        return CLI_ERROR;
    }
    fd = store_restore_begin(session->path, source, &failure);
    if (fd >= 0 && tq_ledger_restore(session->path, source, &error) < 0)
        report_error(&error);
    sync_restore_end(lock);
    if (fd < 0)
        return report_store(&failure);
    if (store_restore_end(session->path, fd, &failure) < 0)
        return report_store(&failure);
    return error.code < 0 ? CLI_ERROR : CLI_YES;
}

static int run_restore(void *request)
{
    const struct request *asked = request;
    struct session session;
    int agreed;

    if (session_find(&session, asked->ledger) < 0)
        return CLI_ERROR;
    agreed = confirm(asked, true, "Replace what %s holds?", session.path);
    return agreed == CLI_YES ? restore(&session, asked->operands[0]) : agreed;
}

static const struct option restore_options[] = {YES_ROW, LEDGER_ROW, HELP_ROWS_END};

const struct command ledger_restore = {
    .name = "ledger restore",
    .operands = "FILE",
    .summary = "replace the contents of the ledger by those of a backup",
    .options = restore_options,
    .notes =
        "\n"
        "Asks first on a terminal; without a terminal it needs --yes. No program may have the ledger\n"
        "open. The ledger keeps its owner and its permissions. The imported responses are replaced\n"
        "too: by FILE.imports, or, if it does not exist, by nothing, so that the next import counts all\n"
        "logs. If the command is interrupted, both files are the old ones or both are restored.\n\n"
        "Exit status: 0 on success, 1 if you did not agree, 2 on an error.\n",
    .least = 1,
    .most = 1,
    .needs = "it takes one FILE",
    .offers = "@file",
    .run = run_restore,
};

/* ---- compact --------------------------------------------------------------------------------- */

/* Bytes on the disk: the file has holes. */
static int64_t disk_bytes(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 ? (int64_t)info.st_blocks * 512 : 0;
}

static int run_compact(void *request)
{
    struct tq_error error = {.size = sizeof error};
    struct session session;
    int64_t before;

    if (find_settled(&session, request) < 0)
        return CLI_ERROR;
    before = disk_bytes(session.path);
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
    .summary = "rewrite the file without forgotten providers, in this version's format",
    .options = ledger_alone,
    .notes = "\n"
             "No program may have the ledger open. If the command is interrupted, the old file or the new\n"
             "one is there, complete.\n\n"
             "Exit status: 0 on success, 2 on an error.\n",
    .run = run_compact,
};
