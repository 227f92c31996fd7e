/* status.c: `tokenquota status` shows what was used of each budget, and who is out until when.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>

#include "cli/show/show.h"
#include "view/json.h"
#include "status.h"

enum {
    OPTION_WATCH,
    OPTION_JSON,
    OPTION_DAYS,
    OPTION_VERBOSE,
    OPTION_AT,
    OPTION_COLOR,
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_WATCH] = {'w', "watch", NULL, "stay, and show each change; Ctrl-C ends it"},
    [OPTION_JSON] = {0, "json", NULL, "print one JSON document; with --watch one a line"},
    [OPTION_DAYS] = {0, "days", NULL, "print every day that the ledger keeps, too"},
    [OPTION_VERBOSE] = {'v', "verbose", NULL, "print the ledger's own numbers, too"},
    [OPTION_AT] = AT_SPEC,
    [OPTION_COLOR] = COLOR_SPEC,
    [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC,
    [OPTION_HELP + 1] = END_SPEC,
};

/* Of those that used anything in the days that are kept. */
static int show_days(const struct style *style, const struct standings *standings)
{
    struct standings used;
    int result;

    if (standings_init(&used, standings->count, standings->at_ns, standings->now) < 0) {
        report("out of memory");
        return -1;
    }
    for (size_t i = 0; i < standings->count; i++)
        if (standings->items[i].provider->day_count)
            used.items[used.count++] = standings->items[i];
    result = days_put(style, &used, true);
    free(used.items);
    return result;
}

static int show_text(const struct status *status, struct session *session, const struct ledger_standings *all,
                     FILE *out)
{
    struct style style;

    if (style_init(&style, status->colour) < 0) {
        report("--color \"%s\": write auto, always or never", status->colour);
        return -1;
    }
    style.out = out;
    if (!all->standings.count)
        fprintf(out, "No providers yet in %s; they begin with: tokenquota observe PROVIDER TOKENS\n",
                session->path);
    standings_put(&style, &all->standings);
    if (status->days && show_days(&style, &all->standings) < 0)
        return -1;
    if (status->verbose) {
        fprintf(out, "\nledger %s%s\n", session->path, session->read_only ? ", open for reading only" : "");
        info_put(out, &all->info);
    }
    return 0;
}

int status_show(const struct status *status, struct session *session, FILE *out)
{
    struct ledger_question question = {
        .now = status->at ? "As of" : "It is",
        .days = status->days,
    };
    struct ledger_standings all;
    int result;

    if (instant_now(status->at, &question.at_ns) < 0)
        return CLI_ERROR;
    result = standings_read(&all, session, status->names, question);
    if (result == 0) {
        int shown;

        if (status->json)
            shown = json_print(ledger_standings_json(&all, session->path, status->days), status->watch);
        else
            shown = show_text(status, session, &all, out);

        result = shown < 0 ? CLI_ERROR : all.standings.exhausted ? CLI_NO : CLI_YES;
    }
    ledger_standings_free(&all);
    return result;
}

static int show_none(const struct status *status, const struct session *session)
{
    if (status->json)
        return json_print(json_pack("{s:i, s:s, s:o, s:n, s:[]}",
                                    "schema", SCHEMA,
                                    "version", tq_version_string(),
                                    "path", text_json(session->path),
                                    "ledger",
                                    "providers"),
                          false);
    printf(NO_LEDGER "\n", session->path);
    return 0;
}

static int work(struct session *session, void *context)
{
    const struct status *status = context;

    if (!session->ledger && !status->watch)
        return show_none(status, session) < 0 ? CLI_ERROR : CLI_YES;
    return status->watch ? status_watch(status, session) : status_show(status, session, stdout);
}

static int run(int argc, char **argv)
{
    struct status status = {.colour = "auto"};
    const struct option_target targets[] = {
        [OPTION_WATCH] = {.flag = &status.watch},   [OPTION_JSON] = {.flag = &status.json},
        [OPTION_DAYS] = {.flag = &status.days},     [OPTION_VERBOSE] = {.flag = &status.verbose},
        [OPTION_AT] = {.value = &status.at},        [OPTION_COLOR] = {.value = &status.colour},
        [OPTION_LEDGER] = {.value = &status.ledger}, [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &cmd_status, targets);

    if (operands < 0)
        return operands == ARGS_HELP ? CLI_YES : CLI_ERROR;
    if (status.watch && status.at) {
        report("--watch goes with the clock: leave --at out");
        return CLI_ERROR;
    }
    status.names = argv;
    return session_work(status.ledger, SESSION_LOOK, work, &status);
}

const struct command cmd_status = {
    .name = "status",
    .operands = "[PROVIDER]...",
    .summary = "show what was used of each budget, and who is out until when",
    .options = options,
    .notes = "\n"
             "Without a PROVIDER all are shown. Days are UTC days.\n\n"
             "Without a ledger it says so; with --watch it waits for one.\n\n"
             "Exit status: 0 all shown are available, or there is no ledger; 1 some are not, 2 an error.\n\n"
             "  tokenquota status --watch\n",
    .run = run,
};
