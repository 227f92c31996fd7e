/* test_signal_prose.c: sentences that say when requests are served again, and those that only seem to.
 *
 * SPDX-License-Identifier: MIT
 */
#include "base/time.h"
#include "harness.h"
#include "signals/prose.h"

#define NOON_NS INT64_C(1795176000000000000) /* 2026-11-20 12:00 UTC, a Friday */
#define S INT64_C(1000000000)
#define MINUTE (60 * S)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define BEIJING 480

static void expect(const char *text, int zone_minutes, int64_t wait_ns)
{
    int64_t at_ns = UNWRITTEN;

    if (!tq__prose_end(tq__span_of(text), zone_minutes, NOON_NS, &at_ns))
        fail_msg("nothing in: %s", text);
    if (at_ns - NOON_NS != wait_ns)
        fail_msg("%lld ns after now, not %lld: %s", (long long)(at_ns - NOON_NS), (long long)wait_ns, text);
}

static void expect_nothing(const char *text)
{
    int64_t at_ns = UNWRITTEN;

    if (tq__prose_end(tq__span_of(text), 0, NOON_NS, &at_ns))
        fail_msg("%lld ns after now: %s", (long long)(at_ns - NOON_NS), text);
}

static void lengths_are_added_up(void **state)
{
    (void)state;
    expect("Please try again in 6.25s. Visit https://example.com", 0, 6 * S + S / 4);
    expect("Please retry in 10h17m5.7s.", 0, 10 * HOUR + 17 * MINUTE + 5 * S + S / 10 * 7);
    expect("Please retry in 1.5 seconds", 0, S + S / 2);
    expect("retry after 41.5 ms", 0, S / 1000 * 41 + S / 2000);
    expect("Please wait 73262 seconds before retrying.", 0, 73262 * S);
    expect("Please wait 587 hours 33 minutes before trying again.", 0, 587 * HOUR + 33 * MINUTE);
    expect("It will reset in 5 days 10 hours.", 0, 5 * DAY + 10 * HOUR);
    expect("Your quota will reset after 161h39m41s.", 0, 161 * HOUR + 39 * MINUTE + 41 * S);
    expect("resets in 3 days, 2 hours and 5 minutes", 0, 3 * DAY + 2 * HOUR + 5 * MINUTE);
    expect("Rate limited. Try again in about an hour.", 0, HOUR);
    expect("RETRY AFTER: 20 SECONDS", 0, 20 * S);
    expect("quota refreshes in 1 week", 0, 7 * DAY);
    expect("will be available again in 2 hrs", 0, 2 * HOUR);
    expect("retry in 30 second(s)", 0, 30 * S);
    expect("try again in a moment, or retry after 3 hours", 0, 3 * HOUR);
}

static void instants_have_a_zone_or_the_vendors(void **state)
{
    (void)state;
    expect("resets at 2026-11-20T15:00:00Z (2056)", BEIJING, 3 * HOUR);
    expect("resets at 2026-11-20T23:00:00+08:00", 0, 3 * HOUR);
    expect("It will reset at 2026-11-20 23:00:00 +0800 CST. More", 0, 3 * HOUR);
    expect("Your limit will reset at 2026-11-20 23:00:00", BEIJING, 3 * HOUR);
    expect("Your limit will reset at 2026-11-20 15:00:00.5", 0, 3 * HOUR + S / 2);
    expect("The quota will reset at 11-24 09:18:00 UTC.", BEIJING, 3 * DAY + 21 * HOUR + 18 * MINUTE);
    expect("resets on 01-02 00:00 UTC", 0, 42 * DAY + 12 * HOUR);
    expect("for your limit to reset on November 22, 2026 at 2:00 AM or switch", 0, DAY + 14 * HOUR);
    expect("You will regain access on 2026-12-01 at 00:00 UTC.", BEIJING, 10 * DAY + 12 * HOUR);
    expect("resets Sat, 21 Nov 2026 12:00:00 GMT", 0, DAY);
    expect("retry after 2026/11/20 13:30 UTC+1", 0, 30 * MINUTE);
    expect("Access resets at 10:57 PM GMT-3.", 0, 13 * HOUR + 57 * MINUTE);
    expect("resets daily at 00:00 UTC", BEIJING, 12 * HOUR);
    expect("resets at midnight PT", 0, 20 * HOUR);
    expect("try again at 3pm (UTC)", 0, 3 * HOUR);
    expect("try again Monday at 3pm UTC", 0, 3 * DAY + 3 * HOUR);
    expect("resets Fri, 11:00 UTC", 0, 6 * DAY + 23 * HOUR);
    expect("resets Tues. 08:00", BEIJING, 3 * DAY + 12 * HOUR);
    expect("resets on Monday (in 3 days)", 0, 3 * DAY);
    expect("resets at 3\xe2\x80\xafpm (UTC)", 0, 3 * HOUR);
    expect("resets on March 20, 2027 at 00:00 PT", 0, 119 * DAY + 19 * HOUR); /* summer time then */
    expect("reset at: 1795179600", 0, HOUR);
    expect("reset at 1795176001500", 0, S + S / 2);
}

static void expect_in_year(const char *text, const char *now, const char *until)
{
    int64_t now_ns, at_ns;
    char said[TQ__TIME_BYTES] = "";

    assert_int_equal(tq__time_rfc3339(tq__span_of(now), &now_ns), 0);
    if (tq__prose_end(tq__span_of(text), 0, now_ns, &at_ns))
        tq__time_write(said, at_ns);
    assert_string_equal(said, until);
}

static void the_year_is_the_nearest(void **state)
{
    (void)state;
    expect_in_year("resets 01-02 08:00", "2026-12-31T23:59:00Z", "2027-01-02T08:00:00Z");
    expect_in_year("resets Feb 29 08:00", "2027-12-01T00:00:00Z", "2028-02-29T08:00:00Z");
    expect_in_year("resets Feb 29 08:00", "2026-12-01T00:00:00Z", "");
    expect_in_year("resets 12-31 at 23:00", "2027-01-01T00:00:00Z", "");
}

static void chinese_is_read_as_english(void **state)
{
    (void)state;
    expect("已达到 5 小时的使用上限。您的限额将在 2026-11-20 23:00:00 重置。", BEIJING, 3 * HOUR);
    expect("额度将于2026年11月21日 08:00重置", BEIJING, 12 * HOUR);
    expect("请在 1 小时 26 分钟后重试", BEIJING, HOUR + 26 * MINUTE);
    expect("请30秒后再试", BEIJING, 30 * S);
    expect("请等待 2 分钟", BEIJING, 2 * MINUTE);
    expect("重置时间：2026-11-20 23:00:00", BEIJING, 3 * HOUR);
    expect("将在3天后恢复", BEIJING, 3 * DAY);
}

/* Of a time of day it is not said which day's it is. */
static void chinese_needs_no_cue_in_front_of_a_date(void **state)
{
    static const char *const texts[] = {
        "2026-12-01 08:00:00，请稍后重试",
        "2026-12-01 08:00:00 重试失败",
        "2026-12-01 08:00:00 可用额度不足",
        "2026-12-01 08:00:00 的请求已恢复",
        "12月1日 8点已恢复",
        "上次于 2025-12-01 08:00:00 重置",
        "2025-12-01 08:00:00 后重置",
        "2026-02-30 10:00:00 重置",
        "2026-13-01 08:00:00 重置",
        "req-12-01 08:00 重置",
        "明天 8点恢复",
        "10/10 恢复",
        "每 5 小时重置",
        "每5小时自动重置一次",
        "第 3 次重置",
        "3-5天后恢复",
        "5时后重置",
        "resets 2026-12-01 (Europe/Kiev) 重置",
    };

    (void)state;
    expect("2026-12-01 08:00:00 后重置", BEIJING, 10 * DAY + 12 * HOUR);
    expect("您的额度 2026-12-01T08:00:00Z 自动重置", BEIJING, 10 * DAY + 20 * HOUR);
    expect("已用完 5 小时的额度，12月1日 8点恢复", BEIJING, 10 * DAY + 12 * HOUR);
    expect("12 月 1 日 8 点 30 分 恢复", BEIJING, 10 * DAY + 12 * HOUR + 30 * MINUTE);
    expect("12月1日8时（北京时间）后刷新", 0, 10 * DAY + 12 * HOUR);
    expect("12月1日后恢复", BEIJING, 10 * DAY + 4 * HOUR);
    expect("将于12月1日恢复", BEIJING, 10 * DAY + 4 * HOUR);
    expect("3 小时 20 分钟后恢复", BEIJING, 3 * HOUR + 20 * MINUTE);
    expect("额度不足，30秒后再试", BEIJING, 30 * S);
    expect("请在 8点 后重试", BEIJING, 12 * HOUR);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        expect_nothing(texts[i]);
}

static void what_is_no_end_is_passed_over(void **state)
{
    static const char *const texts[] = {
        "",
        "Please try again later.",
        "try again in ",
        "try again in 5",
        "try again in a few minutes",
        "retry after 99999999999999999999 seconds",
        "Rate limit of 50 per 86400s exceeded",
        "5-hour usage limit reached (10/10 used)",
        "You have used 30 minutes of 60 minutes",
        "your limit was reset at 2026-11-20T11:59:59Z",
        "resets at 2026-02-30 10:00:00 UTC",
        "resets at 25:00 UTC",
        "resets 9:10pm (Europe/Kiev)",
        "preset in 5 minutes",
        "resets in 09-24",
        "已达到 5 小时的使用上限",
        "该模型当前访问量过大,请您稍后再试",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        expect_nothing(texts[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_are_added_up),
        cmocka_unit_test(instants_have_a_zone_or_the_vendors),
        cmocka_unit_test(chinese_is_read_as_english),
        cmocka_unit_test(the_year_is_the_nearest),
        cmocka_unit_test(chinese_needs_no_cue_in_front_of_a_date),
        cmocka_unit_test(what_is_no_end_is_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
