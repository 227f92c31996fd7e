/* test_source_guess.c: what a file seems to be in which a source found nothing.
 *
 * SPDX-License-Identifier: MIT
 */
#include "entry_expect.h"
#include "scratch.h"

static int check(void **state, const char *source, const char *text, size_t len, struct tq_log_error *error)
{
    const char *path = scratch_path(state, "named");

    file_write(path, text, len);
    return tq_log_source_check(tq_log_source_find(source), path, error);
}

static void a_log_without_usage_is_a_log(void **state)
{
    static const char *const logs[][2] = {
        {"claude", ""},
        {"claude", "\n \n"},
        {"claude", "{\"parentUuid\":null,\"type\":\"user\",\"message\":{\"content\":\"usage\"}}\n"},
        {"claude", "{\"type\":\"summary\",\"summary\":\"x\",\"leafUuid\":\"y\"}\n"},
        {"codex", "{\"timestamp\":\"2026-05-01T10:00:00Z\",\"type\":\"session_meta\",\"payload\":{}}\n"},
        {"gemini", "{\"sessionId\":\"s\",\"projectHash\":\"h\",\"messages\":[]}"},
        {"gemini", "{\n  \"attributes\": {\n    \"event.name\": \"gemini_cli.config\"\n"},
        {"litellm", "INFO: LiteLLM Proxy is up\n"},
        {"litellm", "{\"call_type\":\"acompletion\"}\n"},
        {"openai-usage", "{\"object\": \"page\", \"data\": []}"},
        {"otel", "{\"resourceLogs\":[]}\n"},
        {"otel", "{\"traceId\":\"1\",\"spanId\":\"2\"}\n"},
        {"pi", "{\"type\":\"session\",\"version\":3,\"id\":\"s\",\"cwd\":\"/w\"}\n"},
        {"openclaw", "{\"type\": \"session\", \"id\": \"s\"}\n"},
        {"cline", "[]"},
        {"cline", "[{\"ts\":1,\"type\":\"say\",\"say\":\"text\",\"text\":\"x\"}]"},
        {"cline", "{\"version\":1,\"agent\":\"lead\",\"sessionId\":\"s\",\"messages\":[]}"},
        {"qwen", "{\"uuid\":\"u\",\"parentUuid\":null,\"type\":\"user\",\"message\":{\"parts\":[]}}\n"},
        {"kimi", "{\"type\":\"metadata\",\"protocol_version\":\"1.3\"}\n"},
        {"grok", "{\"params\":{\"update\":{\"sessionUpdate\":\"user_message_chunk\"}}}\n"},
        {"cursor", "Date,Model,Input (w/ Cache Write),Input (w/o Cache Write)"},
        {"csv", "anything"}, /* its reader says by itself what is wrong */
    };

    for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
        struct tq_log_error error;

        if (check(state, logs[i][0], logs[i][1], strlen(logs[i][1]), &error) != 0)
            fail_msg("%s: %s: %s", logs[i][0], logs[i][1], error.msg);
    }
}

static void another_file_is_named(void **state)
{
    static const char *const files[][3] = {
        {"openai-usage", "start_time,\"num_model_requests\"\n1,2\n", "seems to be CSV"},
        {"claude", "{\"type\":\"session_meta\",\"payload\":{}}\n", "seems to be of Codex (source codex)"},
        {"codex", "{\"isSidechain\":false}\n", "seems to be of Claude Code (source claude)"},
        {"litellm", "{\"isSidechain\":false}\n", "seems to be of Claude Code (source claude)"},
        {"gemini", "[1, 2]", "seems to be JSON of another kind"},
        {"otel", "hello\n", "seems to be text"},
        {"pi", "{\"params\":{\"update\":{\"sessionUpdate\":\"x\"}}}\n",
         "seems to be of Grok Build (source grok)"},
        {"openclaw", "{\"role\":\"user\"}\n", "seems to be JSON of another kind"},
        {"cline", "[1]", "seems to be JSON of another kind"},
        {"qwen", "{\"type\":\"usage.record\"}\n", "seems to be of Kimi (source kimi)"},
        {"kimi", "[{\"say\":\"api_req_started\"}]", "seems to be of Cline and forks (source cline)"},
        {"grok", "{\"type\":\"session\"}\n", "seems to be of pi and forks (source pi)"},
        {"cursor", "SQLite format 3\0\20\0", "seems to be a database of SQLite"},
        {"jsonl", "{\"type\":\"session\"}\n", "seems to be of pi and forks (source pi)"},
        {"claude", "\177ELF\1\0", "seems to be no text"},
        {"claude", "SQLite format 3\0\20\0", "seems to be a database of SQLite"},
    };

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct tq_log_error error;
        size_t len = strlen(files[i][1]);

        len += files[i][1][0] == '\177' || files[i][1][0] == 'S' ? 1 : 0; /* with the NUL */
        assert_int_equal(check(state, files[i][0], files[i][1], len, &error), TQ_LOG_BROKEN);
        if (!strstr(error.msg, files[i][2]))
            fail_msg("%s: %s", files[i][0], error.msg);
    }
}

static void a_database_may_have_nothing_yet(void **state)
{
    static const char begin[] = "SQLite format 3\0\20";
    struct tq_log_error error;

    assert_int_equal(check(state, "openclaw", begin, sizeof(begin), &error), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(a_log_without_usage_is_a_log),
        scratch_test(another_file_is_named),
        scratch_test(a_database_may_have_nothing_yet),
    };

    return cmocka_run_group_tests_name("source_guess", tests, NULL, NULL);
}
