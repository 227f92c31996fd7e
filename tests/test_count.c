/* test_count.c: one day's tokens in one word: the three cases, saturation, and what a word remembers.
 *
 * SPDX-License-Identifier: MIT
 */
#include "src/count.h"
#include "harness.h"

#define WORD(tag, tokens) ((uint64_t)(tag) << TQ__COUNT_BITS | (uint64_t)(tokens))

static uint64_t next(uint64_t word, uint64_t tag, int64_t tokens)
{
    uint64_t made = 0;

    assert_true(tq__count_next(word, tag, tokens, &made));
    return made;
}

static void test_same_day_adds(void **state)
{
    (void)state;
    assert_int_equal(next(WORD(7, 100), 7, 23), WORD(7, 123));
    assert_int_equal(next(WORD(7, 100), 7, 0), WORD(7, 100));
    assert_int_equal(next(WORD(7, 100), 7, -5), WORD(7, 100));
    assert_int_equal(next(WORD(7, 100), 7, INT64_MIN), WORD(7, 100));
}

static void test_newer_day_starts(void **state)
{
    (void)state;
    assert_int_equal(next(0, 1, 5), WORD(1, 5));
    assert_int_equal(next(WORD(6, 100), 7, 23), WORD(7, 23));
    assert_int_equal(next(WORD(6, TQ__COUNT_MAX), 7, 0), WORD(7, 0));
}

static void test_older_day_is_refused(void **state)
{
    uint64_t made = 99;

    (void)state;
    assert_false(tq__count_next(WORD(7, 100), 6, 23, &made));
    assert_int_equal(made, 99);
}

static void test_saturation(void **state)
{
    const uint64_t full = WORD(7, TQ__COUNT_MAX);

    (void)state;
    assert_int_equal(next(WORD(7, TQ__COUNT_MAX - 2), 7, 1), WORD(7, TQ__COUNT_MAX - 1));
    assert_int_equal(next(WORD(7, TQ__COUNT_MAX - 2), 7, 2), full);
    assert_int_equal(next(WORD(7, TQ__COUNT_MAX - 2), 7, INT64_MAX), full);
    assert_int_equal(next(full, 7, INT64_MAX), full);
    assert_int_equal(next(0, 7, INT64_MAX), full);
    assert_int_equal(tq__count_tokens(full), INT64_MAX);
    assert_int_equal(tq__count_tokens(WORD(7, TQ__COUNT_MAX - 1)), (int64_t)TQ__COUNT_MAX - 1);
    assert_true(TQ__COUNT_MAX > UINT64_C(1) << 46); /* what the header promises to count exactly */
}

static void test_add_writes_what_it_says(void **state)
{
    _Atomic uint64_t word = WORD(7, 100);
    uint64_t counted = 0;

    (void)state;
    assert_true(tq__count_add(&word, 7, 1, &counted));
    assert_int_equal(word, WORD(7, 101));
    assert_int_equal(counted, WORD(7, 101));
    assert_true(tq__count_add(&word, 9, 4, &counted));
    assert_int_equal(word, WORD(9, 4));
    assert_false(tq__count_add(&word, 8, 4, &counted));
    assert_int_equal(word, WORD(9, 4));
}

static void test_subtract(void **state)
{
    _Atomic uint64_t word = WORD(7, 100);
    uint64_t counted = 0, taken = 0;

    (void)state;
    assert_true(tq__count_subtract(&word, 7, 30, &counted, &taken));
    assert_int_equal(taken, 30);
    assert_int_equal(word, WORD(7, 70));
    assert_true(tq__count_subtract(&word, 7, INT64_MAX, &counted, &taken)); /* down to 0, not below */
    assert_int_equal(taken, 70);
    assert_int_equal(word, WORD(7, 0));
    assert_false(tq__count_subtract(&word, 6, 1, &counted, &taken)); /* the day is no longer held */
    assert_true(tq__count_subtract(&word, 8, 1, &counted, &taken));  /* nothing is recorded yet */
    assert_int_equal(taken, 0);
    assert_int_equal(word, WORD(7, 0));
    word = WORD(7, TQ__COUNT_MAX);
    assert_true(tq__count_subtract(&word, 7, 5, &counted, &taken));
    assert_int_equal(word, WORD(7, TQ__COUNT_MAX)); /* "that many or more" less five is still that */
}

static void test_swap_fails_when_the_word_moved_on(void **state)
{
    _Atomic uint64_t word = WORD(7, 100);
    uint64_t seen = WORD(7, 99);

    (void)state;
    assert_false(tq__count_swap(&word, &seen, WORD(7, 1)));
    assert_int_equal(seen, WORD(7, 100));
    assert_int_equal(word, WORD(7, 100));
}

/* Days N apart share a word; all others have one of their own. */
static void test_places(void **state)
{
    static _Atomic uint64_t room[TQ__SLOT_BYTES / 8 + 64]; /* a slot with its day words */
    struct tq__slot *slot = (struct tq__slot *)(void *)room;

    (void)state;
    for (uint32_t log2 = 3; log2 <= 6; log2++) {
        uint64_t days = UINT64_C(1) << log2;

        for (uint64_t day = 100; day < 100 + days; day++) {
            _Atomic uint64_t *word = tq__count_word(slot, log2, day);

            assert_true(word >= slot->day && word < slot->day + days);
            assert_ptr_equal(word, tq__count_word(slot, log2, day + days));
            assert_int_equal(tq__count_tag(log2, day + days), tq__count_tag(log2, day) + 1);
            if (day > 100)
                assert_ptr_not_equal(word, tq__count_word(slot, log2, day - 1));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_day_adds),
        cmocka_unit_test(test_newer_day_starts),
        cmocka_unit_test(test_older_day_is_refused),
        cmocka_unit_test(test_saturation),
        cmocka_unit_test(test_add_writes_what_it_says),
        cmocka_unit_test(test_subtract),
        cmocka_unit_test(test_swap_fails_when_the_word_moved_on),
        cmocka_unit_test(test_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
