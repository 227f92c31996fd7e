/* routes.c: which handler answers which method and path, and what the asker must be allowed to do.
 *
 * SPDX-License-Identifier: MIT
 */
#include "routes.h"

/* In the order of docs/serve.md. */
const struct http_route http_routes[] = {
    {"GET", "/healthz", HTTP_ANYONE, health_alive},
    {"GET", "/health", HTTP_ANYONE, health_alive},
    {"GET", "/readyz", HTTP_ANYONE, health_ready},
    {"POST", "/v1/observe", HTTP_WRITE, observe_answer},
    {"POST", "/v1/signal", HTTP_WRITE, signal_answer},
    {"POST", "/v1/mark", HTTP_WRITE, mark_answer},
    {"POST", "/v1/hold", HTTP_WRITE, hold_take_answer},
    {"POST", "/v1/hold/settle", HTTP_WRITE, hold_settle_answer},
    {"POST", "/v1/hold/cancel", HTTP_WRITE, hold_cancel_answer},
    {"POST", "/v1/hold/extend", HTTP_WRITE, hold_extend_answer},
    {"POST", "/v1/limit", HTTP_WRITE, limit_set_answer},
    {"DELETE", "/v1/limit", HTTP_WRITE, limit_remove_answer},
    {"GET", "/v1/verdict", HTTP_READ, reads_verdict},
    {"POST", "/v1/verdict", HTTP_READ, reads_verdict}, /* Envoy asks with its client's method */
    {"GET", "/v1/route", HTTP_READ, reads_route},
    {"POST", "/v1/route", HTTP_WRITE, reads_route},
    {"GET", "/v1/status", HTTP_READ, reads_status},
    {"GET", "/v1/explain", HTTP_READ, reads_explain},
    {"GET", "/v1/exhausted", HTTP_READ, reads_exhausted},
    {"GET", "/v1/limits", HTTP_READ, limits_all},
    {"GET", "/v1/limits/", HTTP_READ, limits_one},
    {"GET", "/v1/events", HTTP_READ, events_answer},
    {"GET", "/v1/openapi.json", HTTP_ANYONE, openapi_answer},
    {"GET", "/metrics", HTTP_READ, metrics_get},
    {"GET", "/", HTTP_ANYONE, page_root},
    {"GET", "/page/", HTTP_ANYONE, page_file},
    {0},
};
