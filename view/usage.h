/* usage.h: what logs and the ledger tell of usage, each response once, in cells that add up to rows.
 *
 * SPDX-License-Identifier: MIT
 *
 * usage.c reads the logs, one file after the other, and keeps each response in memory until all are read,
 * about a hundred bytes each: which of its entries is true is known at the end. usage_sums.c has the
 * sums. */
#ifndef TOKENQUOTA_VIEW_USAGE_H
#define TOKENQUOTA_VIEW_USAGE_H

#include "base/list.h"
#include "base/time.h"
#include "import/classes.h"
#include "import/import.h"
#include "listener.h"

enum usage_by { BY_DAY, BY_WEEK, BY_MONTH, BY_SESSION, BY_MODEL, BY_PROVIDER, BY_TOOL };

/* Texts by number; a number stays what it is. */
struct usage_texts {
    char **items;
    size_t count;
    size_t capacity;
    struct tq__index index;
};

/* What was used under one row's key, by one model, on one day. */
struct usage_cell {
    uint32_t row;
    uint32_t model;
    int64_t day; /* since 1970-01-01, in the zone of the report */
    struct classes classes;
    int64_t cost_nano_usd;
    int64_t costs; /* responses whose cost is known */
};

/* A response, as its best entry so far tells it. */
struct usage_response {
    uint64_t key;
    uint64_t rank;
    int64_t at_ns;
    int64_t amount; /* as --count says */
    int64_t cost_nano_usd;
    struct classes classes;
    uint32_t row;
    uint32_t model;
};

struct usage_request {
    struct import_request logs; /* paths, source, name, count, since_ns, at_ns */
    enum usage_by by;
    int64_t until_ns; /* INT64_MAX: to the last */
    bool local;
};

struct usage_report {
    struct usage_request request;
    struct listener listener;
    struct usage_texts rows;
    struct usage_texts models;
    struct usage_response *responses;
    size_t response_count;
    size_t response_capacity;
    struct tq__index response_index; /* by key */
    struct usage_cell *cells;
    size_t cell_count;
    size_t cell_capacity;
    int64_t logged;   /* tokens of the responses, with cache reads */
    int64_t counted;  /* those of them that count against limits */
    uint64_t entries; /* read */
    uint64_t files;
    uint64_t bad_lines;
    uint64_t broken;
    size_t live;             /* providers of the ledger that no import feeds, and that are in the sums */
    int64_t live_elsewhere;  /* tokens of the ledger that this kind of rows has no place for */
    char why[LISTENER_LINE]; /* in words, after a failure */
};

/* One row of what is shown: the sum of its cells. */
struct usage_row {
    const char *key;
    uint32_t number;
    struct classes classes;
    int64_t cost_nano_usd;
    int64_t costs;
    int64_t last_day; /* for the order of sessions */
};

/* ---- usage.c: 0, or -1 with report->why ------------------------------------------------------ */

/* Reads all logs that the request names into responses. */
int usage_read(struct usage_report *report);

/* Adds the responses up, and frees them. */
int usage_sum(struct usage_report *report);

/* Adds the days of providers that are counted live alone, from the ledger at that path. */
int usage_add_ledger(struct usage_report *report, struct tq_ledger *ledger, const char *path);
void usage_free(struct usage_report *report);

/* "day", "week", ... */
const char *usage_by_word(enum usage_by by);

/* The day that holds an instant, counted from 1970-01-01, and where a day begins; of UTC or the local
 * zone. */
int64_t zone_day(int64_t at_ns, bool local);
int64_t zone_day_begin(int64_t day, bool local);

/* ---- usage_sums.c ---------------------------------------------------------------------------- */

/* Adds to the cell; false: no memory. */
bool cells_add(struct usage_report *report, const struct usage_cell *add);

/* Puts cells of one row, model and day together, in the order of row, model and day. */
void cells_merge(struct usage_report *report);

/* The first cell of a row, once they are merged; the others follow it. */
size_t cells_of(const struct usage_report *report, uint32_t row);

/* The rows in the order in which they are shown; NULL on no memory. */
struct usage_row *cells_rows(const struct usage_report *report, size_t *count, struct usage_row *total);

/* The days from the first to the last that have usage. False when there are none. */
bool usage_span(const struct usage_report *report, int64_t *first_day, int64_t *last_day);

/* The report as a document; NULL on no memory. */
struct json_t *usage_json(const struct usage_report *report, const struct usage_row *rows, size_t count,
                          const struct usage_row *total);

#endif
