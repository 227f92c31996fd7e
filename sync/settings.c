/* settings.c: what is set of a provider as one text: the register whose last writer wins.
 *
 * SPDX-License-Identifier: MIT
 *
 * A line for each: the setting, a blank, its value. What is as it would be without a setting is left out, so
 * that a provider of which nothing is set has the text "". A setting that a newer version knows is left as it
 * is here.
 *
 *     budget 1000000        rule 4        care 5       overage 1      cut 2       pool NAME
 *     weights 1000 100 1250 5000          price 3000000 -1 -1 15000000
 *     limit 0 5M tokens per day America/Los_Angeles reserve 10%      (1: strict)
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "sync/registers.h"

#define WEIGHT_UNSET 1000
#define PRICE_UNSET (-1)
#define LINE_BYTES 320 /* of one setting: a limit's sentence has at most 255 */

int64_t sync_limit_anchor(const struct tq_limit *limit)
{
    int64_t at_ns = limit->anchor_at_ns, length_ns = limit->length_ns;

    return limit->window == TQ_WINDOW_FIXED ? at_ns - tq__floor_divide(at_ns, length_ns) * length_ns : 0;
}

/* ---- writing --------------------------------------------------------------------------------- */

struct text {
    char *out;
    size_t used;
};

static void add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *text, const char *format, ...)
{
    size_t room = SYNC_VALUE_BYTES - text->used;
    va_list values;
    int len;

    va_start(values, format);
    len = vsnprintf(text->out + text->used, room, format, values);
    va_end(values);
    if (len > 0 && (size_t)len < room)
        text->used += (size_t)len;
    text->out[text->used] = '\0';
}

static int add_numbers(struct text *text, struct tq_provider *provider)
{
    int64_t budget = tq_provider_budget(provider);
    int rule = tq_provider_rule(provider), care = tq_provider_care(provider), cut = tq_provider_cut(provider),
        overage = tq_provider_overage(provider);

    if (budget < 0 || rule < 0 || care < 0 || cut < 0 || overage < 0)
        return budget < 0 ? (int)budget : rule < 0 ? rule : care < 0 ? care : cut < 0 ? cut : overage;
    if (budget > 0)
        add(text, "budget %" PRId64 "\n", budget);
    if (rule != TQ_RULE_DEFAULT)
        add(text, "rule %d\n", rule);
    if (rule == TQ_RULE_CARE)
        add(text, "care %d\n", care);
    if (overage != TQ_OVERAGE_ALLOW)
        add(text, "overage %d\n", overage);
    if (cut != TQ_CUT_SHARE)
        add(text, "cut %d\n", cut);
    return 0;
}

static int add_classes(struct text *text, struct tq_provider *provider)
{
    uint32_t weights[TQ_CLASSES];
    int64_t price[TQ_CLASSES];
    bool has_weights = false, has_price = false;
    int answer = tq_provider_weights(provider, weights);

    if (answer == 0)
        answer = tq_provider_price(provider, price);
    if (answer != 0)
        return answer;
    for (size_t i = 0; i < TQ_CLASSES; i++) {
        has_weights |= weights[i] != WEIGHT_UNSET;
        has_price |= price[i] != PRICE_UNSET;
    }
    if (has_weights)
        add(text, "weights %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 "\n", weights[0], weights[1],
            weights[2], weights[3]);
    if (has_price)
        add(text, "price %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n", price[0], price[1], price[2],
            price[3]);
    return 0;
}

static int is_strict(const struct tq_share *shares, int count, uint32_t number)
{
    for (int i = 0; i < count; i++)
        if (shares[i].number == number && shares[i].flags & TQ_SHARE_STRICT)
            return 1;
    return 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* In the order of the text, not of the numbers, which differ between machines. */
static int add_limits(struct text *text, struct tq_provider *provider)
{
    struct tq_limit_state states[TQ_LIMITS_MAX] = {{.size = sizeof states[0]}};
    struct tq_share shares[2 * (TQ_LIMITS_MAX + 1)] = {{.size = sizeof shares[0]}};
    char lines[TQ_LIMITS_MAX][LINE_BYTES];
    int64_t now_ns = tq_now_ns();
    int count = tq_provider_limits(provider, now_ns, states, TQ_LIMITS_MAX), share_count, used = 0;

    if (count <= 0)
        return count;
    share_count = tq_provider_shares(provider, now_ns, shares, 2 * (TQ_LIMITS_MAX + 1));
    if (share_count < 0)
        return share_count;
    for (int i = 0; i < count && i < TQ_LIMITS_MAX; i++) {
        char sentence[256];

        states[i].limit.anchor_at_ns = sync_limit_anchor(&states[i].limit);
        if (states[i].limit.window == TQ_WINDOW_STATED ||
            tq_limit_format(&states[i].limit, sentence, sizeof sentence) < 0)
            continue;
        snprintf(lines[used++], LINE_BYTES, "limit %d %s", is_strict(shares, share_count, states[i].number),
                 sentence);
    }
    qsort(lines, (size_t)used, LINE_BYTES, by_text);
    for (int i = 0; i < used; i++)
        add(text, "%s\n", lines[i]);
    return 0;
}

int sync_settings_read(struct tq_provider *provider, char out[SYNC_VALUE_BYTES])
{
    struct text text = {.out = out};
    struct tq_provider *pool;
    int answer;

    *out = '\0';
    answer = add_numbers(&text, provider);
    if (answer == 0)
        answer = tq_provider_pool(provider, &pool);
    if (answer == 0)
        add(&text, "pool %s\n", tq_provider_name(pool));
    if (answer >= 0)
        answer = add_classes(&text, provider);
    if (answer == 0)
        answer = add_limits(&text, provider);
    return answer < 0 ? answer : (int)text.used;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* What a text says; what it does not name is as without a setting. */
struct wanted {
    int64_t budget;
    uint32_t rule, care, overage, cut;
    char pool[TQ_NAME_MAX + 1];
    uint32_t weights[TQ_CLASSES];
    int64_t price[TQ_CLASSES];
    struct tq_limit limits[TQ_LIMITS_MAX];
    bool strict[TQ_LIMITS_MAX];
    size_t limit_count;
};

static bool take_numbers_signed(const char *text, int64_t least, int64_t most, int64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *end;

        if (!isdigit((unsigned char)*text) && *text != '-')
            return false;
        errno = 0;
        numbers[i] = strtoll(text, &end, 10);
        if (errno != 0 || end == text || numbers[i] < least || numbers[i] > most ||
            *end != (i + 1 < count ? ' ' : '\0'))
            return false;
        text = end + (*end == ' ');
    }
    return true;
}

static bool take_limit(const char *value, struct wanted *wanted)
{
    struct tq_limit limit = {.size = sizeof limit};

    if ((*value != '0' && *value != '1') || value[1] != ' ' || wanted->limit_count >= TQ_LIMITS_MAX ||
        tq_limit_parse(value + 2, &limit, NULL) != 0)
        return false;
    limit.known = TQ_LIMIT_AMOUNT | TQ_LIMIT_RESERVE; /* what the sentence leaves out is none */
    wanted->strict[wanted->limit_count] = *value == '1';
    wanted->limits[wanted->limit_count++] = limit;
    return true;
}

static bool take_line(const char *key, const char *value, struct wanted *wanted)
{
    int64_t numbers[TQ_CLASSES];
    uint32_t *small = NULL;

    if (strcmp(key, "limit") == 0)
        return take_limit(value, wanted);
    if (strcmp(key, "pool") == 0)
        return (size_t)snprintf(wanted->pool, sizeof wanted->pool, "%s", value) < sizeof wanted->pool;
    if (strcmp(key, "budget") == 0)
        return take_numbers_signed(value, 0, INT64_MAX, &wanted->budget, 1);
    if (strcmp(key, "weights") == 0) {
        if (!take_numbers_signed(value, 0, UINT32_MAX, numbers, TQ_CLASSES))
            return false;
        for (size_t i = 0; i < TQ_CLASSES; i++)
            wanted->weights[i] = (uint32_t)numbers[i];
        return true;
    }
    if (strcmp(key, "price") == 0)
        return take_numbers_signed(value, PRICE_UNSET, INT64_MAX, wanted->price, TQ_CLASSES);
    if (strcmp(key, "rule") == 0)
        small = &wanted->rule;
    else if (strcmp(key, "care") == 0)
        small = &wanted->care;
    else if (strcmp(key, "overage") == 0)
        small = &wanted->overage;
    else if (strcmp(key, "cut") == 0)
        small = &wanted->cut;
    if (!small)
        return true; /* of a newer version */
    if (!take_numbers_signed(value, 0, UINT32_MAX, numbers, 1))
        return false;
    *small = (uint32_t)numbers[0];
    return true;
}

static bool read_text(const char *text, struct wanted *wanted)
{
    *wanted = (struct wanted){.care = TQ_CARE_DEFAULT};
    for (size_t i = 0; i < TQ_CLASSES; i++) {
        wanted->weights[i] = WEIGHT_UNSET;
        wanted->price[i] = PRICE_UNSET;
    }
    while (*text) {
        const char *end = strchr(text, '\n');
        char line[LINE_BYTES], *blank;

        if (!end || (size_t)(end - text) >= sizeof line)
            return false;
        memcpy(line, text, (size_t)(end - text));
        line[end - text] = '\0';
        blank = strchr(line, ' ');
        if (!blank)
            return false;
        *blank = '\0';
        if (!take_line(line, blank + 1, wanted))
            return false;
        text = end + 1;
    }
    return true;
}

/* ---- setting --------------------------------------------------------------------------------- */

/* The first refusal is kept, and the rest is set all the same: one setting that cannot be here leaves the
 * others. */
static void note(int *answer, int next)
{
    if (*answer == 0 && next < 0)
        *answer = next;
}

static bool is_one_limit(const struct tq_limit *a, const struct tq_limit *b)
{
    return a->unit == b->unit && a->window == b->window &&
           (a->first ? a->first : 1) == (b->first ? b->first : 1) && a->length_ns == b->length_ns &&
           sync_limit_anchor(a) == sync_limit_anchor(b) && strcmp(a->zone, b->zone) == 0;
}

/* Those first that are to go: their lines may be needed. */
static void set_limits(struct tq_provider *provider, const struct wanted *wanted, int64_t now_ns, int *answer)
{
    struct tq_limit_state states[TQ_LIMITS_MAX] = {{.size = sizeof states[0]}};
    int count = tq_provider_limits(provider, now_ns, states, TQ_LIMITS_MAX);

    note(answer, count);
    for (int i = 0; i < count && i < TQ_LIMITS_MAX; i++) {
        bool stays = states[i].limit.window == TQ_WINDOW_STATED;

        for (size_t k = 0; k < wanted->limit_count; k++)
            stays |= is_one_limit(&states[i].limit, &wanted->limits[k]);
        if (!stays)
            note(answer, tq_provider_remove_limit(provider, states[i].number));
    }
    for (size_t k = 0; k < wanted->limit_count; k++) {
        int number = tq_provider_set_limit(provider, &wanted->limits[k], NULL);

        note(answer, number);
        if (number > 0)
            note(answer, tq_provider_set_strict(provider, (uint32_t)number, wanted->strict[k]));
    }
}

static void set_pool(struct tq_ledger *ledger, struct tq_provider *provider, const char *name, int *answer)
{
    struct tq_provider *pool = NULL, *before = NULL;
    int found = *name ? tq_ledger_provider(ledger, name, strlen(name), 0, &pool) : 0;

    note(answer, found);
    note(answer, tq_provider_pool(provider, &before));
    if (found == 0 && pool != before)
        note(answer, tq_provider_set_pool(provider, pool));
}

static void set_rule(struct tq_provider *provider, const struct wanted *wanted, int *answer)
{
    if (wanted->rule == TQ_RULE_CARE) {
        if (tq_provider_rule(provider) != TQ_RULE_CARE || tq_provider_care(provider) != (int)wanted->care)
            note(answer, tq_provider_set_care(provider, wanted->care));
    } else if (tq_provider_rule(provider) != (int)wanted->rule) {
        note(answer, tq_provider_set_rule(provider, wanted->rule));
    }
}

/* Prices and weights that are as they were are not set: that would make limits of a provider that needs none.
 */
static void set_classes(struct tq_provider *provider, const struct wanted *wanted, int *answer)
{
    uint32_t weights[TQ_CLASSES];
    int64_t price[TQ_CLASSES];

    note(answer, tq_provider_weights(provider, weights));
    note(answer, tq_provider_price(provider, price));
    if (*answer == 0 && memcmp(weights, wanted->weights, sizeof weights) != 0)
        note(answer, tq_provider_set_weights(provider, wanted->weights));
    if (*answer == 0 && memcmp(price, wanted->price, sizeof price) != 0)
        note(answer, tq_provider_set_price(provider, wanted->price));
}

int sync_settings_set(struct tq_ledger *ledger, struct tq_provider *provider, const char *text,
                      int64_t now_ns)
{
    struct wanted wanted;
    int answer = 0;

    if (!read_text(text, &wanted))
        return 1;
    if (tq_provider_budget(provider) != wanted.budget)
        note(&answer, tq_provider_set_budget(provider, wanted.budget));
    set_rule(provider, &wanted, &answer);
    if (tq_provider_overage(provider) != (int)wanted.overage)
        note(&answer, tq_provider_set_overage(provider, wanted.overage));
    if (tq_provider_cut(provider) != (int)wanted.cut)
        note(&answer, tq_provider_set_cut(provider, wanted.cut));
    set_classes(provider, &wanted, &answer);
    set_pool(ledger, provider, wanted.pool, &answer);
    set_limits(provider, &wanted, now_ns, &answer);
    return answer;
}
