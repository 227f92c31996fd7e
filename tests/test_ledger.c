/* test_ledger.c: opening and closing: options, errors, the two views, fork, and memory that runs out.
 *
 * SPDX-License-Identifier: MIT
 */

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define NOON_NS (MAY_DAY_NS + 12 * HOUR_NS)

/* *ledger is written on every return: what was there before is no ledger. */
static struct tq_ledger *unwritten(void)
{
    return (struct tq_ledger *)(uintptr_t)0x5555;
}

static struct tq_ledger *open_with(uint32_t history_days, uint32_t rule)
{
    struct tq_ledger_options options = {.size = sizeof(options), .history_days = history_days, .rule = rule};
    struct tq_ledger *ledger = unwritten();
    struct tq_error error;

    memset(&error, 0x55, sizeof(error));
    error.size = sizeof(error);
    assert_int_equal(tq_ledger_open(&ledger, NULL, &options, &error), 0);
    assert_non_null(ledger);
    assert_int_equal(error.size, sizeof(error));
    assert_int_equal(error.code, 0); /* written on every return */
    assert_int_equal(error.sys, 0);
    assert_non_null(strstr(error.msg, "private memory"));
    return ledger;
}

/* Fails to open and checks that all is said: the code, no ledger, and one line for people. */
static void expect_refused(const char *path, const struct tq_ledger_options *options, int expected,
                           const char *word)
{
    struct tq_ledger *ledger = unwritten();
    struct tq_error error;

    memset(&error, 0x55, sizeof(error));
    error.size = sizeof(error);
    assert_int_equal(tq_ledger_open(&ledger, path, options, &error), expected);
    assert_null(ledger);
    assert_int_equal(error.size, sizeof(error));
    assert_int_equal(error.code, expected);
    assert_int_equal(error.sys, 0);
    assert_non_null(memchr(error.msg, '\0', sizeof(error.msg)));
    assert_null(strchr(error.msg, '\n'));
    if (!strstr(error.msg, word))
        fail_msg("\"%s\" does not speak of %s", error.msg, word);

    ledger = unwritten();
    assert_int_equal(tq_ledger_open(&ledger, path, options, NULL), expected);
    assert_null(ledger);
}

static void test_refused_options(void **state)
{
    const uint32_t days[] = {1, 7, 9, 12, 24, 63, 65, 128, UINT32_MAX};
    const uint32_t rules[] = {TQ_RULE_CARE + 1, 255, 256, UINT32_MAX};
    struct tq_ledger_options options = {.size = sizeof(options)};

    (void)state;
    for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++) {
        options.history_days = days[i];
        expect_refused(NULL, &options, TQ_EINVAL, "history_days");
    }
    options.history_days = 0;
    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        options.rule = rules[i];
        expect_refused(NULL, &options, TQ_EINVAL, "rule");
    }
    options.rule = 0;
    options.reserved = 1;
    expect_refused(NULL, &options, TQ_EINVAL, "reserved");
    options.reserved = 0;
    options.size = 0;
    expect_refused(NULL, &options, TQ_EINVAL, "size");
    options.size = sizeof(options) - 1;
    expect_refused(NULL, &options, TQ_EINVAL, "size");
}

static void test_null_arguments(void **state)
{
    struct tq_error error = {.size = sizeof(error)};

    (void)state;
    assert_int_equal(tq_ledger_open(NULL, NULL, NULL, &error), TQ_EINVAL);
    assert_int_equal(error.code, TQ_EINVAL);
    assert_int_equal(tq_ledger_open(NULL, NULL, NULL, NULL), TQ_EINVAL);
    tq_ledger_close(NULL);
    assert_null(tq_ledger_tracker(NULL));
    assert_null(tq_ledger_store(NULL));
}

/* ---- the default ledger ---------------------------------------------------------------------- */

static void expect_path(const char *expected, const char *why)
{
    struct tq_error error = {.size = sizeof(error)};
    char path[64] = "x";
    int len = tq_ledger_default_path(path, sizeof(path), &error);

    assert_int_equal(len, strlen(expected));
    assert_string_equal(path, expected);
    assert_int_equal(error.code, 0);
    assert_non_null(strstr(error.msg, why));
    assert_int_equal(tq_ledger_default_path(path, 5, NULL), len);
    assert_memory_equal(path, expected, 4);
    assert_int_equal(path[4], '\0');
    assert_int_equal(tq_ledger_default_path(NULL, 0, NULL), len);
}

static void test_default_path(void **state)
{
    struct tq_error error = {.size = sizeof(error)};
    char path[64] = "x";

    (void)state;
    setenv("TOKENQUOTA_LEDGER", "somewhere", 1);
    expect_path("somewhere", "$TOKENQUOTA_LEDGER");
    setenv("TOKENQUOTA_LEDGER", "", 1);
    assert_int_equal(tq_ledger_default_path(path, sizeof(path), &error), TQ_EDENIED);
    assert_string_equal(path, "");
    assert_non_null(strstr(error.msg, "is empty"));
    assert_int_equal(tq_ledger_default_path(NULL, 1, &error), TQ_EINVAL);
    unsetenv("TOKENQUOTA_LEDGER");
    if (geteuid() == 0 || access(TQ_MACHINE_LEDGER, R_OK | W_OK) == 0) {
        expect_path(TQ_MACHINE_LEDGER, "the machine's");
        return;
    }
    setenv("XDG_STATE_HOME", "/state", 1);
    expect_path("/state/tokenquota/ledger", "yours, by $XDG_STATE_HOME");
    setenv("XDG_STATE_HOME", "relative", 1);
    setenv("HOME", "/home/me", 1);
    expect_path("/home/me/.local/state/tokenquota/ledger", "yours");
    unsetenv("HOME");
    assert_int_equal(tq_ledger_default_path(path, sizeof(path), &error), TQ_EDENIED);
    assert_non_null(strstr(error.msg, "HOME"));
}

/* A program compiled against an older, smaller struct tq_error gets nothing written behind it. */
static void test_error_of_another_size(void **state)
{
    struct tq_ledger_options options = {.size = sizeof(options), .rule = 77};
    struct tq_ledger *ledger;
    struct {
        struct tq_error error;
        unsigned char behind[64];
    } larger;
    unsigned char bytes[sizeof(struct tq_error)];

    (void)state;
    memset(&larger, 0x55, sizeof(larger));
    larger.error.size = 16;
    assert_int_equal(tq_ledger_open(&ledger, NULL, &options, &larger.error), TQ_EINVAL);
    memset(bytes, 0x55, sizeof(bytes));
    assert_memory_equal((unsigned char *)&larger + 16, bytes, sizeof(larger.error) - 16);
    options.rule = TQ_RULE_OFF;
    assert_int_equal(tq_ledger_open(&ledger, NULL, &options, &larger.error), 0);
    assert_memory_equal((unsigned char *)&larger + 16, bytes, sizeof(larger.error) - 16);
    tq_ledger_close(ledger);
    options.rule = 77;
    memset(&larger, 0x55, sizeof(larger));
    larger.error.size = sizeof(larger);
    assert_int_equal(tq_ledger_open(&ledger, NULL, &options, &larger.error), TQ_EINVAL);
    assert_int_equal(larger.error.code, TQ_EINVAL);
    assert_int_equal(larger.error.size, sizeof(larger));
    assert_memory_equal(larger.behind, bytes, sizeof(larger.behind));
}

static void test_defaults(void **state)
{
    struct tq_ledger *ledger = unwritten();

    (void)state;
    for (int with_options = 0; with_options < 2; with_options++) {
        struct tq_ledger_options options = {.size = sizeof(options)};
        struct tq_tracker *tracker;

        assert_int_equal(tq_ledger_open(&ledger, NULL, with_options ? &options : NULL, NULL), 0);
        tracker = tq_ledger_tracker(ledger);
        tq_tracker_set_budget(tracker, "a", 1000);
        /* the rule is care with 5/4: 444 leave 556, which is 5/4 of them and more; one token more does not */
        assert_int_equal(tq_tracker_record(tracker, "a", 444, MAY_DAY_NS + 1, NULL), 0);
        assert_int_equal(tq_tracker_record(tracker, "a", 1, MAY_DAY_NS + 1, NULL), TQ_EXHAUSTED);
        /* and 64 days are kept */
        assert_int_equal(tq_tracker_record(tracker, "a", 5, MAY_DAY_NS - 63 * DAY_NS, NULL), 0);
        assert_int_equal(tq_tracker_record(tracker, "a", 5, MAY_DAY_NS - 64 * DAY_NS, NULL), TQ_EAGE);
        tq_ledger_close(ledger);
    }
}

static void test_history_days(void **state)
{
    const uint32_t days[] = {8, 16, 32, 64};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct tq_ledger *ledger = open_with(days[i], TQ_RULE_ORIGINAL);
        struct tq_tracker *tracker = tq_ledger_tracker(ledger);
        int64_t kept_ns = (int64_t)(days[i] - 1) * DAY_NS;

        assert_int_equal(tq_tracker_record(tracker, "a", 1, NOON_NS, NULL), 0);
        assert_int_equal(tq_tracker_record(tracker, "a", 2, NOON_NS - kept_ns, NULL), 0);
        assert_int_equal(tq_tracker_record(tracker, "a", 4, NOON_NS - kept_ns - DAY_NS, NULL), TQ_EAGE);
        assert_int_equal(tq_tracker_used(tracker, "a", NOON_NS), 1);
        assert_int_equal(tq_tracker_used(tracker, "a", NOON_NS - kept_ns), 2);
        assert_int_equal(tq_tracker_used(tracker, "a", NOON_NS - kept_ns - DAY_NS), 0);
        tq_ledger_close(ledger);
    }
}

static void test_rules(void **state)
{
    (void)state;
    for (uint32_t rule = TQ_RULE_ORIGINAL; rule <= TQ_RULE_OFF; rule++) {
        struct tq_ledger *ledger = open_with(0, rule);
        struct tq_tracker *tracker = tq_ledger_tracker(ledger);

        tq_tracker_set_budget(tracker, "a", 1000);
        assert_int_equal(tq_tracker_record(tracker, "a", 501, NOON_NS, NULL), rule == TQ_RULE_ORIGINAL);
        assert_int_equal(tq_tracker_record(tracker, "a", 499, NOON_NS, NULL), TQ_EXHAUSTED);
        tq_ledger_close(ledger);
    }
}

static void test_views(void **state)
{
    struct tq_ledger *ledger = open_with(8, TQ_RULE_ORIGINAL);
    struct tq_tracker *tracker = tq_ledger_tracker(ledger);
    struct tq_store *store = tq_ledger_store(ledger);

    (void)state;
    assert_non_null(tracker);
    assert_non_null(store);
    assert_ptr_equal(tq_ledger_tracker(ledger), tracker);
    assert_ptr_equal(tq_ledger_store(ledger), store);
    tq_tracker_record(tracker, "a", 5, NOON_NS, NULL);
    tq_tracker_free(tracker); /* the ledger owns them: nothing happens */
    tq_store_free(store);
    assert_ptr_equal(tq_ledger_tracker(ledger), tracker);
    assert_int_equal(tq_tracker_used(tracker, "a", NOON_NS), 5);
    assert_int_equal(tq_store_mark_quota_exhausted(store, "a", NOON_NS), 0);
    tq_ledger_close(ledger);
}

static void test_ledgers_are_apart(void **state)
{
    struct tq_ledger *one = open_with(8, 0), *other = open_with(64, 0);

    (void)state;
    tq_tracker_record(tq_ledger_tracker(one), "a", 5, NOON_NS, NULL);
    tq_store_mark_quota_exhausted(tq_ledger_store(one), "a", NOON_NS);
    assert_int_equal(tq_tracker_used(tq_ledger_tracker(other), "a", NOON_NS), 0);
    assert_int_equal(tq_store_all_exhausted(tq_ledger_store(other), NULL, 0), 0);
    tq_ledger_close(one);
    assert_int_equal(tq_tracker_record(tq_ledger_tracker(other), "a", 6, NOON_NS, NULL), 0);
    tq_ledger_close(other);
}

/* Private memory: after fork each process has its own. */
static void test_fork(void **state)
{
    struct tq_ledger *ledger = open_with(8, 0);
    struct tq_tracker *tracker = tq_ledger_tracker(ledger);
    int status = -1;
    pid_t child;

    (void)state;
    tq_tracker_record(tracker, "a", 5, NOON_NS, NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        tq_tracker_record(tracker, "a", 10, NOON_NS, NULL);
        tq_tracker_record(tracker, "b", 1, NOON_NS, NULL);
        _exit((int)tq_tracker_used(tracker, "a", NOON_NS));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 15);
    assert_int_equal(tq_tracker_used(tracker, "a", NOON_NS), 5);
    assert_int_equal(tq_tracker_used(tracker, "b", NOON_NS), 0);
    tq_ledger_close(ledger);
}

#if !defined(TEST_ASAN) && !defined(TEST_TSAN) /* a sanitizer needs memory of its own */
/* What the child finds when it may have no more memory; it says so by its exit status, 0 when all is well. */
static int out_of_memory(struct tq_ledger *ledger, struct rlimit limit)
{
    struct tq_tracker *tracker = tq_ledger_tracker(ledger);
    struct tq_ledger *other = unwritten();
    struct tq_error error = {.size = sizeof(error)};
    struct rlimit none = {.rlim_cur = 0, .rlim_max = limit.rlim_max};
    int64_t retry_at_ns = UNWRITTEN;
    char name[32];
    int count, answer = 0;

    if (setrlimit(RLIMIT_AS, &none) != 0)
        return 1;
    for (count = 0; count < 1000000 && answer == 0; count++) {
        snprintf(name, sizeof(name), "name-%d", count);
        answer = tq_tracker_record(tracker, name, 1, NOON_NS, &retry_at_ns);
    }
    if (answer != TQ_ENOMEM || retry_at_ns != 0 || tq_tracker_used(tracker, name, NOON_NS) != 0)
        return 2;
    if (tq_tracker_set_budget(tracker, name, 5) != TQ_ENOMEM || tq_tracker_budget(tracker, name) != 0)
        return 3;
    if (tq_store_mark_quota_exhausted(tq_ledger_store(ledger), name, 5) != TQ_ENOMEM)
        return 4;
    if (tq_tracker_new() || tq_store_new())
        return 5;
    if (tq_ledger_open(&other, NULL, NULL, &error) != TQ_ENOMEM || other)
        return 6;
    if (error.code != TQ_ENOMEM || !error.msg[0])
        return 10;
    for (int i = 0; i < count - 1; i++) {
        snprintf(name, sizeof(name), "name-%d", i);
        if (tq_tracker_record(tracker, name, 1, NOON_NS, NULL) != 0 ||
            tq_tracker_used(tracker, name, NOON_NS) != 2)
            return 7;
    }
    if (setrlimit(RLIMIT_AS, &limit) != 0)
        return 8;
    snprintf(name, sizeof(name), "name-%d", count - 1);
    if (tq_tracker_record(tracker, name, 3, NOON_NS, NULL) != 0 ||
        tq_tracker_used(tracker, name, NOON_NS) != 3)
        return 9;
    return 0;
}

static void test_out_of_memory(void **state)
{
    struct tq_ledger *ledger = open_with(8, 0);
    struct rlimit limit;
    int status = -1;
    pid_t child;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_AS, &limit), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(out_of_memory(ledger, limit));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    tq_ledger_close(ledger);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused_options),
        cmocka_unit_test(test_null_arguments),
        cmocka_unit_test(test_default_path),
        cmocka_unit_test(test_error_of_another_size),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_history_days),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_views),
        cmocka_unit_test(test_ledgers_are_apart),
        cmocka_unit_test(test_fork),
#if !defined(TEST_ASAN) && !defined(TEST_TSAN)
        cmocka_unit_test(test_out_of_memory),
#endif
    };

    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
