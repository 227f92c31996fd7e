/* status_watch.c: `tokenquota status --watch`: the standings on the whole screen, redrawn when they change.
 *
 * SPDX-License-Identifier: MIT
 *
 * A change of state wakes the wait at once; usage, the clock and the size of the screen are looked at
 * between: each second, or less often when a frame of so many providers takes long to make.
 */
#define _XOPEN_SOURCE 700
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/screen.h"
#include "status.h"

#define RESIZE_NS (SECOND_NS / 5) /* how late a new size of the screen may be seen */
#define LOOKS_A_FRAME 5
#define COST_PARTS 500 /* of the time, one is spent on frames while no state changes */

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
    if (style_init(&style, status->colour) == 0) {
        style.out = out;
        paint(&style, PAINT_DIM);
        text_put_name(&style, session->path, style.width, false);
        unpaint(&style);
        fputs("\n\n", out);
    }
    result = status_show(status, session, out);
    fclose(out);
    return result;
}

/* Until a state changes, a second has passed, or the screen is another. cost is what the last frame took of the
 * processor, in seconds. */
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
        result = status_show(status, session, stdout);
        if (result < 0 || result == CLI_ERROR || report_flush_stdout() < 0)
            break;
        do
            result = tq_ledger_wait(session->ledger, &seen, LOOK_NS);
        while (result == 1);
    }
    return result;
}

int status_watch(const struct status *status, struct session *session)
{
    int result = TQ_EGONE;

    if (session->ledger)
        result = status->json ? show_documents(status, session) : show_frames(status, session);
    while (result == TQ_EGONE && session_await(session, NULL) == 0)
        result = status->json ? show_documents(status, session) : show_frames(status, session);
    return CLI_ERROR;
}
