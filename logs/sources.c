/* sources.c: the table of sources: their names, where their files are, and which functions read them.
 *
 * SPDX-License-Identifier: MIT
 *
 * Ids are kept on disk: a source keeps its id for ever, and no id is used twice.
 */
#include "sources.h"

#include <string.h>

#include "query.h"

/* Below the folder of the user's settings. */
#define CONFIG(folder) "$XDG_CONFIG_HOME/" folder "|~/.config/" folder

/* Below the folder of the user's data. */
#define DATA(folder) "$XDG_DATA_HOME/" folder "|~/.local/share/" folder

/* Where pi's family keeps its sessions: an agent's folder that a variable may name, or the one below home. */
#define AGENT(name, home) "$" name "_CODING_AGENT_DIR/sessions|" home "/sessions"

/* The tasks of VS Code's extensions, and of those of editors made from it. */
#define TASKS                                                                                                \
    "/User/globalStorage/{saoudrizwan.claude-dev,saoudrizwan.cline-nightly,rooveterinaryinc.roo-cline,"      \
    "rooveterinaryinc.roo-code-nightly,kilocode.kilo-code,zoocodeorganization.zoo-code}/tasks"
#define EDITORS "{Code,Code - Insiders,VSCodium,Cursor,Windsurf}"

/* Below the state of OpenClaw, of which each profile has one. */
#define OPENCLAW(folder) "$OPENCLAW_STATE_DIR" folder "|~/.openclaw{,-*}" folder
#define AGENT_STORE "/agents/*/agent/openclaw-agent.sqlite"

/* What Copilot CLI writes when a session ends: all that older versions say. */
static const struct tq_log_source copilot_events = {
    .id = 9,
    .name = "copilot",
    .title = "GitHub Copilot CLI",
    .unit = TQ__LOG_LINES,
    .prefix = "events",
    .folder = "session-state",
    .suffixes = {".jsonl"},
    .places = {"$COPILOT_HOME/session-state|~/.copilot/session-state"},
    .marks = {"\"session.start\"", "\"session.resume\"", "\"session.shutdown\"", "\"copilotVersion\""},
    .matters = tq__log_copilot_events_matters,
    .read = tq__log_copilot_events_read,
};

#define OPENCODE_MARKS                                                                                       \
    {                                                                                                        \
        "\"sessionID\"", "\"providerID\"", "\"modelID\""                                                     \
    }

/* Before version 1.2, OpenCode wrote a file for each message, and so did Kilo. */
static const struct tq_log_source opencode_files = {
    .id = 10,
    .name = "opencode",
    .title = "OpenCode",
    .unit = TQ__LOG_OBJECTS,
    .prefix = "msg_",
    .folder = "message",
    .suffixes = {".json"},
    .places = {"$OPENCODE_DATA_DIR/storage/message|" DATA("opencode/storage/message")},
    .whole = true,
    .marks = OPENCODE_MARKS,
    .matters = tq__log_opencode_matters,
    .read = tq__log_opencode_read,
};

static const struct tq_log_source kilo_files = {
    .id = 11,
    .name = "kilo",
    .title = "Kilo CLI",
    .unit = TQ__LOG_OBJECTS,
    .prefix = "msg_",
    .folder = "message",
    .suffixes = {".json"},
    .places = {"$KILO_DATA_DIR/storage/message|" DATA("kilo/storage/message")},
    .whole = true,
    .marks = OPENCODE_MARKS,
    .matters = tq__log_opencode_matters,
    .read = tq__log_opencode_read,
};

/* Of pi, the tools made from it, and OpenClaw. */
#define PI_MARKS                                                                                             \
    {                                                                                                        \
        "\"type\":\"session\"", "\"type\": \"session\"", "\"parentSession\":", "\"model_change\"",           \
            "\"thinking_level_change\"", "\"model-snapshot\"", "\"model_usage\""                             \
    }

/* Before version 2026.8, OpenClaw wrote a file for each session; it still archives sessions in such files. */
static const struct tq_log_source openclaw_files = {
    .id = 21,
    .name = "openclaw",
    .title = "OpenClaw",
    .unit = TQ__LOG_LINES,
    .suffixes = {".jsonl", ".jsonl.reset.*", ".jsonl.deleted.*"},
    .places = {OPENCLAW("/agents/*/sessions"),
               "$CLAWDBOT_STATE_DIR/agents/*/sessions|~/.clawdbot/agents/*/sessions",
               "~/.{moltbot,moldbot}/agents/*/sessions"},
    .head = true,
    .matters = tq__log_pi_matters,
    .read = tq__log_pi_read,
};

static const struct tq_log_source sources[] = {
    {
        .id = 1,
        .name = "claude",
        .title = "Claude Code",
        .unit = TQ__LOG_LINES,
        .suffixes = {".jsonl"},
        .places = {"$CLAUDE_CONFIG_DIR/projects|" CONFIG("claude/projects"),
                   "$CLAUDE_CONFIG_DIR/projects|~/.claude/projects",
                   CONFIG("Claude/local-agent-mode-sessions"), /* Claude Desktop's Cowork */
                   "~/Library/Application Support/Claude/local-agent-mode-sessions"},
        .skip = "audit.jsonl", /* Cowork's copy of a session, with counts that are not final */
        .marks = {"\"parentUuid\":", "\"leafUuid\":", "\"isSidechain\":", "\"isMeta\":",
                  "\"file-history-snapshot\"", "\"queue-operation\""},
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
        .places = {"$CODEX_HOME/{sessions,archived_sessions}|~/.codex/{sessions,archived_sessions}",
                   /* OpenClaw's own runs of it */
                   OPENCLAW("/agents/*/agent/{cli-auth/codex/*,codex-home}/{sessions,archived_sessions}")},
        .head = true,
        .marks = {"\"session_meta\"", "\"turn_context\"", "\"response_item\"", "\"event_msg\"",
                  "\"codex_cli_rs\""},
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
        .places = {"$GEMINI_CLI_HOME/.gemini/tmp|~/.gemini/tmp"},
        .marks = {"\"projectHash\"", "gemini_cli.", "\"gen_ai.", "\"type\":\"gemini\"",
                  "\"type\": \"gemini\""},
        .matters = tq__log_gemini_matters,
        .read = tq__log_gemini_read,
    },
    {
        .id = 4,
        .name = "litellm",
        .title = "LiteLLM",
        .unit = TQ__LOG_OBJECTS,
        .suffixes = {".jsonl", ".json", ".log", ".csv"},
        .columns = tq__log_litellm_columns,
        .columns_needed = 7, /* request_id, startTime, prompt_tokens */
        .marks = {"litellm", "LiteLLM", "\"custom_llm_provider\":", "\"call_type\":"},
        .matters = tq__log_litellm_matters,
        .read = tq__log_litellm_read,
    },
    {
        .id = 5,
        .name = "openai-usage",
        .title = "OpenAI usage API",
        .unit = TQ__LOG_OBJECTS,
        .suffixes = {".json", ".jsonl"},
        .marks = {"\"num_model_requests\":", "\"organization.", "\"bucket\"", "\"page\""},
        .matters = tq__log_openai_usage_matters,
        .read = tq__log_openai_usage_read,
    },
    {
        .id = 6,
        .name = "otel",
        .title = "OpenTelemetry GenAI",
        .unit = TQ__LOG_OBJECTS,
        .suffixes = {".jsonl", ".json", ".log"},
        .places = {"$COPILOT_HOME/otel|~/.copilot/otel", "$COPILOT_OTEL_FILE_EXPORTER_PATH"},
        .unless = "$COPILOT_HOME/session-store.db|~/.copilot/session-store.db",
        .marks = {"\"resourceSpans\":", "\"resourceMetrics\":", "\"resourceLogs\":", "\"traceId\":",
                  "\"spanId\":", "\"gen_ai."},
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
    {
        .id = 9,
        .name = "copilot",
        .title = "GitHub Copilot CLI",
        .prefix = "session-store",
        .suffixes = {".db"},
        .places = {"$COPILOT_HOME/session-store.db|~/.copilot/session-store.db"},
        .queries = tq__log_copilot_queries,
        .older = &copilot_events,
    },
    {
        .id = 10,
        .name = "opencode",
        .title = "OpenCode",
        .prefix = "opencode",
        .suffixes = {".db"},
        .places = {"$OPENCODE_DATA_DIR/opencode*.db|" DATA("opencode/opencode*.db")},
        .queries = tq__log_opencode_queries,
        .older = &opencode_files,
    },
    {
        .id = 11,
        .name = "kilo",
        .title = "Kilo CLI",
        .prefix = "kilo",
        .suffixes = {".db"},
        .places = {"$KILO_DATA_DIR/kilo*.db|" DATA("kilo/kilo*.db")},
        .queries = tq__log_opencode_queries,
        .older = &kilo_files,
    },
    {
        .id = 12,
        .name = "antigravity",
        .title = "Antigravity",
        .folder = "conversations",
        .suffixes = {".db"},
        .places = {"~/.gemini/antigravity{,-cli,-ide}/conversations"},
        .queries = tq__log_antigravity_queries,
    },
    {
        .id = 20,
        .name = "pi",
        .title = "pi and forks",
        .unit = TQ__LOG_LINES,
        .suffixes = {".jsonl"},
        .places = {"$PI_AGENT_DIR|$PI_CODING_AGENT_SESSION_DIR|" AGENT("PI", "~/.pi/agent"),
                   AGENT("OMP", "~/.omp/agent"), AGENT("SENPI", "~/.senpi/agent"),
                   "$KIMCHI_CODING_AGENT_DIR/sessions|" CONFIG("kimchi/harness/sessions"),
                   "$PRIME_AGENT_SESSION_DIR|" AGENT("PRIME_AGENT", "~/.prime/agent"),
                   AGENT("GJC", "~/.gjc/agent")},
        .head = true,
        .marks = PI_MARKS,
        .matters = tq__log_pi_matters,
        .read = tq__log_pi_read,
    },
    {
        .id = 21,
        .name = "openclaw",
        .title = "OpenClaw",
        .suffixes = {"openclaw-agent.sqlite"},
        .places = {OPENCLAW(AGENT_STORE), "$CLAWDBOT_STATE_DIR" AGENT_STORE "|~/.clawdbot" AGENT_STORE,
                   "~/.{moltbot,moldbot}" AGENT_STORE},
        .marks = PI_MARKS,
        .queries = tq__log_openclaw_queries,
        .older = &openclaw_files,
    },
    {
        .id = 22,
        .name = "cline",
        .title = "Cline and forks",
        .unit = TQ__LOG_OBJECTS,
        .suffixes = {"ui_messages.json", ".messages.json"},
        .places = {"$CLINE_SESSION_DATA_DIR|$CLINE_DATA_DIR/sessions|$CLINE_DIR/data/sessions|"
                   "~/.cline/data/sessions",
                   "$CLINE_DATA_DIR/tasks|$CLINE_DIR/data/tasks|~/.cline/data/tasks", CONFIG(EDITORS TASKS),
                   "~/.{vscode,vscode-insiders,vscodium,cursor,windsurf}-server/data" TASKS,
                   "~/.vscode-server-insiders/data" TASKS, "~/.local/share/code-server" TASKS,
                   "~/Library/Application Support/" EDITORS TASKS},
        .whole = true,
        .marks = {"\"api_req_started\"", "\"type\":\"say\"", "\"type\":\"ask\"", "\"agent\":\"lead\"",
                  "\"modelInfo\":"},
        .matters = tq__log_cline_matters,
        .read = tq__log_cline_read,
    },
    {
        .id = 23,
        .name = "qwen",
        .title = "Qwen Code",
        .unit = TQ__LOG_LINES,
        .folder = "chats",
        .suffixes = {".jsonl"},
        .places = {"$QWEN_RUNTIME_DIR/projects|$QWEN_HOME/projects|~/.qwen/projects"},
        .marks = {"\"parentUuid\":", "\"usageMetadata\":", "\"parts\":[", "\"ui_telemetry\"", "\"qwen-code."},
        .matters = tq__log_qwen_matters,
        .read = tq__log_qwen_read,
    },
    {
        .id = 24,
        .name = "kimi",
        .title = "Kimi",
        .unit = TQ__LOG_LINES,
        .suffixes = {"wire.jsonl"},
        .places = {"$KIMI_CODE_HOME/sessions|~/.kimi-code/sessions",
                   "$KIMI_SHARE_DIR/sessions|~/.kimi/sessions"},
        .marks = {"\"usage.record\"", "\"usageScope\":", "\"StatusUpdate\"", "\"TurnBegin\"",
                  "\"protocol_version\":"},
        .matters = tq__log_kimi_matters,
        .read = tq__log_kimi_read,
    },
    {
        .id = 25,
        .name = "grok",
        .title = "Grok Build",
        .unit = TQ__LOG_LINES,
        .suffixes = {"updates.jsonl"},
        .places = {"$GROK_HOME/sessions|~/.grok/sessions"},
        .marks = {"\"sessionUpdate\":", "\"turn_completed\"", "\"agentTimestampMs\":"},
        .matters = tq__log_grok_matters,
        .read = tq__log_grok_read,
    },
    {
        .id = 26,
        .name = "cursor",
        .title = "Cursor",
        .unit = TQ__LOG_LINES,
        .suffixes = {".csv"},
        .marks = {"Input (w/o Cache Write)"},
        .matters = tq__log_cursor_matters,
        .read = tq__log_cursor_read,
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

const struct tq__log_form *tq__log_form_of(const struct tq_log_source *source)
{
    return source->queries ? &tq__log_in_table : &tq__log_in_pieces;
}

const char *tq_log_source_name(const struct tq_log_source *source)
{
    return source->name;
}

const char *tq_log_source_title(const struct tq_log_source *source)
{
    return source->title;
}

int tq_log_source_has_database(const struct tq_log_source *source)
{
    return source->queries != NULL;
}

uint32_t tq_log_source_id(const struct tq_log_source *source)
{
    return source->id;
}
