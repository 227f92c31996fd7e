/* bases.c: what a machine had told beyond what its ledger has, of each limit, from one run to the next.
 *
 * SPDX-License-Identifier: MIT
 *
 * A ledger that was put back lacks counts that the server has (PUT BACK of lease.h). The difference is plain
 * at the first exchange only: the ledger counts on while nobody exchanges it. So it is kept in LEDGER.sync.
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
                   int64_t corrected)
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
    struct sync_base *base = &window->base;

    if (!lease->is_learned || (base->start_s == lease->start_s && base->added == lease->base_added &&
                               base->corrected == lease->base_corrected))
        return 0;
    if (lease->base_added == 0 && lease->base_corrected == 0 && base->added == 0 && base->corrected == 0)
        return 0;
    if (!sync_base_set(provider, window->limit.identity, lease->start_s, lease->base_added,
                       lease->base_corrected))
        return TQ_ENOMEM;
    sync_base_recall(provider, window);
    return 1;
}
