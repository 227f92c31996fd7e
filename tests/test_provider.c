/* test_provider.c: names by length, handles, the walk, and part one's calls by handle.
 *
 * SPDX-License-Identifier: MIT
 */

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"

#define NOON_NS (MAY_DAY_NS + 12 * HOUR_NS)
#define END_NS (MAY_DAY_NS + DAY_NS)
#define MANY 100000

static struct tq_ledger *open_ledger(uint32_t rule)
{
    struct tq_ledger_options options = {.size = sizeof(options), .history_days = 8, .rule = rule};
    struct tq_ledger *ledger;

    assert_int_equal(tq_ledger_open(&ledger, NULL, &options, NULL), 0);
    return ledger;
}

static int set_up(void **state)
{
    *state = open_ledger(TQ_RULE_ORIGINAL);
    return 0;
}

static int tear_down(void **state)
{
    tq_ledger_close(*state);
    return 0;
}

/* *provider is written on every return: what was there before is no handle. */
static struct tq_provider *unwritten(void)
{
    return (struct tq_provider *)(uintptr_t)0x5555;
}

static struct tq_provider *provider_of(struct tq_ledger *ledger, const char *name)
{
    struct tq_provider *provider = unwritten();

    assert_int_equal(tq_ledger_provider(ledger, name, strlen(name), 0, &provider), 0);
    assert_non_null(provider);
    assert_string_equal(tq_provider_name(provider), name);
    return provider;
}

static void expect_refused(struct tq_ledger *ledger, const char *name, size_t len, uint32_t flags,
                           int expected)
{
    struct tq_provider *provider = unwritten();

    assert_int_equal(tq_ledger_provider(ledger, name, len, flags, &provider), expected);
    assert_null(provider);
}

static void test_same_name_same_handle(void **state)
{
    struct tq_ledger *ledger = *state;
    struct tq_provider *a = provider_of(ledger, "a"), *b = provider_of(ledger, "b"), *again = unwritten();

    assert_ptr_not_equal(a, b);
    assert_ptr_equal(provider_of(ledger, "a"), a);
    assert_int_equal(tq_ledger_provider(ledger, "a", 1, TQ_PROVIDER_EXISTING, &again), 0);
    assert_ptr_equal(again, a);
}

static void test_length_counts(void **state)
{
    struct tq_ledger *ledger = *state;
    struct tq_provider *provider = unwritten();

    assert_int_equal(tq_ledger_provider(ledger, "openai, and more", 6, 0, &provider), 0);
    assert_string_equal(tq_provider_name(provider), "openai");
    assert_ptr_equal(provider, provider_of(ledger, "openai"));
    expect_refused(ledger, "open\0ai", 7, 0, TQ_ENAME);
    expect_refused(ledger, "openai", 7, 0, TQ_ENAME); /* its NUL is the 7th byte */
}

static void test_existing_does_not_insert(void **state)
{
    struct tq_ledger *ledger = *state;
    struct tq_provider *provider;
    uint64_t cursor = 0;

    expect_refused(ledger, "a", 1, TQ_PROVIDER_EXISTING, 1);
    expect_refused(ledger, "a", 1, TQ_PROVIDER_EXISTING, 1);
    assert_int_equal(tq_ledger_walk(ledger, &cursor, &provider), 1);
    expect_refused(ledger, "\t", 1, TQ_PROVIDER_EXISTING, TQ_ENAME);
}

/* The calls that insert nothing, through the views, leave the walk empty. */
static void test_what_does_not_insert(void **state)
{
    struct tq_ledger *ledger = *state;
    struct tq_tracker *tracker = tq_ledger_tracker(ledger);
    struct tq_store *store = tq_ledger_store(ledger);
    struct tq_provider *provider;
    uint64_t cursor = 0;

    tq_tracker_set_budget(tracker, "a", 0);
    tq_tracker_set_budget(tracker, "a", -5);
    tq_tracker_budget(tracker, "a");
    tq_tracker_used(tracker, "a", NOON_NS);
    tq_tracker_record(tracker, "a", 1, TQ_NOW_END_NS, NULL);
    tq_observe_token_usage(tracker, store, "a", 1, TQ_NOW_MIN_NS - 1);
    tq_store_mark_quota_exhausted(store, "a", 0);
    tq_store_mark_quota_exhausted(store, "a", INT64_MIN);
    tq_store_mark_available(store, "a");
    tq_store_state(store, "a", NOON_NS, NULL);
    tq_tracker_record(tracker, "refused\n", 1, NOON_NS, NULL);
    assert_int_equal(tq_ledger_walk(ledger, &cursor, &provider), 1);
    tq_tracker_record(tracker, "a", 0, NOON_NS, NULL);
    cursor = 0;
    assert_int_equal(tq_ledger_walk(ledger, &cursor, &provider), 0);
    assert_string_equal(tq_provider_name(provider), "a");
}

struct name_case {
    const char *text;
    bool good;
};

static void test_which_names_are_accepted(void **state)
{
    static const struct name_case cases[] = {
        {" ", true},
        {"~", true},
        {"\x1f", false},
        {"\x7f", false},
        {"a\0", false},
        {"\xc2\x80", false},
        {"\xc2\x9f", false},
        {"\xc2\xa0", true},
        {"\xe2\x80\xa7", true},
        {"\xe2\x80\xa8", false},
        {"\xe2\x80\xae", false},
        {"\xe2\x80\xaf", true},
        {"\xe2\x81\xa5", true},
        {"\xe2\x81\xa6", false},
        {"\xe2\x81\xa9", false},
        {"\xe2\x81\xaa", true},
        {"\xef\xbf\xbf", true},
        {"\xc0\xaf", false},
        {"\xc1\xbf", false},
        {"\xdf\xbf", true},
        {"\xe0\x9f\xbf", false},
        {"\xe0\xa0\x80", true},
        {"\xed\x9f\xbf", true},
        {"\xed\xa0\x80", false},
        {"\xed\xbf\xbf", false},
        {"\xee\x80\x80", true},
        {"\xf0\x8f\xbf\xbf", false},
        {"\xf0\x90\x80\x80", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"\xf4\x90\x80\x80", false},
        {"\xf5\x80\x80\x80", false},
        {"\xff", false},
        {"\x80", false},
        {"\xbf", false},
        {"\xc3", false},
        {"\xe6\x97", false},
        {"\xf0\x9f\x98", false},
        {"\xc3(", false},
        {"\xe6\x97(", false},
        {"\xc3\xa4\xa4", false},
        {"\xf0\x9f\x98\x80", true},
    };
    struct tq_ledger *ledger = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tq_provider *provider;
        size_t len = strlen(cases[i].text) + (strcmp(cases[i].text, "a") == 0);
        int answer = tq_ledger_provider(ledger, cases[i].text, len, 0, &provider);

        if (answer != (cases[i].good ? 0 : TQ_ENAME))
            fail_msg("name %zu: %d", i, answer);
        if (cases[i].good)
            assert_string_equal(tq_provider_name(provider), cases[i].text);
    }
}

static void test_length_of_names(void **state)
{
    struct tq_ledger *ledger = *state;
    char name[TQ_NAME_MAX + 2];

    memset(name, 'n', sizeof(name));
    for (size_t len = 1; len <= TQ_NAME_MAX; len++) {
        struct tq_provider *provider;

        assert_int_equal(tq_ledger_provider(ledger, name, len, 0, &provider), 0);
        assert_int_equal(strlen(tq_provider_name(provider)), len);
        assert_memory_equal(tq_provider_name(provider), name, len);
        assert_int_equal(tq_provider_record(provider, (int64_t)len, NOON_NS, NULL), 0);
    }
    expect_refused(ledger, name, TQ_NAME_MAX + 1, 0, TQ_ENAME);
    expect_refused(ledger, name, SIZE_MAX, 0, TQ_ENAME);
    for (size_t len = 1; len <= TQ_NAME_MAX; len++) {
        struct tq_provider *provider;

        assert_int_equal(tq_ledger_provider(ledger, name, len, TQ_PROVIDER_EXISTING, &provider), 0);
        assert_int_equal(tq_provider_used(provider, NOON_NS), len);
    }
}

/* A name that ends where the process may not read on. */
static void test_reads_no_byte_behind_the_name(void **state)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *memory = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct tq_ledger *ledger = *state;

    assert_ptr_not_equal(memory, MAP_FAILED);
    assert_int_equal(mprotect(memory + page, page, PROT_NONE), 0);
    memset(memory, 'g', page);
    for (size_t len = 1; len <= TQ_NAME_MAX; len++) {
        struct tq_provider *provider;

        assert_int_equal(tq_ledger_provider(ledger, memory + page - len, len, 0, &provider), 0);
        assert_int_equal(strlen(tq_provider_name(provider)), len);
    }
    expect_refused(ledger, memory + page - 2, SIZE_MAX, 0, TQ_ENAME);
    memory[page - 1] = '\0'; /* and with its NUL there, by name */
    for (size_t len = 1; len <= TQ_NAME_MAX; len++) {
        const char *name = memory + page - 1 - len;

        assert_int_equal(tq_tracker_record(tq_ledger_tracker(ledger), name, 1, NOON_NS, NULL), 0);
        assert_int_equal(tq_tracker_used(tq_ledger_tracker(ledger), name, NOON_NS), 1);
    }
    assert_int_equal(munmap(memory, 2 * page), 0);
}

static void test_invalid_arguments(void **state)
{
    struct tq_ledger *ledger = *state;
    struct tq_provider *provider = unwritten();
    uint64_t cursor = 0;

    expect_refused(NULL, "a", 1, 0, TQ_EINVAL);
    expect_refused(ledger, NULL, 1, 0, TQ_EINVAL);
    expect_refused(ledger, NULL, 0, 0, TQ_EINVAL);
    expect_refused(ledger, "a", 0, 0, TQ_EINVAL);
    expect_refused(ledger, "", 0, TQ_PROVIDER_EXISTING, TQ_EINVAL);
    expect_refused(ledger, "a", 1, 2, TQ_EINVAL);
    expect_refused(ledger, "a", 1, UINT32_MAX, TQ_EINVAL);
    assert_int_equal(tq_ledger_provider(ledger, "a", 1, 0, NULL), TQ_EINVAL);

    assert_int_equal(tq_ledger_walk(NULL, &cursor, &provider), TQ_EINVAL);
    assert_null(provider);
    provider = unwritten();
    assert_int_equal(tq_ledger_walk(ledger, NULL, &provider), TQ_EINVAL);
    assert_null(provider);
    assert_int_equal(tq_ledger_walk(ledger, &cursor, NULL), TQ_EINVAL);
    assert_int_equal(tq_ledger_walk(ledger, &cursor, &provider), 1); /* none of these inserted "a" */
    assert_null(tq_provider_name(NULL));
}

static void test_null_provider(void **state)
{
    int64_t retry_at_ns = UNWRITTEN;

    (void)state;
    assert_int_equal(tq_provider_record(NULL, 1, NOON_NS, &retry_at_ns), TQ_EINVAL);
    assert_int_equal(retry_at_ns, 0);
    retry_at_ns = UNWRITTEN;
    assert_int_equal(tq_provider_observe(NULL, 1, NOON_NS, &retry_at_ns), TQ_EINVAL);
    assert_int_equal(retry_at_ns, 0);
    retry_at_ns = UNWRITTEN;
    assert_int_equal(tq_provider_state(NULL, NOON_NS, &retry_at_ns), TQ_EINVAL);
    assert_int_equal(retry_at_ns, 0);
    assert_int_equal(tq_provider_record(NULL, 1, NOON_NS, NULL), TQ_EINVAL);
    assert_int_equal(tq_provider_observe(NULL, 1, NOON_NS, NULL), TQ_EINVAL);
    assert_int_equal(tq_provider_state(NULL, NOON_NS, NULL), TQ_EINVAL);
    assert_int_equal(tq_provider_used(NULL, NOON_NS), TQ_EINVAL);
    assert_int_equal(tq_provider_budget(NULL), TQ_EINVAL);
    assert_int_equal(tq_provider_set_budget(NULL, 1), TQ_EINVAL);
    assert_int_equal(tq_provider_mark_quota_exhausted(NULL, NOON_NS), TQ_EINVAL);
    assert_int_equal(tq_provider_mark_available(NULL), TQ_EINVAL);
}

static void test_calls_by_handle(void **state)
{
    struct tq_ledger *ledger = *state;
    struct tq_provider *provider = provider_of(ledger, "a");
    int64_t retry_at_ns = UNWRITTEN;

    assert_int_equal(tq_provider_budget(provider), 0);
    assert_int_equal(tq_provider_set_budget(provider, 1000), 0);
    assert_int_equal(tq_provider_budget(provider), 1000);
    assert_int_equal(tq_tracker_budget(tq_ledger_tracker(ledger), "a"), 1000);
    assert_int_equal(tq_provider_record(provider, 500, NOON_NS, &retry_at_ns), 0);
    assert_int_equal(retry_at_ns, 0);
    assert_int_equal(tq_provider_record(provider, 1, NOON_NS, &retry_at_ns), TQ_EXHAUSTED);
    assert_int_equal(retry_at_ns, END_NS);
    assert_int_equal(tq_provider_used(provider, NOON_NS), 501);
    /* record marks nothing */
    assert_int_equal(tq_provider_state(provider, NOON_NS, &retry_at_ns), TQ_AVAILABLE);
    assert_int_equal(retry_at_ns, 0);
    assert_int_equal(tq_provider_observe(provider, 0, NOON_NS, &retry_at_ns), TQ_EXHAUSTED);
    assert_int_equal(retry_at_ns, END_NS);
    assert_int_equal(tq_provider_state(provider, NOON_NS, &retry_at_ns), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(retry_at_ns, END_NS);
    assert_int_equal(tq_provider_mark_available(provider), 0);
    assert_int_equal(tq_provider_state(provider, NOON_NS, NULL), TQ_AVAILABLE);
    assert_int_equal(tq_provider_mark_quota_exhausted(provider, NOON_NS + 9), 0);
    assert_int_equal(tq_store_state(tq_ledger_store(ledger), "a", NOON_NS, &retry_at_ns), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(retry_at_ns, NOON_NS + 9);
    assert_int_equal(tq_provider_mark_quota_exhausted(provider, 0), 0);
    assert_int_equal(tq_provider_state(provider, NOON_NS, NULL), TQ_AVAILABLE);
}

static void test_errors_by_handle(void **state)
{
    struct tq_provider *provider = provider_of(*state, "a");
    int64_t retry_at_ns = UNWRITTEN;

    assert_int_equal(tq_provider_record(provider, 1, TQ_NOW_END_NS, &retry_at_ns), TQ_ERANGE);
    assert_int_equal(retry_at_ns, 0);
    retry_at_ns = UNWRITTEN;
    assert_int_equal(tq_provider_observe(provider, 1, TQ_NOW_MIN_NS - 1, &retry_at_ns), TQ_ERANGE);
    assert_int_equal(retry_at_ns, 0);
    retry_at_ns = UNWRITTEN;
    assert_int_equal(tq_provider_state(provider, INT64_MAX, &retry_at_ns), TQ_ERANGE);
    assert_int_equal(retry_at_ns, 0);
    assert_int_equal(tq_provider_used(provider, INT64_MIN), TQ_ERANGE);

    assert_int_equal(tq_provider_record(provider, 5, NOON_NS, NULL), 0);
    retry_at_ns = UNWRITTEN;
    assert_int_equal(tq_provider_record(provider, 1, NOON_NS - 8 * DAY_NS, &retry_at_ns), TQ_EAGE);
    assert_int_equal(retry_at_ns, 0);
    retry_at_ns = UNWRITTEN;
    assert_int_equal(tq_provider_observe(provider, 1, NOON_NS - 8 * DAY_NS, &retry_at_ns), TQ_EAGE);
    assert_int_equal(retry_at_ns, 0);
    assert_int_equal(tq_provider_used(provider, NOON_NS - 8 * DAY_NS), 0);
    assert_int_equal(tq_provider_used(provider, NOON_NS), 5);
}

static void test_rule_off_by_handle(void **state)
{
    struct tq_ledger *ledger = open_ledger(TQ_RULE_OFF);
    struct tq_provider *provider = provider_of(ledger, "a");
    int64_t retry_at_ns;

    (void)state;
    tq_provider_set_budget(provider, 10);
    assert_int_equal(tq_provider_record(provider, 9, MAY_DAY_NS + 1, NULL), 0);
    assert_int_equal(tq_provider_record(provider, 1, MAY_DAY_NS + 1, NULL), TQ_EXHAUSTED);
    assert_int_equal(tq_provider_state(provider, MAY_DAY_NS + 1, &retry_at_ns), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(retry_at_ns, END_NS);
    tq_provider_set_budget(provider, 11);
    assert_int_equal(tq_provider_state(provider, MAY_DAY_NS + 1, NULL), TQ_AVAILABLE);
    assert_int_equal(tq_provider_observe(provider, 1, MAY_DAY_NS + 2, NULL), TQ_EXHAUSTED);
    assert_int_equal(tq_provider_state(provider, MAY_DAY_NS + 2, NULL), TQ_QUOTA_EXHAUSTED);
    tq_provider_set_budget(provider, 0);
    assert_int_equal(tq_provider_state(provider, MAY_DAY_NS + 2, NULL), TQ_AVAILABLE);
    tq_ledger_close(ledger);
}

static void test_walk(void **state)
{
    static unsigned char seen[5000];
    struct tq_ledger *ledger = *state;
    struct tq_provider *provider = unwritten();
    uint64_t cursor = 0;
    char name[32];

    assert_int_equal(tq_ledger_walk(ledger, &cursor, &provider), 1);
    assert_null(provider);
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "name-%d", i);
        provider_of(ledger, name);
    }
    cursor = 0;
    memset(seen, 0, sizeof(seen));
    for (int i = 0; i < 5000; i++) {
        int index = -1;

        assert_int_equal(tq_ledger_walk(ledger, &cursor, &provider), 0);
        assert_int_equal(sscanf(tq_provider_name(provider), "name-%d", &index), 1);
        assert_in_range(index, 0, 4999);
        assert_int_equal(seen[index], 0);
        assert_ptr_equal(provider, provider_of(ledger, tq_provider_name(provider)));
        seen[index] = 1;
    }
    assert_int_equal(tq_ledger_walk(ledger, &cursor, &provider), 1);
    assert_null(provider);
}

/* Those known at the start come exactly once; of those inserted meanwhile each comes at most once. */
static void test_walk_while_inserting(void **state)
{
    static unsigned char seen[20000];
    struct tq_ledger *ledger = *state;
    struct tq_provider *provider;
    uint64_t cursor = 0;
    char name[32];
    int inserted;

    memset(seen, 0, sizeof(seen));
    for (inserted = 0; inserted < 2000; inserted++) {
        snprintf(name, sizeof(name), "name-%d", inserted);
        provider_of(ledger, name);
    }
    while (tq_ledger_walk(ledger, &cursor, &provider) == 0) {
        int index = -1;

        assert_int_equal(sscanf(tq_provider_name(provider), "name-%d", &index), 1);
        assert_in_range(index, 0, inserted - 1);
        assert_int_equal(seen[index], 0);
        seen[index] = 1;
        for (int more = 0; more < 3 && inserted < 20000; more++, inserted++) {
            snprintf(name, sizeof(name), "name-%d", inserted);
            provider_of(ledger, name);
        }
    }
    for (int i = 0; i < 2000; i++)
        assert_int_equal(seen[i], 1);
}

static void test_nothing_moves_when_it_grows(void **state)
{
    static struct tq_provider *handles[MANY];
    static const char *names[MANY];
    struct tq_ledger *ledger = *state;
    char name[128];

    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < MANY; i++) {
            snprintf(name, sizeof(name), i % 2 ? "name-%d" : "a-name-longer-than-what-a-slot-holds-%d", i);
            if (pass == 0) {
                handles[i] = provider_of(ledger, name);
                names[i] = tq_provider_name(handles[i]);
                assert_int_equal(tq_provider_record(handles[i], i, NOON_NS, NULL), 0);
                continue;
            }
            assert_ptr_equal(provider_of(ledger, name), handles[i]);
            assert_ptr_equal(tq_provider_name(handles[i]), names[i]);
            assert_string_equal(names[i], name);
            assert_int_equal(tq_provider_used(handles[i], NOON_NS), i);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_same_name_same_handle),
        TEST(test_length_counts),
        TEST(test_existing_does_not_insert),
        TEST(test_what_does_not_insert),
        TEST(test_which_names_are_accepted),
        TEST(test_length_of_names),
        TEST(test_reads_no_byte_behind_the_name),
        TEST(test_invalid_arguments),
        TEST(test_null_provider),
        TEST(test_calls_by_handle),
        TEST(test_errors_by_handle),
        TEST(test_rule_off_by_handle),
        TEST(test_walk),
        TEST(test_walk_while_inserting),
        TEST(test_nothing_moves_when_it_grows),
    };

    return cmocka_run_group_tests_name("provider", tests, NULL, NULL);
}
