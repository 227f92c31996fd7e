/* test_run_name.c: which run a name means, and whether a provider is a run in force.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "harness.h"
#include "windows.h"

#define ROOM (TQ_NAME_MAX + 1)

static void expect_run(const char *runs, const char *name, const char *expected)
{
    char out[ROOM] = "as it was";
    int len = tq_run_of(runs, name, strlen(name), out, sizeof out);

    assert_string_equal(out, *expected ? expected : "as it was");
    assert_int_equal(len, strlen(expected));
}

static void test_names(void **state)
{
    (void)state;
    expect_run("claude/job-7", "claude", "claude/job-7");
    expect_run("claude/job-7\n", "claude", "claude/job-7");
    expect_run("openai/a\nclaude/in\nclaude/out", "claude", "claude/in");
    expect_run("claude/out/in\nclaude/out", "claude", "claude/out/in");
    expect_run("claude/out\nclaude/out/in", "claude", "claude/out/in");
    expect_run("claude/out/in\nclaude/out", "claude/out", "claude/out/in");
    expect_run("a/b/c", "a/b", "a/b/c");
}

static void test_no_run(void **state)
{
    char out[ROOM];

    (void)state;
    expect_run(NULL, "claude", "");
    expect_run("", "claude", "");
    expect_run("\n\n\n", "claude", "");
    expect_run("claude", "claude", "");
    expect_run("claude/", "claude", "");
    expect_run("claude/\nclaude//x\n/x", "claude", "");
    expect_run("claude/out/in", "claude", "");
    expect_run("claude-2/x\nxclaude/x", "claude", "");
    expect_run("claude/x", "claud", "");
    expect_run("claude/x", "claude/x", "");
    assert_int_equal(tq_run_of("/x", "", 0, out, sizeof out), 0);
    assert_int_equal(tq_run_of("a/x", "a\0b", 3, out, sizeof out), 0);
    assert_int_equal(tq_run_of("abc/x", "abcdef", 3, out, sizeof out),
                     5); /* the name has no NUL of its own */
}

/* A line is a run when it can be the name of one; a chain of runs ends, because each is longer. */
static void test_long(void **state)
{
    char runs[40000] = "", out[ROOM], name[ROOM + 8], *end = runs;

    (void)state;
    memset(name, 'n', sizeof name);
    memcpy(runs, name, TQ_NAME_MAX - 2);
    memcpy(runs + TQ_NAME_MAX - 2, "/x", 3);
    assert_int_equal(tq_run_of(runs, name, TQ_NAME_MAX - 2, out, sizeof out), TQ_NAME_MAX);
    assert_string_equal(out, runs);
    memcpy(runs + TQ_NAME_MAX - 2, "/xy", 4);
    assert_int_equal(tq_run_of(runs, name, TQ_NAME_MAX - 2, out, sizeof out), 0);
    assert_int_equal(tq_run_of("n/x", name, TQ_NAME_MAX + 1, out, sizeof out), 0);
    for (int depth = 130; depth > 0; depth--) { /* the innermost first, as they are written */
        *end++ = 'a';
        for (int i = 0; i < depth; i++, end += 2)
            memcpy(end, "/b", 2);
        *end++ = '\n';
    }
    *end = '\0';
    assert_int_equal(tq_run_of(runs, "a", 1, out, sizeof out), TQ_NAME_MAX);
    assert_int_equal(strlen(out), TQ_NAME_MAX);
}

static void test_wrong_arguments(void **state)
{
    char out[ROOM];

    (void)state;
    assert_int_equal(tq_run_of("a/b", NULL, 1, out, sizeof out), TQ_EINVAL);
    assert_int_equal(tq_run_of("a/b", "a", 1, NULL, sizeof out), TQ_EINVAL);
    assert_int_equal(tq_run_of("a/b", "a", 1, out, TQ_NAME_MAX), TQ_EINVAL);
    assert_int_equal(tq_run_check(NULL), TQ_EINVAL);
}

static void test_check(void **state)
{
    struct tq_ledger_options options = {.size = sizeof options};
    struct tq_limit limit = {.size = sizeof limit, .unit = TQ_UNIT_TOKENS, .window = TQ_WINDOW_ONCE};
    struct tq_provider *pool, *run, *other;
    struct tq_ledger *ledger;

    (void)state;
    assert_int_equal(tq_ledger_open(&ledger, NULL, &options, NULL), 0);
    pool = named(ledger, "claude");
    run = named(ledger, "claude/job-7");
    other = named(ledger, "team");
    assert_int_equal(tq_run_check(run), TQ_EOVER);
    assert_int_equal(tq_provider_set_pool(run, pool), 0);
    assert_int_equal(tq_run_check(run), TQ_EOVER); /* without limits it would bound nothing */
    assert_true(tq_provider_set_limit(run, &limit, NULL) > 0);
    assert_int_equal(tq_run_check(run), 0);
    assert_int_equal(tq_run_check(pool), TQ_EOVER);
    assert_int_equal(tq_provider_set_pool(run, other), 0);
    assert_int_equal(tq_run_check(run), TQ_EOVER);
    assert_int_equal(tq_provider_set_pool(run, pool), 0);
    assert_int_equal(tq_provider_forget(run), 0);
    assert_int_equal(tq_run_check(run), TQ_EOVER);
    assert_string_equal(tq_error_name(TQ_EOVER), "TQ_EOVER");
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),           cmocka_unit_test(test_no_run), cmocka_unit_test(test_long),
        cmocka_unit_test(test_wrong_arguments), cmocka_unit_test(test_check),
    };

    return cmocka_run_group_tests_name("run_name", tests, NULL, NULL);
}
