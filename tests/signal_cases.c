/* signal_cases.c: responses of vendors and what they mean, out of the files in tests/vectors/signals/.
 *
 * SPDX-License-Identifier: MIT
 *
 * A file is read whole, and its lines are cut where they are: the responses lose the "> " before each line
 * and so only ever move towards the file's beginning.
 */
#include "signal_cases.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "signal_words.h"

/* 2026-11-20 12:00 UTC, a Friday: when a response comes that does not say another time. */
#define NOON_NS INT64_C(1795176000000000000)

/* Which lines may come next. */
enum part { BETWEEN, HEAD, FIELDS, BODY, ANSWER };

struct reader {
    struct signal_cases *cases;
    struct signal_case *now; /* the case that is being read */
    enum part part;
    char *out; /* where the next line of the response goes */
    const char *fault;
};

static char *read_whole(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    long size;

    if (!file || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0)
        goto out;
    text = calloc(1, (size_t)size + 1);
    if (text && fread(text, 1, (size_t)size, file) != (size_t)size) {
        free(text);
        text = NULL;
    }
out:
    if (!text)
        printf("%s: %s\n", path, strerror(errno));
    if (file)
        fclose(file);
    return text;
}

static const char *start_case(struct reader *r, const char *name)
{
    struct signal_cases *cases = r->cases;

    for (size_t i = 0; i < cases->count; i++)
        if (strcmp(cases->list[i].name, name) == 0)
            return "a case of this name is there";
    if (cases->count == cases->capacity) {
        size_t capacity = cases->capacity ? cases->capacity * 2 : 64;
        struct signal_case *list = realloc(cases->list, capacity * sizeof(*list));

        if (!list)
            return "no memory";
        cases->list = list;
        cases->capacity = capacity;
    }
    r->now = &cases->list[cases->count++];
    *r->now = (struct signal_case){.now_ns = NOON_NS};
    r->part = HEAD;
    return (size_t)snprintf(r->now->name, sizeof(r->now->name), "%s", name) < sizeof(r->now->name)
               ? NULL
               : "the name is too long";
}

static const char *head_line(struct reader *r, const char *line)
{
    struct signal_case *c = r->now;

    if (strncmp(line, "by ", 3) == 0)
        return (size_t)snprintf(c->by, sizeof(c->by), "%s", line + 3) < sizeof(c->by) ? NULL : "too many";
    if (strncmp(line, "at ", 3) == 0)
        return signal_words_instant(line + 3, &c->now_ns) ? NULL : "no instant";
    if (strcmp(line, "day utc") != 0)
        return "not a line of a case's head";
    c->day = TQ_DAY_OF_UTC;
    return NULL;
}

/* One line of the response, without its "> ", copied to where the line before it ends. */
static const char *raw_line(struct reader *r, const char *line)
{
    struct signal_case *c = r->now;
    size_t len = strlen(line);
    char *at = r->out;

    memmove(at, line, len);
    at[len] = '\n';
    r->out = at + len + 1;
    if (r->part == BODY) {
        c->body_len = (size_t)(at + len - c->body);
    } else if (r->part == HEAD) {
        if (strncasecmp(at, "HTTP/", 5) != 0 || !c->by[0])
            return "a response begins with its status line, below the profiles that read it";
        c->status = (uint32_t)strtoul(at + strcspn(at, " \n"), NULL, 10);
        r->part = FIELDS;
    } else if (len == 0) {
        c->body = r->out;
        r->part = BODY;
    } else {
        char *colon = memchr(at, ':', len);

        if (!colon || c->field_count == SIGNAL_FIELDS_MAX)
            return "not a header, or too many";
        c->fields[c->field_count++] =
            (struct tq_field){at, (size_t)(colon - at), colon + 1, (size_t)(at + len - colon - 1)};
    }
    return NULL;
}

static const char *answer_line(struct reader *r, const char *line)
{
    struct signal_case *c = r->now;

    r->part = ANSWER;
    if (c->expected_count == SIGNAL_LINES_MAX)
        return "too many lines";
    return signal_words_line(line, c->now_ns, c->expected[c->expected_count++]) ? NULL : "cannot be read";
}

static const char *end_case(struct reader *r)
{
    struct signal_case *c = r->now;

    if (r->part == BETWEEN)
        return NULL;
    if (r->part != ANSWER)
        return "a case without an answer";
    signal_words_sort(c->expected, c->expected_count);
    r->part = BETWEEN;
    return NULL;
}

static const char *read_line(struct reader *r, char *line)
{
    bool raw = line[0] == '>' && (line[1] == ' ' || line[1] == '\0');

    if (line[0] == '#')
        return NULL;
    if (line[0] == '\0')
        return end_case(r);
    if (strncmp(line, "case ", 5) == 0)
        return r->part == BETWEEN ? start_case(r, line + 5) : "no blank line before a case";
    if (r->part == BETWEEN)
        return "no case";
    if (raw && r->part != ANSWER) {
        if (r->part == HEAD)
            r->out = line;
        return raw_line(r, line + (line[1] ? 2 : 1));
    }
    return r->part == HEAD ? head_line(r, line) : answer_line(r, line);
}

int signal_cases_read(struct signal_cases *cases, const char *path)
{
    struct reader reader = {.cases = cases, .part = BETWEEN};
    char *text = read_whole(path), *line = text;
    unsigned number = 1;

    if (!text)
        return -1;
    if (cases->text_count == SIGNAL_FILES_MAX) {
        printf("%s: too many files\n", path);
        free(text);
        return -1;
    }
    cases->text[cases->text_count++] = text;
    for (char *end; *line; line = end + 1, number++) {
        end = strchr(line, '\n');
        if (end)
            *end = '\0';
        reader.fault = end ? read_line(&reader, line) : "no line end";
        if (reader.fault)
            break;
    }
    if (!reader.fault)
        reader.fault = end_case(&reader);
    if (reader.fault)
        printf("%s:%u: %s\n", path, number, reader.fault);
    return reader.fault ? -1 : 0;
}

int signal_cases_read_folder(struct signal_cases *cases, const char *folder)
{
    struct dirent **names;
    int found = scandir(folder, &names, NULL, alphasort), files = 0;

    if (found < 0)
        printf("%s: %s\n", folder, strerror(errno));
    for (int i = 0; i < found; i++) {
        size_t len = strlen(names[i]->d_name);
        char path[512];

        snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
        if (files >= 0 && len > 4 && strcmp(names[i]->d_name + len - 4, ".txt") == 0)
            files = signal_cases_read(cases, path) == 0 ? files + 1 : -1;
        free(names[i]);
    }
    if (found >= 0)
        free(names);
    return found < 0 ? -1 : files;
}

void signal_cases_free(struct signal_cases *cases)
{
    for (size_t i = 0; i < cases->text_count; i++)
        free(cases->text[i]);
    free(cases->list);
    *cases = (struct signal_cases){.list = NULL};
}
