/* replay.c: `tokenquota replay` lives through usage logs again: which budget would not have lasted?
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "cli/show/show.h"

struct replaying {
    struct request asked;
    struct replay_screen screen;
    struct budgets budgets;
    uint32_t rule; /* 0: horizon */
    bool as_is;
    bool strict;
    bool quiet;
    bool every_day;
};

static int option_budget(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    (void)option, (void)now_ns;
    return budgets_add(to, text);
}

static int option_budgets(const struct option *option, const char *text, int64_t now_ns, void *to)
{
    (void)option, (void)now_ns;
    return budgets_read(to, text);
}

#define TO(field) offsetof(struct replaying, field)

static const struct option options[] = {
    {'b', "budget", "PROVIDER=TOKENS", "tokens per day: 5000000, 5M, 1.5k; * means all others", option_budget,
     TO(budgets), NULL},
    {'B', "budgets", "FILE", "read such budgets from a file, one per line; # begins a comment",
     option_budgets, TO(budgets), "@file"},
    {'r', "rule", "RULE", "the rule that predicts: " RULE_NAMES " (horizon)", option_rule, TO(rule),
     "horizon original off"},
    FLAG_ROW(0, "as-is", TO(as_is), "keep the order of the log instead of sorting by time"),
    FLAG_ROW(0, "strict", TO(strict), "stop at the first bad line or refused record"),
    FLAG_ROW('q', "quiet", TO(quiet), "print only the result, no transitions"),
    FLAG_ROW(0, "days", TO(every_day), "print every day with its numbers, however many there are"),
    JSON_ROW,
    COLOR_ROW,
    HELP_ROWS_END,
};

/* Standard input cannot be held back until it ends, so with it all keeps its order. */
static int take_paths(struct replay *replay, const struct replaying *request)
{
    size_t standard = 0;

    for (char **path = request->asked.operands; *path; path++)
        standard += strcmp(*path, "-") == 0;
    replay->as_is = request->as_is || standard;
    if (standard <= 1)
        return 0;
    report("\"-\" twice: standard input can be read once");
    return -1;
}

static int set_budget(struct replay *replay, const struct budget *budget)
{
    int answer = replay_budget(replay, budget->provider, budget->tokens);

    if (answer == 0)
        return 0;
    if (budget->file)
        report("%s:%llu: \"%s\": %s", budget->file, (unsigned long long)budget->line, budget->provider,
               tq_strerror(answer));
    else
        report("--budget: \"%s\": %s", budget->provider, tq_strerror(answer));
    return -1;
}

/* The one of "*" goes first: it is of all that are made behind it. */
static int set_budgets(struct replay *replay, const struct budgets *budgets)
{
    for (int others = 0; others < 2; others++)
        for (size_t i = 0; i < budgets->count; i++)
            if ((strcmp(budgets->items[i].provider, "*") != 0) == others &&
                set_budget(replay, &budgets->items[i]) < 0)
                return -1;
    return 0;
}

static int live(struct replay *replay, char **paths)
{
    if (!*paths && replay_read_logs(replay) < 0)
        return -1;
    for (; *paths; paths++)
        if (replay_read(replay, *paths) < 0)
            return -1;
    return replay_sort(replay) < 0 ? -1 : replay_feed_all(replay);
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
        replay_put_remarks(replay);
    }
    if (replay->records == 0) {
        report("no usable record: no budget could be tested");
        result = CLI_ERROR;
    }
    free(standings.items);
    return result;
}

static int replay_request(struct replay *replay, struct replaying *request)
{
    int result = CLI_ERROR;

    style_init(&request->screen.style, request->asked.colour);
    if (take_paths(replay, request) < 0)
        return CLI_ERROR;
    replay->context = &request->screen;
    replay->listener = progress_listener(&request->screen.progress);
    if (request->asked.json)
        replay_json_begin(replay, request->quiet);
    else if (!request->quiet)
        replay->on_transition = replay_put_transition;
    if (replay_begin(replay) == 0 && set_budgets(replay, &request->budgets) == 0 &&
        live(replay, request->asked.operands) == 0) {
        progress_erase(&request->screen.progress);
        result = show(replay, request);
    }
    progress_erase(&request->screen.progress);
    if (*replay->why)
        report("%s", replay->why);
    return result;
}

static int run(void *asked)
{
    struct replaying *request = asked;
    struct replay replay = {
        .rule = request->rule ? request->rule : TQ_RULE_HORIZON,
        .strict = request->strict,
    };
    int result = replay_request(&replay, request);

    replay_free(&replay);
    return result;
}

static void release(void *request)
{
    budgets_free(&((struct replaying *)request)->budgets);
}

const struct command cmd_replay = {
    .name = "replay",
    .operands = "[FILE...|-]",
    .summary = "run usage logs through the rules: which budget would have run out, and when",
    .options = options,
    .notes =
        "\n"
        "FILE is a CSV log with a header line or a JSONL log, plain, gzip or zstd. Several FILEs are\n"
        "merged by time; - reads standard input, in its own order. Without a FILE, reads the logs of\n"
        "all tools that `tokenquota import all` would read, each response once. Days are UTC days.\n\n"
        "RULE decides when a budget is exhausted: see `tokenquota rule --help`. horizon is the default\n"
        "of a ledger, original that of tq_tracker_new.\n\n"
        "Exit status: 0 if every provider is available at the log's end, 1 if one is not, 2 on an error\n"
        "or without a usable record.\n\n"
        "  tokenquota replay usage.csv --budget openai=5M --budget '*=1M'\n",
    .request_bytes = sizeof(struct replaying),
    .most = ANY_NUMBER,
    .offers = "@file...",
    .run = run,
    .release = release,
};
