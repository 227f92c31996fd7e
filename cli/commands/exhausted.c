/* exhausted.c: `tokenquota exhausted` lists the providers that are out, and `probe` hands out and takes back
 * the one request that asks whether such a provider is back.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "cli/show/show.h"
#include "view/exhausted.h"
#include "view/json.h"

struct listing {
    struct request asked;
    struct instant sent_at; /* probe */
    bool all;               /* exhausted */
    struct exhausted list;
};

#define TO(field) offsetof(struct listing, field)

/* 0, or what the work of a session answers. */
static int listed(struct session *session, int answer)
{
    if (answer == TQ_ENOMEM)
        no_memory();
    return answer < 0 ? session_fail(session->path, answer) : 0;
}

static void release(void *request)
{
    exhausted_free(&((struct listing *)request)->list);
}

/* ---- exhausted ------------------------------------------------------------------------------- */

static const struct option exhausted_options[] = {
    FLAG_ROW('a', "all", TO(all), "include providers whose time has passed"),
    AT_ROW,
    JSON_ROW,
    LEDGER_ROW,
    HELP_ROWS_END,
};

static void put_exhausted(const struct tq_exhausted *item, const struct tq_verdict *verdict, int64_t at_ns,
                          int columns)
{
    struct text reason = verdict_reason(verdict);
    struct style style;

    style_init(&style, NULL);
    text_put_name(&style, item->provider, columns, true);
    fputs("  ", stdout);
    if (verdict_is_wait(verdict))
        fputs(reason.s, stdout);
    else if (item->retry_at_ns > at_ns)
        until_put(stdout, item->retry_at_ns, at_ns);
    else
        printf("until %sZ (%s), which has passed", format_utc(item->retry_at_ns).s,
               format_local(item->retry_at_ns).s);
    if (*reason.s && !verdict_is_wait(verdict))
        printf("; %s", reason.s);
    putchar('\n');
}

static int list_exhausted(struct session *session, void *request)
{
    struct listing *listing = request;
    struct exhausted *list = &listing->list;
    int answer = listed(session, exhausted_read(session->ledger, listing->asked.at.ns, listing->all, list));
    int columns = 0;
    bool any = false;

    if (answer != 0)
        return answer;
    for (size_t i = 0; i < list->count; i++) {
        columns = text_widest(columns, list->items[i].provider);
        any |= exhausted_is_out(list, i);
    }
    if (listing->asked.json)
        json_print(exhausted_json(session->ledger, list), false);
    for (size_t i = 0; i < list->count && !listing->asked.json; i++) {
        struct tq_verdict verdict;

        exhausted_why(session->ledger, list, i, &verdict);
        put_exhausted(&list->items[i], &verdict, list->at_ns, columns);
    }
    return any ? CLI_NO : CLI_YES;
}

const struct command cmd_exhausted = {
    .name = "exhausted",
    .operands = "",
    .summary = "list the providers that are out, and until when",
    .options = exhausted_options,
    .notes = "\n"
             "Exit status: 0 if no provider is out, 1 if one is, 2 on an error.\n",
    .request_bytes = sizeof(struct listing),
    .needs = "for one provider use: tokenquota status PROVIDER",
    .use = SESSION_READ,
    .work = list_exhausted,
    .release = release,
};

/* ---- probe ----------------------------------------------------------------------------------- */

static const struct option probe_options[] = {
    {0, "sent-at", "INSTANT", "with success: when the request was sent, if not when the probe was taken",
     option_instant, TO(sent_at), "@instant"},
    AT_ROW,
    JSON_ROW,
    LEDGER_ROW,
    HELP_ROWS_END,
};

static int take(struct session *session, void *request)
{
    const struct listing *probing = request;
    const char *name = probing->asked.operands[1];
    struct tq_provider *provider;
    int64_t until_ns, at_ns = probing->asked.at.ns;
    int answer = session_provider(session, name, &provider);
    bool yours;

    if (answer != 0)
        return answer;
    answer = tq_provider_probe_take(provider, at_ns, &until_ns);
    if (answer < 0)
        return session_fail(name, answer);
    yours = answer == 0;
    if (probing->asked.json)
        json_print(json_pack("{s:s, s:b, s:o, s:o}", "provider", name, "probe", yours, "lease_ends_at",
                             yours ? instant_json(until_ns) : json_null(), "probe_at",
                             !yours && until_ns ? instant_json(until_ns) : json_null()),
                   false);
    else if (!yours && !until_ns)
        puts("none is needed");
    else
        printf("%s %sZ (%s), in %s\n", yours ? "yours until" : "not before", format_utc(until_ns).s,
               format_local(until_ns).s, format_length(until_ns - at_ns).s);
    return answer;
}

/* Without --sent-at, the probe was answered. It was sent when it was taken, or after that. */
static int success(struct session *session, void *request)
{
    const struct listing *probing = request;
    const char *name = probing->asked.operands[1];
    struct tq_provider *provider;
    struct tq_verdict verdict = {.said_at_ns = probing->sent_at.ns};
    int answer = session_provider(session, name, &provider);

    if (answer == 0 && !probing->sent_at.given) {
        answer = verdict_read(provider, probing->asked.at.ns, 0, &verdict);
        if (answer >= 0 && !verdict.probing) {
            report("\"%s\": nobody has its probe; when was the request sent? give --sent-at INSTANT", name);
            return CLI_ERROR;
        }
    }
    if (answer == 0 || answer == TQ_QUOTA_EXHAUSTED)
        answer = tq_provider_success(provider, verdict.said_at_ns);
    return standing_show(session, request, name, answer, true);
}

static int failure(struct session *session, void *request)
{
    const struct listing *probing = request;
    const char *name = probing->asked.operands[1];
    struct tq_provider *provider;
    int answer = session_provider(session, name, &provider);

    if (answer == 0)
        answer = tq_provider_probe_failure(provider, probing->asked.at.ns);
    return standing_show(session, request, name, answer, true);
}

static int list_due(struct session *session, void *request)
{
    struct listing *listing = request;
    struct exhausted *list = &listing->list;
    int answer = listed(session, exhausted_read_due(session->ledger, listing->asked.at.ns, list));

    if (answer != 0)
        return answer;
    if (listing->asked.json)
        json_print(exhausted_due_json(list), false);
    for (size_t i = 0; i < list->count && !listing->asked.json; i++) /* a name has no tab in it */
        printf("%s\t%s\n", list->items[i].provider, format_rfc3339(list->items[i].retry_at_ns).s);
    return CLI_YES;
}

static const struct verb {
    const char *name;
    size_t operands;
    enum session_use use;
    int (*work)(struct session *session, void *request);
} verbs[] = {
    {"take", 2, SESSION_WRITE, take},
    {"success", 2, SESSION_WRITE, success},
    {"failure", 2, SESSION_WRITE, failure},
    {"list", 1, SESSION_READ, list_due},
};

static int run_probe(void *request)
{
    const struct listing *probing = request;
    const struct request *asked = &probing->asked;
    const struct verb *verb = NULL;

    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (asked->count == verbs[i].operands && strcmp(asked->operands[0], verbs[i].name) == 0)
            verb = &verbs[i];
    if (verb && (!probing->sent_at.given || verb->work == success))
        return session_work(request, verb->use, verb->work);
    report("%s", verb ? "--sent-at goes with success" : cmd_probe.needs);
    return CLI_ERROR;
}

const struct command cmd_probe = {
    .name = "probe",
    .operands = "take|success|failure PROVIDER | list",
    .summary = "test whether a provider that its vendor keeps out is back, one caller at a time",
    .options = probe_options,
    .notes =
        "\n"
        "take     reserves the probe for you for two minutes: send one request, and report the result\n"
        "success  reports that the request was served: the provider is available again\n"
        "failure  reports that it failed without an answer from the vendor; the next probe is due later\n"
        "list     prints the providers whose probe is due and free, a tab, and since when it is due\n\n"
        "A probe is due 5 minutes after a refusal with no known end, an hour after one with an end, and at\n"
        "once when a later reading has room. Each failure makes the wait longer, up to an hour.\n\n"
        "If the vendor answered, hand its response to `tokenquota signal --provider` instead.\n\n"
        "Exit status: 0 on success; `take`: 0 if the probe is yours, 1 if it is not; 2 on an error.\n\n"
        "  tokenquota probe take openai && ask-openai && tokenquota probe success openai\n",
    .request_bytes = sizeof(struct listing),
    .least = 1,
    .most = 2,
    .needs = "it takes take, success or failure and a PROVIDER, or list, as in: tokenquota probe take openai",
    .of_run = true,
    .offers = "take success failure list|@provider",
    .run = run_probe,
    .release = release,
};
