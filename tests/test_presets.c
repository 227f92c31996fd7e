/* test_presets.c: the presets that are installed, and what is refused in a file of presets.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "harness.h"
#include "scratch.h"
#include "view/presets.h"

#define SHIPPED "cli/presets.json"
#define LIMIT(sentence) "{\"limit\":\"" sentence "\",\"source\":\"https://x\",\"date\":\"2026-01-31\"}"
#define PRESET(name, limits)                                                                                 \
    "{\"name\":\"" name "\",\"title\":\"T\",\"vendor\":\"v\",\"limits\":[" limits "]}"
#define FILE_OF(presets) "{\"presets\":[" presets "]}"

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void expect_wrong(void **state, const char *text, const char *message)
{
    const char *path = scratch_path(state, "presets.json");
    struct presets presets = {0};
    char whole[PATH_MAX + 512];

    write_file(path, text);
    assert_int_equal(presets_read(&presets, path), -1);
    snprintf(whole, sizeof whole, "%s:%s", path, message);
    assert_string_equal(presets.wrong, whole);
    presets_free(&presets);
}

/* ---- what is installed ----------------------------------------------------------------------- */

static void each_shipped_limit_has_a_source_and_a_date(void **state)
{
    struct presets presets = {0};
    char sentence[256];
    size_t limits = 0, amounts = 0;

    (void)state;
    if (presets_read(&presets, SHIPPED) != 0)
        fail_msg("%s", presets.wrong);
    for (size_t i = 0; i < presets.count; i++)
        for (size_t k = 0; k < presets.items[i].count; k++, limits++) {
            const struct preset_limit *limit = &presets.items[i].limits[k];

            assert_true(tq_limit_format(&limit->limit, sentence, sizeof sentence) > 0);
            assert_string_equal(sentence, limit->sentence); /* in the shortest form */
            assert_true(strncmp(limit->source, "https://", 8) == 0);
            assert_true(strcmp(limit->date, "2025-01-01") > 0);
            amounts += preset_limit_has_amount(limit);
        }
    assert_in_range(presets.count, 25, 1000);
    assert_in_range(amounts, 15, limits - 15);
    presets_free(&presets);
}

static void each_shipped_preset_can_be_applied_twice(void **state)
{
    struct tq_ledger *ledger = open_file(NULL);
    struct presets presets = {0};

    (void)state;
    assert_int_equal(presets_read(&presets, SHIPPED), 0);
    for (size_t i = 0; i < presets.count; i++) {
        const struct preset *preset = &presets.items[i];
        struct tq_limit_state list[TQ_LIMITS_MAX];
        struct tq_provider *provider;

        list[0].size = sizeof list[0];
        provider = handle(ledger, preset->name);
        for (int times = 0; times < 2; times++)
            for (size_t k = 0; k < preset->count; k++)
                assert_int_equal(tq_provider_set_limit(provider, &preset->limits[k].limit, NULL), k + 1);
        assert_int_equal(tq_provider_limits(provider, tq_now_ns(), list, TQ_LIMITS_MAX), preset->count);
    }
    presets_free(&presets);
    tq_ledger_close(ledger);
}

/* ---- several files --------------------------------------------------------------------------- */

static void the_first_of_a_name_holds(void **state)
{
    struct presets presets = {0};
    const char *first = scratch_path(state, "first.json"), *second = scratch_path(state, "second.json");

    write_file(first, FILE_OF(PRESET("b", LIMIT("7d"))));
    write_file(second, FILE_OF(PRESET("a", LIMIT("5h")) "," PRESET("b", LIMIT("5h"))));
    assert_int_equal(presets_read(&presets, first), 0);
    assert_int_equal(presets_read(&presets, second), 0);
    assert_int_equal(presets.count, 2);
    assert_string_equal(presets_find(&presets, "b")->limits[0].sentence, "7d");
    assert_string_equal(presets_find(&presets, "b")->file, first);
    assert_string_equal(presets_find(&presets, "a")->file, second);
    assert_null(presets_find(&presets, "c"));
    assert_int_equal(presets_read(&presets, scratch_path(state, "none.json")), 1);
    assert_int_equal(presets.count, 2);
    presets_free(&presets);
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void what_is_wrong_is_said_with_its_place(void **state)
{
    expect_wrong(state, "{\"presets\":\n [}", "2:3: unexpected token near '}'");
    expect_wrong(state, "[]", "1:1: the file is no object with one member, the list \"presets\"");
    expect_wrong(state, "{\"presets\":[],\"x\":1}",
                 "1:1: the file is no object with one member, the list \"presets\"");
    expect_wrong(state, "{\"presets\":[\n7]}", "1:3: each preset is an object");
    expect_wrong(state, "{\"presets\":[\n{\"title\":\"T\"}]}", "1:2: \"name\" is missing");
    expect_wrong(state, "{\"presets\":[\n{\"name\":\"x\"}]}", "2:9: \"title\" is missing");
    expect_wrong(state, "{\"presets\":[\n{\"name\":\"x\",\"title\":7}]}", "2:14: \"title\" is no text");
    expect_wrong(state, "{\"presets\":[{\"name\":\"x\",\"title\":\"T\",\"vendor\":\"v\",\n\"limts\":[]}]}",
                 "2:2: \"limts\" is no member; did you mean \"limits\"?");
    expect_wrong(state,
                 "{\"presets\":[{\"name\":\"x\",\"title\":\"T\",\"vendor\":\"v\",\n\"overage\":\"on\"}]}",
                 "2:2: the overage is neither \"allow\" nor \"stop\"");
    expect_wrong(state, FILE_OF(PRESET("x", "")), "1:21: \"limits\" is no list of 1 to 8 limits");
    expect_wrong(state, FILE_OF(PRESET("a b", LIMIT("5h"))),
                 "1:21: the name has other characters than a-z, 0-9, \".\" and \"-\"");
    expect_wrong(state, FILE_OF(PRESET("x", LIMIT("5h")) ",\n" PRESET("x", LIMIT("5h"))),
                 "1:21: this name is there twice");
    expect_wrong(state, FILE_OF(PRESET("x", "7")),
                 "1:51: each limit is an object with \"limit\", \"source\" and \"date\"");
    expect_wrong(state, FILE_OF(PRESET("x", "\n" LIMIT("5M tokns per day"))),
                 "2:11: in \"5M tokns per day\": \"tokns\" is no unit; did you mean \"tokens\"?");
    expect_wrong(state,
                 FILE_OF(PRESET("x", "{\"limit\":\"5h\",\"source\":\"http://x\",\"date\":\"2026-01-31\"}")),
                 "1:84: the source is no address that begins with https://");
    expect_wrong(state,
                 FILE_OF(PRESET("x", "{\"limit\":\"5h\",\"source\":\"https://x\",\"date\":\"2026-02-30\"}")),
                 "1:103: the date is no day such as 2026-10-17");
    expect_wrong(state, FILE_OF(PRESET("x", "{\"limit\":\"5h\",\"source\":\"https://x\"}")),
                 "1:21: \"date\" is missing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_shipped_limit_has_a_source_and_a_date),
        cmocka_unit_test(each_shipped_preset_can_be_applied_twice),
        scratch_test(the_first_of_a_name_holds),
        scratch_test(what_is_wrong_is_said_with_its_place),
    };

    heed_test_filter();
    return cmocka_run_group_tests_name("presets", tests, NULL, NULL);
}
