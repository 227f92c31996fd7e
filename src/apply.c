/* apply.c: what a vendor's responses do to a provider: refusals go in, answers of later requests take them
 * out.
 *
 * SPDX-License-Identifier: MIT
 *
 * docs/verdicts.md has the table of what outranks what; refusal.c is where two refusals meet. Whatever is
 * decided here is decided by one swap of one word.
 */
#include "apply.h"
#include "clock.h"
#include "event.h"
#include "probe.h"
#include "state.h"
#include "stated.h"
#include "count.h"

#define MOMENT_MAX_S 86400u /* of throttled and overloaded: what lasts longer is no moment */

/* ---- a refusal in one word ------------------------------------------------------------------- */

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

/* Is it the word that a caller overruled: read again, or said of a request that was sent before? */
static bool is_overruled(const struct tq__slot *slot, uint64_t seen, const struct tq__refusal *said,
                         const struct tq_quota_signal *signal, int64_t sent_at_ns)
{
    int64_t marked_at_ns = atomic_load_explicit(&slot->marked_at_ns, memory_order_seq_cst); /* store.c */
    struct tq__refusal before = tq__refusal_unpack(seen);
    int64_t apart_s;

    if (!tq__refusal_is_overruled(seen) ||
        (tq__is_refused(signal) && (sent_at_ns <= 0 || sent_at_ns >= marked_at_ns)))
        return false;
    if (before.length_s == TQ__REFUSAL_NO_END || said->length_s == TQ__REFUSAL_NO_END)
        return before.length_s == said->length_s;
    apart_s = (int64_t)before.at_s + before.length_s - said->at_s - said->length_s;
    return apart_s <= TQ__STATED_SAME_S && apart_s >= -(int64_t)TQ__STATED_SAME_S;
}

/* Returns whether waiters must know of it. */
static bool refuse(struct tq_ledger *ledger, struct tq__slot *slot, const struct tq_quota_signal *signal,
                   uint32_t said_s, int64_t sent_at_ns)
{
    bool momentary = tq__refusal_momentary(signal->refusal);
    _Atomic uint64_t *word = momentary ? &slot->throttled : &slot->reported;
    _Atomic uint64_t *why_word = momentary ? &slot->throttled_why : &slot->reported_why;
    const struct tq__refusal said = {
        .at_s = said_s,
        .length_s = tq__refused_s(signal, said_s, momentary ? MOMENT_MAX_S : TQ__REFUSAL_LENGTH_MAX),
        .refusal = signal->refusal,
    };
    uint64_t seen = atomic_load_explicit(word, memory_order_acquire), next; /* pairs with the swap below */
    bool why_of_seen;
    struct tq__why why;

    if (!momentary)
        tq__probe_begin(ledger, slot, said_s);
    do {
        if (is_overruled(slot, seen, &said, signal, sent_at_ns))
            return false;
        next = tq__refusal_merge(tq__refusal_is_overruled(seen) ? 0 : seen, &said, sent_at_ns, &why_of_seen);
        if (next == seen)
            return false;
        /* Release: who sees the word sees the name it was said of; acquire as the load above; sequentially
         * consistent for tq__unhide. */
    } while (!atomic_compare_exchange_weak_explicit(word, &seen, next, memory_order_seq_cst,
                                                    memory_order_acquire));
    tq__unhide(slot);
    why = why_of_seen ? tq__why_unpack(seen, atomic_load_explicit(why_word, memory_order_relaxed))
                      : why_of(signal);
    atomic_store_explicit(why_word, tq__why_pack(next, &why),
                          memory_order_relaxed); /* refusal.h: may be unknown */
    return tq__refusal_end_ns(next) != tq__refusal_end_ns(seen) ||
           tq__refusal_unpack(next).probing != tq__refusal_unpack(seen).probing;
}

/* A refusal with an end takes the place of one without, of its class, that was said before its request was
 * sent. */
static void end_endless(const struct tq__applied *applied)
{
    uint64_t seen = atomic_load_explicit(&applied->own->reported, memory_order_acquire); /* refuse's swap */

    if (tq__refusal_no_end(seen) && tq__refusal_unpack(seen).refusal == applied->signal->refusal)
        tq__answer_clear(&applied->own->reported, applied->sent_at_ns);
}

/* ---- the call -------------------------------------------------------------------------------- */

/* What is said of a model belongs to a provider that has a pool: that is the account. */
static bool is_refusal(const struct tq_quota_signal *signal, struct tq__slot *slot)
{
    return signal->refusal != TQ_CLASS_NONE && signal->refusal != TQ_CLASS_TOO_LARGE &&
           (!(signal->flags & TQ_SIGNAL_MODEL_ONLY) ||
            atomic_load_explicit(&slot->pool, memory_order_relaxed) != 0);
}

static int take_refusal(const struct tq__applied *applied)
{
    int answer = tq__clock_admit(applied->ledger, applied->own, applied->signal->said_at_ns);
    bool changed = true;

    if (answer < 0)
        return answer;
    if (!tq__window_refuse(applied))
        changed =
            refuse(applied->ledger, applied->own, applied->signal, applied->said_s, applied->sent_at_ns);
    else
        end_endless(applied);
    if (!tq__refusal_momentary(applied->signal->refusal) && tq__is_refused(applied->signal))
        tq__answer_refused(applied->ledger, applied->own, applied->said_s, applied->sent_at_ns);
    return changed;
}

static int take_axes(const struct tq__applied *applied)
{
    int changed = 0;

    for (uint32_t i = 0; i < applied->signal->axis_count && i < TQ_AXES_MAX; i++) {
        int answer = tq__window_read(applied, i);

        if (answer < 0)
            return answer;
        changed |= answer;
    }
    return changed;
}

static void note_account(const struct tq__applied *applied)
{
    struct tq__limits *limits = tq__limits_of(applied->ledger, applied->own);

    if (applied->named && applied->signal->account != 0 && limits &&
        atomic_load_explicit(&limits->account, memory_order_relaxed) != applied->signal->account)
        atomic_store_explicit(&limits->account, applied->signal->account, memory_order_relaxed);
}

/* Tells waiters, of ends and of the probes that are due then. */
static void tell_waiters(const struct tq__applied *applied)
{
    int64_t next_ns = INT64_MAX;

    tq__soonest_of(applied->ledger, applied->own, applied->signal->said_at_ns, &next_ns);
    if (applied->account != applied->own)
        tq__soonest_of(applied->ledger, applied->account, applied->signal->said_at_ns, &next_ns);
    tq__event_until(applied->ledger, next_ns);
}

/* The answer or the refusal first, which is older than what it says of windows. */
static int take_signal(struct tq_provider *provider, const struct tq__applied *applied)
{
    const struct tq_quota_signal *signal = applied->signal;
    int answer = 0, changed;

    if (signal->flags & TQ_SIGNAL_SUCCESS)
        answer = tq_provider_success(provider, applied->sent_at_ns);
    if (answer >= 0 && is_refusal(signal, applied->own) && !tq__window_is_read(applied))
        answer = take_refusal(applied);
    changed = answer < 0 ? answer : take_axes(applied);
    if (changed < 0)
        return changed;
    note_account(applied);
    if (answer + changed > 0)
        tell_waiters(applied);
    return 0;
}

#define SIGNAL_SIZE_OLDEST offsetof(struct tq_quota_signal, account)

int tq_provider_apply(struct tq_provider *provider, const struct tq_quota_signal *signal)
{
    struct tq__applied applied = {.signal = signal};
    struct tq__levels levels;
    int answer;

    if (!provider || !signal || (signal->size < sizeof *signal && signal->size != SIGNAL_SIZE_OLDEST) ||
        signal->refusal > TQ_CLASS_TOO_LARGE)
        return TQ_EINVAL;
    applied.said_s = tq__refusal_second(signal->said_at_ns);
    if (applied.said_s == 0)
        return TQ_ERANGE;
    answer = tq__refuse_writes(provider->ledger);
    if (answer < 0)
        return answer;
    applied.ledger = provider->ledger;
    applied.own = tq__provider_slot(provider);
    tq__levels_of(applied.ledger, applied.own, &levels);
    applied.account = levels.slot[levels.count - 1];
    applied.named = signal->size >= sizeof *signal;
    /* No request is sent after its answer: such an instant is not known. */
    applied.sent_at_ns =
        signal->sent_at_ns <= signal->said_at_ns && signal->sent_at_ns > 0 ? signal->sent_at_ns : 0;
    answer = take_signal(provider, &applied);
    return answer < 0 ? answer : tq__state_at(applied.ledger, applied.own, signal->said_at_ns, false, NULL);
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
