/* test_log_csv.c: CSV lines give their records; the quick reader and the thorough one agree.
 *
 * SPDX-License-Identifier: MIT
 */
#include "logs/log_expect.h"

#include <stdio.h>
#include <stdlib.h>

#define MS INT64_C(1000000)
#define USUAL "unix_ms,provider_or_model,input_tokens,output_tokens\n"

static struct tq_log_reader *open_text(const char *text)
{
    return expect_open(text, strlen(text));
}

static void reads_the_usual_log(void **state)
{
    struct tq_log_reader *log = open_text(USUAL "1700158623979,azure/code,4808,10\n"
                                                "-5,b,0,0\r\n\r\n1700158624031,c,1,2");

    (void)state;
    expect_record(log, 2, INT64_C(1700158623979) * MS, "azure/code", 4818);
    expect_record(log, 3, -5 * MS, "b", 0);
    expect_record(log, 5, INT64_C(1700158624031) * MS, "c", 3);
    expect_end(log);
}

static void finds_columns_wherever_they_are(void **state)
{
    struct tq_log_reader *log =
        open_text("\xef\xbb\xbfid,\"TOKENS\",note, Model ,x,TimeStamp,y,z\r\n"
                  "1,12,,m,,1970-01-01T00:00:01Z,,\r\n"
                  "1,12.0,,m , ,1.5,,z\r\n"
                  ",7,\"a,\"\"b\"\"\r\n,c\",\" m\",,\"1970-01-01 00:00:02.25+00:00\",,\r\n"
                  "1,1,1,m,1,2,1,1");

    (void)state;
    expect_record(log, 2, 1000 * MS, "m", 12);
    expect_record(log, 3, 1500 * MS, "m", 12);
    expect_record(log, 4, 2250 * MS, " m", 7);
    expect_record(log, 6, 2000 * MS, "m", 1);
    expect_end(log);
}

static void expect_start(const char *rows, int64_t start_at_ns)
{
    struct tq_log_reader *log = open_text(rows);
    struct tq_log_record record;
    struct tq_log_error error;

    assert_int_equal(tq_log_next(log, &record, &error), TQ_LOG_RECORD);
    assert_int_equal(record.tokens, 7);
    assert_int_equal(record.start_at_ns, start_at_ns);
    tq_log_reader_close(log);
}

/* A record counts without its start. Quotes, signs and what is no number go to the thorough reader. */
static void reads_starts(void **state)
{
#define START_MS "start_ms,unix_ms,model,tokens\n"
#define STARTED_AT "unix_ms,model,Started_At,tokens\n"
    (void)state;
    expect_start("unix_ms,model,tokens\n9,m,7\n", TQ_LOG_NO_START);
    expect_start(START_MS "5,9,m,7\n", 5 * MS);
    expect_start(START_MS "-5,9,m,7\n", -5 * MS);
    expect_start(START_MS "\"5\",9,m,7\n", 5 * MS);
    expect_start(START_MS ",9,m,7\n", TQ_LOG_NO_START);
    expect_start(START_MS "soon,9,m,7\n", TQ_LOG_NO_START);
    expect_start(START_MS "99999999999999999,9,m,7\n", TQ_LOG_NO_START);
    expect_start(STARTED_AT "9,m,1970-01-01T00:00:02Z,7\n", 2000 * MS);
    expect_start(STARTED_AT "9,m,\"1.5\",7\n", 1500 * MS);
    expect_start(STARTED_AT "9,m,,7\n", TQ_LOG_NO_START);
    expect_start(STARTED_AT "9,m,99999999999999999999,7\n", TQ_LOG_NO_START);
    expect_start("{\"started_at\":1,\"unix_ms\":9,\"model\":\"m\",\"tokens\":7}", 1000 * MS);
    expect_start("{\"started_at\":{\"a\":1},\"unix_ms\":9,\"model\":\"m\",\"tokens\":7}", TQ_LOG_NO_START);
    expect_start("started_at,start_ms,unix_ms,model,tokens\n7,5,9,m,7\n", 5 * MS);
}

static void prefers_earlier_names(void **state)
{
    struct tq_log_reader *log =
        open_text("model,output_tokens,tokens,input_tokens,timestamp,provider,unix_ms\n"
                  "m,x,5,x,x,p,1\n");

    (void)state;
    expect_record(log, 2, MS, "p", 5);
    expect_end(log);
    log = open_text("model,output_tokens,timestamp\nm,5,1\n");
    expect_record(log, 2, 1000 * MS, "m", 5);
    expect_end(log);
}

static void reads_quoted_fields(void **state)
{
    struct tq_log_reader *log = open_text("provider,tokens,unix_ms\n"
                                          "\"a \"\"quoted\"\" name\",\"1\",\"2\"\n"
                                          "\"two\nlines\",1,2\n"
                                          "\"\"\"\",1,2\n"
                                          "\"crlf\r\n\r\n\",1,2\r\n"
                                          "\"last\",1,\"2\"");

    (void)state;
    expect_record(log, 2, 2 * MS, "a \"quoted\" name", 1);
    expect_record(log, 3, 2 * MS, "two\nlines", 1);
    expect_record(log, 5, 2 * MS, "\"", 1);
    expect_record(log, 6, 2 * MS, "crlf\r\n\r\n", 1);
    expect_record(log, 9, 2 * MS, "last", 1);
    expect_end(log);
}

static void reads_a_quoted_header(void **state)
{
    struct tq_log_reader *log =
        open_text("\"note on\ntwo lines\",\"unix_ms\",\" model \",\"tokens\"\n,1,m,2\n");

    (void)state;
    expect_record(log, 3, MS, "m", 2);
    expect_end(log);
}

static void wrong_quotes_cost_one_line(void **state)
{
    struct tq_log_reader *log = open_text("provider,tokens,unix_ms\n"
                                          "\"open,1,2\n"
                                          "b,1,2\n"
                                          "c\"c,1,2\n"
                                          "d,1,2\n"
                                          "\"e\"e,1,2\n"
                                          "f,1,2\n"
                                          "\"\"\"odd,1,2\n"
                                          "g,1,2\n");

    (void)state;
    expect_bad(log, 2, "a quoted field goes on behind its closing quote (field 1)");
    expect_record(log, 3, 2 * MS, "b", 1);
    expect_bad(log, 4, "a quote is inside a field");
    expect_record(log, 5, 2 * MS, "d", 1);
    expect_bad(log, 6, "a quoted field goes on behind its closing quote");
    expect_record(log, 7, 2 * MS, "f", 1);
    expect_bad(log, 8, "a quoted field is not closed");
    expect_record(log, 9, 2 * MS, "g", 1);
    expect_end(log);
}

/* A quote that nobody closes is looked for as far as a line may be long, and then forgotten. */
static void gives_up_on_an_open_quote(void **state)
{
    size_t lines = TQ_LOG_LINE_MAX / 6 + 1000, len = 0;
    char *data = malloc(64 + lines * 6);
    struct tq_log_reader *log;

    (void)state;
    assert_non_null(data);
    len += (size_t)snprintf(data, 64, "provider,tokens,unix_ms\n\"a,1,2\n");
    for (size_t i = 0; i < lines; i++, len += 6)
        memcpy(data + len, "b,1,2\n", 6);
    log = expect_open(data, len);
    expect_bad(log, 2, "a quoted field is not closed");
    for (size_t i = 0; i < lines; i++)
        expect_record(log, i + 3, 2 * MS, "b", 1);
    expect_end(log);
    free(data);
}

static void refuses_lines(void **state)
{
    (void)state;
    expect_bad_line(USUAL, "1,p,5", "the line has 3 fields, the header 4");
    expect_bad_line(USUAL, "1,p,5,", "output_tokens is empty");
    expect_bad_line(USUAL, "1,p,5,5,", "the line has 5 fields, the header 4");
    expect_bad_line(USUAL, "1", "the line has 1 field, the header 4");
    expect_bad_line(USUAL, "1,,5,5", "provider_or_model is empty");
    expect_bad_line(USUAL, "1, ,5,5", "provider_or_model is empty");
    expect_bad_line(USUAL, "1,\"\",5,5", "provider_or_model is empty");
    expect_bad_line(USUAL, ",p,5,5", "unix_ms is empty");
    expect_bad_line(USUAL, "x,p,5,5", "unix_ms is not a whole number: \"x\"");
    expect_bad_line(USUAL, "9223372036855,p,5,5", "unix_ms is outside the years 1677 to 2262");
    expect_bad_line(USUAL, "1,p,-5,5", "input_tokens is negative: \"-5\"");
    expect_bad_line(USUAL, "1,p,1.5,5", "input_tokens is not a whole number: \"1.5\"");
    expect_bad_line(USUAL, "1,p,5 5,5", "input_tokens is not a whole number");
    expect_bad_line(USUAL, "1,p,9223372036854775808,5", "input_tokens is more than 64 bits can hold");
    expect_bad_line(USUAL, "1,p,5,9223372036854775807", "output_tokens makes the sum of tokens more than");
    expect_bad_line(USUAL, "1,p,5\0,5", "3 fields"); /* the text ends at its NUL here */
    expect_bad_line("timestamp,model,tokens\n", "2024-02-30T00:00:00Z,m,1", "is a time that does not exist");
    expect_bad_line("timestamp,model,tokens\n", "2024-02-03T00:00:00,m,1", "does not say its offset");
    expect_bad_line("tokens,timestamp,model,x,y\n", "1,2,m,3", "the line has 4 fields, the header 5");
    expect_bad_line("tokens,timestamp,model,x,y\n", "1,2,m,3,4,5", "the line has 6 fields, the header 5");
}

static void refuses_headers(void **state)
{
    static const struct {
        const char *text;
        const char *words;
    } bad[] = {
        {"1700158623979,azure/code,4808,10\n", "no column unix_ms or timestamp; the first line is: 1700"},
        {"unix_ms;model;tokens\n", "the first line is: unix_ms;model;tokens"},
        {"unix_ms,tokens\n", "there is no column provider, provider_or_model or model; the first line"},
        {"unix_ms,model,total\n", "there is no column tokens, input_tokens or output_tokens"},
        {"unix_ms,model,tokens,Tokens\n", "there are two columns tokens"},
        {"unix_ms,model,\"tokens\n", "a quoted field is not closed"},
        {"unix_ms,model,tok\"en\"s\n", "no CSV header: a quote is inside a field"},
        {"\x1b[2Jevil\n", "the first line is: \\x1b[2Jevil"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_not_opened(bad[i].text, strlen(bad[i].text), 1, bad[i].words);
    expect_not_opened("\n\nmodel\n", 8, 3, "there is no column");
}

/* Values as they come and as nobody writes them. */
static const char *const instants[] = {
    "1700158623979",
    "0",
    "-1",
    "12.0",
    " 7",
    "7 ",
    "",
    "x",
    "9223372036855",
    "999999999999999999",
    "9999999999999999999",
    "1e3",
    "+1",
    "00000000000000000001",
};
static const char *const providers[] = {
    "azure/code", "a", " a", "a\t", "", " ", "m\xc3\xa9", "a b", "\r", "'",
};
static const char *const counts[] = {
    "0",
    "10",
    "999999999999999999",
    "1000000000000000000",
    "9223372036854775807",
    "9223372036854775808",
    "-1",
    "",
    " 5",
    "5 ",
    "5.0",
    "5.5",
    "5\r",
    "five",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Reads `header` and one line; the provider, or the message, is copied to text. */
static int read_one(const char *header, const char *line, struct tq_log_record *record, char text[256])
{
    struct tq_log_error error;
    struct tq_log_reader *log;
    char data[512];
    int len = snprintf(data, sizeof(data), "%s%s\n", header, line), answer;

    log = expect_open(data, (size_t)len);
    answer = tq_log_next(log, record, &error);
    if (answer == TQ_LOG_RECORD)
        snprintf(text, 256, "%.*s", (int)record->provider_len, record->provider);
    else
        snprintf(text, 256, "%s", error.msg);
    tq_log_reader_close(log);
    return answer;
}

/* The quick reader takes plain, the thorough one spaced: a quoted column that nobody wants is all that keeps
 * the first away. */
static void compare(const char *instant, const char *provider, const char *input, const char *output)
{
    struct tq_log_record plain_record = {0}, spaced_record = {0};
    char plain[256], spaced[256], plain_text[256], spaced_text[256];
    static const char noted[] = "unix_ms,model,input_tokens,output_tokens,note\n";
    int plain_answer, spaced_answer;

    snprintf(plain, sizeof(plain), "%s,%s,%s,%s,n", instant, provider, input, output);
    snprintf(spaced, sizeof(spaced), "%s,%s,%s,%s,\"n\"", instant, provider, input, output);
    plain_answer = read_one(noted, plain, &plain_record, plain_text);
    spaced_answer = read_one(noted, spaced, &spaced_record, spaced_text);
    if (plain_answer != spaced_answer || strcmp(plain_text, spaced_text) != 0)
        fail_msg("\"%s\": %d %s, but %d %s", plain, plain_answer, plain_text, spaced_answer, spaced_text);
    if (plain_answer == TQ_LOG_RECORD) {
        assert_int_equal(plain_record.at_ns, spaced_record.at_ns);
        assert_int_equal(plain_record.tokens, spaced_record.tokens);
    }
}

static void both_readers_agree(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(instants); i++) {
        for (size_t p = 0; p < COUNT(providers); p++)
            compare(instants[i], providers[p], "1", "2");
    }
    for (size_t i = 0; i < COUNT(counts); i++) {
        for (size_t o = 0; o < COUNT(counts); o++)
            compare("1", "m", counts[i], counts[o]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_usual_log),
        cmocka_unit_test(finds_columns_wherever_they_are),
        cmocka_unit_test(prefers_earlier_names),
        cmocka_unit_test(reads_quoted_fields),
        cmocka_unit_test(reads_a_quoted_header),
        cmocka_unit_test(wrong_quotes_cost_one_line),
        cmocka_unit_test(gives_up_on_an_open_quote),
        cmocka_unit_test(refuses_lines),
        cmocka_unit_test(refuses_headers),
        cmocka_unit_test(both_readers_agree),
        cmocka_unit_test(reads_starts),
    };

    return cmocka_run_group_tests_name("log_csv", tests, NULL, NULL);
}
