/* test_shared_vectors.c: the vectors on the views of a ledger in a file, one file for each case.
 *
 * SPDX-License-Identifier: MIT
 *
 *     test_shared_vectors [FILE]
 *
 * Twice: once by one process that has the file open all the time, once by one that closes it and opens it
 * again before every call, as a script does that starts a command for each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness.h"
#include "scratch.h"
#include "vectors.h"

static const char *vectors = "tests/vectors/seed-vectors.txt";

struct file {
    char path[PATH_MAX];
    struct tq_ledger *ledger;
};

static void **folder; /* the running test's */

static void *open_new(void)
{
    static unsigned number;
    struct file *file = calloc(1, sizeof *file);
    char name[32];

    assert_non_null(file);
    snprintf(name, sizeof name, "case-%u", ++number);
    snprintf(file->path, sizeof file->path, "%s", scratch_path(folder, name));
    file->ledger = open_file_with(file->path, 64, TQ_RULE_ORIGINAL, TQ_OPEN_RESETTABLE);
    assert_non_null(file->ledger);
    return file;
}

static void close_file(void *self)
{
    struct file *file = self;

    tq_ledger_close(file->ledger);
    assert_int_equal(unlink(file->path), 0);
    free(file);
}

static struct tq_tracker *tracker(void *self)
{
    return tq_ledger_tracker(((struct file *)self)->ledger);
}

static struct tq_store *store(void *self)
{
    return tq_ledger_store(((struct file *)self)->ledger);
}

static void reopen(void *self)
{
    struct file *file = self;

    tq_ledger_close(file->ledger);
    file->ledger = open_file_with(file->path, 0, 0, TQ_OPEN_RESETTABLE | TQ_OPEN_EXISTING);
    assert_non_null(file->ledger);
}

/* Each call twice: as it is, and after closing and opening again. */
#define CALL(answer, name, parameters, call)                                                                 \
    static answer stay_##name parameters                                                                     \
    {                                                                                                        \
        return call;                                                                                         \
    }                                                                                                        \
    static answer again_##name parameters                                                                    \
    {                                                                                                        \
        reopen(self);                                                                                        \
        return call;                                                                                         \
    }

CALL(int, set_budget, (void *self, const char *provider, int64_t budget),
     tq_tracker_set_budget(tracker(self), provider, budget))
CALL(int64_t, budget, (void *self, const char *provider), tq_tracker_budget(tracker(self), provider))
CALL(int64_t, used, (void *self, const char *provider, int64_t now_ns),
     tq_tracker_used(tracker(self), provider, now_ns))
CALL(int, record, (void *self, const char *provider, int64_t tokens, int64_t now_ns, int64_t *retry_at_ns),
     tq_tracker_record(tracker(self), provider, tokens, now_ns, retry_at_ns))
CALL(void, reset, (void *self), tq_tracker_reset(tracker(self)))
CALL(int, mark, (void *self, const char *provider, int64_t retry_at_ns),
     tq_store_mark_quota_exhausted(store(self), provider, retry_at_ns))
CALL(int, mark_available, (void *self, const char *provider), tq_store_mark_available(store(self), provider))
CALL(int, state, (void *self, const char *provider, int64_t now_ns, int64_t *retry_at_ns),
     tq_store_state(store(self), provider, now_ns, retry_at_ns))
CALL(size_t, all_exhausted, (void *self, struct tq_exhausted *out, size_t capacity),
     tq_store_all_exhausted(store(self), out, capacity))
CALL(size_t, exhausted_at, (void *self, int64_t now_ns, struct tq_exhausted *out, size_t capacity),
     tq_store_exhausted_at(store(self), now_ns, out, capacity))
CALL(int, observe, (void *self, const char *provider, int64_t tokens, int64_t now_ns),
     tq_observe_token_usage(tracker(self), store(self), provider, tokens, now_ns))

#define TARGET(way, words)                                                                                   \
    {                                                                                                        \
        .name = words, .open = open_new, .close = close_file, .set_budget = way##_set_budget,                \
        .budget = way##_budget, .used = way##_used, .record = way##_record, .reset = way##_reset,            \
        .mark_quota_exhausted = way##_mark, .mark_available = way##_mark_available, .state = way##_state,    \
        .all_exhausted = way##_all_exhausted, .exhausted_at = way##_exhausted_at, .observe = way##_observe   \
    }

static const struct vectors_target staying = TARGET(stay, "a file that stays open");
static const struct vectors_target opening = TARGET(again, "a file opened again for each call");

/* The numbers are those of the file: a file cut short, or a reader that skips lines, does not pass. */
static void run(const struct vectors_target *target)
{
    struct vectors_result result = vectors_run(vectors, target);

    assert_int_equal(result.faults, 0);
    assert_int_equal(result.cases, 112);
    assert_int_equal(result.calls, 4454);
    assert_int_equal(result.answers, 3295);
}

static void test_open_all_the_time(void **state)
{
    folder = state;
    run(&staying);
    assert_int_equal(scratch_entries(state), 0);
}

static void test_opened_for_each_call(void **state)
{
    folder = state;
    run(&opening);
    assert_int_equal(scratch_entries(state), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_open_all_the_time),
        scratch_test(test_opened_for_each_call),
    };

    if (argc > 1)
        vectors = argv[1];
    return cmocka_run_group_tests_name("shared vectors", tests, NULL, NULL);
}
