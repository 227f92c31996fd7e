/* test_file.c: a ledger in a file: what it keeps, who may open it how, what other processes see of it.
 *
 * SPDX-License-Identifier: MIT
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "scratch.h"

#define NOW_NS (MAY_DAY_NS + 6 * HOUR_NS)
#define LONG_NAME "a-rather-long-deployment-name/in-some-region/with-a-tail-that-needs-an-extension"

static void assert_clean(struct tq_ledger *ledger, uint64_t providers)
{
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_error error = {.size = sizeof error};

    if (tq_ledger_check(ledger, &info, &error) != 0)
        fail_msg("check: %s", error.msg);
    assert_int_equal(info.faults, 0);
    assert_int_equal(info.providers, providers);
}

/* ---- what it keeps --------------------------------------------------------------------------- */

static void fill(struct tq_ledger *ledger)
{
    struct tq_tracker *tracker = tq_ledger_tracker(ledger);
    struct tq_store *store = tq_ledger_store(ledger);

    assert_int_equal(tq_tracker_set_budget(tracker, "openai", 1000), 0);
    assert_int_equal(tq_tracker_record(tracker, "openai", 999, NOW_NS, NULL), 0);
    assert_int_equal(tq_tracker_record(tracker, "openai", 7, NOW_NS - 3 * DAY_NS, NULL), 0);
    assert_int_equal(tq_tracker_record(tracker, LONG_NAME, 5, NOW_NS, NULL), 0);
    assert_int_equal(tq_store_mark_quota_exhausted(store, LONG_NAME, NOW_NS + 1), 0);
    assert_int_equal(tq_provider_set_rule(handle(ledger, "paced"), TQ_RULE_ORIGINAL), 0);
    assert_int_equal(tq_tracker_set_budget(tracker, "paced", 100), 0);
    assert_int_equal(tq_observe_token_usage(tracker, store, "paced", 30, NOW_NS), TQ_EXHAUSTED);
}

static void check_filled(struct tq_ledger *ledger)
{
    struct tq_tracker *tracker = tq_ledger_tracker(ledger);
    struct tq_store *store = tq_ledger_store(ledger);
    int64_t retry_at_ns;

    assert_clean(ledger, 3);
    assert_int_equal(tq_tracker_budget(tracker, "openai"), 1000);
    assert_int_equal(tq_tracker_used(tracker, "openai", NOW_NS), 999);
    assert_int_equal(tq_tracker_used(tracker, "openai", NOW_NS - 3 * DAY_NS), 7);
    assert_int_equal(tq_tracker_used(tracker, LONG_NAME, NOW_NS), 5);
    assert_int_equal(tq_store_state(store, LONG_NAME, NOW_NS, &retry_at_ns), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(retry_at_ns, NOW_NS + 1);
    assert_int_equal(tq_provider_rule(handle(ledger, "paced")), TQ_RULE_ORIGINAL);
    assert_int_equal(tq_provider_rule(handle(ledger, "openai")), TQ_RULE_DEFAULT);
    assert_int_equal(tq_store_state(store, "paced", NOW_NS, &retry_at_ns), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(retry_at_ns, MAY_DAY_NS + DAY_NS);
}

static void test_reopen_keeps_everything(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));

    assert_non_null(ledger);
    fill(ledger);
    check_filled(ledger);
    assert_int_equal(tq_ledger_flush(ledger), 0);
    tq_ledger_close(ledger);
    assert_int_equal(scratch_entries(state), 1);
    ledger = open_file(scratch_path(state, "ledger"));
    check_filled(ledger);
    assert_int_equal(tq_tracker_record(tq_ledger_tracker(ledger), "openai", 1, NOW_NS, NULL), TQ_EXHAUSTED);
    tq_ledger_close(ledger);
}

/* What was fixed at creation stays, whatever later openers say. */
static void test_creation_fixes_days_and_rule(void **state)
{
    struct tq_ledger *ledger = open_file_with(scratch_path(state, "ledger"), 16, TQ_RULE_ORIGINAL, 0);
    struct tq_ledger_info info = {.size = sizeof info};

    assert_non_null(ledger);
    tq_ledger_close(ledger);
    ledger = open_file_with(scratch_path(state, "ledger"), 64, TQ_RULE_OFF, 0);
    assert_int_equal(tq_ledger_statistics(ledger, &info), 0);
    assert_int_equal(info.history_days, 16);
    assert_int_equal(info.rule, TQ_RULE_ORIGINAL);
    assert_int_equal(info.in_file, 1);
    for (int day = 0; day < 17; day++)
        assert_int_equal(tq_provider_record(handle(ledger, "a"), 1, NOW_NS + day * DAY_NS, NULL), 0);
    assert_int_equal(tq_provider_used(handle(ledger, "a"), NOW_NS), 0);
    assert_int_equal(tq_provider_used(handle(ledger, "a"), NOW_NS + DAY_NS), 1);
    tq_ledger_close(ledger);
}

static void test_mode(void **state)
{
    struct tq_ledger_options options = {.size = sizeof options, .mode = 0660};
    struct tq_ledger *ledger;
    struct stat file;
    mode_t before = umask(077);

    assert_int_equal(tq_ledger_open(&ledger, scratch_path(state, "group"), &options, NULL), 0);
    tq_ledger_close(ledger);
    umask(0);
    ledger = open_file(scratch_path(state, "mine"));
    tq_ledger_close(ledger);
    umask(before);
    assert_int_equal(stat(scratch_path(state, "group"), &file), 0);
    assert_int_equal(file.st_mode & 07777, 0660);
    assert_int_equal(stat(scratch_path(state, "mine"), &file), 0);
    assert_int_equal(file.st_mode & 07777, 0600);
}

static void test_reset_needs_its_flag(void **state)
{
    struct tq_ledger *plain = open_file(scratch_path(state, "ledger"));
    struct tq_ledger *resettable = open_file_with(scratch_path(state, "ledger"), 0, 0, TQ_OPEN_RESETTABLE);

    assert_int_equal(tq_provider_record(handle(plain, "a"), 3, NOW_NS, NULL), 0);
    tq_tracker_reset(tq_ledger_tracker(plain));
    assert_int_equal(tq_provider_used(handle(plain, "a"), NOW_NS), 3);
    tq_tracker_reset(tq_ledger_tracker(resettable));
    assert_int_equal(tq_provider_used(handle(plain, "a"), NOW_NS), 0);
    tq_ledger_close(plain);
    tq_ledger_close(resettable);
}

static void test_flush_always(void **state)
{
    struct tq_ledger *ledger = open_file_with(scratch_path(state, "ledger"), 0, 0, TQ_OPEN_FLUSH_ALWAYS);

    for (int i = 0; i < 3; i++)
        assert_int_equal(tq_provider_record(handle(ledger, "a"), 1, NOW_NS, NULL), 0);
    tq_ledger_close(ledger);
    ledger = open_file(scratch_path(state, "ledger"));
    assert_int_equal(tq_provider_used(handle(ledger, "a"), NOW_NS), 3);
    tq_ledger_close(ledger);
}

/* ---- who may open it how --------------------------------------------------------------------- */

static void test_existing_creates_nothing(void **state)
{
    struct tq_ledger_options options = {.size = sizeof options, .flags = TQ_OPEN_EXISTING};
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger = (void *)&options;

    assert_int_equal(tq_ledger_open(&ledger, scratch_path(state, "ledger"), &options, &error), TQ_ESYS);
    assert_null(ledger);
    assert_int_equal(error.code, TQ_ESYS);
    assert_int_equal(error.sys, ENOENT);
    options.flags = TQ_OPEN_READ_ONLY;
    assert_int_equal(tq_ledger_open(&ledger, scratch_path(state, "ledger"), &options, &error), TQ_ESYS);
    assert_int_equal(error.sys, ENOENT);
    options.flags = 0;
    assert_int_equal(tq_ledger_open(&ledger, scratch_path(state, "nowhere/ledger"), &options, &error),
                     TQ_ESYS);
    assert_int_equal(error.sys, ENOENT);
    assert_non_null(strstr(error.msg, "mkdir"));
    assert_int_equal(scratch_entries(state), 0);
}

static void test_read_only(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger")), *reader;
    struct tq_provider *provider;
    struct tq_tracker *tracker;
    struct tq_store *store;

    fill(ledger);
    reader = open_file_with(scratch_path(state, "ledger"), 0, 0, TQ_OPEN_READ_ONLY);
    assert_non_null(reader);
    check_filled(reader);
    tracker = tq_ledger_tracker(reader);
    store = tq_ledger_store(reader);
    provider = handle(reader, "openai");
    assert_int_equal(tq_tracker_record(tracker, "openai", 1, NOW_NS, NULL), TQ_EREADONLY);
    assert_int_equal(tq_tracker_record(tracker, "new", 1, NOW_NS, NULL), TQ_EREADONLY);
    assert_int_equal(tq_tracker_set_budget(tracker, "openai", 1), TQ_EREADONLY);
    assert_int_equal(tq_observe_token_usage(tracker, store, "openai", 1, NOW_NS), TQ_EREADONLY);
    assert_int_equal(tq_store_mark_quota_exhausted(store, "openai", NOW_NS), TQ_EREADONLY);
    assert_int_equal(tq_store_mark_available(store, "openai"), TQ_EREADONLY);
    assert_int_equal(tq_provider_record(provider, 1, NOW_NS, NULL), TQ_EREADONLY);
    assert_int_equal(tq_provider_observe(provider, 1, NOW_NS, NULL), TQ_EREADONLY);
    assert_int_equal(tq_provider_correct(provider, 1, NOW_NS), TQ_EREADONLY);
    assert_int_equal(tq_provider_reset(provider), TQ_EREADONLY);
    assert_int_equal(tq_provider_forget(provider), TQ_EREADONLY);
    assert_int_equal(tq_provider_set_rule(provider, TQ_RULE_OFF), TQ_EREADONLY);
    assert_int_equal(tq_provider_set_budget(provider, 1), TQ_EREADONLY);
    assert_int_equal(tq_provider_mark_quota_exhausted(provider, 1), TQ_EREADONLY);
    tq_tracker_reset(tracker);
    check_filled(ledger);
    assert_int_equal(tq_tracker_record(tq_ledger_tracker(ledger), "new", 4, NOW_NS, NULL), 0);
    assert_int_equal(tq_tracker_used(tracker, "new", NOW_NS), 4);
    tq_ledger_close(reader);
    tq_ledger_close(ledger);
}

/* ---- what other processes see ---------------------------------------------------------------- */

#define GROWN 40000 /* names: three tables, nine segments of slots, seven of extensions */

static void grown_name(unsigned index, char out[128])
{
    snprintf(out, 128, index % 5 ? "grown-%u" : LONG_NAME "-%u", index);
}

static int grow(void *path)
{
    struct tq_ledger *ledger = open_file(path);

    MUST(ledger);
    for (unsigned i = 0; i < GROWN; i++) {
        char name[128];

        grown_name(i, name);
        MUST(tq_tracker_record(tq_ledger_tracker(ledger), name, i, NOW_NS, NULL) == 0);
    }
    tq_ledger_close(ledger);
    return 0;
}

static void check_grown(struct tq_ledger *ledger)
{
    for (unsigned i = 0; i < GROWN; i++) {
        struct tq_provider *provider;
        char name[128];

        grown_name(i, name);
        assert_int_equal(tq_ledger_provider(ledger, name, strlen(name), TQ_PROVIDER_EXISTING, &provider), 0);
        assert_string_equal(tq_provider_name(provider), name);
        assert_int_equal(tq_provider_used(provider, NOW_NS), i);
    }
    assert_int_equal(tq_tracker_used(tq_ledger_tracker(ledger), "unknown", NOW_NS), 0);
}

static void test_growth_by_another_process_is_seen(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *finder = open_file(path), *walker = open_file(path);
    struct tq_ledger *reader = open_file_with(path, 0, 0, TQ_OPEN_READ_ONLY);
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_provider *provider;
    uint64_t cursor = 0;
    struct stat file;
    unsigned walked = 0;

    assert_int_equal(child_end(child_start(grow, (void *)(uintptr_t)path)), 0);
    check_grown(finder);
    check_grown(reader);
    while (tq_ledger_walk(walker, &cursor, &provider) == 0)
        walked++;
    assert_int_equal(walked, GROWN);
    assert_clean(reader, GROWN);
    assert_int_equal(tq_ledger_statistics(reader, &info), 0);
    assert_int_equal(info.slots, GROWN);
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(info.file_bytes, file.st_size);
    tq_ledger_close(finder);
    tq_ledger_close(walker);
    tq_ledger_close(reader);
}

struct inherited {
    struct tq_ledger *ledger;
    struct tq_provider *provider;
};

#define FORKED 20000

static void go_on(struct tq_ledger *ledger, struct tq_provider *provider, const char *own)
{
    for (unsigned i = 0; i < FORKED; i++) {
        char name[32];

        MUST(tq_provider_record(provider, 1, NOW_NS, NULL) == 0);
        snprintf(name, sizeof name, "%s-%u", i % 2 ? own : "both", i % 200);
        MUST(tq_tracker_record(tq_ledger_tracker(ledger), name, 1, NOW_NS, NULL) == 0);
    }
}

static int child_goes_on(void *argument)
{
    struct inherited *inherited = argument;

    go_on(inherited->ledger, inherited->provider, "child");
    tq_ledger_close(inherited->ledger);
    return 0;
}

/* After fork both count on the same words, new names too; the child's close leaves the parent's lock. */
static void test_fork(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct inherited inherited = {.ledger = open_file(path)};
    struct tq_error error = {.size = sizeof error};
    pid_t child;

    inherited.provider = handle(inherited.ledger, "a");
    assert_non_null(handle(inherited.ledger, "a"));
    child = child_start(child_goes_on, &inherited);
    go_on(inherited.ledger, inherited.provider, "parent");
    assert_int_equal(child_end(child), 0);
    assert_int_equal(tq_provider_used(inherited.provider, NOW_NS), 2 * FORKED);
    assert_int_equal(tq_tracker_used(tq_ledger_tracker(inherited.ledger), "both-0", NOW_NS),
                     2 * FORKED / 200);
    assert_int_equal(tq_tracker_used(tq_ledger_tracker(inherited.ledger), "child-1", NOW_NS), FORKED / 200);
    assert_clean(inherited.ledger, 1 + 3 * 100);
    assert_int_equal(tq_ledger_compact(path, &error), TQ_EBUSY);
    tq_ledger_close(inherited.ledger);
}

/* ---- what is counted for people to see ------------------------------------------------------- */

static void test_counters(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    struct tq_provider *provider = handle(ledger, "a");
    struct tq_ledger_info info = {.size = sizeof info, .faults = 99};

    assert_int_equal(tq_provider_record(provider, 1, NOW_NS, NULL), 0);
    assert_int_equal(tq_provider_record(provider, 1, NOW_NS - DAY_NS, NULL), 0);
    assert_int_equal(tq_provider_record(provider, 1, NOW_NS - DAY_NS, NULL), 0);
    assert_int_equal(tq_provider_record(provider, 1, NOW_NS - 8 * DAY_NS, NULL), TQ_EAGE);
    assert_int_equal(tq_provider_record(provider, INT64_MAX, NOW_NS, NULL), 0);
    assert_int_equal(tq_provider_used(provider, NOW_NS), INT64_MAX);
    assert_int_equal(tq_ledger_statistics(ledger, &info), 0);
    assert_int_equal(info.late, 2);
    assert_int_equal(info.too_old, 1);
    assert_int_equal(info.saturated, 1);
    assert_int_equal(info.clock, 0);
    assert_int_equal(info.rebuilt, 0);
    assert_int_equal(info.providers, 1);
    assert_int_equal(info.slots, 1);
    assert_int_equal(info.faults, 0);
    assert_int_equal(tq_ledger_statistics(NULL, &info), TQ_EINVAL);
    assert_int_equal(tq_ledger_statistics(ledger, NULL), TQ_EINVAL);
    info.size = 4;
    assert_int_equal(tq_ledger_statistics(ledger, &info), TQ_EINVAL);
    assert_int_equal(tq_ledger_check(ledger, &info, NULL), TQ_EINVAL);
    tq_ledger_close(ledger);
}

static void test_clock_limits(void **state)
{
    const int64_t clock_ns = tq_now_ns(), limit_ns = clock_ns - 10 * DAY_NS;
    struct tq_ledger_options options = {
        .size = sizeof options, .history_days = 8, .min_now_ns = limit_ns, .max_ahead_ns = 2 * DAY_NS};
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_provider *provider;
    struct tq_ledger *ledger;
    int64_t retry_at_ns = UNWRITTEN;

    assert_int_equal(tq_ledger_open(&ledger, scratch_path(state, "ledger"), &options, NULL), 0);
    provider = handle(ledger, "a");
    assert_int_equal(tq_provider_record(provider, 1, limit_ns - 1, &retry_at_ns), TQ_ECLOCK);
    assert_int_equal(retry_at_ns, 0);
    assert_int_equal(tq_provider_record(provider, 1, clock_ns + 4 * DAY_NS, NULL), TQ_ECLOCK);
    assert_int_equal(tq_tracker_record(tq_ledger_tracker(ledger), "a", 1, clock_ns + 4 * DAY_NS, NULL),
                     TQ_ECLOCK);
    assert_int_equal(tq_provider_observe(provider, 1, clock_ns + 4 * DAY_NS, NULL), TQ_ECLOCK);
    assert_int_equal(tq_provider_used(provider, limit_ns - 1), 0);
    assert_int_equal(tq_provider_used(provider, clock_ns + 4 * DAY_NS), 0);
    assert_int_equal(tq_provider_record(provider, 1, clock_ns + 2 * DAY_NS, NULL), 0);
    assert_int_equal(tq_provider_record(provider, 1, clock_ns, NULL), 0);
    assert_int_equal(tq_provider_used(provider, clock_ns), 1);
    assert_int_equal(tq_ledger_statistics(ledger, &info), 0);
    assert_int_equal(info.clock, 4);
    assert_int_equal(info.late, 1);
    tq_ledger_close(ledger);
    options = (struct tq_ledger_options){.size = sizeof options, .max_ahead_ns = INT64_MAX};
    /* the limits are the opener's, not the file's */
    assert_int_equal(tq_ledger_open(&ledger, scratch_path(state, "ledger"), &options, NULL), 0);
    assert_int_equal(tq_provider_record(handle(ledger, "a"), 1, clock_ns + 4 * DAY_NS, NULL), 0);
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_reopen_keeps_everything),
        scratch_test(test_creation_fixes_days_and_rule),
        scratch_test(test_mode),
        scratch_test(test_reset_needs_its_flag),
        scratch_test(test_flush_always),
        scratch_test(test_existing_creates_nothing),
        scratch_test(test_read_only),
        scratch_test(test_growth_by_another_process_is_seen),
        scratch_test(test_fork),
        scratch_test(test_counters),
        scratch_test(test_clock_limits),
    };

    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
