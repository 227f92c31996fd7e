/* test_refusal.c: a vendor's word: its bits, its end, and how long a throttle without a time lasts.
 *
 * SPDX-License-Identifier: MIT
 */
#include "src/refusal.h"

#include "harness.h"

#define SAID_S 1700000000u

static struct tq__refusal throttled(uint32_t at_s, uint32_t length_s)
{
    return (struct tq__refusal){.at_s = at_s, .length_s = length_s, .refusal = TQ_CLASS_THROTTLED};
}

static int64_t ns(uint32_t at_s)
{
    return (int64_t)at_s * TQ__SECOND_NS;
}

static void test_packs_every_bit(void **state)
{
    const struct tq__refusal said[] = {
        {.at_s = 1, .length_s = 0, .attempt = 0, .probing = false, .refusal = TQ_CLASS_THROTTLED},
        {.at_s = UINT32_MAX, .length_s = TQ__REFUSAL_NO_END, .attempt = 15, .probing = true, .refusal = 7},
        {.at_s = 0x12345678, .length_s = 0xabcdef, .attempt = 9, .probing = false, .refusal = 3},
    };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct tq__refusal got = tq__refusal_unpack(tq__refusal_pack(&said[i]));

        assert_int_equal(got.at_s, said[i].at_s);
        assert_int_equal(got.length_s, said[i].length_s);
        assert_int_equal(got.attempt, said[i].attempt);
        assert_int_equal(got.probing, said[i].probing);
        assert_int_equal(got.refusal, said[i].refusal);
    }
}

static void test_ends(void **state)
{
    struct tq__refusal said = throttled(SAID_S, 60);

    (void)state;
    assert_int_equal(tq__refusal_end_ns(0), 0);
    assert_int_equal(tq__refusal_end_ns(tq__refusal_pack(&said)), ns(SAID_S + 60));
    said.length_s = TQ__REFUSAL_NO_END;
    assert_int_equal(tq__refusal_end_ns(tq__refusal_pack(&said)), INT64_MAX);
    /* The latest end that is one does not overflow. */
    said = throttled(UINT32_MAX, TQ__REFUSAL_NO_END - 1);
    assert_int_equal(tq__refusal_end_ns(tq__refusal_pack(&said)),
                     ((int64_t)UINT32_MAX + TQ__REFUSAL_NO_END - 1) * TQ__SECOND_NS);
}

static void test_seconds_are_rounded_up(void **state)
{
    (void)state;
    assert_int_equal(tq__refusal_second(ns(SAID_S)), SAID_S);
    assert_int_equal(tq__refusal_second(ns(SAID_S) + 1), SAID_S + 1);
    assert_int_equal(tq__refusal_second(1), 1);
    assert_int_equal(tq__refusal_second(0), 0); /* not an instant that can be held */
    assert_int_equal(tq__refusal_second(-1), 0);
    assert_int_equal(tq__refusal_second(ns(UINT32_MAX)), 0);
    assert_int_equal(tq__refusal_second(INT64_MAX), 0);
    assert_int_equal(tq__refusal_second(ns(UINT32_MAX - TQ__REFUSAL_LENGTH_MAX)),
                     UINT32_MAX - TQ__REFUSAL_LENGTH_MAX);
}

static void test_why_belongs_to_its_word(void **state)
{
    const struct tq__why why = {
        .profile = 200, .axis = TQ_AXIS_TOKENS, .source = TQ_SOURCE_BODY, .window_s = 604800};
    const struct tq__refusal said = throttled(SAID_S, 60), other = throttled(SAID_S + 1, 60);
    uint64_t word = tq__refusal_pack(&said), packed = tq__why_pack(word, &why);
    struct tq__why got = tq__why_unpack(word, packed);

    (void)state;
    assert_int_equal(got.profile, 200);
    assert_int_equal(got.axis, TQ_AXIS_TOKENS);
    assert_int_equal(got.source, TQ_SOURCE_BODY);
    assert_int_equal(got.window_s, 604800);
    got = tq__why_unpack(tq__refusal_pack(&other), packed);
    assert_int_equal(got.profile, 0);
    assert_int_equal(got.window_s, 0);
}

/* Says a throttle without a time at at_s, on top of `word`; gives how long it lasts. */
static uint32_t throttle_again(uint64_t *word, uint32_t at_s, int64_t sent_at_ns)
{
    const struct tq__refusal said = throttled(at_s, TQ__REFUSAL_NO_END);
    bool why_of_seen;

    *word = tq__refusal_merge(*word, &said, sent_at_ns, &why_of_seen);
    return (uint32_t)(tq__refusal_end_ns(*word) / TQ__SECOND_NS) - at_s;
}

static void test_throttles_without_a_time_double(void **state)
{
    static const uint32_t expected_s[] = {30, 60, 120, 240, 300, 300};
    uint32_t at_s = SAID_S;
    uint64_t word = 0;

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(throttle_again(&word, at_s, ns(at_s)), expected_s[i]);
        at_s += expected_s[i] + 1;
    }
    /* One that was in flight does not double it. */
    assert_int_equal(throttle_again(&word, at_s, ns(SAID_S)), 300);
    assert_int_equal(tq__refusal_unpack(word).attempt, 5);
}

static void test_sending_time_unknown(void **state)
{
    uint64_t word = 0;

    (void)state;
    assert_int_equal(throttle_again(&word, SAID_S, 0), 30);
    /* While it holds it may have been in flight; the later end stands. */
    assert_int_equal(throttle_again(&word, SAID_S + 10, 0), 30);
    /* After its end it was sent after it. */
    assert_int_equal(throttle_again(&word, SAID_S + 41, 0), 60);
}

static void test_throttles_are_forgotten(void **state)
{
    uint64_t word = 0;

    (void)state;
    throttle_again(&word, SAID_S, ns(SAID_S));
    throttle_again(&word, SAID_S + 31, ns(SAID_S + 31)); /* 60 s: until SAID_S + 91 */
    assert_int_equal(throttle_again(&word, SAID_S + 91 + 3601, ns(SAID_S + 91 + 3601)), 30);
}

/* F11: a later, shorter word does not shorten a longer one, nor does a longer one end early. */
static void test_f11_later_end_stands(void **state)
{
    const struct tq__refusal longer = throttled(SAID_S, 60), shorter = throttled(SAID_S + 1, 1);
    bool why_of_seen;
    uint64_t word = tq__refusal_pack(&longer);

    (void)state;
    word = tq__refusal_merge(word, &shorter, ns(SAID_S), &why_of_seen);
    assert_int_equal(tq__refusal_end_ns(word), ns(SAID_S + 60));
    assert_int_equal(tq__refusal_at_ns(word), ns(SAID_S + 1)); /* the later said */
    assert_true(why_of_seen);
    word = tq__refusal_pack(&shorter);
    word = tq__refusal_merge(word, &longer, ns(SAID_S), &why_of_seen);
    assert_int_equal(tq__refusal_end_ns(word), ns(SAID_S + 60));
    assert_int_equal(tq__refusal_at_ns(word), ns(SAID_S + 1));
    assert_false(why_of_seen);
}

static void test_elapsed_word_is_replaced(void **state)
{
    const struct tq__refusal old = {
        .at_s = SAID_S, .length_s = 60, .attempt = 3, .refusal = TQ_CLASS_EXHAUSTED};
    const struct tq__refusal new = {.at_s = SAID_S + 60, .length_s = 5, .refusal = TQ_CLASS_NO_MONEY};
    bool why_of_seen = true;
    uint64_t word = tq__refusal_merge(tq__refusal_pack(&old), &new, 0, &why_of_seen);

    (void)state;
    assert_int_equal(word, tq__refusal_pack(&new));
    assert_false(why_of_seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packs_every_bit),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_seconds_are_rounded_up),
        cmocka_unit_test(test_why_belongs_to_its_word),
        cmocka_unit_test(test_throttles_without_a_time_double),
        cmocka_unit_test(test_sending_time_unknown),
        cmocka_unit_test(test_throttles_are_forgotten),
        cmocka_unit_test(test_f11_later_end_stands),
        cmocka_unit_test(test_elapsed_word_is_replaced),
    };

    return cmocka_run_group_tests_name("said", tests, NULL, NULL);
}
