/* args.h: a command and its options, a row each: parsing, --help, completions and the man page come from the
 * rows.
 *
 * SPDX-License-Identifier: MIT
 *
 * A command names a struct, its request. Each option's row says where in the request its value goes. A
 * request begins as zeros; the command's run() gets it filled.
 */
#ifndef TOKENQUOTA_ARGS_H
#define TOKENQUOTA_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* One option; a list of them ends with HELP_ROWS_END. */
struct option {
    char letter;       /* of the short form, 0 for none */
    const char *name;  /* of the long form, without the dashes */
    const char *value; /* what the option's value is called, NULL when it takes none */
    const char *help;  /* NULL hides the option */
    /* Reads the value to its destination. 0, or -1 with a report. NULL prints the help. */
    int (*take)(const struct option *option, const char *text, int64_t now_ns, void *to);
    size_t to; /* offset of the destination in the request */
    /* Values that completion offers: words, or one of @file, @provider, ...; may be NULL. */
    const char *offers;
};

/* Rows that many commands have. The file that uses them defines TO(field), the offset of a field of its
 * request. */
/* clang-format off */
#define AT_ROW \
    {0, "at", "INSTANT", "use this time instead of now (RFC 3339, epoch seconds, now-15m, tomorrow)", option_now, \
     TO(at), "@instant"}
#define COLOR_ROW \
    {0, "color", "WHEN", "use colour: auto, always or never", option_word, TO(colour), "auto always never"}
#define JSON_ROW {0, "json", NULL, "print one JSON document instead", option_flag, TO(json), NULL}
#define LEDGER_ROW \
    {0, "ledger", "PATH", "use this ledger, not that of `tokenquota ledger path`", option_text, TO(ledger), "@file"}
#define PROFILE_ROW \
    {0, "profile", "PROFILE", "the response's format: auto, or one of `signal --list`", option_text, TO(profile), \
     "@profile"}
#define SENT_AT_ROW \
    {0, "sent-at", "INSTANT", "when the request was sent; a success clears refusals older than this", \
     option_instant, TO(sent_at), "@instant"}
#define YES_ROW {'y', "yes", NULL, "do not ask", option_flag, TO(yes), NULL}
#define HELP_ROWS_END {'h', "help", NULL, "print this help", NULL, 0, NULL}, {0}
/* clang-format on */

/* ---- kinds of values: what an option's row may have as .take --------------------------------- */

/* bool */
int option_flag(const struct option *option, const char *text, int64_t now_ns, void *to);

/* const char *, as it is written */
int option_text(const struct option *option, const char *text, int64_t now_ns, void *to);

/* const char *, one of the words that the row offers */
int option_word(const struct option *option, const char *text, int64_t now_ns, void *to);

/* An instant, and whether it was given. */
struct instant {
    int64_t ns;
    bool given;
};

/* struct instant of --at: what "now" means for the other options; the clock's when it is not given. */
int option_now(const struct option *option, const char *text, int64_t now_ns, void *to);

/* struct instant */
int option_instant(const struct option *option, const char *text, int64_t now_ns, void *to);

/* struct instant, the end of what begins now: "7d", which is 7 days ago, is refused. */
int option_end(const struct option *option, const char *text, int64_t now_ns, void *to);

/* int64_t, nanoseconds above 0 */
int option_length(const struct option *option, const char *text, int64_t now_ns, void *to);

/* uint32_t, TQ_RULE_... */
int option_rule(const struct option *option, const char *text, int64_t now_ns, void *to);

/* ---- commands -------------------------------------------------------------------------------- */

#define ANY_NUMBER INT32_MAX

struct command {
    const char *name;
    const char *operands; /* as the synopsis shows them */
    const char *summary;  /* one line, for the list of commands */
    const struct option *options;
    const char *notes; /* what follows the options in the help text */
    size_t request_bytes;
    int least, most;   /* how many operands */
    const char *needs; /* said when they are more or fewer; NULL where the message needs no more words */
    /* What completion offers for each operand, with '|' between, as .offers of an option. The last stands for
     * all that follow when it ends in "...". May be NULL. */
    const char *offers;
    const struct command *const *verbs; /* in place of the members below, a list that NULL ends */
    /* The request is filled; a NULL ends the operands. Answers CLI_... */
    int (*run)(void *request, char **operands, int count);
    /* What to answer when the command line is wrong, which is reported. NULL: CLI_ERROR. */
    int (*refuse)(void);
    /* Frees what the options of a request have allocated, also when the command line is wrong. NULL:
     * nothing. */
    void (*release)(void *request);
};

/* All commands in the order of the list of commands; a NULL ends them. */
extern const struct command *const commands[];

extern const struct command cmd_budget;
extern const struct command cmd_correct;
extern const struct command cmd_doctor;
extern const struct command cmd_exhausted;
extern const struct command cmd_explain;
extern const struct command cmd_forget;
extern const struct command cmd_import;
extern const struct command cmd_ledger;
extern const struct command cmd_mark;
extern const struct command cmd_observe;
extern const struct command cmd_probe;
extern const struct command cmd_replay;
extern const struct command cmd_reset;
extern const struct command cmd_route;
extern const struct command cmd_rule;
extern const struct command cmd_signal;
extern const struct command cmd_status;
extern const struct command cmd_statusline;
extern const struct command cmd_usage;
extern const struct command cmd_watch;

/* Prints the help text of one command. */
void command_help(FILE *out, const struct command *command);

/* Reads a command line and runs the command, which argv[0] names. */
int command_run(const struct command *command, int argc, char **argv);

/* The entry of names nearest to word, NULL when none is near; a NULL ends names. */
const char *nearest(const char *word, const char *const *names);

/* ---- complete.c ------------------------------------------------------------------------------ */

#define COMPLETE_WORDS "bash fish zsh man"

/* Prints what the rows say, of all commands or, with a name, of one, in the language of a shell's completion
 * or of the man page. CLI_YES. */
int complete_put(FILE *out, const char *shell, const char *name);

#endif
