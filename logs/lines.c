/* lines.c: lines out of bytes, in one buffer of bounded size, without copying any.
 *
 * SPDX-License-Identifier: MIT
 *
 *     buffer  | given earlier | start: line | cursor: next lines ... | fill | room for one more block |
 *
 * When the line at the cursor has no end yet, it moves to the front and a block is read behind it. So the
 * bytes in use are those of a block (which stays in the processor's cache) and a line, however big the file.
 *
 *   L1  start <= cursor <= tail <= fill, and buffer[fill] is '\n': whoever walks over a line needs no bound,
 *       for what follows it is '\n' or '\r' in any case;
 *   L2  nul and quote are the first such byte in [cursor, fill), or fill: each byte is searched once, so that
 *       a log without them costs nothing by the line;
 *   L3  bytes in front of the cursor are never given again, but by again().
 */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A line with CR LF, not quite complete, and a block behind it. */
#define BUFFER_BYTES (TQ_LOG_LINE_MAX + 2 + TQ__LOG_BLOCK_BYTES)

#define BOM "\xef\xbb\xbf"

int tq__log_lines_open(struct tq__log_lines *lines, struct tq__log_source *source, struct tq_log_error *error)
{
    *lines = (struct tq__log_lines){.source = source};
    lines->buffer = malloc(BUFFER_BYTES + 1);
    if (!lines->buffer)
        return tq__log_fail(error, TQ_LOG_BROKEN, 0, ENOMEM, "not enough memory");
    lines->buffer[0] = '\n';
    return 0;
}

void tq__log_lines_close(struct tq__log_lines *lines)
{
    free(lines->buffer);
    lines->buffer = NULL;
}

/* The first such byte in [from, fill), or fill. */
static size_t find(const struct tq__log_lines *lines, char byte, size_t from)
{
    const char *at = memchr(lines->buffer + from, byte, lines->fill - from);

    return at ? (size_t)(at - lines->buffer) : lines->fill;
}

/* Reads a block behind what is there, after moving what is still needed to the front. */
static int refill(struct tq__log_lines *lines, struct tq_log_error *error)
{
    size_t gone = lines->start, old_fill, got;
    int answer;

    if (gone > 0) {
        memmove(lines->buffer, lines->buffer + gone, lines->fill - gone);
        lines->start = 0;
        lines->cursor -= gone;
        lines->tail -= gone;
        lines->fill -= gone;
        lines->nul -= gone;
        lines->quote -= gone;
    }
    old_fill = lines->fill;
    answer = tq__log_source_read(lines->source, lines->buffer + old_fill, TQ__LOG_BLOCK_BYTES, &got, error);
    if (answer == TQ_LOG_BROKEN)
        return answer;
    lines->ended = answer == TQ_LOG_END;
    lines->fill += got;
    lines->buffer[lines->fill] = '\n';
    if (lines->nul == old_fill)
        lines->nul = find(lines, '\0', old_fill);
    if (lines->quote == old_fill)
        lines->quote = find(lines, '"', old_fill);
    return 0;
}

static size_t without_cr(const char *text, size_t len)
{
    return len > 0 && text[len - 1] == '\r' ? len - 1 : len;
}

/* Finds the '\n' (or the end of the log) that ends the text which begins at start; it is not within the
 * first `from` bytes. *len is what the text has in front of it. TQ_LOG_BAD_LINE when that is too much;
 * TQ_LOG_END when there is nothing behind the first `from` bytes. */
static int find_end(struct tq__log_lines *lines, size_t from, size_t *len, struct tq_log_error *error)
{
    size_t searched = from;

    for (;;) {
        const char *text = lines->buffer + lines->start;
        size_t held = lines->fill - lines->start;
        const char *end = memchr(text + searched, '\n', held - searched);

        *len = end ? (size_t)(end - text) : held;
        if (without_cr(text, *len) > TQ_LOG_LINE_MAX)
            return TQ_LOG_BAD_LINE;
        if (end)
            return TQ_LOG_RECORD;
        if (lines->ended)
            return held > from ? TQ_LOG_RECORD : TQ_LOG_END;
        if (refill(lines, error) != 0)
            return TQ_LOG_BROKEN;
        searched = held;
    }
}

/* Behind the line end at `at`, which at the end of the log may be missing. */
static size_t behind(const struct tq__log_lines *lines, size_t at)
{
    return at < lines->fill ? at + 1 : at;
}

static void move_cursor(struct tq__log_lines *lines, size_t to)
{
    lines->cursor = lines->tail = to;
    if (lines->nul < to)
        lines->nul = find(lines, '\0', to);
    if (lines->quote < to)
        lines->quote = find(lines, '"', to);
}

/* Drops the rest of a line that was too long, block by block. */
static int skip_rest(struct tq__log_lines *lines, struct tq_log_error *error)
{
    while (lines->skipping) {
        size_t end = find(lines, '\n', lines->cursor);

        lines->skipping = end == lines->fill && !lines->ended;
        move_cursor(lines, behind(lines, end));
        lines->start = lines->cursor;
        if (lines->skipping && refill(lines, error) != 0)
            return TQ_LOG_BROKEN;
    }
    return 0;
}

static bool is_blank(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] != ' ' && text[i] != '\t')
            return false;
    }
    return true;
}

static int too_long(struct tq_log_error *error, uint64_t line)
{
    return tq__log_fail(error, TQ_LOG_BAD_LINE, line, 0, "the line is longer than %d bytes", TQ_LOG_LINE_MAX);
}

/* Takes the line of len bytes at the cursor. */
static int take(struct tq__log_lines *lines, size_t len, struct tq__log_line *line,
                struct tq_log_error *error)
{
    size_t end = lines->start + len;
    bool has_nul = lines->nul < end;

    line->text = lines->buffer + lines->start;
    line->len = without_cr(line->text, len);
    line->number = ++lines->number;
    line->has_quote = lines->quote < end;
    lines->extra = 0;
    move_cursor(lines, behind(lines, end));
    if (line->number == 1 && line->len >= strlen(BOM) && memcmp(line->text, BOM, strlen(BOM)) == 0) {
        line->text += strlen(BOM);
        line->len -= strlen(BOM);
        lines->start += strlen(BOM);
    }
    if (has_nul)
        return tq__log_fail(error, TQ_LOG_BAD_LINE, line->number, 0, "the line has a NUL byte");
    return TQ_LOG_RECORD;
}

int tq__log_lines_next(struct tq__log_lines *lines, struct tq__log_line *line, struct tq_log_error *error)
{
    size_t len;
    int answer;

    do {
        if (skip_rest(lines, error) != 0)
            return TQ_LOG_BROKEN;
        lines->start = lines->cursor;
        answer = find_end(lines, 0, &len, error);
        if (answer == TQ_LOG_BAD_LINE) {
            lines->skipping = true;
            return too_long(error, ++lines->number);
        }
        if (answer == TQ_LOG_RECORD)
            answer = take(lines, len, line, error);
    } while (answer == TQ_LOG_RECORD && is_blank(line->text, line->len));
    return answer;
}

void tq__log_lines_again(struct tq__log_lines *lines)
{
    lines->cursor = lines->tail = lines->start;
    lines->nul = find(lines, '\0', lines->cursor);
    lines->quote = find(lines, '"', lines->cursor);
    lines->number--;
}

void tq__log_lines_restart(struct tq__log_lines *lines, uint64_t before)
{
    lines->start = lines->cursor = lines->tail = lines->fill = lines->nul = lines->quote = 0;
    lines->buffer[0] = '\n';
    lines->number = before;
    lines->extra = 0;
    lines->ended = lines->skipping = false;
}

int tq__log_lines_extend(struct tq__log_lines *lines, struct tq__log_line *line, struct tq_log_error *error)
{
    size_t from = lines->tail - lines->start, len;
    int answer = find_end(lines, from, &len, error);

    if (answer == TQ_LOG_BAD_LINE)
        return too_long(error, line->number);
    if (answer != TQ_LOG_RECORD)
        return answer;
    line->text = lines->buffer + lines->start;
    line->len = without_cr(line->text, len);
    if (memchr(line->text + from, '\0', len - from))
        return tq__log_fail(error, TQ_LOG_BAD_LINE, line->number, 0, "the line has a NUL byte");
    lines->tail = behind(lines, lines->start + len);
    lines->extra++;
    return TQ_LOG_RECORD;
}

void tq__log_lines_keep(struct tq__log_lines *lines)
{
    move_cursor(lines, lines->tail);
    lines->number += lines->extra;
    lines->extra = 0;
}
