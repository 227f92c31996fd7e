/* test_source_database.c: a tool's database is read beside the tool, without a lock, without a file of ours,
 * and from where the last reader was.
 *
 * SPDX-License-Identifier: MIT
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "database_make.h"
#include "rng.h"
#include "scratch.h"

static const char *const modes[] = {"WAL", "DELETE", "TRUNCATE", "PERSIST"};

#define MODES (sizeof(modes) / sizeof(modes[0]))

/* A database in that mode with the rows 1 and 2, open. */
static sqlite3 *store_in(void **state, const char *mode)
{
    sqlite3 *database = database_open(scratch_path(state, "session-store.db"));
    char sql[64];

    snprintf(sql, sizeof(sql), "PRAGMA journal_mode = %s", mode);
    database_run(database, sql);
    database_run(database, "DROP TABLE IF EXISTS assistant_usage_events");
    database_run(database, COPILOT_TABLE COPILOT_ROW(1) COPILOT_ROW(2));
    return database;
}

static struct tq_log_reader *reader_of(void **state)
{
    return expect_database("copilot", scratch_path(state, "session-store.db"));
}

static void expect_row(struct tq_log_reader *reader, int64_t number)
{
    struct seen seen = expect_entry(reader);

    assert_int_equal(seen.entry.usage.output, number);
    assert_int_equal(seen.entry.line, number);
}

/* ---- beside a tool --------------------------------------------------------------------------- */

static void the_tool_may_have_it_open(void **state)
{
    for (unsigned i = 0; i < MODES; i++) {
        sqlite3 *tool = store_in(state, modes[i]);
        struct tq_log_reader *reader = reader_of(state);

        expect_row(reader, 1);
        expect_row(reader, 2);
        expect_no_more(reader);
        database_run(tool, COPILOT_ROW(3));
        expect_row(reader, 3);
        expect_over(reader);
        assert_int_equal(sqlite3_close(tool), SQLITE_OK);
    }
}

/* Writers fail at once when somebody has a lock: their timeout is 0. */
static void the_tool_never_waits(void **state)
{
    for (unsigned i = 0; i < MODES; i++) {
        sqlite3 *tool = store_in(state, modes[i]);
        struct tq_log_reader *reader = reader_of(state);

        expect_row(reader, 1);
        database_run(tool, "BEGIN EXCLUSIVE;" COPILOT_ROW(3) "COMMIT;");
        database_run(tool, "PRAGMA wal_checkpoint(TRUNCATE)");
        expect_row(reader, 2);
        expect_row(reader, 3);
        expect_over(reader);
        assert_int_equal(sqlite3_close(tool), SQLITE_OK);
    }
}

static void nothing_is_written(void **state)
{
    for (unsigned i = 0; i < MODES; i++) {
        struct tq_log_reader *reader;
        struct stat before, after;
        unsigned entries;

        assert_int_equal(sqlite3_close(store_in(state, modes[i])), SQLITE_OK);
        entries = scratch_entries(state);
        assert_int_equal(stat(scratch_path(state, "session-store.db"), &before), 0);
        reader = reader_of(state);
        expect_row(reader, 1);
        assert_int_equal(scratch_entries(state), entries);
        expect_row(reader, 2);
        expect_over(reader);
        assert_int_equal(scratch_entries(state), entries);
        assert_int_equal(stat(scratch_path(state, "session-store.db"), &after), 0);
        assert_memory_equal(&before.st_mtim, &after.st_mtim, sizeof(before.st_mtim));
    }
}

static void a_folder_may_be_read_only(void **state)
{
    struct tq_log_reader *reader;

    assert_int_equal(sqlite3_close(store_in(state, "WAL")), SQLITE_OK);
    assert_int_equal(chmod(scratch_path(state, "session-store.db"), 0444), 0);
    assert_int_equal(chmod(*state, 0555), 0);
    reader = reader_of(state);
    expect_row(reader, 1);
    expect_row(reader, 2);
    expect_over(reader);
    assert_int_equal(chmod(*state, 0755), 0);
}

static int write_and_die(void *path)
{
    sqlite3 *database = NULL;

    MUST(sqlite3_open(path, &database) == SQLITE_OK);
    MUST(sqlite3_exec(database, COPILOT_ROW(3), NULL, NULL, NULL) == SQLITE_OK);
    kill(getpid(), SIGKILL);
    return 1;
}

/* What a killed tool leaves: the row is in the -wal alone. */
static void what_a_killed_tool_wrote_is_read(void **state)
{
    struct tq_log_reader *reader;
    unsigned entries;

    assert_int_equal(sqlite3_close(store_in(state, "WAL")), SQLITE_OK);
    assert_int_equal(
        child_end(child_start(write_and_die, (void *)(uintptr_t)scratch_path(state, "session-store.db"))),
        1000 + SIGKILL);
    entries = scratch_entries(state);
    assert_int_equal(entries, 3);
    reader = reader_of(state);
    expect_row(reader, 1);
    expect_row(reader, 2);
    expect_row(reader, 3);
    expect_over(reader);
    assert_int_equal(unlink(scratch_path(state, "session-store.db-shm")), 0); /* as in a copy */
    reader = reader_of(state);
    expect_row(reader, 1);
    expect_row(reader, 2);
    expect_row(reader, 3);
    expect_over(reader);
    assert_int_equal(scratch_entries(state), entries - 1);
}

static int begin_and_die(void *path)
{
    sqlite3 *database = NULL;

    MUST(sqlite3_open(path, &database) == SQLITE_OK);
    /* With a cache this small, a transaction writes to the file before it ends. */
    MUST(sqlite3_exec(
             database,
             "PRAGMA cache_size = 1; BEGIN;"
             "WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
             "INSERT INTO assistant_usage_events SELECT i, 's1', 'm', 0, i, 0, 0, 0, '2026-05-01 10:00:00'"
             " FROM n",
             NULL, NULL, NULL) == SQLITE_OK);
    kill(getpid(), SIGKILL);
    return 1;
}

/* Half of a transaction is in the file, and only who may write can take it out. */
static void half_a_transaction_is_left_for_later(void **state)
{
    const struct tq_log_source *source = tq_log_source_find("copilot");
    struct tq_log_entry entry = {.size = sizeof(entry)};
    struct tq_log_reader *reader;
    struct tq_log_error error = {0};

    assert_int_equal(sqlite3_close(store_in(state, "DELETE")), SQLITE_OK);
    assert_int_equal(
        child_end(child_start(begin_and_die, (void *)(uintptr_t)scratch_path(state, "session-store.db"))),
        1000 + SIGKILL);
    assert_int_equal(
        tq_log_reader_open(&reader, source, scratch_path(state, "session-store.db"), NULL, NULL, &error), 0);
    assert_int_equal(tq_log_reader_next(reader, &entry, &error), TQ_LOG_BROKEN);
    assert_int_equal(error.sys, EBUSY);
    assert_non_null(strstr(error.msg, "the next import reads it"));
    tq_log_reader_close(reader);
    database_make(scratch_path(state, "session-store.db"), COPILOT_ROW(3)); /* the tool starts again */
    reader = reader_of(state);
    expect_row(reader, 1);
    expect_row(reader, 2);
    expect_row(reader, 3);
    expect_over(reader);
}

/* ---- beside a tool that writes all the time -------------------------------------------------- */

#define WRITES 400

struct writing {
    const char *path, *mode;
};

/* Several rows in each transaction, in a table that grows over many pages; killed at the end. */
static int write_on(void *argument)
{
    const struct writing *writing = argument;
    sqlite3 *database = NULL;
    char sql[512];

    MUST(sqlite3_open(writing->path, &database) == SQLITE_OK);
    snprintf(sql, sizeof(sql),
             "PRAGMA journal_mode = %s; PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 8",
             writing->mode);
    MUST(sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK);
    for (int i = 0; i < WRITES; i++) {
        snprintf(sql, sizeof(sql),
                 "BEGIN IMMEDIATE;"
                 "WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                 "INSERT INTO assistant_usage_events SELECT i, hex(randomblob(60)), 'm', 0, i, 0, 0, 0,"
                 " '2026-05-01 10:00:00' FROM n; COMMIT",
                 i * 5 + 3, i * 5 + 7);
        MUST(sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK); /* no lock of ours, or this fails */
    }
    kill(getpid(), SIGKILL);
    return 1;
}

/* Reads all that is there, and checks that each row comes once, in order, and whole. */
static int64_t read_on(const char *path, struct tq_log_state *place, int64_t last)
{
    struct tq_log_reader *reader;
    struct tq_log_error error = {0};
    struct tq_log_entry entry = {.size = sizeof(entry)};
    int restarted = 0, answer;

    answer = tq_log_reader_open(&reader, tq_log_source_find("copilot"), path, place, &restarted, &error);
    if (answer < 0 && error.sys == EBUSY) /* as below: the tool holds it, and the next look goes on */
        return last;
    if (answer < 0)
        fail_msg("opened after row %lld: %s", (long long)last, error.msg);
    assert_int_equal(restarted, 0);
    while ((answer = tq_log_reader_next(reader, &entry, &error)) == TQ_LOG_RECORD) {
        assert_int_equal(entry.line, last + 1);
        assert_int_equal(entry.usage.output, last + 1);
        last++;
    }
    if (answer != TQ_LOG_END && error.sys != EBUSY)
        fail_msg("after row %lld: %s", (long long)last, error.msg);
    tq_log_reader_state(reader, place);
    tq_log_reader_close(reader);
    return last;
}

static void a_tool_writes_meanwhile(void **state)
{
    for (unsigned i = 0; i < MODES; i++) {
        const char *path = scratch_path(state, "session-store.db");
        struct tq_log_state place = {.size = sizeof(place)};
        struct writing writing = {path, modes[i]};
        int64_t last = 0;
        siginfo_t end = {0};
        unsigned looks = 0;
        pid_t tool;

        assert_int_equal(sqlite3_close(store_in(state, modes[i])), SQLITE_OK);
        tool = child_start(write_on, &writing);
        do {
            last = read_on(path, &place, last);
            looks++;
        } while (waitid(P_PID, (id_t)tool, &end, WEXITED | WNOHANG | WNOWAIT) == 0 && end.si_pid == 0 &&
                 last < WRITES * 5 + 2);
        assert_int_equal(child_end(tool), 1000 + SIGKILL);
        last = read_on(path, &place, last);
        assert_int_equal(last, WRITES * 5 + 2);
        print_message("# %s: %u looks\n", modes[i], looks);
        assert_int_equal(unlink(path), 0);
        unlink(scratch_path(state, "session-store.db-wal"));
        unlink(scratch_path(state, "session-store.db-shm"));
        unlink(scratch_path(state, "session-store.db-journal"));
    }
}

/* ---- where a reader goes on ------------------------------------------------------------------ */

static void place_after(struct tq_log_reader *reader, struct tq_log_state *place)
{
    tq_log_reader_state(reader, place);
    tq_log_reader_close(reader);
    assert_int_equal(place->source, tq_log_source_id(tq_log_source_find("copilot")));
}

static void it_goes_on_where_it_was(void **state)
{
    const char *path = scratch_path(state, "session-store.db");
    struct tq_log_state place;
    struct tq_log_reader *reader;

    assert_int_equal(sqlite3_close(store_in(state, "WAL")), SQLITE_OK);
    reader = reader_of(state);
    expect_row(reader, 1);
    place_after(reader, &place);
    database_make(path, COPILOT_ROW(3));
    reader = expect_database_at("copilot", path, &place, 0);
    expect_row(reader, 2);
    expect_row(reader, 3);
    place_after(reader, &place);
    expect_over(expect_database_at("copilot", path, &place, 0));
    place.offset = 0; /* the start */
    reader = expect_database_at("copilot", path, &place, 0);
    expect_row(reader, 1);
    tq_log_reader_close(reader);
}

static void another_database_is_read_from_its_start(void **state)
{
    const char *path = scratch_path(state, "session-store.db");
    struct tq_log_state place;
    struct tq_log_reader *reader;

    assert_int_equal(sqlite3_close(store_in(state, "DELETE")), SQLITE_OK);
    reader = reader_of(state);
    expect_row(reader, 1);
    expect_row(reader, 2);
    place_after(reader, &place);
    database_make(path, "DELETE FROM assistant_usage_events WHERE id = 2");
    reader = expect_database_at("copilot", path, &place, 1);
    expect_row(reader, 1);
    expect_over(reader);
    database_make(path, "DROP TABLE assistant_usage_events;");
    expect_over(expect_database_at("copilot", path, &place, 1));
}

/* A state that was damaged gives rows of the database, and comes to its end. */
static void a_damaged_place_does_no_harm(void **state)
{
    const char *path = scratch_path(state, "opencode.db");
    struct rng rng = {rng_seed(3)};
    struct tq_log_state place, damaged;
    struct tq_log_reader *reader;
    struct tq_log_error error;

    database_make(
        path,
        "CREATE TABLE message(id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, data TEXT);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
        "INSERT INTO message SELECT 'msg_' || i, 's', i, json_object('role', 'assistant', 'modelID', 'm',"
        "'tokens', json_object('input', i, 'output', 1)) FROM n");
    reader = expect_database("opencode", path);
    for (int i = 0; i < 150; i++)
        expect_entry(reader);
    tq_log_reader_state(reader, &place);
    tq_log_reader_close(reader);
    for (int round = 0; round < 300; round++) {
        int answers = 0, restarted;

        damaged = place;
        for (unsigned i = 0; i < 3; i++)
            ((uint8_t *)&damaged)[sizeof(damaged) - 1 - rng_below(&rng, sizeof(place.memory))] =
                (uint8_t)rng_below(&rng, 256);
        assert_int_equal(
            tq_log_reader_open(&reader, tq_log_source_find("opencode"), path, &damaged, &restarted, &error),
            0);
        for (;;) {
            struct tq_log_entry entry = {.size = sizeof(entry)};

            if (tq_log_reader_next(reader, &entry, &error) != TQ_LOG_RECORD)
                break;
            assert_in_range(entry.line, 1, 200);
            assert_true(++answers <= 220);
        }
        tq_log_reader_close(reader);
    }
}

/* ---- what is no database, or none of ours ---------------------------------------------------- */

static void expect_broken(const char *source, const char *path, const char *words)
{
    struct tq_log_entry entry = {.size = sizeof(entry)};
    struct tq_log_reader *reader;
    struct tq_log_error error = {0};

    if (tq_log_reader_open(&reader, tq_log_source_find(source), path, NULL, NULL, &error) == 0)
        for (int answer = 0; answer != TQ_LOG_END && answer != TQ_LOG_BROKEN;)
            answer = tq_log_reader_next(reader, &entry, &error);
    if (!strstr(error.msg, words))
        fail_msg("\"%s\" does not say \"%s\"", error.msg, words);
    tq_log_reader_close(reader);
}

static void a_damaged_database_is_an_error(void **state)
{
    const char *path = scratch_path(state, "session-store.db");
    struct rng rng = {rng_seed(5)};
    uint8_t *bytes;
    size_t size;

    assert_int_equal(sqlite3_close(store_in(state, "DELETE")), SQLITE_OK);
    bytes = file_read(path, &size);
    memset(bytes + 16, 'x', size - 16);
    file_write(path, bytes, size);
    expect_broken("copilot", path, "the database is damaged");
    file_write(path, "SQLite format 3", 16);
    expect_broken("copilot", path, "the database is damaged");
    file_write(path, "", 0);
    expect_over(expect_database("antigravity", path)); /* SQLite has made the file, and written nothing */
    file_write(path, "no database", 11);
    expect_broken("antigravity", path, "it is no SQLite database");
    expect_broken("antigravity", scratch_path(state, "none.db"), "No such file");
    free(bytes);
    unlink(path);
    /* Any byte may be wrong: it ends, with rows or with an error. */
    assert_int_equal(sqlite3_close(store_in(state, "DELETE")), SQLITE_OK);
    bytes = file_read(path, &size);
    for (int round = 0; round < 500; round++) {
        size_t at = rng_below(&rng, (uint32_t)size);
        uint8_t was = bytes[at];

        bytes[at] = (uint8_t)rng_below(&rng, 256);
        file_write(path, bytes, size);
        expect_broken("copilot", path, "");
        bytes[at] = was;
    }
    free(bytes);
}

/* The last pages are zeroed: what is before them counts, and then it is an error. */
static void the_rows_before_the_damage_count(void **state)
{
    const char *path = scratch_path(state, "session-store.db");
    struct tq_log_reader *reader;
    struct tq_log_entry entry = {.size = sizeof(entry)};
    struct tq_log_error error = {0};
    int64_t last = 0;
    uint8_t *bytes;
    size_t size;
    int answer;

    database_make(path, "PRAGMA page_size = 512;" COPILOT_TABLE
                        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
                        "INSERT INTO assistant_usage_events SELECT i, 's1', 'm', 0, i, 0, 0, 0,"
                        " '2026-05-01 10:00:00' FROM n");
    bytes = file_read(path, &size);
    memset(bytes + size - 40 * 512, 0, 40 * 512);
    file_write(path, bytes, size);
    free(bytes);
    reader = expect_database("copilot", path);
    while ((answer = tq_log_reader_next(reader, &entry, &error)) == TQ_LOG_RECORD)
        assert_int_equal(entry.line, ++last);
    assert_int_equal(answer, TQ_LOG_BROKEN);
    assert_true(last > 1000 && last < 2000);
    tq_log_reader_close(reader);
}

static void other_tables_give_nothing(void **state)
{
    const char *path = scratch_path(state, "a.db");

    database_make(path, "CREATE TABLE other(a); INSERT INTO other VALUES(1)");
    expect_over(expect_database("copilot", path));
    expect_over(expect_database("opencode", path));
    expect_over(expect_database("antigravity", path));
    expect_over(expect_database("openclaw", path));
    /* What only looks like a table could make SQLite do anything. */
    database_make(
        path, "CREATE VIEW assistant_usage_events AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
              " FROM n) SELECT i AS id, i AS rowid, i AS output_tokens FROM n");
    expect_over(expect_database("copilot", path));
}

/* Columns that older versions have not, and values that are no numbers. */
static void rows_may_lack_columns(void **state)
{
    const char *path = scratch_path(state, "a.db");
    struct tq_log_reader *reader;
    struct seen seen;

    database_make(path,
                  "CREATE TABLE assistant_usage_events(id INTEGER PRIMARY KEY, input_tokens, created_at);"
                  "INSERT INTO assistant_usage_events VALUES(1, 5, '2026-05-01 10:00:00'),"
                  "(2, 'many', '2026-05-01 10:00:00'), (3, 5, 'today'), (4, NULL, NULL), (5, -1, NULL),"
                  "(6, 7.0, '2026-05-01T10:00:00+02:00')");
    reader = expect_database("copilot", path);
    seen = expect_entry(reader);
    expect_counts(&seen, 5, 0, 0, 0);
    assert_string_equal(seen.model, "");
    expect_bad_at(reader, 2, "input_tokens is not a whole number: \"many\"");
    expect_bad_at(reader, 3, "created_at is neither");
    expect_bad_at(reader, 5, "input_tokens is negative");
    seen = expect_entry(reader);
    expect_counts(&seen, 7, 0, 0, 0);
    assert_int_equal(seen.entry.at_ns, INT64_C(1777622400000000000));
    expect_over(reader);
}

static void a_value_that_is_too_long_is_a_bad_row(void **state)
{
    const char *path = scratch_path(state, "opencode.db");
    struct tq_log_reader *reader;

    database_make(
        path,
        "CREATE TABLE message(id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, data TEXT);"
        "INSERT INTO message VALUES('a', 's', 1777622400000, '{\"tokens\":{\"input\":1}}'),"
        "('b', 's', 1777622400000, '{\"tokens\":{\"input\":2},\"x\":\"' || hex(zeroblob(9000000)) || '\"}'),"
        "('c', 's', 1777622400001, '{\"tokens\":{\"input\":3}}')");
    reader = expect_database("opencode", path);
    expect_entry(reader);
    expect_bad_at(reader, 2, "more than 16 MiB");
    assert_int_equal(expect_entry(reader).entry.usage.input, 3);
    tq_log_reader_close(reader);
}

/* ---- what an import looks at ----------------------------------------------------------------- */

static void the_log_beside_counts_too(void **state)
{
    const struct tq_log_source *source = tq_log_source_find("copilot");
    const char *path = scratch_path(state, "session-store.db");
    sqlite3 *tool = store_in(state, "WAL");
    uint64_t bytes = 5, later = 5;
    int64_t at_ns = 0, later_ns = 0;

    assert_int_equal(tq_log_source_has_database(source), 1);
    assert_int_equal(tq_log_source_has_database(tq_log_source_find("claude")), 0);
    tq_log_source_beside(source, path, &bytes, &at_ns);
    assert_true(bytes > 5 && at_ns > 0);
    database_run(tool, COPILOT_ROW(3));
    tq_log_source_beside(source, path, &later, &later_ns);
    assert_true(later > bytes && later_ns >= at_ns);
    later = 5;
    tq_log_source_beside(tq_log_source_find("claude"), path, &later, &later_ns);
    assert_int_equal(later, 5);
    assert_int_equal(sqlite3_close(tool), SQLITE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(the_tool_may_have_it_open),
        scratch_test(the_tool_never_waits),
        scratch_test(nothing_is_written),
        scratch_test(a_folder_may_be_read_only),
        scratch_test(what_a_killed_tool_wrote_is_read),
        scratch_test(half_a_transaction_is_left_for_later),
        scratch_test(a_tool_writes_meanwhile),
        scratch_test(it_goes_on_where_it_was),
        scratch_test(another_database_is_read_from_its_start),
        scratch_test(a_damaged_place_does_no_harm),
        scratch_test(a_damaged_database_is_an_error),
        scratch_test(the_rows_before_the_damage_count),
        scratch_test(other_tables_give_nothing),
        scratch_test(rows_may_lack_columns),
        scratch_test(a_value_that_is_too_long_is_a_bad_row),
        scratch_test(the_log_beside_counts_too),
    };

    return cmocka_run_group_tests_name("source_database", tests, NULL, NULL);
}
