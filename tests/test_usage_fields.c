/* test_usage_fields.c: usage that stands in headers.
 *
 * SPDX-License-Identifier: MIT
 */
#include "harness.h"

#include "tokenquota_signals.h"
#include "usage_say.h"

#define FIELD(name, value)                                                                                   \
    {                                                                                                        \
        name, sizeof(name) - 1, value, sizeof(value) - 1                                                     \
    }
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void expect(const struct tq_field *fields, size_t count, const char *expected)
{
    struct tq_usage usage = {.size = sizeof(usage), .input = 7, .flags = 7, .counted = 7, .known = 7};
    char words[USAGE_WORDS_BYTES];
    int answer = tq_usage_read_fields(NULL, fields, count, &usage);

    assert_string_equal(usage_say(answer, &usage, words), expected);
}

static void bedrock(void **state)
{
    const struct tq_field fields[] = {
        FIELD("Content-Type", "application/json"),
        FIELD("X-Amzn-Bedrock-Input-Token-Count", "15"),
        FIELD("x-amzn-bedrock-output-token-count", " 12 "),
        FIELD("X-AMZN-BEDROCK-CACHE-READ-INPUT-TOKEN-COUNT", "100"),
        FIELD("x-amzn-bedrock-cache-write-input-token-count", "30"),
        FIELD("x-amzn-bedrock-invocation-latency", "800"),
    };

    (void)state;
    expect(fields, COUNT(fields), "input 15 cache-read 100 cache-write 30 output 12 counted 57");
    expect(fields, 3, "input 15 output 12 counted 27");
    expect(fields, 1, "none");
    expect(NULL, 0, "none");
}

static void fireworks(void **state)
{
    const struct tq_field fields[] = {FIELD("fireworks-prompt-tokens", "90"),
                                      FIELD("fireworks-cached-prompt-tokens", "60")};

    (void)state;
    expect(fields, 2, "input 30 cache-read 60 counted 30");
}

static void odd_values(void **state)
{
    const struct tq_field fields[] = {
        FIELD("x-amzn-bedrock-input-token-count", "-1"), FIELD("x-amzn-bedrock-input-token-count", "5"),
        FIELD("x-amzn-bedrock-output-token-count", "2"), FIELD("x-amzn-bedrock-output-token-count", "9"),
        {"x-amzn-bedrock-input", 20, NULL, 0},
    };
    const struct tq_field bad[] = {FIELD("x-amzn-bedrock-input-token-count", "12a"),
                                   FIELD("x-amzn-bedrock-output-token-count", "")};

    (void)state;
    expect(fields, COUNT(fields), "output 2 counted 2"); /* the first of two is the one */
    expect(bad, 2, "none");
}

static void arguments(void **state)
{
    struct tq_usage usage = {.size = sizeof(usage)}, small = {.size = sizeof(usage) - 1};
    const struct tq_field field = FIELD("a", "b");

    (void)state;
    assert_int_equal(tq_usage_read_fields(NULL, &field, 1, NULL), TQ_EINVAL);
    assert_int_equal(tq_usage_read_fields(NULL, &field, 1, &small), TQ_EINVAL);
    assert_int_equal(tq_usage_read_fields(NULL, NULL, 1, &usage), TQ_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bedrock),
        cmocka_unit_test(fireworks),
        cmocka_unit_test(odd_values),
        cmocka_unit_test(arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
