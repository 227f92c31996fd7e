/* probe.c: `tokenquota probe` hands out and takes back the one request that asks whether a provider is
 * back.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "cli/show/show.h"
#include "view/json.h"

struct probing {
    const char *ledger;
    const char *provider;
    struct instant sent_at;
    struct instant at;
    bool json;
};

#define TO(field) offsetof(struct probing, field)

static const struct option options[] = {
    {0, "sent-at", "INSTANT", "with success: when the request was sent, if not when the probe was taken",
     option_instant, TO(sent_at), "@instant"},
    AT_ROW,
    JSON_ROW,
    LEDGER_ROW,
    HELP_ROWS_END,
};

static int put_taken(const struct probing *probing, int answer, int64_t until_ns)
{
    bool yours = answer == 0;

    /* clang-format off */
    if (probing->json)
        return json_print(json_pack("{s:i, s:s, s:b, s:o, s:o}",
                                    "schema", SCHEMA,
                                    "provider", probing->provider,
                                    "probe", yours,
                                    "lease_ends_at", yours ? instant_json(until_ns) : json_null(),
                                    "probe_at", !yours && until_ns ? instant_json(until_ns) : json_null()),
                          false);
    /* clang-format on */
    if (!yours && !until_ns) {
        puts("none is needed");
        return 0;
    }
    printf("%s %sZ (%s), in %s\n", yours ? "yours until" : "not before", format_utc(until_ns).s,
           format_local(until_ns).s, format_length(until_ns - probing->at.ns).s);
    return 0;
}

static int take(struct session *session, void *context)
{
    struct probing *probing = context;
    struct tq_provider *provider;
    int64_t until_ns;
    int answer = session_provider(session, probing->provider, &provider);

    if (answer != 0)
        return answer;
    answer = tq_provider_probe_take(provider, probing->at.ns, &until_ns);
    if (answer < 0)
        return session_fail(probing->provider, answer);
    return put_taken(probing, answer, until_ns) < 0 ? CLI_ERROR : answer;
}

/* Without --sent-at it is the probe that was answered, which was sent when it was taken, or after that. */
static int success(struct session *session, void *context)
{
    struct probing *probing = context;
    struct tq_provider *provider;
    struct tq_verdict verdict;
    int64_t sent_at_ns = probing->sent_at.ns;
    int answer = session_provider(session, probing->provider, &provider);

    if (answer != 0)
        return answer;
    if (!probing->sent_at.given) {
        answer = verdict_read(provider, probing->at.ns, &verdict);
        if (answer >= 0 && !verdict.probing) {
            report("\"%s\": nobody has its probe; when was the request sent? give --sent-at INSTANT",
                   probing->provider);
            return CLI_ERROR;
        }
        sent_at_ns = verdict.said_at_ns;
    }
    if (answer >= 0)
        answer = tq_provider_success(provider, sent_at_ns);
    if (answer < 0)
        return session_fail(probing->provider, answer);
    return standing_show(session, probing->provider, probing->at.ns, true, probing->json);
}

static int failure(struct session *session, void *context)
{
    struct probing *probing = context;
    struct tq_provider *provider;
    int answer = session_provider(session, probing->provider, &provider);

    if (answer != 0)
        return answer;
    answer = tq_provider_probe_failure(provider, probing->at.ns);
    if (answer < 0)
        return session_fail(probing->provider, answer);
    return standing_show(session, probing->provider, probing->at.ns, true, probing->json);
}

static int compare(const void *left, const void *right)
{
    const struct tq_exhausted *a = left, *b = right;

    if (a->retry_at_ns != b->retry_at_ns)
        return a->retry_at_ns < b->retry_at_ns ? -1 : 1;
    return strcmp(a->provider, b->provider);
}

static int put_list(const struct probing *probing, const struct tq_exhausted *items, size_t count)
{
    json_t *array;

    if (!probing->json) {
        for (size_t i = 0; i < count; i++) /* a name has no tab in it */
            printf("%s\t%s\n", items[i].provider, format_rfc3339(items[i].retry_at_ns).s);
        return 0;
    }
    array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_pack("{s:s, s:o}", "provider", items[i].provider, "due_since",
                                               instant_json(items[i].retry_at_ns)));
    return json_print(
        json_pack("{s:i, s:o, s:o}", "schema", SCHEMA, "at", instant_json(probing->at.ns), "due", array),
        false);
}

static int list(struct session *session, void *context)
{
    const struct probing *probing = context;
    struct tq_exhausted *items = NULL;
    size_t capacity = 0, count;
    int result;

    while ((count = tq_ledger_probes_due(session->ledger, probing->at.ns, items, capacity)) > capacity) {
        struct tq_exhausted *more = realloc(items, (count + 16) * sizeof(*items));

        if (!more) {
            report("out of memory");
            free(items);
            return CLI_ERROR;
        }
        items = more;
        capacity = count + 16;
    }
    if (count)
        qsort(items, count, sizeof(*items), compare);
    result = put_list(probing, items, count) < 0 ? CLI_ERROR : CLI_YES;
    free(items);
    return result;
}

static const struct verb {
    const char *name;
    int operands;
    enum session_use use;
    int (*work)(struct session *session, void *context);
} verbs[] = {
    {"take", 2, SESSION_WRITE, take},
    {"success", 2, SESSION_WRITE, success},
    {"failure", 2, SESSION_WRITE, failure},
    {"list", 1, SESSION_READ, list},
};

static int run(void *request, char **operands, int count)
{
    struct probing *probing = request;
    const struct verb *verb = NULL;

    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (count == verbs[i].operands && strcmp(operands[0], verbs[i].name) == 0)
            verb = &verbs[i];
    if (!verb) {
        report("%s", cmd_probe.needs);
        return CLI_ERROR;
    }
    probing->provider = operands[1];
    if (probing->sent_at.given && verb->work != success) {
        report("--sent-at goes with success");
        return CLI_ERROR;
    }
    return session_work(probing->ledger, verb->use, verb->work, probing);
}

const struct command cmd_probe = {
    .name = "probe",
    .operands = "take|success|failure PROVIDER | list",
    .summary = "test whether a provider with no known end is back, one caller at a time",
    .options = options,
    .notes =
        "\n"
        "take     reserves the probe for you for two minutes: send one request, and report the result\n"
        "success  reports that the request was served: the provider is available again\n"
        "failure  reports that it failed without an answer from the vendor; the next probe is due later\n"
        "list     prints the providers whose probe is due and free, a tab, and since when it is due\n\n"
        "If the vendor answered, hand its response to `tokenquota signal --provider` instead.\n\n"
        "Exit status: 0 on success; `take`: 0 if the probe is yours, 1 if it is not; 2 on an error.\n\n"
        "  tokenquota probe take openai && ask-openai && tokenquota probe success openai\n",
    .request_bytes = sizeof(struct probing),
    .least = 1,
    .most = 2,
    .needs = "it takes take, success or failure and a PROVIDER, or list, as in: tokenquota probe take openai",
    .offers = "take success failure list|@provider",
    .run = run,
};
