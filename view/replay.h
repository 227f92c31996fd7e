/* replay.h: what the files replay_*.c share: a log being fed through the library, and what is seen meanwhile.
 *
 * SPDX-License-Identifier: MIT
 *
 * The way of a record: replay_load.c, or replay_logs.c, reads it, replay_sort.c puts it in order, replay_run.c
 * feeds it to the library and sees transitions; cmd_replay.c sums up at the end; replay_lines.c, replay_json.c
 * and what is in standings.h show it.
 */
#ifndef TOKENQUOTA_REPLAY_H
#define TOKENQUOTA_REPLAY_H

#include <tokenquota.h>
#include <tokenquota_logs.h>

#include "base/list.h"
#include "standings.h"

#define BAD_LINES_SHOWN 20

/* Providers by name and by number; a number stays what it is. */
struct providers {
    struct provider *items;
    size_t count;
    size_t capacity;
    struct tq__index index; /* by name */
    struct tq_ledger *ledger;
    int64_t default_budget; /* of "*" */
};

/* One record of a log, as small as it goes: a long log is held in memory to be sorted. */
struct usage {
    int64_t at_ns;
    int64_t tokens;
    uint32_t provider; /* its number */
    uint32_t unused;
};

struct transition {
    int64_t at_ns;
    uint32_t provider;
    int to;              /* TQ_AVAILABLE or TQ_QUOTA_EXHAUSTED; from the other */
    int64_t used;        /* of its day, with the record that did it */
    int64_t projection;  /* usage expected at the day's end, -1 for none; when exhausted */
    int64_t retry_at_ns; /* when exhausted */
};

/* Records that the library refused for one reason. */
struct refused {
    uint64_t count;
    char first[352]; /* which: file, line and provider */
};

#define REFUSED_CODES 8 /* index: minus the code; 0 for a code that is not in the list */

/* A place in a log, for messages and examples. */
struct place_in_log {
    const char *path;
    uint64_t line;
};

struct bad_line {
    const char *path;
    uint64_t line;
    char msg[240];
};

struct replay {
    struct providers providers;
    struct usage *usages; /* read and not yet fed; unless as_is */
    size_t usage_count;
    size_t usage_capacity;
    bool usages_unordered;
    struct tq__heap pending; /* providers by the instant until which they are exhausted */

    int64_t first_at_ns; /* of the records counted */
    int64_t end_at_ns;
    int64_t last_at_ns; /* of the record before */
    int64_t records;    /* counted */
    int64_t tokens;
    int64_t transitions;
    int64_t steps_back;
    int64_t longest_back_ns;
    struct place_in_log longest_back;
    struct refused refused[REFUSED_CODES];
    struct bad_line bad_lines[BAD_LINES_SHOWN];
    uint64_t bad_line_count;

    uint32_t rule; /* TQ_RULE_... of all providers */
    bool of_tools; /* no log was named: those that tools keep */
    bool as_is;
    bool strict;
    bool quiet;
    bool every_day;
    struct place_in_log at; /* the line being read; path NULL when sorted records are fed */
    struct progress progress;
    struct style style;
    int name_columns; /* of the transition lines, 0 until the first */
    void (*on_transition)(struct replay *replay, const struct transition *transition);
    void *json; /* of replay_json.c */
};

/* ---- replay_providers.c -------------------------------------------------------------------------- */

/* On a ledger of this rule. 0, or -1 with a report. */
int providers_init(struct providers *providers, uint32_t rule);
void providers_free(struct providers *providers);

/* Finds or makes the provider, once a record: 0 with *number set, else the library's code. */
int providers_number(struct providers *providers, const char *name, size_t len, uint32_t *number);

/* Sets the budgets; 0, or -1 with a report. */
int providers_apply(struct providers *providers, const struct budgets *budgets);

/* ---- replay_load.c, replay_sort.c, replay_run.c: 0, or -1 with a report --------------------------- */

/* Reads one log: feeds it at once with as_is, else appends to usages. */
int replay_read(struct replay *replay, const char *path);

/* Appends to usages. */
int replay_append(struct replay *replay, const struct usage *usage);

/* Reads the logs that tools keep, each response once, to usages. */
int replay_read_logs(struct replay *replay);

/* Puts usages in the order of time; those of one instant stay as they were. */
int replay_sort(struct replay *replay);

/* Feeds one record. */
int replay_feed(struct replay *replay, const struct usage *usage);

/* Feeds usages. */
int replay_feed_all(struct replay *replay);

/* Notes a refusal; -1 only with strict or when going on makes no sense. */
int replay_refuse(struct replay *replay, int code, const char *name, size_t len, int64_t at_ns);

/* ---- what is shown: replay_lines.c, replay_json.c ------------------------------------------------- */

void lines_transition(struct replay *replay, const struct transition *transition);
void lines_summary(const struct replay *replay);

/* What was not counted and what is odd. */
void lines_remarks(const struct replay *replay);
int json_begin(struct replay *replay);
int json_end(struct replay *replay, const struct standings *standings, char **paths, size_t path_count);
void json_drop(struct replay *replay);

#endif
