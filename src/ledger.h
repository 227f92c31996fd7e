/* ledger.h: what a process knows of an open ledger: where its bytes are.
 *
 * SPDX-License-Identifier: MIT
 *
 * The bytes themselves (layout.h) know nothing of this process. In private memory each piece is a mapping
 * of its own.
 */
#ifndef TQ_LEDGER_H
#define TQ_LEDGER_H

#include <stdbool.h>

#include "layout.h"
#include "name.h"
#include "segment.h"
#include "tokenquota.h"

#define TQ__SPARES 16u

struct tq_tracker {
    struct tq_ledger *ledger;
    bool owns_ledger; /* made by tq_tracker_new: freed with it */
};

struct tq_store {
    struct tq_ledger *ledger;
    bool owns_ledger;
};

/* A handle: a name of this ledger, looked up. Written once, by whoever asks for it first. */
struct tq_provider {
    _Atomic(struct tq__slot *) slot;
    _Atomic(struct tq_ledger *) ledger;
};

struct tq_ledger {
    struct tq__hash_key hash_key;
    struct tq__header *header;
    uint32_t history_log2;
    uint32_t rule;
    _Atomic(_Atomic uint64_t *) table[TQ__TABLES]; /* set once, in order, as S1 in segment.h */
    struct tq__pool slots;
    struct tq__pool extensions;
    struct tq__pool providers;          /* struct tq_provider, by slot number; never leaves this process */
    _Atomic uint32_t spare[TQ__SPARES]; /* slot number + 1 of slots filled for a name that was there before */
    uint32_t slots_max;                 /* TQ__SLOTS_MAX; tests lower it */
    struct tq_tracker tracker;
    struct tq_store store;
};

/* The rule that a provider follows. */
static inline uint32_t tq__rule_of(const struct tq_ledger *ledger, struct tq__slot *slot)
{
    uint32_t rule = atomic_load_explicit(&slot->rule, memory_order_relaxed);

    return rule != TQ_RULE_DEFAULT ? rule : ledger->rule;
}

/* The name as the public header gives it: NUL-terminated and in place until close. */
const char *tq__slot_name(struct tq_ledger *ledger, struct tq__slot *slot);

#endif
