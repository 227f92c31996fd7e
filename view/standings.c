/* standings.c: how providers stand at an instant, the most urgent first, and what they used day by day.
 *
 * SPDX-License-Identifier: MIT
 */
#include "standings.h"

#include <string.h>

#include "base/list.h"
#include "base/number.h"
#include "base/time.h"
#include "json.h"
#include "verdict.h"

/* ---- days ------------------------------------------------------------------------------------ */

/* How many days begin at or before an instant. Most questions are about the last days. */
static size_t days_until(const struct provider *provider, int64_t at_ns)
{
    size_t count = provider->day_count;

    while (count > 0 && provider->days[count - 1].start_at_ns > at_ns)
        count--;
    return count;
}

const struct day *provider_find_day(const struct provider *provider, int64_t at_ns)
{
    size_t count = days_until(provider, at_ns);

    return count > 0 && at_ns - provider->days[count - 1].start_at_ns < TQ__DAY_NS
               ? &provider->days[count - 1]
               : NULL;
}

/* There may be a million providers with a day each: the list has room for a power of two, and begins with
 * one. */
struct day *provider_day(struct provider *provider, int64_t at_ns)
{
    size_t index = days_until(provider, at_ns), count = provider->day_count;
    struct day *days = provider->days;

    if (index > 0 && at_ns - days[index - 1].start_at_ns < TQ__DAY_NS)
        return &days[index - 1];
    if ((count & (count - 1)) == 0) {
        days = realloc(days, (count > 0 ? count * 2 : 1) * sizeof *days);
        if (!days)
            return NULL;
        provider->days = days;
    }
    memmove(days + index + 1, days + index, (count - index) * sizeof *days);
    provider->day_count++;
    days[index] = (struct day){.start_at_ns = tq__day_start(at_ns)};
    return &days[index];
}

int64_t provider_total(const struct provider *provider)
{
    int64_t sum = 0;

    for (size_t i = 0; i < provider->day_count; i++)
        sum = tq__add_saturated(sum, provider->days[i].used);
    return sum;
}

/* ---- standings ------------------------------------------------------------------------------- */

int standings_init(struct standings *standings, size_t count)
{
    standings->count = 0;
    standings->items = malloc((count + 1) * sizeof *standings->items);
    return standings->items ? 0 : TQ_ENOMEM;
}

static void standing_free(struct standing *standing)
{
    limits_free(&standing->limits);
    limits_free(&standing->above);
}

void standings_free(struct standings *standings)
{
    for (size_t i = 0; i < standings->count; i++)
        standing_free(&standings->items[i]);
    free(standings->items);
    standings->items = NULL;
    standings->count = 0;
}

/* The limit of the pool that binds is read with all of that pool. */
static int read_above(struct standing *standing, int64_t at_ns)
{
    const struct tq_verdict *verdict = &standing->verdict;
    struct tq_provider *pool = pool_above(standing->provider->handle, 1);
    const struct tq_limit_state *found;
    struct limits all;
    int answer;

    standing->pool = tq_provider_name(pool);
    if (verdict->level == 0 || verdict->state == TQ_AVAILABLE)
        return 0;
    pool = pool_above(standing->provider->handle, verdict->level);
    standing->binds = tq_provider_name(pool);
    if (!pool || !verdict_has_limit(verdict))
        return 0;
    answer = limits_read(pool, at_ns, &all);
    found = limits_find(&all, verdict->limit);
    if (found) {
        all.items[0] = *found;
        all.count = 1;
        standing->above = all;
    } else {
        limits_free(&all);
    }
    return answer;
}

struct standing *standings_append(struct standings *standings, const struct provider *provider, int *answer)
{
    struct standing *standing = &standings->items[standings->count];
    int64_t elapsed_ns = standings->at_ns - tq__day_start(standings->at_ns), used;

    *standing = (struct standing){.provider = provider};
    *answer = verdict_read(provider->handle, standings->at_ns, 0, &standing->verdict);
    if (*answer < 0)
        return NULL;
    standings->count++; /* so that what is allocated from here on is freed */
    *answer = limits_read(provider->handle, standings->at_ns, &standing->limits);
    if (*answer == 0)
        *answer = holds_sum(provider->handle, standings->at_ns, &standing->held);
    if (*answer == 0)
        *answer = read_above(standing, standings->at_ns);
    if (*answer == 0)
        *answer =
            outlook_read(provider->handle, &standing->verdict, standings->history_days, &standing->outlook);
    if (*answer < 0)
        return NULL;
    if (!standings->of_log)
        standing->outlook.lasts = lasts_by_rule(standing->outlook.lasts, &standing->verdict);
    /* What a pool used is in its own standing. */
    if (standing->verdict.level > 0 && standing->verdict.state == TQ_QUOTA_EXHAUSTED) {
        standing->verdict.used = tq_provider_used(provider->handle, standings->at_ns);
        standing->verdict.budget = provider->budget;
    }
    used = standing->verdict.used;
    standing->burn_rate = elapsed_ns ? tq__multiply_divide(used, TQ__HOUR_NS, elapsed_ns, false) : -1;
    standing->idle = used == 0 && standing->verdict.state == TQ_AVAILABLE && standing->limits.count == 0 &&
                     standing->held.holds == 0;
    return standing;
}

/* The largest part that is used of its budget or a limit, in millionths; -1 when none is known. */
static int64_t share(const struct standing *standing)
{
    int64_t budget = standing->provider->budget, largest = -1;

    if (budget)
        largest = tq__multiply_divide(standing->verdict.used, 1000000, budget, false);
    for (size_t i = 0; i < standing->limits.count; i++)
        if (limit_share(&standing->limits.items[i]) > largest)
            largest = limit_share(&standing->limits.items[i]);
    return largest;
}

static int descending(int64_t a, int64_t b)
{
    return (a < b) - (a > b);
}

/* The exhausted come first, among them the one that is back first. Then comes the one that is nearest to its
 * budget, then the one that used most. Names differ, so no two are equal. */
static int compare(const void *left, const void *right)
{
    const struct standing *a = left, *b = right;
    int order = descending(a->verdict.state, b->verdict.state);

    if (!order)
        order = descending(b->verdict.retry_at_ns, a->verdict.retry_at_ns);
    if (!order)
        order = a->idle - b->idle;
    if (!order)
        order = descending(share(a), share(b));
    if (!order)
        order = descending(a->verdict.used, b->verdict.used);
    return order ? order : strcmp(a->provider->name, b->provider->name);
}

void standings_keep(struct standings *standings, size_t most,
                    void (*passed_by)(void *context, const struct standing *standing), void *context)
{
    qsort(standings->items, standings->count, sizeof *standings->items, compare);
    while (standings->count > most) {
        struct standing *last = &standings->items[--standings->count];

        if (passed_by)
            passed_by(context, last);
        standing_free(last);
    }
}

void standings_finish(struct standings *standings)
{
    for (size_t i = 0; i < standings->count; i++) {
        standings->exhausted += standings->items[i].verdict.state == TQ_QUOTA_EXHAUSTED;
        standings->idle += standings->items[i].idle;
    }
    qsort(standings->items, standings->count, sizeof *standings->items, compare);
}

/* ---- as JSON --------------------------------------------------------------------------------- */

static json_t *standing_json(const struct standings *standings, const struct standing *standing)
{
    const struct provider *provider = standing->provider;
    const struct tq_verdict *verdict = &standing->verdict;
    json_t *object = json_pack("{s:s}", "provider", provider->name), *end;
    bool of_log = standings->of_log;
    char sentence[SENTENCE_BYTES];

    if (!of_log)
        verdict_sentence(verdict, sentence);
    /* clang-format off */
    if (of_log)
        object = json_join(object, json_pack("{s:o, s:o}",
                                             "records", number_json(provider->records),
                                             "tokens", number_json(provider_total(provider))));
    object = json_join(object, json_pack("{s:o, s:o, s:o}",
                                         "used", number_json(verdict->used),
                                         "budget", some_json(provider->budget),
                                         "burn_rate_per_hour", number_json(standing->burn_rate)));
    object = json_join(object, outlook_json(&standing->outlook));
    if (of_log)
        end = json_pack("{s:s, s:o}",
                        "state", tq_state_name(verdict->state),
                        "retry_at", some_instant_json(verdict->retry_at_ns));
    else
        end = json_join(json_pack("{s:s, s:s?, s:o, s:o, s:s, s:o}",
                                  "sentence", sentence,
                                  "pool", standing->pool,
                                  "holds", holds_sum_json(&standing->held),
                                  "limits", limits_json(&standing->limits),
                                  "rule", rule_name(verdict->rule),
                                  "cut_off", cut_off_json(standings->cut_off_at_ns, provider->handle)),
                        verdict_json(verdict));
    /* clang-format on */
    return json_join(object, end);
}

json_t *standings_json(const struct standings *standings)
{
    json_t *array = json_array();

    for (size_t i = 0; i < standings->count; i++)
        json_array_append_new(array, standing_json(standings, &standings->items[i]));
    return array;
}

json_t *standings_days_json(const struct standings *standings)
{
    json_t *array = json_array();

    for (size_t i = 0; i < standings->count; i++) {
        const struct provider *provider = standings->items[i].provider;

        for (size_t j = 0; j < provider->day_count; j++) {
            const struct day *day = &provider->days[j];
            json_t *object = day_json(day->start_at_ns, provider->name, day->used);

            if (standings->of_log)
                object = json_join(
                    object, json_pack("{s:o, s:o}", "budget", some_json(provider->budget), "exhausted_at",
                                      day->exhausted ? instant_json(day->exhausted_at_ns) : json_null()));
            json_array_append_new(array, object);
        }
    }
    return array;
}
