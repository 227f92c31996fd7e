/* lines.c: finds the JSON documents of a response that arrives in pieces, cut anywhere.
 *
 * SPDX-License-Identifier: MIT
 */
#include "lines.h"

#include <string.h>

#include "tokenquota_signals.h"

static void drop(struct tq__span *bytes, size_t len)
{
    *bytes = tq__span_behind(*bytes, len);
}

/* ---- server-sent events ---------------------------------------------------------------------- */

/* Gives the value of the line when it has a field with this name. */
static bool field_value(struct tq__span line, const char *name, size_t name_len, struct tq__span *value)
{
    if (line.len < name_len || memcmp(line.at, name, name_len) != 0)
        return false;
    *value = tq__span_behind(line, name_len);
    if (value->len == 0)
        return true;
    if (*value->at != ':')
        return false;
    drop(value, 1);
    if (value->len > 0 && *value->at == ' ')
        drop(value, 1);
    return true;
}

/* The event so far, if any, is handed out. */
static bool give_event(struct tq__usage_lines *lines, struct tq__usage_text *text)
{
    if (lines->event_len == 0) {
        lines->event_error = false;
        return false;
    }
    *text = (struct tq__usage_text){{lines->buffer, lines->event_len}, true, lines->event_error};
    lines->given = lines->event_len;
    lines->event_len = 0;
    lines->event_error = false;
    return true;
}

static void look_at_brackets(struct tq__usage_lines *lines, struct tq__span data)
{
    const char *end = data.at + data.len;
    const char *at = tq__brackets_skip(&lines->brackets, data.at, end);

    while (at < end && lines->brackets.depth == 0)
        at = tq__brackets_skip(&lines->brackets, at, end);
}

/* Adds a line of data to the event in the buffer. The data lines of one event are one text, joined by LF. But
 * if the lines so far are a complete document, the sender left out the blank line that ends an event. */
static bool join_data(struct tq__usage_lines *lines, struct tq__span data, struct tq__usage_text *text)
{
    char *event_end = lines->buffer + lines->event_len;
    bool whole = lines->event_len > 0 && lines->brackets.begun && lines->brackets.depth == 0 &&
                 !lines->brackets.in_string;

    if (lines->event_len == 0 || whole)
        lines->brackets = (struct tq__brackets){0};
    else
        *event_end++ = '\n'; /* there is room: the name of the field was there */
    memmove(event_end, data.at, data.len);
    look_at_brackets(lines, (struct tq__span){event_end, data.len});
    lines->len = (size_t)(event_end - lines->buffer) + data.len;
    if (!whole) {
        lines->event_len = lines->len;
        return false;
    }
    give_event(lines, text);
    lines->event_len = data.len;
    return true;
}

/* Reads the event's name from the line if it has it; other fields do not matter. */
static void take_line_name(struct tq__usage_lines *lines, struct tq__span line)
{
    struct tq__span name;

    if (field_value(line, "event", 5, &name))
        lines->event_error = name.len == 5 && memcmp(name.at, "error", 5) == 0;
}

/* Called when the line in the buffer has ended. */
static bool end_line(struct tq__usage_lines *lines, bool blank, struct tq__usage_text *text)
{
    struct tq__span line = {lines->buffer + lines->event_len, lines->len - lines->event_len}, data;

    if (!blank && field_value(line, "data", 4, &data))
        return join_data(lines, data, text);
    if (!blank)
        take_line_name(lines, line);
    lines->len = lines->event_len;
    return false;
}

/* Finds the end of the line. Each LF is searched for only once, because a stream may use CR alone. */
static const char *find_line_end(struct tq__usage_lines *lines, struct tq__span bytes)
{
    const char *end = bytes.at + bytes.len, *cr;

    if (lines->bytes_end != end || lines->lf < bytes.at) {
        lines->bytes_end = end;
        lines->lf = memchr(bytes.at, '\n', bytes.len);
        if (!lines->lf)
            lines->lf = end;
    }
    cr = memchr(bytes.at, '\r', (size_t)(lines->lf - bytes.at));
    return cr ? cr : lines->lf;
}

static bool in_line(struct tq__usage_lines *lines, struct tq__span *bytes, struct tq__usage_text *text)
{
    struct tq__span line = {bytes->at, (size_t)(find_line_end(lines, *bytes) - bytes->at)}, data;
    bool alone = lines->len == 0 && !lines->dropping && line.len <= lines->max, blank = lines->blank;

    drop(bytes, line.len);
    if (bytes->len == 0) {
        tq__lines_keep(lines, line.at, line.len);
        return false;
    }
    lines->skip_lf = *bytes->at == '\r';
    lines->state = TQ__LINE_START;
    lines->blank = false;
    drop(bytes, 1);
    if (lines->skip_lf && bytes->len > 0) {
        lines->skip_lf = false;
        drop(bytes, *bytes->at == '\n');
    }
    if (alone && (blank || !field_value(line, "data", 4, &data))) {
        if (!blank)
            take_line_name(lines, line);
        return false;
    }
    if (alone && data.len > 0 && bytes->len > 0 && tq__ends_line(*bytes->at)) {
        *text = (struct tq__usage_text){data, true, lines->event_error};
        lines->event_error = false;
        return true;
    }
    tq__lines_keep(lines, line.at, line.len);
    return !tq__lines_end_dropping(lines) && end_line(lines, blank, text);
}

/* ---- JSON text ------------------------------------------------------------------------------- */

static void begin_json(struct tq__usage_lines *lines)
{
    lines->state = TQ__IN_JSON;
    lines->in_document = false;
    lines->array_depth = 0;
    lines->brackets = (struct tq__brackets){0};
}

/* Skips what stands between documents: commas and the arrays around them. After a line end any form may
 * follow. */
static void between_documents(struct tq__usage_lines *lines, struct tq__span *bytes)
{
    struct tq__brackets *brackets = &lines->brackets;
    const char *at = bytes->at, *end = at + bytes->len;

    while (at < end && (brackets->in_string || *at != '{')) {
        if (brackets->in_string) {
            at = tq__brackets_skip_string(brackets, at, end);
            if (!brackets->in_string || at == end)
                continue;
            lines->array_depth = 0;
        }
        if (tq__ends_line(*at) && lines->array_depth == 0) {
            lines->state = TQ__LINE_START;
            break;
        }
        brackets->in_string = *at == '"';
        lines->array_depth += *at == '[';
        lines->array_depth -= *at == ']' && lines->array_depth > 0;
        at++;
    }
    drop(bytes, (size_t)(at - bytes->at));
    if (bytes->len > 0 && lines->state == TQ__IN_JSON) {
        lines->in_document = true;
        *brackets = (struct tq__brackets){0};
    }
}

static bool in_json(struct tq__usage_lines *lines, struct tq__span *bytes, struct tq__usage_text *text)
{
    const char *first = bytes->at, *end = first + bytes->len, *at;
    bool alone = lines->len == 0 && !lines->dropping;
    size_t len;

    if (!lines->in_document) {
        between_documents(lines, bytes);
        return false;
    }
    at = tq__brackets_skip(&lines->brackets, first, end);
    len = (size_t)(at - first);
    drop(bytes, len);
    if (lines->brackets.depth > 0 && at == end) {
        tq__lines_keep(lines, first, len);
        return false;
    }
    lines->in_document = false;
    if (lines->brackets.depth > 0) { /* a line end in a string: the document was cut short */
        tq__lines_keep(lines, first, len);
        tq__lines_end_dropping(lines);
        lines->len = 0;
        lines->state = TQ__LINE_START;
        return false;
    }
    if (alone && len <= lines->max) {
        *text = (struct tq__usage_text){{first, len}, false, false};
        return true;
    }
    tq__lines_keep(lines, first, len);
    if (tq__lines_end_dropping(lines))
        return false;
    *text = (struct tq__usage_text){{lines->buffer, lines->len}, false, false};
    lines->given = lines->len;
    return true;
}

/* ---- the beginning of a line ----------------------------------------------------------------- */

static bool line_start(struct tq__usage_lines *lines, struct tq__span *bytes, struct tq__usage_text *text)
{
    unsigned char c = (unsigned char)*bytes->at;
    bool ends_event = !lines->blank;

    if (c == '\n' && lines->skip_lf) {
        lines->skip_lf = false;
        drop(bytes, 1);
        return false;
    }
    lines->skip_lf = false;
    switch (c) {
    case '\n':
    case '\r':
        lines->blank = false; /* the LF of a CR LF ends nothing more */
        drop(bytes, 1);
        return ends_event && give_event(lines, text);
    case ' ':
    case '\t':
        lines->blank = true;
        drop(bytes, 1);
        return false;
    case 0xef: /* a byte order mark; no field begins with these */
    case 0xbb:
    case 0xbf:
        drop(bytes, 1);
        return false;
    case '{':
    case '[':
        lines->blank = false;
        begin_json(lines);
        return give_event(lines, text);
    default:
        lines->state = TQ__IN_LINE;
        return false;
    }
}

static void forget_given(struct tq__usage_lines *lines)
{
    if (lines->given == 0)
        return;
    lines->len -= lines->given;
    memmove(lines->buffer, lines->buffer + lines->given, lines->len);
    lines->given = 0;
}

bool tq__usage_lines_next(struct tq__usage_lines *lines, struct tq__span *bytes, struct tq__usage_text *text)
{
    bool found = false;

    forget_given(lines);
    while (!found && bytes->len > 0) {
        if (lines->state == TQ__IN_LINE)
            found = in_line(lines, bytes, text);
        else if (lines->state == TQ__LINE_START)
            found = line_start(lines, bytes, text);
        else if (lines->state == TQ__IN_JSON)
            found = in_json(lines, bytes, text);
        else if (lines->state == TQ__IN_FRAMES)
            found = tq__frames_next(lines, bytes, text);
        else
            lines->state = tq__begins_frames(*bytes) ? TQ__IN_FRAMES : TQ__LINE_START;
    }
    if (!found)
        lines->bytes_end = NULL; /* the next bytes may lie at the same place */
    return found;
}
