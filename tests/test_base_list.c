/* test_base_list.c: a list grows, a heap gives the earliest, an index finds what was added.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"

#include "base/list.h"
#include "rng.h"

static void a_list_grows(void **state)
{
    uint32_t *items = NULL;
    size_t count = 0, capacity = 0;

    (void)state;
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t *room = tq__list_room(items, count, &capacity, sizeof *items);

        assert_non_null(room);
        items = room;
        items[count++] = i;
    }
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
    assert_true(capacity >= 1000 && capacity < 2048);
    capacity = SIZE_MAX / 4;
    assert_null(
        tq__list_room(items, capacity, &capacity, 16)); /* what does not fit in memory is not asked for */
    assert_int_equal(capacity, SIZE_MAX / 4);
    free(items);
}

static bool larger_before(const void *context, uint32_t a, uint32_t b)
{
    (void)context;
    return a > b;
}

static void a_heap_gives_the_smallest_key_first(void **state)
{
    struct rng rng = {rng_seed(20261129)};
    struct tq__heap heap = {.count = 0}, other = {.before = larger_before};
    struct tq__heap_item last = {INT64_MIN, 0};

    (void)state;
    for (uint32_t i = 0; i < 2000; i++)
        assert_true(tq__heap_push(&heap, (int64_t)rng_below(&rng, 300) - 150, i));
    for (uint32_t i = 0; i < 2000; i++) {
        struct tq__heap_item item = tq__heap_pop(&heap);

        assert_true(item.key > last.key || (item.key == last.key && item.number > last.number) || i == 0);
        last = item;
    }
    assert_int_equal(heap.count, 0);
    for (uint32_t i = 0; i < 50; i++)
        assert_true(tq__heap_push(&other, 7, i));
    for (uint32_t i = 50; i > 0; i--)
        assert_int_equal(tq__heap_pop(&other).number, i - 1);
    free(heap.items);
    free(other.items);
}

static size_t count_of(const struct tq__index *index, uint64_t hash, uint32_t wanted)
{
    size_t at = 0, found = 0;
    uint32_t number;

    while ((number = tq__index_find(index, hash, &at)) != TQ__INDEX_END)
        found += number == wanted;
    return found;
}

static void an_index_finds_each_number(void **state)
{
    struct tq__index index = {NULL, 0, 0};

    (void)state;
    assert_int_equal(count_of(&index, 5, 0), 0);
    for (uint32_t i = 0; i < 5000; i++)
        assert_true(tq__index_add(&index, tq__hash(7, &i, sizeof i), i));
    assert_int_equal(index.count, 5000);
    assert_true(index.capacity >= 10000);
    for (uint32_t i = 0; i < 6000; i++)
        assert_int_equal(count_of(&index, tq__hash(7, &i, sizeof i), i), i < 5000);
    free(index.slots);
}

/* Several numbers of one hash, and hashes that begin in one slot. */
static void one_hash_may_have_many_numbers(void **state)
{
    struct tq__index index = {NULL, 0, 0};
    uint64_t near_hash = UINT64_C(64) << 32; /* the slot of 0 as long as there are at most 64 */

    (void)state;
    for (uint32_t i = 0; i < 20; i++)
        assert_true(tq__index_add(&index, i % 2 ? near_hash : 0, i));
    for (uint32_t i = 0; i < 20; i++) {
        assert_int_equal(count_of(&index, 0, i), i % 2 == 0);
        assert_int_equal(count_of(&index, near_hash, i), i % 2);
    }
    free(index.slots);
}

/* The store of imports has these on disk. */
static void the_hash_is_for_ever(void **state)
{
    (void)state;
    assert_int_equal(tq__mix(0, 0), 0);
    assert_int_equal(tq__mix(1, 2), UINT64_C(0xeab1569b9465d5e7));
    assert_int_equal(tq__hash(4, "openai", 6), UINT64_C(0xbdc0a80556a98e44));
    assert_int_equal(tq__hash(4, "anthropic/claude", 16), UINT64_C(0x95d35806aef0e2f9));
    assert_int_equal(tq__hash(4, "", 0), UINT64_C(0x610ffe63c05d2282));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_grows),
        cmocka_unit_test(a_heap_gives_the_smallest_key_first),
        cmocka_unit_test(an_index_finds_each_number),
        cmocka_unit_test(one_hash_may_have_many_numbers),
        cmocka_unit_test(the_hash_is_for_ever),
    };

    return cmocka_run_group_tests_name("base_list", tests, NULL, NULL);
}
