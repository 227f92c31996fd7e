/* replay.c: `tokenquota replay` lives through usage logs again: which budget would not have lasted?
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/list.h"

#include "cli/show/show.h"
#include "replay_score.h"
#include "view/values.h"

struct budget {
    char *provider;   /* NUL-terminated; "*" is every provider without its own */
    int64_t tokens;   /* 0: none */
    const char *file; /* where it was said, NULL for the command line */
    uint64_t line;
};

struct budgets {
    struct budget *items;
    size_t count;
    size_t capacity;
};

struct replaying {
    struct request asked;
    struct replay_screen screen;
    struct budgets budgets;
    struct given_limits limits;
    struct given_accounts accounts;
    uint32_t policy;
    uint32_t rule; /* 0: care */
    bool as_is;
    bool strict;
    bool quiet;
    bool every_day;
    struct score_asked score;
};

/* ---- budgets ---------------------------------------------------------------------------------- */

/* Quotes the text and says what is wrong; between, ": " or " ", comes behind the quote. Returns -1. */
static int complain(const struct budget *budget, struct tq__span text, const char *between, const char *why)
{
    if (budget->file)
        report("%s:%llu: \"%.*s\"%s%s", budget->file, (unsigned long long)budget->line, (int)text.len,
               text.at, between, why);
    else
        report("--budget: \"%.*s\"%s%s", (int)text.len, text.at, between, why);
    return -1;
}

static struct tq__span trim(struct tq__span text)
{
    while (text.len > 0 && tq__ends_line(text.at[text.len - 1]))
        text.len--;
    return tq__span_trim(text);
}

/* budget has the place where text was said. */
static int add(struct budgets *budgets, struct tq__span text, struct budget budget)
{
    struct tq__span name, number;
    size_t split;
    const char *wrong;

    text = trim(text);
    for (split = text.len; split > 0 && text.at[split - 1] != '=';)
        split--;
    if (split == 0)
        return complain(&budget, text, " ", "has no \"=\"; write PROVIDER=TOKENS");
    name = trim((struct tq__span){text.at, split - 1});
    number = trim(tq__span_behind(text, split));
    if (name.len == 0)
        return complain(&budget, text, " ", "names no provider; write PROVIDER=TOKENS");
    wrong = tokens_parse(number.at, number.len, &budget.tokens);
    if (wrong)
        return complain(&budget, number, " ", wrong);
    budget.provider = must_have(strndup(name.at, name.len));
    budgets->items =
        must_have(tq__list_room(budgets->items, budgets->count, &budgets->capacity, sizeof *budgets->items));
    budgets->items[budgets->count++] = budget;
    return 0;
}

static struct tq__span without_comment(struct tq__span line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.at[i] == '#' && (i == 0 || line.at[i - 1] == ' ' || line.at[i - 1] == '\t'))
            line.len = i;
    return trim(line);
}

static int read_lines(struct budgets *budgets, FILE *file, const char *path)
{
    struct budget budget = {.file = path};
    char *line = NULL;
    size_t room = 0;
    ssize_t got;
    int result = 0;

    while (result == 0 && (got = getline(&line, &room, file)) >= 0) {
        struct tq__span text = without_comment((struct tq__span){line, (size_t)got});

        budget.line++;
        if (memchr(line, '\0', (size_t)got)) {
            report("%s:%llu: a NUL byte: this is no text file", path, (unsigned long long)budget.line);
            result = -1;
        } else if (text.len > 0) {
            result = add(budgets, text, budget);
        }
    }
    if (result == 0 && ferror(file)) {
        report("%s: %s", path, strerror(errno));
        result = -1;
    }
    free(line);
    return result;
}

static int option_budget(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    (void)option, (void)now_ns;
    return add(to, tq__span_of(text), (struct budget){0});
}

/* One PROVIDER=TOKENS a line; empty lines, and comments from a "#" at the start or behind a space. */
static int option_budgets(const struct option *option, const char *path, int64_t now_ns, void *to)
{
    struct stat info;
    FILE *file = fopen(path, "r");
    int result = -1;

    (void)now_ns;
    if (!file) {
        report("--%s: %s: %s", option->name, path, strerror(errno));
        return -1;
    }
    if (fstat(fileno(file), &info) == 0 && S_ISDIR(info.st_mode))
        report("--%s: %s: is a directory; give a file with one PROVIDER=TOKENS a line", option->name, path);
    else
        result = read_lines(to, file, path);
    fclose(file);
    return result;
}

/* ---- the replay -------------------------------------------------------------------------------- */

#define TO(field) offsetof(struct replaying, field)

static const struct option options[] = {
    {'b', "budget", "PROVIDER=TOKENS", "tokens per day: 5000000, 5M, 1.5k; * means all others", option_budget,
     TO(budgets), NULL},
    {'B', "budgets", "FILE", "read such budgets from a file, one per line; # begins a comment",
     option_budgets, TO(budgets), "@file"},
    LIMIT_ROW(TO(limits)),
    {'r', "rule", "RULE", "the rule that predicts: " RULE_NAMES " (care)", option_rule, TO(rule), RULE_WORDS},
    {'a', "account", "NAME:SENTENCES", "place each record on one of such accounts: 'a: 4M tokens per week'",
     option_account, TO(accounts), NULL},
    POLICY_ROW("which account: order (default), sticky, pressure, sticky-pressure", TO(policy)),
    FLAG_ROW(0, "as-is", TO(as_is), "keep the order of the log instead of sorting by time"),
    FLAG_ROW(0, "strict", TO(strict), "stop at the first bad line or refused record"),
    FLAG_ROW('q', "quiet", TO(quiet), "print only the result, no transitions"),
    SCORE_ROWS(TO(score)),
    FLAG_ROW(0, "days", TO(every_day), "print every day with its numbers, however many there are"),
    JSON_ROW,
    COLOR_ROW,
    HELP_ROWS_END,
};

/* Without --score there is one care, and it is that of the rule care. 0, or -1 with a report. */
static int check_care(const struct replaying *request)
{
    size_t count = request->score.wanted ? 0 : request->score.cares.count;
    bool other = count > 0 && request->rule != TQ_RULE_DEFAULT && request->rule != TQ_RULE_CARE;

    if (count > 1)
        report("several values of --care need --score");
    else if (other)
        report("--care goes with --rule care");
    return count > 1 || other ? -1 : 0;
}

/* Options that mean nothing beside --score, or without it. 0, or -1 with a report. */
static int check_options(const struct replaying *request)
{
    const char *without = score_without(&request->score), *with = NULL;

    if (request->score.wanted && request->limits.count > 0)
        with = "limit";
    else if (request->score.wanted && request->rule)
        with = "rule";
    else if (request->score.wanted && request->as_is)
        with = "as-is";
    else if (request->score.wanted && request->every_day)
        with = "days";
    if (without)
        report("--%s is an option of --score", without);
    if (with)
        report("--%s and --score exclude each other", with);
    return with || without ? -1 : 0;
}

/* Standard input is replayed as it arrives, so with it nothing is sorted. A score needs the whole log. */
static int take_paths(struct replay *replay, const struct replaying *request)
{
    size_t standard = 0;

    for (char **path = request->asked.operands; *path; path++)
        standard += strcmp(*path, "-") == 0;
    replay->as_is = request->as_is || (standard && !request->score.wanted);
    if (standard <= 1)
        return 0;
    report("standard input can be read once; give \"-\" once");
    return -1;
}

static int set_budget(struct replay *replay, const struct budget *budget)
{
    int answer = replay_budget(replay, budget->provider, budget->tokens);

    return answer == 0 ? 0 : complain(budget, tq__span_of(budget->provider), ": ", tq_strerror(answer));
}

/* The budget of "*" goes first: it applies to the providers that are made after it. */
static int set_budgets(struct replay *replay, const struct budgets *budgets)
{
    for (int others = 0; others < 2; others++)
        for (size_t i = 0; i < budgets->count; i++)
            if ((strcmp(budgets->items[i].provider, "*") != 0) == others &&
                set_budget(replay, &budgets->items[i]) < 0)
                return -1;
    return 0;
}

static int set_accounts(struct replay *replay, const struct replaying *request)
{
    const struct given_accounts *accounts = &request->accounts;

    replay->accounts.policy = request->policy;
    for (size_t i = 0; i < accounts->count; i++) {
        int answer = replay_account(replay, accounts->names[i]);

        if (answer < 0) {
            report("--account: \"%s\": %s", accounts->names[i], tq_strerror(answer));
            return -1;
        }
    }
    return given_limits_set(&accounts->limits, &replay->windows);
}

static int read_all(struct replay *replay, char **paths)
{
    if (!*paths && replay_read_logs(replay) < 0)
        return -1;
    for (; *paths; paths++)
        if (replay_read(replay, *paths) < 0)
            return -1;
    return 0;
}

static int show(struct replay *replay, const struct replaying *request)
{
    const struct request *asked = &request->asked;
    struct standings standings;
    int result;

    if (replay_standings(replay, &standings) < 0)
        return CLI_ERROR;
    result = standings.exhausted ? CLI_NO : CLI_YES;
    if (asked->json) {
        json_print(replay_json_end(replay, &standings, asked->operands, asked->count), false);
    } else {
        replay_put_summary(replay);
        days_put(&request->screen.style, &standings, request->every_day);
        if (standings.count)
            putc('\n', stdout);
        standings_put(&request->screen.style, &standings);
        windows_put_sums(&replay->windows, &request->screen.style);
        accounts_put(&replay->accounts, &request->screen.style, replay->tokens);
        replay_put_remarks(replay);
    }
    if (replay->records == 0) {
        report("no usable record: no budget or limit could be tested");
        result = CLI_ERROR;
    }
    standings_free(&standings);
    return result;
}

static int live(struct replay *replay, struct replaying *request)
{
    const struct request *asked = &request->asked;

    if (read_all(replay, asked->operands) < 0)
        return CLI_ERROR;
    if (request->score.wanted)
        return score_replay(replay, &request->score, asked, &request->screen.progress, &request->screen.style,
                            request->quiet);
    if (replay_feed_all(replay) < 0)
        return CLI_ERROR;
    progress_erase(&request->screen.progress);
    return show(replay, request);
}

static int replay_request(struct replay *replay, struct replaying *request)
{
    struct listener listener = progress_listener(&request->screen.progress);
    int result = CLI_ERROR;

    style_init(&request->screen.style, request->asked.colour);
    if (check_options(request) < 0 || check_care(request) < 0 || take_paths(replay, request) < 0)
        return CLI_ERROR;
    replay->context = &request->screen;
    replay->listener = &listener;
    replay->with_starts = request->score.wanted;
    if (request->asked.json)
        replay_json_begin(replay, request->quiet);
    else if (!request->quiet)
        replay->on_transition = replay_put_transition;
    if (replay_begin(replay) == 0 && set_budgets(replay, &request->budgets) == 0 &&
        given_limits_set(&request->limits, &replay->windows) == 0 && set_accounts(replay, request) == 0)
        result = live(replay, request);
    progress_erase(&request->screen.progress);
    if (*listener.why)
        report("%s", listener.why);
    return result;
}

static int run(void *asked)
{
    struct replaying *request = asked;
    struct replay replay = {
        .rule = request->rule ? request->rule : TQ_RULE_CARE,
        .care = request->score.cares.count == 1 ? request->score.cares.items[0] : TQ_CARE_DEFAULT,
        .strict = request->strict,
    };
    int result;

    if (request->policy != TQ_POLICY_ORDER && request->accounts.count == 0) {
        report("--policy goes with --account");
        return CLI_ERROR;
    }
    result = replay_request(&replay, request);
    replay_free(&replay);
    return result;
}

static void release(void *request)
{
    struct budgets *budgets = &((struct replaying *)request)->budgets;

    given_limits_free(&((struct replaying *)request)->limits);
    given_accounts_free(&((struct replaying *)request)->accounts);
    for (size_t i = 0; i < budgets->count; i++)
        free(budgets->items[i].provider);
    free(budgets->items);
}

const struct command cmd_replay = {
    .name = "replay",
    .operands = "[FILE...|-]",
    .summary = "run usage logs through rules and limits: which would have run out, and when",
    .options = options,
    .notes =
        "\n"
        "FILE is a CSV log with a header line or a JSONL log, plain, gzip or zstd. Several FILEs are\n"
        "merged by time; - reads standard input, in its own order. Without a FILE, reads the logs of\n"
        "all tools that `tokenquota import all` would read, each response once. Days are UTC days.\n\n"
        "A limit is written as in `tokenquota limit --help`. At the end there is a line for each: its\n"
        "windows with records, those of them in which it was spent, and the most used in one.\n\n"
        "With --account each record is a call that is placed on one account by POLICY, as `tokenquota "
        "route`\n"
        "chooses; while all are out it is refused, and counts nowhere. At the end there is what was\n"
        "refused, how often the account changed, and how much quota lapsed at the resets of the longest\n"
        "window of each.\n\n"
        "RULE decides when a budget or a limit is exhausted: see `tokenquota rule --help`. care is the\n"
        "default of a ledger, original that of tq_tracker_new. --care is that of all providers.\n\n"
        "--score lives through each window under each rule, with budgets of 1/2 to 2 times the mean\n"
        "window, or those of --budget, and prints how often a provider was out in vain (false), for how\n"
        "long (wrong h), warned in time, above its budget (overrun) and below it (stranded). At the end\n"
        "it says which care would have lost least. In the row flight every call says when it begins, in\n"
        "the row reserve also how much it will use at most. docs/forecast.md defines each figure.\n\n"
        "Exit status: 0 if every provider is available at the log's end, 1 if one is not, 2 on an error\n"
        "or without a usable record. With --score: 0, or 2.\n\n"
        "  tokenquota replay usage.csv --budget openai=5M --budget '*=1M'\n"
        "  tokenquota replay usage.csv --score --window 5h --quiet\n"
        "  tokenquota replay --limit 'claude=900 requests per 5h first-use'\n"
        "  tokenquota replay usage.csv --policy sticky --account 'a: 4M tokens per week' --account 'b: 9M "
        "tokens per day'\n",
    .request_bytes = sizeof(struct replaying),
    .most = ANY_NUMBER,
    .offers = "@file...",
    .run = run,
    .release = release,
};
