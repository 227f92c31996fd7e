/* version.c: `tokenquota version` prints the version of the library that runs.
 *
 * SPDX-License-Identifier: MIT
 */
#include "cli/cli.h"

#include <tokenquota.h>

static const struct option_spec options[] = {
    {'h', "help", NULL, "print this help"},
    {0, NULL, NULL, NULL},
};

static int run(int argc, char **argv)
{
    struct args args = {.argc = argc, .argv = argv, .next = 1};
    int option;

    while ((option = args_next(&args, options)) != ARGS_END) {
        if (option == 0) {
            command_help(stdout, &cmd_version);
            return CLI_YES;
        }
        if (option == ARGS_OPERAND)
            report("unexpected \"%s\": version takes no operand", args.value);
        return CLI_ERROR;
    }
    printf("tokenquota %s\n", tq_version_string());
    return CLI_YES;
}

const struct command cmd_version = {
    .name = "version",
    .operands = "",
    .summary = "print the version of the library that runs",
    .options = options,
    .notes = "",
    .run = run,
};
