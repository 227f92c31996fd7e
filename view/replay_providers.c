/* replay_providers.c: the providers of a log, by name and by number.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "replay.h"

#define SLOTS_FIRST 256
#define FACTOR UINT64_C(0x9e3779b97f4a7c15) /* 2^64 / golden ratio: consecutive names scatter */

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * FACTOR;
    return hash ^ hash >> 32;
}

/* Names of a log share their beginnings and lengths; eight bytes at a time tell them apart. */
static uint64_t hash_name(const char *name, size_t len)
{
    uint64_t hash = len * FACTOR, word = 0;

    if (len < 8) {
        for (size_t i = 0; i < len; i++)
            word = word << 8 | (unsigned char)name[i];
        return mix(hash, word);
    }
    for (size_t i = 0; i + 8 < len; i += 8) {
        memcpy(&word, name + i, 8);
        hash = mix(hash, word);
    }
    memcpy(&word, name + len - 8, 8); /* may look at some bytes twice, never past the end */
    return mix(hash, word);
}

int providers_init(struct providers *providers, uint32_t rule)
{
    struct tq_ledger_options options = {.size = sizeof(options), .rule = rule};
    struct tq_error error = {.size = sizeof(error)};

    *providers = (struct providers){.slot_count = SLOTS_FIRST};
    providers->slots = calloc(SLOTS_FIRST, sizeof(uint64_t));
    if (!providers->slots) {
        report("out of memory");
        return -1;
    }
    if (tq_ledger_open(&providers->ledger, NULL, &options, &error) < 0) {
        report("%s", error.msg);
        return -1;
    }
    return 0;
}

void providers_free(struct providers *providers)
{
    for (size_t i = 0; i < providers->count; i++)
        free(providers->items[i].days);
    free(providers->items);
    free(providers->slots);
    tq_ledger_close(providers->ledger);
    *providers = (struct providers){0};
}

static void put_slot(uint64_t *slots, size_t slot_count, uint64_t hash, size_t number)
{
    size_t at = hash & (slot_count - 1);

    while (slots[at])
        at = (at + 1) & (slot_count - 1);
    slots[at] = (hash & ~(uint64_t)UINT32_MAX) | (number + 1);
}

/* At most half full, so that a search is short. */
static int grow_slots(struct providers *providers)
{
    size_t slot_count = providers->slot_count * 2;
    uint64_t *slots = calloc(slot_count, sizeof(*slots));

    if (!slots)
        return TQ_ENOMEM;
    for (size_t i = 0; i < providers->count; i++)
        put_slot(slots, slot_count, hash_name(providers->items[i].name, providers->items[i].name_len), i);
    free(providers->slots);
    providers->slots = slots;
    providers->slot_count = slot_count;
    return 0;
}

static int append(struct providers *providers, const char *name, size_t len, uint64_t hash)
{
    struct tq_provider *handle;
    int answer;

    if (providers->count == providers->capacity) {
        size_t capacity = providers->capacity ? providers->capacity * 2 : 64;
        struct provider *items = realloc(providers->items, capacity * sizeof(*items));

        if (!items)
            return TQ_ENOMEM;
        providers->items = items;
        providers->capacity = capacity;
    }
    if (providers->count * 2 >= providers->slot_count && (answer = grow_slots(providers)) < 0)
        return answer;
    if ((answer = tq_ledger_provider(providers->ledger, name, len, 0, &handle)) < 0)
        return answer;
    if (providers->default_budget && (answer = tq_provider_set_budget(handle, providers->default_budget)) < 0)
        return answer;
    providers->items[providers->count] = (struct provider){
        .handle = handle,
        .name = tq_provider_name(handle),
        .name_len = (uint32_t)len,
        .budget = providers->default_budget,
    };
    put_slot(providers->slots, providers->slot_count, hash, providers->count++);
    return 0;
}

int providers_number(struct providers *providers, const char *name, size_t len, uint32_t *number)
{
    uint64_t hash = hash_name(name, len), slot;

    for (size_t at = hash & (providers->slot_count - 1); (slot = providers->slots[at]) != 0;
         at = (at + 1) & (providers->slot_count - 1)) {
        uint32_t found = (uint32_t)slot - 1;

        if ((slot ^ hash) >> 32 == 0 && providers->items[found].name_len == len &&
            memcmp(providers->items[found].name, name, len) == 0) {
            *number = found;
            return 0;
        }
    }
    int answer = append(providers, name, len, hash);

    if (answer == 0)
        *number = (uint32_t)(providers->count - 1);
    return answer;
}

static int apply(struct providers *providers, const struct budget *budget)
{
    uint32_t number;
    int answer = providers_number(providers, budget->provider, strlen(budget->provider), &number);

    if (answer == 0) {
        struct provider *provider = &providers->items[number];

        provider->budget_given = true;
        provider->budget = budget->tokens;
        answer = tq_provider_set_budget(provider->handle, budget->tokens);
    }
    if (answer == 0)
        return 0;
    if (budget->file)
        report("%s:%llu: \"%s\": %s", budget->file, (unsigned long long)budget->line, budget->provider,
               tq_strerror(answer));
    else
        report("--budget: \"%s\": %s", budget->provider, tq_strerror(answer));
    return -1;
}

int providers_apply(struct providers *providers, const struct budgets *budgets)
{
    for (size_t i = 0; i < budgets->count; i++)
        if (strcmp(budgets->items[i].provider, "*") == 0)
            providers->default_budget = budgets->items[i].tokens;
    for (size_t i = 0; i < budgets->count; i++)
        if (strcmp(budgets->items[i].provider, "*") != 0 && apply(providers, &budgets->items[i]) < 0)
            return -1;
    return 0;
}
