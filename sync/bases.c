/* bases.c: what a machine had told beyond what its ledger has, of each limit, from one run to the next.
 *
 * SPDX-License-Identifier: MIT
 *
 * A ledger that was put back lacks counts that the server has (PUT BACK of lease.h). The difference is plain
 * at the first exchange only: the ledger counts on while nobody exchanges it. So it is kept in LEDGER.sync.
 * And until that exchange, what the ledger had when it was put back (restore.c): what it has beyond that is
 * new.
 */
#include <string.h>

#include "sync/node.h"

static struct sync_base *base_find(const struct sync_provider *provider, const char *identity)
{
    for (size_t i = 0; i < provider->base_count; i++)
        if (strcmp(provider->bases[i].identity, identity) == 0)
            return &provider->bases[i];
    return NULL;
}

bool sync_base_set(struct sync_provider *provider, const char *identity, int64_t start_s, int64_t added,
                   int64_t corrected, bool is_had)
{
    struct sync_base *base = base_find(provider, identity), *bases;

    if (!base) {
        bases = tq__list_room(provider->bases, provider->base_count, &provider->base_capacity, sizeof *bases);
        if (!bases)
            return false;
        provider->bases = bases;
        base = &bases[provider->base_count++];
        *base = (struct sync_base){.start_s = 0};
        strncpy(base->identity, identity, sizeof base->identity - 1);
    }
    base->start_s = start_s;
    base->added = added;
    base->corrected = corrected;
    base->is_had = is_had;
    return true;
}

void sync_bases_forget(struct sync_node *node, bool had)
{
    for (size_t i = 0; i < node->provider_count; i++) {
        struct sync_provider *provider = &node->providers[i];
        size_t kept = 0;

        for (size_t k = 0; k < provider->base_count; k++)
            if (provider->bases[k].is_had != had)
                provider->bases[kept++] = provider->bases[k];
        provider->base_count = kept;
    }
}

/* Of a window that began later than the one that was newest then, it had nothing. */
bool sync_had(const struct sync_base *base, int64_t start_s, int64_t *added, int64_t *corrected)
{
    bool is_same = base->start_s == start_s;

    if (!base->is_had || start_s < base->start_s)
        return false;
    *added = is_same ? base->added : 0;
    *corrected = is_same ? base->corrected : 0;
    return true;
}

void sync_base_recall(const struct sync_provider *provider, struct sync_window *window)
{
    const struct sync_base *base = base_find(provider, window->limit.identity);

    if (base)
        window->base = *base;
}

int sync_base_keep(struct sync_provider *provider, struct sync_window *window)
{
    const struct sync_lease *lease = &window->lease;
    const struct sync_base *base = &window->base;
    struct sync_base now = {
        .start_s = lease->start_s, .added = lease->base_added, .corrected = lease->base_corrected};
    bool is_known =
        window->limit.window == TQ_WINDOW_ROLLING ? sync_buckets_base(window, &now) : lease->is_learned;

    if (!is_known)
        return 0;
    if (!base->is_had && (now.added == base->added && now.corrected == base->corrected) &&
        (now.start_s == base->start_s || (now.added == 0 && now.corrected == 0)))
        return 0;
    if (!sync_base_set(provider, window->limit.identity, now.start_s, now.added, now.corrected, false))
        return TQ_ENOMEM;
    sync_base_recall(provider, window);
    return 1;
}
