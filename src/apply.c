/* apply.c: what a vendor's responses do to a provider: refusals go in, answers of later requests take them
 * out.
 *
 * SPDX-License-Identifier: MIT
 *
 * docs/verdicts.md has the table of what outranks what; refusal.c is where two refusals meet. Whatever is
 * decided here is decided by one swap of one word.
 */
#include "clock.h"
#include "levels.h"
#include "refusal.h"
#include "event.h"
#include "state.h"
#include "count.h"

#define MOMENT_MAX_S 86400u /* of throttled and overloaded: what lasts longer is no moment */

static struct tq__why why_of(const struct tq_quota_signal *signal)
{
    struct tq__why why = {.profile = signal->profile, .source = signal->source};
    int64_t seconds;

    if (signal->binds >= 0 && (uint32_t)signal->binds < signal->axis_count && signal->binds < TQ_AXES_MAX) {
        why.axis = signal->axis[signal->binds].what;
        seconds = signal->axis[signal->binds].window_ns / TQ__SECOND_NS;
        why.window_s = seconds < 0 ? 0 : seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
    }
    return why;
}

/* How long it lasts, from said_s on. */
static uint32_t length_s(const struct tq_quota_signal *signal, uint32_t said_s, uint32_t max_s)
{
    int64_t retry_s = signal->retry_at_ns / TQ__SECOND_NS + (signal->retry_at_ns % TQ__SECOND_NS > 0);

    if (signal->retry_at_ns <= 0)
        return TQ__REFUSAL_NO_END;
    if (retry_s <= (int64_t)said_s)
        return 0;
    return retry_s - (int64_t)said_s < (int64_t)max_s ? (uint32_t)(retry_s - (int64_t)said_s) : max_s;
}

static void refuse(struct tq_ledger *ledger, struct tq__slot *slot, const struct tq_quota_signal *signal,
                   uint32_t said_s, int64_t sent_at_ns)
{
    bool momentary = tq__refusal_momentary(signal->refusal);
    _Atomic uint64_t *word = momentary ? &slot->throttled : &slot->reported;
    _Atomic uint64_t *why_word = momentary ? &slot->throttled_why : &slot->reported_why;
    const struct tq__refusal said = {
        .at_s = said_s,
        .length_s = length_s(signal, said_s, momentary ? MOMENT_MAX_S : TQ__REFUSAL_LENGTH_MAX),
        .refusal = signal->refusal,
    };
    uint64_t seen = atomic_load_explicit(word, memory_order_acquire), next; /* pairs with the swap below */
    bool why_of_seen;
    struct tq__why why;

    do {
        next = tq__refusal_merge(seen, &said, sent_at_ns, &why_of_seen);
        if (next == seen)
            return;
        /* Release: who sees the word sees the name it was said of; acquire as the load above; sequentially
         * consistent for tq__unhide. */
    } while (!atomic_compare_exchange_weak_explicit(word, &seen, next, memory_order_seq_cst,
                                                    memory_order_acquire));
    tq__unhide(slot);
    why = why_of_seen ? tq__why_unpack(seen, atomic_load_explicit(why_word, memory_order_relaxed))
                      : why_of(signal);
    atomic_store_explicit(why_word, tq__why_pack(next, &why),
                          memory_order_relaxed); /* refusal.h: may be unknown */
    tq__soonest_lower(ledger, tq__refusal_next_ns(slot, word));
    if (tq__refusal_end_ns(next) != tq__refusal_end_ns(seen) ||
        tq__refusal_unpack(next).probing != tq__refusal_unpack(seen).probing)
        tq__event(ledger);
}

/* Clears a word that was said before the request of this answer was sent. */
static void clear_before(struct tq_ledger *ledger, _Atomic uint64_t *word, int64_t sent_at_ns)
{
    uint64_t seen = atomic_load_explicit(word, memory_order_acquire); /* pairs with refuse's swap */

    while (seen != 0 && sent_at_ns >= tq__refusal_at_ns(seen)) {
        if (atomic_compare_exchange_weak_explicit(word, &seen, 0, memory_order_acq_rel,
                                                  memory_order_acquire)) {
            tq__event(ledger);
            return;
        }
    }
}

int tq_provider_success(struct tq_provider *provider, int64_t sent_at_ns)
{
    struct tq__levels levels;
    struct tq__slot *slot;
    int answer = tq__provider_to_change(provider, &slot);

    if (answer < 0 || sent_at_ns <= 0)
        return answer;
    tq__levels_of(provider->ledger, slot, &levels);
    for (uint32_t i = 0; i < levels.count; i++) {
        clear_before(provider->ledger, &levels.slot[i]->reported, sent_at_ns);
        clear_before(provider->ledger, &levels.slot[i]->throttled, sent_at_ns);
    }
    return 0;
}

/* What is said of a model belongs to a provider that has a pool: that is the account. */
static bool is_refusal(const struct tq_quota_signal *signal, struct tq__slot *slot)
{
    return signal->refusal != TQ_CLASS_NONE && signal->refusal != TQ_CLASS_TOO_LARGE &&
           (!(signal->flags & TQ_SIGNAL_MODEL_ONLY) ||
            atomic_load_explicit(&slot->pool, memory_order_relaxed) != 0);
}

/* A refused request was the probe of a pool, too, when that is out. */
static void fail_probes(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t said_s, int64_t sent_at_ns)
{
    struct tq__levels levels;

    tq__levels_of(ledger, slot, &levels);
    for (uint32_t i = 1; i < levels.count; i++) {
        uint64_t reported = atomic_load_explicit(&levels.slot[i]->reported, memory_order_acquire); /* swap */

        if (reported != 0 && tq__refusal_no_end(reported) && sent_at_ns >= tq__refusal_at_ns(reported))
            tq__probe_fail(ledger, levels.slot[i], said_s);
    }
}

int tq_provider_apply(struct tq_provider *provider, const struct tq_quota_signal *signal)
{
    struct tq__slot *slot;
    int64_t sent_at_ns;
    uint32_t said_s;
    int answer;

    if (!provider || !signal || signal->size < sizeof *signal || signal->refusal > TQ_CLASS_TOO_LARGE)
        return TQ_EINVAL;
    said_s = tq__refusal_second(signal->said_at_ns);
    if (said_s == 0)
        return TQ_ERANGE;
    answer = tq__refuse_writes(provider->ledger);
    if (answer < 0)
        return answer;
    slot = tq__provider_slot(provider);
    /* No request is sent after its answer: such an instant is not known. */
    sent_at_ns = signal->sent_at_ns <= signal->said_at_ns ? signal->sent_at_ns : 0;
    if (is_refusal(signal, slot)) {
        answer = tq__clock_admit(provider->ledger, slot, signal->said_at_ns);
        if (answer < 0)
            return answer;
        refuse(provider->ledger, slot, signal, said_s, sent_at_ns);
        fail_probes(provider->ledger, slot, said_s, sent_at_ns);
    } else if (signal->refusal == TQ_CLASS_NONE && signal->flags & TQ_SIGNAL_SUCCESS) {
        answer = tq_provider_success(provider, sent_at_ns);
        if (answer < 0)
            return answer;
    }
    return tq__state_at(provider->ledger, slot, signal->said_at_ns, false, NULL);
}

#define USAGE_SIZE_OLDEST offsetof(struct tq_usage, cost_nano_usd)

int tq_provider_observe_usage(struct tq_provider *provider, const struct tq_usage *usage, int64_t now_ns,
                              int64_t *retry_at_ns)
{
    int answer;

    if (retry_at_ns)
        *retry_at_ns = 0;
    if (!provider || !usage || (usage->size < sizeof *usage && usage->size != USAGE_SIZE_OLDEST) ||
        usage->counted < 0)
        return TQ_EINVAL;
    answer = tq__slot_is_linked(tq__provider_slot(provider))
                 ? tq__observe_linked(provider, usage->counted, usage, now_ns, retry_at_ns)
                 : tq_provider_observe(provider, usage->counted, now_ns, retry_at_ns);
    if (answer >= 0 && usage->known & TQ_USAGE_OUTPUT && usage->output > 0 && usage->sent_at_ns <= now_ns)
        tq_provider_success(provider, usage->sent_at_ns);
    return answer;
}
