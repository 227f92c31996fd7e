/* zone_table.c: the zones of a ledger, each with its law, by the numbers that limits have of them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "zone_table.h"

#include <string.h>

#include "base/zone_file.h"
#include "system.h"

#define NAME_WORDS (TQ__ZONE_NAME_BYTES / 8)

/* A name as the record has it, zero-padded. */
union name {
    char bytes[TQ__ZONE_NAME_BYTES];
    uint64_t words[NAME_WORDS];
};

/* ---- the system's file ----------------------------------------------------------------------- */

/* Reads the law of the zone of this name from the system's zone database. */
static int read_law(struct tq__law_words *words, struct tq__span name, int64_t now_ns)
{
    struct tq__zone_file file;
    char path[PATH_MAX];

    if (tq__zone_file_path(path, name) != 0 ||
        tq__zone_file_take(&file, tq__system_open(path, TQ__ZONE_FILE_FLAGS, 0)) != 0)
        return TQ_ESYS;
    return tq__law_write(words, &file.zone, now_ns);
}

/* ---- the ledger's records -------------------------------------------------------------------- */

/* The record at a place of the header; NULL: there is none. Any process may have written the place. */
static struct tq__zone_record *record_at(struct tq_ledger *ledger, uint32_t place)
{
    return tq__array_linked(&ledger->extensions, place);
}

/* The record of a zone by its number. */
static struct tq__zone_record *record_of(struct tq_ledger *ledger, uint32_t zone)
{
    /* Acquire pairs with the release in tq__zone_number: the record is filled. */
    return zone == 0 || zone > TQ__ZONES
               ? NULL
               : record_at(ledger,
                           atomic_load_explicit(&ledger->header->zone[zone - 1], memory_order_acquire));
}

static void load_name(const struct tq__zone_record *record, union name *name)
{
    for (size_t i = 0; i < NAME_WORDS; i++)
        name->words[i] = atomic_load_explicit(&record->name[i], memory_order_relaxed);
}

static bool has_name(const struct tq__zone_record *record, const union name *name)
{
    union name has;

    if (!record)
        return false;
    load_name(record, &has);
    return memcmp(has.bytes, name->bytes, sizeof has) == 0;
}

static bool contains(const uint64_t change[TQ__ZONE_CHANGES], uint64_t word)
{
    for (size_t i = 0; i < TQ__ZONE_CHANGES; i++)
        if (change[i] == word && word != 0)
            return true;
    return false;
}

/* Z2 */
static void store_law(struct tq__zone_record *record, const struct tq__law_words *words)
{
    uint64_t old[TQ__ZONE_CHANGES];
    size_t next = 0;

    for (size_t i = 0; i < TQ__ZONE_CHANGES; i++)
        old[i] = atomic_load_explicit(&record->change[i], memory_order_relaxed);
    for (size_t i = 0; i < TQ__ZONE_CHANGES; i++) {
        uint64_t word;

        if (contains(words->change, old[i]))
            continue;
        while (next < TQ__ZONE_CHANGES && contains(old, words->change[next]))
            next++;
        word = next < TQ__ZONE_CHANGES ? words->change[next++] : 0;
        if (word != old[i])
            atomic_store_explicit(&record->change[i], word, memory_order_relaxed);
    }
    /* Release pairs with the acquire in tq__zone_law. */
    atomic_store_explicit(&record->rule, words->rule, memory_order_release);
}

static int make_record(struct tq_ledger *ledger, const union name *name, const struct tq__law_words *words,
                       uint32_t *place)
{
    struct tq__zone_record *record;
    void *memory;
    uint32_t number;
    int answer = tq__array_take(&ledger->extensions, TQ__SLOTS_MAX, &number, &memory);

    if (answer < 0)
        return answer;
    record = memory;
    memset(record, 0, sizeof *record); /* a file that was restored may hold something there */
    for (size_t i = 0; i < NAME_WORDS; i++)
        atomic_store_explicit(&record->name[i], name->words[i], memory_order_relaxed);
    store_law(record, words);
    *place = number + 1;
    return 0;
}

/* Z1. words are NULL when the file could not be read. Returns 0 when the ledger does not have the zone, and
 * words are NULL. */
static int find_or_add(struct tq_ledger *ledger, const union name *name, const struct tq__law_words *words)
{
    uint32_t own = 0;

    for (uint32_t i = 0; i < TQ__ZONES; i++) {
        _Atomic uint32_t *at = &ledger->header->zone[i];
        uint32_t place = atomic_load_explicit(at, memory_order_acquire); /* pairs with the release below */
        struct tq__zone_record *record;

        if (place == 0) {
            int answer = own || !words ? 0 : make_record(ledger, name, words, &own);

            if (answer < 0 || !words)
                return answer;
            /* Release pairs with the acquire of all who load a place. */
            if (atomic_compare_exchange_strong_explicit(at, &place, own, memory_order_release,
                                                        memory_order_acquire))
                return (int)i + 1;
        }
        record = record_at(ledger, place);
        if (has_name(record, name)) {
            if (words)
                store_law(record, words);
            return (int)i + 1;
        }
    }
    return words ? TQ_EFULL : 0;
}

int tq__zone_number(struct tq_ledger *ledger, struct tq__span name, int64_t now_ns)
{
    union name padded = {{0}};
    struct tq__law_words words;
    int read, number, why;

    if (name.len == 0 || tq__span_equals(name, "UTC"))
        return 0;
    read = read_law(&words, name, now_ns);
    if (read == TQ_ENOTSUP || !tq__zone_is_name(name))
        return read;
    why = errno;
    memcpy(padded.bytes, name.at, name.len);
    number = find_or_add(ledger, &padded, read < 0 ? NULL : &words);
    errno = why;
    return number != 0 ? number : read;
}

bool tq__zone_name(struct tq_ledger *ledger, uint32_t zone, char name[TQ__ZONE_NAME_BYTES])
{
    const struct tq__zone_record *record = record_of(ledger, zone);
    union name padded = {{0}};

    if (record)
        load_name(record, &padded);
    padded.bytes[TQ__ZONE_NAME_BYTES - 1] = '\0';
    memcpy(name, padded.bytes, TQ__ZONE_NAME_BYTES);
    return zone == 0 || (record && tq__zone_is_name(tq__span_of(name)));
}

bool tq__zone_law(struct tq_ledger *ledger, uint32_t zone, struct tq__law *law)
{
    struct tq__law_words words = {0};
    const struct tq__zone_record *record = record_of(ledger, zone);

    if (zone != 0 && !record)
        return false;
    if (record) {
        if (atomic_load_explicit(&record->name[0], memory_order_relaxed) == 0)
            return false; /* the machine lost power before the disk had it */
        words.rule = atomic_load_explicit(&record->rule, memory_order_acquire); /* Z2: pairs with store_law */
        for (size_t i = 0; i < TQ__ZONE_CHANGES; i++)
            words.change[i] = atomic_load_explicit(&record->change[i], memory_order_relaxed);
    }
    return tq__law_read(law, &words);
}
