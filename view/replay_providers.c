/* replay_providers.c: the providers of a log, by name and by number.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "replay.h"

int providers_init(struct providers *providers, uint32_t rule)
{
    struct tq_ledger_options options = {.size = sizeof(options), .rule = rule};
    struct tq_error error = {.size = sizeof(error)};

    *providers = (struct providers){0};
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
    free(providers->index.slots);
    tq_ledger_close(providers->ledger);
    *providers = (struct providers){0};
}

static int append(struct providers *providers, const char *name, size_t len, uint64_t hash)
{
    struct tq_provider *handle;
    struct provider *items;
    int answer;

    items = tq__list_room(providers->items, providers->count, &providers->capacity, sizeof *items);
    if (!items)
        return TQ_ENOMEM;
    providers->items = items;
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
    if (!tq__index_add(&providers->index, hash, (uint32_t)providers->count))
        return TQ_ENOMEM;
    providers->count++;
    return 0;
}

int providers_number(struct providers *providers, const char *name, size_t len, uint32_t *number)
{
    uint64_t hash = tq__hash(0, name, len);
    uint32_t found;

    for (size_t at = 0; (found = tq__index_find(&providers->index, hash, &at)) != TQ__INDEX_END;) {
        if (providers->items[found].name_len != len || memcmp(providers->items[found].name, name, len) != 0)
            continue;
        *number = found;
        return 0;
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
