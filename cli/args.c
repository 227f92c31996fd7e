/* args.c: read a command line by the rows of its options, print the help, and find the word somebody meant.
 *
 * SPDX-License-Identifier: MIT
 *
 * getopt_long would accept any unique beginning of an option (a later release then breaks scripts) and words
 * its messages itself; this reads --name VALUE, --name=VALUE, -n VALUE, -nVALUE and groups such as
 * -qs. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <tokenquota.h>

#include "base/text.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "view/listener.h"
#include "view/values.h"

#define OPTIONS_MAX 32

#define ARGS_END (-1)     /* no argument is left */
#define ARGS_OPERAND (-2) /* value holds an argument that is no option */

struct args {
    int argc;
    char **argv;
    int next;            /* the argument to read next */
    const char *letters; /* what is left of a group such as -qs, or NULL */
    bool only_operands;  /* behind "--" */
    const char *value;   /* of the option or operand just read, NULL for none */
};

int report_unknown(const char *unknown, const char *dashes, const char *word, const char *const *names,
                   const char *hint)
{
    struct listener listener = {0};

    (void)word_unknown(&listener, unknown, dashes, word, names, hint);
    (void)report_why(&listener);
    return CLI_ERROR;
}

static int unknown_option(const char *name, size_t len, const struct option *options)
{
    const char *names[OPTIONS_MAX + 1] = {NULL};
    char word[1024];
    size_t count = 0;

    for (; options->name && count < OPTIONS_MAX; options++)
        if (options->help)
            names[count++] = options->name;
    snprintf(word, sizeof word, "%.*s", (int)len, name);
    (void)report_unknown("unknown option", "--", word, names, "--help lists the options");
    return ARGS_ERROR;
}

/* The value that follows as an argument of its own. */
static int take_value(struct args *args, const struct option *option)
{
    if (args->next >= args->argc) {
        report("--%s needs a value: --%s %s", option->name, option->name, option->value);
        return ARGS_ERROR;
    }
    args->value = args->argv[args->next++];
    return 0;
}

static int long_option(struct args *args, const char *text, const struct option *options)
{
    size_t len = strcspn(text, "=");

    for (int i = 0; options[i].name; i++) {
        if (strlen(options[i].name) != len || memcmp(options[i].name, text, len) != 0)
            continue;
        if (text[len] == '=' && !options[i].value) {
            report("--%s takes no value", options[i].name);
            return ARGS_ERROR;
        }
        if (text[len] == '=')
            args->value = text + len + 1;
        else if (options[i].value && take_value(args, &options[i]) < 0)
            return ARGS_ERROR;
        return i;
    }
    return unknown_option(text, len, options);
}

static int short_option(struct args *args, const struct option *options)
{
    char letter = *args->letters++;
    const char *rest = *args->letters ? args->letters : NULL;

    args->letters = rest;
    for (int i = 0; options[i].name; i++) {
        if (options[i].letter != letter)
            continue;
        if (options[i].value) {
            args->letters = NULL;
            args->value = rest;
            if (!rest && take_value(args, &options[i]) < 0)
                return ARGS_ERROR;
        }
        return i;
    }
    report("unknown option \"-%c\"; --help lists the options", letter);
    return ARGS_ERROR;
}

/* Reads one argument: an index into options, or one of ARGS_... above. */
static int args_next(struct args *args, const struct option *options)
{
    args->value = NULL;
    if (args->letters)
        return short_option(args, options);
    if (!args->only_operands && args->next < args->argc && strcmp(args->argv[args->next], "--") == 0) {
        args->only_operands = true;
        args->next++;
    }
    if (args->next >= args->argc)
        return ARGS_END;

    const char *text = args->argv[args->next++];

    /* No option is a digit, so -500 is a number. */
    if (args->only_operands || text[0] != '-' || text[1] == '\0' || (text[1] >= '0' && text[1] <= '9')) {
        args->value = text;
        return ARGS_OPERAND;
    }
    if (text[1] == '-')
        return long_option(args, text + 2, options);
    args->letters = text + 1;
    return short_option(args, options);
}

/* Reads --at, so that the other options know what "now" means, and finds what is no option. */
static int read_now(const struct command *command, struct args args, struct request *request)
{
    int number;

    request->at.ns = tq_now_ns();
    while ((number = args_next(&args, command->options)) != ARGS_END) {
        const struct option *option = number >= 0 ? &command->options[number] : NULL;

        if (number == ARGS_ERROR)
            return ARGS_ERROR;
        if (option && !option->take) {
            command_help(stdout, command);
            return ARGS_HELP;
        }
        if (option && option->take == option_now &&
            option_now(option, args.value, tq_now_ns(), &request->at) < 0)
            return ARGS_ERROR;
    }
    return 0;
}

static int check_operands(const struct command *command, char **operands, int count)
{
    const char *needs = command->needs;

    if (count >= command->least && count <= command->most)
        return 0;
    if (count > command->most && (!needs || command->most == 0))
        report("unexpected \"%s\"%s%s", operands[command->most], needs ? "; " : "", needs ? needs : "");
    else
        report("%s", needs);
    return ARGS_ERROR;
}

int args_read(const struct command *command, int argc, char **argv, struct request *request)
{
    struct args args = {.argc = argc, .argv = argv, .next = 1};
    int answer = read_now(command, args, request), count = 0, number;

    if (answer < 0)
        return answer;
    while ((number = args_next(&args, command->options)) != ARGS_END) {
        const struct option *option = &command->options[number < 0 ? 0 : number];

        if (number == ARGS_OPERAND && args.only_operands && command->runs)
            break;
        if (number == ARGS_OPERAND)
            argv[count++] = argv[args.next - 1]; /* behind what is read: its place is free */
        else if (option->take != option_now &&
                 option->take(option, args.value, request->at.ns, (char *)request + option->to) < 0)
            return ARGS_ERROR;
    }
    if (args.only_operands && command->runs)
        request->command = argv + args.next - (number == ARGS_OPERAND);
    argv[count] = NULL; /* operands and options end before the "--" */
    request->operands = argv;
    request->count = (size_t)count;
    return check_operands(command, argv, count);
}

int option_flag(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    (void)option, (void)text, (void)now_ns;
    *(bool *)to = true;
    return 0;
}

int option_text(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    (void)option, (void)now_ns;
    *(const char **)to = text;
    return 0;
}

/* Is it one of the words, which have blanks between them? */
static bool is_offered(const char *words, const char *text)
{
    size_t len = strlen(text);

    for (const char *at = words; len > 0 && (at = strstr(at, text)) != NULL; at++)
        if ((at == words || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

int option_word(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    char words[128];
    size_t used = 0;

    if (is_offered(option->offers, text))
        return option_text(option, text, now_ns, to);
    for (const char *c = option->offers; *c && used + sizeof " or " < sizeof words; c++) {
        const char *between = strchr(c + 1, ' ') ? ", " : " or ";

        if (*c == ' ')
            used += (size_t)snprintf(words + used, sizeof words - used, "%s", between);
        else
            words[used++] = *c;
    }
    words[used] = '\0';
    report("--%s \"%s\": write %s", option->name, text, words);
    return -1;
}

void command_help(FILE *out, const struct command *command)
{
    fprintf(out, "usage: tokenquota %s%s%s%s\n\n%c%s.\n\n", command->name,
            command->verbs ? "" : " [OPTION]...", *command->operands ? " " : "", command->operands,
            toupper((unsigned char)command->summary[0]), command->summary + 1);
    for (const struct command *const *verb = command->verbs; verb && *verb; verb++)
        fprintf(out, "  %-8s %s\n", (*verb)->name + strlen(command->name) + 1, (*verb)->summary);
    if (command->verbs)
        putc('\n', out);
    for (const struct option *option = command->options; option->name; option++) {
        char left[48];

        if (!option->help)
            continue;
        snprintf(left, sizeof left, "%c%c%s --%s%s%s", option->letter ? '-' : ' ',
                 option->letter ? option->letter : ' ', option->letter ? "," : " ", option->name,
                 option->value ? " " : "", option->value ? option->value : "");
        fprintf(out, "  %-30s  %s\n", left, option->help);
    }
    fputs(command->notes, out);
}
