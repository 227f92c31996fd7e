/* score.c: judges the rules by a log: which rules, and what each provider of the log recorded.
 *
 * SPDX-License-Identifier: MIT
 */
#include "score.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"

/* ---- rules ------------------------------------------------------------------------------------- */

static void add_rule(struct score *score, struct score_rule rule)
{
    score->rules[score->rule_count++] = rule;
}

/* Adds each care once, from the least to the greatest. Care 0 is off, which has its row. */
static void add_cares(struct score *score)
{
    for (unsigned care = 1; care <= TQ__CARE_MOST; care++) {
        bool shown = score->care_count == 0 && care == TQ__CARE_DEFAULT, advised = false;

        for (size_t i = 0; i < score->care_count; i++)
            shown |= score->cares[i] == care;
        for (size_t i = 0; i < SCORE_ADVISED; i++)
            advised |= score_advised[i] == care;
        if (shown || advised)
            add_rule(score, (struct score_rule){SCORE_CARE, care, shown});
    }
}

/* Each care that is shown, where calls say when they begin, too. */
static void add_flights(struct score *score)
{
    for (size_t i = 0, count = score->rule_count; i < count; i++)
        if (score->rules[i].kind == SCORE_CARE && score->rules[i].shown)
            add_rule(score, (struct score_rule){SCORE_FLIGHT, score->rules[i].care, true});
}

static void add_rules(struct score *score)
{
    add_rule(score, (struct score_rule){SCORE_OFF, 0, true});
    add_rule(score, (struct score_rule){SCORE_ORIGINAL, 0, true});
    add_rule(score, (struct score_rule){SCORE_HORIZON, 0, true});
    add_cares(score);
    add_flights(score);
    add_rule(score, (struct score_rule){SCORE_RESERVE, 0, true});
}

/* ---- providers --------------------------------------------------------------------------------- */

/* A provider of the replay, and the part of its name that it is judged under. */
struct member {
    const char *name;
    uint32_t name_len;
    uint32_t number;
};

static int compare_members(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    size_t len = a->name_len < b->name_len ? a->name_len : b->name_len;
    int order = memcmp(a->name, b->name, len);

    if (order != 0)
        return order;
    return a->name_len < b->name_len ? -1 : a->name_len > b->name_len;
}

static struct member *sorted_members(const struct score *score, const struct providers *providers)
{
    struct member *members = calloc(providers->count + 1, sizeof *members);

    for (size_t i = 0; members && i < providers->count; i++) {
        const struct provider *provider = &providers->items[i];
        const char *slash = score->by_prefix ? memchr(provider->name, '/', provider->name_len) : NULL;
        size_t len = slash ? (size_t)(slash - provider->name) : provider->name_len;

        members[i] = (struct member){provider->name, (uint32_t)len, (uint32_t)i};
    }
    if (members)
        qsort(members, providers->count, sizeof *members, compare_members);
    return members;
}

/* Makes a provider to be judged of those members that share a name. A budget of that very name is its budget.
 * group: for each provider of the replay, which one it is judged in. */
static void make_providers(struct score *score, struct providers *providers, const struct member *members,
                           uint32_t *group)
{
    for (size_t i = 0; i < providers->count; i++) {
        struct provider *provider = &providers->items[members[i].number];
        struct score_provider *judged = &score->providers[score->count];

        if (i == 0 || compare_members(&members[i - 1], &members[i]) != 0) {
            *judged = (struct score_provider){
                .name = members[i].name,
                .name_len = members[i].name_len,
                .budget = providers->default_budget,
            };
            score->count++;
        } else {
            judged--;
        }
        if (provider->budget_given && provider->name_len == members[i].name_len)
            judged->budget = provider->budget;
        judged->records += (size_t)provider->records;
        group[members[i].number] = (uint32_t)(score->count - 1);
    }
}

/* ---- records ----------------------------------------------------------------------------------- */

/* Counts what was read, as a replay counts what it feeds. */
static void count_records(struct replay *replay)
{
    for (size_t i = 0; i < replay->usage_count; i++) {
        const struct usage *usage = &replay->usages[i];

        replay->providers.items[usage->provider].records++;
        replay->tokens = tq__add_saturated(replay->tokens, usage->tokens);
    }
    replay->records = (int64_t)replay->usage_count;
    if (replay->usage_count > 0) {
        replay->first_at_ns = replay->usages[0].at_ns;
        replay->end_at_ns = replay->usages[replay->usage_count - 1].at_ns;
    }
}

/* When the call of a record was dispatched, before its window's bounds are looked at. */
static int64_t dispatched_at(struct score *score, const struct replay *replay, const struct usage *usage)
{
    int64_t at_ns = replay->starts[usage->number];

    if (at_ns != TQ_LOG_NO_START) {
        score->starts++;
        return at_ns;
    }
    return __builtin_sub_overflow(usage->at_ns, score->lag_ns, &at_ns) ? INT64_MIN : at_ns;
}

/* Puts the records of each provider together. ends: where the next one of each goes. */
static void spread_records(struct score_work *work, const struct replay *replay, const uint32_t *group,
                           size_t *ends)
{
    struct score *score = work->score;
    size_t sum = 0;

    for (size_t i = 0; i < score->count; i++) {
        ends[i] = sum;
        sum += score->providers[i].records;
    }
    for (size_t i = 0; i < replay->usage_count; i++) {
        const struct usage *usage = &replay->usages[i];

        work->calls[ends[group[usage->provider]]++] = (struct score_call){
            .at_ns = usage->at_ns,
            .dispatched_at_ns = dispatched_at(score, replay, usage),
            .tokens = usage->tokens,
        };
    }
}

/* A budget of what stands before the '/' of names is used, though no record has that name: it is none that
 * the log does not have. */
static void mark_used_budgets(const struct score *score, struct providers *providers, const uint32_t *group)
{
    for (size_t i = 0; i < providers->count; i++) {
        const struct score_provider *judged = &score->providers[group[i]];

        if (judged->records > 0 && providers->items[i].name_len == judged->name_len)
            providers->items[i].budget_given = false;
    }
}

/* Providers of the budgets alone have no records, and are none of the log. */
static void leave_out_unused(struct score *score)
{
    size_t count = 0;

    for (size_t i = 0; i < score->count; i++)
        if (score->providers[i].records > 0)
            score->providers[count++] = score->providers[i];
    score->count = count;
}

/* ---- the whole --------------------------------------------------------------------------------- */

static int judge_all(struct score_work *work)
{
    struct score *score = work->score;
    size_t done = 0;
    int result = 0;

    for (size_t i = 0; i < score->count && result == 0; i++) {
        result = score_judge(work, &score->providers[i], work->calls + done);
        done += score->providers[i].records;
        score->all.records += score->providers[i].records;
        score->listener->progress(score->listener->context, "judged", i + 1, score->count, done);
    }
    if (result == 0)
        result = score_finish(work, &score->all, work->all_sums);
    score_advice_finish(&score->advice);
    return result;
}

/* Makes the rooms of the work, and judges. */
static int judge(struct score_work *work, struct replay *replay, const struct member *members,
                 uint32_t *group, size_t *ends)
{
    struct score *score = work->score;

    if (!members || !group || !ends || !work->calls || !work->rooms.order || !work->rooms.spare ||
        !work->rooms.diverted || !work->rooms.hold || !work->holds.items || !score->providers)
        return listener_fail(score->listener, "out of memory");
    make_providers(score, &replay->providers, members, group);
    spread_records(work, replay, group, ends);
    mark_used_budgets(score, &replay->providers, group);
    leave_out_unused(score);
    return judge_all(work);
}

int score_make(struct score *score, struct replay *replay)
{
    size_t providers = replay->providers.count + 1, records = replay->usage_count + 1;
    struct score_work work = {
        .score = score,
        .calls = calloc(records, sizeof *work.calls),
        .rooms.order = calloc(records, sizeof *work.rooms.order),
        .rooms.spare = calloc(records, sizeof *work.rooms.spare),
        .rooms.diverted = calloc(records, sizeof *work.rooms.diverted),
        .rooms.hold = calloc(records, sizeof *work.rooms.hold),
        .holds.items = calloc(SCORE_HOLDS_MOST, sizeof *work.holds.items),
    };
    struct member *members = sorted_members(score, &replay->providers);
    uint32_t *group = calloc(providers, sizeof *group);
    size_t *ends = calloc(providers, sizeof *ends);
    int result;

    add_rules(score);
    replay_sort(replay);
    count_records(replay);
    score->providers = calloc(providers, sizeof *score->providers);
    result = judge(&work, replay, members, group, ends);
    score_work_free(&work);
    free(members);
    free(group);
    free(ends);
    return result;
}

void score_free(struct score *score)
{
    for (size_t i = 0; i < score->count; i++)
        free(score->providers[i].figures);
    free(score->providers);
    free(score->all.figures);
    free(score->advice.items);
}
