/* main.c: the table of subcommands, and help.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include <ctype.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

static int run_help(int argc, char **argv);

static const struct option_spec help_options[] = {
    {'h', "help", NULL, "print this help"},
    {0, NULL, NULL, NULL},
};

static const struct command cmd_help = {
    .name = "help",
    .operands = "[COMMAND]",
    .summary = "print this list, or the help of one command",
    .options = help_options,
    .notes = "",
    .run = run_help,
};

static const struct command *const commands[] = {
    &cmd_observe, &cmd_status, &cmd_route, &cmd_explain, &cmd_signal, &cmd_statusline, &cmd_probe, &cmd_watch,
    &cmd_budget, &cmd_rule, &cmd_mark, &cmd_exhausted, &cmd_correct, &cmd_reset, &cmd_forget, &cmd_import,
    &cmd_usage, &cmd_ledger, &cmd_doctor, &cmd_replay, &cmd_version, &cmd_help, NULL,
};

#define COMMANDS_MAX (sizeof(commands) / sizeof(commands[0]))

void command_help(FILE *out, const struct command *command)
{
    fprintf(out, "usage: tokenquota %s [OPTION]...%s%s\n\n%c%s.\n\n", command->name,
            *command->operands ? " " : "", command->operands, toupper((unsigned char)command->summary[0]),
            command->summary + 1);
    for (const struct option_spec *option = command->options; option->name; option++) {
        char left[48];

        snprintf(left, sizeof(left), "%c%c%s --%s%s%s", option->letter ? '-' : ' ',
                 option->letter ? option->letter : ' ', option->letter ? "," : " ", option->name,
                 option->value ? " " : "", option->value ? option->value : "");
        fprintf(out, "  %-30s  %s\n", left, option->help);
    }
    fputs(command->notes, out);
}

static void overall_help(FILE *out)
{
    fputs("usage: tokenquota COMMAND [ARGUMENT]...\n\n"
          "Counts LLM tokens per provider and says when a budget will not last the day.\n\n",
          out);
    for (size_t i = 0; commands[i]; i++)
        fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n  -V, --version   as `tokenquota version`\n"
          "  -h, --help      as `tokenquota help`; `tokenquota COMMAND --help` for one command\n\n"
          "Exit status: 0 yes, 1 no (a provider is exhausted), 2 an error, with one line that says why.\n",
          out);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; commands[i]; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int unknown_command(const char *name)
{
    const char *names[COMMANDS_MAX + 2];
    size_t count = 0;
    bool is_option = name[0] == '-';

    for (size_t i = 0; commands[i] && !is_option; i++)
        names[count++] = commands[i]->name;
    if (is_option) {
        names[count++] = "--help";
        names[count++] = "--version";
    }
    names[count] = NULL;

    const char *near = nearest(name, names);
    const char *kind = is_option ? "option" : "command";

    if (near)
        report("unknown %s \"%s\"; did you mean \"%s\"?", kind, name, near);
    else
        report("unknown %s \"%s\"; `tokenquota help` lists the commands", kind, name);
    return CLI_ERROR;
}

static int run_help(int argc, char **argv)
{
    struct args args = {.argc = argc, .argv = argv, .next = 1};
    const char *topic = NULL;
    int option;

    while ((option = args_next(&args, help_options)) != ARGS_END) {
        if (option == ARGS_ERROR)
            return CLI_ERROR;
        if (option == ARGS_OPERAND && topic) {
            report("one command at a time: \"%s\" or \"%s\"", topic, args.value);
            return CLI_ERROR;
        }
        topic = option == ARGS_OPERAND ? args.value : "help";
    }
    if (!topic) {
        overall_help(stdout);
        return CLI_YES;
    }
    const struct command *command = find_command(topic);

    if (!command)
        return unknown_command(topic);
    command_help(stdout, command);
    return CLI_YES;
}

static const struct command *choose_command(const char *word)
{
    if (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0)
        return &cmd_help;
    if (strcmp(word, "-V") == 0 || strcmp(word, "--version") == 0)
        return &cmd_version;
    return find_command(word);
}

/* A ledger or a log that is opened as 1 or 2 would be written over by what is printed. What is printed to a
 * closed stream goes nowhere instead, and the exit status still gives the answer. */
static int occupy_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_RDONLY : O_WRONLY) != fd)
            return -1;
    return 0;
}

int main(int argc, char **argv)
{
    if (occupy_standard_streams() < 0)
        return CLI_ERROR;
    setlocale(LC_CTYPE, "");
    tzset();
    /* A reader that has seen enough ends us quietly, even when whoever started us ignores the signal. */
    signal(SIGPIPE, SIG_DFL);

    if (argc < 2) {
        overall_help(stderr);
        return CLI_ERROR;
    }
    const struct command *command = choose_command(argv[1]);

    if (!command)
        return unknown_command(argv[1]);
    report_command(command->name);

    int answer = command->run(argc - 1, argv + 1);

    return report_flush_stdout() < 0 ? CLI_ERROR : answer;
}
