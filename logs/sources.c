/* sources.c: the table of sources: their names, where their files are, and which functions read them.
 *
 * SPDX-License-Identifier: MIT
 *
 * Ids are kept on disk: a source keeps its id for ever, and no id is used twice.
 */
#include "sources.h"

#include <string.h>

static const struct tq_log_source sources[] = {
    {
        .id = 1,
        .name = "claude",
        .title = "Claude Code",
        .unit = TQ__LOG_LINES,
        .suffixes = {".jsonl"},
        .variable = "CLAUDE_CONFIG_DIR",
        .homes = {"@claude", ".claude"},
        .below = {"projects"},
        .matters = tq__log_claude_matters,
        .read = tq__log_claude_read,
    },
    {
        .id = 2,
        .name = "codex",
        .title = "Codex",
        .unit = TQ__LOG_LINES,
        .prefix = "rollout-",
        .suffixes = {".jsonl"},
        .variable = "CODEX_HOME",
        .homes = {".codex"},
        .below = {"sessions", "archived_sessions"},
        .head = true,
        .matters = tq__log_codex_matters,
        .read = tq__log_codex_read,
    },
    {
        .id = 3,
        .name = "gemini",
        .title = "Gemini CLI",
        .unit = TQ__LOG_OBJECTS,
        .folder = "chats",
        .suffixes = {".json", ".jsonl"},
        .homes = {".gemini"},
        .below = {"tmp"},
        .matters = tq__log_gemini_matters,
        .read = tq__log_gemini_read,
    },
    {
        .id = 4,
        .name = "litellm",
        .title = "LiteLLM",
        .unit = TQ__LOG_OBJECTS,
        .suffixes = {".jsonl", ".json", ".log"},
        .matters = tq__log_litellm_matters,
        .read = tq__log_litellm_read,
    },
    {
        .id = 5,
        .name = "openai-usage",
        .title = "OpenAI usage API",
        .unit = TQ__LOG_OBJECTS,
        .suffixes = {".json", ".jsonl"},
        .matters = tq__log_openai_usage_matters,
        .read = tq__log_openai_usage_read,
    },
    {
        .id = 6,
        .name = "otel",
        .title = "OpenTelemetry GenAI",
        .unit = TQ__LOG_OBJECTS,
        .suffixes = {".jsonl", ".json", ".log"},
        .homes = {".copilot"},
        .below = {"otel"},
        .matters = tq__log_otel_matters,
        .read = tq__log_otel_read,
    },
    {
        .id = 7,
        .name = "csv",
        .title = "CSV",
        .unit = TQ__LOG_ROWS,
        .suffixes = {".csv"},
        .matters = tq__log_rows_matters,
        .read = tq__log_rows_read,
    },
    {
        .id = 8,
        .name = "jsonl",
        .title = "JSONL",
        .unit = TQ__LOG_ROWS,
        .suffixes = {".jsonl"},
        .matters = tq__log_rows_matters,
        .read = tq__log_rows_read,
    },
};

const struct tq_log_source *tq_log_source_at(size_t index)
{
    return index < sizeof(sources) / sizeof(sources[0]) ? &sources[index] : NULL;
}

const struct tq_log_source *tq_log_source_find(const char *name)
{
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        if (strcmp(sources[i].name, name) == 0)
            return &sources[i];
    }
    return NULL;
}

const char *tq_log_source_name(const struct tq_log_source *source)
{
    return source->name;
}

const char *tq_log_source_title(const struct tq_log_source *source)
{
    return source->title;
}

uint32_t tq_log_source_id(const struct tq_log_source *source)
{
    return source->id;
}
