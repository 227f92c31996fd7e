/* run.c: one pass over the logs: what is new in them, in the order of time, into the ledger.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "import.h"

#define SAVE_EVERY 8192 /* entries of a file between two stores of its cursor */
#define DRAW_EVERY 4096
#define BAD_LINES_SHOWN 5 /* of a run: tools' logs have odd lines, and they are counted */

volatile sig_atomic_t import_stop;

static struct text bytes_text(uint64_t bytes)
{
    return format_short(bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes, ROUND_DOWN);
}

static void draw(struct import *import)
{
    uint64_t done_bytes, lines;
    struct text left = {""};
    char what[256];

    if (!import->progress.on)
        return;
    merge_progress(&import->merge, &done_bytes, &lines);

    int64_t passed_ns = tq_now_ns() - import->started_ns;

    if (done_bytes && done_bytes < import->total_bytes && passed_ns > SECOND_NS)
        left = format_length(
            (int64_t)((double)passed_ns / (double)done_bytes * (double)(import->total_bytes - done_bytes)));
    snprintf(what, sizeof(what), "%s lines, %sB of %sB%s%s%s", bytes_text(lines).s, bytes_text(done_bytes).s,
             bytes_text(import->total_bytes).s, *left.s ? ", " : "", left.s, *left.s ? " left" : "");
    progress_draw(&import->progress, what, done_bytes, import->total_bytes, import->entries);
}

static void take_bad_line(struct import *import, const struct merge_file *file)
{
    uint64_t number = import->totals.bad_lines++;

    if (import->request.quiet)
        return;
    progress_erase(&import->progress);
    if (number < BAD_LINES_SHOWN)
        report("%s:%llu: %s", file->path, (unsigned long long)import->merge.error.line,
               import->merge.error.msg);
    else if (number == BAD_LINES_SHOWN)
        report("%d bad lines shown; more follow and are counted", BAD_LINES_SHOWN);
}

/* A file that could not be opened may be there next time; one that is broken stays so until it changes. */
static int take_broken(struct import *import, struct merge_file *file)
{
    progress_erase(&import->progress);
    report("%s: %s", file->path, import->merge.error.msg);
    import->totals.broken++;
    return file->opened ? import_save(import, file, true) : 0;
}

static int take_entry(struct import *import, struct merge_file *file)
{
    int answer = import_count(import, file);

    if (answer < 0)
        return answer;
    if (++import->entries % DRAW_EVERY == 0)
        draw(import);
    return ++file->unsaved >= SAVE_EVERY ? import_save(import, file, false) : 0;
}

static int read_all(struct import *import)
{
    struct merge_file *file = NULL;
    int what, result = 0;

    while (result >= 0 && !import_stop && (what = merge_next(&import->merge, &file)) != MERGE_END) {
        switch (what) {
        case MERGE_ENTRY:
            result = take_entry(import, file);
            break;
        case MERGE_FILE_END:
            import->totals.read++;
            result = import_save(import, file, true);
            break;
        case MERGE_BAD_LINE:
            take_bad_line(import, file);
            break;
        case MERGE_BROKEN:
            result = take_broken(import, file);
            break;
        default:
            result = TQ_ENOMEM;
        }
    }
    return result;
}

/* The clock may have moved on to another day since the last pass. */
static void set_oldest_day(struct import *import)
{
    struct tq_ledger_info info = {.size = sizeof(info)};
    uint32_t today = imports_day(import->request.at_ns), kept = IMPORTS_KEPT_DAYS;

    if (import->session.ledger && tq_ledger_statistics(import->session.ledger, &info) == 0 &&
        info.history_days < kept)
        kept = info.history_days;
    if (today > kept && today - kept + 1 > import->imports.header->oldest_day)
        import->imports.header->oldest_day = today - kept + 1;
}

int import_pass(struct import *import)
{
    uint64_t done_bytes, lines;
    int result;

    set_oldest_day(import);
    result = import_find(import);
    if (result == 0) {
        import->started_ns = tq_now_ns();
        progress_start(&import->progress);
        result = read_all(import);
        progress_erase(&import->progress);
    } else {
        result = TQ_ESYS;
    }
    merge_progress(&import->merge, &done_bytes, &lines);
    import->totals.bytes += done_bytes;
    import->totals.lines += lines;
    merge_free(&import->merge);
    return result;
}

/* The ledger first: what is on the disk as imported shall be there as counted. */
int import_flush(struct import *import)
{
    int answer = import->session.ledger ? tq_ledger_flush(import->session.ledger) : 0;

    if (answer < 0) {
        if (answer != TQ_EGONE)
            report("%s: %s", import->session.path, tq_strerror(answer));
        return answer;
    }
    return imports_flush(&import->imports) < 0 ? TQ_ESYS : 0;
}
