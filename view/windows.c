/* windows.c: the windows of limits, and what was used in each.
 *
 * SPDX-License-Identifier: MIT
 */
#include "windows.h"

#include <stdio.h>
#include <string.h>

#include "limits.h"
#include "usage.h"

/* ---- limits ---------------------------------------------------------------------------------- */

static uint64_t hash_of(const struct tq_provider *provider)
{
    return tq__mix(0, (uintptr_t)provider);
}

/* The first limit of a provider; NULL: it has none. */
static struct limit_windows *first_of(const struct windows *windows, const struct tq_provider *provider)
{
    uint32_t number;
    size_t at = 0;

    while ((number = tq__index_find(&windows->by_provider, hash_of(provider), &at)) != TQ__INDEX_END)
        if (windows->items[number].provider == provider)
            return &windows->items[number];
    return NULL;
}

static struct limit_windows *next_of(const struct windows *windows, const struct limit_windows *limit)
{
    return limit->next > 0 ? &windows->items[limit->next - 1] : NULL;
}

struct limit_windows *windows_find(const struct windows *windows, const struct tq_provider *provider,
                                   uint32_t number)
{
    struct limit_windows *limit = first_of(windows, provider);

    while (limit && limit->number != number)
        limit = next_of(windows, limit);
    return limit;
}

/* Appends a limit to those of its provider. 0 or TQ_ENOMEM. */
static int append(struct windows *windows, const struct limit_windows *limit)
{
    struct limit_windows *items =
        tq__list_room(windows->items, windows->count, &windows->capacity, sizeof *items);
    struct limit_windows *before;

    if (!items)
        return TQ_ENOMEM;
    windows->items = items;
    before = first_of(windows, limit->provider);
    if (!before && !tq__index_add(&windows->by_provider, hash_of(limit->provider), (uint32_t)windows->count))
        return TQ_ENOMEM;
    while (before && before->next > 0)
        before = next_of(windows, before);
    items[windows->count++] = *limit;
    if (before)
        before->next = (uint32_t)windows->count;
    return 0;
}

/* Sets a limit, and notes what it is then. */
static int set(struct windows *windows, struct tq_provider *provider, const struct tq_limit *limit,
               struct tq_error *error)
{
    struct tq_limit_state states[TQ_LIMITS_MAX] = {{.size = sizeof states[0]}};
    struct limit_windows *old;
    int number = tq_provider_set_limit(provider, limit, error), count;

    if (number < 0)
        return number;
    count = tq_provider_limits(provider, 0, states, TQ_LIMITS_MAX);
    for (int i = 0; i < count; i++) {
        if (states[i].number != (uint32_t)number)
            continue;
        states[i].limit.anchor_at_ns = limit->anchor_at_ns; /* as it was written, whatever window is now */
        old = windows_find(windows, provider, states[i].number);
        if (old)
            old->limit = states[i].limit;
        return old ? 0
                   : append(windows, &(struct limit_windows){.provider = provider,
                                                             .limit = states[i].limit,
                                                             .number = states[i].number});
    }
    return count < 0 ? count : TQ_EINVAL;
}

int windows_set(struct windows *windows, const char *name, const struct tq_limit *limit,
                struct tq_error *error)
{
    struct tq_provider *provider;
    int answer;

    if (strcmp(name, "*") == 0) {
        if (windows->others_count == TQ_LIMITS_MAX) {
            snprintf(error->msg, sizeof error->msg, "a provider has at most %d limits", TQ_LIMITS_MAX);
            return TQ_EFULL;
        }
        windows->others[windows->others_count++] = *limit;
        return 0;
    }
    answer = tq_ledger_provider(windows->ledger, name, strlen(name), 0, &provider);
    if (answer == 0)
        return set(windows, provider, limit, error);
    snprintf(error->msg, sizeof error->msg, "%s", tq_strerror(answer));
    return answer;
}

static bool needs_parts(const struct tq_limit *limit)
{
    return limit->unit != TQ_UNIT_TOKENS && limit->unit != TQ_UNIT_REQUESTS;
}

bool windows_need_parts(const struct windows *windows)
{
    bool any = false;

    for (size_t i = 0; i < windows->count; i++)
        any |= needs_parts(&windows->items[i].limit);
    for (size_t i = 0; i < windows->others_count; i++)
        any |= needs_parts(&windows->others[i]);
    return any;
}

int windows_meet(struct windows *windows, struct tq_provider *provider)
{
    struct tq_error error = {.size = sizeof error};
    int answer = 0;

    if (windows->others_count == 0 || first_of(windows, provider))
        return 0;
    for (size_t i = 0; i < windows->others_count && answer == 0; i++)
        answer = set(windows, provider, &windows->others[i], &error);
    return answer;
}

/* ---- another ledger -------------------------------------------------------------------------- */

/* Notes the present window that the vendor states of a limit. 0 or TQ_ENOMEM. */
static int add_stated(struct windows *windows, struct tq_provider *to, const struct tq_limit_state *state)
{
    struct limit_windows stated = {
        .provider = to,
        .limit = state->limit,
        .said_ppm = state->said_ppm,
        .said_at_ns = state->said_at_ns,
        .last = {.start_at_ns = state->start_at_ns, .end_at_ns = state->end_at_ns}};

    return limit_has_reading(state) && state->end_at_ns > 0 ? append(windows, &stated) : 0;
}

/* Sets the limits of a provider of another ledger, and what they count by. */
static int copy_limits(struct windows *windows, const struct tq_provider *from, int64_t at_ns,
                       struct tq_error *error)
{
    struct tq_limit_state states[TQ_LIMITS_MAX] = {{.size = sizeof states[0]}};
    int count = tq_provider_limits(from, at_ns, states, TQ_LIMITS_MAX), answer = count < 0 ? count : 0;
    const char *name = tq_provider_name(from);
    uint32_t weights[TQ_CLASSES];
    int64_t price[TQ_CLASSES];
    struct tq_provider *to;

    if (count <= 0)
        return answer;
    answer = tq_ledger_provider(windows->ledger, name, strlen(name), 0, &to);
    for (int i = 0; i < count && answer == 0; i++)
        answer = limit_is_stated(&states[i].limit) ? add_stated(windows, to, &states[i])
                                                   : windows_set(windows, name, &states[i].limit, error);
    if (answer == 0)
        answer = tq_provider_weights(from, weights);
    if (answer == 0)
        answer = tq_provider_set_weights(to, weights);
    if (answer == 0)
        answer = tq_provider_price(from, price);
    return answer == 0 ? tq_provider_set_price(to, price) : answer;
}

static int copy_pool(struct windows *windows, const struct tq_provider *from)
{
    const char *name = tq_provider_name(from), *pool_name;
    struct tq_provider *pool, *to, *to_pool;
    int answer = tq_provider_pool(from, &pool);

    if (answer != 0)
        return answer < 0 ? answer : 0;
    pool_name = tq_provider_name(pool);
    answer = tq_ledger_provider(windows->ledger, name, strlen(name), 0, &to);
    if (answer == 0)
        answer = tq_ledger_provider(windows->ledger, pool_name, strlen(pool_name), 0, &to_pool);
    windows->pools = true;
    return answer == 0 ? tq_provider_set_pool(to, to_pool) : answer;
}

int windows_copy(struct windows *windows, struct tq_ledger *from, int64_t at_ns, struct tq_error *error)
{
    struct tq_provider *provider;
    uint64_t cursor = 0;
    int answer;

    while ((answer = tq_ledger_walk(from, &cursor, &provider)) == 0) {
        answer = copy_limits(windows, provider, at_ns, error);
        if (answer == 0)
            answer = copy_pool(windows, provider);
        if (answer < 0)
            break;
    }
    if (answer < 0 && !*error->msg)
        snprintf(error->msg, sizeof error->msg, "%s", tq_strerror(answer));
    return answer < 0 ? answer : 0;
}

/* ---- windows --------------------------------------------------------------------------------- */

bool window_is_day(const struct tq_limit *limit)
{
    return limit->window == TQ_WINDOW_ROLLING || limit->window == TQ_WINDOW_REFILL;
}

/* The window that a state is of, at the instant of a record. */
static struct window window_of(const struct windows *windows, const struct tq_limit_state *state,
                               int64_t at_ns)
{
    struct window window = {.start_at_ns = state->start_at_ns,
                            .end_at_ns = state->end_at_ns,
                            .used = state->used,
                            .uncosted = state->uncosted,
                            .spent = state->state == TQ_QUOTA_EXHAUSTED && !limit_is_predicted(state)};

    if (window_is_day(&state->limit)) {
        int64_t day = zone_day(at_ns, windows->local);

        window.start_at_ns = zone_day_begin(day, windows->local);
        window.end_at_ns = zone_day_begin(day + 1, windows->local);
    } else if (state->limit.window == TQ_WINDOW_ONCE) {
        window.start_at_ns = at_ns;
    }
    return window;
}

/* Are they the same window? A first-use window may have begun earlier than it seemed. */
static bool overlap(const struct window *a, const struct window *b)
{
    return (a->end_at_ns == 0 || b->start_at_ns < a->end_at_ns) &&
           (b->end_at_ns == 0 || a->start_at_ns < b->end_at_ns);
}

static void grow(const struct limit_windows *limit, struct window *window, const struct window *now)
{
    if (now->end_at_ns != 0) {
        window->start_at_ns = now->start_at_ns;
        window->end_at_ns = now->end_at_ns;
    }
    if (!window_is_day(&limit->limit) || now->used > window->used)
        window->used = now->used;
    window->uncosted = now->uncosted;
    window->spent |= now->spent;
}

/* Adds a window that has ended to the sums. 0 or TQ_ENOMEM. */
static int end(struct windows *windows, struct limit_windows *limit, const struct window *window)
{
    struct window *items;

    limit->spent += window->spent;
    /* A limit whose windows have no numbers counts these on and on. */
    limit->uncosted = window->uncosted + (limit->limit.window <= TQ_WINDOW_FIXED ? limit->uncosted : 0);
    if (window->used > limit->most.used || (limit->most.start_at_ns == 0 && limit->most.end_at_ns == 0))
        limit->most = *window;
    if (!windows->keep)
        return 0;
    items = tq__list_room(limit->items, limit->count, &limit->capacity, sizeof *items);
    if (!items)
        return TQ_ENOMEM;
    limit->items = items;
    items[limit->count++] = *window;
    return 0;
}

/* Notes how a limit stands after a record. 0 or TQ_ENOMEM. */
static int note(struct windows *windows, struct limit_windows *limit, const struct tq_limit_state *state,
                int64_t at_ns)
{
    struct window now = window_of(windows, state, at_ns);
    int answer = 0;

    if (now.start_at_ns == 0 && now.end_at_ns == 0)
        return 0; /* the record is of no window */
    if (limit->seen > 0 && overlap(&limit->last, &now)) {
        grow(limit, &limit->last, &now);
    } else if (limit->seen == 0 || now.start_at_ns > limit->last.start_at_ns) {
        if (limit->seen > 1)
            answer = end(windows, limit, &limit->before);
        limit->before = limit->last;
        limit->last = now;
        limit->seen++;
    } else if (limit->seen > 1 && overlap(&limit->before, &now)) {
        grow(limit, &limit->before, &now);
    }
    return answer;
}

static int look(struct windows *windows, struct tq_provider *provider, int64_t at_ns)
{
    struct tq_limit_state states[TQ_LIMITS_MAX] = {{.size = sizeof states[0]}};
    struct limit_windows *limit = first_of(windows, provider);
    int count = limit ? tq_provider_limits(provider, at_ns, states, TQ_LIMITS_MAX) : 0, answer = 0;

    for (; limit && answer == 0; limit = next_of(windows, limit))
        for (int i = 0; i < count && answer == 0; i++)
            if (states[i].number == limit->number)
                answer = note(windows, limit, &states[i], at_ns);
    return count < 0 ? count : answer;
}

int windows_look(struct windows *windows, struct tq_provider *provider, int64_t at_ns)
{
    int answer = 0;

    if (windows->count == 0 || at_ns < 0)
        return 0;
    for (int level = 0; level <= POOLS_MOST && provider && answer == 0; level++) {
        answer = look(windows, provider, at_ns);
        if (!windows->pools || tq_provider_pool(provider, &provider) != 0)
            break;
    }
    return answer;
}

/* What a record counts in a unit. The vendor's share has no unit of ours: tokens are shown. */
static int64_t count_of(const struct tq_usage *usage, uint32_t unit)
{
    switch (unit) {
    case TQ_UNIT_REQUESTS:
        return 1;
    case TQ_UNIT_INPUT:
        return usage->input;
    case TQ_UNIT_OUTPUT:
        return usage->output;
    case TQ_UNIT_COST:
        return usage->cost_nano_usd / 1000;
    default:
        return usage->counted;
    }
}

void windows_count_stated(struct windows *windows, struct tq_provider *provider, const struct tq_usage *usage,
                          int64_t at_ns)
{
    for (int level = 0; level <= POOLS_MOST && provider; level++) {
        for (struct limit_windows *limit = first_of(windows, provider); limit;
             limit = next_of(windows, limit)) {
            if (limit->said_at_ns == 0 || at_ns < limit->last.start_at_ns || at_ns >= limit->last.end_at_ns)
                continue;
            limit->seen = 1;
            limit->last.used = tq__add_saturated(limit->last.used, count_of(usage, limit->limit.unit));
        }
        if (!windows->pools || tq_provider_pool(provider, &provider) != 0)
            return;
    }
}

static int compare(const void *left, const void *right)
{
    const struct limit_windows *a = left, *b = right;
    int order = strcmp(tq_provider_name(a->provider), tq_provider_name(b->provider));

    return order ? order : (a->number > b->number) - (a->number < b->number);
}

int windows_end(struct windows *windows)
{
    int answer = 0;

    for (size_t i = 0; i < windows->count && answer == 0; i++) {
        struct limit_windows *limit = &windows->items[i];

        if (limit->seen > 1)
            answer = end(windows, limit, &limit->before);
        if (limit->seen > 0 && answer == 0)
            answer = end(windows, limit, &limit->last);
    }
    if (windows->count > 0)
        qsort(windows->items, windows->count, sizeof *windows->items, compare);
    windows->by_provider.count = windows->by_provider.capacity = 0;
    return answer;
}

void windows_free(struct windows *windows)
{
    for (size_t i = 0; i < windows->count; i++)
        free(windows->items[i].items);
    free(windows->items);
    free(windows->by_provider.slots);
}
