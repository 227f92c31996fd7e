/* model.c: the semantics of the library again, slow and obvious, for tests to compare it with.
 *
 * SPDX-License-Identifier: MIT
 */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#define DAY_NS INT64_C(86400000000000)
#define HALF_HOUR_NS INT64_C(1800000000000)
#define SATURATED ((INT64_C(1) << 47) - 1)
#define HALF_HOUR_SATURATED ((INT64_C(1) << 40) - 1)
#define MAX_DAYS 64

struct model_day {
    bool set;
    int64_t day;
    __int128 tokens;
};

struct model_half_hour {
    bool set;
    int64_t number;
    __int128 tokens;
};

struct model_provider {
    char name[TQ_NAME_MAX + 1];
    int64_t budget;    /* 0: none */
    int64_t mark;      /* 0: none */
    int64_t predicted; /* 0: none */
    bool recorded;     /* newest_day means something */
    int64_t newest_day;
    struct model_day days[MAX_DAYS];
    struct model_half_hour half_hours[2];
    __int128 call; /* 8 times the mean size of a call */
};

struct model {
    unsigned history_days;
    unsigned rule;
    size_t count;
    size_t room;
    struct model_provider *providers;
};

struct model *model_new(unsigned history_days, unsigned rule)
{
    struct model *model = calloc(1, sizeof(*model));

    if (!model)
        abort();
    model->history_days = history_days;
    model->rule = rule;
    return model;
}

void model_free(struct model *model)
{
    if (model)
        free(model->providers);
    free(model);
}

/* ---- names ----------------------------------------------------------------------------------- */

/* The code point at text and the bytes it takes; 0 bytes when it is not UTF-8. */
static size_t decode(const unsigned char *text, uint32_t *code)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len;

    if (text[0] < 0x80)
        len = 1, *code = text[0];
    else if ((text[0] & 0xe0) == 0xc0)
        len = 2, *code = text[0] & 0x1fu;
    else if ((text[0] & 0xf0) == 0xe0)
        len = 3, *code = text[0] & 0x0fu;
    else if ((text[0] & 0xf8) == 0xf0)
        len = 4, *code = text[0] & 0x07u;
    else
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (text[i] & 0x3fu);
    }
    if (*code < smallest[len] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
        return 0;
    return len;
}

static bool control(uint32_t code)
{
    return code <= 0x1f || (code >= 0x7f && code <= 0x9f) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

static bool valid_name(const char *name)
{
    const unsigned char *text = (const unsigned char *)name;

    if (strlen(name) > TQ_NAME_MAX)
        return false;
    while (*text) {
        uint32_t code;
        size_t len = decode(text, &code);

        if (len == 0 || control(code))
            return false;
        text += len;
    }
    return true;
}

static bool ignored(const struct model *model, const char *name)
{
    return !model || !name || !*name;
}

static struct model_provider *find(const struct model *model, const char *name)
{
    for (size_t i = 0; i < model->count; i++)
        if (strcmp(model->providers[i].name, name) == 0)
            return &model->providers[i];
    return NULL;
}

static struct model_provider *find_or_insert(struct model *model, const char *name)
{
    struct model_provider *provider = find(model, name);

    if (provider)
        return provider;
    if (model->count == model->room) {
        model->room = model->room ? 2 * model->room : 16;
        model->providers = realloc(model->providers, model->room * sizeof(*model->providers));
        if (!model->providers)
            abort();
    }
    provider = &model->providers[model->count++];
    memset(provider, 0, sizeof(*provider));
    memcpy(provider->name, name, strlen(name) + 1);
    return provider;
}

int model_insert(struct model *ledger, const char *name)
{
    if (ignored(ledger, name))
        return TQ_EINVAL;
    if (!valid_name(name))
        return TQ_ENAME;
    find_or_insert(ledger, name);
    return 0;
}

bool model_knows(const struct model *ledger, const char *name)
{
    return find(ledger, name) != NULL;
}

size_t model_count(const struct model *ledger)
{
    return ledger->count;
}

/* ---- days ------------------------------------------------------------------------------------ */

static bool in_range(int64_t now_ns)
{
    return now_ns >= TQ_NOW_MIN_NS && now_ns < TQ_NOW_END_NS;
}

static int64_t day_of(int64_t now_ns)
{
    int64_t day = now_ns / DAY_NS;

    return now_ns % DAY_NS < 0 ? day - 1 : day;
}

static int64_t day_start(int64_t day)
{
    return day * DAY_NS;
}

static int64_t day_end(int64_t day)
{
    return (day + 1) * DAY_NS;
}

static struct model_day *day_word(const struct model *model, struct model_provider *provider, int64_t day)
{
    int64_t index = day % (int64_t)model->history_days;

    return &provider->days[index < 0 ? index + (int64_t)model->history_days : index];
}

static int add(const struct model *model, struct model_provider *provider, int64_t day, int64_t tokens)
{
    struct model_day *word = day_word(model, provider, day);

    if (word->set && word->day > day)
        return TQ_EAGE;
    if (!word->set || word->day < day)
        *word = (struct model_day){.set = true, .day = day, .tokens = 0};
    word->tokens += tokens > 0 ? tokens : 0;
    if (word->tokens > SATURATED)
        word->tokens = SATURATED;
    if (!provider->recorded || provider->newest_day < day) {
        provider->recorded = true;
        provider->newest_day = day;
    }
    return 0;
}

static __int128 tokens_of(const struct model *model, struct model_provider *provider, int64_t day)
{
    const struct model_day *word = day_word(model, provider, day);

    return word->set && word->day == day ? word->tokens : 0;
}

static bool exhausted(unsigned rule, __int128 used, int64_t budget, int64_t now_ns)
{
    int64_t elapsed_ns = now_ns - day_start(day_of(now_ns));

    if (budget <= 0)
        return false;
    if (used >= budget || used == SATURATED)
        return true;
    if (rule != TQ_RULE_ORIGINAL || elapsed_ns == 0)
        return false;
    return used * DAY_NS > (__int128)budget * elapsed_ns;
}

/* ---- what was noted -------------------------------------------------------------------------- */

static int64_t half_hour_of(int64_t now_ns)
{
    return day_of(now_ns) * 48 + (now_ns - day_start(day_of(now_ns))) / HALF_HOUR_NS;
}

static struct model_half_hour *half_hour_word(struct model_provider *provider, int64_t number)
{
    return &provider->half_hours[number & 1];
}

static void add_to_half_hour(struct model_provider *provider, int64_t number, int64_t tokens)
{
    struct model_half_hour *word = half_hour_word(provider, number);

    if (word->set && word->number > number)
        return;
    if (tokens > HALF_HOUR_SATURATED)
        tokens = HALF_HOUR_SATURATED;
    if (tokens > 0)
        provider->call =
            provider->call == 0 ? 8 * (__int128)tokens : provider->call - provider->call / 8 + tokens;
    if (!word->set || word->number < number)
        *word = (struct model_half_hour){.set = true, .number = number};
    word->tokens += tokens > 0 ? tokens : 0;
    if (word->tokens > HALF_HOUR_SATURATED)
        word->tokens = HALF_HOUR_SATURATED;
}

static __int128 tokens_of_half_hour(struct model_provider *provider, int64_t number)
{
    const struct model_half_hour *word = half_hour_word(provider, number);

    return word->set && word->number == number ? word->tokens : 0;
}

/* Does care / 4 times what the last half hour took exceed the rest of the budget at at_ns, if nothing is
 * recorded behind `number`? */
static bool pace_exceeds(struct model_provider *provider, int64_t number, __int128 care, __int128 used,
                         int64_t at_ns)
{
    int64_t here = half_hour_of(at_ns), gone_ns = at_ns - day_start(day_of(at_ns)) - here % 48 * HALF_HOUR_NS;
    __int128 left_ns = day_end(day_of(at_ns)) - at_ns;
    __int128 this_one, before, room = provider->budget - used;

    if (here % 48 < 0)
        gone_ns -= 48 * HALF_HOUR_NS;
    this_one = here <= number ? tokens_of_half_hour(provider, here) : 0;
    before = here - 1 <= number ? tokens_of_half_hour(provider, here - 1) : 0;
    if (left_ns > HALF_HOUR_NS)
        left_ns = HALF_HOUR_NS;
    if (room > INT64_C(1) << 44) /* more than 8 times what two half hours can hold */
        return false;
    return (unsigned __int128)((this_one * HALF_HOUR_NS + before * (HALF_HOUR_NS - gone_ns)) * left_ns) *
               (unsigned __int128)care >
           (unsigned __int128)(4 * room * HALF_HOUR_NS) * HALF_HOUR_NS;
}

/* Until when the pace exceeds, if nothing more is recorded and it does at now_ns; found digit by digit. */
static int64_t pace_end(struct model_provider *provider, __int128 care, __int128 used, int64_t now_ns)
{
    int64_t number = half_hour_of(now_ns), end_ns = day_end(day_of(now_ns)), at_ns = now_ns;

    for (int64_t step_ns = INT64_C(1000000000000); step_ns > 0; step_ns /= 10)
        while (end_ns - at_ns > step_ns && pace_exceeds(provider, number, care, used, at_ns + step_ns))
            at_ns += step_ns;
    return at_ns + 1;
}

/* ---- rules ----------------------------------------------------------------------------------- */

/* Until when, if nothing more is recorded. */
static int64_t horizon_end(struct model_provider *provider, __int128 used, int64_t now_ns)
{
    int64_t number = half_hour_of(now_ns), end_ns = day_end(day_of(now_ns));
    bool most_used = used * 10 >= (__int128)provider->budget * 9;

    if (most_used && provider->predicted > now_ns)
        return end_ns;
    if (!pace_exceeds(provider, number, 4, used, now_ns))
        return 0;
    return most_used ? end_ns : pace_end(provider, 4, used, now_ns);
}

/* With care, in quarters. */
static int64_t care_end(struct model_provider *provider, __int128 care, __int128 used, int64_t now_ns)
{
    __int128 room = provider->budget - used;

    if (used == 0)
        return 0;
    if (4 * room < provider->budget && 32 * room < care * provider->call)
        return day_end(day_of(now_ns));
    return pace_exceeds(provider, half_hour_of(now_ns), care, used, now_ns)
               ? pace_end(provider, care, used, now_ns)
               : 0;
}

/* What the rule says by what is recorded of the provider's day. */
static int64_t rule_end(const struct model *model, struct model_provider *provider, unsigned rule,
                        int64_t now_ns)
{
    __int128 used = tokens_of(model, provider, day_of(now_ns));
    int64_t end_ns = 0;

    if (exhausted(rule, used, provider->budget, now_ns))
        end_ns = day_end(day_of(now_ns));
    else if (rule == TQ_RULE_HORIZON && provider->budget > 0)
        end_ns = horizon_end(provider, used, now_ns);
    else if (rule == TQ_RULE_CARE && provider->budget > 0)
        end_ns = care_end(provider, TQ_CARE_DEFAULT, used, now_ns);
    return end_ns > 0 ? end_ns : 0;
}

/* ---- part one -------------------------------------------------------------------------------- */

int model_set_budget(struct model *tracker, const char *name, int64_t budget)
{
    struct model_provider *provider;

    if (ignored(tracker, name))
        return 0;
    if (!valid_name(name))
        return TQ_ENAME;
    provider = budget > 0 ? find_or_insert(tracker, name) : find(tracker, name);
    if (provider) {
        provider->budget = budget > 0 ? budget : 0;
        provider->predicted = 0;
        if (tracker->rule != TQ_RULE_ORIGINAL && provider->recorded)
            provider->predicted = rule_end(tracker, provider, TQ_RULE_OFF, day_start(provider->newest_day));
    }
    return 0;
}

int64_t model_budget(const struct model *tracker, const char *name)
{
    const struct model_provider *provider;

    if (ignored(tracker, name))
        return 0;
    if (!valid_name(name))
        return TQ_ENAME;
    provider = find(tracker, name);
    return provider ? provider->budget : 0;
}

int64_t model_used(const struct model *tracker, const char *name, int64_t now_ns)
{
    struct model_provider *provider;
    __int128 used;

    if (ignored(tracker, name))
        return 0;
    if (!valid_name(name))
        return TQ_ENAME;
    if (!in_range(now_ns))
        return TQ_ERANGE;
    provider = find(tracker, name);
    used = provider ? tokens_of(tracker, provider, day_of(now_ns)) : 0;
    return used == SATURATED ? INT64_MAX : (int64_t)used;
}

int model_record(struct model *tracker, const char *name, int64_t tokens, int64_t now_ns,
                 int64_t *retry_at_ns)
{
    struct model_provider *provider;
    int64_t day, end_ns;
    bool over;
    int err;

    *retry_at_ns = 0;
    if (ignored(tracker, name))
        return 0;
    if (!valid_name(name))
        return TQ_ENAME;
    if (!in_range(now_ns))
        return TQ_ERANGE;
    provider = find_or_insert(tracker, name);
    day = day_of(now_ns);
    end_ns = day_end(day);
    err = add(tracker, provider, day, tokens);
    if (err < 0)
        return err;
    if (tracker->rule == TQ_RULE_HORIZON || tracker->rule == TQ_RULE_CARE)
        add_to_half_hour(provider, half_hour_of(now_ns), tokens);
    over = exhausted(tracker->rule, tokens_of(tracker, provider, day), provider->budget, now_ns);
    if (tracker->rule != TQ_RULE_ORIGINAL && day < provider->newest_day) {
        if (over && end_ns > provider->predicted) /* of an earlier day only that it is spent */
            provider->predicted = end_ns;
    } else if (tracker->rule != TQ_RULE_ORIGINAL) {
        provider->predicted = rule_end(tracker, provider, tracker->rule, now_ns);
        if (provider->predicted != 0) {
            over = true;
            end_ns = provider->predicted;
        }
    }
    *retry_at_ns = over ? end_ns : 0;
    return over ? TQ_EXHAUSTED : 0;
}

void model_reset(struct model *tracker)
{
    if (!tracker)
        return;
    for (size_t i = 0; i < tracker->count; i++) {
        struct model_provider *provider = &tracker->providers[i];

        memset(provider->days, 0, sizeof(provider->days));
        memset(provider->half_hours, 0, sizeof(provider->half_hours));
        provider->call = 0;
        provider->recorded = false;
        provider->predicted = 0;
    }
}

int model_mark_quota_exhausted(struct model *store, const char *name, int64_t retry_at_ns)
{
    struct model_provider *provider;

    if (ignored(store, name))
        return 0;
    if (!valid_name(name))
        return TQ_ENAME;
    provider = retry_at_ns > 0 ? find_or_insert(store, name) : find(store, name);
    if (provider)
        provider->mark = retry_at_ns > 0 ? retry_at_ns : 0;
    return 0;
}

int model_mark_available(struct model *store, const char *name)
{
    struct model_provider *provider;

    if (ignored(store, name))
        return 0;
    if (!valid_name(name))
        return TQ_ENAME;
    provider = find(store, name);
    if (provider) {
        provider->mark = 0;
        provider->predicted = 0;
    }
    return 0;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* When the provider is available again; 0 when it is. */
static int64_t retry_at(const struct model_provider *provider, int64_t now_ns)
{
    int64_t mark = provider->mark != 0 && provider->mark > now_ns ? provider->mark : 0;
    int64_t predicted = provider->predicted != 0 && provider->predicted > now_ns ? provider->predicted : 0;

    return later(mark, predicted);
}

int model_state(const struct model *store, const char *name, int64_t now_ns, int64_t *retry_at_ns)
{
    const struct model_provider *provider;

    *retry_at_ns = 0;
    if (ignored(store, name))
        return TQ_AVAILABLE;
    if (!valid_name(name))
        return TQ_ENAME;
    if (!in_range(now_ns))
        return TQ_ERANGE;
    provider = find(store, name);
    if (provider)
        *retry_at_ns = retry_at(provider, now_ns);
    return *retry_at_ns != 0 ? TQ_QUOTA_EXHAUSTED : TQ_AVAILABLE;
}

static void list_add(struct tq_exhausted *out, size_t capacity, size_t *count,
                     const struct model_provider *provider, int64_t retry_at_ns)
{
    if (retry_at_ns == 0)
        return;
    if (*count < capacity)
        out[*count] = (struct tq_exhausted){.provider = provider->name, .retry_at_ns = retry_at_ns};
    (*count)++;
}

size_t model_all_exhausted(const struct model *store, struct tq_exhausted *out, size_t capacity)
{
    size_t count = 0;

    for (size_t i = 0; store && i < store->count; i++)
        list_add(out, capacity, &count, &store->providers[i],
                 later(store->providers[i].mark, store->providers[i].predicted));
    return count;
}

size_t model_exhausted_at(const struct model *store, int64_t now_ns, struct tq_exhausted *out,
                          size_t capacity)
{
    size_t count = 0;

    for (size_t i = 0; store && in_range(now_ns) && i < store->count; i++)
        list_add(out, capacity, &count, &store->providers[i], retry_at(&store->providers[i], now_ns));
    return count;
}

static int observe(struct model *tracker, struct model *store, const char *name, int64_t tokens,
                   int64_t now_ns, int64_t *retry_at_ns)
{
    int answer = model_record(tracker, name, tokens, now_ns, retry_at_ns);
    const struct model_provider *marked;
    bool marks = store && tracker && (tracker->rule == TQ_RULE_ORIGINAL || tracker != store);

    if (answer != TQ_EXHAUSTED || !marks)
        return answer;
    if (day_of(now_ns) < find(tracker, name)->newest_day || *retry_at_ns <= 0)
        return answer;
    marked = find(store, name);
    /* A mark that ends with a later day stands: usage may have been forgotten since. */
    if (tracker != store || !marked || marked->mark <= day_end(day_of(now_ns)) || marked->mark % DAY_NS != 0)
        model_mark_quota_exhausted(store, name, *retry_at_ns);
    return answer;
}

int model_observe(struct model *tracker, struct model *store, const char *name, int64_t tokens,
                  int64_t now_ns)
{
    int64_t retry_at_ns;

    return observe(tracker, store, name, tokens, now_ns, &retry_at_ns);
}

int model_provider_observe(struct model *ledger, const char *name, int64_t tokens, int64_t now_ns,
                           int64_t *retry_at_ns)
{
    return observe(ledger, ledger, name, tokens, now_ns, retry_at_ns);
}
