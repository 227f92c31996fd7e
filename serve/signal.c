/* signal.c: POST /v1/signal applies a vendor's response to a provider: the body is what `curl -si` prints.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "asked.h"
#include "counts.h"
#include "routes.h"
#include "serve.h"
#include "view/json.h"
#include "view/listener.h"
#include "view/signal.h"
#include "view/values.h"

/* What the query says beside what the report has. */
struct asked {
    int64_t sent_at_ns;
    bool count, for_model;
};

/* The response becomes the owner of its bytes. */
static int take_response(const struct http_request *request, struct http_answer *answer,
                         struct signal_report *said, const struct asked *asked)
{
    struct listener listener = {0};
    char *bytes;

    if (request->body_len > RESPONSE_BYTES_MOST)
        return asked_problem(answer, 413, "too_large", "a response is at most %zu bytes",
                             (size_t)RESPONSE_BYTES_MOST);
    bytes = malloc(request->body_len + 1);
    if (!bytes)
        return TQ_ENOMEM;
    memcpy(bytes, request->body, request->body_len);
    bytes[request->body_len] = '\0';
    if (response_take(&said->response, bytes, request->body_len, &listener) == 0 &&
        signal_understand(said, 0, asked->sent_at_ns, asked->for_model, &listener) == 0)
        return 0;
    return asked_problem(answer, 422, "not_a_response", "%s", listener.why);
}

static int read_query(const struct http_request *request, struct http_answer *answer,
                      struct signal_report *said, struct asked *asked)
{
    static const char *const known[] = {"provider", "profile", "sent_at", "at", "count", "for_model", NULL};
    struct listener listener = {0};
    int result = asked_only(request, answer, known);

    if (result == 0)
        result = asked_provider(request, answer, &said->provider);
    if (result == 0)
        result = asked_at(request, answer, &said->at_ns, NULL);
    if (result == 0)
        result = asked_instant(request, answer, "sent_at", &asked->sent_at_ns, NULL);
    if (result == 0)
        result = asked_flag(request, answer, "count", &asked->count);
    if (result == 0)
        result = asked_flag(request, answer, "for_model", &asked->for_model);
    if (result == 0 && profile_find(http_query(request, "profile"), &said->asked, &listener) < 0)
        result = asked_refuse(answer, "unknown_profile", "%s", listener.why);
    return result;
}

int signal_answer(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    struct signal_report said = {.provider = NULL};
    struct tq_provider *provider;
    struct asked asked = {.sent_at_ns = 0};
    int result = read_query(request, answer, &said, &asked);

    if (result == 0)
        result = take_response(request, answer, &said, &asked);
    if (result == 0)
        result = asked_made(server, answer, said.provider, &provider);
    if (result == 0 && (result = signal_apply(&said, provider, provider, asked.count)) >= 0) {
        counts_signal(&said.signal);
        result = asked_document(answer, signal_json(&said));
    }
    response_free(&said.response);
    return asked_end(result);
}
