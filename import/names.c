/* names.c: the name of the provider under which an entry of a log is counted.
 *
 * SPDX-License-Identifier: MIT
 *
 * There is no {session}, because a name stays in a ledger and the number of sessions has no limit
 * (`tokenquota usage --by session` shows them). A project is a path, which is private: only its last part is
 * used.
 */
#include <string.h>

#include "base/text.h"
#include "import.h"

#define UNKNOWN "unknown"

enum { WORD_TOOL, WORD_VENDOR, WORD_MODEL, WORD_ACCOUNT, WORD_PROJECT, WORDS };

static const char *const words[WORDS + 1] = {"tool", "vendor", "model", "account", "project", NULL};

/* The word that begins at "{"; -1: none. *len is its length with both braces. */
static int take_word(const char *pattern, size_t *len)
{
    for (int i = 0; i < WORDS; i++) {
        size_t word_len = strlen(words[i]);

        if (strncmp(pattern + 1, words[i], word_len) == 0 && pattern[word_len + 1] == '}') {
            *len = word_len + 2;
            return i;
        }
    }
    return -1;
}

int names_check(const char *pattern, struct import_error *error)
{
    size_t len = 1;

    if (!*pattern)
        return import_fail(error, TQ_EINVAL, "is empty; write for example %s or {vendor}/{model}",
                           IMPORT_NAME_DEFAULT);
    for (const char *at = pattern; *at; at += len) {
        len = 1;
        if (*at == '{' && take_word(at, &len) < 0)
            return import_fail(error, TQ_EINVAL,
                               "\"%s\": what is in braces is tool, vendor, model, account or project",
                               pattern);
    }
    return 0;
}

const char *names_pattern(const char *given, const struct tq_log_source *source)
{
    const char *name = tq_log_source_name(source);

    if (given)
        return given;
    return strcmp(name, "csv") == 0 || strcmp(name, "jsonl") == 0 ? IMPORT_NAME_OF_ROWS : IMPORT_NAME_DEFAULT;
}

static const char *value_of(int word, const struct tq_log_source *source, const struct tq_log_entry *entry)
{
    const char *value = "";

    switch (word) {
    case WORD_TOOL:
        value = tq_log_source_name(source);
        break;
    case WORD_VENDOR:
        value = entry->vendor;
        break;
    case WORD_MODEL:
        value = entry->model;
        break;
    case WORD_ACCOUNT:
        value = entry->account;
        break;
    case WORD_PROJECT:
        value = tq__last_part(entry->project);
        break;
    }
    return *value ? value : UNKNOWN;
}

static size_t append(char *raw, size_t size, size_t used, const char *text, size_t len)
{
    size_t room = size - 1 - used;

    len = len < room ? len : room;
    memcpy(raw + used, text, len);
    return used + len;
}

void names_fill(char name[TQ_NAME_MAX + 1], const char *pattern, const struct tq_log_source *source,
                const struct tq_log_entry *entry)
{
    char raw[1024];
    size_t used = 0, len;

    for (const char *at = pattern; *at; at += len) {
        int word = *at == '{' ? take_word(at, &len) : -1;

        if (word < 0) {
            len = 1;
            used = append(raw, sizeof raw, used, at, 1);
            continue;
        }
        const char *value = value_of(word, source, entry);

        used = append(raw, sizeof raw, used, value, strlen(value));
    }
    tq__text_make_safe(name, TQ_NAME_MAX + 1, (struct tq__span){raw, used}, SIZE_MAX, 0);
}
