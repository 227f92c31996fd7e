/* merge.c: the merge of two entries of one node: maxima of totals, the newer claim.
 *
 * SPDX-License-Identifier: MIT
 */
#include "sync/merge.h"

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Is a said later than b? Equal SEQs say the same, unless somebody else wrote them: then the more is kept, so
 * that the order of merges does not matter. */
static bool is_later(const struct sync_entry *a, const struct sync_entry *b)
{
    if (a->seq != b->seq)
        return a->seq > b->seq;
    if (a->start_s != b->start_s)
        return a->start_s > b->start_s;
    if (a->claim != b->claim)
        return a->claim > b->claim;
    return a->until_ms > b->until_ms;
}

bool sync_merge(struct sync_entry *into, const struct sync_entry *other)
{
    struct sync_entry merged;
    bool is_changed;

    if (other->seq == 0)
        return false;
    if (into->seq == 0) {
        *into = *other;
        return true;
    }
    merged = is_later(other, into) ? *other : *into;
    if (into->start_s == other->start_s) {
        merged.added = most(into->added, other->added);
        merged.corrected = most(into->corrected, other->corrected);
    }
    is_changed = merged.seq != into->seq || merged.start_s != into->start_s || merged.added != into->added ||
                 merged.corrected != into->corrected || merged.claim != into->claim ||
                 merged.until_ms != into->until_ms;
    *into = merged;
    return is_changed;
}
