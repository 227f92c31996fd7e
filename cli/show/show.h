/* show.h: what people see: verdicts, standings, days, usage, a replay, an import; and a document's way out.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SHOW_H
#define TOKENQUOTA_SHOW_H

#include <jansson.h>

#include "cli/screen.h"
#include "cli/session.h"
#include "view/replay.h"
#include "view/usage.h"
#include "view/verdict.h"

/* ---- words.c --------------------------------------------------------------------------------- */

/* "openai: OpenAI"; "generic", which is any vendor's. */
struct tq_profile;
void profile_put(FILE *out, const struct tq_profile *profile);

/* "throttled: wait 12 s", "reported: out of quota", "predicted"; "" when it is available. */
struct text verdict_reason(const struct tq_verdict *verdict);

/* "throttled: wait 12 s", "quota_exhausted (reported: out of quota) until 2026-...", "available". */
void verdict_put(FILE *out, const struct tq_verdict *verdict);

/* "1 record", "1,234 records" */
void put_plural(FILE *out, int64_t count, const char *word);

/* The ledger's own numbers, a line each. */
void info_put(FILE *out, const struct tq_ledger_info *info);

/* Prints a document, "schema" and these members, on stdout, indented or on one line. Frees them. */
void json_print(json_t *members, bool one_line);

/* ---- standings.c, days.c --------------------------------------------------------------------- */

/* Looks the names up, a NULL ends them, and reads how they stand; none: all. 0, or what the work of a session
 * answers. Free it whatever the answer. */
int standings_read(struct ledger_standings *all, struct session *session, char **names,
                   struct ledger_question question);

/* What commands that change a provider end with: shows how it stands, when --json was given or verbose is
 * true. answer is what session_provider or the library answered to the change; a failure is reported. 0, or
 * what the work answers. */
int standing_show(struct session *session, const struct request *request, const char *name, int answer,
                  bool verbose);

void standings_put(const struct style *style, const struct standings *standings);

/* every_day: numbers, however many days there are. */
void days_put(const struct style *style, const struct standings *standings, bool every_day);

/* ---- import.c -------------------------------------------------------------------------------- */

void import_lines(const struct import *import);
void import_json(const struct import *import);

/* ---- usage.c --------------------------------------------------------------------------------- */

void usage_put(const struct usage_report *report, const struct style *style, const struct usage_row *rows,
               size_t count, const struct usage_row *total);

/* ---- replay.c -------------------------------------------------------------------------------- */

/* Where a replay is shown: what its context points to. */
struct replay_screen {
    struct style style;
    struct progress progress;
    int name_columns; /* of the transition lines, 0 until the first */
    bool shown;       /* a transition was */
};

void replay_put_transition(struct replay *replay, const struct transition *transition);
void replay_put_summary(const struct replay *replay);

/* What was not counted and what is odd. */
void replay_put_remarks(const struct replay *replay);

#endif
