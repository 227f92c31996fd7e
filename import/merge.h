/* merge.h: the entries of many logs in the order of time, with few of the logs open.
 *
 * SPDX-License-Identifier: MIT
 *
 * A heap has the next entry of each file. When another file must be opened, the open file whose next entry is
 * the latest is closed; it keeps this entry and its place. Few sessions overlap, so nearly every file is
 * opened twice: for its first entry, and when the time of that entry has come.
 */
#ifndef TQ_IMPORT_MERGE_H
#define TQ_IMPORT_MERGE_H

#include <tokenquota_logs.h>

#include "base/list.h"

#define MERGE_OPEN_MOST 12 /* each has a buffer, or several, of its own */

/* What merge_next gives. */
#define MERGE_ENTRY 0     /* file->entry */
#define MERGE_END 1       /* all files are over */
#define MERGE_FILE_END 2  /* file is over; file->state says where */
#define MERGE_BAD_LINE 3  /* merge->error */
#define MERGE_BROKEN 4    /* merge->error: file ends before its end; file->opened: it could be opened */
#define MERGE_FAILED (-1) /* there is no memory */

struct import_logs;

struct merge_file {
    char *path;
    const struct tq_log_source *source;
    struct tq_log_state state; /* the place to begin at, then the place where it was closed */
    struct tq_log_reader *reader;
    struct tq_log_entry entry; /* the next one */
    char *texts;               /* of an entry that is kept without its reader */
    struct tq_quota_signal *signal;
    bool named;          /* by the user: the caller's. When nothing in it is understood, it is broken */
    bool foreign;        /* ... and this is so */
    uint64_t given;      /* entries since the start of the file, when it began there */
    uint64_t first_line; /* lines before the part that is read */
    uint64_t lines;
    uint64_t first_byte; /* bytes before it */
    uint64_t done_bytes; /* after them */
    bool restarted;
    bool opened;

    /* the caller's */
    const struct import_logs *logs; /* it is one of */
    uint64_t device, inode, path_hash, view, file_bytes;
    int64_t modified_ns, skipped_before_ns;
    uint64_t unsaved; /* entries since its cursor was stored */
    bool again;       /* the next run must read it from its start */
};

struct merge {
    struct merge_file *files;
    size_t count;
    size_t capacity;
    bool by_name;         /* one file after the other instead */
    struct tq__heap heap; /* files by the instant of their next entry */
    size_t next;          /* file to look at first */
    int64_t current;      /* file that goes on, -1 for none */
    size_t open_count;
    uint64_t skip; /* entries of the current file that were given before it was closed */
    struct tq_log_error error;
};

void merge_init(struct merge *merge);
void merge_free(struct merge *merge);

/* Appends a file; the pointer is valid until the next call. NULL: there is no memory. */
struct merge_file *merge_add(struct merge *merge, const char *path, const struct tq_log_source *source);

/* Returns one of MERGE_..., and sets *file to the file that it concerns. The file and its entry are valid
 * until the next call. */
int merge_next(struct merge *merge, struct merge_file **file);

/* The place of a file, after the last entry that was given. */
void merge_state(const struct merge_file *file, struct tq_log_state *state);

/* Bytes and lines of all files so far. */
void merge_progress(const struct merge *merge, uint64_t *done_bytes, uint64_t *lines);

#endif
