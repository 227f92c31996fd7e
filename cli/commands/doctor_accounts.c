/* doctor_accounts.c: what `tokenquota doctor` finds about what vendors say: two names of one account, words
 * that were overruled, and readings that are older than their window.
 *
 * SPDX-License-Identifier: MIT
 *
 * Two names of one account are found by what their vendor said: the same account, or a window of one length
 * that resets in the same second with the same share. An account is counted twice then, and each name sees
 * half of it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "cli/commands/doctor.h"

#define SHOWN_MOST 5 /* findings of a kind */

/* What two names of one account have in common. */
struct trait {
    uint64_t account;  /* 0: it is a window */
    int64_t length_ns; /* of the window */
    int64_t reset_at_ns;
    uint32_t said_ppm;
    char name[64]; /* the vendor's, of the window */
    struct tq_provider *provider;
};

struct traits {
    struct trait *items;
    size_t count, capacity;
};

static void add(struct traits *traits, const struct trait *trait)
{
    traits->items =
        must_have(tq__list_room(traits->items, traits->count, &traits->capacity, sizeof *traits->items));
    traits->items[traits->count++] = *trait;
}

static int order_of(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_traits(const struct trait *a, const struct trait *b)
{
    int order = order_of(b->account, a->account); /* the best reason first */

    if (!order)
        order = order_of((uint64_t)a->length_ns, (uint64_t)b->length_ns);
    if (!order)
        order = order_of((uint64_t)a->reset_at_ns, (uint64_t)b->reset_at_ns);
    if (!order)
        order = order_of(a->said_ppm, b->said_ppm);
    return order ? order : strcmp(a->name, b->name);
}

static int compare(const void *left, const void *right)
{
    const struct trait *a = left, *b = right;
    int order = compare_traits(a, b);

    return order ? order : strcmp(tq_provider_name(a->provider), tq_provider_name(b->provider));
}

/* A pool has the account of its members, and they are one account by its setting. */
static const struct tq_provider *top_of(struct tq_provider *provider)
{
    struct tq_provider *pool;

    for (uint32_t level = 0; level < POOLS_MOST && tq_provider_pool(provider, &pool) == 0; level++)
        provider = pool;
    return provider;
}

/* Was nothing told yet of the two that begin at first? */
static bool is_new_pair(const struct traits *traits, size_t first)
{
    for (size_t i = 0; i < first; i++)
        if (traits->items[i].provider == traits->items[first].provider &&
            traits->items[i + 1].provider == traits->items[first + 1].provider &&
            compare_traits(&traits->items[i], &traits->items[i + 1]) == 0)
            return false;
    return true;
}

static void tell_pair(struct doctor *doctor, const struct trait *a, const struct trait *b)
{
    const char *one = tq_provider_name(a->provider), *other = tq_provider_name(b->provider);
    struct text why = {"account"};

    if (a->account == 0)
        snprintf(why.s, sizeof(why.s), "the same %.20s%s%.24s reset and share", format_length(a->length_ns).s,
                 *a->name ? " " : "", a->name);
    doctor_tell(doctor, NOTE, "account", "%s and %s look like one account (%s)", one, other, why.s);
    doctor_tell(doctor, ADVICE, NULL,
                "count them under one name, or put both in a pool: tokenquota set %s pool=%s", other, one);
}

static void tell_pairs(struct doctor *doctor, struct traits *traits)
{
    size_t shown = 0;

    if (traits->count > 0)
        qsort(traits->items, traits->count, sizeof *traits->items, compare);
    for (size_t i = 1; i < traits->count && shown < SHOWN_MOST; i++) {
        struct trait *a = &traits->items[i - 1], *b = &traits->items[i];

        if (compare_traits(a, b) != 0 || top_of(a->provider) == top_of(b->provider) ||
            !is_new_pair(traits, i - 1))
            continue;
        tell_pair(doctor, a, b);
        shown++;
    }
}

/* ---- words of vendors ------------------------------------------------------------------------ */

static void tell_limit(struct doctor *doctor, const char *name, const struct tq_limit_state *state,
                       int64_t at_ns, size_t shown[2])
{
    struct text label = limit_label(&state->limit);
    int64_t age_ns = at_ns - state->said_at_ns;

    if (state->said & TQ_SAID_OVERRULED && shown[0]++ < SHOWN_MOST)
        doctor_tell(
            doctor, NOTE, "overrule",
            "%s, limit %u (%s): the vendor's word that would keep it out was overruled, by mark available "
            "or by an answer",
            name, (unsigned)state->number, label.s);
    if (state->said_at_ns > 0 && state->limit.length_ns > 0 && age_ns > state->limit.length_ns &&
        shown[1]++ < SHOWN_MOST) {
        doctor_tell(doctor, NOTE, "reading",
                    "%s, limit %u (%s): what the vendor said last is %s old, older than its window", name,
                    (unsigned)state->number, label.s, format_length(age_ns - age_ns % (60 * SECOND_NS)).s);
        doctor_tell(
            doctor, ADVICE, NULL,
            "hand the vendor's responses over: tokenquota signal --provider, or tokenquota statusline");
    }
}

/* A share of 0 says nothing of use, so two accounts may have it by chance. */
static void take_window(struct traits *traits, struct trait *trait, const struct tq_limit_state *state)
{
    if (!limit_has_reading(state) || state->said_reset_at_ns == 0 || state->said_ppm == 0)
        return;
    trait->account = 0;
    trait->length_ns = state->limit.length_ns;
    trait->reset_at_ns = state->said_reset_at_ns;
    trait->said_ppm = state->said_ppm;
    snprintf(trait->name, sizeof trait->name, "%s", limit_is_stated(&state->limit) ? state->limit.zone : "");
    add(traits, trait);
}

static void look_at(struct doctor *doctor, struct tq_provider *provider, int64_t at_ns, struct traits *traits,
                    size_t shown[2])
{
    struct trait trait = {.provider = provider};
    struct limits limits;

    if (limits_read(provider, at_ns, &limits) < 0)
        return;
    for (size_t i = 0; i < limits.count; i++) {
        tell_limit(doctor, tq_provider_name(provider), &limits.items[i], at_ns, shown);
        take_window(traits, &trait, &limits.items[i]);
    }
    limits_free(&limits);
    trait = (struct trait){.provider = provider, .account = tq_provider_account(provider)};
    if (trait.account != 0)
        add(traits, &trait);
}

static int compare_names(const void *left, const void *right)
{
    struct tq_provider *const *a = left, *const *b = right;

    return strcmp(tq_provider_name(*a), tq_provider_name(*b));
}

void doctor_look_at_accounts(struct doctor *doctor)
{
    size_t shown[2] = {0, 0}, count = 0, capacity = 0;
    struct tq_provider **providers = NULL, *provider;
    struct traits traits = {.count = 0};
    int64_t at_ns = tq_now_ns();
    uint64_t cursor = 0;

    while (tq_ledger_walk(doctor->session.ledger, &cursor, &provider) == 0) {
        providers = must_have(tq__list_room(providers, count, &capacity, sizeof *providers));
        providers[count++] = provider;
    }
    if (count > 0)
        qsort(providers, count, sizeof *providers, compare_names);
    for (size_t i = 0; i < count; i++)
        look_at(doctor, providers[i], at_ns, &traits, shown);
    free(providers);
    tell_pairs(doctor, &traits);
    free(traits.items);
}
