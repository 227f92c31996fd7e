/* test_source_cline.c: each request of Cline, its forks and its command line once.
 *
 * SPDX-License-Identifier: MIT
 */
#include "entry_expect.h"

#define TS_TEXT "1777629600000"
#define AT_NS INT64_C(1777629600000000000)

#define SAY(ts, what, text, more)                                                                            \
    "{\"ts\":" ts ",\"type\":\"say\",\"say\":\"" what "\",\"text\":\"" text "\"" more "}"
#define COUNTS(in, out, reads, writes)                                                                       \
    "\\\"tokensIn\\\":" #in ",\\\"tokensOut\\\":" #out ",\\\"cacheReads\\\":" #reads                         \
    ",\\\"cacheWrites\\\":" #writes ",\\\"cost\\\":0.25"
#define REQUEST(ts, counts)                                                                                  \
    SAY(ts, "api_req_started", "{\\\"request\\\":\\\"} \\\\\\\"x{\\\"," counts "}", "")
#define MODEL ",\"modelInfo\":{\"providerId\":\"anthropic\",\"modelId\":\"claude-opus-4-6\",\"mode\":\"act\"}"

static void a_message_is_a_request(void **state)
{
    struct seen seen = expect_one(
        "cline", "[" SAY("1", "text", "tokensIn", "") ",\n" SAY(
                     TS_TEXT, "api_req_started",
                     "{\\\"request\\\":\\\"\\u003ctask\\u003e\\\"," COUNTS(10, 20, 300, 40) "}", MODEL) "]");

    (void)state;
    expect_counts(&seen, 10, 300, 40, 20);
    assert_int_equal(seen.entry.at_ns, AT_NS);
    assert_int_equal(seen.entry.cost_nano_usd, 250000000);
    assert_int_equal(seen.entry.flags, 0);
    assert_int_equal(seen.entry.line, 2);
    assert_string_equal(seen.vendor, "anthropic");
    assert_string_equal(seen.model, "claude-opus-4-6");
}

static void a_request_that_grows_is_one(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "cline", "[" REQUEST(TS_TEXT, COUNTS(10, 2, 0, 0)) "," REQUEST(
                     TS_TEXT, COUNTS(10, 20, 0, 0)) "," REQUEST("1777629600001", COUNTS(10, 20, 0, 0)));
    struct seen first = expect_entry(reader), second = expect_entry(reader), other = expect_entry(reader);

    (void)state;
    expect_over(reader);
    assert_int_equal(first.entry.key, second.entry.key);
    assert_true(first.entry.rank < second.entry.rank);
    assert_int_not_equal(first.entry.key, other.entry.key);
}

static void sums_of_requests_count(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "cline",
        "[\n  " SAY("1777629600000", "deleted_api_reqs", "{" COUNTS(10, 2, 0, 0) "}",
                    "") ",\n  " SAY("1777629600005", "subagent_usage",
                                    "{\\\"source\\\":\\\"subagents\\\"," COUNTS(4, 7, 2, 1) "}", "") "\n]");
    struct seen deleted = expect_entry(reader), subagents = expect_entry(reader);

    (void)state;
    expect_over(reader);
    expect_counts(&deleted, 10, 0, 0, 2);
    expect_counts(&subagents, 4, 2, 1, 7);
}

static void what_has_no_counts_is_no_request(void **state)
{
    (void)state;
    expect_nothing("cline", "[" SAY("1", "api_req_started", "{\\\"request\\\":\\\"tokensIn\\\"}", "") "]");
    expect_nothing("cline", "[" SAY("1", "api_req_started", "{\\\"tokensIn\\\":null}", "") "]");
    expect_nothing("cline", "[" REQUEST("1", COUNTS(0, 0, 0, 0)) "]");
    expect_nothing("cline", "[" SAY("1", "text", "{" COUNTS(1, 1, 1, 1) "}", "") "]");
    expect_nothing("cline", "[]");
}

/* Roo Code and its forks name the protocol. Their input has the cache, with Anthropic's protocol since
 * November 2025; before that it had not. */
static void a_fork_counts_the_cache_as_input(void **state)
{
#define PROTOCOL(ts, name, in) REQUEST(ts, "\\\"apiProtocol\\\":\\\"" name "\\\"," COUNTS(in, 20, 300, 40))
    struct seen recent = expect_one("cline", PROTOCOL(TS_TEXT, "anthropic", 350));
    struct seen older = expect_one("cline", PROTOCOL("1761900000000", "anthropic", 350));
    struct seen other = expect_one("cline", PROTOCOL("1761900000000", "openai", 350));
    struct seen rest = expect_one("cline", PROTOCOL(TS_TEXT, "openai", 10));

    (void)state;
    expect_counts(&recent, 10, 300, 40, 20);
    expect_counts(&older, 350, 300, 40, 20);
    expect_counts(&other, 10, 300, 40, 20);
    expect_counts(&rest, 10, 300, 40, 20); /* what is more than the input was not in it */
}

#define SESSION(agent, messages)                                                                             \
    "{\"version\":1,\"agent\":\"" agent "\",\"sessionId\":\"s1\",\"messages\":[" messages "]}"
#define ANSWER(id, ts, in, out, read, write)                                                                 \
    "{\"id\":\"" id "\",\"role\":\"assistant\",\"content\":[{\"text\":\"\\\"metrics\\\"\"}],\"ts\":" ts      \
    ",\"modelInfo\":{\"id\":\"poolside/laguna\",\"provider\":\"cline\"},\"metrics\":{\"inputTokens\":" #in   \
    ",\"outputTokens\":" #out ",\"cacheReadTokens\":" #read ",\"cacheWriteTokens\":" #write                  \
    ",\"cost\":0.001}}"

static void a_session_is_a_document(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "cline",
        SESSION("lead", "{\"id\":\"m0\",\"role\":\"user\",\"metrics\":{\"inputTokens\":5}}, 7, " ANSWER(
                            "m1", TS_TEXT, 19838, 195, 12000,
                            300) ",\n" ANSWER("m2", "5", 0, 0, 0, 0) "," ANSWER("m3", TS_TEXT, 10, 2, 0, 0)));
    struct seen first = expect_entry(reader), second = expect_entry(reader);

    (void)state;
    expect_over(reader);
    expect_counts(&first, 7538, 12000, 300, 195);
    assert_int_equal(first.entry.cost_nano_usd, 1000000);
    assert_int_equal(first.entry.flags, 0);
    assert_string_equal(first.session, "s1");
    assert_string_equal(first.model, "poolside/laguna");
    assert_string_equal(first.vendor, "cline");
    expect_counts(&second, 10, 0, 0, 2);
    assert_int_not_equal(first.entry.key, second.entry.key);
}

static void an_agent_is_a_sidechain(void **state)
{
    struct seen seen = expect_one("cline", SESSION("subagent", ANSWER("m1", TS_TEXT, 10, 2, 0, 0)));

    (void)state;
    assert_int_equal(seen.entry.flags, TQ_LOG_ENTRY_SIDECHAIN);
    assert_int_not_equal(seen.entry.key,
                         expect_one("cline", SESSION("lead", ANSWER("m1", TS_TEXT, 10, 2, 0, 0))).entry.key);
}

static void a_bad_message_does_not_end_the_log(void **state)
{
    struct tq_log_reader *reader = expect_reader(
        "cline",
        "[" REQUEST("null", COUNTS(1, 2, 3, 4)) ",\n" REQUEST(TS_TEXT, COUNTS(1, -2, 3, 4)) ",\n" SAY(
            TS_TEXT, "api_req_started", "{\\\"tokensIn\\\" 1}", "") ",\n" REQUEST(TS_TEXT,
                                                                                  COUNTS(1, 2, 3, 4)) "]");
    struct seen seen;

    (void)state;
    expect_bad_at(reader, 1, "ts is");
    expect_bad_at(reader, 2, "tokensOut is negative");
    expect_bad_at(reader, 3, "not JSON");
    seen = expect_entry(reader);
    expect_counts(&seen, 1, 3, 4, 2);
    expect_over(reader);
    reader = expect_reader(
        "cline", SESSION("lead", ANSWER("m1", TS_TEXT, 10, -2, 0, 0) "," ANSWER("m2", TS_TEXT, 10, 2, 0, 0)));
    expect_bad_at(reader, 1, "outputTokens is negative");
    seen = expect_entry(reader);
    expect_counts(&seen, 10, 0, 0, 2);
    expect_over(reader);
}

/* While the tool writes the file anew, half of it is there. */
static void half_a_file_gives_what_is_whole(void **state)
{
    static const char log[] = "[" REQUEST(TS_TEXT, COUNTS(1, 2, 3, 4)) "]";

    (void)state;
    for (size_t len = 0; len < sizeof(log) - 2; len++) {
        char part[sizeof(log)] = {0};

        memcpy(part, log, len);
        expect_nothing("cline", part);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_a_request),
        cmocka_unit_test(a_request_that_grows_is_one),
        cmocka_unit_test(sums_of_requests_count),
        cmocka_unit_test(what_has_no_counts_is_no_request),
        cmocka_unit_test(a_fork_counts_the_cache_as_input),
        cmocka_unit_test(a_session_is_a_document),
        cmocka_unit_test(an_agent_is_a_sidechain),
        cmocka_unit_test(a_bad_message_does_not_end_the_log),
        cmocka_unit_test(half_a_file_gives_what_is_whole),
    };

    return cmocka_run_group_tests_name("source_cline", tests, NULL, NULL);
}
