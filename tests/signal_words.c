/* signal_words.c: what the library answered for a response, in the lines of tests/vectors/signals/.
 *
 * SPDX-License-Identifier: MIT
 */
#include "signal_words.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define S INT64_C(1000000000)

static const char *const sources[] = {"none", "retry-after", "header", "body", "calendar", "caller"};

/* Appends to a line; its words are few and short, so there is always room. */
__attribute__((format(printf, 2, 3))) static void add(char *line, const char *format, ...)
{
    size_t len = strlen(line);
    va_list args;
    int more;

    va_start(args, format);
    more = vsnprintf(line + len, SIGNAL_LINE_BYTES - len, format, args);
    va_end(args);
    if (more < 0 || (size_t)more >= SIGNAL_LINE_BYTES - len)
        abort();
}

/* " [sign]SECONDS[.fraction]s" */
static void add_seconds(char *line, bool sign, int64_t ns)
{
    uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
    char fraction[12];
    size_t len = 10;

    snprintf(fraction, sizeof(fraction), ".%09" PRIu64, size % (uint64_t)S);
    while (len > 1 && fraction[len - 1] == '0')
        len--;
    fraction[len == 1 ? 0 : len] = '\0';
    add(line, " %s%" PRIu64 "%ss", ns < 0 ? "-" : sign ? "+" : "", size / (uint64_t)S, fraction);
}

static void add_percent(char *line, uint32_t ppm)
{
    char fraction[8];
    size_t len = 5;

    snprintf(fraction, sizeof(fraction), ".%04u", (unsigned)(ppm % 10000u));
    while (len > 1 && fraction[len - 1] == '0')
        len--;
    fraction[len == 1 ? 0 : len] = '\0';
    add(line, " used %u%s%%", (unsigned)(ppm / 10000u), fraction);
}

static char *next(struct signal_lines *lines)
{
    if (lines->count == SIGNAL_LINES_MAX)
        abort();
    lines->line[lines->count][0] = '\0';
    return lines->line[lines->count++];
}

static void axis_words(const struct tq_axis *axis, const char *name, bool binds, int64_t now_ns, char *line)
{
    char what[32];

    snprintf(what, sizeof(what), "%s", tq_axis_name(axis->what));
    for (char *blank = strchr(what, ' '); blank; blank = strchr(blank, ' '))
        *blank = '-';
    add(line, "axis %s", what);
    if (axis->window_ns) {
        add(line, " window");
        add_seconds(line, false, axis->window_ns);
    }
    if (*name)
        add(line, " name %s", name);
    if (axis->known & TQ_AXIS_LIMIT)
        add(line, " limit %" PRId64, axis->limit);
    if (axis->known & TQ_AXIS_REMAINING)
        add(line, " remaining %" PRId64, axis->remaining);
    if (axis->known & TQ_AXIS_USED)
        add_percent(line, axis->used_ppm);
    if (axis->known & TQ_AXIS_RESET) {
        add(line, " reset");
        add_seconds(line, true, axis->reset_at_ns - now_ns);
    }
    add(line, "%s%s%s%s%s", axis->flags & TQ_AXIS_FULL_REFILL ? " full-refill" : "",
        axis->flags & TQ_AXIS_EMPTY ? " empty" : "", axis->flags & TQ_AXIS_MODEL_ONLY ? " model-only" : "",
        axis->flags & TQ_AXIS_CREDIT ? " credit" : "", binds ? " binds" : "");
}

static void usage_words(const struct tq_usage *usage, char *line)
{
    const struct {
        uint32_t bit;
        const char *word;
        int64_t count;
    } counts[] = {
        {TQ_USAGE_INPUT, "input", usage->input},
        {TQ_USAGE_CACHE_READ, "cache-read", usage->cache_read},
        {TQ_USAGE_CACHE_WRITE, "cache-write", usage->cache_write},
        {TQ_USAGE_OUTPUT, "output", usage->output},
        {TQ_USAGE_REASONING, "reasoning", usage->reasoning},
        {TQ_USAGE_TOTAL, "total", usage->total},
    };

    add(line, "usage");
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
        if (usage->known & counts[i].bit)
            add(line, " %s %" PRId64, counts[i].word, counts[i].count);
        else if (counts[i].count)
            add(line, " %s %" PRId64 " though unknown", counts[i].word, counts[i].count);
    add(line, " counted %" PRId64 "%s", usage->counted, usage->flags & TQ_USAGE_PARTIAL ? " partial" : "");
}

void signal_words(const struct tq_quota_signal *signal, bool says_nothing, const struct tq_usage *usage,
                  struct signal_lines *lines)
{
    static const struct {
        uint32_t bit;
        const char *word;
    } flags[] = {
        {TQ_SIGNAL_SUCCESS, "success"},       {TQ_SIGNAL_CLAMPED, "clamped"},
        {TQ_SIGNAL_MODEL_ONLY, "model-only"}, {TQ_SIGNAL_AXES_DROPPED, "axes-dropped"},
        {TQ_SIGNAL_READING, "reading"},
    };
    uint32_t known = 0;

    lines->count = 0;
    if (says_nothing)
        add(next(lines), "nothing");
    if (signal->refusal != TQ_CLASS_NONE)
        add(next(lines), "class %s", tq_class_name(signal->refusal));
    if (signal->retry_at_ns != 0 || signal->source != TQ_SOURCE_NONE) {
        char *line = next(lines);

        add(line, "retry");
        add_seconds(line, true, signal->retry_at_ns - signal->said_at_ns);
        add(line, " by %s",
            signal->source < sizeof(sources) / sizeof(*sources) ? sources[signal->source] : "?");
    }
    for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
        known |= flags[i].bit;
        if (signal->flags & flags[i].bit)
            add(next(lines), "%s", flags[i].word);
    }
    if (signal->flags & ~known)
        add(next(lines), "flags of no meaning: %#x", (unsigned)signal->flags);
    if (signal->account)
        add(next(lines), "account %016" PRIx64, signal->account);
    if (signal->anomalies)
        add(next(lines), "anomalies %u", (unsigned)signal->anomalies);
    for (uint32_t i = 0; i < signal->axis_count && i < TQ_AXES_MAX; i++)
        axis_words(&signal->axis[i], signal->window_name[i], signal->binds == (int32_t)i, signal->said_at_ns,
                   next(lines));
    if (usage)
        usage_words(usage, next(lines));
    signal_words_sort(lines->line, lines->count);
}

/* ---- lines of a file in the same form -------------------------------------------------------- */

bool signal_words_instant(const char *text, int64_t *at_ns)
{
    struct tm parts = {.tm_isdst = 0};
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &parts);

    *at_ns = (int64_t)timegm(&parts) * S;
    return end && !*end;
}

/* "2m59.56s", "7d" */
static bool read_length(const char *text, int64_t *ns)
{
    static const struct {
        const char *word;
        int64_t ns;
    } units[] = {{"ms", S / 1000}, {"us", 1000},    {"ns", 1},       {"s", S},
                 {"m", 60 * S},    {"h", 3600 * S}, {"d", 86400 * S}};

    *ns = 0;
    while (*text) {
        size_t whole = strspn(text, "0123456789"), digits = 0, unit = 0;
        int64_t fraction = 0, scale = 1;

        if (whole == 0 || whole > 12)
            return false;
        if (text[whole] == '.') {
            digits = strspn(text + whole + 1, "0123456789");
            for (size_t i = 0; i < digits && i < 9; i++, scale *= 10)
                fraction = fraction * 10 + text[whole + 1 + i] - '0';
        }
        const char *behind = text + whole + (digits ? digits + 1 : 0);
        size_t len = strspn(behind, "mdhsun");

        while (unit < sizeof(units) / sizeof(*units) &&
               (strlen(units[unit].word) != len || strncmp(behind, units[unit].word, len) != 0))
            unit++;
        if (unit == sizeof(units) / sizeof(*units))
            return false;
        *ns += atoll(text) * units[unit].ns + fraction * (units[unit].ns / scale);
        text = behind + len;
    }
    return true;
}

bool signal_words_line(const char *text, int64_t now_ns, char *line)
{
    char copy[SIGNAL_LINE_BYTES], *rest = NULL;
    bool window = false;

    line[0] = '\0';
    if (strlen(text) >= sizeof(copy))
        return false;
    memcpy(copy, text, strlen(text) + 1);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        int64_t ns = 0;

        if (window || *word == '+') {
            if (!read_length(word + (*word == '+'), &ns))
                return false;
            add_seconds(line, !window, ns);
        } else if (strlen(word) == 20 && word[10] == 'T') {
            if (!signal_words_instant(word, &ns))
                return false;
            add_seconds(line, true, ns - now_ns);
        } else {
            add(line, "%s%s", line[0] ? " " : "", word);
        }
        window = strcmp(word, "window") == 0;
    }
    return true;
}

static int by_text(const void *left, const void *right)
{
    return strcmp(left, right);
}

void signal_words_sort(char (*lines)[SIGNAL_LINE_BYTES], size_t count)
{
    qsort(lines, count, sizeof(*lines), by_text);
}
