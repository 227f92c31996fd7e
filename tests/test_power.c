/* test_power.c: loss of power: any mixture of old and new sectors is a ledger that lost only what was new.
 *
 * SPDX-License-Identifier: MIT
 *
 * A child records, inserts and starts days; the ledger is flushed; then, while it goes on at full speed,
 * images of the file are taken. What a disk could hold after a loss of power is made of them: each page, or
 * each sector of a page, from an image at random, none older than the flush. The mixture is opened in another
 * boot. Then
 *
 *   - check finds nothing, of limits neither, and the walk has each name once;
 *   - every name that was there at the flush is there;
 *   - every day word is one that it was since the flush: a sum of whole records, of no earlier a
 * day. */

#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness.h"
#include "src/ledger.h"
#include "rng.h"
#include "scratch.h"
#include "system_fake.h"

#define HISTORY 8
#define DAYS 64
#define NAMES 3000
#define TOKENS 7 /* of every record */
#define BUDGETS 5
#define IMAGES 6
#define SECTOR 512
#define PAGE 4096
#define FIRST_DAY INT64_C(20000)

struct shared {
    char path[4096];
    _Atomic int64_t started[NAMES][DAYS];
    _Atomic int64_t done[NAMES][DAYS];
    _Atomic unsigned names; /* those below may be asked for; it rises */
    _Atomic int64_t day;    /* the newest; it rises */
    _Atomic uint64_t calls;
    _Atomic bool pause, pauses;
};

struct image {
    uint8_t *bytes;
    size_t size;
};

/* What is known of the ledger at the flush. */
struct floor {
    int64_t used[NAMES][DAYS];
    uint32_t limits; /* given out */
};

static int64_t noon_ns(int64_t day)
{
    return (FIRST_DAY + day) * DAY_NS + 12 * HOUR_NS;
}

static void name_of(unsigned index, char out[128])
{
    snprintf(out, 128,
             index % 4 ? "name-%u" : "a-rather-long-deployment-name/in-some-region/with-%u-at-its-end",
             index);
}

/* ---- the child ------------------------------------------------------------------------------- */

/* Sets a limit of the name, or removes one. Whatever of it reaches the disk, check must find nothing. */
static void change_limits(struct tq_ledger *ledger, const char *name, struct rng *rng)
{
    static const uint32_t windows[] = {TQ_WINDOW_DAY, TQ_WINDOW_MONTH, TQ_WINDOW_ROLLING, TQ_WINDOW_FIRST_USE,
                                       TQ_WINDOW_ONCE};
    struct tq_limit limit = {.size = sizeof limit, .known = TQ_LIMIT_AMOUNT, .amount = INT64_C(1) << 31};
    struct tq_provider *provider;
    int answer;

    MUST(tq_ledger_provider(ledger, name, strlen(name), 0, &provider) == 0);
    limit.unit = rng_below(rng, 2) ? TQ_UNIT_TOKENS : TQ_UNIT_REQUESTS;
    limit.window = windows[rng_below(rng, 5)];
    if (limit.window == TQ_WINDOW_ROLLING || limit.window == TQ_WINDOW_FIRST_USE)
        limit.length_ns = HOUR_NS;
    answer = rng_below(rng, 3) ? tq_provider_set_limit(provider, &limit, NULL)
                               : tq_provider_remove_limit(provider, 1 + rng_below(rng, 8));
    MUST(answer >= 0 || answer == TQ_EFULL || answer == TQ_EINVAL);
}

static void record_one(struct shared *shared, struct tq_ledger *ledger, struct rng *rng)
{
    unsigned index = rng_below(rng, atomic_load(&shared->names));
    int64_t newest = atomic_load(&shared->day);
    int64_t day = newest - rng_below_i64(rng, newest < 3 ? newest + 1 : 3);
    char name[128];
    int answer;

    name_of(index, name);
    atomic_fetch_add(&shared->started[index][day], TOKENS);
    answer = tq_tracker_record(tq_ledger_tracker(ledger), name, TOKENS, noon_ns(day), NULL);
    MUST(answer == 0);
    atomic_fetch_add(&shared->done[index][day], TOKENS);
    if (index % 10 == 0)
        MUST(tq_tracker_set_budget(tq_ledger_tracker(ledger), name,
                                   (INT64_C(1) << 40) + rng_below_i64(rng, BUDGETS)) == 0);
    if (index % 8 == 0 && rng_below(rng, 4) == 0)
        change_limits(ledger, name, rng);
    if (rng_below(rng, 4) == 0 && atomic_load(&shared->names) < NAMES)
        atomic_fetch_add(&shared->names, 1);
    if (rng_below(rng, 600) == 0 && newest < DAYS - 1)
        atomic_fetch_add(&shared->day, 1);
    atomic_fetch_add(&shared->calls, 1);
}

static int record_for_ever(void *argument)
{
    struct shared *shared = argument;
    struct tq_ledger *ledger = open_file(shared->path);
    struct rng rng = {rng_seed(1)};

    MUST(ledger);
    for (;;) {
        while (atomic_load(&shared->pause)) {
            atomic_store(&shared->pauses, true);
            patience_yield();
        }
        atomic_store(&shared->pauses, false);
        record_one(shared, ledger, &rng);
    }
}

static void await_calls(struct shared *shared, uint64_t more)
{
    uint64_t from = atomic_load(&shared->calls);

    patience_reset();
    while (atomic_load(&shared->calls) < from + more)
        patience_yield();
}

/* ---- images and their mixtures --------------------------------------------------------------- */

static struct image take_image(struct shared *shared)
{
    struct image image;

    image.bytes = file_read(shared->path, &image.size);
    return image;
}

/* Flushes while nothing moves; what is there then is the floor. */
static struct image flush(struct shared *shared, struct floor *floor)
{
    struct tq_ledger *ledger = open_file(shared->path);
    struct image image;

    atomic_store(&shared->pause, true);
    patience_reset();
    while (!atomic_load(&shared->pauses))
        patience_yield();
    assert_int_equal(tq_ledger_flush(ledger), 0);
    for (unsigned i = 0; i < NAMES; i++)
        for (int day = 0; day < DAYS; day++)
            floor->used[i][day] = atomic_load(&shared->done[i][day]);
    floor->limits = atomic_load(&ledger->header->limits);
    image = take_image(shared);
    atomic_store(&shared->pause, false);
    tq_ledger_close(ledger);
    return image;
}

/* Bytes [at, at + len) from an image; what it does not have yet is zero. */
static void copy_part(uint8_t *to, const struct image *image, size_t at, size_t len)
{
    memset(to + at, 0, len);
    if (at < image->size)
        memcpy(to + at, image->bytes + at, len < image->size - at ? len : image->size - at);
}

static const struct image *draw(struct image *images, struct rng *rng, unsigned way)
{
    if (way == 0) /* mostly what was flushed */
        return &images[rng_below(rng, 4) ? 0 : rng_below(rng, IMAGES)];
    if (way == 1) /* mostly what came last */
        return &images[rng_below(rng, 4) ? IMAGES - 1 : rng_below(rng, IMAGES)];
    return &images[rng_below(rng, IMAGES)];
}

/* The file is as long as in one of the images: its length reaches the disk by itself. */
static void mix(struct image *images, const char *path, struct rng *rng)
{
    unsigned way = rng_below(rng, 3);
    size_t size = draw(images, rng, way)->size;
    uint8_t *file = malloc(size);

    assert_non_null(file);
    for (size_t page = 0; page < size; page += PAGE) {
        if (rng_below(rng, 2)) {
            copy_part(file, draw(images, rng, way), page, PAGE);
            continue;
        }
        for (size_t sector = page; sector < page + PAGE; sector += SECTOR)
            copy_part(file, draw(images, rng, way), sector, SECTOR);
    }
    file_write(path, file, size);
    free(file);
}

/* ---- what must hold -------------------------------------------------------------------------- */

/* The word that days d, d + 8, d + 16 ... of a name share. */
static void check_word(struct shared *shared, const struct floor *floor, struct tq_provider *provider,
                       unsigned index, int position)
{
    int64_t used_day = -1, floor_day = -1, used = 0;

    for (int day = position; day < DAYS; day += HISTORY) {
        int64_t here = tq_provider_used(provider, noon_ns(day));

        assert_true(here >= 0);
        if (floor->used[index][day] > 0)
            floor_day = day;
        if (here > 0) {
            assert_int_equal(used_day, -1);
            used_day = day;
            used = here;
        }
    }
    if (used_day < floor_day)
        fail_msg("name %u: day %" PRId64 " was flushed, now it is day %" PRId64, index, floor_day, used_day);
    if (used_day < 0)
        return;
    if (used % TOKENS != 0 || used > atomic_load(&shared->started[index][used_day]) ||
        used < floor->used[index][used_day])
        fail_msg("name %u, day %" PRId64 ": %" PRId64 " used; %" PRId64 " at the flush, %" PRId64
                 " at the end",
                 index, used_day, used, floor->used[index][used_day],
                 atomic_load(&shared->started[index][used_day]));
}

static unsigned index_of(const char *name)
{
    return (unsigned)strtoul(strncmp(name, "name-", 5) == 0 ? name + 5 : strstr(name, "with-") + 5, NULL, 10);
}

static void check_provider(struct shared *shared, const struct floor *floor, struct tq_provider *provider,
                           bool *seen)
{
    unsigned index = index_of(tq_provider_name(provider));
    int64_t budget = tq_provider_budget(provider);
    char name[128];

    assert_true(index < NAMES);
    name_of(index, name);
    assert_string_equal(tq_provider_name(provider), name);
    assert_false(seen[index]);
    seen[index] = true;
    assert_true(budget == 0 ||
                (index % 10 == 0 && budget >= INT64_C(1) << 40 && budget < (INT64_C(1) << 40) + BUDGETS));
    assert_int_equal(tq_provider_state(provider, noon_ns(DAYS), NULL), TQ_AVAILABLE);
    for (int position = 0; position < HISTORY; position++)
        check_word(shared, floor, provider, index, position);
}

static bool was_flushed(const struct floor *floor, unsigned index)
{
    for (int day = 0; day < DAYS; day++)
        if (floor->used[index][day] > 0)
            return true;
    return false;
}

/* How many names came through that were inserted after the flush. */
static unsigned check_mixture(struct shared *shared, const struct floor *floor, const char *path)
{
    struct tq_ledger *ledger = open_file_with(path, 0, 0, TQ_OPEN_EXISTING);
    struct tq_ledger_info info = {.size = sizeof info};
    struct tq_error error = {.size = sizeof error};
    bool *seen = calloc(NAMES, sizeof *seen);
    struct tq_provider *provider;
    uint64_t cursor = 0;
    unsigned newer = 0;

    assert_non_null(ledger);
    assert_non_null(seen);
    if (tq_ledger_check(ledger, &info, &error) != 0)
        fail_msg("check: %" PRIu64 " faults: %s", info.faults, error.msg);
    assert_true(ledger->header->limits >= floor->limits);
    while (tq_ledger_walk(ledger, &cursor, &provider) == 0)
        check_provider(shared, floor, provider, seen);
    for (unsigned i = 0; i < NAMES; i++) {
        char name[128];

        name_of(i, name);
        if (was_flushed(floor, i) && !seen[i])
            fail_msg("%s was flushed and is lost", name);
        newer += seen[i] && !was_flushed(floor, i);
    }
    /* And it goes on. */
    for (unsigned i = 0; i < NAMES; i++) {
        char name[128];

        name_of(i, name);
        assert_int_equal(tq_tracker_record(tq_ledger_tracker(ledger), name, TOKENS, noon_ns(DAYS + 20), NULL),
                         0);
        assert_int_equal(tq_tracker_used(tq_ledger_tracker(ledger), name, noon_ns(DAYS + 20)), TOKENS);
    }
    if (tq_ledger_check(ledger, &info, &error) != 0)
        fail_msg("check, after more records: %s", error.msg);
    assert_int_equal(info.providers, NAMES);
    tq_ledger_close(ledger);
    free(seen);
    return newer;
}

static unsigned mixtures(void)
{
    const char *stress = getenv("TQ_STRESS");
    unsigned factor = stress && *stress ? (unsigned)strtoul(stress, NULL, 10) : 1;

    return 20 * (factor ? factor : 1);
}

/* The flush comes after `calls` calls: early, when tables and segments are still to come, or late. */
static void lose_power(void **state, uint64_t calls, unsigned images_apart)
{
    struct shared *shared = shared_memory(sizeof *shared);
    struct floor *floor = calloc(1, sizeof *floor);
    struct rng rng = {rng_seed(calls)};
    struct image images[IMAGES];
    unsigned newer = 0;
    pid_t child;

    assert_non_null(floor);
    snprintf(shared->path, sizeof shared->path, "%s", scratch_path(state, "ledger"));
    atomic_store(&shared->names, 1);
    child = child_start(record_for_ever, shared);
    await_calls(shared, calls);
    images[0] = flush(shared, floor);
    if (calls > 1000) /* long enough that some of them set a limit */
        assert_true(floor->limits > 0);
    for (unsigned i = 1; i < IMAGES; i++) {
        await_calls(shared, 1 + rng_below(&rng, images_apart));
        images[i] = take_image(shared); /* while it records */
    }
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(child_end(child), 1000 + SIGKILL);
    for (unsigned i = mixtures(); i > 0; i--) {
        mix(images, scratch_path(state, "after"), &rng);
        fake_boot();
        newer += check_mixture(shared, floor, scratch_path(state, "after"));
    }
    assert_true(newer > 0); /* else the images were all alike */
    for (unsigned i = 0; i < IMAGES; i++)
        free(images[i].bytes);
    free(floor);
    memset(fake_system.boot_id, 0, sizeof fake_system.boot_id);
}

static void test_soon_after_creation(void **state)
{
    lose_power(state, 3, 300);
}

static void test_while_it_grows(void **state)
{
    lose_power(state, 1500, 1500);
}

static void test_images_close_together(void **state)
{
    lose_power(state, 4000, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(test_soon_after_creation),
        scratch_test(test_while_it_grows),
        scratch_test(test_images_close_together),
    };

    return cmocka_run_group_tests_name("power", tests, NULL, NULL);
}
