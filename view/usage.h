/* usage.h: what the files usage_*.c share: what logs tell of, each response once, in cells that add up.
 *
 * SPDX-License-Identifier: MIT
 *
 * usage_read.c reads the logs, one file after the other, and keeps each response in memory until all are
 * read, about a hundred bytes each: which of its entries is true is known at the end. usage_cells.c has the
 * sums.
 */
#ifndef TOKENQUOTA_USAGE_H
#define TOKENQUOTA_USAGE_H

#include "cli/session.h"
#include "import/import.h"

enum usage_by { BY_DAY, BY_WEEK, BY_MONTH, BY_SESSION, BY_MODEL, BY_PROVIDER, BY_TOOL };

/* Texts by number; a number stays what it is. */
struct usage_texts {
    char **items;
    size_t count;
    size_t capacity;
    uint32_t *slots; /* number + 1 */
    size_t slot_count;
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
    uint64_t key; /* 0: free */
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
    bool json;
    const char *colour;
    const char *ledger;
};

struct usage_report {
    struct usage_request request;
    struct usage_texts rows;
    struct usage_texts models;
    struct usage_response *responses; /* a table with linear search */
    size_t response_count;
    size_t response_slots;
    struct usage_cell *cells;
    size_t cell_count;
    size_t cell_capacity;
    int64_t logged;   /* tokens of the responses, with cache reads */
    int64_t counted;  /* those of them that count against limits */
    uint64_t entries; /* read */
    uint64_t files;
    uint64_t bad_lines;
    uint64_t broken;
    size_t live;            /* providers of the ledger that no import feeds, and that are in the sums */
    int64_t live_elsewhere; /* tokens of the ledger that this kind of rows has no place for */
    struct progress progress;
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

/* ---- usage_texts.c --------------------------------------------------------------------------------- */

/* The number of a text, made when it is new; -1 on no memory, reported. */
int64_t texts_number(struct usage_texts *texts, const char *text);
void texts_free(struct usage_texts *texts);

/* ---- usage_read.c: 0, or -1 with a report ---------------------------------------------------------- */

/* Reads all logs that the request names into responses. */
int usage_read(struct usage_report *report);

/* Adds the responses up, and frees them. */
int usage_sum(struct usage_report *report);
void usage_free(struct usage_report *report);

/* ---- usage_rows.c ---------------------------------------------------------------------------------- */

/* The day of an instant, and the text of a row's key for a day. */
int64_t usage_day(const struct usage_request *request, int64_t at_ns);
struct text usage_day_text(int64_t day);

/* The key of the row that an entry belongs to; valid until the next call. */
const char *usage_key(const struct usage_request *request, const struct tq_log_source *source,
                      const struct tq_log_entry *entry);
struct text usage_day_key(const struct usage_request *request, int64_t day);
const char *usage_by_word(enum usage_by by);

/* ---- usage_cells.c --------------------------------------------------------------------------------- */

/* Adds to the cell; 0, or -1 with a report. */
int cells_add(struct usage_report *report, const struct usage_cell *add);

/* Puts cells of one row, model and day together, in the order of row, model and day. */
void cells_merge(struct usage_report *report);

/* The rows in the order in which they are shown; NULL on no memory, reported. */
struct usage_row *cells_rows(const struct usage_report *report, size_t *count, struct usage_row *total);

/* ---- usage_ledger.c -------------------------------------------------------------------------------- */

/* Adds the days of providers that are counted live alone. 0, or -1 with a report. */
int usage_add_ledger(struct usage_report *report);

/* ---- usage_table.c, usage_days.c, usage_document.c ---------------------------------------------------- */

void usage_table(const struct usage_report *report, const struct style *style, const struct usage_row *rows,
                 size_t count, const struct usage_row *total);

/* A character for each day, the highest for the most; of one row or, -1, of all. */
void usage_sparkline(const struct usage_report *report, const struct style *style, int64_t row,
                     int64_t first_day, int64_t last_day, int columns);

/* The days from the first to the last that have usage. False when there are none. */
bool usage_span(const struct usage_report *report, int64_t *first_day, int64_t *last_day);

int usage_json(const struct usage_report *report, const struct usage_row *rows, size_t count,
               const struct usage_row *total);

#endif
