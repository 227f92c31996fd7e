/* ledger.h: what a process knows of an open ledger: where its bytes are.
 *
 * SPDX-License-Identifier: MIT
 *
 * The bytes themselves (layout.h) know nothing of this process. In private memory each piece is a
 * mapping of its own.
 */
#ifndef TQ_LEDGER_H
#define TQ_LEDGER_H

#include <stdbool.h>

#include "count.h"
#include "error.h"
#include "layout.h"
#include "name.h"
#include "array.h"
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

/* Does part one of the header ignore a call with these arguments? `view` is a tracker or a store. */
static inline bool tq__ignored(const void *view, const char *provider)
{
    return !view || !provider || !*provider;
}

/* A handle: a name of this ledger, looked up. The first thread that asks for it writes it, once. Two fit in a
 * cache line. */
struct tq_provider {
    _Alignas(32) _Atomic(struct tq__slot *) slot;
    _Atomic(struct tq_ledger *) ledger;
    _Atomic(const char *) name; /* a copy that no process can change by writing to the file */
};

static inline struct tq__slot *tq__provider_slot(const struct tq_provider *provider)
{
    return atomic_load_explicit(&provider->slot, memory_order_relaxed);
}

struct tq_ledger {
    struct tq__hash_key hash_key;
    struct tq__header *header;
    uint32_t format; /* TQ__FORMAT, but while an older one is converted */
    uint32_t history_log2;
    uint32_t rule;
    bool flush_always;
    bool resettable;
    _Atomic(_Atomic uint64_t *) table[TQ__TABLES]; /* set once, in order, as S1 in array.h */
    struct tq__array slots;
    struct tq__array extensions;
    struct tq__array limits;
    struct tq__array rings;
    struct tq__array holds;
    struct tq__array providers; /* struct tq_provider, by slot number; never leaves this process */
    struct tq__array names[2];  /* copies of names, those of up to 31 bytes and longer ones: provider.c */
    _Atomic uint32_t names_used[2];
    _Atomic(_Atomic uint32_t *) spares; /* slot number + 1 of slots taken for a name that was there before */
    uint32_t slots_max;                 /* TQ__SLOTS_MAX; tests lower it */
    _Atomic uint32_t hold_place;        /* of the hold that this process took last: it is likely free again */
    _Atomic(_Atomic uint32_t *)
        owner;                     /* a page that fork empties: who this process is as an owner of holds */
    _Atomic uint32_t owner_note;   /* which descriptor has the owner's lock: hold_owner.c */
    _Atomic uint64_t soonest;      /* what this process knows: event.h */
    _Atomic int64_t soonest_at_ns; /* when it found out, by the steady clock */
    struct tq_tracker tracker;
    struct tq_store store;
    struct tq__backing backing;
    int64_t min_now_ns;
    int64_t max_ahead_ns;         /* INT64_MAX: no limit */
    char *path;                   /* absolute; NULL: private memory */
    _Atomic int64_t looked_at_ns; /* the now_ns of the last tq__ledger_look that looked */
};

/* Makes a ledger that has nothing yet; NULL when there is no memory. */
struct tq_ledger *tq__ledger_new(void);

/* Gives a ledger its header, and the arrays that the header names. ledger->path says whether they are in a
 * file. The values that the process must rely on are taken from `checked`, a copy, because other processes
 * may change the bytes in the file at any time. */
void tq__ledger_attach(struct tq_ledger *ledger, struct tq__header *header, const struct tq__header *checked);

/* The arrays of a header: slots, extensions, limits, rings, holds; and where the header has their places. */
#define TQ__ARRAYS 5u
struct tq__array *tq__ledger_array(struct tq_ledger *ledger, uint32_t i);
_Atomic uint64_t *tq__header_places(struct tq__header *header, uint32_t i);

/* The rule that somebody chose for the ledger, by a copy of its header; TQ_RULE_DEFAULT: nobody did. (It was
 * chosen, too, when it is TQ_RULE_ORIGINAL, which was never a file's default.) */
static inline uint32_t tq__rule_chosen(const struct tq__header *header)
{
    return header->rule_is_set || header->rule == TQ_RULE_ORIGINAL ? header->rule : TQ_RULE_DEFAULT;
}

/* Fills a new header. */
void tq__header_init(struct tq__header *header, const struct tq_ledger_options *options);

/* Checks that the ledger's path still leads to the file that is open. Returns 0, or TQ_EGONE, which every
 * call answers from then on. */
TQ__COLD int tq__ledger_identity(struct tq_ledger *ledger);

#define TQ__LOOK_NS INT64_C(1000000000) /* between two looks whether the ledger's file is the same */

/* Checks an instant and, once a second of it, the ledger's file: a process that only reads learns this way
 * that the file is gone. Returns 0, TQ_ERANGE, or TQ_EGONE. */
TQ__HOT int tq__ledger_look(struct tq_ledger *ledger, int64_t now_ns)
{
    /* Time is now_ns, not a clock: also when it goes back it is worth a look. Relaxed: two threads that look
     * at once do no harm. */
    uint64_t apart_ns =
        (uint64_t)now_ns - (uint64_t)atomic_load_explicit(&ledger->looked_at_ns, memory_order_relaxed);

    if (!tq__instant_ok(now_ns))
        return TQ_ERANGE;
    if (apart_ns + (uint64_t)TQ__LOOK_NS - 1 < 2 * (uint64_t)TQ__LOOK_NS - 1)
        return atomic_load_explicit(&ledger->backing.refuse_reads, memory_order_relaxed);
    atomic_store_explicit(&ledger->looked_at_ns, now_ns, memory_order_relaxed);
    return tq__ledger_identity(ledger);
}

/* Counts something that happened (TQ__LATE, ...), for people to see. */
static inline void tq__note(struct tq_ledger *ledger, uint32_t note)
{
    atomic_fetch_add_explicit(&ledger->header->notes[note], 1, memory_order_relaxed);
}

TQ__HOT int tq__refuse_writes(const struct tq_ledger *ledger)
{
    return atomic_load_explicit(&ledger->backing.refuse_writes, memory_order_relaxed);
}

TQ__HOT int tq__refuse_reads(const struct tq_ledger *ledger)
{
    return atomic_load_explicit(&ledger->backing.refuse_reads, memory_order_relaxed);
}

/* Has the provider limits or a pool? */
TQ__HOT bool tq__slot_is_linked(struct tq__slot *slot)
{
    /* Relaxed: what they lead to is loaded with acquire where it is used. */
    return (atomic_load_explicit(&slot->limits, memory_order_relaxed) |
            atomic_load_explicit(&slot->pool, memory_order_relaxed)) != 0;
}

/* Begins a call that changes what a handle's slot holds. Returns 0 with *slot; TQ_EINVAL without a handle; or
 * what every call that writes answers. */
static inline int tq__provider_to_change(const struct tq_provider *provider, struct tq__slot **slot)
{
    if (!provider)
        return TQ_EINVAL;
    *slot = tq__provider_slot(provider);
    return tq__refuse_writes(provider->ledger);
}

/* The rule that a provider follows. Sequentially consistent with tq_provider_set_rule: forecast.h, F2. */
static inline uint32_t tq__rule_of(const struct tq_ledger *ledger, struct tq__slot *slot)
{
    uint32_t rule = atomic_load_explicit(&slot->rule, memory_order_seq_cst);

    return rule != TQ_RULE_DEFAULT ? rule : ledger->rule;
}

/* Finds the handle of slot number n. 1: there is no such slot, or it is damaged; TQ_ENOMEM. */
int tq__provider_of_number(struct tq_ledger *ledger, uint32_t n, struct tq_provider **provider);

/* Returns the name as the public header gives it: NUL-terminated and in place until close. NULL when the slot
 * has no name that may be given out, or when there is no memory. slot is number n. */
const char *tq__provider_name(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t n);

#endif
