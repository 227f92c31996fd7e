/* usage.h: the tokens that logs and the ledger report, each response once, added up to rows.
 *
 * SPDX-License-Identifier: MIT
 *
 * usage.c reads the logs, one file after the other. A log may have several entries for one response, and only
 * the last file shows which of them is the best, so each response stays in memory, in about a hundred bytes.
 * usage_sums.c adds them up.
 */
#ifndef TOKENQUOTA_VIEW_USAGE_H
#define TOKENQUOTA_VIEW_USAGE_H

#include "base/list.h"
#include "base/time.h"
#include "base/zone.h"
#include "import/classes.h"
#include "import/import.h"
#include "listener.h"

enum usage_by { BY_DAY, BY_WEEK, BY_MONTH, BY_SESSION, BY_MODEL, BY_PROVIDER, BY_TOOL, BY_WINDOW };

struct usage_sum {
    struct classes classes;
    int64_t cost_nano_usd;
    int64_t costs; /* responses whose cost is known */
};

/* What one model used under one row's key on one day. usage_read makes a cell for each response, with its
 * best entry so far; usage_sum adds those of one row, model and day to one cell. */
struct usage_cell {
    uint64_t key; /* of the response */
    uint64_t rank;
    int64_t at_ns;
    int64_t amount; /* as --count says */
    int64_t day;    /* since 1970-01-01, in the zone of the report */
    struct usage_sum sum;
    uint32_t requests;
    uint32_t row;   /* the number of its key in texts */
    uint32_t model; /* the same for its name */
};

/* One row of what is shown: the sum of its cells, which are in the order of models and days. */
struct usage_row {
    const char *key;
    struct usage_sum sum;
    const struct usage_cell *cells;
    size_t cell_count;
};

struct usage_request {
    struct import_logs logs;
    int64_t since_ns; /* INT64_MIN: from the first */
    int64_t at_ns;    /* the time that is used as now */
    enum usage_by by;
    int64_t until_ns; /* INT64_MAX: to the last */
    bool local;
};

struct usage_report {
    struct usage_request request;
    struct listener *listener;
    char **texts; /* by number; a number keeps its text */
    size_t text_count;
    size_t text_capacity;
    struct tq__index text_index;
    struct usage_cell *cells;
    size_t cell_count;
    size_t cell_capacity;
    struct tq__index cell_index; /* by key of the response */
    int64_t logged;              /* tokens of the responses, with cache reads */
    int64_t counted;             /* those of them that count against limits */
    uint64_t entries;            /* read */
    uint64_t files;
    uint64_t bad_lines;
    uint64_t broken;
    size_t live;            /* providers of the ledger that no import feeds, and that are in the sums */
    int64_t live_elsewhere; /* tokens of the ledger that this kind of rows has no place for */

    /* After usage_sum. */
    struct usage_row *rows; /* in the order in which they are shown */
    size_t row_count;
    struct usage_row total;
    int64_t first_day, last_day; /* with usage; only where there are rows */
};

/* ---- usage.c: 0, or -1 with listener->why ---------------------------------------------------- */

/* Reads all logs that the request names, to a cell for each response. */
int usage_read(struct usage_report *report);

/* Adds the days of providers that no import feeds, from the ledger at that path. */
int usage_add_ledger(struct usage_report *report, struct tq_ledger *ledger, const char *path);

/* What a cell of usage_read counts in limits. */
struct tq_usage usage_of_cell(const struct usage_cell *cell);

void usage_free(struct usage_report *report);

/* "day", "week", ... */
const char *usage_by_word(enum usage_by by);

/* The day that holds an instant, counted from 1970-01-01; and the instant at which a day begins. Days are
 * those of UTC or of the local zone. */
int64_t zone_day(int64_t at_ns, bool local);
int64_t zone_day_begin(int64_t day, bool local);

/* Seconds that it is ahead of UTC at that instant. */
int64_t zone_offset(int64_t at_ns, bool local);

/* The name of the zone, Europe/Paris; what its clocks are called at that instant, CET, where it has none. */
void zone_name(char name[TQ__ZONE_NAME_BYTES], int64_t at_ns, bool local);

/* ---- usage_windows.c: 0, or -1 with listener->why -------------------------------------------- */

struct windows;

/* After usage_read, by window: counts the responses in the limits that the windows have. */
int usage_feed(struct usage_report *report, struct windows *windows);

/* The report by window as a document; NULL on no memory. */
struct json_t *usage_windows_json(const struct usage_report *report, const struct windows *windows,
                                  int64_t since_ns, int64_t until_ns);

/* ---- usage_sums.c ---------------------------------------------------------------------------- */

/* Adds the cells up to rows. 0, or -1 with listener->why. */
int usage_sum(struct usage_report *report);

/* The report as a document; NULL on no memory. */
struct json_t *usage_json(const struct usage_report *report);

#endif
