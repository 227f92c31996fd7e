/* replay.c: `tokenquota replay` lives through usage logs again: which budget would not have lasted?
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "view/replay.h"
#include "view/rules.h"

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
    char **paths;
    size_t path_count;
    struct budgets budgets;
    const char *colour;
    bool json;
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
        replay->quiet = true;
        break;
    case OPTION_DAYS:
        replay->every_day = true;
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
    if (style_init(&replay->style, request->colour) < 0) {
        report("--color \"%s\": write auto, always or never", request->colour);
        return -1;
    }
    return 0;
}

static int live(struct replay *replay, const struct request *request)
{
    progress_start(&replay->progress);
    if (request->path_count == 0 && replay_read_logs(replay) < 0)
        return -1;
    for (size_t i = 0; i < request->path_count; i++)
        if (replay_read(replay, request->paths[i]) < 0)
            return -1;
    if (replay_sort(replay) < 0)
        return -1;
    return replay_feed_all(replay);
}

static int sum_up(const struct replay *replay, struct standings *standings)
{
    if (standings_init(standings, replay->providers.count, replay->end_at_ns, "The log ends at") < 0)
        return -1;
    for (size_t i = 0; i < replay->providers.count; i++) {
        const struct provider *provider = &replay->providers.items[i];
        const struct day *today = provider_find_day(provider, replay->end_at_ns);

        if (!provider->records)
            continue;
        struct standing *standing = standings_append(standings, provider, today ? today->used : 0);

        standing->state = tq_provider_state(provider->handle, replay->end_at_ns, &standing->retry_at_ns);
        standing->idle = standing->used == 0 && standing->state == TQ_AVAILABLE;
    }
    standings->transitions = true;
    standings->latched = replay->rule != TQ_RULE_HORIZON;
    standings_finish(standings);
    return 0;
}

/* The answer: 0, 1, or -1 with a report. */
static int show(struct replay *replay, const struct request *request)
{
    struct standings standings;
    int result = -1;

    if (sum_up(replay, &standings) < 0)
        return -1;
    if (request->json) {
        if (json_end(replay, &standings, request->paths, request->path_count) < 0)
            goto out;
    } else {
        lines_summary(replay);
        if (days_put(&replay->style, &standings, replay->every_day) < 0)
            goto out;
        if (standings.count)
            putc('\n', stdout);
        table_put(&replay->style, &standings);
        lines_remarks(replay);
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
    struct replay replay = {.on_transition = lines_transition, .rule = TQ_RULE_HORIZON};
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
    if (providers_init(&replay.providers, replay.rule) < 0 ||
        providers_apply(&replay.providers, &request.budgets) < 0)
        goto out;
    if (request.json && json_begin(&replay) < 0)
        goto out;
    if (live(&replay, &request) < 0)
        goto out;
    result = show(&replay, &request);
    if (result < 0)
        result = CLI_ERROR;
out:
    json_drop(&replay);
    free(replay.usages);
    free(replay.pending);
    providers_free(&replay.providers);
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
