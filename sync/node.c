/* node.c: one round of a node: gathered, exchanged, heard, told to the ledger.
 *
 * SPDX-License-Identifier: MIT
 */
#include "sync/node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

#define SECOND_MS 1000

/* Did this machine tell the server more than its ledger has? Then the ledger is an older one. */
static bool lacks_counts(const struct sync_node *node)
{
    for (size_t i = 0; i < node->provider_count; i++)
        for (size_t k = 0; k < node->providers[i].window_count; k++)
            if (node->providers[i].windows[k]->lease.base_added > 0)
                return true;
    return false;
}

/* What was said of words is heard again, and stands before what the ledger has. */
static void note_put_back(struct sync_node *node)
{
    node->is_put_back = true;
    memset(node->version, 0, sizeof node->version);
    for (size_t i = 0; i < node->provider_count; i++)
        node->providers[i].registers.is_put_back = true;
    node->wants_another = true;
}

/* ---- first use ------------------------------------------------------------------------------- */

/* The earliest beginning of another machine's window that overlaps this one, or holds the present; 0: none.
 */
static int64_t earliest_start(const struct sync_window *window, const struct sync_moment *moment,
                              const struct sync_item *item)
{
    int64_t length_s = window->limit.length_ns / (TQ__MS_NS * SECOND_MS),
            now_s = moment->now_ns / (TQ__MS_NS * SECOND_MS);
    int64_t own_s = window->share.start_at_ns / (TQ__MS_NS * SECOND_MS), earliest_s = 0;

    for (size_t i = 0; i < item->count; i++) {
        const struct sync_entry *entry = &item->all[i];
        bool overlaps = window->share.flags & TQ_SHARE_NONE
                            ? entry->start_s <= now_s && now_s - entry->start_s < length_s
                            : entry->start_s < own_s && own_s - entry->start_s < length_s;

        /* Its own is that of the ledger, which may have been put back. */
        if ((strcmp(entry->node, moment->node) == 0 && !window->base.is_had) || entry->added == 0 ||
            entry->start_s <= 0 || !overlaps)
            continue;
        if (earliest_s == 0 || entry->start_s < earliest_s)
            earliest_s = entry->start_s;
    }
    return earliest_s * TQ__MS_NS * SECOND_MS;
}

/* The next round reads the window as it then is. 0; 1 it moved; negative. */
static int agree_on_start(struct sync_window *window, const struct sync_moment *moment,
                          const struct sync_item *item, struct tq_provider *provider)
{
    int64_t start_at_ns =
        window->limit.window == TQ_WINDOW_FIRST_USE ? earliest_start(window, moment, item) : 0;
    int answer;

    if (start_at_ns == 0)
        return 0;
    answer = tq_provider_share_begin(provider, window->limit.number, start_at_ns, moment->now_ns);
    return answer < 0 ? answer : answer == 0;
}

/* ---- what was heard of windows --------------------------------------------------------------- */

static int hear_lease(struct sync_node *node, struct sync_provider *provider, struct sync_window *window,
                      const struct sync_moment *moment, const struct sync_item *item)
{
    bool was_learned = window->lease.is_learned;
    int answer = agree_on_start(window, moment, item, provider->handle);

    if (answer > 0) {
        node->wants_another = true;
        return 0;
    }
    if (answer == 0)
        answer = sync_window_hear(window, moment, item, provider->handle);
    node->wants_another |= !was_learned && window->lease.is_learned;
    if (answer < 0)
        return answer;
    answer = sync_base_keep(provider, window);
    node->words_changed |= answer == 1;
    node->bases_changed |= answer == 1;
    return answer < 0 ? answer : 0;
}

static int hear_item(struct sync_node *node, size_t i, int64_t now_ns, int64_t heard_ns)
{
    const struct sync_about *about = &node->abouts[i];
    const struct sync_item *item = &node->items[i];
    struct sync_provider *provider = &node->providers[about->provider];
    struct sync_moment moment = sync_moment_of(node, provider->tag, now_ns);

    if (!item->is_heard)
        return 0;
    if (moment.heard_ns < heard_ns)
        moment.heard_ns = heard_ns;
    switch (about->role) {
    case SYNC_ROLE_LEASE:
        return hear_lease(node, provider, provider->windows[about->window], &moment, item);
    case SYNC_ROLE_BEFORE:
        node->wants_another |= sync_window_hear_before(provider->windows[about->window], item);
        return 0;
    case SYNC_ROLE_BUCKET:
        node->wants_another |= sync_bucket_hear(provider->windows[about->window], item);
        return 0;
    case SYNC_ROLE_PROBE:
        sync_probe_hear(provider, &moment, item);
        return 0;
    }
    return 0;
}

bool sync_is_of_the_ledger(int answer)
{
    return answer == TQ_EGONE || answer == TQ_EREADONLY || answer == TQ_ENOMEM || answer == TQ_ENOSPC;
}

/* Claims of a rolling limit are decided by the sum of its buckets, whose items come before. */
static int hear_items(struct sync_node *node, int64_t now_ns, int64_t heard_ns)
{
    for (size_t i = 0; i < node->item_count; i++) {
        int answer = hear_item(node, i, now_ns, heard_ns);

        if (answer < 0 && sync_is_of_the_ledger(answer))
            return answer;
    }
    return 0;
}

static int hear_words(struct sync_node *node, const struct sync_exchange *exchange, int64_t now_ns)
{
    for (size_t i = 0; i < exchange->heard_count; i++) {
        int answer = sync_words_hear(node, &exchange->heard[i], now_ns);

        if (answer < 0 && sync_is_of_the_ledger(answer))
            return answer;
    }
    return 0;
}

static int tell_sharers(struct sync_node *node, bool is_cut)
{
    for (size_t i = 0; i < node->provider_count; i++) {
        struct sync_provider *provider = &node->providers[i];
        int answer = 0;

        if (provider->handle && !provider->is_local &&
            (provider->window_count > 0 || provider->has_ticket || provider->asks_probe))
            answer = sync_probe_tell(provider, node, is_cut);
        if (answer < 0 && sync_is_of_the_ledger(answer))
            return answer;
    }
    return 0;
}

/* ---- a round --------------------------------------------------------------------------------- */

static int64_t rate_of(const struct sync_node *node)
{
    int64_t rate = 0;

    for (size_t i = 0; i < node->provider_count; i++)
        for (size_t k = 0; k < node->providers[i].window_count; k++)
            if (node->providers[i].windows[k]->lease.rate > rate)
                rate = node->providers[i].windows[k]->lease.rate;
    return rate;
}

static void fill_exchange(const struct sync_node *node, struct sync_exchange *exchange)
{
    *exchange = (struct sync_exchange){
        .node = node->options.name,
        .instance = node->options.instance,
        .before = node->options.before,
        .every_ms = node->options.every_ms,
        .rate = rate_of(node),
        .wants_own = true,
        .items = node->items,
        .item_count = node->item_count,
        .words = node->says.words,
        .word_count = node->says.count,
    };
    memcpy(exchange->seen_version, node->version, sizeof exchange->seen_version);
}

/* Leases that ended while nobody answered are closed. The answer is that of the exchange. */
static int be_alone(struct sync_node *node, int64_t now_ns, int answer)
{
    bool is_cut =
        node->heard_at_ns == 0 ||
        now_ns - node->heard_at_ns > (sync_notice_ms(node->options.every_ms)) * TQ__MS_NS + TQ_PROBE_LEASE_NS;

    node->failures++;
    node->caught_up = 0;
    for (size_t i = 0; i < node->provider_count; i++) {
        struct sync_provider *provider = &node->providers[i];
        const struct sync_moment moment = sync_moment_of(node, provider->tag, now_ns);

        for (size_t k = 0; provider->handle && k < provider->window_count; k++)
            if (provider->windows[k]->is_newest &&
                sync_window_alone(provider->windows[k], &moment, provider->handle) == TQ_EGONE)
                return TQ_EGONE;
    }
    return is_cut && tell_sharers(node, true) == TQ_EGONE ? TQ_EGONE : answer;
}

static int hear(struct sync_node *node, struct sync_exchange *exchange, int64_t now_ns, bool is_whole)
{
    int answer;

    sync_take_clock(node, exchange);
    if (!is_whole)
        node->caught_up = 0;
    else if (node->caught_up < SYNC_CATCH_UP)
        node->caught_up++;
    answer = sync_take_peers(node, exchange);
    sync_take_tags(node, exchange);
    sync_words_were_said(node, exchange);
    if (answer == 0)
        answer = hear_words(node, exchange, now_ns);
    if (answer == 0)
        answer = hear_items(node, now_ns, exchange->answered_ns);
    if (answer == 0)
        answer = tell_sharers(node, false);
    /* The first answer; nothing was said of words yet. */
    if (answer == 0 && !node->has_looked && !node->is_put_back && lacks_counts(node))
        note_put_back(node);
    if (answer < 0 || !is_whole)
        return answer;
    /* What was told may be trusted from when the question was asked on. */
    node->heard_at_ns = now_ns;
    return tq_ledger_set_shared_until(node->ledger,
                                      now_ns + sync_notice_ms(node->options.every_ms) * TQ__MS_NS);
}

int sync_node_say(struct sync_node *node, int64_t now_ns, struct sync_exchange *exchange)
{
    const struct sync_moment moment = sync_moment_of(node, 0, now_ns);
    int answer;

    node->round++;
    node->wants_another = false;
    node->catches_up = node->caught_up < SYNC_CATCH_UP && (node->caught_up & (node->caught_up + 1)) == 0;
    sync_says_clear(&node->says);
    answer = sync_gather(node, &moment);
    if (answer == 0)
        fill_exchange(node, exchange);
    return answer;
}

int sync_node_hear(struct sync_node *node, int64_t now_ns, struct sync_exchange *exchange, int answer)
{
    int heard;

    node->flushes++;
    *node->refused_by = '\0';
    if (answer >= 0 && exchange->is_refused) {
        snprintf(node->refused_by, sizeof node->refused_by, "%s", exchange->refused_by);
        return TQ_EDENIED;
    }
    if (answer < 0)
        return be_alone(node, now_ns, answer);
    heard = hear(node, exchange, now_ns, answer == 0);
    node->failures += answer != 0;
    return heard < 0 ? heard : answer;
}

int sync_node_round(struct sync_node *node, struct sync_redis *redis, int64_t now_ns, int64_t deadline_ns,
                    struct tq_error *error)
{
    struct sync_exchange exchange;
    int answer = sync_node_say(node, now_ns, &exchange);

    *node->refused_by = '\0';
    if (answer == 0)
        answer = sync_tags_check(node, redis, deadline_ns, error);
    if (answer < 0)
        return answer;
    answer = sync_exchange(redis, &exchange, deadline_ns, error);
    if (answer >= 0 && !exchange.is_refused)
        sync_trouble_note(node, redis, &exchange);
    answer = sync_node_hear(node, now_ns, &exchange, answer);
    sync_exchange_clear(&exchange);
    return answer;
}

int sync_node_plan(struct sync_node *node, struct sync_redis *redis, int64_t now_ns, int64_t deadline_ns,
                   struct tq_error *error)
{
    const struct sync_moment moment = sync_moment_of(node, 0, now_ns);
    struct sync_exchange exchange;
    int answer;

    node->round++;
    answer = sync_gather(node, &moment);
    if (answer < 0)
        return answer;
    fill_exchange(node, &exchange);
    answer = sync_exchange_peers(redis, &exchange, deadline_ns, error);
    if (answer == 0) {
        sync_take_clock(node, &exchange);
        answer = sync_take_peers(node, &exchange);
    }
    if (exchange.is_refused)
        snprintf(node->refused_by, sizeof node->refused_by, "%s", exchange.refused_by);
    sync_trouble_note(node, redis, &exchange);
    sync_exchange_clear(&exchange);
    return answer;
}

int sync_node_leave(struct sync_node *node, struct sync_redis *redis, int64_t now_ns, int64_t deadline_ns,
                    struct tq_error *error)
{
    int answer = 0;

    for (size_t i = 0; i < node->provider_count; i++) {
        struct sync_provider *provider = &node->providers[i];
        const struct sync_moment moment = sync_moment_of(node, provider->tag, now_ns);

        for (size_t k = 0; provider->handle && k < provider->window_count && answer >= 0; k++)
            if (provider->windows[k]->is_newest)
                answer = sync_window_leave(provider->windows[k], &moment, provider->handle);
    }
    return answer < 0 ? answer : sync_node_round(node, redis, now_ns, deadline_ns, error);
}
