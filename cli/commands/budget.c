/* budget.c: `tokenquota budget` and `rule` set or print one setting, and `mark` marks a provider.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/show/show.h"
#include "view/json.h"
#include "view/values.h"

struct setting {
    struct request asked;
    int64_t tokens;
    uint32_t rule;
    struct instant until;
    int64_t length_ns; /* of --for, 0: not given */
};

#define TO(field) offsetof(struct setting, field)

static int set(void *request, const char *thing, int (*work)(struct session *session, void *request))
{
    const struct setting *setting = request;

    if (!setting->asked.json)
        return session_work(request, SESSION_CREATE, work);
    report("--json goes with printing a %s, not with setting one", thing);
    return CLI_ERROR;
}

/* ---- budget ---------------------------------------------------------------------------------- */

static int set_budget(struct session *session, void *request)
{
    const struct setting *setting = request;
    const char *name = setting->asked.operands[0];
    int answer = tq_tracker_set_budget(tq_ledger_tracker(session->ledger), name, setting->tokens);

    return answer < 0 ? session_fail(name, answer) : CLI_YES;
}

static int print_budget(struct session *session, void *request)
{
    const struct setting *setting = request;
    const char *name = setting->asked.operands[0];
    struct tq_provider *provider;
    int answer = session_provider(session, name, &provider);
    int64_t budget = answer == 0 ? tq_provider_budget(provider) : 0;

    if (answer != 0)
        return answer;
    if (budget < 0)
        return session_fail(name, (int)budget);
    if (setting->asked.json)
        json_print(json_pack("{s:s, s:o}", "provider", name, "budget", some_json(budget)), false);
    else if (budget)
        printf("%lld\n", (long long)budget);
    else
        puts("none");
    return CLI_YES;
}

static int run_budget(void *request)
{
    struct setting *setting = request;
    const char *tokens = setting->asked.operands[1], *wrong = NULL;

    if (!*setting->asked.operands[0])
        return session_fail("", TQ_ENAME);
    if (!tokens)
        return session_work(request, SESSION_READ, print_budget);
    if (strcmp(tokens, "none") != 0)
        wrong = tokens_parse(tokens, strlen(tokens), &setting->tokens);
    if (!wrong)
        return set(request, "budget", set_budget);
    report("\"%s\" %s", tokens, wrong);
    return CLI_ERROR;
}

static const struct option budget_options[] = {JSON_AS("print the budget as JSON"), LEDGER_ROW,
                                               HELP_ROWS_END};

const struct command cmd_budget = {
    .name = "budget",
    .operands = "PROVIDER [TOKENS|none]",
    .summary = "set or print a provider's budget in tokens per UTC day",
    .options = budget_options,
    .notes = "\n"
             "Write TOKENS as 5000000, 5M or 1.5k. `none`, or 0, removes the budget. A budget that is used\n"
             "up takes the provider out at once. The next `tokenquota observe` makes a new prediction.\n\n"
             "Exit status: 0 on success, 2 on an error.\n\n"
             "  tokenquota budget openai 5M\n",
    .request_bytes = sizeof(struct setting),
    .least = 1,
    .most = 2,
    .needs = "it takes a PROVIDER, and to set its budget TOKENS or none, as in: tokenquota budget openai 5M",
    .offers = "@provider|none",
    .run = run_budget,
};

/* ---- rule ------------------------------------------------------------------------------------ */

static int set_rule(struct session *session, void *request)
{
    const struct setting *setting = request;
    const char *name = setting->asked.operands[0];
    struct tq_provider *provider;
    int answer = tq_ledger_provider(session->ledger, name, strlen(name), 0, &provider);

    if (answer == 0)
        answer = tq_provider_set_rule(provider, setting->rule);
    return answer < 0 ? session_fail(name, answer) : CLI_YES;
}

static int print_rule(struct session *session, void *request)
{
    const struct setting *setting = request;
    const char *name = setting->asked.operands[0];
    struct tq_ledger_info info = {.size = sizeof(info)};
    struct tq_provider *provider;
    int answer = session_provider(session, name, &provider), rule = 0, care = -1;
    bool own;

    if (answer == 0)
        answer = tq_ledger_statistics(session->ledger, &info);
    if (answer == 0)
        rule = tq_provider_rule(provider); /* a number that may be that of CLI_ERROR */
    if (answer == CLI_ERROR)
        return answer;
    if (answer < 0 || rule < 0)
        return session_fail(name, answer < 0 ? answer : rule);
    own = rule != TQ_RULE_DEFAULT;
    rule = own ? rule : (int)info.rule;
    if (rule == TQ_RULE_CARE)
        care = tq_provider_care(provider);
    if (setting->asked.json)
        json_print(json_pack("{s:s, s:s, s:o, s:b}", "provider", name, "rule", rule_name((uint32_t)rule),
                             "care", care_json(care), "own", own),
                   false);
    else
        printf("%s%s%s%s\n", rule_name((uint32_t)rule), care < 0 ? "" : " ",
               care < 0 ? "" : format_care((unsigned)care).s, own ? "" : " (default)");
    return CLI_YES;
}

static int run_rule(void *request)
{
    struct setting *setting = request;
    const char *word = setting->asked.operands[1];

    if (!word)
        return session_work(request, SESSION_READ, print_rule);
    if (strcmp(word, "default") == 0 || rule_parse(word, &setting->rule) == 0)
        return set(request, "rule", set_rule);
    report("\"%s\" is not a rule; write " RULE_SETTINGS, word);
    return CLI_ERROR;
}

static const struct option rule_options[] = {JSON_AS("print the rule as JSON"), LEDGER_ROW, HELP_ROWS_END};

const struct command cmd_rule = {
    .name = "rule",
    .operands = "PROVIDER [care|off|original|horizon|default]",
    .summary = "set or print the rule that decides when a provider's budget or limit is exhausted",
    .options = rule_options,
    .notes =
        "\n"
        "care      exhausted when less is left than 5/4 of what the last half hour used, or, in the last\n"
        "          quarter, than 5/4 of a mean call; every record is a new decision. The 5/4 is its care:\n"
        "          `tokenquota set PROVIDER care=2`. It holds for the budget and for limits\n"
        "off       no prediction: exhausted when it is used up\n"
        "original  exhausted when the day's average rate so far would exceed the budget; lasts until the\n"
        "          day ends\n"
        "horizon   what care replaces, for ledgers that were made with it: exhausted when less of the\n"
        "          budget is left than the last half hour used; from 9/10 of it on until the day ends\n"
        "default   the ledger's rule, which is care unless the ledger was created with another\n\n"
        "original and horizon predict nothing of limits.\n\n"
        "Exit status: 0 on success, 2 on an error.\n\n"
        "  tokenquota rule openai original\n",
    .request_bytes = sizeof(struct setting),
    .least = 1,
    .most = 2,
    .needs = "it takes a PROVIDER, and to set its rule " RULE_SETTINGS,
    .offers = "@provider|" RULE_WORDS " default",
    .run = run_rule,
};

/* ---- mark ------------------------------------------------------------------------------------ */

static int mark_exhausted(struct session *session, void *request)
{
    const struct setting *setting = request;
    const char *name = setting->asked.operands[0];
    struct tq_provider *provider;
    int answer = session_provider_make(session, name, &provider);

    if (answer == 0)
        answer = tq_provider_mark_quota_exhausted(provider, setting->until.ns);
    return standing_show(session, request, name, answer, true);
}

/* How a provider stood before it was marked. */
struct before {
    struct tq_verdict verdict;
    struct limits limits;
};

static int read_before(const struct tq_provider *provider, int64_t at_ns, struct before *before)
{
    int answer = verdict_read(provider, at_ns, 0, &before->verdict);

    return answer < 0 ? answer : limits_read(provider, at_ns, &before->limits);
}

/* The words of the vendor, and the user's own stops, that no longer exclude. */
static void put_overruled(const struct tq_provider *provider, const struct before *before, int64_t at_ns)
{
    const struct tq_verdict *verdict = &before->verdict;
    struct limits after;

    if (limits_read(provider, at_ns, &after) < 0)
        return;
    for (size_t i = 0; i < before->limits.count; i++) {
        const struct tq_limit_state *was = &before->limits.items[i];
        const struct tq_limit_state *is = limits_find(&after, was->number);
        uint32_t gone = was->said & ~(is ? is->said : 0) & (TQ_SAID_BLOCKS | TQ_SAID_STOPS);

        if (!gone)
            continue;
        printf("  overruled: limit %u (%s), %s, which was out ", (unsigned)was->number,
               limit_label(&was->limit).s,
               gone & TQ_SAID_BLOCKS ? "what the vendor said" : "the stop that was set");
        until_put(stdout, was->until_ns > 0 ? was->until_ns : INT64_MAX, at_ns);
        putchar('\n');
    }
    if (verdict->level == 0 && verdict->limit == 0 &&
        (verdict->reason == TQ_REASON_REPORTED || verdict->reason == TQ_REASON_THROTTLED)) {
        printf("  overruled: %s, which was out ", verdict_reason(verdict).s);
        until_put(stdout, verdict->retry_at_ns, at_ns);
        putchar('\n');
    }
    limits_free(&after);
}

/* A pool that keeps it out is put back by its own name. */
static void put_pool(const struct tq_provider *provider, int64_t at_ns)
{
    struct tq_verdict verdict;
    char clear[CLEAR_BYTES];
    const char *pool;

    if (verdict_read(provider, at_ns, 0, &verdict) != TQ_QUOTA_EXHAUSTED || verdict.level == 0)
        return;
    pool = tq_provider_name(pool_above(provider, verdict.level));
    if (pool && verdict_clear(&verdict, pool, NULL, clear))
        printf("  its pool keeps it out; to put that back: %s\n", clear);
}

/* Makes no provider: a name that the ledger does not know is most likely misspelt. */
static int mark_available(struct session *session, void *request)
{
    const struct setting *setting = request;
    const char *name = setting->asked.operands[0];
    struct before before = {.limits = {.count = 0}};
    int64_t at_ns = setting->asked.at.ns;
    struct tq_provider *provider;
    int answer = session_provider(session, name, &provider), shown;

    if (answer == 0)
        answer = read_before(provider, at_ns, &before);
    if (answer == 0)
        answer = tq_provider_mark_available_at(provider, at_ns);
    shown = standing_show(session, request, name, answer, true);
    if (answer == 0 && shown == 0 && !setting->asked.json) {
        put_overruled(provider, &before, at_ns);
        put_pool(provider, at_ns);
    }
    limits_free(&before.limits);
    return shown;
}

/* NULL when there is an end, else what is wrong with it. */
static const char *read_end(struct setting *setting)
{
    int64_t now_ns = setting->asked.at.ns;

    if (setting->until.given == (setting->length_ns > 0))
        return "until when? give one of --until INSTANT and --for LENGTH";
    if (setting->length_ns > 0 && (__builtin_add_overflow(now_ns, setting->length_ns, &setting->until.ns) ||
                                   setting->until.ns >= TQ_NOW_END_NS))
        return "--for is too long";
    return NULL;
}

static int run_mark(void *request)
{
    struct setting *setting = request;
    const char *state = setting->asked.operands[1];
    bool available = strcmp(state, "available") == 0;
    const char *wrong = NULL;

    if (!available && strcmp(state, "exhausted") != 0)
        wrong = cmd_mark.needs;
    else if (!available)
        wrong = read_end(setting);
    else if (setting->until.given || setting->length_ns > 0)
        wrong = "--until and --for go with exhausted";
    if (wrong)
        report("%s", wrong);
    else if (available)
        return session_work(request, SESSION_WRITE, mark_available);
    else if (setting->until.ns > setting->asked.at.ns && setting->until.ns > 0)
        return session_work(request, SESSION_CREATE, mark_exhausted);
    else
        report("%sZ has passed; to put the provider back: tokenquota mark PROVIDER available",
               format_utc(setting->until.ns).s);
    return CLI_ERROR;
}

static const struct option mark_options[] = {
    {'u', "until", "INSTANT", "until then (RFC 3339, 20260305, epoch seconds, now+15m, tomorrow)", option_end,
     TO(until), "now+15m now+1h tomorrow"},
    {'f', "for", "LENGTH", "for this long: 15m, 1h30m, 2d", option_length, TO(length_ns), NULL},
    AT_ROW,
    JSON_AS("print the provider's new state as JSON"),
    LEDGER_ROW,
    HELP_ROWS_END,
};

const struct command cmd_mark = {
    .name = "mark",
    .operands = "PROVIDER exhausted|available",
    .summary = "take a provider out of routing until a given time, or put it back",
    .options = mark_options,
    .notes = "\n"
             "A new mark replaces the old one. A day means its 00:00 UTC. `available` clears every reason\n"
             "why the provider is out but its own budget and limits, and says which words of the vendor it\n"
             "overrules: read again, they do not count. Prints the provider's new state.\n\n"
             "Exit status: 0 on success, 2 on an error.\n\n"
             "  tokenquota mark openai exhausted --until tomorrow\n",
    .request_bytes = sizeof(struct setting),
    .least = 2,
    .most = 2,
    .needs =
        "it takes a PROVIDER and exhausted or available, as in: tokenquota mark openai exhausted --for 15m",
    .offers = "@provider|exhausted available",
    .run = run_mark,
};
