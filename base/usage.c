/* usage.c: counts of tokens by the vendors' own keys, and the rule that makes usage of them.
 *
 * SPDX-License-Identifier: MIT
 *
 * The keys come from the vendors' API references, which docs/providers.md names. A key that several vendors
 * use in the same place has one row. A key that opens a place here must also be among the words of
 * signals/words.c.
 */
#include "base/usage.h"

#include "base/number.h"

struct key {
    const char *name;
    uint8_t len;
    uint8_t meaning;
};

#define KEY(name, meaning)                                                                                   \
    {                                                                                                        \
        name, sizeof(name) - 1, meaning                                                                      \
    }
#define COUNT(name, count) KEY(name, (int)TQ__IS_COUNT + (int)(count))
#define KEYS_MAX 40 /* of one place */

static const struct key count_keys[TQ__PLACES][KEYS_MAX] = {
    [TQ__ROOT] =
        {
            KEY("usage", TQ__IN_USAGE),
            KEY("usageMetadata", TQ__IN_USAGE_METADATA),                /* Gemini, Vertex AI */
            KEY("response", TQ__IN_RESPONSE),                           /* Responses, Realtime: events */
            KEY("message", TQ__IN_MESSAGE),                             /* Anthropic: message_start */
            KEY("delta", TQ__IN_DELTA),                                 /* Cohere v2: message-end */
            KEY("metadata", TQ__IN_METADATA),                           /* Bedrock: ConverseStream */
            KEY("interaction", TQ__IN_RESPONSE),                        /* Gemini Interactions: events */
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
            KEY("base_resp", TQ__IN_BASE_RESP),       /* MiniMax: in every response */
            KEY("rate_limits", TQ__IS_LIMITS),
            COUNT("prompt_eval_count", TQ__WHOLE_INPUT), /* Ollama, its own API */
            COUNT("prompt_eval_cached_count", TQ__READ_WITHIN),
            COUNT("eval_count", TQ__OUTPUT),
            COUNT("tokens_evaluated", TQ__WHOLE_INPUT), /* llama.cpp, its own API */
            COUNT("tokens_predicted", TQ__OUTPUT),
            COUNT("prompt_token_count", TQ__WHOLE_INPUT), /* Bedrock: Llama */
            COUNT("generation_token_count", TQ__OUTPUT),
            COUNT("inputTextTokenCount", TQ__WHOLE_INPUT), /* Bedrock: Titan */
            KEY("results", TQ__IN_RESULTS),
            KEY("predictions", TQ__IN_PREDICTIONS), /* Vertex AI: embeddings */
            KEY("custom_id", TQ__IS_LINE),          /* results of batches: OpenAI, Mistral, Anthropic, */
            KEY("key", TQ__IS_LINE),                /* Gemini, */
            KEY("recordId", TQ__IS_LINE),           /* Bedrock */
            KEY("result", TQ__IN_RESULT),           /* Anthropic's results, Cloudflare */
            KEY("modelOutput", TQ__IN_MESSAGE),
        },
    [TQ__IN_RESPONSE] = {KEY("usage", TQ__IN_USAGE), KEY("usageMetadata", TQ__IN_USAGE_METADATA),
                         KEY("error", TQ__IS_ERROR), KEY("candidates", TQ__IN_CHOICES),
                         KEY("meta", TQ__IN_META), KEY("body", TQ__IN_MESSAGE)}, /* results of a batch */
    [TQ__IN_MESSAGE] = {KEY("usage", TQ__IN_USAGE)},
    [TQ__IN_DELTA] = {KEY("usage", TQ__IN_USAGE)},
    [TQ__IN_METADATA] = {KEY("usage", TQ__IN_USAGE)},
    [TQ__IN_X_GROQ] = {KEY("usage", TQ__IN_USAGE)},
    [TQ__IN_META] = {KEY("tokens", TQ__IN_TOKENS), KEY("billed_units", TQ__IN_BILLED),
                     COUNT("cached_tokens", TQ__READ_WITHIN)},
    [TQ__IN_FEEDBACK] = {KEY("blockReason", TQ__IS_FINISH)},
    [TQ__IN_CHOICES] = {KEY("finish_reason", TQ__IS_FINISH), KEY("finishReason", TQ__IS_FINISH),
                        KEY("usage", TQ__IN_USAGE),  /* Moonshot: the last event of a stream */
                        KEY("error", TQ__IS_ERROR)}, /* OpenRouter: the upstream's */
    [TQ__IN_RESULTS] = {COUNT("input_token_count", TQ__ADDED_INPUT), /* a stream has it in one event, */
                        COUNT("generated_token_count", TQ__OUTPUT),  /* and this in each, so far */
                        COUNT("tokenCount", TQ__OUTPUT), KEY("stop_reason", TQ__IS_FINISH)},
    [TQ__IN_PREDICTIONS] = {KEY("embeddings", TQ__IN_EMBEDDINGS)},
    [TQ__IN_EMBEDDINGS] = {KEY("statistics", TQ__IN_STATISTICS)},
    [TQ__IN_STATISTICS] = {COUNT("token_count", TQ__ADDED_INPUT)},
    [TQ__IN_RESULT] = {KEY("message", TQ__IN_MESSAGE), KEY("usage", TQ__IN_USAGE)}, /* Cloudflare */
    [TQ__IN_BASE_RESP] = {KEY("status_code", TQ__IS_STATUS)},
    [TQ__IN_USAGE] =
        {
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
            COUNT("cached_tokens", TQ__READ_WITHIN),      /* Cohere v2, Moonshot */
            COUNT("total_input_tokens", TQ__WHOLE_INPUT), /* Gemini Interactions */
            COUNT("total_cached_tokens", TQ__READ_WITHIN),
            COUNT("total_output_tokens", TQ__VISIBLE_OUTPUT),
            COUNT("total_thought_tokens", TQ__THOUGHTS),
            COUNT("total_tool_use_tokens", TQ__TOOL_INPUT),
        },
    [TQ__IN_INPUT_DETAILS] = {COUNT("cached_tokens", TQ__READ_WITHIN),
                              COUNT("cache_write_tokens", TQ__WRITE_WITHIN)},
    [TQ__IN_OUTPUT_DETAILS] = {COUNT("reasoning_tokens", TQ__REASONING)},
    [TQ__IN_CACHE_CREATION] = {COUNT("ephemeral_5m_input_tokens", TQ__WRITE_5M),
                               COUNT("ephemeral_1h_input_tokens", TQ__WRITE_1H)},
    [TQ__IN_TOKENS] = {COUNT("input_tokens", TQ__WHOLE_INPUT), COUNT("output_tokens", TQ__OUTPUT)},
    [TQ__IN_BILLED] = {COUNT("input_tokens", TQ__BILLED_INPUT), COUNT("output_tokens", TQ__BILLED_OUTPUT)},
    [TQ__IN_USAGE_METADATA] = {COUNT("promptTokenCount", TQ__WHOLE_INPUT),
                               COUNT("cachedContentTokenCount", TQ__READ_WITHIN),
                               COUNT("candidatesTokenCount", TQ__VISIBLE_OUTPUT),
                               COUNT("responseTokenCount", TQ__VISIBLE_OUTPUT), /* Live */
                               COUNT("thoughtsTokenCount", TQ__THOUGHTS),
                               COUNT("toolUsePromptTokenCount", TQ__TOOL_INPUT),
                               COUNT("totalTokenCount", TQ__TOTAL)},
    [TQ__IN_INVOCATION] = {COUNT("inputTokenCount", TQ__PLAIN_INPUT), COUNT("outputTokenCount", TQ__OUTPUT),
                           COUNT("cacheReadInputTokenCount", TQ__READ_BESIDE),
                           COUNT("cacheWriteInputTokenCount", TQ__WRITE_BESIDE)},
    [TQ__IN_TIMINGS] = {COUNT("cache_n", TQ__TIMED_READ), COUNT("prompt_n", TQ__TIMED_INPUT),
                        COUNT("predicted_n", TQ__TIMED_OUTPUT)},
    [TQ__IN_ROLLOUT] = {COUNT("input_tokens", TQ__WHOLE_INPUT), COUNT("cached_input_tokens", TQ__READ_WITHIN),
                        COUNT("cache_write_input_tokens", TQ__WRITE_WITHIN),
                        COUNT("output_tokens", TQ__OUTPUT), COUNT("reasoning_output_tokens", TQ__REASONING),
                        COUNT("total_tokens", TQ__TOTAL)},
    [TQ__IN_CHAT] =
        {
            COUNT("input", TQ__WHOLE_INPUT),
            COUNT("input_token_count", TQ__WHOLE_INPUT),
            COUNT("output", TQ__VISIBLE_OUTPUT),
            COUNT("output_token_count", TQ__VISIBLE_OUTPUT),
            COUNT("cached", TQ__READ_WITHIN),
            COUNT("cached_content_token_count", TQ__READ_WITHIN),
            COUNT("thoughts", TQ__THOUGHTS),
            COUNT("thoughts_token_count", TQ__THOUGHTS),
            COUNT("tool", TQ__TOOL_INPUT),
            COUNT("tool_token_count", TQ__TOOL_INPUT),
            COUNT("total", TQ__TOTAL),
            COUNT("total_token_count", TQ__TOTAL),
        },
    [TQ__IN_BUCKET] = {COUNT("input_tokens", TQ__WHOLE_INPUT), COUNT("output_tokens", TQ__OUTPUT),
                       COUNT("input_cached_tokens", TQ__READ_WITHIN),
                       COUNT("input_cache_write_tokens", TQ__WRITE_WITHIN)},
    /* Older names follow those that took their place. */
    [TQ__IN_SPAN] =
        {
            COUNT("gen_ai.usage.input_tokens", TQ__WHOLE_INPUT),
            COUNT("gen_ai.usage.prompt_tokens", TQ__WHOLE_INPUT),
            COUNT("gen_ai.usage.output_tokens", TQ__OUTPUT),
            COUNT("gen_ai.usage.completion_tokens", TQ__OUTPUT),
            COUNT("gen_ai.usage.cache_read.input_tokens", TQ__READ_WITHIN),
            COUNT("gen_ai.usage.cache_read_input_tokens",
                  TQ__READ_WITHIN), /* Copilot CLI, OpenLLMetry, Strands */
            COUNT("gen_ai.usage.cache_read_tokens", TQ__READ_WITHIN),
            COUNT("gen_ai.usage.cached_input_tokens", TQ__READ_WITHIN),
            COUNT("gen_ai.usage.details.cache_read_tokens", TQ__READ_WITHIN), /* pydantic-ai */
            COUNT("ai.usage.cachedInputTokens", TQ__READ_WITHIN),             /* AI SDK */
            COUNT("gen_ai.usage.cache_write.input_tokens", TQ__WRITE_WITHIN),
            COUNT("gen_ai.usage.cache_creation.input_tokens", TQ__WRITE_WITHIN),
            COUNT("gen_ai.usage.cache_creation_input_tokens", TQ__WRITE_WITHIN),
            COUNT("gen_ai.usage.cache_write_input_tokens", TQ__WRITE_WITHIN),
            COUNT("gen_ai.usage.cache_write_tokens", TQ__WRITE_WITHIN),
            COUNT("gen_ai.usage.details.cache_write_tokens", TQ__WRITE_WITHIN),
            COUNT("gen_ai.usage.reasoning.output_tokens", TQ__REASONING),
            COUNT("gen_ai.usage.reasoning_tokens", TQ__REASONING),
            COUNT("gen_ai.usage.details.reasoning_tokens", TQ__REASONING),
            COUNT("ai.usage.reasoningTokens", TQ__REASONING),
        },
    [TQ__IN_SPLIT_USAGE] =
        {
            COUNT("input", TQ__PLAIN_INPUT), /* pi and its family */
            COUNT("output", TQ__OUTPUT),
            COUNT("cacheRead", TQ__READ_BESIDE),
            COUNT("cacheWrite", TQ__WRITE_BESIDE),
            COUNT("reasoning", TQ__REASONING),
            COUNT("reasoningTokens", TQ__REASONING),
            COUNT("totalTokens", TQ__TOTAL),
            COUNT("inputOther", TQ__PLAIN_INPUT), /* Kimi Code */
            COUNT("inputCacheRead", TQ__READ_BESIDE),
            COUNT("inputCacheCreation", TQ__WRITE_BESIDE),
            COUNT("input_other", TQ__PLAIN_INPUT), /* Kimi CLI */
            COUNT("input_cache_read", TQ__READ_BESIDE),
            COUNT("input_cache_creation", TQ__WRITE_BESIDE),
            COUNT("tokensIn", TQ__PLAIN_INPUT), /* Cline and its forks */
            COUNT("tokensOut", TQ__OUTPUT),
            COUNT("cacheReads", TQ__READ_BESIDE),
            COUNT("cacheWrites", TQ__WRITE_BESIDE),
        },
    [TQ__IN_WHOLE_USAGE] =
        {
            COUNT("inputTokens", TQ__WHOLE_INPUT), /* Cline CLI, Grok Build */
            COUNT("outputTokens", TQ__OUTPUT),
            COUNT("cacheReadTokens", TQ__READ_WITHIN),
            COUNT("cacheWriteTokens", TQ__WRITE_WITHIN),
            COUNT("cachedReadTokens", TQ__READ_WITHIN),
            COUNT("cacheCreationTokens", TQ__WRITE_WITHIN),
            COUNT("reasoningTokens", TQ__REASONING),
            COUNT("totalTokens", TQ__TOTAL),
        },
    [TQ__IN_PARTS] = {COUNT("input", TQ__PLAIN_INPUT), COUNT("output", TQ__VISIBLE_OUTPUT),
                      COUNT("reasoning", TQ__THOUGHTS), COUNT("total", TQ__TOTAL),
                      KEY("cache", TQ__IN_PARTS_CACHE)},
    [TQ__IN_PARTS_CACHE] = {COUNT("read", TQ__READ_BESIDE), COUNT("write", TQ__WRITE_BESIDE)},
};

uint8_t tq__usage_member(uint8_t place, struct tq__span key)
{
    const struct key *at = count_keys[place], *end = at + KEYS_MAX;

    for (; at < end && at->len > 0; at++)
        if (at->len == key.len && memcmp(at->name, key.at, key.len) == 0)
            return at->meaning;
    return TQ__NOWHERE;
}

/* ---- the counts ------------------------------------------------------------------------------ */

int tq__counts_note(struct tq__counts *counts, enum tq__count which, struct tq__span number)
{
    int64_t value;
    int why = tq__number_count(number, &value);

    if (which == TQ__ADDED_INPUT && why == 0)
        value = tq__add_saturated(value, counts->count[which]);
    counts->known = (counts->known & ~(1u << which)) | (uint32_t)(why == 0) << which;
    counts->count[which] = why == 0 ? value : 0;
    return why;
}

static void take_count(struct tq__counts *counts, enum tq__count which, const struct tq__json_item *item,
                       struct tq__usage_fault *fault)
{
    int why;

    if (item->kind == TQ__JSON_NULL)
        return;
    if (item->kind == TQ__JSON_NUMBER || item->kind == TQ__JSON_STRING)
        why = tq__counts_note(counts, which, item->text);
    else
        why = TQ__NOT_NUMBER;
    if (why != 0 && fault->why == 0)
        *fault = (struct tq__usage_fault){why, item->key, item->text};
}

/* It calls itself once a place, and no place of the table leads back to one before it. */
bool tq__usage_take(struct tq__counts *counts, uint8_t place, struct tq__json *json,
                    const struct tq__json_item *item, struct tq__usage_fault *fault)
{
    uint8_t meaning = tq__usage_member(place, item->key);
    struct tq__json_item inner;

    if (meaning >= TQ__IS_COUNT)
        take_count(counts, meaning - TQ__IS_COUNT, item, fault);
    else if (meaning == TQ__NOWHERE || meaning >= TQ__PLACES)
        return false;
    else if (tq__json_enter(json, '{'))
        while (tq__json_next(json, &inner))
            tq__usage_take(counts, meaning, json, &inner, fault);
    return true;
}

bool tq__counts_any(const struct tq__counts *counts)
{
    return (counts->known & ~(1u << TQ__TOOL_INPUT)) != 0;
}

void tq__counts_grow(struct tq__counts *counts, const struct tq__counts *newer)
{
    int64_t added = tq__add_saturated(counts->count[TQ__ADDED_INPUT], newer->count[TQ__ADDED_INPUT]);

    for (unsigned i = 0; i < TQ__COUNTS; i++)
        if (newer->known >> i & 1)
            counts->count[i] = newer->count[i];
    counts->count[TQ__ADDED_INPUT] = added;
    counts->known |= newer->known;
}

static bool has_count(const struct tq__counts *counts, enum tq__count which)
{
    return counts->known >> which & 1;
}

/* Takes a count for a number of usage that is still open: the first that is known stands. */
static void take(struct tq_usage *usage, uint32_t bit, int64_t *number, const struct tq__counts *counts,
                 enum tq__count which)
{
    if ((usage->known & bit) || !has_count(counts, which))
        return;
    usage->known |= bit;
    *number = counts->count[which];
}

static void take_cache(struct tq_usage *usage, const struct tq__counts *counts, bool within)
{
    int64_t *read = &usage->cache_read, *write = &usage->cache_write;

    take(usage, TQ_USAGE_CACHE_READ, read, counts, within ? TQ__READ_WITHIN : TQ__READ_BESIDE);
    take(usage, TQ_USAGE_CACHE_READ, read, counts, within ? TQ__READ_BESIDE : TQ__READ_WITHIN);
    take(usage, TQ_USAGE_CACHE_READ, read, counts, TQ__TIMED_READ);
    take(usage, TQ_USAGE_CACHE_WRITE, write, counts, within ? TQ__WRITE_WITHIN : TQ__WRITE_BESIDE);
    take(usage, TQ_USAGE_CACHE_WRITE, write, counts, within ? TQ__WRITE_BESIDE : TQ__WRITE_WITHIN);
    if (!(usage->known & TQ_USAGE_CACHE_WRITE) &&
        (has_count(counts, TQ__WRITE_5M) || has_count(counts, TQ__WRITE_1H))) {
        usage->known |= TQ_USAGE_CACHE_WRITE;
        usage->cache_write = tq__add_saturated(counts->count[TQ__WRITE_5M], counts->count[TQ__WRITE_1H]);
    }
}

/* Anthropic's "input_tokens" leaves cached tokens out and OpenAI's has them; where there is no cache it does
 * not matter. Where a document has keys of both (gateways between the two write such), OpenAI's
 * "prompt_tokens" decides: it has all of the input. Cached tokens that are more than the input were not part
 * of it. */
static void take_input(struct tq_usage *usage, const struct tq__counts *counts)
{
    uint32_t beside =
        1u << TQ__READ_BESIDE | 1u << TQ__WRITE_BESIDE | 1u << TQ__WRITE_5M | 1u << TQ__WRITE_1H;
    bool within = has_count(counts, TQ__WHOLE_INPUT) ||
                  (has_count(counts, TQ__EITHER_INPUT) && !(counts->known & beside));
    static const enum tq__count order[] = {TQ__WHOLE_INPUT, TQ__EITHER_INPUT, TQ__PLAIN_INPUT,
                                           TQ__ADDED_INPUT, TQ__CACHE_MISS,   TQ__TIMED_INPUT,
                                           TQ__BILLED_INPUT};
    int64_t cached;

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        take(usage, TQ_USAGE_INPUT, &usage->input, counts, order[i]);
    take_cache(usage, counts, within);
    cached = tq__add_saturated(usage->cache_read, usage->cache_write);
    if (within && cached <= usage->input)
        usage->input -= cached;
    if (usage->known & TQ_USAGE_INPUT)
        usage->input = tq__add_saturated(usage->input, counts->count[TQ__TOOL_INPUT]);
}

/* Gemini behind an OpenAI-compatible endpoint leaves thinking out of completion_tokens, and total_tokens has
 * it: that is known of the vendor. Where reasoning_tokens are exactly what the total has more, the vendor
 * does so, too (xAI). */
static void add_what_only_total_has(struct tq_usage *usage, const struct tq__counts *counts, bool thinking)
{
    int64_t sum, more;

    if (!has_count(counts, TQ__TOTAL) || !has_count(counts, TQ__WHOLE_INPUT) ||
        !has_count(counts, TQ__OUTPUT) ||
        __builtin_add_overflow(counts->count[TQ__WHOLE_INPUT], counts->count[TQ__OUTPUT], &sum))
        return;
    more = counts->count[TQ__TOTAL] - sum;
    if (more > 0 && (thinking || counts->count[TQ__REASONING] == more))
        usage->output += more;
}

/* Reasoning is part of the output, unless there is more of it than of the output. Without an output it is a
 * part of something that is not there. */
static void take_output(struct tq_usage *usage, const struct tq__counts *counts, bool total_has_thinking)
{
    static const enum tq__count order[] = {TQ__OUTPUT, TQ__VISIBLE_OUTPUT, TQ__THOUGHTS, TQ__TIMED_OUTPUT,
                                           TQ__BILLED_OUTPUT};

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        take(usage, TQ_USAGE_OUTPUT, &usage->output, counts, order[i]);
    if (has_count(counts, TQ__VISIBLE_OUTPUT) && !has_count(counts, TQ__OUTPUT))
        usage->output = tq__add_saturated(usage->output, counts->count[TQ__THOUGHTS]);
    add_what_only_total_has(usage, counts, total_has_thinking);
    take(usage, TQ_USAGE_REASONING, &usage->reasoning, counts, TQ__REASONING);
    take(usage, TQ_USAGE_REASONING, &usage->reasoning, counts, TQ__THOUGHTS);
    if (!(usage->known & TQ_USAGE_OUTPUT)) {
        usage->known &= ~TQ_USAGE_REASONING;
        usage->reasoning = 0;
    }
    if (usage->reasoning > usage->output)
        usage->output = tq__add_saturated(usage->output, usage->reasoning);
}

int64_t tq__usage_counted(const struct tq_usage *usage)
{
    return tq__add_saturated(tq__add_saturated(usage->input, usage->cache_write), usage->output);
}

/* The vendors that say what counts against a limit agree: Anthropic counts input and cache creation, Bedrock
 * input and cache write, Groq all but cached tokens. Where a part is missing the total knows more. */
static int64_t counted(const struct tq_usage *usage)
{
    bool parts = (usage->known & TQ_USAGE_INPUT) && (usage->known & TQ_USAGE_OUTPUT);
    int64_t sum = tq__usage_counted(usage), rest = usage->total - usage->cache_read;

    return parts || rest < sum ? sum : rest;
}

struct tq_usage tq__usage_of_row(int64_t tokens, int64_t input, int64_t output)
{
    struct tq_usage usage = {
        .size = sizeof usage, .known = TQ_USAGE_TOTAL, .requests = 1, .total = tokens, .counted = tokens};

    if (input >= 0) {
        usage.known |= TQ_USAGE_INPUT;
        usage.input = input;
    }
    if (output >= 0) {
        usage.known |= TQ_USAGE_OUTPUT;
        usage.output = output;
    }
    return usage;
}

void tq__usage_add(struct tq_usage *sum, const struct tq_usage *more)
{
    /* A total of some is none; the other counts are of those that state them. */
    uint32_t total = more->known & (sum->requests > 0 ? sum->known : more->known) & TQ_USAGE_TOTAL;

    sum->known = ((sum->known | more->known) & ~TQ_USAGE_TOTAL) | total;
    sum->requests += more->requests;
    sum->input = tq__add_saturated(sum->input, more->input);
    sum->cache_read = tq__add_saturated(sum->cache_read, more->cache_read);
    sum->cache_write = tq__add_saturated(sum->cache_write, more->cache_write);
    sum->output = tq__add_saturated(sum->output, more->output);
    sum->reasoning = tq__add_saturated(sum->reasoning, more->reasoning);
    sum->total = total ? tq__add_saturated(sum->total, more->total) : 0;
    sum->counted = tq__add_saturated(sum->counted, more->counted);
}

int tq__counts_usage(const struct tq__counts *counts, bool total_has_thinking, struct tq_usage *usage)
{
    *usage = (struct tq_usage){.size = usage->size};
    if (!tq__counts_any(counts))
        return 1;
    usage->requests = 1;
    take_input(usage, counts);
    take_output(usage, counts, total_has_thinking);
    take(usage, TQ_USAGE_TOTAL, &usage->total, counts, TQ__TOTAL);
    usage->counted = counted(usage);
    return 0;
}
