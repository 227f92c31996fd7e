/* ledger_standings.h: how the providers of a ledger stand, for whoever shows it: a line, a table, JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_LEDGER_STANDINGS_H
#define TOKENQUOTA_LEDGER_STANDINGS_H

#include "cli/session.h"
#include "standings.h"

struct ledger_standings {
    struct provider *providers;
    size_t count;
    size_t capacity;
    struct tq_ledger_info info;
    struct standings standings;
};

/* What is asked for. */
struct ledger_question {
    char **names; /* a NULL ends them; none: all */
    int64_t at_ns;
    const char *now; /* as in struct standings */
    bool days;       /* with what was used day by day */
};

/* 0, or what the work of a session answers: CLI_ERROR, reported, or TQ_EGONE. Free it whatever the answer. */
int ledger_standings_make(struct ledger_standings *all, struct session *session,
                          const struct ledger_question *question);
void ledger_standings_free(struct ledger_standings *all);

/* One line for each: "openai: available, 1,200 of 1,000,000 tokens used in UTC day 2026-03-04". */
void standing_lines(FILE *out, const struct standings *standings);

/* The document of all commands that show standings. 0, or -1 with a report. */
int standings_json(const struct ledger_standings *all, const struct session *session, bool with_days,
                   bool one_line);

/* What observe, correct and mark do with -v or --json once they are done: 0, or what the work answers. */
int standing_show(struct session *session, const char *name, int64_t at_ns, bool verbose, bool json);

/* The same of the ledger itself, as lines and as JSON (json_t *, for who includes json_words.h). */
void info_put(FILE *out, const struct tq_ledger_info *info);
struct json_t *info_json(const struct tq_ledger_info *info);

#endif
