/* probe.c: `tokenquota probe` hands out and takes back the one request that asks whether a provider is
 * back.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "cli/show/show.h"
#include "view/json.h"

enum {
    OPTION_SENT_AT,
    OPTION_AT,
    OPTION_JSON,
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_SENT_AT] = {0, "sent-at", "INSTANT",
                        "success: when the request was sent (when the probe was taken)"},
    [OPTION_AT] = AT_SPEC,
    [OPTION_JSON] = JSON_SPEC,
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
};

struct probing {
    const char *ledger;
    const char *sent_at;
    const char *at;
    const char *provider;
    int64_t sent_at_ns;
    int64_t at_ns;
    bool json;
};

static int put_taken(const struct probing *probing, int answer, int64_t until_ns)
{
    bool yours = answer == 0;

    if (probing->json)
        return json_print(json_pack("{s:i, s:s, s:b, s:o, s:o}",
                                    "schema", SCHEMA,
                                    "provider", probing->provider,
                                    "probe", yours,
                                    "lease_ends_at", yours ? instant_json(until_ns) : json_null(),
                                    "probe_at", !yours && until_ns ? instant_json(until_ns) : json_null()),
                          false);
    if (!yours && !until_ns) {
        puts("none is needed");
        return 0;
    }
    printf("%s %sZ (%s), in %s\n", yours ? "yours until" : "not before", format_utc(until_ns).s,
           format_local(until_ns).s, format_length(until_ns - probing->at_ns).s);
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
    answer = tq_provider_probe_take(provider, probing->at_ns, &until_ns);
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
    int64_t sent_at_ns = probing->sent_at_ns;
    int answer = session_provider(session, probing->provider, &provider);

    if (answer != 0)
        return answer;
    if (!probing->sent_at) {
        answer = verdict_read(provider, probing->at_ns, &verdict);
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
    return standing_show(session, probing->provider, probing->at_ns, true, probing->json);
}

static int failure(struct session *session, void *context)
{
    struct probing *probing = context;
    struct tq_provider *provider;
    int answer = session_provider(session, probing->provider, &provider);

    if (answer != 0)
        return answer;
    answer = tq_provider_probe_failure(provider, probing->at_ns);
    if (answer < 0)
        return session_fail(probing->provider, answer);
    return standing_show(session, probing->provider, probing->at_ns, true, probing->json);
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
        json_array_append_new(array, json_pack("{s:s, s:o}",
                                               "provider", items[i].provider,
                                               "due_since", instant_json(items[i].retry_at_ns)));
    return json_print(
        json_pack("{s:i, s:o, s:o}",
                  "schema", SCHEMA,
                  "at", instant_json(probing->at_ns),
                  "due", array),
        false);
}

static int list(struct session *session, void *context)
{
    const struct probing *probing = context;
    struct tq_exhausted *items = NULL;
    size_t capacity = 0, count;
    int result;

    while ((count = tq_ledger_probes_due(session->ledger, probing->at_ns, items, capacity)) > capacity) {
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

static const struct verb *parse(struct probing *probing, char **operands, int count)
{
    const struct verb *verb = NULL;

    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (count == verbs[i].operands && strcmp(operands[0], verbs[i].name) == 0)
            verb = &verbs[i];
    if (!verb) {
        report(
            "it takes take, success or failure and a PROVIDER, or list, as in: tokenquota probe take openai");
        return NULL;
    }
    probing->provider = operands[1];
    if (probing->sent_at && verb->work != success) {
        report("--sent-at goes with success");
        return NULL;
    }
    if (instant_now(probing->at, &probing->at_ns) < 0)
        return NULL;
    if (probing->sent_at &&
        instant_parse("--sent-at", probing->sent_at, probing->at_ns, &probing->sent_at_ns) < 0)
        return NULL;
    return verb;
}

static int run(int argc, char **argv)
{
    struct probing probing = {0};
    const struct option_target targets[] = {
        [OPTION_SENT_AT] = {.value = &probing.sent_at},
        [OPTION_AT] = {.value = &probing.at},
        [OPTION_JSON] = {.flag = &probing.json},
        [OPTION_LEDGER] = {.value = &probing.ledger},
        [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &cmd_probe, targets);
    const struct verb *verb;

    if (operands < 0)
        return operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    verb = parse(&probing, argv, operands);
    return verb ? session_work(probing.ledger, verb->use, verb->work, &probing) : CLI_ERROR;
}

const struct command cmd_probe = {
    .name = "probe",
    .operands = "take|success|failure PROVIDER | list",
    .summary = "ask whether a provider whose end nobody knows is back, one caller at a time",
    .options = options,
    .notes = "\n"
             "take     the probe is yours for two minutes: send one request, and say how it went\n"
             "success  it was served: the provider is back\n"
             "failure  it was not, without a word from the vendor: the next probe is later\n"
             "list     providers whose probe is due and in nobody's hands, a tab, and since when\n\n"
             "What the vendor answers is better told with `tokenquota signal --provider`.\n\n"
             "Exit status: 0 done; of take 0 it is yours, 1 not now; 2 an error.\n\n"
             "  tokenquota probe take openai && ask-openai && tokenquota probe success openai\n",
    .run = run,
};
