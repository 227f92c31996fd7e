/* enforce.h: answers for gateways that ask in a subrequest whether a call may be made.
 *
 * SPDX-License-Identifier: MIT
 *
 * ?enforce=429 (Envoy, Traefik) or ?enforce=403 (nginx passes on 401 and 403 alone): 200 with an empty body
 * when a call can be made, else that status with Retry-After. What could not be decided is 503, unless the
 * gateway asks with on_error=allow to let the call pass; then it is 200, and a field of the header says so.
 */
#ifndef TOKENQUOTA_SERVE_ENFORCE_H
#define TOKENQUOTA_SERVE_ENFORCE_H

#include <stdbool.h>
#include <stdint.h>

#include "http.h"

struct enforce {
    unsigned status; /* 429 or 403; 0: it is no subrequest */
    bool allow;      /* what could not be decided */
};

/* Reads ?enforce= and ?on_error=. 0; 1 when it has filled the answer with a problem; or TQ_ENOMEM. */
int enforce_read(const struct http_request *request, struct http_answer *answer, struct enforce *enforce);

/* A call can be made. reason: NULL, or what is odd about it. */
int enforce_pass(struct http_answer *answer, const char *reason);

/* No call can be made before retry_at_ns. */
int enforce_refuse(const struct enforce *enforce, struct http_answer *answer, const char *sentence);

/* A handler failed with code, or there is no ledger, so nobody knows. 0 when the question was a gateway's,
 * and this is its answer; else negative. */
int enforce_fail(const struct http_request *request, struct http_answer *answer, int code);

/* Fields of the header of an answer by which a provider is out: Retry-After and, when tokens are what ran
 * out, X-RateLimit-*-Tokens. retry_at_ns: TQ_NOW_END_NS or more when no end is known. */
void enforce_fields(struct http_answer *answer, const struct tq_verdict *verdict, int64_t retry_at_ns,
                    int64_t now_ns);

/* The name of the provider, with %-escapes, when it is short enough. */
void enforce_provider(struct http_answer *answer, const char *name);

#endif
