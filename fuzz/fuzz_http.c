/* fuzz_http.c: any bytes as an HTTP request: the daemon checks it, asks a handler and answers, without a
 * socket.
 *
 * SPDX-License-Identifier: MIT
 *
 * libmicrohttpd, which reads bytes from sockets, is not what is tried here: this file takes its place. It
 * cuts the input at line ends, and gives the daemon what libmicrohttpd would give it, but without refusing
 * anything: more than ever comes from a socket. Each input meets a ledger of its own, in memory.
 */
#include <stdio.h>
#include <strings.h>

#include "base/text.h"
#include "serve/engine.h"
#include "target.h"

#define PAIRS 64

/* Stands for libmicrohttpd's connection and response. */
struct MHD_Connection {
    union MHD_ConnectionInfo info;
    struct pair {
        enum MHD_ValueKind kind;
        const char *name, *value;
        size_t name_len, value_len;
    } pairs[PAIRS];
    size_t count;
    unsigned answers, status;
};

struct MHD_Response {
    void *body;
    size_t len;
    bool owned;
    MHD_ContentReaderCallback read;
    void *state;
};

/* ---- in place of libmicrohttpd --------------------------------------------------------------- */

static const union MHD_ConnectionInfo *get_info(struct MHD_Connection *of, enum MHD_ConnectionInfoType type,
                                                ...)
{
    return type == MHD_CONNECTION_INFO_SOCKET_CONTEXT ? &of->info : NULL;
}

static int get_values_n(struct MHD_Connection *of, enum MHD_ValueKind kind, MHD_KeyValueIteratorN take,
                        void *context)
{
    for (struct pair *pair = of->pairs; pair < of->pairs + of->count; pair++)
        if (pair->kind == kind &&
            take(context, kind, pair->name, pair->name_len, pair->value, pair->value_len) == MHD_NO)
            break;
    return 0;
}

static int get_values(struct MHD_Connection *of, enum MHD_ValueKind kind, MHD_KeyValueIterator take,
                      void *context)
{
    for (struct pair *pair = of->pairs; pair < of->pairs + of->count; pair++)
        if (pair->kind == kind && take(context, kind, pair->name, pair->value) == MHD_NO)
            break;
    return 0;
}

static const char *lookup(struct MHD_Connection *of, enum MHD_ValueKind kind, const char *name)
{
    for (struct pair *pair = of->pairs; pair < of->pairs + of->count; pair++)
        if (pair->kind == kind && strcasecmp(pair->name, name) == 0)
            return pair->value;
    return NULL;
}

static struct MHD_Response *from_buffer(size_t len, void *body, enum MHD_ResponseMemoryMode mode)
{
    struct MHD_Response *response = calloc(1, sizeof *response);

    HOLDS(response && (body || len == 0));
    *response = (struct MHD_Response){.body = body, .len = len, .owned = mode == MHD_RESPMEM_MUST_FREE};
    return response;
}

static struct MHD_Response *from_callback(uint64_t len, size_t block, MHD_ContentReaderCallback read,
                                          void *state, MHD_ContentReaderFreeCallback gone)
{
    struct MHD_Response *response = from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);

    HOLDS(len == MHD_SIZE_UNKNOWN && block > 0 && !gone);
    response->read = read;
    response->state = state;
    return response;
}

/* No field of an answer ends before its line does. */
static enum MHD_Result add_header(struct MHD_Response *response, const char *name, const char *value)
{
    for (const char *at = value; *at; at++)
        HOLDS((unsigned char)*at >= ' ' && (unsigned char)*at <= '~');
    (void)response;
    return *name ? MHD_YES : MHD_NO;
}

static enum MHD_Result queue(struct MHD_Connection *of, unsigned status, struct MHD_Response *response)
{
    char out[4096];

    HOLDS(of->answers++ == 0 && status >= 200 && status < 600);
    of->status = status;
    if (response->read)
        HOLDS(response->read(response->state, 0, out, sizeof out) <= (ssize_t)sizeof out);
    else if (response->len > 0)
        HOLDS(tq__utf8_is_valid((struct tq__span){response->body, response->len}));
    return MHD_YES;
}

static void destroy(struct MHD_Response *response)
{
    if (response->owned)
        free(response->body);
    free(response);
}

static void do_nothing(struct MHD_Connection *of)
{
    (void)of;
}

static const char *get_phrase(unsigned status)
{
    HOLDS(status >= 400 && status < 600);
    return "Phrase";
}

static void set_up(void)
{
    mhd.get_connection_info = get_info;
    mhd.get_reason_phrase_for = get_phrase;
    mhd.get_connection_values_n = get_values_n;
    mhd.get_connection_values = get_values;
    mhd.lookup_connection_value = lookup;
    mhd.create_response_from_buffer = from_buffer;
    mhd.create_response_from_callback = from_callback;
    mhd.add_response_header = add_header;
    mhd.queue_response = queue;
    mhd.destroy_response = destroy;
    mhd.suspend_connection = do_nothing;
}

/* ---- the input ------------------------------------------------------------------------------- */

/* Undoes %-escapes and, in a query, "+"; what remains ends in a NUL. */
static size_t unescape(char *text, bool is_query)
{
    char *to = text;

    for (const char *at = text; *at; at++) {
        int32_t byte = *at == '%' ? tq__hex_read(at + 1, at + strnlen(at, 3), 2) : -1;

        *to++ = byte >= 0 ? (char)byte : is_query && *at == '+' ? ' ' : *at;
        at += byte >= 0 ? 2 : 0;
    }
    *to = '\0';
    return (size_t)(to - text);
}

static void add(struct MHD_Connection *of, enum MHD_ValueKind kind, char *name, char *value)
{
    bool is_query = kind == MHD_GET_ARGUMENT_KIND;
    struct pair *pair = &of->pairs[of->count];

    if (of->count == PAIRS)
        return;
    of->count++;
    *pair = (struct pair){.kind = kind, .name = name, .value = value};
    pair->name_len = is_query ? unescape(name, true) : strlen(name);
    if (value)
        pair->value_len = is_query ? unescape(value, true) : strlen(value);
}

/* The next line, without its end; NULL: there is no further one before the body. */
static char *next_line(char **rest)
{
    char *line = *rest, *end = line ? strchr(line, '\n') : NULL;

    if (!end || end == line || (end == line + 1 && *line == '\r')) {
        *rest = end ? end + 1 : NULL;
        return NULL;
    }
    *rest = end + 1;
    *end = '\0';
    if (end[-1] == '\r')
        end[-1] = '\0';
    return line;
}

static void take_query(struct MHD_Connection *of, char *query)
{
    for (char *item; query && (item = strsep(&query, "&")) != NULL;) {
        char *value = strchr(item, '=');

        if (value)
            *value++ = '\0';
        add(of, MHD_GET_ARGUMENT_KIND, item, value);
    }
}

/* Cuts the text into its parts; false when it has no request line. */
static bool cut(struct MHD_Connection *of, char *text, char **method, char **path, char **body)
{
    char *line = next_line(&text), *query, *name;

    *method = line ? strsep(&line, " ") : NULL;
    *path = line ? strsep(&line, " ") : NULL;
    if (!*path || strlen(*method) > 15)
        return false;
    query = strchr(*path, '?');
    if (query)
        *query++ = '\0';
    take_query(of, query);
    (void)unescape(*path, false);
    while ((name = next_line(&text)) != NULL) {
        char *value = strchr(name, ':');

        if (value)
            for (*value++ = '\0'; *value == ' '; value++)
                continue;
        add(of, MHD_HEADER_KIND, name, value);
    }
    *body = text;
    return true;
}

/* As libmicrohttpd calls: once for the header, for each part of the body, and at the end. */
static void ask(struct MHD_Connection *of, const char *method, const char *path, const char *body,
                size_t body_len)
{
    size_t none = 0, first = body_len / 2, second = body_len - first;
    void *state = NULL;
    enum MHD_Result goes_on = exchange_step(NULL, of, path, method, "HTTP/1.1", NULL, &none, &state);
    const char *length = lookup(of, MHD_HEADER_KIND, "Content-Length");

    if (goes_on == MHD_YES && of->answers == 0 && length && *length != '0') {
        if (first > 0)
            (void)exchange_step(NULL, of, path, method, "HTTP/1.1", body, &first, &state);
        if (second > 0)
            (void)exchange_step(NULL, of, path, method, "HTTP/1.1", body + body_len / 2, &second, &state);
    }
    if (goes_on == MHD_YES && of->answers == 0)
        (void)exchange_step(NULL, of, path, method, "HTTP/1.1", NULL, &none, &state);
    exchange_end(NULL, of, &state, MHD_REQUEST_TERMINATED_COMPLETED_OK);
    HOLDS(of->answers == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct server server = {.options.ledger = "in memory"};
    static struct engine engine = {.server = &server, .connections_max = 1};
    static struct loop loop = {.engine = &engine};
    struct connection connection = {.loop = &loop, .local = size % 2 == 0};
    struct MHD_Connection of = {.info.socket_context = &connection};
    char *text = malloc(size + 1), *method, *path, *body;

    HOLDS(text);
    memcpy(text, data, size);
    text[size] = '\0';
    set_up();
    (void)pthread_rwlock_init(&server.ledger_lock, NULL);
    HOLDS(tq_ledger_open(&server.ledger, NULL, NULL, NULL) == 0);
    for (size_t i = 0; i < PHASES; i++)
        TAILQ_INIT(&loop.phases[i]);
    TAILQ_INSERT_TAIL(&loop.phases[0], &connection, link);
    connection.mhd = &of;
    if (cut(&of, text, &method, &path, &body) && strcmp(path, "/v1/events") != 0)
        ask(&of, method, path, body ? body : "", body ? strlen(body) : 0);
    HOLDS(atomic_load(&engine.bodies_bytes) == 0);
    if (loop.kept.response)
        destroy(loop.kept.response);
    loop.kept = (struct kept){0};
    tq_ledger_close(server.ledger);
    (void)pthread_rwlock_destroy(&server.ledger_lock);
    free(text);
    return 0;
}
