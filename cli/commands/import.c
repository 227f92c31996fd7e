/* import.c: `tokenquota import` counts what tools wrote down of themselves, each response once.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "import/import.h"

struct request {
    struct import_request import;
    const char *ledger;
    const char *count;
    struct instant since;
    struct instant at;
};

#define TO(field) offsetof(struct request, field)

static const struct option options[] = {
    {'p', "provider", "NAME", "count under NAME, which may contain {tool}, {vendor}, {model}, ...", option_text,
     TO(import.name), "{tool} {model}"},
    {0, "count", "WHAT", "counted: what vendors count (default); total: cache reads as well", option_word, TO(count),
     "counted total"},
    {0, "since", "INSTANT", "skip older responses: 20260305, 7d, or as for --at", option_instant, TO(since), "@instant"},
    {'n', "dry-run", NULL, "change nothing; print what would be counted", option_flag, TO(import.dry_run), NULL},
    {'f', "follow", NULL, "keep running, and count new responses as they are written", option_flag, TO(import.follow),
     NULL},
    {0, "json", NULL, "print one JSON document instead", option_flag, TO(import.json), NULL},
    {'q', "quiet", NULL, "print only errors and warnings", option_flag, TO(import.quiet), NULL},
    AT_ROW,
    LEDGER_ROW,
    HELP_ROWS_END,
};

static void on_end(int number)
{
    (void)number;
    import_stop = 1;
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

/* A dry run looks at the ledger when there is one. */
static int open_ledger(struct import *import, const char *ledger)
{
    struct session *session = &import->session;

    if (session_find(session, ledger) < 0)
        return -1;
    if (import->request.dry_run)
        return access(session->path, F_OK) != 0 ? 0 : session_open(session, SESSION_READ);
    return session_open(session, SESSION_CREATE);
}

static int open_all(struct import *import, const char *ledger)
{
    import->recent = calloc(IMPORT_RECENT, sizeof(*import->recent));
    if (!import->recent) {
        report("out of memory");
        return -1;
    }
    if (open_ledger(import, ledger) < 0 ||
        imports_open(&import->imports, import->session.path, import->request.dry_run, 0) < 0)
        return -1;
    return 0;
}

/* The ledger is another file than before: what was imported into it is there still, or it is a new one. */
static int reopen(struct import *import)
{
    feeds_close(&import->feeds);
    return session_reopen(&import->session, SESSION_CREATE);
}

static int begin(struct import *import)
{
    if (!import_is_of_another(import))
        return 0;
    report("the ledger at %s is not the one of the last import: importing everything again",
           import->session.path);
    return imports_clear(&import->imports);
}

static int work(struct import *import)
{
    int result;

    do {
        result = begin(import);
        if (result == 0 && import->request.follow)
            result = import_follow(import);
        else if (result == 0)
            result = import_pass(import);
        if (result == 0 && !import->request.dry_run)
            result = import_flush(import);
    } while (result == TQ_EGONE && reopen(import) == 0);
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
    if (import_stop && !request->follow) {
        report("stopped; the next import continues from here");
        return CLI_ERROR;
    }
    if (import->totals.found == 0 && !request->follow)
        return CLI_NO;
    return import->totals.broken && !request->follow ? CLI_ERROR : CLI_YES;
}

static int run_import(struct import *import, const char *ledger)
{
    int result = CLI_ERROR;

    if (open_all(import, ledger) < 0)
        goto out;
    handle_ends();
    if (work(import) < 0)
        goto out;
    if (!import->request.follow)
        import_look_for_others(import);
    result = show(import);
out:
    merge_free(&import->merge);
    imports_close(&import->imports);
    feeds_free(&import->feeds);
    tq_ledger_close(import->session.ledger);
    free(import->recent);
    return result;
}

static int read_request(const struct request *request, struct import_request *import, char **operands, int count)
{
    *import = request->import;
    if (parse_source(import, operands, count) < 0 || (import->name && names_check(import->name) < 0) ||
        classes_parse_count(request->count ? request->count : "counted", &import->count) < 0)
        return -1;
    import->at_ns = request->at.ns;
    import->at_given = request->at.given;
    import->since_ns = request->since.given ? request->since.ns : INT64_MIN;
    if (!import->dry_run || !import->follow)
        return 0;
    report("--dry-run or --follow, not both");
    return -1;
}

static int run(void *request, char **operands, int count)
{
    const struct request *asked = request;
    struct import import = {.watch_fd = -1, .imports.fd = -1};

    if (read_request(asked, &import.request, operands, count) < 0)
        return CLI_ERROR;
    merge_init(&import.merge);
    return run_import(&import, asked->ledger);
}

const struct command cmd_import = {
    .name = "import",
    .operands = "SOURCE [PATH...]",
    .summary = "count the responses in the logs that tools write, each response once",
    .options = options,
    .notes = "\n"
             "SOURCE is claude, codex, gemini, litellm, openai-usage, otel, csv or jsonl; or all, for every\n"
             "tool whose logs are found. A PATH is a file or a folder; csv and jsonl need one.\n\n"
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
