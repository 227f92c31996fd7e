/* recognise.c: finds the vendor of a response by its headers.
 *
 * SPDX-License-Identifier: MIT
 *
 * From names that only one vendor has to those that several share, and there by the looks of a value:
 *
 *     anthropic-ratelimit-unified-*           anthropic-subscription
 *     x-codex-*                               codex
 *     anthropic-ratelimit-*, -priority-, ...  anthropic
 *     x-amzn-bedrock-*, x-amzn-errortype      bedrock
 *     x-quota-snapshot-*                      copilot
 *     x-trial-endpoint-call-*                 cohere
 *     x-ratelimit-dynamic-period-usage-*      nebius
 *     x-ratelimit-*-tokens-prompt, over-limit fireworks
 *     x-tokenlimit-*                          together
 *     ratelimitbysize-*, *-req-minute, *-tokens-month, mistral-correlation-id    mistral
 *     anthropic-organization-id               anthropic
 *     x-zero-data-retention                   xai
 *     x-ds-trace-id                           deepseek
 *     x-ppl-region                            perplexity
 *     *-tokens-per-minute, -per-day           digitalocean
 *     *-requests-day, *-tokens-minute, ...    cerebras; with tokens-minute alone and no reset: mistral
 *     x-ratelimit-limit, *-tokens             together
 *     *-requests, *-tokens                    groq and azure-openai by other headers; else by the reset:
 *                                             6m0s openai, 57 azure-openai, 1785542400 xai
 *     x-error-message                         huggingface
 *     x-ratelimit-reset in milliseconds       openrouter
 *
 * What is left is the body's to say (error.c). If that does not say it either, these do:
 *
 *     x-gemini-service-tier                   gemini
 *     openai-*                                openai
 *     x-amzn-requestid                        bedrock
 *
 * And else generic.
 */
#include "field.h"

#include "profile.h"

#define EPOCH_S_MIN INT64_C(1000000000)
#define EPOCH_MS_MIN INT64_C(1000000000000)

/* The first value of a part among the rows of a family; len 0 when there is none. */
static struct tq__span first_value(const struct tq__fields *fields, uint32_t family, int part)
{
    for (size_t i = 0; tq__row_next(fields, &i); i++) {
        if (tq__rows[i].family == family && fields->part[i][part])
            return tq__field_value(fields->part[i][part]);
    }
    return (struct tq__span){"", 0};
}

static bool has_row(const struct tq__fields *fields, size_t row)
{
    const struct tq_field *const *part = fields->part[row];

    return part[TQ__LIMIT] || part[TQ__REMAINING] || part[TQ__RESET];
}

/* Whose reset looks like this, among hosts with the header names of OpenAI? 0: nobody's. */
static uint32_t by_reset(struct tq__span reset)
{
    int64_t number;
    int answer = tq__value_scaled(reset, 0, &number);

    if (answer == 0 && number >= EPOCH_S_MIN)
        return TQ__XAI;
    if (answer != TQ__NO_FORM)
        return TQ__AZURE_OPENAI;
    return tq__value_length(reset, &number) == 0 ? TQ__OPENAI : 0;
}

/* Hosts with the header names of OpenAI. */
static uint32_t like_openai(const struct tq__fields *fields)
{
    uint32_t profile = 0;

    if (fields->hints & TQ__HINT_GROQ)
        return TQ__GROQ;
    if (fields->hints & TQ__HINT_AZURE)
        return TQ__AZURE_OPENAI;
    if (fields->hints & TQ__HINT_OPENAI)
        return TQ__OPENAI;
    if (first_value(fields, TQ__FAMILY_OPENAI, TQ__PERIOD).len > 0)
        return TQ__AZURE_OPENAI;
    for (size_t i = 0; profile == 0 && tq__row_next(fields, &i); i++) {
        if (tq__rows[i].family == TQ__FAMILY_OPENAI && fields->part[i][TQ__RESET])
            profile = by_reset(tq__field_value(fields->part[i][TQ__RESET]));
    }
    if (profile != 0 || first_value(fields, TQ__FAMILY_OPENAI, TQ__RESET).len > 0)
        return profile;
    /* Azure often sends what remains and no limit. */
    return first_value(fields, TQ__FAMILY_OPENAI, TQ__LIMIT).len == 0 ? TQ__AZURE_OPENAI : TQ__OPENAI;
}

static uint32_t with_length(const struct tq__fields *fields)
{
    bool more = first_value(fields, TQ__FAMILY_LENGTH, TQ__RESET).len > 0;

    for (size_t i = 0; tq__row_next(fields, &i); i++) {
        struct tq__span axis = tq__span_of(tq__rows[i].axis);

        if (tq__rows[i].family != TQ__FAMILY_LENGTH || !has_row(fields, i))
            continue;
        if (tq__span_begins(axis, "tokens-per-"))
            return TQ__DIGITALOCEAN;
        more |= !tq__span_equals(axis, "tokens-minute");
    }
    return more ? TQ__CEREBRAS : TQ__MISTRAL;
}

/* Requests without an axis in the name, and tokens with one. */
static bool like_together(const struct tq__fields *fields)
{
    if (!(fields->families & TQ__FAMILY_BARE) || !(fields->families & TQ__FAMILY_OPENAI))
        return false;
    for (size_t i = 0; tq__row_next(fields, &i); i++)
        if (tq__rows[i].family == TQ__FAMILY_OPENAI && has_row(fields, i) &&
            !tq__span_equals(tq__span_of(tq__rows[i].axis), "tokens"))
            return false;
    return true;
}

static uint32_t by_shared_names(const struct tq__fields *fields)
{
    int64_t number;

    if (fields->families & TQ__FAMILY_LENGTH)
        return with_length(fields);
    if (like_together(fields))
        return TQ__TOGETHER;
    if (fields->families & TQ__FAMILY_OPENAI)
        return like_openai(fields);
    if (fields->hints & TQ__HINT_HUGGINGFACE)
        return TQ__HUGGINGFACE;
    if (tq__value_scaled(first_value(fields, TQ__FAMILY_BARE, TQ__RESET), 0, &number) == 0 &&
        number >= EPOCH_MS_MIN)
        return TQ__OPENROUTER;
    if (fields->hints & TQ__HINT_AZURE)
        return TQ__AZURE_OPENAI;
    return fields->hints & TQ__HINT_GROQ ? TQ__GROQ : 0;
}

const struct tq_profile *tq__recognise(const struct tq__fields *fields)
{
    static const struct {
        uint32_t families, hints;
        uint32_t profile;
    } own[] = {
        {TQ__FAMILY_UNIFIED, 0, TQ__ANTHROPIC_SUBSCRIPTION},
        {TQ__FAMILY_CODEX, 0, TQ__CODEX},
        {TQ__FAMILY_ANTHROPIC, 0, TQ__ANTHROPIC},
        {0, TQ__HINT_BEDROCK, TQ__BEDROCK},
        {TQ__FAMILY_COPILOT, 0, TQ__COPILOT},
        {TQ__FAMILY_COHERE, 0, TQ__COHERE},
        {0, TQ__HINT_NEBIUS, TQ__NEBIUS},
        {TQ__FAMILY_PROMPT, TQ__HINT_FIREWORKS, TQ__FIREWORKS},
        {TQ__FAMILY_TOKENLIMIT, 0, TQ__TOGETHER},
        {TQ__FAMILY_MISTRAL, TQ__HINT_MISTRAL, TQ__MISTRAL},
        {0, TQ__HINT_ANTHROPIC, TQ__ANTHROPIC},
        {0, TQ__HINT_XAI, TQ__XAI},
        {0, TQ__HINT_DEEPSEEK, TQ__DEEPSEEK},
        {0, TQ__HINT_PERPLEXITY, TQ__PERPLEXITY},
    };

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (fields->families & own[i].families || fields->hints & own[i].hints)
            return tq_profile_of(own[i].profile);
    }
    return tq_profile_of(by_shared_names(fields));
}

const struct tq_profile *tq__recognise_weakly(const struct tq__fields *fields)
{
    if (fields->hints & TQ__HINT_GEMINI)
        return tq_profile_of(TQ__GEMINI);
    if (fields->hints & TQ__HINT_OPENAI)
        return tq_profile_of(TQ__OPENAI);
    return fields->hints & TQ__HINT_AMAZON ? tq_profile_of(TQ__BEDROCK) : NULL;
}
