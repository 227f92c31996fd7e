/* database.h: a tool's SQLite database, read without the tool noticing.
 *
 * SPDX-License-Identifier: MIT
 *
 * Nothing is written, neither to the database nor beside it, and no lock is taken that a writer would wait
 * for. What was read counts only when tq__log_database_is_sound says so afterwards; otherwise somebody wrote
 * meanwhile, and it is read again.
 */
#ifndef TQ_LOGS_DATABASE_H
#define TQ_LOGS_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sqlite.h"
#include "tokenquota_logs.h"

/* What shows whether somebody wrote: of the database, and of what SQLite keeps beside it. */
struct tq__log_look {
    uint64_t device, inode;
    uint64_t file_bytes, wal_bytes; /* 0: there is none */
    int64_t file_modified_ns, wal_modified_ns;
    uint32_t changes; /* the counter in the file's header */
    bool is_shared;   /* there is a -shm: a process has it open, or was killed */
    bool is_halfway;  /* there is a journal: half of a transaction may be in the file */
};

struct tq__log_database {
    char *path;       /* without links; NULL: memory */
    const void *data; /* memory */
    size_t len;
    sqlite3 *sqlite; /* NULL: closed */
    bool is_locked;  /* SQLite itself keeps writers from changing what is read, as it does for its own readers
                      */
    struct tq__log_look look; /* when it was opened */
    uint64_t steps;           /* of SQLite's machine, since it was opened or allowed more */
};

/* Does the file, or the memory where path is NULL, begin as a SQLite database, or is it empty and named so?
 */
bool tq__log_database_is_one(const char *path, const void *data, size_t len);

/* Remembers which one, and loads SQLite; 0, or TQ_LOG_BROKEN. */
int tq__log_database_name(struct tq__log_database *database, const char *path, const void *data, size_t len,
                          struct tq_log_error *error);

/* Opens it, unless it is open. Returns a code of SQLite; SQLITE_BUSY: it is being written, try again. */
int tq__log_database_open(struct tq__log_database *database);

/* Is what was read since it was opened of one moment? False: close it and read again. */
bool tq__log_database_is_sound(const struct tq__log_database *database);

/* Has nobody written since it was opened last? */
bool tq__log_database_is_as_it_was(const struct tq__log_database *database);

void tq__log_database_close(struct tq__log_database *database);

/* Closes it and frees all. */
void tq__log_database_forget(struct tq__log_database *database);

/* Bytes of the database, with those of its log. */
uint64_t tq__log_database_bytes(const struct tq__log_database *database);

/* Fills the error for a code of SQLite, and returns TQ_LOG_BROKEN. */
int tq__log_database_fail(int code, struct tq_log_error *error);

#endif
