/* usage.c: `tokenquota usage` shows what was used, from the logs that tools keep and from the ledger.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/bounds.h"
#include "cli/show/show.h"

enum {
    OPTION_BY,
    OPTION_SINCE,
    OPTION_UNTIL,
    OPTION_SOURCE,
    OPTION_PROVIDER,
    OPTION_LOCAL,
    OPTION_JSON,
    OPTION_COLOR,
    OPTION_AT,
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_BY] = {'b', "by", "WHAT", "day (default), week, month, session, model, provider, tool"},
    [OPTION_SINCE] = {0, "since", "INSTANT", "from here on: 20260305, yesterday, or an instant as for --at"},
    [OPTION_UNTIL] = {0, "until", "INSTANT", "up to here; a day means all of it"},
    [OPTION_SOURCE] = {'s', "source", "SOURCE", "the logs of one tool alone, without the ledger"},
    [OPTION_PROVIDER] = {'p', "provider", "NAME", "what import calls a provider: {tool}, {model}, ..."},
    [OPTION_LOCAL] = {0, "local", NULL, "days of the local zone, not of UTC"},
    [OPTION_JSON] = JSON_SPEC,
    [OPTION_COLOR] = COLOR_SPEC,
    [OPTION_AT] = AT_SPEC,
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
};

/* What the command line says, before it is read. */
struct words {
    const char *by;
    const char *since;
    const char *until;
    const char *source;
    const char *at;
    const char *ledger;
    const char *colour;
    bool json;
};

static int parse_by(struct usage_request *request, const char *word)
{
    for (int by = BY_DAY; by <= BY_TOOL; by++) {
        if (strcmp(usage_by_word((enum usage_by)by), word) != 0)
            continue;
        request->by = (enum usage_by)by;
        return 0;
    }
    report("--by \"%s\": write day, week, month, session, model, provider or tool", word);
    return -1;
}

static int parse_source(struct import_request *logs, const char *word)
{
    if (!word && logs->paths[0]) {
        report("whose logs are %s? name the tool with --source", logs->paths[0]);
        return -1;
    }
    if (!word || strcmp(word, "all") == 0)
        return 0;
    logs->source = tq_log_source_find(word);
    if (!logs->source)
        report("unknown source \"%s\"; `tokenquota import --help` lists them", word);
    return logs->source ? 0 : -1;
}

static int parse(struct usage_request *request, const struct words *words)
{
    request->logs.since_ns = INT64_MIN;
    request->until_ns = INT64_MAX;
    if (parse_by(request, words->by) < 0 || parse_source(&request->logs, words->source) < 0 ||
        (request->logs.name && names_check(request->logs.name) < 0) ||
        instant_now(words->at, &request->logs.at_ns) < 0)
        return -1;
    unsigned zone = request->local ? BOUNDS_LOCAL : 0;
    int64_t now_ns = request->logs.at_ns;

    if (words->since && bounds_parse("--since", words->since, now_ns, zone, &request->logs.since_ns) < 0)
        return -1;
    return words->until ? bounds_parse("--until", words->until, now_ns, zone | BOUNDS_END, &request->until_ns)
                        : 0;
}

static int show(const struct usage_report *usage, const struct words *words)
{
    struct usage_row total, *rows;
    struct style style;
    size_t count;
    int result = CLI_YES;

    if (style_init(&style, words->colour) < 0) {
        report("--color \"%s\": write auto, always or never", words->colour);
        return CLI_ERROR;
    }
    rows = cells_rows(usage, &count, &total);
    if (!rows) {
        report("out of memory");
        return CLI_ERROR;
    }
    if (!words->json)
        usage_put(usage, &style, rows, count, &total);
    else if (json_print(usage_json(usage, rows, count, &total), false) < 0)
        result = CLI_ERROR;
    free(rows);
    return result;
}

/* Adds what the ledger counted live; without a ledger the logs are all there is. */
static int add_ledger(struct usage_report *usage, const struct words *words)
{
    struct session session;
    int result;

    if (session_find(&session, words->ledger) < 0)
        return -1;
    if (access(session.path, F_OK) != 0)
        return 0;
    if (session_open(&session, SESSION_READ) < 0)
        return -1;
    result = usage_add_ledger(usage, session.ledger, session.path);
    tq_ledger_close(session.ledger);
    return result;
}

static int work(struct usage_report *usage, const struct words *words)
{
    struct progress progress;
    int result;

    usage->listener = progress_listener(&progress);
    result = usage_read(usage);
    progress_erase(&progress);
    if (result == 0)
        result = usage_sum(usage);
    if (result == 0 && !usage->request.logs.source)
        result = add_ledger(usage, words);
    if (result < 0) {
        if (*usage->why)
            report("%s", usage->why);
        return CLI_ERROR;
    }
    cells_merge(usage);
    result = show(usage, words);
    return usage->broken ? CLI_ERROR : result;
}

static int run(int argc, char **argv)
{
    struct usage_report usage = {.why = ""};
    struct usage_request *request = &usage.request;
    struct words words = {.by = "day", .colour = "auto"};
    const struct option_target targets[] = {
        [OPTION_BY] = {.value = &words.by},
        [OPTION_SINCE] = {.value = &words.since},
        [OPTION_UNTIL] = {.value = &words.until},
        [OPTION_SOURCE] = {.value = &words.source},
        [OPTION_PROVIDER] = {.value = &request->logs.name},
        [OPTION_LOCAL] = {.flag = &request->local},
        [OPTION_JSON] = {.flag = &words.json},
        [OPTION_COLOR] = {.value = &words.colour},
        [OPTION_AT] = {.value = &words.at},
        [OPTION_LEDGER] = {.value = &words.ledger},
        [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &cmd_usage, targets), result;

    if (operands < 0)
        return operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    request->logs.paths = argv;
    if (parse(request, &words) < 0)
        return CLI_ERROR;
    result = work(&usage, &words);
    usage_free(&usage);
    return result;
}

const struct command cmd_usage = {
    .name = "usage",
    .operands = "[PATH...]",
    .summary = "show what was used by day, model, session, ..., from logs and ledger",
    .options = options,
    .notes = "\n"
             "Reads the logs of all tools that `tokenquota import all` would, each response once, and adds\n"
             "the days of providers that the ledger counts live. With --source PATHs may be named. Nothing\n"
             "is counted.\n\n"
             "Exit status: 0 on success, 2 on any error, even if only one file failed.\n\n"
             "  tokenquota usage --by model --since 7d\n",
    .run = run,
};
