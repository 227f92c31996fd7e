/* store.h: the file beside a ledger that remembers what was imported: which responses, and how far each log
 * was read.
 *
 * SPDX-License-Identifier: MIT
 *
 * docs/imports.md describes the bytes. A lock lets in one importer at a time. The file is mapped, so that a
 * killed process loses nothing that it had stored. Other processes may read the file without the lock.
 *
 * When a table is full, a new file without the old days replaces this one (a generation). In a dry run the
 * mapping is private, so that nothing is kept.
 */
#ifndef TQ_IMPORT_STORE_H
#define TQ_IMPORT_STORE_H

#include <assert.h>
#include <stdatomic.h>
#include <sys/types.h>

#include <tokenquota_logs.h>

#include "base/list.h"
#include "base/time.h"

/* ---- why a call failed ----------------------------------------------------------------------- */

#define STORE_PATH_BYTES 4096 /* of a ledger's path, with the NUL */

/* Filled by the call that fails. Nothing in import/ prints. */
struct import_error {
    int code;                          /* negative, one of TQ_E... */
    char text[STORE_PATH_BYTES + 256]; /* one line for people; bytes of logs and paths are quoted unchanged */
};

/* Fills it and returns the code. */
__attribute__((format(printf, 3, 4))) int import_fail(struct import_error *error, int code,
                                                      const char *format, ...);

static inline int import_no_memory(struct import_error *error)
{
    return import_fail(error, TQ_ENOMEM, "out of memory");
}

/* Fails with errno: "PATH: cannot WHAT: ...". */
int store_fail(struct import_error *error, const char *path, const char *what);

/* ---- hashes ---------------------------------------------------------------------------------- */

/* Seeds of tq__hash and tq__mix, so that equal bytes of different kinds have different hashes. Those of
 * CHECK, FEED and PATH are in what the file keeps: they never change. */
#define STORE_SEED_NAME UINT64_C(0)  /* a row's name */
#define STORE_SEED_CHECK UINT64_C(1) /* a cursor's bytes */
#define STORE_SEED_INODE UINT64_C(2)
#define STORE_SEED_PLACE UINT64_C(3) /* the hash of a cursor's path */
#define STORE_SEED_FEED UINT64_C(4)  /* a provider's name, in the key of a response */
#define STORE_SEED_PATH UINT64_C(5)  /* the path of a log */

/* ---- the file -------------------------------------------------------------------------------- */

#define STORE_MAGIC UINT64_C(0x74726f706d697174) /* the bytes "tqimport" */
#define STORE_FORMAT 2u                          /* 1 had the same bytes, and was locked by flock alone */
#define STORE_HEADER_BYTES 4096u
#define STORE_KEPT_DAYS 45    /* days whose responses are known; what is older is not imported */
#define STORE_DAY_WORDS 64u   /* of a row */
#define STORE_ROWS_MAX 65536u /* providers that are fed */

struct store_header {
    _Atomic uint64_t magic; /* stored last: without it the file was never whole */
    uint32_t format;
    uint32_t header_bytes;
    uint64_t file_bytes;
    uint32_t row_capacity;
    uint32_t cursor_capacity;
    uint64_t slot_capacity; /* a power of two */
    _Atomic uint32_t rows;  /* in use */
    _Atomic uint32_t cursors;
    _Atomic uint64_t slots; /* at least those in use */
    _Atomic uint32_t
        pid; /* the importer, for a message; not 0 when the file is opened: that importer was killed */
    _Atomic uint32_t oldest_day; /* days before it were removed: their responses are not counted again */
    _Atomic uint64_t doubt;      /* [row + 1, 24 bits | tokens, 40 bits] of the response being counted */
    uint64_t replaces_inode;     /* of a ledger; only while a restore is not finished: store_pair.c */
    int64_t replaces_born_ns;
    uint8_t zero[STORE_HEADER_BYTES - 88];
};

/* A provider that is fed, and what import counted for it: row by row in the order of first use. */
struct store_row {
    char name[TQ_NAME_MAX + 1];
    _Atomic uint64_t day[STORE_DAY_WORDS]; /* [day number, 16 bits | tokens, 48 bits] at day number % 64 */
    _Atomic uint64_t doubt;                /* tokens that imports which were killed may have counted twice */
    _Atomic uint64_t warned;               /* tokens counted by others of which a warning was given */
    _Atomic int64_t signal_at_ns;          /* when the newest signal that was applied was said */
    _Atomic uint64_t told_day;             /* of older versions, which warned in `observe` */
    uint64_t zero[4];
};

/* How far a file was read, under one template of names. */
struct store_cursor {
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
struct store_slot {
    _Atomic uint64_t key; /* 0: free */
    _Atomic uint64_t word;
};

static_assert(offsetof(struct store_header, pid) == 56, "moved");
static_assert(offsetof(struct store_header, doubt) == 64, "moved");
static_assert(offsetof(struct store_header, replaces_inode) == 72, "moved");
static_assert(sizeof(struct store_header) == STORE_HEADER_BYTES, "one page");
static_assert(sizeof(struct store_row) == 832, "13 lines");
static_assert(sizeof(struct store_cursor) == 320, "5 lines");
static_assert(sizeof(struct store_slot) == 16, "16 bytes a response");

/* A file that is open. Before it is opened, all is zero but fd = -1. */
struct store {
    char path[STORE_PATH_BYTES + 16];
    int fd;                     /* -1: in private memory */
    bool dry_run;               /* the mapping is private */
    struct import_error *error; /* filled by a call that fails; store_open's caller owns it */
    struct store_header *header;
    struct store_row *rows;
    struct store_cursor *cursors;
    struct store_slot *slots;
    uint8_t *touched;          /* a bit for each slot: seen in this run; NULL: the file is only read */
    struct tq__index by_inode; /* cursors, by device and inode */
    struct tq__index by_path;
    struct tq__index by_name; /* the first by_name.count rows */
    uint64_t looks;           /* at slots, since the pages were last given back */
};

/* ---- store.c: 0, or negative with store->error filled --------------------------------------- */

/* Opens the file of a ledger, and makes it when there is none. Responses before oldest_day are not kept. A
 * dry run makes and changes no file. *error must stay valid until store_close. */
int store_open(struct store *store, struct import_error *error, const char *ledger, bool dry_run,
               uint32_t oldest_day);
void store_close(struct store *store);

/* Writes the file to the disk. */
int store_flush(struct store *store);

/* Empties the file, because it is that of another ledger. */
int store_clear(struct store *store);

/* Maps the file for reading, without the lock. False when there is no complete file. */
bool store_peek(struct store *store, const char *ledger);

/* store_grow.c: makes room for one more of each by a new generation. */
int store_grow(struct store *store);

/* Locks the file for one importer: a byte far after its end, as in a ledger (docs/format.md). Only a process
 * that may write the file can lock it. An older version locks a file of the older format with flock, so such
 * a file gets that lock, too. -1 with errno; never waits. */
int store_lock(int fd);

/* Reads the header of a file: 1; 0: it was never complete, because the process that made it was killed, and
 * nothing was counted; -1 with errno, EPROTO for a file of another kind. */
int store_read_header(int fd, struct store_header *header);

/* Permissions of a file beside a ledger. Everybody who may write the ledger may write it: the folder gives
 * the group, the ledger the permissions. */
mode_t store_mode_of(const char *ledger);

/* Is the file that is open still the one at the path? */
bool store_is_named(int fd, const char *path);

/* The size of a file with these capacities. */
uint64_t store_bytes_of(const struct store_header *header);

/* Sets the pointers into a mapping from its header. */
void store_place(struct store *store, void *bytes);

/* Unmaps, closes and frees all of it. */
void store_drop(struct store *store);

/* Fills the header of a file into which nothing was imported. */
void store_begin(struct store_header *header);

/* ---- store_pair.c: the file of a ledger and that of its backup; 0, or negative with *error filled ---- */

/* Begins a backup: makes an empty DEST.imports. Returns its descriptor. */
int store_backup_begin(const char *dest, struct import_error *error);

/* Ends a backup. copied: the ledger was copied. Then this file is copied, too. When there is none, or the
 * ledger was not copied, DEST.imports is removed. Closes fd. */
int store_backup_end(const char *ledger, const char *dest, int fd, bool copied, struct import_error *error);

/* Finishes a restore whose process was killed, if there was one. */
int store_finish(const char *ledger, struct import_error *error);

/* Begins a restore: puts a copy of source.imports beside the ledger, to be used when the ledger is replaced.
 * Returns its descriptor. */
int store_restore_begin(const char *ledger, const char *source, struct import_error *error);

/* Ends a restore: puts the copy in its place when the ledger was replaced, else removes it. Closes fd. */
int store_restore_end(const char *ledger, int fd, struct import_error *error);

/* ---- store_tables.c: responses --------------------------------------------------------------- */

struct store_seen {
    int64_t tokens; /* counted so far, at most STORE_TOKENS_MAX */
    uint32_t rank;
    uint32_t day;
};

#define STORE_TOKENS_MAX ((INT64_C(1) << 36) - 1)

/* The number of the day of an instant. 2020-01-01 is day 1; 0: before it, or after 2064. */
uint32_t store_day(int64_t at_ns);
int64_t store_day_start(uint32_t day);

/* Rounds a rank from 64 bits to 14. A greater rank never gets a smaller result. */
uint32_t store_rank(uint64_t rank);

/* Finds what is known of a response; false: nothing. first: this run asks for it for the first time. */
bool store_seen_find(struct store *store, uint64_t key, struct store_seen *seen, bool *first);

/* Stores what is known of a response: one store of one word, or, for a new key, two stores of which the
 * second decides. 0; negative as for store_open. */
int store_seen_set(struct store *store, uint64_t key, const struct store_seen *seen);

/* Puts a slot into a table that has room. */
size_t store_slot_put(struct store_slot *slots, uint64_t capacity, uint64_t key, uint64_t word);
uint32_t store_word_day(uint64_t word);

/* ---- cursors --------------------------------------------------------------------------------- */

/* The cursor of a file, by its inode, else by its path; NULL when there is none, or when it is damaged. */
struct store_cursor *store_cursor_find(struct store *store, uint64_t device, uint64_t inode,
                                       uint64_t path_hash, uint64_t view);

/* Has the file a cursor for the same source under another template? */
bool store_cursor_elsewhere(const struct store *store, const struct store_cursor *cursor);

/* Stores a cursor in the place of the file's older one. written_anew: the older one may have another inode.
 * 0; negative as for store_open. */
int store_cursor_set(struct store *store, const struct store_cursor *cursor, bool written_anew);

/* Builds the index of all cursors in memory. */
int store_cursor_index(struct store *store);

/* ---- rows ------------------------------------------------------------------------------------ */

/* The number of the row of a provider, which is made when there is none; negative as for store_open. */
int64_t store_row_of(struct store *store, const char *name);

/* The row of a provider; NULL: nothing was imported into it. */
const struct store_row *store_row_find(struct store *store, const char *name);

/* What import counted for it on a day. */
int64_t store_row_used(const struct store_row *row, uint32_t day);
void store_row_add(struct store *store, uint32_t row, uint32_t day, int64_t tokens);

/* Notes which response is about to be counted, in case the process is killed before it is stored. */
void store_row_begin(struct store *store, uint32_t row, int64_t tokens);

/* Adds the tokens that a killed import was about to count to the row's doubt. */
void store_row_settle(struct store *store);

#endif
