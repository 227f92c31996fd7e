/* usage_keys.c: where vendors' documents have usage, as tables of data.
 *
 * SPDX-License-Identifier: MIT
 *
 * Sources: the vendors' API references; docs/providers.md names them. A key that stands in several vendors'
 * documents is said once. What may open a place here must also be among the words of usage_words.c.
 */
#include "usage_keys.h"

#include <string.h>

struct key {
    const char *name;
    uint8_t len;
    uint8_t meaning;
};

#define KEY(name, meaning)                                                                                   \
    {                                                                                                        \
        name, sizeof(name) - 1, meaning                                                                      \
    }
#define COUNT(name, count)                                                                                   \
    {                                                                                                        \
        name, sizeof(name) - 1, (int)TQ__IS_COUNT + (int)(count)                                                       \
    }

static const struct key in_root[] = {
    KEY("usage", TQ__IN_USAGE),
    KEY("usageMetadata", TQ__IN_USAGE_METADATA),                /* Gemini, Vertex AI */
    KEY("response", TQ__IN_RESPONSE),                           /* Responses, Realtime: events */
    KEY("message", TQ__IN_MESSAGE),                             /* Anthropic: message_start */
    KEY("delta", TQ__IN_DELTA),                                 /* Cohere v2: message-end */
    KEY("metadata", TQ__IN_METADATA),                           /* Bedrock: ConverseStream */
    KEY("x_groq", TQ__IN_X_GROQ),                               /* Groq: the last event of a stream */
    KEY("meta", TQ__IN_META),                                   /* Cohere v1 */
    KEY("amazon-bedrock-invocationMetrics", TQ__IN_INVOCATION), /* Bedrock: the last of a stream */
    KEY("timings", TQ__IN_TIMINGS),                             /* llama.cpp */
    KEY("choices", TQ__IN_CHOICES),
    KEY("candidates", TQ__IN_CHOICES),
    KEY("promptFeedback", TQ__IN_FEEDBACK),
    KEY("type", TQ__IS_TYPE),
    KEY("object", TQ__IS_TYPE),
    KEY("event_type", TQ__IS_TYPE),
    KEY("done", TQ__IS_DONE), /* Ollama */
    KEY("stop", TQ__IS_DONE), /* llama.cpp, its own API */
    KEY("error", TQ__IS_ERROR),
    KEY("throttlingException", TQ__IS_ERROR), /* Bedrock: an event of a stream */
    KEY("rate_limits", TQ__IS_LIMITS),
    COUNT("prompt_eval_count", TQ__WHOLE_INPUT), /* Ollama, its own API */
    COUNT("prompt_eval_cached_count", TQ__READ_WITHIN),
    COUNT("eval_count", TQ__OUTPUT),
    COUNT("tokens_evaluated", TQ__WHOLE_INPUT), /* llama.cpp, its own API */
    COUNT("tokens_predicted", TQ__OUTPUT),
};

static const struct key in_response[] = {
    KEY("usage", TQ__IN_USAGE), KEY("usageMetadata", TQ__IN_USAGE_METADATA),
    KEY("error", TQ__IS_ERROR), KEY("candidates", TQ__IN_CHOICES),
    KEY("meta", TQ__IN_META),
};

static const struct key only_usage[] = {KEY("usage", TQ__IN_USAGE)};

static const struct key in_meta[] = {
    KEY("tokens", TQ__IN_TOKENS),
    KEY("billed_units", TQ__IN_BILLED),
};

static const struct key in_feedback[] = {KEY("blockReason", TQ__IS_FINISH)};

static const struct key in_choices[] = {
    KEY("finish_reason", TQ__IS_FINISH),
    KEY("finishReason", TQ__IS_FINISH),
};

static const struct key in_usage[] = {
    COUNT("prompt_tokens", TQ__WHOLE_INPUT), /* OpenAI Chat Completions, and all who follow it */
    COUNT("completion_tokens", TQ__OUTPUT),
    COUNT("total_tokens", TQ__TOTAL),
    KEY("prompt_tokens_details", TQ__IN_INPUT_DETAILS),
    KEY("completion_tokens_details", TQ__IN_OUTPUT_DETAILS),
    COUNT("prompt_cache_hit_tokens", TQ__READ_WITHIN), /* DeepSeek */
    COUNT("prompt_cache_miss_tokens", TQ__CACHE_MISS),
    COUNT("input_tokens", TQ__EITHER_INPUT), /* OpenAI Responses, Anthropic */
    COUNT("output_tokens", TQ__OUTPUT),
    KEY("input_tokens_details", TQ__IN_INPUT_DETAILS),
    KEY("input_token_details", TQ__IN_INPUT_DETAILS), /* Realtime */
    KEY("output_tokens_details", TQ__IN_OUTPUT_DETAILS),
    KEY("output_token_details", TQ__IN_OUTPUT_DETAILS),
    COUNT("cache_read_input_tokens", TQ__READ_BESIDE), /* Anthropic */
    COUNT("cache_creation_input_tokens", TQ__WRITE_BESIDE),
    KEY("cache_creation", TQ__IN_CACHE_CREATION),
    COUNT("inputTokens", TQ__PLAIN_INPUT), /* Bedrock: Converse */
    COUNT("outputTokens", TQ__OUTPUT),
    COUNT("totalTokens", TQ__TOTAL),
    COUNT("cacheReadInputTokens", TQ__READ_BESIDE),
    COUNT("cacheWriteInputTokens", TQ__WRITE_BESIDE),
    KEY("tokens", TQ__IN_TOKENS), /* Cohere v2 */
    KEY("billed_units", TQ__IN_BILLED),
};

static const struct key in_input_details[] = {
    COUNT("cached_tokens", TQ__READ_WITHIN),
    COUNT("cache_write_tokens", TQ__WRITE_WITHIN),
};

static const struct key in_output_details[] = {COUNT("reasoning_tokens", TQ__REASONING)};

static const struct key in_cache_creation[] = {
    COUNT("ephemeral_5m_input_tokens", TQ__WRITE_5M),
    COUNT("ephemeral_1h_input_tokens", TQ__WRITE_1H),
};

static const struct key in_tokens[] = {
    COUNT("input_tokens", TQ__WHOLE_INPUT),
    COUNT("output_tokens", TQ__OUTPUT),
};

static const struct key in_billed[] = {
    COUNT("input_tokens", TQ__BILLED_INPUT),
    COUNT("output_tokens", TQ__BILLED_OUTPUT),
};

static const struct key in_usage_metadata[] = {
    COUNT("promptTokenCount", TQ__WHOLE_INPUT),        COUNT("cachedContentTokenCount", TQ__READ_WITHIN),
    COUNT("candidatesTokenCount", TQ__VISIBLE_OUTPUT), COUNT("thoughtsTokenCount", TQ__THOUGHTS),
    COUNT("toolUsePromptTokenCount", TQ__TOOL_INPUT),  COUNT("totalTokenCount", TQ__TOTAL),
};

static const struct key in_invocation[] = {
    COUNT("inputTokenCount", TQ__PLAIN_INPUT),
    COUNT("outputTokenCount", TQ__OUTPUT),
    COUNT("cacheReadInputTokenCount", TQ__READ_BESIDE),
    COUNT("cacheWriteInputTokenCount", TQ__WRITE_BESIDE),
};

static const struct key in_timings[] = {
    COUNT("cache_n", TQ__TIMED_READ),
    COUNT("prompt_n", TQ__TIMED_INPUT),
    COUNT("predicted_n", TQ__TIMED_OUTPUT),
};

#define PLACE(keys)                                                                                          \
    {                                                                                                        \
        keys, sizeof(keys) / sizeof((keys)[0])                                                               \
    }

static const struct {
    const struct key *keys;
    size_t count;
} places[TQ__PLACES] = {
    [TQ__ROOT] = PLACE(in_root),
    [TQ__IN_RESPONSE] = PLACE(in_response),
    [TQ__IN_MESSAGE] = PLACE(only_usage),
    [TQ__IN_DELTA] = PLACE(only_usage),
    [TQ__IN_METADATA] = PLACE(only_usage),
    [TQ__IN_X_GROQ] = PLACE(only_usage),
    [TQ__IN_META] = PLACE(in_meta),
    [TQ__IN_FEEDBACK] = PLACE(in_feedback),
    [TQ__IN_CHOICES] = PLACE(in_choices),
    [TQ__IN_USAGE] = PLACE(in_usage),
    [TQ__IN_INPUT_DETAILS] = PLACE(in_input_details),
    [TQ__IN_OUTPUT_DETAILS] = PLACE(in_output_details),
    [TQ__IN_CACHE_CREATION] = PLACE(in_cache_creation),
    [TQ__IN_TOKENS] = PLACE(in_tokens),
    [TQ__IN_BILLED] = PLACE(in_billed),
    [TQ__IN_USAGE_METADATA] = PLACE(in_usage_metadata),
    [TQ__IN_INVOCATION] = PLACE(in_invocation),
    [TQ__IN_TIMINGS] = PLACE(in_timings),
};

static uint8_t find(const struct key *keys, size_t count, struct tq__span name)
{
    for (size_t i = 0; i < count; i++)
        if (keys[i].len == name.len && memcmp(keys[i].name, name.at, name.len) == 0)
            return keys[i].meaning;
    return 0;
}

uint8_t tq__usage_member(uint8_t place, struct tq__span key)
{
    return find(places[place].keys, places[place].count, key);
}

/* The other events of Responses begin alike, and usage in one of them is not the last word. */
static const char responses_event[] = "response.";

static const struct key kinds[] = {
    KEY("message_start", TQ__KIND_PART), /* Anthropic */
    KEY("message_delta", TQ__KIND_PART | TQ__KIND_GROWS),
    KEY("message_stop", TQ__KIND_LAST),
    KEY("response.completed", TQ__KIND_LAST), /* OpenAI Responses */
    KEY("response.incomplete", TQ__KIND_LAST),
    KEY("response.failed", TQ__KIND_LAST),
    KEY("response.done", TQ__KIND_LAST), /* Realtime */
    KEY("message-end", TQ__KIND_LAST),   /* Cohere v2 */
    KEY("stream-end", TQ__KIND_LAST),    /* Cohere v1 */
    KEY("error", TQ__KIND_ERROR),        /* Anthropic, Responses; "object" of vLLM */
    KEY("codex.rate_limits", TQ__KIND_LIMITS),
    KEY("rate_limits.updated", TQ__KIND_LIMITS), /* Realtime */
    KEY("rate_limit_event", TQ__KIND_LIMITS),    /* Claude Code's stream-json */
};

uint32_t tq__usage_kind(struct tq__span type)
{
    uint32_t kind = find(kinds, sizeof(kinds) / sizeof(kinds[0]), type);

    if (kind == 0 && type.len >= sizeof(responses_event) - 1 &&
        memcmp(type.at, responses_event, sizeof(responses_event) - 1) == 0)
        kind = TQ__KIND_PART;
    return kind;
}
