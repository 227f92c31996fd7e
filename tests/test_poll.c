/* test_poll.c: when a poller may run, and the errors of the calls.
 *
 * SPDX-License-Identifier: MIT
 */
#include <unistd.h>

#include "harness.h"
#include "scratch.h"

#define NOON_NS (MAY_DAY_NS + 12 * HOUR_NS)
#define EVERY_NS (HOUR_NS / 12)

static int begin(struct tq_provider *provider, int64_t now_ns, int64_t *at_ns)
{
    *at_ns = UNWRITTEN;
    return tq_provider_poll_begin(provider, EVERY_NS, now_ns, at_ns);
}

static void test_due(void **state)
{
    struct tq_ledger *ledger;
    struct tq_provider *claude, *openai;
    int64_t at_ns;

    (void)state;
    assert_int_equal(tq_ledger_open(&ledger, NULL, NULL, NULL), 0);
    claude = handle(ledger, "claude");
    openai = handle(ledger, "openai");
    assert_int_equal(begin(claude, NOON_NS, &at_ns), 0);
    assert_int_equal(at_ns, 0);
    assert_int_equal(begin(claude, NOON_NS, &at_ns), 1);
    assert_int_equal(at_ns, NOON_NS + EVERY_NS);
    assert_int_equal(begin(openai, NOON_NS, &at_ns), 0);
    assert_int_equal(tq_provider_poll_end(claude), 0);
    assert_int_equal(tq_provider_poll_end(claude), 0);
    assert_int_equal(begin(claude, NOON_NS + EVERY_NS - 1, &at_ns), 1);
    assert_int_equal(tq_provider_poll_begin(claude, 0, NOON_NS + 1, NULL), 0);
    assert_int_equal(begin(claude, NOON_NS + EVERY_NS, &at_ns), 1);
    assert_int_equal(at_ns, NOON_NS + 1 + EVERY_NS);
    assert_int_equal(tq_provider_poll_begin(claude, INT64_MAX, NOON_NS + EVERY_NS, &at_ns), 1);
    assert_int_equal(at_ns, INT64_MAX);
    assert_int_equal(begin(claude, NOON_NS + 1 + EVERY_NS, &at_ns), 0);
    tq_ledger_close(ledger);
}

static void test_a_clock_that_goes_back(void **state)
{
    struct tq_ledger *ledger;
    struct tq_provider *claude;
    int64_t at_ns;

    (void)state;
    assert_int_equal(tq_ledger_open(&ledger, NULL, NULL, NULL), 0);
    claude = handle(ledger, "claude");
    assert_int_equal(begin(claude, NOON_NS + EVERY_NS, &at_ns), 0);
    assert_int_equal(begin(claude, NOON_NS + 1, &at_ns), 1);
    assert_int_equal(begin(claude, NOON_NS, &at_ns), 0);
    assert_int_equal(begin(claude, NOON_NS + EVERY_NS - 1, &at_ns), 1);
    assert_int_equal(begin(claude, TQ_NOW_END_NS - 1, &at_ns), 0);
    assert_int_equal(begin(claude, TQ_NOW_MIN_NS, &at_ns), 0);
    tq_ledger_close(ledger);
}

static void test_errors(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path), *reader;
    struct tq_provider *claude = handle(ledger, "claude"), *seen;
    int64_t at_ns;

    assert_int_equal(begin(NULL, NOON_NS, &at_ns), TQ_EINVAL);
    assert_int_equal(at_ns, 0);
    assert_int_equal(tq_provider_poll_end(NULL), TQ_EINVAL);
    assert_int_equal(tq_provider_poll_begin(claude, -1, NOON_NS, NULL), TQ_EINVAL);
    assert_int_equal(begin(claude, TQ_NOW_END_NS, &at_ns), TQ_ERANGE);
    assert_int_equal(begin(claude, TQ_NOW_MIN_NS - 1, &at_ns), TQ_ERANGE);
    reader = open_file_with(path, 8, TQ_RULE_OFF, TQ_OPEN_READ_ONLY);
    assert_int_equal(tq_ledger_provider(reader, "claude", 6, TQ_PROVIDER_EXISTING, &seen), 0);
    assert_int_equal(begin(seen, NOON_NS, &at_ns), TQ_EREADONLY);
    assert_int_equal(tq_provider_poll_end(seen), TQ_EREADONLY);
    tq_ledger_close(reader);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(begin(claude, NOON_NS, &at_ns), TQ_EGONE);
    assert_int_equal(at_ns, 0);
    assert_int_equal(tq_provider_poll_end(claude), TQ_EGONE);
    tq_ledger_close(ledger);
}

/* Two that have the file open exclude each other; each provider has a lock of its own. */
static void test_two_that_have_it_open(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *one = open_file(path), *other = open_file(path);
    int64_t at_ns;

    assert_int_equal(begin(handle(one, "claude"), NOON_NS, &at_ns), 0);
    assert_int_equal(begin(handle(other, "openai"), NOON_NS, &at_ns), 0);
    assert_int_equal(begin(handle(other, "claude"), NOON_NS + EVERY_NS, &at_ns), 1);
    assert_int_equal(at_ns, 0);
    assert_int_equal(begin(handle(one, "claude"), NOON_NS + EVERY_NS, &at_ns), 0);
    assert_int_equal(tq_provider_poll_end(handle(one, "claude")), 0);
    assert_int_equal(begin(handle(other, "claude"), NOON_NS + EVERY_NS, &at_ns), 1);
    assert_int_equal(at_ns, NOON_NS + 2 * EVERY_NS);
    /* What is not due is not kept from the other. */
    assert_int_equal(begin(handle(one, "claude"), NOON_NS + 2 * EVERY_NS, &at_ns), 0);
    tq_ledger_close(one);
    assert_int_equal(begin(handle(other, "claude"), NOON_NS + 3 * EVERY_NS, &at_ns), 0);
    tq_ledger_close(other);
}

static void test_a_compact_keeps_the_last_run(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path);
    int64_t at_ns;

    assert_int_equal(tq_provider_observe(handle(ledger, "claude"), 1, NOON_NS, NULL), 0);
    assert_int_equal(begin(handle(ledger, "claude"), NOON_NS, &at_ns), 0);
    tq_ledger_close(ledger);
    assert_int_equal(tq_ledger_compact(path, NULL), 0);
    ledger = open_file(path);
    assert_int_equal(begin(handle(ledger, "claude"), NOON_NS + 1, &at_ns), 1);
    assert_int_equal(at_ns, NOON_NS + EVERY_NS);
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_due),
        cmocka_unit_test(test_a_clock_that_goes_back),
        scratch_test(test_errors),
        scratch_test(test_two_that_have_it_open),
        scratch_test(test_a_compact_keeps_the_last_run),
    };

    return cmocka_run_group_tests_name("poll", tests, NULL, NULL);
}
