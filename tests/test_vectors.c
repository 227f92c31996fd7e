/* test_vectors.c: the answers of the original, through the library (twice) and the model.
 *
 * SPDX-License-Identifier: MIT
 *
 * Usage: test_vectors [FILE]; without a file, tests/vectors/seed-vectors.txt below the present
 * folder. */
#include <stdlib.h>

#include "harness.h"
#include "model.h"
#include "vectors.h"

static const char *path = "tests/vectors/seed-vectors.txt";

/* ---- the library: a tracker and a store of their own, or the views of one ledger ------------- */

struct pair {
    struct tq_ledger *ledger; /* NULL: tracker and store are their own */
    struct tq_tracker *tracker;
    struct tq_store *store;
};

static void *open_pair(void)
{
    struct pair *pair = calloc(1, sizeof(*pair));

    assert_non_null(pair);
    pair->tracker = tq_tracker_new();
    pair->store = tq_store_new();
    assert_non_null(pair->tracker);
    assert_non_null(pair->store);
    return pair;
}

static void *open_views(void)
{
    struct tq_ledger_options options = {.size = sizeof(options), .rule = TQ_RULE_ORIGINAL};
    struct pair *pair = calloc(1, sizeof(*pair));

    assert_non_null(pair);
    assert_int_equal(tq_ledger_open(&pair->ledger, NULL, &options, NULL), 0);
    pair->tracker = tq_ledger_tracker(pair->ledger);
    pair->store = tq_ledger_store(pair->ledger);
    return pair;
}

static void close_pair(void *self)
{
    struct pair *pair = self;

    tq_tracker_free(pair->tracker);
    tq_store_free(pair->store);
    tq_ledger_close(pair->ledger);
    free(pair);
}

static int pair_set_budget(void *self, const char *provider, int64_t budget)
{
    return tq_tracker_set_budget(((struct pair *)self)->tracker, provider, budget);
}

static int64_t pair_budget(void *self, const char *provider)
{
    return tq_tracker_budget(((struct pair *)self)->tracker, provider);
}

static int64_t pair_used(void *self, const char *provider, int64_t now_ns)
{
    return tq_tracker_used(((struct pair *)self)->tracker, provider, now_ns);
}

static int pair_record(void *self, const char *provider, int64_t tokens, int64_t now_ns, int64_t *retry_at_ns)
{
    return tq_tracker_record(((struct pair *)self)->tracker, provider, tokens, now_ns, retry_at_ns);
}

static void pair_reset(void *self)
{
    tq_tracker_reset(((struct pair *)self)->tracker);
}

static int pair_mark_quota_exhausted(void *self, const char *provider, int64_t retry_at_ns)
{
    return tq_store_mark_quota_exhausted(((struct pair *)self)->store, provider, retry_at_ns);
}

static int pair_mark_available(void *self, const char *provider)
{
    return tq_store_mark_available(((struct pair *)self)->store, provider);
}

static int pair_state(void *self, const char *provider, int64_t now_ns, int64_t *retry_at_ns)
{
    return tq_store_state(((struct pair *)self)->store, provider, now_ns, retry_at_ns);
}

static size_t pair_all_exhausted(void *self, struct tq_exhausted *out, size_t capacity)
{
    return tq_store_all_exhausted(((struct pair *)self)->store, out, capacity);
}

static size_t pair_exhausted_at(void *self, int64_t now_ns, struct tq_exhausted *out, size_t capacity)
{
    return tq_store_exhausted_at(((struct pair *)self)->store, now_ns, out, capacity);
}

static int pair_observe(void *self, const char *provider, int64_t tokens, int64_t now_ns)
{
    struct pair *pair = self;

    return tq_observe_token_usage(pair->tracker, pair->store, provider, tokens, now_ns);
}

#define PAIR_CALLS                                                                                           \
    .close = close_pair, .set_budget = pair_set_budget, .budget = pair_budget, .used = pair_used,            \
    .record = pair_record, .reset = pair_reset, .mark_quota_exhausted = pair_mark_quota_exhausted,           \
    .mark_available = pair_mark_available, .state = pair_state, .all_exhausted = pair_all_exhausted,         \
    .exhausted_at = pair_exhausted_at, .observe = pair_observe

static const struct vectors_target own_objects = {
    .name = "tracker and store of their own", .open = open_pair, PAIR_CALLS};
static const struct vectors_target one_ledger = {
    .name = "views of one ledger", .open = open_views, PAIR_CALLS};

/* ---- the model ------------------------------------------------------------------------------- */

struct models {
    struct model *tracker;
    struct model *store;
};

static void *open_models(void)
{
    struct models *models = calloc(1, sizeof(*models));

    assert_non_null(models);
    models->tracker = model_new(64, TQ_RULE_ORIGINAL);
    models->store = model_new(64, TQ_RULE_ORIGINAL);
    return models;
}

static void close_models(void *self)
{
    struct models *models = self;

    model_free(models->tracker);
    model_free(models->store);
    free(models);
}

static int models_set_budget(void *self, const char *provider, int64_t budget)
{
    return model_set_budget(((struct models *)self)->tracker, provider, budget);
}

static int64_t models_budget(void *self, const char *provider)
{
    return model_budget(((struct models *)self)->tracker, provider);
}

static int64_t models_used(void *self, const char *provider, int64_t now_ns)
{
    return model_used(((struct models *)self)->tracker, provider, now_ns);
}

static int models_record(void *self, const char *provider, int64_t tokens, int64_t now_ns,
                         int64_t *retry_at_ns)
{
    return model_record(((struct models *)self)->tracker, provider, tokens, now_ns, retry_at_ns);
}

static void models_reset(void *self)
{
    model_reset(((struct models *)self)->tracker);
}

static int models_mark_quota_exhausted(void *self, const char *provider, int64_t retry_at_ns)
{
    return model_mark_quota_exhausted(((struct models *)self)->store, provider, retry_at_ns);
}

static int models_mark_available(void *self, const char *provider)
{
    return model_mark_available(((struct models *)self)->store, provider);
}

static int models_state(void *self, const char *provider, int64_t now_ns, int64_t *retry_at_ns)
{
    return model_state(((struct models *)self)->store, provider, now_ns, retry_at_ns);
}

static size_t models_all_exhausted(void *self, struct tq_exhausted *out, size_t capacity)
{
    return model_all_exhausted(((struct models *)self)->store, out, capacity);
}

static size_t models_exhausted_at(void *self, int64_t now_ns, struct tq_exhausted *out, size_t capacity)
{
    return model_exhausted_at(((struct models *)self)->store, now_ns, out, capacity);
}

static int models_observe(void *self, const char *provider, int64_t tokens, int64_t now_ns)
{
    struct models *models = self;

    return model_observe(models->tracker, models->store, provider, tokens, now_ns);
}

static const struct vectors_target two_models = {
    .name = "model",
    .open = open_models,
    .close = close_models,
    .set_budget = models_set_budget,
    .budget = models_budget,
    .used = models_used,
    .record = models_record,
    .reset = models_reset,
    .mark_quota_exhausted = models_mark_quota_exhausted,
    .mark_available = models_mark_available,
    .state = models_state,
    .all_exhausted = models_all_exhausted,
    .exhausted_at = models_exhausted_at,
    .observe = models_observe,
};

/* ---- the runs -------------------------------------------------------------------------------- */

/* The numbers are those of the file: a file cut short, or a reader that skips lines, does not pass. */
static void run(const struct vectors_target *target)
{
    struct vectors_result result = vectors_run(path, target);

    assert_int_equal(result.faults, 0);
    assert_int_equal(result.cases, 112);
    assert_int_equal(result.calls, 4454);
    assert_int_equal(result.answers, 3295);
}

static void test_own_objects(void **state)
{
    (void)state;
    run(&own_objects);
}

static void test_one_ledger(void **state)
{
    (void)state;
    run(&one_ledger);
}

static void test_model(void **state)
{
    (void)state;
    run(&two_models);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_objects),
        cmocka_unit_test(test_one_ledger),
        cmocka_unit_test(test_model),
    };

    if (argc > 1)
        path = argv[1];
    return cmocka_run_group_tests_name("vectors", tests, NULL, NULL);
}
