/* budgets.c: budgets as people write them, PROVIDER=TOKENS, from the command line and from files.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/list.h"
#include "cli.h"

/* Where a budget was said, for the messages. */
struct place {
    const char *file;
    uint64_t line;
};

static void complain(const struct place *place, const char *text, size_t len, const char *why)
{
    if (place->file)
        report("%s:%llu: \"%.*s\" %s", place->file, (unsigned long long)place->line, (int)len, text, why);
    else
        report("--budget: \"%.*s\" %s", (int)len, text, why);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void trim(const char **text, size_t *len)
{
    while (*len && is_space((*text)[*len - 1]))
        --*len;
    while (*len && is_space(**text)) {
        ++*text;
        --*len;
    }
}

static void append(struct budgets *budgets, const char *name, size_t len, int64_t tokens,
                   const struct place *place)
{
    char *copy = must_have(strndup(name, len));

    budgets->items =
        must_have(tq__list_room(budgets->items, budgets->count, &budgets->capacity, sizeof *budgets->items));
    budgets->items[budgets->count++] =
        (struct budget){.provider = copy, .tokens = tokens, .file = place->file, .line = place->line};
}

static int add(struct budgets *budgets, const char *text, size_t len, const struct place *place)
{
    size_t split = len;
    int64_t tokens = 0;

    trim(&text, &len);
    for (split = len; split > 0 && text[split - 1] != '=';)
        split--;
    if (split == 0) {
        complain(place, text, len, "has no \"=\"; write PROVIDER=TOKENS");
        return -1;
    }
    const char *name = text, *number = text + split;
    size_t name_len = split - 1, number_len = len - split;

    trim(&name, &name_len);
    trim(&number, &number_len);
    if (name_len == 0) {
        complain(place, text, len, "names no provider; write PROVIDER=TOKENS");
        return -1;
    }
    const char *wrong = tokens_parse(number, number_len, &tokens);

    if (wrong) {
        complain(place, number, number_len, wrong);
        return -1;
    }
    append(budgets, name, name_len, tokens, place);
    return 0;
}

int budgets_add(struct budgets *budgets, const char *text)
{
    return add(budgets, text, strlen(text), &(struct place){0});
}

/* The length of a line without its comment. */
static size_t without_comment(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (line[i] == '#' && (i == 0 || is_space(line[i - 1])))
            return i;
    return len;
}

static int read_lines(struct budgets *budgets, FILE *file, const char *path)
{
    struct place place = {.file = path};
    char *line = NULL;
    size_t room = 0;
    ssize_t got;
    int result = -1;

    while ((got = getline(&line, &room, file)) >= 0) {
        const char *text = line;
        size_t len = (size_t)got;

        place.line++;
        if (memchr(line, '\0', len)) {
            report("%s:%llu: a NUL byte: this is no text file", path, (unsigned long long)place.line);
            goto out;
        }
        len = without_comment(text, len);
        trim(&text, &len);
        if (len && add(budgets, text, len, &place) < 0)
            goto out;
    }
    if (ferror(file)) {
        report("%s: %s", path, strerror(errno));
        goto out;
    }
    result = 0;
out:
    free(line);
    return result;
}

int budgets_read(struct budgets *budgets, const char *path)
{
    struct stat info;
    FILE *file = fopen(path, "r");

    if (!file) {
        report("--budgets: %s: %s", path, strerror(errno));
        return -1;
    }
    int result = -1;

    if (fstat(fileno(file), &info) == 0 && S_ISDIR(info.st_mode))
        report("--budgets: %s: is a directory; give a file with one PROVIDER=TOKENS a line", path);
    else
        result = read_lines(budgets, file, path);
    fclose(file);
    return result;
}

void budgets_free(struct budgets *budgets)
{
    for (size_t i = 0; i < budgets->count; i++)
        free(budgets->items[i].provider);
    free(budgets->items);
    *budgets = (struct budgets){0};
}
