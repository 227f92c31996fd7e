/* words.c: what keeps a provider out by somebody's word, as machines exchange it: read, checked and swapped.
 *
 * SPDX-License-Identifier: MIT
 *
 * A word that another machine said is as good as one that was said here, but it comes from outside. So each
 * is looked at first: what no call of this library could have written is refused, with all that came with it.
 */
#include "event.h"
#include "probe.h"
#include "state.h"

#define TOLD_PROBE_BITS 0xffu /* the bits of the word `probe` that say who has it */

int tq_provider_words(const struct tq_provider *provider, struct tq_words *words)
{
    struct tq__slot *slot;
    int answer;

    if (!provider || !words || words->size < sizeof *words)
        return TQ_EINVAL;
    answer = tq__refuse_reads(provider->ledger);
    if (answer < 0)
        return answer;
    slot = tq__provider_slot(provider);
    *words = (struct tq_words){
        .size = words->size,
        /* Acquire pairs with the swaps that wrote each word: state.h, apply.c, probe.c. */
        .mark_ns = atomic_load_explicit(&slot->mark, memory_order_acquire),
        .marked_at_ns = atomic_load_explicit(&slot->marked_at_ns, memory_order_acquire),
        .reported = atomic_load_explicit(&slot->reported, memory_order_acquire),
        .throttled = atomic_load_explicit(&slot->throttled, memory_order_acquire),
        .probe = atomic_load_explicit(&slot->probe, memory_order_acquire) & ~TQ__PROBE_TOLD,
        /* What explains is written after what it explains: refusal.h. */
        .reported_why = atomic_load_explicit(&slot->reported_why, memory_order_relaxed),
        .throttled_why = atomic_load_explicit(&slot->throttled_why, memory_order_relaxed),
    };
    return 0;
}

/* ---- what can be a word ---------------------------------------------------------------------- */

/* The last second in which anything can have been said by now. */
static int64_t newest_second(const struct tq_ledger *ledger, int64_t now_ns)
{
    int64_t ahead_ns = ledger->max_ahead_ns == INT64_MAX ? TQ_MAX_AHEAD_NS : ledger->max_ahead_ns;

    return now_ns / TQ__SECOND_NS + ahead_ns / TQ__SECOND_NS + 1;
}

/* A refusal as refuse of apply.c, the probes and mark_available leave it. */
static bool refusal_ok(uint64_t word, bool is_momentary, int64_t newest_s)
{
    const struct tq__refusal said = tq__refusal_unpack(word);
    bool has_end = said.length_s != TQ__REFUSAL_NO_END;

    if (word == 0)
        return true;
    if (said.at_s == 0 || said.at_s > newest_s || said.at_s > UINT32_MAX - TQ__REFUSAL_LENGTH_MAX ||
        (has_end && said.length_s > TQ__REFUSAL_LENGTH_MAX) || (said.probing && has_end))
        return false;
    if (is_momentary)
        return tq__refusal_momentary(said.refusal) && said.length_s <= TQ__DAY_NS / TQ__SECOND_NS;
    return tq__refusal_is_overruled(word) || said.refusal == TQ_CLASS_EXHAUSTED ||
           said.refusal == TQ_CLASS_NO_MONEY;
}

static bool why_ok(uint64_t said, uint64_t word)
{
    const struct tq__why why = tq__why_unpack(said, word);

    return why.axis <= TQ_AXIS_CONCURRENCY && why.source <= TQ_SOURCE_CALLER;
}

static bool probe_ok(uint64_t word, int64_t newest_s)
{
    return (word & TQ__PROBE_TOLD) == 0 && (int64_t)(word >> 32) <= newest_s &&
           (word >> 16 & TOLD_PROBE_BITS & ~(uint64_t)TQ__PROBE_OUT) == 0;
}

/* Only what would be written is looked at: what was here may stay, whatever it is. */
static bool words_ok(const struct tq_ledger *ledger, const struct tq_words *from, const struct tq_words *to,
                     int64_t now_ns)
{
    int64_t newest_s = newest_second(ledger, now_ns);

    return (to->mark_ns == from->mark_ns || to->mark_ns >= 0) &&
           (to->marked_at_ns == from->marked_at_ns ||
            (to->marked_at_ns >= 0 && to->marked_at_ns / TQ__SECOND_NS <= newest_s)) &&
           (to->reported == from->reported || refusal_ok(to->reported, false, newest_s)) &&
           (to->throttled == from->throttled || refusal_ok(to->throttled, true, newest_s)) &&
           (to->reported_why == from->reported_why || why_ok(to->reported, to->reported_why)) &&
           (to->throttled_why == from->throttled_why || why_ok(to->throttled, to->throttled_why)) &&
           (to->probe == from->probe || probe_ok(to->probe, newest_s));
}

/* ---- swapping -------------------------------------------------------------------------------- */

/* What became of the words of one call. */
struct swapped {
    bool any;   /* one was swapped */
    bool shows; /* one that keeps the provider out, so a forgotten provider is to be seen again */
    bool lost;  /* one had changed meanwhile */
};

static void note_swap(struct swapped *swapped, bool done, bool says)
{
    swapped->any |= done;
    swapped->shows |= done && says;
    swapped->lost |= !done;
}

/* Sequentially consistent, as every writer of these words: state.h. */
static void swap_instant(_Atomic int64_t *word, int64_t from, int64_t to, struct swapped *swapped)
{
    if (from != to)
        note_swap(swapped,
                  atomic_compare_exchange_strong_explicit(word, &from, to, memory_order_seq_cst,
                                                          memory_order_acquire),
                  to != 0);
}

/* A refusal and, after it, what explains it. */
static void swap_refusal(_Atomic uint64_t *word, _Atomic uint64_t *why_word, const uint64_t from[2],
                         const uint64_t to[2], struct swapped *swapped)
{
    uint64_t seen = from[0];
    bool done = true;

    if (from[0] != to[0]) {
        done = atomic_compare_exchange_strong_explicit(word, &seen, to[0], memory_order_seq_cst,
                                                       memory_order_acquire);
        note_swap(swapped, done, to[0] != 0);
    }
    if (done && from[1] != to[1])
        atomic_store_explicit(why_word, to[1], memory_order_relaxed); /* refusal.h: may be unknown */
}

/* What users were warned of stays: it is this machine's. */
static void swap_probe_word(_Atomic uint64_t *word, uint64_t from, uint64_t to, struct swapped *swapped)
{
    uint64_t seen = atomic_load_explicit(word, memory_order_acquire); /* pairs with the swaps of probe.c */

    if (from == to)
        return;
    while ((seen & ~TQ__PROBE_TOLD) == from)
        if (atomic_compare_exchange_weak_explicit(word, &seen, to | (seen & TQ__PROBE_TOLD),
                                                  memory_order_acq_rel, memory_order_acquire)) {
            note_swap(swapped, true, false);
            return;
        }
    note_swap(swapped, false, false);
}

/* The one before first: a refusal that comes meanwhile is judged by when the provider was made available. */
static struct swapped swap_all(struct tq__slot *slot, const struct tq_words *from, const struct tq_words *to)
{
    struct swapped swapped = {0}, marked = {0};

    swap_instant(&slot->marked_at_ns, from->marked_at_ns, to->marked_at_ns, &marked);
    swap_instant(&slot->mark, from->mark_ns, to->mark_ns, &swapped);
    swap_refusal(&slot->reported, &slot->reported_why, (const uint64_t[]){from->reported, from->reported_why},
                 (const uint64_t[]){to->reported, to->reported_why}, &swapped);
    swap_refusal(&slot->throttled, &slot->throttled_why,
                 (const uint64_t[]){from->throttled, from->throttled_why},
                 (const uint64_t[]){to->throttled, to->throttled_why}, &swapped);
    swap_probe_word(&slot->probe, from->probe, to->probe, &swapped);
    swapped.lost |= marked.lost;
    return swapped;
}

int tq_provider_set_words(struct tq_provider *provider, const struct tq_words *from,
                          const struct tq_words *to, int64_t now_ns)
{
    struct swapped swapped;
    struct tq__slot *slot;
    int64_t next_ns = INT64_MAX;
    int answer = tq__provider_to_change(provider, &slot);

    if (answer < 0)
        return answer;
    if (!from || !to || from->size < sizeof *from || to->size < sizeof *to)
        return TQ_EINVAL;
    if (tq__refusal_second(now_ns) == 0)
        return TQ_ERANGE;
    if (!words_ok(provider->ledger, from, to, now_ns))
        return TQ_EINVAL;
    answer = tq__ledger_look(provider->ledger, now_ns);
    if (answer < 0)
        return answer;
    swapped = swap_all(slot, from, to);
    if (swapped.shows)
        tq__unhide(slot);
    if (swapped.any) {
        tq__soonest_of(provider->ledger, slot, now_ns, &next_ns);
        tq__event_until(provider->ledger, next_ns);
    }
    return swapped.lost ? 1 : 0;
}
