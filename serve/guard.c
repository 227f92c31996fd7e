/* guard.c: refuses requests that are ambiguous, for another host, from a page of another host, or without a
 * token.
 *
 * SPDX-License-Identifier: MIT
 *
 * A page in a browser may send requests to addresses of the machine, and a name that its owner points at
 * 127.0.0.1 makes the daemon look like the page's own server (DNS rebinding). So without a token a request
 * must name a host that no stranger can own: an address, localhost, or a name of --name.
 */
#include "guard.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "token.h"

#define POLICY                                                                                               \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "    \
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/* ---- the form -------------------------------------------------------------------------------- */

/* Has a field a character that the grammar forbids (RFC 9110)? Readers differ in what they make of it:
 * "Content-Length " with a space, a NUL, half a line end. */
static bool is_odd(const char *name, size_t name_len, const char *value, size_t value_len)
{
    bool odd = name_len == 0;

    for (size_t i = 0; i < name_len && !odd; i++)
        if (!tq__is_letter(name[i]) && !tq__is_digit(name[i]))
            odd = name[i] == '\0' || !strchr("-_!#$%&'*+.^`|~", name[i]);
    for (size_t i = 0; i < value_len; i++)
        odd |= ((unsigned char)value[i] < ' ' && value[i] != '\t') || value[i] == 0x7f;
    return odd;
}

static enum MHD_Result take_field(void *context, enum MHD_ValueKind kind, const char *name, size_t name_len,
                                  const char *value, size_t value_len)
{
    struct guarded *guarded = context;

    (void)kind;
    value = value ? value : "";
    guarded->is_odd |= is_odd(name, name_len, value, value_len);
    if (strcasecmp(name, "Host") == 0) {
        guarded->hosts++;
        guarded->host = value;
    } else if (strcasecmp(name, "Content-Length") == 0) {
        guarded->lengths++;
        guarded->length = value;
    } else if (strcasecmp(name, "Transfer-Encoding") == 0 || strcasecmp(name, "Trailer") == 0) {
        guarded->has_more = true;
    } else if (strcasecmp(name, "Origin") == 0) {
        guarded->origin = value;
    } else if (strcasecmp(name, "Authorization") == 0) {
        guarded->authorization = value;
    } else if (strcasecmp(name, "Expect") == 0 && strcasecmp(value, "100-continue") != 0) {
        guarded->has_more = true;
    }
    return MHD_YES;
}

/* SIZE_MAX for what is no number of digits alone, or too large. */
static size_t read_length(const char *text)
{
    size_t len = 0;

    if (!*text || strspn(text, "0123456789") != strlen(text))
        return SIZE_MAX;
    for (; *text; text++)
        if (__builtin_mul_overflow(len, 10, &len) || __builtin_add_overflow(len, (size_t)(*text - '0'), &len))
            return SIZE_MAX;
    return len;
}

/* A parameter that is no UTF-8 would be no name, and no JSON in an answer. */
static enum MHD_Result take_parameter(void *context, enum MHD_ValueKind kind, const char *name,
                                      const char *value)
{
    bool *sound = context;

    (void)kind;
    *sound &= tq__utf8_is_valid(tq__span_of(name)) && (!value || tq__utf8_is_valid(tq__span_of(value)));
    return MHD_YES;
}

static bool is_text(const struct connection *connection, const struct http_request *request)
{
    bool sound = !connection->has_nul && tq__utf8_is_valid(tq__span_of(request->path));

    (void)mhd.get_connection_values(connection->mhd, MHD_GET_ARGUMENT_KIND, take_parameter, &sound);
    return sound;
}

static bool may_have_body(const char *method)
{
    return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 || strcmp(method, "PATCH") == 0;
}

int guard_form(const struct connection *connection, struct guarded *guarded,
               const struct http_request *request, struct http_answer *answer, size_t *body_len)
{
    *guarded = (struct guarded){0};
    (void)mhd.get_connection_values_n(connection->mhd, MHD_HEADER_KIND, take_field, guarded);
    *body_len = guarded->length ? read_length(guarded->length) : 0;
    if (guarded->is_odd) {
        (void)http_problem(answer, 400, "bad_header", "a header has a character that HTTP forbids");
        return GUARD_CLOSE;
    }
    if (guarded->lengths > 1 || guarded->hosts > 1 || guarded->has_more) {
        (void)http_problem(
            answer, 400, "bad_header",
            "send one Host, a body with one Content-Length, and no Transfer-Encoding, Trailer or Expect");
        return GUARD_CLOSE;
    }
    if (*body_len > HTTP_BODY_MAX) {
        (void)http_problem(answer, 413, "too_large", "a body has at most %u bytes; send several requests",
                           HTTP_BODY_MAX);
        return GUARD_CLOSE;
    }
    if (*body_len > 0 && !may_have_body(request->method)) {
        (void)http_problem(answer, 400, "bad_header", "this method takes no body");
        return GUARD_CLOSE;
    }
    if (is_text(connection, request))
        return GUARD_FINE;
    (void)http_problem(answer, 400, "bad_text",
                       "the path and the query must be UTF-8 without NUL, percent-encoded");
    return GUARD_CLOSE;
}

/* ---- the host and the page ------------------------------------------------------------------- */

/* The host without its port and without the brackets of an IPv6 address; {NULL, 0} when it is none. */
static struct tq__span host_of(struct tq__span text)
{
    bool brackets = text.len > 0 && *text.at == '[';
    const char *end = memchr(text.at, brackets ? ']' : ':', text.len);
    struct tq__span host = {text.at + brackets, (end ? (size_t)(end - text.at) : text.len) - brackets};
    struct tq__span port = tq__span_behind(text, brackets + host.len + (brackets && end));

    if ((brackets && !end) || (port.len > 0 && *port.at != ':'))
        return (struct tq__span){NULL, 0};
    for (size_t i = 1; i < port.len; i++)
        if (!tq__is_digit(port.at[i]))
            return (struct tq__span){NULL, 0};
    return host;
}

static bool is_address(struct tq__span host)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char address[sizeof(struct in6_addr)];

    if (host.len >= sizeof text)
        return false;
    memcpy(text, host.at, host.len);
    text[host.len] = '\0';
    return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

static bool is_ours(const struct server *server, struct tq__span host)
{
    if (!host.at || host.len == 0)
        return false;
    if (tq__span_matches(host, "localhost") || tq__span_ends(host, ".localhost") || is_address(host))
        return true;
    for (size_t i = 0; i < server->options.name_count; i++)
        if (tq__spans_match(host, tq__span_of(server->options.names[i])))
            return true;
    return false;
}

/* Is the page that asks one of the host that is asked, or of a name of ours? */
static bool is_own_page(const struct server *server, const struct guarded *guarded)
{
    struct tq__span origin = tq__span_of(guarded->origin),
                    host = tq__span_of(guarded->host ? guarded->host : "");
    struct tq__span name;

    if (tq__span_begins(origin, "http://"))
        origin = tq__span_behind(origin, 7);
    else if (tq__span_begins(origin, "https://"))
        origin = tq__span_behind(origin, 8);
    else
        return false;
    if (tq__spans_match(origin, host))
        return true;
    name = host_of(origin);
    for (size_t i = 0; i < server->options.name_count; i++)
        if (tq__spans_match(name, tq__span_of(server->options.names[i])))
            return true;
    return false;
}

/* ---- the right ------------------------------------------------------------------------------- */

static int refuse_bearer(enum http_right has, const struct guarded *guarded, struct http_answer *answer)
{
    if (has == HTTP_READ) {
        (void)http_problem(answer, 403, "read_only", "this token may only read; use one of --token-file");
        return GUARD_REFUSED;
    }
    (void)http_problem(answer, 401, guarded->authorization ? "wrong_token" : "no_token",
                       "send the header Authorization: Bearer TOKEN with a token of the daemon's files");
    http_field(answer, "WWW-Authenticate", "Bearer realm=\"tokenquota\"%s",
               guarded->authorization ? ", error=\"invalid_token\"" : "");
    return GUARD_REFUSED;
}

/* A reload may replace the tokens meanwhile. */
static enum http_right right_of(struct server *server, const struct guarded *guarded, bool *needs_token)
{
    enum http_right right = HTTP_ANYONE;

    (void)pthread_rwlock_rdlock(&server->ledger_lock);
    *needs_token = *needs_token && server->tokens;
    if (*needs_token)
        right = tokens_right(server->tokens, guarded->authorization);
    (void)pthread_rwlock_unlock(&server->ledger_lock);
    return right;
}

bool guard_is_open(const struct server *server, const char *path)
{
    return server->cors_limits &&
           (strcmp(path, "/v1/limits") == 0 || strncmp(path, "/v1/limits/", strlen("/v1/limits/")) == 0);
}

int guard_right(const struct connection *connection, const struct guarded *guarded, enum http_right right,
                const struct http_request *request, struct http_answer *answer)
{
    struct server *server = connection->loop->engine->server;
    bool needs_token = !connection->local;
    enum http_right has = right_of(server, guarded, &needs_token);

    /* No stranger's page has a token, so that with one its host does not matter. */
    if (has != HTTP_ANYONE)
        return has >= right ? GUARD_FINE : refuse_bearer(has, guarded, answer);
    if (!connection->local && guarded->host && !is_ours(server, host_of(tq__span_of(guarded->host)))) {
        (void)http_problem(answer, 421, "wrong_host",
                           "ask for localhost or an address; other names of this host are given to --name");
        return GUARD_CLOSE;
    }
    if (guarded->origin && !is_own_page(server, guarded) && !guard_is_open(server, request->path)) {
        (void)http_problem(answer, 403, "wrong_origin", "pages of other hosts may not ask");
        return GUARD_CLOSE;
    }
    return !needs_token || right == HTTP_ANYONE ? GUARD_FINE : refuse_bearer(has, guarded, answer);
}

/* ---- what browsers must not do --------------------------------------------------------------- */

void guard_headers(struct MHD_Response *response, const struct http_answer *answer)
{
    static const char *const fields[][2] = {
        {"Content-Security-Policy", POLICY},
        {"X-Content-Type-Options", "nosniff"},
        {"Cache-Control", "no-store"},
        {"Referrer-Policy", "no-referrer"}, /* of documents alone, which lead elsewhere */
    };
    bool is_document = answer->type && strncmp(answer->type, "text/html", strlen("text/html")) == 0;

    for (size_t i = 0; i < sizeof fields / sizeof fields[0] - !is_document; i++) {
        bool given = false;

        for (size_t j = 0; j < answer->header_count; j++)
            given |= strcasecmp(answer->headers[j].name, fields[i][0]) == 0;
        if (!given)
            (void)mhd.add_response_header(response, fields[i][0], fields[i][1]);
    }
}
