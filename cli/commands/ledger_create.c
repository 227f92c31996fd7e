/* ledger_create.c: `tokenquota ledger create` makes a ledger with options, or the machine's, for a group.
 *
 * SPDX-License-Identifier: MIT
 */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger_verbs.h"
#include "view/verdict.h"

enum {
    OPTION_SYSTEM,
    OPTION_GROUP,
    OPTION_DAYS,
    OPTION_RULE,
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_SYSTEM] = {0, "system", NULL, "the machine's, for all who are in --group; as root"},
    [OPTION_GROUP] = {0, "group", "GROUP", "who may count on the machine's"},
    [OPTION_DAYS] = {0, "days", "DAYS", "days kept of each provider: 8, 16, 32 or 64 (64)"},
    [OPTION_RULE] = {0, "rule", "RULE", "of providers without their own: " RULE_NAMES " (horizon)"},
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
};

struct creation {
    const char *ledger;
    const char *group;
    const char *days;
    const char *rule;
    bool system;
    gid_t gid;
};

static int take_days(const char *text, uint32_t *days)
{
    static const char *const words[] = {"8", "16", "32", "64"};

    *days = 8;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++, *days *= 2)
        if (strcmp(text, words[i]) == 0)
            return 0;
    report("--days \"%s\": write 8, 16, 32 or 64", text);
    return -1;
}

static int take_options(const struct creation *creation, struct tq_ledger_options *ledger_options)
{
    *ledger_options = session_options();
    ledger_options->mode = creation->system ? 0660 : 0600;
    if (creation->days && take_days(creation->days, &ledger_options->history_days) < 0)
        return -1;
    if (!creation->rule)
        return 0;
    if (rule_parse(creation->rule, &ledger_options->rule) == 0)
        return 0;
    report("--rule \"%s\": write " RULE_NAMES, creation->rule);
    return -1;
}

static int take_group(struct creation *creation)
{
    const struct group *group;

    if (!creation->system == !creation->group) {
        if (!creation->system)
            return 0;
    } else {
        report("--system and --group GROUP go together");
        return -1;
    }
    if (creation->ledger) {
        report("--system is for %s: leave --ledger out", MACHINE_LEDGER);
        return -1;
    }
    group = getgrnam(creation->group);
    if (!group) {
        report("there is no group \"%s\"; make it: groupadd %s", creation->group, creation->group);
        return -1;
    }
    creation->gid = group->gr_gid;
    return 0;
}

/* What is made in a folder with the set-group-id bit has the folder's group. */
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

static int create(const struct creation *creation, const struct session *session,
                  const struct tq_ledger_options *ledger_options)
{
    struct tq_error error = {.size = sizeof(error)};
    struct tq_ledger *ledger;
    struct stat info;

    if (lstat(session->path, &info) == 0) {
        report("there is something at %s already; `tokenquota doctor` says what", session->path);
        return CLI_ERROR;
    }
    if (creation->system && make_machine_folder(creation->gid) < 0)
        return CLI_ERROR;
    if (!creation->system && !session->given && session_make_folder(session) < 0)
        return CLI_ERROR;
    if (tq_ledger_open(&ledger, session->path, ledger_options, &error) < 0) {
        session_report(session, SESSION_CREATE, &error);
        return CLI_ERROR;
    }
    tq_ledger_close(ledger);
    puts(session->path);
    return CLI_YES;
}

static int run(int argc, char **argv)
{
    struct creation creation = {0};
    const struct option_target targets[] = {
        [OPTION_SYSTEM] = {.flag = &creation.system},  [OPTION_GROUP] = {.value = &creation.group},
        [OPTION_DAYS] = {.value = &creation.days},     [OPTION_RULE] = {.value = &creation.rule},
        [OPTION_LEDGER] = {.value = &creation.ledger}, [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &ledger_create, targets);
    struct tq_ledger_options ledger_options;
    struct session session;

    if (operands < 0)
        return operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    if (operands > 0) {
        report("unexpected \"%s\"; a path is given by --ledger", argv[0]);
        return CLI_ERROR;
    }
    if (take_options(&creation, &ledger_options) < 0 || take_group(&creation) < 0 ||
        session_find(&session, creation.system ? MACHINE_LEDGER : creation.ledger) < 0)
        return CLI_ERROR;
    return create(&creation, &session, &ledger_options);
}

const struct command ledger_create = {
    .name = "ledger create",
    .operands = "",
    .summary = "make the ledger, with options",
    .options = options,
    .notes = "\n"
             "Without options it is what `tokenquota observe` makes by itself. --system makes\n"
             MACHINE_LEDGER ", which all who are in the group count on. Prints the path.\n\n"
             "Exit status: 0 made, 2 an error.\n\n"
             "  sudo tokenquota ledger create --system --group llm\n",
    .run = run,
};
