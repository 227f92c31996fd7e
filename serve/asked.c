/* asked.c: what the handlers that read have in common: the parameters of a question, and the form of its
 * answer.
 *
 * SPDX-License-Identifier: MIT
 */
#include "asked.h"

#include <string.h>

#include "base/number.h"
#include "base/time.h"
#include "view/json.h"
#include "view/lookup.h"
#include "view/verdict.h"

#define EPOCH_LEAST_NS (INT64_C(978307200) * TQ__SECOND_NS) /* 2001-01-01: a smaller number is no instant */

int asked_only(const struct http_request *request, struct http_answer *answer, const char *const *known)
{
    const char *name = http_query_foreign(request, known);

    if (!name)
        return 0;
    return asked_refuse(answer, "unknown_parameter",
                        "there is no parameter \"%s\" here; /v1/openapi.json lists them", name);
}

int asked_instant(const struct http_request *request, struct http_answer *answer, const char *name,
                  int64_t *at_ns, bool *given)
{
    const char *text = http_query(request, name);
    struct tq__span span = tq__span_of(text ? text : "");
    int read = text ? tq__time_read(span, at_ns) : 0;

    if (given)
        *given = text != NULL;
    if (!text || (read == 0 && *at_ns >= TQ_NOW_MIN_NS && *at_ns < TQ_NOW_END_NS &&
                  (*at_ns >= EPOCH_LEAST_NS || (*text != '-' && strchr(text, '-')))))
        return 0;
    return asked_refuse(answer, "bad_instant",
                        "%s \"%s\" is not an instant; write 2026-03-05T12:00:00Z or epoch seconds", name,
                        text);
}

int asked_at(const struct http_request *request, struct http_answer *answer, int64_t *at_ns, bool *given)
{
    *at_ns = request->now_ns;
    return asked_instant(request, answer, "at", at_ns, given);
}

int asked_flag(const struct http_request *request, struct http_answer *answer, const char *name, bool *flag)
{
    static const char *const words[] = {"", "1", "true", "yes", "0", "false", "no"};
    const char *text = http_query(request, name);

    *flag = false;
    if (!text)
        return 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(text, words[i]) == 0) {
            *flag = i < 4;
            return 0;
        }
    return asked_refuse(answer, "bad_flag", "%s \"%s\" is not true or false", name, text);
}

int asked_number(const struct http_request *request, struct http_answer *answer, const char *name,
                 int64_t most, int64_t *number)
{
    const char *text = http_query(request, name);

    if (!text)
        return 0;
    if (tq__number_count(tq__span_of(text), number) == 0 && *number > 0 && *number <= most)
        return 0;
    return asked_refuse(answer, "bad_number", "%s \"%s\" is not a whole number from 1 to %lld", name, text,
                        (long long)most);
}

int asked_providers(const struct http_request *request, struct http_answer *answer, size_t least,
                    const char **names, size_t *count)
{
    *count = http_query_all(request, "provider", names, ASKED_MOST);
    if (*count > ASKED_MOST)
        return asked_refuse(answer, "too_many", "at most %d providers can be asked about at once",
                            ASKED_MOST);
    if (*count < least)
        return asked_refuse(answer, "no_provider", "name a provider: ?provider=NAME");
    for (size_t i = 0; i < *count; i++)
        if (!*names[i])
            return asked_refuse(answer, "bad_name", "a provider has no name: ?provider=NAME");
    return 0;
}

int asked_provider(const struct http_request *request, struct http_answer *answer, const char **name)
{
    const char *names[2] = {NULL};
    size_t count = http_query_all(request, "provider", names, 2);

    *name = names[0];
    if (count == 1 && *names[0])
        return 0;
    return asked_refuse(answer, "no_provider", "name one provider: ?provider=NAME");
}

int asked_name(struct http_answer *answer, const char *name, int code)
{
    return code == TQ_ENAME ? asked_refuse(answer, "bad_name", "\"%s\": %s", name, tq_strerror(code)) : code;
}

int asked_made(const struct server *server, struct http_answer *answer, const char *name,
               struct tq_provider **provider)
{
    return asked_name(answer, name, tq_ledger_provider(server->ledger, name, strlen(name), 0, provider));
}

int asked_known(const struct server *server, struct http_answer *answer, const char *name,
                struct tq_provider **provider)
{
    int found = tq_ledger_provider(server->ledger, name, strlen(name), TQ_PROVIDER_EXISTING, provider);
    char hint[HINT_BYTES];

    if (found <= 0)
        return asked_name(answer, name, found);
    return asked_problem(answer, 404, "unknown_provider", "unknown provider \"%s\"%s", name,
                         *name_hint(server->ledger, name, hint) ? hint
                                                                : "; /v1/status lists those that are known");
}

int asked_document(struct http_answer *answer, json_t *members)
{
    return http_json(answer, 200, json_known(document_json(members)));
}

int asked_verdict(struct http_answer *answer, const char *name, const struct tq_verdict *verdict)
{
    char sentence[SENTENCE_BYTES];
    json_t *members;

    verdict_sentence(verdict, sentence);
    /* clang-format off */
    members = json_pack("{s:o, s:s, s:s, s:o, s:o, s:o}",
                        "at", instant_json(verdict->at_ns),
                        "provider", name,
                        "sentence", sentence,
                        "used", number_json(verdict->used),
                        "budget", some_json(verdict->budget),
                        "left", verdict->budget ? number_json(verdict->left) : json_null());
    /* clang-format on */
    return asked_document(answer, json_join(members, verdict_json(verdict)));
}
