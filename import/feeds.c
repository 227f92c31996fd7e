/* feeds.c: the providers that an import feeds, by name, each looked up in the ledger once.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "import.h"

#define SLOTS_FIRST 64

static size_t place(const struct import_feeds *feeds, uint64_t hash, const char *name)
{
    size_t at = hash & (feeds->slot_count - 1);

    while (feeds->slots[at] && (feeds->items[feeds->slots[at] - 1].hash != hash ||
                                strcmp(feeds->items[feeds->slots[at] - 1].name, name) != 0))
        at = (at + 1) & (feeds->slot_count - 1);
    return at;
}

/* At most half full; items and slots grow together. */
static int grow(struct import_feeds *feeds)
{
    size_t slot_count = feeds->slot_count ? feeds->slot_count * 2 : SLOTS_FIRST;
    struct import_feed *items = realloc(feeds->items, slot_count / 2 * sizeof(*items));
    uint32_t *slots = calloc(slot_count, sizeof(*slots));

    if (items)
        feeds->items = items;
    if (!items || !slots) {
        free(slots);
        report("out of memory");
        return -1;
    }
    free(feeds->slots);
    feeds->slots = slots;
    feeds->slot_count = slot_count;
    feeds->capacity = slot_count / 2;
    for (size_t i = 0; i < feeds->count; i++)
        slots[place(feeds, items[i].hash, items[i].name)] = (uint32_t)i + 1;
    return 0;
}

struct import_feed *feeds_find(struct import_feeds *feeds, const char *name)
{
    size_t len = strlen(name), at;
    uint64_t hash = imports_hash(4, name, len);

    if (feeds->count == feeds->capacity && grow(feeds) < 0)
        return NULL;
    at = place(feeds, hash, name);
    if (feeds->slots[at])
        return &feeds->items[feeds->slots[at] - 1];

    struct import_feed *feed = &feeds->items[feeds->count++];

    *feed = (struct import_feed){.hash = hash, .row = -1};
    memcpy(feed->name, name, len + 1);
    feeds->slots[at] = (uint32_t)feeds->count;
    return feed;
}

/* The ledger's name before the row: a row says that the ledger knows the name. */
int feed_open(struct import *import, struct import_feed *feed)
{
    int answer = 0;

    if (!feed->handle && !import->request.dry_run)
        answer = tq_ledger_provider(import->session.ledger, feed->name, strlen(feed->name), 0, &feed->handle);
    if (answer < 0 && answer != TQ_EGONE)
        report("\"%s\": %s", feed->name, tq_strerror(answer));
    if (answer == 0 && feed->row < 0)
        feed->row = imports_row_of(&import->imports, feed->name);
    return answer == 0 && feed->row < 0 ? TQ_ESYS : answer;
}

void feeds_close(struct import_feeds *feeds)
{
    for (size_t i = 0; i < feeds->count; i++) {
        feeds->items[i].handle = NULL;
        feeds->items[i].row = -1;
    }
}

void feeds_free(struct import_feeds *feeds)
{
    free(feeds->items);
    free(feeds->slots);
    *feeds = (struct import_feeds){0};
}
