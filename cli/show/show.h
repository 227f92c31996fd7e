/* show.h: prints verdicts, standings, days, usage, replays, imports and JSON documents.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SHOW_H
#define TOKENQUOTA_SHOW_H

#include <jansson.h>

#include "cli/screen.h"
#include "cli/session.h"
#include "view/lasts.h"
#include "view/limits.h"
#include "view/accounts.h"
#include "view/replay.h"
#include "view/score.h"
#include "view/usage.h"
#include "view/verdict.h"

/* ---- words.c --------------------------------------------------------------------------------- */

/* "openai: OpenAI"; "generic", which stands for any vendor. */
struct tq_profile;
void profile_put(FILE *out, const struct tq_profile *profile);

/* "limit 2 of its pool, requests per day", "limit 1, tokens in 5 h": the limit that a verdict names. */
struct text verdict_limit(const struct tq_verdict *verdict);

/* "throttled: wait 12 s", "reported: out of quota", "predicted", "predicted: limit 2, requests per day",
 * "spent: limit 2, requests per day", "spent to the reserve: limit 2, requests per day"; "" when it is
 * available. */
struct text verdict_reason(const struct tq_verdict *verdict);

/* "throttled: wait 12 s", "quota_exhausted (reported: out of quota) until 2026-...", "available". */
void verdict_put(FILE *out, const struct tq_verdict *verdict);

/* "cut off from the other machines for 3 s"; "" when it hears them, shares with none, or never heard one. */
struct text cut_off_words(const struct tq_ledger *ledger, int64_t now_ns);

/* "1 record", "1,234 records" */
struct text plural(uint64_t count, const char *word);

/* 12,345,678 when exact, else 12.3M. */
struct text format_count(int64_t n, bool exact, bool round);

/* 435 tenths of a percent are 43.5%. point: 43.0%, too, below 100%. */
struct text format_tenths(int64_t tenths, bool point);

/* The cells of input, cache write, cache read, output, other and total. dashes: an unknown number is "-". */
struct table;
void classes_cells(struct table *table, const struct classes *classes, bool exact, bool dashes);

/* "2.45M to 4M": where 8 of 10 days end that used as much; "above all 14" days that were looked at; "" when
 * they are too few. */
struct text interval_words(const struct outlook *outlook);

/* Prints each of the ledger's own numbers on a line. */
void info_put(FILE *out, const struct tq_ledger_info *info);

/* Prints a document, "schema" and these members, on stdout, indented or on one line. Frees them. */
void json_print(json_t *members, bool one_line);

/* ---- standing.c, standings.c, days.c --------------------------------------------------------- */

/* Looks the names up, up to a NULL, and reads how these providers stand; without names all of them. The
 * caller has filled in its part of *all. 0, or what the work of a session answers. Free it whatever the
 * answer. */
int standings_read(struct ledger_standings *all, struct session *session, char **names);

/* What commands that change a provider end with: shows how it stands, when --json was given or verbose is
 * true. answer is what session_provider or the library answered to the change; a failure is reported. 0, or
 * what the work answers. */
int standing_show(struct session *session, const struct request *request, const char *name, int answer,
                  bool verbose);

void standings_put(const struct style *style, const struct standings *standings);

/* What each provider used day by day, when there are several days. every_day: numbers, however many days
 * there are.*/
void days_put(const struct style *style, const struct standings *standings, bool every_day);

/* ---- limits.c: limits as labels, numbers and lines ------------------------------------------- */

/* "day Los_Angeles", "5 h requests", "7 d opus": the window, and the unit where it is neither tokens nor
 * dollars nor a share. */
struct text limit_label(const struct tq_limit *limit);

/* 1.24M, $12.50: a number of the limit's unit, rounded down, or to the nearest cent. */
struct text limit_number(uint32_t unit, int64_t n);

/* The same, every digit of it: 1,234,567, $12.345678. */
struct text limit_exact(uint32_t unit, int64_t n);

/* What was used, as limit_number has it; of a limit that the vendor states, "+12.3k": what was counted here
 * since its word. */
struct text limit_used(const struct tq_limit_state *state);

/* The part that is used, "43%"; "-" when nobody knows. */
struct text limit_percent(const struct tq_limit_state *state);

/* "spent", "runs out 15:10", "lasts"; "" when nothing is known. */
struct text lasts_words(struct lasts lasts, int64_t now_ns);

/* What ends the window, in at most room columns: "spent, resets 09:00, in 1 h 54 min", "lasts, resets 09:00",
 * "resets 14:30, in 1 h; vendor, 40 s ago". Empty
 * for a limit of which nothing is to be said. */
struct text limit_when(const struct tq_limit_state *state, int64_t now_ns, int room);

/* Writes "5M tokens per day; 1.2M used, 24%; resets 09:00, in 1 h 54 min", and ends the line. What does not
 * fit behind `before`, which is written already, goes into a line of its own, so far to the right. */
void limit_put(const struct style *style, const struct tq_limit_state *state, int64_t now_ns, int before);

/* Writes a line for each limit whose count is not what was used: a wrong clock took a part of it, or records
 * had no cost. */
void limit_remarks(FILE *out, const char *provider, const struct limits *limits);

/* ---- usage.c --------------------------------------------------------------------------------- */

void usage_put(const struct usage_report *report, const struct style *style);

/* Prints what is not in it. */
void usage_put_remarks(const struct usage_report *report, const struct style *style);

/* ---- windows.c ------------------------------------------------------------------------------- */

/* Prints a line for each limit: how many windows, and the most that was used in one. */
void windows_put_sums(const struct windows *windows, const struct style *style);

/* Prints a line for each window that ends after since_ns, limit by limit. at_ns is now. */
void windows_put(const struct windows *windows, int64_t since_ns, int64_t until_ns, int64_t at_ns,
                 const struct style *style);

/* Prints why a transition happened that a limit caused. */
void limit_put_reason(FILE *out, const struct transition *transition, bool exact);

/* ---- import.c: an import's totals, in lines and as one document --------------------------- */

void import_lines(const struct import *import);
void import_json(const struct import *import);

/* ---- accounts.c ------------------------------------------------------------------------------ */

/* What became of the calls that were placed on accounts; nothing without accounts. tokens: of those that were
 * placed. */
void accounts_put(const struct accounts *accounts, const struct style *style, int64_t tokens);

/* ---- replay.c -------------------------------------------------------------------------------- */

/* The screen that shows a replay. The context of the replay points to it. */
struct replay_screen {
    struct style style;
    struct progress progress;
    int name_columns; /* of the names in transition lines; 0 before the first line */
    bool shown;       /* a transition was shown */
};

void replay_put_transition(struct replay *replay, const struct transition *transition);
void replay_put_summary(const struct replay *replay);

/* Prints what was not counted, and what is odd. */
void replay_put_remarks(const struct replay *replay);

/* ---- score.c --------------------------------------------------------------------------------- */

/* Prints how the rules did with each provider, unless quiet, and with all of them; and which care is advised.
 */
void score_put(const struct score *score, const struct style *style, bool quiet);

#endif
