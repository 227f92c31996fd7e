/* replay.c: `tokenquota replay` lives through usage logs again: which budget would not have lasted?
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "cli/show/show.h"

enum {
    OPTION_BUDGET,
    OPTION_BUDGETS,
    OPTION_RULE,
    OPTION_AS_IS,
    OPTION_STRICT,
    OPTION_QUIET,
    OPTION_DAYS,
    OPTION_JSON,
    OPTION_COLOR,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_BUDGET] = {'b', "budget", "PROVIDER=TOKENS", "tokens a day: 5000000, 5M, 1.5k; * = all others"},
    [OPTION_BUDGETS] = {'B', "budgets", "FILE", "the same from a file, one a line, # comments"},
    [OPTION_RULE] = {'r', "rule", "RULE", "what predicts: " RULE_NAMES " (horizon)"},
    [OPTION_AS_IS] = {0, "as-is", NULL, "keep the order of the log instead of sorting by time"},
    [OPTION_STRICT] = {0, "strict", NULL, "stop at the first bad line or refused record"},
    [OPTION_QUIET] = {'q', "quiet", NULL, "print no transitions, only how it ended"},
    [OPTION_DAYS] = {0, "days", NULL, "print every day with its numbers, however many"},
    [OPTION_JSON] = {0, "json", NULL, "print one JSON document instead"},
    [OPTION_COLOR] = {0, "color", "WHEN", "auto, always or never"},
    [OPTION_HELP] = {'h', "help", NULL, "print this help"},
    [OPTION_HELP + 1] = {0, NULL, NULL, NULL},
};

/* What the command line asked for. */
struct request {
    struct replay_screen screen;
    char **paths;
    size_t path_count;
    struct budgets budgets;
    const char *colour;
    bool json;
    bool quiet;
    bool every_day;
    bool help;
};

static int take_rule(struct replay *replay, const char *text)
{
    if (rule_parse(text, &replay->rule) == 0)
        return 0;
    report("--rule \"%s\": write " RULE_NAMES, text);
    return -1;
}

static int take_option(struct request *request, struct replay *replay, int option, const char *value)
{
    switch (option) {
    case OPTION_BUDGET:
        return budgets_add(&request->budgets, value);
    case OPTION_BUDGETS:
        return budgets_read(&request->budgets, value);
    case OPTION_RULE:
        return take_rule(replay, value);
    case OPTION_AS_IS:
        replay->as_is = true;
        break;
    case OPTION_STRICT:
        replay->strict = true;
        break;
    case OPTION_QUIET:
        request->quiet = true;
        break;
    case OPTION_DAYS:
        request->every_day = true;
        break;
    case OPTION_JSON:
        request->json = true;
        break;
    case OPTION_COLOR:
        request->colour = value;
        break;
    case OPTION_HELP:
        request->help = true;
        break;
    }
    return 0;
}

/* Standard input cannot be held back until it ends, so with it all keeps its order. */
static int take_path(struct request *request, struct replay *replay, char *path)
{
    if (strcmp(path, "-") == 0) {
        for (size_t i = 0; i < request->path_count; i++)
            if (strcmp(request->paths[i], "-") == 0) {
                report("\"-\" twice: standard input can be read once");
                return -1;
            }
        replay->as_is = true;
    }
    request->paths[request->path_count++] = path;
    return 0;
}

static int parse(struct request *request, struct replay *replay, int argc, char **argv)
{
    struct args args = {.argc = argc, .argv = argv, .next = 1};
    int option, result = 0;

    while (result == 0 && !request->help && (option = args_next(&args, options)) != ARGS_END) {
        if (option == ARGS_ERROR)
            return -1;
        if (option == ARGS_OPERAND)
            result = take_path(request, replay, argv[args.next - 1]);
        else
            result = take_option(request, replay, option, args.value);
    }
    if (result < 0 || request->help)
        return result;
    if (style_init(&request->screen.style, request->colour) < 0) {
        report("--color \"%s\": write auto, always or never", request->colour);
        return -1;
    }
    return 0;
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

static int live(struct replay *replay, const struct request *request)
{
    if (request->path_count == 0 && replay_read_logs(replay) < 0)
        return -1;
    for (size_t i = 0; i < request->path_count; i++)
        if (replay_read(replay, request->paths[i]) < 0)
            return -1;
    return replay_sort(replay) < 0 ? -1 : replay_feed_all(replay);
}

/* The answer: 0, 1, or -1 with a report. */
static int show(struct replay *replay, const struct request *request)
{
    struct standings standings;
    int result = -1;

    if (replay_standings(replay, &standings) < 0)
        return -1;
    if (request->json) {
        if (json_print(replay_json_end(replay, &standings, request->paths, request->path_count), false) < 0)
            goto out;
    } else {
        replay_put_summary(replay);
        if (days_put(&request->screen.style, &standings, request->every_day) < 0)
            goto out;
        if (standings.count)
            putc('\n', stdout);
        standings_put(&request->screen.style, &standings);
        replay_put_remarks(replay);
    }
    if (replay->records == 0) {
        report("no usable record: nothing can be said of any budget");
        goto out;
    }
    result = standings.exhausted ? CLI_NO : CLI_YES;
out:
    free(standings.items);
    return result;
}

static int run(int argc, char **argv)
{
    struct replay replay = {.rule = TQ_RULE_HORIZON};
    struct request request = {.colour = "auto", .paths = calloc((size_t)argc, sizeof(char *))};
    int result = CLI_ERROR;

    if (!request.paths) {
        report("out of memory");
        return CLI_ERROR;
    }
    if (parse(&request, &replay, argc, argv) < 0)
        goto out;
    if (request.help) {
        command_help(stdout, &cmd_replay);
        result = CLI_YES;
        goto out;
    }
    replay.context = &request.screen;
    replay.listener = progress_listener(&request.screen.progress);
    if (request.json)
        replay_json_begin(&replay, request.quiet);
    else if (!request.quiet)
        replay.on_transition = replay_put_transition;
    if (replay_begin(&replay) == 0 && set_budgets(&replay, &request.budgets) == 0 &&
        live(&replay, &request) == 0) {
        progress_erase(&request.screen.progress);
        result = show(&replay, &request);
    }
    progress_erase(&request.screen.progress);
    if (*replay.why)
        report("%s", replay.why);
    if (result < 0)
        result = CLI_ERROR;
out:
    replay_free(&replay);
    budgets_free(&request.budgets);
    free(request.paths);
    return result;
}

const struct command cmd_replay = {
    .name = "replay",
    .operands = "[FILE...|-]",
    .summary = "live through usage logs again: which budget would not have lasted, and when",
    .options = options,
    .notes = "\n"
             "FILE is a CSV log with a header line or a JSONL log, plain, gzip or zstd. Several are\n"
             "merged by time; - reads standard input, in its own order. Without a FILE: the logs of all\n"
             "tools that `tokenquota import all` would read, each response once. Days are UTC days.\n\n"
             "RULE decides that a budget is exhausted; `tokenquota rule --help` has them. horizon is what\n"
             "a ledger goes by unless told otherwise, original what tq_tracker_new goes by.\n\n"
             "Exit status: 0 all providers are available at the log's end, 1 some are not, 2 an error, or\n"
             "no usable record.\n\n"
             "  tokenquota replay usage.csv --budget openai=5M --budget '*=1M'\n",
    .run = run,
};
