/* usage_counts.c: counts as vendors write them -> a struct tq_usage.
 *
 * SPDX-License-Identifier: MIT
 *
 * Vendors differ in what their counts have within them: OpenAI's and Gemini's input has the cached tokens,
 * Anthropic's and Bedrock's has not; OpenAI's output has the reasoning, Gemini's has not. Which it is is
 * known by the key. A part that is said to be larger than its whole is taken to be all of it.
 */
#include "usage_counts.h"

#include "profile.h"

/* A count that is not known is 0: sums need not ask. */
void tq__counts_note(struct tq__counts *counts, enum tq__count which, struct tq__span number)
{
    int64_t value;
    bool known = tq__value_count(number, &value) == 0;

    counts->known = (counts->known & ~(1u << which)) | (uint32_t)known << which;
    counts->count[which] = known ? value : 0;
}

/* Tool use alone is a part of an input that is not there. */
bool tq__counts_any(const struct tq__counts *counts)
{
    return (counts->known & ~(1u << TQ__TOOL_INPUT)) != 0;
}

void tq__counts_grow(struct tq__counts *counts, const struct tq__counts *newer)
{
    for (unsigned i = 0; i < TQ__COUNTS; i++)
        if (newer->known >> i & 1)
            counts->count[i] = newer->count[i];
    counts->known |= newer->known;
}

static bool has(const struct tq__counts *counts, enum tq__count which)
{
    return counts->known >> which & 1;
}

static int64_t at_most(int64_t value, int64_t most)
{
    return value < most ? value : most;
}

/* Takes a count for a number of usage that is still open: the first that is known stands. */
static void take(struct tq_usage *usage, uint32_t bit, int64_t *number, const struct tq__counts *counts,
                 enum tq__count which)
{
    if ((usage->known & bit) || !has(counts, which))
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
    if (!(usage->known & TQ_USAGE_CACHE_WRITE) && (has(counts, TQ__WRITE_5M) || has(counts, TQ__WRITE_1H))) {
        usage->known |= TQ_USAGE_CACHE_WRITE;
        usage->cache_write = tq__add_saturated(counts->count[TQ__WRITE_5M], counts->count[TQ__WRITE_1H]);
    }
}

/* Anthropic's "input_tokens" has no cached tokens within, OpenAI's has them; where there is nothing of a
 * cache it is all the same. Where keys of both are there (gateways between the two), OpenAI's "prompt_tokens"
 * leads: it has all of the input within. */
static void take_input(struct tq_usage *usage, const struct tq__counts *counts)
{
    uint32_t beside =
        1u << TQ__READ_BESIDE | 1u << TQ__WRITE_BESIDE | 1u << TQ__WRITE_5M | 1u << TQ__WRITE_1H;
    bool within =
        has(counts, TQ__WHOLE_INPUT) || (has(counts, TQ__EITHER_INPUT) && !(counts->known & beside));
    static const enum tq__count order[] = {TQ__WHOLE_INPUT, TQ__EITHER_INPUT, TQ__PLAIN_INPUT,
                                           TQ__CACHE_MISS,  TQ__TIMED_INPUT,  TQ__BILLED_INPUT};

    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        take(usage, TQ_USAGE_INPUT, &usage->input, counts, order[i]);
    take_cache(usage, counts, within);
    if (within) {
        usage->cache_read = at_most(usage->cache_read, usage->input);
        usage->cache_write = at_most(usage->cache_write, usage->input - usage->cache_read);
        usage->input -= usage->cache_read + usage->cache_write;
    }
    if (usage->known & TQ_USAGE_INPUT)
        usage->input = tq__add_saturated(usage->input, counts->count[TQ__TOOL_INPUT]);
}

/* Gemini behind an OpenAI-compatible endpoint leaves thinking out of completion_tokens, and total_tokens has
 * it; its profile says so. That reasoning_tokens are exactly what the total has more (xAI) says the same. */
static void add_what_only_total_has(struct tq_usage *usage, const struct tq__counts *counts, uint32_t profile)
{
    int64_t sum, more;

    if (!has(counts, TQ__TOTAL) || !has(counts, TQ__WHOLE_INPUT) || !has(counts, TQ__OUTPUT) ||
        __builtin_add_overflow(counts->count[TQ__WHOLE_INPUT], counts->count[TQ__OUTPUT], &sum))
        return;
    more = counts->count[TQ__TOTAL] - sum;
    if (more > 0 && (profile == TQ__GEMINI || profile == TQ__VERTEX || counts->count[TQ__REASONING] == more))
        usage->output += more;
}

static void take_output(struct tq_usage *usage, const struct tq__counts *counts, uint32_t profile)
{
    static const enum tq__count order[] = {TQ__OUTPUT, TQ__VISIBLE_OUTPUT, TQ__THOUGHTS, TQ__TIMED_OUTPUT,
                                           TQ__BILLED_OUTPUT};

    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        take(usage, TQ_USAGE_OUTPUT, &usage->output, counts, order[i]);
    if (has(counts, TQ__VISIBLE_OUTPUT) && !has(counts, TQ__OUTPUT))
        usage->output = tq__add_saturated(usage->output, counts->count[TQ__THOUGHTS]);
    add_what_only_total_has(usage, counts, profile);
    take(usage, TQ_USAGE_REASONING, &usage->reasoning, counts, TQ__REASONING);
    take(usage, TQ_USAGE_REASONING, &usage->reasoning, counts, TQ__THOUGHTS);
    if (usage->known & TQ_USAGE_OUTPUT)
        usage->reasoning = at_most(usage->reasoning, usage->output);
}

/* What counts against the limit. Vendors that say anything say the same: Anthropic counts input and cache
 * creation, Bedrock input and cache write, Groq all but cached tokens. Where a part is missing, the total
 * knows more. */
static int64_t counted(const struct tq_usage *usage)
{
    int64_t sum = tq__add_saturated(tq__add_saturated(usage->input, usage->cache_write), usage->output);
    bool parts = (usage->known & TQ_USAGE_INPUT) && (usage->known & TQ_USAGE_OUTPUT);
    int64_t rest = usage->total - at_most(usage->cache_read, usage->total);

    return parts || rest < sum ? sum : rest;
}

int tq__counts_usage(const struct tq__counts *counts, const struct tq_profile *profile,
                     struct tq_usage *usage)
{
    *usage = (struct tq_usage){.size = usage->size};
    if (!tq__counts_any(counts))
        return 1;
    usage->requests = 1;
    take_input(usage, counts);
    take_output(usage, counts, profile ? profile->id : 0);
    take(usage, TQ_USAGE_TOTAL, &usage->total, counts, TQ__TOTAL);
    usage->counted = counted(usage);
    return 0;
}
