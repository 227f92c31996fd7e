/* signal.c: shows the meaning of a response, in words with one table.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/show/show.h"
#include "cli/show/signal.h"
#include "cli/show/table.h"

#define KEPT_LEAST_NS (10 * 60 * SECOND_NS) /* shorter windows are rates, which the library does not keep */

enum { WHAT, WINDOW, LIMIT, REMAINING, USED, END, COLUMNS };

static const char *class_meaning(const struct tq_quota_signal *signal)
{
    static const char *const meanings[] = {
        [TQ_CLASS_NONE] = "nothing was refused for quota",
        [TQ_CLASS_THROTTLED] = "too much at once: wait",
        [TQ_CLASS_EXHAUSTED] = "out of quota",
        [TQ_CLASS_NO_MONEY] = "no credit, or a spending limit: waiting does not help",
        [TQ_CLASS_OVERLOADED] = "the vendor is short of capacity; this account is not the cause",
        [TQ_CLASS_TOO_LARGE] = "this request alone is above the limit; others may be served",
    };

    if (signal->refusal == TQ_CLASS_NONE && signal->flags & TQ_SIGNAL_SUCCESS)
        return "the request was served";
    return signal->refusal < sizeof(meanings) / sizeof(meanings[0])
               ? meanings[signal->refusal]
               : "a class that this version does not know";
}

/* Where an end was read, as the end of a line. */
static const char *source_words(uint32_t source)
{
    static const char *const words[] = {
        [TQ_SOURCE_NONE] = "",
        [TQ_SOURCE_RETRY_AFTER] = "; from Retry-After",
        [TQ_SOURCE_HEADER] = "; from a header",
        [TQ_SOURCE_BODY] = "; from the body",
        [TQ_SOURCE_CALENDAR] = "; the window that it names ends then",
        [TQ_SOURCE_CALLER] = "; from the caller",
    };

    return words[source < sizeof words / sizeof words[0] ? source : TQ_SOURCE_NONE];
}

/* Writes when an axis resets, and whatever else is known of it. */
static void put_end(struct table *table, const struct tq_axis *axis, int64_t at_ns, bool binds)
{
    bool reset = axis->known & TQ_AXIS_RESET, later = reset && axis->reset_at_ns > at_ns;
    char end[256];

    snprintf(end, sizeof(end), "%s%s%s%s%s%s%s%s", reset ? format_utc(axis->reset_at_ns).s : "-",
             later   ? "Z, in "
             : reset ? "Z, now"
                     : "",
             later ? format_length(axis->reset_at_ns - at_ns).s : "",
             axis->flags & TQ_AXIS_FULL_REFILL ? ", all of it" : "",
             axis->flags & TQ_AXIS_EMPTY ? "; spent" : "",
             axis->flags & TQ_AXIS_EMPTY && axis->flags & TQ_AXIS_CREDIT ? "; on credit" : "",
             axis->flags & TQ_AXIS_MODEL_ONLY ? "; of this model only" : "", binds ? "; binds" : "");
    table_cell(table, NULL, end);
}

/* "7 d opus": a window and the vendor's name of it. */
static struct text window_words(const struct tq_quota_signal *signal, size_t i)
{
    const char *name = signal->window_name[i];
    struct text text, length = format_length(signal->axis[i].window_ns);

    if (signal->axis[i].window_ns <= 0)
        snprintf(text.s, sizeof(text.s), "%s", *name ? name : "-");
    else
        snprintf(text.s, sizeof(text.s), "%.30s%s%s", length.s, *name ? " " : "", name);
    return text;
}

static void fill_cells(struct text cells[END], const struct tq_quota_signal *signal, size_t i)
{
    const struct tq_axis *axis = &signal->axis[i];
    const struct text none = {"-"};

    snprintf(cells[WHAT].s, sizeof(cells[WHAT].s), "%s", axis->what ? tq_axis_name(axis->what) : "quota");
    cells[WINDOW] = window_words(signal, i);
    cells[LIMIT] = axis->known & TQ_AXIS_LIMIT ? format_exact(axis->limit) : none;
    cells[REMAINING] = axis->known & TQ_AXIS_REMAINING ? format_exact(axis->remaining) : none;
    cells[USED] = axis->known & TQ_AXIS_USED ? format_tenths(axis->used_ppm / 1000, false) : none;
}

static void put_axes(FILE *out, const struct tq_quota_signal *signal, int64_t at_ns)
{
    size_t count = signal->axis_count < TQ_AXES_MAX ? signal->axis_count : TQ_AXES_MAX;
    struct text cells[TQ_AXES_MAX][END];
    struct style style = {.out = out};
    struct table_column columns[COLUMNS] = {
        {"what", NULL, TABLE_LEFT, 0},           {"window", NULL, TABLE_RIGHT, TABLE_GAP},
        {"limit", NULL, TABLE_RIGHT, TABLE_GAP}, {"remaining", NULL, TABLE_RIGHT, TABLE_GAP},
        {"used", NULL, TABLE_RIGHT, TABLE_GAP},  {"resets at", NULL, TABLE_LEFT, TABLE_GAP},
    };
    struct table table = {.style = &style, .columns = columns, .count = COLUMNS};

    for (size_t i = 0; i < count; i++)
        fill_cells(cells[i], signal, i);
    for (int j = 0; j < END; j++) {
        int width = text_widest(0, columns[j].heading);

        for (size_t i = 0; i < count; i++)
            width = text_widest(width, cells[i][j].s);
        columns[j].width += width;
    }
    putc('\n', out);
    table_head(&table);
    for (size_t i = 0; i < count; i++) {
        for (int j = 0; j < END; j++)
            table_cell(&table, NULL, cells[i][j].s);
        put_end(&table, &signal->axis[i], at_ns, signal->binds == (int32_t)i);
        table_end(&table);
    }
    if (signal->flags & TQ_SIGNAL_AXES_DROPPED)
        fprintf(out, "and more than the %d that are kept\n", TQ_AXES_MAX);
}

static void put_counts(FILE *out, const struct tq_usage *usage)
{
    const struct {
        uint32_t known;
        const char *what;
        int64_t count;
    } counts[] = {
        {TQ_USAGE_INPUT, "input", usage->input},
        {TQ_USAGE_CACHE_READ, "read from a cache", usage->cache_read},
        {TQ_USAGE_CACHE_WRITE, "written into one", usage->cache_write},
        {TQ_USAGE_OUTPUT, "output", usage->output},
        {TQ_USAGE_REASONING, "of it reasoning", usage->reasoning},
        {TQ_USAGE_TOTAL, "the vendor's total", usage->total},
    };
    const char *before = "";

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        if (!(usage->known & counts[i].known))
            continue;
        fprintf(out, "%s%s %s", before, counts[i].what, format_exact(counts[i].count).s);
        before = ", ";
    }
}

static void put_usage(FILE *out, const struct signal_report *said)
{
    fputs("usage      ", out);
    put_counts(out, &said->usage);
    fputs(said->usage.flags & TQ_USAGE_PARTIAL ? "; cut short\n" : "\n", out);
    fprintf(out, "counts     %s against the limit%s\n", format_exact(said->usage.counted).s,
            !said->provider ? ""
            : said->counted ? "; counted"
                            : "; not counted: --count does that");
}

static void put_profile(FILE *out, const struct signal_report *said)
{
    const struct tq_profile *profile = said->signal.profile ? tq_profile_of(said->signal.profile) : NULL;

    if (!profile) {
        fputs("profile    none\n", out);
        return;
    }
    fputs("profile    ", out);
    profile_put(out, profile);
    fputs(said->asked ? ", as told\n" : "\n", out);
}

static void put_again(FILE *out, const struct tq_quota_signal *signal, int64_t at_ns)
{
    int64_t left_ns = signal->retry_at_ns - at_ns;

    if (left_ns > 0)
        fprintf(out, "ask again  at %sZ (%s), in %s", format_utc(signal->retry_at_ns).s,
                format_local(signal->retry_at_ns).s, format_length(left_ns).s);
    else
        fputs("ask again  now", out);
    fprintf(out, "%s\n", source_words(signal->source));
}

static void put_odd(FILE *out, const struct signal_report *said)
{
    if (said->signal.flags & TQ_SIGNAL_CLAMPED)
        fputs("odd        a timestamp was out of range and was moved into it\n", out);
    if (said->signal.anomalies)
        fprintf(out, "odd        %u value%s in no known form, ignored\n", (unsigned)said->signal.anomalies,
                said->signal.anomalies == 1 ? "" : "s");
    if (said->response.odd_lines)
        fprintf(out, "odd        %zu line%s among the headers that %s none\n", said->response.odd_lines,
                said->response.odd_lines == 1 ? "" : "s", said->response.odd_lines == 1 ? "is" : "are");
    if (said->response.body_len >= 2 && memcmp(said->response.body, "\x1f\x8b", 2) == 0)
        fputs("odd        the body is compressed: curl --compressed makes it readable\n", out);
}

/* The windows that were kept on the provider, or on the pool above it: "kept       5 h, 7 d on the pool
 * openai". */
static void put_kept(FILE *out, const struct signal_report *said, bool on_pool)
{
    const struct tq_quota_signal *signal = &said->signal;
    const char *before = "kept       ";

    for (uint32_t i = 0; i < signal->axis_count && i < TQ_AXES_MAX; i++) {
        bool model = signal->axis[i].flags & TQ_AXIS_MODEL_ONLY || signal->flags & TQ_SIGNAL_MODEL_ONLY;

        if (!(signal->axis[i].known & TQ_AXIS_USED) || signal->axis[i].window_ns < KEPT_LEAST_NS ||
            (*said->pool && !model) != on_pool)
            continue;
        fprintf(out, "%s%s", before, window_words(signal, i).s);
        before = ", ";
    }
    if (*before == ',')
        fprintf(out, " on %s%s\n", on_pool ? "the pool " : "", on_pool ? said->pool : said->kept_by);
}

static void put_verdict(FILE *out, const struct signal_report *said)
{
    const char *unapplied = signal_unapplied(said);
    char sentence[SENTENCE_BYTES];

    verdict_sentence(&said->verdict, sentence);
    put_kept(out, said, false);
    put_kept(out, said, true);
    putc('\n', out);
    if (unapplied)
        fprintf(out, "Not applied: %s\n", unapplied);
    fprintf(out, "%s: %s\n", said->provider, sentence);
}

void signal_show(FILE *out, const struct signal_report *said)
{
    const struct tq_quota_signal *signal = &said->signal;

    if (signal->status)
        fprintf(out, "response   %u\n", (unsigned)signal->status);
    put_profile(out, said);
    fprintf(out, "class      %s: %s%s\n", tq_class_name(signal->refusal), class_meaning(signal),
            signal->flags & TQ_SIGNAL_MODEL_ONLY ? "; of the request's model only" : "");
    if (signal->retry_at_ns) {
        put_again(out, signal, said->at_ns);
    } else if (signal->refusal != TQ_CLASS_NONE && signal->refusal != TQ_CLASS_TOO_LARGE) {
        fputs("ask again  the response does not say when\n", out);
    }
    if (said->has_usage)
        put_usage(out, said);
    if (!said->says && !said->has_usage)
        fputs("limits     none in the response\n", out);
    put_odd(out, said);
    if (signal->axis_count)
        put_axes(out, signal, said->at_ns);
    if (said->provider)
        put_verdict(out, said);
}

void signal_warn(const struct signal_report *said)
{
    char sentence[SENTENCE_BYTES];

    verdict_sentence(&said->verdict, sentence);
    if (said->provider)
        report("\"%s\": %s", said->provider, sentence);
    else
        report("%s: %s", tq_class_name(said->signal.refusal), class_meaning(&said->signal));
}

void signal_list_profiles(FILE *out)
{
    const struct tq_profile *profile;

    for (size_t i = 0; (profile = tq_profile_at(i)) != NULL; i++)
        fprintf(out, "%s\t%s\t%s\t%s\n", tq_profile_name(profile), tq_profile_vendor(profile),
                tq_profile_seen_live(profile) ? "seen live" : "documented", tq_profile_source(profile));
}
