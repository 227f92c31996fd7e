/* config_lines.c: the lines of a configuration: sections, and keys with their values, each with its number.
 *
 * SPDX-License-Identifier: MIT
 *
 * inih reads the lines: comments, blanks, keys, values, lines that go on. As distributions build it, it names
 * no line numbers, cuts the names of sections after 49 bytes, takes what is behind its buffer for another
 * line, and tells of the first mistake alone. So it is handed one line after the other, and what it would
 * lose is looked at here.
 */
#include "config_lines.h"

#include <dlfcn.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "base/symbol.h"
#include "base/text.h"

#define LIBRARY "libinih.so.1"
#define LINE_MOST 197 /* bytes of a line, which inih holds as Debian builds it */
#define BLANKS " \t\r\n\v\f"

/* What is behind the ] of a section. */
static bool is_over(struct tq__span rest)
{
    rest = tq__span_trim(rest);
    return rest.len == 0 || *rest.at == ';' || *rest.at == '#';
}

static void take_section(struct config_lines *lines, struct tq__span line)
{
    const char *end = memchr(line.at, ']', line.len);
    char name[CONFIG_SECTION_BYTES];
    struct tq__span inside;

    if (!end || !is_over(tq__span_behind(line, (size_t)(end + 1 - line.at)))) {
        lines->wrong(lines,
                     end ? "there is something behind the \"]\" of the section" : "the section has no \"]\"");
        lines->section(lines, NULL);
        return;
    }
    inside = tq__span_trim((struct tq__span){line.at + 1, (size_t)(end - line.at - 1)});
    snprintf(name, sizeof name, "%.*s", (int)inside.len, inside.at);
    if (inside.len >= sizeof name)
        lines->wrong(lines, "the name of the section is too long");
    lines->section(lines, inside.len < sizeof name ? name : NULL);
}

/* Looks at a line before inih does. False: inih must not see it. */
static bool look(struct config_lines *lines, struct tq__span line, size_t most)
{
    struct tq__span rest = tq__span_trim(line);
    char why[128];

    if (lines->number == 1 && tq__span_begins(rest, "\xef\xbb\xbf"))
        rest = tq__span_trim(tq__span_behind(rest, 3));
    if (rest.len == 0 || *rest.at == ';' || *rest.at == '#')
        return true;
    if (*rest.at == '[') {
        take_section(lines, rest);
        return false;
    }
    if (line.len > most) {
        snprintf(why, sizeof why,
                 "the line is longer than %zu bytes; split it: a line that begins with a blank goes on with "
                 "the value above",
                 most);
        lines->wrong(lines, why);
        return false;
    }
    lines->blank = strchr(BLANKS, line.at[0]) != NULL;
    lines->waits = true;
    return true;
}

static void expect_none(struct config_lines *lines)
{
    if (lines->waits)
        lines->wrong(lines, "this is no section, and no KEY = VALUE");
    lines->waits = false;
}

/* As fgets: gives inih the next line. A section becomes one that it can hold, so that it forgets the key
 * above. */
static char *next_line(char *out, int capacity, void *stream)
{
    struct config_lines *lines = stream;
    const char *start = lines->text + lines->at, *end;
    struct tq__span line;
    size_t most = capacity > 3 ? (size_t)capacity - 3 : 0; /* without "\r\n" and the NUL */

    expect_none(lines);
    if (most > LINE_MOST)
        most = LINE_MOST;
    if (lines->at >= lines->len)
        return NULL;
    end = memchr(start, '\n', lines->len - lines->at);
    line = (struct tq__span){start, end ? (size_t)(end - start) : lines->len - lines->at};
    lines->at += line.len + (end != NULL);
    lines->number++;
    if (tq__span_ends(line, "\r"))
        line.len--;
    if (!look(lines, line, most)) {
        line = TQ__SPAN("[]");
        lines->has_key = false;
    } else if (!lines->waits) {
        line.len = 0;
    }
    snprintf(out, (size_t)capacity, "%.*s\n", (int)line.len, line.at);
    return out;
}

static int on_key(void *user, const char *section, const char *key, const char *value)
{
    struct config_lines *lines = user;

    (void)section;
    if (!key || !value)
        return 1;
    lines->waits = false;
    lines->key(lines, key, value, lines->blank && lines->has_key);
    lines->has_key = true;
    return 1;
}

/* The library is loaded for the first file, so that the command does not wait for it each time it starts, and
 * stays loaded. NULL: it cannot be. */
static int (*find_parser(void))(ini_reader, void *, ini_handler, void *)
{
    int (*parser)(ini_reader, void *, ini_handler, void *) = NULL;
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

    if (library)
        (void)tq__symbol_take(dlsym(library, "ini_parse_stream"), &parser, sizeof parser);
    return parser;
}

void config_lines_read(struct config_lines *lines)
{
    int (*parse)(ini_reader, void *, ini_handler, void *) = find_parser();

    lines->at = 0;
    lines->number = 0;
    if (parse)
        (void)parse(next_line, lines, on_key, lines);
    else
        lines->wrong(lines, "cannot load " LIBRARY ", which reads it; install Debian's package libinih1");
    expect_none(lines);
}
