/* import_words.c: what happens while logs are imported, in lines for people.
 *
 * SPDX-License-Identifier: MIT
 */
#include "import_words.h"

#include <string.h>

#include "base/number.h"
#include "base/time.h"
#include "listener.h"

#define BAD_LINES_TOLD 5 /* in a run; more are only counted */

static void tell_bad_line(const struct import *import, const struct merge_file *file,
                          const struct listener *listener)
{
    uint64_t count = import->totals.bad_lines;

    if (import->request.quiet)
        return;
    if (count <= BAD_LINES_TOLD)
        listener_trouble(listener, "%s:%llu: %s", file->path, (unsigned long long)import->merge.error.line,
                         import->merge.error.msg);
    else if (count == BAD_LINES_TOLD + 1)
        listener_trouble(listener, "%d bad lines shown; more follow and are counted", BAD_LINES_TOLD);
}

void import_tell_others(struct import *import, struct listener *listener)
{
    struct import_others others;
    char tokens[TQ__NUMBER_BYTES];
    char first[TQ__TIME_BYTES], last[TQ__TIME_BYTES];

    for (size_t i = 0; i < import->feeds.count; i++) {
        struct import_feed *feed = &import->feeds.items[i];

        if (!import_feed_others(import, feed, &others))
            continue;
        bool one_day = others.first_day == others.last_day;

        tq__number_write(tokens, others.tokens, ',');
        tq__time_write(first, store_day_start(others.first_day));
        tq__time_write(last, store_day_start(others.last_day));
        listener_trouble(listener,
                         "\"%s\" has %s tokens %s %.*s%s%.*s that others counted: if they belong to the same "
                         "calls, each counts twice; give one of the two another name, with --provider",
                         feed->name, tokens, one_day ? "on" : "from", TQ__DATE_LENGTH, first,
                         one_day ? "" : " to ", one_day ? 0 : TQ__DATE_LENGTH, last);
    }
}

void import_tell(struct import *import, enum import_event event, const struct merge_file *file,
                 struct listener *listener)
{
    switch (event) {
    case IMPORT_BAD_LINE:
        tell_bad_line(import, file, listener);
        break;
    case IMPORT_BROKEN_FILE:
        listener_trouble(listener, "%s: %s", file->path, import->merge.error.msg);
        break;
    case IMPORT_UNWATCHED:
        listener_trouble(listener, "not all folders can be watched (%s); looking every %d s",
                         strerror(import->watch_error), (int)(IMPORT_UNWATCHED_NS / TQ__SECOND_NS));
        break;
    case IMPORT_ANEW:
        listener_trouble(listener,
                         "the ledger at %s is not the one of the last import: importing everything again",
                         import->path);
        break;
    case IMPORT_LOOKED:
        import_tell_others(import, listener);
        break;
    default:
        break;
    }
}

int import_logs_fit(const struct import_logs *logs, struct listener *listener)
{
    if (!logs->source && logs->paths[0])
        return listener_fail(listener, "all finds the logs by itself; to read %s, name its source",
                             logs->paths[0]);
    /* Rows of a table have no place of their own. */
    if (logs->source && !logs->paths[0] &&
        strcmp(names_pattern(NULL, logs->source), IMPORT_NAME_OF_ROWS) == 0)
        return listener_fail(listener, "%s has no folder of its own; name a PATH",
                             tq_log_source_name(logs->source));
    return 0;
}
