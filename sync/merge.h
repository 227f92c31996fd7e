/* merge.h: the merge of two entries of one node, as exchange.h states it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_SYNC_MERGE_H
#define TOKENQUOTA_SYNC_MERGE_H

#include "sync/exchange.h"

/* Merges what another entry of the same node says into *into; returns whether that changed it. Both have SEQ
 * above 0, but an *into of seq 0 is none yet: it becomes the other. */
bool sync_merge(struct sync_entry *into, const struct sync_entry *other);

#endif
