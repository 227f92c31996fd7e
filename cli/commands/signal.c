/* signal.c: `tokenquota signal` shows what a response says about quota, and applies it to a provider.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "base/number.h"
#include "cli/show/show.h"
#include "cli/show/signal.h"
#include "view/listener.h"

struct reading {
    struct request asked;
    const char *profile;
    struct instant sent_at;
    uint32_t status;
    bool count;
    bool for_model;
    bool pass;
    bool quiet;
    bool list;
    struct signal_report said;
};

/* uint32_t */
static int option_status(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    int64_t status = 0;

    (void)now_ns;
    if (strlen(text) == 3 && tq__number_count(tq__span_of(text), &status) == 0 && status >= 100) {
        *(uint32_t *)to = (uint32_t)status;
        return 0;
    }
    report("--%s \"%s\" is not a status; write one such as 429", option->name, text);
    return -1;
}

#define TO(field) offsetof(struct reading, field)

static const struct option options[] = {
    {'p', "provider", "PROVIDER", "apply the response to this provider", option_text, TO(said.provider),
     "@provider"},
    FLAG_ROW('c', "count", TO(count), "also count the tokens that the response reports"),
    FLAG_ROW(0, "for-model", TO(for_model), "the provider is the request's model, not an account"),
    PROFILE_ROW,
    {0, "status", "NUMBER", "the HTTP status, if the input does not have it", option_status, TO(status),
     "200 402 403 429 503 529"},
    SENT_AT_ROW,
    AT_AS("when the response came, if not now"),
    FLAG_ROW(0, "pass", TO(pass), "write the body to standard output instead of the report"),
    FLAG_ROW('q', "quiet", TO(quiet), "print no report"),
    JSON_ROW,
    FLAG_ROW(0, "list", TO(list), "print the profiles: name, vendor, seen live or documented, source"),
    LEDGER_ROW,
    HELP_ROWS_END,
};

/* There is nothing to apply when the vendor refused nothing and the provider is not held out. */
const char *signal_unapplied(const struct signal_report *said)
{
    bool held = said->verdict.reason == TQ_REASON_REPORTED || said->verdict.reason == TQ_REASON_THROTTLED;

    if (said->applied || (said->signal.refusal == TQ_CLASS_NONE && !held))
        return NULL;
    if (said->signal.flags & TQ_SIGNAL_MODEL_ONLY)
        return "it concerns the request's model only; if the provider is that model, use --for-model";
    if (said->signal.refusal == TQ_CLASS_NONE && said->signal.flags & TQ_SIGNAL_SUCCESS)
        return "a success clears refusals older than its request; give the time of the request: --sent-at";
    return "it does not concern this account";
}

/* Does tq_provider_apply change anything? Otherwise the signal is not called applied. */
static bool is_applied(const struct tq_quota_signal *signal, const struct tq_provider *provider)
{
    struct tq_provider *pool;

    if (signal->refusal == TQ_CLASS_NONE)
        return signal->flags & TQ_SIGNAL_SUCCESS && signal->sent_at_ns;
    if (signal->refusal == TQ_CLASS_TOO_LARGE)
        return false;
    return !(signal->flags & TQ_SIGNAL_MODEL_ONLY) || tq_provider_pool(provider, &pool) == 0;
}

/* Notes the name of the topmost pool, which belongs to the ledger. */
static void note_pool(struct signal_report *said, const struct tq_provider *provider)
{
    struct tq_provider *pool = NULL;

    for (uint32_t level = POOLS_MOST; level > 0 && !pool; level--)
        pool = pool_above(provider, level);
    snprintf(said->pool, sizeof said->pool, "%s", pool ? tq_provider_name(pool) : "");
}

static int apply(struct session *session, void *request)
{
    struct reading *reading = request;
    struct signal_report *said = &reading->said;
    struct tq_provider *provider;
    int answer = session_provider_make(session, said->provider, &provider);

    said->counted = false;
    if (answer == 0 && reading->count && said->has_usage) {
        answer = tq_provider_observe_usage(provider, &said->usage, said->at_ns, NULL);
        said->counted = answer >= 0;
    }
    if (answer >= 0)
        answer = tq_provider_apply(provider, &said->signal);
    if (answer >= 0)
        note_pool(said, provider);
    said->applied = answer >= 0 && is_applied(&said->signal, provider);
    if (answer >= 0)
        answer = verdict_read(provider, said->at_ns, 0, &said->verdict);
    return answer < 0 ? session_fail(said->provider, answer) : answer;
}

static int understand(struct reading *reading)
{
    struct signal_report *said = &reading->said;
    struct tq_response asked = {
        .status = reading->status,
        .profile = said->asked,
        .sent_at_ns = reading->sent_at.ns,
        .now_ns = said->at_ns,
    };
    struct listener listener = {0};
    int answer = response_signal(&said->response, &asked, &said->signal, &listener);

    said->usage = (struct tq_usage){.size = sizeof(said->usage)};
    if (answer < 0)
        return report_why(&listener);
    said->says = answer == 0;
    said->has_usage = response_usage(&said->response, said->asked, &said->usage) == 0;
    said->usage.sent_at_ns = reading->sent_at.ns;
    if (reading->for_model)
        said->signal.flags &= ~TQ_SIGNAL_MODEL_ONLY;
    return 0;
}

/* NULL, or what is wrong with the options. */
static const char *check(const struct reading *reading)
{
    const struct request *asked = &reading->asked;

    if ((reading->count || reading->for_model) && !reading->said.provider)
        return "--count and --for-model go with --provider";
    if (asked->json && (reading->pass || reading->quiet))
        return reading->pass ? "--json and --pass exclude each other"
                             : "--json and --quiet exclude each other";
    return NULL;
}

static int read_and_show(struct reading *reading)
{
    struct signal_report *said = &reading->said;
    int result;

    if (response_read(&said->response, reading->asked.operands[0]) < 0 || understand(reading) < 0)
        return CLI_ERROR;
    result = said->signal.refusal == TQ_CLASS_NONE ? CLI_YES : CLI_NO;
    if (said->provider)
        result = session_work(reading, SESSION_CREATE, apply);
    if (result == CLI_ERROR)
        return CLI_ERROR;
    if (reading->asked.json)
        signal_json(said);
    else if (!reading->quiet && !reading->pass)
        signal_show(stdout, said);
    else if (!reading->quiet && result == CLI_NO)
        signal_warn(said);
    return result;
}

/* The next program of a pipe gets the body whatever became of the rest, also what was too long to be read. It
 * comes last: a pipe that nobody reads ends this process. */
static void pass_on(const struct response *response)
{
    char bytes[8192];
    size_t len;

    fwrite(response->body, 1, response->body_len, stdout);
    while ((len = fread(bytes, 1, sizeof bytes, stdin)) > 0)
        fwrite(bytes, 1, len, stdout);
}

static int run(void *request)
{
    struct reading *reading = request;
    const char *path = reading->asked.operands[0], *wrong = check(reading);
    int result;

    if (reading->list) {
        signal_list_profiles(stdout);
        return CLI_YES;
    }
    if (wrong)
        report("%s", wrong);
    if (wrong || profile_parse(reading->profile, &reading->said.asked) < 0)
        return CLI_ERROR;
    if (reading->pass && path && strcmp(path, "-") != 0) {
        report("--pass is for standard input; other programs can read %s themselves", path);
        return CLI_ERROR;
    }
    reading->said.at_ns = reading->asked.at.ns;
    result = read_and_show(reading);
    if (reading->pass)
        pass_on(&reading->said.response);
    response_free(&reading->said.response);
    return result;
}

const struct command cmd_signal = {
    .name = "signal",
    .operands = "[FILE|-]",
    .summary = "show what a response says about quota, and apply it to a provider",
    .options = options,
    .notes =
        "\n"
        "FILE, or standard input, is a response as `curl -si` prints it, or a body alone. If it holds\n"
        "several responses in a row, the last one counts. Without --provider, nothing is changed. A\n"
        "success clears a refusal only if its --sent-at is later than the refusal. --pass writes the\n"
        "body to standard output unchanged, even if something else fails; a message on stderr says\n"
        "when the provider is out.\n\n"
        "Exit status: 0 for no refusal, 1 for a refusal; with --provider, 0 if it is available, 1 if it\n"
        "is not; 2 on an error.\n\n"
        "  curl -si https://api.openai.com/v1/responses ... | tokenquota signal --provider openai\n"
        "  curl -si ... | tokenquota signal --provider openai --count --pass | jq .output\n",
    .request_bytes = sizeof(struct reading),
    .most = 1,
    .needs = "it takes one FILE, or standard input: one response at a time",
    .offers = "@file",
    .run = run,
};
