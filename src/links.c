/* links.c: following, copying and mending what leads to limits, rings, zones and pools.
 *
 * SPDX-License-Identifier: MIT
 */
#include "links.h"

#include "shared.h"
#include "slot.h"
#include "table.h"
#include "window.h"
#include "zone_table.h"

#define COPY_TRIES 100 /* of a limit that others replace meanwhile */
#define CLIMBS 100     /* through pools that others may change meanwhile */
#define SHARE_MAX 10000

/* ---- looking --------------------------------------------------------------------------------- */

/* Frees a line. It keeps its version: no word of it is one of the limit that comes next. */
static void clear_line(struct tq__limit *line)
{
    uint64_t spec = atomic_load_explicit(&line->spec, memory_order_relaxed);

    atomic_store_explicit(&line->spec, spec >> 56 << 56, memory_order_relaxed);
}

static bool zone_ok(struct tq_ledger *ledger, uint32_t zone)
{
    char name[TQ__ZONE_NAME_BYTES];
    struct tq__law law;

    return tq__zone_name(ledger, zone, name) && tq__zone_law(ledger, zone, &law);
}

static bool has_version(uint64_t word, const struct tq__spec *spec)
{
    return word >> 56 == spec->version;
}

const char *tq__link_line_fault(struct tq_ledger *ledger, const struct tq__limit *line)
{
    /* Acquire pairs with the swap that publishes a limit: its zone is in the header. */
    uint64_t word = atomic_load_explicit(&line->spec, memory_order_acquire);
    /* Acquire: the second look at the spec comes after them. */
    uint64_t amount = atomic_load_explicit(&line->amount, memory_order_acquire);
    uint64_t reserve = atomic_load_explicit(&line->reserve, memory_order_acquire);
    struct tq__spec spec;

    if (tq__specs_match(word, 0))
        return NULL;
    if (!tq__spec_unpack(word, &spec))
        return "a limit that is none of this version, in slot";
    if (!zone_ok(ledger, spec.zone))
        return "the zone is missing of a limit in slot";
    /* A limit whose spec is still there has both words of its version: L1 and L2 of limit_set.c. */
    if (atomic_load_explicit(&line->spec, memory_order_relaxed) == word &&
        (!has_version(amount, &spec) || (amount >> 40 & 0xffff) > (spec.window == TQ_WINDOW_STATED) ||
         !has_version(reserve, &spec) || (reserve >> 40 & 0xffff) > SHARE_MAX))
        return "a damaged amount or reserve of a limit in slot";
    if (spec.window == TQ_WINDOW_ROLLING && atomic_load_explicit(&line->ring, memory_order_relaxed) == 0)
        return "the ring is missing of a limit in slot";
    return NULL;
}

/* Reads the links from a slot upwards. False: one of them leads to no name, or there are too many. */
static bool climb(struct tq_ledger *ledger, uint32_t number)
{
    char bytes[TQ__NAME_BYTES];
    struct tq__name name;
    uint32_t link;

    for (uint32_t i = 0; i < TQ__POOL_LEVELS; i++) {
        struct tq__slot *slot = tq__slot_number(ledger, number);

        if (!slot || (i > 0 && !tq__slot_name_ok(ledger, slot, number, &name, bytes)))
            return false;
        /* Acquire pairs with the store of the link: the slot that it leads to has its name. */
        link = atomic_load_explicit(&slot->pool, memory_order_acquire);
        if (link == 0)
            return true;
        number = link - 1;
    }
    return false;
}

bool tq__link_pool_ok(struct tq_ledger *ledger, uint32_t number)
{
    /* Links that were read one after the other may never have stood together. Those that cannot be stay. */
    for (int tries = 0; tries < CLIMBS; tries++)
        if (climb(ledger, number))
            return true;
    return false;
}

/* One bit for each limits, then one for each ring, and one for each hold. */
#define SEEN_BYTES (3 * (size_t)TQ__SLOTS_MAX / 8)

uint64_t *tq__links_seen_new(void)
{
    return tq__memory_map(SEEN_BYTES);
}

void tq__links_seen_free(uint64_t *seen)
{
    tq__memory_unmap(seen, SEEN_BYTES);
}

bool tq__link_seen(const struct tq_ledger *ledger, uint64_t *seen, const struct tq__array *array,
                   uint64_t link)
{
    size_t bit = (link - 1) % TQ__SLOTS_MAX + (array == &ledger->rings   ? TQ__SLOTS_MAX
                                               : array == &ledger->holds ? 2 * TQ__SLOTS_MAX
                                                                         : 0);
    uint64_t mask = UINT64_C(1) << bit % 64;
    bool before = (seen[bit / 64] & mask) != 0;

    seen[bit / 64] |= mask;
    return before;
}

/* Another ledger has not heard of other machines what this one was told. What a provider does while cut off,
 * and which limits are strict, are settings. */
static void forget_told(struct tq__limits *made)
{
    uint64_t sharing = atomic_load_explicit(&made->sharing, memory_order_relaxed);

    atomic_store_explicit(&made->sharing,
                          sharing & (UINT64_C(3) << TQ__SHARING_CUT_SHIFT | TQ__SHARING_STRICT),
                          memory_order_relaxed);
    atomic_store_explicit(&made->heard_s, 0, memory_order_relaxed);
    atomic_store_explicit(&made->day_withheld, 0, memory_order_relaxed);
    atomic_store_explicit(&made->day_withheld_cut, 0, memory_order_relaxed);
    for (uint32_t i = 0; i < TQ__LIMITS; i++) {
        atomic_store_explicit(&made->withheld[i], 0, memory_order_relaxed);
        atomic_store_explicit(&made->withheld_cut[i], 0, memory_order_relaxed);
        atomic_store_explicit(&made->rest[i].others, 0, memory_order_relaxed);
        atomic_store_explicit(&made->rest[i].others_at_ns, 0, memory_order_relaxed);
    }
}

/* ---- copying --------------------------------------------------------------------------------- */

/* Gives the copy of a rolling limit a copy of its ring. Other lines need none. */
static int copy_ring(struct tq_ledger *to, struct tq_ledger *from, struct tq__limit *line)
{
    struct tq__ring *ring =
        tq__array_linked(&from->rings, atomic_load_explicit(&line->ring, memory_order_relaxed));
    struct tq__spec spec;
    uint32_t number;
    void *made;
    int answer;

    atomic_store_explicit(&line->ring, 0, memory_order_relaxed);
    if (!tq__spec_unpack(atomic_load_explicit(&line->spec, memory_order_relaxed), &spec) ||
        spec.window != TQ_WINDOW_ROLLING)
        return 0;
    if (!ring) {
        clear_line(line);
        return 0;
    }
    answer = tq__array_take(&to->rings, TQ__SLOTS_MAX, &number, &made);
    if (answer < 0)
        return answer;
    tq__words_copy(made, ring->bucket, TQ__RING_WORDS);
    atomic_store_explicit(&line->ring, number + UINT64_C(1), memory_order_relaxed);
    return 0;
}

/* Copies a limit. Its spec must be the same before and after: the words of two limits are no limit. */
static void copy_line(struct tq__limits *to, struct tq__limits *from, uint32_t i)
{
    _Atomic uint64_t *line = (_Atomic uint64_t *)(void *)&to->line[i];
    uint64_t spec, after;

    for (int tries = 0; tries < COPY_TRIES; tries++) {
        /* Acquire pairs with the swap that publishes a limit, as in tq__words_copy with its steps on the
         * others: `after` is loaded after them. */
        spec = atomic_load_explicit(&from->line[i].spec, memory_order_acquire);
        tq__words_copy(line, (_Atomic uint64_t *)(void *)&from->line[i], sizeof to->line[i] / 8);
        tq__words_copy((_Atomic uint64_t *)(void *)&to->rest[i], (_Atomic uint64_t *)(void *)&from->rest[i],
                       sizeof to->rest[i] / 8);
        after = atomic_load_explicit(&from->line[i].spec, memory_order_relaxed);
        if (spec == after && atomic_load_explicit(line, memory_order_relaxed) == spec)
            return;
    }
    clear_line(&to->line[i]);
}

int tq__links_copy_limits(struct tq_ledger *to, struct tq_ledger *from, struct tq__slot *slot, bool keep)
{
    struct tq__limits *limits =
        tq__array_linked(&from->limits, atomic_load_explicit(&slot->limits, memory_order_relaxed));
    struct tq__limits *made;
    uint32_t number, high;
    void *memory;
    int answer;

    atomic_store_explicit(&slot->limits, 0, memory_order_relaxed);
    if (!limits)
        return 0;
    answer = tq__array_take(&to->limits, TQ__SLOTS_MAX, &number, &memory);
    if (answer < 0)
        return answer;
    made = memory;
    high = atomic_load_explicit(&limits->high, memory_order_relaxed);
    atomic_store_explicit(&made->high, high < TQ__LIMITS ? high : TQ__LIMITS, memory_order_relaxed);
    tq__words_copy(made->weight, limits->weight,
                   (offsetof(struct tq__limits, line) - offsetof(struct tq__limits, weight)) / 8);
    atomic_store_explicit(&made->ready, 0, memory_order_relaxed); /* of lines that may be copied otherwise */
    answer = tq__links_copy_holds(to, from, made, limits, keep);
    for (uint32_t i = 0; i < TQ__LIMITS && answer == 0; i++) {
        copy_line(made, limits, i);
        answer = copy_ring(to, from, &made->line[i]);
    }
    if (!keep) {
        forget_told(made);
        atomic_store_explicit(&slot->others, 0, memory_order_relaxed);
    }
    atomic_store_explicit(&slot->limits, number + 1, memory_order_relaxed);
    return answer;
}

/* One that cannot be read keeps its place, so that no other gets its number. */
int tq__links_copy_zones(struct tq_ledger *to, struct tq_ledger *from)
{
    for (uint32_t i = 0; i < TQ__ZONES; i++) {
        /* Acquire pairs with the release in zone_table.c: the record is filled. */
        uint32_t link = atomic_load_explicit(&from->header->zone[i], memory_order_acquire), number;
        void *zone = tq__array_linked(&from->extensions, link), *made;
        int answer = link != 0 ? tq__array_take(&to->extensions, TQ__SLOTS_MAX, &number, &made) : 1;

        if (answer < 0)
            return answer;
        if (answer > 0)
            continue;
        if (zone)
            tq__words_copy(made, zone, TQ__EXTENSION_BYTES / 8);
        atomic_store_explicit(&to->header->zone[i], number + 1, memory_order_relaxed);
    }
    return 0;
}

/* ---- mending --------------------------------------------------------------------------------- */

struct mend {
    struct tq_ledger *ledger;
    uint64_t *seen;
    uint32_t lost;
};

static void raise_to(_Atomic uint32_t *counter, uint32_t link)
{
    if (link > atomic_load_explicit(counter, memory_order_relaxed))
        atomic_store_explicit(counter, link, memory_order_relaxed);
}

/* Returns the record behind a link; NULL: the link is 0, or must be dropped, which is counted. */
static void *keep_part(struct mend *mend, struct tq__array *array, uint64_t link)
{
    void *record = tq__array_linked(array, link);

    if (!record || tq__link_seen(mend->ledger, mend->seen, array, link)) {
        mend->lost += link != 0;
        return NULL;
    }
    raise_to(array->given_out, (uint32_t)link);
    return record;
}

static void mend_line(struct mend *mend, struct tq__limits *limits, uint32_t i)
{
    struct tq__limit *line = &limits->line[i];
    uint32_t lost = mend->lost;

    if (!keep_part(mend, &mend->ledger->rings, atomic_load_explicit(&line->ring, memory_order_relaxed)))
        atomic_store_explicit(&line->ring, 0, memory_order_relaxed);
    mend->lost = lost; /* only with the limit that counted in it */
    if (tq__link_line_fault(mend->ledger, line)) {
        clear_line(line);
        mend->lost++;
    }
    if (!tq__specs_match(atomic_load_explicit(&line->spec, memory_order_relaxed), 0))
        raise_to(&limits->high, i + 1);
}

static void mend_limits(struct mend *mend, struct tq__slot *slot)
{
    struct tq__limits *limits =
        keep_part(mend, &mend->ledger->limits, atomic_load_explicit(&slot->limits, memory_order_relaxed));

    if (!limits) {
        atomic_store_explicit(&slot->limits, 0, memory_order_relaxed);
        return;
    }
    if (atomic_load_explicit(&limits->high, memory_order_relaxed) > TQ__LIMITS)
        atomic_store_explicit(&limits->high, TQ__LIMITS, memory_order_relaxed);
    for (uint32_t i = 0; i < TQ__LIMITS; i++)
        mend_line(mend, limits, i);
    tq__links_mend_holds(mend->ledger, mend->seen, limits);
}

static void mend_zones(struct mend *mend)
{
    struct tq__header *header = mend->ledger->header;

    for (uint32_t i = 0; i < TQ__ZONES; i++) {
        uint32_t link = atomic_load_explicit(&header->zone[i], memory_order_relaxed);

        if (link == 0)
            continue;
        if (zone_ok(mend->ledger, i + 1)) {
            raise_to(&header->extensions, link);
            continue;
        }
        atomic_store_explicit(&header->zone[i], 0, memory_order_relaxed);
        mend->lost++;
    }
}

int tq__links_mend(struct tq_ledger *ledger, uint32_t *lost)
{
    struct mend mend = {ledger, tq__links_seen_new(), 0};
    uint32_t end = tq__array_end(&ledger->slots);
    struct tq__slot *slot;

    if (!mend.seen)
        return TQ_ENOMEM;
    mend_zones(&mend); /* before the limits that name them */
    for (uint32_t n = 0; (slot = tq__slots_next(ledger, &n, end)) != NULL; n++) {
        mend_limits(&mend, slot);
        if (!tq__link_pool_ok(ledger, n)) {
            atomic_store_explicit(&slot->pool, 0, memory_order_relaxed);
            mend.lost++;
        }
    }
    tq__links_seen_free(mend.seen);
    *lost += mend.lost;
    return 0;
}
