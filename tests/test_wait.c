/* test_wait.c: who waits on a ledger is woken when a state changes, by any process, and by nothing else.
 *
 * SPDX-License-Identifier: MIT
 *
 * That a waiter sleeps is seen in /proc, not guessed by waiting long enough. "Woken" means: with a timeout of
 * a minute, within half of one.
 */

#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"
#include "scratch.h"
#include "src/event.h"
#include "src/system.h"
#include "src/table.h"

#define MINUTE_NS INT64_C(60000000000)
#define MS_NS INT64_C(1000000)

struct sleeper {
    char path[4096];
    uint32_t flags;
    _Atomic bool ready; /* the next thing it does is to wait */
    _Atomic int answer;
};

/* ---- a process that waits -------------------------------------------------------------------- */

static int wait_once(void *argument)
{
    struct sleeper *sleeper = argument;
    struct tq_ledger *ledger = open_file_with(sleeper->path, 0, 0, sleeper->flags);
    int64_t start_ns = tq_now_ns();
    uint32_t seen = 0;
    int answer;

    MUST(ledger);
    MUST(tq_ledger_wait(ledger, &seen, MINUTE_NS) == 0); /* the first look returns at once */
    MUST(seen != 0);
    atomic_store(&sleeper->ready, true);
    answer = tq_ledger_wait(ledger, &seen, MINUTE_NS);
    atomic_store(&sleeper->answer, answer);
    MUST(tq_now_ns() - start_ns < MINUTE_NS / 2);
    tq_ledger_close(ledger);
    return 0;
}

/* 'S' sleeping, 'T' stopped, 'R' running ... */
static char process_state(pid_t child)
{
    char path[64], line[512] = "";
    const char *state;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)child);
    file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    state = strrchr(line, ')');
    assert_non_null(state);
    return state[2];
}

static void await_sleep(struct sleeper *sleeper, pid_t child)
{
    patience_reset();
    while (!atomic_load(&sleeper->ready) || process_state(child) != 'S')
        patience_yield();
}

static struct sleeper *new_sleeper(void **state, uint32_t flags)
{
    struct sleeper *sleeper = shared_memory(sizeof *sleeper);

    snprintf(sleeper->path, sizeof sleeper->path, "%s", scratch_path(state, "ledger"));
    sleeper->flags = flags;
    return sleeper;
}

/* A sleeper is woken by what `change` does. */
static void check_woken(void **state, uint32_t flags, void (*prepare)(struct tq_ledger *),
                        void (*change)(struct tq_ledger *))
{
    struct sleeper *sleeper = new_sleeper(state, flags);
    struct tq_ledger *ledger = open_file(sleeper->path);
    pid_t child;

    if (prepare)
        prepare(ledger);
    child = child_start(wait_once, sleeper);
    await_sleep(sleeper, child);
    change(ledger);
    assert_int_equal(child_end(child), 0);
    assert_int_equal(atomic_load(&sleeper->answer), 0);
    tq_ledger_close(ledger);
}

/* ---- transitions ----------------------------------------------------------------------------- */

static int64_t far_ns(void)
{
    return tq_now_ns() + 10 * DAY_NS;
}

static void mark(struct tq_ledger *ledger)
{
    assert_int_equal(tq_provider_mark_quota_exhausted(handle(ledger, "a"), far_ns()), 0);
}

static void clear(struct tq_ledger *ledger)
{
    assert_int_equal(tq_store_mark_available(tq_ledger_store(ledger), "a"), 0);
}

static void clear_by_zero(struct tq_ledger *ledger)
{
    assert_int_equal(tq_provider_mark_quota_exhausted(handle(ledger, "a"), 0), 0);
}

static void set_budget(struct tq_ledger *ledger)
{
    assert_int_equal(tq_provider_set_budget(handle(ledger, "a"), 10), 0);
}

static void record(struct tq_ledger *ledger)
{
    assert_int_equal(tq_provider_record(handle(ledger, "a"), 10, tq_now_ns(), NULL), TQ_EXHAUSTED);
}

static void spend(struct tq_ledger *ledger)
{
    set_budget(ledger);
    record(ledger);
}

static void correct(struct tq_ledger *ledger)
{
    assert_int_equal(tq_provider_correct(handle(ledger, "a"), 1000, tq_now_ns()), 0);
}

static void raise_budget(struct tq_ledger *ledger)
{
    assert_int_equal(tq_provider_set_budget(handle(ledger, "a"), 1000), 0);
}

static void forget(struct tq_ledger *ledger)
{
    assert_int_equal(tq_provider_forget(handle(ledger, "a")), 0);
}

static void follow_original(struct tq_ledger *ledger)
{
    assert_int_equal(tq_provider_set_rule(handle(ledger, "a"), TQ_RULE_ORIGINAL), 0);
    set_budget(ledger);
}

static void observe(struct tq_ledger *ledger)
{
    assert_int_equal(tq_provider_observe(handle(ledger, "a"), 10, tq_now_ns(), NULL), TQ_EXHAUSTED);
}

static void limit(struct tq_ledger *ledger, const char *name)
{
    struct tq_limit once = {.size = sizeof once, .unit = TQ_UNIT_TOKENS, .window = TQ_WINDOW_ONCE};

    once.known = TQ_LIMIT_AMOUNT;
    once.amount = 10;
    assert_int_equal(tq_provider_set_limit(handle(ledger, name), &once, NULL), 1);
}

static void spend_limit(struct tq_ledger *ledger)
{
    limit(ledger, "a");
    record(ledger);
}

static void spend_pool(struct tq_ledger *ledger)
{
    limit(ledger, "pool");
    assert_int_equal(tq_provider_set_pool(handle(ledger, "a"), handle(ledger, "pool")), 0);
    record(ledger);
}

/* 6 of 10, and 5/4 of that is more than 4: the rule takes the provider out by its limit. */
static void use_most(struct tq_ledger *ledger)
{
    assert_int_equal(tq_provider_record(handle(ledger, "a"), 6, tq_now_ns(), NULL), TQ_EXHAUSTED);
}

static void limit_with_care(struct tq_ledger *ledger)
{
    limit(ledger, "a");
    assert_int_equal(tq_provider_set_care(handle(ledger, "a"), TQ_CARE_DEFAULT), 0);
}

static void use_most_with_care(struct tq_ledger *ledger)
{
    limit_with_care(ledger);
    assert_int_equal(tq_provider_reset(handle(ledger, "a")), 0);
    use_most(ledger);
}

static void use_most_without_care(struct tq_ledger *ledger)
{
    limit(ledger, "a");
    assert_int_equal(tq_provider_set_care(handle(ledger, "a"), 0), 0);
    assert_int_equal(tq_provider_record(handle(ledger, "a"), 6, tq_now_ns(), NULL), TQ_AVAILABLE);
}

static void take_care(struct tq_ledger *ledger)
{
    assert_int_equal(tq_provider_set_care(handle(ledger, "a"), TQ_CARE_DEFAULT), 0);
    assert_int_equal(tq_provider_state(handle(ledger, "a"), tq_now_ns(), NULL), TQ_QUOTA_EXHAUSTED);
}

static void follow_off(struct tq_ledger *ledger)
{
    assert_int_equal(tq_provider_set_rule(handle(ledger, "a"), TQ_RULE_OFF), 0);
    assert_int_equal(tq_provider_state(handle(ledger, "a"), tq_now_ns(), NULL), TQ_AVAILABLE);
}

static void reset(struct tq_ledger *ledger)
{
    assert_int_equal(tq_provider_reset(handle(ledger, "a")), 0);
}

static void reset_pool(struct tq_ledger *ledger)
{
    assert_int_equal(tq_provider_reset(handle(ledger, "pool")), 0);
}

static void test_mark_wakes(void **state)
{
    check_woken(state, 0, NULL, mark);
}

static void test_clearing_wakes(void **state)
{
    check_woken(state, 0, mark, clear);
    check_woken(state, 0, mark, clear_by_zero);
    check_woken(state, 0, mark, forget);
}

static void test_prediction_wakes(void **state)
{
    check_woken(state, 0, set_budget, record);
    check_woken(state, 0, spend, raise_budget);
    check_woken(state, 0, spend, correct);
}

static void test_limit_wakes(void **state)
{
    check_woken(state, 0, spend_limit, correct);
    check_woken(state, 0, spend_limit, reset);
    check_woken(state, 0, spend_limit, forget);
    check_woken(state, 0, spend_pool, reset_pool);
    check_woken(state, 0, spend_pool, forget); /* it leaves the pool */
}

/* What the rule says of a limit is stored nowhere; a record that finds it tells of it, and so does who
 * changes the rule. */
static void test_rule_of_a_limit_wakes(void **state)
{
    check_woken(state, 0, limit_with_care, use_most);
    check_woken(state, 0, use_most_with_care, correct);
    check_woken(state, 0, use_most_without_care, take_care);
    check_woken(state, 0, use_most_with_care, follow_off);
}

static void test_observe_wakes(void **state)
{
    check_woken(state, 0, follow_original, observe);
}

static void test_read_only_looks_by_itself(void **state)
{
    tq_ledger_close(open_file(scratch_path(state, "ledger")));
    check_woken(state, TQ_OPEN_READ_ONLY, NULL, mark);
    check_woken(state, TQ_OPEN_READ_ONLY, NULL, clear);
}

/* ---- several, killed and stopped ones -------------------------------------------------------- */

static void test_all_are_woken(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    struct sleeper *sleeper[4];
    pid_t child[4];

    for (int i = 0; i < 4; i++) {
        sleeper[i] = new_sleeper(state, 0);
        child[i] = child_start(wait_once, sleeper[i]);
    }
    for (int i = 0; i < 4; i++)
        await_sleep(sleeper[i], child[i]);
    mark(ledger);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(child_end(child[i]), 0);
        assert_int_equal(atomic_load(&sleeper[i]->answer), 0);
    }
    tq_ledger_close(ledger);
}

/* One sleeper is killed, one stopped; who changes a state does not wait for them, and the third is woken. */
static void test_dead_and_stopped_sleepers(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    struct sleeper *sleeper[3];
    pid_t child[3];
    int status;

    for (int i = 0; i < 3; i++) {
        sleeper[i] = new_sleeper(state, 0);
        child[i] = child_start(wait_once, sleeper[i]);
    }
    for (int i = 0; i < 3; i++)
        await_sleep(sleeper[i], child[i]);
    assert_int_equal(kill(child[0], SIGKILL), 0);
    assert_int_equal(child_end(child[0]), 1000 + SIGKILL);
    assert_int_equal(kill(child[1], SIGSTOP), 0);
    assert_int_equal(waitpid(child[1], &status, WUNTRACED), child[1]);
    mark(ledger);
    assert_int_equal(child_end(child[2]), 0);
    assert_int_equal(atomic_load(&sleeper[2]->answer), 0);
    assert_int_equal(kill(child[1], SIGCONT), 0);
    assert_int_equal(child_end(child[1]), 0);
    assert_int_equal(atomic_load(&sleeper[1]->answer), 0);
    tq_ledger_close(ledger);
}

/* ---- time ------------------------------------------------------------------------------------ */

static void test_timeout(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    struct tq_ledger *reader = open_file_with(scratch_path(state, "ledger"), 0, 0, TQ_OPEN_READ_ONLY);
    struct tq_ledger *both[] = {ledger, reader};
    struct tq_ledger *private;

    assert_int_equal(tq_ledger_open(&private, NULL, NULL, NULL), 0);
    for (int i = 0; i < 2; i++) {
        uint32_t seen = 0;
        int64_t start_ns;

        assert_int_equal(tq_ledger_wait(both[i], &seen, 0), 0);
        assert_int_equal(tq_ledger_wait(both[i], &seen, 0), 1);
        start_ns = tq_now_ns();
        assert_int_equal(tq_ledger_wait(both[i], &seen, 30 * MS_NS), 1);
        assert_true(tq_now_ns() - start_ns >= 30 * MS_NS);
        assert_true(tq_now_ns() - start_ns < MINUTE_NS / 2);
    }
    uint32_t seen = 0;

    assert_int_equal(tq_ledger_wait(private, &seen, 0), 0);
    assert_int_equal(tq_ledger_wait(private, &seen, MS_NS), 1);
    assert_int_equal(tq_ledger_wait(NULL, &seen, 0), TQ_EINVAL);
    assert_int_equal(tq_ledger_wait(ledger, NULL, 0), TQ_EINVAL);
    tq_ledger_close(private);
    tq_ledger_close(reader);
    tq_ledger_close(ledger);
}

/* Nobody does anything: the exclusion ends, and with it the wait; a mark without an end never ends it. */
static void test_end_of_an_exclusion(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    struct tq_ledger *reader = open_file_with(scratch_path(state, "ledger"), 0, 0, TQ_OPEN_READ_ONLY);
    struct tq_ledger *both[] = {ledger, reader};

    assert_int_equal(tq_provider_mark_quota_exhausted(handle(ledger, "for ever"), INT64_MAX), 0);
    assert_int_equal(tq_provider_mark_quota_exhausted(handle(ledger, "elapsed"), 1), 0);
    for (int i = 0; i < 2; i++) {
        int64_t start_ns = tq_now_ns(), end_ns = start_ns + 50 * MS_NS;
        uint32_t seen = 0;

        assert_int_equal(tq_provider_mark_quota_exhausted(handle(ledger, "b"), end_ns + DAY_NS), 0);
        assert_int_equal(tq_provider_mark_quota_exhausted(handle(ledger, "a"), end_ns), 0);
        assert_int_equal(tq_ledger_wait(both[i], &seen, MINUTE_NS), 0);
        if (tq_now_ns() >= end_ns)
            continue; /* a slow machine: it is over already */
        assert_int_equal(tq_ledger_wait(both[i], &seen, MINUTE_NS), 0);
        assert_true(tq_now_ns() >= end_ns);
        assert_true(tq_now_ns() - start_ns < MINUTE_NS / 2);
        assert_int_equal(tq_provider_state(handle(ledger, "a"), tq_now_ns(), NULL), TQ_AVAILABLE);
        assert_int_equal(tq_ledger_wait(both[i], &seen, MS_NS), 1); /* once */
    }
    tq_ledger_close(reader);
    tq_ledger_close(ledger);
}

/* A limit that is out by the rule comes back when the half hour has fallen: 600 of 1,000 at noon by 12:44, of
 * 990 by 12:44:24. */
static void test_ends_by_the_rule(void **state)
{
    struct tq_limit limit = {.size = sizeof limit, .unit = TQ_UNIT_TOKENS, .known = TQ_LIMIT_AMOUNT};
    const int64_t noon_ns = MAY_DAY_NS + 12 * HOUR_NS;
    struct tq_provider *provider;
    struct tq_ledger *ledger;

    (void)state;
    assert_int_equal(tq_ledger_open(&ledger, NULL, NULL, NULL), 0);
    provider = handle(ledger, "a");
    for (uint32_t window = TQ_WINDOW_DAY; window <= TQ_WINDOW_WEEK; window++) {
        limit.window = window;
        limit.amount = window == TQ_WINDOW_DAY ? 1000 : 990;
        assert_true(tq_provider_set_limit(provider, &limit, NULL) > 0);
    }
    assert_int_equal(tq_provider_record(provider, 600, noon_ns, NULL), TQ_EXHAUSTED);
    assert_int_equal(tq__soonest_find(ledger, noon_ns), noon_ns + 44 * MINUTE_NS);
    assert_int_equal(tq__soonest_find(ledger, noon_ns + 44 * MINUTE_NS - 1), noon_ns + 44 * MINUTE_NS);
    assert_int_equal(tq__soonest_find(ledger, noon_ns + 44 * MINUTE_NS), noon_ns + 2664 * 1000 * MS_NS);
    assert_int_equal(tq__soonest_find(ledger, noon_ns + 2664 * 1000 * MS_NS), INT64_MAX);
    tq_ledger_close(ledger);
}

/* What changes no state wakes nobody: records below the budget, the same mark again, new names, budgets. */
static void test_nothing_changes(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    int64_t end_ns = far_ns(), now_ns = tq_now_ns();
    uint32_t seen = 0;

    assert_int_equal(tq_provider_mark_quota_exhausted(handle(ledger, "marked"), end_ns), 0);
    assert_int_equal(tq_ledger_wait(ledger, &seen, 0), 0);
    assert_int_equal(tq_provider_mark_quota_exhausted(handle(ledger, "marked"), end_ns), 0);
    assert_int_equal(tq_provider_set_budget(handle(ledger, "a"), 1000000), 0);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(tq_provider_record(handle(ledger, "a"), 1, now_ns, NULL), 0);
    assert_int_equal(tq_provider_mark_available(handle(ledger, "a")), 0);
    assert_int_equal(tq_ledger_wait(ledger, &seen, 0), 1);
    mark(ledger);
    assert_int_equal(tq_ledger_wait(ledger, &seen, 0), 0);
    tq_ledger_close(ledger);
}

/* While nothing ends and nothing changes the slots are not touched, however many there are: they cannot
 * be. */
static void test_a_wait_reads_no_slots(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    struct tq_ledger *reader = open_file_with(scratch_path(state, "ledger"), 0, 0, TQ_OPEN_READ_ONLY);
    struct tq_ledger *both[] = {ledger, reader};

    assert_int_equal(tq_provider_mark_quota_exhausted(handle(ledger, "over"), tq_now_ns() - DAY_NS), 0);
    for (int i = 0; i < 2; i++) {
        uint32_t seen = 0;

        mark(ledger); /* for days */
        clear(ledger);
        assert_int_equal(tq_ledger_wait(both[i], &seen, 0), 0);
        assert_int_equal(tq_ledger_wait(both[i], &seen, 0), 1); /* looks: an end is over */
        for (uint32_t n = 0; n < 2; n++)
            assert_non_null(tq__slot_number(both[i], n));
        assert_int_equal(
            mprotect(both[i]->slots.piece[0], tq__array_piece_bytes(&both[i]->slots, 0), PROT_NONE), 0);
        for (int k = 0; k < 100; k++)
            assert_int_equal(tq_ledger_wait(both[i], &seen, 0), 1);
        assert_int_equal(mprotect(both[i]->slots.piece[0], tq__array_piece_bytes(&both[i]->slots, 0),
                                  i == 0 ? PROT_READ | PROT_WRITE : PROT_READ),
                         0);
    }
    tq_ledger_close(reader);
    tq_ledger_close(ledger);
}

/* A record a little ahead of the clock spends the window that comes next: who waits wakes when it begins, and
 * then for its end. */
static void test_a_window_spent_ahead(void **state)
{
    const struct tq_limit fixed = {.size = sizeof fixed,
                                   .unit = TQ_UNIT_TOKENS,
                                   .window = TQ_WINDOW_FIXED,
                                   .known = TQ_LIMIT_AMOUNT,
                                   .amount = 10,
                                   .length_ns = 60 * MINUTE_NS};
    const int64_t begin_ns = INT64_C(1800000000) * 1000 * MS_NS;
    struct tq_provider *provider;
    struct tq_ledger *ledger;

    (void)state;
    assert_int_equal(tq_ledger_open(&ledger, NULL, NULL, NULL), 0);
    provider = handle(ledger, "a");
    assert_int_equal(tq_provider_set_limit(provider, &fixed, NULL), 1);
    assert_int_equal(tq_provider_record(provider, 10, begin_ns + MINUTE_NS, NULL), 1);
    assert_int_equal(tq_provider_state(provider, begin_ns - MINUTE_NS, NULL), TQ_AVAILABLE);
    assert_int_equal(tq__soonest_find(ledger, begin_ns - MINUTE_NS), begin_ns);
    assert_int_equal(tq_provider_state(provider, begin_ns, NULL), TQ_QUOTA_EXHAUSTED);
    assert_int_equal(tq__soonest_find(ledger, begin_ns), begin_ns + 60 * MINUTE_NS);
    tq_ledger_close(ledger);
}

/* Whatever stands in the word that says when to look: a change is told, and an end is noticed after the next
 * look of the process. */
static void test_a_damaged_hint(void **state)
{
    static const uint64_t wrong[] = {0, 1, UINT64_MAX, UINT64_MAX << 24, UINT64_C(1) << 63};
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    uint32_t seen = 0;

    tq_ledger_wait(ledger, &seen, 0);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int64_t end_ns = tq_now_ns() + 50 * MS_NS;

        assert_int_equal(tq_provider_mark_quota_exhausted(handle(ledger, "a"), end_ns), 0);
        ledger->header->soonest = wrong[i];
        assert_int_equal(tq_ledger_wait(ledger, &seen, MINUTE_NS), 0);
        ledger->soonest_at_ns = tq__system_steady_ns() - MINUTE_NS;
        if (tq_now_ns() < end_ns)
            assert_int_equal(tq_ledger_wait(ledger, &seen, MINUTE_NS), 0);
        assert_true(tq_now_ns() >= end_ns);
    }
    tq_ledger_close(ledger);
}

/* Ends that come nearer while somebody waits, by each word that has one. */
static void test_each_end_is_known(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    struct tq_provider *provider = handle(ledger, "a");
    struct tq_quota_signal signal = {.size = sizeof signal, .refusal = TQ_CLASS_EXHAUSTED, .binds = -1};
    int64_t now_ns = tq_now_ns(), at_ns;

    assert_int_equal(tq__soonest_known(ledger), INT64_MAX);
    assert_int_equal(tq_provider_mark_quota_exhausted(provider, INT64_MAX), 0);
    assert_int_equal(tq__soonest_known(ledger), INT64_MAX);
    assert_int_equal(tq_provider_mark_quota_exhausted(provider, now_ns + 9 * DAY_NS), 0);
    assert_in_range(tq__soonest_known(ledger), now_ns + 8 * DAY_NS, now_ns + 9 * DAY_NS);
    signal.said_at_ns = now_ns;
    signal.retry_at_ns = now_ns + 8 * DAY_NS;
    assert_int_equal(tq_provider_apply(provider, &signal), TQ_QUOTA_EXHAUSTED);
    assert_in_range(tq__soonest_known(ledger), now_ns + HOUR_NS / 2,
                    now_ns + HOUR_NS + 1000 * MS_NS); /* a probe */
    provider = handle(ledger, "b");
    signal.retry_at_ns = 0; /* a probe is due in some minutes */
    assert_int_equal(tq_provider_apply(provider, &signal), TQ_QUOTA_EXHAUSTED);
    assert_in_range(tq__soonest_known(ledger), now_ns, now_ns + HOUR_NS);
    now_ns += DAY_NS;
    assert_int_equal(tq__soonest_find(ledger, now_ns) > now_ns, 1);
    assert_in_range(tq__soonest_known(ledger), now_ns, now_ns + 8 * DAY_NS);
    assert_int_equal(tq_provider_probe_take(provider, now_ns, &at_ns), 0);
    assert_in_range(tq__soonest_known(ledger), now_ns, at_ns);
    now_ns += DAY_NS;
    assert_int_equal(tq__soonest_find(ledger, now_ns) > now_ns, 1);
    assert_int_equal(tq_provider_set_budget(handle(ledger, "c"), 10), 0);
    assert_int_equal(tq_provider_record(handle(ledger, "c"), 10, now_ns, NULL), TQ_EXHAUSTED);
    assert_in_range(tq__soonest_known(ledger), now_ns, now_ns + DAY_NS);
    tq_ledger_close(ledger);
}

static void test_gone(void **state)
{
    struct tq_ledger *ledger = open_file(scratch_path(state, "ledger"));
    uint32_t seen = 0;

    assert_int_equal(tq_ledger_wait(ledger, &seen, 0), 0);
    assert_int_equal(unlink(scratch_path(state, "ledger")), 0);
    assert_int_equal(tq_ledger_wait(ledger, &seen, MINUTE_NS), TQ_EGONE);
    tq_ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_mark_wakes),
        scratch_test(test_clearing_wakes),
        scratch_test(test_prediction_wakes),
        scratch_test(test_limit_wakes),
        scratch_test(test_rule_of_a_limit_wakes),
        scratch_test(test_observe_wakes),
        scratch_test(test_read_only_looks_by_itself),
        scratch_test(test_all_are_woken),
        scratch_test(test_dead_and_stopped_sleepers),
        scratch_test(test_timeout),
        scratch_test(test_end_of_an_exclusion),
        scratch_test(test_ends_by_the_rule),
        scratch_test(test_nothing_changes),
        scratch_test(test_a_wait_reads_no_slots),
        scratch_test(test_a_window_spent_ahead),
        scratch_test(test_a_damaged_hint),
        scratch_test(test_each_end_is_known),
        scratch_test(test_gone),
    };

    heed_test_filter();
    return cmocka_run_group_tests_name("wait", tests, NULL, NULL);
}
