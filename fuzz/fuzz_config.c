/* fuzz_config.c: any bytes as the daemon's configuration: each mistake is one line that names a line of the
 * file, and what has none can be brought into a ledger.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "serve/config.h"
#include "serve/reconcile.h"
#include "target.h"
#include "view/listener.h"

struct told {
    unsigned mistakes;
    unsigned lines; /* of the file */
};

/* A provider's name in a message may have any character, which the command makes safe to print. */
static void on_trouble(struct progress *context, const char *line)
{
    struct told *told = (struct told *)(void *)context;
    unsigned number = 0;
    int len = 0;

    HOLDS(sscanf(line, "serve.ini:%u: %n", &number, &len) == 1 && len > 0 && line[len] != '\0');
    HOLDS(number >= 1 && number <= told->lines);
    told->mistakes++;
}

static void check_provider(const struct config_provider *provider)
{
    HOLDS(provider->name && *provider->name && provider->line >= 1);
    HOLDS(provider->limit_count <= TQ_LIMITS_MAX);
    HOLDS(!provider->poll || *provider->poll);
    HOLDS(!provider->probe || *provider->probe);
    HOLDS(provider->poll || !provider->every_ns);
}

static void check_import(const struct config_import *import)
{
    HOLDS(import->name && import->paths && import->logs.paths == import->paths);
    HOLDS(!import->paths[import->path_count]);
    HOLDS(import->logs.source || import->path_count == 0);
}

static void check_all(struct config *config, struct listener *listener)
{
    struct told *told = (struct told *)(void *)listener->context;
    int answer;

    for (size_t i = 0; i < config->provider_count; i++)
        check_provider(&config->providers[i]);
    for (size_t i = 0; i < config->import_count; i++)
        check_import(&config->imports[i]);
    HOLDS(config->serve.listen_count <= SERVE_ADDRESSES);
    answer = reconcile_check(config, listener);
    HOLDS((answer < 0) == (told->mistakes > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct told told = {.lines = 1};
    struct listener listener = {.trouble = on_trouble, .context = (struct progress *)(void *)&told};
    char *text = malloc(size + !size); /* its end is where a sanitizer sees it */
    struct config *config;

    HOLDS(text);
    memcpy(text, data, size);
    for (size_t i = 0; i < size; i++)
        told.lines += text[i] == '\n';
    config = config_parse("serve.ini", text, size, &listener);
    HOLDS(!config == (told.mistakes > 0));
    if (config)
        check_all(config, &listener);
    config_drop(config);
    free(text);
    return 0;
}
