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
    const char *since; /* read after all options, as --utc changes what a day is */
    const char *until;
    const char *source;
    struct given_limits limits;
    bool utc;
};

#define TO(field) offsetof(struct reporting, field)

static const struct option options[] = {
    {'b', "by", "WHAT", "day (default), week, month, session, model, provider, tool, window", option_word,
     TO(by), "day week month session model provider tool window"},
    LIMIT_ROW(TO(limits)),
    {0, "since", "INSTANT", "start here: 20260305, yesterday, or an instant as for --at", option_text,
     TO(since), "@instant"},
    {0, "until", "INSTANT", "end here; a day includes all of that day", option_text, TO(until), "@instant"},
    {'s', "source", "SOURCE", "read only this tool's logs, without the ledger", option_text, TO(source),
     "@source"},
    {'p', "provider", "NAME", "the provider name that import uses: {tool}, {model}, ...", option_pattern,
     TO(usage.logs.name), "{tool} {model}"},
    FLAG_ROW(0, "utc", TO(utc), "use UTC days instead of days of the local time zone"),
    FLAG_ROW(0, "local", TO(usage.local), "use days of the local time zone (the default)"),
    JSON_ROW,
    COLOR_ROW,
    AT_ROW,
    LEDGER_ROW,
    HELP_ROWS_END,
};

static void read_by(struct usage_request *usage, const char *word)
{
    for (int by = BY_DAY; word && by <= BY_WINDOW; by++)
        if (strcmp(usage_by_word((enum usage_by)by), word) == 0)
            usage->by = (enum usage_by)by;
}

static int read_source(struct import_logs *logs, const char *word)
{
    if (word)
        return source_parse(word, &logs->source);
    if (logs->paths[0])
        report("name the tool that wrote %s with --source", logs->paths[0]);
    return logs->paths[0] ? -1 : 0;
}

static int read_request(const struct reporting *request, struct usage_request *usage)
{
    unsigned zone = request->utc ? 0 : BOUNDS_LOCAL;
    int64_t now_ns = request->asked.at.ns;

    *usage = request->usage;
    usage->local = !request->utc;
    usage->logs.paths = request->asked.operands;
    usage->at_ns = now_ns;
    usage->since_ns = INT64_MIN;
    usage->until_ns = INT64_MAX;
    read_by(usage, request->by);
    if (read_source(&usage->logs, request->source) < 0)
        return -1;
    if (request->since && bounds_parse("since", request->since, now_ns, zone, &usage->since_ns) < 0)
        return -1;
    return request->until ? bounds_parse("until", request->until, now_ns, zone | BOUNDS_END, &usage->until_ns)
                          : 0;
}

/* What is made of one request. */
struct reported {
    struct usage_report usage;
    struct windows windows; /* by window */
    /* Bounds of the windows that are shown. A window may begin before and end behind them, so all is read. */
    int64_t since_ns, until_ns;
};

/* Takes the limits from the ledger, and adds what it counted live. Without a ledger the logs are all there
 * is. */
static int read_ledger(struct reported *reported, const struct reporting *request)
{
    bool live = !reported->usage.request.logs.source;
    bool limits = reported->usage.request.by == BY_WINDOW && request->limits.count == 0;
    struct tq_error error = {.size = sizeof error};
    struct session session;
    int result = 0;

    if (!live && !limits)
        return 0;
    if (session_find(&session, request->asked.ledger) < 0)
        return -1;
    if (access(session.path, F_OK) != 0)
        return 0;
    if (session_open(&session, SESSION_READ) < 0)
        return -1;
    if (limits && windows_copy(&reported->windows, session.ledger, request->asked.at.ns, &error) < 0) {
        report("%s: its limits cannot be tried here: %s", session.path, error.msg);
        result = -1;
    }
    if (live && result == 0)
        result = usage_add_ledger(&reported->usage, session.ledger, session.path);
    tq_ledger_close(session.ledger);
    return result;
}

static int begin_windows(struct reported *reported, const struct reporting *request)
{
    struct tq_ledger_options made = {.size = sizeof made, .history_days = 8, .rule = TQ_RULE_OFF};
    struct usage_request *usage = &reported->usage.request;
    struct tq_error error = {.size = sizeof error};

    if (usage->by != BY_WINDOW) {
        if (request->limits.count > 0)
            report("--limit goes with --by window");
        return request->limits.count > 0 ? -1 : 0;
    }
    reported->since_ns = usage->since_ns;
    reported->until_ns = usage->until_ns;
    usage->since_ns = INT64_MIN;
    usage->until_ns = INT64_MAX;
    reported->windows.keep = true;
    reported->windows.local = usage->local;
    if (tq_ledger_open(&reported->windows.ledger, NULL, &made, &error) == 0)
        return given_limits_set(&request->limits, &reported->windows);
    report("%s", error.msg);
    return -1;
}

/* Counts the responses in the limits. */
static int feed(struct reported *reported)
{
    const struct windows *windows = &reported->windows;

    if (windows->count > 0 || windows->others_count > 0)
        return usage_feed(&reported->usage, &reported->windows);
    report("no limits: no provider of the ledger has one; set one with `tokenquota limit`, or try one with "
           "--limit");
    return -1;
}

static int sum_up(struct reported *reported, const struct reporting *request)
{
    struct usage_report *usage = &reported->usage;
    struct progress progress;
    struct listener listener = progress_listener(&progress);
    int result;

    usage->listener = &listener;
    result = usage_read(usage);
    progress_erase(&progress);
    if (result == 0)
        result = read_ledger(reported, request);
    if (result == 0)
        result = usage->request.by == BY_WINDOW ? feed(reported) : usage_sum(usage);
    if (result < 0 && *listener.why)
        report("%s", listener.why);
    return result;
}

static void show(const struct reported *reported, const struct request *asked)
{
    const struct usage_report *usage = &reported->usage;
    bool by_window = usage->request.by == BY_WINDOW;
    struct style style;

    style_init(&style, asked->colour);
    if (asked->json)
        json_print(by_window
                       ? usage_windows_json(usage, &reported->windows, reported->since_ns, reported->until_ns)
                       : usage_json(usage),
                   false);
    else if (by_window)
        windows_put(&reported->windows, reported->since_ns, reported->until_ns, asked->at.ns, &style);
    else
        usage_put(usage, &style);
    if (by_window && !asked->json)
        usage_put_remarks(usage, &style);
}

static int run(void *request)
{
    const struct reporting *reporting = request;
    struct reported reported = {.since_ns = INT64_MIN};
    int result = CLI_ERROR;

    if (read_request(reporting, &reported.usage.request) < 0)
        return CLI_ERROR;
    if (begin_windows(&reported, reporting) == 0 && sum_up(&reported, reporting) == 0) {
        show(&reported, &reporting->asked);
        result = reported.usage.broken ? CLI_ERROR : CLI_YES;
    }
    windows_free(&reported.windows);
    tq_ledger_close(reported.windows.ledger);
    usage_free(&reported.usage);
    return result;
}

static void release(void *request)
{
    given_limits_free(&((struct reporting *)request)->limits);
}

const struct command cmd_usage = {
    .name = "usage",
    .operands = "[PATH...]",
    .summary = "show usage by day, model, session, ..., from logs and ledger",
    .options = options,
    .notes =
        "\n"
        "Reads the logs of all tools that `tokenquota import all` would read, each response once. Adds\n"
        "the ledger's days of providers that no import feeds. PATHs need --source. Changes nothing.\n\n"
        "Days are those of the local time zone, which TZ or the system names. The days of budgets and\n"
        "of what the ledger counted live are UTC days.\n\n"
        "--by window shows what was used and left at each window's end, for the limits of the ledger, or\n"
        "for those of --limit alone. A window in which nothing was used is not shown. A rolling limit, and\n"
        "one that refills, has no windows: for each day, the most that was used at one time.\n\n"
        "Exit status: 0 on success, 2 on any error, even if only one file failed.\n\n"
        "  tokenquota usage --by model --since 7d\n"
        "  tokenquota usage --by window --limit 'claude=900 requests per 5h first-use'\n",
    .request_bytes = sizeof(struct reporting),
    .most = ANY_NUMBER,
    .offers = "@file...",
    .run = run,
    .release = release,
};
