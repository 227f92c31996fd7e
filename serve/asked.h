/* asked.h: what the handlers that read have in common: the parameters of a question, and the form of its
 * answer.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each int function gives 0; 1 when it has filled the answer with a problem; or negative, the library's code.
 */
#ifndef TOKENQUOTA_SERVE_ASKED_H
#define TOKENQUOTA_SERVE_ASKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http.h"
#include "serve.h"

#define ANSWERED_MOST 1000 /* providers in one answer, unless ?limit= says otherwise */
#define ANSWERED_LIMIT 10000
#define ASKED_MOST 256 /* providers in one question; fewer fit into the header of one */

/* Answers a problem: its status, its code, and a format with what it names. */
#define asked_problem(answer, ...) (http_problem(answer, __VA_ARGS__) < 0 ? TQ_ENOMEM : 1)

/* The same with the status 400. */
#define asked_refuse(answer, ...) asked_problem(answer, 400, __VA_ARGS__)

/* Refuses a parameter that is none of these, up to a NULL: one that is misspelt must not go unnoticed. */
int asked_only(const struct http_request *request, struct http_answer *answer, const char *const *known);

/* An instant; left alone when it is not there. given may be NULL. */
int asked_instant(const struct http_request *request, struct http_answer *answer, const char *name,
                  int64_t *at_ns, bool *given);

/* The instant of ?at=, else now. given may be NULL. */
int asked_at(const struct http_request *request, struct http_answer *answer, int64_t *at_ns, bool *given);

/* A parameter that is true ("1", "true", "yes" or no value), false ("0", "false", "no"), or not there: false.
 */
int asked_flag(const struct http_request *request, struct http_answer *answer, const char *name, bool *flag);

/* A whole number of 1 to most; left alone when it is not there. */
int asked_number(const struct http_request *request, struct http_answer *answer, const char *name,
                 int64_t most, int64_t *number);

/* The names of ?provider=, at least `least` of them. names has room for ASKED_MOST. */
int asked_providers(const struct http_request *request, struct http_answer *answer, size_t least,
                    const char **names, size_t *count);

/* The one name of ?provider=. */
int asked_provider(const struct http_request *request, struct http_answer *answer, const char **name);

/* Looks a provider up which must be known. */
int asked_known(const struct server *server, struct http_answer *answer, const char *name,
                struct tq_provider **provider);

/* Looks a provider up, which is made when the ledger does not know it. */
int asked_made(const struct server *server, struct http_answer *answer, const char *name,
               struct tq_provider **provider);

/* What the library answered about a name, which is refused when it can be none. */
int asked_name(struct http_answer *answer, const char *name, int code);

/* A document without what is not known. The members are given away. 0, or TQ_ENOMEM. */
int asked_document(struct http_answer *answer, struct json_t *members);

/* Answers with the document of a verdict, that of GET /v1/verdict. */
int asked_verdict(struct http_answer *answer, const char *name, const struct tq_verdict *verdict);

/* What the handler answers. */
static inline int asked_end(int result)
{
    return result < 0 ? result : 0;
}

#endif
