/* test_signal_hostile.c: whatever the headers hold, the answer keeps its promises, and no wait is negative.
 *
 * SPDX-License-Identifier: MIT
 *
 * The responses of tests/vectors/signals/ are where the names come from: every header that means something is
 * in one of them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"
#include "signal_cases.h"
#include "signal_promises.h"

static struct signal_cases cases;

static struct tq_quota_signal read_fields(uint32_t status, const struct tq_field *fields, size_t count)
{
    return signal_read_kept((struct tq_response){.status = status,
                                                 .fields = fields,
                                                 .field_count = count,
                                                 .now_ns = NOON_NS,
                                                 .sent_at_ns = NOON_NS - 1});
}

/* ---- one value, in the place of every header there is ---------------------------------------- */

/* The first of its name and profile in all cases? Names differ in their meaning, not in their number. */
static bool is_new(size_t number, size_t at)
{
    const struct signal_case *c = &cases.list[number];

    for (size_t i = 0; i <= number; i++) {
        const struct signal_case *other = &cases.list[i];

        for (size_t n = 0; n < (i < number ? other->field_count : at); n++)
            if (other->fields[n].name_len == c->fields[at].name_len &&
                memcmp(other->fields[n].name, c->fields[at].name, c->fields[at].name_len) == 0 &&
                strcmp(other->by, c->by) == 0)
                return false;
    }
    return true;
}

/* Reads a response with `value` in the place of each header in turn, by its own profile and by auto. */
static void put_everywhere(const char *value, size_t len)
{
    for (size_t i = 0; i < cases.count; i++) {
        const struct signal_case *c = &cases.list[i];

        for (size_t at = 0; at < c->field_count; at++) {
            if (!is_new(i, at))
                continue;

            struct tq_field fields[SIGNAL_FIELDS_MAX];
            struct tq_response response = {.status = c->status,
                                           .fields = fields,
                                           .field_count = c->field_count,
                                           .body = c->body,
                                           .body_len = c->body_len,
                                           .now_ns = c->now_ns};

            memcpy(fields, c->fields, sizeof(fields));
            fields[at].value = value;
            fields[at].value_len = len;
            signal_read_kept(response);
            response.profile = tq_profile_find(c->by, strcspn(c->by, " ="));
            signal_read_kept(response);
        }
    }
}

static void values_of_no_form(void **state)
{
    static const char *const values[] = {
        "",
        " ",
        "\t \t",
        "-",
        "+",
        ".",
        "0",
        "-0",
        "-0.0",
        "+0",
        "00000000000000000000000000000000000001",
        "1.",
        ".5",
        "1.01",
        "1e5",
        "1e400",
        "-1e400",
        "0x10",
        "NaN",
        "-nan",
        "inf",
        "-Infinity",
        "null",
        "true",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551615",
        "18446744073709551616",
        "0.9999999999999999999999999999999",
        "1,000",
        "1 000",
        "99999999999h",
        "9223372036s",
        "9223372037s",
        "-5s",
        "1h-1m",
        "1s1s1s",
        "h",
        "1",
        "1d",
        "1.2.3s",
        "5\xc2\xb5s",
        "1795176000",
        "1795176000000",
        "-1795176000",
        "9214646400",
        "9214646401",
        "99999999999999999999",
        "1677-09-21T00:12:43Z",
        "2262-04-11T23:47:16.854775807Z",
        "9999-12-31T23:59:59Z",
        "0000-00-00T00:00:00Z",
        "2026-11-20T12:00:00",
        "2026-11-20T24:00:60Z",
        "2026-11-20T12:00:00+99:99",
        "T-",
        "--T--",
        "Fri, 20 Nov 2026 12:00:30 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Friday, 31-Dec-99 23:59:59 GMT",
        "Fri Nov 20 12:00:30 99999",
        "Fri, 99 Nov 2026 99:99:99 GMT",
        "\"a\";r=1",
        "\"a\";r=-1;t=-1",
        "\"a\";r=999999999999999;t=999999999999999",
        "\"a\";r=1e3",
        "\"",
        "\"\\",
        "\"a\";;",
        "\"a\";r=1,,\"b\";r=1",
        "\"a\" r=1",
        "(\"a\" \"b\");r=1",
        "\"a\";r=1;r=2;t=3;t=4",
        "a;r=1",
        "ent=&rem=&rst=",
        "ent=1&rem=101&rst=%",
        "ent=-1&rem=-1&rst=%0",
        "ent=1&rem=50&rst=%zz",
        "&&&&",
        "====",
        "rejected",
        "allowed",
        "allowed_warning",
        "REJECTED",
        "yes",
        "no",
        "True",
        "False",
        "\xff\xfe",
        "\xc0\x80",
        "\xed\xa0\x80",
        "\xf4\x90\x80\x80",
        "%s%n%x",
        "../../etc",
        "\x1b[2J",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        put_everywhere(values[i], strlen(values[i]));
    put_everywhere(NULL, 0);
}

static void values_of_400_digits(void **state)
{
    static const char *const forms[] = {"%s",
                                        "-%s",
                                        "%s.%s",
                                        "0.%s",
                                        "%ss",
                                        "%sh%sm",
                                        "%s.%ss",
                                        "\"a\";r=%s;t=%s",
                                        "ent=%s&rem=%s",
                                        "2026-11-20T12:00:00.%sZ",
                                        "%s-11-20T12:00:00Z"};
    char *nines = signal_repeat("9", 400), *zeros = signal_repeat("0", 400), text[1024];

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        const char *const digits[] = {nines, zeros};

        for (size_t d = 0; d < 2; d++) {
            size_t len = 0;

            /* By hand: the format is no literal. */
            for (const char *at = forms[i]; *at; at++)
                if (at[0] == '%' && at[1] == 's') {
                    memcpy(text + len, digits[d], 400);
                    len += 400;
                    at++;
                } else {
                    text[len++] = *at;
                }
            put_everywhere(text, len);
        }
    }
    free(nines);
    free(zeros);
}

static void values_of_64_kb(void **state)
{
    static const char *const patterns[] = {
        "9",   "1h",     "0", " ",  "a", "\"", "\\\"", "\"a\";r=1,", "\"a\";q=1;w=1,",
        "%3A", "rem=1&", "-", "1.", ";", ",",  "(",    "\xff",       "T-"};

    (void)state;
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        char *value = signal_repeat(patterns[i], 65536);

        put_everywhere(value, 65536);
        free(value);
    }
}

static void a_nul_ends_nothing(void **state)
{
    static const char value[] = "5\0", name[] = "retry-after\0";
    struct tq_field wrong_value = {"retry-after", 11, value, 2}, wrong_name = {name, 12, "5", 1};
    struct tq_quota_signal signal;

    (void)state;
    put_everywhere("5\0005", 3);
    put_everywhere("\0", 1);
    signal = read_fields(429, &wrong_value, 1);
    assert_int_equal(signal.retry_at_ns, 0);
    assert_int_equal(signal.anomalies, 1);
    signal = read_fields(429, &wrong_name, 1);
    assert_int_equal(signal.retry_at_ns, 0);
    assert_int_equal(signal.anomalies, 0);
}

/* A value is no text with an end: what is behind it does not belong to it. */
static void values_end_where_their_length_says(void **state)
{
    struct tq_field fields[] = {{"retry-after-and-more", 11, "123", 2}};

    (void)state;
    assert_int_equal(read_fields(429, fields, 1).retry_at_ns, NOON_NS + INT64_C(12000000000));
}

/* ---- arguments and instants ------------------------------------------------------------------ */

static void instants_at_both_ends_of_time(void **state)
{
    static const int64_t instants[] = {INT64_C(-9214560000) * 1000000000, -200 * DAY_NS - 1, 1,
                                       INT64_C(9214646400) * 1000000000 - 1};

    (void)state;
    for (size_t n = 0; n < sizeof(instants) / sizeof(instants[0]); n++)
        for (size_t i = 0; i < cases.count; i++) {
            const struct signal_case *c = &cases.list[i];

            signal_read_kept((struct tq_response){.status = c->status,
                                                  .fields = c->fields,
                                                  .field_count = c->field_count,
                                                  .body = c->body,
                                                  .body_len = c->body_len,
                                                  .profile = tq_profile_find(c->by, strcspn(c->by, " =")),
                                                  .now_ns = instants[n],
                                                  .day = (uint32_t)(n % 2)});
        }
}

static void wrong_arguments(void **state)
{
    struct tq_quota_signal signal = {.size = sizeof(signal)}, small = {.size = 8};
    struct tq_response good = {.size = sizeof(good), .now_ns = NOON_NS}, bad = good;
    struct tq_field nameless = {NULL, 0, NULL, 0};

    (void)state;
    assert_int_equal(tq_signal_read(NULL, &signal), TQ_EINVAL);
    assert_int_equal(tq_signal_read(&good, NULL), TQ_EINVAL);
    assert_int_equal(tq_signal_read(&good, &small), TQ_EINVAL);
    bad.size = 8;
    assert_int_equal(tq_signal_read(&bad, &signal), TQ_EINVAL);
    bad = good;
    bad.field_count = 1;
    assert_int_equal(tq_signal_read(&bad, &signal), TQ_EINVAL);
    bad = good;
    bad.body_len = 1;
    assert_int_equal(tq_signal_read(&bad, &signal), TQ_EINVAL);
    bad = good;
    bad.now_ns = INT64_MAX;
    assert_int_equal(tq_signal_read(&bad, &signal), TQ_ERANGE);
    bad.now_ns = INT64_MIN;
    assert_int_equal(tq_signal_read(&bad, &signal), TQ_ERANGE);
    assert_int_equal(tq_signal_read(&good, &signal), 1);
    read_fields(200, &nameless, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_no_form),
        cmocka_unit_test(values_of_400_digits),
        cmocka_unit_test(values_of_64_kb),
        cmocka_unit_test(a_nul_ends_nothing),
        cmocka_unit_test(values_end_where_their_length_says),
        cmocka_unit_test(instants_at_both_ends_of_time),
        cmocka_unit_test(wrong_arguments),
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
