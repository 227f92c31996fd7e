/* response.c: a raw response as `curl -si` prints it, taken apart: status, headers, body.
 *
 * SPDX-License-Identifier: MIT
 */
#include "response.h"

#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/text.h"
#include "listener.h"

/* The line at *at, which moves on behind it; false at the end. */
static bool take_line(const struct response *response, size_t *at, struct tq__span *line)
{
    const char *start = response->bytes + *at, *end;

    if (*at >= response->len)
        return false;
    end = memchr(start, '\n', response->len - *at);
    line->at = start;
    line->len = end ? (size_t)(end - start) : response->len - *at;
    *at += line->len + (end != NULL);
    if (line->len && start[line->len - 1] == '\r')
        line->len--;
    return true;
}

/* "HTTP/2 429", "HTTP/1.1 200 Connection established"; 0 when it is no such line. */
static uint32_t status_of(const struct tq__span *line)
{
    static const char digits[] = "0123456789";
    const char *number = line->at + 5; /* what was read ends in a NUL, at which strspn stops */

    if (line->len < 5 || memcmp(line->at, "HTTP/", 5) != 0 || strspn(number, "0123456789.") == 0)
        return 0;
    number += strspn(number, "0123456789.");
    if (number[0] != ' ' || number[1] == '0' || strspn(number + 1, digits) != 3 ||
        !strchr(" \r\n", number[4]))
        return 0;
    return (uint32_t)strtoul(number + 1, NULL, 10);
}

/* How long the name of a header is, 0 when the line is none. */
static size_t name_of(const struct tq__span *line)
{
    const char *colon = memchr(line->at, ':', line->len);
    size_t len = colon ? (size_t)(colon - line->at) : 0;

    for (size_t i = 0; i < len; i++)
        if (line->at[i] <= ' ' || line->at[i] > '~')
            return 0;
    return len;
}

/* A line that begins with a blank continues the value of the line before; the line end between becomes
 * blanks. */
static void fold(struct response *response, const struct tq__span *line)
{
    struct tq_field *last = &response->fields[response->field_count - 1];
    size_t start = (size_t)(last->value - response->bytes);
    size_t end = (size_t)(line->at - response->bytes);

    for (size_t i = start + last->value_len; i < end; i++)
        response->bytes[i] = ' ';
    last->value_len = end + line->len - start;
}

static int take_field(struct response *response, const struct tq__span *line)
{
    size_t name_len = name_of(line);
    struct tq_field *fields;

    if (line->at[0] == ' ' || line->at[0] == '\t') {
        if (response->field_count)
            fold(response, line);
        return 0;
    }
    if (!name_len) {
        response->odd_lines++;
        return 0;
    }
    fields =
        tq__list_room(response->fields, response->field_count, &response->field_capacity, sizeof *fields);
    if (!fields)
        return -1;
    response->fields = fields;
    response->fields[response->field_count++] = (struct tq_field){
        .name = line->at,
        .name_len = name_len,
        .value = line->at + name_len + 1,
        .value_len = line->len - name_len - 1,
    };
    return 0;
}

/* Headers up to the empty line, or the end. */
static int take_fields(struct response *response, size_t *at)
{
    struct tq__span line;

    response->field_count = 0;
    response->odd_lines = 0;
    while (take_line(response, at, &line) && line.len)
        if (take_field(response, &line) < 0)
            return -1;
    return 0;
}

static bool begins(const struct response *response, size_t at, const char *word)
{
    size_t len = strlen(word);

    return response->len - at >= len && memcmp(response->bytes + at, word, len) == 0;
}

/* Server-sent events begin with one of their four fields, or with a comment. */
static bool is_body(const struct response *response, size_t at)
{
    static const char *const words[] = {"{", "[", "data:", "event:", "id:", "retry:", ":"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (begins(response, at, words[i]))
            return true;
    return false;
}

static int take_heads(struct response *response, size_t *at)
{
    struct tq__span line;
    size_t next;
    uint32_t status;

    for (;;) {
        next = *at;
        if (!take_line(response, &next, &line) || (status = status_of(&line)) == 0)
            return 0;
        response->status = status;
        *at = next;
        if (take_fields(response, at) < 0)
            return -1;
    }
}

static int take_apart(struct response *response, struct listener *listener)
{
    size_t at = begins(response, 0, "\xef\xbb\xbf") ? 3 : 0, next;
    struct tq__span line;

    while (at < response->len && memchr(" \t\r\n", response->bytes[at], 4))
        at++;
    if (at == response->len)
        return listener_fail(listener, "there is nothing to read; it takes what `curl -si` prints");
    next = at;
    take_line(response, &next, &line);
    if (status_of(&line)) {
        if (take_heads(response, &at) < 0)
            return listener_fail(listener, "out of memory");
    } else if (!is_body(response, at)) {
        if (!name_of(&line))
            return listener_fail(listener,
                                 "this is not a response: it begins with neither HTTP/, a header, {, [ nor "
                                 "an event");
        if (take_fields(response, &at) < 0)
            return listener_fail(listener, "out of memory");
    }
    response->body_len = response->len - at;
    response->body = response->body_len ? response->bytes + at : NULL;
    return 0;
}

int response_take(struct response *response, char *bytes, size_t len, struct listener *listener)
{
    *response = (struct response){.bytes = bytes, .len = len};
    if (take_apart(response, listener) == 0)
        return 0;
    response->body = response->bytes;
    response->body_len = response->len;
    return -1;
}

void response_free(struct response *response)
{
    free(response->fields);
    free(response->bytes);
    *response = (struct response){0};
}

/* What neither a status nor headers say, the body may: the state of an account, as its vendor's endpoint or
 * client gives it. */
static bool says_limits(const struct tq_response *asked, struct tq_quota_signal *signal)
{
    struct tq_quota_signal limits = {.size = sizeof limits};

    if (!asked->body ||
        tq_signal_read_limits(asked->profile, asked->body, asked->body_len, asked->now_ns, &limits) != 0)
        return false;
    limits.sent_at_ns = signal->sent_at_ns;
    limits.status = signal->status;
    limits.flags |= signal->flags & TQ_SIGNAL_SUCCESS;
    *signal = limits;
    return true;
}

int response_signal(const struct response *response, struct tq_response *asked,
                    struct tq_quota_signal *signal, struct listener *listener)
{
    int answer;

    asked->size = sizeof *asked;
    asked->status = asked->status ? asked->status : response->status;
    asked->fields = response->fields;
    asked->field_count = response->field_count;
    asked->body = response->body;
    asked->body_len = response->body_len;
    *signal = (struct tq_quota_signal){.size = sizeof *signal};
    answer = tq_signal_read(asked, signal);
    if (answer < 0)
        (void)listener_fail(listener, "the response cannot be read: %s", tq_strerror(answer));
    else if (signal->refusal == TQ_CLASS_NONE && !signal->axis_count && says_limits(asked, signal))
        answer = 0;
    return answer;
}

int response_usage(const struct response *response, const struct tq_profile *profile, struct tq_usage *usage)
{
    int answer = 1;

    if (response->body)
        answer = tq_usage_read(profile, response->body, response->body_len, usage);
    if (answer != 0 && response->field_count) {
        int of_fields = tq_usage_read_fields(profile, response->fields, response->field_count, usage);

        answer = of_fields == 0 ? 0 : answer;
    }
    return answer;
}
