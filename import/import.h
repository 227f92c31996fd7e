/* import.h: what the files import_*.c share: an import, from the files found to what is said of it.
 *
 * SPDX-License-Identifier: MIT
 *
 * The way of an entry: import_files.c finds the files and where to go on in each; merge.c gives their entries
 * in the order of time; import_count.c counts what is new of a response and remembers it; import_lines.c and
 * import_json.c say what came of it.
 */
#ifndef TOKENQUOTA_IMPORT_H
#define TOKENQUOTA_IMPORT_H

#include <signal.h>

#include "classes.h"
#include "store.h"
#include "merge.h"

#define IMPORT_NAME_DEFAULT "{tool}"
#define IMPORT_NAME_OF_ROWS "{model}" /* of csv and jsonl, which have a column for it */

struct import_request {
    char **paths;                       /* NULL at the end; none: where the tools put their logs */
    const struct tq_log_source *source; /* NULL: all */
    const char *name;                   /* the template; NULL: the source's default */
    int count;                          /* COUNT_... */
    int64_t since_ns;                   /* INT64_MIN: from the first */
    int64_t at_ns;                      /* what is called now */
    bool at_given;
    bool dry_run;
    bool follow;
    bool quiet;
    bool json;
};

/* A provider that is fed. */
struct import_feed {
    char name[TQ_NAME_MAX + 1];
    uint64_t hash;
    struct tq_provider *handle; /* of the ledger that is open; NULL: not looked up yet */
    int64_t row;                /* -1: the same */
    int64_t responses;
    int64_t counted;              /* tokens; less than 0 when more was taken back */
    uint32_t first_day, last_day; /* that were fed since the last look at what others counted */
    bool fed;
};

struct import_feeds {
    struct import_feed *items;
    size_t count;
    size_t capacity;
    uint32_t *slots; /* number + 1 */
    size_t slot_count;
};

/* The best of what this import met of a response: its classes, and its rank in full. */
struct import_recent {
    uint64_t key;
    uint64_t rank;
    struct classes classes;
    bool counted; /* it is what was counted; else that is of an earlier import, and at least as good */
};

#define IMPORT_RECENT 32768 /* a power of two */

struct import_totals {
    struct classes raw;                      /* of each entry that was read */
    struct classes once;                     /* of each response among them */
    struct classes fresh;                    /* of what import had not counted before */
    int64_t counted;                         /* tokens of fresh that went into the ledger */
    uint64_t found, read, unchanged, broken; /* files */
    uint64_t bad_lines, lines, bytes;
    uint64_t skipped; /* entries before --since */
    uint64_t older;   /* of days that are not kept */
    int64_t older_tokens;
    uint64_t clock;                  /* refused by the ledger's clock limits */
    uint64_t signals;                /* that came into force */
    int64_t first_at_ns, last_at_ns; /* of once */
    bool renamed;                    /* files were imported under another template before */
};

struct import {
    struct import_request request;
    struct session session;
    struct imports imports;
    struct merge merge;
    struct import_feeds feeds;
    struct import_totals totals;
    struct import_recent *recent;
    struct progress progress;
    uint64_t total_bytes; /* to be read in this pass */
    int64_t started_ns;
    uint64_t entries;
    int watch_fd;    /* inotify, to which the folders are told; -1: none */
    int watch_error; /* errno of a folder that cannot be watched */
    size_t moved;    /* files that another took the place of, found under their new names */
};

/* Set by SIGINT and SIGTERM: end in order. */
extern volatile sig_atomic_t import_stop;

/* ---- import_names.c -------------------------------------------------------------------------------- */

/* 0, or -1 with a report. */
int names_check(const char *pattern);

/* The template for a source. */
const char *names_pattern(const char *given, const struct tq_log_source *source);

/* The provider's name for an entry: what is unknown is "unknown", and no name is refused by the ledger. */
void names_fill(char name[TQ_NAME_MAX + 1], const char *pattern, const struct tq_log_source *source,
                const struct tq_log_entry *entry);

/* ---- import_feeds.c -------------------------------------------------------------------------------- */

/* The feed of a name; NULL on no memory, reported. */
struct import_feed *feeds_find(struct import_feeds *feeds, const char *name);

/* Looks its provider and row up when that was not done: 0, or what the library answers, reported but for
 * TQ_EGONE. */
int feed_open(struct import *import, struct import_feed *feed);

/* The ledger is another: handles are void. */
void feeds_close(struct import_feeds *feeds);
void feeds_free(struct import_feeds *feeds);

/* ---- import_files.c: 0, or -1 with a report --------------------------------------------------------- */

/* Finds the files, and puts those that have something new before the merge. */
int import_find(struct import *import);

/* Stores how far a file was read; over: to its end. */
int import_save(struct import *import, struct merge_file *file, bool over);

/* ---- import_count.c -------------------------------------------------------------------------------- */

/* Counts what is new of an entry. 0; negative: TQ_EGONE before anything was counted, else reported. */
int import_count(struct import *import, struct merge_file *file);

/* ---- import_signal.c ------------------------------------------------------------------------------- */

/* What a log said of a provider's limits, taken into account when it is news and not over. 0, or negative. */
int import_signal(struct import *import, struct import_feed *feed, const struct tq_quota_signal *signal);

/* ---- import_run.c ---------------------------------------------------------------------------------- */

/* Finds and reads what is new. 0; negative: TQ_EGONE or reported. */
int import_pass(struct import *import);

/* All on the disk: the ledger, then what was imported into it. 0, or negative as above. */
int import_flush(struct import *import);

/* ---- import_kinds.c -------------------------------------------------------------------------------- */

/* Warns of providers that others count, too. */
void import_look_for_others(struct import *import);

/* Was it into another ledger that was imported, one that is gone? */
bool import_is_of_another(struct import *import);

/* For who counts live: warns, once a day, when import feeds the provider. */
void import_warn_live(const char *ledger, const char *provider, int64_t now_ns);

/* ---- import_follow.c ------------------------------------------------------------------------------- */

/* Reads what is new as it is written, until import_stop. 0; negative: TQ_EGONE or reported. */
int import_follow(struct import *import);

/* ---- import_lines.c, import_json.c ----------------------------------------------------------------- */

void import_lines(const struct import *import);
int import_json(const struct import *import);

#endif
