/* store_tables.c: the tables of the store: counted responses, providers, and how far each log was read.
 *
 * SPDX-License-Identifier: MIT
 *
 * What an importer leaves when it is killed, at whatever instruction:
 *
 *   RESPONSE. 16 bytes in a table with linear search, at most three quarters full. The word of a slot is
 * stored before its key, so that a kill in between leaves a free slot. A word is changed by one store.
 *
 *   ROW. What import counted for a provider on each day. If the ledger has more, other programs counted it.
 *
 *   CURSOR. A file is known by its inode, so that a renamed file continues where it was; or else by its path,
 * so that a rewritten file continues. The reader decides whether the content is still the same. A cursor has
 * many bytes, so a kill may leave a part of it. Then its check is wrong, the cursor is ignored, and the file
 * is read from its start, where every response is known.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "store.h"

/* ---- responses ------------------------------------------------------------------------------- */

#define FIRST_DAY_NS INT64_C(1577750400000000000) /* 2019-12-31: 2020-01-01 is day 1, and 0 is no day */
#define DAY_BITS 14
#define RANK_BITS 14
#define DAY_MAX ((1 << DAY_BITS) - 1)
#define MANTISSA_BITS 8

/* The pages of a larger table are given back to the page cache now and then, so that the process stays small
 * with a table of any size. */
#define RESIDENT_BYTES (UINT64_C(16) << 20)
#define LOOKS_RESIDENT (UINT64_C(1) << 17)

uint32_t store_day(int64_t at_ns)
{
    int64_t day;

    if (at_ns < FIRST_DAY_NS + TQ__DAY_NS)
        return 0;
    day = (at_ns - FIRST_DAY_NS) / TQ__DAY_NS;
    return day <= DAY_MAX ? (uint32_t)day : 0;
}

int64_t store_day_start(uint32_t day)
{
    return FIRST_DAY_NS + (int64_t)day * TQ__DAY_NS;
}

/* Like a floating-point number: the place of the highest bit, and the eight bits below it. */
uint32_t store_rank(uint64_t rank)
{
    int shift;

    if (rank < UINT64_C(1) << (MANTISSA_BITS + 1))
        return (uint32_t)rank;
    shift = 63 - __builtin_clzll(rank) - MANTISSA_BITS;
    return ((uint32_t)shift << MANTISSA_BITS) + (uint32_t)(rank >> shift);
}

static uint64_t pack(const struct store_seen *seen)
{
    return (uint64_t)seen->tokens << (RANK_BITS + DAY_BITS) | (uint64_t)seen->rank << DAY_BITS | seen->day;
}

uint32_t store_word_day(uint64_t word)
{
    return (uint32_t)word & DAY_MAX;
}

static struct store_seen unpack(uint64_t word)
{
    return (struct store_seen){
        .tokens = (int64_t)(word >> (RANK_BITS + DAY_BITS)),
        .rank = (uint32_t)(word >> DAY_BITS) & ((1u << RANK_BITS) - 1),
        .day = store_word_day(word),
    };
}

size_t store_slot_put(struct store_slot *slots, uint64_t capacity, uint64_t key, uint64_t word)
{
    size_t at = key & (capacity - 1);

    while (slots[at].key)
        at = (at + 1) & (capacity - 1);
    atomic_store_explicit(&slots[at].word, word, memory_order_relaxed);
    /* Partner: a process that maps the file after a kill. It sees the word of each key that it sees. */
    atomic_store_explicit(&slots[at].key, key, memory_order_release);
    return at;
}

static struct store_slot *find(const struct store *store, uint64_t key)
{
    uint64_t mask = store->header->slot_capacity - 1, found;

    for (size_t at = key & mask; (found = store->slots[at].key) != 0; at = (at + 1) & mask)
        if (found == key)
            return &store->slots[at];
    return NULL;
}

static bool touch(struct store *store, size_t at)
{
    uint8_t bit = (uint8_t)(1 << at % 8);
    bool first = !(store->touched[at / 8] & bit);

    store->touched[at / 8] |= bit;
    return first;
}

static void give_back(struct store *store)
{
    uint64_t bytes = store->header->slot_capacity * sizeof(struct store_slot);
    uintptr_t start = ((uintptr_t)store->slots + 4095) & ~(uintptr_t)4095;

    if (++store->looks % LOOKS_RESIDENT == 0 && bytes > RESIDENT_BYTES && !store->dry_run)
        (void)madvise((void *)start, bytes - 4096, MADV_DONTNEED);
}

bool store_seen_find(struct store *store, uint64_t key, struct store_seen *seen, bool *first)
{
    struct store_slot *slot = find(store, key);

    give_back(store);
    *first = true;
    if (!slot)
        return false;
    *first = touch(store, (size_t)(slot - store->slots));
    *seen = unpack(slot->word);
    return true;
}

int store_seen_set(struct store *store, uint64_t key, const struct store_seen *seen)
{
    struct store_slot *slot = find(store, key);
    int answer;

    if (slot) {
        atomic_store_explicit(&slot->word, pack(seen), memory_order_release);
        return 0;
    }
    if (store->header->slots >= store->header->slot_capacity / 4 * 3 && (answer = store_grow(store)) < 0)
        return answer;
    store->header
        ->slots++; /* before the slot: after a kill in between, the number is too large, never too small */
    touch(store, store_slot_put(store->slots, store->header->slot_capacity, key, pack(seen)));
    return 0;
}

/* ---- rows ------------------------------------------------------------------------------------ */

#define TOKENS_BITS 48
#define TOKENS_MASK ((UINT64_C(1) << TOKENS_BITS) - 1)
#define DOUBT_BITS 40
#define DOUBT_MASK ((UINT64_C(1) << DOUBT_BITS) - 1)

static uint64_t hash_of_name(const char *name)
{
    return tq__hash(STORE_SEED_NAME, name, strnlen(name, TQ_NAME_MAX));
}

static bool has_name(const struct store_row *row, const char *name)
{
    return strncmp(row->name, name, sizeof row->name) == 0;
}

const struct store_row *store_row_find(struct store *store, const char *name)
{
    /* Acquire pairs with the release in store_row_of: a row that counts has its name. */
    uint32_t rows = atomic_load_explicit(&store->header->rows, memory_order_acquire), row;
    uint64_t hash = hash_of_name(name);

    for (row = (uint32_t)store->by_name.count; row < rows; row++) /* those that came since */
        if (!tq__index_add(&store->by_name, hash_of_name(store->rows[row].name), row))
            break;
    for (size_t at = 0; (row = tq__index_find(&store->by_name, hash, &at)) != TQ__INDEX_END;)
        if (has_name(&store->rows[row], name))
            return &store->rows[row];
    for (row = (uint32_t)store->by_name.count; row < rows; row++) /* for which there was no memory */
        if (has_name(&store->rows[row], name))
            return &store->rows[row];
    return NULL;
}

int64_t store_row_of(struct store *store, const char *name)
{
    const struct store_row *found = store_row_find(store, name);
    uint32_t number = store->header->rows;
    int answer;

    if (found)
        return found - store->rows;
    if (number == STORE_ROWS_MAX)
        return import_fail(store->error, TQ_EFULL,
                           "more than %u providers are fed; choose a --provider with fewer names",
                           STORE_ROWS_MAX);
    if (number == store->header->row_capacity && (answer = store_grow(store)) < 0)
        return answer;
    struct store_row *row = &store->rows[number];

    memset(row, 0, sizeof *row);
    memcpy(row->name, name, strlen(name));
    /* Partner: store_row_find, also of a process that maps the file after a kill: a row that counts has its
     * name. */
    atomic_store_explicit(&store->header->rows, number + 1, memory_order_release);
    return number;
}

int64_t store_row_used(const struct store_row *row, uint32_t day)
{
    uint64_t word = row->day[day % STORE_DAY_WORDS];

    return word >> TOKENS_BITS == day ? (int64_t)(word & TOKENS_MASK) : 0;
}

void store_row_add(struct store *store, uint32_t row, uint32_t day, int64_t tokens)
{
    _Atomic uint64_t *word = &store->rows[row].day[day % STORE_DAY_WORDS];
    int64_t sum = store_row_used(&store->rows[row], day) + tokens;

    if (*word >> TOKENS_BITS > day)
        return; /* a newer day is stored in its place */
    if (sum < 0)
        sum = 0;
    if (sum > (int64_t)TOKENS_MASK)
        sum = (int64_t)TOKENS_MASK;
    *word = (uint64_t)day << TOKENS_BITS | (uint64_t)sum;
}

void store_row_begin(struct store *store, uint32_t row, int64_t tokens)
{
    atomic_store_explicit(&store->header->doubt, (uint64_t)(row + 1) << DOUBT_BITS | (uint64_t)tokens,
                          memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
}

void store_row_settle(struct store *store)
{
    uint64_t doubt = store->header->doubt, row = doubt >> DOUBT_BITS;

    if (row && row <= store->header->rows)
        store->rows[row - 1].doubt += doubt & DOUBT_MASK;
}

/* ---- cursors --------------------------------------------------------------------------------- */

static uint32_t check_of(const struct store_cursor *cursor)
{
    uint64_t hash = tq__hash(STORE_SEED_CHECK, cursor, offsetof(struct store_cursor, check));

    return (uint32_t)tq__hash(hash, &cursor->state, sizeof cursor->state) | 1;
}

static uint64_t hash_of_inode(uint64_t device, uint64_t inode)
{
    return tq__mix(tq__mix(STORE_SEED_INODE, device), inode);
}

static uint64_t hash_of_path(uint64_t path_hash)
{
    return tq__mix(STORE_SEED_PLACE, path_hash);
}

static int add_to_index(struct store *store, uint32_t number)
{
    const struct store_cursor *cursor = &store->cursors[number];

    if (tq__index_add(&store->by_inode, hash_of_inode(cursor->device, cursor->inode), number) &&
        tq__index_add(&store->by_path, hash_of_path(cursor->path_hash), number))
        return 0;
    return import_no_memory(store->error);
}

int store_cursor_index(struct store *store)
{
    int answer = 0;

    free(store->by_inode.slots);
    free(store->by_path.slots);
    store->by_inode = store->by_path = (struct tq__index){0};
    for (uint32_t i = 0; i < store->header->cursors && answer == 0; i++)
        answer = add_to_index(store, i);
    return answer;
}

enum { BY_INODE, BY_PATH, UNDER_ANOTHER_VIEW };

static bool matches(const struct store_cursor *cursor, const struct store_cursor *sought, int how)
{
    bool same_inode = cursor->device == sought->device && cursor->inode == sought->inode;

    if (how == UNDER_ANOTHER_VIEW)
        return same_inode && cursor->view != sought->view && cursor->state.source == sought->state.source;
    return (how == BY_PATH ? cursor->path_hash == sought->path_hash : same_inode) &&
           cursor->view == sought->view;
}

/* The number of the cursor; TQ__INDEX_END: there is none. */
static uint32_t find_cursor(const struct store *store, const struct store_cursor *sought, int how)
{
    const struct tq__index *index = how == BY_PATH ? &store->by_path : &store->by_inode;
    uint64_t hash =
        how == BY_PATH ? hash_of_path(sought->path_hash) : hash_of_inode(sought->device, sought->inode);
    uint32_t number;

    for (size_t at = 0; (number = tq__index_find(index, hash, &at)) != TQ__INDEX_END;)
        if (matches(&store->cursors[number], sought, how))
            break;
    return number;
}

struct store_cursor *store_cursor_find(struct store *store, uint64_t device, uint64_t inode,
                                       uint64_t path_hash, uint64_t view)
{
    const struct store_cursor sought = {
        .device = device, .inode = inode, .path_hash = path_hash, .view = view};
    uint32_t number = find_cursor(store, &sought, BY_INODE);
    struct store_cursor *cursor;

    if (number == TQ__INDEX_END)
        number = find_cursor(store, &sought, BY_PATH);
    if (number == TQ__INDEX_END)
        return NULL;
    cursor = &store->cursors[number];
    return cursor->check == check_of(cursor) ? cursor : NULL;
}

bool store_cursor_elsewhere(const struct store *store, const struct store_cursor *cursor)
{
    return find_cursor(store, cursor, UNDER_ANOTHER_VIEW) != TQ__INDEX_END;
}

static void write_cursor(struct store_cursor *place, const struct store_cursor *cursor)
{
    place->check = 0;
    /* A kill stops at an instruction: the compiler must keep the order. */
    atomic_signal_fence(memory_order_seq_cst);
    memcpy(place, cursor, sizeof *place);
    place->check = 0;
    atomic_signal_fence(memory_order_seq_cst);
    place->check = check_of(place);
}

int store_cursor_set(struct store *store, const struct store_cursor *cursor, bool written_anew)
{
    uint32_t number = find_cursor(store, cursor, BY_INODE);
    bool known = number != TQ__INDEX_END, anew;
    int answer;

    if (!known && written_anew)
        number = find_cursor(store, cursor, BY_PATH);
    anew = number == TQ__INDEX_END;
    if (anew && store->header->cursors == store->header->cursor_capacity && (answer = store_grow(store)) < 0)
        return answer;
    if (anew)
        number = store->header->cursors;
    write_cursor(&store->cursors[number], cursor);
    if (anew)
        store->header->cursors++;
    if (known)
        return 0;
    /* When a file reuses the cursor of another, the old entry stays in the index and is skipped, until the
     * index is made again. */
    if (store->by_inode.count > 2 * (size_t)store->header->cursor_capacity)
        return store_cursor_index(store);
    return add_to_index(store, number);
}
