/* test_source_copilot.c: each request of GitHub Copilot CLI once, from its store, or from the ends of
 * sessions that are not in it.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "database_make.h"
#include "no_places.h"
#include "scratch.h"

#define ROW(id, session, created, counts)                                                                    \
    "INSERT INTO assistant_usage_events VALUES(" #id ", '" session "', 'claude-sonnet-5', " counts           \
    ", '" created "');"

#define SHUTDOWN(at, metrics)                                                                                \
    "{\"type\":\"session.shutdown\",\"data\":{\"modelMetrics\":{" metrics                                    \
    "}},\"timestamp\":\"2026-05-01T" at "Z\"}\n"
#define METRIC(model, count, input, output, cached)                                                          \
    "\"" model "\":{\"requests\":{\"count\":" #count ",\"cost\":1},\"usage\":{\"inputTokens\":" #input       \
    ",\"outputTokens\":" #output ",\"cacheReadTokens\":" #cached                                             \
    ",\"cacheWriteTokens\":0,\"reasoningTokens\":0}}"

static void a_row_is_a_request(void **state)
{
    const char *path = scratch_path(state, "session-store.db");
    struct tq_log_reader *reader;
    struct seen seen;

    database_make(path, COPILOT_TABLE ROW(7, "s1", "2026-05-01 10:00:00", "43792, 120, 42698, 904, 20"));
    reader = expect_database("copilot", path);
    seen = expect_entry(reader);
    expect_counts(&seen, 190, 42698, 904, 120);
    assert_int_equal(seen.entry.usage.reasoning, 20);
    assert_int_equal(seen.entry.at_ns, INT64_C(1777629600000000000));
    assert_int_equal(seen.entry.cost_nano_usd, -1);
    assert_string_equal(seen.vendor, "copilot");
    assert_string_equal(seen.model, "claude-sonnet-5");
    assert_string_equal(seen.session, "s1");
    expect_over(reader);
}

/* A copy of the store gives the same keys; another request with the same number does not. */
static void a_copy_has_the_same_keys(void **state)
{
    uint64_t key[3];

    database_make(scratch_path(state, "a.db"),
                  COPILOT_TABLE ROW(1, "s1", "2026-05-01 10:00:00", "1, 1, 0, 0, 0"));
    database_make(scratch_path(state, "b.db"),
                  COPILOT_TABLE ROW(1, "s1", "2026-05-01 10:00:00", "1, 1, 0, 0, 0"));
    database_make(scratch_path(state, "c.db"),
                  COPILOT_TABLE ROW(1, "s2", "2026-05-01 10:00:00", "1, 1, 0, 0, 0"));
    for (int i = 0; i < 3; i++) {
        const char *const names[] = {"a.db", "b.db", "c.db"};
        struct tq_log_reader *reader = expect_database("copilot", scratch_path(state, names[i]));

        key[i] = expect_entry(reader).entry.key;
        tq_log_reader_close(reader);
    }
    assert_int_equal(key[0], key[1]);
    assert_int_not_equal(key[0], key[2]);
}

/* ---- the ends of sessions -------------------------------------------------------------------- */

static void an_end_counts_by_what_it_grew(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "copilot", "{\"type\":\"session.start\"}\n" SHUTDOWN(
                       "10:00:00", METRIC("a", 2, 100, 10, 40) "," METRIC("b", 1, 5, 5, 0))
                       SHUTDOWN("11:00:00", METRIC("a", 3, 150, 15, 50) "," METRIC("b", 1, 5, 5, 0))
                           SHUTDOWN("12:00:00", METRIC("a", 1, 30, 20, 10)));
    struct seen seen;

    (void)state;
    seen = expect_entry(reader);
    expect_counts(&seen, 60, 40, 0, 10);
    assert_int_equal(seen.entry.usage.requests, 2);
    assert_string_equal(seen.model, "a");
    seen = expect_entry(reader);
    expect_counts(&seen, 5, 0, 0, 5);
    seen = expect_entry(reader);
    expect_counts(&seen, 40, 10, 0, 5);
    assert_int_equal(seen.entry.usage.requests, 1);
    seen = expect_entry(reader); /* a new count */
    expect_counts(&seen, 20, 10, 0, 20);
    expect_over(reader);
}

static void an_end_of_a_stored_session_is_left_out(void **state)
{
    const char *const folders[] = {"session-state", "session-state/s1", "session-state/s2"};
    char path[2][PATH_MAX];
    struct tq_log_reader *reader;

    for (int i = 0; i < 3; i++)
        assert_int_equal(mkdir(scratch_path(state, folders[i]), 0777), 0);
    for (int i = 0; i < 2; i++) {
        const char *text = SHUTDOWN("10:00:00", METRIC("a", 2, 100, 10, 40));

        snprintf(path[i], PATH_MAX, "%s/events.jsonl", scratch_path(state, folders[i + 1]));
        file_write(path[i], text, strlen(text));
    }
    reader = expect_database("copilot", path[0]);
    assert_string_equal(expect_entry(reader).session, "s1"); /* there is no store */
    expect_over(reader);
    database_make(scratch_path(state, "session-store.db"),
                  COPILOT_TABLE ROW(1, "s1", "2026-05-01 10:00:00", "1, 1, 0, 0, 0"));
    expect_over(expect_database("copilot", path[0]));
    reader = expect_database("copilot", path[1]);
    assert_string_equal(expect_entry(reader).session, "s2");
    expect_over(reader);
}

/* A reader that was closed between two models of an event gives the second one. */
static void it_goes_on_inside_of_an_event(void **state)
{
    const char *path = scratch_path(state, "events.jsonl");
    const char *text = "{\"type\":\"session.start\"}\n" SHUTDOWN(
        "10:00:00", METRIC("a", 2, 100, 10, 40) "," METRIC("b", 1, 5, 5, 0))
        SHUTDOWN("11:00:00", METRIC("a", 3, 150, 15, 50) "," METRIC("b", 2, 6, 5, 0));
    const int64_t outputs[] = {10, 5, 5, 0};
    struct tq_log_state place;
    struct tq_log_reader *reader;

    file_write(path, text, strlen(text));
    reader = expect_database("copilot", path);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(expect_entry(reader).entry.usage.output, outputs[i]);
        tq_log_reader_state(reader, &place);
        tq_log_reader_close(reader);
        reader = expect_database_at("copilot", path, &place, 0);
    }
    expect_over(reader);
}

/* ---- places ---------------------------------------------------------------------------------- */

static unsigned found(const char *source, unsigned *folders)
{
    struct tq_log_files *files;
    struct tq_log_error error = {0};
    unsigned count = 0;

    assert_int_equal(tq_log_files_open(&files, tq_log_source_find(source), NULL, &error), 0);
    while (tq_log_files_next(files))
        count++;
    for (*folders = 0; tq_log_files_next_folder(files);)
        ++*folders;
    tq_log_files_close(files);
    return count;
}

/* Spans tell of the same calls as the store: one of the two is found. */
static void the_store_stands_for_the_spans(void **state)
{
    const char *const made[] = {".copilot", ".copilot/otel", ".copilot/session-state", ".copilot/other"};
    unsigned folders;

    forget_places();
    assert_int_equal(setenv("HOME", *state, 1), 0);
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
        assert_int_equal(mkdir(scratch_path(state, made[i]), 0777), 0);
    file_write(scratch_path(state, ".copilot/otel/a.jsonl"), "{}", 2);
    database_make(scratch_path(state, ".copilot/other/session-store.db"), COPILOT_TABLE);
    assert_int_equal(found("otel", &folders), 1);
    assert_int_equal(found("copilot", &folders), 0);
    database_make(scratch_path(state, ".copilot/session-store.db"), COPILOT_TABLE);
    assert_int_equal(found("otel", &folders), 0);
    assert_int_equal(found("copilot", &folders), 1);
    assert_int_equal(folders, 2); /* that of the store, to be watched, and that of the events */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(a_row_is_a_request),
        scratch_test(a_copy_has_the_same_keys),
        cmocka_unit_test(an_end_counts_by_what_it_grew),
        scratch_test(an_end_of_a_stored_session_is_left_out),
        scratch_test(it_goes_on_inside_of_an_event),
        scratch_test(the_store_stands_for_the_spans),
    };

    return cmocka_run_group_tests_name("source_copilot", tests, NULL, NULL);
}
