/* others.h: what a node remembers of the others' entries of one window: maxima, so that a server which
 * forgets loses nothing.
 *
 * SPDX-License-Identifier: MIT
 *
 * Of a window whose entries were all asked for, each entry is merged into the memory (merge.h), and the sums
 * are those of the memory. Each node says again what of its own a server lost; nobody does so for another.
 * Of other windows only the two sums are kept. The memory is forgotten with the window.
 */
#ifndef TOKENQUOTA_SYNC_OTHERS_H
#define TOKENQUOTA_SYNC_OTHERS_H

#include "lease.h"

struct sync_others {
    struct sync_entry *known; /* sorted by node; malloc */
    size_t count, room;
    int64_t added, corrected; /* the most of the sums of the others */
};

/* Sorts peers by name, and counts how many each knew of, as sync_others_hear needs them. */
void sync_peers_sort(struct sync_peer *peers, size_t count);

/* How many are heard, with this node, whether it is listed or not; and how many others are silent, for
 * less than SYNC_KEEP_MS: later nothing is kept for them. */
uint32_t sync_peers_heard(const struct sync_peer *peers, size_t count, const char *node, int64_t now_ms,
                          uint32_t *silent);

/* Merges what was heard of an item, and sums the others up as the view's flags say: entries of windows that
 * overlap the view's (first use), strict claims whatever their end, others until theirs. A node that is not
 * among the peers is silent. 0; TQ_ENOMEM: then nothing of this answer is known. */
int sync_others_hear(struct sync_others *others, const struct sync_item *item, const char *node,
                     const struct sync_view *view, const struct sync_peer *peers, size_t peer_count,
                     struct sync_heard *heard);

/* Forgets all: the window has turned. */
void sync_others_forget(struct sync_others *others);

#endif
