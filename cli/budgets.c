/* budgets.c: budgets as people write them, PROVIDER=TOKENS, from the command line and from files.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/list.h"
#include "cli.h"

/* Returns -1. */
static int complain(const struct budget *budget, struct tq__span text, const char *why)
{
    if (budget->file)
        report("%s:%llu: \"%.*s\" %s", budget->file, (unsigned long long)budget->line, (int)text.len, text.at,
               why);
    else
        report("--budget: \"%.*s\" %s", (int)text.len, text.at, why);
    return -1;
}

static struct tq__span trim(struct tq__span text)
{
    while (text.len > 0 && tq__ends_line(text.at[text.len - 1]))
        text.len--;
    return tq__span_trim(text);
}

/* budget has the place where text was said. */
static int add(struct budgets *budgets, struct tq__span text, struct budget budget)
{
    struct tq__span name, number;
    size_t split;
    const char *wrong;

    text = trim(text);
    for (split = text.len; split > 0 && text.at[split - 1] != '=';)
        split--;
    if (split == 0)
        return complain(&budget, text, "has no \"=\"; write PROVIDER=TOKENS");
    name = trim((struct tq__span){text.at, split - 1});
    number = trim(tq__span_behind(text, split));
    if (name.len == 0)
        return complain(&budget, text, "names no provider; write PROVIDER=TOKENS");
    wrong = tokens_parse(number.at, number.len, &budget.tokens);
    if (wrong)
        return complain(&budget, number, wrong);
    budget.provider = must_have(strndup(name.at, name.len));
    budgets->items =
        must_have(tq__list_room(budgets->items, budgets->count, &budgets->capacity, sizeof *budgets->items));
    budgets->items[budgets->count++] = budget;
    return 0;
}

int budgets_add(struct budgets *budgets, const char *text)
{
    return add(budgets, tq__span_of(text), (struct budget){0});
}

static struct tq__span without_comment(struct tq__span line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.at[i] == '#' && (i == 0 || line.at[i - 1] == ' ' || line.at[i - 1] == '\t'))
            line.len = i;
    return trim(line);
}

static int read_lines(struct budgets *budgets, FILE *file, const char *path)
{
    struct budget budget = {.file = path};
    char *line = NULL;
    size_t room = 0;
    ssize_t got;
    int result = 0;

    while (result == 0 && (got = getline(&line, &room, file)) >= 0) {
        struct tq__span text = without_comment((struct tq__span){line, (size_t)got});

        budget.line++;
        if (memchr(line, '\0', (size_t)got)) {
            report("%s:%llu: a NUL byte: this is no text file", path, (unsigned long long)budget.line);
            result = -1;
        } else if (text.len > 0) {
            result = add(budgets, text, budget);
        }
    }
    if (result == 0 && ferror(file)) {
        report("%s: %s", path, strerror(errno));
        result = -1;
    }
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
