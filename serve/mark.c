/* mark.c: POST /v1/mark takes a provider out of routing until a given time, or puts it back.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "asked.h"
#include "body.h"
#include "records.h"
#include "routes.h"
#include "serve.h"
#include "view/values.h"
#include "view/verdict.h"

#define TIME_TEXT_BYTES 64

struct marking {
    struct tq__json_item provider, until, length, available;
    char name[TQ_NAME_MAX + 1];
    int64_t until_ns; /* 0: available */
};

static int read_until(const struct http_request *request, struct http_answer *answer, struct marking *marking)
{
    if (!record_instant(&marking->until, &marking->until_ns))
        return asked_refuse(
            answer, "bad_instant",
            "\"until\" is no instant; write for example \"2026-03-05T12:00:00Z\", or epoch seconds");
    if (marking->until_ns > request->now_ns)
        return 0;
    return asked_problem(answer, 422, "has_passed",
                         "\"until\" has passed; to put the provider back send \"available\": true");
}

static int read_length(const struct http_request *request, struct http_answer *answer,
                       struct marking *marking)
{
    char text[TIME_TEXT_BYTES];
    int64_t length_ns;
    int result = body_text(answer, &marking->length, "for",
                           "; write for example \"15m\", \"1h30m\" or \"2d\"", text, sizeof text);
    const char *wrong = result == 0 ? length_parse(text, &length_ns) : NULL;

    if (result != 0)
        return result;
    if (!wrong && length_ns == 0)
        wrong = "must be longer than 0";
    if (!wrong && (__builtin_add_overflow(request->now_ns, length_ns, &marking->until_ns) ||
                   marking->until_ns >= TQ_NOW_END_NS))
        wrong = "is too long";
    return wrong ? asked_refuse(answer, "bad_length", "\"for\" \"%s\" %s", text, wrong) : 0;
}

static int read_body(const struct http_request *request, struct http_answer *answer, struct marking *marking)
{
    const struct tq__json_wanted wanted[] = {
        {"provider", &marking->provider},
        {"until", &marking->until},
        {"for", &marking->length},
        {"available", &marking->available},
    };
    int result = body_members(request, answer, wanted, sizeof wanted / sizeof wanted[0]);
    bool until = marking->until.kind != TQ__JSON_NONE, length = marking->length.kind != TQ__JSON_NONE;
    bool available = marking->available.kind == TQ__JSON_TRUE;

    if (result == 0)
        result = body_provider(answer, &marking->provider, marking->name);
    if (result != 0)
        return result;
    if (until + length + available != 1 || (!available && marking->available.kind != TQ__JSON_NONE))
        return asked_refuse(answer, "bad_body",
                            "give one of \"until\": INSTANT, \"for\": LENGTH and \"available\": true");
    if (available)
        return 0;
    return until ? read_until(request, answer, marking) : read_length(request, answer, marking);
}

/* 0; 1 when it has filled the answer; or the library's code. */
static int mark(const struct server *server, const struct http_request *request, struct http_answer *answer,
                const struct marking *marking, struct tq_provider **provider)
{
    int result;

    /* Makes no provider: a name that the ledger does not know is most likely misspelt. */
    if (marking->until_ns == 0) {
        result = asked_known(server, answer, marking->name, provider);
        return result == 0 ? tq_provider_mark_available_at(*provider, request->now_ns) : result;
    }
    result = asked_made(server, answer, marking->name, provider);
    return result == 0 ? tq_provider_mark_quota_exhausted(*provider, marking->until_ns) : result;
}

int mark_answer(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    struct marking marking = {.until_ns = 0};
    struct tq_provider *provider = NULL;
    struct tq_verdict verdict;
    int result = asked_only(request, answer, (const char *const[]){NULL});

    if (result == 0)
        result = read_body(request, answer, &marking);
    if (result == 0)
        result = mark(server, request, answer, &marking, &provider);
    if (result != 0)
        return asked_end(result);
    result = verdict_read(provider, request->now_ns, 0, &verdict);
    return result < 0 ? result : asked_verdict(answer, marking.name, &verdict);
}
