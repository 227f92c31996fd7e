/* buckets.c: what a node remembers of the buckets of a rolling limit: the newest and the hundred before it.
 *
 * SPDX-License-Identifier: MIT
 *
 * A bucket's hash has totals alone, no claims, and one start. So entries merge by their maxima whatever their
 * sequence is, and the server's clock serves as one. What the sums have beyond the ledger's own totals is the
 * others', or is what this machine counted before its ledger was put back: both are gone for this machine.
 */
#include <stdlib.h>

#include "sync/sums.h"
#include "sync/window.h"

#define MINUTE_NS INT64_C(60000000000)
#define HOUR_MS INT64_C(3600000)

static int64_t bucket_ns(const struct sync_window *window)
{
    int64_t length_ns = window->limit.length_ns / SYNC_BUCKETS_BACK;

    return length_ns > 0 ? length_ns : MINUTE_NS;
}

int64_t sync_bucket_at(const struct sync_window *window, int64_t at_ns)
{
    return at_ns > 0 ? at_ns / bucket_ns(window) : 0;
}

/* The place of a bucket; an older one there is forgotten. NULL: a newer one is there, or no memory. */
static struct sync_bucket *place_of(struct sync_window *window, int64_t number)
{
    struct sync_bucket *bucket;

    if (!window->buckets)
        window->buckets = calloc(SYNC_BUCKETS, sizeof *window->buckets);
    if (!window->buckets || number <= 0)
        return NULL;
    bucket = &window->buckets[number % SYNC_BUCKETS];
    if (bucket->number > number)
        return NULL;
    if (bucket->number < number)
        *bucket = (struct sync_bucket){.number = number, .said_added = -1, .said_corrected = -1};
    return bucket;
}

bool sync_bucket_note(struct sync_window *window, const struct tq_share *share)
{
    struct sync_bucket *bucket = place_of(window, sync_bucket_at(window, share->start_at_ns));

    if (!bucket)
        return window->buckets != NULL;
    if (share->added > bucket->added)
        window->grown += share->added - bucket->added;
    bucket->added = share->added;
    bucket->corrected = share->corrected;
    return true;
}

/* Is there anything to say of it that was not acknowledged? */
static bool has_news(const struct sync_bucket *bucket)
{
    return (bucket->added > 0 || bucket->corrected > 0) &&
           (bucket->said_added != bucket->added || bucket->said_corrected != bucket->corrected);
}

/* Of buckets that began before the first round the server may have more than the ledger, which is asked
 * before anything is said. */
bool sync_bucket_item(struct sync_window *window, int64_t number, const struct sync_moment *moment, bool asks,
                      struct sync_item *item)
{
    struct sync_bucket *bucket = place_of(window, number);
    int64_t start_ns = number * bucket_ns(window);
    bool says;

    if (!bucket)
        return false;
    if (window->first_bucket == 0)
        window->first_bucket = sync_bucket_at(window, moment->now_ns);
    bucket->is_learned |= number > window->first_bucket;
    says = has_news(bucket);
    if (!says && !asks)
        return false;
    *item = (struct sync_item){
        .limit = window->limit.identity,
        .key_s = start_ns / 1000000000,
        .expire_ms =
            (start_ns - moment->now_ns + window->limit.length_ns + 2 * bucket_ns(window)) / 1000000 + HOUR_MS,
        .writes = says && bucket->is_learned,
        .own = {.seq = (uint64_t)moment->server_ms,
                .start_s = start_ns / 1000000000,
                .added = bucket->added + bucket->base_added,
                .corrected = bucket->corrected + bucket->base_corrected},
    };
    return item->expire_ms > 0;
}

/* What the server has beyond the ledger of what this machine counted. */
static void learn(const struct sync_window *window, struct sync_bucket *bucket, const struct sync_item *item)
{
    int64_t had_added = bucket->added, had_corrected = bucket->corrected;

    bucket->is_learned = true;
    if (!window->base.is_had && window->base.start_s == item->key_s) {
        bucket->base_added = window->base.added;
        bucket->base_corrected = window->base.corrected;
    }
    (void)sync_had(&window->base, item->key_s, &had_added, &had_corrected);
    if (item->stored.seq == 0)
        return;
    bucket->base_added = most(bucket->base_added, item->stored.added - had_added);
    bucket->base_corrected = most(bucket->base_corrected, item->stored.corrected - had_corrected);
}

bool sync_bucket_hear(struct sync_window *window, const struct sync_item *item)
{
    /* A bucket of less than a second's multiple begins within that second. */
    int64_t number = sync_bucket_at(window, item->key_s * 1000000000 + 999999999);
    struct sync_bucket *bucket = place_of(window, number);
    int64_t others;

    if (!bucket)
        return false;
    if (item->writes) { /* nothing was counted between */
        bucket->said_added = bucket->added;
        bucket->said_corrected = bucket->corrected;
    }
    if (!bucket->is_learned)
        learn(window, bucket, item);
    others = (item->added - item->corrected) - (bucket->added - bucket->corrected);
    bucket->others = others > 0 ? others : 0;
    return has_news(bucket);
}

bool sync_buckets_base(const struct sync_window *window, struct sync_base *base)
{
    const struct sync_bucket *bucket =
        window->buckets ? &window->buckets[window->first_bucket % SYNC_BUCKETS] : NULL;

    if (!bucket || bucket->number != window->first_bucket || !bucket->is_learned)
        return false;
    base->start_s = bucket->number * bucket_ns(window) / 1000000000;
    base->added = bucket->base_added;
    base->corrected = bucket->base_corrected;
    return true;
}

void sync_buckets_forget(struct sync_window *window)
{
    free(window->buckets);
    window->buckets = NULL;
    window->first_bucket = 0;
}

void sync_window_say_again(struct sync_window *window)
{
    window->said_added = window->said_corrected = -1;
    for (size_t i = 0; window->buckets && i < SYNC_BUCKETS; i++)
        window->buckets[i].said_added = window->buckets[i].said_corrected = -1;
}

int64_t sync_buckets_others(const struct sync_window *window, int64_t now_ns)
{
    int64_t newest = sync_bucket_at(window, now_ns), sum = 0;

    for (size_t i = 0; window->buckets && i < SYNC_BUCKETS; i++) {
        const struct sync_bucket *bucket = &window->buckets[i];

        if (bucket->number > 0 && bucket->number <= newest && bucket->number >= newest - SYNC_BUCKETS_BACK &&
            __builtin_add_overflow(sum, bucket->others, &sum))
            return INT64_MAX;
    }
    return sum;
}
