/* health.c: GET /healthz and GET /readyz: does the daemon run, and can it read the ledger?
 *
 * SPDX-License-Identifier: MIT
 */
#include "routes.h"
#include "serve.h"

static char ok[] = "{\"status\":\"ok\"}\n";

static int say_ok(struct http_answer *answer)
{
    answer->status = 200;
    answer->type = "application/json";
    answer->body = ok;
    answer->len = sizeof ok - 1;
    answer->lasting = true;
    return 0;
}

int health_alive(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    (void)server;
    (void)request;
    return say_ok(answer);
}

int health_ready(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    int wrong;

    (void)request;
    if (!server->ledger)
        return TQ_EGONE; /* whoever waits for this asks nothing else that would open it */
    wrong = serve_check_file(server);
    return wrong < 0 ? wrong : say_ok(answer);
}
