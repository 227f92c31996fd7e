/* test_source_opencode.c: each response of OpenCode once, over its schemas, forks and growing rows.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <unistd.h>

#include "database_make.h"
#include "scratch.h"

#define AT_MS INT64_C(1777629600000)

#define OLD_TABLE                                                                                            \
    "CREATE TABLE message(id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, data TEXT);"
#define NEW_TABLE                                                                                            \
    "CREATE TABLE session_message(id TEXT PRIMARY KEY, session_id TEXT, type TEXT, seq INTEGER,"             \
    " time_created INTEGER, data TEXT);"

/* A message of the older schema: `end` is what stands behind the time it was made. */
#define DATA(ms, tokens, end)                                                                                \
    "{\"role\":\"assistant\",\"modelID\":\"gpt-5\",\"providerID\":\"github-copilot\",\"cost\":0.25,"         \
    "\"tokens\":{" tokens "},\"time\":{\"created\":177762960000" ms end "},\"path\":{\"cwd\":\"/w/p\"}}"
#define DONE ",\"completed\":1777629609999"
#define TOKENS(input, output)                                                                                \
    "\"input\":" #input ",\"output\":" #output ",\"reasoning\":5,\"cache\":{\"read\":50,\"write\":7}"
#define NO_TOKENS "\"input\":0,\"output\":0,\"reasoning\":0,\"cache\":{\"read\":0,\"write\":0}"
#define OLD_ROW(id, session, data) "INSERT INTO message VALUES('" id "', '" session "', 5, '" data "');"
#define SET(id, data) "UPDATE message SET data = '" data "' WHERE id = '" id "';"

static const char *path_of(void **state)
{
    return scratch_path(state, "opencode.db");
}

static void a_row_is_a_response(void **state)
{
    struct tq_log_reader *reader;
    struct seen seen;

    database_make(path_of(state),
                  OLD_TABLE OLD_ROW("msg_0", "s1", "{\"role\":\"user\",\"time\":{\"created\":1777629600000}}")
                      OLD_ROW("msg_1", "s1", DATA("0", TOKENS(100, 10), DONE))
                          OLD_ROW("msg_2", "s1", "{\"tokens\":"));
    reader = expect_database("opencode", path_of(state));
    seen = expect_entry(reader);
    expect_counts(&seen, 100, 50, 7, 15);
    assert_int_equal(seen.entry.usage.reasoning, 5);
    assert_int_equal(seen.entry.at_ns, AT_MS * 1000000);
    assert_int_equal(seen.entry.cost_nano_usd, 250000000);
    assert_string_equal(seen.vendor, "copilot");
    assert_string_equal(seen.model, "gpt-5");
    assert_string_equal(seen.session, "s1");
    assert_string_equal(seen.project, "/w/p");
    expect_bad_at(reader, 3, "not JSON");
    tq_log_reader_close(reader);
    reader = expect_database("kilo", path_of(state));
    assert_int_not_equal(expect_entry(reader).entry.key, seen.entry.key); /* of another tool */
    tq_log_reader_close(reader);
}

static uint64_t key_of(const char *path)
{
    struct tq_log_reader *reader = expect_database("opencode", path);
    uint64_t key = expect_entry(reader).entry.key;

    tq_log_reader_close(reader);
    return key;
}

/* A file of before the databases, the older table, the newer one: one message, one key. */
static void each_schema_gives_the_same_key(void **state)
{
    const char *file = DATA("0", TOKENS(100, 10), DONE), *path = scratch_path(state, "msg_1.json");
    uint64_t key;

    file_write(path, file, strlen(file));
    database_make(path_of(state), OLD_TABLE OLD_ROW("msg_1", "s1", DATA("0", TOKENS(100, 10), DONE)));
    key = key_of(path_of(state));
    assert_int_equal(key_of(path), key);
    database_make(
        path_of(state), NEW_TABLE
        "INSERT INTO session_message VALUES('u', 's1', 'user', 1, 1, '{\"tokens\":{\"input\":9}}'),"
        "('a', 's1', 'assistant', 2, 1777629600000, '{\"model\":{\"id\":\"gpt-5\",\"providerID\":\"openai\"},"
        "\"tokens\":{\"input\":100,\"output\":10}}'),"
        "('b', 's1', 'assistant', 3, 1777629600000, '{\"model\":{\"id\":\"gpt-5\",\"providerID\":\"openai\"},"
        "\"tokens\":{\"input\":101,\"output\":10},\"time\":{\"created\":1777629600001}}')");
    assert_int_equal(key_of(path_of(state)), key);
}

static void where_both_tables_are_the_newer_one_counts(void **state)
{
    struct tq_log_reader *reader;
    struct tq_log_state place;

    database_make(path_of(state),
                  OLD_TABLE NEW_TABLE OLD_ROW("msg_1", "s1", DATA("0", TOKENS(100, 10), DONE)));
    reader = expect_database("opencode", path_of(state));
    expect_entry(reader);
    tq_log_reader_state(reader, &place);
    tq_log_reader_close(reader);
    database_make(path_of(state),
                  "INSERT INTO session_message VALUES('a', 's1', 'assistant', 1, 1777629600005,"
                  " '{\"tokens\":{\"input\":200,\"output\":10}}')");
    reader = expect_database_at("opencode", path_of(state), &place, 1);
    assert_int_equal(expect_entry(reader).entry.usage.input, 200);
    tq_log_reader_close(reader);
}

static void a_fork_is_a_copy(void **state)
{
    struct tq_log_reader *reader;
    uint64_t key[2];

    database_make(path_of(state), OLD_TABLE OLD_ROW("msg_1", "s1", DATA("0", TOKENS(100, 10), DONE))
                                      OLD_ROW("msg_2", "s1", DATA("1", TOKENS(100, 10), DONE))
                                          OLD_ROW("msg_8", "s2", DATA("0", TOKENS(100, 10), DONE))
                                              OLD_ROW("msg_9", "s2", DATA("1", TOKENS(100, 10), DONE)));
    reader = expect_database("opencode", path_of(state));
    key[0] = expect_entry(reader).entry.key;
    key[1] = expect_entry(reader).entry.key;
    assert_int_not_equal(key[0], key[1]);
    assert_int_equal(expect_entry(reader).entry.key, key[0]);
    assert_int_equal(expect_entry(reader).entry.key, key[1]);
    tq_log_reader_close(reader);
}

/* Subagents begin in the same millisecond. A row keeps its key as it grows, whichever is finished first. */
static void two_may_begin_at_once(void **state)
{
    struct tq_log_reader *reader;
    struct tq_log_state place;
    struct seen first, second;

    database_make(path_of(state), OLD_TABLE OLD_ROW("msg_1", "s1", DATA("0", NO_TOKENS, ""))
                                      OLD_ROW("msg_2", "s2", DATA("0", NO_TOKENS, "")));
    reader = expect_database("opencode", path_of(state));
    expect_no_more(reader);
    tq_log_reader_state(reader, &place);
    tq_log_reader_close(reader);
    database_make(path_of(state), SET("msg_2", DATA("0", TOKENS(100, 10), DONE)));
    reader = expect_database_at("opencode", path_of(state), &place, 0);
    second = expect_entry(reader);
    expect_no_more(reader);
    tq_log_reader_state(reader, &place);
    tq_log_reader_close(reader);
    database_make(path_of(state), SET("msg_1", DATA("0", TOKENS(300, 30), DONE)));
    reader = expect_database_at("opencode", path_of(state), &place, 0);
    first = expect_entry(reader);
    assert_int_equal(first.entry.usage.input, 300);
    assert_int_not_equal(first.entry.key, second.entry.key);
    tq_log_reader_close(reader);
    reader = expect_database("opencode", path_of(state)); /* from the start */
    assert_int_equal(expect_entry(reader).entry.key, first.entry.key);
    assert_int_equal(expect_entry(reader).entry.key, second.entry.key);
    tq_log_reader_close(reader);
}

/* An agent waits for its subagents, which write hundreds of rows, before its own row is finished. */
static void an_open_row_is_read_again(void **state)
{
    struct tq_log_reader *reader;
    struct tq_log_state place;
    struct seen seen;

    database_make(
        path_of(state),
        OLD_TABLE OLD_ROW(
            "msg_0", "s1",
            DATA("0", TOKENS(100, 10),
                 "")) "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
                      "INSERT INTO message SELECT 'x' || i, 's2', i, '{\"role\":\"user\"}' FROM n");
    reader = expect_database("opencode", path_of(state));
    seen = expect_entry(reader);
    expect_no_more(reader);
    tq_log_reader_state(reader, &place);
    tq_log_reader_close(reader);
    expect_entry(reader = expect_database_at("opencode", path_of(state), &place, 0));
    expect_no_more(reader);
    tq_log_reader_state(reader, &place);
    tq_log_reader_close(reader);
    database_make(path_of(state), SET("msg_0", DATA("0", TOKENS(100, 90), DONE)));
    reader = expect_database_at("opencode", path_of(state), &place, 0);
    assert_int_equal(expect_entry(reader).entry.key, seen.entry.key);
    expect_no_more(reader);
    tq_log_reader_state(reader, &place);
    tq_log_reader_close(reader);
    expect_over(expect_database_at("opencode", path_of(state), &place, 0)); /* it is finished */
}

/* A packed database has other numbers for its rows. */
static void a_packed_database_is_read_anew(void **state)
{
    struct tq_log_reader *reader;
    struct tq_log_state place;

    database_make(path_of(state), OLD_TABLE OLD_ROW("msg_1", "s1", DATA("0", TOKENS(100, 10), DONE))
                                      OLD_ROW("msg_2", "s1", DATA("1", TOKENS(200, 10), DONE))
                                          OLD_ROW("msg_3", "s1", DATA("2", TOKENS(300, 10), DONE)));
    reader = expect_database("opencode", path_of(state));
    expect_entry(reader);
    expect_entry(reader);
    tq_log_reader_state(reader, &place);
    tq_log_reader_close(reader);
    database_make(path_of(state),
                  "DELETE FROM message WHERE id = 'msg_1'; UPDATE message SET rowid = rowid - 1; VACUUM");
    reader = expect_database_at("opencode", path_of(state), &place, 1);
    assert_int_equal(expect_entry(reader).entry.usage.input, 200);
    assert_int_equal(expect_entry(reader).entry.usage.input, 300);
    expect_no_more(reader);
    tq_log_reader_close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(a_row_is_a_response),
        scratch_test(each_schema_gives_the_same_key),
        scratch_test(where_both_tables_are_the_newer_one_counts),
        scratch_test(a_fork_is_a_copy),
        scratch_test(two_may_begin_at_once),
        scratch_test(an_open_row_is_read_again),
        scratch_test(a_packed_database_is_read_anew),
    };

    return cmocka_run_group_tests_name("source_opencode", tests, NULL, NULL);
}
