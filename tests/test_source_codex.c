/* test_source_codex.c: each response of Codex once: differences, falls, repeats, copied sessions; and its
 * limits.
 *
 * SPDX-License-Identifier: MIT
 */
#include "entry_expect.h"

#define NS_OF_S INT64_C(1000000000)
#define TEN_NS INT64_C(1777629600000000000) /* 2026-05-01T10:00:00Z */

#define AT(time) "{\"timestamp\":\"2026-05-01T" time "Z\",\"type\":"
#define META(time, id, more)                                                                                 \
    AT(time) "\"session_meta\",\"payload\":{\"id\":\"" id "\",\"cwd\":\"/home/u/p\"" more "}}\n"
#define MODEL(time, model) AT(time) "\"turn_context\",\"payload\":{\"model\":\"" model "\",\"cwd\":\"/x\"}}\n"
#define EVENT(time, info) AT(time) "\"event_msg\",\"payload\":{\"type\":\"token_count\"," info "}}\n"
#define INFO(info) "\"info\":{" info "},\"rate_limits\":null"
#define COUNTS(name, input, cached, output, reasoning, total)                                                \
    "\"" name "_token_usage\":{\"input_tokens\":" #input ",\"cached_input_tokens\":" #cached                 \
    ",\"output_tokens\":" #output ",\"reasoning_output_tokens\":" #reasoning ",\"total_tokens\":" #total "}"
#define HEAD META("10:00:00", "s1", "") MODEL("10:00:01", "gpt-5.2")

static void the_last_response_is_taken(void **state)
{
    struct seen seen =
        expect_one("codex", HEAD EVENT("10:00:09.5", INFO(COUNTS("total", 900, 300, 80, 9, 980) "," COUNTS(
                                                         "last", 500, 200, 30, 7, 530))));

    (void)state;
    expect_counts(&seen, 300, 200, 0, 30);
    assert_int_equal(seen.entry.usage.reasoning, 7);
    assert_int_equal(seen.entry.usage.total, 530);
    assert_int_equal(seen.entry.usage.known, TQ_USAGE_INPUT | TQ_USAGE_CACHE_READ | TQ_USAGE_OUTPUT |
                                                 TQ_USAGE_REASONING | TQ_USAGE_TOTAL);
    assert_int_equal(seen.entry.at_ns, TEN_NS + 9500000000);
    assert_string_equal(seen.vendor, "openai");
    assert_string_equal(seen.model, "gpt-5.2");
    assert_string_equal(seen.session, "s1");
    assert_string_equal(seen.project, "/home/u/p");
    assert_int_equal(seen.entry.line, 3);
    assert_null(seen.entry.signal);
}

/* Older versions wrote totals alone. A total that falls is a new start. */
static void without_it_the_difference_of_totals_is(void **state)
{
    struct tq_log_reader *reader =
        expect_reader("codex", HEAD EVENT("10:00:05", INFO(COUNTS("total", 100, 40, 10, 5, 110)))
                                   EVENT("10:01:05", INFO(COUNTS("total", 350, 140, 30, 6, 380)))
                                       EVENT("10:02:05", INFO(COUNTS("total", 20, 0, 3, 0, 23)))
                                           EVENT("10:03:05", INFO(COUNTS("total", 50, 0, 4, 0, 54))));
    struct seen first = expect_entry(reader), grown = expect_entry(reader), fallen = expect_entry(reader);
    struct seen again = expect_entry(reader);

    (void)state;
    expect_over(reader);
    expect_counts(&first, 60, 40, 0, 10);
    expect_counts(&grown, 150, 100, 0, 20);
    assert_int_equal(grown.entry.usage.reasoning, 1);
    assert_int_equal(grown.entry.usage.total, 270);
    expect_counts(&fallen, 20, 0, 0, 3);
    assert_int_equal(fallen.entry.usage.total, 23);
    expect_counts(&again, 30, 0, 0, 1);
}

static void an_event_that_is_repeated_counts_once(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "codex", HEAD EVENT("10:00:05",
                            INFO(COUNTS("total", 100, 0, 10, 0, 110) "," COUNTS("last", 100, 0, 10, 0, 110)))
                     EVENT("10:00:07",
                           INFO(COUNTS("total", 100, 0, 10, 0, 110) "," COUNTS("last", 100, 0, 10, 0, 110)))
                         EVENT("10:00:09", INFO(COUNTS("total", 200, 0, 20, 0, 220) "," COUNTS("last", 100, 0,
                                                                                               10, 0, 110))));
    struct seen first = expect_entry(reader), second = expect_entry(reader);

    (void)state;
    expect_over(reader);
    assert_int_equal(first.entry.line, 3);
    assert_int_equal(second.entry.line, 5);
    assert_int_not_equal(first.entry.key, second.entry.key);
}

static void without_totals_a_repeat_is_the_same_instant_and_counts(void **state)
{
    struct tq_log_reader *reader =
        expect_reader("codex", HEAD EVENT("10:00:05", INFO(COUNTS("last", 100, 0, 10, 0, 110)))
                                   EVENT("10:00:05", INFO(COUNTS("last", 100, 0, 10, 0, 110)))
                                       EVENT("10:00:09", INFO(COUNTS("last", 100, 0, 10, 0, 110))));
    struct seen first = expect_entry(reader), second = expect_entry(reader);

    (void)state;
    expect_over(reader);
    assert_int_equal(first.entry.line, 3);
    assert_int_equal(second.entry.line, 5);
    assert_int_not_equal(first.entry.key, second.entry.key);
}

/* A copy of the rollout, with a line more or less in front, has the same keys; so has one in an archive. */
static void keys_are_those_of_the_session(void **state)
{
#define RESPONSE EVENT("10:00:05", INFO(COUNTS("total", 100, 0, 10, 0, 110)))
    struct seen seen = expect_one("codex", HEAD RESPONSE);
    struct seen moved = expect_one("codex", "{\"type\":\"x\"}\n" HEAD RESPONSE);
    struct seen other = expect_one("codex", META("10:00:00", "s2", "") RESPONSE);
    struct seen nobodys = expect_one("codex", RESPONSE);
    struct tq_log_reader *reader =
        expect_reader("codex", HEAD RESPONSE EVENT("10:01:05", INFO(COUNTS("total", 5, 0, 1, 0, 6)))
                                   EVENT("10:02:05", INFO(COUNTS("total", 100, 0, 10, 0, 110))));
    struct seen same_totals;

    (void)state;
    assert_int_equal(seen.entry.key, moved.entry.key);
    assert_int_not_equal(seen.entry.key, other.entry.key);
    assert_int_equal(nobodys.entry.flags, TQ_LOG_ENTRY_NO_KEY);
    assert_int_equal(expect_entry(reader).entry.key, seen.entry.key);
    expect_entry(reader);
    same_totals = expect_entry(reader);
    assert_int_not_equal(same_totals.entry.key, seen.entry.key);
    expect_counts(&same_totals, 95, 0, 0, 9);
    expect_over(reader);
}

static void the_model_is_the_turns(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "codex",
        META("10:00:00", "s1", ",\"model_provider\":\"azure\"")
            EVENT("10:00:05", INFO(COUNTS("total", 1, 0, 1, 0, 2))) MODEL("10:00:06", "gpt-5.2")
                EVENT("10:00:15", INFO(COUNTS("total", 2, 0, 2, 0, 4))) MODEL("10:00:16", "gpt-5.2-mini")
                    EVENT("10:00:25", INFO(COUNTS("total", 3, 0, 3, 0, 6))));
    struct seen first = expect_entry(reader), second = expect_entry(reader), third = expect_entry(reader);

    (void)state;
    expect_over(reader);
    assert_string_equal(first.model, "");
    assert_string_equal(second.model, "gpt-5.2");
    assert_string_equal(third.model, "gpt-5.2-mini");
    assert_string_equal(third.vendor, "azure");
}

/* A child begins with its parent's events, all written at once; its own come after its first answer. */
static void copied_events_are_passed_over(void **state)
{
    static const char *const origins[] = {
        META("10:00:00", "s2", ",\"forked_from_id\":\"s1\""),
        META("10:00:00", "s2", ",\"parent_thread_id\":\"s1\""),
        META("10:00:00", "s2", ",\"source\":{\"subagent\":{\"thread_spawn\":{\"parent_thread_id\":\"s1\"}}}"),
        META("10:00:00", "s2", ",\"forked_from_id\":null") META("10:00:00.001", "s1", ""),
    };
    static const char events[] =
        EVENT("09:00:00", INFO(COUNTS("total", 50, 0, 5, 0, 55))) /* left its instant */
        EVENT("10:00:00.010", INFO(COUNTS("total", 100, 0, 10, 0, 110)))
            EVENT("10:00:00.900", INFO(COUNTS("total", 200, 0, 20, 0, 220)))
                EVENT("10:00:01.800", INFO(COUNTS("total", 300, 0, 30, 0, 330))) /* a long copy */
        EVENT("10:00:06", INFO(COUNTS("total", 340, 0, 34, 0, 374)))
            EVENT("10:00:06.5", INFO(COUNTS("total", 350, 0, 35, 0, 385)));
    char log[8192];

    (void)state;
    for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++) {
        struct tq_log_reader *reader;
        struct seen first, second;

        assert_true(strlen(origins[i]) + sizeof(events) <= sizeof(log));
        memcpy(log, origins[i], strlen(origins[i]));
        memcpy(log + strlen(origins[i]), events, sizeof(events));
        reader = expect_reader("codex", log);
        first = expect_entry(reader);
        second = expect_entry(reader);
        expect_over(reader);
        assert_string_equal(first.session, "s2");
        expect_counts(&first, 40, 0, 0, 4);
        expect_counts(&second, 10, 0, 0, 1);
    }
}

/* A session of its own may answer at once. */
static void a_session_that_is_no_child_has_no_copied_events(void **state)
{
    struct seen seen =
        expect_one("codex", META("10:00:00", "s1", ",\"forked_from_id\":null,\"source\":\"cli\"")
                                EVENT("10:00:00.5", INFO(COUNTS("total", 50, 0, 5, 0, 55))));

    (void)state;
    expect_counts(&seen, 50, 0, 0, 5);
}

static void what_is_cached_or_written_is_of_the_input(void **state)
{
    struct seen seen = expect_one(
        "codex",
        HEAD EVENT("10:00:05", INFO("\"last_token_usage\":{\"input_tokens\":100,\"cached_input_tokens\":60,"
                                    "\"cache_write_input_tokens\":30,\"output_tokens\":5}")));
    struct seen odd =
        expect_one("codex", HEAD EVENT("10:00:05", INFO("\"last_token_usage\":{\"input_tokens\":100,"
                                                        "\"cached_input_tokens\":160,\"output_tokens\":5,"
                                                        "\"reasoning_output_tokens\":9}")));

    (void)state;
    expect_counts(&seen, 10, 60, 30, 5);
    assert_int_equal(seen.entry.usage.known,
                     TQ_USAGE_INPUT | TQ_USAGE_CACHE_READ | TQ_USAGE_CACHE_WRITE | TQ_USAGE_OUTPUT);
    expect_counts(&odd, 100, 160, 0, 14); /* what is more than its whole was not in it */
    assert_int_equal(odd.entry.usage.reasoning, 9);
}

/* ---- limits ---- */

#define LIMITS(limits) "\"info\":null,\"rate_limits\":{" limits "}"

static void windows_are_known_by_their_length(void **state)
{
    struct seen seen = expect_one(
        "codex",
        HEAD EVENT(
            "10:00:05",
            LIMITS("\"limit_id\":\"codex\",\"primary\":{\"used_percent\":41.5,\"window_minutes\":10080,"
                   "\"resets_at\":1777640400},\"secondary\":null,\"credits\":{},"
                   "\"rate_limit_reached_type\":null")));

    (void)state;
    assert_non_null(seen.entry.signal);
    assert_int_equal(seen.entry.usage.requests, 0);
    assert_int_equal(seen.entry.usage.known, 0);
    assert_int_equal(seen.signal.refusal, TQ_CLASS_NONE);
    assert_int_equal(seen.signal.flags, 0);
    assert_int_equal(seen.signal.said_at_ns, TEN_NS + 5 * NS_OF_S);
    assert_int_equal(seen.signal.axis_count, 1);
    assert_int_equal(seen.signal.axis[0].what, TQ_AXIS_UNKNOWN);
    assert_int_equal(seen.signal.axis[0].window_ns, 7 * DAY_NS);
    assert_int_equal(seen.signal.axis[0].known, TQ_AXIS_USED | TQ_AXIS_RESET);
    assert_int_equal(seen.signal.axis[0].used_ppm, 415000);
    assert_int_equal(seen.signal.axis[0].reset_at_ns, INT64_C(1777640400) * NS_OF_S);
    assert_int_equal(seen.signal.axis[0].flags, TQ_AXIS_CREDIT);
    assert_string_equal(seen.signal.window_name[0], "");
    assert_string_equal(seen.session, "s1");
}

static void older_versions_say_in_how_many_seconds(void **state)
{
    struct seen seen = expect_one("codex", HEAD EVENT("10:00:05", INFO(COUNTS("total", 1, 0, 1, 0, 2)) "")
                                               EVENT("10:00:05", LIMITS("\"x\":1"))
                                                   EVENT("10:00:06", "\"rate_limits\":null"));
    struct tq_log_reader *reader = expect_reader(
        "codex", HEAD EVENT("10:00:05",
                            "\"info\":{" COUNTS("total", 1, 0, 1, 0,
                                                2) "},\"rate_limits\":{"
                                                   "\"primary\":{\"used_percent\":3,\"window_minutes\":300,"
                                                   "\"resets_in_seconds\":60}}"));
    struct seen both = expect_entry(reader);

    (void)state;
    expect_over(reader);
    assert_null(seen.entry.signal);
    assert_non_null(both.entry.signal);
    expect_counts(&both, 1, 0, 0, 1);
    assert_int_equal(both.signal.flags, TQ_SIGNAL_SUCCESS);
    assert_int_equal(both.signal.axis[0].reset_at_ns, TEN_NS + 65 * NS_OF_S);
    assert_int_equal(both.signal.axis[0].window_ns, 5 * HOUR_NS);
}

static void a_limit_that_is_reached_binds_until_it_resets(void **state)
{
    struct seen seen = expect_one(
        "codex",
        HEAD EVENT(
            "10:00:05",
            LIMITS("\"primary\":{\"used_percent\":100,\"window_minutes\":300,\"resets_at\":1777640400},"
                   "\"secondary\":{\"used_percent\":50,\"window_minutes\":10080,\"resets_at\":1777990000},"
                   "\"rate_limit_reached_type\":\"rate_limit_reached\"")));

    (void)state;
    assert_int_equal(seen.signal.refusal, TQ_CLASS_EXHAUSTED);
    assert_int_equal(seen.signal.binds, 0);
    assert_int_equal(seen.signal.axis[0].flags, TQ_AXIS_EMPTY);
    assert_int_equal(seen.signal.source, TQ_SOURCE_BODY);
    assert_int_equal(seen.signal.retry_at_ns, INT64_C(1777640400) * NS_OF_S);
}

static void limits_of_some_models_are_marked(void **state)
{
#define OTHER "\"limit_id\":\"codex_other\",\"primary\":{\"used_percent\":1e2,\"window_minutes\":300}"
    struct seen full = expect_one("codex", HEAD EVENT("10:00:05", LIMITS(OTHER)));
    struct seen refused =
        expect_one("codex", HEAD EVENT("10:00:05", LIMITS(OTHER ",\"rate_limit_reached_type\":\"primary\"")));

    (void)state;
    assert_int_equal(full.signal.refusal, TQ_CLASS_NONE);
    assert_int_equal(full.signal.axis[0].flags, TQ_AXIS_MODEL_ONLY | TQ_AXIS_EMPTY | TQ_AXIS_CREDIT);
    assert_string_equal(full.signal.window_name[0], "other");
    assert_int_equal(full.signal.axis[0].known, TQ_AXIS_USED);
    assert_int_equal(refused.signal.refusal, TQ_CLASS_EXHAUSTED);
    assert_int_equal(refused.signal.flags, TQ_SIGNAL_MODEL_ONLY);
}

/* ---- lines ---- */

static void lines_that_are_no_event_are_passed_over(void **state)
{
    (void)state;
    expect_nothing("codex",
                   HEAD AT("10:00:05") "\"response_item\",\"payload\":{\"text\":\"\\\"token_count\\\"\"}}\n");
    expect_nothing("codex", HEAD AT("10:00:05") "\"event_msg\",\"payload\":{\"type\":\"agent_message\"}}\n");
    expect_nothing("codex", HEAD EVENT("10:00:05", "\"info\":null,\"rate_limits\":null"));
    expect_nothing("codex", HEAD EVENT("10:00:05", INFO(COUNTS("total", 0, 0, 0, 0, 0))));
    expect_nothing("codex", HEAD AT("10:00:05") "\"other\",\"payload\":{\"type\":\"token_count\"," INFO(
                                COUNTS("total", 5, 0, 0, 0, 0)) "}}\n");
    expect_nothing("codex", "");
}

/* The order of members is the writer's habit, not a promise. */
static void members_may_come_in_any_order(void **state)
{
    struct seen seen = expect_one(
        "codex",
        HEAD "{ \"payload\" : {\"rate_limits\":null, \"info\" : {" COUNTS(
            "total", 5, 0, 1, 0,
            6) "}, \"type\" :"
               " \"token_count\"} , \"type\" : \"event_msg\", \"timestamp\" : \"2026-05-01T10:00:05Z\" }\n");

    (void)state;
    expect_counts(&seen, 5, 0, 0, 1);
}

static void what_does_not_parse_is_a_bad_line(void **state)
{
    (void)state;
    expect_bad_log("codex", EVENT("10:00:05", INFO("\"last_token_usage\":{\"input_tokens\":-5}")),
                   "input_tokens is negative");
    expect_bad_log("codex", EVENT("10:00:05", INFO("\"total_token_usage\":{\"total_tokens\":\"x\"}")),
                   "total_tokens is not");
    expect_bad_log("codex", EVENT("10 o'clock", INFO("\"last_token_usage\":{}")), "timestamp");
    expect_bad_log("codex",
                   AT("10:00:05") "\"event_msg\",\"payload\":{\"type\":\"token_count\",\"info\":{\"tot\n",
                   "not JSON");
}

/* A bad line in between changes nothing of what is remembered. */
static void goes_on_behind_a_bad_line(void **state)
{
    struct tq_log_reader *reader =
        expect_reader("codex", HEAD EVENT("10:00:05", INFO(COUNTS("total", 100, 0, 10, 0, 110)))
                                   EVENT("10:01:05", INFO(COUNTS("total", 200, 0, 20, 0, -1)))
                                       EVENT("10:02:05", INFO(COUNTS("total", 300, 0, 30, 0, 330))));
    struct seen seen;

    (void)state;
    expect_entry(reader);
    expect_bad_at(reader, 4, "total_tokens is negative");
    seen = expect_entry(reader);
    expect_counts(&seen, 200, 0, 0, 20);
    expect_over(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_response_is_taken),
        cmocka_unit_test(without_it_the_difference_of_totals_is),
        cmocka_unit_test(an_event_that_is_repeated_counts_once),
        cmocka_unit_test(without_totals_a_repeat_is_the_same_instant_and_counts),
        cmocka_unit_test(keys_are_those_of_the_session),
        cmocka_unit_test(the_model_is_the_turns),
        cmocka_unit_test(copied_events_are_passed_over),
        cmocka_unit_test(a_session_that_is_no_child_has_no_copied_events),
        cmocka_unit_test(what_is_cached_or_written_is_of_the_input),
        cmocka_unit_test(windows_are_known_by_their_length),
        cmocka_unit_test(older_versions_say_in_how_many_seconds),
        cmocka_unit_test(a_limit_that_is_reached_binds_until_it_resets),
        cmocka_unit_test(limits_of_some_models_are_marked),
        cmocka_unit_test(lines_that_are_no_event_are_passed_over),
        cmocka_unit_test(members_may_come_in_any_order),
        cmocka_unit_test(what_does_not_parse_is_a_bad_line),
        cmocka_unit_test(goes_on_behind_a_bad_line),
    };

    return cmocka_run_group_tests_name("source_codex", tests, NULL, NULL);
}
