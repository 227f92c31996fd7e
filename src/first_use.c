/* first_use.c: a window that begins with its first record. first_use.h says why in this order.
 *
 * SPDX-License-Identifier: MIT
 */
#include "first_use.h"

#include "event.h"
#include "shared.h"

#define UNIT_NS (4 * TQ__SECOND_NS)
#define UNITS_A_QUARTER (TQ__QUARTER_NS / UNIT_NS)
#define START_BITS 24
#define START_MASK ((UINT64_C(1) << START_BITS) - 1)
#define COUNT_BITS 32
#define COUNT_MASK ((UINT64_C(1) << COUNT_BITS) - 1)
#define FLOOR_BITS 40
#define FLOOR_MASK ((UINT64_C(1) << FLOOR_BITS) - 1)

/* What both words say. */
struct window {
    uint64_t word, bound; /* as they were loaded, the word first */
    uint64_t floor;
    uint64_t start, length; /* start is only good while there is one */
    bool open;              /* a window began at start, perhaps long ago */
    uint64_t count;
};

static struct window look(const struct tq__line *line)
{
    const uint64_t version = line->spec.version;
    struct window window = {.length = line->spec.length * (uint64_t)UNITS_A_QUARTER};
    uint64_t ahead;

    /* Acquire pairs with the swaps of this file; the word comes first for U3. */
    window.word = atomic_load_explicit(&line->limit->count[0], memory_order_acquire);
    window.bound = atomic_load_explicit(&line->limit->bound, memory_order_acquire);
    if (tq__version_of(window.bound) == version)
        window.floor = window.bound & FLOOR_MASK;
    ahead = ((window.word >> COUNT_BITS) - window.floor) & START_MASK;
    window.open = tq__version_of(window.word) == version && tq__version_of(window.bound) == version &&
                  ahead <= window.length;
    if (window.open) {
        window.start = window.floor + ahead;
        window.count = window.word & COUNT_MASK;
    }
    return window;
}

static bool holds(const struct window *window, uint64_t unit)
{
    return window->open && unit - window->start < window->length;
}

static uint64_t pack(const struct tq__line *line, uint64_t start, uint64_t count)
{
    return (uint64_t)line->spec.version << 56 | (start & START_MASK) << COUNT_BITS | count;
}

static uint64_t sum_of(uint64_t count, int64_t amount)
{
    uint64_t sum = count + (uint64_t)amount;

    return sum < COUNT_MASK ? sum : COUNT_MASK;
}

static bool swap(_Atomic uint64_t *word, uint64_t seen, uint64_t next)
{
    /* Sequentially consistent as in tq__limit_add. */
    return atomic_compare_exchange_strong_explicit(word, &seen, next, memory_order_seq_cst,
                                                   memory_order_relaxed);
}

static void tell_window_used(const struct window *window, struct tq__standing *standing)
{
    standing->number = window->start & 0xffff;
    standing->start_ns = tq__instant_of(window->start, UNIT_NS);
    standing->end_ns = standing->until_ns = tq__instant_of(window->start + window->length, UNIT_NS);
    standing->used = window->count == COUNT_MASK ? INT64_MAX : (int64_t)window->count;
}

bool tq__first_use_ready(const struct tq__line *line, int64_t now_ns)
{
    struct window window = look(line);

    return holds(&window, (uint64_t)(now_ns / UNIT_NS));
}

/* A window that begins further ahead of the clock than the limit is void, and so is its floor. */
void tq__first_use_settle(const struct tq__line *line, int64_t now_ns)
{
    struct window window = look(line);
    uint64_t unit = (uint64_t)(now_ns / UNIT_NS), last;
    struct tq__clock clock;

    if (window.floor <= unit && (!window.open || window.start <= unit))
        return;
    clock = tq__clock_read(line->ledger);
    last = (uint64_t)(clock.last_ns / UNIT_NS);
    if (window.floor <= last && (!window.open || window.start <= last))
        return;
    tq__line_note_taken(line, tq__instant_after(clock.last_ns, (int64_t)window.length * UNIT_NS));
    swap(&line->limit->count[0], window.word, 0);
    swap(&line->limit->bound, window.bound, 0); /* after the count: U3 */
}

/* U1. Returns whether the floor is such that a window may begin at `unit`; *window is what it was made from.
 */
static bool raise_floor(const struct tq__line *line, const struct window *window, uint64_t unit)
{
    uint64_t floor = window->open ? window->start + window->length : window->floor, next;

    /* One that began earlier would not hold this record. */
    if (unit >= window->length && floor <= unit - window->length)
        floor = unit - window->length + 1;
    /* A start of so long ago could be one near the new floor, after this raise or after the next. */
    if ((floor - window->floor > START_MASK / 2 || !window->open) &&
        tq__version_of(window->word) == line->spec.version) {
        swap(&line->limit->count[0], window->word, 0);
        return false;
    }
    next = (uint64_t)line->spec.version << 56 | (((window->bound >> FLOOR_BITS) + 1) & 0xffff) << FLOOR_BITS |
           floor;
    return swap(&line->limit->bound, window->bound, next);
}

/* A record was admitted and is before what began at a unit. True: that lay ahead of the clock, and is taken
 * back; look again. False: the record is late. */
static bool settle_again(const struct tq__line *line, uint64_t unit, int64_t now_ns)
{
    if (!tq__line_is_ahead(line, tq__instant_of(unit, UNIT_NS)))
        return false;
    tq__first_use_settle(line, now_ns);
    return true;
}

bool tq__first_use_add(const struct tq__line *line, int64_t amount, int64_t now_ns,
                       struct tq__standing *standing)
{
    uint64_t unit = (uint64_t)(now_ns / UNIT_NS);

    for (;;) {
        struct window window = look(line);
        bool moves = false, begins = false; /* it may end sooner than those who wait know; others share it */

        if (!tq__line_is_same(line))
            return false;
        if (unit < window.floor) {
            if (!settle_again(line, window.floor, now_ns))
                return false;
            continue;
        }
        if (!holds(&window, unit)) {
            if (!window.open || unit >= window.start + window.length) { /* a new one */
                if (!raise_floor(line, &window, unit))
                    continue;
                window.count = 0;
                begins = true;
            } else {
                moves = true;
            }
            window.start = unit;
        }
        window.count = sum_of(window.count, amount);
        if (swap(&line->limit->count[0], window.word, pack(line, window.start, window.count))) {
            tell_window_used(&window, standing);
            if (moves || (begins && tq__sharing_of(line->ledger, line->limits, now_ns) != TQ__SHARED_NOT))
                tq__event_until(line->ledger, standing->until_ns);
            return true;
        }
        tq__count_yield(window.word);
    }
}

void tq__first_use_subtract(const struct tq__line *line, int64_t amount, int64_t now_ns)
{
    for (;;) {
        struct window window = look(line);
        uint64_t taken = (uint64_t)amount < window.count ? (uint64_t)amount : window.count;

        if (!holds(&window, (uint64_t)(now_ns / UNIT_NS)) || window.count == COUNT_MASK)
            return;
        if (swap(&line->limit->count[0], window.word, window.word - taken)) {
            tq__corrected_note(line, window.start, taken);
            return;
        }
    }
}

void tq__first_use_stand(const struct tq__line *line, int64_t now_ns, struct tq__standing *standing)
{
    struct window window = look(line);

    standing->until_ns = INT64_MAX; /* of a limit that is all reserve, while no window has begun */
    if (holds(&window, (uint64_t)(now_ns / UNIT_NS)))
        tell_window_used(&window, standing);
}

bool tq__first_use_number(const struct tq__line *line, int64_t now_ns, uint64_t *number)
{
    struct window window = look(line);

    *number = window.floor / (uint64_t)UNITS_A_QUARTER;
    return holds(&window, (uint64_t)(now_ns / UNIT_NS));
}

int tq__first_use_begin(const struct tq__line *line, int64_t start_ns, int64_t now_ns)
{
    uint64_t start = (uint64_t)(start_ns / UNIT_NS), unit = (uint64_t)(now_ns / UNIT_NS);

    if (start_ns < 0 || start > unit)
        return 1;
    for (;;) {
        struct window window = look(line);

        if (!tq__line_is_same(line) || start < window.floor || unit - start >= window.length)
            return 1;
        if (holds(&window, start)) /* it began earlier, or then */
            return window.start == start ? 0 : 1;
        if (!window.open || start >= window.start + window.length) { /* a new one */
            if (!raise_floor(line, &window, start))
                continue;
            window.count = 0;
        } else if (window.start - start >= window.length) {
            return 1;
        }
        if (swap(&line->limit->count[0], window.word, pack(line, start, window.count))) {
            tq__event_until(line->ledger, tq__instant_of(start + window.length, UNIT_NS));
            return 0;
        }
        tq__count_yield(window.word);
    }
}

int64_t tq__first_use_newest_ns(const struct tq__line *line)
{
    struct window window = look(line);

    return window.open ? tq__instant_of(window.start, UNIT_NS) : 0;
}
