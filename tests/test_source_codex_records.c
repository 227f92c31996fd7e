/* test_source_codex_records.c: lines of Codex that tell of one response each, and what is left for the events
 * behind them; pages of a session; settings that change in it.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "entry_expect.h"

#define AT(time) "{\"timestamp\":\"2026-09-20T" time "Z\",\"type\":"
#define META(time, id, more)                                                                                 \
    AT(time) "\"session_meta\",\"payload\":{\"id\":\"" id "\",\"model_provider\":\"openai\"" more "}}\n"
#define MODEL(time, model) AT(time) "\"turn_context\",\"payload\":{\"model\":\"" model "\"}}\n"
#define COUNTS(input, cached, output)                                                                        \
    "{\"input_tokens\":" #input ",\"cached_input_tokens\":" #cached ",\"output_tokens\":" #output "}"
#define RECORD(time, thread, response, counts)                                                               \
    AT(time)                                                                                                 \
    "\"token_usage_record\",\"payload\":{\"thread_id\":\"" thread "\",\"response_id\":\"" response           \
    "\",\"usage\":" counts ",\"turn_token_usage\":" COUNTS(999, 0, 999) "}}\n"
#define EVENT(time, total, last, limits)                                                                     \
    AT(time)                                                                                                 \
    "\"event_msg\",\"payload\":{\"type\":\"token_count\",\"info\":{\"total_token_usage\":" total             \
    ",\"last_token_usage\":" last "},\"rate_limits\":" limits "}}\n"
#define HEAD META("10:00:00", "s1", "") MODEL("10:00:01", "m1")
#define HALF "{\"primary\":{\"used_percent\":50,\"window_minutes\":300,\"resets_at\":1789999999}}"

/* The next entry is an event of which records have all: it has the key by which earlier versions counted. */
static struct seen expect_nothing_left(struct tq_log_reader *reader)
{
    struct seen seen = expect_entry(reader);

    assert_int_equal(seen.entry.flags, TQ_LOG_ENTRY_REST);
    assert_int_equal(seen.entry.usage.known, 0);
    assert_int_equal(seen.entry.usage.requests, 0);
    return seen;
}

/* The event behind a record adds nothing, and still tells of limits and of success. */
static void a_response_counts_by_its_record(void **state)
{
    struct tq_log_reader *reader =
        expect_reader("codex", HEAD RECORD("10:00:10", "s1", "r1", COUNTS(100, 90, 5))
                                   EVENT("10:00:11", COUNTS(100, 90, 5), COUNTS(100, 90, 5),
                                         HALF) RECORD("10:00:20", "s1", "r2", COUNTS(200, 90, 6))
                                       EVENT("10:00:21", COUNTS(300, 180, 11), COUNTS(200, 90, 6), "null"));
    struct seen first = expect_entry(reader), limits = expect_nothing_left(reader);
    struct seen second = expect_entry(reader);

    (void)state;
    assert_null(expect_nothing_left(reader).entry.signal);
    expect_over(reader);
    expect_counts(&first, 10, 90, 0, 5);
    expect_counts(&second, 110, 90, 0, 6);
    assert_string_equal(first.model, "m1");
    assert_string_equal(first.session, "s1");
    assert_int_equal(limits.signal.flags, TQ_SIGNAL_SUCCESS);
    assert_int_equal(limits.signal.axis_count, 1);
}

/* What a compaction used is in no total. The copy of its record in the line "compacted" is none. */
static void a_compaction_counts(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "codex", HEAD RECORD("10:00:10", "s1", "r1", COUNTS(100, 90, 5)) EVENT("10:00:11", COUNTS(100, 90, 5),
                                                                               COUNTS(100, 90, 5), "null")
                     RECORD("10:00:20", "s1", "r2", COUNTS(5000, 4000, 700))
                         AT("10:00:21") "\"compacted\",\"payload\":{\"latest_token_usage_record\":{\"type\":"
                                        "\"token_usage_record\","
                                        "\"response_id\":\"r2\",\"usage\":" COUNTS(5000, 4000, 700) "}}}\n"
        /* Without an event of its own; the next response has both before its event. */
        RECORD("10:00:30", "s1", "r3", COUNTS(30, 0, 3))
            EVENT("10:00:31", COUNTS(130, 90, 8), COUNTS(30, 0, 3), "null"));
    struct seen first = expect_entry(reader), nothing = expect_nothing_left(reader);
    struct seen compaction = expect_entry(reader), last = expect_entry(reader);

    (void)state;
    assert_int_not_equal(nothing.entry.key, expect_nothing_left(reader).entry.key);
    expect_over(reader);
    expect_counts(&first, 10, 90, 0, 5);
    expect_counts(&compaction, 1000, 4000, 0, 700);
    expect_counts(&last, 30, 0, 0, 3);
}

/* In a file of two versions, and where a response has no record, the rest of the growth counts. */
static void an_event_counts_what_no_record_has(void **state)
{
    struct tq_log_reader *reader =
        expect_reader("codex", HEAD EVENT("10:00:05", COUNTS(50, 0, 5), COUNTS(50, 0, 5), "null")
                                   RECORD("10:00:10", "s1", "r1", COUNTS(100, 90, 5))
                                       EVENT("10:00:11", COUNTS(190, 110, 17), COUNTS(40, 20, 7), "null")
                                           EVENT("10:00:20", COUNTS(200, 110, 18), COUNTS(10, 0, 1), "null"));
    struct seen old = expect_entry(reader), recorded = expect_entry(reader), rest = expect_entry(reader);
    struct seen later = expect_entry(reader);

    (void)state;
    expect_over(reader);
    expect_counts(&old, 50, 0, 0, 5);
    expect_counts(&recorded, 10, 90, 0, 5);
    expect_counts(&rest, 20, 20, 0, 7);
    assert_int_equal(rest.entry.flags, TQ_LOG_ENTRY_REST);
    assert_int_equal(old.entry.flags | recorded.entry.flags | later.entry.flags, 0);
    expect_counts(&later, 10, 0, 0, 1);
}

/* An event of limits alone is not the event of the record before it. */
static void limits_alone_leave_a_record_open(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "codex", HEAD RECORD("10:00:10", "s1", "r1", COUNTS(100, 90, 5))
                     AT("10:00:10.5") "\"event_msg\",\"payload\":{\"type\":\"token_count\",\"info\":null,"
                                      "\"rate_limits\":null}}\n" EVENT("10:00:11", COUNTS(100, 90, 5),
                                                                       COUNTS(100, 90, 5), "null"));

    (void)state;
    expect_entry(reader);
    expect_nothing_left(reader);
    expect_over(reader);
}

/* The head of a fork has its parent's records: the same keys, and less rank than the originals. A child that
 * copied nothing may answer at once. */
static void copies_have_the_keys_of_the_originals(void **state)
{
    struct seen original = expect_one("codex", HEAD RECORD("10:00:10", "s1", "r1", COUNTS(100, 90, 5)));
    struct tq_log_reader *reader = expect_reader(
        "codex", META("11:00:00", "s2", ",\"forked_from_id\":\"s1\"")
                     RECORD("11:00:00.001", "s1", "r1", COUNTS(100, 90, 5))
                         EVENT("11:00:00.002", COUNTS(100, 90, 5), COUNTS(100, 90, 5), "null")
                             RECORD("11:00:00.700", "s2", "r2", COUNTS(7, 0, 1))
                                 EVENT("11:00:00.701", COUNTS(107, 90, 6), COUNTS(7, 0, 1), "null"));
    struct seen copy = expect_entry(reader), own = expect_entry(reader);

    (void)state;
    expect_over(reader);
    assert_int_equal(copy.entry.key, original.entry.key);
    assert_true(copy.entry.rank < original.entry.rank);
    assert_int_equal(copy.entry.older_key, original.entry.older_key);
    assert_string_equal(copy.session, "s1");
    assert_string_equal(own.session, "s2");
    expect_counts(&own, 7, 0, 0, 1);
}

/* Earlier versions counted the event: its key stands beside that of the record. */
static void the_older_key_is_that_of_the_event(void **state)
{
#define FIRST EVENT("10:00:05", COUNTS(50, 0, 5), COUNTS(50, 0, 5), "null")
#define SECOND EVENT("10:00:11", COUNTS(150, 90, 10), COUNTS(100, 90, 5), "null")
    struct tq_log_reader *before = expect_reader("codex", HEAD FIRST SECOND);
    struct tq_log_reader *now =
        expect_reader("codex", HEAD FIRST RECORD("10:00:10", "s1", "r1", COUNTS(100, 90, 5)) SECOND);
    struct seen first = expect_entry(before), second = expect_entry(before), same = expect_entry(now);
    struct seen recorded = expect_entry(now);
    struct seen nobodys = expect_one("codex", RECORD("10:00:10", "s1", "", COUNTS(1, 0, 1)));

    (void)state;
    assert_int_equal(expect_nothing_left(now).entry.key, second.entry.key);
    expect_over(before);
    expect_over(now);
    assert_int_equal(same.entry.key, first.entry.key);
    assert_int_equal(same.entry.older_key, 0);
    assert_int_equal(recorded.entry.older_key, second.entry.key);
    assert_int_not_equal(recorded.entry.key, second.entry.key);
    assert_int_equal(nobodys.entry.flags, TQ_LOG_ENTRY_NO_KEY);
}

/* What a record alone cannot tell: which total follows when a compaction or another record is before it. The
 * event has the key by which earlier versions counted. */
static void the_event_has_the_key_that_records_cannot_have(void **state)
{
    static const char *const records[] = {
        RECORD("10:00:02", "s1", "c1", COUNTS(5000, 0, 70))
            RECORD("10:00:10", "s1", "r1", COUNTS(150, 90, 10)),
        RECORD("10:00:02", "s1", "r1", COUNTS(50, 0, 5)) RECORD("10:00:10", "s1", "r2", COUNTS(100, 90, 5)),
    };
    struct seen before = expect_one("codex", HEAD SECOND);
    char log[4096];

    (void)state;
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        struct tq_log_reader *now;

        snprintf(log, sizeof(log), "%s%s%s", HEAD, records[i], SECOND);
        now = expect_reader("codex", log);
        expect_entry(now);
        expect_entry(now);
        assert_int_equal(expect_nothing_left(now).entry.key, before.entry.key);
        expect_over(now);
    }
}

/* A session that goes on in another file names what it was forked from, and has no copy of it. */
static void a_page_has_no_copied_head(void **state)
{
    static const char *const pages[] = {
        META("10:00:00", "s1", ",\"forked_from_id\":\"s0\",\"history_base\":{\"thread_id\":\"s1\"}"),
        META("10:00:00", "s1", ",\"forked_from_id\":\"s0\",\"history_mode\":\"paginated\""),
        META("10:00:00", "s1", ",\"history_base\":{\"thread_id\":\"s1\"}") META("10:00:00", "s0", ""),
    };
    char log[2048];

    (void)state;
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        struct seen seen;

        snprintf(log, sizeof(log), "%s%s", pages[i],
                 EVENT("10:00:00.3", COUNTS(9000, 0, 900), COUNTS(100, 0, 5), "null"));
        seen = expect_one("codex", log);
        expect_counts(&seen, 100, 0, 0, 5);
    }
}

static void settings_name_the_model_of_what_follows(void **state)
{
#define SETTINGS(time, more)                                                                                 \
    AT(time) "\"event_msg\",\"payload\":{\"type\":\"thread_settings_applied\"," more "}}\n"
    struct tq_log_reader *reader = expect_reader(
        "codex",
        HEAD EVENT("10:00:05", COUNTS(1, 0, 1), COUNTS(1, 0, 1), "null")
            SETTINGS("10:01:00", "\"thread_settings\":{\"model\":\"m2\",\"model_provider_id\":\"azure\"}")
                EVENT("10:01:05", COUNTS(2, 0, 2), COUNTS(1, 0, 1), "null")
                    SETTINGS("10:02:00", "\"model\":\"m3\",\"model_provider_id\":\"openai\"")
                        EVENT("10:02:05", COUNTS(3, 0, 3), COUNTS(1, 0, 1), "null")
                            SETTINGS("10:03:00", "\"thread_settings\":{\"model\":null}")
                                EVENT("10:03:05", COUNTS(4, 0, 4), COUNTS(1, 0, 1), "null"));
    static const char *const expected[][2] = {
        {"m1", "openai"}, {"m2", "azure"}, {"m3", "openai"}, {"m3", "openai"}};

    (void)state;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        struct seen seen = expect_entry(reader);

        assert_string_equal(seen.model, expected[i][0]);
        assert_string_equal(seen.vendor, expected[i][1]);
    }
    expect_over(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_response_counts_by_its_record),
        cmocka_unit_test(a_compaction_counts),
        cmocka_unit_test(an_event_counts_what_no_record_has),
        cmocka_unit_test(limits_alone_leave_a_record_open),
        cmocka_unit_test(copies_have_the_keys_of_the_originals),
        cmocka_unit_test(the_older_key_is_that_of_the_event),
        cmocka_unit_test(the_event_has_the_key_that_records_cannot_have),
        cmocka_unit_test(a_page_has_no_copied_head),
        cmocka_unit_test(settings_name_the_model_of_what_follows),
    };

    return cmocka_run_group_tests_name("source_codex_records", tests, NULL, NULL);
}
