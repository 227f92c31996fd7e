/* signal.c: `tokenquota signal` shows what a response says about quota, and applies it to a provider.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/show/show.h"
#include "cli/session.h"
#include "cli/show/signal.h"

enum {
    OPTION_PROVIDER,
    OPTION_COUNT,
    OPTION_FOR_MODEL,
    OPTION_PROFILE,
    OPTION_STATUS,
    OPTION_SENT_AT,
    OPTION_AT,
    OPTION_PASS,
    OPTION_QUIET,
    OPTION_JSON,
    OPTION_LIST,
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_PROVIDER] = {'p', "provider", "PROVIDER", "apply it: out, or back, as the response says"},
    [OPTION_COUNT] = {'c', "count", NULL, "and count the tokens that the response says were used"},
    [OPTION_FOR_MODEL] = {0, "for-model", NULL, "the provider is the request's model, not an account"},
    [OPTION_PROFILE] = PROFILE_SPEC,
    [OPTION_STATUS] = {0, "status", "NUMBER", "of HTTP, where the input does not have it"},
    [OPTION_SENT_AT] = SENT_AT_SPEC,
    [OPTION_AT] = {0, "at", "INSTANT", "when the response came: " INSTANT_FORMS},
    [OPTION_PASS] = {0, "pass", NULL, "write the body on to standard output, and not the report"},
    [OPTION_QUIET] = {'q', "quiet", NULL, "print no report"},
    [OPTION_JSON] = JSON_SPEC,
    [OPTION_LIST] = {0, "list", NULL, "print the profiles: name, vendor, seen live or not, source"},
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
};

struct reading {
    const char *ledger;
    const char *profile;
    const char *status;
    const char *sent_at;
    const char *at;
    bool count;
    bool for_model;
    bool pass;
    bool quiet;
    bool json;
    bool list;
    uint32_t status_number;
    int64_t sent_at_ns;
    struct signal_report said;
};

/* Where the vendor refused nothing and holds nobody out there is nothing to apply. */
const char *signal_unapplied(const struct signal_report *said)
{
    bool held = said->verdict.reason == TQ_REASON_REPORTED || said->verdict.reason == TQ_REASON_THROTTLED;

    if (said->applied || (said->signal.refusal == TQ_CLASS_NONE && !held))
        return NULL;
    if (said->signal.flags & TQ_SIGNAL_MODEL_ONLY)
        return "it is of the request's model only; if the provider is that model: --for-model";
    if (said->signal.refusal == TQ_CLASS_NONE && said->signal.flags & TQ_SIGNAL_SUCCESS)
        return "a success clears what was said before its request was sent; say when that was: --sent-at";
    return "it says nothing of this account";
}

/* What apply would do nothing with is not called applied. */
static bool is_of_account(const struct tq_quota_signal *signal)
{
    if (signal->refusal == TQ_CLASS_NONE)
        return signal->flags & TQ_SIGNAL_SUCCESS && signal->sent_at_ns;
    return signal->refusal != TQ_CLASS_TOO_LARGE && !(signal->flags & TQ_SIGNAL_MODEL_ONLY);
}

static int apply(struct session *session, void *context)
{
    struct reading *reading = context;
    struct signal_report *said = &reading->said;
    struct tq_provider *provider;
    bool is_new;
    int answer = session_provider_make(session, said->provider, &provider, &is_new);

    said->counted = false;
    if (answer == 0 && reading->count && said->has_usage) {
        answer = tq_provider_observe_usage(provider, &said->usage, said->at_ns, NULL);
        said->counted = answer >= 0;
    }
    if (answer >= 0)
        answer = tq_provider_apply(provider, &said->signal);
    said->applied = answer >= 0 && is_of_account(&said->signal);
    if (answer >= 0)
        answer = verdict_read(provider, said->at_ns, &said->verdict);
    if (answer >= 0 && is_new)
        session_note_new(session, said->provider, NULL);
    return answer < 0 ? session_fail(said->provider, answer) : answer;
}

static int understand(struct reading *reading)
{
    struct signal_report *said = &reading->said;
    struct tq_response response = {
        .size = sizeof(response),
        .status = reading->status_number ? reading->status_number : said->response.status,
        .fields = said->response.fields,
        .field_count = said->response.field_count,
        .body = said->response.body,
        .body_len = said->response.body_len,
        .profile = said->asked,
        .sent_at_ns = reading->sent_at_ns,
        .now_ns = said->at_ns,
    };
    int answer;

    said->signal = (struct tq_quota_signal){.size = sizeof(said->signal)};
    said->usage = (struct tq_usage){.size = sizeof(said->usage)};
    answer = tq_signal_read(&response, &said->signal);
    if (answer < 0) {
        report("the response cannot be read: %s", tq_strerror(answer));
        return -1;
    }
    said->says = answer == 0;
    said->has_usage = response_usage(&said->response, said->asked, &said->usage) == 0;
    said->usage.sent_at_ns = reading->sent_at_ns;
    if (reading->for_model)
        said->signal.flags &= ~TQ_SIGNAL_MODEL_ONLY;
    return 0;
}

static int parse_status(const char *text, uint32_t *status)
{
    *status = 0;
    for (const char *c = text; *c >= '0' && *c <= '9' && c < text + 3; c++)
        *status = *status * 10 + (uint32_t)(*c - '0');
    if (strlen(text) == 3 && *status >= 100)
        return 0;
    report("--status \"%s\" is no status; write one such as 429", text);
    return -1;
}

static int parse(struct reading *reading, int operands)
{
    if (operands > 1) {
        report("one response at a time; it takes one FILE, or standard input");
        return -1;
    }
    if ((reading->count || reading->for_model) && !reading->said.provider) {
        report("--count and --for-model go with --provider");
        return -1;
    }
    if (reading->json && (reading->pass || reading->quiet)) {
        report("--json prints a document, and --%s goes with none", reading->pass ? "pass" : "quiet");
        return -1;
    }
    if (instant_now(reading->at, &reading->said.at_ns) < 0 ||
        profile_parse(reading->profile, &reading->said.asked) < 0)
        return -1;
    if (reading->status && parse_status(reading->status, &reading->status_number) < 0)
        return -1;
    return reading->sent_at
               ? instant_parse("--sent-at", reading->sent_at, reading->said.at_ns, &reading->sent_at_ns)
               : 0;
}

static int read_and_show(struct reading *reading, const char *path)
{
    struct signal_report *said = &reading->said;
    int result;

    if (response_read(&said->response, path) < 0 || understand(reading) < 0)
        return CLI_ERROR;
    result = said->signal.refusal == TQ_CLASS_NONE ? CLI_YES : CLI_NO;
    if (said->provider)
        result = session_work(reading->ledger, SESSION_CREATE, apply, reading);
    if (result == CLI_ERROR)
        return CLI_ERROR;
    if (reading->json)
        return signal_json(said) < 0 ? CLI_ERROR : result;
    if (!reading->quiet && !reading->pass)
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
    while ((len = fread(bytes, 1, sizeof(bytes), stdin)) > 0)
        fwrite(bytes, 1, len, stdout);
}

static int run(int argc, char **argv)
{
    struct reading reading = {0};
    const struct option_target targets[] = {
        [OPTION_PROVIDER] = {.value = &reading.said.provider},
        [OPTION_COUNT] = {.flag = &reading.count},
        [OPTION_FOR_MODEL] = {.flag = &reading.for_model},
        [OPTION_PROFILE] = {.value = &reading.profile},
        [OPTION_STATUS] = {.value = &reading.status},
        [OPTION_SENT_AT] = {.value = &reading.sent_at},
        [OPTION_AT] = {.value = &reading.at},
        [OPTION_PASS] = {.flag = &reading.pass},
        [OPTION_QUIET] = {.flag = &reading.quiet},
        [OPTION_JSON] = {.flag = &reading.json},
        [OPTION_LIST] = {.flag = &reading.list},
        [OPTION_LEDGER] = {.value = &reading.ledger},
        [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &cmd_signal, targets), result;

    if (operands < 0)
        return operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    if (reading.list) {
        signal_list_profiles(stdout);
        return CLI_YES;
    }
    if (parse(&reading, operands) < 0)
        return CLI_ERROR;
    if (reading.pass && operands && strcmp(argv[0], "-") != 0) {
        report("--pass is for standard input; %s is there to be read by others", argv[0]);
        return CLI_ERROR;
    }
    result = read_and_show(&reading, operands ? argv[0] : NULL);
    if (reading.pass)
        pass_on(&reading.said.response);
    response_free(&reading.said.response);
    return result;
}

const struct command cmd_signal = {
    .name = "signal",
    .operands = "[FILE|-]",
    .summary = "show what a response says about quota, and apply it to a provider",
    .options = options,
    .notes = "\n"
             "FILE, or standard input, is a response as `curl -si` prints it, or a body alone. When there\n"
             "are several in a row the last counts. Without --provider nothing is changed. Only a success\n"
             "whose --sent-at is later clears what a vendor said. --pass writes the body to standard output\n"
             "unchanged, whatever else fails; stderr says it when the provider is out.\n\n"
             "Exit status: 0 no refusal, 1 a refusal; with --provider 0 it is available, 1 it is not;\n"
             "2 an error.\n\n"
             "  curl -si https://api.openai.com/v1/responses ... | tokenquota signal --provider openai\n"
             "  curl -si ... | tokenquota signal --provider openai --count --pass | jq .output\n",
    .run = run,
};
