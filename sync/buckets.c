/* buckets.c: what a node remembers of the buckets of a rolling limit: the newest and the hundred before it.
 *
 * SPDX-License-Identifier: MIT
 *
 * A bucket's hash has totals alone, no claims, and one start. So entries merge by their maxima whatever their
 * sequence is, and the server's clock serves as one. What the sums have beyond the ledger's own totals is the
 * others', or is what this machine counted before its ledger was put back: both are gone for this machine.
 */
#include <stdlib.h>

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

bool sync_bucket_item(struct sync_window *window, int64_t number, const struct sync_moment *moment, bool asks,
                      struct sync_item *item)
{
    struct sync_bucket *bucket = place_of(window, number);
    int64_t start_ns = number * bucket_ns(window);
    bool says;

    if (!bucket)
        return false;
    says = (bucket->added > 0 || bucket->corrected > 0) &&
           (bucket->said_added != bucket->added || bucket->said_corrected != bucket->corrected);
    if (!says && !asks)
        return false;
    *item = (struct sync_item){
        .limit = window->limit.identity,
        .key_s = start_ns / 1000000000,
        .expire_ms =
            (start_ns - moment->now_ns + window->limit.length_ns + 2 * bucket_ns(window)) / 1000000 + HOUR_MS,
        .writes = says,
        .own = {.seq = (uint64_t)moment->server_ms,
                .start_s = start_ns / 1000000000,
                .added = bucket->added,
                .corrected = bucket->corrected},
    };
    return item->expire_ms > 0;
}

void sync_bucket_hear(struct sync_window *window, const struct sync_item *item)
{
    /* A bucket of less than a second's multiple begins within that second. */
    int64_t number = sync_bucket_at(window, item->key_s * 1000000000 + 999999999);
    struct sync_bucket *bucket = place_of(window, number);
    int64_t others;

    if (!bucket)
        return;
    if (item->writes) {
        bucket->said_added = item->own.added;
        bucket->said_corrected = item->own.corrected;
    }
    others = (item->added - item->corrected) - (bucket->added - bucket->corrected);
    bucket->others = others > 0 ? others : 0;
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
