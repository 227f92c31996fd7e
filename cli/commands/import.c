/* import.c: `tokenquota import` counts what tools wrote down of themselves, each response once.
 *
 * SPDX-License-Identifier: MIT
 */
#define _XOPEN_SOURCE 700
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/bounds.h"
#include "import/import.h"

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
    if (parse_source(request, operands, count) < 0 || (request->name && names_check(request->name) < 0) ||
        classes_parse_count(words->count, &request->count) < 0 || instant_now(words->at, &request->at_ns) < 0)
        return -1;
    request->at_given = words->at != NULL;
    request->since_ns = INT64_MIN;
    if (request->dry_run && request->follow) {
        report("--dry-run or --follow, not both");
        return -1;
    }
    return words->since ? bounds_parse("--since", words->since, request->at_ns, 0, &request->since_ns) : 0;
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
    report("the ledger at %s is another than the one that was imported into: importing all again",
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
        report("stopped; the next import goes on from here");
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

static int run(int argc, char **argv)
{
    struct import import = {.watch_fd = -1, .imports.fd = -1};
    struct import_request *request = &import.request;
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
    merge_init(&import.merge);
    return run_import(&import, words.ledger);
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
