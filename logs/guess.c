/* guess.c: says what a file seems to be in which a source found nothing.
 *
 * SPDX-License-Identifier: MIT
 *
 * A log may well have no usage in it yet. So the file is the source's when it has a word that its tool alone
 * writes. Somebody who names a file of another kind is told so, rather than that nothing is new.
 */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "database.h"
#include "entry.h"
#include "error.h"
#include "sources.h"

#define LOOK_BYTES 262144u

static bool has_marks(const struct tq_log_source *source, struct tq__span text)
{
    return source->marks[0] && tq__log_has_word(text.at, text.len, source->marks);
}

/* The first other source whose marks are in the text; NULL: none. */
static const struct tq_log_source *find_other(const struct tq_log_source *source, struct tq__span text)
{
    const struct tq_log_source *other;

    for (size_t i = 0; (other = tq_log_source_at(i)) != NULL; i++)
        if (other != source && has_marks(other, text))
            return other;
    return NULL;
}

static struct tq__span first_line(struct tq__span text)
{
    const char *end;

    while (text.len > 0 && strchr(" \t\r\n", text.at[0]))
        text = tq__span_behind(text, 1);
    end = text.len > 0 ? memchr(text.at, '\n', text.len) : NULL;
    return end ? (struct tq__span){text.at, (size_t)(end - text.at)} : text;
}

/* What a text without marks is. */
static const char *kind_of(struct tq__span text)
{
    struct tq__span line = first_line(text);

    if (text.len >= 16 && memcmp(text.at, "SQLite format 3", 16) == 0)
        return "a database of SQLite";
    if (memchr(text.at, '\0', text.len))
        return "no text";
    if (line.at[0] == '{' || line.at[0] == '[')
        return "JSON of another kind";
    return memchr(line.at, ',', line.len) ? "CSV" : "text";
}

/* Is there nothing in the text, or an empty list? */
static bool holds_nothing(struct tq__span text)
{
    size_t i = 0;

    while (i < text.len && text.at[i] != '\0' && strchr(" \t\r\n[]", text.at[i]))
        i++;
    return i == text.len;
}

static int judge(const struct tq_log_source *source, struct tq__span text, struct tq_log_error *error)
{
    const struct tq_log_source *other;

    if (holds_nothing(text) || has_marks(source, text) ||
        (source->queries && tq__log_database_is_one(NULL, text.at, text.len)))
        return 0;
    other = find_other(source, text);
    if (!other && !source->marks[0]) /* its reader says by itself what is wrong */
        return 0;
    if (other)
        return tq__log_fail(error, TQ_LOG_BROKEN, 0, 0,
                            "nothing of %s is in it; it seems to be of %s (source %s)", source->title,
                            other->title, other->name);
    return tq__log_fail(error, TQ_LOG_BROKEN, 0, 0, "nothing of %s is in it; it seems to be %s",
                        source->title, kind_of(text));
}

/* Reads the begin of the log, up to LOOK_BYTES. */
static int look(const char *path, char *text, size_t *len, struct tq_log_error *error)
{
    struct tq__log_bytes bytes;
    size_t got = 0;
    int answer = tq__log_bytes_open(&bytes, path, error);

    for (*len = 0; answer == 0 && *len < LOOK_BYTES; *len += got)
        answer = tq__log_bytes_read(&bytes, text + *len, LOOK_BYTES - *len, &got, error);
    tq__log_bytes_close(&bytes);
    return answer == TQ_LOG_BROKEN ? answer : 0;
}

int tq_log_source_check(const struct tq_log_source *source, const char *path, struct tq_log_error *error)
{
    char *text;
    size_t len;
    int answer;

    text = malloc(LOOK_BYTES);
    if (!text)
        return tq__log_fail_memory(error);
    answer = look(path, text, &len, error);
    if (answer == 0)
        answer = judge(source, (struct tq__span){text, len}, error);
    free(text);
    return answer;
}
