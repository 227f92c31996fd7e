/* store_cursor.c: how far each file was read.
 *
 * SPDX-License-Identifier: MIT
 *
 * A file is known by its inode, so that one that was moved goes on where it was, and else by its path, so
 * that one that was written anew does; whether it still is what it was, the reader says. A cursor is many
 * bytes and a kill may leave it half: then its check is wrong, it is none, and the file is read from its
 * start, where every response is known.
 */
#include <stdlib.h>
#include <string.h>

#include "store.h"

static uint32_t check_of(const struct imports_cursor *cursor)
{
    uint64_t hash = imports_hash(1, cursor, offsetof(struct imports_cursor, check));

    return (uint32_t)imports_hash(hash, &cursor->state, sizeof(cursor->state)) | 1;
}

static size_t place_of_inode(const struct imports *imports, uint64_t device, uint64_t inode)
{
    return (size_t)imports_mix(imports_mix(2, device), inode) & (imports->index_count - 1);
}

static size_t place_of_path(const struct imports *imports, uint64_t path_hash)
{
    return (size_t)imports_mix(3, path_hash) & (imports->index_count - 1);
}

static void put(uint32_t *index, size_t count, size_t at, uint32_t number)
{
    while (index[at])
        at = (at + 1) & (count - 1);
    index[at] = number + 1;
}

static void add_to_index(struct imports *imports, uint32_t number)
{
    const struct imports_cursor *cursor = &imports->cursors[number];
    size_t count = imports->index_count;

    put(imports->by_inode, count, place_of_inode(imports, cursor->device, cursor->inode), number);
    put(imports->by_path, count, place_of_path(imports, cursor->path_hash), number);
    imports->index_used++;
}

int imports_cursor_index(struct imports *imports)
{
    size_t count = 64;

    while (count < (size_t)imports->header->cursor_capacity * 2)
        count *= 2;
    free(imports->by_inode);
    free(imports->by_path);
    imports->index_count = count;
    imports->index_used = 0;
    imports->by_inode = calloc(count, sizeof(uint32_t));
    imports->by_path = calloc(count, sizeof(uint32_t));
    if (!imports->by_inode || !imports->by_path) {
        report("out of memory");
        return -1;
    }
    for (uint32_t i = 0; i < imports->header->cursors; i++)
        add_to_index(imports, i);
    return 0;
}

static struct imports_cursor *find_by_inode(const struct imports *imports, uint64_t device, uint64_t inode,
                                            uint64_t view)
{
    size_t mask = imports->index_count - 1;

    for (size_t at = place_of_inode(imports, device, inode); imports->by_inode[at]; at = (at + 1) & mask) {
        struct imports_cursor *cursor = &imports->cursors[imports->by_inode[at] - 1];

        if (cursor->device == device && cursor->inode == inode && cursor->view == view)
            return cursor;
    }
    return NULL;
}

static struct imports_cursor *find_by_path(const struct imports *imports, uint64_t path_hash, uint64_t view)
{
    size_t mask = imports->index_count - 1;

    for (size_t at = place_of_path(imports, path_hash); imports->by_path[at]; at = (at + 1) & mask) {
        struct imports_cursor *cursor = &imports->cursors[imports->by_path[at] - 1];

        if (cursor->path_hash == path_hash && cursor->view == view)
            return cursor;
    }
    return NULL;
}

struct imports_cursor *imports_cursor_find(struct imports *imports, uint64_t device, uint64_t inode,
                                           uint64_t path_hash, uint64_t view)
{
    struct imports_cursor *cursor = find_by_inode(imports, device, inode, view);

    if (!cursor)
        cursor = find_by_path(imports, path_hash, view);
    return cursor && cursor->check == check_of(cursor) ? cursor : NULL;
}

bool imports_cursor_elsewhere(const struct imports *imports, const struct imports_cursor *cursor)
{
    size_t mask = imports->index_count - 1, at = place_of_inode(imports, cursor->device, cursor->inode);

    for (; imports->by_inode[at]; at = (at + 1) & mask) {
        const struct imports_cursor *other = &imports->cursors[imports->by_inode[at] - 1];

        if (other->device == cursor->device && other->inode == cursor->inode && other->view != cursor->view &&
            other->state.source == cursor->state.source)
            return true;
    }
    return false;
}

static void store(struct imports_cursor *place, const struct imports_cursor *cursor)
{
    place->check = 0;
    atomic_signal_fence(
        memory_order_seq_cst); /* a kill stops at an instruction: the compiler must keep the order */
    memcpy(place, cursor, sizeof(*place));
    place->check = 0;
    atomic_signal_fence(memory_order_seq_cst);
    place->check = check_of(place);
}

int imports_cursor_set(struct imports *imports, const struct imports_cursor *cursor, bool written_anew)
{
    struct imports_cursor *place = find_by_inode(imports, cursor->device, cursor->inode, cursor->view);
    bool known = place != NULL;
    uint32_t number;

    if (!place && written_anew)
        place = find_by_path(imports, cursor->path_hash, cursor->view);
    if (!place && imports->header->cursors == imports->header->cursor_capacity && imports_grow(imports) < 0)
        return -1;
    number = place ? (uint32_t)(place - imports->cursors) : imports->header->cursors;
    store(&imports->cursors[number], cursor);
    if (!place)
        imports->header->cursors++;
    if (known)
        return 0;
    /* Of a place that is taken over the old entry stays in the index, and is passed over. */
    if (imports->index_used >= imports->index_count / 4 * 3)
        return imports_cursor_index(imports);
    add_to_index(imports, number);
    return 0;
}
