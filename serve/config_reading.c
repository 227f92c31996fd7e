/* config_reading.c: the sections of the daemon's configuration, from the file to what it says.
 *
 * SPDX-License-Identifier: MIT
 *
 * All mistakes are told, not the first alone, and the file is used only when there is none.
 */
#include "config_reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/list.h"
#include "base/text.h"
#include "file.h"
#include "import/classes.h"
#include "view/import_words.h"
#include "view/values.h"

static const char *const kind_words[] = {
    [KIND_NONE] = "",
    [KIND_SERVE] = "serve",
    [KIND_SYNC] = "sync",
    [KIND_PROVIDER] = "provider",
    [KIND_POOL] = "pool",
    [KIND_IMPORT] = "import",
    NULL,
};

#define NAME_SEED UINT64_C(0x70726f)

/* ---- mistakes and memory --------------------------------------------------------------------- */

void config_tell(struct reading *reading, const char *why)
{
    reading->mistakes++;
    listener_trouble(reading->listener, "%s:%u: %s", reading->config->path, reading->line, why);
}

int config_keep(struct reading *reading, const char *text, const char **to)
{
    struct config *config = reading->config;
    char **texts;

    if (!*text)
        return listener_fail(&reading->why, "it has no value");
    texts = tq__list_room(config->texts, config->text_count, &config->text_capacity, sizeof *texts);
    if (texts)
        config->texts = texts;
    *to = texts ? strdup(text) : NULL;
    if (!*to)
        return listener_fail(&reading->why, "out of memory");
    texts[config->text_count++] = (char *)(uintptr_t)*to;
    return 0;
}

int config_add_path(struct reading *reading, struct config_import *import, const char *path)
{
    char **paths =
        tq__list_room(import->paths, import->path_count + 1, &import->path_capacity, sizeof *paths);
    const char *kept = NULL;

    if (!paths)
        return listener_fail(&reading->why, "out of memory");
    import->paths = paths;
    if (path && config_keep(reading, path, &kept) < 0)
        return -1;
    if (path)
        paths[import->path_count++] = (char *)(uintptr_t)kept;
    paths[import->path_count] = NULL;
    return 0;
}

/* ---- sections -------------------------------------------------------------------------------- */

/* What belongs together is looked at when its section is over. */
static void end_provider(struct reading *reading, struct config_provider *provider)
{
    if (settings_fit(&provider->values, provider->given, &reading->why) < 0)
        config_tell(reading, reading->why.why);
    if (!provider->poll && provider->every_ns)
        config_tell(reading, "every goes with poll; a probe runs when it is due");
    if (!provider->poll && !provider->probe && (provider->timeout_ns || provider->profile))
        config_tell(reading, provider->profile ? "profile goes with poll or probe"
                                               : "timeout goes with poll or probe");
}

static void end_import(struct reading *reading, struct config_import *import)
{
    import->logs.paths = import->paths;
    if (!import->has_source && source_find(import->name, &import->logs.source, &reading->why) < 0)
        config_tell(reading,
                    "the name is none of a source; write source = claude, or another of `tokenquota import "
                    "--help`");
    else if (import_logs_fit(&import->logs, &reading->why) < 0)
        config_tell(reading, reading->why.why);
}

static void end_sync(struct reading *reading, const struct config_sync *sync)
{
    if (!sync->to)
        config_tell(reading, "it needs a server; write to = redis://HOST");
}

static void end_section(struct reading *reading)
{
    reading->line = reading->section_line;
    if (reading->kind == KIND_SYNC)
        end_sync(reading, reading->section);
    if (reading->kind == KIND_PROVIDER || reading->kind == KIND_POOL)
        end_provider(reading, reading->section);
    if (reading->kind == KIND_IMPORT)
        end_import(reading, reading->section);
    reading->kind = KIND_NONE;
    reading->given = 0;
}

/* There is one of this name already, whose line is given. */
static void tell_twice(struct reading *reading, const char *what, unsigned line)
{
    char why[CONFIG_SECTION_BYTES + 64];

    snprintf(why, sizeof why, "%s has a section at line %u already; write its keys there", what, line);
    config_tell(reading, why);
}

/* The name of a section of an import, or of a provider, and its line. */
static const char *name_of(const struct config *config, bool import, uint32_t number, unsigned *line)
{
    *line = import ? config->imports[number].line : config->providers[number].line;
    return import ? config->imports[number].name : config->providers[number].name;
}

/* Is there a section of this kind with this name already? Then that is told. */
static void expect_new(struct reading *reading, bool import, const char *name)
{
    const struct config *config = reading->config;
    struct tq__index *index = import ? &reading->imports : &reading->providers;
    uint64_t hash = tq__hash(NAME_SEED, name, strlen(name));
    uint32_t number;
    unsigned line;

    for (size_t at = 0; (number = tq__index_find(index, hash, &at)) != TQ__INDEX_END;)
        if (strcmp(name_of(config, import, number, &line), name) == 0) {
            tell_twice(reading, name, line);
            return;
        }
    if (!tq__index_add(index, hash, (uint32_t)(import ? config->import_count : config->provider_count)))
        config_tell(reading, "out of memory");
}

static int begin_provider(struct reading *reading, const char *name)
{
    struct config *config = reading->config;
    size_t count = config->provider_count;
    struct config_provider *all;

    expect_new(reading, false, name);
    all = tq__list_room(config->providers, count, &config->provider_capacity, sizeof *all);
    if (!all)
        return listener_fail(&reading->why, "out of memory");
    config->providers = all;
    reading->section = &all[count];
    all[count] = (struct config_provider){.line = reading->line};
    if (config_keep(reading, name, &all[count].name) < 0)
        return -1;
    config->provider_count++;
    return 0;
}

static int begin_import(struct reading *reading, const char *name)
{
    struct config *config = reading->config;
    size_t count = config->import_count;
    struct config_import *all;

    expect_new(reading, true, name);
    all = tq__list_room(config->imports, count, &config->import_capacity, sizeof *all);
    if (!all)
        return listener_fail(&reading->why, "out of memory");
    config->imports = all;
    reading->section = &all[count];
    all[count] = (struct config_import){.line = reading->line, .logs.count = classes_count("counted")};
    if (config_keep(reading, name, &all[count].name) < 0)
        return -1;
    config->import_count++;
    return config_add_path(reading, &all[count], NULL);
}

static int begin_serve(struct reading *reading, const char *name)
{
    if (*name)
        return listener_fail(&reading->why, "[serve] has no name; write [serve]");
    if (reading->serve_line)
        tell_twice(reading, "[serve]", reading->serve_line);
    reading->serve_line = reading->line;
    reading->section = &reading->config->serve;
    return 0;
}

static int begin_sync(struct reading *reading, const char *name)
{
    struct config_sync *sync = &reading->config->sync;

    if (*name)
        return listener_fail(&reading->why, "[sync] has no name; write [sync]");
    if (sync->line)
        tell_twice(reading, "[sync]", sync->line);
    sync->line = reading->line;
    reading->section = sync;
    return 0;
}

/* kind is KIND_NONE for a word that there is not. */
static int begin(struct reading *reading, enum kind kind, const char *name)
{
    switch (kind) {
    case KIND_SERVE:
        return begin_serve(reading, name);
    case KIND_SYNC:
        return begin_sync(reading, name);
    case KIND_PROVIDER:
    case KIND_POOL:
        return begin_provider(reading, name);
    case KIND_IMPORT:
        return begin_import(reading, name);
    default:
        return -1;
    }
}

static void on_section(struct config_lines *lines, const char *text)
{
    struct reading *reading = lines->context;
    size_t len = text ? strcspn(text, " \t") : 0;
    const char *name = text ? text + len + strspn(text + len, " \t") : NULL;
    char word[64], unnamed[128];
    enum kind kind = KIND_SERVE;

    end_section(reading);
    reading->line = reading->section_line = lines->number;
    if (!text)
        return; /* which was told */
    snprintf(word, sizeof word, "%.*s", (int)len, text);
    while (kind_words[kind] && strcmp(kind_words[kind], word) != 0)
        kind++;
    if (!kind_words[kind]) {
        (void)word_unknown(&reading->why, "unknown section", "", word, kind_words + KIND_SERVE,
                           "write [serve], [sync], [provider NAME], [pool NAME] or [import NAME]");
        config_tell(reading, reading->why.why);
        return;
    }
    if (kind != KIND_SERVE && kind != KIND_SYNC && !*name) {
        snprintf(unnamed, sizeof unnamed, "the section has no name; write [%s NAME]", word);
        config_tell(reading, unnamed);
    } else if (begin(reading, kind, name) < 0) {
        config_tell(reading, reading->why.why);
    } else {
        reading->kind = kind;
    }
}

static void on_key(struct config_lines *lines, const char *word, const char *value, bool continued)
{
    struct reading *reading = lines->context;

    reading->line = lines->number;
    if (reading->kind != KIND_NONE)
        config_take(reading, word, value, continued);
    else if (!reading->section_line)
        config_tell(reading, "the key stands before the first section; write [serve] above it");
}

static void on_wrong(struct config_lines *lines, const char *why)
{
    struct reading *reading = lines->context;

    reading->line = lines->number;
    config_tell(reading, why);
}

/* ---- the file -------------------------------------------------------------------------------- */

/* The line that holds a byte. */
static unsigned line_of(const char *text, const char *at)
{
    unsigned line = 1;

    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

/* What keeps the text from being read at all. */
static const char *unfit(struct reading *reading, const char *text, size_t len)
{
    const char *nul = memchr(text, '\0', len);

    if (nul)
        reading->line = line_of(text, nul);
    if (nul)
        return "there is a byte of zero; it takes text";
    return tq__utf8_is_valid((struct tq__span){text, len}) ? NULL : "the file is not UTF-8; save it as UTF-8";
}

struct config *config_parse(const char *path, const char *text, size_t len, struct listener *listener)
{
    struct config *config = calloc(1, sizeof *config);
    struct reading reading = {
        .config = config,
        .listener = listener,
        .line = 1,
        .lines = {.text = text, .len = len, .section = on_section, .key = on_key, .wrong = on_wrong},
    };
    const char *wrong;

    if (!config || !(config->path = strdup(path))) {
        listener_trouble(listener, "out of memory");
        free(config);
        return NULL;
    }
    atomic_init(&config->shares, 1);
    reading.lines.context = &reading;
    wrong = unfit(&reading, text, len);
    if (wrong) {
        config_tell(&reading, wrong);
    } else {
        config_lines_read(&reading.lines);
        end_section(&reading);
    }
    free(reading.providers.slots);
    free(reading.imports.slots);
    if (reading.mistakes == 0)
        return config;
    config_drop(config);
    return NULL;
}

struct config *config_read(const char *path, struct listener *listener)
{
    struct config *config = NULL;
    struct listener why = {0};
    struct file file;

    if (file_read(path, CONFIG_BYTES_MOST, &file, &why) == 0 && file.mode & S_IWOTH)
        (void)listener_fail(&why, "everybody may write it, and its commands run as you; run chmod o-w on it");
    if (*why.why)
        listener_trouble(listener, "%s: %s", path, why.why);
    else
        config = config_parse(path, file.text, file.len, listener);
    file_free(&file);
    return config;
}
