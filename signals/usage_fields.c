/* usage_fields.c: the usage of a response whose headers carry it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tokenquota_signals.h"
#include "usage_counts.h"

/* Bedrock's InvokeModel: https://docs.aws.amazon.com/bedrock/latest/userguide/quotas-runtime.html. Fireworks:
 * https://docs.fireworks.ai/serverless/rate-limits. */
static const struct {
    const char *name;
    enum tq__count count;
} headers[] = {
    {"x-amzn-bedrock-input-token-count", TQ__PLAIN_INPUT},
    {"x-amzn-bedrock-output-token-count", TQ__OUTPUT},
    {"x-amzn-bedrock-cache-read-input-token-count", TQ__READ_BESIDE},
    {"x-amzn-bedrock-cache-write-input-token-count", TQ__WRITE_BESIDE},
    {"fireworks-prompt-tokens", TQ__WHOLE_INPUT},
    {"fireworks-cached-prompt-tokens", TQ__READ_WITHIN},
};

/* Of two headers of one name the first counts. */
static void note_field(const struct tq_field *field, struct tq__counts *counts, uint32_t *seen)
{
    struct tq__span name = {field->name, field->name_len}, value = {field->value, field->value_len};

    for (unsigned i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        if (*seen >> i & 1 || !tq__span_is(name, headers[i].name))
            continue;
        *seen |= 1u << i;
        tq__counts_note(counts, headers[i].count, tq__span_trim(value));
    }
}

int tq_usage_read_fields(const struct tq_profile *profile, const struct tq_field *fields, size_t count,
                         struct tq_usage *usage)
{
    struct tq__counts counts = {0};
    uint32_t seen = 0;

    if (!usage || usage->size < sizeof(*usage) || (!fields && count > 0))
        return TQ_EINVAL;
    for (size_t i = 0; i < count; i++)
        note_field(&fields[i], &counts, &seen);
    return tq__counts_usage(&counts, profile, usage);
}
