/* import.c: `tokenquota import` counts what tools wrote down of themselves, each response once.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/bounds.h"
#include "cli/session.h"
#include "cli/show/import.h"

enum {
    OPTION_PROVIDER,
    OPTION_COUNT,
    OPTION_SINCE,
    OPTION_DRY_RUN,
    OPTION_FOLLOW,
    OPTION_JSON,
    OPTION_QUIET,
    OPTION_AT,
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_PROVIDER] = {'p', "provider", "NAME",
                         "count under NAME, with {tool}, {vendor}, {model}, ... in it"},
    [OPTION_COUNT] = {0, "count", "WHAT", "counted: as vendors count (default), total: cache reads, too"},
    [OPTION_SINCE] = {0, "since", "INSTANT", "pass over what is older: 20260305, 7d, or as for --at"},
    [OPTION_DRY_RUN] = {'n', "dry-run", NULL, "change nothing, say what would be counted"},
    [OPTION_FOLLOW] = {'f', "follow", NULL, "go on, and count what is written as it is written"},
    [OPTION_JSON] = JSON_SPEC,
    [OPTION_QUIET] = {'q', "quiet", NULL, "print nothing but errors and warnings"},
    [OPTION_AT] = AT_SPEC,
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
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
    if (count == 0) {
        report("which SOURCE? all, or one of those in `tokenquota import --help`");
        return -1;
    }
    request->paths = operands + 1;
    if (strcmp(operands[0], "all") == 0) {
        if (count == 1)
            return 0;
        report("all is what is found in its place; for %s name the source", operands[1]);
        return -1;
    }
    request->source = tq_log_source_find(operands[0]);
    if (!request->source) {
        report_sources(operands[0]);
        return -1;
    }
    if (count == 1 && needs_path(request->source)) {
        report("%s has no place of its own; name a PATH", operands[0]);
        return -1;
    }
    return 0;
}

struct words {
    const char *count;
    const char *since;
    const char *at;
    const char *ledger;
};

static int parse(struct import_request *request, const struct words *words, char **operands, int count)
{
    struct import_error error;

    if (parse_source(request, operands, count) < 0)
        return -1;
    if (request->name && names_check(request->name, &error) < 0) {
        report("--provider %s", error.text);
        return -1;
    }
    request->count = classes_count(words->count);
    if (request->count < 0) {
        report("--count \"%s\": write counted or total", words->count);
        return -1;
    }
    if (instant_now(words->at, &request->at_ns) < 0)
        return -1;
    request->at_given = words->at != NULL;
    request->since_ns = INT64_MIN;
    if (request->dry_run && request->follow) {
        report("--dry-run or --follow, not both");
        return -1;
    }
    return words->since ? bounds_parse("--since", words->since, request->at_ns, 0, &request->since_ns) : 0;
}

/* ---- what is shown while it runs -------------------------------------------------------------------- */

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

        report(
            "\"%s\" has %s tokens %s %s%s%s that others counted: if they are of the same calls, each counts "
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

/* ---- from begin to end ------------------------------------------------------------------------------ */

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
    report("the ledger at %s is another than the one that was imported into: importing all again",
           import->path);
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
        report("stopped; the next import goes on from here");
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

static int run(int argc, char **argv)
{
    struct command_import command = {.import = {.stop = &stopped, .tell = tell, .context = &command}};
    struct import_request *request = &command.import.request;
    struct words words = {.count = "counted"};
    const struct option_target targets[] = {
        [OPTION_PROVIDER] = {.value = &request->name}, [OPTION_COUNT] = {.value = &words.count},
        [OPTION_SINCE] = {.value = &words.since},      [OPTION_DRY_RUN] = {.flag = &request->dry_run},
        [OPTION_FOLLOW] = {.flag = &request->follow},  [OPTION_JSON] = {.flag = &request->json},
        [OPTION_QUIET] = {.flag = &request->quiet},    [OPTION_AT] = {.value = &words.at},
        [OPTION_LEDGER] = {.value = &words.ledger},    [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &cmd_import, targets);

    if (operands < 0)
        return operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    if (parse(request, &words, argv, operands) < 0)
        return CLI_ERROR;
    return run_import(&command, words.ledger);
}

const struct command cmd_import = {
    .name = "import",
    .operands = "SOURCE [PATH...]",
    .summary = "count what tools wrote down of themselves, each response once",
    .options = options,
    .notes = "\n"
             "SOURCE is claude, codex, gemini, litellm, openai-usage, otel, csv, jsonl, or all: every tool\n"
             "whose logs are found. PATHs are files or folders; csv and jsonl need one.\n\n"
             "NAME may have {tool}, {vendor}, {model}, {account} and {project} in it; without --provider it\n"
             "is {tool}, and for csv and jsonl the provider of each row.\n\n"
             "A second import reads only what is new. The last 45 days are counted.\n\n"
             "Exit status: 0 imported, 1 there are no logs, 2 an error, also one of a single file.\n\n"
             "  tokenquota import all --follow\n",
    .run = run,
};
