/* share_list.c: the windows of a provider as machines exchange them.
 *
 * SPDX-License-Identifier: MIT
 *
 * Of each window what is held is loaded first, then `corrected`, then the count. A hold that is settled
 * meanwhile is seen twice, not left out (H2 of hold.h), and what was ever counted is never said too high (K3
 * of shared.h).
 */
#include "shared.h"

#include "counted.h"
#include "first_use.h"
#include "hold.h"
#include "limits.h"
#include "rolling.h"

/* Where the list goes. */
struct share_list {
    char *out;
    size_t capacity, count;
    uint32_t size; /* of each */
};

static void add_share(struct share_list *list, const struct tq_share *share)
{
    if (list->count < list->capacity) { /* those of a later header are larger */
        char *place = list->out + list->count * list->size;

        memset(place, 0, list->size);
        memcpy(place, share, sizeof *share);
        memcpy(place, &list->size, sizeof list->size);
    }
    list->count++;
}

/* ---- the budget ------------------------------------------------------------------------------ */

static int64_t tokens_of(uint64_t word, uint64_t day)
{
    return word != 0 && word >> TQ__COUNT_BITS == tq__day_tag(day) ? tq__count_tokens(word) : 0;
}

/* A day. False: it is not kept. */
static bool share_of_day(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits *limits,
                         uint64_t day, struct tq_share *share)
{
    const struct tq__window window = tq__window_of_day(day);
    _Atomic uint64_t *word = tq__count_word(slot, ledger->history_log2, day);
    uint64_t others = atomic_load_explicit(&slot->others, memory_order_seq_cst), count;

    share->start_at_ns = window.start_ns;
    share->end_at_ns = window.end_ns;
    share->corrected = tokens_of(atomic_load_explicit(&slot->corrected, memory_order_acquire), day); /* K3 */
    count = atomic_load_explicit(word, memory_order_seq_cst);                                        /* K2 */
    if (count >> TQ__COUNT_BITS == tq__count_tag(ledger->history_log2, day))
        share->used = tq__count_tokens(count);
    share->added = tq__weight(share->used, share->corrected);
    share->others = tokens_of(others, day);
    if (limits) {
        share->withheld = tokens_of(atomic_load_explicit(&limits->day_withheld, memory_order_seq_cst), day);
        share->withheld_cut =
            tokens_of(atomic_load_explicit(&limits->day_withheld_cut, memory_order_seq_cst), day);
        if (others != 0 && others >> TQ__COUNT_BITS == tq__day_tag(day))
            share->heard_at_ns = atomic_load_explicit(&limits->heard_s, memory_order_relaxed) * TQ__SECOND_NS;
    }
    return count >> TQ__COUNT_BITS == tq__count_tag(ledger->history_log2, day);
}

static void list_days(struct tq_ledger *ledger, struct tq__slot *slot, struct tq__limits *limits,
                      int64_t now_ns, struct share_list *list)
{
    const struct tq__window window = tq__window_at(now_ns);
    struct tq_share share = {.amount = atomic_load_explicit(&slot->budget, memory_order_relaxed)},
                    before = share;

    if (share.amount <= 0)
        return;
    if (tq__day_ok(window.day - 1) && share_of_day(ledger, slot, limits, window.day - 1, &before))
        add_share(list, &before);
    share.held = limits ? tq__hold_amount(ledger, limits, TQ_UNIT_TOKENS) : 0;
    (void)share_of_day(ledger, slot, limits, window.day, &share);
    add_share(list, &share);
}

/* ---- limits ---------------------------------------------------------------------------------- */

/* The count of a word that is of a tag; 0: it is not. */
static int64_t count_tagged(uint64_t word, uint64_t tag)
{
    return tq__tag_of(word) == tag ? (int64_t)(word & TQ__METER_MAX) : 0;
}

/* What was told of the window of a number, and what corrections took back of it. */
static void add_told(const struct tq__line *line, uint64_t number, struct tq_share *share)
{
    uint32_t i = (uint32_t)(line->limit - line->limits->line);
    uint64_t tag = (uint64_t)line->spec.version << 16 | (number & 0xffff);
    uint64_t others = atomic_load_explicit(&line->rest->others, memory_order_seq_cst);

    share->others = count_tagged(others, tag);
    share->withheld =
        count_tagged(atomic_load_explicit(&line->limits->withheld[i], memory_order_seq_cst), tag);
    share->withheld_cut =
        count_tagged(atomic_load_explicit(&line->limits->withheld_cut[i], memory_order_seq_cst), tag);
    if (tq__tag_of(others) == tag)
        share->heard_at_ns = atomic_load_explicit(&line->rest->others_at_ns, memory_order_relaxed);
}

/* To be loaded before the count: K3. */
static int64_t corrected_of(const struct tq__line *line, uint64_t number)
{
    return count_tagged(atomic_load_explicit(&line->rest->corrected, memory_order_acquire),
                        (uint64_t)line->spec.version << 16 | (number & 0xffff));
}

/* A window that turns, or never does. The number is known before its count is. */
static void share_of_counted(const struct tq__line *line, int64_t at_ns, struct tq_share *share)
{
    struct tq__standing standing = {.terms = {.room = INT64_MAX}};

    tq__counted_stand(line, at_ns, &standing);
    share->corrected = corrected_of(line, standing.number);
    standing.used = 0;
    tq__counted_stand(line, at_ns, &standing);
    share->start_at_ns = standing.start_ns;
    share->end_at_ns = standing.end_ns;
    share->used = standing.used;
    share->added = tq__weight(share->used, share->corrected);
    add_told(line, standing.number, share);
}

static void list_counted(const struct tq__line *line, int64_t now_ns, struct tq_share *share,
                         struct share_list *list)
{
    struct tq_share before = *share;

    share_of_counted(line, now_ns, share);
    if (tq__window_turns(line->spec.window) && share->start_at_ns > 0) {
        before.held = 0;
        share_of_counted(line, share->start_at_ns - 1, &before);
        if (before.added > 0)
            add_share(list, &before);
    }
    add_share(list, share);
}

static void list_first_use(const struct tq__line *line, int64_t now_ns, struct tq_share *share,
                           struct share_list *list)
{
    struct tq__standing standing = {.terms = {.room = INT64_MAX}};

    tq__first_use_stand(line, now_ns, &standing);
    share->corrected = corrected_of(line, standing.number);
    standing = (struct tq__standing){.terms = standing.terms};
    tq__first_use_stand(line, now_ns, &standing);
    share->start_at_ns = standing.start_ns;
    share->end_at_ns = standing.end_ns;
    if (standing.start_ns == 0) {
        share->flags |= TQ_SHARE_NONE;
        share->corrected = 0;
    }
    share->used = standing.used;
    share->added = tq__weight(share->used, share->corrected);
    add_told(line, standing.number, share);
    add_share(list, share);
}

static void list_rolling(const struct tq__line *line, int64_t now_ns, struct tq_share *share,
                         struct share_list *list)
{
    uint64_t newest = tq__rolling_number(line, now_ns);
    struct tq__standing standing = {.terms = {.room = INT64_MAX}};
    struct tq_share bucket;

    share->flags |= TQ_SHARE_BUCKET;
    for (uint64_t number = newest > 0 ? newest - 1 : 0; number <= newest; number++) {
        bucket = *share;
        bucket.held = number == newest ? share->held : 0;
        bucket.start_at_ns = tq__rolling_begin_ns(line, number);
        bucket.end_at_ns = tq__rolling_begin_ns(line, number + 1);
        bucket.corrected = corrected_of(line, number);
        bucket.added = tq__weight(tq__meter_used(tq__rolling_bucket(line, number)), bucket.corrected);
        tq__rolling_stand(line, number == newest ? now_ns : bucket.start_at_ns, false, &standing);
        bucket.used = standing.used;
        add_told(line, number, &bucket);
        add_share(list, &bucket);
    }
}

/* What has not refilled, at the rate of this machine. Of a refill no total is kept. */
static void list_refill(const struct tq__line *line, int64_t now_ns, struct tq_share *share,
                        struct share_list *list)
{
    struct tq__standing standing;

    tq__line_stand(line, now_ns, false, &standing);
    share->used = standing.used - standing.others - standing.kept;
    add_told(line, 0, share);
    add_share(list, share);
}

static void list_line(const struct tq__line *line, int64_t now_ns, struct share_list *list)
{
    const struct tq__terms terms = tq__limit_terms(line->limit, line->word);
    uint32_t unit = line->spec.unit;
    struct tq_share share = {.number = (uint32_t)(line->limit - line->limits->line) + 1,
                             .amount = terms.amount,
                             .reserve = terms.amount > 0 ? terms.amount - terms.room : 0};

    if (tq__line_is_strict(line))
        share.flags |= TQ_SHARE_STRICT;
    share.wish = tq__wish_of(line, now_ns);
    if (unit > 0 && unit < TQ__UNITS)
        share.held = tq__hold_amount(line->ledger, line->limits, unit);
    switch (line->spec.window) {
    case TQ_WINDOW_STATED:
        break;
    case TQ_WINDOW_FIRST_USE:
        list_first_use(line, now_ns, &share, list);
        break;
    case TQ_WINDOW_ROLLING:
        list_rolling(line, now_ns, &share, list);
        break;
    case TQ_WINDOW_REFILL:
        list_refill(line, now_ns, &share, list);
        break;
    default:
        list_counted(line, now_ns, &share, list);
    }
}

int tq_provider_shares(const struct tq_provider *provider, int64_t now_ns, struct tq_share *out,
                       size_t capacity)
{
    struct share_list list = {(char *)out, capacity, 0,
                              out && capacity > 0 ? out->size : (uint32_t)sizeof *out};
    struct tq__limits *limits;
    struct tq__slot *slot;
    struct tq__line line;
    int answer;

    if (!provider || (!out && capacity > 0) || list.size < sizeof *out || list.size % sizeof(int64_t) != 0)
        return TQ_EINVAL;
    answer = tq__ledger_look(provider->ledger, now_ns);
    if (answer < 0)
        return answer;
    slot = tq__provider_slot(provider);
    limits = tq__limits_of(provider->ledger, slot);
    list_days(provider->ledger, slot, limits, now_ns, &list);
    for (uint32_t i = 0; i < tq__limits_lines(limits, now_ns); i++)
        if (tq__line_open(&line, provider->ledger, limits, i))
            list_line(&line, now_ns, &list);
    return (int)list.count;
}
