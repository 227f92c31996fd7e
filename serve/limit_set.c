/* limit_set.c: POST /v1/limit sets a limit by its sentence, DELETE /v1/limit removes one.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "asked.h"
#include "body.h"
#include "routes.h"
#include "serve.h"
#include "view/json.h"
#include "view/limits.h"

#define SENTENCE_MOST 512 /* as the command takes */

/* Answers with the limits of a provider as they are now. only: of one number, 0 of all. */
static int say_limits(const struct http_request *request, struct http_answer *answer,
                      struct tq_provider *provider, uint32_t only)
{
    const char *name = tq_provider_name(provider);
    struct limits limits;
    int result = limits_read(provider, request->now_ns, &limits);
    const struct tq_limit_state *one = result < 0 || only == 0 ? NULL : limits_find(&limits, only);

    if (result >= 0) {
        struct limits shown = limits;

        if (one)
            shown = (struct limits){(struct tq_limit_state *)one, 1, limits.at_ns};
        result = asked_document(answer, provider_limits_json(name, &shown));
    }
    limits_free(&limits);
    return result;
}

/* What the library refuses: it may be this machine's fault, or the caller's. */
static int say_refused(struct http_answer *answer, const struct tq_limit *limit, const char *name, int code,
                       const struct tq_error *error)
{
    char why[LIMIT_REFUSED_BYTES];
    unsigned status = code == TQ_EFULL ? 409 : 422;

    if (code == TQ_EGONE || code == TQ_ENOMEM || code == TQ_ENOSPC || code == TQ_EREADONLY)
        return code;
    limit_refused(limit, name, code, error, why);
    return http_problem(answer, status, code == TQ_EFULL ? "too_many_limits" : "bad_limit", "%s", why);
}

int limit_set_answer(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    struct tq__json_item of_provider, of_limit;
    const struct tq__json_wanted wanted[] = {{"provider", &of_provider}, {"limit", &of_limit}};
    char name[TQ_NAME_MAX + 1], sentence[SENTENCE_MOST];
    struct tq_limit limit = {.size = sizeof limit};
    struct tq_error error = {.size = sizeof error};
    struct tq_provider *provider;
    int result = asked_only(request, answer, (const char *const[]){NULL});

    if (result == 0)
        result = body_members(request, answer, wanted, 2);
    if (result == 0)
        result = body_provider(answer, &of_provider, name);
    if (result == 0)
        result = body_text(answer, &of_limit, "limit", ", such as \"5M tokens per day\"", sentence,
                           sizeof sentence);
    if (result != 0)
        return asked_end(result);
    if (tq_limit_parse(sentence, &limit, &error) < 0)
        return http_problem(answer, 422, "bad_limit", "%s", error.msg);
    result = asked_made(server, answer, name, &provider);
    if (result != 0)
        return asked_end(result);
    result = tq_provider_set_limit(provider, &limit, &error);
    return result > 0 ? say_limits(request, answer, provider, (uint32_t)result)
                      : say_refused(answer, &limit, name, result, &error);
}

int limit_remove_answer(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    struct tq_provider *provider = NULL;
    const char *name = NULL;
    int64_t number = 0;
    int result = asked_only(request, answer, (const char *const[]){"provider", "limit", NULL});

    if (result == 0)
        result = asked_provider(request, answer, &name);
    if (result == 0)
        result = asked_number(request, answer, "limit", TQ_LIMITS_MAX, &number);
    if (result == 0 && number == 0)
        result = asked_refuse(answer, "no_limit", "say which limit: ?limit=N, its number in /v1/status");
    if (result == 0)
        result = asked_known(server, answer, name, &provider);
    if (result != 0)
        return asked_end(result);
    result = tq_provider_remove_limit(provider, (uint32_t)number);
    if (result == 1)
        return http_problem(answer, 404, "unknown_limit",
                            "\"%s\" has no limit %d; /v1/status lists its limits", name, (int)number);
    return result < 0 ? result : say_limits(request, answer, provider, 0);
}
