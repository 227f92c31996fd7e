/* test_links.c: limits, rings, zones and pools are copied, mended after a loss of power, and checked.
 *
 * SPDX-License-Identifier: MIT
 *
 * The words are written here by hand. What they count is limit.h's; here they must come out as they went in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness.h"
#include "scratch.h"
#include "src/file.h"
#include "src/hold.h"
#include "src/links.h"
#include "src/shared.h"
#include "src/table.h"
#include "src/window.h"
#include "src/zone_table.h"
#include "system_fake.h"

#define NOW_NS (MAY_DAY_NS + 6 * HOUR_NS)
#define MODEL "a model whose name has no place in the slot itself"
#define ALL_WORDS(record) ((_Atomic uint64_t *)(void *)(record))
#define REST (UINT64_C(64) << 32) /* what the vendor says is what can be said: a reading, */
#define BLOCKING (UINT64_C(1700000000) << 32 | UINT64_C(3600) << 8 | TQ_CLASS_EXHAUSTED) /* and a refusal */

/* ---- a ledger with limits -------------------------------------------------------------------- */

static struct tq__slot *slot_of(struct tq_ledger *ledger, const char *name)
{
    struct tq__slot *slot = tq__find(ledger, name);

    assert_non_null(slot);
    return slot;
}

static void *take(struct tq__array *array, uint32_t *link)
{
    void *record;
    uint32_t number;

    assert_int_equal(tq__array_take(array, TQ__SLOTS_MAX, &number, &record), 0);
    *link = number + 1;
    return record;
}

static struct tq__limits *limits_of(struct tq_ledger *ledger, const char *name)
{
    struct tq__limits *limits = tq__array_linked(&ledger->limits, slot_of(ledger, name)->limits);

    assert_non_null(limits);
    return limits;
}

static void add_zone(struct tq_ledger *ledger, uint32_t number, const char *name)
{
    struct tq__zone_record *zone;
    uint32_t link;

    zone = take(&ledger->extensions, &link);
    memcpy((void *)zone->name, name, strlen(name));
    ledger->header->zone[number - 1] = link;
}

static const struct tq__spec day = {.version = 7, .unit = TQ_UNIT_TOKENS, .window = TQ_WINDOW_DAY, .zone = 2};
static const struct tq__spec rolling = {
    .version = 8, .unit = TQ_UNIT_REQUESTS, .window = TQ_WINDOW_ROLLING, .length = 60};
static const struct tq__spec once = {.version = 9, .unit = TQ_UNIT_COST, .window = TQ_WINDOW_ONCE};

static void fill_words(_Atomic uint64_t *word, size_t count, uint64_t from)
{
    for (size_t i = 0; i < count; i++)
        word[i] = from + i;
}

static void add_line(struct tq_ledger *ledger, struct tq__limits *limits, uint32_t i,
                     const struct tq__spec *spec)
{
    struct tq__limit *line = &limits->line[i];
    const uint64_t version = (uint64_t)spec->version << 56;
    struct tq__ring *ring;
    uint32_t link = 0;

    line->amount = version | (1000 + i);
    line->reserve = version | UINT64_C(500) << 40 | i;
    line->bound = version | 1;
    line->count[0] = version | (20 + i);
    line->count[1] = version | (30 + i);
    if (spec->window == TQ_WINDOW_ROLLING) {
        ring = take(&ledger->rings, &link);
        fill_words(ring->bucket, TQ__RING_WORDS, version + 5);
        line->ring = link;
    }
    fill_words(ALL_WORDS(&limits->rest[i]), sizeof limits->rest[i] / 8, version + REST + 100 * i);
    limits->rest[i].overruled = line->blocking = BLOCKING + ((uint64_t)i << 8);
    line->spec = tq__spec_pack(spec);
}

static struct tq__limits *add_limits(struct tq_ledger *ledger, const char *name)
{
    struct tq__limits *limits;
    uint32_t link;

    limits = take(&ledger->limits, &link);
    fill_words(limits->weight, (offsetof(struct tq__limits, line) - offsetof(struct tq__limits, weight)) / 8,
               77);
    memset((void *)&limits->hold_high, 0,
           offsetof(struct tq__limits, day_withheld) - offsetof(struct tq__limits, hold_high));
    slot_of(ledger, name)->limits = link;
    return limits;
}

#define NOBODYS tq__hold_word(0, 1 << 20, TQ__HOLD_HELD, 7)
#define OWNED tq__hold_word(70 << 6, 1 << 20, TQ__HOLD_HELD, 9)

/* A block of holds, behind one that nothing leads to. Two are taken: one is nobody's. */
static void add_holds(struct tq_ledger *ledger, struct tq__limits *limits)
{
    struct tq__hold *block;

    for (int i = 0; i < 2; i++) {
        limits->holds = 0;
        assert_int_equal(tq__hold_block_make(ledger, limits, 0), 0);
    }
    block = tq__hold_block(ledger, limits, 0);
    block[5].word = NOBODYS;
    block[5].amount[0] = UINT64_C(7) << TQ__HOLD_AMOUNT_BITS | 500;
    block[2].word = OWNED;
    limits->hold_high = 6;
}

static void set_pool(struct tq_ledger *ledger, const char *name, const char *pool)
{
    slot_of(ledger, name)->pool = tq__array_number(&ledger->slots, slot_of(ledger, pool)) + 1;
}

static const char *const names[] = {"company", "account", MODEL, "alone"};

/* MODEL is in the pool "account", that one in "company". Some of each number lead to nothing any more, so
 * those of a copy are others. */
static void fill(struct tq_ledger *ledger)
{
    struct tq__limits *limits;
    uint32_t unused;

    for (int i = 0; i < 3; i++) {
        take(&ledger->limits, &unused);
        take(&ledger->rings, &unused);
        take(&ledger->extensions, &unused);
    }
    handle(ledger, "gone");
    assert_int_equal(tq_provider_forget(handle(ledger, "gone")), 0);
    for (size_t i = 0; i < 4; i++)
        handle(ledger, names[i]);
    add_zone(ledger, 1, "Europe/Berlin");
    add_zone(ledger, 2, "America/Los_Angeles");
    limits = add_limits(ledger, MODEL);
    add_line(ledger, limits, 0, &day);
    add_line(ledger, limits, 1, &rolling);
    limits->line[2].spec = UINT64_C(99) << 56; /* a limit was removed */
    limits->line[2].amount = UINT64_C(99) << 56 | 1;
    add_line(ledger, limits, 3, &once);
    limits->high = 4;
    add_holds(ledger, limits);
    limits = add_limits(ledger, "account");
    add_line(ledger, limits, 7, &rolling);
    limits->high = 8;
    set_pool(ledger, MODEL, "account");
    set_pool(ledger, "account", "company");
    ledger->header->settings = 41;
    ledger->header->settings_at_ns = NOW_NS;
}

/* ---- what comes out -------------------------------------------------------------------------- */

static void check_words(const _Atomic uint64_t *word, size_t count, uint64_t from)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal(word[i], from + i);
}

static void check_line(struct tq_ledger *ledger, const char *name, uint32_t i, const struct tq__spec *spec,
                       bool keeps)
{
    struct tq__limits *limits = limits_of(ledger, name);
    struct tq__limit *line = &limits->line[i];
    const uint64_t version = (uint64_t)spec->version << 56;
    struct tq__ring *ring = tq__array_linked(&ledger->rings, line->ring);

    assert_int_equal(line->spec, tq__spec_pack(spec));
    assert_int_equal(line->amount, version | (1000 + i));
    assert_int_equal(line->reserve, version | UINT64_C(500) << 40 | i);
    assert_int_equal(line->bound, version | 1);
    assert_int_equal(line->count[0], version | (20 + i));
    assert_int_equal(line->count[1], version | (30 + i));
    assert_int_equal(ring != NULL, spec->window == TQ_WINDOW_ROLLING);
    if (ring)
        check_words(ring->bucket, TQ__RING_WORDS, version + 5);
    assert_int_equal(line->blocking, BLOCKING + ((uint64_t)i << 8));
    assert_int_equal(limits->rest[i].overruled, BLOCKING + ((uint64_t)i << 8));
    limits->rest[i].overruled = version + REST + 100 * i + offsetof(struct tq__limit_rest, overruled) / 8;
    if (!keeps) { /* what was told of other machines */
        assert_int_equal(limits->rest[i].others | (uint64_t)limits->rest[i].others_at_ns, 0);
        limits->rest[i].others = version + REST + 100 * i + offsetof(struct tq__limit_rest, others) / 8;
        limits->rest[i].others_at_ns = (int64_t)limits->rest[i].others + 1;
    }
    check_words(ALL_WORDS(&limits->rest[i]), sizeof limits->rest[i] / 8, version + REST + 100 * i);
    limits->rest[i].overruled = BLOCKING + ((uint64_t)i << 8);
    if (!keeps) {
        limits->rest[i].others = 0;
        limits->rest[i].others_at_ns = 0;
    }
}

static void check_pool(struct tq_ledger *ledger, const char *name, const char *pool)
{
    assert_int_equal(slot_of(ledger, name)->pool,
                     pool ? tq__array_number(&ledger->slots, slot_of(ledger, pool)) + 1 : 0);
}

static uint64_t faults(struct tq_ledger *ledger, struct tq_error *error)
{
    struct tq_ledger_info info = {.size = sizeof info};

    *error = (struct tq_error){.size = sizeof *error};
    assert_true(tq_ledger_check(ledger, &info, error) >= 0);
    return info.faults;
}

static void check_sound(struct tq_ledger *ledger)
{
    struct tq_error error;

    if (faults(ledger, &error) != 0)
        fail_msg("check: %s", error.msg);
}

#define TOLD ((offsetof(struct tq__limits, line) - offsetof(struct tq__limits, day_withheld)) / 8)
#define READY ((offsetof(struct tq__limits, ready) - offsetof(struct tq__limits, weight)) / 8)

/* keeps: what was told of other machines is there, as in compact. */
static void check_all(struct tq_ledger *ledger, bool keeps)
{
    char zone[TQ__ZONE_NAME_BYTES];
    struct tq__limits *limits = limits_of(ledger, MODEL);

    check_sound(ledger);
    assert_int_equal(limits->high, 4);
    check_words(limits->weight, READY, 77);
    /* A copy has no word that saves a look: limits.h. */
    assert_true(limits->ready == 0 || limits->ready == 77 + READY);
    if (keeps)
        check_words(ALL_WORDS(&limits->day_withheld), TOLD,
                    77 + (offsetof(struct tq__limits, day_withheld) - offsetof(struct tq__limits, weight)) /
                             8);
    else
        assert_int_equal(limits->day_withheld | limits->day_withheld_cut | limits->withheld[0] |
                             limits->withheld_cut[7] |
                             (limits->sharing & ~(UINT64_C(0xc000) | TQ__SHARING_STRICT)),
                         0);
    check_line(ledger, MODEL, 0, &day, keeps);
    check_line(ledger, MODEL, 1, &rolling, keeps);
    assert_int_equal(limits->line[2].spec, UINT64_C(99) << 56);
    check_line(ledger, MODEL, 3, &once, keeps);
    assert_int_equal(limits_of(ledger, "account")->high, 8);
    check_line(ledger, "account", 7, &rolling, keeps);
    assert_int_equal(slot_of(ledger, "company")->limits, 0);
    check_pool(ledger, MODEL, "account");
    check_pool(ledger, "account", "company");
    check_pool(ledger, "company", NULL);
    check_pool(ledger, "alone", NULL);
    assert_true(tq__zone_name(ledger, 1, zone));
    assert_string_equal(zone, "Europe/Berlin");
    assert_true(tq__zone_name(ledger, 2, zone));
    assert_string_equal(zone, "America/Los_Angeles");
    assert_int_equal(ledger->header->zone[2], 0);
    assert_int_equal(ledger->header->settings, 41);
    assert_int_equal(ledger->header->settings_at_ns, NOW_NS);
}

/* The hold that is nobody's is where it was; the other one's owner is dead. */
static void check_holds(struct tq_ledger *ledger, uint32_t link)
{
    struct tq__limits *limits = limits_of(ledger, MODEL);
    struct tq__hold *block = tq__hold_block(ledger, limits, 0);

    assert_int_equal(limits->holds, link);
    assert_int_equal(limits->hold_high, 6);
    assert_int_equal(block[5].word, NOBODYS);
    assert_int_equal(block[5].amount[0], UINT64_C(7) << TQ__HOLD_AMOUNT_BITS | 500);
    assert_int_equal(block[2].word, tq__hold_word(0, 0, TQ__HOLD_FREE, 9));
    assert_int_equal(ledger->header->features_readable, TQ__FEATURE_HOLDS);
}

/* A copy has nothing that leads to nothing; one that compact made has the holds that are nobody's. */
static void check_copy(struct tq_ledger *ledger, bool keeps)
{
    check_all(ledger, keeps);
    assert_int_equal(limits_of(ledger, MODEL)->hold_base, 10); /* above all that there were */
    if (keeps)
        check_holds(ledger, 1);
    assert_int_equal(ledger->header->limits, 2);
    assert_int_equal(ledger->header->rings, 2);
    assert_int_equal(ledger->header->holds, keeps ? TQ__HOLD_BLOCK : 0);
    assert_int_equal(limits_of(ledger, MODEL)->holds, keeps);
    assert_int_equal(ledger->header->features_readable, keeps ? TQ__FEATURE_HOLDS : 0);
    assert_int_equal(ledger->header->extensions, 3); /* two zones, and a name */
    assert_int_equal(ledger->header->slots, 4);
}

/* ---- copies ---------------------------------------------------------------------------------- */

static void test_compact(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path);

    fill(ledger);
    check_all(ledger, true);
    assert_int_equal(limits_of(ledger, MODEL)->holds, TQ__HOLD_BLOCK + 1);
    tq_ledger_close(ledger);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(tq_ledger_compact(path, NULL), 0);
        ledger = open_file(path);
        check_copy(ledger, true);
        tq_ledger_close(ledger);
    }
}

static void test_backup_and_restore(void **state)
{
    const char *path = scratch_path(state, "ledger"), *backup = scratch_path(state, "backup");
    struct tq_ledger *ledger = open_file(path);

    fill(ledger);
    assert_int_equal(tq_ledger_backup(ledger, backup, NULL), 0);
    tq_ledger_close(ledger);
    ledger = open_file(backup);
    check_copy(ledger, false);
    tq_ledger_close(ledger);
    assert_int_equal(tq_ledger_restore(path, backup, NULL), 0);
    ledger = open_file(path);
    check_copy(ledger, false);
    tq_ledger_close(ledger);
}

/* A name that has only limits, or only a pool, is kept although it is hidden, as one that has counted; so is
 * one that the index does not lead to. A pool that was forgotten is none. */
static void test_what_holds(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path);
    struct tq_provider *none;

    fill(ledger);
    for (size_t i = 0; i < 4; i++)
        slot_of(ledger, names[i])->flags = TQ__HIDDEN;
    for (uint64_t place = 0; place < 4096; place++)
        if (tq__slot_number(ledger, (uint32_t)ledger->table[0][place] - 1) == slot_of(ledger, MODEL)) {
            ledger->table[0][place] = 0;
            break;
        }
    tq_ledger_close(ledger);
    assert_int_equal(tq_ledger_compact(path, NULL), 0);
    ledger = open_file(path);
    check_line(ledger, MODEL, 1, &rolling, true);
    check_line(ledger, "account", 7, &rolling, true);
    assert_int_equal(slot_of(ledger, MODEL)->flags, 0);
    check_pool(ledger, MODEL, "account");
    check_pool(ledger, "account", NULL);
    assert_int_equal(tq_ledger_provider(ledger, "company", 7, TQ_PROVIDER_EXISTING, &none), 1);
    check_sound(ledger);
    tq_ledger_close(ledger);
}

/* What was forgotten has a line of limits, but no limit. It has no hold that is nobody's, which would keep
 * it. */
static void test_forgotten(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path);
    struct tq_provider *none;

    fill(ledger);
    tq__hold_block(ledger, limits_of(ledger, MODEL), 0)[5].word = OWNED;
    assert_int_equal(tq_provider_forget(handle(ledger, MODEL)), 0);
    check_sound(ledger);
    tq_ledger_close(ledger);
    assert_int_equal(tq_ledger_compact(path, NULL), 0);
    ledger = open_file(path);
    assert_int_equal(tq_ledger_provider(ledger, MODEL, strlen(MODEL), TQ_PROVIDER_EXISTING, &none), 1);
    assert_int_equal(ledger->header->limits, 1);
    check_line(ledger, "account", 7, &rolling, true);
    check_sound(ledger);
    tq_ledger_close(ledger);
}

/* ---- faults ---------------------------------------------------------------------------------- */

static void limits_beyond(struct tq_ledger *ledger)
{
    slot_of(ledger, "alone")->limits = ledger->header->limits + 1;
}

static void limits_nowhere(struct tq_ledger *ledger)
{
    slot_of(ledger, "alone")->limits = UINT32_MAX;
}

static void limits_twice(struct tq_ledger *ledger)
{
    slot_of(ledger, "alone")->limits = slot_of(ledger, MODEL)->limits;
}

static void ring_twice(struct tq_ledger *ledger)
{
    limits_of(ledger, MODEL)->line[1].ring = limits_of(ledger, "account")->line[7].ring;
}

static void ring_nowhere(struct tq_ledger *ledger)
{
    limits_of(ledger, MODEL)->line[1].ring = UINT64_C(1) << 40 | 1;
}

static void no_ring(struct tq_ledger *ledger)
{
    limits_of(ledger, MODEL)->line[1].ring = 0;
}

static void too_high(struct tq_ledger *ledger)
{
    limits_of(ledger, MODEL)->high = 9;
}

static void holds_beyond(struct tq_ledger *ledger)
{
    limits_of(ledger, MODEL)->more_holds[3] = ledger->header->holds + 1;
}

static void holds_between(struct tq_ledger *ledger)
{
    limits_of(ledger, MODEL)->holds = 3;
}

static void holds_twice(struct tq_ledger *ledger)
{
    limits_of(ledger, "account")->more_holds[0] = limits_of(ledger, MODEL)->holds;
}

static void too_many_holds(struct tq_ledger *ledger)
{
    limits_of(ledger, MODEL)->hold_high = TQ__HOLDS_MOST + 1;
}

static void no_state_of_a_hold(struct tq_ledger *ledger)
{
    tq__hold_block(ledger, limits_of(ledger, MODEL), 0)[9].word = tq__hold_word(0, 1, 3, 0);
}

static void no_spec(struct tq_ledger *ledger)
{
    limits_of(ledger, MODEL)->line[5].spec = UINT64_C(3) << 56 | 1; /* a free line has its version */
}

static void no_window(struct tq_ledger *ledger)
{
    limits_of(ledger, MODEL)->line[3].spec |= UINT64_C(15) << 48;
}

static void no_zone(struct tq_ledger *ledger)
{
    ledger->header->zone[1] = 0;
}

static void zone_without_a_name(struct tq_ledger *ledger)
{
    struct tq__zone_record *zone = tq__array_linked(&ledger->extensions, ledger->header->zone[0]);

    zone->name[0] = 0x1b;
}

static void zone_nowhere(struct tq_ledger *ledger)
{
    ledger->header->zone[0] = ledger->header->extensions + 1;
}

static void wild_amount(struct tq_ledger *ledger)
{
    limits_of(ledger, MODEL)->line[0].amount |= UINT64_C(1) << 41;
}

static void wild_reserve(struct tq_ledger *ledger)
{
    limits_of(ledger, MODEL)->line[0].reserve = UINT64_C(7) << 56 | UINT64_C(10001) << 40;
}

static void pool_of_itself(struct tq_ledger *ledger)
{
    set_pool(ledger, "alone", "alone");
}

static void pool_in_a_circle(struct tq_ledger *ledger)
{
    set_pool(ledger, "company", MODEL);
}

static void pool_too_deep(struct tq_ledger *ledger)
{
    set_pool(ledger, "alone", MODEL);
}

static void pool_nowhere(struct tq_ledger *ledger)
{
    slot_of(ledger, "alone")->pool = UINT32_MAX;
}

static void pool_without_a_name(struct tq_ledger *ledger)
{
    slot_of(ledger, "alone")->pool = ledger->header->slots + 1;
}

static const struct damage {
    void (*make)(struct tq_ledger *ledger);
    const char *says;
    bool lasts; /* also in a copy */
} damages[] = {
    {limits_beyond, "limits that were never given out", false},
    {limits_nowhere, "limits that were never given out", false},
    {limits_twice, "limits that another slot has", false},
    {ring_twice, "a ring that another limit has", false},
    {ring_nowhere, "a ring that was never given out", false},
    {no_ring, "the ring is missing of a limit", false},
    {too_high, "more limits than there can be", false},
    {holds_beyond, "holds that were never given out", false},
    {holds_between, "holds that were never given out", false},
    {holds_twice, "holds that another slot has", false},
    {too_many_holds, "more holds than there can be", false},
    {no_state_of_a_hold, "a hold in a state that is none", false},
    {no_spec, "a limit that is none of this version", true},
    {no_window, "a limit that is none of this version", true},
    {no_zone, "the zone is missing of a limit", true},
    {zone_without_a_name, "no zone is where the header says, number 1", true},
    {zone_nowhere, "no zone is where the header says, number 1", true},
    {wild_amount, "a damaged amount or reserve of a limit", true},
    {wild_reserve, "a damaged amount or reserve of a limit", true},
    {pool_of_itself, "a pool without a name, in a circle or of too many levels", false},
    {pool_in_a_circle, "a pool without a name, in a circle or of too many levels", false},
    {pool_too_deep, "a pool without a name, in a circle or of too many levels", false},
    {pool_nowhere, "a pool without a name, in a circle or of too many levels", false},
    {pool_without_a_name, "a pool without a name, in a circle or of too many levels", false},
    {NULL, NULL, false},
};

static void test_check_finds(void **state)
{
    for (const struct damage *damage = damages; damage->make; damage++) {
        struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
        struct tq_error error;

        fill(ledger);
        check_sound(ledger);
        damage->make(ledger);
        assert_true(faults(ledger, &error) > 0);
        if (!strstr(error.msg, damage->says))
            fail_msg("%s, not %s", error.msg, damage->says);
        tq_ledger_close(ledger);
        assert_int_equal(unlink(scratch_path(state, "ledger")), 0);
    }
}

/* A copy of what is damaged has no link that leads astray. */
static void test_damage_is_not_copied(void **state)
{
    const char *path = scratch_path(state, "ledger");

    for (const struct damage *damage = damages; damage->make; damage++) {
        struct tq_ledger *ledger = open_file(path);
        struct tq_error error;

        fill(ledger);
        damage->make(ledger);
        tq_ledger_close(ledger);
        assert_int_equal(tq_ledger_compact(path, &error), 0);
        ledger = open_file(path);
        if ((faults(ledger, &error) > 0) != damage->lasts)
            fail_msg("%s: %s", damage->says, error.msg);
        tq_ledger_close(ledger);
        assert_int_equal(unlink(path), 0);
    }
}

/* ---- a loss of power ------------------------------------------------------------------------- */

/* Opens the file in another boot; the line that it says. */
static struct tq_ledger *open_anew(const char *path, struct tq_error *error)
{
    struct tq_ledger *ledger;

    fake_boot();
    *error = (struct tq_error){.size = sizeof *error};
    assert_int_equal(tq_ledger_open(&ledger, path, NULL, error), 0);
    return ledger;
}

/* Counters come anew from what is led to. */
static void test_rebuild(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path);
    struct tq_error error;
    uint32_t counters[5];

    fill(ledger);
    for (uint32_t i = 0; i < TQ__ARRAYS; i++) {
        counters[i] = *tq__ledger_array(ledger, i)->given_out;
        *tq__ledger_array(ledger, i)->given_out = i % 2 ? UINT32_MAX : 0;
    }
    tq_ledger_close(ledger);
    ledger = open_anew(path, &error);
    assert_non_null(strstr(error.msg, ": 5 names"));
    assert_null(strstr(error.msg, "lost"));
    for (uint32_t i = 0; i < TQ__ARRAYS; i++)
        assert_int_equal(*tq__ledger_array(ledger, i)->given_out, counters[i]);
    check_holds(ledger, TQ__HOLD_BLOCK + 1);
    check_all(ledger, true);
    tq_ledger_close(ledger);
}

/* What check would find is mended, and said. */
static void test_rebuild_mends(void **state)
{
    const char *path = scratch_path(state, "ledger");

    for (const struct damage *damage = damages; damage->make; damage++) {
        struct tq_ledger *ledger = open_file(path);
        bool counts =
            damage->make != too_high && damage->make != limits_beyond && !strstr(damage->says, "hold");
        struct tq_error error;

        fill(ledger);
        damage->make(ledger);
        tq_ledger_close(ledger);
        ledger = open_anew(path, &error);
        if (counts && !strstr(error.msg, "limits, zones or pools lost"))
            fail_msg("%s: %s", damage->says, error.msg);
        check_sound(ledger);
        check_line(ledger, "account", 7, &rolling, true);
        tq_ledger_close(ledger);
        assert_int_equal(unlink(path), 0);
    }
}

/* Of two slots with one name that have come about, the one that has limits stays, with them. */
static void test_rebuild_twins(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path);
    struct tq__slot *slot, *twin;
    struct tq_error error;
    uint32_t link;

    fill(ledger);
    slot = slot_of(ledger, "alone");
    twin = take(&ledger->slots, &link);
    twin->hash = slot->hash;
    memcpy(twin->name, slot->name, sizeof twin->name);
    twin->name_len = slot->name_len;
    twin->number = link - 1;
    twin->pool = slot_of(ledger, "account")->pool;
    take(&ledger->limits, &link);
    twin->limits = link;
    add_line(ledger, tq__array_linked(&ledger->limits, link), 2, &rolling);
    tq_ledger_close(ledger);
    ledger = open_anew(path, &error);
    assert_null(strstr(error.msg, "lost"));
    check_line(ledger, "alone", 2, &rolling, true);
    check_pool(ledger, "alone", "company");
    assert_int_equal(limits_of(ledger, "alone")->high, 3);
    check_sound(ledger);
    tq_ledger_close(ledger);
}

/* The pieces that were taken after the flush are not there. */
static void lose(struct tq_ledger *ledger, uint32_t array)
{
    for (int k = 0; k < 2; k++) /* the block of holds that is led to is in the second */
        tq__header_places(ledger->header, array)[k] = 0;
}

static void test_rebuild_without_pieces(void **state)
{
    const char *path = scratch_path(state, "ledger");

    for (uint32_t array = 1; array < TQ__ARRAYS; array++) {
        struct tq_ledger *ledger = open_file(path);
        struct tq_error error;

        fill(ledger);
        lose(ledger, array);
        tq_ledger_close(ledger);
        ledger = open_anew(path, &error);
        check_sound(ledger);
        check_pool(ledger, "account", "company");
        assert_int_equal(*tq__ledger_array(ledger, array)->given_out, 0);
        if (ledger->limits.place[0] == 0)
            assert_int_equal(slot_of(ledger, "account")->limits, 0);
        else
            assert_int_equal(limits_of(ledger, "account")->line[7].spec,
                             array == 3 ? UINT64_C(8) << 56 : tq__spec_pack(&rolling));
        if (array == 1) /* extensions: the zones are lost, and what counts in them */
            assert_int_equal(ledger->header->zone[0] | ledger->header->zone[1], 0);
        assert_true((strstr(error.msg, "lost") != NULL) == (array != 4));
        tq_ledger_close(ledger);
        assert_int_equal(unlink(path), 0);
    }
}

/* ---- while others change them ---------------------------------------------------------------- */

struct work {
    char path[4096];
    _Atomic bool done;
    _Atomic unsigned came;
};

/* Replaces limits and pools as fast as it can, in the order in which the library does. */
static int change(void *argument)
{
    struct work *work = argument;
    struct tq_ledger *ledger = open_file(work->path);
    struct tq__slot *a = tq__find(ledger, "alone"), *b = tq__find(ledger, "other");
    struct tq__limits *limits = tq__array_linked(&ledger->limits, tq__find(ledger, MODEL)->limits);
    uint32_t link_a = tq__array_number(&ledger->slots, a) + 1;
    uint32_t link_b = tq__array_number(&ledger->slots, b) + 1;
    struct tq__spec spec = once;

    for (uint32_t i = 0; !atomic_load(&work->done); i++) {
        struct tq__limit *line = &limits->line[3];

        a->pool = 0;
        b->pool = link_a;
        atomic_store(&line->spec, 0);
        spec.version = i % 255 + 1;
        line->amount = (uint64_t)spec.version << 56 | i % 1000;
        line->reserve = (uint64_t)spec.version << 56 | i % 1000;
        line->count[0] = (uint64_t)spec.version << 56 | i % 1000;
        atomic_store(&line->spec, tq__spec_pack(&spec));
        b->pool = 0;
        a->pool = link_b;
    }
    tq_ledger_close(ledger);
    return 0;
}

/* A limit of a copy is one limit: its words were never those of two. */
static void check_consistent(struct tq_ledger *copy)
{
    struct tq__limit *line = &limits_of(copy, MODEL)->line[3];
    uint64_t version = line->spec >> 56;

    check_sound(copy);
    if (tq__specs_match(line->spec, 0))
        return;
    assert_int_equal(line->amount >> 56, version);
    assert_int_equal(line->reserve, line->amount);
    assert_int_equal(line->count[0], line->amount);
}

static void test_while_others_change(void **state)
{
    const struct tq_ledger_options options = {.size = sizeof options, .history_days = 8};
    struct work *work = shared_memory(sizeof *work);
    struct tq_ledger *ledger, *copy;
    unsigned with_it = 0;
    pid_t child;

    snprintf(work->path, sizeof work->path, "%s", scratch_path(state, "ledger"));
    ledger = open_file(work->path);
    fill(ledger);
    handle(ledger, "other");
    limits_of(ledger, MODEL)->line[3].spec = 0; /* until the child has set one */
    child = child_start(change, work);
    for (unsigned i = 0; i < 10000; i++) {
        check_sound(ledger);
        if (i % 10 != 0)
            continue;
        assert_int_equal(tq_ledger_open(&copy, NULL, &options, NULL), 0);
        assert_int_equal(tq__anew_copy(copy, ledger, false), 0);
        check_consistent(copy);
        with_it += !tq__specs_match(limits_of(copy, MODEL)->line[3].spec, 0);
        tq_ledger_close(copy);
    }
    atomic_store(&work->done, true);
    assert_int_equal(child_end(child), 0);
    print_message("# %u of 1000 copies have the limit\n", with_it);
    assert_true(with_it > 0);
    tq_ledger_close(ledger);
}

/* The same by the library's own calls, in two processes. One of them sets pools: two that do may make a
 * circle. */
static int churn(void *argument)
{
    static const uint32_t windows[] = {TQ_WINDOW_DAY, TQ_WINDOW_ROLLING, TQ_WINDOW_FIRST_USE, TQ_WINDOW_ONCE};
    struct work *work = argument;
    struct tq_ledger *ledger = open_file(work->path);
    bool sets_pools = atomic_fetch_add(&work->came, 1) == 0;

    for (unsigned i = 0; !atomic_load(&work->done); i++) {
        struct tq_limit limit = {.size = sizeof limit, .unit = TQ_UNIT_TOKENS + i / 4 % 3};
        struct tq_provider *provider = handle(ledger, names[i % 4]), *pool = handle(ledger, names[i / 4 % 4]);

        limit.window = windows[i / 2 % 4];
        if (limit.window == TQ_WINDOW_ROLLING || limit.window == TQ_WINDOW_FIRST_USE)
            limit.length_ns = HOUR_NS;
        tq_provider_set_limit(provider, &limit, NULL);
        if (sets_pools)
            tq_provider_set_pool(provider, i % 3 ? pool : NULL);
        MUST(tq_provider_record(provider, 1, NOW_NS, NULL) == 0);
        if (i % 5 == 0)
            tq_provider_remove_limit(provider, 1 + i % 8);
        if (i % 50 == 0)
            MUST(tq_provider_forget(provider) == 0);
    }
    tq_ledger_close(ledger);
    return 0;
}

static void test_while_others_call(void **state)
{
    struct work *work = shared_memory(sizeof *work);
    const char *backup = scratch_path(state, "backup");
    struct tq_ledger *ledger, *copy;
    pid_t child[2];

    snprintf(work->path, sizeof work->path, "%s", scratch_path(state, "ledger"));
    ledger = open_file(work->path);
    for (int i = 0; i < 2; i++)
        child[i] = child_start(churn, work);
    for (unsigned i = 0; i < 200; i++) {
        check_sound(ledger);
        if (i % 10 != 0)
            continue;
        assert_int_equal(tq_ledger_backup(ledger, backup, NULL), 0);
        copy = open_file(backup);
        check_sound(copy);
        tq_ledger_close(copy);
        assert_int_equal(unlink(backup), 0);
    }
    atomic_store(&work->done, true);
    for (int i = 0; i < 2; i++)
        assert_int_equal(child_end(child[i]), 0);
    check_sound(ledger);
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_compact),
        scratch_test(test_backup_and_restore),
        scratch_test(test_what_holds),
        scratch_test(test_forgotten),
        scratch_test(test_check_finds),
        scratch_test(test_damage_is_not_copied),
        scratch_test(test_rebuild),
        scratch_test(test_rebuild_twins),
        scratch_test(test_rebuild_mends),
        scratch_test(test_rebuild_without_pieces),
        scratch_test(test_while_others_change),
        scratch_test(test_while_others_call),
    };

    heed_test_filter();
    return cmocka_run_group_tests_name("links", tests, NULL, NULL);
}
