/* status.c: `tokenquota status` shows how much of each budget was used, and which providers are out until
 * when.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/screen.h"
#include "cli/show/show.h"
#include "view/json.h"
#include "view/metrics.h"

#define RESIZE_NS (SECOND_NS / 5) /* how late a new size of the screen may be seen */
#define LOOKS_A_FRAME 5
#define COST_PARTS 500 /* of the time, one is spent on frames while no state changes */

struct status {
    struct request asked;
    bool watch;
    bool days;
    bool prometheus;
};

#define TO(field) offsetof(struct status, field)

static const struct option options[] = {
    FLAG_ROW('w', "watch", TO(watch), "keep running, and show each change; Ctrl-C ends it"),
    JSON_AS("print one JSON document; with --watch, one per line"),
    FLAG_ROW(0, "prometheus", TO(prometheus), "print metrics in Prometheus's text form instead"),
    FLAG_ROW(0, "days", TO(days), "also print every day that the ledger keeps"),
    VERBOSE_AS("also print the ledger's own numbers"),
    AT_ROW,
    COLOR_ROW,
    LEDGER_ROW,
    HELP_ROWS_END,
};

static void show_text(const struct status *status, struct session *session,
                      const struct ledger_standings *all, FILE *out)
{
    struct style style;
    struct text cut;

    style_init(&style, status->asked.colour);
    style.out = out;
    if (!all->standings.count)
        fprintf(out, "No providers yet in %s; they begin with: tokenquota observe PROVIDER TOKENS\n",
                session->path);
    standings_put(&style, &all->standings);
    cut = cut_off_words(session->ledger, all->at_ns);
    if (*cut.s)
        fprintf(out, "This machine is %s; see: tokenquota sync --status\n", cut.s);
    if (status->days)
        days_put(&style, &all->standings, true);
    if (status->asked.verbose) {
        fprintf(out, "\nledger %s%s\n", session->path, session->read_only ? ", open for reading only" : "");
        info_put(out, &all->info);
    }
}

/* all NULL: there is no ledger. */
static int show_metrics(const struct session *session, const struct ledger_standings *all,
                        const struct metrics_sum *others)
{
    struct exposition text = {0};

    if (all) {
        metrics_put(&text, all, others);
        metrics_put_sync(&text, session->path, tq_ledger_shared_until(session->ledger), all->at_ns);
    } else
        metrics_put_build(&text);
    if (exposition_end(&text) < 0)
        no_memory();
    fwrite(text.text, 1, text.len, stdout);
    free(text.text);
    return CLI_YES;
}

static int show(const struct status *status, struct session *session, FILE *out)
{
    const struct request *asked = &status->asked;
    struct ledger_standings all = {
        .now = asked->at.given ? "As of" : "It is",
        .days = status->days ? DAYS_ALL : 0,
        .at_ns = instant_now(asked->at),
    };
    struct metrics_sum others;
    int result;

    if (status->prometheus)
        metrics_prepare(&all, &others);
    result = standings_read(&all, session, asked->operands);
    if (result == 0 && status->prometheus)
        result = show_metrics(session, &all, &others);
    else if (result == 0 && asked->json)
        json_print(ledger_standings_json(&all, session->path), status->watch);
    else if (result == 0)
        show_text(status, session, &all, out);
    if (result == 0 && all.standings.exhausted && !status->prometheus)
        result = CLI_NO;
    ledger_standings_free(&all);
    return result;
}

/* ---- status --watch -------------------------------------------------------------------------- */

/* A change of state wakes the wait at once. Usage, the clock and the size of the screen are checked in
 * between: each second, or less often when a frame of so many providers takes long to make. */

/* Makes a frame: 0, CLI_NO, or what ends the watch. The caller frees *text. */
static int render(const struct status *status, struct session *session, char **text, size_t *len)
{
    FILE *out = must_have(open_memstream(text, len));
    struct style style;
    int result;

    style_init(&style, status->asked.colour);
    style.out = out;
    paint(&style, PAINT_DIM);
    text_put_name(&style, session->path, style.width, false);
    unpaint(&style);
    fputs("\n\n", out);
    result = show(status, session, out);
    fclose(out);
    return result;
}

/* Until a state changes, a second has passed, or the screen is another. cost is what the last frame took of
 * the processor, in seconds. */
static int wait_for_change(struct session *session, uint32_t *seen, double cost)
{
    double looks = cost * COST_PARTS * LOOKS_A_FRAME;

    for (int i = 0; i < LOOKS_A_FRAME || i < looks; i++) {
        int answer = tq_ledger_wait(session->ledger, seen, RESIZE_NS);

        if (answer <= 0)
            return answer;
        if (screen_changed())
            break;
    }
    return 0;
}

/* The first frame is made before the screen is taken, which would take what is reported with it. */
static int show_frames(const struct status *status, struct session *session)
{
    bool entered = false;
    uint32_t seen = 0;
    int result = 0;

    while (result == 0) {
        clock_t before = clock();
        char *text = NULL;
        size_t len;

        result = render(status, session, &text, &len);
        if (result >= 0 && result != CLI_ERROR && !entered && screen_enter() < 0)
            result = CLI_ERROR;
        if (result >= 0 && result != CLI_ERROR) {
            entered = true;
            screen_draw(text, len);
            result = wait_for_change(session, &seen, (double)(clock() - before) / CLOCKS_PER_SEC);
        }
        free(text);
    }
    screen_leave();
    return result;
}

static int show_documents(const struct status *status, struct session *session)
{
    uint32_t seen = 0;
    int result = tq_ledger_wait(session->ledger, &seen, 0);

    while (result >= 0 && result != CLI_ERROR) {
        result = show(status, session, stdout);
        if (result < 0 || result == CLI_ERROR || report_flush_stdout() < 0)
            break;
        do
            result = tq_ledger_wait(session->ledger, &seen, LOOK_NS);
        while (result == 1);
    }
    return result;
}

static int watch(const struct status *status, struct session *session)
{
    int (*show_all)(const struct status *, struct session *) =
        status->asked.json ? show_documents : show_frames;
    int result = session->ledger ? show_all(status, session) : TQ_EGONE;

    while (result == TQ_EGONE && session_await(session) == 0)
        result = show_all(status, session);
    return CLI_ERROR;
}

static int work(struct session *session, void *request)
{
    const struct status *status = request;

    if (status->watch)
        return watch(status, session);
    if (session->ledger)
        return show(status, session, stdout);
    if (status->prometheus)
        return show_metrics(session, NULL, NULL);
    if (status->asked.json)
        json_print(json_pack("{s:s, s:o, s:n, s:[]}", "version", tq_version_string(), "path",
                             text_json(session->path), "ledger", "providers"),
                   false);
    else
        printf(NO_LEDGER "\n", session->path);
    return CLI_YES;
}

static int run(void *request)
{
    const struct status *status = request;

    if (status->prometheus && (status->watch || status->days || status->asked.json))
        return report("--prometheus goes with no --watch, --days or --json: leave them out"), CLI_ERROR;
    if (!status->watch || !status->asked.at.given)
        return session_work(request, SESSION_LOOK, work);
    report("--watch goes with the clock: leave --at out");
    return CLI_ERROR;
}

const struct command cmd_status = {
    .name = "status",
    .operands = "[PROVIDER]...",
    .summary = "show how much of each budget was used, and which providers are out until when",
    .options = options,
    .notes =
        "\n"
        "Without a PROVIDER, shows all of them. Days are UTC days. Without a ledger it says so; with\n"
        "--watch it waits until there is one.\n\n"
        "--prometheus is for the textfile collector of node_exporter (docs/metrics.md). Of more than 200\n"
        "providers it shows the most urgent ones, and adds the others up.\n\n"
        "Exit status: 0 if all shown are available, or there is no ledger; 1 if one is not; 2 on an\n"
        "error. With --prometheus: 0 if the metrics were written.\n\n"
        "  tokenquota status --watch\n",
    .request_bytes = sizeof(struct status),
    .most = ANY_NUMBER,
    .of_run = true,
    .offers = "@provider...",
    .run = run,
};
