/* test_stated_file.c: what a vendor said of windows, in a file: kept, cleared, heard of by those who wait,
 * and said by a wrong clock.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdatomic.h>
#include <stdio.h>

#include "windows.h"
#include "scratch.h"
#include "src/event.h"
#include "system_fake.h"

#define NOON_NS AT(12, 0, 0)
#define END_NS AT(16, 0, 0)
#define NOW_NS AT(12, 10, 0)

static int file_setup(void **state)
{
    fake_system.now_ns = NOW_NS;
    return scratch_setup(state);
}

static int file_teardown(void **state)
{
    fake_system.now_ns = 0;
    return scratch_teardown(state);
}

static bool is_out(struct tq_ledger *ledger, const char *name, int64_t now_ns)
{
    return tq_provider_state(handle(ledger, name), now_ns, NULL) == TQ_QUOTA_EXHAUSTED;
}

/* ---- kept ------------------------------------------------------------------------------------ */

/* Of p: the week blocks and is doubted, its probe failed; "opus" was overruled; the session has a reserve. */
static void fill(struct tq_ledger *ledger)
{
    struct tq_provider *p = handle(ledger, "p"), *pool = handle(ledger, "pool");
    struct word opus = week_at(NOON_NS, -1, END_NS);

    opus.name = "opus";
    assert_int_equal(set_sentence(p, "5h reserve 10%"), 1);
    say(p, session_at(NOON_NS, 50, END_NS));
    refuse_for(p, opus);
    assert_int_equal(tq_provider_mark_available_at(p, NOON_NS + MINUTE_NS), 0);
    refuse_for(p, week_at(NOON_NS, -1, END_NS));
    say(p, week_at(AT(12, 2, 0), 61, END_NS));
    assert_int_equal(tq_provider_probe_take(p, AT(12, 3, 0), NULL), 0);
    assert_int_equal(tq_provider_probe_failure(p, AT(12, 4, 0)), 0);
    assert_int_equal(tq_provider_record(p, 70, AT(12, 5, 0), NULL), TQ_AVAILABLE);
    assert_int_equal(tq_provider_set_overage(pool, TQ_OVERAGE_STOP), 0);
    assert_int_equal(refuse_for(pool, session_at(NOON_NS, -1, AT(13, 0, 0))), TQ_QUOTA_EXHAUSTED);
}

static void check_filled(struct tq_ledger *ledger)
{
    struct tq_provider *p = handle(ledger, "p"), *pool = handle(ledger, "pool");
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_error error = {.size = sizeof error};
    struct tq_limit_state limit;
    struct word opus = week_at(NOW_NS, 100, END_NS);
    int64_t at_ns;

    if (tq_ledger_check(ledger, &info, &error) != 0)
        fail_msg("%s", error.msg);
    limit = stated_at(p, WEEK_NS, "", NOW_NS);
    assert_int_equal(limit.said, TQ_SAID_READING | TQ_SAID_SHARE | TQ_SAID_BLOCKS | TQ_SAID_DOUBTED);
    assert_int_equal(limit.said_ppm, 610000);
    assert_int_equal(limit.said_at_ns, AT(12, 2, 0));
    assert_int_equal(limit.said_reset_at_ns, END_NS);
    assert_int_equal(limit.said_since, 70);
    assert_int_equal(limit.until_ns, END_NS);
    limit = stated_at(p, SESSION_NS, "", NOW_NS);
    assert_int_equal(limit.limit.reserve_share, 1000);
    assert_int_equal(limit.said_ppm, 500000);
    assert_int_equal(stated_at(p, WEEK_NS, "opus", NOW_NS).said & TQ_SAID_OVERRULED, TQ_SAID_OVERRULED);
    assert_int_equal(tq_provider_probe_take(p, AT(12, 8, 59), &at_ns), 1);
    assert_int_equal(at_ns, AT(12, 9, 0));
    assert_int_equal(tq_provider_overage(pool), TQ_OVERAGE_STOP);
    assert_true(is_out(ledger, "pool", NOW_NS));
    assert_int_equal(stated_at(pool, SESSION_NS, "", NOW_NS).until_ns, AT(13, 0, 0));
    /* The overruled word does not block again. */
    opus.name = "opus";
    say(p, opus);
    assert_int_equal(verdict_of(p, NOW_NS, 0).limits, 4);
}

static void keep_compact(void **state, const char *path)
{
    (void)state;
    assert_int_equal(tq_ledger_compact(path, NULL), 0);
}

static void keep_copy(void **state, const char *path)
{
    size_t size;
    uint8_t *bytes = file_read(path, &size);

    (void)state;
    assert_int_equal(remove(path), 0);
    file_write(path, bytes, size);
    free(bytes);
}

static void keep_boot(void **state, const char *path)
{
    (void)state;
    (void)path;
    fake_boot();
}

static void keep_backup(void **state, const char *path)
{
    const char *copy = scratch_path(state, "copy");
    struct tq_ledger *ledger = open_file(path);

    assert_int_equal(tq_ledger_backup(ledger, copy, NULL), 0);
    tq_ledger_close(ledger);
    ledger = open_file(path);
    assert_int_equal(tq_provider_forget(handle(ledger, "p")), 0);
    tq_ledger_close(ledger);
    assert_int_equal(tq_ledger_restore(path, copy, NULL), 0);
    assert_int_equal(remove(copy), 0);
}

static void test_kept(void **state)
{
    static void (*const keep[])(void **, const char *) = {keep_compact, keep_copy, keep_boot, keep_backup};

    for (size_t i = 0; i < sizeof keep / sizeof keep[0]; i++) {
        const char *path = scratch_path(state, "ledger");
        struct tq_ledger *ledger = open_file(path);

        fill(ledger);
        tq_ledger_close(ledger);
        keep[i](state, path);
        ledger = open_file(path);
        check_filled(ledger);
        tq_ledger_close(ledger);
        assert_int_equal(remove(path), 0);
    }
}

/* ---- cleared --------------------------------------------------------------------------------- */

static void test_reset_keeps_words(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    struct tq_provider *p = handle(ledger, "p");
    struct word opus = week_at(NOON_NS, -1, END_NS);

    opus.name = "a-name-of-21-letters.";
    assert_int_equal(tq_provider_record(p, 5, NOON_NS, NULL), TQ_AVAILABLE);
    refuse_for(p, opus);
    assert_int_equal(tq_provider_record(p, 70, NOW_NS, NULL), TQ_AVAILABLE);
    assert_int_equal(stated_at(p, WEEK_NS, opus.name, NOW_NS).said_since, 70);
    assert_int_equal(tq_provider_reset(p), 0);
    assert_int_equal(stated_at(p, WEEK_NS, opus.name, NOW_NS).said_since, 0);
    assert_int_equal(stated_at(p, WEEK_NS, opus.name, NOW_NS).until_ns, END_NS);
    assert_true(is_out(ledger, "p", NOW_NS));
    assert_int_equal(tq_provider_record(p, 3, NOW_NS, NULL), TQ_AVAILABLE);
    assert_int_equal(stated_at(p, WEEK_NS, opus.name, NOW_NS).said_since, 3);
    tq_ledger_close(ledger);
}

/* After forgetting, and after removing, a limit begins with no word: nothing blocks, nothing is overruled,
 * nobody was warned. */
static void test_cleared(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    struct tq_provider *p = handle(ledger, "p");

    for (unsigned i = 0; i < 600; i++) { /* versions of a line come round */
        struct tq_limit_state limit;

        assert_int_equal(say(p, week_at(NOON_NS, 95, END_NS)), TQ_AVAILABLE);
        limit = stated_at(p, WEEK_NS, "", NOON_NS);
        assert_int_equal(limit.said, TQ_SAID_READING | TQ_SAID_SHARE);
        assert_int_equal(limit.said_limit, 0);
        assert_int_equal(limit.said_since, 0);
        assert_int_equal(tq_provider_warn_take(p, limit.number, 90, NOON_NS), 0);
        assert_int_equal(refuse_for(p, week_at(NOON_NS, -1, END_NS)), TQ_QUOTA_EXHAUSTED);
        if (i % 3 == 1)
            assert_int_equal(tq_provider_mark_available(p), 0);
        tq_provider_record(p, 1, NOON_NS, NULL);
        if (i % 2)
            assert_int_equal(tq_provider_forget(p), 0);
        else
            assert_int_equal(tq_provider_remove_limit(p, limit.number), 0);
        assert_int_equal(tq_provider_limits(p, NOON_NS, NULL, 0), 0);
        assert_false(is_out(ledger, "p", NOON_NS));
    }
    tq_ledger_close(ledger);
}

static void test_forget_clears_what_was_decided(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    struct tq_provider *p = handle(ledger, "p");
    struct tq_quota_signal signal = signal_of(week_at(NOON_NS, 61, END_NS));

    signal.account = 77;
    assert_int_equal(tq_provider_apply(p, &signal), TQ_AVAILABLE);
    assert_int_equal(tq_provider_set_overage(p, TQ_OVERAGE_STOP), 0);
    refuse_for(p, week_at(AT(12, 1, 0), -1, END_NS));
    say(p, week_at(AT(12, 2, 0), 10, END_NS));
    assert_int_equal(tq_provider_probe_take(p, AT(12, 3, 0), NULL), 0);
    assert_int_equal(tq_provider_probe_failure(p, AT(12, 4, 0)), 0);
    assert_int_equal(tq_provider_mark_available_at(p, AT(12, 5, 0)), 0);
    assert_int_equal(tq_provider_forget(p), 0);
    assert_int_equal(tq_provider_overage(p), TQ_OVERAGE_ALLOW);
    assert_int_equal(tq_provider_account(p), 0);
    /* Neither the mark nor the probe that failed counts any more. */
    refuse_for(p, (struct word){.length_ns = WEEK_NS,
                                .percent = -1,
                                .reset_at_ns = END_NS,
                                .said_at_ns = AT(12, 6, 0),
                                .sent_at_ns = AT(12, 4, 0)});
    assert_true(is_out(ledger, "p", AT(12, 6, 0)));
    say(p, week_at(AT(12, 7, 0), 11, END_NS));
    assert_int_equal(tq_provider_probe_take(p, AT(12, 7, 0), NULL), 0);
    tq_ledger_close(ledger);
}

/* ---- heard of -------------------------------------------------------------------------------- */

/* Was there an event since? */
static bool has_event(struct tq_ledger *ledger, uint32_t *seen)
{
    return tq_ledger_wait(ledger, seen, 0) == 0;
}

/* A doubt, a lift, a block and a stop are events; a reading that changes nothing is none. */
static void test_events(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    struct tq_provider *p = handle(ledger, "p");
    uint32_t seen = 0;

    fake_system.now_ns = 0;
    has_event(ledger, &seen);
    assert_false(has_event(ledger, &seen));
    say(p, week_at(AT(11, 0, 0), 40, END_NS));
    say(p, week_at(AT(11, 1, 0), 41, END_NS)); /* room, and no stop */
    assert_false(has_event(ledger, &seen));
    refuse_for(p, week_at(NOON_NS, -1, END_NS));
    assert_true(has_event(ledger, &seen));
    say(p, week_at(AT(12, 1, 0), 61, END_NS)); /* doubted */
    assert_true(has_event(ledger, &seen));
    say(p, week_at(AT(12, 2, 0), 61, END_NS));
    assert_false(has_event(ledger, &seen));
    assert_int_equal(tq_provider_probe_take(p, AT(12, 3, 0), NULL), 0);
    assert_true(has_event(ledger, &seen));
    assert_int_equal(tq_provider_probe_failure(p, AT(12, 3, 1)), 0);
    assert_true(has_event(ledger, &seen));
    say(p, week_at(AT(12, 4, 0), 62, END_NS + DAY_NS));
    assert_true(has_event(ledger, &seen));
    say(p, week_at(AT(12, 5, 0), 63, END_NS + DAY_NS)); /* use grew */
    assert_true(has_event(ledger, &seen));
    assert_false(is_out(ledger, "p", AT(12, 5, 0)));
    refuse_for(p, week_at(AT(12, 6, 0), -1, END_NS + DAY_NS));
    assert_true(has_event(ledger, &seen));
    assert_int_equal(tq_provider_success(p, AT(12, 5, 0)), 0);
    assert_false(has_event(ledger, &seen));
    assert_int_equal(tq_provider_success(p, AT(12, 7, 0)), 0);
    assert_true(has_event(ledger, &seen));
    assert_int_equal(set_sentence(p, "7d reserve 10%"), 1);
    assert_true(has_event(ledger, &seen));
    say(p, week_at(AT(12, 8, 0), 91, END_NS + DAY_NS));
    assert_true(has_event(ledger, &seen));
    assert_int_equal(tq_provider_set_overage(p, TQ_OVERAGE_STOP), 0);
    assert_true(has_event(ledger, &seen));
    tq_ledger_close(ledger);
}

/* Who waits sleeps until the first of: the end of a block, of a stop, of a lease, and when a probe is due. */
static void test_next_ends(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    struct tq_provider *p = handle(ledger, "p");

    assert_int_equal(tq__soonest_find(ledger, NOON_NS), INT64_MAX);
    refuse_for(p, session_at(NOON_NS, -1, NOON_NS + HOUR_NS / 2));
    assert_int_equal(tq__soonest_find(ledger, NOON_NS), NOON_NS + HOUR_NS / 2);
    refuse_for(p, week_at(NOON_NS, -1, END_NS));
    assert_int_equal(tq__soonest_find(ledger, NOON_NS + HOUR_NS / 2), NOON_NS + HOUR_NS);
    assert_int_equal(tq__soonest_find(ledger, NOON_NS + HOUR_NS), END_NS);
    say(p, week_at(AT(12, 40, 0), 50, END_NS));
    assert_int_equal(tq_provider_probe_take(p, AT(12, 41, 0), NULL), 0);
    assert_int_equal(tq__soonest_find(ledger, AT(12, 41, 0)), AT(12, 43, 0));
    assert_int_equal(tq_provider_probe_failure(p, AT(12, 42, 0)), 0);
    assert_int_equal(tq__soonest_find(ledger, AT(12, 42, 0)), AT(12, 47, 0));
    assert_int_equal(tq_provider_mark_available_at(p, AT(12, 43, 0)), 0);
    assert_int_equal(tq__soonest_find(ledger, AT(12, 43, 0)), INT64_MAX);
    assert_int_equal(set_sentence(p, "7d reserve 10%"), 2);
    say(p, week_at(AT(12, 44, 0), 93, END_NS + HOUR_NS));
    assert_int_equal(tq__soonest_find(ledger, AT(12, 44, 0)), END_NS + HOUR_NS);
    tq_ledger_close(ledger);
}

/* ---- wrong clocks ---------------------------------------------------------------------------- */

static struct tq_ledger *open_limited(void **state)
{
    const struct tq_ledger_options options = {.size = sizeof options, .max_ahead_ns = TQ_MAX_AHEAD_NS};
    struct tq_ledger *ledger;

    assert_int_equal(tq_ledger_open(&ledger, scratch_path(state, "ledger"), &options, NULL), 0);
    return ledger;
}

static void test_said_too_far_ahead(void **state)
{
    struct tq_ledger *ledger = open_limited(state);
    struct tq_provider *p = handle(ledger, "p");
    const int64_t ahead_ns = NOW_NS + TQ_MAX_AHEAD_NS;

    assert_int_equal(say(p, week_at(ahead_ns + SECOND_NS, 61, END_NS)), TQ_ECLOCK);
    assert_int_equal(refuse_for(p, week_at(ahead_ns + SECOND_NS, -1, END_NS)), TQ_ECLOCK);
    assert_false(is_out(ledger, "p", NOW_NS));
    assert_int_equal(stated_at(p, WEEK_NS, "", NOW_NS).said, 0);
    assert_int_equal(say(p, week_at(ahead_ns, 61, END_NS)), TQ_AVAILABLE);
    assert_int_equal(stated_at(p, WEEK_NS, "", NOW_NS).said_ppm, 610000);
    tq_ledger_close(ledger);
}

/* What a clock that was days ahead said gives way to the next word of a right one. */
static void test_said_by_a_wrong_clock(void **state)
{
    struct tq_ledger *ledger = open_limited(state);
    struct tq_provider *p = handle(ledger, "p");

    fake_system.now_ns = NOW_NS + 3 * DAY_NS;
    assert_int_equal(say(p, week_at(NOW_NS + 3 * DAY_NS, 100, END_NS + 3 * DAY_NS)), TQ_QUOTA_EXHAUSTED);
    fake_system.now_ns = NOW_NS;
    assert_true(is_out(ledger, "p", NOW_NS));
    assert_int_equal(say(p, week_at(NOW_NS, 100, END_NS)), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(stated_at(p, WEEK_NS, "", NOW_NS).said_at_ns, NOW_NS);
    assert_int_equal(stated_at(p, WEEK_NS, "", NOW_NS).until_ns, END_NS);
    fake_system.now_ns = NOW_NS + 3 * DAY_NS;
    assert_int_equal(refuse_for(p, week_at(NOW_NS + 3 * DAY_NS, -1, END_NS + 3 * DAY_NS)),
                     TQ_QUOTA_EXHAUSTED);
    fake_system.now_ns = NOW_NS;
    assert_int_equal(refuse_for(p, week_at(NOW_NS, -1, END_NS)), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(stated_at(p, WEEK_NS, "", NOW_NS).until_ns, END_NS);
    assert_int_equal(tq_provider_success(p, NOW_NS), 0);
    assert_false(is_out(ledger, "p", NOW_NS));
    tq_ledger_close(ledger);
}

/* A caller with a wrong clock takes no probe: its lease would keep all others off until that instant. */
static void test_probe_of_a_wrong_clock(void **state)
{
    struct tq_ledger *ledger = open_limited(state);
    struct tq_provider *p = handle(ledger, "p");
    int64_t at_ns;

    refuse_for(p, week_at(NOW_NS, -1, NOW_NS + 4 * DAY_NS));
    assert_int_equal(tq_provider_probe_take(p, NOW_NS + 20 * HOUR_NS, &at_ns), 1);
    assert_int_equal(at_ns, 0);
    fake_system.now_ns = NOW_NS + HOUR_NS;
    assert_int_equal(tq_provider_probe_take(p, NOW_NS + HOUR_NS, &at_ns), 0);
    tq_ledger_close(ledger);
}

/* ---- processes ------------------------------------------------------------------------------- */

#define CALLERS 4
#define WINDOWS 50

struct callers {
    char path[4096];
    _Atomic unsigned came, told[WINDOWS];
};

static int warn(void *argument)
{
    struct callers *callers = argument;
    struct tq_ledger *ledger = open_file(callers->path);
    struct tq_provider *p = handle(ledger, "p");

    meet(&callers->came, CALLERS, 1);
    for (unsigned i = 0; i < WINDOWS; i++) {
        int64_t now_ns = NOON_NS + i * 8 * DAY_NS;

        MUST(say(p, week_at(now_ns, 85, now_ns + 7 * DAY_NS)) >= 0);
        if (tq_provider_warn_take(p, 1, 80, now_ns) == 0)
            atomic_fetch_add(&callers->told[i], 1);
        meet(&callers->came, CALLERS, i + 2);
    }
    tq_ledger_close(ledger);
    return 0;
}

/* Of several processes one is told, once a window. */
static void test_one_is_warned(void **state)
{
    struct callers *callers = shared_memory(sizeof *callers);
    pid_t child[CALLERS];

    fake_system.now_ns = NOON_NS + 1000 * DAY_NS;
    snprintf(callers->path, sizeof callers->path, "%s", scratch_path(state, "ledger"));
    tq_ledger_close(open_file(callers->path));
    for (unsigned i = 0; i < CALLERS; i++)
        child[i] = child_start(warn, callers);
    for (unsigned i = 0; i < CALLERS; i++)
        assert_int_equal(child_end(child[i]), 0);
    for (unsigned i = 0; i < WINDOWS; i++)
        assert_int_equal(atomic_load(&callers->told[i]), 1);
}

/* Who may only read sees all, and changes nothing. */
static void test_read_only(void **state)
{
    const char *path = scratch_path(state, "ledger");
    struct tq_ledger *writer = open_file(path), *reader;

    refuse_for(handle(writer, "p"), week_at(NOON_NS, -1, END_NS));
    say(handle(writer, "p"), week_at(AT(12, 1, 0), 61, END_NS));
    reader = open_file_with(path, 0, 0, TQ_OPEN_READ_ONLY);
    assert_true(is_out(reader, "p", NOW_NS));
    assert_int_equal(say(handle(reader, "p"), week_at(NOW_NS, 1, END_NS)), TQ_EREADONLY);
    assert_int_equal(tq_provider_probe_take(handle(reader, "p"), NOW_NS, NULL), TQ_EREADONLY);
    assert_int_equal(tq_provider_warn_take(handle(reader, "p"), 1, 10, NOW_NS), TQ_EREADONLY);
    assert_int_equal(tq_provider_mark_available_at(handle(reader, "p"), NOW_NS), TQ_EREADONLY);
    assert_int_equal(tq_provider_set_overage(handle(reader, "p"), TQ_OVERAGE_STOP), TQ_EREADONLY);
    assert_int_equal(stated_at(handle(reader, "p"), WEEK_NS, "", NOW_NS).said_ppm, 610000);
    tq_ledger_close(reader);
    tq_ledger_close(writer);
}

#define test(name) cmocka_unit_test_setup_teardown(name, file_setup, file_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(test_kept),
        test(test_reset_keeps_words),
        test(test_cleared),
        test(test_forget_clears_what_was_decided),
        test(test_events),
        test(test_next_ends),
        test(test_said_too_far_ahead),
        test(test_probe_of_a_wrong_clock),
        test(test_said_by_a_wrong_clock),
        test(test_one_is_warned),
        test(test_read_only),
    };

    heed_test_filter();
    return cmocka_run_group_tests_name("stated in a file", tests, NULL, NULL);
}
