/* test_limit_windows.c: the windows of limits that replay and usage note, and the limits that they copy.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "harness.h"
#include "rng.h"
#include "view/windows.h"

static struct tq_error error;

static struct tq_ledger *open_private(void)
{
    struct tq_ledger_options options = {.size = sizeof options, .rule = TQ_RULE_OFF};
    struct tq_ledger *ledger;

    assert_int_equal(tq_ledger_open(&ledger, NULL, &options, NULL), 0);
    error = (struct tq_error){.size = sizeof error};
    return ledger;
}

static struct tq_provider *handle_of(struct tq_ledger *ledger, const char *name)
{
    struct tq_provider *provider;

    assert_int_equal(tq_ledger_provider(ledger, name, strlen(name), 0, &provider), 0);
    return provider;
}

static struct tq_limit limit_of(const char *sentence)
{
    struct tq_limit limit = {.size = sizeof limit};

    assert_int_equal(tq_limit_parse(sentence, &limit, NULL), 0);
    return limit;
}

static void set(struct windows *windows, const char *name, const char *sentence)
{
    struct tq_limit limit = limit_of(sentence);

    if (windows_set(windows, name, &limit, &error) != 0)
        fail_msg("%s", error.msg);
}

static void record(struct windows *windows, const char *name, int64_t tokens, int64_t at_ns)
{
    struct tq_provider *provider = handle_of(windows->ledger, name);

    assert_int_equal(windows_meet(windows, provider), 0);
    assert_true(tq_provider_observe(provider, tokens, at_ns, NULL) >= 0);
    assert_int_equal(windows_look(windows, provider, at_ns), 0);
}

static void expect(const struct limit_windows *limit, size_t at, int64_t start_at_ns, int64_t end_at_ns,
                   int64_t used)
{
    assert_true(at < limit->count);
    assert_int_equal(limit->items[at].start_at_ns, start_at_ns);
    assert_int_equal(limit->items[at].end_at_ns, end_at_ns);
    assert_int_equal(limit->items[at].used, used);
}

static void close_all(struct windows *windows)
{
    windows_free(windows);
    tq_ledger_close(windows->ledger);
}

#define DAYS 40
#define RECORDS 3000

/* Each day is added up beside the library. */
static void windows_are_what_was_counted(void **state)
{
    struct windows windows = {.ledger = open_private(), .keep = true};
    int64_t days[DAYS] = {0}, at_ns = MAY_DAY_NS, most = 0;
    struct rng rng = {rng_seed(1)};
    size_t seen = 0, spent = 0;

    (void)state;
    set(&windows, "p", "5000 tokens per day");
    set(&windows, "p", "9G tokens once");
    for (int i = 0; i < RECORDS; i++) {
        int64_t tokens = rng_below_i64(&rng, 100);

        at_ns += rng_below_i64(&rng, 40) == 0 ? 30 * HOUR_NS : rng_below_i64(&rng, HOUR_NS / 6);
        if (at_ns >= MAY_DAY_NS + DAYS * DAY_NS)
            break;
        days[(at_ns - MAY_DAY_NS) / DAY_NS] += tokens;
        record(&windows, "p", tokens, at_ns);
    }
    assert_int_equal(windows_end(&windows), 0);
    for (int i = 0; i < DAYS; i++) {
        if (days[i] == 0)
            continue;
        expect(&windows.items[0], seen++, MAY_DAY_NS + i * DAY_NS, MAY_DAY_NS + (i + 1) * DAY_NS, days[i]);
        spent += days[i] >= 5000;
        most = days[i] > most ? days[i] : most;
    }
    assert_true(seen > 5 && seen < DAYS);
    assert_int_equal(windows.items[0].seen, seen);
    assert_int_equal(windows.items[0].count, seen);
    assert_int_equal(windows.items[0].spent, spent);
    assert_int_equal(windows.items[0].most.used, most);
    assert_int_equal(windows.items[1].seen, 1);
    assert_int_equal(windows.items[1].most.end_at_ns, 0);
    close_all(&windows);
}

/* A first-use window that a late record moves is one window; what is earlier than the window before is none.
 */
static void late_records_make_no_window(void **state)
{
    struct windows windows = {.ledger = open_private(), .keep = true};

    (void)state;
    set(&windows, "p", "tokens per 5h first-use");
    set(&windows, "p", "tokens per day");
    record(&windows, "p", 1, MAY_DAY_NS + 10 * HOUR_NS);
    record(&windows, "p", 2, MAY_DAY_NS + 8 * HOUR_NS);
    record(&windows, "p", 4, MAY_DAY_NS + 30 * HOUR_NS);
    record(&windows, "p", 8, MAY_DAY_NS + 12 * HOUR_NS);
    record(&windows, "p", 16, MAY_DAY_NS - 30 * HOUR_NS);
    assert_int_equal(windows_end(&windows), 0);
    assert_int_equal(windows.items[0].count, 2);
    expect(&windows.items[0], 0, MAY_DAY_NS + 8 * HOUR_NS, MAY_DAY_NS + 13 * HOUR_NS, 3);
    expect(&windows.items[0], 1, MAY_DAY_NS + 30 * HOUR_NS, MAY_DAY_NS + 35 * HOUR_NS, 4);
    assert_int_equal(windows.items[1].count, 2);
    expect(&windows.items[1], 0, MAY_DAY_NS, MAY_DAY_NS + DAY_NS, 11);
    expect(&windows.items[1], 1, MAY_DAY_NS + DAY_NS, MAY_DAY_NS + 2 * DAY_NS, 4);
    close_all(&windows);
}

/* Days stand for windows that never turn, with the most at one time. */
static void a_rolling_limit_has_days(void **state)
{
    struct windows windows = {.ledger = open_private(), .keep = true};

    (void)state;
    set(&windows, "p", "10 tokens per 1h rolling");
    record(&windows, "p", 6, MAY_DAY_NS + HOUR_NS);
    record(&windows, "p", 5, MAY_DAY_NS + HOUR_NS + HOUR_NS / 2);
    record(&windows, "p", 3, MAY_DAY_NS + 20 * HOUR_NS);
    record(&windows, "p", 1, MAY_DAY_NS + 50 * HOUR_NS);
    assert_int_equal(windows_end(&windows), 0);
    assert_int_equal(windows.items[0].count, 2);
    expect(&windows.items[0], 0, MAY_DAY_NS, MAY_DAY_NS + DAY_NS, 11);
    assert_true(windows.items[0].items[0].spent);
    expect(&windows.items[0], 1, MAY_DAY_NS + 2 * DAY_NS, MAY_DAY_NS + 3 * DAY_NS, 1);
    assert_false(windows.items[0].items[1].spent);
    close_all(&windows);
}

static void others_have_the_limits_of_the_star(void **state)
{
    struct windows windows = {.ledger = open_private()};

    (void)state;
    set(&windows, "own", "1 tokens per day");
    set(&windows, "*", "2 requests per day");
    assert_false(windows_need_parts(&windows));
    set(&windows, "*", "3 input per day");
    assert_true(windows_need_parts(&windows));
    record(&windows, "own", 1, MAY_DAY_NS);
    record(&windows, "b", 1, MAY_DAY_NS);
    record(&windows, "a", 1, MAY_DAY_NS);
    record(&windows, "a", 1, MAY_DAY_NS);
    assert_null(windows_find(&windows, handle_of(windows.ledger, "own"), 2));
    assert_int_equal(windows_find(&windows, handle_of(windows.ledger, "a"), 1)->last.used, 2);
    assert_int_equal(windows_end(&windows), 0);
    assert_int_equal(windows.count, 5);
    assert_string_equal(tq_provider_name(windows.items[0].provider), "a");
    assert_string_equal(tq_provider_name(windows.items[4].provider), "own");
    assert_int_equal(windows.items[0].count, 0); /* the sums alone */
    close_all(&windows);
}

static void a_ledger_gives_limits_pools_weights_and_prices(void **state)
{
    static const uint32_t weights[TQ_CLASSES] = {1000, 100, 1250, 5000};
    static const int64_t price[TQ_CLASSES] = {3000000, -1, -1, 15000000};
    struct windows windows = {.ledger = open_private()};
    struct tq_ledger *ledger = open_private();
    struct tq_provider *model = handle_of(ledger, "model"), *account = handle_of(ledger, "account"), *copy;
    struct tq_limit limits[] = {limit_of("100 weighted per day"), limit_of("$1 per day reserve 10%")};
    struct tq_usage usage = {.size = sizeof usage,
                             .known = TQ_USAGE_INPUT | TQ_USAGE_OUTPUT,
                             .input = 10,
                             .output = 2,
                             .counted = 12};

    (void)state;
    assert_int_equal(tq_provider_set_limit(account, &limits[0], NULL), 1);
    assert_int_equal(tq_provider_set_limit(model, &limits[1], NULL), 1);
    assert_int_equal(tq_provider_set_weights(account, weights), 0);
    assert_int_equal(tq_provider_set_price(model, price), 0);
    assert_int_equal(tq_provider_set_pool(model, account), 0);
    assert_int_equal(windows_copy(&windows, ledger, MAY_DAY_NS, &error), 0);
    tq_ledger_close(ledger);

    copy = handle_of(windows.ledger, "model");
    assert_int_equal(tq_provider_observe_usage(copy, &usage, MAY_DAY_NS, NULL), 0);
    assert_int_equal(windows_look(&windows, copy, MAY_DAY_NS), 0);
    assert_int_equal(windows_end(&windows), 0);
    assert_int_equal(windows.count, 2);
    assert_int_equal(windows.items[0].most.used, 20); /* account: 10 + 2 x 5 */
    assert_int_equal(windows.items[1].most.used, 60); /* micro-dollars */
    assert_int_equal(windows.items[1].limit.reserve, 100000);
    assert_int_equal(windows.items[1].uncosted, 0);
    close_all(&windows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_are_what_was_counted),
        cmocka_unit_test(late_records_make_no_window),
        cmocka_unit_test(a_rolling_limit_has_days),
        cmocka_unit_test(others_have_the_limits_of_the_star),
        cmocka_unit_test(a_ledger_gives_limits_pools_weights_and_prices),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
