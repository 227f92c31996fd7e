/* errors.c: codes, types and phrases of errors, by vendor.
 *
 * SPDX-License-Identifier: MIT
 *
 * Only errors about quota, money, capacity or size have a row. A bad key or a bad request does not mean that
 * the account's next request will be refused.
 */
#include "errors.h"

#include <stddef.h>

#include "profile.h"

#define NO_MONEY TQ_CLASS_NO_MONEY
#define THROTTLED TQ_CLASS_THROTTLED
#define EXHAUSTED TQ_CLASS_EXHAUSTED
#define OVERLOADED TQ_CLASS_OVERLOADED
#define TOO_LARGE TQ_CLASS_TOO_LARGE

#define WORD(text, profile, refusal, what, ends)                                                             \
    {                                                                                                        \
        text, profile, refusal, what, ends, 0, false, 0                                                      \
    }

/* A row of a vendor stands before one of several with the same word. */
static const struct tq__error_row words[] = {
    WORD("resource_exhausted", TQ__VERTEX, OVERLOADED, 0, 0), /* the capacity is shared by all */
    WORD("resource_exhausted", TQ__GEMINI, THROTTLED, 0, 0),
    WORD("enforced_spend_limit_reached", TQ__ANTHROPIC, NO_MONEY, 0, TQ__ENDS_WITH_MONTH),
    WORD("billing_error", TQ__ANTHROPIC, NO_MONEY, 0, 0),
    WORD("rate_limit_error", TQ__ANTHROPIC, THROTTLED, 0, 0),
    WORD("overloaded_error", TQ__ANTHROPIC, OVERLOADED, 0, 0),
    WORD("request_too_large", TQ__ANTHROPIC, TOO_LARGE, 0, 0),
    WORD("usage_limit_reached", TQ__CODEX, EXHAUSTED, 0, 0),
    WORD("usage_not_included", TQ__CODEX, NO_MONEY, 0, 0),
    WORD("openrouter_credits", TQ__OPENROUTER, NO_MONEY, 0, 0),
    WORD("openrouter_key_limit", TQ__OPENROUTER, NO_MONEY, 0, 0),
    WORD("openrouter_in_flight_budget", TQ__OPENROUTER, THROTTLED, 0, 0),
    WORD("request_quota_exceeded", TQ__CEREBRAS, THROTTLED, TQ_AXIS_REQUESTS, 0),
    WORD("token_quota_exceeded", TQ__CEREBRAS, THROTTLED, TQ_AXIS_TOKENS, 0),
    WORD("queue_exceeded", TQ__CEREBRAS, OVERLOADED, 0, 0),
    WORD("429", TQ__AZURE_OPENAI, THROTTLED, 0, 0), /* as a text; others have numbers there */
    WORD("1300", TQ__MISTRAL, THROTTLED, 0, 0),
    WORD("1302", TQ__ZAI, THROTTLED, 0, 0),
    WORD("throttlingexception", TQ__BEDROCK, THROTTLED, 0, 0),
    WORD("serviceunavailableexception", TQ__BEDROCK, OVERLOADED, 0, 0),
    WORD("modelnotreadyexception", TQ__BEDROCK, OVERLOADED, 0, 0),
    WORD("insufficient_quota", 0, NO_MONEY, 0, 0),
    WORD("credit_balance_exhausted", 0, NO_MONEY, 0, 0),
    WORD("organization_spend_limit_exceeded", 0, NO_MONEY, 0, 0),
    WORD("project_spend_limit_exceeded", 0, NO_MONEY, 0, 0),
    WORD("organization_usage_limit_exceeded", 0, NO_MONEY, 0, 0),
    WORD("server_is_overloaded", 0, OVERLOADED, 0, 0),
    WORD("rate_limit_exceeded", 0, THROTTLED, 0, 0),
    WORD("slow_down", 0, THROTTLED, 0, 0),
    WORD("requests", 0, THROTTLED, TQ_AXIS_REQUESTS, 0), /* OpenAI's type beside rate_limit_exceeded */
    WORD("tokens", 0, THROTTLED, TQ_AXIS_TOKENS, 0),
    WORD("rate_limit_error", 0, THROTTLED, 0, 0),
    WORD("overloaded_error", 0, OVERLOADED, 0, 0),
    /* The types of problem documents (RFC 9457) in the IETF draft, the last part of their address. */
    WORD("quota-exceeded", 0, THROTTLED, 0, 0),
    WORD("abnormal-usage-detected", 0, THROTTLED, 0, 0),
    WORD("temporary-reduced-capacity", 0, OVERLOADED, 0, 0),
};

static const struct tq__error_row phrases[] = {
    {"high demand", TQ__AZURE_OPENAI, OVERLOADED, 0, 0, 429, false, 0},
    {"quota", TQ__AZURE_OPENAI, EXHAUSTED, 0, 0, 403, false, 0}, /* API Management's llm-token-limit */
    {"too many tokens per day", TQ__BEDROCK, EXHAUSTED, TQ_AXIS_TOKENS, 0, 0, true, 86400},
    {"too many tokens", TQ__BEDROCK, THROTTLED, TQ_AXIS_TOKENS, 0, 0, true, 0},
    {"too many requests", TQ__BEDROCK, THROTTLED, TQ_AXIS_REQUESTS, 0, 0, false, 0},
    {"provisioned throughput", TQ__VERTEX, THROTTLED, 0, 0, 429, false, 0},
    {"credit balance is too low", TQ__ANTHROPIC, NO_MONEY, 0, 0, 400, false, 0},
    {"reached your specified api usage limits", TQ__ANTHROPIC, NO_MONEY, 0, 0, 400, false, 0},
};

static bool covers(uint8_t row, uint32_t profile)
{
    return row == 0 || row == profile || (row == TQ__ANTHROPIC && profile == TQ__ANTHROPIC_SUBSCRIPTION);
}

const struct tq__error_row *tq__error_word(struct tq__span word, uint32_t profile)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        /* Gateways speak Anthropic's words, too: they alone do not say whose they are. */
        bool open = profile == 0 && words[i].profile != TQ__ANTHROPIC;

        if ((open || covers(words[i].profile, profile)) && tq__span_matches(word, words[i].text))
            return &words[i];
    }
    return NULL;
}

const struct tq__error_row *tq__error_phrase(struct tq__span message, uint32_t profile, uint32_t status)
{
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++) {
        bool open = profile == 0 && phrases[i].alone;

        if ((open || covers(phrases[i].profile, profile)) &&
            (phrases[i].status == 0 || phrases[i].status == status) &&
            tq__span_find(message, phrases[i].text) >= 0)
            return &phrases[i];
    }
    return NULL;
}
