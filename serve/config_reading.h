/* config_reading.h: a configuration while it is read: what config.c and config_keys.c share.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SERVE_CONFIG_READING_H
#define TOKENQUOTA_SERVE_CONFIG_READING_H

#include "base/list.h"
#include "config.h"
#include "config_lines.h"
#include "view/listener.h"

enum kind { KIND_NONE, KIND_SERVE, KIND_SYNC, KIND_PROVIDER, KIND_POOL, KIND_IMPORT };

/* A file while it is read. */
struct reading {
    struct config *config;
    struct config_lines lines;
    struct listener *listener;
    struct listener why; /* why.why: what is wrong with a value */
    unsigned mistakes;
    unsigned line;                       /* to be named: that of the key, or of the section */
    unsigned serve_line;                 /* of [serve]; 0: none yet */
    unsigned section_line;               /* of this section; 0: none yet */
    struct tq__index providers, imports; /* their numbers, by their names */
    enum kind kind;
    void *section;  /* struct serve_options, config_sync, config_provider or config_import; NULL: one that
                       there is not */
    uint32_t given; /* keys of this section, by their rows */
};

/* Tells of a mistake at reading->line. */
void config_tell(struct reading *reading, const char *why);

/* Keeps a copy of a text, which must not be empty, as long as the configuration. 0, or -1 with reading->why.
 */
int config_keep(struct reading *reading, const char *text, const char **to);

/* Appends to the paths of an import; NULL is behind the last of them. 0, or -1 with reading->why. */
int config_add_path(struct reading *reading, struct config_import *import, const char *path);

/* ---- config_keys.c --------------------------------------------------------------------------- */

/* Takes a key and its value of the section. */
void config_take(struct reading *reading, const char *word, const char *value, bool continued);

#endif
