/* enforce.c: answers for gateways that ask in a subrequest whether a call may be made.
 *
 * SPDX-License-Identifier: MIT
 */
#include "enforce.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asked.h"
#include "base/text.h"
#include "base/time.h"
#include "view/limits.h"

#define REASON "X-Tokenquota-Reason"

int enforce_read(const struct http_request *request, struct http_answer *answer, struct enforce *enforce)
{
    const char *status = http_query(request, "enforce"), *on_error = http_query(request, "on_error");

    *enforce = (struct enforce){.allow = on_error && strcmp(on_error, "allow") == 0};
    if (status && strcmp(status, "429") == 0)
        enforce->status = 429;
    else if (status && strcmp(status, "403") == 0)
        enforce->status = 403;
    else if (status)
        return asked_refuse(answer, "bad_enforce", "enforce \"%s\": write 429, or 403 for nginx", status);
    if (!on_error || (status && (enforce->allow || strcmp(on_error, "deny") == 0)))
        return 0;
    return asked_refuse(answer, "bad_on_error",
                        "on_error goes with enforce, and is allow or deny (as without it)");
}

int enforce_pass(struct http_answer *answer, const char *reason)
{
    if (reason)
        http_field(answer, REASON, "%s", reason);
    answer->status = 200;
    return http_text(answer, "text/plain; charset=utf-8", strdup(""), 0);
}

int enforce_refuse(const struct enforce *enforce, struct http_answer *answer, const char *sentence)
{
    return http_problem(answer, enforce->status, "quota_exhausted", "%s", sentence);
}

int enforce_fail(const struct http_request *request, struct http_answer *answer, int code)
{
    struct enforce enforce;

    if (strcmp(request->path, "/v1/verdict") != 0 && strcmp(request->path, "/v1/route") != 0)
        return code;
    *answer = (struct http_answer){0};
    if (!http_query(request, "enforce") || enforce_read(request, answer, &enforce) != 0)
        return code;
    if (enforce.allow)
        return enforce_pass(answer, "undecided");
    return http_problem(answer, 503, "undecided", "it could not be decided: %s", http_trouble(code));
}

/* Whole seconds until an instant, rounded up, at least 1. */
static int64_t seconds_until(int64_t at_ns, int64_t now_ns)
{
    int64_t left_ns;

    if (__builtin_sub_overflow(at_ns, now_ns, &left_ns))
        left_ns = INT64_MAX;
    return left_ns > 0 ? (left_ns - 1) / TQ__SECOND_NS + 1 : 1;
}

/* What is left of the tokens that ran out: of a limit that was counted here, or of the budget. */
static bool read_tokens(const struct tq_verdict *verdict, int64_t *amount, int64_t *left)
{
    bool limit = verdict_has_limit(verdict);
    int64_t kept = verdict->flags & TQ_USE_RESERVE ? 0 : verdict->limit_reserve;

    if (verdict->reason != TQ_REASON_PREDICTED && verdict->reason != TQ_REASON_SPENT)
        return false;
    if (limit && (verdict->limit_window == TQ_WINDOW_STATED ||
                  (verdict->limit_unit != TQ_UNIT_TOKENS && verdict->limit_unit != TQ_UNIT_TOTAL)))
        return false;
    *amount = limit ? verdict->limit_amount : verdict->budget;
    *left = limit ? *amount - verdict->limit_used - kept : verdict->left;
    if (*left < 0)
        *left = 0;
    return *amount > 0;
}

void enforce_fields(struct http_answer *answer, const struct tq_verdict *verdict, int64_t retry_at_ns,
                    int64_t now_ns)
{
    bool known = retry_at_ns < TQ_NOW_END_NS;
    long long wait = known ? (long long)seconds_until(retry_at_ns, now_ns) : 0;
    int64_t amount, left;

    if (known)
        http_field(answer, "Retry-After", "%lld", wait);
    if (verdict->reason)
        http_field(answer, REASON, "%s", tq_reason_name(verdict->reason));
    if (!read_tokens(verdict, &amount, &left))
        return;
    http_field(answer, "X-RateLimit-Limit-Tokens", "%lld", (long long)amount);
    http_field(answer, "X-RateLimit-Remaining-Tokens", "%lld", (long long)left);
    if (known)
        http_field(answer, "X-RateLimit-Reset-Tokens", "%lld", wait);
}

void enforce_provider(struct http_answer *answer, const char *name)
{
    static const char plain[] = "-._~/:@";
    char text[sizeof answer->headers[0].value];
    size_t len = 0;

    for (; *name; name++) {
        unsigned char byte = (unsigned char)*name;
        bool as_is = tq__is_letter(*name) || tq__is_digit(*name) || strchr(plain, *name);

        if (len + 4 > sizeof text)
            return;
        len += (size_t)snprintf(text + len, sizeof text - len, as_is ? "%c" : "%%%02X", byte);
    }
    http_field(answer, "X-Tokenquota-Provider", "%s", text);
}
