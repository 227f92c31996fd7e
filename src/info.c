/* info.c: what is in a ledger, what happened to it, and whether all of it is as it must be.
 *
 * SPDX-License-Identifier: MIT
 *
 * check walks from both sides. From the index: every word leads to a slot that says the same, a name is found
 * where the word is, and no bucket has a gap. From the slots: what holds anything is in the index, and every
 * day stands in the word and under the tag of its number. Limits, rings and pools are followed from the
 * slots, zones from the header. A slot that is being filled holds nothing yet and is in no index, and what is
 * linked was filled before, so a ledger in use checks clean.
 */
#include <stdio.h>
#include <string.h>

#include "slot.h"
#include "count.h"
#include "clock.h"
#include "links.h"
#include "refusal.h"
#include "stated_line.h"
#include "table.h"
#include "zone_table.h"

static void fault(struct tq_ledger_info *info, struct tq_error *error, const char *what, uint64_t number)
{
    char text[96];

    if (info->faults++ != 0)
        return;
    snprintf(text, sizeof text, "%s %llu", what, (unsigned long long)number);
    tq__fail(error, TQ_EFORMAT, 0, NULL, text);
}

/* The size before `ahead` and what follows it. */
#define SIZE_BEFORE_AHEAD offsetof(struct tq_ledger_info, ahead)

/* Newest days that lie further ahead than the limit to the clock. */
static void count_ahead(struct tq_ledger *ledger, struct tq_ledger_info *info)
{
    uint32_t latest = 0;
    uint64_t last = tq__clock_last_day(ledger);
    struct tq__slot *slot;

    for (uint32_t n = 0, end = tq__slots_end(ledger); (slot = tq__slots_next(ledger, &n, end)) != NULL; n++) {
        uint32_t newest = atomic_load_explicit(&slot->newest_day, memory_order_relaxed);

        if (newest <= last || !tq__day_ok(newest))
            continue;
        info->ahead++;
        if (newest > latest)
            latest = newest;
    }
    if (info->ahead > 0)
        info->ahead_at_ns = tq__window_of_day(latest).start_ns;
}

int tq_ledger_statistics(struct tq_ledger *ledger, struct tq_ledger_info *info)
{
    struct tq_ledger_info filled = {.size = sizeof filled};
    uint64_t *const noted[TQ__NOTES] = {
        [TQ__LATE] = &filled.late,       [TQ__TOO_OLD] = &filled.too_old,
        [TQ__CLOCK] = &filled.clock,     [TQ__SATURATED] = &filled.saturated,
        [TQ__REBUILT] = &filled.rebuilt, [TQ__RECOVERED] = &filled.recovered,
    };
    struct tq__header *header;
    _Atomic uint64_t *word;
    int answer;

    if (!ledger || !info || info->size < SIZE_BEFORE_AHEAD)
        return TQ_EINVAL;
    header = ledger->header;
    filled.history_days = 1u << ledger->history_log2;
    filled.rule = ledger->rule;
    filled.in_file = ledger->path != NULL;
    filled.slots = atomic_load_explicit(&header->slots, memory_order_relaxed);
    filled.file_bytes = atomic_load_explicit(&header->file_bytes, memory_order_relaxed);
    for (uint32_t i = 0; i < TQ__NOTES; i++)
        *noted[i] = atomic_load_explicit(&header->notes[i], memory_order_relaxed);
    for (uint64_t place = 0; (answer = tq__index_next(ledger, &place, &word)) == 0 && word; place++)
        filled.providers++;
    if (answer < 0)
        return answer;
    if (info->size < sizeof filled) {
        filled.size = info->size;
        memcpy(info, &filled, SIZE_BEFORE_AHEAD);
        return 0;
    }
    count_ahead(ledger, &filled);
    *info = filled;
    return 0;
}

/* Checks the index word at a place: its slot must be the name's, the name's walk must end here, and by T2 the
 * word before it in its bucket is not 0. */
static void check_word(struct tq_ledger *ledger, _Atomic uint64_t *at, uint64_t place,
                       struct tq_ledger_info *info, struct tq_error *error)
{
    uint64_t word =
        atomic_load_explicit(at, memory_order_acquire); /* pairs with the publishing swap in table.c */
    uint32_t number = (uint32_t)word - 1;
    char bytes[TQ__NAME_BYTES];
    struct tq__slot *slot;
    struct tq__name name;

    if (place % TQ__BUCKET_WORDS != 0 && atomic_load_explicit(at - 1, memory_order_acquire) == 0)
        fault(info, error, "a gap in the bucket of index word", place);
    /* Not info->slots: names are inserted while this looks. */
    if (number >= atomic_load_explicit(&ledger->header->slots, memory_order_relaxed)) {
        fault(info, error, "an index word names a slot that was never given out:", number);
        return;
    }
    slot = tq__slot_number(ledger, number);
    if (!slot)
        fault(info, error, "the segment is missing of slot", number);
    else if (!tq__slot_name_ok(ledger, slot, number, &name, bytes))
        fault(info, error, "the name is damaged of slot", number);
    else if (((name.hash ^ word) & TQ__INDEX_TAG) != 0 || tq__table_find(ledger, &name) != slot)
        fault(info, error, "the name is not where it belongs, or twice, of slot", number);
}

static bool said_ok(uint64_t word)
{
    return tq__refusal_unpack(word).refusal <= TQ_CLASS_OVERLOADED;
}

/* ---- limits ---------------------------------------------------------------------------------- */

/* What check has seen, and where it says what is wrong. */
struct look {
    struct tq_ledger *ledger;
    uint64_t *seen; /* links.h */
    struct tq_ledger_info *info;
    struct tq_error *error;
};

/* Returns the record behind a link; NULL: there is none, which is a fault unless the link is 0. */
static void *check_link(struct look *look, struct tq__array *array, uint64_t link, const char *wrong,
                        const char *twice, uint32_t number)
{
    void *record = NULL;

    if (link == 0)
        return NULL;
    /* Numbers are given out before they are linked. */
    if (link <= atomic_load_explicit(array->given_out, memory_order_relaxed))
        record = tq__array_linked(array, link);
    if (!record)
        fault(look->info, look->error, wrong, number);
    else if (tq__link_seen(look->ledger, look->seen, array, link))
        fault(look->info, look->error, twice, number);
    return record;
}

static void check_limits(struct look *look, struct tq__slot *slot, uint32_t number)
{
    struct tq_ledger *ledger = look->ledger;
    /* Acquire pairs with the step that links limits, or a ring: its number is given out. */
    struct tq__limits *limits = check_link(
        look, &ledger->limits, atomic_load_explicit(&slot->limits, memory_order_acquire),
        "limits that were never given out, of slot", "limits that another slot has, of slot", number);
    const char *holds;

    if (limits && atomic_load_explicit(&limits->high, memory_order_relaxed) > TQ__LIMITS)
        fault(look->info, look->error, "more limits than there can be, of slot", number);
    for (uint32_t i = 0; limits && i < TQ__LIMITS; i++) {
        const char *wrong = tq__link_line_fault(ledger, &limits->line[i]);
        struct tq__line line;

        if (!wrong && tq__line_open(&line, ledger, limits, i))
            wrong = tq__stated_fault(&line);
        if (wrong)
            fault(look->info, look->error, wrong, number);
        check_link(look, &ledger->rings, atomic_load_explicit(&limits->line[i].ring, memory_order_acquire),
                   "a ring that was never given out, of slot", "a ring that another limit has, of slot",
                   number);
    }
    holds = limits ? tq__links_holds_fault(ledger, look->seen, limits) : NULL;
    if (holds)
        fault(look->info, look->error, holds, number);
    if (!tq__link_pool_ok(ledger, number))
        fault(look->info, look->error, "a pool without a name, in a circle or of too many levels, of slot",
              number);
}

static void check_zones(struct look *look)
{
    char name[TQ__ZONE_NAME_BYTES];
    struct tq__law law;

    for (uint32_t i = 1; i <= TQ__ZONES; i++) {
        /* Acquire pairs with the release in zone_table.c: the record is filled, its number given out. */
        uint32_t link = atomic_load_explicit(&look->ledger->header->zone[i - 1], memory_order_acquire);

        if (link != 0 &&
            (link > atomic_load_explicit(&look->ledger->header->extensions, memory_order_relaxed) ||
             !tq__zone_name(look->ledger, i, name) || !tq__zone_law(look->ledger, i, &law)))
            fault(look->info, look->error, "no zone is where the header says, number", i);
    }
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void check_slot(struct tq_ledger *ledger, struct tq__slot *slot, uint32_t number,
                       struct tq_ledger_info *info, struct tq_error *error)
{
    char bytes[TQ__NAME_BYTES];
    struct tq__name name;

    for (uint64_t i = 0; i < UINT64_C(1) << ledger->history_log2; i++) {
        uint64_t word = atomic_load_explicit(&slot->day[i], memory_order_relaxed);
        uint64_t day = (word >> TQ__COUNT_BITS) << ledger->history_log2 | i;

        if (word != 0 && (day < TQ__DAY_BIAS || day > tq__window_at(TQ_NOW_END_NS - 1).day))
            fault(info, error, "a day that is none in slot", number);
    }
    if (!said_ok(atomic_load_explicit(&slot->reported, memory_order_relaxed)) ||
        !said_ok(atomic_load_explicit(&slot->throttled, memory_order_relaxed)))
        fault(info, error, "what a vendor said is no word of this version, in slot", number);
    if (tq__slot_holds(ledger, slot) &&
        (!tq__slot_name_ok(ledger, slot, number, &name, bytes) || tq__table_find(ledger, &name) != slot))
        fault(info, error, "something is counted in a slot that no name leads to:", number);
}

int tq_ledger_check(struct tq_ledger *ledger, struct tq_ledger_info *info, struct tq_error *error)
{
    struct look look = {ledger, NULL, info, error};
    _Atomic uint64_t *word;
    struct tq__slot *slot;
    int answer = tq_ledger_statistics(ledger, info);

    if (answer == 0) {
        look.seen = tq__links_seen_new();
        answer = look.seen ? 0 : TQ_ENOMEM;
    }
    tq__fail(error, answer, 0, NULL, answer < 0 ? tq_strerror(answer) : "");
    if (answer < 0)
        return answer;
    for (uint64_t place = 0; tq__index_next(ledger, &place, &word) == 0 && word; place++)
        check_word(ledger, word, place, info, error);
    for (uint32_t n = 0, end = tq__slots_end(ledger); (slot = tq__slots_next(ledger, &n, end)) != NULL; n++) {
        check_slot(ledger, slot, n, info, error);
        check_limits(&look, slot, n);
    }
    check_zones(&look);
    tq__links_seen_free(look.seen);
    return info->faults != 0;
}
