/* embedded.c: GET / and GET /page/FILE, the page, and GET /v1/openapi.json, which describes all paths to
 * programs: files that the program carries in itself.
 *
 * SPDX-License-Identifier: MIT
 *
 * They hold no data of the ledger: the page asks for that as any client does.
 */
#include <string.h>

#include "embedded.h"
#include "routes.h"

#define PAGE "index.html"

static const struct embedded *find(const char *path)
{
    for (const struct embedded *file = page_files; file->path; file++)
        if (strcmp(file->path, path) == 0)
            return file;
    return NULL;
}

/* Has the client the file already? It may name several versions, and a cache between may have called them
 * weak. */
static bool is_known(const struct http_request *request, const struct embedded *file)
{
    const char *known = http_header(request, "If-None-Match");

    return known && (strcmp(known, "*") == 0 || strstr(known, file->etag));
}

/* file NULL: the page has none of this name. */
static int answer_with(const struct http_request *request, const struct embedded *file,
                       struct http_answer *answer)
{
    if (!file)
        return http_problem(answer, 404, "no_such_file", "the page has no such file; it begins at /");
    http_field(answer, "ETag", "%s", file->etag);
    http_field(answer, "Cache-Control", "no-cache"); /* another version of the daemon has others */
    answer->lasting = true;
    if (is_known(request, file)) {
        answer->status = 304;
        answer->body = "";
        return 0;
    }
    answer->status = 200;
    answer->type = file->type;
    answer->body = (char *)file->bytes; /* which nobody writes to, as it is lasting */
    answer->len = file->len;
    return 0;
}

int page_root(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    (void)server;
    return answer_with(request, find(PAGE), answer);
}

int page_file(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    (void)server;
    return answer_with(request, find(request->rest), answer);
}

int openapi_answer(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    (void)server;
    return answer_with(request, openapi_json, answer);
}
