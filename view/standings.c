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

/* The first day that is not before start_at_ns. */
static size_t day_index(const struct provider *provider, int64_t start_at_ns)
{
    size_t low = 0, high = provider->day_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (provider->days[middle].start_at_ns < start_at_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool day_is(const struct provider *provider, size_t index, int64_t start_at_ns)
{
    return index < provider->day_count && provider->days[index].start_at_ns == start_at_ns;
}

const struct day *provider_find_day(const struct provider *provider, int64_t at_ns)
{
    int64_t start_at_ns = tq__day_start(at_ns);
    size_t index = day_index(provider, start_at_ns);

    return day_is(provider, index, start_at_ns) ? &provider->days[index] : NULL;
}

/* There may be a million providers with a day each: the list begins with few. */
static struct day *insert_day(struct provider *provider, size_t index, int64_t start_at_ns)
{
    struct day *days = provider->days;

    if (provider->day_count == provider->day_capacity) {
        size_t capacity = provider->day_capacity ? provider->day_capacity * 2 : 4;

        days = realloc(days, capacity * sizeof *days);
        if (!days)
            return NULL;
        provider->days = days;
        provider->day_capacity = capacity;
    }
    memmove(days + index + 1, days + index, (provider->day_count++ - index) * sizeof *days);
    days[index] = (struct day){.start_at_ns = start_at_ns};
    return &days[index];
}

struct day *provider_day(struct provider *provider, int64_t at_ns)
{
    int64_t start_at_ns;
    size_t index;

    if (provider->day_count > 0) {
        struct day *last = &provider->days[provider->day_last];

        if (at_ns >= last->start_at_ns && at_ns - last->start_at_ns < TQ__DAY_NS)
            return last;
    }
    start_at_ns = tq__day_start(at_ns);
    index = day_index(provider, start_at_ns);
    if (!day_is(provider, index, start_at_ns) && !insert_day(provider, index, start_at_ns))
        return NULL;
    provider->day_last = index;
    return &provider->days[index];
}

int64_t provider_total(const struct provider *provider)
{
    int64_t sum = 0;

    for (size_t i = 0; i < provider->day_count; i++)
        sum = tq__add_saturated(sum, provider->days[i].used);
    return sum;
}

/* ---- standings ------------------------------------------------------------------------------- */

int64_t project(int64_t used, int64_t at_ns)
{
    int64_t elapsed_ns = at_ns - tq__day_start(at_ns);

    return elapsed_ns ? tq__multiply_divide(used, TQ__DAY_NS, elapsed_ns, true) : -1;
}

int standings_init(struct standings *standings, size_t count, int64_t at_ns, const char *now)
{
    *standings = (struct standings){.at_ns = at_ns, .now = now, .idle_words = "used nothing today"};
    standings->items = malloc((count + 1) * sizeof *standings->items);
    return standings->items ? 0 : TQ_ENOMEM;
}

struct standing *standings_append(struct standings *standings, const struct provider *provider, int64_t used)
{
    struct standing *standing = &standings->items[standings->count++];
    int64_t elapsed_ns = standings->at_ns - tq__day_start(standings->at_ns);

    *standing = (struct standing){
        .provider = provider,
        .used = used,
        .burn_rate = elapsed_ns ? tq__multiply_divide(used, TQ__HOUR_NS, elapsed_ns, false) : -1,
        .projection = project(used, standings->at_ns),
    };
    return standing;
}

/* Of its budget, in hundredths of a percent; -1 without one. */
static int64_t share(const struct standing *standing)
{
    int64_t budget = standing->provider->budget;

    return budget ? tq__multiply_divide(standing->used, 10000, budget, false) : -1;
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
    int order = descending(a->state, b->state);

    if (!order)
        order = descending(b->retry_at_ns, a->retry_at_ns);
    if (!order)
        order = a->idle - b->idle;
    if (!order)
        order = descending(share(a), share(b));
    if (!order)
        order = descending(a->used, b->used);
    return order ? order : strcmp(a->provider->name, b->provider->name);
}

void standings_finish(struct standings *standings)
{
    for (size_t i = 0; i < standings->count; i++) {
        standings->exhausted += standings->items[i].state == TQ_QUOTA_EXHAUSTED;
        standings->idle += standings->items[i].idle;
    }
    qsort(standings->items, standings->count, sizeof *standings->items, compare);
}

/* ---- as JSON --------------------------------------------------------------------------------- */

/* A verdict says why; without one, the records of a log are counted. */
static json_t *standing_json(const struct standing *standing)
{
    const struct provider *provider = standing->provider;
    json_t *object = json_pack("{s:s}", "provider", provider->name), *end;

    if (!standing->has_verdict)
        object = json_join(object, json_pack("{s:o, s:o}", "records", number_json(provider->records),
                                             "tokens", number_json(provider_total(provider))));
    object = json_join(object, json_pack("{s:o, s:o, s:o, s:o}", "used", number_json(standing->used),
                                         "budget", some_json(provider->budget), "burn_rate_per_hour",
                                         number_json(standing->burn_rate), "projection",
                                         number_json(standing->projection)));
    if (!standing->has_verdict)
        end = json_pack("{s:s, s:o}", "state", tq_state_name(standing->state), "retry_at",
                        retry_json(standing->state, standing->retry_at_ns));
    else
        end = json_join(json_pack("{s:s}", "rule", rule_name(standing->verdict.rule)),
                        verdict_json(&standing->verdict));
    return json_join(object, end);
}

json_t *standings_json(const struct standings *standings)
{
    json_t *array = json_array();

    for (size_t i = 0; i < standings->count; i++)
        json_array_append_new(array, standing_json(&standings->items[i]));
    return array;
}

json_t *standings_days_json(const struct standings *standings)
{
    json_t *array = json_array();

    for (size_t i = 0; i < standings->count; i++) {
        const struct provider *provider = standings->items[i].provider;

        for (const struct day *day = provider->days; day < provider->days + provider->day_count; day++) {
            json_t *object = day_json(day->start_at_ns, provider->name, day->used);

            if (standings->transitions)
                object = json_join(
                    object, json_pack("{s:o, s:o}", "budget", some_json(provider->budget), "exhausted_at",
                                      day->exhausted ? instant_json(day->exhausted_at_ns) : json_null()));
            json_array_append_new(array, object);
        }
    }
    return array;
}

/* ---- the standings of a ledger --------------------------------------------------------------- */

static int append(struct ledger_standings *all, struct tq_provider *handle)
{
    struct provider *providers = tq__list_room(all->providers, all->count, &all->capacity, sizeof *providers);
    int64_t budget = tq_provider_budget(handle);

    if (!providers)
        return TQ_ENOMEM;
    all->providers = providers;
    if (budget < 0) {
        all->about = tq_provider_name(handle);
        return (int)budget;
    }
    providers[all->count++] = (struct provider){
        .handle = handle,
        .name = tq_provider_name(handle),
        .name_len = (uint32_t)strlen(tq_provider_name(handle)),
        .budget = budget,
    };
    return 0;
}

static int take_all(struct ledger_standings *all, struct tq_ledger *ledger)
{
    struct tq_provider *handle;
    uint64_t cursor = 0;
    int answer;

    while ((answer = tq_ledger_walk(ledger, &cursor, &handle)) == 0)
        if ((answer = append(all, handle)) != 0)
            return answer;
    return answer < 0 ? answer : 0;
}

/* A provider that is given twice is shown once. */
static int take_given(struct ledger_standings *all, const struct ledger_question *question)
{
    int answer = 0;

    for (size_t i = 0; i < question->count && answer == 0; i++) {
        size_t at = 0;

        while (at < all->count && all->providers[at].handle != question->providers[i])
            at++;
        if (at == all->count)
            answer = append(all, question->providers[i]);
    }
    return answer;
}

/* The days that the ledger keeps, up to the one of at_ns. */
static int take_days(struct provider *provider, const struct tq_ledger_info *info, int64_t at_ns)
{
    int64_t first_ns = tq__day_start(at_ns) - (info->history_days - 1) * TQ__DAY_NS;

    for (int64_t day_ns = first_ns; day_ns <= at_ns; day_ns += TQ__DAY_NS) {
        int64_t used = tq_provider_used(provider->handle, day_ns);
        struct day *day;

        if (used == 0 || used == TQ_ERANGE)
            continue;
        if (used < 0)
            return (int)used;
        day = provider_day(provider, day_ns);
        if (!day)
            return TQ_ENOMEM;
        day->used = used;
    }
    return 0;
}

static int take_standing(struct ledger_standings *all, struct provider *provider,
                         const struct ledger_question *question)
{
    struct tq_verdict verdict;
    int state = verdict_read(provider->handle, question->at_ns, &verdict);
    struct standing *standing;

    if (state < 0)
        return state;
    standing = standings_append(&all->standings, provider, verdict.used);
    standing->verdict = verdict;
    standing->has_verdict = true;
    standing->state = state;
    standing->retry_at_ns = verdict.retry_at_ns;
    standing->idle = verdict.used == 0 && state == TQ_AVAILABLE && !provider->budget && !question->providers;
    return question->days ? take_days(provider, &all->info, question->at_ns) : 0;
}

int ledger_standings_make(struct ledger_standings *all, struct tq_ledger *ledger,
                          const struct ledger_question *question)
{
    int answer;

    *all = (struct ledger_standings){.info = {.size = sizeof all->info}};
    answer = tq_ledger_statistics(ledger, &all->info);
    if (answer == 0)
        answer = question->providers ? take_given(all, question) : take_all(all, ledger);
    if (answer == 0)
        answer = standings_init(&all->standings, all->count, question->at_ns, question->now);
    if (answer != 0)
        return answer;
    all->standings.idle_words = "without budget, usage and mark today";
    for (size_t i = 0; i < all->count && answer == 0; i++)
        if ((answer = take_standing(all, &all->providers[i], question)) != 0)
            all->about = all->providers[i].name;
    standings_finish(&all->standings);
    return answer;
}

void ledger_standings_free(struct ledger_standings *all)
{
    for (size_t i = 0; i < all->count; i++)
        free(all->providers[i].days);
    free(all->providers);
    free(all->standings.items);
}

json_t *ledger_standings_json(const struct ledger_standings *all, const char *path, bool with_days)
{
    const struct standings *standings = &all->standings;
    /* clang-format off */
    json_t *document = json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:o}",
                                 "schema", SCHEMA,
                                 "version", tq_version_string(),
                                 "path", text_json(path),
                                 "at", instant_json(standings->at_ns),
                                 "day_ends_at", instant_json(tq__day_end(standings->at_ns)),
                                 "ledger", info_json(&all->info),
                                 "providers", standings_json(standings));
    /* clang-format on */

    if (!with_days)
        return document;
    return json_join(document, json_pack("{s:o}", "days", standings_days_json(standings)));
}
