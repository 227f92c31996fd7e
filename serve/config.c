/* config.c: a configuration that was read: kept by several users, and written in parts.
 *
 * SPDX-License-Identifier: MIT
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

struct config *config_share(struct config *config)
{
    if (config)
        atomic_fetch_add(&config->shares, 1);
    return config;
}

void config_drop(struct config *config)
{
    if (!config || atomic_fetch_sub(&config->shares, 1) > 1)
        return;
    for (size_t i = 0; i < config->provider_count; i++)
        free(config->providers[i].limits);
    for (size_t i = 0; i < config->import_count; i++)
        free(config->imports[i].paths);
    for (size_t i = 0; i < config->text_count; i++)
        free(config->texts[i]);
    free(config->providers);
    free(config->imports);
    free(config->texts);
    free(config->path);
    free(config);
}

void config_tokens_write(int64_t tokens, char out[CONFIG_BUDGET_BYTES])
{
    static const char *const units[] = {"", "k", "M", "G", "T"};
    size_t i = 0;

    while (i + 1 < sizeof units / sizeof units[0] && tokens >= 1000 && tokens % 1000 == 0) {
        tokens /= 1000;
        i++;
    }
    snprintf(out, CONFIG_BUDGET_BYTES, "%lld%s", (long long)tokens, units[i]);
}
