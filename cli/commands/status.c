/* status.c: `tokenquota status` shows what was used of each budget, and who is out until when.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/screen.h"
#include "cli/show/show.h"
#include "view/json.h"

#define RESIZE_NS (SECOND_NS / 5) /* how late a new size of the screen may be seen */
#define LOOKS_A_FRAME 5
#define COST_PARTS 500 /* of the time, one is spent on frames while no state changes */

struct status {
    const char *ledger;
    const char *colour;
    struct instant at;
    bool watch;
    bool json;
    bool days;
    bool verbose;
    char **names;
};

#define TO(field) offsetof(struct status, field)

static const struct option options[] = {
    {'w', "watch", NULL, "keep running, and show each change; Ctrl-C ends it", option_flag, TO(watch), NULL},
    {0, "json", NULL, "print one JSON document; with --watch, one per line", option_flag, TO(json), NULL},
    {0, "days", NULL, "also print every day that the ledger keeps", option_flag, TO(days), NULL},
    {'v', "verbose", NULL, "also print the ledger's own numbers", option_flag, TO(verbose), NULL},
    AT_ROW,
    COLOR_ROW,
    LEDGER_ROW,
    HELP_ROWS_END,
};

static int show_text(const struct status *status, struct session *session, const struct ledger_standings *all,
                     FILE *out)
{
    struct style style;

    style_init(&style, status->colour);
    style.out = out;
    if (!all->standings.count)
        fprintf(out, "No providers yet in %s; they begin with: tokenquota observe PROVIDER TOKENS\n",
                session->path);
    standings_put(&style, &all->standings);
    if (status->days && days_put(&style, &all->standings, true) < 0)
        return -1;
    if (status->verbose) {
        fprintf(out, "\nledger %s%s\n", session->path, session->read_only ? ", open for reading only" : "");
        info_put(out, &all->info);
    }
    return 0;
}

static int show(const struct status *status, struct session *session, FILE *out)
{
    struct ledger_standings all = {
        .now = status->at.given ? "As of" : "It is",
        .days = status->days,
        .at_ns = instant_now(status->at),
    };
    int result = standings_read(&all, session, status->names);

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

/* ---- status --watch -------------------------------------------------------------------------- */

/* A change of state wakes the wait at once. Usage, the clock and the size of the screen are checked in
 * between: each second, or less often when a frame of so many providers takes long to make. */
struct frame {
    char *text;
    size_t len;
};

static bool same(const struct frame *a, const struct frame *b)
{
    return a->text && b->text && a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

static int render(const struct status *status, struct session *session, struct frame *frame)
{
    FILE *out = open_memstream(&frame->text, &frame->len);
    struct style style;
    int result;

    if (!out) {
        report("out of memory");
        return CLI_ERROR;
    }
    style_init(&style, status->colour);
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
    struct frame last = {0}, frame = {0};
    clock_t before = clock();
    int result = render(status, session, &frame);
    uint32_t seen = 0;

    if (result == CLI_ERROR || result < 0 || screen_enter() < 0)
        goto out;
    while (result >= 0 && result != CLI_ERROR) {
        if (screen_changed() || !same(&frame, &last))
            screen_draw(frame.text, frame.len);
        free(last.text);
        last = frame;
        frame = (struct frame){0};
        result = wait_for_change(session, &seen, (double)(clock() - before) / CLOCKS_PER_SEC);
        before = clock();
        if (result == 0)
            result = render(status, session, &frame);
    }
    screen_leave();
out:
    free(last.text);
    free(frame.text);
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
    int result = TQ_EGONE;

    if (session->ledger)
        result = status->json ? show_documents(status, session) : show_frames(status, session);
    while (result == TQ_EGONE && session_await(session, NULL) == 0)
        result = status->json ? show_documents(status, session) : show_frames(status, session);
    return CLI_ERROR;
}

static int show_none(const struct status *status, const struct session *session)
{
    /* clang-format off */
    if (status->json)
        return json_print(json_pack("{s:i, s:s, s:o, s:n, s:[]}",
                                    "schema", SCHEMA,
                                    "version", tq_version_string(),
                                    "path", text_json(session->path),
                                    "ledger",
                                    "providers"),
                          false);
    /* clang-format on */
    printf(NO_LEDGER "\n", session->path);
    return 0;
}

static int work(struct session *session, void *context)
{
    const struct status *status = context;

    if (!session->ledger && !status->watch)
        return show_none(status, session) < 0 ? CLI_ERROR : CLI_YES;
    return status->watch ? watch(status, session) : show(status, session, stdout);
}

static int run(void *request, char **operands, int count)
{
    struct status *status = request;

    (void)count;
    if (status->watch && status->at.given) {
        report("--watch goes with the clock: leave --at out");
        return CLI_ERROR;
    }
    status->names = operands;
    return session_work(status->ledger, SESSION_LOOK, work, status);
}

const struct command cmd_status = {
    .name = "status",
    .operands = "[PROVIDER]...",
    .summary = "show how much of each budget was used, and which providers are out until when",
    .options = options,
    .notes = "\n"
             "Without a PROVIDER, shows all of them. Days are UTC days. Without a ledger it says so; with\n"
             "--watch it waits until there is one.\n\n"
             "Exit status: 0 if all shown are available, or there is no ledger; 1 if one is not; 2 on an\n"
             "error.\n\n"
             "  tokenquota status --watch\n",
    .request_bytes = sizeof(struct status),
    .most = ANY_NUMBER,
    .offers = "@provider...",
    .run = run,
};
