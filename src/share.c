/* share.c: the calls of the program that exchanges counts with other machines: what it reads, and what it
 * tells.
 *
 * SPDX-License-Identifier: MIT
 *
 * shared.h has the words and the order of the steps. Of what is told, `withheld` and `withheld_cut` are
 * written before `others` when they rise, and after it when they fall; readers take the smaller of the two
 * for `others`.
 */
#include "shared.h"

#include "event.h"
#include "first_use.h"
#include "forecast.h"
#include "held.h"
#include "limits.h"
#include "refill.h"
#include "rolling.h"
#include "state.h"

#define CUT_MASK (UINT64_C(3) << TQ__SHARING_CUT_SHIFT)

/* ---- settings -------------------------------------------------------------------------------- */

/* Changes bits of the provider's word: `mask` says which. Returns whether it is another word now. */
static bool change_sharing(struct tq__limits *limits, uint64_t mask, uint64_t bits)
{
    uint64_t seen = atomic_load_explicit(&limits->sharing, memory_order_relaxed), next;

    do {
        next = (seen & ~mask) | bits;
        if (next == seen)
            return false;
        /* Sequentially consistent: K2. */
    } while (!atomic_compare_exchange_weak_explicit(&limits->sharing, &seen, next, memory_order_seq_cst,
                                                    memory_order_relaxed));
    return true;
}

/* Tells that more may have changed than one end: whoever waits looks. */
static void tell_all_waiters(struct tq_ledger *ledger)
{
    tq__soonest_lower(ledger, 1);
    tq__event(ledger);
}

/* A provider whose `sharing` is to change; `wrong`: what it is to be cannot be. 0 or an error. */
static int sharing_to_change(struct tq_provider *provider, bool wrong, struct tq__slot **slot,
                             struct tq__limits **limits)
{
    int answer = tq__provider_to_change(provider, slot);

    if (answer == 0 && wrong)
        answer = TQ_EINVAL;
    if (answer == 0)
        answer = tq__ledger_identity(provider->ledger);
    return answer == 0 ? tq__limits_make(provider->ledger, *slot, limits) : answer;
}

int tq_provider_set_cut(struct tq_provider *provider, uint32_t cut)
{
    struct tq__limits *limits;
    struct tq__slot *slot;
    int answer = sharing_to_change(provider, cut > TQ_CUT_CLOSED, &slot, &limits);

    if (answer != 0)
        return answer;
    if (change_sharing(limits, CUT_MASK, (uint64_t)cut << TQ__SHARING_CUT_SHIFT))
        tell_all_waiters(provider->ledger);
    tq__unhide(slot);
    tq__settings_raise(provider->ledger);
    return 0;
}

int tq_provider_cut(const struct tq_provider *provider)
{
    struct tq__limits *limits;
    uint32_t cut;

    if (!provider)
        return TQ_EINVAL;
    limits = tq__limits_of(provider->ledger, tq__provider_slot(provider));
    cut =
        limits ? tq__sharing_cut(atomic_load_explicit(&limits->sharing, memory_order_relaxed)) : TQ_CUT_SHARE;
    return cut <= TQ_CUT_CLOSED ? (int)cut : TQ_CUT_SHARE;
}

/* Swaps a word of a limit, unless another limit has the line by now. */
static void swap_told(const struct tq__line *line, _Atomic uint64_t *word, uint64_t next)
{
    uint64_t seen = atomic_load_explicit(word, memory_order_acquire); /* pairs with the swap */

    do
        if (!tq__line_is_same(line))
            return;
    while (!atomic_compare_exchange_weak_explicit(word, &seen, next, memory_order_seq_cst,
                                                  memory_order_acquire));
}

/* The line of a limit that can be shared. 0; 1: there is none; or an error. */
static int sharable_line(struct tq_provider *provider, uint32_t number, struct tq__line *line)
{
    struct tq__limits *limits;
    struct tq__slot *slot;
    int answer = tq__provider_to_change(provider, &slot);

    if (answer < 0)
        return answer;
    if (number == 0 || number > TQ__LIMITS)
        return TQ_EINVAL;
    answer = tq__ledger_identity(provider->ledger);
    if (answer < 0)
        return answer;
    limits = tq__limits_of(provider->ledger, slot);
    if (!limits || !tq__line_open(line, provider->ledger, limits, number - 1))
        return 1;
    return line->spec.window == TQ_WINDOW_STATED ? TQ_EINVAL : 0;
}

int tq_provider_set_strict(struct tq_provider *provider, uint32_t number, uint32_t strict)
{
    struct tq__line line;
    int answer = sharable_line(provider, number, &line);
    uint64_t version;

    if (answer != 0)
        return answer;
    if (strict > 1)
        return TQ_EINVAL;
    version = (uint64_t)line.spec.version << 56;
    if (strict != tq__line_is_strict(&line)) {
        if (strict) /* before the limit is: each look at it comes by the provider's word */
            (void)change_sharing(line.limits, TQ__SHARING_STRICT, TQ__SHARING_STRICT);
        swap_told(&line, &line.rest->leased, version | (strict ? TQ__STRICT : 0));
        if (strict) { /* what was told of it so far was no lease */
            swap_told(&line, &line.limits->withheld[number - 1], 0);
            swap_told(&line, &line.limits->withheld_cut[number - 1], 0);
        }
        tell_all_waiters(provider->ledger);
    }
    tq__settings_raise(provider->ledger);
    return 0;
}

/* How long the others are heard is no setting, and no event while they are: a waiter looks by itself
 * (wait.c). */
int tq_ledger_set_shared_until(struct tq_ledger *ledger, int64_t until_ns)
{
    int64_t before;
    int answer = ledger ? tq__refuse_writes(ledger) : TQ_EINVAL;

    if (answer == 0 && until_ns < 0)
        answer = TQ_EINVAL;
    if (answer == 0)
        answer = tq__ledger_identity(ledger);
    if (answer < 0)
        return answer;
    before =
        atomic_exchange_explicit(&ledger->header->shared_until_ns, until_ns, memory_order_seq_cst); /* K2 */
    if (before == 0 ? until_ns != 0 : until_ns < before || before < tq_now_ns())
        tell_all_waiters(ledger);
    return 0;
}

int64_t tq_ledger_shared_until(const struct tq_ledger *ledger)
{
    return ledger ? atomic_load_explicit(&ledger->header->shared_until_ns, memory_order_relaxed) : TQ_EINVAL;
}

int tq_provider_set_sharers(struct tq_provider *provider, uint32_t machines, int64_t probes_until_ns)
{
    const uint64_t mask = UINT64_C(0xffffffff) << TQ__SHARING_PROBES_SHIFT |
                          (machines ? UINT64_C(0xffff) << TQ__SHARING_MACHINES_SHIFT : 0) | TQ__SHARING_TOLD;
    uint64_t until_s = probes_until_ns > 0 ? (uint64_t)(probes_until_ns / TQ__SECOND_NS) : 0, some = machines;
    struct tq__limits *limits;
    struct tq__slot *slot;
    uint64_t before;
    int answer = sharing_to_change(provider, false, &slot, &limits);

    if (answer != 0)
        return answer;
    if (some > 0xffff)
        some = 0xffff;
    if (until_s > UINT32_MAX || probes_until_ns == INT64_MAX)
        until_s = UINT32_MAX;
    before = atomic_load_explicit(&limits->sharing, memory_order_relaxed);
    if (!change_sharing(limits, mask,
                        until_s << TQ__SHARING_PROBES_SHIFT | some << TQ__SHARING_MACHINES_SHIFT |
                            TQ__SHARING_TOLD))
        return 0;
    /* A turn that goes on is no news. */
    if ((some != 0 && tq__sharing_machines(before) != some) ||
        (int64_t)(before >> TQ__SHARING_PROBES_SHIFT) * TQ__SECOND_NS <= tq_now_ns())
        tell_all_waiters(provider->ledger);
    return 0;
}

/* ---- telling --------------------------------------------------------------------------------- */

/* What a level answers, as far as a change of what is withheld may change it. */
struct level_answer {
    bool is_out[2], is_held[2]; /* without and with the reserve */
};

static struct level_answer answer_of(struct tq_ledger *ledger, struct tq__slot *slot,
                                     struct tq__limits *limits, uint32_t number, int64_t now_ns)
{
    struct level_answer answer = {{false}, {false}};

    for (int i = 0; i < 2; i++) {
        answer.is_out[i] = number == 0
                               ? tq__day_out_at(ledger, slot, limits, now_ns, NULL) > 0
                               : tq__limits_end_of(ledger, slot, limits, number - 1, now_ns, i == 1) > 0;
        answer.is_held[i] = tq__held_any(limits) && tq__held_end(ledger, slot, limits, now_ns, i == 1) > 0;
    }
    return answer;
}

static void tell_change(struct tq_ledger *ledger, const struct level_answer *before,
                        const struct level_answer *after)
{
    if (memcmp(before, after, sizeof *before) != 0)
        tell_all_waiters(ledger);
}

/* The number of the window that *share is of, as now_ns sees it. False: the limit has no such window. */
static bool number_told(const struct tq__line *line, const struct tq_share *share, int64_t now_ns,
                        uint64_t *number)
{
    struct tq__standing now = {.terms = {.room = INT64_MAX}}, told = now;
    int64_t newest_ns;

    switch (line->spec.window) {
    case TQ_WINDOW_REFILL:
    case TQ_WINDOW_ONCE:
        *number = 0;
        return share->start_at_ns == 0;
    case TQ_WINDOW_ROLLING:
        *number = tq__rolling_number(line, share->start_at_ns);
        return tq__rolling_begin_ns(line, *number) == share->start_at_ns && share->start_at_ns <= now_ns &&
               tq__rolling_number(line, now_ns) - *number <= TQ__ROLLING_BUCKETS;
    case TQ_WINDOW_FIRST_USE:
        tq__first_use_stand(line, now_ns, &now);
        *number = now.number;
        return now.start_ns == share->start_at_ns;
    default:
        newest_ns = tq__line_newest_ns(line);
        tq__line_stand_by(line, now_ns, false, &now);
        if (share->start_at_ns != now.start_ns && share->start_at_ns != newest_ns)
            return false;
        tq__line_stand_by(line, share->start_at_ns, false, &told);
        *number = told.number;
        return told.start_ns == share->start_at_ns && told.start_ns >= now.start_ns;
    }
}

static uint64_t told_word(uint64_t tag, int64_t count)
{
    return tag << TQ__METER_BITS | tq__meter_sum(0, count);
}

/* What a refill has for itself, when so much is withheld of it. */
static int64_t own_amount(int64_t amount, uint64_t withheld)
{
    return (int64_t)withheld < amount ? amount - (int64_t)withheld : 0;
}

static int set_line(struct tq_provider *provider, struct tq__limits *limits, const struct tq_share *share,
                    int64_t now_ns)
{
    int64_t cut = share->withheld_cut > share->others ? share->withheld_cut : share->others;
    uint32_t i = share->number - 1;
    struct level_answer before, after;
    uint64_t number, tag, withheld;
    struct tq__line line;

    if (!limits || !tq__line_open(&line, provider->ledger, limits, i))
        return 1;
    if (line.spec.window == TQ_WINDOW_STATED)
        return TQ_EINVAL;
    if (now_ns < 0 || !number_told(&line, share, now_ns, &number))
        return 1;
    before = answer_of(provider->ledger, tq__provider_slot(provider), limits, share->number, now_ns);
    tag = (uint64_t)line.spec.version << 16 | (number & 0xffff);
    withheld = atomic_load_explicit(&limits->withheld[i], memory_order_relaxed);
    (void)change_sharing(limits, TQ__SHARING_TOLD, TQ__SHARING_TOLD);
    if (told_word(tag, share->others) <= atomic_load_explicit(&line.rest->others, memory_order_relaxed))
        swap_told(&line, &line.rest->others, told_word(tag, share->others));
    swap_told(&line, &limits->withheld_cut[i], told_word(tag, cut));
    swap_told(&line, &limits->withheld[i], told_word(tag, share->withheld));
    swap_told(&line, &line.rest->others, told_word(tag, share->others));
    atomic_store_explicit(&line.rest->others_at_ns, now_ns, memory_order_relaxed);
    if (line.spec.window == TQ_WINDOW_REFILL && withheld != told_word(tag, share->withheld)) {
        int64_t amount = tq__limit_terms(line.limit, line.word).amount;

        withheld = tq__tag_of(withheld) == tag ? withheld & TQ__METER_MAX : 0;
        tq__refill_rescale(&line, own_amount(amount, withheld),
                           own_amount(amount, tq__meter_sum(0, share->withheld)), now_ns);
    }
    after = answer_of(provider->ledger, tq__provider_slot(provider), limits, share->number, now_ns);
    tell_change(provider->ledger, &before, &after);
    return 0;
}

static uint64_t told_day(uint64_t day, int64_t tokens)
{
    return tq__day_tag(day) << TQ__COUNT_BITS |
           ((uint64_t)tokens < TQ__COUNT_MAX ? (uint64_t)tokens : TQ__COUNT_MAX);
}

static int set_day(struct tq_provider *provider, struct tq__limits *limits, const struct tq_share *share,
                   int64_t now_ns)
{
    int64_t cut = share->withheld_cut > share->others ? share->withheld_cut : share->others;
    struct tq__slot *slot = tq__provider_slot(provider);
    const struct tq__window now = tq__window_at(now_ns), told = tq__window_at(share->start_at_ns);
    uint64_t others = told_day(told.day, share->others);
    struct level_answer before, after;

    if (told.start_ns != share->start_at_ns || told.day < now.day ||
        (told.day > now.day && told.day != atomic_load_explicit(&slot->newest_day, memory_order_relaxed)))
        return 1;
    before = answer_of(provider->ledger, slot, limits, 0, now_ns);
    (void)change_sharing(limits, TQ__SHARING_TOLD, TQ__SHARING_TOLD);
    /* Sequentially consistent: K2. */
    if (others <= atomic_load_explicit(&slot->others, memory_order_relaxed))
        atomic_store_explicit(&slot->others, others, memory_order_seq_cst);
    atomic_store_explicit(&limits->day_withheld_cut, told_day(told.day, cut), memory_order_seq_cst);
    atomic_store_explicit(&limits->day_withheld, told_day(told.day, share->withheld), memory_order_seq_cst);
    atomic_store_explicit(&slot->others, others, memory_order_seq_cst);
    atomic_store_explicit(&limits->heard_s, now_ns > 0 ? (uint32_t)(now_ns / TQ__SECOND_NS) : 0,
                          memory_order_relaxed);
    tq__forecast_look(provider->ledger, slot, now_ns);
    after = answer_of(provider->ledger, slot, limits, 0, now_ns);
    tell_change(provider->ledger, &before, &after);
    return 0;
}

int tq_provider_set_share(struct tq_provider *provider, const struct tq_share *share, int64_t now_ns)
{
    struct tq__limits *limits;
    struct tq__slot *slot;
    int answer = tq__provider_to_change(provider, &slot);

    if (answer < 0)
        return answer;
    if (!share || share->size < sizeof *share || share->number > TQ__LIMITS || share->others < 0 ||
        share->withheld < share->others || share->withheld_cut < 0)
        return TQ_EINVAL;
    if (!tq__instant_ok(now_ns) || !tq__instant_ok(share->start_at_ns))
        return TQ_ERANGE;
    answer = tq__ledger_identity(provider->ledger);
    if (answer == 0 && share->number == 0)
        answer = tq__limits_make(provider->ledger, slot, &limits);
    if (answer != 0)
        return answer;
    return share->number == 0 ? set_day(provider, limits, share, now_ns)
                              : set_line(provider, tq__limits_of(provider->ledger, slot), share, now_ns);
}

/* What was told of the window is told of it when it begins elsewhere. */
static void move_told(const struct tq__line *line, _Atomic uint64_t *word, uint64_t from, uint64_t to)
{
    uint64_t seen = atomic_load_explicit(word, memory_order_acquire); /* pairs with the swap */

    if (tq__tag_of(seen) == from && tq__line_is_same(line))
        atomic_compare_exchange_strong_explicit(word, &seen, to << TQ__METER_BITS | (seen & TQ__METER_MAX),
                                                memory_order_seq_cst, memory_order_relaxed);
}

int tq_provider_share_begin(struct tq_provider *provider, uint32_t number, int64_t start_at_ns,
                            int64_t now_ns)
{
    struct tq__standing before = {0}, after = {0};
    struct tq__line line;
    uint64_t from, to;
    int answer = sharable_line(provider, number, &line);

    if (answer == 0 && line.spec.window != TQ_WINDOW_FIRST_USE)
        answer = TQ_EINVAL;
    if (answer == 0 && (!tq__instant_ok(now_ns) || !tq__instant_ok(start_at_ns) || now_ns < 0))
        answer = TQ_ERANGE;
    if (answer != 0)
        return answer;
    tq__first_use_stand(&line, now_ns, &before);
    answer = tq__first_use_begin(&line, start_at_ns, now_ns);
    if (answer != 0)
        return answer;
    tq__first_use_stand(&line, now_ns, &after);
    from = (uint64_t)line.spec.version << 16 | (before.number & 0xffff);
    to = (uint64_t)line.spec.version << 16 | (after.number & 0xffff);
    if (before.start_ns == 0 || from == to) /* of one that begins nothing was told */
        return 0;
    move_told(&line, &line.limits->withheld_cut[number - 1], from, to);
    move_told(&line, &line.limits->withheld[number - 1], from, to);
    move_told(&line, &line.rest->others, from, to);
    move_told(&line, &line.rest->corrected, from, to);
    return 0;
}
