/* test_signal_profile.c: the table of profiles: ids that never change, names that are found.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"

#include <ctype.h>

#include "tokenquota_signals.h"

/* Ledgers hold the ids: a row of this list may be added, none may change. */
static const struct {
    uint32_t id;
    const char *name;
} pinned[] = {
    {1, "generic"},       {2, "openai"},       {3, "anthropic"},   {4, "anthropic-subscription"},
    {5, "codex"},         {6, "gemini"},       {7, "openrouter"},  {8, "groq"},
    {9, "azure-openai"},  {10, "mistral"},     {11, "deepseek"},   {12, "cerebras"},
    {13, "xai"},          {14, "together"},    {15, "fireworks"},  {16, "nebius"},
    {17, "cohere"},       {18, "bedrock"},     {19, "vertex"},     {20, "copilot"},
    {21, "digitalocean"}, {22, "huggingface"}, {23, "zai"},        {24, "litellm"},
    {25, "vllm"},         {26, "llamacpp"},    {27, "ollama"},     {28, "moonshot"},
    {29, "minimax"},      {30, "dashscope"},   {31, "cloudflare"}, {32, "volcengine"},
    {33, "siliconflow"},  {34, "opencode"},    {35, "new-api"},    {36, "perplexity"},
};

#define PINNED (sizeof(pinned) / sizeof(pinned[0]))

static void ids_are_pinned(void **state)
{
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < PINNED; i++) {
        const struct tq_profile *profile = tq_profile_of(pinned[i].id);

        assert_non_null(profile);
        assert_int_equal(tq_profile_id(profile), pinned[i].id);
        assert_string_equal(tq_profile_name(profile), pinned[i].name);
        assert_ptr_equal(tq_profile_find(pinned[i].name, strlen(pinned[i].name)), profile);
        assert_int_equal(tq_profile_known(pinned[i].name, strlen(pinned[i].name)), 1);
    }
    while (tq_profile_at(count))
        count++;
    assert_int_equal(count, PINNED);
    assert_null(tq_profile_of(0));
    assert_null(tq_profile_of(PINNED + 1));
    assert_null(tq_profile_of(UINT32_MAX));
    assert_null(tq_profile_at(SIZE_MAX));
}

static void every_row_is_complete(void **state)
{
    const struct tq_profile *profile;

    (void)state;
    for (size_t i = 0; (profile = tq_profile_at(i)); i++) {
        const char *name = tq_profile_name(profile);

        assert_in_range(tq_profile_id(profile), 1, 255);
        assert_true(strlen(name) > 0 && strlen(tq_profile_vendor(profile)) > 0);
        assert_true(strlen(tq_profile_source(profile)) > 10);
        assert_in_range(tq_profile_seen_live(profile), 0, 1);
        for (size_t j = 0; name[j] != '\0'; j++)
            assert_true(islower((unsigned char)name[j]) || name[j] == '-');
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(tq_profile_name(tq_profile_at(j)), name);
    }
}

static void names_are_found_in_any_case(void **state)
{
    (void)state;
    assert_ptr_equal(tq_profile_find("OpenAI", 6), tq_profile_of(2));
    assert_ptr_equal(tq_profile_find("openai!", 6), tq_profile_of(2));
    assert_null(tq_profile_find("openai!", 7));
    assert_null(tq_profile_find("opena", 5));
    assert_null(tq_profile_find("openai\0", 7));
    assert_null(tq_profile_find("", 0));
    assert_null(tq_profile_find(NULL, 0));
    assert_null(tq_profile_find("auto", 4));
    assert_int_equal(tq_profile_known("AUTO", 4), 1);
    assert_int_equal(tq_profile_known("auto", 3), 0);
    assert_int_equal(tq_profile_known("", 0), 0);
    assert_int_equal(tq_profile_known(NULL, 0), 0);
    assert_int_equal(tq_profile_known("unheard-of", 10), 0);
}

static void no_profile_has_no_answers(void **state)
{
    (void)state;
    assert_int_equal(tq_profile_id(NULL), 0);
    assert_null(tq_profile_name(NULL));
    assert_null(tq_profile_vendor(NULL));
    assert_null(tq_profile_source(NULL));
    assert_int_equal(tq_profile_seen_live(NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_pinned),
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(names_are_found_in_any_case),
        cmocka_unit_test(no_profile_has_no_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
