/* cli.h: how commands say something: messages on stderr, text, numbers and instants, the look of the screen.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_CLI_H
#define TOKENQUOTA_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <stdarg.h>

/* The exit status, which is what a command's run() answers. */
#define CLI_YES 0   /* the answer is yes: available */
#define CLI_NO 1    /* the answer is no: exhausted */
#define CLI_ERROR 2 /* could not decide; one line on stderr says why */

#define PATH_BYTES 4096 /* PATH_MAX, which not every standard has */

#define DAY_NS INT64_C(86400000000000)
#define HOUR_NS INT64_C(3600000000000)
#define SECOND_NS INT64_C(1000000000)

/* ---- report.c -------------------------------------------------------------------------------- */

/* The subcommand that runs, for the messages' prefix; NULL for none. */
void report_command(const char *name);

/* One line on stderr, "tokenquota: COMMAND: ..."; whatever it quotes, no control character gets through. */
__attribute__((format(printf, 1, 2))) void report(const char *format, ...);

struct listener;

/* Reports why the work failed, listener->why; -1. */
int report_why(const struct listener *listener);

/* Reports each trouble as one line. */
struct listener report_listener(void);

/* Writes out what stdout holds. -1, reported, when it did not all arrive. */
int report_flush_stdout(void);

/* Reads all of a file, or of standard input for "-" or NULL; the caller frees *bytes, which ends in a NUL
 * that *len does not count. -1, reported, when it cannot be read or holds more than most_bytes; *bytes then
 * holds what was read so far, or is NULL. */
int input_read(const char *path, size_t most_bytes, char **bytes, size_t *len);

struct response;
struct tq_profile;

/* Reads a response from a file, as input_read, and takes it apart. 0, or -1 with a report: body is then what
 * was read of it, or all that was read when it cannot be taken apart. Free it whatever the answer. */
int response_read(struct response *response, const char *path);

struct request;

/* Asks on the terminal, unless --yes was given. CLI_YES; CLI_NO, said so. Without a terminal: CLI_YES unless
 * needs_yes, else CLI_ERROR, reported. */
__attribute__((format(printf, 3, 4))) int confirm(const struct request *request, bool needs_yes,
                                                  const char *format, ...);

/* Reports that there is no memory, and ends the command. The ledger and the store of imports stay valid. */
_Noreturn void no_memory(void);

/* Gives back what an allocation returned; NULL ends the command. */
void *must_have(void *memory);

/* ---- text.c: UTF-8 and columns --------------------------------------------------------------- */

/* Formats as printf. What is control or not UTF-8 becomes \xNN, with ascii also what is not ASCII; what does
 * not fit is cut with "...". */
__attribute__((format(printf, 4, 0))) void text_vformat(char *out, size_t capacity, bool ascii,
                                                        const char *format, va_list list);

/* The text as UTF-8 without control characters, each of which becomes \xNN; the caller frees it. */
char *text_safe(const char *text);

/* True when the locale's encoding is UTF-8. */
bool text_locale_is_utf8(void);

/* Columns that the text takes on a terminal. */
int text_columns(const char *text);

/* The larger of both: a width, and the columns of a text. */
int text_widest(int width, const char *text);

struct style;

/* Prints a provider's name in at most width columns, cut in the middle when longer; pad adds spaces. */
void text_put_name(const struct style *style, const char *name, int width, bool pad);

/* ---- style.c: the look of the screen --------------------------------------------------------- */

struct style {
    FILE *out;
    bool terminal;
    bool colour;
    bool unicode;     /* block bars and the one-column ellipsis */
    bool ascii_names; /* a terminal that would not show UTF-8 */
    int width;        /* columns */
};

#define PAINT_BOLD "1"
#define PAINT_DIM "2"
#define PAINT_RED "31"
#define PAINT_GREEN "32"
#define PAINT_YELLOW "33"

/* The style of stdout; colour is "auto", "always" or "never", or NULL for auto. */
void style_init(struct style *style, const char *colour);

/* COLUMNS, else what the terminal at fd says, else 80. */
int style_width(int fd);

void paint(const struct style *style, const char *how);
void unpaint(const struct style *style);

/* The colour of a provider that has used so much of its budget. */
const char *paint_of_usage(int64_t used, int64_t budget, bool exhausted);

/* One column of a chart: level 0 is the lowest of LEVELS. LEVELS_WORDS names the lowest and the highest. */
#define LEVELS 8
#define LEVELS_WORDS(style) ((style)->unicode ? "\xe2\x96\x81 to \xe2\x96\x88" : ": to #")
void level_put(const struct style *style, int level);

/* A bar of width columns, filled by used of budget. */
void bar_put(const struct style *style, int64_t used, int64_t budget, int width);

/* ---- format.c: numbers, lengths, instants ---------------------------------------------------- */

/* Short texts go by value: printf("%s", format_exact(n).s). */
struct text {
    char s[80];
};

#define ROUND_DOWN false
#define ROUND_UP true

struct text format_exact(int64_t n);                     /* 12,345,678 */
struct text format_short(int64_t n, bool round);         /* 12.3M; exact below 10,000; 5 columns at most */
struct text format_percent(int64_t part, int64_t whole); /* 43%, rounded; but 99.6% is not 100% */
struct text format_dollars(int64_t nano_usd);            /* $1,234.50, to the cent */
struct text format_care(unsigned quarters);              /* 5/4, 1/2, 3 */
struct text format_length(int64_t length_ns);            /* 2 h 5 min, as tq__length_write has it */
struct text format_rfc3339(int64_t at_ns);               /* 2026-03-04T09:41:07.25Z, every nanosecond */
struct text format_time(int64_t at_ns, bool local, const char *format); /* as strftime */
struct text format_local_soon(int64_t at_ns, int64_t now_ns);           /* 01:00, Thu 01:00, Mar 12 01:00 */

/* 2026-03-04 09:41:07, its parts, and 2026-03-04 10:41:07 CET */
#define format_utc(at_ns) format_time(at_ns, false, "%Y-%m-%d %H:%M:%S")
#define format_utc_day(at_ns) format_time(at_ns, false, "%Y-%m-%d")
#define format_local(at_ns) format_time(at_ns, true, "%Y-%m-%d %H:%M:%S %Z")
#define format_local_hour(at_ns) format_time(at_ns, true, "%H:%M %Z")

/* "until 2026-03-05 00:00:00Z (2026-03-05 01:00:00 CET), in 7 h 15 min" */
void until_put(FILE *out, int64_t until_ns, int64_t now_ns);

#endif
