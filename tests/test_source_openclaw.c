/* test_source_openclaw.c: each response in OpenClaw's databases once, also where a file has it, too.
 *
 * SPDX-License-Identifier: MIT
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

#include "database_make.h"
#include "scratch.h"

/* Version 2026.8 has no compressed events. */
#define OLD_TABLE                                                                                            \
    "CREATE TABLE transcript_events(session_id TEXT NOT NULL, seq INTEGER NOT NULL, event_json TEXT NOT "    \
    "NULL, created_at INTEGER NOT NULL, PRIMARY KEY(session_id, seq)) STRICT;"
#define TABLE                                                                                                \
    "CREATE TABLE transcript_events(session_id TEXT NOT NULL, seq INTEGER NOT NULL, event_json TEXT,"        \
    " created_at INTEGER NOT NULL, event_zstd BLOB, event_utf8_bytes INTEGER, navigation_json TEXT,"         \
    " PRIMARY KEY(session_id, seq)) STRICT;"

#define SESSION(id, cwd) "{\"type\":\"session\",\"version\":4,\"id\":\"" id "\",\"cwd\":\"" cwd "\"}"
#define NAMES(model) "{\"type\":\"model_change\",\"provider\":\"openai\",\"modelId\":\"" model "\"}"
#define NAMED "\"provider\":\"anthropic\",\"model\":\"claude-opus-5\","
#define WITH_ID NAMED "\"responseId\":\"msg_01AbCdEfGhIjKlMnOpQrStUv\","
#define ASKED "\"timestamp\":1777629590000,"
#define MESSAGE(second, more, output)                                                                        \
    "{\"type\":\"message\",\"timestamp\":\"2026-05-01T10:00:0" second "Z\",\"message\":{\"role\":"           \
    "\"assistant\"," more "\"usage\":{\"input\":100,\"output\":" output "}}}"

static const char *path_of(void **state)
{
    return scratch_path(state, "openclaw-agent.sqlite");
}

/* Writes an event behind the others of its session, compressed or not. */
static void add_event(sqlite3 *database, const char *session, const char *event, bool is_packed)
{
    static const char sql[] =
        "INSERT INTO transcript_events(session_id, seq, event_json, created_at, event_zstd)"
        " SELECT ?1, coalesce(max(seq) + 1, 0), ?2, 1777629600000, ?3"
        " FROM transcript_events WHERE session_id = ?1";
    size_t len = strlen(event), room = ZSTD_compressBound(len);
    void *packed = malloc(room);
    sqlite3_stmt *statement;

    assert_non_null(packed);
    assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
    sqlite3_bind_text(statement, 1, session, -1, SQLITE_STATIC);
    if (is_packed)
        sqlite3_bind_blob(statement, 3, packed, (int)ZSTD_compress(packed, room, event, len, 1),
                          SQLITE_STATIC);
    else
        sqlite3_bind_text(statement, 2, event, (int)len, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_finalize(statement);
    free(packed);
}

static sqlite3 *store_of(void **state)
{
    sqlite3 *database = database_open(path_of(state));

    database_run(database, TABLE);
    return database;
}

static struct tq_log_reader *reader_of(void **state)
{
    return expect_database("openclaw", path_of(state));
}

/* Closes the reader and opens one where it was. */
static struct tq_log_reader *reopen(void **state, struct tq_log_reader *reader, int restarted)
{
    struct tq_log_state place;

    tq_log_reader_state(reader, &place);
    tq_log_reader_close(reader);
    return expect_database_at("openclaw", path_of(state), &place, restarted);
}

static void expect_row(struct tq_log_reader *reader, int64_t output, const char *session)
{
    struct seen seen = expect_entry(reader);

    assert_int_equal(seen.entry.usage.output, output);
    assert_string_equal(seen.session, session);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void a_row_is_a_line(void **state)
{
    for (int packed = 0; packed < 2; packed++) {
        sqlite3 *database = store_of(state);
        struct tq_log_reader *reader;
        struct seen seen;

        add_event(database, "s1", SESSION("s1", "/home/u/p"), false);
        add_event(database, "s2", SESSION("s2", "/home/u/q"), false);
        add_event(database, "s1", "{\"type\":\"message\",\"message\":{\"role\":\"user\"}}", packed);
        add_event(database, "s1", MESSAGE("1", WITH_ID, "20"), packed);
        assert_int_equal(sqlite3_close(database), SQLITE_OK);
        reader = reader_of(state);
        seen = expect_entry(reader);
        expect_over(reader);
        expect_counts(&seen, 100, 0, 0, 20);
        assert_int_equal(seen.entry.at_ns, INT64_C(1777629601000000000));
        assert_int_equal(seen.entry.line, 4);
        assert_string_equal(seen.vendor, "anthropic");
        assert_string_equal(seen.model, "claude-opus-5");
        assert_string_equal(seen.session, "s1");
        assert_string_equal(seen.project, "/home/u/p");
        assert_int_equal(unlink(path_of(state)), 0);
    }
}

static void older_versions_compress_nothing(void **state)
{
    struct tq_log_reader *reader;

    database_make(path_of(state), OLD_TABLE
                  "INSERT INTO transcript_events VALUES('s1', 0, '" MESSAGE("1", NAMED, "20") "', 5)");
    reader = reader_of(state);
    expect_row(reader, 20, "s1");
    expect_over(reader);
}

/* What a file and the database both have, compressed there or not, in a line of its own time or of another.
 */
static void a_response_has_one_key(void **state)
{
    static const char *const lines[][2] = {
        {MESSAGE("1", WITH_ID, "20"), MESSAGE("9", WITH_ID, "20")},
        {MESSAGE("1", NAMED ASKED, "20"), MESSAGE("9", NAMED ASKED, "20")},
        {MESSAGE("1", NAMED, "20"), MESSAGE("1", NAMED, "20")},
        {NAMES("gpt-5.6") "\n" MESSAGE("1", "", "20"), MESSAGE("1", "", "20")},
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        uint64_t key = expect_one("openclaw", lines[i][0]).entry.key;
        sqlite3 *database = store_of(state);
        struct tq_log_reader *reader;

        add_event(database, "s1", lines[i][1], false);
        add_event(database, "s2", lines[i][1], true);
        add_event(database, "s2", MESSAGE("2", NAMED, "20"), true);
        assert_int_equal(sqlite3_close(database), SQLITE_OK);
        reader = reader_of(state);
        assert_int_equal(expect_entry(reader).entry.key, key);
        assert_int_equal(expect_entry(reader).entry.key, key);
        assert_int_not_equal(expect_entry(reader).entry.key, key);
        expect_over(reader);
        assert_int_equal(unlink(path_of(state)), 0);
    }
}

/* Codex writes a rollout for what it answers; OpenClaw repeats the last response of a turn. */
static void a_turn_of_codex_is_not_read_here(void **state)
{
    sqlite3 *database = store_of(state);
    struct tq_log_reader *reader;

    add_event(database, "s1",
              MESSAGE("1", NAMED "\"idempotencyKey\":\"codex-app-server:t:u:assistant\",", "20"), false);
    add_event(database, "s1", MESSAGE("2", NAMED "\"idempotencyKey\":\"run-7:assistant\",", "30"), false);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
    reader = reader_of(state);
    expect_row(reader, 30, "s1");
    expect_over(reader);
}

static void a_row_before_says_the_model(void **state)
{
    sqlite3 *database = store_of(state);
    struct tq_log_reader *reader;
    struct seen seen;

    add_event(database, "s1", NAMES("gpt-5.6"), true);
    add_event(database, "s1", MESSAGE("1", "", "20"), false);
    add_event(database, "s2", MESSAGE("2", "", "30"), false); /* of another session, which has named none */
    add_event(database, "s1", MESSAGE("3", "", "40"), true);
    reader = reader_of(state);
    seen = expect_entry(reader);
    assert_string_equal(seen.model, "gpt-5.6");
    assert_string_equal(seen.vendor, "openai");
    reader = reopen(state, reader, 0);
    seen = expect_entry(reader);
    assert_string_equal(seen.model, "");
    assert_string_equal(seen.vendor, "");
    seen = expect_entry(reader);
    assert_string_equal(seen.model, "gpt-5.6");
    expect_over(reader);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static void a_row_has_an_instant_too(void **state)
{
    struct tq_log_reader *reader;

    database_make(path_of(state), OLD_TABLE
                  "INSERT INTO transcript_events VALUES('s1', 0, '{\"type\":\"message\",\"message\":{"
                  "\"role\":\"assistant\",\"usage\":{\"input\":1}}}', 1777629600000)");
    reader = reader_of(state);
    assert_int_equal(expect_entry(reader).entry.at_ns, INT64_C(1777629600000000000));
    expect_over(reader);
}

/* ---- what cannot be read --------------------------------------------------------------------- */

static void what_cannot_be_unpacked_is_a_bad_row(void **state)
{
    sqlite3 *database = store_of(state);
    struct tq_log_reader *reader;
    char *large = malloc((size_t)17 << 20);

    assert_non_null(large);
    memset(large, ' ', (size_t)17 << 20);
    large[((size_t)17 << 20) - 1] = '\0';
    add_event(database, "s1", MESSAGE("1", NAMED, "20"), true);
    add_event(database, "s1", MESSAGE("2", NAMED, "30"), true);
    add_event(database, "s1", large, true);
    add_event(database, "s1", MESSAGE("3", NAMED, "40"), true);
    database_run(database,
                 "UPDATE transcript_events SET event_zstd = substr(event_zstd, 1, 30) WHERE seq = 0;"
                 "INSERT INTO transcript_events VALUES('s1', 4, NULL, 5, NULL, NULL, NULL),"
                 "('s1', 5, NULL, 5, x'', NULL, NULL), ('s1', 6, '{\"usage\":', 5, NULL, NULL, NULL)");
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
    free(large);
    reader = reader_of(state);
    expect_bad_at(reader, 1, "compressed, and broken");
    expect_row(reader, 30, "s1");
    expect_bad_at(reader, 3, "more than 16 MiB");
    expect_row(reader, 40, "s1");
    expect_bad_at(reader, 7, "not JSON");
    expect_over(reader);
}

/* ---- growth ---------------------------------------------------------------------------------- */

static void it_goes_on_where_it_was(void **state)
{
    sqlite3 *database = store_of(state);
    struct tq_log_reader *reader;

    add_event(database, "s1", MESSAGE("1", NAMED, "20"), false);
    reader = reader_of(state);
    expect_row(reader, 20, "s1");
    expect_no_more(reader);
    add_event(database, "s2", MESSAGE("2", NAMED, "30"), true);
    expect_row(reader, 30, "s2"); /* while it is open */
    expect_no_more(reader);
    reader = reopen(state, reader, 0);
    expect_no_more(reader); /* nothing new */
    add_event(database, "s1", MESSAGE("3", NAMED, "40"), true);
    reader = reopen(state, reader, 0);
    expect_row(reader, 40, "s1");
    expect_over(reader);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

/* OpenClaw compresses an event where it stands. */
static void a_row_that_is_compressed_later_is_no_other(void **state)
{
    sqlite3 *database = store_of(state);
    struct tq_log_reader *reader;

    add_event(database, "s1", MESSAGE("1", NAMED, "20"), false);
    reader = reader_of(state);
    expect_row(reader, 20, "s1");
    database_run(database, "UPDATE transcript_events SET event_json = NULL, event_zstd = x'00'");
    reader = reopen(state, reader, 0);
    expect_over(reader);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

/* A session that is written anew gets the numbers of its old rows: other rows have them now. */
static void a_session_that_was_written_anew_is_read_anew(void **state)
{
    sqlite3 *database = store_of(state);
    struct tq_log_reader *reader;

    add_event(database, "s1", MESSAGE("1", NAMED, "20"), false);
    add_event(database, "s1", MESSAGE("2", NAMED, "30"), false);
    reader = reader_of(state);
    expect_row(reader, 20, "s1");
    expect_row(reader, 30, "s1");
    expect_no_more(reader);
    database_run(database, "DELETE FROM transcript_events");
    add_event(database, "s1", MESSAGE("3", NAMED, "40"), false);
    add_event(database, "s1", MESSAGE("4", NAMED, "50"), false);
    add_event(database, "s1", MESSAGE("5", NAMED, "60"), false);
    database_run(database, "UPDATE transcript_events SET created_at = created_at + 1");
    reader = reopen(state, reader, 1);
    expect_row(reader, 40, "s1");
    expect_row(reader, 50, "s1");
    expect_row(reader, 60, "s1");
    /* A session that is deleted leaves its numbers to the next one. */
    database_run(database, "UPDATE transcript_events SET session_id = 's2'");
    reader = reopen(state, reader, 1);
    expect_row(reader, 40, "s2");
    tq_log_reader_close(reader);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

/* ---- a tool that is killed ------------------------------------------------------------------- */

#define COPY(seq)                                                                                            \
    "INSERT INTO transcript_events SELECT session_id, " seq                                                  \
    ", NULL, created_at, event_zstd, NULL, NULL FROM transcript_events WHERE seq = 0;"

/* Writes an event, and is killed inside of the transaction of the next one, half of which is in the file. */
static int write_and_die(void *path)
{
    static const char sql[] =
        "PRAGMA journal_mode = WAL; PRAGMA cache_size = 1; PRAGMA cache_spill = 1;" COPY(
            "1") "BEGIN IMMEDIATE;" COPY("2") "INSERT INTO transcript_events VALUES('s1', 3, "
                                              "hex(zeroblob(100000)), 5, NULL, NULL, NULL)";
    sqlite3 *database = NULL;

    MUST(sqlite3_open(path, &database) == SQLITE_OK);
    MUST(sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK);
    kill(getpid(), SIGKILL);
    return 1;
}

static void what_a_killed_tool_wrote_is_read(void **state)
{
    sqlite3 *database = store_of(state);
    struct tq_log_reader *reader;

    add_event(database, "s1", MESSAGE("1", NAMED, "20"), true);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
    assert_int_equal(child_end(child_start(write_and_die, (void *)(uintptr_t)path_of(state))),
                     1000 + SIGKILL);
    reader = reader_of(state);
    expect_row(reader, 20, "s1");
    expect_row(reader, 20, "s1");
    expect_no_more(reader);
    database = database_open(path_of(state)); /* the tool starts again */
    add_event(database, "s1", MESSAGE("4", NAMED, "50"), true);
    reader = reopen(state, reader, 0);
    expect_row(reader, 50, "s1");
    expect_over(reader);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(a_row_is_a_line),
        scratch_test(older_versions_compress_nothing),
        scratch_test(a_response_has_one_key),
        scratch_test(a_turn_of_codex_is_not_read_here),
        scratch_test(a_row_before_says_the_model),
        scratch_test(a_row_has_an_instant_too),
        scratch_test(what_cannot_be_unpacked_is_a_bad_row),
        scratch_test(it_goes_on_where_it_was),
        scratch_test(a_row_that_is_compressed_later_is_no_other),
        scratch_test(a_session_that_was_written_anew_is_read_anew),
        scratch_test(what_a_killed_tool_wrote_is_read),
    };

    return cmocka_run_group_tests_name("source_openclaw", tests, NULL, NULL);
}
