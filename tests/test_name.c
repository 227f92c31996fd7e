/* test_name.c: which names are accepted, how they are padded, and that nothing is read beyond them.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"
#include "src/name.h"

static bool valid(const char *name)
{
    return tq__name_valid(name, strlen(name));
}

static void test_accepted(void **state)
{
    static const char *const names[] = {
        "a",
        "openai",
        "azure/eu-west/gpt-4o",
        "a b",
        "\xc3\xa9",
        "日本",
        "\xf0\x9f\x98\x80",
        "~",
        "\xc2\xa0",
        "\xe2\x80\xa7",
        "\xe2\x80\xaf",
        "\xe2\x81\xa5",
        "\xe2\x81\xaa",
        "\xed\x9f\xbf",
        "\xee\x80\x80",
        "\xf4\x8f\xbf\xbf",
        "\xef\xbb\xbf",
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_true(valid(names[i]));
}

static void test_refused(void **state)
{
    static const char *const names[] = {
        "",
        "\n",
        "a\tb",
        "\x1f",
        "\x7f",
        "\xc2\x80",
        "\xc2\x9f",
        "\xe2\x80\xa8",
        "\xe2\x80\xae",
        "\xe2\x81\xa6",
        "\xe2\x81\xa9",
        "\x80",
        "a\xff",
        "\xc3",
        "\xe2\x80",
        "\xc0\xaf",
        "\xc1\xbf",
        "\xe0\x9f\xbf",
        "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf8\x88\x80\x80\x80",
        "\xc3(",
        "\xe2(\xa1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_false(valid(names[i]));
    assert_false(tq__name_valid("a\0b", 3));
}

static void test_lengths(void **state)
{
    char name[257];

    (void)state;
    memset(name, 'x', sizeof name);
    assert_true(tq__name_valid(name, 1));
    assert_true(tq__name_valid(name, 255));
    assert_false(tq__name_valid(name, 256));
    name[256] = '\0';
    assert_int_equal(tq__name_len(name), 256);
    name[255] = '\0';
    assert_int_equal(tq__name_len(name), 255);
    name[1] = '\0';
    assert_int_equal(tq__name_len(name), 1);
}

/* Every length, in memory that ends right behind the name (and begins right before it): a byte read outside
 * would be a crash. The words are the bytes, padded with zeros. */
static void test_reads_no_byte_outside(void **state)
{
    long page = sysconf(_SC_PAGESIZE);
    char *room = mmap(NULL, (size_t)page * 3, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct tq__hash_key key;
    struct tq__name at_end, at_start;

    (void)state;
    assert_ptr_not_equal(room, MAP_FAILED);
    room += page;
    assert_int_equal(mprotect(room, (size_t)page, PROT_READ | PROT_WRITE), 0);
    tq__hash_key_from_seed(&key, 42);
    for (size_t len = 1; len <= 255; len++) {
        char *end = room + page - len, padded[32] = {0};

        for (size_t i = 0; i < len; i++)
            end[i] = room[i] = (char)(1 + (i * 37 + len) % 255);
        memcpy(padded, end, len < 32 ? len : 32);
        tq__name_prepare(&at_end, &key, end, len);
        assert_memory_equal(at_end.word, padded, 32);
        for (size_t i = 0; i < len; i++)
            room[i] = (char)(1 + (i * 37 + len) % 255);
        tq__name_prepare(&at_start, &key, room, len);
        assert_memory_equal(at_start.word, padded, 32);
        assert_int_equal(at_start.hash, at_end.hash);
        end[len - 1] = '\0';
        if (len > 1)
            assert_int_equal(tq__name_len(end), len - 1);
    }
    munmap(room - page, (size_t)page * 3);
}

/* Names that differ in one byte anywhere have different hashes: of 255 x 255 neighbours none collides. */
static void test_hash_sees_every_byte(void **state)
{
    char name[255];
    struct tq__hash_key key;
    struct tq__name one, other;

    (void)state;
    tq__hash_key_from_seed(&key, 7);
    memset(name, 'n', sizeof name);
    for (size_t len = 1; len <= sizeof name; len++) {
        tq__name_prepare(&one, &key, name, len);
        for (size_t i = 0; i < len; i++) {
            name[i] = 'm';
            tq__name_prepare(&other, &key, name, len);
            assert_int_not_equal(one.hash, other.hash);
            name[i] = 'n';
        }
    }
}

/* 100,000 names that count up, as accounts do: buckets of the first three tables and tags spread as chance
 * would have it (the fullest of 2^15 buckets holds at most 16 where 3 are due; no two full hashes
 * collide). */
static void test_hash_spreads(void **state)
{
    static uint8_t bucket[1 << 15];
    static uint16_t tag[1 << 12];
    struct tq__hash_key key;
    struct tq__name name;
    uint8_t fullest = 0;
    char text[32];

    (void)state;
    tq__hash_key_from_seed(&key, 1);
    for (int i = 0; i < 100000; i++) {
        int len = snprintf(text, sizeof text, "acct-%d", i);

        tq__name_prepare(&name, &key, text, (size_t)len);
        bucket[name.hash & ((1 << 15) - 1)]++;
        tag[name.hash >> 52]++;
    }
    for (size_t i = 0; i < sizeof bucket; i++)
        if (bucket[i] > fullest)
            fullest = bucket[i];
    assert_in_range(fullest, 8, 16);
    for (size_t i = 0; i < 1 << 12; i++)
        assert_in_range(tag[i], 1, 60); /* 24 are due */
}

static void test_seed_changes_the_hash(void **state)
{
    struct tq__hash_key key;
    struct tq__name one, other;

    (void)state;
    tq__hash_key_from_seed(&key, 1);
    tq__name_prepare(&one, &key, "openai", 6);
    tq__hash_key_from_seed(&key, 2);
    tq__name_prepare(&other, &key, "openai", 6);
    assert_int_not_equal(one.hash, other.hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_reads_no_byte_outside),
        cmocka_unit_test(test_hash_sees_every_byte),
        cmocka_unit_test(test_hash_spreads),
        cmocka_unit_test(test_seed_changes_the_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
