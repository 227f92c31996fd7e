/* database.c: opens a tool's SQLite database so that the tool does not notice, and says whether what was read
 * is of one moment.
 *
 * SPDX-License-Identifier: MIT
 *
 * A plain read-only connection does too much: beside a database in WAL mode it makes the files -wal and -shm
 * and leaves them there, and on any other database it takes a lock that makes a writer's commit fail. So
 * there are three ways:
 *
 *   still    There is no -wal, or an empty one: all is in the database. It is opened as immutable, without
 *            any lock. A writer begins by making a journal or a -wal, and changes the file's time and counter
 *            when it commits. So what was read is of one moment when all of these are as they were.
 *   shared   There are a -wal and a -shm. Readers of a WAL never make a writer wait; SQLite's own protocol is
 *            used, with the -shm opened for reading alone. When no process has it open any more, SQLite reads
 *            the -wal by itself.
 *   alone    There is a -wal and no -shm, as in a copy, or the -shm cannot be read. SQLite reads the -wal
 *            into memory, without a lock. What was read is of one moment when both files are as they were.
 *
 * A journal that has its header is half of a transaction: of a writer at work, or of one that was killed. Who
 * must not write cannot undo it. The database is read when the tool has.
 *
 * The database may come from a stranger: its schema is not trusted, and a query has a limit of steps. */
#include "database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "error.h"
#include "pieces.h"

#define HEADER_BYTES 100
#define VALUE_BYTES_MAX (4 * TQ__LOG_PIECE_MAX) /* of a row that SQLite reads at all */
#define STEPS_AT_A_TIME 10000
#define STEPS_MAX (UINT64_C(1) << 32) /* of a batch */
#define BUSY_MS 20

static const char file_magic[16] = "SQLite format 3";
static const unsigned char journal_magic[8] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};

/* ---- what is there --------------------------------------------------------------------------- */

/* Reads the first bytes of a file; how many came, or -1. */
static ssize_t read_begin(const char *path, void *out, size_t len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got = fd >= 0 ? pread(fd, out, len, 0) : -1;

    if (fd >= 0)
        close(fd);
    return got;
}

bool tq__log_database_is_one(const char *path, const void *data, size_t len)
{
    char begin[sizeof(file_magic)];

    if (path) {
        ssize_t got = read_begin(path, begin, sizeof(begin));

        if (got <= 0) /* a database is empty until something was written */
            return got == 0;
        len = (size_t)got;
        data = begin;
    }
    return len >= sizeof(file_magic) && memcmp(data, file_magic, sizeof(file_magic)) == 0;
}

/* Looks at the file whose name is that of the database with an ending; false: it is not there. */
static bool look_beside(const char *path, const char *ending, struct stat *status)
{
    char *name;
    bool there;

    if (asprintf(&name, "%s%s", path, ending) < 0)
        return false;
    there = stat(name, status) == 0 && S_ISREG(status->st_mode);
    free(name);
    return there;
}

static bool has_journal(const char *path)
{
    unsigned char begin[sizeof(journal_magic)];
    char *name;
    bool has;

    if (asprintf(&name, "%s-journal", path) < 0)
        return true;
    has = read_begin(name, begin, sizeof(begin)) == sizeof(begin) &&
          memcmp(begin, journal_magic, sizeof(begin)) == 0;
    free(name);
    return has;
}

static int64_t modified_ns(const struct stat *status)
{
    return (int64_t)status->st_mtim.tv_sec * TQ__SECOND_NS + status->st_mtim.tv_nsec;
}

static uint32_t counter_of(const char *path)
{
    unsigned char header[HEADER_BYTES] = {0};

    (void)read_begin(path, header, sizeof(header));
    return (uint32_t)header[24] << 24 | (uint32_t)header[25] << 16 | (uint32_t)header[26] << 8 | header[27];
}

/* False: the database is not there. */
static bool look_at(const char *path, struct tq__log_look *look)
{
    struct stat status;

    *look = (struct tq__log_look){.is_halfway = has_journal(path)};
    if (stat(path, &status) != 0)
        return false;
    look->device = (uint64_t)status.st_dev;
    look->inode = (uint64_t)status.st_ino;
    look->file_bytes = (uint64_t)status.st_size;
    look->file_modified_ns = modified_ns(&status);
    if (look_beside(path, "-wal", &status) && status.st_size > 0) {
        look->wal_bytes = (uint64_t)status.st_size;
        look->wal_modified_ns = modified_ns(&status);
    }
    look->is_shared = look->wal_bytes > 0 && look_beside(path, "-shm", &status);
    /* Not while SQLite has locks on the file: closing it here would give them up. */
    look->changes = look->is_shared ? 0 : counter_of(path);
    return true;
}

void tq_log_source_beside(const struct tq_log_source *source, const char *path, uint64_t *file_bytes,
                          int64_t *modified_at_ns)
{
    struct tq__log_look look;
    char *real;

    if (!tq_log_source_has_database(source) || !(real = realpath(path, NULL)))
        return;
    if (look_at(real, &look)) {
        *file_bytes += look.wal_bytes;
        if (look.wal_modified_ns > *modified_at_ns)
            *modified_at_ns = look.wal_modified_ns;
    }
    free(real);
}

/* ---- open and close -------------------------------------------------------------------------- */

int tq__log_database_name(struct tq__log_database *database, const char *path, const void *data, size_t len,
                          struct tq_log_error *error)
{
    database->data = data;
    database->len = len;
    database->path = path ? realpath(path, NULL) : NULL;
    if (path && !database->path)
        return tq__log_fail(error, TQ_LOG_BROKEN, 0, errno, "cannot read: %s", strerror(errno));
    return tq__sqlite_load(error);
}

/* The path as SQLite's URI, on the heap. */
static char *uri_of(const char *path, const char *parameters)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
    size_t parameters_bytes = strlen(parameters) + 1;
    char *uri = malloc(strlen("file:") + strlen(path) * 3 + parameters_bytes), *at = uri;

    if (!uri)
        return NULL;
    memcpy(at, "file:", strlen("file:"));
    at += strlen("file:");
    for (; *path; path++) {
        if (strchr(plain, *path))
            *at++ = *path;
        else
            at += snprintf(at, 4, "%%%02X", (unsigned char)*path);
    }
    memcpy(at, parameters, parameters_bytes);
    return uri;
}

static int open_memory(struct tq__log_database *database)
{
    unsigned char *copy;
    int code =
        tq__sqlite.open_v2(":memory:", &database->sqlite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, NULL);

    if (code != SQLITE_OK)
        return code;
    copy = tq__sqlite.malloc64(database->len + 1);
    if (!copy)
        return SQLITE_NOMEM;
    memcpy(copy, database->data, database->len);
    if (database->len >= HEADER_BYTES) /* a WAL needs a file; what the database itself has can be read */
        copy[18] = copy[19] = 1;
    database->is_locked = true;
    return tq__sqlite.deserialize(database->sqlite, "main", copy, (sqlite3_int64)database->len,
                                  (sqlite3_int64)database->len,
                                  SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY);
}

static int open_file(struct tq__log_database *database, const char *parameters)
{
    char *uri = uri_of(database->path, parameters);
    int code = uri ? tq__sqlite.open_v2(uri, &database->sqlite,
                                        SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOFOLLOW, NULL)
                   : SQLITE_NOMEM;

    free(uri);
    return code;
}

/* Ends a query that takes too long. */
static int count_steps(void *context)
{
    struct tq__log_database *database = context;

    database->steps += STEPS_AT_A_TIME;
    return database->steps > STEPS_MAX;
}

/* Nothing in the database may make SQLite do more than read a table. */
static void restrict_it(struct tq__log_database *database)
{
    sqlite3 *sqlite = database->sqlite;

    tq__sqlite.extended_result_codes(sqlite, 1);
    tq__sqlite.db_config(sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    tq__sqlite.db_config(sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    tq__sqlite.db_config(sqlite, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    tq__sqlite.db_config(sqlite, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    tq__sqlite.db_config(sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    tq__sqlite.limit(sqlite, SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX);
    tq__sqlite.limit(sqlite, SQLITE_LIMIT_ATTACHED, 0);
    tq__sqlite.busy_timeout(sqlite, BUSY_MS);
    tq__sqlite.progress_handler(sqlite, STEPS_AT_A_TIME, count_steps, database);
}

static int run(struct tq__log_database *database, const char *sql)
{
    return tq__sqlite.exec(database->sqlite, sql, NULL, NULL, NULL);
}

/* Opens it, and reads its schema: only then does SQLite look into the files. */
static int open_way(struct tq__log_database *database, const char *parameters, bool alone)
{
    int code = open_file(database, parameters);

    database->steps = 0;
    if (code == SQLITE_OK)
        restrict_it(database);
    if (code == SQLITE_OK && alone) /* with this, SQLite keeps what it needs of the -wal in memory */
        code = run(database, "PRAGMA locking_mode = EXCLUSIVE");
    return code == SQLITE_OK
               ? run(database, "PRAGMA cell_size_check = 1; SELECT 1 FROM sqlite_schema LIMIT 1")
               : code;
}

int tq__log_database_open(struct tq__log_database *database)
{
    int code;

    if (database->sqlite)
        return SQLITE_OK;
    if (!database->path) {
        code = open_memory(database);
        if (code == SQLITE_OK)
            restrict_it(database);
        return code;
    }
    if (!look_at(database->path, &database->look))
        return SQLITE_CANTOPEN;
    if (database->look.is_halfway)
        return SQLITE_BUSY;
    if (database->look.wal_bytes == 0)
        return open_way(database, "?immutable=1", false);
    if (database->look.is_shared) {
        code = open_way(database, "?readonly_shm=1", false);
        database->is_locked = code == SQLITE_OK;
        if (code == SQLITE_OK || code == SQLITE_NOMEM || (code & 0xff) == SQLITE_CORRUPT)
            return code;
        tq__log_database_close(database);
    }
    return open_way(database, "?vfs=unix-none", true);
}

bool tq__log_database_is_as_it_was(const struct tq__log_database *database)
{
    const struct tq__log_look *then = &database->look;
    struct tq__log_look now;

    return !database->path ||
           (look_at(database->path, &now) && !now.is_halfway && now.device == then->device &&
            now.inode == then->inode && now.file_bytes == then->file_bytes &&
            now.wal_bytes == then->wal_bytes && now.file_modified_ns == then->file_modified_ns &&
            now.wal_modified_ns == then->wal_modified_ns && now.changes == then->changes &&
            now.is_shared == then->is_shared);
}

bool tq__log_database_is_sound(const struct tq__log_database *database)
{
    return database->is_locked || tq__log_database_is_as_it_was(database);
}

void tq__log_database_close(struct tq__log_database *database)
{
    if (database->sqlite)
        tq__sqlite.close(database->sqlite);
    database->sqlite = NULL;
    database->is_locked = false;
}

void tq__log_database_forget(struct tq__log_database *database)
{
    tq__log_database_close(database);
    free(database->path);
}

uint64_t tq__log_database_bytes(const struct tq__log_database *database)
{
    return database->path ? database->look.file_bytes + database->look.wal_bytes : database->len;
}

int tq__log_database_fail(int code, struct tq_log_error *error)
{
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        return tq__log_fail_memory(error);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_READONLY: /* the index of the -wal is being made anew, which the tool does and we may not */
        return tq__log_fail(error, TQ_LOG_BROKEN, 0, EBUSY,
                            "a transaction on the database is not finished; the next import reads it");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
        return tq__log_fail(error, TQ_LOG_BROKEN, 0, 0, "the database is damaged: %s",
                            tq__sqlite.errstr(code));
    case SQLITE_INTERRUPT:
        return tq__log_fail(error, TQ_LOG_BROKEN, 0, 0, "a query on the database takes too long");
    default:
        return tq__log_fail(error, TQ_LOG_BROKEN, 0, 0, "cannot read the database: %s",
                            tq__sqlite.errstr(code));
    }
}
