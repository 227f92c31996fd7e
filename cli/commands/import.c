/* import.c: `tokenquota import` counts what tools wrote down of themselves, each response once.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/session.h"
#include "cli/show/import.h"

struct request {
    struct import_request import;
    const char *ledger;
    const char *count;
    struct instant since;
    struct instant at;
};

#define TO(field) offsetof(struct request, field)

static const struct option options[] = {
    {'p', "provider", "NAME", "count under NAME, which may contain {tool}, {vendor}, {model}, ...",
     option_text, TO(import.name), "{tool} {model}"},
    {0, "count", "WHAT", "counted: what vendors count (default); total: cache reads as well", option_word,
     TO(count), "counted total"},
    {0, "since", "INSTANT", "skip older responses: 20260305, 7d, or as for --at", option_instant, TO(since),
     "@instant"},
    {'n', "dry-run", NULL, "change nothing; print what would be counted", option_flag, TO(import.dry_run),
     NULL},
    {'f', "follow", NULL, "keep running, and count new responses as they are written", option_flag,
     TO(import.follow), NULL},
    {0, "json", NULL, "print one JSON document instead", option_flag, TO(import.json), NULL},
    {'q', "quiet", NULL, "print only errors and warnings", option_flag, TO(import.quiet), NULL},
    AT_ROW,
    LEDGER_ROW,
    HELP_ROWS_END,
};

#define BAD_LINES_SHOWN 5 /* of a run: tools' logs have odd lines, and they are counted */

/* An import with what shows it. */
struct command_import {
    struct import import;
    struct session session;
    struct progress progress;
    struct import_totals told; /* under --follow: of which was printed */
};

static volatile sig_atomic_t stopped;

static void on_end(int number)
{
    (void)number;
    stopped = 1;
}

static void handle_ends(void)
{
    struct sigaction action = {.sa_handler = on_end};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static void report_sources(const char *name)
{
    const char *names[32];
    const struct tq_log_source *source;
    size_t count = 0;

    for (; count + 2 < sizeof(names) / sizeof(names[0]) && (source = tq_log_source_at(count)) != NULL;
         count++)
        names[count] = tq_log_source_name(source);
    names[count++] = "all";
    names[count] = NULL;

    const char *near = nearest(name, names);

    if (near)
        report("unknown source \"%s\"; did you mean \"%s\"?", name, near);
    else
        report("unknown source \"%s\"; `tokenquota import --help` lists them", name);
}

/* Rows of a table have no place of their own. */
static bool needs_path(const struct tq_log_source *source)
{
    return strcmp(names_pattern(NULL, source), IMPORT_NAME_OF_ROWS) == 0;
}

static int parse_source(struct import_request *request, char **operands, int count)
{
    request->paths = operands + 1;
    if (strcmp(operands[0], "all") == 0) {
        if (count == 1)
            return 0;
        report("all finds the logs by itself; to read %s name its source", operands[1]);
        return -1;
    }
    request->source = tq_log_source_find(operands[0]);
    if (!request->source) {
        report_sources(operands[0]);
        return -1;
    }
    if (count == 1 && needs_path(request->source)) {
        report("%s has no folder of its own; name a PATH", operands[0]);
        return -1;
    }
    return 0;
}

static int read_request(const struct request *request, struct import_request *import, char **operands,
                        int count)
{
    struct import_error error;

    *import = request->import;
    if (parse_source(import, operands, count) < 0)
        return -1;
    if (import->name && names_check(import->name, &error) < 0) {
        report("--provider %s", error.text);
        return -1;
    }
    if (import->dry_run && import->follow) {
        report("--dry-run or --follow, not both");
        return -1;
    }
    import->count = classes_count(request->count ? request->count : "counted");
    import->at_ns = request->at.ns;
    import->at_given = request->at.given;
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
    char what[256];

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

static void report_bad_line(const struct import *import, const struct merge_file *file)
{
    uint64_t count = import->totals.bad_lines;

    if (import->request.quiet)
        return;
    if (count <= BAD_LINES_SHOWN)
        report("%s:%llu: %s", file->path, (unsigned long long)import->merge.error.line,
               import->merge.error.msg);
    else if (count == BAD_LINES_SHOWN + 1)
        report("%d bad lines shown; more follow and are counted", BAD_LINES_SHOWN);
}

/* The same calls may have been counted live, too. */
static void warn_of_others(struct import *import)
{
    struct import_others others;

    for (size_t i = 0; i < import->feeds.count; i++) {
        struct import_feed *feed = &import->feeds.items[i];

        if (!import_feed_others(import, feed, &others))
            continue;
        struct text first = format_utc_day(store_day_start(others.first_day));
        struct text last = format_utc_day(store_day_start(others.last_day));
        bool one_day = others.first_day == others.last_day;

        report("\"%s\" has %s tokens %s %s%s%s that others counted: if they belong to the same calls, each "
               "counts "
               "twice; give one of the two another name, with --provider",
               feed->name, format_exact(others.tokens).s, one_day ? "on" : "from", first.s,
               one_day ? "" : " to ", one_day ? "" : last.s);
    }
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
        (void)import_json(import);
    else
        printf("%sZ  %s response%s, %s tokens counted\n", format_utc(import->request.at_ns).s,
               format_exact(news.responses).s, news.responses == 1 ? "" : "s", format_exact(counted).s);
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
    switch (event) {
    case IMPORT_BAD_LINE:
        report_bad_line(import, file);
        break;
    case IMPORT_BROKEN_FILE:
        report("%s: %s", file->path, import->merge.error.msg);
        break;
    case IMPORT_UNWATCHED:
        report("not all folders can be watched (%s); looking every %d s", strerror(import->watch_error),
               (int)(IMPORT_UNWATCHED_NS / SECOND_NS));
        break;
    case IMPORT_LOOKED:
        warn_of_others(import);
        put_news(command);
        progress_start(&command->progress);
        break;
    default:
        break;
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
static int reopen(struct command_import *command)
{
    int answer = session_reopen(&command->session, SESSION_CREATE);

    import_forget_ledger(&command->import);
    command->import.ledger = command->session.ledger;
    return answer;
}

static int begin(struct import *import)
{
    if (!import_is_of_another(import))
        return 0;
    report("the ledger at %s is not the one of the last import: importing everything again", import->path);
    return store_clear(&import->store);
}

static int work(struct command_import *command)
{
    struct import *import = &command->import;
    int result;

    progress_start(&command->progress);
    do {
        result = begin(import);
        if (result == 0 && import->request.follow)
            result = import_follow(import);
        else if (result == 0)
            result = import_pass(import);
        progress_erase(&command->progress);
        if (result == 0 && !import->request.dry_run)
            result = import_flush(import);
    } while (result == TQ_EGONE && reopen(command) == 0);
    if (result < 0 && result != TQ_EGONE)
        report("%s", import->error.text);
    return result;
}

static int show(const struct import *import)
{
    const struct import_request *request = &import->request;

    if (import->totals.found == 0 && !request->follow && !request->json) {
        if (!request->quiet)
            report("no logs found%s", request->source ? "" : "; name a SOURCE and a PATH");
        return CLI_NO;
    }
    if (request->json && !request->follow && import_json(import) < 0)
        return CLI_ERROR;
    if (!request->json && !request->quiet)
        import_lines(import);
    if (stopped && !request->follow) {
        report("stopped; the next import continues from here");
        return CLI_ERROR;
    }
    if (import->totals.found == 0 && !request->follow)
        return CLI_NO;
    return import->totals.broken && !request->follow ? CLI_ERROR : CLI_YES;
}

static int run_import(struct command_import *command, const char *ledger)
{
    struct import *import = &command->import;
    int result = CLI_ERROR;

    if (open_ledger(command, ledger) < 0)
        goto out;
    if (import_open(import) < 0) {
        report("%s", import->error.text);
        goto close;
    }
    handle_ends();
    if (work(command) < 0)
        goto close;
    if (!import->request.follow)
        warn_of_others(import);
    result = show(import);
close:
    import_close(import);
out:
    tq_ledger_close(command->session.ledger);
    return result;
}

static int run(void *request, char **operands, int count)
{
    struct command_import command = {.import = {.stop = &stopped, .tell = tell, .context = &command}};
    const struct request *asked = request;

    return read_request(asked, &command.import.request, operands, count) < 0
               ? CLI_ERROR
               : run_import(&command, asked->ledger);
}

const struct command cmd_import = {
    .name = "import",
    .operands = "SOURCE [PATH...]",
    .summary = "count the responses in the logs that tools write, each response once",
    .options = options,
    .notes = "\n"
             "SOURCE is claude, codex, gemini, pi, openclaw, cline, qwen, kimi, grok, cursor, litellm,\n"
             "openai-usage, otel, csv or jsonl; or all, for every tool whose logs are found. A PATH is a\n"
             "file or a folder; cursor, csv and jsonl need one.\n\n"
             "NAME may contain {tool}, {vendor}, {model}, {account} and {project}. Without --provider, the\n"
             "name is {tool}; for csv and jsonl it is the provider of each row.\n\n"
             "A second import reads only new responses. Only the last 45 days are counted.\n\n"
             "Exit status: 0 on success, 1 if there are no logs, 2 on any error, even if only one file\n"
             "failed.\n\n"
             "  tokenquota import all --follow\n",
    .request_bytes = sizeof(struct request),
    .least = 1,
    .most = ANY_NUMBER,
    .needs = "which SOURCE? all, or one of those in `tokenquota import --help`",
    .offers = "@source all|@file...",
    .run = run,
};
