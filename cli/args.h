/* args.h: a command and its options, a row each: parsing, --help, completions and the man page come from the
 * rows.
 *
 * SPDX-License-Identifier: MIT
 *
 * A command line becomes a request, a struct that begins as zeros. Each option's row says where in the
 * request its value goes. A command with more options than the common ones has a struct of its own, which
 * begins with a struct request.
 */
#ifndef TOKENQUOTA_ARGS_H
#define TOKENQUOTA_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <tokenquota.h>

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

/* An instant, and whether it was given. */
struct instant {
    int64_t ns;
    bool given;
};

/* The part of a command line that many commands have. */
struct request {
    char **operands; /* a NULL ends them */
    size_t count;
    char *
        *command; /* what follows "--", of a command that runs one; a NULL ends it. NULL: there was no "--" */
    const char *ledger;
    const char *colour;
    struct instant at; /* the clock's time when --at is not given */
    bool json;
    bool verbose;
    bool yes;
};

/* Rows of the common options; ..._AS is for commands that describe the option in their own words. */
/* clang-format off */
#define FLAG_ROW(letter, name, to, help) {letter, name, NULL, help, option_flag, to, NULL}
#define AT_AS(help) {0, "at", "INSTANT", help, option_now, offsetof(struct request, at), "@instant"}
#define AT_ROW AT_AS("use this time instead of now (RFC 3339, epoch seconds, now-15m, tomorrow)")
#define COLOR_ROW \
    {0, "color", "WHEN", "use colour: auto, always or never", option_word, offsetof(struct request, colour), \
     "auto always never"}
#define JSON_AS(help) FLAG_ROW(0, "json", offsetof(struct request, json), help)
#define JSON_ROW JSON_AS("print one JSON document instead")
#define LEDGER_ROW \
    {0, "ledger", "PATH", "use this ledger, not that of `tokenquota ledger path`", option_text, \
     offsetof(struct request, ledger), "@file"}
#define VERBOSE_AS(help) FLAG_ROW('v', "verbose", offsetof(struct request, verbose), help)
#define YES_ROW FLAG_ROW('y', "yes", offsetof(struct request, yes), "do not ask")
#define HELP_ROWS_END {'h', "help", NULL, "print this help", NULL, 0, NULL}, {0}

#define POLICY_ROW(help, to) \
    {0, "policy", "POLICY", help, option_policy, to, "order sticky pressure sticky-pressure"}

/* Rows of the commands that read a response, whose file defines TO(field), the offset in its request. */
#define PROFILE_ROW \
    {0, "profile", "PROFILE", "the response's format: auto, or one of `signal --list`", option_text, \
     TO(profile), "@profile"}
#define SENT_AT_ROW \
    {0, "sent-at", "INSTANT", "when the request was sent; a success clears refusals older than this", \
     option_instant, TO(sent_at), "@instant"}
/* clang-format on */

/* ---- kinds of values: what an option's row may have as .take --------------------------------- */

/* bool */
int option_flag(const struct option *option, const char *text, int64_t now_ns, void *to);

/* const char *, as it is written */
int option_text(const struct option *option, const char *text, int64_t now_ns, void *to);

/* const char *, one of the words that the row offers */
int option_word(const struct option *option, const char *text, int64_t now_ns, void *to);

/* struct instant of --at: what "now" means for the other options; the clock's when it is not given. */
int option_now(const struct option *option, const char *text, int64_t now_ns, void *to);

/* struct instant */
int option_instant(const struct option *option, const char *text, int64_t now_ns, void *to);

/* struct instant, the end of what begins now: "7d", which is 7 days ago, is refused. */
int option_end(const struct option *option, const char *text, int64_t now_ns, void *to);

/* int64_t, nanoseconds above 0 */
int option_length(const struct option *option, const char *text, int64_t now_ns, void *to);

/* int64_t, nanoseconds above 0, at most TQ_LEASE_MAX_NS */
int option_lease(const struct option *option, const char *text, int64_t now_ns, void *to);

/* const char *, a provider's name as import makes it: "{tool}", "{vendor}: {model}" */
int option_pattern(const struct option *option, const char *text, int64_t now_ns, void *to);

/* uint32_t, TQ_RULE_... */
int option_rule(const struct option *option, const char *text, int64_t now_ns, void *to);

/* uint32_t, TQ_POLICY_... */
int option_policy(const struct option *option, const char *text, int64_t now_ns, void *to);

/* int64_t, tokens above 0 */
int option_tokens(const struct option *option, const char *text, int64_t now_ns, void *to);

/* uint32_t, a percent from 1 to 100 */
int option_percent(const struct option *option, const char *text, int64_t now_ns, void *to);

/* struct given_limits: a further one, PROVIDER=SENTENCE */
int option_limit(const struct option *option, const char *text, int64_t now_ns, void *to);

/* struct given_accounts: a further one, 'NAME: SENTENCE; SENTENCE' */
int option_account(const struct option *option, const char *text, int64_t now_ns, void *to);

/* ---- limits.c -------------------------------------------------------------------------------- */

/* clang-format off */
#define LIMIT_ROW(to) \
    {'l', "limit", "PROVIDER=SENTENCE", "a limit: claude='900 requests per day'; * means all others", option_limit, \
     to, NULL}
/* clang-format on */

/* The limits of a command line. */
struct given_limits {
    struct given_limit {
        char *provider; /* "*": every provider without its own */
        struct tq_limit limit;
    } * items;
    size_t count, capacity;
};

/* The accounts of a command line, and their limits. */
struct given_accounts {
    char **names; /* one may be there twice */
    size_t count, capacity;
    struct given_limits limits;
};

void given_accounts_free(struct given_accounts *accounts);

/* Sets them. 0, or -1 with a report. */
struct windows;
int given_limits_set(const struct given_limits *limits, struct windows *windows);
void given_limits_free(struct given_limits *limits);

/* ---- values of operands ---------------------------------------------------------------------- */

/* RFC 3339 and epoch units as base/time.h reads them, epoch seconds from 2001 on; a day as day_parse reads
 * it, which is 00:00 UTC here; "now"; "now+15m"; "7d", which is 7 days ago. now_ns is what "now" means.
 * option is for the messages. -1, reported, when it is none. */
int instant_parse(const char *option, const char *text, int64_t now_ns, int64_t *at_ns);

/* The instant of --at where it was given, else the clock's. */
int64_t instant_now(struct instant at);

#define BOUNDS_END 1u   /* the bound is behind what is named: a day means its end */
#define BOUNDS_LOCAL 2u /* a day is one of the local zone, not of UTC */

/* A whole day: 2026-03-05, 20260305, yesterday, today, tomorrow; or an instant as
 * instant_parse reads it. -1, reported, when it is neither. */
int bounds_parse(const char *option, const char *text, int64_t now_ns, unsigned flags, int64_t *at_ns);

struct tq_log_source;
struct tq_profile;

/* The source by that name, NULL for "all". 0, or -1 with a report. */
int source_parse(const char *word, const struct tq_log_source **source);

/* The profile of --profile; NULL with 0 for none and "auto". -1, reported, for a name that there is not. */
int profile_parse(const char *name, const struct tq_profile **profile);

/* A percent from 1 to 100: 80 or 80%. False when it is none. */
struct tq__span;
bool percent_parse(struct tq__span text, uint32_t *percent);

/* ---- commands -------------------------------------------------------------------------------- */

#define ANY_NUMBER INT32_MAX

/* What a command does to the ledger. */
enum session_use {
    SESSION_CREATE, /* write; make it when there is none */
    SESSION_WRITE,
    SESSION_RESET, /* write, and forget usage */
    SESSION_READ,  /* for reading only where nothing else is allowed */
    SESSION_LOOK,  /* the same; when there is none the work is done without one: session->ledger is NULL */
};

struct session;

struct command {
    const char *name;
    const char *operands; /* as the synopsis shows them */
    const char *summary;  /* one line, for the list of commands */
    const struct option *options;
    const char *notes;    /* what follows the options in the help text */
    size_t request_bytes; /* 0: a struct request holds all its options */
    int least, most;      /* how many operands */
    bool of_run;          /* the names of providers among its operands mean the run that it belongs to */
    bool runs;            /* what follows "--" is a command to run, and no operand */
    const char *needs;    /* said when they are more or fewer; NULL where the message needs no more words */
    /* What completion offers for each operand, with '|' between, as .offers of an option. The last stands for
     * all that follow when it ends in "...". May be NULL. */
    const char *offers;
    const struct command *const *verbs; /* in place of the members below, a list that NULL ends */
    /* Works on a ledger, see session_work. */
    enum session_use use;
    int (*work)(struct session *session, void *request);
    /* Works without a ledger, or checks the request first. Answers CLI_... NULL: there is only work. */
    int (*run)(void *request);
    /* What to answer when the command line is wrong, which is reported. NULL: CLI_ERROR. */
    int (*refuse)(void);
    /* Frees what the options of a request have allocated, also when the command line is wrong. NULL:
     * nothing. */
    void (*release)(void *request);
};

/* All commands in the order of the list of commands; a NULL ends them. */
extern const struct command *const commands[];

extern const struct command cmd_budget, cmd_correct, cmd_doctor, cmd_exhausted, cmd_explain, cmd_forget,
    cmd_hold, cmd_hook, cmd_import, cmd_ledger, cmd_limit, cmd_mark, cmd_mcp, cmd_observe, cmd_poll,
    cmd_preset, cmd_probe, cmd_replay, cmd_reset, cmd_route, cmd_rule, cmd_run, cmd_serve, cmd_set,
    cmd_signal, cmd_status, cmd_statusline, cmd_sync, cmd_usage, cmd_watch;
extern const struct command hold_settle;
extern const struct command ledger_backup, ledger_compact, ledger_create, ledger_restore;

/* Prints the help text of one command. */
void command_help(FILE *out, const struct command *command);

#define ARGS_ERROR (-3) /* an unknown option, a missing or unwanted value; already reported */
#define ARGS_HELP (-4)  /* the help was asked for and printed */

/* Reads the options behind argv[0] into a request of zeros; operands go to the front of argv. 0, ARGS_ERROR,
 * ARGS_HELP. */
int args_read(const struct command *command, int argc, char **argv, struct request *request);

/* Reports a word that is none of names: 'unknown source "cluade"; did you mean "claude"?', or the hint when
 * no name is near. dashes, "--" or "", are put before both. Returns CLI_ERROR. */
int report_unknown(const char *unknown, const char *dashes, const char *word, const char *const *names,
                   const char *hint);

/* ---- complete.c ------------------------------------------------------------------------------ */

#define COMPLETE_WORDS "bash fish zsh man"

/* Prints the rows, of all commands or, with a name, of one, in the language of a shell's completion or of the
 * man page, one of COMPLETE_WORDS. */
void complete_put(FILE *out, const char *shell, const char *name);

#endif
