/* hold_place.c: a place for a hold: found or made, claimed, published, freed, summed.
 *
 * SPDX-License-Identifier: MIT
 */
#include "hold.h"

#include "event.h"
#include "state.h"

#define PUBLISH_TRIES 1000 /* places that others claim under our hands */

/* ---- blocks ---------------------------------------------------------------------------------- */

struct tq__hold *tq__hold_block_reach(struct tq_ledger *ledger, uint32_t link)
{
    void *block;

    return tq__array_reach(&ledger->holds, link - 1, false, &block) == 0 ? block : NULL;
}

/* Takes 64 numbers that follow each other. The piece is there before they are taken, as in tq__array_take. A
 * counter that is no multiple of 64 is damaged, or was counted by a build that knew no blocks. */
static int take_block(struct tq_ledger *ledger, uint32_t *number, void **block)
{
    _Atomic uint32_t *given_out = ledger->holds.given_out;
    uint32_t seen = atomic_load_explicit(given_out, memory_order_relaxed);

    do {
        uint32_t next = (seen + TQ__HOLD_BLOCK - 1) / TQ__HOLD_BLOCK * TQ__HOLD_BLOCK;
        int answer;

        if (seen > TQ__SLOTS_MAX - TQ__HOLD_BLOCK)
            return TQ_EFULL;
        answer = tq__array_reach(&ledger->holds, next, true, block);
        if (answer < 0)
            return answer;
        *number = next;
    } while (!atomic_compare_exchange_weak_explicit(given_out, &seen, *number + TQ__HOLD_BLOCK,
                                                    memory_order_relaxed, memory_order_relaxed));
    return 0;
}

/* What loses stays unused until compact. */
int tq__hold_block_make(struct tq_ledger *ledger, struct tq__limits *limits, uint32_t b)
{
    uint64_t base = atomic_load_explicit(&limits->hold_base, memory_order_relaxed);
    uint32_t number, none = 0;
    struct tq__hold *block;
    void *made;
    int answer;

    /* Before there is one: a build that does not know blocks must not count their numbers anew. */
    atomic_fetch_or_explicit(&ledger->header->features_readable, TQ__FEATURE_HOLDS, memory_order_seq_cst);
    answer = take_block(ledger, &number, &made);
    if (answer < 0)
        return answer;
    block = made;
    memset(made, 0, TQ__HOLD_BLOCK * sizeof *block); /* the file may be a copy: table.c */
    for (uint32_t i = 0; i < TQ__HOLD_BLOCK; i++)
        atomic_store_explicit(&block[i].word, tq__hold_word(0, 0, TQ__HOLD_FREE, base), memory_order_relaxed);
    /* Release pairs with the acquire in tq__hold_block. */
    atomic_compare_exchange_strong_explicit(tq__hold_link(limits, b), &none, number + 1, memory_order_seq_cst,
                                            memory_order_relaxed);
    return 0;
}

/* Looks at a place before it is claimed: a process that looks after a hold is published looks as far as it.
 */
static void raise_high(struct tq__limits *limits, uint32_t high)
{
    /* Acquire: whoever raised it did so before what this thread publishes, also in the one order. */
    uint32_t seen = atomic_load_explicit(&limits->hold_high, memory_order_acquire);

    /* Sequentially consistent with tq__hold_places. */
    while (seen < high && !atomic_compare_exchange_weak_explicit(&limits->hold_high, &seen, high,
                                                                 memory_order_seq_cst, memory_order_acquire))
        ;
}

/* ---- claiming -------------------------------------------------------------------------------- */

static bool swap_word(struct tq__hold *hold, uint64_t *seen, uint64_t next)
{
    return atomic_compare_exchange_strong_explicit(&hold->word, seen, next, memory_order_seq_cst,
                                                   memory_order_relaxed);
}

/* Frees a claim whose amount another thread has written over. */
static TQ__COLD void give_claim_up(struct tq__hold *hold, uint64_t claimed)
{
    swap_word(hold, &claimed, tq__hold_word(0, 0, TQ__HOLD_FREE, claimed));
}

/* H1 in a place that looked free. True with *held, the word. False: it is another's. */
static bool claim(struct tq__hold *hold, uint64_t free_word, const struct tq__hold_wanted *wanted,
                  uint64_t *held)
{
    uint64_t before[TQ__UNITS], claimed, generation = tq__hold_generation(free_word + 1);

    /* Acquire pairs with the swaps of others: what is loaded here is at least as new as the free word. */
    for (uint32_t units = wanted->units; units != 0; units &= units - 1) {
        uint32_t unit = (uint32_t)__builtin_ctz(units);

        before[unit] = atomic_load_explicit(&hold->amount[unit - 1], memory_order_acquire);
    }
    claimed = tq__hold_word(wanted->owner, wanted->lease, TQ__HOLD_CLAIMED, generation);
    if (!swap_word(hold, &free_word, claimed))
        return false;
    for (uint32_t units = wanted->units; units != 0; units &= units - 1) {
        uint32_t unit = (uint32_t)__builtin_ctz(units);

        if (!atomic_compare_exchange_strong_explicit(&hold->amount[unit - 1], &before[unit],
                                                     generation << TQ__HOLD_AMOUNT_BITS |
                                                         (uint64_t)wanted->of[unit],
                                                     memory_order_seq_cst, memory_order_relaxed)) {
            give_claim_up(hold, claimed);
            return false;
        }
    }
    *held = tq__hold_word(wanted->owner, wanted->lease, TQ__HOLD_HELD, generation);
    return swap_word(hold, &claimed, *held); /* false: it stalled for longer than its lease */
}

/* Finds a free place below `below`, the first one. NULL: there is none. */
static struct tq__hold *find_free(struct tq_ledger *ledger, struct tq__limits *limits, uint32_t below,
                                  uint32_t *place, uint64_t *word)
{
    for (uint32_t at = 0; at < below; at++) {
        struct tq__hold *hold = tq__hold_at(ledger, limits, at);

        if (!hold) {
            at |= TQ__HOLD_BLOCK - 1; /* a block that is missing */
            continue;
        }
        *word = atomic_load_explicit(&hold->word, memory_order_acquire); /* as the amounts in claim */
        if (tq__hold_state_of(*word) == TQ__HOLD_FREE) {
            *place = at;
            return hold;
        }
    }
    return NULL;
}

/* A place behind all that were in use so far. 0 with *hold; TQ_EFULL and the errors of tq__hold_block_make. A
 * link that is damaged stays: to make a block for it each time would make the file longer each time. */
static TQ__COLD int take_next(struct tq_ledger *ledger, struct tq__limits *limits, uint32_t high,
                              struct tq__hold **hold, uint64_t *word)
{
    int answer = 0;

    if (high >= TQ__HOLDS_MOST)
        return TQ_EFULL;
    if (atomic_load_explicit(tq__hold_link(limits, high / TQ__HOLD_BLOCK), memory_order_acquire) == 0)
        answer = tq__hold_block_make(ledger, limits, high / TQ__HOLD_BLOCK);
    if (answer < 0)
        return answer;
    *hold = tq__hold_at(ledger, limits, high);
    if (!*hold)
        return TQ_ENOMEM;
    raise_high(limits, high + 1);
    *word = atomic_load_explicit(&(*hold)->word, memory_order_acquire); /* as in find_free */
    return 0;
}

/* Any place but the one that was used last: the first that looks free, else a new one. */
static __attribute__((noinline)) int find_place(struct tq_ledger *ledger, struct tq__limits *limits,
                                                uint32_t high, struct tq__taken *taken, uint64_t *word)
{
    taken->hold = find_free(ledger, limits, high, &taken->place, word);
    if (taken->hold)
        return 0;
    taken->place = high;
    return take_next(ledger, limits, high, &taken->hold, word);
}

int tq__hold_publish(struct tq_ledger *ledger, struct tq__limits *limits,
                     const struct tq__hold_wanted *wanted, struct tq__taken *taken)
{
    /* The place that this process used last; it may have been another provider's. */
    uint32_t high = tq__hold_places(limits);
    uint32_t last = atomic_load_explicit(&ledger->hold_place, memory_order_relaxed);
    struct tq__hold *hold = last < high ? tq__hold_at(ledger, limits, last) : NULL;
    uint64_t word = hold ? atomic_load_explicit(&hold->word, memory_order_acquire) : 0; /* as in find_free */

    if (hold && tq__hold_state_of(word) == TQ__HOLD_FREE && claim(hold, word, wanted, &taken->word)) {
        taken->hold = hold;
        taken->place = last;
        return 0;
    }
    for (int i = 0; i < PUBLISH_TRIES; i++) {
        uint64_t found;
        int answer = find_place(ledger, limits, tq__hold_places(limits), taken, &found);

        if (answer < 0)
            return answer;
        if (tq__hold_state_of(found) != TQ__HOLD_FREE || !claim(taken->hold, found, wanted, &taken->word))
            continue;
        atomic_store_explicit(&ledger->hold_place, taken->place, memory_order_relaxed);
        return 0;
    }
    return TQ_EFULL;
}

/* ---- freeing --------------------------------------------------------------------------------- */

/* Somebody found the provider out because of holds, or was refused one. */
static TQ__COLD void tell_asked(struct tq_ledger *ledger, struct tq__limits *limits)
{
    atomic_store_explicit(&limits->hold_asked, 0, memory_order_seq_cst); /* with tq__held_ask */
    tq__event(ledger);
}

bool tq__hold_free(struct tq_ledger *ledger, struct tq__limits *limits, struct tq__hold *hold, uint64_t word,
                   bool any_lease)
{
    uint64_t seen = word;

    do {
        if (any_lease ? !tq__hold_is_same(seen, word) : seen != word)
            return false;
        /* Its release pairs with the loads of H2: whoever sees it free sees what it has counted. */
    } while (!swap_word(hold, &seen, tq__hold_word(0, 0, TQ__HOLD_FREE, word)));
    /* Sequentially consistent with tq__held_ask: a process that asked before this load is told; one that asks
     * after it looks once more, and sees the hold free. */
    if (atomic_load_explicit(&limits->hold_asked, memory_order_seq_cst) != 0)
        tell_asked(ledger, limits);
    return true;
}

/* ---- summing --------------------------------------------------------------------------------- */

/* A block's amounts come to less than 2^50, so the number of those that count is kept above them: one add. */
#define KNOWN_ONE (UINT64_C(1) << 54)
static_assert(TQ__HOLD_BLOCK <= 64, "the sum of a block's amounts stays below the number of them");

/* The holds of block b that may be in use; NULL: there are none. */
TQ__HOT const struct tq__hold *block_of(struct tq_ledger *ledger, struct tq__limits *limits, uint32_t b,
                                        uint32_t high, const struct tq__hold **end)
{
    uint32_t left = high - b * TQ__HOLD_BLOCK;
    const struct tq__hold *hold = tq__hold_block(ledger, limits, b);

    *end = hold ? hold + (left < TQ__HOLD_BLOCK ? left : TQ__HOLD_BLOCK) : hold;
    return hold;
}

/* What a hold adds: its amount, and `one` for it; 0 when it does not count. *word is told. */
TQ__HOT uint64_t amount_of(const struct tq__hold *hold, uint32_t unit, uint64_t one, uint64_t *word)
{
    uint64_t amount;

    /* Sequentially consistent with the swaps of words: H2. The amount comes after its word. */
    *word = atomic_load_explicit(&hold->word, memory_order_seq_cst);
    amount = atomic_load_explicit(&hold->amount[unit - 1], memory_order_relaxed);
    return __builtin_expect_with_probability(tq__hold_counts(*word, amount), 1, 0.5)
               ? (amount & TQ__HOLD_AMOUNT_MAX) | one
               : 0;
}

/* In few steps: a caller that holds waits for it. */
int64_t tq__hold_amount(struct tq_ledger *ledger, struct tq__limits *limits, uint32_t unit)
{
    uint32_t high = tq__hold_places(limits);
    uint64_t amounts = 0, more = 0, word;

    for (uint32_t b = 0; b * TQ__HOLD_BLOCK < high; b++) {
        const struct tq__hold *end, *hold = block_of(ledger, limits, b, high, &end);

        for (; end - hold >= 4; hold += 4) {
            amounts += amount_of(hold, unit, 0, &word);
            more += amount_of(hold + 1, unit, 0, &word);
            amounts += amount_of(hold + 2, unit, 0, &word);
            more += amount_of(hold + 3, unit, 0, &word);
        }
        for (; hold != end; hold++)
            amounts += amount_of(hold, unit, 0, &word);
    }
    return (int64_t)(amounts + more);
}

/* Adds one hold to the packed sum of a block, and to *held: the upper bit of its state. In a file that is
 * damaged that is also one in a state that is none. */
#define HELD_ONE ((uint64_t)TQ__HOLD_HELD << TQ__HOLD_GENERATION_BITS)

TQ__HOT uint64_t sum_one(const struct tq__hold *hold, uint32_t unit, uint64_t *held)
{
    uint64_t word, amount = amount_of(hold, unit, KNOWN_ONE, &word);

    *held += word & HELD_ONE;
    return amount;
}

void tq__hold_sum(struct tq_ledger *ledger, struct tq__limits *limits, uint32_t unit,
                  struct tq__hold_sum *sum)
{
    uint32_t high = tq__hold_places(limits), known = 0;
    uint64_t amounts = 0, held = 0;

    for (uint32_t b = 0; b * TQ__HOLD_BLOCK < high; b++) {
        const struct tq__hold *end, *hold = block_of(ledger, limits, b, high, &end);
        uint64_t packed = 0;

        for (; end - hold >= 4; hold += 4) {
            packed += sum_one(hold, unit, &held);
            packed += sum_one(hold + 1, unit, &held);
            packed += sum_one(hold + 2, unit, &held);
            packed += sum_one(hold + 3, unit, &held);
        }
        for (; hold != end; hold++)
            packed += sum_one(hold, unit, &held);
        amounts += packed % KNOWN_ONE;
        known += (uint32_t)(packed / KNOWN_ONE);
    }
    sum->amount = (int64_t)amounts;
    sum->count = (uint32_t)(held / HELD_ONE);
    sum->flying = sum->count - known;
}
