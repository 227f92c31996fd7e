/* probe.c: when a provider may be asked whether it is back, and who may.
 *
 * SPDX-License-Identifier: MIT
 */
#include "probe.h"

#include "clock.h"
#include "held.h"
#include "shared.h"
#include "state.h"
#include "stated.h"

#define HOUR_S 3600

/* ---- words without an end -------------------------------------------------------------------- */

/* Puts `next` where `seen` is, and lets what explains the word follow it. */
static bool swap_probe(struct tq_ledger *ledger, struct tq__slot *slot, uint64_t *seen, uint64_t next)
{
    uint64_t before = *seen;
    struct tq__why why;

    /* Acquire and release as in apply.c: who swaps it next sees what this one saw. */
    if (!atomic_compare_exchange_strong_explicit(&slot->reported, seen, next, memory_order_acq_rel,
                                                 memory_order_acquire))
        return false;
    why = tq__why_unpack(before, atomic_load_explicit(&slot->reported_why, memory_order_relaxed));
    atomic_store_explicit(&slot->reported_why, tq__why_pack(next, &why), memory_order_relaxed);
    tq__event_until(ledger, tq__refusal_next_ns(slot, &slot->reported));
    return true;
}

/* Takes the probe of a word without an end. tq__refusal_second accepts now_ns. Returns as tq__probe_take. */
static int take_endless(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns, int64_t *at_ns)
{
    uint64_t seen = atomic_load_explicit(&slot->reported, memory_order_acquire); /* pairs with swap */

    for (;;) {
        struct tq__refusal said = tq__refusal_unpack(seen);

        *at_ns = 0;
        if (!tq__refusal_no_end(seen))
            return 1;
        *at_ns = tq__probe_due_ns(slot, seen);
        if (*at_ns > now_ns)
            return 1;
        said.at_s = (uint32_t)(now_ns / TQ__SECOND_NS); /* rounded down: refusal.h */
        said.probing = true;
        if (swap_probe(ledger, slot, &seen, tq__refusal_pack(&said))) {
            *at_ns = (int64_t)said.at_s * TQ__SECOND_NS + TQ_PROBE_LEASE_NS;
            return 0;
        }
    }
}

static void fail_endless(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t now_s)
{
    uint64_t seen = atomic_load_explicit(&slot->reported, memory_order_acquire); /* pairs with swap */

    for (;;) {
        struct tq__refusal said = tq__refusal_unpack(seen);

        if (!tq__refusal_no_end(seen) || !said.probing)
            return;
        if (said.at_s < now_s)
            said.at_s = now_s;
        said.probing = false;
        if (said.attempt < TQ__REFUSAL_ATTEMPT_MAX)
            said.attempt++;
        if (swap_probe(ledger, slot, &seen, tq__refusal_pack(&said)))
            return;
    }
}

/* ---- words with an end ----------------------------------------------------------------------- */

struct probe {
    uint32_t last_s, attempts, bits, told;
};

static struct probe probe_unpack(uint64_t word)
{
    return (struct probe){(uint32_t)(word >> 32), (uint32_t)(word >> 24) & 0xff,
                          (uint32_t)(word >> 16) & 0xff, (uint32_t)(word & TQ__PROBE_TOLD)};
}

static uint64_t probe_pack(const struct probe *probe)
{
    return (uint64_t)probe->last_s << 32 | (uint64_t)probe->attempts << 24 | (uint64_t)probe->bits << 16 |
           probe->told;
}

/* What blocks a level with a known end. */
struct blocks {
    uint32_t count;
    uint32_t said_s; /* the latest */
    int64_t end_ns;  /* the latest */
    bool doubted;    /* all are */
};

static void add_block(struct blocks *blocks, uint64_t word, bool doubted)
{
    blocks->doubted = doubted && (blocks->count == 0 || blocks->doubted);
    blocks->count++;
    if (word >> 32 > blocks->said_s)
        blocks->said_s = (uint32_t)(word >> 32);
    if (tq__refusal_end_ns(word) > blocks->end_ns)
        blocks->end_ns = tq__refusal_end_ns(word);
}

static struct blocks blocks_of(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns)
{
    uint64_t reported = atomic_load_explicit(&slot->reported, memory_order_acquire); /* apply.c */
    struct tq__limits *limits = tq__limits_of(ledger, slot);
    struct blocks blocks = {.count = 0};
    struct tq__line line;

    if (!tq__refusal_no_end(reported) && tq__refusal_end_ns(reported) > now_ns)
        add_block(&blocks, reported, false);
    for (uint32_t i = 0; i < tq__limits_lines(limits, now_ns); i++) {
        uint64_t blocking = tq__line_open(&line, ledger, limits, i) ? tq__stated_blocking(&line, now_ns) : 0;

        if (blocking != 0)
            add_block(&blocks, blocking, tq__stated_is_doubted(blocking));
    }
    return blocks;
}

/* How long after so many failed probes the next one may follow. */
static uint32_t wait_s(uint32_t attempts)
{
    uint32_t wait = TQ__PROBE_FIRST_S;

    for (uint32_t i = 1; i < attempts && wait < TQ__PROBE_LAST_S; i++)
        wait *= 2;
    return wait < TQ__PROBE_LAST_S ? wait : TQ__PROBE_LAST_S;
}

/* When the turn of the caller that has the probe ends. */
static int64_t lease_ns(const struct probe *probe)
{
    return probe->last_s * TQ__SECOND_NS + TQ_PROBE_LEASE_NS;
}

static int64_t due_of(const struct blocks *blocks, const struct probe *probe, int64_t now_ns)
{
    int64_t last_s = probe->last_s > blocks->said_s ? probe->last_s : blocks->said_s;
    int64_t due_ns = (last_s + HOUR_S) * TQ__SECOND_NS;

    if (blocks->count == 0)
        return 0;
    if (probe->bits & TQ__PROBE_OUT && (lease_ns(probe) > now_ns || probe->last_s >= blocks->said_s))
        due_ns = lease_ns(probe);
    else if (blocks->doubted)
        due_ns =
            (probe->attempts == 0 ? blocks->said_s : probe->last_s + wait_s(probe->attempts)) * TQ__SECOND_NS;
    return due_ns < blocks->end_ns ? due_ns : 0;
}

int64_t tq__probe_due_timed(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns,
                            uint32_t *attempts, bool *out)
{
    const struct blocks blocks = blocks_of(ledger, slot, now_ns);
    /* Acquire pairs with take_timed. */
    const struct probe probe = probe_unpack(atomic_load_explicit(&slot->probe, memory_order_acquire));

    if (attempts)
        *attempts = probe.attempts;
    if (out)
        *out = probe.bits & TQ__PROBE_OUT && blocks.count != 0 && lease_ns(&probe) > now_ns;
    return due_of(&blocks, &probe, now_ns);
}

static int take_timed(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns, int64_t *at_ns)
{
    uint64_t seen = atomic_load_explicit(&slot->probe, memory_order_acquire); /* pairs with the swap below */

    for (;;) {
        const struct blocks blocks = blocks_of(ledger, slot, now_ns);
        struct probe probe = probe_unpack(seen);

        *at_ns = due_of(&blocks, &probe, now_ns);
        if (*at_ns == 0 || *at_ns > now_ns)
            return 1;
        probe.last_s = (uint32_t)(now_ns / TQ__SECOND_NS);
        probe.bits |= TQ__PROBE_OUT;
        if (atomic_compare_exchange_strong_explicit(&slot->probe, &seen, probe_pack(&probe),
                                                    memory_order_acq_rel, memory_order_acquire)) {
            *at_ns = probe.last_s * TQ__SECOND_NS + TQ_PROBE_LEASE_NS;
            tq__event_until(ledger, *at_ns);
            return 0;
        }
    }
}

static void fail_timed(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t now_s, int64_t sent_at_ns)
{
    uint64_t seen = atomic_load_explicit(&slot->probe, memory_order_acquire); /* as in take_timed */
    struct probe probe;

    do {
        probe = probe_unpack(seen);
        if (!(probe.bits & TQ__PROBE_OUT) || sent_at_ns < probe.last_s * TQ__SECOND_NS)
            return;
        probe.bits &= ~TQ__PROBE_OUT;
        probe.attempts += probe.attempts < 0xff;
        if (probe.last_s < now_s)
            probe.last_s = now_s;
    } while (!atomic_compare_exchange_strong_explicit(&slot->probe, &seen, probe_pack(&probe),
                                                      memory_order_acq_rel, memory_order_acquire));
    tq__event_until(ledger, (now_s + (int64_t)wait_s(probe.attempts)) * TQ__SECOND_NS);
}

void tq__probe_forget(struct tq__slot *slot)
{
    uint64_t seen = atomic_load_explicit(&slot->probe, memory_order_relaxed);

    if (seen & ~TQ__PROBE_TOLD)
        atomic_compare_exchange_strong_explicit(&slot->probe, &seen, seen & TQ__PROBE_TOLD,
                                                memory_order_acq_rel,
                                                memory_order_relaxed); /* as in take_timed */
}

void tq__probe_begin(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t said_s)
{
    uint64_t seen = atomic_load_explicit(&slot->probe, memory_order_acquire); /* as in take_timed */
    struct probe probe = probe_unpack(seen);

    if (probe.attempts == 0 || blocks_of(ledger, slot, said_s * TQ__SECOND_NS).count != 0)
        return;
    probe.attempts = 0; /* who has it goes on to have it */
    atomic_compare_exchange_strong_explicit(&slot->probe, &seen, probe_pack(&probe), memory_order_acq_rel,
                                            memory_order_relaxed);
}

/* ---- all levels ------------------------------------------------------------------------------ */

/* As tq__probe_due. *held_ns is raised to the end of what blocks and has no probe before it. */
static int64_t due_until(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns, int64_t *held_ns)
{
    const struct blocks blocks = blocks_of(ledger, slot, now_ns);
    /* Acquire pairs with take_timed. */
    const struct probe probe = probe_unpack(atomic_load_explicit(&slot->probe, memory_order_acquire));
    int64_t endless_ns = tq__probe_due_at(slot), timed_ns = due_of(&blocks, &probe, now_ns);

    if (timed_ns == 0 && blocks.end_ns > *held_ns)
        *held_ns = blocks.end_ns;
    return endless_ns > timed_ns ? endless_ns : timed_ns;
}

int64_t tq__probe_due(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns)
{
    int64_t held_ns = 0, due_ns = due_until(ledger, slot, now_ns, &held_ns);

    return due_ns != 0 && due_ns < held_ns ? held_ns : due_ns;
}

/* Takes the probe of one level. */
static int take_level(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns, int64_t *at_ns)
{
    int64_t timed_ns, endless_ns;
    int timed = take_timed(ledger, slot, now_ns, &timed_ns), endless;

    if (timed == 1 && timed_ns != 0) {
        *at_ns = timed_ns;
        return 1;
    }
    endless = take_endless(ledger, slot, now_ns, &endless_ns);
    *at_ns = endless_ns != 0 ? endless_ns : timed_ns;
    return endless_ns != 0 ? endless : timed;
}

/* May this machine hand out the probe: that of each level which needs one (shared.h)? Of all machines one may
 * at a time. Else *at_ns is when to ask again; 0: at its end it needs none. */
static bool may_probe_all(struct tq_ledger *ledger, const struct tq__levels *levels, int64_t now_ns,
                          int64_t *at_ns)
{
    int64_t unused_ns = 0, end_ns;

    for (uint32_t i = 0; i < levels->count; i++)
        if (due_until(ledger, levels->slot[i], now_ns, &unused_ns) != 0 &&
            !tq__shared_may_probe(ledger, tq__limits_of(ledger, levels->slot[i]), now_ns, at_ns)) {
            tq__state_at(ledger, levels->slot[0], now_ns, false, &end_ns);
            if (*at_ns >= end_ns)
                *at_ns = 0;
            return false;
        }
    return true;
}

int tq__probe_take(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns, int64_t *at_ns)
{
    struct tq__levels levels;
    int64_t due_ns = 0, held_ns = 0, end_ns;
    int answer = 1;

    *at_ns = 0;
    tq__levels_of(ledger, slot, &levels);
    for (uint32_t i = 0; i < levels.count; i++) {
        int64_t level_ns = due_until(ledger, levels.slot[i], now_ns, &held_ns);

        if (level_ns > due_ns)
            due_ns = level_ns;
    }
    if (due_ns != 0 && due_ns < held_ns)
        due_ns = held_ns;
    if (due_ns == 0 || due_ns > now_ns) {
        tq__state_at(ledger, slot, now_ns, false, &end_ns);
        *at_ns = due_ns < end_ns ? due_ns : 0; /* at its end it needs none */
        return 1;
    }
    if (!may_probe_all(ledger, &levels, now_ns, at_ns))
        return 1;
    if (now_ns > tq__clock_read(ledger).last_ns) /* its lease would keep all others off until then */
        return 1;
    for (uint32_t i = levels.count; i-- > 0;) { /* the pool's first: most callers want it */
        int64_t level_ns;
        int taken = take_level(ledger, levels.slot[i], now_ns, &level_ns);

        if (taken == 1 && level_ns != 0) { /* another was quicker; what was taken ends with its lease */
            *at_ns = level_ns;
            return 1;
        }
        if (taken == 0) {
            *at_ns = level_ns;
            answer = 0;
        }
    }
    return answer;
}

void tq__probe_fail(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t now_s, int64_t sent_at_ns)
{
    uint64_t reported = atomic_load_explicit(&slot->reported, memory_order_acquire); /* swap */

    if (sent_at_ns >= tq__refusal_at_ns(reported))
        fail_endless(ledger, slot, now_s);
    fail_timed(ledger, slot, now_s, sent_at_ns);
}

bool tq__probe_helps(struct tq_ledger *ledger, struct tq__slot *slot, int64_t now_ns, bool use_reserve)
{
    struct tq__levels levels;
    bool helps = false;

    tq__levels_of(ledger, slot, &levels);
    for (uint32_t i = 0; i < levels.count; i++) {
        struct tq__slot *level = levels.slot[i];

        /* Acquire pairs with the swaps of apply.c, and with tq__state_mark. */
        if (atomic_load_explicit(&level->mark, memory_order_acquire) > now_ns ||
            atomic_load_explicit(&level->predicted, memory_order_acquire) > now_ns ||
            tq__refusal_end_ns(atomic_load_explicit(&level->throttled, memory_order_acquire)) > now_ns ||
            tq__limits_end(ledger, level, tq__limits_of(ledger, level), TQ__ENDS_OURS, now_ns, use_reserve) >
                now_ns ||
            tq__held_end_of(ledger, level, now_ns, use_reserve) > now_ns)
            return false;
        helps = helps || tq__probe_due(ledger, level, now_ns) != 0;
    }
    return helps;
}

/* ---- doors ----------------------------------------------------------------------------------- */

static int may_change(struct tq_provider *provider, int64_t now_ns, uint32_t *now_s)
{
    if (!provider)
        return TQ_EINVAL;
    *now_s = tq__refusal_second(now_ns);
    return *now_s == 0 ? TQ_ERANGE : tq__refuse_writes(provider->ledger);
}

int tq_provider_probe_take(struct tq_provider *provider, int64_t now_ns, int64_t *at_ns)
{
    int64_t unwanted;
    uint32_t now_s;
    int answer = may_change(provider, now_ns, &now_s);

    if (at_ns)
        *at_ns = 0;
    if (answer < 0)
        return answer;
    if (!tq__probe_helps(provider->ledger, tq__provider_slot(provider), now_ns, false))
        return 1;
    return tq__probe_take(provider->ledger, tq__provider_slot(provider), now_ns, at_ns ? at_ns : &unwanted);
}

int tq_provider_probe_failure(struct tq_provider *provider, int64_t now_ns)
{
    struct tq__levels levels;
    uint32_t now_s;
    int answer = may_change(provider, now_ns, &now_s);

    if (answer < 0)
        return answer;
    tq__levels_of(provider->ledger, tq__provider_slot(provider), &levels);
    for (uint32_t i = 0; i < levels.count; i++)
        tq__probe_fail(provider->ledger, levels.slot[i], now_s, INT64_MAX);
    return 0;
}
