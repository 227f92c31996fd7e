/* vendor.c: gateways and vendors in our words: who answered, what it cost, which counts hold which.
 *
 * SPDX-License-Identifier: MIT
 */
#include "tools.h"

#include <string.h>

const char *tq__log_vendor(const char *name)
{
    static const struct {
        const char *theirs, *ours;
    } names[] = {
        {"aws.bedrock", "bedrock"},  {"aws_bedrock", "bedrock"}, {"bedrock_converse", "bedrock"},
        {"gcp.gemini", "google"},    {"gcp.gen_ai", "google"},   {"gemini", "google"},
        {"gcp.vertex_ai", "vertex"}, {"vertex_ai", "vertex"},    {"vertex_ai_beta", "vertex"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(name, names[i].theirs) == 0)
            return names[i].ours;
    }
    return name;
}

int64_t tq__log_value_cost(const struct tq__log_value *value)
{
    struct tq__log_number number;
    int64_t nano;
    bool whole;

    if ((value->kind != TQ__LOG_NUMBER && value->kind != TQ__LOG_STRING) ||
        tq__log_number_read(value->text, &number) != 0 ||
        tq__log_number_scale(&number, 9, &nano, &whole) != 0 || nano < 0)
        return -1;
    return nano;
}

void tq__log_take_apart(struct tq_usage *usage, int64_t input)
{
    int64_t cached;

    if (__builtin_add_overflow(usage->cache_read, usage->cache_write, &cached))
        cached = INT64_MAX;
    usage->input = cached <= input ? input - cached : input;
    if (usage->reasoning > usage->output)
        usage->reasoning = usage->output;
    usage->counted = tq__log_counted(usage);
}
