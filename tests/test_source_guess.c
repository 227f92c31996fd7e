/* test_source_guess.c: what a file seems to be in which a source found nothing.
 *
 * SPDX-License-Identifier: MIT
 */
#include <dirent.h>
#include <ftw.h>
#include <stdio.h>

#include "entry_expect.h"
#include "scratch.h"

#define TREES "tests/logs/trees"

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
        {"csv", "anything"},                    /* its reader says by itself what is wrong */
        {"jsonl", "{\"provider\":\"a\",\"tok"}, /* the rest is not written yet */
        {"copilot", "{\"type\":\"session.start\",\"data\":{}}\n"},
        {"opencode", "{\"role\":\"user\",\"sessionID\":\"s\"}"},
        {"kilo", "{\"role\":\"user\",\"sessionID\":\"s\"}"},
        {"qwen", "{\"uuid\":\"u\",\"parentUuid\":null,\"type\":\"system\"}\n"},
        /* The words of other tools in what a tool said, once it has two of its own. */
        {"claude",
         "{\"parentUuid\":null,\"isSidechain\":false,\"x\":{\"parts\":[],\"spanId\":1,\"traceId\":2,"
         "\"resourceSpans\":[]}}\n"},
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
        {"jsonl", "{\"a\":1}\n", "nothing of JSONL is in it; it seems to be JSON of another kind"},
        {"csv", "{\"a\":1}", "seems to be JSON of another kind"},
        {"jsonl", "{\n  \"a\": 1\n}\n", "seems to be JSON of another kind"},
        {"copilot", "{\"a\":1}\n", "seems to be JSON of another kind"},
        {"antigravity", "text", "seems to be text"},
        {"claude", "{\"parentUuid\":null,\"message\":{\"parts\":[]}}\n", "(source qwen)"},
        {"qwen", "{\"parentUuid\":null,\"isSidechain\":false}\n", "(source claude)"},
        {"otel", "{\"event.name\":\"gemini_cli.config\",\"gen_ai.system\":\"x\"}", "(source gemini)"},
        {"claude", "\177ELF\1\0", "seems to be no text"},
        {"claude", "SQLite format 3\0\20\0", "seems to be a database of SQLite"},
    };

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct tq_log_error error;
        size_t len = strlen(files[i][1]);

        len += files[i][1][0] == '\177' || files[i][1][0] == 'S' ? 1 : 0; /* with the NUL */
        assert_int_equal(check(state, files[i][0], files[i][1], len, &error),
                         strstr(files[i][2], "(source") ? 1 : TQ_LOG_BROKEN);
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

/* ---- each tool's files, named for each other tool -------------------------------------------- */

static const char *owner; /* the source of the file that is looked at */
static unsigned pairs;

/* Do two sources read the same form? */
static bool is_alike(const char *a, const char *b)
{
    static const char *const alike[][2] = {{"pi", "openclaw"}, {"opencode", "kilo"}, {"csv", "jsonl"}};

    for (size_t i = 0; i < sizeof alike / sizeof alike[0]; i++)
        if ((strcmp(a, alike[i][0]) == 0 && strcmp(b, alike[i][1]) == 0) ||
            (strcmp(a, alike[i][1]) == 0 && strcmp(b, alike[i][0]) == 0))
            return true;
    return strcmp(a, b) == 0;
}

static unsigned count_entries(const struct tq_log_source *source, const char *path)
{
    struct tq_log_reader *reader;
    struct tq_log_error error;
    unsigned count = 0;
    int answer = tq_log_reader_open(&reader, source, path, NULL, NULL, &error);

    while (answer == TQ_LOG_RECORD || answer == TQ_LOG_BAD_LINE) {
        struct tq_log_entry entry = {.size = sizeof entry};

        answer = tq_log_reader_next(reader, &entry, &error);
        count += answer == TQ_LOG_RECORD;
    }
    tq_log_reader_close(reader);
    return count;
}

/* Of its own source nothing is wrong; every other one says which tool it is of, or, of rows, what they are.
 */
static void name_for(const struct tq_log_source *source, const char *path)
{
    const char *name = tq_log_source_name(source);
    bool is_rows = strcmp(owner, "csv") == 0 || strcmp(owner, "jsonl") == 0;
    struct tq_log_error error;
    char words[64];
    int answer;

    if (is_alike(owner, name))
        return;
    if (count_entries(source, path) > 0)
        fail_msg("%s: %s has entries in it", path, name);
    answer = tq_log_source_check(source, path, &error);
    snprintf(words, sizeof words, "(source %s)",
             strcmp(owner, "kilo") == 0                                   ? "opencode"
             : strcmp(owner, "openclaw") == 0 && !strstr(path, ".sqlite") ? "pi"
                                                                          : owner);
    if (answer != (is_rows ? TQ_LOG_BROKEN : 1) || (!is_rows && !strstr(error.msg, words)))
        fail_msg("%s: %s: %d: %s", path, name, answer, answer == 0 ? "" : error.msg);
    pairs++;
}

static int look_at(const char *path, const struct stat *status, int type, struct FTW *place)
{
    const struct tq_log_source *source;

    (void)status;
    (void)place;
    if (type != FTW_F || count_entries(tq_log_source_find(owner), path) == 0)
        return 0;
    for (size_t i = 0; (source = tq_log_source_at(i)) != NULL; i++)
        name_for(source, path);
    return 0;
}

static void a_file_is_told_from_those_of_every_other_tool(void **state)
{
    const char *rows = scratch_path(state, "rows.jsonl");
    DIR *trees = opendir(TREES);
    struct dirent *tree;

    assert_non_null(trees);
    while ((tree = readdir(trees))) {
        char path[512], name[64];
        FILE *file;

        snprintf(path, sizeof path, TREES "/%s/expected.txt", tree->d_name);
        file = tree->d_name[0] == '.' ? NULL : fopen(path, "r");
        if (!file)
            continue;
        assert_int_equal(fscanf(file, "source %63s", name), 1);
        fclose(file);
        owner = name;
        snprintf(path, sizeof path, TREES "/%s", tree->d_name);
        assert_int_equal(nftw(path, look_at, 8, FTW_PHYS), 0);
    }
    closedir(trees);
    owner = "csv";
    assert_int_equal(nftw("sample/usage.csv", look_at, 1, FTW_PHYS), 0);
    owner = "jsonl";
    file_write(rows, "{\"unix_ms\":1700000000000,\"provider\":\"a\",\"tokens\":1}\n", 51);
    assert_int_equal(nftw(rows, look_at, 1, FTW_PHYS), 0);
    assert_true(pairs > 800);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(a_log_without_usage_is_a_log),
        scratch_test(another_file_is_named),
        scratch_test(a_database_may_have_nothing_yet),
        scratch_test(a_file_is_told_from_those_of_every_other_tool),
    };

    return cmocka_run_group_tests_name("source_guess", tests, NULL, NULL);
}
