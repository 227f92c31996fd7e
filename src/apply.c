/* apply.c: what a vendor's responses do to a provider: refusals go in, answers of later requests take them
 * out.
 *
 * SPDX-License-Identifier: MIT
 *
 * docs/verdicts.md has the table of what outranks what; refusal.c is where two refusals meet. Whatever is
 * decided here is decided by one swap of one word.
 */
#include "clock.h"
#include "event.h"
#include "levels.h"
#include "probe.h"
#include "refusal.h"
#include "state.h"
#include "stated_line.h"
#include "count.h"

#define MOMENT_MAX_S 86400u /* of throttled and overloaded: what lasts longer is no moment */
#define NEW_S 300u /* a word that is so much newer than the one before is checked against the clock */
#define LENGTH_MAX_NS (366 * TQ__DAY_NS)

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

/* Was a request refused? Else the refusal is what a reading of 100 % means. */
static bool is_refused(const struct tq_quota_signal *signal)
{
    return signal->source != TQ_SOURCE_CALLER && !(signal->flags & (TQ_SIGNAL_SUCCESS | TQ_SIGNAL_READING));
}

/* Is it the word that a caller overruled: read again, or said of a request that was sent before? */
static bool is_overruled(const struct tq__slot *slot, uint64_t seen, const struct tq__refusal *said,
                         const struct tq_quota_signal *signal, int64_t sent_at_ns)
{
    int64_t marked_at_ns = atomic_load_explicit(&slot->marked_at_ns, memory_order_seq_cst); /* store.c */
    struct tq__refusal before = tq__refusal_unpack(seen);
    int64_t apart_s;

    if (!tq__refusal_is_overruled(seen) ||
        (is_refused(signal) && (sent_at_ns <= 0 || sent_at_ns >= marked_at_ns)))
        return false;
    if (before.length_s == TQ__REFUSAL_NO_END || said->length_s == TQ__REFUSAL_NO_END)
        return before.length_s == said->length_s;
    apart_s = (int64_t)before.at_s + before.length_s - said->at_s - said->length_s;
    return apart_s <= TQ__STATED_SAME_S && apart_s >= -(int64_t)TQ__STATED_SAME_S;
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

    if (!momentary)
        tq__probe_begin(ledger, slot, said_s);
    do {
        if (is_overruled(slot, seen, &said, signal, sent_at_ns))
            return;
        next = tq__refusal_merge(tq__refusal_is_overruled(seen) ? 0 : seen, &said, sent_at_ns, &why_of_seen);
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

/* ---- answers --------------------------------------------------------------------------------- */

/* Clears a word that was said before the request of this answer was sent. */
static bool clear_before(_Atomic uint64_t *word, int64_t sent_at_ns)
{
    uint64_t seen = atomic_load_explicit(word, memory_order_acquire); /* pairs with refuse's swap */

    while (seen != 0 && !tq__refusal_is_overruled(seen) && sent_at_ns >= tq__refusal_at_ns(seen)) {
        if (atomic_compare_exchange_weak_explicit(word, &seen, 0, memory_order_acq_rel, memory_order_acquire))
            return true;
    }
    return false;
}

/* Does a level have words of its vendor that an answer may clear? */
TQ__HOT bool is_clear(struct tq__slot *slot)
{
    return (atomic_load_explicit(&slot->reported, memory_order_acquire) |
            atomic_load_explicit(&slot->throttled, memory_order_acquire)) == 0 && /* refuse's swap */
           atomic_load_explicit(&slot->limits, memory_order_relaxed) == 0;
}

/* A request that was sent at sent_at_ns was served. */
static void serve(struct tq_ledger *ledger, struct tq__slot *slot, int64_t sent_at_ns)
{
    struct tq__limits *limits = tq__limits_of(ledger, slot);
    bool cleared = clear_before(&slot->reported, sent_at_ns);
    struct tq__line line;

    for (uint32_t i = 0; i < tq__limits_lines(limits, 0); i++)
        if (atomic_load_explicit(&limits->line[i].blocking, memory_order_acquire) >> 32 != 0 && /* stated.c */
            tq__line_open(&line, ledger, limits, i))
            cleared |= tq__stated_lift(&line, sent_at_ns);
    if (cleared)
        tq__probe_forget(slot);
    if (clear_before(&slot->throttled, sent_at_ns) || cleared)
        tq__event(ledger);
}

int tq_provider_success(struct tq_provider *provider, int64_t sent_at_ns)
{
    struct tq__levels levels;
    struct tq__slot *slot;
    int answer = tq__provider_to_change(provider, &slot);

    if (answer < 0 || sent_at_ns <= 0)
        return answer;
    tq__levels_of(provider->ledger, slot, &levels);
    for (uint32_t i = 0; i < levels.count; i++)
        if (!is_clear(levels.slot[i]))
            serve(provider->ledger, levels.slot[i], sent_at_ns);
    return 0;
}

/* A request was refused. It may have been the probe, and answers what was doubted, in each level. */
static void answer_probes(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t said_s,
                          int64_t sent_at_ns)
{
    int64_t since_ns = sent_at_ns > 0 ? sent_at_ns : said_s * TQ__SECOND_NS;
    struct tq__levels levels;
    struct tq__line line;

    tq__levels_of(ledger, slot, &levels);
    for (uint32_t k = 0; k < levels.count; k++) {
        struct tq__limits *limits = tq__limits_of(ledger, levels.slot[k]);

        tq__probe_fail(ledger, levels.slot[k], said_s, since_ns);
        for (uint32_t i = 0; i < tq__limits_lines(limits, 0); i++)
            if (tq__line_open(&line, ledger, limits, i))
                tq__stated_answer(&line, sent_at_ns);
    }
}

/* ---- windows --------------------------------------------------------------------------------- */

/* What one call of tq_provider_apply is about. */
struct applied {
    struct tq_ledger *ledger;
    const struct tq_quota_signal *signal;
    struct tq__slot *own;
    struct tq__slot *account; /* of its pool, when it has one */
    uint32_t said_s;
    int64_t sent_at_ns; /* 0: not known */
    bool named;         /* the signal has names of windows */
};

static const char *name_of(const struct applied *applied, uint32_t i)
{
    const struct tq_quota_signal *signal = applied->signal;

    if (applied->named && *signal->window_name[i] && memchr(signal->window_name[i], '\0', TQ_WINDOW_NAME_MAX))
        return signal->window_name[i];
    /* Not the name of the account's, whose word it would replace. */
    return signal->axis[i].flags & TQ_AXIS_MODEL_ONLY ? "model" : "";
}

/* Finds the line of an axis, and the slot that has it. */
static bool line_of(const struct applied *applied, uint32_t i, struct tq__slot **slot, struct tq__line *line)
{
    const struct tq_axis *axis = &applied->signal->axis[i];
    const struct tq__stated_window window = {tq__stated_unit(axis->what), axis->window_ns,
                                             name_of(applied, i)};

    *slot = axis->flags & TQ_AXIS_MODEL_ONLY ? applied->own : applied->account;
    return window.unit != 0 && axis->window_ns >= TQ__STATED_LEAST_NS && axis->window_ns <= LENGTH_MAX_NS &&
           axis->window_ns % TQ__MINUTE_NS == 0 &&
           tq__stated_line(applied->ledger, *slot, &window, applied->said_s, line);
}

/* The share that an axis states, rounded down: what has room is never 100 %. */
static uint32_t share_of(const struct tq_axis *axis)
{
    uint64_t share = TQ__STATED_UNKNOWN;

    if (axis->known & TQ_AXIS_USED)
        share = axis->used_ppm / 100;
    else if ((axis->known & (TQ_AXIS_LIMIT | TQ_AXIS_REMAINING)) == (TQ_AXIS_LIMIT | TQ_AXIS_REMAINING) &&
             axis->limit > 0 && axis->remaining >= 0)
        share = axis->remaining >= axis->limit
                    ? 0
                    : (uint64_t)((tq__uint128)(uint64_t)(axis->limit - axis->remaining) * TQ__STATED_WHOLE /
                                 (uint64_t)axis->limit);
    return share <= TQ__STATED_SHARE_MOST ? (uint32_t)share : TQ__STATED_UNKNOWN;
}

/* The second of an instant that is one, 0 for others. */
static uint32_t reset_of(const struct tq_axis *axis)
{
    return axis->known & TQ_AXIS_RESET && axis->reset_at_ns > 0 ? tq__refusal_second(axis->reset_at_ns) : 0;
}

/* A bucket that refills all the time is empty for a moment, and has no end. What is said of a model is of the
 * provider when that has a pool: then the provider is the model. Else it is for people to see. */
static uint32_t flags_of(const struct applied *applied, const struct tq_axis *axis)
{
    bool other = axis->flags & TQ_AXIS_MODEL_ONLY && applied->own == applied->account;

    return (axis->flags & TQ_AXIS_CREDIT ? TQ__READING_CREDIT : 0) |
           (other || axis->flags & TQ_AXIS_FULL_REFILL ? TQ__READING_OPEN : 0);
}

static struct tq__stated stated_of(const struct applied *applied, const struct tq_axis *axis)
{
    const struct tq_quota_signal *signal = applied->signal;
    bool has_limit = axis->known & TQ_AXIS_LIMIT && axis->limit > 0 && axis->limit >> 56 == 0;

    return (struct tq__stated){
        .share = share_of(axis),
        .flags = flags_of(applied, axis),
        .reset_s = reset_of(axis),
        .said_s = applied->said_s,
        .source = signal->source,
        .profile = signal->profile,
        .limit = has_limit ? (uint64_t)axis->limit : 0,
    };
}

/* The axis that a refusal of a quota names; -1. One of a model says nothing of a window of the account. */
static int32_t binding(const struct tq_quota_signal *signal)
{
    int32_t i = signal->binds;

    if (signal->refusal != TQ_CLASS_EXHAUSTED || i < 0 || (uint32_t)i >= signal->axis_count ||
        i >= TQ_AXES_MAX)
        return -1;
    return signal->flags & TQ_SIGNAL_MODEL_ONLY && !(signal->axis[i].flags & TQ_AXIS_MODEL_ONLY) ? -1 : i;
}

/* Is a word so much newer than the last one that its instant is checked? */
static bool is_due(const struct tq__line *line, uint32_t said_s)
{
    struct tq__stated before;

    return !tq__stated_reading(line, &before) || said_s > before.said_s + NEW_S;
}

/* Takes what the axis says of its window. Returns 1 with something changed, 0, or an error. */
static int read_axis(const struct applied *applied, uint32_t i)
{
    const struct tq__stated stated = stated_of(applied, &applied->signal->axis[i]);
    struct tq__slot *slot;
    struct tq__line line;
    int answer = 0;

    if ((stated.share == TQ__STATED_UNKNOWN && binding(applied->signal) != (int32_t)i) ||
        (stated.reset_s != 0 && stated.reset_s <= applied->said_s) || !line_of(applied, i, &slot, &line))
        return 0;
    if (is_due(&line, applied->said_s))
        answer = tq__clock_admit(applied->ledger, slot, applied->signal->said_at_ns);
    if (answer < 0)
        return answer;
    if (tq__stated_blocks(&stated))
        tq__probe_begin(applied->ledger, slot, applied->said_s);
    answer = tq__stated_read(&line, &stated);
    tq__unhide(slot);
    return answer;
}

/* Does the reading of the axis that binds say it all: that its window is used up until its end, or that the
 * vendor goes on to serve? */
static bool is_read(const struct applied *applied)
{
    int32_t i = binding(applied->signal);
    struct tq__stated stated;
    struct tq__slot *slot;
    struct tq__line line;

    if (i < 0 || is_refused(applied->signal))
        return false;
    stated = stated_of(applied, &applied->signal->axis[i]);
    return (tq__stated_blocks(&stated) || stated.flags != 0) && line_of(applied, (uint32_t)i, &slot, &line);
}

/* Blocks the window that caused a refusal. False: it names no window that is kept, or no end. */
static bool refuse_window(const struct applied *applied)
{
    const struct tq_quota_signal *signal = applied->signal;
    struct tq__stated_refusal refusal = {
        .class = signal->refusal, .said_s = applied->said_s, .sent_at_ns = applied->sent_at_ns};
    int32_t i = binding(signal);
    struct tq__slot *slot;
    struct tq__line line;

    if (i < 0 || signal->retry_at_ns <= 0 || !line_of(applied, (uint32_t)i, &slot, &line))
        return false;
    refusal.marked_at_ns = atomic_load_explicit(&slot->marked_at_ns, memory_order_seq_cst); /* store.c */
    refusal.end_s = applied->said_s + length_s(signal, applied->said_s, TQ__REFUSAL_LENGTH_MAX);
    tq__probe_begin(applied->ledger, slot, applied->said_s);
    tq__stated_refuse(&line, &refusal);
    tq__unhide(slot);
    return true;
}

/* A refusal with an end takes the place of one without, of its class, that was said before its request was
 * sent. */
static void end_endless(const struct applied *applied)
{
    uint64_t seen = atomic_load_explicit(&applied->own->reported, memory_order_acquire); /* refuse's swap */

    if (tq__refusal_no_end(seen) && tq__refusal_unpack(seen).refusal == applied->signal->refusal)
        clear_before(&applied->own->reported, applied->sent_at_ns);
}

/* ---- the call -------------------------------------------------------------------------------- */

/* What is said of a model belongs to a provider that has a pool: that is the account. */
static bool is_refusal(const struct tq_quota_signal *signal, struct tq__slot *slot)
{
    return signal->refusal != TQ_CLASS_NONE && signal->refusal != TQ_CLASS_TOO_LARGE &&
           (!(signal->flags & TQ_SIGNAL_MODEL_ONLY) ||
            atomic_load_explicit(&slot->pool, memory_order_relaxed) != 0);
}

static int take_refusal(const struct applied *applied)
{
    int answer = tq__clock_admit(applied->ledger, applied->own, applied->signal->said_at_ns);

    if (answer < 0)
        return answer;
    if (!refuse_window(applied))
        refuse(applied->ledger, applied->own, applied->signal, applied->said_s, applied->sent_at_ns);
    else
        end_endless(applied);
    if (!tq__refusal_momentary(applied->signal->refusal) && is_refused(applied->signal))
        answer_probes(applied->ledger, applied->own, applied->said_s, applied->sent_at_ns);
    return 1;
}

static int take_axes(const struct applied *applied)
{
    int changed = 0;

    for (uint32_t i = 0; i < applied->signal->axis_count && i < TQ_AXES_MAX; i++) {
        int answer = read_axis(applied, i);

        if (answer < 0)
            return answer;
        changed |= answer;
    }
    return changed;
}

static void note_account(const struct applied *applied)
{
    struct tq__limits *limits = tq__limits_of(applied->ledger, applied->own);

    if (applied->named && applied->signal->account != 0 && limits &&
        atomic_load_explicit(&limits->account, memory_order_relaxed) != applied->signal->account)
        atomic_store_explicit(&limits->account, applied->signal->account, memory_order_relaxed);
}

/* The answer or the refusal first, which is older than what it says of windows. */
static int take(struct tq_provider *provider, const struct applied *applied)
{
    const struct tq_quota_signal *signal = applied->signal;
    int answer = 0, changed;

    if (signal->flags & TQ_SIGNAL_SUCCESS)
        answer = tq_provider_success(provider, applied->sent_at_ns);
    if (answer >= 0 && is_refusal(signal, applied->own) && !is_read(applied))
        answer = take_refusal(applied);
    changed = answer < 0 ? answer : take_axes(applied);
    if (changed < 0)
        return changed;
    note_account(applied);
    if (answer + changed > 0) {
        tq__soonest_lower(applied->ledger, 1); /* an end may be an earlier one: whoever waits looks */
        tq__event(applied->ledger);
    }
    return 0;
}

#define SIGNAL_SIZE_OLDEST offsetof(struct tq_quota_signal, account)

int tq_provider_apply(struct tq_provider *provider, const struct tq_quota_signal *signal)
{
    struct applied applied = {.signal = signal};
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
    answer = take(provider, &applied);
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
