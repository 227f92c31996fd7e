/* http.h: one request and its answer, as the handlers see them, and the table that leads from one to the
 * other.
 *
 * SPDX-License-Identifier: MIT
 *
 * The engine (engine.c) reads requests, checks who asks (guard.c), finds the route and sends the answer. A
 * handler reads the request, asks the ledger through the public header, import/ and view/, and fills the
 * answer. Handlers decide nothing and touch no socket. With --threads they run at once in several threads.
 */
#ifndef TOKENQUOTA_SERVE_HTTP_H
#define TOKENQUOTA_SERVE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <tokenquota.h>

struct json_t;
struct server;

struct http_request {
    const char *method; /* "GET", "POST", "DELETE" */
    const char *path;   /* without the query */
    const char *rest;   /* what the route's final "/" was followed by, decoded; "" when nothing was */
    const char *body;   /* ends in a NUL that body_len does not count */
    size_t body_len;
    int64_t now_ns; /* when all of it had been read */
    void *connection;
};

/* A parameter of the query, decoded; NULL: it is not there. "" when it has no value. It may hold any UTF-8
 * text, but no NUL. It lives as long as the request. */
const char *http_query(const struct http_request *request, const char *name);

/* All values of a parameter that is there several times, at most capacity of them; how many there are. */
size_t http_query_all(const struct http_request *request, const char *name, const char **values,
                      size_t capacity);

/* A parameter that is there and is none of the known ones, up to a NULL; NULL: there is none. */
const char *http_query_foreign(const struct http_request *request, const char *const *known);

/* A field of the header by its name; NULL: it is not there. */
const char *http_header(const struct http_request *request, const char *name);

/* ---- the answer ------------------------------------------------------------------------------ */

#define HTTP_HEADERS 8

/* A body that has no end: events. read fills out with at most capacity bytes and answers how many, 0 when
 * there is nothing yet, negative when it ends. It is asked again after http_wake, and every 15 s at least: a
 * stream that then gives a comment finds out whether its client is still there. close frees state. Both are
 * called from the thread of the connection. */
struct http_stream {
    ssize_t (*read)(void *state, char *out, size_t capacity);
    void (*close)(void *state);
    void *state;
};

struct http_answer {
    unsigned status; /* 0: the handler gave none, which is an error of ours */
    const char *type;
    char *body; /* freed by the engine, but when lasting */
    size_t len;
    bool lasting; /* the body is part of the program */
    struct http_stream stream;
    struct {
        const char *name;
        char value[256];
    } headers[HTTP_HEADERS];
    size_t header_count;
};

/* Each of these gives 0, for the handler to return, or TQ_ENOMEM. */

/* A JSON document, which is given away; NULL: there was no memory. */
int http_json(struct http_answer *answer, unsigned status, struct json_t *document);

/* A body of text that was allocated, which is given away. */
int http_text(struct http_answer *answer, const char *type, char *body, size_t len);

/* An error as RFC 9457 has it: application/problem+json with type "about:blank", title, status, detail, and
 * code: one short word that programs can compare, such as "unknown_provider". The sentence says what to do.
 */
__attribute__((format(printf, 4, 5))) int http_problem(struct http_answer *answer, unsigned status,
                                                       const char *code, const char *format, ...);

/* And with more members, which are given away; NULL: there was no memory for them. */
__attribute__((format(printf, 5, 6))) int http_problem_more(struct http_answer *answer, unsigned status,
                                                            const char *code, struct json_t *more,
                                                            const char *format, ...);

/* What a code of the library means to whoever sent the request. */
const char *http_trouble(int code);

/* A problem by a code of the library. */
int http_code(struct http_answer *answer, int code);

/* A field of the header; what is no visible ASCII in the value becomes "?". name lasts. */
__attribute__((format(printf, 3, 4))) void http_field(struct http_answer *answer, const char *name,
                                                      const char *format, ...);

/* ---- routes ---------------------------------------------------------------------------------- */

#define HTTP_BODY_MAX (8u << 20)

enum http_right {
    HTTP_ANYONE, /* says nothing of the ledger: /healthz */
    HTTP_READ,
    HTTP_WRITE,
};

/* Answers a request: 0 when answer is filled; negative, a code of the library: the engine opens the ledger
 * anew after TQ_EGONE and calls once more, and answers any other with a problem. */
typedef int http_handler(struct server *server, const struct http_request *request,
                         struct http_answer *answer);

struct http_route {
    const char *method;
    const char *path; /* a final "/" takes what follows, see rest; but "/" takes itself alone */
    enum http_right right;
    http_handler *handle;
};

/* All of them; one without a method ends them (routes.c). */
extern const struct http_route http_routes[];

/* Asks the streams again which have waited; from any thread. */
void http_wake(struct server *server);

#endif
