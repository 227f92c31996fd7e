/* sync_truth.c: what was really spent of each limit in the world of ledgers, and whether that may be.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>

#include "sync/overshoot.h"
#include "tests/sync_ledgers.h"

#define SHARES (2 * (TQ_LIMITS_MAX + 1))
/* Of what there was this much is used at least, in percent, when all is well and all want more. What refills
 * in the bucket of a machine that wants nothing now is lost. */
#define USED 90
#define USED_OF_REFILL 65

/* ---- what was spent -------------------------------------------------------------------------- */

/* Under which key a record of this instant counts. */
static int64_t key_at(const struct limit *limit, int64_t now_ns)
{
    switch (limit->kind) {
    case KIND_FIXED:
    case KIND_DAY:
        return now_ns / (limit->length_ms * MS_NS);
    case KIND_ROLLING:
        return now_ns / (limit->length_ms * MS_NS / SYNC_BUCKETS_BACK);
    default:
        return 0;
    }
}

static struct spent *spent_of(struct limit *limit, int64_t key)
{
    for (size_t i = limit->spent_count; i-- > 0;)
        if (limit->spent[i].key == key)
            return &limit->spent[i];
    if (limit->spent_count == limit->spent_room) {
        limit->spent_room = 2 * limit->spent_room + 8;
        limit->spent = realloc(limit->spent, limit->spent_room * sizeof *limit->spent);
        if (!limit->spent)
            abort();
    }
    limit->spent[limit->spent_count] = (struct spent){.key = key};
    return &limit->spent[limit->spent_count++];
}

/* Of the keys from the first to the last one. */
static int64_t spent_between(const struct limit *limit, int64_t first, int64_t last)
{
    int64_t sum = 0;

    for (size_t i = 0; i < limit->spent_count; i++)
        if (limit->spent[i].key >= first && limit->spent[i].key <= last)
            sum += limit->spent[i].tokens;
    return sum;
}

static struct tq_share share_of(const struct machine *machine, const struct limit *limit)
{
    struct tq_share all[SHARES] = {{.size = sizeof all[0]}}, found = {.size = 0};
    int count = tq_provider_shares(machine->provider, machine_now_ns(machine), all, SHARES);

    for (int i = 0; i < count; i++)
        if (all[i].number == limit->number)
            found = all[i];
    if (found.size == 0)
        world_fail(machine->world, "%s: its ledger does not list the limit %u", machine->name, limit->number);
    return found;
}

/* What all spent of a first-use window, and of those that overlap it. */
static int64_t spent_beside(const struct world *world, const struct limit *limit,
                            const struct tq_share *share)
{
    int64_t sum = 0;

    for (uint32_t i = 0; i < world->plan.machines; i++) {
        const struct tq_share other = share_of(&world->machines[i], limit);
        int64_t apart_ns = other.start_at_ns - share->start_at_ns;

        if (!(other.flags & TQ_SHARE_NONE) && apart_ns < limit->length_ms * MS_NS &&
            apart_ns > -limit->length_ms * MS_NS)
            sum += other.used;
    }
    return sum;
}

/* A bucket runs empty as fast as it refills; what it then has beyond its size nobody may have spent. A claim
 * that ended unheard is a bucket beside it, which refills, too: overshoot.h. */
static int64_t spend_of_refill(const struct world *world, struct limit *limit, int64_t tokens)
{
    limit->level -= (limit->amount + limit->unheard) * (world->now_ms - limit->level_ms);
    if (limit->level < 0)
        limit->level = 0;
    limit->level_ms = world->now_ms;
    limit->level += tokens * limit->length_ms;
    return limit->level / limit->length_ms;
}

/* ---- what may be ----------------------------------------------------------------------------- */

/* How far all together may go beyond the amount. */
static int64_t allowed(const struct world *world, const struct limit *limit)
{
    const struct sync_bound bound = {
        .flags = (limit->is_strict ? SYNC_LEASE_STRICT : 0) |
                 (limit->kind == KIND_REFILL ? SYNC_LEASE_REFILL : 0) |
                 (world->plan.cut == TQ_CUT_OPEN ? SYNC_LEASE_OPEN : 0),
        .rates = world->rates,
        .every_ms = world->every_ms,
        .round_trip_ms = 2 * world->delay_ms,
        .notice_ms = sync_notice_ms(world->every_ms),
        .unheard = limit->unheard,
    };
    int64_t beyond = world->has_lost ? SYNC_UNBOUNDED : sync_overshoot(&bound);

    return beyond == SYNC_UNBOUNDED ? beyond : beyond + limit->larger;
}

/* How many machines the others believe that it knew when it was heard last. */
static int64_t believed(const struct machine *machine)
{
    const struct sync_peer *peers = machine->world->server.peers;
    int64_t count = 0;

    for (uint32_t i = 0; i < machine->world->plan.machines; i++)
        count += peers[i].seen_ms != 0 && peers[i].seen_ms >= peers[machine->number].seen_ms - SYNC_KEEP_MS;
    return count > 0 ? count : 1;
}

/* By the policy share a machine that is cut off divides a window that begins by the machines that it knew.
 * Those that came since leave it their even part, which is less: docs/many-machines.md, "When a machine is
 * cut off". */
static void note_larger(struct machine *machine, uint32_t i)
{
    struct limit *limit = &machine->world->limits[i];
    int64_t larger;

    if (limit->is_strict || limit->kind == KIND_REFILL || machine->known == 0 ||
        tq_ledger_shared_until(machine->ledger) >= machine_now_ns(machine))
        return;
    larger = limit->amount / machine->known - limit->amount / believed(machine);
    if (larger <= machine->larger[i])
        return;
    limit->larger += larger - machine->larger[i];
    machine->larger[i] = larger;
}

/* A call that is held in one window and ends in the next one counts in that, where nothing was leased for it:
 * docs/many-machines.md, "Strict limits". */
static int64_t crossed_into(const struct limit *limit, int64_t key)
{
    for (size_t i = 0; limit->is_strict && limit->kind == KIND_FIXED && i < limit->spent_count; i++)
        if (limit->spent[i].key == key)
            return limit->spent[i].crossed;
    return 0;
}

static void check(const struct machine *machine, const struct limit *limit, int64_t key, int64_t spent)
{
    int64_t beyond = allowed(machine->world, limit), crossed = crossed_into(limit, key);

    beyond = beyond == SYNC_UNBOUNDED ? beyond : beyond + crossed;

    if (spent - limit->amount > beyond)
        world_fail(machine->world, "%s, limit \"%s\"%s: %lld of %lld are spent, allowed beyond it are %lld",
                   machine->name, limit->identity, limit->is_strict ? " strict" : "", (long long)spent,
                   (long long)limit->amount, (long long)beyond);
}

void truth_want(struct machine *machine, int64_t tokens)
{
    for (uint32_t i = 0; i < machine->world->limit_count; i++) {
        struct limit *limit = &machine->world->limits[i];

        spent_of(limit, key_at(limit, machine_now_ns(machine)))->wanted += tokens;
    }
}

void truth_count(struct machine *machine, const struct call *call)
{
    const int64_t tokens = call->tokens;
    struct world *world = machine->world;

    for (uint32_t i = 0; i < world->limit_count; i++) {
        struct limit *limit = &world->limits[i];
        int64_t key = key_at(limit, machine_now_ns(machine)), spent;
        struct tq_share share;

        note_larger(machine, i);
        spent_of(limit, key)->tokens += tokens;
        if (key_at(limit, call->held_ns) != key)
            spent_of(limit, key)->crossed += tokens;
        switch (limit->kind) {
        case KIND_ROLLING: /* clocks are not one: what one forgets already another still has */
            spent = spent_between(limit, key - SYNC_BUCKETS_BACK + 1, key);
            break;
        case KIND_REFILL:
            spent = spend_of_refill(world, limit, tokens);
            break;
        case KIND_FIRST_USE:
            if (rng_below(&world->rng, 1 + world->plan.machines / 2) != 0)
                continue;
            share = share_of(machine, limit);
            spent = spent_beside(world, limit, &share);
            break;
        default:
            spent = spent_of(limit, key)->tokens;
            break;
        }
        check(machine, limit, key, spent);
    }
}

/* ---- the end --------------------------------------------------------------------------------- */

/* Has a machine left the first-use window already? */
static bool has_left(const struct world *world, const struct limit *limit)
{
    for (uint32_t i = 0; i < world->plan.machines; i++)
        if (share_of(&world->machines[i], limit).flags & TQ_SHARE_NONE)
            return true;
    return false;
}

/* Does the machine know what all spent? Where nobody can know it yet, or know it all, as much as can be. */
static bool knows(struct machine *machine, struct limit *limit, const struct tq_share *share)
{
    const struct plan *plan = &machine->world->plan;
    int64_t key = key_at(limit, machine_now_ns(machine)), known = share->used + share->others;
    bool has_turned = key != key_at(limit, machine->heard_ns);

    switch (limit->kind) {
    case KIND_REFILL: /* of it claims alone are told */
        return true;
    case KIND_FIRST_USE: /* of windows that could not become one, and of one that others left by a faster
                            clock, it may know more than there is by now */
        if (share->flags & TQ_SHARE_NONE)
            return true;
        return plan->has_faults || has_left(machine->world, limit)
                   ? known >= spent_beside(machine->world, limit, share)
                   : known == spent_beside(machine->world, limit, share);
    case KIND_ROLLING: /* a clock that is ahead has left the oldest bucket; and lost answers take time */
        return has_turned || (plan->has_faults && machine->world->has_lost) ||
               (known >= spent_between(limit, key - SYNC_BUCKETS_BACK + 1, key) &&
                known <= spent_between(limit, key - SYNC_BUCKETS_BACK, key));
    default:
        return has_turned || known == spent_of(limit, key)->tokens;
    }
}

void truth_agree(struct world *world)
{
    for (uint32_t i = 0; i < world->plan.machines; i++)
        for (uint32_t k = 0; k < world->limit_count; k++) {
            struct machine *machine = &world->machines[i];
            struct limit *limit = &world->limits[k];
            const struct tq_share share = share_of(machine, limit);

            if (!knows(machine, limit, &share))
                world_fail(world,
                           "%s, limit \"%s\": knows %lld of its own and %lld of others, which is not all",
                           machine->name, limit->identity, (long long)share.used, (long long)share.others);
        }
}

/* Of one limit, when all is well and all want more than there is: they spend it. */
void truth_used(struct world *world)
{
    struct limit *limit = &world->limits[0];
    int64_t passed_ms = world->heal_ms - world->begin_ms, there = limit->amount, used = 0, wanted = 0;

    if (world->plan.has_faults || world->plan.is_night || world->limit_count > 1)
        return;
    for (size_t i = 0; i < limit->spent_count; i++) {
        /* When a window turned, only the one that began first is looked at. */
        if ((limit->kind == KIND_FIXED || limit->kind == KIND_DAY) &&
            limit->spent[i].key != limit->spent[0].key)
            continue;
        used += limit->spent[i].tokens;
        wanted += limit->spent[i].wanted;
    }
    if (limit->kind == KIND_REFILL)
        there += limit->amount * passed_ms / limit->length_ms;
    world->was_busy = wanted >= there;
    if (world->was_busy && used < there / 100 * (limit->kind == KIND_REFILL ? USED_OF_REFILL : USED))
        world_fail(world, "limit \"%s\"%s: %lld of %lld are used, though %lld were wanted", limit->identity,
                   limit->is_strict ? " strict" : "", (long long)used, (long long)there, (long long)wanted);
}
