/* openapi.c: GET /v1/openapi.json, which describes all paths to programs.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "embedded.h"
#include "routes.h"

int openapi_answer(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    const char *known = http_header(request, "If-None-Match");

    (void)server;
    http_field(answer, "ETag", "%s", openapi_json->etag);
    answer->lasting = true;
    if (known && strstr(known, openapi_json->etag)) {
        answer->status = 304;
        return 0;
    }
    answer->status = 200;
    answer->type = openapi_json->type;
    answer->body = (char *)openapi_json->bytes;
    answer->len = openapi_json->len;
    return 0;
}
