/* guess.c: says what a file seems to be in which a source found nothing.
 *
 * SPDX-License-Identifier: MIT
 *
 * A log may well have no usage in it yet. So the file is the source's when it has a word that its tool
 * writes, and no other tool has more such words in it. Of a database the tables are looked at. Somebody who
 * names a file of another kind is told so, rather than that nothing is new.
 */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "entry.h"
#include "error.h"
#include "sources.h"
#include "table.h"

#define LOOK_BYTES 262144u

#define ENOUGH_MARKS 2 /* a file that has so many of a source's is of the source, whatever else is in it */

/* ---- whose it is ----------------------------------------------------------------------------- */

/* How many of the source's marks are in the text. */
static unsigned count_marks(const struct tq_log_source *source, struct tq__span text)
{
    const char *const *mark = source->marks;
    unsigned count = source->older ? count_marks(source->older, text) : 0;

    for (; *mark; mark++)
        count += memmem(text.at, text.len, *mark, strlen(*mark)) != NULL;
    return count;
}

/* How many of the tables that the source reads are in the database. */
static unsigned count_tables(const struct tq_log_source *source, const char *path)
{
    const struct tq__log_query *query = source->queries;
    unsigned count = 0;

    for (; query && query->table; query++)
        count += tq__log_table_has(path, "sqlite_master", "name", tq__span_of(query->table));
    return count;
}

static bool is_database(struct tq__span text)
{
    return text.len >= 16 && memcmp(text.at, "SQLite format 3", 16) == 0;
}

static unsigned count(const struct tq_log_source *source, const char *path, struct tq__span text)
{
    return is_database(text) ? count_tables(source, path) : count_marks(source, text);
}

/* The other source of which the most is in the text, when that is more than `own`; NULL: none. */
static const struct tq_log_source *find_other(const struct tq_log_source *source, unsigned own,
                                              const char *path, struct tq__span text)
{
    const struct tq_log_source *other, *found = NULL;

    for (size_t i = 0; (other = tq_log_source_at(i)) != NULL; i++) {
        unsigned of_other = other == source ? 0 : count(other, path, text);

        if (of_other > own) {
            own = of_other;
            found = other;
        }
    }
    return found;
}

/* ---- what it is ------------------------------------------------------------------------------ */

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

    if (is_database(text))
        return "a database of SQLite";
    if (memchr(text.at, '\0', text.len))
        return "no text";
    if (line.at[0] == '{' || line.at[0] == '[')
        return "JSON of another kind";
    return memchr(line.at, ',', line.len) ? "CSV" : "text";
}

/* Is there nothing in the text, or an empty list? In a database: is there no table? */
static bool holds_nothing(const struct tq_log_source *source, const char *path, struct tq__span text)
{
    size_t i = 0;

    if (is_database(text))
        return source->queries && !tq__log_table_has(path, "sqlite_master", "type", tq__span_of("table"));
    while (i < text.len && text.at[i] != '\0' && strchr(" \t\r\n[]", text.at[i]))
        i++;
    return i == text.len;
}

/* Does the reader of CSV and JSONL say by itself what is wrong, or wait for the rest of a line? */
static bool explains_itself(const struct tq_log_source *source, struct tq__span text)
{
    struct tq__span line = first_line(text);
    bool is_whole = line.at + line.len < text.at + text.len || tq__json_object(line, NULL, 0);

    return source->unit == TQ__LOG_ROWS && !source->queries && !(line.at[0] == '{' && is_whole);
}

static int judge(const struct tq_log_source *source, const char *path, struct tq__span text,
                 struct tq_log_error *error)
{
    unsigned own = count(source, path, text);
    const struct tq_log_source *other;

    if (own >= ENOUGH_MARKS || holds_nothing(source, path, text))
        return 0;
    other = find_other(source, own, path, text);
    if (!other && (own > 0 || explains_itself(source, text)))
        return 0;
    if (!other)
        return tq__log_fail(error, TQ_LOG_BROKEN, 0, 0, "nothing of %s is in it; it seems to be %s",
                            source->title, kind_of(text));
    (void)tq__log_fail(error, TQ_LOG_BROKEN, 0, 0, "nothing of %s is in it; it seems to be of %s (source %s)",
                       source->title, other->title, other->name);
    return 1;
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
        answer = judge(source, path, (struct tq__span){text, len}, error);
    free(text);
    return answer;
}
