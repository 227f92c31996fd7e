/* profile.h: how the responses of one vendor are read, as a row of data.
 *
 * SPDX-License-Identifier: MIT
 *
 * No code in this folder asks "is it OpenAI?" when a column can say it. The id of a vendor never changes,
 * because ledgers hold it.
 */
#ifndef TQ_SIGNALS_PROFILE_H
#define TQ_SIGNALS_PROFILE_H

#include <stdint.h>

#include "tokenquota_signals.h"

/* The ids, pinned for ever. */
#define TQ__GENERIC 1
#define TQ__OPENAI 2
#define TQ__ANTHROPIC 3
#define TQ__ANTHROPIC_SUBSCRIPTION 4
#define TQ__CODEX 5
#define TQ__GEMINI 6
#define TQ__OPENROUTER 7
#define TQ__GROQ 8
#define TQ__AZURE_OPENAI 9
#define TQ__MISTRAL 10
#define TQ__DEEPSEEK 11
#define TQ__CEREBRAS 12
#define TQ__XAI 13
#define TQ__TOGETHER 14
#define TQ__FIREWORKS 15
#define TQ__NEBIUS 16
#define TQ__COHERE 17
#define TQ__BEDROCK 18
#define TQ__VERTEX 19
#define TQ__COPILOT 20
#define TQ__DIGITALOCEAN 21
#define TQ__HUGGINGFACE 22
#define TQ__ZAI 23
#define TQ__LITELLM 24
#define TQ__VLLM 25
#define TQ__LLAMACPP 26
#define TQ__OLLAMA 27
#define TQ__MOONSHOT 28
#define TQ__MINIMAX 29
#define TQ__DASHSCOPE 30
#define TQ__CLOUDFLARE 31
#define TQ__VOLCENGINE 32
#define TQ__SILICONFLOW 33
#define TQ__OPENCODE 34
#define TQ__NEWAPI 35
#define TQ__PERPLEXITY 36

/* Families of headers. IETF fields and Retry-After belong to all profiles and have no bit. */
#define TQ__FAMILY_OPENAI 0x001u     /* x-ratelimit-PART-requests, -tokens, -project-tokens */
#define TQ__FAMILY_LENGTH 0x002u     /* x-ratelimit-PART-tokens-minute: the window is in the name */
#define TQ__FAMILY_BARE 0x004u       /* x-ratelimit-PART */
#define TQ__FAMILY_TOKENLIMIT 0x008u /* x-tokenlimit-PART */
#define TQ__FAMILY_PROMPT 0x010u     /* x-ratelimit-PART-tokens-prompt, -tokens-generated */
#define TQ__FAMILY_MISTRAL                                                                                   \
    0x020u /* ratelimitbysize-PART, x-ratelimit-PART-req-minute: no one else has them */
#define TQ__FAMILY_ANTHROPIC 0x040u /* anthropic-ratelimit-AXIS-PART, and -priority-, -fast- */
#define TQ__FAMILY_UNIFIED 0x080u   /* anthropic-ratelimit-unified-... */
#define TQ__FAMILY_CODEX 0x100u     /* x-codex-primary-..., x-ID-primary-... */
#define TQ__FAMILY_COHERE 0x200u    /* x-trial-endpoint-call-PART, x-endpoint-monthly-call-limit */
#define TQ__FAMILY_COPILOT 0x400u   /* x-quota-snapshot-..., x-usage-ratelimit-... */
#define TQ__FAMILY_WINDOW 0x800u    /* x-ratelimit-PART-minute, of Kong */
#define TQ__FAMILY_X_RATELIMIT                                                                               \
    (TQ__FAMILY_OPENAI | TQ__FAMILY_LENGTH | TQ__FAMILY_BARE | TQ__FAMILY_TOKENLIMIT | TQ__FAMILY_PROMPT |   \
     TQ__FAMILY_MISTRAL | TQ__FAMILY_WINDOW)

/* What a reset header of the families of x-ratelimit-... looks like. (The later families have one form each.)
 */
#define TQ__RESET_GUARD 0 /* told by its looks and size */
#define TQ__RESET_GO 1    /* 6m0s */
#define TQ__RESET_SECONDS 2
#define TQ__RESET_INSTANT 3 /* RFC 3339, or a number since 1970 */
#define TQ__RESET_MS 4

/* What such a reset means. */
#define TQ__KIND_UNKNOWN 0
#define TQ__KIND_FULL_REFILL 1
#define TQ__KIND_WINDOW_END 2

struct tq_profile {
    const char *name;
    const char *vendor;
    const char *source;
    uint8_t id;
    uint8_t seen_live;
    uint8_t reset_form;
    uint8_t reset_kind;
    uint32_t families;
    uint32_t requests_window_s; /* of the family _OPENAI, where the vendor says it; 0: not known */
    uint32_t tokens_window_s;
    uint32_t bare_window_s; /* of the family _BARE */
    int16_t zone_minutes; /* east of UTC: of the vendor's days, and of times in its messages without a zone */
};

#endif
