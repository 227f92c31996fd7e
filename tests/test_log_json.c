/* test_log_json.c: JSONL lines give their records, numbers to the last digit.
 *
 * SPDX-License-Identifier: MIT
 */
#include "logs/log_expect.h"

#define MS INT64_C(1000000)

static struct tq_log_reader *open_text(const char *text)
{
    return expect_open(text, strlen(text));
}

static void reads_objects(void **state)
{
    struct tq_log_reader *log =
        open_text("\xef\xbb\xbf{\"unix_ms\":1700158623979,\"provider\":\"a\",\"tokens\":12}\r\n"
                  "\n"
                  " { \"Timestamp\" : \"1970-01-01T00:00:01Z\",\t\"MODEL\":\"m\", \"input_tokens\":1 }\n"
                  "{\"timestamp\":\r1.5,\"model\":\"m\",\"output_tokens\":2.0,\"input_tokens\":3e0}\n"
                  "{\"unix_ms\":\"7\",\"model\":\"\\u00e9\\\"\\n\",\"tokens\":\"8\"}");

    (void)state;
    expect_record(log, 1, INT64_C(1700158623979) * MS, "a", 12);
    expect_record(log, 3, 1000 * MS, "m", 1);
    expect_record(log, 4, 1500 * MS, "m", 5);
    expect_record(log, 5, 7 * MS, "\xc3\xa9\"\n", 8);
    expect_end(log);
}

/* Where a double would round. */
static void keeps_every_digit(void **state)
{
    struct tq_log_reader *log =
        open_text("{\"timestamp\":1700158623.123456789,\"model\":\"m\",\"tokens\":9007199254740993}\n"
                  "{\"timestamp\":1700158623123456789,\"model\":\"m\",\"tokens\":9223372036854775807}\n"
                  "{\"timestamp\":-0.000000001,\"model\":\"m\",\"tokens\":9007199254740993.0}\n");

    (void)state;
    expect_record(log, 1, INT64_C(1700158623123456789), "m", INT64_C(9007199254740993));
    expect_record(log, 2, INT64_C(1700158623123456789), "m", INT64_MAX);
    expect_record(log, 3, -1, "m", INT64_C(9007199254740993));
    expect_end(log);
}

/* Numbers are found behind whatever else the object has. */
static void finds_numbers_among_other_members(void **state)
{
    struct tq_log_reader *log = open_text(
        "{\"a\":{\"tokens\":1,\"b\":[1,{\"unix_ms\":2},[]]},\"tokens\":3,\"c\":\"\\\\\",\"d\":\"x\\\"},{:,\","
        "\"unix_ms\":4,\"e\":[1,2,3],\"model\":\"m\"}\n"
        "{\"trace\":18446744073709551615,\"big\":1e300,\"x:,\":true,\"model\":\"m\",\"f\":{},\"g\":[],"
        "\"nul\":\"\\u0000\",\"unix_ms\":5,\"to\\u006bens\":6}\n");

    (void)state;
    expect_record(log, 1, 4 * MS, "m", 3);
    expect_record(log, 2, 5 * MS, "m", 6);
    expect_end(log);
}

static void null_is_not_there(void **state)
{
    struct tq_log_reader *log =
        open_text("{\"provider\":null,\"model\":\"m\",\"tokens\":null,\"input_tokens\":null,"
                  "\"output_tokens\":5,\"unix_ms\":null,\"timestamp\":1}\n"
                  "{\"provider\":null,\"tokens\":1,\"timestamp\":1}\n");

    (void)state;
    expect_record(log, 1, 1000 * MS, "m", 5);
    expect_bad(log, 2, "provider, provider_or_model or model is missing");
    expect_end(log);
}

static void other_json_is_no_record(void **state)
{
    struct tq_log_reader *log = open_text("{\"unix_ms\":1,\"model\":\"m\",\"tokens\":1}\n[1]\n5\n");

    (void)state;
    expect_record(log, 1, MS, "m", 1);
    expect_bad(log, 2, "not a JSON object");
    expect_bad(log, 3, "not a JSON object");
    expect_end(log);
}

static void refuses_lines(void **state)
{
    (void)state;
    expect_bad_line("", "{", "not JSON at byte 2");
    expect_bad_line("", "{\"unix_ms\":1,\"model\":\"m\",\"tok", "not JSON at byte ");
    expect_bad_line("", "{} {}", "not JSON at byte 4");
    expect_bad_line("", "{\"a\":\"\x1b\"}", "not JSON at byte 6");
    expect_bad_line("", "{\"a\":\"\xff\"}", "not UTF-8");
    expect_bad_line("", "{}", "unix_ms or timestamp is missing");
    expect_bad_line("", "{\"unix_ms\":1}", "model is missing");
    expect_bad_line("", "{\"unix_ms\":1,\"model\":\"m\"}", "input_tokens or output_tokens is missing");
    expect_bad_line("", "{\"unix_ms\":1,\"model\":\"\",\"tokens\":1}", "model is empty");
    expect_bad_line("", "{\"unix_ms\":1,\"model\":5,\"tokens\":1}", "model is of a JSON type that");
    expect_bad_line("", "{\"unix_ms\":true,\"model\":\"m\",\"tokens\":1}", "unix_ms is of a JSON type");
    expect_bad_line("", "{\"unix_ms\":1,\"model\":\"m\",\"tokens\":[1]}", "tokens is of a JSON type");
    expect_bad_line("", "{\"unix_ms\":1,\"model\":\"m\",\"tokens\":-1}", "tokens is negative: \"-1\"");
    expect_bad_line("", "{\"unix_ms\":1,\"model\":\"m\",\"tokens\":1.5}", "not a whole number: \"1.5\"");
    expect_bad_line("", "{\"unix_ms\":1,\"model\":\"m\",\"tokens\":\"x\"}", "not a whole number: \"x\"");
    expect_bad_line("", "{\"unix_ms\":1,\"model\":\"m\",\"tokens\":1e30}", "tokens is more than 64 bits");
    expect_bad_line("", "{\"unix_ms\":1,\"model\":\"m\",\"tokens\":1,\"tokens\":1}", "tokens is there twice");
    expect_bad_line("", "{\"unix_ms\":1,\"model\":\"m\",\"tokens\":1,\"Tokens\":1}", "tokens is there twice");
    expect_bad_line("",
                    "{\"unix_ms\":1,\"model\":\"m\",\"output_tokens\":1,"
                    "\"input_tokens\":9223372036854775807}",
                    "output_tokens makes the sum of tokens more than");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_objects),
        cmocka_unit_test(keeps_every_digit),
        cmocka_unit_test(finds_numbers_among_other_members),
        cmocka_unit_test(null_is_not_there),
        cmocka_unit_test(other_json_is_no_record),
        cmocka_unit_test(refuses_lines),
    };

    return cmocka_run_group_tests_name("log_json", tests, NULL, NULL);
}
