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
#include "pieces.h"
#include "tokenquota_logs.h"
#include "walk.h"

/* A hash that is the same on every machine and in every version: keys are kept on disk. */
struct tq__log_hash {
    uint64_t value;
};

struct tq__log_hash tq__log_hash_begin(uint32_t source, const char *kind);
void tq__log_hash_bytes(struct tq__log_hash *hash, const void *bytes, size_t len);
void tq__log_hash_text(struct tq__log_hash *hash, struct tq__span text); /* and its length */
void tq__log_hash_number(struct tq__log_hash *hash, uint64_t number);
uint64_t tq__log_hash_end(struct tq__log_hash hash); /* never 0 */

/* The key of a piece in a log without keys, made from its offset and its bytes. */
uint64_t tq__log_key_of_place(uint32_t source, const struct tq__log_piece *piece);

/* The key of a response in a log that gives none, made from its instant, its model and its counts: copies of
 * it have the same. */
uint64_t tq__log_key_of_counts(uint32_t source, const struct tq_log_entry *entry);

/* Sets the key of the entry. When key is 0, the log gives none: sets the key of the place and
 * TQ_LOG_ENTRY_NO_KEY. */
void tq__log_set_key(struct tq_log_entry *entry, uint64_t key, uint32_t source,
                     const struct tq__log_piece *piece);

/* The rank of an entry, below 2^40. Of two entries for one response, the one with more tokens is later and
 * has the greater rank. `preferred` decides before the tokens do, and `tie` after them. */
uint64_t tq__log_rank(const struct tq_usage *usage, bool preferred, bool tie);

/* Fills the rank of an entry and its usage, except the number of requests. Returns 0; when a count is not a
 * number, fills the error and returns TQ_LOG_BAD_LINE. */
int tq__log_take_usage(struct tq_log_entry *entry, const struct tq__log_usage *usage, bool preferred,
                       bool tie, struct tq_log_error *error);

/* In Gemini's counts, the prompt includes the cached tokens, and the output excludes the thoughts. Some tools
 * subtract the cached tokens, or add the thoughts; the total shows which. Changes such counts back to
 * Gemini's.
 */
void tq__log_settle_by_total(struct tq__counts *counts);

/* Did it use anything? A request that failed has counts of 0. */
bool tq__log_used_any(const struct tq_usage *usage);

/* Reads the instant of an entry: RFC 3339 or a number, in a string; with `numbers`, also a JSON number.
 * Returns 0; when there is no instant, fills the error for the member `name` and returns TQ_LOG_BAD_LINE. */
int tq__log_take_instant(struct tq_log_entry *entry, const struct tq__json_item *item, bool numbers,
                         const char *name, struct tq_log_error *error);

/* Reads an instant of a log that writes UTC without saying so. Answers as tq__time_read. */
int tq__log_read_utc(struct tq__span text, int64_t *at_ns);

/* As tq__log_take_instant, for such a log. */
int tq__log_take_utc(struct tq_log_entry *entry, const struct tq__json_item *item, const char *name,
                     struct tq_log_error *error);

/* Our word for a vendor, or the name itself. */
const char *tq__log_vendor(const char *name);

/* A cost in 1e-9 dollars; -1 when the value is no such number. The unit of the value is 10^scale of those. */
int64_t tq__log_cost_of(const struct tq__json_item *item, int scale);

/* Dollars, with decimals, in 1e-9 dollars. */
static inline int64_t tq__log_cost(const struct tq__json_item *item)
{
    return tq__log_cost_of(item, 9);
}

/* Is one of the words, a list that ends with NULL, in the text? */
bool tq__log_has_word(const char *text, size_t len, const char *const *words);

/* Copies a string with its escapes undone, as tq__json_copy, and returns out. */
const char *tq__log_copy(const struct tq__json_item *item, char *out, size_t out_size);

/* Copies as much of a text as fits, NUL-terminated. */
void tq__log_copy_span(struct tq__span text, char *out, size_t out_size);

/* Is it an id long enough that its maker gives it once? Some proxies give each response the same short one.
 */
static inline bool tq__log_is_unique(const struct tq__json_item *id)
{
    return id->kind == TQ__JSON_STRING && id->text.len >= 20;
}

/* The first one when it is a string that is not empty, else the second. */
static inline const struct tq__json_item *tq__log_either(const struct tq__json_item *first,
                                                         const struct tq__json_item *second)
{
    return tq__json_is_name(first) ? first : second;
}

/* The text of a string or a number; none for any other value. */
static inline struct tq__span tq__log_scalar(const struct tq__json_item *item)
{
    return item->kind == TQ__JSON_STRING || item->kind == TQ__JSON_NUMBER ? item->text : (struct tq__span){0};
}

#endif
