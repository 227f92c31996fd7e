/* store_rows.c: the providers that import feeds, and what it counted for each of them day by day.
 *
 * SPDX-License-Identifier: MIT
 *
 * What the ledger has beyond it, others counted.
 */
#define _XOPEN_SOURCE 700 /* strnlen */
#include <stdlib.h>
#include <string.h>

#include "store.h"

#define TOKENS_BITS 48
#define TOKENS_MASK ((UINT64_C(1) << TOKENS_BITS) - 1)
#define DOUBT_BITS 40
#define DOUBT_MASK ((UINT64_C(1) << DOUBT_BITS) - 1)

static size_t place_of(const struct imports *imports, const char *name)
{
    return imports_hash(0, name, strnlen(name, TQ_NAME_MAX)) & (imports->name_count - 1);
}

static void index_name(struct imports *imports, uint32_t row)
{
    size_t at = place_of(imports, imports->rows[row].name);

    while (imports->by_name[at])
        at = (at + 1) & (imports->name_count - 1);
    imports->by_name[at] = row + 1;
}

/* Takes the rows that came since into the index, which stays at most half full. False: there is no memory. */
static bool index_rows(struct imports *imports, uint32_t rows)
{
    if (rows > imports->name_count / 2) {
        size_t count = imports->name_count ? imports->name_count : 64;
        uint32_t *grown;

        while (rows > count / 2)
            count *= 2;
        grown = calloc(count, sizeof(*grown));
        if (!grown)
            return false;
        free(imports->by_name);
        imports->by_name = grown;
        imports->name_count = count;
        imports->rows_named = 0;
    }
    while (imports->rows_named < rows)
        index_name(imports, imports->rows_named++);
    return true;
}

static bool has_name(const struct imports_row *row, const char *name)
{
    return strncmp(row->name, name, sizeof(row->name)) == 0;
}

const struct imports_row *imports_row_find(struct imports *imports, const char *name)
{
    /* Acquire pairs with the release in imports_row_of: a row that counts has its name. */
    uint32_t rows = atomic_load_explicit(&imports->header->rows, memory_order_acquire), row;

    if (rows == 0)
        return NULL;
    if (!index_rows(imports, rows)) {
        for (row = 0; row < rows; row++)
            if (has_name(&imports->rows[row], name))
                return &imports->rows[row];
        return NULL;
    }
    for (size_t at = place_of(imports, name); (row = imports->by_name[at]) != 0;
         at = (at + 1) & (imports->name_count - 1))
        if (has_name(&imports->rows[row - 1], name))
            return &imports->rows[row - 1];
    return NULL;
}

int64_t imports_row_of(struct imports *imports, const char *name)
{
    const struct imports_row *found = imports_row_find(imports, name);
    uint32_t number = imports->header->rows;

    if (found)
        return found - imports->rows;
    if (number == IMPORTS_ROWS_MAX) {
        report("more than %u providers are fed; choose a --provider with fewer names", IMPORTS_ROWS_MAX);
        return -1;
    }
    if (number == imports->header->row_capacity && imports_grow(imports) < 0)
        return -1;
    struct imports_row *row = &imports->rows[number];

    memset(row, 0, sizeof(*row));
    memcpy(row->name, name, strlen(name));
    /* Partner: imports_row_find, also of a process that maps the file after a kill: a row that counts has its
     * name. */
    atomic_store_explicit(&imports->header->rows, number + 1, memory_order_release);
    return number;
}

int64_t imports_row_used(const struct imports_row *row, uint32_t day)
{
    uint64_t word = row->day[day % IMPORTS_DAY_WORDS];

    return word >> TOKENS_BITS == day ? (int64_t)(word & TOKENS_MASK) : 0;
}

void imports_row_add(struct imports *imports, uint32_t row, uint32_t day, int64_t tokens)
{
    _Atomic uint64_t *word = &imports->rows[row].day[day % IMPORTS_DAY_WORDS];
    int64_t sum = imports_row_used(&imports->rows[row], day) + tokens;

    if (*word >> TOKENS_BITS > day)
        return; /* a newer day has its place */
    if (sum < 0)
        sum = 0;
    if (sum > (int64_t)TOKENS_MASK)
        sum = (int64_t)TOKENS_MASK;
    *word = (uint64_t)day << TOKENS_BITS | (uint64_t)sum;
}

void imports_row_begin(struct imports *imports, uint32_t row, int64_t tokens)
{
    atomic_store_explicit(&imports->header->doubt, (uint64_t)(row + 1) << DOUBT_BITS | (uint64_t)tokens,
                          memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
}

void imports_row_settle(struct imports *imports)
{
    uint64_t doubt = imports->header->doubt, row = doubt >> DOUBT_BITS;

    if (row && row <= imports->header->rows)
        imports->rows[row - 1].doubt += doubt & DOUBT_MASK;
}
