/* rebuild.c: the index, and the counters of the header, from the slots.
 *
 * SPDX-License-Identifier: MIT
 *
 * A loss of power leaves of each sector some value that it had since the last flush, and of the pieces taken
 * since then perhaps nothing. Slots describe themselves: a slot whose hash fits its name is a name. What was
 * flushed is all there, so what cannot be read here was inserted after the flush.
 */
#include "rebuild.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "links.h"
#include "slot.h"
#include "table.h"

static void add_piece(struct tq__piece *piece, _Atomic uint64_t *place, uint64_t bytes, const void *memory)
{
    /* Acquire pairs with the release in tq__piece_map: file_bytes and the file's length, read later, are at
     * least as far as this piece. */
    *piece = (struct tq__piece){place, atomic_load_explicit(place, memory_order_acquire), bytes, memory};
}

static void add_array(struct tq__piece *piece, struct tq__array *array, _Atomic uint64_t *place)
{
    for (uint32_t k = 0; k < TQ__SEGMENTS; k++)
        add_piece(&piece[k], &place[k], tq__array_piece_bytes(array, k),
                  atomic_load_explicit(&array->piece[k], memory_order_relaxed));
}

void tq__pieces_list(struct tq_ledger *ledger, struct tq__header *header, struct tq__piece piece[TQ__PIECES])
{
    for (uint32_t t = 0; t < TQ__TABLES; t++)
        add_piece(&piece[t], &header->table_at[t], UINT64_C(8) << tq__table_log2_words(t),
                  (const void *)atomic_load_explicit(&ledger->table[t], memory_order_relaxed));
    for (uint32_t i = 0; i < TQ__ARRAYS; i++)
        add_array(piece + TQ__TABLES + i * TQ__SEGMENTS, tq__ledger_array(ledger, i),
                  tq__header_places(header, i));
}

static bool piece_fits(const struct tq__piece *piece, uint64_t file_bytes)
{
    return piece->at == 0 || tq__piece_fits(piece->at, piece->bytes, file_bytes);
}

static bool pieces_overlap(const struct tq__piece *a, const struct tq__piece *b)
{
    return a->at != 0 && b->at != 0 && a->at < b->at + b->bytes && b->at < a->at + a->bytes;
}

/* Others may be growing the ledger: first the places are read, then file_bytes, then the file's length, the
 * opposite of the order in which they are written. */
bool tq__rebuild_pieces_fit(struct tq_ledger *ledger)
{
    const struct tq__header *header = ledger->header;
    struct tq__piece piece[TQ__PIECES];
    struct stat file;
    uint64_t end, file_bytes;

    tq__pieces_list(ledger, ledger->header, piece);
    end = atomic_load_explicit(&header->file_bytes, memory_order_acquire); /* pairs with take_space */
    if (fstat(ledger->backing.fd, &file) != 0)
        return false;
    file_bytes = (uint64_t)file.st_size;
    /* The next piece is taken at `end`: it must lie behind all that there is, and on whole pages. */
    if (!tq__piece_fits(end, 0, tq__whole_pages(file_bytes)))
        return false;
    for (uint32_t i = 0; i < TQ__ARRAYS; i++)
        if (atomic_load_explicit(tq__ledger_array(ledger, i)->given_out, memory_order_relaxed) >
            TQ__SLOTS_MAX)
            return false;
    for (size_t i = 0; i < TQ__PIECES; i++) {
        if (!piece_fits(&piece[i], file_bytes < end ? file_bytes : end))
            return false;
        for (size_t j = 0; j < i; j++)
            if (pieces_overlap(&piece[i], &piece[j]))
                return false;
    }
    return true;
}

void tq__rebuild_drop_lost(struct tq_ledger *ledger, uint64_t file_bytes)
{
    struct tq__piece piece[TQ__PIECES];

    tq__pieces_list(ledger, ledger->header, piece);
    for (size_t i = 0; i < TQ__PIECES; i++)
        if (!piece_fits(&piece[i], file_bytes))
            atomic_store_explicit(piece[i].place, 0, memory_order_relaxed);
    atomic_store_explicit(&ledger->header->file_bytes, tq__whole_pages(file_bytes), memory_order_relaxed);
    for (uint32_t i = 0; i < TQ__ARRAYS; i++)
        atomic_store_explicit(tq__ledger_array(ledger, i)->given_out, 0, memory_order_relaxed);
}

static int clear_index(struct tq_ledger *ledger)
{
    _Atomic uint64_t *word;
    int answer;

    /* Release pairs with the acquire in tq__unknown_name: a reader that finds a word gone sees that the index
     * is being rebuilt. */
    for (uint64_t place = 0; (answer = tq__index_next(ledger, &place, &word)) == 0 && word; place++)
        atomic_store_explicit(word, 0, memory_order_release);
    return answer < 0 ? TQ_ENOMEM : 0;
}

struct rebuilt {
    uint32_t names;
    uint32_t torn; /* slots that are no name, and are wiped */
    uint32_t lost; /* limits, zones and pools that were dropped */
};

/* Puts one slot back into the index. Of two with one name the one that holds anything stays. */
static int put_back_slot(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t number,
                         struct rebuilt *rebuilt)
{
    struct tq__slot *found;
    char bytes[TQ__NAME_BYTES];
    struct tq__name name;
    int answer;

    if (!tq__slot_name_ok(ledger, slot, number, &name, bytes)) {
        tq__slot_wipe(slot, ledger->history_log2);
        rebuilt->torn++;
        return 0;
    }
    answer = tq__table_publish(ledger, number, &name, &found);
    if (answer < 0)
        return answer;
    if (found == slot) {
        tq__note(ledger, TQ__RECOVERED);
        rebuilt->names++;
        return 0;
    }
    if (!tq__slot_holds(ledger, found))
        tq__slot_take_over(found, slot, ledger->history_log2);
    tq__slot_wipe(slot, ledger->history_log2);
    return 0;
}

static int rebuild_index(struct tq_ledger *ledger, struct rebuilt *rebuilt)
{
    struct tq__header *header = ledger->header;
    uint32_t end = tq__array_end(&ledger->slots), extension;
    int answer;

    answer = clear_index(ledger);
    if (answer < 0)
        return answer;
    for (uint32_t n = 0; n < end; n++) {
        struct tq__slot *slot = tq__slot_number(ledger, n);

        if (!slot || tq__slot_is_blank(slot, ledger->history_log2))
            continue;
        answer = put_back_slot(ledger, slot, n, rebuilt);
        if (answer < 0)
            return answer;
        atomic_store_explicit(&header->slots, n + 1, memory_order_relaxed);
        extension = atomic_load_explicit(&slot->extension, memory_order_relaxed);
        if (extension <= TQ__SLOTS_MAX &&
            extension > atomic_load_explicit(&header->extensions, memory_order_relaxed))
            atomic_store_explicit(&header->extensions, extension, memory_order_relaxed);
    }
    return 0;
}

/* What the rebuild did, for who opens: no failure, but worth a line. */
static int say(const char *path, const char *why, const struct rebuilt *rebuilt, struct tq_error *error)
{
    char text[192] = "";
    int len = snprintf(text, sizeof text, "was rebuilt, because %s: %" PRIu32 " name%s", why, rebuilt->names,
                       rebuilt->names == 1 ? "" : "s");

    if (rebuilt->torn != 0)
        len +=
            snprintf(text + len, sizeof text - (size_t)len, ", %" PRIu32 " torn and cleared", rebuilt->torn);
    if (rebuilt->lost != 0)
        snprintf(text + len, sizeof text - (size_t)len, ", %" PRIu32 " limits, zones or pools lost",
                 rebuilt->lost);
    return tq__fail(error, 0, 0, path, text);
}

/* What was leased to this machine may have been spent since, by the ledger of which this one is a copy. So it
 * is as if it had been cut off for longer than a lease lasts, also for instants that are a little older. */
static void end_leases(struct tq__header *header)
{
    int64_t ended_ns = tq_now_ns() - 2 * TQ_SHARE_LEASE_NS;

    if (atomic_load_explicit(&header->shared_until_ns, memory_order_relaxed) > ended_ns)
        atomic_store_explicit(&header->shared_until_ns, ended_ns > 0 ? ended_ns : 1, memory_order_relaxed);
}

/* The index goes to the disk before the words that say it is whole: who dies in between leaves it to the
 * next. Whoever has it open for reading only finds fewer names meanwhile, and sees by `rebuilding` why. */
static int rebuild(struct tq_ledger *ledger, const struct tq__entry *entry, const char *why,
                   struct tq_error *error)
{
    struct tq__header *header = ledger->header;
    struct rebuilt rebuilt = {0};
    struct stat file;
    int answer = TQ_EFORMAT;

    if (fstat(ledger->backing.fd, &file) != 0)
        return tq__fail(error, TQ_ESYS, errno, ledger->path, "cannot be looked at");
    atomic_store_explicit(&header->busy_pid, (uint32_t)getpid(), memory_order_relaxed);
    atomic_store_explicit(&header->rebuilding, 1, memory_order_relaxed); /* published by clear_index */
    tq__rebuild_drop_lost(ledger, (uint64_t)file.st_size);
    atomic_store_explicit(&header->soonest, 0, memory_order_relaxed);
    end_leases(header);
    if (tq__rebuild_pieces_fit(ledger))
        answer = rebuild_index(ledger, &rebuilt);
    if (answer == 0)
        answer = tq__links_mend(ledger, &rebuilt.lost);
    if (answer < 0)
        return tq__cannot(ledger->path, "cannot be rebuilt; restore it from a backup (mv)", answer, error);
    tq__note(ledger, TQ__REBUILT);
    atomic_store_explicit(&header->busy_pid, 0, memory_order_relaxed);
    if (fsync(ledger->backing.fd) == 0) {
        memcpy(header->boot_id, entry->boot_id, sizeof header->boot_id);
        tq__header_identify(header, &entry->identity, true);
        /* Release pairs with the acquire in tq__unknown_name: whoever sees this sees the names. */
        atomic_store_explicit(&header->rebuilding, 0, memory_order_release);
        if (fsync(ledger->backing.fd) == 0)
            return say(ledger->path, why, &rebuilt, error);
    }
    return tq__fail(error, TQ_ESYS, errno, ledger->path, "cannot be written");
}

int tq__rebuild(struct tq_ledger *ledger, const struct tq__entry *entry, struct tq_error *error)
{
    const char *why = tq__file_doubt(ledger->header, entry->boot_id, &entry->identity);

    return why ? rebuild(ledger, entry, why, error) : 0;
}
