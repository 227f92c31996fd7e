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

/* To ask for a state checks whether the file is still that of the path. */
int health_ready(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    int64_t retry_at_ns;
    int state;

    if (!server->ledger)
        return TQ_EGONE; /* whoever waits for this asks nothing else that would open it */
    state = tq_store_state(tq_ledger_store(server->ledger), "readyz", request->now_ns, &retry_at_ns);
    return state < 0 ? state : say_ok(answer);
}
