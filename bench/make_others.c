/* make_others.c: made-up telemetry of Gemini CLI and rows of LiteLLM.
 *
 * SPDX-License-Identifier: MIT
 */
#define _FILE_OFFSET_BITS 64

#include <inttypes.h>

#include "make_logs.h"

/* ---- Gemini CLI's telemetry ------------------------------------------------------------------ */

static void gemini_head(FILE *file, const char *event, int64_t session, int64_t at_ms)
{
    fprintf(file,
            "{\n  \"hrTime\": [\n    %" PRId64 ",\n    0\n  ],\n  \"resource\": {\n    \"attributes\": {\n"
            "      \"service.name\": \"gemini-cli\"\n    }\n  },\n  \"attributes\": {\n    \"session.id\": "
            "\"t-%" PRId64 "\",\n    \"event.name\": \"%s\",\n    \"event.timestamp\": \"%s\"",
            at_ms / 1000, session, event, instant(at_ms));
}

static void gemini_response(FILE *file, int64_t session, int64_t at_ms)
{
    struct made_usage usage = draw_usage();
    unsigned model = (unsigned)draw(2);
    int64_t input = usage.input + usage.cache_read;

    usage.cache_write = 0;
    gemini_head(file, "gemini_cli.user_prompt", session, at_ms - 1000);
    fprintf(file, ",\n    \"prompt\": \"");
    put_text(file);
    fprintf(file, "\"\n  }\n}\n");
    gemini_head(file, "gemini_cli.api_response", session, at_ms);
    fprintf(file,
            ",\n    \"model\": \"%s\",\n    \"duration_ms\": 900,\n    \"input_token_count\": %" PRId64
            ",\n    \"output_token_count\": %" PRId64 ",\n    \"cached_content_token_count\": %" PRId64
            ",\n    \"thoughts_token_count\": %" PRId64
            ",\n    \"tool_token_count\": 0,\n    \"total_token_count\": %" PRId64
            ",\n    \"prompt_id\": \"p-%" PRId64 "\",\n    \"response_text\": \"",
            made_models[model], input, usage.output - usage.reasoning, usage.cache_read, usage.reasoning,
            input + usage.output, ++made_serial);
    put_text(file);
    fprintf(file, "\"\n  }\n}\n");
    gemini_head(file, "gen_ai.client.inference.operation.details", session, at_ms);
    fprintf(file,
            ",\n    \"gen_ai.request.model\": \"%s\",\n    \"gen_ai.usage.input_tokens\": %" PRId64
            "\n  }\n}\n",
            made_models[model], input);
    count(at_ms, model, &usage);
}

void make_gemini_session(int64_t bytes)
{
    int64_t session = ++made_serial, at_ms = some_instant();
    char name[64];
    FILE *file;

    snprintf(name, sizeof name, "telemetry-%" PRId64 ".log", session);
    file = open_log(name);
    while (ftello(file) < bytes)
        gemini_response(file, session, at_ms = later(at_ms));
    close_log(file);
}

/* ---- LiteLLM's rows -------------------------------------------------------------------------- */

void make_litellm_session(int64_t bytes)
{
    int64_t session = ++made_serial, at_ms = some_instant();
    char name[64];
    FILE *file;

    snprintf(name, sizeof name, "spend-%" PRId64 ".jsonl", session);
    file = open_log(name);
    while (ftello(file) < bytes) {
        struct made_usage usage = draw_usage();
        unsigned model = (unsigned)draw(2);
        int hit = draw(9) == 0;

        at_ms = later(at_ms);
        usage.cache_write = usage.cache_read = 0;
        fprintf(
            file,
            "{\"request_id\":\"r-%" PRId64
            "\",\"call_type\":\"acompletion\",\"spend\":0.0,\"total_tokens\":%" PRId64
            ",\"prompt_tokens\":%" PRId64 ",\"completion_tokens\":%" PRId64
            ",\"startTime\":\"%s\",\"endTime\":\"%s\",\"model\":\"%s\",\"custom_llm_provider\":\"openai\","
            "\"cache_hit\":\"%s\",\"status\":\"success\",\"session_id\":\"l-%" PRId64 "\",\"messages\":\"",
            ++made_serial, usage.input + usage.output, usage.input, usage.output, instant(at_ms),
            instant(at_ms), made_models[model], hit ? "True" : "False", session);
        put_text(file);
        fprintf(file, "\"}\n");
        if (!hit)
            count(at_ms, model, &usage);
    }
    close_log(file);
}
