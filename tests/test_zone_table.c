/* test_zone_table.c: zones of a ledger: found, added, read again from files made by hand, by threads at once,
 * and damaged.
 *
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "src/zone_table.h"
#include "threads.h"

#define NOW_NS (INT64_C(20000) * DAY_NS)
#define NOW (20000 * 96) /* in quarter hours */

/* ---- files of zones -------------------------------------------------------------------------- */

/* A change of clocks: when, and how far they are ahead then, in quarter hours. */
struct change {
    int64_t at;
    int offset;
};

static void put(unsigned char **out, int64_t number, int bytes)
{
    while (bytes-- > 0)
        *(*out)++ = (unsigned char)(bytes < 8 ? number >> (8 * bytes) : 0);
}

static void put_header(unsigned char **out, unsigned times, unsigned types)
{
    memcpy(*out, "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
    *out += 20;
    put(out, 0, 12);
    put(out, times, 4);
    put(out, types, 4);
    put(out, 1, 4);
}

/* Writes a zone in the folder of the test, which is TZDIR. */
static void write_zone(void **state, const char *name, const char *rule, const struct change *changes,
                       unsigned count)
{
    unsigned char bytes[1024], *at = bytes;

    put_header(&at, 0, 1);
    put(&at, 0, 7);
    put_header(&at, count, count + 1);
    for (unsigned i = 0; i < count; i++)
        put(&at, changes[i].at * 900, 8);
    for (unsigned i = 0; i < count; i++)
        put(&at, i + 1, 1);
    put(&at, 0, 6);
    for (unsigned i = 0; i < count; i++) {
        put(&at, changes[i].offset * 900, 4);
        put(&at, 0, 2);
    }
    put(&at, 0, 1);
    at += snprintf((char *)at, 200, "\n%s\n", rule);
    file_write(scratch_path(state, name), bytes, (size_t)(at - bytes));
}

static int number_of(struct tq_ledger *ledger, const char *name)
{
    return tq__zone_number(ledger, tq__span_of(name), NOW_NS);
}

static int32_t offset_in(struct tq_ledger *ledger, int zone, int64_t quarter)
{
    struct tq__law law;

    assert_true(tq__zone_law(ledger, (uint32_t)zone, &law));
    return tq__law_offset(&law, quarter);
}

static struct tq_ledger *begin(void **state)
{
    assert_int_equal(setenv("TZDIR", *state, 1), 0);
    return open_ledger(8, TQ_RULE_OFF);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void zones_have_numbers(void **state)
{
    struct tq_ledger *ledger = begin(state);
    char name[TQ__ZONE_NAME_BYTES];
    struct tq__law law;

    write_zone(state, "A", "A-1", NULL, 0);
    write_zone(state, "B", "<-05>5", NULL, 0);
    assert_int_equal(number_of(ledger, ""), 0);
    assert_int_equal(number_of(ledger, "UTC"), 0);
    assert_int_equal(number_of(ledger, "A"), 1);
    assert_int_equal(number_of(ledger, "B"), 2);
    assert_int_equal(number_of(ledger, "A"), 1);
    assert_int_equal(atomic_load(&ledger->header->extensions), 2);
    assert_int_equal(offset_in(ledger, 0, NOW), 0);
    assert_int_equal(offset_in(ledger, 1, NOW), 4);
    assert_int_equal(offset_in(ledger, 2, NOW), -20);
    assert_true(tq__zone_name(ledger, 0, name));
    assert_string_equal(name, "");
    assert_true(tq__zone_name(ledger, 2, name));
    assert_string_equal(name, "B");
    assert_false(tq__zone_name(ledger, 3, name));
    assert_false(tq__zone_law(ledger, 3, &law));
    assert_false(tq__zone_law(ledger, TQ__ZONES, &law));
    assert_false(tq__zone_law(ledger, TQ__ZONES + 1, &law));
    assert_false(tq__zone_law(ledger, UINT32_MAX, &law));
    tq_ledger_close(ledger);
}

static void assert_no_zone(struct tq_ledger *ledger, const char *name, int why)
{
    errno = 0;
    assert_int_equal(number_of(ledger, name), TQ_ESYS);
    assert_int_equal(errno, why);
}

static void what_is_no_zone_is_refused(void **state)
{
    static const char large[TQ__ZONE_BYTES + 1] = "TZif2";
    struct tq_ledger *ledger = begin(state);

    assert_no_zone(ledger, "Nowhere", ENOENT);
    assert_no_zone(ledger, "../A", ENOENT);
    assert_no_zone(ledger, "/etc/passwd", ENOENT);
    assert_int_equal(mkdir(scratch_path(state, "Folder"), 0700), 0);
    assert_no_zone(ledger, "Folder", ENOENT);
    assert_int_equal(mkfifo(scratch_path(state, "Fifo"), 0600), 0);
    assert_no_zone(ledger, "Fifo", ENOENT);
    file_write(scratch_path(state, "Text"), "text", 4);
    assert_no_zone(ledger, "Text", ENOENT);
    file_write(scratch_path(state, "Empty"), "", 0);
    assert_no_zone(ledger, "Empty", ENOENT);
    file_write(scratch_path(state, "Large"), large, sizeof large);
    assert_no_zone(ledger, "Large", EFBIG);
    assert_int_equal(symlink("Loop", scratch_path(state, "Loop")), 0);
    assert_no_zone(ledger, "Loop", ELOOP);
    write_zone(state, "Odd", "A-0:20", NULL, 0);
    assert_int_equal(number_of(ledger, "Odd"), TQ_ENOTSUP);
    assert_int_equal(atomic_load(&ledger->header->extensions), 0);
    write_zone(state, "A", "A-1", NULL, 0);
    assert_int_equal(symlink("A", scratch_path(state, "Link")), 0);
    assert_int_equal(number_of(ledger, "Link"), 1);
    tq_ledger_close(ledger);
}

static void a_zone_that_is_there_needs_no_file(void **state)
{
    struct tq_ledger *ledger = begin(state);

    write_zone(state, "A", "A-1", NULL, 0);
    assert_int_equal(number_of(ledger, "A"), 1);
    assert_int_equal(unlink(scratch_path(state, "A")), 0);
    assert_int_equal(number_of(ledger, "A"), 1);
    assert_int_equal(offset_in(ledger, 1, NOW), 4);
    assert_no_zone(ledger, "B", ENOENT);
    tq_ledger_close(ledger);
}

static void the_128th_zone_is_refused(void **state)
{
    struct tq_ledger *ledger = begin(state);
    char name[16];

    for (int i = 1; i <= 128; i++) {
        snprintf(name, sizeof name, "Z%d", i);
        write_zone(state, name, "A-1", NULL, 0);
        assert_int_equal(number_of(ledger, name), i <= 127 ? i : TQ_EFULL);
    }
    assert_int_equal(number_of(ledger, "Z127"), 127);
    assert_int_equal(unlink(scratch_path(state, "Z128")), 0);
    assert_no_zone(ledger, "Z128", ENOENT);
    tq_ledger_close(ledger);
}

/* Two laws: the second forgets an exception of the first, has two more in front of those that stay, and one
 * behind them. */
static const struct change first_law[] = {{NOW - 5000, 4}, {NOW + 1000, 8}, {NOW + 2000, 4}, {NOW + 5000, 0},
                                          {NOW + 6000, 4}, {NOW + 9000, 8}, {NOW + 10000, 4}};
static const struct change second_law[] = {
    {NOW - 5000, 4}, {NOW + 2500, 8}, {NOW + 2600, 4},  {NOW + 3000, 12}, {NOW + 4000, 4}, {NOW + 5000, 0},
    {NOW + 6000, 4}, {NOW + 9000, 8}, {NOW + 10000, 4}, {NOW + 11000, 8}, {NOW + 12000, 4}};

static void a_law_is_read_again(void **state)
{
    struct tq_ledger *ledger = begin(state);
    struct tq__zone_record *record;
    uint64_t kept;

    write_zone(state, "A", "A-1", first_law, 7);
    assert_int_equal(number_of(ledger, "A"), 1);
    assert_int_equal(offset_in(ledger, 1, NOW + 1500), 8);
    assert_int_equal(offset_in(ledger, 1, NOW + 3500), 4);
    assert_int_equal(offset_in(ledger, 1, NOW + 5500), 0);
    record = tq__array_at(&ledger->extensions, atomic_load(&ledger->header->zone[0]) - 1);
    kept = atomic_load(&record->change[2]);
    write_zone(state, "A", "A-1", second_law, 11);
    assert_int_equal(number_of(ledger, "A"), 1);
    assert_true(kept != 0 && atomic_load(&record->change[2]) == kept); /* it did not move */
    assert_int_equal(offset_in(ledger, 1, NOW + 1500), 4);
    assert_int_equal(offset_in(ledger, 1, NOW + 3500), 12);
    assert_int_equal(offset_in(ledger, 1, NOW + 5500), 0);
    assert_int_equal(offset_in(ledger, 1, NOW + 9500), 8);
    assert_int_equal(offset_in(ledger, 1, NOW + 11500), 8);
    assert_int_equal(offset_in(ledger, 1, NOW + 13500), 4);
    write_zone(state, "A", "A-2", NULL, 0);
    assert_int_equal(number_of(ledger, "A"), 1);
    assert_int_equal(offset_in(ledger, 1, NOW + 5500), 8);
    tq_ledger_close(ledger);
}

/* Z2: one thread replaces the law by the other one in turns, the others ask for instants of which both say
 * the same. */
struct turns {
    struct tq_ledger *ledger;
    char zone[PATH_MAX], next[PATH_MAX];
    atomic_bool done;
};

static void read_or_write_law(struct job *job)
{
    struct turns *turns = job->shared;

    for (unsigned i = 0; job->number == 0 && i < times(3000); i++) {
        CHECK(symlink(i % 2 ? "First" : "Second", turns->next) == 0, "symlink");
        CHECK(rename(turns->next, turns->zone) == 0, "rename");
        CHECK(number_of(turns->ledger, "A") == 1, "number");
    }
    if (job->number == 0)
        atomic_store(&turns->done, true);
    for (unsigned i = 0; !atomic_load(&turns->done); i++) {
        struct tq__law law;

        CHECK(tq__zone_law(turns->ledger, 1, &law), "law");
        CHECK(tq__law_offset(&law, NOW) == 4, "now");
        CHECK(tq__law_offset(&law, NOW + 5500) == 0, "%u", i);
        CHECK(tq__law_offset(&law, NOW + 9500) == 8, "%u", i);
        CHECK(tq__law_offset(&law, NOW + 20000) == 4, "%u", i);
    }
}

static void what_both_laws_say_holds_while_one_replaces_the_other(void **state)
{
    struct turns turns = {.ledger = begin(state)};

    write_zone(state, "First", "A-1", first_law, 7);
    write_zone(state, "Second", "A-1", second_law, 11);
    snprintf(turns.zone, sizeof turns.zone, "%s", scratch_path(state, "A"));
    snprintf(turns.next, sizeof turns.next, "%s", scratch_path(state, "next"));
    assert_int_equal(symlink("First", turns.zone), 0);
    assert_int_equal(number_of(turns.ledger, "A"), 1);
    run_threads(read_or_write_law, &turns);
    tq_ledger_close(turns.ledger);
}

/* Z1: all add the same zones, in an order of their own. */
static void add_zones(struct job *job)
{
    for (unsigned i = 0; i < 32; i++) {
        char name[16], is[TQ__ZONE_NAME_BYTES];
        int number;

        snprintf(name, sizeof name, "Z%u", (i * (2 * job->number + 1)) % 32);
        number = tq__zone_number(job->shared, tq__span_of(name), NOW_NS);
        CHECK(number >= 1 && number <= 32, "%d", number);
        CHECK(tq__zone_name(job->shared, (uint32_t)number, is) && strcmp(is, name) == 0, "%s", name);
    }
}

static void a_name_has_one_number(void **state)
{
    struct tq_ledger *ledger;
    char name[16];

    for (unsigned i = 0; i < 32; i++) {
        snprintf(name, sizeof name, "Z%u", i);
        write_zone(state, name, "A-1", NULL, 0);
    }
    for (unsigned round = 0; round < times(20); round++) {
        ledger = begin(state);
        run_threads(add_zones, ledger);
        for (unsigned i = 0; i < TQ__ZONES; i++)
            assert_int_equal(atomic_load(&ledger->header->zone[i]) != 0, i < 32);
        tq_ledger_close(ledger);
    }
}

static void a_damaged_table_is_no_danger(void **state)
{
    struct tq_ledger *ledger = begin(state);
    struct tq__zone_record *record;
    char name[TQ__ZONE_NAME_BYTES];
    struct tq__law law;

    write_zone(state, "A", "A-1", NULL, 0);
    write_zone(state, "B", "A-2", NULL, 0);
    assert_int_equal(number_of(ledger, "A"), 1);
    record = tq__array_at(&ledger->extensions, atomic_load(&ledger->header->zone[0]) - 1);
    atomic_store(&record->rule, UINT64_MAX);
    assert_false(tq__zone_law(ledger, 1, &law));
    atomic_store(&record->rule, 4);
    for (unsigned i = 0; i < TQ__ZONE_CHANGES; i++)
        atomic_store(&record->change[i], UINT64_MAX);
    assert_int_equal(offset_in(ledger, 1, NOW), 4);
    for (int i = 0; i < 8; i++)
        atomic_store(&record->name[i], UINT64_C(0x4141414141414141));
    assert_true(tq__zone_name(ledger, 1, name));
    assert_int_equal(strlen(name), TQ__ZONE_NAME_BYTES - 1);
    atomic_store(&record->name[0], UINT64_C(0x1b5b4a));
    assert_false(tq__zone_name(ledger, 1, name));
    atomic_store(&ledger->header->zone[0], UINT32_MAX);
    assert_false(tq__zone_law(ledger, 1, &law));
    assert_false(tq__zone_name(ledger, 1, name));
    atomic_store(&ledger->header->zone[0], TQ__SLOTS_MAX);
    assert_false(tq__zone_law(ledger, 1, &law));
    assert_int_equal(number_of(ledger, "B"), 2);
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(zones_have_numbers),
        scratch_test(what_is_no_zone_is_refused),
        scratch_test(a_zone_that_is_there_needs_no_file),
        scratch_test(the_128th_zone_is_refused),
        scratch_test(a_law_is_read_again),
        scratch_test(what_both_laws_say_holds_while_one_replaces_the_other),
        scratch_test(a_name_has_one_number),
        scratch_test(a_damaged_table_is_no_danger),
    };

    return cmocka_run_group_tests_name("zone_table", tests, NULL, NULL);
}
