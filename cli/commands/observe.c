/* observe.c: `tokenquota observe` counts the tokens of one call, and `correct` takes tokens back off a day.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/commands/observe.h"
#include "cli/show/show.h"
#include "view/observe.h"
#include "view/response.h"
#include "view/values.h"

static const struct option options[] = {
    USAGE_ROWS,
    AT_ROW,
    FLAG_ROW('c', "check", TO(check), "exit with 1 if the provider is now exhausted"),
    JSON_AS("print the provider's new state as JSON"),
    VERBOSE_AS("print the provider's new state"),
    LEDGER_ROW,
    HELP_ROWS_END,
};

#define NOT_COUNTED "\"%s\": not counted: "

int observe_fail(struct session *session, const struct request *asked, int code)
{
    const char *name = asked->operands[0];
    char why[REFUSED_BYTES];

    if (code == TQ_EGONE)
        return TQ_EGONE;
    observe_refused(session->ledger, asked->at.ns, *name ? code : TQ_ENAME, asked->at.given ? "--at" : NULL,
                    why);
    report(NOT_COUNTED "%s", name, why);
    return CLI_ERROR;
}

static int work(struct session *session, void *request)
{
    const struct observe *observe = request;
    const struct request *asked = &observe->asked;
    struct tq_provider *provider;
    bool is_new;
    int answer = observe_provider(session->ledger, asked->operands[0], asked->at.ns, &provider, &is_new),
        shown;

    if (answer == 0 && observe->usage.size > 0)
        answer = tq_provider_observe_usage(provider, &observe->usage, asked->at.ns, NULL);
    else if (answer == 0)
        answer = tq_provider_observe(provider, observe->tokens, asked->at.ns, NULL);
    if (answer < 0)
        return observe_fail(session, asked, answer);
    if (is_new)
        session_note_new(session, asked->operands[0], NULL);
    shown = standing_show(session, asked, asked->operands[0], 0, asked->verbose);
    if (shown != 0)
        return shown;
    if (observe->check && answer == TQ_AVAILABLE) /* somebody may have marked it */
        answer = tq_provider_state(provider, asked->at.ns, NULL);
    return observe->check && answer == TQ_EXHAUSTED ? CLI_NO : CLI_YES;
}

/* Reads what the response says was used; one that does not say it counts as nothing known, not as 0
 * tokens. */
static int read_usage(struct observe *observe)
{
    const char *name = observe->asked.operands[0];
    const struct tq_profile *profile;
    struct response response = {0};
    int answer = -1;

    if (profile_parse(observe->profile, &profile) < 0 || response_read(&response, observe->usage_path) < 0)
        goto out;
    observe->usage = (struct tq_usage){.size = sizeof observe->usage};
    answer = response_usage(&response, profile, &observe->usage);
    if (answer == 1)
        report(NOT_COUNTED "the response does not say what it used", name);
    else if (answer < 0)
        report(NOT_COUNTED "the response cannot be read: %s", name, tq_strerror(answer));
    if (observe->sent_at.given)
        observe->usage.sent_at_ns = observe->sent_at.ns;
out:
    response_free(&response);
    return answer == 0 ? 0 : -1;
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

static const struct {
    const char *option;
    uint32_t known;
    size_t to;
} classes[TQ_CLASSES] = {
    {"input", TQ_USAGE_INPUT, offsetof(struct tq_usage, input)},
    {"cache-read", TQ_USAGE_CACHE_READ, offsetof(struct tq_usage, cache_read)},
    {"cache-write", TQ_USAGE_CACHE_WRITE, offsetof(struct tq_usage, cache_write)},
    {"output", TQ_USAGE_OUTPUT, offsetof(struct tq_usage, output)},
};

static bool has_classes(const struct observe *observe)
{
    for (size_t i = 0; i < TQ_CLASSES; i++)
        if (observe->classes[i])
            return true;
    return false;
}

static int read_cost(struct observe *observe)
{
    if (cost_parse(tq__span_of(observe->cost), &observe->usage.cost_nano_usd)) {
        observe->usage.known |= TQ_USAGE_COST;
        return 0;
    }
    report("--cost \"%s\" is not a number of dollars; write for example 0.0123", observe->cost);
    return -1;
}

/* Fills the usage from the options. Without TOKENS, what counts is what vendors count by default. */
static int read_classes(struct observe *observe)
{
    struct tq_usage *usage = &observe->usage;

    *usage = (struct tq_usage){.size = sizeof *usage, .requests = 1};
    for (size_t i = 0; i < TQ_CLASSES; i++) {
        const char *text = observe->classes[i], *wrong;

        if (!text)
            continue;
        wrong = tokens_parse(text, strlen(text), (int64_t *)(void *)((char *)usage + classes[i].to));
        if (wrong) {
            report("--%s \"%s\" %s", classes[i].option, text, wrong);
            return -1;
        }
        usage->known |= classes[i].known;
    }
    usage->counted = observe->asked.operands[1] ? observe->tokens : classes_counted(usage);
    return 0;
}

static int read_all(struct observe *observe)
{
    const char *tokens = observe->asked.operands[1];
    int answer = 0;

    if (tokens)
        answer = read_tokens(observe, tokens);
    if (answer == 0 && observe->usage_path)
        answer = read_usage(observe);
    else if (answer == 0 && (has_classes(observe) || observe->cost))
        answer = read_classes(observe);
    return answer == 0 && observe->cost ? read_cost(observe) : answer;
}

int observe_read(struct observe *observe, const char *what, const char *needs)
{
    const char *tokens = observe->asked.operands[1], *wrong = NULL;

    if (observe->usage_path && tokens) {
        report("with --usage it takes %s and no TOKENS", what);
        return -1;
    }
    if (observe->usage_path && has_classes(observe))
        wrong = "with --usage the response says how many tokens of each class: leave --input and so on out";
    else if (!observe->usage_path && (observe->profile || observe->sent_at.given))
        wrong = "--profile and --sent-at go with --usage";
    else if (!observe->usage_path && !tokens && !has_classes(observe) && !observe->cost)
        wrong = needs;
    if (wrong)
        report("%s", wrong);
    return wrong ? -1 : read_all(observe);
}

static int run(void *request)
{
    return observe_read(request, "a PROVIDER", cmd_observe.needs) < 0
               ? CLI_ERROR
               : session_work(request, SESSION_CREATE, work);
}

const struct command cmd_observe = {
    .name = "observe",
    .operands = "PROVIDER TOKENS | PROVIDER --usage FILE | PROVIDER --input TOKENS",
    .summary = "count the tokens that a call used",
    .options = options,
    .notes =
        "\n"
        "Write TOKENS as 1200, 1.5k or 2M. With --usage, the tokens are those that a response reports\n"
        "and that count against the vendor's limit. The response is a body, a stream, or everything\n"
        "that `curl -si` printed. --input and so on are for limits on classes of tokens; against other\n"
        "limits TOKENS count, or if there are none input, cache write and output. Creates the ledger and\n"
        "the provider if they do not exist. A message on stderr says when a new name nearly equals a known\n"
        "one.\n\n"
        "Exit status: 0 if the tokens were counted, 2 on an error. With --check: 1 if they were counted\n"
        "and the provider is exhausted.\n\n"
        "  tokenquota observe openai 1200\n"
        "  tokenquota observe openai --input 1000 --cache-read 4k --output 200 --cost 0.0123\n"
        "  curl -s https://api.openai.com/v1/responses ... | tokenquota observe openai --usage -\n",
    .request_bytes = sizeof(struct observe),
    .least = 1,
    .most = 2,
    .needs = "it takes a PROVIDER and a number of TOKENS, as in: tokenquota observe openai 1200",
    .of_run = true,
    .offers = "@provider",
    .run = run,
};

/* ---- correct --------------------------------------------------------------------------------- */

static const struct option correct_options[] = {
    AT_AS("correct the UTC day of this instant instead of today"),
    JSON_AS("print the provider's new state as JSON"),
    VERBOSE_AS("print the provider's new state"),
    LEDGER_ROW,
    HELP_ROWS_END,
};

static int take_off(struct session *session, void *request)
{
    const struct observe *correction = request;
    const struct request *asked = &correction->asked;
    struct tq_provider *provider;
    int answer = session_provider(session, asked->operands[0], &provider);

    if (answer == 0)
        answer = tq_provider_correct(provider, correction->tokens, asked->at.ns);
    return standing_show(session, asked, asked->operands[0], answer, asked->verbose);
}

static int run_correct(void *request)
{
    struct observe *correction = request;
    const char *number = correction->asked.operands[1], *wrong;

    if (*number != '-') {
        report("\"%s\": a correction takes tokens off: write -%s; to add tokens use: tokenquota observe",
               number, number);
        return CLI_ERROR;
    }
    wrong = tokens_parse(number + 1, strlen(number + 1), &correction->tokens);
    if (!wrong && correction->tokens == 0)
        wrong = "corrects nothing";
    if (!wrong)
        return session_work(request, SESSION_WRITE, take_off);
    report("\"%s\" %s", number, wrong);
    return CLI_ERROR;
}

const struct command cmd_correct = {
    .name = "correct",
    .operands = "PROVIDER -TOKENS",
    .summary = "subtract tokens that were counted by mistake",
    .options = correct_options,
    .notes = "\n"
             "The day's count does not fall below 0.\n\n"
             "Exit status: 0 on success, 2 on an error.\n\n"
             "  tokenquota correct openai -500\n",
    .request_bytes = sizeof(struct observe),
    .least = 2,
    .most = 2,
    .needs = "it takes a PROVIDER and -TOKENS, as in: tokenquota correct openai -500",
    .of_run = true,
    .offers = "@provider",
    .run = run_correct,
};
