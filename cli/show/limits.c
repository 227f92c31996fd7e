/* limits.c: prints limits: a label, the numbers, when it resets, what is odd.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "cli/show/show.h"

#define LARGE_USD 10000 /* from here on dollars are short: $12.3k */

/* ---- the label and the numbers --------------------------------------------------------------- */

struct text limit_label(const struct tq_limit *limit)
{
    static const char *const kinds[] = {[TQ_WINDOW_ROLLING] = " rolling", [TQ_WINDOW_REFILL] = " refill"};
    bool kind = limit->window == TQ_WINDOW_ROLLING || limit->window == TQ_WINDOW_REFILL;
    bool plain = limit->unit == TQ_UNIT_TOKENS || limit->unit == TQ_UNIT_COST;
    const char *city = tq__last_part(limit->zone);
    struct text text;

    snprintf(text.s, sizeof(text.s), "%.20s%s%s%.30s%s%s",
             limit->length_ns > 0 ? format_length(limit->length_ns).s : tq_window_name(limit->window),
             kind ? kinds[limit->window] : "", *city ? " " : "", city, plain ? "" : " ",
             plain ? "" : tq_unit_name(limit->unit));
    return text;
}

struct text limit_number(uint32_t unit, int64_t n)
{
    struct text text;

    if (unit != TQ_UNIT_COST)
        return format_short(n, ROUND_DOWN);
    if (n < LARGE_USD * TQ__DOLLAR_MICRO)
        return format_dollars(n * 1000);
    snprintf(text.s, sizeof(text.s), "$%.40s", format_short(n / TQ__DOLLAR_MICRO, ROUND_DOWN).s);
    return text;
}

struct text limit_exact(uint32_t unit, int64_t n)
{
    struct text text;

    if (unit != TQ_UNIT_COST)
        return format_exact(n);
    (void)tq__dollars_write(text.s, n, ',');
    return text;
}

/* ---- when it resets -------------------------------------------------------------------------- */

/* The first of these forms that fits: that it is out is worth more than how long that lasts. */
static struct text cut(const char *out, const char *what, int64_t at_ns, int64_t now_ns, int room)
{
    struct text at = format_local_soon(at_ns, now_ns), left = format_length(at_ns - now_ns), text;
    const char *comma = *out ? ", " : "";

    if (snprintf(text.s, sizeof(text.s), "%s%s%s %.20s, in %.20s", out, comma, what, at.s, left.s) <= room ||
        snprintf(text.s, sizeof(text.s), "%s%s%s %.20s", out, comma, what, at.s) <= room ||
        snprintf(text.s, sizeof(text.s), "%s%s%.20s", out, comma, at.s) <= room || !*out)
        return text;
    snprintf(text.s, sizeof(text.s), "%s", out);
    return text;
}

struct text limit_when(const struct tq_limit_state *state, int64_t now_ns, int room)
{
    bool out = state->state == TQ_QUOTA_EXHAUSTED;
    const char *why = !out ? "" : state->spent ? "spent" : "at its reserve";
    uint32_t window = state->limit.window;
    struct text text = {""};

    if (window == TQ_WINDOW_ROLLING || window == TQ_WINDOW_REFILL) {
        if (out && state->until_ns < TQ_NOW_END_NS)
            return cut(why, "back", state->until_ns, now_ns, room);
    } else if (window == TQ_WINDOW_ONCE) {
        snprintf(text.s, sizeof(text.s), "%s%snever resets", why, out ? ", " : "");
    } else if (state->end_at_ns > 0) {
        return cut(why, "resets", state->end_at_ns, now_ns, room);
    } else {
        snprintf(text.s, sizeof(text.s), "begins with a call");
    }
    return text;
}

/* ---- lines ----------------------------------------------------------------------------------- */

void limit_put(const struct style *style, const struct tq_limit_state *state, int64_t now_ns, int before)
{
    const struct tq_limit *limit = &state->limit;
    struct text when = limit_when(state, now_ns, (int)sizeof(when.s)), share = {""}, used;
    char sentence[LIMIT_BYTES], stands[256];

    limit_sentence(limit, sentence);
    used = limit_number(limit->unit, state->used);
    if (limit->amount > 0)
        snprintf(share.s, sizeof(share.s), ", %.40s", format_percent(state->used, limit->amount).s);
    snprintf(stands, sizeof stands, "%s used%s%s%s", used.s, share.s, *when.s ? "; " : "", when.s);
    fprintf(style->out, "%s;", sentence);
    if (before + (int)(strlen(sentence) + strlen("; ") + strlen(stands)) <= style->width)
        fprintf(style->out, " %s\n", stands);
    else
        fprintf(style->out, "\n%*s%s\n", before, "", stands);
}

void limit_remarks(FILE *out, const char *provider, const struct limits *limits)
{
    for (size_t i = 0; i < limits->count; i++) {
        const struct tq_limit_state *one = &limits->items[i];
        struct text label = limit_label(&one->limit);

        if (one->taken)
            fprintf(out, "%s, limit %u (%s): a clock that was wrong took a part of the count\n", provider,
                    (unsigned)one->number, label.s);
        if (one->uncosted > 0)
            fprintf(out,
                    "%s, limit %u (%s): %s without a cost, not counted; a price of each class gives one: "
                    "tokenquota set --help\n",
                    provider, (unsigned)one->number, label.s, plural((uint64_t)one->uncosted, "record").s);
    }
}
