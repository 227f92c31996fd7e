/* store.h: the file beside a ledger that says what was imported into it: how far, and which responses.
 *
 * SPDX-License-Identifier: MIT
 *
 * docs/imports.md draws its bytes. One importer at a time has it, by a lock; it is mapped, so that what is
 * stored is there whatever ends the process. Others may read it without the lock.
 *
 * A table that is full is made anew, with the old days left out, in a file that takes the place of this one
 * (a generation). For a dry run the mapping is private: all is done, and nothing stays.
 */
#ifndef TOKENQUOTA_IMPORTS_H
#define TOKENQUOTA_IMPORTS_H

#include <assert.h>
#include <stdatomic.h>

#include <tokenquota_logs.h>

#include "cli/session.h"

#define IMPORTS_MAGIC UINT64_C(0x74726f706d697174) /* the bytes "tqimport" */
#define IMPORTS_FORMAT 2u /* 1 was the same, locked by flock alone */
#define IMPORTS_HEADER_BYTES 4096u
#define IMPORTS_KEPT_DAYS 45    /* days whose responses are known; what is older is not imported */
#define IMPORTS_DAY_WORDS 64u   /* of a row */
#define IMPORTS_ROWS_MAX 65536u /* providers that are fed */

struct imports_header {
    _Atomic uint64_t magic; /* stored last: without it the file was never whole */
    uint32_t format;
    uint32_t header_bytes;
    uint64_t file_bytes;
    uint32_t row_capacity;
    uint32_t cursor_capacity;
    uint64_t slot_capacity; /* a power of two */
    _Atomic uint32_t rows;  /* in use */
    _Atomic uint32_t cursors;
    _Atomic uint64_t slots;      /* at least those in use */
    _Atomic uint32_t pid;        /* who has it, to be named in a message; not 0 at opening: it was killed */
    _Atomic uint32_t oldest_day; /* days before it were left out: what is of them is not counted again */
    _Atomic uint64_t doubt;      /* [row + 1, 24 bits | tokens, 40 bits] of the response being counted */
    uint64_t replaces_inode;      /* of a ledger; only while a restore is not finished: imports_pair.c */
    int64_t replaces_born_ns;
    uint8_t zero[IMPORTS_HEADER_BYTES - 88];
};

/* A provider that is fed, and what import counted for it: row by row in the order of first use. */
struct imports_row {
    char name[TQ_NAME_MAX + 1];
    _Atomic uint64_t day[IMPORTS_DAY_WORDS]; /* [day number, 16 bits | tokens, 48 bits] at day number % 64 */
    _Atomic uint64_t doubt;       /* tokens that imports which were killed may have counted twice */
    _Atomic uint64_t warned;      /* tokens counted by others of which a warning was given */
    _Atomic int64_t signal_at_ns; /* when the newest signal that was applied was said */
    _Atomic uint64_t told_day;    /* when it was last said that live counts of it would come twice */
    uint64_t zero[4];
};

/* How far a file was read, under one template of names. */
struct imports_cursor {
    uint64_t device;
    uint64_t inode;
    uint64_t path_hash;
    uint64_t view;       /* of source and template */
    uint64_t file_bytes; /* when it was read to its end: is it still that? */
    int64_t modified_ns;
    int64_t skipped_before_ns; /* entries before it were passed over; INT64_MIN: none */
    uint32_t check;            /* of all but check and day: a cursor that a kill left half is none */
    _Atomic uint32_t day;      /* when the file was last there */
    struct tq_log_state state;
};

/* A response that was counted: [tokens counted, 36 bits | rank, 14 bits | day number, 14 bits]. */
struct imports_slot {
    _Atomic uint64_t key; /* 0: free */
    _Atomic uint64_t word;
};

static_assert(offsetof(struct imports_header, pid) == 56, "moved");
static_assert(offsetof(struct imports_header, doubt) == 64, "moved");
static_assert(offsetof(struct imports_header, replaces_inode) == 72, "moved");
static_assert(sizeof(struct imports_header) == IMPORTS_HEADER_BYTES, "one page");
static_assert(sizeof(struct imports_row) == 832, "13 lines");
static_assert(sizeof(struct imports_cursor) == 320, "5 lines");
static_assert(sizeof(struct imports_slot) == 16, "16 bytes a response");

struct imports {
    char path[PATH_BYTES + 16];
    int fd;       /* -1: in private memory */
    bool dry_run; /* the mapping is private */
    struct imports_header *header;
    struct imports_row *rows;
    struct imports_cursor *cursors;
    struct imports_slot *slots;
    uint8_t *touched;   /* a bit for each slot: seen in this run */
    uint32_t *by_inode; /* cursor number + 1, by device and inode; by_path: by the path */
    uint32_t *by_path;
    size_t index_count;
    size_t index_used;
    uint32_t *by_name; /* row number + 1, by the name; of the first rows_named rows */
    size_t name_count;
    uint32_t rows_named;
    uint64_t looks; /* at slots, since the pages were last given back */
};

/* ---- imports_file.c: 0, or -1 with a report -------------------------------------------------------- */

/* Opens the file of a ledger, and makes it when there is none; the days before oldest_day are of no interest.
 * For a dry run nothing is made or changed. */
int imports_open(struct imports *imports, const char *ledger, bool dry_run, uint32_t oldest_day);
void imports_close(struct imports *imports);

/* Puts it on the disk. */
int imports_flush(struct imports *imports);

/* Forgets all of it: it is of another ledger. */
int imports_clear(struct imports *imports);

/* For who has no lock: maps the file as it is, to look at rows, or, with write, to change one word of them.
 * False when there is none. */
bool imports_peek(struct imports *imports, const char *ledger, bool write);

/* Fits what the header says a file of so many bytes? */
bool imports_sound(const struct imports_header *header, uint64_t file_bytes);

/* The header of a file into which nothing was imported. */
void imports_begin(struct imports_header *header);

/* ---- imports_pair.c: the file of a ledger and that of its backup; -1 with a report -------------------- */

/* Makes DEST.imports, empty: a backup has begun. Its descriptor. */
int imports_backup_begin(const char *dest);

/* copied: the ledger was. Then what was imported is copied; when there is nothing, or the ledger was not copied,
 * DEST.imports is removed. Closes fd. */
int imports_backup_end(const char *ledger, const char *dest, int fd, bool copied);

/* Finishes a restore that was killed, if there was one. */
int imports_finish(const char *ledger);

/* Lays what came with the copy at source beside the ledger, for the moment at which that is replaced. Its
 * descriptor. */
int imports_restore_begin(const char *ledger, const char *source);

/* Puts it in its place when the ledger was replaced, else removes it. Closes fd. */
int imports_restore_end(const char *ledger, int fd);

/* ---- imports_grow.c -------------------------------------------------------------------------------- */

/* Makes room for one more of each by a new generation; 0, or -1 with a report. */
int imports_grow(struct imports *imports);

/* Sets the pointers from the header. */
/* Locks it for one importer, by a byte far behind the end, as a ledger (docs/format.md): that takes permission to
 * write it. A file that is not of this format yet may be locked by an older build, in its way: then so, too. -1
 * with errno; never waits. */
int imports_lock(int fd);

void imports_place(struct imports *imports, void *bytes);
uint64_t imports_bytes(uint32_t rows, uint32_t cursors, uint64_t slots);

/* ---- imports_seen.c -------------------------------------------------------------------------------- */

struct imports_seen {
    int64_t tokens; /* counted so far, at most IMPORTS_TOKENS_MAX */
    uint32_t rank;
    uint32_t day;
};

#define IMPORTS_TOKENS_MAX ((INT64_C(1) << 36) - 1)

/* Day number of an instant, from 2020-01-01 on, which is day 1; 0 for what is before, or after 2064. */
uint32_t imports_day(int64_t at_ns);
int64_t imports_day_start(uint32_t day);

/* 64 bits of rank in 14: a greater one never gets less. */
uint32_t imports_rank(uint64_t rank);

/* What is known of a response; false: nothing. first: it is the first look at it in this run. */
bool imports_seen_find(struct imports *imports, uint64_t key, struct imports_seen *seen, bool *first);

/* One step on one word, or, for a new key, two of which the second decides. 0, or -1 with a report. */
int imports_seen_set(struct imports *imports, uint64_t key, const struct imports_seen *seen);

/* Puts a slot into a table that has room. */
size_t imports_slot_put(struct imports_slot *slots, uint64_t capacity, uint64_t key, uint64_t word);
uint32_t imports_word_day(uint64_t word);

/* ---- imports_cursor.c ------------------------------------------------------------------------------ */

/* The cursor of a file, by its inode, else by its path; NULL when there is none that is whole. */
struct imports_cursor *imports_cursor_find(struct imports *imports, uint64_t device, uint64_t inode,
                                           uint64_t path_hash, uint64_t view);

/* Is there one of the file, for the same source, under another template? */
bool imports_cursor_elsewhere(const struct imports *imports, const struct imports_cursor *cursor);

/* Stores it in the place of the file's older one; written_anew: that may have another inode. 0, or -1 with a
 * report. */
int imports_cursor_set(struct imports *imports, const struct imports_cursor *cursor, bool written_anew);
int imports_cursor_index(struct imports *imports);

/* ---- imports_rows.c -------------------------------------------------------------------------------- */

/* The row of a provider, made when there is none: its number, or -1 with a report. */
int64_t imports_row_of(struct imports *imports, const char *name);

/* The same without making: NULL. */
const struct imports_row *imports_row_find(struct imports *imports, const char *name);

/* What import counted for it on a day. */
int64_t imports_row_used(const struct imports_row *row, uint32_t day);
void imports_row_add(struct imports *imports, uint32_t row, uint32_t day, int64_t tokens);

/* Says which response is about to be counted, in case this is the last that it does. */
void imports_row_begin(struct imports *imports, uint32_t row, int64_t tokens);

/* Puts what a killed import was about to do with the row's doubt. */
void imports_row_settle(struct imports *imports);

/* ---- a hash for keys that are kept ------------------------------------------------------------------ */

static inline uint64_t imports_mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    hash = (hash ^ hash >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
    return hash ^ hash >> 32;
}

uint64_t imports_hash(uint64_t seed, const void *bytes, size_t len);

#endif
