/* test_race.c: processes that create, insert, compact and replace at once end with one truth.
 *
 * SPDX-License-Identifier: MIT
 *
 * tests/twins has a library that creates by rename and one whose inserters start anywhere in a bucket: the
 * first fails test_creators_end_on_one_file, the second test_inserters_of_the_same_names.
 */

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "rng.h"
#include "scratch.h"

#define NOW_NS (MAY_DAY_NS + 6 * HOUR_NS)

struct shared {
    char path[4096];
    _Atomic unsigned came;
    _Atomic unsigned number; /* of who asks */
    _Atomic unsigned round;
    _Atomic uint64_t inode; /* of the first who looked, in this round */
    _Atomic bool differs;
    _Atomic int64_t acknowledged;
    _Atomic unsigned opened;
    _Atomic unsigned done;
};

static struct shared *new_shared(void **state)
{
    struct shared *shared = shared_memory(sizeof *shared);

    snprintf(shared->path, sizeof shared->path, "%s", scratch_path(state, "ledger"));
    return shared;
}

static void start_all(pid_t *child, unsigned count, int (*run)(void *), struct shared *shared)
{
    for (unsigned i = 0; i < count; i++)
        child[i] = child_start(run, shared);
}

static void end_all(pid_t *child, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(child_end(child[i]), 0);
}

/* ---- creation -------------------------------------------------------------------------------- */

#define CREATORS 8
#define CREATIONS 40

/* All open at once a file that is not there, and record; what each is on must be one file. */
static int create(void *argument)
{
    struct shared *shared = argument;

    for (unsigned round = 1; round <= CREATIONS; round++) {
        struct tq_ledger *ledger;
        uint64_t nobody = 0;
        struct stat file;

        meet(&shared->came, CREATORS + 1, 2 * round - 1);
        ledger = open_file(shared->path);
        MUST(ledger);
        for (unsigned i = 0; i < 10; i++) /* told to the parent: who leaves here is waited for */
            if (tq_tracker_record(tq_ledger_tracker(ledger), "a", 1, NOW_NS, NULL) != 0)
                atomic_store(&shared->differs, true);
        MUST(stat(shared->path, &file) == 0);
        if (!atomic_compare_exchange_strong(&shared->inode, &nobody, file.st_ino) && nobody != file.st_ino)
            atomic_store(&shared->differs, true);
        meet(&shared->came, CREATORS + 1, 2 * round);
        tq_ledger_close(ledger);
    }
    return 0;
}

static void test_creators_end_on_one_file(void **state)
{
    struct shared *shared = new_shared(state);
    pid_t child[CREATORS];

    start_all(child, CREATORS, create, shared);
    for (unsigned round = 1; round <= CREATIONS; round++) {
        struct tq_ledger *ledger;
        int64_t used;

        meet(&shared->came, CREATORS + 1, 2 * round - 1);
        meet(&shared->came, CREATORS + 1, 2 * round);
        assert_int_equal(scratch_entries(state), 1);
        ledger = open_file_with(shared->path, 0, 0, TQ_OPEN_EXISTING);
        assert_non_null(ledger);
        used = tq_tracker_used(tq_ledger_tracker(ledger), "a", NOW_NS);
        if (used != CREATORS * 10)
            fail_msg("%" PRId64 " used on the file that is left, not %d", used, CREATORS * 10);
        tq_ledger_close(ledger);
        assert_false(atomic_load(&shared->differs));
        atomic_store(&shared->inode, 0);
        assert_int_equal(unlink(shared->path), 0);
    }
    end_all(child, CREATORS);
}

/* ---- insertion ------------------------------------------------------------------------------- */

#define INSERTERS 4
#define NAMES 24000

/* All ask for the same names in the same order, from many places at once. */
static int insert(void *argument)
{
    struct shared *shared = argument;
    struct tq_ledger *ledger = open_file(shared->path);

    MUST(ledger);
    for (unsigned i = 0; i < NAMES; i++) {
        char name[32];

        if (i % 200 == 0)
            meet(&shared->came, INSERTERS, i / 200 + 1);
        snprintf(name, sizeof name, "name-%u", i);
        MUST(tq_tracker_record(tq_ledger_tracker(ledger), name, 1, NOW_NS, NULL) == 0);
    }
    tq_ledger_close(ledger);
    return 0;
}

static void test_inserters_of_the_same_names(void **state)
{
    struct shared *shared = new_shared(state);
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger *ledger = open_file(shared->path);
    unsigned walked = 0, split = 0;
    struct tq_provider *provider;
    pid_t child[INSERTERS];
    uint64_t cursor = 0;
    int answer;

    start_all(child, INSERTERS, insert, shared);
    end_all(child, INSERTERS);
    while (tq_ledger_walk(ledger, &cursor, &provider) == 0) {
        split += tq_provider_used(provider, NOW_NS) != INSERTERS;
        walked++;
    }
    if (walked != NAMES || split != 0)
        fail_msg("%u names are in the walk %u times, %u with a part of their tokens", NAMES, walked, split);
    answer = tq_ledger_check(ledger, &info, &error);
    if (answer != 0)
        fail_msg("check: %s", error.msg);
    tq_ledger_close(ledger);
}

/* While others insert, check reports nothing: what is on its way is no fault. */
static void test_check_while_others_insert(void **state)
{
    struct shared *shared = new_shared(state);
    struct tq_ledger *ledger = open_file(shared->path);
    struct tq_error error = {.size = sizeof error};
    pid_t child[INSERTERS];
    unsigned checks = 0;
    int answer = 0;

    start_all(child, INSERTERS, insert, shared);
    while (answer == 0 && atomic_load(&shared->came) < INSERTERS * (NAMES / 200)) {
        struct tq_ledger_info info = {.size = sizeof info};

        checks++;
        answer = tq_ledger_check(ledger, &info, &error);
    }
    end_all(child, INSERTERS);
    if (answer != 0)
        fail_msg("check number %u: %s", checks, error.msg);
    assert_true(checks > 3);
    tq_ledger_close(ledger);
}

/* ---- compaction and replacement under load --------------------------------------------------- */

#define VISITORS 3

/* One record in eight is of a new name: an insert looks whether the file is still the one at the path. */
static int visit(struct shared *shared, struct tq_ledger *ledger, struct rng *rng)
{
    char name[32];
    int answer;

    snprintf(name, sizeof name, "name-%u", rng_below(rng, rng_below(rng, 8) ? 500 : 1u << 31));
    answer = tq_tracker_record(tq_ledger_tracker(ledger), name, 3, NOW_NS, NULL);
    if (answer == 0)
        atomic_fetch_add(&shared->acknowledged, 3);
    MUST(answer == 0 || answer == TQ_EGONE);
    return answer;
}

static int visit_briefly(void *argument)
{
    struct shared *shared = argument;
    struct rng rng = {atomic_fetch_add(&shared->number, 1) + rng_seed(1)};

    while (!atomic_load(&shared->done)) {
        struct tq_ledger *ledger = open_file(shared->path);

        MUST(ledger);
        for (unsigned i = 0; i < 5; i++)
            MUST(visit(shared, ledger, &rng) == 0); /* nobody compacts what I have open */
        tq_ledger_close(ledger);
        patience_reset();
        for (unsigned i = rng_below(&rng, 1000); i > 0; i--)
            patience_yield(); /* else there is hardly an instant when nobody has it open */
    }
    return 0;
}

static int64_t total(const char *path)
{
    struct tq_ledger *ledger = open_file_with(path, 0, 0, TQ_OPEN_EXISTING);
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_error error = {.size = sizeof error};
    struct tq_provider *provider;
    uint64_t cursor = 0;
    int64_t sum = 0;

    assert_non_null(ledger);
    if (tq_ledger_check(ledger, &info, &error) != 0)
        fail_msg("check: %s", error.msg);
    while (tq_ledger_walk(ledger, &cursor, &provider) == 0)
        sum += tq_provider_used(provider, NOW_NS);
    tq_ledger_close(ledger);
    return sum;
}

static void test_compact_under_load(void **state)
{
    struct shared *shared = new_shared(state);
    pid_t child[VISITORS];
    unsigned compacted = 0;

    start_all(child, VISITORS, visit_briefly, shared);
    while (compacted < 8) {
        int64_t counted = atomic_load(&shared->acknowledged);
        int answer;

        patience_reset();
        while (atomic_load(&shared->acknowledged) <
               counted + 30) /* somebody has come in since the last time */
            patience_yield();
        answer = tq_ledger_compact(shared->path, NULL);
        assert_true(answer == 0 || answer == TQ_EBUSY);
        compacted += answer == 0;
    }
    atomic_store(&shared->done, 1);
    end_all(child, VISITORS);
    assert_int_equal(scratch_entries(state), 1);
    assert_int_equal(total(shared->path), atomic_load(&shared->acknowledged));
}

/* Stays until the file is no longer the one at the path, then opens that one. */
static int visit_for_long(void *argument)
{
    struct shared *shared = argument;
    struct rng rng = {atomic_fetch_add(&shared->number, 1) + rng_seed(1)};

    for (;;) {
        struct tq_ledger *ledger = open_file(shared->path);

        MUST(ledger);
        atomic_fetch_add(&shared->opened, 1);
        while (!atomic_load(&shared->done) && visit(shared, ledger, &rng) == 0)
            ;
        tq_ledger_close(ledger);
        if (atomic_load(&shared->done))
            return 0;
    }
}

/* All are on the file that came after `moved` others, and have counted there for a while. */
static void await_visits(struct shared *shared, unsigned moved)
{
    int64_t counted = atomic_load(&shared->acknowledged);

    patience_reset();
    while (atomic_load(&shared->opened) < VISITORS * (moved + 1) ||
           atomic_load(&shared->acknowledged) < counted + 3000)
        patience_yield();
}

/* The file is moved away again and again; whoever counts on it goes over to the new one, and what was counted
 * meanwhile is in the one or the other. */
static void test_replacement_under_load(void **state)
{
    struct shared *shared = new_shared(state);
    pid_t child[VISITORS];
    unsigned moved;
    char old[32];
    int64_t sum;

    start_all(child, VISITORS, visit_for_long, shared);
    for (moved = 0; moved < 10; moved++) {
        await_visits(shared, moved);
        snprintf(old, sizeof old, "old-%u", moved);
        assert_int_equal(rename(shared->path, scratch_path(state, old)), 0);
    }
    await_visits(shared, moved);
    atomic_store(&shared->done, 1);
    end_all(child, VISITORS);
    sum = total(shared->path);
    while (moved-- > 0) {
        snprintf(old, sizeof old, "old-%u", moved);
        sum += total(scratch_path(state, old));
    }
    assert_int_equal(sum, atomic_load(&shared->acknowledged));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_creators_end_on_one_file),  scratch_test(test_inserters_of_the_same_names),
        scratch_test(test_check_while_others_insert), scratch_test(test_compact_under_load),
        scratch_test(test_replacement_under_load),
    };

    heed_test_filter();
    return cmocka_run_group_tests_name("race", tests, NULL, NULL);
}
