/* profile.c: the table of vendors.
 *
 * SPDX-License-Identifier: MIT
 *
 * Where a vendor's documents differ from what was measured, the row follows the measurement, and
 * docs/providers.md says so.
 */
#include "profile.h"

#include "base/text.h"

#define BEIJING (8 * 60) /* no summer time there */

static const struct tq_profile profiles[] = {
    {.id = TQ__GENERIC,
     .name = "generic",
     .vendor = "any",
     .source =
         "https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3, draft-ietf-httpapi-ratelimit-headers-11",
     .families = TQ__FAMILY_X_RATELIMIT,
     .reset_form = TQ__RESET_GUARD},
    {.id = TQ__OPENAI,
     .name = "openai",
     .vendor = "OpenAI",
     .source = "https://developers.openai.com/api/docs/guides/rate-limits",
     .seen_live = 1,
     .families = TQ__FAMILY_OPENAI,
     .reset_form = TQ__RESET_GO,
     .reset_kind = TQ__KIND_FULL_REFILL},
    {.id = TQ__ANTHROPIC,
     .name = "anthropic",
     .vendor = "Anthropic",
     .source = "https://platform.claude.com/docs/en/api/rate-limits",
     .seen_live = 1,
     .families = TQ__FAMILY_ANTHROPIC | TQ__FAMILY_UNIFIED | TQ__FAMILY_OPENAI,
     .reset_form = TQ__RESET_GO, /* of the endpoint in the form of OpenAI */
     .reset_kind = TQ__KIND_FULL_REFILL},
    {.id = TQ__ANTHROPIC_SUBSCRIPTION,
     .name = "anthropic-subscription",
     .vendor = "Anthropic (subscription)",
     .source =
         "https://github.com/anthropics/claude-code/issues/12829, https://code.claude.com/docs/en/statusline",
     .seen_live = 1,
     .families = TQ__FAMILY_ANTHROPIC | TQ__FAMILY_UNIFIED},
    {.id = TQ__CODEX,
     .name = "codex",
     .vendor = "OpenAI (ChatGPT plan)",
     .source = "https://github.com/openai/codex (codex-rs/codex-api/src/rate_limits.rs)",
     .seen_live = 1,
     .families = TQ__FAMILY_CODEX | TQ__FAMILY_OPENAI,
     .reset_form = TQ__RESET_GO,
     .reset_kind = TQ__KIND_FULL_REFILL},
    {.id = TQ__GEMINI,
     .name = "gemini",
     .vendor = "Google (Gemini API)",
     .source = "https://ai.google.dev/gemini-api/docs/rate-limits, "
               "https://github.com/google-gemini/gemini-cli/issues/8437",
     .seen_live = 1},
    {.id = TQ__OPENROUTER,
     .name = "openrouter",
     .vendor = "OpenRouter",
     .source = "https://openrouter.ai/docs/api-reference/limits",
     .seen_live = 1,
     .families = TQ__FAMILY_BARE,
     .reset_form = TQ__RESET_INSTANT,
     .reset_kind = TQ__KIND_WINDOW_END},
    {.id = TQ__GROQ,
     .name = "groq",
     .vendor = "Groq",
     .source = "https://console.groq.com/docs/rate-limits",
     .seen_live = 1,
     .families = TQ__FAMILY_OPENAI,
     .reset_form = TQ__RESET_GO,
     .reset_kind =
         TQ__KIND_FULL_REFILL, /* 2m59.56s for 30 of 14400 requests a day: the bucket fills evenly */
     .requests_window_s = 86400,
     .tokens_window_s = 60},
    {.id = TQ__AZURE_OPENAI,
     .name = "azure-openai",
     .vendor = "Microsoft (Azure OpenAI)",
     .source = "https://learn.microsoft.com/azure/foundry (how-to/quota), "
               "https://github.com/openai/openai-python/issues/937",
     .seen_live = 1,
     .families = TQ__FAMILY_OPENAI,
     .reset_form = TQ__RESET_SECONDS},
    {.id = TQ__MISTRAL,
     .name = "mistral",
     .vendor = "Mistral",
     .source = "wire survey of 2026-07-26; the vendor's documents describe other headers",
     .seen_live = 1,
     .families = TQ__FAMILY_LENGTH | TQ__FAMILY_MISTRAL,
     .reset_form = TQ__RESET_SECONDS},
    {.id = TQ__DEEPSEEK,
     .name = "deepseek",
     .vendor = "DeepSeek",
     .source = "https://api-docs.deepseek.com",
     .seen_live = 1},
    {.id = TQ__CEREBRAS,
     .name = "cerebras",
     .vendor = "Cerebras",
     .source = "https://inference-docs.cerebras.ai/support/rate-limits",
     .seen_live = 1,
     .families = TQ__FAMILY_LENGTH,
     .reset_form = TQ__RESET_SECONDS,
     .reset_kind = TQ__KIND_WINDOW_END},
    {.id = TQ__XAI,
     .name = "xai",
     .vendor = "xAI",
     .source = "https://docs.x.ai/developers/rate-limits; headers undocumented",
     .seen_live = 1,
     .families = TQ__FAMILY_OPENAI,
     .reset_form = TQ__RESET_GUARD}, /* epoch seconds were seen, nothing is promised */
    {.id = TQ__TOGETHER,
     .name = "together",
     .vendor = "Together",
     .source = "https://docs.together.ai/docs/serverless/rate-limits",
     .seen_live = 1,
     .families = TQ__FAMILY_BARE | TQ__FAMILY_TOKENLIMIT | TQ__FAMILY_OPENAI,
     .reset_form = TQ__RESET_SECONDS,
     .bare_window_s = 1},
    {.id = TQ__FIREWORKS,
     .name = "fireworks",
     .vendor = "Fireworks",
     .source = "https://docs.fireworks.ai/serverless/rate-limits",
     .families = TQ__FAMILY_OPENAI | TQ__FAMILY_PROMPT,
     .reset_form = TQ__RESET_GUARD},
    {.id = TQ__NEBIUS,
     .name = "nebius",
     .vendor = "Nebius",
     .source = "header names only: x-ratelimit-over-limit, x-ratelimit-dynamic-period-usage-tokens"},
    {.id = TQ__COHERE,
     .name = "cohere",
     .vendor = "Cohere",
     .source = "wire survey of 2026-07-26",
     .seen_live = 1,
     .families = TQ__FAMILY_COHERE},
    {.id = TQ__BEDROCK,
     .name = "bedrock",
     .vendor = "Amazon Bedrock",
     .source = "https://docs.aws.amazon.com/bedrock/latest/userguide/quotas-runtime.html",
     .seen_live = 1},
    {.id = TQ__VERTEX,
     .name = "vertex",
     .vendor = "Google (Vertex AI)",
     .source = "cloud.google.com, Vertex AI, error code 429",
     .seen_live = 1},
    {.id = TQ__COPILOT,
     .name = "copilot",
     .vendor = "GitHub Copilot",
     .source = "undocumented headers, read by clients",
     .seen_live = 1,
     .families = TQ__FAMILY_COPILOT},
    {.id = TQ__DIGITALOCEAN,
     .name = "digitalocean",
     .vendor = "DigitalOcean",
     .source = "header names only: x-ratelimit-*-requests, -tokens-per-day, -tokens-per-minute",
     .families = TQ__FAMILY_OPENAI | TQ__FAMILY_LENGTH,
     .reset_form = TQ__RESET_INSTANT},
    {.id = TQ__HUGGINGFACE,
     .name = "huggingface",
     .vendor = "Hugging Face",
     .source = "https://huggingface.co/docs/hub/rate-limits; 402 with x-error-message",
     .seen_live = 1,
     .families = TQ__FAMILY_WINDOW},
    {.id = TQ__ZAI,
     .name = "zai",
     .vendor = "Z.ai",
     .source = "https://docs.bigmodel.cn/cn/api/api-code, https://docs.z.ai/api-reference/api-code",
     .seen_live = 1,
     .zone_minutes = BEIJING},
    {.id = TQ__LITELLM,
     .name = "litellm",
     .vendor = "LiteLLM (gateway)",
     .source = "https://docs.litellm.ai: upstream headers as llm_provider-NAME, its own as x-ratelimit-*",
     .families = TQ__FAMILY_OPENAI,
     .reset_form = TQ__RESET_GUARD},
    {.id = TQ__VLLM, .name = "vllm", .vendor = "vLLM", .source = "https://docs.vllm.ai; usage only"},
    {.id = TQ__LLAMACPP,
     .name = "llamacpp",
     .vendor = "llama.cpp server",
     .source = "https://github.com/ggml-org/llama.cpp (tools/server); usage only",
     .seen_live = 1},
    {.id = TQ__OLLAMA,
     .name = "ollama",
     .vendor = "Ollama",
     .source = "https://github.com/ollama/ollama/blob/main/docs/api.md; limits of its cloud in the message",
     .seen_live = 1},
    {.id = TQ__MOONSHOT,
     .name = "moonshot",
     .vendor = "Moonshot (Kimi)",
     .source = "https://platform.moonshot.ai/docs/api/errors",
     .families = TQ__FAMILY_X_RATELIMIT,
     .reset_form = TQ__RESET_GUARD,
     .zone_minutes = BEIJING},
    {.id = TQ__MINIMAX,
     .name = "minimax",
     .vendor = "MiniMax",
     .source = "https://platform.minimax.io/docs/api-reference/errorcode",
     .families = TQ__FAMILY_X_RATELIMIT,
     .reset_form = TQ__RESET_GUARD,
     .zone_minutes = BEIJING},
    {.id = TQ__DASHSCOPE,
     .name = "dashscope",
     .vendor = "Alibaba Cloud (Model Studio)",
     .source = "https://help.aliyun.com/zh/model-studio/error-code",
     .families = TQ__FAMILY_X_RATELIMIT,
     .reset_form = TQ__RESET_GUARD,
     .zone_minutes = BEIJING},
    {.id = TQ__CLOUDFLARE,
     .name = "cloudflare",
     .vendor = "Cloudflare Workers AI",
     .source = "https://developers.cloudflare.com/workers-ai/platform/errors",
     .families = TQ__FAMILY_X_RATELIMIT,
     .reset_form = TQ__RESET_GUARD},
    {.id = TQ__VOLCENGINE,
     .name = "volcengine",
     .vendor = "Volcano Engine (Ark)",
     .source = "https://www.volcengine.com/docs/82379/1299023",
     .families = TQ__FAMILY_X_RATELIMIT,
     .reset_form = TQ__RESET_GUARD,
     .zone_minutes = BEIJING},
    {.id = TQ__SILICONFLOW,
     .name = "siliconflow",
     .vendor = "SiliconFlow",
     .source = "https://docs.siliconflow.cn/en/faqs/error-code",
     .families = TQ__FAMILY_X_RATELIMIT,
     .reset_form = TQ__RESET_GUARD,
     .zone_minutes = BEIJING},
    {.id = TQ__OPENCODE,
     .name = "opencode",
     .vendor = "OpenCode (Zen, Go)",
     .source = "https://opencode.ai/docs/zen, https://github.com/anomalyco/opencode/issues/49170",
     .families = TQ__FAMILY_X_RATELIMIT,
     .reset_form = TQ__RESET_GUARD},
    {.id = TQ__NEWAPI,
     .name = "new-api",
     .vendor = "New API (gateway)",
     .source = "https://github.com/QuantumNous/new-api",
     .families = TQ__FAMILY_X_RATELIMIT,
     .reset_form = TQ__RESET_GUARD},
    {.id = TQ__PERPLEXITY,
     .name = "perplexity",
     .vendor = "Perplexity",
     .source = "https://docs.perplexity.ai/guides/rate-limits-usage-tiers",
     .seen_live = 1,
     .families = TQ__FAMILY_X_RATELIMIT,
     .reset_form = TQ__RESET_GUARD},
};

#define PROFILES (sizeof profiles / sizeof profiles[0])

const struct tq_profile *tq_profile_find(const char *name, size_t len)
{
    if (!name || len == 0)
        return NULL;
    for (size_t i = 0; i < PROFILES; i++) {
        if (tq__span_matches((struct tq__span){name, len}, profiles[i].name))
            return &profiles[i];
    }
    return NULL;
}

int tq_profile_known(const char *name, size_t len)
{
    return name && (tq__span_matches((struct tq__span){name, len}, "auto") || tq_profile_find(name, len));
}

const struct tq_profile *tq_profile_at(size_t index)
{
    return index < PROFILES ? &profiles[index] : NULL;
}

const struct tq_profile *tq_profile_of(uint32_t id)
{
    return id > 0 && id <= PROFILES ? &profiles[id - 1] : NULL;
}

uint32_t tq_profile_id(const struct tq_profile *profile)
{
    return profile ? profile->id : 0;
}

const char *tq_profile_name(const struct tq_profile *profile)
{
    return profile ? profile->name : NULL;
}

const char *tq_profile_vendor(const struct tq_profile *profile)
{
    return profile ? profile->vendor : NULL;
}

const char *tq_profile_source(const struct tq_profile *profile)
{
    return profile ? profile->source : NULL;
}

int tq_profile_seen_live(const struct tq_profile *profile)
{
    return profile ? profile->seen_live : 0;
}
