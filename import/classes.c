/* classes.c: tokens by class: input, cache write, cache read, output, and tokens of an unknown class; and
 * parts of a usage.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "base/number.h"
#include "classes.h"

static int64_t at_least_0(int64_t n)
{
    return n > 0 ? n : 0;
}

static void add(int64_t *sum, int64_t n, int times)
{
    if (__builtin_add_overflow(*sum, times < 0 ? -n : n, sum))
        *sum = INT64_MAX;
}

struct classes classes_of(const struct tq_usage *usage)
{
    struct classes classes = {
        .responses = 1,
        .input = at_least_0(usage->input),
        .cache_write = at_least_0(usage->cache_write),
        .cache_read = at_least_0(usage->cache_read),
        .output = at_least_0(usage->output),
    };

    if (!(usage->known & (TQ_USAGE_INPUT | TQ_USAGE_CACHE_WRITE | TQ_USAGE_CACHE_READ | TQ_USAGE_OUTPUT)))
        classes.other = at_least_0(usage->known & TQ_USAGE_TOTAL ? usage->total : usage->counted);
    return classes;
}

int64_t classes_total(const struct classes *classes)
{
    int64_t total = classes->input;

    add(&total, classes->cache_write, 1);
    add(&total, classes->cache_read, 1);
    add(&total, classes->output, 1);
    add(&total, classes->other, 1);
    return total;
}

int64_t classes_amount(const struct tq_usage *usage, int count)
{
    struct classes classes = classes_of(usage);

    return count == COUNT_TOTAL ? classes_total(&classes) : at_least_0(usage->counted);
}

void classes_add(struct classes *sum, const struct classes *classes, int times)
{
    add(&sum->responses, classes->responses, times);
    add(&sum->input, classes->input, times);
    add(&sum->cache_write, classes->cache_write, times);
    add(&sum->cache_read, classes->cache_read, times);
    add(&sum->output, classes->output, times);
    add(&sum->other, classes->other, times);
}

void classes_take(struct classes *sum, int64_t tokens)
{
    int64_t *const from[] = {&sum->input, &sum->cache_write, &sum->cache_read};

    for (size_t i = 0; i < sizeof from / sizeof from[0]; i++) {
        int64_t part = tokens < *from[i] ? tokens : at_least_0(*from[i]);

        *from[i] -= part;
        tokens -= part;
    }
    add(&sum->output, tokens, -1);
}

/* ---- usages ---------------------------------------------------------------------------------- */

/* Each count of a usage, to do the same with all. */
#define COUNTS 6

static void counts_of(struct tq_usage *usage, int64_t *counts[COUNTS])
{
    counts[0] = &usage->input;
    counts[1] = &usage->cache_read;
    counts[2] = &usage->cache_write;
    counts[3] = &usage->output;
    counts[4] = &usage->total;
    counts[5] = &usage->cost_nano_usd;
}

void usage_subtract(struct tq_usage *usage, const struct tq_usage *before)
{
    struct tq_usage copy = *before;
    int64_t *more[COUNTS], *less[COUNTS];

    counts_of(usage, more);
    counts_of(&copy, less);
    for (size_t i = 0; i < COUNTS; i++)
        *more[i] = at_least_0(*more[i] - at_least_0(*less[i]));
    usage->requests = usage->requests > before->requests ? usage->requests - before->requests : 0;
}

void usage_scale(struct tq_usage *usage, int64_t part, int64_t whole)
{
    int64_t *counts[COUNTS];

    counts_of(usage, counts);
    for (size_t i = 0; i < COUNTS; i++)
        *counts[i] = tq__multiply_divide(at_least_0(*counts[i]), part, whole, true);
    usage->requests = (uint32_t)tq__multiply_divide(usage->requests, part, whole, true);
}

int classes_count(const char *word)
{
    if (strcmp(word, "total") == 0)
        return COUNT_TOTAL;
    return strcmp(word, "counted") == 0 ? COUNT_COUNTED : -1;
}
