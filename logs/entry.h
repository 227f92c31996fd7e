/* entry.h: what the entries of all sources have in common: keys, ranks, instants, names of vendors.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TQ_LOGS_ENTRY_H
#define TQ_LOGS_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/number.h"
#include "base/text.h"
#include "base/usage.h"
#include "pieces.h"
#include "tokenquota_logs.h"

/* A hash that is the same on every machine and in every version: keys are kept on disk. */
struct tq__log_hash {
    uint64_t value;
};

struct tq__log_hash tq__log_hash_begin(uint32_t source, const char *kind);
void tq__log_hash_bytes(struct tq__log_hash *hash, const void *bytes, size_t len);
void tq__log_hash_text(struct tq__log_hash *hash, struct tq__span text); /* and that it ends here */
void tq__log_hash_number(struct tq__log_hash *hash, uint64_t number);
uint64_t tq__log_hash_end(struct tq__log_hash hash); /* never 0 */

/* The key of a piece of a log that gives none: its place and its bytes. */
uint64_t tq__log_key_of_place(uint32_t source, const struct tq__log_piece *piece);

/* Of two entries for one response the one with more tokens is later: a rank below 2^40. */
uint64_t tq__log_rank(const struct tq_usage *usage, bool preferred, bool tie);

/* Makes usage of the counts; its size and requests stay. */
void tq__log_fill_usage(const struct tq__counts *counts, struct tq_usage *usage);

/* Fills the error for the first count of a piece that was none, and returns TQ_LOG_BAD_LINE. */
int tq__log_fail_count(struct tq_log_error *error, uint64_t line, const struct tq__usage_fault *fault);

/* Reads the instant of an entry, RFC 3339 or a number in a string; of a number, too, with `numbers`. Where
 * there is none, fills the error for the member `name` and returns TQ_LOG_BAD_LINE; else 0. */
int tq__log_take_instant(struct tq_log_entry *entry, const struct tq__json_item *item, bool numbers,
                         const char *name, struct tq_log_error *error);

/* Our word for a vendor, or the name itself. */
const char *tq__log_vendor(const char *name);

/* Dollars, with decimals, in 1e-9 dollars; -1 when the value is no such number. */
int64_t tq__log_cost(const struct tq__json_item *item);

/* Is it a string, and not empty? */
static inline bool tq__log_is_name(const struct tq__json_item *item)
{
    return item->kind == TQ__JSON_STRING && item->text.len > 0;
}

/* The text of a string or a number; none for any other value. */
static inline struct tq__span tq__log_scalar(const struct tq__json_item *item)
{
    return item->kind == TQ__JSON_STRING || item->kind == TQ__JSON_NUMBER ? item->text : (struct tq__span){0};
}

#endif
