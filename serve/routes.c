/* routes.c: which handler answers which method and path, and what the asker must be allowed to do.
 *
 * SPDX-License-Identifier: MIT
 */
#include "routes.h"

#include "writes.h"

/* In the order of docs/serve.md. */
const struct http_route http_routes[] = {
    {"GET", "/healthz", HTTP_ANYONE, health_alive},
    {"GET", "/health", HTTP_ANYONE, health_alive},
    {"GET", "/readyz", HTTP_ANYONE, health_ready},
    {"POST", "/v1/observe", HTTP_WRITE, observe_answer},
    {"POST", "/v1/signal", HTTP_WRITE, signal_answer},
    {"POST", "/v1/mark", HTTP_WRITE, mark_answer},
    {"POST", "/v1/limit", HTTP_WRITE, limit_set_answer},
    {"DELETE", "/v1/limit", HTTP_WRITE, limit_remove_answer},
    {"GET", "/v1/openapi.json", HTTP_ANYONE, openapi_answer},
    {0},
};
