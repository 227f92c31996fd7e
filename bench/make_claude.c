/* make_claude.c: made-up sessions of Claude Code, with what makes them hard to count.
 *
 * SPDX-License-Identifier: MIT
 */
#define _FILE_OFFSET_BITS 64

#include <inttypes.h>
#include <string.h>

#include "make_logs.h"

struct claude {
    int64_t session, at_ms;
    int sidechain;
};

static void claude_user(FILE *file, const struct claude *at)
{
    fprintf(file,
            "{\"parentUuid\":\"u-%" PRId64
            "\",\"isSidechain\":%s,\"userType\":\"external\",\"cwd\":\"/home/u/work\","
            "\"sessionId\":\"s-%" PRId64
            "\",\"version\":\"2.1.30\",\"type\":\"user\",\"message\":{\"role\":\"user\","
            "\"content\":[{\"type\":\"tool_result\",\"content\":\"",
            made_serial, at->sidechain ? "true" : "false", at->session);
    put_text(file);
    fprintf(file, "\"}]},\"uuid\":\"u-%" PRId64 "\",\"timestamp\":\"%s\"}\n", made_serial,
            instant(at->at_ms));
}

static void claude_assistant(FILE *file, const struct claude *at, unsigned model, int64_t id, int64_t request,
                             const struct made_usage *usage)
{
    fprintf(file,
            "{\"parentUuid\":\"u-%" PRId64
            "\",\"isSidechain\":%s,\"userType\":\"external\",\"cwd\":\"/home/u/work\","
            "\"sessionId\":\"s-%" PRId64
            "\",\"version\":\"2.1.30\",\"gitBranch\":\"main\",\"type\":\"assistant\","
            "\"message\":{\"model\":\"%s\",\"id\":\"msg_01%022" PRId64
            "\",\"type\":\"message\",\"role\":\"assistant\","
            "\"content\":[{\"type\":\"text\",\"text\":\"",
            made_serial, at->sidechain ? "true" : "false", at->session, made_models[model], id);
    put_text(file);
    fprintf(file,
            "\"}],\"stop_reason\":null,\"usage\":{\"input_tokens\":%" PRId64
            ",\"cache_creation_input_tokens\":%" PRId64 ",\"cache_read_input_tokens\":%" PRId64
            ",\"cache_creation\":{\"ephemeral_5m_input_tokens\":%" PRId64 ",\"ephemeral_1h_input_tokens\":0},"
            "\"output_tokens\":%" PRId64 ",\"service_tier\":\"standard\"}},\"requestId\":\"req_%" PRId64
            "\",\"uuid\":\"u-%" PRId64 "\",\"timestamp\":\"%s\"}\n",
            usage->input, usage->cache_write, usage->cache_read, usage->cache_write, usage->output, request,
            ++made_serial, instant(at->at_ms));
}

/* A response on one line a block: the counts repeat, the output is whole on the last one. */
static void claude_response(FILE *file, struct claude *at, unsigned model, FILE *replay)
{
    struct made_usage usage = draw_usage(), early = usage;
    int64_t id = ++made_serial;

    early.output = 1;
    for (uint64_t more = draw(4); more > 0; more--)
        claude_assistant(file, at, model, id, id, &early);
    claude_assistant(file, at, model, id, id, &usage);
    count(at->at_ms, model, &usage);
    if (replay && draw(8) == 0) {
        struct claude copy = {at->session, at->at_ms, 1};

        claude_assistant(replay, &copy, model, id, id + 1000000000, &usage);
    }
}

void make_claude_session(int64_t bytes)
{
    struct claude at = {.session = ++made_serial, .at_ms = some_instant()};
    char name[256];
    FILE *file, *agent;

    snprintf(name, sizeof name, "projects/-home-u-p%d/s-%" PRId64 ".jsonl", (int)draw(5), at.session);
    file = open_log(name);
    snprintf(name + strlen(name) - 6, 64, "/subagents/agent-%" PRId64 ".jsonl", at.session);
    agent = open_log(name);
    while (ftello(file) + ftello(agent) < bytes) {
        FILE *to = draw(5) == 0 ? agent : file;

        at.sidechain = to == agent;
        at.at_ms = later(at.at_ms);
        claude_user(to, &at);
        claude_response(to, &at, at.sidechain ? 2 : (unsigned)draw(2), at.sidechain ? NULL : agent);
    }
    close_log(file);
    close_log(agent);
}
