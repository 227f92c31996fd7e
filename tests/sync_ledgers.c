/* sync_ledgers.c: a simulator of machines with real ledgers in virtual time, many seeds, each a world of its
 * own.
 *
 * SPDX-License-Identifier: MIT
 *
 * sync_ledgers MACHINES SEEDS [SOAKED [FIRST]]: as sync_sim. In each world: of a strict limit no more is
 * spent than its amount, of others no more than the stated bound allows; when all is well again all know the
 * same to the token; where nothing failed, all together used what there was.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sync_ledgers.h"
#include "tests/system_fake.h"

#define QUARTER_MS INT64_C(900000)
#define DAY_MS INT64_C(86400000)
#define MIDNIGHT_MS INT64_C(1714608000000) /* 2024-05-02 */
#define FAULTS_MS 40000

void world_fail(struct world *world, const char *format, ...)
{
    va_list arguments;
    int len;

    if (world->failure[0])
        return;
    len = snprintf(world->failure, sizeof world->failure,
                   "at %lld ms: ", (long long)(world->now_ms - world->begin_ms));
    va_start(arguments, format);
    vsnprintf(world->failure + len, sizeof world->failure - (size_t)len, format, arguments);
    va_end(arguments);
}

void world_after(struct world *world, int64_t ms, enum happens kind, uint32_t machine, int64_t number,
                 void *message)
{
    events_add(&world->events, (struct event){world->now_ms + ms, 0, kind, machine, number, message});
}

/* ---- begin ----------------------------------------------------------------------------------- */

static const int64_t lengths_ms[KINDS] = {QUARTER_MS, DAY_MS, QUARTER_MS, QUARTER_MS, 20000, 0};

static void make_limits(struct world *world)
{
    struct rng *rng = &world->rng;
    int64_t all = world->rates * (FAULTS_MS / 1000);

    world->limit_count = rng_below(rng, 2) ? 1 : 1 + rng_below(rng, LIMITS_MOST);
    for (uint32_t i = 0; i < world->limit_count; i++) {
        struct limit *limit = &world->limits[i];
        bool is_twice = false;

        limit->kind = (enum kind)rng_below(rng, KINDS);
        limit->is_strict = limit->kind != KIND_DAY && rng_below(rng, 2);
        limit->length_ms = lengths_ms[limit->kind];
        for (uint32_t k = 0; k < i; k++)
            is_twice |= world->limits[k].kind == limit->kind;
        if (is_twice) { /* the provider has one of each */
            world->limit_count = i;
            return;
        }
        limit->amount =
            1 + (limit->kind == KIND_REFILL ? world->rates * 20 : all) * (5 + rng_below_i64(rng, 100)) / 100;
        limit->level_ms = world->now_ms;
    }
}

static void make(struct world *world, const struct plan *plan)
{
    struct rng *rng = &world->rng;

    memset(world, 0, sizeof *world);
    world->plan = *plan;
    rng->state = plan->seed * 1000003 + plan->machines;
    /* A window turns on the way: at midnight that of the day, too. */
    world->begin_ms = world->now_ms =
        MIDNIGHT_MS + (rng_below(rng, 2) ? QUARTER_MS : 0) - rng_below_i64(rng, 30000);
    world->heal_ms = world->begin_ms + FAULTS_MS;
    world->night_ms = plan->is_night ? world->begin_ms + 5000 + rng_below_i64(rng, 25000) : INT64_MAX;
    world->every_ms = 250;
    world->delay_ms = 1 + rng_below_i64(rng, plan->has_faults ? 60 : 10);
    world->loss = plan->has_faults ? rng_below(rng, 200) : 0;
    world->twice = plan->has_faults ? rng_below(rng, 200) : 0;
    world->machines = calloc(plan->machines, sizeof *world->machines);
    if (!world->machines)
        abort();
    store_make(world);
    for (uint32_t i = 0; i < plan->machines; i++) {
        struct machine *machine = &world->machines[i];

        machine->world = world;
        machine->number = i;
        machine->rate = INT64_C(1) << rng_below(rng, 12);
        machine->rate += rng_below_i64(rng, machine->rate);
        machine->clock_ms = rng_below_i64(rng, 3000) - 1500;
        world->rates += machine->rate;
    }
    make_limits(world);
    for (uint32_t i = 0; i < plan->machines; i++) {
        machine_make(&world->machines[i]);
        world_after(world, plan->is_growing ? rng_below_i64(rng, FAULTS_MS / 2) : 0, JOIN, i, 0, NULL);
        world_after(world, rng_below_i64(rng, 100), WORK, i, 0, NULL);
    }
    if (plan->has_faults)
        world_after(world, rng_below_i64(rng, 3000), FAULT, 0, 0, NULL);
}

/* ---- faults ---------------------------------------------------------------------------------- */

static void restart(struct machine *machine)
{
    if (machine->is_alive && machine->has_loop)
        return;
    machine->is_alive = true;
    machine_begin(machine);
}

/* A machine joins, unless it was begun already. */
static void join(struct machine *machine)
{
    if (machine->run == 0)
        restart(machine);
}

static void machine_fault(struct world *world, struct machine *machine)
{
    /* What is ill becomes well sooner than what is well becomes ill. */
    if ((!machine->has_loop || machine->is_cut) && rng_below(&world->rng, 2)) {
        machine->is_cut = false;
        restart(machine);
        return;
    }
    switch (rng_below(&world->rng, 6)) {
    case 0:
        machine_kill(machine);
        break;
    case 1:
        machine->has_loop = false; /* the loop alone dies, its callers go on */
        break;
    case 2:
        if (machine->has_loop)
            machine_begin(machine);
        break;
    default:
        machine->is_cut = !machine->is_cut;
        break;
    }
}

static void fault(struct world *world)
{
    struct server *server = &world->server;
    struct rng *rng = &world->rng;

    if (world->now_ms >= world->heal_ms)
        return;
    world_after(world, 1 + rng_below_i64(rng, 8000 / (1 + world->plan.machines / 4)), FAULT, 0, 0, NULL);
    if (rng_below(rng, 8 + world->plan.machines / 2) != 0) {
        machine_fault(world, &world->machines[rng_below(rng, world->plan.machines)]);
        return;
    }
    if (rng_below(rng, 2)) {
        server->stalls_until_ms = world->now_ms + rng_below_i64(rng, 15000);
        return;
    }
    server->down_until_ms = world->now_ms + rng_below_i64(rng, 5000);
    if (world->plan.may_lose)
        store_lose(world);
}

static void heal(struct world *world)
{
    world->loss = world->twice = 0;
    world->server.stalls_until_ms = world->server.down_until_ms = 0;
    for (uint32_t i = 0; i < world->plan.machines; i++) {
        struct machine *machine = &world->machines[i];

        machine->is_cut = false;
        machine_give_up(machine, (int64_t)machine->flush); /* it connects again */
        restart(machine);
    }
}

/* All sleep, the server too, until shortly before or after the windows end that began when the world did. */
static void sleep_all(struct world *world)
{
    int64_t ms = QUARTER_MS - (world->now_ms - world->begin_ms) - rng_below_i64(&world->rng, 12000);
    int64_t *const shifted[] = {&world->now_ms, &world->heal_ms, &world->end_ms, &world->server.down_until_ms,
                                &world->server.stalls_until_ms};

    world->night_ms = INT64_MAX;
    for (size_t i = 0; i < sizeof shifted / sizeof *shifted; i++)
        *shifted[i] += ms;
    for (size_t i = 0; i < world->events.count; i++)
        world->events.heap[i].at_ms += ms;
    for (uint32_t i = 0; i < world->plan.machines; i++)
        if (world->machines[i].asked_ms != 0)
            world->machines[i].asked_ms += ms;
}

/* ---- run ------------------------------------------------------------------------------------- */

static void happen(struct world *world, const struct event *event)
{
    struct machine *machine = &world->machines[event->node];

    switch ((enum happens)event->kind) {
    case WORK:
        machine_work(machine);
        break;
    case SETTLE:
        machine_settle(machine, event->number, event->message);
        break;
    case FLUSH:
        if (machine->has_loop && event->number == machine->run)
            machine_flush(machine);
        break;
    case GIVE_UP:
        machine_give_up(machine, event->number);
        break;
    case ARRIVE:
        message_arrive(world, event->message);
        break;
    case ANSWER:
        machine_answer(machine, event->message);
        break;
    case FAULT:
        fault(world);
        break;
    case JOIN:
        join(machine);
        break;
    }
}

static void drop(const struct event *event)
{
    if (event->kind == SETTLE)
        free(event->message);
    else
        message_free(event->message);
}

int world_run(struct world *world, const struct plan *plan)
{
    bool is_healed = false;

    make(world, plan);
    /* An interval until all have begun and read, one until all have told, and one until all have heard. */
    world->end_ms = world->heal_ms + 3 * (world->every_ms + 4 * world->delay_ms) + 1;
    while (!world->failure[0]) {
        struct event event = events_take(&world->events);

        if (event.at_ms >= world->night_ms) {
            world->now_ms = world->night_ms;
            events_add(&world->events, event);
            sleep_all(world);
            continue;
        }
        world->now_ms = event.at_ms;
        fake_system.now_ns = world->now_ms * MS_NS;
        if (!is_healed && world->now_ms >= world->heal_ms) {
            heal(world);
            is_healed = true;
        }
        if (world->now_ms >= world->end_ms) {
            truth_agree(world);
            truth_used(world);
            drop(&event);
            break;
        }
        happen(world, &event);
    }
    return world->failure[0] != 0;
}

void world_free(struct world *world)
{
    for (size_t i = 0; i < world->events.count; i++)
        drop(&world->events.heap[i]);
    for (uint32_t i = 0; i < world->plan.machines; i++)
        machine_end(&world->machines[i]);
    for (uint32_t i = 0; i < world->limit_count; i++)
        free(world->limits[i].spent);
    free(world->machines);
    free(world->events.heap);
    store_free(world);
}

static struct plan plan_of(uint32_t machines, uint64_t seed)
{
    return (struct plan){
        .seed = seed,
        .machines = machines,
        .cut = seed % 4 == 2    ? TQ_CUT_CLOSED
               : seed % 16 == 0 ? TQ_CUT_OPEN
                                : TQ_CUT_SHARE,
        .has_faults = seed / 4 % 4 != 0,
        .is_night = seed / 16 % 2 == 1,
        .may_lose = seed / 32 % 4 == 3,
        .is_growing = seed % 8 >= 5,
    };
}

int main(int argc, char **argv)
{
    uint32_t machines = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 3;
    int how_many = argc > 3 && getenv("TQ_SOAK") ? 3 : 2;
    uint64_t seeds = argc > how_many ? strtoull(argv[how_many], NULL, 10) : 200;
    uint64_t first = argc > 4 ? strtoull(argv[4], NULL, 10) : 1;
    int64_t flushes = 0;
    uint64_t busy = 0;
    unsigned failures = 0;

    for (uint64_t seed = first; seed < first + seeds; seed++) {
        const struct plan plan = plan_of(machines, seed);
        struct world world;

        if (world_run(&world, &plan) != 0) {
            failures++;
            printf("# seed %llu: %s, %u machines: %s\n", (unsigned long long)seed, tq_cut_name(plan.cut),
                   machines, world.failure);
        }
        flushes += world.flushes;
        busy += world.was_busy;
        world_free(&world);
    }
    printf("# %llu worlds, %lld flushes; in %llu all was well and all wanted more than there was\n",
           (unsigned long long)seeds, (long long)flushes, (unsigned long long)busy);
    printf("%s 1 - %u machines, %llu seeds from %llu\n1..1\n", failures ? "not ok" : "ok", machines,
           (unsigned long long)seeds, (unsigned long long)first);
    return failures != 0;
}
