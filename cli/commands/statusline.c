/* statusline.c: `tokenquota statusline` makes the line that Claude Code shows, and applies what it was
 * told.
 *
 * SPDX-License-Identifier: MIT
 *
 * A status bar has room for one line and none for a failure: whatever happens, a line is printed and the exit
 * status is 0. What went wrong in detail is on stderr.
 */
#include <stdlib.h>
#include <string.h>

#include <tokenquota_signals.h>

#include "cli/session.h"
#include "cli/show/show.h"

#define INPUT_BYTES_MOST 1048576

enum {
    OPTION_AT,
    OPTION_COLOR,
    OPTION_LEDGER,
    OPTION_HELP,
};

static const struct option_spec options[] = {
    [OPTION_AT] = AT_SPEC,     [OPTION_COLOR] = COLOR_SPEC,  [OPTION_LEDGER] = LEDGER_SPEC,
    [OPTION_HELP] = HELP_SPEC, [OPTION_HELP + 1] = END_SPEC,
};

struct line {
    const char *ledger;
    const char *at;
    const char *colour;
    const char *provider;
    int64_t at_ns;
    struct style style;
    struct tq_quota_signal signal;
    struct tq_verdict verdict;
};

static int apply(struct session *session, void *context)
{
    struct line *line = context;
    struct tq_provider *provider;
    int answer = tq_ledger_provider(session->ledger, line->provider, strlen(line->provider), 0, &provider);

    if (answer == 0)
        answer = tq_provider_apply(provider, &line->signal);
    if (answer >= 0)
        answer = verdict_read(provider, line->at_ns, &line->verdict);
    return answer < 0 ? session_fail(line->provider, answer) : CLI_YES;
}

static const char *separator(void)
{
    return text_locale_is_utf8() ? "\xc2\xb7" : "-";
}

/* "5h 43% · resets 14:30"; only the first says what the time is. */
static void put_axis(const struct line *line, const struct tq_axis *axis, bool first)
{
    printf("%s ", axis->window_ns > 0 ? format_length(axis->window_ns).s : tq_axis_name(axis->what));
    paint(&line->style, paint_of_usage(axis->used_ppm, 1000000, axis->flags & TQ_AXIS_EMPTY));
    printf("%u%%", (unsigned)(axis->used_ppm / 10000));
    unpaint(&line->style);
    if (axis->known & TQ_AXIS_RESET)
        printf(" %s %s%s", separator(), first ? "resets " : "",
               format_local_soon(axis->reset_at_ns, line->at_ns).s);
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
        printf(" until %s", format_local_soon(verdict->retry_at_ns, line->at_ns).s);
}

/* The windows that it was told; false when there is none. */
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
    answer = tq_signal_statusline(json, len, line->at_ns, &line->signal);
    free(json);
    if (answer < 0) {
        report("standard input is not the JSON that a status line is handed: %s", tq_strerror(answer));
        fputs("tokenquota: no JSON on standard input", stdout);
        return;
    }
    applied = session_work(line->ledger, SESSION_CREATE, apply, line);
    if (!put_axes(line))
        fputs("no limits yet | ", stdout);
    if (applied == CLI_YES)
        put_state(line);
    else
        fputs("tokenquota: the ledger cannot be used", stdout);
}

static int parse(struct line *line, int operands, char **argv)
{
    if (operands == ARGS_ERROR)
        return -1;
    if (operands != 1 || !*argv[0]) {
        report("it takes a NAME, as in: tokenquota statusline claude");
        return -1;
    }
    line->provider = argv[0];
    if (instant_now(line->at, &line->at_ns) < 0)
        return -1;
    if (style_init(&line->style, line->colour) == 0)
        return 0;
    report("--color \"%s\": write auto, always or never", line->colour);
    return -1;
}

static int run(int argc, char **argv)
{
    struct line line = {.colour = "auto"};
    const struct option_target targets[] = {
        [OPTION_AT] = {.value = &line.at},
        [OPTION_COLOR] = {.value = &line.colour},
        [OPTION_LEDGER] = {.value = &line.ledger},
        [OPTION_HELP] = {NULL, NULL},
    };
    int operands = args_read(argc, argv, &cmd_statusline, targets);

    if (operands == ARGS_HELP)
        return CLI_YES;
    if (parse(&line, operands, argv) < 0)
        fputs("tokenquota: wrong arguments", stdout);
    else
        make(&line);
    putchar('\n');
    return CLI_YES;
}

const struct command cmd_statusline = {
    .name = "statusline",
    .operands = "NAME",
    .summary = "make the line that Claude Code shows, and apply what it was told",
    .options = options,
    .notes = "\n"
             "Reads the JSON that Claude Code hands the command of its status line, takes both windows of\n"
             "the subscription into account for the provider NAME, and prints one line. In\n"
             "~/.claude/settings.json:\n\n"
             "  \"statusLine\": {\"type\": \"command\", \"command\": \"tokenquota statusline claude\"}\n\n"
             "Exit status: 0, also when something fails: the line says so, and stderr why.\n",
    .run = run,
};
