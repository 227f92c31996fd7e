/* import.c: shows what an import read, counted and left out, in lines and as one JSON document.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/show/show.h"
#include "cli/show/table.h"
#include "view/json.h"

#define PROVIDERS_SHOWN 20

/* Whole numbers where the screen has room for them. */
static void put_row(struct table *table, const char *label, const struct classes *classes, bool wide)
{
    table_cell(table, NULL, label);
    table_cell(table, NULL, format_count(classes->responses, wide, ROUND_DOWN).s);
    classes_cells(table, classes, wide, false);
    table_end(table);
}

/* A screen of less than 80 columns has no room for the table. */
static void put_narrow(const struct import_totals *totals)
{
    printf("read       %s tokens in %s entries\n", format_exact(classes_total(&totals->raw)).s,
           format_exact(totals->raw.responses).s);
    printf("once each  %s in %s responses\n", format_exact(classes_total(&totals->once)).s,
           format_exact(totals->once.responses).s);
    printf("new        %s in %s\n", format_exact(classes_total(&totals->fresh)).s,
           format_exact(totals->fresh.responses).s);
}

static void put_table(const struct import_totals *totals)
{
    struct style style;
    bool wide;

    style_init(&style, NULL);
    wide = style.width >= 120;
    struct table_column columns[] = {
        {NULL, NULL, TABLE_LEFT, 10},
        {"responses", NULL, TABLE_RIGHT, wide ? 12 : 11},
        {"input", NULL, TABLE_RIGHT, wide ? 16 : 8},
        {"cache write", NULL, TABLE_RIGHT, wide ? 16 : 13},
        {"cache read", NULL, TABLE_RIGHT, wide ? 16 : 12},
        {"output", NULL, TABLE_RIGHT, wide ? 16 : 8},
        {"other", NULL, TABLE_RIGHT,
         totals->raw.other == 0 ? 0
         : wide                 ? 16
                                : 8},
        {"total", NULL, TABLE_RIGHT, wide ? 18 : 8},
    };
    struct table table = {.style = &style, .columns = columns, .count = sizeof(columns) / sizeof(columns[0])};

    if (style.width < 80) {
        put_narrow(totals);
        return;
    }
    table_head(&table);
    put_row(&table, "read", &totals->raw, wide);
    put_row(&table, "once each", &totals->once, wide);
    put_row(&table, "new", &totals->fresh, wide);
}

static void put_counted(const struct import *import)
{
    const struct import_request *request = &import->request;
    size_t shown = 0;
    int width = 0;

    const char *done = request->dry_run ? "would count" : "counted";
    int64_t counted = import->totals.counted;

    if (counted < 0) /* corrected responses are smaller than counted before */
        done = request->dry_run ? "would take back" : "took back";
    printf("%s %s tokens%s", done, format_exact(counted < 0 ? -counted : counted).s,
           request->logs->count == COUNT_COUNTED ? " (input, cache write, output)" : "");
    for (size_t i = 0; i < import->feeds.count && shown < PROVIDERS_SHOWN; i++) {
        if (import->feeds.items[i].counted == 0)
            continue;
        shown++;
        width = text_widest(width, format_exact(import->feeds.items[i].counted).s);
    }
    shown = 0;
    for (size_t i = 0; i < import->feeds.count; i++) {
        const struct import_feed *feed = &import->feeds.items[i];

        if (feed->counted == 0)
            continue;
        if (shown++ < PROVIDERS_SHOWN)
            printf("\n  %*s  %s", width, format_exact(feed->counted).s, feed->name);
    }
    if (shown > PROVIDERS_SHOWN)
        printf("\n  and %zu providers more", shown - PROVIDERS_SHOWN);
    putchar('\n');
}

static void put_files(const struct import *import)
{
    const struct import_totals *totals = &import->totals;

    printf("%s: %s read, %s as before", plural(totals->found, "file").s,
           format_exact((int64_t)totals->read).s, format_exact((int64_t)totals->unchanged).s);
    if (totals->broken)
        printf(", %s broken", format_exact((int64_t)totals->broken).s);
    printf("; %s, %sB\n", plural(totals->lines, "line").s,
           format_short((int64_t)totals->bytes, ROUND_DOWN).s);
}

static void put_remarks(const struct import *import)
{
    const struct import_totals *totals = &import->totals;
    int64_t oldest_at_ns = store_day_start(import->store.header->oldest_day);

    if (totals->bad_lines)
        printf("%s skipped\n", plural(totals->bad_lines, "bad line").s);
    if (totals->older)
        printf("%s from before %s, %s tokens: not counted; `tokenquota usage` shows them\n",
               plural(totals->older, "record").s, format_utc_day(oldest_at_ns).s,
               format_exact(totals->older_tokens).s);
    if (totals->skipped)
        printf("%s from before %sZ skipped\n", plural(totals->skipped, "record").s,
               format_utc(import->request.since_ns).s);
    if (totals->clock)
        printf("%s refused: ahead of the clock; the next import tries them again\n",
               plural(totals->clock, "record").s);
    if (totals->renamed && totals->fresh.responses)
        fputs("Files were imported under another --provider before: they count under both names now\n",
              stdout);
}

void import_lines(const struct import *import)
{
    const struct import_totals *totals = &import->totals;

    if (totals->raw.responses) {
        put_table(totals);
        put_counted(import);
    } else {
        puts("nothing new");
    }
    put_files(import);
    put_remarks(import);
}

/* ---- as JSON --------------------------------------------------------------------------------- */

/* Corrections may make what was counted less than 0. */
static json_t *providers_json(const struct import *import)
{
    json_t *list = json_array();

    for (size_t i = 0; i < import->feeds.count; i++) {
        const struct import_feed *feed = &import->feeds.items[i];

        json_array_append_new(list,
                              json_pack("{s:o, s:o, s:o}", "provider", text_json(feed->name), "responses",
                                        number_json(feed->responses), "counted", signed_json(feed->counted)));
    }
    return list;
}

void import_json(const struct import *import)
{
    const struct import_totals *totals = &import->totals;
    bool any = totals->once.responses > 0;

    /* clang-format off */
    json_print(
        json_pack("{s:b, s:{s:o, s:o, s:o, s:o}, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o,"
                  " s:o, s:o, s:o, s:o}",
                  "dry_run", import->request.dry_run,
                  "files", "found", number_json((int64_t)totals->found),
                           "read", number_json((int64_t)totals->read),
                           "unchanged", number_json((int64_t)totals->unchanged),
                           "broken", number_json((int64_t)totals->broken),
                  "lines", number_json((int64_t)totals->lines),
                  "bytes", number_json((int64_t)totals->bytes),
                  "bad_lines", number_json((int64_t)totals->bad_lines),
                  "skipped", number_json((int64_t)totals->skipped),
                  "older", number_json((int64_t)totals->older),
                  "older_tokens", number_json(totals->older_tokens),
                  "refused_by_clock", number_json((int64_t)totals->clock),
                  "signals", number_json((int64_t)totals->signals),
                  "raw", classes_json(&totals->raw),
                  "deduplicated", classes_json(&totals->once),
                  "new", classes_json(&totals->fresh),
                  "counted", signed_json(totals->counted),
                  "first_at", any ? instant_json(totals->first_at_ns) : json_null(),
                  "last_at", any ? instant_json(totals->last_at_ns) : json_null(),
                  "providers", providers_json(import)),
        import->request.follow);
    /* clang-format on */
}
