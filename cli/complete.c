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

#include "base/text.h"
#include "cli/args.h"

/* What is offered for one operand. */
struct place {
    size_t at;
    struct tq__span offers;
    bool many; /* and for all that follow */
};

/* The language that is written. A function that is NULL has nothing to write. */
struct language {
    const char *name;
    const char *begin, *operands, *end; /* before the options, before the operands and behind them */
    bool cases;                         /* the commands are cases of a function */
    /* The names of commands, or of the verbs of the command `of`. */
    void (*names)(FILE *out, const char *what, const char *of, const struct command *const *names);
    void (*option)(FILE *out, const struct command *command, const struct option *option);
    void (*place)(FILE *out, const struct command *command, const struct place *place);
};

/* Writes a text in single quotes of a shell; special characters get a backslash. */
static void put_escaped(FILE *out, const char *text, const char *special)
{
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fprintf(out, strchr(special, *text) ? "\\%c" : "%c", *text);
}

/* Writes offers of rows with those names in place that the command itself knows. */
static void put_offers(FILE *out, struct tq__span offers)
{
    const struct tq_log_source *source;
    const char *before = "";

    for (; offers.len > 0; before = " ") {
        struct tq__span word = tq__span_cut(&offers, ' ');

        fputs(before, out);
        if (tq__span_equals(word, "@source"))
            for (size_t i = 0; (source = tq_log_source_at(i)) != NULL; i++)
                fprintf(out, "%s%s", i > 0 ? " " : "", tq_log_source_name(source));
        else if (tq__span_equals(word, "@command"))
            for (size_t i = 0; commands[i]; i++)
                fprintf(out, "%s%s", i > 0 ? " " : "", commands[i]->name);
        else if (tq__span_equals(word, "@instant"))
            fputs("now now-1h 7d yesterday today", out);
        else
            fwrite(word.at, 1, word.len, out);
    }
}

static const char *name_in(const struct command *command, const char *of)
{
    return command->name + (*of ? strlen(of) + 1 : 0);
}

/* ---- bash: rows such as "--usage|-u|@file", which completions/tokenquota.bash.in reads ------- */

static void bash_names(FILE *out, const char *what, const char *of, const struct command *const *names)
{
    fprintf(out, "_tokenquota_%s() {\n    printf '%%s\\n'", what);
    for (; *names; names++)
        fprintf(out, " %s", name_in(*names, of));
    fputs("\n}\n\n", out);
}

static void bash_option(FILE *out, const struct command *command, const struct option *option)
{
    (void)command;
    fprintf(out, " \\\n        '--%s|%s%c|", option->name, option->letter ? "-" : "",
            option->letter ? option->letter : ' ');
    if (option->value)
        put_offers(out, tq__span_of(option->offers ? option->offers : "-"));
    fputc('\'', out);
}

static void bash_place(FILE *out, const struct command *command, const struct place *place)
{
    (void)command;
    fputc('|', out);
    put_offers(out, place->offers);
    fputs(place->many ? "..." : "", out);
}

/* ---- fish ------------------------------------------------------------------------------------ */

static void fish_names(FILE *out, const char *what, const char *of, const struct command *const *names)
{
    (void)what;
    for (; *names; names++) {
        fprintf(out, "complete -c tokenquota -n '__tokenquota_at 0 %s' -a %s -d '", of, name_in(*names, of));
        put_escaped(out, (*names)->summary, "");
        fputs("'\n", out);
    }
}

static void fish_offers(FILE *out, struct tq__span offers)
{
    bool known_here = *offers.at != '@' || tq__span_begins(offers, "@source") ||
                      tq__span_begins(offers, "@command") || tq__span_begins(offers, "@instant");

    if (tq__span_equals(offers, "@file")) {
        fputs(" -F", out);
    } else if (!known_here) {
        fprintf(out, " -a '(__tokenquota_%.*ss)'", (int)offers.len - 1, offers.at + 1);
    } else {
        fputs(" -a '", out);
        put_offers(out, offers);
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
        fish_offers(out, tq__span_of(option->offers));
    fputs(" -d '", out);
    put_escaped(out, option->help, "");
    fputs("'\n", out);
}

static void fish_place(FILE *out, const struct command *command, const struct place *place)
{
    fprintf(out, "complete -c tokenquota -n '__tokenquota_at %zu%s %s'", place->at, place->many ? "+" : "",
            command->name);
    fish_offers(out, place->offers);
    fputc('\n', out);
}

/* ---- zsh ------------------------------------------------------------------------------------- */

static void zsh_names(FILE *out, const char *what, const char *of, const struct command *const *names)
{
    fprintf(out, "_tokenquota_%s() {\n    local -a names=(\n", what);
    for (; *names; names++) {
        fprintf(out, "        '%s:", name_in(*names, of));
        put_escaped(out, (*names)->summary, ":");
        fputs("'\n", out);
    }
    fprintf(out, "    )\n    _describe %s names\n}\n\n", what);
}

static void zsh_offers(FILE *out, struct tq__span offers)
{
    if (tq__span_equals(offers, "@file")) {
        fputs("_files", out);
    } else if (tq__span_equals(offers, "@group")) {
        fputs("_groups", out);
    } else if (tq__span_equals(offers, "@provider") || tq__span_equals(offers, "@profile") ||
               tq__span_equals(offers, "@preset")) {
        fprintf(out, "_tokenquota_%.*ss", (int)offers.len - 1, offers.at + 1);
    } else {
        fputc('(', out);
        put_offers(out, offers);
        fputc(')', out);
    }
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
        zsh_offers(out, tq__span_of(option->offers));
    fputs(option->value && !option->offers ? " '" : "'", out);
}

static void zsh_place(FILE *out, const struct command *command, const struct place *place)
{
    (void)command;
    if (place->many)
        fputs(" '*:operand:", out);
    else
        fprintf(out, " '%zu:operand:", place->at + 1);
    zsh_offers(out, place->offers);
    fputc('\'', out);
}

/* ---- the man page ---------------------------------------------------------------------------- */

static void put_lower(FILE *out, const char *text)
{
    for (; *text; text++)
        if (*text == '-')
            fputs("\\-", out);
        else
            fputc(tolower((unsigned char)*text), out);
}

/* What every command has is described once, in the template. */
static bool is_in_man(const struct option *option)
{
    return option->take && option->help && strcmp(option->name, "ledger") != 0;
}

/* The help as a sentence of mdoc. */
static void man_option(FILE *out, const struct command *command, const struct option *option)
{
    bool opened = false;

    (void)command;
    if (!is_in_man(option))
        return;
    fputs(".It Fl ", out);
    if (option->letter)
        fprintf(out, "%c , ", option->letter);
    fprintf(out, "-%s%s", option->name, option->value ? " Ar " : "");
    put_lower(out, option->value ? option->value : "");
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

/* The synopsis of a command or of its verbs, which mdoc breaks into lines. */
static void put_synopsis(FILE *out, const struct command *command)
{
    for (const struct command *const *verb = command->verbs; verb && *verb; verb++)
        put_synopsis(out, *verb);
    if (command->verbs)
        return;
    fprintf(out, ".Nm\n.Cm %s\n", command->name);
    for (const struct option *option = command->options; option->name; option++) {
        if (!is_in_man(option))
            continue;
        if (option->letter)
            fprintf(out, ".Op Fl %c", option->letter);
        else
            fprintf(out, ".Op Fl -%s", option->name);
        fputs(option->value ? " Ar " : "", out);
        put_lower(out, option->value ? option->value : "");
        fputc('\n', out);
    }
    if (!*command->operands)
        return;
    fputs(".No ", out);
    put_lower(out, command->operands);
    fputc('\n', out);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static const struct language languages[] = {
    {"bash", " printf '%s\\n'", " \\\n        'operands", "' ;;\n", true, bash_names, bash_option,
     bash_place},
    {"fish", "", "", "", false, fish_names, fish_option, fish_place},
    {"zsh", " _arguments -s", "", " ;;\n", true, zsh_names, zsh_option, zsh_place},
    {"man", ".Bl -tag -width Ds\n", "", ".El\n", false, NULL, man_option, NULL},
};

static void put_command(FILE *out, const struct language *language, const struct command *command)
{
    struct tq__span places = tq__span_of(command->offers && language->place ? command->offers : "");
    struct place place = {0};

    if (language->cases)
        fprintf(out, "    '%s')", command->name);
    fputs(language->begin, out);
    for (const struct option *option = command->options; option->name; option++)
        if (option->help)
            language->option(out, command, option);
    fputs(language->operands, out);
    for (; places.len > 0; place.at++) {
        place.offers = tq__span_cut(&places, '|');
        place.many = tq__span_find(place.offers, "...") >= 0;
        place.offers.len -= place.many ? 3 : 0;
        language->place(out, command, &place);
    }
    fputs(language->end, out);
    for (const struct command *const *verb = command->verbs; verb && *verb; verb++)
        put_command(out, language, *verb);
}

static void put_verbs(FILE *out, const struct language *language, const struct command *command)
{
    char what[64];

    if (!language->names || !command->verbs)
        return;
    snprintf(what, sizeof what, "%s_verbs", command->name);
    language->names(out, what, command->name, command->verbs);
}

static void put_shell(FILE *out, const struct language *language)
{
    if (language->names)
        language->names(out, "commands", "", commands);
    for (size_t i = 0; commands[i]; i++)
        put_verbs(out, language, commands[i]);
    fputs(language->cases ? "_tokenquota_rows() {\n    case $1 in\n" : "\n", out);
    for (size_t i = 0; commands[i]; i++)
        put_command(out, language, commands[i]);
    fputs(language->cases ? "    esac\n}\n" : "", out);
}

void complete_put(FILE *out, const char *shell, const char *name)
{
    const struct language *language = languages;

    while (strcmp(language->name, shell) != 0)
        language++;
    if (!name)
        put_shell(out, language);
    for (size_t i = 0; name && commands[i]; i++) {
        if (strcmp(name, "synopsis") == 0)
            put_synopsis(out, commands[i]);
        if (strcmp(commands[i]->name, name) == 0)
            put_command(out, language, commands[i]);
        for (const struct command *const *verb = commands[i]->verbs; verb && *verb; verb++)
            if (strcmp((*verb)->name, name) == 0)
                put_command(out, language, *verb);
    }
}
