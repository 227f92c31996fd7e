/* limits_model.c: limits as docs/windows.md defines them, slow and obvious, for tests to compare with.
 *
 * SPDX-License-Identifier: MIT
 */
#include "limits_model.h"

#include <stdlib.h>
#include <string.h>

#include "care_model.h"
#include "naive_calendar.h"

#define SECOND_NS INT64_C(1000000000)
#define HOUR_NS (3600 * SECOND_NS)
#define COUNT_MAX ((INT64_C(1) << 40) - 1)
#define COUNT_MAX_FIRST_USE ((INT64_C(1) << 32) - 1)
#define BUCKETS 100 /* of a rolling limit's length */
#define STEP_NS 64  /* of a refilling limit */
#define SLACK 1024  /* a part of a unit that does not count as used */
#define FRACTION 32 /* bits behind the nanosecond in which the model reckons a refill */

struct entry {
    int64_t at_ns;
    int64_t amount; /* below 0: taken back */
    int64_t uncosted;
};

struct limit {
    bool used;
    struct tq_limit said;
    struct entry *entries; /* what counts, in the order in which it came */
    size_t count, room;
    bool begun; /* a record has come */
    int64_t newest_ns;
    int64_t start_ns, opened_ns, floor_ns; /* first-use: where the window begins, the record that opened it,
                                              and before which none can begin */
    __int128 full_low,
        full_high; /* refill: when the bucket is full, in 2^-FRACTION ns; true and rounded up */
};

struct provider {
    struct limit limit[TQ_LIMITS_MAX];
    int pool;
    bool has_weights, has_price;
    uint32_t weights[TQ_CLASSES];
    int64_t price[TQ_CLASSES];
    uint32_t rule; /* TQ_RULE_DEFAULT: the ledger's */
    unsigned care;
    struct cm_notes notes;
};

struct limits_model {
    uint32_t rule;
    size_t count;
    struct provider *providers;
};

struct limits_model *lm_new(size_t providers, uint32_t rule)
{
    struct limits_model *model = calloc(1, sizeof *model);

    if (!model || !(model->providers = calloc(providers, sizeof *model->providers)))
        abort();
    model->count = providers;
    model->rule = rule;
    for (size_t i = 0; i < providers; i++)
        lm_forget(model, (int)i);
    return model;
}

static bool has_windows(const struct limit *limit)
{
    return limit->said.window <= TQ_WINDOW_FIXED;
}

/* Forgets what is counted; the window has turned to where it is. */
static void clear(struct limit *limit)
{
    struct tq_limit said = limit->said;
    bool used = limit->used;

    bool keeps = has_windows(limit) || said.window == TQ_WINDOW_ROLLING, begun = keeps && limit->begun;
    int64_t newest_ns = limit->newest_ns;

    free(limit->entries);
    *limit = (struct limit){.used = used, .said = said, .begun = begun, .newest_ns = newest_ns};
}

void lm_free(struct limits_model *model)
{
    if (!model)
        return;
    for (size_t i = 0; i < model->count; i++)
        lm_reset(model, (int)i);
    free(model->providers);
    free(model);
}

/* ---- what is set ------------------------------------------------------------------------------ */

/* Anchors that are whole lengths apart give the same windows. */
static bool same_limit(const struct tq_limit *a, const struct tq_limit *b)
{
    if (a->unit != b->unit || a->window != b->window || a->length_ns != b->length_ns ||
        strcmp(a->zone, b->zone) != 0)
        return false;
    if (a->window == TQ_WINDOW_FIXED)
        return (a->anchor_at_ns - b->anchor_at_ns) % a->length_ns == 0;
    return (a->first ? a->first : 1) == (b->first ? b->first : 1);
}

/* The reserve in the unit; a share is rounded up. */
static int64_t reserve_of(const struct tq_limit *said)
{
    if (said->reserve_share == 0)
        return said->reserve;
    return (int64_t)(((__int128)said->amount * said->reserve_share + 9999) / 10000);
}

static void take_named(struct tq_limit *said, const struct tq_limit *limit)
{
    if (limit->known & TQ_LIMIT_AMOUNT)
        said->amount = limit->amount;
    if (limit->known & TQ_LIMIT_RESERVE) {
        said->reserve = limit->reserve;
        said->reserve_share = limit->reserve_share;
    }
    said->known = TQ_LIMIT_AMOUNT | TQ_LIMIT_RESERVE;
}

int lm_set(struct limits_model *model, int provider, const struct tq_limit *limit)
{
    struct limit *lines = model->providers[provider].limit, *found = NULL;
    struct tq_limit said;

    for (int i = TQ_LIMITS_MAX - 1; i >= 0; i--)
        if (!lines[i].used)
            found = &lines[i];
    for (int i = 0; i < TQ_LIMITS_MAX; i++)
        if (lines[i].used && same_limit(&lines[i].said, limit))
            found = &lines[i];
    said = found && found->used ? found->said : *limit;
    if (!found || !found->used) {
        said.amount = said.reserve = 0;
        said.reserve_share = 0;
    }
    take_named(&said, limit);
    if (said.amount > 0 && reserve_of(&said) > said.amount)
        return TQ_EINVAL;
    if (!found)
        return TQ_EFULL;
    found->used = true;
    found->said = said;
    return (int)(found - lines) + 1;
}

static struct limit *find(const struct limits_model *model, int provider, uint32_t number)
{
    struct limit *limit =
        number >= 1 && number <= TQ_LIMITS_MAX ? &model->providers[provider].limit[number - 1] : NULL;

    return limit && limit->used ? limit : NULL;
}

bool lm_remove(struct limits_model *model, int provider, uint32_t number)
{
    struct limit *limit = find(model, provider, number);

    if (!limit)
        return false;
    limit->begun = false;
    limit->used = false;
    clear(limit);
    return true;
}

void lm_set_pool(struct limits_model *model, int provider, int pool)
{
    model->providers[provider].pool = pool;
}

int lm_pool(const struct limits_model *model, int provider)
{
    return model->providers[provider].pool;
}

void lm_set_weights(struct limits_model *model, int provider, const uint32_t weights[TQ_CLASSES])
{
    model->providers[provider].has_weights = true;
    memcpy(model->providers[provider].weights, weights, TQ_CLASSES * sizeof *weights);
}

void lm_set_price(struct limits_model *model, int provider, const int64_t price[TQ_CLASSES])
{
    model->providers[provider].has_price = false;
    for (int i = 0; i < TQ_CLASSES; i++)
        model->providers[provider].has_price = model->providers[provider].has_price || price[i] >= 0;
    memcpy(model->providers[provider].price, price, TQ_CLASSES * sizeof *price);
}

void lm_set_rule(struct limits_model *model, int provider, uint32_t rule)
{
    model->providers[provider].rule = rule;
    if (rule == TQ_RULE_DEFAULT)
        model->providers[provider].care = TQ_CARE_DEFAULT;
}

void lm_set_care(struct limits_model *model, int provider, unsigned care)
{
    model->providers[provider].rule = TQ_RULE_CARE;
    model->providers[provider].care = care;
}

static uint32_t rule_of(const struct limits_model *model, int provider)
{
    uint32_t rule = model->providers[provider].rule;

    return rule == TQ_RULE_DEFAULT ? model->rule : rule;
}

unsigned lm_care(const struct limits_model *model, int provider)
{
    return rule_of(model, provider) == TQ_RULE_CARE ? model->providers[provider].care : 0;
}

void lm_reset(struct limits_model *model, int provider)
{
    for (int i = 0; i < TQ_LIMITS_MAX; i++)
        clear(&model->providers[provider].limit[i]);
    cm_clear(&model->providers[provider].notes);
}

void lm_forget(struct limits_model *model, int provider)
{
    struct provider *forgotten = &model->providers[provider];

    for (uint32_t i = 1; i <= TQ_LIMITS_MAX; i++)
        lm_remove(model, provider, i);
    cm_clear(&forgotten->notes);
    lm_set_rule(model, provider, TQ_RULE_DEFAULT);
    forgotten->pool = LM_NONE;
    for (int i = 0; i < TQ_CLASSES; i++) {
        forgotten->has_weights = forgotten->has_price = false;
        forgotten->weights[i] = 1000;
        forgotten->price[i] = -1;
    }
}

/* ---- windows ---------------------------------------------------------------------------------- */

/* The calendar or fixed window that holds an instant. */
static struct nc_window window_of(const struct limit *limit, int64_t at_ns)
{
    if (limit->said.window == TQ_WINDOW_FIXED)
        return nc_fixed(limit->said.anchor_at_ns, limit->said.length_ns, at_ns);
    return nc_calendar(limit->said.zone, limit->said.window, limit->said.first ? limit->said.first : 1,
                       at_ns);
}

/* Does the window before the newest one, or a newer one, hold an instant? */
static bool window_is_kept(const struct limit *limit, int64_t at_ns)
{
    struct nc_window newest;

    if (!limit->begun)
        return true;
    newest = window_of(limit, limit->newest_ns);
    return at_ns >= window_of(limit, newest.begin_ns - 1).begin_ns;
}

static int64_t bucket_of(const struct limit *limit, int64_t at_ns)
{
    return nc_divide(at_ns, limit->said.length_ns / BUCKETS);
}

/* ---- counting --------------------------------------------------------------------------------- */

static int64_t count_max(const struct limit *limit)
{
    return limit->said.window == TQ_WINDOW_FIRST_USE ? COUNT_MAX_FIRST_USE : COUNT_MAX;
}

/* One more on a count, which stays between 0 and its maximum, and at the maximum. */
static int64_t counted(const struct limit *limit, int64_t count, int64_t amount)
{
    __int128 sum = (__int128)count + amount;

    if (count == count_max(limit) || sum > count_max(limit))
        return count_max(limit);
    return sum < 0 ? 0 : (int64_t)sum;
}

static void keep(struct limit *limit, int64_t at_ns, int64_t amount, int64_t uncosted)
{
    if (limit->count == limit->room) {
        limit->room = limit->room ? 2 * limit->room : 64;
        limit->entries = realloc(limit->entries, limit->room * sizeof *limit->entries);
        if (!limit->entries)
            abort();
    }
    limit->entries[limit->count++] = (struct entry){at_ns, amount, uncosted};
}

/* A first-use window: whether a record counts, after it may have begun a window, or moved one back. */
static bool first_use_takes(struct limit *limit, int64_t at_ns)
{
    int64_t begin_ns = at_ns - at_ns % (4 * SECOND_NS), length_ns = limit->said.length_ns;

    if (!limit->begun || at_ns >= nc_after(limit->start_ns, length_ns)) {
        limit->floor_ns = limit->begun ? nc_after(limit->start_ns, length_ns) : 0;
        limit->start_ns = limit->opened_ns = begin_ns;
        limit->count = 0;
        return true;
    }
    if (at_ns >= limit->start_ns)
        return true;
    if (limit->opened_ns - begin_ns >= length_ns || begin_ns < limit->floor_ns)
        return false;
    limit->start_ns = begin_ns;
    return true;
}

/* The instant in whole steps. */
static __int128 step_of(int64_t at_ns)
{
    return (__int128)nc_divide(at_ns, STEP_NS) * STEP_NS << FRACTION;
}

/* When a bucket is full after a record. An empty one becomes no emptier. */
static __int128 emptied(__int128 full, __int128 cost, int64_t length_ns, int64_t at_ns)
{
    __int128 at = step_of(at_ns), empty = at + ((__int128)length_ns << FRACTION);

    if (full < at)
        full = at;
    if (full >= empty)
        return full;
    return full + cost < empty ? full + cost : empty;
}

static void refill_takes(struct limit *limit, int64_t at_ns, int64_t amount)
{
    __int128 step = (__int128)STEP_NS << FRACTION, cost;

    if (amount > limit->said.amount)
        amount = limit->said.amount;
    cost = ((__int128)amount * limit->said.length_ns << FRACTION) / limit->said.amount;
    limit->full_low = emptied(limit->full_low, cost, limit->said.length_ns, at_ns);
    limit->full_high =
        emptied(limit->full_high, (cost + step - 1) / step * step, limit->said.length_ns, at_ns);
}

static void count_in(struct limit *limit, const struct lm_amounts *amounts, int64_t at_ns)
{
    int64_t amount = amounts->of[limit->said.unit] > 0 ? amounts->of[limit->said.unit] : 0;
    bool takes = at_ns >= 0;

    if (!takes)
        return;
    if (has_windows(limit))
        takes = window_is_kept(limit, at_ns);
    else if (limit->said.window == TQ_WINDOW_FIRST_USE)
        takes = first_use_takes(limit, at_ns);
    else if (limit->said.window == TQ_WINDOW_ROLLING && limit->begun)
        takes = bucket_of(limit, at_ns) >= bucket_of(limit, limit->newest_ns) - BUCKETS;
    else if (limit->said.window == TQ_WINDOW_REFILL)
        refill_takes(limit, at_ns, amount);
    if (!takes)
        return;
    keep(limit, at_ns, amount, amounts->uncosted);
    if (!limit->begun || at_ns > limit->newest_ns)
        limit->newest_ns = at_ns;
    limit->begun = true;
}

/* ---- what a record amounts to ----------------------------------------------------------------- */

static int64_t bounded(__int128 n)
{
    return n > INT64_MAX ? INT64_MAX : n < 0 ? 0 : (int64_t)n;
}

static struct lm_amounts plain(int64_t tokens)
{
    struct lm_amounts amounts = {.of = {[TQ_UNIT_TOKENS] = tokens,
                                        [TQ_UNIT_TOTAL] = tokens,
                                        [TQ_UNIT_REQUESTS] = 1,
                                        [TQ_UNIT_WEIGHTED] = tokens},
                                 .uncosted = true};

    return amounts;
}

/* Without a cost, and without a price for each class that it has tokens of, a response has none. */
static int64_t cost(const struct provider *provider, const struct tq_usage *usage,
                    const int64_t class[TQ_CLASSES], bool any, bool *uncosted)
{
    __int128 sum = 0;

    *uncosted = false;
    if (usage->known & TQ_USAGE_COST)
        return bounded(((__int128)(usage->cost_nano_usd > 0 ? usage->cost_nano_usd : 0) + 999) / 1000);
    *uncosted = !any;
    for (int i = 0; i < TQ_CLASSES; i++) {
        if (class[i] > 0 && provider->price[i] < 0)
            *uncosted = true;
        else
            sum += (__int128)class[i] * provider->price[i];
    }
    return *uncosted ? 0 : bounded((sum + 999999) / 1000000);
}

static struct lm_amounts amounts_of(const struct provider *provider, const struct tq_usage *usage)
{
    static const uint32_t bits[TQ_CLASSES] = {TQ_USAGE_INPUT, TQ_USAGE_CACHE_READ, TQ_USAGE_CACHE_WRITE,
                                              TQ_USAGE_OUTPUT};
    const int64_t fields[TQ_CLASSES] = {usage->input, usage->cache_read, usage->cache_write, usage->output};
    int64_t class[TQ_CLASSES];
    struct lm_amounts amounts = {0};
    __int128 input = 0, weighted = 0;
    bool any = false;

    for (int i = 0; i < TQ_CLASSES; i++) {
        bool known = usage->known & bits[i];

        class[i] = known && fields[i] > 0 ? fields[i] : 0;
        any = any || known;
        if (i < TQ_CLASSES - 1)
            input += class[i];
        weighted += (__int128)class[i] * provider->weights[i];
    }
    amounts.of[TQ_UNIT_TOKENS] = usage->counted;
    amounts.of[TQ_UNIT_INPUT] = bounded(input);
    amounts.of[TQ_UNIT_OUTPUT] = class[TQ_CLASSES - 1];
    amounts.of[TQ_UNIT_TOTAL] = any                             ? bounded(input + class[TQ_CLASSES - 1])
                                : usage->known & TQ_USAGE_TOTAL ? usage->total
                                                                : usage->counted;
    amounts.of[TQ_UNIT_REQUESTS] = usage->requests ? usage->requests : 1;
    amounts.of[TQ_UNIT_COST] = cost(provider, usage, class, any, &amounts.uncosted);
    amounts.of[TQ_UNIT_WEIGHTED] = any ? bounded((weighted + 999) / 1000) : usage->counted;
    return amounts;
}

/* A bit for each unit that a limit of the provider counts. */
static uint32_t units_of(const struct provider *provider)
{
    uint32_t units = 0;

    for (int i = 0; i < TQ_LIMITS_MAX; i++)
        if (provider->limit[i].used)
            units |= 1u << provider->limit[i].said.unit;
    return units;
}

/* Tokens are noted under each rule that looks at notes, other units of limits under the rule care. */
static void note_down(struct limits_model *model, int provider, const struct lm_amounts *amounts,
                      int64_t at_ns)
{
    const uint32_t tokens = 1u << TQ_UNIT_TOKENS, rule = rule_of(model, provider);
    struct cm_note note = {.at_ns = at_ns};

    if (rule == TQ_RULE_CARE || rule == TQ_RULE_HORIZON)
        note.units |= tokens;
    if (lm_care(model, provider) > 0 && at_ns >= 0)
        note.units |= units_of(&model->providers[provider]) & ~tokens;
    for (int unit = 1; unit < LM_UNITS; unit++)
        note.of[unit] = amounts->of[unit] > 0 ? amounts->of[unit] : 0;
    cm_add(&model->providers[provider].notes, &note);
}

static void count_in_all(struct limits_model *model, int provider, const struct lm_amounts *amounts,
                         int64_t at_ns)
{
    note_down(model, provider, amounts, at_ns);
    for (int i = 0; i < TQ_LIMITS_MAX; i++)
        if (model->providers[provider].limit[i].used)
            count_in(&model->providers[provider].limit[i], amounts, at_ns);
}

void lm_record(struct limits_model *model, int provider, int64_t tokens, int64_t at_ns)
{
    struct lm_amounts amounts = plain(tokens);

    for (; provider != LM_NONE; provider = model->providers[provider].pool)
        count_in_all(model, provider, &amounts, at_ns);
}

void lm_usage(struct limits_model *model, int provider, const struct tq_usage *usage, int64_t at_ns)
{
    struct provider by = model->providers[provider]; /* by whose weights and price it counts */

    for (; provider != LM_NONE; provider = model->providers[provider].pool) {
        const struct provider *level = &model->providers[provider];
        struct lm_amounts amounts;

        if (level->has_weights)
            memcpy(by.weights, level->weights, sizeof by.weights);
        if (level->has_price)
            memcpy(by.price, level->price, sizeof by.price);
        amounts = amounts_of(&by, usage);
        count_in_all(model, provider, &amounts, at_ns);
    }
}

void lm_begin(struct limits_model *model, int provider, uint32_t number, int64_t at_ns)
{
    const struct lm_amounts nothing = {0};

    count_in(&model->providers[provider].limit[number - 1], &nothing, at_ns);
}

/* ---- taking back ------------------------------------------------------------------------------ */

static __int128 refilled(__int128 full, __int128 cost, int64_t at_ns)
{
    __int128 at = step_of(at_ns);

    if (full <= at)
        return full;
    return full - cost > at ? full - cost : at;
}

static void take_back(struct limit *limit, int64_t amount, int64_t at_ns)
{
    __int128 step = (__int128)STEP_NS << FRACTION;

    if (at_ns < 0 || !limit->begun || amount <= 0)
        return;
    if (limit->said.window == TQ_WINDOW_FIRST_USE &&
        (at_ns < limit->start_ns || at_ns >= nc_after(limit->start_ns, limit->said.length_ns)))
        return;
    if (limit->said.window == TQ_WINDOW_REFILL) {
        __int128 cost;

        if (amount > COUNT_MAX)
            amount = COUNT_MAX;
        cost = ((__int128)amount * limit->said.length_ns << FRACTION) / limit->said.amount;
        limit->full_low = refilled(limit->full_low, (cost + step - 1) / step * step, at_ns);
        limit->full_high = refilled(limit->full_high, cost, at_ns);
    }
    keep(limit, at_ns, -amount, 0);
}

void lm_correct(struct limits_model *model, int provider, int64_t tokens, int64_t at_ns)
{
    struct lm_amounts amounts = plain(tokens);

    for (; provider != LM_NONE; provider = model->providers[provider].pool) {
        struct cm_note note = {.at_ns = at_ns, .units = 1u << TQ_UNIT_TOKENS, .taken_back = true};

        if (at_ns >= 0)
            note.units |= units_of(&model->providers[provider]);
        memcpy(note.of, amounts.of, sizeof note.of);
        cm_add(&model->providers[provider].notes, &note);
        for (int i = 0; i < TQ_LIMITS_MAX; i++) {
            struct limit *limit = &model->providers[provider].limit[i];

            if (limit->used)
                take_back(limit, amounts.of[limit->said.unit], at_ns);
        }
    }
}

/* ---- questions -------------------------------------------------------------------------------- */

/* Adds up what lies within [from_ns, until_ns), in the order in which it came. */
static int64_t sum_of(const struct limit *limit, int64_t from_ns, int64_t until_ns, int64_t *uncosted)
{
    int64_t sum = 0;

    for (size_t i = 0; i < limit->count; i++) {
        const struct entry *entry = &limit->entries[i];

        if (entry->at_ns < from_ns || entry->at_ns >= until_ns)
            continue;
        sum = counted(limit, sum, entry->amount);
        if (uncosted)
            *uncosted += entry->uncosted;
    }
    return sum;
}

static void stand_in_window(const struct limit *limit, int64_t now_ns, struct lm_standing *standing)
{
    struct nc_window window = window_of(limit, now_ns);

    standing->start_at_ns = window.begin_ns > 0 ? window.begin_ns : 0;
    standing->end_at_ns = window.end_ns;
    standing->used_low = sum_of(limit, window.begin_ns, window.end_ns, &standing->uncosted);
    standing->old = !window_is_kept(limit, now_ns);
}

static void stand_in_first_use(const struct limit *limit, int64_t now_ns, struct lm_standing *standing)
{
    if (!limit->begun || now_ns < limit->start_ns ||
        now_ns >= nc_after(limit->start_ns, limit->said.length_ns))
        return;
    standing->start_at_ns = limit->start_ns;
    standing->end_at_ns = nc_after(limit->start_ns, limit->said.length_ns);
    standing->used_low = sum_of(limit, INT64_MIN, INT64_MAX, &standing->uncosted);
}

/* Buckets are added up each by itself: none holds less than nothing. */
static int64_t rolling_sum(const struct limit *limit, int64_t bucket, int64_t *uncosted)
{
    int64_t bucket_ns = limit->said.length_ns / BUCKETS, sum = 0;

    for (int64_t i = bucket - BUCKETS; i <= bucket; i++)
        if (i <= INT64_MAX / bucket_ns)
            sum = counted(limit, sum,
                          sum_of(limit, i * bucket_ns, nc_after(i * bucket_ns, bucket_ns), uncosted));
    return sum;
}

static void stand_in_rolling(const struct limit *limit, int64_t now_ns, struct lm_standing *standing)
{
    int64_t bucket = bucket_of(limit, now_ns), bucket_ns = limit->said.length_ns / BUCKETS;

    standing->used_low = rolling_sum(limit, bucket, &standing->uncosted);
    standing->start_at_ns = bucket > BUCKETS ? (bucket - BUCKETS) * bucket_ns : 0;
    standing->end_at_ns = nc_after(bucket * bucket_ns, bucket_ns);
    standing->old = limit->begun && bucket < bucket_of(limit, limit->newest_ns) - BUCKETS / 4;
    standing->ahead = limit->begun && bucket < bucket_of(limit, limit->newest_ns);
}

static int64_t refilling(const struct limit *limit, __int128 full, int64_t now_ns)
{
    __int128 left = full - step_of(now_ns), unit = (__int128)limit->said.length_ns << FRACTION;
    __int128 whole = left / unit, part = left % unit; /* so that nothing overflows */

    if (left <= 0)
        return 0;
    if (whole > 0)
        return limit->said.amount; /* seen from an earlier instant */
    part = (part >> 16) * limit->said.amount - (unit >> 16) / SLACK;
    return part <= 0 ? 0 : bounded((part + (unit >> 16) - 1) / (unit >> 16));
}

bool lm_standing(const struct limits_model *model, int provider, uint32_t number, int64_t now_ns,
                 struct lm_standing *standing)
{
    const struct limit *limit = find(model, provider, number);

    *standing = (struct lm_standing){0};
    if (!limit)
        return false;
    standing->limit = limit->said;
    standing->reserve = reserve_of(&limit->said);
    if (now_ns < 0)
        return true;
    if (has_windows(limit))
        stand_in_window(limit, now_ns, standing);
    else if (limit->said.window == TQ_WINDOW_FIRST_USE)
        stand_in_first_use(limit, now_ns, standing);
    else if (limit->said.window == TQ_WINDOW_ROLLING)
        stand_in_rolling(limit, now_ns, standing);
    else if (limit->said.window == TQ_WINDOW_ONCE)
        standing->used_low = sum_of(limit, INT64_MIN, INT64_MAX, &standing->uncosted);
    standing->used_high = standing->used_low;
    standing->saturated = standing->used_low == count_max(limit);
    if (limit->said.window == TQ_WINDOW_REFILL && limit->said.amount > 0) {
        standing->used_low = refilling(limit, limit->full_low, now_ns);
        standing->used_high = refilling(limit, limit->full_high, now_ns);
    }
    return true;
}

int64_t lm_rolling_end(const struct limits_model *model, int provider, uint32_t number, int64_t now_ns,
                       int64_t below)
{
    const struct limit *limit = find(model, provider, number);
    int64_t bucket_ns = limit->said.length_ns / BUCKETS;
    int64_t last = bucket_of(limit, limit->newest_ns > now_ns ? limit->newest_ns : now_ns) + BUCKETS + 1;

    if (rolling_sum(limit, bucket_of(limit, now_ns), NULL) < below)
        return now_ns;
    for (int64_t i = bucket_of(limit, now_ns) + 1; i <= last; i++)
        if (rolling_sum(limit, i, NULL) < below)
            return nc_after((i - 1) * bucket_ns, bucket_ns);
    return INT64_MAX;
}

int64_t lm_sum(const struct limits_model *model, int provider, uint32_t number, int64_t from_ns,
               int64_t until_ns)
{
    return sum_of(find(model, provider, number), from_ns + 1, until_ns + 1, NULL);
}

/* ---- the rule care ---------------------------------------------------------------------------- */

static bool has_rule(const struct tq_limit *said)
{
    if (said->window == TQ_WINDOW_FIXED || said->window == TQ_WINDOW_FIRST_USE ||
        said->window == TQ_WINDOW_ROLLING)
        return said->length_ns >= HOUR_NS;
    return said->window <= TQ_WINDOW_YEAR || said->window == TQ_WINDOW_ONCE;
}

/* The first instant at which a rolling limit leaves room for the mean call, or a quarter of the budget. */
static int64_t rolling_room_at(const struct limit *limit, struct cm_question question)
{
    int64_t bucket_ns = limit->said.length_ns / BUCKETS, bucket = bucket_of(limit, question.now_ns);

    do
        question.used = rolling_sum(limit, ++bucket, NULL);
    while (cm_call_exceeds(&question));
    return nc_after((bucket - 1) * bucket_ns, bucket_ns);
}

/* The first instant at which a rolling limit leaves what the half hour took: bucket by bucket. */
static int64_t rolling_took_end(const struct limit *limit, struct cm_question question)
{
    int64_t bucket_ns = limit->said.length_ns / BUCKETS, bucket = bucket_of(limit, question.now_ns);

    for (int64_t from_ns = question.now_ns;; from_ns = bucket * bucket_ns) {
        int64_t end_ns = question.used > 0 ? cm_took_end(&question) : from_ns;

        if (end_ns < ++bucket * bucket_ns)
            return end_ns > from_ns ? end_ns : from_ns;
        question.used = rolling_sum(limit, bucket, NULL);
    }
}

struct lm_rule lm_rule(const struct limits_model *model, int provider, uint32_t number, int64_t now_ns,
                       int64_t used, bool use_reserve)
{
    const struct limit *limit = find(model, provider, number);
    struct cm_question question = {&model->providers[provider].notes,
                                   limit->said.unit,
                                   lm_care(model, provider),
                                   limit->said.amount - (use_reserve ? 0 : reserve_of(&limit->said)),
                                   used,
                                   now_ns,
                                   INT64_MAX};
    struct lm_standing standing;
    struct lm_rule says = {0};

    lm_standing(model, provider, number, now_ns, &standing);
    if (limit->said.window != TQ_WINDOW_ROLLING && limit->said.window != TQ_WINDOW_ONCE)
        question.end_ns = standing.end_at_ns;
    if (limit->said.amount == 0 || !has_rule(&limit->said) || question.care == 0 || used == 0 ||
        used >= question.budget || now_ns < 0)
        return says;
    if (cm_took_exceeds(&question)) {
        says.expects = TQ_EXPECTS_HALF_HOUR;
        says.expected = cm_took_expects(&question);
        says.end_ns = limit->said.window == TQ_WINDOW_ROLLING ? rolling_took_end(limit, question)
                                                              : cm_took_end(&question);
    }
    if (cm_call_exceeds(&question)) {
        int64_t end_ns =
            limit->said.window == TQ_WINDOW_ROLLING ? rolling_room_at(limit, question) : question.end_ns;

        says.expects = TQ_EXPECTS_CALL;
        says.expected = cm_call_expects(&question);
        says.end_ns = end_ns > says.end_ns ? end_ns : says.end_ns;
    }
    return says;
}
