/* import.c: `tokenquota import` counts the responses in the logs of tools, each response once.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/show/show.h"
#include "view/import_words.h"
#include "view/listener.h"

struct importing {
    struct request asked;
    struct import_request import;
    struct import_logs logs;
    const char *count;
    struct instant since;
};

#define TO(field) offsetof(struct importing, field)

static const struct option options[] = {
    {'p', "provider", "NAME", "count under NAME, which may contain {tool}, {vendor}, {model}, ...",
     option_pattern, TO(logs.name), "{tool} {model}"},
    {0, "count", "WHAT", "counted: what vendors count (default); total: cache reads as well", option_word,
     TO(count), "counted total"},
    {0, "since", "INSTANT", "skip older responses: 20260305, 7d, or as for --at", option_instant, TO(since),
     "@instant"},
    FLAG_ROW('n', "dry-run", TO(import.dry_run), "change nothing; print what would be counted"),
    FLAG_ROW('f', "follow", TO(import.follow), "keep running, and count new responses as they are written"),
    JSON_ROW,
    FLAG_ROW('q', "quiet", TO(import.quiet), "print only errors and warnings"),
    AT_ROW,
    LEDGER_ROW,
    HELP_ROWS_END,
};

/* An import with what shows it. */
struct command_import {
    struct import import;
    struct import_logs logs;
    struct session session;
    struct progress progress;
    struct listener listener;
    struct import_totals told; /* --follow: as they were at the last printed line */
};

static int read_logs(const struct importing *request, struct import_logs *logs)
{
    char **operands = request->asked.operands;
    struct listener listener = {0};

    *logs = request->logs;
    logs->paths = operands + 1;
    if (source_parse(operands[0], &logs->source) < 0)
        return -1;
    logs->count = classes_count(request->count ? request->count : "counted");
    return import_logs_fit(logs, &listener) < 0 ? report_why(&listener) : 0;
}

static int read_request(const struct importing *request, struct command_import *command)
{
    struct import_request *import = &command->import.request;

    *import = request->import;
    import->json = request->asked.json;
    import->logs = &command->logs;
    import->log_count = 1;
    if (read_logs(request, &command->logs) < 0)
        return -1;
    if (import->dry_run && import->follow) {
        report("give --dry-run or --follow, not both");
        return -1;
    }
    import->at_ns = request->asked.at.ns;
    import->at_given = request->asked.at.given;
    import->since_ns = request->since.given ? request->since.ns : INT64_MIN;
    return 0;
}

/* ---- what is shown while it runs ------------------------------------------------------------- */

static void draw(struct command_import *command)
{
    const struct import *import = &command->import;
    int64_t passed_ns = tq_now_ns() - import->started_ns;
    uint64_t done_bytes, lines;
    struct text left = {""};
    char what[384];

    if (!command->progress.on)
        return;
    merge_progress(&import->merge, &done_bytes, &lines);
    if (done_bytes && done_bytes < import->total_bytes && passed_ns > SECOND_NS)
        left = format_length(
            (int64_t)((double)passed_ns / (double)done_bytes * (double)(import->total_bytes - done_bytes)));
    snprintf(what, sizeof what, "%s lines, %sB of %sB%s%s%s", format_short((int64_t)lines, ROUND_DOWN).s,
             format_short((int64_t)done_bytes, ROUND_DOWN).s,
             format_short((int64_t)import->total_bytes, ROUND_DOWN).s, *left.s ? ", " : "", left.s,
             *left.s ? " left" : "");
    progress_draw(&command->progress, what, done_bytes, import->total_bytes, import->entries);
}

/* --follow: one line for what a look found. */
static void put_news(struct command_import *command)
{
    const struct import *import = &command->import;
    struct classes news = import->totals.fresh;
    int64_t counted = import->totals.counted - command->told.counted;

    classes_add(&news, &command->told.fresh, -1);
    command->told = import->totals;
    if (import->request.quiet || (news.responses == 0 && counted == 0))
        return;
    if (import->request.json)
        import_json(import);
    else
        printf("%sZ  %s, %s tokens counted\n", format_utc(import->request.at_ns).s,
               plural((uint64_t)news.responses, "response").s, format_exact(counted).s);
    fflush(stdout);
}

static void tell(struct import *import, enum import_event event, const struct merge_file *file)
{
    struct command_import *command = import->context;

    if (event == IMPORT_READS) {
        draw(command);
        return;
    }
    progress_erase(&command->progress);
    import_tell(import, event, file, &command->listener);
    if (event == IMPORT_LOOKED) {
        put_news(command);
        progress_start(&command->progress);
    }
}

/* ---- from begin to end ----------------------------------------------------------------------- */

/* A dry run looks at the ledger when there is one. */
static int open_ledger(struct command_import *command, const char *ledger)
{
    struct session *session = &command->session;
    int answer = session_find(session, ledger);

    if (answer == 0 && !command->import.request.dry_run)
        answer = session_open(session, SESSION_CREATE);
    else if (answer == 0 && access(session->path, F_OK) == 0)
        answer = session_open(session, SESSION_READ);
    command->import.path = session->path;
    command->import.ledger = session->ledger;
    return answer;
}

/* The ledger is another file than before: what was imported into it is there still, or it is a new one. */
static int reopen(struct import *import)
{
    struct command_import *command = import->context;
    int answer;

    progress_erase(&command->progress);
    answer = session_reopen(&command->session, SESSION_CREATE);
    import->ledger = command->session.ledger;
    return answer;
}

static int work(struct command_import *command)
{
    struct import *import = &command->import;
    int result;

    progress_start(&command->progress);
    result = import_work(import);
    progress_erase(&command->progress);
    if (result < 0 && result != TQ_EGONE)
        report("%s", import->error.text);
    return result;
}

/* What the exit status says of an import that ended by itself or by a signal. */
static int result_of(const struct import *import)
{
    if (*import->stop && (import->totals.found > 0 || import->request.json)) {
        report("stopped; the next import continues from here");
        return CLI_ERROR;
    }
    if (import->totals.found == 0)
        return CLI_NO;
    return import->totals.broken ? CLI_ERROR : CLI_YES;
}

static int show(const struct import *import)
{
    const struct import_request *request = &import->request;

    if (request->json && !request->follow)
        import_json(import);
    else if (!request->json && !request->quiet && (import->totals.found > 0 || request->follow))
        import_lines(import);
    else if (!request->json && !request->quiet)
        report("no logs found; name %sa PATH with logs", request->logs->source ? "" : "a SOURCE and ");
    return request->follow ? CLI_YES : result_of(import);
}

static int run(void *request)
{
    struct command_import command = {
        .import = {.stop = &session_stopped, .tell = tell, .reopen = reopen, .context = &command},
        .listener = report_listener(),
    };
    struct import *import = &command.import;
    const struct importing *importing = request;
    int result = CLI_ERROR;

    if (read_request(importing, &command) < 0 || open_ledger(&command, importing->asked.ledger) < 0)
        goto out;
    if (import_open(import) < 0) {
        report("%s", import->error.text);
        goto close;
    }
    session_catch_ends(0);
    if (work(&command) < 0)
        goto close;
    if (!import->request.follow)
        import_tell_others(import, &command.listener);
    result = show(import);
close:
    import_close(import);
out:
    tq_ledger_close(command.session.ledger);
    return result;
}

const struct command cmd_import = {
    .name = "import",
    .operands = "SOURCE [PATH...]",
    .summary = "count the responses in the logs that tools write, each response once",
    .options = options,
    .notes = "\n"
             "SOURCE is claude, codex, gemini, copilot, opencode, kilo, antigravity, pi, openclaw, cline,\n"
             "qwen, kimi, grok, cursor, litellm, openai-usage, otel, csv or jsonl; or all, for every tool\n"
             "whose logs are found. A PATH is a file or a folder; cursor, csv and jsonl need one.\n\n"
             "NAME may contain {tool}, {vendor}, {model}, {account} and {project}. Without --provider, the\n"
             "name is {tool}; for csv and jsonl it is the provider of each row.\n\n"
             "A second import reads only new responses. Only the last 45 days are counted.\n\n"
             "Exit status: 0 on success, 1 if there are no logs, 2 on any error, even if only one file\n"
             "failed.\n\n"
             "  tokenquota import all --follow\n",
    .request_bytes = sizeof(struct importing),
    .least = 1,
    .most = ANY_NUMBER,
    .needs = "it takes a SOURCE: all, or one that `tokenquota import --help` lists",
    .offers = "@source all|@file...",
    .run = run,
};
