/* sync_machine.c: a machine: a ledger of the library, those who spend of it, and the product's node beside
 * it.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sync_ledgers.h"

#define LEASE_NS (INT64_C(3600) * 1000 * MS_NS) /* of a call: longer than it lasts */
#define ROUNDS 3                                /* at once, where something new must be said */

int64_t machine_now_ns(const struct machine *machine)
{
    return (machine->world->now_ms + machine->clock_ms) * MS_NS;
}

static void expect(const struct machine *machine, const char *what, bool is_so)
{
    if (!is_so)
        world_fail(machine->world, "%s: %s", machine->name, what);
}

/* ---- the ledger ------------------------------------------------------------------------------ */

static void add_limit(struct machine *machine, struct limit *limit)
{
    char sentence[160];
    struct tq_limit read = {.size = sizeof read};
    int number;

    if (limit->kind == KIND_DAY) {
        expect(machine, "the budget", tq_provider_set_budget(machine->provider, limit->amount) == 0);
        return;
    }
    static const char *const windows[KINDS] = {"per 15m from 2024-05-01T00:00Z",
                                               "",
                                               "per 15m first-use",
                                               "per 15m rolling",
                                               "per 20s refill",
                                               "once"};
    snprintf(sentence, sizeof sentence, "%lld tokens %s", (long long)limit->amount, windows[limit->kind]);
    expect(machine, "the sentence", tq_limit_parse(sentence, &read, NULL) == 0);
    number = tq_provider_set_limit(machine->provider, &read, NULL);
    expect(machine, "the limit", number > 0);
    limit->number = (uint32_t)number;
    if (limit->is_strict)
        expect(machine, "strict", tq_provider_set_strict(machine->provider, (uint32_t)number, 1) == 0);
    read.known = 0;
    read.amount = 0;
    read.anchor_at_ns = sync_limit_anchor(&read);
    tq_limit_format(&read, limit->identity, sizeof limit->identity);
}

void machine_make(struct machine *machine)
{
    struct world *world = machine->world;
    const struct tq_ledger_options options = {.size = sizeof options, .history_days = 8, .rule = TQ_RULE_OFF};

    snprintf(machine->name, sizeof machine->name, "n%06u", machine->number);
    if (tq_ledger_open(&machine->ledger, NULL, &options, NULL) < 0 ||
        tq_ledger_provider(machine->ledger, PROVIDER, strlen(PROVIDER), 0, &machine->provider) != 0)
        abort();
    for (uint32_t i = 0; i < world->limit_count; i++)
        add_limit(machine, &world->limits[i]);
    expect(machine, "cut", tq_provider_set_cut(machine->provider, world->plan.cut) == 0);
    machine->work_ms = world->now_ms;
}

/* ---- those who spend ------------------------------------------------------------------------- */

/* Spends what its rate gives, if there is room for it: at once, or after a while. */
void machine_work(struct machine *machine)
{
    struct world *world = machine->world;
    struct tq_amounts amounts = {.size = sizeof amounts, .known = 1u << TQ_UNIT_TOKENS};
    int64_t pause_ms = 60 + 2 * world->plan.machines, passed_ms = world->now_ms - machine->work_ms;
    struct call *call;

    if (world->now_ms >= world->heal_ms)
        return;
    world_after(world, 1 + rng_below_i64(&world->rng, 2 * pause_ms), WORK, machine->number, 0, NULL);
    machine->work_ms = world->now_ms;
    if (!machine->is_alive || world->now_ms < machine->idle_until_ms ||
        tq_ledger_shared_until(machine->ledger) == 0) /* before its first exchange it knows of no others */
        return;
    if (world->plan.has_faults && rng_below(&world->rng, 400) == 0)
        machine->idle_until_ms = world->now_ms + rng_below_i64(&world->rng, 10000);
    if (passed_ms > 1000)
        passed_ms = 1000; /* it slept */
    machine->credit += machine->rate * passed_ms;
    amounts.of[TQ_UNIT_TOKENS] = machine->credit / 1000;
    machine->credit %= 1000;
    if (amounts.of[TQ_UNIT_TOKENS] == 0)
        return;
    call = calloc(1, sizeof *call);
    if (!call)
        abort();
    call->hold.size = sizeof call->hold;
    call->tokens = amounts.of[TQ_UNIT_TOKENS];
    call->held_ns = machine_now_ns(machine);
    truth_want(machine, call->tokens);
    if (tq_provider_hold(machine->provider, &amounts, LEASE_NS, machine_now_ns(machine), &call->hold) != 0) {
        free(call);
        return;
    }
    if (rng_below(&world->rng, 4) != 0) {
        machine_settle(machine, machine->life, call);
        return;
    }
    if (rng_below(&world->rng, 2))
        call->tokens -= rng_below_i64(&world->rng, call->tokens);
    world_after(world, 1 + rng_below_i64(&world->rng, 800), SETTLE, machine->number, machine->life, call);
}

void machine_settle(struct machine *machine, int64_t life, struct call *call)
{
    const struct tq_usage usage = {.size = sizeof usage, .requests = 1, .counted = call->tokens};

    if (life != machine->life || machine->world->now_ms >= machine->world->heal_ms) {
        expect(machine, "cancel", tq_hold_cancel(&call->hold) == 0);
    } else {
        expect(machine, "settle", tq_hold_settle(&call->hold, &usage, machine_now_ns(machine)) >= 0);
        truth_count(machine, call);
    }
    free(call);
}

void machine_kill(struct machine *machine)
{
    machine->is_alive = false;
    machine->life++;
    machine->has_loop = false;
}

/* ---- the loop -------------------------------------------------------------------------------- */

/* A new run has what the one before left beside the ledger. */
void machine_begin(struct machine *machine)
{
    const struct sync_node_options options = {.name = machine->name,
                                              .instance = "i",
                                              .before = "",
                                              .every_ms = machine->world->every_ms,
                                              .tags = SYNC_TAGS};
    struct sync_node *before = machine->node;
    struct sync_provider *provider;

    machine->node = sync_node_new(&options);
    if (!machine->node)
        abort();
    sync_node_attach(machine->node, machine->ledger, false);
    provider = sync_node_provider(machine->node, PROVIDER);
    if (!provider)
        abort();
    for (size_t i = 0; before && i < before->providers[0].base_count; i++) {
        const struct sync_base *base = &before->providers[0].bases[i];

        sync_base_set(provider, base->identity, base->start_s, base->added, base->corrected, base->is_had);
    }
    sync_node_free(before);
    machine->has_loop = true;
    machine->asked_ms = machine->heard_ns = 0;
    machine->run++;
    world_after(machine->world, rng_below_i64(&machine->world->rng, machine->world->every_ms), FLUSH,
                machine->number, machine->run, NULL);
}

void machine_end(struct machine *machine)
{
    sync_node_free(machine->node);
    tq_ledger_close(machine->ledger);
}

static void flush(struct machine *machine)
{
    struct world *world = machine->world;

    world->flushes++;
    machine->flush++;
    machine->asked_ms = world->now_ms;
    machine->asked_ns = machine_now_ns(machine);
    expect(machine, "says", sync_node_say(machine->node, machine->asked_ns, &machine->exchange) == 0);
    message_send(machine);
    world_after(world, sync_notice_ms(world->every_ms) - world->every_ms, GIVE_UP, machine->number,
                (int64_t)machine->flush, NULL);
}

void machine_flush(struct machine *machine)
{
    machine->flushed_ms = machine->world->now_ms;
    machine->rounds = 0;
    flush(machine);
}

/* An interval after the last one, or at once when that took longer. */
static void flush_again(struct machine *machine)
{
    int64_t left_ms = machine->flushed_ms + machine->world->every_ms - machine->world->now_ms;

    world_after(machine->world, left_ms > 0 ? left_ms : 0, FLUSH, machine->number, machine->run, NULL);
}

static void forget_answer(struct machine *machine)
{
    struct sync_exchange *exchange = &machine->exchange;

    for (size_t i = 0; i < exchange->item_count; i++) {
        exchange->items[i].all = NULL;
        exchange->items[i].count = 0;
        exchange->items[i].is_heard = false;
    }
    machine->asked_ms = 0;
}

void machine_give_up(struct machine *machine, int64_t number)
{
    if (!machine->has_loop || machine->asked_ms == 0 || number != (int64_t)machine->flush)
        return;
    expect(machine, "is alone",
           sync_node_hear(machine->node, machine->asked_ns, &machine->exchange, TQ_ESYS) == TQ_ESYS);
    forget_answer(machine);
    flush_again(machine);
}

static void note_unheard(struct machine *machine)
{
    const struct sync_provider *provider = &machine->node->providers[0];

    for (size_t i = 0; i < provider->window_count; i++)
        for (uint32_t k = 0; k < machine->world->limit_count; k++) {
            struct limit *limit = &machine->world->limits[k];

            if (strcmp(provider->windows[i]->limit.identity, limit->identity) == 0 &&
                provider->windows[i]->lease.unheard > limit->unheard)
                limit->unheard = provider->windows[i]->lease.unheard;
        }
}

void machine_answer(struct machine *machine, void *message)
{
    if (message_is_of(message, machine)) {
        message_hear(message, machine);
        expect(machine, "hears",
               sync_node_hear(machine->node, machine->asked_ns, &machine->exchange, 0) == 0);
        machine->heard_ns = machine->asked_ns;
        machine->known = machine->node->machines + machine->node->silent;
        note_unheard(machine);
        forget_answer(machine);
        if (machine->node->wants_another && ++machine->rounds < ROUNDS)
            flush(machine);
        else
            flush_again(machine);
    }
    message_free(message);
}
