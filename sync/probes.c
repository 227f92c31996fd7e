/* probes.c: of all machines one at a time hands out the probe of a provider: a claim of two minutes, in its
 * own hash.
 *
 * SPDX-License-Identifier: MIT
 *
 * The server runs one script after the other. A node publishes its claim and reads all claims in one step, so
 * of two nodes the later one sees both. The ticket is its who saw no other claim that lasts; who sees one
 * takes its own back. Two that are published before either was answered: the first has the ticket, and the
 * second sees it. A node that dies with the ticket leaves a claim that ends by itself.
 *
 * A machine that is cut off from the others probes for itself, as long as it is: a request now and then is
 * less harm than a provider that never comes back.
 */
#include <string.h>

#include "base/time.h"
#include "sync/node.h"

#define TICKET_MS (TQ_PROBE_LEASE_NS / TQ__MS_NS)
#define EXPIRE_MS (2 * TICKET_MS)

/* When the provider's next probe is due; 0: it needs none. */
static int64_t due_at(const struct tq_provider *provider, int64_t now_ns)
{
    struct tq_verdict verdict = {.size = sizeof verdict};

    if (tq_provider_state(provider, now_ns, NULL) != TQ_QUOTA_EXHAUSTED ||
        tq_provider_verdict(provider, now_ns, &verdict) != TQ_QUOTA_EXHAUSTED)
        return 0;
    return verdict.reasons & 1u << TQ_REASON_REPORTED ? verdict.probe_at_ns : 0;
}

bool sync_probe_item(struct sync_provider *provider, const struct sync_moment *moment, struct sync_item *item)
{
    int64_t due_ns = due_at(provider->handle, moment->now_ns);
    int64_t soon_ns = moment->now_ns + sync_notice_ms(moment->every_ms) * TQ__MS_NS;
    bool holds = provider->ticket_until_ms > moment->server_ms;

    /* The claim that lost is taken back for a round: two that wait would see each other's for ever. */
    provider->asks_probe = due_ns != 0 && due_ns <= soon_ns && !provider->has_lost;
    provider->has_lost = false;
    provider->has_ticket &= holds;
    if (!provider->asks_probe && !holds)
        return false;
    *item = (struct sync_item){
        .limit = SYNC_PROBE,
        .expire_ms = EXPIRE_MS,
        .writes = true,
        .asks_all = true,
        /* The server's clock rises over all runs of this node. */
        .own = {.seq = (uint64_t)moment->server_ms > provider->ticket_seq ? (uint64_t)moment->server_ms
                                                                          : provider->ticket_seq + 1},
    };
    if (provider->asks_probe) {
        item->own.claim = 1;
        item->own.until_ms = provider->has_ticket ? provider->ticket_until_ms : moment->server_ms + TICKET_MS;
    }
    provider->ticket_seq = item->own.seq;
    return true;
}

void sync_probe_hear(struct sync_provider *provider, const struct sync_moment *moment,
                     const struct sync_item *item)
{
    bool is_taken = false;

    for (size_t i = 0; i < item->count; i++)
        is_taken |= strcmp(item->all[i].node, moment->node) != 0 && item->all[i].claim > 0 &&
                    item->all[i].until_ms > moment->server_ms;
    provider->has_ticket = item->own.claim > 0 && (provider->has_ticket || !is_taken);
    provider->ticket_until_ms = item->own.until_ms;
    provider->has_lost = item->own.claim > 0 && !provider->has_ticket;
}

/* Until when this machine may hand out the provider's probes. */
static int64_t probes_until(const struct sync_provider *provider, uint32_t machines, bool is_cut,
                            int64_t offset_ms)
{
    if (is_cut || machines <= 1)
        return INT64_MAX;
    return provider->has_ticket ? (provider->ticket_until_ms - offset_ms) * TQ__MS_NS : 0;
}

int sync_probe_tell(struct sync_provider *provider, const struct sync_node *node, bool is_cut)
{
    int64_t until_ns = probes_until(provider, node->machines, is_cut, node->offset_ms);
    /* A run that was never answered knows of nobody; the one before did, and the ledger was told. */
    uint32_t machines = node->peer_count > 0 ? node->machines + node->silent : 0;
    int answer;

    if (provider->machines == machines && provider->probes_until_ns == until_ns)
        return 0;
    answer = tq_provider_set_sharers(provider->handle, machines, until_ns);
    if (answer == 0) {
        provider->machines = machines;
        provider->probes_until_ns = until_ns;
    }
    return answer;
}
