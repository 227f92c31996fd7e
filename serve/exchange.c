/* exchange.c: one request and its answer: its body is read, a handler is asked, the answer is sent.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counts.h"
#include "enforce.h"
#include "guard.h"
#include "view/steady.h"

#define BODY_FIRST 4096 /* bytes that a body is given at first */
#define STREAM_BLOCK 4096

struct exchange {
    struct connection *connection;
    const struct http_route *route;
    struct http_request request;
    struct http_stream stream;
    char *body;
    size_t capacity, body_len; /* body_len: what Content-Length says */
    bool is_decided;           /* it may be read, and its handler be asked */
    bool is_full;              /* there was no room for its body */
    bool is_head;              /* HEAD: handlers see GET, and the body is not sent */
    int64_t begun_ns;          /* by the steady clock */
    bool is_close;             /* the connection ends with this answer */
    bool is_open;              /* pages of other hosts may read it, as it is given */
};

/* ---- the way to a handler -------------------------------------------------------------------- */

static const struct http_route *match(const char *method, struct http_request *request, char *allow,
                                      size_t room)
{
    size_t len = 0;

    for (const struct http_route *route = http_routes; route->method; route++) {
        size_t prefix = strlen(route->path);
        bool is_open = prefix > 1 && route->path[prefix - 1] == '/';

        if (is_open ? strncmp(request->path, route->path, prefix) != 0 || !request->path[prefix]
                    : strcmp(request->path, route->path) != 0)
            continue;
        if (strcmp(route->method, method) == 0) {
            request->rest = is_open ? request->path + prefix : "";
            return route;
        }
        if (len + strlen(route->method) + 16 < room)
            len += (size_t)snprintf(allow + len, room - len, "%s%s%s", len > 0 ? ", " : "", route->method,
                                    strcmp(route->method, "GET") == 0 ? ", HEAD" : "");
    }
    return NULL;
}

/* A page of another host asks before it asks: which it may, where --cors-limits opens a path. */
static bool answer_preflight(const struct server *server, const struct http_request *request,
                             struct http_answer *answer)
{
    if (strcmp(request->method, "OPTIONS") != 0 || !guard_is_open(server, request->path))
        return false;
    answer->status = 204;
    http_field(answer, "Access-Control-Allow-Origin", "*");
    http_field(answer, "Access-Control-Allow-Methods", "GET, HEAD");
    http_field(answer, "Access-Control-Allow-Headers", "Authorization");
    http_field(answer, "Access-Control-Max-Age", "600");
    return true;
}

/* GUARD_FINE when the request may be read to its end. */
static int route(struct exchange *exchange, struct http_answer *answer)
{
    const struct server *server = exchange->connection->loop->engine->server;
    struct http_request *request = &exchange->request;
    struct guarded guarded;
    char allow[64] = "";
    int guard = guard_form(exchange->connection, &guarded, request, answer, &exchange->body_len);

    if (guard != GUARD_FINE)
        return guard;
    if (answer_preflight(server, request, answer))
        return GUARD_REFUSED;
    exchange->is_head = strcmp(request->method, "HEAD") == 0;
    if (exchange->is_head)
        request->method = "GET";
    exchange->route = match(request->method, request, allow, sizeof allow);
    if (exchange->route)
        return guard_right(exchange->connection, &guarded, exchange->route->right, request, answer);
    /* Whoever may not ask for a host's paths is not told which there are. */
    guard = guard_right(exchange->connection, &guarded, HTTP_ANYONE, request, answer);
    if (guard != GUARD_FINE)
        return guard;
    if (allow[0]) {
        http_field(answer, "Allow", "%s", allow);
        (void)http_problem(answer, 405, "wrong_method", "this path takes %s", allow);
    } else {
        (void)http_problem(answer, 404, "no_such_path",
                           "there is nothing at this path; docs/serve.md lists all");
    }
    return GUARD_REFUSED;
}

/* ---- the body -------------------------------------------------------------------------------- */

/* Room for more bytes, up to what Content-Length says and a NUL. All bodies together have a limit. */
static bool body_room(struct exchange *exchange, size_t more)
{
    struct engine *engine = exchange->connection->loop->engine;
    size_t need = exchange->request.body_len + more + 1,
           larger = exchange->capacity ? exchange->capacity : BODY_FIRST;
    char *grown;

    if (need > exchange->body_len + 1)
        return false;
    if (need <= exchange->capacity)
        return true;
    while (larger < need)
        larger *= 2;
    if (larger > exchange->body_len + 1)
        larger = exchange->body_len + 1;
    more = larger - exchange->capacity;
    grown = atomic_fetch_add(&engine->bodies_bytes, more) + more <= BODIES_BYTES
                ? realloc(exchange->body, larger)
                : NULL;
    if (!grown) {
        atomic_fetch_sub(&engine->bodies_bytes, more);
        return false;
    }
    exchange->body = grown;
    exchange->capacity = larger;
    return true;
}

static bool body_take(struct exchange *exchange, const char *upload, size_t len)
{
    if (!body_room(exchange, len))
        return false;
    memcpy(exchange->body + exchange->request.body_len, upload, len);
    exchange->request.body_len += len;
    exchange->body[exchange->request.body_len] = '\0';
    return true;
}

static void body_free(struct exchange *exchange)
{
    free(exchange->body);
    atomic_fetch_sub(&exchange->connection->loop->engine->bodies_bytes, exchange->capacity);
    exchange->body = NULL;
    exchange->capacity = 0;
}

/* ---- the answer ------------------------------------------------------------------------------ */

/* libmicrohttpd asks for the next bytes of a stream once it has sent the last ones. */
static ssize_t stream_read(void *context, uint64_t position, char *out, size_t capacity)
{
    struct exchange *exchange = context;
    struct connection *connection = exchange->connection;
    struct server *server = connection->loop->engine->server;
    ssize_t got;

    (void)position;
    if (atomic_load(&connection->loop->engine->stopping))
        return MHD_CONTENT_READER_END_OF_STREAM;
    (void)pthread_rwlock_rdlock(&server->ledger_lock);
    got = exchange->stream.read(exchange->stream.state, out, capacity);
    (void)pthread_rwlock_unlock(&server->ledger_lock);
    if (got < 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (got == 0)
        connection_suspend(connection);
    else
        connection_enter(connection, PHASE_ANSWER);
    return got;
}

static struct MHD_Response *make_response(struct exchange *exchange, struct http_answer *answer)
{
    struct MHD_Response *response;

    /* libmicrohttpd would send the end of a chunked body, which the client takes for the next answer. */
    if (answer->stream.read && exchange->is_head)
        answer->stream.close(answer->stream.state);
    else if (answer->stream.read) {
        exchange->stream = answer->stream;
        return mhd.create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, stream_read, exchange, NULL);
    }
    response = mhd.create_response_from_buffer(
        answer->len, answer->body, answer->lasting ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_FREE);
    if (!response && !answer->lasting)
        free(answer->body);
    return response;
}

/* Gives an answer its header. */
static void add_header(struct exchange *exchange, const struct http_answer *answer,
                       struct MHD_Response *response)
{
    const struct engine *engine = exchange->connection->loop->engine;

    if (answer->type)
        (void)mhd.add_response_header(response, "Content-Type", answer->type);
    for (size_t i = 0; i < answer->header_count; i++)
        (void)mhd.add_response_header(response, answer->headers[i].name, answer->headers[i].value);
    guard_headers(response, answer);
    if (exchange->is_open && strcmp(exchange->request.method, "GET") == 0)
        (void)mhd.add_response_header(response, "Access-Control-Allow-Origin", "*");
    if (exchange->is_close || atomic_load(&engine->stopping))
        (void)mhd.add_response_header(response, "Connection", "close");
}

/* Does its header say nothing but what it is? */
static bool is_plain(const struct exchange *exchange, const struct http_answer *answer)
{
    const struct engine *engine = exchange->connection->loop->engine;

    return answer->type && !answer->stream.read && answer->len > 0 && answer->len <= KEPT_BYTES &&
           answer->header_count == 0 && !exchange->is_close && !atomic_load(&engine->stopping) &&
           !exchange->is_open;
}

/* The response with this body and type: the kept one, or a new one, which is kept now. */
static struct MHD_Response *plain_response(struct exchange *exchange, struct http_answer *answer)
{
    struct kept *kept = &exchange->connection->loop->kept;

    if (kept->response && kept->len == answer->len && strcmp(kept->type, answer->type) == 0 &&
        memcmp(kept->body, answer->body, answer->len) == 0) {
        if (!answer->lasting)
            free(answer->body);
        return kept->response;
    }
    if (kept->response)
        mhd.destroy_response(kept->response);
    kept->type = answer->type;
    kept->len = answer->len;
    memcpy(kept->body, answer->body, answer->len);
    kept->response = make_response(exchange, answer);
    if (kept->response)
        add_header(exchange, answer, kept->response);
    return kept->response;
}

static enum MHD_Result send_answer(struct exchange *exchange, struct http_answer *answer)
{
    struct connection *connection = exchange->connection;
    struct MHD_Response *response;
    enum MHD_Result queued;
    bool plain;

    exchange->is_open = guard_is_open(connection->loop->engine->server, exchange->request.path);
    plain = is_plain(exchange, answer);
    response = plain ? plain_response(exchange, answer) : make_response(exchange, answer);
    if (!response)
        return MHD_NO;
    if (!plain)
        add_header(exchange, answer, response);
    counts_answer(exchange->route, answer->status, steady_ns() - exchange->begun_ns);
    connection_enter(connection, PHASE_ANSWER);
    queued = mhd.queue_response(connection->mhd, answer->status, response);
    if (!plain)
        mhd.destroy_response(response);
    return queued;
}

/* A ledger that was replaced is opened anew, and the handler asked once more: nothing was changed then. */
static int ask(struct exchange *exchange, struct http_answer *answer)
{
    struct server *server = exchange->connection->loop->engine->server;
    int code = TQ_EGONE;

    for (int turn = 0; turn < 2 && code == TQ_EGONE; turn++) {
        uint64_t opened;

        (void)pthread_rwlock_rdlock(&server->ledger_lock);
        opened = server->opened;
        if (server->ledger || exchange->route->right == HTTP_ANYONE)
            code = exchange->route->handle(server, &exchange->request, answer);
        (void)pthread_rwlock_unlock(&server->ledger_lock);
        if (code == TQ_EGONE && serve_reopen(server, opened) < 0)
            break;
    }
    return code;
}

static enum MHD_Result give(struct exchange *exchange)
{
    struct http_answer answer = {0};
    int code = 0;

    exchange->request.body = exchange->body ? exchange->body : "";
    exchange->request.now_ns = tq_now_ns();
    if (exchange->is_full) {
        http_field(&answer, "Retry-After", "1");
        (void)http_problem(&answer, 503, "no_room",
                           "other requests take all the room for bodies; send it again");
    } else {
        code = ask(exchange, &answer);
    }
    body_free(exchange);
    if (code < 0)
        code = enforce_fail(&exchange->request, &answer, code);
    if (code < 0)
        (void)http_code(&answer, code);
    else if (answer.status == 0)
        (void)http_problem(&answer, 500, "not_decided", "the daemon gave no answer; please report this");
    return send_answer(exchange, &answer);
}

/* ---- what libmicrohttpd calls ---------------------------------------------------------------- */

static enum MHD_Result refuse(struct exchange *exchange, struct http_answer *answer, int guard)
{
    exchange->is_close = guard == GUARD_CLOSE || exchange->body_len > 0;
    return send_answer(exchange, answer);
}

/* Who asks, and for what? A request with a body is refused before that is read. */
static enum MHD_Result decide(struct exchange *exchange)
{
    struct http_answer answer = {0};
    int guard = route(exchange, &answer);

    exchange->is_decided = true;
    if (guard != GUARD_FINE)
        return refuse(exchange, &answer, guard);
    return exchange->body_len > 0 ? MHD_YES : give(exchange);
}

/* libmicrohttpd closes a connection whose request is answered before it has been read, so that what has no
 * body is decided at its end. */
static bool has_body(const struct exchange *exchange)
{
    const char *len = http_header(&exchange->request, "Content-Length");

    return (len && strcmp(len, "0") != 0) || http_header(&exchange->request, "Transfer-Encoding");
}

static enum MHD_Result begin(struct connection *connection, const char *url, const char *method, void **state)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);

    if (!exchange)
        return MHD_NO;
    *state = exchange;
    exchange->connection = connection;
    exchange->begun_ns = connection->loop->now_ns;
    exchange->request =
        (struct http_request){.method = method, .path = url, .rest = "", .connection = connection->mhd};
    connection_enter(connection, PHASE_BODY);
    return has_body(exchange) ? decide(exchange) : MHD_YES;
}

enum MHD_Result exchange_step(void *context, struct MHD_Connection *of, const char *url, const char *method,
                              const char *version, const char *upload, size_t *upload_len, void **state)
{
    struct exchange *exchange = *state;
    const union MHD_ConnectionInfo *info;

    (void)context;
    (void)version;
    if (!exchange) {
        info = mhd.get_connection_info(of, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
        return info && info->socket_context ? begin(info->socket_context, url, method, state) : MHD_NO;
    }
    if (*upload_len > 0) {
        size_t len = *upload_len;

        *upload_len = 0;
        exchange->is_full = exchange->is_full || !body_take(exchange, upload, len);
        return MHD_YES;
    }
    return exchange->is_decided ? give(exchange) : decide(exchange);
}

void exchange_end(void *context, struct MHD_Connection *of, void **state,
                  enum MHD_RequestTerminationCode code)
{
    struct exchange *exchange = *state;

    (void)context;
    (void)of;
    (void)code;
    *state = NULL;
    if (!exchange)
        return;
    if (exchange->stream.close)
        exchange->stream.close(exchange->stream.state);
    body_free(exchange);
    connection_enter(exchange->connection, PHASE_IDLE);
    free(exchange);
}
