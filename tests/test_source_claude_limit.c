/* test_source_claude_limit.c: until when Claude Code says in words that the account is over its limit.
 *
 * SPDX-License-Identifier: MIT
 *
 * The zones are the system's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/time.h"
#include "entry_expect.h"

static int64_t at_of(const char *text)
{
    int64_t at_ns;

    assert_int_equal(tq__time_rfc3339(tq__span_of(text), &at_ns), 0);
    return at_ns;
}

/* The line of an error with this text, as a JSON string. */
static const char *error_line(const char *at, const char *text)
{
    static char line[1024];

    assert_true(
        snprintf(line, sizeof(line),
                 "{\"type\":\"assistant\",\"uuid\":\"u\",\"timestamp\":\"%s\",\"message\":{\"model\":"
                 "\"<synthetic>\",\"usage\":{\"input_tokens\":0,\"output_tokens\":0},\"content\":[{\"type\":"
                 "\"text\",\"text\":\"%s\"}]},\"error\":\"rate_limit\",\"isApiErrorMessage\":true,"
                 "\"apiErrorStatus\":429}\n",
                 at, text) < (int)sizeof(line));
    return line;
}

static void words_name_an_instant(void **state)
{
    static const struct {
        const char *at, *text, *until;
    } cases[] = {
        {"2026-07-20T17:01:00Z", "You've hit your session limit \\u00b7 resets 3pm (America/Bogota)",
         "2026-07-20T20:00:00Z"},
        {"2026-07-20T17:01:00Z", "You've hit your session limit \xc2\xb7 resets 12:50pm (America/Bogota)",
         "2026-07-20T17:50:00Z"},
        {"2026-07-20T17:01:00Z", "You've hit your limit \\u00b7 resets Jul 23 at 6pm (America/Los_Angeles)",
         "2026-07-24T01:00:00Z"},
        {"2026-07-20T17:01:00Z", "You've hit your limit \\u00b7 resets Jul 23, 6:30pm (America/Los_Angeles)",
         "2026-07-24T01:30:00Z"},
        {"2026-07-20T17:01:00Z",
         "You've hit your limit \\u00b7 resets Thu, July 23 at 6 PM (America/Los_Angeles)",
         "2026-07-24T01:00:00Z"},
        {"2026-12-30T17:01:00Z", "You've hit your limit \\u00b7 resets Jan 3 at 6pm (UTC)",
         "2027-01-03T18:00:00Z"},
        {"2026-12-30T17:01:00Z", "You've hit your limit \\u00b7 resets Jan 3, 2027, 6pm (UTC)",
         "2027-01-03T18:00:00Z"},
        {"2026-07-20T17:01:00Z", "Weekly limit reached \\u2219 resets 10am (Asia/Seoul)",
         "2026-07-21T01:00:00Z"},
        {"2026-07-20T17:01:00Z", "Weekly limit reached \\u2219 resets Fri 10am (Asia/Seoul)",
         "2026-07-24T01:00:00Z"},
        {"2026-07-20T17:01:00Z", "5-hour limit reached \\u2219 resets 4am (Australia/Sydney)",
         "2026-07-20T18:00:00Z"},
        {"2026-07-20T17:01:00Z", "Claude usage limit reached. Your limit will reset at 9pm (Africa/Cairo).",
         "2026-07-20T18:00:00Z"},
        {"2026-07-20T17:01:00Z", "You've hit your limit \\u00b7 resets 18:15 (Europe/London)",
         "2026-07-20T17:15:00Z"},
        {"2026-07-20T17:01:00Z", "You've hit your limit \\u00b7 resets 12am (UTC)", "2026-07-21T00:00:00Z"},
        {"2026-07-20T17:01:00Z", "You've hit your limit \\u00b7 resets 12pm (UTC)", "2026-07-21T12:00:00Z"},
        /* Clocks go back at 2: the first half past one. They skip half past two. */
        {"2026-11-01T03:00:00Z", "You've hit your limit \\u00b7 resets 1:30am (America/New_York)",
         "2026-11-01T05:30:00Z"},
        /* Written between the two. */
        {"2026-11-01T05:45:00Z", "You've hit your session limit \\u00b7 resets 1:30am (America/New_York)",
         "2026-11-01T06:30:00Z"},
        {"2026-04-04T14:50:00Z", "You've hit your limit \\u00b7 resets 1:45am (Australia/Lord_Howe)",
         "2026-04-04T15:15:00Z"},
        {"2026-07-20T17:01:00Z", "You're out of extra usage \\u00b7 resets 6pm (UTC)",
         "2026-07-20T18:00:00Z"},
        {"2026-03-08T03:00:00Z", "You've hit your limit \\u00b7 resets 2:30am (America/New_York)",
         "2026-03-08T07:30:00Z"},
        {"2026-07-20T17:01:00Z", "Claude AI usage limit reached|1784577600", "2026-07-20T20:00:00Z"},
        /* As vendors' messages say it. */
        {"2026-07-20T17:01:00Z", "You've hit your limit \\u00b7 resets Jul 23, 2026 (UTC)",
         "2026-07-23T00:00:00Z"},
        {"2026-07-20T17:01:00Z", "You've hit your limit \\u00b7 resets 2026-07-23 18:00 (America/Bogota)",
         "2026-07-23T23:00:00Z"},
        {"2026-07-20T17:01:00Z", "You've hit your limit \\u00b7 resets midnight (America/Bogota)",
         "2026-07-21T05:00:00Z"},
        {"2026-07-20T17:01:00Z", "You've hit your limit \\u00b7 resets 8 p.m. UTC", "2026-07-20T20:00:00Z"},
        {"2026-07-20T17:01:00Z", "You've hit your limit \\u00b7 resets 3pm (UTC-5)", "2026-07-20T20:00:00Z"},
        /* Not Los Angeles. */
        {"2026-07-20T17:01:00Z", "You've hit your limit \\u00b7 resets 6am (Pacific/Auckland)",
         "2026-07-20T18:00:00Z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct seen seen = expect_one("claude", error_line(cases[i].at, cases[i].text));

        if (!seen.entry.signal || seen.signal.retry_at_ns != at_of(cases[i].until))
            fail_msg("%s", cases[i].text);
        assert_int_equal(seen.signal.said_at_ns, at_of(cases[i].at));
        assert_int_not_equal(seen.signal.refusal, TQ_CLASS_NONE);
        assert_int_equal(seen.entry.usage.known, 0);
        assert_string_equal(seen.vendor, "anthropic");
    }
}

/* A session ends within five hours: a later time is that of the next day, and its end has passed. A date that
 * has passed is not that of the next year. */
static void what_has_passed_is_no_limit(void **state)
{
    static const char *const texts[] = {
        "You've hit your session limit \\u00b7 resets 11am (America/Bogota)",
        "You've hit your session limit \\u00b7 resets 6pm (America/Bogota)",
        "You've hit your limit \\u00b7 resets Jul 19 at 6pm (America/Bogota)",
        "You've hit your limit \\u00b7 resets Jul 19, 2025, 6pm (America/Bogota)",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        expect_nothing("claude", error_line("2026-07-20T17:01:00Z", texts[i]));
}

static void what_names_no_instant_is_no_limit(void **state)
{
    static const char *const texts[] = {
        "You've hit your limit \\u00b7 resets 3pm",
        "You've hit your limit \\u00b7 resets 3pm (local time)",
        "You've hit your limit \\u00b7 resets 3pm (Nowhere/Town)",
        "You've hit your limit \\u00b7 resets 3pm (../../etc/passwd)",
        "You've hit your limit \\u00b7 resets 3pm (America)",
        "You've hit your limit \\u00b7 resets 13pm (UTC)",
        "You've hit your limit \\u00b7 resets 15 (UTC)",
        "You've hit your limit \\u00b7 resets Jul 23 (UTC)",
        "You've hit your limit \\u00b7 resets 0am (UTC)",
        "You've hit your limit \\u00b7 resets 3:75pm (UTC)",
        "You've hit your limit \\u00b7 resets Feb 30 at 3pm (UTC)",
        "You've hit your limit \\u00b7 resets Jul (UTC)",
        "You've hit your limit \\u00b7 resets soon (UTC)",
        "You've hit your limit \\u00b7 resets ",
        "You've hit your limit",
        "resets 3pm (UTC)",
        "You've used 90% of your session limit \\u00b7 resets 6pm (UTC)",
        "Approaching usage limit \\u00b7 resets 6pm (UTC)",
        "API Error: Rate limit reached",
        "API Error: 529 overloaded",
    };
    char said[1024];

    (void)state;
    expect_nothing(
        "claude", "{\"timestamp\":\"2026-07-20T17:01:00Z\",\"isApiErrorMessage\":true,\"message\":{\"model\":"
                  "\"<synthetic>\",\"usage\":{}}}\n");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        expect_nothing("claude", error_line("2026-07-20T17:01:00Z", texts[i]));
    /* Nor is what somebody says of it. */
    snprintf(said, sizeof(said), "%s",
             error_line("2026-07-20T17:01:00Z", "You've hit your limit \\u00b7 resets 3pm (UTC)"));
    memcpy(strstr(said, "isApiErrorMessage"), "isApiErrorMESSAGE", strlen("isApiErrorMESSAGE"));
    expect_nothing("claude", said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_name_an_instant),
        cmocka_unit_test(what_has_passed_is_no_limit),
        cmocka_unit_test(what_names_no_instant_is_no_limit),
    };

    if (access("/usr/share/zoneinfo/America/Bogota", R_OK) != 0)
        return 77; /* no zone database */
    unsetenv("TZDIR");
    return cmocka_run_group_tests_name("source_claude_limit", tests, NULL, NULL);
}
