/* replay.c: feed records to the library at their own instants and see each change of state happen.
 *
 * SPDX-License-Identifier: MIT
 *
 * tq_provider_observe is tq_observe_token_usage without looking the name up. A provider changes in three
 * ways: to exhausted on an answer 1; back when time passes its retry_at; and, under rules that look again,
 * back on a record. The first and the last are seen on its own record, which may also move its retry_at; for
 * the second a heap holds the instants to come, so no record costs a look at every provider. An instant that
 * was moved stays in the heap and is passed over.
 *
 * The clock is the latest instant seen: a record that steps back (with --as-is) is fed at its own instant and
 * turns nothing back that time has already done.
 */
#include <stdlib.h>
#include <string.h>

#include "replay.h"

#define DRAW_EVERY 65536

/* Providers that come back at one instant do so by name: which number is lower depends on which file came first. */
static bool is_before(const void *context, uint32_t a, uint32_t b)
{
    const struct replay *replay = context;

    return strcmp(replay->providers.items[a].name, replay->providers.items[b].name) < 0;
}

static int push_pending(struct replay *replay, int64_t retry_at_ns, uint32_t provider)
{
    replay->pending.before = is_before;
    replay->pending.context = replay;
    if (tq__heap_push(&replay->pending, retry_at_ns, provider))
        return 0;
    report("out of memory");
    return -1;
}

static void become_available(struct replay *replay, uint32_t number, int64_t at_ns)
{
    replay->providers.items[number].exhausted = false;
    replay->on_transition(replay, &(struct transition){
                                      .at_ns = at_ns,
                                      .provider = number,
                                      .to = TQ_AVAILABLE,
                                      .projection = -1,
                                  });
}

/* Everybody whose retry_at has passed is available again, at that instant. */
static void pass_time(struct replay *replay)
{
    while (replay->pending.count && replay->pending.items[0].key <= replay->end_at_ns) {
        struct tq__heap_item first = tq__heap_pop(&replay->pending);
        const struct provider *provider = &replay->providers.items[first.number];

        if (provider->exhausted && provider->retry_at_ns == first.key)
            become_available(replay, first.number, first.key);
    }
}

/* An answer 1 on a provider not known to be exhausted. A record of an earlier day is answered for its own day
 * and marks nothing, so the state decides. */
static int become_exhausted(struct replay *replay, const struct usage *usage, struct day *day)
{
    struct provider *provider = &replay->providers.items[usage->provider];
    int64_t retry_at_ns;

    if (tq_provider_state(provider->handle, usage->at_ns, &retry_at_ns) != TQ_QUOTA_EXHAUSTED)
        return 0;
    provider->exhausted = true;
    provider->retry_at_ns = retry_at_ns;
    if (!day->exhausted) {
        day->exhausted = true;
        day->exhausted_at_ns = usage->at_ns;
    }
    replay->on_transition(replay, &(struct transition){
                                      .at_ns = usage->at_ns,
                                      .provider = usage->provider,
                                      .to = TQ_QUOTA_EXHAUSTED,
                                      .used = day->used,
                                      .projection = project(day->used, usage->at_ns),
                                      .retry_at_ns = retry_at_ns,
                                  });
    return push_pending(replay, retry_at_ns, usage->provider);
}

/* A record of a provider that is exhausted may take that back, or move its end. */
static int look_again(struct replay *replay, const struct usage *usage)
{
    struct provider *provider = &replay->providers.items[usage->provider];
    int64_t retry_at_ns;

    if (tq_provider_state(provider->handle, replay->end_at_ns, &retry_at_ns) != TQ_QUOTA_EXHAUSTED) {
        become_available(replay, usage->provider, replay->end_at_ns);
        return 0;
    }
    if (retry_at_ns == provider->retry_at_ns)
        return 0;
    provider->retry_at_ns = retry_at_ns;
    return push_pending(replay, retry_at_ns, usage->provider);
}

/* The clock and what is told of it at the end. */
static void move_clock(struct replay *replay, int64_t at_ns)
{
    if (replay->records == 0) {
        replay->first_at_ns = at_ns;
        replay->end_at_ns = at_ns;
    } else if (at_ns < replay->last_at_ns) {
        int64_t back_ns = replay->end_at_ns - at_ns;

        replay->steps_back++;
        if (back_ns > replay->longest_back_ns) {
            replay->longest_back_ns = back_ns;
            replay->longest_back = replay->at;
        }
    }
    replay->last_at_ns = at_ns;
    if (at_ns < replay->first_at_ns)
        replay->first_at_ns = at_ns;
    if (at_ns > replay->end_at_ns)
        replay->end_at_ns = at_ns;
}

int replay_feed(struct replay *replay, const struct usage *usage)
{
    struct provider *provider = &replay->providers.items[usage->provider];
    int answer = tq_provider_observe(provider->handle, usage->tokens, usage->at_ns, NULL);

    if (answer < 0)
        return replay_refuse(replay, answer, provider->name, provider->name_len, usage->at_ns);
    move_clock(replay, usage->at_ns);
    pass_time(replay);

    struct day *day = provider_day(provider, usage->at_ns);

    if (!day) {
        report("out of memory");
        return -1;
    }
    if (__builtin_add_overflow(day->used, usage->tokens, &day->used))
        day->used = INT64_MAX;
    if (__builtin_add_overflow(replay->tokens, usage->tokens, &replay->tokens))
        replay->tokens = INT64_MAX;
    provider->records++;
    replay->records++;
    if (answer == TQ_EXHAUSTED && !provider->exhausted)
        return become_exhausted(replay, usage, day);
    if (provider->exhausted && replay->rule != TQ_RULE_ORIGINAL)
        return look_again(replay, usage);
    return 0;
}

int replay_feed_all(struct replay *replay)
{
    int result = 0;

    replay->at = (struct place_in_log){0};
    for (size_t i = 0; i < replay->usage_count && result == 0; i++) {
        result = replay_feed(replay, &replay->usages[i]);
        if (i % DRAW_EVERY == 0)
            progress_draw(&replay->progress, "fed to the library", i, replay->usage_count, i);
    }
    progress_erase(&replay->progress);
    return result;
}

int replay_refuse(struct replay *replay, int code, const char *name, size_t len, int64_t at_ns)
{
    bool listed = code < 0 && code > -REFUSED_CODES;
    struct refused *refused = &replay->refused[listed ? -code : 0];
    char provider[128], where[160] = "";

    text_clean(provider, sizeof(provider), name, len, false);
    if (replay->at.path)
        snprintf(where, sizeof(where), "%.120s:%llu: ", replay->at.path, (unsigned long long)replay->at.line);
    if (refused->count++ == 0)
        snprintf(refused->first, sizeof(refused->first), "%s%s at %sZ", where, provider,
                 format_utc(at_ns).s);
    if (code != TQ_ENOMEM && !replay->strict)
        return 0;
    progress_erase(&replay->progress);
    report("%s\"%s\": %s", where, provider, tq_strerror(code));
    return -1;
}
