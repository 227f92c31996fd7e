/* test_base_json.c: the walk over JSON takes what is JSON and nothing else, strict or passing over.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"

#include <stdlib.h>

#include <jansson.h>

#include "base/json.h"
#include "rng.h"

/* Steps into everything, and says what there was: {k:a n:1 ) */
static bool read_all(const char *text, size_t len, char *out, size_t out_bytes)
{
    static const char letters[] = {
        [TQ__JSON_OBJECT] = '{', [TQ__JSON_ARRAY] = '[', [TQ__JSON_STRING] = 's', [TQ__JSON_NUMBER] = 'n',
        [TQ__JSON_TRUE] = 't',   [TQ__JSON_FALSE] = 'f', [TQ__JSON_NULL] = '0'};
    char *copy = malloc(len ? len : 1); /* so that a sanitizer sees one byte too far */
    struct tq__json_item item;
    struct tq__json json;
    size_t used = 0, depth = 0;
    bool done;

    assert_non_null(copy);
    memcpy(copy, text, len);
    tq__json_begin(&json, (struct tq__span){copy, len}, TQ__JSON_STRICT);
    for (;;) {
        bool given = tq__json_next(&json, &item);
        bool scalar = item.kind == TQ__JSON_STRING || item.kind == TQ__JSON_NUMBER;

        if (!given && (json.failed || depth == 0))
            break;
        assert_true(json.depth <= TQ__JSON_DEPTH_MAX);
        if (used + item.key.len + item.text.len + 4 < out_bytes) {
            if (item.key.at)
                out[used++] = 'k';
            memcpy(out + used, item.key.at ? item.key.at : "", item.key.len);
            used += item.key.len;
            out[used++] = given ? letters[item.kind] : ')';
            memcpy(out + used, scalar ? item.text.at : "", scalar ? item.text.len : 0);
            used += scalar ? item.text.len : 0;
        }
        if (!given)
            depth--;
        else if (tq__json_enter(&json, '{') || tq__json_enter(&json, '['))
            depth++;
    }
    out[used] = '\0';
    done = tq__json_done(&json);
    free(copy);
    return done;
}

#define EXPECT(text, tokens)                                                                                 \
    do {                                                                                                     \
        char out_[256];                                                                                      \
        assert_true(read_all(text, sizeof(text) - 1, out_, sizeof out_));                                    \
        assert_string_equal(out_, tokens);                                                                   \
    } while (0)

static void all_of_it(void **state)
{
    (void)state;
    EXPECT("{}", "{)");
    EXPECT(" [ ] ", "[)");
    EXPECT("{\"a\" : 1 , \"b\\\"\" :[ true,false , null, \"x\\u00e9\" ]}", "{kan1kb\\\"[tf0sx\\u00e9))");
    EXPECT("-0.5e+10", "n-0.5e+10");
    EXPECT("[0,-0,1.25,1E5,[{}],{\"\":{}}]", "[n0n-0n1.25n1E5[{)){k{)))");
    EXPECT("\"\xff\xc0\"", "s\xff\xc0");
}

static bool passes(const char *text, size_t len, enum tq__json_strictness strictness)
{
    char *copy = malloc(len ? len : 1);
    struct tq__json_item item;
    struct tq__json json;
    bool passed;

    assert_non_null(copy);
    memcpy(copy, text, len);
    tq__json_begin(&json, (struct tq__span){copy, len}, strictness);
    passed = tq__json_next(&json, &item) && tq__json_pass(&json, &item) && tq__json_done(&json);
    free(copy);
    return passed;
}

/* jansson and this walk agree on what is JSON, but for bytes that are no UTF-8. */
static void expect_as_jansson(const char *text, size_t len)
{
    json_t *tree = json_loadb(text, len, JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL);
    char out[512];
    bool taken = read_all(text, len, out, sizeof out);

    if (taken != (tree != NULL))
        fail_msg("%s by jansson, %s here: %.*s", tree ? "taken" : "refused", taken ? "taken" : "refused",
                 (int)len, text);
    assert_int_equal(passes(text, len, TQ__JSON_STRICT), taken);
    assert_true(!taken || passes(text, len, TQ__JSON_LAX));
    json_decref(tree);
}

/* clang-format off */
static const char *const texts[] = {
    "", " ", "{", "}", "[", "[1", "[1,]", "[,1]", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}",
    "{1:1}", "{\"a\" 1}", "[1 2]", "{} {}", "[]]", "[}", "{]", "01", "-", "-01", "1.", ".1", "1e", "1e+",
    "+1", "0x1", "tru", "truex", "nul", "True", "\"", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"",
    "\"a\nb\"", "\"a\tb\"", "'a'", "[\"a\",\"b\"", "{\"a\":[1,{\"b\":2}],\"c\":{}}", "[1]x", "//",
    "[1,2,3]", "{\"a\":{\"a\":{\"a\":null}}}", "NaN", "-1.5E-3", "[[[[]]]]",
};
/* clang-format on */

static void as_jansson_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        expect_as_jansson(texts[i], strlen(texts[i]));
}

/* Documents with a byte changed, gone, or there twice. */
static void as_jansson_does_with_faults(void **state)
{
    static const char text[] =
        "{\"a\":[1,-2.5e3,true,false,null,\"x\\n\\u0041\"],\"b\":{\"c\":{},\"d\":[]},\"e\":0}";
    static const char bytes[] = "{}[],:\"\\ 0123456789-+.eEtrufalsn\x01\n";
    struct rng rng = {rng_seed(20261124)};
    char changed[sizeof(text) + 8];

    (void)state;
    for (int round = 0; round < 50000; round++) {
        size_t len = sizeof(text) - 1, at = rng_below(&rng, (unsigned)len);
        unsigned how = rng_below(&rng, 3);

        memcpy(changed, text, len);
        if (how == 0) {
            changed[at] = bytes[rng_below(&rng, sizeof(bytes) - 1)];
        } else if (how == 1) {
            memmove(changed + at, changed + at + 1, len - at - 1);
            len--;
        } else {
            memmove(changed + at + 1, changed + at, len - at);
            len++;
        }
        expect_as_jansson(changed, len);
    }
}

static void depth_has_an_end(void **state)
{
    size_t depth = TQ__JSON_DEPTH_MAX;
    char *text = malloc(2 * depth + 2);
    char out[4 * TQ__JSON_DEPTH_MAX];

    (void)state;
    assert_non_null(text);
    memset(text, '[', depth + 1);
    memset(text + depth, ']', depth);
    assert_true(read_all(text, 2 * depth, out, sizeof out));
    assert_true(passes(text, 2 * depth, TQ__JSON_STRICT) && passes(text, 2 * depth, TQ__JSON_LAX));
    text[depth] = '[';
    memset(text + depth + 1, ']', depth + 1);
    assert_false(read_all(text, 2 * depth + 2, out, sizeof out));
    assert_false(passes(text, 2 * depth + 2, TQ__JSON_STRICT) || passes(text, 2 * depth + 2, TQ__JSON_LAX));
    free(text);
}

static void begin(struct tq__json *json, const char *text, enum tq__json_strictness strictness)
{
    tq__json_begin(json, tq__span_of(text), strictness);
}

static void gives_members_where_they_stand(void **state)
{
    struct tq__json_item item;
    struct tq__json json;

    (void)state;
    for (int strictness = TQ__JSON_STRICT; strictness <= TQ__JSON_LAX; strictness++) {
        begin(&json,
              " { \"a\" : \"x\\\"y\" "
              ",\"b\":[1,{\"c\":\"]\"}],\"d\":{\"e\":-1.5e3,\"f\":{}},\"g\":true,\"h\":null } \n",
              (enum tq__json_strictness)strictness);
        assert_true(tq__json_next(&json, &item) && item.kind == TQ__JSON_OBJECT);
        assert_false(tq__json_enter(&json, '['));
        assert_true(tq__json_enter(&json, '{'));
        assert_true(tq__json_next(&json, &item) && tq__span_equals(item.key, "a"));
        assert_true(item.kind == TQ__JSON_STRING && tq__span_equals(item.text, "x\\\"y"));
        assert_true(tq__json_next(&json, &item) && tq__span_equals(item.key, "b"));
        assert_true(item.kind == TQ__JSON_ARRAY && item.text.len == 0);
        assert_true(tq__json_pass(&json, &item) && tq__span_equals(item.text, "[1,{\"c\":\"]\"}]"));
        assert_true(tq__json_next(&json, &item) && tq__span_equals(item.key, "d"));
        assert_true(tq__json_enter(&json, '{'));
        assert_true(tq__json_next(&json, &item) && tq__span_equals(item.key, "e"));
        assert_true(item.kind == TQ__JSON_NUMBER && tq__span_equals(item.text, "-1.5e3"));
        assert_true(tq__json_next(&json, &item) && tq__span_equals(item.key, "f"));
        assert_false(tq__json_next(&json, &item));
        assert_true(tq__json_next(&json, &item) && tq__span_equals(item.key, "g"));
        assert_int_equal(item.kind, TQ__JSON_TRUE);
        assert_true(tq__json_next(&json, &item) && item.kind == TQ__JSON_NULL);
        assert_false(tq__json_next(&json, &item));
        assert_true(tq__json_done(&json));
        assert_false(tq__json_next(&json, &item));
        assert_true(tq__json_done(&json));
    }
}

/* A line of a log that was cut off, as a killed writer leaves it. */
static void every_beginning_of_a_line_fails(void **state)
{
    static const char line[] = "{\"a\":\"x\\\\\",\"b\":[{},[\"\\\"]\"]],\"c\":{\"d\":false,\"e\":12}}";

    (void)state;
    for (size_t len = 0; len < sizeof line - 1; len++) {
        assert_false(passes(line, len, TQ__JSON_LAX));
        assert_false(passes(line, len, TQ__JSON_STRICT));
    }
    assert_true(passes(line, sizeof line - 1, TQ__JSON_LAX));
    assert_false(passes("", 0, TQ__JSON_LAX));
}

/* What is passed over is not judged but for its strings and brackets; what is given is. */
static void lax_judges_what_it_gives(void **state)
{
    static const char *const wrong[] = {
        "{\"a\":1,}",        "{,\"a\":1}",  "{\"a\" 1}",   "{\"a\":}",     "{a:1}",
        "{\"a\":1 \"b\":2}", "{\"a\":tru}", "{\"a\":01x}", "{\"a\":01}",   "{\"a\":+1}",
        "{\"a\":[}]}",       "{\"a\":[1}",  "{\"a\":1}}",  "{\"a\":1} {}", "{\"a\":\"\\\"}",
        "{\"a\":1]",         "{\"a\":-}",   "{\"a\"}",     "[1",
    };
    static const char inside[] = "{\"a\":[1 2,,\"\\x\n\"]}";
    struct tq__json_item item;
    struct tq__json json;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        begin(&json, wrong[i], TQ__JSON_LAX);
        if (tq__json_next(&json, &item) && (tq__json_enter(&json, '{') || tq__json_enter(&json, '[')))
            while (tq__json_next(&json, &item))
                continue;
        if (tq__json_done(&json))
            fail_msg("%s", wrong[i]);
    }
    assert_true(passes(inside, sizeof inside - 1, TQ__JSON_LAX));
    assert_false(passes(inside, sizeof inside - 1, TQ__JSON_STRICT));
}

static void a_failed_walk_stays_failed(void **state)
{
    struct tq__json_item item;
    struct tq__json json;

    (void)state;
    begin(&json, "{\"a\":x,\"b\":1}", TQ__JSON_LAX);
    assert_true(tq__json_enter_next(&json, '{'));
    assert_false(tq__json_next(&json, &item));
    assert_true(json.failed);
    assert_false(tq__json_next(&json, &item));
    assert_int_equal(item.kind, TQ__JSON_NONE);
    assert_false(tq__json_enter(&json, '{'));
    assert_false(tq__json_pass(&json, &item));
    assert_false(tq__json_done(&json));
    tq__json_begin(&json, (struct tq__span){NULL, 0}, TQ__JSON_STRICT);
    assert_false(tq__json_next(&json, &item));
}

static void members_are_found_by_name(void **state)
{
    struct tq__json_item a, b, c;
    const struct tq__json_wanted wanted[] = {{"a", &a}, {"b", &b}, {"c", &c}};

    (void)state;
    assert_true(tq__json_members(TQ__SPAN("{\"a\":1,\"x\":{\"c\":2},\"b\":[{}],\"a\":\"last\"}"), wanted, 3));
    assert_true(a.kind == TQ__JSON_STRING && tq__span_equals(a.text, "last"));
    assert_true(b.kind == TQ__JSON_ARRAY && tq__span_equals(b.text, "[{}]"));
    assert_int_equal(c.kind, TQ__JSON_NONE);
    assert_false(tq__json_members(TQ__SPAN("[1]"), wanted, 3));
    assert_int_equal(a.kind, TQ__JSON_NONE);
    assert_false(tq__json_members((struct tq__span){NULL, 0}, wanted, 3));
}

static void an_object_is_checked_while_it_is_read(void **state)
{
    static const char *const wrong[] = {"{\"a\":1",        "{\"a\":1} 2", "{\"a\":1}}", "{\"x\":[1 2]}",
                                        "{\"x\":\"\\q\"}", "[{}]",        "1",          ""};
    struct tq__json_item a;
    const struct tq__json_wanted wanted[] = {{"a", &a}};

    (void)state;
    assert_true(tq__json_object(TQ__SPAN(" {\"x\":[{}],\"a\":{\"b\":1}}\n"), wanted, 1));
    assert_true(tq__span_equals(a.text, "{\"b\":1}"));
    assert_true(tq__json_object(TQ__SPAN("{}"), wanted, 1));
    assert_int_equal(a.kind, TQ__JSON_NONE);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (tq__json_object(tq__span_of(wrong[i]), wanted, 1))
            fail_msg("%s", wrong[i]);
}

static void expect_text(const char *written, size_t room, const char *means)
{
    struct tq__json_item item = {.kind = TQ__JSON_STRING, .text = tq__span_of(written)};
    char out[64];

    memset(out, 'x', sizeof out);
    tq__json_copy(&item, out, room);
    assert_string_equal(out, means);
}

static void escapes_are_undone(void **state)
{
    struct tq__json_item number = {.kind = TQ__JSON_NUMBER, .text = {"12", 2}};
    struct tq__span plain = TQ__SPAN("plain"), undone;
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
    tq__json_copy(&number, out, sizeof out);
    assert_string_equal(out, "");
    undone = tq__json_unescape(plain, out, 0);
    assert_ptr_equal(undone.at, plain.at);
    undone = tq__json_unescape(TQ__SPAN("a\\nbcd"), out, 4);
    assert_true(tq__span_equals(undone, "a\nbc"));
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

/* Two documents, cut everywhere. */
static void a_document_ends_with_its_brackets(void **state)
{
    static const char first[] = "{\"a\":[\"}\\\"]\",{}]}", text[] = "{\"a\":[\"}\\\"]\",{}]}{\"b\":1}";
    const char *end = text + sizeof text - 1;

    (void)state;
    for (const char *cut = text; cut <= end; cut++) {
        struct tq__brackets brackets = {.depth = 0};
        const char *at = tq__brackets_skip(&brackets, text, cut);

        if (at == cut && (brackets.depth > 0 || !brackets.begun))
            at = tq__brackets_skip(&brackets, cut, end);
        assert_ptr_equal(at, text + sizeof first - 1);
    }
}

static void line_ends_stop_where_they_are_asked_for(void **state)
{
    static const char text[] = "{\n\"a\n\"}";
    const char *end = text + sizeof text - 1;
    struct tq__brackets brackets = {.lines = true};

    (void)state;
    assert_ptr_equal(tq__brackets_skip(&brackets, text, end), text + 1);
    assert_false(brackets.in_string);
    assert_ptr_equal(tq__brackets_skip(&brackets, text + 2, end), text + 4);
    assert_true(brackets.in_string);
    brackets = (struct tq__brackets){.depth = 0};
    assert_ptr_equal(tq__brackets_skip(&brackets, text, end), text + 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_it),
        cmocka_unit_test(as_jansson_does),
        cmocka_unit_test(as_jansson_does_with_faults),
        cmocka_unit_test(depth_has_an_end),
        cmocka_unit_test(gives_members_where_they_stand),
        cmocka_unit_test(every_beginning_of_a_line_fails),
        cmocka_unit_test(lax_judges_what_it_gives),
        cmocka_unit_test(a_failed_walk_stays_failed),
        cmocka_unit_test(members_are_found_by_name),
        cmocka_unit_test(an_object_is_checked_while_it_is_read),
        cmocka_unit_test(escapes_are_undone),
        cmocka_unit_test(what_does_not_fit_is_cut_between_characters),
        cmocka_unit_test(a_document_ends_with_its_brackets),
        cmocka_unit_test(line_ends_stop_where_they_are_asked_for),
    };

    return cmocka_run_group_tests_name("base_json", tests, NULL, NULL);
}
