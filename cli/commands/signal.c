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
    const char *written; /* --provider as it was given; said.provider may be a run of it */
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

static int apply(struct session *session, void *request)
{
    struct reading *reading = request;
    struct signal_report *said = &reading->said;
    struct tq_provider *provider, *counts;
    int answer = session_provider_make(session, reading->written, &provider);

    if (answer == 0)
        answer = session_provider_make(session, said->provider, &counts);
    if (answer == 0)
        answer = signal_apply(said, provider, counts, reading->count);
    return answer < 0 ? session_fail(said->provider, answer) : answer;
}

static int understand(struct reading *reading)
{
    struct listener listener = {0};

    if (signal_understand(&reading->said, reading->status, reading->sent_at.ns, reading->for_model,
                          &listener) < 0)
        return report_why(&listener);
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
        json_print(signal_json(said), false);
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
    reading->written = reading->said.provider;
    if (reading->written)
        reading->said.provider = session_name(reading->written);
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
