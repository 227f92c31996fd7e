/* test_signal_bodies.c: whatever a body holds, the answer keeps its promises, and no wait is negative.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"
#include "rng.h"
#include "signal_cases.h"
#include "signal_promises.h"

static struct signal_cases cases;

static struct tq_quota_signal read_body(const char *profile, uint32_t status, const char *body, size_t len)
{
    return signal_read_kept((struct tq_response){.status = status,
                                                 .body = body,
                                                 .body_len = len,
                                                 .profile = tq_profile_find(profile, strlen(profile)),
                                                 .now_ns = NOON_NS});
}

static void every_body_cut_at_every_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < cases.count; i++) {
        const struct signal_case *c = &cases.list[i];
        const struct tq_profile *profile = tq_profile_find(c->by, strcspn(c->by, " ="));

        for (size_t len = 0; len <= c->body_len; len++) {
            char *copy = malloc(len ? len : 1); /* so that a sanitizer sees a read behind its end */

            assert_non_null(copy);
            if (len)
                memcpy(copy, c->body, len);
            signal_read_kept((struct tq_response){.status = c->status,
                                                  .fields = c->fields,
                                                  .field_count = c->field_count,
                                                  .body = copy,
                                                  .body_len = len,
                                                  .profile = profile,
                                                  .now_ns = c->now_ns});
            free(copy);
        }
    }
}

static void every_body_with_a_byte_changed(void **state)
{
    static const unsigned char bytes[] = {0, '"', '{', '-', 0xff};
    uint64_t seed = rng_seed(20261120);
    struct rng rng = {seed};

    (void)state;
    print_message("# seed %llu\n", (unsigned long long)seed);
    for (size_t i = 0; i < cases.count; i++) {
        const struct signal_case *c = &cases.list[i];
        char *copy = c->body_len ? malloc(c->body_len) : NULL;

        for (unsigned round = 0; copy && round < 200; round++) {
            memcpy(copy, c->body, c->body_len);
            copy[rng_below(&rng, (unsigned)c->body_len)] =
                (char)(round % 2 ? bytes[rng_below(&rng, sizeof(bytes))] : rng_below(&rng, 256));
            read_body(round % 4 < 2 ? "auto" : "generic", c->status, copy, c->body_len);
        }
        free(copy);
    }
}

static void deep_json(void **state)
{
    static const char *const patterns[] = {"[", "{\"error\":", "{\"error\":[",
                                           "{\"usage\":{\"details\":[{\"a\":"};

    (void)state;
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
        for (size_t p = 0; tq_profile_at(p); p++) {
            char *body = signal_repeat(patterns[i], 1000000);
            struct tq_quota_signal signal = read_body(tq_profile_name(tq_profile_at(p)), 429, body, 1000000);

            assert_true(signal.refusal != TQ_CLASS_NONE); /* the status is still there */
            free(body);
        }
}

static void numbers_of_bodies(void **state)
{
    static const char *const numbers[] = {"-1",
                                          "-0.0",
                                          "1e400",
                                          "-1e400",
                                          "1e-400",
                                          "1e18",
                                          "9223372036854775807",
                                          "9223372036854775808",
                                          "-9223372036854775808",
                                          "0.1",
                                          "1795435200.5",
                                          "179543520000000",
                                          "true",
                                          "null",
                                          "[]",
                                          "{}",
                                          "\"\"",
                                          "\"-5s\"",
                                          "\"99999999999999999999s\"",
                                          "\"1e9s\"",
                                          "\"NaN\""};
    char *nines = signal_repeat("9", 400), body[2048];

    (void)state;
    for (size_t i = 0; i <= sizeof(numbers) / sizeof(numbers[0]); i++) {
        const char *number = i < sizeof(numbers) / sizeof(numbers[0]) ? numbers[i] : nines;
        int len = snprintf(
            body, sizeof(body),
            "{\"error\": {\"type\": \"usage_limit_reached\", \"code\": %s, \"resets_at\": %s, \"details\": ["
            "{\"@type\": \"type.googleapis.com/google.rpc.RetryInfo\", \"retryDelay\": %s}]}}",
            number, number, number);

        for (size_t p = 0; tq_profile_at(p); p++)
            read_body(tq_profile_name(tq_profile_at(p)), 429, body, (size_t)len);
    }
    free(nines);
}

static void bodies_that_are_no_json(void **state)
{
    static const char nuls[64] = {0}, utf16[] = "\xff\xfe{\0\"\0e\0r\0r\0o\0r\0\"\0",
                      bom[] = "\xef\xbb\xbf{\"error\":{}}",
                      bytes[] = "{\"error\":{\"code\":\"\xff\xfe\xc0\x80\xed\xa0\x80\"}}",
                      html[] = "<html>429</html>",
                      twice[] = "{\"error\":{\"code\":\"1302\"},\"error\":{\"code\":402}}",
                      nul[] = "{\"error\":\"\\u0000\"}";

    (void)state;
    for (size_t p = 0; tq_profile_at(p); p++) {
        const char *name = tq_profile_name(tq_profile_at(p));

        assert_int_not_equal(read_body(name, 429, nuls, sizeof(nuls)).refusal, TQ_CLASS_NONE);
        assert_int_not_equal(read_body(name, 429, utf16, sizeof(utf16)).refusal, TQ_CLASS_NONE);
        assert_int_not_equal(read_body(name, 429, bom, sizeof(bom) - 1).refusal, TQ_CLASS_NONE);
        assert_int_not_equal(read_body(name, 429, bytes, sizeof(bytes) - 1).refusal, TQ_CLASS_NONE);
        assert_int_not_equal(read_body(name, 429, html, sizeof(html) - 1).refusal, TQ_CLASS_NONE);
        assert_int_not_equal(read_body(name, 429, twice, sizeof(twice) - 1).refusal, TQ_CLASS_NONE);
        assert_int_not_equal(read_body(name, 429, nul, sizeof(nul) - 1).refusal, TQ_CLASS_NONE);
        assert_int_equal(read_body(name, 200, html, sizeof(html) - 1).refusal, TQ_CLASS_NONE);
    }
}

/* The limit is of the parsing: what the status and the headers say is read. */
static void a_body_above_the_limit_is_not_parsed(void **state)
{
    static const char error[] =
        "{\"error\":{\"type\":\"insufficient_quota\",\"code\":\"insufficient_quota\"}}";
    char *body = signal_repeat(" ", TQ_BODY_MAX + 1u);

    (void)state;
    memcpy(body, error, sizeof(error) - 1);
    assert_int_equal(read_body("openai", 429, body, TQ_BODY_MAX).refusal, TQ_CLASS_NO_MONEY);
    assert_int_equal(read_body("openai", 429, body, TQ_BODY_MAX + 1u).refusal, TQ_CLASS_THROTTLED);
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_body_cut_at_every_byte),
        cmocka_unit_test(every_body_with_a_byte_changed),
        cmocka_unit_test(deep_json),
        cmocka_unit_test(numbers_of_bodies),
        cmocka_unit_test(bodies_that_are_no_json),
        cmocka_unit_test(a_body_above_the_limit_is_not_parsed),
    };
    int status;

    if (signal_cases_read_folder(&cases, "tests/vectors/signals") <= 0) {
        printf("Bail out! no responses to begin with\n");
        return 1;
    }
    status = cmocka_run_group_tests(tests, NULL, NULL);
    signal_cases_free(&cases);
    return status;
}
