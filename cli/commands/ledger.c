/* ledger.c: `tokenquota ledger VERB`: the file itself.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "ledger_verbs.h"

static int run_path(int argc, char **argv);

enum {
    OPTION_LEDGER,
    OPTION_HELP,
};

const struct option_spec ledger_only_options[] = {
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
};

static const struct command ledger_path = {
    .name = "ledger path",
    .operands = "",
    .summary = "print where the ledger is, be there one or not",
    .options = ledger_only_options,
    .notes = "\n"
             "The first that applies: --ledger; $TOKENQUOTA_LEDGER; " MACHINE_LEDGER ",\n"
             "when there is one that you may write; for root that one; else\n"
             "$XDG_STATE_HOME/tokenquota/ledger, which is ~/.local/state/tokenquota/ledger.\n",
    .run = run_path,
};

static const struct command *const verbs[] = {
    &ledger_path, &ledger_create, &ledger_names, &ledger_check, &ledger_dump, &ledger_flush,
    &ledger_backup, &ledger_restore, &ledger_compact,
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

bool ledger_only(int argc, char **argv, const struct command *verb, const char **ledger, int *exit_status)
{
    const struct option_target targets[] = {
        [OPTION_LEDGER] = {.value = ledger},
        [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, verb, targets);

    *exit_status = operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    if (operands > 0)
        report("unexpected \"%s\"", argv[0]);
    return operands == 0;
}

static int run_path(int argc, char **argv)
{
    const char *ledger = NULL;
    int exit_status;
    struct session session;

    if (!ledger_only(argc, argv, &ledger_path, &ledger, &exit_status))
        return exit_status;
    if (session_find(&session, ledger) < 0)
        return CLI_ERROR;
    puts(session.path);
    return CLI_YES;
}

static const char *verb_name(size_t i)
{
    return verbs[i]->name + strlen("ledger ");
}

static int unknown_verb(const char *word)
{
    const char *names[VERBS + 1] = {NULL}, *near;

    for (size_t i = 0; i < VERBS; i++)
        names[i] = verb_name(i);
    near = nearest(word, names);
    if (near)
        report("unknown \"%s\"; did you mean \"ledger %s\"?", word, near);
    else if (*word == '-')
        report("say what to do before its options, as in: tokenquota ledger check %s", word);
    else
        report("unknown \"%s\"; `tokenquota ledger --help` lists what there is", word);
    return CLI_ERROR;
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        command_help(stderr, &cmd_ledger);
        return CLI_ERROR;
    }
    if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0) {
        command_help(stdout, &cmd_ledger);
        return CLI_YES;
    }
    for (size_t i = 0; i < VERBS; i++) {
        if (strcmp(argv[1], verb_name(i)) != 0)
            continue;
        report_command(verbs[i]->name);
        return verbs[i]->run(argc - 1, argv + 1);
    }
    return unknown_verb(argv[1]);
}

static const struct option_spec options[] = {HELP_SPEC, END_SPEC};

const struct command cmd_ledger = {
    .name = "ledger",
    .operands = "VERB",
    .summary = "look after the file: path, create, names, check, dump, flush, backup, restore, compact",
    .options = options,
    .notes = "\n"
             "  path     print where it is\n"
             "  create   make it, with options; `ledger create --system` makes the machine's\n"
             "  names    print the providers' names, one a line\n"
             "  check    look at every word of it, and print what it counted of itself\n"
             "  dump     print all that is in it as JSON\n"
             "  flush    put what was counted on the disk, once or for ever\n"
             "  backup   write a copy of it, while others count\n"
             "  restore  replace what it holds by what a backup holds\n"
             "  compact  make it anew without what was forgotten, in this version's format\n\n"
             "`tokenquota ledger VERB --help` has the options of each.\n",
    .run = run,
};
