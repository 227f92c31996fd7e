/* error_phrases.c: what the messages of errors say, by vendor.
 *
 * SPDX-License-Identifier: MIT
 *
 * The first row that the message has counts, and it counts more than a code: a code may be wider than what it
 * is used for. So the finer row stands first, and the rows of several vendors stand last.
 */
#include "error_rows.h"
#include "profile.h"

#define HOUR 3600
#define DAY 86400
#define WEEK (7 * DAY)
#define MONTH (30 * DAY)

#define ROW(text, vendor, class, tell, ...)                                                                  \
    {                                                                                                        \
        text, TQ__##vendor, TQ_CLASS_##class, .tells = TQ__TELLS_##tell, __VA_ARGS__                         \
    }
#define TQ__ANY 0

const struct tq__error_row tq__error_phrases[] = {
    ROW("high demand", AZURE_OPENAI, OVERLOADED, NOT, .status = 429),
    /* API Management's policies: llm-token-limit, quota */
    ROW("token quota", AZURE_OPENAI, EXHAUSTED, NOT, .status = 403),
    ROW("out of call volume quota", AZURE_OPENAI, EXHAUSTED, ALONE, .status = 403),
    ROW("out of bandwidth quota", AZURE_OPENAI, EXHAUSTED, ALONE, .status = 403),
    ROW("quota exceeded", AZURE_OPENAI, EXHAUSTED, NOT, .status = 403),
    ROW("quota is exceeded", AZURE_OPENAI, EXHAUSTED, NOT, .status = 403),
    ROW("quota has been exceeded", AZURE_OPENAI, EXHAUSTED, NOT, .status = 403),
    ROW("too many tokens per day", BEDROCK, EXHAUSTED, ALONE, .what = TQ_AXIS_TOKENS, .window_s = DAY),
    ROW("too many requests per day", BEDROCK, EXHAUSTED, ALONE, .what = TQ_AXIS_REQUESTS, .window_s = DAY),
    ROW("too many tokens, please wait", BEDROCK, THROTTLED, ALONE, .what = TQ_AXIS_TOKENS),
    ROW("too many tokens", BEDROCK, THROTTLED, NOT, .what = TQ_AXIS_TOKENS, .status = 429),
    ROW("too many requests", BEDROCK, THROTTLED, NOT, .what = TQ_AXIS_REQUESTS),
    ROW("provisioned throughput", VERTEX, THROTTLED, NOT, .status = 429),
    ROW("credit balance is too low", ANTHROPIC, NO_MONEY, NOT, .status = 400),
    ROW("reached your specified api usage limits", ANTHROPIC, NO_MONEY, NOT, .status = 400),
    ROW("reached your specified workspace api usage limits", ANTHROPIC, NO_MONEY, NOT, .status = 400),
    ROW("extra usage is required for long context", ANTHROPIC, TOO_LARGE, NOT, 0),
    ROW("extra usage is required for 1m context", ANTHROPIC, TOO_LARGE, NOT, 0),
    ROW("out of extra usage", ANTHROPIC, NO_MONEY, NOT, 0),
    ROW("draw from your extra usage", ANTHROPIC, NO_MONEY, NOT, 0),
    ROW("draw from extra usage", ANTHROPIC, NO_MONEY, NOT, 0),
    ROW("can only afford", OPENROUTER, TOO_LARGE, ALONE, 0),
    ROW("prompt tokens limit exceeded", OPENROUTER, TOO_LARGE, ALONE, 0),
    ROW("key limit exceeded (daily limit)", OPENROUTER, EXHAUSTED, ALONE, .ends = TQ__ENDS_WITH_DAY,
        .window_s = DAY),
    ROW("key limit exceeded (weekly limit)", OPENROUTER, EXHAUSTED, ALONE, .window_s = WEEK),
    ROW("key limit exceeded (monthly limit)", OPENROUTER, NO_MONEY, ALONE, .ends = TQ__ENDS_WITH_MONTH),
    ROW("key limit exceeded", OPENROUTER, NO_MONEY, NOT, 0),
    ROW("free-models-per-day", OPENROUTER, EXHAUSTED, ALONE, .ends = TQ__ENDS_WITH_DAY, .window_s = DAY),
    ROW("free-models-per-min", OPENROUTER, THROTTLED, ALONE, 0),
    ROW("temporarily rate-limited upstream", OPENROUTER, THROTTLED, ALONE, .model_only = true),
    ROW("per day limit exceeded", CEREBRAS, EXHAUSTED, ALONE, .window_s = DAY),
    ROW("per hour limit exceeded", CEREBRAS, THROTTLED, ALONE, .window_s = HOUR),
    ROW("api calls / month", COHERE, EXHAUSTED, ALONE, .window_s = MONTH),
    ROW("prepayment credits are depleted", GEMINI, NO_MONEY, ALONE, 0),
    ROW("exceeded its monthly spending cap", GEMINI, NO_MONEY, ALONE, .ends = TQ__ENDS_WITH_MONTH),
    ROW("used all available credits or reached its monthly spending limit", XAI, NO_MONEY, ALONE, 0),
    ROW("doesn't have any credits", XAI, NO_MONEY, ALONE, 0),
    ROW("reaching the monthly spending limit", FIREWORKS, NO_MONEY, ALONE, 0),
    ROW("failure to pay past invoices", FIREWORKS, NO_MONEY, ALONE, 0),
    ROW("usage limit", MOONSHOT, EXHAUSTED, NOT, 0),
    ROW("error-code#token-limit", DASHSCOPE, THROTTLED, ALONE, 0),
    ROW("free allocated quota exceeded", DASHSCOPE, EXHAUSTED, ALONE, .window_s = DAY),
    ROW("free quota has been exhausted", DASHSCOPE, NO_MONEY, ALONE, .model_only = true),
    ROW("free tier of the model has been exhausted", DASHSCOPE, NO_MONEY, ALONE, .model_only = true),
    ROW("concurrency allocated quota exceeded", DASHSCOPE, THROTTLED, ALONE, .what = TQ_AXIS_CONCURRENCY),
    ROW("hour allocated quota exceeded", DASHSCOPE, EXHAUSTED, ALONE, .window_s = 5 * HOUR),
    ROW("week allocated quota exceeded", DASHSCOPE, EXHAUSTED, ALONE, .window_s = WEEK),
    ROW("month allocated quota exceeded", DASHSCOPE, EXHAUSTED, ALONE, .window_s = MONTH),
    ROW("token-plan 5-hour quota", DASHSCOPE, EXHAUSTED, ALONE, .window_s = 5 * HOUR),
    ROW("token-plan 1-week quota", DASHSCOPE, EXHAUSTED, ALONE, .window_s = WEEK),
    ROW("token-plan", DASHSCOPE, EXHAUSTED, ALONE, 0),
    ROW("daily free allocation", CLOUDFLARE, EXHAUSTED, ALONE, .ends = TQ__ENDS_WITH_DAY, .window_s = DAY),
    ROW("reached your session usage limit", OLLAMA, EXHAUSTED, ALONE, 0),
    ROW("ollama.com/upgrade", OLLAMA, EXHAUSTED, ALONE, 0),
    ROW("budget has been exceeded", LITELLM, NO_MONEY, ALONE, 0),
    ROW("exceededbudget", LITELLM, NO_MONEY, ALONE, 0),
    ROW("user quota is not enough", NEWAPI, NO_MONEY, ALONE, 0),
    ROW("token quota is not enough", NEWAPI, NO_MONEY, ALONE, 0),
    ROW("用户额度不足", NEWAPI, NO_MONEY, ALONE, 0),
    ROW("用户剩余额度", NEWAPI, NO_MONEY, ALONE, 0),
    ROW("令牌额度已用尽", NEWAPI, NO_MONEY, ALONE, 0),
    ROW("预扣费额度失败", NEWAPI, NO_MONEY, ALONE, 0),
    ROW("weekly rate limit", COPILOT, EXHAUSTED, LAST, .window_s = WEEK),
    ROW("session limits", COPILOT, EXHAUSTED, NOT, .window_s = 5 * HOUR),

    /* A request that is too large says nothing about the next one. */
    ROW("request too large", ANY, TOO_LARGE, NOT, 0),
    ROW("maximum context length", ANY, TOO_LARGE, NOT, 0),
    ROW("context length exceeded", ANY, TOO_LARGE, NOT, .status = 400),
    ROW("exceeds the context window", ANY, TOO_LARGE, NOT, .status = 400),
    ROW("exceed context limit", ANY, TOO_LARGE, NOT, .status = 400),
    ROW("exceeds the available context size", ANY, TOO_LARGE, NOT, .status = 400),
    ROW("prompt is too long", ANY, TOO_LARGE, NOT, .status = 400),
    ROW("input is too long", ANY, TOO_LARGE, NOT, .status = 400),
    ROW("too many tokens", ANY, TOO_LARGE, NOT, .status = 400),

    /* The vendor's capacity, whatever the status. */
    ROW("currently overloaded", ANY, OVERLOADED, NOT, 0),
    ROW("temporarily overloaded", ANY, OVERLOADED, NOT, 0),
    ROW("no capacity available", ANY, OVERLOADED, NOT, 0),
    ROW("capacity temporarily exceeded", ANY, OVERLOADED, NOT, 0),
    ROW("tier capacity exceeded", ANY, OVERLOADED, NOT, 0),
    ROW("currently over capacity", ANY, OVERLOADED, NOT, 0),

    ROW("insufficient balance", ANY, NO_MONEY, NOT, 0),
    ROW("insufficient credit", ANY, NO_MONEY, NOT, 0),
    ROW("balance is insufficient", ANY, NO_MONEY, NOT, 0),
    ROW("余额不足", ANY, NO_MONEY, NOT, 0),
    ROW("欠费", ANY, NO_MONEY, NOT, 0),

    ROW("check your billing details", ANY, NO_MONEY, NOT, 0),
    ROW("billing hard limit has been reached", ANY, NO_MONEY, NOT, 0),

    ROW("5-hour usage limit", ANY, EXHAUSTED, NOT, .window_s = 5 * HOUR),
    ROW("5-hour usage quota", ANY, EXHAUSTED, NOT, .window_s = 5 * HOUR),
    ROW("hourly usage limit", ANY, EXHAUSTED, NOT, .window_s = HOUR),
    ROW("daily usage limit", ANY, EXHAUSTED, NOT, .window_s = DAY),
    ROW("weekly usage limit", ANY, EXHAUSTED, NOT, .window_s = WEEK),
    ROW("monthly usage limit", ANY, EXHAUSTED, NOT, .window_s = MONTH),
    ROW("session usage limit", ANY, EXHAUSTED, NOT, 0),
    ROW("usage limit reached", ANY, EXHAUSTED, NOT, 0),
    ROW("usage limit exceeded", ANY, EXHAUSTED, NOT, 0),
    ROW("reached your usage limit", ANY, EXHAUSTED, NOT, 0),
    ROW("exceeded your usage limit", ANY, EXHAUSTED, NOT, 0),
    ROW("hit your usage limit", ANY, EXHAUSTED, NOT, 0),
    ROW("daily limit reached", ANY, EXHAUSTED, NOT, .window_s = DAY),
    ROW("weekly limit reached", ANY, EXHAUSTED, NOT, .window_s = WEEK),
    ROW("monthly limit reached", ANY, EXHAUSTED, NOT, .window_s = MONTH),
    ROW("daily quota", ANY, EXHAUSTED, NOT, .window_s = DAY),
    ROW("weekly quota", ANY, EXHAUSTED, NOT, .window_s = WEEK),
    ROW("monthly quota", ANY, EXHAUSTED, NOT, .window_s = MONTH),
    ROW("daily token limit", ANY, EXHAUSTED, NOT, .window_s = DAY),
    ROW("daily token quota", ANY, EXHAUSTED, NOT, .window_s = DAY),
    ROW("daily request quota", ANY, EXHAUSTED, NOT, .window_s = DAY),
    ROW("daily request limit", ANY, EXHAUSTED, NOT, .window_s = DAY),
    ROW("quota has been exhausted", ANY, EXHAUSTED, NOT, 0),
};

_Static_assert(sizeof tq__error_phrases / sizeof tq__error_phrases[0] <= TQ__PHRASES_MAX, "each has a bit");

const size_t tq__error_phrases_count = sizeof tq__error_phrases / sizeof tq__error_phrases[0];
