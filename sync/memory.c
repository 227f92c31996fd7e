/* memory.c: what a node has in memory: made, given a ledger, its providers found by name, and freed.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "sync/node.h"

struct sync_node *sync_node_new(const struct sync_node_options *options)
{
    struct sync_node *node = calloc(1, sizeof *node);

    if (!node)
        return NULL;
    node->options = *options;
    node->machines = 1;
    return node;
}

static void free_provider(struct sync_provider *provider)
{
    for (size_t i = 0; i < provider->window_count; i++)
        sync_window_free(provider->windows[i]);
    free(provider->windows);
    free(provider->bases);
    sync_registers_free(&provider->registers);
    free((char *)(uintptr_t)provider->name);
}

void sync_node_free(struct sync_node *node)
{
    if (!node)
        return;
    for (size_t i = 0; i < node->provider_count; i++)
        free_provider(&node->providers[i]);
    free(node->providers);
    free(node->by_name.slots);
    free(node->items);
    free(node->abouts);
    free(node->peers);
    sync_says_clear(&node->says);
    free(node->says.words);
    free(node->says.about);
    free(node);
}

void sync_node_attach(struct sync_node *node, struct tq_ledger *ledger, bool was_put_back)
{
    node->ledger = ledger;
    node->is_put_back = was_put_back;
    node->caught_up = 0;
    node->has_looked = false;
    if (was_put_back) {
        memset(node->version, 0, sizeof node->version); /* all words are heard again */
        sync_bases_forget(node, false); /* of the ledger before; of this one the server tells */
    }
    for (size_t i = 0; i < node->provider_count; i++) {
        struct sync_provider *provider = &node->providers[i];

        provider->handle = NULL;
        provider->settings = -1;
        provider->machines = 0;
        provider->registers.settings = -1;
        provider->registers.is_put_back |= was_put_back;
        /* What a ledger lacks, the server has: each window is asked for before it is said again. */
        for (size_t k = 0; k < provider->window_count; k++) {
            struct sync_window *window = provider->windows[k];

            window->lease = (struct sync_lease){.seq = window->lease.seq};
            if (was_put_back) {
                window->base = (struct sync_base){.start_s = 0};
                sync_buckets_forget(window);
            }
        }
    }
}

static struct sync_provider *find_provider(const struct sync_node *node, const char *name, uint64_t hash)
{
    uint32_t number;

    for (size_t at = 0; (number = tq__index_find(&node->by_name, hash, &at)) != TQ__INDEX_END;)
        if (strcmp(node->providers[number].name, name) == 0)
            return &node->providers[number];
    return NULL;
}

bool sync_node_takes(struct sync_node *node, const char *name)
{
    if (find_provider(node, name, tq__hash(0, name, strlen(name))))
        return true;
    if (node->heard_of >= SYNC_HEARD_MOST)
        return false;
    node->heard_of++;
    return true;
}

struct sync_provider *sync_node_provider(struct sync_node *node, const char *name)
{
    uint64_t hash = tq__hash(0, name, strlen(name));
    struct sync_provider *providers = find_provider(node, name, hash);

    if (providers)
        return providers;
    providers =
        tq__list_room(node->providers, node->provider_count, &node->provider_capacity, sizeof *providers);
    if (!providers)
        return NULL;
    node->providers = providers;
    providers[node->provider_count] = (struct sync_provider){
        .name = strdup(name),
        .tag = sync_tag_of(name, node->options.tags),
        .settings = -1,
        .registers = {.settings = -1, .is_put_back = node->is_put_back, .is_new = node->has_looked},
    };
    if (!providers[node->provider_count].name)
        return NULL;
    if (!tq__index_add(&node->by_name, hash, (uint32_t)node->provider_count)) {
        free((char *)(uintptr_t)providers[node->provider_count].name);
        return NULL;
    }
    /* What was said of it may have been refused for lack of room: it is heard again. */
    if (node->heard_of >= SYNC_HEARD_MOST)
        node->version[providers[node->provider_count].tag] = 0;
    providers[node->provider_count].is_local =
        node->options.is_local && node->options.is_local(node->options.of, name);
    return &node->providers[node->provider_count++];
}
