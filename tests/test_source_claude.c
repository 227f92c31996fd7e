/* test_source_claude.c: each response of Claude Code once, with its last counts, whatever copies there are.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "entry_expect.h"

#define AT "\"timestamp\":\"2026-05-01T10:00:00.250Z\""
#define AT_NS INT64_C(1777629600250000000)

/* A line of a response; HEAD and COUNTS are members, each with a comma behind or nothing. */
#define LINE(head, id, counts)                                                                               \
    "{\"type\":\"assistant\"," head AT ",\"message\":{\"id\":\"" id "\",\"model\":\"claude-opus-4-1\","      \
    "\"content\":[{\"type\":\"text\",\"text\":\"a \\\" } ] {\\\\\"}],\"usage\":{" counts "}}}\n"

/* An id as the vendor makes them, and one as a proxy does. */
#define ID(letter) "msg_01ABCDEFGHIJKLMNOPQRSTU" letter
#define PROXYS "msg_proxy"

static void the_lines_of_a_response_are_one(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "claude", LINE("\"requestId\":\"r1\",", "msg_1", "\"input_tokens\":7,\"output_tokens\":0")
                      LINE("\"requestId\":\"r1\",", "msg_1", "\"input_tokens\":7,\"output_tokens\":3")
                          LINE("\"requestId\":\"r1\",", "msg_1", "\"input_tokens\":7,\"output_tokens\":90"));
    struct seen first = expect_entry(reader), second = expect_entry(reader), third = expect_entry(reader);

    (void)state;
    expect_over(reader);
    assert_int_equal(first.entry.key, second.entry.key);
    assert_int_equal(first.entry.key, third.entry.key);
    assert_true(first.entry.rank < second.entry.rank && second.entry.rank < third.entry.rank);
    expect_counts(&third, 7, 0, 0, 90);
    assert_int_equal(third.entry.line, 3);
    assert_int_equal(third.entry.at_ns, AT_NS);
    assert_string_equal(third.model, "claude-opus-4-1");
    assert_string_equal(third.vendor, "anthropic");
    assert_int_equal(third.entry.usage.requests, 1);
    assert_int_equal(third.entry.cost_nano_usd, -1);
    assert_int_equal(third.entry.flags, 0);
    assert_null(third.entry.signal);
}

static void all_classes_are_read(void **state)
{
    struct seen seen =
        expect_one("claude", LINE("\"sessionId\":\"s\\u00e91\",\"cwd\":\"/home/u/\\\"x\\\"\",", "msg_1",
                                  "\"input_tokens\":1,\"cache_read_input_tokens\":20,"
                                  "\"cache_creation_input_tokens\":300,\"output_tokens\":4000,"
                                  "\"server_tool_use\":{\"input_tokens\":9}"));

    (void)state;
    expect_counts(&seen, 1, 20, 300, 4000);
    assert_int_equal(seen.entry.usage.known,
                     TQ_USAGE_INPUT | TQ_USAGE_CACHE_READ | TQ_USAGE_CACHE_WRITE | TQ_USAGE_OUTPUT);
    assert_string_equal(seen.session, "s\xc3\xa9"
                                      "1");
    assert_string_equal(seen.project, "/home/u/\"x\"");
}

static void a_zero_is_known_and_what_is_missing_is_not(void **state)
{
    struct seen seen = expect_one("claude", LINE("", "msg_1", "\"input_tokens\":0,\"output_tokens\":null"));

    (void)state;
    expect_counts(&seen, 0, 0, 0, 0);
    assert_int_equal(seen.entry.usage.known, TQ_USAGE_INPUT);
}

static void writes_by_lifetime_are_added_where_their_sum_is_missing(void **state)
{
    struct seen parts = expect_one("claude", LINE("", "msg_1",
                                                  "\"cache_creation\":{\"ephemeral_5m_input_tokens\":5,"
                                                  "\"ephemeral_1h_input_tokens\":60}"));
    struct seen both = expect_one("claude", LINE("", "msg_1",
                                                 "\"cache_creation_input_tokens\":65,"
                                                 "\"cache_creation\":{\"ephemeral_5m_input_tokens\":5,"
                                                 "\"ephemeral_1h_input_tokens\":60}"));

    (void)state;
    expect_counts(&parts, 0, 0, 65, 0);
    expect_counts(&both, 0, 0, 65, 0);
}

/* Whoever replays a conversation asks under another requestId; the answer keeps its id. */
static void a_sidechain_copy_gives_way(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "claude", LINE("\"requestId\":\"r1\",\"isSidechain\":false,", ID("1"), "\"output_tokens\":5")
                      LINE("\"requestId\":\"r2\",\"isSidechain\":true,", ID("1"), "\"output_tokens\":50"));
    struct seen parent = expect_entry(reader), copy = expect_entry(reader);

    (void)state;
    expect_over(reader);
    assert_int_equal(parent.entry.key, copy.entry.key);
    assert_true(parent.entry.rank > copy.entry.rank);
    assert_int_equal(parent.entry.flags, 0);
    assert_int_equal(copy.entry.flags, TQ_LOG_ENTRY_SIDECHAIN);
}

static void of_two_equal_ones_the_one_with_a_speed_is_taken(void **state)
{
    struct seen without = expect_one("claude", LINE("", "msg_1", "\"output_tokens\":5"));
    struct seen with = expect_one("claude", LINE("", "msg_1", "\"output_tokens\":5,\"speed\":\"standard\""));
    struct seen more = expect_one("claude", LINE("", "msg_1", "\"output_tokens\":6"));

    (void)state;
    assert_true(without.entry.rank < with.entry.rank && with.entry.rank < more.entry.rank);
}

static void the_vendors_id_is_the_key(void **state)
{
    static const char *const ids[] = {ID("1"), "msg_bdrk_01ABCDEFGHIJKLMNOPQRSTU1",
                                      "msg_vrtx_01ABCDEFGHIJKLMNOPQRSTU1"};
    char lines[2][512];

    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        struct seen first, bare;

        snprintf(lines[0], sizeof(lines[0]), "%s%s%s", "{" AT ",\"requestId\":\"r1\",\"message\":{\"id\":\"",
                 ids[i], "\",\"usage\":{\"output_tokens\":5}}}");
        snprintf(lines[1], sizeof(lines[1]), "%s%s%s", "{" AT ",\"sessionId\":\"s2\",\"message\":{\"id\":\"",
                 ids[i], "\",\"usage\":{\"output_tokens\":6}}}");
        first = expect_one("claude", lines[0]);
        bare = expect_one("claude", lines[1]);
        assert_int_equal(first.entry.key, bare.entry.key);
        assert_int_equal(first.entry.older_key, 0);
    }
    assert_int_not_equal(expect_one("claude", LINE("", ID("1"), "\"output_tokens\":5")).entry.key,
                         expect_one("claude", LINE("", ID("2"), "\"output_tokens\":5")).entry.key);
}

/* A proxy may give all its responses one id: the request tells them apart, or what all lines of a response
 * share. Earlier versions had another key for them. */
static void the_id_of_a_proxy_is_a_part_of_the_key(void **state)
{
#define BARE(session, id, counts) LINE("\"sessionId\":\"" session "\",", id, counts)
    static const char *const ids[] = {PROXYS,
                                      "msg_01ABCDEFGHIJKLMNOPQRSTU",
                                      "msg_01ABCDEFGHIJKLMNOPQRSTU-",
                                      "msg_01ABCDEFGHIJKLMNOPQRSTU12",
                                      "msg_02ABCDEFGHIJKLMNOPQRSTU1",
                                      "1"};
    struct seen bare = expect_one("claude", BARE("s1", PROXYS, "\"input_tokens\":7,\"output_tokens\":1"));
    struct seen grown = expect_one("claude", BARE("s1", PROXYS, "\"input_tokens\":7,\"output_tokens\":9"));
    struct seen next = expect_one("claude", BARE("s1", PROXYS, "\"input_tokens\":8,\"output_tokens\":9"));
    struct seen cached =
        expect_one("claude", BARE("s1", PROXYS, "\"input_tokens\":7,\"cache_read_input_tokens\":1"));
    struct seen other = expect_one("claude", BARE("s2", PROXYS, "\"input_tokens\":7,\"output_tokens\":1"));

    (void)state;
    assert_int_equal(bare.entry.key, grown.entry.key);
    assert_int_not_equal(bare.entry.key, next.entry.key);
    assert_int_not_equal(bare.entry.key, cached.entry.key);
    assert_int_not_equal(bare.entry.key, other.entry.key);
    assert_int_equal(bare.entry.older_key, other.entry.older_key);
    assert_int_not_equal(bare.entry.older_key, 0);
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        struct seen seen[2];

        for (int request = 0; request < 2; request++) {
            char line[512];

            snprintf(line, sizeof(line),
                     "{" AT
                     ",\"requestId\":\"r%d\",\"message\":{\"id\":\"%s\",\"usage\":{\"output_tokens\":5}}}",
                     request, ids[i]);
            seen[request] = expect_one("claude", line);
        }
        assert_int_not_equal(seen[0].entry.key, seen[1].entry.key);
        assert_int_equal(seen[0].entry.flags, 0);
        assert_int_equal(seen[0].entry.older_key, seen[1].entry.older_key); /* 0 for "1": it was the same */
    }
}

static void without_any_id_the_place_is_the_key(void **state)
{
    struct tq_log_reader *reader =
        expect_reader("claude", LINE("", "", "\"output_tokens\":5") LINE("", "", "\"output_tokens\":5"));
    struct seen first = expect_entry(reader), second = expect_entry(reader);

    (void)state;
    expect_over(reader);
    assert_int_not_equal(first.entry.key, second.entry.key);
    assert_int_equal(first.entry.flags, TQ_LOG_ENTRY_NO_KEY);
    assert_int_equal(expect_one("claude", LINE("", "", "\"output_tokens\":5")).entry.key, first.entry.key);
}

static void old_versions_say_what_it_cost(void **state)
{
    struct seen seen =
        expect_one("claude", LINE("\"costUSD\":0.0123456789,", "msg_1", "\"output_tokens\":5"));

    (void)state;
    assert_int_equal(seen.entry.cost_nano_usd, 12345678); /* finer than a nano-dollar is cut off */
    assert_int_equal(
        expect_one("claude", LINE("\"costUSD\":null,", "msg_1", "\"output_tokens\":5")).entry.cost_nano_usd,
        -1);
    assert_int_equal(
        expect_one("claude", LINE("\"costUSD\":0,", "msg_1", "\"output_tokens\":5")).entry.cost_nano_usd, 0);
}

static void lines_that_are_no_response_are_passed_over(void **state)
{
    (void)state;
    expect_nothing("claude",
                   "{\"type\":\"assistant\"," AT ",\"message\":{\"id\":\"msg_1\",\"model\":\"<synthetic>\","
                   "\"usage\":{\"input_tokens\":5,\"output_tokens\":5}}}\n");
    expect_nothing("claude",
                   "{\"type\":\"user\"," AT ",\"message\":{\"content\":\"usage: \\\"usage\\\":{\"}}\n");
    expect_nothing("claude",
                   "{\"type\":\"user\"," AT ",\"toolUseResult\":{\"usage\":{\"input_tokens\":5}}}\n");
    expect_nothing("claude", "{\"type\":\"summary\",\"usage\":{\"input_tokens\":5}}\n");
    expect_nothing("claude",
                   "{\"type\":\"assistant\"," AT ",\"message\":{\"id\":\"msg_1\",\"usage\":null}}\n");
    expect_nothing("claude", "not even JSON\n\n{\n");
    expect_nothing("claude", "");
}

static void a_limit_is_a_signal(void **state)
{
    static const char line[] =
        "{" AT ",\"uuid\":\"u1\",\"sessionId\":\"s1\",\"isApiErrorMessage\":true,\"message\":{"
        "\"model\":\"<synthetic>\",\"usage\":{\"input_tokens\":0},\"content\":[{\"text\":"
        "\"Claude AI usage limit reached|1777640400\"}]}}\n";
    struct seen seen = expect_one("claude", line);

    (void)state;
    assert_non_null(seen.entry.signal);
    assert_int_equal(seen.signal.size, sizeof(seen.signal));
    assert_int_equal(seen.signal.refusal, TQ_CLASS_EXHAUSTED);
    assert_int_equal(seen.signal.source, TQ_SOURCE_BODY);
    assert_int_equal(seen.signal.axis_count, 1);
    assert_int_equal(seen.signal.binds, 0);
    assert_int_equal(seen.signal.said_at_ns, AT_NS);
    assert_int_equal(seen.signal.retry_at_ns, INT64_C(1777640400000000000));
    assert_int_equal(seen.entry.usage.requests, 0);
    assert_int_equal(seen.entry.usage.known, 0);
    assert_int_equal(seen.entry.usage.counted, 0);
    assert_string_equal(seen.session, "s1");
    assert_int_equal(expect_one("claude", line).entry.key, seen.entry.key);
}

/* The same words in a prompt, or without an instant, say nothing. */
static void words_about_limits_are_no_limit(void **state)
{
    (void)state;
    expect_nothing("claude", "{" AT ",\"message\":{\"content\":\"usage limit reached|1777640400\"}}\n");
    expect_nothing(
        "claude", "{" AT ",\"isApiErrorMessage\":true,\"message\":{\"content\":\"usage limit reached|\"}}\n");
    expect_nothing("claude",
                   "{" AT
                   ",\"isApiErrorMessage\":true,\"message\":{\"content\":\"usage limit reached|0\"}}\n");
}

static void a_subagents_answer_told_on_is_the_same_one(void **state)
{
    static const char relayed[] =
        "{\"type\":\"progress\",\"timestamp\":\"2026-05-01T12:00:00Z\","
        "\"sessionId\":\"s1\",\"data\":{\"type\":\"x\","
        "\"message\":{\"requestId\":\"r9\"," AT
        ",\"message\":{\"id\":\"" ID("1") "\",\"model\":\"claude-haiku-4-5\","
                                          "\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}}}}\n";
    struct seen told = expect_one("claude", relayed);
    struct seen own = expect_one("claude", LINE("", ID("1"), "\"input_tokens\":1,\"output_tokens\":2"));

    (void)state;
    assert_int_equal(told.entry.key, own.entry.key);
    assert_true(told.entry.rank < own.entry.rank);
    assert_int_equal(told.entry.flags, TQ_LOG_ENTRY_SIDECHAIN);
    assert_int_equal(told.entry.at_ns, AT_NS);
    assert_string_equal(told.session, "s1");
    assert_string_equal(told.model, "claude-haiku-4-5");
    expect_counts(&told, 1, 0, 0, 2);
}

/* Another model that was asked on the way; its tokens are not in the response's own. */
static void advisors_are_responses_of_their_own(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "claude",
        LINE("", "msg_1",
             "\"input_tokens\":10,\"output_tokens\":20,\"iterations\":[{\"type\":\"message\",\"model\":null,"
             "\"input_tokens\":10},{\"type\":\"advisor_message\",\"model\":\"claude-a\",\"input_tokens\":3,"
             "\"output_tokens\":4},7,{\"type\":\"advisor_message\",\"model\":\"claude-b\",\"output_tokens\":"
             "5}]"));
    struct seen own = expect_entry(reader), first = expect_entry(reader), second = expect_entry(reader);

    (void)state;
    expect_over(reader);
    expect_counts(&own, 10, 0, 0, 20);
    expect_counts(&first, 3, 0, 0, 4);
    expect_counts(&second, 0, 0, 0, 5);
    assert_string_equal(own.model, "claude-opus-4-1");
    assert_string_equal(first.model, "claude-a");
    assert_string_equal(second.model, "claude-b");
    assert_int_not_equal(own.entry.key, first.entry.key);
    assert_int_not_equal(first.entry.key, second.entry.key);
    assert_int_not_equal(own.entry.key, second.entry.key);
}

/* What the vendor compacted on the way was billed, and is not in the response's own counts. */
static void compactions_are_entries_of_the_same_model(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "claude",
        LINE("", ID("1"),
             "\"input_tokens\":23000,\"output_tokens\":1000,\"iterations\":[{\"type\":\"compaction\","
             "\"input_tokens\":180000,\"output_tokens\":3500},{\"type\":\"message\",\"input_tokens\":"
             "23000,\"output_tokens\":1000},{\"type\":\"advisor_message\",\"model\":\"claude-a\","
             "\"output_tokens\":4},{\"type\":\"compaction\",\"input_tokens\":9}]"));
    struct seen own = expect_entry(reader), advisor = expect_entry(reader), first = expect_entry(reader);
    struct seen second = expect_entry(reader);
    struct tq_log_reader *before = expect_reader(
        "claude",
        LINE("", ID("1"), "\"iterations\":[{\"type\":\"advisor_message\",\"model\":\"claude-a\"}]"));

    (void)state;
    expect_over(reader);
    expect_counts(&own, 23000, 0, 0, 1000);
    expect_counts(&advisor, 0, 0, 0, 4);
    expect_counts(&first, 180000, 0, 0, 3500);
    expect_counts(&second, 9, 0, 0, 0);
    assert_string_equal(advisor.model, "claude-a");
    assert_string_equal(first.model, own.model);
    assert_string_equal(second.vendor, "anthropic");
    assert_int_not_equal(first.entry.key, second.entry.key);
    assert_int_not_equal(first.entry.key, advisor.entry.key);
    assert_int_not_equal(first.entry.key, own.entry.key);
    expect_entry(before);
    assert_int_equal(expect_entry(before).entry.key, advisor.entry.key); /* as it always was */
    expect_over(before);
}

static void an_advisor_that_does_not_parse_takes_nobody_with_it(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "claude", LINE("", "msg_1",
                       "\"output_tokens\":20,\"iterations\":[{\"type\":\"message\",\"input_tokens\":-1},"
                       "{\"type\":\"advisor_message\",\"model\":\"a\",\"input_tokens\":-1},"
                       "{\"type\":\"advisor_message\",\"model\":\"b\",\"input_tokens\":2}]"));
    struct seen own = expect_entry(reader), advisor;

    (void)state;
    expect_counts(&own, 0, 0, 0, 20);
    expect_bad_at(reader, 1, "input_tokens is negative");
    advisor = expect_entry(reader);
    assert_string_equal(advisor.model, "b");
    expect_counts(&advisor, 2, 0, 0, 0);
    expect_over(reader);
}

static void the_vendor_is_whose_cloud_answered(void **state)
{
    (void)state;
    assert_string_equal(expect_one("claude", LINE("", "msg_bdrk_1", "\"output_tokens\":5")).vendor,
                        "bedrock");
    assert_string_equal(expect_one("claude", LINE("", "msg_vrtx_1", "\"output_tokens\":5")).vendor, "vertex");
    assert_string_equal(
        expect_one("claude", "{" AT ",\"message\":{\"id\":\"msg_1\",\"model\":\"glm-5\",\"usage\":{}}}\n")
            .vendor,
        "");
}

static void what_does_not_parse_is_a_bad_line(void **state)
{
    (void)state;
    expect_bad_log("claude", LINE("", "msg_1", "\"input_tokens\":-1"), "input_tokens is negative");
    expect_bad_log("claude", LINE("", "msg_1", "\"output_tokens\":1.5"),
                   "output_tokens is not a whole number");
    expect_bad_log("claude", LINE("", "msg_1", "\"output_tokens\":[]"), "output_tokens is not a number");
    expect_bad_log("claude", LINE("", "msg_1", "\"output_tokens\":99999999999999999999"), "64 bits");
    expect_bad_log("claude", "{\"message\":{\"usage\":{}}}\n", "timestamp is empty");
    expect_bad_log("claude", "{\"timestamp\":\"soon\",\"message\":{\"usage\":{}}}\n", "timestamp is neither");
    expect_bad_log("claude", "{" AT ",\"message\":{\"usage\":{}}\n", "not JSON");
    expect_bad_log("claude", "{" AT ",\"message\":{\"usage\":{\"a\":\"{" AT "}}}\n", "not JSON");
    expect_bad_log("claude", "{" AT ",\"message\":{\"content\":[}],\"usage\":{}}}\n", "not JSON");
    expect_bad_log("claude", "{" AT " \"message\":{\"usage\":{}}}\n", "not JSON");
    expect_bad_log("claude", "[\"usage\"]\n", "not JSON");
}

/* Two writers in one line: what is whole is read, and the rest is bad when it may have had usage. */
static void whole_objects_of_a_line_are_read(void **state)
{
#define WHOLE(id)                                                                                            \
    "{\"type\":\"assistant\"," AT ",\"message\":{\"id\":\"" id "\",\"usage\":{\"output_tokens\":5}}}"
#define CUT "{\"parentUuid\":null," AT ",\"message\":{\"id\":\"m0\",\"usage\":{\"inp"
    static const struct {
        const char *line;
        int entries;
        bool bad;
    } cases[] = {
        {WHOLE("m1") WHOLE("m2") "{\"type\":\"summary\",\"summary\":\"x\"}" WHOLE("m3") "\n", 3, false},
        {WHOLE("m1") " x\n", 1, false},
        {CUT WHOLE("m1") "\n", 1, true},
        {CUT CUT WHOLE("m1") WHOLE("m2") CUT "\n", 2, true},
        {"{\"parentUuid\":null,\"message\":" WHOLE("m1") "\n", 1, false},
        {"{\"parentUuid\":null,\"text\":\"usage" WHOLE("m1") WHOLE("m2") "\n", 2, false},
        {"\"usage\"" WHOLE("m1") "\n", 1, true},
        {CUT "\n", 0, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char log[2048];
        struct tq_log_reader *reader;

        snprintf(log, sizeof(log), "%s%s", cases[i].line, LINE("", "msg_2", "\"output_tokens\":5"));
        reader = expect_reader("claude", log);
        for (int n = 0; n < cases[i].entries; n++) {
            struct seen seen = expect_entry(reader);

            assert_int_equal(seen.entry.line, 1);
            assert_int_equal(seen.entry.usage.output, 5);
        }
        if (cases[i].bad)
            expect_bad_at(reader, 1, "not JSON");
        assert_int_equal(expect_entry(reader).entry.line, 2);
        expect_over(reader);
    }
}

/* A crash leaves a run of NUL bytes where the file had grown and nothing was written. */
static void nul_bytes_before_a_record_are_passed_over(void **state)
{
    static const char log[] = "\0\0\0\0" WHOLE("m1") "\n" CUT "\0\0\0" WHOLE("m2") "\n\0\0\n";
    struct tq_log_reader *reader;
    struct tq_log_error error;

    (void)state;
    assert_int_equal(
        tq_log_reader_open_memory(&reader, tq_log_source_find("claude"), log, sizeof(log) - 1, &error), 0);
    expect_entry(reader);
    assert_int_equal(expect_entry(reader).entry.line, 2);
    expect_bad_at(reader, 2, "not JSON");
    expect_over(reader);
}

/* Half a line may be the begin of a longer one: its objects wait for its end. */
static void half_a_line_is_not_taken_apart(void **state)
{
    (void)state;
    expect_nothing("claude", WHOLE("m1") WHOLE("m2"));
}

static void sums_that_do_not_fit_are_the_most_there_is(void **state)
{
    struct seen seen =
        expect_one("claude", LINE("", "msg_1", "\"input_tokens\":9223372036854775807,\"output_tokens\":1"));

    (void)state;
    assert_int_equal(seen.entry.usage.counted, INT64_MAX);
    assert_true(seen.entry.rank < UINT64_C(1) << 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lines_of_a_response_are_one),
        cmocka_unit_test(all_classes_are_read),
        cmocka_unit_test(a_zero_is_known_and_what_is_missing_is_not),
        cmocka_unit_test(writes_by_lifetime_are_added_where_their_sum_is_missing),
        cmocka_unit_test(a_sidechain_copy_gives_way),
        cmocka_unit_test(of_two_equal_ones_the_one_with_a_speed_is_taken),
        cmocka_unit_test(the_vendors_id_is_the_key),
        cmocka_unit_test(the_id_of_a_proxy_is_a_part_of_the_key),
        cmocka_unit_test(without_any_id_the_place_is_the_key),
        cmocka_unit_test(old_versions_say_what_it_cost),
        cmocka_unit_test(lines_that_are_no_response_are_passed_over),
        cmocka_unit_test(a_limit_is_a_signal),
        cmocka_unit_test(words_about_limits_are_no_limit),
        cmocka_unit_test(a_subagents_answer_told_on_is_the_same_one),
        cmocka_unit_test(advisors_are_responses_of_their_own),
        cmocka_unit_test(compactions_are_entries_of_the_same_model),
        cmocka_unit_test(an_advisor_that_does_not_parse_takes_nobody_with_it),
        cmocka_unit_test(the_vendor_is_whose_cloud_answered),
        cmocka_unit_test(what_does_not_parse_is_a_bad_line),
        cmocka_unit_test(whole_objects_of_a_line_are_read),
        cmocka_unit_test(nul_bytes_before_a_record_are_passed_over),
        cmocka_unit_test(half_a_line_is_not_taken_apart),
        cmocka_unit_test(sums_that_do_not_fit_are_the_most_there_is),
    };

    return cmocka_run_group_tests_name("source_claude", tests, NULL, NULL);
}
