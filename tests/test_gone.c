/* test_gone.c: a file that is replaced, removed or compacted: everybody who has it open is told.
 *
 * SPDX-License-Identifier: MIT
 *
 * tests/twins has a library that does not look at the inode: it fails test_replaced.
 */

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "scratch.h"

#define NOW_NS (MAY_DAY_NS + 6 * HOUR_NS)

/* ---- noticing -------------------------------------------------------------------------------- */

/* The calls that look whether the path still leads to the file. */
static int by_insert(struct tq_ledger *ledger)
{
    return tq_tracker_record(tq_ledger_tracker(ledger), "new", 1, NOW_NS, NULL);
}

static int by_insert_of_budget(struct tq_ledger *ledger)
{
    return tq_tracker_set_budget(tq_ledger_tracker(ledger), "new", 1);
}

static int by_insert_of_mark(struct tq_ledger *ledger)
{
    return tq_store_mark_quota_exhausted(tq_ledger_store(ledger), "new", NOW_NS);
}

static int by_insert_of_handle(struct tq_ledger *ledger)
{
    struct tq_provider *provider;

    return tq_ledger_provider(ledger, "new", 3, 0, &provider);
}

static int by_new_day(struct tq_ledger *ledger)
{
    return tq_tracker_record(tq_ledger_tracker(ledger), "a", 1, NOW_NS + DAY_NS, NULL);
}

static int by_earlier_day(struct tq_ledger *ledger)
{
    return tq_tracker_record(tq_ledger_tracker(ledger), "a", 1, NOW_NS - DAY_NS, NULL);
}

static int by_flush(struct tq_ledger *ledger)
{
    return tq_ledger_flush(ledger);
}

static int by_wait(struct tq_ledger *ledger)
{
    uint32_t seen = 0;

    return tq_ledger_wait(ledger, &seen, 0);
}

/* Readers look once a second of their now_ns. */
static int by_state(struct tq_ledger *ledger)
{
    return tq_store_state(tq_ledger_store(ledger), "a", NOW_NS, NULL);
}

static int by_state_of_unknown(struct tq_ledger *ledger)
{
    return tq_store_state(tq_ledger_store(ledger), "nobody", NOW_NS, NULL);
}

static struct tq_provider *known(struct tq_ledger *ledger)
{
    struct tq_provider *provider = NULL;

    tq_ledger_provider(ledger, "a", 1, TQ_PROVIDER_EXISTING, &provider);
    return provider;
}

static int by_state_of_handle(struct tq_ledger *ledger)
{
    return tq_provider_state(known(ledger), NOW_NS, NULL);
}

static int by_verdict(struct tq_ledger *ledger)
{
    struct tq_verdict verdict = {.size = sizeof verdict};

    return tq_provider_verdict(known(ledger), NOW_NS, &verdict);
}

static int by_route(struct tq_ledger *ledger)
{
    struct tq_provider *provider = known(ledger);
    struct tq_route route = {.size = sizeof route};

    return tq_ledger_route(ledger, &provider, 1, NOW_NS, 0, &route);
}

static int (*const notices[])(struct tq_ledger *ledger) = {
    by_insert,  by_insert_of_budget, by_insert_of_mark,  by_insert_of_handle,
    by_new_day, by_earlier_day,      by_flush,           by_wait,
    by_state,   by_state_of_unknown, by_state_of_handle, by_verdict,
    by_route,
};

/* Every call that can answer it does, and nothing is counted. */
static void assert_gone(struct tq_ledger *ledger, struct tq_provider *provider)
{
    struct tq_tracker *tracker = tq_ledger_tracker(ledger);
    struct tq_store *store = tq_ledger_store(ledger);
    struct tq_provider *found;
    int64_t retry_at_ns = UNWRITTEN;
    uint32_t seen = 0;

    assert_int_equal(tq_tracker_record(tracker, "a", 1, NOW_NS, NULL), TQ_EGONE);
    assert_int_equal(tq_tracker_record(tracker, "new", 1, NOW_NS, NULL), TQ_EGONE);
    assert_int_equal(tq_tracker_used(tracker, "a", NOW_NS), TQ_EGONE);
    assert_int_equal(tq_tracker_used(tracker, "new", NOW_NS), TQ_EGONE);
    assert_int_equal(tq_tracker_budget(tracker, "a"), TQ_EGONE);
    assert_int_equal(tq_tracker_set_budget(tracker, "a", 1), TQ_EGONE);
    assert_int_equal(tq_store_state(store, "a", NOW_NS, &retry_at_ns), TQ_EGONE);
    assert_int_equal(retry_at_ns, 0);
    assert_int_equal(tq_store_mark_quota_exhausted(store, "a", 1), TQ_EGONE);
    assert_int_equal(tq_store_mark_available(store, "a"), TQ_EGONE);
    assert_int_equal(tq_observe_token_usage(tracker, store, "a", 1, NOW_NS), TQ_EGONE);
    assert_int_equal(tq_ledger_provider(ledger, "new", 3, 0, &found), TQ_EGONE);
    assert_null(found);
    assert_int_equal(tq_ledger_provider(ledger, "new", 3, TQ_PROVIDER_EXISTING, &found), TQ_EGONE);
    assert_int_equal(tq_provider_record(provider, 1, NOW_NS, NULL), TQ_EGONE);
    assert_int_equal(tq_provider_observe(provider, 1, NOW_NS, NULL), TQ_EGONE);
    assert_int_equal(tq_provider_used(provider, NOW_NS), TQ_EGONE);
    assert_int_equal(tq_provider_budget(provider), TQ_EGONE);
    assert_int_equal(tq_provider_set_budget(provider, 1), TQ_EGONE);
    assert_int_equal(tq_provider_set_rule(provider, TQ_RULE_OFF), TQ_EGONE);
    assert_int_equal(tq_provider_state(provider, NOW_NS, NULL), TQ_EGONE);
    assert_int_equal(tq_provider_mark_quota_exhausted(provider, 1), TQ_EGONE);
    assert_int_equal(tq_provider_mark_available(provider), TQ_EGONE);
    assert_int_equal(tq_provider_correct(provider, 1, NOW_NS), TQ_EGONE);
    assert_int_equal(tq_provider_reset(provider), TQ_EGONE);
    assert_int_equal(tq_provider_forget(provider), TQ_EGONE);
    assert_int_equal(tq_ledger_flush(ledger), TQ_EGONE);
    assert_int_equal(tq_ledger_wait(ledger, &seen, 0), TQ_EGONE);
}

/* Opens, has `lose` take the file away, and sees that each kind of call notices. */
static void check_noticed(void **state, void (*lose)(void **state))
{
    for (size_t i = 0; i < sizeof notices / sizeof notices[0]; i++) {
        struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
        struct tq_provider *provider = handle(ledger, "a");
        int answer;

        assert_int_equal(tq_provider_record(provider, 1, NOW_NS, NULL), 0);
        assert_int_equal(tq_provider_record(provider, 1, NOW_NS - 2 * DAY_NS, NULL), 0);
        lose(state);
        answer = notices[i](ledger);
        if (answer != TQ_EGONE)
            fail_msg("call %zu of a file that is gone answered %d", i, answer);
        assert_gone(ledger, provider);
        tq_ledger_close(ledger);
        unlink(scratch_path(state, "ledger"));
    }
}

/* The file stays, under another name; at the path is another ledger. */
static void replace(void **state)
{
    struct tq_ledger *ledger;

    assert_int_equal(rename(scratch_path(state, "ledger"), scratch_path(state, "moved")), 0);
    ledger = open_file(scratch_path(state, "ledger"));
    assert_non_null(ledger);
    tq_ledger_close(ledger);
}

static void move(void **state)
{
    assert_int_equal(rename(scratch_path(state, "ledger"), scratch_path(state, "moved")), 0);
}

static void remove_it(void **state)
{
    assert_int_equal(unlink(scratch_path(state, "ledger")), 0);
}

static void put_a_link(void **state)
{
    move(state);
    assert_int_equal(symlink("moved", scratch_path(state, "ledger")), 0);
}

static void test_replaced(void **state)
{
    check_noticed(state, replace);
}

static void test_moved_away(void **state)
{
    check_noticed(state, move);
}

static void test_removed(void **state)
{
    check_noticed(state, remove_it);
}

static void test_replaced_by_a_link(void **state)
{
    check_noticed(state, put_a_link);
}

/* A reader that asks again and again learns of it within a second of its time, whichever way that goes, and
 * costs no look at each call. */
static void test_readers_look_once_a_second(void **state)
{
    const int64_t second_ns = 1000000000;
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    struct tq_provider *provider = handle(ledger, "a");

    assert_int_equal(tq_provider_state(provider, NOW_NS, NULL), 0);
    move(state);
    assert_int_equal(tq_provider_state(provider, NOW_NS + second_ns - 1, NULL), 0);
    assert_int_equal(tq_provider_state(provider, NOW_NS - second_ns + 1, NULL), 0);
    assert_int_equal(tq_provider_state(provider, NOW_NS - second_ns, NULL), TQ_EGONE);
    assert_int_equal(tq_provider_used(provider, NOW_NS), TQ_EGONE);
    tq_ledger_close(ledger);
}

/* The path is what it was at open: a process that goes elsewhere still finds its file. */
static void test_relative_path(void **state)
{
    struct tq_ledger *ledger;
    char before[PATH_MAX];

    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(*state), 0);
    ledger = open_file("ledger");
    assert_int_equal(chdir("/"), 0);
    assert_non_null(ledger);
    assert_int_equal(by_insert(ledger), 0);
    assert_int_equal(tq_ledger_flush(ledger), 0);
    tq_ledger_close(ledger);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(scratch_entries(state), 1);
}

/* ---- compact --------------------------------------------------------------------------------- */

#define KEPT 3000

static void name_of(int index, char out[128])
{
    snprintf(out, 128,
             index % 4 ? "kept-%d" : "a-rather-long-deployment-name/in-some-region/with-%d-at-its-end",
             index);
}

static void fill_for_compact(struct tq_ledger *ledger)
{
    char name[128];

    for (int i = 0; i < KEPT; i++) {
        struct tq_provider *provider;

        name_of(i, name);
        provider = handle(ledger, name);
        assert_int_equal(tq_provider_record(provider, i, NOW_NS, NULL), 0);
        assert_int_equal(tq_provider_record(provider, 7, NOW_NS - 7 * DAY_NS, NULL), 0);
        if (i % 3 == 0)
            assert_int_equal(tq_provider_set_budget(provider, 1000000 + i), 0);
        if (i % 5 == 0)
            assert_int_equal(tq_provider_mark_quota_exhausted(provider, NOW_NS + i + 1), 0);
        if (i % 7 == 0)
            assert_int_equal(tq_provider_set_rule(provider, TQ_RULE_ORIGINAL), 0);
    }
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "forgotten-%d", i);
        assert_int_equal(tq_provider_record(handle(ledger, name), 1, NOW_NS, NULL), 0);
        assert_int_equal(tq_provider_forget(handle(ledger, name)), 0);
    }
    assert_int_equal(tq_provider_forget(handle(ledger, "back again")), 0);
    assert_int_equal(tq_provider_record(handle(ledger, "back again"), 2, NOW_NS, NULL), 0);
}

static void check_kept(struct tq_ledger *ledger)
{
    int64_t retry_at_ns;
    char name[128];

    for (int i = 0; i < KEPT; i++) {
        struct tq_provider *provider;

        name_of(i, name);
        assert_int_equal(tq_ledger_provider(ledger, name, strlen(name), TQ_PROVIDER_EXISTING, &provider), 0);
        assert_int_equal(tq_provider_used(provider, NOW_NS), i);
        assert_int_equal(tq_provider_used(provider, NOW_NS - 7 * DAY_NS), 7);
        assert_int_equal(tq_provider_budget(provider), i % 3 == 0 ? 1000000 + i : 0);
        assert_int_equal(tq_provider_state(provider, NOW_NS, &retry_at_ns), i % 5 == 0);
        assert_int_equal(retry_at_ns, i % 5 == 0 ? NOW_NS + i + 1 : 0);
        assert_int_equal(tq_provider_rule(provider), i % 7 == 0 ? TQ_RULE_ORIGINAL : TQ_RULE_DEFAULT);
    }
    assert_int_equal(tq_tracker_used(tq_ledger_tracker(ledger), "back again", NOW_NS), 2);
}

static struct tq_ledger_info checked(struct tq_ledger *ledger)
{
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_error error = {.size = sizeof error};

    if (tq_ledger_check(ledger, &info, &error) != 0)
        fail_msg("check: %s", error.msg);
    return info;
}

static void test_compact(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *ledger = open_file(path);
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger_info before, after;
    struct tq_provider *provider;
    struct stat file;

    fill_for_compact(ledger);
    before = checked(ledger);
    assert_int_equal(before.slots, KEPT + 501);
    assert_int_equal(tq_ledger_compact(path, &error), TQ_EBUSY);
    assert_int_equal(error.code, TQ_EBUSY);
    assert_true(strlen(error.msg) > 0);
    check_kept(ledger);
    tq_ledger_close(ledger);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(tq_ledger_compact(path, &error), 0);
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_mode & 07777, 0640);
    assert_int_equal(scratch_entries(state), 1);
    ledger = open_file_with(path, 0, 0, TQ_OPEN_EXISTING);
    after = checked(ledger);
    check_kept(ledger);
    assert_int_equal(after.slots, KEPT + 1);
    assert_int_equal(after.providers, KEPT + 1);
    assert_int_equal(after.late, before.late);
    assert_int_equal(after.history_days, 8);
    assert_int_equal(after.rule, TQ_RULE_OFF);
    assert_true(after.file_bytes <= before.file_bytes);
    assert_int_equal(tq_ledger_provider(ledger, "forgotten-1", 11, TQ_PROVIDER_EXISTING, &provider), 1);
    tq_ledger_close(ledger);
}

static void test_compact_of_nothing(void **state)
{
    struct tq_error error = {.size = sizeof error};

    assert_int_equal(tq_ledger_compact(NULL, &error), TQ_EINVAL);
    assert_int_equal(tq_ledger_compact(scratch_path(state, "ledger"), &error), TQ_ESYS);
    assert_int_equal(error.code, TQ_ESYS);
    file_write(scratch_path(state, "ledger"), "no ledger", 9);
    assert_int_equal(tq_ledger_compact(scratch_path(state, "ledger"), &error), TQ_EFORMAT);
    assert_int_equal(scratch_entries(state), 1);
}

/* Forgotten is not removed: the name comes back with its next record or mark. */
static void test_forget_hides(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    struct tq_provider *provider = handle(ledger, "a"), *walked;
    uint64_t cursor = 0;

    assert_int_equal(tq_provider_set_budget(provider, 1), 0);
    assert_int_equal(tq_provider_record(provider, 5, NOW_NS, NULL), TQ_EXHAUSTED);
    assert_int_equal(tq_provider_mark_quota_exhausted(provider, NOW_NS + DAY_NS), 0);
    assert_int_equal(tq_provider_forget(provider), 0);
    assert_int_equal(tq_provider_used(provider, NOW_NS), 0);
    assert_int_equal(tq_provider_budget(provider), 0);
    assert_int_equal(tq_provider_state(provider, NOW_NS, NULL), TQ_AVAILABLE);
    assert_int_equal(tq_ledger_walk(ledger, &cursor, &walked), 1);
    assert_int_equal(tq_provider_record(provider, 5, NOW_NS, NULL), TQ_AVAILABLE);
    cursor = 0;
    assert_int_equal(tq_ledger_walk(ledger, &cursor, &walked), 0);
    assert_ptr_equal(walked, provider);
    assert_int_equal(tq_ledger_walk(ledger, &cursor, &walked), 1);
    assert_int_equal(tq_provider_forget(provider), 0);
    assert_int_equal(tq_provider_mark_quota_exhausted(provider, NOW_NS + DAY_NS), 0);
    cursor = 0;
    assert_int_equal(tq_ledger_walk(ledger, &cursor, &walked), 0);
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_replaced),
        scratch_test(test_moved_away),
        scratch_test(test_removed),
        scratch_test(test_replaced_by_a_link),
        scratch_test(test_relative_path),
        scratch_test(test_compact),
        scratch_test(test_compact_of_nothing),
        scratch_test(test_readers_look_once_a_second),
        scratch_test(test_forget_hides),
    };

    heed_test_filter();
    return cmocka_run_group_tests_name("gone", tests, NULL, NULL);
}
