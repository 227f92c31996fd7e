/* overage.c: what a user decides about the vendor's limits of a provider, and what a warning was told of.
 *
 * SPDX-License-Identifier: MIT
 */
#include "event.h"
#include "limits.h"
#include "probe.h"
#include "shared.h"
#include "state.h"
#include "stated.h"

int tq_provider_set_overage(struct tq_provider *provider, uint32_t overage)
{
    struct tq__slot *slot;
    int answer = tq__provider_to_change(provider, &slot);

    if (answer < 0)
        return answer;
    if (overage > TQ_OVERAGE_STOP)
        return TQ_EINVAL;
    if (overage == TQ_OVERAGE_STOP) /* sequentially consistent for tq__unhide, as every change of the flags */
        atomic_fetch_or_explicit(&slot->flags, TQ__OVERAGE_STOP, memory_order_seq_cst);
    else
        atomic_fetch_and_explicit(&slot->flags, (uint8_t)~TQ__OVERAGE_STOP, memory_order_seq_cst);
    tq__unhide(slot);
    tq__settings_raise(provider->ledger);
    tq__soonest_lower(provider->ledger, 1); /* whoever waits looks for the next end again */
    tq__event(provider->ledger);
    return 0;
}

int tq_provider_overage(const struct tq_provider *provider)
{
    if (!provider)
        return TQ_EINVAL;
    return tq__overage_stops(tq__provider_slot(provider)) ? TQ_OVERAGE_STOP : TQ_OVERAGE_ALLOW;
}

uint64_t tq_provider_account(const struct tq_provider *provider)
{
    struct tq__limits *limits =
        provider ? tq__limits_of(provider->ledger, tq__provider_slot(provider)) : NULL;

    return limits ? atomic_load_explicit(&limits->account, memory_order_relaxed) : 0;
}

/* ---- warnings -------------------------------------------------------------------------------- */

/* The share of a limit in hundredths, the vendor's before our own, and the end of its window, 0 without one.
 */
static bool share_at(const struct tq__line *line, int64_t now_ns, uint32_t *percent, uint32_t *end_s)
{
    struct tq__standing standing;
    struct tq__stated stated;
    int64_t used;

    *end_s = 0;
    if (tq__stated_reading(line, &stated) && stated.share != TQ__STATED_UNKNOWN &&
        tq__stated_reset_ns(line, &stated) > now_ns) {
        *percent = stated.share < 100 * 100 ? stated.share / 100 : 100;
        *end_s = stated.reset_s;
        return true;
    }
    tq__line_stand(line, now_ns, true, &standing);
    if (standing.terms.amount == 0)
        return false;
    used = tq__standing_shown(&standing);
    *percent = used >= standing.terms.amount
                   ? 100
                   : (uint32_t)((tq__uint128)(uint64_t)used * 100 / (uint64_t)standing.terms.amount);
    *end_s = (uint32_t)(standing.end_ns / TQ__SECOND_NS);
    return true;
}

/* What was told of the window that ends at end_s. Windows without an end forget it when the share falls. */
static uint32_t told_of(const struct tq__line *line, uint64_t told, uint32_t percent, uint32_t end_s)
{
    uint32_t before = (uint32_t)(told >> 48) & 0xff;

    if (tq__version_of(told) != line->spec.version)
        return 0;
    if (end_s == 0 || (uint32_t)told == 0)
        return before > percent ? 0 : before;
    return tq__stated_is_one(line, (uint32_t)told, end_s) ? before : 0;
}

/* Of the day's budget: `told` of the slot is [day modulo 512, 9 | percent, 7]. */
static int warn_of_budget(struct tq_provider *provider, struct tq__slot *slot, uint32_t percent,
                          int64_t now_ns)
{
    const struct tq__at at = tq__at(provider->ledger, slot, now_ns);
    uint64_t day = at.window.day % 512, seen, next;
    int64_t budget = at.budget, used = tq__at_used(&at);
    struct tq__part part;

    tq__day_part(&at, tq__limits_of(provider->ledger, slot), &part);
    used = tq__weight(used, part.others);
    if (budget <= 0 || (tq__uint128)(uint64_t)used * 100 < (tq__uint128)(uint64_t)budget * percent)
        return 1;
    seen = atomic_load_explicit(&slot->probe, memory_order_acquire); /* pairs with the swap */
    do {
        if ((seen & TQ__PROBE_TOLD) >> 7 == day && (seen & 127) >= percent)
            return 1;
        next = (seen & ~TQ__PROBE_TOLD) | day << 7 | percent;
    } while (!atomic_compare_exchange_weak_explicit(&slot->probe, &seen, next, memory_order_acq_rel,
                                                    memory_order_acquire));
    return 0;
}

int tq_provider_warn_take(struct tq_provider *provider, uint32_t number, uint32_t percent, int64_t now_ns)
{
    uint32_t reached, end_s;
    struct tq__limits *limits;
    struct tq__slot *slot;
    struct tq__line line;
    uint64_t seen, next;
    int answer = tq__provider_to_change(provider, &slot);

    if (answer < 0)
        return answer;
    if (number > TQ__LIMITS || percent == 0 || percent > 100)
        return TQ_EINVAL;
    answer = tq__ledger_look(provider->ledger, now_ns);
    if (answer < 0)
        return answer;
    if (number == 0)
        return warn_of_budget(provider, slot, percent, now_ns);
    limits = tq__limits_of(provider->ledger, slot);
    if (!limits || !tq__line_open(&line, provider->ledger, limits, number - 1))
        return TQ_EINVAL;
    if (now_ns < 0 || !share_at(&line, now_ns, &reached, &end_s) || reached < percent)
        return 1;
    seen = atomic_load_explicit(&line.rest->told, memory_order_acquire); /* pairs with the swap */
    do {
        if (told_of(&line, seen, reached, end_s) >= percent || !tq__line_is_same(&line))
            return 1;
        next = (uint64_t)line.spec.version << 56 | (uint64_t)percent << 48 | end_s;
    } while (!atomic_compare_exchange_weak_explicit(&line.rest->told, &seen, next, memory_order_acq_rel,
                                                    memory_order_acquire));
    return 0;
}
