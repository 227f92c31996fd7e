/* main.c: the table of subcommands, running one of them, and help.
 *
 * SPDX-License-Identifier: MIT
 */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <tokenquota.h>

#include "base/text.h"
#include "cli/session.h"

#define VERBS_MAX 16

struct help_request {
    struct request asked;
    const char *complete;
};

static int run_help(void *request);
static int run_version(void *request);

static const struct option help_options[] = {
    {0, "complete", "SHELL", NULL, option_word, offsetof(struct help_request, complete), COMPLETE_WORDS},
    HELP_ROWS_END,
};

static const struct option version_options[] = {HELP_ROWS_END};

static const struct command cmd_help = {
    .name = "help",
    .operands = "[COMMAND]",
    .summary = "print this list, or the help of one command",
    .options = help_options,
    .notes = "",
    .request_bytes = sizeof(struct help_request),
    .most = 1,
    .needs = "it takes one COMMAND",
    .offers = "@command",
    .run = run_help,
};

static const struct command cmd_version = {
    .name = "version",
    .operands = "",
    .summary = "print the version of the library in use",
    .options = version_options,
    .notes = "",
    .run = run_version,
};

const struct command *const commands[] = {
    &cmd_observe, &cmd_status, &cmd_route,   &cmd_explain, &cmd_signal, &cmd_statusline, &cmd_probe,
    &cmd_hold,    &cmd_run,    &cmd_watch,   &cmd_poll,    &cmd_serve,  &cmd_sync,       &cmd_budget,
    &cmd_limit,   &cmd_preset, &cmd_rule,    &cmd_set,     &cmd_mark,   &cmd_exhausted,  &cmd_correct,
    &cmd_reset,   &cmd_forget, &cmd_import,  &cmd_usage,   &cmd_ledger, &cmd_doctor,     &cmd_replay,
    &cmd_mcp,     &cmd_hook,   &cmd_version, &cmd_help,    NULL,
};

#define COMMANDS_MAX (sizeof(commands) / sizeof(commands[0]))

static void overall_help(FILE *out)
{
    fputs("usage: tokenquota COMMAND [ARGUMENT]...\n\n"
          "Counts LLM tokens per provider and tells you when a budget will not last the day.\n\n",
          out);
    for (size_t i = 0; commands[i]; i++)
        fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n  -V, --version   same as `tokenquota version`\n"
          "  -h, --help      same as `tokenquota help`; `tokenquota COMMAND --help` explains one command\n\n"
          "Exit status: 0 yes, 1 no (a provider is exhausted), 2 an error, with a message that says why.\n",
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
    static const char *const options[] = {"--help", "--version", NULL};
    const char *names[COMMANDS_MAX];
    bool is_option = name[0] == '-';

    for (size_t i = 0; i < COMMANDS_MAX; i++)
        names[i] = commands[i] ? commands[i]->name : NULL;
    return report_unknown(is_option ? "unknown option" : "unknown command", "", name,
                          is_option ? options : names, "`tokenquota help` lists the commands");
}

static int run_help(void *request)
{
    const struct help_request *help = request;
    const char *name = help->asked.operands[0];
    const struct command *command = name ? find_command(name) : NULL;

    if (help->complete) {
        complete_put(stdout, help->complete, name);
        return CLI_YES;
    }
    if (name && !command)
        return unknown_command(name);
    if (command)
        command_help(stdout, command);
    else
        overall_help(stdout);
    return CLI_YES;
}

static int run_version(void *request)
{
    (void)request;
    printf("tokenquota %s\n", tq_version_string());
    return CLI_YES;
}

static int run(const struct command *command, int argc, char **argv);

static int unknown_verb(const struct command *command, const char *word)
{
    const char *names[VERBS_MAX + 1] = {NULL}, *near;
    size_t count = 0;

    for (const struct command *const *verb = command->verbs; *verb && count < VERBS_MAX; verb++)
        names[count++] = (*verb)->name + strlen(command->name) + 1;
    near = tq__nearest(tq__span_of(word), names);
    if (near)
        report("unknown \"%s\"; did you mean \"%s %s\"?", word, command->name, near);
    else if (*word == '-')
        report("write the verb before its options, as in: tokenquota %s check %s", command->name, word);
    else
        report("unknown \"%s\"; `tokenquota %s --help` lists the verbs", word, command->name);
    return CLI_ERROR;
}

static int run_verb(const struct command *command, int argc, char **argv)
{
    if (argc < 2) {
        command_help(stderr, command);
        return CLI_ERROR;
    }
    if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0) {
        command_help(stdout, command);
        return CLI_YES;
    }
    for (const struct command *const *verb = command->verbs; *verb; verb++)
        if (strcmp(argv[1], (*verb)->name + strlen(command->name) + 1) == 0)
            return run(*verb, argc - 1, argv + 1);
    return unknown_verb(command, argv[1]);
}

/* Is the operand with this number a provider, by what completion offers for it? */
static bool is_provider(const char *offers, size_t number)
{
    const char *next;

    for (; number > 0 && (next = strchr(offers, '|')) != NULL; number--)
        offers = next + 1;
    return strncmp(offers, "@provider", strlen("@provider")) == 0 && (number == 0 || strchr(offers, '.'));
}

/* Inside a run, its name takes the place of the provider's. */
static void enter_run(const struct command *command, struct request *request)
{
    for (size_t i = 0; i < request->count; i++)
        if (is_provider(command->offers, i))
            request->operands[i] = (char *)(uintptr_t)session_name(request->operands[i]);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct request *request;
    int answer;

    report_command(command->name);
    if (command->verbs)
        return run_verb(command, argc, argv);
    request = must_have(calloc(1, sizeof *request + command->request_bytes));
    answer = args_read(command, argc, argv, request);
    if (answer == 0 && command->of_run)
        enter_run(command, request);
    if (answer == ARGS_ERROR)
        answer = command->refuse ? command->refuse() : CLI_ERROR;
    else if (answer == ARGS_HELP)
        answer = CLI_YES;
    else
        answer = command->run ? command->run(request) : session_work(request, command->use, command->work);
    if (command->release)
        command->release(request);
    free(request);
    return answer;
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
    /* When the reader closes the pipe, end quietly, even if our parent ignores the signal. */
    signal(SIGPIPE, SIG_DFL);

    if (argc < 2) {
        overall_help(stderr);
        return CLI_ERROR;
    }
    const struct command *command = choose_command(argv[1]);

    if (!command)
        return unknown_command(argv[1]);

    int answer = run(command, argc - 1, argv + 1);

    return report_flush_stdout() < 0 ? CLI_ERROR : answer;
}
