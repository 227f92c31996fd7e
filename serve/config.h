/* config.h: the daemon's configuration: what a file in INI says of it, of providers and of imports.
 *
 * SPDX-License-Identifier: MIT
 *
 * docs/serve.md has all sections and keys. A file with a mistake is not used at all: every mistake is told
 * with its file and line.
 */
#ifndef TOKENQUOTA_SERVE_CONFIG_H
#define TOKENQUOTA_SERVE_CONFIG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tokenquota.h>

#include "import/import.h"
#include "serve.h"
#include "view/settings.h"

#define CONFIG_BYTES_MOST 1048576 /* of a file */
#define CONFIG_BUDGET_BYTES 32

struct listener;

/* One limit of a provider. */
struct config_limit {
    struct tq_limit limit;
    unsigned line;
};

/* A section [provider NAME] or [pool NAME]. */
struct config_provider {
    const char *name;
    unsigned line;
    bool given[SETTINGS];
    unsigned lines[SETTINGS];
    struct settings values;
    struct config_limit *limits;
    size_t limit_count;
    const char *poll, *probe; /* for the shell; NULL: none */
    const char *profile;
    const struct tq_profile *vendor;
    int64_t every_ns, timeout_ns; /* 0: not said */
};

/* A section [import NAME]. */
struct config_import {
    const char *name;
    unsigned line;
    struct import_logs logs; /* its paths are those below */
    char **paths;            /* a NULL ends them */
    size_t path_count, path_capacity;
    bool has_source;
};

/* The section [sync]: other machines that share the ledger's limits. */
struct config_sync {
    unsigned line; /* 0: there is none */
    const char *to, *node, *auth_file, *ca_file;
    int64_t every_ns; /* 0: not said */
    unsigned tags;    /* 0: not said */
};

struct config {
    atomic_uint shares;
    char *path;                 /* of the file, for messages */
    struct serve_options serve; /* what [serve] says, the rest is zero */
    struct config_sync sync;
    struct config_provider *providers;
    size_t provider_count, provider_capacity;
    struct config_import *imports;
    size_t import_count, import_capacity;
    char **texts; /* all that the pointers above point to */
    size_t text_count, text_capacity;
};

/* Reads a file. NULL: each mistake was a trouble of the listener. config_drop it. */
struct config *config_read(const char *path, struct listener *listener);

/* The same with the text of a file. */
struct config *config_parse(const char *path, const char *text, size_t len, struct listener *listener);

/* Keeps it for one more user; each drops it. NULL is none. */
struct config *config_share(struct config *config);
void config_drop(struct config *config);

/* "5M", "1500k", "123": the shortest exact way to write tokens. */
void config_tokens_write(int64_t tokens, char out[CONFIG_BUDGET_BYTES]);

#endif
