/* others.c: the others' entries of one window: merged into a sorted memory, and summed up.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "merge.h"
#include "others.h"
#include "sums.h"
#include "tokenquota.h"

/* ---- peers ----------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct sync_peer *)a)->name, ((const struct sync_peer *)b)->name);
}

static int by_seen(const void *a, const void *b)
{
    int64_t first = ((const struct sync_peer *)a)->seen_ms, second = ((const struct sync_peer *)b)->seen_ms;

    return (first > second) - (first < second);
}

/* A node that was last heard then had heard of all that were seen from SYNC_KEEP_MS before that on; but of
 * those that came, or came back, since. */
static void count_known(struct sync_peer *peers, size_t count)
{
    size_t oldest = 0;

    qsort(peers, count, sizeof *peers, by_seen);
    for (size_t i = 0; i < count; i++) {
        while (peers[i].seen_ms - peers[oldest].seen_ms > SYNC_KEEP_MS)
            oldest++;
        peers[i].known = (uint32_t)(count - oldest);
    }
}

void sync_peers_sort(struct sync_peer *peers, size_t count)
{
    if (count == 0)
        return;
    count_known(peers, count);
    qsort(peers, count, sizeof *peers, by_name);
}

static bool peer_is_heard(const struct sync_peer *peer, int64_t now_ms)
{
    return now_ms - peer->seen_ms <= sync_notice_ms(peer->every_ms);
}

uint32_t sync_peers_heard(const struct sync_peer *peers, size_t count, const char *node, int64_t now_ms,
                          uint32_t *silent)
{
    uint32_t heard = 1;

    *silent = 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(peers[i].name, node) == 0)
            continue;
        if (peer_is_heard(&peers[i], now_ms))
            heard++;
        else if (now_ms - peers[i].seen_ms <= SYNC_KEEP_MS)
            ++*silent;
    }
    return heard;
}

/* Peers and what is known are both sorted: *at goes on where the node before was found. */
static bool is_silent(const char *node, const struct sync_peer *peers, size_t count, int64_t now_ms,
                      size_t *at)
{
    while (*at < count && strcmp(peers[*at].name, node) < 0)
        ++*at;
    return *at >= count || strcmp(peers[*at].name, node) != 0 || !peer_is_heard(&peers[*at], now_ms);
}

/* ---- what is known --------------------------------------------------------------------------- */

/* Where the node is, or would be. */
static size_t place(const struct sync_others *others, const char *node, size_t guess, bool *is_there)
{
    size_t low = 0, high = others->count;

    /* A server tells entries in one order, mostly that of the last time. */
    *is_there = guess < high && strcmp(others->known[guess].node, node) == 0;
    if (*is_there)
        return guess;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(others->known[middle].node, node);

        if (order == 0) {
            *is_there = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool make_room(struct sync_others *others)
{
    size_t room = others->room ? 2 * others->room : 8;
    struct sync_entry *known;

    if (others->count < others->room)
        return true;
    known = realloc(others->known, room * sizeof *known);
    if (!known)
        return false;
    others->known = known;
    others->room = room;
    return true;
}

/* Merges one heard entry; *guess is where it may be, and then where the next one may. */
static bool take(struct sync_others *others, const struct sync_entry *heard, size_t *guess)
{
    bool is_there;
    size_t at = place(others, heard->node, *guess, &is_there);

    if (!is_there) {
        if (others->count >= SYNC_NODES_MOST)
            return true; /* whoever writes so many names to the server invents them */
        if (!make_room(others))
            return false;
        memmove(&others->known[at + 1], &others->known[at], (others->count - at) * sizeof *others->known);
        others->count++;
        memset(&others->known[at], 0, sizeof others->known[at]);
    }
    sync_merge(&others->known[at], heard);
    *guess = at + 1;
    return true;
}

static bool take_all(struct sync_others *others, const struct sync_item *item, const char *node)
{
    size_t guess = 0;

    for (size_t i = 0; i < item->count; i++) {
        if (item->all[i].seq == 0 || strcmp(item->all[i].node, node) == 0)
            continue;
        if (!take(others, &item->all[i], &guess))
            return false;
    }
    return true;
}

/* ---- sums ------------------------------------------------------------------------------------ */

/* Windows of first use begin when their nodes say: those that overlap are one. */
static bool is_of_window(const struct sync_entry *entry, const struct sync_view *view)
{
    int64_t length_s = view->length_ms / 1000;

    if (entry->start_s == view->start_s || view->start_s == 0)
        return true;
    return entry->start_s > view->start_s - length_s && entry->start_s < view->start_s + length_s;
}

static void sum_up(const struct sync_others *others, const struct sync_view *view,
                   const struct sync_peer *peers, size_t peer_count, struct sync_heard *heard)
{
    bool is_strict = view->flags & SYNC_LEASE_STRICT;
    size_t at = 0;

    for (size_t i = 0; i < others->count; i++) {
        const struct sync_entry *entry = &others->known[i];
        bool silent = is_silent(entry->node, peers, peer_count, view->now_ms, &at);
        int64_t used = entry->added > entry->corrected ? entry->added - entry->corrected : 0;
        int64_t lead = entry->claim > used ? entry->claim - used : 0;

        if (!is_of_window(entry, view))
            continue;
        heard->others_added = plus(heard->others_added, entry->added);
        heard->others_corrected = plus(heard->others_corrected, entry->corrected);
        heard->weight = plus(heard->weight, used);
        if (is_strict || entry->until_ms > view->now_ms) {
            heard->weight = plus(heard->weight, lead);
            heard->kept = plus(heard->kept, silent ? lead : 0);
        } else if (silent) {
            heard->freed = plus(heard->freed, lead);
        }
    }
}

/* What a silent node may spend of a window that it has told nothing of: by the policy share, its even part
 * among those that it knew. */
static void keep_untold(const struct sync_others *others, const char *node, const struct sync_view *view,
                        const struct sync_peer *peers, size_t peer_count, struct sync_heard *heard)
{
    size_t at = 0;

    if (view->flags & (SYNC_LEASE_STRICT | SYNC_LEASE_CLOSED | SYNC_LEASE_OPEN))
        return;
    for (size_t i = 0; i < peer_count; i++) {
        int64_t part = view->amount / (int64_t)peers[i].known;
        bool is_told;

        while (at < others->count && strcmp(others->known[at].node, peers[i].name) < 0)
            at++;
        is_told = at < others->count && strcmp(others->known[at].node, peers[i].name) == 0 &&
                  is_of_window(&others->known[at], view);
        if (is_told || peer_is_heard(&peers[i], view->now_ms) || strcmp(peers[i].name, node) == 0)
            continue;
        if (view->now_ms - peers[i].seen_ms > SYNC_KEEP_MS) {
            heard->freed = plus(heard->freed, part);
            continue;
        }
        heard->weight = plus(heard->weight, part);
        heard->kept = plus(heard->kept, part);
    }
}

int sync_others_hear(struct sync_others *others, const struct sync_item *item, const char *node,
                     const struct sync_view *view, const struct sync_peer *peers, size_t peer_count,
                     struct sync_heard *heard)
{
    memset(heard, 0, sizeof *heard);
    heard->stored = item->stored;
    if (item->asks_all) {
        if (!take_all(others, item, node))
            return TQ_ENOMEM;
        sum_up(others, view, peers, peer_count, heard);
        keep_untold(others, node, view, peers, peer_count, heard);
        heard->has_all = true;
    } else {
        heard->others_added = most(item->added - item->stored.added, 0);
        heard->others_corrected = most(item->corrected - item->stored.corrected, 0);
    }
    others->added = heard->others_added = most(others->added, heard->others_added);
    others->corrected = heard->others_corrected = most(others->corrected, heard->others_corrected);
    return 0;
}

void sync_others_forget(struct sync_others *others)
{
    free(others->known);
    *others = (struct sync_others){0};
}
