/* test_window.c: what a limit counts, in one word and back; the windows of tests/vectors/windows.txt, and
 * that windows follow each other without gaps; laws of zones in words, damaged ones too.
 *
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <stdio.h>

#include "harness.h"
#include "rng.h"
#include "src/limit.h"

#define QUARTER_NS (HOUR_NS / 4)
#define DAYS_366_NS (366 * DAY_NS)

/* ---- what a limit counts --------------------------------------------------------------------- */

/* Does the window of a bound hold an instant? */
static bool holds(uint64_t bound, int64_t now_ns)
{
    return now_ns >= 0 && tq__limit_spans(bound, bound, tq__quarter_of(now_ns));
}

static struct tq_limit limit_of(uint32_t window, uint32_t first, int64_t length_ns, int64_t anchor_at_ns)
{
    return (struct tq_limit){.size = sizeof(struct tq_limit),
                             .unit = TQ_UNIT_TOKENS,
                             .window = window,
                             .first = first,
                             .length_ns = length_ns,
                             .anchor_at_ns = anchor_at_ns};
}

/* Every limit that can be, at its bounds; and what comes back. */
static void a_limit_comes_back_from_its_word(void **state)
{
    static const struct {
        uint32_t window, first, zone;
        int64_t length_ns, anchor_at_ns;
        uint32_t first_back;
        int64_t anchor_back;
    } cases[] = {
        {TQ_WINDOW_DAY, 0, 0, 0, 0, 0, 0},
        {TQ_WINDOW_DAY, 0, TQ__ZONES, 0, 0, 0, 0},
        {TQ_WINDOW_WEEK, 0, 1, 0, 0, 1, 0},
        {TQ_WINDOW_WEEK, 7, 64, 0, 0, 7, 0},
        {TQ_WINDOW_MONTH, 1, 0, 0, 0, 1, 0},
        {TQ_WINDOW_MONTH, 31, TQ__ZONES, 0, 0, 31, 0},
        {TQ_WINDOW_QUARTER, 0, 0, 0, 0, 1, 0},
        {TQ_WINDOW_QUARTER, 12, 0, 0, 0, 12, 0},
        {TQ_WINDOW_YEAR, 12, 0, 0, 0, 12, 0},
        {TQ_WINDOW_FIXED, 0, 0, QUARTER_NS, 0, 0, 0},
        {TQ_WINDOW_FIXED, 0, 0, 5 * HOUR_NS, 17 * HOUR_NS + QUARTER_NS, 0, 2 * HOUR_NS + QUARTER_NS},
        {TQ_WINDOW_FIXED, 0, 0, 5 * HOUR_NS, -QUARTER_NS, 0, 5 * HOUR_NS - QUARTER_NS},
        {TQ_WINDOW_FIXED, 0, 0, DAYS_366_NS, DAYS_366_NS - QUARTER_NS, 0, DAYS_366_NS - QUARTER_NS},
        {TQ_WINDOW_FIXED, 0, 0, DAYS_366_NS, TQ_NOW_MIN_NS, 0, 222 * DAY_NS},
        {TQ_WINDOW_FIXED, 0, 0, DAY_NS, TQ_NOW_END_NS - QUARTER_NS, 0, DAY_NS - QUARTER_NS},
        {TQ_WINDOW_FIRST_USE, 0, 0, QUARTER_NS, 0, 0, 0},
        {TQ_WINDOW_FIRST_USE, 0, 0, DAYS_366_NS, 0, 0, 0},
        {TQ_WINDOW_ROLLING, 0, 0, QUARTER_NS, 0, 0, 0},
        {TQ_WINDOW_ROLLING, 0, 0, QUARTER_NS + HOUR_NS / 60, 0, 0, 0},
        {TQ_WINDOW_ROLLING, 0, 0, DAYS_366_NS, 0, 0, 0},
        {TQ_WINDOW_REFILL, 0, 0, TQ__SECOND_NS, 0, 0, 0},
        {TQ_WINDOW_REFILL, 0, 0, 1048575 * TQ__SECOND_NS, 0, 0, 0},
        {TQ_WINDOW_REFILL, 0, 0, 1048576 * TQ__SECOND_NS, 0, 0, 0},
        {TQ_WINDOW_REFILL, 0, 0, 31 * DAY_NS, 0, 0, 0},
        {TQ_WINDOW_ONCE, 0, 0, 0, 0, 0, 0},
        {TQ_WINDOW_STATED, 0, 0, 10 * (HOUR_NS / 60), 0, 0, 0},
        {TQ_WINDOW_STATED, 0, 0, 5 * HOUR_NS, 0, 0, 0},
        {TQ_WINDOW_STATED, 0, 0, DAYS_366_NS, 0, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (uint32_t unit = TQ_UNIT_TOKENS; unit <= TQ_UNIT_WEIGHTED; unit++) {
            struct tq_limit limit =
                limit_of(cases[i].window, cases[i].first, cases[i].length_ns, cases[i].anchor_at_ns);
            struct tq_limit back = {.size = 7, .amount = 5, .zone = "x"};
            struct tq__spec spec, again;
            uint64_t word;

            limit.unit = unit;
            tq__spec_of_limit(&spec, &limit, cases[i].zone);
            spec.version = (uint32_t)(i * 11 + 1) & 255;
            word = tq__spec_pack(&spec);
            assert_true(tq__spec_unpack(word, &again));
            assert_memory_equal(&again, &spec, sizeof spec);
            assert_true(tq__specs_match(word, word ^ UINT64_C(0xff) << 56));
            assert_false(tq__specs_match(word, word ^ UINT64_C(1) << 55));
            tq__spec_to_limit(&again, &back);
            assert_int_equal(back.unit, unit);
            assert_int_equal(back.window, cases[i].window);
            assert_int_equal(back.first, cases[i].first_back);
            assert_int_equal(back.length_ns, cases[i].length_ns);
            assert_int_equal(back.anchor_at_ns, cases[i].anchor_back);
            assert_int_equal(back.size, 7);
            assert_int_equal(back.amount, 5);
            assert_string_equal(back.zone, "x");
        }
}

/* The vendor's name of a window is a part of what the limit is. */
static void a_stated_window_is_of_its_name(void **state)
{
    struct tq_limit limit = limit_of(TQ_WINDOW_STATED, 0, 7 * DAY_NS, 0);
    struct tq__spec all, one, again;
    char name[8];

    (void)state;
    limit.unit = TQ_UNIT_SHARE;
    tq__spec_of_limit(&all, &limit, 0);
    assert_int_equal(all.name, 0);
    assert_int_equal(all.length, 7 * 1440);
    memcpy(limit.zone, "opus", sizeof "opus");
    tq__spec_of_limit(&one, &limit, 0);
    all.version = one.version = 1;
    assert_in_range(one.name, 1, (1 << 20) - 1);
    assert_false(tq__specs_match(tq__spec_pack(&all), tq__spec_pack(&one)));
    assert_true(tq__spec_unpack(tq__spec_pack(&one), &again));
    assert_memory_equal(&again, &one, sizeof one);
    assert_int_not_equal(tq__window_name_hash("Opus"), tq__window_name_hash("opus"));
    for (int i = 0; i < 3000000; i++) { /* some would be 0 but for the last line of the hash */
        snprintf(name, sizeof name, "%d", i);
        if (tq__window_name_hash(name) - 1 >= (1 << 20) - 1)
            fail_msg("%s has the hash %x", name, tq__window_name_hash(name));
    }
}

/* Two words with one meaning would be two limits. */
static void a_word_is_free_or_the_one_of_its_parts(void **state)
{
#define WORD(unit, window, zone, a, b)                                                                       \
    (UINT64_C(unit) << 52 | UINT64_C(window) << 48 | UINT64_C(zone) << 40 | UINT64_C(a) << 20 | UINT64_C(b))
    static const uint64_t free_words[] = {
        0,
        UINT64_MAX,
        UINT64_C(0xff) << 56,
        WORD(0, 1, 0, 0, 0),
        WORD(8, 1, 0, 0, 0),
        WORD(1, 0, 0, 0, 0),
        WORD(1, 11, 0, 9, 0),
        WORD(1, 11, 0, 527041, 0),
        WORD(8, 11, 1, 300, 0),
        WORD(9, 11, 0, 300, 0),
        WORD(8, 10, 0, 0, 0),
        WORD(1, 12, 0, 300, 0),
        WORD(1, 1, 128, 0, 0),
        WORD(1, 1, 0, 1, 0),
        WORD(1, 1, 0, 0, 1),
        WORD(1, 2, 0, 0, 0),
        WORD(1, 2, 0, 8, 0),
        WORD(1, 3, 0, 32, 0),
        WORD(1, 4, 0, 13, 0),
        WORD(1, 5, 0, 1, 1),
        WORD(1, 6, 0, 0, 0),
        WORD(1, 6, 0, 20, 20),
        WORD(1, 6, 1, 20, 0),
        WORD(1, 6, 0, 35137, 0),
        WORD(1, 7, 0, 20, 1),
        WORD(1, 8, 0, 14, 0),
        WORD(1, 8, 0, 527041, 0),
        WORD(1, 9, 0, 0, 0),
        WORD(1, 9, 0, 0, 3),
        WORD(1, 9, 0, 1, 4096),
        WORD(1, 10, 0, 1, 0),
        WORD(1, 10, 0, 0, 1),
        WORD(1, 10, 1, 0, 0),
    };
    struct rng rng = {rng_seed(11)};
    struct tq__spec spec;
    unsigned taken = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(free_words) / sizeof(free_words[0]); i++)
        if (tq__spec_unpack(free_words[i], &spec))
            fail_msg("%016" PRIx64 " is taken", free_words[i]);
    for (int i = 0; i < 2000000; i++) {
        uint64_t word = rng_next(&rng);

        if (i % 2) /* most bits of real ones are 0 */
            word &= rng_next(&rng) & rng_next(&rng);
        if (!tq__spec_unpack(word, &spec))
            continue;
        taken++;
        if (tq__spec_pack(&spec) != word)
            fail_msg("%016" PRIx64 " is read as %016" PRIx64, word, tq__spec_pack(&spec));
    }
    assert_in_range(taken, 100, 1999999);
}

/* ---- laws ------------------------------------------------------------------------------------ */

static struct tq__law_words words_of_rule(const char *rule)
{
    struct tq__zone zone = {.has_rule = true};
    struct tq__law_words words;

    assert_int_equal(tq__zone_read_rule(&zone.rule, tq__span_of(rule)), 0);
    assert_int_equal(tq__law_write(&words, &zone, 0), 0);
    return words;
}

static void rules_come_back_from_their_words(void **state)
{
    static const char *const rules[] = {
        "UTC0",
        "<+14>-14",
        "<-12>12",
        "A26B25,M1.1.0/-167,M12.5.6/167",
        "A-26B-25:15,J1/0:15,J365/-0:15",
        "A0B,0,365",
        "EET-2EEST,M3.4.4/50,M10.4.4/50",
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
        "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45",
        "EST5EDT,0/0,J365/25",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        struct tq__law_words words = words_of_rule(rules[i]);
        struct tq__zone_rule rule;
        struct tq__law law;

        assert_int_equal(tq__zone_read_rule(&rule, tq__span_of(rules[i])), 0);
        if (!rule.changes)
            rule.summer = 0;
        assert_true(tq__law_read(&law, &words));
        assert_int_equal(law.exceptions, 0);
        assert_memory_equal(&law.rule, &rule, sizeof rule);
    }
    assert_int_equal(words_of_rule("UTC0").rule, 0);
}

static void what_is_not_on_a_quarter_of_an_hour_is_refused(void **state)
{
    static const char *const rules[] = {"A-0:20", "A0B-1:10,J1,J100", "A0B,J1/2:05,J100",
                                        "A0B,J1,J100/0:00:01"};

    (void)state;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        struct tq__zone zone = {.has_rule = true};
        struct tq__law_words words;

        assert_int_equal(tq__zone_read_rule(&zone.rule, tq__span_of(rules[i])), 0);
        assert_int_equal(tq__law_write(&words, &zone, 0), TQ_ENOTSUP);
    }
}

/* A file's times: until 1000 quarters an hour ahead, then two, from 2000 on what the rule says. */
static struct tq__zone listing(unsigned char bytes[18], int64_t second, int64_t last)
{
    static const unsigned char kinds[] = {1, 0}, types[] = {0, 0, 0x0e, 0x10, 0, 0, 0, 0, 0x1c, 0x20, 1, 0};
    struct tq__zone zone = {.times = bytes,
                            .kinds = kinds,
                            .types = types,
                            .time_count = 2,
                            .type_count = 2,
                            .has_rule = true,
                            .rule = {.standard = 3600}};

    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char)(second >> (56 - 8 * i));
        bytes[8 + i] = (unsigned char)(last >> (56 - 8 * i));
    }
    return zone;
}

static void what_the_rule_does_not_say_is_kept(void **state)
{
    unsigned char bytes[18];
    struct tq__zone zone = listing(bytes, 1000 * 900, 2000 * 900);
    struct tq__law_words words;
    struct tq__law law;

    (void)state;
    assert_int_equal(tq__law_write(&words, &zone, 0), 0);
    assert_int_equal(words.change[0], UINT64_C(1000) << 40 | UINT64_C(2000) << 16 | 8);
    assert_int_equal(words.change[1], 0);
    assert_true(tq__law_read(&law, &words));
    assert_int_equal(tq__law_offset(&law, 999), 4);
    assert_int_equal(tq__law_offset(&law, 1000), 8);
    assert_int_equal(tq__law_offset(&law, 1999), 8);
    assert_int_equal(tq__law_offset(&law, 2000), 4);
    /* A year after it, it is forgotten. */
    assert_int_equal(tq__law_write(&words, &zone, 2000 * QUARTER_NS + DAYS_366_NS - 1), 0);
    assert_int_equal(words.change[0], UINT64_C(1000) << 40 | UINT64_C(2000) << 16 | 8);
    assert_int_equal(tq__law_write(&words, &zone, 2000 * QUARTER_NS + DAYS_366_NS), 0);
    assert_int_equal(words.change[0], 0);
    /* Without a rule the last offset lasts. */
    zone.has_rule = false;
    assert_int_equal(tq__law_write(&words, &zone, 0), 0);
    assert_int_equal(words.change[0], UINT64_C(1000) << 40 | UINT64_C(2000) << 16 | 8);
    assert_int_equal(words.rule, 4);
    /* Off a quarter of an hour, beyond all times, and in no order. */
    zone = listing(bytes, 1000 * 900 + 1, 2000 * 900);
    assert_int_equal(tq__law_write(&words, &zone, 0), TQ_ENOTSUP);
    zone = listing(bytes, INT64_MIN, INT64_MAX);
    assert_int_equal(tq__law_write(&words, &zone, INT64_MAX), 0);
    assert_int_equal(tq__law_write(&words, &zone, INT64_MIN), 0);
    assert_int_equal(words.change[0], UINT64_C(0xffffff) << 16 | 8);
    zone = listing(bytes, 2000 * 900, 1000 * 900);
    assert_int_equal(tq__law_write(&words, &zone, 0), 0);
}

/* Files with any changes, half of them in no order: the law says what the file does, as far as its words
 * suffice. */
static void a_law_says_what_the_file_does(void **state)
{
    static const char *const rules[] = {"A-1", "A0B,M3.5.0/1,M10.5.0", "A0B,M10.1.0,M4.1.0/3",
                                        "A-1B0,J1,J300"};
    enum { CHANGES = 12, NOW = 20000 * 96 };
    unsigned char times[8 * CHANGES], kinds[CHANGES], types[] = {0, 0, 0, 0, 0, 0, 0, 0, 0x0e, 0x10, 0, 0};
    struct rng rng = {rng_seed(15)};

    (void)state;
    for (unsigned i = 0; i < 4000; i++) {
        struct tq__zone zone = {times, kinds, types, rng_below(&rng, CHANGES + 1), 2, true, {.standard = 0}};
        int64_t at = NOW - 50000;
        struct tq__law_words words;
        struct tq__law law;
        int64_t until = NOW + 1000000;

        assert_int_equal(tq__zone_read_rule(&zone.rule, tq__span_of(rules[i % 4])), 0);
        for (size_t k = 0; k < zone.time_count; k++) {
            int64_t second = (at += 1 + rng_below(&rng, 40000)) * 900;

            if (i % 2)
                second = rng_below_i64(&rng, INT64_C(1) << 34) / 900 * 900;
            for (int byte = 0; byte < 8; byte++)
                times[8 * k + (size_t)byte] = (unsigned char)(second >> (56 - 8 * byte));
            kinds[k] = (unsigned char)rng_below(&rng, 2);
        }
        assert_int_equal(tq__law_write(&words, &zone, NOW * QUARTER_NS), 0);
        assert_true(tq__law_read(&law, &words));
        if (i % 2)
            continue;
        if (law.exceptions == TQ__ZONE_CHANGES)
            until = law.exception[TQ__ZONE_CHANGES - 1].until;
        for (int n = 0; n < 50; n++) {
            int64_t from = NOW - 366 * 96, quarter = from + rng_below_i64(&rng, until - from);

            if (tq__law_offset(&law, quarter) * 900 != tq__zone_offset(&zone, quarter * QUARTER_NS))
                fail_msg("file %u, quarter hour %" PRId64, i, quarter);
        }
    }
}

/* ---- windows --------------------------------------------------------------------------------- */

static const struct {
    uint32_t window, first;
} calendars[] = {
    {TQ_WINDOW_DAY, 0},     {TQ_WINDOW_WEEK, 1},     {TQ_WINDOW_WEEK, 4},   {TQ_WINDOW_WEEK, 7},
    {TQ_WINDOW_MONTH, 1},   {TQ_WINDOW_MONTH, 29},   {TQ_WINDOW_MONTH, 31}, {TQ_WINDOW_QUARTER, 1},
    {TQ_WINDOW_QUARTER, 5}, {TQ_WINDOW_QUARTER, 12}, {TQ_WINDOW_YEAR, 1},   {TQ_WINDOW_YEAR, 12},
};

static void assert_same(const struct tq__period *a, const struct tq__period *b, const char *what)
{
    if (a->index != b->index || a->start != b->start || a->length != b->length)
        fail_msg("%s: %d %u %u, not %d %u %u", what, a->index, a->start, a->length, b->index, b->start,
                 b->length);
}

/* A window holds its first and its last instant, and its neighbours touch it. */
static void check_window(const struct tq__spec *spec, const struct tq__law *law, const struct tq__period *is,
                         const char *what)
{
    int64_t start_ns = is->start * QUARTER_NS, end_ns = tq__quarter_begin(is->start + is->length);
    struct tq__bound bound = tq__bound_of(0xa5, is), back;
    struct tq__period other;
    uint64_t word = tq__bound_pack(&bound);

    assert_true(tq__period_at(spec, law, start_ns, &other));
    assert_same(&other, is, what);
    if (end_ns <= TQ_NOW_END_NS) {
        assert_true(tq__period_at(spec, law, end_ns - 1, &other));
        assert_same(&other, is, what);
    }
    assert_true(tq__period_of(spec, law, is->index, &other));
    assert_same(&other, is, what);
    assert_true(tq__period_of(spec, law, is->index + 1, &other));
    assert_int_equal(other.start, is->start + is->length);
    assert_int_equal(tq__bound_of(0, &other).number, (bound.number + 1) & 0xffff);
    if (tq__period_of(spec, law, is->index - 1, &other))
        assert_int_equal(other.start + other.length, is->start);
    else
        assert_int_equal(is->start, 0);
    back = tq__bound_unpack(word);
    assert_memory_equal(&back, &bound, sizeof back);
    assert_true(holds(word, start_ns));
    assert_true(holds(word, end_ns - 1));
    assert_false(holds(word, start_ns - 1));
    assert_int_equal(holds(word, end_ns), end_ns == INT64_MAX);
}

/* ---- vectors --------------------------------------------------------------------------------- */

static struct law_named {
    char name[TQ__ZONE_NAME_BYTES];
    struct tq__law law;
} laws[64];
static size_t law_count;

/* zone NAME RULE FROM-UNTIL:OFFSET... */
static void read_zone_line(const char *line)
{
    struct law_named *named = &laws[law_count];
    struct tq__law_words words;
    char rule[80];
    size_t count = 0;
    int behind;

    assert_true(law_count++ < sizeof(laws) / sizeof(laws[0]));
    assert_int_equal(sscanf(line, "zone %63s %79s%n", named->name, rule, &behind), 2);
    words = words_of_rule(rule);
    for (line += behind; *line == ' '; line += behind) {
        unsigned from, until;
        int offset;

        assert_true(count < TQ__ZONE_CHANGES);
        assert_int_equal(sscanf(line, " %u-%u:%d%n", &from, &until, &offset, &behind), 3);
        words.change[count++] = (uint64_t)from << 40 | (uint64_t)until << 16 | (uint16_t)offset;
    }
    assert_true(tq__law_read(&named->law, &words));
    assert_int_equal(named->law.exceptions, count);
}

/* WINDOW FIRST INDEX START LENGTH */
static void check_line(const struct law_named *named, const char *line)
{
    struct tq__spec spec = {.unit = TQ_UNIT_TOKENS};
    struct tq__period period;
    char window[16], what[600];

    assert_int_equal(sscanf(line, "%15s %" SCNu32 " %" SCNd32 " %" SCNu32 " %" SCNu32, window, &spec.first,
                            &period.index, &period.start, &period.length),
                     5);
    for (spec.window = TQ_WINDOW_DAY; strcmp(tq_window_name(spec.window), window) != 0; spec.window++)
        assert_true(spec.window < TQ_WINDOW_YEAR);
    snprintf(what, sizeof what, "%s %s", named->name, line);
    check_window(&spec, &named->law, &period, what);
}

static void windows_are_those_of_the_vectors(void **state)
{
    FILE *file = fopen("tests/vectors/windows.txt", "r");
    unsigned windows = 0;
    char line[512];

    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "zone ", 5) == 0)
            read_zone_line(line);
        else if (line[0] != '#') {
            assert_true(law_count > 0);
            check_line(&laws[law_count - 1], line);
            windows++;
        }
    }
    fclose(file);
    assert_int_equal(law_count, 23);
    assert_in_range(windows, 900, 5000);
}

static void windows_touch_each_other_until_2262(void **state)
{
    struct rng rng = {rng_seed(12)};

    (void)state;
    assert_true(law_count > 0);
    for (size_t i = 0; i < law_count; i++)
        for (size_t k = 0; k < sizeof(calendars) / sizeof(calendars[0]); k++)
            for (int n = 0; n < 100; n++) {
                struct tq__spec spec = {
                    .unit = 1, .window = calendars[k].window, .first = calendars[k].first};
                struct tq__period period;

                assert_true(tq__period_at(&spec, &laws[i].law, rng_below_i64(&rng, TQ_NOW_END_NS), &period));
                check_window(&spec, &laws[i].law, &period, laws[i].name);
            }
}

static const struct tq__law *law_named(const char *name)
{
    for (size_t i = 0; i < law_count; i++)
        if (strcmp(laws[i].name, name) == 0)
            return &laws[i].law;
    fail_msg("no vector of %s", name);
    return NULL;
}

/* Apia went from the 29th of December 2011 to the 31st. */
static void a_day_that_was_left_out_is_met_by_no_record(void **state)
{
    const struct tq__law *law = law_named("Pacific/Apia");
    struct tq__spec spec = {.unit = 1, .window = TQ_WINDOW_DAY};
    struct tq__period lost, before, after;

    (void)state;
    assert_true(tq__period_of(&spec, law, 15338, &lost));
    assert_true(tq__period_of(&spec, law, 15337, &before));
    assert_true(tq__period_of(&spec, law, 15339, &after));
    assert_int_equal(lost.length, 0);
    assert_int_equal(lost.start, after.start);
    assert_int_equal(before.start + before.length, after.start);
    assert_int_equal(before.length, 96);
    assert_int_equal(after.length, 96);
    for (uint32_t quarter = before.start; quarter < after.start + 96; quarter++) {
        assert_true(tq__period_at(&spec, law, quarter * QUARTER_NS, &lost));
        assert_int_equal(lost.index, quarter < after.start ? 15337 : 15339);
    }
}

/* Changes that no zone of the vectors has: clocks that skip midnight from before it, or pass it twice. */
static void midnight_is_where_clocks_first_show_it_or_later(void **state)
{
    static const struct {
        const char *rule;
        int64_t begin[2]; /* of days 100 and 101; the change is close to the first */
    } cases[] = {
        {"A0", {9600, 9696}},
        {"A0B,99/23:30,200", {9600 - 2, 9692}},  /* 23:30 is 00:30: the day begins there */
        {"A0B-0:30,99/23:45,200", {9599, 9694}}, /* 23:45 is 00:15 */
        {"A0B,100/0,200", {9600, 9692}},         /* 00:00 is 01:00 */
        {"B-1A0,100/1,200", {9596, 9696}},       /* 01:00 is 00:00: the first of two */
        {"B-1A0,100/0,200", {9600, 9696}},       /* 00:00 is 23:00: midnight comes an hour later */
        {"B-1A0,100/0:30,200", {9596, 9696}},    /* 00:30 is 23:30: what follows is of the new day */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tq__law_words words = words_of_rule(cases[i].rule);
        struct tq__spec spec = {.unit = 1, .window = TQ_WINDOW_DAY};
        struct tq__period period;
        struct tq__law law;

        assert_true(tq__law_read(&law, &words));
        for (int day = 100; day <= 101; day++)
            if (tq__law_day_begin(&law, day) != cases[i].begin[day - 100])
                fail_msg("%s day %d: %" PRId64, cases[i].rule, day, tq__law_day_begin(&law, day));
        for (uint32_t quarter = 9500; quarter < 9800; quarter++) {
            assert_true(tq__period_at(&spec, &law, quarter * QUARTER_NS, &period));
            check_window(&spec, &law, &period, cases[i].rule);
        }
    }
}

static void fixed_windows_are_multiples(void **state)
{
    struct rng rng = {rng_seed(13)};

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct tq__spec spec = {.unit = 1, .window = TQ_WINDOW_FIXED};
        int64_t now_ns = rng_below_i64(&rng, TQ_NOW_END_NS), start;
        struct tq__period period;

        spec.length = 1 + rng_below(&rng, i % 2 ? 4 : 366 * 96);
        spec.anchor = rng_below(&rng, spec.length);
        if (i % 10 == 0) /* those that begin before 1970 */
            now_ns %= spec.length * QUARTER_NS;
        assert_true(tq__period_at(&spec, NULL, now_ns, &period));
        start = spec.anchor + period.index * (int64_t)spec.length;
        assert_int_equal(period.start, start < 0 ? 0 : start);
        assert_int_equal(period.start + period.length, start + spec.length);
        check_window(&spec, NULL, &period, "fixed");
    }
}

static void not_all_instants_have_a_window(void **state)
{
    static const int64_t none[] = {-1, INT64_MIN, INT64_MAX, TQ_NOW_MIN_NS, TQ_NOW_END_NS};
    static const int64_t some[] = {0, 1, TQ_NOW_END_NS - 1};
    const struct tq__law utc = {.exceptions = 0};
    struct tq__period period;

    (void)state;
    for (uint32_t window = 0; window <= 15; window++) {
        struct tq__spec spec = {.unit = 1, .window = window, .first = 1, .length = 96};
        bool turns = window >= TQ_WINDOW_DAY && window <= TQ_WINDOW_FIXED;

        for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
            assert_false(tq__period_at(&spec, &utc, none[i], &period));
        for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
            assert_int_equal(tq__period_at(&spec, &utc, some[i], &period), turns);
        assert_false(tq__period_of(&spec, &utc, -2, &period));
        assert_false(tq__period_of(&spec, &utc, INT32_MAX, &period));
        assert_false(tq__period_of(&spec, &utc, INT32_MIN, &period));
    }
    assert_int_equal(tq__quarter_begin(0), 0);
    assert_int_equal(tq__quarter_begin(TQ_NOW_END_NS / QUARTER_NS), TQ_NOW_END_NS);
    assert_int_equal(tq__quarter_begin(TQ__QUARTER_END), INT64_MAX);
    assert_false(holds(0, 0));
    assert_false(holds(UINT64_MAX, -1));
    assert_false(holds(UINT64_MAX, INT64_MAX));
}

/* Whatever stands in the words: a window that is found holds the instant. */
static void damaged_laws_are_no_danger(void **state)
{
    struct rng rng = {rng_seed(14)};
    unsigned read = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct tq__law_words words;
        struct tq__law law;

        words.rule = rng_next(&rng) & rng_next(&rng) >> rng_below(&rng, 60);
        for (size_t k = 0; k < TQ__ZONE_CHANGES; k++)
            words.change[k] = rng_next(&rng) & ~(UINT64_C(0xff80) << rng_below(&rng, 8));
        if (!tq__law_read(&law, &words))
            continue;
        read++;
        for (size_t k = 0; k < sizeof(calendars) / sizeof(calendars[0]); k++) {
            struct tq__spec spec = {.unit = 1, .window = calendars[k].window, .first = calendars[k].first};
            int64_t now_ns = rng_below_i64(&rng, TQ_NOW_END_NS);
            struct tq__period period;

            (void)tq__period_of(&spec, &law, (int32_t)rng_next(&rng), &period);
            if (tq__period_at(&spec, &law, now_ns, &period)) {
                struct tq__bound bound = tq__bound_of(0, &period);

                assert_true(holds(tq__bound_pack(&bound), now_ns));
            }
        }
    }
    assert_in_range(read, 100, 19999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_limit_comes_back_from_its_word),
        cmocka_unit_test(a_stated_window_is_of_its_name),
        cmocka_unit_test(a_word_is_free_or_the_one_of_its_parts),
        cmocka_unit_test(rules_come_back_from_their_words),
        cmocka_unit_test(what_is_not_on_a_quarter_of_an_hour_is_refused),
        cmocka_unit_test(what_the_rule_does_not_say_is_kept),
        cmocka_unit_test(a_law_says_what_the_file_does),
        cmocka_unit_test(windows_are_those_of_the_vectors),
        cmocka_unit_test(windows_touch_each_other_until_2262),
        cmocka_unit_test(a_day_that_was_left_out_is_met_by_no_record),
        cmocka_unit_test(midnight_is_where_clocks_first_show_it_or_later),
        cmocka_unit_test(fixed_windows_are_multiples),
        cmocka_unit_test(not_all_instants_have_a_window),
        cmocka_unit_test(damaged_laws_are_no_danger),
    };

    return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
