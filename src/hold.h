/* hold.h: one hold: its words, the places of a provider's holds, and the steps that claim and free one.
 *
 * SPDX-License-Identifier: MIT
 *
 * A hold is an amount that is set aside for a call that runs:
 *
 *     word        [owner 10 | its generation 6 | end of the lease 26, in 64 s | state 2 | generation 20]
 *     amount[u]   [generation 20 | amount 44], of unit u + 1
 *
 * An amount counts while the word is held and has the same generation. A word of a unit that is not known, or
 * that no limit counts, is not written: then the hold is one of unknown size in that unit.
 *
 *   H1  A claimer loads the amounts of a free place, swaps the word to claimed with the next generation,
 * swaps each amount from the value that it loaded, and swaps the word to held. A swap that fails is a claim
 * that is lost: another place is taken. H2  Then it loads all holds, and then the counts. When they are more
 * than there is, it frees its own. H3  Who settles counts first, and frees then. Whoever frees a hold swaps
 * from a word that it loaded, and that has the owner and the generation of that hold; because of its lease,
 * from that very word.
 *
 * So of two holds that are too much together, the one that was held later sees both, or sees what the other
 * one counted; and no stalled thread writes into the hold of another. docs/format.md has the whole argument
 * ("Holds that never exceed"), tests/model/hold.pml goes through it.
 *
 * Every swap of a word and every load of one in H2 is sequentially consistent: they have one order.
 */
#ifndef TQ_HOLD_H
#define TQ_HOLD_H

#include "limits.h"

#define TQ__HOLD_GENERATION_BITS 20u
#define TQ__HOLD_GENERATIONS (UINT64_C(1) << TQ__HOLD_GENERATION_BITS)
#define TQ__HOLD_AMOUNT_BITS 44u
#define TQ__HOLD_AMOUNT_MAX ((UINT64_C(1) << TQ__HOLD_AMOUNT_BITS) - 1)
#define TQ__LEASE_BITS 26u
#define TQ__LEASE_UNIT_NS (64 * TQ__SECOND_NS)
#define TQ__HOLDS_MOST (TQ__HOLD_BLOCKS * TQ__HOLD_BLOCK)

enum { TQ__HOLD_FREE, TQ__HOLD_CLAIMED, TQ__HOLD_HELD };

/* ---- words ----------------------------------------------------------------------------------- */

/* The owner with its generation: the upper 16 bits. */
TQ__HOT uint32_t tq__hold_owner(uint64_t word)
{
    return (uint32_t)(word >> 48);
}

TQ__HOT uint64_t tq__hold_generation(uint64_t word)
{
    return word & (TQ__HOLD_GENERATIONS - 1);
}

TQ__HOT uint32_t tq__hold_state_of(uint64_t word)
{
    return (uint32_t)(word >> TQ__HOLD_GENERATION_BITS) & 3;
}

TQ__HOT uint64_t tq__hold_word(uint32_t owner, uint64_t lease, uint32_t state, uint64_t generation)
{
    return (uint64_t)owner << 48 | lease << 22 | (uint64_t)state << TQ__HOLD_GENERATION_BITS |
           (generation & (TQ__HOLD_GENERATIONS - 1));
}

/* The end of its lease, in units of 64 s. */
TQ__HOT uint64_t tq__hold_lease(uint64_t word)
{
    return word >> 22 & ((UINT64_C(1) << TQ__LEASE_BITS) - 1);
}

TQ__HOT int64_t tq__lease_end_ns(uint64_t lease)
{
    return (int64_t)lease * TQ__LEASE_UNIT_NS;
}

/* Are both words of one hold, whenever its lease ends? */
TQ__HOT bool tq__hold_is_same(uint64_t a, uint64_t b)
{
    return ((a ^ b) & ~(((UINT64_C(1) << TQ__LEASE_BITS) - 1) << 22)) == 0;
}

/* Does the amount word of a hold that is held count? */
TQ__HOT bool tq__hold_counts(uint64_t word, uint64_t amount)
{
    return ((amount >> TQ__HOLD_AMOUNT_BITS ^ word) & (4 * TQ__HOLD_GENERATIONS - 1)) ==
           (uint64_t)TQ__HOLD_HELD << TQ__HOLD_GENERATION_BITS;
}

/* ---- places ---------------------------------------------------------------------------------- */

/* The link to block b of a provider's holds. */
TQ__HOT _Atomic uint32_t *tq__hold_link(struct tq__limits *limits, uint32_t b)
{
    return b == 0 ? &limits->holds : &limits->more_holds[b - 1];
}

/* Is it a link to a block? */
TQ__HOT bool tq__hold_link_ok(uint32_t link)
{
    return link != 0 && link <= TQ__SLOTS_MAX - TQ__HOLD_BLOCK + 1 && (link - 1) % TQ__HOLD_BLOCK == 0;
}

/* hold_place.c: maps a block that this process has not mapped; NULL: it cannot be. */
TQ__COLD struct tq__hold *tq__hold_block_reach(struct tq_ledger *ledger, uint32_t link);

/* hold_place.c: makes block b of a provider. 0; TQ_EFULL, TQ_ENOMEM, TQ_ENOSPC, TQ_ESYS, TQ_EGONE. */
TQ__COLD int tq__hold_block_make(struct tq_ledger *ledger, struct tq__limits *limits, uint32_t b);

/* Block b, 64 holds; NULL: there is none. */
TQ__HOT struct tq__hold *tq__hold_block(struct tq_ledger *ledger, struct tq__limits *limits, uint32_t b)
{
    /* Acquire pairs with the swap that links the block: its words are those of a new one. */
    uint32_t link = atomic_load_explicit(tq__hold_link(limits, b), memory_order_acquire);
    struct tq__hold *block;

    if (!tq__hold_link_ok(link))
        return NULL;
    block = tq__array_at(&ledger->holds, link - 1);
    return block ? block : tq__hold_block_reach(ledger, link);
}

/* Holds in use are in places below it. Whoever published a hold before this was loaded is among them. */
TQ__HOT uint32_t tq__hold_places(struct tq__limits *limits)
{
    /* Sequentially consistent with raise_high and with the swap to held: it is raised before that. */
    uint32_t high = limits && atomic_load_explicit(&limits->holds, memory_order_relaxed) != 0
                        ? atomic_load_explicit(&limits->hold_high, memory_order_seq_cst)
                        : 0;

    return high < TQ__HOLDS_MOST ? high : TQ__HOLDS_MOST;
}

/* The hold in a place; NULL: there is none. */
static inline struct tq__hold *tq__hold_at(struct tq_ledger *ledger, struct tq__limits *limits,
                                           uint32_t place)
{
    struct tq__hold *block =
        limits && place < TQ__HOLDS_MOST ? tq__hold_block(ledger, limits, place / TQ__HOLD_BLOCK) : NULL;

    return block ? block + place % TQ__HOLD_BLOCK : NULL;
}

/* ---- one hold -------------------------------------------------------------------------------- */

/* What one hold is to set aside. */
struct tq__hold_wanted {
    uint32_t owner; /* with its generation */
    uint64_t lease;
    uint32_t units; /* bit 1 << unit: its amount is written */
    const int64_t *of;
};

/* A hold that this thread took. */
struct tq__taken {
    struct tq__hold *hold;
    uint32_t place;
    bool begins; /* the provider has first-use windows, which it may begin */
    uint64_t word;
};

/* H1: finds a free place and publishes the hold there. 0; TQ_EFULL: all 1,024 places are in use; TQ_ENOMEM,
 * TQ_ENOSPC, TQ_ESYS, TQ_EGONE. */
int tq__hold_publish(struct tq_ledger *ledger, struct tq__limits *limits,
                     const struct tq__hold_wanted *wanted, struct tq__taken *taken);

/* H3: frees the hold that is this word, and tells whoever asked for it. any_lease: whenever its lease ends by
 * now. Else it must be the lease of the word: a process that frees a hold because its lease has ended frees
 * none that was extended since. Returns whether it was still there. */
bool tq__hold_free(struct tq_ledger *ledger, struct tq__limits *limits, struct tq__hold *hold, uint64_t word,
                   bool any_lease);

/* What a unit's holds come to. */
struct tq__hold_sum {
    int64_t amount;
    uint32_t count, flying; /* holds, and those of unknown size */
};

/* H2: sums the amounts of a unit over all holds, in their order. What the caller loads next is loaded later.
 */
int64_t tq__hold_amount(struct tq_ledger *ledger, struct tq__limits *limits, uint32_t unit);

/* The same, and how many there are. */
void tq__hold_sum(struct tq_ledger *ledger, struct tq__limits *limits, uint32_t unit,
                  struct tq__hold_sum *sum);

#endif
