/* usage.c: `tokenquota usage` shows what was used, from the logs that tools keep and from the ledger.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/show/show.h"

struct reporting {
    struct request asked;
    struct usage_request usage;
    const char *by;
    const char *since; /* read after all options, as --local changes what a day is */
    const char *until;
    const char *source;
};

#define TO(field) offsetof(struct reporting, field)

static const struct option options[] = {
    {'b', "by", "WHAT", "day (default), week, month, session, model, provider, tool", option_word, TO(by),
     "day week month session model provider tool"},
    {0, "since", "INSTANT", "start here: 20260305, yesterday, or an instant as for --at", option_text,
     TO(since), "@instant"},
    {0, "until", "INSTANT", "end here; a day includes all of that day", option_text, TO(until), "@instant"},
    {'s', "source", "SOURCE", "read only this tool's logs, without the ledger", option_text, TO(source),
     "@source"},
    {'p', "provider", "NAME", "the provider name that import uses: {tool}, {model}, ...", option_pattern,
     TO(usage.logs.name), "{tool} {model}"},
    FLAG_ROW(0, "local", TO(usage.local), "use days of the local time zone instead of UTC"),
    JSON_ROW,
    COLOR_ROW,
    AT_ROW,
    LEDGER_ROW,
    HELP_ROWS_END,
};

static void read_by(struct usage_request *usage, const char *word)
{
    for (int by = BY_DAY; word && by <= BY_TOOL; by++)
        if (strcmp(usage_by_word((enum usage_by)by), word) == 0)
            usage->by = (enum usage_by)by;
}

static int read_source(struct import_request *logs, const char *word)
{
    if (word)
        return source_parse(word, &logs->source);
    if (logs->paths[0])
        report("name the tool that wrote %s with --source", logs->paths[0]);
    return logs->paths[0] ? -1 : 0;
}

static int read_request(const struct reporting *request, struct usage_request *usage)
{
    unsigned zone = request->usage.local ? BOUNDS_LOCAL : 0;
    int64_t now_ns = request->asked.at.ns;

    *usage = request->usage;
    usage->logs.paths = request->asked.operands;
    usage->logs.at_ns = now_ns;
    usage->logs.since_ns = INT64_MIN;
    usage->until_ns = INT64_MAX;
    read_by(usage, request->by);
    if (read_source(&usage->logs, request->source) < 0)
        return -1;
    if (request->since && bounds_parse("since", request->since, now_ns, zone, &usage->logs.since_ns) < 0)
        return -1;
    return request->until ? bounds_parse("until", request->until, now_ns, zone | BOUNDS_END, &usage->until_ns)
                          : 0;
}

/* Adds what the ledger counted live; without a ledger the logs are all there is. */
static int add_ledger(struct usage_report *usage, const char *ledger)
{
    struct session session;
    int result;

    if (session_find(&session, ledger) < 0)
        return -1;
    if (access(session.path, F_OK) != 0)
        return 0;
    if (session_open(&session, SESSION_READ) < 0)
        return -1;
    result = usage_add_ledger(usage, session.ledger, session.path);
    tq_ledger_close(session.ledger);
    return result;
}

static int sum_up(struct usage_report *usage, const struct request *asked)
{
    struct progress progress;
    struct listener listener = progress_listener(&progress);
    int result;

    usage->listener = &listener;
    result = usage_read(usage);
    progress_erase(&progress);
    if (result == 0 && !usage->request.logs.source)
        result = add_ledger(usage, asked->ledger);
    if (result == 0)
        result = usage_sum(usage);
    if (result < 0 && *listener.why)
        report("%s", listener.why);
    return result;
}

static void show(const struct usage_report *usage, const struct request *asked)
{
    struct style style;

    style_init(&style, asked->colour);
    if (asked->json)
        json_print(usage_json(usage), false);
    else
        usage_put(usage, &style);
}

static int run(void *request)
{
    const struct reporting *reporting = request;
    struct usage_report usage = {.listener = NULL};
    int result = CLI_ERROR;

    if (read_request(reporting, &usage.request) < 0)
        return CLI_ERROR;
    if (sum_up(&usage, &reporting->asked) == 0) {
        show(&usage, &reporting->asked);
        result = usage.broken ? CLI_ERROR : CLI_YES;
    }
    usage_free(&usage);
    return result;
}

const struct command cmd_usage = {
    .name = "usage",
    .operands = "[PATH...]",
    .summary = "show usage by day, model, session, ..., from logs and ledger",
    .options = options,
    .notes = "\n"
             "Reads the logs of all tools that `tokenquota import all` would read, each response once. Adds\n"
             "the ledger's days of providers that no import feeds. PATHs need --source. Changes nothing.\n\n"
             "Exit status: 0 on success, 2 on any error, even if only one file failed.\n\n"
             "  tokenquota usage --by model --since 7d\n",
    .request_bytes = sizeof(struct reporting),
    .most = ANY_NUMBER,
    .offers = "@file...",
    .run = run,
};
