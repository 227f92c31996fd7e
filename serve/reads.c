/* reads.c: the handlers that read: verdict, route, status, explain and exhausted.
 *
 * SPDX-License-Identifier: MIT
 *
 * The documents are those of the commands, made by the same code in view/, but that what is not known is left
 * out instead of null.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asked.h"
#include "enforce.h"
#include "routes.h"
#include "view/exhausted.h"
#include "view/explanation.h"
#include "view/holds.h"
#include "view/json.h"
#include "view/routing.h"
#include "view/standings.h"
#include "view/values.h"
#include "view/verdict.h"

#define DAYS_MOST 64 /* that a ledger keeps */

/* ---- verdict --------------------------------------------------------------------------------- */

/* When a provider that is out may be asked: at its end; without one that is known, when its next probe is
 * due. */
static int64_t asked_again(const struct tq_verdict *verdict)
{
    bool probe = verdict->retry_at_ns >= TQ_NOW_END_NS && verdict->probe_at_ns != 0;

    return probe ? verdict->probe_at_ns : verdict->retry_at_ns;
}

static int verdict_enforce(const struct enforce *enforce, struct http_answer *answer, const char *name,
                           const struct tq_verdict *verdict)
{
    char sentence[TQ_NAME_MAX + SENTENCE_BYTES + 4];

    if (verdict->state != TQ_QUOTA_EXHAUSTED)
        return enforce_pass(answer, NULL);
    snprintf(sentence, sizeof sentence, "%s: ", name);
    verdict_sentence(verdict, sentence + strlen(sentence));
    return enforce_refuse(enforce, answer, sentence);
}

/* Reads the verdict of a provider, which a gateway may ask for before it was ever counted: it has used
 * nothing, as `route` has it. 0, 1 when it has filled the answer, or the library's code. */
static int verdict_of(struct server *server, const struct enforce *enforce, struct http_answer *answer,
                      const char *name, int64_t at_ns, uint32_t flags, struct tq_verdict *verdict)
{
    struct tq_provider *provider;
    int result;

    if (enforce->status &&
        tq_ledger_provider(server->ledger, name, strlen(name), TQ_PROVIDER_EXISTING, &provider) == 1)
        return enforce_pass(answer, "unknown_provider") < 0 ? TQ_ENOMEM : 1;
    result = asked_known(server, answer, name, &provider);
    if (result == 0 && (result = verdict_read(provider, at_ns, flags, verdict)) > 0)
        result = 0;
    return result;
}

int reads_verdict(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    static const char *const known[] = {"provider", "use_reserve", "at", "enforce", "on_error", NULL};
    bool use_reserve = false;
    struct tq_verdict verdict = {0};
    const char *name = NULL;
    struct enforce enforce;
    int64_t at_ns;
    int result = asked_only(request, answer, known);

    if (result == 0)
        result = enforce_read(request, answer, &enforce);
    if (result == 0)
        result = asked_at(request, answer, &at_ns, NULL);
    if (result == 0)
        result = asked_provider(request, answer, &name);
    if (result == 0)
        result = asked_flag(request, answer, "use_reserve", &use_reserve);
    if (result != 0)
        return asked_end(result);
    result = verdict_of(server, &enforce, answer, name, at_ns, use_reserve ? TQ_USE_RESERVE : 0, &verdict);
    if (result != 0)
        return asked_end(result);
    if (verdict.state == TQ_QUOTA_EXHAUSTED)
        enforce_fields(answer, &verdict, asked_again(&verdict), at_ns);
    return enforce.status ? verdict_enforce(&enforce, answer, name, &verdict)
                          : asked_verdict(answer, name, &verdict);
}

/* ---- route ----------------------------------------------------------------------------------- */

/* What the question says, into routing. As the functions of asked.h. */
static int read_routing(const struct http_request *request, struct http_answer *answer,
                        struct routing *routing)
{
    const char *policy = http_query(request, "policy");
    int result = asked_number(request, answer, "need", INT64_MAX, &routing->need);

    routing->last = http_query(request, "last");
    if (result == 0)
        result = asked_flag(request, answer, "use_reserve", &routing->use_reserve);
    if (result == 0)
        result = asked_flag(request, answer, "no_probe", &routing->no_probe);
    if (result != 0)
        return result;
    if (policy && policy_parse(policy, &routing->policy) < 0)
        return asked_refuse(answer, "bad_policy",
                            "policy \"%s\": write order, sticky, pressure or sticky-pressure", policy);
    switch (routing_check_last(routing)) {
    case ROUTING_LAST_UNUSED:
        return asked_refuse(answer, "bad_last", "last goes with policy sticky or sticky-pressure");
    case ROUTING_LAST_FOREIGN:
        return asked_refuse(answer, "bad_last", "last \"%s\" is none of the providers", routing->last);
    default:
        return 0;
    }
}

static int route_enforce(const struct enforce *enforce, struct http_answer *answer,
                         const struct routing *routing)
{
    const char *reason = routing->probe ? "probe" : routing->known ? NULL : "unknown_provider";
    char sentence[TQ_NAME_MAX + SENTENCE_BYTES + 64];
    size_t len;

    if (routing->available)
        return enforce_pass(answer, reason);
    len = (size_t)snprintf(sentence, sizeof sentence,
                           "none of these providers can be asked; %s is the first: ", routing->chosen);
    if (routing->verdict.state == TQ_QUOTA_EXHAUSTED)
        verdict_sentence(&routing->verdict, sentence + len);
    else
        snprintf(sentence + len, sizeof sentence - len, "it has room for %lld of %lld tokens",
                 (long long)routing->room, (long long)routing->need);
    return enforce_refuse(enforce, answer, sentence);
}

/* The amounts of ?hold=, one or more, and the lease of ?for=. */
static int read_route_hold(const struct http_request *request, struct http_answer *answer,
                           struct routing *routing, struct tq_amounts *amounts)
{
    const char *given[TQ_UNITS], *length = http_query(request, "for"), *wrong = NULL;
    size_t count = http_query_all(request, "hold", given, TQ_UNITS);

    for (size_t i = 0; i < count && !wrong; i++)
        if ((wrong = amounts_add(amounts, given[i])) != NULL)
            return asked_refuse(answer, "bad_hold", "hold \"%s\" %s", given[i], wrong);
    if (count == 0)
        return length ? asked_refuse(answer, "bad_hold", "for goes with hold") : 0;
    if (strcmp(request->method, "POST") != 0)
        return asked_refuse(answer, "bad_hold", "hold goes with POST, which may change something");
    routing->hold = amounts;
    routing->lease_ns = HOLD_LEASE_NS;
    if (routing->need == 0)
        routing->need = amounts->of[TQ_UNIT_TOKENS];
    wrong = length ? length_parse(length, &routing->lease_ns) : NULL;
    if (!wrong && (routing->lease_ns == 0 || routing->lease_ns > TQ_LEASE_MAX_NS))
        wrong = "must be above 0 and at most 31 days";
    return wrong ? asked_refuse(answer, "bad_length", "for \"%s\" %s", length, wrong) : 0;
}

/* Asks, and answers. */
static int route(struct server *server, struct http_answer *answer, const struct enforce *enforce,
                 struct routing *routing, int64_t at_ns)
{
    int result = routing->hold ? routing_take(routing, server->ledger, at_ns)
                               : routing_choose(routing, server->ledger, at_ns);

    if (result < 0)
        return asked_name(answer, routing->chosen, result);
    if (!routing->available)
        enforce_fields(answer, &routing->verdict, routing->retry_at_ns, at_ns);
    if (!enforce->status)
        return asked_document(answer, routing_json(routing));
    if (routing->taken.levels > 0) {
        char id[TQ_HOLD_ID_MAX];

        hold_id(&routing->taken, id);
        http_field(answer, "X-Tokenquota-Hold", "%s", id);
    }
    enforce_provider(answer, routing->chosen);
    return route_enforce(enforce, answer, routing);
}

int reads_route(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    static const char *const known[] = {"provider", "policy",  "last",     "need", "use_reserve", "at",
                                        "no_probe", "enforce", "on_error", "hold", "for",         NULL};
    const char *names[ASKED_MOST];
    struct tq_amounts amounts = {.size = sizeof amounts};
    struct routing routing = {.names = names};
    struct enforce enforce;
    bool at_given = false;
    int64_t at_ns;
    int result = asked_only(request, answer, known);

    if (result == 0)
        result = enforce_read(request, answer, &enforce);
    if (result == 0)
        result = asked_at(request, answer, &at_ns, &at_given);
    if (result == 0)
        result = asked_providers(request, answer, 1, names, &routing.count);
    if (result == 0)
        result = read_routing(request, answer, &routing);
    if (result == 0)
        result = read_route_hold(request, answer, &routing, &amounts);
    if (result == 0 && routing.hold && at_given)
        result = asked_refuse(answer, "bad_hold", "hold is of now: leave at out");
    if (result != 0)
        return asked_end(result);
    /* GET changes nothing; nor does a question about another time. */
    routing.no_probe |= at_given || strcmp(request->method, "POST") != 0;
    result = route(server, answer, &enforce, &routing, at_ns);
    routing_free(&routing);
    return asked_end(result);
}

/* ---- status ---------------------------------------------------------------------------------- */

/* The providers of the question, or all. As the functions of asked.h. */
static int add_asked(struct server *server, const struct http_request *request, struct http_answer *answer,
                     struct ledger_standings *all)
{
    const char *names[ASKED_MOST];
    size_t count;
    int result = asked_providers(request, answer, 0, names, &count);

    for (size_t i = 0; i < count && result == 0; i++) {
        struct tq_provider *provider;

        result = asked_known(server, answer, names[i], &provider);
        if (result == 0)
            result = ledger_standings_add(all, provider);
    }
    return result;
}

int reads_status(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    static const char *const known[] = {"provider", "days", "limit", "at", NULL};
    struct ledger_standings all = {.ledger = server->ledger, .now = "It is"};
    int64_t days = 0, limit = ANSWERED_MOST;
    int result = asked_only(request, answer, known);

    if (result == 0)
        result = asked_at(request, answer, &all.at_ns, NULL);
    if (result == 0)
        result = asked_number(request, answer, "days", DAYS_MOST, &days);
    if (result == 0)
        result = asked_number(request, answer, "limit", ANSWERED_LIMIT, &limit);
    if (result == 0)
        result = add_asked(server, request, answer, &all);
    all.days = (uint32_t)days;
    all.most = (size_t)limit;
    if (result == 0)
        result = ledger_standings_make(&all);
    if (result == 0)
        result = asked_document(answer, ledger_standings_json(&all, server->options.ledger));
    ledger_standings_free(&all);
    return asked_end(result);
}

/* ---- explain --------------------------------------------------------------------------------- */

/* Reads all, then answers. As the functions of asked.h. */
static int explain(struct server *server, const struct http_request *request, struct http_answer *answer,
                   const char *const *names, struct explanation *items, size_t count, int64_t at_ns)
{
    bool use_reserve;
    int flag = asked_flag(request, answer, "use_reserve", &use_reserve);

    if (flag != 0)
        return flag;
    for (size_t i = 0; i < count; i++) {
        struct tq_provider *provider;
        int result = asked_known(server, answer, names[i], &provider);

        if (result == 0)
            result = explanation_read(server->ledger, provider, at_ns, use_reserve ? TQ_USE_RESERVE : 0,
                                      &items[i]);
        else if (result > 0)
            return result;
        if (result < 0)
            return result;
    }
    return asked_document(answer, explanations_json(items, count, at_ns));
}

int reads_explain(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    static const char *const known[] = {"provider", "use_reserve", "at", NULL};
    const char *names[ASKED_MOST];
    struct explanation *items;
    size_t count = 0;
    int64_t at_ns;
    int result = asked_only(request, answer, known);

    if (result == 0)
        result = asked_at(request, answer, &at_ns, NULL);
    if (result == 0)
        result = asked_providers(request, answer, 1, names, &count);
    if (result != 0)
        return asked_end(result);
    items = calloc(count, sizeof *items);
    if (!items)
        return TQ_ENOMEM;
    result = explain(server, request, answer, names, items, count, at_ns);
    for (size_t i = 0; i < count; i++)
        explanation_free(&items[i]);
    free(items);
    return asked_end(result);
}

/* ---- exhausted ------------------------------------------------------------------------------- */

int reads_exhausted(struct server *server, const struct http_request *request, struct http_answer *answer)
{
    static const char *const known[] = {"all", "limit", "at", NULL};
    struct exhausted list = {0};
    int64_t at_ns, limit = ANSWERED_MOST;
    bool every = false;
    int result = asked_only(request, answer, known);

    if (result == 0)
        result = asked_at(request, answer, &at_ns, NULL);
    if (result == 0)
        result = asked_number(request, answer, "limit", ANSWERED_LIMIT, &limit);
    if (result == 0)
        result = asked_flag(request, answer, "all", &every);
    if (result == 0)
        result = serve_check_file(server); /* the list does not look */
    if (result == 0)
        result = exhausted_read(server->ledger, at_ns, every, &list);
    list.most = (size_t)limit;
    if (result == 0)
        result = asked_document(answer, exhausted_json(server->ledger, &list));
    exhausted_free(&list);
    return asked_end(result);
}
