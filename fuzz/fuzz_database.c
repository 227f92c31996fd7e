/* fuzz_database.c: any bytes, read as the database of a tool, and as a row of protobuf in a sound one.
 *
 * SPDX-License-Identifier: MIT
 *
 *     byte 0   bit 7: the rest is the data of a row of Antigravity's; else the rest is a database, and byte 0
 *              chooses the tool by its remainder
 *     byte 1   after how many answers a reader is closed and its place is damaged
 *
 * With TQ_FUZZ_SOURCE, the name of a source, what other tools wrote is passed over (make fuzz SOURCE=NAME).
 *
 * The reader ends, each entry keeps its promises, each error is one line, and memory is that of the reader.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "target.h"
#include "tokenquota_logs.h"

#define ANSWERS_MAX 100000 /* a damaged database may say that it has the same page again and again */
#define PATH "/dev/shm/fuzz_database-%d.db"

static const struct tq_log_source *source_of(uint8_t byte)
{
    const struct tq_log_source *source, *chosen = NULL;
    unsigned count = 0;

    for (size_t i = 0; (source = tq_log_source_at(i)); i++)
        count += tq_log_source_has_database(source) != 0;
    HOLDS(count > 0);
    count = byte % count;
    for (size_t i = 0; !chosen && (source = tq_log_source_at(i)); i++)
        if (tq_log_source_has_database(source) && count-- == 0)
            chosen = source;
    return chosen;
}

static void check_entry(const struct tq_log_entry *entry)
{
    const struct tq_usage *usage = &entry->usage;
    const int64_t counts[] = {usage->input,  usage->cache_read, usage->cache_write,
                              usage->output, usage->reasoning,  usage->total};

    HOLDS(entry->key != 0 && entry->rank < UINT64_C(1) << 40 && entry->cost_nano_usd >= -1);
    for (unsigned i = 0; i < sizeof counts / sizeof counts[0]; i++)
        HOLDS(usage->known >> i & 1 ? counts[i] >= 0 : counts[i] == 0);
    HOLDS(usage->counted >= 0 && usage->reasoning <= usage->output);
    HOLDS(strlen(entry->vendor) < 64 && strlen(entry->model) < 256 && strlen(entry->session) < 128);
}

/* Reads up to `most` answers; then its place, unless place is NULL. */
static void read_some(struct tq_log_reader *reader, unsigned most, struct tq_log_state *place)
{
    struct tq_log_error error;
    int answer = 0;

    for (unsigned i = 0; i < most && answer != TQ_LOG_END && answer != TQ_LOG_BROKEN; i++) {
        struct tq_log_entry entry = {.size = sizeof entry};

        answer = tq_log_reader_next(reader, &entry, &error);
        HOLDS(i < ANSWERS_MAX);
        if (answer == TQ_LOG_RECORD)
            check_entry(&entry);
        else if (answer < 0)
            check_message(error.msg, sizeof error.msg, 0x7e);
    }
    if (place)
        tq_log_reader_state(reader, place);
    tq_log_reader_close(reader);
}

static void read_memory(const struct tq_log_source *source, const void *data, size_t size)
{
    struct tq_log_reader *reader;
    struct tq_log_error error;

    if (tq_log_reader_open_memory(&reader, source, data, size, &error) == 0)
        read_some(reader, ANSWERS_MAX, NULL);
    else
        check_message(error.msg, sizeof error.msg, 0x7e);
}

static struct tq_log_reader *open_file(const struct tq_log_source *source, const char *path,
                                       const struct tq_log_state *place)
{
    struct tq_log_reader *reader;
    struct tq_log_error error;
    int restarted = -1, answer = tq_log_reader_open(&reader, source, path, place, &restarted, &error);

    HOLDS((answer == 0) == (reader != NULL) && (answer == 0 || answer == TQ_LOG_BROKEN));
    HOLDS(!reader || restarted == 0 || restarted == 1);
    if (!reader)
        check_message(error.msg, sizeof error.msg, 0x7e);
    return reader;
}

static void read_file(const struct tq_log_source *source, const uint8_t *data, size_t size, unsigned first)
{
    struct tq_log_state place = {.size = sizeof place};
    struct tq_log_reader *reader;
    char path[64];
    FILE *file;

    snprintf(path, sizeof path, PATH, (int)getpid());
    file = fopen(path, "w");
    HOLDS(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
    reader = open_file(source, path, NULL);
    if (reader)
        read_some(reader, first, &place);
    reader = open_file(source, path, &place);
    if (reader)
        read_some(reader, ANSWERS_MAX, NULL);
    for (size_t i = 0; i < sizeof place.memory && size > 0; i++)
        place.memory[i] ^= data[i * 31 % size] & data[i * 17 % size];
    reader = open_file(source, path, &place);
    if (reader)
        read_some(reader, ANSWERS_MAX, NULL);
    unlink(path);
}

/* A sound database with one row. */
static void read_row(const struct tq_log_source *source, const uint8_t *data, size_t size)
{
    sqlite3_int64 bytes;
    sqlite3_stmt *statement;
    sqlite3 *database;
    void *file;

    HOLDS(sqlite3_open(":memory:", &database) == SQLITE_OK);
    HOLDS(sqlite3_exec(database, "CREATE TABLE gen_metadata(idx INTEGER PRIMARY KEY, data BLOB)", NULL, NULL,
                       NULL) == SQLITE_OK);
    HOLDS(sqlite3_prepare_v2(database, "INSERT INTO gen_metadata VALUES(1, ?1)", -1, &statement, NULL) ==
          SQLITE_OK);
    sqlite3_bind_blob64(statement, 1, data, size, SQLITE_STATIC);
    HOLDS(sqlite3_step(statement) == SQLITE_DONE && sqlite3_finalize(statement) == SQLITE_OK);
    file = sqlite3_serialize(database, "main", &bytes, 0);
    HOLDS(file);
    read_memory(source, file, (size_t)bytes);
    sqlite3_free(file);
    sqlite3_close(database);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct tq_log_source *source;

    if (size < 2)
        return 0;
    source = data[0] & 0x80 ? tq_log_source_find("antigravity") : source_of(data[0]);
    if (!is_wanted(tq_log_source_name(source)))
        return 0;
    if (data[0] & 0x80) {
        read_row(source, data + 2, size - 2);
    } else {
        read_memory(source, data + 2, size - 2);
        read_file(source, data + 2, size - 2, data[1]);
    }
    return 0;
}
