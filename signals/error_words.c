/* error_words.c: codes, types and limit sources of errors, by vendor.
 *
 * SPDX-License-Identifier: MIT
 *
 * Only errors about quota, money, capacity or size have a row. A bad key or a bad request does not mean that
 * the account's next request will be refused.
 */
#include "error_rows.h"

/* A row of a vendor stands before one of several with the same word. */
const struct tq__error_row tq__error_words[] = {
    ROW("resource_exhausted", VERTEX, OVERLOADED, NOT, 0), /* the capacity is shared by all */
    ROW("resource_exhausted", GEMINI, THROTTLED, LAST, 0),
    ROW("enforced_spend_limit_reached", ANTHROPIC, NO_MONEY, NOT, .ends = TQ__ENDS_WITH_MONTH),
    ROW("billing_error", ANTHROPIC, NO_MONEY, NOT, 0),
    ROW("rate_limit_error", ANTHROPIC, THROTTLED, NOT, 0),
    ROW("overloaded_error", ANTHROPIC, OVERLOADED, NOT, 0),
    ROW("request_too_large", ANTHROPIC, TOO_LARGE, NOT, 0),
    ROW("usage_limit_reached", CODEX, EXHAUSTED, ALONE, 0),
    ROW("usage_not_included", CODEX, NO_MONEY, ALONE, 0),
    /* error.metadata.limit_source */
    ROW("openrouter_credits", OPENROUTER, NO_MONEY, ALONE, 0),
    ROW("openrouter_key_limit", OPENROUTER, NO_MONEY, ALONE, 0),
    ROW("openrouter_in_flight_budget", OPENROUTER, THROTTLED, ALONE, 0),
    ROW("openrouter_free_tier_daily", OPENROUTER, EXHAUSTED, ALONE, .ends = TQ__ENDS_WITH_DAY,
        .window_s = DAY),
    ROW("openrouter_free_tier_per_minute", OPENROUTER, THROTTLED, ALONE, 0),
    ROW("upstream_provider_shared_pool", OPENROUTER, THROTTLED, ALONE, .model_only = true),
    ROW("request_quota_exceeded", CEREBRAS, THROTTLED, ALONE, .what = TQ_AXIS_REQUESTS),
    ROW("token_quota_exceeded", CEREBRAS, THROTTLED, ALONE, .what = TQ_AXIS_TOKENS),
    ROW("queue_exceeded", CEREBRAS, OVERLOADED, ALONE, 0),
    /* A limit of spending: https://console.groq.com/docs/spend-limits */
    ROW("blocked_api_access", GROQ, NO_MONEY, ALONE, .ends = TQ__ENDS_WITH_MONTH),
    ROW("429", AZURE_OPENAI, THROTTLED, LAST, 0), /* as a text; others have numbers there */
    ROW("1300", MISTRAL, THROTTLED, NOT, 0),      /* Z.ai has it for another thing */
    ROW("3505", MISTRAL, OVERLOADED, ALONE, 0),
    ROW("service_tier_capacity_exceeded", MISTRAL, OVERLOADED, ALONE, 0),
    /* https://docs.bigmodel.cn/cn/api/api-code */
    ROW("1113", ZAI, NO_MONEY, ALONE, 0),
    ROW("1302", ZAI, THROTTLED, ALONE, 0),
    ROW("1303", ZAI, THROTTLED, ALONE, 0),
    ROW("1304", ZAI, EXHAUSTED, ALONE, .ends = TQ__ENDS_WITH_DAY, .window_s = DAY),
    ROW("1305", ZAI, OVERLOADED, ALONE, .model_only = true),
    ROW("1308", ZAI, EXHAUSTED, ALONE, 0),
    ROW("1309", ZAI, NO_MONEY, ALONE, 0), /* the plan has ended */
    ROW("1310", ZAI, EXHAUSTED, ALONE, 0),
    ROW("1311", ZAI, NO_MONEY, ALONE, .model_only = true), /* the plan has not this model */
    ROW("1312", ZAI, OVERLOADED, ALONE, .model_only = true),
    ROW("1313", ZAI, THROTTLED, ALONE, 0), /* fair use */
    ROW("1261", ZAI, TOO_LARGE, ALONE, 0),
    ROW("exceeded_current_quota_error", MOONSHOT, NO_MONEY, ALONE, 0),
    ROW("engine_overloaded_error", MOONSHOT, OVERLOADED, ALONE, 0),
    ROW("rate_limit_reached_error", MOONSHOT, THROTTLED, ALONE, 0),
    ROW("access_terminated_error", MOONSHOT, NONE, ALONE, 0), /* the message says what of it is quota */
    ROW("1002", MINIMAX, THROTTLED, NOT, 0),
    ROW("1008", MINIMAX, NO_MONEY, NOT, 0),
    ROW("1039", MINIMAX, THROTTLED, NOT, .what = TQ_AXIS_TOKENS),
    ROW("1041", MINIMAX, THROTTLED, NOT, .what = TQ_AXIS_CONCURRENCY),
    ROW("2045", MINIMAX, THROTTLED, NOT, 0),
    ROW("2056", MINIMAX, EXHAUSTED, ALONE, 0),
    /* https://help.aliyun.com/zh/model-studio/error-code */
    ROW("arrearage", DASHSCOPE, NO_MONEY, ALONE, 0),
    ROW("prepaidbilloverdue", DASHSCOPE, NO_MONEY, ALONE, 0),
    ROW("postpaidbilloverdue", DASHSCOPE, NO_MONEY, ALONE, 0),
    ROW("commoditynotpurchased", DASHSCOPE, NO_MONEY, ALONE, 0),
    ROW("allocationquota.freetieronly", DASHSCOPE, NO_MONEY, ALONE, .model_only = true),
    ROW("throttling", DASHSCOPE, THROTTLED, LAST, 0),
    ROW("throttling.ratequota", DASHSCOPE, THROTTLED, ALONE, 0),
    ROW("throttling.burstrate", DASHSCOPE, THROTTLED, ALONE, 0),
    ROW("throttling.allocationquota", DASHSCOPE, THROTTLED, ALONE, 0),
    ROW("limitrequests", DASHSCOPE, THROTTLED, ALONE, .what = TQ_AXIS_REQUESTS),
    ROW("limit_requests", DASHSCOPE, THROTTLED, ALONE, .what = TQ_AXIS_REQUESTS),
    ROW("limit_burst_rate", DASHSCOPE, THROTTLED, ALONE, 0),
    /* https://developers.cloudflare.com/workers-ai/platform/errors */
    ROW("3036", CLOUDFLARE, EXHAUSTED, ALONE, .ends = TQ__ENDS_WITH_DAY, .window_s = DAY),
    ROW("4006", CLOUDFLARE, EXHAUSTED, ALONE, .ends = TQ__ENDS_WITH_DAY, .window_s = DAY),
    ROW("3040", CLOUDFLARE, OVERLOADED, ALONE, .model_only = true),
    ROW("accountquotaexceeded", VOLCENGINE, EXHAUSTED, ALONE, 0),
    ROW("accountoverdueerror", VOLCENGINE, NO_MONEY, ALONE, 0),
    ROW("setlimitexceeded", VOLCENGINE, EXHAUSTED, ALONE, .model_only = true),
    ROW("serveroverloaded", VOLCENGINE, OVERLOADED, ALONE, 0),
    ROW("accountratelimitexceeded", VOLCENGINE, THROTTLED, ALONE, 0),
    ROW("modelaccountrpmratelimitexceeded", VOLCENGINE, THROTTLED, ALONE, .what = TQ_AXIS_REQUESTS),
    ROW("modelaccounttpmratelimitexceeded", VOLCENGINE, THROTTLED, ALONE, .what = TQ_AXIS_TOKENS),
    ROW("modelaccountipmratelimitexceeded", VOLCENGINE, THROTTLED, ALONE, 0),
    ROW("ratelimitexceeded.endpointrpmexceeded", VOLCENGINE, THROTTLED, ALONE, .what = TQ_AXIS_REQUESTS),
    ROW("ratelimitexceeded.endpointtpmexceeded", VOLCENGINE, THROTTLED, ALONE, .what = TQ_AXIS_TOKENS),
    ROW("requestbursttoofast", VOLCENGINE, THROTTLED, ALONE, 0),
    ROW("inflightbatchsizeexceeded", VOLCENGINE, THROTTLED, ALONE, .what = TQ_AXIS_CONCURRENCY),
    ROW("30001", SILICONFLOW, NO_MONEY, ALONE, 0),
    ROW("50505", SILICONFLOW, OVERLOADED, ALONE, 0),
    ROW("50508", SILICONFLOW, OVERLOADED, ALONE, 0),
    ROW("50609", SILICONFLOW, OVERLOADED, ALONE, 0),
    ROW("gousagelimiterror", OPENCODE, EXHAUSTED, ALONE, 0),
    ROW("subscriptionusagelimiterror", OPENCODE, EXHAUSTED, ALONE, 0),
    ROW("freeusagelimiterror", OPENCODE, THROTTLED, ALONE, 0),
    ROW("creditserror", OPENCODE, NO_MONEY, ALONE, 0),
    ROW("monthlylimiterror", OPENCODE, NO_MONEY, ALONE, .ends = TQ__ENDS_WITH_MONTH),
    ROW("userlimiterror", OPENCODE, NO_MONEY, ALONE, .ends = TQ__ENDS_WITH_MONTH),
    ROW("user_weekly_rate_limited", COPILOT, EXHAUSTED, ALONE, .window_s = WEEK),
    ROW("user_global_rate_limited", COPILOT, THROTTLED, ALONE, 0),
    ROW("user_model_rate_limited", COPILOT, THROTTLED, ALONE, .model_only = true),
    ROW("integration_rate_limited", COPILOT, THROTTLED, ALONE, 0),
    ROW("session_quota_exceeded", COPILOT, EXHAUSTED, ALONE, 0),
    ROW("additional_spend_limit_reached", COPILOT, NO_MONEY, ALONE, .ends = TQ__ENDS_WITH_MONTH),
    ROW("quota_exceeded", COPILOT, EXHAUSTED, NOT, 0),
    ROW("budget_exceeded", LITELLM, NO_MONEY, ALONE, 0),
    ROW("insufficient_user_quota", NEWAPI, NO_MONEY, ALONE, 0),
    ROW("pre_consume_token_quota_failed", NEWAPI, NO_MONEY, ALONE, 0),
    ROW("throttlingexception", BEDROCK, THROTTLED, ALONE, 0),
    ROW("servicequotaexceededexception", BEDROCK, THROTTLED, ALONE, 0),
    ROW("serviceunavailableexception", BEDROCK, OVERLOADED, ALONE, 0),
    ROW("modelnotreadyexception", BEDROCK, OVERLOADED, ALONE, 0),
    ROW("some resource has been exhausted", XAI, THROTTLED, ALONE, 0),
    ROW("insufficient_quota", ANY, NO_MONEY, NOT, 0),
    ROW("credit_balance_exhausted", ANY, NO_MONEY, NOT, 0),
    /* OpenAI's limits of spending are for a month: https://help.openai.com/en/articles/6614457 */
    ROW("organization_spend_limit_exceeded", ANY, NO_MONEY, NOT, .ends = TQ__ENDS_WITH_MONTH),
    ROW("project_spend_limit_exceeded", ANY, NO_MONEY, NOT, .ends = TQ__ENDS_WITH_MONTH),
    ROW("spend_limit_exceeded", ANY, NO_MONEY, NOT, 0),
    ROW("organization_usage_limit_exceeded", ANY, NO_MONEY, NOT, 0),
    ROW("billing_hard_limit_reached", ANY, NO_MONEY, NOT, 0),
    ROW("billing_not_active", ANY, NO_MONEY, NOT, 0),
    ROW("insufficient_balance", ANY, NO_MONEY, NOT, 0),
    ROW("insufficient_balance_error", ANY, NO_MONEY, NOT, 0),
    ROW("insufficient_credits", ANY, NO_MONEY, NOT, 0),
    ROW("insufficient_funds", ANY, NO_MONEY, NOT, 0),
    ROW("not_enough_balance", ANY, NO_MONEY, NOT, 0),
    ROW("context_length_exceeded", ANY, TOO_LARGE, NOT, 0),
    ROW("tokens_too_long", ANY, TOO_LARGE, NOT, 0), /* Baidu's */
    ROW("characters_too_long", ANY, TOO_LARGE, NOT, 0),
    ROW("capacity_exceeded", ANY, OVERLOADED, NOT, 0), /* Groq's flex tier, under 498 */
    ROW("server_is_overloaded", ANY, OVERLOADED, NOT, 0),
    ROW("rate_limit_exceeded", ANY, THROTTLED, NOT, 0),
    ROW("slow_down", ANY, THROTTLED, NOT, 0),
    ROW("requests", ANY, THROTTLED, NOT, .what = TQ_AXIS_REQUESTS), /* OpenAI's, beside rate_limit_exceeded */
    ROW("tokens", ANY, THROTTLED, NOT, .what = TQ_AXIS_TOKENS),
    ROW("rate_limit_error", ANY, THROTTLED, NOT, 0),
    ROW("overloaded_error", ANY, OVERLOADED, NOT, 0),
    /* The types of problem documents (RFC 9457) in the IETF draft, the last part of their address. */
    ROW("quota-exceeded", ANY, THROTTLED, NOT, 0),
    ROW("abnormal-usage-detected", ANY, THROTTLED, NOT, 0),
    ROW("temporary-reduced-capacity", ANY, OVERLOADED, NOT, 0),
};

const size_t tq__error_words_count = sizeof tq__error_words / sizeof tq__error_words[0];
