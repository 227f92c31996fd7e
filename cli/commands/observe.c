/* observe.c: `tokenquota observe` counts the tokens of one call.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "import/import.h"
#include "cli/show/show.h"
#include "response.h"

enum {
    OPTION_USAGE,
    OPTION_PROFILE,
    OPTION_SENT_AT,
    OPTION_AT,
    OPTION_CHECK,
    OPTION_JSON,
    OPTION_VERBOSE,
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_USAGE] = {'u', "usage", "FILE", "the tokens are what this response says; - is standard input"},
    [OPTION_PROFILE] = PROFILE_SPEC,
    [OPTION_SENT_AT] = SENT_AT_SPEC,
    [OPTION_AT] = AT_SPEC,
    [OPTION_CHECK] = {'c', "check", NULL, "exit with 1 when the provider is exhausted now"},
    [OPTION_JSON] = {0, "json", NULL, "print how the provider stands, as JSON"},
    [OPTION_VERBOSE] = {'v', "verbose", NULL, "print how the provider stands"},
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
};

struct observe {
    const char *ledger;
    const char *at;
    const char *provider;
    const char *usage_path;
    const char *profile;
    const char *sent_at;
    struct tq_usage usage; /* of the response */
    int64_t tokens;
    int64_t at_ns;
    bool check;
    bool json;
    bool verbose;
};

/* The library says that its limits refused the instant; which of the two it was is plain from the instant. */
static int refused(struct session *session, const struct observe *observe, int code)
{
    struct tq_ledger_info info = {.size = sizeof(info)};

    if (code == TQ_ECLOCK && observe->at_ns < CLOCK_MIN_NS)
        report("\"%s\": not counted: %sZ is before 2020; %s", observe->provider, format_utc(observe->at_ns).s,
               observe->at ? "is --at right?" : "set the clock");
    else if (code == TQ_ECLOCK)
        report("\"%s\": not counted: %sZ is more than 5 minutes ahead of the clock, which says %sZ",
               observe->provider, format_utc(observe->at_ns).s, format_utc(tq_now_ns()).s);
    else if (code == TQ_EAGE && tq_ledger_statistics(session->ledger, &info) == 0)
        report("\"%s\": not counted: a newer day has taken the place of %s; the ledger keeps %d days",
               observe->provider, format_utc_day(observe->at_ns).s, (int)info.history_days);
    else if (code != TQ_EGONE)
        report("\"%s\": not counted: %s", observe->provider,
               tq_strerror(*observe->provider ? code : TQ_ENAME));
    return code == TQ_EGONE ? TQ_EGONE : CLI_ERROR;
}

/* A name that would be new enters only with a record that is not refused: here with one of no tokens. */
static int find(struct session *session, const struct observe *observe, struct tq_provider **provider,
                bool *is_new)
{
    size_t len = strlen(observe->provider);
    int answer = tq_ledger_provider(session->ledger, observe->provider, len, TQ_PROVIDER_EXISTING, provider);

    *is_new = answer == 1;
    if (answer != 1)
        return answer;
    answer = tq_tracker_record(tq_ledger_tracker(session->ledger), observe->provider, 0, observe->at_ns, NULL);
    return answer < 0 ? answer : tq_ledger_provider(session->ledger, observe->provider, len, 0, provider);
}

static int work(struct session *session, void *context)
{
    const struct observe *observe = context;
    struct tq_provider *provider;
    bool is_new;
    int answer = find(session, observe, &provider, &is_new), shown;

    if (answer == 0 && observe->usage_path)
        answer = tq_provider_observe_usage(provider, &observe->usage, observe->at_ns, NULL);
    else if (answer == 0)
        answer = tq_provider_observe(provider, observe->tokens, observe->at_ns, NULL);
    if (answer < 0)
        return refused(session, observe, answer);
    if (is_new)
        session_note_new(session, observe->provider, NULL);
    import_warn_live(session->path, observe->provider, observe->at_ns);
    shown = standing_show(session, observe->provider, observe->at_ns, observe->verbose, observe->json);
    if (shown != 0)
        return shown;
    if (observe->check && answer == TQ_AVAILABLE) /* somebody may have marked it */
        answer = tq_provider_state(provider, observe->at_ns, NULL);
    return observe->check && answer == TQ_EXHAUSTED ? CLI_NO : CLI_YES;
}

/* What the response says was used; one that says nothing of it counts as nothing known, not as 0 tokens. */
static int read_usage(struct observe *observe)
{
    const struct tq_profile *profile;
    struct response response = {0};
    int result = -1, answer;

    if (profile_parse(observe->profile, &profile) < 0 || response_read(&response, observe->usage_path) < 0)
        goto out;
    observe->usage = (struct tq_usage){.size = sizeof(observe->usage)};
    answer = response_usage(&response, profile, &observe->usage);
    if (answer == 0)
        result = 0;
    else if (answer == 1)
        report("\"%s\": not counted: the response does not say what it used", observe->provider);
    else
        report("\"%s\": not counted: the response cannot be read: %s", observe->provider,
               tq_strerror(answer));
    if (result == 0 && observe->sent_at)
        result =
            instant_parse("--sent-at", observe->sent_at, observe->at_ns, &observe->usage.sent_at_ns);
out:
    response_free(&response);
    return result;
}

static int parse_usage(struct observe *observe, char **operands, int count)
{
    if (count != 1) {
        report("with --usage it takes a PROVIDER and no TOKENS");
        return -1;
    }
    observe->provider = operands[0];
    return instant_now(observe->at, &observe->at_ns) < 0 ? -1 : read_usage(observe);
}

static int parse(struct observe *observe, char **operands, int count)
{
    const char *wrong;

    if (observe->usage_path)
        return parse_usage(observe, operands, count);
    if (observe->profile || observe->sent_at) {
        report("--profile and --sent-at go with --usage");
        return -1;
    }
    if (count != 2) {
        report("it takes a PROVIDER and a number of TOKENS, as in: tokenquota observe openai 1200");
        return -1;
    }
    observe->provider = operands[0];
    wrong = tokens_parse(operands[1], strlen(operands[1]), &observe->tokens);
    if (wrong && operands[1][0] == '-')
        report("\"%s\": tokens are only taken back by: tokenquota correct PROVIDER %s", operands[1],
               operands[1]);
    else if (wrong)
        report("\"%s\" %s", operands[1], wrong);
    return wrong ? -1 : instant_now(observe->at, &observe->at_ns);
}

static int run(int argc, char **argv)
{
    struct observe observe = {0};
    const struct option_target targets[] = {
        [OPTION_USAGE] = {.value = &observe.usage_path},
        [OPTION_PROFILE] = {.value = &observe.profile},
        [OPTION_SENT_AT] = {.value = &observe.sent_at},
        [OPTION_AT] = {.value = &observe.at},         [OPTION_CHECK] = {.flag = &observe.check},
        [OPTION_JSON] = {.flag = &observe.json},      [OPTION_VERBOSE] = {.flag = &observe.verbose},
        [OPTION_LEDGER] = {.value = &observe.ledger}, [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &cmd_observe, targets);

    if (operands < 0)
        return operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    if (parse(&observe, argv, operands) < 0)
        return CLI_ERROR;
    return session_work(observe.ledger, SESSION_CREATE, work, &observe);
}

const struct command cmd_observe = {
    .name = "observe",
    .operands = "PROVIDER TOKENS | PROVIDER --usage FILE",
    .summary = "count the tokens that a call used",
    .options = options,
    .notes = "\n"
             "TOKENS are 1200, 1.5k or 2M. With --usage they are what the response says counts against the\n"
             "vendor's limit: a body, a stream as it came, or all that `curl -si` printed. Makes the\n"
             "ledger, and the provider, when there is none. A new name that is nearly a known one is said\n"
             "on stderr.\n\n"
             "Exit status: 0 counted; with --check 1: counted, and exhausted; 2 not counted, an error.\n\n"
             "  tokenquota observe openai 1200\n"
             "  curl -s https://api.openai.com/v1/responses ... | tokenquota observe openai --usage -\n",
    .run = run,
};
