/* sync_sim.c: a simulator of many machines in virtual time: many seeds, each a world of its own, with the
 * product's own code.
 *
 * SPDX-License-Identifier: MIT
 *
 * sync_sim NODES SEEDS [SOAKED [FIRST]]: worlds of so many nodes; with TQ_SOAK in the environment SOAKED of
 * them. It speaks TAP, and names the seed of a world that failed: sync_sim NODES 1 1 SEED runs that one
 * again. In each world: a strict limit is never above its amount, whatever the nodes may still spend; others
 * are never above the stated bound; when all is well again, all nodes agree to the token; a lone node gets
 * nearly all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sync_world.h"

static const char *const policies[] = {"strict", "share", "closed", "open"};

static struct plan plan_of(uint32_t nodes, uint64_t seed)
{
    struct plan plan = {.seed = seed, .nodes = nodes};
    static const enum policy of[] = {POLICY_STRICT, POLICY_SHARE,  POLICY_STRICT, POLICY_SHARE,
                                     POLICY_STRICT, POLICY_CLOSED, POLICY_STRICT, POLICY_OPEN};

    plan.policy = of[seed % 8];
    plan.has_faults = seed / 8 % 5 != 0;
    plan.is_lone = seed / 8 % 10 == 5;
    plan.is_long = plan.has_faults && seed % 101 == 100;
    return plan;
}

int main(int argc, char **argv)
{
    uint32_t nodes = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 3;
    int how_many = argc > 3 && getenv("TQ_SOAK") ? 3 : 2;
    uint64_t seeds = argc > how_many ? strtoull(argv[how_many], NULL, 10) : 200;
    uint64_t first = argc > 4 ? strtoull(argv[4], NULL, 10) : 1;
    uint64_t clean = 0, full = 0;
    int64_t flushes = 0;
    unsigned failures = 0;

    if (seeds == 0) {
        printf("1..0 # SKIP in make soak alone\n");
        return 0;
    }
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        struct plan plan = plan_of(nodes, seed);
        struct world *world = malloc(sizeof *world);

        if (!world)
            abort();
        if (world_run(world, &plan) != 0) {
            failures++;
            printf("# seed %llu: %s, %u nodes: %s\n", (unsigned long long)seed, policies[plan.policy], nodes,
                   world->failure);
        }
        clean += world->unknown == 0;
        full += world->spent >= world->amount / 100 * 99;
        flushes += world->flushes;
        world_free(world);
        free(world);
    }
    printf("# %llu worlds, %lld flushes; in %llu the amount was used up, in %llu no claim was lost to all\n",
           (unsigned long long)seeds, (long long)flushes, (unsigned long long)full,
           (unsigned long long)clean);
    printf("%s 1 - %u nodes, %llu seeds from %llu\n1..1\n", failures ? "not ok" : "ok", nodes,
           (unsigned long long)seeds, (unsigned long long)first);
    return failures != 0;
}
