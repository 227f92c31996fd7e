/* import.c: what an import did, for people: what was read, what of it is new, and what was not counted.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/cli.h"
#include "import.h"

#define LABEL_COLUMNS 10
#define PROVIDERS_SHOWN 20

static void put_plural(FILE *out, uint64_t count, const char *word)
{
    fprintf(out, "%s %s%s", format_exact((int64_t)count).s, word, count == 1 ? "" : "s");
}

/* Whole numbers where the screen has room for them. */
static struct text number(int64_t n, bool wide)
{
    return wide ? format_exact(n) : n < 0 ? format_exact(n) : format_short(n, ROUND_DOWN);
}

/* Columns of each number, with the space before it. */
struct widths {
    int responses, input, cache_write, cache_read, output, other, total;
};

static void put_row(const struct widths *widths, const char *label, const struct classes *classes, bool wide)
{
    printf("%-*s%*s", LABEL_COLUMNS, label, widths->responses, number(classes->responses, wide).s);
    printf("%*s%*s", widths->input, number(classes->input, wide).s, widths->cache_write,
           number(classes->cache_write, wide).s);
    printf("%*s%*s", widths->cache_read, number(classes->cache_read, wide).s, widths->output,
           number(classes->output, wide).s);
    if (widths->other)
        printf("%*s", widths->other, number(classes->other, wide).s);
    printf("%*s\n", widths->total, number(classes_total(classes), wide).s);
}

/* A screen of less than 80 columns gets a line of words each. */
static void put_narrow(const struct import_totals *totals)
{
    printf("read       %s tokens in %s entries\n", format_exact(classes_total(&totals->raw)).s,
           format_exact(totals->raw.responses).s);
    printf("once each  %s in %s responses\n", format_exact(classes_total(&totals->once)).s,
           format_exact(totals->once.responses).s);
    printf("new        %s in %s\n", format_exact(classes_total(&totals->fresh)).s,
           format_exact(totals->fresh.responses).s);
}

static void put_table(const struct import *import)
{
    const struct import_totals *totals = &import->totals;
    bool other = totals->raw.other != 0, wide;
    struct widths widths = {11, 8, 13, 12, 8, other ? 8 : 0, 8};
    struct style style;

    (void)style_init(&style, "auto");
    wide = style.width >= 120;
    if (wide)
        widths = (struct widths){12, 16, 16, 16, 16, other ? 16 : 0, 18};
    if (style.width < 80) {
        put_narrow(totals);
        return;
    }
    printf("%*s%*s%*s%*s%*s", LABEL_COLUMNS, "", widths.responses, "responses", widths.input, "input",
           widths.cache_write, "cache write", widths.cache_read, "cache read");
    printf("%*s", widths.output, "output");
    if (other)
        printf("%*s", widths.other, "other");
    printf("%*s\n", widths.total, "total");
    put_row(&widths, "read", &totals->raw, wide);
    put_row(&widths, "once each", &totals->once, wide);
    put_row(&widths, "new", &totals->fresh, wide);
}

static void put_counted(const struct import *import)
{
    const struct import_request *request = &import->request;
    size_t shown = 0;

    const char *done = request->dry_run ? "would count" : "counted";
    int64_t counted = import->totals.counted;

    if (counted < 0) /* what came was less than what was counted before */
        done = request->dry_run ? "would take back" : "took back";
    printf("%s %s tokens%s", done, format_exact(counted < 0 ? -counted : counted).s,
           request->count == COUNT_COUNTED ? " (input, cache write, output)" : "");
    for (size_t i = 0; i < import->feeds.count; i++) {
        const struct import_feed *feed = &import->feeds.items[i];

        if (feed->counted == 0)
            continue;
        if (shown++ < PROVIDERS_SHOWN)
            printf("\n  %s  %s", format_exact(feed->counted).s, feed->name);
    }
    if (shown > PROVIDERS_SHOWN)
        printf("\n  and %zu providers more", shown - PROVIDERS_SHOWN);
    putchar('\n');
}

static void put_files(const struct import *import)
{
    const struct import_totals *totals = &import->totals;

    put_plural(stdout, totals->found, "file");
    printf(": %s read, %s as before", format_exact((int64_t)totals->read).s,
           format_exact((int64_t)totals->unchanged).s);
    if (totals->broken)
        printf(", %s broken", format_exact((int64_t)totals->broken).s);
    fputs("; ", stdout);
    put_plural(stdout, totals->lines, "line");
    printf(", %sB\n", format_short((int64_t)totals->bytes, ROUND_DOWN).s);
}

static void put_remarks(const struct import *import)
{
    const struct import_totals *totals = &import->totals;
    int64_t oldest_at_ns = store_day_start(import->store.header->oldest_day);

    if (totals->bad_lines) {
        put_plural(stdout, totals->bad_lines, "bad line");
        fputs(" skipped\n", stdout);
    }
    if (totals->older) {
        put_plural(stdout, totals->older, "record");
        printf(" from before %s, %s tokens: not counted; `tokenquota usage` has them\n",
               format_utc_day(oldest_at_ns).s, format_exact(totals->older_tokens).s);
    }
    if (totals->skipped) {
        put_plural(stdout, totals->skipped, "record");
        printf(" from before %sZ passed over\n", format_utc(import->request.since_ns).s);
    }
    if (totals->clock) {
        put_plural(stdout, totals->clock, "record");
        fputs(" refused by the clock: of a time to come; the next import looks at them again\n", stdout);
    }
    if (totals->renamed && totals->fresh.responses)
        fputs("Files were imported under another --provider before: they count under both names now\n",
              stdout);
}

void import_lines(const struct import *import)
{
    const struct import_totals *totals = &import->totals;

    if (totals->raw.responses) {
        put_table(import);
        put_counted(import);
    } else {
        puts("nothing new");
    }
    put_files(import);
    put_remarks(import);
}
