/* ids.c: the ids of the newest records, so that a record that is sent again counts once.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ids.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <tokenquota.h>

#include "base/list.h"
#include "base/time.h"
#include "ids_file.h"
#include "serve.h"

#define SLOTS_FIRST 1024
#define SEED_LOW UINT64_C(3) /* the file keeps the hashes: these never change */
#define SEED_HIGH UINT64_C(4)

/* The entries are in a ring, from number `first` up to but not including `next`; one that was lost is
 * missing. slots finds an entry by its hash: position in the ring + 1, 0 is free. */
struct ids {
    pthread_mutex_t lock;
    struct ids_file file;
    struct ids_entry *ring; /* of file.most; pages that were never touched take no memory */
    uint64_t first, next;
    uint64_t batch;   /* `next` when the batch began */
    uint64_t unsaved; /* the first number that is not in the file yet */
    bool failed;      /* the file could not be written the last time */
    uint32_t *slots;
    size_t slot_count, slots_used;
    uint64_t asked[2]; /* the hash of the id that was asked for last */
    int64_t since_ns;
    int64_t now_ns;
};

static struct ids_entry *entry_of(const struct ids *ids, uint64_t number)
{
    return &ids->ring[(number - 1) % ids->file.most];
}

/* ---- from a hash to an entry ----------------------------------------------------------------- */

static void put(uint32_t *slots, size_t count, uint64_t hash, uint32_t slot)
{
    size_t at = hash & (count - 1);

    while (slots[at] != 0)
        at = (at + 1) & (count - 1);
    slots[at] = slot;
}

/* Makes room for one more. At most half of the slots are taken, so that a search is short. */
static bool make_room(struct ids *ids)
{
    size_t count = ids->slot_count ? ids->slot_count * 2 : SLOTS_FIRST;
    uint32_t *slots;

    if (ids->slots_used < ids->slot_count / 2)
        return true;
    slots = calloc(count, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < ids->slot_count; i++)
        if (ids->slots[i] != 0)
            put(slots, count, ids->ring[ids->slots[i] - 1].hash[0], ids->slots[i]);
    free(ids->slots);
    ids->slots = slots;
    ids->slot_count = count;
    return true;
}

static void insert(struct ids *ids, uint64_t number)
{
    put(ids->slots, ids->slot_count, entry_of(ids, number)->hash[0],
        (uint32_t)((number - 1) % ids->file.most) + 1);
    ids->slots_used++;
}

/* Takes an entry out, and moves those behind it that would not be found over the gap. */
static void take_out(struct ids *ids, uint64_t number)
{
    size_t mask = ids->slot_count - 1;
    uint32_t slot = (uint32_t)((number - 1) % ids->file.most) + 1;
    struct ids_entry *entry = entry_of(ids, number);
    size_t gap = entry->hash[0] & mask;

    if (entry->number != number)
        return; /* it was lost */
    while (ids->slots[gap] != slot)
        gap = (gap + 1) & mask;
    for (size_t at = (gap + 1) & mask; ids->slots[at] != 0; at = (at + 1) & mask) {
        size_t home = ids->ring[ids->slots[at] - 1].hash[0] & mask;

        if (((at - home) & mask) >= ((at - gap) & mask)) {
            ids->slots[gap] = ids->slots[at];
            gap = at;
        }
    }
    ids->slots[gap] = 0;
    ids->slots_used--;
    *entry = (struct ids_entry){.number = 0};
}

/* ---- opening --------------------------------------------------------------------------------- */

/* Since when all are known: an id that was noted in the second of the oldest one may have been pushed out. */
static int64_t since_after(int64_t since_ns, const struct ids_entry *oldest)
{
    int64_t behind_ns = ((int64_t)oldest->at_s + 1) * TQ__SECOND_NS;

    return behind_ns > since_ns ? behind_ns : since_ns;
}

/* Takes over what the file had. False: no memory. */
static bool take_over(struct ids *ids, int64_t now_ns)
{
    uint64_t newest = ids->file.newest, missing = ids->file.lost;
    bool found = false;

    ids->next = ids->unsaved = newest + 1;
    ids->first = newest > ids->file.most ? newest - ids->file.most + 1 : 1;
    ids->since_ns = ids->file.begun_at_ns;
    for (uint64_t number = ids->first; number < ids->next; number++) {
        struct ids_entry *entry = entry_of(ids, number);

        if (entry->number != number) {
            *entry = (struct ids_entry){.number = 0};
            missing += found;
            continue;
        }
        if (!make_room(ids))
            return false;
        insert(ids, number);
        if (!found && number > 1)
            ids->since_ns = since_after(ids->since_ns, entry);
        ids->first = found ? ids->first : number;
        found = true;
    }
    if (missing > 0)
        ids->since_ns = now_ns;
    return true;
}

struct ids *ids_open(const char *ledger, uint32_t most, int64_t now_ns, char why[IDS_WHY])
{
    struct ids *ids = calloc(1, sizeof *ids);
    size_t bytes;

    *why = '\0';
    if (!ids)
        return NULL;
    pthread_mutex_init(&ids->lock, NULL);
    most = most == 0 ? SERVE_IDS : most > SERVE_IDS_MOST ? SERVE_IDS_MOST : most;
    bytes = most * sizeof *ids->ring;
    ids->file.fd = -1;
    ids->ring = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (ids->ring == MAP_FAILED) {
        ids->ring = NULL;
        goto failed;
    }
    if (!ids_file_open(&ids->file, ledger, most, now_ns, ids->ring, why, IDS_WHY)) {
        size_t len = strlen(why);

        snprintf(why + len, IDS_WHY - len, "; ids are known until the daemon ends");
        ids->file.newest = 0;
        ids->file.begun_at_ns = now_ns;
    }
    if (take_over(ids, now_ns))
        return ids;
failed:
    ids_close(ids);
    return NULL;
}

void ids_close(struct ids *ids)
{
    if (!ids)
        return;
    if (ids->file.fd >= 0)
        close(ids->file.fd);
    if (ids->ring)
        munmap(ids->ring, ids->file.most * sizeof *ids->ring);
    free(ids->slots);
    pthread_mutex_destroy(&ids->lock);
    free(ids);
}

/* ---- a batch --------------------------------------------------------------------------------- */

void ids_begin(struct ids *ids, int64_t now_ns)
{
    pthread_mutex_lock(&ids->lock);
    ids->now_ns = now_ns;
    ids->batch = ids->next;
}

static bool is_young(const struct ids *ids, const struct ids_entry *entry)
{
    return ids->now_ns - (int64_t)entry->at_s * TQ__SECOND_NS < IDS_AGE_NS;
}

int ids_find(struct ids *ids, const char *text, size_t len)
{
    ids->asked[0] = tq__hash(SEED_LOW, text, len);
    ids->asked[1] = tq__hash(SEED_HIGH, text, len);
    if (!make_room(ids))
        return TQ_ENOMEM;
    for (size_t at = ids->asked[0] & (ids->slot_count - 1); ids->slots[at] != 0;
         at = (at + 1) & (ids->slot_count - 1)) {
        const struct ids_entry *entry = &ids->ring[ids->slots[at] - 1];

        if (entry->hash[0] == ids->asked[0] && entry->hash[1] == ids->asked[1] && is_young(ids, entry))
            return 1;
    }
    return 0;
}

void ids_note(struct ids *ids)
{
    uint64_t number = ids->next++;
    struct ids_entry *entry = entry_of(ids, number);

    if (number - ids->first == ids->file.most) {
        if (entry->number != 0)
            ids->since_ns = since_after(ids->since_ns, entry);
        take_out(ids, ids->first++);
    }
    *entry = (struct ids_entry){
        .hash = {ids->asked[0], ids->asked[1]},
        .number = number,
        .at_s = (uint32_t)(ids->now_ns / TQ__SECOND_NS),
    };
    entry->check = ids_entry_check(entry);
    insert(ids, number);
}

int64_t ids_since_ns(const struct ids *ids)
{
    int64_t oldest_ns = ids->now_ns - IDS_AGE_NS;

    return ids->since_ns > oldest_ns ? ids->since_ns : oldest_ns;
}

bool ids_end(struct ids *ids, bool keep)
{
    bool told = ids->failed;

    while (!keep && ids->next > ids->batch && ids->next > ids->first)
        take_out(ids, --ids->next);
    if (!keep)
        ids->next = ids->batch; /* the ring had room for fewer than the batch */
    if (ids->first > ids->next)
        ids->first = ids->next;
    if (ids->unsaved < ids->first)
        ids->unsaved = ids->first;
    if (ids->file.fd >= 0 && ids->unsaved < ids->next) {
        ids->failed = !ids_file_write(&ids->file, ids->ring, ids->unsaved, ids->next);
        if (!ids->failed)
            ids->unsaved = ids->next;
    }
    told |= !ids->failed;
    pthread_mutex_unlock(&ids->lock);
    return told;
}
