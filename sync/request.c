/* request.c: writes commands for the server.
 *
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/number.h"

static void add(struct request *request, const char *bytes, size_t len)
{
    if (request->failed)
        return;
    if (request->capacity - request->len < len) {
        size_t larger = (request->len + len) * 2;
        char *moved = realloc(request->bytes, larger);

        if (!moved) {
            request->failed = true;
            return;
        }
        request->bytes = moved;
        request->capacity = larger;
    }
    if (len > 0)
        memcpy(request->bytes + request->len, bytes, len);
    request->len += len;
}

static void add_head(struct request *request, char kind, size_t number)
{
    char head[TQ__NUMBER_BYTES + 2] = {kind};
    size_t len = 1 + tq__number_write(head + 1, (int64_t)number, '\0');

    memcpy(head + len, "\r\n", 2);
    add(request, head, len + 2);
}

void request_begin(struct request *request, size_t texts)
{
    size_t *begins =
        tq__list_room(request->begins, request->count, &request->begins_capacity, sizeof *begins);

    if (!begins) {
        request->failed = true;
        return;
    }
    request->begins = begins;
    begins[request->count++] = request->len;
    add_head(request, '*', texts);
}

void request_text(struct request *request, const char *text, size_t len)
{
    add_head(request, '$', len);
    add(request, text, len);
    add(request, "\r\n", 2);
}

void request_string(struct request *request, const char *text)
{
    request_text(request, text, strlen(text));
}

void request_number(struct request *request, int64_t number)
{
    char text[TQ__NUMBER_BYTES];

    request_text(request, text, tq__number_write(text, number, '\0'));
}

void request_command(struct request *request, const char *const *texts)
{
    size_t count = 0;

    while (texts[count])
        count++;
    request_begin(request, count);
    for (size_t i = 0; i < count; i++)
        request_string(request, texts[i]);
}

void request_give_script(struct request *request, const char *script, size_t len)
{
    const char *rest = request->bytes;
    struct request whole = {0};

    request_begin(&whole, strtoul(rest + 1, NULL, 10));
    request_string(&whole, "EVAL");
    request_text(&whole, script, len);
    for (int lines = 0; lines < 5; lines++) /* the head, and length and bytes of two texts */
        rest = strchr(rest, '\n') + 1;
    add(&whole, rest, request->len - (size_t)(rest - request->bytes));
    request_free(request);
    *request = whole;
}

void request_free(struct request *request)
{
    if (request->bytes)
        explicit_bzero(request->bytes, request->len); /* a password may be in it */
    free(request->bytes);
    free(request->begins);
    *request = (struct request){0};
}
