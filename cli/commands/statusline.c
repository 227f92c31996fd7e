/* statusline.c: `tokenquota statusline` makes the line that Claude Code shows, and applies the limits in its
 * input.
 *
 * SPDX-License-Identifier: MIT
 *
 * A status bar has room for one line and none for a failure: whatever happens, a line is printed and the exit
 * status is 0. What went wrong in detail is on stderr.
 */
#include <stdlib.h>
#include <string.h>

#include <tokenquota_signals.h>

#include "cli/show/show.h"

#define INPUT_BYTES_MOST 1048576

struct line {
    struct request asked;
    struct style style;
    struct tq_quota_signal signal;
    struct tq_verdict verdict;
};

static const struct option options[] = {AT_ROW, COLOR_ROW, LEDGER_ROW, HELP_ROWS_END};

static int apply(struct session *session, void *request)
{
    struct line *line = request;
    const char *name = line->asked.operands[0];
    struct tq_provider *provider;
    int answer = tq_ledger_provider(session->ledger, name, strlen(name), 0, &provider);

    if (answer == 0)
        answer = tq_provider_apply(provider, &line->signal);
    if (answer >= 0)
        answer = verdict_read(provider, line->asked.at.ns, 0, &line->verdict);
    return answer < 0 ? session_fail(name, answer) : CLI_YES;
}

/* "5 h 43% · resets 14:30"; only the first says what the time is. */
static void put_axis(const struct line *line, const struct tq_axis *axis, bool first)
{
    printf("%s ", axis->window_ns > 0 ? format_length(axis->window_ns).s : tq_axis_name(axis->what));
    paint(&line->style, paint_of_usage(axis->used_ppm, 1000000, axis->flags & TQ_AXIS_EMPTY));
    printf("%u%%", (unsigned)(axis->used_ppm / 10000));
    unpaint(&line->style);
    if (axis->known & TQ_AXIS_RESET)
        printf(" %s %s%s", text_locale_is_utf8() ? "\xc2\xb7" : "-", first ? "resets " : "",
               format_local_soon(axis->reset_at_ns, line->asked.at.ns).s);
    fputs(" | ", stdout);
}

static void put_state(const struct line *line)
{
    const struct tq_verdict *verdict = &line->verdict;
    bool out = verdict->state == TQ_QUOTA_EXHAUSTED;

    paint(&line->style, !out ? PAINT_GREEN : verdict_is_wait(verdict) ? PAINT_YELLOW : PAINT_RED);
    fputs(out ? verdict_reason(verdict).s : tq_state_name(verdict->state), stdout);
    unpaint(&line->style);
    if (out && !verdict_is_wait(verdict) && verdict->retry_at_ns < TQ_NOW_END_NS)
        printf(" until %s", format_local_soon(verdict->retry_at_ns, line->asked.at.ns).s);
}

/* The windows in its input; false when there is none. */
static bool put_axes(const struct line *line)
{
    bool any = false;

    for (uint32_t i = 0; i < line->signal.axis_count && i < TQ_AXES_MAX; i++) {
        if (!(line->signal.axis[i].known & TQ_AXIS_USED))
            continue;
        put_axis(line, &line->signal.axis[i], !any);
        any = true;
    }
    return any;
}

static void make(struct line *line)
{
    char *json = NULL;
    size_t len;
    int answer, applied;

    line->signal = (struct tq_quota_signal){.size = sizeof(line->signal)};
    if (input_read(NULL, INPUT_BYTES_MOST, &json, &len) < 0) {
        fputs("tokenquota: standard input cannot be read", stdout);
        free(json);
        return;
    }
    answer = tq_signal_statusline(json, len, line->asked.at.ns, &line->signal);
    free(json);
    if (answer < 0) {
        report("standard input is not the JSON that Claude Code gives to a status line: %s",
               tq_strerror(answer));
        fputs("tokenquota: no JSON on standard input", stdout);
        return;
    }
    applied = session_work(line, SESSION_CREATE, apply);
    if (!put_axes(line))
        fputs("no limits yet | ", stdout);
    if (applied == CLI_YES)
        put_state(line);
    else
        fputs("tokenquota: the ledger cannot be used", stdout);
}

static int refuse(void)
{
    puts("tokenquota: wrong arguments");
    return CLI_YES;
}

static int run(void *request)
{
    struct line *line = request;

    if (!*line->asked.operands[0]) {
        report("%s", cmd_statusline.needs);
        return refuse();
    }
    style_init(&line->style, line->asked.colour);
    make(line);
    putchar('\n');
    return CLI_YES;
}

const struct command cmd_statusline = {
    .name = "statusline",
    .operands = "NAME",
    .summary = "print the status line for Claude Code, and apply the limits in its input",
    .options = options,
    .notes = "\n"
             "Reads the JSON that Claude Code gives to the command of its status line, applies both windows\n"
             "of the subscription to the provider NAME, and prints one line. In ~/.claude/settings.json:\n\n"
             "  \"statusLine\": {\"type\": \"command\", \"command\": \"tokenquota statusline claude\"}\n\n"
             "Exit status: always 0. If something fails, the line says so, and stderr says why.\n",
    .request_bytes = sizeof(struct line),
    .least = 1,
    .most = 1,
    .needs = "it takes a NAME, as in: tokenquota statusline claude",
    .offers = "@provider",
    .run = run,
    .refuse = refuse,
};
