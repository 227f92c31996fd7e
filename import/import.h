/* import.h: an import: counts the responses of logs in a ledger, each once.
 *
 * SPDX-License-Identifier: MIT
 *
 * files.c finds the files and the place to continue in each. merge.c gives their entries in the order of
 * time. count.c counts what is new of a response and remembers it in the store. Nothing here prints: a call
 * that fails fills import->error, and events go to import->tell. */
#ifndef TQ_IMPORT_H
#define TQ_IMPORT_H

#include <stdatomic.h>

#include <tokenquota.h>

#include "classes.h"
#include "merge.h"
#include "store.h"

#define IMPORT_NAME_DEFAULT "{tool}"
#define IMPORT_NAME_OF_ROWS "{model}" /* of csv and jsonl, which have a column for it */

/* Logs, and how they are counted. */
struct import_logs {
    char **paths;                       /* NULL at the end; none: where the tools put their logs */
    const struct tq_log_source *source; /* NULL: all */
    const char *name;                   /* the template; NULL: the source's default */
    int count;                          /* COUNT_... */
};

struct import_request {
    const struct import_logs *logs;
    size_t log_count;
    int64_t since_ns; /* INT64_MIN: from the first */
    int64_t at_ns;    /* the time that is used as now */
    bool at_given;
    bool dry_run;
    bool follow;
    bool waits; /* with follow: for paths that are not there yet */
    bool quiet; /* this and json are for the code that prints */
    bool json;
};

/* A provider into which something is imported. */
struct import_feed {
    char name[TQ_NAME_MAX + 1];
    uint64_t hash;
    struct tq_provider *handle; /* of the ledger that is open; NULL: not looked up yet */
    int64_t row;                /* in the store; -1: not looked up yet */
    int64_t responses;
    int64_t counted;              /* tokens; negative when more was taken back than counted */
    uint32_t first_day, last_day; /* fed since the last call of import_feed_others, when fed is set */
    bool fed;
};

struct import_feeds {
    struct import_feed *items;
    size_t count;
    size_t capacity;
    struct tq__index by_name;
};

/* The best entry of a response in this import: what it used, and its rank in full. */
struct import_recent {
    uint64_t key;
    uint64_t rank;
    struct tq_usage usage; /* with its cost */
    bool counted; /* this entry was counted; else an earlier import counted one that is at least as good */
};

#define IMPORT_RECENT 32768 /* a power of two */

struct import_totals {
    struct classes raw;                      /* of each entry that was read */
    struct classes once;                     /* of each response among them */
    struct classes fresh;                    /* of responses that were not counted before */
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

/* The events that an import reports to import->tell. */
enum import_event {
    IMPORT_READS,       /* every few thousand entries; merge_progress gives the bytes read, of total_bytes */
    IMPORT_BAD_LINE,    /* in file: merge.error; totals.bad_lines counts it */
    IMPORT_BROKEN_FILE, /* file was not read to its end: merge.error */
    IMPORT_UNWATCHED,   /* --follow: not all folders can be watched: watch_error; looks are made every
                           IMPORT_UNWATCHED_NS */
    IMPORT_LOOKED,      /* --follow: everything new was counted */
    IMPORT_ANEW,        /* the ledger is not the one of the last import: everything is imported again */
};

#define IMPORT_UNWATCHED_NS (2 * TQ__SECOND_NS)

struct import {
    /* The caller's. */
    struct import_request request;
    const char *path;         /* of the ledger */
    struct tq_ledger *ledger; /* NULL: a dry run without one */
    const atomic_bool *stop;  /* set by a signal handler, or another thread: finish and return */
    int wake_fd;              /* can be read once *stop is set; 0: a signal ends each wait */
    void *context;
    /* Is never NULL. file is NULL where no file is named above. */
    void (*tell)(struct import *import, enum import_event event, const struct merge_file *file);
    /* Opens what is at path now in place of ledger, which is gone. 0, or negative when that failed, which was
     * said. */
    int (*reopen)(struct import *import);

    struct import_error error;
    struct store store;
    struct merge merge;
    struct import_feeds feeds;
    struct import_totals totals;
    struct import_recent *recent;
    uint64_t total_bytes; /* to be read in this pass */
    int64_t started_ns;
    uint64_t entries;
    int watch_fd;    /* inotify, to which the folders are told; -1: none */
    int watch_error; /* errno of a folder that cannot be watched */
    size_t moved;    /* replaced files that were found under their new names */
};

/* ---- import.c: 0, or negative with import->error filled, except for TQ_EGONE ---------------------- */

/* Opens the store of the ledger at import->path. The caller fills its part, zeroes the rest, and calls
 * import_close even after an error. */
int import_open(struct import *import);
void import_close(struct import *import);

/* From begin to end: one pass, or following, and all is on the disk. Goes on with a ledger that replaces this
 * one. TQ_EGONE: it could not be opened. */
int import_work(struct import *import);

/* Finds and reads what is new. */
int import_pass(struct import *import);

/* Writes the ledger to the disk, then the store. */
int import_flush(struct import *import);

/* ---- follow.c: answers as import.c ----------------------------------------------------------- */

/* Reads new lines as they are written, until *import->stop is set. */
int import_follow(struct import *import);

/* ---- what others counted --------------------------------------------------------------------- */

/* Import remembers what it counted for each provider and day. If the ledger has more, other programs counted
 * it. They may have counted the same calls, or different ones. Nobody can tell, so this gives a warning and
 * nothing else. When tokens were taken back (`tokenquota correct`, reset), up to that many tokens of other
 * programs are not noticed. */
struct import_others {
    int64_t tokens;
    uint32_t first_day, last_day; /* as store_day */
};

/* Tokens that others counted from others->first_day to others->last_day. */
void import_count_others(const struct store_row *row, struct tq_provider *provider,
                         struct import_others *others);

/* Fills *others for the days that were imported into since the last call. True when others->tokens is greater
 * than in every call before. */
bool import_feed_others(struct import *import, struct import_feed *feed, struct import_others *others);

/* ---- names.c --------------------------------------------------------------------------------- */

/* Checks a template. 0, or negative with *error filled. */
int names_check(const char *pattern, struct import_error *error);

/* The template for a source. */
const char *names_pattern(const char *given, const struct tq_log_source *source);

/* Fills the provider's name for an entry. Missing words become "unknown". A ledger accepts every such
 * name. */
void names_fill(char name[TQ_NAME_MAX + 1], const char *pattern, const struct tq_log_source *source,
                const struct tq_log_entry *entry);

/* ---- inside import/: answers as import.c ----------------------------------------------------- */

/* Fails with what the ledger answered for a provider. */
int import_refused(struct import *import, const struct import_feed *feed, int answer);

/* The feed of a name, open; NULL: *answer. */
struct import_feed *import_feed_of(struct import *import, const char *name, int *answer);

/* Finds the files, and adds those with something new to the merge. */
int import_find(struct import *import);

/* Stores how far a file was read. over: the file was read to its end. */
int import_save(struct import *import, struct merge_file *file, bool over);

/* Counts what is new of an entry. TQ_EGONE: nothing was counted. */
int import_count(struct import *import, struct merge_file *file);

#endif
