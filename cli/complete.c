/* complete.c: prints the rows of commands and options for the completions of three shells and for the man
 * page.
 *
 * SPDX-License-Identifier: MIT
 *
 * tools/fill.sh puts what is printed here into the templates in completions/ and cli/tokenquota.1.in when the
 * command is built.
 */
#include <ctype.h>
#include <string.h>

#include <tokenquota_logs.h>

#include "cli/cli.h"

/* The language that is written: how its texts escape characters, and its four kinds of lines. */
struct language {
    const char *name;
    const char *special; /* characters that get a backslash in a text */
    /* What comes before the options; may be NULL. */
    void (*command)(FILE *out, const struct command *command);
    void (*option)(FILE *out, const struct command *command, const struct option *option);
    /* Operands, and what ends the command; may be NULL. */
    void (*end)(FILE *out, const struct command *command);
};

static void put_escaped(FILE *out, const char *text, const char *special)
{
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fprintf(out, strchr(special, *text) ? "\\%c" : "%c", *text);
}

/* Writes offers of rows with those names in place that the command itself knows; all but the first word has a
 * blank in front. */
static void put_offers(FILE *out, const char *offers, size_t len)
{
    const struct tq_log_source *source;

    for (size_t at = 0, word; at < len; at += word + (at + word < len)) {
        word = strcspn(offers + at, " ");
        if (word > len - at)
            word = len - at;
        fputs(at > 0 ? " " : "", out);
        if (strncmp(offers + at, "@source", word) == 0)
            for (size_t i = 0; (source = tq_log_source_at(i)) != NULL; i++)
                fprintf(out, "%s%s", i > 0 ? " " : "", tq_log_source_name(source));
        else if (strncmp(offers + at, "@command", word) == 0)
            for (size_t i = 0; commands[i]; i++)
                fprintf(out, "%s%s", i > 0 ? " " : "", commands[i]->name);
        else if (strncmp(offers + at, "@instant", word) == 0)
            fputs("now now-1h 7d yesterday today", out);
        else
            fprintf(out, "%.*s", (int)word, offers + at);
    }
}

/* ---- bash: rows such as "--usage|-u|@file", which completions/tokenquota.bash.in reads ------- */

static void bash_command(FILE *out, const struct command *command)
{
    fprintf(out, "    '%s') printf '%%s\\n'", command->name);
}

static void bash_option(FILE *out, const struct command *command, const struct option *option)
{
    const char *offers = option->offers ? option->offers : "-";

    (void)command;
    fprintf(out, " \\\n        '--%s|%s%c|", option->name, option->letter ? "-" : "",
            option->letter ? option->letter : ' ');
    if (option->value)
        put_offers(out, offers, strlen(offers));
    fputc('\'', out);
}

static void bash_end(FILE *out, const struct command *command)
{
    const char *place = command->offers;

    fputs(" \\\n        'operands", out);
    for (size_t len; place; place = place[len] ? place + len + 1 : NULL) {
        len = strcspn(place, "|");
        fputc('|', out);
        put_offers(out, place, len);
    }
    fputs("' ;;\n", out);
}

/* ---- fish ------------------------------------------------------------------------------------ */

static void fish_offers(FILE *out, const char *offers, size_t len)
{
    if (len > 3 && strncmp(offers + len - 3, "...", 3) == 0)
        len -= 3;
    if (strncmp(offers, "@file", len) == 0) {
        fputs(" -F", out);
    } else if (offers[0] == '@' && strncmp(offers, "@source", 7) != 0 &&
               strncmp(offers, "@command", 8) != 0 && strncmp(offers, "@instant", 8) != 0) {
        fprintf(out, " -a '(__tokenquota_%.*ss)'", (int)len - 1, offers + 1);
    } else {
        fputs(" -a '", out);
        put_offers(out, offers, len);
        fputc('\'', out);
    }
}

static void fish_option(FILE *out, const struct command *command, const struct option *option)
{
    if (!option->take) /* --help is the template's */
        return;
    fprintf(out, "complete -c tokenquota -n '__tokenquota_is %s' -l %s", command->name, option->name);
    if (option->letter)
        fprintf(out, " -s %c", option->letter);
    if (option->value)
        fputs(option->offers && strcmp(option->offers, "@file") == 0 ? " -r" : " -x", out);
    if (option->value && option->offers)
        fish_offers(out, option->offers, strlen(option->offers));
    fputs(" -d '", out);
    put_escaped(out, option->help, "");
    fputs("'\n", out);
}

static void fish_end(FILE *out, const struct command *command)
{
    const char *place = command->offers;

    for (size_t len, at = 0; place; at++, place = place[len] ? place + len + 1 : NULL) {
        len = strcspn(place, "|");
        fprintf(out, "complete -c tokenquota -n '__tokenquota_at %zu%s %s'", at,
                len > 3 && strncmp(place + len - 3, "...", 3) == 0 ? "+" : "", command->name);
        fish_offers(out, place, len);
        fputc('\n', out);
    }
}

/* ---- zsh ------------------------------------------------------------------------------------- */

static void zsh_offers(FILE *out, const char *offers, size_t len)
{
    if (len > 3 && strncmp(offers + len - 3, "...", 3) == 0)
        len -= 3;
    if (strncmp(offers, "@file", len) == 0) {
        fputs("_files", out);
    } else if (strncmp(offers, "@group", len) == 0) {
        fputs("_groups", out);
    } else if (strncmp(offers, "@provider", len) == 0 || strncmp(offers, "@profile", len) == 0) {
        fprintf(out, "_tokenquota_%.*ss", (int)len - 1, offers + 1);
    } else {
        fputc('(', out);
        put_offers(out, offers, len);
        fputc(')', out);
    }
}

static void zsh_command(FILE *out, const struct command *command)
{
    fprintf(out, "    '%s') _arguments -s", command->name);
}

static void zsh_option(FILE *out, const struct command *command, const struct option *option)
{
    (void)command;
    if (option->letter)
        fprintf(out, " \\\n        '(-%c --%s)'{-%c,--%s}'[", option->letter, option->name, option->letter,
                option->name);
    else
        fprintf(out, " \\\n        '--%s[", option->name);
    put_escaped(out, option->help, "[]:");
    fputc(']', out);
    if (option->value)
        fprintf(out, ":%s:", option->value);
    if (option->value && option->offers)
        zsh_offers(out, option->offers, strlen(option->offers));
    fputs(option->value && !option->offers ? " '" : "'", out);
}

static void zsh_end(FILE *out, const struct command *command)
{
    const char *place = command->offers;

    for (size_t len, at = 1; place; at++, place = place[len] ? place + len + 1 : NULL) {
        len = strcspn(place, "|");
        if (len > 3 && strncmp(place + len - 3, "...", 3) == 0)
            fputs(" '*:operand:", out);
        else
            fprintf(out, " '%zu:operand:", at);
        zsh_offers(out, place, len);
        fputc('\'', out);
    }
    fputs(" ;;\n", out);
}

/* ---- the man page ---------------------------------------------------------------------------- */

static void man_command(FILE *out, const struct command *command)
{
    (void)command;
    fputs(".Bl -tag -width Ds\n", out);
}

/* The help as a sentence of mdoc. What every command has is described once, in the template. */
static void man_option(FILE *out, const struct command *command, const struct option *option)
{
    bool opened = false;

    (void)command;
    if (!option->take || strcmp(option->name, "ledger") == 0)
        return;
    fputs(".It Fl ", out);
    if (option->letter)
        fprintf(out, "%c , ", option->letter);
    fprintf(out, "-%s%s", option->name, option->value ? " Ar " : "");
    for (const char *c = option->value; c && *c; c++)
        fputc(tolower((unsigned char)*c), out);
    fprintf(out, "\n%c", toupper((unsigned char)option->help[0]));
    for (const char *c = option->help + 1; *c; c++) {
        if (*c == '`')
            fputs((opened = !opened) ? "\\(oq" : "\\(cq", out);
        else if (*c == '-')
            fputs("\\-", out);
        else
            fputc(*c, out);
    }
    fputs(".\n", out);
}

static void man_end(FILE *out, const struct command *command)
{
    (void)command;
    fputs(".El\n", out);
}

/* The synopsis, which mdoc breaks into lines. */
static void synopsis_command(FILE *out, const struct command *command)
{
    if (!command->verbs)
        fprintf(out, ".Nm\n.Cm %s\n", command->name);
}

static void synopsis_option(FILE *out, const struct command *command, const struct option *option)
{
    if (command->verbs || !option->take || strcmp(option->name, "ledger") == 0)
        return;
    fputs(".Op Fl ", out);
    if (option->letter)
        fputc(option->letter, out);
    else
        fprintf(out, "-%s", option->name);
    fputs(option->value ? " Ar " : "", out);
    for (const char *c = option->value; c && *c; c++)
        fputc(tolower((unsigned char)*c), out);
    fputc('\n', out);
}

static void synopsis_end(FILE *out, const struct command *command)
{
    if (command->verbs || !*command->operands)
        return;
    fputs(".No ", out);
    for (const char *c = command->operands; *c; c++)
        if (*c == '-')
            fputs("\\-", out);
        else
            fputc(tolower((unsigned char)*c), out);
    fputc('\n', out);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static const struct language languages[] = {
    {"bash", "", bash_command, bash_option, bash_end},
    {"fish", "", NULL, fish_option, fish_end},
    {"zsh", ":", zsh_command, zsh_option, zsh_end},
    {"man", "", man_command, man_option, man_end},
    {"synopsis", "", synopsis_command, synopsis_option, synopsis_end},
};

static void put_command(FILE *out, const struct language *language, const struct command *command)
{
    if (language->command)
        language->command(out, command);
    for (const struct option *option = command->options; option->name; option++)
        if (option->help)
            language->option(out, command, option);
    if (language->end)
        language->end(out, command);
    for (const struct command *const *verb = command->verbs; verb && *verb; verb++)
        put_command(out, language, *verb);
}

/* The names of commands, or of a command's verbs, with their summaries, as each shell wants them. */
static void put_names(FILE *out, const struct language *language, const struct command *const *names,
                      const char *of)
{
    size_t skip = *of ? strlen(of) + 1 : 0;

    for (; *names; names++) {
        const char *name = (*names)->name + skip;

        if (strcmp(language->name, "fish") == 0)
            fprintf(out, "complete -c tokenquota -n '__tokenquota_at 0 %s' -a %s -d '", of, name);
        else if (strcmp(language->name, "zsh") == 0)
            fprintf(out, "        '%s:", name);
        else
            fprintf(out, " %s", name);
        if (strcmp(language->name, "bash") == 0)
            continue;
        put_escaped(out, (*names)->summary, language->special);
        fputs("'\n", out);
    }
}

static void put_function(FILE *out, const struct language *language, const char *what, const char *of,
                         const struct command *const *names)
{
    if (strcmp(language->name, "bash") == 0)
        fprintf(out, "_tokenquota_%s() {\n    printf '%%s\\n'", what);
    else if (strcmp(language->name, "zsh") == 0)
        fprintf(out, "_tokenquota_%s() {\n    local -a names=(\n", what);
    put_names(out, language, names, of);
    if (strcmp(language->name, "bash") == 0)
        fputs("\n}\n\n", out);
    else if (strcmp(language->name, "zsh") == 0)
        fprintf(out, "    )\n    _describe %s names\n}\n\n", what);
}

static void put_shell(FILE *out, const struct language *language)
{
    bool cases = strcmp(language->name, "bash") == 0 || strcmp(language->name, "zsh") == 0;

    for (size_t i = 0; commands[i] && strcmp(language->name, "synopsis") == 0; i++)
        put_command(out, language, commands[i]);
    if (strcmp(language->name, "synopsis") == 0)
        return;
    put_function(out, language, "commands", "", commands);
    for (size_t i = 0; commands[i]; i++)
        if (commands[i]->verbs)
            put_function(out, language, "verbs", commands[i]->name, commands[i]->verbs);
    fputs(cases ? "_tokenquota_rows() {\n    case $1 in\n" : "\n", out);
    for (size_t i = 0; commands[i]; i++)
        put_command(out, language, commands[i]);
    fputs(cases ? "    esac\n}\n" : "", out);
}

int complete_put(FILE *out, const char *shell, const char *name)
{
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
        if (strcmp(languages[i].name, shell) != 0)
            continue;
        if (!name) {
            put_shell(out, &languages[i]);
            return CLI_YES;
        }
        if (strcmp(name, "synopsis") == 0)
            return complete_put(out, name, NULL);
        for (size_t j = 0; commands[j]; j++) {
            if (strcmp(commands[j]->name, name) == 0)
                put_command(out, &languages[i], commands[j]);
            for (const struct command *const *verb = commands[j]->verbs; verb && *verb; verb++)
                if (strcmp((*verb)->name, name) == 0)
                    put_command(out, &languages[i], *verb);
        }
    }
    return CLI_YES;
}
