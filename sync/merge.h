/* merge.h: entries and words as text, and which of two is kept: the rule of exchange.h in C, for whoever
 * reads entries.
 *
 * SPDX-License-Identifier: MIT
 *
 * Pure: no server, no clock, no allocation. script.lua does the same where the server runs it;
 * tests/test_sync_redis.py compares them.
 */
#ifndef TOKENQUOTA_SYNC_MERGE_H
#define TOKENQUOTA_SYNC_MERGE_H

#include "base/text.h"
#include "exchange.h"

#define SYNC_EXACT (INT64_C(1) << 53) /* numbers in the server's script are below it */
#define SYNC_ENTRY_BYTES 128          /* of an entry's text, with its NUL */

/* Is it the name of a node: 1 to SYNC_NODE_MOST visible ASCII characters, not ':' in front? (Fields that
 * begin with ':' are the script's.) */
bool sync_is_node(struct tq__span name);

/* Reads digits alone, from the begin to the end of a text. What is above `most` becomes `most`. false: it is
 * no number. */
bool sync_number_read(struct tq__span text, int64_t most, int64_t *number);

/* Reads "SEQ START ADDED CORRECTED CLAIM UNTIL"; the node's name stays as it is. false, and the entry is
 * unchanged, for a text that the script would not take for an entry, too: a number too many, SEQ 0 or from
 * 2^53 on, a total above SYNC_TOTAL_MOST. */
bool sync_entry_read(struct tq__span text, struct sync_entry *entry);

/* Writes it, and returns the length. The numbers must be in their bounds (sync_entry_is_sound). */
size_t sync_entry_write(char out[SYNC_ENTRY_BYTES], const struct sync_entry *entry);

/* Can it be written, and will every reader take it? */
bool sync_entry_is_sound(const struct sync_entry *entry);

/* Makes of *kept, an entry of a node, the merge with another one of that node. seq 0 is no entry. */
void sync_entry_merge(struct sync_entry *kept, const struct sync_entry *other);

/* The same; returns whether that changed *kept. */
bool sync_merge(struct sync_entry *kept, const struct sync_entry *other);

/* What the node weighs in the window at an instant of the server's clock: added - corrected, or its claim
 * while that lasts. Not below 0. */
int64_t sync_entry_weight(const struct sync_entry *entry, int64_t server_ms);

/* Is the first one kept, of two words of one register? false also when both are the same. */
bool sync_word_is_later(const struct sync_word *word, const struct sync_word *than);

#endif
