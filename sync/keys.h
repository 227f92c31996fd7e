/* keys.h: the names of the server's keys.
 *
 * SPDX-License-Identifier: MIT
 *
 *     tq1:{TT}:e                          epoch, and when it was made: "EPOCH MS"
 *     tq1:{TT}:n                          nodes: NAME -> "INSTANCE SEEN_MS EVERY_MS RATE FROM"
 *     tq1:{TT}:w                          words: "PROVIDER\nNAME" -> "MS NODE VALUE"; ":v" -> the version
 *     tq1:{TT}:o                          which word has which version: a sorted set
 *     tq1:{TT}:c:PROVIDER:LIMIT:KEY_S     a window: NODE -> entry; ":added", ":corrected" -> sums
 *     tq1:{TT}:f                          words without the script: "PROVIDER\nNAME\nNODE" -> "MS VALUE";
 *                                         ":v" -> a counter
 *
 * FROM is the host, and behind it "/TAGS" when the node has another number of tags than SYNC_TAGS.
 *
 * TT is the tag, and in braces, so that a cluster keeps all keys of a tag in one slot. 1 is the version of
 * all this: another one has other keys, and machines of both run beside each other. In PROVIDER ':' is %3A
 * and '%' is %25, so that no two windows have one key. Keys of windows expire behind their windows, the
 * others 30 days after they were last used.
 */
#ifndef TOKENQUOTA_SYNC_KEYS_H
#define TOKENQUOTA_SYNC_KEYS_H

#include <stddef.h>

#include "base/text.h"
#include "exchange.h"

#define KEY_BYTES 1024 /* of any key, with its NUL */

/* A key of the tag alone, one of "enwof", and its length. */
size_t key_of_tag(char out[KEY_BYTES], unsigned tag, char kind);

#define KEY_TAGS_BYTES 8

/* Writes what stands behind the host in FROM: "" or "/TAGS". */
void key_tags_write(char out[KEY_TAGS_BYTES], unsigned tags);

/* The number of tags by a FROM; SYNC_TAGS when it names none that can be. */
unsigned key_tags_read(struct tq__span from);

/* The key of a window, and its length. */
size_t key_of_window(char out[KEY_BYTES], unsigned tag, const struct sync_item *item);

#endif
