/* test_usage_words.c: no word of those that matter is missed, wherever it stands; and no other is taken for
 * one.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "rng.h"
#include "signals/words.h"

static const struct {
    const char *text;
    uint32_t what;
} words[] = {
    {"\"usage\"", TQ__WORD_USAGE},
    {"\"usageMetadata\"", TQ__WORD_USAGE},
    {"\"tokens\"", TQ__WORD_USAGE},
    {"\"tokens_evaluated\"", TQ__WORD_USAGE},
    {"\"tokens_predicted\"", TQ__WORD_USAGE},
    {"\"token_count\"", TQ__WORD_USAGE},
    {"\"tokenCount\"", TQ__WORD_USAGE},
    {"\"generated_token_count\"", TQ__WORD_USAGE},
    {"\"prompt_token_count\"", TQ__WORD_USAGE},
    {"\"eval_count\"", TQ__WORD_USAGE},
    {"\"prompt_eval_count\"", TQ__WORD_USAGE},
    {"\"timings\"", TQ__WORD_USAGE},
    {"\"amazon-bedrock-invocationMetrics\"", TQ__WORD_USAGE},
    {"\"billed_units\"", TQ__WORD_USAGE},
    {"\"message_stop\"", TQ__WORD_OTHER},
    {"\"rate_limits\"", TQ__WORD_OTHER},
    {"\"rate_limit_event\"", TQ__WORD_OTHER},
    {"\"throttlingException\"", TQ__WORD_OTHER},
    {"\"base_resp\"", TQ__WORD_OTHER},
    {"\"error\"", TQ__WORD_OTHER},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The answer for a text in memory of its own length. */
static uint32_t ask(const char *text, size_t len)
{
    char *copy = malloc(len ? len : 1);
    uint32_t found;

    assert_non_null(copy);
    memcpy(copy, text, len);
    found = tq__usage_words(copy, len);
    free(copy);
    return found;
}

static void found_at_every_place(void **state)
{
    char text[512];

    (void)state;
    for (size_t w = 0; w < COUNT(words); w++)
        for (size_t before = 0; before < 150; before++)
            for (size_t behind = 0; behind < 150; behind += 7) {
                size_t len = strlen(words[w].text);

                memset(text, '"', sizeof(text));
                memcpy(text + before, words[w].text, len);
                assert_int_equal(ask(text, before + len + behind), words[w].what);
            }
}

static void a_cut_word_is_none(void **state)
{
    (void)state;
    for (size_t w = 0; w < COUNT(words); w++) {
        size_t len = strlen(words[w].text);
        uint32_t last = words[w].what;

        assert_int_equal(ask(words[w].text, 0), 0);
        assert_int_equal(ask(words[w].text + 1, len - 1), 0); /* without its quote */
        for (size_t cut = len; cut > 0; cut--) {
            uint32_t found = ask(words[w].text, cut);

            assert_true(found == last || found == 0);
            if (found == 0 && last != 0)
                assert_true(cut < TQ__WORD_BYTES_MAX);
            last = found;
        }
        assert_int_equal(last, 0);
    }
}

static void two_words_are_both_found(void **state)
{
    char text[256];

    (void)state;
    for (int between = 0; between < 100; between++) {
        int len = snprintf(text, sizeof(text), "{\"usage\":1%*s,\"error\":2}", between, "");

        assert_int_equal(ask(text, (size_t)len), TQ__WORD_USAGE | TQ__WORD_OTHER);
    }
}

static void what_a_model_wrote_is_no_word(void **state)
{
    static const char text[] =
        "{\"text\":\"the usage, \\\"usage\\\": and \\\"error\\\" in timings and tokens\","
        "\"usag\":1,\"errors\":2,\"token\":3,\"eval\":4,\"message_start\":5}";

    (void)state;
    assert_int_equal(ask(text, strlen(text)), 0);
}

/* Beside a search that looks at each place for each word. */
static void random_texts(void **state)
{
    static const char letters[] = "\"\"\"usageromtinkvlcp_d";
    uint64_t seed = rng_seed(20261124);
    struct rng rng = {seed};
    char text[200];

    (void)state;
    for (int round = 0; round < 20000; round++) {
        size_t len = rng_below(&rng, sizeof(text)), plant = rng_below(&rng, 200);
        const char *word = words[rng_below(&rng, COUNT(words))].text;
        uint32_t expected = 0;

        for (size_t i = 0; i < len; i++)
            text[i] = letters[rng_below(&rng, sizeof(letters) - 1)];
        if (plant + strlen(word) <= len)
            memcpy(text + plant, word, strlen(word));
        for (size_t i = 0; i < len; i++)
            for (size_t w = 0; w < COUNT(words); w++) {
                size_t word_len = strlen(words[w].text);

                if (i + word_len <= len && memcmp(text + i, words[w].text, word_len) == 0)
                    expected |= words[w].what;
            }
        if (expected & ~ask(text, len))
            fail_msg("missed in round %d, TQ_SEED=%llu", round, (unsigned long long)seed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_at_every_place),
        cmocka_unit_test(a_cut_word_is_none),
        cmocka_unit_test(two_words_are_both_found),
        cmocka_unit_test(what_a_model_wrote_is_no_word),
        cmocka_unit_test(random_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
