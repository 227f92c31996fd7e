/* test_table.c: from a name to its slot: the cascade, lost races, a full ledger, no memory.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <sys/resource.h>

#include "harness.h"
#include "src/table.h"

static struct tq_ledger *open_ledger(void)
{
    struct tq_ledger_options options = {.size = sizeof options, .history_days = 8};
    struct tq_ledger *ledger;

    assert_int_equal(tq_ledger_open(&ledger, NULL, &options, NULL), 0);
    return ledger;
}

static struct tq__slot *insert(struct tq_ledger *ledger, const char *text)
{
    struct tq__slot *slot = NULL;

    assert_int_equal(tq__insert(ledger, text, &slot), 0);
    assert_non_null(slot);
    return slot;
}

static const char *name_of(struct tq_ledger *ledger, const char *text)
{
    struct tq__slot *slot = tq__find(ledger, text);

    return tq__provider_name(ledger, slot, slot->number);
}

static void test_insert_then_find(void **state)
{
    struct tq_ledger *ledger = open_ledger();
    struct tq__slot *slot = insert(ledger, "openai");

    (void)state;
    assert_ptr_equal(tq__find(ledger, "openai"), slot);
    assert_null(tq__find(ledger, "openai2"));
    assert_null(tq__find(ledger, "opena"));
    assert_string_equal(name_of(ledger, "openai"), "openai");
    assert_int_equal(slot->number, 0);
    assert_int_equal(slot->name_len, 6);
    tq_ledger_close(ledger);
}

/* An insert of a name that is there (what the loser of a race does) finds it, and its slot serves the
 * next. */
static void test_lost_race_keeps_its_slot_for_the_next_name(void **state)
{
    struct tq_ledger *ledger = open_ledger();
    struct tq__slot *first = insert(ledger, "openai");
    char long_name[TQ_NAME_MAX + 1];

    (void)state;
    memset(long_name, 'l', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    assert_ptr_equal(insert(ledger, "openai"), first);
    assert_ptr_equal(insert(ledger, "openai"), first);
    assert_int_equal(ledger->header->slots, 2);
    assert_int_equal(insert(ledger, long_name)->number, 1);
    assert_ptr_equal(insert(ledger, long_name), tq__find(ledger, long_name));
    assert_int_equal(ledger->header->extensions, 2);
    long_name[0] = 'L'; /* takes slot and extension of the lost race */
    assert_int_equal(insert(ledger, long_name)->number, 2);
    assert_string_equal(name_of(ledger, long_name), long_name);
    assert_int_equal(ledger->header->extensions, 2);
    long_name[0] = 'l';
    assert_string_equal(name_of(ledger, long_name), long_name);
    tq_ledger_close(ledger);
}

/* Names that share a bucket in every table: they fill it, then the next table's. Their hashes are found by
 * trying, in the ledger's own seed. */
static void test_full_bucket_goes_to_the_next_table(void **state)
{
    struct tq_ledger *ledger = open_ledger();
    struct tq__name name;
    char text[TQ_NAME_MAX + 1];
    int made = 0;

    (void)state;
    for (uint32_t i = 0; made < 20; i++) {
        int len = snprintf(text, sizeof text, "n%u", i);

        tq__name_prepare(&name, &ledger->hash_key, text, (size_t)len);
        if ((name.hash & 511) != 5) /* bucket 5 of the 512 of table 0 */
            continue;
        assert_null(tq__find(ledger, text));
        insert(ledger, text);
        assert_int_equal(ledger->table[1] != NULL, made >= 8);
        made++;
    }
    for (uint32_t i = 0; made > 0; i++) {
        int len = snprintf(text, sizeof text, "n%u", i);

        tq__name_prepare(&name, &ledger->hash_key, text, (size_t)len);
        if ((name.hash & 511) != 5)
            continue;
        assert_string_equal(name_of(ledger, text), text);
        made--;
    }
    tq_ledger_close(ledger);
}

static void test_many_names_each_once(void **state)
{
    struct tq_ledger *ledger = open_ledger();
    char text[TQ_NAME_MAX + 1];

    (void)state;
    for (uint32_t i = 0; i < 50000; i++) {
        snprintf(text, sizeof text, "provider-%u", i);
        assert_int_equal(insert(ledger, text)->number, i);
    }
    for (uint32_t i = 0; i < 50000; i++) {
        snprintf(text, sizeof text, "provider-%u", i);
        assert_int_equal(tq__find(ledger, text)->number, i);
    }
    assert_non_null(ledger->table[2]);
    tq_ledger_close(ledger);
}

static void test_full_ledger_is_said_and_keeps_what_it_has(void **state)
{
    struct tq_ledger *ledger = open_ledger();
    struct tq_tracker *tracker = tq_ledger_tracker(ledger);

    (void)state;
    ledger->slots_max = 2;
    assert_int_equal(tq_tracker_record(tracker, "a", 10, 0, NULL), 0);
    assert_int_equal(tq_tracker_record(tracker, "b", 20, 0, NULL), 0);
    assert_int_equal(tq_tracker_record(tracker, "c", 30, 0, NULL), TQ_EFULL);
    assert_int_equal(tq_tracker_set_budget(tracker, "c", 30), TQ_EFULL);
    assert_int_equal(tq_store_mark_quota_exhausted(tq_ledger_store(ledger), "c", 1), TQ_EFULL);
    assert_int_equal(tq_tracker_record(tracker, "a", 1, 0, NULL), 0);
    assert_int_equal(tq_tracker_used(tracker, "a", 0), 11);
    assert_int_equal(tq_tracker_used(tracker, "b", 0), 20);
    assert_int_equal(tq_tracker_used(tracker, "c", 0), 0);
    assert_int_equal(ledger->header->slots, 2);
    tq_ledger_close(ledger);
}

/* Inserts until the system gives no more memory: an error, nothing counted before is lost, and when there is
 * memory again the same name goes in. */
static void test_no_memory_is_an_error_and_loses_nothing(void **state)
{
    struct tq_ledger *ledger = open_ledger();
    struct tq_tracker *tracker = tq_ledger_tracker(ledger);
    struct rlimit before, none;
    uint32_t counted = 0;
    char text[TQ_NAME_MAX + 1];
    int answer = 0;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    none = before;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_AS, &none), 0);
    while (answer == 0) {
        snprintf(text, sizeof text, "a-name-that-needs-an-extension-%u", counted);
        answer = tq_tracker_record(tracker, text, 1 + counted, 0, NULL);
        counted += answer == 0;
    }
    assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
    assert_int_equal(answer, TQ_ENOMEM);
    for (uint32_t i = 0; i <= counted; i++) {
        snprintf(text, sizeof text, "a-name-that-needs-an-extension-%u", i);
        assert_int_equal(tq_tracker_used(tracker, text, 0), i < counted ? 1 + i : 0);
    }
    assert_int_equal(tq_tracker_record(tracker, text, 5, 0, NULL), 0);
    assert_int_equal(tq_tracker_used(tracker, text, 0), 5);
    tq_ledger_close(ledger);
}

static void test_bad_names_take_no_slot(void **state)
{
    struct tq_ledger *ledger = open_ledger();
    struct tq__slot *slot = NULL;

    (void)state;
    assert_int_equal(tq__insert(ledger, "a\nb", &slot), TQ_ENAME);
    assert_null(slot);
    assert_int_equal(ledger->header->slots, 0);
    assert_int_equal(tq__unknown(ledger, "a\nb"), TQ_ENAME);
    assert_int_equal(tq__unknown(ledger, "fine"), 0);
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_insert_then_find),
        cmocka_unit_test(test_lost_race_keeps_its_slot_for_the_next_name),
        cmocka_unit_test(test_full_bucket_goes_to_the_next_table),
        cmocka_unit_test(test_many_names_each_once),
        cmocka_unit_test(test_full_ledger_is_said_and_keeps_what_it_has),
        cmocka_unit_test(test_no_memory_is_an_error_and_loses_nothing),
        cmocka_unit_test(test_bad_names_take_no_slot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
