/* test_usage_json.c: the reader of tokens takes what is JSON and nothing else.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"

#include <stdlib.h>

#include <jansson.h>

#include "rng.h"
#include "usage_json.h"

/* All tokens as letters, and what they say: {k:a n:1 } */
static bool read_all(const char *text, size_t len, char *out, size_t out_bytes)
{
    static const char letters[] = {[TQ__JSON_OBJECT] = '{', [TQ__JSON_ARRAY] = '[',  [TQ__JSON_CLOSE] = ')',
                                   [TQ__JSON_KEY] = 'k',    [TQ__JSON_STRING] = 's', [TQ__JSON_NUMBER] = 'n',
                                   [TQ__JSON_TRUE] = 't',   [TQ__JSON_FALSE] = 'f',  [TQ__JSON_NULL] = '0'};
    char *copy = malloc(len ? len : 1);
    enum tq__json_token token;
    struct tq__json json;
    size_t used = 0;

    assert_non_null(copy);
    memcpy(copy, text, len);
    tq__json_start(&json, copy, len);
    while ((token = tq__json_next(&json)) > TQ__JSON_END) {
        bool has_text = token == TQ__JSON_KEY || token == TQ__JSON_STRING || token == TQ__JSON_NUMBER;

        assert_true(json.depth <= TQ__JSON_DEPTH_MAX);
        if (used + json.text.len + 2 < out_bytes) {
            out[used++] = letters[token];
            if (has_text)
                memcpy(out + used, json.text.at, json.text.len);
            used += has_text ? json.text.len : 0;
        }
    }
    out[used] = '\0';
    free(copy);
    return token == TQ__JSON_END;
}

#define EXPECT(text, tokens)                                                                                 \
    do {                                                                                                     \
        char out_[256];                                                                                      \
        assert_true(read_all(text, sizeof(text) - 1, out_, sizeof(out_)));                                   \
        assert_string_equal(out_, tokens);                                                                   \
    } while (0)

static void tokens(void **state)
{
    (void)state;
    EXPECT("{}", "{)");
    EXPECT(" [ ] ", "[)");
    EXPECT("{\"a\" : 1 , \"b\\\"\" :[ true,false , null, \"x\\u00e9\" ]}", "{kan1kb\\\"[tf0sx\\u00e9))");
    EXPECT("-0.5e+10", "n-0.5e+10");
    EXPECT("[0,-0,1.25,1E5,[{}],{\"\":{}}]", "[n0n-0n1.25n1E5[{)){k{)))");
    EXPECT("\"\xff\xc0\"", "s\xff\xc0");
}

/* jansson and this reader agree on what is JSON, but for bytes that are no UTF-8. */
static void expect_as_jansson(const char *text, size_t len)
{
    json_t *tree = json_loadb(text, len, JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL);
    char out[512];
    bool taken = read_all(text, len, out, sizeof(out));

    if (taken != (tree != NULL))
        fail_msg("%s by jansson, %s here: %.*s", tree ? "taken" : "refused", taken ? "taken" : "refused",
                 (int)len, text);
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
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
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
    char out[4 * TQ__JSON_DEPTH_MAX];
    char *text = malloc(2 * TQ__JSON_DEPTH_MAX + 2);
    size_t depth = TQ__JSON_DEPTH_MAX;

    (void)state;
    assert_non_null(text);
    memset(text, '[', depth + 1);
    memset(text + depth, ']', depth);
    assert_true(read_all(text, 2 * depth, out, sizeof(out)));
    text[depth] = '[';
    memset(text + depth + 1, ']', depth + 1);
    assert_false(read_all(text, 2 * depth + 2, out, sizeof(out)));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens),
        cmocka_unit_test(as_jansson_does),
        cmocka_unit_test(as_jansson_does_with_faults),
        cmocka_unit_test(depth_has_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
