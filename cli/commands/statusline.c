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

#include "cli/commands/statusline.h"

#define INPUT_BYTES_MOST 1048576

#define FORMAT_WORDS                                                                                         \
    "{5h}, {5h_reset}, {5h_left} and so on for each window, as {7d} and {7d_opus}, and {state}, "            \
    "{runs_out}, "                                                                                           \
    "{model}, {folder}, {branch}, {cost}, {context}, {session}"

#define TO(field) offsetof(struct line, field)

static const struct option options[] = {
    {'f', "format", "TEXT", "print this, with {5h}, {7d}, {state} and others in it", option_text, TO(format),
     NULL},
    AT_ROW,
    COLOR_ROW,
    LEDGER_ROW,
    HELP_ROWS_END,
};

/* The windows that a format may name. */
static int read_limits(struct line *line, const struct tq_provider *provider)
{
    int answer = 0;

    for (uint32_t level = 0; line->format && level <= POOLS_MOST && answer == 0; level++) {
        const struct tq_provider *of = level == 0 ? provider : pool_above(provider, level);

        limits_free(&line->limits[level]);
        if (of)
            answer = limits_read(of, line->asked.at.ns, &line->limits[level]);
    }
    return answer;
}

static int apply(struct session *session, void *request)
{
    struct line *line = request;
    const char *name = line->asked.operands[0];
    struct tq_provider *provider;
    int answer = tq_ledger_provider(session->ledger, name, strlen(name), 0, &provider);

    if (answer == 0)
        answer = tq_provider_apply(provider, &line->signal);
    if (answer >= 0)
        answer = tq_ledger_provider(session->ledger, line->shown, strlen(line->shown), 0, &provider);
    if (answer >= 0)
        answer = verdict_read(provider, line->asked.at.ns, 0, &line->verdict);
    if (answer >= 0)
        answer = read_limits(line, provider);
    return answer < 0 ? session_fail(name, answer) : CLI_YES;
}

/* "5 h 43% · resets 14:30"; only the first says what the time is. */
static void put_axis(const struct line *line, const struct tq_axis *axis, bool first)
{
    printf("%s ", axis->window_ns > 0 ? format_length(axis->window_ns).s : tq_axis_name(axis->what));
    line_put_share(line, axis->used_ppm, axis->flags & TQ_AXIS_EMPTY);
    if (axis->known & TQ_AXIS_RESET)
        printf(" %s %s%s", text_locale_is_utf8() ? "\xc2\xb7" : "-", first ? "resets " : "",
               format_local_soon(axis->reset_at_ns, line->asked.at.ns).s);
    fputs(" | ", stdout);
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

static void put_default(const struct line *line)
{
    if (!put_axes(line))
        fputs("no limits yet | ", stdout);
    if (line->applied)
        line_put_state(line);
    else
        fputs(STATUSLINE_NO_LEDGER, stdout);
}

static void make(struct line *line)
{
    char *json = NULL;
    size_t len;
    int answer;

    line->signal = (struct tq_quota_signal){.size = sizeof(line->signal)};
    if (input_read(NULL, INPUT_BYTES_MOST, &json, &len) < 0) {
        fputs("tokenquota: standard input cannot be read", stdout);
        free(json);
        return;
    }
    answer = tq_signal_statusline(json, len, line->asked.at.ns, &line->signal);
    if (answer >= 0 && line->format)
        line->input = json_loadb(json, len, 0, NULL); /* NULL: every part of it is "-" */
    free(json);
    if (answer < 0) {
        report("standard input is not the JSON that Claude Code gives to a status line: %s",
               tq_strerror(answer));
        fputs("tokenquota: no JSON on standard input", stdout);
        return;
    }
    line->applied = session_work(line, SESSION_CREATE, apply) == CLI_YES;
    if (line->format)
        line_put_format(line);
    else
        put_default(line);
}

static int refuse(void)
{
    puts("tokenquota: wrong arguments");
    return CLI_YES;
}

/* What the input says is applied, whatever is wrong with the format. */
static void check_format(struct line *line, struct tq__span *unknown)
{
    if (!line->format || !line_unknown(line->format, unknown))
        return;
    report("--format: there is no {%.*s}; there are " FORMAT_WORDS, (int)unknown->len, unknown->at);
    line->format = "tokenquota: --format has an unknown placeholder | {state}";
}

static int run(void *request)
{
    struct line *line = request;
    struct tq__span unknown;

    if (!*line->asked.operands[0]) {
        report("%s", cmd_statusline.needs);
        return refuse();
    }
    line->shown = session_name(line->asked.operands[0]);
    check_format(line, &unknown);
    style_init(&line->style, line->asked.colour);
    make(line);
    putchar('\n');
    for (size_t level = 0; level <= POOLS_MOST; level++)
        limits_free(&line->limits[level]);
    json_decref(line->input);
    return CLI_YES;
}

const struct command cmd_statusline = {
    .name = "statusline",
    .operands = "NAME",
    .summary = "print the status line for Claude Code, and apply the limits in its input",
    .options = options,
    .notes =
        "\n"
        "Reads the JSON that Claude Code gives to the command of its status line, applies both windows\n"
        "of the subscription to the provider NAME, and prints one line. In ~/.claude/settings.json:\n\n"
        "  \"statusLine\": {\"type\": \"command\", \"command\": \"tokenquota statusline claude\"}\n\n"
        "In the TEXT of --format these are replaced; what nobody knows is -:\n\n"
        "  {5h} {7d} {7d_opus}          how much of a window is used, by its length and the vendor's name\n"
        "  {5h_reset} {5h_left}         when that window ends, and how long that is\n"
        "  {state} {runs_out}           of NAME; when the first of its windows is used up at this pace\n"
        "  {model} {folder} {branch}    of the session in Claude Code\n"
        "  {cost} {context} {session}   its dollars, how full its context is, its name\n\n"
        "Two {{ are one brace.\n\n"
        "Exit status: always 0. If something fails, the line says so, and stderr says why.\n",
    .request_bytes = sizeof(struct line),
    .least = 1,
    .most = 1,
    .needs = "it takes a NAME, as in: tokenquota statusline claude",
    .offers = "@provider",
    .run = run,
    .refuse = refuse,
};
