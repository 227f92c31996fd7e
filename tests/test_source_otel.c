/* test_source_otel.c: each call of OpenTelemetry's GenAI conventions once, by its old and its new names.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "entry_expect.h"

#define AT_NS INT64_C(1788940800000000000)
#define START_NS INT64_C(1788940798500000000)

#define STRING(name, value) "{\"key\":\"" name "\",\"value\":{\"stringValue\":\"" value "\"}}"
#define INT(name, value) "{\"key\":\"" name "\",\"value\":{\"intValue\":\"" #value "\"}}"
#define SPAN(id, attributes)                                                                                 \
    "{\"traceId\":\"t1\",\"spanId\":\"" id                                                                   \
    "\",\"name\":\"chat\",\"startTimeUnixNano\":\"1788940798500000000\","                                    \
    "\"endTimeUnixNano\":\"1788940800000000000\",\"attributes\":[" attributes "]}"
#define SPANS(spans)                                                                                         \
    "{\"resourceSpans\":[{\"resource\":{\"attributes\":[]},\"scopeSpans\":[{\"scope\":{},\"spans\":[" spans  \
    "]}]}]}\n"
#define USED(input, output)                                                                                  \
    INT("gen_ai.usage.input_tokens", input) "," INT("gen_ai.usage.output_tokens", output)

static void old_names_are_read(void **state)
{
    struct seen seen = expect_one(
        "otel",
        SPANS(SPAN(
            "a",
            STRING("gen_ai.operation.name", "chat") "," STRING("gen_ai.system", "aws.bedrock") "," STRING(
                "gen_ai.request.model",
                "m") "," STRING("gen_ai.response.model",
                                "m-2") "," USED(1000, 50) "," INT("gen_ai.usage.cache_creation.input_tokens",
                                                                  100) "," INT("gen_ai.usage.cache_read."
                                                                               "input_tokens",
                                                                               600) "," STRING("session.id",
                                                                                               "s1"))));

    (void)state;
    expect_counts(&seen, 300, 600, 100, 50);
    assert_int_equal(seen.entry.usage.known,
                     TQ_USAGE_INPUT | TQ_USAGE_CACHE_READ | TQ_USAGE_CACHE_WRITE | TQ_USAGE_OUTPUT);
    assert_int_equal(seen.entry.at_ns, AT_NS);
    assert_int_equal(seen.entry.flags, 0);
    assert_string_equal(seen.vendor, "bedrock");
    assert_string_equal(seen.model, "m-2");
    assert_string_equal(seen.session, "s1");
    seen = expect_one("otel", SPANS(SPAN("a", INT("gen_ai.usage.prompt_tokens",
                                                  5) "," INT("gen_ai.usage.completion_tokens", 7))));
    expect_counts(&seen, 5, 0, 0, 7);
}

static void new_names_are_read(void **state)
{
    struct seen seen = expect_one(
        "otel",
        SPANS(SPAN("a",
                   STRING("gen_ai.system", "x") "," STRING("gen_ai.provider.name", "openai") "," STRING(
                       "gen_ai.request.model",
                       "gpt-5") "," USED(200, 30) "," INT("gen_ai.usage.cache_write.input_tokens",
                                                          0) "," INT("gen_ai.usage.reasoning.output_tokens",
                                                                     12) "," STRING("gen_ai.conversation.id",
                                                                                    "c1"))));

    (void)state;
    expect_counts(&seen, 200, 0, 0, 30);
    assert_int_equal(seen.entry.usage.reasoning, 12);
    assert_int_equal(seen.entry.usage.known,
                     TQ_USAGE_INPUT | TQ_USAGE_CACHE_WRITE | TQ_USAGE_OUTPUT | TQ_USAGE_REASONING);
    assert_string_equal(seen.vendor, "openai");
    assert_string_equal(seen.model, "gpt-5");
    assert_string_equal(seen.session, "c1");
}

/* As Copilot CLI writes it. */
#define FLAT(head, attributes)                                                                               \
    "{" head "\"traceId\":\"t1\",\"spanId\":\"a\",\"startTime\":[1788940798,500000000],"                     \
    "\"endTime\":[1788940800,0],\"attributes\":{" attributes                                                 \
    "},\"resource\":{\"attributes\":{\"x\":\"y\"}}}\n"
#define FLAT_USED "\"gen_ai.usage.input_tokens\":200,\"gen_ai.usage.output_tokens\":\"30\""

/* What programs wrote before the convention had names, and what some still write. */
static void names_of_before_and_of_vendors_are_read(void **state)
{
    static const char *const names[][2] = {
        {"gen_ai.usage.cache_read_input_tokens", "gen_ai.usage.cache_creation_input_tokens"},
        {"gen_ai.usage.cache_read_input_tokens", "gen_ai.usage.cache_write_input_tokens"},
        {"gen_ai.usage.cache_read_tokens", "gen_ai.usage.cache_write_tokens"},
        {"gen_ai.usage.cached_input_tokens", "gen_ai.usage.cache_creation.input_tokens"},
        {"gen_ai.usage.details.cache_read_tokens", "gen_ai.usage.details.cache_write_tokens"},
        {"ai.usage.cachedInputTokens", "gen_ai.usage.cache_write.input_tokens"},
    };
    static const char *const thoughts[] = {
        "gen_ai.usage.reasoning_tokens",
        "gen_ai.usage.details.reasoning_tokens",
        "ai.usage.reasoningTokens",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *more = thoughts[i % (sizeof(thoughts) / sizeof(thoughts[0]))];
        struct seen seen;
        char log[1024];

        snprintf(log, sizeof(log),
                 "{\"traceId\":\"t\",\"spanId\":\"s\",\"endTime\":[1788940800,0],\"attributes\":{"
                 "\"gen_ai.usage.input_tokens\":100,\"gen_ai.usage.output_tokens\":30,\"%s\":60,\"%s\":10,"
                 "\"%s\":7}}",
                 names[i][0], names[i][1], more);
        seen = expect_one("otel", log);
        expect_counts(&seen, 30, 60, 10, 30);
        assert_int_equal(seen.entry.usage.reasoning, 7);
    }
}

static void a_flat_span_is_the_same(void **state)
{
    struct seen seen =
        expect_one("otel", FLAT("\"type\":\"span\",", FLAT_USED
                                ",\"gen_ai.provider.name\":\"github\",\"gen_ai.tools\":[{\"a\":1}]"));

    (void)state;
    expect_counts(&seen, 200, 0, 0, 30);
    assert_int_equal(seen.entry.at_ns, AT_NS);
    assert_string_equal(seen.vendor, "github");
    assert_int_equal(seen.entry.key, expect_one("otel", SPANS(SPAN("a", USED(200, 30)))).entry.key);
}

static void what_repeats_or_adds_up_calls_does_not_count(void **state)
{
    (void)state;
    expect_nothing("otel", FLAT("", FLAT_USED ",\"gen_ai.operation.name\":\"invoke_agent\""));
    expect_nothing("otel", FLAT("", FLAT_USED ",\"gen_ai.operation.name\":\"execute_tool\""));
    expect_nothing("otel",
                   FLAT("", FLAT_USED ",\"event.name\":\"gen_ai.client.inference.operation.details\""));
    expect_nothing("otel", FLAT("\"type\":\"log\",", FLAT_USED));
    expect_nothing("otel",
                   "{\"type\":\"metric\",\"name\":\"gen_ai.client.token.usage\",\"dataPoints\":[{}]}\n");
    expect_nothing("otel", "{\"resourceLogs\":[{\"attributes\":{" FLAT_USED "}}]}\n");
    expect_nothing("otel", SPANS(SPAN("a", STRING("gen_ai.operation.name", "chat") "," INT(
                                               "gen_ai.usage.cache_read.input_tokens", 5))));
}

/* Where a cache gave more than the input, it was not in it. */
static void what_cannot_be_inside_is_beside(void **state)
{
    struct seen seen = expect_one(
        "otel", SPANS(SPAN("a", USED(500, 210) "," INT("gen_ai.usage.cache_read.input_tokens", 40000))));

    (void)state;
    expect_counts(&seen, 500, 40000, 0, 210);
}

static void a_call_has_one_key(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "otel", SPANS(SPAN("a", USED(1, 2)) "," SPAN("b", USED(1, 2))) SPANS(SPAN("a", USED(1, 2)))
                    SPANS(SPAN("c", USED(1, 2) "," STRING("gen_ai.response.id", "r")) "," SPAN(
                        "d", USED(1, 3) "," STRING("gen_ai.response.id", "r"))));
    struct seen seen[5];

    (void)state;
    for (int i = 0; i < 5; i++)
        seen[i] = expect_entry(reader);
    expect_over(reader);
    assert_int_not_equal(seen[0].entry.key, seen[1].entry.key);
    assert_int_equal(seen[0].entry.key, seen[2].entry.key);
    assert_int_not_equal(seen[0].entry.key, seen[3].entry.key);
    assert_int_equal(seen[3].entry.key, seen[4].entry.key);
    assert_true(seen[3].entry.rank < seen[4].entry.rank);
}

/* ---- metrics ---- */

#define POINT(attributes, time, value)                                                                       \
    "{\"attributes\":[" attributes                                                                           \
    "],\"startTimeUnixNano\":\"1788940798500000000\",\"timeUnixNano\":\"" time "\"," value "}"
#define METRIC(name, kind, temporality, points)                                                              \
    "{\"name\":\"" name "\",\"" kind "\":{\"aggregationTemporality\":" #temporality                          \
    ",\"dataPoints\":[" points "]}}"
#define METRICS(metrics)                                                                                     \
    "{\"resourceMetrics\":[{\"resource\":{},\"scopeMetrics\":[{\"metrics\":[" metrics "]}]}]}\n"
#define TYPE(type) STRING("gen_ai.token.type", type) "," STRING("gen_ai.request.model", "m")
#define OLD(temporality, points) METRIC("gen_ai.client.token.usage", "histogram", temporality, points)
#define NEW(which, points) METRIC("gen_ai.client.inference.usage." which "_tokens", "sum", 2, points)

static void metrics_alone_count(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "otel", METRICS(METRIC("other", "gauge", 2, "") "," OLD(
                    2, POINT(TYPE("input"), "1788940800000000000", "\"sum\":200.0") "," POINT(
                           TYPE("cached"), "1788940800000000000",
                           "\"sum\":1") "," POINT(TYPE("output"), "1788940800000000000", "\"sum\":30")))
                    METRICS(OLD(2, POINT(TYPE("input"), "1788940860000000000", "\"sum\":250"))));
    struct seen input = expect_entry(reader), output = expect_entry(reader), later = expect_entry(reader);

    (void)state;
    expect_over(reader);
    expect_counts(&input, 200, 0, 0, 0);
    assert_int_equal(input.entry.usage.known, TQ_USAGE_INPUT);
    assert_int_equal(input.entry.at_ns, START_NS);
    assert_int_equal(input.entry.flags, TQ_LOG_ENTRY_BUCKET);
    assert_string_equal(input.model, "m");
    expect_counts(&output, 0, 0, 0, 30);
    assert_int_not_equal(input.entry.key, output.entry.key);
    assert_int_equal(input.entry.key, later.entry.key);
    assert_true(input.entry.rank < later.entry.rank);
}

static void what_a_delta_says_is_its_own(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "otel", METRICS(OLD(1, POINT(TYPE("input"), "1788940800000000000", "\"sum\":200")))
                    METRICS(OLD(1, POINT(TYPE("input"), "1788940860000000000", "\"sum\":200"))));
    struct seen first = expect_entry(reader), second = expect_entry(reader);

    (void)state;
    expect_over(reader);
    assert_int_equal(first.entry.flags, 0);
    assert_int_equal(first.entry.at_ns, AT_NS);
    assert_int_not_equal(first.entry.key, second.entry.key);
}

#define NEW_POINT POINT("", "1788940800000000000", "\"asInt\":\"7\"")
#define OLD_POINT POINT(TYPE("input"), "1788940800000000000", "\"sum\":9")

static void of_two_generations_the_first_counts(void **state)
{
    struct tq_log_reader *reader =
        expect_reader("otel", METRICS(NEW("input", NEW_POINT) "," OLD(2, OLD_POINT))
                                  METRICS(OLD(2, OLD_POINT) "," NEW("output", NEW_POINT)));
    struct seen input = expect_entry(reader), output = expect_entry(reader), old;

    (void)state;
    expect_over(reader);
    expect_counts(&input, 7, 0, 0, 0);
    expect_counts(&output, 0, 0, 0, 7);
    old = expect_one("otel", METRICS(OLD(2, OLD_POINT) "," NEW("input", NEW_POINT)));
    expect_counts(&old, 9, 0, 0, 0);
}

static void a_span_takes_the_place_of_metrics(void **state)
{
    struct seen seen = expect_one("otel", SPANS(SPAN("a", USED(200, 30))) METRICS(OLD(2, OLD_POINT)));

    (void)state;
    expect_counts(&seen, 200, 0, 0, 30);
    seen = expect_one("otel", FLAT("", FLAT_USED) METRICS(NEW("input", NEW_POINT)));
    expect_counts(&seen, 200, 0, 0, 30);
}

static void what_does_not_parse_is_bad(void **state)
{
    struct tq_log_reader *reader =
        expect_reader("otel", SPANS(SPAN("a", USED(-1, 2)) "," SPAN("b", USED(3, 4)))
                                  METRICS(OLD(2, OLD_POINT)) "{\"resourceSpans\":[{\"gen_ai.usage.\":}]\n");
    struct seen seen;

    (void)state;
    expect_bad_at(reader, 1, "input_tokens is negative");
    seen = expect_entry(reader);
    expect_counts(&seen, 3, 0, 0, 4);
    expect_over(reader);
    expect_bad_log("otel", "{\"traceId\":\"t\",\"attributes\":{" FLAT_USED "}}\n", "endTime is empty");
    expect_bad_log("otel", "{\"endTime\":[1],\"attributes\":{" FLAT_USED "}}\n", "endTime is neither");
    expect_bad_log("otel", "{\"endTime\":[1,2,3],\"attributes\":{" FLAT_USED "}}\n", "endTime is neither");
    expect_bad_log("otel", METRICS(OLD(1, POINT(TYPE("input"), "", "\"sum\":1"))), "timeUnixNano is empty");
    expect_bad_log("otel", METRICS(OLD(2, POINT(TYPE("input"), "1788940800000000000", "\"sum\":1.5"))),
                   "a point's value is not a whole number");
    expect_bad_log("otel", "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"gen_ai.usage.\" 1}]}]}]}\n",
                   "not JSON");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_names_are_read),
        cmocka_unit_test(new_names_are_read),
        cmocka_unit_test(names_of_before_and_of_vendors_are_read),
        cmocka_unit_test(a_flat_span_is_the_same),
        cmocka_unit_test(what_repeats_or_adds_up_calls_does_not_count),
        cmocka_unit_test(what_cannot_be_inside_is_beside),
        cmocka_unit_test(a_call_has_one_key),
        cmocka_unit_test(metrics_alone_count),
        cmocka_unit_test(what_a_delta_says_is_its_own),
        cmocka_unit_test(of_two_generations_the_first_counts),
        cmocka_unit_test(a_span_takes_the_place_of_metrics),
        cmocka_unit_test(what_does_not_parse_is_bad),
    };

    return cmocka_run_group_tests_name("source_otel", tests, NULL, NULL);
}
