/* observe.c: `tokenquota observe` counts the tokens of one call.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/show/show.h"
#include "response.h"

struct observe {
    const char *ledger;
    const char *provider;
    const char *usage_path;
    const char *profile;
    struct instant sent_at;
    struct instant at;
    struct tq_usage usage; /* of the response */
    int64_t tokens;
    bool check;
    bool json;
    bool verbose;
};

#define TO(field) offsetof(struct observe, field)

static const struct option options[] = {
    {'u', "usage", "FILE", "count the tokens that this response reports; - is standard input", option_text,
     TO(usage_path), "@file"},
    PROFILE_ROW,
    SENT_AT_ROW,
    AT_ROW,
    {'c', "check", NULL, "exit with 1 if the provider is now exhausted", option_flag, TO(check), NULL},
    {0, "json", NULL, "print the provider's new state as JSON", option_flag, TO(json), NULL},
    {'v', "verbose", NULL, "print the provider's new state", option_flag, TO(verbose), NULL},
    LEDGER_ROW,
    HELP_ROWS_END,
};

/* The library says that its limits refused the instant; which of the two it was is plain from the instant. */
static int refused(struct session *session, const struct observe *observe, int code)
{
    struct tq_ledger_info info = {.size = sizeof(info)};

    if (code == TQ_ECLOCK && observe->at.ns < CLOCK_MIN_NS)
        report("\"%s\": not counted: %sZ is before 2020; %s", observe->provider, format_utc(observe->at.ns).s,
               observe->at.given ? "is --at right?" : "set the clock");
    else if (code == TQ_ECLOCK)
        report("\"%s\": not counted: %sZ is more than 5 minutes ahead of the clock, which says %sZ",
               observe->provider, format_utc(observe->at.ns).s, format_utc(tq_now_ns()).s);
    else if (code == TQ_EAGE && tq_ledger_statistics(session->ledger, &info) == 0)
        report("\"%s\": not counted: %s is too old; the ledger keeps %d days", observe->provider,
               format_utc_day(observe->at.ns).s, (int)info.history_days);
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
    answer =
        tq_tracker_record(tq_ledger_tracker(session->ledger), observe->provider, 0, observe->at.ns, NULL);
    return answer < 0 ? answer : tq_ledger_provider(session->ledger, observe->provider, len, 0, provider);
}

static int work(struct session *session, void *context)
{
    const struct observe *observe = context;
    struct tq_provider *provider;
    bool is_new;
    int answer = find(session, observe, &provider, &is_new), shown;

    if (answer == 0 && observe->usage_path)
        answer = tq_provider_observe_usage(provider, &observe->usage, observe->at.ns, NULL);
    else if (answer == 0)
        answer = tq_provider_observe(provider, observe->tokens, observe->at.ns, NULL);
    if (answer < 0)
        return refused(session, observe, answer);
    if (is_new)
        session_note_new(session, observe->provider, NULL);
    shown = standing_show(session, observe->provider, observe->at.ns, observe->verbose, observe->json);
    if (shown != 0)
        return shown;
    if (observe->check && answer == TQ_AVAILABLE) /* somebody may have marked it */
        answer = tq_provider_state(provider, observe->at.ns, NULL);
    return observe->check && answer == TQ_EXHAUSTED ? CLI_NO : CLI_YES;
}

/* Reads what the response says was used; one that does not say it counts as nothing known, not as 0
 * tokens. */
static int read_usage(struct observe *observe)
{
    const struct tq_profile *profile;
    struct response response = {0};
    int result = -1, answer;

    if (profile_parse(observe->profile, &profile) < 0 || response_read(&response, observe->usage_path) < 0)
        goto out;
    observe->usage = (struct tq_usage){.size = sizeof observe->usage};
    answer = response_usage(&response, profile, &observe->usage);
    if (answer == 0)
        result = 0;
    else if (answer == 1)
        report("\"%s\": not counted: the response does not say what it used", observe->provider);
    else
        report("\"%s\": not counted: the response cannot be read: %s", observe->provider,
               tq_strerror(answer));
    if (observe->sent_at.given)
        observe->usage.sent_at_ns = observe->sent_at.ns;
out:
    response_free(&response);
    return result;
}

static int read_tokens(struct observe *observe, const char *text)
{
    const char *wrong = tokens_parse(text, strlen(text), &observe->tokens);

    if (wrong && *text == '-')
        report("\"%s\": to subtract tokens use: tokenquota correct PROVIDER %s", text, text);
    else if (wrong)
        report("\"%s\" %s", text, wrong);
    return wrong ? -1 : 0;
}

static int run(void *request, char **operands, int count)
{
    struct observe *observe = request;

    observe->provider = operands[0];
    if (observe->usage_path && count == 2) {
        report("with --usage it takes a PROVIDER and no TOKENS");
        return CLI_ERROR;
    }
    if (!observe->usage_path && (observe->profile || observe->sent_at.given)) {
        report("--profile and --sent-at go with --usage");
        return CLI_ERROR;
    }
    if (!observe->usage_path && count == 1) {
        report("%s", cmd_observe.needs);
        return CLI_ERROR;
    }
    if ((observe->usage_path ? read_usage(observe) : read_tokens(observe, operands[1])) < 0)
        return CLI_ERROR;
    return session_work(observe->ledger, SESSION_CREATE, work, observe);
}

const struct command cmd_observe = {
    .name = "observe",
    .operands = "PROVIDER TOKENS | PROVIDER --usage FILE",
    .summary = "count the tokens that a call used",
    .options = options,
    .notes =
        "\n"
        "Write TOKENS as 1200, 1.5k or 2M. With --usage, the tokens are those that a response reports\n"
        "and that count against the vendor's limit. The response is a body, a stream, or everything\n"
        "that `curl -si` printed. Creates the ledger and the provider if they do not exist. A message\n"
        "on stderr says when a new name nearly equals a known one.\n\n"
        "Exit status: 0 if the tokens were counted, 2 on an error. With --check: 1 if they were counted\n"
        "and the provider is exhausted.\n\n"
        "  tokenquota observe openai 1200\n"
        "  curl -s https://api.openai.com/v1/responses ... | tokenquota observe openai --usage -\n",
    .request_bytes = sizeof(struct observe),
    .least = 1,
    .most = 2,
    .needs = "it takes a PROVIDER and a number of TOKENS, as in: tokenquota observe openai 1200",
    .offers = "@provider",
    .run = run,
};
