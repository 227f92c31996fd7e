/* args.c: read a command line against a list of options, and find the word somebody meant.
 *
 * SPDX-License-Identifier: MIT
 *
 * getopt_long would accept any unique beginning of an option (a later release then breaks scripts) and words
 * its messages itself; this reads --name VALUE, --name=VALUE, -n VALUE, -nVALUE and groups such as -qs.
 */
#include <string.h>

#include "cli.h"

#define WORD_MAX 32 /* longer words are near to nothing */
#define OPTIONS_MAX 32

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

/* How many letters must be added, removed or changed to make b of a. */
static size_t distance(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b), row[WORD_MAX + 1];

    if (a_len > WORD_MAX || b_len > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t above = row[j];

            row[j] = smallest(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[b_len];
}

const char *nearest(const char *word, const char *const *names)
{
    size_t len = strlen(word), least = len > 4 ? len / 3 + 2 : 2;
    const char *best = NULL;

    for (; *names; names++) {
        size_t far = distance(word, *names);

        if (far < least) {
            least = far;
            best = *names;
        }
    }
    return best;
}

static int unknown_option(const char *name, size_t len, const struct option_spec *options)
{
    const char *names[OPTIONS_MAX + 1];
    char word[WORD_MAX + 1] = "";
    size_t count = 0;

    for (; options->name && count < OPTIONS_MAX; options++)
        names[count++] = options->name;
    names[count] = NULL;
    if (len <= WORD_MAX)
        memcpy(word, name, len);

    const char *near = *word ? nearest(word, names) : NULL;

    if (near)
        report("unknown option \"--%.*s\"; did you mean \"--%s\"?", (int)len, name, near);
    else
        report("unknown option \"--%.*s\"; --help lists the options", (int)len, name);
    return ARGS_ERROR;
}

/* The value that follows as an argument of its own. */
static int take_value(struct args *args, const struct option_spec *option)
{
    if (args->next >= args->argc) {
        report("--%s needs a value: --%s %s", option->name, option->name, option->value);
        return ARGS_ERROR;
    }
    args->value = args->argv[args->next++];
    return 0;
}

static int long_option(struct args *args, const char *text, const struct option_spec *options)
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

static int short_option(struct args *args, const struct option_spec *options)
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

int args_next(struct args *args, const struct option_spec *options)
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

int args_read(int argc, char **argv, const struct command *command, const struct option_target *targets)
{
    struct args args = {.argc = argc, .argv = argv, .next = 1};
    int option, operands = 0;

    while ((option = args_next(&args, command->options)) != ARGS_END) {
        if (option == ARGS_ERROR)
            return ARGS_ERROR;
        if (option == ARGS_OPERAND) {
            argv[operands++] = argv[args.next - 1]; /* behind what is read: its place is free */
        } else if (targets[option].flag) {
            *targets[option].flag = true;
        } else if (targets[option].value) {
            *targets[option].value = args.value;
        } else {
            command_help(stdout, command);
            return ARGS_HELP;
        }
    }
    argv[operands] = NULL;
    return operands;
}
