/* test_ids.c: ids of records: each counts once, the newest are known, also to the next process, whatever the
 * file went through.
 *
 * SPDX-License-Identifier: MIT
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "rng.h"
#include "scratch.h"
#include "serve/ids.h"
#include "serve/ids_file.h"

#define NOW_NS INT64_C(1772600000000000000)
#define SECOND INT64_C(1000000000)
#define HEADER_BYTES 64

static char why[IDS_WHY];

static struct ids *begin(void **state, uint32_t most, int64_t now_ns)
{
    struct ids *ids = ids_open(scratch_path(state, "ledger"), most, now_ns, why);

    assert_non_null(ids);
    return ids;
}

static struct ids *begin_well(void **state, uint32_t most, int64_t now_ns)
{
    struct ids *ids = begin(state, most, now_ns);

    assert_string_equal(why, "");
    return ids;
}

/* Comes with a record of an id: true when it counts. */
static bool come(struct ids *ids, const char *id, int64_t now_ns)
{
    int answer;

    ids_begin(ids, now_ns);
    answer = ids_find(ids, id, strlen(id));
    assert_in_range(answer, 0, 1);
    if (answer == 0)
        ids_note(ids);
    assert_true(ids_end(ids, true));
    return answer == 0;
}

static bool is_known(struct ids *ids, const char *id, int64_t now_ns)
{
    int answer;

    ids_begin(ids, now_ns);
    answer = ids_find(ids, id, strlen(id));
    assert_true(ids_end(ids, true));
    return answer == 1;
}

static int64_t since(struct ids *ids, int64_t now_ns)
{
    int64_t at_ns;

    ids_begin(ids, now_ns);
    at_ns = ids_since_ns(ids);
    assert_true(ids_end(ids, true));
    return at_ns;
}

static const char *name_of(uint64_t number)
{
    static char name[32];

    snprintf(name, sizeof name, "id-%llu", (unsigned long long)number);
    return name;
}

static void come_many(struct ids *ids, uint64_t first, uint64_t end)
{
    for (uint64_t number = first; number < end; number++)
        assert_true(come(ids, name_of(number), NOW_NS + (int64_t)number * SECOND));
}

/* ---- what is promised ------------------------------------------------------------------------ */

static void counts_once(void **state)
{
    struct ids *ids = begin_well(state, 0, NOW_NS);

    assert_true(come(ids, "a", NOW_NS));
    assert_false(come(ids, "a", NOW_NS));
    assert_true(come(ids, "b", NOW_NS));
    assert_false(come(ids, "a", NOW_NS + 1));
    assert_int_equal(since(ids, NOW_NS), NOW_NS);
    ids_close(ids);
}

static void next_process_knows(void **state)
{
    struct ids *ids = begin_well(state, 0, NOW_NS);

    come_many(ids, 0, 3000);
    ids_close(ids);
    ids = begin_well(state, 0, NOW_NS + 5000 * SECOND);
    for (uint64_t number = 0; number < 3000; number++)
        assert_false(come(ids, name_of(number), NOW_NS + 5000 * SECOND));
    assert_true(come(ids, "new", NOW_NS + 5000 * SECOND));
    assert_int_equal(since(ids, NOW_NS + 5000 * SECOND), NOW_NS);
    ids_close(ids);
}

/* The oldest ones are pushed out, and what is said about it is true. */
static void newest_are_known(void **state)
{
    struct ids *ids = begin_well(state, 10, NOW_NS);

    come_many(ids, 0, 25);
    for (int turn = 0; turn < 2; turn++) {
        assert_int_equal(since(ids, NOW_NS + 30 * SECOND), NOW_NS + (turn == 0 ? 15 : 16) * SECOND);
        for (uint64_t number = 15; number < 25; number++)
            assert_true(is_known(ids, name_of(number), NOW_NS + 30 * SECOND));
        for (uint64_t number = 0; number < 15; number++)
            assert_false(is_known(ids, name_of(number), NOW_NS + 30 * SECOND));
        ids_close(ids);
        ids = begin_well(state, 10, NOW_NS + 30 * SECOND);
    }
    ids_close(ids);
}

static void forgotten_after_a_day(void **state)
{
    struct ids *ids = begin_well(state, 0, NOW_NS);

    assert_true(come(ids, "a", NOW_NS));
    assert_false(come(ids, "a", NOW_NS + IDS_AGE_NS - 1));
    assert_true(come(ids, "a", NOW_NS + IDS_AGE_NS));
    assert_false(come(ids, "a", NOW_NS + IDS_AGE_NS));
    assert_int_equal(since(ids, NOW_NS + IDS_AGE_NS + 7), NOW_NS + 7);
    ids_close(ids);
}

/* A batch whose records were not counted after all leaves nothing. */
static void batch_taken_back(void **state)
{
    struct ids *ids = begin_well(state, 100, NOW_NS);

    come_many(ids, 0, 50);
    ids_begin(ids, NOW_NS);
    for (uint64_t number = 50; number < 90; number++) {
        assert_int_equal(ids_find(ids, name_of(number), strlen(name_of(number))), 0);
        ids_note(ids);
    }
    assert_true(ids_end(ids, false));
    for (uint64_t number = 0; number < 90; number++)
        assert_int_equal(is_known(ids, name_of(number), NOW_NS), number < 50);
    come_many(ids, 50, 60);
    ids_close(ids);
    ids = begin_well(state, 100, NOW_NS);
    for (uint64_t number = 0; number < 90; number++)
        assert_int_equal(is_known(ids, name_of(number), NOW_NS), number < 60);
    ids_close(ids);
}

static void file_has_the_ledgers_mode(void **state)
{
    const char *ledger = scratch_path(state, "ledger");
    struct stat status;
    struct ids *ids;

    tq_ledger_close(open_file(ledger));
    assert_int_equal(chmod(ledger, 0660), 0);
    ids = begin_well(state, 0, NOW_NS);
    assert_int_equal(stat(scratch_path(state, "ledger.ids"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0660);
    ids_close(ids);
}

/* The second one of a ledger knows ids of its own, and says so. */
static void one_daemon_has_the_file(void **state)
{
    struct ids *ids = begin_well(state, 0, NOW_NS), *second;

    assert_true(come(ids, "a", NOW_NS));
    second = begin(state, 0, NOW_NS);
    assert_non_null(strstr(why, "another daemon"));
    assert_true(come(second, "b", NOW_NS));
    assert_false(come(second, "b", NOW_NS));
    ids_close(second);
    ids_close(ids);
    ids = begin_well(state, 0, NOW_NS);
    assert_false(come(ids, "a", NOW_NS));
    assert_true(come(ids, "b", NOW_NS));
    ids_close(ids);
}

static void another_number_of_ids(void **state)
{
    struct ids *ids = begin_well(state, 10, NOW_NS);

    come_many(ids, 0, 25);
    ids_close(ids);
    ids = begin_well(state, 100, NOW_NS + 60 * SECOND);
    for (uint64_t number = 15; number < 25; number++)
        assert_true(is_known(ids, name_of(number), NOW_NS + 60 * SECOND));
    assert_int_equal(since(ids, NOW_NS + 60 * SECOND), NOW_NS + 16 * SECOND);
    come_many(ids, 25, 80);
    ids_close(ids);
    ids = begin_well(state, 4, NOW_NS + 100 * SECOND);
    for (uint64_t number = 70; number < 80; number++)
        assert_int_equal(is_known(ids, name_of(number), NOW_NS + 100 * SECOND), number >= 76);
    ids_close(ids);
}

/* ---- a naive model --------------------------------------------------------------------------- */

#define MODEL_IDS 64
#define MODEL_STEPS 40000

/* The newest `most` of the ids that were noted, the newest last. */
struct model {
    uint64_t ids[MODEL_IDS * 2];
    size_t count, most;
};

static bool model_knows(const struct model *model, uint64_t id)
{
    for (size_t i = 0; i < model->count; i++)
        if (model->ids[i] == id)
            return true;
    return false;
}

static void model_note(struct model *model, uint64_t id)
{
    if (model->count == model->most)
        memmove(model->ids, model->ids + 1, --model->count * sizeof model->ids[0]);
    model->ids[model->count++] = id;
}

/* A batch of records, perhaps taken back. How many ids it noted. */
static size_t model_step(struct ids *ids, struct model *model, struct rng *rng, bool keep)
{
    size_t noted = 0;

    ids_begin(ids, NOW_NS);
    for (unsigned left = rng_below(rng, 8) + 1; left > 0; left--) {
        uint64_t id = rng_below(rng, MODEL_IDS);
        bool known = model_knows(model, id);

        assert_int_equal(ids_find(ids, name_of(id), strlen(name_of(id))), known);
        if (known)
            continue;
        ids_note(ids);
        model_note(model, id);
        noted++;
    }
    assert_true(ids_end(ids, keep));
    model->count -= keep ? 0 : noted; /* what it pushed out does not come back */
    return noted;
}

static void same_as_the_model(void **state)
{
    struct model model = {.most = 20};
    struct rng rng = {rng_seed(7)};
    struct ids *ids = begin_well(state, 20, NOW_NS);
    size_t apart = 0; /* so many notes until memory and file are the same again */

    for (int step = 0; step < MODEL_STEPS; step++) {
        bool keep = rng_below(&rng, 5) > 0;
        size_t noted = model_step(ids, &model, &rng, keep);

        apart = !keep ? model.most : noted < apart ? apart - noted : 0;
        if (apart > 0 || rng_below(&rng, 50) > 0)
            continue;
        ids_close(ids);
        ids = begin_well(state, 20, NOW_NS);
    }
    ids_close(ids);
}

/* ---- damage ---------------------------------------------------------------------------------- */

#define IDS 40

/* Writes the bytes with some bits of one of them flipped. */
static void write_damaged(void **state, uint8_t *bytes, size_t len, size_t at, uint8_t flip)
{
    if (at < len)
        bytes[at] ^= flip;
    file_write(scratch_path(state, "ledger.ids"), bytes, len);
    if (at < len)
        bytes[at] ^= flip;
}

static uint8_t *make_file(void **state, size_t *len)
{
    struct ids *ids = begin_well(state, 100, NOW_NS);

    come_many(ids, 0, IDS);
    ids_close(ids);
    return file_read(scratch_path(state, "ledger.ids"), len);
}

static size_t count_known(struct ids *ids)
{
    size_t known = 0;

    for (uint64_t number = 0; number < IDS; number++)
        known += is_known(ids, name_of(number), NOW_NS + 60 * SECOND);
    return known;
}

static void damaged_byte(void **state)
{
    size_t len;
    uint8_t *bytes = make_file(state, &len);
    int64_t now_ns = NOW_NS + 60 * SECOND;

    assert_int_equal(len, HEADER_BYTES + IDS * IDS_ENTRY_BYTES);
    for (size_t at = 0; at < len; at += 3) {
        struct ids *ids;

        write_damaged(state, bytes, len, at, (uint8_t)(1 << at % 8));
        ids = begin(state, 100, now_ns);
        assert_string_not_equal(why, "");
        assert_int_equal(count_known(ids), at < HEADER_BYTES ? 0 : IDS - 1);
        assert_int_equal(since(ids, now_ns), now_ns);
        assert_true(come(ids, "new", now_ns));
        ids_close(ids);
    }
    free(bytes);
}

static void cut_short(void **state)
{
    size_t len;
    uint8_t *bytes = make_file(state, &len);

    for (size_t at = 0; at < len; at += 7) {
        struct ids *ids;
        size_t whole = at < HEADER_BYTES ? 0 : (at - HEADER_BYTES) / IDS_ENTRY_BYTES;

        write_damaged(state, bytes, at, len, 0);
        ids = begin(state, 100, NOW_NS + 60 * SECOND);
        assert_int_equal(count_known(ids), whole);
        assert_true(come(ids, "new", NOW_NS + 60 * SECOND));
        ids_close(ids);
    }
    free(bytes);
}

static void noise(void **state)
{
    uint8_t bytes[HEADER_BYTES + IDS * IDS_ENTRY_BYTES];
    struct rng rng = {3};
    size_t len;
    uint8_t *sound = make_file(state, &len);

    for (int turn = 0; turn < 200; turn++) {
        struct ids *ids;

        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)rng_below(&rng, 256);
        memcpy(bytes, sound, HEADER_BYTES);
        write_damaged(state, bytes, sizeof bytes, sizeof bytes, 0);
        ids = begin(state, turn % 2 ? 100 : 7, NOW_NS);
        assert_int_equal(count_known(ids), 0);
        assert_true(come(ids, "new", NOW_NS));
        ids_close(ids);
    }
    free(sound);
}

/* A file of somebody else is not overwritten. */
static void foreign_file(void **state)
{
    uint8_t text[] = "the ids of my cats";
    struct ids *ids;
    size_t len;
    uint8_t *bytes;

    write_damaged(state, text, sizeof text, sizeof text, 0);
    ids = begin(state, 0, NOW_NS);
    assert_non_null(strstr(why, "move it away"));
    assert_true(come(ids, "a", NOW_NS));
    assert_false(come(ids, "a", NOW_NS));
    ids_close(ids);
    bytes = file_read(scratch_path(state, "ledger.ids"), &len);
    assert_int_equal(len, sizeof text);
    assert_memory_equal(bytes, text, len);
    free(bytes);
}

/* What could not be written is written with the next batch; that it cannot is told once. */
static void full_disk(void **state)
{
    struct rlimit before, small = {HEADER_BYTES + 2 * IDS_ENTRY_BYTES, RLIM_INFINITY};
    struct ids *ids = begin_well(state, 0, NOW_NS);

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    come_many(ids, 0, 2);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (uint64_t number = 2; number < 5; number++) {
        ids_begin(ids, NOW_NS);
        assert_int_equal(ids_find(ids, name_of(number), strlen(name_of(number))), 0);
        ids_note(ids);
        assert_int_equal(ids_end(ids, true), number > 2);
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    come_many(ids, 5, 6);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    ids_begin(ids, NOW_NS);
    assert_int_equal(ids_find(ids, "again", 5), 0);
    ids_note(ids);
    assert_false(ids_end(ids, true));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    ids_close(ids);
    ids = begin_well(state, 0, NOW_NS);
    for (uint64_t number = 0; number < 6; number++)
        assert_true(is_known(ids, name_of(number), NOW_NS));
    ids_close(ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(counts_once),
        scratch_test(next_process_knows),
        scratch_test(newest_are_known),
        scratch_test(forgotten_after_a_day),
        scratch_test(batch_taken_back),
        scratch_test(file_has_the_ledgers_mode),
        scratch_test(one_daemon_has_the_file),
        scratch_test(another_number_of_ids),
        scratch_test(same_as_the_model),
        scratch_test(damaged_byte),
        scratch_test(cut_short),
        scratch_test(noise),
        scratch_test(foreign_file),
        scratch_test(full_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
