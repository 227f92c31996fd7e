/* test_shared_words.c: what vendors said, probes and rules in a file: over processes, closing, compaction.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness.h"
#include "src/layout.h"
#include "scratch.h"

#define NOON_NS (MAY_DAY_NS + 12 * HOUR_NS)

static struct tq_quota_signal no_money(void)
{
    return (struct tq_quota_signal){.size = sizeof(struct tq_quota_signal),
                                    .refusal = TQ_CLASS_NO_MONEY,
                                    .profile = 7,
                                    .source = TQ_SOURCE_BODY,
                                    .said_at_ns = NOON_NS,
                                    .axis_count = 1,
                                    .axis = {{.what = TQ_AXIS_MONEY, .window_ns = 30 * DAY_NS}}};
}

static void expect_no_money(const char *path)
{
    struct tq_ledger *ledger = open_file(path);
    struct tq_verdict verdict = {.size = sizeof verdict};

    assert_int_equal(tq_provider_verdict(handle(ledger, "p"), NOON_NS + HOUR_NS, &verdict),
                     TQ_QUOTA_EXHAUSTED);
    assert_int_equal(verdict.reason, TQ_REASON_REPORTED);
    assert_int_equal(verdict.refusal, TQ_CLASS_NO_MONEY);
    assert_int_equal(verdict.profile, 7);
    assert_int_equal(verdict.window_ns, 30 * DAY_NS);
    assert_int_equal(verdict.retry_at_ns, INT64_MAX);
    tq_ledger_close(ledger);
}

/* F30, F31: a restart forgets nothing and lifts nothing; nor does compact. */
static void test_f30_f31_survives(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path);
    struct tq_quota_signal signal = no_money();

    assert_int_equal(tq_provider_apply(handle(ledger, "p"), &signal), TQ_QUOTA_EXHAUSTED);
    tq_ledger_close(ledger);
    expect_no_money(path);
    assert_int_equal(tq_ledger_compact(path, NULL), 0);
    expect_no_money(path);
}

static int take_probe(void *argument)
{
    struct tq_ledger *ledger = open_file(argument);
    int answer = tq_provider_probe_take(handle(ledger, "p"), NOON_NS + HOUR_NS, NULL);

    tq_ledger_close(ledger);
    return answer;
}

/* Another process has the probe; it has ended without a word, so after the lease the next gets it. */
static void test_probe_of_another_process(void **state)
{
    char path[4096];
    struct tq_ledger *ledger;
    struct tq_quota_signal signal = no_money();

    snprintf(path, sizeof path, "%s", scratch_path(state, "ledger"));
    ledger = open_file(path);
    tq_provider_apply(handle(ledger, "p"), &signal);
    assert_int_equal(child_end(child_start(take_probe, path)), 0);
    assert_int_equal(child_end(child_start(take_probe, path)), 1);
    assert_int_equal(tq_provider_probe_take(handle(ledger, "p"), NOON_NS + HOUR_NS, NULL), 1);
    assert_int_equal(tq_provider_probe_take(handle(ledger, "p"), NOON_NS + HOUR_NS + TQ_PROBE_LEASE_NS, NULL),
                     0);
    tq_ledger_close(ledger);
}

static void expect_refused(struct tq_ledger *ledger, struct tq_provider *provider, int write_code,
                           int read_code)
{
    struct tq_quota_signal signal = no_money();
    struct tq_usage usage = {.size = sizeof usage, .counted = 1};
    struct tq_verdict verdict = {.size = sizeof verdict};
    struct tq_route route = {.size = sizeof route};

    assert_int_equal(tq_provider_apply(provider, &signal), write_code);
    assert_int_equal(tq_provider_success(provider, NOON_NS), write_code);
    assert_int_equal(tq_provider_observe_usage(provider, &usage, NOON_NS, NULL), write_code);
    assert_int_equal(tq_provider_probe_take(provider, NOON_NS, NULL), write_code);
    assert_int_equal(tq_provider_probe_failure(provider, NOON_NS), write_code);
    assert_int_equal(tq_provider_set_rule(provider, TQ_RULE_OFF), write_code);
    if (read_code < 0) {
        assert_int_equal(tq_provider_verdict(provider, NOON_NS, &verdict), read_code);
        assert_int_equal(tq_ledger_route(ledger, &provider, 1, NOON_NS, 0, &route), read_code);
    }
}

static void test_read_only(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path);
    struct tq_quota_signal signal = no_money();
    struct tq_route route = {.size = sizeof route};
    struct tq_provider *provider;

    tq_provider_apply(handle(ledger, "p"), &signal);
    tq_ledger_close(ledger);
    ledger = open_file_with(path, 8, TQ_RULE_OFF, TQ_OPEN_READ_ONLY);
    provider = handle(ledger, "p");
    expect_refused(ledger, provider, TQ_EREADONLY, 0);
    /* It may look, and is never handed a probe. */
    assert_int_equal(tq_ledger_route(ledger, &provider, 1, NOON_NS + HOUR_NS, 0, &route), 1);
    assert_int_equal(tq_ledger_probes_due(ledger, NOON_NS + HOUR_NS, NULL, 0), 1);
    tq_ledger_close(ledger);
}

/* The first route that looks finds out that the file is gone; from then on every call says so. */
static void test_gone(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path);
    struct tq_provider *provider = handle(ledger, "p");
    struct tq_route route = {.size = sizeof route};

    assert_int_equal(tq_ledger_route(ledger, &provider, 1, NOON_NS, 0, &route), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(tq_ledger_route(ledger, &provider, 1, NOON_NS + 999999999, 0, &route),
                     0); /* within the second */
    assert_int_equal(tq_ledger_route(ledger, &provider, 1, NOON_NS + 1000000000, 0, &route), TQ_EGONE);
    expect_refused(ledger, provider, TQ_EGONE, TQ_EGONE);
    tq_ledger_close(ledger);
}

/* A refusal looks at once. */
static void test_gone_at_a_refusal(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path);
    struct tq_provider *provider = handle(ledger, "p");
    struct tq_quota_signal signal = no_money();

    assert_int_equal(unlink(path), 0);
    assert_int_equal(tq_provider_apply(provider, &signal), TQ_EGONE);
    tq_ledger_close(ledger);
}

static uint32_t rule_of(const char *path)
{
    struct tq_ledger_options options = {.size = sizeof options, .flags = TQ_OPEN_EXISTING};
    struct tq_verdict verdict = {.size = sizeof verdict};
    struct tq_ledger *ledger;

    assert_int_equal(tq_ledger_open(&ledger, path, &options, NULL), 0);
    assert_true(tq_provider_verdict(handle(ledger, "p"), NOON_NS, &verdict) >= 0);
    tq_ledger_close(ledger);
    return verdict.rule;
}

/* What somebody chose stays; what nobody chose is the present default, also in a file that was made when the
 * default was another. */
static void test_default_rule(void **state)
{
    static const uint32_t rules[] = {TQ_RULE_DEFAULT, TQ_RULE_ORIGINAL, TQ_RULE_OFF, TQ_RULE_HORIZON,
                                     TQ_RULE_CARE};
    static const char *const names[] = {"default", "original", "off", "horizon", "care"};
    const char *old = scratch_path(state, "old");
    uint8_t *bytes;
    size_t size;

    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const char *path = scratch_path(state, names[i]);
        uint32_t expected = rules[i] == TQ_RULE_DEFAULT ? TQ_RULE_CARE : rules[i];

        tq_ledger_close(open_file_with(path, 8, rules[i], 0));
        assert_int_equal(rule_of(path), expected);
        assert_int_equal(tq_ledger_compact(path, NULL), 0);
        assert_int_equal(rule_of(path), expected);
    }
    /* As it was made before there was a flag: the rule off, and nobody had chosen it. */
    bytes = file_read(scratch_path(state, "off"), &size);
    memset(bytes + offsetof(struct tq__header, rule_is_set), 0, 4);
    file_write(old, bytes, size);
    free(bytes);
    assert_int_equal(rule_of(old), TQ_RULE_CARE);
}

/* A word that no version writes is a fault that check names. */
static void test_check_finds_bad_words(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path);
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_error error = {.size = sizeof error};
    struct tq_quota_signal signal = no_money();
    uint8_t *bytes;
    size_t size;

    tq_provider_apply(handle(ledger, "p"), &signal);
    assert_int_equal(tq_ledger_check(ledger, &info, &error), 0);
    tq_ledger_close(ledger);
    bytes = file_read(path, &size);
    for (size_t at = TQ__HEADER_BYTES; at < size; at += 8)
        if (bytes[at] == (TQ_CLASS_NO_MONEY | 0x00) && bytes[at + 1] == 0xff && bytes[at + 2] == 0xff)
            bytes[at] = 7;
    file_write(path, bytes, size);
    free(bytes);
    ledger = open_file(path);
    assert_int_equal(tq_ledger_check(ledger, &info, &error), 1);
    assert_non_null(strstr(error.msg, "what a vendor said is no word of this version"));
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_f30_f31_survives),
        scratch_test(test_probe_of_another_process),
        scratch_test(test_read_only),
        scratch_test(test_gone),
        scratch_test(test_gone_at_a_refusal),
        scratch_test(test_default_rule),
        scratch_test(test_check_finds_bad_words),
    };

    return cmocka_run_group_tests_name("shared, words", tests, NULL, NULL);
}
