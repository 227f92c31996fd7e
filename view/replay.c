/* replay.c: feeds records to the library at their own instants, and notes each change of state.
 *
 * SPDX-License-Identifier: MIT
 *
 * A provider changes its state in three ways. It becomes exhausted when the library answers 1 to a record. It
 * becomes available when the clock passes its retry_at. Under rules that look again, a record can make it
 * available, too, or move its retry_at. A heap holds every retry_at to come, so that no record costs a look
 * at every provider. An instant that was moved stays in the heap and is ignored later.
 *
 * The clock is the latest instant seen. A record that steps back (with --as-is) is fed at its own instant. It
 * does not undo a change that the clock has made.
 */
#include "replay.h"

#include <inttypes.h>
#include <string.h>

#include <jansson.h>

#include "base/number.h"
#include "base/time.h"
#include "verdict.h"

#define DRAW_EVERY 65536

_Static_assert(sizeof(struct usage) == 24, "a log of 100 million records takes 2.4 GB");

/* ---- providers ------------------------------------------------------------------------------- */

/* Changes at one instant are in the order of names: numbers depend on the order of the files. */
static bool before_by_name(const void *context, uint32_t a, uint32_t b)
{
    const struct providers *providers = context;

    return strcmp(providers->items[a].name, providers->items[b].name) < 0;
}

int replay_begin(struct replay *replay)
{
    struct tq_ledger_options options = {.size = sizeof options, .rule = replay->rule};
    struct tq_error error = {.size = sizeof error};

    replay->pending.before = before_by_name;
    replay->pending.context = &replay->providers;
    if (tq_ledger_open(&replay->providers.ledger, NULL, &options, &error) < 0)
        return listener_fail(replay->listener, "%s", error.msg);
    replay->windows.ledger = replay->providers.ledger;
    return 0;
}

void replay_free(struct replay *replay)
{
    struct providers *providers = &replay->providers;

    for (size_t i = 0; i < providers->count; i++)
        free(providers->items[i].days);
    free(providers->items);
    free(providers->index.slots);
    tq_ledger_close(providers->ledger);
    free(replay->usages);
    free(replay->parts);
    free(replay->starts);
    windows_free(&replay->windows);
    accounts_free(&replay->accounts);
    free(replay->pending.items);
    json_decref(replay->json);
}

int replay_provider(struct replay *replay, const char *name, size_t len, uint32_t *number)
{
    struct providers *providers = &replay->providers;
    uint64_t hash = tq__hash(0, name, len);
    struct tq_provider *handle;
    struct provider *items;
    size_t at = 0;
    int answer;

    while ((*number = tq__index_find(&providers->index, hash, &at)) != TQ__INDEX_END)
        if (providers->items[*number].name_len == len &&
            memcmp(providers->items[*number].name, name, len) == 0)
            return 0;
    items = tq__list_room(providers->items, providers->count, &providers->capacity, sizeof *items);
    if (!items)
        return TQ_ENOMEM;
    providers->items = items;
    answer = tq_ledger_provider(providers->ledger, name, len, 0, &handle);
    if (answer >= 0 && providers->default_budget)
        answer = tq_provider_set_budget(handle, providers->default_budget);
    if (answer >= 0 && replay->care != TQ_CARE_DEFAULT)
        answer = tq_provider_set_care(handle, replay->care);
    if (answer < 0)
        return answer;
    *number = (uint32_t)providers->count;
    if (!tq__index_add(&providers->index, hash, *number))
        return TQ_ENOMEM;
    items[providers->count++] = (struct provider){
        .handle = handle,
        .name = tq_provider_name(handle),
        .name_len = (uint32_t)len,
        .budget = providers->default_budget,
    };
    return 0;
}

int replay_budget(struct replay *replay, const char *name, int64_t tokens)
{
    struct provider *provider;
    uint32_t number;
    int answer;

    if (strcmp(name, "*") == 0) {
        replay->providers.default_budget = tokens;
        return 0;
    }
    answer = replay_provider(replay, name, strlen(name), &number);
    if (answer != 0)
        return answer;
    provider = &replay->providers.items[number];
    provider->budget_given = true;
    provider->budget = tokens;
    return tq_provider_set_budget(provider->handle, tokens);
}

int replay_account(struct replay *replay, const char *name)
{
    uint32_t number;
    int answer = replay_provider(replay, name, strlen(name), &number);

    return answer < 0 ? answer
                      : accounts_add(&replay->accounts, replay->providers.items[number].handle, number);
}

/* ---- records --------------------------------------------------------------------------------- */

static int push_pending(struct replay *replay, uint32_t provider, int64_t retry_at_ns)
{
    return tq__heap_push(&replay->pending, retry_at_ns, provider)
               ? 0
               : listener_fail(replay->listener, "out of memory");
}

static void tell(struct replay *replay, const struct transition *transition)
{
    replay->transitions++;
    if (replay->on_transition)
        replay->on_transition(replay, transition);
}

static void become_available(struct replay *replay, uint32_t number, int64_t at_ns)
{
    replay->providers.items[number].exhausted = false;
    tell(replay,
         &(struct transition){.at_ns = at_ns, .provider = number, .to = TQ_AVAILABLE, .projection = -1});
}

/* Makes each provider available whose retry_at has passed, at that instant. */
static void pass_time(struct replay *replay)
{
    while (replay->pending.count > 0 && replay->pending.items[0].key <= replay->end_at_ns) {
        struct tq__heap_item first = tq__heap_pop(&replay->pending);
        const struct provider *provider = &replay->providers.items[first.number];

        if (provider->exhausted && provider->retry_at_ns == first.key)
            become_available(replay, first.number, first.key);
    }
}

/* Handles an answer 1 for a provider that counts as available. A record of an earlier day is answered for its
 * own day and marks nothing, so the state decides. */
static int become_exhausted(struct replay *replay, const struct usage *usage, struct day *day)
{
    struct provider *provider = &replay->providers.items[usage->provider];
    struct tq_verdict verdict;
    bool limit;

    if (verdict_read(provider->handle, usage->at_ns, 0, &verdict) != TQ_QUOTA_EXHAUSTED)
        return 0;
    limit = verdict.reason >= TQ_REASON_PREDICTED && verdict.limit > 0;
    provider->exhausted = true;
    provider->retry_at_ns = verdict.retry_at_ns;
    if (!day->exhausted) {
        day->exhausted = true;
        day->exhausted_at_ns = usage->at_ns;
    }
    tell(replay, &(struct transition){
                     .at_ns = usage->at_ns,
                     .provider = usage->provider,
                     .to = TQ_QUOTA_EXHAUSTED,
                     .used = day->used,
                     .projection = project(day->used, usage->at_ns),
                     .retry_at_ns = verdict.retry_at_ns,
                     .limit = limit ? windows_find(&replay->windows, provider->handle, verdict.limit) : NULL,
                     .limit_used = verdict.limit_used,
                 });
    return push_pending(replay, usage->provider, verdict.retry_at_ns);
}

/* A record of an exhausted provider can make the provider available, or move its end. */
static int look_again(struct replay *replay, const struct usage *usage, struct day *day)
{
    struct provider *provider = &replay->providers.items[usage->provider];
    int64_t retry_at_ns;

    if (tq_provider_state(provider->handle, replay->end_at_ns, &retry_at_ns) != TQ_QUOTA_EXHAUSTED) {
        become_available(replay, usage->provider, replay->end_at_ns);
        return 0;
    }
    if (!day->exhausted && usage->at_ns == replay->end_at_ns) { /* it was out when this day began */
        day->exhausted = true;
        day->exhausted_at_ns = day->start_at_ns;
    }
    if (retry_at_ns == provider->retry_at_ns)
        return 0;
    provider->retry_at_ns = retry_at_ns;
    return push_pending(replay, usage->provider, retry_at_ns);
}

/* Moves the clock, and counts steps back in time. */
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

/* Counts a record in the ledger. Returns as tq_provider_observe. */
static int count(struct replay *replay, const struct usage *usage, const struct tq_usage *parts)
{
    struct provider *provider = &replay->providers.items[usage->provider];
    int answer = provider->records == 0 ? windows_meet(&replay->windows, provider->handle) : 0, looked;

    if (answer < 0)
        return answer;
    answer = parts ? tq_provider_observe_usage(provider->handle, parts, usage->at_ns, NULL)
                   : tq_provider_observe(provider->handle, usage->tokens, usage->at_ns, NULL);
    if (answer < 0)
        return answer;
    looked = windows_look(&replay->windows, provider->handle, usage->at_ns);
    return looked < 0 ? looked : answer;
}

/* Feeds a record to its provider. */
static int feed(struct replay *replay, const struct usage *usage, const struct tq_usage *parts)
{
    struct provider *provider = &replay->providers.items[usage->provider];
    int answer = count(replay, usage, parts);
    struct day *day;

    if (answer < 0)
        return replay_refuse(replay, answer, provider->name, provider->name_len, usage->at_ns);
    move_clock(replay, usage->at_ns);
    pass_time(replay);
    day = provider_day(provider, usage->at_ns);
    if (!day)
        return listener_fail(replay->listener, "out of memory");
    day->used = tq__add_saturated(day->used, usage->tokens);
    replay->tokens = tq__add_saturated(replay->tokens, usage->tokens);
    provider->records++;
    replay->records++;
    if (answer == TQ_EXHAUSTED && !provider->exhausted)
        return become_exhausted(replay, usage, day);
    if (provider->exhausted && (replay->rule != TQ_RULE_ORIGINAL || replay->windows.count > 0))
        return look_again(replay, usage, day);
    return 0;
}

int replay_feed(struct replay *replay, const struct usage *usage, const struct tq_usage *parts)
{
    const struct provider *provider = &replay->providers.items[usage->provider];
    struct usage placed = *usage;
    int answer;

    if (replay->accounts.count == 0)
        return feed(replay, usage, parts);
    answer = accounts_place(&replay->accounts, replay->providers.ledger, usage->at_ns, usage->tokens,
                            &placed.provider);
    if (answer == 0 && feed(replay, &placed, parts) < 0)
        return -1;
    if (answer == 0)
        answer = accounts_note(&replay->accounts, usage->at_ns);
    if (answer < 0)
        return replay_refuse(replay, answer, provider->name, provider->name_len, usage->at_ns);
    if (answer == 1) { /* the clock goes on */
        replay->end_at_ns = usage->at_ns > replay->end_at_ns ? usage->at_ns : replay->end_at_ns;
        pass_time(replay);
    }
    return 0;
}

static int compare_usages(const void *left, const void *right)
{
    const struct usage *a = left, *b = right;

    if (a->at_ns != b->at_ns)
        return a->at_ns < b->at_ns ? -1 : 1;
    return a->number < b->number ? -1 : 1;
}

void replay_sort(struct replay *replay)
{
    if (replay->usages_unordered)
        qsort(replay->usages, replay->usage_count, sizeof *replay->usages, compare_usages);
}

int replay_feed_all(struct replay *replay)
{
    struct listener *listener = replay->listener;
    int result = 0;

    replay->at = (struct place_in_log){0};
    replay_sort(replay);
    for (size_t i = 0; i < replay->usage_count && result == 0; i++) {
        const struct usage *usage = &replay->usages[i];

        result = replay_feed(replay, usage, replay->with_parts ? &replay->parts[usage->number] : NULL);
        if (i % DRAW_EVERY == 0)
            listener->progress(listener->context, "fed to the library", i, replay->usage_count, i);
    }
    if (result == 0 && windows_end(&replay->windows) < 0)
        result = listener_fail(listener, "out of memory");
    return result;
}

int replay_refuse(struct replay *replay, int code, const char *name, size_t len, int64_t at_ns)
{
    bool listed = code < 0 && code > -REFUSED_CODES;
    struct refused *refused = &replay->refused[listed ? -code : 0];
    char provider[128], where[160] = "", at[TQ__TIME_BYTES];

    tq__text_make_safe(provider, sizeof provider, (struct tq__span){name, len}, SIZE_MAX, 0);
    (void)tq__time_write(at, at_ns);
    if (replay->at.path)
        snprintf(where, sizeof where, "%.120s:%" PRIu64 ": ", replay->at.path, replay->at.line);
    if (refused->count++ == 0)
        snprintf(refused->first, sizeof refused->first, "%s%s at %.10s %.8sZ", where, provider, at, at + 11);
    if (code != TQ_ENOMEM && !replay->strict)
        return 0;
    return listener_fail(replay->listener, "%s\"%s\": %s", where, provider, tq_strerror(code));
}

int replay_standings(struct replay *replay, struct standings *standings)
{
    int answer;

    *standings = (struct standings){
        .at_ns = replay->end_at_ns,
        .now = "The log ends at",
        .idle_words = "used nothing today",
        .of_log = true,
        .latched =
            (replay->rule == TQ_RULE_ORIGINAL || replay->rule == TQ_RULE_OFF) && replay->windows.count == 0,
    };
    answer = standings_init(standings, replay->providers.count);
    for (size_t i = 0; i < replay->providers.count && answer >= 0; i++)
        if (replay->providers.items[i].records)
            (void)standings_append(standings, &replay->providers.items[i], &answer);
    if (answer < 0)
        return listener_fail(replay->listener, "%s", tq_strerror(answer));
    standings_finish(standings);
    return 0;
}
