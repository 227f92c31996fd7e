/* test_signal_many.c: a million headers are read in one pass, and what does not fit is said to be dropped.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"
#include "signal_promises.h"

#define MILLION 1000000u

static struct tq_field field(const char *name, const char *value)
{
    return (struct tq_field){name, strlen(name), value, strlen(value)};
}

static struct tq_quota_signal read_fields(uint32_t status, const struct tq_field *fields, size_t count)
{
    return signal_read_kept((struct tq_response){.status = status,
                                                 .fields = fields,
                                                 .field_count = count,
                                                 .now_ns = NOON_NS,
                                                 .sent_at_ns = NOON_NS - 1});
}

static struct tq_field *many(const char *name, const char *value, size_t count)
{
    struct tq_field *fields = malloc(count * sizeof(*fields));

    assert_non_null(fields);
    for (size_t i = 0; i < count; i++)
        fields[i] = field(name, value);
    return fields;
}

static void a_million_headers_of_no_meaning(void **state)
{
    struct tq_field *fields = many("x-filler", "1", MILLION);
    struct tq_quota_signal signal;

    (void)state;
    fields[MILLION - 1] = field("Retry-After", "7");
    signal = read_fields(429, fields, MILLION);
    assert_int_equal(signal.retry_at_ns, NOON_NS + INT64_C(7000000000));
    assert_int_equal(signal.anomalies, 0);
    free(fields);
}

static void a_million_times_the_same_header(void **state)
{
    static const char *const names[] = {"retry-after", "x-ratelimit-remaining-requests",
                                        "x-codex-primary-used-percent", "anthropic-ratelimit-requests-limit",
                                        "anthropic-ratelimit-unified-5h-utilization"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct tq_field *fields = many(names[i], "1", MILLION);
        struct tq_quota_signal signal = read_fields(429, fields, MILLION);

        assert_true(signal.axis_count <= 1);
        fields[0] = field(names[i], "2"); /* the others are of another opinion */
        signal = read_fields(429, fields, MILLION);
        /* Of names that are parts of others only so many are kept; then it says that it dropped some. */
        assert_true(signal.anomalies == MILLION - 1 ||
                    (signal.anomalies > 0 && signal.flags & TQ_SIGNAL_AXES_DROPPED));
        assert_true(signal.axis_count <= 1);
        free(fields);
    }
}

static void a_million_limits_are_too_many(void **state)
{
    struct tq_field *fields = many("RateLimit", "", MILLION);
    char(*items)[24] = malloc(MILLION * sizeof(*items));
    struct tq_quota_signal signal;

    (void)state;
    assert_non_null(items);
    for (size_t i = 0; i < MILLION; i++) {
        snprintf(items[i], sizeof(items[i]), "\"p%zu\";r=5", i);
        fields[i].value = items[i];
        fields[i].value_len = strlen(items[i]);
    }
    signal = read_fields(200, fields, MILLION);
    assert_int_equal(signal.axis_count, TQ_AXES_MAX);
    assert_true(signal.flags & TQ_SIGNAL_AXES_DROPPED);
    free(items);
    free(fields);
}

/* One family of Codex limits after the other: x-0-primary-used-percent, x-1-... */
static void many_families_of_limits(void **state)
{
    struct tq_field *fields = many("", "50", 1000);
    char(*names)[40] = malloc(1000 * sizeof(*names));
    struct tq_quota_signal signal;

    (void)state;
    assert_non_null(names);
    for (size_t i = 0; i < 1000; i++) {
        snprintf(names[i], sizeof(names[i]), "x-codex-%zu-primary-used-percent", i);
        fields[i].name = names[i];
        fields[i].name_len = strlen(names[i]);
    }
    fields[0] = field("x-codex-primary-used-percent", "50");
    signal = read_fields(200, fields, 1000);
    assert_true(signal.axis_count >= 2 && signal.axis_count <= TQ_AXES_MAX);
    assert_true(signal.flags & TQ_SIGNAL_AXES_DROPPED);
    free(names);
    free(fields);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_million_headers_of_no_meaning),
        cmocka_unit_test(a_million_times_the_same_header),
        cmocka_unit_test(a_million_limits_are_too_many),
        cmocka_unit_test(many_families_of_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
