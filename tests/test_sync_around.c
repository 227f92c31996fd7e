/* test_sync_around.c: what a node knows of the others, by what answers said and say no more.
 *
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sync/node.h"

#define NOW_MS INT64_C(1767225600000)

static struct sync_node *a_node(void)
{
    const struct sync_node_options options = {
        .name = "a", .instance = "i", .before = "", .every_ms = 250, .tags = 1};
    struct sync_node *node = sync_node_new(&options);

    assert_non_null(node);
    return node;
}

/* An answer that names the first peers. */
static void hear(struct sync_node *node, struct sync_peer *peers, size_t count, int64_t server_ms)
{
    struct sync_exchange exchange = {.server_ms = server_ms, .peers = peers, .peer_count = count};

    assert_int_equal(sync_take_peers(node, &exchange), 0);
}

static void an_empty_server(void **state)
{
    struct sync_node *node = a_node();
    struct sync_peer peers[] = {{.name = "a", .seen_ms = NOW_MS, .every_ms = 250},
                                {.name = "c", .seen_ms = NOW_MS, .every_ms = 250},
                                {.name = "b", .seen_ms = NOW_MS - 5000, .every_ms = 250}};

    (void)state;
    hear(node, peers, 3, NOW_MS);
    assert_int_equal(node->machines, 2);
    assert_int_equal(node->silent, 1);
    hear(node, peers, 0, NOW_MS); /* an answer that names nobody */
    assert_int_equal(node->peer_count, 3);
    peers[0].seen_ms = NOW_MS + 10000;
    hear(node, peers, 1, NOW_MS + 10000); /* it forgot the others: they are silent */
    assert_int_equal(node->machines, 1);
    assert_int_equal(node->silent, 2);
    peers[1].seen_ms = NOW_MS + 11000;
    hear(node, peers, 2, NOW_MS + 11000);
    assert_int_equal(node->machines, 2);
    assert_int_equal(node->silent, 1);
    assert_int_equal(node->peer_count, 3);
    peers[0].seen_ms = NOW_MS + SYNC_KEEP_MS; /* b is longer gone than that */
    hear(node, peers, 2, NOW_MS + SYNC_KEEP_MS);
    assert_int_equal(node->peer_count, 2);
    assert_int_equal(node->silent, 1);
    sync_node_free(node);
}

static void too_many_names(void **state)
{
    static struct sync_peer peers[SYNC_NODES_MOST];
    struct sync_node *node = a_node();

    (void)state;
    for (int turn = 0; turn < 3; turn++) {
        for (int i = 0; i < SYNC_NODES_MOST; i++) {
            peers[i] = (struct sync_peer){.seen_ms = NOW_MS, .every_ms = 250};
            snprintf(peers[i].name, sizeof peers[i].name, "t%d-%04d", turn, i);
        }
        hear(node, peers, SYNC_NODES_MOST, NOW_MS);
        assert_int_equal(node->peer_count, SYNC_NODES_MOST);
    }
    sync_node_free(node);
}

/* Whom a silent node divides by: those that were seen in the time before it was. */
static void whom_each_knew(void **state)
{
    struct sync_peer peers[] = {{.name = "d", .seen_ms = NOW_MS},
                                {.name = "c", .seen_ms = NOW_MS - SYNC_KEEP_MS},
                                {.name = "b", .seen_ms = NOW_MS - SYNC_KEEP_MS - 1},
                                {.name = "a", .seen_ms = NOW_MS - 3 * SYNC_KEEP_MS}};
    const uint32_t known[] = {4, 3, 3, 2};

    (void)state;
    sync_peers_sort(peers, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(peers[i].name[0], (int)('a' + i));
        assert_int_equal(peers[i].known, known[i]);
    }
}

/* A run that is never answered: a window that begins is divided by the machines that the run before knew. */
static void a_run_that_begins_cut_off(void **state)
{
    const struct tq_ledger_options options = {.size = sizeof options, .history_days = 8, .rule = TQ_RULE_OFF};
    const int64_t now_ns = NOW_MS * 1000000;
    struct tq_verdict verdict = {.size = sizeof verdict};
    struct sync_node *node = a_node();
    struct sync_exchange exchange;
    struct tq_ledger *ledger;
    struct tq_provider *provider;

    (void)state;
    assert_true(tq_ledger_open(&ledger, NULL, &options, NULL) >= 0);
    assert_int_equal(tq_ledger_provider(ledger, "api", 3, 0, &provider), 0);
    assert_int_equal(tq_provider_set_budget(provider, 99), 0);
    assert_int_equal(tq_provider_set_sharers(provider, 3, INT64_MAX), 0);
    assert_int_equal(tq_ledger_set_shared_until(ledger, now_ns - INT64_C(3600000000000)), 0);
    sync_node_attach(node, ledger, false);
    assert_int_equal(sync_node_say(node, now_ns, &exchange), 0);
    assert_int_equal(sync_node_hear(node, now_ns, &exchange, TQ_ESYS), TQ_ESYS);
    assert_int_equal(tq_provider_verdict(provider, now_ns, &verdict), TQ_AVAILABLE);
    assert_int_equal(verdict.left, 33);
    sync_node_free(node);
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_server),
        cmocka_unit_test(too_many_names),
        cmocka_unit_test(whom_each_knew),
        cmocka_unit_test(a_run_that_begins_cut_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
