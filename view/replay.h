/* replay.h: feeds usage logs to the library, and notes what changes meanwhile.
 *
 * SPDX-License-Identifier: MIT
 *
 * replay_read.c reads the records. replay.c sorts them, feeds them to the library, notes transitions, and
 * sums up at the end.
 */
#ifndef TOKENQUOTA_VIEW_REPLAY_H
#define TOKENQUOTA_VIEW_REPLAY_H

#include <tokenquota.h>
#include <tokenquota_logs.h>

#include "accounts.h"
#include "base/list.h"
#include "listener.h"
#include "standings.h"
#include "windows.h"

#define REPLAY_BAD_LINES 20

/* Providers by name and by number. A provider keeps its number. */
struct providers {
    struct provider *items;
    size_t count;
    size_t capacity;
    struct tq__index index; /* by name */
    struct tq_ledger *ledger;
    int64_t default_budget; /* of "*" */
};

/* One record of a log. It is small because a whole log is held in memory to be sorted. */
struct usage {
    int64_t at_ns;
    int64_t tokens;
    uint32_t provider; /* its number in providers */
    uint32_t number;   /* how many records were read before it: the order at one instant */
};

struct transition {
    int64_t at_ns;
    uint32_t provider;
    int to;              /* TQ_AVAILABLE or TQ_QUOTA_EXHAUSTED; the state before was the other one */
    int64_t used;        /* on its day, with the record that caused the change */
    int64_t projection;  /* (exhausted only) usage expected at the day's end, -1 for none */
    int64_t retry_at_ns; /* (exhausted only) */
    const struct limit_windows *limit; /* (exhausted only) the limit that binds; NULL: it is the budget */
    int64_t limit_used;                /* in the limit's unit */
};

/* Records that the library refused for one reason. */
struct refused {
    uint64_t count;
    char first[352]; /* file, line, provider and instant of the first one */
};

#define REFUSED_CODES 8 /* the index is minus the code; 0 for all other codes */

/* A place in a log, for messages and examples. */
struct place_in_log {
    const char *path;
    uint64_t line;
};

struct bad_line {
    struct place_in_log at;
    char msg[240];
};

struct replay {
    struct providers providers;
    struct usage *usages; /* records that are read and not fed yet; with as_is each is fed at once */
    size_t usage_count;
    size_t usage_capacity;
    bool usages_unordered;
    struct tq_usage *parts; /* of each record that is read: what limits of other units than tokens count */
    size_t parts_capacity;
    bool with_parts; /* a limit needs them */
    int64_t *starts; /* of each record that is read: when its call began, TQ_LOG_NO_START: unknown */
    size_t starts_capacity;
    bool with_starts;         /* the score needs them */
    struct windows windows;   /* of the limits */
    struct accounts accounts; /* without one each record is of its own provider */
    struct tq__heap pending;  /* providers that are exhausted until an instant, the earliest first */

    int64_t first_at_ns; /* the first and the last of the records counted */
    int64_t end_at_ns;
    int64_t last_at_ns; /* of the record before this one */
    int64_t records;    /* counted */
    int64_t tokens;
    int64_t transitions;
    int64_t steps_back;
    int64_t longest_back_ns;
    struct place_in_log longest_back;
    struct refused refused[REFUSED_CODES];
    struct bad_line bad_lines[REPLAY_BAD_LINES];
    uint64_t bad_line_count;

    uint32_t rule; /* TQ_RULE_... for all providers, never TQ_RULE_DEFAULT */
    uint32_t care; /* under TQ_RULE_CARE, in quarters; under any other TQ_CARE_DEFAULT */
    bool of_tools; /* no log was named: the logs that tools keep are read */
    bool as_is;
    bool strict;
    struct place_in_log at; /* the line being read; path NULL when sorted records are fed */
    struct listener *listener;
    void (*on_transition)(struct replay *replay, const struct transition *transition); /* NULL: nobody asks */
    void *context;                                                                     /* the caller's */
    struct json_t *json; /* of replay_json_begin */
};

/* ---- replay.c -------------------------------------------------------------------------------- */

/* Begins, with a ledger in memory that has replay->rule. 0, or -1 with listener->why. Free it whatever the
 * answer. */
int replay_begin(struct replay *replay);
void replay_free(struct replay *replay);

/* Finds a provider, or makes it. 0 with *number set, else the library's code. */
int replay_provider(struct replay *replay, const char *name, size_t len, uint32_t *number);

/* Sets the budget of a provider, or with "*" of every provider that is made later. 0, or the library's
 * code. */
int replay_budget(struct replay *replay, const char *name, int64_t tokens);

/* Places the records on this account, among others. 0, or the library's code. */
int replay_account(struct replay *replay, const char *name);

/* The following return 0, or -1 with listener->why. */

/* Feeds one record. parts: what it is made of, or NULL. */
int replay_feed(struct replay *replay, const struct usage *usage, const struct tq_usage *parts);

/* Sorts usages by time; those of one instant stay in the order in which they were read. */
void replay_sort(struct replay *replay);

/* Feeds usages in that order. */
int replay_feed_all(struct replay *replay);

/* Notes that the library refused a record. 0: go on. -1: with strict, or without memory. */
int replay_refuse(struct replay *replay, int code, const char *name, size_t len, int64_t at_ns);

/* Finds out how all providers stand at the log's end. The caller frees items. */
int replay_standings(struct replay *replay, struct standings *standings);

/* ---- replay_read.c: 0, or -1 with listener->why ------------------------------------------------ */

/* Reads one log. Feeds each record at once with as_is, else appends it to usages. */
int replay_read(struct replay *replay, const char *path);

/* Reads the logs that tools keep and appends each response once to usages. */
int replay_read_logs(struct replay *replay);

/* ---- replay_json.c --------------------------------------------------------------------------- */

/* Collects the transitions from here on, unless quiet. */
void replay_json_begin(struct replay *replay, bool quiet);

/* The document; NULL on no memory. */
struct json_t *replay_json_end(struct replay *replay, const struct standings *standings, char **paths,
                               size_t path_count);

/* Parts of it: the files that were read, what was refused, bad lines, and budgets that nobody used. */
struct json_t *replay_paths_json(char **paths, size_t path_count);
struct json_t *replay_refused_json(const struct replay *replay);
struct json_t *replay_bad_lines_json(const struct replay *replay);
struct json_t *replay_unused_json(const struct replay *replay);

#endif
