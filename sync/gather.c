/* gather.c: which providers and windows the ledger has, and what is said and asked of each.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "sync/node.h"

#define SHARES (2 * (TQ_LIMITS_MAX + 1))
#define BUCKETS_A_LIST 2 /* tq_provider_shares lists the bucket of its instant and the one before */

struct sync_moment sync_moment_of(const struct sync_node *node, unsigned tag, int64_t now_ns)
{
    return (struct sync_moment){
        .node = node->options.name,
        .now_ns = now_ns,
        .heard_ns = now_ns,
        .server_ms = now_ns / TQ__MS_NS + node->offset_ms,
        .every_ms = node->options.every_ms,
        .round_trip_ms = node->round_trip_ms,
        .epoch_at_ms = node->epoch_at_ms[tag],
        .epoch = node->epoch[tag],
        .machines = node->machines,
        .has_silent = node->silent > 0,
        .peers = node->peers,
        .peer_count = node->peer_count,
    };
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void add_limit(struct sync_provider *provider, const struct tq_limit_state *state)
{
    struct sync_limit *limit = &provider->limits[provider->limit_count];
    struct tq_limit named = state->limit;

    named.known = 0;
    named.amount = named.reserve = 0;
    named.reserve_share = 0;
    named.anchor_at_ns = sync_limit_anchor(&named);
    *limit =
        (struct sync_limit){.number = state->number, .window = named.window, .length_ns = named.length_ns};
    if (tq_limit_format(&named, limit->identity, sizeof limit->identity) < (int)sizeof limit->identity)
        provider->limit_count++;
}

/* Which limits a provider has, and what each is called. */
static int read_limits(struct sync_provider *provider, int64_t now_ns, int64_t settings)
{
    struct tq_limit_state states[TQ_LIMITS_MAX] = {{.size = sizeof states[0]}};
    int count = tq_provider_limits(provider->handle, now_ns, states, TQ_LIMITS_MAX);

    if (count < 0)
        return count;
    provider->limits[0] = (struct sync_limit){.window = TQ_WINDOW_DAY};
    provider->limit_count = 1;
    for (int i = 0; i < count && i < TQ_LIMITS_MAX; i++)
        if (states[i].limit.window != TQ_WINDOW_STATED)
            add_limit(provider, &states[i]);
    provider->settings = settings;
    return 0;
}

static const struct sync_limit *limit_of(const struct sync_provider *provider, uint32_t number)
{
    for (uint32_t i = 0; i < provider->limit_count; i++)
        if (provider->limits[i].number == number)
            return &provider->limits[i];
    return NULL;
}

/* ---- windows --------------------------------------------------------------------------------- */

static struct sync_window *add_window(struct sync_provider *provider, const struct sync_limit *limit)
{
    struct sync_window **windows = tq__list_room(provider->windows, provider->window_count,
                                                 &provider->window_capacity, sizeof(struct sync_window *));
    struct sync_window *window = windows ? calloc(1, sizeof *window) : NULL;

    if (windows)
        provider->windows = windows;
    if (!window)
        return NULL;
    window->limit = *limit;
    window->said_added = window->said_corrected = -1;
    sync_base_recall(provider, window);
    provider->windows[provider->window_count++] = window;
    return window;
}

/* Rolling, refill, first use and once are one for ever. */
static bool is_one_for_ever(uint32_t window)
{
    return window == TQ_WINDOW_FIRST_USE || window == TQ_WINDOW_ROLLING || window == TQ_WINDOW_REFILL ||
           window == TQ_WINDOW_ONCE;
}

static struct sync_window *find_window(struct sync_provider *provider, const struct sync_limit *limit,
                                       int64_t start_at_ns)
{
    for (size_t i = 0; i < provider->window_count; i++) {
        struct sync_window *window = provider->windows[i];

        if (strcmp(window->limit.identity, limit->identity) == 0 &&
            (is_one_for_ever(limit->window) || window->start_at_ns == start_at_ns)) {
            window->limit.number = limit->number;
            return window;
        }
    }
    return NULL;
}

/* A first-use window that began at another instant is another window of the same hash. */
static void take_start(struct sync_window *window, const struct tq_share *share)
{
    if (window->limit.window == TQ_WINDOW_ROLLING || window->start_at_ns == share->start_at_ns)
        return;
    if (window->limit.window == TQ_WINDOW_FIRST_USE) {
        uint64_t seq = window->lease.seq;

        sync_others_forget(&window->others);
        window->lease = (struct sync_lease){.seq = seq};
    }
    window->start_at_ns = share->start_at_ns;
}

/* Takes one listed window. Of a limit the newest one is listed last. */
static int take_share(struct sync_node *node, struct sync_provider *provider, const struct tq_share *share,
                      bool is_newest)
{
    const struct sync_limit *limit = limit_of(provider, share->number);
    struct sync_window *window;

    if (!limit || (!is_newest && limit->window == TQ_WINDOW_FIRST_USE))
        return 0;
    window = find_window(provider, limit, share->start_at_ns);
    if (!window)
        window = add_window(provider, limit);
    if (!window)
        return TQ_ENOMEM;
    if (limit->window == TQ_WINDOW_ROLLING && !sync_bucket_note(window, share))
        return TQ_ENOMEM;
    if (is_newest || limit->window != TQ_WINDOW_ROLLING) {
        take_start(window, share);
        window->share = *share;
        window->is_newest = is_newest;
    }
    window->listed = node->round;
    return 0;
}

/* Windows that the ledger no longer has, and those that have turned twice. */
static void drop_windows(struct sync_node *node, struct sync_provider *provider)
{
    size_t kept = 0;

    for (size_t i = 0; i < provider->window_count; i++) {
        if (provider->windows[i]->listed == node->round)
            provider->windows[kept++] = provider->windows[i];
        else
            sync_window_free(provider->windows[i]);
    }
    provider->window_count = kept;
}

static bool is_shared(const struct tq_share *share)
{
    return share->number != 0 || share->amount > 0;
}

static int read_shares(struct sync_node *node, struct sync_provider *provider, int64_t now_ns)
{
    struct tq_share shares[SHARES] = {{.size = sizeof shares[0]}};
    int count = tq_provider_shares(provider->handle, now_ns, shares, SHARES), answer = 0;
    int cut = tq_provider_cut(provider->handle);

    if (count < 0)
        return count;
    for (int i = 0; i < count && i < SHARES && answer == 0; i++)
        if (is_shared(&shares[i]))
            answer = take_share(node, provider, &shares[i],
                                i + 1 == count || shares[i + 1].number != shares[i].number);
    for (size_t i = 0; i < provider->window_count && cut >= 0; i++)
        provider->windows[i]->cut = (uint32_t)cut;
    return answer;
}

/* Earlier buckets, from the first of these to the last: a record may come late. */
static int read_buckets(struct sync_provider *provider, struct sync_window *window, int64_t now_ns,
                        int64_t first, int64_t last)
{
    int64_t bucket_ns = window->limit.length_ns / SYNC_BUCKETS_BACK;
    struct tq_share shares[SHARES] = {{.size = sizeof shares[0]}};

    for (int64_t back = first; back <= last; back += BUCKETS_A_LIST) {
        int64_t at_ns = now_ns - back * bucket_ns;
        int count = at_ns > 0 ? tq_provider_shares(provider->handle, at_ns, shares, SHARES) : 0;

        if (count < 0)
            return count;
        for (int i = 0; i < count && i < SHARES; i++)
            if (shares[i].number == window->limit.number && shares[i].flags & TQ_SHARE_BUCKET &&
                !sync_bucket_note(window, &shares[i]))
                return TQ_ENOMEM;
    }
    return 0;
}

/* ---- items ----------------------------------------------------------------------------------- */

static int add_item(struct sync_node *node, uint32_t number, uint32_t window, enum sync_role role,
                    const struct sync_item *item)
{
    struct sync_provider *provider = &node->providers[number];
    struct sync_item *items =
        tq__list_room(node->items, node->item_count, &node->item_capacity, sizeof *items);
    struct sync_about *abouts;

    if (items)
        node->items = items;
    abouts = tq__list_room(node->abouts, node->item_count, &node->about_capacity, sizeof *abouts);
    if (abouts)
        node->abouts = abouts;
    if (!items || !abouts)
        return TQ_ENOMEM;
    node->items[node->item_count] = *item;
    node->items[node->item_count].provider = provider->name;
    node->abouts[node->item_count++] = (struct sync_about){number, window, role};
    return 0;
}

/* The older bucket whose turn it is in this round. */
static int64_t turn_of(const struct sync_node *node)
{
    return (int64_t)(node->round % (SYNC_BUCKETS_BACK - 1)) + BUCKETS_A_LIST;
}

/* The newest two buckets and, one in each round, an older one: a machine that was cut off tells what it
 * counted meanwhile. All of them, when this one was cut off. */
static int add_buckets(struct sync_node *node, uint32_t number, uint32_t which,
                       const struct sync_moment *moment)
{
    struct sync_window *window = node->providers[number].windows[which];
    int64_t newest = sync_bucket_at(window, moment->now_ns);
    int64_t turn = turn_of(node);
    struct sync_item item;
    int answer = 0;

    for (int64_t back = 0; back <= SYNC_BUCKETS_BACK && answer == 0; back++)
        if (sync_bucket_item(window, newest - back, moment, back < 2 || back == turn || node->catches_up,
                             &item))
            answer = add_item(node, number, which, SYNC_ROLE_BUCKET, &item);
    return answer;
}

static int add_window_items(struct sync_node *node, uint32_t number, uint32_t which,
                            const struct sync_moment *moment)
{
    struct sync_provider *provider = &node->providers[number];
    struct sync_window *window = provider->windows[which];
    struct sync_item item;
    int answer = 0;

    if (!window->is_newest)
        return sync_window_item_before(window, moment, &item)
                   ? add_item(node, number, which, SYNC_ROLE_BEFORE, &item)
                   : 0;
    if (window->limit.window == TQ_WINDOW_ROLLING) {
        int64_t turn = turn_of(node);

        answer = read_buckets(provider, window, moment->now_ns, node->catches_up ? BUCKETS_A_LIST : turn,
                              node->catches_up ? SYNC_BUCKETS_BACK : turn);
        if (answer == 0)
            answer = add_buckets(node, number, which, moment);
    }
    if (answer < 0)
        return answer;
    sync_window_item(window, moment, &item);
    return add_item(node, number, which, SYNC_ROLE_LEASE, &item);
}

/* ---- providers ------------------------------------------------------------------------------- */

static int gather_counts(struct sync_node *node, uint32_t number, const struct sync_moment *moment)
{
    struct sync_provider *provider = &node->providers[number];
    int64_t settings = tq_ledger_settings(node->ledger);
    int answer = 0;

    if (settings != provider->settings)
        answer = read_limits(provider, moment->now_ns, settings);
    if (answer == 0)
        answer = read_shares(node, provider, moment->now_ns);
    if (answer < 0)
        return answer;
    /* Numbers of limits may have been given to others between the two lists: the next round reads both again.
     */
    if (tq_ledger_settings(node->ledger) != settings) {
        provider->settings = -1;
        return 0;
    }
    drop_windows(node, provider);
    for (uint32_t i = 0; i < provider->window_count && answer == 0; i++)
        answer = add_window_items(node, number, i, moment);
    return answer;
}

static int gather_probe(struct sync_node *node, uint32_t number, const struct sync_moment *moment)
{
    struct sync_item item;

    if (!sync_probe_item(&node->providers[number], moment, &item))
        return 0;
    return add_item(node, number, 0, SYNC_ROLE_PROBE, &item);
}

static int gather_provider(struct sync_node *node, struct tq_provider *handle, int64_t now_ns)
{
    struct sync_provider *provider = sync_node_provider(node, tq_provider_name(handle));
    struct sync_moment moment;
    uint32_t number;
    int answer;

    if (!provider)
        return TQ_ENOMEM;
    number = (uint32_t)(provider - node->providers);
    provider->walked = node->round;
    provider->handle = handle;
    if (provider->is_local)
        return 0;
    moment = sync_moment_of(node, provider->tag, now_ns);
    answer = sync_words_look(node, number, now_ns, moment.server_ms);
    if (answer == 0)
        answer = gather_counts(node, number, &moment);
    return answer < 0 ? answer : gather_probe(node, number, &moment);
}

int sync_gather(struct sync_node *node, const struct sync_moment *moment)
{
    struct tq_provider *handle;
    uint64_t cursor = 0;
    int answer = 0, walked;

    node->item_count = 0;
    while (answer == 0 && (walked = tq_ledger_walk(node->ledger, &cursor, &handle)) == 0)
        answer = gather_provider(node, handle, moment->now_ns);
    if (answer == 0 && walked < 0)
        answer = walked;
    node->has_looked = answer == 0 && node->connects != 0;
    if (node->has_looked)
        node->is_put_back = false;
    for (uint32_t i = 0; i < node->provider_count && answer == 0; i++) {
        struct sync_provider *provider = &node->providers[i];

        if (provider->walked == node->round || !provider->handle || provider->is_local)
            continue;
        drop_windows(node, provider);
        answer = sync_words_forgotten(node, i, moment->server_ms);
        provider->handle = NULL;
    }
    return answer;
}
