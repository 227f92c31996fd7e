/* test_sync_lease.c: claims, what is withheld, what is remembered of others, and the bound, case by case.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "sync/merge.h"
#include "sync/others.h"
#include "sync/overshoot.h"

#define NODES 3
#define OLD_MS 1000000 /* long after the server was made */

/* A few nodes and the entries of one hash. */
struct party {
    struct sync_view view[NODES];
    struct sync_lease lease[NODES];
    struct sync_others others[NODES];
    struct sync_entry stored[NODES];
    struct sync_peer peers[NODES];
};

static const char *const names[NODES] = {"a", "b", "c"};

static void party_begin(struct party *party, uint32_t flags, int64_t amount)
{
    memset(party, 0, sizeof *party);
    for (size_t i = 0; i < NODES; i++) {
        struct sync_view *view = &party->view[i];

        view->flags = flags;
        view->machines = NODES;
        view->amount = amount;
        view->told = -1;
        view->length_ms = 3600 * 1000;
        view->start_s = flags & (SYNC_LEASE_LEVEL | SYNC_LEASE_REFILL) ? 0 : 7200;
        view->every_ms = 250;
        view->round_trip_ms = 2;
        view->now_ms = OLD_MS;
        strcpy(party->peers[i].name, names[i]);
        party->peers[i].every_ms = 250;
        party->peers[i].seen_ms = OLD_MS;
    }
}

static void party_end(struct party *party)
{
    for (size_t i = 0; i < NODES; i++)
        sync_others_forget(&party->others[i]);
}

static struct sync_heard ask(struct party *party, size_t i)
{
    struct sync_heard heard;
    struct sync_item item = {
        .asks_all = true, .stored = party->stored[i], .all = party->stored, .count = NODES};

    party->peers[i].seen_ms = party->view[i].now_ms;
    sync_peers_sort(party->peers, NODES);
    assert_int_equal(
        sync_others_hear(&party->others[i], &item, names[i], &party->view[i], party->peers, NODES, &heard),
        0);
    return heard;
}

static void learn(struct party *party, size_t i)
{
    struct sync_heard heard = ask(party, i);

    sync_lease_learn(&party->view[i], &heard, &party->lease[i]);
}

static void tell(struct party *party, size_t i)
{
    struct sync_entry own = {0};

    strcpy(own.node, names[i]);
    sync_lease_own(&party->lease[i], &party->view[i], &own);
    sync_merge(&party->stored[i], &own);
}

static void hear(struct party *party, size_t i)
{
    struct sync_heard heard = ask(party, i);
    struct sync_lease next;

    sync_lease_hear(&party->lease[i], &party->view[i], &heard, &next);
    party->lease[i] = next;
    assert_true(next.others >= 0 && next.withheld >= next.others && next.withheld_cut >= next.others);
}

static void flush(struct party *party, size_t i)
{
    tell(party, i);
    hear(party, i);
}

/* Until nothing changes any more. */
static void flush_often(struct party *party, size_t i)
{
    for (int round = 0; round < 3; round++)
        flush(party, i);
}

static void spend(struct party *party, size_t i, int64_t tokens)
{
    party->view[i].used += tokens;
    party->view[i].added += tokens;
}

static void pass(struct party *party, int64_t ms)
{
    for (size_t i = 0; i < NODES; i++)
        party->view[i].now_ms += ms;
}

static int64_t room(const struct party *party, size_t i)
{
    return party->view[i].amount - party->lease[i].withheld - party->view[i].used - party->view[i].held;
}

/* ---- strict ---------------------------------------------------------------------------------- */

static void test_nothing_before_a_claim(void **state)
{
    struct party party;

    (void)state;
    party_begin(&party, SYNC_LEASE_STRICT, 1000);
    learn(&party, 0);
    assert_int_equal(party.lease[0].withheld, 1000);
    assert_int_equal(party.lease[0].withheld_cut, 1000);
    flush(&party, 0);
    assert_int_equal(room(&party, 0), 0); /* it had published nothing yet */
    flush(&party, 0);
    assert_true(room(&party, 0) > 0);
    party_end(&party);
}

static void test_a_lone_busy_node_gets_nearly_all(void **state)
{
    struct party party;
    int flushes = 0;

    (void)state;
    party_begin(&party, SYNC_LEASE_STRICT, 100000);
    for (size_t i = 0; i < NODES; i++)
        learn(&party, i);
    while (party.view[0].used < 95000 && flushes < 60) {
        for (size_t i = 0; i < NODES; i++)
            flush(&party, i);
        spend(&party, 0, room(&party, 0));
        pass(&party, 250);
        flushes++;
    }
    assert_true(party.view[0].used >= 95000);
    party_end(&party);
}

static void test_rivals_have_no_more_than_there_is(void **state)
{
    struct party party;

    (void)state;
    party_begin(&party, SYNC_LEASE_STRICT, 1000);
    for (size_t i = 0; i < NODES; i++) {
        learn(&party, i);
        party.view[i].wish = 900;
        flush(&party, i);
    }
    for (int round = 0; round < 20; round++) {
        int64_t granted = 0;

        for (size_t i = 0; i < NODES; i++)
            tell(&party, i);
        for (size_t i = NODES; i-- > 0;)
            hear(&party, i);
        for (size_t i = 0; i < NODES; i++)
            granted += party.lease[i].granted;
        assert_true(granted <= 1000);
        pass(&party, 250);
    }
    party_end(&party);
}

static void test_idle_nodes_give_back(void **state)
{
    struct party party;
    int64_t had;

    (void)state;
    party_begin(&party, SYNC_LEASE_STRICT, 1000);
    learn(&party, 0);
    party.view[0].wish = 900;
    flush_often(&party, 0);
    had = party.lease[0].granted;
    assert_int_equal(had, 900);
    party.view[0].wish = 0;
    flush(&party, 0);
    assert_true(party.lease[0].granted < 100);
    party_end(&party);
}

static void test_a_hold_that_is_being_refused_grants_nothing(void **state)
{
    struct party party;

    (void)state;
    party_begin(&party, SYNC_LEASE_STRICT, 1000);
    learn(&party, 0);
    learn(&party, 1);
    party.view[0].wish = 1000;
    flush_often(&party, 0);
    assert_int_equal(party.lease[0].granted, 1000);
    party.view[1].held = 500;
    flush_often(&party, 1);
    assert_int_equal(party.lease[1].granted, 0);
    party_end(&party);
}

static void test_what_the_server_has_not_is_not_granted(void **state)
{
    struct party party;
    struct sync_entry own;

    (void)state;
    party_begin(&party, SYNC_LEASE_STRICT, 1000);
    learn(&party, 0);
    flush(&party, 0);
    own = party.stored[0];
    tell(&party, 0);
    party.stored[0] = own; /* another answer than to that flush */
    hear(&party, 0);
    assert_true(party.lease[0].granted <= own.claim);
    party_end(&party);
}

static void test_a_dead_nodes_claim_stays(void **state)
{
    struct party party;

    (void)state;
    party_begin(&party, SYNC_LEASE_STRICT, 1000);
    learn(&party, 0);
    party.view[0].wish = 900;
    flush_often(&party, 0);
    pass(&party, 3600 * 1000);
    learn(&party, 1);
    party.view[1].wish = 900;
    flush_often(&party, 1);
    assert_int_equal(party.lease[1].granted, 100);
    party_end(&party);
}

static void test_a_claim_ends_unheard(void **state)
{
    struct party party;
    struct sync_lease next;

    (void)state;
    party_begin(&party, SYNC_LEASE_STRICT, 1000);
    learn(&party, 0);
    flush_often(&party, 0);
    spend(&party, 0, 10);
    pass(&party, sync_lease_ms(250) - sync_notice_ms(250) - 1);
    assert_false(sync_lease_alone(&party.lease[0], &party.view[0], &next));
    pass(&party, 1);
    assert_true(sync_lease_alone(&party.lease[0], &party.view[0], &next));
    assert_int_equal(next.withheld, 990);
    assert_int_equal(next.withheld_cut, 990);
    party_end(&party);
}

static void test_nobody_raises_while_a_server_is_young(void **state)
{
    struct party party;

    (void)state;
    party_begin(&party, SYNC_LEASE_STRICT, 1000);
    party.view[0].epoch_at_ms = OLD_MS;
    learn(&party, 0);
    for (int i = 0; i < 5; i++)
        flush(&party, 0);
    assert_true(party.lease[0].is_learning);
    assert_int_equal(room(&party, 0), 0);
    pass(&party, sync_lease_ms(250));
    flush(&party, 0);
    flush(&party, 0);
    assert_true(room(&party, 0) > 0);
    /* An entry that is older than what was heard of it: the server lost writes. */
    party.stored[0].seq -= 2;
    hear(&party, 0);
    assert_true(party.lease[0].is_learning);
    party_end(&party);
}

static void test_a_ledger_that_was_put_back(void **state)
{
    struct party party;

    (void)state;
    party_begin(&party, SYNC_LEASE_STRICT, 1000);
    strcpy(party.stored[0].node, "a");
    party.stored[0] = (struct sync_entry){"a", 7, 7200, 300, 20, 400, 0};
    spend(&party, 0, 100);
    learn(&party, 0);
    /* 400 may have been spent: 100 are in the ledger, 300 are not. */
    assert_int_equal(party.lease[0].withheld, 900);
    tell(&party, 0);
    assert_int_equal(party.stored[0].added - party.stored[0].corrected, 400);
    party_end(&party);
    /* Of other limits what was told counts. */
    party_begin(&party, 0, 1000);
    party.stored[0] = (struct sync_entry){"a", 7, 7200, 300, 20, 400, 0};
    spend(&party, 0, 100);
    learn(&party, 0);
    assert_int_equal(party.lease[0].withheld, 180);
    party_end(&party);
    /* Of the 100 it had 40 when it was put back: 60 are new. */
    party_begin(&party, 0, 1000);
    party.stored[0] = (struct sync_entry){"a", 7, 7200, 300, 20, 400, 0};
    spend(&party, 0, 100);
    party.view[0].has_had = true;
    party.view[0].had_added = 40;
    learn(&party, 0);
    tell(&party, 0);
    assert_int_equal(party.stored[0].added - party.stored[0].corrected, 340);
    party_end(&party);
}

static void test_the_reserve_is_kept_back(void **state)
{
    struct party party;

    (void)state;
    party_begin(&party, SYNC_LEASE_STRICT, 10000);
    party.view[0].reserve = 500;
    party.view[0].wish = 10;
    learn(&party, 0);
    flush_often(&party, 0);
    assert_true(room(&party, 0) >= 510);
    party_end(&party);
}

/* ---- others ---------------------------------------------------------------------------------- */

static void test_far_from_the_amount_others_alone_are_withheld(void **state)
{
    static const struct {
        uint32_t flags;
        int64_t cut;
    } cases[] = {{0, 1000000 - 100 - 300000}, {SYNC_LEASE_OPEN, 99900}, {SYNC_LEASE_CLOSED, 1000000}};

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct party party;

        party_begin(&party, cases[c].flags, 1000000);
        party.stored[1] = (struct sync_entry){"b", 7, 7200, 99900, 0, 0, 0};
        spend(&party, 0, 100);
        learn(&party, 0);
        for (int i = 0; i < 40; i++) {
            party.peers[1].seen_ms = party.peers[2].seen_ms = party.view[0].now_ms;
            flush(&party, 0);
            pass(&party, 250);
        }
        assert_false(party.lease[0].is_leased);
        assert_false(party.lease[0].asks_all);
        assert_int_equal(party.lease[0].others, 99900);
        assert_int_equal(party.lease[0].withheld, 99900);
        assert_int_equal(party.lease[0].withheld_cut, cases[c].cut);
        party_end(&party);
    }
}

static void test_a_silent_node_keeps_its_share_until_its_end(void **state)
{
    struct party party;
    struct sync_heard heard;

    (void)state;
    party_begin(&party, 0, 1000);
    party.stored[1] = (struct sync_entry){"b", 7, 7200, 100, 0, 400, OLD_MS + 5000};
    party.stored[2] = (struct sync_entry){"c", 7, 7200, 50, 0, 60, OLD_MS + 5000};
    party.peers[1].seen_ms = OLD_MS - 2000;
    heard = ask(&party, 0);
    assert_int_equal(heard.weight, 460);
    assert_int_equal(heard.kept, 300);
    pass(&party, 5000);
    party.peers[2].seen_ms = OLD_MS + 5000;
    heard = ask(&party, 0);
    assert_int_equal(heard.weight, 150);
    assert_int_equal(heard.kept, 0);
    assert_int_equal(heard.freed, 300);
    /* One that told nothing of this window has its even part, by the policy share. */
    sync_others_forget(&party.others[0]);
    party.stored[1].seq = 0;
    heard = ask(&party, 0);
    assert_int_equal(heard.kept, 333);
    party_end(&party);
}

static void test_windows_that_overlap_are_one(void **state)
{
    struct party party;
    struct sync_heard heard;

    (void)state;
    party_begin(&party, SYNC_LEASE_STRICT, 1000);
    party.stored[1] = (struct sync_entry){"b", 7, 7200 - 3599, 100, 0, 0, 0};
    party.stored[2] = (struct sync_entry){"c", 7, 7200 - 3600, 50, 0, 0, 0};
    heard = ask(&party, 0);
    assert_int_equal(heard.weight, 100);
    party_end(&party);
}

/* By a clock that is behind: the entry of whoever left the window says nothing of it any more. */
static void test_who_is_still_in_a_window_that_others_left(void **state)
{
    static const uint32_t flags[] = {SYNC_LEASE_STRICT, 0};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        struct party party;

        party_begin(&party, flags[k], 1000);
        party.stored[1] = (struct sync_entry){"b", 7, 7200, 600, 0, 600, OLD_MS + 600000};
        learn(&party, 0);
        flush_often(&party, 0);
        spend(&party, 0, 100);
        party.stored[1] = (struct sync_entry){"b", 8, 7200 + 3600, 5, 0, 5, OLD_MS + 600000};
        party.view[0].wish = 350;
        for (int round = 0; round < 40; round++) {
            pass(&party, 250);
            flush(&party, 0);
            assert_true(party.view[0].used + room(&party, 0) <= 400);
            if (room(&party, 0) > 0)
                spend(&party, 0, 1);
        }
        assert_true(party.view[0].used > 100);
        party_end(&party);
    }
}

static void test_what_a_server_lost_is_remembered(void **state)
{
    struct party party;
    struct sync_heard heard;

    (void)state;
    party_begin(&party, SYNC_LEASE_STRICT, 1000);
    party.stored[1] = (struct sync_entry){"b", 7, 7200, 100, 0, 400, 0};
    ask(&party, 0);
    party.stored[1].seq = 0;
    heard = ask(&party, 0);
    assert_int_equal(heard.weight, 400);
    sync_others_forget(&party.others[0]);
    heard = ask(&party, 0);
    assert_int_equal(heard.weight, 0);
    party_end(&party);
}

static void test_levels_weigh_what_is_claimed(void **state)
{
    struct party party;

    (void)state;
    party_begin(&party, SYNC_LEASE_REFILL, 900);
    for (size_t i = 0; i < NODES; i++) {
        learn(&party, i);
        party.view[i].wish = 500;
        for (int flushes = 0; flushes < 3; flushes++)
            flush(&party, i);
    }
    assert_int_equal(party.stored[0].added, 0);
    assert_int_equal(party.lease[0].granted, 500);
    assert_int_equal(party.lease[1].granted, 400);
    assert_int_equal(party.lease[2].granted, 0);
    party_end(&party);
}

static void test_absurd_numbers_saturate(void **state)
{
    struct party party;

    (void)state;
    for (uint32_t flags = 0; flags < 32; flags++) {
        party_begin(&party, flags, INT64_MAX);
        party.stored[1] = (struct sync_entry){"b", 7, 0, INT64_MAX, 0, INT64_MAX, INT64_MAX};
        party.stored[2] = (struct sync_entry){"c", 7, 7200, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};
        party.view[0].wish = party.view[0].reserve = INT64_MAX;
        spend(&party, 0, INT64_MAX);
        learn(&party, 0);
        flush(&party, 0);
        pass(&party, 1);
        flush(&party, 0);
        party_end(&party);
    }
}

static void test_the_bound(void **state)
{
    struct sync_bound bound = {.rates = 1000, .every_ms = 250, .round_trip_ms = 1, .notice_ms = 1250};

    (void)state;
    assert_int_equal(sync_notice_ms(250), 1250);
    assert_int_equal(sync_notice_ms(1000), 3000);
    assert_int_equal(sync_overshoot(&bound), 1501);
    bound.rates = 1;
    assert_int_equal(sync_overshoot(&bound), 2);
    bound.unheard = 10;
    bound.lost = 100;
    assert_int_equal(sync_overshoot(&bound), 112);
    bound.flags = SYNC_LEASE_STRICT;
    assert_int_equal(sync_overshoot(&bound), 100);
    bound.flags = SYNC_LEASE_OPEN;
    assert_true(sync_overshoot(&bound) == SYNC_UNBOUNDED);
    bound.flags = 0;
    bound.rates = INT64_MAX;
    assert_true(sync_overshoot(&bound) == SYNC_UNBOUNDED);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_before_a_claim),
        cmocka_unit_test(test_a_lone_busy_node_gets_nearly_all),
        cmocka_unit_test(test_rivals_have_no_more_than_there_is),
        cmocka_unit_test(test_idle_nodes_give_back),
        cmocka_unit_test(test_a_hold_that_is_being_refused_grants_nothing),
        cmocka_unit_test(test_what_the_server_has_not_is_not_granted),
        cmocka_unit_test(test_a_dead_nodes_claim_stays),
        cmocka_unit_test(test_a_claim_ends_unheard),
        cmocka_unit_test(test_nobody_raises_while_a_server_is_young),
        cmocka_unit_test(test_a_ledger_that_was_put_back),
        cmocka_unit_test(test_the_reserve_is_kept_back),
        cmocka_unit_test(test_far_from_the_amount_others_alone_are_withheld),
        cmocka_unit_test(test_a_silent_node_keeps_its_share_until_its_end),
        cmocka_unit_test(test_windows_that_overlap_are_one),
        cmocka_unit_test(test_who_is_still_in_a_window_that_others_left),
        cmocka_unit_test(test_what_a_server_lost_is_remembered),
        cmocka_unit_test(test_levels_weigh_what_is_claimed),
        cmocka_unit_test(test_absurd_numbers_saturate),
        cmocka_unit_test(test_the_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
