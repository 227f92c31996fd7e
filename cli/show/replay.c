/* replay.c: shows a replay in lines: each transition as it happens, then what was counted and what was not.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/show/show.h"
#include "cli/show/table.h"

#define NAME_UNKNOWN 24 /* columns for names while streaming, when the longest is not known */
#define NAME_LEAST 12
#define NAME_MOST 32 /* longer ones push the rest of their line to the right */

/* What a transition line has room for. Without a terminal lines may be long, and nothing is shortened. */
struct layout {
    bool seconds; /* 2026-03-04 09:41:07, else 03-04 09:41 */
    bool both;    /* available -> quota_exhausted, else the new state alone */
    bool exact;   /* 12,345,678, else 12.3M */
    bool below;   /* the numbers have a line of their own */
    int name;     /* columns */
};

static int longest_name(const struct replay *replay)
{
    int longest = NAME_LEAST;

    if (replay->as_is)
        return NAME_UNKNOWN;
    for (size_t i = 0; i < replay->providers.count; i++)
        if (replay->providers.items[i].budget)
            longest = text_widest(longest, replay->providers.items[i].name);
    return longest < NAME_MOST ? longest : NAME_MOST;
}

static struct layout choose_layout(const struct replay *replay, struct replay_screen *screen)
{
    if (!screen->name_columns)
        screen->name_columns = longest_name(replay);

    struct layout layout = {true, true, true, false, screen->name_columns};
    int room;

    if (!screen->style.terminal)
        return layout;
    room = screen->style.width - 11 - 2 - 2 - 15 - 2 - 36; /* the shortest of each part, without the name */
    if (layout.name > room)
        layout.name = room > NAME_LEAST ? room : NAME_LEAST;
    room -= layout.name;
    layout.below = room < 0;
    layout.seconds = room >= 9;
    room -= layout.seconds ? 9 : 0;
    layout.both = room >= 13;
    room -= layout.both ? 13 : 0;
    layout.exact = room >= 24;
    return layout;
}

static void put_reason(FILE *out, const struct replay *replay, const struct transition *transition,
                       bool exact)
{
    int64_t budget = replay->providers.items[transition->provider].budget;
    int64_t left = budget - transition->used;

    fprintf(out, "used %s of %s", format_count(transition->used, exact, ROUND_DOWN).s,
            format_count(budget, exact, ROUND_DOWN).s);
    if (transition->used >= budget)
        fputs(", all of it", out);
    else if (replay->rule == TQ_RULE_ORIGINAL)
        fprintf(out, ", projection %s", format_count(transition->projection, exact, ROUND_UP).s);
    else
        fprintf(out, ", %s left", format_count(left, exact, ROUND_DOWN).s);
}

void replay_put_transition(struct replay *replay, const struct transition *transition)
{
    struct replay_screen *screen = replay->context;
    const struct style *style = &screen->style;
    const char *name = replay->providers.items[transition->provider].name;
    bool exhausted = transition->to == TQ_QUOTA_EXHAUSTED;

    screen->shown = true;
    progress_erase(&screen->progress);

    struct layout layout = choose_layout(replay, screen);
    int columns = text_columns(name);

    if (layout.seconds)
        fprintf(style->out, "%sZ  ", format_utc(transition->at_ns).s);
    else
        fprintf(style->out, "%.11s  ", format_utc(transition->at_ns).s + 5);
    text_put_name(style, name, style->terminal || columns < layout.name ? layout.name : columns, true);
    fputs("  ", style->out);
    if (layout.both)
        fprintf(style->out, "%s -> ", tq_state_name(!exhausted));
    paint(style, exhausted ? PAINT_RED : PAINT_GREEN);
    fputs(tq_state_name(transition->to), style->out);
    unpaint(style);
    if (exhausted) {
        bool limit = transition->limit != NULL;

        fputs(layout.below || (limit && style->terminal) ? "\n             " : "  ", style->out);
        if (limit)
            limit_put_reason(style->out, transition, layout.exact);
        else
            put_reason(style->out, replay, transition, layout.exact);
    }
    putc('\n', style->out);
    if (replay->as_is)
        fflush(style->out);
}

void replay_put_summary(const struct replay *replay)
{
    const struct replay_screen *screen = replay->context;
    FILE *out = screen->style.out;
    uint64_t providers = 0;

    if (screen->shown)
        putc('\n', out);
    for (size_t i = 0; i < replay->providers.count; i++)
        providers += replay->providers.items[i].records > 0;
    fputs(plural((uint64_t)replay->records, "record").s, out);
    if (replay->records)
        fprintf(out, ", %s%s, %s\nfrom %sZ to %sZ", plural((uint64_t)replay->tokens, "token").s,
                replay->of_tools ? " that count against limits" : "", plural(providers, "provider").s,
                format_utc(replay->first_at_ns).s, format_utc(replay->end_at_ns).s);
    putc('\n', out);
}

static void put_refused(FILE *out, const struct replay *replay)
{
    for (int i = 0; i < REFUSED_CODES; i++) {
        const struct refused *refused = &replay->refused[i];

        if (refused->count)
            fprintf(out, "%s not counted (%s): %s; the first: %s\n", plural(refused->count, "record").s,
                    tq_error_name(-i), tq_strerror(-i), refused->first);
    }
}

/* The name of a budget that nobody used is most often spelled differently in the log. */
static void put_unused_budgets(const struct style *style, const struct replay *replay)
{
    size_t unused = 0;

    for (size_t i = 0; i < replay->providers.count; i++) {
        const struct provider *provider = &replay->providers.items[i];

        if (!provider->budget_given || provider->records)
            continue;
        fputs(unused++ ? ", " : "Budgets of providers that the log does not have: ", style->out);
        text_put_name(style, provider->name, TQ_NAME_MAX * 2, false);
    }
    if (unused)
        putc('\n', style->out);
}

/* The same of a limit. One for all others, *, is of providers that the log has. */
static void put_unused_limits(const struct style *style, const struct replay *replay)
{
    size_t unused = 0;

    for (size_t i = 0; i < replay->windows.count; i++) {
        const struct tq_provider *provider = replay->windows.items[i].provider;
        bool used = false;

        for (size_t j = 0; j < replay->providers.count && !used; j++)
            used = replay->providers.items[j].handle == provider && replay->providers.items[j].records > 0;
        for (size_t j = 0; j < i && !used; j++)
            used = replay->windows.items[j].provider == provider; /* said already */
        if (used)
            continue;
        fputs(unused++ ? ", " : "Limits of providers that the log does not have: ", style->out);
        text_put_name(style, tq_provider_name(provider), TQ_NAME_MAX * 2, false);
    }
    if (unused)
        putc('\n', style->out);
}

void replay_put_remarks(const struct replay *replay)
{
    const struct replay_screen *screen = replay->context;
    FILE *out = screen->style.out;

    put_refused(out, replay);
    if (replay->bad_line_count)
        fprintf(out, "%s skipped\n", plural(replay->bad_line_count, "bad line").s);
    if (replay->steps_back)
        fprintf(out, "%s back in time, the longest %s at %s:%llu\n",
                plural((uint64_t)replay->steps_back, "step").s, format_length(replay->longest_back_ns).s,
                replay->longest_back.path, (unsigned long long)replay->longest_back.line);
    put_unused_budgets(&screen->style, replay);
    if (replay->accounts.count == 0) /* one may have got no call */
        put_unused_limits(&screen->style, replay);
}
