/* test_spares.c: a slot is given to one name: what a forked child, or a copied file, finds in it does not
 * count.
 *
 * SPDX-License-Identifier: MIT
 *
 * An insert that loses the race for its name keeps the slot for the next name. tq__insert of a name that is
 * there is such an insert.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "harness.h"
#include "src/ledger.h"
#include "scratch.h"
#include "src/table.h"

#define NOW_NS (MAY_DAY_NS + HOUR_NS)
#define SKIPPED 77

/* Whole buffers: the look-up is inline, and the compiler would see it ask beyond a short text. */
static char a[TQ_NAME_MAX + 1] = "a";
static char long_name[TQ_NAME_MAX + 1] = "a name that is too long to have a place in the slot itself";
static char fresh[2][TQ_NAME_MAX + 1] = {"new", "newer"};

static void make_spare(struct tq_ledger *ledger)
{
    struct tq__slot *slot;

    MUST(tq__insert(ledger, a, &slot) == 0);
    MUST(tq__insert(ledger, a, &slot) == 0);
}

static int insert_in_child(void *argument)
{
    MUST(tq_provider_record(handle(argument, "child"), 111, NOW_NS, NULL) == 0);
    return 0;
}

static void check_two_slots(struct tq_ledger *ledger)
{
    struct tq_ledger_info info = {.size = sizeof info};

    MUST(tq_provider_record(handle(ledger, "parent"), 7, NOW_NS, NULL) == 0);
    MUST(tq_provider_used(handle(ledger, "child"), NOW_NS) == 111);
    MUST(tq_provider_used(handle(ledger, "parent"), NOW_NS) == 7);
    MUST(tq_ledger_check(ledger, &info, NULL) == 0);
}

static void test_fork(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));

    make_spare(ledger);
    assert_int_equal(child_end(child_start(insert_in_child, ledger)), 0);
    check_two_slots(ledger);
    tq_ledger_close(ledger);
}

/* The first process of a namespace, whose child is the first of another: both are number 1. */
static int number_one(void *path)
{
    struct tq_ledger *ledger = open_file(path);

    MUST(getpid() == 1);
    make_spare(ledger);
    MUST(unshare(CLONE_NEWPID) == 0);
    MUST(child_end(child_start(insert_in_child, ledger)) == 0);
    check_two_slots(ledger);
    tq_ledger_close(ledger);
    return 0;
}

static int start_number_one(void *path)
{
    if (unshare(CLONE_NEWPID) != 0) {
        fprintf(stderr, "# cannot have a namespace: %s\n", strerror(errno));
        return SKIPPED;
    }
    return child_end(child_start(number_one, path));
}

static void test_two_processes_of_one_number(void **state)
{
    int status = child_end(child_start(start_number_one, (void *)(uintptr_t)scratch_path(state, "ledger")));

    if (status == SKIPPED)
        skip();
    assert_int_equal(status, 0);
}

/* A copy that was made while names were inserted: the header is older than the slots. */
static void test_what_a_new_slot_holds_does_not_count(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    struct tq_provider *provider;
    struct tq__slot *slot;

    for (unsigned i = 0; i < 2; i++) { /* the second is a spare's */
        handle(ledger, long_name);
        slot = tq__array_at(&ledger->slots, ledger->header->slots);
        if (i == 1) {
            make_spare(ledger);
            slot = tq__array_at(&ledger->slots, ledger->header->slots - 1);
        }
        memset((void *)((uintptr_t)slot), 0x11, TQ__SLOT_BYTES + 8u * 8u);
        slot->extension = 1;
        provider = handle(ledger, fresh[i]);
        assert_ptr_equal(tq__find(ledger, fresh[i]), slot);
        assert_int_equal(tq_provider_used(provider, NOW_NS), 0);
        assert_int_equal(tq_provider_budget(provider), 0);
        assert_int_equal(tq_provider_rule(provider), TQ_RULE_DEFAULT);
        assert_int_equal(tq_provider_state(provider, NOW_NS, NULL), TQ_AVAILABLE);
        assert_int_equal(tq_provider_record(provider, 5, NOW_NS, NULL), 0);
        assert_int_equal(tq_provider_used(provider, NOW_NS), 5);
        assert_int_equal(slot->flags, 0);
    }
    /* Nor was the extension that the words named taken for its own. */
    handle(ledger, "another name that is too long to have a place in the slot");
    assert_non_null(tq__find(ledger, long_name));
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_fork),
        scratch_test(test_two_processes_of_one_number),
        scratch_test(test_what_a_new_slot_holds_does_not_count),
    };

    return cmocka_run_group_tests_name("spares", tests, NULL, NULL);
}
