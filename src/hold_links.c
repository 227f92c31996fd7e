/* hold_links.c: blocks of holds, copied into another ledger and mended after a loss of power.
 *
 * SPDX-License-Identifier: MIT
 *
 * Whoever does either is alone with the ledger, so no owner lives. Only holds that are nobody's may be of
 * calls that run.
 */
#include "hold_owner.h"
#include "links.h"
#include "slot.h"

static bool is_nobodys(uint64_t word)
{
    return tq__hold_state_of(word) == TQ__HOLD_HELD && tq__hold_owner(word) == TQ__NOBODY;
}

/* ---- copying --------------------------------------------------------------------------------- */

/* Raises *base above the generations of a provider's holds. Returns how many blocks there are up to the last
 * with a hold that is nobody's. */
static uint32_t survey(struct tq_ledger *from, struct tq__limits *limits, uint64_t *base)
{
    uint32_t kept = 0;

    for (uint32_t place = 0; place < TQ__HOLDS_MOST; place++) {
        const struct tq__hold *hold = tq__hold_at(from, limits, place);
        uint64_t word;

        if (!hold) {
            place |= TQ__HOLD_BLOCK - 1;
            continue;
        }
        word = atomic_load_explicit(&hold->word, memory_order_acquire); /* pairs with the swap to held */
        if (tq__hold_generation(word) >= *base)
            *base = tq__hold_generation(word) + 1;
        if (is_nobodys(word))
            kept = place / TQ__HOLD_BLOCK + 1;
    }
    return kept;
}

bool tq__links_hold_nobodys(struct tq_ledger *ledger, struct tq__slot *slot)
{
    struct tq__limits *limits = tq__limits_of(ledger, slot);
    uint64_t base = 0;

    return limits && survey(ledger, limits, &base) > 0;
}

/* Copies a block: its holds that are nobody's, and the generations of all places. */
static void copy_block(struct tq__hold *to, struct tq__hold *from)
{
    for (uint32_t i = 0; i < TQ__HOLD_BLOCK; i++) {
        uint64_t word = atomic_load_explicit(&from[i].word, memory_order_acquire); /* as in survey */

        tq__words_copy(to[i].amount, from[i].amount, TQ__UNITS - 1);
        if (!is_nobodys(word))
            word = tq__hold_word(0, 0, TQ__HOLD_FREE, word);
        atomic_store_explicit(&to[i].word, word, memory_order_relaxed);
    }
}

int tq__links_copy_holds(struct tq_ledger *to, struct tq_ledger *from, struct tq__limits *made,
                         struct tq__limits *limits, bool keep)
{
    uint64_t base = atomic_load_explicit(&limits->hold_base, memory_order_relaxed);
    uint32_t blocks = survey(from, limits, &base), high = tq__hold_places(limits);
    int answer = 0;

    for (uint32_t b = 0; b < TQ__HOLD_BLOCKS; b++)
        atomic_store_explicit(tq__hold_link(made, b), 0, memory_order_relaxed);
    atomic_store_explicit(&made->hold_base, (uint32_t)(base % TQ__HOLD_GENERATIONS), memory_order_relaxed);
    atomic_store_explicit(&made->hold_asked, 0, memory_order_relaxed);
    if (!keep)
        blocks = 0;
    for (uint32_t b = 0; b < blocks && answer == 0; b++) {
        struct tq__hold *block = tq__hold_block(from, limits, b), *copy;

        answer = tq__hold_block_make(to, made, b);
        copy = answer == 0 ? tq__hold_block(to, made, b) : NULL;
        if (copy && block)
            copy_block(copy, block);
    }
    atomic_store_explicit(&made->hold_high, high < blocks * TQ__HOLD_BLOCK ? high : blocks * TQ__HOLD_BLOCK,
                          memory_order_relaxed);
    return answer;
}

/* ---- mending --------------------------------------------------------------------------------- */

static void mend_block(struct tq__hold *block)
{
    for (uint32_t i = 0; i < TQ__HOLD_BLOCK; i++) {
        uint64_t word = atomic_load_explicit(&block[i].word, memory_order_relaxed);

        if (!is_nobodys(word))
            atomic_store_explicit(&block[i].word, tq__hold_word(0, 0, TQ__HOLD_FREE, word),
                                  memory_order_relaxed);
    }
}

void tq__links_mend_holds(struct tq_ledger *ledger, uint64_t *seen, struct tq__limits *limits)
{
    _Atomic uint32_t *given_out = ledger->holds.given_out;

    for (uint32_t b = 0; b < TQ__HOLD_BLOCKS; b++) {
        uint32_t link = atomic_load_explicit(tq__hold_link(limits, b), memory_order_relaxed);
        struct tq__hold *block = tq__hold_block(ledger, limits, b);

        if (!block || tq__link_seen(ledger, seen, &ledger->holds, link)) {
            atomic_store_explicit(tq__hold_link(limits, b), 0, memory_order_relaxed);
            continue;
        }
        mend_block(block);
        if (atomic_load_explicit(given_out, memory_order_relaxed) < link + TQ__HOLD_BLOCK - 1)
            atomic_store_explicit(given_out, link + TQ__HOLD_BLOCK - 1, memory_order_relaxed);
    }
    if (atomic_load_explicit(&limits->hold_high, memory_order_relaxed) > TQ__HOLDS_MOST)
        atomic_store_explicit(&limits->hold_high, TQ__HOLDS_MOST, memory_order_relaxed);
}

/* ---- checking -------------------------------------------------------------------------------- */

const char *tq__links_holds_fault(struct tq_ledger *ledger, uint64_t *seen, struct tq__limits *limits)
{
    uint32_t given_out, high = atomic_load_explicit(&limits->hold_high, memory_order_relaxed);

    if (high > TQ__HOLDS_MOST)
        return "more holds than there can be, of slot";
    for (uint32_t b = 0; b < TQ__HOLD_BLOCKS; b++) {
        /* Acquire pairs with the swap that links a block: its numbers are given out. */
        uint32_t link = atomic_load_explicit(tq__hold_link(limits, b), memory_order_acquire);
        struct tq__hold *block = tq__hold_block(ledger, limits, b);

        if (link == 0)
            continue;
        given_out = atomic_load_explicit(ledger->holds.given_out, memory_order_relaxed);
        if (!block || link + TQ__HOLD_BLOCK - 1 > given_out)
            return "holds that were never given out, of slot";
        if (tq__link_seen(ledger, seen, &ledger->holds, link))
            return "holds that another slot has, of slot";
        for (uint32_t i = 0; i < TQ__HOLD_BLOCK; i++)
            if (tq__hold_state_of(atomic_load_explicit(&block[i].word, memory_order_relaxed)) > TQ__HOLD_HELD)
                return "a hold in a state that is none, of slot";
    }
    return NULL;
}
