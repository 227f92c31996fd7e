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
    {"GET", "/", HTTP_ANYONE, page_root},
    {"GET", "/page/", HTTP_ANYONE, page_file},
    {0},
};
