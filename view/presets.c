/* presets.c: the limits of vendors' plans, read from files of JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#include "view/presets.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/text.h"
#include "base/time.h"
#include "view/json.h"

#define FILE_MOST (1 << 20) /* bytes */

/* A file while it is read. */
struct reading {
    struct presets *presets;
    const char *path;
    char *bytes; /* ends in a NUL */
    size_t len;
};

static int wrong(struct reading *reading, size_t line, size_t column, const char *what)
{
    snprintf(reading->presets->wrong, sizeof reading->presets->wrong, "%s:%zu:%zu: %s", reading->path, line,
             column, what);
    return -1;
}

/* The parser tells no places of values, so the place is where the text stands in the file: the first time
 * behind the text `behind`. NULL: anywhere. */
__attribute__((format(printf, 4, 5))) static int wrong_at(struct reading *reading, const char *behind,
                                                          const char *text, const char *format, ...)
{
    const char *from = behind ? strstr(reading->bytes, behind) : NULL;
    const char *at = text ? strstr(from ? from : reading->bytes, text) : from;
    size_t line = 1, column = 1;
    char what[256];
    va_list list;

    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    for (const char *c = reading->bytes; at && c < at; c++) {
        line += *c == '\n';
        column = *c == '\n' ? 1 : column + 1;
    }
    return wrong(reading, line, column, what);
}

/* ---- members --------------------------------------------------------------------------------- */

/* A member of an object that is a text, or one that may be left out. */
struct member {
    const char *name;
    const char **to;
    bool optional;
};

/* Texts are printed as they are. */
static bool has_control(const char *text)
{
    struct tq__span rest = tq__span_of(text);
    uint32_t character;

    while (rest.len > 0) {
        rest = tq__span_behind(rest, tq__utf8_read(rest, &character)); /* jansson takes nothing but UTF-8 */
        if (tq__is_control(character))
            return true;
    }
    return false;
}

static int read_text(struct reading *reading, json_t *object, const char *of, const struct member *member)
{
    json_t *value = json_object_get(object, member->name);

    *member->to = json_string_value(value);
    if (value && (!json_is_string(value) || json_string_length(value) == 0))
        return wrong_at(reading, of, member->name, "\"%s\" is no text", member->name);
    if (!value && !member->optional)
        return wrong_at(reading, of, NULL, "\"%s\" is missing", member->name);
    if (value && has_control(*member->to))
        return wrong_at(reading, of, member->name, "\"%s\" has a control character", member->name);
    return 0;
}

/* Reads texts; `other` is a member that is none. of is the name of the preset. */
static int read_texts(struct reading *reading, json_t *object, const char *of, const struct member *members,
                      const char *other)
{
    const char *names[8] = {NULL}, *key, *near;
    json_t *value;
    size_t count = 0;

    for (; members[count].name; count++) {
        int answer = read_text(reading, object, of, &members[count]);

        if (answer < 0)
            return answer;
        names[count] = members[count].name;
    }
    names[count] = other;
    json_object_foreach(object, key, value)
    {
        size_t i = 0;

        while (names[i] && strcmp(names[i], key) != 0)
            i++;
        near = names[i] ? NULL : tq__nearest(tq__span_of(key), names);
        if (!names[i])
            return wrong_at(reading, of, key, "\"%s\" is no member%s%s%s", key,
                            near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    }
    return 0;
}

static bool is_date(const char *text)
{
    char full[64];
    int64_t at_ns;

    if (strlen(text) != TQ__DATE_LENGTH)
        return false;
    snprintf(full, sizeof full, "%sT00:00:00Z", text);
    return tq__time_rfc3339(tq__span_of(full), &at_ns) == 0;
}

static int read_limit(struct reading *reading, json_t *object, const char *of, struct preset_limit *limit)
{
    struct tq_error error = {.size = sizeof error};
    const struct member members[] = {
        {"limit", &limit->sentence, false},
        {"source", &limit->source, false},
        {"date", &limit->date, false},
        {"note", &limit->note, true},
        {0},
    };

    if (!json_is_object(object))
        return wrong_at(reading, of, "limits",
                        "each limit is an object with \"limit\", \"source\" and \"date\"");
    if (read_texts(reading, object, of, members, NULL) < 0)
        return -1;
    limit->limit.size = sizeof limit->limit;
    if (tq_limit_parse(limit->sentence, &limit->limit, &error) != 0)
        return wrong_at(reading, of, limit->sentence, "%s", error.msg);
    if (strncmp(limit->source, "https://", 8) != 0)
        return wrong_at(reading, of, limit->source, "the source is no address that begins with https://");
    if (!is_date(limit->date))
        return wrong_at(reading, of, limit->date, "the date is no day such as 2026-10-17");
    return 0;
}

/* ---- presets --------------------------------------------------------------------------------- */

/* Names are typed: letters, digits, dots and dashes. */
static bool is_name(const char *name)
{
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") == strlen(name) && *name != '-';
}

static int read_limits(struct reading *reading, json_t *object, const char *of, struct preset *preset)
{
    json_t *limits = json_object_get(object, "limits");

    preset->count = json_array_size(limits);
    if (preset->count == 0 || preset->count > TQ_LIMITS_MAX)
        return wrong_at(reading, of, NULL, "\"limits\" is no list of 1 to %d limits", TQ_LIMITS_MAX);
    for (size_t i = 0; i < preset->count; i++)
        if (read_limit(reading, json_array_get(limits, i), of, &preset->limits[i]) < 0)
            return -1;
    return 0;
}

static int read_preset(struct reading *reading, json_t *object, size_t first)
{
    struct presets *presets = reading->presets;
    struct preset preset = {.file = reading->path}, *items;
    const struct member members[] = {
        {"name", &preset.name, false}, {"title", &preset.title, false},    {"vendor", &preset.vendor, false},
        {"note", &preset.note, true},  {"overage", &preset.overage, true}, {0},
    };
    const struct preset *before;
    char of[128];

    if (!json_is_object(object))
        return wrong_at(reading, NULL, "presets", "each preset is an object");
    snprintf(of, sizeof of, "\"%s\"",
             json_is_string(json_object_get(object, "name"))
                 ? json_string_value(json_object_get(object, "name"))
                 : "presets");
    if (read_texts(reading, object, of, members, "limits") < 0)
        return -1;
    if (!is_name(preset.name))
        return wrong_at(reading, of, NULL, "the name has other characters than a-z, 0-9, \".\" and \"-\"");
    if (preset.overage && strcmp(preset.overage, "stop") != 0 && strcmp(preset.overage, "allow") != 0)
        return wrong_at(reading, of, "overage", "the overage is neither \"allow\" nor \"stop\"");
    if (read_limits(reading, object, of, &preset) < 0)
        return -1;
    before = presets_find(presets, preset.name);
    if (before)
        return before >= presets->items + first ? wrong_at(reading, of, NULL, "this name is there twice") : 0;
    items = tq__list_room(presets->items, presets->count, &presets->capacity, sizeof *items);
    if (!items)
        return wrong(reading, 1, 1, "out of memory");
    presets->items = items;
    items[presets->count++] = preset;
    return 0;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* 0; 1: there is no such file. */
static int load(struct reading *reading)
{
    FILE *file = fopen(reading->path, "re");
    int answer = 0;

    if (!file && (errno == ENOENT || errno == ENOTDIR))
        return 1;
    reading->bytes = file ? malloc(FILE_MOST + 1) : NULL;
    if (reading->bytes)
        reading->len = fread(reading->bytes, 1, FILE_MOST + 1, file);
    if (!reading->bytes || ferror(file)) {
        snprintf(reading->presets->wrong, sizeof reading->presets->wrong, "%s: %s", reading->path,
                 strerror(errno));
        answer = -1;
    } else if (reading->len > FILE_MOST) {
        answer = wrong(reading, 1, 1, "the file is larger than 1 MiB");
    } else {
        reading->bytes[reading->len] = '\0';
    }
    if (file)
        fclose(file);
    return answer;
}

/* Keeps the document and the path, to which presets point. */
static int keep(struct reading *reading, json_t *document)
{
    struct presets *presets = reading->presets;
    json_t **documents = tq__list_room(presets->documents, presets->file_count, &presets->document_capacity,
                                       sizeof *documents);
    char **files = tq__list_room(presets->files, presets->file_count, &presets->file_capacity, sizeof *files);
    char *path = strdup(reading->path);

    presets->documents = documents ? documents : presets->documents;
    presets->files = files ? files : presets->files;
    if (!documents || !files || !path) {
        json_decref(document);
        free(path);
        return wrong(reading, 1, 1, "out of memory");
    }
    files[presets->file_count] = path;
    documents[presets->file_count++] = document;
    reading->path = path;
    return 0;
}

static int read_document(struct reading *reading)
{
    json_error_t error;
    json_t *document = json_loadb(reading->bytes, reading->len, JSON_REJECT_DUPLICATES, &error), *list;
    size_t first = reading->presets->count;

    if (!document)
        return wrong(reading, (size_t)(error.line > 0 ? error.line : 1),
                     (size_t)(error.column > 0 ? error.column : 1), error.text);
    if (keep(reading, document) < 0)
        return -1;
    list = json_object_get(document, "presets");
    if (!json_is_array(list) || json_object_size(document) != 1)
        return wrong(reading, 1, 1, "the file is no object with one member, the list \"presets\"");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (read_preset(reading, json_array_get(list, i), first) < 0)
            return -1;
    return 0;
}

int presets_read(struct presets *presets, const char *path)
{
    struct reading reading = {.presets = presets, .path = path};
    int answer = load(&reading);

    if (answer == 0)
        answer = read_document(&reading);
    free(reading.bytes);
    return answer;
}

const struct preset *presets_find(const struct presets *presets, const char *name)
{
    for (size_t i = 0; i < presets->count; i++)
        if (strcmp(presets->items[i].name, name) == 0)
            return &presets->items[i];
    return NULL;
}

void presets_free(struct presets *presets)
{
    for (size_t i = 0; i < presets->file_count; i++) {
        json_decref(presets->documents[i]);
        free(presets->files[i]);
    }
    free(presets->documents);
    free(presets->files);
    free(presets->items);
    *presets = (struct presets){0};
}

/* ---- what they say --------------------------------------------------------------------------- */

bool preset_limit_has_amount(const struct preset_limit *limit)
{
    return limit->limit.known & TQ_LIMIT_AMOUNT && limit->limit.amount > 0;
}

json_t *preset_json(const struct preset *preset)
{
    json_t *limits = json_array();

    for (size_t i = 0; i < preset->count; i++) {
        const struct preset_limit *limit = &preset->limits[i];

        json_array_append_new(limits,
                              json_pack("{s:s, s:s, s:s, s:s?, s:b, s:b}", "limit", limit->sentence, "source",
                                        limit->source, "date", limit->date, "note", limit->note, "stated",
                                        limit->limit.window == TQ_WINDOW_STATED, "has_amount",
                                        preset_limit_has_amount(limit)));
    }
    return json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:s, s:o}", "name", preset->name, "title", preset->title,
                     "vendor", preset->vendor, "note", preset->note, "overage", preset->overage, "file",
                     preset->file, "limits", limits);
}
