/* limits.c: prints limits: a label, the numbers, when it resets, what is odd.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "cli/show/show.h"

#define LARGE_USD 10000 /* from here on dollars are short: $12.3k */

#define WHOLE_PPM 1000000

/* ---- the label and the numbers --------------------------------------------------------------- */

struct text limit_label(const struct tq_limit *limit)
{
    static const char *const kinds[] = {[TQ_WINDOW_ROLLING] = " rolling", [TQ_WINDOW_REFILL] = " refill"};
    bool kind = limit->window == TQ_WINDOW_ROLLING || limit->window == TQ_WINDOW_REFILL;
    bool plain = limit->unit == TQ_UNIT_TOKENS || limit->unit == TQ_UNIT_COST || limit->unit == TQ_UNIT_SHARE;
    const char *city = limit_is_stated(limit) ? limit->zone : tq__last_part(limit->zone);
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

    if (unit == TQ_UNIT_SHARE)
        return format_percent(n, WHOLE_PPM);
    if (unit != TQ_UNIT_COST)
        return format_exact(n);
    (void)tq__dollars_write(text.s, n, ',');
    return text;
}

struct text limit_used(const struct tq_limit_state *state)
{
    uint32_t unit = state->limit.unit;
    struct text text;

    if (!limit_is_stated(&state->limit))
        return limit_number(unit, state->used);
    if (!limit_has_reading(state))
        return (struct text){"-"};
    snprintf(text.s, sizeof(text.s), "+%.40s", limit_number(unit, state->said_since).s);
    return text;
}

struct text limit_percent(const struct tq_limit_state *state)
{
    if (state->limit.amount > 0)
        return format_percent(state->used, state->limit.amount);
    return limit_has_reading(state) ? format_percent(state->said_ppm, WHOLE_PPM) : (struct text){"-"};
}

/* ---- when it resets -------------------------------------------------------------------------- */

/* Why it is out, or what people should know before they read when it resets. */
static const char *why(const struct tq_limit_state *state)
{
    bool out = state->state == TQ_QUOTA_EXHAUSTED, all = state->said_ppm >= WHOLE_PPM;

    if (out && state->said & TQ_SAID_BLOCKS)
        return all || !limit_has_reading(state) ? "spent" : "refused";
    if (out && state->said & TQ_SAID_STOPS)
        return all ? "stopped" : "at its reserve";
    if (out && state->is_held)
        return "held";
    if (out && state->is_shared && state->strict && state->heard_at_ns == 0)
        return "strict: needs tokenquota sync";
    if (out && state->is_shared)
        return "the rest is for other machines";
    if (out && limit_is_predicted(state))
        return "will not last";
    if (out)
        return limit_is_spent(state) ? "spent" : "at its reserve";
    if (limit_on_overage(state))
        return "on paid overage";
    return state->said & TQ_SAID_OVERRULED && all ? "overruled" : "";
}

struct text lasts_words(struct lasts lasts, int64_t now_ns)
{
    static const char *const words[] = {
        [LASTS_UNKNOWN] = "", [LASTS_SPENT] = "spent", [LASTS_NOT] = "will not last", [LASTS] = "lasts"};
    struct text text;

    if (lasts.kind == LASTS_RUNS_OUT)
        snprintf(text.s, sizeof(text.s), "runs out %.20s", format_local_soon(lasts.out_at_ns, now_ns).s);
    else
        snprintf(text.s, sizeof(text.s), "%s", words[lasts.kind]);
    return text;
}

/* The same, or whether it lasts. */
static struct text lead(const struct tq_limit_state *state, int64_t now_ns)
{
    struct text text;

    if (!*why(state))
        return lasts_words(limit_lasts(state), now_ns);
    snprintf(text.s, sizeof(text.s), "%s", why(state));
    return text;
}

/* "40 s ago", "4 min ago", "now". */
static struct text age(int64_t age_ns)
{
    int64_t unit_ns = age_ns < 60 * SECOND_NS ? SECOND_NS : 60 * SECOND_NS;
    struct text text = {"now"};

    if (age_ns >= SECOND_NS)
        snprintf(text.s, sizeof(text.s), "%.40s ago", format_length(age_ns - age_ns % unit_ns).s);
    return text;
}

/* "vendor, 40 s ago"; of a limit with a count of its own "vendor 43%, 40 s ago". */
static struct text tail(const struct tq_limit_state *state, int64_t now_ns)
{
    bool both = state->limit.amount > 0;
    struct text text = {""};

    if (limit_has_reading(state))
        snprintf(text.s, sizeof(text.s), "vendor%s%.8s, %.30s", both ? " " : "",
                 both ? format_percent(state->said_ppm, WHOLE_PPM).s : "", age(now_ns - state->said_at_ns).s);
    return text;
}

/* When a limit ends, in words that can be left out. */
struct end_words {
    struct text lead, tail;
    bool lead_last;   /* the lead is worth less than the end: it lasts */
    const char *what; /* "resets" */
    int64_t at_ns;
};

/* The parts of a form, beside the end itself. */
enum { LEAD = 1, WHAT = 2, LEFT = 4, TAIL = 8, IF_LEAD_LAST = 16 };

/* Writes a form, and returns how many columns it has. */
static int put_form(const struct end_words *words, int64_t now_ns, int form, struct text *text)
{
    const char *lead = form & LEAD ? words->lead.s : "", *tail = form & TAIL ? words->tail.s : "";
    struct text at = format_local_soon(words->at_ns, now_ns), left = {""};

    if (form & LEFT)
        left = format_length(words->at_ns - now_ns);
    return snprintf(text->s, sizeof(text->s), "%.30s%s%s%s%.20s%s%.20s%s%.30s", lead, *lead ? ", " : "",
                    form & WHAT ? words->what : "", form & WHAT ? " " : "", at.s, *left.s ? ", in " : "",
                    left.s, *tail ? "; " : "", tail);
}

/* The first of these forms that fits: that it is out is worth more than how old the news are, and that more
 * than how long it lasts. That it lasts is left out before the end is, and before its age. */
static struct text cut(const struct end_words *words, int64_t now_ns, int room)
{
    static const int forms[] = {LEAD | WHAT | LEFT | TAIL,
                                LEAD | LEFT | TAIL,
                                LEAD | WHAT | TAIL,
                                LEAD | TAIL,
                                TAIL | IF_LEAD_LAST,
                                LEAD | WHAT | LEFT,
                                LEAD | LEFT | IF_LEAD_LAST,
                                LEAD | WHAT,
                                LEAD,
                                IF_LEAD_LAST};
    struct text text;

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if ((forms[i] & TAIL && !*words->tail.s) || (forms[i] & IF_LEAD_LAST && !words->lead_last))
            continue;
        if (put_form(words, now_ns, forms[i], &text) <= room)
            return text;
    }
    if (*words->lead.s && !words->lead_last)
        snprintf(text.s, sizeof(text.s), "%.30s", words->lead.s);
    return text;
}

static struct end_words end_words(const struct tq_limit_state *state, int64_t now_ns, int64_t end_at_ns)
{
    bool lasts = !*why(state) && limit_lasts(state).kind == LASTS;

    return (struct end_words){lead(state, now_ns), tail(state, now_ns), lasts, "resets", end_at_ns};
}

/* Of a limit that has no known end. */
static struct text without_end(const struct end_words *words, int room)
{
    bool both = *words->lead.s && *words->tail.s;
    struct text text;

    if (snprintf(text.s, sizeof(text.s), "%.30s%s%.40s", words->lead.s, both ? "; " : "", words->tail.s) >
        room)
        return words->lead;
    return text;
}

/* Of a limit of which the vendor says nothing that holds now. */
static struct text when_unsaid(const struct tq_limit_state *state, int64_t now_ns)
{
    struct text text = {"no word yet"};

    if (state->said_reset_at_ns > 0 && state->said_reset_at_ns <= now_ns)
        snprintf(text.s, sizeof(text.s), "ended %.40s", age(now_ns - state->said_reset_at_ns).s);
    else if (state->said_at_ns > 0)
        snprintf(text.s, sizeof(text.s), "said %.40s", age(now_ns - state->said_at_ns).s);
    return text;
}

static struct text when_stated(const struct tq_limit_state *state, int64_t now_ns, int room)
{
    struct end_words words = end_words(state, now_ns, state->said_reset_at_ns);

    if (state->until_ns > 0)
        words.at_ns = state->until_ns;
    if (state->until_ns == 0 && !limit_has_reading(state))
        return when_unsaid(state, now_ns);
    return words.at_ns > now_ns && words.at_ns < TQ_NOW_END_NS ? cut(&words, now_ns, room)
                                                               : without_end(&words, room);
}

/* Is it back at until_ns, and not when a window ends? */
static bool comes_back(const struct tq_limit_state *state)
{
    return state->limit.window == TQ_WINDOW_ROLLING || state->limit.window == TQ_WINDOW_REFILL ||
           (limit_is_predicted(state) && state->until_ns < TQ_NOW_END_NS &&
            state->until_ns != state->end_at_ns);
}

struct text limit_when(const struct tq_limit_state *state, int64_t now_ns, int room)
{
    struct end_words words = end_words(state, now_ns, state->end_at_ns);
    bool out = state->state == TQ_QUOTA_EXHAUSTED;
    uint32_t window = state->limit.window;

    if (window == TQ_WINDOW_STATED)
        return when_stated(state, now_ns, room);
    if (out && state->said & TQ_SAID_BLOCKS && state->until_ns > now_ns)
        words.at_ns = state->until_ns;
    if (comes_back(state)) {
        words.what = "back";
        words.at_ns = state->until_ns;
        return out && state->until_ns < TQ_NOW_END_NS ? cut(&words, now_ns, room) : without_end(&words, room);
    }
    if (window == TQ_WINDOW_ONCE || words.at_ns == 0) {
        snprintf(words.lead.s, sizeof(words.lead.s), "%s%s%s", out ? why(state) : "", out ? ", " : "",
                 window != TQ_WINDOW_ONCE ? "begins with a call" : "never resets");
        return without_end(&words, room);
    }
    return cut(&words, now_ns, room);
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* What is put behind a limit's sentence, with "; " between the parts. */
static void stands(char *out, size_t capacity, const struct tq_limit_state *state, int64_t now_ns)
{
    struct text when = limit_when(state, now_ns, (int)sizeof(when.s) - 1), percent = limit_percent(state);
    const char *gap = *when.s ? "; " : "";
    size_t len;

    if (!limit_is_stated(&state->limit))
        snprintf(out, capacity, "%.40s used%s%.10s%s%s", limit_used(state).s,
                 state->limit.amount > 0 ? ", " : "", state->limit.amount > 0 ? percent.s : "", gap, when.s);
    else if (limit_has_reading(state))
        snprintf(out, capacity, "%.10s used%s%s; %.40s here since", percent.s, gap, when.s,
                 limit_number(state->limit.unit, state->said_since).s);
    else
        snprintf(out, capacity, "%s", when.s);
    len = strlen(out);
    if (state->held > 0)
        snprintf(out + len, capacity - len, "; %.40s held", limit_number(state->limit.unit, state->held).s);
    len = strlen(out);
    if (state->heard_at_ns > 0 && state->others > 0)
        snprintf(out + len, capacity - len, "; %.40s of it elsewhere, heard %.40s ago",
                 limit_number(state->limit.unit, state->others).s,
                 format_length(now_ns > state->heard_at_ns ? now_ns - state->heard_at_ns : 0).s);
}

/* Writes parts that "; " separates, and begins a new line, so far to the right, before one that does not fit.
 */
static void put_parts(const struct style *style, const char *parts, int before)
{
    int at = before;

    while (*parts) {
        const char *end = strstr(parts, "; ");
        int len = end ? (int)(end - parts) + 1 : (int)strlen(parts);

        if (at > before && at + 1 + len > style->width) {
            fprintf(style->out, "\n%*s", before, "");
            at = before;
        }
        fprintf(style->out, "%s%.*s", at > before ? " " : "", len, parts);
        at += len + (at > before);
        parts += end ? len + 1 : len;
    }
    putc('\n', style->out);
}

void limit_put(const struct style *style, const struct tq_limit_state *state, int64_t now_ns, int before)
{
    char sentence[LIMIT_BYTES], parts[256];
    int len;

    limit_sentence(&state->limit, sentence);
    stands(parts, sizeof parts, state, now_ns);
    len = (int)strlen(sentence) + 2;
    fprintf(style->out, "%s;", sentence);
    if (before + len + (int)strlen(parts) <= style->width) {
        fprintf(style->out, " %s\n", parts);
        return;
    }
    fprintf(style->out, "\n%*s", before, "");
    put_parts(style, parts, before);
}

void limit_remarks(FILE *out, const char *provider, const struct limits *limits)
{
    for (size_t i = 0; i < limits->count; i++) {
        const struct tq_limit_state *one = &limits->items[i];
        struct text label = limit_label(&one->limit);

        if (one->taken)
            fprintf(out, "%s, limit %u (%s): a clock that was wrong took a part of the count\n", provider,
                    (unsigned)one->number, label.s);
        if (one->said & TQ_SAID_DOUBTED)
            fprintf(out, "%s, limit %u (%s): a later reading has room; a probe tests whether it is back\n",
                    provider, (unsigned)one->number, label.s);
        if (one->uncosted > 0)
            fprintf(out,
                    "%s, limit %u (%s): %s without a cost, not counted; a price of each class gives one: "
                    "tokenquota set --help\n",
                    provider, (unsigned)one->number, label.s, plural((uint64_t)one->uncosted, "record").s);
    }
}
