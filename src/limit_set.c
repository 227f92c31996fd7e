/* limit_set.c: setting, removing and listing limits; weights and prices.
 *
 * SPDX-License-Identifier: MIT
 *
 * A LINE IS TAKEN for a new limit in three steps, without a lock:
 *
 *   L1  claim: `amount` is swapped for [version + 1 | amount], from a word of another version that was loaded
 *       before the spec was seen free once more. version is that of the free spec. Of several processes one
 *       wins; and one that stalled, while others took the line and left it, finds another amount.
 *   L2  `reserve`, what the vendor says (stated.h), and its name of the window get the new version, as long
 * as the claim stands. L3  publish: `spec` is swapped from [version | 0] for the new one.
 *
 * A process that dies between L1 and L3 leaves a line that is claimed and free. Others pass it by. When there
 * is no other free line, a process swaps its spec for [version + 1 | 0]: so the swap of a claimer that only
 * stalled fails, and the line can be claimed anew.
 *
 * TWINS. Two processes may publish one limit in two lines. So each looks for it once more before L3, and
 * again after it: who finds it in another line then frees its own, and begins again. What the other line has
 * counted stays. Both may do so at the same time; none has answered yet. When one of them dies before its
 * last look, both lines hold the limit, and count alike, until one is removed; a change is made to both.
 *
 * Versions go from 1 to 255 and come round. So whoever claims a line also swaps for 0 the words that have the
 * new version already, which are of 255 limits ago.
 */
#include <errno.h>
#include <stdio.h>

#include "event.h"
#include "first_use.h"
#include "limit_check.h"
#include "limits.h"
#include "refill.h"
#include "rolling.h"
#include "shared.h"
#include "state.h"
#include "stated_line.h"
#include "zone_table.h"

#define SHARES 10000 /* of a reserve */

static uint64_t next_version(uint64_t version)
{
    return version >= 255 ? 1 : version + 1;
}

/* ---- what is asked for ----------------------------------------------------------------------- */

/* A limit that passed its checks. */
struct wanted {
    uint64_t spec; /* of version 0 */
    struct tq__spec parts;
    const struct tq_limit *limit;
    bool of_user;
};

static int say_fault(struct tq_error *error, int code, const char *text)
{
    return tq__fail(error, code, code == TQ_ESYS ? errno : 0, NULL, text);
}

/* What tq__zone_number answers, in words. */
static const char *zone_text(int answer)
{
    switch (answer) {
    case TQ_EFULL:
        return "the ledger has 127 zones: it can keep no other";
    case TQ_ENOTSUP:
        return "this zone changes at instants that are not on a quarter of an hour";
    case TQ_ESYS:
        return "there is no such zone in the zone database (package tzdata): name one such as "
               "America/Los_Angeles";
    default:
        return tq_strerror(answer);
    }
}

static int check_limit(struct tq_ledger *ledger, const struct tq_limit *limit, struct wanted *wanted,
                       struct tq_error *error)
{
    struct tq__limit_fault fault;
    int answer = tq__limit_check(limit, &fault), zone = 0;
    char text[160];

    if (answer == 0 && limit->known & ~(TQ_LIMIT_AMOUNT | TQ_LIMIT_RESERVE))
        return say_fault(error, TQ_EINVAL, "limit.known has a bit that is no TQ_LIMIT_... of this version");
    if (answer < 0) {
        snprintf(text, sizeof text, "%s %s", tq__limit_part_name(fault.part), fault.text);
        return say_fault(error, answer, text);
    }
    if (limit->window != TQ_WINDOW_STATED)
        zone = tq__zone_number(ledger, tq__span_of(limit->zone), tq_now_ns());
    if (zone < 0)
        return say_fault(error, zone, zone_text(zone));
    tq__spec_of_limit(&wanted->parts, limit, (uint32_t)zone);
    wanted->spec = tq__spec_pack(&wanted->parts);
    wanted->limit = limit;
    return 0;
}

/* The words of amount and reserve, of version 0, from what is named and what was there. */
struct terms {
    uint64_t amount, reserve;
};

static int make_terms(const struct wanted *wanted, struct terms before, struct terms *terms,
                      struct tq_error *error)
{
    const struct tq_limit *limit = wanted->limit;
    uint64_t share = before.reserve >> TQ__METER_BITS & 0xffff;
    uint64_t amount = before.amount & TQ__METER_MAX, units = before.reserve & TQ__METER_MAX;
    uint64_t of_user = wanted->of_user ? TQ__AMOUNT_OF_USER : before.amount & TQ__AMOUNT_OF_USER;

    if (limit->known & TQ_LIMIT_AMOUNT)
        amount = (uint64_t)limit->amount;
    if (limit->known & TQ_LIMIT_RESERVE) {
        share = limit->reserve_share;
        units = (uint64_t)limit->reserve;
    }
    if (share != 0) /* rounded up, in two parts: amount x share has up to 54 bits */
        units = (amount * share + SHARES - 1) / SHARES;
    if (amount != 0 && units > amount)
        return say_fault(error, TQ_EINVAL, "the reserve is more than the amount: name both");
    if (amount == 0 && wanted->parts.window == TQ_WINDOW_REFILL)
        return say_fault(error, TQ_EINVAL, "a limit that refills needs an amount");
    if (wanted->parts.window == TQ_WINDOW_REFILL && !tq__refill_ok(&wanted->parts, (int64_t)amount))
        return say_fault(error, TQ_ERANGE, "this refills faster than one in 64 ns");
    terms->amount = amount | (wanted->parts.window == TQ_WINDOW_STATED ? of_user : 0);
    terms->reserve = share << TQ__METER_BITS | units;
    return 0;
}

/* ---- words of a line ------------------------------------------------------------------------- */

/* L2. Once another has claimed the line, the word is left alone: this claimer stalled, and will not publish.
 * Acquire pairs with the swaps of both words: an amount that is loaded after the word is at least as new. */
static void give_line(struct tq__limit *line, uint64_t version, _Atomic uint64_t *word, uint64_t next)
{
    uint64_t seen = atomic_load_explicit(word, memory_order_acquire);

    do
        if (tq__version_of(atomic_load_explicit(&line->amount, memory_order_acquire)) != version)
            return;
    while (!atomic_compare_exchange_weak_explicit(word, &seen, next, memory_order_acq_rel,
                                                  memory_order_acquire));
}

/* L2 of what the vendor says: nothing yet, and its name of the window. */
static void give_stated(struct tq__limits *limits, uint32_t i, uint64_t version, const struct wanted *wanted)
{
    struct tq__limit *line = &limits->line[i];
    uint64_t words[TQ__STATED_NAME_WORDS];

    give_line(line, version, &line->blocking, version);
    give_line(line, version, &limits->rest[i].overruled, version);
    if (wanted->parts.window != TQ_WINDOW_STATED)
        return;
    tq__stated_name_words(wanted->limit->zone, version, words);
    give_line(line, version, &line->bound, words[0]);
    give_line(line, version, &line->count[1], words[1]);
    give_line(line, version, &limits->rest[i].window_name, words[2]);
}

/* Makes words 0 that have this version from 255 limits ago. */
static void drop_old(struct tq__limits *limits, uint32_t i, struct tq__ring *ring, uint64_t version)
{
    struct tq__limit *line = &limits->line[i];
    struct tq__limit_rest *rest = &limits->rest[i];
    _Atomic uint64_t *const words[] = {
        &line->bound,
        &line->count[0],
        &line->count[1],
        &rest->doubt,
        &rest->reading,
        &rest->earlier,
        &rest->reading_said,
        &rest->earlier_said,
        &rest->stated,
        &rest->counted_then,
        &rest->window_name,
        &rest->told,
        &rest->uncosted,
        &rest->taken,
        &rest->others,
        &rest->leased,
        &rest->corrected,
        &limits->withheld[i],
        &limits->withheld_cut[i],
    };

    for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
        tq__limit_drop(words[k], version);
    for (uint32_t k = 0; ring && k < TQ__RING_WORDS; k++)
        tq__limit_drop(&ring->bucket[k], version);
}

/* A line keeps its ring, whatever limits it has. */
static int make_ring(struct tq_ledger *ledger, struct tq__limit *line, struct tq__ring **ring)
{
    uint64_t number = atomic_load_explicit(&line->ring, memory_order_acquire); /* pairs with the swap below */
    uint32_t made;
    void *record;
    int answer;

    if (number == 0) {
        answer = tq__array_take(&ledger->rings, TQ__SLOTS_MAX, &made, &record);
        if (answer < 0)
            return answer;
        memset(record, 0, sizeof **ring);
        /* Release: the zeros. What loses stays unused until compact. */
        if (atomic_compare_exchange_strong_explicit(&line->ring, &number, (uint64_t)made + 1,
                                                    memory_order_acq_rel, memory_order_acquire))
            number = (uint64_t)made + 1;
    }
    if (number > TQ__SLOTS_MAX)
        return TQ_EFORMAT;
    answer = tq__array_reach(&ledger->rings, (uint32_t)number - 1, false, &record);
    *ring = record;
    return answer == 0 && !record ? TQ_EFORMAT : answer;
}

/* ---- adding ---------------------------------------------------------------------------------- */

static bool is_free(uint64_t spec)
{
    return spec << 8 == 0;
}

/* Finds the line of a limit, the first from line `from` on. TQ__LIMITS: there is none. */
static uint32_t find(struct tq__limits *limits, uint64_t spec, uint32_t from)
{
    for (uint32_t i = from; i < TQ__LIMITS; i++) {
        /* Sequentially consistent for the looks before and after L3: of two that publish, one sees the other.
         */
        uint64_t word = atomic_load_explicit(&limits->line[i].spec, memory_order_seq_cst);

        if (!is_free(word) && tq__specs_match(word, spec))
            return i;
    }
    return TQ__LIMITS;
}

/* Frees line i, which has this spec. Returns whether this call did it. */
static bool free_line(struct tq__limit *line, uint64_t spec)
{
    /* Sequentially consistent: a record that counted before is seen by who takes the line. */
    return atomic_compare_exchange_strong_explicit(&line->spec, &spec, spec >> 56 << 56, memory_order_seq_cst,
                                                   memory_order_relaxed);
}

/* A word, or 0 when it is of another version. */
static uint64_t of_version(uint64_t word, uint64_t version)
{
    return tq__version_of(word) == version ? word : 0;
}

/* Changes amount and reserve of line i. 1: the line has another limit by now. An amount or a reserve of
 * another version than its limit's is damaged, and replaced. */
static int change(struct tq__limits *limits, uint32_t i, const struct wanted *wanted, struct tq_error *error)
{
    struct tq__limit *line = &limits->line[i];
    uint64_t spec = atomic_load_explicit(&line->spec, memory_order_acquire), version = tq__version_of(spec);
    struct terms before, known, terms;
    int answer;

    if (!tq__specs_match(spec, wanted->spec))
        return 1;
    if (version == 0) { /* damaged: no limit has it, and nothing counts in it */
        free_line(line, spec);
        return 1;
    }
    /* Acquire pairs with the claims of others, and keeps the look at the spec behind. */
    before.amount = atomic_load_explicit(&line->amount, memory_order_acquire);
    before.reserve = atomic_load_explicit(&line->reserve, memory_order_acquire);
    if (atomic_load_explicit(&line->spec, memory_order_acquire) != spec)
        return 1;
    known.amount = of_version(before.amount, version);
    known.reserve = of_version(before.reserve, version);
    answer = make_terms(wanted, known, &terms, error);
    if (answer < 0)
        return answer;
    /* From the loaded words, so that nothing is written into a limit that has the line afterwards. */
    if (!atomic_compare_exchange_strong_explicit(&line->amount, &before.amount, version << 56 | terms.amount,
                                                 memory_order_relaxed, memory_order_relaxed))
        return 1;
    return atomic_compare_exchange_strong_explicit(&line->reserve, &before.reserve,
                                                   version << 56 | terms.reserve, memory_order_relaxed,
                                                   memory_order_relaxed)
               ? 0
               : 1;
}

/* Gives up a line that is claimed and free: by another version, whose claim can be made. */
static void give_up(struct tq__limit *line, uint64_t spec)
{
    atomic_compare_exchange_strong_explicit(&line->spec, &spec, next_version(tq__version_of(spec)) << 56,
                                            memory_order_seq_cst, memory_order_relaxed); /* as L3 */
}

/* L1 to L3 on line i, whose spec was free. 0: published. 1: somebody else was at it. */
static int take_line(struct tq_ledger *ledger, struct tq__limits *limits, uint32_t i, uint64_t spec,
                     const struct wanted *wanted, struct tq_error *error)
{
    struct tq__limit *line = &limits->line[i];
    uint64_t version = next_version(tq__version_of(spec));
    uint32_t high = atomic_load_explicit(&limits->high, memory_order_relaxed);
    struct tq__ring *ring = NULL;
    struct terms terms = {0, 0};
    int answer = make_terms(wanted, (struct terms){0, 0}, &terms, error);

    if (answer == 0 && wanted->parts.window == TQ_WINDOW_ROLLING) {
        answer = make_ring(ledger, line, &ring);
        if (answer < 0)
            say_fault(error, answer, tq_strerror(answer));
    }
    if (answer != 0)
        return answer;
    if (!tq__limit_claim(line, spec, version << 56 | terms.amount))
        return 1;
    drop_old(limits, i, ring, version);
    give_line(line, version, &line->reserve, version << 56 | terms.reserve);
    give_stated(limits, i, version, wanted);
    while (high < i + 1 && !atomic_compare_exchange_weak_explicit(&limits->high, &high, i + 1,
                                                                  memory_order_relaxed, memory_order_relaxed))
        ;
    if (find(limits, wanted->spec, 0) < TQ__LIMITS) {
        give_up(line, spec);
        return 1;
    }
    /* Release pairs with the acquires of the spec: amount, reserve, ring and high are there. */
    return atomic_compare_exchange_strong_explicit(&line->spec, &spec, version << 56 | wanted->spec,
                                                   memory_order_seq_cst, memory_order_relaxed)
               ? 0
               : 1;
}

#define LINE_AGAIN (-1000)

/* Is the limit in another line than i? */
static bool has_twin(struct tq__limits *limits, uint32_t i, uint64_t spec)
{
    uint32_t first = find(limits, spec, 0);

    return first < i || find(limits, spec, i + 1) < TQ__LIMITS;
}

/* Takes a free line. Returns its number from 0; TQ_EFULL; AGAIN: others were at it, begin again. */
static int take_any(struct tq_ledger *ledger, struct tq__limits *limits, const struct wanted *wanted,
                    struct tq_error *error)
{
    uint32_t claimed = TQ__LIMITS;
    uint64_t spec = 0;

    for (uint32_t i = 0; i < TQ__LIMITS; i++) {
        uint64_t word = atomic_load_explicit(&limits->line[i].spec, memory_order_acquire); /* L3 */
        int answer;

        if (!is_free(word))
            continue;
        answer = take_line(ledger, limits, i, word, wanted, error);
        if (answer < 0)
            return answer;
        if (answer == 0 && !has_twin(limits, i, wanted->spec))
            return (int)i;
        if (answer == 0)
            free_line(&limits->line[i], next_version(tq__version_of(word)) << 56 | wanted->spec);
        if (answer == 0 || find(limits, wanted->spec, 0) < TQ__LIMITS)
            return LINE_AGAIN;
        claimed = i;
        spec = word;
    }
    if (find(limits, wanted->spec, 0) < TQ__LIMITS)
        return LINE_AGAIN;
    if (claimed == TQ__LIMITS)
        return say_fault(error, TQ_EFULL, "the provider has 8 limits: remove one");
    give_up(&limits->line[claimed], spec); /* whoever claimed it may be dead */
    return LINE_AGAIN;
}

static int set(struct tq_ledger *ledger, struct tq__limits *limits, const struct wanted *wanted,
               struct tq_error *error)
{
    for (;;) {
        uint32_t first = find(limits, wanted->spec, 0), i = first;
        int answer = 0;

        if (first == TQ__LIMITS) {
            answer = take_any(ledger, limits, wanted, error);
            if (answer == LINE_AGAIN)
                continue;
            return answer < 0 ? answer : answer + 1;
        }
        while (answer == 0 && i < TQ__LIMITS) { /* one, but for twins */
            answer = change(limits, i, wanted, error);
            i = find(limits, wanted->spec, i + 1);
        }
        if (answer <= 0)
            return answer < 0 ? answer : (int)first + 1;
    }
}

int tq__limits_place(struct tq_ledger *ledger, struct tq__limits *limits, const struct tq_limit *limit)
{
    struct tq_error error = {.size = sizeof error};
    struct wanted wanted = {0};
    int answer = check_limit(ledger, limit, &wanted, &error);

    return answer < 0 ? answer : set(ledger, limits, &wanted, &error);
}

int tq_provider_set_limit(struct tq_provider *provider, const struct tq_limit *limit, struct tq_error *user)
{
    struct tq_error error = {.size = sizeof error};
    struct tq__limits *limits = NULL;
    struct wanted wanted = {.of_user = true};
    struct tq__slot *slot;
    int answer;

    if (!provider || !limit || limit->size < sizeof *limit)
        return tq__fail(user, TQ_EINVAL, 0, NULL, "provider or limit is NULL, or limit.size is too small");
    answer = tq__provider_to_change(provider, &slot);
    if (answer == 0)
        answer = tq__ledger_identity(provider->ledger);
    if (answer < 0)
        say_fault(&error, answer, tq_strerror(answer));
    else
        answer = check_limit(provider->ledger, limit, &wanted, &error);
    if (answer == 0) {
        answer = tq__limits_make(provider->ledger, slot, &limits);
        if (answer < 0)
            say_fault(&error, answer, tq_strerror(answer));
    }
    if (answer == 0)
        do
            answer = set(provider->ledger, limits, &wanted, &error);
        while (answer == TQ_EFULL &&
               tq__stated_yield(provider->ledger, limits, tq__refusal_second(tq_now_ns())));
    if (answer > 0) {
        tq__limits_changed(limits); /* after the spec: limits.h, N2 */
        tq__unhide(slot);           /* after the spec: state.h */
        tq__settings_raise(provider->ledger);
        tq__soonest_lower(provider->ledger, 1); /* an end may be an earlier one: whoever waits looks */
        tq__event(provider->ledger);
    }
    return tq__error_give(user, &error, answer);
}

int tq_provider_remove_limit(struct tq_provider *provider, uint32_t number)
{
    struct tq__limits *limits;
    struct tq__slot *slot;
    uint64_t spec;
    int answer = tq__provider_to_change(provider, &slot);

    if (answer < 0)
        return answer;
    if (number == 0 || number > TQ__LIMITS)
        return TQ_EINVAL;
    limits = tq__limits_of(provider->ledger, slot);
    if (!limits)
        return 1;
    spec = atomic_load_explicit(&limits->line[number - 1].spec, memory_order_acquire);
    if (is_free(spec) || !free_line(&limits->line[number - 1], spec))
        return 1;
    tq__settings_raise(provider->ledger);
    tq__event(provider->ledger);
    return 0;
}

bool tq__limits_yield(const struct tq__line *line)
{
    return free_line(line->limit, line->word);
}

void tq__limits_forget(struct tq_ledger *ledger, struct tq__slot *slot)
{
    struct tq__limits *limits = tq__limits_of(ledger, slot);

    for (uint32_t i = 0; limits && i < TQ__LIMITS; i++) {
        uint64_t spec = atomic_load_explicit(&limits->line[i].spec, memory_order_seq_cst); /* state.h */

        if (!is_free(spec))
            free_line(&limits->line[i], spec);
    }
    for (uint32_t i = 0; limits && i < TQ_CLASSES; i++) { /* relaxed: nothing follows from these */
        atomic_store_explicit(&limits->weight[i], 0, memory_order_relaxed);
        atomic_store_explicit(&limits->price[i], 0, memory_order_relaxed);
    }
    if (!limits)
        return;
    atomic_store_explicit(&limits->account, 0, memory_order_relaxed);
    atomic_store_explicit(&limits->sharing, 0, memory_order_seq_cst); /* K2 of shared.h */
    atomic_store_explicit(&limits->day_withheld, 0, memory_order_seq_cst);
    atomic_store_explicit(&limits->day_withheld_cut, 0, memory_order_seq_cst);
}
