/* import.c: one pass over the logs: counts what is new in them, in the order of time.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "import.h"

#define SAVE_EVERY 8192 /* entries of a file between two stores of its cursor */
#define TELL_EVERY 4096

/* ---- providers that are imported into ------------------------------------------------------------------ */

int import_refused(struct import *import, const struct import_feed *feed, int answer)
{
    return import_fail(&import->error, answer, "\"%s\": %s", feed->name, tq_strerror(answer));
}

static struct import_feed *find_feed(struct import_feeds *feeds, const char *name)
{
    size_t len = strlen(name);
    uint64_t hash = tq__hash(STORE_SEED_FEED, name, len);
    struct import_feed *items;
    uint32_t number;

    for (size_t at = 0; (number = tq__index_find(&feeds->by_name, hash, &at)) != TQ__INDEX_END;)
        if (strcmp(feeds->items[number].name, name) == 0)
            return &feeds->items[number];
    items = tq__list_room(feeds->items, feeds->count, &feeds->capacity, sizeof *items);
    if (!items)
        return NULL;
    feeds->items = items;
    if (!tq__index_add(&feeds->by_name, hash, (uint32_t)feeds->count))
        return NULL;
    items += feeds->count++;
    *items = (struct import_feed){.hash = hash, .row = -1};
    memcpy(items->name, name, len + 1);
    return items;
}

/* The provider is made in the ledger before its row: a row means that the ledger has the name. */
static int open_feed(struct import *import, struct import_feed *feed)
{
    int answer = 0;

    if (!feed->handle && !import->request.dry_run)
        answer = tq_ledger_provider(import->ledger, feed->name, strlen(feed->name), 0, &feed->handle);
    if (answer < 0)
        return import_refused(import, feed, answer);
    if (feed->row < 0)
        feed->row = store_row_of(&import->store, feed->name);
    return feed->row < 0 ? (int)feed->row : 0;
}

struct import_feed *import_feed_of(struct import *import, const char *name, int *answer)
{
    struct import_feed *feed = find_feed(&import->feeds, name);

    *answer = feed ? open_feed(import, feed) : import_no_memory(&import->error);
    return *answer == 0 ? feed : NULL;
}

/* The handles are of the ledger that is gone. */
static void forget_ledger(struct import *import)
{
    for (size_t i = 0; i < import->feeds.count; i++) {
        import->feeds.items[i].handle = NULL;
        import->feeds.items[i].row = -1;
    }
}

/* ---- one pass -------------------------------------------------------------------------------- */

/* A file that could not be opened, that was being written, or that is no log of its source, is tried again by
 * the next pass; a broken file only when it has changed. Who follows a file is told once. */
static int take_broken(struct import *import, struct merge_file *file)
{
    import->totals.broken++;
    import->tell(import, IMPORT_BROKEN_FILE, file);
    if (!file->opened || (file->foreign && import->watch_fd < 0))
        return 0;
    return import_save(import, file, import->merge.error.sys != EBUSY);
}

static int take_entry(struct import *import, struct merge_file *file)
{
    int answer = import_count(import, file);

    if (answer < 0)
        return answer;
    if (++import->entries % TELL_EVERY == 0)
        import->tell(import, IMPORT_READS, NULL);
    return ++file->unsaved >= SAVE_EVERY ? import_save(import, file, false) : 0;
}

static int read_all(struct import *import)
{
    struct merge_file *file = NULL;
    int what, result = 0;

    while (result >= 0 && !*import->stop && (what = merge_next(&import->merge, &file)) != MERGE_END) {
        switch (what) {
        case MERGE_ENTRY:
            result = take_entry(import, file);
            break;
        case MERGE_FILE_END:
            import->totals.read++;
            result = import_save(import, file, true);
            break;
        case MERGE_BAD_LINE:
            import->totals.bad_lines++;
            import->tell(import, IMPORT_BAD_LINE, file);
            break;
        case MERGE_BROKEN:
            result = take_broken(import, file);
            break;
        default:
            result = import_no_memory(&import->error);
        }
    }
    return result;
}

/* A new day may have begun since the last pass. */
static void set_oldest_day(struct import *import)
{
    struct tq_ledger_info info = {.size = sizeof info};
    uint32_t today = store_day(import->request.at_ns), kept = STORE_KEPT_DAYS;

    if (import->ledger && tq_ledger_statistics(import->ledger, &info) == 0 && info.history_days < kept)
        kept = info.history_days;
    if (today > kept && today - kept + 1 > import->store.header->oldest_day)
        import->store.header->oldest_day = today - kept + 1;
}

int import_pass(struct import *import)
{
    uint64_t done_bytes, lines;
    int result;

    set_oldest_day(import);
    result = import_find(import);
    if (result == 0) {
        import->started_ns = tq_now_ns();
        result = read_all(import);
    }
    merge_progress(&import->merge, &done_bytes, &lines);
    import->totals.bytes += done_bytes;
    import->totals.lines += lines;
    merge_free(&import->merge);
    return result;
}

/* The ledger first: whatever the store on the disk has as imported must be in the ledger on the disk. */
int import_flush(struct import *import)
{
    int answer = import->ledger ? tq_ledger_flush(import->ledger) : 0;

    if (answer < 0)
        return import_fail(&import->error, answer, "%s: %s", import->path, tq_strerror(answer));
    return store_flush(&import->store);
}

/* ---- from begin to end ----------------------------------------------------------------------- */

int import_open(struct import *import)
{
    merge_init(&import->merge);
    import->store.fd = import->watch_fd = -1;
    import->recent = calloc(IMPORT_RECENT, sizeof *import->recent);
    if (!import->recent)
        return import_no_memory(&import->error);
    return store_open(&import->store, &import->error, import->path, import->request.dry_run, 0);
}

void import_close(struct import *import)
{
    merge_free(&import->merge);
    store_close(&import->store);
    free(import->feeds.items);
    free(import->feeds.by_name.slots);
    free(import->recent);
}

/* Is the store that of another ledger, which is gone? */
static bool is_of_another(struct import *import)
{
    const struct store *store = &import->store;
    struct tq_provider *provider;

    if (!import->ledger || store->header->rows == 0)
        return false;
    for (uint32_t i = 0; i < store->header->rows; i++)
        if (tq_ledger_provider(import->ledger, store->rows[i].name, strlen(store->rows[i].name),
                               TQ_PROVIDER_EXISTING, &provider) != 1)
            return false;
    return true;
}

int import_work(struct import *import)
{
    int result;

    do {
        result = 0;
        if (is_of_another(import)) {
            import->tell(import, IMPORT_ANEW, NULL);
            result = store_clear(&import->store);
        }
        if (result == 0)
            result = import->request.follow ? import_follow(import) : import_pass(import);
        if (result == 0 && !import->request.dry_run)
            result = import_flush(import);
        if (result != TQ_EGONE || import->reopen(import) < 0)
            return result;
        forget_ledger(import);
    } while (true);
}

/* ---- what others counted --------------------------------------------------------------------- */

void import_count_others(const struct store_row *row, struct tq_provider *provider,
                         struct import_others *others)
{
    int64_t sum = 0;

    for (uint32_t day = others->first_day; day <= others->last_day; day++) {
        int64_t used = tq_provider_used(provider, store_day_start(day));
        int64_t more = used - store_row_used(row, day);

        if (used > 0 && used < INT64_MAX && more > 0)
            sum += more;
    }
    others->tokens = sum - (int64_t)row->doubt;
}

bool import_feed_others(struct import *import, struct import_feed *feed, struct import_others *others)
{
    struct store_row *row;

    if (!feed->fed || !feed->handle)
        return false;
    feed->fed = false;
    row = &import->store.rows[feed->row];
    *others = (struct import_others){.first_day = feed->first_day, .last_day = feed->last_day};
    import_count_others(row, feed->handle, others);
    if (others->tokens <= (int64_t)row->warned)
        return false;
    row->warned = (uint64_t)others->tokens;
    return true;
}
