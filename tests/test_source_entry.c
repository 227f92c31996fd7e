/* test_source_entry.c: keys and ranks never change; what entries have in common is read in one way.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"

#include "logs/entry.h"

/* Keys are on disks: these numbers never change. */
static void keys_are_for_ever(void **state)
{
    struct tq__log_hash hash = tq__log_hash_begin(1, "message"), split = hash, other = hash;

    (void)state;
    tq__log_hash_text(&hash, TQ__SPAN("msg_1"));
    tq__log_hash_number(&hash, 7);
    assert_int_equal(tq__log_hash_end(hash), UINT64_C(0x5d3f6348e508315d));
    tq__log_hash_text(&split, TQ__SPAN("ab"));
    tq__log_hash_text(&split, TQ__SPAN("c"));
    tq__log_hash_text(&other, TQ__SPAN("a"));
    tq__log_hash_text(&other, TQ__SPAN("bc"));
    assert_int_not_equal(tq__log_hash_end(split), tq__log_hash_end(other));
}

static void ranks_order_copies(void **state)
{
    struct tq_usage less = {.input = 1, .output = 4}, more = {.input = 1, .cache_read = 5},
                    most = {.output = INT64_MAX};

    (void)state;
    assert_true(tq__log_rank(&less, false, true) < tq__log_rank(&more, false, false));
    assert_true(tq__log_rank(&less, false, false) < tq__log_rank(&less, false, true));
    assert_true(tq__log_rank(&most, false, true) < tq__log_rank(&less, true, false));
    assert_true(tq__log_rank(&most, true, true) < UINT64_C(1) << 40);
}

static int64_t cost_of(enum tq__json_kind kind, const char *text)
{
    return tq__log_cost(&(struct tq__json_item){.kind = kind, .text = tq__span_of(text)});
}

static void costs_are_nano_dollars(void **state)
{
    (void)state;
    assert_int_equal(cost_of(TQ__JSON_NUMBER, "0.0123"), 12300000);
    assert_int_equal(cost_of(TQ__JSON_STRING, "1e-9"), 1);
    assert_int_equal(cost_of(TQ__JSON_NUMBER, "0"), 0);
    assert_int_equal(cost_of(TQ__JSON_NUMBER, "-1"), -1);
    assert_int_equal(cost_of(TQ__JSON_NUMBER, "1e30"), -1);
    assert_int_equal(cost_of(TQ__JSON_STRING, ""), -1);
    assert_int_equal(cost_of(TQ__JSON_NULL, "null"), -1);
    assert_int_equal(cost_of(TQ__JSON_OBJECT, "{}"), -1);
}

static void vendors_have_one_name(void **state)
{
    (void)state;
    assert_string_equal(tq__log_vendor("gcp.vertex_ai"), "vertex");
    assert_string_equal(tq__log_vendor("gemini"), "google");
    assert_string_equal(tq__log_vendor("somebody"), "somebody");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_for_ever),
        cmocka_unit_test(ranks_order_copies),
        cmocka_unit_test(costs_are_nano_dollars),
        cmocka_unit_test(vendors_have_one_name),
    };

    return cmocka_run_group_tests_name("source_entry", tests, NULL, NULL);
}
