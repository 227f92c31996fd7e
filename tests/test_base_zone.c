/* test_base_zone.c: rules of time zones, and files that are made by hand or damaged. tests/test_zones.py has
 * the zones of the system.
 *
 * SPDX-License-Identifier: MIT
 */
#include "base/zone.h"
#include "harness.h"

/* A zone by its rule alone. */
static void rule_zone(struct tq__zone *zone, const char *rule)
{
    *zone = (struct tq__zone){.has_rule = true};
    assert_int_equal(tq__zone_read_rule(&zone->rule, tq__span_of(rule)), 0);
}

static int64_t at_of(const char *text)
{
    int64_t at_ns;

    assert_int_equal(tq__time_rfc3339(tq__span_of(text), &at_ns), 0);
    return at_ns;
}

static void rules_say_when_clocks_change(void **state)
{
    static const struct {
        const char *rule, *at;
        int32_t offset;
    } cases[] = {
        {"UTC0", "2026-07-01T00:00:00Z", 0},
        {"<+0530>-5:30", "2026-07-01T00:00:00Z", 19800},
        {"EST5EDT,M3.2.0,M11.1.0", "2026-03-08T06:59:59Z", -18000},
        {"EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z", -14400},
        {"EST5EDT,M3.2.0,M11.1.0", "2026-11-01T05:59:59Z", -14400},
        {"EST5EDT,M3.2.0,M11.1.0", "2026-11-01T06:00:00Z", -18000},
        {"NZST-12NZDT,M9.5.0,M4.1.0/3", "2026-01-01T00:00:00Z", 46800}, /* summer spans the year's end */
        {"NZST-12NZDT,M9.5.0,M4.1.0/3", "2026-07-01T00:00:00Z", 43200},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-01T00:00:00Z", 0}, /* "summer" time behind the other */
        {"IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-01T00:00:00Z", 3600},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7200},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3600},
        {"EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-03-27T23:59:59Z", 7200},
        {"EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-03-28T00:00:00Z", 10800},
        {"A0B,J60,J300", "2024-02-29T12:00:00Z", 0}, /* J60 is always the first of March */
        {"A0B,J60,J300", "2024-03-01T02:00:00Z", 3600},
        {"A0B,59,300", "2024-02-29T02:00:00Z", 3600},
        {"A0B,59,300", "2023-02-28T23:59:59Z", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tq__zone zone;

        rule_zone(&zone, cases[i].rule);
        if (tq__zone_offset(&zone, at_of(cases[i].at)) != cases[i].offset)
            fail_msg("%s at %s", cases[i].rule, cases[i].at);
    }
}

static void what_is_no_rule_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "5",
        "EST",
        "EST5EDT",
        "EST5EDT,M3.2.0",
        "EST5EDT,M3.2.0,M11.1.0x",
        "<",
        "<A>",
        "EST27",
        "EST5EDT,M0.1.0,M1.1.0",
        "A0B,M13.1.0,M1.1.0",
        "A0B,M1.6.0,M1.1.0",
        "A0B,J0,J1",
        "A0B,366,1",
        "A0B,M1.1.7,M1.1.0",
        "A0B,M1.0.1,M1.1.0",
        "A0B,1/168,2",
        "A99999999999",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct tq__zone_rule rule;

        if (tq__zone_read_rule(&rule, tq__span_of(texts[i])) == 0)
            fail_msg("\"%s\" is taken", texts[i]);
    }
}

/* Half an hour into a gap is half an hour after it; a time that comes twice is the first. */
static void a_local_time_has_one_instant(void **state)
{
    static const struct {
        struct tq__civil local;
        const char *at;
    } cases[] = {
        {{2026, 7, 1, 12, 0, 0, 5}, "2026-07-01T16:00:00.000000005Z"},
        {{2026, 3, 8, 1, 59, 59, 0}, "2026-03-08T06:59:59Z"},
        {{2026, 3, 8, 2, 30, 0, 0}, "2026-03-08T07:30:00Z"},
        {{2026, 3, 8, 3, 0, 0, 0}, "2026-03-08T07:00:00Z"},
        {{2026, 11, 1, 1, 30, 0, 0}, "2026-11-01T05:30:00Z"},
        {{2026, 11, 1, 2, 0, 0, 0}, "2026-11-01T07:00:00Z"},
    };
    struct tq__zone zone;
    struct tq__civil civil;
    int64_t at_ns;

    (void)state;
    rule_zone(&zone, "EST5EDT,M3.2.0,M11.1.0");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(tq__zone_instant(&zone, &cases[i].local, &at_ns), 0);
        assert_int_equal(at_ns, at_of(cases[i].at));
    }
    tq__zone_civil(&zone, at_of("2026-03-08T07:00:00.25Z"), &civil);
    assert_int_equal(civil.day, 8);
    assert_int_equal(civil.hour, 3);
    assert_int_equal(civil.ns, 250000000);
    civil = (struct tq__civil){2026, 2, 30, 0, 0, 0, 0};
    assert_int_equal(tq__zone_instant(&zone, &civil, &at_ns), TQ__NO_SUCH_TIME);
    civil = (struct tq__civil){9000, 1, 1, 0, 0, 0, 0};
    assert_int_equal(tq__zone_instant(&zone, &civil, &at_ns), TQ__OUT_OF_RANGE);
}

/* A header with so many changes, types and letters. */
#define HEADER(times, types, letters)                                                                        \
    'T', 'Z', 'i', 'f', '2', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,   \
        0, 0, 0, 0, times, 0, 0, 0, types, 0, 0, 0, letters

/* One change, at 1000 s, from an hour ahead to an hour behind; no rule, so it lasts. The first block, which
 * is not read, has a type and a letter. */
static const unsigned char one_change[] = {
    HEADER(0, 1, 1),
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    HEADER(1, 2, 4),
    0,
    0,
    0,
    0,
    0,
    0,
    3,
    0xe8,
    1,
    0,
    0,
    0x0e,
    0x10,
    0,
    0,
    0xff,
    0xff,
    0xf1,
    0xf0,
    1,
    0,
    'A',
    'B',
    'C',
    0,
    '\n',
    '\n',
};

static void a_file_is_read(void **state)
{
    struct tq__zone zone;

    (void)state;
    assert_int_equal(tq__zone_read(&zone, one_change, sizeof(one_change)), 0);
    assert_int_equal(tq__zone_offset(&zone, 999 * TQ__SECOND_NS), 3600);
    assert_int_equal(tq__zone_offset(&zone, 1000 * TQ__SECOND_NS), -3600);
    assert_int_equal(tq__zone_offset(&zone, INT64_MAX), -3600);
    assert_int_equal(tq__zone_offset(&zone, INT64_MIN), 3600);
}

/* Whatever is cut off or changed: refused, or read within its bytes. */
static void a_damaged_file_is_no_danger(void **state)
{
    unsigned char bytes[sizeof(one_change)];
    struct tq__zone zone;

    (void)state;
    for (size_t len = 0; len < sizeof(bytes) - 2; len++)
        assert_int_equal(tq__zone_read(&zone, one_change, len), -1);
    for (size_t i = 0; i < sizeof(bytes); i++)
        for (int bit = 0; bit < 8; bit++) {
            memcpy(bytes, one_change, sizeof(bytes));
            bytes[i] = (unsigned char)(bytes[i] ^ 1 << bit);
            if (tq__zone_read(&zone, bytes, sizeof(bytes)) == 0)
                assert_in_range(tq__zone_offset(&zone, 1000 * TQ__SECOND_NS) + TQ__ZONE_AHEAD_MAX, 0,
                                2 * TQ__ZONE_AHEAD_MAX);
        }
}

static void names_lead_to_no_other_place(void **state)
{
    static const char *const good[] = {"UTC", "Europe/Paris", "America/Argentina/Buenos_Aires", "Etc/GMT+5"};
    static const char *const bad[] = {
        "",        "/etc/passwd", "..",  "../x",
        "Europe/", "a b",         "a.b", "A123456789A123456789A123456789A123456789A123456789A123456789A123"};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(tq__zone_is_name(tq__span_of(good[i])));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(tq__zone_is_name(tq__span_of(bad[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_say_when_clocks_change), cmocka_unit_test(what_is_no_rule_is_refused),
        cmocka_unit_test(a_local_time_has_one_instant), cmocka_unit_test(a_file_is_read),
        cmocka_unit_test(a_damaged_file_is_no_danger),  cmocka_unit_test(names_lead_to_no_other_place),
    };

    return cmocka_run_group_tests_name("base_zone", tests, NULL, NULL);
}
