/* places.c: the folders where a tool keeps its logs, found from how the table of sources writes them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "places.h"

#include <glob.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define NAME_BYTES 64 /* of a variable */

/* An alternative of a place: what its variable or ~ stands for, and what follows it. */
struct place {
    const char *value; /* NULL: not set, or empty */
    bool is_list;      /* folders with commas between them */
    struct tq__span rest;
};

static struct place read_alternative(struct tq__span text)
{
    struct place place = {.rest = tq__span_behind(text, 1)};
    const char *slash = memchr(text.at, '/', text.len);
    char name[NAME_BYTES] = "HOME";

    if (text.at[0] == '$') {
        size_t len = (slash ? (size_t)(slash - text.at) : text.len) - 1;

        place.rest = tq__span_behind(text, len + 1);
        len = len < sizeof(name) - 1 ? len : sizeof(name) - 1;
        memcpy(name, text.at + 1, len);
        name[len] = '\0';
        place.is_list = strncmp(name, "XDG_", 4) != 0;
    }
    place.value = getenv(name);
    if (place.value && (!*place.value || (strncmp(name, "XDG_", 4) == 0 && place.value[0] != '/')))
        place.value = NULL;
    return place;
}

/* Appends a text in which glob finds no pattern. */
static char *append_literally(char *out, struct tq__span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (strchr("*?[]{},\\~", text.at[i]))
            *out++ = '\\';
        *out++ = text.at[i];
    }
    return out;
}

/* Finds the folders of one value. */
static int find_in(struct tq__span folder, struct tq__span rest, int (*note)(void *context, char *path),
                   void *context)
{
    char *pattern = malloc(folder.len * 2 + rest.len + 1), *end, *path;
    glob_t found;
    int answer;

    if (!pattern)
        return -1;
    while (folder.len > 1 && folder.at[folder.len - 1] == '/')
        folder.len--;
    end = append_literally(pattern, folder);
    memcpy(end, rest.at, rest.len);
    end[rest.len] = '\0';
    answer = glob(pattern, GLOB_BRACE, NULL, &found);
    free(pattern);
    if (answer != 0)
        return answer == GLOB_NOSPACE ? -1 : 0;
    for (size_t i = 0; answer == 0 && i < found.gl_pathc; i++) {
        path = strdup(found.gl_pathv[i]);
        answer = path ? note(context, path) : -1;
    }
    globfree(&found);
    return answer;
}

static int find_all(const struct place *place, int (*note)(void *context, char *path), void *context)
{
    const char *at = place->value;
    int answer = 0;

    if (!place->is_list)
        return find_in(tq__span_of(at), place->rest, note, context);
    for (;;) {
        struct tq__span folder = {at, strcspn(at, ",")};
        const char *comma = at + folder.len;

        folder = tq__span_trim(folder);
        if (folder.len > 0)
            answer = find_in(folder, place->rest, note, context);
        if (answer != 0 || !*comma)
            return answer;
        at = comma + 1;
    }
}

int tq__log_place_find(const char *place, int (*note)(void *context, char *path), void *context)
{
    for (;;) {
        struct tq__span text = {place, strcspn(place, "|")};
        struct place found = read_alternative(text);

        if (found.value)
            return find_all(&found, note, context);
        if (!place[text.len])
            return 0;
        place += text.len + 1;
    }
}
