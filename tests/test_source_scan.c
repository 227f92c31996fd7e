/* test_source_scan.c: the walk over JSON gives what is asked for and fails on what is cut; texts, counts,
 * keys.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"

#include <stdlib.h>

#include "logs/tools.h"

static struct tq__log_scan scan_of(const char *text)
{
    struct tq__log_scan scan;

    tq__log_scan_begin(&scan, text, strlen(text));
    return scan;
}

/* Walks over an object of objects, one deep; does it come to its end? */
static bool walks_over(const char *text, size_t len)
{
    struct tq__log_scan scan;
    struct tq__log_text key;

    tq__log_scan_begin(&scan, text, len);
    if (!tq__log_scan_enter(&scan, '{'))
        return false;
    while (tq__log_scan_member(&scan, &key)) {
        if (!tq__log_scan_object(&scan))
            continue;
        while (tq__log_scan_member(&scan, &key))
            tq__log_scan_pass(&scan);
    }
    return tq__log_scan_done(&scan);
}

static void gives_members_where_they_stand(void **state)
{
    struct tq__log_scan scan =
        scan_of(" { \"a\" : \"x\\\"y\" "
                ",\"b\":[1,{\"c\":\"]\"}],\"d\":{\"e\":-1.5e3,\"f\":{}},\"g\":true,\"h\":null } \n");
    struct tq__log_value value;
    struct tq__log_text key;

    (void)state;
    assert_false(tq__log_scan_enter(&scan, '['));
    assert_true(tq__log_scan_enter(&scan, '{'));
    assert_true(tq__log_scan_member(&scan, &key) && tq__log_text_is(key, "a"));
    assert_true(tq__log_scan_value(&scan, &value));
    assert_int_equal(value.kind, TQ__LOG_STRING);
    assert_true(tq__log_text_is(value.text, "x\\\"y"));
    assert_true(tq__log_scan_member(&scan, &key) && tq__log_text_is(key, "b"));
    assert_true(tq__log_scan_value(&scan, &value));
    assert_int_equal(value.kind, TQ__LOG_TREE);
    assert_true(tq__log_text_is(value.text, "[1,{\"c\":\"]\"}]"));
    assert_true(tq__log_scan_member(&scan, &key) && tq__log_text_is(key, "d"));
    assert_true(tq__log_scan_object(&scan));
    assert_true(tq__log_scan_member(&scan, &key) && tq__log_text_is(key, "e"));
    assert_true(tq__log_scan_value(&scan, &value));
    assert_int_equal(value.kind, TQ__LOG_NUMBER);
    assert_true(tq__log_text_is(value.text, "-1.5e3"));
    assert_true(tq__log_scan_member(&scan, &key) && tq__log_scan_pass(&scan));
    assert_false(tq__log_scan_member(&scan, &key));
    assert_true(tq__log_scan_member(&scan, &key) && tq__log_text_is(key, "g"));
    assert_true(tq__log_scan_value(&scan, &value) && value.kind == TQ__LOG_TRUE);
    assert_true(tq__log_scan_member(&scan, &key) && tq__log_text_is(key, "h"));
    assert_true(tq__log_scan_value(&scan, &value) && value.kind == TQ__LOG_NULL);
    assert_false(tq__log_scan_member(&scan, &key));
    assert_true(tq__log_scan_done(&scan));
}

static void every_beginning_of_a_line_fails(void **state)
{
    static const char line[] = "{\"a\":\"x\\\\\",\"b\":[{},[\"\\\"]\"]],\"c\":{\"d\":false,\"e\":12}}";

    (void)state;
    for (size_t len = 0; len < sizeof(line) - 1; len++) {
        char *part = malloc(len + 1); /* so that a sanitizer sees one byte too far */

        assert_non_null(part);
        memcpy(part, line, len);
        assert_false(walks_over(part, len));
        free(part);
    }
    assert_true(walks_over(line, sizeof(line) - 1));
}

static void what_is_not_json_fails(void **state)
{
    static const char *const wrong[] = {
        "{\"a\":1,}",        "{,\"a\":1}",    "{\"a\" 1}",    "{\"a\":}",       "{a:1}",
        "{\"a\":1 \"b\":2}", "{\"a\":tru}",   "{\"a\":01x}",  "{\"a\":+1}",     "{\"a\":[}]}",
        "{\"a\":[1}",        "{\"a\":1}}",    "{\"a\":1} {}", "{\"a\":\"\\\"}", "{\"a\":{\"b\"}}",
        "{\"a\":1]",         "{\"a\":{1:2}}", "{\"a\":-}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (walks_over(wrong[i], strlen(wrong[i])))
            fail_msg("%s", wrong[i]);
    }
    assert_true(walks_over("{}", 2));
    assert_true(walks_over("{\"a\":{}}", 8));
    assert_false(walks_over(NULL, 0));
}

static void depth_is_bounded(void **state)
{
    char text[2200] = "{\"a\":";
    size_t head = strlen(text);

    (void)state;
    for (size_t depth = 500; depth <= 525; depth++) {
        memset(text + head, '[', depth);
        memset(text + head + depth, ']', depth);
        text[head + 2 * depth] = '}';
        assert_int_equal(walks_over(text, head + 2 * depth + 1), depth <= 512);
    }
}

static void a_failed_scan_stays_failed(void **state)
{
    struct tq__log_scan scan = scan_of("{\"a\":x,\"b\":1}");
    struct tq__log_value value;
    struct tq__log_text key;

    (void)state;
    assert_true(tq__log_scan_enter(&scan, '{') && tq__log_scan_member(&scan, &key));
    assert_false(tq__log_scan_value(&scan, &value));
    assert_int_equal(value.kind == TQ__LOG_NONE || value.text.len == 0, 1);
    assert_false(tq__log_scan_member(&scan, &key));
    assert_false(tq__log_scan_enter(&scan, '{'));
    assert_false(tq__log_scan_element(&scan));
    assert_false(tq__log_scan_done(&scan));
}

static void expect_text(const char *written, size_t room, const char *means)
{
    struct tq__log_value value = {TQ__LOG_STRING, {written, strlen(written)}};
    char out[64];

    memset(out, 'x', sizeof(out));
    tq__log_value_text(&value, out, room);
    assert_string_equal(out, means);
}

static void escapes_are_undone(void **state)
{
    struct tq__log_value number = {TQ__LOG_NUMBER, {"12", 2}};
    char out[8] = "x";

    (void)state;
    expect_text("a\\n\\t\\\"\\\\\\/b", 64, "a\n\t\"\\/b");
    expect_text("\\u0041\\u00e9\\u20AC", 64, "A\xc3\xa9\xe2\x82\xac");
    expect_text("\\ud83d\\ude00!", 64, "\xf0\x9f\x98\x80!");
    expect_text("\\ud83d!\\ude00", 64, "\xef\xbf\xbd!\xef\xbf\xbd");
    expect_text("\\ud83d\\u0041", 64,
                "\xef\xbf\xbd"
                "A");
    expect_text("a\\u0000b", 64,
                "a\xef\xbf\xbd"
                "b");
    expect_text("\\u12", 64, "\xef\xbf\xbd");
    expect_text("\\", 64, "\xef\xbf\xbd");
    tq__log_value_text(&number, out, sizeof(out));
    assert_string_equal(out, "");
}

static void what_does_not_fit_is_cut_between_characters(void **state)
{
    (void)state;
    expect_text("abcd", 5, "abcd");
    expect_text("abcde", 5, "abcd");
    expect_text("ab\xe2\x82\xac", 6, "ab\xe2\x82\xac");
    expect_text("ab\xe2\x82\xac", 5, "ab");
    expect_text("ab\xe2\x82\xac", 4, "ab");
    expect_text("ab\xe2\x82\xac"
                "d",
                3, "ab");
    expect_text("ab\\u20ac", 5, "ab");
    expect_text("\xe2\x82\xac", 1, "");
}

static void expect_count(int kind, const char *text, int fault, int64_t expected, uint32_t expected_known)
{
    struct tq__log_value value = {kind, {text, strlen(text)}};
    uint32_t known = 2;
    int64_t count = -7;

    assert_int_equal(tq__log_value_count(&value, &count, &known, 4), fault);
    assert_int_equal(known, 2 | expected_known);
    if (fault == 0)
        assert_int_equal(count, expected);
}

static void counts_are_whole_or_missing(void **state)
{
    (void)state;
    expect_count(TQ__LOG_NUMBER, "12", 0, 12, 4);
    expect_count(TQ__LOG_NUMBER, "1.2e1", 0, 12, 4);
    expect_count(TQ__LOG_STRING, "12", 0, 12, 4);
    expect_count(TQ__LOG_NUMBER, "0", 0, 0, 4);
    expect_count(TQ__LOG_NULL, "null", 0, 0, 0);
    expect_count(TQ__LOG_TRUE, "true", TQ__LOG_NOT_NUMBER, 0, 0);
    expect_count(TQ__LOG_TREE, "[1]", TQ__LOG_NOT_NUMBER, 0, 0);
    expect_count(TQ__LOG_NUMBER, "-1", TQ__LOG_NEGATIVE, 0, 0);
    expect_count(TQ__LOG_STRING, "", TQ__LOG_EMPTY, 0, 0);
}

/* Keys are on disks: these numbers never change. */
static void keys_are_for_ever(void **state)
{
    struct tq__log_hash hash = tq__log_hash_begin(1, "message"), split = hash, other = hash;

    (void)state;
    tq__log_hash_text(&hash, (struct tq__log_text){"msg_1", 5});
    tq__log_hash_number(&hash, 7);
    assert_int_equal(tq__log_hash_end(hash), UINT64_C(0x5d3f6348e508315d));
    tq__log_hash_text(&split, (struct tq__log_text){"ab", 2});
    tq__log_hash_text(&split, (struct tq__log_text){"c", 1});
    tq__log_hash_text(&other, (struct tq__log_text){"a", 1});
    tq__log_hash_text(&other, (struct tq__log_text){"bc", 2});
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
    most.input = INT64_MAX;
    assert_int_equal(tq__log_counted(&most), INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_members_where_they_stand),
        cmocka_unit_test(every_beginning_of_a_line_fails),
        cmocka_unit_test(what_is_not_json_fails),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(a_failed_scan_stays_failed),
        cmocka_unit_test(escapes_are_undone),
        cmocka_unit_test(what_does_not_fit_is_cut_between_characters),
        cmocka_unit_test(counts_are_whole_or_missing),
        cmocka_unit_test(keys_are_for_ever),
        cmocka_unit_test(ranks_order_copies),
    };

    return cmocka_run_group_tests_name("source_scan", tests, NULL, NULL);
}
